/* info_json.c: bpflab info for scripts.
 */
#include "cli/info.h"

static void json_program(struct json *j, const struct prog *p) {
    struct features f = features_of(p->insns, p->n_insns, FEATURES_LLVM);
    const char *name;
    json_open_object(j);
    json_put_text(j, "name", p->name);
    json_put_text(j, "section", p->section);
    json_put_text(j, "type", prog_type_name(p->type));
    json_put_text(j, "attach_to", p->attach_to);
    json_put_number(j, "n_insns", p->n_insns);
    json_put_number(j, "n_lines", p->n_lines);
    json_put_text(j, "cpu", info_cpu_name(f.cpu));
    json_key(j, "groups");
    json_open_array(j);
    for (unsigned i = 0; group_name(i); i++)
        if (f.groups & group_bit(i))
            json_text(j, group_name(i));
    json_close_array(j);
    json_key(j, "features");
    json_open_array(j);
    for (unsigned i = 0; (name = info_feature(p, &f, i)); i++)
        json_text(j, name);
    json_close_array(j);
    json_key(j, "helpers");
    json_open_array(j);
    for (uint32_t id = 1; id < 256; id++) {
        const char *helper = info_helper(p, id);
        if (!features_calls(&f, id))
            continue;
        if (helper)
            json_text(j, helper);
        else
            json_number(j, id);
    }
    json_close_array(j);
    json_key(j, "functions");
    json_open_array(j);
    for (uint32_t i = 0; i < p->n_subprogs; i++)
        json_text(j, p->subprogs[i].name);
    json_close_array(j);
    json_key(j, "externs");
    json_open_array(j);
    for (uint32_t i = 0; i < p->n_externs; i++)
        json_text(j, p->externs[i].name);
    json_close_array(j);
    json_close_object(j);
}

static void json_map(struct json *j, const struct map_def *m, const struct object *o) {
    json_open_object(j);
    json_put_text(j, "name", m->name);
    json_put_text(j, "type", map_type_name(m->type));
    json_put_number(j, "key_size", m->key_size);
    json_put_number(j, "value_size", m->value_size);
    json_put_number(j, "max_entries", m->max_entries);
    json_put_number(j, "flags", m->flags);
    json_put_bool(j, "frozen", m->frozen);
    json_put_text(j, "pin", m->pin_name);
    bool has_inner = m->inner >= 0 && (uint32_t)m->inner < o->n_maps;
    json_put_text(j, "inner", has_inner ? o->maps[m->inner].name : NULL);
    json_put_number(j, "n_inits", m->n_inits);
    json_close_object(j);
}

static void json_types(struct json *j, const struct info *r) {
    json_key(j, "btf");
    if (!r->in->object.btf) {
        json_null(j);
        return;
    }
    json_open_object(j);
    json_put_number(j, "types", btf_n_types(r->in->object.btf) - 1);
    for (unsigned k = 0; k < N_BTF_KINDS; k++)
        if (r->kinds[k])
            json_put_number(j, info_kind_name(k), r->kinds[k]);
    json_close_object(j);
}

/* Where a fuzz case comes from; null where it is not said. */
static void json_note(struct json *j, const struct case_note *n) {
    json_key(j, "case");
    json_open_object(j);
    json_put_text(j, "title", n->title[0] ? n->title : NULL);
    json_put_text(j, "found_by", n->found_by[0] ? n->found_by : NULL);
    json_put_text(j, "fixed_in", n->fixed_in[0] ? n->fixed_in : NULL);
    json_put_text(j, "expect", case_expect_name(n->expect));
    json_close_object(j);
}

void info_json(struct json *j, const struct info *r) {
    const struct object *o = &r->in->object;
    json_open_object(j);
    json_put_text(j, "file", r->in->name);
    json_put_text(j, "form", input_form_name(r->in->form));
    json_put_bool(j, "big_endian", o->big_endian);
    json_put_text(j, "license", o->license);
    if (r->in->fuzz)
        json_note(j, &r->in->fuzz->note);
    json_key(j, "programs");
    json_open_array(j);
    for (uint32_t i = 0; i < r->in->n_progs; i++)
        json_program(j, &o->progs[i]);
    json_close_array(j);
    json_key(j, "maps");
    json_open_array(j);
    for (uint32_t i = 0; i < o->n_maps; i++)
        if (input_has_map(r->in, i))
            json_map(j, &o->maps[i], o);
    json_close_array(j);
    json_types(j, r);
    json_key(j, "sections");
    json_open_array(j);
    for (size_t i = 0; i < r->n_sections; i++) {
        json_open_object(j);
        json_put_text(j, "name", r->sections[i].name);
        json_put_text(j, "kind", r->sections[i].kind);
        json_put_number(j, "bytes", r->sections[i].n_bytes);
        json_put_number(j, "entries", r->sections[i].n_entries);
        json_close_object(j);
    }
    json_close_array(j);
    json_put_number(j, "relocations", o->n_relocs);
    json_put_number(j, "core_relocations", o->n_core_relocs);
    json_key(j, "needs");
    json_open_array(j);
    for (uint32_t i = 0; i < r->needs.n; i++) {
        json_open_object(j);
        json_put_text(j, "what", r->needs.at[i].what);
        json_put_text(j, "where", r->needs.at[i].where);
        json_close_object(j);
    }
    json_close_array(j);
    json_close_object(j);
}
