#include "fuzz/oracle/contain.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/oracle/walk.h"
#include "runtime/progtype.h"

static bool is_class(const struct walk *x, uint32_t pc, enum op_class cls) {
    const enum op op = op_of(x->prog->insns[pc]);
    return op < N_OPS && op_table[op].cls == cls;
}

static bool is_tail_call(const struct walk *x, uint32_t pc) {
    return is_class(x, pc, CLASS_CALL) && x->prog->insns[pc].imm == HELPER_tail_call;
}

/* Do both edges of a jump lead to the next instruction, so that the record may be the other edge's?
 * What a comparison says of a packet pointer that is beyond the end cannot be told from its
 * value. */
static bool one_of_two(const struct walk *x, uint32_t from, uint32_t found) {
    const struct record *const all = x->know->records;
    const struct insn in = x->prog->insns[all[from].pc];
    return from && in.off == 0 && is_class(x, all[from].pc, CLASS_JMP_COND) &&
           (all[found].sibling || all[from].child != found);
}

/* The successor of record `from` at pc in concrete frame depth whose state the run is in.
 * checked: hold it against the run. out: 0: none, and a miss is set if there should be one */
static uint32_t successor(struct walk *x, uint32_t from, uint32_t pc, uint32_t depth,
                          bool checked) {
    uint32_t first = 0; /* that is there, but does not fit */
    x->trying = true;
    for (uint32_t i = x->know->records[from].child; i; i = x->know->records[i].sibling) {
        const struct record *const rec = &x->know->records[i];
        if (rec->pc != pc || rec->st.depth + x->base != depth)
            continue;
        if (!checked || walk_fits(x, rec->pc, &rec->st)) {
            x->trying = false;
            x->ambiguous |= checked && one_of_two(x, from, i);
            return i;
        }
        first = first ? first : i;
        x->miss->found = false;
    }
    x->trying = false;
    if (first)
        walk_fits(x, pc, &x->know->records[first].st);
    return 0;
}

/* The entry of an exploration at pc. */
static uint32_t entry(const struct walk *x, uint32_t pc) {
    for (uint32_t i = 1; i < x->know->n_records; i++)
        if (x->know->records[i].from == 0 && x->know->records[i].pc == pc)
            return i;
    return 0;
}

static bool settle(struct walk *x, uint32_t found) {
    const struct record *rec = &x->know->records[found];
    while (rec->covered_by) {
        const uint32_t by = rec->covered_by;
        rec = &x->know->records[by];
        if (!rec->settled || !walk_hop(x, rec))
            return rec->settled ? false : (x->over = true, false);
        found = by;
    }
    x->at = found;
    return true;
}

/* The run leaves what the records tell of: the rest is not checked. */
static bool leave(struct walk *x) {
    x->over = true;
    x->stats->left++;
    return false;
}

/* A frame above the last one's: a function of the program, or a callback. */
static bool enter(struct walk *x, uint32_t pc, uint32_t depth) {
    struct level *const callee = &x->level[depth];
    const struct level *const caller = &x->level[depth - 1];
    const bool local = is_class(x, x->last_pc, CLASS_CALL_LOCAL);
    memset(callee, 0, sizeof *callee);
    callee->callback = !local;
    callee->call_pc = x->last_pc;
    if (local) {
        memcpy(callee->regs, caller->regs, sizeof callee->regs);
        callee->regs[REG_FP] = world_stack_top(x->w, depth);
        callee->loose_regs = caller->loose_regs & ARGS;
        if (successor(x, x->at, pc, depth, false) == 0) {
            const uint32_t root = entry(x, pc);
            if (!root)
                return leave(x);
            callee->global = true;
            callee->caller_at = x->at;
            callee->caller_base = x->base;
            x->base = depth;
            x->at = 0;
            return walk_fits(x, x->know->records[root].pc, &x->know->records[root].st) &&
                   settle(x, root);
        }
        const uint32_t next = successor(x, x->at, pc, depth, true);
        return next && settle(x, next);
    }
    x->entered = true;
    /* from a call that is reported only when its callbacks are over */
    for (uint32_t i = x->know->records[x->at].child; i; i = x->know->records[i].sibling) {
        const uint32_t call = i;
        if (x->know->records[call].st.depth + x->base != depth - 1)
            continue;
        uint32_t from = call;
        while (x->know->records[from].covered_by)
            from = x->know->records[from].covered_by;
        const uint32_t next = successor(x, from, pc, depth, false);
        callee->call_pc = x->know->records[call].pc;
        if (next && settle(x, call) && (x->at = from, settle(x, next)))
            return true;
    }
    return leave(x);
}

