/* kcall_test.c: kernel functions as functions: the table, iterators against models, dynptrs,
 * sections, arena pages; and what they leave in the trace.
 */
#include "runtime/kcall.h"

#include "runtime/helper/dynptr.h"
#include "runtime/map/arena.h"
#include "runtime/tests/helper_bed.h"

static uint64_t kcall(struct world *w, const char *name, uint64_t r1, uint64_t r2, uint64_t r3,
                      uint64_t r4, uint64_t r5) {
    helper_fn *fn = kcall_fn_of(name);
    return CHECK(fn != NULL) ? fn(r1, r2, r3, r4, r5, w) : 0;
}

enum {
#define KFUNC_PROTO(name, state, effect, ret, n_args, a1, a2, a3, a4, a5) ROW_##name,
#include "runtime/kfuncproto.def"
    N_PROTOS
};

#define ERRNO32(e) ((uint64_t)(uint32_t)-(e))

static void test_table(void) {
    unsigned n = 0;
    static const char *const names[] = {
#define KFUNC_PROTO(name, state, effect, ret, n_args, a1, a2, a3, a4, a5) #name,
#include "runtime/kfuncproto.def"
    };
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct kfunc_proto *p = kfunc_proto_of(names[i]);
        check_note(names[i]);
        if (CHECK(p != NULL))
            CHECK_EQ(kcall_fn_of(names[i]) != NULL, p->implemented);
        CHECK_STR(kcall_name(KCALL_BASE + i), names[i]);
        n += kcall_fn_of(names[i]) != NULL;
    }
    check_note(NULL);
    CHECK(n >= 20);
    CHECK(!kcall_fn_of("") && !kcall_fn_of("bpf_iter_num") && !kcall_fn_of("bpf_iter_num_new_"));
    CHECK(!kcall_fn_of("___flavour") && kcall_fn_of("bpf_throw___flavour"));
    CHECK(!kcall_name(0) && !kcall_name(KCALL_BASE - 1) && !kcall_name(UINT32_MAX));
    CHECK(!kcall_name(KCALL_BASE + sizeof names / sizeof names[0]));
}

/* Walk a range as Linux does: every number from start up to end, then NULL for ever. */
static void num_case(struct world *w, int32_t start, int32_t end, int err) {
    const uint64_t it = bed_mem(w, NULL, 8);
    const uint64_t a = (uint64_t)(int64_t)start, b = (uint64_t)(int64_t)end;
    CHECK_EQ(kcall(w, "bpf_iter_num_new", it, a, b, 0, 0), err ? ERRNO32(err) : 0);
    int64_t want = start;
    for (int i = 0; i < 40; i++, want++) {
        const uint64_t at = kcall(w, "bpf_iter_num_next", it, 0, 0, 0, 0);
        if (err || want >= end) {
            CHECK_EQ(at, 0);
            continue;
        }
        if (CHECK_EQ(at, it))
            CHECK_EQ((int32_t)world_get32(w, bed_host(w, at)), want);
    }
    CHECK_EQ(kcall(w, "bpf_iter_num_destroy", it, 0, 0, 0, 0), 0);
    CHECK_EQ(kcall(w, "bpf_iter_num_next", it, 0, 0, 0, 0), 0);
    CHECK_CALM(w);
}

static void test_numbers(struct world *w) {
    num_case(w, 0, 5, 0);
    num_case(w, -3, 3, 0);
    num_case(w, 7, 7, 0);
    num_case(w, INT32_MIN, INT32_MIN + 3, 0);
    num_case(w, INT32_MAX - 3, INT32_MAX, 0);
    num_case(w, 3, 2, LX_EINVAL);
    num_case(w, 0, 8 << 20, 0);
    num_case(w, 0, (8 << 20) + 1, LX_E2BIG);
    num_case(w, INT32_MIN, INT32_MAX, LX_E2BIG);
    CHECK_TRAP(w, kcall(w, "bpf_iter_num_new", 0, 0, 1, 0, 0), RUN_TRAP_NULL);
    CHECK_TRAP(w, kcall(w, "bpf_iter_num_next", 8, 0, 0, 0, 0), RUN_TRAP_MEMORY);
}

static bool bit_of(const struct world *w, const uint8_t *words, uint32_t bit) {
    return world_get64(w, words + (size_t)(bit / 64) * 8) >> bit % 64 & 1;
}

