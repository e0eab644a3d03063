/* atomic.c: read-modify-write. Every locked instruction is sequentially consistent.
 */
#include "jit/x86_64/x86_64.h"

static enum x86_bin operation(uint8_t rmw) {
    return rmw == JRMW_ADD   ? X86_ADD
           : rmw == JRMW_OR  ? X86_OR
           : rmw == JRMW_AND ? X86_AND
                             : X86_XOR;
}

/* fetch_loop: the machine returns the old value only of an addition. All else is tried until
 * nobody came between:
 *
 *         rax = [m]
 *     L:  new = rax op src; if [m] == rax, [m] = new; else rax = [m], L
 *
 * rax is r0, which may be live, the source or the base. It waits in the red zone, where it is also
 * read as the source. As the base it goes to the scratch register; then another one must be new,
 * and wait as well. Where the first load faults, no register of eBPF has changed.
 */
static void fetch_loop(struct jit_buf *b, const struct jit_atomic *a, unsigned width) {
    const enum x86_reg base = x86_reg(a->base), src = x86_reg(a->src);
    const bool from_rax = base == X86_RAX, of_rax = src == X86_RAX;
    const struct x86_mem m = x86_at(from_rax ? X86_SCRATCH : base, a->off);
    const enum x86_reg new = !from_rax ? X86_SCRATCH : src == X86_RDX ? X86_RCX : X86_RDX;
    const struct x86_mem rax_at = x86_at(X86_RSP, -8), new_at = x86_at(X86_RSP, -16);

    x86_mov_mr(b, 64, rax_at, X86_RAX);
    if (from_rax) {
        x86_mov_mr(b, 64, new_at, new);
        x86_mov_rr(b, 64, X86_SCRATCH, X86_RAX);
    }
    x86_mov_rm(b, width, X86_RAX, m);
    const uint32_t again = b->n;
    x86_mov_rr(b, width, new, X86_RAX);
    if (of_rax)
        x86_bin_rm(b, width, operation(a->rmw), new, rax_at);
    else
        x86_bin_rr(b, width, operation(a->rmw), new, src);
    x86_lock_cmpxchg_mr(b, width, m, new);
    x86_back8(b, X86_NE, again);
    /* The old value: after a success rax is what it was, in all bits: the load zeroed the upper. */
    if (!of_rax) {
        x86_mov_rr(b, width, src, X86_RAX);
        x86_mov_rm(b, 64, X86_RAX, rax_at);
    }
    if (from_rax)
        x86_mov_rm(b, 64, new, new_at);
}

void x86_atomic(struct jit_buf *b, const struct jit_atomic *a) {
    const unsigned width = a->bytes * 8U;
    const struct x86_mem m = x86_at(x86_reg(a->base), a->off);
    const enum x86_reg src = x86_reg(a->src);
    if (a->rmw == JRMW_XCHG) {
        x86_xchg_mr(b, width, m, src);
    } else if (a->rmw == JRMW_CMPXCHG) {
        x86_lock_cmpxchg_mr(b, width, m, src);
        /* A success of 32 bits leaves the upper half of rax alone. */
        if (width == 32)
            x86_mov_rr(b, 32, X86_RAX, X86_RAX);
    } else if (!a->fetch) {
        x86_lock_bin_mr(b, width, operation(a->rmw), m, src);
    } else if (a->rmw == JRMW_ADD) {
        x86_lock_xadd_mr(b, width, m, src);
    } else {
        fetch_loop(b, a, width);
    }
}