/* Is what comes next a call that nothing comes after? */
static bool throws(const struct walk *x) {
    const struct record *const all = x->know->records;
    const uint32_t call = all[x->at].child;
    return call && !all[call].child && is_class(x, all[call].pc, CLASS_CALL_KFUNC);
}

/* Joins: is there a state that holds the run? */
static bool locate_joined(struct walk *x, uint32_t pc, uint32_t depth) {
    struct contain_miss first = {.found = false};
    struct level *const l = &x->level[depth];
    if (x->started && (depth > x->depth || x->entered)) {
        const struct level *const caller = &x->level[depth - 1];
        memset(l, 0, sizeof *l);
        l->callback = !is_class(x, x->last_pc, CLASS_CALL_LOCAL);
        l->call_pc = x->last_pc;
        x->entered = l->callback;
        memcpy(l->regs, caller->regs, sizeof l->regs);
        l->regs[REG_FP] = world_stack_top(x->w, depth);
    }
    x->started = true;
    for (uint32_t d = 1; d <= depth; d++)
        if (x->level[d].callback)
            return true; /* when a callback's registers are known, its first instruction is over */
    for (const struct known *k = x->know->at[pc]; k; k = k->next) {
        if (k->st.depth != depth)
            continue;
        if (walk_fits(x, pc, &k->st))
            return true;
        if (!first.found)
            first = *x->miss;
        x->miss->found = false;
    }
    *x->miss = first;
    if (!first.found && (depth == 0 || x->know->at[pc] == NULL)) {
        const struct place at = {.pc = pc, .frame = depth, .reg = -1, .slot = -1};
        return walk_miss(x, &at, NULL, "the run came here, joins did not");
    }
    return !first.found; /* functions that are explored on their own begin their own chains */
}

/* Where the run is, before the instruction at pc. out: false: a miss, or no longer followed */
static bool locate(struct walk *x, uint32_t pc, uint32_t depth) {
    if (x->joined)
        return locate_joined(x, pc, depth);
    if (!x->started) {
        const uint32_t root = entry(x, pc);
        x->started = true;
        return root ? walk_fits(x, x->know->records[root].pc, &x->know->records[root].st) &&
                          settle(x, root)
                    : leave(x);
    }
    /* a callback that was left may be called again at once */
    if (depth > x->depth ||
        (depth == x->depth && x->level[depth].callback && is_class(x, x->last_pc, CLASS_EXIT)))
        return enter(x, pc, depth);
    if (depth < x->depth && x->level[x->depth].global) {
        x->base = x->level[x->depth].caller_base;
        x->at = x->level[x->depth].caller_at;
    }
    const uint32_t next = successor(x, x->at, pc, depth, true);
    if (!next && throws(x))
        return leave(x); /* the callback of exceptions is explored by itself */
    if (!next && !x->miss->found) {
        const struct place at = {.pc = pc, .frame = depth - x->base, .reg = -1, .slot = -1};
        return walk_miss(x, &at, NULL, "the run came here from pc %u, the exploration did not",
                         x->last_pc);
    }
    return next && settle(x, next);
}

static void copy_stack(struct walk *x, uint32_t d) {
    memcpy(x->level[d].stack, x->w->mem + world_off(world_stack_top(x->w, d)) - FRAME_MAX_BYTES,
           FRAME_MAX_BYTES);
    x->level[d].fits = NULL;
    x->level[d].slots_fit = NULL;
}

/* What the step may have changed of the frames' memory. */
static void copy_changed(struct walk *x, const struct interp_step *s, bool moved) {
    if (s->helper || moved) {
        for (uint32_t d = 0; d <= x->depth; d++)
            copy_stack(x, d);
        return;
    }
    for (uint32_t d = 0; s->mem_bytes && d <= x->depth; d++) {
        const uint64_t top = world_stack_top(x->w, d);
        if (s->mem_addr < top && s->mem_addr + s->mem_bytes > top - FRAME_MAX_BYTES)
            copy_stack(x, d);
    }
}

