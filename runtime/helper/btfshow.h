/* btfshow.h: kernel objects printed by their BTF type, as bpf_snprintf_btf and bpf_seq_printf_btf
 * have them: "(struct pair){.a = (int)1,.b = (char[])['x',],}". */
#ifndef BPFLAB_RUNTIME_HELPER_BTFSHOW_H
#define BPFLAB_RUNTIME_HELPER_BTFSHOW_H

#include "runtime/helper/textbuf.h"
#include "runtime/world.h"

/* Flags of the helpers. */
enum btfshow_flag {
    BTFSHOW_COMPACT = 1 << 0, /* neither lines nor indentation */
    BTFSHOW_NONAME = 1 << 1,  /* neither types nor members */
    BTFSHOW_PTR_RAW = 1 << 2, /* pointers as they are, not hashed */
    BTFSHOW_ZERO = 1 << 3,    /* members that are zero, too */
    BTFSHOW_ALL = 15,
};

enum {
    BTFSHOW_STEPS_MAX = 1 << 20, /* values looked at: a type may say that it has many more */
    BTFSHOW_DEPTH_MAX = 32,      /* and may hold itself */
};

/* btfshow: print the object at addr, a value of type type_id of the kernel's BTF.
 *
 * What Linux prints of the same bytes, its quirks included: of an array of pointers or arrays every
 * element is the first one; in an array of structures the first names are missing; a const member
 * has an empty type name. Sections (DATASEC) are refused like functions: "<unsupported kind:15>".
 *
 * in:     w->env->vmlinux not NULL; type_id of any value
 *         text: takes what is printed, or NULL: the world's printer does
 * out:    0, or a negative errno with what was printed before it:
 *         -ENOENT           there is no such type
 *         -ERANGE, -EFAULT  a part of the object cannot be read; Linux goes on behind it
 *         -E2BIG            BTFSHOW_STEPS_MAX or BTFSHOW_DEPTH_MAX is exceeded
 * errors: none
 * cost:   O(bytes of the object, times the depth of its type)
 * source: kernel/bpf/btf.c */
int btfshow(const struct world *w, uint32_t type_id, uint64_t addr, uint64_t flags,
            struct textbuf *text);

#endif
