/* case_elf_types.c: the types of a case's object: what a map is, as libbpf's macros say it (__uint,
 * __type, __array), and the prototypes of kernel functions.
 */
#include "fuzz/case_elf_work.h"

#include "fuzz/maps.h"
#include "runtime/kfunc.h"

enum {
    POINTER_BYTES = 8,
    GLOBAL = 1, /* linkage in BTF */
    EXTERN = 2,
    MAX_MEMBERS = 8,
};

/* struct types: where types go, and the one that most are made of. */
struct types {
    struct btf_out *b;
    uint32_t t_int;
};

/* struct definition: the structure that defines a map. */
struct definition {
    uint32_t id, n_bytes;
    uint32_t values_at; /* where its elements begin; bytes; 0: it has none */
};

/* struct members: those of a definition, before they are written. */
struct members {
    uint32_t n;
    const char *name[MAX_MEMBERS];
    uint32_t type[MAX_MEMBERS];
};

static void add(struct members *m, const char *name, uint32_t type) {
    m->name[m->n] = name;
    m->type[m->n++] = type;
}

static uint32_t ints(const struct types *t, uint32_t n) {
    return btf_out_array(t->b, t->t_int, t->t_int, n);
}

/* int (*name)[n]: a number */
static void add_number(const struct types *t, struct members *m, const char *name, uint32_t n) {
    if (n)
        add(m, name, btf_out_ptr(t->b, ints(t, n)));
}

/* A key or a value by its size; by a type of that size where the definition wants types. */
static void add_sized(const struct types *t, struct members *m, const char *sized,
                      const char *typed, uint32_t n_bytes, bool by_type) {
    if (!by_type)
        add_number(t, m, sized, n_bytes);
    else
        add(m, typed, btf_out_ptr(t->b, n_bytes == 4 ? t->t_int : ints(t, n_bytes / 4)));
}

static struct definition define(const struct types *t, const struct map_def *def, bool is_inner) {
    const bool holds_maps = def->inner >= 0, has_values = holds_maps || def->type == MAP_prog_array;
    struct members m = {0};
    add_number(t, &m, "type", def->type);
    add_number(t, &m, "max_entries", def->max_entries);
    add_number(t, &m, "map_flags", def->flags);
    add_sized(t, &m, "key_size", "key", def->key_size, def->key_btf_id != 0);
    if (has_values && !is_inner) {
        const uint32_t of = holds_maps ? define(t, &fuzz_maps[def->inner], true).id
                                       : btf_out_proto(t->b, t->t_int, 0);
        add(&m, "values", btf_out_array(t->b, btf_out_ptr(t->b, of), t->t_int, 0));
    } else {
        add_sized(t, &m, "value_size", "value", def->value_size, def->value_btf_id != 0);
    }
    /* An array without a length has no size. */
    const uint32_t n_pointers = m.n - (has_values && !is_inner);
    struct definition d = {.n_bytes = n_pointers * POINTER_BYTES};
    if (n_pointers < m.n)
        d.values_at = d.n_bytes;
    d.id = btf_out_struct(t->b, "", d.n_bytes, m.n);
    for (uint32_t i = 0; i < m.n; i++)
        btf_out_member(t->b, m.name[i], m.type[i], i * POINTER_BYTES);
    return d;
}

/* How many elements initialisers fill. */
static uint32_t n_elements(const struct map_def *def) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < def->n_inits; i++)
        if (def->inits[i].index >= n)
            n = def->inits[i].index + 1;
    return n;
}

static void put_maps(struct case_elf *w, const struct types *t) {
    uint32_t var[CASE_ELF_MAPS], n = 0, end = 0;
    for (uint32_t i = 0; i < fuzz_n_maps; i++) {
        if (!(w->plan.maps >> i & 1) || (w->plan.values >> i & 1))
            continue;
        const struct definition d = define(t, &fuzz_maps[i], false);
        w->map_at[i] = end;
        w->map_bytes[i] = d.n_bytes + n_elements(&fuzz_maps[i]) * POINTER_BYTES;
        w->values_at[i] = d.values_at;
        var[n++] = btf_out_var(t->b, fuzz_maps[i].name, d.id, GLOBAL);
        end += w->map_bytes[i];
    }
    w->maps_bytes = end;
    if (n == 0)
        return;
    btf_out_datasec(t->b, ".maps", end, n);
    for (uint32_t i = 0, k = 0; i < fuzz_n_maps; i++)
        if ((w->plan.maps >> i & 1) && !(w->plan.values >> i & 1))
            btf_out_var_at(t->b, var[k++], w->map_at[i], w->map_bytes[i]);
}

