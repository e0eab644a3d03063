#include "verifier/live.h"

#include "verifier/alu_family.h"
#include "verifier/cfg.h"
#include "verifier/subject_impl.h"

enum {
    R0 = 1 << 0,
    R6 = 1 << 6,
    ARGS = 0x3e,      /* r1 to r5 */
    CLOBBERED = 0x3f, /* r0 to r5 */
    ALL_REGS = 0x7ff,
};

static uint16_t bit(uint32_t r) {
    return (uint16_t)(1u << r);
}

/* r1 to rn */
static uint16_t first_args(uint32_t n) {
    return n >= 5 ? ARGS : (uint16_t)((1u << (n + 1)) - 2);
}

/* ---- what instructions read and write ---- */

static uint16_t helper_uses(const struct subject *s, uint32_t pc) {
    return first_args(helper_reads((uint32_t)s->prog->insns[pc].imm));
}

static uint16_t kfunc_uses(const struct subject *s, uint32_t pc) {
    const struct prog_extern *ext = subject_extern(s, pc);
    const struct btf *btf = s->prog->btf;
    const struct btf_type *func = ext && btf ? btf_type_at(btf, ext->btf_id) : NULL;
    if (!func || func->kind != BTF_FUNC)
        return ARGS;
    const struct btf_type *proto = btf_type_at(btf, func->size_or_type);
    return proto && proto->kind == BTF_FUNC_PROTO ? first_args(proto->n_members) : ARGS;
}

/* Global functions are verified for any argument of their types: their callers pass all of them. */
static uint16_t local_call_uses(const struct subject *s, uint32_t pc) {
    const struct subprog_fact *f = &s->subprogs[s->subprog_of[subject_target(s, pc)]];
    if (f->global)
        return f->args_known ? first_args(f->n_args) : ARGS;
    return s->live_in[f->start] & ARGS;
}

static bool is_move(enum op op) {
    return op == OP_MOV32_IMM || op == OP_MOV32_REG || op == OP_MOV64_IMM || op == OP_MOV64_REG;
}

uint16_t insn_uses(const struct subject *s, uint32_t pc) {
    const struct insn in = s->prog->insns[pc];
    const enum op op = s->ops[pc];
    if (op == OP_INVALID)
        return 0;
    const uint16_t dst = bit(in.dst), src = bit(in.src);
    const uint16_t operand = op_table[op].from_reg ? src : 0;
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_ALU_BINARY: return is_move(op) ? operand : dst | operand;
    case CLASS_ALU_UNARY:
    case CLASS_ALU_END: return dst;
    case CLASS_ALU_SEXT:
    case CLASS_ALU_CAST:
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD: return src;
    case CLASS_JMP_COND: return dst | operand;
    case CLASS_ST:
    case CLASS_JMP_TABLE: return dst;
    case CLASS_STX:
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_STORE: return dst | src;
    case CLASS_ATOMIC_CMPXCHG: return dst | src | R0;
    case CLASS_IMM64:
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET: return 0;
    case CLASS_PKT: return R6 | (op_table[op].src_rule == FIELD_REG ? src : 0);
    case CLASS_CALL: return helper_uses(s, pc);
    case CLASS_CALL_KFUNC: return kfunc_uses(s, pc);
    case CLASS_CALL_LOCAL: return local_call_uses(s, pc);
    case CLASS_CALL_REG: return ALL_REGS;
    case CLASS_EXIT: return R0;
    }
    return ALL_REGS;
}

uint16_t insn_defs(const struct subject *s, uint32_t pc) {
    const struct insn in = s->prog->insns[pc];
    const enum op op = s->ops[pc];
    if (op == OP_INVALID)
        return 0;
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST:
    case CLASS_LDX:
    case CLASS_IMM64:
    case CLASS_ATOMIC_LOAD: return bit(in.dst);
    case CLASS_ATOMIC_RMW: return op_table[op].src_rule == FIELD_WREG ? bit(in.src) : 0;
    case CLASS_ATOMIC_XCHG: return bit(in.src);
    case CLASS_ATOMIC_CMPXCHG: return R0;
    case CLASS_PKT:
    case CLASS_CALL:
    case CLASS_CALL_KFUNC:
    case CLASS_CALL_LOCAL: return CLOBBERED;
    case CLASS_JMP_COND:
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET:
    case CLASS_JMP_TABLE:
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_ATOMIC_STORE:
    case CLASS_CALL_REG:
    case CLASS_EXIT: return 0;
    }
    return 0;
}

/* ---- upper halves ---- */

/* Of an operation whose lower half of the result depends on lower halves alone, the operands' upper
 * halves matter where the result's does. Shift amounts and 32-bit operations look at no upper
 * half. */
static uint16_t alu_uses_wide(const struct subject *s, uint32_t pc, uint16_t wide_after) {
    const enum op op = s->ops[pc];
    const struct insn in = s->prog->insns[pc];
    const uint16_t dst = bit(in.dst), operand = op_table[op].from_reg ? bit(in.src) : 0;
    if (op_table[op].width_bits == 32)
        return 0;
    switch (alu_family(op)) {
    case FAMILY_MOV: return wide_after & dst ? operand : 0;
    case FAMILY_ADD:
    case FAMILY_SUB:
    case FAMILY_MUL:
    case FAMILY_AND:
    case FAMILY_OR:
    case FAMILY_XOR: return wide_after & dst ? dst | operand : 0;
    case FAMILY_LSH: return wide_after & dst;
    case FAMILY_RSH:
    case FAMILY_ARSH: return dst;
    default: return dst | operand;
    }
}

