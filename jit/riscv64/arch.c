/* arch.c: the back end for riscv64, put together: RV64GC, what Linux distributions are built for.
 * The later extensions (Zba, Zbb) are not assumed. */
#include "jit/riscv64/riscv64.h"

static bool on_host(void) {
#if defined(__riscv)
    return true;
#else
    return false;
#endif
}

const struct jit_arch jit_riscv64 = {
    .name = "riscv64",
    .triple = "riscv64-linux-gnu",
    .mattr = "+m,+a,+c",
    .big_endian = false,
    .on_host = on_host,
    .insn_bytes = 2,
    .pool_bytes = 8,
    .const_inline = 12, /* a load costs as much as the three or four instructions of that */
    .enter = riscv_enter,
    .leave = riscv_leave,
    .tail = riscv_tail,
    .alu = riscv_alu,
    .constant = riscv_constant,
    .load = riscv_mem_load,
    .store = riscv_mem_store,
    .atomic = riscv_atomic,
    .site_bytes = riscv_site_bytes,
    .site_fits = riscv_site_fits,
    .site = riscv_site,
    .stub = riscv_stub,
};
