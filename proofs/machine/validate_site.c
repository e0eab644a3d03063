/* validate_site.c: branches, jumps, calls and constants of the pool, each form by itself: no
 * program of ours is long enough for most of them.
 *
 * A site is written for a distance and executed where it stands. It must come out that far away,
 * under its condition and no other, and have changed nothing but what jit/arch.h lets it. The ends
 * of a form's reach are found by asking the back end itself, so that one that says too much is
 * taken at its word, and jumps elsewhere.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/machine/validate_case.h"

#define CODE_ADDR UINT64_C(0x7f5500400000)

enum {
    MOST_BYTES = 128, /* of a site */
    MAX_DISTANCES = 1024,
    LABEL_BITS = 32, /* code is no longer, on any machine */
    HOST_BITS = 46,
    THINNED = 12,
};

/* struct sites: a site being looked at. */
struct sites {
    struct vunit *u;
    const struct jit_arch *a;
    const struct machine *m;
    struct mstate begin;
    struct mpath paths[MPATHS];
    struct jit_site s;
    unsigned form;
    int64_t distance;
    int64_t end;   /* bytes of it */
    uint64_t addr; /* of its first one */
    bool ok;
};

static bool is_host(const struct jit_site *s) {
    return s->kind == JSITE_CALL_HOST || s->kind == JSITE_JUMP_HOST;
}

static bool fail(struct sites *f, const char *what) {
    return vunit_fail(f->u, NULL, SMT_REFUTED, "%s", what);
}

static term *number(struct sites *f, uint64_t k) {
    return term_const(f->u->t, 64, k);
}

static bool same(struct sites *f, const struct mpath *p, const char *what, term *got, term *want) {
    f->u->n_goals++;
    return got == want || vunit_prove(f->u, NULL, p, what, term_eq(f->u->t, got, want));
}

/* Are registers as they were? but: bit r: jit_reg r may be anything. In calls[] and at the end. */
static bool kept(struct sites *f, const struct mpath *p, term *const *reg, uint32_t but) {
    const struct machine *const m = f->m;
    uint32_t asked = ~m->call_clobbers & (uint32_t)((UINT64_C(1) << m->n_regs) - 1);
    if (m->link != 255 && !p->end.n_calls)
        asked |= UINT32_C(1) << m->link;
    if (m->leaf_link && !p->end.n_calls)
        asked |= UINT32_C(1) << m->leaf_link;
    for (unsigned r = 0; r < N_JIT_REGS; r++) {
        const uint32_t bit = UINT32_C(1) << m->map[r];
        asked = but >> r & 1 ? asked & ~bit : asked | bit;
    }
    for (unsigned r = 0; r < m->n_regs; r++)
        if (asked >> r & 1 && !same(f, p, "a register is changed", reg[r], f->begin.reg[r]))
            return false;
    return true;
}

/* Memory but for the event that the kind has, the stack, the machine's faults: untouched. */
static bool quiet(struct sites *f, const struct mpath *p, unsigned n_events) {
    const struct mstate *const s = &p->end;
    if (s->trap || s->n_events != n_events)
        return fail(f, "memory is accessed, or not accessed, or it faults");
    for (unsigned i = 0; i < s->n_frame; i++)
        if (s->frame[i].off >= f->m->call_area)
            return fail(f, "the stack is changed");
    return true;
}

/* Where the path comes out; NULL: it returns. */
static term *place(struct sites *f, const struct mpath *p) {
    switch (p->flow) {
    case MFLOW_NEXT:
    case MFLOW_JUMP: return number(f, f->addr + (uint64_t)p->target);
    case MFLOW_INDIRECT: return p->addr;
    default: return NULL;
    }
}

static bool goes_on(struct sites *f, const struct mpath *p) {
    return (p->flow == MFLOW_NEXT && p->target == f->end) || fail(f, "it does not go on behind");
}

/* The condition, over the registers at the beginning. */
static term *condition(struct sites *f) {
    struct terms *const t = f->u->t;
    const struct jit_site *const s = &f->s;
    term *const a = term_low(t, s->width, f->begin.reg[f->m->map[s->a]]);
    term *const b =
        term_low(t, s->width, s->imm ? number(f, (uint64_t)s->k) : f->begin.reg[f->m->map[s->b]]);
    term *const zero = term_const(t, s->width, 0);
    switch ((enum jit_cond)s->cond) {
    case JC_EQ: return term_eq(t, a, b);
    case JC_NE: return term_ne(t, a, b);
    case JC_UGT: return term_ult(t, b, a);
    case JC_ULE: return term_ule(t, a, b);
    case JC_UGE: return term_ule(t, b, a);
    case JC_ULT: return term_ult(t, a, b);
    case JC_SGT: return term_slt(t, b, a);
    case JC_SLE: return term_sle(t, a, b);
    case JC_SGE: return term_sle(t, b, a);
    case JC_SLT: return term_slt(t, a, b);
    case JC_SET: return term_ne(t, term_and(t, a, b), zero);
    case JC_NSET: return term_eq(t, term_and(t, a, b), zero);
    }
    return term_bool(t, false);
}

