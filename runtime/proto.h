/* proto.h: helper prototypes as data, and the door to all tables that the verifier, the JITs and
 * the generators read:
 *
 *   this file    helpers: prototypes, who may call them, which maps they take, their callbacks
 *   progtype.h   program types and their contexts
 *   maptype.h    map types
 *   kfunc.h      kernel functions
 *
 * The tables stand alone: the library `tables` holds them and nothing that runs. Numbers and names
 * are Linux's; what a table says is what Linux 6.12's verifier asks or concludes.
 *
 * Argument and return types follow Linux's enum bpf_arg_type and bpf_return_type in meaning, with
 * short names; flags are kept apart, so that "a map value or null" is ARG_MAP_VALUE with
 * ARG_F_NULL.
 * source: include/linux/bpf.h and the struct bpf_func_proto tables of Linux 6.12
 */
#ifndef BPFLAB_RUNTIME_PROTO_H
#define BPFLAB_RUNTIME_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/kind.h"
#include "runtime/kfunc.h"
#include "runtime/maptype.h"
#include "runtime/progtype.h"

enum arg_type {
    ARG_NONE,         /* the helper has fewer arguments */
    ARG_ANY,          /* any initialised value */
    ARG_SCALAR,       /* a number, not a pointer */
    ARG_MAP,          /* constant map pointer */
    ARG_MAP_KEY,      /* pointer to a key of the map argument before it */
    ARG_MAP_VALUE,    /* pointer to a value of the map argument before it */
    ARG_MEM,          /* pointer to memory; the next argument is its size */
    ARG_SIZE,         /* size in bytes, not 0 */
    ARG_SIZE_OR_ZERO, /* size in bytes, 0 allowed */
    ARG_ALLOC_SIZE,   /* constant size of the memory the helper returns */
    ARG_CTX,          /* the program's context */
    ARG_SPIN_LOCK,
    ARG_TIMER,
    ARG_FIXED_MEM,       /* pointer to memory of mem_bytes */
    ARG_SOCKET,          /* pointer to struct bpf_sock (full) */
    ARG_SOCK_COMMON,     /* pointer to struct bpf_sock_common */
    ARG_BTF_SOCK_COMMON, /* the same, BTF pointer accepted */
    ARG_BTF_ID,          /* kernel object of the type that btf_type names */
    ARG_PERCPU_BTF_ID,   /* per-CPU kernel variable */
    ARG_RINGBUF_MEM,     /* record that the ring buffer handed out */
    ARG_DYNPTR,
    ARG_FUNC,      /* callback in the program */
    ARG_STACK,     /* pointer to the stack */
    ARG_CONST_STR, /* pointer to a constant string */
    ARG_KPTR,      /* pointer to where a kernel pointer is kept */
    N_ARG_TYPES,
};

enum arg_flag {
    ARG_F_NULL = 1 << 0,    /* may be NULL */
    ARG_F_UNINIT = 1 << 1,  /* the helper writes it: need not be initialised */
    ARG_F_RDONLY = 1 << 2,  /* the helper only reads it */
    ARG_F_WRITE = 1 << 3,   /* the helper writes it */
    ARG_F_RELEASE = 1 << 4, /* the reference ends here */
    ARG_F_ALIGNED = 1 << 5,
    ARG_F_DYN_LOCAL = 1 << 6,   /* dynptr over local memory is made here */
    ARG_F_DYN_RINGBUF = 1 << 7, /* dynptr over a ring-buffer record */
    ARG_F_IN_MAP = 1 << 8,      /* the memory lies in a map's value */
    ARG_F_ZERO = 1 << 9,        /* the number 0, known to be so */
};

