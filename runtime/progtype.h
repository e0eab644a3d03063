/* progtype.h: program types and the structures that their contexts, and objects reached from them,
 * have, as data: the rows of runtime/progtype.def and what follows from them.
 * source: Linux 6.12: include/uapi/linux/bpf.h, the is_valid_access functions, the verifier
 */
#ifndef BPFLAB_RUNTIME_PROGTYPE_H
#define BPFLAB_RUNTIME_PROGTYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "isa/kind.h"

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

/* What Linux asks of a program's loader besides what its calls ask (helper_cap_of). */
enum prog_cap {
    PROG_CAP_BPF = 1 << 0,
    PROG_CAP_NET_ADMIN = 1 << 1,
    PROG_CAP_PERFMON = 1 << 2,
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
    bool var_off;      /* may be accessed at an offset that is not known */
    bool packet;       /* has a packet: pkt_start is not PKT_NONE */
    uint8_t pkt_start; /* enum pkt_start */
    bool pkt_write;    /* may write through packet pointers */
    bool pkt_arg;      /* may pass packet pointers to helpers that take them */
    bool pkt_arg_all;  /* ... and to the others too */
    bool ld_abs;       /* may use LD_ABS and LD_IND */
    bool no_lock;      /* its maps may hold no bpf_spin_lock */
    bool no_async;     /* its maps may hold no timer, workqueue, list or tree */
    bool target;       /* may name what it attaches to by its BTF (attach_btf_id) */
    bool must_sleep;   /* is sleepable always */
    uint8_t caps;      /* enum prog_cap; 0: anybody may load it */
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

/* progtype_privileged: does the access that progtype_access allows ask for CAP_BPF, although the
 * type does not? */
bool progtype_privileged(const struct progtype *pt, uint32_t off, bool write);

/* progtype_btf: what kernel object a field of kind CTX_BTF points to: "sk_buff". Such a pointer is
 * trusted and never NULL.
 * out: NULL for fields of other kinds */
const char *progtype_btf(const struct progtype *pt, uint32_t off);

/* progtype_returns: the return values Linux accepts with this attach type (-1: any).
 * progtype_returns_low: are they compared as 32-bit numbers?
 *
 * With lsm_mac the range is that of most hooks. Some return 0 or 1 (inode_xattr_skipcap,
 * audit_rule_known, xfrm_state_pol_flow_match); of those that return nothing, any value will do,
 * but with lsm_cgroup only 1. */
void progtype_returns(const struct progtype *pt, int attach_type, int64_t *min, int64_t *max);
bool progtype_returns_low(const struct progtype *pt, int attach_type);

/* progtype_attaches: may a program of this type be loaded with this expected attach type?
 * progtype_may_sleep: may it then be sleepable?
 * progtype_trusts_args: are the kernel objects that its context (or arguments) point to trusted?
 * in: attach_type -1: any */
bool progtype_attaches(const struct progtype *pt, int attach_type);
bool progtype_may_sleep(const struct progtype *pt, int attach_type);
bool progtype_trusts_args(const struct progtype *pt, int attach_type);

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
