/* subject.h: what is verified, and what is known of it before any path is explored: the program,
 * its maps and types, its functions, its graph. Made once, read by every part, never changed
 * afterwards.
 */
#ifndef BPFLAB_VERIFIER_SUBJECT_H
#define BPFLAB_VERIFIER_SUBJECT_H

#include "isa/btf.h"
#include "isa/prog.h"
#include "runtime/kfunc.h"
#include "runtime/proto.h"
#include "verifier/report.h"
#include "verifier/verify.h"

/* struct map_fact: a map's definition, and what its value's BTF says. -1 or 0: not there. A value
 * whose special fields contradict each other has no BTF: loaders make such maps without it. */
struct map_fact {
    const struct map_def *def;
    int32_t spin_lock, timer, workqueue; /* offsets in the value, bytes */
    bool has_btf;
    /* special fields of the value in order of offset: kptrs, list heads, trees, ... */
    const struct special_field *fields;
    uint32_t n_fields;
};

/* What a special field of a map value or allocated object is. */
enum special_kind {
    SPECIAL_SPIN_LOCK,
    SPECIAL_TIMER,
    SPECIAL_WORKQUEUE,
    SPECIAL_KPTR_UNREF,
    SPECIAL_KPTR_REF,
    SPECIAL_KPTR_PERCPU,
    SPECIAL_UPTR,
    SPECIAL_LIST_HEAD,
    SPECIAL_LIST_NODE,
    SPECIAL_RB_ROOT,
    SPECIAL_RB_NODE,
    SPECIAL_REFCOUNT,
};

struct special_field {
    uint32_t kind; /* enum special_kind */
    uint32_t off, bytes;
    uint32_t btf_id;   /* KPTR: what it points to; LIST_HEAD, RB_ROOT: the node's struct */
    bool own_btf;      /* btf_id is the program's */
    uint32_t node_off; /* LIST_HEAD, RB_ROOT: of the node in that struct */
};

/* special_name: what Linux calls such a field: "bpf_timer". cost: O(1) */
const char *special_name(enum special_kind kind);

/* struct object_fact: a struct of the program's BTF that has special fields: what bpf_obj_new
 * makes, what lists and trees hold. */
struct object_fact {
    uint32_t btf_id;
    int32_t spin_lock, refcount; /* offsets, -1: none */
    const struct special_field *fields;
    uint32_t n_fields;
    bool bad; /* its fields contradict each other: Linux takes no program with such types */
};

/* How an argument of a global function is to be taken. */
enum sub_arg_kind {
    SUB_ARG_SCALAR,
    SUB_ARG_CTX,
    SUB_ARG_MEM, /* pointer to mem_bytes; untrusted: to any number, only read */
    SUB_ARG_DYNPTR,
    SUB_ARG_BTF,
    SUB_ARG_ARENA,
};
struct sub_arg {
    uint32_t kind; /* enum sub_arg_kind */
    bool maybe_null, trusted, untrusted;
    uint32_t mem_bytes, btf_id;
};

/* struct subprog_fact: a function of the program. Entry is 0. */
struct subprog_fact {
    uint32_t start, end; /* pc of its first slot, and behind its last */
    const char *name;
    bool global;
    bool is_callback, is_async_callback, is_exception_callback;
    bool has_tail_call, has_ld_abs;   /* in it */
    bool might_sleep, changes_packet; /* it or what it calls, or may be called back */
    bool args_known; /* args say what BTF says (global functions, main of freplace) */
    uint32_t n_args;
    struct sub_arg args[5];
    /* why BTF does not say how to take the arguments of a global function, in Linux's words; NULL
     * if args_known, and for static functions. It matters where it is called or verified. */
    const char *args_error;
    bool returns_void, returns_scalar; /* as BTF says; neither without BTF */
    uint32_t btf_id;
};

