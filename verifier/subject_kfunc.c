/* subject_kfunc.c: the kernel functions that the program calls, as the kernel's BTF declares them:
 * arguments are told by their types, and by the ends of their names.
 * source: check_kfunc_args and get_kfunc_ptr_arg_type of Linux 6.12
 */
#include <string.h>

#include "verifier/subject_impl.h"

enum {
    MAX_PARAMS = 5,
    MAX_PLAIN_NESTING = 4,
};

static const char *const special_names[N_KFUNC_IDS] = {
#define KFUNC_SPECIAL(id, name) [KFUNC_##id] = (name),
#include "verifier/kfunc_special.def"
};

/* struct namings: ends of parameters' names that say how an argument is taken. */
static const struct {
    const char *suffix;
    enum kparam_kind kind;
} namings[] = {
    {"__alloc", KPARAM_ALLOC}, {"__refcounted_kptr", KPARAM_REFCOUNTED}, {"__str", KPARAM_STRING},
    {"__map", KPARAM_MAP},     {"__irq_flag", KPARAM_IRQ_FLAG},          {"__iter", KPARAM_ITER},
};

/* Structs that are more to programs than their bytes. */
static const struct {
    const char *name;
    enum kparam_kind kind;
} pointees[] = {
    {"bpf_dynptr", KPARAM_DYNPTR},       {"bpf_dynptr_kern", KPARAM_DYNPTR},
    {"bpf_list_head", KPARAM_LIST_HEAD}, {"bpf_list_node", KPARAM_LIST_NODE},
    {"bpf_rb_root", KPARAM_RB_ROOT},     {"bpf_rb_node", KPARAM_RB_NODE},
    {"bpf_wq", KPARAM_WORKQUEUE},
};

static bool ends_with(const char *name, const char *suffix) {
    const size_t n = strlen(name), m = strlen(suffix);
    return n >= m && !strcmp(name + n - m, suffix);
}

static bool is_scalar(const struct btf_type *t) {
    return t->kind == BTF_INT || t->kind == BTF_ENUM || t->kind == BTF_ENUM64;
}

/* Is it a struct of numbers, or of such structs and arrays of them? */
static bool is_plain_struct(const struct btf *btf, uint32_t id, uint32_t nesting) {
    const struct btf_type *t = btf_type_at(btf, id);
    if (t->kind != BTF_STRUCT && t->kind != BTF_UNION)
        return false;
    const struct btf_member *m = btf_members(btf, t);
    for (uint32_t i = 0; i < t->n_members; i++) {
        uint32_t type = btf_strip(btf, m[i].type);
        const struct btf_type *of = btf_type_at(btf, type);
        if (of->kind == BTF_STRUCT || of->kind == BTF_UNION) {
            if (nesting >= MAX_PLAIN_NESTING - 1 || !is_plain_struct(btf, type, nesting + 1))
                return false;
            continue;
        }
        if (of->kind == BTF_ARRAY) {
            of = btf_type_at(btf, btf_strip(btf, btf_members(btf, of)[0].type));
            if (btf_members(btf, btf_type_at(btf, type))[0].value == 0)
                return false;
        }
        if (!is_scalar(of))
            return false;
    }
    return true;
}

bool subject_is_plain(const struct btf *btf, uint32_t id) {
    const uint32_t type = btf_strip(btf, id);
    return is_scalar(btf_type_at(btf, type)) || is_plain_struct(btf, type, 0);
}

static enum kparam_kind scalar_kind(const char *name) {
    if (ends_with(name, "__k"))
        return KPARAM_CONST;
    if (!strcmp(name, "rdonly_buf_size"))
        return KPARAM_SIZE_RDONLY;
    return strcmp(name, "rdwr_buf_size") ? KPARAM_SCALAR : KPARAM_SIZE_RDWR;
}

static enum kparam_kind pointer_kind(const struct subject *s, const struct kfunc_fact *f,
                                     uint32_t i, const char *name, uint32_t pointee) {
    const struct btf *btf = subject_kernel(s);
    const unsigned iterates = KFUNC_F_ITER_NEW | KFUNC_F_ITER_NEXT | KFUNC_F_ITER_DESTROY;
    const struct btf_type *t = btf_type_at(btf, btf_strip(btf, pointee));
    if (f->id == KFUNC_KERN_CTX || subject_is_ctx(s, btf, pointee))
        return KPARAM_CTX;
    for (size_t k = 0; k < sizeof namings / sizeof *namings; k++)
        if (ends_with(name, namings[k].suffix))
            return namings[k].kind;
    if (f->row && (f->row->flags & iterates) && i == 0)
        return KPARAM_ITER;
    for (size_t k = 0; k < sizeof pointees / sizeof *pointees; k++)
        if ((t->kind == BTF_STRUCT || t->kind == BTF_FWD) &&
            !strcmp(btf_string(btf, t->name_off), pointees[k].name))
            return pointees[k].kind;
    return KPARAM_POINTER;
}

