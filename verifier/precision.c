#include "verifier/precision.h"

#include <stdlib.h>
#include <string.h>

enum {
    R0 = 1u << 0,
    ARGS = 0x3e, /* r1 to r5 */
    FETCH = 1,   /* in the immediate of an atomic operation: it returns the old value */
};

/* In touched_by: the instruction changes frames, or wants things whatever is wanted. */
#define WALK_ALWAYS UINT16_C(0x8000)

/* How one instruction's walk ended. */
enum walk {
    WALK_ON,
    WALK_LOST, /* cannot be followed: mark everything */
};

static bool nothing(const struct wanted *w) {
    for (uint32_t f = 0; f <= w->frame; f++)
        if (w->regs[f] | w->slots[f])
            return false;
    return true;
}

/* Registers and slots that got the same refinement here count as one: if one is wanted, all are. */
static void want_linked(const struct hist *h, struct wanted *w) {
    if (!h || h->n_linked == 0)
        return;
    bool some = false;
    for (uint32_t i = 0; i < h->n_linked && !some; i++) {
        const struct linked *const l = &h->linked[i];
        some = l->is_slot ? (w->slots[l->frame] >> l->index & 1) != 0
                          : (w->regs[l->frame] >> l->index & 1) != 0;
    }
    if (!some)
        return;
    for (uint32_t i = 0; i < h->n_linked; i++) {
        const struct linked *const l = &h->linked[i];
        if (l->is_slot)
            w->slots[l->frame] |= UINT64_C(1) << l->index;
        else
            w->regs[l->frame] |= (uint16_t)(1u << l->index);
    }
}

static enum walk back_alu(struct insn in, const struct op_info *row, uint16_t *regs) {
    const uint16_t dst = (uint16_t)(1u << in.dst), src = (uint16_t)(1u << in.src);
    if (!(*regs & dst))
        return WALK_ON;
    const bool move = row->cls == CLASS_ALU_SEXT || row->cls == CLASS_ALU_CAST ||
                      (row->cls == CLASS_ALU_BINARY && (row->code & 0xf0) == 0xb0);
    if (move)
        *regs &= (uint16_t)~dst;
    if (row->from_reg && in.src != REG_FP)
        *regs |= src;
    return WALK_ON;
}

/* A load into reg (or an atomic's fetch): what it read from the stack is wanted instead. */
static enum walk back_load(uint32_t reg, const struct hist *h, struct wanted *w) {
    uint16_t *const regs = &w->regs[w->frame];
    if (!(*regs >> reg & 1))
        return WALK_ON;
    *regs &= (uint16_t)~(1u << reg);
    /* other memory gives values that depend on nothing tracked */
    if (h && h->moved_slot)
        w->slots[h->moved_frame] |= UINT64_C(1) << h->moved_index;
    return WALK_ON;
}

static enum walk back_store(struct insn in, const struct op_info *row, const struct hist *h,
                            struct wanted *w) {
    if (w->regs[w->frame] >> in.dst & 1)
        return WALK_LOST; /* a pointer difference was wanted */
    if (!h || !h->moved_slot || !(w->slots[h->moved_frame] >> h->moved_index & 1))
        return WALK_ON;
    w->slots[h->moved_frame] &= ~(UINT64_C(1) << h->moved_index);
    if (row->cls != CLASS_ST)
        w->regs[w->frame] |= (uint16_t)(1u << in.src);
    return WALK_ON;
}

/* Leaving a function backwards, through the call that entered it. */
static enum walk back_out(struct wanted *w, bool pass_args) {
    const uint16_t left = w->regs[w->frame];
    if ((left & ~ARGS) || w->slots[w->frame] || w->frame == 0)
        return WALK_LOST;
    w->regs[w->frame] = 0;
    w->frame--;
    if (pass_args)
        w->regs[w->frame] |= left;
    return WALK_ON;
}

static enum walk back_call(const struct subject *sub, uint32_t pc, uint32_t next_pc,
                           const struct op_info *row, struct wanted *w) {
    if (row->cls == CLASS_CALL_LOCAL) {
        const uint32_t target =
            (uint32_t)((int64_t)pc + 1 + insn_jump(sub->ops[pc], sub->prog->insns[pc]));
        const bool global = sub->subprogs[sub->subprog_of[target]].global;
        if (!global)
            return back_out(w, true);
    } else if ((sub->pc_flags[pc] & PC_CALLS_CALLBACK) && next_pc != pc + 1) {
        return back_out(w, false); /* from the callback; its arguments are the helper's */
    }
    if (w->regs[w->frame] & ARGS)
        return WALK_LOST;
    w->regs[w->frame] &= (uint16_t)~R0;
    return WALK_ON;
}

