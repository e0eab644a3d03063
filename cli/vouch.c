/* vouch.c: verification for its facts: a verdict other than accept is no failure here, the code is
 * then made and run with care.
 */
#include "cli/vouch.h"

#include <stdlib.h>

#include "loader/core.h"
#include "verifier/knowledge.h"
#include "verifier/verify.h"

enum {
    SECONDS_EACH = 5
};

static bool has_prog_array(const struct object *o) {
    for (uint32_t i = 0; i < o->n_maps; i++)
        if (o->maps[i].type == MAP_prog_array)
            return true;
    return false;
}

/* out: was it accepted? */
static bool ask(const struct object *o, uint32_t prog, struct core_target *kernel,
                uint32_t mem_bytes, struct facts *facts) {
    const struct verify_input input = {.prog = &o->progs[prog],
                                       .maps = o->maps,
                                       .n_maps = o->n_maps,
                                       .kernel_types = core_target_types,
                                       .kernel_self = kernel,
                                       .license = o->license};
    const struct verify_options opt = {
        .explore = EXPLORE_BOTH,
        .keep = KEEP_JOINED,
        .raw_mem_bytes = mem_bytes,
        .budget = {.time_ns = SECONDS_EACH * UINT64_C(1000000000)},
    };
    struct verify_result r;
    struct diag d = {0};
    bool accepted = !verify(&input, &opt, &r, &d) && r.verdict == VERDICT_ACCEPT;
    if (accepted && r.knowledge && knowledge_facts(r.knowledge, &o->progs[prog], facts))
        accepted = false;
    verify_result_fini(&r);
    return accepted;
}

/* Will the program be run, and with how much memory at the least? */
static bool is_run(const struct vouch_run *runs, uint32_t n_runs, uint32_t prog, uint32_t *mem) {
    bool found = false;
    *mem = 0;
    for (uint32_t i = 0; i < n_runs; i++) {
        if (runs[i].prog != prog)
            continue;
        if (!found || runs[i].mem_bytes < *mem)
            *mem = runs[i].mem_bytes;
        found = true;
    }
    return found;
}

enum bpflab_err vouch_for(const struct cli *c, const struct object *o, const struct vouch_run *runs,
                          uint32_t n_runs, struct vouch *out) {
    const struct core_source source = {.path = option_text(&c->opt, "btf")};
    const bool all = has_prog_array(o);
    struct core_target *kernel = NULL;
    struct vouch v = {.n = o->n_progs, .trusted = true};
    v.facts = calloc((size_t)v.n + 1, sizeof *v.facts);
    v.by_program = calloc((size_t)v.n + 1, sizeof *v.by_program);
    if (!v.facts || !v.by_program) {
        vouch_fini(&v);
        return BPFLAB_E_NOMEM;
    }
    if (core_target_new(&source, &kernel) != BPFLAB_OK) {
        vouch_fini(&v);
        return BPFLAB_E_NOMEM;
    }
    for (uint32_t i = 0; i < v.n; i++) {
        uint32_t mem_bytes;
        if (!is_run(runs, n_runs, i, &mem_bytes) && !all)
            continue;
        if (!ask(o, i, kernel, mem_bytes, &v.facts[i]))
            v.trusted = false;
        else if (v.facts[i].at)
            v.by_program[i] = &v.facts[i];
    }
    core_target_free(kernel);
    *out = v;
    return BPFLAB_OK;
}

void vouch_fini(struct vouch *v) {
    for (uint32_t i = 0; v->facts && i < v->n; i++)
        facts_fini(&v->facts[i]);
    free(v->facts);
    free(v->by_program);
    *v = (struct vouch){0};
}
