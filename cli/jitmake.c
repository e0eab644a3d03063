/* jitmake.c: verdict, facts, code, time. */
#include "cli/jitmake.h"

#include <stdlib.h>
#include <time.h>

#include "verifier/knowledge.h"

enum {
    MAX_TIMES = 31,
    ENOUGH_NS = 20 * 1000 * 1000, /* no further compilation after this */
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The verdict, and what an accepted program's verification tells. */
static enum bpflab_err learn(const struct object *o, const struct jitmake_options *opt,
                             struct jitmake *m, struct facts *facts, struct diag *d) {
    const struct verify_input in = {.prog = m->prog,
                                    .maps = o->maps,
                                    .n_maps = o->n_maps,
                                    .kernel_types = core_target_types,
                                    .kernel_self = opt->kernel,
                                    .license = o->license};
    const struct verify_options how = {
        .explore = EXPLORE_BOTH, .keep = KEEP_JOINED, .raw_mem_bytes = opt->mem_bytes};
    struct verify_result r = {0};
    enum bpflab_err err = verify(&in, &how, &r, d);
    if (!err && r.verdict == VERDICT_ACCEPT && r.knowledge &&
        (err = knowledge_facts(r.knowledge, m->prog, facts)) != BPFLAB_OK)
        diag_set(d, err, "out of memory");
    m->verified = !err;
    m->verdict = r.verdict;
    verify_result_fini(&r);
    return err;
}

static void compile(struct paper *paper, uint32_t prog, const struct jitmake_options *opt,
                    const struct jit_options *how, struct jitmake *m) {
    const struct jit_bind bind = paper_bind(paper, prog);
    uint64_t ns[MAX_TIMES], sum = 0;
    unsigned n = 0;
    while (n < MAX_TIMES && sum < ENOUGH_NS && !m->err) {
        jit_code_fini(&m->code);
        const uint64_t start = now_ns();
        m->err = jit_compile(m->prog, opt->target, how, &bind, PAPER_CODE, &m->code, &m->diag);
        ns[n] = now_ns() - start;
        sum += ns[n++];
    }
    qsort(ns, n, sizeof ns[0], by_size);
    m->compile_ns = m->err ? 0 : ns[n / 2];
}

enum bpflab_err jitmake(struct paper *paper, uint32_t prog, const struct jitmake_options *opt,
                        struct jitmake *out, struct diag *d) {
    struct jit_options how = opt->jit;
    struct facts facts = {0};
    *out = (struct jitmake){.prog = &paper->object->progs[prog], .diag = {.pc = -1}};
    if (!paper->instance.code[prog]) {
        out->diag = paper->instance.why[prog];
        out->err = out->diag.err;
        return BPFLAB_OK;
    }
    const enum bpflab_err err = opt->verify ? learn(paper->object, opt, out, &facts, d) : BPFLAB_OK;
    how.trusted = out->verified && out->verdict == VERDICT_ACCEPT;
    how.fuel |= !how.trusted;
    how.facts = facts.at ? &facts : NULL;
    if (!err)
        compile(paper, prog, opt, &how, out);
    facts_fini(&facts);
    return err;
}

void jitmake_fini(struct jitmake *m) {
    jit_code_fini(&m->code);
}
