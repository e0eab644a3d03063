/* judge_test.c: every oracle reports a defect that is planted for it, and nothing where there is
 * none. The defects are lies of what the judge calls (the linker's --wrap): of the verifier, of an
 * engine, of the assembler, of an operator.
 *     judge_test [CASES]
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/gen/gen.h"
#include "fuzz/judge.h"
#include "isa/asm.h"
#include "tests/check.h"
#include "verifier/domain/alu.h"

enum {
    CHOICES = 640,
    TRIES = 3000, /* cases in which a defect must be seen */
};

static enum oracle planted = N_ORACLES; /* N_ORACLES: none */

/* ---- lies ---- */

enum bpflab_err __real_verify(const struct verify_input *in, const struct verify_options *opt,
                              struct verify_result *out, struct diag *d);
enum bpflab_err __wrap_verify(const struct verify_input *in, const struct verify_options *opt,
                              struct verify_result *out, struct diag *d);

/* A number that is not 0 is said to be 0. */
static void lie_of_numbers(struct knowledge *k) {
    for (uint32_t i = 1; i < k->n_records; i++)
        for (uint32_t r = 0; r < 10; r++) {
            struct reg *const reg = &k->records[i].st.frames[0]->regs[r];
            if (reg_is_scalar(reg) && !scalar_is_const(reg->v))
                reg->v = scalar_const(0);
        }
}

enum bpflab_err __wrap_verify(const struct verify_input *in, const struct verify_options *opt,
                              struct verify_result *out, struct diag *d) {
    static uint64_t calls;
    const enum bpflab_err err = __real_verify(in, opt, out, d);
    const bool main_call = opt->keep == KEEP_TREE || opt->keep == KEEP_ALL;
    if (err)
        return err;
    calls++;
    switch (planted) {
    case ORACLE_CONTAINMENT:
        if (main_call && out->verdict == VERDICT_ACCEPT)
            lie_of_numbers(out->knowledge);
        break;
    case ORACLE_MEMORY: /* accesses that are out of bounds are said to be in order */
        if (out->verdict == VERDICT_REJECT &&
            (out->report.reason == REASON_STACK_BOUNDS || out->report.reason == REASON_MAP_BOUNDS ||
             out->report.reason == REASON_NULL_DEREF))
            out->verdict = VERDICT_ACCEPT;
        break;
    case ORACLE_TERMINATION: out->stats.insns_processed = 0; break;
    case ORACLE_PRUNING:
        if (opt->no_prune && out->verdict == VERDICT_ACCEPT)
            out->verdict = VERDICT_REJECT;
        break;
    case ORACLE_EXPLORATIONS:
        if (opt->explore == EXPLORE_FIXPOINT && out->verdict == VERDICT_REJECT)
            out->verdict = VERDICT_ACCEPT;
        break;
    case ORACLE_MONOTONE:
    case ORACLE_DETERMINISM:
        if (!main_call && opt->explore == EXPLORE_PATHS && !opt->no_prune)
            out->verdict = VERDICT_REJECT;
        break;
    case ORACLE_WELL_FORMED:
        if (opt->invariants && calls % 2) {
            verify_result_fini(out);
            return diag_set(d, BPFLAB_E_INTERNAL, "an invariant was broken");
        }
        break;
    default: break;
    }
    return err;
}

enum bpflab_err __real_engine_run(struct engine_session *s, uint64_t repeat,
                                  struct engine_result *out, struct diag *d);
enum bpflab_err __wrap_engine_run(struct engine_session *s, uint64_t repeat,
                                  struct engine_result *out, struct diag *d);

enum bpflab_err __wrap_engine_run(struct engine_session *s, uint64_t repeat,
                                  struct engine_result *out, struct diag *d) {
    const enum bpflab_err err = __real_engine_run(s, repeat, out, d);
    if (engine_of(s)->kind == ENGINE_INTERP)
        return err;
    if (planted == ORACLE_EXECUTION) /* a byte of the context, which nobody looks at on the way */
        engine_instance(s)->world->mem[WORLD_STACK_OFF + 8] ^= 1;
    if (planted == ORACLE_CONTAINED)
        out->end.kind = RUN_CRASHED;
    return err;
}

enum bpflab_err __real_knowledge_facts(const struct knowledge *k, const struct prog *prog,
                                       struct facts *out);
enum bpflab_err __wrap_knowledge_facts(const struct knowledge *k, const struct prog *prog,
                                       struct facts *out);

