/* arch.c: the back end for s390x, put together. */
#include "jit/s390x/s390x.h"

#if defined(__s390x__)
#include <sys/auxv.h>
#endif

/* The instructions of a z14: miscellaneous extensions 2 among them. */
static bool on_host(void) {
#if defined(__s390x__)
    return (getauxval(AT_HWCAP) & HWCAP_S390_VXRS_EXT) != 0; /* new with the z14 */
#else
    return false;
#endif
}

static void constant(struct jit_buf *b, uint8_t reg, uint64_t value) {
    s390x_constant(b, s390x_gr(reg), value);
}

/* The least machine is a z14: three-operand forms, load-and-add, compare-and-branch, signed
 * products of 128 bits. */
const struct jit_arch jit_s390x = {
    .name = "s390x",
    .triple = "s390x-linux-gnu",
    .mattr = "+distinct-ops,+fast-serialization,+interlocked-access1,+load-store-on-cond,"
             "+load-store-on-cond-2,+miscellaneous-extensions,+miscellaneous-extensions-2",
    .big_endian = true,
    .on_host = on_host,
    .insn_bytes = 2,
    .pool_bytes = 8,
    .const_inline = 8, /* two short instructions are as good as a load */
    .enter = s390x_enter,
    .leave = s390x_leave,
    .tail = s390x_tail,
    .alu = s390x_alu,
    .constant = constant,
    .load = s390x_load,
    .store = s390x_store,
    .atomic = s390x_atomic,
    .site_bytes = s390x_site_bytes,
    .site_fits = s390x_site_fits,
    .site = s390x_site,
    .stub = s390x_stub,
};
