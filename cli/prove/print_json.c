/* print_json.c: the same for programs: one object.
 */
#include <stdlib.h>

#include "cli/prove/prove.h"

static void put_real(struct json *j, const char *key, double v) {
    json_key(j, key);
    json_real(j, v);
}

int json_units(struct prove_run *r) {
    struct json *j = &r->c->json;
    json_open_object(j);
    json_key(j, "units");
    json_open_array(j);
    for (size_t i = 0; i < r->n; i++) {
        const struct unit *u = r->outcomes[i].unit;
        json_open_object(j);
        json_put_text(j, "name", u->name);
        json_put_text(j, "family", u->family);
        json_put_bool(j, "nightly", u->nightly);
        json_put_hex(j, "hash", u->hash);
        json_close_object(j);
    }
    json_close_array(j);
    json_close_object(j);
    return CLI_YES;
}

static void tell(void *self, const char *what, const char *name) {
    struct json *j = self;
    json_open_object(j);
    json_put_text(j, "what", what);
    json_put_text(j, "name", name);
    json_close_object(j);
}

int json_check(struct prove_run *r) {
    struct json *j = &r->c->json;
    size_t n = 0;
    json_open_object(j);
    json_key(j, "problems");
    json_open_array(j);
    const int status = work_check(r, tell, j, &n);
    if (status != CLI_YES)
        return status;
    json_close_array(j);
    json_put_bool(j, "fresh", n == 0);
    json_put_number(j, "units", r->n);
    json_close_object(j);
    return n ? CLI_NO : CLI_YES;
}

/* put_text_or_null: what is empty is not there. */
static void put_text_or_null(struct json *j, const char *key, const char *s) {
    json_put_text(j, key, s[0] ? s : NULL);
}

static void put_obligation(struct prove_run *r, const struct unit_outcome *u,
                           const struct obligation *o) {
    struct json *j = &r->c->json;
    const struct witness_path w = witness_of(r, o);
    /* Of a planted defect the values that refute it stay with its being proved. */
    const bool values = o->result == SMT_REFUTED || o->result == SMT_PROVED;
    json_open_object(j);
    json_put_text(j, "name", o->name);
    json_put_text(j, "unit", u->unit->name);
    json_put_text(j, "family", u->unit->family);
    json_put_number(j, "width", o->width);
    json_put_text(j, "result", smt_result_name(o->result));
    put_real(j, "seconds", o->seconds);
    json_put_number(j, "cases", o->cases);
    json_put_bool(j, "cached", u->cached);
    json_put_bool(j, "abstract", o->abstract);
    put_text_or_null(j, "counterexample", values ? o->counterexample : "");
    put_text_or_null(j, "reason", values ? "" : o->counterexample);
    put_text_or_null(j, "witness", w.path);
    json_close_object(j);
}

static void put_tally(struct json *j, const struct tally *t) {
    if (t->family)
        json_put_text(j, "family", t->family);
    json_put_number(j, "units", t->units);
    json_put_number(j, "cached", t->cached);
    json_put_number(j, "obligations", t->obligations);
    for (int k = SMT_PROVED; k <= SMT_ERROR; k++)
        json_put_number(j, smt_result_name((enum smt_result)k), t->of[k]);
    json_put_number(j, "cases", t->cases);
    put_real(j, "seconds", t->seconds);
}

static int put_totals(struct prove_run *r) {
    struct json *j = &r->c->json;
    size_t n;
    struct tally total, *families = tally_families(r, &n, &total);
    if (!families)
        return cli_failf(r->c, CLI_INTERNAL, NULL, "out of memory");
    json_key(j, "families");
    json_open_array(j);
    for (size_t i = 0; i < n; i++) {
        json_open_object(j);
        put_tally(j, &families[i]);
        json_close_object(j);
    }
    json_close_array(j);
    json_key(j, "total");
    json_open_object(j);
    put_tally(j, &total);
    put_real(j, "wall_seconds", r->wall_seconds);
    json_close_object(j);
    free(families);
    return CLI_YES;
}

static void put_cross(struct prove_run *r) {
    struct json *j = &r->c->json;
    const struct cross_tally t = tally_cross(r);
    json_key(j, "cross_check");
    json_open_object(j);
    json_put_text(j, "solver", "cvc5");
    json_put_number(j, "queries", r->n_queries);
    json_put_number(j, "agree", t.of[CROSS_AGREE]);
    json_put_number(j, "disagree", t.of[CROSS_DISAGREE]);
    json_put_number(j, "open", t.of[CROSS_OPEN]);
    json_put_number(j, "failed", t.of[CROSS_FAILED]);
    json_put_number(j, "replaced", t.of[CROSS_SKIPPED]);
    json_put_number(j, "left", t.of[CROSS_LEFT]);
    json_key(j, "differences");
    json_open_array(j);
    for (size_t i = 0; i < r->n_queries; i++) {
        const struct cross_query *q = &r->queries[i];
        if (cross_verdict_of(q) != CROSS_DISAGREE)
            continue;
        json_open_object(j);
        json_put_text(j, "query", q->name);
        json_put_text(j, "recorded", cross_answer_name(q->recorded));
        json_put_text(j, "answer", cross_answer_name(q->other));
        json_close_object(j);
    }
    json_close_array(j);
    json_close_object(j);
}

int json_results(struct prove_run *r) {
    struct json *j = &r->c->json;
    json_open_object(j);
    json_key(j, "obligations");
    json_open_array(j);
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->outcomes[i].n; k++)
            if (is_shown(r, &r->outcomes[i], &r->outcomes[i].obligations[k]))
                put_obligation(r, &r->outcomes[i], &r->outcomes[i].obligations[k]);
    json_close_array(j);
    const int status = put_totals(r);
    if (status != CLI_YES)
        return status;
    json_put_text(j, "solver", prove_solver());
    json_put_text(j, "tools", r->tools);
    if (option_on(&r->c->opt, "cross-check"))
        put_cross(r);
    json_close_object(j);
    return CLI_YES;
}
