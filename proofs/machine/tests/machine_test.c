/* machine_test.c: the machine that proofs reason about, held against the machine that the test runs
 * on: random operations of its back end, framed as functions, are executed by the processor and by
 * machine_step on constants, and must leave the same registers and the same memory.
 *
 * Everything of the function counts: the frame, the loads of all registers before the operation and
 * the stores after it. A result that an instruction leaves undefined, if anything reads it, is an
 * error of the emulation. In cross builds the processor is an emulator of somebody else's.
 */
#include <stdlib.h>

#include "jit/tests/ops_rig.h"
#include "proofs/machine/tests/emulate.h"

enum {
    N_CASES = 16000,
    BATCH = 500,   /* cases with terms in one store */
    AROUND = 4096, /* bytes on either side of the world that may be accessed */
    NEAR = 1024,   /* accesses are made so far below it */
};

enum kind {
    KIND_ALU,
    KIND_CONSTANT,
    KIND_LOAD,
    KIND_STORE,
    KIND_ATOMIC,
    KIND_BRANCH,
    KIND_SLOTS,
    N_KINDS,
};

static const char *const kind_names[] = {"alu",    "constant", "load", "store",
                                         "atomic", "branch",   "slots"};

static void describe(const struct rig_case *c, char *out, size_t n) {
    const struct jit_alu *const o = &c->u.alu;
    const struct jit_mem *const m = &c->u.mem;
    const struct jit_atomic *const x = &c->u.atomic;
    const struct jit_site *const s = &c->u.site;
    switch ((enum kind)c->key) {
    case KIND_ALU:
        snprintf(out, n, "alu op=%u width=%u dst=%u a=%u b=%u imm=%d k=%" PRId64, o->op, o->width,
                 o->dst, o->a, o->b, o->imm, o->k);
        break;
    case KIND_ATOMIC:
        snprintf(out, n, "atomic rmw=%u bytes=%u fetch=%d base=%u src=%u off=%d", x->rmw, x->bytes,
                 x->fetch, x->base, x->src, x->off);
        break;
    case KIND_BRANCH:
        snprintf(out, n, "branch cond=%u width=%u a=%u b=%u imm=%d k=%" PRId64 " form=%u", s->cond,
                 s->width, s->a, s->b, s->imm, s->k, s->form);
        break;
    case KIND_LOAD:
    case KIND_STORE:
        snprintf(out, n, "%s bytes=%u reg=%u base=%u off=%d sign=%d swap=%d order=%d imm=%d",
                 kind_names[c->key], m->bytes, m->reg, m->base, m->off, m->sign, m->swap, m->order,
                 m->imm);
        break;
    default: snprintf(out, n, "%s", kind_names[c->key]); break;
    }
}

/* ---- random operations ---- */

static uint8_t any_reg(struct rig *r) {
    return (uint8_t)rig_pick(r, N_RIG_REGS);
}

static int64_t any_imm(struct rig *r) {
    const uint64_t k = rig_pick(r, 4) ? (uint64_t)rig_imms[rig_pick(r, n_rig_imms)] : rig_value(r);
    return (int32_t)k;
}

static bool divides(uint8_t op) {
    return op >= JOP_UDIV && op <= JOP_SMOD;
}

static struct jit_alu any_alu(struct rig *r) {
    struct jit_alu a = {.op = (uint8_t)rig_pick(r, N_JIT_OPS),
                        .width = rig_pick(r, 2) ? 64 : 32,
                        .dst = any_reg(r),
                        .a = any_reg(r),
                        .b = any_reg(r),
                        .zext = rig_pick(r, 2)};
    a.imm = a.op == JOP_ROTL || (a.op < JOP_MULHU && !divides(a.op) && rig_pick(r, 2));
    a.k = any_imm(r);
    if (a.op == JOP_ROTL)
        a.k = 1 + rig_pick(r, a.width - 1u);
    else if (a.op >= JOP_SHL && a.op <= JOP_ASHR && a.imm)
        a.k &= a.width - 1;
    a.nonzero = divides(a.op) && rig_pick(r, 2);
    while (divides(a.op) && a.dst == JR_T0)
        a.dst = any_reg(r);
    if (a.op == JOP_MULHU || a.op == JOP_MULHS)
        a.width = 64;
    if (rig_pick(r, 4) == 0)
        a.dead = (uint16_t)(check_random(&r->seed) & RIG_DEADABLE &
                            ~(1u << a.dst | 1u << a.a | 1u << a.b));
    return a;
}