static void read_param(const struct subject *s, struct kfunc_fact *f, const struct btf_type *proto,
                       uint32_t i) {
    const struct btf *btf = subject_kernel(s);
    const struct btf_member *m = &btf_members(btf, proto)[i];
    const char *name = btf_string(btf, m->name_off);
    const struct btf_type *t = btf_type_at(btf, btf_strip(btf, m->type));
    struct kparam *p = &f->param[i];
    if (ends_with(name, "__ign") || ends_with(name, "__prog")) {
        p->kind = KPARAM_IGNORE;
        return;
    }
    if (is_scalar(t)) {
        p->kind = (uint8_t)scalar_kind(name);
        return;
    }
    if (t->kind != BTF_PTR)
        return;
    p->kind = (uint8_t)pointer_kind(s, f, i, name, t->size_or_type);
    p->nullable = ends_with(name, "__nullable");
    p->optional = ends_with(name, "__opt");
    p->uninit = ends_with(name, "__uninit");
    p->btf_id = btf_strip(btf, t->size_or_type);
    const struct btf_type *to = btf_type_at(btf, p->btf_id);
    const int64_t n_bytes = btf_size(btf, p->btf_id);
    p->n_bytes = n_bytes > 0 ? (uint32_t)n_bytes : 0;
    p->is_void = to->kind == BTF_VOID;
    p->is_func = to->kind == BTF_FUNC_PROTO;
    p->is_struct = to->kind == BTF_STRUCT || to->kind == BTF_UNION;
    p->is_plain = subject_is_plain(btf, p->btf_id);
    if (i + 1 < proto->n_members) {
        const struct btf_type *next = btf_type_at(btf, btf_strip(btf, m[1].type));
        const char *next_name = btf_string(btf, m[1].name_off);
        if (is_scalar(next))
            p->size = ends_with(next_name, "__sz")    ? KSIZE_BYTES
                      : ends_with(next_name, "__szk") ? KSIZE_CONST
                                                      : KSIZE_NONE;
    }
}

static void read_return(const struct btf *btf, struct kfunc_fact *f, uint32_t type) {
    const struct btf_type *t = btf_type_at(btf, btf_strip(btf, type));
    f->ret = t->kind == BTF_VOID ? KRET_VOID : is_scalar(t) ? KRET_SCALAR : KRET_BAD;
    if (t->kind != BTF_PTR)
        return;
    f->ret_btf_id = btf_strip(btf, t->size_or_type);
    t = btf_type_at(btf, f->ret_btf_id);
    const int64_t n_bytes = btf_size(btf, f->ret_btf_id);
    f->ret_bytes = n_bytes > 0 ? (uint32_t)n_bytes : 0;
    f->ret = t->kind == BTF_VOID                             ? KRET_SCALAR
             : t->kind == BTF_STRUCT || t->kind == BTF_UNION ? KRET_OBJECT
                                                             : KRET_MEM;
}

static void read_kfunc(const struct subject *s, const struct prog_extern *x, struct kfunc_fact *f) {
    const struct btf *btf = subject_kernel(s);
    f->name = x->name;
    f->row = kfunc_for(x->name, s->prog->type);
    for (uint32_t id = KFUNC_PLAIN + 1; id < N_KFUNC_IDS; id++)
        if (!strcmp(special_names[id], x->name))
            f->id = (enum kfunc_id)id;
    f->btf_id = btf ? subject_kernel_id(s, BTF_FUNC, x->name) : 0;
    if (!f->btf_id)
        return;
    const struct btf_type *proto = btf_type_at(btf, btf_type_at(btf, f->btf_id)->size_or_type);
    if (!proto || proto->kind != BTF_FUNC_PROTO) {
        f->btf_id = 0;
        return;
    }
    f->n_params = proto->n_members;
    for (uint32_t i = 0; i < f->n_params && i < MAX_PARAMS; i++)
        read_param(s, f, proto, i);
    read_return(btf, f, proto->size_or_type);
}

bool subject_find_kfuncs(struct subject *s, enum bpflab_err *err) {
    const uint32_t n = s->prog->n_externs;
    struct kfunc_fact *facts = subject_alloc(s, n, sizeof *facts);
    if (!facts) {
        *err = BPFLAB_E_NOMEM;
        return false;
    }
    s->kfuncs = facts;
    for (uint32_t i = 0; i < n; i++)
        if (s->prog->externs[i].is_func)
            read_kfunc(s, &s->prog->externs[i], &facts[i]);
    return true;
}
