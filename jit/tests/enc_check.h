/* enc_check.h: encoders against an assembler. A test emits single instructions together with the
 * text they stand for; llvm-mc assembles all texts at once and each must give the same bytes.
 *
 *     struct enc_check t;
 *     enc_check_init(&t, &jit_x86_64);
 *     for (unsigned r = 0; r < 16; r++) {
 *         b.n = 0;
 *         x86_push(&b, r);
 *         enc_case(&t, &b, "pushq %%%s", name[r]);
 *     }
 *     return enc_check_run(&t);
 *
 * Each case gets a slot of its own, so that one of the wrong length does not spoil its successors.
 * Distances are written as the assembler takes them without a label: "jmp .+100", "b #100".
 */
#ifndef BPFLAB_JIT_TESTS_ENC_CHECK_H
#define BPFLAB_JIT_TESTS_ENC_CHECK_H

#include "jit/arch.h"

struct enc_check {
    const struct jit_arch *arch;
    const char *mcpu, *mattr; /* may be changed after init: -mcpu (NULL: none) and -mattr */
    char *text;               /* what the assembler reads; owned */
    size_t n_text, text_capacity;
    uint8_t *slots;   /* ENC_SLOT bytes each, padded with ENC_FILL; owned */
    uint8_t *sizes;   /* of each case's instruction; owned */
    uint32_t *starts; /* of each case in text; owned */
    uint32_t n, capacity;
    uint32_t wrong; /* result of enc_check_run */
    bool failed;    /* out of memory, or a case that fits no slot */
};

enum {
    ENC_SLOT = 16, /* bytes; no instruction is longer */
    ENC_FILL = 0xa5,
};

void enc_check_init(struct enc_check *t, const struct jit_arch *a);

/* enc_case: b holds the bytes of one instruction, and fmt is its text. The caller empties b. */
void enc_case(struct enc_check *t, const struct jit_buf *b, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* enc_text: a line for the assembler that makes no code: ".option norvc". */
void enc_text(struct enc_check *t, const char *line);

/* enc_check_run: assemble, compare, print the first wrong cases and how many there are, free.
 * out:    the test's exit status: 0, 1, or 77 if there is no assembler here
 * cost:   about a second per 200,000 cases */
int enc_check_run(struct enc_check *t);

#endif
