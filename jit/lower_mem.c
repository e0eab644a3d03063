/* lower_mem.c: loads, stores and atomic operations, plain or through the runtime.
 *
 * Where a program may reach memory that is not what it looks like (context fields that read as
 * something else, arenas), an access without a fact is guarded: a pointer into the world beyond its
 * first pages is plain, any other one is the runtime's to follow.
 */
#include "jit/driver.h"
#include "runtime/exec.h"
#include "runtime/layout.h"
#include "runtime/run.h"

enum {
    N_CALLER_SAVED = 6 /* r0 to r5 */
};

bool lower_is_plain(const struct jit *j, uint32_t pc, uint8_t base) {
    if (!j->plan.slow_memory || base == REG_FP)
        return true;
    return j->opt->facts && j->opt->facts->at[pc].mem == MEM_PLAIN;
}

static bool is_slow(const struct jit *j, uint32_t pc) {
    return j->opt->facts && j->opt->facts->at[pc].mem >= MEM_SLOW;
}

/* A context's packet pointer, made from the packet's offset in struct world. out: false if the load
 * at pc is no such one */
static bool packet_pointer(struct jit *j, uint32_t pc, uint8_t dst) {
    const uint8_t mem = j->opt->facts && j->opt->opt > 0 ? j->opt->facts->at[pc].mem : MEM_ANY;
    const uint32_t off = mem == MEM_PKT_DATA   ? j->bind->pkt_data_off
                         : mem == MEM_PKT_END  ? j->bind->pkt_end_off
                         : mem == MEM_PKT_META ? j->bind->pkt_meta_off
                                               : 0;
    if (!off)
        return false;
    j_load(j, 4, dst, JR_STATE, (int32_t)off);
    j_const(j, JR_T0, WORLD_BASE + WORLD_PKT_OFF);
    j_alu(j, JOP_ADD, 64, dst, dst, JR_T0);
    return true;
}

/* From where on, as an offset in the world, memory is what it looks like: on big-endian machines
 * images of sockets, in scratch, have a field that is not. */
static int64_t plain_from(const struct jit *j) {
    return j->arch->big_endian ? WORLD_ARENA_OFF : WORLD_HANDLE_OFF;
}

/* Jump to label unless base + off is plain memory. */
static void guard(struct jit *j, uint8_t base, int32_t off, uint32_t label) {
    const int64_t from = plain_from(j);
    j_const(j, JR_T0, (uint64_t)off - WORLD_BASE - (uint64_t)from);
    j_alu(j, JOP_ADD, 64, JR_T0, JR_T0, base);
    j_branch_k(j, JC_UGE, 64, JR_T0, (int64_t)WORLD_BYTES - from, label);
}

/* A plain access, guarded if it must be. load: else a store, of m. */
static void access(struct jit *j, uint32_t pc, const struct jit_mem *m, bool load) {
    struct cold c = {.kind = COLD_MEM, .mem = *m, .load = load};
    if (m->indexed || m->base == JR_STATE || lower_is_plain(j, pc, m->base)) {
        if (load)
            j->arch->load(&j->code, m);
        else
            j->arch->store(&j->code, m);
        return;
    }
    c.back = j_label(j);
    const uint32_t slow = j_cold(j, c);
    if (is_slow(j, pc)) {
        j_jump(j, slow);
    } else {
        guard(j, m->base, m->off, slow);
        if (load)
            j->arch->load(&j->code, m);
        else
            j->arch->store(&j->code, m);
    }
    j_bind(j, c.back);
}

static void save_regs(struct jit *j) {
    for (uint8_t r = 0; r < N_CALLER_SAVED; r++)
        j_store(j, 8, JR_STATE, EXEC_REGS + 8 * r, r);
}

/* All but the register that got the result. */
static void reload_regs(struct jit *j, uint8_t but) {
    for (uint8_t r = 0; r < N_CALLER_SAVED; r++)
        if (r != but)
            j_load(j, 8, r, JR_STATE, EXEC_REGS + 8 * r);
}

