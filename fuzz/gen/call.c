/* call.c: calls of functions, callbacks, iterators, and calls that do not come back. */
#include "fuzz/gen/emit.h"

static bool can_call(const struct gen *g) {
    return !(g->st.pinned & 0x3f);
}

/* A slot that a function gets the address of. */
static int32_t shared_slot(struct gen *g, uint32_t *slot) {
    *slot = gen_below(g, g->n_slots);
    const int32_t off = -8 * (int32_t)(*slot + 1);
    gen_put(g, OP_STXDW, REG_FP, gen_number(g), off, 0);
    g->st.slots[*slot] = (struct held){.is = HELD_NUMBER, .written = 0xff};
    return off;
}

static void put_code_address(struct gen *g, uint32_t reg) {
    gen_put_imm64(g, OP_LDDW_CODE, reg, 0, 0);
    gen_set(g, reg, (struct held){0});
}

/* r2 of a call: a number, or what it holds by chance. */
static void put_number(struct gen *g, uint32_t reg) {
    const uint32_t src = gen_number_but(g, 1);
    if (src != reg)
        gen_put(g, OP_MOV64_REG, reg, src, 0, 0);
    gen_set_number(g, reg);
}

void gen_call_function(struct gen *g) {
    if (!can_call(g) || g->depth >= GEN_DEPTH) {
        gen_alu(g);
        return;
    }
    static const enum gen_function_kind kinds[] = {GEN_FUNC_NUMBERS, GEN_FUNC_STACK, GEN_FUNC_VALUE,
                                                   GEN_FUNC_CTX};
    enum gen_function_kind kind = gen_pick(g, kinds);
    if (kind == GEN_FUNC_CTX && !gen_is(g, 6, HELD_CTX))
        kind = GEN_FUNC_NUMBERS;
    uint32_t slot = 0;
    put_number(g, 2);
    switch (kind) {
    case GEN_FUNC_STACK: {
        const int32_t off = shared_slot(g, &slot);
        gen_to_stack(g, 1, off);
        break;
    }
    case GEN_FUNC_VALUE: gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, 1, FUZZ_MAP_CELL, 0); break;
    case GEN_FUNC_CTX: gen_put(g, OP_MOV64_REG, 1, 6, 0, 0); break;
    default: gen_put(g, OP_MOV64_REG, 1, 2, 0, 0); break;
    }
    if (g->st.regs[2].is != HELD_NUMBER) /* the slot's number was made in it */
        gen_put(g, OP_MOV64_IMM, 2, 0, 0, gen_constant(g));
    if (!gen_new_function(g, kind, 0, gen_here(g))) {
        gen_set(g, 1, (struct held){0});
        return;
    }
    gen_put(g, OP_CALL_LOCAL, 0, 0, 0, 0);
    gen_forget(&g->st);
    gen_drop_packet(&g->st); /* the function may move it */
    gen_set_number(g, 0);
}

void gen_call_loop(struct gen *g) {
    if (!can_call(g) || g->depth > 0 || !gen_may_call(g, HELPER_loop)) {
        gen_loop(g);
        return;
    }
    uint32_t slot;
    const int32_t off = shared_slot(g, &slot);
    if (!gen_new_function(g, GEN_FUNC_LOOP, 0, gen_here(g)))
        return;
    put_code_address(g, 2);
    gen_pin(g, 2);
    const uint32_t n = gen_number_but(g, 1);
    gen_unpin(g, 2);
    gen_put(g, OP_MOV64_REG, 1, n, 0, 0);
    gen_put(g, OP_AND64_IMM, 1, 0, 0, 3);
    gen_to_stack(g, 3, off);
    gen_put(g, OP_MOV64_IMM, 4, 0, 0, 0);
    gen_call(g, HELPER_loop);
    gen_drop_packet(&g->st);
}

