#include "verifier/terminate.h"

#include <stdlib.h>
#include <string.h>

#include "verifier/cfg.h"
#include "verifier/live.h"

/* What is executed only boundedly often: no loop goes through it any more. */
enum cut {
    CUT_NOTHING,
    CUT_INSN,
    CUT_FALL_THROUGH, /* may_goto: once its budget is spent it always jumps */
};

/* struct walk: Tarjan's algorithm over the instructions of one function that are not cut. */
struct walk {
    const struct subject *sub;
    struct node *const *at;
    uint8_t *cut;          /* n_insns: enum cut */
    uint32_t *index, *low; /* n_insns: 0: not visited */
    uint32_t *stack;
    uint32_t *comp; /* n_insns: component, by the last walk; 0: none, or alone */
    uint32_t *call; /* the walk's own stack of instructions, and of their next successors */
    uint8_t *succ;
    uint32_t n_comps;
};

/* Where control goes from pc without bound. */
static uint32_t successors(const struct walk *w, uint32_t pc, uint32_t to[CFG_MAX_SUCCESSORS]) {
    const uint32_t n = cfg_successors(w->sub, pc, to);
    if (w->cut[pc] != CUT_FALL_THROUGH)
        return n;
    to[0] = to[n - 1];
    return 1;
}

static bool self_loop(const struct walk *w, uint32_t pc) {
    uint32_t to[CFG_MAX_SUCCESSORS];
    const uint32_t n = successors(w, pc, to);
    for (uint32_t i = 0; i < n; i++)
        if (to[i] == pc)
            return true;
    return false;
}

/* Number the components of [from, to) that are loops. */
static void find_components(struct walk *w, uint32_t from, uint32_t to) {
    uint32_t next = 1, n_stack = 0;
    w->n_comps = 0;
    for (uint32_t pc = from; pc < to; pc++)
        w->index[pc] = w->comp[pc] = 0;
    for (uint32_t root = from; root < to; root++) {
        if (w->index[root] || w->cut[root] == CUT_INSN || !w->at[root])
            continue;
        uint32_t depth = 0;
        w->call[0] = root;
        w->succ[0] = 0;
        w->index[root] = w->low[root] = next++;
        w->stack[n_stack++] = root;
        for (;;) {
            const uint32_t pc = w->call[depth];
            uint32_t targets[CFG_MAX_SUCCESSORS];
            const uint32_t n = successors(w, pc, targets);
            if (w->succ[depth] < n) {
                const uint32_t t = targets[w->succ[depth]++];
                if (w->cut[t] == CUT_INSN || !w->at[t])
                    continue;
                if (!w->index[t]) {
                    w->index[t] = w->low[t] = next++;
                    w->stack[n_stack++] = t;
                    w->call[++depth] = t;
                    w->succ[depth] = 0;
                } else if (!w->comp[t] && w->index[t] < w->low[pc]) {
                    w->low[pc] = w->index[t];
                }
                continue;
            }
            if (w->low[pc] == w->index[pc]) {
                const bool loop = w->stack[n_stack - 1] != pc || self_loop(w, pc);
                const uint32_t id = loop ? ++w->n_comps : UINT32_MAX;
                uint32_t member;
                do {
                    member = w->stack[--n_stack];
                    w->comp[member] = id;
                } while (member != pc);
            }
            if (depth == 0)
                break;
            const uint32_t parent = w->call[--depth];
            if (w->low[pc] < w->low[parent])
                w->low[parent] = w->low[pc];
        }
    }
}

/* ---- counters ---- */

/* struct counter: an instruction that moves a register by a constant. */
struct counter {
    uint32_t pc;
    bool wide;
    int64_t by;
};

static bool is_counter(const struct subject *sub, uint32_t pc, struct counter *c) {
    const enum op op = sub->ops[pc];
    const struct insn in = sub->prog->insns[pc];
    const bool add = op == OP_ADD64_IMM || op == OP_ADD32_IMM;
    const bool down = op == OP_SUB64_IMM || op == OP_SUB32_IMM;
    if ((!add && !down) || in.imm == 0)
        return false;
    *c = (struct counter){.pc = pc,
                          .wide = op == OP_ADD64_IMM || op == OP_SUB64_IMM,
                          .by = add ? in.imm : -(int64_t)in.imm};
    return true;
}

/* struct span: what a counter's register is before it steps, in one of both orders. */
struct span {
    uint64_t min,
        max; /* unsigned order, or signed order with the sign bit flipped: both unsigned */
};

static struct span span_of(const struct reg *r, bool wide, bool is_signed) {
    const uint64_t flip = wide ? UINT64_C(1) << 63 : UINT64_C(1) << 31;
    if (!is_signed)
        return wide ? (struct span){r->v.u.min, r->v.u.max}
                    : (struct span){r->v.u32.min, r->v.u32.max};
    return wide ? (struct span){(uint64_t)r->v.s.min ^ flip, (uint64_t)r->v.s.max ^ flip}
                : (struct span){(uint32_t)r->v.s32.min ^ flip, (uint32_t)r->v.s32.max ^ flip};
}

static uint64_t size_of_step(const struct counter *c) {
    return c->by > 0 ? (uint64_t)c->by : 0 - (uint64_t)c->by;
}

/* How often can the counter step before its register leaves what the states say it is there?
 * out: 0: it may wrap around in this order, or is no number */
static uint64_t steps(const struct walk *w, const struct counter *c, bool is_signed) {
    const uint8_t reg = w->sub->prog->insns[c->pc].dst;
    const uint64_t by = size_of_step(c), top = c->wide ? UINT64_MAX : UINT32_MAX;
    uint64_t most = 0;
    for (const struct node *n = w->at[c->pc]; n; n = n->next) {
        const struct reg *const r = &state_regs(&n->st)[reg];
        if (!reg_is_scalar(r))
            return 0;
        const struct span v = span_of(r, c->wide, is_signed);
        if (c->by > 0 ? v.max > top - by : v.min < by)
            return 0;
        const uint64_t n_steps = (v.max - v.min) / by + 1;
        most = n_steps > most ? n_steps : most;
    }
    return most;
}

