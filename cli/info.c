/* info.c: gathering.
 */
#include "cli/info.h"

#include <stdlib.h>

#include "runtime/proto.h"

static const char *const btf_kind_names[N_BTF_KINDS] = {
    "void",     "int",     "pointer",  "array",    "struct",   "union",  "enum",
    "forward",  "typedef", "volatile", "const",    "restrict", "func",   "func_proto",
    "variable", "datasec", "float",    "decl_tag", "type_tag", "enum64",
};

const char *info_kind_name(unsigned kind) {
    return kind < N_BTF_KINDS ? btf_kind_names[kind] : "unknown";
}

const char *info_cpu_name(unsigned cpu) {
    static const char *const names[] = {"", "v1", "v2", "v3", "v4", "v4+"};
    return names[cpu];
}

const char *info_feature(const struct prog *p, const struct features *f, unsigned index) {
    const struct {
        bool used;
        const char *name;
    } all[] = {
        {f->local_calls, "functions"},     {f->callbacks, "callbacks"},
        {f->tail_calls, "tail calls"},     {f->kfuncs, "kernel functions"},
        {f->packet_loads, "packet loads"}, {f->arena_casts, "arena"},
        {p->sleepable, "sleepable"},       {p->frags, "frags"},
        {p->optional, "optional"},         {p->btf != NULL, "BTF"},
        {p->n_externs > 0, "externs"},     {f->invalid, "unknown instructions"},
    };
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].used && index-- == 0)
            return all[i].name;
    return NULL;
}

const char *info_helper(const struct prog *p, uint32_t id) {
    const struct helper_proto *h = p->type == PROG_raw ? NULL : helper_proto_of(id);
    return h ? h->name : NULL;
}

static void count_types(struct info *r) {
    const struct btf *btf = r->in->object.btf;
    for (uint32_t id = 1; btf && id < btf_n_types(btf); id++)
        r->kinds[btf_type_at(btf, id)->kind]++;
}

bool info_gather(const struct input *in, struct info *out) {
    struct info r = {.in = in};
    const struct bytes *wire = in->form == INPUT_ELF ? &in->bytes : &in->made;
    if (wire->n)
        r.sections = sections_read(wire->at, wire->n, &r.n_sections);
    count_types(&r);
    bool ok = needs_of(&in->object, &r.needs);
    *out = r;
    if (!ok)
        info_fini(out);
    return ok;
}

void info_fini(struct info *r) {
    needs_fini(&r->needs);
    free(r->sections);
    *r = (struct info){0};
}
