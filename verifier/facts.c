/* facts.c: what the kept knowledge of an accepted program tells a JIT. Numbers are told only where
 * no run may have others (loose.h); what was decided, reached or proved of pointers always
 * holds. */
#include "verifier/knowledge.h"

#include <stdlib.h>

#include "runtime/proto.h"
#include "verifier/alu_family.h"
#include "verifier/domain/alu.h"
#include "verifier/loose.h"

/* struct teller: what the facts are told from. */
struct teller {
    const struct knowledge *k;
    const struct prog *prog;
    const struct progtype *type; /* NULL: no row */
    const uint16_t *loose;       /* by pc; NULL: trust no number */
    bool open_ctx;               /* how long the context is, the hook decides */
};

static bool is_loose(const struct teller *t, uint32_t pc, uint32_t reg) {
    return !t->loose || (t->loose[pc] >> reg & 1);
}

static bool is_division(enum op op) {
    switch (alu_family(op)) {
    case FAMILY_DIV:
    case FAMILY_SDIV:
    case FAMILY_MOD:
    case FAMILY_SMOD: return true;
    default: return false;
    }
}

static bool divisor_nonzero(const struct teller *t, uint32_t pc, enum op op) {
    const struct insn in = t->prog->insns[pc];
    if (!op_table[op].from_reg)
        return in.imm != 0;
    if (is_loose(t, pc, in.src))
        return false;
    const enum scalar_width width = op_table[op].width_bits == 64 ? SCALAR_64 : SCALAR_32;
    for (const struct known *n = t->k->at[pc]; n; n = n->next) {
        const struct reg *const src = &state_regs(&n->st)[in.src];
        if (!reg_is_scalar(src) || !scalar_never(width, REL_EQ, src->v, scalar_const(0)))
            return false;
    }
    return true;
}

/* The operand as the transfer function takes it. out: false: not a number, or not known */
static bool operand(const struct teller *t, const struct known *n, uint32_t pc, uint32_t reg,
                    struct scalar *out) {
    const struct reg *const r = &state_regs(&n->st)[reg];
    if (is_loose(t, pc, reg) || !reg_is_scalar(r))
        return false;
    *out = r->v;
    return true;
}

/* The number that an arithmetic instruction always makes. */
static bool alu_const(const struct teller *t, uint32_t pc, enum op op, uint64_t *value) {
    const struct insn in = t->prog->insns[pc];
    const struct op_info *const row = &op_table[op];
    const bool sext = row->cls == CLASS_ALU_SEXT;
    const bool reads_dst = !sext && alu_family(op) != FAMILY_MOV;
    bool first = true;
    if (row->cls == CLASS_ALU_CAST)
        return false;
    for (const struct known *n = t->k->at[pc]; n; n = n->next) {
        struct scalar a = scalar_unknown(), b = scalar_const((uint64_t)(int64_t)in.imm);
        if ((reads_dst && !operand(t, n, pc, in.dst, &a)) ||
            ((row->from_reg || sext) && !operand(t, n, pc, in.src, &b)))
            return false;
        const struct scalar result = scalar_alu(op, a, b, t->prog->big_endian);
        if (!scalar_is_const(result) || (!first && result.bits.value != *value))
            return false;
        *value = result.bits.value;
        first = false;
    }
    return !first;
}

/* Does the pointer lead where bounds were proved, and no hook decides them later? */
static bool is_proved(const struct teller *t, const struct reg *r) {
    switch ((enum reg_kind)r->kind) {
    case REG_STACK:
    case REG_PACKET:
    case REG_PACKET_META:
    case REG_MAP_VALUE:
    case REG_MAP_KEY:
    case REG_FLOW_KEYS:
    case REG_SOCK_COMMON:
    case REG_SOCK:
    case REG_TCP_SOCK:
    case REG_XDP_SOCK: return true;
    case REG_CTX: return !t->open_ctx;
    case REG_MEM: return !(r->flags & REG_F_UNTRUSTED);
    default: return false; /* loads through kernel pointers are probed */
    }
}

static bool access_bounded(const struct teller *t, uint32_t pc, uint32_t pointer) {
    for (const struct known *n = t->k->at[pc]; n; n = n->next)
        if (!is_proved(t, &state_regs(&n->st)[pointer]))
            return false;
    return true;
}

/* Is the context's field at off one whose access is not what it looks like (runtime/ctx.h)? */
static enum mem_fact ctx_reaches(const struct teller *t, const struct reg *r, bool write) {
    const struct ctx_field *f;
    if (!t->type || t->type->opaque)
        return MEM_PLAIN;
    if (!scalar_is_const(r->v))
        return MEM_ANY;
    f = progtype_field(t->type, (uint32_t)((uint64_t)(int64_t)r->off + r->v.bits.value));
    if (!f)
        return MEM_ANY;
    switch ((enum ctx_kind)f->kind) {
    case CTX_PKT_DATA: return MEM_PKT_DATA;
    case CTX_PKT_END: return MEM_PKT_END;
    case CTX_PKT_META: return MEM_PKT_META;
    case CTX_U16:
    case CTX_QUEUE: return write ? MEM_SLOW : MEM_PLAIN;
    default: return f->flags & CTX_F_PAD && t->prog->big_endian ? MEM_SLOW : MEM_PLAIN;
    }
}

