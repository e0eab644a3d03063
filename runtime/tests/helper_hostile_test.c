/* helper_hostile_test.c: every helper, called with arguments that a careless or malicious program
 * could pass. Nothing may crash, every call is recorded once, memory that no program may touch
 * keeps its bytes, and a second world that gets the same calls stays equal to the first.
 *
 * Arguments follow the prototype most of the time, so that calls get past the first check: real
 * maps, memory on the stack, results of earlier calls as sockets and records, and arguments that
 * went well before with one of them changed. */
#include "runtime/helper.h"

#include <stdlib.h>

#include "runtime/ctx.h"
#include "tests/check.h"

enum {
    ROUNDS = 40,         /* pairs of worlds */
    CALLS = 6000,        /* in each */
    CANARY_BYTES = 4096, /* of the stack beyond all frames */
    MAX_POOL = 8,
    DYNPTR_AREA = 64, /* bytes at the frame's bottom that only dynptr arguments name */
};

struct lab {
    struct world *w;
    uint64_t maps[32], n_maps;
    uint64_t results[N_RET_TYPES][MAX_POOL]; /* of earlier calls, by what they return */
    uint64_t good[N_HELPERS][5]; /* arguments of the call that went best so far, or as well */
    uint8_t how_good[N_HELPERS]; /* 0 none, 1 no trap, 2 no error either */
    uint64_t seed, calls_back;
};

/* The callback of bpf_loop and its kin: ends the walk now and then, fails at times. */
static bool callee(void *self, uint64_t fn, const uint64_t args[5], uint64_t *r0) {
    struct lab *lab = self;
    lab->calls_back += fn + args[0] + args[1];
    const uint64_t r = check_random(&lab->seed);
    *r0 = r & 3 ? 1 : 0;
    if (r >> 8 & 31)
        return true;
    world_trap(lab->w, RUN_TRAP_MEMORY, fn);
    return false;
}

static const struct map_def defs[] = {
    {.type = MAP_array, .key_size = 4, .value_size = 64, .max_entries = 8},
    {.type = MAP_hash, .key_size = 8, .value_size = 24, .max_entries = 8},
    {.type = MAP_percpu_array, .key_size = 4, .value_size = 16, .max_entries = 3},
    {.type = MAP_lru_percpu_hash, .key_size = 5, .value_size = 7, .max_entries = 16},
    {.type = MAP_lpm_trie,
     .key_size = 8,
     .value_size = 8,
     .max_entries = 8,
     .flags = MAP_F_NO_PREALLOC},
    {.type = MAP_queue, .value_size = 16, .max_entries = 4},
    {.type = MAP_stack, .value_size = 16, .max_entries = 4},
    {.type = MAP_bloom_filter, .value_size = 8, .max_entries = 16},
    {.type = MAP_ringbuf, .max_entries = 4096},
    {.type = MAP_user_ringbuf, .max_entries = 4096},
    {.type = MAP_prog_array, .key_size = 4, .value_size = 4, .max_entries = 4},
    {.type = MAP_perf_event_array, .key_size = 4, .value_size = 4, .max_entries = 4},
    {.type = MAP_stack_trace, .key_size = 4, .value_size = 64, .max_entries = 16},
    {.type = MAP_cgroup_array, .key_size = 4, .value_size = 4, .max_entries = 4},
    {.type = MAP_devmap, .key_size = 4, .value_size = 8, .max_entries = 4},
    {.type = MAP_devmap_hash, .key_size = 4, .value_size = 8, .max_entries = 4},
    {.type = MAP_cpumap, .key_size = 4, .value_size = 8, .max_entries = 4},
    {.type = MAP_xskmap, .key_size = 4, .value_size = 4, .max_entries = 4},
    {.type = MAP_sockmap, .key_size = 4, .value_size = 8, .max_entries = 4},
    {.type = MAP_sockhash, .key_size = 6, .value_size = 8, .max_entries = 4},
    {.type = MAP_reuseport_sockarray, .key_size = 4, .value_size = 8, .max_entries = 4},
    {.type = MAP_cgroup_storage, .key_size = 8, .value_size = 32},
    {.type = MAP_sk_storage, .key_size = 4, .value_size = 16, .flags = MAP_F_NO_PREALLOC},
    {.type = MAP_task_storage, .key_size = 4, .value_size = 16, .flags = MAP_F_NO_PREALLOC},
    {.type = MAP_inode_storage, .key_size = 4, .value_size = 16, .flags = MAP_F_NO_PREALLOC},
    {.type = MAP_cgrp_storage, .key_size = 4, .value_size = 16, .flags = MAP_F_NO_PREALLOC},
};

