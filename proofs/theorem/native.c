#include "proofs/theorem/native.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/theorem/all.c"

enum {
    MAX_DRAWN = 128, /* values of one case that can be printed */
    MAX_SHOWN = 3,   /* failures of one theorem that are */
};

static struct {
    uint64_t seed, last;
    jmp_buf discard;
    bool failed; /* in this case */
    unsigned n_drawn, n_checks, n_shown;
    struct {
        const char *name;
        uint64_t value;
    } drawn[MAX_DRAWN];
    const struct proof_native *theorem;
} run;

static uint64_t random64(void) { /* SplitMix64 */
    uint64_t z = (run.seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* corner: where carries, signs and halves change; near the last value; any word now and then. */
static uint64_t corner(void) {
    static const uint64_t at[] = {0,
                                  UINT64_C(0x80),
                                  UINT64_C(0x8000),
                                  UINT64_C(0x7fffffff),
                                  UINT64_C(0x80000000),
                                  UINT64_C(0xffffffff),
                                  UINT64_C(0x100000000),
                                  UINT64_C(0x7fffffffffffffff),
                                  UINT64_C(0x8000000000000000),
                                  UINT64_C(0xffffffff00000000),
                                  UINT64_C(0xffffffff80000000),
                                  UINT64_MAX};
    const uint64_t r = random64();
    switch (random64() % 12) {
    case 0:
    case 1: return r;
    case 2: return r >> (random64() & 63);
    case 3: return UINT64_C(1) << (r & 63);
    case 4: return ~(UINT64_C(1) << (r & 63));
    case 5: return r % 70;
    case 6: return run.last + r % 5 - 2;
    case 7: return r & random64() & random64();
    case 8: return (uint64_t)0 - r % 70;
    default: return at[r % (sizeof at / sizeof at[0])] + random64() % 5 - 2;
    }
}

uint64_t proof_any(unsigned bits, const char *name) {
    const uint64_t mask = bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    const uint64_t x = (bits >= 32 ? corner() : random64()) & mask;
    run.last = x;
    if (run.n_drawn < MAX_DRAWN) {
        run.drawn[run.n_drawn].name = name;
        run.drawn[run.n_drawn++].value = x;
    }
    return x;
}

uint64_t proof_opaque(uint64_t x) {
    return x;
}

void assume(bool c) {
    if (!c)
        longjmp(run.discard, 1);
}

void check(const char *what, bool c) {
    run.n_checks++;
    if (c)
        return;
    run.failed = true;
    if (++run.n_shown > MAX_SHOWN)
        return;
    printf("%s/%s: not so: %s\n", run.theorem->family, run.theorem->name, what);
    for (unsigned i = 0; i < run.n_drawn; i++)
        printf("    %s = %#" PRIx64 "\n", run.drawn[i].name, run.drawn[i].value);
}

void uses(const char *function) {
    (void)function; /* the function itself */
}

void hint(const char *how) {
    (void)how;
}

static void one_case(uint64_t *live, uint64_t *failed) {
    run.n_drawn = 0;
    run.failed = false;
    proof_n_ghosts = 0;
    proof_n_pairs = 0;
    proof_bounded = false;
    proof_turns = false;
    proof_has_like = false;
    proof_of_ends = false;
    run.n_checks = 0;
    if (setjmp(run.discard) == 0) {
        run.theorem->run();
        *live += run.n_checks > 0;
    }
    *failed += run.failed;
}

/* Random operands are equal once in a hundred times; equality is the rarest thing assumed. */
enum {
    TRIES = 150, /* for each case wanted */
};

/* out: did it hold in as many cases as asked for? */
static bool one_theorem(uint64_t cases) {
    uint64_t live = 0, failed = 0;
    run.n_shown = 0;
    for (uint64_t tries = 0; live < cases && tries < TRIES * cases; tries++)
        one_case(&live, &failed);
    if (live < cases)
        printf("%s/%s: %" PRIu64 " live cases of %" PRIu64 " wanted\n", run.theorem->family,
               run.theorem->name, live, cases);
    if (failed)
        printf("%s/%s: %" PRIu64 " cases of %" PRIu64 " failed\n", run.theorem->family,
               run.theorem->name, failed, live);
    return live >= cases && failed == 0;
}

extern const struct proof_native __start_proof_theorems[], __stop_proof_theorems[];

static bool is_asked_for(const struct proof_native *t, const char *part) {
    char name[160];
    snprintf(name, sizeof name, "%s/%s", t->family, t->name);
    return !part || strstr(name, part);
}

int main(int argc, char **argv) {
    const uint64_t cases = argc > 1 ? strtoull(argv[1], NULL, 0) : 8000;
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    uint64_t n = 0, bad = 0;
    for (const struct proof_native *t = __start_proof_theorems; t < __stop_proof_theorems; t++) {
        if (!is_asked_for(t, argc > 3 ? argv[3] : NULL))
            continue;
        run.theorem = t;
        run.seed = seed;
        n++;
        bad += !one_theorem(cases);
    }
    printf("%" PRIu64 " theorems, %" PRIu64 " failed, %" PRIu64 " cases each\n", n, bad, cases);
    if (n == 0 || cases == 0)
        printf("nothing was tried: that is a failure\n");
    return n == 0 || cases == 0 || bad != 0;
}
