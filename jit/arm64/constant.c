/* constant.c: a 64-bit number in a register, in as few instructions as arm64 has for it.
 *
 * A first instruction makes the whole register: movz (zero but for 16 bits), movn (ones but for 16
 * bits), orr (a pattern of imm.h). Then each movk replaces 16 bits. A number whose halves are equal
 * may be made of one half, doubled at the end; one of two patterns takes two orr.
 */
#include "jit/arm64/arm64.h"

enum base {
    MOVZ,
    MOVN,
    ORR
};

/* struct plan: how to make a number. Quarters are its 16-bit parts, 0 the lowest. */
struct plan {
    enum base base;
    enum arm64_sf sf;
    unsigned quarter; /* MOVZ, MOVN: that the base makes */
    uint32_t bits;    /* ORR */
    uint32_t more;    /* ORR: a second pattern, 0: none */
    uint8_t patches;  /* bit i: quarter i is replaced then */
    bool doubled;
};

static unsigned count(const struct plan *p) {
    return 1 + (unsigned)__builtin_popcount(p->patches) + (p->more != 0) + p->doubled;
}

static uint32_t quarter(uint64_t v, unsigned i) {
    return (uint32_t)(v >> (16 * i)) & 0xffff;
}

/* wide: with movz or movn, whichever fills more quarters. */
static struct plan wide(uint64_t v, enum arm64_sf sf) {
    const unsigned n = sf == ARM64_X ? 4 : 2;
    unsigned zeros = 0, ones = 0;
    for (unsigned i = 0; i < n; i++) {
        zeros += quarter(v, i) == 0;
        ones += quarter(v, i) == 0xffff;
    }
    struct plan p = {.base = zeros >= ones ? MOVZ : MOVN, .sf = sf};
    const uint32_t fill = p.base == MOVZ ? 0 : 0xffff;
    for (unsigned i = 0; i < n; i++)
        if (quarter(v, i) != fill)
            p.patches |= (uint8_t)(1 << i);
    if (p.patches) {
        p.quarter = (unsigned)__builtin_ctz(p.patches);
        p.patches &= (uint8_t)(p.patches - 1);
    }
    return p;
}

/* pattern: with orr and n patches, tried with what a quarter is likely to hide: nothing, ones, or
 * what another quarter holds. */
static bool pattern(struct plan *p, uint64_t v, unsigned n) {
    if (arm64_bitmask(ARM64_X, v, &p->bits)) {
        p->base = ORR;
        return true;
    }
    for (unsigned i = 0; n && i < 4; i++) {
        const uint64_t rest = v & ~(UINT64_C(0xffff) << (16 * i));
        for (unsigned j = 0; j < 6; j++) {
            const uint64_t fill = j < 4 ? quarter(v, j) : j == 4 ? 0 : 0xffff;
            if (j != i && pattern(p, rest | fill << (16 * i), n - 1)) {
                p->patches |= (uint8_t)(1 << i);
                return true;
            }
        }
    }
    return false;
}

/* hopeful: can pattern find anything? All but n quarters stay as they are: equal, if elements are
 * that small, or parts of one run. Nearly all numbers that need four instructions end here. */
static bool hopeful(uint64_t v, unsigned n) {
    unsigned runs = 0, most = 0;
    for (unsigned i = 0; i < 4; i++) {
        const uint32_t q = quarter(v, i);
        unsigned equal = 0;
        for (unsigned j = 0; j < 4; j++)
            equal += quarter(v, j) == q;
        most = equal > most ? equal : most;
        runs += __builtin_popcount((q ^ q >> 1) & 0x7fff) <= 2;
    }
    return runs + n >= 4 || most + n >= 4;
}

/* two_patterns: with two orr: two runs of ones in each element. The run that starts lowest does not
 * wrap around, so adding its first bit carries through it and leaves the rest. */
static bool two_patterns(struct plan *p, uint64_t v) {
    for (unsigned size = 64; size > 2; size /= 2) {
        const uint64_t mask = UINT64_MAX >> (64 - size), every = UINT64_MAX / mask, x = v & mask;
        if (v != x * every)
            return false;
        const uint64_t starts = x & ~(x << 1 | x >> (size - 1));
        const uint64_t run = x & ~(x + (starts & (0 - starts)));
        if (arm64_bitmask(ARM64_X, run * every, &p->bits) &&
            arm64_bitmask(ARM64_X, (x & ~run) * every, &p->more)) {
            p->base = ORR;
            return true;
        }
    }
    return false;
}

static struct plan plan_32(uint64_t v) {
    struct plan p = wide(v, ARM64_W);
    if (p.patches && arm64_bitmask(ARM64_W, v, &p.bits)) {
        p.base = ORR;
        p.patches = 0;
    }
    return p;
}

static struct plan plan(uint64_t v) {
    if (v >> 32 == 0)
        return plan_32(v);
    const struct plan w = wide(v, ARM64_X);
    for (unsigned n = 0; n + 1 < count(&w); n++) {
        struct plan p = {.sf = ARM64_X};
        if ((hopeful(v, n) && pattern(&p, v, n)) || (n == 1 && two_patterns(&p, v)))
            return p;
        p = plan_32(v & UINT32_MAX);
        p.doubled = true;
        if (v >> 32 == (v & UINT32_MAX) && count(&p) == n + 1)
            return p;
    }
    return w;
}

unsigned arm64_set_count(uint64_t value) {
    const struct plan p = plan(value);
    return count(&p);
}

void arm64_set(struct jit_buf *b, enum arm64_reg reg, uint64_t value) {
    const struct plan p = plan(value);
    const uint32_t imm = quarter(value, p.quarter);
    switch (p.base) {
    case MOVZ: arm64_movz(b, p.sf, reg, imm, p.quarter); break;
    case MOVN: arm64_movn(b, p.sf, reg, imm ^ 0xffff, p.quarter); break;
    case ORR: arm64_orr_imm(b, p.sf, reg, XZR, p.bits); break;
    }
    if (p.more)
        arm64_orr_imm(b, p.sf, reg, reg, p.more);
    for (unsigned i = 0; i < 4; i++)
        if (p.patches >> i & 1)
            arm64_movk(b, p.sf, reg, quarter(value, i), i);
    if (p.doubled)
        arm64_orr(b, ARM64_X, reg, reg, reg, 32);
}

void arm64_constant(struct jit_buf *b, uint8_t reg, uint64_t value) {
    arm64_set(b, arm64_reg(reg), value);
}
