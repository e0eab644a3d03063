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

/* Parts of a scalar; a set. */
enum component {
    COMPONENT_BITS = 1 << 0,
    COMPONENT_U = 1 << 1,
    COMPONENT_S = 1 << 2,
    COMPONENT_U32 = 1 << 3,
    COMPONENT_S32 = 1 << 4,
    COMPONENTS = (1 << 5) - 1,
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
    bool is_shift;             /* by a register */
    enum narrow_bits bits;
    enum ask ask;
    unsigned components; /* of the operands, which are made known */
    bool below_width;    /* the amount too, or to a verifier like Linux's the result is anything */
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

static bool is_shift(enum op op) {
    return op == OP_LSH64_REG || op == OP_LSH32_REG || op == OP_RSH64_REG || op == OP_RSH32_REG ||
           op == OP_ARSH64_REG || op == OP_ARSH32_REG;
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
                       .reads_src = from_reg && !of->same,
                       .is_shift = from_reg && is_shift(of->op)};
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
    code_narrow(c, reg, SCRATCH, want, how);
}

static void close_jumps(struct code *c) {
    for (uint32_t i = 0; i < c->n; i++)
        if (c->insns[i].off == OUT)
            c->insns[i].off = (int16_t)(c->n - i - 1);
    code_put(c, code_op(OP_EXIT, 0, 0, 0, 0));
}

/* Of a scalar, only these components; the others say nothing. */
static struct scalar part(struct scalar a, unsigned components) {
    struct scalar s = scalar_unknown();
    if (components & COMPONENT_BITS)
        s.bits = a.bits;
    if (components & COMPONENT_U)
        s.u = a.u;
    if (components & COMPONENT_S)
        s.s = a.s;
    if (components & COMPONENT_U32)
        s.u32 = a.u32;
    if (components & COMPONENT_S32)
        s.s32 = a.s32;
    return scalar_reduce(s);
}

/* The source's wanted value; a shift's, as far as it is an amount. */
static struct scalar wanted_src(const struct plan *p, const struct witness_case *of) {
    struct scalar want = part(of->b, p->components);
    if (p->below_width && of->y < p->row->width_bits)
        want = scalar_meet(want, scalar_from_urange(0, p->row->width_bits - 1u));
    return want;
}

static void write_code(const struct plan *p, struct witness *w, struct code *c) {
    const struct witness_case *const of = &w->of;
    code_const(c, RESULT, 0);
    if (p->reads_dst)
        load(c, DST, part(of->a, p->components), 0, p->bits);
    if (p->reads_src)
        load(c, SRC, wanted_src(p, of), 8, p->bits);
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

/* holds: are these registers as the verifier expects them there? It knows numbers of all that have
 * been written. */
static bool holds(const struct knowledge *k, uint32_t pc, const uint64_t regs[N_REGS]) {
    static const uint8_t looked_at[] = {RESULT, DST, SRC, SCRATCH};
    struct scalar known;
    for (size_t i = 0; i < sizeof looked_at; i++)
        if (!known_at(k, pc, looked_at[i], &known) || !scalar_contains(known, regs[looked_at[i]]))
            return false;
    return true;
}

/* follow: the run up to the operation, along what the verifier knew. out: false: it left it */
static bool follow(const struct knowledge *k, const struct witness *w) {
    uint64_t regs[N_REGS] = {0};
    for (uint32_t pc = 0; pc <= w->op_pc;) {
        const struct insn in = w->prog.insns[pc];
        const enum op op = op_of(in);
        uint64_t *const dst = &regs[in.dst];
        if (!holds(k, pc, regs))
            return false;
        pc += insn_slots(in);
        if (op == OP_LDXDW)
            *dst = in.off == 0 ? w->of.x : w->of.y;
        else if (op == OP_LDDW)
            *dst = insn_imm64(in, w->prog.insns[pc - 1]);
        else if (op_table[op].cls != CLASS_JMP_COND)
            *dst = op_eval_alu(op, in, *dst, regs[in.src], (struct sem_env){0});
        else if (op_eval_jmp(op, in, *dst, regs[in.src]))
            pc = (uint32_t)((int64_t)pc + in.off);
    }
    return true;
}

static void judge(const struct plan *p, const struct verify_result *r, struct witness *w) {
    const struct knowledge *const k = r->knowledge;
    w->a = w->b = scalar_unknown();
    if (p->reads_dst)
        known_at(k, w->op_pc, DST, &w->a);
    if (p->reads_src)
        known_at(k, w->op_pc, SRC, &w->b);
    w->reached = known_at(k, w->next_pc, DST, &w->a_after) &&
                 (!p->reads_src || known_at(k, w->next_pc, SRC, &w->b_after));
    w->fit_a = fit_of(p->reads_dst, w->a, w->of.a);
    w->fit_b = fit_of(p->reads_src, w->b, w->of.b);
    if (r->verdict != VERDICT_ACCEPT) {
        w->status = WITNESS_REFUSED;
        snprintf(w->why, sizeof w->why, "pc %u: %.120s", r->report.pc, r->report.linux_text);
    } else if (!follow(k, w)) {
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

/* set_way: the i-th way to write the program: all that the counterexample says.
 * set_part: a part of it: what one component loses, another may have kept, the more so since the
 * verifier's values are reduced and the counterexample's need not be.
 * out: false behind the last */
static bool set_way(struct plan *p, unsigned i) {
    p->components = COMPONENTS;
    p->bits = (enum narrow_bits)(i % N_NARROW_BITS);
    i /= N_NARROW_BITS;
    p->ask = (enum ask)(i % N_ASKS);
    i /= N_ASKS;
    p->below_width = i == 1;
    return i < (p->is_shift ? 2u : 1u);
}

static bool set_part(struct plan *p, unsigned i) {
    p->components = i + 1;
    p->bits = BITS_BY_MASK;
    p->ask = ASK_NE;
    p->below_width = p->is_shift;
    return p->components < COMPONENTS;
}

/* struct search: the best so far. */
struct search {
    struct witness best;
    bool any;
};

static enum bpflab_err try_plan(const struct plan *p, const struct witness_case *of,
                                struct search *s, struct diag *d) {
    struct witness w;
    enum bpflab_err err = build(p, of, &w, d);
    if (err == BPFLAB_OK)
        err = ask_verifier(p, &w, d);
    if (err == BPFLAB_OK && (!s->any || better(&w, &s->best))) {
        const struct witness was = s->best;
        s->best = w;
        w = was;
        s->any = true;
    }
    witness_fini(&w);
    return err;
}

enum bpflab_err witness_program(const struct witness_case *of, enum witness_end end,
                                struct witness *out, struct diag *d) {
    struct plan p;
    struct search s = {.any = false};
    if (!plan_of(of, &p))
        return diag_set(d, BPFLAB_E_ARG, "no operation on numbers that a program could show");
    enum bpflab_err err = check_case(of, &p, d);
    p.end = end;
    for (unsigned i = 0; err == BPFLAB_OK && set_way(&p, i); i++)
        err = try_plan(&p, of, &s, d);
    for (unsigned i = 0; err == BPFLAB_OK && s.best.status != WITNESS_LOST && set_part(&p, i); i++)
        err = try_plan(&p, of, &s, d);
    if (err == BPFLAB_OK)
        *out = s.best;
    else
        witness_fini(&s.best);
    return err;
}

void witness_fini(struct witness *w) {
    prog_fini(&w->prog);
}
