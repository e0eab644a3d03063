/* world.h: everything that a run of a program can touch, in one place that can be saved and
 * compared.
 *
 * The world is one range of WORLD_BYTES guest addresses from WORLD_BASE, the same in every engine
 * and every process, so that a pointer that leaks into a result is the same everywhere:
 *
 *   offset      what
 *   0x0000000   nothing: small offsets are null pointers' neighbours
 *   0x0001000   context, as Linux's user-space header declares it
 *   0x0002000   handles: what a program holds as the pointer to a map, a program, code or a kernel
 *               object; no access
 *   0x0010000   packet: headroom, data, tailroom (WORLD_PKT_BYTES)
 *   0x0040000   scratch: raw memory of bare programs, optval, images of tasks and sockets, ...
 *   0x0100000   arena of map storage, handed out from low to high
 *   0xfe00000   stack: frame k is [k * stride, k * stride + frame_bytes) of it; r10 is its end
 *
 * Beside the memory lies a shadow, one byte for each byte:
 *
 *   high nibble   how many bytes from here on may be read, at most 8
 *   low nibble    how many may be written
 *
 * A check of n <= 8 bytes is one comparison, and an access across the end of an object fails even
 * if its neighbour is accessible too.
 *
 * Frames grow upward (each is used downward from r10, as eBPF has it), so that "below the depth now
 * in use" is one limit: nothing at or above the end of the current frame is accessible.
 *
 * Where the process can have it, the memory is mapped at WORLD_BASE itself (world->at_base), so
 * that generated code needs no translation; elsewhere only the interpreter runs. Byte order, clock,
 * randomness and CPU number belong to the world: a run is a function of the world before it.
 */
#ifndef BPFLAB_RUNTIME_WORLD_H
#define BPFLAB_RUNTIME_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "isa/err.h"
#include "isa/prog.h"
#include "runtime/exec.h"
#include "runtime/layout.h"

/* What a range may be used for, as shadow nibbles of a single byte. */
enum world_access {
    WORLD_NONE = 0x00,
    WORLD_WRITE = 0x01,
    WORLD_READ = 0x10,
    WORLD_RW = 0x11,
};

/* struct world_config: fixed for a world's life. In brackets: what world_config_init sets, and
 * what a zero in an integer field means, too. */
struct world_config {
    bool big_endian;         /* byte order of the machine [the host's] */
    uint32_t max_frames;     /* [8] at most 256 */
    uint32_t frame_bytes;    /* [512] multiple of 8, at most 4096 */
    uint32_t n_cpus;         /* [4] */
    uint32_t numa_node;      /* [0] */
    uint64_t boot_ns;        /* clock at the start: nanoseconds since boot [1 000 000 000] */
    uint64_t epoch_ns;       /* wall clock at boot [1 700 000 000 s] */
    uint64_t tick_ns;        /* the clock advances by this at every reading [1000] */
    uint64_t seed;           /* of bpf_get_prandom_u32 */
    uint32_t headroom_bytes; /* before packet data [256] */
    uint32_t tailroom_bytes; /* after packet data [320] */
    bool no_fixed_base;      /* do not try to map at WORLD_BASE */
};

struct call_record {
    uint32_t helper; /* enum helper_id; kernel functions: kcall_name (runtime/kcall.h) */
    uint32_t n_args;
    uint64_t args[5]; /* the first n_args, as the prototype has them */
    uint64_t result;
};

/* struct world_packet: offsets into the packet area, in bytes from WORLD_PKT_OFF:
 *
 *   0 <= hard_start <= meta <= data <= end <= limit        meta == data: no metadata
 */
struct world_packet {
    uint32_t hard_start, meta, data, end, limit;
};

/* struct world_state: what changes during runs, besides memory and shadow. Plain data, copied by
 * snapshots. */
