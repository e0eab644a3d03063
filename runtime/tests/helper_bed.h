/* helper_bed.h: what tests of helpers share: worlds, guest memory, calls through the table, traps,
 * callbacks. */
#ifndef BPFLAB_RUNTIME_TESTS_HELPER_BED_H
#define BPFLAB_RUNTIME_TESTS_HELPER_BED_H

#include <stdlib.h>

#include "runtime/env.h"
#include "runtime/errno.h"
#include "runtime/helper.h"
#include "tests/check.h"

#define ERRNO(e) ((uint64_t)(int64_t)(-(e)))

/* Offset of a kernel symbol that the default machine has. */
#define BED_SYMBOL UINT64_C(0xffffffff81410000)

static inline struct world *bed_world(bool big_endian) {
    struct world_config cfg;
    struct world *w;
    world_config_init(&cfg);
    cfg.big_endian = big_endian;
    cfg.seed = 7;
    if (world_new(&cfg, &w)) {
        printf("no world\n");
        exit(1);
    }
    return w;
}

/* bed_mem: kernel memory with these bytes (NULL: zeros); bed_user: user memory. */
static inline uint64_t bed_mem(struct world *w, const void *bytes, uint64_t n_bytes) {
    const uint64_t off = world_alloc_arena(w, n_bytes + 8);
    if (bytes)
        memcpy(w->mem + off, bytes, n_bytes);
    world_allow(w, off, n_bytes, WORLD_RW);
    return world_addr(off);
}

static inline uint64_t bed_user(struct world *w, const void *bytes, uint64_t n_bytes) {
    return world_set_mem(w, bytes, n_bytes);
}

static inline uint64_t bed_text(struct world *w, const char *s) {
    return bed_mem(w, s, strlen(s) + 1);
}

static inline void *bed_host(struct world *w, uint64_t addr) {
    return w->mem + world_off(addr);
}

static inline uint64_t bed_call(struct world *w, uint32_t id, uint64_t r1, uint64_t r2, uint64_t r3,
                                uint64_t r4, uint64_t r5) {
    helper_fn *fn = helper_fn_of(id);
    if (!CHECK(fn != NULL)) {
        printf("    helper %u\n", id);
        return 0;
    }
    return fn(r1, r2, r3, r4, r5, w);
}

#define CALL0(w, name)                bed_call(w, HELPER_##name, 0, 0, 0, 0, 0)
#define CALL1(w, name, a)             bed_call(w, HELPER_##name, a, 0, 0, 0, 0)
#define CALL2(w, name, a, b)          bed_call(w, HELPER_##name, a, b, 0, 0, 0)
#define CALL3(w, name, a, b, c)       bed_call(w, HELPER_##name, a, b, c, 0, 0)
#define CALL4(w, name, a, b, c, d)    bed_call(w, HELPER_##name, a, b, c, d, 0)
#define CALL5(w, name, a, b, c, d, e) bed_call(w, HELPER_##name, a, b, c, d, e)

/* bed_trap: the pending trap, which is cleared. */
static inline enum run_kind bed_trap(struct world *w) {
    const enum run_kind kind = w->exec.pending.kind;
    w->exec.pending.kind = RUN_EXIT;
    return kind;
}

/* Evaluate a call that must trap so. */
#define CHECK_TRAP(w, call, want)                                                                  \
    do {                                                                                           \
        (void)(call);                                                                              \
        CHECK_EQ(bed_trap(w), want);                                                               \
    } while (0)
#define CHECK_CALM(w) CHECK_EQ(bed_trap(w), RUN_EXIT)

/* struct bed_program: stands for the program that helpers call back into. */
struct bed_program {
    struct world *w;
    uint64_t n_calls, stop_at; /* result 1 at this call, 0: never */
    uint64_t trap_at;          /* trap at this call, 0: never */
    uint64_t fn;               /* of the last call, with its arguments */
    uint64_t args[5];
    void (*body)(struct bed_program *p); /* may be NULL */
    void *self;
};

static inline bool bed_callee(void *self, uint64_t fn, const uint64_t args[5], uint64_t *r0) {
    struct bed_program *p = self;
    p->n_calls++;
    p->fn = fn;
    memcpy(p->args, args, sizeof p->args);
    if (p->n_calls == p->trap_at) {
        world_trap(p->w, RUN_TRAP_FUEL, 0);
        return false;
    }
    if (p->body)
        p->body(p);
    *r0 = p->n_calls == p->stop_at;
    return p->w->exec.pending.kind == RUN_EXIT;
}

static inline void bed_install(struct world *w, struct bed_program *p) {
    p->w = w;
    w->callee.call = bed_callee;
    w->callee.self = p;
}

/* bed_map: a map of the world. */
static inline struct map *bed_map(struct world *w, uint32_t type, uint32_t key_size,
                                  uint32_t value_size, uint32_t max_entries, uint32_t flags) {
    char name[] = "map";
    const struct map_def def = {
        .name = name,
        .type = type,
        .key_size = key_size,
        .value_size = value_size,
        .max_entries = max_entries,
        .flags = flags,
        .inner = -1,
        .key_btf_id = 1,
        .value_btf_id = 1,
    };
    uint32_t id;
    const int err = map_new(w, &def, &id);
    if (!CHECK_EQ(err, 0))
        exit(1);
    return map_by_id(w, id);
}

#endif
