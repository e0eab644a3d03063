/* workload.h: what every workload is written with: one entry function, compiled by clang for
 * eBPF. */
#ifndef BPFLAB_BENCH_WORKLOAD_H
#define BPFLAB_BENCH_WORKLOAD_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;

#define SEC(name)   __attribute__((section(name), used))
#define NOINLINE    __attribute__((noinline))
#define ENTRY(name) SEC("syscall") u64 name(void *ctx)

#endif
