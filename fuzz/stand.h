/* stand.h: where cases are tried: a verifier, the interpreter, and other engines, with worlds and
 * the standard maps made once, so that cases come and go at the cost of their instructions.
 *
 * Only one world can lie at its fixed address, where generated code wants it: that is native
 * code's; the interpreter's lies anywhere. All of a stand has one byte order: engines of the other
 * one stand on another.
 */
#ifndef BPFLAB_FUZZ_STAND_H
#define BPFLAB_FUZZ_STAND_H

#include "engine/engine.h"
#include "fuzz/case.h"

enum {
    STAND_ENGINES = 6, /* beside the interpreter */
    STAND_FORMS = 5,
};

/* struct stand_form: how an engine makes code. */
struct stand_form {
    const char *name;
    struct engine_options opt;
};

/* stand_forms: shape: STAND_FORMS. */
extern const struct stand_form stand_forms[STAND_FORMS];

/* struct stand_bytes: an input's words as memory. */
struct stand_bytes {
    uint8_t words[8 * CASE_WORDS];
    uint8_t ctx[WORLD_CTX_BYTES]; /* a context without fields: the words, and zeros */
};

struct stand {
    struct engine_session *interp;
    struct engine_session *engine[STAND_ENGINES];
    uint32_t n_engines;
    struct executors *executors;
    bool big_endian;
    struct case_object object; /* of the case now on the stand */
    const struct fuzz_case *c;
    struct stand_bytes bytes; /* of the input last put in place */
};

/* struct stand_options: names: engines beside the interpreter ("jit", "jit:arm64"); contained:
 * native code runs in an executor. */
struct stand_options {
    const char *const *names;
    uint32_t n_names;
    bool contained;
    bool big_endian;
};

/* stand_new: in: opt is borrowed for the call
 * out:    *out, for stand_free
 * errors: those of engine_find and engine_open; d->text begins with the engine's name */
enum bpflab_err stand_new(const struct stand_options *opt, struct stand **out, struct diag *d);
void stand_free(struct stand *s);

/* stand_put: a case on the stand: in its object; programs are not ready to run yet.
 * errors: NOMEM      cost: O(instructions) */
enum bpflab_err stand_put(struct stand *s, const struct fuzz_case *c);

/* stand_ready: make the programs ready on an engine (NULL: the interpreter), its world as at the
 * beginning.
 * in:     facts: of each program, or NULL; form may be NULL for the interpreter
 * errors: those of engine_swap */
enum bpflab_err stand_ready(struct stand *s, struct engine_session *e,
                            const struct stand_form *form, const struct facts *const *facts,
                            struct diag *d);

/* stand_input_of: an input of a case, for a machine of this byte order: what engine_prepare takes,
 * and in bytes->words element 0 of map 0.
 * out:    *bytes, which *out leads into; *out */
void stand_input_of(const struct fuzz_case *c, uint32_t index, bool big_endian,
                    struct stand_bytes *bytes, struct instance_input *out);

/* stand_input: put an input in place for program 0, in the engine's world as the run before left
 * it: the input's words, packet and seed.
 * errors: those of engine_prepare and engine_map_update */
enum bpflab_err stand_input(struct stand *s, struct engine_session *e, uint32_t index,
                            uint64_t fuel, struct diag *d);

#endif
