/* ops_site_test.c: branches and jumps on the machine itself: every condition, width and pair of
 * registers at both outcomes, immediates at the edges of encodings, forward and backward, in every
 * form; forms at the ends of their reach. A branch changes no register at all. */
#include "jit/tests/ops_far.h"
#include "jit/tests/ops_meaning.h"
#include "jit/tests/ops_rig.h"

enum {
    FELL = 1,
    TAKEN = 2,
};

static void describe(const struct rig_case *c, char *out, size_t n) {
    const struct jit_site *const s = &c->u.site;
    if (s->kind == JSITE_JUMP)
        snprintf(out, n, "jump form %u", s->form);
    else
        snprintf(out, n, "branch %s%u a=%s b=%s imm=%d k=%" PRId64 " form %u",
                 meaning_cond_name(s->cond), s->width, rig_reg_name(s->a),
                 s->imm ? "-" : rig_reg_name(s->b), s->imm, s->k, s->form);
}

/* ---- making ---- */

/* Says where it came out, stores all, returns. */
static void put_end(struct rig *r, int32_t mark) {
    rig_mark(r, mark);
    rig_store_all(r);
    r->a->leave(&r->b, &rig_bare);
}

static uint32_t end_size(struct rig *r, int32_t mark) {
    const uint32_t n = r->b.n;
    put_end(r, mark);
    const uint32_t size = r->b.n - n;
    r->b.n = n;
    return size;
}

static struct rig_case *begin(struct rig *r, const struct jit_site *s, unsigned form) {
    struct rig_case *const c = rig_begin(r);
    c->u.site = *s;
    c->u.site.form = (uint8_t)form;
    return c;
}

/* The site in a form, whose size must be what it was said to be. */
static void put_site(struct rig *r, struct rig_case *c, int64_t distance) {
    const struct jit_site *const s = &c->u.site;
    r->a->site(&r->b, s, s->form, distance);
    c->op_end = r->b.n;
    rig_eq(r, c, "bytes of a site", c->op_end - c->op, r->a->site_bytes(s, s->form));
}

/* A branch or jump in a form to a label before or behind it; false: it does not reach that far. */
static bool add_form(struct rig *r, const struct jit_site *s, unsigned form, bool backward) {
    const uint32_t before = r->b.n;
    if (backward)
        put_end(r, TAKEN);
    struct rig_case *const c = begin(r, s, form);
    const int64_t forward = (int64_t)r->a->site_bytes(s, form) + end_size(r, FELL);
    const int64_t distance = backward ? (int64_t)before - c->op : forward;
    if (!r->a->site_fits(s, form, distance)) {
        r->b.n = before;
        r->n_cases--;
        return false;
    }
    put_site(r, c, distance);
    put_end(r, FELL);
    if (!backward)
        put_end(r, TAKEN);
    return true;
}

/* ---- running ---- */

static void check_outcome(struct rig *r, const struct rig_case *c, bool taken) {
    r->w->mark = 0;
    rig_call(r, c);
    rig_eq(r, c, "way (1: on, 2: jump)", r->w->mark, taken ? TAKEN : FELL);
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        rig_same(r, c, i, r->w->in[i], UINT64_MAX);
}

/* Values near each other, so that both outcomes of every condition come up. */
static void run_branch(struct rig *r, const struct rig_case *c) {
    const struct jit_site *const s = &c->u.site;
    for (unsigned i = 0; i < 8; i++) {
        rig_fill(r);
        if (s->kind == JSITE_JUMP) {
            check_outcome(r, c, true);
            return;
        }
        const uint64_t near = s->imm ? (uint64_t)s->k : r->w->in[s->b];
        switch (i) {
        case 0: r->w->in[s->a] = near; break;
        case 1: r->w->in[s->a] = near + 1; break;
        case 2: r->w->in[s->a] = near - 1; break;
        case 3: r->w->in[s->a] = near ^ UINT64_C(1) << 63; break;
        case 4: r->w->in[s->a] = near ^ UINT64_C(1) << 31; break;
        case 5: r->w->in[s->a] = ~near; break;
        default: break;
        }
        const uint64_t b = s->imm ? (uint64_t)s->k : r->w->in[s->b];
        check_outcome(r, c, meaning_cond(s->cond, s->width, r->w->in[s->a], b));
    }
}

/* ---- branches ---- */

static void add_forms(struct rig *r, const struct jit_site *s, bool all) {
    bool reached = false;
    RIG_CHECK(r, r->a->site_bytes(s, 0) != 0);
    for (unsigned form = 0; form < JSITE_FORMS && r->a->site_bytes(s, form); form++)
        for (unsigned backward = 0; backward < 2; backward++) {
            if (!all && rig_pick(r, 3))
                continue;
            if (rig_full(r))
                rig_run(r, run_branch);
            reached |= add_form(r, s, form, backward);
        }
    RIG_CHECK(r, reached || !all);
}

static void test_branches(struct rig *r, struct jit_site s) {
    for (unsigned i = 0; i < N_RIG_REGS * N_RIG_REGS; i++) {
        s.a = (uint8_t)(i % N_RIG_REGS);
        s.b = (uint8_t)(i / N_RIG_REGS);
        add_forms(r, &s, i % 16 == 0);
    }
    s.imm = true;
    s.b = JR_NONE;
    for (unsigned i = 0; i < 4 * n_rig_imms; i++) {
        s.a = (uint8_t)rig_pick(r, N_RIG_REGS);
        s.k = i & 1 ? (int32_t)rig_value(r) : rig_imms[i / 4];
        add_forms(r, &s, i % 16 == 0);
    }
    for (unsigned i = 0; i < N_RIG_REGS; i++) {
        s.a = (uint8_t)i;
        s.k = 0;
        add_forms(r, &s, true);
    }
    rig_run(r, run_branch);
}

