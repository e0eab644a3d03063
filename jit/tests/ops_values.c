/* ops_values.c: operands and immediates at which machines and encodings differ, and a function that
 * destroys what C allows. */
#include "jit/tests/ops_rig.h"

const uint64_t rig_values[] = {
    0,
    1,
    2,
    3,
    7,
    10,
    31,
    32,
    33,
    63,
    64,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fffffff,
    0x80000000,
    0x80000001,
    0xfffffffe,
    0xffffffff,
    0x100000000,
    0x100000001,
    0x7fffffff00000000,
    0x7fffffffffffffff,
    0x8000000000000000,
    0x8000000000000001,
    0x80000000ffffffff,
    0xffffffff00000000,
    0xffffffff00000001,
    0xffffffff7fffffff,
    0xffffffff80000000,
    0xffffffffffff8000,
    0xffffffffffffff80,
    0xfffffffffffffffe,
    0xffffffffffffffff,
    0x0123456789abcdef,
    0xfedcba9876543210,
};
const unsigned n_rig_values = sizeof rig_values / sizeof *rig_values;

/* Signed and unsigned fields of 5, 8, 12, 12 shifted by 12, 16, 20 and 32 bits; masks that a
 * bitmask immediate has and almost has; sums of two powers of two for multiplications. */
const int64_t rig_imms[] = {
    0,          1,           -1,         2,           -2,          3,           4,
    5,          7,           8,          9,           10,          -10,         15,
    16,         17,          24,         31,          32,          33,          -31,
    -32,        -33,         63,         64,          100,         127,         128,
    129,        -127,        -128,       -129,        255,         256,         257,
    -255,       -256,        -257,       641,         1000,        2047,        2048,
    2049,       -2047,       -2048,      -2049,       4095,        4096,        4097,
    -4095,      -4096,       -4097,      8192,        32767,       32768,       -32767,
    -32768,     -32769,      65535,      65536,       65537,       -65535,      -65536,
    -65537,     0x7ffff,     0x80000,    -0x80000,    -0x80001,    0xfff000,    0xfff001,
    0x1000000,  -0xfff000,   -0x1000000, 0x00ff00ff,  0x0f0f0f0f,  0x55555555,  -0x55555556,
    0x33333333, 0x3fffc,     0x7f800000, 0x12345678,  -0x12345678, 0x7ffff7ff,  0x7ffff800,
    0x7ffffffe, 0x7fffffff,  0x40000000, -0x40000000, -0x7fffffff, INT32_MIN,   -0x7ffff800,
    -0x7ff,     0x01010101,  0xf000,     0xf0000,     1000000007,  -1000000007, 0x7fff0000,
    0x7fffe,    -0x7fff0000,
};
const unsigned n_rig_imms = sizeof rig_imms / sizeof *rig_imms;

uint64_t rig_value(struct rig *r) {
    const uint64_t x = check_random(&r->seed);
    switch (x & 7) {
    case 0: return check_random(&r->seed);
    case 1: return check_random(&r->seed) >> (x >> 58);
    case 2: return (UINT64_C(1) << (x >> 58)) - (x >> 8 & 3) + 1;
    default: return rig_values[(x >> 8) % n_rig_values];
    }
}

void rig_fill(struct rig *r) {
    for (unsigned i = 0; i < N_RIG_REGS; i++)
        r->w->in[i] = rig_value(r);
    r->w->in[JR_STATE] = (uint64_t)(uintptr_t)r->w;
}

/* Named one by one, for a compiler knows no other way. */
__attribute__((noinline)) void rig_clobber(void) {
#if defined(__x86_64__)
    __asm__ volatile("mov $0x5a5a5a5a, %%eax; mov %%rax, %%rcx; mov %%rax, %%rdx; mov %%rax, %%rsi;"
                     "mov %%rax, %%rdi; mov %%rax, %%r8; mov %%rax, %%r9; mov %%rax, %%r10;"
                     "mov %%rax, %%r11"
                     :
                     :
                     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "cc");
#elif defined(__aarch64__)
    __asm__ volatile("mov x0, #0x5a5a; mov x1, x0; mov x2, x0; mov x3, x0; mov x4, x0; mov x5, x0;"
                     "mov x6, x0; mov x7, x0; mov x8, x0; mov x9, x0; mov x10, x0; mov x11, x0;"
                     "mov x12, x0; mov x13, x0; mov x14, x0; mov x15, x0; mov x16, x0; mov x17, x0"
                     :
                     :
                     : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
                       "x12", "x13", "x14", "x15", "x16", "x17", "cc");
#elif defined(__riscv)
    __asm__ volatile("li a0, 0x5a5a; mv a1, a0; mv a2, a0; mv a3, a0; mv a4, a0; mv a5, a0;"
                     "mv a6, a0; mv a7, a0; mv t0, a0; mv t1, a0; mv t2, a0; mv t3, a0; mv t4, a0;"
                     "mv t5, a0; mv t6, a0"
                     :
                     :
                     : "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4",
                       "t5", "t6");
#elif defined(__s390x__)
    __asm__ volatile("lghi %%r0, 0x5a5a; lgr %%r1, %%r0; lgr %%r2, %%r0; lgr %%r3, %%r0;"
                     "lgr %%r4, %%r0; lgr %%r5, %%r0; lgr %%r14, %%r0"
                     :
                     :
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r14", "cc");
#endif
}
