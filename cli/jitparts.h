/* jitparts.h: machine code cut into parts, each with what it belongs to, in the order of the code.
 */
#ifndef BPFLAB_CLI_JITPARTS_H
#define BPFLAB_CLI_JITPARTS_H

#include "jit/jit.h"

enum jitpart_kind {
    PART_ENTER, /* a function begins: pc is its first */
    PART_INSN,  /* the instructions pc to end - 1; no bytes: nothing is left of them */
    PART_COLD,  /* what belongs to the instruction at pc, out of the way */
    PART_POOL,  /* constants, 8 bytes each, behind the padding */
};

struct jitpart {
    uint8_t kind;     /* enum jitpart_kind */
    uint32_t pc, end; /* INSN: instruction slots [pc, end) */
    uint32_t off, n_bytes;
    const char *what; /* COLD */
};

/* struct jitparts: where one is in the code; zero to begin with. */
struct jitparts {
    uint32_t func, pc, cold;
    bool entered, done;
};

/* jitparts_next: the next part. out: false behind the last */
bool jitparts_next(const struct jit_code *c, struct jitparts *at, struct jitpart *out);

/* jitparts_pool: where the constants begin.
 * jitparts_label: the name of an offset that code refers to: "pc7", "cold2", "func3" (by pc),
 * "pool0".
 * out:    false if no part begins there */
uint32_t jitparts_pool(const struct jit_code *c);
bool jitparts_label(const struct jit_code *c, uint32_t off, char *buf, size_t size);

#endif
