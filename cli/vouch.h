/* vouch.h: what the verifier says of an object's programs before machine code is made of them.
 */
#ifndef BPFLAB_CLI_VOUCH_H
#define BPFLAB_CLI_VOUCH_H

#include "cli/cli.h"
#include "loader/object.h"

/* struct vouch: facts by program, for engine_options; owned. */
struct vouch {
    struct facts *facts;             /* one a program; empty where it was not accepted */
    const struct facts **by_program; /* NULL entries where there are none */
    uint32_t n;
    bool trusted; /* whatever a run of the program can reach was accepted */
};

/* struct vouch_run: a program that is to be run, and how much memory a bare one is given. */
struct vouch_run {
    uint32_t prog, mem_bytes;
};

/* vouch_for: verify what the runs can reach: their programs and, where the object has prog arrays,
 * all others.
 * in:     runs of one program that give it different amounts of memory: the least is what holds
 * errors: NOMEM */
enum bpflab_err vouch_for(const struct cli *c, const struct object *o, const struct vouch_run *runs,
                          uint32_t n_runs, struct vouch *out);
void vouch_fini(struct vouch *v);

#endif
