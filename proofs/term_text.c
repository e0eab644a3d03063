/* term_text.c: terms as text, for messages. */
#include <stdio.h>
#include <string.h>

#include "proofs/term.h"

static const char *const op_names[] = {[TERM_NOT] = "bvnot",
                                       [TERM_NEG] = "bvneg",
                                       [TERM_AND] = "bvand",
                                       [TERM_OR] = "bvor",
                                       [TERM_XOR] = "bvxor",
                                       [TERM_ADD] = "bvadd",
                                       [TERM_SUB] = "bvsub",
                                       [TERM_MUL] = "bvmul",
                                       [TERM_UDIV] = "bvudiv",
                                       [TERM_UREM] = "bvurem",
                                       [TERM_SDIV] = "bvsdiv",
                                       [TERM_SREM] = "bvsrem",
                                       [TERM_SHL] = "bvshl",
                                       [TERM_LSHR] = "bvlshr",
                                       [TERM_ASHR] = "bvashr",
                                       [TERM_CONCAT] = "concat",
                                       [TERM_EQ] = "=",
                                       [TERM_ULT] = "bvult",
                                       [TERM_SLT] = "bvslt",
                                       [TERM_ITE] = "ite",
                                       [TERM_EXTRACT] = "extract",
                                       [TERM_ZEXT] = "zero_extend",
                                       [TERM_SEXT] = "sign_extend"};

struct text {
    char *out;
    size_t n, used;
};

static void put(struct text *x, const char *s) {
    const size_t n = strlen(s);
    for (size_t i = 0; i < n; i++, x->used++)
        if (x->used + 1 < x->n)
            x->out[x->used] = s[i];
}

static void write_term(struct text *x, term *a) {
    char head[64];
    if (a->op == TERM_VAR) {
        put(x, a->u.name);
        return;
    }
    if (a->op == TERM_CONST) {
        snprintf(head, sizeof head, "0x%llx", (unsigned long long)a->u.k[0]);
        put(x, head);
        return;
    }
    if (a->op == TERM_EXTRACT)
        snprintf(head, sizeof head, "((_ extract %u %u)", a->lo + a->width - 1u, a->lo);
    else if (a->op == TERM_ZEXT || a->op == TERM_SEXT)
        snprintf(head, sizeof head, "((_ %s %u)", op_names[a->op], a->width - a->a->width);
    else
        snprintf(head, sizeof head, "(%s", op_names[a->op]);
    put(x, head);
    term *const below[] = {a->c, a->a, a->b};
    for (unsigned i = 0; i < 3 && x->used < x->n; i++) {
        if (!below[i])
            continue;
        put(x, " ");
        write_term(x, below[i]);
    }
    put(x, ")");
}

int term_text(term *a, char *out, size_t n) {
    struct text x = {out, n, 0};
    write_term(&x, a);
    if (n > 0)
        out[x.used < n ? x.used : n - 1] = 0;
    return (int)x.used;
}
