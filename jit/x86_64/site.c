/* site.c: branches, jumps and calls: 8 bits of distance or 32, from the end of the instruction.
 *
 * What a comparison takes is found by encoding it, so that sizes and bytes cannot disagree.
 */
#include "jit/x86_64/x86_64.h"

/* struct compare: a branch's comparison, in the form that is shortest here. */
struct compare {
    uint8_t cond;
    int32_t k;
};

/* shortest: the same condition with 0 (which a test does) or with an immediate of a byte. */
static struct compare shortest(const struct jit_site *s) {
    struct compare c = {s->cond, (int32_t)s->k};
    switch (c.cond) {
    case JC_SGT:
    case JC_SLE: /* > -1 is >= 0; > -129 is >= -128 */
        if (c.k == -1 || c.k == INT8_MIN - 1)
            c.cond = c.cond == JC_SGT ? JC_SGE : JC_SLT, c.k++;
        break;
    case JC_SGE:
    case JC_SLT: /* >= 1 is > 0; >= 128 is > 127 */
        if (c.k == 1 || c.k == INT8_MAX + 1)
            c.cond = c.cond == JC_SGE ? JC_SGT : JC_SLE, c.k--;
        break;
    case JC_UGE:
    case JC_ULT: /* the same, unsigned */
        if (c.k == 1 || c.k == INT8_MAX + 1)
            c.cond = c.cond == JC_UGE ? JC_UGT : JC_ULE, c.k--;
        break;
    case JC_SET:
    case JC_NSET: /* the sign, alone */
        if (s->width == 32 && c.k == INT32_MIN)
            c.cond = c.cond == JC_SET ? JC_SLT : JC_SGE, c.k = 0;
        break;
    default: break;
    }
    return c;
}

/* test_imm: flags of r & k. As few bits as k has; all of them without an immediate. */
static void test_imm(struct jit_buf *b, unsigned width, enum x86_reg r, int32_t k) {
    if (k == -1)
        x86_test_rr(b, width, r, r);
    else if (k == UINT8_MAX)
        x86_test_rr(b, 8, r, r);
    else if (k == UINT16_MAX)
        x86_test_rr(b, 16, r, r);
    else if (k >= 0 && k < UINT8_MAX)
        x86_test_ri(b, 8, r, k);
    else
        x86_test_ri(b, k >= 0 ? 32 : width, r, k);
}

/* compare: sets the flags; returns the condition that reads them. */
static enum x86_cc compare(struct jit_buf *b, const struct jit_site *s) {
    static const uint8_t ccs[] = {
        [JC_EQ] = X86_E,   [JC_NE] = X86_NE, [JC_UGT] = X86_A,  [JC_ULE] = X86_BE,
        [JC_UGE] = X86_AE, [JC_ULT] = X86_B, [JC_SGT] = X86_G,  [JC_SLE] = X86_LE,
        [JC_SGE] = X86_GE, [JC_SLT] = X86_L, [JC_SET] = X86_NE, [JC_NSET] = X86_E,
    };
    const enum x86_reg r = x86_reg(s->a);
    const struct compare c = s->imm ? shortest(s) : (struct compare){s->cond, 0};
    const bool test = c.cond == JC_SET || c.cond == JC_NSET;
    if (!s->imm && test)
        x86_test_rr(b, s->width, r, x86_reg(s->b));
    else if (!s->imm)
        x86_bin_rr(b, s->width, X86_CMP, r, x86_reg(s->b));
    else if (test)
        test_imm(b, s->width, r, c.k);
    else if (c.k)
        x86_bin_ri(b, s->width, X86_CMP, r, c.k);
    else
        x86_test_rr(b, s->width, r, r);
    return (enum x86_cc)ccs[c.cond];
}

/* plain: what stands before the part that depends on the distance, or the whole site where
 * nothing does. Into rax goes a function's address, for r0 dies in the call; a jump keeps it. */
static enum x86_cc plain(struct jit_buf *b, const struct jit_site *s, unsigned form) {
    switch ((enum jit_site_kind)s->kind) {
    case JSITE_BRANCH: return compare(b, s);
    case JSITE_CALL_HOST:
        x86_mov_rr(b, 64, X86_R9, X86_STATE);
        if (form == 1) {
            x86_load_imm(b, X86_RAX, s->target);
            x86_call_r(b, X86_RAX);
        }
        break;
    case JSITE_JUMP_HOST:
        if (form == 1) {
            x86_load_imm(b, X86_SCRATCH, s->target);
            x86_jmp_r(b, X86_SCRATCH);
        }
        break;
    case JSITE_CONST: x86_constant(b, s->a, (uint64_t)s->k); break;
    case JSITE_JUMP:
    case JSITE_CALL: break;
    }
    return X86_E;
}

/* relative: the size of what depends on the distance. */
static unsigned relative(const struct jit_site *s, unsigned form) {
    switch ((enum jit_site_kind)s->kind) {
    case JSITE_JUMP: return form ? X86_JMP32 : X86_JMP8;
    case JSITE_BRANCH: return form ? X86_JCC32 : X86_JCC8;
    case JSITE_CALL: return X86_CALL32;
    case JSITE_CALL_HOST: return form ? 0 : X86_CALL32;
    case JSITE_JUMP_HOST: return form ? 0 : X86_JMP32;
    case JSITE_CONST: break;
    }
    return 0;
}

unsigned x86_site_bytes(const struct jit_site *s, unsigned form) {
    uint8_t room[64];
    struct jit_buf b = {.bytes = room, .capacity = sizeof room};
    const unsigned forms = s->kind == JSITE_CALL || s->kind == JSITE_CONST ? 1 : 2;
    if (form >= forms)
        return 0;
    plain(&b, s, form);
    return b.n + relative(s, form);
}

bool x86_site_fits(const struct jit_site *s, unsigned form, int64_t distance) {
    const int64_t rel = distance - (int64_t)x86_site_bytes(s, form);
    switch ((enum jit_site_kind)s->kind) {
    case JSITE_JUMP:
    case JSITE_BRANCH: return form ? rel == (int32_t)rel : x86_fits8(rel);
    case JSITE_CALL: return rel == (int32_t)rel;
    case JSITE_CALL_HOST:
    case JSITE_JUMP_HOST: return form || rel == (int32_t)rel;
    case JSITE_CONST: break;
    }
    return true;
}

void x86_site(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance) {
    const uint32_t begin = b->n;
    const enum x86_cc cc = plain(b, s, form);
    const int64_t rel = distance - (int64_t)(b->n - begin) - (int64_t)relative(s, form);
    if (s->kind == JSITE_BRANCH)
        form ? x86_jcc32(b, cc, (int32_t)rel) : x86_jcc8(b, cc, (int8_t)rel);
    else if (s->kind == JSITE_JUMP && !form)
        x86_jmp8(b, (int8_t)rel);
    else if (s->kind == JSITE_JUMP || (s->kind == JSITE_JUMP_HOST && !form))
        x86_jmp32(b, (int32_t)rel);
    else if (s->kind == JSITE_CALL || (s->kind == JSITE_CALL_HOST && !form))
        x86_call32(b, (int32_t)rel);
}
