/* pack.c: both directions, field by field in the same order. */
#include "engine/pack.h"

#include <stdlib.h>

#include "engine/fields.h"

static const struct map_fields no_fields = {-1, -1, -1};

/* ---- writing ---- */

void pack_config(struct wire_out *out, const struct world_config *cfg) {
    wire_put32(out, cfg->big_endian);
    wire_put32(out, cfg->max_frames);
    wire_put32(out, cfg->frame_bytes);
    wire_put32(out, cfg->n_cpus);
    wire_put32(out, cfg->numa_node);
    wire_put64(out, cfg->boot_ns);
    wire_put64(out, cfg->epoch_ns);
    wire_put64(out, cfg->tick_ns);
    wire_put64(out, cfg->seed);
    wire_put32(out, cfg->headroom_bytes);
    wire_put32(out, cfg->tailroom_bytes);
}

void pack_insns(struct wire_out *out, const struct insn *insns, uint32_t n) {
    uint8_t b[INSN_BYTES];
    wire_put32(out, n);
    for (uint32_t i = 0; i < n; i++) {
        insn_encode(insns[i], false, b);
        wire_put_raw(out, b, sizeof b);
    }
}

static void pack_prog(struct wire_out *out, const struct prog *p) {
    wire_put_text(out, p->name);
    wire_put32(out, p->type);
    wire_put32(out, p->attach_type);
    wire_put32(out, (uint32_t)(p->sleepable | p->frags << 1 | p->big_endian << 2));
    pack_insns(out, p->insns, p->n_insns);
    wire_put32(out, p->n_subprogs);
    for (uint32_t i = 0; i < p->n_subprogs; i++) {
        wire_put32(out, p->subprogs[i].start);
        wire_put32(out, p->subprogs[i].n_insns);
        wire_put32(out, p->subprogs[i].exception_cb);
    }
    wire_put32(out, p->n_externs);
    for (uint32_t i = 0; i < p->n_externs; i++) {
        wire_put32(out, p->externs[i].pc);
        wire_put32(out, (uint32_t)(p->externs[i].is_func | p->externs[i].weak << 1));
        wire_put_text(out, p->externs[i].name);
    }
}

static void pack_map(struct wire_out *out, const struct object *o, const struct map_def *m) {
    struct map_fields f = no_fields;
    const bool has = fields_of_type(o->btf, m->value_btf_id, &f);
    wire_put_text(out, m->name);
    wire_put32(out, m->type);
    wire_put32(out, m->key_size);
    wire_put32(out, m->value_size);
    wire_put32(out, m->max_entries);
    wire_put32(out, m->flags);
    wire_put64(out, m->extra);
    wire_put32(out, m->key_btf_id); /* that there are types: some kinds ask for them */
    wire_put32(out, m->value_btf_id);
    wire_put32(out, (uint32_t)m->inner);
    wire_put32(out, (uint32_t)(m->frozen | m->template_only << 1 | (m->data != NULL) << 2));
    wire_put_bytes(out, m->data, m->data ? m->data_bytes : 0);
    wire_put32(out, m->n_inits);
    for (uint32_t i = 0; i < m->n_inits; i++) {
        wire_put32(out, m->inits[i].index);
        wire_put32(out, m->inits[i].is_prog);
        wire_put32(out, m->inits[i].target);
    }
    wire_put32(out, has);
    wire_put32(out, (uint32_t)f.spin_lock);
    wire_put32(out, (uint32_t)f.timer);
    wire_put32(out, (uint32_t)f.workqueue);
}

void pack_programs(struct wire_out *out, const struct object *o) {
    wire_put32(out, o->n_progs);
    for (uint32_t i = 0; i < o->n_progs; i++)
        pack_prog(out, &o->progs[i]);
}

void pack_object(struct wire_out *out, const struct object *o) {
    wire_put32(out, o->big_endian);
    pack_programs(out, o);
    wire_put32(out, o->n_maps);
    for (uint32_t i = 0; i < o->n_maps; i++)
        pack_map(out, o, &o->maps[i]);
}

