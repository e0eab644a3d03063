/* plan.c: where functions begin, what they need, which pcs are jumped to. */
#include <stdlib.h>

#include "jit/driver.h"
#include "runtime/proto.h"

static uint32_t target_of(const struct jit *j, uint32_t pc) {
    return pc + 1 + (uint32_t)insn_jump(j_op(j, pc), j->insns[pc]);
}

static void flag_func(struct plan *plan, uint32_t pc) {
    plan->n_funcs += !(plan->flags[pc] & PLAN_FUNC);
    plan->flags[pc] |= PLAN_FUNC;
}

/* The flags of all pcs, and how many functions there are. */
static void flag_insns(struct jit *j) {
    const struct prog *p = j->prog;
    struct plan *const plan = &j->plan;
    const uint8_t *const ops = j->ops;
    flag_func(plan, 0);
    for (uint32_t pc = 0; pc < p->n_insns; pc++) {
        const struct row *const row = &jit_rows[ops[pc]];
        if (row->plain)
            continue;
        if (row->flags & ROW_JUMPS) {
            const uint32_t to = target_of(j, pc);
            plan->flags[to] |= to > pc ? PLAN_TARGET : PLAN_TARGET | PLAN_LOOP;
        } else if (row->cls == CLASS_CALL_LOCAL) {
            flag_func(plan, target_of(j, pc));
        } else if (j_op(j, pc) == OP_LDDW_CODE) {
            flag_func(plan, pc + 1 + (uint32_t)p->insns[pc].imm);
        }
    }
    for (uint32_t i = 0; i < p->n_subprogs; i++)
        if (p->subprogs[i].start < p->n_insns && j->ops[p->subprogs[i].start] != OP_INVALID)
            flag_func(plan, p->subprogs[i].start);
}

static void find_funcs(struct jit *j) {
    struct plan *const plan = &j->plan;
    uint32_t k = 0;
    for (uint32_t pc = 0; k < plan->n_funcs; pc++) {
        if (!(plan->flags[pc] & PLAN_FUNC))
            continue;
        if (k)
            plan->funcs[k - 1].end = pc;
        plan->funcs[k++].start = pc;
    }
    plan->funcs[k - 1].end = j->prog->n_insns;
}

uint32_t plan_func_at(const struct plan *p, uint32_t pc) {
    uint32_t lo = 0, hi = p->n_funcs;
    while (hi - lo > 1) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (p->funcs[mid].start <= pc)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

/* What a function with this call, jump or immediate needs. */
static void note_special(struct jit *j, struct plan_func *f, uint32_t pc, const struct row *row) {
    const uint32_t id = (uint32_t)j->insns[pc].imm;
    switch ((enum op_class)row->cls) {
    case CLASS_CALL:
        f->frame.calls = true;
        /* a helper that calls back makes its callee's frame from r10 */
        f->fp |= id == HELPER_tail_call || helper_callback_of(id);
        j->plan.depth |= id == HELPER_tail_call;
        break;
    case CLASS_CALL_KFUNC:
    case CLASS_CALL_REG: f->fp = f->frame.calls = true; break;
    case CLASS_CALL_LOCAL:
    case CLASS_PKT: f->frame.calls = true; break;
    case CLASS_JMP_BUDGET: f->budget = true; break;
    default: break;
    }
    if (row->flags & ROW_JUMPS) {
        const uint32_t to = target_of(j, pc);
        j->plan.tangled |= to < f->start || to >= f->end;
    }
}

static void note_func(struct jit *j, struct plan_func *f) {
    const struct insn *const insns = j->prog->insns;
    const uint8_t *const ops = j->ops;
    uint32_t written = 0;
    for (uint32_t pc = f->start; pc < f->end; pc++) {
        const struct row *const row = &jit_rows[ops[pc]];
        const struct insn *const in = &insns[pc];
        uint32_t writes = (uint32_t)(row->flags & ROW_WRITES_DST) << in->dst;
        if (row->flags & ROW_WRITES_SRC)
            writes |= 1u << in->src;
        written |= writes;
        if (in->dst == REG_FP || in->src == REG_FP) {
            f->fp = true;
            if (writes >> REG_FP & 1)
                j->plan.flags[pc] |= PLAN_TRAP;
        }
        if (!row->plain)
            note_special(j, f, pc, row);
    }
    f->frame.saved = written & KEPT;
    const uint32_t last = ops[f->end - 1] == OP_INVALID ? f->end - 2 : f->end - 1;
    if (!(j_row(j, last)->flags & ROW_ENDS))
        j->plan.tangled = true; /* it runs into the next function */
}

/* r10 must be right for a callee that uses it: up the call graph, until nothing changes. */
static void spread_fp(struct jit *j) {
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = j->plan.n_funcs; i-- > 0;) {
            struct plan_func *const f = &j->plan.funcs[i];
            for (uint32_t pc = f->start; pc < f->end && !f->fp; pc++)
                if (j_op(j, pc) == OP_CALL_LOCAL) {
                    const uint32_t to = target_of(j, pc);
                    if (j->plan.funcs[plan_func_at(&j->plan, to)].fp)
                        f->fp = changed = true;
                }
        }
    }
}

