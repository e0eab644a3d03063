/* test_instance.c: worlds made from objects: maps filled, prog arrays wired, what cannot be made
 * named, inputs put in place run after run.
 */
#include "engine/instance.h"

#include "engine/fields.h"
#include "runtime/ctx.h"
#include "runtime/map/arena.h"
#include "runtime/proto.h"
#include "tests/check.h"

#include <stdlib.h>

static struct insn mov(uint8_t dst, int32_t imm) {
    return (struct insn){.code = 0xb7, .dst = dst, .imm = imm};
}

static const struct insn leave = {.code = 0x95};

static struct prog make_prog(uint32_t type, const struct insn *insns, uint32_t n) {
    struct prog p;
    CHECK_EQ(prog_init_insns(&p, insns, n), BPFLAB_OK);
    p.type = type;
    return p;
}

/* r2 = map 0; r3 = index; tail call; r0 = 1; exit */
static const struct insn caller[] = {
    {.code = 0x18, .dst = 2, .src = 5}, {0},
    {.code = 0xb7, .dst = 3, .imm = 2}, {.code = 0x85, .imm = 12},
    {.code = 0xb7, .dst = 0, .imm = 1}, {.code = 0x95},
};

static void check_prog_array(bool big_endian) {
    static const struct map_init inits[] = {{.index = 2, .is_prog = true, .target = 1}};
    struct map_def maps[] = {{.name = (char *)(uintptr_t)"jumps",
                              .type = MAP_prog_array,
                              .key_size = 4,
                              .value_size = 4,
                              .max_entries = 4,
                              .inner = -1,
                              .inits = inits,
                              .n_inits = 1}};
    const struct insn target[] = {mov(0, 77), leave};
    struct prog progs[] = {make_prog(PROG_xdp, caller, 6), make_prog(PROG_xdp, target, 2)};
    struct object o = {
        .big_endian = big_endian, .progs = progs, .n_progs = 2, .maps = maps, .n_maps = 1};
    struct instance in;
    struct interp_job job;
    struct instance_input input = {0};
    struct diag d = {0};
    if (CHECK_EQ(instance_new(&o, NULL, &in, &d), BPFLAB_OK)) {
        CHECK_EQ(in.world->cfg.big_endian, big_endian);
        CHECK_EQ(map_prog_at(in.world, map_by_id(in.world, in.map_ids[0]), 2), 1);
        CHECK_EQ(map_prog_at(in.world, map_by_id(in.world, in.map_ids[0]), 1), (uint64_t)-1);
        CHECK_EQ(instance_prepare(&in, 0, &input, &job, &d), BPFLAB_OK);
        struct run_end end = interp_run(in.world, &job);
        CHECK_EQ(end.kind, RUN_EXIT);
        CHECK_EQ(end.r0, 77);
        CHECK_EQ(in.world->st.tail_calls, 1);
        instance_again(&in);
        CHECK_EQ(in.world->st.tail_calls, 0);
        CHECK_EQ(instance_prepare(&in, 2, &input, &job, &d), BPFLAB_E_NOTFOUND);
        instance_fini(&in);
    }
    prog_fini(&progs[0]);
    prog_fini(&progs[1]);
}

/* A program that calls itself from a function, once for each tail call that Linux allows: as many
 * frames stay behind. */
