/* lower_alu.c: arithmetic, moves, byte order, casts of arena pointers. */
#include "jit/driver.h"

static bool is_division(uint8_t op) {
    return op >= JOP_UDIV && op <= JOP_SMOD;
}

/* Registers that hold nothing: neither operands nor read later; r6 to r9 only where the function
 * keeps them for its caller. */
static inline uint16_t free_regs(const struct jit *j, uint32_t pc, const struct jit_alu *a) {
    enum {
        ALWAYS = 0x3f | 1 << JR_T0 | 1 << JR_T1
    };
    if (!j->live)
        return 0;
    const uint32_t operands = 1u << a->dst | 1u << a->a | 1u << a->b;
    return (uint16_t)((ALWAYS | j->func->frame.saved) & ~(j->live[pc] | operands));
}

/* Make the operation, once changed to what it will be: an immediate hidden, a division left to the
 * back end. */
static void emit(struct jit *j, struct jit_alu *a) {
    if (a->imm && j->opt->blind) {
        blind_to(j, JR_T0, (uint64_t)a->k);
        a->imm = false;
        a->b = JR_T0;
        a->dead &= (uint16_t)~(1u << JR_T0);
    } else if (a->imm && is_division(a->op)) {
        if (j->opt->opt > 0 && divide_const(j, a))
            return;
        a->nonzero = a->width == 32 ? (uint32_t)a->k != 0 : a->k != 0;
        j_alu_k(j, JOP_MOV, 64, JR_T0, 0, a->k);
        a->imm = false;
        a->b = JR_T0;
        a->dead &= (uint16_t)~(1u << JR_T0);
    }
    j->arch->alu(&j->code, a);
}

/* What is known of the destination's upper half afterwards. */
static void note_result(struct jit *j, const struct jit_alu *a) {
    const uint16_t bit = (uint16_t)(1u << a->dst);
    const bool narrow =
        (a->op >= JOP_ZEXT8 && a->op <= JOP_ZEXT32) || a->op == JOP_BSWAP16 || a->op == JOP_BSWAP32;
    j->known.map[a->dst] = -1;
    const bool mov64 = a->op == JOP_MOV && a->width == 64;
    if (narrow || (a->width == 32 && a->zext) || (mov64 && a->imm && a->k >= 0) ||
        (mov64 && !a->imm && (j->known.zext >> a->b & 1)))
        j->known.zext |= bit;
    else
        j->known.zext &= (uint16_t)~bit;
}

static void cast(struct jit *j, struct insn in, enum op op) {
    j_alu(j, JOP_ZEXT32, 64, in.dst, 0, in.src);
    j->known.map[in.dst] = -1;
    if (op == OP_CAST_KERN) {
        j->known.zext |= (uint16_t)(1u << in.dst);
        return;
    }
    const uint32_t null = j_label(j);
    j->known.zext &= (uint16_t)~(1u << in.dst);
    j_branch_k(j, JC_EQ, 64, in.dst, 0, null);
    j_const(j, JR_T0, j->bind->arena_base);
    j_alu(j, JOP_OR, 64, in.dst, in.dst, JR_T0);
    j_bind(j, null);
}

/* A number that the verifier found: no need to compute it. */
static bool by_fact(struct jit *j, uint32_t pc, struct jit_alu *a) {
    if (!j->opt->facts || j->opt->opt == 0 || j->opt->blind)
        return false;
    const struct pc_facts *const f = &j->opt->facts->at[pc];
    if (!f->dst_const || (int64_t)f->const_value != (int32_t)f->const_value)
        return false;
    *a = (struct jit_alu){
        .op = JOP_MOV, .width = 64, .dst = a->dst, .imm = true, .k = (int64_t)f->const_value};
    return true;
}

uint32_t lower_alu(struct jit *j, uint32_t pc, enum op op) {
    struct jit_alu a;
    if (j_row(j, pc)->cls == CLASS_ALU_CAST) {
        cast(j, j->prog->insns[pc], op);
        return 1;
    }
    const uint32_t n = fuse_alu(j, pc, &a);
    const uint32_t last = pc + n - 1;
    if (j->live && !flow_live(j, last, a.dst))
        return n; /* nobody reads it */
    if (!by_fact(j, last, &a) && j->opt->facts && n == 1)
        a.nonzero = j->opt->facts->at[pc].divisor_known_nonzero;
    a.zext = a.width == 32 && flow_wide(j, last, a.dst);
    a.dead = free_regs(j, last, &a);
    if (a.op == JOP_ZEXT32 && j->opt->opt > 0 &&
        ((j->known.zext >> a.b & 1) || !flow_wide(j, last, a.dst)))
        a.op = JOP_MOV; /* it is so already, or nobody looks */
    else if (a.op == JOP_MOV && !a.imm && a.width == 32 && j->opt->opt > 0 &&
             ((j->known.zext >> a.b & 1) || !a.zext))
        a.width = 64;
    emit(j, &a);
    note_result(j, &a);
    return n;
}
