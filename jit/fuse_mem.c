/* fuse_mem.c: instructions that only make the address of the load or store behind them. */
#include "jit/driver.h"

/* The value that a LDDW of a map's value gives. out: false if it is none */
static bool value_addr(const struct jit *j, uint32_t pc, uint64_t *addr) {
    const struct insn *const in = &j->insns[pc];
    if (j_op(j, pc) != OP_LDDW_MAP_IDX_VALUE || in->imm < 0 || (uint32_t)in->imm >= j->bind->n_maps)
        return false;
    const uint64_t value = j->bind->maps[in->imm].value_addr;
    *addr = value + (uint64_t)(int64_t)in[1].imm;
    return value;
}

/* Is the instruction at pc a load or store through r after which r holds nothing that is read? */
static bool last_use(const struct jit *j, uint32_t pc, uint8_t r) {
    const struct insn in = j->insns[pc];
    switch ((enum op_class)op_table[j_op(j, pc)].cls) {
    case CLASS_LDX: return in.src == r && (in.dst == r || !flow_live(j, pc, r));
    case CLASS_STX: return in.dst == r && in.src != r && !flow_live(j, pc, r);
    case CLASS_ST: return in.dst == r && !flow_live(j, pc, r);
    default: return false;
    }
}

/* pc adds a register other than r itself to r. */
static bool adds_to(const struct jit *j, uint32_t pc, uint8_t r) {
    const struct insn in = j->insns[pc];
    return !j_entered(j, pc) && j_op(j, pc) == OP_ADD64_REG && in.dst == r && in.src != r;
}

static bool reaches(const struct jit *j, int64_t off) {
    return off >= -(int64_t)j->arch->far_reach && off <= j->arch->far_reach;
}

/* r1 = value of a map; [r1 += r2;] access through r1 */
static uint32_t from_value(const struct jit *j, uint32_t pc, struct jit_mem *m) {
    const uint8_t r = j->insns[pc].dst;
    uint32_t at = pc + 2;
    uint64_t addr;
    int32_t far;
    if (!value_addr(j, pc, &addr) || at >= j->func->end || !j_near_state(j, addr, &far))
        return 0;
    *m = (struct jit_mem){.base = JR_STATE};
    if (adds_to(j, at, r)) {
        m->indexed = true;
        m->index = j->insns[at].src;
        at++;
    }
    if (j_entered(j, at) || !last_use(j, at, r) || !lower_is_plain(j, at, r) ||
        !reaches(j, (int64_t)far + j->insns[at].off))
        return 0;
    m->off = far + j->insns[at].off;
    return at - pc;
}

/* [r1 = r2;] r1 += r3; access through r1 */
static uint32_t from_sum(const struct jit *j, uint32_t pc, struct jit_mem *m) {
    const struct insn in = j->insns[pc];
    const uint8_t r = in.dst;
    uint32_t at = pc;
    *m = (struct jit_mem){.base = r, .indexed = true};
    if (j_op(j, pc) == OP_MOV64_REG) {
        m->base = in.src;
        at++;
        if (!adds_to(j, at, r))
            return 0;
    } else if (j_op(j, pc) != OP_ADD64_REG || in.src == r) {
        return 0;
    }
    m->index = j->insns[at].src;
    at++;
    if (j_entered(j, at) || !last_use(j, at, r) || !lower_is_plain(j, at, r))
        return 0;
    m->off = j->insns[at].off;
    return at - pc;
}

uint32_t fuse_address(const struct jit *j, uint32_t pc, struct jit_mem *m) {
    if (!j->live || !j->arch->far_reach)
        return 0;
    switch ((int)j_op(j, pc)) {
    case OP_LDDW_MAP_IDX_VALUE: return j->opt->blind ? 0 : from_value(j, pc, m);
    case OP_MOV64_REG:
    case OP_ADD64_REG: return from_sum(j, pc, m);
    default: return 0;
    }
}
