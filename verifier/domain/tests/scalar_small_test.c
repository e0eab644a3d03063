/* scalar_small_test.c: every operator on pairs of 4-bit scalars: soundness on all members, and how
 * often the result's set is the best that a scalar can say.
 *
 *   scalar_small_test [--all] [--table]   --all: all pairs of all reduced scalars (minutes);
 *                                         otherwise every 101st pair
 *
 * Built with -DPLANT=<a defect of this file's wrappers>, it passes if the defect is found.
 */
#include "verifier/domain/tests/rows.h"
#include "verifier/domain/tests/small.h"

/* Historic mistakes, made in the wrappers below. */
#define PLANT_NONE       0
#define PLANT_RSH32      1 /* computed on the word, then cut (CVE-2018-18445) */
#define PLANT_U32_COPY   2 /* a word's upper bound copied to the half (CVE-2021-31440) */
#define PLANT_MOD32_ZERO 3 /* upper half kept where the divisor is 0 (CVE-2021-3444) */
#define PLANT_ARSH32     4 /* the word's sign bit shifted in */
#define PLANT_JLT32      5 /* half's bound put on the word */
#define PLANT_JEQ_DEAD   6 /* halves equal taken for words equal */
#ifndef PLANT
#define PLANT PLANT_NONE
#endif

static struct scalar transfer(const struct alu_row *row, struct scalar a, struct scalar b) {
    switch (PLANT) {
    case PLANT_RSH32:
        if (row->op == OP_RSH32_REG)
            return scalar_zext(HALF_BITS, scalar_rsh(SCALAR_64, a, b));
        break;
    case PLANT_U32_COPY:
        if (row->op == OP_ADD64_REG) {
            struct scalar r = scalar_add(SCALAR_64, a, b);
            r.u32.max = (half)r.u.max;
            return r;
        }
        break;
    case PLANT_MOD32_ZERO:
        if (row->op == OP_MOD32_REG && scalar_is_const32(b) && (half)b.bits.value == 0)
            return a;
        break;
    case PLANT_ARSH32:
        if (row->op == OP_ARSH32_REG)
            return scalar_zext(
                HALF_BITS,
                scalar_arsh(SCALAR_64, a, scalar_and(SCALAR_32, b, scalar_const(HALF_BITS - 1))));
        break;
    default: break;
    }
    return scalar_alu(row->op, a, b, false);
}

static void refine(const struct jmp_row *row, bool taken, struct scalar *a, struct scalar *b) {
    scalar_refine(row->op, taken, a, b);
    if (PLANT == PLANT_JLT32 && row->op == OP_JLT32_REG && taken && !scalar_is_empty(*a) &&
        a->u.max > (word)a->u32.max)
        a->u.max = a->u32.max;
    if (PLANT == PLANT_JEQ_DEAD && row->op == OP_JEQ32_REG && taken && !scalar_is_empty(*a))
        *a = *b = scalar_meet(*a, *b);
}

/* A line of the table. */
struct score {
    uint64_t pairs, best, kept, possible;
    uint64_t unsound, loose; /* loose: not reduced */
};

static bool table;

/* One result: want holds the values it must contain. */
static void judge(struct score *score, set want, struct scalar got) {
    const set has = gamma_of(got);
    score->pairs++;
    score->best += has == best_gamma[want];
    score->kept += set_size(has);
    score->possible += set_size(best_gamma[want]);
    score->unsound += (want & (set)~has) != 0;
    score->loose += !scalar_equal(scalar_reduce(got), got);
}

static void report(const char *name, struct score score) {
    if (table)
        printf("| %s | %" PRIu64 " | %.2f %% | %.3f |\n", name, score.pairs,
               100.0 * (double)score.best / (double)score.pairs,
               score.possible ? (double)score.kept / (double)score.possible : 1.0);
    check_note(name);
    CHECK(score.pairs > 0);
    CHECK_EQ(score.unsound, 0);
    CHECK_EQ(score.loose, 0);
}

/* images[x * n + j]: what op gives for x and the members of element j. */
static set *images;

