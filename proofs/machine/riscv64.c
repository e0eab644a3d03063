/* riscv64.c: the machine riscv64 as far as its back end uses it: what the rows of riscv64_rows.def
 * do to registers, memory and control.
 *
 * LR leaves a reservation in the state, SC makes the event of the two together; whether it succeeds
 * is a variable, and paths split where the code looks at it.
 * source: The RISC-V Instruction Set Manual, volume I; RISC-V ELF psABI (calling convention)
 */
#include "proofs/machine/machine.h"
#include "proofs/machine/riscv64_decode.h"

enum {
    REG_ZERO = 0,
    REG_RA = 1,
    REG_SP = 2
};

static term *read_reg(const struct mstate *s, unsigned r) {
    return r == REG_ZERO ? term_const(s->t, 64, 0) : s->reg[r];
}

static void write_reg(struct mstate *s, unsigned r, term *value) {
    if (r != REG_ZERO)
        s->reg[r] = value;
}

/* What rows are written in. */
#define ADD(x, y)    term_add(t, x, y)
#define SUB(x, y)    term_sub(t, x, y)
#define MUL(x, y)    term_mul(t, x, y)
#define AND(x, y)    term_and(t, x, y)
#define OR(x, y)     term_or(t, x, y)
#define XOR(x, y)    term_xor(t, x, y)
#define NOT(x)       term_not(t, x)
#define SHL(x, y)    term_shl(t, x, y)
#define LSHR(x, y)   term_lshr(t, x, y)
#define ASHR(x, y)   term_ashr(t, x, y)
#define UDIV(x, y)   term_udiv(t, x, y)
#define UREM(x, y)   term_urem(t, x, y)
#define SDIV(x, y)   term_sdiv(t, x, y)
#define SREM(x, y)   term_srem(t, x, y)
#define EQ(x, y)     term_eq(t, x, y)
#define ULT(x, y)    term_ult(t, x, y)
#define SLT(x, y)    term_slt(t, x, y)
#define ITE(c, x, y) term_ite(t, c, x, y)
#define K(c)         term_const(t, 64, (uint64_t)INT64_C(c))
#define K32(c)       term_const(t, 32, c)
#define W(x)         term_low(t, 32, x)
#define X(x)         term_sext(t, 64, x)
#define ZEXT(x)      term_zext(t, 64, x)
#define SEXT(x)      term_sext(t, 64, x)
#define ZEXT128(x)   term_zext(t, 128, x)
#define SEXT128(x)   term_sext(t, 128, x)
#define HIGH(x)      term_extract(t, 64, 64, x)

/* value_of: of an RV_VALUE row; NULL of any other. */
static term *value_of(struct terms *t, unsigned id, term *a, term *b, term *pc) {
    switch (id) {
#define RV_VALUE(id, format, match, value)                                                         \
    case RVM_##id: return value;
#include "proofs/machine/riscv64_rows.def"
    default: return NULL;
    }
}

/* has_rs2: is the second operand of an RV_VALUE row a register? */
static bool has_rs2(unsigned id) {
    enum {
        R = 1,
        I = 0,
        SHIFT = 0,
        SHIFTW = 0,
        U = 0
    };
    switch (id) {
#define RV_VALUE(id, format, match, value)                                                         \
    case RVM_##id: return format;
#include "proofs/machine/riscv64_rows.def"
    default: return false;
    }
}

/* taken: of an RV_BRANCH row, a truth value; NULL of any other. */
static term *taken(struct terms *t, unsigned id, term *a, term *b) {
    switch (id) {
#define RV_BRANCH(id, match, taken)                                                                \
    case RVM_##id: return taken;
#include "proofs/machine/riscv64_rows.def"
    default: return NULL;
    }
}

/* stored: of an RV_AMO row, and how many bytes; NULL of any other. */
static term *stored(struct terms *t, unsigned id, term *a, term *b) {
    switch (id) {
#define RV_AMO(id, funct5, stored)                                                                 \
    case RVM_##id##_w:                                                                             \
    case RVM_##id##_d: return stored;
#include "proofs/machine/riscv64_rows.def"
    default: return NULL;
    }
}

/* amo_bytes: 0 if it is no RV_AMO row. */
static unsigned amo_bytes(unsigned id) {
    switch (id) {
#define RV_AMO(id, funct5, stored)                                                                 \
    case RVM_##id##_w: return 4;                                                                   \
    case RVM_##id##_d: return 8;
#include "proofs/machine/riscv64_rows.def"
    default: return 0;
    }
}

