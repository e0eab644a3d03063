/* instance.c: from an object to a world that its programs can run in.
 */
#include "engine/instance.h"

#include <stdlib.h>
#include <string.h>

#include "engine/fields.h"
#include "runtime/ctx.h"
#include "runtime/errno.h"
#include "runtime/map/perf.h"
#include "runtime/proto.h"

static const char *map_label(const struct map_def *def) {
    return def->name && def->name[0] ? def->name : "(no name)";
}

/* refuse: a map operation's errno as an error that names the map. */
static enum bpflab_err refuse(const struct map_def *def, int err, struct diag *d) {
    const char *type = map_type_name(def->type), *name = map_label(def);
    if (err == -LX_EOPNOTSUPP)
        return diag_set(d, BPFLAB_E_UNSUPPORTED, "map %.64s: bpflab lacks map type %u (%s)", name,
                        (unsigned)def->type, type ? type : "unknown");
    if (err == -LX_ENOMEM)
        return diag_set(d, BPFLAB_E_SPACE, "map %.64s: %u entries do not fit into the world", name,
                        (unsigned)def->max_entries);
    return diag_set(d, BPFLAB_E_TYPE,
                    "map %.64s: Linux refuses this definition (type %s, key %u, value %u, %u "
                    "entries, flags %#x): error %d",
                    name, type ? type : "unknown", (unsigned)def->key_size,
                    (unsigned)def->value_size, (unsigned)def->max_entries, (unsigned)def->flags,
                    -err);
}

/* The fields of a map's values: from the object's BTF, or as somebody knows them. */
static bool fields_of(const struct object *o, const struct map_knowledge *known, uint32_t index,
                      struct map_fields *out) {
    if (!known)
        return fields_of_type(o->btf, o->maps[index].value_btf_id, out);
    *out = known->fields[index];
    return known->has[index];
}

static enum bpflab_err create_map(struct instance *in, const struct map_knowledge *known,
                                  uint32_t index, struct diag *d) {
    const struct object *o = in->object;
    const struct map_def *given = &o->maps[index];
    struct map_def def = *given;
    map_def_fixup(in->world, &def);
    int err;
    if (given->inner >= 0) {
        struct map_def inner = o->maps[given->inner];
        map_def_fixup(in->world, &inner);
        err = map_new_outer(in->world, &def, &inner, &in->map_ids[index]);
    } else {
        err = map_new_fill(in->world, &def, &in->map_ids[index]);
    }
    if (err)
        return refuse(given, err, d);
    struct map *m = map_by_id(in->world, in->map_ids[index]);
    if (perf_is(m)) /* user space opens an event on each CPU before it attaches */
        perf_attach(in->world, m);
    struct map_fields fields;
    if (fields_of(o, known, index, &fields)) {
        err = map_set_fields(m, &fields);
        /* Kinds that may not hold such fields: Linux refuses the map. */
        if (err)
            return refuse(given, err == -LX_EOPNOTSUPP ? -LX_EINVAL : err, d);
    }
    return BPFLAB_OK;
}

/* fill_map: static initialisers: programs of a prog array, inner maps of a map of maps. */
static enum bpflab_err fill_map(struct instance *in, uint32_t index, struct diag *d) {
    const struct map_def *def = &in->object->maps[index];
    struct map *m = map_by_id(in->world, in->map_ids[index]);
    for (uint32_t i = 0; i < def->n_inits; i++) {
        const struct map_init *init = &def->inits[i];
        uint32_t limit = init->is_prog ? in->object->n_progs : in->object->n_maps;
        if (init->target >= limit)
            return diag_set(d, BPFLAB_E_RANGE, "map %.64s: initialiser %u names nothing",
                            map_label(def), (unsigned)i);
        bool there = init->is_prog || in->map_ids[init->target] != UINT32_MAX;
        if (!there)
            return diag_set(d, in->map_why[init->target].err, "%s", in->map_why[init->target].text);
        uint8_t key[4], value[4];
        world_put32(in->world, key, init->index);
        world_put32(in->world, value, init->is_prog ? init->target : in->map_ids[init->target]);
        int err = map_user_update(in->world, m, key, value, MAP_ANY);
        if (err)
            return diag_set(
                d, BPFLAB_E_TYPE, "map %.64s: entry %u cannot hold its initial %s: error %d",
                map_label(def), (unsigned)init->index, init->is_prog ? "program" : "map", -err);
    }
    return BPFLAB_OK;
}

/* make_maps: a map that cannot be made is put down in map_why; only the lack of memory ends
 * everything. */
