/* proto_text.h: a helper's prototype as one line, for tests that compare it with what they expect:
 *   "gpl int (mem.out, size0, any)"     flags, return type, arguments with their flags behind dots
 */
#ifndef BPFLAB_RUNTIME_TESTS_PROTO_TEXT_H
#define BPFLAB_RUNTIME_TESTS_PROTO_TEXT_H

#include <stdarg.h>
#include <stdio.h>

#include "runtime/proto.h"

struct proto_text {
    char s[256];
    size_t n;
};

__attribute__((format(printf, 2, 3))) static inline void text_add(struct proto_text *t,
                                                                  const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(t->s + t->n, sizeof t->s - t->n, format, ap);
    va_end(ap);
    if (n > 0 && t->n + (size_t)n < sizeof t->s)
        t->n += (size_t)n;
}

static inline void text_flags(struct proto_text *t, unsigned flags, const char *const *names,
                              const char *format) {
    for (unsigned bit = 0; names[bit]; bit++)
        if (flags >> bit & 1)
            text_add(t, format, names[bit]);
}

static inline const char *proto_text(const struct helper_proto *p, struct proto_text *t) {
    static const char *const helper_flags[] = {"gpl",  "pkt",   "change", "sleeps", "sleepy",
                                               "fast", "limit", "mapwr",  NULL};
    static const char *const ret_flags[] = {"null", "ref", "trusted", "rdonly", "cast", NULL};
    static const char *const ret_ranges[] = {"", ".cpu", ".size"};
    static const char *const arg_flags[] = {"null",  "uninit",  "rd",    "wr",   "rel", "aligned",
                                            "local", "ringbuf", "inmap", "zero", NULL};
    static const char *const rets[N_RET_TYPES] = {
        "int",         "void",   "value", "socket", "tcp_sock",
        "sock_common", "record", "slice", "btf",    "percpu",
    };
    static const char *const args[N_ARG_TYPES] = {
        "none",   "any",    "scalar", "map",   "key",   "value",  "mem",         "size", "size0",
        "alloc",  "ctx",    "lock",   "timer", "fixed", "socket", "sock_common", "sock", "btf",
        "percpu", "record", "dynptr", "func",  "stack", "str",    "kptr",
    };
    t->n = 0;
    t->s[0] = 0;
    text_flags(t, p->flags, helper_flags, "%s ");
    text_add(t, "%s", p->ret < N_RET_TYPES ? rets[p->ret] : "?");
    text_add(t, "%s", p->ret_range <= RET_RANGE_SIZE ? ret_ranges[p->ret_range] : "?");
    text_flags(t, p->ret_flags, ret_flags, ".%s");
    if (p->ret_btf_type)
        text_add(t, " %s", p->ret_btf_type);
    text_add(t, " (");
    for (unsigned i = 0; i < p->n_args && i < 5; i++) {
        const struct arg_proto *a = &p->arg[i];
        text_add(t, "%s%s", i ? ", " : "", a->type < N_ARG_TYPES ? args[a->type] : "?");
        text_flags(t, a->flags, arg_flags, ".%s");
        if (a->mem_bytes)
            text_add(t, " %u", a->mem_bytes);
        if (a->btf_type)
            text_add(t, " %s", a->btf_type);
    }
    text_add(t, ")");
    return t->s;
}

#endif