/* The access that a COLD_MEM put off. */
void cold_mem(struct jit *j, const struct cold *c) {
    const struct jit_mem *const m = &c->mem;
    const bool load = c->load;
    save_regs(j);
    j_const(j, JR_T0, (uint64_t)(int64_t)m->off);
    j_alu(j, JOP_ADD, 64, JR_T0, JR_T0, m->base);
    if (!load && m->imm)
        j_const(j, JR_3, (uint64_t)m->k);
    else if (!load)
        j_alu(j, JOP_MOV, 64, JR_3, 0, m->reg);
    else
        j_alu_k(j, JOP_MOV, 32, JR_3, 0, m->sign);
    j_alu(j, JOP_MOV, 64, JR_1, 0, JR_T0);
    j_alu_k(j, JOP_MOV, 32, JR_2, 0, m->bytes);
    j_call_host(j, j->bind->thunks[load ? JIT_THUNK_LOAD : JIT_THUNK_STORE]);
    j_check_pending(j);
    if (load) {
        j_alu(j, JOP_MOV, 64, m->reg, 0, JR_0);
        if (m->swap)
            j_alu(j,
                  m->bytes == 2   ? JOP_BSWAP16
                  : m->bytes == 4 ? JOP_BSWAP32
                                  : JOP_BSWAP64,
                  64, m->reg, 0, m->reg);
    }
    reload_regs(j, load ? m->reg : JR_NONE);
    j_jump(j, c->back);
}

/* Atomic accesses and those with an order must be aligned; of an accepted program they are, but for
 * those to an arena, whose pointers may hold any number. */
static void check_aligned(struct jit *j, uint8_t base, int32_t off, unsigned bytes) {
    if ((j->opt->trusted && lower_is_plain(j, j->pc, base)) || bytes == 1)
        return;
    j_alu_k(j, JOP_ADD, 64, JR_T1, base, off);
    j_branch_k(j, JC_SET, 64, JR_T1, (int64_t)bytes - 1, j_trap_label(j, RUN_TRAP_ALIGN, true));
}

/* Loading and then reversing the bytes: one operation. out: may the next instruction go? */
static bool swaps_next(const struct jit *j, uint32_t pc, const struct jit_mem *m) {
    struct jit_alu a;
    if (j->opt->opt == 0 || j_entered(j, pc + 1) || m->bytes == 1 || m->sign ||
        op_table[j_op(j, pc + 1)].cls != CLASS_ALU_END || j->insns[pc + 1].dst != m->reg ||
        fuse_alu(j, pc + 1, &a) != 1)
        return false;
    return a.op == (m->bytes == 2 ? JOP_BSWAP16 : m->bytes == 4 ? JOP_BSWAP32 : JOP_BSWAP64);
}

/* The address that a group of instructions makes, instead of the access's own. */
static void place(struct jit_mem *m, const struct jit_mem *at) {
    if (!at)
        return;
    m->base = at->base;
    m->index = at->index;
    m->indexed = at->indexed;
    m->off = at->off;
}

static uint32_t load(struct jit *j, uint32_t pc, const struct op_info *row,
                     const struct jit_mem *at) {
    const struct insn in = j->insns[pc];
    struct jit_mem m = {
        .bytes = row->width_bits / 8,
        .sign = row->sign,
        .order = row->cls == CLASS_ATOMIC_LOAD,
        .reg = in.dst,
        .base = in.src,
        .off = in.off,
    };
    if (m.order)
        check_aligned(j, in.src, in.off, m.bytes);
    else
        m.swap = swaps_next(j, pc, &m);
    place(&m, at);
    if (!at && packet_pointer(j, pc, m.reg)) {
        j_forget(j, in.dst, false);
        return 1;
    }
    access(j, pc, &m, true);
    /* what the runtime gives may be a pointer, however narrow the field */
    j_forget(j, in.dst, m.bytes < 8 && !m.sign && (at || lower_is_plain(j, pc, in.src)));
    return m.swap ? 2 : 1;
}

