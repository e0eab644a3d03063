/* alu.c: theorems about the transfer functions of scalars: each operation at both widths, for all
 * members, against the expression of its row in isa/alu.def. Products and quotients: mul_div.c.
 *
 * A transfer function collects and reduces once (raw.h). Here scalar_finish is its contract: what
 * it is given must contain the result, component by component, and these are the obligations. So is
 * raw_within: the result must be on each arc. The word that contracts speak of, the ghost, is the
 * result before it is cut to the width.
 */

/* ---- collecting ---- */

CONTRACT(raw_within, struct scalar, (r, a), struct scalar r, struct arc a) {
    for (unsigned i = 0; i < n_ghosts(proving); i++)
        REQUIRES("on the arc", on_arc(a, proof_ghosts[i]));
    struct scalar out = proving ? raw_within(r, a) : any_scalar("within");
    ENSURES("the rest stays", tnum_equal(out.bits, r.bits) && u32_inside(out, r) &&
                                  u32_inside(r, out) && s32_inside(out, r) && s32_inside(r, out));
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const word x = proof_ghosts[i];
        ENSURES("u", implies(in_u(r.u, x), in_u(out.u, x)));
        ENSURES("s", implies(in_s(r.s, x), in_s(out.s, x)));
    }
    return out;
}
THEOREM(contract, raw_within) {
    const word x = any_word("x");
    ghost(x);
    (void)contracted__raw_within(true, any_scalar_near("r", x), any_arc_with("a", x));
}
PLANT(contract, raw_within, raw_within, struct scalar, (struct scalar r, struct arc a)) {
    r.u = urange_of_arc(a); /* one range for both orders */
    r.s = (struct srange){(sword)r.u.min, (sword)r.u.max};
    return r;
}

CONTRACT(raw_low_within, struct scalar, (r, a), struct scalar r, struct arc a) {
    for (unsigned i = 0; i < n_ghosts(proving); i++)
        REQUIRES("a half of the arc", low_on_arc(a, proof_ghosts[i]));
    struct scalar out = proving ? raw_low_within(r, a) : any_scalar("low within");
    ENSURES("the rest stays", tnum_equal(out.bits, r.bits) && u_inside(out, r) &&
                                  u_inside(r, out) && s_inside(out, r) && s_inside(r, out));
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const word x = proof_ghosts[i];
        ENSURES("u32", implies(in_u32(r.u32, x), in_u32(out.u32, x)));
        ENSURES("s32", implies(in_s32(r.s32, x), in_s32(out.s32, x)));
    }
    return out;
}
THEOREM(contract, raw_low_within) {
    const word x = any_word("x"), above = any_word("above") << HALF_BITS;
    ghost(x);
    (void)contracted__raw_low_within(true, any_scalar_near("r", x), any_arc_with("a", x + above));
}
PLANT(contract, raw_low_within, raw_low_within, struct scalar, (struct scalar r, struct arc a)) {
    r.u32 = (struct urange32){(half)a.start, (half)(a.start + a.len)}; /* across a half's end */
    return r;
}

/* cut: the result at the width. */
static word cut(enum scalar_width w, word x) {
    return w == SCALAR_64 ? x : low_of(x);
}

/* proof_like: at 32 bits, a word with the lower half of the ghost that may be in its place: what is
 * cut is the same. */
word proof_like;
bool proof_has_like;

CONTRACT(scalar_finish, struct scalar, (w, raw), enum scalar_width w, struct scalar raw) {
    REQUIRES("well-formed", tnum_well_formed(raw.bits));
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const word x = proof_ghosts[i];
        const bool like = !proving && proof_has_like && w == SCALAR_32 &&
                          low_of(proof_like) == low_of(x) && scalar_contains(raw, proof_like);
        REQUIRES("bits contain it", like || tnum_contains(raw.bits, x));
        REQUIRES("u contains it", like || in_u(raw.u, x));
        REQUIRES("s contains it", like || in_s(raw.s, x));
        REQUIRES("u32 contains it", like || in_u32(raw.u32, x));
        REQUIRES("s32 contains it", like || in_s32(raw.s32, x));
    }
    if (proving && proof_n_ghosts > 0) /* what is reduced is the result as cut */
        proof_ghosts[0] = cut(w, proof_ghosts[0]);
    const struct scalar out = proving ? scalar_finish(w, raw) : any_scalar("finished");
    ENSURES("in order", ordered(out));
    for (unsigned i = 0; i < n_ghosts(proving); i++)
        ENSURES("contains", scalar_contains(out, cut(w, proof_ghosts[i])));
    return out;
}

