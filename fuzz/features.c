#include "fuzz/features.h"

/* A number's shape: what its ends and bits say, coarsely. */
static uint32_t shape_of(const struct scalar *v) {
    if (scalar_is_const(*v))
        return v->bits.value == 0 ? 1 : v->bits.value <= UINT32_MAX ? 2 : 3;
    uint32_t s = 4;
    s |= v->u.max <= UINT32_MAX ? 8 : 0;
    s |= v->u.max < 4096 ? 16 : 0;
    s |= v->s.min < 0 ? 32 : 0;
    s |= v->s.max >= 0 ? 64 : 0;
    s |= v->u.min > 0 ? 128 : 0;
    s |= v->bits.mask != UINT64_MAX ? 256 : 0;
    s |= (uint32_t)v->u.min > (uint32_t)v->u.max ? 512 : 0;
    return s;
}

static uint32_t look(const struct reg *r) {
    uint32_t s = (uint32_t)r->kind << 10 | shape_of(&r->v);
    s |= reg_is_scalar(r) && r->precise ? 1u << 16 : 0;
    s |= r->id ? 1u << 17 : 0;
    s |= reg_maybe_null(r) ? 1u << 18 : 0;
    return s;
}

static uint32_t mix(uint64_t h) {
    h *= UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(h >> 40) % FEATURES_BITS;
}

static uint32_t add(struct features *f, uint64_t what) {
    const uint32_t at = mix(what);
    const uint64_t bit = UINT64_C(1) << at % 64;
    if (f->seen[at / 64] & bit)
        return 0;
    f->seen[at / 64] |= bit;
    f->n++;
    return 1;
}

uint32_t features_add(struct features *f, const struct prog *p, const struct knowledge *k) {
    uint32_t n = 0;
    for (uint32_t i = 1; i < k->n_records; i++) {
        const struct record *const r = &k->records[i];
        const struct insn in = p->insns[r->pc];
        const enum op op = op_of(in);
        const struct reg *const regs = state_regs(&r->st);
        if (op >= N_OPS || in.dst >= N_REGS || in.src >= N_REGS)
            continue;
        const uint64_t row = (uint64_t)op << 40;
        n += add(f, row | (uint64_t)look(&regs[in.dst]) << 1);
        if (op_table[op].from_reg || op_table[op].cls == CLASS_STX)
            n += add(f, ~(row | (uint64_t)look(&regs[in.src]) << 20 | regs[in.dst].kind));
        if (op_table[op].cls == CLASS_CALL)
            n += add(f, row | UINT64_C(1) << 39 | (uint64_t)(uint32_t)in.imm << 8 | r->st.depth);
        if (r->covered_by)
            n += add(f, row | UINT64_C(1) << 38 | r->st.depth);
    }
    return n;
}
