/* validate_ops.c: the back end's operations by themselves, as jit/arch.h tells them: with operands
 * that alias in every way, and numbers for every plan of a constant. The driver asks for few of
 * these, and what it asks for may change.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/machine/validate_case.h"

#define CODE_ADDR UINT64_C(0x400000)

/* struct ops: an operation being looked at. */
struct ops {
    struct vunit *u;
    const struct jit_arch *a;
    const struct machine *m;
    struct mstate begin;
    struct mpath paths[MPATHS];
    bool ok;
};

/* a, b: operands, named so that cases that differ in registers alone ask the same. */
static void begin(struct ops *f, uint8_t a, uint8_t b) {
    vunit_renew(f->u);
    vcase_begin_bare(f->m, a, b, f->u->t, &f->begin);
    f->u->n_cases++;
}

static term *reg(const struct ops *f, const struct mstate *s, unsigned r) {
    return s->reg[f->m->map[r]];
}

static term *number(struct ops *f, uint64_t k) {
    return term_const(f->u->t, 64, k);
}

static bool fail(struct ops *f, const char *what) {
    return vunit_fail(f->u, NULL, SMT_REFUTED, "%s", what);
}

/* On a path: dst is want (its low width bits), all else is as it was; free: may be anything. */
static bool right(struct ops *f, const struct mpath *p, unsigned dst, term *want, unsigned width,
                  uint32_t free) {
    const struct machine *const m = f->m;
    const struct mstate *const s = &p->end;
    struct terms *const t = f->u->t;
    uint32_t asked = ~m->call_clobbers & (uint32_t)((UINT64_C(1) << m->n_regs) - 1);
    for (unsigned r = 0; r < N_JIT_REGS; r++)
        asked |= UINT32_C(1) << m->map[r];
    for (unsigned r = 0; r < N_JIT_REGS; r++)
        if (r == dst || free >> r & 1)
            asked &= ~(UINT32_C(1) << m->map[r]);
    if (m->link != 255)
        asked |= m->map[JR_T1] == m->link ? 0 : UINT32_C(1) << m->link;
    if (m->leaf_link)
        asked |= UINT32_C(1) << m->leaf_link;
    if (p->flow != MFLOW_NEXT || s->n_events)
        return fail(f, "it leaves, or reaches memory");
    if (s->trap && !vunit_prove(f->u, NULL, p, "no fault", term_not(t, s->trap)))
        return false;
    for (unsigned r = 0; r < m->n_regs; r++)
        if (asked >> r & 1 && s->reg[r] != f->begin.reg[r] &&
            !vunit_prove(f->u, NULL, p, "another register", term_eq(t, s->reg[r], f->begin.reg[r])))
            return false;
    for (unsigned i = 0; i < s->n_frame; i++)
        if (s->frame[i].off >= m->call_area)
            return fail(f, "the stack is changed");
    return vunit_prove(f->u, NULL, p, "result",
                       term_eq(t, term_low(t, width, reg(f, s, dst)), term_low(t, width, want)));
}

/* Code without a place of its own, on every path. */
static bool holds(struct ops *f, const struct jit_buf *b, unsigned dst, term *want, unsigned width,
                  uint32_t free, term *given) {
    const struct mcode code = {.bytes = b->bytes, .n_bytes = b->n, .to = b->n, .addr = CODE_ADDR};
    char err[200] = "";
    const unsigned n = mpath_all(f->m, &f->begin, &code, f->paths, err);
    bool ok = n > 0 || vunit_fail(f->u, NULL, SMT_ERROR, "%s", err);
    for (unsigned i = 0; i < n && ok; i++) {
        struct mpath *const p = &f->paths[i];
        if (given && p->n_conds == MPATH_CONDS)
            return vunit_fail(f->u, NULL, SMT_ERROR, "too many conditions");
        if (given)
            p->conds[p->n_conds++] = given;
        ok = right(f, p, dst, want, width, free);
    }
    return ok;
}