static enum bpflab_err make_maps(struct instance *in, const struct map_knowledge *known) {
    const struct object *o = in->object;
    for (uint32_t i = 0; i < o->n_maps; i++) {
        struct diag *why = &in->map_why[i];
        why->pc = -1;
        if (o->maps[i].inner >= (int64_t)o->n_maps)
            why->err = diag_set(why, BPFLAB_E_RANGE, "map %.64s: its inner map does not exist",
                                map_label(&o->maps[i]));
        else
            why->err = create_map(in, known, i, why);
        if (why->err)
            in->map_ids[i] = UINT32_MAX;
        if (why->err == BPFLAB_E_NOMEM)
            return why->err;
    }
    for (uint32_t i = 0; i < o->n_maps; i++)
        if (!in->map_why[i].err)
            in->map_why[i].err = fill_map(in, i, &in->map_why[i]);
    return BPFLAB_OK;
}

/* lacking_map: the first map that a program names and that could not be made; NULL if there is
 * none. */
static const struct diag *lacking_map(const struct instance *in, const struct prog *p,
                                      uint32_t *pc_out) {
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        enum op op = op_of(p->insns[pc]);
        uint32_t index = (uint32_t)p->insns[pc].imm;
        bool names_map = op == OP_LDDW_MAP_IDX || op == OP_LDDW_MAP_IDX_VALUE;
        if (names_map && index < in->object->n_maps && in->map_why[index].err) {
            *pc_out = pc;
            return &in->map_why[index];
        }
    }
    return NULL;
}

static enum bpflab_err make_code(struct instance *in) {
    const struct object *o = in->object;
    for (uint32_t i = 0; i < o->n_progs; i++) {
        struct interp_bind bind = {
            .world = in->world, .map_ids = in->map_ids, .n_maps = o->n_maps, .prog_id = i};
        struct diag *why = &in->why[i];
        uint32_t pc;
        const struct diag *lacking = lacking_map(in, &o->progs[i], &pc);
        if (lacking) {
            *why = *lacking;
            why->pc = pc;
            continue;
        }
        why->pc = -1;
        enum bpflab_err err = interp_compile(&o->progs[i], &bind, &in->code[i], why);
        if (err == BPFLAB_E_NOMEM)
            return err;
        why->err = err;
    }
    return BPFLAB_OK;
}

/* A tail call in a function replaces that function alone: each of a chain's programs may stand on
 * the frames of the one before. out: the frames that the object's programs may need */
static uint32_t frames_for(const struct object *o) {
    enum {
        PROGRAM_FRAMES = 8,
        MAX_TAIL_CALLS = 33,
    };
    for (uint32_t i = 0; i < o->n_progs; i++) {
        bool calls = false, tail = false;
        for (uint32_t pc = 0; pc < o->progs[i].n_insns; pc += insn_slots(o->progs[i].insns[pc])) {
            const struct insn in = o->progs[i].insns[pc];
            const enum op op = op_of(in);
            calls |= op == OP_CALL_LOCAL;
            tail |= op == OP_CALL && in.imm == HELPER_tail_call;
        }
        if (calls && tail)
            return PROGRAM_FRAMES + MAX_TAIL_CALLS * (PROGRAM_FRAMES - 1);
    }
    return PROGRAM_FRAMES;
}

void instance_config(const struct object *o, struct world_config *cfg) {
    world_config_init(cfg);
    cfg->big_endian = o->big_endian;
    cfg->max_frames = frames_for(o);
}

enum bpflab_err instance_new(const struct object *o, const struct world_config *cfg,
                             struct instance *out, struct diag *d) {
    return instance_new_known(o, NULL, cfg, out, d);
}

enum bpflab_err instance_new_known(const struct object *o, const struct map_knowledge *known,
                                   const struct world_config *cfg, struct instance *out,
                                   struct diag *d) {
    struct instance in = {.object = o};
    struct world_config own;
    if (!cfg) {
        instance_config(o, &own);
        cfg = &own;
    }
    in.map_ids = calloc((size_t)o->n_maps + 1, sizeof *in.map_ids);
    in.code = calloc((size_t)o->n_progs + 1, sizeof(struct interp_code *));
    in.why = calloc((size_t)o->n_progs + 1, sizeof *in.why);
    in.map_why = calloc((size_t)o->n_maps + 1, sizeof *in.map_why);
    enum bpflab_err err = BPFLAB_OK;
    if (!in.map_ids || !in.code || !in.why || !in.map_why)
        err = diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    if (!err && (err = world_new(cfg, &in.world)))
        diag_set(d, err, "cannot make a world: %s", err_text(err));
    if (!err && ((err = make_maps(&in, known)) || (err = make_code(&in))))
        diag_set(d, err, "out of memory");
    if (err) {
        instance_fini(&in);
        return err;
    }
    *out = in;
    return BPFLAB_OK;
}

