/* jit_foreign.c: generated code in an executor. Code is made here, with the executor's addresses;
 * the executor makes the same world as the host's twin, and runs.
 *
 * Requests that have no answer of their own are put off and go along with the next one that has, so
 * that a run costs one message.
 */
#include <stdlib.h>

#include "engine/child.h"
#include "engine/code_wire.h"
#include "engine/ops.h"
#include "engine/pack.h"

enum {
    MAX_IDLE = 8,
    CODE_ALIGN = 64,
    FLUSH_BYTES = PROTO_REQUEST_BYTES / 2, /* of requests that are put off: then they are sent */
};

struct executors {
    struct child *idle[MAX_IDLE];
    unsigned n_idle;
};

struct foreign {
    struct child *child; /* NULL: it must be started */
    struct wire_out q;   /* the message being made, in the child's memory */
    uint32_t n_queued;
    uint64_t fresh_digest; /* of the host's world at the beginning: the executor's must have it */
    bool digested;         /* digest is of the world as the last run left it */
    uint64_t digest;
    enum run_kind lost; /* why the child is gone: RUN_CRASHED or RUN_HUNG; else RUN_EXIT */
};

/* ---- executors that outlive a session ---- */

struct executors *executors_new(void) {
    return calloc(1, sizeof(struct executors));
}

void executors_free(struct executors *x) {
    for (unsigned i = 0; x && i < x->n_idle; i++)
        child_stop(x->idle[i]);
    free(x);
}

static struct child *take_idle(struct executors *x, const struct jit_arch *arch) {
    for (unsigned i = 0; x && i < x->n_idle; i++)
        if (x->idle[i]->arch == arch) {
            struct child *c = x->idle[i];
            x->idle[i] = x->idle[--x->n_idle];
            return c;
        }
    return NULL;
}

static void give_back(struct executors *x, struct child *c) {
    if (x && c && x->n_idle < MAX_IDLE)
        x->idle[x->n_idle++] = c;
    else
        child_stop(c);
}

/* ---- messages ---- */

static void begin_message(struct foreign *f) {
    f->q = (struct wire_out){.p = f->child->shared + PROTO_REQUEST_OFF,
                             .capacity = PROTO_REQUEST_BYTES};
    f->n_queued = 0;
}

static size_t begin(struct foreign *f, enum proto_request kind) {
    wire_put32(&f->q, (uint32_t)kind);
    f->n_queued++;
    f->digested = false;
    return wire_mark32(&f->q);
}

static void end(struct foreign *f, size_t mark) {
    wire_set32(&f->q, mark, (uint32_t)(f->q.n - mark - 4));
}

/* Go through the replies; the last one's content is left in *in, that of the one before in *before
 * (NULL: nobody asks). */
static enum bpflab_err read_replies(const struct foreign *f, uint64_t n_bytes,
                                    struct wire_in *before, struct wire_in *in, struct diag *d) {
    struct wire_in all = {.p = f->child->shared + PROTO_REPLY_OFF, .n = n_bytes};
    for (uint32_t i = 0; i < f->n_queued; i++) {
        const uint32_t code = wire_get32(&all), n = wire_get32(&all);
        const uint8_t *content = wire_get_raw(&all, n);
        if (before)
            *before = *in;
        *in = (struct wire_in){.p = content, .n = n};
        if (all.bad || code >= N_BPFLAB_ERRS)
            return diag_set(d, BPFLAB_E_SYSTEM, "the executor's answer does not make sense");
        if (code) {
            char *text = wire_get_text(in);
            diag_set(d, (enum bpflab_err)code, "the executor: %.160s",
                     text ? text : err_text((enum bpflab_err)code));
            free(text);
            return (enum bpflab_err)code;
        }
    }
    return BPFLAB_OK;
}

