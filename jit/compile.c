/* compile.c: a program becomes machine code: plan, operations, layout. */
#include <stdlib.h>

#include "jit/driver.h"
#include "runtime/exec.h"

static void forget_all(struct jit *j) {
    j->known.zext = 0;
    for (unsigned r = 0; r < N_JIT_REGS; r++)
        j->known.map[r] = -1;
}

static uint32_t lower(struct jit *j, uint32_t pc) {
    const enum op op = j_op(j, pc);
    if (j->plan.flags[pc] & PLAN_TRAP) {
        j_trap(j, RUN_TRAP_INSN, 0); /* r10 is read-only */
        return insn_slots(j->insns[pc]);
    }
    if (op == OP_LDDW_MAP_IDX_VALUE || op == OP_MOV64_REG || op == OP_ADD64_REG) {
        struct jit_mem at;
        const uint32_t n = fuse_address(j, pc, &at);
        if (n) {
            j->pc = pc + n;
            j->plan.flags[pc + n] |= PLAN_ACCESS;
            j_bind(j, j_pc_label(pc + n));
            return n + lower_access(j, pc + n, &at);
        }
    }
    switch ((enum op_class)j_row(j, pc)->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST: return lower_alu(j, pc, op);
    case CLASS_JMP_COND:
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET:
    case CLASS_JMP_TABLE: return lower_jmp(j, pc, op);
    case CLASS_IMM64: lower_imm64(j, pc, op); return 2;
    case CLASS_CALL:
    case CLASS_CALL_LOCAL:
    case CLASS_CALL_KFUNC:
    case CLASS_CALL_REG:
    case CLASS_PKT:
    case CLASS_EXIT: return lower_call(j, pc, op);
    default: return lower_mem(j, pc, op);
    }
}

/* The end of a small innermost loop that begins at pc, one that a fetch of a line brings in; 0 if
 * none does. */
static uint32_t small_loop(const struct jit *j, uint32_t pc) {
    enum {
        SMALL = 24 /* instructions */
    };
    for (uint32_t at = pc; at < j->func->end && at < pc + SMALL; at++) {
        const struct row *const row = j_row(j, at);
        if (at > pc && j->plan.flags[at] & PLAN_LOOP)
            return 0;
        if (row->flags & ROW_JUMPS && at + 1 + (uint32_t)insn_jump(j_op(j, at), j->insns[at]) == pc)
            return at + 1;
    }
    return 0;
}

/* A loop is about to begin. */
static void align_loop(struct jit *j, uint32_t pc) {
    const uint32_t end = j->opt->opt > 0 && j->arch->loop_line ? small_loop(j, pc) : 0;
    if (end && end < j->prog->n_insns)
        j_site(j, (struct jit_site){.kind = LAYOUT_ALIGN, .label = j_pc_label(end)});
}

static void lower_func(struct jit *j, uint32_t index) {
    const struct plan_func *const f = &j->plan.funcs[index];
    const struct pc_facts *const dead = j->opt->facts && j->opt->opt > 0 ? j->opt->facts->at : NULL;
    uint32_t pc = f->start;
    j->func = f;
    j_bind(j, j_func_label(j, index));
    j->arch->enter(&j->code, &f->frame);
    if (f->budget) {
        j_load(j, 8, JR_T0, JR_STATE, EXEC_BUDGET);
        j_store(j, 8, JR_SLOTS, 0, JR_T0);
    }
    while (pc < f->end && !j->code.err) {
        if (j->plan.flags[pc])
            forget_all(j);
        j->pc = pc;
        if (j->plan.flags[pc] & PLAN_LOOP)
            align_loop(j, pc);
        j_bind(j, j_pc_label(pc));
        if (dead && dead[pc].dead)
            pc += insn_slots(j->insns[pc]);
        else
            pc += lower(j, pc);
    }
    if (j->plan.tangled && f->end < j->prog->n_insns)
        j_jump(j, j_pc_label(f->end)); /* it may run into the next one, behind its cold parts */
    j_flush_cold(j);
}