bool contain_step(void *self, const struct interp_step *s) {
    struct walk *const x = self;
    const bool moved = !x->started || s->depth != x->depth;
    if (x->over || x->miss->found)
        return true;
    if (interp_code_prog(s->code) != x->prog || s->depth >= MAX_DEPTH) {
        leave(x);
        return true;
    }
    if (x->started && is_tail_call(x, x->last_pc) && s->pc == 0 &&
        (x->joined || x->know->records[x->at].pc != 0)) {
        leave(x);
        return true;
    }
    /* a callback that is over, called again */
    if (x->started && s->depth == x->depth && x->level[s->depth].callback &&
        is_class(x, x->last_pc, CLASS_EXIT))
        x->depth--;
    const bool came_back = x->started && s->depth < x->depth;
    if (came_back && !x->level[x->depth].callback) {
        /* r0 came along; the caller's own registers were kept */
        struct level *const l = &x->level[s->depth];
        l->regs[0] = x->level[x->depth].regs[0];
        l->loose_regs = (uint16_t)((l->loose_regs & ~1u) | (x->level[x->depth].loose_regs & 1));
    }
    if (!locate(x, s->pc, s->depth)) {
        if (x->ambiguous && x->miss->found) {
            x->miss->found = false;
            leave(x);
        }
        return true;
    }
    x->stats->steps++;
    x->depth = s->depth;
    struct level *const l = &x->level[s->depth];
    const struct insn in = x->prog->insns[s->pc];
    if (x->entered)
        memcpy(l->regs, s->regs, sizeof l->regs);
    if (!x->joined && !walk_flow(x, l, s->pc))
        return true;
    if (!x->joined && x->entered && in.dst == in.src && !is_class(x, s->pc, CLASS_IMM64))
        /* where it loaded from is lost */
        set_loose(l, in.dst, true);
    x->entered = false;
    x->last_pc = s->pc;
    memcpy(l->regs, s->regs, sizeof l->regs);
    l->regs[REG_FP] = world_stack_top(x->w, s->depth); /* a call has moved it already */
    x->pkt = x->w->st.pkt;
    copy_changed(x, s, moved);
    return true;
}

struct walk *contain_new(void) {
    return calloc(1, sizeof(struct walk));
}

void contain_free(struct walk *x) {
    free(x);
}

void contain_begin(struct walk *x, const struct prog *p, const struct knowledge *know,
                   struct world *w, const uint64_t args[5], struct contain_stats *stats,
                   struct contain_miss *m) {
    memset(x, 0, offsetof(struct walk, level) + sizeof x->level[0]);
    x->prog = p;
    x->know = know;
    x->w = w;
    x->stats = stats;
    x->miss = m;
    x->joined = x->hopped = know->keep == KEEP_JOINED;
    x->over = !x->joined && !know->complete;
    x->pkt = w->st.pkt;
    m->found = false;
    for (uint32_t i = 0; i < 5; i++)
        x->level[0].regs[1 + i] = args[i];
    x->level[0].regs[REG_FP] = world_stack_top(w, 0);
    stats->runs++;
    stats->left += x->over;
    copy_stack(x, 0);
}

bool contain_kernel_object(const struct walk *x, uint32_t pc) {
    if (x->joined || pc >= x->prog->n_insns)
        return pc >= x->prog->n_insns;
    const struct insn in = x->prog->insns[pc];
    const enum op op = op_of(in);
    if (op < N_OPS && op_table[op].cls == CLASS_IMM64)
        return true; /* a variable without an address */
    const bool load =
        op < N_OPS && (op_table[op].cls == CLASS_LDX || op_table[op].cls == CLASS_ATOMIC_LOAD);
    for (uint32_t i = x->know->records[x->at].child; i; i = x->know->records[i].sibling) {
        const struct record *rec = &x->know->records[i];
        const uint8_t kind = state_regs(&rec->st)[load ? in.src : in.dst].kind;
        if (rec->pc == pc &&
            (kind == REG_BTF || kind == REG_MAP || kind == REG_BUF || kind == REG_TP_BUFFER))
            return true;
        const struct progtype *const type = progtype_of(x->prog->type);
        if (rec->pc == pc && kind == REG_CTX && type && type->opaque)
            return true; /* how long it is, the hook decides */
    }
    return false;
}

struct run_end contain_run(const struct prog *p, const struct knowledge *know, struct world *w,
                           struct interp_job *job, struct contain_stats *stats,
                           struct contain_miss *m) {
    struct walk x;
    contain_begin(&x, p, know, w, job->args, stats, m);
    job->step = contain_step;
    job->step_self = &x;
    return interp_trace(w, job, NULL);
}
