/* provider_backend.c: units of proof of the back ends: one for each row of isa/ and each back end,
 * its frames and stub; and planted defects, that must be refuted.
 *
 * A plant compiles another instruction than the one that is specified; or it compiles the right one
 * with a wrong back end (wrong.h). A back end without a machine has its units, and they fail; only
 * the example of one, "stub", is for no machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/fnv.h"
#include "proofs/machine/validate_case.h"
#include "proofs/machine/wrong.h"
#include "proofs/sources.h" /* made by the build */

/* What is not a row. planted: with a defect of its own, which must be refuted. */
static const struct {
    const char *name;
    bool (*run)(struct vunit *u, const struct jit_arch *target, const char *what);
    bool planted;
} others[] = {
    {"FUNCTION", vframes_run, false}, {"TAIL", vframes_run, false},
    {"STUB", vframes_run, false},     {"SITE", vsites_run, true},
    {"CONSTANT", vops_run, true},     {"OPERATION", vops_run, true},
    {"CALLS", vsequences_run, true},  {"PAIRS", vsequences_run, true},
    {"FUSED", vsequences_run, true},  {"FACTS", vsequences_run, true},
};

/* struct plant: where op is specified, the compiler gets `instead`, its immediate changed by so
 * much. */
struct plant {
    enum op op, instead;
    int32_t more;
};
static const struct plant plants[] = {
    {OP_ADD64_REG, OP_SUB64_REG, 0},
    {OP_AND32_IMM, OP_AND32_IMM, 1},
    {OP_MUL32_REG, OP_MUL64_REG, 0},
    {OP_DIV64_IMM, OP_DIV64_IMM, 1},
    {OP_DIV32_REG, OP_SDIV32_REG, 0},
    {OP_SMOD64_IMM, OP_SMOD64_IMM, 2},
    {OP_ARSH64_REG, OP_RSH64_REG, 0},
    {OP_NEG32, OP_NEG64, 0},
    {OP_MOVSX8_64, OP_MOVSX16_64, 0},
    {OP_BSWAP32, OP_BSWAP64, 0},
    {OP_CAST_KERN, OP_CAST_USER, 0},
    {OP_JGT64_REG, OP_JGE64_REG, 0},
    {OP_JSLT32_IMM, OP_JLT32_IMM, 0},
    {OP_JSET64_IMM, OP_JSET64_IMM, 1},
    {OP_LDXW, OP_LDXSW, 0},
    {OP_STXH, OP_STXB, 0},
    {OP_STW, OP_STW, 1},
    {OP_LDDW, OP_LDDW, 1},
    {OP_LDDW_MAP_IDX, OP_LDDW_MAP_IDX, 1},
    {OP_LDDW_MAP_IDX_VALUE, OP_LDDW_MAP_IDX_VALUE, 1},
    {OP_MAY_GOTO, OP_JA, 0},
    {OP_ATOMIC_FETCH_OR64, OP_ATOMIC_FETCH_XOR64, 0},
    {OP_ATOMIC_XCHG32, OP_ATOMIC_FETCH_AND32, 0},
    {OP_ATOMIC_CMPXCHG64, OP_ATOMIC_CMPXCHG32, 0},
    {OP_LOAD_ACQ_W, OP_LDXW, 0},
    {OP_STORE_REL_DW, OP_STXDW, 0},
    {OP_CALL, OP_CALL, 1},
    {OP_CALLX, OP_CALL, 1},
    {OP_LDABSH, OP_LDABSB, 0},
    {OP_LDINDW, OP_LDINDH, 0},
};

enum {
    N_OTHERS = sizeof others / sizeof *others,
    N_PLANTS = sizeof plants / sizeof *plants,
    /* what a unit is about: rows, others, plants of struct plant, others with their own defect,
     * those of struct wrong */
    N_KINDS = N_OPS + N_OTHERS,
    N_ROWS = N_KINDS + N_PLANTS,
    N_PLANTED = N_ROWS + N_OTHERS,
};

static unsigned per_target(void) {
    return N_PLANTED + n_wrongs;
}

/* wrong_of: the defect of such a unit; NULL if it is none. */
static const struct wrong *wrong_of(unsigned kind) {
    return kind >= N_PLANTED ? &wrongs[kind - N_PLANTED] : NULL;
}

/* hash_of: of a unit: its name, and every source that code and proof are made of. */
static uint64_t hash_of(const char *name) {
    return fnv_text(BACKEND_SOURCES, name);
}

static const char *kind_name(unsigned kind) {
    if (wrong_of(kind))
        return wrong_of(kind)->unit;
    if (kind >= N_ROWS)
        return others[kind - N_ROWS].name;
    if (kind >= N_KINDS)
        return op_table[plants[kind - N_KINDS].op].id;
    return kind < N_OPS ? op_table[kind].id : others[kind - N_OPS].name;
}