enum ret_type {
    RET_INT,
    RET_VOID,
    RET_MAP_VALUE, /* of the map argument */
    RET_SOCKET,
    RET_TCP_SOCK,
    RET_SOCK_COMMON,
    RET_RINGBUF_MEM,   /* a record of the size that ARG_ALLOC_SIZE says */
    RET_DYNPTR_MEM,    /* bpf_dynptr_data: memory of that size */
    RET_BTF_ID,        /* kernel object of the type that ret_btf_type names */
    RET_MEM_OR_BTF_ID, /* per-CPU variable: memory, or a kernel object if it is a structure */
    N_RET_TYPES,
};

enum ret_flag {
    RET_F_NULL = 1 << 0,
    RET_F_ACQUIRE = 1 << 1, /* a reference that must be released */
    RET_F_TRUSTED = 1 << 2,
    RET_F_RDONLY = 1 << 3, /* memory that may not be written */
    RET_F_CAST = 1 << 4,   /* the first argument's object as another type: shares its reference */
};

/* What is known of a number that a helper returns. */
enum ret_range {
    RET_RANGE_ANY,
    RET_RANGE_CPU,  /* 0 to the number of possible CPUs, less 1 */
    RET_RANGE_SIZE, /* -4095 (-MAX_ERRNO) to the greatest that the size argument can be */
};

enum helper_flag {
    HELPER_F_GPL = 1 << 0,        /* only for GPL-compatible programs */
    HELPER_F_PKT_ACCESS = 1 << 1, /* packet pointers may be passed as memory */
    HELPER_F_PKT_CHANGE = 1 << 2, /* invalidates packet pointers */
    /* only in sleepable programs, and not in RCU or other atomic sections */
    HELPER_F_SLEEPS = 1 << 3,
    /* sleeps when a sleepable program calls it: not in those sections */
    HELPER_F_SLEEPY = 1 << 4,
    HELPER_F_FASTCALL = 1 << 5, /* changes no register but r0, and none if it returns nothing */
    /* only at certain attach targets: a list of hooks, an iterator, a function */
    HELPER_F_LIMIT = 1 << 6,
    /* changes the map's entries: not for maps with BPF_F_RDONLY_PROG */
    HELPER_F_MAP_WRITE = 1 << 7,
};

/* Helper numbers: HELPER_map_lookup_elem is 1. */
enum helper_id {
#define HELPER(id, name, state, flags, ret, n_args, a1, a2, a3, a4, a5) HELPER_##name = id,
#include "runtime/helper.def"
    HELPER_UNWIND =
        5, /* what conformance suites make of this number: r0 = r1, and 0 ends the run */
};

struct arg_proto {
    uint8_t type;         /* enum arg_type */
    uint16_t flags;       /* enum arg_flag */
    uint16_t mem_bytes;   /* ARG_FIXED_MEM */
    const char *btf_type; /* ARG_BTF_ID: "task_struct"; NULL if any will do */
};

struct helper_proto {
    uint32_t id;
    const char *name; /* "map_lookup_elem": without bpf_ */
    uint8_t flags;    /* enum helper_flag */
    uint8_t ret;      /* enum ret_type */
    uint8_t ret_flags;
    uint8_t ret_range; /* enum ret_range, of RET_INT */
    uint8_t n_args;
    bool implemented; /* by runtime/helper, or by engines (tail_call) */
    struct arg_proto arg[5];
    /* RET_BTF_ID: "tcp_sock"; NULL: the type of what the argument points to */
    const char *ret_btf_type;
};

/* Numbers are 1 to 211; 0 is unspec. */
enum {
    N_HELPERS = 212
};

/* helper_proto_of: the row of a helper, as most program types see it.
 * out:  NULL for a number without a row
 * cost: O(1) */
const struct helper_proto *helper_proto_of(uint32_t id);

/* helper_reads: of how many argument registers a helper may look at, which is more than its
 * prototype names where nobody checks the rest: what trace_printk prints, flags.
 * out:  5 for a number without a row      cost: O(1) */
uint32_t helper_reads(uint32_t id);

/* helper_find: the number of a helper; its name with or without bpf_.
 * out:  0 if none has the name
 * cost: O(helpers) */
