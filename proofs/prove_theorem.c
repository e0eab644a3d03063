/* prove_theorem.c: the obligations of a theorem that was executed over terms. */
#include "proofs/prove_theorem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/cases.h"
#include "proofs/reach.h"

enum {
    WORD_WIDTH = 64, /* of the words that theorems are about */
};

static void write_values(const struct proving *p, const struct smt_answer *a, char *out, size_t n) {
    size_t used = 0;
    out[0] = 0;
    for (uint32_t i = 0; i < p->run.n_vars; i++)
        for (size_t k = 0; k < a->n_model && used < n; k++)
            if (strcmp(a->model[k].name, p->run.vars[i]->u.name) == 0)
                used += (size_t)snprintf(out + used, n - used, "%s%s=0x%llx", used ? " " : "",
                                         a->model[k].name, (unsigned long long)a->model[k].k[0]);
}

/* report: an answer as an obligation. why: text for an error, or before values; may be NULL */
static void report(const struct proving *p, const char *what, const struct smt_answer *a,
                   const char *why) {
    struct obligation o = {.width = WORD_WIDTH, .result = a->result, .seconds = a->seconds};
    snprintf(o.name, sizeof o.name, "%s: %.70s", p->u->name, what);
    if (a->result == SMT_ERROR) {
        snprintf(o.counterexample, sizeof o.counterexample, "%s",
                 a->error[0] ? a->error
                 : why       ? why
                             : "the solver gave no reason");
    } else if (a->n_model > 0 || a->result == SMT_REFUTED) {
        const int used = why ? snprintf(o.counterexample, sizeof o.counterexample, "%s ", why) : 0;
        write_values(p, a, o.counterexample + used, sizeof o.counterexample - (size_t)used);
        o.abstract = a->abstract;
    }
    p->emit(p->self, &o);
}

void prove_error(const struct proving *p, const char *what, const char *why) {
    struct smt_answer a = {.result = SMT_ERROR};
    snprintf(a.error, sizeof a.error, "%.150s", why);
    report(p, what, &a, NULL);
}

static enum products_use products_use(unsigned hints) {
    return hints & EXEC_HINT_NAMED      ? PRODUCTS_NAMED
           : hints & EXEC_HINT_PRODUCTS ? PRODUCTS_KNOWN
                                        : PRODUCTS_EXACT;
}

static struct smt_query query(const struct proving *p, const char *name, uint32_t n_assumed) {
    return (struct smt_query){.name = name,
                              .assumed = p->run.assumed,
                              .n_assumed = n_assumed,
                              .timeout_ms = p->opt->timeout_ms,
                              .products = products_use(p->run.hints),
                              .memo = p->memo,
                              .dump = p->opt->dump,
                              .alive = p->opt->alive,
                              .alive_self = p->opt->alive_self};
}

/* ---- claims ---- */

/* struct claim: goal holds wherever the first n_assumed of what the theorem assumes do. */
struct claim {
    const char *what;
    uint32_t n_assumed;
    term *goal;
};

/* definitions_and: what is hidden of opaque values, and the first n of what is assumed. out: for
 * free(); NULL: no memory */
static term **definitions_and(const struct exec_run *r, uint32_t n) {
    term **const all = malloc((r->n_defs + n + 1) * sizeof *all);
    for (uint32_t i = 0; all && i < r->n_defs; i++)
        all[i] = r->defs[i];
    for (uint32_t i = 0; all && i < n; i++)
        all[r->n_defs + i] = r->assumed[i];
    return all;
}

/* with_definitions: what is hidden of opaque values is assumed first, from now on. out: false: no
 * memory */
static bool with_definitions(struct proving *p) {
    struct exec_run *const r = &p->run;
    term **const all = definitions_and(r, r->n_assumed);
    if (!all)
        return false;
    free((void *)r->assumed);
    r->assumed = all;
    r->n_assumed += r->n_defs;
    for (uint32_t i = 0; i < r->n_checks; i++)
        r->checks[i].n_assumed += r->n_defs;
    for (uint32_t i = 0; i < r->n_ubs; i++)
        r->ubs[i].n_assumed += r->n_defs;
    r->n_defs = 0;
    return true;
}

/* really: what is refuted where products are names, or values opaque, asked of products and with
 * all that is known. out: in *a the refutation, if there is one; else a->abstract */