/* struct place: where an instruction is, in which code. */
struct place {
    const uint8_t *code;
    size_t n_bytes, at;
    uint64_t addr; /* of code's first byte */
};

/* load: what is in the code itself, the constants behind it, is known. */
static term *load(struct mstate *s, const struct place *p, term *addr, unsigned bytes) {
    const uint64_t off = term_is_const(addr) ? term_u64(addr) - p->addr : p->n_bytes;
    if (off >= p->n_bytes || p->n_bytes - off < bytes)
        return mstate_load(s, addr, bytes, false);
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)p->code[off + i] << 8 * i;
    return term_const(s->t, 8 * bytes, v);
}

/* memory: the RV_LOAD and RV_STORE rows; false if it is neither. */
static bool memory(struct mstate *s, const struct rvm_insn *in, const struct place *p) {
    struct terms *const t = s->t;
    term *const addr = term_add_k(t, read_reg(s, in->rs1), in->imm);
    switch (in->id) {
#define RV_LOAD(id, match, bytes, extend)                                                          \
    case RVM_##id: write_reg(s, in->rd, extend(load(s, p, addr, bytes))); return true;
#define RV_STORE(id, match, bytes)                                                                 \
    case RVM_##id:                                                                                 \
        mstate_store(s, addr, bytes, term_low(t, 8 * (bytes), read_reg(s, in->rs2)), false);       \
        return true;
#include "proofs/machine/riscv64_rows.def"
    default: return false;
    }
}

static void amo(struct mstate *s, const struct rvm_insn *in, unsigned bytes) {
    struct terms *const t = s->t;
    term *const b = term_low(t, 8 * bytes, read_reg(s, in->rs2));
    struct mevent *const e = mstate_atomic(s, read_reg(s, in->rs1), bytes);
    if (!e)
        return;
    e->acquire = in->acquire;
    e->release = in->release;
    e->serialises = in->acquire && in->release;
    e->stored = stored(t, in->id, e->value, b);
    write_reg(s, in->rd, term_sext(t, 64, e->value));
}

static void load_reserved(struct mstate *s, const struct rvm_insn *in, unsigned bytes) {
    term *const addr = read_reg(s, in->rs1);
    struct mevent *const e = mstate_event(s, MEV_LOAD, addr, bytes);
    if (!e)
        return;
    e->acquire = in->acquire;
    e->release = in->release;
    e->serialises = in->acquire && in->release;
    s->linked = true;
    s->linked_addr = addr;
    s->linked_bytes = (uint8_t)bytes;
    s->linked_value = e->value;
    s->linked_acquire = in->acquire;
    s->linked_release = in->release;
    write_reg(s, in->rd, term_sext(s->t, 64, e->value));
}

/* store_conditional: rd is 0 if it stored; if not, 1, the only code that the manual defines. The
 * two together are as much ordered as each of them is. */
static void store_conditional(struct mstate *s, const struct rvm_insn *in, unsigned bytes) {
    struct terms *const t = s->t;
    term *const addr = read_reg(s, in->rs1);
    if (!s->linked || s->linked_bytes != bytes || s->linked_addr != addr) {
        mstate_fail(s, "riscv64: sc without the lr of its address");
        return;
    }
    struct mevent *const e = mstate_event(s, MEV_ATOMIC, addr, bytes);
    if (!e)
        return;
    e->acquire = in->acquire && s->linked_acquire;
    e->release = in->release && s->linked_release;
    e->serialises = e->acquire && e->release;
    e->value = s->linked_value;
    e->stored = term_low(t, 8 * bytes, read_reg(s, in->rs2));
    e->when = term_fresh(t, 1, "stored");
    s->linked = false;
    write_reg(s, in->rd, ZEXT(NOT(e->when)));
}

/* fence: of reads and writes; what orders neither reads with all that follows nor writes with all
 * that came before is none of ours. */
static void fence(struct mstate *s, const struct rvm_insn *in) {
    enum {
        WRITES = 1,
        READS = 2,
        BOTH = 3
    };
    const unsigned before = (unsigned)in->imm >> 4, after = (unsigned)in->imm & 15;
    const bool acquire = (before & READS) && after == BOTH;
    const bool release = before == BOTH && (after & WRITES);
    if ((before | after) > BOTH || (!acquire && !release)) {
        mstate_fail(s, "riscv64: fence %u, %u", before, after);
        return;
    }
    struct mevent *const e = mstate_event(s, MEV_FENCE, NULL, 0);
    if (e) {
        e->acquire = acquire;
        e->release = release;
        e->serialises = before == BOTH && after == BOTH;
    }
}

