/* word.h: the machine words that the domain computes on.
 *
 * The domain's source names four types: word (64 bits), sword, half (32 bits) and shalf. They are
 * eBPF's register and subregister. A test may compile the very same source at 4 or 8 bits
 * (DOMAIN_WORD_BITS, clang's _BitInt), where every abstract value and every member of it can be
 * enumerated; what ships and what is proved is always the 64-bit form.
 *
 * Neither form promotes to int, so an expression means the same at every width, as long as
 * constants are cast to their type and no shift amount reaches the width.
 */
#ifndef BPFLAB_VERIFIER_DOMAIN_WORD_H
#define BPFLAB_VERIFIER_DOMAIN_WORD_H

#include <stdbool.h>
#include <stdint.h>

#ifndef DOMAIN_WORD_BITS
#define DOMAIN_WORD_BITS 64
#endif

#if DOMAIN_WORD_BITS == 64
typedef uint64_t word;
typedef int64_t sword;
typedef uint32_t half;
typedef int32_t shalf;
#else
__extension__ typedef unsigned _BitInt(DOMAIN_WORD_BITS) word;
__extension__ typedef signed _BitInt(DOMAIN_WORD_BITS) sword;
__extension__ typedef unsigned _BitInt(DOMAIN_WORD_BITS / 2) half;
__extension__ typedef signed _BitInt(DOMAIN_WORD_BITS / 2) shalf;
#endif

enum {
    WORD_BITS = DOMAIN_WORD_BITS,
    HALF_BITS = DOMAIN_WORD_BITS / 2,
};

#define WORD_MAX  ((word) ~(word)0)
#define HALF_MAX  ((half) ~(half)0)
#define SWORD_MAX ((sword)(WORD_MAX >> 1))
#define SWORD_MIN ((sword)(-SWORD_MAX - (sword)1))
#define SHALF_MAX ((shalf)(HALF_MAX >> 1))
#define SHALF_MIN ((shalf)(-SHALF_MAX - (shalf)1))
#define WORD_SIGN ((word)((word)1 << (WORD_BITS - 1)))
#define HALF_SIGN ((word)((word)1 << (HALF_BITS - 1))) /* of the lower half, as a word */

/* word_smear: x with every bit below its highest 1 set too: the smallest 2^k - 1 that is >= x. */
static inline word word_smear(word x) {
    if (x == 0)
        return 0;
#if DOMAIN_WORD_BITS == 64
    return WORD_MAX >> __builtin_clzll(x);
#else
    return (word)(WORD_MAX >> __builtin_clzg(x));
#endif
}

/* word_bswap: x with its bytes reversed. A narrow word has bytes too: eighths of it, of one bit at
 * least. */
static inline word word_bswap(word x) {
#if DOMAIN_WORD_BITS == 64
    return __builtin_bswap64(x);
#else
    enum {
        BYTE = WORD_BITS < 8 ? 1 : WORD_BITS / 8
    };
    const word low = (word)(WORD_MAX >> (WORD_BITS - BYTE));
    word out = 0;
    for (unsigned at = 0; at < WORD_BITS; at += BYTE)
        out |= (word)(((word)(x >> at) & low) << (WORD_BITS - BYTE - at));
    return out;
#endif
}

#endif