static void check_deep_tail_calls(void) {
    static const struct map_init inits[] = {{.index = 2, .is_prog = true, .target = 0}};
    static const struct insn insns[] = {
        {.code = 0x85, .src = 1, .imm = 1}, {.code = 0x95}, /* call the function; exit */
        {.code = 0x18, .dst = 2, .src = 5}, {0},
        {.code = 0xb7, .dst = 3, .imm = 2}, {.code = 0x85, .imm = 12},
        {.code = 0xb7, .dst = 0, .imm = 7}, {.code = 0x95},
    };
    struct map_def maps[] = {{.name = (char *)(uintptr_t)"jumps",
                              .type = MAP_prog_array,
                              .key_size = 4,
                              .value_size = 4,
                              .max_entries = 4,
                              .inner = -1,
                              .inits = inits,
                              .n_inits = 1}};
    struct prog prog = make_prog(PROG_xdp, insns, 8);
    struct object o = {.progs = &prog, .n_progs = 1, .maps = maps, .n_maps = 1};
    struct instance in;
    struct interp_job job;
    struct instance_input input = {0};
    struct diag d = {0};
    if (CHECK_EQ(instance_new(&o, NULL, &in, &d), BPFLAB_OK)) {
        CHECK_EQ(instance_prepare(&in, 0, &input, &job, &d), BPFLAB_OK);
        const struct run_end end = interp_run(in.world, &job);
        CHECK_EQ(end.kind, RUN_EXIT);
        CHECK_EQ(end.r0, 7);
        CHECK_EQ(in.world->st.tail_calls, 33);
        instance_fini(&in);
    }
    prog_fini(&prog);
}

/* One load after a store of 5, through a pointer of the given value. */
static struct run_end poke(struct instance *in, uint64_t pointer) {
    const struct insn insns[] = {
        {.code = 0x18, .dst = 1, .imm = (int32_t)(uint32_t)pointer},
        {.imm = (int32_t)(uint32_t)(pointer >> 32)},
        {.code = 0x7a, .dst = 1, .imm = 5}, /* *(u64 *)(r1 + 0) = 5 */
        {.code = 0xb7, .dst = 2, .imm = 1}, /* r2 = 1 */
        {.code = 0xdb, .dst = 1, .src = 2}, /* lock += r2 */
        {.code = 0x79, .dst = 0, .src = 1},
        leave, /* r0 = *(u64 *)(r1 + 0) */
    };
    struct prog p = make_prog(PROG_raw, insns, 7);
    const struct interp_bind bind = {.world = in->world};
    struct interp_code *code = NULL;
    struct run_end end = {.kind = RUN_TRAP_INSN};
    if (CHECK_EQ(interp_compile(&p, &bind, &code, NULL), BPFLAB_OK)) {
        const struct interp_job job = {.code = code};
        world_begin_run(in->world);
        end = interp_run(in->world, &job);
        interp_code_free(code);
    }
    prog_fini(&p);
    return end;
}

/* Arena pointers, as user addresses and as their lower halves: pages that are not allocated read as
 * zeros and take no store, as does what is near the four gigabytes; nothing traps. */
static void check_arena(bool big_endian) {
    const uint64_t base = UINT64_C(0x7f00ffffe000);
    struct map_def map = {.name = (char *)(uintptr_t)"arena",
                          .type = MAP_arena,
                          .max_entries = 2,
                          .flags = MAP_F_MMAPABLE,
                          .extra = base,
                          .inner = -1};
    struct object o = {.big_endian = big_endian, .maps = &map, .n_maps = 1};
    struct instance in;
    struct diag d = {0};
    if (!CHECK_EQ(instance_new(&o, NULL, &in, &d), BPFLAB_OK))
        return;
    struct map *m = map_by_id(in.world, in.map_ids[0]);
    CHECK_EQ(arena_alloc_pages(in.world, m, base, 1), base);
    const uint64_t lost[] = {base + 4096, 0xfffff000,         base - 8,    0xffffd000, 0,
                             0x12345678,  0xfffffffffffffff8, 0x100000000, 0x100007ff8};
    for (uint32_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        const struct run_end end = poke(&in, lost[i]);
        CHECK_EQ(end.kind, RUN_EXIT);
        CHECK_EQ(end.r0, 0);
    }
    CHECK_EQ(poke(&in, base).r0, 6);
    CHECK_EQ(poke(&in, (uint32_t)base).r0, 6);
    CHECK_EQ(poke(&in, UINT64_C(0x300000000)).kind, RUN_TRAP_MEMORY);
    CHECK_EQ(poke(&in, UINT64_C(0x7f0100000000)).kind, RUN_TRAP_MEMORY);
    instance_fini(&in);
}