static void bits_case(struct world *w, uint32_t n_words, uint64_t *seed) {
    uint8_t bytes[511 * 8];
    for (uint32_t i = 0; i < n_words * 8; i++) /* few bits, now and then a byte of them */
        bytes[i] = (uint8_t)(check_random(seed) & check_random(seed) & check_random(seed));
    const uint64_t from = bed_mem(w, bytes, n_words * 8), it = bed_mem(w, NULL, 16);
    CHECK_EQ(kcall(w, "bpf_iter_bits_new", it, from, n_words, 0, 0), 0);
    memset(bed_host(w, from), 0, n_words * 8); /* it walks over a copy */
    for (uint32_t bit = 0; bit < n_words * 64; bit++) {
        if (!bit_of(w, bytes, bit))
            continue;
        const uint64_t at = kcall(w, "bpf_iter_bits_next", it, 0, 0, 0, 0);
        if (!CHECK(at != 0))
            break;
        CHECK_EQ(world_get32(w, bed_host(w, at)), bit);
    }
    CHECK_EQ(kcall(w, "bpf_iter_bits_next", it, 0, 0, 0, 0), 0);
    CHECK_EQ(kcall(w, "bpf_iter_bits_next", it, 0, 0, 0, 0), 0);
    CHECK_EQ(kcall(w, "bpf_iter_bits_destroy", it, 0, 0, 0, 0), 0);
    CHECK_EQ(w->st.bits.used, 0);
    CHECK_CALM(w);
}

static void test_bits(struct world *w) {
    static const uint32_t sizes[] = {1, 2, 3, 64, 511};
    uint64_t seed = 11, its[9];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        bits_case(w, sizes[i], &seed);
    const uint64_t words = bed_mem(w, NULL, 512 * 8), it = bed_mem(w, NULL, 16);
    CHECK_EQ(kcall(w, "bpf_iter_bits_new", it, words, 0, 0, 0), ERRNO32(LX_EINVAL));
    CHECK_EQ(kcall(w, "bpf_iter_bits_new", it, 0, 1, 0, 0), ERRNO32(LX_EINVAL));
    CHECK_EQ(kcall(w, "bpf_iter_bits_new", it, words, 512, 0, 0), ERRNO32(LX_E2BIG));
    CHECK_EQ(kcall(w, "bpf_iter_bits_new", it, 4096, 1, 0, 0), ERRNO32(LX_EFAULT));
    CHECK_EQ(kcall(w, "bpf_iter_bits_next", it, 0, 0, 0, 0), 0);
    CHECK_EQ(kcall(w, "bpf_iter_bits_destroy", it, 0, 0, 0, 0), 0);
    for (int i = 0; i < 9; i++) { /* as many copies as there is room for */
        its[i] = bed_mem(w, NULL, 16);
        CHECK_EQ(kcall(w, "bpf_iter_bits_new", its[i], words, 2, 0, 0),
                 i < 8 ? 0 : ERRNO32(LX_ENOMEM));
    }
    CHECK_EQ(kcall(w, "bpf_iter_bits_destroy", its[3], 0, 0, 0, 0), 0);
    CHECK_EQ(kcall(w, "bpf_iter_bits_new", its[8], words, 2, 0, 0), 0);
    /* a forged state names no copy */
    const uint64_t copy = world_get64(w, bed_host(w, its[0]));
    const uint64_t forged[] = {0, 8, copy + 8, copy - 512 * 8, words, UINT64_MAX};
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        world_put64(w, bed_host(w, its[0]), forged[i]);
        CHECK_TRAP(w, kcall(w, "bpf_iter_bits_next", its[0], 0, 0, 0, 0), RUN_TRAP_MEMORY);
        CHECK_TRAP(w, kcall(w, "bpf_iter_bits_destroy", its[0], 0, 0, 0, 0), RUN_TRAP_MEMORY);
    }
    world_put64(w, bed_host(w, its[0]), copy);
    for (uint64_t n = 1; n < 1 << 20; n = n * 3 + 1) { /* nor does it read past the copy */
        world_put32(w, bed_host(w, its[0] + 8), (uint32_t)n);
        world_put32(w, bed_host(w, its[0] + 12), (uint32_t)check_random(&seed));
        kcall(w, "bpf_iter_bits_next", its[0], 0, 0, 0, 0);
        bed_trap(w);
    }
    for (int i = 0; i < 9; i++) {
        world_put32(w, bed_host(w, its[i] + 8), 128);
        if (i != 3)
            CHECK_EQ(kcall(w, "bpf_iter_bits_destroy", its[i], 0, 0, 0, 0), 0);
    }
    CHECK_EQ(w->st.bits.used, 0);
}