static enum bpflab_err decode(struct jit *j) {
    j->ops = malloc(j->prog->n_insns ? j->prog->n_insns : 1);
    return j->ops ? prog_decode(j->prog, j->ops, j->diag) : BPFLAB_E_NOMEM;
}

static enum bpflab_err start(struct jit *j) {
    const uint32_t n = j->prog->n_insns;
    enum bpflab_err err = plan_make(j);
    if (!err && j->opt->opt > 0)
        err = flow_make(j);
    if (err)
        return err;
    j->n_labels = n + j->plan.n_funcs;
    j->cap_labels = j->n_labels + 64;
    j->cap_sites = n / 4 + 64;
    j->labels = malloc(j->cap_labels * sizeof *j->labels);
    j->sites = malloc(j->cap_sites * sizeof *j->sites);
    if (!j->labels || !j->sites)
        return BPFLAB_E_NOMEM;
    for (uint32_t i = 0; i < j->n_labels; i++)
        j->labels[i] = (struct label){UINT32_MAX, 0};
    jit_buf_room(&j->code, 8 * n + 1024);
    j->rng = j->opt->blind_seed;
    return j->code.err;
}

enum bpflab_err jit_compile(const struct prog *p, const struct jit_arch *target,
                            const struct jit_options *opt, const struct jit_bind *bind,
                            uint64_t addr, struct jit_code *out, struct diag *d) {
    enum bpflab_err err;
    if (!target->alu)
        return diag_set(d, BPFLAB_E_UNSUPPORTED, "the target %s is not finished", target->name);
    struct jit j = {.prog = p,
                    .insns = p->insns,
                    .arch = target,
                    .opt = opt,
                    .bind = bind,
                    .diag = d,
                    .addr = addr};
    struct jit_code code = {0};
    jit_buf_init(&j.code);
    err = decode(&j);
    if (!err)
        err = start(&j);
    for (uint32_t i = 0; i < j.plan.n_funcs && !err; i++) {
        lower_func(&j, i);
        err = j.code.err;
    }
    if (!err && (err = layout_make(&j, &code)) != BPFLAB_OK)
        diag_set(d, err, "%s",
                 err == BPFLAB_E_RANGE ? "a branch does not reach" : "no memory for machine code");
    else if (err == BPFLAB_E_NOMEM)
        diag_set(d, err, "no memory for machine code");
    else if (!err && opt->max_bytes && code.n_bytes > opt->max_bytes)
        err = diag_set(d, BPFLAB_E_UNSUPPORTED, "its code would take %u bytes, and the limit is %u",
                       code.n_bytes, opt->max_bytes);
    plan_fini(&j.plan);
    jit_buf_fini(&j.code);
    free(j.ops);
    free(j.live);
    free(j.labels);
    free(j.sites);
    free(j.colds);
    free(j.pool);
    if (err)
        jit_code_fini(&code);
    else
        *out = code;
    return err;
}

void jit_code_fini(struct jit_code *c) {
    free(c->bytes);
    free(c->pc_off);
    free(c->funcs);
    free(c->joined);
    free(c->colds);
    *c = (struct jit_code){0};
}

enum bpflab_err jit_stub(const struct jit_arch *target, struct jit_code *out, uint32_t *exit_off) {
    struct jit_buf b;
    if (!target->stub)
        return BPFLAB_E_UNSUPPORTED;
    jit_buf_init(&b);
    const uint32_t off = target->stub(&b);
    if (b.err) {
        const enum bpflab_err err = b.err;
        jit_buf_fini(&b);
        return err;
    }
    *out = (struct jit_code){.bytes = b.bytes, .n_bytes = b.n};
    *exit_off = off;
    return BPFLAB_OK;
}

uint32_t jit_pc_of(const struct jit_code *c, uint32_t off) {
    if (!c->n_insns || off < c->pc_off[0] || off >= c->pc_off[c->n_insns])
        return UINT32_MAX;
    uint32_t lo = 0, hi = c->n_insns;
    while (hi - lo > 1) { /* pc_off[lo] <= off < pc_off[hi] */
        const uint32_t mid = lo + (hi - lo) / 2;
        if (c->pc_off[mid] <= off)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}