/* Entering a function backwards, through its exit. */
static enum walk back_exit(const struct subject *sub, uint32_t next_pc, struct wanted *w) {
    const bool called = next_pc > 0 && next_pc != PATH_NO_PC && sub->ops[next_pc - 1] < N_OPS &&
                        op_table[sub->ops[next_pc - 1]].cls == CLASS_CALL_LOCAL;
    const bool r0 = called && (w->regs[w->frame] & R0);
    if ((called && (w->regs[w->frame] & ARGS)) || w->frame + 1 >= STATE_MAX_FRAMES)
        return WALK_LOST;
    w->regs[w->frame] &= (uint16_t)~R0;
    w->frame++;
    w->regs[w->frame] = r0 ? R0 : 0;
    w->slots[w->frame] = 0;
    return WALK_ON;
}

static enum walk back_insn(const struct subject *sub, uint32_t pc, uint32_t next_pc,
                           const struct hist *h, struct wanted *w) {
    const enum op op = sub->ops[pc];
    if (op >= N_OPS)
        return WALK_ON; /* second slot */
    const struct op_info *const row = &op_table[op];
    const struct insn in = sub->prog->insns[pc];
    uint16_t *const regs = &w->regs[w->frame];
    want_linked(h, w);
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_CAST: back_alu(in, row, regs); break;
    case CLASS_ALU_UNARY:
    case CLASS_ALU_END: break; /* the destination was wanted, and is */
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD: return back_load(in.dst, h, w);
    case CLASS_ATOMIC_CMPXCHG: return back_load(0, h, w);
    case CLASS_ATOMIC_XCHG: return back_load(in.src, h, w);
    case CLASS_ATOMIC_RMW:
        if (row->imm_fixed & FETCH)
            return back_load(in.src, h, w);
        return back_store(in, row, h, w);
    case CLASS_ST:
    case CLASS_STX:
    case CLASS_ATOMIC_STORE: return back_store(in, row, h, w);
    case CLASS_CALL_LOCAL:
    case CLASS_CALL:
    case CLASS_CALL_KFUNC:
    case CLASS_CALL_REG: return back_call(sub, pc, next_pc, row, w);
    case CLASS_EXIT: return back_exit(sub, next_pc, w);
    case CLASS_IMM64: *regs &= (uint16_t)~(1u << in.dst); break;
    case CLASS_PKT:
        if (*regs & R0)
            return WALK_LOST;
        if (next_pc != pc + 1)
            return back_exit(sub, next_pc, w);
        break;
    case CLASS_JMP_COND:
        if (row->from_reg && (*regs & (1u << in.dst | 1u << in.src))) {
            if (!h || !h->moved_by_src)
                *regs |= (uint16_t)(1u << in.src);
            if (!h || !h->moved_by_dst)
                *regs |= (uint16_t)(1u << in.dst);
        }
        break;
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET:
    case CLASS_JMP_TABLE: break;
    }
    want_linked(h, w);
    return WALK_ON;
}

/* Ask k for what is wanted: what it has not, or has precise already, is no longer wanted. */
static bool mark_kept(struct kept *k, struct wanted *w) {
    bool news = false;
    for (uint32_t f = 0; f <= w->frame && f <= k->p.st.depth; f++) {
        struct frame *const frame = k->p.st.frames[f];
        for (uint16_t left = w->regs[f]; left; left &= (uint16_t)(left - 1)) {
            const uint32_t r = (uint32_t)__builtin_ctz(left);
            struct reg *const reg = &frame->regs[r];
            if (reg->kind != REG_SCALAR || reg->precise) {
                w->regs[f] &= (uint16_t)~(1u << r);
                continue;
            }
            reg->precise = news = true;
        }
        for (uint64_t left = w->slots[f]; left; left &= left - 1) {
            const uint32_t i = (uint32_t)__builtin_ctzll(left);
            struct reg *const reg = i < frame->n_slots && slot_is_spilled_scalar(&frame->slots[i])
                                        ? &frame->slots[i].spilled
                                        : NULL;
            if (!reg || reg->precise) {
                w->slots[f] &= ~(UINT64_C(1) << i);
                continue;
            }
            reg->precise = news = true;
        }
    }
    return news;
}

/* The entry of a function verified on its own: its arguments are all that may be wanted. */
static bool at_entry(const struct path *p, const struct wanted *w) {
    return p->prev_pc == PATH_NO_PC && w->frame == 0 && !w->slots[0] && !(w->regs[0] & ~ARGS);
}

static uint16_t touched_by(const struct subject *sub, uint32_t pc) {
    const enum op op = sub->ops[pc];
    const struct insn in = sub->prog->insns[pc];
    const uint16_t dst = (uint16_t)(1u << in.dst), src = (uint16_t)(1u << in.src);
    if (op >= N_OPS)
        return 0;
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_ALU_UNARY:
    case CLASS_ALU_END:
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET:
    case CLASS_JMP_TABLE: return 0;
    case CLASS_ALU_BINARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_CAST:
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD:
    case CLASS_IMM64:
    case CLASS_ST:
    case CLASS_STX:
    case CLASS_ATOMIC_STORE: return dst;
    case CLASS_JMP_COND: return op_table[op].from_reg ? dst | src : 0;
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_RMW: return dst | src;
    case CLASS_ATOMIC_CMPXCHG: return R0 | dst;
    default: return WALK_ALWAYS;
    }
}

