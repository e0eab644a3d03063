/* maptype_test.c: what map types are, stated here a second time as Linux's lists. */
#include "runtime/proto.h"

#include "tests/check.h"

#define M(name) (UINT64_C(1) << MAP_##name)

enum {
    N_MAPS = 35
};

static void check_flag(unsigned flag, uint64_t types) {
    for (uint32_t nr = 0; nr < N_MAPS; nr++) {
        char note[64];
        snprintf(note, sizeof note, "flag %#x of %s", flag, map_type_name(nr));
        check_note(note);
        CHECK_EQ(map_type_has(nr, flag), types >> nr & 1);
    }
    check_note(NULL);
}

static void test_flags(void) {
    const uint64_t hashes = M(hash) | M(percpu_hash) | M(lru_hash) | M(lru_percpu_hash);
    const uint64_t arrays = M(array) | M(percpu_array);
    const uint64_t storages = M(sk_storage) | M(inode_storage) | M(task_storage) | M(cgrp_storage);
    check_flag(MAPTYPE_F_PERCPU,
               M(percpu_hash) | M(lru_percpu_hash) | M(percpu_array) | M(percpu_cgroup_storage));
    check_flag(MAPTYPE_F_OUTER, M(array_of_maps) | M(hash_of_maps));
    check_flag(MAPTYPE_F_DIRECT, M(array) | M(arena));
    check_flag(MAPTYPE_F_EACH, hashes | arrays);
    check_flag(MAPTYPE_F_SLEEPS, hashes | arrays | storages | M(array_of_maps) | M(hash_of_maps) |
                                     M(ringbuf) | M(user_ringbuf) | M(queue) | M(stack) | M(arena));
    check_flag(MAPTYPE_F_LOCK, M(hash) | M(array) | M(cgroup_storage) | storages);
    check_flag(MAPTYPE_F_TIMER, M(hash) | M(lru_hash) | M(array));
    check_flag(MAPTYPE_F_KPTR, hashes | arrays | storages);
    check_flag(MAPTYPE_F_GRAPH, M(hash) | M(lru_hash) | M(array));
    check_flag(MAPTYPE_F_RDONLY, M(devmap) | M(devmap_hash));
}

static void test_lookups(void) {
    const uint64_t values = M(hash) | M(array) | M(percpu_hash) | M(percpu_array) | M(lru_hash) |
                            M(lru_percpu_hash) | M(lpm_trie) | M(devmap) | M(devmap_hash);
    for (uint32_t nr = 1; nr < N_MAPS; nr++) {
        const struct map_type_info *t = map_type_of(nr);
        check_note(map_type_name(nr));
        CHECK_EQ(t == NULL, nr == MAP_struct_ops || nr == MAP_insn_array);
        if (!t)
            continue;
        CHECK_EQ(t->type, nr);
        CHECK_EQ(t->lookup == LOOKUP_VALUE, values >> nr & 1);
        /* the helper takes just those maps of which something can be looked up */
        CHECK_EQ(t->lookup != LOOKUP_NOTHING,
                 helper_takes_map(HELPER_map_lookup_elem, nr, PROG_xdp, -1) && nr != MAP_arena);
    }
    check_note(NULL);
    CHECK(!map_type_of(0) && !map_type_of(N_MAPS) && !map_type_of(UINT32_MAX));
    CHECK_EQ(map_type_of(MAP_sockhash)->lookup, LOOKUP_SOCKET);
    CHECK_EQ(map_type_of(MAP_xskmap)->lookup, LOOKUP_XDP_SOCKET);
    CHECK_EQ(map_type_of(MAP_hash_of_maps)->lookup, LOOKUP_MAP);
}

static void test_makers(void) {
    const uint64_t free = M(array) | M(percpu_array) | M(prog_array) | M(perf_event_array) |
                          M(cgroup_array) | M(array_of_maps) | M(hash) | M(percpu_hash) |
                          M(hash_of_maps) | M(ringbuf) | M(user_ringbuf) | M(cgroup_storage) |
                          M(percpu_cgroup_storage);
    const uint64_t net = M(sockmap) | M(sockhash) | M(devmap) | M(devmap_hash) | M(xskmap);
    for (uint32_t nr = 1; nr < N_MAPS; nr++) {
        const struct map_type_info *t = map_type_of(nr);
        if (t)
            CHECK_EQ(t->cap, free >> nr & 1  ? MAP_CAP_NONE
                             : net >> nr & 1 ? MAP_CAP_NET_ADMIN
                                             : MAP_CAP_BPF);
    }
}

static void test_access(void) {
    CHECK(map_prog_may(MAP_hash, 0, true) && map_prog_may(MAP_hash, 0, false));
    CHECK(!map_prog_may(MAP_hash, MAP_F_RDONLY_PROG, true));
    CHECK(map_prog_may(MAP_hash, MAP_F_RDONLY_PROG, false));
    CHECK(!map_prog_may(MAP_hash, MAP_F_WRONLY_PROG, false));
    CHECK(!map_prog_may(MAP_devmap, 0, true) && map_prog_may(MAP_devmap, 0, false));
    CHECK(map_prog_may(MAP_hash, MAP_F_RDONLY, true)); /* of the descriptor */
}

int main(void) {
    test_flags();
    test_lookups();
    test_makers();
    test_access();
    return check_end();
}