/* A path that leaves at the target, or behind the site. */
static bool branch_path(struct sites *f, const struct mpath *p, term *there, term *to) {
    struct terms *const t = f->u->t;
    term *const c = condition(f);
    if (to == there)
        return vunit_prove(f->u, NULL, p, "condition, taken", c);
    if (to == number(f, f->addr + (uint64_t)f->end))
        return vunit_prove(f->u, NULL, p, "condition, not taken", term_not(t, c));
    /* a comparison with a number beside may have a side that is never taken */
    return !vunit_can(f->u, p, term_bool(t, true)) || fail(f, "it jumps to another place");
}

static bool call_path(struct sites *f, const struct mpath *p, term *there, bool host) {
    enum {
        DEAD = 1 << JR_T0 | 1 << JR_T1,
        CLOBBERED = DEAD | 0x3f
    };
    const struct machine *const m = f->m;
    const struct mstate *const s = &p->end;
    if (s->n_calls != 1 || s->events[0].kind != MEV_CALL)
        return fail(f, "no call");
    const struct mevent *const e = &s->events[0];
    term *const *const at = s->calls[e->call];
    term *const state = f->begin.reg[m->map[JR_STATE]];
    if (!same(f, p, "what is called", e->addr, there) ||
        !same(f, p, "stack pointer at the call", at[m->sp], s->sp0))
        return false;
    if (host &&
        !same(f, p, "sixth argument", m->args[5] == 255 ? e->stored : at[m->args[5]], state))
        return false;
    return kept(f, p, at, host ? DEAD | 1 << JR_0 : DEAD) && kept(f, p, s->reg, CLOBBERED) &&
           goes_on(f, p) && (!host || same(f, p, "result", s->reg[m->map[JR_0]], e->value));
}

static bool const_path(struct sites *f, const struct mpath *p, term *there) {
    const struct mstate *const s = &p->end;
    term *want = number(f, (uint64_t)f->s.k);
    if (s->n_events == 1 && s->events[0].kind == MEV_LOAD && s->events[0].bytes == 8) {
        want = s->events[0].value; /* the pool's entry */
        if (!same(f, p, "entry of the pool", s->events[0].addr, there))
            return false;
    } else if (s->n_events) {
        return fail(f, "memory is accessed otherwise");
    }
    return same(f, p, "constant", s->reg[f->m->map[f->s.a]], want) &&
           kept(f, p, s->reg, UINT32_C(1) << f->s.a) && goes_on(f, p);
}

static bool one_path(struct sites *f, const struct mpath *p) {
    const struct jit_site *const s = &f->s;
    const bool calls = s->kind == JSITE_CALL || s->kind == JSITE_CALL_HOST;
    term *const there = number(f, f->addr + (uint64_t)f->distance), *const to = place(f, p);
    if (!quiet(f, p, s->kind == JSITE_CONST ? p->end.n_events : calls) ||
        !same(f, p, "stack pointer", p->end.reg[f->m->sp], p->end.sp0))
        return false;
    switch ((enum jit_site_kind)s->kind) {
    case JSITE_CALL:
    case JSITE_CALL_HOST: return call_path(f, p, there, s->kind == JSITE_CALL_HOST);
    case JSITE_CONST: return const_path(f, p, there);
    default: break;
    }
    if (!to)
        return fail(f, "it returns");
    /* nothing lives in T0 and T1 where code leaves for good */
    if (!kept(f, p, p->end.reg, s->kind == JSITE_JUMP_HOST ? 1u << JR_T0 | 1u << JR_T1 : 0))
        return false;
    return s->kind == JSITE_BRANCH ? branch_path(f, p, there, to)
                                   : same(f, p, "where it jumps", to, there);
}

