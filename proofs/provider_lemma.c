/* provider_lemma.c: the facts behind the lemmas of products.c, each a unit.
 *
 * A product, quotient or remainder of words is, wherever products.c gives it a variable, one of
 * integers: words read as unsigned, or as signed, integers. So most facts are of integers, where
 * Z3 can reason; those about shifts, masks and division by zero are of bit vectors. What joins the
 * two (that bvmul, bvudiv and their like are the integers' operations) is in assumptions.md.
 *
 * Each has a wrong form, which must be refuted.
 */
#include "proofs/provider_lemma.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/fnv.h"
#include "proofs/smt_text.h"
#include "proofs/sources.h" /* made by the build */

/* struct lemma: whatever the variables are, if what is given holds, so does what follows. */
struct lemma {
    const char *name;
    const char *users;     /* functions of products.c */
    const char *variables; /* of one letter each */
    const char *given, *follows, *wrong;
    bool words; /* bit vectors of 64; else integers */
};

/* clang-format off */

/* n divided by d is q, rest r: of unsigned words; truncating, of signed ones */
#define UNSIGNED(n, q, r, d) \
    " (<= 0 " n ") (= " n " (+ (* " q " " d ") " r ")) (<= 0 " r ") (< " r " " d ")"
#define SIGNED(n, q, r, d) \
    " (distinct " d " 0) (= " n " (+ (* " q " " d ") " r ")) (< (abs " r ") (abs " d "))" \
    " (=> (<= 0 " n ") (<= 0 " r ")) (=> (<= " n " 0) (<= " r " 0))"
#define POS(n) " (<= 0 " n ")"
#define NEG(n) " (<= " n " 0)"
#define ABOVE(d) " (< 0 " d ")"
#define BELOW(d) " (< " d " 0)"
#define ANY "true"
/* instances of mul_mono and mul_mono_negative: (q + 1) d beside p d. Z3 finds them, cvc5 does not */
#define NEXT " (=> (and (<= (+ q 1) p) (<= 0 d)) (<= (* (+ q 1) d) (* p d)))"
#define NEXT_NEGATIVE " (=> (and (<= (+ q 1) p) (<= d 0)) (<= (* p d) (* (+ q 1) d)))"

#define ZERO "#x0000000000000000"
#define ONE  "#x0000000000000001"
#define ONES "#xffffffffffffffff"
#define LOWEST "(bvand x (bvneg x))"

/* of one signed quotient, by signs of n and d */
#define SIGN_CASES(X) \
    X(pp, POS("n") ABOVE("d")) X(pn, POS("n") BELOW("d")) X(np, NEG("n") ABOVE("d")) X(nn, NEG("n") BELOW("d"))

