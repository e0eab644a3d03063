/* child.c: starting, asking and stopping executors. */
#define _GNU_SOURCE
#include "engine/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/ops.h"

extern char **environ;

enum {
    HIGH_FD = 16, /* descriptors are moved up here, out of the way of those the child expects */
    TIMEOUT_MS = 10000,
    START_MS = 30000, /* whatever else the machine does meanwhile */
};

/* What a target's executor is built and run with. */
static const struct {
    const char *target, *emulator, *packages;
} machines[] = {
    {"x86-64", "qemu-x86_64", "package gcc"},
    {"arm64", "qemu-aarch64", "packages gcc-aarch64-linux-gnu and libc6-dev-arm64-cross"},
    {"riscv64", "qemu-riscv64", "packages gcc-riscv64-linux-gnu and libc6-dev-riscv64-cross"},
    {"s390x", "qemu-s390x", "packages gcc-s390x-linux-gnu and libc6-dev-s390x-cross"},
};

/* ---- where it is ---- */

static bool try_path(const char *dir, const char *more, const char *target, char path[512]) {
    const int n = snprintf(path, 512, "%s%s/bpflab-exec-%s", dir, more, target);
    return n > 0 && n < 512 && access(path, X_OK) == 0;
}

bool engine_executor_path(const struct jit_arch *arch, const char *dir, char path[512]) {
    const char *target = jit_target_name(arch), *env = getenv("BPFLAB_EXECUTOR_DIR");
    char own[400];
    if (dir)
        return try_path(dir, "", target, path);
    if (env && *env)
        return try_path(env, "", target, path);
    const ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    char *slash = NULL;
    if (n > 0) {
        own[n] = 0;
        slash = strrchr(own, '/');
    }
    if (slash) {
        *slash = 0;
        if (try_path(own, "", target, path) || try_path(own, "/../libexec/bpflab", target, path))
            return true;
    }
    return try_path(BPFLAB_BUILD_DIR, "", target, path) ||
           try_path(BPFLAB_EXECUTOR_DIR, "", target, path);
}

static enum bpflab_err no_executor(const char *target, const char *packages, struct diag *d) {
    return diag_set(d, BPFLAB_E_MISSING,
                    "engine jit:%s is missing: bpflab-exec-%s is not built (./lab build builds it, "
                    "with %s)",
                    target, target, packages);
}

/* ---- start ---- */

/* A descriptor out of the way; the old one is closed. */
static int moved_up(int fd) {
    const int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
    if (fd >= 0)
        close(fd);
    return high;
}

/* spawn: out: an errno */
static int spawn(struct child *c, const char *emulator, int shared, int socket) {
    posix_spawn_file_actions_t acts;
    char *const emulated[] = {(char *)(uintptr_t)emulator, c->path, (char *)(uintptr_t)"one", NULL},
                *const direct[] = {c->path, NULL};
    int err = posix_spawn_file_actions_init(&acts);
    if (err)
        return err;
    err = posix_spawn_file_actions_addopen(&acts, 0, "/dev/null", O_RDONLY, 0);
    if (!err)
        err = posix_spawn_file_actions_addopen(&acts, 1, "/dev/null", O_WRONLY, 0);
    if (!err)
        err = posix_spawn_file_actions_addopen(&acts, 2, "/dev/null", O_WRONLY, 0);
    if (!err)
        err = posix_spawn_file_actions_adddup2(&acts, shared, PROTO_FD_SHARED);
    if (!err)
        err = posix_spawn_file_actions_adddup2(&acts, socket, PROTO_FD_SOCKET);
    if (!err)
        err = posix_spawn_file_actions_addclosefrom_np(&acts, PROTO_FD_SOCKET + 1);
    if (!err)
        err = emulator ? posix_spawnp(&c->pid, emulator, &acts, NULL, emulated, environ)
                       : posix_spawn(&c->pid, c->path, &acts, NULL, direct, environ);
    posix_spawn_file_actions_destroy(&acts);
    return err;
}

