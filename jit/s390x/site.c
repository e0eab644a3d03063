/* site.c: branches, calls and pooled constants.
 *
 * Distances count from the branch instruction, which a comparison may precede. All but the short
 * forms reach 4 GiB either way, the machine's widest distance; host functions beyond it are called
 * through a register. What precedes a branch is measured by writing it.
 */
#include "jit/s390x/s390x.h"

enum {
    SHORT_BITS = 16, /* of a distance, in halfwords */
    LONG_BITS = 32,
    BYTES_BRC = 4,
    BYTES_BRAS = 4,
    BYTES_BRCL = 6, /* BRASL, LGRL and the fused branches, too */
    BYTES_BASR = 2,
    BYTES_LGR = 4,
    BYTES_STG = 6,
};

/* ---- comparisons ---- */

/* struct compared: the operands of a BRANCH. An unsigned comparison of 64 bits has no negative
 * immediate: such a k goes to the private register first. */
struct compared {
    enum s390x_gr x, y;
    bool wide, sign, imm;
    bool put; /* k into y before */
    int64_t k;
};

static bool is_test(uint8_t cond) {
    return cond == JC_SET || cond == JC_NSET;
}

static struct compared compared_of(const struct jit_site *s) {
    const bool sign = (s->cond >= JC_SGT && s->cond <= JC_SLT) || s->cond <= JC_NE;
    const bool wide = s->width == 64;
    const int64_t k = wide ? s->k : sign ? (int64_t)(int32_t)s->k : (int64_t)(uint32_t)s->k;
    const bool imm = s->imm && (sign || k >= 0);
    return (struct compared){
        .x = s390x_gr(s->a),
        .y = s->imm ? GR_PRIVATE : s390x_gr(s->b),
        .wide = wide,
        .sign = sign,
        .imm = imm,
        .put = s->imm && !imm,
        .k = k,
    };
}

/* mask_of: the condition codes that mean cond after a comparison or test. */
static unsigned mask_of(uint8_t cond) {
    static const uint8_t masks[] = {
        [JC_EQ] = S390X_EQ,        [JC_NE] = S390X_NE,     [JC_UGT] = S390X_GT, [JC_ULE] = S390X_LE,
        [JC_UGE] = S390X_GE,       [JC_ULT] = S390X_LT,    [JC_SGT] = S390X_GT, [JC_SLE] = S390X_LE,
        [JC_SGE] = S390X_GE,       [JC_SLT] = S390X_LT, //
        [JC_SET] = S390X_NOT_ZERO, [JC_NSET] = S390X_ZERO,
    };
    assert(cond < sizeof masks);
    return masks[cond];
}

/* test: are bits of a and b (or k) set? Bits within 16 are tested under a mask; bits side by side
 * are selected; else the operands are ANDed aside. */
static void test(struct jit_buf *b, const struct jit_site *s) {
    const enum s390x_gr x = s390x_gr(s->a);
    const bool wide = s->width == 64;
    if (!s->imm) {
        (wide ? s390x_ngrk : s390x_nrk)(b, GR_PRIVATE, x, s390x_gr(s->b));
        return;
    }
    const uint64_t k = wide ? (uint64_t)s->k : (uint32_t)s->k;
    const struct s390x_mask m = s390x_mask(k);
    if (k <= UINT16_MAX)
        s390x_tmll(b, x, (int64_t)k);
    else if (k <= UINT32_MAX && !(k & UINT16_MAX))
        s390x_tmlh(b, x, (int64_t)(k >> 16));
    else if (m.ok)
        s390x_risbg(b, GR_PRIVATE, x, m.first, m.last | S390X_LAST_Z, 0);
    else {
        s390x_constant(b, GR_PRIVATE, (uint64_t)s->k);
        (wide ? s390x_ngr : s390x_nr)(b, GR_PRIVATE, x);
    }
}

/* compare: what sets the condition code for a branch that is an instruction of its own. */
static void compare(struct jit_buf *b, const struct jit_site *s) {
    if (is_test(s->cond)) {
        test(b, s);
        return;
    }
    const struct compared c = compared_of(s);
    if (c.put)
        s390x_constant(b, c.y, (uint64_t)c.k);
    if (!c.imm && c.sign)
        (c.wide ? s390x_cgr : s390x_cr)(b, c.x, c.y);
    else if (!c.imm)
        (c.wide ? s390x_clgr : s390x_clr)(b, c.x, c.y);
    else if (!c.sign)
        (c.wide ? s390x_clgfi : s390x_clfi)(b, c.x, c.k);
    else if (s390x_fits_signed(c.k, 16))
        (c.wide ? s390x_cghi : s390x_chi)(b, c.x, c.k);
    else
        (c.wide ? s390x_cgfi : s390x_cfi)(b, c.x, c.k);
}

static unsigned compare_bytes(const struct jit_site *s) {
    uint8_t bytes[48];
    struct jit_buf b = {.bytes = bytes, .capacity = sizeof bytes};
    compare(&b, s);
    return b.n;
}

/* ---- branches ---- */