static const struct lemma lemmas[] = {
    /* products */
    {"mul_commutes", "product_of", "a b", ANY, "(= (* a b) (* b a))", "(= (* a b) (* b b))", false},
    {"mul_same", "congruent_products", "a b c d", "(= a c) (= b d)", "(= (* a b) (* c d))", "(= (* a b) (* c c))", false},
    {"mul_fits", "product_of", "a b",
     "(<= 0 a 18446744073709551615) (<= 0 b 18446744073709551615)",
     "(< (- 1) (* a b) 340282366920938463463374607431768211456)", "(< (* a b) 340282366920938463426481119284349108224)", false},
    {"mul_fits_signed", "product_of", "a b",
     "(<= (- 9223372036854775808) a 9223372036854775807) (<= (- 9223372036854775808) b 9223372036854775807)",
     "(< (- 170141183460469231731687303715884105728) (* a b) 170141183460469231731687303715884105728)",
     "(< (* a b) 85070591730234615865843651857942052864)", false},
    {"mul_add", "multiplied link_sums", "a b s", ANY, "(= (* (+ a b) s) (+ (* a s) (* b s)))", "(= (* (+ a b) s) (+ (* a s) b))", false},
    {"mul_sub", "multiplied link_sums", "a b s", ANY, "(= (* (- a b) s) (- (* a s) (* b s)))", "(= (* (- a b) s) (- (* b s) (* a s)))", false},
    {"mul_neg", "multiplied link_sums", "a s", ANY, "(= (* (- a) s) (- (* a s)))", "(= (* (- a) s) (* a s))", false},
    {"mul_choice", "multiplied link_sums", "c a b s", ANY,
     "(= (* (ite (= c 0) a b) s) (ite (= c 0) (* a s) (* b s)))", "(= (* (ite (= c 0) a b) s) (ite (= c 0) (* b s) (* a s)))", false},
    {"mul_bit", "by_bits", "a c p s", "(or (= c 0) (= c 1))",
     "(= (* (+ (* c p) a) s) (+ (* a s) (ite (= c 1) (* s p) 0)))", "(= (* (+ (* c p) a) s) (+ (* a s) (* s p)))", false},
    /* however two words are read, and whatever is above them: one low half */
    {"mul_low", "low_product without_product link_sums", "a b i j", ANY,
     "(= (* (+ a (* 18446744073709551616 i)) (+ b (* 18446744073709551616 j)))"
     "   (+ (* a b) (* 18446744073709551616 (+ (* a j) (* b i) (* 18446744073709551616 i j)))))",
     "(= (* (+ a (* 18446744073709551616 i)) (+ b (* 18446744073709551616 j)))"
     "   (+ (* a b) (* 18446744073709551616 (+ (* a j) (* b i) (* i j)))))", false},
    {"mul_low_half", "low_halves", "a b i j", ANY,
     "(= (* (+ a (* 4294967296 i)) (+ b (* 4294967296 j))) (+ (* a b) (* 4294967296 (+ (* a j) (* b i) (* 4294967296 i j)))))",
     "(= (* (+ a (* 4294967296 i)) (+ b (* 4294967296 j))) (+ (* a b) (* 8589934592 (+ (* a j) (* b i) (* 4294967296 i j)))))", false},
    {"mul_mono", "monotone", "a b s", "(<= a b) (<= 0 s)", "(<= (* a s) (* b s))", "(< (* a s) (* b s))", false},
    {"mul_mono_negative", "monotone", "a b s", "(<= a b) (<= s 0)", "(<= (* b s) (* a s))", "(<= (* a s) (* b s))", false},
    {"mul_small", "product_lemmas", "a b", "(<= 0 a) (<= 0 b) (< a 4294967296) (< b 4294967296)",
     "(< (* a b) 18446744073709551616)", "(< (* a b) 18446744060824649731)", false},

    /* unsigned quotients */
    {"div_unique", "quotient_of without_division congruent_quotients", "n q r d p s", UNSIGNED("n", "q", "r", "d") UNSIGNED("n", "p", "s", "d"),
     "(and (= q p) (= r s))", "(< q p)", false},
    {"udiv_bounds", "unsigned_lemmas", "n q r d", UNSIGNED("n", "q", "r", "d"),
     "(and (<= 0 q) (<= q n) (<= 0 (* q d)) (<= (* q d) n) (< (- n (* q d)) d))", "(< q n)", false},
    {"udiv_below", "unsigned_lemmas", "n q r d", UNSIGNED("n", "q", "r", "d") " (< n d)", "(and (= q 0) (= (* q d) 0))", "(= r 0)", false},
    {"udiv_not_below", "unsigned_lemmas", "n q r d", UNSIGNED("n", "q", "r", "d") " (<= d n)",
     "(and (<= 1 q) (<= d (* q d)))", "(<= 2 q)", false},
    {"udiv_by_one", "unsigned_lemmas", "n q r d", UNSIGNED("n", "q", "r", "d") " (= d 1)", "(and (= q n) (= r 0))", "(< q n)", false},
    {"udiv_by_zero", "unsigned_lemmas quotient_of", "x", ANY,
     "(and (= (bvudiv x " ZERO ") " ONES ") (= (bvsub x (bvurem x " ZERO ")) " ZERO "))", "(= (bvudiv x " ZERO ") " ZERO ")", true},
    {"udiv_mono", "by_one_divisor", "n q r m p s d", UNSIGNED("n", "q", "r", "d") UNSIGNED("m", "p", "s", "d") " (<= n m)",
     "(<= q p)", "(< q p)", false},
    {"udiv_antitone", "of_one_dividend", "n q r d p s e", UNSIGNED("n", "q", "r", "d") UNSIGNED("n", "p", "s", "e") " (<= d e)" NEXT,
     "(<= p q)", "(< p q)", false},
    {"same_multiple", "same_multiple", "q d p e", "(= q p) (= d e)", "(= (* q d) (* p e))", "(= (* q d) (* p p))", false},
    /* p: the lowest bit of d, or of 2^64 */
    {"power_divides", "lowest_bit_lemma", "q d k p", "(= d (* p k))", "(= (* q d) (* p (* q k)))", "(= (* q d) (* p q))", false},
    {"lowest_bit", "lowest_bit_lemma", "x", "(distinct x " ZERO ")",
     "(and (distinct " LOWEST " " ZERO ") (= (bvand " LOWEST " (bvsub " LOWEST " " ONE ")) " ZERO ")"
     "     (= (bvand x (bvsub " LOWEST " " ONE ")) " ZERO "))", "(= " LOWEST " x)", true},

    /* signed quotients: truncating */
#define UNIQUE(c, given) \
    {"sdiv_unique_" #c, "quotient_of without_division congruent_quotients", "n q r d p s", given SIGNED("n", "q", "r", "d") SIGNED("n", "p", "s", "d"), \
     "(and (= q p) (= r s))", "(< q p)", false},
    SIGN_CASES(UNIQUE)
#define REST(c, given) \
    {"sdiv_rest_" #c, "signed_lemmas", "n q r d", given SIGNED("n", "q", "r", "d"), \
     "(and (<= (ite (<= 0 n) 0 n) (- n (* q d)) (ite (<= 0 n) n 0)) (< (abs (- n (* q d))) (abs d)))", \
     "(< (abs (* 2 r)) (abs d))", false},
    SIGN_CASES(REST)
#define SMALL(c, given) \
    {"sdiv_below_" #c, "signed_lemmas", "n q r d", given SIGNED("n", "q", "r", "d") " (< (abs n) (abs d))", \
     "(and (= q 0) (= (* q d) 0))", "(= r 0)", false},
    SIGN_CASES(SMALL)
    {"sdiv_by_one", "signed_lemmas", "n q r d", SIGNED("n", "q", "r", "d") " (= d 1)", "(and (= q n) (= r 0))", "(= q (- n))", false},
    {"sdiv_by_ones", "signed_lemmas", "x", ANY, /* the smallest included */
     "(and (= (bvsdiv x " ONES ") (bvneg x)) (= (bvsrem x " ONES ") " ZERO "))", "(bvsle " ZERO " (bvsdiv x " ONES "))", true},
    {"sdiv_by_zero", "signed_lemmas quotient_of", "x", ANY,
     "(and (= (bvsdiv x " ZERO ") (ite (bvslt x " ZERO ") " ONE " " ONES ")) (= (bvsub x (bvsrem x " ZERO ")) " ZERO "))",
     "(= (bvsdiv x " ZERO ") " ONES ")", true},
    {"sdiv_of_zero", "signed_lemmas", "n q r d", SIGNED("n", "q", "r", "d") " (= n 0)", "(and (= q 0) (= r 0))", "(= q 1)", false},
    /* dividends n <= m, by their signs: by a divisor above, below zero */
#define MONO(c, signs) \
    {"sdiv_mono_" #c "_above", "by_one_divisor", "n q r m p s d", \
     signs ABOVE("d") SIGNED("n", "q", "r", "d") SIGNED("m", "p", "s", "d") " (<= n m)", "(<= q p)", "(< q p)", false}, \
    {"sdiv_mono_" #c "_below", "by_one_divisor", "n q r m p s d", \
     signs BELOW("d") SIGNED("n", "q", "r", "d") SIGNED("m", "p", "s", "d") " (<= n m)", "(<= p q)", "(< p q)", false},
    MONO(pp, POS("n") POS("m"))
    MONO(np, NEG("n") POS("m"))
    MONO(nn, NEG("n") NEG("m"))
    /* divisors of one sign, d nearer to zero than e */
#define NEARER(c, given, follows, wrong) \
    {"sdiv_antitone_" #c, "of_one_dividend", "n q r d p s e", \
     given SIGNED("n", "q", "r", "d") SIGNED("n", "p", "s", "e"), follows, wrong, false},
    NEARER(pp, POS("n") ABOVE("d") " (<= d e)" NEXT, "(<= p q)", "(< p q)")
    NEARER(pn, POS("n") BELOW("d") " (<= e d)", "(<= q p)", "(< q p)")
    NEARER(np, NEG("n") ABOVE("d") " (<= d e)", "(<= q p)", "(< q p)")
    NEARER(nn, NEG("n") BELOW("d") " (<= e d)" NEXT_NEGATIVE, "(<= p q)", "(< p q)")
    {"sdiv_is_udiv", "quotient_lemmas", "n q r d p s",
     POS("n") ABOVE("d") SIGNED("n", "q", "r", "d") UNSIGNED("n", "p", "s", "d"), "(and (= q p) (= r s))", "(< q p)", false},
};
/* clang-format on */

