/* arch.c: the back end for x86-64, put together: with BMI2 and MOVBE, and without. */
#include "jit/arch.h"
#include "jit/x86_64/x86_64.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdatomic.h>
#endif

#if defined(__x86_64__)
static bool has_v3(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_MOVBE))
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_BMI2);
}
#endif

/* BMI2 and MOVBE. Asked once: under a hypervisor cpuid takes ten microseconds and more. */
static bool is_v3(void) {
#if defined(__x86_64__)
    static _Atomic signed char known; /* 0: not yet; 1: yes; -1: no */
    signed char is = atomic_load_explicit(&known, memory_order_relaxed);
    if (!is) {
        is = has_v3() ? 1 : -1;
        atomic_store_explicit(&known, is, memory_order_relaxed);
    }
    return is > 0;
#else
    return false;
#endif
}

static bool is_x86_64(void) {
#if defined(__x86_64__)
    return true;
#else
    return false;
#endif
}

/* All that the two have in common. No constant is worth a load: ten bytes are the longest. */
#define COMMON                                                                                     \
    .triple = "x86_64-linux-gnu", .big_endian = false, .insn_bytes = 1, .pool_bytes = 0,           \
    .const_inline = 10, .far_reach = 0x7fff0000, .loop_line = 64, .nops = x86_nops,                \
    .enter = x86_enter, .leave = x86_leave, .tail = x86_tail, .constant = x86_constant,            \
    .store = x86_store, .atomic = x86_atomic, .site_bytes = x86_site_bytes,                        \
    .site_fits = x86_site_fits, .site = x86_site, .stub = x86_stub

const struct jit_arch jit_x86_64 = {
    COMMON,         .name = "x86-64", .on_host = is_v3, .mattr = "+bmi2,+movbe",
    .alu = x86_alu, .load = x86_load,
};

const struct jit_arch jit_x86_64_base = {
    COMMON,      .name = "x86-64-base", .on_host = is_x86_64,
    .mattr = "", .alu = x86_alu_base,   .load = x86_load_base,
};
