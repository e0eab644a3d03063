/* subject_hook.c: what the program is attached to, where its context is the arguments of a function
 * of the kernel's (tracing, LSM, iterators, struct_ops): may it be, which arguments are there, what
 * may it return.
 * source: bpf_check_attach_target and check_return_code of Linux 6.12
 */
#include "verifier/hook.h"

#include <stdio.h>
#include <string.h>

#include "verifier/btf_walk.h"
#include "verifier/subject_impl.h"

enum {
    DISABLED = 1 << 0,
    SLEEPABLE = 1 << 1,
    UNTRUSTED = 1 << 2,
    BOOL = 1 << 3,
    MODIFY = 1 << 4,
    D_PATH = 1 << 5,
    SOCKOPT = 1 << 6,
    UNSUPPORTED = 1 << 7,
    OBJECT = HOOK_ARG_OBJECT,
    TRUSTED = HOOK_ARG_TRUSTED,
    BUF = HOOK_ARG_BUF,
    RDONLY = HOOK_ARG_RDONLY,
    NULLS = HOOK_ARG_NULL,
    ERRORS = HOOK_ARG_ERROR,
    MAX_ERRNO = 4095,
    MAX_NAME = 128,
};

struct row {
    const char *name;
    uint32_t arg, flags;
};

static const struct row lsm_rows[] = {
#define HOOK_LSM(name, flags) {#name, 0, flags},
#include "verifier/hook.def"
};
static const struct row func_rows[] = {
#define HOOK_FUNC(name, flags) {#name, 0, flags},
#include "verifier/hook.def"
};
static const struct row iter_rows[] = {
#define HOOK_ITER(target, flags) {#target, 0, flags},
#include "verifier/hook.def"
};
static const struct row iter_arg_rows[] = {
#define HOOK_ITER_ARG(target, arg, flags) {#target, arg, flags},
#include "verifier/hook.def"
};
static const struct row tp_arg_rows[] = {
#define HOOK_TP_ARG(tracepoint, arg, flags) {#tracepoint, arg, flags},
#include "verifier/hook.def"
};

static const struct {
    const char *table, *member;
    uint32_t flags;
} ops_rows[] = {
#define HOOK_OPS(type, member, flags) {#type, #member, flags},
#include "verifier/hook.def"
};
static const struct {
    const char *table, *type, *field;
} write_rows[] = {
#define HOOK_OPS_WRITE(table, type, field) {#table, #type, #field},
#include "verifier/hook.def"
};

#define FIND(rows, name, arg) find((rows), sizeof(rows) / sizeof *(rows), (name), (arg))

static const struct row *find(const struct row *rows, size_t n, const char *name, uint32_t arg) {
    for (size_t i = 0; i < n; i++)
        if (rows[i].arg == arg && !strcmp(rows[i].name, name))
            return &rows[i];
    return NULL;
}

static uint32_t flags_of(const struct row *row) {
    return row ? row->flags : 0;
}

static bool starts_with(const char *name, const char *prefix) {
    return !strncmp(name, prefix, strlen(prefix));
}

uint32_t hook_arg_flags(const struct subject *s, uint32_t arg) {
    const struct prog *p = s->prog;
    if (p->type != PROG_tracing || !s->hook.name)
        return 0;
    if (p->attach_type == ATTACH_trace_iter)
        return flags_of(FIND(iter_arg_rows, s->hook.name, arg));
    if (p->attach_type == ATTACH_trace_raw_tp)
        return flags_of(FIND(tp_arg_rows, s->hook.name, arg));
    return 0;
}

/* ---- finding it ---- */

/* The prototype of the kernel's function, 0: there is none. */
static uint32_t func_proto(const struct subject *s, const char *prefix, const char *name) {
    char full[MAX_NAME];
    if (snprintf(full, sizeof full, "%s%s", prefix, name) >= (int)sizeof full)
        return 0;
    const uint32_t id = subject_kernel_id(s, BTF_FUNC, full);
    return id ? btf_type_at(subject_kernel(s), id)->size_or_type : 0;
}

