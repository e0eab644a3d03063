/* arch.c: the back end for stub, put together. */
#include "jit/arch.h"

static bool on_host(void) {
    return false;
}

const struct jit_arch jit_stub_arch = {
    .name = "stub",
    .triple = "",
    .mattr = "",
    .big_endian = false,
    .on_host = on_host,
    .insn_bytes = 1,
};
