/* keep.c: how many of r6 to r9 a local call has to save, and the exit that answers it to restore:
 * those that the subprogram itself writes. What it calls in turn keeps them for it.
 *
 * A subprogram is what its jumps connect; so two that share instructions are one here, and each
 * exit belongs to exactly one. Registers are counted from r6 on, as compilers use them. A
 * subprogram that can be left by an exit of elsewhere, or that needs more of its frame, keeps all:
 * the entry (tail calls lead to it), one that makes a tail call, loads from packets or may_goto.
 */
#include "interp/code.h"

#include <stdlib.h>

enum {
    KEEP_ALL = 4,
    FIRST_KEPT = 6, /* r6 */
};

/* struct groups: a union-find forest over pcs, and what each root's group writes. */
struct groups {
    uint32_t *parent;
    uint8_t *n_kept;
};

/* The group of pc, by the lowest pc in it. */
static uint32_t find(const struct groups *g, uint32_t pc) {
    while (g->parent[pc] != pc) {
        g->parent[pc] = g->parent[g->parent[pc]];
        pc = g->parent[pc];
    }
    return pc;
}

static void unite(struct groups *g, uint32_t a, uint32_t b) {
    a = find(g, a);
    b = find(g, b);
    g->parent[a > b ? a : b] = a > b ? b : a;
}

static uint8_t kept_by_write(enum field_rule rule, uint8_t reg) {
    const bool kept = rule == FIELD_WREG && reg >= FIRST_KEPT && reg < REG_FP;
    return kept ? (uint8_t)(reg - FIRST_KEPT + 1) : 0;
}

/* Registers that this instruction makes its subprogram keep. */
static uint8_t kept_by(const struct cell *c, const struct op_info *row, struct insn in) {
    if (c->op == OP_CELL_TAIL_CALL || row->cls == CLASS_PKT || row->cls == CLASS_JMP_BUDGET)
        return KEEP_ALL;
    const uint8_t dst = kept_by_write(row->dst_rule, in.dst);
    const uint8_t src = kept_by_write(row->src_rule, in.src);
    return dst > src ? dst : src;
}

static void connect(struct groups *g, const struct prog *p) {
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        const enum op op = op_of(p->insns[pc]);
        const uint8_t cls = op_table[op].cls;
        if (cls == CLASS_JMP_COND || cls == CLASS_JMP_ALWAYS || cls == CLASS_JMP_BUDGET)
            unite(g, pc, pc + 1 + (uint32_t)insn_jump(op, p->insns[pc]));
        if (cls != CLASS_JMP_ALWAYS && cls != CLASS_EXIT && cls != CLASS_JMP_TABLE)
            unite(g, pc, pc + insn_slots(p->insns[pc]));
    }
}

static void count(struct groups *g, const struct interp_code *c) {
    const struct prog *p = c->prog;
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        const uint8_t n = kept_by(&c->cells[pc], &op_table[op_of(p->insns[pc])], p->insns[pc]);
        uint8_t *const most = &g->n_kept[find(g, pc)];
        *most = n > *most ? n : *most;
    }
    g->n_kept[find(g, 0)] = KEEP_ALL;
}

static void rewrite(const struct groups *g, struct interp_code *c) {
    static const uint16_t calls[] = {
#define KEEP(n) OP_CELL_CALL_KEEP##n,
        KEEPS(KEEP) OP_CALL_LOCAL
#undef KEEP
    };
    static const uint16_t exits[] = {
#define KEEP(n) OP_CELL_EXIT_KEEP##n,
        KEEPS(KEEP) OP_EXIT
#undef KEEP
    };
    for (uint32_t pc = 0; pc < c->n_cells; pc++) {
        struct cell *const cell = &c->cells[pc];
        const uint32_t to = pc + (uint32_t)(cell->x / (int32_t)sizeof *cell);
        if (cell->op == OP_CALL_LOCAL)
            cell->op = calls[g->n_kept[find(g, to)]];
        else if (cell->op == OP_EXIT)
            cell->op = exits[g->n_kept[find(g, pc)]];
    }
}

static bool has_local_calls(const struct interp_code *c) {
    for (uint32_t pc = 0; pc < c->n_cells; pc++)
        if (c->cells[pc].op == OP_CALL_LOCAL)
            return true;
    return false;
}

enum bpflab_err interp_keep(struct interp_code *c) {
    if (!has_local_calls(c))
        return BPFLAB_OK;
    struct groups g = {
        .parent = calloc(c->n_cells, sizeof *g.parent),
        .n_kept = calloc(c->n_cells, sizeof *g.n_kept),
    };
    const bool ok = g.parent && g.n_kept;
    if (ok) {
        for (uint32_t pc = 0; pc < c->n_cells; pc++)
            g.parent[pc] = pc;
        connect(&g, c->prog);
        count(&g, c);
        rewrite(&g, c);
    }
    free(g.parent);
    free(g.n_kept);
    return ok ? BPFLAB_OK : BPFLAB_E_NOMEM;
}
