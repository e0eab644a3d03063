/* code_wire.h: machine code in a message to an executor, which puts it at off of its code area. */
#ifndef BPFLAB_ENGINE_CODE_WIRE_H
#define BPFLAB_ENGINE_CODE_WIRE_H

#include "engine/wire.h"
#include "jit/jit.h"

static inline void code_put(struct wire_out *q, const struct jit_code *c, uint32_t off,
                            uint32_t exception_pc) {
    wire_put32(q, off);
    wire_put_bytes(q, c->bytes, c->n_bytes);
    wire_put32(q, c->n_insns);
    for (uint32_t i = 0; i <= c->n_insns; i++)
        wire_put32(q, c->pc_off[i]);
    wire_put32(q, c->n_funcs);
    for (uint32_t i = 0; i < c->n_funcs; i++) {
        wire_put32(q, c->funcs[i].pc);
        wire_put32(q, c->funcs[i].off);
    }
    wire_put32(q, exception_pc);
}

#endif
