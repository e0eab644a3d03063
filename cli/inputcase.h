/* inputcase.h: a fuzz case's text (fuzz/case_text.h) as a verb's input: programs prog0, prog1, ...
 * beside the standard maps.
 */
#ifndef BPFLAB_CLI_INPUTCASE_H
#define BPFLAB_CLI_INPUTCASE_H

#include "engine/engine.h"
#include "fuzz/case_text.h"
#include "fuzz/stand.h"

struct inputcase {
    struct fuzz_case c;
    struct case_note note;
    struct case_object object; /* all that prog arrays may hold: more programs than the case has */
    struct stand_bytes bytes;
};

/* inputcase_new: read the text, for a machine of this byte order.
 * out:    *out, for inputcase_free
 * errors: those of case_text_read */
enum bpflab_err inputcase_new(const char *text, size_t n_bytes, bool big_endian,
                              struct inputcase **out, struct diag *d);
void inputcase_free(struct inputcase *x);

/* inputcase_input: the case's first input, as engine_prepare takes it.
 * inputcase_words: and its words, in the map that programs find them in.
 * errors: those of engine_map_update */
struct instance_input inputcase_input(struct inputcase *x);
enum bpflab_err inputcase_words(const struct inputcase *x, struct engine_session *s,
                                struct diag *d);

#endif
