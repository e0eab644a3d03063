/* ops_const_test.c: constants as sites on the machine itself, with and without the pool, in every
 * form, and as far from the pool as it reaches. */
#include "jit/tests/ops_far.h"
#include "jit/tests/ops_rig.h"

static void describe(const struct rig_case *c, char *out, size_t n) {
    const struct jit_site *const s = &c->u.site;
    snprintf(out, n, "const %s = %#" PRIx64 " form %u", rig_reg_name(s->a), (uint64_t)s->k,
             s->form);
}

static struct rig_case *begin(struct rig *r, const struct jit_site *s, unsigned form) {
    struct rig_case *const c = rig_begin(r);
    c->u.site = *s;
    c->u.site.form = (uint8_t)form;
    return c;
}

static void put_site(struct rig *r, struct rig_case *c, int64_t distance) {
    const struct jit_site *const s = &c->u.site;
    r->a->site(&r->b, s, s->form, distance);
    c->op_end = r->b.n;
    rig_eq(r, c, "bytes of a site", c->op_end - c->op, r->a->site_bytes(s, s->form));
}

static void run_const(struct rig *r, const struct rig_case *c) {
    rig_fill(r);
    rig_call(r, c);
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        rig_same(r, c, i, i == c->u.site.a ? (uint64_t)c->u.site.k : r->w->in[i], UINT64_MAX);
}

static void add_const(struct rig *r, const struct jit_site *s, unsigned form) {
    struct rig_case *const c = begin(r, s, form);
    /* the pool entry lies behind the function: how far is found by making it twice */
    int64_t distance = 0;
    for (unsigned pass = 0; pass < 2; pass++) {
        r->b.n = c->op;
        put_site(r, c, distance);
        rig_end(r, c);
        while (r->a->pool_bytes && r->b.n % 8)
            jit_put(&r->b, 0, 1);
        distance = (int64_t)r->b.n - c->op;
    }
    RIG_CHECK(r, r->a->site_fits(s, form, distance));
    if (r->a->pool_bytes)
        jit_put_mem(&r->b, &s->k, 8);
}

/* The pool's entry as far away as a form reaches. */
static void run_far_const(struct rig *r, struct far *f, const struct jit_site *s, unsigned form,
                          int64_t distance) {
    const uint64_t none[5] = {0};
    r->b.n = r->n_cases = 0;
    struct rig_case *const c = begin(r, s, form);
    put_site(r, c, distance);
    rig_end(r, c);
    uint64_t at = far_base(f, distance);
    at -= (at + (uint64_t)distance) % 8; /* entries are aligned */
    far_put(f, at - c->op, r->b.bytes, r->b.n);
    far_put(f, at + (uint64_t)distance, &s->k, 8);
    rig_seal(r);
    rig_fill(r);
    r->current = c;
    rig_enter(r, none, 0, at - c->op);
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        rig_same(r, c, i, i == s->a ? (uint64_t)s->k : r->w->in[i], UINT64_MAX);
    r->current = NULL;
    r->b.n = r->n_cases = 0;
}

static void test_far_consts(struct rig *r) {
    struct far f;
    const bool room = r->a->pool_bytes && far_init(&f);
    RIG_CHECK(r, room || !r->a->pool_bytes);
    for (unsigned i = 0; room && i < 8 * N_RIG_REGS; i++) {
        const struct jit_site s = {.kind = JSITE_CONST,
                                   .imm = true,
                                   .a = (uint8_t)(i / 8),
                                   .b = JR_NONE,
                                   .k = (int64_t)check_random(&r->seed)};
        const int sign = i & 1 ? 1 : -1;
        const int64_t reach = far_reach(r, &s, i / 2 % 2, sign);
        const int64_t distance = i & 4 ? reach : reach / (int64_t)(2 + rig_pick(r, 1000));
        if (reach > 8192 && distance > 4096 && r->a->site_bytes(&s, i / 2 % 2))
            run_far_const(r, &f, &s, i / 2 % 2, sign * (distance & -(int64_t)r->a->insn_bytes));
    }
    if (room)
        far_fini(&f);
}

static void test_consts(struct rig *r) {
    for (unsigned i = 0; i < 2000; i++) {
        struct jit_site s = {.kind = JSITE_CONST,
                             .imm = true,
                             .a = (uint8_t)(i % N_RIG_REGS),
                             .b = JR_NONE,
                             .k = (int64_t)rig_value(r)};
        if (i & 1)
            s.k = (int64_t)check_random(&r->seed);
        for (unsigned form = 0; form < JSITE_FORMS && r->a->site_bytes(&s, form); form++) {
            if (rig_full(r))
                rig_run(r, run_const);
            add_const(r, &s, form);
        }
    }
    rig_run(r, run_const);
}

int main(void) {
    struct rig r;
    const char *const why = rig_init(&r, describe);
    if (why)
        return check_skip(why);
    test_consts(&r);
    test_far_consts(&r);
    return rig_end_test(&r);
}
