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

/* What fits all bits but the sign stays what it is, sign-extended: so do links of it. */
THEOREM(use, fits_signed) {
    const word x = any_word("x") >> any_amount("leading zeros");
    const struct scalar a = any_scalar_with("a", x);
    for (unsigned bits = 8; bits <= WORD_BITS; bits *= 2)
        check("nothing changes",
              implies(scalar_fits(bits - 1, a), extended(SCALAR_64, bits, true, x) == x));
}
PLANT(use, fits_signed, scalar_fits, bool, (unsigned bits, struct scalar a)) {
    return a.u.max >> bits <= 1; /* the sign bit, too */
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

/* stored_byte: the i-th byte in memory of a number of n bytes. */
static word stored_byte(word x, unsigned n, unsigned i, bool big) {
    return x >> 8 * (big ? n - 1 - i : i) & 0xff;
}
/* Bytes that are filled as the low ones of a number are that number's low bits, in either order. */
static void check_fill(word x, unsigned kept, unsigned n, unsigned first, bool big) {
    word filled = 0;
    for (unsigned i = 0; i < n && first + i < kept; i++)
        filled |= stored_byte(x, kept, first + i, big) << 8 * (big ? n - 1 - i : i);
    check("its low bits", implies(fill_is_low(first, n, kept, big), filled == low_bits(8 * n, x)));
}
THEOREM(use, fill_is_low) {
    const word x = any_word("x");
    for (unsigned kept = 1; kept <= 8; kept++)
        for (unsigned n = 1; n <= 8; n *= 2)
            for (unsigned first = 0; first < 8; first++) {
                check_fill(x, kept, n, first, false);
                check_fill(x, kept, n, first, true);
            }
}
PLANT(use, fill_is_low, fill_is_low, bool,
      (uint32_t first, uint32_t n_bytes, uint32_t kept_bytes, bool big_endian)) {
    (void)big_endian; /* the slot's first bytes in both orders */
    return n_bytes <= kept_bytes && first == 0;
}

/* ---- links ---- */

/* Two numbers are one base with a difference each, and one of them became known better. */
THEOREM(use, linked) {
    uses("scalar_add");
    const word base = any_word("base");
    const int32_t known_by = (int32_t)any_half("known"), by = (int32_t)any_half("other");
    const word x = base + (word)(int64_t)known_by;
    ghost_pair(x, (word)((int64_t)by - known_by));
    const struct scalar other = scalar_linked(any_scalar_with("known", x), known_by, by);
    check("contains", scalar_contains(other, base + (word)(int64_t)by));
}
PLANT(use, linked, scalar_linked, struct scalar,
      (struct scalar known, int32_t known_by, int32_t by)) {
    const int64_t apart = (int64_t)known_by - by; /* the wrong way round */
    return scalar_add(SCALAR_64, known, scalar_const((word)apart));
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

/* ---- stack ---- */

/* Every byte that is accessed is in the window. Of a constant the ranges are it: reduction makes
 * them so. */
THEOREM(use, offset_window) {
    const word kept = native_prefers_member() ? 0xfff : WORD_MAX; /* random ones are too far */
    const word x = any_word("x") & kept, n_bytes = any_half("bytes");
    const struct offset o = {(int32_t)(any_half("fixed") & (half)kept),
                             any_scalar_around("var", x)};
    const int32_t off = (int32_t)any_half("off");
    assume(offset_is_sane(o) && offset_is_bounded(o.var));
    assume(!scalar_is_const(o.var) || o.var.s.min == o.var.s.max);
    const struct window w = offset_window(o, off, (int64_t)n_bytes);
    const int64_t first = (int64_t)x + o.fixed + off;
    check("from its beginning", w.min <= first);
    check("to its end", first + (int64_t)n_bytes <= w.max);
}
PLANT(use, offset_window, offset_window, struct window,
      (struct offset o, int32_t off, int64_t n_bytes)) {
    const int64_t fixed = (int64_t)o.fixed + off;
    return (struct window){o.var.s.min + fixed, o.var.s.min + fixed + n_bytes}; /* one end */
}

/* No byte of a window in the stack is below what is asked for, or not below the frame pointer. */
THEOREM(use, window_in_stack) {
    const int64_t lowest = (int64_t)any_word("lowest");
    const struct window w = {(int64_t)any_word("min"), (int64_t)any_word("max")};
    const int64_t byte = (int64_t)any_word("byte");
    assume(w.min <= byte && byte < w.max);
    const bool inside = window_in_stack(w, lowest);
    check("not below", implies(inside, lowest <= byte));
    check("not above", implies(inside, byte < 0));
}
PLANT(use, window_in_stack, window_in_stack, bool, (struct window w, int64_t lowest)) {
    return w.min >= lowest && w.min <= -1; /* where it begins alone */
}
