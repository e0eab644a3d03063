/* bpf.h: what the example programs are written with: types, sections, map definitions, the helpers
 * they call and the packet headers they read. Numbers are Linux's (linux/bpf.h); no other header is
 * needed. */
#ifndef BPFLAB_EXAMPLES_BPF_H
#define BPFLAB_EXAMPLES_BPF_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))
#define INLINE    static inline __attribute__((always_inline))

/* Map definitions as BTF describes them: a type's number is the length of an array. */
#define UINT(name, value) int(*name)[value]
#define TYPE(name, type)  type *name

enum {
    MAP_HASH = 1,
    MAP_ARRAY = 2,
    MAP_PERCPU_ARRAY = 6,
    MAP_LRU_HASH = 9,
    MAP_LPM_TRIE = 11
};
enum {
    ANY = 0,
    NOEXIST = 1
};

static void *(*const map_lookup)(void *map, const void *key) = (void *)1;
static s64 (*const map_update)(void *map, const void *key, const void *value,
                               u64 flags) = (void *)2;
static s64 (*const map_delete)(void *map, const void *key) = (void *)3;
static u64 (*const ktime_get_ns)(void) = (void *)5;
static u64 (*const get_current_pid_tgid)(void) = (void *)14;

/* The context of XDP programs. */
struct xdp_md {
    u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};
enum {
    XDP_ABORTED,
    XDP_DROP,
    XDP_PASS,
    XDP_TX,
    XDP_REDIRECT
};

/* The beginning of the context of socket and traffic control programs. */
struct sk_buff {
    u32 len, pkt_type, mark, queue_mapping, protocol, vlan_present, vlan_tci, vlan_proto, priority;
    u32 ingress_ifindex, ifindex, tc_index, cb[5], hash, tc_classid, data, data_end;
};
enum {
    TC_OK = 0,
    TC_SHOT = 2
};

struct ethernet {
    u8 dst[6], src[6];
    u16 proto;
} __attribute__((packed));

struct vlan {
    u16 tci, proto;
};

struct ipv4 {
    u8 version_ihl, tos;
    u16 total_len, id, frag_off;
    u8 ttl, protocol;
    u16 check;
    u32 src, dst;
};

struct ports { /* the beginning of TCP and UDP */
    u16 src, dst;
};

enum {
    PROTO_IP = 0x0800,
    PROTO_VLAN = 0x8100,
    IP_TCP = 6,
    IP_UDP = 17
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NET16(x) __builtin_bswap16(x)
#else
#define NET16(x) (x)
#endif

#endif
