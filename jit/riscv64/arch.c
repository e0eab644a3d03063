/* arch.c: the back end for riscv64, put together. */
#include "jit/arch.h"

#if defined(__riscv)
#define ON_HOST true
#else
#define ON_HOST false
#endif

const struct jit_arch jit_riscv64 = {
    .name = "riscv64",
    .triple = "riscv64-linux-gnu",
    .mattr = "+m,+a,+c",
    .big_endian = false,
    .host = ON_HOST,
    .insn_bytes = 2,
};
