/* smt_text.c: texts to Z3, a context of its own for each. */
#include "proofs/smt_text.h"

#include <stdio.h>
#include <string.h>
#include <z3.h>

#include "proofs/clock.h"

static void quiet(Z3_context z, Z3_error_code e) {
    (void)z, (void)e; /* looked at by Z3_get_error_code */
}

static void fail(struct smt_answer *a, const char *why) {
    a->result = SMT_ERROR;
    snprintf(a->error, sizeof a->error, "%.150s", why);
}

/* write_values: "a=1 b=-2": the model in one line. */
static void write_values(Z3_context z, Z3_solver s, char *out, size_t n) {
    const Z3_model m = Z3_solver_get_model(z, s);
    out[0] = 0;
    if (!m)
        return;
    Z3_model_inc_ref(z, m);
    const unsigned count = Z3_model_get_num_consts(z, m);
    for (unsigned i = 0, used = 0; i < count && used < n; i++) {
        const Z3_func_decl d = Z3_model_get_const_decl(z, m, i);
        char name[40];
        snprintf(name, sizeof name, "%s",
                 Z3_get_symbol_string(z, Z3_get_decl_name(z, d))); /* one string at a time */
        const Z3_ast v = Z3_model_get_const_interp(z, m, d);
        used += (unsigned)snprintf(out + used, n - used, "%s%s=%s", used ? " " : "", name,
                                   v ? Z3_ast_to_string(z, v) : "?");
    }
    Z3_model_dec_ref(z, m);
}

static void check(Z3_context z, Z3_solver s, const struct smt_text *q, struct smt_answer *a,
                  char *values, size_t n_values) {
    if (q->dump)
        smt_dump_query(q->dump, q->name, q->logic, q->text);
    const Z3_lbool r = Z3_solver_check(z, s);
    if (q->dump)
        smt_dump_answer(q->dump, r == Z3_L_FALSE  ? SMT_SAID_UNSAT
                                 : r == Z3_L_TRUE ? SMT_SAID_SAT
                                                  : SMT_SAID_UNKNOWN);
    if (Z3_get_error_code(z) != Z3_OK) {
        fail(a, Z3_get_error_msg(z, Z3_get_error_code(z)));
    } else if (r == Z3_L_FALSE) {
        a->result = SMT_PROVED;
    } else if (r == Z3_L_TRUE) {
        a->result = SMT_REFUTED;
        write_values(z, s, values, n_values);
    } else {
        const char *const why = Z3_solver_get_reason_unknown(z, s);
        if (strstr(why, "timeout") || strstr(why, "canceled"))
            a->result = SMT_TIMEOUT;
        else
            fail(a, why);
    }
}

void smt_impossible(const struct smt_text *q, struct smt_answer *a, char *values, size_t n_values) {
    const double begin = clock_seconds();
    const Z3_config config = Z3_mk_config();
    const Z3_context z = Z3_mk_context(config);
    Z3_del_config(config);
    Z3_set_error_handler(z, quiet);
    *a = (struct smt_answer){.result = SMT_ERROR};
    const Z3_solver s = Z3_mk_solver(z);
    Z3_solver_inc_ref(z, s);
    const Z3_params p = Z3_mk_params(z);
    Z3_params_inc_ref(z, p);
    Z3_params_set_uint(z, p, Z3_mk_string_symbol(z, "timeout"), q->timeout_ms);
    Z3_solver_set_params(z, s, p);
    Z3_params_dec_ref(z, p);
    Z3_solver_from_string(z, s, q->text);
    if (Z3_get_error_code(z) != Z3_OK)
        fail(a, Z3_get_error_msg(z, Z3_get_error_code(z)));
    else
        check(z, s, q, a, values, n_values);
    Z3_solver_dec_ref(z, s);
    Z3_del_context(z);
    a->seconds = clock_seconds() - begin;
}