/* A tracepoint's: typedef void (*btf_trace_NAME)(void *, ...). */
static uint32_t tracepoint_proto(const struct subject *s, const char *name) {
    const struct btf *btf = subject_kernel(s);
    char full[MAX_NAME];
    if (snprintf(full, sizeof full, "btf_trace_%s", name) >= (int)sizeof full)
        return 0;
    const uint32_t id = subject_kernel_id(s, BTF_TYPEDEF, full);
    const struct btf_type *t = id ? btf_type_at(btf, btf_strip(btf, id)) : NULL;
    if (!t || t->kind != BTF_PTR)
        return 0;
    t = btf_type_at(btf, t->size_or_type);
    return t->kind == BTF_FUNC_PROTO ? btf_type_at(btf, btf_strip(btf, id))->size_or_type : 0;
}

static bool refuse(struct report *rep, const char *fmt, const char *name) {
    return report_reject(rep, REASON_HOOK, 0, REPORT_NO_REG, fmt, name);
}

static bool may_sleep(const char *name) {
    return starts_with(name, "__x64_sys_") || (flags_of(FIND(func_rows, name, 0)) & SLEEPABLE);
}

static bool may_modify(const char *name) {
    return starts_with(name, "__x64_sys_") || starts_with(name, "security_") ||
           (flags_of(FIND(func_rows, name, 0)) & MODIFY);
}

static bool find_function(struct subject *s, struct report *rep) {
    struct hook_fact *h = &s->hook;
    const bool modifies = s->prog->attach_type == ATTACH_modify_return;
    h->proto = func_proto(s, "", h->name);
    if (!h->proto && subject_kernel(s))
        return refuse(rep, "attach target '%s' is not a function that the kernel's types name",
                      h->name);
    if (modifies && !s->prog->sleepable && !may_modify(h->name))
        return refuse(rep, "%s() is not modifiable", h->name);
    if (s->prog->sleepable && !may_sleep(h->name))
        return refuse(rep, "%s is not sleepable", h->name);
    return true;
}

static bool find_tracepoint(struct subject *s, struct report *rep) {
    struct hook_fact *h = &s->hook;
    h->proto = tracepoint_proto(s, h->name);
    h->n_skipped = 1;
    h->trusted = true;
    return h->proto || !subject_kernel(s) ||
           refuse(rep, "attach target 'btf_trace_%s' is not a tracepoint that the kernel has",
                  h->name);
}

static bool find_iter(struct subject *s, struct report *rep) {
    struct hook_fact *h = &s->hook;
    const struct row *row = FIND(iter_rows, h->name, 0);
    h->proto = func_proto(s, "bpf_iter_", h->name);
    h->trusted = true;
    return (row && (h->proto || !subject_kernel(s))) ||
           refuse(rep, "there is no iterator '%s'", h->name);
}

static bool find_lsm(struct subject *s, struct report *rep) {
    struct hook_fact *h = &s->hook;
    const uint32_t flags = flags_of(FIND(lsm_rows, h->name, 0));
    const bool cgroup = s->prog->attach_type == ATTACH_lsm_cgroup;
    h->proto = func_proto(s, "bpf_lsm_", h->name);
    h->trusted = !(flags & UNTRUSTED);
    if (!s->gpl)
        return report_reject(rep, REASON_LICENSE, 0, REPORT_NO_REG,
                             "LSM programs must have a GPL compatible license");
    if (flags & DISABLED)
        return refuse(rep, "attach_btf_id points to disabled hook %s", h->name);
    if (!h->proto && subject_kernel(s))
        return refuse(rep, "bpf_lsm_%s is no hook that the kernel has", h->name);
    if (s->prog->sleepable && !(flags & SLEEPABLE))
        return refuse(rep, "bpf_lsm_%s is not sleepable", h->name);
    const struct btf_type *proto = h->proto ? btf_type_at(subject_kernel(s), h->proto) : NULL;
    h->returns_void = proto && proto->size_or_type == 0;
    /* what LSM programs of a cgroup return is a verdict; a void hook has only one */
    h->has_range = !cgroup || h->returns_void;
    h->ret_32 = !cgroup;
    h->ret_min = cgroup ? 1 : flags & BOOL ? 0 : -MAX_ERRNO;
    h->ret_max = cgroup || (flags & BOOL) ? 1 : 0;
    h->returns_void = h->returns_void && !cgroup;
    return true;
}

/* ---- tables of callbacks ---- */

static uint32_t ops_flags(const char *table, const char *member) {
    for (size_t i = 0; i < sizeof ops_rows / sizeof *ops_rows; i++)
        if (!strcmp(ops_rows[i].table, table) && !strcmp(ops_rows[i].member, member))
            return ops_rows[i].flags;
    return 0;
}

