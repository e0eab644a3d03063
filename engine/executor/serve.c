/* serve.c: requests, one after the other. A message may be anything at all: every number in it is
 * checked. */
#include "engine/executor/serve.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "engine/fault.h"
#include "runtime/helper.h"
#include "runtime/kcall.h"
#include "runtime/report.h"

enum {
    ANSWER_ROOM = 1024 /* of each request: head, and the text of an error */
};

typedef enum bpflab_err answer_fn(struct server *s, struct wire_in *in, struct wire_out *out,
                                  struct diag *d);

enum bpflab_err server_init(struct server *s, uint8_t *shared, bool one_mapping) {
    const struct execmem_config cfg = {.n_bytes = PROTO_CODE_BYTES,
                                       .near = machine_thunk(JIT_THUNK_LOAD),
                                       .one_mapping = one_mapping};
    struct world *w;
    *s = (struct server){.shared = shared};
    s->log = malloc(LOG_BYTES);
    if (!s->log)
        return BPFLAB_E_NOMEM;
    enum bpflab_err err = execmem_new(&cfg, &s->mem, NULL);
    if (!err)
        err = machine_stub(s->mem, &s->enter_addr, &s->exit_addr);
    if (!err)
        err = fault_install();
    if (err)
        return err;
    s->code_addr = (s->exit_addr / 4096 + 1) * 4096;
    s->code_bytes = execmem_bytes(s->mem) - (uint32_t)(s->code_addr - execmem_addr(s->mem));
    if (!world_new(NULL, &w)) {
        s->at_base = w->at_base;
        world_free(w);
    }
    return BPFLAB_OK;
}

void server_fini(struct server *s) {
    server_close_object(s);
    server_close_world(s);
    execmem_free(s->mem);
    free(s->log);
}

void server_close_object(struct server *s) {
    if (!s->open)
        return;
    for (uint32_t i = 0; s->progs && i < s->instance.object->n_progs; i++)
        jit_code_fini(&s->progs[i].code);
    free(s->progs);
    s->progs = NULL;
    snapshot_free(s->fresh);
    s->fresh = NULL;
    instance_fini(&s->instance);
    packed_fini(&s->packed);
    s->open = s->prepared = false;
}

void server_close_world(struct server *s) {
    if (!s->world)
        return;
    bare_fini(&s->bare);
    world_free(s->world);
    s->world = NULL;
}

void server_progress(struct server *s, uint64_t done, uint64_t reply_bytes) {
    atomic_thread_fence(memory_order_release); /* the host may look before an answer is sent */
    struct wire_out head = {.p = s->shared + PROTO_PROGRESS_OFF, .capacity = 16};
    wire_put64(&head, done);
    wire_put64(&head, reply_bytes);
}

uint64_t server_hello(struct server *s) {
    struct wire_out out = {.p = s->shared + PROTO_REPLY_OFF, .capacity = PROTO_REPLY_BYTES};
    wire_put64(&out, proto_fingerprint(jit_host()));
    wire_put_text(&out, jit_target_name(jit_host()));
    wire_put32(&out, s->at_base);
    wire_put64(&out, s->code_addr);
    wire_put32(&out, s->code_bytes);
    wire_put64(&out, s->exit_addr);
    for (int i = 0; i < N_JIT_THUNKS; i++)
        wire_put64(&out, machine_thunk((enum jit_thunk)i));
    wire_put32(&out, N_HELPERS);
    for (uint32_t i = 0; i < N_HELPERS; i++)
        wire_put64(&out, (uint64_t)(uintptr_t)helper_fn_of(i));
    uint32_t n = 0;
    const size_t mark = wire_mark32(&out);
    for (uint32_t i = KCALL_BASE; kcall_name(i); i++) {
        helper_fn *const fn = kcall_fn_of(kcall_name(i));
        if (!fn)
            continue;
        wire_put64(&out, (uint64_t)(uintptr_t)fn);
        wire_put_text(&out, kcall_name(i));
        n++;
    }
    wire_set32(&out, mark, n);
    return out.n;
}

/* ---- an object ---- */

static void on_print(void *self, const char *text, size_t n_bytes) {
    struct server *s = self;
    const size_t room = LOG_BYTES - s->log_bytes;
    n_bytes = n_bytes < room ? n_bytes : room;
    memcpy(s->log + s->log_bytes, text, n_bytes);
    s->log_bytes += n_bytes;
}

