/* validate_goal.c: is a goal true? Most are seen to be when the path's conditions are put in. The
 * others are asked, each once in a unit; values at random find most defects before a solver would.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/deduce.h"
#include "proofs/linear.h"
#include "proofs/machine/validate_case.h"

enum {
    MEMO = 1 << 12,
    MAX_VARS = 64,
    TRIES = 200,
    SPLIT = 4, /* values of a term known to be below */
};

/* struct vmemo: goals proved, with the conditions they were proved under. */
struct vmemo {
    term *done[MEMO];
    unsigned n;
};

bool vunit_init(struct vunit *u, const struct prove_options *opt) {
    *u = (struct vunit){.opt = opt, .result = SMT_PROVED};
    u->t = terms_new();
    u->memo = calloc(1, sizeof *u->memo);
    return u->t && u->memo;
}

void vunit_renew(struct vunit *u) {
    enum {
        MANY = 1 << 16
    };
    struct terms *const t = terms_count(u->t) > MANY ? terms_new() : NULL;
    if (!t)
        return;
    prove_alive(u->opt);
    terms_free(u->t);
    u->t = t;
    u->memo->n = 0;
}

void vunit_fini(struct vunit *u) {
    terms_free(u->t);
    free(u->memo);
}

bool vunit_fail(struct vunit *u, const struct vcase *c, enum smt_result r, const char *format,
                ...) {
    va_list args;
    if (u->result != SMT_PROVED)
        return false;
    u->result = r;
    if (c)
        vcase_text(c, u->text, sizeof u->text);
    const size_t n = strlen(u->text);
    if (n + 3 < sizeof u->text) {
        memcpy(u->text + n, ": ", 3);
        va_start(args, format);
        vsnprintf(u->text + n + 2, sizeof u->text - n - 2, format, args);
        va_end(args);
    }
    return false;
}

/* ---- what was asked before ---- */

static bool is_known(const struct vmemo *m, term *x) {
    for (unsigned i = 0; i < m->n; i++)
        if (m->done[i] == x)
            return true;
    return false;
}

static void note(struct vmemo *m, term *x) {
    if (m->n < MEMO)
        m->done[m->n++] = x;
}

/* ---- folding ---- */

static term *folded(struct vunit *u, const struct mpath *p, term *goal) {
    goal = mpath_under(p, goal);
    if (!term_is_true(goal))
        goal = mpath_under(p, term_rewrite(u->t, goal, vdivide_rule, u));
    return goal;
}

/* A condition that leaves a term only a few values: x <= k. out: the term, NULL if there is none */
static term *few_values(const struct mpath *p, uint64_t *k) {
    for (unsigned i = 0; i < p->n_conds; i++) {
        term *const c = p->conds[i];
        if (c->op == TERM_NOT && c->a->op == TERM_ULT && term_is_const(c->a->a) &&
            term_is_value(c->a->a, term_u64(c->a->a)) && term_u64(c->a->a) < SPLIT) {
            *k = term_u64(c->a->a);
            return c->a->b;
        }
    }
    return NULL;
}

/* The goal, or what is left of it when such a term takes each of its values. */
static term *split(struct vunit *u, const struct mpath *p, term *goal) {
    uint64_t k = 0;
    term *const x = few_values(p, &k);
    struct mpath *const one = x && p->n_conds < MPATH_CONDS ? malloc(sizeof *one) : NULL;
    if (!one)
        return goal;
    term *all = term_bool(u->t, true);
    for (uint64_t i = 0; i <= k; i++) {
        *one = *p;
        term *const c = term_eq(u->t, x, term_const(u->t, x->width, i));
        one->conds[one->n_conds++] = c;
        all = term_and(u->t, all, term_implies(u->t, c, folded(u, one, goal)));
    }
    free(one);
    return all;
}

/* ---- values at random ---- */

static uint64_t random_value(uint64_t *seed) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t z = *seed;
    z = (z ^ z >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    z ^= z >> 29;
    switch (z >> 60 & 7) {
    case 0: return 0;
    case 1: return UINT64_MAX;
    case 2: return UINT64_C(1) << (z & 63);
    case 3: return (UINT64_C(1) << (z & 63)) - 1;
    case 4: return z >> (z & 63);
    default: return z;
    }
}

/* Values of the variables of goal and when for which when holds and goal does not.
 * out: false: none found; else told in text */
