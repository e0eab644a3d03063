/* world.c: making a world, its shadow, its allotments and its sources of time and chance. */
#include "runtime/world.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "runtime/ctx.h"
#include "runtime/env.h"
#include "runtime/map.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BPFLAB_LSAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define BPFLAB_LSAN 1
#endif
#if BPFLAB_LSAN
#include <sanitizer/lsan_interface.h>
#endif

enum {
    RUN_MAX = 8, /* what a shadow nibble counts to */
    DEFAULT_FRAMES = 8,
    DEFAULT_FRAME_BYTES = 512,
    DEFAULT_CPUS = 4,
    DEFAULT_HEADROOM = 256,
    DEFAULT_TAILROOM = 320,
    DEFAULT_TICK_NS = 1000,
    MAX_FRAMES = 256,
    MAX_FRAME_BYTES = 4096,
};

_Static_assert(MAX_FRAMES *(MAX_FRAME_BYTES + WORLD_STACK_GAP) <= WORLD_STACK_BYTES, "stack");
_Static_assert(WORLD_SCRATCH_OFF + WORLD_SCRATCH_BYTES == WORLD_ARENA_OFF, "scratch");

static bool host_big_endian(void) {
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

void world_config_init(struct world_config *cfg) {
    *cfg = (struct world_config){
        .big_endian = host_big_endian(),
        .max_frames = DEFAULT_FRAMES,
        .frame_bytes = DEFAULT_FRAME_BYTES,
        .n_cpus = DEFAULT_CPUS,
        .boot_ns = 1000000000,
        .epoch_ns = UINT64_C(1700000000000000000),
        .tick_ns = DEFAULT_TICK_NS,
        .headroom_bytes = DEFAULT_HEADROOM,
        .tailroom_bytes = DEFAULT_TAILROOM,
    };
}

/* Give zero fields their defaults; false if a field is out of bounds. */
static bool config_complete(struct world_config *cfg) {
    struct world_config def;
    world_config_init(&def);
    cfg->max_frames = cfg->max_frames ? cfg->max_frames : def.max_frames;
    cfg->frame_bytes = cfg->frame_bytes ? cfg->frame_bytes : def.frame_bytes;
    cfg->n_cpus = cfg->n_cpus ? cfg->n_cpus : def.n_cpus;
    cfg->boot_ns = cfg->boot_ns ? cfg->boot_ns : def.boot_ns;
    cfg->epoch_ns = cfg->epoch_ns ? cfg->epoch_ns : def.epoch_ns;
    cfg->tick_ns = cfg->tick_ns ? cfg->tick_ns : def.tick_ns;
    cfg->headroom_bytes = cfg->headroom_bytes ? cfg->headroom_bytes : def.headroom_bytes;
    cfg->tailroom_bytes = cfg->tailroom_bytes ? cfg->tailroom_bytes : def.tailroom_bytes;
    return cfg->max_frames <= MAX_FRAMES && cfg->frame_bytes <= MAX_FRAME_BYTES &&
           cfg->frame_bytes % 8 == 0 && cfg->n_cpus <= WORLD_MAX_CPUS &&
           cfg->headroom_bytes < WORLD_PKT_BYTES / 4 && cfg->tailroom_bytes < WORLD_PKT_BYTES / 4;
}

#define MAPPED_BYTES (WORLD_BYTES + WORLD_STATE_OFF + WORLD_STATE_BYTES)
_Static_assert(sizeof(struct world) <= WORLD_STATE_BYTES, "struct world");

/* Shadow, memory and struct world in one mapping, the memory at WORLD_BASE if it can be had. */
static uint8_t *map_memory(bool fixed) {
    const size_t n = MAPPED_BYTES;
    const int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *p = MAP_FAILED;
#ifdef MAP_FIXED_NOREPLACE
    if (fixed) {
        void *const want = (void *)(uintptr_t)(WORLD_BASE - WORLD_BYTES);
        p = mmap(want, n, prot, flags | MAP_FIXED_NOREPLACE, -1, 0);
        if (p != MAP_FAILED && p != want) { /* a kernel that takes the flag for a hint */
            munmap(p, n);
            p = MAP_FAILED;
        }
    }
#else
    (void)fixed;
#endif
    if (p == MAP_FAILED)
        p = mmap(NULL, n, prot, flags, -1, 0);
    return p == MAP_FAILED ? NULL : (uint8_t *)p + WORLD_BYTES;
}

/* Memory that the world owns is reached from a mapping, which LeakSanitizer does not look through
 * by itself. */
static void tell_sanitizer(struct world *w, bool begin) {
#if BPFLAB_LSAN
    if (begin)
        __lsan_register_root_region(w, WORLD_STATE_BYTES);
    else
        __lsan_unregister_root_region(w, WORLD_STATE_BYTES);
#else
    (void)w;
    (void)begin;
#endif
}

static void allow_stack(struct world *w) {
    for (uint32_t i = 0; i < w->cfg.max_frames; i++)
        world_allow(w, WORLD_STACK_OFF + (uint64_t)i * w->frame_stride, w->cfg.frame_bytes,
                    WORLD_RW);
}

enum bpflab_err world_new(const struct world_config *cfg, struct world **out) {
    struct world_config full;
    if (cfg)
        full = *cfg;
    else
        world_config_init(&full);
    if (!config_complete(&full))
        return BPFLAB_E_ARG;
    uint8_t *const mem = map_memory(!full.no_fixed_base);
    if (!mem)
        return BPFLAB_E_SYSTEM;
    struct world *const w = (struct world *)(void *)(mem + WORLD_STATE_OFF);
    tell_sanitizer(w, true);
    w->cfg = full;
    w->mem = mem;
    w->trace = calloc(WORLD_TRACE_KEPT, sizeof *w->trace);
    w->env = env_new();
    if (!w->trace || !w->env) {
        world_free(w);
        return BPFLAB_E_NOMEM;
    }
    w->shadow = w->mem - WORLD_BYTES;
    w->at_base = (uintptr_t)w->mem == WORLD_BASE;
    w->swapped = w->cfg.big_endian != host_big_endian();
    w->frame_stride = w->cfg.frame_bytes + WORLD_STACK_GAP;
    w->reach = WORLD_BYTES;
    w->scope = UINT64_MAX;
    w->st.clock_ns = w->cfg.boot_ns;
    w->st.rng = w->cfg.seed;
    allow_stack(w);
    world_begin_run(w);
    *out = w;
    return BPFLAB_OK;
}

void world_free(struct world *w) {
    if (!w)
        return;
    for (uint32_t i = 0; i < WORLD_MAX_MAPS; i++)
        free(w->maps[i]);
    env_free(w->env);
    free(w->trace);
    tell_sanitizer(w, false);
    munmap(w->mem - WORLD_BYTES, MAPPED_BYTES);
}

void world_begin_run(struct world *w) {
    w->st.trace_count = 0;
    w->st.trace_digest = 0;
    w->st.tail_calls = 0;
    memset(&w->st.redirect, 0, sizeof w->st.redirect);
    w->st.lock_held = 0;
    w->st.refs_held = 0;
    w->st.rcu_depth = w->st.preempt_depth = 0;
    w->exec.pending.kind = RUN_EXIT;
}

void world_allow(struct world *w, uint64_t off, uint64_t n_bytes, enum world_access access) {
    const uint64_t whole = n_bytes < RUN_MAX ? 0 : n_bytes - (RUN_MAX - 1);
    memset(w->shadow + off, (int)access * RUN_MAX, whole);
    for (uint64_t i = whole; i < n_bytes; i++)
        w->shadow[off + i] = (uint8_t)((n_bytes - i) * access);
}

bool world_check(const struct world *w, uint64_t addr, uint64_t n_bytes, enum world_access access) {
    const uint64_t off = world_off(addr);
    if (off >= w->reach || n_bytes > w->reach - off)
        return false;
    const unsigned want_read = access & WORLD_READ ? 1 : 0,
                   want_write = access & WORLD_WRITE ? 1 : 0;
    /* Looks overlap by a byte: each must lie in the object of the one before. */
    for (uint64_t i = 0; i < n_bytes; i += RUN_MAX - 1) {
        const unsigned n = n_bytes - i < RUN_MAX ? (unsigned)(n_bytes - i) : RUN_MAX;
        const unsigned may = w->shadow[off + i];
        if (may >> 4 < n * want_read || (may & 15) < n * want_write)
            return false;
    }
    return true;
}

void *world_peek(const struct world *w, uint64_t addr, uint64_t n_bytes, enum world_access access) {
    if (!n_bytes)
        return w->mem;
    return world_check(w, addr, n_bytes, access) ? w->mem + world_off(addr) : NULL;
}

void *world_ptr(struct world *w, uint64_t addr, uint64_t n_bytes, enum world_access access) {
    void *p = world_peek(w, addr, n_bytes, access);
    if (!p)
        world_trap(w, addr ? RUN_TRAP_MEMORY : RUN_TRAP_NULL, addr);
    return p;
}

int64_t world_cstr(const struct world *w, uint64_t addr, uint64_t max_bytes) {
    const uint64_t off = world_off(addr);
    /* The byte before must reach this one: they lie in one object. */
    uint64_t reaches = 1;
    for (uint64_t i = 0; i < max_bytes && off < w->reach && i < w->reach - off; i++) {
        const uint8_t may = w->shadow[off + i] >> 4;
        if (!may || !reaches)
            return -1;
        if (!w->mem[off + i])
            return (int64_t)i;
        reaches = may - 1;
    }
    return -1;
}

void world_trap(struct world *w, enum run_kind kind, uint64_t addr) {
    if (w->exec.pending.kind == RUN_EXIT)
        w->exec.pending = (struct run_end){.kind = kind, .pc = UINT32_MAX, .addr = addr};
}

/* The next n_bytes of an area, 8-aligned; 0 if it is full. */
static uint64_t allot(uint32_t *used, uint64_t area_off, uint64_t area_bytes, uint64_t n_bytes) {
    const uint64_t room = area_bytes - *used;
    if (n_bytes > room || (n_bytes + 7) / 8 * 8 > room)
        return 0;
    const uint64_t off = area_off + *used;
    *used += (uint32_t)((n_bytes + 7) / 8 * 8);
    return off;
}

void world_large_pages(uint8_t *p, uint64_t n_bytes) {
#ifdef MADV_HUGEPAGE
    const uintptr_t page = 2u << 20, begin = ((uintptr_t)p + page - 1) & ~(page - 1),
                    end = ((uintptr_t)p + n_bytes) & ~(page - 1);
    if (begin < end)
        madvise((void *)begin, end - begin, MADV_HUGEPAGE);
#else
    (void)p, (void)n_bytes;
#endif
}

uint64_t world_alloc_arena(struct world *w, uint64_t n_bytes) {
    const uint64_t off = allot(&w->st.arena_used, WORLD_ARENA_OFF, WORLD_ARENA_BYTES, n_bytes);
    if (off) {
        world_large_pages(w->mem + off, n_bytes);
        world_large_pages(w->shadow + off, n_bytes);
    }
    return off;
}

uint64_t world_alloc_scratch(struct world *w, uint64_t n_bytes) {
    return allot(&w->st.scratch_used, WORLD_SCRATCH_OFF, WORLD_SCRATCH_BYTES, n_bytes);
}

uint64_t world_handle(struct world *w, uint32_t n_bytes) {
    const uint64_t off = allot(&w->st.handles_used, WORLD_HANDLE_OFF, WORLD_HANDLE_BYTES, n_bytes);
    return off ? world_addr(off) : 0;
}

enum bpflab_err world_set_packet(struct world *w, const uint8_t *bytes, size_t n_bytes) {
    struct world_packet *p = &w->st.pkt;
    const uint32_t around = w->cfg.headroom_bytes + w->cfg.tailroom_bytes;
    if (n_bytes > WORLD_PKT_BYTES - around)
        return BPFLAB_E_SPACE;
    world_allow(w, WORLD_PKT_OFF + p->hard_start, p->limit - p->hard_start, WORLD_NONE);
    memset(w->mem + WORLD_PKT_OFF + p->hard_start, 0, p->limit - p->hard_start);
    *p = (struct world_packet){
        .meta = w->cfg.headroom_bytes,
        .data = w->cfg.headroom_bytes,
        .end = w->cfg.headroom_bytes + (uint32_t)n_bytes,
        .limit = around + (uint32_t)n_bytes,
    };
    if (n_bytes)
        memcpy(w->mem + WORLD_PKT_OFF + p->data, bytes, n_bytes);
    world_packet_moved(w);
    return BPFLAB_OK;
}

void world_packet_moved(struct world *w) {
    const struct world_packet *p = &w->st.pkt;
    world_allow(w, WORLD_PKT_OFF + p->hard_start, p->limit - p->hard_start, WORLD_NONE);
    world_allow(w, WORLD_PKT_OFF + p->meta, p->data - p->meta, WORLD_RW);
    world_allow(w, WORLD_PKT_OFF + p->data, p->end - p->data, WORLD_RW);
}

uint64_t world_set_mem(struct world *w, const uint8_t *bytes, size_t n_bytes) {
    const uint64_t off = n_bytes ? world_alloc_scratch(w, n_bytes) : 0;
    if (!off)
        return 0;
    memcpy(w->mem + off, bytes, n_bytes);
    world_allow(w, off, n_bytes, WORLD_RW);
    return world_addr(off);
}

uint64_t world_clock(struct world *w) {
    const uint64_t now = w->st.clock_ns;
    w->st.clock_ns += w->cfg.tick_ns;
    return now;
}

uint32_t world_random(struct world *w) {
    uint64_t z = (w->st.rng += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

void world_trace_digest(struct world *w, uint32_t helper, uint32_t n_args, const uint64_t args[5],
                        uint64_t result) {
    uint64_t h = helper + result * UINT64_C(0x9e3779b97f4a7c15);
    for (uint32_t k = 0; k < n_args; k++)
        h ^= (args[k] + k) * UINT64_C(0xbf58476d1ce4e5b9);
    w->st.trace_digest =
        (w->st.trace_digest ^ h) * UINT64_C(0x94d049bb133111eb) + w->st.trace_count;
}