THEOREM(contract, scalar_finish) {
    uses("scalar_reduce");
    const word x = any_word("x");
    const struct scalar raw = any_scalar_with("raw", x);
    ghost(x);
    (void)contracted__scalar_finish(true, SCALAR_64, raw);
    (void)contracted__scalar_finish(true, SCALAR_32, raw);
    forget();
    const struct scalar any = any_scalar("any");
    (void)contracted__scalar_finish(true, SCALAR_64, any);
    (void)contracted__scalar_finish(true, SCALAR_32, any);
}
PLANT(contract, scalar_finish, raw_zext, struct scalar, (struct scalar a)) {
    a.bits = tnum_low(a.bits); /* CVE-2017-16996: the word's bounds stay */
    return a;
}
PLANT(contract, scalar_finish, scalar_finish, struct scalar,
      (enum scalar_width w, struct scalar raw)) {
    (void)w; /* empty for unknown */
    return scalar_reduce(raw);
}

/* ---- operators ---- */

/* A binary operator: for each pair of members, the result contains what the row says of it. */
#define BINARY(function, row)                                                                      \
    CONTRACT(function, struct scalar, (w, a, b), enum scalar_width w, struct scalar a,             \
             struct scalar b) {                                                                    \
        REQUIRES("well-formed", ordered(a) && ordered(b));                                         \
        const struct scalar out = proving ? function(w, a, b) : any_scalar(#function);             \
        ENSURES("in order", ordered(out));                                                         \
        for (unsigned i = 0; i < n_pairs(proving); i++) {                                          \
            const word x = proof_pairs[i].x, y = proof_pairs[i].y;                                 \
            const word r =                                                                         \
                w == SCALAR_64 ? row_##row##64(x, y, false) : row_##row##32(x, y, false);          \
            ENSURES("contains", implies(scalar_contains(a, x) && scalar_contains(b, y),            \
                                        scalar_contains(out, r)));                                 \
        }                                                                                          \
        return out;                                                                                \
    }                                                                                              \
    THEOREM(in_order, function) {                                                                  \
        uses("scalar_finish");                                                                     \
        uses("raw_within");                                                                        \
        uses("raw_low_within");                                                                    \
        IN_ORDER_USES_##row;                                                                       \
        const struct scalar a = any_scalar_near("a", any_word("x"));                               \
        const struct scalar b = any_scalar_near("b", any_word("y"));                               \
        (void)contracted__##function(true, SCALAR_64, a, b);                                       \
        (void)contracted__##function(true, SCALAR_32, a, b);                                       \
    }                                                                                              \
    PLANT(in_order, function, scalar_finish, struct scalar,                                        \
          (enum scalar_width w, struct scalar raw)) {                                              \
        (void)w;                                                                                   \
        (void)raw;                                                                                 \
        return scalar_empty(); /* what reduction finds out */                                      \
    }
#define IN_ORDER_USES_ADD
#define IN_ORDER_USES_SUB
#define IN_ORDER_USES_AND
#define IN_ORDER_USES_OR
#define IN_ORDER_USES_XOR
#define IN_ORDER_USES_MUL                                                                          \
    hint("products");                                                                              \
    uses("tnum_mul");                                                                              \
    uses("urange_mul");                                                                            \
    uses("srange_mul");                                                                            \
    uses("by_constant");                                                                           \
    uses("by_halves")
#define IN_ORDER_USES_DIV                                                                          \
    uses("div_word");                                                                              \
    uses("urange_div");                                                                            \
    uses("shift_of")
#define IN_ORDER_USES_SDIV                                                                         \
    uses("sdiv_word");                                                                             \
    uses("signed_quotients");                                                                      \
    uses("unsigned_quotients")
#define IN_ORDER_USES_MOD                                                                          \
    uses("mod_word");                                                                              \
    uses("urange_mod")
#define IN_ORDER_USES_SMOD                                                                         \
    uses("smod_word");                                                                             \
    uses("signed_remainders")
#define IN_ORDER_USES_LSH                                                                          \
    uses("amounts_of");                                                                            \
    uses("shl_const");                                                                             \
    uses("shl_any")
#define IN_ORDER_USES_RSH                                                                          \
    uses("amounts_of");                                                                            \
    uses("lshr_by")
#define IN_ORDER_USES_ARSH                                                                         \
    uses("amounts_of");                                                                            \
    uses("ashr_by")

/* struct operands: two members and two scalars that have them. */
struct operands {
    word x, y;
    struct scalar a, b;
};
#define any_operands() operands_of(any_word("x"), any_word("y"), DRAW("a"), DRAW("b"))

static struct operands operands_of(word x, word y, struct drawn a, struct drawn b) {
    return (struct operands){x, y, scalar_drawn_with(x, a), scalar_drawn_with(y, b)};
}

/* prove_at: one width of an operator, of which g is the result as a word. */
#define PROVE_AT(function, w, o, g)                                                                \
    do {                                                                                           \
        proof_n_ghosts = 0;                                                                        \
        ghost(g);                                                                                  \
        (void)contracted__##function(true, w, (o).a, (o).b);                                       \
    } while (0)

/* Operators whose result's lower half is one of the lower halves alone. */
#define PROVE_LOW_COMPATIBLE(function, any, g)                                                     \
    do {                                                                                           \
        const struct operands o = any();                                                           \
        const word x = o.x, y = o.y;                                                               \
        (void)x;                                                                                   \
        ghost_pair(x, y);                                                                          \
        ghost_pair(low_of(x), low_of(y));                                                          \
        ghost_pair(signed_low_of(x), signed_low_of(y));                                            \
        PROVE_AT(function, SCALAR_64, o, g);                                                       \
        PROVE_AT(function, SCALAR_32, o, g);                                                       \
    } while (0)

#define USES_COLLECTING()                                                                          \
    do {                                                                                           \
        uses("scalar_finish");                                                                     \
        uses("raw_within");                                                                        \
        uses("raw_low_within");                                                                    \
    } while (0)

/* sums of pairs lie on the sum of arcs, whole and of lower halves; so do negated words. */
CONTRACT(arc_add, struct arc, (a, b), struct arc a, struct arc b) {
    const struct arc out = proving ? arc_add(a, b) : any_arc("sum");
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const word x = proof_pairs[i].x, y = proof_pairs[i].y;
        ENSURES("a sum", implies(on_arc(a, x) && on_arc(b, y), on_arc(out, x + y)));
        ENSURES("a half of a sum",
                implies(low_on_arc(a, x) && low_on_arc(b, y), low_on_arc(out, x + y)));
    }
    return out;
}
/* An arc with x, or with a word of x's lower half: of this form are all. */
static struct arc arc_with_half(word x, word above, word back, word len) {
    return arc_of(x + (above << HALF_BITS), back, len);
}
#define any_arc_with_half(name, x)                                                                 \
    arc_with_half(x, any_word(name ".above"), any_word(name ".back"), any_word(name ".len"))
