/* map_check_test: which definitions are refused, and with which errno: a table of Linux's answers.
 */
#include "runtime/tests/map_common.h"

#define F(x) MAP_F_##x

static const struct row {
    uint32_t type, key, value, max, flags;
    uint64_t extra;
    int err;
} rows[] = {
    {MAP_unspec, 4, 4, 1, 0, 0, LX_EINVAL},
    {99, 4, 4, 1, 0, 0, LX_EINVAL},
    {MAP_struct_ops, 4, 4, 1, 0, 0, LX_EOPNOTSUPP},
    {MAP_insn_array, 4, 4, 1, 0, 0, LX_EOPNOTSUPP},
    /* array */
    {MAP_array, 4, 1, 1, 0, 0, 0},
    {MAP_array, 4, 8, 1, F(NUMA_NODE) | F(MMAPABLE) | F(INNER_MAP) | F(RDONLY_PROG), 0, 0},
    {MAP_array, 8, 8, 1, 0, 0, LX_EINVAL},
    {MAP_array, 4, 0, 1, 0, 0, LX_EINVAL},
    {MAP_array, 4, 8, 0, 0, 0, LX_EINVAL},
    {MAP_array, 4, 8, 1, F(NO_PREALLOC), 0, LX_EINVAL},
    {MAP_array, 4, 8, 1, F(PRESERVE_ELEMS), 0, LX_EINVAL},
    {MAP_array, 4, 8, 1, F(RDONLY_PROG) | F(WRONLY_PROG), 0, LX_EINVAL},
    {MAP_array, 4, 8, 1, F(RDONLY) | F(WRONLY), 0, LX_EINVAL},
    {MAP_array, 4, 8, 1, 0, 1, LX_EINVAL},
    {MAP_array, 4, UINT32_C(1) << 31, 1, 0, 0, LX_E2BIG},
    {MAP_array, 4, 1 << 20, 1000, 0, 0, LX_ENOMEM},
    {MAP_array, 4, 8, UINT32_MAX, 0, 0, LX_ENOMEM},
    {MAP_percpu_array, 4, 32768, 1, 0, 0, 0},
    {MAP_percpu_array, 4, 32769, 1, 0, 0, LX_E2BIG},
    {MAP_percpu_array, 4, 8, 1, F(MMAPABLE), 0, LX_EINVAL},
    {MAP_percpu_array, 4, 8, 1, F(NUMA_NODE), 0, LX_EINVAL},
    {MAP_percpu_array, 4, 8, 1, F(INNER_MAP), 0, LX_EINVAL},
    /* hash kinds */
    {MAP_hash, 1, 1, 1, F(NO_PREALLOC) | F(ZERO_SEED) | F(NUMA_NODE), 0, 0},
    {MAP_hash, 0, 8, 1, 0, 0, LX_EINVAL},
    {MAP_hash, 8, 0, 1, 0, 0, LX_EINVAL},
    {MAP_hash, 8, 8, 0, 0, 0, LX_EINVAL},
    {MAP_hash, 8, 8, 8, F(NO_COMMON_LRU), 0, LX_EINVAL},
    {MAP_hash, 8, 8, 8, F(MMAPABLE), 0, LX_EINVAL},
    {MAP_hash, 8, 8, 8, F(RDONLY_PROG) | F(WRONLY_PROG), 0, LX_EINVAL},
    {MAP_hash, 8, (4 << 20) - 48 - 9, 8, 0, 0, 0},
    {MAP_hash, 8, (4 << 20) - 48 - 8, 8, 0, 0, LX_E2BIG},
    {MAP_hash, UINT32_MAX, UINT32_MAX, 8, 0, 0, LX_E2BIG},
    {MAP_hash, 4, 4, UINT32_MAX, 0, 0, LX_E2BIG},
    {MAP_hash, 4, 4, 1 << 27, 0, 0, LX_ENOMEM},
    {MAP_percpu_hash, 4, 32768, 1, F(NO_PREALLOC), 0, 0},
    {MAP_percpu_hash, 4, 32769, 1, 0, 0, LX_E2BIG},
    {MAP_percpu_hash, 4, 8, 1, F(NUMA_NODE), 0, LX_EINVAL},
    {MAP_lru_hash, 4, 8, 1, 0, 0, 0},
    {MAP_lru_hash, 4, 8, 1, F(NO_PREALLOC), 0, LX_ENOTSUPP},
    {MAP_lru_hash, 4, 8, 1, F(NO_COMMON_LRU) | F(NUMA_NODE), 0, LX_EINVAL},
    {MAP_lru_hash, 4, 8, 1, F(NO_COMMON_LRU), 0, 0},
    {MAP_lru_percpu_hash, 4, 8, 1, F(NO_COMMON_LRU), 0, 0},
    {MAP_lru_percpu_hash, 4, 40000, 1, 0, 0, LX_E2BIG},
    /* trie */
    {MAP_lpm_trie, 5, 1, 1, F(NO_PREALLOC), 0, 0},
    {MAP_lpm_trie, 260, 1, 1, F(NO_PREALLOC), 0, 0},
    {MAP_lpm_trie, 4, 1, 1, F(NO_PREALLOC), 0, LX_EINVAL},
    {MAP_lpm_trie, 261, 1, 1, F(NO_PREALLOC), 0, LX_EINVAL},
    {MAP_lpm_trie, 8, 1, 1, 0, 0, LX_EINVAL},
    {MAP_lpm_trie, 8, 0, 1, F(NO_PREALLOC), 0, LX_EINVAL},
    {MAP_lpm_trie, 8, 1, 0, F(NO_PREALLOC), 0, LX_EINVAL},
    {MAP_lpm_trie, 8, 1, UINT32_MAX, F(NO_PREALLOC), 0, LX_ENOMEM},
    {MAP_lpm_trie, 8, 4 << 20, 1, F(NO_PREALLOC), 0, LX_EINVAL},
    /* queue, stack, bloom filter */
    {MAP_queue, 0, 1, 1, F(NUMA_NODE), 0, 0},
    {MAP_queue, 4, 4, 1, 0, 0, LX_EINVAL},
    {MAP_queue, 0, 0, 1, 0, 0, LX_EINVAL},
    {MAP_queue, 0, 4, 0, 0, 0, LX_EINVAL},
    {MAP_queue, 0, 4, 1, F(NO_PREALLOC), 0, LX_EINVAL},
    {MAP_queue, 0, (4 << 20) + 1, 1, 0, 0, LX_E2BIG},
    {MAP_stack, 0, 4, UINT32_MAX / 4, 0, 0, LX_E2BIG},
    {MAP_stack, 0, 4, UINT32_MAX / 4 - 1, 0, 0, LX_ENOMEM},
    {MAP_bloom_filter, 0, 4, 1, F(ZERO_SEED), 15, 0},
    {MAP_bloom_filter, 0, 4, 1, 0, 16, LX_EINVAL},
    {MAP_bloom_filter, 4, 4, 1, 0, 0, LX_EINVAL},
    {MAP_bloom_filter, 0, 0, 1, 0, 0, LX_EINVAL},
    {MAP_bloom_filter, 0, 4, 0, 0, 0, LX_EINVAL},
    {MAP_bloom_filter, 0, (4 << 20) + 1, 0, 0, 0, LX_E2BIG},
    {MAP_bloom_filter, 0, 4, UINT32_MAX, 0, 15, LX_ENOMEM},
    /* arrays of ids */
    {MAP_prog_array, 4, 4, 1, 0, 0, 0},
    {MAP_prog_array, 4, 8, 1, 0, 0, LX_EINVAL},
    {MAP_prog_array, 4, 4, 1, F(RDONLY_PROG), 0, LX_EINVAL},
    {MAP_prog_array, 8, 4, 1, 0, 0, LX_EINVAL},
    {MAP_prog_array, 4, 4, 0, 0, 0, LX_EINVAL},
    {MAP_perf_event_array, 4, 4, 4, F(PRESERVE_ELEMS), 0, 0},
    {MAP_perf_event_array, 4, 4, 0, 0, 0, LX_EINVAL},
    {MAP_cgroup_array, 4, 4, 1, 0, 0, 0},
    {MAP_cgroup_array, 4, 4, 1, F(MMAPABLE), 0, LX_EINVAL},
    {MAP_array_of_maps, 4, 4, 1, 0, 0, LX_EBADF},
    {MAP_array_of_maps, 4, 8, 1, 0, 0, LX_EINVAL},
    {MAP_hash_of_maps, 4, 4, 1, 0, 0, LX_EBADF},
    {MAP_hash_of_maps, 4, 8, 1, 0, 0, LX_EINVAL},
    /* ring buffers */
    {MAP_ringbuf, 0, 0, 4096, F(NUMA_NODE), 0, 0},
    {MAP_ringbuf, 0, 0, 4096, F(RDONLY_PROG), 0, LX_EINVAL},
    {MAP_ringbuf, 0, 0, 0, 0, 0, LX_EINVAL},
    {MAP_ringbuf, 0, 0, 2048, 0, 0, LX_EINVAL},
    {MAP_ringbuf, 0, 0, 12288, 0, 0, LX_EINVAL},
    {MAP_ringbuf, 4, 0, 4096, 0, 0, LX_EINVAL},
    {MAP_ringbuf, 0, 4, 4096, 0, 0, LX_EINVAL},
    {MAP_user_ringbuf, 0, 0, UINT32_C(1) << 31, 0, 0, LX_ENOMEM},
    {MAP_user_ringbuf, 0, 0, 8192, 0, 0, 0},
    /* stack traces */
    {MAP_stack_trace, 4, 8, 1, 0, 0, 0},
    {MAP_stack_trace, 4, 127 * 8, 1, 0, 0, 0},
    {MAP_stack_trace, 4, 128 * 8, 1, 0, 0, LX_EINVAL},
    {MAP_stack_trace, 4, 12, 1, 0, 0, LX_EINVAL},
    {MAP_stack_trace, 8, 8, 1, 0, 0, LX_EINVAL},
    {MAP_stack_trace, 4, 0, 1, 0, 0, LX_EINVAL},
    {MAP_stack_trace, 4, 8, 0, 0, 0, LX_EINVAL},
    {MAP_stack_trace, 4, 8, UINT32_MAX, 0, 0, LX_E2BIG},
    {MAP_stack_trace, 4, 32, 1, F(STACK_BUILD_ID), 0, 0},
    {MAP_stack_trace, 4, 40, 1, F(STACK_BUILD_ID), 0, LX_EINVAL},
    {MAP_stack_trace, 4, 8, 1, F(RDONLY_PROG), 0, LX_EINVAL},
    /* storage */
    {MAP_sk_storage, 4, 8, 0, F(NO_PREALLOC) | F(CLONE), 0, 0},
    {MAP_task_storage, 4, 65535 - 128, 0, F(NO_PREALLOC), 0, 0},
    {MAP_inode_storage, 4, 65535 - 127, 0, F(NO_PREALLOC), 0, LX_E2BIG},
    {MAP_cgrp_storage, 4, 8, 1, F(NO_PREALLOC), 0, LX_EINVAL},
    {MAP_cgrp_storage, 8, 8, 0, F(NO_PREALLOC), 0, LX_EINVAL},
    {MAP_cgrp_storage, 4, 0, 0, F(NO_PREALLOC), 0, LX_EINVAL},
    {MAP_cgrp_storage, 4, 8, 0, 0, 0, LX_EINVAL},
    {MAP_cgrp_storage, 4, 8, 0, F(NO_PREALLOC) | F(RDONLY_PROG), 0, LX_EINVAL},
    {MAP_cgroup_storage, 16, 8, 0, 0, 0, 0},
    {MAP_cgroup_storage, 8, 65535 - 128, 0, 0, 0, 0},
    {MAP_cgroup_storage, 8, 65535 - 127, 0, 0, 0, LX_E2BIG},
    {MAP_cgroup_storage, 12, 8, 0, 0, 0, LX_EINVAL},
    {MAP_cgroup_storage, 8, 8, 1, 0, 0, LX_EINVAL},
    {MAP_cgroup_storage, 8, 0, 0, 0, 0, LX_EINVAL},
    {MAP_cgroup_storage, 8, 8, 0, F(NO_PREALLOC), 0, LX_EINVAL},
    {MAP_percpu_cgroup_storage, 8, 32768, 0, 0, 0, 0},
    {MAP_percpu_cgroup_storage, 8, 32769, 0, 0, 0, LX_E2BIG},
    /* devices, CPUs, sockets */
    {MAP_devmap, 4, 4, 1, F(RDONLY), 0, 0},
    {MAP_devmap, 4, 8, 1, 0, 0, 0},
    {MAP_devmap, 4, 6, 1, 0, 0, LX_EINVAL},
    {MAP_devmap, 4, 4, 1, F(RDONLY_PROG), 0, LX_EINVAL},
    {MAP_devmap, 4, 4, 0, 0, 0, LX_EINVAL},
    {MAP_devmap_hash, 4, 8, 3, 0, 0, 0},
    {MAP_devmap_hash, 4, 8, UINT32_MAX, 0, 0, LX_EINVAL},
    {MAP_cpumap, 4, 4, 8192, 0, 0, 0},
    {MAP_cpumap, 4, 8, 8193, 0, 0, LX_E2BIG},
    {MAP_cpumap, 4, 8, 8, F(RDONLY), 0, LX_EINVAL},
    {MAP_xskmap, 4, 4, 8, F(WRONLY), 0, 0},
    {MAP_xskmap, 4, 8, 8, 0, 0, LX_EINVAL},
    {MAP_sockmap, 4, 4, 8, 0, 0, 0},
    {MAP_sockmap, 4, 8, 8, 0, 0, 0},
    {MAP_sockmap, 8, 8, 8, 0, 0, LX_EINVAL},
    {MAP_sockmap, 4, 2, 8, 0, 0, LX_EINVAL},
    {MAP_sockmap, 4, 4, UINT32_C(1) << 31, 0, 0, LX_EINVAL},
    {MAP_sockhash, 12, 4, 8, 0, 0, 0},
    {MAP_sockhash, 513, 4, 8, 0, 0, LX_E2BIG},
    {MAP_sockhash, 0, 4, 8, 0, 0, LX_EINVAL},
    {MAP_sockhash, 4, 4, UINT32_MAX, 0, 0, LX_EINVAL},
    {MAP_reuseport_sockarray, 4, 8, 8, F(RDONLY_PROG), 0, 0},
    {MAP_reuseport_sockarray, 4, 6, 8, 0, 0, LX_EINVAL},
    {MAP_reuseport_sockarray, 8, 8, 8, 0, 0, LX_EINVAL},
    /* arena */
    {MAP_arena, 0, 0, 1, 0, 0, LX_EINVAL},
    {MAP_arena, 4, 0, 1, F(MMAPABLE), 0, LX_EINVAL},
    {MAP_arena, 0, 0, 0, F(MMAPABLE), 0, LX_EINVAL},
    {MAP_arena, 0, 0, 1, F(MMAPABLE), 4095, LX_EINVAL},
    {MAP_arena, 0, 0, (1 << 20) + 1, F(MMAPABLE), 0, LX_E2BIG},
    {MAP_arena, 0, 0, 1 << 20, F(MMAPABLE), 0, LX_ENOMEM},
    {MAP_arena, 0, 0, 2, F(MMAPABLE), UINT64_C(0xfffff000), LX_ERANGE},
    {MAP_arena, 0, 0, 2, F(MMAPABLE) | F(SEGV_ON_FAULT) | F(NO_USER_CONV), 0x10000, 0},
    {MAP_arena, 0, 0, 2, F(MMAPABLE), 0, LX_EOPNOTSUPP}, /* a second one in the same world */
};