/* Does every other write of the register in the component step in the same direction, and without
 * wrapping around in this order? */
static bool one_way(const struct walk *w, const struct counter *c, bool is_signed, uint32_t comp,
                    uint32_t from, uint32_t to) {
    const uint8_t reg = w->sub->prog->insns[c->pc].dst;
    for (uint32_t pc = from; pc < to; pc++) {
        struct counter other;
        if (w->comp[pc] != comp || !(insn_defs(w->sub, pc) >> reg & 1))
            continue;
        if (!is_counter(w->sub, pc, &other) || other.wide != c->wide ||
            (other.by > 0) != (c->by > 0) || !steps(w, &other, is_signed))
            return false;
    }
    return true;
}

/* May the component make new iterators, itself or by functions that it calls? Then going on with
 * one of them bounds nothing. */
static bool makes_iterators(const struct walk *w, uint32_t comp, uint32_t from, uint32_t to) {
    bool makes = false, calls = false, elsewhere = false;
    for (uint32_t pc = 0; pc < w->sub->prog->n_insns; pc++) {
        const bool here = pc >= from && pc < to;
        const struct kfunc *const k = subject_kfunc(w->sub, pc);
        const bool new = k && (k->flags & KFUNC_F_ITER_NEW);
        elsewhere |= new && !here;
        makes |= new && here && w->comp[pc] == comp;
        calls |= here && w->comp[pc] == comp && w->sub->ops[pc] == OP_CALL_LOCAL;
    }
    return makes || (calls && elsewhere);
}

static uint64_t times(uint64_t a, uint64_t b) {
    uint64_t r;
    return __builtin_mul_overflow(a, b, &r) ? UINT64_MAX : r;
}

/* Does every call of this next go on with an iterator that has not come to its end? Then each call
 * but the last gave an element, and there are only so many. */
static bool gives_elements(const struct walk *w, uint32_t pc) {
    for (const struct node *n = w->at[pc]; n; n = n->next) {
        const struct reg *const iter = state_iter(&n->st, 1);
        if (!iter || iter->iter.state != ITER_ACTIVE)
            return false;
    }
    return true;
}

/* Cut what its own contract bounds: may_goto spends a budget of the whole run, an iterator has only
 * so many elements. out: false: the component has no such thing */
static bool cut_contract(struct walk *w, uint32_t comp, uint32_t from, uint32_t to) {
    const bool iterators = !makes_iterators(w, comp, from, to);
    for (uint32_t pc = from; pc < to; pc++) {
        if (w->comp[pc] != comp)
            continue;
        const uint8_t flags = w->sub->pc_flags[pc];
        if ((flags & PC_MAY_GOTO) && w->cut[pc] == CUT_NOTHING)
            w->cut[pc] = CUT_FALL_THROUGH;
        else if ((flags & PC_ITER_NEXT) && iterators && gives_elements(w, pc))
            w->cut[pc] = CUT_INSN;
        else
            continue;
        return true;
    }
    return false;
}

/* Cut one instruction of the component that is executed boundedly often.
 * out: how often, 0 if there is none */
static uint64_t cut_one(struct walk *w, uint32_t comp, uint32_t from, uint32_t to) {
    if (cut_contract(w, comp, from, to))
        return 1;
    for (uint32_t pc = from; pc < to; pc++) {
        struct counter c;
        if (w->comp[pc] != comp || !is_counter(w->sub, pc, &c))
            continue;
        for (int is_signed = 0; is_signed < 2; is_signed++)
            if (one_way(w, &c, is_signed, comp, from, to)) {
                w->cut[pc] = CUT_INSN;
                return steps(w, &c, is_signed);
            }
    }
    return 0;
}

static bool check_function(struct walk *w, uint32_t from, uint32_t to, uint64_t *bound,
                           struct report *rep) {
    for (;;) {
        find_components(w, from, to);
        if (w->n_comps == 0)
            return true;
        uint64_t round = 1;
        for (uint32_t comp = 1; comp <= w->n_comps; comp++) {
            const uint64_t n = cut_one(w, comp, from, to);
            round = n > round ? n : round;
            if (n)
                continue;
            uint32_t pc = from;
            while (w->comp[pc] != comp)
                pc++;
            report_reject(rep, REASON_NO_COUNTER, pc, REPORT_NO_REG,
                          "the loop at insn %u has no counter that is bounded", pc);
            return false;
        }
        *bound = times(*bound, round);
    }
}

bool terminate_check(const struct subject *sub, struct node *const *at, uint64_t *bound,
                     struct report *rep, enum bpflab_err *err) {
    const size_t n = sub->prog->n_insns;
    uint32_t *const words = calloc(n, 5 * sizeof *words);
    uint8_t *const bytes = calloc(n, 2);
    bool ok = words && bytes;
    *bound = 1;
    if (!ok) {
        *err = BPFLAB_E_NOMEM;
    } else {
        struct walk w = {.sub = sub,
                         .at = at,
                         .cut = bytes,
                         .succ = bytes + n,
                         .index = words,
                         .low = words + n,
                         .stack = words + 2 * n,
                         .comp = words + 3 * n,
                         .call = words + 4 * n};
        for (uint32_t f = 0; ok && f < sub->n_subprogs; f++)
            ok = check_function(&w, sub->subprogs[f].start, sub->subprogs[f].end, bound, rep);
    }
    free(words);
    free(bytes);
    return ok;
}
