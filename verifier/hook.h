/* hook.h: arguments of the functions that programs attach to, where their types do not say all.
 */
#ifndef BPFLAB_VERIFIER_HOOK_H
#define BPFLAB_VERIFIER_HOOK_H

#include "verifier/subject.h"

enum hook_arg_flag {
    HOOK_ARG_OBJECT = 1 << 0,  /* an object, or NULL */
    HOOK_ARG_TRUSTED = 1 << 1, /* which is trusted */
    HOOK_ARG_BUF = 1 << 2, /* a buffer whose size is known when the program is attached, or NULL */
    HOOK_ARG_RDONLY = 1 << 3,
    HOOK_ARG_NULL = 1 << 4,  /* may be NULL */
    HOOK_ARG_ERROR = 1 << 5, /* may be an error number: not to be used as a pointer */
};

/* hook_arg_flags: of argument arg (0: the first that the context has) of what the program is
 * attached to. out: a set of enum hook_arg_flag, 0 for an ordinary one */
uint32_t hook_arg_flags(const struct subject *s, uint32_t arg);

/* hook_allows_helper: may helpers that only certain hooks may call be called here? For those with
 * HELPER_F_LIMIT. */
bool hook_allows_helper(const struct subject *s, uint32_t helper);

/* hook_allows_write: may programs that are attached here write n_bytes at off of the kernel's
 * struct btf_id? */
bool hook_allows_write(const struct subject *s, uint32_t btf_id, int64_t off, uint32_t n_bytes);

#endif