static uint64_t stack_bottom(const struct world *w) {
    return world_stack_top(w, 0) - w->cfg.frame_bytes;
}

static uint8_t *canary(const struct world *w) {
    return w->mem + WORLD_STACK_OFF + (uint64_t)w->cfg.max_frames * w->frame_stride;
}

static bool lab_init(struct lab *lab, uint64_t seed, bool big_endian, uint32_t prog_type) {
    struct world_config cfg;
    world_config_init(&cfg);
    cfg.big_endian = big_endian;
    cfg.no_fixed_base = true; /* two worlds at once */
    *lab = (struct lab){.seed = seed};
    if (!CHECK_EQ(world_new(&cfg, &lab->w), BPFLAB_OK))
        return false;
    struct world *w = lab->w;
    w->callee.call = callee;
    w->callee.self = lab;
    uint8_t frame[300];
    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = (uint8_t)check_random(&lab->seed);
    static const uint8_t start[] = {2, 0, 0, 0, 0, 1,  2, 0, 0, 0,  0, 2, 8, 0,  0x45, 0, 1,
                                    0, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0,    0, 2};
    memcpy(frame, start, sizeof start);
    CHECK_EQ(world_set_packet(w, frame, sizeof frame), BPFLAB_OK);
    for (size_t i = 0; i < sizeof defs / sizeof defs[0]; i++) {
        struct map_def def = defs[i];
        uint32_t id;
        def.inner = -1;
        if (def.flags && def.type != MAP_lpm_trie) /* local storage wants BTF */
            def.key_btf_id = def.value_btf_id = 1;
        check_note(map_type_name(def.type));
        if (CHECK_EQ(map_new(w, &def, &id), 0))
            lab->maps[lab->n_maps++] = map_by_id(w, id)->handle;
    }
    check_note(NULL);
    uint64_t r1;
    CHECK_EQ(ctx_setup(w, prog_type, NULL, 0, &r1), BPFLAB_OK);
    world_begin_run(w);
    memset(canary(w), 0xa5, CANARY_BYTES);
    memset(w->mem, 0xa5, WORLD_CTX_OFF);
    for (uint64_t i = 0; i < w->cfg.frame_bytes; i++)
        w->mem[world_off(stack_bottom(w)) + i] = (uint8_t)check_random(&lab->seed);
    return lab->n_maps > 0;
}

static uint64_t pick_any(const struct lab *lab, uint64_t r) {
    const struct world *w = lab->w;
    const uint64_t few = r >> 8;
    switch (r & 15) {
    case 0: return few & 15;
    case 1: return few & 1023;
    case 2: return (uint64_t)-(int64_t)(few & 255);
    case 3: return UINT64_C(1) << (few & 63);
    case 4: return UINT32_MAX - (few & 3);
    case 5: return world_addr(WORLD_CTX_OFF) + (few & 255);
    case 6: return world_addr(WORLD_PKT_OFF) + w->st.pkt.data + (few & 511);
    case 7: return world_addr(WORLD_SCRATCH_OFF) + (few & 4095);
    case 8: return world_addr(WORLD_ARENA_OFF) + (few & 0xfffff);
    case 9: return world_addr(WORLD_HANDLE_OFF) + (few & 4095);
    case 10: return world_addr(WORLD_BYTES) - (few & 15);
    case 11: return lab->maps[few % lab->n_maps];
    case 12: return lab->results[few % N_RET_TYPES][few / 16 % MAX_POOL];
    case 13: return WORLD_CODE_BASE + (few & 63);
    case 14: return stack_bottom(w) + (few & 1023) - 256;
    default: return few << 8 ^ few;
    }
}

static uint64_t earlier(const struct lab *lab, unsigned ret, uint64_t r) {
    return lab->results[ret][r % MAX_POOL];
}

/* A map, mostly one that a verifier would let pass. */
static uint64_t pick_map(const struct lab *lab, uint32_t id, uint64_t r) {
    for (unsigned i = 0; i < 60 && (r & 15); i++) {
        const struct map *m = map_by_handle(lab->w, lab->maps[(r + i) % lab->n_maps]);
        if (m && helper_takes_map(id, m->def.type, PROG_xdp, -1))
            return m->handle;
    }
    return lab->maps[r % lab->n_maps];
}

