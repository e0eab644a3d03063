/* verify: arbitrary instructions through the verifier, whose every state is checked, both ways of
 * exploring; what it accepts must run. Bytes: program type; flags; then instructions. */
#include "fuzz/target.h"

#include <stdlib.h>

#include "engine/instance.h"
#include "runtime/proto.h"
#include "verifier/verify.h"

#define MAP(t, n) {.type = MAP_##t, .key_size = 4, .value_size = n, .max_entries = 4, .inner = -1}
static struct map_def maps[] = {MAP(array, 64), MAP(hash, 16), MAP(percpu_array, 8)};
#define N_MAPS (sizeof maps / sizeof *maps)

/* A run may be out of fuel, may call what the runtime lacks, and its hook may have less context
 * than others of the type. No other access, jump or call may fail. */
static bool good(const struct prog *p, struct run_end end) {
    const struct progtype *const pt = progtype_of(p->type);
    return end.kind == RUN_EXIT || end.kind == RUN_TRAP_FUEL || end.kind == RUN_TRAP_HELPER ||
           (pt && pt->opaque && end.addr - WORLD_BASE - WORLD_CTX_OFF < pt->ctx_bytes);
}

static bool runs(const struct object *o) {
    struct instance in;
    struct interp_job job;
    const struct instance_input input = {
        .mem = (const uint8_t[64]){1}, .mem_bytes = 64, .fuel = 20000};
    if (instance_new(o, NULL, &in, NULL))
        return false;
    const bool ok =
        instance_prepare(&in, 0, &input, &job, NULL) || good(o->progs, interp_run(in.world, &job));
    instance_fini(&in);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct prog prog;
    if (size < 10 || prog_from_bytes(&prog, data + 2, (size - 2) / 8 * 8, data[1] & 1, NULL))
        return 0;
    prog.type = data[0] == 255 ? PROG_raw : data[0];
    struct object o = {.progs = &prog, .n_progs = 1, .maps = maps, .n_maps = N_MAPS};
    o.big_endian = prog.big_endian;
    struct verify_input in = {.prog = &prog, .maps = maps, .n_maps = N_MAPS, .license = "GPL"};
    struct verify_options opt = {.keep = data[1] & 2 ? KEEP_ALL : KEEP_NONE,
                                 .unprivileged = data[1] & 4,
                                 .strict_align = data[1] & 8,
                                 .every_state = data[1] & 16,
                                 .no_prune = data[1] & 32,
                                 .invariants = true,
                                 .raw_mem_bytes = 64,
                                 .budget = {.insns = 20000, .time_ns = 2000000000}};
    for (opt.explore = EXPLORE_PATHS; opt.explore <= EXPLORE_FIXPOINT; opt.explore++) {
        struct verify_result r;
        if (verify(&in, &opt, &r, NULL) || (r.verdict == VERDICT_ACCEPT && !runs(&o)))
            abort();
        verify_result_fini(&r);
    }
    prog_fini(&prog);
    return 0;
}