/* The child is gone: so is all that it had. */
static enum bpflab_err lose(struct engine_session *s, enum run_kind why, struct diag *d) {
    struct foreign *f = s->own;
    child_stop(f->child);
    f->child = NULL;
    f->n_queued = 0;
    f->lost = why;
    snapshot_restore(s->fresh, s->instance.world);
    s->instance.mem_addr = 0;
    s->prepared = false;
    return diag_set(d, BPFLAB_E_SYSTEM, "the executor %s",
                    why == RUN_HUNG ? "did not answer in time" : "crashed");
}

static enum bpflab_err ask_two(struct engine_session *s, struct wire_in *before, struct wire_in *in,
                               struct diag *d) {
    struct foreign *f = s->own;
    uint64_t n;
    if (f->q.full) {
        begin_message(f);
        return diag_set(d, BPFLAB_E_SPACE, "the message to the executor is too long");
    }
    const enum child_answer answer =
        child_ask(f->child, f->q.n, f->n_queued, s->opt.timeout_ms, &n);
    if (answer != CHILD_ANSWERED)
        return lose(s, answer == CHILD_LATE ? RUN_HUNG : RUN_CRASHED, d);
    const enum bpflab_err err = read_replies(f, n, before, in, d);
    begin_message(f);
    return err;
}

static enum bpflab_err ask(struct engine_session *s, struct wire_in *in, struct diag *d) {
    return ask_two(s, NULL, in, d);
}

/* ---- opening ---- */

/* Compile every program, one behind the other. */
static void put_programs(struct engine_session *s) {
    struct foreign *f = s->own;
    const struct object *o = s->instance.object;
    uint32_t off = 0;
    wire_put32(&f->q, s->opt.fuel);
    for (uint32_t i = 0; i < o->n_progs; i++) {
        struct jit_code code = {0};
        struct diag *why = &s->why[i];
        if (!why->err)
            why->err = bind_compile(&s->instance, i, &s->opt, &f->child->process,
                                    f->child->code_addr + off, &code, why);
        if (!why->err && code.n_bytes > f->child->code_bytes - off)
            why->err = diag_set(why, BPFLAB_E_SPACE, "no room for machine code");
        wire_put32(&f->q, !why->err);
        if (!why->err) {
            code_put(&f->q, &code, off, bind_exception(&o->progs[i]));
            s->code_bytes[i] = code.n_bytes;
            off += (code.n_bytes + CODE_ALIGN - 1) / CODE_ALIGN * CODE_ALIGN;
        }
        jit_code_fini(&code);
    }
}

static void put_code(struct engine_session *s) {
    struct foreign *f = s->own;
    const size_t mark = begin(f, PROTO_CODE);
    put_programs(s);
    end(f, mark);
}

/* The object's world and code in a child that has neither. */
static enum bpflab_err open_object(struct engine_session *s, struct diag *d) {
    struct foreign *f = s->own;
    struct wire_in in;
    begin_message(f);
    const size_t mark = begin(f, PROTO_OPEN);
    pack_config(&f->q, &s->instance.world->cfg);
    pack_object(&f->q, s->instance.object);
    end(f, mark);
    enum bpflab_err err = ask(s, &in, d);
    if (!err && wire_get64(&in) != f->fresh_digest)
        err = diag_set(d, BPFLAB_E_INTERNAL, "the executor's world is not the host's");
    if (err)
        return err;
    put_code(s);
    return ask(s, &in, d);
}

static void drop_child(struct foreign *f) {
    child_stop(f->child);
    f->child = NULL;
}

/* A child with the object open, started if there is none, and with room for another request. */
static enum bpflab_err have_child(struct engine_session *s, struct diag *d) {
    struct foreign *f = s->own;
    struct wire_in in;
    if (f->child)
        return f->q.n < FLUSH_BYTES ? BPFLAB_OK : ask(s, &in, d);
    f->child = take_idle(s->opt.executors, s->engine.arch);
    if (f->child && !open_object(s, d))
        return BPFLAB_OK;
    drop_child(f); /* one that waited for work may have died of something else meanwhile */
    enum bpflab_err err = child_start(s->engine.arch, s->opt.executor_dir, &f->child, d);
    if (!err)
        err = open_object(s, d);
    if (err)
        drop_child(f);
    return err;
}

