/* branch.c: JSITE_BRANCH: a comparison and a jump, or one instruction that does both.
 *
 * What asks whether a register or one bit is zero takes cbz or tbz. Else flags are set, by an
 * instruction with the immediate if there is one, for k, for -k or for the number beside k; else
 * with k in X_OPERAND. How it is done is planned first, since its size must be known before.
 */
#include "jit/arm64/arm64.h"

enum compare {
    NOTHING, /* the branch compares */
    CMP,
    CMP_IMM,
    CMN_IMM,
    TST,
    TST_IMM,
};

enum jump {
    ON_FLAGS, /* b.cond */
    ON_ZERO,  /* cbz, cbnz */
    ON_BIT,   /* tbz, tbnz */
};

/* struct branch: how a BRANCH is done: a comparison, and a jump on what it leaves. */
struct branch {
    enum jump jump;
    enum arm64_cond cond; /* ON_FLAGS; else: NE if the register or bit is not to be zero, EQ */
    enum arm64_sf sf;
    enum arm64_reg n, m;
    unsigned bit;
    enum compare compare;
    uint32_t imm; /* the field */
    bool high;    /* it is shifted */
    bool wide;    /* k goes through X_OPERAND */
    uint64_t k;
};

/* on_flags: the machine's condition after cmp, or after tst. */
static enum arm64_cond on_flags(uint8_t cond) {
    static const uint8_t map[] = {
        [JC_EQ] = ARM64_EQ,  [JC_NE] = ARM64_NE,  [JC_UGT] = ARM64_HI, [JC_ULE] = ARM64_LS,
        [JC_UGE] = ARM64_HS, [JC_ULT] = ARM64_LO, [JC_SGT] = ARM64_GT, [JC_SLE] = ARM64_LE,
        [JC_SGE] = ARM64_GE, [JC_SLT] = ARM64_LT, [JC_SET] = ARM64_NE, [JC_NSET] = ARM64_EQ,
    };
    return (enum arm64_cond)map[cond];
}

static bool is_test(uint8_t cond) {
    return cond == JC_SET || cond == JC_NSET;
}

/* on_zero: is the condition "a is (not) 0"? */
static bool on_zero(struct branch *p, uint8_t cond) {
    const uint64_t all = arm64_mask(p->sf);
    const bool equal = cond == JC_EQ || cond == JC_NSET || cond == JC_ULE || cond == JC_ULT;
    switch (cond) {
    case JC_EQ:
    case JC_NE:
    case JC_ULE:
    case JC_UGT:
        if (p->k != 0)
            return false;
        break;
    case JC_ULT:
    case JC_UGE:
        if (p->k != 1)
            return false;
        break;
    case JC_SET:
    case JC_NSET:
        if (p->k != all)
            return false;
        break;
    default: return false;
    }
    p->jump = ON_ZERO;
    p->cond = equal ? ARM64_EQ : ARM64_NE;
    return true;
}

/* on_bit: is the condition one of a single bit: the sign, or the one that is tested? */
static bool on_bit(struct branch *p, uint8_t cond) {
    const uint64_t all = arm64_mask(p->sf);
    bool one;
    if (is_test(cond) && p->k && !(p->k & (p->k - 1))) {
        p->bit = (unsigned)__builtin_ctzll(p->k);
        one = cond == JC_SET;
    } else if ((cond == JC_SLT || cond == JC_SGE) && p->k == 0) {
        p->bit = p->sf == ARM64_X ? 63 : 31;
        one = cond == JC_SLT;
    } else if ((cond == JC_SLE || cond == JC_SGT) && p->k == all) {
        p->bit = p->sf == ARM64_X ? 63 : 31;
        one = cond == JC_SLE;
    } else {
        return false;
    }
    p->jump = ON_BIT;
    p->cond = one ? ARM64_NE : ARM64_EQ;
    return true;
}

/* compare_imm: is there an instruction that compares with k? cmn compares with -k; only for 0 it
 * would leave another carry, and that one cmp takes. */
static bool compare_imm(struct branch *p, uint64_t k) {
    const uint64_t minus = (0 - k) & arm64_mask(p->sf);
    if (arm64_is_imm12(k, &p->high))
        p->compare = CMP_IMM;
    else if (arm64_is_imm12(minus, &p->high))
        p->compare = CMN_IMM;
    else
        return false;
    p->imm = (uint32_t)((p->compare == CMP_IMM ? k : minus) >> (p->high ? 12 : 0));
    return true;
}

