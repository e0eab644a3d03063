/* text.h: telling input forms apart by content, and reading the textual ones.
 *
 * A conformance case (.data) has sections, each opened by a line that begins with "--"; "#" begins
 * a comment; sections of other names are skipped:
 *
 *   -- asm      assembly text, uBPF's or the kernel's
 *   -- raw      instead of it, one instruction a line as a 64-bit number in hex
 *   -- mem      the memory that r1 points to, hex bytes
 *   -- result   what r0 is at the end
 *   -- error    a line of the message that is expected instead
 */
#ifndef BPFLAB_LOADER_TEXT_H
#define BPFLAB_LOADER_TEXT_H

#include "loader/object.h"

/* enum input_form: what a file may be. */
enum input_form {
    INPUT_ELF,
    INPUT_RAW, /* little-endian instructions */
    INPUT_ASM,
    INPUT_CASE, /* conformance case */
    INPUT_HEX,  /* hex digits and white space */
    INPUT_FUZZ, /* fuzz case: its first section is named case (fuzz/case_text.h reads it) */
};

/* input_form_of: by content alone.
 * cost: O(size) */
enum input_form input_form_of(const uint8_t *bytes, size_t size_bytes);

/* struct conf_case: a conformance case. */
struct conf_case {
    struct insn *insns; /* from asm or raw */
    uint32_t n_insns;
    uint8_t *mem; /* never NULL, but may be empty */
    size_t mem_bytes;
    bool has_result;
    uint64_t result;
    char *error; /* expected message, or NULL */
};

/* conf_case_parse: read a case; conf_case_fini frees it.
 * out:    *out; empty on error
 * errors: SYNTAX with line and column, asm_parse's, NOMEM */
enum bpflab_err conf_case_parse(const char *text, size_t n_bytes, struct conf_case *out,
                                struct diag *d);
void conf_case_fini(struct conf_case *c);

/* hex_parse: hex digits, with white space between bytes, into bytes.
 * out:    *bytes malloc'ed, never NULL
 * errors: SYNTAX with line and column, NOMEM */
enum bpflab_err hex_parse(const char *text, size_t n_chars, uint8_t **bytes, size_t *n_bytes,
                          struct diag *d);

#endif