static enum bpflab_err launch(struct child *c, const char *emulator, struct diag *d) {
    int pair[2] = {-1, -1}, err = 0;
    const int shared = moved_up(memfd_create("bpflab-executor", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    /* Sealed, so that nobody can cut it short below the host's feet. */
    if (shared < 0 || ftruncate(shared, PROTO_BYTES) ||
        fcntl(shared, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        err = errno;
    void *p =
        err ? MAP_FAILED : mmap(NULL, PROTO_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
    if (p != MAP_FAILED)
        c->shared = p;
    else if (!err)
        err = errno;
    const int theirs = moved_up(pair[1]);
    c->socket = moved_up(pair[0]);
    if (!err && (theirs < 0 || c->socket < 0))
        err = EMFILE;
    if (!err)
        err = spawn(c, emulator, shared, theirs);
    if (err)
        c->pid = 0;
    if (shared >= 0)
        close(shared);
    if (theirs >= 0)
        close(theirs);
    if (err == ENOENT && emulator)
        return diag_set(d, BPFLAB_E_MISSING,
                        "engine jit:%s is missing: there is no %s (package qemu-user)",
                        jit_target_name(c->arch), emulator);
    if (err)
        return diag_set(d, BPFLAB_E_SYSTEM, "cannot start %.100s: %s", c->path, strerror(err));
    return BPFLAB_OK;
}

/* ---- who it is ---- */

static uint64_t kfunc_there(void *self, const char *name) {
    const struct child *c = self;
    const char *flavour = strstr(name, "___");
    const size_t n = flavour ? (size_t)(flavour - name) : strlen(name);
    for (uint32_t i = 0; i < c->n_kfuncs; i++)
        if (!strncmp(c->kfunc_names[i], name, n) && !c->kfunc_names[i][n])
            return c->kfunc_addrs[i];
    return 0;
}

static bool read_kfuncs(struct child *c, struct wire_in *in) {
    const uint32_t n = wire_count(in, 16);
    c->kfunc_names = calloc((size_t)n + 1, sizeof *c->kfunc_names);
    c->kfunc_addrs = calloc((size_t)n + 1, sizeof *c->kfunc_addrs);
    for (uint32_t i = 0; c->kfunc_names && c->kfunc_addrs && i < n && !in->bad; i++) {
        c->kfunc_addrs[i] = wire_get64(in);
        c->kfunc_names[i] = wire_get_text(in);
        in->bad |= !c->kfunc_names[i];
        c->n_kfuncs = i + !in->bad;
    }
    return c->kfunc_names && c->kfunc_addrs && !in->bad;
}

static enum bpflab_err read_hello(struct child *c, uint64_t n_bytes, struct diag *d) {
    struct wire_in in = {.p = c->shared + PROTO_REPLY_OFF, .n = n_bytes};
    struct target_process *p = &c->process;
    const uint64_t fingerprint = wire_get64(&in);
    char *target = wire_get_text(&in);
    const bool mine = fingerprint == proto_fingerprint(c->arch) && target &&
                      !strcmp(target, jit_target_name(c->arch));
    free(target);
    if (!mine)
        return diag_set(d, BPFLAB_E_MISSING, "engine jit:%s is missing: %.90s is of another build",
                        jit_target_name(c->arch), c->path);
    if (!wire_get32(&in))
        return diag_set(d, BPFLAB_E_MISSING,
                        "engine jit:%s is missing: its world is not at its fixed address",
                        jit_target_name(c->arch));
    c->code_addr = wire_get64(&in);
    c->code_bytes = wire_get32(&in);
    in.bad |= c->code_addr % JIT_ALIGN || c->code_bytes > PROTO_CODE_BYTES;
    *p = (struct target_process){.arch = c->arch, .kfunc = kfunc_there, .kfunc_self = c};
    p->exit_addr = wire_get64(&in);
    for (int i = 0; i < N_JIT_THUNKS; i++)
        p->thunks[i] = wire_get64(&in);
    p->n_helpers = wire_count(&in, 8);
    p->helpers = calloc((size_t)p->n_helpers + 1, sizeof *p->helpers);
    for (uint32_t i = 0; p->helpers && i < p->n_helpers; i++)
        p->helpers[i] = wire_get64(&in);
    if (!p->helpers || !read_kfuncs(c, &in))
        return diag_set(d, BPFLAB_E_SYSTEM, "the executor %.90s does not make sense", c->path);
    return BPFLAB_OK;
}

static enum child_answer wait_for(struct child *c, uint64_t n_steps, uint32_t timeout_ms,
                                  uint64_t *n_reply);

enum bpflab_err child_start(const struct jit_arch *arch, const char *dir, struct child **out,
                            struct diag *d) {
    const char *target = jit_target_name(arch);
    size_t m = 0;
    while (m + 1 < sizeof machines / sizeof *machines && strcmp(machines[m].target, target) != 0)
        m++;
    struct child *c = calloc(1, sizeof *c);
    if (!c)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    c->arch = arch;
    c->socket = -1;
    uint64_t n;
    enum bpflab_err err = BPFLAB_OK;
    if (!engine_executor_path(arch, dir, c->path))
        err = no_executor(target, machines[m].packages, d);
    if (!err)
        err = launch(c, arch == jit_host() ? NULL : machines[m].emulator, d);
    if (!err && wait_for(c, 0, START_MS, &n) != CHILD_ANSWERED)
        err = diag_set(d, BPFLAB_E_SYSTEM, "the executor %.90s does not start", c->path);
    if (!err)
        err = read_hello(c, n, d);
    if (err) {
        child_stop(c);
        return err;
    }
    *out = c;
    return BPFLAB_OK;
}

void child_stop(struct child *c) {
    if (!c)
        return;
    if (c->socket >= 0)
        close(c->socket);
    if (c->pid > 0) {
        kill(c->pid, SIGKILL);
        while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (c->shared)
        munmap(c->shared, PROTO_BYTES);
    process_fini(&c->process);
    for (uint32_t i = 0; i < c->n_kfuncs; i++)
        free(c->kfunc_names[i]);
    free(c->kfunc_names);
    free(c->kfunc_addrs);
    free(c);
}

/* ---- talking ---- */

static uint64_t header(const struct child *c, size_t off) {
    struct wire_in in = {.p = c->shared + off, .n = 8};
    return wire_get64(&in);
}

uint64_t child_done(const struct child *c) {
    return header(c, PROTO_PROGRESS_OFF);
}

static enum child_answer gone(const struct child *c, enum child_answer how, uint64_t *n_reply) {
    const uint64_t n = header(c, PROTO_DONE_OFF);
    *n_reply = n < PROTO_REPLY_BYTES ? n : PROTO_REPLY_BYTES;
    return how;
}

/* Has the child got on since *done? It cannot beyond the steps that there are. */
static bool gets_on(const struct child *c, uint64_t n_steps, uint64_t *done) {
    const uint64_t now = child_done(c);
    const bool yes = now > *done && now <= n_steps;
    *done = yes ? now : *done;
    return yes;
}

static enum child_answer wait_for(struct child *c, uint64_t n_steps, uint32_t timeout_ms,
                                  uint64_t *n_reply) {
    uint64_t until = engine_clock() / 1000000 + timeout_ms, done = 0;
    uint8_t b[8];
    size_t n = 0;
    while (n < sizeof b) {
        struct pollfd p = {.fd = c->socket, .events = POLLIN};
        const uint64_t now = engine_clock() / 1000000;
        const uint64_t left = now < until ? until - now : 0;
        const int ready = poll(&p, 1, left < INT_MAX ? (int)left : INT_MAX);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0 && gets_on(c, n_steps, &done)) {
            until = engine_clock() / 1000000 + timeout_ms;
            continue;
        }
        if (ready == 0)
            return gone(c, CHILD_LATE, n_reply);
        const ssize_t got = ready < 0 ? -1 : read(c->socket, b + n, sizeof b - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return gone(c, CHILD_DIED, n_reply);
        n += (size_t)got;
    }
    struct wire_in in = {.p = b, .n = sizeof b};
    *n_reply = wire_get64(&in);
    return *n_reply <= PROTO_REPLY_BYTES ? CHILD_ANSWERED : gone(c, CHILD_DIED, n_reply);
}

enum child_answer child_ask(struct child *c, uint64_t n_bytes, uint64_t n_steps,
                            uint32_t timeout_ms, uint64_t *n_reply) {
    uint8_t b[8];
    struct wire_out out = {.p = b, .capacity = sizeof b};
    wire_put64(&out, n_bytes);
    memset(c->shared + PROTO_PROGRESS_OFF, 0, 16);
    if (send(c->socket, b, sizeof b, MSG_NOSIGNAL) != (ssize_t)sizeof b)
        return gone(c, CHILD_DIED, n_reply);
    return wait_for(c, n_steps, timeout_ms ? timeout_ms : TIMEOUT_MS, n_reply);
}
