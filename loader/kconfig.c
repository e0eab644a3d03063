/* kconfig.c: .kconfig: external variables whose values come from the kernel's configuration. They
 * lie in one read-only map, largest alignment first, then smallest, then by name, as libbpf
 * arranges them.
 *
 *   LINUX_KERNEL_VERSION, LINUX_HAS_BPF_COOKIE, LINUX_HAS_SYSCALL_WRAPPER   known by themselves
 *   CONFIG_X                                                                from the configuration
 *
 * The configuration is lines CONFIG_X=value. A value is y, n or m, a string in quotes, or a number;
 * the variable's type must be able to hold it. Without a value a variable is 0, which a strong one
 * reports as a need.
 */
#include "loader/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_VERSION = 6 << 16 | 12 << 8,
};

enum value_type {
    TYPE_UNKNOWN,
    TYPE_BOOL,
    TYPE_TRISTATE,
    TYPE_CHAR,
    TYPE_INT,
    TYPE_STRING,
};

static enum value_type type_of(const struct btf *b, uint32_t id, bool *is_signed) {
    id = btf_strip(b, id);
    const struct btf_type *t = btf_type_at(b, id);
    *is_signed = false;
    if (!t)
        return TYPE_UNKNOWN;
    if (t->kind == BTF_INT) {
        uint32_t size = t->size_or_type;
        if (btf_int_encoding(b, t) & BTF_INT_BOOL)
            return size == 1 ? TYPE_BOOL : TYPE_UNKNOWN;
        *is_signed = btf_int_encoding(b, t) & BTF_INT_SIGNED;
        if (size == 1)
            return TYPE_CHAR;
        return size == 2 || size == 4 || size == 8 ? TYPE_INT : TYPE_UNKNOWN;
    }
    if (t->kind == BTF_ENUM || t->kind == BTF_ENUM64)
        return !strcmp(btf_string(b, t->name_off), "libbpf_tristate") ? TYPE_TRISTATE
                                                                      : TYPE_UNKNOWN;
    if (t->kind == BTF_ARRAY && btf_members(b, t)->value > 0) {
        const struct btf_type *e = btf_type_at(b, btf_strip(b, btf_members(b, t)->type));
        if (e && e->kind == BTF_INT && e->size_or_type == 1 &&
            !(btf_int_encoding(b, e) & BTF_INT_BOOL))
            return TYPE_STRING;
    }
    return TYPE_UNKNOWN;
}

/* struct line: a piece of the configuration's text. */
struct line {
    const char *at;
    size_t len;
    uint32_t number;
};

static enum bpflab_err config_fail(struct load *l, const struct extern_sym *e,
                                   const struct line *line, const char *why) {
    elf_fail(l->d, BPFLAB_E_TYPE, ".kconfig", e->off, "%.60s=%.*s: %s", e->name,
             (int)(line->len < 40 ? line->len : 40), line->at, why);
    l->d->line = line->number;
    return BPFLAB_E_TYPE;
}

static enum bpflab_err set_letter(struct load *l, struct extern_sym *e, uint8_t *at,
                                  enum value_type type, const struct line *v) {
    char c = *v->at;
    uint64_t n;
    if (v->len != 1)
        return config_fail(l, e, v, "not one letter");
    if (type == TYPE_BOOL && c != 'm')
        n = c == 'y';
    else if (type == TYPE_TRISTATE)
        n = c == 'y' ? 1 : c == 'm' ? 2 : 0;
    else if (type == TYPE_CHAR)
        n = (uint8_t)c;
    else
        return config_fail(l, e, v, "the variable's type cannot hold this letter");
    put(at, n, e->size, l->elf.big_endian);
    return BPFLAB_OK;
}

static enum bpflab_err set_string(struct load *l, struct extern_sym *e, uint8_t *at,
                                  enum value_type type, const struct line *v) {
    if (type != TYPE_STRING)
        return config_fail(l, e, v, "the variable is not an array of characters");
    if (v->len < 2 || v->at[v->len - 1] != '"')
        return config_fail(l, e, v, "the string does not end");
    size_t n = v->len - 2;
    if (n >= e->size)
        n = e->size - 1;
    memcpy(at, v->at + 1, n);
    return BPFLAB_OK;
}

static bool fits(uint64_t n, uint32_t size, bool is_signed) {
    if (size == 8)
        return true;
    if (is_signed)
        return n + (UINT64_C(1) << (8 * size - 1)) < UINT64_C(1) << (8 * size);
    return n >> (8 * size) == 0;
}

static enum bpflab_err set_number(struct load *l, struct extern_sym *e, uint8_t *at,
                                  enum value_type type, bool is_signed, const struct line *v) {
    char text[32] = "", *end;
    if (v->len >= sizeof text)
        return config_fail(l, e, v, "not a number");
    memcpy(text, v->at, v->len);
    errno = 0;
    uint64_t n = strtoull(text, &end, 0);
    if (errno || end == text || *end)
        return config_fail(l, e, v, "not a number");
    if (type != TYPE_INT && type != TYPE_CHAR)
        return config_fail(l, e, v, "the variable is not a number");
    if (!fits(n, e->size, is_signed))
        return config_fail(l, e, v, "the number does not fit into the variable");
    put(at, n, e->size, l->elf.big_endian);
    return BPFLAB_OK;
}