/* ---- the ends of a form's reach ---- */

/* Code of its own at an address, in the far stretch: what was appended to r->b since n. */
static void place(struct rig *r, struct far *f, uint64_t at, uint32_t n) {
    far_put(f, at, r->b.bytes + n, r->b.n - n);
}

/* A jump that lies at an address, to another. */
static void put_jump(struct rig *r, uint64_t at, uint64_t to) {
    const struct jit_site s = {.kind = JSITE_JUMP};
    const int64_t distance = (int64_t)(to - at);
    unsigned form = 0;
    while (form + 1 < JSITE_FORMS && !r->a->site_fits(&s, form, distance))
        form++;
    r->a->site(&r->b, &s, form, distance);
}

/* The site and the label have room only for a jump each: the function's begin and its two ends lie
 * elsewhere, so that distances of a few bytes can be tried as well. */
static const struct rig_case *make_far(struct rig *r, struct far *f, const struct jit_site *s,
                                       unsigned form, int64_t distance) {
    const uint64_t at = far_base(f, distance), label = at + (uint64_t)distance;
    r->b.n = 0;
    r->n_cases = 0;
    struct rig_case *const c = begin(r, s, form);
    put_jump(r, far_page(f, 0) + r->b.n, at);
    place(r, f, far_page(f, 0), 0);
    for (int32_t mark = FELL; mark <= TAKEN; mark++) {
        const uint32_t n = r->b.n;
        put_end(r, mark);
        place(r, f, far_page(f, (unsigned)mark), n);
    }
    uint32_t n = r->b.n;
    put_jump(r, label, far_page(f, TAKEN));
    place(r, f, label, n);
    n = c->op = r->b.n;
    put_site(r, c, distance);
    put_jump(r, at + (r->b.n - n), far_page(f, FELL));
    place(r, f, at, n);
    rig_seal(r); /* for the message of a failure */
    return c;
}

static void run_far(struct rig *r, struct far *f, const struct jit_site *s, unsigned form,
                    int64_t distance) {
    const int64_t least = 2 * (int64_t)r->a->site_bytes(s, form) + 64;
    if (distance > -least / 2 && distance < least)
        return;
    const uint64_t none[5] = {0};
    const struct rig_case *const c = make_far(r, f, s, form, distance);
    for (unsigned i = 0; i < 4; i++) {
        rig_fill(r);
        if (s->kind == JSITE_BRANCH && i & 1)
            r->w->in[s->a] = r->w->in[s->b];
        r->w->mark = 0;
        r->current = c;
        rig_enter(r, none, 0, far_page(f, 0));
        const bool taken = s->kind == JSITE_JUMP ||
                           meaning_cond(s->cond, s->width, r->w->in[s->a], r->w->in[s->b]);
        rig_eq(r, c, "far: way (1: on, 2: jump)", r->w->mark, taken ? TAKEN : FELL);
    }
    r->current = NULL;
}

static void test_reach(struct rig *r, struct far *f, const struct jit_site *s) {
    int64_t before[2] = {0, 0};
    for (unsigned form = 0; form < JSITE_FORMS && r->a->site_bytes(s, form); form++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const int64_t reach = far_reach(r, s, form, sign);
            RIG_CHECK(r, reach >= before[sign > 0]);
            before[sign > 0] = reach;
            run_far(r, f, s, form, sign * reach);
            run_far(r, f, s, form, sign * (reach - r->a->insn_bytes));
            run_far(r, f, s, form, sign * (reach / 2 & -16));
        }
    RIG_CHECK(r, before[0] >= FAR_MOST && before[1] >= FAR_MOST); /* the longest goes anywhere */
    r->b.n = 0;
    r->n_cases = 0;
}

static void test_far(struct rig *r) {
    struct far f;
    const bool room = far_init(&f);
    RIG_CHECK(r, room);
    if (!room)
        return;
    test_reach(r, &f, &(struct jit_site){.kind = JSITE_JUMP});
    for (unsigned i = 0; i < 48; i++) {
        const struct jit_site s = {.kind = JSITE_BRANCH,
                                   .cond = (uint8_t)(i % 12),
                                   .width = i / 12 & 1 ? 32 : 64,
                                   .a = (uint8_t)rig_pick(r, N_RIG_REGS),
                                   .b = (uint8_t)rig_pick(r, N_RIG_REGS)};
        test_reach(r, &f, &s);
    }
    far_fini(&f);
}

int main(void) {
    struct rig r;
    const char *const why = rig_init(&r, describe);
    if (why)
        return check_skip(why);
    add_forms(&r, &(struct jit_site){.kind = JSITE_JUMP}, true);
    rig_run(&r, run_branch);
    for (uint8_t i = 0; i < 24; i++)
        test_branches(
            &r, (struct jit_site){.kind = JSITE_BRANCH, .cond = i / 2, .width = i & 1 ? 64 : 32});
    test_far(&r);
    return rig_end_test(&r);
}
