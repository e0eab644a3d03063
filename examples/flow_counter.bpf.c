/* flow_counter: packets, bytes and the time of the last packet for each IPv4 flow, as a traffic
 * control classifier. */
#include "bpf.h"

struct flow {
    u32 src, dst;
    u16 src_port, dst_port;
    u32 protocol;
};

struct counters {
    u64 packets, bytes, last_ns;
};

struct {
    UINT(type, MAP_LRU_HASH);
    UINT(max_entries, 4096);
    TYPE(key, struct flow);
    TYPE(value, struct counters);
} flows SEC(".maps");

SEC("tc") int flow_counter(struct sk_buff *skb) {
    void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
    struct ethernet *eth = data;
    struct ipv4 *ip = (void *)(eth + 1);
    if ((void *)(ip + 1) > end || eth->proto != NET16(PROTO_IP))
        return TC_OK;
    struct flow flow = {.src = ip->src, .dst = ip->dst, .protocol = ip->protocol};
    if (ip->protocol == IP_TCP || ip->protocol == IP_UDP) {
        struct ports *ports = (void *)ip + (ip->version_ihl & 15) * 4;
        if ((void *)(ports + 1) > end)
            return TC_OK;
        flow.src_port = NET16(ports->src);
        flow.dst_port = NET16(ports->dst);
    }
    struct counters *c = map_lookup(&flows, &flow);
    if (!c) {
        const struct counters zero = {};
        map_update(&flows, &flow, &zero, NOEXIST);
        c = map_lookup(&flows, &flow);
        if (!c)
            return TC_OK;
    }
    __sync_fetch_and_add(&c->packets, 1);
    __sync_fetch_and_add(&c->bytes, skb->len);
    c->last_ns = ktime_get_ns();
    return TC_OK;
}

char _license[] SEC("license") = "Apache-2.0";