/* ---- constants ---- */

static void constant(struct ops *f, uint64_t k) {
    static const uint8_t regs[] = {JR_0, JR_3, JR_8, JR_T0};
    for (unsigned i = 0; i < sizeof regs && f->ok; i++) {
        uint8_t bytes[128];
        struct jit_buf b = {.bytes = bytes, .capacity = sizeof bytes};
        if (i != 1 && (k ^ k >> 8 ^ k >> 20 ^ k >> 40) % 4) /* the others now and then */
            continue;
        begin(f, 0, 1);
        f->a->constant(&b, regs[i], k + f->u->planted);
        f->ok = holds(f, &b, regs[i], number(f, k), 64, 0, NULL);
        if (!f->ok) {
            const size_t n = strlen(f->u->text);
            snprintf(f->u->text + n, sizeof f->u->text - n, " (register %u, %#" PRIx64 ")", regs[i],
                     k);
        }
    }
}

/* Both halves, the number beside, and its complement. */
static void around(struct ops *f, uint64_t k) {
    constant(f, k);
    constant(f, k + 1);
    constant(f, ~k);
    constant(f, k << 32 | (uint32_t)k);
}

static void constants(struct ops *f) {
    static const uint16_t quarters[] = {0, 0xffff, 0x1234, 0x8000, 0x7fff, 0xff00, 0x00ff};
    enum {
        N = sizeof quarters / sizeof *quarters
    };
    struct vnumbers list;
    vnumbers_edges(&list, 32);
    for (unsigned i = 0; i < N * N * N * N && f->ok; i++)
        constant(f, (uint64_t)quarters[i % N] | (uint64_t)quarters[i / N % N] << 16 |
                        (uint64_t)quarters[i / N / N % N] << 32 |
                        (uint64_t)quarters[i / N / N / N] << 48);
    for (unsigned i = 0; i < list.n && f->ok; i++)
        for (unsigned shift = 0; shift < 64; shift += 7)
            around(f, (uint64_t)list.k[i] << shift | (shift ? 5 : 0));
    /* runs of ones in elements of every size, turned; and two of them */
    for (unsigned size = 2; size <= 64; size *= 2)
        for (unsigned ones = 1; ones < size && f->ok; ones += size > 16 ? 3 : 1)
            for (unsigned turn = 0; turn < size; turn += size > 16 ? 5 : 1) {
                const uint64_t mask = UINT64_MAX >> (64 - size), run = mask >> (size - ones);
                const uint64_t x = (run << turn | (turn ? run >> (size - turn) : 0)) & mask;
                const uint64_t every = UINT64_MAX / mask;
                constant(f, x * every);
                constant(f, ((x | 1) & mask) * every);
                constant(f, (x ^ mask / 3) * every);
                constant(f, (x * every) ^ 0xffff);
                constant(f, (x * every & ~UINT64_C(0xffff0000)) | 0x56780000);
            }
    uint64_t seed = 1;
    for (unsigned i = 0; i < 2000 && f->ok; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        constant(f, seed);
        constant(f, seed >> (seed & 63));
        constant(f, seed << (seed >> 32 & 63));
        constant(f, (uint64_t)((int64_t)seed >> (seed >> 20 & 63)));
    }
}

/* ---- arithmetic ---- */

static unsigned bits_of(uint8_t op) {
    switch (op) {
    case JOP_SEXT8:
    case JOP_ZEXT8: return 8;
    case JOP_SEXT16:
    case JOP_ZEXT16:
    case JOP_BSWAP16: return 16;
    case JOP_SEXT32:
    case JOP_ZEXT32:
    case JOP_BSWAP32: return 32;
    default: return 64;
    }
}

