#include "fuzz/minimize.h"

#include <string.h>

#include "fuzz/edit.h"

enum {
    MAX_PROBES = 20000,
};

struct min {
    struct fuzz_case *c;
    struct fuzz_case try;
    minimize_probe *probe;
    void *self;
    uint32_t left;
    struct minimize_stats *stats;
};

/* Is the changed case still one that shows it? Then it is the case. */
static bool keep(struct min *m) {
    if (m->left == 0)
        return false;
    m->left--;
    m->stats->probes++;
    if (!m->probe(m->self, &m->try))
        return false;
    *m->c = m->try;
    m->stats->kept++;
    return true;
}

static bool drop_programs(struct min *m) {
    if (m->c->n_progs < 2)
        return false;
    m->try = *m->c;
    m->try.n_progs--;
    return keep(m);
}

static bool drop_inputs(struct min *m) {
    bool any = false;
    for (uint32_t i = 0; m->c->n_inputs > 1 && i < m->c->n_inputs;) {
        m->try = *m->c;
        m->try.n_inputs--;
        memmove(&m->try.inputs[i], &m->try.inputs[i + 1],
                (m->try.n_inputs - i) * sizeof m->try.inputs[0]);
        if (keep(m))
            any = true;
        else
            i++;
    }
    return any;
}

/* Runs of n slots, from the end on: what is behind depends on what is before. */
static bool drop_slots(struct min *m, uint32_t n) {
    bool any = false;
    for (uint32_t at = m->c->start[m->c->n_progs]; at > 0;) {
        at = at > n ? at - n : 0;
        m->try = *m->c;
        if (edit_remove(&m->try, at, n) && keep(m))
            any = true;
    }
    return any;
}

/* The instruction at `at` as another one. */
static bool become(struct min *m, uint32_t at, struct insn in) {
    const struct insn was = m->c->insns[at];
    if (!memcmp(&was, &in, sizeof in))
        return false;
    m->try = *m->c;
    m->try.insns[at] = in;
    return keep(m);
}

static bool simplify_insn(struct min *m, uint32_t at) {
    const struct insn in = m->c->insns[at];
    const enum op op = op_of(in);
    bool any = false;
    if (op >= N_OPS)
        return false;
    const uint8_t cls = op_table[op].cls;
    struct insn simple = in;
    if (cls == CLASS_ALU_BINARY && op_table[op].imm_rule == FIELD_ANY && in.imm) {
        simple.imm = 0;
        any |= become(m, at, simple);
        simple.imm = 1;
        any |= m->c->insns[at].imm != 0 && become(m, at, simple);
    }
    if (cls == CLASS_LDX || cls == CLASS_CALL) { /* r = 0 instead */
        const struct insn zero = {.code = op_table[OP_MOV64_IMM].code,
                                  .dst = cls == CLASS_CALL ? 0 : in.dst};
        any |= become(m, at, zero);
    }
    if (cls == CLASS_JMP_COND) { /* always, or never */
        const struct insn ja = {.code = op_table[OP_JA].code, .off = in.off};
        any |= become(m, at, ja);
    }
    return any;
}

static bool simplify_insns(struct min *m) {
    bool any = false;
    for (uint32_t at = 0; at < m->c->start[m->c->n_progs]; at += insn_slots(m->c->insns[at]))
        any |= simplify_insn(m, at);
    return any;
}

static bool simplify_inputs(struct min *m) {
    bool any = false;
    for (uint32_t i = 0; i < m->c->n_inputs; i++) {
        for (uint32_t k = 0; k < CASE_WORDS; k++) {
            static const uint64_t simple[] = {0, 1, UINT64_MAX};
            for (uint32_t s = 0; s < 3 && m->c->inputs[i].words[k] > 1; s++) {
                m->try = *m->c;
                m->try.inputs[i].words[k] = simple[s];
                any |= m->c->inputs[i].words[k] != simple[s] && keep(m);
            }
        }
        m->try = *m->c;
        memset(m->try.inputs[i].packet, 0, sizeof m->try.inputs[i].packet);
        any |= memcmp(m->try.inputs[i].packet, m->c->inputs[i].packet,
                      sizeof m->try.inputs[i].packet) &&
               keep(m);
        m->try = *m->c;
        m->try.inputs[i].packet_bytes = 14;
        any |= m->c->inputs[i].packet_bytes > 14 && keep(m);
    }
    return any;
}

void minimize(struct fuzz_case *c, minimize_probe *probe, void *self, uint32_t max_probes,
              struct minimize_stats *stats) {
    struct min m;
    *stats = (struct minimize_stats){.before = c->start[c->n_progs]};
    m.c = c;
    m.probe = probe;
    m.self = self;
    m.left = max_probes ? max_probes : MAX_PROBES;
    m.stats = stats;
    while (drop_programs(&m))
        ;
    drop_inputs(&m);
    for (bool any = true; any && m.left;) {
        any = false;
        for (uint32_t n = c->start[c->n_progs] / 2; n > 0; n /= 2)
            any |= drop_slots(&m, n);
        any |= simplify_insns(&m);
    }
    simplify_inputs(&m);
    stats->after = c->start[c->n_progs];
}