static void test_dynptrs(struct world *w) {
    const uint64_t mem = bed_mem(w, "0123456789", 10), d = bed_mem(w, NULL, DYNPTR_BYTES),
                   e = bed_mem(w, NULL, DYNPTR_BYTES);
    struct dynptr v;
    CHECK_EQ(kcall(w, "bpf_dynptr_is_null", d, 0, 0, 0, 0), 1);
    CHECK_EQ(kcall(w, "bpf_dynptr_size", d, 0, 0, 0, 0), ERRNO32(LX_EINVAL));
    CHECK_EQ(kcall(w, "bpf_dynptr_clone", d, e, 0, 0, 0), ERRNO32(LX_EINVAL));
    CHECK_EQ(kcall(w, "bpf_dynptr_adjust", d, 0, 0, 0, 0), ERRNO32(LX_EINVAL));
    CHECK_EQ(kcall(w, "bpf_dynptr_slice", d, 0, 0, 0, 0), 0);
    CHECK_EQ(CALL4(w, dynptr_from_mem, mem, 10, 0, d), 0);
    CHECK_EQ(kcall(w, "bpf_dynptr_is_null", d, 0, 0, 0, 0), 0);
    CHECK_EQ(kcall(w, "bpf_dynptr_is_rdonly", d, 0, 0, 0, 0), 0);
    CHECK_EQ(kcall(w, "bpf_dynptr_size", d, 0, 0, 0, 0), 10);
    CHECK_EQ(kcall(w, "bpf_dynptr_slice", d, 3, 0, 7, 0), mem + 3);
    CHECK_EQ(kcall(w, "bpf_dynptr_slice", d, 3, 0, 8, 0), 0);
    CHECK_EQ(kcall(w, "bpf_dynptr_clone", d, e, 0, 0, 0), 0);
    CHECK_EQ(kcall(w, "bpf_dynptr_adjust", e, 2, 11, 0, 0), ERRNO32(LX_ERANGE));
    CHECK_EQ(kcall(w, "bpf_dynptr_adjust", e, 5, 4, 0, 0), ERRNO32(LX_EINVAL));
    CHECK_EQ(kcall(w, "bpf_dynptr_adjust", e, 2, 6, 0, 0), 0);
    CHECK_EQ(kcall(w, "bpf_dynptr_size", e, 0, 0, 0, 0), 4);
    CHECK_EQ(kcall(w, "bpf_dynptr_slice_rdwr", e, 1, 0, 3, 0), mem + 3);
    CHECK_EQ(kcall(w, "bpf_dynptr_slice", e, 1, 0, 4, 0), 0);
    CHECK_EQ(kcall(w, "bpf_dynptr_adjust", e, 1, 1, 0, 0), 0); /* empty, but of memory */
    CHECK_EQ(kcall(w, "bpf_dynptr_is_null", e, 0, 0, 0, 0), 0);
    CHECK_EQ(kcall(w, "bpf_dynptr_size", d, 0, 0, 0, 0), 10); /* the clone is another */
    CHECK(dynptr_get(w, d, &v));
    v.rdonly = true;
    dynptr_put(w, bed_host(w, d), &v);
    CHECK_EQ(kcall(w, "bpf_dynptr_is_rdonly", d, 0, 0, 0, 0), 1);
    CHECK_EQ(kcall(w, "bpf_dynptr_slice_rdwr", d, 0, 0, 1, 0), 0);
    CHECK_EQ(kcall(w, "bpf_dynptr_slice", d, 0, 0, 1, 0), mem);
    CHECK_CALM(w);
    CHECK_TRAP(w, kcall(w, "bpf_dynptr_size", 0, 0, 0, 0, 0), RUN_TRAP_NULL);
}

static void test_sections(struct world *w) {
    world_begin_run(w);
    kcall(w, "bpf_rcu_read_lock", 0, 0, 0, 0, 0);
    kcall(w, "bpf_preempt_disable", 0, 0, 0, 0, 0);
    kcall(w, "bpf_preempt_disable", 0, 0, 0, 0, 0);
    CHECK(w->st.rcu_depth == 1 && w->st.preempt_depth == 2);
    kcall(w, "bpf_rcu_read_unlock", 0, 0, 0, 0, 0);
    kcall(w, "bpf_preempt_enable", 0, 0, 0, 0, 0);
    CHECK(w->st.rcu_depth == 0 && w->st.preempt_depth == 1);
    CHECK_CALM(w);
    CHECK_TRAP(w, kcall(w, "bpf_rcu_read_unlock", 0, 0, 0, 0, 0), RUN_TRAP_CALL);
    CHECK_EQ(w->st.trace_count, 6); /* a call that traps is recorded too */
    CHECK_STR(kcall_name(w->trace[1].helper), "bpf_preempt_disable");
    kcall(w, "bpf_throw", 42, 0, 0, 0, 0);
    CHECK(w->exec.pending.kind == RUN_THROWN && w->exec.pending.addr == 42);
    CHECK(w->trace[6].n_args == 1 && w->trace[6].args[0] == 42);
    world_begin_run(w);
    CHECK(w->st.preempt_depth == 0 && w->exec.pending.kind == RUN_EXIT);
}

