/* executor_test.c: executors that crash, hang and are started anew under a session; messages that
 * make no sense; reports that differ; executors that are not there.
 *
 *     executor_test TARGET [MESSAGES]      that make no sense, 200 unless it says so
 */
#include "engine/tests/rig.h"

#include "engine/child.h"
#include "engine/pack.h"

enum {
    TIMEOUT_MS = 2000
};

static struct engine engine;

static struct engine_session *open_session(const struct rig *r, bool fuel) {
    const struct engine_options opt = {.opt = 1, .fuel = fuel, .timeout_ms = TIMEOUT_MS};
    struct engine_session *s = NULL;
    struct diag d = {0};
    if (!CHECK_EQ(engine_open(&engine, &r->object, NULL, &opt, &s, &d), BPFLAB_OK))
        printf("    %s\n", d.text);
    return s;
}

static struct run_end run_one(struct engine_session *s, const struct instance_input *input) {
    struct engine_result out = {.end = {.kind = RUN_TRAP_INSN}};
    struct diag d = {0};
    if (!CHECK_EQ(engine_prepare(s, 0, input, &d), BPFLAB_OK) ||
        !CHECK_EQ(engine_run(s, 1, &out, &d), BPFLAB_OK))
        printf("    %s\n", d.text);
    return out.end;
}

/* Memory says what the program does: 0 ends, 1 never ends, 2 destroys struct world. */
static void check_accidents(void) {
    char text[600];
    struct diag d = {0};
    struct rig r;
    snprintf(text, sizeof text,
             "r6 = *(u8 *)(r1 + 0)\nif r6 == 2 goto crash\nl: if r6 == 1 goto l\n"
             "r1 = map_idx(0) ll\nr2 = r10\nr2 += -4\n*(u32 *)(r10 - 4) = 0\ncall 1\n"
             "if r0 == 0 goto out\nr1 = *(u64 *)(r0 + 0)\nr1 += 1\n*(u64 *)(r0 + 0) = r1\n"
             "r0 = r1\nout: exit\n"
             "crash: r1 = %#llx ll\nr2 = 0\n*(u64 *)(r1 + 0) = r2\ncall 5\nr0 = 1\nexit",
             (unsigned long long)(WORLD_BASE + WORLD_STATE_OFF + offsetof(struct world, trace)));
    const struct spec spec = {.text = {text},
                              .maps = {{.name = (char *)(uintptr_t)"count",
                                        .type = MAP_array,
                                        .key_size = 4,
                                        .value_size = 8,
                                        .max_entries = 1}}};
    static const uint8_t how[3] = {0, 1, 2};
    struct instance_input in[3];
    for (int i = 0; i < 3; i++)
        in[i] = (struct instance_input){.mem = &how[i], .mem_bytes = 1};
    if (!rig_init(&r, &spec))
        return;
    r.object.big_endian = jit_target_big_endian(engine.arch);
    struct engine_session *s = open_session(&r, false);
    for (int round = 0; s && round < 2; round++) {
        CHECK_EQ(run_one(s, &in[0]).r0, 1); /* the map counts; a new executor begins again */
        CHECK_EQ(run_one(s, &in[0]).r0, 2);
        CHECK_EQ(run_one(s, &in[1]).kind, RUN_HUNG);
        struct engine_result out;
        CHECK_EQ(engine_run(s, 1, &out, &d), BPFLAB_E_ARG); /* nothing is prepared now */
        CHECK_EQ(run_one(s, &in[0]).r0, 1);
        CHECK_EQ(run_one(s, &in[2]).kind, RUN_CRASHED);
    }
    if (s) {
        CHECK_EQ(run_one(s, &in[0]).r0, 1);
        CHECK_EQ(engine_reset(s, &d), BPFLAB_OK);
        CHECK_EQ(run_one(s, &in[0]).r0, 1);
    }
    engine_close(s);
    rig_fini(&r);
}

