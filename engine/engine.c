/* engine.c: names of engines, and what all kinds share: the host's instance. */
#define _GNU_SOURCE
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/ops.h"
#include "jit/jit.h"

/* ---- names ---- */

static bool is_stub(const struct jit_arch *a) {
    return !strcmp(jit_target_name(a), "stub");
}

const char *engine_name_at(unsigned i, char buf[24]) {
    static const char *const first[] = {"interp", "jit"};
    if (i < 2)
        return first[i];
    const struct jit_arch *a;
    for (unsigned k = 0, at = 2; (a = jit_target_at(k)); k++)
        if (!is_stub(a) && at++ == i) {
            snprintf(buf, 24, "jit:%.18s", jit_target_name(a));
            return buf;
        }
    return NULL;
}

enum bpflab_err engine_find(const char *name, bool contained, struct engine *out, struct diag *d) {
    struct engine e = {.kind = ENGINE_INTERP, .name = "interp"};
    if (!strcmp(name, "interp")) {
        *out = e;
        return BPFLAB_OK;
    }
    if (!strcmp(name, "jit"))
        e.arch = jit_host();
    else if (!strncmp(name, "jit:", 4))
        e.arch = jit_target(name + 4);
    else
        return diag_set(d, BPFLAB_E_NOTFOUND, "unknown engine %.40s", name);
    if (!e.arch && !strcmp(name, "jit"))
        return diag_set(d, BPFLAB_E_MISSING, "engine jit is missing: no target is this machine's");
    if (!e.arch || is_stub(e.arch))
        return diag_set(d, BPFLAB_E_NOTFOUND, "unknown target %.40s", name + 4);
    e.kind = e.arch == jit_host() && !contained ? ENGINE_NATIVE : ENGINE_FOREIGN;
    snprintf(e.name, sizeof e.name, "jit:%.18s", jit_target_name(e.arch));
    *out = e;
    return BPFLAB_OK;
}

/* ---- sessions ---- */

uint64_t engine_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* Does the object's content depend on its byte order, and is it the other one? */
static bool wrong_order(const struct engine *e, const struct object *o) {
    return e->arch && jit_target_big_endian(e->arch) != o->big_endian && (o->btf || o->n_maps);
}

static enum bpflab_err make(struct engine_session *s, const struct object *o,
                            const struct world_config *cfg, struct diag *d) {
    struct world_config own;
    if (!cfg) {
        instance_config(o, &own);
        if (s->engine.arch)
            own.big_endian = jit_target_big_endian(s->engine.arch);
        cfg = &own;
    }
    enum bpflab_err err = instance_new(o, cfg, &s->instance, d);
    if (err)
        return err;
    s->why = calloc((size_t)o->n_progs + 1, sizeof *s->why);
    s->code_bytes = calloc((size_t)o->n_progs + 1, sizeof *s->code_bytes);
    if (!s->why || !s->code_bytes || (err = snapshot_new(s->instance.world, &s->fresh)))
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    memcpy(s->why, s->instance.why, o->n_progs * sizeof *s->why);
    return s->ops->open ? s->ops->open(s, d) : BPFLAB_OK;
}

enum bpflab_err engine_open(const struct engine *e, const struct object *o,
                            const struct world_config *cfg, const struct engine_options *opt,
                            struct engine_session **out, struct diag *d) {
    static const struct engine_ops *const kinds[] = {
        [ENGINE_INTERP] = &engine_interp,
        [ENGINE_NATIVE] = &engine_native,
        [ENGINE_FOREIGN] = &engine_foreign,
    };
    if (wrong_order(e, o))
        return diag_set(d, BPFLAB_E_UNSUPPORTED, "the object is %s-endian, engine %s is not",
                        o->big_endian ? "big" : "little", e->name);
    struct engine_session *s = calloc(1, sizeof *s);
    if (!s)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    s->ops = kinds[e->kind];
    s->engine = *e;
    s->opt = *opt;
    const enum bpflab_err err = make(s, o, cfg, d);
    if (err) {
        engine_close(s);
        return err;
    }
    *out = s;
    return BPFLAB_OK;
}

void engine_close(struct engine_session *s) {
    if (!s)
        return;
    if (s->ops->close)
        s->ops->close(s);
    report_fini(&s->pulled);
    snapshot_free(s->fresh);
    free(s->why);
    free(s->code_bytes);
    if (s->instance.world)
        instance_fini(&s->instance);
    free(s);
}

struct instance *engine_instance(struct engine_session *s) {
    return &s->instance;
}

bool engine_local(const struct engine_session *s) {
    return s->ops->local;
}

const struct engine *engine_of(const struct engine_session *s) {
    return &s->engine;
}

const struct diag *engine_why(const struct engine_session *s, uint32_t prog) {
    return &s->why[prog];
}

static bool has_prog_array(const struct object *o) {
    for (uint32_t i = 0; i < o->n_maps; i++)
        if (o->maps[i].type == MAP_prog_array)
            return true;
    return false;
}

const struct diag *engine_falls_back(const struct engine_session *s, uint32_t prog) {
    const struct object *o = s->instance.object;
    const bool all = has_prog_array(o);
    for (uint32_t i = 0; i < o->n_progs; i++)
        if ((all || i == prog) && s->why[i].err && s->instance.code[i])
            return &s->why[i];
    return NULL;
}

uint32_t engine_code_bytes(const struct engine_session *s, uint32_t prog) {
    return s->code_bytes[prog];
}

const struct interp_job *engine_job(const struct engine_session *s) {
    return &s->job;
}

/* ---- inputs ---- */

