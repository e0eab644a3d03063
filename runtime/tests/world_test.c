/* world_test.c: the shadow against a byte-by-byte model, snapshots against what was there,
 * determinism. */
#include "runtime/world.h"

#include <stdlib.h>

#include "runtime/snapshot.h"
#include "tests/check.h"

/* Random objects allowed and forbidden; every access of 1 to 24 bytes is judged as the model judges
 * it: all bytes accessible, and none of the 8-byte pieces that a check looks at crosses the end of
 * its object. */
enum {
    AREA = 512
};

static void test_shadow(void) {
    struct world *w;
    if (!CHECK_EQ(world_new(NULL, &w), BPFLAB_OK))
        return;
    uint64_t seed = 3;
    int object[AREA] = {0}; /* 0: no access; else object number */
    uint8_t access[AREA] = {0};
    const uint64_t base = WORLD_ARENA_OFF;
    for (int round = 1; round <= 300; round++) {
        const uint64_t off = check_random(&seed) % AREA, n = check_random(&seed) % (AREA - off + 1);
        const enum world_access kinds[] = {WORLD_NONE, WORLD_READ, WORLD_WRITE, WORLD_RW};
        const enum world_access kind = kinds[check_random(&seed) % 4];
        /* Objects do not overlap by half: what is allowed anew replaces whole objects. */
        for (uint64_t i = 0; i < AREA; i++)
            if (object[i] && off < AREA)
                for (uint64_t k = off; k < off + n; k++)
                    if (object[k] == object[i]) {
                        object[i] = -1;
                        break;
                    }
        for (uint64_t i = 0; i < AREA; i++)
            if (object[i] == -1) {
                object[i] = 0;
                access[i] = 0;
                world_allow(w, base + i, 1, WORLD_NONE);
            }
        world_allow(w, base + off, n, kind);
        for (uint64_t i = off; i < off + n; i++) {
            object[i] = kind ? round : 0;
            access[i] = (uint8_t)kind;
        }
        for (int k = 0; k < 200; k++) {
            const uint64_t at = check_random(&seed) % AREA, len = 1 + check_random(&seed) % 8;
            if (at + len > AREA)
                continue;
            bool read = true, write = true;
            for (uint64_t i = at; i < at + len; i++) {
                read &= access[i] & WORLD_READ && object[i] == object[at];
                write &= access[i] & WORLD_WRITE && object[i] == object[at];
            }
            CHECK_EQ(world_check(w, WORLD_BASE + base + at, len, WORLD_READ), read);
            CHECK_EQ(world_check(w, WORLD_BASE + base + at, len, WORLD_WRITE), write);
            CHECK_EQ(world_check(w, WORLD_BASE + base + at, len, WORLD_RW), read && write);
        }
    }
    world_free(w);
}

/* Addresses outside the world, and sizes that wrap, are refused. */
static void test_edges(void) {
    struct world *w;
    if (!CHECK_EQ(world_new(NULL, &w), BPFLAB_OK))
        return;
    const uint64_t bad[] = {0,
                            1,
                            WORLD_BASE - 1,
                            WORLD_BASE,
                            WORLD_BASE + WORLD_BYTES,
                            UINT64_MAX,
                            UINT64_MAX - 7,
                            WORLD_BASE + WORLD_BYTES - 1,
                            WORLD_CODE_BASE};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(!world_check(w, bad[i], 1, WORLD_READ));
        CHECK(!world_check(w, bad[i], UINT64_MAX, WORLD_READ));
        CHECK(!world_peek(w, bad[i], 8, WORLD_WRITE));
    }
    const uint64_t frame = world_stack_top(w, 0) - w->cfg.frame_bytes;
    CHECK(world_check(w, frame, w->cfg.frame_bytes, WORLD_RW));
    CHECK(!world_check(w, frame, w->cfg.frame_bytes + 1, WORLD_RW));
    CHECK(!world_check(w, frame - 1, 2, WORLD_RW));
    CHECK(!world_check(w, frame, UINT64_MAX, WORLD_RW));
    CHECK(world_ptr(w, 0, 0, WORLD_READ) != NULL);
    CHECK(w->pending.kind == RUN_EXIT);
    CHECK(!world_ptr(w, 0, 1, WORLD_READ));
    CHECK_EQ(w->pending.kind, RUN_TRAP_NULL);
    CHECK(!world_ptr(w, frame - 4, 8, WORLD_READ)); /* the first trap stays */
    CHECK_EQ(w->pending.kind, RUN_TRAP_NULL);
    CHECK_EQ(world_alloc_arena(w, WORLD_ARENA_BYTES + 1), 0);
    CHECK_EQ(world_alloc_arena(w, UINT64_MAX), 0);
    CHECK(world_alloc_arena(w, 1) != 0);
    CHECK_EQ(world_alloc_arena(w, WORLD_ARENA_BYTES - 8) != 0, true);
    CHECK_EQ(world_alloc_arena(w, 1), 0);
    world_free(w);
}

static void test_config(void) {
    struct world *w = NULL;
    struct world_config c;
    world_config_init(&c);
    c.frame_bytes = 13;
    CHECK_EQ(world_new(&c, &w), BPFLAB_E_ARG);
    world_config_init(&c);
    c.n_cpus = WORLD_MAX_CPUS + 1;
    CHECK_EQ(world_new(&c, &w), BPFLAB_E_ARG);
    world_config_init(&c);
    c.no_fixed_base = true;
    if (CHECK_EQ(world_new(&c, &w), BPFLAB_OK)) {
        CHECK(!w->at_base);
        world_free(w);
    }
    memset(&c, 0, sizeof c); /* all defaults */
    if (CHECK_EQ(world_new(&c, &w), BPFLAB_OK)) {
        CHECK_EQ(w->cfg.max_frames, 8);
        CHECK_EQ(w->cfg.frame_bytes, 512);
        world_free(w);
    }
}

