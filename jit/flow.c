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
    UNWIND = 5,
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

static uint32_t kill(uint32_t out, unsigned r) {
    return out & ~wide(r);
}

/* Is the low half of the result a function of the operands' low halves? */
static bool low_closed(enum op op) {
    switch ((int)op) {
    case OP_ADD64_IMM:
    case OP_ADD64_REG:
    case OP_SUB64_IMM:
    case OP_SUB64_REG:
    case OP_MUL64_IMM:
    case OP_MUL64_REG:
    case OP_OR64_IMM:
    case OP_OR64_REG:
    case OP_AND64_IMM:
    case OP_AND64_REG:
    case OP_XOR64_IMM:
    case OP_XOR64_REG:
    case OP_MOV64_IMM:
    case OP_MOV64_REG:
    case OP_NEG64: return true;
    default: return op_table[op].width_bits == 32;
    }
}

static bool is_mov(enum op op) {
    return op == OP_MOV64_REG || op == OP_MOV32_REG || op == OP_MOV64_IMM || op == OP_MOV32_IMM;
}

static uint32_t alu(uint32_t out, const struct op_info *row, enum op op, struct insn in) {
    if (!(out & low(in.dst)))
        return out; /* it will not be made */
    const bool all = !low_closed(op) || (row->width_bits == 64 && (out & wide(in.dst)) >> 16);
    const bool reads_dst = row->cls == CLASS_ALU_BINARY
                               ? !is_mov(op)
                               : row->cls == CLASS_ALU_UNARY || row->cls == CLASS_ALU_END;
    const bool low_only = op == OP_MOVSX32_64 || op == OP_MOVSX16_64 || op == OP_MOVSX8_64 ||
                          row->cls == CLASS_ALU_CAST ||
                          (row->cls == CLASS_ALU_END && row->imm_fixed < 64);
    out = kill(out, in.dst);
    if (reads_dst)
        out |= all && !low_only ? wide(in.dst) : low(in.dst);
    if (row->from_reg || row->cls == CLASS_ALU_SEXT || row->cls == CLASS_ALU_CAST)
        out |= all && !low_only ? wide(in.src) : low(in.src);
    return out;
}

static uint32_t atomic(uint32_t out, const struct op_info *row, struct insn in) {
    const bool cmpxchg = row->cls == CLASS_ATOMIC_CMPXCHG;
    if (cmpxchg)
        out = kill(out, 0) | (row->width_bits == 64 ? wide(0) : low(0));
    else if (row->src_rule == FIELD_WREG)
        out = kill(out, in.src);
    return out | wide(in.dst) | (row->width_bits == 64 ? wide(in.src) : low(in.src));
}

static uint32_t call(const struct jit *j, uint32_t out, const struct op_info *row, struct insn in) {
    const struct helper_proto *const p =
        row->cls == CLASS_CALL ? helper_proto_of((uint32_t)in.imm) : NULL;
    const bool known = p && !(j->opt->unwind && in.imm == UNWIND);
    out &= ~(CALLER_SAVED * 0x10001u);
    if (row->cls == CLASS_CALL_REG)
        out |= wide(in.imm ? (unsigned)in.imm : in.dst);
    return out | args(known ? p->n_args : 5);
}

/* What is read from an instruction on, given what is read after it. */
static uint32_t before(const struct jit *j, uint32_t pc, enum op op, uint32_t out) {
    const struct insn in = j->prog->insns[pc];
    const struct op_info *const row = &op_table[op];
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST: return alu(out, row, op, in);
    case CLASS_JMP_COND:
        if (row->width_bits == 32)
            return out | low(in.dst) | (row->from_reg ? low(in.src) : 0);
        return out | wide(in.dst) | (row->from_reg ? wide(in.src) : 0);
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD: return kill(out, in.dst) | wide(in.src);
    case CLASS_STX:
    case CLASS_ATOMIC_STORE:
        return out | wide(in.dst) | (row->width_bits == 64 ? wide(in.src) : low(in.src));
    case CLASS_ST: return out | wide(in.dst);
    case CLASS_IMM64: return kill(out, in.dst);
    case CLASS_PKT: out &= ~(CALLER_SAVED * 0x10001u); return out | wide(6) | low(in.src);
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG: return atomic(out, row, in);
    case CLASS_CALL:
    case CLASS_CALL_LOCAL:
    case CLASS_CALL_KFUNC:
    case CLASS_CALL_REG: return call(j, out, row, in);
    case CLASS_EXIT: return wide(0) | (j->opt->expose ? wide(6) | wide(7) | wide(8) | wide(9) : 0);
    default: return out;
    }
}

/* One pass; in: what is read from each pc on, as known so far. out: did anything change? */
static bool pass(const struct jit *j, uint32_t *in) {
    const struct prog *p = j->prog;
    bool changed = false;
    for (uint32_t pc = p->n_insns; pc-- > 0;) {
        if (j->plan.flags[pc] & PLAN_SECOND) {
            in[pc] = in[pc + 1];
            continue;
        }
        const enum op op = j_op(j, pc);
        const uint8_t cls = op_table[op].cls;
        const bool falls = cls != CLASS_JMP_ALWAYS && cls != CLASS_EXIT && cls != CLASS_JMP_TABLE;
        uint32_t out = falls ? in[pc + 1] : 0;
        if (cls == CLASS_JMP_COND || cls == CLASS_JMP_ALWAYS || cls == CLASS_JMP_BUDGET)
            out |= in[pc + 1 + (uint32_t)insn_jump(op, p->insns[pc])];
        j->live[pc] = out;
        const uint32_t now = before(j, pc, op, out);
        changed |= now != in[pc] && (j->plan.flags[pc] & PLAN_TARGET);
        in[pc] = now;
    }
    return changed;
}

enum bpflab_err flow_make(struct jit *j) {
    const uint32_t n = j->prog->n_insns;
    uint32_t *const in = calloc((size_t)n + 1, sizeof *in);
    j->live = calloc(n, sizeof *j->live);
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
