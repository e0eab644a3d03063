/* subject_btf.c: what the program's types say of its functions: how their arguments are to be
 * taken, and whether they return a number.
 *
 * A function that is verified on its own (global) must say it of every argument; tags on parameters
 * ("arg:nonnull") refine it. What does not fit is kept as Linux's words, for when the function is
 * called.
 * source: btf_prepare_func_args and check_btf_func of Linux 6.12; 6.18 for untrusted arguments
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "verifier/subject_impl.h"

enum {
    MAX_ARGS = 5,
    TEXT_BYTES = 192,
};

enum arg_tag {
    TAG_CTX = 1 << 0,
    TAG_NONNULL = 1 << 1,
    TAG_TRUSTED = 1 << 2,
    TAG_NULLABLE = 1 << 3,
    TAG_ARENA = 1 << 4,
    TAG_UNTRUSTED = 1 << 5,
};

static const struct {
    const char *text;
    enum arg_tag tag;
} arg_tags[] = {
    {"ctx", TAG_CTX},           {"nonnull", TAG_NONNULL}, {"trusted", TAG_TRUSTED},
    {"nullable", TAG_NULLABLE}, {"arena", TAG_ARENA},     {"untrusted", TAG_UNTRUSTED},
};

/* struct reader: one function being read. */
struct reader {
    struct subject *s;
    struct subject_types *t;
    struct subprog_fact *f;
    const struct btf_type *proto;
    enum bpflab_err err;
};

/* complain: out: false, so that a check can end with it */
static bool complain(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool complain(struct reader *r, const char *fmt, ...) {
    char *text = subject_alloc(r->s, TEXT_BYTES, 1);
    if (!text) {
        r->err = BPFLAB_E_NOMEM;
        return false;
    }
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, TEXT_BYTES, fmt, ap);
    va_end(ap);
    r->f->args_error = text;
    return false;
}

/* "STRUCT task_struct", as Linux's messages have it */
static const char *describe(const struct btf *btf, uint32_t id, char buf[TEXT_BYTES]) {
    const struct btf_type *t = btf_type_at(btf, id);
    const char *kind = t->kind == BTF_VOID ? "unknown" : btf_kind_name(t->kind);
    snprintf(buf, TEXT_BYTES, "%s %.100s", kind, btf_string(btf, t->name_off));
    for (char *p = buf; *p && *p != ' '; p++)
        *p = (char)toupper((unsigned char)*p);
    return buf;
}

static bool is_number(const struct btf *btf, uint32_t id) {
    const uint8_t kind = btf_type_at(btf, btf_strip(btf, id))->kind;
    return kind == BTF_INT || kind == BTF_ENUM || kind == BTF_ENUM64;
}

/* ---- contexts ---- */

/* The name of the struct that programs of this type have as their context; NULL: they have none
 * (a bare number, an array, anything). */
static const char *ctx_struct(const struct subject *s) {
    switch (s->prog->type) {
    case PROG_tracepoint:
    case PROG_syscall:
    case PROG_tracing:
    case PROG_lsm:
    case PROG_struct_ops:
    case PROG_ext:
    case PROG_lirc_mode2:
    case PROG_raw: return NULL;
    default: return s->type ? s->type->ctx_name : NULL;
    }
}

/* Follows modifiers from id, but not a typedef. */
static uint32_t to_typedef(const struct btf *btf, uint32_t id) {
    for (uint32_t i = 0; i < 32; i++) {
        const struct btf_type *t = btf_type_at(btf, id);
        if (t->kind != BTF_CONST && t->kind != BTF_VOLATILE && t->kind != BTF_RESTRICT &&
            t->kind != BTF_TYPE_TAG)
            break;
        id = t->size_or_type;
    }
    return id;
}

static bool is_pt_regs_typedef(const struct btf *btf, uint32_t pointee) {
    const struct btf_type *t = btf_type_at(btf, to_typedef(btf, pointee));
    return t->kind == BTF_TYPEDEF && !strcmp(btf_string(btf, t->name_off), "bpf_user_pt_regs_t");
}

static bool is_struct_named(const struct btf *btf, uint32_t id, const char *name) {
    const struct btf_type *t = btf_type_at(btf, id);
    return name && (t->kind == BTF_STRUCT || t->kind == BTF_UNION) &&
           !strcmp(btf_string(btf, t->name_off), name);
}

/* Is a pointer to this, untagged, one to the context? Kernel types stand for what users see of
 * them. */