static uint64_t pick_arg(const struct lab *lab, uint32_t id, const struct arg_proto *a, uint64_t r,
                         uint64_t r2) {
    const struct world *w = lab->w;
    if (!(r & 7) || ((a->flags & ARG_F_NULL) && !(r & 56)))
        return r & 8 ? 0 : pick_any(lab, r2);
    switch (a->type) {
    case ARG_CTX: return world_addr(WORLD_CTX_OFF);
    case ARG_MAP: return pick_map(lab, id, r2);
    case ARG_MAP_KEY:
    case ARG_MAP_VALUE:
    case ARG_MEM:
    case ARG_FIXED_MEM:
    case ARG_STACK:
    case ARG_CONST_STR:
        return stack_bottom(w) + DYNPTR_AREA + r2 % (w->cfg.frame_bytes - DYNPTR_AREA);
    case ARG_DYNPTR: return stack_bottom(w) + (r2 % 4) * 16;
    case ARG_SIZE:
    case ARG_SIZE_OR_ZERO:
    case ARG_ALLOC_SIZE: return r2 & 1 ? r2 >> 8 & 31 : r2 >> 8 & 511;
    case ARG_FUNC: return WORLD_CODE_BASE + (r2 & 15);
    case ARG_SCALAR: return r2 & 127;
    case ARG_ANY: return r & 8 ? (r2 & 63) : r & 16 ? 0 : pick_any(lab, r2);
    case ARG_SOCKET: return earlier(lab, RET_SOCKET, r2);
    case ARG_SOCK_COMMON:
    case ARG_BTF_SOCK_COMMON:
        return earlier(lab, r & 8 ? RET_SOCKET : r & 16 ? RET_SOCK_COMMON : RET_TCP_SOCK, r2);
    case ARG_RINGBUF_MEM: return earlier(lab, RET_RINGBUF_MEM, r2);
    case ARG_TIMER:
    case ARG_SPIN_LOCK:
    case ARG_KPTR: return earlier(lab, RET_MAP_VALUE, r2) + (r & 24);
    default: return earlier(lab, RET_BTF_ID, r2);
    }
}

/* Arguments for a call: new ones, or those that went well with one of them changed. */
static void pick_args(const struct lab *lab, const struct helper_proto *p, uint64_t *rng,
                      uint64_t args[5]) {
    const uint64_t how = check_random(rng);
    const bool again = lab->how_good[p->id] && how & 3;
    for (unsigned i = 0; i < 5; i++) {
        const uint64_t r = check_random(rng), r2 = check_random(rng);
        const bool keep = again && (how >> 8) % 6 != i;
        args[i] = keep            ? lab->good[p->id][i]
                  : i < p->n_args ? pick_arg(lab, p->id, &p->arg[i], r, r2)
                                  : r;
    }
}

/* Now and then the program writes to its stack: digits, small numbers, anything. */
static void scribble(struct world *w, uint64_t r) {
    const uint64_t at = (r >> 8) % (w->cfg.frame_bytes - 16), what = r >> 60;
    if (r & 7)
        return;
    for (uint64_t i = 0; i < 16; i++) {
        uint8_t byte = (uint8_t)(r >> i);
        if (what < 8)
            byte = (uint8_t)('0' + byte % 10);
        else if (what < 12)
            byte = i % 4 == (w->cfg.big_endian ? 3 : 0) ? byte & 3 : 0;
        w->mem[world_off(stack_bottom(w)) + at + i] = byte;
    }
}

static bool untouched(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0xa5)
            return false;
    return true;
}

static void check_world(const struct world *w) {
    const struct world_packet *p = &w->st.pkt;
    CHECK(p->hard_start <= p->meta && p->meta <= p->data && p->data <= p->end &&
          p->end <= p->limit && p->limit <= WORLD_PKT_BYTES);
    CHECK(w->st.arena_used <= WORLD_ARENA_BYTES && w->st.scratch_used <= WORLD_SCRATCH_BYTES &&
          w->st.handles_used <= WORLD_HANDLE_BYTES);
    CHECK(w->st.refs_held < 1u << 30);
}

