/* rate_limiter: a token bucket for each IPv4 source: RATE packets a second on average, bursts of
 * BURST. */
#include "bpf.h"

enum {
    RATE = 1000,
    BURST = 20
};
#define SECOND 1000000000ULL
#define COST   (SECOND / RATE) /* nanoseconds of credit that a packet uses */

struct bucket {
    u64 credit_ns, updated_ns;
};

struct {
    UINT(type, MAP_LRU_HASH);
    UINT(max_entries, 10000);
    TYPE(key, u32);
    TYPE(value, struct bucket);
} buckets SEC(".maps");

u64 dropped;

SEC("xdp") int rate_limiter(struct xdp_md *ctx) {
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct ethernet *eth = data;
    struct ipv4 *ip = (void *)(eth + 1);
    if ((void *)(ip + 1) > end || eth->proto != NET16(PROTO_IP))
        return XDP_PASS;
    const u32 source = ip->src;
    const u64 now = ktime_get_ns();
    struct bucket *b = map_lookup(&buckets, &source);
    if (!b) {
        const struct bucket full = {.credit_ns = BURST * COST - COST, .updated_ns = now};
        map_update(&buckets, &source, &full, ANY);
        return XDP_PASS;
    }
    u64 credit = b->credit_ns + (now - b->updated_ns);
    if (credit > BURST * COST)
        credit = BURST * COST;
    b->updated_ns = now;
    if (credit < COST) {
        b->credit_ns = credit;
        __sync_fetch_and_add(&dropped, 1);
        return XDP_DROP;
    }
    b->credit_ns = credit - COST;
    return XDP_PASS;
}

char _license[] SEC("license") = "Apache-2.0";
