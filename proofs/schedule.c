/* schedule.c: one poll loop over as many sockets as there are jobs. A worker's end is read from its
 * socket first and its exit status then, so that nothing that it has said is lost.
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC, strsignal */
#include "proofs/schedule.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proofs/clock.h"

enum {
    TICK_MS = 500, /* how often watch is called at least */
};

enum message_kind {
    MESSAGE_OBLIGATION,
    MESSAGE_ALIVE,
    MESSAGE_DONE,
};

struct message {
    uint32_t kind; /* enum message_kind */
    /* DONE: what was dumped (smt_dump.h) */
    uint32_t n_queries;
    int32_t dump_error;
    struct obligation o;
};

/* struct slot: a running worker; pid 0: none. */
struct slot {
    pid_t pid;
    int fd;
    struct unit_outcome *u;
    uint64_t began_ms, heard_ms;
    bool done;   /* it said that it had come to its end */
    bool babble; /* it sent what is no message */
    int dump_error;
};

struct schedule {
    const struct schedule_options *opt;
    struct slot *slots;
    struct pollfd *polled;
    const char **names; /* of running units, for watch */
    struct schedule_view view;
    bool failed;  /* no memory */
    bool refuted; /* something was */
};

/* ---- outcomes ---- */

bool outcome_add(struct unit_outcome *u, const struct obligation *o) {
    if (u->n == u->capacity) {
        const size_t want = u->capacity ? u->capacity * 2 : 8;
        struct obligation *grown = realloc(u->obligations, want * sizeof *grown);
        if (!grown)
            return false;
        u->obligations = grown;
        u->capacity = want;
    }
    u->obligations[u->n++] = *o;
    return true;
}

void outcome_fini(struct unit_outcome *u) {
    free(u->obligations);
    u->obligations = NULL;
    u->n = u->capacity = 0;
}

/* complain: note that the unit as a whole went wrong. The first complaint stays. */
__attribute__((format(printf, 4, 5))) static void
complain(struct schedule *s, struct unit_outcome *u, enum smt_result result, const char *fmt, ...) {
    struct obligation o = {.result = result};
    va_list args;
    va_start(args, fmt);
    vsnprintf(o.counterexample, sizeof o.counterexample, fmt, args);
    va_end(args);
    snprintf(o.name, sizeof o.name, "%s: its run", u->unit->name);
    for (size_t i = 0; i < u->n; i++) {
        if (strcmp(u->obligations[i].name, o.name) != 0)
            continue;
        if (u->obligations[i].result == SMT_PROVED)
            u->obligations[i] = o;
        return;
    }
    s->failed |= !outcome_add(u, &o);
}

static int by_name(const void *a, const void *b) {
    const struct obligation *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void sort(struct unit_outcome *u) {
    if (u->n)
        qsort(u->obligations, u->n, sizeof *u->obligations, by_name);
}

/* judge_names: an obligation must be told from others, and be of this unit. Only the first of each
 * name stays, so that none counts twice. */
static void judge_names(struct schedule *s, struct unit_outcome *u) {
    const size_t n = strlen(u->unit->name);
    char twice[200] = "", foreign[200] = "";
    size_t kept = 0;
    sort(u);
    for (size_t i = 0; i < u->n; i++) {
        const struct obligation *o = &u->obligations[i];
        if (kept && !strcmp(o->name, u->obligations[kept - 1].name)) {
            memcpy(twice, o->name, sizeof twice);
            if (o->result != SMT_PROVED) /* the worse one stays */
                u->obligations[kept - 1] = *o;
        } else if (strncmp(o->name, u->unit->name, n) != 0 || strncmp(o->name + n, ": ", 2) != 0) {
            memcpy(foreign, o->name, sizeof foreign);
        } else {
            u->obligations[kept++] = *o;
        }
    }
    u->n = kept;
    if (twice[0])
        complain(s, u, SMT_ERROR, "it emitted \"%s\" more than once", twice);
    else if (foreign[0])
        complain(s, u, SMT_ERROR, "it emitted \"%s\", which is not its own", foreign);
}

static void count(struct schedule_view *v, const struct unit_outcome *u) {
    for (size_t i = 0; i < u->n; i++) {
        const enum smt_result r = u->obligations[i].result;
        v->proved += r == SMT_PROVED;
        v->refuted += r == SMT_REFUTED;
        v->open += r != SMT_PROVED && r != SMT_REFUTED;
    }
}

/* ---- the worker's side ---- */

static void say(int fd, const struct message *m, size_t n) {
    ssize_t sent;
    do
        sent = send(fd, m, n, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent != (ssize_t)n)
        _exit(3); /* nobody listens any more */
}

static void say_obligation(void *self, const struct obligation *o) {
    struct message m = {.kind = MESSAGE_OBLIGATION, .o = *o};
    say(*(int *)self, &m, sizeof m);
}

static void say_alive(void *self) {
    const struct message m = {.kind = MESSAGE_ALIVE};
    say(*(int *)self, &m, sizeof m);
}

static void say_done(int fd, const struct smt_dump *d) {
    const struct message m = {.kind = MESSAGE_DONE, .n_queries = d->n, .dump_error = d->error};
    say(fd, &m, sizeof m);
}

/* work: the whole life of a worker; does not return. */
static void work(const struct schedule_options *opt, const struct unit *u, int fd, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* A terminal's interrupt is for all of its programs: the parent ends this one, so that it is
     * not taken for one that ended by itself. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    if (getppid() != parent)
        _exit(3);
    /* Standard output is the report's alone, whatever a solver has to say. */
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
        _exit(3);
    struct prove_options own = *opt->prove;
    struct smt_dump dump = {.dir = own.dump_dir, .unit = u->name};
    own.dump = own.dump_dir ? &dump : NULL;
    own.alive = say_alive;
    own.alive_self = &fd;
    u->provider->run(&own, u, say_obligation, &fd);
    say_done(fd, &dump);
    _exit(0);
}

/* ---- the parent's side ---- */

static bool start(struct schedule *s, struct slot *slot, struct unit_outcome *u, char err[160]) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
        snprintf(err, 160, "no socket for a worker: %s", strerror(errno));
        return false;
    }
    fflush(NULL); /* what is buffered is written once */
    const pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        work(s->opt, u->unit, pair[1], parent);
    close(pair[1]);
    if (pid < 0) {
        snprintf(err, 160, "no process for a worker: %s", strerror(errno));
        close(pair[0]);
        return false;
    }
    *slot = (struct slot){.pid = pid, .fd = pair[0], .u = u, .began_ms = clock_ms()};
    slot->heard_ms = slot->began_ms;
    return true;
}