static void really(const struct proving *p, const struct claim *c, struct smt_answer *a) {
    term **const all = definitions_and(&p->run, c->n_assumed);
    char name[200];
    struct smt_answer real = {.result = SMT_ERROR};
    snprintf(name, sizeof name, "%s really", c->what);
    struct smt_query q = query(p, name, p->run.n_defs + c->n_assumed);
    q.assumed = all;
    q.goal = c->goal;
    q.products = PRODUCTS_EXACT;
    if (all)
        cases_prove(p->t, &q, &real);
    free((void *)all);
    real.seconds += a->seconds;
    a->seconds = real.seconds;
    a->abstract = true;
    if (real.result == SMT_REFUTED) {
        smt_answer_fini(a);
        *a = real;
    } else {
        smt_answer_fini(&real);
    }
}

/* prove_claim: out: a->abstract: refuted, but by values that need not be real ones */
static void prove_claim(const struct proving *p, const struct claim *c, bool whole,
                        struct smt_answer *a) {
    struct smt_query q = query(p, c->what, c->n_assumed);
    q.goal = c->goal;
    if (whole)
        smt_prove(p->t, &q, a);
    else
        cases_prove(p->t, &q, a);
    if (a->result == SMT_REFUTED && (a->abstract || p->run.n_defs > 0))
        really(p, c, a);
}

/* prove_check: one check, given that control gets there. */
static void prove_check(const struct proving *p, const struct exec_check *c, const char *what,
                        struct smt_answer *a) {
    const struct claim claim = {what, c->n_assumed, term_implies(p->t, c->reached, c->holds)};
    prove_claim(p, &claim, (p->run.hints & EXEC_HINT_WHOLE) != 0, a);
}

/* undefined: is there undefined behaviour among those of one count of assumptions?
 * out: as prove_claim; *which: the first that happens under the values */
static void undefined(const struct proving *p, uint32_t first, uint32_t n, struct smt_answer *a,
                      const char **which) {
    term *any = term_bool(p->t, false);
    for (uint32_t i = first; i < first + n; i++)
        any = term_or(p->t, any, p->run.ubs[i].when);
    const struct claim claim = {"defined", p->run.ubs[first].n_assumed, term_not(p->t, any)};
    prove_claim(p, &claim, false, a);
    for (uint32_t i = first; a->result == SMT_REFUTED && i < first + n; i++) {
        const struct assignment values = {a->model, a->n_model};
        uint64_t k[TERM_LIMBS];
        term_eval(p->t, p->run.ubs[i].when, &values, k);
        if (k[0] & 1) {
            *which = p->run.ubs[i].what;
            return;
        }
    }
}

static void prove_defined(const struct proving *p, struct smt_answer *total, const char **which) {
    *total = (struct smt_answer){.result = SMT_PROVED};
    for (uint32_t i = 0, n; i < p->run.n_ubs && total->result == SMT_PROVED; i += n) {
        for (n = 1; i + n < p->run.n_ubs && p->run.ubs[i + n].n_assumed == p->run.ubs[i].n_assumed;)
            n++;
        const double before = total->seconds;
        undefined(p, i, n, total, which);
        total->seconds += before;
        if (total->result == SMT_PROVED)
            smt_answer_fini(total);
    }
}

/* is_shown: do these values satisfy what is assumed at a check, and get there? */
static bool is_shown(const struct proving *p, const struct exec_check *c,
                     const struct smt_answer *a) {
    return reach_shows(p->t, p->run.assumed, c->n_assumed, c->reached, a);
}

static bool is_shown_by_one(const struct proving *p, const struct exec_check *c,
                            const struct smt_answer *a, size_t n) {
    for (size_t i = n; i-- > 0;)
        if (is_shown(p, c, &a[i]))
            return true;
    return false;
}

/* can_reach: asks for values that get to a check. */
static void can_reach(const struct proving *p, uint32_t i, struct smt_answer *out) {
    const struct exec_check *const c = &p->run.checks[i];
    char name[200];
    snprintf(name, sizeof name, "reached %u", i);
    const struct smt_query q = query(p, name, c->n_assumed);
    reach(p->t, &q, c->reached, out);
}

/* is_requirement: of a contract, at a call (REQUIRES, contract.h). One that a theorem never gets
 * to, as of another width, is no fault where a model gets to one like it; a check of the theorem's
 * own has to be reached itself. */
static bool is_requirement(const struct exec_check *c) {
    static const char required[] = "required: ";
    return strncmp(c->what, required, sizeof required - 1) == 0;
}

static bool reached_elsewhere(const struct proving *p, uint32_t i, const struct smt_answer *shown,
                              size_t n) {
    const struct exec_check *const c = &p->run.checks[i];
    for (uint32_t k = 0; k < p->run.n_checks; k++) {
        const struct exec_check *const other = &p->run.checks[k];
        if (k != i && strcmp(other->what, c->what) == 0 && strcmp(other->by, c->by) == 0 &&
            is_shown_by_one(p, other, shown, n))
            return true;
    }
    return false;
}