struct world_state {
    uint64_t clock_ns;
    uint64_t rng;
    uint32_t cpu;
    struct world_packet pkt;
    uint32_t arena_used, scratch_used, handles_used; /* bytes handed out */
    uint32_t n_maps;
    uint32_t ctx_type; /* enum prog_type whose layout the context has */
    uint32_t ctx_bytes;
    uint64_t arena_map_off, arena_map_bytes; /* the memory of a map of type arena, 0 if none */
    uint64_t arena_user_base;                /* the user address it claims */
    /* Redirection asked for by bpf_redirect and its kin, read after the run. */
    struct {
        uint32_t kind; /* 0 none, 1 ifindex, 2 map entry, 3 socket, 4 peer, 5 neighbour */
        uint32_t ifindex, map_id, key, flags;
    } redirect;
    uint32_t n_clones;        /* bpf_clone_redirect calls */
    uint64_t lock_held;       /* guest address of the held spin lock, or 0 */
    uint32_t refs_held;       /* acquired and not yet released sockets and ring-buffer records */
    uint32_t trace_count;     /* calls since world_begin_run */
    uint64_t trace_digest;    /* over those beyond WORLD_TRACE_KEPT */
    uint32_t tail_calls;      /* taken in this run */
    int32_t sys_errno;        /* bpf_set_retval, bpf_get_retval */
    uint64_t net_off;         /* scratch offset of the network's state (netstate.h), 0: none yet */
    uint32_t skb_hash;        /* computed when asked for */
    uint32_t skb_flags;       /* bit 0: skb_hash is valid */
    uint64_t task_off;        /* scratch offset of the current task's image, 0: none yet */
    struct {                  /* bpf_timer: runtime/timer.h */
        uint64_t first_off;   /* arena offset of the newest record, 0 if none */
        uint64_t search_off;  /* where to look for an unused one, 0: at the first */
        uint64_t running_off; /* of the timer whose callback runs, or 0 */
        uint64_t n_made, n_started;
        uint32_t n_records;
    } timers;
    uint32_t rcu_depth, preempt_depth; /* sections begun and not ended (runtime/kfunc/section.c) */
    struct {           /* copies that bpf_iter_bits walk over: runtime/kfunc/iter.c */
        uint64_t off;  /* scratch offset, 0: none yet */
        uint32_t used; /* bits: slots taken */
    } bits;
    uint64_t override_rc; /* bpf_override_return: the last value asked for */
    uint32_t n_overrides; /* calls of it so far */
};

struct map;
struct world_env; /* what helpers answer from: routes, sockets, tasks (runtime/env.h) */

/* struct world_callee: how a helper calls back into the running program (bpf_loop, timers,
 * for_each).
 * call: run the function at guest code address fn in a new frame.
 * out:  false if it trapped: the trap is in world->exec.pending then, and the helper returns at
 *       once, with any value */
struct world_callee {
    bool (*call)(void *self, uint64_t fn, const uint64_t args[5], uint64_t *r0);
    void *self;
};

struct world {
    /* What generated code reaches. In it, pending: a trap raised inside a helper, or bpf_throw's
     * RUN_THROWN; RUN_EXIT if none. Its pc is UINT32_MAX unless a callback trapped there. */
    struct exec_state exec;
    uint8_t *mem;    /* WORLD_BYTES, host address of guest offset 0 */
    uint8_t *shadow; /* mem - WORLD_BYTES */
    struct world_config cfg;
    struct world_state st;
    /* offset from which on nothing may be accessed: while a helper runs, the end of the frame in
     * use; else WORLD_BYTES */
    uint64_t reach;
    bool at_base;          /* mem == WORLD_BASE */
    bool swapped;          /* byte order differs from the host's */
    uint32_t frame_stride; /* frame_bytes + WORLD_STACK_GAP */
    /* by id, owned; ids are dense below st.n_maps. From there on: what maps were that a restored
     * snapshot had not, for one that has them */
    struct map *maps[WORLD_MAX_MAPS];
    struct world_env *env;     /* owned */
    struct call_record *trace; /* WORLD_TRACE_KEPT entries, owned */
    struct world_callee callee;
    void (*print)(void *self, const char *text, size_t n_bytes); /* bpf_trace_printk; may be NULL */
    void *print_self;
    /* Bit i: runs may touch map i. The others are left out where worlds are restored, compared and
     * reported; maps from 64 on never are. All bits are set in a new world */
    uint64_t scope;
};

static inline bool world_in_scope(const struct world *w, uint32_t map_id) {
    return map_id >= 64 || (w->scope >> map_id & 1);
}

/* world_config_init: the defaults, in the host's byte order. */
void world_config_init(struct world_config *cfg);

/* world_new: reserve and map a world; nothing but the stack is accessible yet.
 * errors: NOMEM, ARG, SYSTEM (address space refused)
 * cost:   two mmap calls; pages are touched on use */
enum bpflab_err world_new(const struct world_config *cfg, struct world **out);
void world_free(struct world *w);

/* world_begin_run: what every run starts with: empty trace, no redirect, no pending trap.
 * cost: O(1) */
void world_begin_run(struct world *w);

/* world_allow: set the access of [off, off + n_bytes) as one object: accesses across its end fail.
 * in:   the range lies inside the world
 * cost: O(n_bytes) */
void world_allow(struct world *w, uint64_t off, uint64_t n_bytes, enum world_access access);

/* world_check: may the n_bytes at guest address addr be read (or written, or both)?
 * cost: O(n_bytes / 8) */
bool world_check(const struct world *w, uint64_t addr, uint64_t n_bytes, enum world_access access);

/* world_ptr: host pointer to guest memory that a helper's argument names.
 * world_peek: the same without a trap, for helpers that answer -EFAULT.
 * out:  NULL, and a trap pending (RUN_TRAP_MEMORY), where it may not be accessed; for n_bytes 0
 *       a pointer that is not NULL
 * cost: as world_check */
