/* mem.c: loads and stores. Plain moves are acquires and releases here, so order asks for nothing.
 */
#include "jit/x86_64/x86_64.h"

static struct x86_mem address(const struct jit_mem *m) {
    if (m->indexed)
        return x86_at_index(x86_reg(m->base), x86_reg(m->index), 0, m->off);
    return x86_at(x86_reg(m->base), m->off);
}

/* load_swapped: two bytes are rotated in a register whose upper bits are 0 already; MOVBE would
 * keep what was there. */
static void load_swapped(struct jit_buf *b, const struct jit_mem *m, bool v3) {
    const enum x86_reg d = x86_reg(m->reg);
    const unsigned width = m->bytes * 8U;
    if (width == 16) {
        x86_movzx16_rm(b, d, address(m));
        x86_shift_ri(b, 16, X86_ROL, d, 8);
    } else if (v3) {
        x86_movbe_rm(b, width, d, address(m));
    } else {
        x86_mov_rm(b, width, d, address(m));
        x86_bswap(b, width, d);
    }
}

static void load(struct jit_buf *b, const struct jit_mem *m, bool v3) {
    const enum x86_reg d = x86_reg(m->reg);
    if (m->swap)
        load_swapped(b, m, v3);
    else if (m->bytes == 8)
        x86_mov_rm(b, 64, d, address(m));
    else if (m->bytes == 4 && m->sign)
        x86_movsxd_rm(b, d, address(m));
    else if (m->bytes == 4)
        x86_mov_rm(b, 32, d, address(m));
    else if (m->bytes == 2 && m->sign)
        x86_movsx16_rm(b, 64, d, address(m));
    else if (m->bytes == 2)
        x86_movzx16_rm(b, d, address(m));
    else if (m->sign)
        x86_movsx8_rm(b, 64, d, address(m));
    else
        x86_movzx8_rm(b, d, address(m));
}

void x86_load(struct jit_buf *b, const struct jit_mem *m) {
    load(b, m, true);
}

void x86_load_base(struct jit_buf *b, const struct jit_mem *m) {
    load(b, m, false);
}

void x86_store(struct jit_buf *b, const struct jit_mem *m) {
    const unsigned width = m->bytes * 8U;
    if (m->imm)
        x86_mov_mi(b, width, address(m), (int32_t)m->k);
    else
        x86_mov_mr(b, width, address(m), x86_reg(m->reg));
}