void gen_call_each(struct gen *g) {
    if (!can_call(g) || g->depth > 0 || !gen_may_call(g, HELPER_for_each_map_elem)) {
        gen_loop(g);
        return;
    }
    uint32_t slot;
    const uint32_t map = gen_maybe(g, 2) ? FUZZ_MAP_HASH : FUZZ_MAP_ARRAY;
    const int32_t off = shared_slot(g, &slot);
    if (!gen_new_function(g, GEN_FUNC_EACH, map, gen_here(g)))
        return;
    put_code_address(g, 2);
    gen_to_map(g, 1, map);
    gen_to_stack(g, 3, off);
    gen_put(g, OP_MOV64_IMM, 4, 0, 0, 0);
    gen_call(g, HELPER_for_each_map_elem);
    gen_drop_packet(&g->st);
}

/* bpf_iter_num: new, next until NULL, destroy. */
void gen_iterator(struct gen *g) {
    if (!can_call(g) || g->nest >= 2 || g->depth > 0 || !gen_may_kfunc(g, "bpf_iter_num_new") ||
        g->st.regs[6].is == HELD_NOTHING) {
        gen_loop(g);
        return;
    }
    g->nest += 2;
    gen_to_stack(g, 1, GEN_ITER);
    gen_put(g, OP_MOV64_IMM, 2, 0, 0, (int32_t)gen_below(g, 3));
    gen_put(g, OP_MOV64_IMM, 3, 0, 0, (int32_t)gen_below(g, 8));
    gen_kfunc(g, "bpf_iter_num_new");
    for (uint32_t r = 0; r < 10; r++) /* what every round finds */
        if (!(g->st.pinned >> r & 1) && g->st.regs[r].is != HELD_NUMBER)
            g->st.regs[r] = (struct held){0};
    gen_set(g, 0, (struct held){0});
    const struct gen_state head = g->st;
    const uint32_t top = gen_here(g);
    gen_to_stack(g, 1, GEN_ITER);
    gen_kfunc(g, "bpf_iter_num_next");
    const uint32_t out = gen_jump(g, OP_JEQ64_IMM, 0, 0, 0);
    const uint32_t r = gen_kept(g);
    gen_put(g, OP_LDXW, r, 0, 0, 0);
    gen_set_number(g, r);
    gen_set(g, 0, (struct held){0});
    g->depth++;
    gen_pieces(g, gen_below(g, 8));
    g->depth--;
    for (uint32_t k = 0; k < 10; k++)
        if (head.regs[k].is == HELD_NUMBER && g->st.regs[k].is != HELD_NUMBER)
            gen_put(g, OP_MOV64_IMM, k, 0, 0, 1);
    gen_back(g, OP_JA, 0, 0, 0, top);
    gen_land(g, out);
    const struct gen_state after = g->st;
    g->st = head;
    for (uint32_t k = 0; k < GEN_SLOTS; k++)
        if (g->st.slots[k].is != after.slots[k].is)
            g->st.slots[k] = (struct held){0};
    gen_forget(&g->st);
    if (!gen_slip(g)) {
        gen_to_stack(g, 1, GEN_ITER);
        gen_kfunc(g, "bpf_iter_num_destroy");
        gen_set(g, 0, (struct held){0});
    }
    g->nest -= 2;
}

void gen_tail_call(struct gen *g) {
    if (!can_call(g) || g->depth > 0 || !gen_is(g, 6, HELD_CTX) ||
        !gen_may_call(g, HELPER_tail_call)) {
        gen_alu(g);
        return;
    }
    gen_put(g, OP_MOV64_REG, 1, 6, 0, 0);
    gen_to_map(g, 2, FUZZ_MAP_PROGS);
    if (gen_maybe(g, 2)) {
        gen_put(g, OP_MOV64_IMM, 3, 0, 0, (int32_t)gen_below(g, 5));
    } else {
        const uint32_t x = gen_number_but(g, 2);
        if (x == 1)
            return;
        gen_put(g, OP_MOV64_REG, 3, x, 0, 0);
    }
    gen_call(g, HELPER_tail_call);
}