/* Maps of every fate: good ones, one that is too large, types that are lacking or refused,
 * initialisers that name nothing. */
static const uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static const struct map_init inits[] = {{.index = 1, .target = 2}};
static const struct map_init wrong[] = {{.index = 9, .target = 2}},
                             lost[] = {{.index = 0, .target = 99}};
static struct map_def nine_maps[] = {
    {.name = (char *)(uintptr_t)".data",
     .type = MAP_array,
     .key_size = 4,
     .value_size = 8,
     .max_entries = 1,
     .inner = -1,
     .data = data,
     .data_bytes = 8},
    {.name = (char *)(uintptr_t)"outer",
     .type = MAP_array_of_maps,
     .key_size = 4,
     .value_size = 4,
     .max_entries = 2,
     .inner = 2,
     .inits = inits,
     .n_inits = 1},
    {.name = (char *)(uintptr_t)"inner",
     .type = MAP_array,
     .key_size = 4,
     .value_size = 8,
     .max_entries = 3,
     .inner = -1},
    {.name = (char *)(uintptr_t)"huge",
     .type = MAP_array,
     .key_size = 4,
     .value_size = 1 << 20,
     .max_entries = 1 << 20,
     .inner = -1},
    {.name = (char *)(uintptr_t)"unknown",
     .type = MAP_struct_ops,
     .key_size = 4,
     .value_size = 8,
     .max_entries = 1,
     .inner = -1},
    {.name = (char *)(uintptr_t)"refused",
     .type = MAP_array,
     .key_size = 3,
     .value_size = 8,
     .max_entries = 1,
     .inner = -1},
    {.name = (char *)(uintptr_t)"wrong",
     .type = MAP_array_of_maps,
     .key_size = 4,
     .value_size = 4,
     .max_entries = 2,
     .inner = 2,
     .inits = wrong,
     .n_inits = 1},
    {.name = (char *)(uintptr_t)"lost",
     .type = MAP_array_of_maps,
     .key_size = 4,
     .value_size = 4,
     .max_entries = 2,
     .inner = 2,
     .inits = lost,
     .n_inits = 1},
    {.name = (char *)(uintptr_t)"orphan",
     .type = MAP_array_of_maps,
     .key_size = 4,
     .value_size = 4,
     .max_entries = 2,
     .inner = 99},
};
enum {
    N_MAPS = sizeof nine_maps / sizeof nine_maps[0]
};
static const enum bpflab_err want[N_MAPS] = {
    BPFLAB_OK,     BPFLAB_OK,     BPFLAB_OK,      BPFLAB_E_SPACE, BPFLAB_E_UNSUPPORTED,
    BPFLAB_E_TYPE, BPFLAB_E_TYPE, BPFLAB_E_RANGE, BPFLAB_E_RANGE};

/* A map of data starts out filled, a map of maps with its inner maps, and one of a size that fits
 * no world keeps only the programs from running that name it. */