/* is_fused: is the short form a comparison and a branch in one? */
static bool is_fused(const struct jit_site *s) {
    if (is_test(s->cond))
        return false;
    const struct compared c = compared_of(s);
    return !c.imm || (c.sign ? s390x_fits_signed(c.k, 8) : s390x_fits_unsigned(c.k, 8));
}

/* fused: the branch; a constant may have been put before. */
static void fused(struct jit_buf *b, const struct compared *c, unsigned mask, int64_t distance) {
    if (c->imm && c->sign)
        (c->wide ? s390x_cgij : s390x_cij)(b, c->x, c->k, mask, distance);
    else if (c->imm)
        (c->wide ? s390x_clgij : s390x_clij)(b, c->x, c->k, mask, distance);
    else if (c->sign)
        (c->wide ? s390x_cgrj : s390x_crj)(b, c->x, c->y, mask, distance);
    else
        (c->wide ? s390x_clgrj : s390x_clrj)(b, c->x, c->y, mask, distance);
}

/* before_branch: bytes before the instruction that branches. */
static unsigned before_branch(const struct jit_site *s, unsigned form) {
    if (form || !is_fused(s))
        return compare_bytes(s);
    const struct compared c = compared_of(s);
    return c.put ? s390x_constant_bytes((uint64_t)c.k) : 0;
}

static unsigned branch_bytes(const struct jit_site *s, unsigned form) {
    const bool brc = !form && !is_fused(s);
    return before_branch(s, form) + (brc ? BYTES_BRC : BYTES_BRCL);
}

static void branch(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance) {
    const unsigned mask = mask_of(s->cond);
    distance -= before_branch(s, form);
    if (!form && is_fused(s)) {
        const struct compared c = compared_of(s);
        if (c.put)
            s390x_constant(b, c.y, (uint64_t)c.k);
        fused(b, &c, mask, distance);
        return;
    }
    compare(b, s);
    (form ? s390x_brcl : s390x_brc)(b, mask, distance);
}

/* ---- calls of the host: STATE goes where C expects a sixth argument ---- */

static unsigned call_host_bytes(const struct jit_site *s, unsigned form) {
    const unsigned call = form ? s390x_constant_bytes(s->target) + BYTES_BASR : BYTES_BRCL;
    return BYTES_STG + call + BYTES_LGR;
}

static void call_host(struct jit_buf *b, const struct jit_site *s, unsigned form,
                      int64_t distance) {
    s390x_stg(b, GR_STATE, S390X_ARG6, GR_SP);
    if (form) {
        s390x_constant(b, GR_T0, s->target);
        s390x_basr(b, GR_LINK, GR_T0);
    } else
        s390x_brasl(b, GR_LINK, distance - BYTES_STG);
    s390x_lgr(b, GR_R0, GR_RESULT);
}

/* jump_host: nothing lives in T0 where code leaves for good. */
static void jump_host(struct jit_buf *b, const struct jit_site *s, unsigned form,
                      int64_t distance) {
    if (form) {
        s390x_constant(b, GR_T0, s->target);
        s390x_bcr(b, S390X_ALWAYS, GR_T0);
    } else
        s390x_brcl(b, S390X_ALWAYS, distance);
}

/* ---- sites ---- */

unsigned s390x_site_bytes(const struct jit_site *s, unsigned form) {
    if (form > 1)
        return 0;
    switch (s->kind) {
    case JSITE_JUMP: return form ? BYTES_BRCL : BYTES_BRC;
    case JSITE_BRANCH: return branch_bytes(s, form);
    case JSITE_CALL: return form ? BYTES_BRCL : BYTES_BRAS;
    case JSITE_CALL_HOST: return call_host_bytes(s, form);
    case JSITE_JUMP_HOST: return form ? s390x_constant_bytes(s->target) + BYTES_BASR : BYTES_BRCL;
    default:
        assert(s->kind == JSITE_CONST);
        return form ? s390x_constant_bytes((uint64_t)s->k) : BYTES_BRCL;
    }
}

bool s390x_site_fits(const struct jit_site *s, unsigned form, int64_t distance) {
    const unsigned bits = form ? LONG_BITS : SHORT_BITS;
    switch (s->kind) {
    case JSITE_JUMP:
    case JSITE_CALL: return s390x_reaches(distance, bits);
    case JSITE_BRANCH: return s390x_reaches(distance - before_branch(s, form), bits);
    case JSITE_CALL_HOST: return form || s390x_reaches(distance - BYTES_STG, LONG_BITS);
    default: return form || s390x_reaches(distance, LONG_BITS);
    }
}

void s390x_site(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance) {
    switch (s->kind) {
    case JSITE_JUMP: (form ? s390x_brcl : s390x_brc)(b, S390X_ALWAYS, distance); return;
    case JSITE_BRANCH: branch(b, s, form, distance); return;
    case JSITE_CALL: (form ? s390x_brasl : s390x_bras)(b, GR_LINK, distance); return;
    case JSITE_CALL_HOST: call_host(b, s, form, distance); return;
    case JSITE_JUMP_HOST: jump_host(b, s, form, distance); return;
    default:
        assert(s->kind == JSITE_CONST);
        if (form)
            s390x_constant(b, s390x_gr(s->a), (uint64_t)s->k);
        else
            s390x_lgrl(b, s390x_gr(s->a), distance);
    }
}
