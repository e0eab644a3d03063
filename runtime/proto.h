/* proto.h: helper prototypes and context layouts, as data: what the verifier, the JITs and the generators
 * read. No code of the runtime is needed to use this header.
 *
 * Argument and return types follow Linux's enum bpf_arg_type and bpf_return_type in meaning, with short names;
 * flags are kept apart so that "a map value or null" is ARG_MAP_VALUE with ARG_F_NULL.
 * source: include/linux/bpf.h and the struct bpf_func_proto tables of Linux 6.12.
 */
#ifndef BPFLAB_RUNTIME_PROTO_H
#define BPFLAB_RUNTIME_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/kind.h"

enum arg_type {
    ARG_NONE,            /* the helper has fewer arguments */
    ARG_ANY,             /* any initialised value */
    ARG_MAP,             /* constant map pointer */
    ARG_MAP_KEY,         /* pointer to a key of the map argument before it */
    ARG_MAP_VALUE,       /* pointer to a value of the map argument before it */
    ARG_MEM,             /* pointer to memory; the next argument is its size, or it has a fixed size */
    ARG_SIZE,            /* size in bytes, not 0 */
    ARG_SIZE_OR_ZERO,    /* size in bytes, 0 allowed */
    ARG_ALLOC_SIZE,      /* constant size of the memory the helper returns */
    ARG_CTX,             /* the program's context */
    ARG_SPIN_LOCK,
    ARG_TIMER,
    ARG_INT,             /* pointer to an int */
    ARG_LONG,            /* pointer to a long */
    ARG_FIXED_MEM,       /* pointer to memory of arg_mem_bytes */
    ARG_SOCKET,          /* pointer to struct bpf_sock (full) */
    ARG_SOCK_COMMON,     /* pointer to struct bpf_sock_common */
    ARG_BTF_SOCK_COMMON, /* the same, BTF pointer accepted */
    ARG_BTF_ID,          /* kernel object of the type that btf_type names */
    ARG_PERCPU_BTF_ID,
    ARG_RINGBUF_MEM,     /* record that the ring buffer handed out */
    ARG_DYNPTR,
    ARG_FUNC,            /* callback in the program */
    ARG_STACK,           /* pointer to the stack */
    ARG_CONST_STR,       /* pointer to a constant string */
    ARG_KPTR,
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
};

enum ret_type {
    RET_INT,
    RET_VOID,
    RET_MAP_VALUE,
    RET_SOCKET,
    RET_TCP_SOCK,
    RET_SOCK_COMMON,
    RET_MEM,        /* memory of the size an argument names */
    RET_RINGBUF_MEM,
    RET_DYNPTR_MEM, /* bpf_dynptr_data */
    RET_BTF_ID,
    RET_MEM_OR_BTF_ID, /* per-CPU variables */
    N_RET_TYPES,
};

enum ret_flag {
    RET_F_NULL = 1 << 0,
    RET_F_ACQUIRE = 1 << 1, /* a reference that must be released */
    RET_F_TRUSTED = 1 << 2,
};

enum helper_flag {
    HELPER_F_GPL = 1 << 0,         /* only for GPL-compatible programs */
    HELPER_F_PKT_ACCESS = 1 << 1,  /* packet pointers may be passed as memory */
    HELPER_F_PKT_CHANGE = 1 << 2,  /* invalidates packet pointers */
    HELPER_F_SLEEPS = 1 << 3,      /* only in sleepable programs */
};

struct arg_proto {
    uint8_t type;       /* enum arg_type */
    uint8_t flags;      /* enum arg_flag */
    uint16_t mem_bytes; /* ARG_FIXED_MEM, and scalars of fixed size */
    const char *btf_type; /* ARG_BTF_ID: "task_struct"; else NULL */
};

struct helper_proto {
    uint32_t id;
    const char *name; /* "map_lookup_elem": without bpf_ */
    uint8_t flags;    /* enum helper_flag */
    uint8_t ret;      /* enum ret_type */
    uint8_t ret_flags;
    uint8_t n_args;
    bool implemented; /* by runtime/helper */
    struct arg_proto arg[5];
    const char *ret_btf_type;
};

enum { N_HELPERS = 212 }; /* ids 1 to 211; 0 is unspec */

/* helper_proto_of: NULL for a number without a row. helper_find: id of a name (bpf_ prefix optional), 0 if none. */
const struct helper_proto *helper_proto_of(uint32_t id);
uint32_t helper_find(const char *name);

/* helper_allowed: may programs of this type (and attach type, -1 = any) call the helper, capabilities granted?
 * helper_unprivileged: also without them? */
bool helper_allowed(uint32_t id, uint32_t prog_type, int attach_type);
bool helper_unprivileged(uint32_t id, uint32_t prog_type);

/* What a field of a context is. */
enum ctx_kind {
    CTX_SCALAR,
    CTX_PKT_DATA,    /* 4-byte field that reads as a 64-bit packet pointer */
    CTX_PKT_END,
    CTX_PKT_META,
    CTX_PTR_DATA,    /* 8-byte field holding a pointer to memory that ends at ... */
    CTX_PTR_END,     /* ... this one (optval, msg data) */
    CTX_SOCK,        /* 8-byte field: struct bpf_sock, may be NULL */
    CTX_SOCK_COMMON, /* 8-byte field: struct bpf_sock or smaller view, may be NULL */
    CTX_FLOW_KEYS,   /* 8-byte field: struct bpf_flow_keys */
    CTX_BTF,         /* 8-byte field: kernel object */
    CTX_SKB,         /* 8-byte field of sk_reuseport-like contexts that hold an skb */
    CTX_RESERVED,    /* padding: no access */
};

/* struct ctx_field: bytes [off, off + size) of a context. In a table fields are in order of off and do not
 * overlap; an access must lie inside one field; narrow reads as flags say. */
struct ctx_field {
    const char *name; /* "protocol" */
    uint16_t off, size; /* bytes; size of all elements of an array */
    uint8_t elem;     /* element size of arrays, else = size */
    uint8_t kind;     /* enum ctx_kind */
    bool write;       /* programs may write it */
    bool narrow;      /* parts of an element may be read */
};

/* struct progtype: a program type's descriptor. */
struct progtype {
    uint32_t type;
    const char *name;
    const char *ctx_name; /* "xdp_md" */
    uint16_t ctx_bytes;
    const struct ctx_field *fields; /* NULL: opaque bytes (kprobe registers, tracepoints): all readable */
    uint16_t n_fields;
    bool packet;  /* has a packet */
    bool ld_abs;  /* may use LD_ABS and LD_IND */
    int64_t ret_min, ret_max; /* return values Linux accepts whatever the attach type; INT64_MIN..MAX if any */
    const char *(*ret_name)(uint64_t r0); /* "XDP_PASS"; may be NULL */
};

/* progtype_of: NULL for a type without a row. progtype_field: the field that holds byte off, NULL if none. */
const struct progtype *progtype_of(uint32_t type);
const struct ctx_field *progtype_field(const struct progtype *pt, uint32_t off);

#endif
