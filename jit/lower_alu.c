/* lower_alu.c: arithmetic, moves, byte order, casts of arena pointers. */
#include "jit/driver.h"

static bool is_division(uint8_t op) {
    return op >= JOP_UDIV && op <= JOP_SMOD;
}

/* Registers that hold nothing: neither operands nor read later; r6 to r9 only where the function
 * keeps them for its caller. live: as after the operation */
static inline uint16_t free_regs(const struct jit *j, uint32_t live, const struct jit_alu *a) {
    enum {
        ALWAYS = 0x3f | 1 << JR_T0 | 1 << JR_T1
    };
    const uint32_t operands = 1u << a->dst | 1u << a->a | 1u << a->b;
    return (uint16_t)((ALWAYS | j->func->frame.saved) & ~(live | operands));
}

/* An operation with an immediate that must not show, or that is a division. */
static void emit_special(struct jit *j, struct jit_alu *a) {
    if (j->opt->blind) {
        blind_to(j, JR_T0, (uint64_t)a->k);
    } else {
        if (j->opt->opt > 0 && divide_const(j, a))
            return;
        a->nonzero = a->width == 32 ? (uint32_t)a->k != 0 : a->k != 0;
        j_alu_k(j, JOP_MOV, 64, JR_T0, 0, a->k);
    }
    a->imm = false;
    a->b = JR_T0;
    a->dead &= (uint16_t)~(1u << JR_T0);
    j->arch->alu(&j->code, a);
}

/* Is the upper half of the destination known to be 0 afterwards? */
static inline bool makes_zext(const struct jit *j, const struct jit_alu *a) {
    static const bool narrow[N_JIT_OPS] = {
        [JOP_ZEXT8] = true,   [JOP_ZEXT16] = true,  [JOP_ZEXT32] = true,
        [JOP_BSWAP16] = true, [JOP_BSWAP32] = true,
    };
    if (a->width == 32)
        return a->zext || narrow[a->op];
    if (a->op == JOP_MOV)
        return a->imm ? a->k >= 0 : j->known.zext >> a->b & 1;
    return narrow[a->op];
}

static inline void note_result(struct jit *j, uint8_t dst, bool zext) {
    j->known.map[dst] = -1;
    j->known.zext = (uint16_t)((j->known.zext & ~(1u << dst)) | (unsigned)zext << dst);
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

/* What the verifier found: a number, which need not be computed; a divisor that is not 0. */
static void use_facts(const struct jit *j, uint32_t pc, bool alone, struct jit_alu *a) {
    const struct pc_facts *const f = &j->opt->facts->at[pc];
    if (j->opt->opt > 0 && !j->opt->blind && f->dst_const &&
        (int64_t)f->const_value == (int32_t)f->const_value)
        *a = (struct jit_alu){.op = JOP_MOV,
                              .width = 64,
                              .dst = a->dst,
                              .a = a->dst,
                              .b = a->dst,
                              .imm = true,
                              .k = (int64_t)f->const_value};
    else if (alone)
        a->nonzero = f->divisor_known_nonzero;
}

/* Extensions of what is extended already, or whose upper half nobody looks at, are moves. */
static void simplify(const struct jit *j, bool wide, struct jit_alu *a) {
    const bool known = j->known.zext >> a->b & 1;
    if (a->op == JOP_ZEXT32 && (known || !wide))
        a->op = JOP_MOV;
    else if (a->op == JOP_MOV && !a->imm && a->width == 32 && (known || !wide))
        a->width = 64;
}

uint32_t lower_alu(struct jit *j, uint32_t pc, enum op op) {
    struct jit_alu a;
    if (j_row(j, pc)->cls == CLASS_ALU_CAST) {
        cast(j, j->insns[pc], op);
        return 1;
    }
    const uint32_t n = fuse_alu(j, pc, &a);
    const uint32_t last = pc + n - 1, live = j->live ? j->live[last] : UINT32_MAX;
    const bool wide = live >> (16 + a.dst) & 1;
    if (!(live >> a.dst & 1))
        return n; /* nobody reads it */
    if (j->opt->facts)
        use_facts(j, last, n == 1, &a);
    a.zext = a.width == 32 && wide;
    a.dead = free_regs(j, live, &a);
    if (j->opt->opt > 0)
        simplify(j, wide, &a);
    const bool zext = makes_zext(j, &a);
    if (a.imm && (j->opt->blind || is_division(a.op)))
        emit_special(j, &a);
    else
        j->arch->alu(&j->code, &a);
    note_result(j, a.dst, zext);
    return n;
}
