/* z3_solver.c: thoroughly, as for circuits of products, by Z3's own strategy for QF_BV; else by its
 * steps but two: to simplify each formula in the context of the others, and to make one graph of
 * all gates. Where a query has some thousands of gates they cost more than they save; two circuits
 * of the same product are proved equal by nothing else. The search of its own strategy goes on for
 * some conflicts before it simplifies: most queries are answered by then.
 */
#include "proofs/z3_solver.h"

#include <stddef.h>

enum {
    CONFLICTS_BEFORE_SIMPLIFYING = 1000
};

static Z3_params make_params(Z3_context z) {
    const Z3_params p = Z3_mk_params(z);
    Z3_params_inc_ref(z, p);
    return p;
}

static void set_bool(Z3_context z, Z3_params p, const char *name, bool value) {
    Z3_params_set_bool(z, p, Z3_mk_string_symbol(z, name), value);
}

static void set_uint(Z3_context z, Z3_params p, const char *name, unsigned value) {
    Z3_params_set_uint(z, p, Z3_mk_string_symbol(z, name), value);
}

/* then: first, then the tactic of that name with p. Takes first's and p's references. */
static Z3_tactic then(Z3_context z, Z3_tactic first, const char *name, Z3_params p) {
    Z3_tactic t = Z3_mk_tactic(z, name);
    Z3_tactic_inc_ref(z, t);
    if (p) {
        const Z3_tactic with = Z3_tactic_using_params(z, t, p);
        Z3_tactic_inc_ref(z, with);
        Z3_tactic_dec_ref(z, t);
        Z3_params_dec_ref(z, p);
        t = with;
    }
    if (first) {
        const Z3_tactic both = Z3_tactic_and_then(z, first, t);
        Z3_tactic_inc_ref(z, both);
        Z3_tactic_dec_ref(z, first);
        Z3_tactic_dec_ref(z, t);
        t = both;
    }
    return t;
}

static Z3_tactic make_tactic(Z3_context z) {
    Z3_tactic t = then(z, NULL, "simplify", NULL);
    t = then(z, t, "propagate-values", NULL);
    const Z3_params rare = make_params(z);
    set_uint(z, rare, "solve_eqs_max_occs", 2);
    t = then(z, t, "solve-eqs", rare);
    t = then(z, t, "elim-uncnstr", NULL);
    t = then(z, t, "reduce-bv-size", NULL);
    const Z3_params hoist = make_params(z);
    set_bool(z, hoist, "hoist_mul", true);
    t = then(z, t, "simplify", hoist);
    t = then(z, t, "max-bv-sharing", NULL);
    t = then(z, t, "bit-blast", NULL);
    const Z3_params search = make_params(z);
    set_uint(z, search, "burst_search", CONFLICTS_BEFORE_SIMPLIFYING);
    t = then(z, t, "sat", search);
    const Z3_params all = make_params(z);
    set_bool(z, all, "elim_and", true);
    set_bool(z, all, "push_ite_bv", true);
    set_bool(z, all, "blast_distinct", true);
    const Z3_tactic with = Z3_tactic_using_params(z, t, all);
    Z3_tactic_inc_ref(z, with);
    Z3_tactic_dec_ref(z, t);
    Z3_params_dec_ref(z, all);
    return with;
}

Z3_solver z3_solver_make(Z3_context z, bool thorough, unsigned timeout_ms) {
    Z3_solver s;
    if (thorough) {
        s = Z3_mk_solver_for_logic(z, Z3_mk_string_symbol(z, "QF_BV"));
        Z3_solver_inc_ref(z, s);
    } else {
        const Z3_tactic t = make_tactic(z);
        s = Z3_mk_solver_from_tactic(z, t);
        Z3_solver_inc_ref(z, s);
        Z3_tactic_dec_ref(z, t);
    }
    const Z3_params p = make_params(z);
    set_uint(z, p, "timeout", timeout_ms);
    Z3_solver_set_params(z, s, p);
    Z3_params_dec_ref(z, p);
    return s;
}