/* What failed, and for which site. */
static void tell(struct sites *f) {
    static const char *const kinds[] = {"jump",      "branch",    "call",
                                        "host call", "host jump", "constant"};
    const struct jit_site *const s = &f->s;
    const size_t n = strlen(f->u->text);
    snprintf(f->u->text + n, sizeof f->u->text - n,
             " (%s, form %u, distance %" PRId64 ", condition %u, width %u, a %u, b %u, %s%" PRId64
             ")",
             kinds[s->kind], f->form, f->distance, s->cond, s->width, s->a, s->b,
             s->imm ? "k " : "no k ", s->k);
}

static void check(struct sites *f) {
    uint8_t bytes[MOST_BYTES];
    struct jit_buf b = {.bytes = bytes, .capacity = sizeof bytes};
    char err[200] = "";
    if (!f->ok)
        return;
    f->u->n_cases++;
    f->addr = CODE_ADDR;
    if (f->s.kind == JSITE_CONST) /* entries of the pool are aligned */
        f->addr += (uint64_t)-f->distance % 8;
    if (is_host(&f->s))
        f->s.target = CODE_ADDR + (uint64_t)f->distance;
    struct jit_site written = f->s;
    if (f->u->planted && f->s.kind == JSITE_BRANCH)
        written.cond = jit_cond_not(written.cond);
    f->a->site(&b, &written, f->form, f->distance);
    f->end = b.n;
    const struct mcode code = {.bytes = bytes, .n_bytes = b.n, .to = b.n, .addr = f->addr};
    f->ok = b.n == f->a->site_bytes(&f->s, f->form) || fail(f, "its size is another");
    const unsigned n = f->ok ? mpath_all(f->m, &f->begin, &code, f->paths, err) : 0;
    if (f->ok && !n)
        f->ok = vunit_fail(f->u, NULL, SMT_ERROR, "%s", err);
    for (unsigned i = 0; i < n && f->ok; i++)
        f->ok = one_path(f, &f->paths[i]);
    if (!f->ok)
        tell(f);
}

/* ---- distances ---- */

struct distances {
    int64_t d[MAX_DISTANCES];
    unsigned n;
};

static int64_t step_of(const struct sites *f) {
    return is_host(&f->s) && f->a->insn_bytes > 2 ? 2 : f->a->insn_bytes;
}

/* Constants lie behind the code; what is inside the site itself is no place to go. */
static void add(struct sites *f, struct distances *list, int64_t d) {
    struct jit_site s = f->s;
    s.target = CODE_ADDR + (uint64_t)d;
    const int64_t size = f->a->site_bytes(&s, f->form);
    if (list->n == MAX_DISTANCES || d % step_of(f) || (d >= 0 && d <= size) ||
        (d < 0 && s.kind == JSITE_CONST) || !f->a->site_fits(&s, f->form, d))
        return;
    for (unsigned i = 0; i < list->n; i++)
        if (list->d[i] == d)
            return;
    list->d[list->n++] = d;
}

static bool reaches(struct sites *f, int64_t d) {
    struct jit_site s = f->s;
    s.target = CODE_ADDR + (uint64_t)d;
    return f->a->site_fits(&s, f->form, d);
}

/* The farthest place that the form reaches, in one direction, by halves. */
static int64_t farthest(struct sites *f, int sign) {
    const int64_t step = step_of(f);
    const unsigned bits = is_host(&f->s) ? HOST_BITS : LABEL_BITS + 1;
    int64_t near = 128 / step, far = (INT64_C(1) << bits) / step;
    if (reaches(f, sign * far * step))
        return sign * far * step;
    while (far - near > 1) {
        const int64_t middle = near + (far - near) / 2;
        if (reaches(f, sign * middle * step))
            near = middle;
        else
            far = middle;
    }
    return sign * near * step;
}

static void ends(struct sites *f, struct distances *list) {
    const int64_t step = step_of(f);
    list->n = 0;
    for (int64_t i = 0; i < 2; i++) {
        add(f, list, farthest(f, 1) - i * step);
        add(f, list, farthest(f, -1) + i * step);
    }
}

/* The ends, and places around every power of two. */
static void all_distances(struct sites *f, struct distances *list) {
    static const int64_t others[] = {0x12345678, 0x0abcd800, 0x00fff7fe, 0x00000ffc,
                                     0x7ffff7fc, 0x12345800, 0x2aaaaaaa, 0x55555554};
    const int64_t step = step_of(f), size = f->a->site_bytes(&f->s, f->form);
    ends(f, list);
    for (int64_t k = 0; k < (is_host(&f->s) ? HOST_BITS : LABEL_BITS); k++)
        for (int64_t i = -2; i <= 2; i++) {
            const int64_t d = (INT64_C(1) << k) + i * step;
            add(f, list, d);
            add(f, list, -d);
        }
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        add(f, list, others[i] & ~(step - 1));
        add(f, list, -(others[i] & ~(step - 1)));
    }
    add(f, list, size + step);
    add(f, list, -step);
}

