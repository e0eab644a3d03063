/* ops_stack.h: what tests of frames are made of: pieces of functions, C functions that they call,
 * and entries under difficult circumstances. */
#ifndef BPFLAB_JIT_TESTS_OPS_STACK_H
#define BPFLAB_JIT_TESTS_OPS_STACK_H

#include "jit/tests/ops_rig.h"

enum {
    STACK_RESULT = 0x600d, /* of stack_check */
};

typedef uint64_t stack_host(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                            struct rig_world *w);

/* stack_check: counts itself in world.depth; the stack's alignment must be right.
 * stack_reenter: enters the function at address a with argument b, returns its result + 1; the way
 * out lies in world.seen[8], and in seen[9] whether it was the same again afterwards. */
stack_host stack_check, stack_reenter;

/* stack_offset: where the stack is, modulo what the machine aligns it to. */
uint64_t stack_offset(void);

/* A case named by what; key and u.alu.k go into its description. stack_reset forgets all. */
struct rig_case *stack_begin(struct rig *r, const char *what);
void stack_reset(struct rig *r);
void stack_describe(const struct rig_case *c, char *out, size_t n);

/* ---- pieces: sites take the first form that reaches ---- */
void stack_slot(struct rig *r, bool load, uint8_t reg, unsigned slot);
void stack_alu(struct rig *r, uint8_t op, uint8_t dst, uint8_t a, uint8_t b, int64_t k);
void stack_call(struct rig *r, uint32_t callee);
void stack_call_host(struct rig *r, stack_host *f);
void stack_branch(struct rig *r, uint8_t cond, uint8_t a, int64_t k, uint32_t label);
void stack_exit(struct rig *r);

/* stack_live: enter from a C function that keeps more values alive than there are registers.
 * stack_with_signals: enter again and again while a handler writes to the same stack. */
void stack_live(struct rig *r, const uint64_t args[5], uint64_t entry, uint64_t want);
void stack_with_signals(struct rig *r, const uint64_t args[5], uint64_t entry, uint64_t want);

#endif