static struct jit_mem any_mem(struct rig *r, bool load) {
    static const int32_t edges[] = {0,    1,    7,     8,     127,   128,   255,    256,
                                    -1,   -128, -129,  -256,  -257,  504,   2047,   2048,
                                    4095, 4096, -2048, -2049, 16380, 32760, -32768, 32767};
    struct jit_mem m = {.bytes = (uint8_t)(1u << rig_pick(r, 4)), .reg = any_reg(r)};
    m.base = any_reg(r);
    m.off = edges[rig_pick(r, sizeof edges / sizeof *edges)];
    m.order = rig_pick(r, 4) == 0;
    if (load && !m.order) {
        m.sign = m.bytes < 8 && rig_pick(r, 3) == 0;
        m.swap = !m.sign && m.bytes > 1 && rig_pick(r, 3) == 0;
    } else if (!load) {
        m.imm = !m.order && rig_pick(r, 3) == 0;
        m.reg = m.imm ? JR_NONE : m.reg;
        m.k = any_imm(r);
    }
    return m;
}

static struct jit_atomic any_atomic(struct rig *r) {
    struct jit_atomic a = {.rmw = (uint8_t)rig_pick(r, JRMW_CMPXCHG + 1),
                           .bytes = rig_pick(r, 2) ? 8 : 4,
                           .base = any_reg(r),
                           .src = any_reg(r)};
    a.fetch = a.rmw >= JRMW_XCHG || rig_pick(r, 2);
    a.off = 8 * ((int32_t)rig_pick(r, 1025) - 512);
    return a;
}

/* ---- making functions ---- */

/* A branch over a store of a number. */
static void put_branch(struct rig *r, struct rig_case *c) {
    struct jit_site s = {.kind = JSITE_BRANCH,
                         .cond = (uint8_t)rig_pick(r, JC_NSET + 1),
                         .width = rig_pick(r, 2) ? 64 : 32,
                         .a = any_reg(r),
                         .b = any_reg(r),
                         .imm = rig_pick(r, 2)};
    const uint32_t n = r->b.n;
    s.k = any_imm(r);
    rig_mark(r, 1);
    const uint32_t over = r->b.n - n;
    r->b.n = n;
    s.form = (uint8_t)rig_pick(r, JSITE_FORMS);
    while (!r->a->site_bytes(&s, s.form) ||
           !r->a->site_fits(&s, s.form, r->a->site_bytes(&s, s.form) + over))
        s.form = (uint8_t)rig_pick(r, JSITE_FORMS);
    r->a->site(&r->b, &s, s.form, r->a->site_bytes(&s, s.form) + over);
    rig_mark(r, (int32_t)rig_pick(r, 1000) + 1);
    c->u.site = s;
}

static void put_slots(struct rig *r, unsigned n_slots) {
    const struct jit_mem put = {
        .bytes = 8, .reg = any_reg(r), .base = JR_SLOTS, .off = 8 * (int32_t)rig_pick(r, n_slots)};
    struct jit_mem get = put;
    get.reg = any_reg(r);
    r->a->store(&r->b, &put);
    r->a->load(&r->b, &get);
}

