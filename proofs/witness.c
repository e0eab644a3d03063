/* witness.c: builds programs of counterexamples, asks the verifier about them, keeps the best. */
#include "proofs/witness.h"

#include <stdio.h>
#include <string.h>

#include "proofs/witness_narrow.h"
#include "verifier/domain/alu.h"
#include "verifier/knowledge.h"
#include "verifier/verify.h"

/* Registers: r1 is the memory. */
enum {
    RESULT = 0,
    MEMORY = 1,
    DST = 6,
    SRC = 7,
    SCRATCH = 8,
};

/* How the value is looked for that a wrong verifier does not expect. */
enum ask {
    ASK_NE,    /* if r6 != value goto out */
    ASK_RANGE, /* if r6 > value goto out; if r6 < value goto out */
    N_ASKS,
};

/* struct plan: what is read, and one way to write the program. */
struct plan {
    const struct op_info *row;
    bool jump, immediate;
    bool reads_dst, reads_src; /* from memory: registers of their own */
    enum narrow_bits bits;
    enum ask ask;
    enum witness_end end;
};

const char *witness_status_name(enum witness_status s) {
    static const char *const names[] = {"lost", "lost before", "held", "refused"};
    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "?";
}

const char *witness_fit_name(enum witness_fit f) {
    static const char *const names[] = {"unused", "equal", "within", "wider"};
    return (unsigned)f < sizeof names / sizeof *names ? names[f] : "?";
}

/* ---- the case ---- */

static bool has_immediate(const struct op_info *row) {
    return !row->from_reg && (row->cls == CLASS_ALU_BINARY || row->cls == CLASS_JMP_COND);
}

static bool is_mov(enum op op) {
    return op == OP_MOV64_REG || op == OP_MOV32_REG || op == OP_MOV64_IMM || op == OP_MOV32_IMM;
}

static bool plan_of(const struct witness_case *of, struct plan *p) {
    if (of->op >= N_OPS)
        return false;
    const struct op_info *const row = &op_table[of->op];
    const bool sext = row->cls == CLASS_ALU_SEXT;
    const bool binary = row->cls == CLASS_ALU_BINARY || row->cls == CLASS_JMP_COND;
    if (!binary && !sext && row->cls != CLASS_ALU_UNARY && row->cls != CLASS_ALU_END)
        return false;
    const bool from_reg = sext || (binary && row->from_reg);
    *p = (struct plan){.row = row,
                       .jump = row->cls == CLASS_JMP_COND,
                       .immediate = has_immediate(row),
                       .reads_dst = of->same ? from_reg : !sext && !is_mov(of->op),
                       .reads_src = from_reg && !of->same};
    return !of->same || from_reg;
}

static enum bpflab_err check_case(const struct witness_case *of, const struct plan *p,
                                  struct diag *d) {
    if (p->reads_dst && !scalar_contains(of->a, of->x))
        return diag_set(d, BPFLAB_E_ARG, "x is no member of a");
    if (p->reads_src && !scalar_contains(of->b, of->y))
        return diag_set(d, BPFLAB_E_ARG, "y is no member of b");
    if (p->immediate && of->y != (uint64_t)(int64_t)(int32_t)(uint32_t)of->y)
        return diag_set(d, BPFLAB_E_ARG, "y is no sign-extended immediate");
    return BPFLAB_OK;
}

static struct insn operation(const struct witness_case *of, int16_t off) {
    return code_op(of->op, DST, of->same ? DST : SRC, off, (int32_t)(uint32_t)of->y);
}

/* What the run makes of the operands. */
static void compute(const struct plan *p, struct witness *w) {
    const struct witness_case *const of = &w->of;
    const struct insn in = operation(of, 0);
    const uint64_t y = of->same ? of->x : of->y;
    w->taken = p->jump && op_eval_jmp(of->op, in, of->x, y);
    w->result = p->jump ? of->x : op_eval_alu(of->op, in, of->x, y, (struct sem_env){0});
}

/* ---- code ---- */

/* Falls through if the register holds the value, else to the exit. */
static void ask_for(struct code *c, unsigned reg, uint64_t value, enum ask how) {
    if (how == ASK_NE) {
        code_op_k(c, OP_JNE64_REG, OP_JNE64_IMM, reg, value, SCRATCH, OUT);
        return;
    }
    code_op_k(c, OP_JGT64_REG, OP_JGT64_IMM, reg, value, SCRATCH, OUT);
    code_op_k(c, OP_JLT64_REG, OP_JLT64_IMM, reg, value, SCRATCH, OUT);
}

static void load(struct code *c, unsigned reg, struct scalar want, int16_t off,
                 enum narrow_bits how) {
    code_put(c, code_op(OP_LDXDW, reg, MEMORY, off, 0));
    code_narrow(c, reg, SCRATCH, scalar_reduce(want), how);
}

static void close_jumps(struct code *c) {
    for (uint32_t i = 0; i < c->n; i++)
        if (c->insns[i].off == OUT)
            c->insns[i].off = (int16_t)(c->n - i - 1);
    code_put(c, code_op(OP_EXIT, 0, 0, 0, 0));
}

