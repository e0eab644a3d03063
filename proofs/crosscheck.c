/* crosscheck.c: processes of the other solver, some at a time, each with a deadline. Of what one
 * prints only the beginning is kept; a full pipe is read on until it ends.
 */
#define _GNU_SOURCE /* pipe2 */
#include "proofs/crosscheck.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proofs/clock.h"

extern char **environ;

/* struct asked: a running process; pid 0: none. */
struct asked {
    pid_t pid;
    int fd;
    struct cross_query *q;
    unsigned way;
    uint64_t began_ms;
    char text[512];
    size_t n;
};

const char *cross_answer_name(enum cross_answer a) {
    static const char *const names[] = {"none", "unsat", "sat", "unknown", "replaced"};
    return names[a <= CROSS_REPLACED ? a : CROSS_NONE];
}

enum cross_verdict cross_verdict_of(const struct cross_query *q) {
    if (!q->begun)
        return CROSS_LEFT;
    if (q->recorded == CROSS_REPLACED)
        return CROSS_SKIPPED;
    if (q->recorded == CROSS_NONE || q->other == CROSS_NONE)
        return CROSS_FAILED;
    if (q->recorded == CROSS_UNKNOWN || q->other == CROSS_UNKNOWN)
        return CROSS_OPEN;
    return q->recorded == q->other ? CROSS_AGREE : CROSS_DISAGREE;
}

bool cross_has(const char *program) {
    char path[PATH_MAX];
    if (strchr(program, '/'))
        return access(program, X_OK) == 0;
    const char *dirs = getenv("PATH");
    for (size_t n; dirs && *dirs; dirs += n + (dirs[n] == ':')) {
        n = strcspn(dirs, ":");
        const int length = snprintf(path, sizeof path, "%.*s/%s", (int)n, dirs, program);
        if (length > 0 && (size_t)length < sizeof path && access(path, X_OK) == 0)
            return true;
    }
    return false;
}

/* ---- the files ---- */

/* answer_of: the answer that a line begins with, ended by what is no letter. */
static enum cross_answer answer_of(const char *s) {
    for (int a = CROSS_UNSAT; a <= CROSS_REPLACED; a++) {
        const char *name = cross_answer_name((enum cross_answer)a);
        const size_t n = strlen(name);
        if (!strncmp(s, name, n) && !(s[n] >= 'a' && s[n] <= 'z'))
            return (enum cross_answer)a;
    }
    return CROSS_NONE;
}

static enum cross_answer recorded(const char *path) {
    static const char mark[] = "; answer: ";
    enum cross_answer answer = CROSS_NONE;
    char *line = NULL;
    size_t capacity = 0;
    FILE *f = fopen(path, "r");
    while (f && getline(&line, &capacity, f) >= 0)
        if (!strncmp(line, mark, sizeof mark - 1))
            answer = answer_of(line + sizeof mark - 1);
    free(line);
    if (f)
        fclose(f);
    return answer;
}

/* ---- processes ---- */

static bool path_of(const struct cross_options *opt, const struct cross_query *q,
                    char path[PATH_MAX]) {
    const int length = snprintf(path, PATH_MAX, "%s/%s", opt->dir, q->name);
    return length > 0 && length < PATH_MAX;
}

/* start: ask the query in one of the ways. out: an errno */
static int start(const struct cross_options *opt, struct asked *a, struct cross_query *q,
                 unsigned way) {
    char path[PATH_MAX];
    if (!path_of(opt, q, path))
        return ENAMETOOLONG;
    char *const arg = (char *)(uintptr_t)(opt->ways ? opt->ways[way] : NULL);
    char *const argv[] = {(char *)(uintptr_t)opt->program, arg ? arg : path, arg ? path : NULL,
                          NULL};
    int pipe_fds[2];
    *a = (struct asked){.q = q, .way = way, .began_ms = clock_ms()};
    if (pipe2(pipe_fds, O_CLOEXEC))
        return errno;
    posix_spawn_file_actions_t acts;
    int err = posix_spawn_file_actions_init(&acts);
    if (!err) {
        err = posix_spawn_file_actions_addopen(&acts, 0, "/dev/null", O_RDONLY, 0);
        if (!err)
            err = posix_spawn_file_actions_adddup2(&acts, pipe_fds[1], 1);
        if (!err)
            err = posix_spawn_file_actions_adddup2(&acts, pipe_fds[1], 2);
        if (!err)
            err = posix_spawnp(&a->pid, opt->program, &acts, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&acts);
    }
    close(pipe_fds[1]);
    a->fd = pipe_fds[0];
    if (err) {
        close(a->fd);
        a->pid = 0;
    } else {
        fcntl(a->fd, F_SETFL, O_NONBLOCK);
    }
    return err;
}

