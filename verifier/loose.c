#include "verifier/loose.h"

#include <string.h>

enum {
    R0 = 1 << 0,
    ARGS = 0x3e,          /* r1 to r5 */
    KEPT_BY_CALL = 0x3c0, /* r6 to r9 */
    MAX_GROUP = 128,      /* numbers with identities in one state */
    MAX_ROUNDS = 64,      /* of spreading */
};

static uint16_t bit(uint32_t r) {
    return (uint16_t)(1u << r);
}

/* ---- at a covered path ---- */

/* struct pair: a number of the older state, and what stands in its place in the newer one. */
struct pair {
    const struct reg *old, *now;
};

struct pairs {
    uint32_t n;
    bool full;
    struct pair at[MAX_GROUP]; /* those whose old number has an identity */
};

static void add_pair(struct pairs *p, const struct reg *old, const struct reg *now) {
    if (old->kind != REG_SCALAR || old->id == 0)
        return;
    if (p->n == MAX_GROUP)
        p->full = true;
    else
        p->at[p->n++] = (struct pair){.old = old, .now = now};
}

static void find_pairs(struct pairs *p, const struct state *old, const struct state *now) {
    for (uint32_t f = 0; f <= old->depth; f++) {
        const struct frame *const a = old->frames[f], *const b = now->frames[f];
        for (uint32_t r = 0; r < N_REGS; r++)
            add_pair(p, &a->regs[r], &b->regs[r]);
        for (uint32_t i = 0; i < a->n_slots && i < b->n_slots; i++)
            if (slot_is_spill(&a->slots[i]))
                add_pair(p, &a->slots[i].spilled, &b->slots[i].spilled);
    }
}

/* Is all that is linked with old in the older state linked in the same way in the newer one? */
static bool linked_alike(const struct pairs *p, const struct reg *old, const struct reg *now) {
    if (old->id == 0)
        return true;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct reg *const o = p->at[i].old, *const n = p->at[i].now;
        if (o->id == old->id && o != old &&
            (now->id == 0 || n->id != now->id || n->has_delta != o->has_delta ||
             (n->has_delta && n->off != o->off)))
            return false;
    }
    return !p->full && now->has_delta == old->has_delta &&
           (!now->has_delta || now->off == old->off);
}

static bool loosens(const struct pairs *p, const struct reg *old, const struct reg *now) {
    return old->kind == REG_SCALAR && (now->kind != REG_SCALAR || !scalar_subset(now->v, old->v) ||
                                       !linked_alike(p, old, now));
}

static bool slot_loosens(const struct pairs *p, const struct slot *old, const struct slot *now) {
    return slot_is_spilled_scalar(old) &&
           (!now || !slot_is_spilled_scalar(now) || loosens(p, &old->spilled, &now->spilled));
}

void loose_cover(struct knowledge *k, const struct state *old, const struct state *now,
                 uint32_t pc) {
    struct pairs pairs = {.n = 0};
    find_pairs(&pairs, old, now);
    for (uint32_t f = 0; f <= old->depth; f++) {
        const struct frame *const a = old->frames[f], *const b = now->frames[f];
        uint32_t at = pc;
        if (f < old->depth)
            at = old->frames[f + 1]->call_pc + !old->frames[f + 1]->in_callback;
        for (uint32_t r = 0; r < REG_FP; r++)
            if (loosens(&pairs, &a->regs[r], &b->regs[r]))
                k->loose[at] |= bit(r);
        for (uint32_t i = 0; i < a->n_slots && !k->loose_slots; i++)
            k->loose_slots =
                slot_loosens(&pairs, &a->slots[i], i < b->n_slots ? &b->slots[i] : NULL);
    }
}

/* ---- spreading ---- */

struct spread {
    const struct knowledge *k;
    const struct prog *prog;
    uint16_t *loose;
    bool slots;   /* spilled numbers may be */
    bool results; /* what functions return may be */
    bool args;    /* what helpers pass to callbacks may be */
    bool changed, lost;
};

static void spread_to(struct spread *x, int64_t pc, uint16_t regs) {
    if (pc < 0 || pc >= x->prog->n_insns || (x->loose[pc] | regs) == x->loose[pc])
        return;
    x->loose[pc] |= regs;
    x->changed = true;
}

static void set(struct spread *x, bool *flag) {
    x->changed |= !*flag;
    *flag = true;
}

/* May the load at pc be from the stack? Pointers of different kinds join to nothing. */
static bool may_read_stack(const struct spread *x, uint32_t pc, uint32_t pointer) {
    for (const struct known *n = x->k->at[pc]; n; n = n->next) {
        const struct reg *const r = &state_regs(&n->st)[pointer];
        if (r->kind == REG_STACK || !reg_is_pointer(r))
            return true;
    }
    return false;
}