/* ---- kernel functions ---- */

static uint32_t pointer_to(const struct types *t, const char *name) {
    return btf_out_ptr(t->b, name ? btf_out_struct(t->b, name, 0, 0) : 0);
}

/* An argument's type as the kernel's BTF would have it, as far as the row tells. */
static uint32_t arg_type(const struct types *t, const struct kfunc_arg *a) {
    switch ((enum kfunc_arg_type)a->type) {
    case KFUNC_ARG_NUM:
    case KFUNC_ARG_CONST:
    case KFUNC_ARG_SIZE:
    case KFUNC_ARG_CSIZE: return t->t_int;
    case KFUNC_ARG_DYNPTR:
    case KFUNC_ARG_DYNPTR_NEW: return pointer_to(t, "bpf_dynptr");
    case KFUNC_ARG_LIST: return pointer_to(t, "bpf_list_head");
    case KFUNC_ARG_LIST_NODE: return pointer_to(t, "bpf_list_node");
    case KFUNC_ARG_TREE: return pointer_to(t, "bpf_rb_root");
    case KFUNC_ARG_TREE_NODE: return pointer_to(t, "bpf_rb_node");
    case KFUNC_ARG_WQ: return pointer_to(t, "bpf_wq");
    case KFUNC_ARG_STR: return btf_out_ptr(t->b, t->t_int);
    case KFUNC_ARG_ITER:
    case KFUNC_ARG_BTF: return pointer_to(t, a->btf_type);
    default: return pointer_to(t, NULL);
    }
}

static uint32_t ret_type(const struct types *t, const struct kfunc_proto *p) {
    switch ((enum kfunc_ret_type)p->ret.type) {
    case KFUNC_RET_VOID: return 0;
    case KFUNC_RET_NUM: return t->t_int;
    case KFUNC_RET_MEM:
    case KFUNC_RET_MEM_RW: return btf_out_ptr(t->b, t->t_int);
    case KFUNC_RET_BTF: return pointer_to(t, p->ret.btf_type);
    default: return pointer_to(t, NULL);
    }
}

static uint32_t prototype(const struct types *t, const char *name) {
    static const struct kfunc_proto unknown = {.ret.type = KFUNC_RET_VOID};
    const struct kfunc_proto *p = kfunc_proto_of(name);
    uint32_t arg[sizeof p->arg / sizeof *p->arg];
    if (!p)
        p = &unknown;
    const uint32_t ret = ret_type(t, p);
    for (uint32_t i = 0; i < p->n_args; i++)
        arg[i] = arg_type(t, &p->arg[i]);
    const uint32_t id = btf_out_proto(t->b, ret, p->n_args);
    for (uint32_t i = 0; i < p->n_args; i++)
        btf_out_param(t->b, "", arg[i]);
    return id;
}

static void put_kfuncs(struct case_elf *w, const struct types *t) {
    uint32_t func[CASE_ELF_KFUNCS];
    for (uint32_t i = 0; i < w->n_kfuncs; i++) {
        const char *const name = case_kfunc(w->kfunc[i]);
        func[i] = btf_out_func(t->b, name, prototype(t, name), EXTERN);
    }
    if (w->n_kfuncs == 0)
        return;
    btf_out_datasec(t->b, ".ksyms", 0, w->n_kfuncs);
    for (uint32_t i = 0; i < w->n_kfuncs; i++)
        btf_out_var_at(t->b, func[i], 0, 0);
}

/* Types of programs and license, which linkers ask for: each global symbol has one. */
static void put_symbols(struct case_elf *w, const struct types *t) {
    const uint32_t ctx = pointer_to(t, NULL), t_char = btf_out_int(t->b, "char", 1),
                   text = btf_out_array(t->b, t_char, t->t_int, CASE_ELF_LICENSE_BYTES),
                   license = btf_out_var(t->b, "_license", text, GLOBAL),
                   proto = btf_out_proto(t->b, t->t_int, 1);
    btf_out_param(t->b, "ctx", ctx);
    for (uint32_t i = 0; i < w->plan.n_progs; i++)
        btf_out_func(t->b, case_prog_names[i], proto, GLOBAL);
    btf_out_datasec(t->b, "license", CASE_ELF_LICENSE_BYTES, 1);
    btf_out_var_at(t->b, license, 0, CASE_ELF_LICENSE_BYTES);
}

void case_elf_types(struct case_elf *w) {
    struct types t = {.b = &w->btf};
    btf_out_init(t.b, w->elf.big_endian);
    t.t_int = btf_out_int(t.b, "int", 4);
    put_symbols(w, &t);
    put_maps(w, &t);
    put_kfuncs(w, &t);
}