THEOREM(contract, arc_add) {
    const word x = any_word("x"), y = any_word("y");
    ghost_pair(x, y);
    (void)contracted__arc_add(true, any_arc_with("a", x), any_arc_with("b", y));
    (void)contracted__arc_add(true, any_arc_with_half("half a", x), any_arc_with_half("half b", y));
}
PLANT(contract, arc_add, arc_add, struct arc, (struct arc a, struct arc b)) {
    return (struct arc){.start = a.start + b.start, .len = a.len + b.len}; /* around and beyond */
}

CONTRACT(arc_neg, struct arc, (a), struct arc a) {
    const struct arc out = proving ? arc_neg(a) : any_arc("negated");
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const word x = proof_pairs[i].x;
        ENSURES("negated", implies(on_arc(a, x), on_arc(out, 0 - x)));
        ENSURES("a half negated", implies(low_on_arc(a, x), low_on_arc(out, 0 - x)));
    }
    return out;
}
THEOREM(contract, arc_neg) {
    const word x = any_word("x");
    ghost_pair(x, 0);
    (void)contracted__arc_neg(true, any_arc_with("a", x));
    (void)contracted__arc_neg(true, any_arc_with_half("half a", x));
}
PLANT(contract, arc_neg, arc_neg, struct arc, (struct arc a)) {
    return (struct arc){.start = (word)0 - a.start, .len = a.len}; /* not turned around */
}