void pack_end(struct wire_out *out, const struct run_end *end) {
    wire_put32(out, (uint32_t)end->kind);
    wire_put32(out, end->pc);
    wire_put64(out, end->r0);
    wire_put64(out, end->addr);
}

/* ---- reading ---- */

void unpack_config(struct wire_in *in, struct world_config *cfg) {
    world_config_init(cfg);
    cfg->big_endian = wire_get32(in) != 0;
    cfg->max_frames = wire_get32(in);
    cfg->frame_bytes = wire_get32(in);
    cfg->n_cpus = wire_get32(in);
    cfg->numa_node = wire_get32(in);
    cfg->boot_ns = wire_get64(in);
    cfg->epoch_ns = wire_get64(in);
    cfg->tick_ns = wire_get64(in);
    cfg->seed = wire_get64(in);
    cfg->headroom_bytes = wire_get32(in);
    cfg->tailroom_bytes = wire_get32(in);
}

/* Room for what a message counts; its size says that there cannot be more. */
static void *room(struct wire_in *in, uint32_t n, size_t size) {
    void *p = calloc((size_t)n + 1, size);
    in->bad |= !p;
    return p;
}

struct insn *unpack_insns(struct wire_in *in, uint32_t *n) {
    *n = wire_count(in, INSN_BYTES);
    const uint8_t *b = wire_get_raw(in, (size_t)*n * INSN_BYTES);
    struct insn *insns = b ? room(in, *n, sizeof *insns) : NULL;
    for (uint32_t i = 0; insns && i < *n; i++)
        insns[i] = insn_decode(b + (size_t)i * INSN_BYTES, false);
    return insns;
}

static void unpack_prog(struct wire_in *in, struct prog *p) {
    p->name = wire_get_text(in);
    p->type = wire_get32(in);
    p->attach_type = wire_get32(in);
    const uint32_t flags = wire_get32(in);
    p->sleepable = flags & 1;
    p->frags = flags >> 1 & 1;
    p->big_endian = flags >> 2 & 1;
    p->insns = unpack_insns(in, &p->n_insns);
    const uint32_t n_subprogs = wire_count(in, 12);
    p->subprogs = room(in, n_subprogs, sizeof *p->subprogs);
    p->n_subprogs = p->subprogs ? n_subprogs : 0;
    for (uint32_t i = 0; i < p->n_subprogs; i++) {
        p->subprogs[i].start = wire_get32(in);
        p->subprogs[i].n_insns = wire_get32(in);
        p->subprogs[i].exception_cb = wire_get32(in) != 0;
        in->bad |= p->subprogs[i].start >= p->n_insns;
    }
    const uint32_t n_externs = wire_count(in, 16);
    p->externs = room(in, n_externs, sizeof *p->externs);
    p->n_externs = p->externs ? n_externs : 0;
    for (uint32_t i = 0; i < p->n_externs; i++) {
        p->externs[i].pc = wire_get32(in);
        const uint32_t kind = wire_get32(in);
        p->externs[i].is_func = kind & 1;
        p->externs[i].weak = kind >> 1 & 1;
        p->externs[i].name = wire_get_text(in);
        in->bad |= !p->externs[i].name;
    }
}

static void unpack_inits(struct wire_in *in, struct map_def *m) {
    const uint32_t n = wire_count(in, 12);
    struct map_init *inits = n ? room(in, n, sizeof *inits) : NULL;
    m->inits = inits;
    m->n_inits = inits ? n : 0;
    for (uint32_t i = 0; i < m->n_inits; i++) {
        inits[i].index = wire_get32(in);
        inits[i].is_prog = wire_get32(in) != 0;
        inits[i].target = wire_get32(in);
    }
}

