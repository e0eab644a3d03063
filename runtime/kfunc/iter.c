/* iter.c: iterators over numbers and over set bits (bpf_iter_num, bpf_iter_bits).
 *
 * Their states are Linux's structures, in the world's byte order, in the program's memory: what
 * next hands out points into them. A bits iterator over more than one word walks over a copy, as in
 * Linux; copies lie in slots of scratch that programs cannot access.
 */
#include "runtime/helper/arg.h"
#include "runtime/kfunc/impl.h"

enum {
    NUM_BYTES = 8, /* current, end: 4 bytes each */
    NUM_MOST = 8 << 20,
    BITS_BYTES = 16, /* the word, or the address of the copy; number of bits; current bit */
    BITS_N = 8,
    BITS_AT = 12,
    WORDS_MOST = 511,
    N_SLOTS = 8,
    SLOT_BYTES = (WORDS_MOST + 1) * 8,
};

static int32_t get_int(const struct world *w, const uint8_t *p) {
    return (int32_t)world_get32(w, p);
}

/* ---- numbers ---- */

static void num_put(const struct world *w, uint8_t *it, int32_t current, int32_t end) {
    world_put32(w, it, (uint32_t)current);
    world_put32(w, it + 4, (uint32_t)end);
}

uint64_t kfunc_bpf_iter_num_new(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const int32_t start = (int32_t)r2, end = (int32_t)r3;
    uint8_t *it = arg_write(w, r1, NUM_BYTES);
    if (!it)
        return 0;
    num_put(w, it, 0, 0);
    if (start > end)
        return helper_err(LX_EINVAL);
    if ((int64_t)end - start > NUM_MOST)
        return helper_err(LX_E2BIG);
    num_put(w, it, (int32_t)((uint32_t)start - 1), end);
    return 0;
}

uint64_t kfunc_bpf_iter_num_next(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    uint8_t *it = world_ptr(w, r1, NUM_BYTES, WORLD_RW);
    if (!it)
        return 0;
    /* one more in 32 bits, so that the least number follows what stands before it */
    const int32_t next = (int32_t)(world_get32(w, it) + 1), end = get_int(w, it + 4);
    if (next >= end) {
        num_put(w, it, 0, 0);
        return 0;
    }
    num_put(w, it, next, end);
    return r1;
}

uint64_t kfunc_bpf_iter_num_destroy(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    uint8_t *it = arg_write(w, r1, NUM_BYTES);
    if (it)
        num_put(w, it, 0, 0);
    return 0;
}

/* ---- bits ---- */

/* A free slot for a copy: its world offset, 0 if all are taken or scratch is full. */
static uint64_t take_slot(struct world *w) {
    if (!w->st.bits.off)
        w->st.bits.off = world_alloc_scratch(w, (uint64_t)N_SLOTS * SLOT_BYTES);
    for (uint32_t i = 0; w->st.bits.off && i < N_SLOTS; i++)
        if (!(w->st.bits.used >> i & 1)) {
            w->st.bits.used |= UINT32_C(1) << i;
            return w->st.bits.off + (uint64_t)i * SLOT_BYTES;
        }
    return 0;
}

/* The slot at an address that an iterator's memory names, which may be forged; N_SLOTS if none. */
static uint32_t slot_at(const struct world *w, uint64_t addr) {
    const uint64_t rel = world_off(addr) - w->st.bits.off;
    if (!w->st.bits.off || rel % SLOT_BYTES || rel / SLOT_BYTES >= N_SLOTS)
        return N_SLOTS;
    return w->st.bits.used >> (rel / SLOT_BYTES) & 1 ? (uint32_t)(rel / SLOT_BYTES) : N_SLOTS;
}

uint64_t kfunc_bpf_iter_bits_new(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED2(r4, r5);
    const uint32_t n_words = (uint32_t)r3, n_bytes = n_words * 8;
    uint8_t *it = arg_write(w, r1, BITS_BYTES);
    if (!it)
        return 0;
    world_put64(w, it, 0);
    world_put32(w, it + BITS_N, 0);
    world_put32(w, it + BITS_AT, UINT32_MAX);
    if (!r2 || !n_words)
        return helper_err(LX_EINVAL);
    if (n_words > WORDS_MOST)
        return helper_err(LX_E2BIG);
    const uint8_t *from = world_peek(w, r2, n_bytes, WORLD_READ);
    if (!from)
        return helper_err(LX_EFAULT);
    if (n_words == 1) {
        memmove(it, from, 8);
    } else {
        const uint64_t slot = take_slot(w);
        if (!slot)
            return helper_err(LX_ENOMEM);
        memcpy(w->mem + slot, from, n_bytes);
        world_put64(w, it, world_addr(slot));
    }
    world_put32(w, it + BITS_N, n_bytes * 8);
    return 0;
}

/* The first set bit from bit at on, n_bits if there is none. */
static uint32_t find_bit(const struct world *w, const uint8_t *words, uint32_t n_bits,
                         uint32_t at) {
    while (at < n_bits) {
        const uint64_t rest = world_get64(w, words + (size_t)(at / 64) * 8) >> at % 64;
        if (rest)
            return at + (uint32_t)__builtin_ctzll(rest);
        at = (at / 64 + 1) * 64;
    }
    return n_bits;
}

uint64_t kfunc_bpf_iter_bits_next(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    uint8_t *it = world_ptr(w, r1, BITS_BYTES, WORLD_RW);
    if (!it)
        return 0;
    const uint32_t n_bits = world_get32(w, it + BITS_N);
    const int32_t at = get_int(w, it + BITS_AT);
    const uint8_t *words = it;
    if (!n_bits || at >= (int32_t)n_bits)
        return 0;
    if (n_bits != 64) {
        const uint64_t copy = world_get64(w, it);
        if (slot_at(w, copy) == N_SLOTS || n_bits > WORDS_MOST * 64 || at < -1) {
            world_trap(w, RUN_TRAP_MEMORY, copy);
            return 0;
        }
        words = w->mem + world_off(copy);
    }
    const uint32_t bit = find_bit(w, words, n_bits, (uint32_t)at + 1);
    world_put32(w, it + BITS_AT, bit);
    return bit < n_bits ? r1 + BITS_AT : 0;
}

uint64_t kfunc_bpf_iter_bits_destroy(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    const uint8_t *it = arg_read(w, r1, BITS_BYTES);
    if (!it || world_get32(w, it + BITS_N) <= 64)
        return 0;
    const uint64_t copy = world_get64(w, it);
    const uint32_t slot = slot_at(w, copy);
    if (slot == N_SLOTS)
        world_trap(w, RUN_TRAP_MEMORY, copy);
    else
        w->st.bits.used &= ~(UINT32_C(1) << slot);
    return 0;
}
