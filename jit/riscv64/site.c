/* site.c: branches, jumps, calls and constants of the pool.
 *
 *   reach          instruction                  farthest, bytes
 *   REACH_SHORT    c.beqz, c.bnez; c.j          256; 2 KiB
 *   REACH_BRANCH   beq and the like             4 KiB
 *   REACH_JAL      jal                          1 MiB
 *   REACH_PAIR     auipc with jalr or ld        2 GiB
 *   REACH_ALL      the address itself, jalr     all; of a constant: the constant itself
 *
 * A branch farther than its own reach hops over a jump when its condition fails. A site's size is
 * that of what is written for it at distance 0, so it cannot be told wrong.
 */
#include "jit/riscv64/riscv64.h"

enum reach {
    REACH_NONE,
    REACH_SHORT,
    REACH_BRANCH,
    REACH_JAL,
    REACH_PAIR,
    REACH_ALL,
};

/* struct test: a comparison that one branch makes. */
struct test {
    enum rv_b op;
    enum rv_reg a, b;
};

/* has_short: a test with zero, of a register with short forms. */
static bool has_short(const struct test *t) {
    return (t->op == RV_BEQ || t->op == RV_BNE) && t->b == RV_ZERO && riscv_short(t->a);
}

static uint64_t low_bits(const struct jit_site *s) {
    return s->width == 32 ? (uint32_t)s->k : (uint64_t)s->k;
}

/* test_bits_imm: a & k against zero. One bit is shifted into the sign. Ones at either end are what
 * one shift leaves, elsewhere, but that does not matter to zero. */
static struct test test_bits_imm(struct jit_buf *b, const struct jit_site *s, enum rv_reg a) {
    const bool set = s->cond == JC_SET, w = s->width == 32;
    const uint64_t k = low_bits(s), zeros = (w ? UINT32_MAX : UINT64_MAX) - k;
    struct test t = {set ? RV_BNE : RV_BEQ, RV_T0, RV_ZERO};
    if (!zeros && !w) {
        t.a = a;
    } else if (rv_fits(12, s->k) && (s->k >= 0 || !w)) {
        riscv_andi(b, RV_T0, a, s->k);
    } else if (!(k & (k - 1))) {
        riscv_slli(b, RV_T0, a, (unsigned)__builtin_clzll(k));
        t.op = set ? RV_BLT : RV_BGE;
    } else if (!(k & (k + 1))) {
        riscv_slli(b, RV_T0, a, (unsigned)__builtin_clzll(k));
    } else if (!(zeros & (zeros + 1))) {
        const unsigned n = 64 - (unsigned)__builtin_clzll(zeros);
        rv_shift(b, w ? RV_SRLIW : RV_SRLI, RV_T0, a, n);
    } else {
        riscv_li(b, RV_T0, (uint64_t)s->k);
        riscv_logic(b, RV_AND, RV_T0, RV_T0, a);
        if (w && s->k < 0)
            riscv_sext_w(b, RV_T0, RV_T0);
    }
    return t;
}

static struct test test_bits(struct jit_buf *b, const struct jit_site *s) {
    const enum rv_reg a = riscv_reg(s->a);
    if (s->imm)
        return test_bits_imm(b, s, a);
    riscv_logic(b, RV_AND, RV_T0, a, riscv_reg(s->b));
    if (s->width == 32)
        riscv_sext_w(b, RV_T0, RV_T0);
    return (struct test){s->cond == JC_SET ? RV_BNE : RV_BEQ, RV_T0, RV_ZERO};
}

/* test_equal: of width 32, a difference of zero. */
static struct test test_equal(struct jit_buf *b, const struct jit_site *s) {
    const enum rv_reg a = riscv_reg(s->a);
    struct test t = {s->cond == JC_EQ ? RV_BEQ : RV_BNE, a, RV_ZERO};
    if (s->imm && s->width == 32 && rv_fits(12, -s->k)) {
        rv_imm(b, RV_ADDIW, RV_T0, a, -s->k);
        t.a = RV_T0;
        return t;
    }
    if (!s->imm) {
        t.b = riscv_reg(s->b);
    } else if (s->k) {
        t.b = RV_T1;
        riscv_li(b, t.b, (uint64_t)s->k);
    }
    if (s->width == 32) {
        rv_op(b, RV_SUBW, RV_T0, a, t.b);
        t.a = RV_T0;
        t.b = RV_ZERO;
    }
    return t;
}

