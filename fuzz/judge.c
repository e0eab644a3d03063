#include "fuzz/judge.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/judging.h"
#include "fuzz/kernel.h"
#include "fuzz/maps.h"
#include "fuzz/oracle/execution.h"
#include "runtime/proto.h"

enum {
    LONG_INSNS = 20000, /* the verifier's budget now and then */
    LONG_ONE_IN = 64,
    FACTS_ONE_IN = 8, /* cases whose code is made with facts: they cost as much as the verdict */
    FUEL_SLACK = 8,
    FUEL_LOOPS = 1 << 14, /* of runs with loops that helpers and iterators make */
};

static const struct {
    const char *name, *text;
} oracles[N_ORACLES] = {
#define ORACLE(name, id, text) [ORACLE_##name] = {id, text},
#include "fuzz/oracle.def"
};

const char *oracle_name(enum oracle o) {
    return oracles[o].name;
}

const char *oracle_text(enum oracle o) {
    return oracles[o].text;
}

int oracle_find(const char *name) {
    for (int i = 0; i < N_ORACLES; i++)
        if (!strcmp(oracles[i].name, name))
            return i;
    return -1;
}

struct judge *judge_new(void) {
    struct judge *const j = calloc(1, sizeof *j);
    if (j && (!(j->walk = contain_new()) || kernel_types_new(&j->kernel))) {
        judge_free(j);
        return NULL;
    }
    return j;
}

void judge_free(struct judge *j) {
    if (!j)
        return;
    contain_free(j->walk);
    btf_free(j->kernel);
    case_object_fini(&j->edited_object);
    free(j);
}

/* ---- what oracles share ---- */

static bool asked_for(const struct judging *g, enum oracle o) {
    return !g->opt->oracles || (g->opt->oracles >> o & 1);
}

bool judging_wants(const struct judging *g, enum oracle o) {
    return !g->out->found && asked_for(g, o);
}

bool judging_turn(const struct judging *g, enum oracle o, uint32_t n) {
    return judging_wants(g, o) && (g->opt->every_turn || (g->turn >> 8) % n == (uint32_t)o % n);
}

/* Numbers are #, and what was known of a register is left out: what is left is the cause. */
static void normalise(const char *text, char *out, size_t size) {
    size_t n = 0;
    for (const char *p = text; *p && *p != ';' && n + 2 < size;) {
        const bool hex = p[0] == '0' && p[1] == 'x';
        if (!hex && !isdigit((unsigned char)*p)) {
            out[n++] = *p++;
            continue;
        }
        p += hex ? 2 : 0;
        while (hex ? isxdigit((unsigned char)*p) : isdigit((unsigned char)*p))
            p++;
        out[n++] = '#';
    }
    out[n] = 0;
}

void judging_found(struct judging *g, enum oracle o, const char *engine, uint32_t input,
                   uint32_t pc, const char *fmt, ...) {
    struct cause *const cause = &g->out->cause;
    char words[CAUSE_TEXT];
    va_list args;
    if (g->out->found)
        return;
    g->out->found = true;
    *cause = (struct cause){.oracle = o, .input = input, .pc = pc};
    snprintf(cause->engine, sizeof cause->engine, "%s", engine ? engine : "");
    va_start(args, fmt);
    vsnprintf(cause->text, sizeof cause->text, fmt, args);
    va_end(args);
    normalise(cause->text, words, sizeof words);
    snprintf(cause->bucket, sizeof cause->bucket, "%s%s%s: %.90s", oracle_name(o),
             engine ? " " : "", engine ? cause->engine : "", words);
}

