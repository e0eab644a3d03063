/* accept.c: verification of whole objects, for the facts. */
#include "fuzz/oracle/accept.h"

#include <stdlib.h>

#include "verifier/knowledge.h"
#include "verifier/verify.h"

static enum bpflab_err accept_one(const struct object *o, uint32_t i,
                                  const struct accept_options *opt, struct accepted *a,
                                  struct diag *d) {
    const struct verify_input input = {.prog = &o->progs[i],
                                       .maps = o->maps,
                                       .n_maps = o->n_maps,
                                       .kernel_btf = opt->kernel_btf,
                                       .license = o->license};
    const struct verify_options how = {.explore = opt->joins ? EXPLORE_FIXPOINT : EXPLORE_BOTH,
                                       .keep = KEEP_JOINED,
                                       .budget = {.insns = opt->insns, .time_ns = opt->time_ns}};
    struct verify_result r;
    enum bpflab_err err = verify(&input, &how, &r, d);
    if (!err && r.verdict == VERDICT_ACCEPT && r.knowledge)
        err = knowledge_facts(r.knowledge, &o->progs[i], &a->facts[i]);
    if (!err && a->facts[i].at)
        a->by_program[i] = &a->facts[i];
    a->n_accepted += a->facts[i].at != NULL;
    a->n_rejected += !err && r.verdict == VERDICT_REJECT;
    a->n_undecided += !err && r.verdict == VERDICT_UNKNOWN;
    verify_result_fini(&r);
    return err;
}

enum bpflab_err accept(const struct object *o, const struct accept_options *opt,
                       struct accepted *out, struct diag *d) {
    struct accepted a = {.n_programs = o->n_progs};
    a.facts = calloc((size_t)o->n_progs + 1, sizeof *a.facts);
    a.by_program = calloc((size_t)o->n_progs + 1, sizeof *a.by_program);
    enum bpflab_err err = BPFLAB_OK;
    if (!a.facts || !a.by_program)
        err = diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    for (uint32_t i = 0; !err && i < o->n_progs; i++)
        err = accept_one(o, i, opt, &a, d);
    if (err)
        accepted_fini(&a);
    else
        *out = a;
    return err;
}

void accepted_fini(struct accepted *a) {
    for (uint32_t i = 0; a->facts && i < a->n_programs; i++)
        facts_fini(&a->facts[i]);
    free(a->facts);
    free(a->by_program);
    *a = (struct accepted){0};
}

const char *told_name(enum told_kind kind) {
    static const char *const names[N_TOLD_KINDS] = {
        [TOLD_DEAD] = "dead",          [TOLD_ALWAYS] = "always",
        [TOLD_NEVER] = "never",        [TOLD_CONST] = "numbers",
        [TOLD_DIVISOR] = "divisors",   [TOLD_PLAIN] = "plain",
        [TOLD_SLOW] = "slow",          [TOLD_PKT_DATA] = "packet data",
        [TOLD_PKT_END] = "packet end", [TOLD_PKT_META] = "metadata",
    };
    return names[kind];
}

bool told_falsely(struct facts *f, enum told_kind kind) {
    bool any = false;
    for (uint32_t pc = 0; pc < f->n_insns; pc++) {
        struct pc_facts *const at = &f->at[pc];
        const struct pc_facts was = *at;
        if (kind == TOLD_NEVER && at->never) {
            at->never = false;
            at->always = true;
        }
        at->const_value += kind == TOLD_CONST && at->dst_const;
        at->divisor_known_nonzero |= kind == TOLD_DIVISOR && !at->dead;
        if ((kind == TOLD_SLOW && at->mem == MEM_SLOW) ||
            (kind == TOLD_PKT_META && at->mem == MEM_PKT_META))
            at->mem = MEM_PLAIN;
        else if (kind == TOLD_PKT_DATA && at->mem == MEM_PKT_DATA)
            at->mem = MEM_PKT_END;
        else if (kind == TOLD_PKT_END && at->mem == MEM_PKT_END)
            at->mem = MEM_PKT_DATA;
        any |= was.never != at->never || was.const_value != at->const_value ||
               was.divisor_known_nonzero != at->divisor_known_nonzero || was.mem != at->mem;
    }
    return any;
}

void told_count(const struct prog *p, const struct facts *f, uint64_t told[N_TOLD_KINDS]) {
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        const struct pc_facts *const at = &f->at[pc];
        const enum op op = op_of(p->insns[pc]);
        told[TOLD_DEAD] += at->dead;
        told[TOLD_ALWAYS] += at->always;
        told[TOLD_NEVER] += at->never;
        told[TOLD_CONST] += at->dst_const && op != OP_MOV64_IMM && op != OP_LDDW;
        told[TOLD_DIVISOR] += at->divisor_known_nonzero && op_table[op].from_reg;
        told[TOLD_PLAIN] += at->mem == MEM_PLAIN;
        told[TOLD_SLOW] += at->mem == MEM_SLOW;
        told[TOLD_PKT_DATA] += at->mem == MEM_PKT_DATA;
        told[TOLD_PKT_END] += at->mem == MEM_PKT_END;
        told[TOLD_PKT_META] += at->mem == MEM_PKT_META;
    }
}
