/* case_parts.h: the functions that a program consists of, and where a linker that is given them one
 * by one puts them: the entry first, then each when a walk along the references first meets it, as
 * libbpf and loader/link.c do.
 */
#ifndef BPFLAB_FUZZ_CASE_PARTS_H
#define BPFLAB_FUZZ_CASE_PARTS_H

#include "fuzz/case.h"

struct case_func {
    uint32_t start, n_insns; /* in the program; slots */
    uint32_t linked_at;      /* in the linked program */
};

/* struct case_parts: in order of start; the first is the entry. */
struct case_parts {
    uint32_t n;
    struct case_func func[CASE_MAX_INSNS];
};

/* case_parts_of: take a program apart.
 * in:     at most CASE_MAX_INSNS instructions
 * out:    one function, all of it, where it cannot be taken apart: something jumps or falls from
 *         one function into another, the entry is called, a function is never reached
 * cost:   O(instructions), and O(log functions) for each reference */
void case_parts_of(const struct prog *p, struct case_parts *out);

/* case_parts_at: the function that holds a slot. */
const struct case_func *case_parts_at(const struct case_parts *parts, uint32_t pc);

/* case_refers: does the instruction at pc name a place in its program's code (CALL_LOCAL,
 * LDDW_CODE)? out: *to: the slot, which may lie anywhere */
bool case_refers(const struct prog *p, uint32_t pc, int64_t *to);

#endif