static void put_log(struct server *s, struct wire_out *out) {
    wire_put_bytes(out, s->log, s->log_bytes);
    s->log_bytes = 0;
}

static enum bpflab_err malformed(struct diag *d) {
    return diag_set(d, BPFLAB_E_FORMAT, "a message that does not make sense");
}

static enum bpflab_err open_object(struct server *s, struct wire_in *in, struct wire_out *out,
                                   struct diag *d) {
    struct world_config cfg;
    server_close_object(s);
    server_close_world(s);
    unpack_config(in, &cfg);
    enum bpflab_err err = unpack_object(in, &s->packed);
    if (err)
        return malformed(d);
    const struct map_knowledge known = {s->packed.fields, s->packed.has_fields};
    err = instance_new_known(&s->packed.object, &known, &cfg, &s->instance, d);
    if (err) {
        packed_fini(&s->packed);
        return err;
    }
    s->open = true;
    s->progs = calloc((size_t)s->packed.object.n_progs + 1, sizeof *s->progs);
    if (!s->progs || snapshot_new(s->instance.world, &s->fresh)) {
        server_close_object(s);
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    }
    s->instance.world->print = on_print;
    s->instance.world->print_self = s;
    s->machine = (struct machine){
        .w = s->instance.world,
        .mem = s->mem,
        .enter_addr = s->enter_addr,
        .exit_addr = s->exit_addr,
        .progs = s->progs,
        .n_progs = s->packed.object.n_progs,
    };
    wire_put64(out, report_digest(s->instance.world, true));
    return BPFLAB_OK;
}

static bool read_tables(struct wire_in *in, struct jit_code *c) {
    c->n_insns = wire_count(in, 4);
    c->pc_off = calloc((size_t)c->n_insns + 1, sizeof *c->pc_off);
    for (uint32_t i = 0; c->pc_off && i <= c->n_insns; i++)
        c->pc_off[i] = wire_get32(in);
    c->n_funcs = wire_count(in, 8);
    c->funcs = calloc((size_t)c->n_funcs + 1, sizeof *c->funcs);
    for (uint32_t i = 0; c->funcs && i < c->n_funcs; i++) {
        c->funcs[i].pc = wire_get32(in);
        c->funcs[i].off = wire_get32(in);
        in->bad |= c->funcs[i].off >= c->n_bytes;
    }
    return !in->bad && c->pc_off && c->funcs && c->n_funcs && c->n_insns;
}

enum bpflab_err read_code(struct server *s, struct wire_in *in, struct machine_prog *out) {
    struct machine_prog p = {0};
    const uint32_t off = wire_get32(in);
    size_t n;
    const uint8_t *bytes = wire_get_bytes(in, &n);
    if (off % EXECMEM_ALIGN || off > s->code_bytes || n > s->code_bytes - off)
        return BPFLAB_E_RANGE;
    p.addr = s->code_addr + off;
    p.code.n_bytes = (uint32_t)n;
    enum bpflab_err err = read_tables(in, &p.code) ? BPFLAB_OK : BPFLAB_E_FORMAT;
    p.exception_pc = wire_get32(in);
    if (!err && in->bad)
        err = BPFLAB_E_FORMAT;
    if (!err)
        err = execmem_write(s->mem, p.addr, bytes, p.code.n_bytes);
    if (err)
        jit_code_fini(&p.code);
    else
        *out = p;
    return err;
}

static enum bpflab_err no_object(struct diag *d) {
    return diag_set(d, BPFLAB_E_ARG, "no object is open");
}

static enum bpflab_err take_code(struct server *s, struct wire_in *in, struct wire_out *out,
                                 struct diag *d) {
    enum bpflab_err err = BPFLAB_OK;
    (void)out;
    if (!s->open)
        return no_object(d);
    s->prepared = false;
    s->machine.fuel = wire_get32(in) != 0;
    if (execmem_begin(s->mem))
        return diag_set(d, BPFLAB_E_SYSTEM, "code memory cannot be written");
    for (uint32_t i = 0; i < s->machine.n_progs && !err; i++) {
        jit_code_fini(&s->progs[i].code);
        s->progs[i] = (struct machine_prog){0};
        if (wire_get32(in))
            err = read_code(s, in, &s->progs[i]);
    }
    if (execmem_end(s->mem))
        err = BPFLAB_E_SYSTEM;
    return err || in->bad ? diag_set(d, err ? err : BPFLAB_E_FORMAT, "code: %s",
                                     err_text(err ? err : BPFLAB_E_FORMAT))
                          : BPFLAB_OK;
}