/* What an operation makes of its operands, of its width or 64 bits. */
static term *meaning(struct terms *t, const struct jit_alu *o, term *a, term *b) {
    const unsigned w = o->width, bits = bits_of(o->op);
    term *const zero = term_const(t, w, 0), *const last = term_const(t, w, w - 1);
    term *const low = term_low(t, bits < w ? bits : w, b), *const b64 = b;
    a = term_low(t, w, a);
    b = term_low(t, w, b);
    term *const by = term_and(t, b, last), *const none = term_eq(t, b, zero);
    switch ((enum jit_op)o->op) {
    case JOP_MOV: return b;
    case JOP_ADD: return term_add(t, a, b);
    case JOP_SUB: return term_sub(t, a, b);
    case JOP_MUL: return term_mul(t, a, b);
    case JOP_UDIV: return term_ite(t, none, zero, term_udiv(t, a, b));
    case JOP_SDIV: return term_ite(t, none, zero, term_sdiv(t, a, b));
    case JOP_UMOD: return term_ite(t, none, a, term_urem(t, a, b));
    case JOP_SMOD: return term_ite(t, none, a, term_srem(t, a, b));
    case JOP_OR: return term_or(t, a, b);
    case JOP_AND: return term_and(t, a, b);
    case JOP_XOR: return term_xor(t, a, b);
    case JOP_SHL: return term_shl(t, a, by);
    case JOP_LSHR: return term_lshr(t, a, by);
    case JOP_ASHR: return term_ashr(t, a, by);
    case JOP_ROTL: return term_rotl(t, a, b);
    case JOP_MULHU:
        return term_extract(t, w, w, term_mul(t, term_zext(t, 2 * w, a), term_zext(t, 2 * w, b)));
    case JOP_MULHS:
        return term_extract(t, w, w, term_mul(t, term_sext(t, 2 * w, a), term_sext(t, 2 * w, b)));
    case JOP_NEG: return term_neg(t, b);
    case JOP_SEXT8:
    case JOP_SEXT16:
    case JOP_SEXT32: return term_sext(t, w, low);
    case JOP_ZEXT8:
    case JOP_ZEXT16:
    case JOP_ZEXT32: return term_zext(t, 64, term_low(t, bits, b64));
    default: return term_zext(t, 64, term_bswap(t, term_low(t, bits, b64)));
    }
}

static void operation(struct ops *f, struct jit_alu o) {
    uint8_t bytes[256];
    struct jit_buf b = {.bytes = bytes, .capacity = sizeof bytes};
    if (!f->ok)
        return;
    begin(f, o.a, o.b);
    struct terms *const t = f->u->t;
    term *const y = o.imm ? number(f, (uint64_t)o.k) : reg(f, &f->begin, o.b);
    term *const want = meaning(t, &o, reg(f, &f->begin, o.a), y);
    term *const given =
        o.nonzero ? term_ne(t, term_low(t, o.width, y), term_const(t, o.width, 0)) : NULL;
    struct jit_alu written = o;
    if (f->u->planted && o.op == JOP_ADD)
        written.op = JOP_OR;
    f->a->alu(&b, &written);
    const bool narrow = o.width == 32 && !o.zext && o.op < JOP_ZEXT8;
    f->ok = holds(f, &b, o.dst, term_zext(t, 64, want), narrow ? 32 : 64, o.dead, given);
    if (!f->ok) {
        const size_t n = strlen(f->u->text);
        snprintf(f->u->text + n, sizeof f->u->text - n,
                 " (operation %u, width %u, dst %u, a %u, b %u, %s%" PRId64 ", zext %d, dead %#x)",
                 o.op, o.width, o.dst, o.a, o.b, o.imm ? "k " : "no k ", o.k, o.zext, o.dead);
    }
}

static bool divides(enum jit_op op) {
    return op >= JOP_UDIV && op <= JOP_SMOD;
}

static bool is_upper_half(enum jit_op op) {
    return op == JOP_MULHU || op == JOP_MULHS;
}

