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

/* vouch_for: verify what a run of program prog can reach: itself and, where the object has prog
 * arrays, all others.
 * in:     mem_bytes: a bare program's memory
 * errors: NOMEM */
enum bpflab_err vouch_for(const struct cli *c, const struct object *o, uint32_t prog,
                          uint32_t mem_bytes, struct vouch *out);
void vouch_fini(struct vouch *v);

#endif
