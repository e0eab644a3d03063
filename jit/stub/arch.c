/* arch.c: the back end for stub, put together. */
#include "jit/arch.h"

#if defined(__bpflab_stub__)
#define ON_HOST true
#else
#define ON_HOST false
#endif

const struct jit_arch jit_stub_arch = {
    .name = "stub",
    .triple = "",
    .mattr = "",
    .big_endian = false,
    .host = ON_HOST,
    .insn_bytes = 1,
};
