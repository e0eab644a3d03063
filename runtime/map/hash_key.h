/* hash_key.h: the hash of keys and of bloom filter values: bytes in, the same 64 bits on every
 * host.
 *
 * Eight bytes at a time, read as little-endian: xor, multiply by an odd constant, fold the upper
 * half down. The seed is fixed (Linux draws one for each map): runs are reproducible, and whoever
 * wants collisions can find them; chains stay correct then, only longer.
 * cost: about 1 ns for each 8 bytes
 */
#ifndef BPFLAB_RUNTIME_MAP_HASH_KEY_H
#define BPFLAB_RUNTIME_MAP_HASH_KEY_H

#include <stdint.h>
#include <string.h>

static inline uint64_t hash_load64(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static inline uint32_t hash_load32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap32(v);
#endif
    return v;
}

static inline uint64_t hash_mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * UINT64_C(0x9fb21c651e98df25);
    return h ^ (h >> 32);
}

static inline uint64_t hash_bytes(const void *bytes, uint32_t n) {
    const uint8_t *p = bytes;
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15) + n;
    for (; n >= 8; n -= 8, p += 8)
        h = hash_mix(h, hash_load64(p));
    if (n >= 4) {
        h = hash_mix(h, hash_load32(p));
        n -= 4;
        p += 4;
    }
    if (n)
        h = hash_mix(h, p[0] | (uint64_t)p[n >> 1] << 8 | (uint64_t)p[n - 1] << 16);
    h *= UINT64_C(0xd6e8feb86659fd93);
    return h ^ (h >> 32);
}

#endif
