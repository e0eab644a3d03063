/* kfunc.h: the kernel functions that programs may call (CALL_KFUNC), as data: who may call them,
 * their prototypes, and what a verifier must know of them.
 */
#ifndef BPFLAB_RUNTIME_KFUNC_H
#define BPFLAB_RUNTIME_KFUNC_H

#include <stdbool.h>
#include <stdint.h>

/* What the flags mean: runtime/kfunc.def. */
enum kfunc_flag {
    KFUNC_F_ACQUIRE = 1 << 0,
    KFUNC_F_RELEASE = 1 << 1,
    KFUNC_F_RET_NULL = 1 << 2,
    KFUNC_F_TRUSTED = 1 << 3,
    KFUNC_F_RCU = 1 << 4,
    KFUNC_F_SLEEPS = 1 << 5,
    KFUNC_F_DESTRUCTIVE = 1 << 6,
    KFUNC_F_ITER_NEW = 1 << 7,
    KFUNC_F_ITER_NEXT = 1 << 8,
    KFUNC_F_ITER_DESTROY = 1 << 9,
    KFUNC_F_RCU_PROTECTED = 1 << 10,
    KFUNC_F_LIMIT = 1 << 11,
};

struct kfunc {
    const char *name; /* "bpf_dynptr_from_skb" */
    const char *set;  /* "skb" */
    uint16_t flags;   /* enum kfunc_flag */
};

/* kfunc_for: the function as programs of this type may call it.
 * kfunc_find: the same whatever the type; tells an unknown name from a forbidden one.
 * out:  NULL for a name that Linux does not know, or one that this type may not call
 * cost: O(functions) */
const struct kfunc *kfunc_for(const char *name, uint32_t prog_type);
const struct kfunc *kfunc_find(const char *name);

/* What the types of arguments and results mean: runtime/kfuncproto.def. */
enum kfunc_arg_type {
    KFUNC_ARG_NONE,
    KFUNC_ARG_NUM,
    KFUNC_ARG_CONST,
    KFUNC_ARG_IGN,
    KFUNC_ARG_CTX,
    KFUNC_ARG_MAP,
    KFUNC_ARG_FUNC,
    KFUNC_ARG_DYNPTR,
    KFUNC_ARG_DYNPTR_NEW,
    KFUNC_ARG_ITER,
    KFUNC_ARG_OWNED,
    KFUNC_ARG_KPTR,
    KFUNC_ARG_LIST,
    KFUNC_ARG_LIST_NODE,
    KFUNC_ARG_TREE,
    KFUNC_ARG_TREE_NODE,
    KFUNC_ARG_WQ,
    KFUNC_ARG_STR,
    KFUNC_ARG_BTF,
    KFUNC_ARG_FIXED,
    KFUNC_ARG_BUF,
    KFUNC_ARG_SIZE,
    KFUNC_ARG_CSIZE,
    N_KFUNC_ARG_TYPES,
};

enum kfunc_ret_type {
    KFUNC_RET_VOID,
    KFUNC_RET_NUM,
    KFUNC_RET_MEM,
    KFUNC_RET_MEM_RW,
    KFUNC_RET_SLICE,
    KFUNC_RET_SLICE_RW,
    KFUNC_RET_NEW,
    KFUNC_RET_SAME,
    KFUNC_RET_NODE,
    KFUNC_RET_BTF,
    KFUNC_RET_KERN_CTX,
    KFUNC_RET_CAST,
    N_KFUNC_RET_TYPES,
};

enum kfunc_effect {
    KFUNC_EFFECT_NONE,
    KFUNC_EFFECT_RCU_LOCK,
    KFUNC_EFFECT_RCU_UNLOCK,
    KFUNC_EFFECT_PREEMPT_OFF,
    KFUNC_EFFECT_PREEMPT_ON,
    KFUNC_EFFECT_THROW,
};

struct kfunc_arg {
    uint8_t type;         /* enum kfunc_arg_type */
    bool null;            /* may be NULL */
    uint16_t bytes;       /* ITER, FIXED */
    const char *btf_type; /* BTF, ITER: "task_struct" */
};

struct kfunc_proto {
    const char *name;
    bool implemented; /* by runtime/kfunc */
    uint8_t effect;   /* enum kfunc_effect */
    uint8_t n_args;
    struct {
        uint8_t type;         /* enum kfunc_ret_type */
        uint16_t bytes;       /* NUM, MEM, MEM_RW */
        const char *btf_type; /* BTF */
    } ret;
    struct kfunc_arg arg[5];
};

/* kfunc_proto_of: a function's prototype.
 * out:  NULL for a name without a row
 * cost: O(functions) */
const struct kfunc_proto *kfunc_proto_of(const char *name);

#endif