/* struct pc_fact: what the graph says of an instruction. One byte set of enum pc_flag. */
enum pc_flag {
    PC_JUMP_TARGET = 1 << 0,
    PC_PRUNE = 1 << 1,            /* compare with older states here */
    PC_FORCE_CHECKPOINT = 1 << 2, /* and keep one always: loops must meet it */
    PC_CALLS_CALLBACK = 1 << 3,   /* a helper or kernel function that calls back synchronously */
    PC_ITER_NEXT = 1 << 4,
    PC_MAY_GOTO = 1 << 5,
    PC_REACHABLE = 1 << 6,
    PC_HISTORY = 1 << 7, /* a path's history records the step to it: it may follow on a jump */
};

/* How a kernel function takes an argument, as its prototype says it; what the register holds
 * decides between a kernel object and memory (KPARAM_POINTER). */
enum kparam_kind {
    KPARAM_BAD, /* a type that no argument can have */
    KPARAM_IGNORE,
    KPARAM_SCALAR,
    KPARAM_CONST,       /* a known number */
    KPARAM_SIZE_RDONLY, /* a known number: bytes of the memory returned, which is only read */
    KPARAM_SIZE_RDWR,
    KPARAM_CTX,
    KPARAM_ALLOC,      /* an object of the program's, which ends */
    KPARAM_REFCOUNTED, /* one with a reference count */
    KPARAM_DYNPTR,
    KPARAM_ITER,
    KPARAM_LIST_HEAD,
    KPARAM_LIST_NODE,
    KPARAM_RB_ROOT,
    KPARAM_RB_NODE,
    KPARAM_STRING,
    KPARAM_MAP,
    KPARAM_WORKQUEUE,
    KPARAM_IRQ_FLAG,
    KPARAM_POINTER,
};

enum kparam_size {
    KSIZE_NONE,
    KSIZE_BYTES, /* the next argument is the memory's size, */
    KSIZE_CONST, /* a known number */
};

struct kparam {
    uint8_t kind; /* enum kparam_kind */
    uint8_t size; /* enum kparam_size */
    bool nullable, optional, uninit;
    bool is_struct, is_void, is_func; /* what it points to */
    bool is_plain;                    /* numbers only: memory will do */
    uint32_t btf_id;  /* KPARAM_POINTER, ITER: what it points to, in the kernel's BTF */
    uint32_t n_bytes; /* the size of that; 0: unknown */
};

enum kret_kind {
    KRET_VOID,
    KRET_SCALAR, /* or a pointer to nothing known */
    KRET_OBJECT, /* a kernel object of type btf_id */
    KRET_MEM,    /* a pointer to n_bytes, or as an argument says */
    KRET_BAD,
};

/* Kernel functions with rules of their own. */
enum kfunc_id {
    KFUNC_PLAIN,
#define KFUNC_SPECIAL(id, name) KFUNC_##id,
#include "verifier/kfunc_special.def"
    N_KFUNC_IDS
};

/* struct kfunc_fact: a kernel function that the program calls. */
struct kfunc_fact {
    const char *name;        /* NULL: an extern that is no function */
    const struct kfunc *row; /* as programs of this type may call it; NULL: they may not */
    enum kfunc_id id;
    uint32_t btf_id; /* in the kernel's BTF, 0: it is not there */
    uint32_t n_params;
    struct kparam param[5];
    enum kret_kind ret;
    uint32_t ret_btf_id, ret_bytes;
};

/* struct hook_fact: what a program is attached to whose context is a kernel function's arguments.
 * */
struct hook_fact {
    const char *name;     /* of the function, NULL: none is named */
    uint32_t proto;       /* in the kernel's BTF, 0: not known */
    uint32_t named_proto; /* one whose parameters' names say which may be NULL, 0: proto itself */
    uint32_t n_skipped;   /* parameters that the context does not have */
    bool trusted;         /* its pointers are trusted */
    bool returns_void;    /* what the program returns does not matter */
    bool has_range;       /* may return [ret_min, ret_max]; else what the program type says */
    bool ret_32;          /* of which the lower half counts */
    int64_t ret_min, ret_max;
};

struct subject_store; /* subject_impl.h */