static void fill_images(const struct elements *e, const struct alu_row *row) {
    set one[N_WORDS][N_WORDS];
    for (unsigned x = 0; x < N_WORDS; x++)
        for (unsigned y = 0; y < N_WORDS; y++)
            one[x][y] = (set)(1u << row->eval(x, y));
    for (unsigned x = 0; x < N_WORDS; x++)
        for (size_t j = 0; j < e->n; j++) {
            set image = 0;
            for (unsigned y = 0; y < N_WORDS; y++)
                if (e->gamma[j] >> y & 1)
                    image |= one[x][y];
            images[x * e->n + j] = image;
        }
}

static void alu_row_pairs(const struct elements *e, const struct alu_row *row, size_t stride) {
    struct score score = {0};
    fill_images(e, row);
    for (size_t i = 0; i < e->n; i++)
        for (size_t j = row->unary ? e->n - 1 : i % stride; j < e->n; j += stride) {
            set want = 0;
            for (unsigned x = 0; x < N_WORDS; x++)
                if (e->gamma[i] >> x & 1)
                    want |= images[x * e->n + j];
            judge(&score, want, transfer(row, e->at[i], e->at[j]));
        }
    report(row->name, score);
}

/* ---- extensions and byte swaps, whose rows have bits of their own ---- */

static unsigned low_bits(unsigned x, unsigned bits) {
    return x & ((1u << bits) - 1);
}

static unsigned sign_extended(unsigned x, unsigned bits) {
    const unsigned sign = 1u << (bits - 1);
    return ((low_bits(x, bits) ^ sign) - sign) & 15;
}

static unsigned reversed(unsigned x, unsigned bits) { /* a byte of a 4-bit word is a bit */
    unsigned r = 0;
    for (unsigned i = 0; i < bits; i++)
        r |= (x >> i & 1) << (bits - 1 - i);
    return r;
}

enum unary {
    ZEXT,
    SEXT64,
    SEXT32,
    BSWAP
};

static void unary_elements(const struct elements *e, enum unary op, unsigned bits,
                           const char *name) {
    struct score score = {0};
    for (size_t i = 0; i < e->n; i++) {
        set want = 0;
        for (unsigned x = 0; x < N_WORDS; x++) {
            const unsigned y = op == ZEXT     ? low_bits(x, bits)
                               : op == SEXT64 ? sign_extended(x, bits)
                               : op == SEXT32 ? low_bits(sign_extended(x, bits), HALF_BITS)
                                              : reversed(x, bits);
            if (e->gamma[i] >> x & 1)
                want |= (set)(1u << y);
        }
        const struct scalar a = e->at[i];
        judge(&score, want,
              op == ZEXT     ? scalar_zext(bits, a)
              : op == SEXT64 ? scalar_sext(SCALAR_64, bits, a)
              : op == SEXT32 ? scalar_sext(SCALAR_32, bits, a)
                             : scalar_bswap(bits, a));
    }
    report(name, score);
}

/* ---- comparisons ---- */

/* One edge of a jump: what both operands keep, and whether the branch is decided rightly. */
static void jmp_row_pairs(const struct elements *e, const struct jmp_row *row, bool taken,
                          size_t stride) {
    set right_of[N_WORDS], left_of[N_WORDS]; /* y for x, x for y, on this edge */
    memset(right_of, 0, sizeof right_of);
    memset(left_of, 0, sizeof left_of);
    for (unsigned x = 0; x < N_WORDS; x++)
        for (unsigned y = 0; y < N_WORDS; y++)
            if (row->eval(x, y) == taken) {
                right_of[x] |= (set)(1u << y);
                left_of[y] |= (set)(1u << x);
            }
    struct score score = {0};
    uint64_t wrong = 0, undecided = 0, uneven = 0;
    for (size_t i = 0; i < e->n; i++)
        for (size_t j = i % stride; j < e->n; j += stride) {
            set want_a = 0, want_b = 0;
            for (unsigned x = 0; x < N_WORDS; x++) {
                if (e->gamma[i] >> x & 1 && right_of[x] & e->gamma[j])
                    want_a |= (set)(1u << x);
                if (e->gamma[j] >> x & 1 && left_of[x] & e->gamma[i])
                    want_b |= (set)(1u << x);
            }
            struct scalar a = e->at[i], b = e->at[j];
            const enum branch branch = scalar_branch(row->op, a, b);
            wrong += branch == (taken ? BRANCH_NOT_TAKEN : BRANCH_TAKEN) && want_a != 0;
            undecided += branch == BRANCH_UNKNOWN && want_a == 0;
            refine(row, taken, &a, &b);
            uneven += scalar_is_empty(a) != scalar_is_empty(b);
            judge(&score, want_a, a);
            judge(&score, want_b, b);
        }
    char name[32];
    snprintf(name, sizeof name, "%s %s", row->name, taken ? "taken" : "not taken");
    report(name, score);
    CHECK_EQ(wrong, 0);
    CHECK_EQ(uneven, 0);
    if (table && undecided)
        printf("| %s, branch decided late | %" PRIu64 " | | |\n", name, undecided);
}

