/* atomic.c: read-modify-write.
 *
 * COMPARE AND SWAP serialises; LOAD AND ADD and its like do so for their operand alone, so the
 * store queue is drained behind them (BCR 14,0, as Linux has it).
 */
#include "jit/s390x/s390x.h"

/* load_and: the machine always fetches; the old value goes nowhere if it is not asked for. */
static void load_and(struct jit_buf *b, const struct jit_atomic *a, enum s390x_gr src,
                     enum s390x_gr base) {
    const bool wide = a->bytes == 8;
    const enum s390x_gr old = a->fetch ? src : GR_PRIVATE;
    switch (a->rmw) {
    case JRMW_ADD: (wide ? s390x_laag : s390x_laa)(b, old, src, a->off, base); break;
    case JRMW_OR: (wide ? s390x_laog : s390x_lao)(b, old, src, a->off, base); break;
    case JRMW_AND: (wide ? s390x_lang : s390x_lan)(b, old, src, a->off, base); break;
    default: assert(a->rmw == JRMW_XOR); (wide ? s390x_laxg : s390x_lax)(b, old, src, a->off, base);
    }
    s390x_bcr(b, S390X_FENCE, GR0);
    if (a->fetch && !wide)
        s390x_llgfr(b, src, src);
}

/* compare_and_swap: memory = src if it holds what old holds; old = what it held. */
static void compare_and_swap(struct jit_buf *b, const struct jit_atomic *a, enum s390x_gr old,
                             enum s390x_gr src, enum s390x_gr base) {
    if (a->bytes == 8)
        s390x_csg(b, old, src, a->off, base);
    else if (s390x_fits_unsigned(a->off, 12))
        s390x_cs(b, old, src, a->off, base);
    else
        s390x_csy(b, old, src, a->off, base);
}

static void exchange(struct jit_buf *b, const struct jit_atomic *a, enum s390x_gr src,
                     enum s390x_gr base) {
    const bool wide = a->bytes == 8;
    if (wide)
        s390x_lg(b, GR_PRIVATE, a->off, base);
    else if (s390x_fits_unsigned(a->off, 12))
        s390x_l(b, GR_PRIVATE, a->off, base);
    else
        s390x_ly(b, GR_PRIVATE, a->off, base);
    const uint32_t again = b->n;
    compare_and_swap(b, a, GR_PRIVATE, src, base);
    s390x_brc(b, S390X_LT, (int64_t)again - b->n); /* CC 1: it held something else */
    s390x_move(b, wide ? 64 : 32, true, src, GR_PRIVATE);
}

void s390x_atomic(struct jit_buf *b, const struct jit_atomic *a) {
    const enum s390x_gr src = s390x_gr(a->src), base = s390x_gr(a->base);
    if (a->rmw == JRMW_XCHG)
        exchange(b, a, src, base);
    else if (a->rmw == JRMW_CMPXCHG) {
        compare_and_swap(b, a, GR_R0, src, base);
        if (a->bytes == 4)
            s390x_llgfr(b, GR_R0, GR_R0);
    } else
        load_and(b, a, src, base);
}