/* test_order: of width 32, both sign-extended, which keeps the order of unsigned numbers too. */
static struct test test_order(struct jit_buf *b, const struct jit_site *s) {
    enum rv_reg x = riscv_reg(s->a), y = RV_ZERO;
    if (s->width == 32) {
        riscv_sext_w(b, RV_T0, x);
        x = RV_T0;
    }
    if (s->imm && s->k) {
        y = RV_T1;
        riscv_li(b, y, (uint64_t)s->k);
    } else if (!s->imm) {
        y = riscv_reg(s->b);
        if (s->width == 32) {
            riscv_sext_w(b, RV_T1, y);
            y = RV_T1;
        }
    }
    switch (s->cond) {
    case JC_UGT: return (struct test){RV_BLTU, y, x};
    case JC_ULE: return (struct test){RV_BGEU, y, x};
    case JC_UGE: return (struct test){RV_BGEU, x, y};
    case JC_ULT: return (struct test){RV_BLTU, x, y};
    case JC_SGT: return (struct test){RV_BLT, y, x};
    case JC_SLE: return (struct test){RV_BGE, y, x};
    case JC_SGE: return (struct test){RV_BGE, x, y};
    default: return (struct test){RV_BLT, x, y}; /* JC_SLT */
    }
}

/* with_zero: the site, with a comparison that needs a constant turned into one with 0. */
static struct jit_site with_zero(const struct jit_site *site) {
    struct jit_site s = *site;
    if (!s.imm)
        return s;
    const bool one = s.k == 1, zero = s.k == 0, minus = s.k == -1;
    switch (s.cond) {
    case JC_UGT: s.cond = zero ? JC_NE : JC_UGT; break;
    case JC_ULE: s.cond = zero ? JC_EQ : JC_ULE; break;
    case JC_UGE: s.cond = one ? JC_NE : JC_UGE; break;
    case JC_ULT: s.cond = one ? JC_EQ : JC_ULT; break;
    case JC_SGT: s.cond = minus ? JC_SGE : JC_SGT; break;
    case JC_SLE: s.cond = minus ? JC_SLT : JC_SLE; break;
    case JC_SGE: s.cond = one ? JC_SGT : JC_SGE; break;
    case JC_SLT: s.cond = one ? JC_SLE : JC_SLT; break;
    default: return s;
    }
    if (s.cond != site->cond)
        s.k = 0;
    return s;
}

/* compare: emit what a branch needs; the branch itself is still to come. */
static struct test compare(struct jit_buf *b, const struct jit_site *site) {
    const struct jit_site s = with_zero(site);
    switch (s.cond) {
    case JC_SET:
    case JC_NSET: return test_bits(b, &s);
    case JC_EQ:
    case JC_NE: return test_equal(b, &s);
    default: return test_order(b, &s);
    }
}

/* far: jump distance bytes from here, or call. The temporary is the link register, if there is one:
 * jumps through t0 would be taken for returns. */
static void far(struct jit_buf *b, enum rv_reg link, int64_t distance) {
    const enum rv_reg t = link ? link : RV_T1;
    const int64_t high = (distance + 2048) >> 12;
    rv_upper(b, RV_AUIPC, t, high);
    rv_imm(b, RV_JALR, link, t, distance - high * 4096);
}

/* jump: of the reaches that jumps have. target: for REACH_ALL. */
static void jump(struct jit_buf *b, enum reach reach, enum rv_reg link, int64_t distance,
                 uint64_t target) {
    switch (reach) {
    case REACH_SHORT: rvc_j(b, distance); break;
    case REACH_JAL: rv_jal(b, link, distance); break;
    case REACH_PAIR: far(b, link, distance); break;
    default: {
        const int64_t low = (int64_t)(target << 52) >> 52;
        riscv_li(b, RV_T1, target - (uint64_t)low);
        riscv_jump_to(b, link, RV_T1, low);
    }
    }
}

/* branch_test: over so many bytes, or wherever; in its short form where it has one and may. */
static void branch_test(struct jit_buf *b, const struct test *t, int64_t distance, bool may) {
    if (may && has_short(t))
        rvc_branch(b, t->op == RV_BEQ ? RVC_BEQZ : RVC_BNEZ, t->a, distance);
    else
        rv_branch(b, t->op, t->a, t->b, distance);
}

static void branch(struct jit_buf *b, const struct jit_site *s, enum reach reach,
                   int64_t distance) {
    const uint32_t start = b->n;
    struct test t = compare(b, s);
    distance -= b->n - start;
    assert(reach != REACH_SHORT || has_short(&t));
    if (reach <= REACH_BRANCH) {
        branch_test(b, &t, distance, reach == REACH_SHORT);
        return;
    }
    const int64_t hop = has_short(&t) ? 2 : 4;
    t.op = rv_branch_not(t.op);
    branch_test(b, &t, hop + (reach == REACH_JAL ? 4 : 8), true);
    jump(b, reach, RV_ZERO, distance - hop, 0);
}

