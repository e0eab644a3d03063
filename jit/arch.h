/* arch.h: what the driver asks of a back end, and what they share: registers, operations, sites.
 *
 * A back end knows only its machine. It never sees an eBPF instruction: the driver has decoded,
 * fused, blinded and ordered them, and asks for operations of a simple machine with
 *
 *   r0 to r9    eBPF's registers             T0, T1   the driver's own, kept across no call
 *   FP          eBPF's r10                   STATE    the world, kept across calls
 *   SLOTS       base register of the frame's own 8-byte slots (loads and stores only)
 *
 * r1 to r5, T0 and T1 die in every call, r0 is its result; r6 to r9, FP and STATE are kept. On each
 * machine r1 to r5 are mapped to where C expects its first five arguments, so that a helper call
 * moves at most the sixth argument (the world, from STATE) and the result.
 *
 * A back end may use further machine registers inside one operation, so long as the fifteen above
 * are untouched but for the result. Operands may alias in every way. 64 bits are written always;
 * an operation of width 32 reads the low halves only and leaves the upper half of dst zero, unless
 * its zext is false: then the upper half may be anything.
 *
 * Code whose bytes depend on where it ends up (branches, calls, literals) is a site: the back end
 * says how many bytes each form of it takes, the driver chooses forms until all distances fit, then
 * has each written. So no back end patches anything.
 */
#ifndef BPFLAB_JIT_ARCH_H
#define BPFLAB_JIT_ARCH_H

#include "jit/buf.h"
#include "jit/jit.h"

enum jit_reg {
    JR_0,
    JR_1,
    JR_2,
    JR_3,
    JR_4,
    JR_5,
    JR_6,
    JR_7,
    JR_8,
    JR_9,
    JR_FP,
    JR_T0,
    JR_T1,
    JR_STATE,
    N_JIT_REGS,
    JR_SLOTS = N_JIT_REGS, /* only a base */
    JR_NONE,
};

/* ---- arithmetic ---- */
enum jit_op {
    JOP_MOV, /* dst = b */
    JOP_ADD,
    JOP_SUB,
    JOP_MUL,  /* dst = a op b */
    JOP_UDIV, /* divisions: by a register; dst is not T0 */
    JOP_SDIV, /* by zero: 0; smallest / -1: smallest */
    JOP_UMOD,
    JOP_SMOD, /* by zero: a; smallest % -1: 0 */
    JOP_OR,
    JOP_AND,
    JOP_XOR,
    JOP_SHL,
    JOP_LSHR,
    JOP_ASHR, /* by b modulo width; an immediate is below it */
    JOP_ROTL, /* left by an immediate, 1 to width - 1 */
    JOP_MULHU,
    JOP_MULHS, /* upper half of the product of a and b; width 64 alone */
    JOP_NEG,   /* dst = -b; from here on, a is not read and b is a register */
    JOP_SEXT8,
    JOP_SEXT16,
    JOP_SEXT32, /* dst = sign-extended low bits of b, to width */
    JOP_ZEXT8,
    JOP_ZEXT16,
    JOP_ZEXT32, /* zero-extended, to 64 bits whatever the width */
    JOP_BSWAP16,
    JOP_BSWAP32,
    JOP_BSWAP64, /* bytes of b's low bits reversed, zero-extended */
    N_JIT_OPS,
};

/* struct jit_alu: one operation. imm: the second operand is k (sign-extended), b is not read; that
 * is not for divisions, MULHU and MULHS. */
struct jit_alu {
    uint8_t op;    /* enum jit_op */
    uint8_t width; /* 32, 64 */
    uint8_t dst, a, b;
    bool imm;
    bool zext;     /* width 32: is the upper half of dst needed as zero? */
    bool nonzero;  /* divisions: b is known not to be 0 */
    uint16_t dead; /* bit r: r, no operand, holds nothing that anybody needs: free to use */
    int64_t k;     /* fits into 32 bits, sign-extended */
};

/* ---- memory: in the machine's byte order, of any alignment ---- */
struct jit_mem {
    uint8_t bytes; /* 1, 2, 4, 8 */
    bool sign;     /* loads of 1, 2, 4 bytes: sign-extend to 64 bits, else zero-extend */
    bool swap;     /* loads of 2, 4, 8 bytes, without sign: reverse the bytes, then zero-extend */
    bool order;    /* acquire (loads), release (stores): aligned, and nothing of the others */
    bool imm;      /* stores: of k, not of reg */
    uint8_t reg;   /* loaded, or stored */
    uint8_t base;  /* may be JR_SLOTS, JR_STATE */
    bool indexed;  /* the address is base + index + off: jit_arch.far_reach */
    uint8_t index;
    int32_t off; /* 16 bits, signed; a little more for STATE and FP */
    int64_t k;   /* stores: immediate, 32 bits sign-extended */
};

/* struct jit_atomic: sequentially consistent, of 4 or 8 bytes, aligned. fetch: src = old value,
 * zero-extended. CMPXCHG compares r0's low bytes and leaves the old value, zero-extended, in r0. */