static enum bpflab_err open_foreign(struct engine_session *s, struct diag *d) {
    struct foreign *f = calloc(1, sizeof *f);
    s->own = f;
    if (!f)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    f->fresh_digest = report_digest(s->instance.world, true);
    return have_child(s, d);
}

static void close_foreign(struct engine_session *s) {
    struct foreign *f = s->own;
    struct wire_in in;
    if (!f)
        return;
    if (f->child && s->opt.executors) {
        begin_message(f);
        end(f, begin(f, PROTO_CLOSE));
        if (!ask(s, &in, NULL))
            give_back(s->opt.executors, f->child);
        else
            child_stop(f->child);
    } else {
        child_stop(f->child);
    }
    free(f);
}

/* ---- requests that are put off ---- */

static enum bpflab_err update(struct engine_session *s, uint32_t map, const void *key,
                              const void *value, uint64_t flags, bool remove, struct diag *d) {
    struct foreign *f = s->own;
    const enum bpflab_err err = have_child(s, d);
    const struct map *m = map_by_id(s->instance.world, s->instance.map_ids[map]);
    if (err)
        return err;
    const size_t mark = begin(f, PROTO_UPDATE);
    wire_put32(&f->q, m->id);
    wire_put32(&f->q, remove);
    wire_put64(&f->q, flags);
    wire_put_bytes(&f->q, key, key ? m->def.key_size : 0);
    wire_put_bytes(&f->q, value, value ? map_user_value_bytes(s->instance.world, m) : 0);
    end(f, mark);
    return BPFLAB_OK;
}

static void put_optional(struct wire_out *q, const uint8_t *bytes, size_t n) {
    wire_put32(q, bytes != NULL);
    wire_put_bytes(q, bytes, bytes ? n : 0);
}

static enum bpflab_err prepare(struct engine_session *s, uint32_t prog,
                               const struct instance_input *input, struct diag *d) {
    struct foreign *f = s->own;
    const enum bpflab_err err = have_child(s, d);
    if (err)
        return err;
    const size_t mark = begin(f, PROTO_PREPARE);
    wire_put32(&f->q, prog);
    put_optional(&f->q, input->packet, input->packet_bytes);
    put_optional(&f->q, input->mem, input->mem_bytes);
    put_optional(&f->q, input->ctx, input->ctx_bytes);
    wire_put64(&f->q, input->fuel);
    wire_put64(&f->q, input->may_goto_budget);
    wire_put64(&f->q, input->seed);
    end(f, mark);
    return BPFLAB_OK;
}

static enum bpflab_err simple(struct engine_session *s, enum proto_request kind, struct diag *d) {
    const enum bpflab_err err = have_child(s, d);
    if (!err)
        end(s->own, begin(s->own, kind));
    return err;
}

static enum bpflab_err again(struct engine_session *s, struct diag *d) {
    return simple(s, PROTO_AGAIN, d);
}

/* A child that must be started is opened with the programs that are there now. */
static enum bpflab_err swap(struct engine_session *s, struct diag *d) {
    struct foreign *f = s->own;
    const bool had = f->child != NULL;
    const enum bpflab_err err = have_child(s, d);
    if (err || !had)
        return err;
    const size_t mark = begin(f, PROTO_SWAP);
    wire_put64(&f->q, s->instance.world->scope);
    pack_programs(&f->q, s->instance.object);
    end(f, mark);
    put_code(s);
    return BPFLAB_OK;
}

static enum bpflab_err reset(struct engine_session *s, struct diag *d) {
    return simple(s, PROTO_RESET, d);
}

/* ---- requests with an answer ---- */

/* What the programs printed, to whom the host's world says. */
static void forward_print(const struct engine_session *s, struct wire_in *in) {
    const struct world *w = s->instance.world;
    size_t n;
    const uint8_t *text = wire_get_bytes(in, &n);
    if (text && n && w->print)
        w->print(w->print_self, (const char *)text, n);
}

