/* arch.c: the back end for s390x, put together. */
#include "jit/arch.h"

#if defined(__s390x__)
#define ON_HOST true
#else
#define ON_HOST false
#endif

const struct jit_arch jit_s390x = {
    .name = "s390x",
    .triple = "s390x-linux-gnu",
    .mattr = "",
    .big_endian = true,
    .host = ON_HOST,
    .insn_bytes = 2,
};