static void jmp_row_same(const struct elements *e, const struct jmp_row *row, bool taken) {
    struct score score = {0};
    for (size_t i = 0; i < e->n; i++) {
        set want = 0;
        for (unsigned x = 0; x < N_WORDS; x++)
            if (e->gamma[i] >> x & 1 && row->eval(x, x) == taken)
                want |= (set)(1u << x);
        const enum branch branch = scalar_branch_same(row->op, e->at[i]);
        CHECK(branch != (taken ? BRANCH_NOT_TAKEN : BRANCH_TAKEN) || want == 0);
        judge(&score, want, scalar_refine_same(row->op, taken, e->at[i]));
    }
    char name[40];
    snprintf(name, sizeof name, "%s itself %s", row->name, taken ? "taken" : "not taken");
    check_note(name);
    CHECK_EQ(score.unsound, 0);
    CHECK_EQ(score.loose, 0);
}

/* ---- elements ---- */

static void add_from_sets(struct elements *e, struct element_index *ix) {
    for (unsigned s = 1; s < N_SETS; s++)
        element_find(e, ix, scalar_reduce(best_raw((set)s)));
}

/* Joins of elements can reach scalars that are no set's best. */
static void add_by_joins(struct elements *e, struct element_index *ix) {
    const size_t n = e->n;
    for (size_t i = 0; i < n; i += 3)
        for (size_t j = i % 7; j < n; j += 7)
            element_find(e, ix, scalar_join(e->at[i], e->at[j]));
}

int main(int argc, char **argv) {
    size_t stride = PLANT == PLANT_NONE ? 101 : 601;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--table"))
            table = true;
        else if (!strcmp(argv[i], "--all"))
            stride = 1;
    }
    small_init();
    small_init_best();
    struct element_index *ix = calloc(1, sizeof *ix);
    struct elements e = {0};
    if (!ix)
        return check_skip("no memory");
    add_from_sets(&e, ix);
    add_by_joins(&e, ix);
    images = malloc(N_WORDS * e.n * sizeof *images);
    if (!images)
        return check_skip("no memory");
    if (table)
        printf("| 4-bit words, %zu scalars | pairs | best result | values kept / best |\n"
               "|---|---|---|---|\n",
               e.n);
    for (size_t i = 0; i < N_ALU_ROWS; i++)
        alu_row_pairs(&e, &alu_rows[i], stride);
    unary_elements(&e, ZEXT, 1, "zext, quarter");
    unary_elements(&e, ZEXT, 2, "zext, half");
    unary_elements(&e, SEXT64, 1, "sext, quarter");
    unary_elements(&e, SEXT64, 2, "sext, half");
    unary_elements(&e, SEXT32, 1, "sext, quarter to half");
    unary_elements(&e, BSWAP, 2, "bswap, half");
    unary_elements(&e, BSWAP, 4, "bswap, word");
    for (size_t i = 0; i < N_JMP_ROWS; i++)
        for (int taken = 1; taken >= 0; taken--) {
            jmp_row_pairs(&e, &jmp_rows[i], taken, stride);
            jmp_row_same(&e, &jmp_rows[i], taken);
        }
    free(images);
    free(e.at);
    free(e.gamma);
    free(ix);
    free(best_gamma);
#if PLANT != PLANT_NONE
    check_state.failed = check_state.failed == 0; /* the defect must have been seen */
    printf("planted defect %d %s\n", PLANT, check_state.failed ? "missed" : "found");
#endif
    return check_end();
}
