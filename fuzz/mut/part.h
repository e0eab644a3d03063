/* part.h: what mutators share; private to fuzz/mut/.
 *
 * Places are indices into the case's insns, and always first slots.
 */
#ifndef BPFLAB_FUZZ_MUT_PART_H
#define BPFLAB_FUZZ_MUT_PART_H

#include "fuzz/edit.h"
#include "fuzz/mut/mut.h"

/* struct mut: one call. */
struct mut {
    struct input *in;
    struct fuzz_case *c;
    const struct fuzz_case *other; /* to take from: maybe c itself */
};

typedef bool mut_fn(struct mut *m);

static inline uint32_t mut_below(struct mut *m, uint32_t n) {
    return input_below(m->in, n);
}
/* mut_maybe: once in n. */
static inline bool mut_maybe(struct mut *m, uint32_t n) {
    return input_one_in(m->in, n);
}
/* mut_pick: one of an array. */
#define mut_pick(m, array) ((array)[mut_below(m, sizeof(array) / sizeof *(array))])

/* ---- choose.c: places, numbers, registers ---- */

/* mut_place: an instruction. mut_where: one whose row fits. mut_inner: one that is not its
 * program's last.
 * out:    false: there is none      cost: O(instructions) */
uint32_t mut_place(struct mut *m);
bool mut_where(struct mut *m, bool (*fits)(enum op op), uint32_t *at);
bool mut_inner(struct mut *m, uint32_t *at);

/* struct mut_range: whole instructions of one program. mut_range: one of another case, short more
 * often than long; mut_inner_range: of this one, without its program's last instruction.
 * out:    n 0: there is none */
struct mut_range {
    uint32_t from, n;
};
struct mut_range mut_range(struct mut *m, const struct fuzz_case *c);
struct mut_range mut_inner_range(struct mut *m);

/* mut_number: one that is likely to matter: near the old one, near one that the program has, near
 * powers of two and the ends of types. mut_nearby: -4 to 4, but 0. */
uint64_t mut_number(struct mut *m, uint64_t old);
int32_t mut_nearby(struct mut *m);

/* mut_reader: a register that the instruction at a place may well read; mut_writer: one of r0 to
 * r9. */
uint8_t mut_reader(struct mut *m, uint32_t at);
uint8_t mut_writer(struct mut *m, uint32_t at);

/* mut_target: where a jump at a place may lead: near, forward more often than back. mut_function:
 * where a function of its program begins, as others than the instruction there say.
 * out:    false: there are no functions
 * mut_names_function: does such a row say where a function begins? */
static inline bool mut_names_function(enum op op) {
    return op == OP_CALL_LOCAL || op == OP_LDDW_CODE;
}
uint32_t mut_target(struct mut *m, uint32_t at);
bool mut_function(struct mut *m, uint32_t at, uint32_t *start);

/* ---- make.c: instructions ---- */

/* mut_row: a row of a class, any class's if it is -1: those that seldom mean something in a case
 * come seldom. out: OP_INVALID: the class has no other row than `but` */
enum op mut_row(struct mut *m, int cls, enum op but);

/* mut_make: an instruction of a row with likely fields; jumps lead nowhere yet.
 * out:    its slots */
uint32_t mut_make(struct mut *m, uint32_t at, enum op op, struct insn out[2]);

/* mut_imm: an imm for a row that is not the old one, if there is another. */
int32_t mut_imm(struct mut *m, enum op op, int32_t old);

/* mut_become: the instruction at a place becomes one of another row: fields stay where both have
 * them, and a jump leads where it led. Rows of one size in slots. */
void mut_become(struct mut *m, uint32_t at, enum op to);

/* mut_graft: a copy of instructions of a case (this one, too) in front of a place. Jumps inside of
 * them stay so; those out of them lead where they led if that is in the same program, else behind
 * the copy or, now and then, to its beginning; calls lead to a function of the program, or become
 * numbers.
 * out:    false: there is no room, or no such range; nothing is changed */
bool mut_graft(struct mut *m, const struct fuzz_case *donor, struct mut_range r, uint32_t at);

/* ---- the mutators, by file ---- */

/* block.c: whole instructions come, go and change places */
mut_fn mut_insert_row, mut_insert_copy, mut_remove, mut_swap, mut_duplicate, mut_move;
/* idiom.c */
mut_fn mut_insert_idiom;
/* insn.c: fields */
mut_fn mut_replace, mut_width, mut_sign, mut_negate, mut_form, mut_register, mut_rename,
    mut_constant, mut_offset, mut_retarget;
/* splice.c: between cases and programs */
mut_fn mut_splice, mut_tail, mut_program, mut_type;
/* input.c: what programs are run on */
mut_fn mut_word, mut_packet, mut_world, mut_count;

/* insn.c: a comparison's opposite, and a row's kin of the other signedness; OP_INVALID: it has
 * none. */
enum op mut_opposite(enum op op);
enum op mut_other_sign(enum op op);

#endif
