/* subject_fields.c: locks, timers, kernel pointers, lists, trees and reference counts inside of map
 * values and of the program's own objects, found by their types' names and tags.
 *
 * A struct is looked at once: what it has is remembered for every struct that it is part of.
 */
#include <stdlib.h>
#include <string.h>

#include "verifier/subject_impl.h"

enum {
    MAX_FIELDS = 11, /* of one value, as in Linux */
    MAX_NESTING = 32,
};

/* struct field_kind: a special field that is a struct of that name. */
struct field_kind {
    const char *name;
    enum special_kind kind;
    uint8_t bytes, align;
    bool unique;    /* one at most in a value */
    bool in_values; /* may be in map values, not only in objects */
    bool in_objects;
};

static const struct field_kind field_kinds[] = {
    {"bpf_spin_lock", SPECIAL_SPIN_LOCK, 4, 4, true, true, true},
    {"bpf_timer", SPECIAL_TIMER, 16, 8, true, true, false},
    {"bpf_wq", SPECIAL_WORKQUEUE, 16, 8, true, true, false},
    {"bpf_list_head", SPECIAL_LIST_HEAD, 16, 8, false, true, true},
    {"bpf_list_node", SPECIAL_LIST_NODE, 24, 8, false, false, true},
    {"bpf_rb_root", SPECIAL_RB_ROOT, 16, 8, false, true, true},
    {"bpf_rb_node", SPECIAL_RB_NODE, 32, 8, false, false, true},
    {"bpf_refcount", SPECIAL_REFCOUNT, 4, 4, true, true, true},
};

enum {
    N_FIELD_KINDS = sizeof field_kinds / sizeof *field_kinds,
    KPTR_BYTES = 8,
};

const char *special_name(enum special_kind kind) {
    switch (kind) {
    case SPECIAL_KPTR_UNREF:
    case SPECIAL_KPTR_REF: return "kptr";
    case SPECIAL_KPTR_PERCPU: return "percpu_kptr";
    case SPECIAL_UPTR: return "uptr";
    default: break;
    }
    for (uint32_t i = 0; i < N_FIELD_KINDS; i++)
        if (field_kinds[i].kind == kind)
            return field_kinds[i].name;
    return "";
}

/* Type tags of pointers. */
static const struct {
    const char *tag;
    enum special_kind kind;
} kptr_tags[] = {
    {"kptr_untrusted", SPECIAL_KPTR_UNREF},
    {"kptr", SPECIAL_KPTR_REF},
    {"percpu_kptr", SPECIAL_KPTR_PERCPU},
    {"uptr", SPECIAL_UPTR},
};

struct field_set {
    enum {
        SET_UNKNOWN,
        SET_OPEN,
        SET_KNOWN,
        SET_BAD
    } state;
    uint32_t n;
    struct special_field f[MAX_FIELDS];
};

struct finder {
    struct subject *s;
    struct subject_types *t;
    struct field_set **of; /* of each type; NULL: not looked at */
    struct field_set none; /* of structs without any */
    enum bpflab_err err;
};

static const struct field_kind *kind_by_name(const char *name) {
    for (uint32_t i = 0; i < N_FIELD_KINDS; i++)
        if (!strcmp(name, field_kinds[i].name))
            return &field_kinds[i];
    return NULL;
}

static const struct field_kind *kind_of_field(uint32_t kind) {
    for (uint32_t i = 0; i < N_FIELD_KINDS; i++)
        if (field_kinds[i].kind == (enum special_kind)kind)
            return &field_kinds[i];
    return NULL; /* a pointer */
}

static bool is_kptr(uint32_t kind) {
    return kind_of_field(kind) == NULL;
}

static bool add(struct field_set *set, struct special_field f) {
    if (set->n == MAX_FIELDS)
        return false;
    set->f[set->n++] = f;
    return true;
}

/* ---- kernel pointers ---- */