/* Two worlds at once; the integers of each in its own byte order. */
static void test_byte_order(void) {
    struct world_config c;
    world_config_init(&c);
    for (int big = 0; big < 2; big++) {
        struct world *w;
        c.big_endian = big;
        if (!CHECK_EQ(world_new(&c, &w), BPFLAB_OK))
            return;
        uint8_t b[8];
        world_put32(w, b, 0x11223344);
        CHECK_EQ(b[0], big ? 0x11 : 0x44);
        CHECK_EQ(world_get32(w, b), 0x11223344);
        world_put16(w, b, 0x1122);
        CHECK_EQ(b[0], big ? 0x11 : 0x22);
        world_put64(w, b, 0x1122334455667788);
        CHECK_EQ(b[0], big ? 0x11 : 0x88);
        CHECK_EQ(world_get64(w, b), 0x1122334455667788);
        world_free(w);
    }
}

static void scribble(struct world *w, uint64_t *seed) {
    uint8_t packet[300];
    for (size_t i = 0; i < sizeof packet; i++)
        packet[i] = (uint8_t)check_random(seed);
    CHECK_EQ(world_set_packet(w, packet, check_random(seed) % sizeof packet), BPFLAB_OK);
    w->st.clock_ns += check_random(seed) % 1000;
    world_random(w);
    for (int i = 0; i < 20; i++) {
        const uint64_t at = check_random(seed) % (w->cfg.max_frames * w->frame_stride);
        w->mem[WORLD_STACK_OFF + at] ^= 1;
        w->mem[WORLD_CTX_OFF + at % WORLD_CTX_BYTES] ^= 1;
    }
    if (world_set_mem(w, packet, 100))
        w->mem[WORLD_SCRATCH_OFF + 5] ^= 9;
    const uint64_t args[5] = {1, 2, 3, 4, check_random(seed)};
    world_trace_add(w, 6, 5, args, 7);
}

/* Save, change at random, restore: nothing differs; and a change of anything is a difference. */
static void test_snapshot(void) {
    struct world *w;
    if (!CHECK_EQ(world_new(NULL, &w), BPFLAB_OK))
        return;
    uint64_t seed = 5;
    struct world_diff d;
    for (int round = 0; round < 100; round++) {
        struct snapshot *s, *t;
        scribble(w, &seed);
        if (!CHECK_EQ(snapshot_new(w, &s), BPFLAB_OK))
            break;
        CHECK(world_compare(w, s, true, &d));
        scribble(w, &seed);
        CHECK(!world_compare(w, s, true, &d));
        snapshot_restore(s, w);
        CHECK(world_compare(w, s, true, &d));
        if (CHECK_EQ(snapshot_new(w, &t), BPFLAB_OK)) {
            CHECK(snapshot_diff(s, t, true, NULL));
            scribble(w, &seed);
            CHECK_EQ(snapshot_save(t, w), BPFLAB_OK);
            CHECK(!snapshot_diff(s, t, true, NULL));
            snapshot_restore(s, w);
            CHECK_EQ(snapshot_save(t, w), BPFLAB_OK);
            CHECK(snapshot_diff(s, t, true, NULL));
            snapshot_free(t);
        }
        snapshot_free(s);
    }
    world_free(w);
}

static void expect_diff(struct world *w, const struct snapshot *s, const char *what) {
    struct world_diff d;
    check_note(what);
    if (CHECK(!world_compare(w, s, true, &d)))
        CHECK_STR(d.item[0].what, what);
    snapshot_restore(s, w);
    CHECK(world_compare(w, s, true, &d));
    check_note(NULL);
}

static void test_diff_names(void) {
    struct world *w;
    struct snapshot *s;
    const uint8_t packet[60] = {1};
    const uint64_t args[5] = {1};
    if (!CHECK_EQ(world_new(NULL, &w), BPFLAB_OK))
        return;
    CHECK_EQ(world_set_packet(w, packet, sizeof packet), BPFLAB_OK);
    world_trace_add(w, 7, 1, args, 3);
    if (CHECK_EQ(snapshot_new(w, &s), BPFLAB_OK)) {
        w->mem[WORLD_PKT_OFF + w->st.pkt.data + 12] = 9;
        expect_diff(w, s, "packet byte 12");
        w->st.pkt.end--;
        expect_diff(w, s, "end of the packet");
        w->st.clock_ns++;
        expect_diff(w, s, "clock");
        w->trace[0].args[0] = 2;
        expect_diff(w, s, "call 0: argument 1");
        world_trace_add(w, 7, 1, args, 3);
        expect_diff(w, s, "number of helper calls");
        w->mem[WORLD_STACK_OFF + 8] = 1;
        expect_diff(w, s, "stack byte 8");
        snapshot_free(s);
    }
    world_free(w);
}

/* Clock and chance are functions of the configuration. */
static void test_determinism(void) {
    uint64_t first[2][4];
    for (int i = 0; i < 2; i++) {
        struct world *w;
        struct world_config c;
        world_config_init(&c);
        c.seed = 42;
        if (!CHECK_EQ(world_new(&c, &w), BPFLAB_OK))
            return;
        for (int k = 0; k < 4; k++)
            first[i][k] = world_random(w) ^ world_clock(w) << 32;
        world_free(w);
    }
    CHECK(!memcmp(first[0], first[1], sizeof first[0]));
    CHECK(first[0][0] != first[0][1]);
}

int main(void) {
    test_shadow();
    test_edges();
    test_config();
    test_byte_order();
    test_snapshot();
    test_diff_names();
    test_determinism();
    return check_end();
}