static enum mem_fact pointer_reaches(const struct teller *t, const struct reg *r, int32_t off,
                                     bool write) {
    struct reg at = *r;
    switch ((enum reg_kind)r->kind) {
    case REG_STACK:
    case REG_PACKET:
    case REG_PACKET_META:
    case REG_MAP_VALUE:
    case REG_MAP_KEY:
    case REG_FLOW_KEYS: return MEM_PLAIN;
    case REG_MEM: return r->flags & REG_F_UNTRUSTED ? MEM_ANY : MEM_PLAIN;
    case REG_SOCK_COMMON:
    case REG_SOCK:
    case REG_TCP_SOCK:
    case REG_XDP_SOCK: return t->prog->big_endian ? MEM_ANY : MEM_PLAIN;
    case REG_CTX: at.off += off; return ctx_reaches(t, &at, write);
    case REG_ARENA: return MEM_SLOW;
    default: return MEM_ANY;
    }
}

/* What an access through the pointer reaches, if that is the same in all states. */
static enum mem_fact access_reaches(const struct teller *t, uint32_t pc, uint32_t pointer,
                                    bool write) {
    const int32_t off = t->prog->insns[pc].off;
    enum mem_fact all = MEM_ANY;
    for (const struct known *n = t->k->at[pc]; n; n = n->next) {
        const enum mem_fact one = pointer_reaches(t, &state_regs(&n->st)[pointer], off, write);
        if (one == MEM_ANY || (all != MEM_ANY && one != all))
            return MEM_ANY;
        all = one;
    }
    return all;
}

/* The register that gets a 32-bit result, -1 if none does. */
static int result32(struct insn in, const struct op_info *row) {
    if (row->cls == CLASS_ALU_END)
        return row->imm_fixed < 64 ? in.dst : -1;
    if (row->width_bits == 64)
        return -1;
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ATOMIC_LOAD: return in.dst;
    case CLASS_LDX: return row->sign ? -1 : in.dst;
    case CLASS_ATOMIC_RMW: return row->src_rule == FIELD_WREG ? in.src : -1;
    case CLASS_ATOMIC_XCHG: return in.src;
    case CLASS_ATOMIC_CMPXCHG:
    case CLASS_PKT: return 0;
    default: return -1;
    }
}

static void tell(const struct teller *t, uint32_t pc, struct pc_facts *f) {
    const struct insn in = t->prog->insns[pc];
    const enum op op = op_of(in);
    const struct op_info *const row = &op_table[op];
    const int result = result32(in, row);
    f->live_out = t->k->live_out[pc];
    f->needs_zext = result >= 0 && (t->k->wide_out[pc] >> result & 1);
    f->dead = !t->k->at[pc];
    if (f->dead)
        return;
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST:
        f->dst_const = alu_const(t, pc, op, &f->const_value);
        f->divisor_known_nonzero = is_division(op) && divisor_nonzero(t, pc, op);
        break;
    case CLASS_JMP_COND:
        f->always = t->k->edges[pc] == KNOWN_TAKEN;
        f->never = t->k->edges[pc] == KNOWN_FELL_THROUGH;
        break;
    case CLASS_IMM64:
        f->dst_const = op == OP_LDDW;
        if (f->dst_const)
            f->const_value = insn_imm64(in, t->prog->insns[pc + 1]);
        break;
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD:
        f->bounded = access_bounded(t, pc, in.src);
        f->mem = (uint8_t)access_reaches(t, pc, in.src, false);
        break;
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG:
    case CLASS_ATOMIC_STORE:
        f->bounded = access_bounded(t, pc, in.dst);
        f->mem = (uint8_t)access_reaches(t, pc, in.dst, true);
        break;
    default: break;
    }
}

enum bpflab_err knowledge_facts(const struct knowledge *k, const struct prog *prog,
                                struct facts *out) {
    const struct progtype *const type = progtype_of(prog->type);
    uint16_t *const loose = calloc(k->n_insns, sizeof *loose);
    const enum bpflab_err err = loose ? facts_init(out, k->n_insns) : BPFLAB_E_NOMEM;
    if (err == BPFLAB_OK) {
        const struct teller t = {.k = k,
                                 .prog = prog,
                                 .type = type,
                                 .loose = loose_spread(k, prog, loose) ? loose : NULL,
                                 .open_ctx = !type || type->opaque};
        for (uint32_t pc = 0; pc < k->n_insns; pc += insn_slots(prog->insns[pc]))
            tell(&t, pc, &out->at[pc]);
    }
    free(loose);
    return err;
}
