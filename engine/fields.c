/* fields.c: a bounded walk over a value's members; BTF is untrusted, types may hold themselves.
 */
#include "engine/fields.h"

#include <string.h>

struct walk {
    const struct btf *btf;
    struct map_fields *found;
    bool any;
    unsigned budget;
};

static int32_t *field_named(struct map_fields *f, const char *name) {
    return !strcmp(name, "bpf_spin_lock") ? &f->spin_lock
           : !strcmp(name, "bpf_timer")   ? &f->timer
           : !strcmp(name, "bpf_wq")      ? &f->workqueue
                                          : NULL;
}

/* walk_members: off_bytes is where this structure begins in the value. */
static void walk_members(struct walk *s, uint32_t id, int64_t off_bytes, unsigned depth) {
    id = btf_strip(s->btf, id);
    const struct btf_type *t = btf_type_at(s->btf, id);
    if (!t || (t->kind != BTF_STRUCT && t->kind != BTF_DATASEC) || depth == 64)
        return;
    int32_t *field = field_named(s->found, btf_string(s->btf, t->name_off));
    if (field) {
        s->any = true;
        if (*field < 0 && off_bytes <= INT32_MAX)
            *field = (int32_t)off_bytes;
        return;
    }
    const struct btf_member *m = btf_members(s->btf, t);
    for (unsigned i = 0; i < t->n_members && s->budget; i++) {
        s->budget--;
        int64_t at = t->kind == BTF_DATASEC ? m[i].off_bits : m[i].off_bits / 8;
        uint32_t member = m[i].type;
        const struct btf_type *var = btf_type_at(s->btf, member);
        if (var && var->kind == BTF_VAR)
            member = var->size_or_type;
        walk_members(s, member, off_bytes + at, depth + 1);
    }
}

bool fields_of_type(const struct btf *btf, uint32_t id, struct map_fields *out) {
    struct map_fields found = {-1, -1, -1};
    struct walk s = {.btf = btf, .found = &found, .budget = 4096};
    if (btf && id)
        walk_members(&s, id, 0, 0);
    if (s.any)
        *out = found;
    return s.any;
}
