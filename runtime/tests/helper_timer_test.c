/* helper_timer_test.c: timers: states and errors, order, callbacks that start, cancel and delete,
 * snapshots. */
#include "runtime/timer.h"

#include "runtime/map.h"
#include "runtime/snapshot.h"
#include "runtime/tests/helper_bed.h"

enum {
    TIMER_OFF = 8, /* in values of 24 bytes */
    VALUE_BYTES = 24,
    N_ENTRIES = 8
};

/* What callbacks saw. */
struct log {
    uint32_t n;
    struct {
        uint32_t key;
        uint64_t fn, clock;
    } entry[64];
    int action; /* what the callback does: see act */
    uint64_t ret;
};

enum {
    NOTHING,
    RESTART, /* start itself again, 500 ns later */
    CANCEL_SELF,
    DELETE_SELF,
    CANCEL_NEXT, /* the timer of the next key */
};

static struct map *timer_map(struct world *w, uint32_t type, bool fields) {
    struct map *m = bed_map(w, type, 4, VALUE_BYTES, N_ENTRIES, 0);
    const struct map_fields f = {.spin_lock = -1, .timer = TIMER_OFF, .workqueue = -1};
    if (fields)
        CHECK_EQ(map_set_fields(m, &f), 0);
    return m;
}

/* Guest address of the timer in the value of key, which is added where it is missing. */
static uint64_t timer_at(struct world *w, const struct map *m, uint32_t key) {
    uint32_t k;
    const uint8_t zeros[VALUE_BYTES] = {0};
    world_put32(w, &k, key);
    struct map *map = map_by_id(w, m->id);
    uint64_t off = map_lookup(w, map, &k);
    if (!off) {
        CHECK_EQ(map->ops->update(w, map, &k, zeros, 0), 0);
        off = map_lookup(w, map, &k);
    }
    return world_addr(off) + TIMER_OFF;
}

static void act(struct bed_program *p) {
    struct log *l = p->self;
    struct world *w = p->w;
    const uint64_t timer = p->args[2] + TIMER_OFF;
    if (!CHECK(world_check(w, p->args[1], 4, WORLD_READ)) || !CHECK(l->n < 64))
        return;
    const uint32_t key = world_get32(w, bed_host(w, p->args[1]));
    l->entry[l->n].key = key;
    l->entry[l->n].fn = p->fn;
    l->entry[l->n++].clock = w->st.clock_ns;
    switch (l->action) {
    case RESTART: l->ret = CALL3(w, timer_start, timer, 500, 0); break;
    case CANCEL_SELF: l->ret = CALL1(w, timer_cancel, timer); break;
    case DELETE_SELF: l->ret = CALL2(w, map_delete_elem, p->args[0], p->args[1]); break;
    case CANCEL_NEXT: {
        const struct map *m = map_by_handle(w, p->args[0]);
        l->ret = CALL1(w, timer_cancel, timer_at(w, m, key + 1));
        break;
    }
    default: break;
    }
}

