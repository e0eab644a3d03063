/* run.c: fuzz target of the interpreter: arbitrary instructions may do anything but harm. The run
 * ends as a value, and the plain and the tracing form end alike and leave the same world.
 * input: byte 0: the world's byte order (bit 0), the instructions' (bit 1); the rest: instructions
 */
#include "fuzz/target.h"

#include <stdlib.h>

#include "interp/interp.h"
#include "runtime/snapshot.h"

static struct world *worlds[2];
static struct snapshot *fresh[2];

static void init(int big) {
    struct world_config cfg;
    world_config_init(&cfg);
    cfg.big_endian = big;
    const uint8_t packet[64] = {0}, mem[64] = {1, 2, 3};
    if (world_new(&cfg, &worlds[big]) || world_set_packet(worlds[big], packet, sizeof packet) ||
        !world_set_mem(worlds[big], mem, sizeof mem) || snapshot_new(worlds[big], &fresh[big]))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct prog prog;
    struct interp_code *code;
    if (size < 9 || prog_from_bytes(&prog, data + 1, (size - 1) / 8 * 8, data[0] & 2, NULL))
        return 0;
    const int big = data[0] & 1;
    if (!worlds[big])
        init(big);
    struct world *w = worlds[big];
    const struct interp_bind bind = {.world = w};
    if (!interp_compile(&prog, &bind, &code, NULL)) {
        struct interp_job job = {
            .code = code,
            .args = {WORLD_BASE + WORLD_SCRATCH_OFF, 64, WORLD_BASE + WORLD_PKT_OFF + 256},
            .fuel = 2000,
            .may_goto_budget = 100};
        struct snapshot *after;
        struct world_diff diff;
        uint64_t n;
        world_begin_run(w);
        const struct run_end a = interp_run(w, &job);
        if (snapshot_new(w, &after))
            abort();
        snapshot_restore(fresh[big], w);
        world_begin_run(w);
        const struct run_end b = interp_trace(w, &job, &n);
        if (a.kind != b.kind || a.pc != b.pc || a.r0 != b.r0 || a.addr != b.addr ||
            !world_compare(w, after, true, &diff))
            abort();
        snapshot_free(after);
        snapshot_restore(fresh[big], w);
        interp_code_free(code);
    }
    prog_fini(&prog);
    return 0;
}
