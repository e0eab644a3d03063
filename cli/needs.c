/* needs.c: each thing once, at the first place that needs it.
 */
#include "cli/needs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/features.h"
#include "loader/core.h"
#include "runtime/kcall.h"
#include "runtime/map.h"
#include "runtime/proto.h"

struct collector {
    struct needs needs;
    bool failed;
};

static void add(struct collector *c, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void add(struct collector *c, const char *where, const char *fmt, ...) {
    struct object_need need = {0};
    va_list args;
    va_start(args, fmt);
    vsnprintf(need.what, sizeof need.what, fmt, args);
    va_end(args);
    snprintf(need.where, sizeof need.where, "%s", where ? where : "");
    for (uint32_t i = 0; i < c->needs.n; i++)
        if (!strcmp(c->needs.at[i].what, need.what))
            return;
    struct object_need *grown = realloc(c->needs.at, (c->needs.n + 1) * sizeof *grown);
    if (!grown) {
        c->failed = true;
        return;
    }
    c->needs.at = grown;
    c->needs.at[c->needs.n++] = need;
}

/* known_symbol: has the loader named it already? It says "undefined symbol x". */
static bool known_symbol(const struct collector *c, const char *name) {
    char what[160];
    snprintf(what, sizeof what, "undefined symbol %.120s", name ? name : "?");
    for (uint32_t i = 0; i < c->needs.n; i++)
        if (!strcmp(c->needs.at[i].what, what))
            return true;
    return false;
}

static void program_needs(struct collector *c, const struct prog *p) {
    const char *type = prog_type_name(p->type);
    struct features f = features_of(p->insns, p->n_insns, FEATURES_LLVM);
    struct diag d = {.pc = -1};
    char why[320];
    if (p->type != PROG_raw && !progtype_of(p->type))
        add(c, p->name, "program type %s (%u)", type ? type : "unknown", (unsigned)p->type);
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        struct insn in = p->insns[pc];
        if (op_of(in) != OP_CALL || p->type == PROG_raw)
            continue;
        if ((uint32_t)in.imm == CORE_POISON) /* the loader has named the relocation */
            continue;
        const struct helper_proto *h = helper_proto_of((uint32_t)in.imm);
        if (!h)
            add(c, p->name, "helper number %u (unknown)", (unsigned)in.imm);
        else if (!h->implemented && in.imm != 12)
            add(c, p->name, "helper bpf_%s (%u)", h->name, (unsigned)in.imm);
    }
    for (uint32_t i = 0; i < p->n_externs; i++) {
        const struct prog_extern *e = &p->externs[i];
        if (e->is_func && e->name && kcall_fn_of(e->name))
            continue;
        if (!known_symbol(c, e->name))
            add(c, p->name, "%s%s %.100s", e->weak ? "weak " : "",
                e->is_func ? "kernel function" : "kernel variable", e->name ? e->name : "?");
    }
    if (f.kfuncs && p->n_externs == 0)
        add(c, p->name, "kernel functions");
    if (prog_check(p, &d))
        add(c, p->name, "an instruction that bpflab refuses: %.110s",
            diag_format(&d, why, sizeof why));
}

bool needs_of(const struct object *o, struct needs *out) {
    struct collector c = {0};
    for (uint32_t i = 0; i < o->n_needs; i++)
        add(&c, o->needs[i].where, "%s", o->needs[i].what);
    for (uint32_t i = 0; i < o->n_maps; i++) {
        const char *type = map_type_name(o->maps[i].type);
        if (!map_ops_of(o->maps[i].type))
            add(&c, o->maps[i].name, "map type %s (%u)", type ? type : "unknown",
                (unsigned)o->maps[i].type);
    }
    for (uint32_t i = 0; i < o->n_progs; i++)
        program_needs(&c, &o->progs[i]);
    *out = c.needs;
    if (c.failed)
        needs_fini(out);
    return !c.failed;
}

void needs_fini(struct needs *n) {
    free(n->at);
    *n = (struct needs){0};
}