static enum bpflab_err change(struct engine_session *s, uint32_t map, const void *key,
                              const void *value, uint64_t flags, bool remove, int *result,
                              struct diag *d) {
    const struct object *o = s->instance.object;
    struct world *w = s->instance.world;
    if (map >= o->n_maps || !map_by_id(w, s->instance.map_ids[map]))
        return diag_set(d, BPFLAB_E_NOTFOUND, "no map %u", map);
    struct map *m = map_by_id(w, s->instance.map_ids[map]);
    *result = remove ? map_user_delete(w, m, key) : map_user_update(w, m, key, value, flags);
    return s->ops->update ? s->ops->update(s, map, key, value, flags, remove, d) : BPFLAB_OK;
}

enum bpflab_err engine_map_update(struct engine_session *s, uint32_t map, const void *key,
                                  const void *value, uint64_t flags, int *result, struct diag *d) {
    return change(s, map, key, value, flags, false, result, d);
}

enum bpflab_err engine_map_delete(struct engine_session *s, uint32_t map, const void *key,
                                  int *result, struct diag *d) {
    return change(s, map, key, NULL, 0, true, result, d);
}

enum bpflab_err engine_prepare(struct engine_session *s, uint32_t prog,
                               const struct instance_input *input, struct diag *d) {
    s->prepared = false;
    if (prog < s->instance.object->n_progs && s->why[prog].err) {
        if (d)
            *d = s->why[prog];
        return s->why[prog].err;
    }
    struct instance_input in = *input;
    in.unwind = s->opt.unwind;
    enum bpflab_err err = instance_prepare(&s->instance, prog, &in, &s->job, d);
    if (!err && s->ops->prepare)
        err = s->ops->prepare(s, prog, &in, d);
    s->prepared = !err;
    return err;
}

static enum bpflab_err not_prepared(struct diag *d) {
    return diag_set(d, BPFLAB_E_ARG, "nothing is prepared");
}

enum bpflab_err engine_again(struct engine_session *s, struct diag *d) {
    if (!s->prepared)
        return not_prepared(d);
    instance_again(&s->instance);
    return s->ops->again ? s->ops->again(s, d) : BPFLAB_OK;
}

enum bpflab_err engine_reset(struct engine_session *s, struct diag *d) {
    snapshot_restore(s->fresh, s->instance.world);
    s->instance.mem_addr = 0;
    s->prepared = false;
    return s->ops->reset ? s->ops->reset(s, d) : BPFLAB_OK;
}

enum bpflab_err engine_swap(struct engine_session *s, const struct object *o,
                            const struct engine_options *opt, uint64_t scope, struct diag *d) {
    const struct engine_options was = s->opt;
    s->prepared = false;
    snapshot_restore(s->fresh, s->instance.world);
    s->instance.mem_addr = 0;
    s->instance.world->scope = scope;
    const enum bpflab_err err = instance_swap(&s->instance, o, true, d);
    if (err)
        return err;
    s->opt = *opt;
    s->opt.executors = was.executors;
    s->opt.executor_dir = was.executor_dir;
    s->opt.timeout_ms = was.timeout_ms;
    memcpy(s->why, s->instance.why, o->n_progs * sizeof *s->why);
    memset(s->code_bytes, 0, o->n_progs * sizeof *s->code_bytes);
    return s->ops->swap ? s->ops->swap(s, d) : BPFLAB_OK;
}

/* ---- runs and what they leave ---- */

enum bpflab_err engine_run(struct engine_session *s, uint64_t repeat, struct engine_result *out,
                           struct diag *d) {
    if (!s->prepared)
        return not_prepared(d);
    *out = (struct engine_result){.end = {.kind = RUN_EXIT}};
    return s->ops->run(s, repeat ? repeat : 1, out, d);
}

void engine_watch(struct engine_session *s, bool (*step)(void *self, const struct interp_step *st),
                  void *self) {
    s->watch = step;
    s->watch_self = self;
}

enum bpflab_err engine_run_timers(struct engine_session *s, uint64_t ns, struct run_end *end,
                                  uint64_t *n_fired, struct diag *d) {
    if (!s->prepared)
        return not_prepared(d);
    return s->ops->timers(s, ns, end, n_fired, d);
}

enum bpflab_err engine_digest(struct engine_session *s, bool stack, uint64_t *out, struct diag *d) {
    struct world_report r = {0};
    if (s->ops->local) {
        *out = report_digest(s->instance.world, stack);
        return BPFLAB_OK;
    }
    const enum bpflab_err err = s->ops->report(s, stack, false, &r, d);
    if (!err)
        *out = r.digest;
    return err;
}

enum bpflab_err engine_report(struct engine_session *s, bool stack, struct world_report *out,
                              struct diag *d) {
    if (!s->ops->local)
        return s->ops->report(s, stack, true, out, d);
    const enum bpflab_err err = report_make(s->instance.world, stack, out);
    return err ? diag_set(d, err, "no memory for a report") : BPFLAB_OK;
}

enum bpflab_err engine_pull(struct engine_session *s, struct diag *d) {
    struct world_report r;
    if (s->ops->local)
        return BPFLAB_OK;
    const enum bpflab_err err = s->ops->report(s, true, true, &r, d);
    if (err)
        return err;
    report_fini(&s->pulled);
    s->pulled = r;
    report_apply(&r, s->instance.world);
    return BPFLAB_OK;
}

bool engine_map_each(const struct engine_session *s, uint32_t map, map_each_fn *fn, void *self) {
    const struct world *w = s->instance.world;
    const struct map *m =
        map < s->instance.object->n_maps ? map_by_id(w, s->instance.map_ids[map]) : NULL;
    if (!m)
        return true;
    return s->ops->local || !s->pulled.bytes ? map_for_each(w, m, fn, self)
                                             : report_map_each(&s->pulled, m, fn, self);
}