static bool refuted_at_random(struct vunit *u, term *when, term *goal, char *text, size_t n) {
    term *const roots[] = {when, goal};
    term **list;
    struct assigned vars[MAX_VARS];
    struct assignment in = {vars, 0};
    uint64_t seed = goal->id, k[TERM_LIMBS];
    const size_t n_list = term_below(u->t, roots, 2, &list);
    for (size_t i = 0; i < n_list && in.n < MAX_VARS; i++)
        if (list[i]->op == TERM_VAR)
            vars[in.n++] = (struct assigned){.name = list[i]->u.name};
    free((void *)list);
    for (unsigned try = 0; try < TRIES; try++) {
        for (size_t i = 0; i < in.n; i++)
            vars[i].k[0] = random_value(&seed);
        term_eval(u->t, when, &in, k);
        if (!(k[0] & 1))
            continue;
        term_eval(u->t, goal, &in, k);
        if (k[0] & 1)
            continue;
        int used = 0;
        for (size_t i = 0; i < in.n && used >= 0 && (size_t)used < n; i++)
            used += snprintf(text + used, n - (size_t)used, " %s=%#" PRIx64, vars[i].name,
                             vars[i].k[0]);
        return true;
    }
    return false;
}

static void model_text(const struct smt_answer *a, char *text, size_t n) {
    int used = 0;
    for (size_t i = 0; i < a->n_model && used >= 0 && (size_t)used < n; i++)
        used += snprintf(text + used, n - (size_t)used, " %s=%#" PRIx64, a->model[i].name,
                         a->model[i].k[0]);
}

/* ---- asking ---- */

static bool ask(struct vunit *u, const struct vcase *c, const char *what, term *when, term *goal) {
    char text[600] = "";
    if (refuted_at_random(u, when, goal, text, sizeof text))
        return vunit_fail(u, c, SMT_REFUTED, "%s:%s", what, text);
    const struct smt_query q = {.name = what,
                                .assumed = &when,
                                .n_assumed = 1,
                                .goal = goal,
                                .timeout_ms = u->opt->timeout_ms,
                                .dump = u->opt->dump};
    struct smt_answer a = {0};
    smt_prove(u->t, &q, &a);
    u->n_asked++;
    u->seconds += a.seconds;
    const enum smt_result r = a.result;
    if (r == SMT_REFUTED)
        model_text(&a, text, sizeof text);
    else
        snprintf(text, sizeof text, " %s %s", smt_result_name(r), a.error);
    smt_answer_fini(&a);
    return r == SMT_PROVED || vunit_fail(u, c, r, "%s:%s", what, text);
}

static bool is_any(const void *of, term *atom) {
    (void)of;
    (void)atom;
    return false;
}

/* seen_either_way: is a goal with a choice seen to be true, its condition known to hold and known
 * not to? A divisor of 0, as machines and rows tell it apart. */
static bool seen_either_way(struct vunit *u, term *goal) {
    term *const atom = term_choice(u->t, goal, is_any, NULL);
    bool seen = atom != NULL;
    for (unsigned value = 0; seen && value < 2; value++) {
        term *one = goal;
        seen =
            term_decide(u->t, &one, atom, value) && term_linear(u->t, &one, 1) && term_is_true(one);
    }
    return seen;
}

bool vunit_prove(struct vunit *u, const struct vcase *c, const struct mpath *p, const char *what,
                 term *goal) {
    u->n_goals++;
    term *rest = folded(u, p, goal);
    if (!term_is_true(rest))
        rest = split(u, p, rest);
    if (term_is_true(rest))
        return true;
    term *const when = mpath_when(p);
    term *const all = term_implies(u->t, when, rest);
    if (is_known(u->memo, all))
        return true;
    if (!term_linear(u->t, &rest, 1))
        return vunit_fail(u, c, SMT_ERROR, "no memory");
    if (!term_is_true(rest))
        rest = term_rewrite(u->t, rest, vpieces_rule, u->t);
    if (!term_is_true(rest) && !seen_either_way(u, rest) && !ask(u, c, what, when, rest))
        return false;
    note(u->memo, all);
    return true;
}

bool vunit_holds(struct vunit *u, const struct mpath *p, term *goal) {
    return term_is_true(folded(u, p, goal));
}

bool vunit_can(struct vunit *u, const struct mpath *p, term *goal) {
    char text[600];
    term *const when = mpath_when(p), *const never = term_not(u->t, goal);
    if (refuted_at_random(u, when, never, text, sizeof text))
        return true;
    if (is_known(u->memo, term_implies(u->t, when, never)))
        return false;
    const struct smt_query q = {.name = "can",
                                .assumed = &when,
                                .n_assumed = 1,
                                .goal = never,
                                .timeout_ms = u->opt->timeout_ms,
                                .dump = u->opt->dump};
    struct smt_answer a = {0};
    smt_prove(u->t, &q, &a);
    u->n_asked++;
    u->seconds += a.seconds;
    const bool proved = a.result == SMT_PROVED;
    smt_answer_fini(&a);
    if (proved)
        note(u->memo, term_implies(u->t, when, never));
    return !proved;
}
