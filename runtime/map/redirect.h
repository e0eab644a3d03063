/* redirect.h: what the entries of maps of devices, CPUs and sockets stand for: where a packet would
 * go.
 *
 * Nothing is sent: helpers record the redirection in the world. Devices and CPUs are numbers;
 * sockets are named by a nonzero number of the caller's choice (their cookie), which the system
 * call gives where Linux takes a descriptor.
 *
 * Memory: 8 bytes an entry; hashes as runtime/map/htab.h.
 * Cost: every operation O(1), in hashes expected.
 */
#ifndef BPFLAB_RUNTIME_MAP_REDIRECT_H
#define BPFLAB_RUNTIME_MAP_REDIRECT_H

#include "runtime/map.h"

/* struct map_target: one entry. */
struct map_target {
    uint32_t number; /* interface index; CPU's queue size; AF_XDP socket */
    uint32_t prog;   /* program to run there, 0 if none */
};

/* map_target_at: the entry of a devmap, devmap_hash, cpumap or xskmap.
 * out: false if there is none */
bool map_target_at(const struct world *w, const struct map *m, uint32_t key,
                   struct map_target *out);

/* map_redirects: may bpf_redirect_map use the map? */
static inline bool map_redirects(const struct map *m) {
    return m->def.type == MAP_devmap || m->def.type == MAP_devmap_hash ||
           m->def.type == MAP_cpumap || m->def.type == MAP_xskmap;
}

/* map_redirect_flags: the flags that bpf_redirect_map takes beside the action in the low two bits
 * (BPF_F_BROADCAST, BPF_F_EXCLUDE_INGRESS). */
static inline uint64_t map_redirect_flags(const struct map *m) {
    return m->def.type == MAP_devmap || m->def.type == MAP_devmap_hash ? 1 << 3 | 1 << 4 : 0;
}

/* map_has_socks: sockmap, sockhash or reuseport_sockarray? */
static inline bool map_has_socks(const struct map *m) {
    return m->def.type == MAP_sockmap || m->def.type == MAP_sockhash ||
           m->def.type == MAP_reuseport_sockarray;
}

/* map_sock_at: the socket under a key (key_size bytes), 0 if none. */
uint64_t map_sock_at(const struct world *w, const struct map *m, const void *key);

/* map_sock_put: store one, as bpf_map_update_elem and bpf_sock_map_update do.
 * out: 0, -EINVAL (flags, no socket), -E2BIG, -EEXIST, -ENOENT */
int map_sock_put(struct world *w, struct map *m, const void *key, uint64_t sock, uint64_t flags);

#endif