static uint64_t call(struct lab *lab, uint32_t id, const uint64_t args[5]) {
    struct world *w = lab->w;
    w->exec.pending.kind = RUN_EXIT;
    const uint32_t before = w->st.trace_count;
    uint64_t result = helper_fn_of(id)(args[0], args[1], args[2], args[3], args[4], w);
    const struct helper_proto *p = helper_proto_of(id);
    if (CHECK_EQ(w->st.trace_count, before + 1) && before < WORLD_TRACE_KEPT) {
        const struct call_record *r = &w->trace[before];
        /* of arguments that some program types do not pass there is no record */
        const uint32_t n = id == HELPER_get_cgroup_classid ? 0 : p->n_args;
        CHECK(r->helper == id && r->n_args == n && r->result == result);
        CHECK(!memcmp(r->args, args, n * sizeof args[0]));
    }
    CHECK(w->exec.pending.kind < N_RUN_KINDS);
    check_world(w);
    return result;
}

/* What the calls to come are made from. */
static void remember(struct lab *lab, const struct helper_proto *p, const uint64_t args[5],
                     uint64_t result, uint64_t slot) {
    if (lab->w->exec.pending.kind != RUN_EXIT)
        return;
    const uint8_t now = (int64_t)result < 0 ? 1 : 2;
    if (now >= lab->how_good[p->id]) {
        lab->how_good[p->id] = now;
        memcpy(lab->good[p->id], args, sizeof lab->good[p->id]);
    }
    if (now == 2 && result)
        lab->results[p->ret][slot % MAX_POOL] = result;
}

/* One pair of worlds, one sequence of calls. */
static void play(uint64_t seed, bool big_endian, uint32_t prog_type) {
    struct lab a, b;
    bool ok = lab_init(&a, seed, big_endian, prog_type);
    ok &= lab_init(&b, seed, big_endian, prog_type);
    uint64_t rng = seed ^ 0x5eed;
    for (uint32_t k = 0; ok && k < CALLS; k++) {
        const uint32_t id = 1 + (uint32_t)(check_random(&rng) % (N_HELPERS - 1));
        const struct helper_proto *p = helper_proto_for(id, prog_type, -1);
        if (!helper_fn_of(id))
            continue;
        uint64_t args[5];
        pick_args(&a, p, &rng, args);
        const uint64_t ink = check_random(&rng);
        scribble(a.w, ink);
        scribble(b.w, ink);
        check_note(p->name);
        const uint64_t ra = call(&a, id, args), rb = call(&b, id, args);
        ok &= CHECK_EQ(ra, rb);
        ok &= CHECK_EQ(a.w->exec.pending.kind, b.w->exec.pending.kind);
        remember(&a, p, args, ra, ink);
        ok &= CHECK(untouched(canary(a.w), CANARY_BYTES));
        ok &= CHECK(untouched(a.w->mem, WORLD_CTX_OFF));
    }
    check_note("two worlds");
    if (ok) {
        const uint64_t frame = world_off(stack_bottom(a.w));
        CHECK(!memcmp(a.w->mem + frame, b.w->mem + frame, a.w->cfg.frame_bytes));
        CHECK(!memcmp(a.w->mem + WORLD_PKT_OFF, b.w->mem + WORLD_PKT_OFF, WORLD_PKT_BYTES));
        CHECK_EQ(a.w->st.trace_digest, b.w->st.trace_digest);
        CHECK_EQ(a.w->st.clock_ns, b.w->st.clock_ns);
    }
    check_note(NULL);
    if (a.w)
        world_free(a.w);
    if (b.w)
        world_free(b.w);
}

/* helper_hostile_test [SEED]: other seeds than the default hunt for more. */
int main(int argc, char **argv) {
    const uint32_t first = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 1;
    static const uint32_t types[] = {
        PROG_xdp,        PROG_sched_cls,  PROG_socket_filter,    PROG_sk_skb,  PROG_kprobe,
        PROG_tracing,    PROG_sock_ops,   PROG_cgroup_sock_addr, PROG_sk_msg,  PROG_cgroup_sysctl,
        PROG_lwt_xmit,   PROG_sk_lookup,  PROG_cgroup_sockopt,   PROG_raw,     PROG_perf_event,
        PROG_cgroup_skb, PROG_tracepoint, PROG_sk_reuseport,     PROG_syscall, PROG_flow_dissector,
    };
    for (uint32_t round = 0; round < check_rounds(ROUNDS); round++)
        play(round * 7919 + first, round & 1, types[round / 2 % (sizeof types / sizeof types[0])]);
    return check_end();
}
