/* choose.c: places, numbers and registers that are worth trying. */
#include "fuzz/mut/part.h"

enum {
    LOOK_BACK = 16, /* slots in which a register is looked for */
    NEAR = 12,      /* slots that jumps go */
};

/* ---- places ---- */

static uint32_t end_of(const struct fuzz_case *c) {
    return c->start[c->n_progs];
}

/* The instruction that a slot belongs to. */
static uint32_t first_slot(const struct fuzz_case *c, uint32_t at) {
    return edit_is_second(c, at) ? at - 1 : at;
}

uint32_t mut_place(struct mut *m) {
    return first_slot(m->c, mut_below(m, end_of(m->c)));
}

bool mut_where(struct mut *m, bool (*fits)(enum op op), uint32_t *at) {
    const struct fuzz_case *const c = m->c;
    uint32_t n = 0;
    for (uint32_t pc = 0; pc < end_of(c); pc += insn_slots(c->insns[pc]))
        n += fits(op_of(c->insns[pc]));
    if (n == 0)
        return false;
    uint32_t left = mut_below(m, n), pc = 0;
    for (;; pc += insn_slots(c->insns[pc]))
        if (fits(op_of(c->insns[pc])) && left-- == 0)
            break;
    *at = pc;
    return true;
}

/* Is it its program's last instruction? */
static bool is_last(const struct fuzz_case *c, uint32_t at) {
    return at + insn_slots(c->insns[at]) >= c->start[edit_prog_of(c, at) + 1];
}

bool mut_inner(struct mut *m, uint32_t *at) {
    for (int tries = 0; tries < 4; tries++) {
        *at = mut_place(m);
        if (!is_last(m->c, *at))
            return true;
    }
    *at = m->c->start[0];
    return !is_last(m->c, *at);
}

static uint32_t range_length(struct mut *m) {
    static const uint8_t most[] = {2, 2, 4, 4, 8, 16, 64};
    return 1 + mut_below(m, mut_pick(m, most));
}

/* Whole instructions from `from` on, `most` slots or one more, before `end`. */
static uint32_t whole(const struct fuzz_case *c, uint32_t from, uint32_t most, uint32_t end) {
    uint32_t n = 0;
    while (n < most && from + n < end) {
        const uint32_t slots = insn_slots(c->insns[from + n]);
        if (from + n + slots > end)
            break;
        n += slots;
    }
    return n;
}

struct mut_range mut_range(struct mut *m, const struct fuzz_case *c) {
    const uint32_t from = first_slot(c, mut_below(m, end_of(c)));
    const uint32_t end = c->start[edit_prog_of(c, from) + 1];
    return (struct mut_range){from, whole(c, from, range_length(m), end)};
}

struct mut_range mut_inner_range(struct mut *m) {
    uint32_t from;
    if (!mut_inner(m, &from))
        return (struct mut_range){0, 0};
    const struct fuzz_case *const c = m->c;
    const uint32_t end = c->start[edit_prog_of(c, from) + 1];
    return (struct mut_range){from, whole(c, from, range_length(m), first_slot(c, end - 1))};
}

uint32_t mut_target(struct mut *m, uint32_t at) {
    const struct fuzz_case *const c = m->c;
    const uint32_t p = edit_prog_of(c, at), start = c->start[p], end = c->start[p + 1];
    uint32_t to;
    if (mut_maybe(m, 8)) {
        to = start + mut_below(m, end - start);
    } else if (mut_maybe(m, 6)) {
        const uint32_t room = at - start;
        to = at - mut_below(m, (room < NEAR ? room : NEAR) + 1);
    } else {
        const uint32_t room = end - 1 - at;
        to = at + (room ? 1 + mut_below(m, room < NEAR ? room : NEAR) : 0);
    }
    return first_slot(c, to);
}

bool mut_function(struct mut *m, uint32_t at, uint32_t *start) {
    const struct fuzz_case *const c = m->c;
    const uint32_t p = edit_prog_of(c, at);
    uint32_t starts[16], n = 0, to;
    for (uint32_t pc = c->start[p]; pc < c->start[p + 1] && n < 16; pc += insn_slots(c->insns[pc]))
        if (pc != at && mut_names_function(op_of(c->insns[pc])) && edit_target(c, pc, &to))
            starts[n++] = to;
    if (n == 0)
        return false;
    *start = starts[mut_below(m, n)];
    return true;
}