/* call_host: r0 is dead, and is C's sixth argument. */
static void call_host(struct jit_buf *b, const struct jit_site *s, enum reach reach,
                      int64_t distance) {
    const uint32_t start = b->n;
    riscv_mv(b, riscv_reg(JR_0), riscv_reg(JR_STATE));
    jump(b, reach, RV_RA, distance - (b->n - start), s->target);
    riscv_mv(b, riscv_reg(JR_0), RV_A0);
}

static void constant(struct jit_buf *b, const struct jit_site *s, enum reach reach,
                     int64_t distance) {
    const enum rv_reg rd = riscv_reg(s->a);
    if (reach == REACH_ALL) {
        riscv_li(b, rd, (uint64_t)s->k);
        return;
    }
    const int64_t high = (distance + 2048) >> 12;
    rv_upper(b, RV_AUIPC, rd, high);
    rv_imm(b, RV_LD, rd, rd, distance - high * 4096);
}

/* branch_is_short: does its test have a short form? */
static bool branch_is_short(const struct jit_site *s) {
    const struct jit_site z = with_zero(s);
    const bool equal = z.cond == JC_EQ || z.cond == JC_NE;
    const bool all_bits = z.imm && z.k == -1 && (z.cond == JC_SET || z.cond == JC_NSET);
    return z.width == 64 && riscv_short(riscv_reg(z.a)) && ((equal && z.imm && !z.k) || all_bits);
}

/* reach_of: what a form is. Branches without a short form begin with the next. */
static enum reach reach_of(const struct jit_site *s, unsigned form) {
    static const uint8_t reaches[][JSITE_FORMS + 1] = {
        [JSITE_JUMP] = {REACH_SHORT, REACH_JAL, REACH_PAIR},
        [JSITE_BRANCH] = {REACH_SHORT, REACH_BRANCH, REACH_JAL, REACH_PAIR},
        [JSITE_CALL] = {REACH_JAL, REACH_PAIR},
        [JSITE_CALL_HOST] = {REACH_JAL, REACH_PAIR, REACH_ALL},
        [JSITE_JUMP_HOST] = {REACH_SHORT, REACH_JAL, REACH_PAIR, REACH_ALL},
        [JSITE_CONST] = {REACH_PAIR, REACH_ALL},
    };
    if (form >= JSITE_FORMS)
        return REACH_NONE;
    const bool skip = s->kind == JSITE_BRANCH && !branch_is_short(s);
    return (enum reach)reaches[s->kind][form + skip];
}

void riscv_site(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance) {
    const enum reach reach = reach_of(s, form);
    switch (s->kind) {
    case JSITE_BRANCH: branch(b, s, reach, distance); break;
    case JSITE_CALL: jump(b, reach, RV_RA, distance, 0); break;
    case JSITE_CALL_HOST: call_host(b, s, reach, distance); break;
    case JSITE_CONST: constant(b, s, reach, distance); break;
    default: jump(b, reach, RV_ZERO, distance, s->target); break;
    }
}

unsigned riscv_site_bytes(const struct jit_site *s, unsigned form) {
    if (reach_of(s, form) == REACH_NONE)
        return 0;
    uint8_t bytes[96];
    struct jit_buf b = {.bytes = bytes, .capacity = sizeof bytes};
    riscv_site(&b, s, form, 0);
    return b.n;
}

bool riscv_site_fits(const struct jit_site *s, unsigned form, int64_t distance) {
    const enum reach reach = reach_of(s, form);
    const bool is_branch = s->kind == JSITE_BRANCH;
    if (reach == REACH_NONE || reach == REACH_ALL)
        return reach == REACH_ALL;
    if (!rv_fits(33, distance))
        return false;
    /* from the instruction that jumps: the last of a branch, the second of CALL_HOST */
    const unsigned jump_bytes = reach == REACH_PAIR ? 8 : reach == REACH_SHORT ? 2 : 4;
    if (is_branch)
        distance -= riscv_site_bytes(s, form) - jump_bytes;
    else if (s->kind == JSITE_CALL_HOST)
        distance -= 2;
    switch (reach) {
    case REACH_SHORT: return rv_fits(is_branch ? 9 : 12, distance);
    case REACH_BRANCH: return rv_fits(13, distance);
    case REACH_JAL: return rv_fits(21, distance);
    default: return rv_fits(32, distance + 2048);
    }
}