static bool name_target(struct finder *w, uint32_t id, struct special_field *f) {
    const struct btf *btf = w->t->btf;
    const struct btf_type *t = btf_type_at(btf, id);
    const char *name = btf_string(btf, t->name_off);
    uint32_t kernel_id = 0, n = 0;
    if (!subject_kernel_type(w->s, (enum btf_kind)t->kind, name, strlen(name), &kernel_id, &n,
                             &w->err))
        return false;
    f->own_btf = kernel_id == 0;
    f->btf_id = kernel_id ? kernel_id : id;
    return true;
}

/* A pointer with a type tag. out: false: one that means nothing here; *found: whether it is one */
static bool find_kptr(struct finder *w, uint32_t id, struct special_field *f, bool *found) {
    const struct btf *btf = w->t->btf;
    const struct btf_type *t = btf_type_at(btf, id);
    *found = false;
    if (t->kind == BTF_VOLATILE)
        t = btf_type_at(btf, t->size_or_type);
    const struct btf_type *tag = t->kind == BTF_PTR ? btf_type_at(btf, t->size_or_type) : NULL;
    if (!tag || tag->kind != BTF_TYPE_TAG)
        return true;
    const char *text = btf_string(btf, tag->name_off);
    for (uint32_t i = 0; i < sizeof kptr_tags / sizeof *kptr_tags; i++) {
        if (strcmp(text, kptr_tags[i].tag))
            continue;
        const uint32_t target = btf_strip(btf, tag->size_or_type);
        const uint8_t kind = btf_type_at(btf, target)->kind;
        if (btf_type_at(btf, tag->size_or_type)->kind == BTF_TYPE_TAG ||
            (kind != BTF_STRUCT && kind != BTF_UNION))
            return false;
        f->kind = kptr_tags[i].kind;
        f->bytes = KPTR_BYTES;
        *found = true;
        return name_target(w, target, f);
    }
    return false;
}

/* ---- lists and trees: the tag "contains:TYPE:MEMBER" says what is in them ---- */

static bool find_node(struct finder *w, const char *member, const char *node_type,
                      struct special_field *f) {
    const struct btf *btf = w->t->btf;
    const struct btf_type *t = btf_type_at(btf, f->btf_id);
    const struct btf_member *m = btf_members(btf, t);
    bool found = false;
    for (uint32_t i = 0; i < t->n_members; i++) {
        if (strcmp(btf_string(btf, m[i].name_off), member))
            continue;
        const struct btf_type *node = btf_type_at(btf, m[i].type);
        if (found || node->kind != BTF_STRUCT || m[i].off_bits % 64 ||
            strcmp(btf_string(btf, node->name_off), node_type))
            return false;
        f->node_off = m[i].off_bits / 8;
        found = true;
    }
    return found;
}

static bool find_contents(struct finder *w, uint32_t owner, int32_t component,
                          struct special_field *f) {
    uint32_t at = 0, n = 0;
    const char *text = btf_tags_next(&w->t->tags, owner, component, "contains:", &at);
    if (!text || btf_tags_next(&w->t->tags, owner, component, "contains:", &at))
        return false;
    const char *colon = strchr(text, ':');
    if (!colon || !colon[1])
        return false;
    f->own_btf = true;
    f->btf_id = btf_names_find(&w->t->names, BTF_STRUCT, text, (size_t)(colon - text), &n);
    return f->btf_id &&
           find_node(w, colon + 1, f->kind == SPECIAL_LIST_HEAD ? "bpf_list_node" : "bpf_rb_node",
                     f);
}

/* ---- values ---- */

/* struct place: a member, or a variable, where special fields may be. */
struct place {
    uint32_t owner; /* whose tags count */
    int32_t component;
    uint32_t type, off;
    uint32_t bytes; /* 0: not said */
};

static const struct field_set *fields_of(struct finder *w, uint32_t id, uint32_t nesting);

