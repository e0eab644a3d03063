#include "fuzz/oracle/walk.h"

/* The concrete frame that n_bytes at addr lie in, and where: bytes from its lowest one.
 * out: false: not in a frame followed */
static bool in_frame(struct walk *x, uint64_t addr, uint32_t n_bytes, struct level **l,
                     uint32_t *at) {
    for (uint32_t d = 0; d <= x->depth && d < MAX_DEPTH; d++) {
        const uint64_t bottom = world_stack_top(x->w, d) - FRAME_MAX_BYTES;
        if (addr < bottom || addr + n_bytes > bottom + FRAME_MAX_BYTES)
            continue;
        *l = &x->level[d];
        *at = (uint32_t)(addr - bottom);
        return true;
    }
    return false;
}

static bool bytes_loose(const struct level *l, uint32_t at, uint32_t n) {
    bool loose = false;
    for (uint32_t i = at; i < at + n; i++)
        loose |= l->loose_bytes[FRAME_MAX_SLOTS - 1 - i / SLOT_BYTES] >> i % SLOT_BYTES & 1;
    return loose;
}

static void set_bytes(struct level *l, uint32_t at, uint32_t n, bool loose) {
    for (uint32_t i = at; i < at + n; i++) {
        uint8_t *const slot = &l->loose_bytes[FRAME_MAX_SLOTS - 1 - i / SLOT_BYTES];
        const uint8_t bit = (uint8_t)(1u << i % SLOT_BYTES);
        *slot = (uint8_t)(loose ? *slot | bit : *slot & ~bit);
    }
}

/* A loose value must not be an address, but for arenas, where any value may be. */
static bool as_address(struct walk *x, const struct level *l, uint32_t pc, uint32_t reg) {
    const struct place at = {.pc = pc, .frame = x->depth - x->base, .reg = (int)reg, .slot = -1};
    return !is_loose(l, reg) || state_regs(&x->know->records[x->at].st)[reg].kind == REG_ARENA ||
           walk_miss(x, &at, NULL, "a loose value is used as an address");
}

static bool flow_memory(struct walk *x, struct level *l, uint32_t pc, struct insn in,
                        const struct op_info *row) {
    const bool load = row->cls == CLASS_LDX || row->cls == CLASS_ATOMIC_LOAD;
    const uint32_t base = load ? in.src : in.dst, n = row->width_bits / 8u;
    const uint64_t addr = l->regs[base] + (uint64_t)(int64_t)in.off;
    struct level *to;
    uint32_t at;
    const bool stack = in_frame(x, addr, n, &to, &at);
    const bool was = stack && bytes_loose(to, at, n);
    if (!as_address(x, l, pc, base))
        return false;
    if (load) {
        set_loose(l, in.dst, was);
        return true;
    }
    const bool source = row->cls != CLASS_ST && is_loose(l, in.src);
    const bool adds = row->cls == CLASS_ATOMIC_RMW || row->cls == CLASS_ATOMIC_CMPXCHG;
    if (stack)
        set_bytes(to, at, n, source || (adds && was));
    if (row->cls == CLASS_ATOMIC_CMPXCHG)
        set_loose(l, 0, was);
    else if (row->cls == CLASS_ATOMIC_XCHG ||
             (row->cls == CLASS_ATOMIC_RMW && (row->imm_fixed & 1)))
        set_loose(l, in.src, was);
    return true;
}

/* What is linked with a loose number is no better known. */
static void loosen_linked(struct walk *x, const struct state *st, uint32_t id) {
    for (uint32_t f = 0; id && f <= st->depth; f++) {
        const struct frame *const frame = st->frames[f];
        struct level *const l = &x->level[x->base + f];
        for (uint32_t r = 0; r < REG_FP; r++)
            if (reg_is_scalar(&frame->regs[r]) && frame->regs[r].id == id)
                set_loose(l, r, true);
        for (uint32_t k = 0; k < frame->n_slots; k++)
            if (slot_is_spilled_scalar(&frame->slots[k]) && frame->slots[k].spilled.id == id)
                l->loose_bytes[k] = 0xff;
    }
}

/* A comparison refines one operand by the other: from what is known of a loose one, nothing
 * follows. */
static void flow_jump(struct walk *x, struct level *l, struct insn in, const struct op_info *row) {
    const struct state *const st = &x->know->records[x->at].st;
    if (!is_loose(l, in.dst) && !(row->from_reg && is_loose(l, in.src)))
        return;
    set_loose(l, in.dst, true);
    loosen_linked(x, st, state_regs(st)[in.dst].id);
    if (row->from_reg) {
        set_loose(l, in.src, true);
        loosen_linked(x, st, state_regs(st)[in.src].id);
    }
}

/* The instruction at pc is executed in the level's state before it. */
bool walk_flow(struct walk *x, struct level *l, uint32_t pc) {
    const struct insn in = x->prog->insns[pc];
    const enum op op = op_of(in);
    if (op >= N_OPS)
        return true;
    const struct op_info *const row = &op_table[op];
    const bool src = row->from_reg && is_loose(l, in.src);
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
        set_loose(l, in.dst, (row->code & 0xf0) == 0xb0 ? src : src || is_loose(l, in.dst));
        return true;
    case CLASS_ALU_SEXT:
    case CLASS_ALU_CAST: set_loose(l, in.dst, is_loose(l, in.src)); return true;
    case CLASS_IMM64: set_loose(l, in.dst, false); return true;
    case CLASS_LDX:
    case CLASS_ST:
    case CLASS_STX:
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG:
    case CLASS_ATOMIC_LOAD:
    case CLASS_ATOMIC_STORE: return flow_memory(x, l, pc, in, row);
    case CLASS_JMP_COND: flow_jump(x, l, in, row); return true;
    case CLASS_CALL:
    case CLASS_CALL_KFUNC:
    case CLASS_PKT: l->loose_regs &= (uint16_t)~0x3f; return true;
    default: return true;
    }
}