/* neighbour: a condition and a constant beside k that mean the same: > k is >= k + 1. */
static bool neighbour(uint8_t cond, enum arm64_sf sf, uint64_t *k, uint8_t *other) {
    const uint64_t all = arm64_mask(sf), most = all >> 1;
    switch (cond) {
    case JC_UGT: *other = JC_UGE; break;
    case JC_ULE: *other = JC_ULT; break;
    case JC_UGE: *other = JC_UGT; break;
    case JC_ULT: *other = JC_ULE; break;
    case JC_SGT: *other = JC_SGE; break;
    case JC_SLE: *other = JC_SLT; break;
    case JC_SGE: *other = JC_SGT; break;
    case JC_SLT: *other = JC_SLE; break;
    default: return false;
    }
    const bool up = cond == JC_UGT || cond == JC_ULE || cond == JC_SGT || cond == JC_SLE;
    const bool is_signed = cond >= JC_SGT;
    const uint64_t end = up ? (is_signed ? most : all) : (is_signed ? most + 1 : 0);
    if (*k == end)
        return false;
    *k = (up ? *k + 1 : *k - 1) & all;
    return true;
}

static void with_constant(struct branch *p, uint8_t cond) {
    if (on_zero(p, cond) || on_bit(p, cond))
        return;
    if (is_test(cond)) {
        if (arm64_bitmask(p->sf, p->k, &p->imm)) {
            p->compare = TST_IMM;
            return;
        }
    } else {
        uint64_t k = p->k;
        uint8_t other;
        if (compare_imm(p, k))
            return;
        if (neighbour(cond, p->sf, &k, &other) && compare_imm(p, k)) {
            p->cond = on_flags(other);
            return;
        }
    }
    p->compare = is_test(cond) ? TST : CMP;
    p->wide = p->k != 0;
    p->m = p->wide ? X_OPERAND : XZR;
}

static struct branch branch_of(const struct jit_site *s) {
    struct branch p = {
        .jump = ON_FLAGS,
        .cond = on_flags(s->cond),
        .sf = s->width == 64 ? ARM64_X : ARM64_W,
        .n = arm64_reg(s->a),
    };
    if (s->imm) {
        p.k = (uint64_t)s->k & arm64_mask(p.sf);
        with_constant(&p, s->cond);
    } else if (is_test(s->cond) && s->a == s->b) {
        p.jump = ON_ZERO;
    } else {
        p.compare = is_test(s->cond) ? TST : CMP;
        p.m = arm64_reg(s->b);
    }
    return p;
}

static unsigned compare_bytes(const struct branch *p) {
    return 4 * ((p->wide ? arm64_set_count(p->k) : 0) + (p->compare != NOTHING));
}

static void compare(struct jit_buf *b, const struct branch *p) {
    if (p->wide)
        arm64_set(b, X_OPERAND, p->k);
    switch (p->compare) {
    case NOTHING: break;
    case CMP: arm64_subs(b, p->sf, XZR, p->n, p->m, 0); break;
    case CMP_IMM: arm64_subs_imm(b, p->sf, XZR, p->n, p->imm, p->high); break;
    case CMN_IMM: arm64_adds_imm(b, p->sf, XZR, p->n, p->imm, p->high); break;
    case TST: arm64_ands(b, p->sf, XZR, p->n, p->m, 0); break;
    case TST_IMM: arm64_ands_imm(b, p->sf, XZR, p->n, p->imm); break;
    }
}

/* jump_if: the conditional jump, or its opposite. */
static void jump_if(struct jit_buf *b, const struct branch *p, bool opposite, int64_t distance) {
    const enum arm64_cond cond = (enum arm64_cond)(p->cond ^ (unsigned)opposite);
    if (p->jump == ON_FLAGS)
        arm64_b_cond(b, cond, distance);
    else if (p->jump == ON_ZERO && cond == ARM64_EQ)
        arm64_cbz(b, p->sf, p->n, distance);
    else if (p->jump == ON_ZERO)
        arm64_cbnz(b, p->sf, p->n, distance);
    else if (cond == ARM64_EQ)
        arm64_tbz(b, p->n, p->bit, distance);
    else
        arm64_tbnz(b, p->n, p->bit, distance);
}

unsigned arm64_branch_bytes(const struct jit_site *s, unsigned form) {
    static const uint8_t jumps[] = {4, 4 + 4, 4 + ARM64_FAR_BYTES};
    const struct branch p = branch_of(s);
    return compare_bytes(&p) + jumps[form];
}

bool arm64_branch_fits(const struct jit_site *s, unsigned form, int64_t distance) {
    const struct branch p = branch_of(s);
    distance -= compare_bytes(&p);
    switch (form) {
    case 0: return arm64_fits(distance, p.jump == ON_BIT ? 16 : 21);
    case 1: return arm64_fits(distance - 4, 28);
    default: return arm64_fits(distance - 4, 32);
    }
}

void arm64_branch(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance) {
    const struct branch p = branch_of(s);
    distance -= compare_bytes(&p);
    compare(b, &p);
    if (form == 0) {
        jump_if(b, &p, false, distance);
    } else if (form == 1) {
        jump_if(b, &p, true, 8);
        arm64_b(b, distance - 4);
    } else {
        jump_if(b, &p, true, 4 + ARM64_FAR_BYTES);
        arm64_far(b, distance - 4, false);
    }
}