static void unpack_map(struct wire_in *in, struct packed *p, uint32_t index) {
    struct map_def *m = &p->object.maps[index];
    m->name = wire_get_text(in);
    m->type = wire_get32(in);
    m->key_size = wire_get32(in);
    m->value_size = wire_get32(in);
    m->max_entries = wire_get32(in);
    m->flags = wire_get32(in);
    m->extra = wire_get64(in);
    m->key_btf_id = wire_get32(in);
    m->value_btf_id = wire_get32(in);
    m->inner = (int32_t)wire_get32(in);
    const uint32_t flags = wire_get32(in);
    m->frozen = flags & 1;
    m->template_only = flags >> 1 & 1;
    size_t n;
    const uint8_t *data = wire_get_bytes(in, &n);
    in->bad |= n > UINT32_MAX || m->inner < -1;
    if (flags >> 2 & 1 && !in->bad) {
        uint8_t *copy = room(in, (uint32_t)n, 1);
        if (copy && n)
            memcpy(copy, data, n);
        m->data = copy;
        m->data_bytes = copy ? (uint32_t)n : 0;
    }
    unpack_inits(in, m);
    p->has_fields[index] = wire_get32(in) != 0;
    p->fields[index].spin_lock = (int32_t)wire_get32(in);
    p->fields[index].timer = (int32_t)wire_get32(in);
    p->fields[index].workqueue = (int32_t)wire_get32(in);
}

static void read_programs(struct wire_in *in, struct object *o) {
    const uint32_t n_progs = wire_count(in, 32);
    o->progs = room(in, n_progs, sizeof *o->progs);
    o->n_progs = o->progs ? n_progs : 0;
    for (uint32_t i = 0; i < o->n_progs; i++)
        unpack_prog(in, &o->progs[i]);
}

static void programs_fini(struct object *o) {
    for (uint32_t i = 0; i < o->n_progs; i++) {
        for (uint32_t k = 0; k < o->progs[i].n_externs; k++)
            free(o->progs[i].externs[k].name);
        free(o->progs[i].externs);
        free(o->progs[i].subprogs);
        free(o->progs[i].insns);
        free(o->progs[i].name);
    }
    free(o->progs);
}

enum bpflab_err unpack_programs(struct wire_in *in, struct packed *p) {
    struct object o = {0};
    read_programs(in, &o);
    if (in->bad || o.n_progs != p->object.n_progs) {
        programs_fini(&o);
        return BPFLAB_E_FORMAT;
    }
    programs_fini(&p->object);
    p->object.progs = o.progs;
    return BPFLAB_OK;
}

enum bpflab_err unpack_object(struct wire_in *in, struct packed *out) {
    struct packed p = {0};
    struct object *o = &p.object;
    o->big_endian = wire_get32(in) != 0;
    read_programs(in, o);
    const uint32_t n_maps = wire_count(in, 64);
    o->maps = room(in, n_maps, sizeof *o->maps);
    p.fields = room(in, n_maps, sizeof *p.fields);
    p.has_fields = room(in, n_maps, sizeof *p.has_fields);
    o->n_maps = o->maps && p.fields && p.has_fields ? n_maps : 0;
    for (uint32_t i = 0; i < o->n_maps; i++)
        unpack_map(in, &p, i);
    if (in->bad) {
        packed_fini(&p);
        return BPFLAB_E_FORMAT;
    }
    *out = p;
    return BPFLAB_OK;
}

void packed_fini(struct packed *p) {
    struct object *o = &p->object;
    programs_fini(o);
    for (uint32_t i = 0; i < o->n_maps; i++) {
        free((void *)(uintptr_t)o->maps[i].data);
        free((void *)(uintptr_t)o->maps[i].inits);
        free(o->maps[i].name);
    }
    free(o->maps);
    free(p->fields);
    free(p->has_fields);
    *p = (struct packed){0};
}

struct run_end unpack_end(struct wire_in *in) {
    const uint32_t kind = wire_get32(in);
    struct run_end end = {.pc = wire_get32(in)};
    in->bad |= kind >= N_RUN_KINDS;
    end.kind = kind < N_RUN_KINDS ? (enum run_kind)kind : RUN_CRASHED;
    end.r0 = wire_get64(in);
    end.addr = wire_get64(in);
    return end;
}
