/* latency_histogram: time between a function's entry and return, by thread, as a histogram of
 * powers of two. */
#include "bpf.h"

enum {
    N_BUCKETS = 32
};

struct {
    UINT(type, MAP_HASH);
    UINT(max_entries, 1024);
    TYPE(key, u32);
    TYPE(value, u64);
} started SEC(".maps");

struct {
    UINT(type, MAP_PERCPU_ARRAY);
    UINT(max_entries, N_BUCKETS);
    TYPE(key, u32);
    TYPE(value, u64);
} histogram SEC(".maps");

INLINE u32 log2_floor(u64 v) {
    u32 bit = 0;
    for (int step = 32; step; step /= 2)
        if (v >> step) {
            v >>= step;
            bit += step;
        }
    return bit;
}

SEC("kprobe/vfs_read") int on_entry(void *ctx) {
    const u32 thread = (u32)get_current_pid_tgid();
    const u64 now = ktime_get_ns();
    map_update(&started, &thread, &now, ANY);
    return 0;
}

SEC("kretprobe/vfs_read") int on_return(void *ctx) {
    const u32 thread = (u32)get_current_pid_tgid();
    const u64 *start = map_lookup(&started, &thread);
    if (!start)
        return 0;
    u32 bucket = log2_floor(ktime_get_ns() - *start);
    if (bucket >= N_BUCKETS)
        bucket = N_BUCKETS - 1;
    map_delete(&started, &thread);
    u64 *count = map_lookup(&histogram, &bucket);
    if (count)
        *count += 1;
    return 0;
}

char _license[] SEC("license") = "GPL";
