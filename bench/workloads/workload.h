/* workload.h: what every workload is written with: one entry function, compiled by clang for
 * eBPF. */
#ifndef BPFLAB_BENCH_WORKLOAD_H
#define BPFLAB_BENCH_WORKLOAD_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))
#define NOINLINE  __attribute__((noinline))

#ifndef WORKLOAD_NATIVE
#define ENTRY(name)               SEC("syscall") u64 name(void *ctx)
/* A helper without arguments. */
#define HELPER(ret, name, number) static ret (*const name)(void) = (void *)(number)
#else
/* For the machine itself: NAME_native, and the helpers of the runtime, called directly. */
#define ENTRY_NAME_(name, suffix) name##_##suffix
#define ENTRY_NAME(name, suffix)  ENTRY_NAME_(name, suffix)
#define ENTRY(name)               u64 ENTRY_NAME(name, WORKLOAD_NATIVE)(void *ctx)
typedef u64 workload_helper(u64, u64, u64, u64, u64, void *);
extern workload_helper *workload_helpers[16];
extern void *workload_world;
#define HELPER(ret, name, number)                                                                  \
    static inline ret name(void) {                                                                 \
        return (ret)workload_helpers[number](0, 0, 0, 0, 0, workload_world);                       \
    }                                                                                              \
    _Static_assert(1, "")
#endif

#endif