/* prove_reached: what is assumed can hold, at each check. The last ones first: what gets there has
 * come by others. */
static void prove_reached(const struct proving *p, struct smt_answer *total, const char **which) {
    *total = (struct smt_answer){.result = SMT_PROVED};
    struct smt_answer *const shown = calloc(p->run.n_checks, sizeof *shown);
    bool *const dead = calloc(p->run.n_checks, sizeof *dead);
    size_t n = 0;
    if (!shown || !dead)
        *total = (struct smt_answer){.result = SMT_ERROR, .error = "no memory"};
    for (uint32_t i = p->run.n_checks; i-- > 0 && total->result == SMT_PROVED;) {
        if (is_shown_by_one(p, &p->run.checks[i], shown, n))
            continue;
        *which = p->run.checks[i].what;
        const double seconds = total->seconds;
        smt_answer_fini(total);
        prove_alive(p->opt);
        can_reach(p, i, total);
        total->seconds += seconds;
        if (total->result == SMT_PROVED) {
            shown[n] = *total;
            shown[n++].seconds = 0;
            total->model = NULL;
            total->n_model = 0;
        } else if (total->result == SMT_REFUTED && is_requirement(&p->run.checks[i])) {
            dead[i] = true;
            total->result = SMT_PROVED;
        }
    }
    for (uint32_t i = 0; i < p->run.n_checks && total->result == SMT_PROVED; i++)
        if (dead[i] && !reached_elsewhere(p, i, shown, n)) {
            *which = p->run.checks[i].what;
            total->result = SMT_REFUTED;
        }
    free(dead);
    for (size_t i = 0; i < n; i++)
        smt_answer_fini(&shown[i]);
    free(shown);
}

/* ---- theorems, plants ---- */

enum {
    WHAT = 140, /* room for a check's name */
};

/* name_check: checks of one name are numbered. */
static void name_check(const struct exec_run *r, uint32_t i, char what[WHAT]) {
    unsigned same = 1;
    for (uint32_t k = 0; k < i; k++)
        same += strcmp(r->checks[k].what, r->checks[i].what) == 0;
    snprintf(what, WHAT, same > 1 ? "%.100s #%u" : "%.100s", r->checks[i].what, same);
}

void prove_theorem(struct proving *p) {
    struct smt_answer a;
    const char *which = NULL;
    char what[WHAT];
    for (uint32_t i = 0; i < p->run.n_checks; i++) {
        name_check(&p->run, i, what);
        prove_check(p, &p->run.checks[i], what, &a);
        report(p, what, &a, NULL);
        smt_answer_fini(&a);
    }
    prove_defined(p, &a, &which);
    report(p, "defined", &a, which);
    smt_answer_fini(&a);
    if (!with_definitions(p)) {
        prove_error(p, "reached", "no memory");
        return;
    }
    prove_reached(p, &a, &which);
    if (a.result == SMT_REFUTED) {
        a.result = SMT_ERROR;
        snprintf(a.error, sizeof a.error, "what is assumed cannot be: %.100s", which);
    }
    report(p, "reached", &a, NULL);
    smt_answer_fini(&a);
}

/* worse: of what did not refute a planted defect: nothing tells less of it than an error does. */
static void worse(struct smt_answer *all, const struct smt_answer *a) {
    const enum smt_result r =
        a->result == SMT_REFUTED ? SMT_TIMEOUT : a->result; /* in abstract: undecided */
    if (r == SMT_PROVED || all->result == SMT_ERROR)
        return;
    all->result = r;
    memcpy(all->error, a->error, sizeof all->error);
}

void prove_plant(struct proving *p) {
    struct smt_answer a, all = {.result = SMT_REFUTED};
    char what[WHAT], why[WHAT + 100];
    if (!with_definitions(p)) {
        prove_error(p, "refuted", "no memory");
        return;
    }
    for (uint32_t i = 0; i <= p->run.n_checks; i++) {
        const char *ub = NULL;
        if (i < p->run.n_checks) {
            name_check(&p->run, i, what);
            prove_check(p, &p->run.checks[i], what, &a);
        } else {
            prove_defined(p, &a, &ub);
        }
        a.seconds = all.seconds += a.seconds;
        if (a.result == SMT_REFUTED && !a.abstract) {
            snprintf(why, sizeof why, "%s%.90s:", ub ? "defined: " : "", ub ? ub : what);
            a.result = SMT_PROVED;
            report(p, "refuted", &a, why);
            smt_answer_fini(&a);
            return;
        }
        worse(&all, &a);
        smt_answer_fini(&a);
    }
    report(p, "refuted", &all, "the theorem holds although the function is wrong:");
}
