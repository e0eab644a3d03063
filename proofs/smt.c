/* smt.c: queries to Z3: a context of its own for each, so that none sees what another left. */
#include "proofs/smt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/clock.h"
#include "proofs/smt_memo.h"
#include "proofs/z3_solver.h"
#include "proofs/z3_term.h"

const char *smt_version(void) {
    static char text[40];
    unsigned major, minor, build, revision;
    Z3_get_version(&major, &minor, &build, &revision);
    snprintf(text, sizeof text, "z3 %u.%u.%u", major, minor, build);
    return text;
}

void smt_answer_fini(struct smt_answer *a) {
    for (size_t i = 0; i < a->n_model; i++)
        free((void *)a->model[i].name);
    free(a->model);
    *a = (struct smt_answer){.result = a->result, .seconds = a->seconds};
}

/* struct ask: one query on its way. */
struct ask {
    struct z3_terms terms;
    Z3_solver solver;
    struct terms *t;
    term *const *roots; /* all must hold */
    size_t n_roots;
};

static void quiet(Z3_context z, Z3_error_code e) {
    (void)z, (void)e; /* looked at by Z3_get_error_code */
}

static void dump_answer(const struct smt_query *q, Z3_lbool r) {
    smt_dump_answer(q->dump, r == Z3_L_FALSE  ? SMT_SAID_UNSAT
                             : r == Z3_L_TRUE ? SMT_SAID_SAT
                             : q->tentative   ? SMT_SAID_REPLACED
                                              : SMT_SAID_UNKNOWN);
}

/* read_value: a numeral's limbs. */
static void read_value(Z3_context z, Z3_ast v, uint64_t k[TERM_LIMBS]) {
    uint64_t low;
    memset(k, 0, TERM_LIMBS * sizeof *k);
    if (Z3_get_bool_value(z, v) == Z3_L_TRUE)
        k[0] = 1;
    else if (Z3_get_ast_kind(z, v) == Z3_NUMERAL_AST) {
        if (Z3_get_numeral_uint64(z, v, &low)) {
            k[0] = low;
            return;
        }
        const char *const bits = Z3_get_numeral_binary_string(z, v);
        const size_t n = strlen(bits);
        for (size_t i = 0; i < n && i < TERM_MAX_WIDTH; i++)
            if (bits[n - 1 - i] == '1')
                k[i / 64] |= UINT64_C(1) << i % 64;
    }
}

/* is_real: do all of roots hold under the model, with products multiplied? */
static bool is_real(struct terms *t, term *const *roots, size_t n, const struct smt_answer *a) {
    const struct assignment values = {a->model, a->n_model};
    return terms_hold(t, roots, n, &values);
}

static bool read_model(struct ask *a, struct smt_answer *out) {
    const Z3_context z = a->terms.z;
    const Z3_model model = Z3_solver_get_model(z, a->solver);
    term **list;
    const size_t n = term_below(a->t, a->roots, a->n_roots, &list);
    if (!model || n == 0)
        return false;
    Z3_model_inc_ref(z, model);
    out->model = calloc(n, sizeof *out->model);
    for (size_t i = 0; out->model && i < n; i++) {
        Z3_ast v;
        if (list[i]->op != TERM_VAR || !Z3_model_eval(z, model, a->terms.of[list[i]->id], true, &v))
            continue;
        struct assigned *const to = &out->model[out->n_model];
        to->name = strdup(list[i]->u.name);
        if (!to->name)
            break;
        read_value(z, v, to->k);
        out->n_model++;
    }
    Z3_model_dec_ref(z, model);
    free((void *)list);
    return out->model != NULL;
}

static void fail(struct smt_answer *out, const char *why) {
    out->result = SMT_ERROR;
    snprintf(out->error, sizeof out->error, "%s", why);
}

/* check: are the roots together satisfiable? out: PROVED if not, REFUTED with a model if so. */
static void check(struct ask *a, const struct smt_query *q, struct smt_answer *out) {
    const Z3_context z = a->terms.z;
    for (size_t i = 0; i < a->n_roots; i++) {
        Z3_solver_assert(z, a->solver, a->terms.of[a->roots[i]->id]);
        if (Z3_get_error_code(z) != Z3_OK) {
            fail(out, Z3_get_error_msg(z, Z3_get_error_code(z)));
            return;
        }
    }
    if (q->dump)
        smt_dump_query(q->dump, q->name, "QF_BV", Z3_solver_to_string(z, a->solver));
    const Z3_lbool r = Z3_solver_check(z, a->solver);
    if (q->dump)
        dump_answer(q, r);
    if (Z3_get_error_code(z) != Z3_OK)
        fail(out, Z3_get_error_msg(z, Z3_get_error_code(z)));
    else if (r == Z3_L_FALSE)
        out->result = SMT_PROVED;
    else if (r == Z3_L_TRUE) {
        out->result = SMT_REFUTED;
        if (!read_model(a, out))
            fail(out, "the solver's values cannot be read");
        else if (!is_real(a->t, a->roots, a->n_roots, out))
            fail(out, "the solver's values are no counterexample: it or the translation is wrong");
    } else {
        const char *const why = Z3_solver_get_reason_unknown(z, a->solver);
        if (strstr(why, "timeout") || strstr(why, "canceled"))
            out->result = SMT_TIMEOUT;
        else
            fail(out, why);
    }
}

