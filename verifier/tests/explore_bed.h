/* explore_bed.h: programs as text through verify(), with two maps: 0 an array of one element of 64
 * bytes, 1 a hash of 16 entries of 64 bytes.
 */
#ifndef BPFLAB_VERIFIER_TESTS_EXPLORE_BED_H
#define BPFLAB_VERIFIER_TESTS_EXPLORE_BED_H

#include <stdlib.h>
#include <string.h>

#include "isa/asm.h"
#include "tests/check.h"
#include "verifier/verify.h"

enum {
    BED_VALUE_BYTES = 64
};

struct explore_bed {
    struct prog prog;
    struct map_def maps[2];
    struct verify_input in;
    struct verify_options opt;
    struct verify_result result;
};

/* struct explore_case: words: part of Linux's words for the rejection, or NULL. */
struct explore_case {
    const char *name, *text;
    enum verdict verdict;
    const char *words;
};

/* bed_prog: out: false: the text does not assemble */
static inline bool bed_prog(struct explore_bed *b, uint32_t type, const char *text) {
    struct insn *insns;
    uint32_t n;
    struct diag d = {0};
    *b = (struct explore_bed){.opt.invariants = true};
    if (!CHECK_EQ(asm_parse(text, strlen(text), NULL, &insns, &n, &d), BPFLAB_OK)) {
        printf("line %u: %s\n", d.line, d.text);
        return false;
    }
    const enum bpflab_err err = prog_init_insns(&b->prog, insns, n);
    free(insns);
    b->prog.type = type;
    for (int i = 0; i < 2; i++)
        b->maps[i] = (struct map_def){.type = i ? MAP_hash : MAP_array,
                                      .key_size = 4,
                                      .value_size = BED_VALUE_BYTES,
                                      .max_entries = i ? 16 : 1,
                                      .inner = -1};
    b->in = (struct verify_input){.prog = &b->prog, .maps = b->maps, .n_maps = 2, .license = "GPL"};
    return CHECK_EQ(err, BPFLAB_OK);
}

/* bed_verify: once more, with b->opt as it is now. */
static inline enum verdict bed_verify(struct explore_bed *b) {
    struct diag d = {0};
    verify_result_fini(&b->result);
    if (!CHECK_EQ(verify(&b->in, &b->opt, &b->result, &d), BPFLAB_OK))
        printf("%s\n", d.text);
    return b->result.verdict;
}

static inline void bed_fini(struct explore_bed *b) {
    verify_result_fini(&b->result);
    prog_fini(&b->prog);
}

/* bed_expect: one case, explored so. */
static inline void bed_expect(const struct explore_case *c, uint32_t type, enum explore how) {
    struct explore_bed b;
    check_note(c->name);
    if (!bed_prog(&b, type, c->text))
        return;
    b.opt.explore = how;
    b.opt.budget.insns = 100000;
    const enum verdict got = bed_verify(&b);
    const char *const words = b.result.report.linux_text;
    if (!CHECK_EQ(got, c->verdict) || !CHECK(!c->words || strstr(words, c->words)))
        printf("%s: %s at pc %u: %s\n", c->name, verdict_name(got), b.result.report.pc, words);
    if (got != VERDICT_ACCEPT)
        CHECK(b.result.report.known[0] && b.result.report.needed[0]);
    bed_fini(&b);
    check_note(NULL);
}

#endif