struct subject {
    struct verify_input in; /* borrowed */
    struct verify_options opt;
    const struct prog *prog;     /* in.prog */
    const enum op *ops;          /* n_insns: the row of each slot; OP_INVALID in second slots */
    const struct progtype *type; /* NULL for types without a row */
    struct subprog_fact *subprogs;
    uint32_t n_subprogs;
    const uint32_t *subprog_of; /* n_insns: which function */
    uint8_t *pc_flags;          /* n_insns: sets of enum pc_flag */
    uint32_t *scc;              /* n_insns: strongly connected component (a loop), 0: none */
    uint32_t n_sccs;
    uint16_t *live_in; /* n_insns: registers live before it (bit r) */
    uint16_t *wide_in; /* the same of upper halves; NULL unless knowledge is kept */
    struct map_fact *maps;
    uint32_t n_maps;
    struct object_fact *objects; /* in order of btf_id */
    uint32_t n_objects;
    const struct kfunc_fact *kfuncs; /* as prog->externs */
    struct hook_fact hook;
    uint32_t exception_cb; /* subprogram, 0: none */
    bool privileged;
    bool has_arena; /* the program names one */
    bool gpl;       /* the licence allows GPL-only helpers; true if none is given */
    bool strict_align;
    struct subject_store *store; /* owned: all memory above */
};

/* subject_make: check the program's structure and find its facts.
 * out:    verdict ACCEPT: all of it; REJECT: rep says why (unreachable code, a jump out of range,
 *         a call into the middle of a function, reserved fields, too deep a call chain, back edges
 *         where they are not allowed ...)
 * errors: NOMEM      cost: O(n) */
enum bpflab_err subject_make(const struct verify_input *in, const struct verify_options *opt,
                             struct subject *out, struct report *rep);
void subject_fini(struct subject *s);

/* How a function was called back: a set. */
enum called_back {
    CALLED_BACK_NOW = 1,   /* before the call returned */
    CALLED_BACK_LATER = 2, /* asynchronously */
};

/* subject_check_stack: may the program's functions call each other as they do, with so much stack
 * each? Chains of calls at most 8 deep and 512 bytes together, as Linux's JITs lay them out;
 * asynchronous callbacks start chains of their own.
 * in:  depth_bytes: shape: n_subprogs; stack that each function uses, known after exploration
 *      called_back: shape: n_subprogs, sets of enum called_back, as explored; NULL: as the text of
 *      the program suggests
 * out: false: rejected      errors: NOMEM by *err      cost: O(calls), memory O(functions) */
bool subject_check_stack(const struct subject *s, const uint16_t *depth_bytes,
                         const uint8_t *called_back, struct report *rep, enum bpflab_err *err);

/* subject_object: what is known of the program's struct btf_id. 
 * out: NULL if it has no special fields      cost: O(log) */
const struct object_fact *subject_object(const struct subject *s, uint32_t btf_id);

/* subject_sub_at: the function that starts at pc. out: its index, or n_subprogs
 * subject_extern: what the kernel supplies at pc (kernel function, variable), or NULL
 * subject_kfunc: the row of the kernel function called at pc, whatever the program type; NULL if it
 * has no name or no row.
 * subject_kfunc_fact: what is known of it for this program, NULL for no extern.
 * subject_kernel: the kernel's types, or NULL: unknown. cost: reading them, the first time
 * subject_kernel_id: the kernel's type of this kind and name. out: 0: none      cost: O(1), the
 * first time O(kernel's types) */
uint32_t subject_sub_at(const struct subject *s, uint32_t pc);
const struct prog_extern *subject_extern(const struct subject *s, uint32_t pc);
const struct kfunc *subject_kfunc(const struct subject *s, uint32_t pc);
const struct kfunc_fact *subject_kfunc_fact(const struct subject *s, uint32_t pc);
/* subject_is_plain: is this type of btf a number, or a struct of numbers only? */
bool subject_is_plain(const struct btf *btf, uint32_t id);
const struct btf *subject_kernel(const struct subject *s);
uint32_t subject_kernel_id(const struct subject *s, enum btf_kind kind, const char *name);

#endif