/* Updates and deletes reach the executor's maps; reports tell what differs. */
static void check_maps(void) {
    static const uint8_t key[4] = {7, 7, 7, 7}, value[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const struct spec spec = {.text = {"r1 = map_idx(0) ll\nr2 = r10\nr2 += -4\n"
                                       "*(u32 *)(r10 - 4) = 0x07070707\ncall 1\n"
                                       "if r0 == 0 goto out\nr0 = *(u8 *)(r0 + 2)\nout: exit"},
                              .maps = {{.name = (char *)(uintptr_t)"table",
                                        .type = MAP_hash,
                                        .key_size = 4,
                                        .value_size = 8,
                                        .max_entries = 4}}};
    const struct instance_input none = {0};
    struct diag d = {0};
    struct rig r;
    int result = 1;
    if (!rig_init(&r, &spec))
        return;
    r.object.big_endian = jit_target_big_endian(engine.arch);
    struct engine_session *a = open_session(&r, true), *b = open_session(&r, true);
    if (a && b) {
        struct world_report ra = {0}, rb = {0};
        struct world_diff diff;
        CHECK_EQ(run_one(a, &none).r0, 0);
        CHECK_EQ(engine_map_update(a, 0, key, value, MAP_ANY, &result, &d), BPFLAB_OK);
        CHECK_EQ(result, 0);
        CHECK_EQ(run_one(a, &none).r0, 3);
        CHECK_EQ(run_one(b, &none).r0, 0);
        CHECK_EQ(engine_report(a, true, &ra, &d), BPFLAB_OK);
        CHECK_EQ(engine_report(b, true, &rb, &d), BPFLAB_OK);
        CHECK(ra.digest != rb.digest);
        CHECK(!report_diff(engine_instance(a)->world, &ra, &rb, &diff));
        bool call = false, map = false;
        for (uint32_t i = 0; i < diff.n && i < WORLD_DIFF_MAX; i++) {
            call |= !strcmp(diff.item[i].what, "call 0: result");
            map |= !strcmp(diff.item[i].what, "map table: key 07070707 is in one only");
        }
        CHECK(call && map);
        report_fini(&ra);
        report_fini(&rb);
        CHECK_EQ(engine_map_delete(a, 0, key, &result, &d), BPFLAB_OK);
        CHECK_EQ(result, 0);
        CHECK_EQ(run_one(a, &none).r0, 0);
        CHECK_EQ(engine_map_update(a, 5, key, value, MAP_ANY, &result, &d), BPFLAB_E_NOTFOUND);
    }
    engine_close(a);
    engine_close(b);
    rig_fini(&r);
}

/* Random bytes, and an object's message with bytes changed: the executor says no, and lives. What
 * runs code is left out: any code may be run then. */
static void check_messages(unsigned n) {
    static const uint32_t kinds[] = {PROTO_HELLO, PROTO_OPEN,   PROTO_UPDATE, PROTO_PREPARE,
                                     PROTO_SWAP,  PROTO_AGAIN,  PROTO_REPORT, PROTO_RESET,
                                     PROTO_CLOSE, PROTO_TIMERS, 77,           UINT32_MAX};
    struct child *c;
    struct diag d = {0};
    uint64_t seed = 3, n_reply, n_no = 0;
    if (!CHECK_EQ(child_start(engine.arch, NULL, &c, &d), BPFLAB_OK))
        return;
    uint8_t *const request = c->shared + PROTO_REQUEST_OFF;
    const struct spec spec = {.text = {"r0 = 1\nexit"},
                              .maps = {{.name = (char *)(uintptr_t)"table",
                                        .type = MAP_hash,
                                        .key_size = 4,
                                        .value_size = 8,
                                        .max_entries = 4}}};
    struct rig r;
    struct world_config cfg;
    rig_init(&r, &spec);
    world_config_init(&cfg);
    for (unsigned i = 0; i < n; i++) {
        struct wire_out q = {.p = request, .capacity = PROTO_REQUEST_BYTES};
        const bool object = i % 2;
        wire_put32(&q, object ? (uint32_t)PROTO_OPEN
                              : kinds[check_random(&seed) % (sizeof kinds / sizeof *kinds)]);
        const size_t mark = wire_mark32(&q);
        if (object) {
            pack_config(&q, &cfg);
            pack_object(&q, &r.object);
            for (uint64_t k = check_random(&seed) % 4; k; k--)
                request[8 + check_random(&seed) % (q.n - 8)] = (uint8_t)check_random(&seed);
        } else {
            for (uint64_t k = check_random(&seed) % 60; k; k--)
                wire_put32(&q, check_random(&seed) % 4 ? (uint32_t)(check_random(&seed) % 9)
                                                       : (uint32_t)check_random(&seed));
        }
        wire_set32(&q, mark,
                   (uint32_t)(q.n - mark - 4) +
                       (check_random(&seed) % 8 ? 0 : (uint32_t)check_random(&seed)));
        /* nonsense may ask for large maps, which take their time under an emulator */
        if (!CHECK_EQ(child_ask(c, q.n, 1, 30 * TIMEOUT_MS, &n_reply), CHILD_ANSWERED))
            break;
        struct wire_in in = {.p = c->shared + PROTO_REPLY_OFF, .n = n_reply};
        n_no += wire_get32(&in) != BPFLAB_OK;
    }
    CHECK(n_no > n / 3);
    /* it still works */
    struct wire_out q = {.p = request, .capacity = PROTO_REQUEST_BYTES};
    wire_put32(&q, PROTO_OPEN);
    const size_t mark = wire_mark32(&q);
    pack_config(&q, &cfg);
    pack_object(&q, &r.object);
    wire_set32(&q, mark, (uint32_t)(q.n - mark - 4));
    CHECK_EQ(child_ask(c, q.n, 1, TIMEOUT_MS, &n_reply), CHILD_ANSWERED);
    struct wire_in in = {.p = c->shared + PROTO_REPLY_OFF, .n = n_reply};
    CHECK_EQ(wire_get32(&in), BPFLAB_OK);
    rig_fini(&r);
    child_stop(c);
}

static void check_missing(void) {
    const struct spec spec = {.text = {"r0 = 1\nexit"}};
    const struct engine_options opt = {.executor_dir = "/nonexistent"};
    struct engine_session *s;
    struct diag d = {0};
    struct rig r;
    if (rig_init(&r, &spec)) {
        CHECK_EQ(engine_open(&engine, &r.object, NULL, &opt, &s, &d), BPFLAB_E_MISSING);
        CHECK(strstr(d.text, "package") != NULL);
    }
    rig_fini(&r);
}

int main(int argc, char **argv) {
    char path[512];
    struct diag d = {0};
    if (argc < 2 || engine_find(argv[1], true, &engine, &d))
        return 1;
    check_missing();
    if (!engine_executor_path(engine.arch, NULL, path)) {
        printf("skipped: %s is not built\n", path);
        return 77;
    }
    check_maps();
    check_accidents();
    check_messages(argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : check_rounds(200));
    return check_end();
}
