#include "verifier/cfg.h"

#include "verifier/subject_impl.h"

static bool is_class(const struct subject *s, uint32_t pc, enum op_class cls) {
    return s->ops[pc] != OP_INVALID && op_table[s->ops[pc]].cls == cls;
}

static bool branches(const struct subject *s, uint32_t pc) {
    return is_class(s, pc, CLASS_JMP_COND) || is_class(s, pc, CLASS_JMP_BUDGET);
}

uint32_t cfg_successors(const struct subject *s, uint32_t pc, uint32_t to[CFG_MAX_SUCCESSORS]) {
    if (s->ops[pc] == OP_EXIT)
        return 0;
    if (is_class(s, pc, CLASS_JMP_ALWAYS)) {
        to[0] = (uint32_t)subject_target(s, pc);
        return 1;
    }
    to[0] = pc + insn_slots(s->prog->insns[pc]);
    if (!branches(s, pc))
        return 1;
    to[1] = (uint32_t)subject_target(s, pc);
    return 2;
}

/* The same, with the edge into a function that is called or whose address is taken. */
static uint32_t edges_from(const struct subject *s, uint32_t pc, uint32_t to[CFG_MAX_SUCCESSORS]) {
    const uint32_t n = cfg_successors(s, pc, to);
    if (s->ops[pc] != OP_CALL_LOCAL && s->ops[pc] != OP_LDDW_CODE)
        return n;
    to[n] = (uint32_t)subject_target(s, pc);
    return n + 1;
}

/* ---- reachability ---- */

enum colour {
    UNSEEN,
    ON_PATH,
    DONE,
};

struct search {
    struct subject *s;
    struct report *rep;
    uint8_t *colour; /* n_insns: enum colour */
    uint8_t *edge;   /* n_insns: the next edge to take */
    uint32_t *stack; /* n_insns: the path from the root */
};

static bool back_edge(const struct search *w, uint32_t from, uint32_t to) {
    if (w->s->privileged)
        return true;
    return report_reject(w->rep, REASON_BACK_EDGE, from, REPORT_NO_REG,
                         "back-edge from insn %u to %u", from, to);
}

static bool search_from(struct search *w, uint32_t root) {
    uint32_t depth = 0;
    w->stack[depth++] = root;
    w->colour[root] = ON_PATH;
    while (depth) {
        const uint32_t pc = w->stack[depth - 1];
        uint32_t to[CFG_MAX_SUCCESSORS];
        const uint32_t n = edges_from(w->s, pc, to);
        if (w->edge[pc] == n) {
            w->colour[pc] = DONE;
            depth--;
            continue;
        }
        const uint32_t next = to[w->edge[pc]++];
        if (next >= w->s->prog->n_insns)
            return report_reject(w->rep, REASON_JUMP, pc, REPORT_NO_REG,
                                 "jump out of range from insn %u to %u", pc, next);
        if (w->colour[next] == ON_PATH && !back_edge(w, pc, next))
            return false;
        if (w->colour[next] != UNSEEN)
            continue;
        w->colour[next] = ON_PATH;
        w->stack[depth++] = next;
    }
    return true;
}

static bool check_seen(const struct search *w) {
    const struct prog *p = w->s->prog;
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        if (w->colour[pc] == UNSEEN)
            return report_reject(w->rep, REASON_UNREACHABLE, pc, REPORT_NO_REG,
                                 "unreachable insn %u", pc);
        if (insn_slots(p->insns[pc]) == 2 && w->colour[pc + 1] != UNSEEN)
            return report_reject(w->rep, REASON_JUMP, pc, REPORT_NO_REG,
                                 "jump into the middle of ldimm64 insn %u", pc);
        w->s->pc_flags[pc] |= PC_REACHABLE;
    }
    return true;
}

/* ---- where states are compared ---- */

static void flag(struct subject *s, uint32_t pc, unsigned flags) {
    s->pc_flags[pc] |= (uint8_t)flags;
}

static void flag_call(struct subject *s, uint32_t pc) {
    const struct callback_proto *back = subject_callback(s, pc);
    if (back && back->async)
        flag(s, pc, PC_PRUNE);
    if (back && !back->async)
        flag(s, pc, PC_CALLS_CALLBACK | PC_FORCE_CHECKPOINT | PC_PRUNE | PC_HISTORY);
    const struct kfunc *k = subject_kfunc(s, pc);
    if (k && (k->flags & KFUNC_F_ITER_NEXT))
        flag(s, pc, PC_ITER_NEXT | PC_PRUNE | PC_FORCE_CHECKPOINT);
}