/* take: one message. */
static void take(struct schedule *s, struct slot *slot, struct message *m, size_t n) {
    slot->heard_ms = clock_ms();
    if (n != sizeof *m || m->kind > MESSAGE_DONE || m->o.result > SMT_ERROR) {
        slot->babble = true;
    } else if (m->kind == MESSAGE_DONE) {
        slot->done = true;
        slot->dump_error = m->dump_error;
        slot->u->n_queries = m->n_queries;
    } else if (m->kind == MESSAGE_OBLIGATION) {
        m->o.name[sizeof m->o.name - 1] = 0;
        m->o.counterexample[sizeof m->o.counterexample - 1] = 0;
        s->failed |= !outcome_add(slot->u, &m->o);
        s->refuted |= m->o.result == SMT_REFUTED;
    }
}

/* hear: all that is there. out: false at the socket's end */
static bool hear(struct schedule *s, struct slot *slot) {
    struct message m;
    for (;;) {
        const ssize_t n = recv(slot->fd, &m, sizeof m, MSG_DONTWAIT | MSG_TRUNC);
        if (n > 0)
            take(s, slot, &m, (size_t)n);
        else if (n < 0 && errno == EINTR)
            continue;
        else
            return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }
}

/* finish: the worker has ended, or is to be. */
static void finish(struct schedule *s, struct slot *slot, bool late) {
    struct unit_outcome *u = slot->u;
    int status = 0;
    if (late)
        kill(slot->pid, SIGKILL);
    while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
        ;
    hear(s, slot);
    close(slot->fd);
    u->seconds = (double)(clock_ms() - slot->began_ms) / 1000;
    const size_t emitted = u->n;
    judge_names(s, u);
    if (slot->babble)
        complain(s, u, SMT_ERROR, "it sent what is no message");
    else if (slot->done && emitted == 0)
        complain(s, u, SMT_ERROR, "it emitted no obligation");
    else if (slot->dump_error)
        complain(s, u, SMT_ERROR, "a query could not be written: %s", strerror(slot->dump_error));
    else if (!slot->done && late)
        complain(s, u, SMT_TIMEOUT, "ended after %.1f s of silence",
                 (double)s->opt->silence_ms / 1000);
    else if (!slot->done && WIFSIGNALED(status))
        complain(s, u, SMT_ERROR, "ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else if (!slot->done)
        complain(s, u, SMT_ERROR, "ended with status %d before it was done",
                 WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    sort(u);
    u->complete = true;
    count(&s->view, u);
    s->view.n_done++;
    *slot = (struct slot){0};
}

static void watch(struct schedule *s) {
    s->view.n_running = 0;
    for (unsigned i = 0; i < s->opt->jobs; i++)
        if (s->slots[i].pid)
            s->names[s->view.n_running++] = s->slots[i].u->unit->name;
    s->view.running = s->names;
    if (s->opt->watch)
        s->opt->watch(s->opt->self, &s->view);
}

/* wait_ms: until the first deadline, at most a tick. */
static int wait_ms(const struct schedule *s) {
    const uint64_t now = clock_ms();
    uint64_t wait = TICK_MS;
    for (unsigned i = 0; i < s->opt->jobs; i++) {
        if (!s->slots[i].pid)
            continue;
        const uint64_t due = s->slots[i].heard_ms + s->opt->silence_ms;
        const uint64_t left = due > now ? due - now : 0;
        wait = left < wait ? left : wait;
    }
    return (int)wait;
}

/* listen: wait for something, and see to every worker. */
static void listen_all(struct schedule *s) {
    for (unsigned i = 0; i < s->opt->jobs; i++)
        s->polled[i] =
            (struct pollfd){.fd = s->slots[i].pid ? s->slots[i].fd : -1, .events = POLLIN};
    const int ready = poll(s->polled, s->opt->jobs, wait_ms(s));
    for (unsigned i = 0; i < s->opt->jobs; i++) {
        struct slot *slot = &s->slots[i];
        if (!slot->pid)
            continue;
        /* A worker that is done is not waited for by the clock: it leaves at once. */
        if (ready > 0 && s->polled[i].revents && !hear(s, slot))
            finish(s, slot, false);
        else if (clock_ms() - slot->heard_ms >= s->opt->silence_ms)
            finish(s, slot, true);
    }
}

/* longest_first: unknown ones before all others, then by expectation, then by name. */
static int longest_first(const void *a, const void *b) {
    const struct unit_outcome *x = *(struct unit_outcome *const *)a,
                              *y = *(struct unit_outcome *const *)b;
    const bool new_x = x->expected < 0, new_y = y->expected < 0;
    if (new_x != new_y)
        return new_x ? -1 : 1;
    if (!new_x && x->expected != y->expected)
        return x->expected > y->expected ? -1 : 1;
    return strcmp(x->unit->name, y->unit->name);
}

/* abandon: end every worker; its unit has no result, or what it has emitted if that is wanted. */
static void abandon(struct schedule *s) {
    for (unsigned i = 0; i < s->opt->jobs; i++) {
        struct slot *slot = &s->slots[i];
        if (!slot->pid)
            continue;
        kill(slot->pid, SIGKILL);
        while (waitpid(slot->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        close(slot->fd);
        if (s->opt->until_refuted && s->refuted)
            judge_names(s, slot->u);
        else
            outcome_fini(slot->u);
        *slot = (struct slot){0};
    }
}

/* run_all: out: false: the reason in err; no worker is left */
static bool run_all(struct schedule *s, struct unit_outcome **queue, size_t n, char err[160]) {
    bool ok = true;
    for (size_t next = 0;;) {
        bool any = false;
        const bool enough = s->opt->until_refuted && s->refuted;
        if (!ok || enough || (s->opt->stop && *s->opt->stop)) {
            abandon(s);
            return ok;
        }
        for (unsigned i = 0; i < s->opt->jobs; i++) {
            if (ok && !s->slots[i].pid && next < n)
                ok = start(s, &s->slots[i], queue[next++], err);
            any |= s->slots[i].pid != 0;
        }
        watch(s);
        if (!any && ok)
            return true;
        if (ok)
            listen_all(s);
        if (s->failed) {
            snprintf(err, 160, "out of memory");
            ok = false;
        }
    }
}

bool schedule_run(const struct schedule_options *opt, struct unit_outcome *units, size_t n,
                  char err[160]) {
    struct schedule s = {.opt = opt};
    malloc_trim(0); /* what is free is not copied page by page in each worker */
    struct unit_outcome **queue = calloc(n + 1, sizeof *queue);
    s.slots = calloc(opt->jobs, sizeof *s.slots);
    s.polled = calloc(opt->jobs, sizeof *s.polled);
    s.names = calloc(opt->jobs, sizeof *s.names);
    bool ok = queue && s.slots && s.polled && s.names;
    if (!ok)
        snprintf(err, 160, "out of memory");
    for (size_t i = 0; ok && i < n; i++)
        if (!units[i].cached)
            queue[s.view.n_units++] = &units[i];
    if (ok) {
        qsort(queue, s.view.n_units, sizeof *queue, longest_first);
        ok = run_all(&s, queue, s.view.n_units, err);
    }
    free(queue);
    free(s.slots);
    free(s.polled);
    free(s.names);
    return ok;
}