static void write_code(const struct plan *p, struct witness *w, struct code *c) {
    const struct witness_case *const of = &w->of;
    code_const(c, RESULT, 0);
    if (p->reads_dst)
        load(c, DST, of->a, 0, p->bits);
    if (p->reads_src)
        load(c, SRC, of->b, 8, p->bits);
    if (p->jump && !p->reads_dst)
        c->full = true; /* no such row */
    w->op_pc = c->n;
    if (p->jump && w->taken) {
        code_put(c, operation(of, 1));
        code_put(c, code_op(OP_JA, 0, 0, OUT, 0));
    } else {
        code_put(c, operation(of, p->jump ? OUT : 0));
    }
    w->next_pc = c->n;
    ask_for(c, DST, w->result, p->ask);
    if (p->jump && p->reads_src)
        ask_for(c, SRC, of->y, p->ask);
    if (p->end == WITNESS_ACCESS)
        code_put(c, code_op(OP_LDXDW, RESULT, MEMORY, WITNESS_MEM_BYTES, 0));
    else
        code_const(c, RESULT, 1);
    close_jumps(c);
}

static void put_word(uint8_t *at, uint64_t x) {
    for (unsigned i = 0; i < 8; i++)
        at[i] = (uint8_t)(x >> (8 * i));
}

static enum bpflab_err build(const struct plan *p, const struct witness_case *of, struct witness *w,
                             struct diag *d) {
    struct code c = {.n = 0};
    *w = (struct witness){.of = *of};
    compute(p, w);
    write_code(p, w, &c);
    if (c.full)
        return diag_set(d, BPFLAB_E_TOO_LONG, "more than %d instructions", CODE_MAX);
    if (prog_init_insns(&w->prog, c.insns, c.n) != BPFLAB_OK)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    put_word(w->mem, of->x);
    put_word(w->mem + 8, of->y);
    return BPFLAB_OK;
}

/* ---- what the verifier says ---- */

static bool known_at(const struct knowledge *k, uint32_t pc, unsigned reg, struct scalar *out) {
    const struct known *const n = k && pc < k->n_insns ? k->at[pc] : NULL;
    if (!n)
        return false;
    const struct reg *const r = &state_regs(&n->st)[reg];
    *out = reg_is_scalar(r) ? r->v : scalar_unknown();
    return true;
}

static enum witness_fit fit_of(bool read, struct scalar known, struct scalar wanted) {
    if (!read)
        return WITNESS_UNUSED;
    wanted = scalar_reduce(wanted);
    if (scalar_equal(known, wanted))
        return WITNESS_EQUAL;
    return scalar_subset(known, wanted) ? WITNESS_WITHIN : WITNESS_WIDER;
}

static void judge(const struct plan *p, const struct verify_result *r, struct witness *w) {
    const struct knowledge *const k = r->knowledge;
    w->a = w->b = scalar_unknown();
    const bool here = (!p->reads_dst || known_at(k, w->op_pc, DST, &w->a)) &&
                      (!p->reads_src || known_at(k, w->op_pc, SRC, &w->b)) &&
                      (p->reads_dst || p->reads_src || (k && k->at[w->op_pc]));
    w->reached = known_at(k, w->next_pc, DST, &w->a_after) &&
                 (!p->reads_src || known_at(k, w->next_pc, SRC, &w->b_after));
    w->fit_a = fit_of(p->reads_dst, w->a, w->of.a);
    w->fit_b = fit_of(p->reads_src, w->b, w->of.b);
    if (r->verdict != VERDICT_ACCEPT) {
        w->status = WITNESS_REFUSED;
        snprintf(w->why, sizeof w->why, "pc %u: %.120s", r->report.pc, r->report.linux_text);
    } else if (!here || (p->reads_dst && !scalar_contains(w->a, w->of.x)) ||
               (p->reads_src && !scalar_contains(w->b, w->of.y))) {
        w->status = WITNESS_LOST_BEFORE;
    } else if (!w->reached || !scalar_contains(w->a_after, w->result) ||
               (p->reads_src && !scalar_contains(w->b_after, w->of.y))) {
        w->status = WITNESS_LOST;
    } else {
        w->status = WITNESS_HELD;
    }
}

static enum bpflab_err ask_verifier(const struct plan *p, struct witness *w, struct diag *d) {
    const struct verify_input in = {.prog = &w->prog};
    const struct verify_options opt = {.keep = KEEP_JOINED, .raw_mem_bytes = WITNESS_MEM_BYTES};
    struct verify_result r;
    const enum bpflab_err err = verify(&in, &opt, &r, d);
    if (err == BPFLAB_OK)
        judge(p, &r, w);
    verify_result_fini(&r);
    return err;
}

/* better: status first, then how near both operands are to the counterexample's. */
static bool better(const struct witness *a, const struct witness *b) {
    if (a->status != b->status)
        return a->status < b->status;
    return a->fit_a + a->fit_b < b->fit_a + b->fit_b;
}

enum bpflab_err witness_program(const struct witness_case *of, enum witness_end end,
                                struct witness *out, struct diag *d) {
    struct plan p;
    if (!plan_of(of, &p))
        return diag_set(d, BPFLAB_E_ARG, "no operation on numbers that a program could show");
    enum bpflab_err err = check_case(of, &p, d);
    bool any = false;
    struct witness best = {.op_pc = 0};
    p.end = end;
    for (unsigned way = 0; err == BPFLAB_OK && way < (unsigned)N_NARROW_BITS * (unsigned)N_ASKS;
         way++) {
        struct witness w;
        p.bits = (enum narrow_bits)(way % N_NARROW_BITS);
        p.ask = (enum ask)(way / N_NARROW_BITS);
        err = build(&p, of, &w, d);
        if (err == BPFLAB_OK)
            err = ask_verifier(&p, &w, d);
        if (err == BPFLAB_OK && (!any || better(&w, &best))) {
            const struct witness was = best;
            best = w;
            w = was;
            any = true;
        }
        witness_fini(&w);
    }
    if (err == BPFLAB_OK)
        *out = best;
    else
        witness_fini(&best);
    return err;
}

void witness_fini(struct witness *w) {
    prog_fini(&w->prog);
}