static void flag_insn(struct subject *s, uint32_t pc) {
    const enum op op = s->ops[pc];
    const bool calls = op == OP_CALL || op == OP_CALL_LOCAL || op == OP_CALL_KFUNC;
    if (calls || op == OP_LDDW_CODE)
        flag(s, pc + insn_slots(s->prog->insns[pc]), PC_PRUNE | PC_HISTORY);
    if (calls)
        flag_call(s, pc);
    if (branches(s, pc))
        flag(s, pc, PC_PRUNE);
    if (is_class(s, pc, CLASS_JMP_BUDGET))
        flag(s, pc, PC_MAY_GOTO | PC_FORCE_CHECKPOINT);
    if (op == OP_CALL_LOCAL || op == OP_LDDW_CODE)
        flag(s, pc, PC_PRUNE);
    if (branches(s, pc) || is_class(s, pc, CLASS_JMP_ALWAYS) || op == OP_CALL_LOCAL ||
        op == OP_LDDW_CODE)
        flag(s, (uint32_t)subject_target(s, pc), PC_PRUNE | PC_HISTORY | PC_JUMP_TARGET);
}

bool cfg_check(struct subject *s, struct report *rep, enum bpflab_err *err) {
    const uint32_t n = s->prog->n_insns;
    struct search w = {.s = s,
                       .rep = rep,
                       .colour = subject_scratch(s, n, sizeof *w.colour),
                       .edge = subject_scratch(s, n, sizeof *w.edge),
                       .stack = subject_scratch(s, n, sizeof *w.stack)};
    s->pc_flags = subject_alloc(s, n, sizeof *s->pc_flags);
    if (!w.colour || !w.edge || !w.stack || !s->pc_flags) {
        *err = BPFLAB_E_NOMEM;
        return false;
    }
    if (!search_from(&w, 0))
        return false;
    const uint32_t handler = s->exception_cb ? s->subprogs[s->exception_cb].start : 0;
    if (w.colour[handler] == UNSEEN && !search_from(&w, handler))
        return false;
    if (!check_seen(&w))
        return false;
    for (uint32_t pc = 0; pc < n; pc += insn_slots(s->prog->insns[pc]))
        flag_insn(s, pc);
    return true;
}

/* ---- loops: Tarjan's algorithm, without recursion ---- */

struct tarjan {
    struct subject *s;
    uint32_t *index, *low; /* n_insns: order of discovery, from 1; the oldest node reached */
    uint8_t *edge;         /* n_insns: the next edge to take */
    bool *open;            /* n_insns: is on `nodes` */
    uint32_t *path, *nodes;
    uint32_t n_path, n_nodes, n_found;
};

static void discover(struct tarjan *t, uint32_t pc) {
    t->index[pc] = t->low[pc] = ++t->n_found;
    t->open[pc] = true;
    t->path[t->n_path++] = pc;
    t->nodes[t->n_nodes++] = pc;
}

static bool leads_to_itself(const struct subject *s, uint32_t pc) {
    uint32_t to[CFG_MAX_SUCCESSORS];
    for (uint32_t n = cfg_successors(s, pc, to); n-- > 0;)
        if (to[n] == pc)
            return true;
    return (s->pc_flags[pc] & PC_CALLS_CALLBACK) != 0;
}

/* All nodes above root form a component; it has a number if it is a loop. */
static void close_component(struct tarjan *t, uint32_t root) {
    const bool loop = t->nodes[t->n_nodes - 1] != root || leads_to_itself(t->s, root);
    const uint32_t number = loop ? ++t->s->n_sccs : 0;
    uint32_t pc = 0;
    do {
        pc = t->nodes[--t->n_nodes];
        t->open[pc] = false;
        t->s->scc[pc] = number;
    } while (pc != root);
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static void components_from(struct tarjan *t, uint32_t root) {
    discover(t, root);
    while (t->n_path) {
        const uint32_t pc = t->path[t->n_path - 1];
        uint32_t to[CFG_MAX_SUCCESSORS];
        const uint32_t n = cfg_successors(t->s, pc, to);
        if (t->edge[pc] < n) {
            const uint32_t next = to[t->edge[pc]++];
            if (!t->index[next])
                discover(t, next);
            else if (t->open[next])
                t->low[pc] = least(t->low[pc], t->index[next]);
            continue;
        }
        if (t->low[pc] == t->index[pc])
            close_component(t, pc);
        if (--t->n_path) {
            const uint32_t from = t->path[t->n_path - 1];
            t->low[from] = least(t->low[from], t->low[pc]);
        }
    }
}

bool cfg_find_loops(struct subject *s, enum bpflab_err *err) {
    const uint32_t n = s->prog->n_insns;
    struct tarjan t = {.s = s,
                       .index = subject_scratch(s, n, sizeof *t.index),
                       .low = subject_scratch(s, n, sizeof *t.low),
                       .edge = subject_scratch(s, n, sizeof *t.edge),
                       .open = subject_scratch(s, n, sizeof *t.open),
                       .path = subject_scratch(s, n, sizeof *t.path),
                       .nodes = subject_scratch(s, n, sizeof *t.nodes)};
    s->scc = subject_alloc(s, n, sizeof *s->scc);
    if (!t.index || !t.low || !t.edge || !t.open || !t.path || !t.nodes || !s->scc) {
        *err = BPFLAB_E_NOMEM;
        return false;
    }
    for (uint32_t pc = 0; pc < n; pc += insn_slots(s->prog->insns[pc]))
        if (!t.index[pc])
            components_from(&t, pc);
    return true;
}
