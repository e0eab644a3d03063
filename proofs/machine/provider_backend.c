/* provider_backend.c: units of proof of the back ends: one for each row of isa/ and each back end
 * with a machine, its frames and stub; and planted defects, that must be refuted.
 *
 * A plant compiles another instruction than the one that is specified.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/machine/sources.h" /* made by the build */
#include "proofs/machine/validate_case.h"

/* What is not a row. planted: with a defect of its own, which must be refuted. */
static const struct {
    const char *name;
    bool (*run)(struct vunit *u, const struct jit_arch *target, const char *what);
    bool planted;
} others[] = {
    {"FUNCTION", vframes_run, false}, {"TAIL", vframes_run, false},
    {"STUB", vframes_run, false},     {"SITE", vsites_run, true},
    {"CONSTANT", vops_run, true},
    {"OPERATION", vops_run, true},
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
    {OP_ATOMIC_FETCH_OR64, OP_ATOMIC_FETCH_XOR64, 0},
    {OP_ATOMIC_XCHG32, OP_ATOMIC_FETCH_AND32, 0},
    {OP_ATOMIC_CMPXCHG64, OP_ATOMIC_CMPXCHG32, 0},
    {OP_LOAD_ACQ_W, OP_LDXW, 0},
    {OP_STORE_REL_DW, OP_STXDW, 0},
    {OP_CALL, OP_CALL, 1},
    {OP_LDABSH, OP_LDABSB, 0},
};

enum {
    N_OTHERS = sizeof others / sizeof *others,
    N_PLANTS = sizeof plants / sizeof *plants,
    N_KINDS = N_OPS + N_OTHERS,
    N_SINGLE = N_KINDS + N_PLANTS, /* then others, planted */
    PER_TARGET = N_SINGLE + N_OTHERS,
};

/* hash_of: of a unit: its name, and every source that code and proof are made of. */
static uint64_t hash_of(const char *name) {
    uint64_t h = BACKEND_SOURCES;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return h;
}

static const char *kind_name(unsigned kind) {
    if (kind >= N_SINGLE)
        return others[kind - N_SINGLE].name;
    if (kind >= N_KINDS)
        return op_table[plants[kind - N_KINDS].op].id;
    return kind < N_OPS ? op_table[kind].id : others[kind - N_OPS].name;
}

static void name_unit(struct unit *u, const char *target, unsigned kind) {
    const bool plant = kind >= N_KINDS;
    snprintf(u->name, sizeof u->name, "%sbackend/%s/%s", plant ? "plant/" : "", target,
             kind_name(kind));
    snprintf(u->family, sizeof u->family, plant ? "plant" : "backend/%s", target);
}

/* On machines where every load acquires and every store releases, plain ones are no defect. */
static bool is_defect(const struct jit_arch *target, unsigned kind) {
    const char *const name = jit_target_name(target);
    if (kind >= N_SINGLE)
        return others[kind - N_SINGLE].planted;
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
    *units = calloc((size_t)n_targets * PER_TARGET, sizeof **units);
    if (!*units) {
        snprintf(err, 160, "no memory");
        return false;
    }
    for (unsigned i = 0; i < n_targets; i++) {
        const struct jit_arch *const target = jit_target_at(i);
        for (unsigned kind = 0; kind < PER_TARGET && machine_of(target); kind++) {
            if (!is_defect(target, kind))
                continue;
            struct unit *const u = &(*units)[(*n)++];
            name_unit(u, jit_target_name(target), kind);
            u->hash = hash_of(u->name);
            u->provider = &provider_backend;
            u->index = i * PER_TARGET + kind;
        }
    }
    return true;
}

static void result(struct vunit *v, const struct unit *u, bool plant, prove_emit *emit,
                   void *self) {
    struct obligation o = {
        .width = 64, .result = v->result, .seconds = v->seconds, .cases = v->n_cases};
    snprintf(o.name, sizeof o.name, "%s: %u cases, %u goals, %u asked", u->name, v->n_cases,
             v->n_goals, v->n_asked);
    snprintf(o.counterexample, sizeof o.counterexample, "%s", v->text);
    if (!v->n_cases) {
        o.result = SMT_ERROR;
        snprintf(o.counterexample, sizeof o.counterexample, "no cases");
    }
    if (plant && o.result == SMT_REFUTED)
        o.result = SMT_PROVED;
    else if (plant && o.result == SMT_PROVED)
        o.result = SMT_REFUTED;
    emit(self, &o);
}

static void run(const struct prove_options *opt, const struct unit *u, prove_emit *emit,
                void *self) {
    const struct jit_arch *const target = jit_target_at(u->index / PER_TARGET);
    const unsigned kind = u->index % PER_TARGET;
    struct vunit v;
    const bool plant = kind >= N_KINDS;
    if (!vunit_init(&v, opt)) {
        vunit_fail(&v, NULL, SMT_ERROR, "no memory");
    } else if (kind >= N_SINGLE) {
        v.planted = true;
        v.instead = N_OPS;
        others[kind - N_SINGLE].run(&v, target, others[kind - N_SINGLE].name);
    } else if (plant) {
        const struct plant *const p = &plants[kind - N_KINDS];
        v.planted = true;
        v.instead = p->instead;
        v.more = p->more;
        vcases_run(&v, target, p->op);
    } else if (kind < N_OPS) {
        vcases_run(&v, target, (enum op)kind);
    } else {
        others[kind - N_OPS].run(&v, target, others[kind - N_OPS].name);
    }
    result(&v, u, plant, emit, self);
    vunit_fini(&v);
}

const struct provider provider_backend = {"backend", list, run};
