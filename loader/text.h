/* text.h: telling input forms apart by content, and reading the textual ones.
 *
 * A conformance case (.data) has sections opened by a line with "--": asm, mem, raw, result,
 * error; "#" comments;
 * unknown sections are ignored.
 */
#ifndef BPFLAB_LOADER_TEXT_H
#define BPFLAB_LOADER_TEXT_H

#include "loader/object.h"

enum input_form {
    INPUT_ELF,
    INPUT_RAW, /* little-endian instructions */
    INPUT_ASM,
    INPUT_CASE, /* conformance case */
    INPUT_HEX,  /* hex digits and white space */
};

/* input_form_of: by content alone. cost: O(size) */
enum input_form input_form_of(const uint8_t *bytes, size_t size_bytes);

/* struct conf_case: a conformance case. */
struct conf_case {
    struct insn *insns; /* from asm or raw */
    uint32_t n_insns;
    uint8_t *mem;
    size_t mem_bytes;
    bool has_result;
    uint64_t result;
    char *error; /* expected message, or NULL */
};

/* conf_case_parse: errors: SYNTAX with line and column. conf_case_fini frees. */
enum bpflab_err conf_case_parse(const char *text, size_t n_bytes, struct conf_case *out,
                                struct diag *d);
void conf_case_fini(struct conf_case *c);

/* hex_parse: hex digits with white space between bytes into bytes (malloc'ed). errors: SYNTAX
 * with column, NOMEM */
enum bpflab_err hex_parse(const char *text, size_t n_chars, uint8_t **bytes, size_t *n_bytes,
                          struct diag *d);

#endif
