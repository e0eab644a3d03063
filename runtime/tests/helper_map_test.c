/* helper_map_test.c: map elements through helpers, bpf_loop and bpf_for_each_map_elem. */
#include "runtime/map.h"

#include "runtime/tests/helper_bed.h"

static void put32(struct world *w, uint64_t addr, uint32_t v) {
    world_put32(w, bed_host(w, addr), v);
}

static void test_hash(struct world *w) {
    const struct map *m = bed_map(w, MAP_hash, 4, 8, 2, 0);
    const uint64_t key = bed_mem(w, NULL, 4), value = bed_mem(w, NULL, 8);
    put32(w, key, 7);
    world_put64(w, bed_host(w, value), 99);
    CHECK_EQ(CALL2(w, map_lookup_elem, m->handle, key), 0);
    CHECK_EQ(CALL2(w, map_delete_elem, m->handle, key), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL4(w, map_update_elem, m->handle, key, value, MAP_EXIST), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL4(w, map_update_elem, m->handle, key, value, 3), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, map_update_elem, m->handle, key, value, MAP_ANY), 0);
    CHECK_EQ(CALL4(w, map_update_elem, m->handle, key, value, MAP_NOEXIST), ERRNO(LX_EEXIST));
    const uint64_t at = CALL2(w, map_lookup_elem, m->handle, key);
    if (CHECK(world_check(w, at, 8, WORLD_RW)))
        CHECK_EQ(world_get64(w, bed_host(w, at)), 99);
    put32(w, key, 8);
    CHECK_EQ(CALL4(w, map_update_elem, m->handle, key, value, MAP_ANY), 0);
    put32(w, key, 9);
    CHECK_EQ(CALL4(w, map_update_elem, m->handle, key, value, MAP_ANY), ERRNO(LX_E2BIG));
    put32(w, key, 7);
    CHECK_EQ(CALL2(w, map_delete_elem, m->handle, key), 0);
    CHECK_EQ(CALL2(w, map_lookup_elem, m->handle, key), 0);
    CHECK_EQ(CALL3(w, map_lookup_percpu_elem, m->handle, key, 0), 0);
    CHECK_EQ(CALL3(w, map_push_elem, m->handle, value, 0), ERRNO(LX_EOPNOTSUPP));
    CHECK_EQ(CALL2(w, map_pop_elem, m->handle, value), ERRNO(LX_EOPNOTSUPP));
    CHECK_EQ(CALL2(w, map_peek_elem, m->handle, value), ERRNO(LX_EOPNOTSUPP));
    CHECK_CALM(w);
}