enum bpflab_err judging_verify(struct judging *g, const struct object *o, uint32_t prog,
                               const struct verify_options *opt, struct verify_result *r) {
    const struct verify_input in = {.prog = &o->progs[prog],
                                    .maps = o->maps,
                                    .n_maps = o->n_maps,
                                    .kernel_btf = g->judge->kernel,
                                    .license = o->license};
    struct verify_options with = opt ? *opt : (struct verify_options){0};
    struct diag d = {.pc = -1};
    with.budget.insns = g->insns;
    const enum bpflab_err err = verify(&in, &with, r, &d);
    if (err != BPFLAB_E_INTERNAL)
        return err;
    judging_found(g, ORACLE_WELL_FORMED, NULL, 0, d.pc < 0 ? UINT32_MAX : (uint32_t)d.pc, "%s",
                  d.text);
    verify_result_fini(r);
    *r = (struct verify_result){.verdict = VERDICT_UNKNOWN};
    return BPFLAB_OK;
}

bool judging_narrower(const struct report *r) {
    return r->reason == REASON_STACK_CORRUPT ||
           (r->reason == REASON_PTR_ARITH &&
            (strstr(r->linux_text, "pointer be out of bounds") ||
             strstr(r->linux_text, "math between") || strstr(r->linux_text, "pointer offset")));
}

bool judging_loops(const struct fuzz_case *c) {
    for (uint32_t pc = 0; pc < c->start[c->n_progs]; pc += insn_slots(c->insns[pc])) {
        const struct insn in = c->insns[pc];
        const enum op op = op_of(in);
        if (op == OP_MAY_GOTO || op == OP_CALL_KFUNC || op == OP_CALLX ||
            (op == OP_CALL && (in.imm == HELPER_tail_call || helper_callback_of((uint32_t)in.imm))))
            return true;
    }
    return false;
}

/* ---- the verdict ---- */

/* All programs: a tail call may lead to any. */
static enum bpflab_err verify_all(struct judging *g, bool facts) {
    const struct verify_options opt = {.keep = facts ? KEEP_ALL : KEEP_TREE,
                                       .invariants = judging_turn(g, ORACLE_WELL_FORMED, 8)};
    const struct object *const o = &g->stand->object.object;
    enum bpflab_err err = judging_verify(g, o, 0, &opt, &g->result);
    if (err)
        return err;
    struct judged *const out = g->out;
    out->verdict = g->result.verdict;
    out->reason = g->result.report.reason;
    out->insns_processed = g->result.stats.insns_processed;
    g->knowledge = g->result.knowledge;
    for (uint32_t i = 1; i < g->c->n_progs && out->verdict == VERDICT_ACCEPT && !err; i++) {
        struct verify_result r;
        err = judging_verify(g, o, i, NULL, &r);
        if (err)
            return err;
        out->verdict = r.verdict;
        out->reason = r.report.reason;
        out->insns_processed += r.stats.insns_processed;
        verify_result_fini(&r);
    }
    return err;
}

/* ---- runs ---- */

/* Does the run end at something of the kernel's that the world has not? */
static bool kernels_part(const struct judging *g, struct run_end end) {
    if (end.kind == RUN_TRAP_HELPER)
        return true;
    if (g->c->n_progs > 1 && end.kind == RUN_TRAP_DEPTH)
        return true; /* each of a chain of tail calls may stand on frames */
    return contain_kernel_object(g->judge->walk, end.pc);
}

