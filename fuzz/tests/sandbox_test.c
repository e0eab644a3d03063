/* sandbox_test.c: in a sandbox what fuzzers need works, and what generated code should not do does
 * not: each attempt in a child of its own.
 */
#define _GNU_SOURCE
#include "fuzz/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"

static char file[] = "/tmp/bpflab-sandbox-XXXXXX";

/* ---- attempts: 0 if the system did it ---- */

static int start_program(void) {
    char *const none[] = {NULL};
    return execve("/bin/true", none, none);
}
static int make_process(void) {
    return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0 ? -1 : 0;
}
static int make_pipe(void) {
    return pipe((int[2]){0});
}
static int make_socket(void) {
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? -1 : 0;
}
static int trace_parent(void) {
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? -1 : 0;
}
static int signal_parent(void) {
    return kill(getppid(), 0);
}
static int mount_something(void) {
    return mount("none", "/tmp", "tmpfs", 0, NULL);
}
static int load_bpf(void) {
    return syscall(SYS_bpf, 0, NULL, 0) < 0 ? -1 : 0;
}
static int open_for_writing(void) {
    return open(file, O_WRONLY) < 0 ? -1 : 0;
}
static int make_file(void) {
    return open("/tmp", O_RDWR | O_TMPFILE, 0600) < 0 ? -1 : 0;
}
static int remove_file(void) {
    return unlink(file);
}
static int change_limit(void) {
    return (int)syscall(SYS_prlimit64, 0, 7, &(uint64_t[2]){64, 64}, NULL);
}
static int open_for_reading(void) {
    char byte;
    const int fd = open("/proc/self/status", O_RDONLY);
    return fd >= 0 && read(fd, &byte, 1) == 1 && !close(fd) ? 0 : -1;
}
static int signal_self(void) {
    return kill(getpid(), 0) || raise(SIGCONT);
}
static int map_code(void) {
    void *const p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? -1 : mprotect(p, 4096, PROT_READ | PROT_EXEC);
}
static void *nothing(void *p) {
    return p;
}
static int make_thread(void) {
    pthread_t t;
    return pthread_create(&t, NULL, nothing, NULL) || pthread_join(t, NULL) ? -1 : 0;
}
static int print_and_seek(void) {
    FILE *const f = fopen("/proc/self/status", "r");
    return f && fseek(f, 1, SEEK_SET) == 0 && fclose(f) == 0 ? 0 : -1;
}

/* An attempt; in: reads, writes: is it allowed in a sandbox of that kind? sanitized: what reads
 * says, built with a sanitizer. fails: it is not stopped. */
static const struct attempt {
    const char *name;
    int (*try)(void);
    bool reads, writes, sanitized, fails;
} attempts[] = {
    {"start a program", start_program, false, false, false, false},
    {"make a process", make_process, false, false, true, true},
    {"make a pipe", make_pipe, false, false, true, true},
    {"make a socket", make_socket, false, false, false, false},
    {"trace the parent", trace_parent, false, false, true, false},
    {"signal the parent", signal_parent, false, false, false, false},
    {"mount", mount_something, false, false, false, false},
    {"bpf", load_bpf, false, false, false, false},
    {"change a limit", change_limit, false, false, true, false},
    {"open for writing", open_for_writing, false, true, false, false},
    {"make a file", make_file, false, true, false, false},
    {"remove a file", remove_file, false, true, false, false},
    {"open for reading", open_for_reading, true, true, true, false},
    {"signal itself", signal_self, true, true, true, false},
    {"map code", map_code, true, true, true, false},
    {"make a thread", make_thread, true, true, true, false},
    {"read a file", print_and_seek, true, true, true, false},
};

enum {
    DONE = 10,
    FAILED,
    REFUSED, /* EPERM */
    NO_SANDBOX,
};

/* How a child ended that tried it: one of these, or minus the signal. */
static int outcome(const struct attempt *a, enum fuzz_sandbox_files files) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const int null = open("/dev/null", O_WRONLY);
        dup2(null, STDERR_FILENO); /* what the handler prints */
        signal(SIGABRT, SIG_DFL);
        if (!fuzz_sandbox(files))
            _exit(NO_SANDBOX);
        if (!a->try())
            _exit(DONE);
        _exit(errno == EPERM ? REFUSED : FAILED);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return FAILED;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void try_all(enum fuzz_sandbox_files files) {
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        const struct attempt *const a = &attempts[i];
        const bool lenient = !fuzz_sandbox_traps();
        const bool may =
            (files == FUZZ_SANDBOX_WRITES ? a->writes : a->reads) || (lenient && a->sanitized);
        if (lenient && a->sanitized && !a->reads)
            continue; /* it would be done: a parent that is traced stands still */
        const int end = outcome(a, files);
        check_note(a->name);
        if (may)
            CHECK_EQ(end, DONE);
        else
            CHECK_EQ(end, lenient || a->fails ? REFUSED : -SIGABRT);
    }
    check_note(NULL);
}

int main(void) {
    const int fd = mkstemp(file);
    if (fd < 0)
        return check_skip("no file can be made in /tmp");
    close(fd);
    const struct attempt nothing_tried = {"nothing", signal_self, true, true, true, false};
    if (outcome(&nothing_tried, FUZZ_SANDBOX_READS) == NO_SANDBOX) {
        unlink(file);
        return check_skip("this system has no seccomp filters");
    }
    try_all(FUZZ_SANDBOX_READS);
    CHECK(!access(file, W_OK));
    try_all(FUZZ_SANDBOX_WRITES);
    CHECK(access(file, F_OK)); /* removed where that is allowed */
    return check_end();
}