BINARY(scalar_add, ADD)
THEOREM(contract, scalar_add) {
    USES_COLLECTING();
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("arc_add");
    PROVE_LOW_COMPATIBLE(scalar_add, any_operands, x + y);
}
PLANT(contract, scalar_add, tnum_add, struct tnum, (struct tnum a, struct tnum b)) {
    const word mask = a.mask | b.mask; /* tnum-add-carry */
    return (struct tnum){.value = (a.value + b.value) & ~mask, .mask = mask};
}
BINARY(scalar_sub, SUB)
THEOREM(contract, scalar_sub) {
    USES_COLLECTING();
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("arc_add");
    uses("arc_neg");
    const struct operands o = any_operands();
    ghost_pair(o.x, o.y);
    ghost_pair(o.x, 0 - o.y); /* the sum that it is */
    ghost_pair(o.y, 0);       /* what is negated */
    PROVE_AT(scalar_sub, SCALAR_64, o, o.x - o.y);
    PROVE_AT(scalar_sub, SCALAR_32, o, o.x - o.y);
}
PLANT(contract, scalar_sub, tnum_sub, struct tnum, (struct tnum a, struct tnum b)) {
    const word mask = a.mask | b.mask; /* no borrow */
    return (struct tnum){.value = (a.value - b.value) & ~mask, .mask = mask};
}

CONTRACT(scalar_neg, struct scalar, (w, a), enum scalar_width w, struct scalar a) {
    REQUIRES("well-formed", ordered(a));
    const struct scalar out = proving ? scalar_neg(w, a) : any_scalar("negated");
    ENSURES("in order", ordered(out));
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const word x = proof_pairs[i].x;
        const word r = w == SCALAR_64 ? row_NEG64(x, 0, false) : row_NEG32(x, 0, false);
        ENSURES("contains", implies(scalar_contains(a, x), scalar_contains(out, r)));
    }
    return out;
}
THEOREM(contract, scalar_neg) {
    uses("scalar_sub");
    const struct operands o = any_operands();
    ghost_pair(o.x, 0);
    ghost_pair(0, o.x);
    (void)contracted__scalar_neg(true, SCALAR_64, o.a);
    (void)contracted__scalar_neg(true, SCALAR_32, o.a);
}
PLANT(contract, scalar_neg, scalar_neg, struct scalar, (enum scalar_width w, struct scalar a)) {
    return scalar_sub(w, scalar_const(WORD_MAX), a); /* ~x */
}

/* ---- bitwise ---- */

BINARY(scalar_and, AND)
THEOREM(contract, scalar_and) {
    uses("scalar_finish");
    uses("raw_low_within");
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("urange_and");
    uses("srange_and");
    PROVE_LOW_COMPATIBLE(scalar_and, any_operands, x & y);
}
PLANT(contract, scalar_and, srange_and, struct srange, (struct srange a, struct srange b)) {
    return (struct srange){smin(a.min, b.min), smin(a.max, b.max)};
}

BINARY(scalar_or, OR)
THEOREM(contract, scalar_or) {
    uses("scalar_finish");
    uses("raw_low_within");
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("urange_or");
    uses("srange_or");
    PROVE_LOW_COMPATIBLE(scalar_or, any_operands, x | y);
}
PLANT(contract, scalar_or, urange_of_half, struct urange, (struct urange32 a)) {
    return (struct urange){a.min,
                           (word)a.max >> 1}; /* OR32's bounds from elsewhere: CVE-2020-27194 */
}
PLANT(contract, scalar_or, scalar_or, struct scalar,
      (enum scalar_width w, struct scalar a, struct scalar b)) {
    struct scalar r = raw_of_tnum(tnum_or(a.bits, b.bits));
    r.u32.min = (half)(a.u.min > b.u.min ? a.u.min : b.u.min); /* CVE-2020-27194 */
    return scalar_finish(w, r);
}

BINARY(scalar_xor, XOR)
THEOREM(contract, scalar_xor) {
    uses("scalar_finish");
    uses("raw_low_within");
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("urange_xor");
    uses("srange_xor");
    PROVE_LOW_COMPATIBLE(scalar_xor, any_operands, x ^ y);
}
PLANT(contract, scalar_xor, scalar_fold, bool,
      (enum scalar_width w, struct scalar a, struct scalar b)) {
    (void)w; /* CVE-2021-3490: constant halves taken for constants */
    return (half)(a.bits.mask | b.bits.mask) == 0;
}

/* seen: an operand as divisions and shifts to the right see it at a width. */
static word seen(enum scalar_width w, bool is_signed, word x) {
    if (w == SCALAR_64)
        return x;
    return is_signed ? signed_low_of(x) : low_of(x);
}

