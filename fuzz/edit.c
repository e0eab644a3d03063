#include "fuzz/edit.h"

#include <string.h>

uint32_t edit_prog_of(const struct fuzz_case *c, uint32_t at) {
    uint32_t p = 0;
    while (p + 1 < c->n_progs && at >= c->start[p + 1])
        p++;
    return p;
}

bool edit_is_second(const struct fuzz_case *c, uint32_t at) {
    uint32_t pc = c->start[edit_prog_of(c, at)];
    while (pc < at)
        pc += insn_slots(c->insns[pc]);
    return pc != at;
}

/* Where a distance is kept: NULL if the instruction leads nowhere; *wide: in imm, else in off. */
static bool has_distance(struct insn in, bool *wide) {
    const enum op op = op_of(in);
    if (op >= N_OPS)
        return false;
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_JMP_COND:
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET:
    case CLASS_CALL_LOCAL: *wide = op_table[op].imm_rule == FIELD_JUMP; return true;
    case CLASS_IMM64: *wide = true; return op == OP_LDDW_CODE;
    default: return false;
    }
}

/* The target as a slot that may lie anywhere. */
static bool target_of(const struct fuzz_case *c, uint32_t at, int64_t *to) {
    bool wide;
    if (!has_distance(c->insns[at], &wide))
        return false;
    *to = (int64_t)at + 1 + (wide ? c->insns[at].imm : c->insns[at].off);
    return true;
}

bool edit_target(const struct fuzz_case *c, uint32_t at, uint32_t *to) {
    int64_t t;
    const uint32_t p = edit_prog_of(c, at);
    if (!target_of(c, at, &t) || t < (int64_t)c->start[p] || t >= (int64_t)c->start[p + 1])
        return false;
    *to = (uint32_t)t;
    return true;
}

bool edit_aim(struct fuzz_case *c, uint32_t at, uint32_t to) {
    bool wide;
    const int64_t distance = (int64_t)to - at - 1;
    if (!has_distance(c->insns[at], &wide) ||
        (!wide && (distance < INT16_MIN || distance > INT16_MAX)))
        return false;
    if (wide)
        c->insns[at].imm = (int32_t)distance;
    else
        c->insns[at].off = (int16_t)distance;
    return true;
}

/* Slot `to` of program p after n slots at `at` came or went. */
static int64_t moved(int64_t to, uint32_t at, int64_t by) {
    if (by > 0)
        return to > (int64_t)at ? to + by : to;
    if (to <= (int64_t)at)
        return to;
    return to < (int64_t)at - by ? (int64_t)at : to + by;
}

/* Distances across the place, set for slots that have moved already. out: false: one is too far */
static bool repair(struct fuzz_case *c, const int64_t *targets, uint32_t p, uint32_t at,
                   int64_t by) {
    for (uint32_t i = c->start[p]; i < c->start[p + 1]; i += insn_slots(c->insns[i])) {
        if (by > 0 && i >= at && i < at + (uint32_t)by)
            continue;
        const uint32_t was = i >= at ? (uint32_t)((int64_t)i - by) : i;
        if (targets[was] == INT64_MIN)
            continue;
        const int64_t to = moved(targets[was], at, by);
        if (to < 0 || !edit_aim(c, i, (uint32_t)to))
            return false;
    }
    return true;
}

/* Targets that lie inside the program; others stay as they are. */
static void all_targets(const struct fuzz_case *c, uint32_t p, int64_t *targets) {
    for (uint32_t i = c->start[p]; i < c->start[p + 1]; i++)
        targets[i] = INT64_MIN;
    for (uint32_t i = c->start[p]; i < c->start[p + 1]; i += insn_slots(c->insns[i])) {
        uint32_t to;
        if (edit_target(c, i, &to))
            targets[i] = to;
    }
}

static void shift(struct fuzz_case *c, uint32_t from, uint32_t p, int64_t by) {
    const uint32_t end = c->start[c->n_progs];
    memmove(&c->insns[(int64_t)from + by], &c->insns[from], (end - from) * sizeof c->insns[0]);
    for (uint32_t i = p + 1; i <= c->n_progs; i++)
        c->start[i] = (uint32_t)((int64_t)c->start[i] + by);
}

/* Are they whole instructions? One that is cut off would take the next one for its second slot. */
static bool are_whole(const struct insn *insns, uint32_t n) {
    uint32_t i = 0;
    while (i < n)
        i += insn_slots(insns[i]);
    return i == n;
}

bool edit_insert(struct fuzz_case *c, uint32_t at, const struct insn *insns, uint32_t n) {
    int64_t targets[CASE_MAX_INSNS];
    const uint32_t p = edit_prog_of(c, at), end = c->start[c->n_progs];
    if (n == 0 || n > CASE_MAX_INSNS - end || at >= end || edit_is_second(c, at) ||
        !are_whole(insns, n))
        return false;
    const struct fuzz_case was = *c;
    all_targets(c, p, targets);
    shift(c, at, p, n);
    memcpy(&c->insns[at], insns, n * sizeof *insns);
    if (repair(c, targets, p, at, n))
        return true;
    *c = was;
    return false;
}

bool edit_remove(struct fuzz_case *c, uint32_t at, uint32_t n) {
    int64_t targets[CASE_MAX_INSNS];
    const uint32_t p = edit_prog_of(c, at), end = c->start[p + 1];
    if (n == 0 || at >= end || n >= end - at || edit_is_second(c, at) || edit_is_second(c, at + n))
        return false;
    const struct fuzz_case was = *c;
    all_targets(c, p, targets);
    shift(c, at + n, p, -(int64_t)n);
    if (repair(c, targets, p, at, -(int64_t)n))
        return true;
    *c = was;
    return false;
}
