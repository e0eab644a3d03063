/* subject_bed.h: subjects made from text.
 *
 * Functions are where local calls and code addresses lead; `name:` is a label.
 */
#ifndef BPFLAB_VERIFIER_TESTS_SUBJECT_BED_H
#define BPFLAB_VERIFIER_TESTS_SUBJECT_BED_H

#include <stdlib.h>

#include "isa/asm.h"
#include "tests/check.h"
#include "verifier/subject.h"

struct subject_bed {
    struct prog prog;
    struct insn *insns;
    struct verify_options opt;
    struct verify_input in;
    struct subject sub;
    struct report rep;
};

/* bed_parse: the program alone. out: false: the text does not assemble */
static inline bool bed_parse(struct subject_bed *b, const char *text) {
    struct diag d = {0};
    *b = (struct subject_bed){.prog = {.type = PROG_socket_filter}};
    if (asm_parse(text, strlen(text), NULL, &b->insns, &b->prog.n_insns, &d)) {
        CHECK_STR(d.text, text);
        return false;
    }
    b->prog.insns = b->insns;
    return true;
}

/* bed_make: out: accepted? */
static inline bool bed_make(struct subject_bed *b) {
    b->in.prog = &b->prog;
    CHECK_EQ(subject_make(&b->in, &b->opt, &b->sub, &b->rep), BPFLAB_OK);
    return b->rep.reason == REASON_NONE;
}

static inline void bed_drop(struct subject_bed *b) {
    subject_fini(&b->sub);
    free(b->insns);
}

#endif