/* ---- shifts ---- */

BINARY(scalar_lsh, LSH)
/* ensures_shifted: where c holds, x << n is in each component of a result that is not cut yet. */
static void ensures_shifted(bool proving, bool c, struct scalar out, word x, word n) {
    ensures_members(proving, c, out, x << (n & (WORD_BITS - 1)));
}

/* A shift by a constant is a product by a power of two. */
CONTRACT(shl_const, struct scalar, (a, n), struct scalar a, unsigned n) {
    REQUIRES("amount", n < WORD_BITS);
    REQUIRES("well-formed", ordered(a));
    const struct scalar out = proving ? shl_const(a, n) : any_scalar("shifted");
    ENSURES("bits well-formed", tnum_well_formed(out.bits));
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const struct proof_pair p = proof_pairs[i];
        ensures_shifted(proving, scalar_contains(a, p.x) && p.y == n, out, p.x, p.y);
    }
    return out;
}
THEOREM(contract, shl_const) {
    hint("products named");
    uses("raw_within");
    uses("raw_low_within");
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("arc_scale");
    uses("lemma_shift_product");
    const word x = any_word("x"), zx = low_of(x), sx = signed_low_of(x);
    const unsigned n = (unsigned)any_amount("n");
    const word factor = (word)1 << n;
    ghost_pair(x, n);
    ghost_pair(x, factor);
    ghost_pair(zx, factor);
    ghost_pair(sx, factor);
    (void)lemma_shift_product(x, factor, n);
    (void)lemma_shift_product(zx, factor, n);
    (void)lemma_shift_product(sx, factor, n);
    ghost(x << n);
    (void)contracted__shl_const(true, any_scalar_with("a", x), n);
}
PLANT(contract, shl_const, tnum_shl, struct tnum, (struct tnum a, unsigned n)) {
    return (struct tnum){.value = a.value << n, .mask = a.mask}; /* the mask stays behind */
}

CONTRACT(shl_any, struct scalar, (a, by), struct scalar a, struct amounts by) {
    REQUIRES("amounts", by.least <= by.most && by.most < WORD_BITS);
    REQUIRES("well-formed", ordered(a));
    const struct scalar out = proving ? shl_any(a, by) : any_scalar("shifted by any");
    ENSURES("bits well-formed", tnum_well_formed(out.bits));
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const struct proof_pair p = proof_pairs[i];
        ensures_shifted(proving, scalar_contains(a, p.x) && is_amount(by, p.y), out, p.x, p.y);
    }
    return out;
}
THEOREM(contract, shl_any) {
    uses("raw_low_within");
    uses("arc_of_urange");
    uses("arc_of_srange");
    uses("shl_by");
    uses("urange_shl");
    uses("srange_shl");
    const word x = any_word("x"), n = any_amount("n");
    ghost_pair(x, n);
    ghost_pair(low_of(x), n);
    ghost_pair(signed_low_of(x), n);
    ghost_pair(low_of(x) << n, signed_low_of(x) << n); /* on arcs of shifted ranges */
    ghost(x << n);
    (void)contracted__shl_any(true, any_scalar_with("a", x), any_amounts_with("by", n));
}
PLANT(contract, shl_any, shl_any, struct scalar, (struct scalar a, struct amounts by)) {
    struct scalar r = raw_of_tnum(shl_by(a.bits, by));
    r.u = urange_shl(a.u, by.least, by.least); /* the least amount for all */
    return r;
}

