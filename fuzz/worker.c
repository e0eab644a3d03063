#define _GNU_SOURCE
#include "fuzz/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/ops.h"
#include "engine/sandbox.h"

enum {
    TIMEOUT_MS = 20000,
    TICK_MS = 100,
};

/* What the child says by its socket: one letter; what is about a case the parent answers by one. */
enum letter {
    SAYS_FINDING = 'F',
    SAYS_KEPT = 'K',
    SAYS_DONE = 'D',
    SAYS_ERROR = 'E',
    SAYS_GO_ON = 'G',
};

struct shared {
    _Atomic uint64_t beat;  /* cases begun by this child */
    _Atomic uint64_t ready; /* it has begun */
    uint64_t at;            /* number of the case at hand */
    struct loop_stats stats;
    struct cause cause;
    char text[240];
    enum bpflab_err err;
    size_t n_bytes;
    uint8_t bytes[CASE_MAX_BYTES]; /* the case at hand */
};

struct worker {
    struct worker_options opt;
    struct shared *shared;
    pid_t pid; /* 0: there is none */
    int socket;
    uint64_t beat, beat_ms; /* when it last got on */
    uint64_t next;          /* number of the next child's first case */
    bool over;
};

/* ---- the child ---- */

static void say(int fd, enum letter what) {
    const char c = (char)what;
    while (write(fd, &c, 1) < 0 && errno == EINTR)
        ;
}

static void await(int fd) {
    char c;
    while (read(fd, &c, 1) < 0 && errno == EINTR)
        ;
}

static _Noreturn void give_up(struct shared *s, int fd, enum bpflab_err err, const char *text) {
    s->err = err;
    snprintf(s->text, sizeof s->text, "%s", text);
    say(fd, SAYS_ERROR);
    _exit(1);
}

/* Executors are asked by sockets, and ended when they no longer answer. */
static bool lock_up(const struct loop_options *o) {
    static const uint16_t more[] = {SYS_poll, SYS_sendto, SYS_close, SYS_kill, SYS_wait4};
    return sandbox_limits() && sandbox_filter(more, o->n_engines ? sizeof more / sizeof *more : 0);
}

static void load_corpus(struct loop *l, const struct worker_options *o) {
    static struct fuzz_case c;
    for (uint32_t i = 0; i < o->n_corpus; i++)
        if (case_decode(o->corpus[i], o->corpus_bytes[i], &c))
            loop_keep(l, &c);
}

/* out: false: an executor is lost, and another child must go on */
static bool try_one(struct loop *l, const struct worker *w, int fd, uint64_t i) {
    struct shared *const s = w->shared;
    struct judged j;
    struct diag d = {.pc = -1};
    loop_make(l, i);
    s->at = i;
    s->n_bytes = case_encode(loop_case(l), s->bytes);
    atomic_fetch_add(&s->beat, 1);
    const enum bpflab_err err = loop_try(l, &j, &d);
    if (err && err != BPFLAB_E_SYSTEM)
        give_up(s, fd, err, d.text);
    if (!err && j.found) {
        s->cause = j.cause;
        say(fd, SAYS_FINDING);
        await(fd);
    } else if (!err && w->opt.tell_kept && loop_kept(l)) {
        say(fd, SAYS_KEPT);
        await(fd);
    }
    return !err && !(j.found && j.cause.oracle == ORACLE_CONTAINED);
}

static _Noreturn void child(const struct worker *w, int fd) {
    struct shared *const s = w->shared;
    const struct worker_options *const o = &w->opt;
    struct loop *l;
    struct diag d = {.pc = -1};
    const enum bpflab_err err = loop_new(&o->loop, &s->stats, &l, &d);
    if (err)
        give_up(s, fd, err, d.text);
    load_corpus(l, o);
    if (!lock_up(&o->loop))
        give_up(s, fd, BPFLAB_E_SYSTEM, "no sandbox for generated code");
    atomic_store(&s->ready, 1);
    for (uint64_t i = w->next; !o->runs || (i - o->first) / o->step < o->runs; i += o->step)
        if (!try_one(l, w, fd, i))
            _exit(0); /* the next child begins behind it */
    say(fd, SAYS_DONE);
    _exit(0);
}

/* ---- the parent ---- */

static uint64_t now_ms(void) {
    return engine_clock() / 1000000;
}

static enum bpflab_err spawn(struct worker *w, struct diag *d) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return diag_set(d, BPFLAB_E_SYSTEM, "no socket: %s", strerror(errno));
    atomic_store(&w->shared->ready, 0);
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child(w, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return diag_set(d, BPFLAB_E_SYSTEM, "no process: %s", strerror(errno));
    }
    w->pid = pid;
    w->socket = ends[0];
    w->beat = atomic_load(&w->shared->beat);
    w->beat_ms = now_ms();
    return BPFLAB_OK;
}

