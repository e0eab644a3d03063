/* mistakes: one program for each of the commonest reasons to be rejected. docs/verifier.md shows
 * what bpflab says of them; test_verify.py holds it to that. */
#include "bpf.h"

struct value {
    u64 counts[8];
};

struct {
    UINT(type, MAP_HASH);
    UINT(max_entries, 16);
    TYPE(key, u32);
    TYPE(value, struct value);
} table SEC(".maps");

struct {
    UINT(type, MAP_ARRAY);
    UINT(max_entries, 1);
    UINT(map_flags, 1 << 7); /* BPF_F_RDONLY_PROG */
    TYPE(key, u32);
    TYPE(value, u64);
} constants SEC(".maps");

struct guarded {
    struct bpf_spin_lock {
        u32 val;
    } lock;
    u32 count;
};

struct {
    UINT(type, MAP_ARRAY);
    UINT(max_entries, 1);
    TYPE(key, u32);
    TYPE(value, struct guarded);
} locks SEC(".maps");

struct tuple {
    u32 source, dest;
    u16 source_port, dest_port;
};

static u32 (*const random)(void) = (void *)7;
static long (*const load_bytes)(const void *, u32, void *, u32) = (void *)26;
static void *(*const lookup_tcp)(void *, struct tuple *, u32, u64, u64) = (void *)84;
static void (*const spin_lock)(void *) = (void *)93;

/* The packet is read further than was compared with its end. */
SEC("xdp") int packet(struct xdp_md *ctx) {
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct ethernet *eth = data;
    struct ipv4 *ip = (void *)(eth + 1);
    if ((void *)(eth + 1) > end)
        return XDP_PASS;
    return ip->protocol == 6 ? XDP_DROP : XDP_PASS;
}

/* A lookup may find nothing. */
SEC("xdp") int untested(struct xdp_md *ctx) {
    const u32 key = 1;
    struct value *v = map_lookup(&table, &key);
    v->counts[0]++;
    return XDP_PASS;
}

/* A register that nothing has written. */
SEC("xdp") int uninitialised(struct xdp_md *ctx) {
    register u64 r asm("r3");
    asm volatile("r0 = %0" : : "r"(r) : "r0");
    return XDP_PASS;
}

/* More than the stack has. */
SEC("xdp") int stack(struct xdp_md *ctx) {
    asm volatile("*(u64 *)(r10 - 520) = %0" : : "r"(ctx));
    return XDP_PASS;
}

/* An index that nothing bounds. */
SEC("xdp") int unbounded(struct xdp_md *ctx) {
    const u32 key = 1;
    struct value *v = map_lookup(&table, &key);
    if (v)
        v->counts[random()]++;
    return XDP_PASS;
}

/* A loop that a number ends only if it is right. */
SEC("xdp") int loop(struct xdp_md *ctx) {
    u32 n = 0;
    while (random() != 1)
        asm volatile("%0 += 2" : "+r"(n));
    return XDP_PASS;
}

/* A loop in which nothing changes. */
SEC("xdp") int endless(struct xdp_md *ctx) {
    u64 n = 0;
    while (n == 0)
        asm volatile("" : "+r"(n));
    return XDP_PASS;
}

/* A number where the helper takes a pointer. */
SEC("tc") int argument(struct sk_buff *skb) {
    load_bytes(skb, 0, (void *)8, 4);
    return 0;
}

/* A socket that is never released. */
SEC("tc") int reference(struct sk_buff *skb) {
    struct tuple tuple = {0};
    lookup_tcp(skb, &tuple, sizeof tuple, -1, 0);
    return 0;
}

/* A cgroup hook says yes or no. */
SEC("cgroup/dev") int result(void *ctx) {
    return 7;
}

/* Atomic operations are aligned. */
SEC("xdp") int aligned(struct xdp_md *ctx) {
    const u32 key = 1;
    struct value *v = map_lookup(&table, &key);
    if (v)
        __sync_fetch_and_add((u64 *)((u8 *)v + 4), 1);
    return XDP_PASS;
}

/* A map that programs only read. */
SEC("xdp") int readonly(struct xdp_md *ctx) {
    const u32 key = 0;
    u64 *v = map_lookup(&constants, &key);
    if (v)
        *v = 1;
    return XDP_PASS;
}

/* With --unprivileged: an address becomes visible in a map. */
SEC("socket") int leak(struct sk_buff *skb) {
    const u32 key = 1;
    struct value *v = map_lookup(&table, &key);
    if (v)
        v->counts[0] = (u64)skb;
    return 0;
}

/* A lock that is still held at the end. */
SEC("tc") int lock(struct sk_buff *skb) {
    const u32 key = 0;
    struct guarded *g = map_lookup(&locks, &key);
    if (g)
        spin_lock(&g->lock);
    return 0;
}

char _license[] SEC("license") = "GPL";
