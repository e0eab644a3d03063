/* flow.c: which registers are read later, and of which the upper half: backward over the program
 * until nothing changes.
 *
 * A word has bit r if r is read, bit 16 + r if its upper half is. An operation whose low half
 * depends on low halves alone passes on what is asked of its result.
 */
#include <stdlib.h>

#include "jit/driver.h"
#include "runtime/proto.h"

enum {
    MAX_PASSES = 16,
    CALLER_SAVED = 0x3f, /* r0 to r5 */
};

static uint32_t low(unsigned r) {
    return 1u << r;
}
static uint32_t wide(unsigned r) {
    return 0x10001u << r;
}

/* All of the first n argument registers. */
static uint32_t args(unsigned n) {
    return ((1u << n) - 1) << 1 | ((1u << n) - 1) << 17;
}

/* What is read where a function is left, beside its result. */
static uint32_t exposed(const struct jit *j) {
    return j->opt->expose ? KEPT * 0x10001u : 0;
}

static uint32_t kill(uint32_t out, unsigned r) {
    return out & ~wide(r);
}

/* Arithmetic: of an operand as much as is asked of the result, or all. */
static inline uint32_t alu(uint32_t out, const struct row *row, const struct insn *in) {
    if (!(out & low(in->dst)))
        return out; /* it will not be made */
    const bool all =
        !(row->flags & ROW_LOW) && (!(row->flags & ROW_CLOSED) || (out & wide(in->dst)) >> 16);
    const uint32_t operand = all ? wide(0) : low(0);
    out = kill(out, in->dst);
    out |= row->flags & ROW_READS_DST ? operand << in->dst : 0;
    return out | (row->flags & ROW_READS_SRC ? operand << in->src : 0);
}

/* An arena without a page there leaves the register that would get the old value as it was. */
static uint32_t atomic(const struct jit *j, uint32_t out, const struct row *row, struct insn in) {
    const uint32_t operand = row->width == 64 || j->plan.slow_memory ? wide(0) : low(0);
    if (row->cls == CLASS_ATOMIC_CMPXCHG)
        out = kill(out, 0) | operand;
    else if (row->flags & ROW_WRITES_SRC)
        out = kill(out, in.src);
    return out | wide(in.dst) | operand << in.src;
}

static uint32_t call(const struct jit *j, uint32_t out, const struct row *row, struct insn in) {
    const bool known = row->cls == CLASS_CALL && !(j->opt->unwind && in.imm == HELPER_UNWIND);
    out &= ~(CALLER_SAVED * 0x10001u);
    if (row->cls == CLASS_CALL_REG)
        out |= wide(in.imm ? (unsigned)in.imm : in.dst);
    else if (row->cls == CLASS_CALL && in.imm == HELPER_tail_call)
        out |= wide(0); /* it keeps r0 */
    else if (row->cls == CLASS_CALL_LOCAL && !j->opt->trusted)
        out |= (KEPT | 1) * 0x10001u; /* what a function finds there it may read */
    return out | args(known ? helper_reads((uint32_t)in.imm) : 5);
}

/* What is read from an instruction other than arithmetic on, given what is read after it. */
static uint32_t before(const struct jit *j, const struct row *row, const struct insn *at,
                       uint32_t out) {
    const struct insn in = *at;
    switch ((enum op_class)row->cls) {
    case CLASS_JMP_COND: {
        const uint32_t operand = row->width == 64 ? wide(0) : low(0);
        return out | operand << in.dst | (row->flags & ROW_READS_SRC ? operand << in.src : 0);
    }
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD: return kill(out, in.dst) | wide(in.src);
    case CLASS_STX:
    case CLASS_ATOMIC_STORE:
        return out | wide(in.dst) | (row->width == 64 ? wide(in.src) : low(in.src));
    case CLASS_ST: return out | wide(in.dst);
    case CLASS_IMM64: return kill(out, in.dst);
    case CLASS_PKT:
        out &= ~(CALLER_SAVED * 0x10001u);
        out |= exposed(j); /* it may leave the function */
        return out | wide(6) | (row->flags & ROW_READS_SRC ? low(in.src) : 0);
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG: return atomic(j, out, row, in);
    case CLASS_CALL:
    case CLASS_CALL_LOCAL:
    case CLASS_CALL_KFUNC:
    case CLASS_CALL_REG: return call(j, out, row, in);
    case CLASS_EXIT: return wide(0) | exposed(j);
    default: return out;
    }
}

/* One pass; in: what is read from each pc on, as known so far, last 0.
 * out: did it change where a backward jump leads, so that another pass is needed? */
static bool pass(const struct jit *j, uint32_t *in) {
    /* in locals, for the compiler cannot know that a store to live changes none of them */
    const struct insn *const insns = j->prog->insns;
    const uint8_t *const ops = j->ops, *const flags = j->plan.flags;
    uint32_t *const live = j->live;
    bool changed = false;
    uint32_t out = 0;
    for (uint32_t pc = j->prog->n_insns; pc-- > 0;) {
        const struct row *const row = &jit_rows[ops[pc]];
        if (row->flags & (ROW_JUMPS | ROW_ENDS)) {
            if (row->flags & ROW_ENDS)
                out = 0;
            if (row->flags & ROW_JUMPS)
                out |= in[pc + 1 + (uint32_t)insn_jump((enum op)ops[pc], insns[pc])];
        }
        live[pc] = out;
        out = row->cls <= CLASS_ALU_CAST ? alu(out, row, &insns[pc])
                                         : before(j, row, &insns[pc], out);
        if (flags[pc] & PLAN_TARGET) {
            changed |= flags[pc] & PLAN_LOOP && out != in[pc];
            in[pc] = out;
        }
    }
    return changed;
}

enum bpflab_err flow_make(struct jit *j) {
    const uint32_t n = j->prog->n_insns;
    uint32_t *const in = calloc(n, sizeof *in);
    j->live = malloc(n * sizeof *j->live);
    if (!in || !j->live) {
        free(in);
        return BPFLAB_E_NOMEM;
    }
    int left = MAX_PASSES;
    while (pass(j, in) && left)
        left--;
    free(in);
    if (!left) { /* not at rest: nothing is known */
        free(j->live);
        j->live = NULL;
    }
    return BPFLAB_OK;
}
