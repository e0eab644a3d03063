/* mapuse_test.c: which maps go to which helpers: both directions agree, and a choice of facts. */
#include "runtime/proto.h"

#include "tests/check.h"

static bool takes(uint32_t id, uint32_t map) {
    return helper_takes_map(id, map, PROG_kprobe, -1);
}

/* A helper that takes few map types is one that those types allow; every map type has a helper, and
 * every helper with a map argument has a map type. */
static void test_laws(void) {
    for (uint32_t map = 1; map < 34; map++) {
        unsigned n = 0;
        check_note(map_type_name(map));
        for (uint32_t id = 1; id < N_HELPERS; id++) {
            n += takes(id, map);
            for (int attach = -1; attach < 64; attach++)
                CHECK(!helper_takes_map(id, map, PROG_xdp, attach) ||
                      helper_takes_map(id, map, PROG_xdp, -1));
        }
        CHECK(n > 0);
    }
    for (uint32_t id = 1; id < N_HELPERS; id++) {
        const struct helper_proto *p = helper_proto_of(id);
        bool has_map = false, some = false;
        check_note(p->name);
        for (unsigned i = 0; i < p->n_args; i++)
            has_map |= p->arg[i].type == ARG_MAP;
        for (uint32_t map = 1; map < 34; map++)
            some |= takes(id, map);
        CHECK(some || !has_map);
    }
    check_note(NULL);
    CHECK(!takes(0, MAP_array) && !takes(N_HELPERS, MAP_array) && !takes(UINT32_MAX, MAP_array));
    CHECK(!takes(1, 0) && !takes(1, 35) && !takes(1, 63) && !takes(1, 64) && !takes(1, UINT32_MAX));
}

static void test_facts(void) {
    static const struct {
        uint32_t id, map;
        bool yes;
    } facts[] = {
        {HELPER_map_lookup_elem, MAP_hash, true},
        {HELPER_map_lookup_elem, MAP_array_of_maps, true},
        {HELPER_map_lookup_elem, MAP_devmap, true},
        {HELPER_map_lookup_elem, MAP_cpumap, false},
        {HELPER_map_lookup_elem, MAP_queue, false},
        {HELPER_map_lookup_elem, MAP_ringbuf, false},
        {HELPER_map_lookup_elem, MAP_prog_array, false},
        {HELPER_map_lookup_elem, MAP_sockmap, true},
        {HELPER_map_update_elem, MAP_lpm_trie, true},
        {HELPER_map_update_elem, MAP_hash_of_maps, false},
        {HELPER_map_update_elem, MAP_sockmap, false},
        {HELPER_map_delete_elem, MAP_perf_event_array, false},
        {HELPER_map_push_elem, MAP_bloom_filter, true},
        {HELPER_map_pop_elem, MAP_bloom_filter, false},
        {HELPER_map_pop_elem, MAP_stack, true},
        {HELPER_map_push_elem, MAP_hash, false},
        {HELPER_map_lookup_percpu_elem, MAP_lru_percpu_hash, true},
        {HELPER_map_lookup_percpu_elem, MAP_array, false},
        {HELPER_tail_call, MAP_prog_array, true},
        {HELPER_tail_call, MAP_array, false},
        {HELPER_for_each_map_elem, MAP_hash, true},
        {HELPER_for_each_map_elem, MAP_lpm_trie, true},
        {HELPER_for_each_map_elem, MAP_queue, false},
        {HELPER_redirect_map, MAP_devmap_hash, true},
        {HELPER_redirect_map, MAP_sockmap, false},
        {HELPER_perf_event_output, MAP_perf_event_array, true},
        {HELPER_perf_event_output, MAP_ringbuf, false},
        {HELPER_user_ringbuf_drain, MAP_ringbuf, false},
        {HELPER_get_stackid, MAP_stack_trace, true},
        {HELPER_get_local_storage, MAP_percpu_cgroup_storage, true},
        {HELPER_sk_select_reuseport, MAP_sockhash, true},
        {HELPER_msg_redirect_hash, MAP_sockmap, false},
        {HELPER_task_storage_get, MAP_task_storage, true},
        {HELPER_task_storage_get, MAP_cgrp_storage, false},
        {HELPER_timer_init, MAP_array, true},
        {HELPER_timer_init, MAP_queue, false},
        {HELPER_kptr_xchg, MAP_sk_storage, true},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char note[96];
        snprintf(note, sizeof note, "%s of %s", helper_proto_of(facts[i].id)->name,
                 map_type_name(facts[i].map));
        check_note(note);
        CHECK_EQ(takes(facts[i].id, facts[i].map), facts[i].yes);
        check_note(NULL);
    }
    /* Elements of socket maps change where no socket is locked. */
    CHECK(helper_takes_map(HELPER_map_update_elem, MAP_sockmap, PROG_xdp, -1));
    CHECK(helper_takes_map(HELPER_map_delete_elem, MAP_sockhash, PROG_sk_lookup, 36));
    CHECK(!helper_takes_map(HELPER_map_update_elem, MAP_sockmap, PROG_sock_ops, -1));
    CHECK(helper_takes_map(HELPER_map_delete_elem, MAP_sockmap, PROG_sock_ops, -1));
    CHECK(helper_takes_map(HELPER_map_update_elem, MAP_sockmap, PROG_tracing, ATTACH_trace_iter));
    CHECK(!helper_takes_map(HELPER_map_update_elem, MAP_sockmap, PROG_tracing, ATTACH_trace_fexit));
    CHECK(!helper_takes_map(HELPER_map_update_elem, MAP_sockmap, 64, -1));
    CHECK(!helper_takes_map(HELPER_map_update_elem, MAP_devmap, PROG_xdp, -1));
}

/* What an argument is depends on the map. */
static void test_args(void) {
    const struct helper_proto *update = helper_proto_of(HELPER_map_update_elem);
    const struct helper_proto *peek = helper_proto_of(HELPER_map_peek_elem);
    CHECK_EQ(helper_arg_for(update, 2, MAP_hash).type, ARG_MAP_VALUE);
    CHECK_EQ(helper_arg_for(update, 2, MAP_sockmap).type, ARG_BTF_SOCK_COMMON);
    CHECK_EQ(helper_arg_for(update, 2, MAP_sockhash).type, ARG_BTF_SOCK_COMMON);
    CHECK_EQ(helper_arg_for(update, 1, MAP_sockhash).type, ARG_MAP_KEY);
    CHECK_EQ(helper_arg_for(peek, 1, MAP_queue).flags, ARG_F_UNINIT | ARG_F_WRITE);
    CHECK_EQ(helper_arg_for(peek, 1, MAP_bloom_filter).flags, 0);
    CHECK_EQ(helper_arg_for(peek, 1, MAP_bloom_filter).type, ARG_MAP_VALUE);
}

int main(void) {
    test_laws();
    test_args();
    test_facts();
    return check_end();
}