static void check_rows(void) {
    struct world *w = test_world(false);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct map_def def = test_def(r->type, r->key, r->value, r->max, r->flags);
        def.extra = r->extra;
        const struct world_state before = w->st;
        uint32_t id = 12345;
        int got = map_new(w, &def, &id);
        char note[32];
        snprintf(note, sizeof note, "row %zu, type %u", i, r->type);
        check_note(note);
        CHECK_EQ((int64_t)got, -(int64_t)r->err);
        if (got) { /* nothing is left of a refused map */
            CHECK_EQ(id, 12345);
            CHECK(!memcmp(&before, &w->st, sizeof before));
        } else {
            struct map *m = map_by_id(w, id);
            CHECK(map_by_handle(w, m->handle) == m);
            CHECK(!map_by_handle(w, m->handle + 1));
            CHECK(!world_check(w, m->handle, 1, WORLD_READ));
        }
        check_note(NULL);
    }
    CHECK(!map_by_handle(w, 0));
    CHECK(!map_by_handle(w, UINT64_MAX));
    CHECK(!map_by_handle(w, world_addr(WORLD_HANDLE_OFF + WORLD_HANDLE_BYTES)));
    world_free(w);
}

static void check_storage_needs_btf(void) {
    struct world *w = test_world(false);
    uint32_t id;
    struct map_def def = test_def(MAP_sk_storage, 4, 8, 0, MAP_F_NO_PREALLOC);
    def.key_btf_id = def.value_btf_id = 0;
    CHECK_EQ(map_new(w, &def, &id), -LX_EINVAL);
    def = test_def(MAP_array, 4, 8, 1, 0);
    def.value_btf_id = 0;
    CHECK_EQ(map_new(w, &def, &id), -LX_EINVAL);
    def.key_btf_id = 0;
    CHECK_EQ(map_new(w, &def, &id), 0);
    world_free(w);
}