bool subject_is_ctx(const struct subject *s, const struct btf *btf, uint32_t pointee) {
    const char *name = ctx_struct(s);
    const uint32_t id = btf_strip(btf, pointee);
    if (s->prog->type == PROG_kprobe &&
        (is_pt_regs_typedef(btf, pointee) || is_struct_named(btf, id, "bpf_user_pt_regs_t")))
        return true;
    if (!name)
        return false;
    return is_struct_named(btf, id, name) ||
           (s->prog->type == PROG_kprobe && is_struct_named(btf, id, "bpf_user_pt_regs_t")) ||
           (!strcmp(name, "__sk_buff") && is_struct_named(btf, id, "sk_buff")) ||
           (!strcmp(name, "xdp_md") && is_struct_named(btf, id, "xdp_buff"));
}

/* Types of context that are arrays of 64-bit arguments: u64 * names them. */
static bool ctx_is_words(const struct prog *p) {
    switch (p->type) {
    case PROG_raw_tracepoint:
    case PROG_raw_tracepoint_writable:
    case PROG_lsm:
    case PROG_struct_ops: return true;
    case PROG_tracing:
        return p->attach_type == ATTACH_trace_raw_tp || p->attach_type == ATTACH_trace_fentry ||
               p->attach_type == ATTACH_trace_fexit || p->attach_type == ATTACH_modify_return;
    default: return false;
    }
}

/* May a parameter with the tag "arg:ctx" point to this? */
static bool check_tagged_ctx(struct reader *r, uint32_t arg, uint32_t pointee) {
    const struct btf *btf = r->t->btf;
    const struct prog *p = r->s->prog;
    const uint32_t id = btf_strip(btf, pointee);
    const struct btf_type *t = btf_type_at(btf, id);
    const char *type_name = btf_string(btf, t->name_off);
    const bool registers = p->type == PROG_kprobe || p->type == PROG_perf_event;
    if (id == 0 || (registers && is_pt_regs_typedef(btf, pointee)))
        return true;
    if (!*type_name)
        return complain(r, "arg#%u type doesn't have a name", arg);
    if ((registers && is_struct_named(btf, id, "pt_regs")) ||
        (ctx_is_words(p) && t->kind == BTF_INT && t->size_or_type == 8))
        return true;
    if (p->type == PROG_tracing && p->attach_type == ATTACH_trace_raw_tp &&
        is_struct_named(btf, id, "bpf_raw_tracepoint_args"))
        return true;
    if (p->type == PROG_tracing && p->attach_type == ATTACH_trace_iter && t->kind == BTF_STRUCT &&
        !strncmp(type_name, "bpf_iter__", strlen("bpf_iter__")))
        return true;
    if (p->type == PROG_tracepoint || p->type == PROG_syscall || p->type == PROG_ext)
        return true;
    const char *name = ctx_struct(r->s);
    if (!name)
        return complain(r, "arg#%u should be void pointer", arg);
    return is_struct_named(btf, id, name) ||
           complain(r, "arg#%u should be `struct %s *`", arg, name);
}

/* ---- arguments ---- */

static bool read_tags(struct reader *r, uint32_t arg, uint32_t *tags) {
    uint32_t at = 0;
    const char *text;
    while ((text = btf_tags_next(&r->t->tags, r->f->btf_id, (int32_t)arg, "arg:", &at)) != NULL) {
        uint32_t tag = 0;
        for (uint32_t i = 0; i < sizeof arg_tags / sizeof *arg_tags; i++)
            tag |= strcmp(text, arg_tags[i].text) ? 0 : (uint32_t)arg_tags[i].tag;
        if (!tag)
            return complain(r, "arg#%u has unsupported set of tags", arg);
        *tags |= tag;
    }
    return true;
}

static bool bad_tags(struct reader *r, uint32_t arg) {
    return complain(r, "arg#%u has invalid combination of tags", arg);
}

static bool is_dynptr(const struct btf *btf, uint32_t pointee) {
    const struct btf_type *t = btf_type_at(btf, btf_strip(btf, pointee));
    return (t->kind == BTF_STRUCT || (t->kind == BTF_FWD && !t->kflag)) &&
           !strcmp(btf_string(btf, t->name_off), "bpf_dynptr");
}

/* A name without the flavour that CO-RE lets a program append: "task_struct___old". */
static size_t essential_bytes(const char *name) {
    const char *flavour = strstr(name, "___");
    return flavour && flavour != name ? (size_t)(flavour - name) : strlen(name);
}

/* The kernel's type for what the parameter points to. */
static bool find_kernel_type(struct reader *r, uint32_t arg, uint32_t pointee, uint32_t *id) {
    const struct btf *btf = r->t->btf;
    const uint32_t own = btf_strip(btf, pointee);
    const struct btf_type *t = btf_type_at(btf, own);
    const char *name = btf_string(btf, t->name_off);
    char text[TEXT_BYTES];
    uint32_t n = 0;
    if (!subject_kernel_type(r->s, (enum btf_kind)t->kind, name, essential_bytes(name), id, &n,
                             &r->err))
        return false;
    return n == 1 || complain(r, "arg#%u reference type('%s') %s", arg, describe(btf, own, text),
                              n ? "is ambiguous" : "has no matches");
}

