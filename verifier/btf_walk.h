/* btf_walk.h: what is at an offset of a struct, by its type: nested structs, arrays, unions,
 * bit-fields, arrays without an end.
 */
#ifndef BPFLAB_VERIFIER_BTF_WALK_H
#define BPFLAB_VERIFIER_BTF_WALK_H

#include "isa/btf.h"
#include "verifier/reg.h"

enum walk_found {
    WALK_NOTHING, /* words says why */
    WALK_SCALAR,
    WALK_STRUCT,  /* a nested struct starts there: btf_id */
    WALK_POINTER, /* to a struct: btf_id, flags, field */
    WALK_LEAF,    /* a pointer to anything else */
};

struct walk {
    const struct btf *btf;
    bool past_end; /* an array without an end may follow the struct */
    /* results */
    uint32_t btf_id;
    uint16_t flags;    /* REG_F_USER, PERCPU, RCU: of the pointer's tag; UNTRUSTED: in a union */
    const char *field; /* the pointer's name */
    char words[200];   /* WALK_NOTHING: as Linux says it */
};

/* btf_walk: n_bytes at off in the struct id, as deep as the first nested struct that starts there.
 * btf_walk_down: the same, down to what is no struct.
 * in:   off >= 0; w->btf, past_end set; w->flags: those that are known already
 * cost: O(members passed) */
enum walk_found btf_walk(struct walk *w, uint32_t id, uint32_t off, uint32_t n_bytes);
enum walk_found btf_walk_down(struct walk *w, uint32_t id, uint32_t off, uint32_t n_bytes);

/* btf_holds: is there a struct `wanted` at off in struct id, or is it the struct itself? Both in
 * btf. exactly: only the struct itself counts.
 * btf_type_name: the name of a type, "" if it has none. */
bool btf_holds(const struct btf *btf, uint32_t id, int64_t off, uint32_t wanted, bool exactly,
               bool past_end);
const char *btf_type_name(const struct btf *btf, uint32_t id);

#endif
