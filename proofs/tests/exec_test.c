/* exec_test.c: symbolic execution gives what the machine gives.
 *
 * Each function of exec/same.c (and of exec/insns.ll) is executed symbolically, at -O0 and at -O2.
 * The check of its theorem says result == out; evaluated for random inputs it must hold where out
 * is what the function compiled for this machine returns, not hold for another out, and no noted
 * undefined behaviour may happen. Theorems fixed/ do the same for constant inputs.
 */
#include <stdlib.h>

#include "proofs/exec.h"
#define SAME_NATIVE
#include "proofs/tests/exec/same.h"
#include "tests/check.h"

extern const struct same __start_exec_same[], __stop_exec_same[];

enum {
    VALUES = 12
};
static uint64_t seed = 97;
static unsigned n_same, n_fixed;

static uint64_t value(void) {
    const uint64_t r = check_random(&seed), one = UINT64_C(1) << (r >> 8) % 64;
    switch (r % 8) {
    case 0: return (r >> 20) % 8;
    case 1: return UINT64_MAX - (r >> 20) % 3;
    case 2: return one;
    case 3: return one - 1;
    case 4: return UINT64_C(0) - one;
    case 5: return check_random(&seed) >> (r >> 8) % 64;
    case 6: return (uint64_t)INT64_MIN + (r >> 20) % 2;
    default: return check_random(&seed);
    }
}

static bool is_true(struct terms *t, term *a, const struct assignment *in) {
    uint64_t k[TERM_LIMBS];
    term_eval(t, a, in, k);
    return (k[0] & 1) != 0;
}

/* agree: check `c` under values that have out last. */
static void agree(const struct exec_run *r, const struct exec_check *c, struct assigned *vars,
                  size_t n) {
    const struct assignment in = {vars, n};
    term *undefined = term_bool(r->t, false);
    for (uint32_t i = 0; i < r->n_ubs; i++)
        undefined = term_or(r->t, undefined, r->ubs[i].when);
    CHECK(is_true(r->t, c->reached, &in));
    CHECK(is_true(r->t, c->holds, &in));
    CHECK(!is_true(r->t, undefined, &in));
    vars[n - 1].k[0] ^= UINT64_C(1) << check_random(&seed) % 64;
    CHECK(!is_true(r->t, c->holds, &in));
}

static void run(struct bitcode *b, struct terms *t, const char *stem, const char *name,
                struct exec_run *r) {
    static char text[200];
    const struct exec_options none = {0};
    snprintf(text, sizeof text, "theorem__%s__%s", stem, name);
    check_note(text);
    exec_theorem(b, t, text, &none, r);
    CHECK_STR(r->error, "");
}

static void any_values(struct bitcode *b, const struct same *f) {
    struct terms *const t = terms_new();
    struct exec_run r;
    run(b, t, "same", f->name, &r);
    if (CHECK_EQ(r.n_checks, 1) && CHECK_EQ(r.n_vars, 4))
        for (unsigned i = 0; i < VALUES; i++) {
            struct assigned in[] = {
                {"a", {value()}}, {"b", {value()}}, {"c", {value()}}, {"out", {0}}};
            if (i % 4 == 1)
                in[1].k[0] = in[0].k[0];
            in[3].k[0] = f->run(in[0].k[0], in[1].k[0], in[2].k[0]);
            agree(&r, &r.checks[0], in, 4);
        }
    n_same++;
    exec_fini(&r);
    terms_free(t);
}

static void fixed_values(struct bitcode *b, const struct same *f) {
    static const word inputs[N_FIXED][3] = FIXED_INPUTS;
    struct terms *const t = terms_new();
    struct exec_run r;
    run(b, t, "fixed", f->name, &r);
    if (CHECK_EQ(r.n_checks, N_FIXED))
        for (unsigned i = 0; i < N_FIXED; i++) {
            char out[12] = "out";
            if (i > 0)
                snprintf(out, sizeof out, "out#%u", i + 1);
            struct assigned in = {out, {f->run(inputs[i][0], inputs[i][1], inputs[i][2])}};
            agree(&r, &r.checks[i], &in, 1);
        }
    n_fixed++;
    exec_fini(&r);
    terms_free(t);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        char err[160] = "";
        FILE *const f = fopen(argv[i], "rb");
        static char bytes[1 << 23];
        const size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
        struct bitcode *const b = bitcode_load(bytes, n, err);
        CHECK_STR(err, "");
        for (const struct same *s = __start_exec_same; b && s < __stop_exec_same; s++) {
            if (s->any)
                any_values(b, s);
            fixed_values(b, s);
        }
        bitcode_free(b);
        if (f)
            fclose(f);
    }
    printf("%u functions for any values, %u for fixed ones\n", n_same, n_fixed);
    CHECK(n_same > 400 && n_fixed > n_same);
    return check_end();
}