/* ---- numbers ---- */

int32_t mut_nearby(struct mut *m) {
    static const int8_t steps[] = {1, -1, 1, -1, 2, -2, 4, -4};
    return mut_pick(m, steps);
}

/* What an instruction says in numbers: its imm, else its offset. */
static uint64_t said(const struct fuzz_case *c, uint32_t at) {
    const struct insn in = c->insns[at];
    if (insn_slots(in) == 2 && at + 1 < end_of(c))
        return insn_imm64(in, c->insns[at + 1]);
    return (uint64_t)(int64_t)(in.imm ? in.imm : in.off);
}

static uint64_t of_program(struct mut *m) {
    uint64_t v = 0;
    for (int tries = 0; tries < 4 && v == 0; tries++)
        v = said(m->c, mut_place(m));
    return v;
}

static uint64_t end_of_type(struct mut *m) {
    static const uint64_t ends[] = {INT8_MAX,  UINT8_MAX,  INT16_MAX, UINT16_MAX, INT32_MAX,
                                    INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX};
    const uint64_t v = mut_pick(m, ends);
    return mut_maybe(m, 3) ? ~v : v;
}

static uint64_t reshaped(struct mut *m, uint64_t old) {
    switch (mut_below(m, 7)) {
    case 0: return ~old;
    case 1: return 0 - old;
    case 2: return old << 1;
    case 3: return old >> 1;
    case 4: return (uint32_t)old;
    case 5: return (uint64_t)(int64_t)(int32_t)(uint32_t)old;
    default: return old ^ UINT64_C(1) << mut_below(m, 64);
    }
}

uint64_t mut_number(struct mut *m, uint64_t old) {
    const uint64_t near = mut_maybe(m, 3) ? (uint64_t)(int64_t)mut_nearby(m) : 0;
    switch (mut_below(m, 9)) {
    case 0:
    case 1: return old + (uint64_t)(int64_t)mut_nearby(m);
    case 2: return of_program(m) + near;
    case 3: return (UINT64_C(1) << mut_below(m, 64)) + near;
    case 4: return end_of_type(m) + near;
    case 5: return reshaped(m, old);
    case 6: return mut_below(m, 65);
    case 7: return 8 * (uint64_t)mut_below(m, 65) + near;
    default: return input_bits(m->in, 8);
    }
}

/* ---- registers ---- */

/* Registers that the instructions in front of a place write, and r10. */
static uint32_t written_before(const struct fuzz_case *c, uint32_t at) {
    const uint32_t start = c->start[edit_prog_of(c, at)];
    uint32_t regs = 1u << REG_FP;
    for (uint32_t pc = at; pc > start && at - pc < LOOK_BACK;) {
        const struct insn in = c->insns[--pc];
        const enum op op = op_of(in);
        if (op == OP_CALL || op == OP_CALL_LOCAL || op == OP_CALL_KFUNC)
            regs |= 1;
        else if (op < N_OPS && op_table[op].dst_rule == FIELD_WREG && in.dst < REG_FP)
            regs |= 1u << in.dst;
    }
    return at - start < LOOK_BACK ? regs | 1u << 1 : regs;
}

static uint8_t one_of(struct mut *m, uint32_t regs) {
    uint32_t n = 0;
    for (uint32_t r = 0; r < N_REGS; r++)
        n += regs >> r & 1;
    uint32_t left = mut_below(m, n);
    uint8_t r = 0;
    for (; !(regs >> r & 1) || left-- > 0; r++)
        ;
    return r;
}

uint8_t mut_reader(struct mut *m, uint32_t at) {
    if (mut_maybe(m, 8))
        return (uint8_t)mut_below(m, N_REGS);
    return one_of(m, written_before(m->c, at));
}

uint8_t mut_writer(struct mut *m, uint32_t at) {
    const uint32_t regs = written_before(m->c, at) & ~(1u << REG_FP);
    return regs && !mut_maybe(m, 2) ? one_of(m, regs) : (uint8_t)mut_below(m, REG_FP);
}