static void put_case(struct rig *r) {
    static const uint8_t weights[] = {KIND_ALU,    KIND_ALU,   KIND_ALU,    KIND_CONSTANT,
                                      KIND_LOAD,   KIND_STORE, KIND_ATOMIC, KIND_BRANCH,
                                      KIND_BRANCH, KIND_SLOTS};
    const struct jit_frame f = {.saved = (uint16_t)(rig_pick(r, 16) << JR_6),
                                .n_slots = (uint8_t)(1 + rig_pick(r, 20)),
                                .calls = rig_pick(r, 2)};
    struct rig_case *const c = &r->cases[r->n_cases++];
    c->off = r->b.n;
    c->key = weights[rig_pick(r, sizeof weights)];
    r->n_funcs++;
    r->a->enter(&r->b, &f);
    rig_load_all(r);
    c->op = r->b.n;
    switch ((enum kind)c->key) {
    case KIND_ALU:
        c->u.alu = any_alu(r);
        r->a->alu(&r->b, &c->u.alu);
        break;
    case KIND_CONSTANT: r->a->constant(&r->b, any_reg(r), rig_value(r)); break;
    case KIND_LOAD:
        c->u.mem = any_mem(r, true);
        r->a->load(&r->b, &c->u.mem);
        break;
    case KIND_STORE:
        c->u.mem = any_mem(r, false);
        r->a->store(&r->b, &c->u.mem);
        break;
    case KIND_ATOMIC:
        c->u.atomic = any_atomic(r);
        r->a->atomic(&r->b, &c->u.atomic);
        break;
    case KIND_BRANCH: put_branch(r, c); break;
    default: put_slots(r, f.n_slots); break;
    }
    c->op_end = r->b.n;
    rig_store_all(r);
    r->a->leave(&r->b, &f);
}

/* ---- running ---- */

struct test {
    struct terms *t;
    const struct machine *m;
    unsigned n_terms; /* cases whose terms are in t */
    unsigned kinds[N_KINDS];
    uint64_t n_insns, n_lies, n_believed;
    uint8_t *before, *mine;
};

/* Registers as the case wants them: the base points near the world, some values come twice. */
static void prepare(struct rig *r, const struct rig_case *c) {
    uint64_t *const in = r->w->in;
    const bool atomic = c->key == KIND_ATOMIC;
    uint64_t at = (uint64_t)(uintptr_t)r->w - NEAR;
    rig_fill(r);
    if (rig_pick(r, 2))
        in[any_reg(r)] = in[any_reg(r)];
    if (c->key == KIND_BRANCH && rig_pick(r, 2))
        in[c->u.site.a] = c->u.site.imm ? (uint64_t)c->u.site.k : in[c->u.site.b];
    if (c->key == KIND_ALU && c->u.alu.b < N_RIG_REGS && divides(c->u.alu.op))
        in[c->u.alu.b] = c->u.alu.nonzero || rig_pick(r, 2) ? in[c->u.alu.b] | 1 : 0;
    if (c->key == KIND_LOAD || c->key == KIND_STORE) {
        at += c->u.mem.order ? 0 : rig_pick(r, 9);
        in[c->u.mem.base] = at - (uint64_t)(int64_t)c->u.mem.off;
    }
    if (atomic)
        in[c->u.atomic.base] = at - (uint64_t)(int64_t)c->u.atomic.off;
    for (int i = -16; i < 32; i++)
        ((uint8_t *)r->w)[-NEAR + i] = (uint8_t)rig_value(r);
    if (atomic && rig_pick(r, 2)) /* what it compares with is there */
        memcpy((uint8_t *)r->w - NEAR, &in[JR_0], 8);
}

static bool run_emulator(struct test *t, const struct rig *r, const struct rig_case *c,
                         struct emulator *e) {
    *e = (struct emulator){.m = t->m,
                           .code = r->mem + RIG_CODE,
                           .n_bytes = r->b.n,
                           .addr = rig_addr(r, 0),
                           .mem = t->mine,
                           .mem_addr = (uint64_t)(uintptr_t)r->w - AROUND,
                           .mem_bytes = 2 * AROUND + sizeof *r->w,
                           .seed = r->n_runs};
    emulate_begin(e, t->t);
    emulate_set(e, JR_STATE, (uint64_t)(uintptr_t)r->w);
    memcpy(t->mine, t->before, e->mem_bytes);
    return emulate(e, c->off);
}