/* Other programs, in the world as it was; their code follows. */
static enum bpflab_err swap(struct server *s, struct wire_in *in, struct wire_out *out,
                            struct diag *d) {
    (void)out;
    if (!s->open)
        return no_object(d);
    s->prepared = false;
    snapshot_restore(s->fresh, s->instance.world);
    s->instance.mem_addr = 0;
    s->instance.world->scope = wire_get64(in);
    const enum bpflab_err err = unpack_programs(in, &s->packed);
    return err ? malformed(d) : instance_swap(&s->instance, &s->packed.object, false, d);
}

static enum bpflab_err update(struct server *s, struct wire_in *in, struct wire_out *out,
                              struct diag *d) {
    (void)out;
    if (!s->open)
        return no_object(d);
    struct world *w = s->instance.world;
    struct map *m = map_by_id(w, wire_get32(in));
    const bool remove = wire_get32(in) != 0;
    const uint64_t flags = wire_get64(in);
    size_t key_bytes, value_bytes;
    const uint8_t *key = wire_get_bytes(in, &key_bytes), *value = wire_get_bytes(in, &value_bytes);
    if (in->bad || !m || (key_bytes && key_bytes != m->def.key_size) ||
        (!key_bytes && m->def.key_size) || (!remove && value_bytes != map_user_value_bytes(w, m)))
        return malformed(d);
    key = key_bytes ? key : NULL;
    if (remove)
        map_user_delete(w, m, key);
    else
        map_user_update(w, m, key, value, flags);
    return BPFLAB_OK;
}

static const uint8_t *get_optional(struct wire_in *in, size_t *n) {
    const bool there = wire_get32(in) != 0;
    const uint8_t *p = wire_get_bytes(in, n);
    return there ? p : NULL;
}

