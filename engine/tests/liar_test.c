/* liar_test.c: hosts of an executor that lies (liar_main.c) get errors, or wrong results, and are
 * none the worse for it: most of what this test says it says in a build with sanitizers.
 *
 *     liar_test DIR [SESSIONS]      DIR: where the liar is, as bpflab-exec-x86-64
 */
#include "engine/tests/rig.h"

#include "engine/batch.h"

static bool look(void *self, const void *key, uint32_t cpu, const void *value, uint32_t n_bytes) {
    uint64_t *const sum = self;
    *sum += cpu + (key ? *(const uint8_t *)key : 0);
    for (uint32_t i = 0; i < n_bytes; i++)
        *sum += ((const uint8_t *)value)[i];
    return true;
}

/* Everything that asks an executor. out: r0 of the run */
static uint64_t ask_all(struct engine_session *s, const struct spec *spec) {
    static const uint8_t key[4] = {1}, value[4 * 8] = {5}; /* of each CPU */
    struct engine_result r = {0};
    struct run_end end;
    struct world_report report = {0}, here = {0};
    struct world_diff diff;
    struct diag d;
    uint64_t digest, sum = 0, n;
    int result;
    (void)engine_map_update(s, 0, key, value, MAP_ANY, &result, &d);
    for (int i = 0; i < 3; i++) {
        if (engine_prepare(s, 0, &spec->input, &d) || engine_run(s, 2, &r, &d))
            continue;
        (void)engine_digest(s, true, &digest, &d);
        if (!engine_report(s, true, &report, &d)) {
            CHECK_EQ(report_make(engine_instance(s)->world, true, &here), BPFLAB_OK);
            (void)report_diff(engine_instance(s)->world, &here, &report, &diff);
            report_fini(&here);
            report_fini(&report);
        }
        (void)engine_pull(s, &d);
        (void)engine_map_each(s, 0, look, &sum);
        (void)engine_run_timers(s, 1000, &end, &n, &d);
        /* the host's world is one that the interpreter can run in, whatever was pulled */
        (void)interp_run(engine_instance(s)->world, engine_job(s));
        if (i == 1)
            (void)engine_reset(s, &d);
    }
    return r.end.r0;
}

static void ask_batch(const struct engine *e, const struct engine_options *opt,
                      const struct prog *p) {
    static const uint8_t mem[40] = {3};
    uint8_t after[30][40];
    struct engine_case c[30];
    struct engine_batch *b;
    struct diag d;
    for (int i = 0; i < 30; i++)
        c[i] = (struct engine_case){
            .prog = p, .mem = mem, .mem_bytes = sizeof mem, .mem_after = after[i]};
    if (engine_batch_open(e, opt, &b, &d))
        return;
    for (int i = 0; i < 3; i++)
        (void)engine_batch_run(b, c, 30, 1000, &d);
    engine_batch_close(b);
}

int main(int argc, char **argv) {
    const struct spec spec = {
        .text = {"r6 = r1\n*(u32 *)(r10 - 4) = 1\nr1 = map_idx(0) ll\nr2 = r10\nr2 += -4\n"
                 "call 1\nif r0 == 0 goto out\nr1 = *(u64 *)(r0 + 0)\nr1 += 1\n"
                 "*(u64 *)(r0 + 0) = r1\nout: call 5\nr0 = *(u8 *)(r6 + 0)\nexit"},
        .maps = {{.name = (char *)(uintptr_t)"counts",
                  .type = MAP_percpu_hash,
                  .key_size = 4,
                  .value_size = 8,
                  .max_entries = 4}},
        .input = {.mem = (const uint8_t[]){7, 8}, .mem_bytes = 2}};
    const struct spec bare = {.text = {"r0 = *(u8 *)(r1 + 0)\nr2 = 5\n*(u8 *)(r1 + 1) = r2\nexit"}};
    const unsigned n = argc > 2 ? (unsigned)atoi(argv[2]) : check_rounds(120);
    struct engine_options opt = {.opt = 1, .fuel = true, .timeout_ms = 2000};
    struct engine e;
    struct diag d = {0};
    struct rig r, rb;
    unsigned n_opened = 0;
    if (argc < 2 || engine_find("jit:x86-64", true, &e, &d) || !rig_init(&r, &spec) ||
        !rig_init(&rb, &bare))
        return 1;
    opt.executor_dir = argv[1];
    for (unsigned i = 0; i < n; i++) {
        struct engine_session *s = NULL;
        char seed[20];
        snprintf(seed, sizeof seed, "%u", i);
        setenv("BPFLAB_TEST_SEED", seed, 1);
        if (!engine_open(&e, &r.object, NULL, &opt, &s, &d)) {
            const uint64_t r0 = ask_all(s, &spec);
            CHECK(i % 4 != 0 || r0 == 7);
            n_opened++;
            engine_close(s);
        } else if (!CHECK(i % 4 != 0)) {
            printf("    %s\n", d.text);
        }
        ask_batch(&e, &opt, rb.progs);
    }
    CHECK(n_opened > n / 4);
    rig_fini(&r);
    rig_fini(&rb);
    return check_end();
}
