/* z3_term.c: terms become Z3's expressions, node by node.
 *
 * Terms of width 1 are truth values everywhere; where one is an operand of a bit-vector operator it
 * is turned into a vector of one bit, and an extract of one bit back.
 */
#include "proofs/z3_term.h"

#include <stdlib.h>

static Z3_ast numeral(Z3_context z, term *a) {
    const Z3_sort sort = Z3_mk_bv_sort(z, a->width);
    if (a->width <= 64)
        return Z3_mk_unsigned_int64(z, a->u.k[0], sort);
    Z3_ast r = NULL;
    for (unsigned at = 0; at < a->width; at += 64) {
        const unsigned left = a->width - at, w = left < 64 ? left : 64;
        const Z3_ast limb = Z3_mk_unsigned_int64(z, a->u.k[at / 64], Z3_mk_bv_sort(z, w));
        r = r ? Z3_mk_concat(z, limb, r) : limb;
    }
    return r;
}

static Z3_ast variable(Z3_context z, term *a) {
    const Z3_sort sort = a->width == 1 ? Z3_mk_bool_sort(z) : Z3_mk_bv_sort(z, a->width);
    return Z3_mk_const(z, Z3_mk_string_symbol(z, a->u.name), sort);
}

static Z3_ast bit(Z3_context z, bool one) {
    return Z3_mk_unsigned_int64(z, one, Z3_mk_bv_sort(z, 1));
}

/* vector: an operand as a bit-vector, whatever its width. */
static Z3_ast vector(const struct z3_terms *m, term *a) {
    const Z3_ast x = m->of[a->id];
    return a->width == 1 ? Z3_mk_ite(m->z, x, bit(m->z, true), bit(m->z, false)) : x;
}

static Z3_ast word(const struct z3_terms *m, term *n, Z3_ast a, Z3_ast b) {
    const Z3_context z = m->z;
    switch ((enum term_op)n->op) {
    case TERM_CONST: return numeral(z, n);
    case TERM_NOT: return Z3_mk_bvnot(z, a);
    case TERM_NEG: return Z3_mk_bvneg(z, a);
    case TERM_AND: return Z3_mk_bvand(z, a, b);
    case TERM_OR: return Z3_mk_bvor(z, a, b);
    case TERM_XOR: return Z3_mk_bvxor(z, a, b);
    case TERM_ADD: return Z3_mk_bvadd(z, a, b);
    case TERM_SUB: return Z3_mk_bvsub(z, a, b);
    case TERM_MUL: return Z3_mk_bvmul(z, a, b);
    case TERM_UDIV: return Z3_mk_bvudiv(z, a, b);
    case TERM_UREM: return Z3_mk_bvurem(z, a, b);
    case TERM_SDIV: return Z3_mk_bvsdiv(z, a, b);
    case TERM_SREM: return Z3_mk_bvsrem(z, a, b);
    case TERM_SHL: return Z3_mk_bvshl(z, a, b);
    case TERM_LSHR: return Z3_mk_bvlshr(z, a, b);
    case TERM_ASHR: return Z3_mk_bvashr(z, a, b);
    case TERM_CONCAT: return Z3_mk_concat(z, vector(m, n->a), vector(m, n->b));
    case TERM_EXTRACT: return Z3_mk_extract(z, n->lo + n->width - 1u, n->lo, a);
    case TERM_ZEXT: return Z3_mk_zero_ext(z, n->width - n->a->width, vector(m, n->a));
    case TERM_SEXT: return Z3_mk_sign_ext(z, n->width - n->a->width, vector(m, n->a));
    case TERM_ITE: return Z3_mk_ite(z, m->of[n->c->id], a, b);
    default: return NULL;
    }
}

static Z3_ast truth(const struct z3_terms *m, term *n, Z3_ast a, Z3_ast b) {
    const Z3_context z = m->z;
    const Z3_ast both[] = {a, b};
    switch ((enum term_op)n->op) {
    case TERM_CONST: return term_is_true(n) ? Z3_mk_true(z) : Z3_mk_false(z);
    case TERM_NOT: return Z3_mk_not(z, a);
    case TERM_AND: return Z3_mk_and(z, 2, both);
    case TERM_OR: return Z3_mk_or(z, 2, both);
    case TERM_XOR: return Z3_mk_xor(z, a, b);
    case TERM_ITE: return Z3_mk_ite(z, m->of[n->c->id], a, b);
    case TERM_EQ: return n->a->width == 1 ? Z3_mk_iff(z, a, b) : Z3_mk_eq(z, a, b);
    case TERM_ULT: return Z3_mk_bvult(z, vector(m, n->a), vector(m, n->b));
    case TERM_SLT: return Z3_mk_bvslt(z, vector(m, n->a), vector(m, n->b));
    case TERM_EXTRACT:
        return Z3_mk_eq(z, Z3_mk_extract(z, n->lo, n->lo, vector(m, n->a)), bit(z, true));
    case TERM_NEG:
    case TERM_ADD:
    case TERM_SUB:
    case TERM_MUL:
    case TERM_UDIV:
    case TERM_UREM:
    case TERM_SDIV:
    case TERM_SREM:
    case TERM_SHL:
    case TERM_LSHR:
    case TERM_ASHR: { /* arithmetic of one bit: quotients of extended truth values */
        const Z3_ast v = word(m, n, vector(m, n->a), n->b ? vector(m, n->b) : NULL);
        return v ? Z3_mk_eq(z, v, bit(z, true)) : NULL;
    }
    default: return NULL;
    }
}

static bool multiplies(term *x) {
    return x->op >= TERM_MUL && x->op <= TERM_SREM && !term_is_const(x->a) && !term_is_const(x->b);
}

bool z3_terms_make(struct z3_terms *m, const struct terms *t, term *const *roots, size_t n_roots) {
    term **list;
    const size_t n = term_below(t, roots, n_roots, &list);
    if (n == 0)
        return n_roots == 0;
    const uint32_t count = terms_count(t);
    if (count > m->n) {
        Z3_ast *bigger = realloc(m->of, count * sizeof *bigger);
        if (!bigger) {
            free((void *)list);
            return false;
        }
        for (uint32_t i = m->n; i < count; i++)
            bigger[i] = NULL;
        m->of = bigger;
        m->n = count;
    }
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        term *const x = list[i];
        if (m->of[x->id])
            continue;
        const Z3_ast a = x->a ? m->of[x->a->id] : NULL, b = x->b ? m->of[x->b->id] : NULL;
        Z3_ast made = x->op == TERM_VAR ? variable(m->z, x)
                      : x->width == 1   ? truth(m, x, a, b)
                                        : word(m, x, a, b);
        m->of[x->id] = made;
        m->multiplies |= multiplies(x);
        ok = made != NULL;
    }
    free((void *)list);
    return ok;
}

void z3_terms_fini(struct z3_terms *m) {
    free(m->of);
    m->of = NULL;
    m->n = 0;
}
