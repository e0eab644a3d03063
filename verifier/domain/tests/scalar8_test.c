/* scalar8_test.c: every row on random 8-bit scalars (halves of 4 bits), with all their members: a
 * deterministic sample where scalar_small_test takes all pairs, of words wide enough for halves to
 * have a middle.
 *
 *   scalar8_test [PAIRS [SEED]] [--table]
 */
#include <stdlib.h>

#include "tests/check.h"
#include "verifier/domain/tests/rows.h"

#if DOMAIN_WORD_BITS != 8
#error "this test is about 8-bit words"
#endif

enum {
    N_WORDS = 256
};

static uint64_t seed = 1;

static unsigned below(unsigned n) {
    return (unsigned)(check_random(&seed) % n);
}

/* struct members: a scalar's, listed. */
struct members {
    uint8_t at[N_WORDS];
    unsigned n;
};

static struct members members_of(struct scalar a) {
    struct members m = {.n = 0};
    for (unsigned x = 0; x < N_WORDS; x++)
        if (scalar_contains(a, (word)x))
            m.at[m.n++] = (uint8_t)x;
    return m;
}

/* best: the smallest components around a set, reduced.  in: at least one word is in the set */
static struct scalar best(const bool set[N_WORDS]) {
    struct scalar r = scalar_empty();
    bool first = true;
    for (unsigned x = 0; x < N_WORDS; x++) {
        if (!set[x])
            continue;
        const struct scalar c = scalar_const((word)x);
        r.bits = first ? c.bits : tnum_join(r.bits, c.bits);
        r.u = urange_join(r.u, c.u);
        r.s = srange_join(r.s, c.s);
        r.u32 = urange32_join(r.u32, c.u32);
        r.s32 = srange32_join(r.s32, c.s32);
        first = false;
    }
    return scalar_reduce(r);
}

/* random_scalar: cut around one word by a random choice of components. */
static struct scalar random_scalar(void) {
    const unsigned x = below(N_WORDS), y = below(N_WORDS), z = below(N_WORDS), cut = below(32);
    struct scalar a = scalar_unknown();
    if (cut & 1) {
        const word mask = (word)(below(N_WORDS) & (below(2) ? 255 : y));
        a.bits = (struct tnum){.value = (word)x & (word)~mask, .mask = mask};
    }
    if (cut & 2)
        a.u = urange_join((struct urange){(word)x, (word)x},
                          (struct urange){(word)(y < z ? y : z), (word)(y < z ? z : y)});
    if (cut & 4)
        a.s = srange_join((struct srange){(sword)(word)x, (sword)(word)x},
                          (struct srange){(sword)(word)y, (sword)(word)y});
    const half low = (half)(word)x, low_y = (half)(word)y, low_z = (half)(word)z;
    if (cut & 8)
        a.u32 = urange32_join((struct urange32){low, low}, (struct urange32){low_y, low_y});
    if (cut & 16)
        a.s32 = srange32_join((struct srange32){(shalf)low, (shalf)low},
                              (struct srange32){(shalf)low_z, (shalf)low_z});
    return below(8) ? scalar_reduce(a) : scalar_const((word)x);
}

struct score {
    uint64_t n, best, kept, possible, unsound, loose;
};

static bool table;

static void judge(struct score *score, const bool want[N_WORDS], struct scalar got) {
    unsigned n_want = 0, missed = 0;
    for (unsigned x = 0; x < N_WORDS; x++) {
        n_want += want[x];
        missed += want[x] && !scalar_contains(got, (word)x);
    }
    const unsigned has = members_of(got).n;
    const unsigned could = n_want ? members_of(best(want)).n : 0;
    score->n++;
    score->best += has == could;
    score->kept += has;
    score->possible += could;
    score->unsound += missed != 0;
    score->loose += !scalar_equal(scalar_reduce(got), got);
}

static void report(const char *name, struct score score) {
    if (table)
        printf("| %s | %" PRIu64 " | %.2f %% | %.3f |\n", name, score.n,
               100.0 * (double)score.best / (double)score.n,
               score.possible ? (double)score.kept / (double)score.possible : 1.0);
    check_note(name);
    CHECK(score.n > 0);
    CHECK_EQ(score.unsound, 0);
    CHECK_EQ(score.loose, 0);
}

static void alu_row(const struct alu_row *row, unsigned n) {
    struct score score = {0};
    for (unsigned i = 0; i < n; i++) {
        const struct scalar a = random_scalar(), b = random_scalar();
        const struct members xs = members_of(a), ys = members_of(b);
        bool want[N_WORDS] = {false};
        for (unsigned k = 0; k < xs.n; k++)
            for (unsigned l = 0; l < ys.n; l++)
                want[row->eval(xs.at[k], ys.at[l])] = true;
        judge(&score, want, scalar_alu(row->op, a, b, false));
    }
    report(row->name, score);
}

static void jmp_row(const struct jmp_row *row, bool taken, unsigned n) {
    struct score score = {0};
    for (unsigned i = 0; i < n; i++) {
        struct scalar a = random_scalar(), b = random_scalar();
        const struct members xs = members_of(a), ys = members_of(b);
        bool want_a[N_WORDS] = {false}, want_b[N_WORDS] = {false}, any = false;
        for (unsigned k = 0; k < xs.n; k++)
            for (unsigned l = 0; l < ys.n; l++)
                if (row->eval(xs.at[k], ys.at[l]) == taken)
                    want_a[xs.at[k]] = want_b[ys.at[l]] = any = true;
        const enum branch branch = scalar_branch(row->op, a, b);
        CHECK(!any || branch != (taken ? BRANCH_NOT_TAKEN : BRANCH_TAKEN));
        scalar_refine(row->op, taken, &a, &b);
        judge(&score, want_a, a);
        judge(&score, want_b, b);
    }
    char name[32];
    snprintf(name, sizeof name, "%s %s", row->name, taken ? "taken" : "not taken");
    report(name, score);
}

int main(int argc, char **argv) {
    unsigned n = 300;
    for (int i = 1, number = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--table"))
            table = true;
        else if (number++ == 0)
            n = (unsigned)strtoul(argv[i], NULL, 0);
        else
            seed = strtoull(argv[i], NULL, 0);
    }
    if (table)
        printf("| 8-bit words, a sample | pairs | best result | values kept / best |\n"
               "|---|---|---|---|\n");
    for (size_t i = 0; i < N_ALU_ROWS; i++)
        alu_row(&alu_rows[i], n);
    for (size_t i = 0; i < N_JMP_ROWS; i++)
        for (int taken = 1; taken >= 0; taken--)
            jmp_row(&jmp_rows[i], taken, n);
    return check_end();
}
