/* pointer.c: arithmetic on pointers, near the ends of what they point to. */
#include "fuzz/gen/emit.h"

enum {
    VALUE_BYTES = 64, /* of FUZZ_MAP_IN */
};

static const enum op loads[] = {OP_LDXB, OP_LDXH, OP_LDXW, OP_LDXDW};

static void load_at(struct gen *g, uint32_t p, uint32_t size, int32_t off) {
    const uint32_t r = gen_free_but(g, p);
    gen_put(g, loads[size], r, p, off, 0);
    gen_set_number(g, r);
}

/* Constants forth and back; the access just fits. */
void gen_pointer_add(struct gen *g) {
    const uint32_t p = gen_free(g), size = gen_below(g, 4), n = 1u << size;
    int32_t at = (int32_t)gen_below(g, VALUE_BYTES / 8) * 8;
    gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, p, FUZZ_MAP_IN, at);
    for (uint32_t k = 1 + gen_below(g, 2); k > 0; k--) {
        const int32_t by = (int32_t)gen_below(g, 2 * VALUE_BYTES) - VALUE_BYTES;
        gen_put(g, gen_maybe(g, 4) ? OP_SUB64_IMM : OP_ADD64_IMM, p, 0, 0, by);
        at += g->c->insns[g->n - 1].code == op_table[OP_SUB64_IMM].code ? -by : by;
    }
    const int32_t to = (int32_t)gen_below(g, VALUE_BYTES / n) * (int32_t)n;
    if (at < -512 || at > 512)
        return;
    gen_set(g, p, (struct held){0});
    load_at(g, p, size, to - at + (gen_slip(g) ? VALUE_BYTES - to : 0));
}

/* p += x, p -= y, with bounds; the access just fits. */
void gen_pointer_variable(struct gen *g) {
    const uint32_t x = gen_own_number(g), p = gen_free_but(g, x), size = gen_below(g, 4);
    const uint32_t n = 1u << size, max = gen_below(g, VALUE_BYTES - n + 1);
    gen_bound(g, x, max);
    gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, p, FUZZ_MAP_IN, 0);
    gen_set(g, p, (struct held){0});
    const int32_t rest = (int32_t)(VALUE_BYTES - n - max);
    switch (gen_below(g, 4)) {
    case 0: /* from the end backward */
        gen_put(g, OP_ADD64_IMM, p, 0, 0, (int32_t)max);
        gen_put(g, OP_SUB64_REG, p, x, 0, 0);
        break;
    case 1: /* number += pointer */
        gen_put(g, OP_ADD64_REG, x, p, 0, 0);
        gen_put(g, OP_MOV64_REG, p, x, 0, 0);
        gen_set(g, x, (struct held){0});
        break;
    default: gen_put(g, OP_ADD64_REG, p, x, 0, 0); break;
    }
    const int32_t beyond = gen_slip(g) ? rest + 1 : 0;
    const int32_t off = (int32_t)gen_below(g, (uint32_t)rest + 1) + beyond;
    if (gen_maybe(g, 3)) {
        static const enum op stores[] = {OP_STXB, OP_STXH, OP_STXW, OP_STXDW};
        gen_put(g, stores[size], p, gen_number_but(g, p), off, 0);
    } else {
        load_at(g, p, size, off);
    }
}

/* Pointers are compared: with NULL at both widths, with each other. */
void gen_pointer_compare(struct gen *g) {
    const uint32_t p = gen_free(g);
    if (gen_maybe(g, 2))
        gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, p, FUZZ_MAP_CELL, (int32_t)gen_below(g, 40));
    else
        gen_to_stack(g, p, -8);
    gen_set(g, p, (struct held){0});
    static const enum op tests[] = {OP_JEQ64_IMM, OP_JNE64_IMM, OP_JEQ32_IMM, OP_JNE32_IMM};
    const uint32_t from = gen_jump(g, gen_pick(g, tests), p, 0, 0);
    const struct gen_state before = g->st;
    gen_pin(g, p);
    gen_inner(g, 1 + gen_below(g, 4));
    g->st.pinned = before.pinned;
    gen_land(g, from);
    gen_meet(&g->st, &before);
}

/* The difference of two pointers into one thing is a number. */
void gen_pointer_sub(struct gen *g) {
    const uint32_t x = gen_own_number(g), p = gen_free_but(g, x);
    gen_pin(g, x);
    const uint32_t q = gen_free_but(g, p);
    gen_unpin(g, x);
    gen_to_stack(g, p, -64);
    gen_put(g, OP_MOV64_REG, q, p, 0, 0);
    gen_bound(g, x, 15);
    gen_put(g, OP_ADD64_REG, q, x, 0, 0);
    gen_put(g, OP_SUB64_REG, q, p, 0, 0);
    gen_set_number(g, q);
    gen_set(g, p, (struct held){0});
}
