/* refs.c: what the program holds and must give back. */
#include <stdlib.h>
#include <string.h>

#include "verifier/state.h"

enum {
    FIRST_CAP = 4
};

enum bpflab_err state_ref_add(struct state *st, struct ref ref) {
    if (st->n_refs == st->refs_cap) {
        const uint32_t cap = st->refs_cap ? 2 * st->refs_cap : FIRST_CAP;
        struct ref *grown = realloc(st->refs, cap * sizeof *grown);
        if (!grown)
            return BPFLAB_E_NOMEM;
        st->refs = grown;
        st->refs_cap = cap;
    }
    st->refs[st->n_refs++] = ref;
    return BPFLAB_OK;
}

struct ref *state_ref_find(const struct state *st, enum ref_kind kind, uint32_t id) {
    for (uint32_t i = 0; i < st->n_refs; i++)
        if (st->refs[i].kind == (uint32_t)kind && st->refs[i].id == id)
            return &st->refs[i];
    return NULL;
}

/* The order of acquisition is kept: locks and interrupt flags are given back last first. */
bool state_ref_drop(struct state *st, enum ref_kind kind, uint32_t id) {
    struct ref *ref = state_ref_find(st, kind, id);
    if (!ref)
        return false;
    const size_t behind = (size_t)(st->refs + st->n_refs - (ref + 1));
    memmove(ref, ref + 1, behind * sizeof *ref);
    st->n_refs--;
    return true;
}

const struct ref *state_lock(const struct state *st) {
    for (uint32_t i = st->n_refs; i-- > 0;)
        if (st->refs[i].kind == REF_LOCK)
            return &st->refs[i];
    return NULL;
}