static void check_fixup(void) {
    struct world *w = test_world(false);
    struct map_def def = test_def(MAP_perf_event_array, 4, 4, 0, 0);
    map_def_fixup(w, &def);
    CHECK_EQ(def.max_entries, TEST_CPUS);
    static const uint32_t sizes[][2] = {
        {1, 4096}, {4096, 4096}, {4097, 8192}, {256000, 262144}, {0, 0}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        def = test_def(MAP_ringbuf, 0, 0, sizes[i][0], 0);
        map_def_fixup(w, &def);
        CHECK_EQ(def.max_entries, sizes[i][1]);
    }
    def = test_def(MAP_hash, 4, 4, 3, 0);
    map_def_fixup(w, &def);
    CHECK_EQ(def.max_entries, 3);
    world_free(w);
}

static void check_inner_templates(void) {
    struct world *w = test_world(false);
    uint32_t id;
    struct map_def outer = test_def(MAP_array_of_maps, 4, 4, 2, 0);
    static const struct {
        uint32_t type;
        int err;
    } kinds[] = {{MAP_array, 0},
                 {MAP_hash, 0},
                 {MAP_array_of_maps, LX_EINVAL},
                 {MAP_prog_array, LX_ENOTSUPP},
                 {MAP_cgroup_storage, LX_ENOTSUPP}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        uint32_t t = kinds[i].type;
        struct map_def inner =
            test_def(t, t == MAP_cgroup_storage ? 8 : 4, 4, t == MAP_cgroup_storage ? 0 : 2, 0);
        CHECK_EQ((int64_t)map_new_outer(w, &outer, &inner, &id), -(int64_t)kinds[i].err);
    }
    struct map_def bad = test_def(MAP_array, 5, 4, 2, 0);
    CHECK_EQ(map_new_outer(w, &outer, &bad, &id), -LX_EINVAL);
    world_free(w);
}

/* Until the table of maps is full. */
static void check_many(void) {
    struct world *w = test_world(true);
    uint32_t id;
    struct map_def def = test_def(MAP_array, 4, 4, 1, 0);
    for (uint32_t i = 0; i < WORLD_MAX_MAPS; i++) {
        CHECK_EQ(map_new(w, &def, &id), 0);
        CHECK_EQ(id, i);
    }
    CHECK_EQ(map_new(w, &def, &id), -LX_ENOMEM);
    world_free(w);
}

int main(void) {
    check_rows();
    check_storage_needs_btf();
    check_fixup();
    check_inner_templates();
    check_many();
    return check_end();
}
