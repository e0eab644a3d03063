/* arch.c: the back end for arm64, put together. */
#include "jit/arm64/arm64.h"

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

/* Atomic operations of one instruction (ARMv8.1) are taken for granted. */
static bool on_host(void) {
#if defined(__aarch64__)
    return (getauxval(AT_HWCAP) & HWCAP_ATOMICS) != 0;
#else
    return false;
#endif
}

const struct jit_arch jit_arm64 = {
    .name = "arm64",
    .triple = "aarch64-linux-gnu",
    .mattr = "+lse",
    .big_endian = false,
    .on_host = on_host,
    .insn_bytes = 4,
    .pool_bytes = 8,
    .const_inline = 12, /* one load and 8 bytes of pool are as long as three instructions */
    .enter = arm64_enter,
    .leave = arm64_leave,
    .tail = arm64_tail,
    .alu = arm64_alu,
    .constant = arm64_constant,
    .load = arm64_load,
    .store = arm64_store,
    .atomic = arm64_atomic,
    .site_bytes = arm64_site_bytes,
    .site_fits = arm64_site_fits,
    .site = arm64_site,
    .stub = arm64_stub,
};
