/* monotone.c: a further check in an accepted program: if (number ...) { leave at once }. What comes
 * behind it is known better, and leaving is allowed where nothing is held: it stays accepted. */
#include "fuzz/judging.h"

#include "fuzz/edit.h"
#include "fuzz/input.h"
#include "runtime/progtype.h"

/* struct site: where a check may stand, and on which register. */
struct site {
    uint32_t pc, reg;
};

/* A number in all states of an instruction, in the entry's frame, with nothing held. */
static uint16_t numbers_at(const struct knowledge *k, uint32_t pc) {
    uint16_t regs = 0x3ff;
    bool any = false;
    for (uint32_t i = 1; i < k->n_records; i++) {
        const struct record *const r = &k->records[i];
        if (r->pc != pc)
            continue;
        any = true;
        if (r->st.depth || r->st.n_refs || r->st.rcu_depth || r->st.preempt_depth ||
            r->st.frames[0]->in_callback || r->st.frames[0]->subprog)
            return 0;
        for (uint32_t reg = 0; reg < 10; reg++)
            if (!reg_is_scalar(&r->st.frames[0]->regs[reg]))
                regs &= (uint16_t)~(1u << reg);
    }
    /* of one that nothing reads, paths may have ended early that have none */
    return any ? regs & k->live_in[pc] : 0;
}

static bool choose(const struct judging *g, uint64_t *seed, struct site *out) {
    const uint32_t n = case_n_insns(g->c, 0);
    for (int tries = 0; tries < 4; tries++) {
        const uint32_t pc = (uint32_t)(input_next(seed) % n);
        const uint16_t regs = numbers_at(g->knowledge, pc);
        for (uint32_t k = 0, reg = (uint32_t)(input_next(seed) % 10); k < 10; k++)
            if (regs >> (reg + k) % 10 & 1) {
                *out = (struct site){pc, (reg + k) % 10};
                return true;
            }
    }
    return false;
}

/* A value that programs of the type may return. */
static int32_t result(uint32_t type) {
    const struct progtype *const t = progtype_of(type);
    return t && t->ret_min > INT32_MIN && t->ret_min < INT32_MAX ? (int32_t)t->ret_min : 0;
}

enum bpflab_err oracle_monotone(struct judging *g) {
    static const enum op tests[] = {OP_JLE64_IMM, OP_JGT64_IMM,  OP_JSLT64_IMM, OP_JEQ64_IMM,
                                    OP_JNE64_IMM, OP_JSGE32_IMM, OP_JLT32_IMM,  OP_JSET64_IMM};
    struct judge *const j = g->judge;
    uint64_t seed = g->turn;
    struct site at;
    if (!g->knowledge || !g->knowledge->complete || !choose(g, &seed, &at))
        return BPFLAB_OK;
    const enum op test = tests[input_next(&seed) % (sizeof tests / sizeof *tests)];
    static const int32_t limits[] = {0, 1, 7, 8, 63, 255, 4096, INT32_MAX, -1, INT32_MIN};
    const struct insn check[] = {
        {.code = op_table[test].code,
         .dst = (uint8_t)at.reg,
         .off = 2,
         .imm = limits[input_next(&seed) % (sizeof limits / sizeof *limits)]},
        {.code = op_table[OP_MOV64_IMM].code, .imm = result(g->c->type)},
        {.code = op_table[OP_EXIT].code},
    };
    j->edited = *g->c;
    if (!edit_insert(&j->edited, at.pc, check, 3))
        return BPFLAB_OK;
    enum bpflab_err err = case_object_set(&j->edited_object, &j->edited, g->stand->big_endian);
    struct verify_result r;
    if (!err)
        err = judging_verify(g, &j->edited_object.object, 0, NULL, &r);
    if (err)
        return err;
    if (r.verdict == VERDICT_REJECT && !judging_narrower(&r.report))
        judging_found(g, ORACLE_MONOTONE, NULL, 0, at.pc,
                      "rejected once r%u is checked at pc %u (code %#x, %d): pc %u: %s", at.reg,
                      at.pc, check[0].code, check[0].imm, r.report.pc, r.report.linux_text);
    verify_result_fini(&r);
    return BPFLAB_OK;
}
