/* proto.h: helper prototypes, program types and context layouts, as data: what the verifier, the
 * JITs and the generators read.
 *
 * The tables stand alone: the library `tables` holds them and nothing that runs.
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
};

/* Helper numbers: HELPER_map_lookup_elem is 1. */
enum helper_id {
#define HELPER(id, name, state, flags, ret, n_args, a1, a2, a3, a4, a5) HELPER_##name = id,
#include "runtime/helper.def"
};

struct arg_proto {
    uint8_t type;         /* enum arg_type */
    uint8_t flags;        /* enum arg_flag */
    uint16_t mem_bytes;   /* ARG_FIXED_MEM */
    const char *btf_type; /* ARG_BTF_ID: "task_struct"; NULL if any will do */
};

struct helper_proto {
    uint32_t id;
    const char *name; /* "map_lookup_elem": without bpf_ */
    uint8_t flags;    /* enum helper_flag */
    uint8_t ret;      /* enum ret_type */
    uint8_t ret_flags;
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

/* What a field of a context is: what a load of it gives, and what a store to it does. */
enum ctx_kind {
    CTX_SCALAR,
    CTX_U16,      /* 4-byte field of which 2 are kept: a store truncates its value to 16 bits */
    CTX_QUEUE,    /* the same, and a store of 0xffff or more does nothing (queue_mapping) */
    CTX_PKT_DATA, /* 4-byte field that reads as a 64-bit packet pointer */
    CTX_PKT_END,
    CTX_PKT_META,
    CTX_PTR_DATA,  /* 8-byte field: packet-like pointer to memory that ends at ... */
    CTX_PTR_END,   /* ... this one (optval, message data, TCP header) */
    CTX_SOCK,      /* 8-byte field: struct bpf_sock */
    CTX_SOCK_NULL, /* the same, may be NULL */
    /* 8-byte field: the part of struct bpf_sock that every socket has, may be NULL */
    CTX_SOCK_COMMON,
    CTX_FLOW_KEYS, /* 8-byte field: struct bpf_flow_keys */
    CTX_TP_BUFFER, /* 8-byte field: writable buffer of a raw tracepoint */
    CTX_BTF,       /* 8-byte field: kernel object */
    CTX_RESERVED,  /* padding */
};

enum ctx_field_flag {
    CTX_F_START = 1 << 0, /* accesses only at the field's first byte */
    /* a 4-byte read of this 2-byte field takes the padding behind it as well */
    CTX_F_PAD = 1 << 1,
};

/* struct ctx_field: bytes [off, off + size) of a context. A layout's fields are in order of off,
 * without gap or overlap. rd and wr are the sizes that a load or store may have, 1 | 2 | 4 | 8,
 * always naturally aligned; an array (size a multiple of elem) may be accessed wider than one
 * element. Which fields a program type may access at all is its masks' business. */
struct ctx_field {
    const char *name;   /* "protocol" */
    uint16_t off, size; /* bytes; size of all elements of an array */
    uint8_t elem;       /* element size of arrays, else = size */
    uint8_t kind;       /* enum ctx_kind */
    uint8_t rd, wr;     /* sets of sizes */
    uint8_t flags;      /* enum ctx_field_flag */
};

/* Fields of a layout: masks are 64 bits wide. */
enum {
    PROGTYPE_MAX_FIELDS = 64
};

/* struct ctx_layout: a structure of Linux's user-space headers, written once for all types that
 * use it. */
struct ctx_layout {
    const char *name; /* "__sk_buff" */
    uint16_t bytes;
    uint16_t n_fields;
    const struct ctx_field *fields;
};

/* struct ctx_rule: these fields may be read (written) only with these attach types; bit = enum
 * attach_type. */
struct ctx_rule {
    uint32_t type;   /* enum prog_type */
    uint64_t fields; /* bit = index of the field */
    uint64_t read_attach, write_attach;
};

/* Where the packet that a program sees begins, given an Ethernet frame. */
enum pkt_start {
    PKT_NONE,      /* the type has no packet */
    PKT_FRAME,     /* at the Ethernet header; message types: at the first byte, whatever it is */
    PKT_NETWORK,   /* behind the Ethernet header */
    PKT_TRANSPORT, /* at the TCP or UDP header */
    PKT_PAYLOAD,   /* behind it */
};

/* struct progtype: a program type's descriptor. */
struct progtype {
    uint32_t type;
    const char *name;
    const char *ctx_name; /* "xdp_md" */
    uint16_t ctx_bytes;   /* opaque contexts (syscall, tracepoint): the most they can have */
    const struct ctx_field *fields;
    uint16_t n_fields;
    /* fields that programs may read and write, with some attach type at least */
    uint64_t read, write;
    /* its length is the input's: bytes that the input lacks are not accessible */
    bool opaque;
    bool packet;       /* has a packet: pkt_start is not PKT_NONE */
    uint8_t pkt_start; /* enum pkt_start */
    bool pkt_write;    /* may write through packet pointers */
    bool ld_abs;       /* may use LD_ABS and LD_IND */
    /* return values Linux accepts with some attach type; INT64_MIN..MAX if any */
    int64_t ret_min, ret_max;
    /* "XDP_PASS", NULL for a value without a name; may be NULL */
    const char *(*ret_name)(uint64_t r0);
};

/* progtype_of: a type's descriptor.
 * out:  NULL for a type without a row
 * cost: O(1) */
const struct progtype *progtype_of(uint32_t type);

/* progtype_field: the field that holds byte off.
 * out:  NULL if there is none
 * cost: O(log fields) */
const struct ctx_field *progtype_field(const struct progtype *pt, uint32_t off);

/* progtype_access: may a program of this type, attached so (-1: any way), load (store) size bytes
 * at off of its context? The check that Linux's verifier makes, its capability-dependent parts
 * granted; sign-extending loads of CTX_PKT_* fields are the caller's to refuse.
 * in:   size 1, 2, 4 or 8
 * cost: O(log fields + rules) */
bool progtype_access(const struct progtype *pt, int attach_type, uint32_t off, uint32_t size,
                     bool write);

/* progtype_returns: the return values Linux accepts with this attach type (-1: any). */
void progtype_returns(const struct progtype *pt, int attach_type, int64_t *min, int64_t *max);

/* progtype_shadow: for each of the first n_bytes bytes of the context, the shadow that shows what
 * progtype_access allows with some attach type: how many bytes, from this one on, the loads (high
 * nibble) and stores (low nibble) that cover it reach.
 * in:   out has n_bytes
 * cost: O(n_bytes) */
void progtype_shadow(const struct progtype *pt, uint32_t n_bytes, uint8_t *out);

/* Layouts of objects that programs reach through pointers, as tables too. */
enum ctx_object {
    OBJ_SOCK,        /* struct bpf_sock, of a full socket */
    OBJ_SOCK_COMMON, /* the same, where it may be a request or time-wait socket */
    OBJ_TCP_SOCK,    /* struct bpf_tcp_sock */
    OBJ_XDP_SOCK,    /* struct bpf_xdp_sock */
    OBJ_FLOW_KEYS,   /* struct bpf_flow_keys: bytes, readable and writable */
    N_CTX_OBJECTS,
};

/* ctx_object_of: the layout; *read and *write (may be NULL) get the masks.
 * ctx_object_access: as progtype_access.
 * ctx_object_shadow: as progtype_shadow, for all bytes. */
const struct ctx_layout *ctx_object_of(enum ctx_object obj, uint64_t *read, uint64_t *write);
bool ctx_object_access(enum ctx_object obj, uint32_t off, uint32_t size, bool write);
void ctx_object_shadow(enum ctx_object obj, uint8_t *out);

#endif