static void test_arena(struct world *w) {
    const struct map *m = bed_map(w, MAP_array, 4, 4, 1, 0);
    const uint64_t none = UINT64_MAX; /* NUMA_NO_NODE */
    char name[] = "arena";
    const struct map_def def = {
        .name = name, .type = MAP_arena, .max_entries = 4, .flags = MAP_F_MMAPABLE, .inner = -1};
    uint32_t id;
    if (!CHECK_EQ(map_new(w, &def, &id), 0))
        return;
    const uint64_t arena = map_by_id(w, id)->handle, base = w->st.arena_user_base;
    CHECK_EQ(kcall(w, "bpf_arena_alloc_pages", m->handle, 0, 1, none, 0), 0);
    CHECK_EQ(kcall(w, "bpf_arena_alloc_pages", arena, 0, 0, none, 0), 0);
    CHECK_EQ(kcall(w, "bpf_arena_alloc_pages", arena, 0, 1, none, 1), 0);
    CHECK_EQ(kcall(w, "bpf_arena_alloc_pages", arena, 0, 1, 77, 0), 0);
    CHECK_EQ(kcall(w, "bpf_arena_alloc_pages", arena, 0, 2, none, 0), base);
    CHECK_EQ(kcall(w, "bpf_arena_alloc_pages", arena, 0, 1, w->cfg.numa_node, 0), base + 8192);
    CHECK_EQ(kcall(w, "bpf_arena_alloc_pages", arena, 0, 2, none, 0), 0);
    kcall(w, "bpf_arena_free_pages", arena, 0, 4, 0, 0);
    CHECK(arena_page_is(w, map_by_id(w, id), 0));
    kcall(w, "bpf_arena_free_pages", arena, base, 2, 0, 0);
    CHECK(!arena_page_is(w, map_by_id(w, id), 1) && arena_page_is(w, map_by_id(w, id), 2));
    CHECK_CALM(w);
    CHECK_TRAP(w, kcall(w, "bpf_arena_free_pages", 8, base, 2, 0, 0), RUN_TRAP_MEMORY);
}

/* Any arguments, and any bytes where states are kept: an answer or a trap, and nothing written but
 * where programs may write, and copies of bits. */
static void test_hostile(struct world *w) {
    enum {
        N_BYTES = 4096
    };
    uint64_t seed = 5 + w->cfg.big_endian;
    const uint64_t off = world_alloc_arena(w, N_BYTES), room = off + N_BYTES / 4;
    world_allow(w, room, N_BYTES / 4, WORLD_RW); /* the second quarter */
    for (int i = 0; i < 20000; i++) {
        uint64_t r[5];
        const uint32_t row = (uint32_t)(check_random(&seed) % N_PROTOS);
        helper_fn *fn = kcall_fn_of(kcall_name(KCALL_BASE + row));
        if (!fn)
            continue;
        for (int k = 0; k < 64; k++)
            w->mem[room + check_random(&seed) % (N_BYTES / 4)] = (uint8_t)check_random(&seed);
        if (w->st.bits.off && check_random(&seed) % 2)
            world_put64(w, w->mem + room + 8 * (check_random(&seed) % 8),
                        world_addr(w->st.bits.off + check_random(&seed) % 3 * 512 * 8));
        for (int k = 0; k < 5; k++) {
            const uint64_t pick = check_random(&seed);
            r[k] = pick % 4 == 0   ? pick >> 32
                   : pick % 4 == 1 ? pick >> 60
                                   : world_addr(room + (pick >> 8) % 10 * 8);
        }
        fn(r[0], r[1], r[2], r[3], r[4], w);
        bed_trap(w);
    }
    for (uint64_t i = 0; i < N_BYTES; i++)
        if (i < N_BYTES / 4 || i >= N_BYTES / 2)
            CHECK_EQ(w->mem[off + i], 0);
    world_begin_run(w);
}

int main(void) {
    test_table();
    for (int big = 0; big < 2; big++) {
        struct world *w = bed_world(big);
        test_numbers(w);
        test_bits(w);
        test_dynptrs(w);
        test_sections(w);
        test_arena(w);
        test_hostile(w);
        world_free(w);
    }
    return check_end();
}