static void check_maps(void) {
    struct prog progs[N_MAPS + 1];
    for (int32_t i = 0; i <= N_MAPS; i++) {
        /* Program i names map i; the last one names none that exists. */
        struct insn insns[] = {mov(0, 5), {.code = 0x18, .dst = 1, .src = 5, .imm = i}, {0}, leave};
        progs[i] = make_prog(PROG_socket_filter, insns, 4);
    }
    struct object o = {.progs = progs, .n_progs = N_MAPS + 1, .maps = nine_maps, .n_maps = N_MAPS};
    struct instance in;
    struct diag d = {0};
    struct interp_job job;
    struct instance_input input = {0};
    if (CHECK_EQ(instance_new(&o, NULL, &in, &d), BPFLAB_OK)) {
        for (uint32_t i = 0; i < N_MAPS; i++) {
            check_note(nine_maps[i].name);
            CHECK_EQ(in.map_why[i].err, want[i]);
            CHECK_EQ(in.code[i] != NULL, want[i] == BPFLAB_OK);
            CHECK_EQ(in.why[i].err, want[i]);
            CHECK_EQ(instance_prepare(&in, i, &input, &job, &d), want[i]);
            if (want[i]) {
                CHECK(strstr(d.text, nine_maps[i].name) != NULL);
                CHECK_EQ(d.pc, 1);
            } else {
                CHECK_EQ(interp_run(in.world, &job).r0, 5);
            }
        }
        check_note(NULL);
        CHECK_EQ(in.why[N_MAPS].err, BPFLAB_E_RANGE);
        uint8_t key[4] = {0}, value[8];
        CHECK_EQ(map_user_lookup(in.world, map_by_id(in.world, in.map_ids[0]), key, value), 0);
        CHECK(!memcmp(value, data, 8));
        uint32_t id;
        world_put32(in.world, key, 1);
        CHECK_EQ(map_user_lookup(in.world, map_by_id(in.world, in.map_ids[1]), key, value), 0);
        memcpy(&id, value, 4);
        CHECK_EQ(world_get32(in.world, &id), in.map_ids[2]);
        instance_fini(&in);
    }
    for (int i = 0; i <= N_MAPS; i++)
        prog_fini(&progs[i]);
}

/* A bare program's memory: runs with other memory, larger, smaller and none, see exactly theirs. */
static void check_memory(void) {
    /* r0 = r2; if r2 == 0 exit; r1 += r2; r0 = *(u8 *)(r1 - 1) */
    const struct insn insns[] = {{.code = 0xbf, .dst = 0, .src = 2},
                                 {.code = 0x15, .dst = 2, .off = 2},
                                 {.code = 0x0f, .dst = 1, .src = 2},
                                 {.code = 0x71, .dst = 0, .src = 1, .off = -1},
                                 leave};
    const struct insn beyond[] = {
        {.code = 0x0f, .dst = 1, .src = 2}, {.code = 0x71, .dst = 0, .src = 1}, leave};
    struct prog progs[] = {make_prog(PROG_raw, insns, 5), make_prog(PROG_raw, beyond, 3)};
    struct object o = {.progs = progs, .n_progs = 2};
    struct instance in;
    struct diag d = {0};
    static uint8_t bytes[WORLD_SCRATCH_BYTES + 1];
    static const size_t sizes[] = {16, 1, 0, 16, 17, 3, 0, 5000, 4999};
    if (!CHECK_EQ(instance_new(&o, NULL, &in, &d), BPFLAB_OK))
        return;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct interp_job job;
        size_t n = sizes[i];
        memset(bytes, 0xff, sizeof bytes);
        if (n)
            bytes[n - 1] = (uint8_t)(i + 1);
        struct instance_input input = {.mem = bytes, .mem_bytes = n};
        CHECK_EQ(instance_prepare(&in, 0, &input, &job, &d), BPFLAB_OK);
        CHECK_EQ(job.args[1], n);
        struct run_end end = interp_run(in.world, &job);
        CHECK_EQ(end.kind, RUN_EXIT);
        CHECK_EQ(end.r0, n ? i + 1 : 0);
        CHECK_EQ(instance_prepare(&in, 1, &input, &job, &d), BPFLAB_OK);
        CHECK_EQ(interp_run(in.world, &job).kind, n ? RUN_TRAP_MEMORY : RUN_TRAP_NULL);
    }
    struct interp_job job;
    struct instance_input input = {.mem = bytes, .mem_bytes = sizeof bytes};
    CHECK_EQ(instance_prepare(&in, 0, &input, &job, &d), BPFLAB_E_SPACE);
    /* And after a refusal. */
    input.mem_bytes = 8;
    CHECK_EQ(instance_prepare(&in, 0, &input, &job, &d), BPFLAB_OK);
    CHECK_EQ(interp_run(in.world, &job).kind, RUN_EXIT);
    instance_fini(&in);
    prog_fini(&progs[0]);
    prog_fini(&progs[1]);
}