static enum bpflab_err bad_answer(const struct wire_in *in, struct diag *d) {
    return in->bad ? diag_set(d, BPFLAB_E_SYSTEM, "the executor's answer does not make sense")
                   : BPFLAB_OK;
}

static void ask_report(struct foreign *f, bool stack, bool whole) {
    const size_t mark = begin(f, PROTO_REPORT);
    wire_put32(&f->q, stack);
    wire_put32(&f->q, whole);
    end(f, mark);
}

/* The digest of what is left comes along: whoever runs a program mostly asks for it. */
static enum bpflab_err run(struct engine_session *s, uint64_t repeat, struct engine_result *out,
                           struct diag *d) {
    struct foreign *f = s->own;
    struct wire_in in = {0}, digest = {0};
    const size_t mark = begin(f, PROTO_RUN);
    wire_put64(&f->q, repeat);
    end(f, mark);
    ask_report(f, true, false);
    f->lost = RUN_EXIT;
    const enum bpflab_err err = ask_two(s, &in, &digest, d);
    if (err && f->lost) {
        out->end = (struct run_end){.kind = f->lost, .pc = UINT32_MAX};
        out->n_runs = 1;
        return BPFLAB_OK;
    }
    if (err)
        return err;
    out->end = unpack_end(&in);
    out->n_runs = wire_get64(&in);
    out->total_ns = wire_get64(&in);
    for (int i = 0; i < 11; i++)
        out->regs[i] = wire_get64(&in);
    out->has_regs = s->opt.expose;
    in.bad |= !out->n_runs || out->n_runs > repeat;
    forward_print(s, &in);
    f->digest = wire_get64(&digest);
    f->digested = !digest.bad;
    return bad_answer(&in, d);
}

static enum bpflab_err timers(struct engine_session *s, uint64_t ns, struct run_end *ending,
                              uint64_t *n_fired, struct diag *d) {
    struct foreign *f = s->own;
    struct wire_in in;
    enum bpflab_err err = have_child(s, d);
    if (err)
        return err;
    const size_t mark = begin(f, PROTO_TIMERS);
    wire_put64(&f->q, ns);
    end(f, mark);
    f->lost = RUN_EXIT;
    err = ask(s, &in, d);
    if (err && f->lost) {
        *ending = (struct run_end){.kind = f->lost, .pc = UINT32_MAX};
        *n_fired = 0;
        return BPFLAB_OK;
    }
    if (err)
        return err;
    *ending = unpack_end(&in);
    *n_fired = wire_get64(&in);
    forward_print(s, &in);
    return bad_answer(&in, d);
}

static enum bpflab_err report(struct engine_session *s, bool stack, bool whole,
                              struct world_report *out, struct diag *d) {
    struct foreign *f = s->own;
    struct wire_in in;
    if (f->child && f->digested && stack && !whole) {
        *out = (struct world_report){.digest = f->digest};
        return BPFLAB_OK;
    }
    enum bpflab_err err = have_child(s, d);
    if (err)
        return err;
    ask_report(f, stack, whole);
    err = ask(s, &in, d);
    if (err)
        return err;
    struct world_report r = {.digest = wire_get64(&in)};
    const uint8_t *bytes = wire_get_bytes(&in, &r.n_bytes);
    if (r.n_bytes && (r.bytes = malloc(r.n_bytes)) == NULL)
        return diag_set(d, BPFLAB_E_NOMEM, "no memory for a report");
    if (r.bytes)
        memcpy(r.bytes, bytes, r.n_bytes);
    *out = r;
    return bad_answer(&in, d);
}

const struct engine_ops engine_foreign = {
    .open = open_foreign,
    .close = close_foreign,
    .update = update,
    .prepare = prepare,
    .run = run,
    .again = again,
    .timers = timers,
    .report = report,
    .swap = swap,
    .reset = reset,
};