/* struct powers: of each power of two, as bit vectors. %s: 2^k, then k, as they are written. */
struct powers {
    const char *name, *users, *follows, *wrong;
};
static const struct powers powers[] = {
    {"udiv_by_power", "unsigned_lemmas", "(= (bvudiv x %s) (bvlshr x %s))",
     "(= (bvudiv x %s) (bvashr x %s))"},
    {"power_mask", "lowest_bit_lemma",
     "(= (= (bvurem x %s) " ZERO ") (= (bvand x (bvsub (bvshl " ONE " %s) " ONE ")) " ZERO "))",
     "(= (= (bvurem x %s) " ZERO ") (= (bvand x (bvshl " ONE " %s)) " ZERO "))"},
};

enum {
    N_LEMMAS = sizeof lemmas / sizeof *lemmas,
    N_POWERS = sizeof powers / sizeof *powers,
    N_ALL = N_LEMMAS + N_POWERS,
    MAX_TEXT = 1 << 15,
};

const char *lemma_name(unsigned i) {
    return i < N_LEMMAS ? lemmas[i].name : i < N_ALL ? powers[i - N_LEMMAS].name : NULL;
}

const char *lemma_users(unsigned i) {
    return i < N_LEMMAS ? lemmas[i].users : i < N_ALL ? powers[i - N_LEMMAS].users : NULL;
}