/* Packets: the default, a given one, an empty one, one that does not fit; its ends are put back
 * between runs. */
static void check_packets(void) {
    /* r1 = ctx: r2 = data; r3 = data_end; r0 = r3 - r2 */
    const struct insn length[] = {{.code = 0x61, .dst = 2, .src = 1},
                                  {.code = 0x61, .dst = 0, .src = 1, .off = 4},
                                  {.code = 0x1f, .dst = 0, .src = 2},
                                  leave};
    /* xdp_adjust_head(ctx, -8) */
    const struct insn grow[] = {mov(2, -8), {.code = 0x85, .imm = 44}, leave};
    struct prog progs[] = {make_prog(PROG_xdp, length, 4), make_prog(PROG_xdp, grow, 3),
                           make_prog(999, length, 4)};
    struct object o = {.progs = progs, .n_progs = 3};
    struct instance in;
    struct diag d = {0};
    struct interp_job job;
    static uint8_t bytes[WORLD_PKT_BYTES + 1];
    if (!CHECK_EQ(instance_new(&o, NULL, &in, &d), BPFLAB_OK))
        return;
    static const struct {
        bool given;
        size_t n;
        uint64_t want;
    } rows[] = {{false, 0, INSTANCE_PACKET_DEFAULT},
                {true, 100, 100},
                {true, 0, 0},
                {false, 0, INSTANCE_PACKET_DEFAULT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct instance_input input = {.packet = rows[i].given ? bytes : NULL,
                                       .packet_bytes = rows[i].n};
        CHECK_EQ(instance_prepare(&in, 0, &input, &job, &d), BPFLAB_OK);
        CHECK_EQ(interp_run(in.world, &job).r0, rows[i].want);
    }
    struct instance_input large = {.packet = bytes, .packet_bytes = sizeof bytes};
    CHECK_EQ(instance_prepare(&in, 0, &large, &job, &d), BPFLAB_E_SPACE);
    struct instance_input small = {0};
    CHECK_EQ(instance_prepare(&in, 2, &small, &job, &d), BPFLAB_E_UNSUPPORTED);
    if (helper_proto_of(44)->implemented) {
        CHECK_EQ(instance_prepare(&in, 1, &small, &job, &d), BPFLAB_OK);
        for (int i = 0; i < 500; i++) {
            /* More often than there is headroom for. */
            struct run_end end = interp_run(in.world, &job);
            CHECK_EQ(end.r0, 0);
            CHECK(instance_moved(&in));
            instance_again(&in);
            CHECK(!instance_moved(&in));
        }
    }
    instance_fini(&in);
    for (int i = 0; i < 3; i++)
        prog_fini(&progs[i]);
}

/* A program that is none does not keep its neighbour from running. */
static void check_bad_program(void) {
    const struct insn good[] = {mov(0, 3), leave}, bad[] = {mov(0, 3)};
    struct prog progs[] = {make_prog(PROG_raw, bad, 1), make_prog(PROG_raw, good, 2)};
    struct object o = {.progs = progs, .n_progs = 2};
    struct instance in;
    struct instance_input input = {0};
    struct interp_job job;
    struct diag d = {0};
    if (CHECK_EQ(instance_new(&o, NULL, &in, &d), BPFLAB_OK)) {
        CHECK_EQ(instance_prepare(&in, 0, &input, &job, &d), BPFLAB_E_FALLTHROUGH);
        CHECK_EQ(d.pc, 0);
        CHECK_EQ(instance_prepare(&in, 1, &input, &job, &d), BPFLAB_OK);
        CHECK_EQ(interp_run(in.world, &job).r0, 3);
        instance_fini(&in);
    }
    prog_fini(&progs[0]);
    prog_fini(&progs[1]);
}

/* BTF of: 1 int; 2 bpf_spin_lock {int}; 3 bpf_timer {16 bytes}; 4 inner {int; bpf_timer at 8}; 5
 * value {int; inner at 8; bpf_spin_lock at 32}; 6 plain {int}; 7 loop {loop at 0}: hostile. */
static const char btf_strings[] = "\0int\0bpf_spin_lock\0bpf_timer\0x";
enum {
    INT = 1,
    LOCK = 5,
    TIMER = 19,
    X = 29
};
static const uint32_t btf_types[] = {
    INT,
    BTF_INT << 24,
    4,
    32,
    LOCK,
    (BTF_STRUCT << 24) | 1,
    4,
    X,
    1,
    0,
    TIMER,
    BTF_STRUCT << 24,
    16,
    X,
    (BTF_STRUCT << 24) | 2,
    24,
    X,
    1,
    0,
    X,
    3,
    64,
    X,
    (BTF_STRUCT << 24) | 3,
    40,
    X,
    1,
    0,
    X,
    4,
    64,
    X,
    2,
    256,
    X,
    (BTF_STRUCT << 24) | 1,
    4,
    X,
    1,
    0,
    X,
    (BTF_STRUCT << 24) | 1,
    4,
    X,
    7,
    0,
};

static struct btf *make_btf(void) {
    uint32_t head[6] = {0, 24, 0, sizeof btf_types, sizeof btf_types, sizeof btf_strings};
    uint8_t raw[24 + sizeof btf_types + sizeof btf_strings];
    const uint16_t magic = 0xeb9f;
    memcpy(raw, head, 24);
    memcpy(raw, &magic, 2);
    raw[2] = 1;
    memcpy(raw + 24, btf_types, sizeof btf_types);
    memcpy(raw + 24 + sizeof btf_types, btf_strings, sizeof btf_strings);
    struct btf *btf = NULL;
    struct diag d = {0};
    if (!CHECK_EQ(btf_parse(raw, sizeof raw, NULL, &btf, &d), BPFLAB_OK))
        printf("    %s\n", d.text);
    return btf;
}

static void check_fields(void) {
    struct btf *btf = make_btf();
    struct map_fields f = {9, 9, 9};
    CHECK(!fields_of_type(NULL, 1, &f));
    CHECK(!fields_of_type(btf, 0, &f));
    CHECK(!fields_of_type(btf, 6, &f));
    CHECK(!fields_of_type(btf, 1000, &f));
    CHECK(!fields_of_type(btf, 7, &f));
    CHECK_EQ(f.timer, 9);
    CHECK(fields_of_type(btf, 5, &f));
    CHECK_EQ(f.spin_lock, 32);
    CHECK_EQ(f.timer, 16);
    CHECK_EQ((uint32_t)f.workqueue, UINT32_MAX);
    CHECK(fields_of_type(btf, 4, &f));
    CHECK_EQ(f.timer, 8);
    CHECK_EQ((uint32_t)f.spin_lock, UINT32_MAX);
    /* A map of such values knows where its lock is. */
    struct map_def maps[] = {{.name = (char *)(uintptr_t)"locked",
                              .type = MAP_hash,
                              .key_size = 4,
                              .value_size = 40,
                              .max_entries = 4,
                              .inner = -1,
                              .value_btf_id = 5}};
    struct object o = {.maps = maps, .n_maps = 1, .btf = btf};
    struct instance in;
    struct diag d = {0};
    if (CHECK_EQ(instance_new(&o, NULL, &in, &d), BPFLAB_OK)) {
        CHECK_EQ(in.map_why[0].err, BPFLAB_OK);
        const struct map *m = map_by_id(in.world, in.map_ids[0]);
        CHECK(m && m->has_fields && m->fields.spin_lock == 32);
        instance_fini(&in);
    }
    btf_free(btf);
}

int main(void) {
    check_deep_tail_calls();
    for (int big = 0; big < 2; big++)
        check_arena(big);
    check_prog_array(false);
    check_prog_array(true);
    check_maps();
    check_memory();
    check_packets();
    check_bad_program();
    check_fields();
    return check_end();
}