static enum bpflab_err read_line(struct load *l, uint8_t *data, const struct line *in) {
    const char *eq = in->len ? memchr(in->at, '=', in->len) : NULL;
    if (in->len < 7 || memcmp(in->at, "CONFIG_", 7) != 0 || !eq)
        return BPFLAB_OK;
    struct extern_sym *e = load_extern_find(l, in->at, (size_t)(eq - in->at));
    if (!e || e->kind != EXTERN_KCONFIG || e->is_set)
        return BPFLAB_OK;
    struct line v = {eq + 1, in->len - (size_t)(eq + 1 - in->at), in->number};
    bool is_signed;
    enum value_type type = type_of(l->obj->btf, e->type_id, &is_signed);
    uint8_t *at = data + e->off;
    e->is_set = true;
    if (v.len == 0)
        return config_fail(l, e, &v, "no value");
    if (*v.at == 'y' || *v.at == 'n' || *v.at == 'm')
        return set_letter(l, e, at, type, &v);
    if (*v.at == '"')
        return set_string(l, e, at, type, &v);
    return set_number(l, e, at, type, is_signed, &v);
}

static enum bpflab_err read_config(struct load *l, uint8_t *data) {
    const char *p = l->opt->kconfig;
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t number = 1; p && *p && !err; number++) {
        size_t len = strcspn(p, "\n"), used = len;
        if (len && p[len - 1] == '\r')
            len--;
        struct line line = {p, len, number};
        err = read_line(l, data, &line);
        p += used + (p[used] == '\n');
    }
    return err;
}

/* known: the values that do not come from the configuration. */
static void set_known(struct load *l, struct extern_sym *e, uint8_t *data) {
    bool is_signed;
    enum value_type type = type_of(l->obj->btf, e->type_id, &is_signed);
    uint64_t n;
    if (!strcmp(e->name, "LINUX_KERNEL_VERSION"))
        n = l->opt->kern_version ? l->opt->kern_version : DEFAULT_VERSION;
    else if (!strcmp(e->name, "LINUX_HAS_BPF_COOKIE") ||
             !strcmp(e->name, "LINUX_HAS_SYSCALL_WRAPPER"))
        n = 1;
    else
        return;
    bool holds = type == TYPE_INT || ((type == TYPE_BOOL || type == TYPE_CHAR) && n <= 1);
    if (!holds || !fits(n, e->size, is_signed))
        return;
    put(data + e->off, n, e->size, l->elf.big_endian);
    e->is_set = true;
}

static int by_layout(const void *a, const void *b) {
    const struct extern_sym *x = *(struct extern_sym *const *)a;
    const struct extern_sym *y = *(struct extern_sym *const *)b;
    if (x->align != y->align)
        return x->align > y->align ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* arrange: give every variable its offset. out: bytes in all, 0 if there are none. */
static enum bpflab_err arrange(struct load *l, uint32_t *size) {
    struct extern_sym **order = malloc((l->n_externs + 1) * sizeof(struct extern_sym *));
    if (!order)
        return load_nomem(l);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_externs; i++)
        if (l->externs[i].kind == EXTERN_KCONFIG)
            order[n++] = &l->externs[i];
    qsort(order, n, sizeof(struct extern_sym *), by_layout);
    uint64_t off = 0;
    for (uint32_t i = 0; i < n; i++) {
        off = (off + order[i]->align - 1) & ~(uint64_t)(order[i]->align - 1);
        order[i]->off = (uint32_t)off;
        off += order[i]->size;
    }
    free(order);
    if (off > INT32_MAX)
        return elf_fail(l->d, BPFLAB_E_RANGE, ".kconfig", 0, "too many variables");
    *size = (uint32_t)off;
    return BPFLAB_OK;
}

enum bpflab_err load_kconfig_map(struct load *l) {
    uint32_t size = 0;
    enum bpflab_err err = arrange(l, &size);
    if (err || size == 0)
        return err;
    struct map_def *m;
    err = load_map_new(l, ".kconfig", &m);
    if (err)
        return err;
    l->kconfig_map = l->obj->n_maps - 1;
    uint8_t *data = load_keep(l, size);
    if (!data)
        return load_nomem(l);
    m->type = MAP_array;
    m->key_size = 4;
    m->value_size = m->data_bytes = size;
    m->max_entries = 1;
    m->flags = MAP_F_RDONLY_PROG | MAP_F_MMAPABLE;
    m->frozen = true;
    m->data = data;
    m->value_btf_id = load_datasec(l, ".kconfig")->id;
    for (uint32_t i = 0; i < l->n_externs; i++)
        if (l->externs[i].kind == EXTERN_KCONFIG)
            set_known(l, &l->externs[i], data);
    err = read_config(l, data);
    for (uint32_t i = 0; !err && i < l->n_externs; i++) {
        const struct extern_sym *e = &l->externs[i];
        if (e->kind == EXTERN_KCONFIG && !e->is_set && !e->weak)
            err = load_need(l, ".kconfig", "configuration value %.100s", e->name);
    }
    return err;
}