/* Registers whose upper half the instruction reads, given those whose upper half is read after
 * it. */
static uint16_t insn_uses_wide(const struct subject *s, uint32_t pc, uint16_t wide_after) {
    const struct insn in = s->prog->insns[pc];
    const enum op op = s->ops[pc];
    if (op == OP_INVALID)
        return 0;
    const uint16_t dst = bit(in.dst), src = bit(in.src);
    const bool wide = op_table[op].width_bits == 64;
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_ALU_BINARY: return alu_uses_wide(s, pc, wide_after);
    case CLASS_ALU_UNARY: return wide ? wide_after & dst : 0;
    case CLASS_ALU_SEXT: return 0;
    case CLASS_ALU_END:
    case CLASS_JMP_COND: return wide ? insn_uses(s, pc) : 0;
    case CLASS_STX:
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_STORE: return wide ? dst | src : dst;
    case CLASS_ATOMIC_CMPXCHG: return wide ? dst | src | R0 : dst;
    default: return insn_uses(s, pc);
    }
}

/* ---- the analysis: backwards over the graph, until nothing changes ---- */

/* What is live before pc, given what is live after it. */
typedef uint16_t transfer(const struct subject *s, uint32_t pc, uint16_t after);

struct flow {
    struct subject *s;
    /* whose sets depend on that of pc: before[first[pc]] to before[first[pc + 1] - 1] */
    uint32_t *first, *before;
    uint32_t *todo; /* a stack of those to be computed again */
    bool *queued;
    uint32_t n_todo;
};

/* What the set of pc depends on: its successors, and the first instruction of a called function. */
static uint32_t depends_on(const struct subject *s, uint32_t pc,
                           uint32_t on[CFG_MAX_SUCCESSORS + 1]) {
    uint32_t n = cfg_successors(s, pc, on);
    if (s->ops[pc] == OP_CALL_LOCAL)
        on[n++] = (uint32_t)subject_target(s, pc);
    return n;
}

static bool list_dependents(struct flow *f) {
    struct subject *s = f->s;
    const uint32_t n = s->prog->n_insns;
    uint32_t on[CFG_MAX_SUCCESSORS + 1];
    for (uint32_t pc = 0; pc < n; pc += insn_slots(s->prog->insns[pc]))
        for (uint32_t i = depends_on(s, pc, on); i-- > 0;)
            f->first[on[i] + 1]++;
    for (uint32_t pc = 0; pc < n; pc++)
        f->first[pc + 1] += f->first[pc];
    f->before = subject_scratch(s, f->first[n], sizeof *f->before);
    uint32_t *next = subject_scratch(s, n, sizeof *next);
    if (!f->before || !next)
        return false;
    for (uint32_t pc = 0; pc < n; pc += insn_slots(s->prog->insns[pc]))
        for (uint32_t i = depends_on(s, pc, on); i-- > 0;)
            f->before[f->first[on[i]] + next[on[i]]++] = pc;
    return true;
}

static void queue(struct flow *f, uint32_t pc) {
    if (f->queued[pc])
        return;
    f->queued[pc] = true;
    f->todo[f->n_todo++] = pc;
}

uint16_t live_after(const struct subject *s, const uint16_t *in, uint32_t pc) {
    uint32_t to[CFG_MAX_SUCCESSORS];
    uint16_t after = 0;
    for (uint32_t n = cfg_successors(s, pc, to); n-- > 0;)
        after |= in[to[n]];
    return after;
}

static uint16_t live_before(const struct subject *s, uint32_t pc, uint16_t after) {
    return (uint16_t)((after & ~insn_defs(s, pc)) | insn_uses(s, pc));
}

static uint16_t wide_before(const struct subject *s, uint32_t pc, uint16_t after) {
    return (uint16_t)((after & ~insn_defs(s, pc)) | insn_uses_wide(s, pc, after));
}

/* in: n_insns, zero; out: false: out of memory */
static bool solve(struct subject *s, transfer *before_insn, uint16_t *in) {
    const uint32_t n = s->prog->n_insns;
    struct flow f = {.s = s,
                     .first = subject_scratch(s, (size_t)n + 1, sizeof *f.first),
                     .todo = subject_scratch(s, n, sizeof *f.todo),
                     .queued = subject_scratch(s, n, sizeof *f.queued)};
    if (!f.first || !f.todo || !f.queued || !in || !list_dependents(&f))
        return false;
    for (uint32_t pc = 0; pc < n; pc += insn_slots(s->prog->insns[pc]))
        queue(&f, pc);
    while (f.n_todo) {
        const uint32_t pc = f.todo[--f.n_todo];
        f.queued[pc] = false;
        const uint16_t live = before_insn(s, pc, live_after(s, in, pc));
        if (live == in[pc])
            continue;
        in[pc] = live;
        for (uint32_t i = f.first[pc]; i < f.first[pc + 1]; i++)
            queue(&f, f.before[i]);
    }
    return true;
}

bool live_find(struct subject *s, enum bpflab_err *err) {
    const uint32_t n = s->prog->n_insns;
    s->live_in = subject_alloc(s, n, sizeof *s->live_in);
    if (!solve(s, live_before, s->live_in))
        *err = BPFLAB_E_NOMEM;
    if (*err == BPFLAB_OK && (s->opt.keep == KEEP_JOINED || s->opt.keep == KEEP_ALL)) {
        s->wide_in = subject_alloc(s, n, sizeof *s->wide_in);
        if (!solve(s, wide_before, s->wide_in))
            *err = BPFLAB_E_NOMEM;
    }
    return *err == BPFLAB_OK;
}
