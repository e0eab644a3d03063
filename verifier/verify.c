#include "verifier/verify.h"

#include <stdlib.h>
#include <string.h>

#include "verifier/explain.h"
#include "verifier/fixpoint.h"
#include "verifier/knowledge.h"
#include "verifier/paths.h"

enum {
    DEFAULT_INSNS = 1000000,
    DEFAULT_BRANCHES = 8192,
};
#define DEFAULT_BYTES (UINT64_C(192) << 20)

static void set_defaults(struct verify_budget *b) {
    if (!b->insns)
        b->insns = DEFAULT_INSNS;
    if (!b->jump_depth)
        b->jump_depth = DEFAULT_BRANCHES;
    if (!b->bytes)
        b->bytes = DEFAULT_BYTES;
}

/* Paths first; where they could not decide, joins may. What those cannot show stays undecided. */
static enum bpflab_err explore_both(const struct subject *sub, struct verify_result *out) {
    enum bpflab_err err = paths_explore(sub, out->knowledge, out);
    if (err != BPFLAB_OK || out->verdict != VERDICT_UNKNOWN)
        return err;
    const struct report first = out->report;
    const struct verify_stats spent = out->stats;
    knowledge_free(out->knowledge);
    out->knowledge = NULL;
    if (sub->opt.keep != KEEP_NONE)
        err = knowledge_new(sub, KEEP_JOINED, sub->opt.budget.bytes, &out->knowledge);
    out->report = (struct report){.reg = REPORT_NO_REG};
    if (err == BPFLAB_OK)
        err = fixpoint_explore(sub, out->knowledge, out);
    out->stats.insns_processed += spent.insns_processed;
    out->stats.time_ns += spent.time_ns;
    if (err == BPFLAB_OK && out->verdict != VERDICT_ACCEPT) {
        out->verdict = VERDICT_UNKNOWN;
        out->report = first;
    }
    return err;
}

static enum bpflab_err explore(const struct subject *sub, struct verify_result *out) {
    enum bpflab_err err = BPFLAB_OK;
    if (sub->opt.keep != KEEP_NONE)
        err = knowledge_new(sub, sub->opt.keep, sub->opt.budget.bytes, &out->knowledge);
    if (err == BPFLAB_OK)
        switch (sub->opt.explore) {
        case EXPLORE_PATHS: err = paths_explore(sub, out->knowledge, out); break;
        case EXPLORE_FIXPOINT: err = fixpoint_explore(sub, out->knowledge, out); break;
        case EXPLORE_BOTH: err = explore_both(sub, out); break;
        }
    if (out->knowledge)
        out->knowledge->sub = NULL; /* it does not outlive this call */
    return err;
}

enum bpflab_err verify(const struct verify_input *in, const struct verify_options *opt,
                       struct verify_result *out, struct diag *d) {
    struct verify_options o = opt ? *opt : (struct verify_options){0};
    struct subject sub;
    memset(out, 0, sizeof *out);
    if (!in->prog || in->prog->n_insns == 0)
        return diag_set(d, BPFLAB_E_ARG, "there is no program to verify");
    set_defaults(&o.budget);
    enum bpflab_err err = subject_make(in, &o, &sub, &out->report);
    if (err == BPFLAB_OK) {
        out->verdict = out->report.reason == REASON_NONE ? VERDICT_ACCEPT : VERDICT_REJECT;
        if (out->verdict == VERDICT_ACCEPT)
            err = explore(&sub, out);
        explain(&sub, NULL, &out->report);
    }
    subject_fini(&sub);
    return err == BPFLAB_OK ? err : diag_set(d, err, "the verifier gave up: %s", err_text(err));
}

void verify_result_fini(struct verify_result *r) {
    knowledge_free(r->knowledge);
    r->knowledge = NULL;
}

const char *verdict_name(enum verdict v) {
    static const char *const names[] = {"accept", "reject", "unknown"};
    return (unsigned)v < sizeof names / sizeof *names ? names[v] : "?";
}