/* Every form, at the ends of its reach, or at all places. */
static void forms(struct sites *f, bool all) {
    struct distances list;
    for (f->form = 0; f->form < JSITE_FORMS && f->a->site_bytes(&f->s, f->form); f->form++) {
        (all ? all_distances : ends)(f, &list);
        for (unsigned i = 0; i < list.n; i++) {
            f->distance = list.d[i];
            check(f);
        }
    }
}

/* Some form reaches wherever code may be. */
static void reach(struct sites *f) {
    const int64_t step = step_of(f);
    for (int64_t k = 8; k < 31 && f->ok; k++)
        for (int64_t i = -1; i <= 1; i++)
            for (int sign = f->s.kind == JSITE_CONST ? 1 : -1; sign <= 1; sign += 2) {
                bool any = false;
                f->distance = sign * ((INT64_C(1) << k) + i * step);
                for (f->form = 0; f->form < JSITE_FORMS && f->a->site_bytes(&f->s, f->form);
                     f->form++)
                    any |= reaches(f, f->distance);
                if (!any && f->ok) {
                    f->ok = fail(f, "no form reaches");
                    tell(f);
                }
            }
}

/* ---- sites ---- */

static void branches(struct sites *f) {
    static const int64_t few[] = {0, 1, -1, 0x20, 0x12345678};
    struct vnumbers list;
    vnumbers_edges(&list, 32);
    for (unsigned i = 0; i < 2 * (JC_NSET + 1u) && f->ok; i++) {
        f->s = (struct jit_site){
            .kind = JSITE_BRANCH, .cond = (uint8_t)(i / 2), .width = i & 1 ? 32 : 64};
        for (unsigned pair = 0; pair < N_JIT_REGS * N_JIT_REGS; pair++) {
            f->s.a = (uint8_t)(pair / N_JIT_REGS);
            f->s.b = (uint8_t)(pair % N_JIT_REGS);
            forms(f, f->s.a == JR_3 && f->s.b == JR_8);
        }
        f->s.imm = true;
        f->s.b = JR_NONE;
        for (unsigned k = i % THINNED; k < list.n; k += THINNED) { /* all: units of jumps */
            f->s.a = (uint8_t)((k + i) % N_JIT_REGS);
            f->s.k = list.k[k];
            forms(f, false);
        }
        for (unsigned k = 0; k < sizeof few / sizeof *few; k++) {
            f->s.k = few[k];
            f->s.a = JR_3;
            forms(f, true);
            f->s.a = JR_8;
            forms(f, false);
            reach(f);
        }
    }
}

static void constants(struct sites *f) {
    static const uint64_t few[] = {
        UINT64_C(0x123456789abcdef0), UINT64_C(0xfedcba9876543210), UINT64_C(0x8000000000000001),
        UINT64_C(0x0000123456780000), UINT64_C(0xffff800012345678),
    };
    for (uint8_t r = 0; r <= JR_T1; r++)
        for (unsigned i = 0; i < sizeof few / sizeof *few; i++) {
            f->s =
                (struct jit_site){.kind = JSITE_CONST, .a = r, .imm = true, .k = (int64_t)few[i]};
            forms(f, r == JR_3 || r == JR_8);
        }
    reach(f);
}

bool vsites_run(struct vunit *u, const struct jit_arch *target, const char *what) {
    static const uint8_t plain[] = {JSITE_JUMP, JSITE_CALL, JSITE_CALL_HOST, JSITE_JUMP_HOST};
    struct sites *const f = calloc(1, sizeof *f);
    (void)what;
    if (!f || !machine_of(target)) {
        free(f);
        return vunit_fail(u, NULL, SMT_ERROR, "no memory, or no machine for this back end");
    }
    *f = (struct sites){.u = u, .a = target, .m = machine_of(target), .ok = true};
    vcase_begin_bare(f->m, 0, 1, u->t, &f->begin);
    for (unsigned i = 0; i < sizeof plain; i++) {
        f->s = (struct jit_site){.kind = plain[i]};
        forms(f, true);
        reach(f);
    }
    branches(f);
    if (target->pool_bytes)
        constants(f);
    bool ok = f->ok;
    if (ok && terms_failed(u->t))
        ok = vunit_fail(u, NULL, SMT_ERROR, "out of memory for terms");
    free(f);
    return ok;
}