/* What one element has, n times over. Locks and the like cannot be repeated. */
static bool add_repeated(struct field_set *set, const struct field_set *one, uint32_t off,
                         uint64_t n, uint32_t stride) {
    for (uint64_t k = 0; k < n && one->n; k++) {
        for (uint32_t i = 0; i < one->n; i++) {
            struct special_field f = one->f[i];
            const bool repeats =
                is_kptr(f.kind) || f.kind == SPECIAL_LIST_HEAD || f.kind == SPECIAL_RB_ROOT;
            f.off += off + (uint32_t)k * stride;
            if ((n > 1 && !repeats) || !add(set, f))
                return false;
        }
    }
    return true;
}

/* The element type of an array of arrays, and how many there are. out: false: no end to it */
static bool flatten(const struct btf *btf, uint32_t *type, uint64_t *n) {
    *n = 1;
    for (uint32_t i = 0; i < MAX_NESTING; i++) {
        const struct btf_type *t = btf_type_at(btf, *type);
        if (t->kind != BTF_ARRAY)
            return true;
        const struct btf_member *m = btf_members(btf, t);
        *type = m->type;
        *n *= (uint64_t)m->value;
        if (*n > UINT32_MAX)
            return false;
    }
    return false;
}

static bool fits(const struct place *p, uint64_t bytes, uint32_t align) {
    return (!p->bytes || p->bytes == bytes) && p->off % align == 0;
}

static bool find_at(struct finder *w, const struct place *p, struct field_set *set,
                    uint32_t nesting) {
    const struct btf *btf = w->t->btf;
    uint32_t type = p->type;
    uint64_t n = 0;
    if (!flatten(btf, &type, &n))
        return false;
    const struct btf_type *t = btf_type_at(btf, type);
    const bool is_struct = t->kind == BTF_STRUCT || t->kind == BTF_UNION;
    const struct field_kind *kind = kind_by_name(btf_string(btf, t->name_off));
    struct field_set one = {.n = 1};
    if (n == 0)
        return true;
    if (kind && is_struct) {
        if (!fits(p, kind->bytes * n, kind->align) || t->size_or_type != kind->bytes)
            return true;
        one.f[0] = (struct special_field){.kind = kind->kind, .bytes = kind->bytes};
        const bool root = kind->kind == SPECIAL_LIST_HEAD || kind->kind == SPECIAL_RB_ROOT;
        return (!root || find_contents(w, p->owner, p->component, &one.f[0])) &&
               add_repeated(set, &one, p->off, n, kind->bytes);
    }
    if (is_struct) {
        if (p->bytes && p->bytes != t->size_or_type * n)
            return true;
        const struct field_set *inner = fields_of(w, type, nesting + 1);
        return inner && inner->state == SET_KNOWN &&
               add_repeated(set, inner, p->off, n, t->size_or_type);
    }
    bool found = false;
    if (!fits(p, KPTR_BYTES * n, KPTR_BYTES))
        return true;
    return find_kptr(w, type, &one.f[0], &found) &&
           (!found || add_repeated(set, &one, p->off, n, KPTR_BYTES));
}

static bool find_all(struct finder *w, uint32_t id, struct field_set *set, uint32_t nesting) {
    const struct btf *btf = w->t->btf;
    const struct btf_type *t = btf_type_at(btf, id);
    const struct btf_member *m = btf_members(btf, t);
    for (uint32_t i = 0; i < t->n_members; i++) {
        struct place p = {.owner = id, .component = (int32_t)i, .type = m[i].type};
        if (t->kind == BTF_DATASEC) {
            if (btf_type_at(btf, m[i].type)->kind != BTF_VAR)
                continue;
            p.owner = m[i].type;
            p.component = BTF_TAG_TYPE;
            p.type = btf_type_at(btf, m[i].type)->size_or_type;
            p.off = m[i].off_bits;
            p.bytes = t->size_or_type ? m[i].size_bits : 0;
        } else {
            if (m[i].off_bits % 8)
                continue; /* part of a byte */
            p.off = m[i].off_bits / 8;
        }
        if (!find_at(w, &p, set, nesting))
            return false;
    }
    return true;
}