static void prove_lsh(struct operands o, enum scalar_width w) {
    const unsigned n = (unsigned)o.y & (w == SCALAR_64 ? WORD_BITS - 1 : HALF_BITS - 1);
    forget();
    ghost_pair(o.x, o.y);
    ghost_pair(o.x, n);
    ghost(o.x << n);
    (void)contracted__scalar_lsh(true, w, o.a, o.b);
}
THEOREM(contract, scalar_lsh) {
    uses("scalar_finish");
    uses("amounts_of");
    uses("shl_const");
    uses("shl_any");
    const struct operands o = any_operands();
    prove_lsh(o, SCALAR_64);
    prove_lsh(o, SCALAR_32);
}
PLANT(contract, scalar_lsh, unshifted, struct scalar, (enum scalar_width w, struct scalar a)) {
    (void)w; /* not cut to the width */
    return a;
}
BINARY(scalar_rsh, RSH)
static void prove_rsh(struct operands o, enum scalar_width w) {
    const unsigned n = (unsigned)o.y & (w == SCALAR_64 ? WORD_BITS - 1 : HALF_BITS - 1);
    const word x = seen(w, false, o.x);
    forget();
    ghost_pair(o.x, o.y);
    ghost_pair(x, n);
    ghost(x >> n);
    proof_has_like = n == 0; /* not shifted: the word itself */
    proof_like = o.x;
    (void)contracted__scalar_rsh(true, w, o.a, o.b);
    proof_has_like = false;
}
THEOREM(contract, scalar_rsh) {
    uses("scalar_finish");
    uses("amounts_of");
    uses("lshr_by");
    uses("urange_lshr");
    const struct operands o = any_operands();
    prove_rsh(o, SCALAR_64);
    prove_rsh(o, SCALAR_32);
}
PLANT(contract, scalar_rsh, scalar_rsh, struct scalar,
      (enum scalar_width w, struct scalar a, struct scalar b)) {
    const struct amounts by = amounts_of(w, b); /* CVE-2018-18445: on the word, cut afterwards */
    struct scalar r = raw_of_tnum(lshr_by(a.bits, by));
    r.u = urange_lshr(a.u, by.least, by.most);
    return scalar_finish(w, r);
}

BINARY(scalar_arsh, ARSH)
static void prove_arsh(struct operands o, enum scalar_width w) {
    const unsigned n = (unsigned)o.y & (w == SCALAR_64 ? WORD_BITS - 1 : HALF_BITS - 1);
    const word x = seen(w, true, o.x);
    forget();
    ghost_pair(o.x, o.y);
    ghost_pair(x, n);
    ghost((word)((sword)x >> n));
    proof_has_like = n == 0; /* not shifted: the word itself */
    proof_like = o.x;
    (void)contracted__scalar_arsh(true, w, o.a, o.b);
    proof_has_like = false;
}
THEOREM(contract, scalar_arsh) {
    uses("scalar_finish");
    uses("amounts_of");
    uses("ashr_by");
    uses("srange_ashr");
    const struct operands o = any_operands();
    prove_arsh(o, SCALAR_64);
    prove_arsh(o, SCALAR_32);
}
PLANT(contract, scalar_arsh, raw_sext, struct scalar, (struct scalar a)) {
    return raw_zext(a); /* arsh32-2020: another sign bit */
}

/* ---- moves, extensions, byte swap ---- */

static word extended(enum scalar_width w, unsigned bits, bool is_signed, word x) {
    if (!is_signed)
        return bv_trunc(bits, x);
    return w == SCALAR_64 ? bv_sext(64, bits, x) : bv_sext(32, bits, x);
}

CONTRACT(scalar_zext, struct scalar, (bits, a), unsigned bits, struct scalar a) {
    REQUIRES("well-formed", ordered(a));
    REQUIRES("bits", bits == 8 || bits == 16 || bits == 32 || bits == 64);
    const struct scalar out = proving ? scalar_zext(bits, a) : any_scalar("zext");
    ENSURES("in order", ordered(out));
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const word x = proof_pairs[i].x, y = proof_pairs[i].y;
        ENSURES("contains", implies(scalar_contains(a, x),
                                    scalar_contains(out, extended(SCALAR_64, bits, false, x))));
        ENSURES("contains the second",
                implies(scalar_contains(a, y),
                        scalar_contains(out, extended(SCALAR_64, bits, false, y))));
    }
    return out;
}
static void prove_zext(unsigned bits, word x, struct scalar a) {
    forget();
    ghost_pair(x, x);
    ghost(extended(SCALAR_64, bits, false, x));
    (void)contracted__scalar_zext(true, bits, a);
}
THEOREM(contract, scalar_zext) {
    uses("scalar_finish");
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x);
    prove_zext(8, x, a);
    prove_zext(16, x, a);
    prove_zext(32, x, a);
    prove_zext(64, x, a);
}
PLANT(contract, scalar_zext, scalar_zext, struct scalar, (unsigned bits, struct scalar a)) {
    const word kept = WORD_MAX >> (WORD_BITS - bits);
    struct scalar r = raw_of_tnum(tnum_trunc(a.bits, bits)); /* ends cut one by one */
    r.u = (struct urange){a.u.min & kept, a.u.max & kept};
    return scalar_finish(SCALAR_64, r);
}

