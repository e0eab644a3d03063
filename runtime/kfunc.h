/* kfunc.h: the kernel functions that programs may call (CALL_KFUNC), as data: who may call them and
 * what a verifier must know of them. bpflab runs none of them; it names them.
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

/* kfunc_for: the function as programs of this type may call it. out: NULL for a name that Linux
 * does not know, or one that this type may not call
 * kfunc_find: the same whatever the type; tells an unknown name from a forbidden one.
 * cost: O(functions) */
const struct kfunc *kfunc_for(const char *name, uint32_t prog_type);
const struct kfunc *kfunc_find(const char *name);

#endif
