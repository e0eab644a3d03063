/* flow.c: loops, and code that is left early. */
#include "fuzz/gen/emit.h"

/* What loops keep across calls, if they make any. A loop's body sees what holds at its head in
 * every round: nothing that the body changes. */
static void loop_head(struct gen *g, struct gen_state *head) {
    for (uint32_t r = 0; r < 10; r++)
        if (r != 6 && g->st.regs[r].is != HELD_NUMBER && !(g->st.pinned >> r & 1))
            g->st.regs[r] = (struct held){0};
    *head = g->st;
}

/* The body may have lost registers that hold a number at the head: they get one. Where it put
 * something else, so as well. */
static void loop_tail(struct gen *g, const struct gen_state *head) {
    for (uint32_t r = 0; r < 10; r++)
        if (head->regs[r].is == HELD_NUMBER && g->st.regs[r].is != HELD_NUMBER)
            gen_put(g, OP_MOV64_IMM, r, 0, 0, gen_constant(g));
}

/* Slots that held something at the head, and hold something else behind the body, are trusted by
 * nobody. */
static void loop_end(struct gen *g, const struct gen_state *head) {
    const struct gen_state after = g->st;
    g->st = *head;
    for (uint32_t k = 0; k < GEN_SLOTS; k++)
        if (g->st.slots[k].is != after.slots[k].is)
            g->st.slots[k] = (struct held){0};
}

/* for (i = 0; i < n; i += k) { ... } with a counter in one of r6 to r9, or in the stack. */
void gen_loop(struct gen *g) {
    if (g->nest >= 2)
        return;
    const uint32_t i = gen_kept(g);
    const int32_t n = 1 + (int32_t)gen_below(g, 9), k = 1 + (int32_t)gen_below(g, 3);
    static const enum op tests[] = {OP_JLT64_IMM, OP_JNE64_IMM, OP_JLT32_IMM, OP_JSLT64_IMM};
    const enum op test = gen_pick(g, tests);
    struct gen_state head;
    gen_put(g, OP_MOV64_IMM, i, 0, 0, 0);
    gen_set_number(g, i);
    const bool was = g->st.pinned >> i & 1;
    gen_pin(g, i);
    loop_head(g, &head);
    const uint32_t top = gen_here(g);
    g->nest += 2;
    gen_pieces(g, 1 + gen_below(g, 10));
    g->nest -= 2;
    loop_tail(g, &head);
    gen_put(g, OP_ADD64_IMM, i, 0, 0, k);
    gen_back(g, test, i, 0, test == OP_JNE64_IMM ? n * k : n, top);
    loop_end(g, &head);
    if (!was)
        gen_unpin(g, i);
}

/* while (may_goto) { ... }: as often as the budget lets it. */
void gen_open_loop(struct gen *g) {
    if (g->nest >= 2)
        return;
    struct gen_state head;
    loop_head(g, &head);
    const uint32_t top = gen_here(g);
    const uint32_t out = gen_jump(g, OP_MAY_GOTO, 0, 0, 0);
    g->nest += 2;
    gen_pieces(g, 1 + gen_below(g, 8));
    g->nest -= 2;
    loop_tail(g, &head);
    gen_back(g, OP_JA, 0, 0, 0, top);
    gen_land(g, out);
    loop_end(g, &head);
}

/* A jump to the next instruction; or code behind a comparison that is decided, so that no run comes
 * there and what it does to its registers does not matter. */
void gen_skip(struct gen *g) {
    if (gen_maybe(g, 3)) {
        gen_put(g, gen_maybe(g, 2) ? OP_JA : OP_JA32, 0, 0, 0, 0);
        return;
    }
    const uint32_t r = gen_free(g);
    const int32_t k = gen_constant(g);
    gen_put(g, OP_MOV64_IMM, r, 0, 0, k);
    gen_set_number(g, r);
    const struct gen_state known = g->st;
    const uint32_t from = gen_jump(g, gen_maybe(g, 2) ? OP_JEQ64_IMM : OP_JSGE32_IMM, r, 0, k);
    gen_inner(g, 1 + gen_below(g, 3));
    gen_land(g, from);
    g->st = known;
}

/* if (...) return ...; */
void gen_early_exit(struct gen *g) {
    static const enum op tests[] = {OP_JGT64_IMM, OP_JSLT64_IMM, OP_JEQ32_IMM, OP_JSET64_IMM,
                                    OP_JNE64_IMM};
    if (g->depth > 0 || !gen_maybe(g, 2))
        return;
    const uint32_t reg = gen_number(g);
    const enum op test = gen_pick(g, tests);
    const uint32_t from = gen_jump(g, test, reg, 0, gen_constant(g));
    gen_put(g, OP_MOV64_IMM, 0, 0, 0, (int32_t)gen_below(g, 2));
    gen_put(g, OP_EXIT, 0, 0, 0, 0);
    gen_land(g, from);
}