/* The first byte that differs, the engine's own state left out; -1: none. */
static long difference(const struct test *t, const struct rig *r) {
    const uint8_t *const real = (const uint8_t *)r->w - AROUND;
    for (size_t i = 0; i < 2 * AROUND + sizeof *r->w; i++)
        if (real[i] != t->mine[i] && (i < AROUND || i >= AROUND + sizeof r->w->x))
            return (long)i;
    return -1;
}

static void check_case(struct test *t, struct rig *r, unsigned i) {
    const struct rig_case *const c = &r->cases[i];
    const uint64_t bytes = 2 * AROUND + sizeof *r->w;
    struct emulator e;
    prepare(r, c);
    memcpy(t->before, (uint8_t *)r->w - AROUND, bytes);
    rig_call(r, c);
    t->kinds[c->key]++;
    if (!run_emulator(t, r, c, &e)) {
        rig_eq(r, c, e.why, 0, 1);
        return;
    }
    t->n_insns += e.n_insns;
    const long at = difference(t, r);
    if (at >= (long)AROUND && at < (long)(AROUND + sizeof *r->w))
        rig_eq(r, c, "place in the world", (uint64_t)at - AROUND, UINT64_MAX);
    else
        rig_eq(r, c, "place in memory", (uint64_t)at, UINT64_MAX);
    for (unsigned k = 0; at >= 0 && k < N_JIT_REGS; k++) {
        uint64_t mine;
        memcpy(&mine, t->mine + AROUND + RIG_OUT + 8u * k, 8);
        rig_eq(r, c, rig_reg_name(k), mine, r->w->out[k]);
    }
    /* Another function in its place must make a difference. */
    if (i > 0 && r->cases[i - 1].key != c->key) {
        t->n_lies++;
        t->n_believed += run_emulator(t, r, &r->cases[i - 1], &e) && difference(t, r) < 0;
    }
}

static void run_batch(struct test *t, struct rig *r) {
    rig_seal(r);
    t->t = terms_new();
    for (unsigned i = 0; i < r->n_cases && t->t; i++)
        check_case(t, r, i);
    if (!t->t || terms_failed(t->t))
        rig_eq(r, NULL, "memory for terms", 0, 1);
    terms_free(t->t);
    r->current = NULL;
    r->n_cases = 0;
    r->b.n = 0;
}

int main(void) {
    struct rig r;
    struct test t = {0};
    const char *const why = rig_init(&r, describe);
    if (why)
        return check_skip(why);
    t.m = machine_of(r.a);
    if (!t.m)
        return check_skip("there is no machine for this back end");
    t.before = calloc(2, 2 * AROUND + sizeof *r.w);
    if (!t.before)
        return check_skip("no memory");
    t.mine = t.before + 2 * AROUND + sizeof *r.w;
    for (unsigned n = 0; n < check_rounds(N_CASES); n += BATCH) {
        while (r.n_cases < BATCH)
            put_case(&r);
        run_batch(&t, &r);
    }
    for (unsigned k = 0; k < N_KINDS; k++) {
        printf("%s: %u\n", kind_names[k], t.kinds[k]);
        rig_eq(&r, NULL, kind_names[k], t.kinds[k] > 0, 1);
    }
    printf("%" PRIu64 " instructions emulated; of %" PRIu64 " wrong functions %" PRIu64
           " were believed\n",
           t.n_insns, t.n_lies, t.n_believed);
    rig_eq(&r, NULL, "wrong functions are seen", t.n_lies > 0 && t.n_believed * 10 < t.n_lies, 1);
    free(t.before);
    return rig_end_test(&r);
}