uint32_t helper_find(const char *name);

/* helper_proto_for: the prototype that programs of this type and expected attach type (-1: none
 * in particular) see. Whether they may call the helper at all is helper_allowed's to say.
 * out:  NULL for a number without a row
 * cost: O(variants) */
const struct helper_proto *helper_proto_for(uint32_t id, uint32_t prog_type, int attach_type);

/* helper_allowed: may programs of this type, expected to be attached so (-1: any way), call the
 * helper, capabilities granted? Rows with HELPER_F_LIMIT depend on the attach target too: then this
 * says that there is one. Programs of type ext have their target's type.
 * cost:   O(sets of the type)
 * source: the bpf_verifier_ops.get_func_proto functions of Linux 6.12 */
bool helper_allowed(uint32_t id, uint32_t prog_type, int attach_type);

/* What a program's loader must be allowed to do. */
enum helper_cap {
    HELPER_CAP_NONE,
    HELPER_CAP_BPF,     /* CAP_BPF */
    HELPER_CAP_PERFMON, /* and CAP_PERFMON */
    HELPER_CAP_ADMIN,   /* and CAP_SYS_ADMIN */
    HELPER_CAP_NEVER,   /* the type cannot call it */
};

/* helper_cap_of: the capability that the call itself asks for; the program type may ask for more.
 * helper_unprivileged: may a program loaded without any capability call it? Only socket_filter
 * and cgroup_skb can be loaded so.
 * cost: O(sets of the type) */
enum helper_cap helper_cap_of(uint32_t id, uint32_t prog_type, int attach_type);
bool helper_unprivileged(uint32_t id, uint32_t prog_type);

/* helper_takes_map: may a program of this type, expected to be attached so (-1: any way), pass a
 * map of this type to the helper? Whether it may call the helper is helper_allowed's to say.
 * in:   a helper that has to do with maps
 * out:  false for unknown numbers
 * cost: O(1) */
bool helper_takes_map(uint32_t id, uint32_t map_type, uint32_t prog_type, int attach_type);

/* helper_arg_for: an argument as it is when the helper is passed a map of this type: socket maps
 * take a socket for a value, and the value that is looked for in a bloom filter is read.
 * in:   arg below n_args
 * cost: O(1) */
struct arg_proto helper_arg_for(const struct helper_proto *p, unsigned arg, uint32_t map_type);

/* What a callback finds in an argument register. */
enum callback_arg {
    CALLBACK_ARG_NONE,   /* nothing: not to be read */
    CALLBACK_ARG_SCALAR, /* any number */
    CALLBACK_ARG_MAP,    /* the map: of the argument, or of the timer's or work queue's value */
    CALLBACK_ARG_KEY,    /* pointer to a key of it, read-only */
    CALLBACK_ARG_VALUE,  /* pointer to the value */
    CALLBACK_ARG_VMA,    /* struct vm_area_struct */
    CALLBACK_ARG_DYNPTR, /* dynptr over local memory, not to be changed itself */
    CALLBACK_ARG_NODE,   /* non-owning reference to a node of the tree */
    CALLBACK_ARG_PASSED, /* what the caller passed as argument number `passed` */
};

/* struct callback_proto: a function that a helper or kernel function calls back, and with what.
 * Callbacks return 0 or 1; asynchronous ones, which run later and alone, only 0. */
struct callback_proto {
    uint8_t func;   /* the argument that is the function, 1 to 5 */
    uint8_t n_args; /* that the callback gets */
    bool async;
    struct {
        uint8_t is;     /* enum callback_arg */
        uint8_t passed; /* 1 to 5 */
    } arg[5];
};

/* helper_callback_of, kfunc_callback_of: NULL for those that call nothing back.
 * cost: O(callbacks) */
const struct callback_proto *helper_callback_of(uint32_t id);
const struct callback_proto *kfunc_callback_of(const char *name);

#endif
