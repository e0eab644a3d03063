/* judge.c: fuzz target of verifier, interpreter and native code together: all oracles on a case,
 * which take turns as the case's numbers say. Generated code runs in this process: a fault in it is
 * an end of the run, a fault anywhere else is the fuzzer's, and a sandbox holds the rest.
 * input: a case in either form (fuzz/case.h) */
#include "fuzz/target.h"

#include <stdio.h>
#include <stdlib.h>

#include "fuzz/judge.h"
#include "fuzz/mut/mut.h"
#include "fuzz/sandbox.h"

#ifdef __AFL_COMPILER
#define FILES FUZZ_SANDBOX_READS /* afl-fuzz keeps the inputs, from its own process */
#else
#define FILES FUZZ_SANDBOX_WRITES
#endif

static struct judge *judge;
static struct stand *stand;
static struct fuzz_case c;

static _Noreturn void stop(const char *what, const char *why) {
    fprintf(stderr, "judge: %s: %s\n", what, why);
    abort();
}

/* Without a back end for this machine the interpreter is the only engine. */
static void set_up(void) {
    static const char *const names[] = {"jit"};
    struct diag d = {.pc = -1};
    enum bpflab_err err = stand_new(&(struct stand_options){names, 1, false, false}, &stand, &d);
    if (err == BPFLAB_E_MISSING)
        err = stand_new(&(struct stand_options){NULL, 0, false, false}, &stand, &d);
    if (err || !(judge = judge_new()))
        stop("no engines", d.text);
    if (!fuzz_sandbox(FILES))
        perror("judge: no sandbox"); /* said, and done without */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct judged out;
    struct diag d = {.pc = -1};
    if (!mut_read(data, size, &c))
        return -1; /* not to be kept */
    if (!stand)
        set_up();
    if (judge_case(judge, stand, &c, &(struct judge_options){0}, &out, &d))
        stop("not tried", d.text);
    if (out.found)
        stop(out.cause.bucket, out.cause.text);
    return 0;
}
