/* btf.h: BTF, the types a program carries, read from untrusted bytes in either byte order.
 *
 * btf_parse checks every header, offset, length, type id, name and member once; afterwards the
 * accessors cannot fail on ids and offsets that came from the same BTF. Types are converted to host
 * order. Id 0 is void. A split BTF continues the ids and strings of a base.
 *
 * What is not promised: that types make sense. A typedef may name itself and a struct contain
 * itself, so whoever follows type ids bounds the steps (btf_strip and btf_size do).
 * source: Linux Documentation/bpf/btf.rst
 */
#ifndef BPFLAB_ISA_BTF_H
#define BPFLAB_ISA_BTF_H

#include "isa/err.h"

#include <stdbool.h>
#include <stddef.h>

enum btf_kind {
    BTF_VOID,
    BTF_INT,
    BTF_PTR,
    BTF_ARRAY,
    BTF_STRUCT,
    BTF_UNION,
    BTF_ENUM,
    BTF_FWD,
    BTF_TYPEDEF,
    BTF_VOLATILE,
    BTF_CONST,
    BTF_RESTRICT,
    BTF_FUNC,
    BTF_FUNC_PROTO,
    BTF_VAR,
    BTF_DATASEC,
    BTF_FLOAT,
    BTF_DECL_TAG,
    BTF_TYPE_TAG,
    BTF_ENUM64,
    N_BTF_KINDS,
};

/* struct btf_type: one type. Which of the fields mean something depends on kind. */
struct btf_type {
    uint8_t kind;       /* enum btf_kind */
    bool kflag;         /* struct, union: bit-field sizes in members; enum: signed; fwd: union */
    uint16_t n_members; /* members, parameters, values or variables; array: 1; other kinds: 0 */
    uint32_t name_off;
    uint32_t size_or_type; /* bytes, or the id referred to */
    uint32_t first; /* index of its first btf_member, or its one extra word (int, var, tag) */
};

/* struct btf_member: a member, parameter, enumerator, or variable of a section. */
struct btf_member {
    uint32_t name_off;
    /* id; enumerators: 0; arrays: of the element */
    uint32_t type;
    /* struct, union; datasec: offset in bytes (0 until linked: see the symbols) */
    uint32_t off_bits;
    /* of a bit-field, else 0; datasec: size in bytes; arrays: id of the index type */
    uint32_t size_bits;
    /* enumerators; arrays: number of elements. A 32-bit enumerator is sign-extended if its enum has
     * kflag, else zero-extended; a 64-bit one holds the 64 bits */
    int64_t value;
};

struct btf; /* opaque */

/* btf_parse: read a .BTF section.
 * in:     bytes are copied; base: NULL, or the BTF this one extends, borrowed for the result's life
 * out:    *out, for btf_free
 * errors: NOMEM, FORMAT, RANGE, TRUNCATED, ALIGN, RESERVED, TYPE, UNSUPPORTED (an unknown kind:
 *         later types cannot be found); d has offset and reason
 * cost:   O(size) */
enum bpflab_err btf_parse(const uint8_t *bytes, size_t size_bytes, const struct btf *base,
                          struct btf **out, struct diag *d);
void btf_free(struct btf *b);

/* btf_n_types: ids below this are valid, 0 (void) included. */
uint32_t btf_n_types(const struct btf *b);

/* btf_first_id: ids from here on are b's own; those below, void and the base's. */
uint32_t btf_first_id(const struct btf *b);
bool btf_big_endian(const struct btf *b);

/* btf_ptr_bytes: size of a pointer: the size of "long" if the BTF has one of 4 or 8, else 8. */
uint32_t btf_ptr_bytes(const struct btf *b);

/* btf_kind_name: "struct", "func_proto"...; "unknown" for a value that is no kind. */
const char *btf_kind_name(uint32_t kind);

/* btf_type_at: NULL if id is out of range. */
const struct btf_type *btf_type_at(const struct btf *b, uint32_t id);

/* btf_members: n_members entries of a composite type; for ARRAY one entry. */
const struct btf_member *btf_members(const struct btf *b, const struct btf_type *t);

/* btf_string: the string at off, "" if out of range. Never NULL. */
const char *btf_string(const struct btf *b, uint32_t off);

/* enum btf_int_flag: bits of btf_int_encoding. */
enum btf_int_flag {
    BTF_INT_SIGNED = 1,
    BTF_INT_CHAR = 2,
    BTF_INT_BOOL = 4,
};

/* btf_int_bits, btf_int_off, btf_int_encoding: of a BTF_INT; 0 for other kinds.
 * Encoding: a set of enum btf_int_flag. */
uint32_t btf_int_bits(const struct btf *b, const struct btf_type *t);
uint32_t btf_int_off(const struct btf *b, const struct btf_type *t);
uint32_t btf_int_encoding(const struct btf *b, const struct btf_type *t);

/* btf_extra: the extra word, 0 for other kinds.
 *   VAR, FUNC   linkage: 0 static, 1 global, 2 extern
 *   DECL_TAG    component index */
uint32_t btf_extra(const struct btf *b, const struct btf_type *t);

/* enum btf_linkage: btf_extra of VAR and FUNC. Visibility is not in it: of a hidden symbol it says
 * global. */
enum btf_linkage {
    BTF_STATIC,
    BTF_GLOBAL,
    BTF_EXTERN,
};

/* BTF_TAG_ITSELF: the component of a decl tag that is about a type itself, not about one of its
 * members or parameters. */
enum {
    BTF_TAG_ITSELF = -1
};

/* btf_tag: the decl tags of a type, or of one of its members or parameters, one after the other.
 *
 *     for (uint32_t id = 0; (id = btf_tag(b, func, 0, id));)    all of func's first parameter
 *         use(btf_string(b, btf_type_at(b, id)->name_off));     "arg:nonnull"
 *
 * in:   component: index of the member or parameter, or BTF_TAG_ITSELF; after: the tag before, 0 to
 *       begin
 * out:  id of the next DECL_TAG, in order; 0 if there is none
 * cost: O(log tags) */
uint32_t btf_tag(const struct btf *b, uint32_t type, int32_t component, uint32_t after);

/* btf_strip: follow typedef, const, volatile, restrict and type tags.
 * out:    id of the first other type; 0 if id is out of range, or for a chain longer than 64 */
uint32_t btf_strip(const struct btf *b, uint32_t id);

/* btf_size: bytes of a type, arrays multiplied out; -1 if it has none or it exceeds 2^32 - 1. */
int64_t btf_size(const struct btf *b, uint32_t id);

/* btf_find: id of the first type of this kind and name at or after from; 0 if there is none.
 * cost:   O(types) */
uint32_t btf_find(const struct btf *b, enum btf_kind kind, const char *name, uint32_t from);

#endif