static uint16_t after_alu(struct insn in, const struct op_info *row, uint16_t loose) {
    const bool move = row->cls == CLASS_ALU_SEXT || row->cls == CLASS_ALU_CAST ||
                      (row->cls == CLASS_ALU_BINARY && (row->code & 0xf0) == 0xb0);
    const bool from_reg = row->from_reg || row->cls == CLASS_ALU_SEXT || row->cls == CLASS_ALU_CAST;
    uint16_t from = from_reg ? bit(in.src) : 0;
    if (!move)
        from |= bit(in.dst);
    return loose & from ? loose | bit(in.dst) : loose & (uint16_t)~bit(in.dst);
}

static uint16_t after_load(struct spread *x, uint32_t pc, uint32_t pointer, uint32_t reg,
                           uint16_t loose) {
    return x->slots && may_read_stack(x, pc, pointer) ? loose | bit(reg)
                                                      : loose & (uint16_t)~bit(reg);
}

/* A call of what is not in the program: its arguments may come back as the result and in
 * callbacks. */
static uint16_t after_call(struct spread *x, uint16_t loose) {
    if (!(loose & ARGS))
        return loose & KEPT_BY_CALL;
    set(x, &x->args);
    return (loose & KEPT_BY_CALL) | R0;
}

/* A comparison of two numbers tells each of the other, and so all that is linked with either: if
 * one is loose and the other was not, more is than can be told here. */
static void compare(struct spread *x, struct insn in, const struct op_info *row, uint16_t loose) {
    if (row->from_reg && !(loose & bit(in.dst)) != !(loose & bit(in.src)))
        x->lost = true;
}

static void step(struct spread *x, uint32_t pc) {
    const struct insn in = x->prog->insns[pc];
    const enum op op = op_of(in);
    const struct op_info *const row = &op_table[op];
    uint16_t loose = x->loose[pc];
    int64_t next = (int64_t)pc + insn_slots(in);
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST: loose = after_alu(in, row, loose); break;
    case CLASS_JMP_COND:
        compare(x, in, row, loose);
        spread_to(x, next + insn_jump(op, in), loose);
        break;
    case CLASS_JMP_BUDGET: spread_to(x, next + insn_jump(op, in), loose); break;
    case CLASS_JMP_ALWAYS: next += insn_jump(op, in); break;
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD: loose = after_load(x, pc, in.src, in.dst, loose); break;
    case CLASS_STX:
    case CLASS_ATOMIC_STORE:
        if (loose & bit(in.src))
            set(x, &x->slots);
        break;
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG:
        if (loose & (bit(in.src) | R0))
            set(x, &x->slots);
        if (row->cls != CLASS_ATOMIC_RMW || row->src_rule == FIELD_WREG)
            loose = after_load(x, pc, in.dst, row->cls == CLASS_ATOMIC_CMPXCHG ? 0 : in.src, loose);
        break;
    case CLASS_IMM64:
        loose &= (uint16_t)~bit(in.dst);
        if (op == OP_LDDW_CODE && x->args)
            spread_to(x, (int64_t)pc + 1 + in.imm, ARGS);
        break;
    case CLASS_CALL_LOCAL:
        spread_to(x, next + insn_jump(op, in), loose & ARGS);
        loose = (loose & KEPT_BY_CALL) | (x->results ? R0 : 0);
        break;
    case CLASS_CALL:
    case CLASS_CALL_KFUNC: loose = after_call(x, loose); break;
    case CLASS_PKT: loose &= KEPT_BY_CALL; break;
    case CLASS_EXIT:
        if (loose & R0)
            set(x, &x->results);
        return;
    case CLASS_ST: break;
    case CLASS_JMP_TABLE:
    case CLASS_CALL_REG: x->lost = true; return; /* no accepted program has them */
    }
    spread_to(x, next, loose);
}

bool loose_spread(const struct knowledge *k, const struct prog *prog, uint16_t *loose) {
    struct spread x = {
        .k = k, .prog = prog, .loose = loose, .slots = k->loose_slots, .changed = true};
    memcpy(loose, k->loose, prog->n_insns * sizeof *loose);
    for (int round = 0; x.changed && !x.lost; round++) {
        x.changed = false;
        if (round == MAX_ROUNDS)
            return false;
        for (uint32_t pc = 0; pc < prog->n_insns; pc += insn_slots(prog->insns[pc]))
            if (k->at[pc])
                step(&x, pc);
    }
    return !x.lost;
}
