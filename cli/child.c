/* child.c: pipes and one poll loop. A close-on-exec pipe tells a failed start from a program's own
 * exit.
 */
#define _GNU_SOURCE /* pipe2 */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    STDIN,
    STDOUT,
    STDERR,
    STATUS,
    N_PIPES
};

struct stream {
    char *text;
    size_t n, capacity;
};

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void close_all(int pipes[N_PIPES][2]) {
    for (int i = 0; i < N_PIPES; i++)
        for (int k = 0; k < 2; k++)
            if (pipes[i][k] >= 0)
                close(pipes[i][k]);
}

static void close_end(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* become: the child's side; does not return. */
static void become(char *const *argv, int pipes[N_PIPES][2]) {
    setpgid(0, 0);
    signal(SIGPIPE, SIG_DFL);
    dup2(pipes[STDIN][0], STDIN_FILENO);
    dup2(pipes[STDOUT][1], STDOUT_FILENO);
    dup2(pipes[STDERR][1], STDERR_FILENO);
    execvp(argv[0], argv);
    int reason = errno;
    ssize_t n = write(pipes[STATUS][1], &reason, sizeof reason);
    _exit(n == (ssize_t)sizeof reason ? 127 : 126);
}

static bool grow(struct stream *s) {
    size_t want = s->capacity ? s->capacity * 2 : 4096;
    char *grown = realloc(s->text, want + 1);
    if (!grown)
        return false;
    s->text = grown;
    s->capacity = want;
    return true;
}

/* drain: read what is there. out: false at the end of the stream. */
static bool drain(int fd, struct stream *s) {
    char spill[4096];
    bool full = s->n >= CHILD_OUTPUT_MAX || (s->n == s->capacity && !grow(s));
    ssize_t n = full ? read(fd, spill, sizeof spill) : read(fd, s->text + s->n, s->capacity - s->n);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    s->n += full ? 0 : (size_t)n;
    return n > 0;
}

/* feed: write a part of the input. out: false when all is written or nobody reads any more. */
static bool feed(int fd, const char **input, size_t *n) {
    ssize_t done = *n ? write(fd, *input, *n) : 0;
    if (done < 0)
        return errno == EINTR || errno == EAGAIN;
    *input += done;
    *n -= (size_t)done;
    return *n > 0;
}

/* converse: until both streams end or the deadline passes. out: false at the deadline. */
static bool converse(int pipes[N_PIPES][2], const char *input, size_t n_input, uint64_t deadline,
                     struct stream *out, struct stream *err) {
    int *in = &pipes[STDIN][1], *from_out = &pipes[STDOUT][0], *from_err = &pipes[STDERR][0];
    fcntl(*in, F_SETFL, O_NONBLOCK);
    while (*from_out >= 0 || *from_err >= 0) {
        struct pollfd fds[3] = {{.fd = *in, .events = POLLOUT},
                                {.fd = *from_out, .events = POLLIN},
                                {.fd = *from_err, .events = POLLIN}};
        uint64_t now = now_ms();
        if (now >= deadline)
            return false;
        uint64_t left = deadline - now;
        int ready = poll(fds, 3, left > 60000 ? 60000 : (int)left);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready <= 0)
            continue;
        if (fds[0].revents && !feed(*in, &input, &n_input))
            close_end(in);
        if (fds[1].revents && !drain(*from_out, out))
            close_end(from_out);
        if (fds[2].revents && !drain(*from_err, err))
            close_end(from_err);
    }
    return true;
}

/* reap: wait for the process until the deadline; then end it and its group.
 * out:    false if it had to be ended */
static bool reap(pid_t pid, bool in_time, uint64_t deadline, int *status) {
    const struct timespec nap = {.tv_nsec = 1000000};
    while (in_time) {
        pid_t got = waitpid(pid, status, WNOHANG);
        if (got == pid) {
            kill(-pid, SIGKILL); /* whatever it left behind */
            return true;
        }
        in_time = now_ms() < deadline;
        nanosleep(&nap, NULL);
    }
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    waitpid(pid, status, 0);
    return false;
}

static char *finish(struct stream *s, size_t *n) {
    if (!s->text)
        s->text = malloc(1);
    if (s->text)
        s->text[s->n] = 0;
    *n = s->n;
    return s->text;
}

static void judge(struct child *c, bool in_time, int status, int status_fd) {
    int reason;
    if (read(status_fd, &reason, sizeof reason) == (ssize_t)sizeof reason) {
        c->end = CHILD_MISSING;
        c->code = reason;
    } else if (!in_time) {
        c->end = CHILD_TIMEOUT;
    } else if (WIFSIGNALED(status)) {
        c->end = CHILD_KILLED;
        c->code = WTERMSIG(status);
    } else {
        c->end = CHILD_EXITED;
        c->code = WEXITSTATUS(status);
    }
}

void child_run(char *const *argv, const char *input, size_t n_input, uint64_t timeout_ms,
               struct child *out) {
    int pipes[N_PIPES][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    struct stream from_out = {0}, from_err = {0};
    *out = (struct child){.end = CHILD_FAILED};
    signal(SIGPIPE, SIG_IGN);
    bool ok = true;
    for (int i = 0; i < N_PIPES && ok; i++)
        ok = pipe2(pipes[i], O_CLOEXEC) == 0;
    pid_t pid = ok ? fork() : -1;
    if (pid < 0) {
        out->code = errno;
        close_all(pipes);
        return;
    }
    if (pid == 0)
        become(argv, pipes);
    setpgid(pid, pid); /* in both processes, because either may come first */
    close_end(&pipes[STDIN][0]);
    close_end(&pipes[STDOUT][1]);
    close_end(&pipes[STDERR][1]);
    close_end(&pipes[STATUS][1]);
    uint64_t deadline = now_ms() + timeout_ms;
    int status = 0;
    bool in_time = converse(pipes, input, n_input, deadline, &from_out, &from_err);
    in_time = reap(pid, in_time, deadline, &status);
    judge(out, in_time, status, pipes[STATUS][0]);
    out->out = finish(&from_out, &out->n_out);
    out->err = finish(&from_err, &out->n_err);
    close_all(pipes);
}

void child_fini(struct child *c) {
    free(c->out);
    free(c->err);
    *c = (struct child){0};
}
