/* judge_target_test.c: the judge target as a fuzzer sees it: inputs of both forms are tried, what
 * is no case is not; a finding aborts and says why; signal handlers that were there before go on
 * getting what is not generated code's; and a sandbox is there. Each in a child of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/judge.h"
#include "fuzz/mut/mut.h"
#include "fuzz/sandbox.h"
#include "fuzz/target.h"
#include "tests/check.h"

enum {
    CASES = 60,
    TEXT = 2000,
    CAUGHT = 42, /* exit status of the handler that was there first */
    ALL_WELL = 43,
};

/* The linker puts this in front of judge_case. */
enum bpflab_err __real_judge_case(struct judge *j, struct stand *s, const struct fuzz_case *c,
                                  const struct judge_options *opt, struct judged *out,
                                  struct diag *d);
enum bpflab_err __wrap_judge_case(struct judge *j, struct stand *s, const struct fuzz_case *c,
                                  const struct judge_options *opt, struct judged *out,
                                  struct diag *d);

static bool lies;
static unsigned n_judged, n_accepted;
static uint64_t n_runs;

enum bpflab_err __wrap_judge_case(struct judge *j, struct stand *s, const struct fuzz_case *c,
                                  const struct judge_options *opt, struct judged *out,
                                  struct diag *d) {
    const enum bpflab_err err = __real_judge_case(j, s, c, opt, out, d);
    n_judged++;
    n_accepted += out->verdict == VERDICT_ACCEPT;
    n_runs += out->runs;
    if (lies) {
        out->found = true;
        out->cause = (struct cause){.oracle = ORACLE_EXECUTION, .text = "r0 differs by 7"};
        snprintf(out->cause.bucket, sizeof out->cause.bucket, "execution: r# differs");
    }
    return err;
}

static int try_seed(uint64_t seed, bool literal) {
    static struct fuzz_case c;
    uint8_t bytes[CASE_MAX_BYTES];
    size_t n = 512;
    if (literal) {
        mut_fresh(seed, &c);
        n = case_encode(&c, bytes);
    } else {
        input_random(&seed, bytes, n);
        bytes[0] = CASE_CHOICES;
    }
    return LLVMFuzzerTestOneInput(bytes, n);
}

/* ---- what children do ---- */

static int judge_some(void) {
    bool ok = true;
    for (uint64_t seed = 0; seed < CASES; seed++)
        ok = ok && !try_seed(seed, seed % 2);
    return ok && n_judged == CASES && n_accepted > CASES / 4 && n_runs > n_accepted ? ALL_WELL : 1;
}

static int refuse_others(void) {
    static const uint8_t none[] = {CASE_LITERAL, 1, 3}, other[] = {77, 1, 1, 1};
    static uint8_t large[CASE_MAX_BYTES + 1] = {CASE_CHOICES};
    const bool kept = LLVMFuzzerTestOneInput(none, 0) == 0 ||
                      LLVMFuzzerTestOneInput(none, sizeof none) == 0 ||
                      LLVMFuzzerTestOneInput(other, sizeof other) == 0 ||
                      LLVMFuzzerTestOneInput(large, sizeof large) == 0;
    return !kept && n_judged == 0 ? ALL_WELL : 1;
}

static int find(void) {
    lies = true;
    return try_seed(1, true);
}

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    _exit(CAUGHT);
}

/* A handler like libFuzzer's is there first; then generated code has run; then this code faults. */
static int fault(void) {
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigemptyset(&sa.sa_mask);
    sigaction(SIGSEGV, &sa, NULL);
    for (uint64_t seed = 0; seed < CASES; seed++)
        try_seed(seed, true);
    int *volatile const nowhere = (int *)(uintptr_t)4096;
    return n_runs > 0 ? *nowhere : 1;
}

static int reach_out(void) {
    try_seed(1, true);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd < 0 && errno == EPERM ? CAUGHT : 1;
}

/* ---- the parent ---- */

/* A child's end: its exit status, or minus the signal; text: what it printed to stderr. */
static int end_of(int (*what)(void), char text[TEXT]) {
    int out[2], status = 0;
    size_t n = 0;
    ssize_t got;
    if (!CHECK(!pipe(out)))
        return 0;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        dup2(out[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        _exit(what());
    }
    close(out[1]);
    while (n + 1 < TEXT && (got = read(out[0], text + n, TEXT - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = 0;
    close(out[0]);
    if (!CHECK(child > 0 && waitpid(child, &status, 0) == child))
        return 0;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int main(void) {
    char text[TEXT];
    CHECK_EQ(end_of(judge_some, text), ALL_WELL);
    if (strstr(text, "no sandbox"))
        return check_skip("this system has no seccomp filters");
    CHECK_STR(text, "");
    CHECK_EQ(end_of(refuse_others, text), ALL_WELL);
    CHECK_EQ(end_of(find, text), -SIGABRT);
    CHECK(strstr(text, "execution: r# differs") && strstr(text, "r0 differs by 7"));
    CHECK_EQ(end_of(fault, text), CAUGHT);
    CHECK_EQ(end_of(reach_out, text), fuzz_sandbox_traps() ? -SIGABRT : CAUGHT);
    CHECK(!fuzz_sandbox_traps() || strstr(text, "sandbox: system call"));
    return check_end();
}
