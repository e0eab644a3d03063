/* small.h: 4-bit words, whose sets are 16-bit integers: bit x of a set is 1 if x is in it.
 *
 * All 2^16 sets can be listed; so the best abstraction of a set is computed by definition, and an
 * operator's best result from the operator's meaning alone.
 */
#ifndef BPFLAB_VERIFIER_DOMAIN_TESTS_SMALL_H
#define BPFLAB_VERIFIER_DOMAIN_TESTS_SMALL_H

#include <stdlib.h>

#include "tests/check.h"
#include "verifier/domain/scalar.h"

#if DOMAIN_WORD_BITS != 4
#error "small.h is about 4-bit words"
#endif

typedef uint16_t set;

enum {
    N_WORDS = 16,
    N_SETS = 1 << 16
};

static inline unsigned set_size(set s) {
    return (unsigned)__builtin_popcount(s);
}

/* Sets of one component each, by its two numbers. small_init fills them from the definitions. */
static set set_of_tnum[16][16], set_of_u[16][16], set_of_s[16][16], set_of_u32[4][4],
    set_of_s32[4][4];

static inline set gamma_of(struct scalar a) {
    return set_of_tnum[(unsigned)a.bits.value][(unsigned)a.bits.mask] &
           set_of_u[(unsigned)a.u.min][(unsigned)a.u.max] &
           set_of_s[(unsigned)(word)a.s.min][(unsigned)(word)a.s.max] &
           set_of_u32[(unsigned)a.u32.min][(unsigned)a.u32.max] &
           set_of_s32[(unsigned)(half)a.s32.min][(unsigned)(half)a.s32.max];
}

static inline void small_init(void) {
    for (unsigned i = 0; i < 16; i++)
        for (unsigned j = 0; j < 16; j++)
            for (unsigned x = 0; x < 16; x++) {
                const word v = (word)x, a = (word)i, b = (word)j;
                const set bit = (set)(1u << x);
                if (tnum_contains((struct tnum){a, b}, v))
                    set_of_tnum[i][j] |= bit;
                if (a <= v && v <= b)
                    set_of_u[i][j] |= bit;
                if ((sword)a <= (sword)v && (sword)v <= (sword)b)
                    set_of_s[i][j] |= bit;
                const half l = (half)v, c = (half)a, d = (half)b;
                if (i < 4 && j < 4 && c <= l && l <= d)
                    set_of_u32[i][j] |= bit;
                if (i < 4 && j < 4 && (shalf)c <= (shalf)l && (shalf)l <= (shalf)d)
                    set_of_s32[i][j] |= bit;
            }
}

/* best_raw: each component the smallest with all of s.  in: s not empty */
static inline struct scalar best_raw(set s) {
    struct scalar r = scalar_empty();
    bool first = true;
    for (unsigned x = 0; x < N_WORDS; x++) {
        if (!(s >> x & 1))
            continue;
        const struct scalar c = scalar_const((word)x);
        r.bits = first ? c.bits : tnum_join(r.bits, c.bits);
        r.u = urange_join(r.u, c.u);
        r.s = srange_join(r.s, c.s);
        r.u32 = urange32_join(r.u32, c.u32);
        r.s32 = srange32_join(r.s32, c.s32);
        first = false;
    }
    return r;
}

/* best_gamma[s]: the values that the best abstraction of s cannot tell from s. */
static set *best_gamma;

static inline void small_init_best(void) {
    best_gamma = malloc(N_SETS * sizeof *best_gamma);
    if (!best_gamma)
        abort();
    best_gamma[0] = 0;
    for (unsigned s = 1; s < N_SETS; s++)
        best_gamma[s] = gamma_of(best_raw((set)s));
}

/* struct elements: scalars, each once, with their sets; found by hash. */
struct elements {
    struct scalar *at;
    set *gamma;
    size_t n, room;
};

static inline size_t element_hash(struct scalar a) {
    const unsigned parts[] = {(unsigned)a.bits.value,    (unsigned)a.bits.mask,
                              (unsigned)a.u.min,         (unsigned)a.u.max,
                              (unsigned)(word)a.s.min,   (unsigned)(word)a.s.max,
                              (unsigned)a.u32.min,       (unsigned)a.u32.max,
                              (unsigned)(half)a.s32.min, (unsigned)(half)a.s32.max};
    uint64_t h = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        h = (h << 4) + h / 7 + parts[i] + h * 31;
    return (size_t)(h * UINT64_C(0x9e3779b97f4a7c15) >> 40);
}

enum {
    ELEMENT_SLOTS = 1 << 20
};

struct element_index {
    uint32_t slot[ELEMENT_SLOTS]; /* element number + 1, or 0 */
};

/* element_find: the number of a, which is added if it is new. */
static inline size_t element_find(struct elements *e, struct element_index *ix, struct scalar a) {
    for (size_t h = element_hash(a);; h++) {
        uint32_t *slot = &ix->slot[h % ELEMENT_SLOTS];
        if (*slot && scalar_equal(e->at[*slot - 1], a))
            return *slot - 1;
        if (*slot)
            continue;
        if (e->n == e->room) {
            e->room = e->room ? 2 * e->room : 1024;
            e->at = realloc(e->at, e->room * sizeof *e->at);
            e->gamma = realloc(e->gamma, e->room * sizeof *e->gamma);
            if (!e->at || !e->gamma)
                abort();
        }
        e->at[e->n] = a;
        e->gamma[e->n] = gamma_of(a);
        *slot = (uint32_t)++e->n;
        return e->n - 1;
    }
}

#endif
