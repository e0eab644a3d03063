/* xdp_firewall: drops IPv4 packets from blocked networks and to blocked ports, counts verdicts by
 * reason. blocked_nets holds prefixes (longest match wins: value 1 blocks, 0 allows), blocked_ports
 * TCP and UDP ports. */
#include "bpf.h"

struct net_key {
    u32 prefix_len;
    u8 addr[4];
};

struct {
    UINT(type, MAP_LPM_TRIE);
    UINT(max_entries, 1024);
    UINT(map_flags, 1); /* BPF_F_NO_PREALLOC, which tries ask for */
    TYPE(key, struct net_key);
    TYPE(value, u32);
} blocked_nets SEC(".maps");

struct {
    UINT(type, MAP_HASH);
    UINT(max_entries, 256);
    TYPE(key, u16);
    TYPE(value, u8);
} blocked_ports SEC(".maps");

enum reason {
    PASSED,
    NOT_IP,
    BAD_HEADER,
    BAD_NET,
    BAD_PORT,
    N_REASONS
};

struct {
    UINT(type, MAP_ARRAY);
    UINT(max_entries, N_REASONS);
    TYPE(key, u32);
    TYPE(value, u64);
} verdicts SEC(".maps");

INLINE int verdict(u32 reason, int action) {
    u64 *count = map_lookup(&verdicts, &reason);
    if (count)
        __sync_fetch_and_add(count, 1);
    return action;
}

SEC("xdp") int xdp_firewall(struct xdp_md *ctx) {
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct ethernet *eth = data;
    if ((void *)(eth + 1) > end)
        return verdict(BAD_HEADER, XDP_DROP);
    u16 proto = eth->proto;
    void *at = eth + 1;
    if (proto == NET16(PROTO_VLAN)) {
        struct vlan *vlan = at;
        if ((void *)(vlan + 1) > end)
            return verdict(BAD_HEADER, XDP_DROP);
        proto = vlan->proto;
        at = vlan + 1;
    }
    if (proto != NET16(PROTO_IP))
        return verdict(NOT_IP, XDP_PASS);

    struct ipv4 *ip = at;
    if ((void *)(ip + 1) > end || ip->version_ihl >> 4 != 4)
        return verdict(BAD_HEADER, XDP_DROP);
    struct net_key key = {.prefix_len = 32};
    __builtin_memcpy(key.addr, &ip->src, 4);
    u32 *blocked = map_lookup(&blocked_nets, &key);
    if (blocked && *blocked)
        return verdict(BAD_NET, XDP_DROP);

    if (ip->protocol == IP_TCP || ip->protocol == IP_UDP) {
        struct ports *ports = (void *)ip + (ip->version_ihl & 15) * 4;
        if ((void *)(ports + 1) > end)
            return verdict(BAD_HEADER, XDP_DROP);
        const u16 port = NET16(ports->dst);
        if (map_lookup(&blocked_ports, &port))
            return verdict(BAD_PORT, XDP_DROP);
    }
    return verdict(PASSED, XDP_PASS);
}

/* Fills the tables with an example policy: run it once before the firewall. */
SEC("xdp") int load_policy(struct xdp_md *ctx) {
    const struct net_key test_net = {24, {203, 0, 113, 0}}, allowed_host = {32, {203, 0, 113, 7}};
    const u32 yes = 1, no = 0;
    const u16 telnet = 23, smb = 445;
    const u8 mark = 1;
    map_update(&blocked_nets, &test_net, &yes, ANY);
    map_update(&blocked_nets, &allowed_host, &no, ANY);
    map_update(&blocked_ports, &telnet, &mark, ANY);
    map_update(&blocked_ports, &smb, &mark, ANY);
    return XDP_PASS;
}

char _license[] SEC("license") = "Apache-2.0";