static void satisfy(struct terms *t, term *const *roots, size_t n, const struct smt_query *q,
                    struct smt_answer *out) {
    const Z3_config config = Z3_mk_config();
    const Z3_context z = Z3_mk_context(config);
    Z3_del_config(config);
    Z3_set_error_handler(z, quiet);
    struct ask a = {.terms = {.z = z}, .t = t, .roots = roots, .n_roots = n};
    if (z3_terms_make(&a.terms, t, roots, n) && !terms_failed(t)) {
        a.solver = z3_solver_make(z, a.terms.multiplies || q->thorough, q->timeout_ms);
        check(&a, q, out);
        Z3_solver_dec_ref(z, a.solver);
    } else {
        fail(out, "the query could not be built");
    }
    z3_terms_fini(&a.terms);
    Z3_del_context(z);
}

/* satisfy_abstract: the same with products as variables, and lemmas about them. */
static void satisfy_abstract(struct terms *t, term *const *roots, size_t n,
                             const struct smt_query *q, struct smt_answer *out) {
    struct products p;
    term **all = NULL;
    if (products_make(t, roots, n, q->products, &p) &&
        (all = malloc((p.n_roots + p.n_lemmas + 1) * sizeof *all)) != NULL) {
        memcpy(all, p.roots, p.n_roots * sizeof *all);
        if (p.n_lemmas > 0)
            memcpy(all + p.n_roots, p.lemmas, p.n_lemmas * sizeof *all);
        satisfy(t, all, p.n_roots + p.n_lemmas, q, out);
        out->abstract = out->result == SMT_REFUTED && !is_real(t, roots, n, out);
    } else {
        fail(out, "too many products for one query");
    }
    free((void *)all);
    products_fini(&p);
}

/* ask_roots: can they hold together? */
static void ask_roots(struct terms *t, term *const *roots, size_t n, const struct smt_query *q,
                      struct smt_answer *out) {
    if (q->memo && smt_memo_knows(q->memo, roots, n, out))
        return;
    if (q->products != PRODUCTS_EXACT)
        satisfy_abstract(t, roots, n, q, out);
    else
        satisfy(t, roots, n, q, out);
    if (q->memo)
        smt_memo_note(q->memo, roots, n, out);
}

/* ask: the assumptions and one more, the constants among them decided without a solver. */
static void ask(struct terms *t, const struct smt_query *q, term *also, struct smt_answer *out) {
    const double begin = clock_seconds();
    *out = (struct smt_answer){.result = SMT_PROVED};
    term **const roots = malloc((q->n_assumed + 1) * sizeof *roots);
    size_t n = 0;
    bool never = term_is_false(also);
    if (!roots || terms_failed(t)) { /* terms made without memory are false: no proof */
        fail(out, "no memory");
        free((void *)roots);
        return;
    }
    for (size_t i = 0; i < q->n_assumed; i++) {
        never |= term_is_false(q->assumed[i]);
        if (!term_is_true(q->assumed[i]))
            roots[n++] = q->assumed[i];
    }
    if (!term_is_true(also))
        roots[n++] = also;
    if (!never && n == 0)
        out->result = SMT_REFUTED;
    else if (!never)
        ask_roots(t, roots, n, q, out);
    free((void *)roots);
    out->seconds = clock_seconds() - begin;
}

void smt_prove(struct terms *t, const struct smt_query *q, struct smt_answer *out) {
    ask(t, q, term_not(t, q->goal), out);
}

void smt_satisfiable(struct terms *t, const struct smt_query *q, struct smt_answer *out) {
    ask(t, q, term_bool(t, true), out);
    if (out->result == SMT_REFUTED &&
        out->abstract) { /* not of the products that are asked about */
        struct smt_query exact = *q;
        const double seconds = out->seconds;
        exact.products = PRODUCTS_EXACT;
        smt_answer_fini(out);
        ask(t, &exact, term_bool(t, true), out);
        out->seconds += seconds;
    }
    if (out->result == SMT_PROVED)
        out->result = SMT_REFUTED;
    else if (out->result == SMT_REFUTED)
        out->result = SMT_PROVED;
}