static void store(struct jit *j, uint32_t pc, const struct op_info *row, const struct jit_mem *at) {
    const struct insn in = j->insns[pc];
    struct jit_mem m = {
        .bytes = row->width_bits / 8,
        .order = row->cls == CLASS_ATOMIC_STORE,
        .imm = row->cls == CLASS_ST,
        .reg = in.src,
        .base = in.dst,
        .off = in.off,
        .k = in.imm,
    };
    if (m.order)
        check_aligned(j, in.dst, in.off, m.bytes);
    if (m.imm && j->opt->blind) {
        /* the guard of a slow access needs T0: hide it behind T1 */
        blind_to(j, JR_T1, (uint64_t)m.k);
        m.imm = false;
        m.reg = JR_T1;
    }
    place(&m, at);
    access(j, pc, &m, false);
}

static void atomic(struct jit *j, uint32_t pc, enum op op) {
    const struct insn in = j->insns[pc];
    const struct op_info *const row = &op_table[op];
    const struct jit_atomic a = {
        .rmw = j_row(j, pc)->jop,
        .bytes = row->width_bits / 8,
        .fetch = row->src_rule == FIELD_WREG,
        .base = in.dst,
        .src = in.src,
        .off = in.off,
    };
    uint32_t back = 0;
    check_aligned(j, in.dst, in.off, a.bytes);
    const bool plain = lower_is_plain(j, pc, in.dst);
    if (!plain) {
        back = j_label(j);
        const struct cold c = {.kind = COLD_ATOMIC,
                               .op = op,
                               .back = back,
                               .mem = {.base = in.dst, .off = in.off},
                               .reg = in.src};
        const uint32_t slow = j_cold(j, c);
        if (is_slow(j, pc))
            j_jump(j, slow);
        else
            guard(j, in.dst, in.off, slow);
    }
    if (plain || !is_slow(j, pc))
        j->arch->atomic(&j->code, &a);
    if (!plain)
        j_bind(j, back);
    /* an arena without a page there leaves the register as it was */
    if (a.rmw == JRMW_CMPXCHG)
        j_forget(j, JR_0, a.bytes == 4 && plain);
    else if (a.fetch)
        j_forget(j, in.src, a.bytes == 4 && plain);
}

/* r0 and the source hold the old value afterwards, where the operation says so. */
void cold_atomic(struct jit *j, const struct cold *c) {
    const enum op op = c->op;
    const struct op_info *const row = &op_table[op];
    const uint8_t result = row->cls == CLASS_ATOMIC_CMPXCHG ? JR_0
                           : row->src_rule == FIELD_WREG    ? c->reg
                                                            : JR_NONE;
    save_regs(j);
    j_alu_k(j, JOP_ADD, 64, JR_T0, c->mem.base, c->mem.off);
    j_alu(j, JOP_MOV, 64, JR_T1, 0, c->reg);
    j_alu(j, JOP_MOV, 64, JR_4, 0, JR_0);
    j_alu(j, JOP_MOV, 64, JR_3, 0, JR_T1);
    j_alu(j, JOP_MOV, 64, JR_1, 0, JR_T0);
    j_alu_k(j, JOP_MOV, 32, JR_2, 0, op);
    j_call_host(j, j->bind->thunks[JIT_THUNK_ATOMIC]);
    j_check_pending(j);
    if (result != JR_NONE)
        j_alu(j, JOP_MOV, 64, result, 0, JR_0);
    reload_regs(j, result);
    j_jump(j, c->back);
}

uint32_t lower_access(struct jit *j, uint32_t pc, const struct jit_mem *at) {
    const struct op_info *const row = &op_table[j_op(j, pc)];
    if (row->cls == CLASS_LDX || row->cls == CLASS_ATOMIC_LOAD)
        return load(j, pc, row, at);
    store(j, pc, row, at);
    return 1;
}

uint32_t lower_mem(struct jit *j, uint32_t pc, enum op op) {
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD:
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_ATOMIC_STORE: return lower_access(j, pc, NULL);
    default: atomic(j, pc, op); return 1;
    }
}