/* out: NULL: out of memory (w->err) */
static const struct field_set *fields_of(struct finder *w, uint32_t id, uint32_t nesting) {
    if (w->of[id])
        return w->of[id]; /* an open one contains itself: not SET_KNOWN, so it does not count */
    struct field_set *set = subject_scratch(w->s, 1, sizeof *set);
    if (!set) {
        w->err = BPFLAB_E_NOMEM;
        return NULL;
    }
    set->state = SET_OPEN;
    w->of[id] = set;
    const bool ok = nesting < MAX_NESTING && find_all(w, id, set, nesting);
    set->state = ok ? SET_KNOWN : SET_BAD;
    if (ok && !set->n)
        w->of[id] = &w->none;
    return w->of[id];
}

/* ---- what map values and objects have ---- */

static int by_offset(const void *a, const void *b) {
    const struct special_field *x = a, *y = b;
    return (x->off > y->off) - (x->off < y->off);
}

static bool counts(const struct special_field *f, bool object) {
    const struct field_kind *kind = kind_of_field(f->kind);
    return !kind || (object ? kind->in_objects : kind->in_values);
}

/* Do the fields that count stand beside each other, inside of the value, and agree? */
static bool agree(const struct special_field *f, uint32_t n, uint32_t value_bytes) {
    uint32_t seen = 0, end = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct field_kind *kind = kind_of_field(f[i].kind);
        if (f[i].off < end || f[i].bytes > value_bytes || f[i].off > value_bytes - f[i].bytes ||
            (kind && kind->unique && (seen >> f[i].kind & 1)))
            return false;
        end = f[i].off + f[i].bytes;
        seen |= 1u << f[i].kind;
    }
    const bool roots = seen & (1u << SPECIAL_LIST_HEAD | 1u << SPECIAL_RB_ROOT);
    const bool both_nodes = (seen >> SPECIAL_LIST_NODE & 1) && (seen >> SPECIAL_RB_NODE & 1);
    return (!roots || (seen >> SPECIAL_SPIN_LOCK & 1)) &&
           (!both_nodes || (seen >> SPECIAL_REFCOUNT & 1));
}

/* The fields of type id that count. out: false: bad, or w->err */
static bool choose(struct finder *w, uint32_t id, bool object, uint32_t value_bytes,
                   const struct special_field **fields, uint32_t *n_fields) {
    const struct field_set *set = fields_of(w, id, 0);
    if (!set || set->state != SET_KNOWN)
        return false;
    struct special_field *f = subject_alloc(w->s, set->n, sizeof *f);
    if (!f) {
        w->err = BPFLAB_E_NOMEM;
        return false;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < set->n; i++)
        if (counts(&set->f[i], object))
            f[n++] = set->f[i];
    qsort(f, n, sizeof *f, by_offset);
    if (!agree(f, n, value_bytes))
        return false;
    *fields = f;
    *n_fields = n;
    return true;
}

static int32_t offset_of(const struct special_field *f, uint32_t n, enum special_kind kind) {
    for (uint32_t i = 0; i < n; i++)
        if (f[i].kind == (uint32_t)kind)
            return (int32_t)f[i].off;
    return -1;
}

/* Compilers leave the variables' offsets in a section to the linker, and where nobody linked it all
 * are
 * 0: then it is not known where they are, unless there is one only. */
static bool has_offsets(const struct btf *btf, const struct btf_type *t) {
    const struct btf_member *m = btf_members(btf, t);
    uint32_t n_first = 0;
    if (t->kind != BTF_DATASEC || t->size_or_type)
        return true;
    for (uint32_t i = 0; i < t->n_members; i++)
        n_first += m[i].off_bits == 0;
    return n_first <= 1;
}