static bool read_untrusted(struct reader *r, uint32_t arg, uint32_t pointee, struct sub_arg *a) {
    const struct btf *btf = r->t->btf;
    const uint32_t own = btf_strip(btf, pointee);
    a->untrusted = true;
    if (own == 0 || is_number(btf, own)) {
        a->kind = SUB_ARG_MEM;
        return true;
    }
    a->kind = SUB_ARG_BTF;
    if (!find_kernel_type(r, arg, pointee, &a->btf_id))
        return false;
    const struct btf_type *t = btf_type_at(btf, own);
    return t->kind == BTF_STRUCT ||
           complain(r, "arg#%u has type %s '%s', but only struct or primitive types are allowed",
                    arg, btf_kind_name(t->kind), btf_string(btf, t->name_off));
}

static bool read_memory(struct reader *r, uint32_t arg, uint32_t pointee, uint32_t tags,
                        struct sub_arg *a) {
    char text[TEXT_BYTES];
    const uint32_t own = btf_strip(r->t->btf, pointee);
    const int64_t bytes = btf_size(r->t->btf, own);
    if (tags & TAG_NULLABLE)
        return bad_tags(r, arg);
    if (bytes < 0)
        return complain(r, "arg#%u reference type('%s') size cannot be determined: -22", arg,
                        describe(r->t->btf, own, text));
    a->kind = SUB_ARG_MEM;
    a->mem_bytes = (uint32_t)bytes;
    a->maybe_null = !(tags & TAG_NONNULL);
    return true;
}

static bool read_pointer(struct reader *r, uint32_t arg, uint32_t pointee, uint32_t tags,
                         struct sub_arg *a) {
    if ((tags & TAG_CTX) || subject_is_ctx(r->s, r->t->btf, pointee)) {
        a->kind = SUB_ARG_CTX;
        if (tags & ~(uint32_t)TAG_CTX)
            return bad_tags(r, arg);
        return !(tags & TAG_CTX) || check_tagged_ctx(r, arg, pointee);
    }
    if (is_dynptr(r->t->btf, pointee)) {
        a->kind = SUB_ARG_DYNPTR;
        return !tags || bad_tags(r, arg);
    }
    if (tags & TAG_TRUSTED) {
        a->kind = SUB_ARG_BTF;
        a->trusted = true;
        a->maybe_null = (tags & TAG_NULLABLE) != 0;
        return tags & TAG_NONNULL ? bad_tags(r, arg)
                                  : find_kernel_type(r, arg, pointee, &a->btf_id);
    }
    if (tags & TAG_UNTRUSTED) {
        if (tags & ~(uint32_t)TAG_UNTRUSTED)
            return complain(r, "arg#%u untrusted cannot be combined with any other tags", arg);
        return read_untrusted(r, arg, pointee, a);
    }
    if (tags & TAG_ARENA) {
        a->kind = SUB_ARG_ARENA;
        return !(tags & ~(uint32_t)TAG_ARENA) ||
               complain(r, "arg#%u arena cannot be combined with any other tags", arg);
    }
    return read_memory(r, arg, pointee, tags, a);
}

static bool read_arg(struct reader *r, uint32_t arg, struct sub_arg *a) {
    const struct btf *btf = r->t->btf;
    const uint32_t id = btf_strip(btf, btf_members(btf, r->proto)[arg].type);
    const struct btf_type *t = btf_type_at(btf, id);
    uint32_t tags = 0;
    if (!read_tags(r, arg, &tags))
        return false;
    if (t->kind == BTF_PTR)
        return read_pointer(r, arg, t->size_or_type, tags, a);
    if (tags)
        return complain(r, "arg#%u has pointer tag, but is not a pointer type", arg);
    char text[TEXT_BYTES];
    a->kind = SUB_ARG_SCALAR;
    if (is_number(btf, id))
        return true;
    describe(btf, id, text);
    text[strcspn(text, " ")] = '\0';
    return complain(r, "Arg#%u type %s in %s() is not supported yet.", arg, text, r->f->name);
}

static bool read_args(struct reader *r) {
    if (r->proto->n_members > MAX_ARGS)
        return complain(r, "Global function %s() with %u > %d args. Buggy compiler.", r->f->name,
                        r->proto->n_members, MAX_ARGS);
    if (!r->f->returns_scalar)
        return complain(r, "Global function %s() doesn't return scalar. Only those are supported.",
                        r->f->name);
    for (uint32_t i = 0; i < r->proto->n_members; i++)
        if (!read_arg(r, i, &r->f->args[i]))
            return false;
    r->f->n_args = r->proto->n_members;
    return true;
}

/* ---- functions ---- */