/* The prototype of a struct's member that points to a function, 0: it does not. */
static uint32_t member_proto(const struct btf *btf, uint32_t id, const char *member) {
    const struct btf_type *t = btf_type_at(btf, id);
    for (uint32_t i = 0; i < t->n_members; i++) {
        const struct btf_member *m = &btf_members(btf, t)[i];
        const struct btf_type *p = btf_type_at(btf, btf_strip(btf, m->type));
        if (strcmp(btf_string(btf, m->name_off), member) || p->kind != BTF_PTR)
            continue;
        const uint32_t proto = btf_strip(btf, p->size_or_type);
        return btf_type_at(btf, proto)->kind == BTF_FUNC_PROTO ? proto : 0;
    }
    return 0;
}

/* Does a parameter hand over a reference? Its name ends in __ref. */
static bool takes_over(const struct btf *btf, uint32_t proto) {
    const struct btf_type *t = btf_type_at(btf, proto);
    for (uint32_t i = 0; proto && i < t->n_members; i++) {
        const char *name = btf_string(btf, btf_members(btf, t)[i].name_off);
        const size_t n = strlen(name), m = strlen("__ref");
        if (n >= m && !strcmp(name + n - m, "__ref"))
            return true;
    }
    return false;
}

/* attach_to is "STRUCT.MEMBER". That programs may implement a struct says a second one of the
 * kernel's; a function STRUCT__MEMBER says by its parameters' names which may be NULL. */
static bool find_ops(struct subject *s, struct report *rep) {
    struct hook_fact *h = &s->hook;
    const struct btf *btf = subject_kernel(s);
    char table[MAX_NAME], full[2 * MAX_NAME];
    const char *dot = strchr(h->name, '.');
    const size_t n = dot ? (size_t)(dot - h->name) : 0;
    if (!btf)
        return true;
    if (!n || n >= sizeof table)
        return refuse(rep, "no table of callbacks has the function (struct_ops/%s)", h->name);
    memcpy(table, h->name, n);
    table[n] = '\0';
    snprintf(full, sizeof full, "bpf_struct_ops_%s", table);
    const uint32_t id = subject_kernel_id(s, BTF_STRUCT, table);
    if (!id || !subject_kernel_id(s, BTF_STRUCT, full))
        return refuse(rep, "struct %s is not one that programs implement in this kernel", table);
    h->proto = member_proto(btf, id, dot + 1);
    const uint32_t flags = ops_flags(table, dot + 1);
    if (!h->proto || (flags & UNSUPPORTED) || (s->prog->sleepable && !(flags & SLEEPABLE)))
        return report_reject(rep, REASON_HOOK, 0, REPORT_NO_REG,
                             "attach to unsupported member %s of struct %s", dot + 1, table);
    snprintf(full, sizeof full, "%s__%.100s", table, dot + 1);
    h->named_proto = func_proto(s, "", full);
    if (takes_over(btf, h->named_proto))
        return report_reject(
            rep, REASON_UNSUPPORTED, 0, REPORT_NO_REG,
            "arguments that the program must release are not known: %s of struct %s", dot + 1,
            table);
    h->trusted = true;
    h->returns_void = btf_type_at(btf, h->proto)->size_or_type == 0;
    return true;
}

/* Where a field is, and how large: "a.b" is b in the struct a. */
static bool find_field(const struct btf *btf, uint32_t id, const char *path, uint32_t *off,
                       uint32_t *n_bytes) {
    *off = 0;
    while (*path) {
        const size_t n = strcspn(path, ".");
        const struct btf_type *t = btf_type_at(btf, btf_strip(btf, id));
        const struct btf_member *m = btf_members(btf, t);
        uint32_t i = 0;
        if (t->kind != BTF_STRUCT && t->kind != BTF_UNION)
            return false;
        while (i < t->n_members && (strncmp(btf_string(btf, m[i].name_off), path, n) ||
                                    btf_string(btf, m[i].name_off)[n]))
            i++;
        if (i == t->n_members)
            return false;
        *off += m[i].off_bits / 8;
        *n_bytes = m[i].size_bits ? (m[i].off_bits % 8 + m[i].size_bits + 7) / 8
                                  : (uint32_t)btf_size(btf, m[i].type);
        id = m[i].type;
        path += n + (path[n] == '.');
    }
    return true;
}