void instance_fini(struct instance *in) {
    for (uint32_t i = 0; in->code && i < in->object->n_progs; i++)
        interp_code_free(in->code[i]);
    free(in->code);
    free(in->why);
    free(in->map_why);
    free(in->map_ids);
    if (in->world)
        world_free(in->world);
    memset(in, 0, sizeof *in);
}

enum bpflab_err instance_swap(struct instance *in, const struct object *o, bool interp,
                              struct diag *d) {
    if (o->n_progs != in->object->n_progs || o->n_maps != in->object->n_maps)
        return diag_set(d, BPFLAB_E_ARG, "programs to be swapped have other numbers");
    for (uint32_t i = 0; i < o->n_progs; i++) {
        interp_code_free(in->code[i]);
        in->code[i] = NULL;
        in->why[i] = (struct diag){.pc = -1, .err = interp ? BPFLAB_E_NOMEM : BPFLAB_OK};
    }
    in->object = o;
    return interp ? make_code(in) : BPFLAB_OK;
}

/* prepare_raw: r1 = memory, r2 = its length. The room of an earlier run is used again if it
 * suffices. */
static enum bpflab_err prepare_raw(struct instance *in, const struct instance_input *input,
                                   struct interp_job *job, struct diag *d) {
    struct world *w = in->world;
    const uint64_t n_bytes = input->mem_bytes;
    if (in->mem_addr) {
        uint64_t off = world_off(in->mem_addr);
        memset(w->mem + off, 0, in->mem_room);
        world_allow(w, off, in->mem_room, WORLD_NONE);
    }
    if (n_bytes && in->mem_addr && n_bytes <= in->mem_room) {
        uint64_t off = world_off(in->mem_addr);
        memcpy(w->mem + off, input->mem, n_bytes);
        world_allow(w, off, n_bytes, WORLD_RW);
    } else if (n_bytes) {
        in->mem_addr = world_set_mem(w, input->mem, n_bytes);
        in->mem_room = n_bytes;
        if (!in->mem_addr)
            return diag_set(d, BPFLAB_E_SPACE, "%llu bytes of memory do not fit into the world",
                            (unsigned long long)n_bytes);
    }
    job->args[0] = n_bytes ? in->mem_addr : 0;
    job->args[1] = n_bytes;
    return BPFLAB_OK;
}

static enum bpflab_err prepare_ctx(struct instance *in, const struct prog *p,
                                   const struct instance_input *input, struct interp_job *job,
                                   struct diag *d) {
    static const uint8_t zeros[INSTANCE_PACKET_DEFAULT];
    const struct progtype *pt = progtype_of(p->type);
    const char *name = prog_type_name(p->type);
    if (!pt)
        return diag_set(d, BPFLAB_E_UNSUPPORTED, "bpflab lacks program type %u (%s)",
                        (unsigned)p->type, name ? name : "unknown");
    enum bpflab_err err = BPFLAB_OK;
    if (pt->packet) {
        err = input->packet ? world_set_packet(in->world, input->packet, input->packet_bytes)
                            : world_set_packet(in->world, zeros, sizeof zeros);
        if (err)
            return diag_set(d, err, "a packet of %zu bytes does not fit", input->packet_bytes);
    }
    err = ctx_setup(in->world, p->type, input->ctx, input->ctx_bytes, &job->args[0]);
    if (err)
        diag_set(d, err, "cannot make a context for program type %s from %zu bytes: %s",
                 pt->name ? pt->name : name, input->ctx_bytes, err_text(err));
    return err;
}

enum bpflab_err instance_prepare(struct instance *in, uint32_t prog,
                                 const struct instance_input *input, struct interp_job *job,
                                 struct diag *d) {
    if (prog >= in->object->n_progs)
        return diag_set(d, BPFLAB_E_NOTFOUND, "no program %u", (unsigned)prog);
    const struct prog *p = &in->object->progs[prog];
    if (in->why[prog].err) {
        if (d)
            *d = in->why[prog];
        return in->why[prog].err;
    }
    *job = (struct interp_job){
        .code = in->code[prog],
        .progs = (const struct interp_code *const *)in->code,
        .n_progs = in->object->n_progs,
        .fuel = input->fuel,
        .may_goto_budget = input->may_goto_budget,
        .unwind = input->unwind,
    };
    enum bpflab_err err =
        p->type == PROG_raw ? prepare_raw(in, input, job, d) : prepare_ctx(in, p, input, job, d);
    if (err)
        return err;
    if (input->seed)
        in->world->st.rng = input->seed;
    in->prepared = prog;
    in->packet = in->world->st.pkt;
    world_begin_run(in->world);
    return BPFLAB_OK;
}

void instance_again(struct instance *in) {
    struct world *w = in->world;
    if (instance_moved(in)) {
        w->st.pkt = in->packet;
        world_packet_moved(w);
        ctx_packet_moved(w);
    }
    world_begin_run(w);
}