enum jit_rmw {
    JRMW_ADD,
    JRMW_OR,
    JRMW_AND,
    JRMW_XOR,
    JRMW_XCHG,    /* fetches always */
    JRMW_CMPXCHG, /* src is kept */
};
struct jit_atomic {
    uint8_t rmw; /* enum jit_rmw */
    uint8_t bytes;
    bool fetch;
    uint8_t base, src;
    int32_t off;
};

/* ---- sites: what depends on where it lies ---- */
enum jit_cond {
    JC_EQ,
    JC_NE,
    JC_UGT,
    JC_ULE,
    JC_UGE,
    JC_ULT,
    JC_SGT,
    JC_SLE,
    JC_SGE,
    JC_SLT,
    JC_SET,  /* a & b is not 0 */
    JC_NSET, /* a & b is 0 */
};
/* jit_cond_not: neighbours are opposites. */
static inline uint8_t jit_cond_not(uint8_t c) {
    return c ^ 1;
}

enum jit_site_kind {
    JSITE_JUMP,      /* to a label */
    JSITE_BRANCH,    /* to a label if a cond b (or k) */
    JSITE_CALL,      /* a function of the program, by label */
    JSITE_CALL_HOST, /* a C function at address target: sixth argument STATE, result to r0 */
    JSITE_JUMP_HOST, /* to address target */
    JSITE_CONST,     /* a = the 64-bit constant k; may use the pool */
};

enum {
    JSITE_FORMS = 4 /* at most, from the shortest reach to the longest */
};

struct jit_site {
    uint8_t kind;    /* enum jit_site_kind */
    uint8_t form;    /* chosen by the layout, 0 first */
    uint8_t cond;    /* enum jit_cond */
    uint8_t width;   /* BRANCH: 32, 64 */
    uint8_t a, b;    /* enum jit_reg */
    bool imm;        /* BRANCH: compare with k; CONST: always */
    uint32_t at;     /* bytes of plain code before it */
    uint32_t label;  /* JUMP, BRANCH, CALL */
    uint64_t target; /* CALL_HOST, JUMP_HOST */
    int64_t k;
};

/* struct jit_frame: what a function needs of the machine's stack. */
struct jit_frame {
    uint16_t saved;  /* bit r: the function writes r, 6 to 9, which its caller keeps */
    uint8_t n_slots; /* of its own, 8 bytes each, at SLOTS + 0, 8, ... */
    bool calls;      /* it calls: the return address must be kept, the stack aligned */
};

/* struct jit_arch: a back end. Functions append to the buffer; errors stick there. */
struct jit_arch {
    const char *name, *triple, *mattr;
    bool big_endian;
    bool (*on_host)(void); /* is this process's machine one that runs the code? */
    /* Loads and stores may have an index, and any base, with offsets from -far_reach to far_reach;
     * so may constants that lie so far from STATE be made by an addition. 0: no such forms. */
    int32_t far_reach;
    uint8_t insn_bytes; /* all code is a multiple of it */
    uint8_t pool_bytes; /* of an entry of the constant pool that JSITE_CONST reads, 0: none */
    /* Small loops are moved, by nops, into one line of so many bytes, a power of two up to
     * JIT_ALIGN; 0: they stay where they are. */
    uint8_t loop_line;
    /* A constant that takes more bytes than this inline goes through JSITE_CONST. */
    uint8_t const_inline;

    void (*enter)(struct jit_buf *b, const struct jit_frame *f); /* a function begins */
    void (*leave)(struct jit_buf *b, const struct jit_frame *f); /* it returns */
    void (*tail)(struct jit_buf *b, const struct jit_frame *f);  /* it leaves, jumping to T0 */
    void (*alu)(struct jit_buf *b, const struct jit_alu *a);
    void (*constant)(struct jit_buf *b, uint8_t reg, uint64_t value); /* inline */
    void (*load)(struct jit_buf *b, const struct jit_mem *m);
    void (*store)(struct jit_buf *b, const struct jit_mem *m);
    void (*atomic)(struct jit_buf *b, const struct jit_atomic *a);
    /* site_bytes: size of a site in a form, 0: there is no such form (form 0 always is).
     * site_fits: may it be used, if the destination lies distance bytes from the site's first byte
     *     (CONST: the pool entry)?
     * site: write exactly site_bytes. */
    unsigned (*site_bytes)(const struct jit_site *s, unsigned form);
    bool (*site_fits)(const struct jit_site *s, unsigned form, int64_t distance);
    void (*site)(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance);
    void (*nops)(struct jit_buf *b, uint32_t n_bytes); /* only with loop_line */
    /* the entry stub, jit_stub; returns the offset of its exit */
    uint32_t (*stub)(struct jit_buf *b);
};

extern const struct jit_arch jit_x86_64, jit_arm64, jit_riscv64, jit_s390x, jit_stub_arch;
extern const struct jit_arch jit_x86_64_base; /* for machines without BMI2 and MOVBE */

#endif