void *world_ptr(struct world *w, uint64_t addr, uint64_t n_bytes, enum world_access access);
void *world_peek(const struct world *w, uint64_t addr, uint64_t n_bytes, enum world_access access);

/* world_cstr: length of the NUL-terminated string at addr, inside one object that may be read.
 * out: below max_bytes; -1 if no NUL is among that many bytes, or before the object's end */
int64_t world_cstr(const struct world *w, uint64_t addr, uint64_t max_bytes);

/* world_trap: make a trap pending; the first one stays. */
void world_trap(struct world *w, enum run_kind kind, uint64_t addr);

/* world_large_pages: let [p, p + n_bytes) be backed by large pages where it covers them whole: a
 * map of 80 MB is 80 faults then, not 40,000. No more than a hint. */
void world_large_pages(uint8_t *p, uint64_t n_bytes);

/* world_alloc_arena, world_alloc_scratch: n_bytes (8-aligned, zeroed, not accessible).
 * out: offset in the world, 0 if there is no room */
uint64_t world_alloc_arena(struct world *w, uint64_t n_bytes);
uint64_t world_alloc_scratch(struct world *w, uint64_t n_bytes);

/* world_handle: a fresh inaccessible guest address that stands for a kernel object.
 * in:  n_bytes of room
 * out: 0 if there is no room */
uint64_t world_handle(struct world *w, uint32_t n_bytes);

/* world_set_packet: the packet becomes a copy of bytes with the configured headroom and tailroom.
 * errors: SPACE
 * world_packet_moved: recompute access after pkt's offsets changed.
 * cost:   O(packet), both */
enum bpflab_err world_set_packet(struct world *w, const uint8_t *bytes, size_t n_bytes);
void world_packet_moved(struct world *w);

/* world_set_mem: raw memory for a bare program, a copy of bytes in scratch.
 * out: guest address; 0 if n_bytes is 0 or it does not fit */
uint64_t world_set_mem(struct world *w, const uint8_t *bytes, size_t n_bytes);

/* Integers in guest memory, in the world's byte order; p is a host pointer of any alignment. */
static inline uint16_t world_get16(const struct world *w, const void *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return w->swapped ? __builtin_bswap16(v) : v;
}

static inline uint32_t world_get32(const struct world *w, const void *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return w->swapped ? __builtin_bswap32(v) : v;
}

static inline uint64_t world_get64(const struct world *w, const void *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return w->swapped ? __builtin_bswap64(v) : v;
}

static inline void world_put16(const struct world *w, void *p, uint16_t v) {
    v = w->swapped ? __builtin_bswap16(v) : v;
    memcpy(p, &v, sizeof v);
}

static inline void world_put32(const struct world *w, void *p, uint32_t v) {
    v = w->swapped ? __builtin_bswap32(v) : v;
    memcpy(p, &v, sizeof v);
}

static inline void world_put64(const struct world *w, void *p, uint64_t v) {
    v = w->swapped ? __builtin_bswap64(v) : v;
    memcpy(p, &v, sizeof v);
}

/* world_addr: guest address of an offset. world_off: back; an address outside the world gives an
 * offset >= WORLD_BYTES. */
static inline uint64_t world_addr(uint64_t off) {
    return WORLD_BASE + off;
}

static inline uint64_t world_off(uint64_t addr) {
    return addr - WORLD_BASE;
}

/* world_stack_top: r10 of frame depth (0 = entry). */
static inline uint64_t world_stack_top(const struct world *w, uint32_t depth) {
    return WORLD_BASE + WORLD_STACK_OFF + (uint64_t)depth * w->frame_stride + w->cfg.frame_bytes;
}

/* world_clock: read the clock (nanoseconds since boot); it advances by tick_ns. */
uint64_t world_clock(struct world *w);

/* world_random: the next 32 random bits (SplitMix64, upper half). */
uint32_t world_random(struct world *w);

/* world_trace_digest: mix a call into the digest. */
void world_trace_digest(struct world *w, uint32_t helper, uint32_t n_args, const uint64_t args[5],
                        uint64_t result);

/* world_trace_add: record a helper call: in full, or, beyond WORLD_TRACE_KEPT, in the digest.
 * cost: O(1), no allocation; inline, so that a constant n_args costs no more than its arguments */
static inline void world_trace_add(struct world *w, uint32_t helper, uint32_t n_args,
                                   const uint64_t args[5], uint64_t result) {
    const uint32_t i = w->st.trace_count++;
    if (__builtin_expect(i >= WORLD_TRACE_KEPT, 0)) {
        world_trace_digest(w, helper, n_args, args, result);
        return;
    }
    struct call_record *const r = &w->trace[i];
    r->helper = helper;
    r->n_args = n_args;
    for (uint32_t k = 0; k < 5; k++)
        r->args[k] = k < n_args ? args[k] : 0;
    r->result = result;
}

#endif
