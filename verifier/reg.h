/* reg.h: what the verifier knows of one register, or of one register spilled to the stack.
 *
 * A register is uninitialised, a scalar, or a pointer of some kind. A pointer is
 *     base of its object + off + x,  x in γ(v)
 * with off the constant and v the variable part. Two pointers with the same kind and id share x, so
 * what a test proves of one holds for the other. Two scalars with the same id are equal, up to
 * their constant deltas.
 *
 * source: the idea of Linux's struct bpf_reg_state; RFC 9669 for what registers hold.
 */
#ifndef BPFLAB_VERIFIER_REG_H
#define BPFLAB_VERIFIER_REG_H

#include "isa/insn.h"
#include "verifier/domain/scalar.h"

enum reg_kind {
    REG_UNINIT, /* never written, or clobbered by a call: must not be read */
    REG_SCALAR,
    REG_CTX,
    REG_STACK,       /* base: r10 of the frame `frame` */
    REG_PACKET,      /* base: packet data */
    REG_PACKET_META, /* base: packet metadata */
    REG_PACKET_END,
    REG_MAP,       /* a map itself: only for helpers */
    REG_MAP_VALUE, /* base: a value of map `map` */
    REG_MAP_KEY,   /* base: a key of map `map`, in a callback */
    REG_MEM,       /* base: memory of mem_bytes */
    REG_BUF,       /* base: a buffer whose size is known only at attach time (iterators) */
    REG_TP_BUFFER, /* the same, of a writable raw tracepoint */
    REG_FLOW_KEYS,
    REG_SOCK_COMMON, /* struct bpf_sock, of which the common part may be read */
    REG_SOCK,
    REG_TCP_SOCK,
    REG_XDP_SOCK,
    REG_BTF,    /* base: an object of type btf_id, in kernel BTF, or (OWN_BTF) the program's */
    REG_FUNC,   /* a subprogram's address: for callbacks */
    REG_DYNPTR, /* a dynptr that is not on the stack (argument of a callback or function) */
    REG_ARENA,
    N_REG_KINDS,
};

/* What qualifies a pointer. A set. */
enum reg_flag {
    REG_F_NULL = 1 << 0,      /* may be NULL: must be tested first */
    REG_F_RDONLY = 1 << 1,    /* may not be written through */
    REG_F_RINGBUF = 1 << 2,   /* REG_MEM: a ring buffer's record */
    REG_F_TRUSTED = 1 << 3,   /* REG_BTF: valid, never freed while held */
    REG_F_UNTRUSTED = 1 << 4, /* may dangle: loads are probed, not for functions */
    REG_F_RCU = 1 << 5,       /* valid while the RCU section lasts */
    REG_F_ALLOC = 1 << 6,     /* REG_BTF: an object of the program's (bpf_obj_new) */
    REG_F_NON_OWN = 1 << 7,   /* a non-owning reference into a collection */
    REG_F_USER = 1 << 8,      /* user memory */
    REG_F_PERCPU = 1 << 9,
    REG_F_OWN_BTF = 1 << 10, /* btf_id is the program's, not the kernel's */
    REG_F_PACKET = 1 << 11,  /* REG_MEM: a slice of packet data: ends when the packet changes */
};

/* Kinds of dynptr, on the stack (SLOT_DYNPTR) and in registers (REG_DYNPTR). */
enum dynptr_kind {
    DYNPTR_NONE,
    DYNPTR_LOCAL,
    DYNPTR_RINGBUF,
    DYNPTR_SKB,
    DYNPTR_XDP,
};

/* PACKET's range, where no bytes are proved but a comparison said where the pointer is. */
enum packet_range {
    PACKET_AT_END = -1,     /* at the packet's end, or beyond it */
    PACKET_BEYOND_END = -2, /* beyond it */
};

enum iter_state {
    ITER_INVALID, /* the second and later slots */
    ITER_ACTIVE,
    ITER_DRAINED,
};

/* struct reg: 104 bytes. */
struct reg {
    struct scalar v; /* scalar: its value; pointer: the variable part of its offset */
    uint8_t kind;    /* enum reg_kind */
    bool precise;    /* scalar: decisions depended on its exact value; pruning compares it */
    uint16_t flags;  /* enum reg_flag */
    int32_t off;     /* pointer: constant part of the offset, bytes; scalar: delta (has_delta) */
    uint32_t id;     /* identity, 0: none */
    uint32_t ref;    /* the reference that this pointer keeps alive, 0: none */
    union {
        int32_t range;      /* PACKET, PACKET_META: bytes proved, or enum packet_range */
        uint32_t frame;     /* STACK */
        uint32_t map;       /* MAP, MAP_VALUE, MAP_KEY: index of the definition */
        uint32_t mem_bytes; /* MEM */
        uint32_t btf_id;    /* BTF; SLOT_ITER: the iterator's struct */
        uint32_t subprog;   /* FUNC */
        uint32_t dynptr;    /* DYNPTR, SLOT_DYNPTR: enum dynptr_kind */
    };
    union {
        uint32_t map_uid;   /* MAP, MAP_VALUE: which lookup of an inner map; 0: not an inner map */
        uint32_t dynptr_id; /* MEM: the dynptr that it is a slice of */
        uint32_t first;     /* SLOT_DYNPTR: 1 in its first slot */
        struct {
            uint16_t state; /* SLOT_ITER: enum iter_state */
            uint16_t unused;
        } iter;
    };
    /* not compared: */
    union {
        uint32_t iter_depth; /* SLOT_ITER: how often next has been called on this path */
        uint32_t proved_at;  /* PACKET, PACKET_META: 1 + pc of the check that proved range */
    };
    bool has_delta; /* scalar: equals the other registers of its id, plus off */
};

/* ---- making; none has an identity yet ---- */
static inline struct reg reg_uninit(void) {
    return (struct reg){.kind = REG_UNINIT, .v = scalar_unknown()};
}
static inline struct reg reg_scalar(struct scalar v) {
    return (struct reg){.kind = REG_SCALAR, .v = v};
}
static inline struct reg reg_const(uint64_t x) {
    return reg_scalar(scalar_const(x));
}
/* reg_pointer: to the base of an object, offset 0. */
static inline struct reg reg_pointer(enum reg_kind kind, unsigned flags) {
    return (struct reg){.kind = (uint8_t)kind, .flags = (uint16_t)flags, .v = scalar_const(0)};
}

/* ---- asking ---- */
static inline bool reg_is_scalar(const struct reg *r) {
    return r->kind == REG_SCALAR;
}
static inline bool reg_is_const(const struct reg *r) {
    return r->kind == REG_SCALAR && scalar_is_const(r->v);
}
static inline bool reg_is_null(const struct reg *r) {
    return reg_is_const(r) && r->v.bits.value == 0;
}
static inline bool reg_is_pointer(const struct reg *r) {
    return r->kind > REG_SCALAR;
}
static inline bool reg_maybe_null(const struct reg *r) {
    return (r->flags & REG_F_NULL) != 0;
}
static inline bool reg_is_packet(const struct reg *r) {
    return r->kind == REG_PACKET || r->kind == REG_PACKET_META;
}
static inline bool reg_is_sock(const struct reg *r) {
    return r->kind >= REG_SOCK_COMMON && r->kind <= REG_XDP_SOCK;
}

/* reg_kind_name: Linux's word, as its messages have it: "scalar", "fp", "ctx", "map_value",
 * "map_value_or_null" (flags are part of the name). buf: where a composed name is built.
 * out: buf or a constant */
const char *reg_kind_name(const struct reg *r, char buf[64]);

#endif
