/* arch.c: the back end for arm64, put together. */
#include "jit/arch.h"

#if defined(__aarch64__)
#define ON_HOST true
#else
#define ON_HOST false
#endif

const struct jit_arch jit_arm64 = {
    .name = "arm64",
    .triple = "aarch64-linux-gnu",
    .mattr = "+lse",
    .big_endian = false,
    .host = ON_HOST,
    .insn_bytes = 4,
};