CONTRACT(scalar_sext, struct scalar, (w, bits, a), enum scalar_width w, unsigned bits,
         struct scalar a) {
    REQUIRES("well-formed", ordered(a));
    REQUIRES("bits", bits == 8 || bits == 16 || bits == 32 || bits == 64);
    REQUIRES("not wider than the width", bits <= 32 || w == SCALAR_64);
    const struct scalar out = proving ? scalar_sext(w, bits, a) : any_scalar("sext");
    ENSURES("in order", ordered(out));
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const word x = proof_pairs[i].x, y = proof_pairs[i].y;
        ENSURES("contains",
                implies(scalar_contains(a, x), scalar_contains(out, extended(w, bits, true, x))));
        ENSURES("contains the second",
                implies(scalar_contains(a, y), scalar_contains(out, extended(w, bits, true, y))));
    }
    return out;
}
static void prove_sext(enum scalar_width w, unsigned bits, word x, struct scalar a) {
    forget();
    ghost_pair(x, x);
    ghost(extended(SCALAR_64, bits, true, x));
    (void)contracted__scalar_sext(true, w, bits, a);
}
THEOREM(contract, scalar_sext) {
    uses("scalar_finish");
    uses("raw_low_within");
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x);
    prove_sext(SCALAR_64, 8, x, a);
    prove_sext(SCALAR_64, 16, x, a);
    prove_sext(SCALAR_64, 32, x, a);
    prove_sext(SCALAR_64, 64, x, a);
    prove_sext(SCALAR_32, 8, x, a);
    prove_sext(SCALAR_32, 16, x, a);
    prove_sext(SCALAR_32, 32, x, a);
}
PLANT(contract, scalar_sext, scalar_sext, struct scalar,
      (enum scalar_width w, unsigned bits, struct scalar a)) {
    (void)w; /* prevail-ldsx: bounded as unsigned */
    return scalar_zext(bits, a);
}

CONTRACT(scalar_bswap, struct scalar, (bits, a), unsigned bits, struct scalar a) {
    REQUIRES("well-formed", ordered(a));
    REQUIRES("bits", bits == 16 || bits == 32 || bits == 64);
    const struct scalar out = proving ? scalar_bswap(bits, a) : any_scalar("bswap");
    ENSURES("in order", ordered(out));
    for (unsigned i = 0; i < n_pairs(proving); i++)
        ENSURES("contains", implies(scalar_contains(a, proof_pairs[i].x),
                                    scalar_contains(out, bv_bswap(bits, proof_pairs[i].x))));
    return out;
}
static void prove_bswap(unsigned bits, word x, struct scalar a) {
    forget();
    ghost_pair(x, 0);
    ghost(bv_bswap(bits, x));
    (void)contracted__scalar_bswap(true, bits, a);
}
THEOREM(contract, scalar_bswap) {
    uses("scalar_finish");
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x);
    prove_bswap(16, x, a);
    prove_bswap(32, x, a);
    prove_bswap(64, x, a);
}
PLANT(contract, scalar_bswap, tnum_bswap, struct tnum, (struct tnum a, unsigned bits)) {
    (void)bits; /* bswap32-upper: not cut */
    return (struct tnum){.value = word_bswap(a.value), .mask = word_bswap(a.mask)};
}

/* Of its first operand nothing is read: where an optimiser sees that, it hands over anything. */
CONTRACT(move, struct scalar, (w, a, b), enum scalar_width w, struct scalar a, struct scalar b) {
    REQUIRES("well-formed", ordered(b));
    const struct scalar out = proving ? move(w, a, b) : any_scalar("moved");
    ENSURES("in order", ordered(out));
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const word y = proof_pairs[i].y;
        const word r = w == SCALAR_64 ? row_MOV64(0, y, false) : row_MOV32(0, y, false);
        ENSURES("contains", implies(scalar_contains(b, y), scalar_contains(out, r)));
    }
    return out;
}
THEOREM(contract, move) {
    uses("scalar_zext");
    const struct operands o = any_operands();
    ghost_pair(o.x, o.y);
    (void)contracted__move(true, SCALAR_64, o.a, o.b);
    (void)contracted__move(true, SCALAR_32, o.a, o.b);
}
PLANT(contract, move, move, struct scalar,
      (enum scalar_width w, struct scalar a, struct scalar b)) {
    (void)w;
    (void)a;
    return b; /* MOV32 keeps the upper half: CVE-2021-45402's kind */
}
