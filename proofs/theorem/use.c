/* use.c: theorems about what the verifier makes of scalars: numbers that are spilled and filled,
 * linked to each other, added to pointers, and bounds of what is accessed through them.
 */

/* ---- spills and fills ---- */

static word low_bits(unsigned bits, word x) {
    return extended(SCALAR_64, bits, false, x);
}

/* A store keeps the low bytes: all of the number where it fits, which is why a link stays. */
THEOREM(use, fits) {
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x);
    for (unsigned bits = 8; bits <= WORD_BITS; bits *= 2)
        check("nothing is lost", implies(scalar_fits(bits, a), low_bits(bits, x) == x));
}
PLANT(use, fits, scalar_fits, bool, (unsigned bits, struct scalar a)) {
    return bits == WORD_BITS || a.u32.max >> (bits - 1) == 0; /* of the lower half alone */
}

CONTRACT(scalar_stored, struct scalar, (bits, a), unsigned bits, struct scalar a) {
    REQUIRES("well-formed", ordered(a));
    REQUIRES("bits", bits == 8 || bits == 16 || bits == 32 || bits == 64);
    const struct scalar out = proving ? scalar_stored(bits, a) : any_scalar("stored");
    ENSURES("in order", ordered(out));
    for (unsigned i = 0; i < n_pairs(proving); i++) {
        const word x = proof_pairs[i].x;
        ENSURES("contains",
                implies(scalar_contains(a, x), scalar_contains(out, low_bits(bits, x))));
    }
    return out;
}
THEOREM(contract, scalar_stored) {
    uses("scalar_zext");
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x);
    ghost_pair(x, x);
    for (unsigned bits = 8; bits <= WORD_BITS; bits *= 2)
        (void)contracted__scalar_stored(true, bits, a);
}
PLANT(contract, scalar_stored, scalar_stored, struct scalar, (unsigned bits, struct scalar a)) {
    (void)bits; /* the whole number, though only low bytes are there */
    return a;
}

/* A number is spilled, and some of its low bytes are filled. */
THEOREM(use, fill) {
    uses("scalar_stored");
    uses("scalar_zext");
    const word x = any_word("x");
    const struct scalar a = any_scalar_with("a", x);
    for (unsigned stored = 8; stored <= WORD_BITS; stored *= 2) {
        forget();
        ghost_pair(x, low_bits(stored, x));
        const struct scalar kept = scalar_stored(stored, a);
        check("spilled", scalar_contains(kept, low_bits(stored, x)));
        for (unsigned loaded = 8; loaded <= stored; loaded *= 2)
            check("filled", scalar_contains(scalar_zext(loaded, kept), low_bits(loaded, x)));
    }
}
PLANT(use, fill, scalar_zext, struct scalar, (unsigned bits, struct scalar a)) {
    (void)bits; /* more than was asked for */
    return a;
}

/* ---- links ---- */

/* Two numbers are one base with a difference each, and one of them became known better. */
THEOREM(use, linked) {
    uses("scalar_add");
    const word base = any_word("base");
    const int32_t known_by = (int32_t)any_half("known"), other_by = (int32_t)any_half("other");
    const word x = base + (word)(int64_t)known_by;
    const int64_t apart = (int64_t)other_by - known_by;
    ghost_pair(x, (word)apart);
    const struct scalar other = scalar_apart(any_scalar_with("known", x), apart);
    check("contains", scalar_contains(other, base + (word)(int64_t)other_by));
}
PLANT(use, linked, scalar_apart, struct scalar, (struct scalar a, int64_t k)) {
    return scalar_add(SCALAR_64, a, scalar_const((word)-k)); /* the wrong way round */
}

/* ---- offsets of pointers ---- */

