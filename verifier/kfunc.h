/* kfunc.h: kernel functions, and what they share with helpers: dynptrs, iterators, typed pointers.
 */
#ifndef BPFLAB_VERIFIER_KFUNC_H
#define BPFLAB_VERIFIER_KFUNC_H

#include "verifier/step.h"

/* ---- dynptr.c ---- */

/* dynptr_arg_init: register r points to an initialised dynptr (of this kind; DYNPTR_NONE: any).
 * rdonly: the function does not change the dynptr itself, so a dynptr in a register will do too.
 * out: false: rejected */
bool dynptr_arg_init(struct step *s, uint32_t r, enum dynptr_kind kind, bool rdonly);

/* dynptr_arg_make: register r points to stack for a new dynptr, which is made there. ref: the
 * reference that it holds, 0: none. out: false: rejected */
bool dynptr_arg_make(struct step *s, uint32_t r, enum dynptr_kind kind, uint32_t ref);

/* dynptr_arg_end: register r points to a dynptr on the stack that holds a reference: it ends, with
 * all slices and clones. out: false: rejected */
bool dynptr_arg_end(struct step *s, uint32_t r);

/* dynptr_of: the dynptr that register r points to, after dynptr_arg_init. */
const struct reg *dynptr_of(struct step *s, uint32_t r);

/* ---- step_btf.c ---- */

/* btf_arg_fits: register r is a pointer to a kernel object of type btf_id (or what begins with it).
 * out: false: rejected */
bool btf_arg_fits(struct step *s, uint32_t r, uint32_t btf_id, bool trusted, bool null_ok);

/* btf_kernel_struct: the kernel's struct of that name, 0 if it is not known. */
uint32_t btf_kernel_struct(const struct subject *sub, const char *name);

/* btf_special: the special field of this kind in the program's struct btf_id: at offset off, or the
 * first (off < 0). out: NULL if there is none */
const struct special_field *btf_special(const struct subject *sub, uint32_t btf_id,
                                        enum special_kind kind, int64_t off);

/* kptr_dest: register r points to where a kernel pointer is kept (bpf_kptr_xchg). out: false:
 * rejected; *field: which. kptr_fits: register r may be put there. */
bool kptr_dest(struct step *s, uint32_t r, const struct special_field **field);
bool kptr_fits(struct step *s, uint32_t r, const struct special_field *field);

/* kptr_give: the reference ref was put there: it is not the program's any more. Per-CPU objects
 * live on while the RCU section lasts. out: false: it was not held */
bool kptr_give(struct step *s, uint32_t ref);

/* btf_of: the BTF that the type of r, a REG_BTF, is in; NULL if it is not known.
 * btf_trusted: is the object sure to be there while the program holds r?
 * btf_in_rcu: is the step inside of an RCU section, be it the program's own? */
const struct btf *btf_of(const struct subject *sub, const struct reg *r);
bool btf_trusted(const struct reg *r);
bool btf_in_rcu(const struct step *s);

/* kfunc_in_tree_callback: does the current function run inside of a comparison of tree nodes? */
bool kfunc_in_tree_callback(const struct step *s);

/* btf_forget_non_owning: non-owning references end where the lock that protects them does. */
void btf_forget_non_owning(struct step *s);

#endif
