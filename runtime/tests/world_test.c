/* world_test.c: the shadow against a byte-by-byte model, configuration, byte order, determinism. */
#include "runtime/world.h"

#include <stdlib.h>

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
    CHECK(w->exec.pending.kind == RUN_EXIT);
    CHECK(!world_ptr(w, 0, 1, WORLD_READ));
    CHECK_EQ(w->exec.pending.kind, RUN_TRAP_NULL);
    CHECK(!world_ptr(w, frame - 4, 8, WORLD_READ)); /* the first trap stays */
    CHECK_EQ(w->exec.pending.kind, RUN_TRAP_NULL);
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

/* A string lies in one object; nothing else ends it. */
static void test_strings(void) {
    struct world *w;
    if (!CHECK_EQ(world_new(NULL, &w), BPFLAB_OK))
        return;
    const uint64_t off = world_alloc_arena(w, 32), at = world_addr(off);
    memcpy(w->mem + off, "abcdefgh", 9);
    memcpy(w->mem + off + 16, "xyz", 4);
    world_allow(w, off, 8, WORLD_RW);
    world_allow(w, off + 8, 8, WORLD_RW);
    world_allow(w, off + 16, 3, WORLD_READ);
    CHECK_EQ(world_cstr(w, at, 32), -1); /* its NUL is the neighbour's */
    CHECK_EQ(world_cstr(w, at + 8, 32), 0);
    CHECK_EQ(world_cstr(w, at + 16, 32), -1); /* its NUL may not be read */
    world_allow(w, off, 16, WORLD_READ);
    CHECK_EQ(world_cstr(w, at, 32), 8);
    CHECK_EQ(world_cstr(w, at + 7, 32), 1);
    CHECK_EQ(world_cstr(w, at, 9), 8);
    CHECK_EQ(world_cstr(w, at, 8), -1);
    CHECK_EQ(world_cstr(w, at, 0), -1);
    CHECK_EQ(world_cstr(w, 0, 8), -1);
    CHECK_EQ(world_cstr(w, UINT64_MAX, UINT64_MAX), -1);
    w->reach = off + 8; /* as in a helper called with the frame's end there */
    CHECK_EQ(world_cstr(w, at, 32), -1);
    world_free(w);
}

/* A run starts without what the one before asked for. */
static void test_begin(void) {
    struct world *w;
    if (!CHECK_EQ(world_new(NULL, &w), BPFLAB_OK))
        return;
    w->st.redirect.kind = 2;
    w->st.redirect.key = w->st.redirect.map_id = w->st.redirect.flags = w->st.redirect.ifindex = 3;
    world_begin_run(w);
    const struct world_state none = {0};
    CHECK(!memcmp(&w->st.redirect, &none.redirect, sizeof none.redirect));
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
    test_strings();
    test_begin();
    test_determinism();
    return check_end();
}