static enum bpflab_err prepare(struct server *s, struct wire_in *in, struct wire_out *out,
                               struct diag *d) {
    struct instance_input input = {0};
    struct interp_job job;
    (void)out;
    s->prepared = false;
    if (!s->open)
        return no_object(d);
    const uint32_t prog = wire_get32(in);
    input.packet = get_optional(in, &input.packet_bytes);
    input.mem = get_optional(in, &input.mem_bytes);
    input.ctx = get_optional(in, &input.ctx_bytes);
    input.fuel = wire_get64(in);
    input.may_goto_budget = wire_get64(in);
    input.seed = wire_get64(in);
    if (in->bad)
        return malformed(d);
    const enum bpflab_err err = instance_prepare(&s->instance, prog, &input, &job, d);
    if (err)
        return err;
    if (!s->progs[prog].addr)
        return diag_set(d, BPFLAB_E_ARG, "program %u has no code", prog);
    s->job = (struct machine_job){
        .prog = prog, .fuel = job.fuel, .may_goto_budget = job.may_goto_budget};
    memcpy(s->job.args, job.args, sizeof s->job.args);
    s->prepared = true;
    return BPFLAB_OK;
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static enum bpflab_err run(struct server *s, struct wire_in *in, struct wire_out *out,
                           struct diag *d) {
    const uint64_t repeat = wire_get64(in);
    uint64_t n = 0;
    struct run_end end;
    if (!s->prepared)
        return diag_set(d, BPFLAB_E_ARG, "nothing is prepared");
    const uint64_t start = now_ns();
    for (;;) {
        end = machine_run(&s->machine, &s->job);
        if (++n >= repeat || end.kind != RUN_EXIT)
            break;
        instance_again(&s->instance);
    }
    const uint64_t total = now_ns() - start;
    pack_end(out, &end);
    wire_put64(out, n);
    wire_put64(out, total);
    for (int i = 0; i < 11; i++)
        wire_put64(out, s->instance.world->exec.regs[i]);
    put_log(s, out);
    return BPFLAB_OK;
}

static enum bpflab_err again(struct server *s, struct wire_in *in, struct wire_out *out,
                             struct diag *d) {
    (void)in, (void)out;
    if (!s->prepared)
        return diag_set(d, BPFLAB_E_ARG, "nothing is prepared");
    instance_again(&s->instance);
    return BPFLAB_OK;
}

static enum bpflab_err timers(struct server *s, struct wire_in *in, struct wire_out *out,
                              struct diag *d) {
    const uint64_t ns = wire_get64(in);
    uint64_t n_fired;
    if (!s->prepared)
        return diag_set(d, BPFLAB_E_ARG, "nothing is prepared");
    const struct run_end end =
        machine_run_timers(&s->machine, &s->job, s->instance.world->st.clock_ns + ns, &n_fired);
    pack_end(out, &end);
    wire_put64(out, n_fired);
    put_log(s, out);
    return BPFLAB_OK;
}

static enum bpflab_err report(struct server *s, struct wire_in *in, struct wire_out *out,
                              struct diag *d) {
    const bool stack = wire_get32(in) != 0, whole = wire_get32(in) != 0;
    struct world_report r = {0};
    if (!s->open)
        return no_object(d);
    if (!whole)
        r.digest = report_digest(s->instance.world, stack);
    else if (report_make(s->instance.world, stack, &r))
        return diag_set(d, BPFLAB_E_NOMEM, "no memory for a report");
    wire_put64(out, r.digest);
    wire_put_bytes(out, r.bytes, r.n_bytes);
    report_fini(&r);
    return out->full ? diag_set(d, BPFLAB_E_SPACE, "the report is too long for a message")
                     : BPFLAB_OK;
}

static enum bpflab_err reset(struct server *s, struct wire_in *in, struct wire_out *out,
                             struct diag *d) {
    (void)in, (void)out;
    if (!s->open)
        return no_object(d);
    snapshot_restore(s->fresh, s->instance.world);
    s->instance.mem_addr = 0;
    s->prepared = false;
    return BPFLAB_OK;
}

static enum bpflab_err close_all(struct server *s, struct wire_in *in, struct wire_out *out,
                                 struct diag *d) {
    (void)in, (void)out, (void)d;
    server_close_object(s);
    server_close_world(s);
    return BPFLAB_OK;
}

/* ---- messages ---- */

uint64_t server_answer(struct server *s, uint64_t n_bytes) {
    static answer_fn *const answers[N_PROTO_REQUESTS] = {
        [PROTO_OPEN] = open_object, [PROTO_CODE] = take_code,     [PROTO_SWAP] = swap,
        [PROTO_UPDATE] = update,    [PROTO_PREPARE] = prepare,    [PROTO_RUN] = run,
        [PROTO_AGAIN] = again,      [PROTO_TIMERS] = timers,      [PROTO_REPORT] = report,
        [PROTO_RESET] = reset,      [PROTO_BATCH] = server_batch, [PROTO_CLOSE] = close_all,
    };
    struct wire_in all = {.p = s->shared + PROTO_REQUEST_OFF,
                          .n = n_bytes < PROTO_REQUEST_BYTES ? n_bytes : PROTO_REQUEST_BYTES};
    struct wire_out out = {.p = s->shared + PROTO_REPLY_OFF, .capacity = PROTO_REPLY_BYTES};
    uint64_t done = 0;
    enum bpflab_err err = BPFLAB_OK;
    while (all.at < all.n && !err && out.capacity - out.n >= ANSWER_ROOM) {
        struct diag d = {.pc = -1};
        const uint32_t kind = wire_get32(&all), n = wire_get32(&all);
        struct wire_in in = {.p = wire_get_raw(&all, n), .n = n};
        const size_t at = out.n, mark_err = wire_mark32(&out), mark = wire_mark32(&out);
        if (all.bad || kind >= N_PROTO_REQUESTS || !answers[kind])
            err = malformed(&d);
        else
            err = answers[kind](s, &in, &out, &d);
        if (!err && (in.bad || out.full))
            err = malformed(&d);
        if (err) {
            out.n = at + 8;
            out.full = false;
            wire_put_text(&out, d.text[0] ? d.text : err_text(err));
        }
        wire_set32(&out, mark_err, (uint32_t)err);
        wire_set32(&out, mark, (uint32_t)(out.n - mark - 4));
        server_progress(s, ++done, out.n);
    }
    return out.n;
}
