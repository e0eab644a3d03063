/* ctxfill.h: what each program type's context starts with (ctxfill.c). For ctx.c only.
 */
#ifndef BPFLAB_RUNTIME_CTXFILL_H
#define BPFLAB_RUNTIME_CTXFILL_H

#include "runtime/netstate.h"

/* struct ctx_fill: everything that the functions read. */
struct ctx_fill {
    struct world *w;
    const struct progtype *pt;
    const struct net_env *env;
    const struct net_input *in;
    struct net_state *st;
    struct net_parsed parsed; /* of the frame, before its headers were pulled */
    uint32_t frame_bytes;
};

/* struct ctx_filler: fill writes a zeroed context's scalar fields from the table; then the caller's
 * bytes go over them; derive writes what follows from packet and sockets. Either may be NULL. */
struct ctx_filler {
    void (*fill)(const struct ctx_fill *f);
    void (*derive)(const struct ctx_fill *f);
};

/* ctx_filler_of: a program type's, of NULLs if it has none. Never NULL. */
const struct ctx_filler *ctx_filler_of(uint32_t prog_type);

#endif
