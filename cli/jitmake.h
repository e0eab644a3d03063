/* jitmake.h: one program through verifier and compiler: what `bpflab jit` reports of it.
 */
#ifndef BPFLAB_CLI_JITMAKE_H
#define BPFLAB_CLI_JITMAKE_H

#include "cli/paper.h"
#include "loader/core.h"
#include "verifier/verify.h"

struct jitmake_options {
    const struct jit_arch *target;
    struct jit_options jit;     /* trusted and facts are what verification says */
    bool verify;                /* else nothing is known */
    uint32_t mem_bytes;         /* bare programs: memory that r1 points to */
    struct core_target *kernel; /* or NULL */
};

/* struct jitmake: what came of it; for jitmake_fini. */
struct jitmake {
    const struct prog *prog;
    bool verified; /* verdict says something */
    enum verdict verdict;
    enum bpflab_err err; /* why there is no code; diag says more */
    struct diag diag;
    struct jit_code code;
    uint64_t compile_ns; /* median */
};

/* jitmake: verify, compile, compile again as often as the median needs.
 * out:    *out; a program that cannot be compiled is no error
 * errors: NOMEM, INTERNAL: of the verifier */
enum bpflab_err jitmake(struct paper *paper, uint32_t prog, const struct jitmake_options *opt,
                        struct jitmake *out, struct diag *d);
void jitmake_fini(struct jitmake *m);

#endif
