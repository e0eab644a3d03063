/* arch.c: the back end for x86-64, put together. */
#include "jit/arch.h"

#if defined(__x86_64__)
#define ON_HOST true
#else
#define ON_HOST false
#endif

const struct jit_arch jit_x86_64 = {
    .name = "x86-64",
    .triple = "x86_64-linux-gnu",
    .mattr = "+bmi2,+movbe",
    .big_endian = false,
    .host = ON_HOST,
    .insn_bytes = 1,
};
