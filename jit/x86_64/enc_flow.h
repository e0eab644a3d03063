/* enc_flow.h: jumps and calls. Part of enc.h, which says how to read it.
 *
 * A relative distance counts from the end of the instruction.
 */
#ifndef BPFLAB_JIT_X86_64_ENC_FLOW_H
#define BPFLAB_JIT_X86_64_ENC_FLOW_H

/* clang-format off */

/* enum x86_cc: after a comparison: below and above are unsigned, less and greater signed. */
enum x86_cc {
    X86_B = 2, X86_AE = 3, X86_E = 4, X86_NE = 5, X86_BE = 6, X86_A = 7,
    X86_L = 12, X86_GE = 13, X86_LE = 14, X86_G = 15,
};

/* Sizes of what is relative. */
enum { X86_JCC8 = 2, X86_JCC32 = 6, X86_JMP8 = 2, X86_JMP32 = 5, X86_CALL32 = 5 };

static inline void x86_jcc8(struct jit_buf *b, enum x86_cc cc, int8_t rel) { jit_put(b, 0x70 | cc | (unsigned)(uint8_t)rel << 8, X86_JCC8); }
static inline void x86_jcc32(struct jit_buf *b, enum x86_cc cc, int32_t rel) { jit_put(b, 0x800f | (unsigned)cc << 8 | (uint64_t)(uint32_t)rel << 16, X86_JCC32); }
static inline void x86_jmp8(struct jit_buf *b, int8_t rel) { jit_put(b, 0xeb | (unsigned)(uint8_t)rel << 8, X86_JMP8); }
static inline void x86_jmp32(struct jit_buf *b, int32_t rel) { jit_put(b, 0xe9 | (uint64_t)(uint32_t)rel << 8, X86_JMP32); }
static inline void x86_call32(struct jit_buf *b, int32_t rel) { jit_put(b, 0xe8 | (uint64_t)(uint32_t)rel << 8, X86_CALL32); }
static inline void x86_jmp_r(struct jit_buf *b, enum x86_reg r) { x86_form_r(b, 32, false, 0xff, 4, r); }
static inline void x86_call_r(struct jit_buf *b, enum x86_reg r) { x86_form_r(b, 32, false, 0xff, 2, r); }
static inline void x86_ret(struct jit_buf *b) { jit_put(b, 0xc3, 1); }

/* n bytes, 1 to 8, that do nothing: an operand that is not read, as long as it must be */
static inline void x86_nop(struct jit_buf *b, unsigned n) {
    static const uint64_t forms[9] = {
        [1] = 0x90, [2] = 0x9066, [3] = 0x001f0f, [4] = 0x00401f0f, [5] = 0x0000441f0f,
        [6] = 0x0000441f0f66, [7] = 0x00000000801f0f, [8] = 0x0000000000841f0f,
    };
    jit_put(b, forms[n], n);
}

/* d = s if cc, 32 or 64 bits */
static inline void x86_cmov_rr(struct jit_buf *b, unsigned width, enum x86_cc cc, enum x86_reg d, enum x86_reg s) { x86_form_rr(b, width, 0x0f40 | (unsigned)cc, d, s); }

/* x86_skip8, x86_land8: a short jump forward over what is not yet written, and its landing. The
 * first returns the place that the second is told. x86_back8: a jump back to place to. */
static inline uint32_t x86_skip8(struct jit_buf *b, enum x86_cc cc) { x86_jcc8(b, cc, 0); return b->n; }
static inline uint32_t x86_over8(struct jit_buf *b) { x86_jmp8(b, 0); return b->n; }
static inline void x86_land8(struct jit_buf *b, uint32_t from) {
    assert(b->err || b->n - from <= 127);
    if (!b->err)
        b->bytes[from - 1] = (uint8_t)(b->n - from);
}
static inline void x86_back8(struct jit_buf *b, enum x86_cc cc, uint32_t to) { x86_jcc8(b, cc, (int8_t)((int64_t)to - b->n - X86_JCC8)); }

/* clang-format on */

#endif