/* The sum of both parts moves by y: one of them does, the other stays. */
THEOREM(use, offset_moved) {
    uses("scalar_add");
    uses("scalar_sub");
    const word x = any_word("x"), y = any_word("y");
    const struct offset o = {(int32_t)any_half("fixed"), any_scalar_with("var", x)};
    const struct scalar by = any_scalar_with("by", y);
    const bool add = any_bool("add");
    assume(offset_is_sane(o) && offset_is_sane((struct offset){0, by}));
    ghost_pair(x, y);
    const struct offset moved = offset_moved(o, add, by);
    const bool known = scalar_is_const(by);
    const word fixed = (word)(int64_t)o.fixed + (add ? y : 0 - y);
    check("what is fixed moves", implies(known, (word)(int64_t)moved.fixed == fixed));
    check("what varies stays", implies(known, scalar_contains(moved.var, x)));
    check("what is fixed stays", known || moved.fixed == o.fixed);
    check("what varies moves", known || scalar_contains(moved.var, add ? x + y : x - y));
    check("fixed", moved.fixed > -2 * OFFSET_LIMIT && moved.fixed < 2 * OFFSET_LIMIT);
}
PLANT(use, offset_moved, scalar_is_const, bool, (struct scalar a)) {
    return a.u32.min == a.u32.max; /* one lower half is not one number */
}

/* A span inside is also inside at every offset from 0 up to its own. */
CONTRACT(offset_span_inside, bool, (off, n_bytes, zero_ok, object_bytes), int64_t off,
         int64_t n_bytes, bool zero_ok, uint64_t object_bytes) {
    const bool out =
        proving ? offset_span_inside(off, n_bytes, zero_ok, object_bytes) : any_bool("span inside");
    ENSURES("not before", implies(out, off >= 0));
    ENSURES("as many as can be", implies(out, n_bytes > 0 || (n_bytes == 0 && zero_ok)));
    for (unsigned i = 0; i < n_ghosts(proving); i++) {
        const word first = proof_ghosts[i];
        const bool c = out && (sword)first >= 0 && (sword)first <= off;
        ENSURES("bytes",
                implies(c, first <= object_bytes && (word)n_bytes <= object_bytes - first));
    }
    return out;
}
THEOREM(contract, offset_span_inside) {
    ghost(any_word("first"));
    (void)contracted__offset_span_inside(true, (int64_t)any_word("off"), (int64_t)any_word("bytes"),
                                         any_bool("zero_ok"), any_word("object"));
}
PLANT(contract, offset_span_inside, offset_span_inside, bool,
      (int64_t off, int64_t n_bytes, bool zero_ok, uint64_t object_bytes)) {
    return off >= 0 && (n_bytes > 0 || (n_bytes == 0 && zero_ok)) && /* wraps */
           (uint64_t)(off + n_bytes) <= object_bytes;
}

/* Every byte that is accessed is in the object; no sum wraps. */
THEOREM(use, offset_in_object) {
    uses("offset_span_inside");
    const word kept = native_prefers_member() ? 0xfff : WORD_MAX; /* random spans are outside */
    const word x = any_word("x") & kept, object = any_word("object");
    const struct offset o = {(int32_t)(any_half("fixed") & (half)kept), any_scalar_with("var", x)};
    const struct span span = {(int32_t)(any_half("off") & (half)kept),
                              (int64_t)(any_word("bytes") & kept), any_bool("zero_ok")};
    const int64_t varies = (int64_t)x, fixed = (int64_t)o.fixed + span.off;
    const word first = x + (word)fixed;
    int64_t at = 0;
    ghost(first);
    assume(offset_in_object(o, span, object, &at) == OFFSET_INSIDE);
    check("no sum wraps", varies > -(INT64_C(1) << 33) && varies < INT64_C(1) << 33);
    check("not before", varies + fixed >= 0);
    check("bytes inside", first <= object && (word)span.n_bytes <= object - first);
    check("as many as can be", span.n_bytes > 0 || (span.n_bytes == 0 && span.zero_ok));
}
PLANT(use, offset_in_object, offset_in_object, enum offset_place,
      (struct offset o, struct span span, uint64_t object_bytes, int64_t *at)) {
    *at = o.var.s.min + o.fixed + span.off; /* one end alone */
    return o.var.s.min > -OFFSET_LIMIT &&
                   offset_span_inside(*at, span.n_bytes, span.zero_ok, object_bytes)
               ? OFFSET_INSIDE
               : OFFSET_LOW_OUTSIDE;
}