/* ---- texts ---- */

/* what is asked of a lemma */
enum asked {
    HOLDS,    /* what is given, and not what follows */
    REFUTED,  /* what is given, and not what is wrong */
    POSSIBLE, /* what is given */
};

struct text {
    char s[MAX_TEXT];
    size_t n;
};

static void add(struct text *t, const char *a, const char *b, const char *c) {
    if (t->n < sizeof t->s)
        t->n += (size_t)snprintf(t->s + t->n, sizeof t->s - t->n, "%s%s%s", a, b, c);
}

static void declare(struct text *t, const char *variables, bool words) {
    for (const char *v = variables; *v; v++) {
        const char name[2] = {*v};
        if (*v != ' ')
            add(t, "(declare-fun ", name, words ? " () (_ BitVec 64))" : " () Int)");
    }
}

static void add_powers(struct text *t, const struct powers *p, enum asked asked) {
    declare(t, "x", true);
    add(t, "(assert (not (and true", "", "");
    for (unsigned k = 0; k < 64; k++) {
        char power[24], count[24], line[300];
        snprintf(power, sizeof power, "#x%016llx", 1ULL << k);
        snprintf(count, sizeof count, "#x%016x", k);
        /* the two of them: literals of this file */
        const char *const form = asked == HOLDS ? p->follows : p->wrong;
        const char *const first = strstr(form, "%s"), *const second = strstr(first + 2, "%s");
        snprintf(line, sizeof line, "%.*s%s%.*s%s%s", (int)(first - form), form, power,
                 (int)(second - first - 2), first + 2, count, second + 2);
        add(t, " ", line, "\n");
    }
    add(t, ")))", "", "");
}

