/* helper_table_test.c: the table of wrappers agrees with the rows, a wrapper records what it did,
 * and tail calls find their target. */
#include "runtime/helper.h"

#include "tests/check.h"

static void test_table(void) {
    unsigned n = 0;
    for (uint32_t id = 0; id < N_HELPERS; id++) {
        const struct helper_proto *p = helper_proto_of(id);
        check_note(p ? p->name : NULL);
        bool runs = p && p->implemented && id != HELPER_tail_call;
        CHECK_EQ(helper_fn_of(id) != NULL, runs);
        n += runs;
        for (uint32_t other = 0; runs && other < id; other++)
            CHECK(helper_fn_of(other) != helper_fn_of(id));
    }
    check_note(NULL);
    CHECK(n > 0);
    CHECK(helper_proto_of(HELPER_tail_call)->implemented);
    CHECK(!helper_fn_of(N_HELPERS) && !helper_fn_of(UINT32_MAX));
}

static void check_record(const struct world *w, uint32_t at, uint32_t id, uint32_t n_args,
                         const uint64_t *args, uint64_t result) {
    const struct call_record *r = &w->trace[at];
    CHECK_EQ(r->helper, id);
    CHECK_EQ(r->n_args, n_args);
    for (uint32_t i = 0; i < n_args; i++)
        CHECK_EQ(r->args[i], args[i]);
    CHECK_EQ(r->result, result);
}

static void test_record(struct world *w) {
    world_begin_run(w);
    const uint64_t args[5] = {11, 22, 33, 44, 55};
    uint64_t cpu = helper_fn_of(HELPER_get_smp_processor_id)(11, 22, 33, 44, 55, w);
    uint64_t lost = helper_fn_of(HELPER_map_lookup_elem)(11, 22, 33, 44, 55, w);
    CHECK_EQ(w->st.trace_count, 2);
    CHECK_EQ(cpu, w->st.cpu);
    check_record(w, 0, HELPER_get_smp_processor_id, 0, args, cpu);
    /* 11 is no map: the call is recorded although it trapped. */
    CHECK(w->exec.pending.kind != RUN_EXIT);
    check_record(w, 1, HELPER_map_lookup_elem, 2, args, lost);
}

static uint64_t new_map(struct world *w, uint32_t type, uint32_t max_entries, uint32_t *id) {
    const struct map_def def = {
        .type = type, .key_size = 4, .value_size = 4, .max_entries = max_entries, .inner = -1};
    CHECK_EQ(map_new(w, &def, id), 0);
    return map_by_id(w, *id)->handle;
}

static void set_slot(struct world *w, uint32_t map, uint32_t index, uint32_t prog) {
    uint32_t key, value;
    world_put32(w, &key, index);
    world_put32(w, &value, prog);
    CHECK_EQ(map_user_update(w, map_by_id(w, map), &key, &value, MAP_ANY), 0);
}

static void test_tail_target(struct world *w) {
    uint32_t id, other;
    const uint64_t map = new_map(w, MAP_prog_array, 4, &id);
    const uint64_t array = new_map(w, MAP_array, 4, &other);
    set_slot(w, id, 1, 7);
    set_slot(w, id, 3, 0);

    world_begin_run(w);
    CHECK_EQ(helper_tail_target(w, map, 1), 7);
    CHECK_EQ(helper_tail_target(w, map, 3), 0);
    CHECK_EQ(helper_tail_target(w, map, UINT64_C(0x500000001)), 7); /* 32 bits count */
    CHECK_EQ(w->st.tail_calls, 3);
    CHECK_EQ(helper_tail_target(w, map, 0), -1); /* empty */
    CHECK_EQ(helper_tail_target(w, map, 4), -1); /* outside */
    CHECK_EQ(helper_tail_target(w, map, UINT32_MAX), -1);
    CHECK_EQ(w->st.tail_calls, 3);
    CHECK_EQ(w->st.trace_count, 6);
    CHECK_EQ(w->exec.pending.kind, RUN_EXIT);
    const uint64_t args[3] = {0, map, UINT64_C(0x500000001)};
    check_record(w, 2, HELPER_tail_call, 3, args, 7);
    const uint64_t empty[3] = {0, map, 0};
    check_record(w, 3, HELPER_tail_call, 3, empty, UINT64_MAX);

    while (w->st.tail_calls < HELPER_MAX_TAIL_CALLS)
        if (!CHECK_EQ(helper_tail_target(w, map, 1), 7))
            break;
    CHECK_EQ(w->st.tail_calls, 33);
    CHECK_EQ(helper_tail_target(w, map, 1), -1);
    CHECK_EQ(w->st.tail_calls, 33);

    const uint64_t bad[] = {0, array, map + 8, map + 1, WORLD_BASE, UINT64_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        world_begin_run(w);
        CHECK_EQ(helper_tail_target(w, bad[i], 1), -1);
        CHECK_EQ(w->exec.pending.kind, i ? RUN_TRAP_MEMORY : RUN_TRAP_NULL);
        CHECK_EQ(w->exec.pending.addr, bad[i]);
        CHECK_EQ(w->st.trace_count, 1);
    }
}

int main(void) {
    test_table();
    for (int big = 0; big < 2; big++) {
        struct world_config cfg;
        struct world *w;
        world_config_init(&cfg);
        cfg.big_endian = big;
        if (!CHECK_EQ(world_new(&cfg, &w), BPFLAB_OK))
            continue;
        test_record(w);
        test_tail_target(w);
        world_free(w);
    }
    return check_end();
}