/* The interpreter's run of an input, followed if that is wanted. out: false: nothing to compare */
static bool reference(struct judging *g, uint32_t input, uint64_t fuel, bool follow,
                      struct engine_result *r, enum bpflab_err *err) {
    struct stand *const s = g->stand;
    struct contain_miss miss = {.found = false};
    *err = stand_input(s, NULL, input, fuel, g->d);
    if (*err)
        return false;
    if (follow) {
        contain_begin(g->judge->walk, &s->object.progs[0], g->knowledge,
                      engine_instance(s->interp)->world, engine_job(s->interp)->args,
                      &g->out->contain, &miss);
        engine_watch(s->interp, contain_step, g->judge->walk);
    }
    *err = engine_run(s->interp, 1, r, g->d);
    engine_watch(s->interp, NULL, NULL);
    if (*err)
        return false;
    g->out->runs++;
    g->out->ran = true;
    if (miss.found && judging_wants(g, ORACLE_CONTAINMENT))
        judging_found(g, ORACLE_CONTAINMENT, NULL, input, miss.pc, "frame %u, r%d, slot %d: %s",
                      miss.frame, miss.reg, miss.slot, miss.text);
    const struct run_end end = r->end;
    if (end.kind == RUN_EXIT)
        return true;
    if (end.kind == RUN_TRAP_FUEL) {
        if (fuel < FUEL_LOOPS && judging_wants(g, ORACLE_TERMINATION))
            judging_found(g, ORACLE_TERMINATION, NULL, input, end.pc,
                          "it still runs after as many jumps as there were instructions processed");
        return true;
    }
    if (follow && kernels_part(g, end)) {
        g->out->not_run++;
        return false;
    }
    if (follow && judging_wants(g, ORACLE_MEMORY))
        judging_found(g, ORACLE_MEMORY, NULL, input, end.pc, "an accepted program ends by %s",
                      run_kind_id(end.kind));
    return false;
}

/* An engine's run of the same input, compared. */
static enum bpflab_err other(struct judging *g, struct engine_session *e,
                             const struct stand_form *form, uint32_t input, uint64_t fuel,
                             bool facts, const struct engine_result *want) {
    struct execution x = {.a = *want};
    struct diag d = {.pc = -1};
    char name[64];
    if (engine_why(e, 0)->err || (want->end.kind == RUN_TRAP_FUEL && !form->opt.fuel)) {
        g->out->not_run++;
        return BPFLAB_OK;
    }
    enum bpflab_err err = stand_input(g->stand, e, input, fuel, g->d);
    if (!err)
        err = engine_run(e, 1, &x.b, g->d);
    if (err)
        return err;
    g->out->runs++;
    snprintf(name, sizeof name, "%s %s%s", engine_of(e)->name, form->name, facts ? ", facts" : "");
    if (x.b.end.kind == RUN_CRASHED || x.b.end.kind == RUN_HUNG) {
        if (judging_wants(g, ORACLE_CONTAINED))
            judging_found(g, ORACLE_CONTAINED, name, input, UINT32_MAX, "%s",
                          run_kind_text(x.b.end.kind));
        return BPFLAB_OK;
    }
    err = execution_check(g->stand->interp, e, &x, &d);
    if (err)
        return diag_set(g->d, err, "%s", d.text);
    if (!x.equal)
        judging_found(g, ORACLE_EXECUTION, name, input, x.b.end.pc, "%s", x.text);
    return BPFLAB_OK;
}

/* All inputs on the interpreter and on every engine in one form. */
static enum bpflab_err round_of(struct judging *g, const struct stand_form *form,
                                const struct facts *const *facts, bool follow) {
    struct stand *const s = g->stand;
    const bool engines =
        s->n_engines > 0 && (judging_wants(g, ORACLE_EXECUTION) || judging_wants(g, ORACLE_FACTS) ||
                             judging_wants(g, ORACLE_CONTAINED));
    const uint64_t fuel = judging_loops(g->c) ? FUEL_LOOPS : g->out->insns_processed + FUEL_SLACK;
    enum bpflab_err err = stand_ready(s, NULL, NULL, NULL, g->d);
    for (uint32_t i = 0; !err && engines && i < s->n_engines; i++)
        err = stand_ready(s, s->engine[i], form, facts, g->d);
    for (uint32_t input = 0; !err && input < g->c->n_inputs && !g->out->found; input++) {
        struct engine_result r;
        if (!reference(g, input, fuel, follow, &r, &err))
            break;
        for (uint32_t i = 0; !err && engines && i < s->n_engines && !g->out->found; i++)
            err = other(g, s->engine[i], form, input, fuel, facts != NULL, &r);
    }
    return err;
}

