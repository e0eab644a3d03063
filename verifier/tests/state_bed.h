/* state_bed.h: random states, for properties that hold of any. */
#ifndef BPFLAB_VERIFIER_TESTS_STATE_BED_H
#define BPFLAB_VERIFIER_TESTS_STATE_BED_H

#include <stdlib.h>

#include "tests/check.h"
#include "verifier/state.h"

enum {
    BED_IDS = 3, /* few, so that registers share them */
    BED_SLOTS = 6,
};

static inline uint32_t bed_below(uint64_t *seed, uint32_t n) {
    return (uint32_t)(check_random(seed) % n);
}

static inline struct scalar bed_scalar(uint64_t *seed) {
    const uint64_t a = check_random(seed) >> bed_below(seed, 64);
    const uint64_t b = check_random(seed) >> bed_below(seed, 64);
    switch (bed_below(seed, 5)) {
    case 0: return scalar_unknown();
    case 1: return scalar_const(bed_below(seed, 4));
    case 2: return scalar_from_urange(a < b ? a : b, a < b ? b : a);
    case 3: return scalar_from_tnum((struct tnum){.value = a & ~b, .mask = b});
    default: return scalar_from_srange(-(int64_t)bed_below(seed, 100), bed_below(seed, 100));
    }
}

/* A member: the smallest or largest, or one in between if it is one. */
static inline uint64_t bed_member(uint64_t *seed, struct scalar v) {
    const uint64_t x = v.bits.value | (check_random(seed) & v.bits.mask);
    if (scalar_contains(v, x))
        return x;
    if (scalar_contains(v, v.u.min))
        return v.u.min;
    return scalar_contains(v, v.u.max) ? v.u.max : (uint64_t)v.s.min;
}

static inline struct reg bed_reg(uint64_t *seed, uint32_t depth) {
    struct reg r = reg_scalar(bed_scalar(seed));
    switch (bed_below(seed, 8)) {
    case 0: return reg_uninit();
    case 1: return reg_pointer(REG_CTX, 0);
    case 2:
        r = reg_pointer(REG_STACK, 0);
        r.off = -8 * (int32_t)(1 + bed_below(seed, BED_SLOTS));
        r.frame = bed_below(seed, depth + 1);
        return r;
    case 3:
        r = reg_pointer(REG_PACKET, 0);
        r.v = bed_below(seed, 2) ? scalar_from_urange(0, bed_below(seed, 64)) : r.v;
        r.id = scalar_is_const(r.v) ? 0 : 10 + bed_below(seed, BED_IDS);
        r.off = (int32_t)bed_below(seed, 3);
        r.range = (int32_t)bed_below(seed, 40) - 2;
        return r;
    case 4:
        r = reg_pointer(REG_MAP_VALUE, bed_below(seed, 2) ? REG_F_NULL : 0);
        r.map = bed_below(seed, 2);
        r.id = reg_maybe_null(&r) ? 20 + bed_below(seed, BED_IDS) : 0;
        return r;
    default:
        r.precise = bed_below(seed, 2);
        r.id = bed_below(seed, 2) ? 1 + bed_below(seed, BED_IDS) : 0;
        r.has_delta = r.id && bed_below(seed, 3) == 0;
        r.off = r.has_delta ? (int32_t)bed_below(seed, 3) : 0;
        return r;
    }
}

static inline struct slot bed_slot(uint64_t *seed, uint32_t depth) {
    struct slot s = {.spilled = reg_uninit()};
    const uint32_t what = bed_below(seed, 5);
    if (what == 0) {
        s.spilled = bed_reg(seed, depth);
        if (s.spilled.kind == REG_UNINIT)
            return s;
        memset(s.byte, SLOT_SPILL, SLOT_BYTES);
    } else if (what == 1) { /* a number in part */
        s.spilled = reg_scalar(scalar_from_urange(0, bed_below(seed, 1000)));
        memset(s.byte, SLOT_MISC, SLOT_BYTES);
        memset(s.byte, SLOT_SPILL, 4);
    } else {
        static const uint8_t bytes[] = {SLOT_INVALID, SLOT_MISC, SLOT_ZERO};
        for (uint32_t i = 0; i < SLOT_BYTES; i++)
            s.byte[i] = bytes[what == 2 ? bed_below(seed, 3) : what - 2];
    }
    return s;
}

/* bed_state: one or two frames. Exits if out of memory: a test cannot go on. */
static inline struct state bed_state(uint64_t *seed, uint32_t depth) {
    struct state st;
    bool ok = state_init(&st, 0) == BPFLAB_OK;
    for (uint32_t i = 0; ok && i < depth; i++)
        ok = state_push(&st, 1, 7) == BPFLAB_OK;
    for (uint32_t i = 0; ok && i <= depth; i++) {
        struct frame *f = st.frames[i];
        ok = frame_need(f, bed_below(seed, BED_SLOTS + 1)) == BPFLAB_OK;
        for (uint32_t r = 0; r < REG_FP; r++)
            f->regs[r] = bed_reg(seed, depth);
        for (uint32_t k = 0; ok && k < f->n_slots; k++)
            f->slots[k] = bed_slot(seed, depth);
    }
    if (!ok)
        exit(99);
    return st;
}

static inline struct state bed_copy(const struct state *of) {
    struct state st = {0};
    if (state_copy(&st, of))
        exit(99);
    return st;
}

#endif
