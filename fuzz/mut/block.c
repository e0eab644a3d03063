/* block.c: whole instructions come, go and change places. */
#include "fuzz/mut/part.h"

bool mut_insert_row(struct mut *m) {
    struct insn made[2];
    const uint32_t at = mut_place(m);
    const enum op op = mut_row(m, -1, OP_INVALID);
    const uint32_t n = mut_make(m, at, op, made);
    if (!edit_insert(m->c, at, made, n))
        return false;
    uint32_t to;
    if (mut_names_function(op) && mut_function(m, at, &to))
        edit_aim(m->c, at, to);
    else
        edit_aim(m->c, at, mut_target(m, at));
    return true;
}

bool mut_insert_copy(struct mut *m) {
    const struct fuzz_case *const from = mut_maybe(m, 2) ? m->other : m->c;
    struct mut_range r = mut_range(m, from);
    if (r.n)
        r.n = insn_slots(from->insns[r.from]);
    return mut_graft(m, from, r, mut_place(m));
}

bool mut_remove(struct mut *m) {
    const struct mut_range r = mut_inner_range(m);
    return edit_remove(m->c, r.from, r.n);
}

/* Exchange two instructions of one slot; what led to a place goes on leading to it, and each leads
 * where it led. */
static void exchange(struct fuzz_case *c, uint32_t a, uint32_t b) {
    uint32_t of_a, of_b;
    const bool a_leads = edit_target(c, a, &of_a), b_leads = edit_target(c, b, &of_b);
    const struct insn in = c->insns[a];
    c->insns[a] = c->insns[b];
    c->insns[b] = in;
    if (a_leads)
        edit_aim(c, b, of_a);
    if (b_leads)
        edit_aim(c, a, of_b);
}

static bool same_slot(struct insn a, struct insn b) {
    return a.code == b.code && a.dst == b.dst && a.src == b.src && a.off == b.off && a.imm == b.imm;
}

bool mut_swap(struct mut *m) {
    struct fuzz_case *const c = m->c;
    uint32_t a, b;
    if (!mut_inner(m, &a))
        return false;
    const uint32_t end = c->start[edit_prog_of(c, a) + 1];
    b = a + insn_slots(c->insns[a]);
    for (uint32_t steps = mut_maybe(m, 3) ? mut_below(m, 8) : 0; steps > 0; steps--)
        if (b + insn_slots(c->insns[b]) < end)
            b += insn_slots(c->insns[b]);
    if (b + insn_slots(c->insns[b]) >= end || same_slot(c->insns[a], c->insns[b]))
        return false;
    if (insn_slots(c->insns[a]) == 1 && insn_slots(c->insns[b]) == 1) {
        exchange(c, a, b);
        return true;
    }
    const uint32_t n = insn_slots(c->insns[b]);
    return mut_graft(m, c, (struct mut_range){b, n}, a) && edit_remove(c, b + n, n);
}

bool mut_duplicate(struct mut *m) {
    struct mut_range r = mut_inner_range(m);
    const uint32_t behind = r.from + r.n, at = mut_maybe(m, 3) ? mut_place(m) : behind;
    if (at > r.from && at < behind)
        return false;
    bool done = false;
    for (uint32_t times = mut_maybe(m, 4) ? 1 + mut_below(m, 4) : 1; times > 0; times--) {
        if (!mut_graft(m, m->c, r, at))
            break;
        r.from += at <= r.from ? r.n : 0;
        done = true;
    }
    return done;
}

bool mut_move(struct mut *m) {
    const struct mut_range r = mut_inner_range(m);
    if (r.n == 0)
        return false;
    for (int tries = 0; tries < 4; tries++) {
        const uint32_t at = mut_place(m);
        if (at >= r.from && at <= r.from + r.n)
            continue;
        /* a copy in front of the range moves it on */
        return mut_graft(m, m->c, r, at) &&
               edit_remove(m->c, at < r.from ? r.from + r.n : r.from, r.n);
    }
    return false;
}
