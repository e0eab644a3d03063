/* access.c: the slow way of a memory access: misaligned atomics are traps, all else is the
 * runtime's. */
#include "interp/code.h"

#include "runtime/access.h"

bool interp_slow_access(struct istate *st, const struct cell *pc, uint64_t limit) {
    const struct op_info *row = &op_table[pc->op];
    const bool loads = row->cls == CLASS_LDX || row->cls == CLASS_ATOMIC_LOAD;
    const bool plain = row->cls == CLASS_LDX || row->cls == CLASS_STX || row->cls == CLASS_ST;
    const unsigned n = row->width_bits / 8;
    uint64_t *const dst = &st->regs[pc->dst / 8], *const src = &st->regs[pc->src / 8];
    const uint64_t addr = (loads ? *src : *dst) + (uint64_t)pc->imm + WORLD_BASE;
    bool done;
    if (!plain && addr % n) {
        interp_stop(st, pc, RUN_TRAP_ALIGN, addr);
        return false;
    }
    if (loads)
        done = access_load(st->w, addr, n, row->sign, limit, dst);
    else if (row->cls == CLASS_ST)
        done = access_store(st->w, addr, n, (uint64_t)(int64_t)pc->x, limit);
    else if (plain || row->cls == CLASS_ATOMIC_STORE)
        done = access_store(st->w, addr, n, *src, limit);
    else
        done = access_atomic(st->w, (enum op)pc->op, addr, limit, src, &st->regs[0]);
    if (!done)
        interp_stop(st, pc, access_refusal(addr), addr);
    return done;
}
