/* asm_util.h: what the assembler's tests share: slots as numbers, and a few helper names. */
#ifndef BPFLAB_ISA_TESTS_ASM_UTIL_H
#define BPFLAB_ISA_TESTS_ASM_UTIL_H

#include <stdlib.h>
#include <string.h>

#include "isa/asm.h"

/* slot_word: code | dst << 8 | src << 12 | off << 16 | imm << 32, computed here on its own. */
static inline uint64_t slot_word(struct insn in) {
    return (uint64_t)in.code + ((uint64_t)in.dst << 8) + ((uint64_t)in.src << 12) +
           ((uint64_t)(uint16_t)in.off << 16) + ((uint64_t)(uint32_t)in.imm << 32);
}

static inline struct insn word_slot(uint64_t word) {
    return (struct insn){
        .code = (uint8_t)word,
        .dst = word >> 8 & 15,
        .src = word >> 12 & 15,
        .off = (int16_t)(uint16_t)(word >> 16),
        .imm = (int32_t)(uint32_t)(word >> 32),
    };
}

static inline const char *test_helper_name(uint32_t id) {
    switch (id) {
    case 1: return "bpf_map_lookup_elem";
    case 211: return "bpf_with_the_longest_name_that_the_assembler_takes_as_a_helper_";
    case 212: return "bpf_with_a_name_that_is_longer_than_the_assembler_takes_as_helper";
    default: return NULL;
    }
}

static inline uint32_t test_helper_id(const char *name) {
    static const uint32_t known[] = {1, 211, 212};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(test_helper_name(known[i]), name))
            return known[i];
    return 0;
}

static const struct asm_names test_names = {test_helper_name, test_helper_id};

/* parse_exact: asm_parse of a copy that ends where the text does, so that a sanitizer sees any
 * read beyond it. */
static inline enum bpflab_err parse_exact(const char *text, size_t n, struct insn **insns,
                                          uint32_t *n_insns, struct diag *d) {
    char *copy = malloc(n ? n : 1);
    if (!copy)
        abort();
    memcpy(copy, text, n);
    const enum bpflab_err err = asm_parse(copy, n, &test_names, insns, n_insns, d);
    free(copy);
    return err;
}

#endif