/* jump: jal and jalr. The link register says what it is meant as: ra written is a call, a jump to
 * what is in ra a return. */
static void jump(struct mstate *s, const struct rvm_insn *in, const struct place *p,
                 struct mstep *out) {
    struct terms *const t = s->t;
    if (in->rd != REG_ZERO && in->rd != REG_RA) {
        mstate_fail(s, "riscv64: link register x%u", in->rd);
        return;
    }
    out->flow = in->rd == REG_RA ? MFLOW_CALL : MFLOW_JUMP;
    if (in->id == RVM_jal) {
        out->target = (int64_t)p->at + in->imm;
    } else {
        /* bit 0 is ignored; of an address that is not known it is 0, as of all code's */
        out->addr = term_add_k(t, read_reg(s, in->rs1), in->imm);
        if (term_is_const(out->addr))
            out->addr = AND(out->addr, K(-2));
        const uint64_t off = term_is_const(out->addr) ? term_u64(out->addr) - p->addr : p->n_bytes;
        if (off < p->n_bytes) { /* auipc with jalr: inside the code */
            out->addr = NULL;
            out->target = (int64_t)off;
        } else if (in->rd == REG_ZERO) {
            out->flow = in->rs1 == REG_RA && !in->imm ? MFLOW_RETURN : MFLOW_INDIRECT;
        }
    }
    if (in->rd == REG_RA)
        s->reg[REG_RA] = term_const(t, 64, p->addr + p->at + in->bytes);
}

/* special: the RV_OTHER rows. */
static void special(struct mstate *s, const struct rvm_insn *in, const struct place *p,
                    struct mstep *out) {
    switch (in->id) {
    case RVM_jal:
    case RVM_jalr: jump(s, in, p, out); return;
    case RVM_lr_w: load_reserved(s, in, 4); return;
    case RVM_lr_d: load_reserved(s, in, 8); return;
    case RVM_sc_w: store_conditional(s, in, 4); return;
    case RVM_sc_d: store_conditional(s, in, 8); return;
    default: fence(s, in); return;
    }
}

static void unknown(struct mstate *s, const uint8_t *code, size_t n_bytes, size_t at) {
    const size_t n = n_bytes - at;
    const bool is_long = n >= 4 && (code[at] & 3) == 3;
    unsigned word = code[at];
    for (unsigned i = 1; i < (is_long ? 4 : 2) && i < n; i++)
        word |= (unsigned)code[at + i] << 8 * i;
    mstate_fail(s, "riscv64: 0x%0*x at byte %zu is no instruction that we know", is_long ? 8 : 4,
                word, at);
}

static bool step(struct mstate *s, const uint8_t *code, size_t n_bytes, size_t at, uint64_t addr,
                 struct mstep *out) {
    struct terms *const t = s->t;
    const struct place place = {code, n_bytes, at, addr};
    struct rvm_insn in;
    if (!rvm_decode(code + at, n_bytes - at, &in)) {
        unknown(s, code, n_bytes, at);
        return false;
    }
    *out = (struct mstep){.flow = MFLOW_NEXT, .bytes = in.bytes};
    term *const a = read_reg(s, in.rs1), *const b = read_reg(s, in.rs2);
    term *const second = has_rs2(in.id) ? b : term_const(t, 64, (uint64_t)in.imm);
    term *const value = value_of(t, in.id, a, second, term_const(t, 64, addr + at));
    term *const cond = taken(t, in.id, a, b);
    const unsigned atomic = amo_bytes(in.id);
    if (value) {
        write_reg(s, in.rd, value);
    } else if (cond) {
        out->flow = MFLOW_BRANCH;
        out->cond = cond;
        out->target = (int64_t)at + in.imm;
    } else if (atomic) {
        amo(s, &in, atomic);
    } else if (!memory(s, &in, &place)) {
        special(s, &in, &place, out);
    }
    return !s->error[0];
}

const struct machine machine_riscv64 = {
    .name = "riscv64",
    .n_regs = 32,
    .sp = REG_SP,
    /* r0: a5; r1 to r5: a0 to a4; r6 to r9: s1, s0, s2, s3; FP: s4; T0, T1: a6, a7; STATE: s5 */
    .map = {15, 10, 11, 12, 13, 14, 9, 8, 18, 19, 20, 16, 17, 21},
    .args = {10, 11, 12, 13, 14, 15},
    .result = 10,
    /* ra, t0 to t2, a0 to a7, t3 to t6 */
    .call_clobbers = 1u << 1 | 7u << 5 | 0xffu << 10 | 15u << 28,
    .link = REG_RA,
    .big_endian = false,
    .step = step,
};