enum bpflab_err __wrap_knowledge_facts(const struct knowledge *k, const struct prog *prog,
                                       struct facts *out) {
    const enum bpflab_err err = __real_knowledge_facts(k, prog, out);
    for (uint32_t pc = 0; !err && planted == ORACLE_FACTS && pc < out->n_insns; pc++)
        out->at[pc].const_value += out->at[pc].dst_const;
    return err;
}

enum bpflab_err __real_asm_parse(const char *text, size_t n_bytes, const struct asm_names *names,
                                 struct insn **insns, uint32_t *n_insns, struct diag *d);
enum bpflab_err __wrap_asm_parse(const char *text, size_t n_bytes, const struct asm_names *names,
                                 struct insn **insns, uint32_t *n_insns, struct diag *d);

enum bpflab_err __wrap_asm_parse(const char *text, size_t n_bytes, const struct asm_names *names,
                                 struct insn **insns, uint32_t *n_insns, struct diag *d) {
    const enum bpflab_err err = __real_asm_parse(text, n_bytes, names, insns, n_insns, d);
    if (!err && planted == ORACLE_ROUND_TRIP && *n_insns)
        (*insns)[0].imm ^= 1;
    return err;
}

struct scalar __real_scalar_alu(enum op op, struct scalar a, struct scalar b, bool big_endian);
struct scalar __wrap_scalar_alu(enum op op, struct scalar a, struct scalar b, bool big_endian);

struct scalar __wrap_scalar_alu(enum op op, struct scalar a, struct scalar b, bool big_endian) {
    const struct scalar s = __real_scalar_alu(op, a, b, big_endian);
    return planted == ORACLE_PROOF && op == OP_ADD32_REG ? a : s;
}

/* ---- trying ---- */

struct lab {
    struct judge *judge;
    struct stand *stand;
    uint64_t asked[3]; /* by verdict */
};

/* The first finding in n cases. out: how many were tried */
static uint64_t search(struct lab *lab, uint64_t n, uint64_t oracles, struct judged *out) {
    static struct fuzz_case c;
    const struct judge_options opt = {.oracles = oracles};
    for (uint64_t i = 0; i < n; i++) {
        uint8_t choices[CHOICES];
        uint64_t seed = i * 77 + 5;
        struct input in;
        struct diag d = {.pc = -1};
        input_random(&seed, choices, sizeof choices);
        input_init(&in, choices, sizeof choices);
        gen_case(&in, 0, &c, NULL);
        if (!CHECK_EQ(judge_case(lab->judge, lab->stand, &c, &opt, out, &d), BPFLAB_OK)) {
            printf("  %s\n", d.text);
            return i;
        }
        lab->asked[out->verdict]++;
        if (out->found)
            return i + 1;
    }
    return n;
}

static void silent(struct lab *lab, uint64_t n) {
    struct judged j;
    planted = N_ORACLES;
    search(lab, n, 0, &j);
    if (!CHECK(!j.found))
        printf("  %s %s: %s\n", oracle_name(j.cause.oracle), j.cause.engine, j.cause.text);
    CHECK(lab->asked[VERDICT_ACCEPT] > n / 2 && lab->asked[VERDICT_REJECT] > n / 20);
}

static void reports(struct lab *lab, enum oracle o) {
    struct judged j = {.found = false};
    planted = o;
    const uint64_t n = search(lab, TRIES, UINT64_C(1) << o, &j);
    planted = N_ORACLES;
    if (!CHECK(j.found) || !CHECK_EQ(j.cause.oracle, o))
        printf("  planted for %s\n", oracle_name(o));
    else
        printf("%-13s after %4" PRIu64 " cases: %s\n", oracle_name(o), n, j.cause.text);
}

int main(int argc, char **argv) {
    static const char *const names[] = {"jit"};
    const struct stand_options opt = {.names = names, .n_names = 1};
    struct lab lab = {.judge = judge_new()};
    struct diag d = {.pc = -1};
    if (!CHECK(lab.judge != NULL))
        return check_end();
    const enum bpflab_err err = stand_new(&opt, &lab.stand, &d);
    if (err == BPFLAB_E_MISSING)
        return check_skip(d.text);
    if (CHECK_EQ(err, BPFLAB_OK)) {
        silent(&lab, argc > 1 ? strtoull(argv[1], NULL, 0) : check_rounds(4000));
        for (int o = 0; o < N_ORACLES; o++)
            if (o != ORACLE_VERDICT) /* that one is replay's: cli/tests */
                reports(&lab, (enum oracle)o);
    }
    stand_free(lab.stand);
    judge_free(lab.judge);
    return check_end();
}
