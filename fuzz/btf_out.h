/* btf_out.h: a section .BTF, written type by type. Types get their ids in order, from 1; a type
 * with members is followed by as many of them as it announced.
 * source: Linux Documentation/bpf/btf.rst
 */
#ifndef BPFLAB_FUZZ_BTF_OUT_H
#define BPFLAB_FUZZ_BTF_OUT_H

#include "fuzz/blob.h"
#include "isa/btf.h"

struct btf_out {
    struct blob types, strings;
    uint32_t last; /* id */
};

void btf_out_init(struct btf_out *b, bool big_endian);

/* Each: out: the type's id. name "": none. */
uint32_t btf_out_int(struct btf_out *b, const char *name, uint32_t n_bytes);
uint32_t btf_out_ptr(struct btf_out *b, uint32_t to);
uint32_t btf_out_array(struct btf_out *b, uint32_t element, uint32_t index, uint32_t n);
uint32_t btf_out_struct(struct btf_out *b, const char *name, uint32_t n_bytes, uint32_t n_members);
uint32_t btf_out_proto(struct btf_out *b, uint32_t ret, uint32_t n_params);
uint32_t btf_out_func(struct btf_out *b, const char *name, uint32_t proto, uint32_t linkage);
uint32_t btf_out_var(struct btf_out *b, const char *name, uint32_t type, uint32_t linkage);
uint32_t btf_out_datasec(struct btf_out *b, const char *name, uint32_t n_bytes, uint32_t n_vars);

/* What follows a struct, a prototype, a section of variables. */
void btf_out_member(struct btf_out *b, const char *name, uint32_t type, uint32_t off_bytes);
void btf_out_param(struct btf_out *b, const char *name, uint32_t type);
void btf_out_var_at(struct btf_out *b, uint32_t var, uint32_t off_bytes, uint32_t n_bytes);

/* btf_out_finish: the section's bytes behind what is in out; b is empty then. */
void btf_out_finish(struct btf_out *b, struct blob *out);

#endif