static void name_unit(struct unit *u, const char *target, unsigned kind) {
    const bool plant = kind >= N_KINDS;
    const struct wrong *const w = wrong_of(kind);
    snprintf(u->name, sizeof u->name, "%sbackend/%s/%s%s%s", plant ? "plant/" : "", target,
             kind_name(kind), w ? "/" : "", w ? w->name : "");
    snprintf(u->family, sizeof u->family, plant ? "plant" : "backend/%s", target);
}

/* On machines where every load acquires and every store releases, plain ones are no defect. */
static bool is_defect(const struct jit_arch *target, unsigned kind) {
    const char *const name = jit_target_name(target);
    const struct wrong *const w = wrong_of(kind);
    if (w)
        return !w->target || !strcmp(w->target, name);
    if (kind >= N_ROWS)
        return others[kind - N_ROWS].planted;
    const bool strong = !strncmp(name, "x86", 3) || !strncmp(name, "s390x", 5);
    if (kind < N_KINDS || !strong)
        return true;
    const uint8_t cls = op_table[plants[kind - N_KINDS].op].cls;
    return cls != CLASS_ATOMIC_LOAD && cls != CLASS_ATOMIC_STORE;
}

static bool list(const struct prove_options *opt, struct unit **units, size_t *n, char err[160]) {
    unsigned n_targets = 0;
    (void)opt;
    while (jit_target_at(n_targets))
        n_targets++;
    *n = 0;
    *units = calloc((size_t)n_targets * per_target(), sizeof **units);
    if (!*units) {
        snprintf(err, 160, "no memory");
        return false;
    }
    for (unsigned i = 0; i < n_targets; i++) {
        const struct jit_arch *const target = jit_target_at(i);
        const bool real = strcmp(jit_target_name(target), "stub") != 0;
        for (unsigned kind = 0; kind < per_target() && real; kind++) {
            if (!is_defect(target, kind))
                continue;
            struct unit *const u = &(*units)[(*n)++];
            name_unit(u, jit_target_name(target), kind);
            u->hash = hash_of(u->name);
            u->provider = &provider_backend;
            u->index = i * per_target() + kind;
        }
    }
    return true;
}

static void result(struct vunit *v, const struct unit *u, bool plant, const struct wrong *w,
                   prove_emit *emit, void *self) {
    struct obligation o = {
        .width = 64, .result = v->result, .seconds = v->seconds, .cases = v->n_cases};
    snprintf(o.name, sizeof o.name, "%s: %u cases, %u goals, %u asked", u->name, v->n_cases,
             v->n_goals, v->n_asked);
    snprintf(o.counterexample, sizeof o.counterexample, "%s", v->text);
    if (!v->n_cases) {
        o.result = SMT_ERROR;
        snprintf(o.counterexample, sizeof o.counterexample, "no cases");
    }
    /* what path.c does not accept is an error, and a defect found; one that is found for another
     * reason than it was planted for is an error, too */
    const bool found = w && v->n_cases && strstr(v->text, w->found);
    if (found && (w->found[0] || o.result == SMT_REFUTED))
        o.result = SMT_PROVED;
    else if (plant && o.result == SMT_REFUTED)
        o.result = w ? SMT_ERROR : SMT_PROVED;
    else if (plant && o.result == SMT_PROVED)
        o.result = SMT_REFUTED;
    emit(self, &o);
}

static unsigned kind_of(const char *name) {
    unsigned kind = 0;
    while (kind < N_KINDS && strcmp(kind_name(kind), name) != 0)
        kind++;
    return kind;
}

static void run_kind(struct vunit *v, const struct jit_arch *target, unsigned kind) {
    if (kind < N_OPS)
        vcases_run(v, target, (enum op)kind);
    else if (kind < N_KINDS)
        others[kind - N_OPS].run(v, target, others[kind - N_OPS].name);
    else
        vunit_fail(v, NULL, SMT_ERROR, "there is no such unit");
}

static void run(const struct prove_options *opt, const struct unit *u, prove_emit *emit,
                void *self) {
    const struct jit_arch *const target = jit_target_at(u->index / per_target());
    const unsigned kind = u->index % per_target();
    const struct wrong *const w = wrong_of(kind);
    struct vunit v;
    const bool plant = kind >= N_KINDS;
    if (!vunit_init(&v, opt)) {
        vunit_fail(&v, NULL, SMT_ERROR, "no memory");
    } else if (w) {
        struct jit_arch a = *target;
        w->spoil(&a, target);
        run_kind(&v, &a, kind_of(w->unit));
    } else if (kind >= N_ROWS) {
        v.planted = true;
        v.instead = N_OPS;
        run_kind(&v, target, kind_of(kind_name(kind)));
    } else if (plant) {
        const struct plant *const p = &plants[kind - N_KINDS];
        v.planted = true;
        v.instead = p->instead;
        v.more = p->more;
        vcases_run(&v, target, p->op);
    } else {
        run_kind(&v, target, kind);
    }
    result(&v, u, plant, w, emit, self);
    vunit_fini(&v);
}

const struct provider provider_backend = {"backend", list, run};
