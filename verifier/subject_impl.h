/* subject_impl.h: what the files that make a subject share.
 *
 * Each pass reads what the earlier ones left, in this order:
 *     subject_funcs.c   where functions start; jumps stay inside of them; who calls whom
 *     subject_insns.c   every instruction is one
 *     subject_btf.c     functions' arguments and results, from their types
 *     subject_fields.c  locks, timers, kernel pointers ... inside of map values and objects
 *     subject_maps.c    may the program use its maps?
 *     subject_hook.c    what the program is attached to: its arguments, what it may return
 *     subject_kfunc.c   the kernel functions that it calls, and their arguments
 *     cfg.c             everything is reached; prune points; loops
 *     live.c            registers that are read later
 * subject_stack.c runs after exploration.
 */
#ifndef BPFLAB_VERIFIER_SUBJECT_IMPL_H
#define BPFLAB_VERIFIER_SUBJECT_IMPL_H

#include "verifier/btf_names.h"
#include "verifier/subject.h"

enum {
    SUBJECT_MAX_SUBPROGS = 256,
    SUBJECT_MAX_INSNS_UNPRIVILEGED = 4096,
};

enum call_kind {
    CALL_DIRECT,
    CALL_ADDRESS, /* its address is taken: it is called back */
    CALL_THROW,   /* bpf_throw; callee is none */
};

struct call_edge {
    uint32_t pc, caller, callee;
    enum call_kind kind;
};

struct subject_store {
    struct subject_block *blocks, *scratch;
    /* in order of pc, thus of caller; those of function f are [first_call[f], first_call[f + 1]) */
    struct call_edge *calls;
    uint32_t n_calls;
    uint32_t *first_call;
    uint32_t *extern_at; /* n_insns: index into prog->externs, plus 1; NULL without externs */
    const struct kfunc **kfuncs; /* of each extern; NULL: not one, or unknown */
    const struct btf *kernel;    /* subject_kernel; once kernel_asked */
    bool kernel_asked;
    struct btf_names kernel_names; /* of the kernel's BTF: made when first asked for */
};

/* subject_alloc: n zeroed elements that live as long as the subject; subject_scratch: until it is
 * made. out: NULL: out of memory */
void *subject_alloc(struct subject *s, size_t n, size_t element_bytes);
void *subject_scratch(struct subject *s, size_t n, size_t element_bytes);

/* struct subject_types: the program's BTF, prepared for looking things up, while the subject is
 * made. btf: NULL: the program has none. */
struct subject_types {
    const struct btf *btf;
    struct btf_names names;
    struct btf_tags tags;
};

/* subject_kernel_type: the kernel's type of this kind and name. *n: how many there are.
 * out: false: *err */
bool subject_kernel_type(const struct subject *s, enum btf_kind kind, const char *name,
                         size_t n_bytes, uint32_t *id, uint32_t *n, enum bpflab_err *err);

/* subject_is_ctx: is a pointer to this type of btf one to the program's context? */
bool subject_is_ctx(const struct subject *s, const struct btf *btf, uint32_t pointee);

/* The passes. out: false: rejected (rep), or *err. */
bool subject_find_funcs(struct subject *s, struct report *rep, enum bpflab_err *err);
bool subject_check_insns(const struct subject *s, struct report *rep);
bool subject_read_types(struct subject *s, struct report *rep, enum bpflab_err *err);
bool subject_find_fields(struct subject *s, struct subject_types *t, enum bpflab_err *err);
bool subject_check_maps(struct subject *s, struct report *rep);
bool subject_find_hook(struct subject *s, struct report *rep);
bool subject_find_kfuncs(struct subject *s, enum bpflab_err *err);

/* subject_merge_effects: what a function does through those it calls. */
void subject_merge_effects(struct subject *s);

/* subject_target: where the jump, local call or code address at pc leads. */
static inline int64_t subject_target(const struct subject *s, uint32_t pc) {
    const struct insn in = s->prog->insns[pc];
    if (s->ops[pc] == OP_LDDW_CODE)
        return (int64_t)pc + 1 + in.imm;
    return (int64_t)pc + 1 + insn_jump(s->ops[pc], in);
}

/* subject_callback: what the helper or kernel function called at pc calls back; NULL: nothing. */
const struct callback_proto *subject_callback(const struct subject *s, uint32_t pc);

#endif
