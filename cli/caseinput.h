/* caseinput.h: cases of the fuzzing harness, read from files and findings, and engines by a list of
 * names.
 */
#ifndef BPFLAB_CLI_CASEINPUT_H
#define BPFLAB_CLI_CASEINPUT_H

#include "cli/cli.h"
#include "fuzz/case_text.h"

enum {
    CASE_ENGINES = 6,
};

/* struct engine_list: of an option --engines. */
struct engine_list {
    char names[CASE_ENGINES][24];
    const char *name[CASE_ENGINES];
    uint32_t n;
};

/* engine_list_read: "jit,jit:arm64"; "none" and "interp" stand for none beside the interpreter.
 * in:  list: NULL: fallback
 * out: CLI_YES, or the status to end with, told already */
int engine_list_read(struct cli *c, const char *list, const char *fallback,
                     struct engine_list *out);

/* case_next_word: of a comma-separated list. out: false at its end */
bool case_next_word(const char **list, char *word, size_t size);

/* case_read: from a file, text or literal form, or a finding's directory (its case.bin).
 * out: CLI_YES, or the status to end with, told already; note may be NULL */
int case_read(struct cli *c, const char *path, struct fuzz_case *out, struct case_note *note);

#endif
