/* div.c: what the machine does in rax and rdx only: divisions and upper halves of products.
 *
 * Both registers belong to eBPF (r0, r3). What one of them holds waits elsewhere (keep.h), unless
 * it is dead or about to be overwritten by the result. The machine traps where eBPF defines a
 * result: at a divisor of 0 and at smallest / -1.
 */
#include "jit/x86_64/keep.h"
#include "jit/x86_64/x86_64.h"

/* struct div: a division whose divisor s is neither in rax nor in rdx. */
struct div {
    unsigned width;
    enum x86_reg d, a, s;
    bool mod, sign, nonzero, zext;
};

/* dividend: into rax. */
static void dividend(struct jit_buf *b, const struct div *o) {
    if (o->a != X86_RAX)
        x86_mov_rr(b, o->width, X86_RAX, o->a);
}

static void divide(struct jit_buf *b, const struct div *o) {
    if (o->sign)
        x86_cqo(b, o->width);
    else
        x86_load_imm(b, X86_RDX, 0);
    x86_unary_r(b, o->width, o->sign ? X86_IDIV : X86_DIV, o->s);
}

/* divide_unless_0: the result that a zero divisor gives is made first, then the division jumped
 * over. Only a quotient of what is in rax already must be put right after the comparison. */
static void divide_unless_0(struct jit_buf *b, const struct div *o) {
    const bool in_rax = o->a == X86_RAX && !o->mod;
    if (o->mod && (o->a != X86_RDX || (o->width == 32 && o->zext && o->d == X86_RDX)))
        x86_mov_rr(b, o->width, X86_RDX, o->a);
    else if (!o->mod)
        x86_load_imm(b, in_rax ? X86_RDX : X86_RAX, 0);
    x86_test_rr(b, o->width, o->s, o->s);
    if (in_rax)
        x86_cmov_rr(b, o->width, X86_E, X86_RAX, X86_RDX);
    const uint32_t zero = x86_skip8(b, X86_E);
    dividend(b, o);
    if (in_rax)
        x86_unary_r(b, o->width, X86_DIV, o->s);
    else
        divide(b, o);
    x86_land8(b, zero);
}

/* divide_unless_overflow: s is not 0, but may be -1: then the quotient is -a and the rest 0. */
static void divide_unless_overflow(struct jit_buf *b, const struct div *o) {
    dividend(b, o);
    if (o->mod)
        x86_load_imm(b, X86_RDX, 0);
    x86_bin_ri(b, o->width, X86_CMP, o->s, -1);
    const uint32_t from = x86_skip8(b, o->mod ? X86_E : X86_NE);
    uint32_t end = from;
    if (!o->mod) {
        x86_unary_r(b, o->width, X86_NEG, X86_RAX);
        end = x86_over8(b);
        x86_land8(b, from);
    }
    divide(b, o);
    x86_land8(b, end);
}

/* divide_signed: by 0 or -1 the quotient is a * s, and the rest a * (s + 1): one comparison finds
 * both, one multiplication does both. */
static void divide_signed(struct jit_buf *b, const struct div *o) {
    dividend(b, o);
    x86_lea(b, o->width, X86_RDX, x86_at(o->s, 1));
    x86_bin_ri(b, o->width, X86_CMP, X86_RDX, 1);
    const uint32_t plain = x86_skip8(b, X86_A);
    if (o->mod)
        x86_imul_rr(b, o->width, X86_RDX, X86_RAX);
    else
        x86_imul_rr(b, o->width, X86_RAX, o->s);
    const uint32_t end = x86_over8(b);
    x86_land8(b, plain);
    divide(b, o);
    x86_land8(b, end);
}

void x86_div(struct jit_buf *b, const struct jit_alu *a) {
    struct div o = {
        .width = a->width,
        .d = x86_reg(a->dst),
        .a = x86_reg(a->a),
        .s = x86_reg(a->b),
        .mod = a->op == JOP_UMOD || a->op == JOP_SMOD,
        .sign = a->op == JOP_SDIV || a->op == JOP_SMOD,
        .nonzero = a->nonzero,
        .zext = a->zext,
    };
    const enum x86_reg divisor = o.s, result = o.mod ? X86_RDX : X86_RAX;
    const bool bound = divisor == X86_RAX || divisor == X86_RDX;
    const bool keep_rax = o.d != X86_RAX && !(a->dead >> JR_0 & 1);
    const bool keep_rdx = o.d != X86_RDX && !(a->dead >> JR_3 & 1);
    struct x86_spare spare = x86_spare(a->dead);
    if (bound) {
        o.s = x86_spare_reg(&spare);
        x86_mov_rr(b, 64, o.s, divisor);
    }
    struct x86_place rax = {.used = keep_rax, .reg = o.s}, rdx = {.used = keep_rdx, .reg = o.s};
    if (divisor != X86_RAX)
        rax = x86_keep(b, &spare, X86_RAX, keep_rax);
    if (divisor != X86_RDX)
        rdx = x86_keep(b, &spare, X86_RDX, keep_rdx);

    if (!o.sign)
        o.nonzero ? (dividend(b, &o), divide(b, &o)) : divide_unless_0(b, &o);
    else
        o.nonzero ? divide_unless_overflow(b, &o) : divide_signed(b, &o);
    if (o.d != result)
        x86_mov_rr(b, o.width, o.d, result);
    x86_back(b, &rax, X86_RAX);
    x86_back(b, &rdx, X86_RDX);
}

/* mulh_bmi: mulx takes one factor from rdx and leaves rdx alone. */
static void mulh_bmi(struct jit_buf *b, enum x86_reg d, enum x86_reg x, enum x86_reg y, bool keep) {
    if (y == X86_RDX)
        y = x, x = X86_RDX;
    keep = keep && x != X86_RDX;
    if (keep)
        x86_mov_rr(b, 64, X86_SCRATCH, X86_RDX);
    if (x != X86_RDX)
        x86_mov_rr(b, 64, X86_RDX, x);
    x86_mulx(b, 64, d, d, y);
    if (keep)
        x86_mov_rr(b, 64, X86_RDX, X86_SCRATCH);
}

void x86_mulh(struct jit_buf *b, const struct jit_alu *a, bool v3) {
    const enum x86_reg d = x86_reg(a->dst), x = x86_reg(a->a), y = x86_reg(a->b);
    const bool sign = a->op == JOP_MULHS;
    const bool keep_rax = d != X86_RAX && !(a->dead >> JR_0 & 1);
    const bool keep_rdx = d != X86_RDX && !(a->dead >> JR_3 & 1);
    if (v3 && !sign) {
        mulh_bmi(b, d, x, y, keep_rdx);
        return;
    }
    struct x86_spare spare = x86_spare(a->dead);
    const struct x86_place rax = x86_keep(b, &spare, X86_RAX, keep_rax);
    const struct x86_place rdx = x86_keep(b, &spare, X86_RDX, keep_rdx);
    if (x != X86_RAX && y != X86_RAX)
        x86_mov_rr(b, 64, X86_RAX, x);
    x86_unary_r(b, 64, sign ? X86_IMUL : X86_MUL, y == X86_RAX ? x : y);
    if (d != X86_RDX)
        x86_mov_rr(b, 64, d, X86_RDX);
    x86_back(b, &rax, X86_RAX);
    x86_back(b, &rdx, X86_RDX);
}