/* What a verifier would have refused traps, and nothing is changed. */
static void test_bad_arguments(struct world *w) {
    const struct map *m = bed_map(w, MAP_hash, 8, 8, 4, 0);
    const uint64_t key = bed_mem(w, NULL, 8), value = bed_mem(w, NULL, 8);
    const uint64_t rdonly = bed_mem(w, NULL, 8);
    world_allow(w, world_off(rdonly), 8, WORLD_READ);
    CHECK_TRAP(w, CALL2(w, map_lookup_elem, 0, key), RUN_TRAP_NULL);
    CHECK_TRAP(w, CALL2(w, map_lookup_elem, m->handle + 1, key), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL2(w, map_lookup_elem, key, key), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL2(w, map_lookup_elem, m->handle, 0), RUN_TRAP_NULL);
    CHECK_TRAP(w, CALL2(w, map_lookup_elem, m->handle, key + 1), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL2(w, map_lookup_elem, m->handle, UINT64_MAX), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL4(w, map_update_elem, m->handle, key, value + 4, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL4(w, map_update_elem, m->handle, key, 0, 0), RUN_TRAP_NULL);
    CHECK_EQ(CALL2(w, map_lookup_elem, m->handle, key), 0);
    CHECK_TRAP(w, CALL2(w, map_delete_elem, m->handle, 4), RUN_TRAP_MEMORY);
    const struct map *q = bed_map(w, MAP_queue, 0, 8, 4, 0);
    CHECK_EQ(CALL3(w, map_push_elem, q->handle, rdonly, 0), 0);
    CHECK_TRAP(w, CALL2(w, map_pop_elem, q->handle, rdonly), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL2(w, map_peek_elem, q->handle, rdonly), RUN_TRAP_MEMORY);
    CHECK_EQ(CALL2(w, map_pop_elem, q->handle, value), 0);
}

static void test_array(struct world *w) {
    const struct map *m = bed_map(w, MAP_array, 4, 12, 3, 0);
    const struct map *per = bed_map(w, MAP_percpu_array, 4, 8, 2, 0);
    const uint64_t key = bed_mem(w, NULL, 4), value = bed_mem(w, "abcdefghijkl", 12);
    for (uint32_t i = 0; i < 5; i++) {
        put32(w, key, i);
        const uint64_t at = CALL2(w, map_lookup_elem, m->handle, key);
        CHECK_EQ(at != 0, i < 3);
        CHECK_EQ(CALL4(w, map_update_elem, m->handle, key, value, 0), i < 3 ? 0 : ERRNO(LX_E2BIG));
        if (at)
            CHECK(!memcmp(bed_host(w, at), "abcdefghijkl", 12) &&
                  !world_check(w, at, 13, WORLD_READ));
    }
    put32(w, key, 1);
    CHECK_EQ(CALL2(w, map_delete_elem, m->handle, key), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, map_update_elem, m->handle, key, value, MAP_NOEXIST), ERRNO(LX_EEXIST));
    uint64_t copies[4];
    for (uint32_t cpu = 0; cpu < 4; cpu++) {
        w->st.cpu = cpu;
        copies[cpu] = CALL2(w, map_lookup_elem, per->handle, key);
        world_put64(w, bed_host(w, copies[cpu]), cpu + 10);
    }
    w->st.cpu = 0;
    for (uint32_t cpu = 0; cpu < 4; cpu++) {
        CHECK_EQ(CALL3(w, map_lookup_percpu_elem, per->handle, key, cpu), copies[cpu]);
        CHECK_EQ(world_get64(w, bed_host(w, copies[cpu])), cpu + 10);
    }
    CHECK_EQ(CALL3(w, map_lookup_percpu_elem, per->handle, key, 4), 0);
    CHECK_EQ(CALL3(w, map_lookup_percpu_elem, per->handle, key, UINT64_C(1) << 32), copies[0]);
    CHECK_CALM(w);
}

static void test_queues(struct world *w) {
    const struct map *q = bed_map(w, MAP_queue, 0, 4, 3, 0), *s = bed_map(w, MAP_stack, 0, 4, 3, 0);
    const struct map *b = bed_map(w, MAP_bloom_filter, 0, 4, 100, 0);
    const uint64_t v = bed_mem(w, NULL, 4);
    CHECK_EQ(CALL2(w, map_pop_elem, q->handle, v), ERRNO(LX_ENOENT));
    for (uint32_t i = 1; i <= 3; i++) {
        put32(w, v, i);
        CHECK_EQ(CALL3(w, map_push_elem, q->handle, v, 0), 0);
        CHECK_EQ(CALL3(w, map_push_elem, s->handle, v, 0), 0);
        CHECK_EQ(CALL3(w, map_push_elem, b->handle, v, 0), 0);
        CHECK_EQ(CALL2(w, map_peek_elem, b->handle, v), 0);
    }
    CHECK_EQ(CALL3(w, map_push_elem, q->handle, v, 0), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL3(w, map_push_elem, q->handle, v, MAP_EXIST), 0); /* over the oldest */
    CHECK_EQ(CALL3(w, map_push_elem, q->handle, v, MAP_NOEXIST), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL2(w, map_peek_elem, q->handle, v), 0);
    CHECK_EQ(world_get32(w, bed_host(w, v)), 2);
    CHECK_EQ(CALL2(w, map_pop_elem, q->handle, v), 0);
    CHECK_EQ(world_get32(w, bed_host(w, v)), 2);
    CHECK_EQ(CALL2(w, map_pop_elem, s->handle, v), 0);
    CHECK_EQ(world_get32(w, bed_host(w, v)), 3);
    put32(w, v, 123456);
    CHECK_EQ(CALL2(w, map_peek_elem, b->handle, v), ERRNO(LX_ENOENT));
    CHECK_CALM(w);
}

