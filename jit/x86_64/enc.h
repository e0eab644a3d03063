/* enc.h: the machine's instructions, one line each, as bytes at the end of a buffer.
 *
 * An instruction is here
 *
 *     [lock] [66] [REX] opcode ModRM [SIB] [displacement] [immediate]
 *
 * and the encoder chooses, as an assembler does, the shortest form of the one instruction that it
 * was asked for; it never chooses another instruction. Operands stand in Intel's order: destination
 * first. Names end in what the operands are: r register, m memory, i immediate.
 *
 * width is the operand's: 8, 16, 32 or 64 bits. A write of 32 bits zeroes the upper half of the
 * register, one of 8 or 16 bits keeps the rest.
 * source: Intel SDM volume 2, chapters 2 (formats) and 3 to 5 (instructions).
 */
#ifndef BPFLAB_JIT_X86_64_ENC_H
#define BPFLAB_JIT_X86_64_ENC_H

#include <assert.h>

#include "jit/buf.h"
#include "jit/x86_64/regs.h"

/* struct x86_mem: the address base + (index << shift) + disp. No index: X86_RSP, as in the SIB. */
struct x86_mem {
    enum x86_reg base, index;
    unsigned shift; /* 0 to 3 */
    int32_t disp;
};

static inline struct x86_mem x86_at(enum x86_reg base, int32_t disp) {
    return (struct x86_mem){.base = base, .index = X86_RSP, .disp = disp};
}

static inline struct x86_mem x86_at_index(enum x86_reg base, enum x86_reg index, unsigned shift,
                                          int32_t disp) {
    assert(index != X86_RSP && shift <= 3);
    return (struct x86_mem){.base = base, .index = index, .shift = shift, .disp = disp};
}

static inline bool x86_fits8(int64_t k) {
    return k == (int8_t)k;
}

/* ---- formats: what the instructions below are made of ---- */

/* struct x86_head: the bytes of an instruction up to a displacement of one byte: eight at most. */
struct x86_head {
    uint64_t bytes;
    uint32_t n;
};

static inline struct x86_head x86_then(struct x86_head h, unsigned byte) {
    return (struct x86_head){h.bytes | (uint64_t)(byte & 0xff) << (8 * h.n), h.n + 1};
}

/* x86_start: prefixes and opcode. rex: the bits R, X and B; need_rex: a byte register that only a
 * REX prefix names. op: one to three bytes, as they are read. */
static inline struct x86_head x86_start(unsigned width, unsigned rex, bool need_rex, unsigned op) {
    struct x86_head h = {0, 0};
    if (width == 16)
        h = x86_then(h, 0x66);
    if (width == 64)
        rex |= 8;
    if (rex || need_rex)
        h = x86_then(h, 0x40 | rex);
    if (op > 0xffff)
        h = x86_then(h, op >> 16);
    if (op > 0xff)
        h = x86_then(h, op >> 8);
    return x86_then(h, op);
}

/* x86_no_high: does r name a byte register only with a REX prefix (else it is ah, ch, dh, bh)? */
static inline bool x86_no_high(unsigned r) {
    return r >= 4 && r <= 7;
}

/* x86_form_r: an instruction on two registers, or on one and a digit of the opcode. */
static inline void x86_form_r(struct jit_buf *b, unsigned width, bool need_rex, unsigned op,
                              unsigned reg, unsigned rm) {
    const unsigned rex = (reg >> 3) << 2 | rm >> 3;
    const struct x86_head h = x86_start(width, rex, need_rex, op);
    const struct x86_head all = x86_then(h, 0xc0 | (reg & 7) << 3 | (rm & 7));
    jit_put(b, all.bytes, all.n);
}

/* x86_form_m: an instruction on a register, or a digit, and memory. rsp and r12 as a base need a
 * SIB byte, rbp and r13 a displacement. */
static inline void x86_form_m(struct jit_buf *b, unsigned width, bool need_rex, unsigned op,
                              unsigned reg, struct x86_mem m) {
    const unsigned rex = (reg >> 3) << 2 | (m.index >> 3) << 1 | m.base >> 3;
    const bool sib = m.index != X86_RSP || (m.base & 7) == X86_RSP;
    const unsigned mod = x86_fits8(m.disp) ? m.disp || (m.base & 7) == X86_RBP : 2;
    struct x86_head h = x86_start(width, rex, need_rex, op);
    h = x86_then(h, mod << 6 | (reg & 7) << 3 | (sib ? X86_RSP : m.base & 7));
    if (sib)
        h = x86_then(h, m.shift << 6 | (m.index & 7) << 3 | (m.base & 7));
    jit_put(b, h.bytes, h.n);
    if (mod)
        jit_put(b, (uint32_t)m.disp, mod == 1 ? 1 : 4);
}

/* x86_form_rr, x86_form_rm: both operands are as wide as width. */
static inline void x86_form_rr(struct jit_buf *b, unsigned width, unsigned op, enum x86_reg reg,
                               enum x86_reg rm) {
    x86_form_r(b, width, width == 8 && (x86_no_high(reg) || x86_no_high(rm)), op, reg, rm);
}
static inline void x86_form_rm(struct jit_buf *b, unsigned width, unsigned op, enum x86_reg reg,
                               struct x86_mem m) {
    x86_form_m(b, width, width == 8 && x86_no_high(reg), op, reg, m);
}

/* x86_form_o: a register in the opcode's low bits. */
static inline void x86_form_o(struct jit_buf *b, unsigned width, unsigned op, enum x86_reg r) {
    const struct x86_head h = x86_start(width, r >> 3, false, op + (r & 7));
    jit_put(b, h.bytes, h.n);
}

/* x86_wide: opcodes come in pairs: the even one for bytes, the odd one for all else. */
static inline unsigned x86_wide(unsigned width, unsigned op) {
    return width == 8 ? op - 1 : op;
}

/* x86_imm: an immediate of the operand's width, but never more than 32 bits. */
static inline void x86_imm(struct jit_buf *b, unsigned width, int64_t k) {
    jit_put(b, (uint64_t)k, width >= 32 ? 4 : width / 8);
}

/* Instructions by topic. */
#include "jit/x86_64/enc_alu.h"
#include "jit/x86_64/enc_bmi.h"
#include "jit/x86_64/enc_flow.h"
#include "jit/x86_64/enc_mem.h"

#endif
