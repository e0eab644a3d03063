/* btf_names.h: types of a BTF by name, and the tags of a type, without a search for each: programs
 * come with types of anyone's making, and a kernel's BTF has 150,000.
 */
#ifndef BPFLAB_VERIFIER_BTF_NAMES_H
#define BPFLAB_VERIFIER_BTF_NAMES_H

#include "isa/btf.h"

/* struct btf_names: a hash table of names, each with its first type. */
struct btf_names {
    const struct btf *btf;
    struct btf_name *entries; /* owned */
    uint32_t mask;            /* entries - 1 */
};

struct btf_name {
    uint32_t id;      /* 0: empty */
    uint32_t n_types; /* of this kind and name */
};

/* btf_names_init: all structs, unions, functions, typedefs and variables of btf.
 * errors: NOMEM      cost: O(types) */
enum bpflab_err btf_names_init(struct btf_names *n, const struct btf *btf);
void btf_names_fini(struct btf_names *n);

/* btf_names_find: the type of this kind and name with the least id; n_bytes of name count.
 * out: 0: there is none. *n_found: how many there are      cost: O(1) on average */
uint32_t btf_names_find(const struct btf_names *n, enum btf_kind kind, const char *name,
                        size_t n_bytes, uint32_t *n_found);

/* struct btf_tags: declaration tags, by what they are attached to. */
struct btf_tags {
    const struct btf *btf;
    uint32_t *first; /* owned; those of type id are ids[first[id]] to ids[first[id + 1] - 1] */
    uint32_t *ids;   /* owned */
};

enum {
    BTF_TAG_TYPE = -1 /* component: the type itself, not one of its members or parameters */
};

enum bpflab_err btf_tags_init(struct btf_tags *t, const struct btf *btf);
void btf_tags_fini(struct btf_tags *t);

/* btf_tags_next: the next tag of the type and component whose text starts with prefix.
 * in:  *at: 0 at first; kept between calls       out: the text behind the prefix, or NULL */
const char *btf_tags_next(const struct btf_tags *t, uint32_t type, int32_t component,
                          const char *prefix, uint32_t *at);

#endif