static const struct btf_type *proto_of(const struct btf *btf, uint32_t btf_id) {
    const struct btf_type *func = btf && btf_id ? btf_type_at(btf, btf_id) : NULL;
    if (!func || func->kind != BTF_FUNC)
        return NULL;
    const struct btf_type *proto = btf_type_at(btf, func->size_or_type);
    return proto && proto->kind == BTF_FUNC_PROTO ? proto : NULL;
}

/* Entries of programs get what their type says; extensions, what the function they replace has. */
static bool read_func(struct subject *s, struct subject_types *t, uint32_t i,
                      enum bpflab_err *err) {
    struct subprog_fact *f = &s->subprogs[i];
    struct reader r = {.s = s, .t = t, .f = f, .proto = proto_of(t->btf, f->btf_id)};
    const bool wanted = i ? f->global || f->is_exception_callback : s->prog->type == PROG_ext;
    if (r.proto) {
        f->returns_scalar = is_number(t->btf, r.proto->size_or_type);
        f->returns_void = btf_strip(t->btf, r.proto->size_or_type) == 0;
        f->args_known = wanted && read_args(&r);
    } else if (wanted) {
        complain(&r, "Global functions need valid BTF");
    }
    *err = r.err;
    return r.err == BPFLAB_OK;
}

/* Returns that only a number can be: LD_ABS and tail calls end a function with one. */
static bool check_returns(const struct subject *s, struct report *rep) {
    const bool typed = s->prog->btf && s->subprogs[0].btf_id;
    for (uint32_t i = 1; i < s->n_subprogs; i++) {
        const struct subprog_fact *f = &s->subprogs[i];
        const char *what = f->has_ld_abs ? "LD_ABS" : f->has_tail_call ? "tail_call" : NULL;
        if (what && !typed)
            return report_reject(rep, REASON_BTF, f->start, REPORT_NO_REG,
                                 "%s is not allowed in subprogs without BTF", what);
        if (what && !f->returns_scalar)
            return report_reject(rep, REASON_BTF, f->start, REPORT_NO_REG,
                                 "%s is only allowed in functions that return 'int'.", what);
    }
    return true;
}

const struct btf *subject_kernel(const struct subject *s) {
    struct subject_store *const store = s->store;
    const struct verify_input *const in = &s->in;
    if (!store || in->kernel_btf) /* no store: a subject of tests, put together by hand */
        return in->kernel_btf;
    if (!store->kernel_asked) {
        store->kernel_asked = true;
        store->kernel = in->kernel_types ? in->kernel_types(in->kernel_self) : NULL;
    }
    return store->kernel;
}

bool subject_kernel_type(const struct subject *s, enum btf_kind kind, const char *name,
                         size_t n_bytes, uint32_t *id, uint32_t *n, enum bpflab_err *err) {
    struct btf_names *const names = &s->store->kernel_names;
    if (subject_kernel(s) && !names->entries) {
        *err = btf_names_init(names, subject_kernel(s));
        if (*err)
            return false;
    }
    *id = btf_names_find(names, kind, name, n_bytes, n);
    return true;
}

uint32_t subject_kernel_id(const struct subject *s, enum btf_kind kind, const char *name) {
    enum bpflab_err err = BPFLAB_OK;
    uint32_t id = 0, n = 0;
    /* without the memory for a table, by a search */
    if (!subject_kernel_type(s, kind, name, strlen(name), &id, &n, &err))
        return btf_find(subject_kernel(s), kind, name, 1);
    return id;
}

static bool check_exception_tags(const struct subject *s, const struct subject_types *t,
                                 struct report *rep) {
    static const char prefix[] = "exception_callback:";
    const uint32_t id = s->subprogs[0].btf_id;
    uint32_t at = 0;
    if (!t->btf || !id || !btf_tags_next(&t->tags, id, BTF_TAG_TYPE, prefix, &at) ||
        !btf_tags_next(&t->tags, id, BTF_TAG_TYPE, prefix, &at))
        return true;
    return report_reject(rep, REASON_CALLBACK, 0, REPORT_NO_REG,
                         "multiple exception callback tags for main subprog");
}

bool subject_read_types(struct subject *s, struct report *rep, enum bpflab_err *err) {
    struct subject_types t = {.btf = s->prog->btf};
    if (t.btf)
        *err = btf_names_init(&t.names, t.btf);
    if (t.btf && !*err)
        *err = btf_tags_init(&t.tags, t.btf);
    bool ok = *err == BPFLAB_OK;
    for (uint32_t i = 0; ok && i < s->n_subprogs; i++)
        ok = read_func(s, &t, i, err);
    ok = ok && check_returns(s, rep) && check_exception_tags(s, &t, rep) &&
         subject_find_fields(s, &t, err);
    btf_names_fini(&t.names);
    btf_tags_fini(&t.tags);
    return ok;
}
