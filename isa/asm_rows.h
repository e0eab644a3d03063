/* asm_rows.h: rows by what text says of them, and how a row is written.
 * For assembler and disassembler.
 */
#ifndef BPFLAB_ISA_ASM_ROWS_H
#define BPFLAB_ISA_ASM_ROWS_H

#include "isa/insn.h"

/* row_insn: an instruction of this row with its fixed fields set and the others zero. */
struct insn row_insn(const struct op_info *row);

/* row_is_locked: is its uBPF mnemonic written after "lock"? */
bool row_is_locked(const struct op_info *row);

/* row_is_fetch: does an atomic operation leave the old value in a register? */
bool row_is_fetch(const struct op_info *row);

/* row_suffix: the width that ends a uBPF mnemonic of this row ("add32"), 0 if none is written. */
unsigned row_suffix(const struct op_info *row);

/* row_has_suffix: may a uBPF mnemonic of this row end in its width? */
bool row_has_suffix(const struct op_info *row);

/* ubpf_form: a row's operands in uBPF's syntax, which assembler and disassembler both follow:
 *   d r     the dst, src register
 *   D R     [%dst+off], [%src+off]
 *   s       the source: a register or imm, as the row says
 *   i       imm
 *   q       a 64-bit immediate
 *   j       a jump's target
 *   h k x   what call, call kfunc and callx name
 *   ,       itself */
const char *ubpf_form(const struct op_info *row);

/* struct row_query: what a row must have. */
struct row_query {
    enum op_class cls;
    const char *text;    /* its operator, or name; NULL: any */
    size_t len;          /* of text */
    bool by_name;        /* text is a name */
    unsigned width_bits; /* 0: any */
    bool from_reg;
    bool sign;  /* LDX */
    bool fetch; /* ATOMIC_RMW */
};

/* row_of: the first row that has it all; NULL if there is none.
 * cost:   O(rows) */
const struct op_info *row_of(struct row_query q);

/* row_of_mnemonic: the row by uBPF mnemonic and width suffix; NULL if there is none.
 * in:     lock, fetch: the words before it
 * cost:   O(rows) */
const struct op_info *row_of_mnemonic(const char *s, size_t len, bool lock, bool fetch);

/* row_nearest: the mnemonic, or word of the kernel's syntax, that is most like s.
 * out:    false if none is near; else in buf, terminated
 * cost:   O(rows) */
bool row_nearest(const char *s, size_t len, char buf[32]);

/* text_distance: how many single-character edits lead from one to the other; swapped neighbours
 * count one.
 * out:    at most limit + 1, which a text above 31 characters always gives
 * cost:   O(a_len * b_len) */
unsigned text_distance(const char *a, size_t a_len, const char *b, size_t b_len, unsigned limit);

#endif