static void test_inner(struct world *w) {
    char name[] = "outer";
    const struct map *inner = bed_map(w, MAP_array, 4, 8, 2, 0);
    const struct map_def def = {.name = name,
                                .type = MAP_array_of_maps,
                                .key_size = 4,
                                .value_size = 4,
                                .max_entries = 2,
                                .inner = 0};
    uint32_t id;
    if (!CHECK_EQ(map_new_outer(w, &def, &inner->def, &id), 0))
        return;
    struct map *outer = map_by_id(w, id);
    uint32_t key, value;
    world_put32(w, &key, 1);
    world_put32(w, &value, inner->id);
    CHECK_EQ(map_user_update(w, outer, &key, &value, 0), 0);
    const uint64_t at = bed_mem(w, &key, 4);
    CHECK_EQ(CALL2(w, map_lookup_elem, outer->handle, at), inner->handle);
    CHECK(CALL2(w, map_lookup_elem, inner->handle, at) != 0);
    put32(w, at, 0);
    CHECK_EQ(CALL2(w, map_lookup_elem, outer->handle, at), 0);
}

static void test_loop(struct world *w) {
    struct bed_program p = {.stop_at = 0};
    CHECK_TRAP(w, CALL4(w, loop, 1, 77, 0, 0), RUN_TRAP_CALL); /* nobody to call */
    bed_install(w, &p);
    CHECK_EQ(CALL4(w, loop, 0, 77, 0, 0), 0);
    CHECK_EQ(p.n_calls, 0);
    CHECK_EQ(CALL4(w, loop, 10, 77, 1234, 0), 10);
    CHECK_EQ(p.n_calls, 10);
    CHECK(p.fn == 77 && p.args[0] == 9 && p.args[1] == 1234 && !p.args[2] && !p.args[3]);
    CHECK_EQ(CALL4(w, loop, (UINT64_C(1) << 32) + 1, 77, 0, 0), 1); /* 32 bits count */
    p.n_calls = 0, p.stop_at = 4;
    CHECK_EQ(CALL4(w, loop, 10, 77, 0, 0), 4);
    CHECK_EQ(p.n_calls, 4);
    p.n_calls = 0, p.stop_at = 0, p.trap_at = 3;
    CHECK_TRAP(w, CALL4(w, loop, 10, 77, 0, 0), RUN_TRAP_FUEL);
    CHECK_EQ(p.n_calls, 3);
    CHECK_EQ(CALL4(w, loop, 1, 77, 0, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, loop, (8 << 20) + 1, 77, 0, 0), ERRNO(LX_E2BIG));
    CHECK_EQ(CALL4(w, loop, UINT32_MAX, 77, 0, 1), ERRNO(LX_EINVAL));
    p.n_calls = p.trap_at = 0;
    CHECK_EQ(CALL4(w, loop, 8 << 20, 77, 0, 0), 8 << 20);
    CHECK_EQ(p.n_calls, 8 << 20);
    w->callee.call = NULL;
}

/* What callbacks of a walk saw. */
struct seen {
    uint32_t n, keys[16];
    uint64_t sum, map;
    bool delete;
};

static void look(struct bed_program *p) {
    struct seen *s = p->self;
    CHECK_EQ(p->args[0], s->map);
    CHECK_EQ(p->args[3], 4321);
    if (!CHECK(world_check(p->w, p->args[1], 4, WORLD_READ) &&
               !world_check(p->w, p->args[1], 4, WORLD_WRITE) &&
               world_check(p->w, p->args[2], 8, WORLD_RW)))
        return;
    if (s->n < 16)
        s->keys[s->n++] = world_get32(p->w, bed_host(p->w, p->args[1]));
    s->sum += world_get64(p->w, bed_host(p->w, p->args[2]));
    if (s->delete)
        CHECK_EQ(CALL2(p->w, map_delete_elem, s->map, p->args[1]), 0);
}

