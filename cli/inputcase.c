#include "cli/inputcase.h"

#include <stdlib.h>

#include "fuzz/maps.h"

enum bpflab_err inputcase_new(const char *text, size_t n_bytes, bool big_endian,
                              struct inputcase **out, struct diag *d) {
    struct inputcase *const x = calloc(1, sizeof *x);
    enum bpflab_err err = x ? case_text_read(text, n_bytes, &x->c, &x->note, d)
                            : diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    if (!err && case_object_set(&x->object, &x->c, big_endian))
        err = diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    if (err)
        inputcase_free(x);
    else
        *out = x;
    return err;
}

void inputcase_free(struct inputcase *x) {
    if (x)
        case_object_fini(&x->object);
    free(x);
}

struct instance_input inputcase_input(struct inputcase *x) {
    struct instance_input input;
    stand_input_of(&x->c, 0, x->object.object.big_endian, &x->bytes, &input);
    return input;
}

enum bpflab_err inputcase_words(const struct inputcase *x, struct engine_session *s,
                                struct diag *d) {
    static const uint8_t key[4];
    int result;
    return engine_map_update(s, FUZZ_MAP_IN, key, x->bytes.words, MAP_ANY, &result, d);
}