/* hear: out: false at the end of what it prints */
static bool hear(struct asked *a) {
    char spill[4096];
    for (;;) {
        const bool full = a->n + 1 >= sizeof a->text;
        const ssize_t n = full ? read(a->fd, spill, sizeof spill)
                               : read(a->fd, a->text + a->n, sizeof a->text - 1 - a->n);
        if (n > 0 && !full)
            a->n += (size_t)n;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }
}

static void finish(struct asked *a, bool late) {
    struct cross_query *q = a->q;
    int status;
    if (late)
        kill(a->pid, SIGKILL);
    while (waitpid(a->pid, &status, 0) < 0 && errno == EINTR)
        ;
    hear(a);
    close(a->fd);
    q->seconds += (double)(clock_ms() - a->began_ms) / 1000;
    a->text[a->n] = 0;
    a->text[strcspn(a->text, "\n")] = 0;
    snprintf(q->text, sizeof q->text, "%.119s", a->text);
    q->other = answer_of(a->text);
    if (q->other == CROSS_NONE && late)
        q->other = CROSS_UNKNOWN;
    *a = (struct asked){0};
}

static unsigned n_ways(const struct cross_options *opt) {
    return opt->ways ? opt->n_ways : 1;
}

/* listen_all: wait for something, and see to every process. */
static void listen_all(const struct cross_options *opt, struct asked *asked, struct pollfd *polled,
                       size_t *n_done) {
    for (unsigned i = 0; i < opt->jobs; i++)
        polled[i] = (struct pollfd){.fd = asked[i].pid ? asked[i].fd : -1, .events = POLLIN};
    const int ready = poll(polled, opt->jobs, 50);
    for (unsigned i = 0; i < opt->jobs; i++) {
        struct asked *a = &asked[i];
        if (!a->pid)
            continue;
        const bool ended = ready > 0 && polled[i].revents && !hear(a);
        if (ended || clock_ms() - a->began_ms >= opt->timeout_ms / n_ways(opt)) {
            struct cross_query *const q = a->q;
            const unsigned next = a->way + 1;
            finish(a, !ended);
            const bool known = q->other == CROSS_SAT || q->other == CROSS_UNSAT;
            const bool again = !known && next < n_ways(opt);
            *n_done += !again || start(opt, a, q, next) != 0;
        }
    }
}

/* begin_next: out: an errno; 0, and *a is idle still, where nothing is to be asked of the query */
static int begin_next(const struct cross_options *opt, struct asked *a, struct cross_query *q) {
    char path[PATH_MAX];
    q->begun = true;
    q->recorded = path_of(opt, q, path) ? recorded(path) : CROSS_NONE;
    return q->recorded == CROSS_REPLACED || q->recorded == CROSS_NONE ? 0 : start(opt, a, q, 0);
}

bool crosscheck_run(const struct cross_options *opt, struct cross_query *queries, size_t n,
                    char err[160]) {
    struct asked *asked = calloc(opt->jobs, sizeof *asked);
    struct pollfd *polled = calloc(opt->jobs, sizeof *polled);
    bool ok = asked && polled;
    if (!ok)
        snprintf(err, 160, "out of memory");
    for (size_t next = 0, n_done = 0; ok && n_done < n && !(opt->stop && *opt->stop);) {
        int failed = 0;
        for (unsigned i = 0; i < opt->jobs && !failed; i++)
            while (!asked[i].pid && next < n && !failed) {
                failed = begin_next(opt, &asked[i], &queries[next++]);
                n_done += !asked[i].pid;
            }
        if (failed) {
            snprintf(err, 160, "%.60s could not be started: %s", opt->program, strerror(failed));
            ok = false;
            break;
        }
        if (opt->watch)
            opt->watch(opt->self, n_done, n);
        listen_all(opt, asked, polled, &n_done);
    }
    for (unsigned i = 0; asked && i < opt->jobs; i++)
        if (asked[i].pid)
            finish(&asked[i], true);
    free(asked);
    free(polled);
    return ok;
}