static bool find_value(struct finder *w, struct map_fact *m) {
    const uint32_t id = w->t->btf ? btf_strip(w->t->btf, m->def->value_btf_id) : 0;
    const struct btf_type *t = id ? btf_type_at(w->t->btf, id) : NULL;
    if (!t || (t->kind != BTF_STRUCT && t->kind != BTF_UNION && t->kind != BTF_DATASEC))
        return true;
    m->has_btf = choose(w, id, false, m->def->value_size, &m->fields, &m->n_fields);
    if (m->n_fields && !has_offsets(w->t->btf, t)) {
        m->has_btf = false;
        m->n_fields = 0;
    }
    m->spin_lock = offset_of(m->fields, m->n_fields, SPECIAL_SPIN_LOCK);
    m->timer = offset_of(m->fields, m->n_fields, SPECIAL_TIMER);
    m->workqueue = offset_of(m->fields, m->n_fields, SPECIAL_WORKQUEUE);
    return w->err == BPFLAB_OK;
}

/* Does a struct have a special member itself? Structs around it are no objects for Linux. */
static bool is_object(const struct btf *btf, const struct btf_type *t) {
    const struct btf_member *m = btf_members(btf, t);
    for (uint32_t i = 0; t->kind == BTF_STRUCT && i < t->n_members; i++) {
        const struct btf_type *of = btf_type_at(btf, m[i].type);
        const struct field_kind *kind = kind_by_name(btf_string(btf, of->name_off));
        const struct btf_type *to = of->kind == BTF_PTR ? btf_type_at(btf, of->size_or_type) : NULL;
        if (of->kind == BTF_STRUCT && kind && kind->in_objects)
            return true;
        if (to && to->kind == BTF_TYPE_TAG && strstr(btf_string(btf, to->name_off), "kptr"))
            return true;
    }
    return false;
}

static bool find_objects(struct finder *w) {
    const struct btf *btf = w->t->btf;
    uint32_t n = 0;
    for (uint32_t id = 1; id < btf_n_types(btf); id++)
        n += is_object(btf, btf_type_at(btf, id));
    w->s->objects = subject_alloc(w->s, n, sizeof *w->s->objects);
    if (!w->s->objects)
        return false;
    for (uint32_t id = 1; id < btf_n_types(btf) && w->err == BPFLAB_OK; id++) {
        if (!is_object(btf, btf_type_at(btf, id)))
            continue;
        struct object_fact *o = &w->s->objects[w->s->n_objects++];
        o->btf_id = id;
        const uint32_t bytes = btf_type_at(btf, id)->size_or_type;
        o->bad = !choose(w, id, true, bytes, &o->fields, &o->n_fields);
        o->spin_lock = offset_of(o->fields, o->n_fields, SPECIAL_SPIN_LOCK);
        o->refcount = offset_of(o->fields, o->n_fields, SPECIAL_REFCOUNT);
    }
    return w->err == BPFLAB_OK;
}

const struct object_fact *subject_object(const struct subject *s, uint32_t btf_id) {
    uint32_t lo = 0, hi = s->n_objects;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (s->objects[mid].btf_id == btf_id)
            return &s->objects[mid];
        if (s->objects[mid].btf_id < btf_id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

bool subject_find_fields(struct subject *s, struct subject_types *t, enum bpflab_err *err) {
    struct finder w = {.s = s, .t = t, .none = {.state = SET_KNOWN}};
    *err = BPFLAB_E_NOMEM;
    s->maps = subject_alloc(s, s->in.n_maps, sizeof *s->maps);
    w.of = subject_scratch(s, t->btf ? btf_n_types(t->btf) : 0, sizeof *w.of);
    if (!s->maps || !w.of)
        return false;
    s->n_maps = s->in.n_maps;
    for (uint32_t i = 0; i < s->n_maps; i++) {
        s->maps[i] =
            (struct map_fact){.def = &s->in.maps[i], .spin_lock = -1, .timer = -1, .workqueue = -1};
        if (!find_value(&w, &s->maps[i]))
            return false;
    }
    if (t->btf && !find_objects(&w))
        return false;
    *err = BPFLAB_OK;
    return true;
}