enum bpflab_err worker_start(const struct worker_options *opt, struct worker **out,
                             struct diag *d) {
    struct worker *const w = calloc(1, sizeof *w);
    if (!w)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    w->opt = *opt;
    w->opt.step = opt->step ? opt->step : 1;
    w->next = opt->first;
    w->shared =
        mmap(NULL, sizeof *w->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (w->shared == MAP_FAILED) {
        free(w);
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    }
    const enum bpflab_err err = spawn(w, d);
    if (err)
        worker_stop(w);
    else
        *out = w;
    return err;
}

const struct loop_stats *worker_stats(const struct worker *w) {
    return &w->shared->stats;
}

static int bury(struct worker *w, bool first_kill) {
    int status = 0;
    if (first_kill)
        kill(w->pid, SIGKILL);
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(w->socket);
    w->pid = 0;
    return status;
}

void worker_stop(struct worker *w) {
    if (!w)
        return;
    if (w->pid)
        bury(w, true);
    munmap(w->shared, sizeof *w->shared);
    free(w);
}

static void take_case(const struct worker *w, struct worker_event *ev) {
    ev->n_bytes = w->shared->n_bytes <= CASE_MAX_BYTES ? w->shared->n_bytes : 0;
    memcpy(ev->bytes, w->shared->bytes, ev->n_bytes);
}

static void blame(struct worker *w, struct worker_event *ev, const char *text) {
    ev->news = WORKER_FINDING;
    ev->cause = (struct cause){.oracle = ORACLE_CONTAINED, .pc = UINT32_MAX};
    snprintf(ev->cause.text, sizeof ev->cause.text, "%s", text);
    snprintf(ev->cause.bucket, sizeof ev->cause.bucket, "%s: %s", oracle_name(ORACLE_CONTAINED),
             text);
    take_case(w, ev);
    w->shared->stats.findings++;
    w->shared->stats.cases++;
}

/* The child is gone, of itself or by its deadline: why, and another one goes on behind the case. */
static void replace(struct worker *w, bool late, struct worker_event *ev) {
    char text[80];
    const bool began = atomic_load(&w->shared->ready) != 0;
    const int status = bury(w, late);
    if (late)
        snprintf(text, sizeof text, "no end within %u ms",
                 w->opt.timeout_ms ? w->opt.timeout_ms : TIMEOUT_MS);
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        snprintf(text, sizeof text, "a forbidden system call");
    else if (WIFSIGNALED(status))
        snprintf(text, sizeof text, "signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    if (late || WIFSIGNALED(status))
        blame(w, ev, text);
    if (!began) { /* it would happen again */
        *ev = (struct worker_event){.news = WORKER_ERROR, .err = BPFLAB_E_SYSTEM};
        snprintf(ev->text, sizeof ev->text, "a worker ends before its first case");
        w->over = true;
        return;
    }
    w->next = w->shared->at + w->opt.step;
    struct diag d = {.pc = -1};
    const enum bpflab_err err = spawn(w, &d);
    if (err) {
        *ev = (struct worker_event){.news = WORKER_ERROR, .err = err};
        snprintf(ev->text, sizeof ev->text, "%s", d.text);
        w->over = true;
    }
}

static void hear(struct worker *w, struct worker_event *ev) {
    char c;
    const ssize_t n = read(w->socket, &c, 1);
    if (n != 1) {
        replace(w, false, ev);
        return;
    }
    switch ((enum letter)c) {
    case SAYS_FINDING:
        ev->news = WORKER_FINDING;
        ev->cause = w->shared->cause;
        take_case(w, ev);
        say(w->socket, SAYS_GO_ON);
        w->beat_ms = now_ms();
        return;
    case SAYS_KEPT:
        ev->news = WORKER_KEPT;
        take_case(w, ev);
        say(w->socket, SAYS_GO_ON);
        w->beat_ms = now_ms();
        return;
    case SAYS_ERROR:
        ev->news = WORKER_ERROR;
        ev->err = w->shared->err;
        memcpy(ev->text, w->shared->text, sizeof ev->text);
        ev->text[sizeof ev->text - 1] = 0;
        break;
    default: ev->news = WORKER_DONE; break;
    }
    bury(w, false);
    w->over = true;
}

/* out: is it late? */
static bool is_late(struct worker *w) {
    const uint64_t beat = atomic_load(&w->shared->beat), now = now_ms();
    if (beat != w->beat) {
        w->beat = beat;
        w->beat_ms = now;
    }
    return now - w->beat_ms > (w->opt.timeout_ms ? w->opt.timeout_ms : TIMEOUT_MS);
}

uint32_t worker_wait(struct worker *const *w, uint32_t n, uint32_t wait_ms,
                     struct worker_event *ev) {
    enum {
        MOST = 64
    };
    struct pollfd p[MOST];
    const uint64_t until = now_ms() + wait_ms;
    ev->news = WORKER_NOTHING;
    for (;;) {
        bool any = false;
        for (uint32_t i = 0; i < n && i < MOST; i++) {
            p[i] = (struct pollfd){.fd = w[i]->over ? -1 : w[i]->socket, .events = POLLIN};
            any |= !w[i]->over;
        }
        const uint64_t now = now_ms();
        if (!any || now >= until)
            return n;
        const uint64_t left = until - now < TICK_MS ? until - now : TICK_MS;
        poll(p, n < MOST ? n : MOST, (int)left);
        for (uint32_t i = 0; i < n && i < MOST; i++) {
            if (w[i]->over)
                continue;
            if (p[i].revents)
                hear(w[i], ev);
            else if (is_late(w[i]))
                replace(w[i], true, ev);
            if (ev->news != WORKER_NOTHING)
                return i;
        }
    }
}
