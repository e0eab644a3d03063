/* core_impl.h: what the files of CO-RE relocation share; nothing for callers.
 *
 *   core_target.c  the target's BTF: read, indexed by name; candidates of a name
 *   core_path.c    an access string becomes a path; a path is found again in a candidate
 *   core_match.c   when two types are compatible, and when they match
 *   core_value.c   a path answers a question
 *   core.c         one record: all candidates asked, the instruction patched
 */
#ifndef BPFLAB_LOADER_CORE_IMPL_H
#define BPFLAB_LOADER_CORE_IMPL_H

#include "loader/core.h"

enum {
    CORE_MAX_STEPS = 64, /* of a path; nesting of anonymous members */
    CORE_MAX_DEPTH = 32, /* of types that are compared: pointers, arrays, members, parameters */
};

/* CORE_FUEL: members, values and types that all records of one struct core may look at: hostile BTF
 * can nest types so that a search would never end. Some hundred times what the largest real objects
 * use. */
#define CORE_FUEL UINT64_C(50000000)

/* core_burn: use n of the fuel. out: false if there is not so much left */
static inline bool core_burn(uint64_t *fuel, uint64_t n) {
    if (*fuel < n)
        return false;
    *fuel -= n;
    return true;
}

/* struct core_name: a name without its flavour; borrowed. */
struct core_name {
    const char *text;
    size_t len;
};

/* core_name_of: what is before a flavour: "a" of "a___x". */
struct core_name core_name_of(const char *name);

static inline bool core_is_enum(uint32_t kind) {
    return kind == BTF_ENUM || kind == BTF_ENUM64;
}

static inline bool core_is_composite(uint32_t kind) {
    return kind == BTF_STRUCT || kind == BTF_UNION;
}

/* core_same_kind: equal, or both some enum. */
static inline bool core_same_kind(uint32_t a, uint32_t b) {
    return a == b || (core_is_enum(a) && core_is_enum(b));
}

/* core_type: the type behind typedefs and qualifiers; *id follows.
 * out: NULL for a chain without end */
const struct btf_type *core_type(const struct btf *b, uint32_t *id);

/* struct core_cand: a type of the target, which is one of several BTFs. */
struct core_cand {
    const struct btf *btf;
    uint32_t id;
    bool fits; /* it has what the record under way asks for */
};

/* core_target_find: all types of this name and kind (core_same_kind), in order of id; those of
 * modules only if the target itself has none.
 * out:    *cands malloc'ed, NULL if *n is 0
 * errors: NOMEM, core_target_btf's */
enum bpflab_err core_target_find(struct core_target *t, struct core_name name, uint32_t kind,
                                 struct core_cand **cands, uint32_t *n, struct diag *d);

/* struct core_step: a turning point of a path: a named member or an array element. */
struct core_step {
    uint32_t type;    /* of the struct or union; of the element */
    uint32_t index;   /* of the member or element */
    const char *name; /* NULL: an element */
};

/* struct core_path: where a record points in one BTF; an enumerator is one step, a type none. */
struct core_path {
    const struct btf *btf;
    uint32_t root; /* as recorded: typedefs not followed */
    uint32_t n_steps;
    uint64_t off_bits;
    struct core_step steps[CORE_MAX_STEPS];
};

/* core_path_parse: the path of a record in its own BTF.
 * out:    *why: a constant sentence on failure
 * errors: FORMAT, UNSUPPORTED */
enum bpflab_err core_path_parse(const struct btf *b, const struct core_reloc *r,
                                struct core_path *out, const char **why);

/* core_path_find: the same path in a candidate.
 * out:    *found: it is there; then *out
 * errors: FORMAT (types nested without end), UNSUPPORTED (fuel, depth) */
enum bpflab_err core_path_find(const struct core_path *local, uint32_t kind, struct core_cand cand,
                               uint64_t *fuel, bool *found, struct core_path *out,
                               const char **why);

/* Three relations between a local type a and the target's b, from loose to strict:
 *
 *   core_field_compatible   may a field of type a be read as one of b?
 *   core_type_compatible    TYPE_EXISTS, TYPE_SIZE: same kinds all the way down; names ignored
 *   core_type_matches       TYPE_MATCHES: names, sizes and members agree
 *
 * errors: UNSUPPORTED (fuel, depth), FORMAT */
enum bpflab_err core_field_compatible(const struct btf *local, uint32_t a, const struct btf *target,
                                      uint32_t b, bool *yes);
enum bpflab_err core_type_compatible(const struct btf *local, uint32_t a, const struct btf *target,
                                     uint32_t b, uint64_t *fuel, bool *yes);
enum bpflab_err core_type_matches(const struct btf *local, uint32_t a, const struct btf *target,
                                  uint32_t b, uint64_t *fuel, bool *yes);

/* struct core_value: the answer to a record's question. */
struct core_value {
    uint64_t value;
    const char *poison; /* not NULL: no answer, and why */
    bool exact;         /* the compiler must have put this very value into the instruction */
    bool plain_enum;    /* from a 32-bit enum not marked signed: older compilers sign-extend it */
    uint32_t mem_bytes; /* byte offsets: size of the field, or of an array's element; else 0 */
    uint32_t mem_type;  /* its type, 0 if mem_bytes is */
};

/* core_value_of: the answer at the end of a path.
 * in:     path: NULL if the target has no such thing
 * errors: FORMAT, UNSUPPORTED */
enum bpflab_err core_value_of(uint32_t kind, const struct core_path *path, struct core_value *out,
                              const char **why);

#endif
