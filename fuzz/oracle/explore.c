/* explore.c: oracles that explore a case's program again, in another way. */
#include "fuzz/judging.h"

#include <string.h>

/* With pruning off there are more states: a larger budget, and UNKNOWN says nothing. */
enum bpflab_err oracle_pruning(struct judging *g) {
    const struct verify_options opt = {.no_prune = true};
    struct verify_result r;
    const uint64_t insns = g->insns;
    g->insns *= 8;
    const enum bpflab_err err = judging_verify(g, &g->stand->object.object, 0, &opt, &r);
    g->insns = insns;
    if (err)
        return err;
    /* a number that nothing needed may hide from pruning what an offset may be */
    const bool narrower = judging_narrower(&r.report) || judging_narrower(&g->result.report);
    if (r.verdict != VERDICT_UNKNOWN && r.verdict != g->result.verdict && !narrower)
        judging_found(g, ORACLE_PRUNING, NULL, 0, r.report.pc, "with pruning %s, without %s: %s",
                      verdict_name(g->result.verdict), verdict_name(r.verdict),
                      r.verdict == VERDICT_REJECT ? r.report.linux_text
                                                  : g->result.report.linux_text);
    verify_result_fini(&r);
    return BPFLAB_OK;
}

/* Runs that joins must contain. */
static enum bpflab_err contain_joined(struct judging *g, const struct knowledge *joined) {
    struct stand *const s = g->stand;
    struct contain_miss miss;
    enum bpflab_err err = stand_ready(s, NULL, NULL, NULL, g->d);
    for (uint32_t i = 0; !err && i < g->c->n_inputs && !g->out->found; i++) {
        struct engine_result r;
        err = stand_input(s, NULL, i, g->insns, g->d);
        if (err)
            break;
        contain_begin(g->judge->walk, &s->object.progs[0], joined,
                      engine_instance(s->interp)->world, engine_job(s->interp)->args,
                      &g->out->contain, &miss);
        engine_watch(s->interp, contain_step, g->judge->walk);
        err = engine_run(s->interp, 1, &r, g->d);
        engine_watch(s->interp, NULL, NULL);
        g->out->runs++;
        if (!err && miss.found)
            judging_found(g, ORACLE_EXPLORATIONS, NULL, i, miss.pc,
                          "joins: pc %u, frame %u, r%d, slot %d: %s", miss.pc, miss.frame, miss.reg,
                          miss.slot, miss.text);
    }
    return err;
}

enum bpflab_err oracle_explorations(struct judging *g) {
    const struct verify_options opt = {.explore = EXPLORE_FIXPOINT, .keep = KEEP_JOINED};
    struct verify_result r;
    enum bpflab_err err = judging_verify(g, &g->stand->object.object, 0, &opt, &r);
    if (err)
        return err;
    if (r.verdict == VERDICT_ACCEPT && g->result.verdict == VERDICT_REJECT &&
        !judging_narrower(&g->result.report) && !judging_loops(g->c))
        judging_found(g, ORACLE_EXPLORATIONS, NULL, 0, g->result.report.pc,
                      "joins accept what paths reject: %s", g->result.report.linux_text);
    /* what other programs do, no exploration of this one says */
    else if (r.verdict == VERDICT_ACCEPT && r.knowledge && g->c->n_progs == 1 &&
             g->result.verdict != VERDICT_REJECT)
        err = contain_joined(g, r.knowledge);
    verify_result_fini(&r);
    return err;
}

enum bpflab_err oracle_determinism(struct judging *g) {
    struct verify_result r;
    const enum bpflab_err err = judging_verify(g, &g->stand->object.object, 0, NULL, &r);
    if (err)
        return err;
    const struct verify_stats *const a = &g->result.stats, *const b = &r.stats;
    if (r.verdict != g->result.verdict || r.report.reason != g->result.report.reason ||
        strcmp(r.report.linux_text, g->result.report.linux_text) ||
        a->insns_processed != b->insns_processed || a->states != b->states)
        judging_found(g, ORACLE_DETERMINISM, NULL, 0, r.report.pc,
                      "verified twice: %s after %llu instructions, %s after %llu",
                      verdict_name(g->result.verdict), (unsigned long long)a->insns_processed,
                      verdict_name(r.verdict), (unsigned long long)b->insns_processed);
    verify_result_fini(&r);
    return BPFLAB_OK;
}
