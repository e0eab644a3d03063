/* conform_session.c: from a path to a verdict.
 */
#include "cli/conform_session.h"

#include <string.h>

#include "cli/bytes.h"
#include "cli/features.h"

/* reason_to_skip: NULL if the case is to be run. */
static const char *reason_to_skip(const struct conform_session *s, const struct conf_case *k) {
    struct features f = features_of(k->insns, k->n_insns, FEATURES_SUITE);
    if (k->n_insns == 0)
        return "no instructions";
    if (!k->has_result && !k->error)
        return "no expected result";
    if (s->cpu && f.cpu > s->cpu)
        return "needs a later cpu version";
    if (f.groups & s->exclude)
        return "excluded group";
    if (s->include && !(f.groups & s->include))
        return "no included group";
    return NULL;
}

static void set_verdict(struct conform_session *s, size_t i, enum conform_verdict v,
                        const char *expected, const char *got) {
    struct conform_judged *j = &s->cases[i];
    j->verdict = v;
    j->expected = expected ? strdup(expected) : NULL;
    j->got = got ? strdup(got) : NULL;
    s->n[v]++;
}

/* reason_of_machine: why an engine that makes machine code cannot be held to the case, by what the
 * interpreter makes of it on such a machine; NULL if it can. */
static const char *reason_of_machine(const struct conform_session *s, const struct conf_case *k) {
    if (s->by_plugin || s->engine.engine.kind == ENGINE_INTERP)
        return NULL;
    const struct conform_engine twin = conform_engine_twin(&s->engine);
    const struct conform_outcome there =
        conform_run_insns(&twin, k->insns, k->n_insns, k->mem, k->mem_bytes, s->fuel);
    if (there.memory)
        return "machine code leaves bounds to the verifier";
    if (s->engine.big_endian && !conform_meets(k, &there))
        return "its result is that of little-endian machines";
    return NULL;
}

static void judge(struct conform_session *s, size_t i, const struct conf_case *k) {
    char expected[CONFORM_TEXT_MAX], got[CONFORM_TEXT_MAX];
    const char *skip = reason_to_skip(s, k);
    if (!skip)
        skip = reason_of_machine(s, k);
    if (skip) {
        set_verdict(s, i, SKIPPED, NULL, skip);
        return;
    }
    struct conform_outcome r =
        s->by_plugin
            ? conform_run_plugin(&s->plugin, k->insns, k->n_insns, k->mem, k->mem_bytes)
            : conform_run_insns(&s->engine, k->insns, k->n_insns, k->mem, k->mem_bytes, s->fuel);
    if (r.kind == CONFORM_MISSING)
        memcpy(s->missing, r.text, sizeof s->missing);
    conform_expected(k, expected);
    conform_got(&r, got);
    if (conform_meets(k, &r))
        set_verdict(s, i, PASSED, NULL, NULL);
    else
        set_verdict(s, i, r.kind == CONFORM_UNDECIDED ? UNDECIDED : FAILED, expected, got);
}

void conform_judge_file(struct conform_session *s, size_t i) {
    const char *path = s->list.paths[i];
    struct bytes b = {0};
    struct diag d = {.pc = -1};
    struct conf_case k = {0};
    char why[320];
    s->cases[i].path = path;
    if (bytes_read(path, &b, &d)) {
        set_verdict(s, i, BAD, NULL, diag_format(&d, why, sizeof why));
    } else if (input_form_of(b.at, b.n) != INPUT_CASE) {
        set_verdict(s, i, SKIPPED, NULL, "not a conformance case");
    } else if (conf_case_parse((const char *)b.at, b.n, &k, &d)) {
        set_verdict(s, i, BAD, NULL, diag_format(&d, why, sizeof why));
    } else {
        judge(s, i, &k);
        conf_case_fini(&k);
    }
    bytes_fini(&b);
}