static void test_each(struct world *w, uint32_t type) {
    const struct map *m = bed_map(w, type, 4, 8, 8, 0);
    const uint64_t key = bed_mem(w, NULL, 4), value = bed_mem(w, NULL, 8);
    const bool array = m->value_stride != 0;
    struct seen s = {.map = m->handle};
    struct bed_program p = {.body = look, .self = &s};
    bed_install(w, &p);
    const uint32_t scratch = w->st.scratch_used;
    CHECK_EQ(CALL4(w, for_each_map_elem, m->handle, 5, 4321, 0), array ? 8 : 0);
    s.n = 0;
    for (uint32_t i = 0; i < 8; i++) {
        put32(w, key, i);
        world_put64(w, bed_host(w, value), UINT64_C(1) << (8 * i));
        CHECK_EQ(CALL4(w, map_update_elem, m->handle, key, value, 0), 0);
    }
    CHECK_EQ(CALL4(w, for_each_map_elem, m->handle, 5, 4321, 0), 8);
    CHECK_EQ(s.n, 8);
    CHECK_EQ(s.sum, UINT64_C(0x0101010101010101));
    uint32_t mask = 0;
    for (uint32_t i = 0; i < s.n; i++)
        mask |= 1u << s.keys[i];
    CHECK_EQ(mask, 0xff);
    for (uint32_t i = 0; array && i < 8; i++)
        CHECK_EQ(s.keys[i], i);
    p.n_calls = 0, p.stop_at = 3;
    CHECK_EQ(CALL4(w, for_each_map_elem, m->handle, 5, 4321, 0), 3);
    p.n_calls = 0, p.stop_at = 0, p.trap_at = 2;
    CHECK_TRAP(w, CALL4(w, for_each_map_elem, m->handle, 5, 4321, 0), RUN_TRAP_FUEL);
    CHECK_EQ(p.n_calls, 2);
    p.trap_at = 0;
    CHECK_EQ(CALL4(w, for_each_map_elem, m->handle, 5, 4321, 1), ERRNO(LX_EINVAL));
    if (!array) { /* every element is seen once though each is deleted under the walk */
        s.delete = true, s.n = 0, p.n_calls = 0;
        CHECK_EQ(CALL4(w, for_each_map_elem, m->handle, 5, 4321, 0), 8);
        CHECK_EQ(CALL4(w, for_each_map_elem, m->handle, 5, 4321, 0), 0);
    }
    CHECK_EQ(w->st.scratch_used, scratch);
    CHECK_CALM(w);
    w->callee.call = NULL;
}

/* A walk inside a walk: each has a key of its own. */
static void nest(struct bed_program *p) {
    const uint64_t outer_key = p->args[1];
    const uint32_t before = world_get32(p->w, bed_host(p->w, outer_key));
    if (p->fn == 1) {
        const uint64_t map = p->args[0];
        CHECK_EQ(CALL4(p->w, for_each_map_elem, map, 2, 0, 0), 3);
        CHECK(p->args[1] != outer_key);
        CHECK_EQ(world_get32(p->w, bed_host(p->w, outer_key)), before);
        CHECK(!world_check(p->w, p->args[1], 1, WORLD_READ)); /* and it is gone */
    }
}

static void test_nested(struct world *w) {
    const struct map *m = bed_map(w, MAP_array, 4, 8, 3, 0), *q = bed_map(w, MAP_queue, 0, 4, 3, 0);
    struct bed_program p = {.body = nest};
    bed_install(w, &p);
    CHECK_EQ(CALL4(w, for_each_map_elem, m->handle, 1, 0, 0), 3);
    CHECK_EQ(p.n_calls, 12);
    CHECK_EQ(CALL4(w, for_each_map_elem, q->handle, 1, 0, 0), ERRNO(LX_EINVAL));
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL4(w, for_each_map_elem, 1, 1, 0, 0), RUN_TRAP_MEMORY);
    w->callee.call = NULL;
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        struct world *w = bed_world(big);
        test_hash(w);
        test_bad_arguments(w);
        test_array(w);
        test_queues(w);
        test_inner(w);
        test_loop(w);
        test_each(w, MAP_hash);
        test_each(w, MAP_lru_hash);
        test_each(w, MAP_percpu_hash);
        test_each(w, MAP_array);
        test_each(w, MAP_percpu_array);
        test_nested(w);
        world_free(w);
    }
    return check_end();
}