/* Is the program one of those that the rows of this table are for? */
static bool is_in_table(const struct subject *s, const char *table) {
    const uint32_t type = s->prog->type;
    const size_t n = strlen(table);
    if (type == PROG_struct_ops)
        return s->hook.proto && !strncmp(s->hook.name, table, n) && s->hook.name[n] == '.';
    return (type == PROG_xdp || type == PROG_sched_cls || type == PROG_sched_act) &&
           !strcmp(table, "packet");
}

bool hook_allows_write(const struct subject *s, uint32_t btf_id, int64_t off, uint32_t n_bytes) {
    const struct btf *btf = subject_kernel(s);
    for (size_t i = 0; btf && i < sizeof write_rows / sizeof *write_rows; i++) {
        if (!is_in_table(s, write_rows[i].table))
            continue;
        uint32_t field_off = 0, field_bytes = 0;
        const uint32_t id = subject_kernel_id(s, BTF_STRUCT, write_rows[i].type);
        /* a socket's parts start with each other, as does what is not ready yet */
        if (!id || !btf_holds(btf, btf_id, 0, id, false, true))
            continue;
        if (!strcmp(write_rows[i].field, "_"))
            field_bytes = btf_type_at(btf, id)->size_or_type;
        else if (!find_field(btf, id, write_rows[i].field, &field_off, &field_bytes))
            continue;
        if (off >= field_off && off + n_bytes <= (int64_t)field_off + field_bytes)
            return true;
    }
    return false;
}

/* ---- helpers ---- */

bool hook_allows_helper(const struct subject *s, uint32_t helper) {
    const struct prog *p = s->prog;
    const bool tracing = p->type == PROG_tracing, lsm = p->type == PROG_lsm;
    const bool iter = tracing && p->attach_type == ATTACH_trace_iter;
    const char *name = s->hook.name ? s->hook.name : "";
    const uint32_t lsm_flags = lsm ? flags_of(FIND(lsm_rows, name, 0)) : 0;
    switch (helper) {
    case HELPER_d_path:
        if (!tracing)
            return lsm_flags & SLEEPABLE;
        return iter || (flags_of(FIND(func_rows, name, 0)) & D_PATH);
    case HELPER_ima_inode_hash:
    case HELPER_ima_file_hash: return lsm_flags & SLEEPABLE;
    case HELPER_get_func_ip:
        return lsm ? p->attach_type == ATTACH_lsm_mac
                   : p->attach_type == ATTACH_trace_fentry ||
                         p->attach_type == ATTACH_trace_fexit ||
                         p->attach_type == ATTACH_modify_return;
    case HELPER_setsockopt:
    case HELPER_getsockopt:
        if (lsm)
            return p->attach_type == ATTACH_lsm_cgroup && (lsm_flags & SOCKOPT);
        if (tracing)
            return iter && (flags_of(FIND(iter_rows, name, 0)) & SOCKOPT);
        return starts_with(name, "tcp_congestion_ops.") &&
               (helper == HELPER_getsockopt || strcmp(name, "tcp_congestion_ops.release") != 0);
    case HELPER_sk_storage_get:
    case HELPER_sk_storage_delete:
        if (iter || p->attach_type == ATTACH_trace_raw_tp)
            return tracing;
        return tracing && !starts_with(name, "bpf_sk_storage") &&
               (p->attach_type == ATTACH_trace_fentry || p->attach_type == ATTACH_trace_fexit);
    default: return true;
    }
}

bool subject_find_hook(struct subject *s, struct report *rep) {
    const struct prog *p = s->prog;
    s->hook.name = p->attach_to && *p->attach_to ? p->attach_to : NULL;
    if (!s->hook.name)
        return true;
    if (p->type == PROG_lsm)
        return find_lsm(s, rep);
    if (p->type == PROG_struct_ops)
        return find_ops(s, rep);
    if (p->type != PROG_tracing)
        return true;
    switch (p->attach_type) {
    case ATTACH_trace_raw_tp: return find_tracepoint(s, rep);
    case ATTACH_trace_iter: return find_iter(s, rep);
    case ATTACH_trace_fentry:
    case ATTACH_trace_fexit:
    case ATTACH_modify_return: return find_function(s, rep);
    default: return true;
    }
}