/* A difference in code that was made with facts: is it the facts? */
static enum bpflab_err blame_facts(struct judging *g, const struct stand_form *form) {
    const struct judged was = *g->out;
    if (!asked_for(g, ORACLE_FACTS))
        return BPFLAB_OK;
    g->out->found = false;
    const enum bpflab_err err = round_of(g, form, NULL, false);
    const bool innocent = g->out->found;
    *g->out = was;
    if (!innocent)
        g->out->cause.oracle = ORACLE_FACTS;
    return err;
}

/* One form, or each; with facts if there are any, and in the end without. */
static enum bpflab_err run_forms(struct judging *g, uint32_t first, struct facts *facts) {
    const struct facts *by_program[CASE_MAX_PROGS] = {facts};
    const uint32_t n = g->opt->every_turn ? STAND_FORMS : 1;
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t k = 0; !err && !g->out->found && k < n; k++) {
        const struct stand_form *const form = &stand_forms[(first + k) % STAND_FORMS];
        err = round_of(g, form, facts->at ? by_program : NULL, k == 0);
        if (!err && g->out->found && g->out->cause.oracle == ORACLE_EXECUTION && facts->at)
            err = blame_facts(g, form);
        if (!err && !g->out->found && facts->at && g->opt->every_turn)
            err = round_of(g, form, NULL, false);
    }
    g->out->found &= asked_for(g, g->out->cause.oracle);
    return err;
}

/* ---- everything ---- */

static enum bpflab_err accepted(struct judging *g, uint32_t form) {
    struct facts facts = {0};
    enum bpflab_err err = BPFLAB_OK;
    if (g->knowledge && g->opt->seen)
        g->opt->seen(g->opt->seen_self, &g->stand->object.progs[0], g->knowledge);
    if (g->knowledge && g->knowledge->keep == KEEP_ALL)
        err = knowledge_facts(g->knowledge, &g->stand->object.progs[0], &facts);
    if (!err)
        err = run_forms(g, form, &facts);
    facts_fini(&facts);
    if (!err && judging_turn(g, ORACLE_MONOTONE, 16))
        err = oracle_monotone(g);
    return err;
}

static enum bpflab_err any_verdict(struct judging *g) {
    enum bpflab_err err = BPFLAB_OK;
    if (g->result.verdict != VERDICT_UNKNOWN) {
        if (judging_turn(g, ORACLE_PRUNING, 8))
            err = oracle_pruning(g);
        if (!err && judging_turn(g, ORACLE_EXPLORATIONS, 8))
            err = oracle_explorations(g);
    }
    if (!err && judging_turn(g, ORACLE_DETERMINISM, 64))
        err = oracle_determinism(g);
    if (!err && judging_turn(g, ORACLE_ROUND_TRIP, 32))
        err = oracle_round_trip(g);
    if (!err && judging_turn(g, ORACLE_PROOF, 4))
        err = oracle_proof(g);
    return err;
}

enum bpflab_err judge_case(struct judge *j, struct stand *s, const struct fuzz_case *c,
                           const struct judge_options *opt, struct judged *out, struct diag *d) {
    struct judging g = {.judge = j, .stand = s, .c = c, .opt = opt, .out = out, .d = d};
    memset(out, 0, sizeof *out);
    g.turn = case_hash(c);
    const uint32_t form = (uint32_t)(g.turn >> 4) % STAND_FORMS;
    g.insns = opt->insns ? opt->insns : JUDGE_INSNS;
    if (!opt->insns && (opt->every_turn ? g.turn % 4 == 0 : g.turn % LONG_ONE_IN == 0))
        g.insns = LONG_INSNS;
    enum bpflab_err err = stand_put(s, c);
    if (!err)
        err = verify_all(&g, opt->every_turn || (g.turn >> 12) % FACTS_ONE_IN == 0);
    if (!err && out->verdict == VERDICT_ACCEPT)
        err = accepted(&g, form);
    if (!err)
        err = any_verdict(&g);
    verify_result_fini(&g.result);
    return err;
}