static void test_states(struct world *w, uint32_t type) {
    const struct map *m = timer_map(w, type, true);
    const uint64_t t = timer_at(w, m, 0);
    CHECK_EQ(timers_next(w), UINT64_MAX);
    CHECK_EQ(CALL2(w, timer_set_callback, t, 5), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, timer_start, t, 5, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL1(w, timer_cancel, t), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, timer_init, t, m->handle, 2), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, timer_init, t, m->handle, 16 + 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, timer_init, t, m->handle, 1), 0);
    CHECK_EQ(CALL3(w, timer_init, t, m->handle, 1), ERRNO(LX_EBUSY));
    CHECK_EQ(CALL3(w, timer_start, t, 5, 0), ERRNO(LX_EINVAL)); /* no callback yet */
    CHECK_EQ(CALL2(w, timer_set_callback, t, 5), 0);
    CHECK_EQ(CALL3(w, timer_start, t, 5, 4), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL1(w, timer_cancel, t), 0); /* was not armed, and forgets its callback */
    CHECK_EQ(CALL3(w, timer_start, t, 5, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL2(w, timer_set_callback, t, 5), 0);
    CHECK_EQ(CALL3(w, timer_start, t, 5, 2), 0);
    CHECK_EQ(timers_next(w), w->st.clock_ns + 5);
    CHECK_EQ(CALL1(w, timer_cancel, t), 1);
    CHECK_EQ(timers_next(w), UINT64_MAX);
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL3(w, timer_init, t + 8, m->handle, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL3(w, timer_init, t, t, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL2(w, timer_set_callback, 0, 0), RUN_TRAP_NULL);
    CHECK_TRAP(w, CALL1(w, timer_cancel, 0), RUN_TRAP_NULL);
}

static void arm(struct world *w, const struct map *m, uint32_t key, uint64_t fn, uint64_t nsecs,
                uint64_t flags) {
    const uint64_t t = timer_at(w, m, key);
    const uint64_t ret = CALL3(w, timer_init, t, m->handle, 1);
    CHECK(ret == 0 || ret == ERRNO(LX_EBUSY));
    CHECK_EQ(CALL2(w, timer_set_callback, t, fn), 0);
    CHECK_EQ(CALL3(w, timer_start, t, nsecs, flags), 0);
}

static void test_order(struct world *w, uint32_t type) {
    const struct map *m = timer_map(w, type, true);
    const uint64_t now = w->st.clock_ns;
    struct log l = {0};
    struct bed_program p = {.body = act, .self = &l};
    bed_install(w, &p);
    arm(w, m, 3, 33, 9000, 0);
    arm(w, m, 1, 11, 5000, 0);
    arm(w, m, 2, 22, now + 5000, 1);
    arm(w, m, 0, 10, 1, 0);
    arm(w, m, 4, 44, UINT64_MAX, 0);          /* never */
    arm(w, m, 5, 55, (uint64_t)INT64_MAX, 0); /* never either */
    arm(w, m, 1, 12, 5000, 0);                /* again: now behind timer 2 */
    CHECK_EQ(timers_run_due(w, now), 0);
    CHECK_EQ(w->st.clock_ns, now);
    CHECK_EQ(timers_run_due(w, now + 8999), 3);
    CHECK_EQ(w->st.clock_ns, now + 8999);
    CHECK(l.n == 3 && l.entry[0].key == 0 && l.entry[1].key == 2 && l.entry[2].key == 1);
    CHECK(l.entry[0].fn == 10 && l.entry[1].fn == 22 && l.entry[2].fn == 12);
    CHECK_EQ(l.entry[0].clock, now + 1 + w->cfg.tick_ns);
    CHECK_EQ(l.entry[1].clock, now + 5000 + w->cfg.tick_ns);
    CHECK_EQ(timers_run_due(w, now + 9000), 1);
    CHECK_EQ(timers_run_due(w, now + (UINT64_C(1) << 50)), 0);
    CHECK_EQ(w->st.clock_ns, now + (UINT64_C(1) << 50));
    CHECK_EQ(timers_run_due(w, 0), 0); /* time does not go back */
    CHECK_EQ(w->st.clock_ns, now + (UINT64_C(1) << 50));
    CHECK_EQ(CALL1(w, timer_cancel, timer_at(w, m, 4)), 1);
    CHECK_EQ(CALL1(w, timer_cancel, timer_at(w, m, 5)), 1);
    CHECK_EQ(CALL1(w, timer_cancel, timer_at(w, m, 3)), 0);
    CHECK_CALM(w);
    w->callee.call = NULL;
    w->st.clock_ns = now;
}

static void test_wall_clock(struct world *w) {
    const struct map *m = timer_map(w, MAP_array, true);
    const uint64_t t = timer_at(w, m, 0), due = w->st.clock_ns + 777;
    CHECK_EQ(CALL3(w, timer_init, t, m->handle, 0), 0);
    CHECK_EQ(CALL2(w, timer_set_callback, t, 1), 0);
    CHECK_EQ(CALL3(w, timer_start, t, w->cfg.epoch_ns + due, 1), 0);
    CHECK_EQ(timers_next(w), due);
    CHECK_EQ(CALL3(w, timer_start, t, 5, 1), 0); /* long ago */
    CHECK_EQ(timers_next(w), 0);
    CHECK_EQ(CALL3(w, timer_start, t, 777, 0), 0);
    CHECK_EQ(timers_next(w), due);
    CHECK_EQ(CALL1(w, timer_cancel, t), 1);
}

static void test_actions(struct world *w, uint32_t type) {
    const struct map *m = timer_map(w, type, true);
    struct log l = {.action = RESTART};
    struct bed_program p = {.body = act, .self = &l};
    bed_install(w, &p);
    uint64_t now = w->st.clock_ns;
    arm(w, m, 0, 1, 1000, 0);
    /* each run takes a tick of 1000 and starts again 500 later: at 1000, 2500, 4000, 5500 */
    CHECK_EQ(timers_run_due(w, now + 6000), 4);
    CHECK_EQ(l.ret, 0);
    l.action = CANCEL_SELF;
    CHECK_EQ(timers_run_due(w, now + 8000), 1);
    CHECK_EQ(l.ret, ERRNO(LX_EDEADLK));
    CHECK_EQ(timers_next(w), UINT64_MAX);
    l.action = CANCEL_NEXT;
    arm(w, m, 0, 1, 10, 0);
    arm(w, m, 1, 1, 20, 0);
    CHECK_EQ(timers_run_due(w, UINT64_C(1) << 40), 1);
    CHECK_EQ(l.ret, 1);
    l.action = DELETE_SELF;
    arm(w, m, 2, 1, 10, 0);
    CHECK_EQ(timers_run_due(w, UINT64_C(1) << 41), 1);
    CHECK_EQ(l.ret, type == MAP_array ? ERRNO(LX_EINVAL) : 0);
    l.action = NOTHING;
    p.n_calls = 0;
    p.trap_at = 2;
    now = w->st.clock_ns;
    for (uint32_t i = 0; i < 3; i++)
        arm(w, m, i, 1, 100 * (i + 1), 0);
    CHECK_EQ(timers_run_due(w, UINT64_MAX), 2);
    CHECK_EQ(bed_trap(w), RUN_TRAP_FUEL);
    CHECK(w->st.clock_ns < now + 10000);
    CHECK_EQ(w->st.timers.running_off, 0);
    p.trap_at = 0;
    CHECK_EQ(timers_run_due(w, w->st.clock_ns), 1);
    CHECK_CALM(w);
    w->callee.call = NULL;
}

/* Timers whose element was deleted, replaced or overwritten never run, whether BTF said where they
 * are or not. */
static void test_gone(struct world *w, uint32_t type, bool fields) {
    const struct map *m = timer_map(w, type, fields);
    struct map *map = map_by_id(w, m->id);
    struct log l = {0};
    struct bed_program p = {.body = act, .self = &l};
    uint32_t key;
    const uint8_t zeros[VALUE_BYTES] = {0};
    bed_install(w, &p);
    arm(w, m, 0, 1, 10, 0);
    arm(w, m, 1, 1, 20, 0);
    arm(w, m, 2, 1, 30, 0);
    world_put32(w, &key, 0);
    CHECK_EQ(map->ops->update(w, map, &key, zeros, 0), 0);
    if (type != MAP_array) {
        world_put32(w, &key, 1);
        CHECK_EQ(map->ops->remove(w, map, &key), 0);
    }
    const uint64_t n = type == MAP_array ? 2 : 1;
    CHECK_EQ(timers_run_due(w, w->st.clock_ns + 100), n);
    CHECK_EQ(l.entry[l.n - 1].key, 2);
    arm(w, m, 0, 1, 10, 0); /* the value can have a timer again */
    CHECK_EQ(timers_run_due(w, w->st.clock_ns + 100), 1);
    CHECK_CALM(w);
    w->callee.call = NULL;
}

/* Many timers made and lost: records are used again. */
static void test_reuse(struct world *w) {
    const struct map *m = timer_map(w, MAP_hash, true);
    struct map *map = map_by_id(w, m->id);
    struct log l = {0};
    struct bed_program p = {.body = act, .self = &l};
    bed_install(w, &p);
    const uint32_t used = w->st.arena_used;
    uint64_t seed = 5;
    for (int i = 0; i < 5000; i++) {
        uint32_t key;
        const uint32_t k = (uint32_t)(check_random(&seed) % N_ENTRIES);
        arm(w, m, k, k + 1, 1000, 0);
        world_put32(w, &key, k);
        CHECK_EQ(map->ops->remove(w, map, &key), 0);
    }
    CHECK(w->st.arena_used - used <= 64 * 128);
    CHECK_EQ(timers_next(w), UINT64_MAX);
    const struct map *big = bed_map(w, MAP_array, 4, VALUE_BYTES, 300, 0);
    for (uint32_t i = 0; i < 300; i++)
        arm(w, big, i, i + 1, 1 + i % 7, 0);
    p.body = NULL;
    CHECK_EQ(timers_run_due(w, w->st.clock_ns + 1000000), 300);
    CHECK_CALM(w);
    w->callee.call = NULL;
}

/* A timer is part of the world: it runs again after a restore. */
static void test_snapshot(struct world *w) {
    const struct map *m = timer_map(w, MAP_hash, true);
    struct snapshot *s;
    struct log l = {0};
    struct bed_program p = {.body = act, .self = &l};
    bed_install(w, &p);
    arm(w, m, 6, 66, 1000, 0);
    const uint64_t until = w->st.clock_ns + 2000;
    if (!CHECK_EQ(snapshot_new(w, &s), BPFLAB_OK))
        return;
    for (int i = 0; i < 3; i++) {
        l.n = 0;
        CHECK_EQ(timers_run_due(w, until), 1);
        CHECK(l.n == 1 && l.entry[0].key == 6 && l.entry[0].fn == 66);
        CHECK_EQ(timers_run_due(w, until + 5000), 0);
        arm(w, m, 7, 77, 10, 0);
        snapshot_restore(s, w);
        CHECK_EQ(timers_next(w), until - 1000);
    }
    snapshot_free(s);
    CHECK_EQ(CALL1(w, timer_cancel, timer_at(w, m, 6)), 1);
    w->callee.call = NULL;
}

/* A timer's bytes that a program made up name nothing. */
static void test_forged(struct world *w) {
    const struct map *m = timer_map(w, MAP_array, true);
    const uint64_t t = timer_at(w, m, 0), other = timer_at(w, m, 1);
    CHECK_EQ(CALL3(w, timer_init, t, m->handle, 1), 0);
    memcpy(bed_host(w, other), bed_host(w, t), 16);
    CHECK_EQ(CALL2(w, timer_set_callback, other, 1), ERRNO(LX_EINVAL));
    uint64_t seed = 3;
    for (int i = 0; i < 2000; i++) {
        const uint64_t token = check_random(&seed) >> (check_random(&seed) % 40);
        world_put64(w, bed_host(w, other), token);
        CHECK_EQ(CALL3(w, timer_start, other, 1, 0), ERRNO(LX_EINVAL));
    }
    CHECK_EQ(CALL3(w, timer_init, other, m->handle, 1), 0);
    CHECK_CALM(w);
}

int main(void) {
    static const uint32_t types[] = {MAP_array, MAP_hash, MAP_lru_hash};
    for (int big = 0; big < 2; big++) {
        for (int i = 0; i < 3; i++) {
            struct world *w = bed_world(big);
            test_states(w, types[i]);
            test_order(w, types[i]);
            test_actions(w, types[i]);
            test_gone(w, types[i], true);
            test_gone(w, types[i], false);
            test_wall_clock(w);
            test_reuse(w);
            test_snapshot(w);
            test_forged(w);
            world_free(w);
        }
    }
    return check_end();
}