/* May it be asked of a back end (jit/arch.h)? */
static bool is_operation(const struct jit_alu *o) {
    return !(divides(o->op) && o->dst == JR_T0) && !(is_upper_half(o->op) && o->width != 64);
}

/* With what is needed of it, and what may be used. */
static void variants(struct ops *f, struct jit_alu o) {
    enum {
        FREE = 0x3ff | 1 << JR_T0 | 1 << JR_T1
    };
    const uint32_t used = UINT32_C(1) << o.dst | UINT32_C(1) << o.a | UINT32_C(1) << o.b;
    for (unsigned i = 0; i < (divides(o.op) ? 8 : 4) && is_operation(&o); i++) {
        o.zext = o.width == 32 && i & 1;
        o.dead = i & 2 ? (uint16_t)(FREE & ~used) : 0;
        o.nonzero = i >> 2;
        if (o.width == 32 || !(i & 1))
            operation(f, o);
    }
}

/* What fills the space before a loop. */
static void fillers(struct ops *f) {
    for (uint32_t n = 1; f->a->nops && n <= 32 && f->ok; n++) {
        uint8_t bytes[64];
        struct jit_buf b = {.bytes = bytes, .capacity = sizeof bytes};
        begin(f, JR_0, JR_1);
        f->a->nops(&b, n);
        f->ok = (b.n == n || fail(f, "nops of another size")) &&
                holds(f, &b, JR_0, reg(f, &f->begin, JR_0), 64, 0, NULL);
    }
}

static void arithmetic(struct ops *f) {
    static const uint8_t regs[] = {JR_0, JR_1, JR_3, JR_4, JR_7, JR_8, JR_T0};
    enum {
        N = sizeof regs
    };
    struct vnumbers list;
    vnumbers_edges(&list, 32);
    fillers(f);
    for (uint8_t op = 0; op < N_JIT_OPS; op++)
        for (unsigned w = 32; w <= 64 && f->ok; w += 32) {
            const bool unary = op == JOP_MOV || op >= JOP_NEG;
            const bool registers_only = divides(op) || is_upper_half(op);
            struct jit_alu o = {.op = op, .width = (uint8_t)w};
            for (unsigned i = 0; i < N * N * N && op != JOP_ROTL; i++) {
                o.dst = regs[i % N];
                o.b = regs[i / N % N];
                o.a = unary ? o.dst : regs[i / N / N];
                if (unary && i >= N * N)
                    break;
                variants(f, o);
            }
            if (op >= JOP_NEG || registers_only)
                continue;
            o.imm = true;
            o.b = JR_0;
            for (unsigned i = 0; i < list.n; i++)
                for (unsigned pair = 0; pair < 3; pair++) {
                    const bool shift = op >= JOP_SHL && op <= JOP_ROTL;
                    o.k = list.k[i];
                    o.dst = pair == 0 ? JR_3 : pair == 1 ? JR_8 : JR_7;
                    o.a = pair == 0 ? JR_3 : pair == 1 ? JR_1 : JR_8;
                    o.b = o.a;
                    if (shift && (o.k < (op == JOP_ROTL) || o.k >= (int64_t)w))
                        continue;
                    if (op == JOP_MUL && (i % 4 || pair == 2))
                        continue;
                    variants(f, o);
                }
        }
}

bool vops_run(struct vunit *u, const struct jit_arch *target, const char *what) {
    struct ops *const f = calloc(1, sizeof *f);
    if (!f || !machine_of(target)) {
        free(f);
        return vunit_fail(u, NULL, SMT_ERROR, "no memory, or no machine for this back end");
    }
    *f = (struct ops){.u = u, .a = target, .m = machine_of(target), .ok = true};
    (strcmp(what, "CONSTANT") ? arithmetic : constants)(f);
    bool ok = f->ok;
    if (ok && terms_failed(u->t))
        ok = vunit_fail(u, NULL, SMT_ERROR, "out of memory for terms");
    free(f);
    return ok;
}