enum bpflab_err precision_init(const struct subject *sub, struct precision *out) {
    *out = (struct precision){.sub = sub};
    out->touched_by = malloc(sub->prog->n_insns * sizeof *out->touched_by);
    if (!out->touched_by)
        return BPFLAB_E_NOMEM;
    for (uint32_t pc = 0; pc < sub->prog->n_insns; pc++)
        out->touched_by[pc] = touched_by(sub, pc);
    return BPFLAB_OK;
}

void precision_fini(struct precision *p) {
    free(p->touched_by);
    p->touched_by = NULL;
}

/* Walk one path's instructions from last back to where its history starts.
 * out: WALK_ON: w is what is wanted at its start (or nothing) */
static enum walk walk_segment(const struct precision *pr, const struct path *p, uint32_t last,
                              uint32_t *next_pc, bool skip_first, struct wanted *w) {
    uint32_t n = p->n_hist;
    for (uint32_t pc = last;;) {
        const struct hist *const h = n && p->hist[n - 1].pc == pc ? &p->hist[n - 1] : NULL;
        if (pr->log && !skip_first)
            vlog_walk_insn(pr->log, w->frame, pc, w->regs[w->frame], w->slots[w->frame]);
        const bool looks = pr->touched_by[pc] & (w->regs[w->frame] | WALK_ALWAYS);
        /* history without a slot or links only says where the walk goes on */
        if ((looks || (h && (h->moved_slot || h->n_linked))) && !skip_first) {
            if (back_insn(pr->sub, pc, *next_pc, h, w) == WALK_LOST)
                return WALK_LOST;
            if (nothing(w))
                return WALK_ON;
        }
        skip_first = false;
        *next_pc = pc;
        if (pc == p->first_pc && (n == 0 || (n == 1 && h)))
            return WALK_ON;
        if (h) {
            pc = h->prev_pc;
            n--;
        } else {
            pc--;
        }
        if (pc >= pr->sub->prog->n_insns)
            return WALK_LOST; /* back before the entry, and still something wanted */
    }
}

static void tell_parent(const struct precision *pr, const struct kept *k, const struct wanted *w) {
    for (uint32_t f = w->frame + 1; pr->log && f-- > 0;)
        vlog_walk_state(pr->log, &k->p.st, f, w->regs[f], w->slots[f]);
}

bool precision_mark(const struct precision *pr, struct path *p, struct wanted *w) {
    struct path *const start = p;
    bool news = false, skip_first = true;
    uint32_t last = p->pc, next_pc = PATH_NO_PC;
    while (!nothing(w)) {
        if (last == PATH_NO_PC)
            return at_entry(p, w) ? news : precision_mark_all(start) || news;
        if (pr->log)
            vlog_walk(pr->log, w->frame, last, p->first_pc, next_pc);
        if (walk_segment(pr, p, last, &next_pc, skip_first, w) == WALK_LOST)
            return precision_mark_all(start) || news;
        skip_first = false;
        if (nothing(w))
            break;
        if (!p->parent)
            return precision_mark_all(start) || news;
        next_pc = p->first_pc;
        news |= mark_kept(p->parent, w);
        tell_parent(pr, p->parent, w);
        p = &p->parent->p;
        last = p->prev_pc;
    }
    return news;
}

bool precision_mark_all(struct path *p) {
    bool news = false;
    for (struct kept *k = p->parent; k; k = k->p.parent) {
        struct reg *r;
        for (struct reg_walk walk = {.st = &k->p.st}; (r = reg_walk_next(&walk)) != NULL;) {
            if (r->kind != REG_SCALAR || r->precise)
                continue;
            r->precise = news = true;
        }
    }
    return news;
}

void precision_from(const struct kept *k, const uint16_t live_regs[STATE_MAX_FRAMES],
                    struct wanted *w) {
    memset(w, 0, sizeof *w);
    w->frame = k->p.st.depth;
    for (uint32_t f = 0; f <= k->p.st.depth; f++) {
        const struct frame *const frame = k->p.st.frames[f];
        for (uint32_t r = 0; r < REG_FP; r++)
            if (frame->regs[r].kind == REG_SCALAR && frame->regs[r].precise &&
                (live_regs[f] >> r & 1))
                w->regs[f] |= (uint16_t)(1u << r);
        for (uint32_t i = 0; i < frame->n_slots; i++)
            if (frame->slots[i].spilled.precise && slot_is_spilled_scalar(&frame->slots[i]) &&
                (k->read[f] >> i & 1))
                w->slots[f] |= UINT64_C(1) << i;
    }
}
