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

/* What the interpreter makes of the case on a machine with the engine's byte order. */
static struct conform_outcome twin_outcome(const struct conform_session *s,
                                           const struct conf_case *k) {
    const struct conform_engine twin = conform_engine_twin(&s->engine);
    return conform_run_insns(&twin, k->insns, k->n_insns, k->mem, k->mem_bytes, s->fuel);
}

static bool same_outcome(const struct conform_outcome *a, const struct conform_outcome *b) {
    return a->kind == b->kind &&
           (a->kind == CONFORM_VALUE ? a->value == b->value : !strcmp(a->text, b->text));
}

static struct conform_outcome run_case(struct conform_session *s, const struct conf_case *k) {
    struct conform_outcome r =
        s->by_plugin
            ? conform_run_plugin(&s->plugin, k->insns, k->n_insns, k->mem, k->mem_bytes)
            : conform_run_insns(&s->engine, k->insns, k->n_insns, k->mem, k->mem_bytes, s->fuel);
    if (r.kind == CONFORM_MISSING)
        memcpy(s->missing, r.text, sizeof s->missing);
    return r;
}

static void judge(struct conform_session *s, size_t i, const struct conf_case *k) {
    char expected[CONFORM_TEXT_MAX], got[CONFORM_TEXT_MAX];
    const char *skip = reason_to_skip(s, k);
    const bool code = !skip && !s->by_plugin && s->engine.engine.kind != ENGINE_INTERP;
    struct conform_outcome twin = {.kind = CONFORM_UNDECIDED};
    if (code)
        twin = twin_outcome(s, k);
    if (!skip && twin.memory)
        skip = "machine code leaves bounds to the verifier";
    if (skip) {
        set_verdict(s, i, SKIPPED, NULL, skip);
        return;
    }
    const struct conform_outcome r = run_case(s, k);
    conform_got(&r, got);
    if (code && s->engine.big_endian && !conform_meets(k, &twin)) {
        conform_got(&twin, expected);
        if (same_outcome(&r, &twin))
            set_verdict(s, i, HELD, NULL, got);
        else
            set_verdict(s, i, FAILED, expected, got);
        return;
    }
    conform_expected(k, expected);
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