static void add_lemma(struct text *t, const struct lemma *l, enum asked asked) {
    declare(t, l->variables, l->words);
    add(t, "\n(assert (and true ", l->given, "))");
    if (asked != POSSIBLE)
        add(t, "\n(assert (not ", asked == HOLDS ? l->follows : l->wrong, "))");
}

static void write_text(struct text *t, unsigned i, enum asked asked) {
    t->n = 0;
    t->s[0] = 0;
    if (i < N_LEMMAS)
        add_lemma(t, &lemmas[i], asked);
    else if (asked == POSSIBLE)
        declare(t, "x", true);
    else
        add_powers(t, &powers[i - N_LEMMAS], asked);
}

/* ---- the provider ---- */

static bool list(const struct prove_options *opt, struct unit **units, size_t *n, char err[160]) {
    (void)opt;
    struct unit *const u = calloc((size_t)2 * N_ALL, sizeof *u);
    struct text *const t = malloc(sizeof *t);
    bool fits = true;
    for (unsigned i = 0; u && t && i < 2 * N_ALL; i++) {
        const bool plant = i >= N_ALL;
        write_text(t, i % N_ALL, plant ? REFUTED : HOLDS);
        fits &= t->n < sizeof t->s;
        u[i] = (struct unit){
            .hash = fnv_text(PROVER_SOURCES, t->s), .provider = &provider_lemma, .index = i};
        snprintf(u[i].name, sizeof u[i].name, "%s/%s", plant ? "plant/lemma" : "lemma",
                 lemma_name(i % N_ALL));
        snprintf(u[i].family, sizeof u[i].family, "%s", plant ? "plant" : "lemma");
    }
    const bool ok = u && t && fits;
    if (!ok)
        snprintf(err, 160, "%s", u && t ? "a lemma is too long" : "no memory");
    *units = ok ? u : NULL;
    *n = ok ? 2 * N_ALL : 0;
    if (!ok)
        free(u);
    free(t);
    return ok;
}

/* ask: one question as an obligation. */
static void ask(const struct prove_options *opt, const struct unit *u, enum asked asked,
                prove_emit *emit, void *self) {
    static const char *const names[] = {"holds", "refuted", "possible"};
    struct obligation o = {.width = 64};
    struct smt_answer a;
    struct text *const t = malloc(sizeof *t);
    snprintf(o.name, sizeof o.name, "%s: %s", u->name, names[asked]);
    if (!t) {
        o.result = SMT_ERROR;
        snprintf(o.counterexample, sizeof o.counterexample, "no memory");
        emit(self, &o);
        return;
    }
    const unsigned i = u->index % N_ALL;
    write_text(t, i, asked);
    const struct smt_text q = {.name = names[asked],
                               .logic = i >= N_LEMMAS || lemmas[i].words ? "QF_BV" : "QF_NIA",
                               .text = t->s,
                               .timeout_ms = opt->timeout_ms,
                               .dump = opt->dump};
    smt_impossible(&q, &a, o.counterexample, sizeof o.counterexample);
    o.seconds = a.seconds;
    o.result = a.result;
    /* what is wrong, and what is given, can be: that is what must be shown */
    if (asked != HOLDS && a.result == SMT_REFUTED)
        o.result = SMT_PROVED;
    if (asked != HOLDS && a.result == SMT_PROVED)
        o.result = SMT_REFUTED;
    if (a.result == SMT_ERROR)
        snprintf(o.counterexample, sizeof o.counterexample, "%s", a.error);
    emit(self, &o);
    free(t);
}

static void run(const struct prove_options *opt, const struct unit *u, prove_emit *emit,
                void *self) {
    if (u->index >= N_ALL) {
        ask(opt, u, REFUTED, emit, self);
        return;
    }
    ask(opt, u, HOLDS, emit, self);
    ask(opt, u, POSSIBLE, emit, self);
}

const struct provider provider_lemma = {.name = "lemma", .list = list, .run = run};