/* All functions get the frame that the most demanding one needs. */
static void make_uniform(struct jit *j) {
    struct plan_func all = {.fp = true};
    for (uint32_t i = 0; i < j->plan.n_funcs; i++) {
        const struct plan_func *const f = &j->plan.funcs[i];
        all.frame.saved |= f->frame.saved;
        all.frame.calls |= f->frame.calls;
        all.budget |= f->budget;
    }
    for (uint32_t i = 0; i < j->plan.n_funcs; i++) {
        struct plan_func *const f = &j->plan.funcs[i];
        f->fp = true;
        f->budget = all.budget;
        f->frame = all.frame;
    }
}

/* Slow memory: context fields that read as something else, arenas, and, on big-endian machines,
 * sockets, one of whose fields does. */
static bool may_be_slow(const struct jit *j) {
    const struct progtype *const pt = progtype_of(j->prog->type);
    if (j->bind->arena)
        return true;
    if (!pt || pt->opaque)
        return false;
    for (uint32_t i = 0; i < pt->n_fields; i++) {
        const struct ctx_field *const f = &pt->fields[i];
        if ((f->kind >= CTX_PKT_DATA && f->kind <= CTX_PKT_META) || f->kind == CTX_U16 ||
            f->kind == CTX_QUEUE || (f->flags & CTX_F_PAD) ||
            (j->arch->big_endian && f->kind >= CTX_SOCK && f->kind <= CTX_SOCK_COMMON))
            return true;
    }
    return false;
}

enum bpflab_err plan_make(struct jit *j) {
    struct plan *const plan = &j->plan;
    plan->flags = calloc(j->prog->n_insns, 1);
    if (!plan->flags)
        return BPFLAB_E_NOMEM;
    flag_insns(j);
    plan->funcs = calloc(plan->n_funcs, sizeof *plan->funcs);
    if (!plan->funcs)
        return BPFLAB_E_NOMEM;
    find_funcs(j);
    for (uint32_t i = 0; i < plan->n_funcs; i++)
        note_func(j, &plan->funcs[i]);
    plan->depth |= !j->opt->trusted || plan->tangled;
    plan->slow_memory = may_be_slow(j);
    if (plan->tangled)
        make_uniform(j);
    else if (plan->n_funcs > 1)
        spread_fp(j);
    for (uint32_t i = 0; i < plan->n_funcs; i++) {
        struct plan_func *const f = &plan->funcs[i];
        f->fp |= plan->depth && f->frame.calls; /* a function may call itself */
        f->frame.calls |= plan->slow_memory;
        f->frame.n_slots = f->budget;
    }
    return BPFLAB_OK;
}

void plan_fini(struct plan *p) {
    free(p->flags);
    free(p->funcs);
}
