/* validate_case.c: the program around the instructions under test, and where its parts come to lie.
 *
 *     [ja to the test; target: reads, exit]      a jump back
 *     the instructions under test
 *     reads of what is live, r0 = 0, exit        or, behind a jump, just r0 = 0, exit
 *     [fillers, target: reads, exit]             a jump forward
 *     [callee]
 */
#include "proofs/machine/validate_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/exec.h"
#include "runtime/layout.h"
#include "runtime/proto.h"

#define CODE_ADDR UINT64_C(0x400000)
#define NEAR_ADDR UINT64_C(0x800000)
#define FAR_ADDR  UINT64_C(0x7f1234560000)

struct building {
    struct insn *insns;
    uint32_t n, capacity;
};

static void put(struct building *b, struct insn in) {
    if (b->n < b->capacity)
        b->insns[b->n++] = in;
}

static void put_op(struct building *b, enum op op, uint8_t dst, uint8_t src, int16_t off,
                   int32_t imm) {
    put(b,
        (struct insn){.code = op_table[op].code, .dst = dst, .src = src, .off = off, .imm = imm});
}

/* r0 = 0, exit. */
static void put_exit(struct building *b) {
    put_op(b, OP_MOV64_IMM, 0, 0, 0, 0);
    put_op(b, OP_EXIT, 0, 0, 0, 0);
}

/* What is live is stored, and then the end. */
static void put_reads(struct building *b, const struct vcase *c) {
    if (c->live == LIVE_ALL)
        for (uint8_t r = 0; r < REG_FP; r++)
            put_op(b, OP_STXDW, REG_FP, r, (int16_t)(-8 * (r + 1)), 0);
    else
        put_op(b, c->live == LIVE_LOW ? OP_STXW : OP_STXDW, REG_FP, c->dst, -8, 0);
    put_exit(b);
}

static bool jumps(const struct insn *in) {
    const enum op op = op_of(*in);
    return op != OP_INVALID &&
           (op_table[op].cls == CLASS_JMP_COND || op_table[op].cls == CLASS_JMP_ALWAYS ||
            op_table[op].cls == CLASS_JMP_BUDGET);
}

/* The distance in slots where the row has it. */
static void set_jump(struct insn *in, int32_t distance) {
    if (op_table[op_of(*in)].off_rule == FIELD_JUMP)
        in->off = (int16_t)distance;
    else
        in->imm = distance;
}

static void build(struct building *b, const struct vcase *c, struct vcode *out) {
    const uint32_t reads = c->live == LIVE_ALL ? REG_FP + 2 : 3;
    const struct insn *const last = &c->insns[c->n_insns - 1];
    const bool jump = jumps(last);
    const bool code_address = op_of(c->insns[0]) == OP_LDDW_CODE;
    if (jump && c->place == PLACE_BACK) {
        put_op(b, OP_JA, 0, 0, (int16_t)reads, 0);
        out->pc_target = b->n;
        put_reads(b, c);
    }
    out->pc = b->n;
    for (unsigned i = 0; i < c->n_insns; i++)
        put(b, c->insns[i]);
    struct insn *const leaving = &b->insns[b->n - 1];
    struct insn *names = code_address ? leaving - 1 : NULL;
    for (uint32_t i = out->pc; i < b->n; i++)
        if (op_of(b->insns[i]) == OP_CALL_LOCAL)
            names = &b->insns[i];
    if (jump) {
        put_exit(b);
        if (c->place != PLACE_BACK) {
            for (unsigned i = 0; i < c->fillers; i++)
                put_op(b, OP_STXDW, REG_FP, (uint8_t)(i % REG_FP),
                       (int16_t)(-8 - 8 * (int)(i % 60)), 0);
            out->pc_target = b->n;
            put_reads(b, c);
        }
        set_jump(leaving, (int32_t)out->pc_target - (int32_t)(leaving - b->insns) - 1);
    } else if (op_of(*last) != OP_EXIT) {
        put_reads(b, c);
    }
    if (names) {
        out->pc_target = b->n;
        names->imm = (int32_t)b->n - (int32_t)(names - b->insns) - 1;
        if (c->callee_fp)
            put_op(b, OP_STXDW, REG_FP, 1, -8, 0);
        put_exit(b);
    }
}

static uint64_t kfunc_addr(void *self, const char *name) {
    (void)name;
    return *(const uint64_t *)self;
}

void vcase_bind(const struct vcase *c, struct vbind *out) {
    static const struct jit_map maps[] = {
        {.handle = WORLD_BASE + 0x2040,
         .value_addr = WORLD_BASE + 0x100100,
         .first_value = WORLD_BASE + 0x100100,
         .stride = 16,
         .max_entries = 8},
        {.handle = WORLD_BASE + 0x2080},
    };
    static uint64_t near_kfunc = NEAR_ADDR + 0x30000, far_kfunc = FAR_ADDR + 0x30000;
    const uint64_t at = c->far ? FAR_ADDR : NEAR_ADDR;
    out->helpers[0] = 0;
    for (unsigned i = 1; i < CASE_HELPERS; i++)
        out->helpers[i] = at + 64 * i;
    out->bind = (struct jit_bind){.prog_id = CASE_WORLD_ID,
                                  .maps = maps,
                                  .n_maps = sizeof maps / sizeof *maps,
                                  .helpers = out->helpers,
                                  .n_helpers = CASE_HELPERS,
                                  .exit_addr = at + 0x10000,
                                  .world = c->world ? WORLD_BASE + WORLD_STATE_OFF : 0,
                                  .arena_base = CASE_ARENA,
                                  .arena = c->arena,
                                  .kfunc = c->bound ? kfunc_addr : NULL,
                                  .kfunc_self = c->far ? &far_kfunc : &near_kfunc,
                                  .pkt_data_off = CASE_PKT_DATA,
                                  .pkt_end_off = CASE_PKT_END,
                                  .pkt_meta_off = CASE_PKT_META,
                                  .frame_stride = CASE_STRIDE,
                                  .max_frames = 8};
    for (unsigned i = 0; i < N_JIT_THUNKS; i++)
        out->bind.thunks[i] = at + 0x20000 + 64 * i;
}

/* The parts of the code that the fragment is. Cold parts of the function lie behind its last
 * instruction; the callee of a local call comes after them. */
static void find_fragment(const struct vcase *c, const struct prog *p, struct vcode *out) {
    const struct jit_code *const code = &out->code;
    struct mcode *const f = &out->fragment;
    *f = (struct mcode){.bytes = code->bytes, .n_bytes = code->n_bytes, .addr = CODE_ADDR};
    const bool local = code->n_funcs > 1;
    const uint32_t behind = local ? code->funcs[1].off : code->n_bytes;
    f->from = c->whole ? code->funcs[0].off : code->pc_off[out->pc];
    f->to = code->pc_off[out->pc + c->n_insns];
    if (c->whole)
        f->to = code->n_colds ? code->colds[0].off : local ? behind : code->pc_off[p->n_insns];
    if (code->n_colds) {
        f->cold_from = code->colds[0].off;
        f->cold_to = behind;
    }
    out->target = local ? code->funcs[1].off : code->pc_off[out->pc_target];
}

bool vcase_compile(const struct vcase *c, struct vcode *out, char err[200]) {
    const uint32_t room = 64u + c->fillers;
    struct building b = {.insns = calloc(room, sizeof *b.insns), .capacity = room};
    struct vbind bind;
    struct facts facts = {0};
    struct prog p;
    struct diag d = {0};
    vcase_bind(c, &bind);
    memset(out, 0, sizeof *out);
    if (!b.insns || facts_init(&facts, room) || (build(&b, c, out), false) ||
        prog_init_insns(&p, b.insns, b.n)) {
        free(b.insns);
        facts_fini(&facts);
        snprintf(err, 200, "no memory");
        return false;
    }
    facts.n_insns = b.n;
    for (uint32_t i = 0; i < c->n_insns; i++) {
        facts.at[out->pc + i].divisor_known_nonzero = c->nonzero;
        facts.at[out->pc + i].mem = c->slow ? MEM_SLOW : MEM_ANY;
    }
    if (c->told)
        facts.at[out->pc + c->fact_at] = c->fact;
    p.big_endian = c->m->big_endian;
    struct prog_extern symbols[CASE_INSNS];
    for (uint32_t i = 0; i < c->n_insns; i++)
        symbols[i] = (struct prog_extern){
            .pc = out->pc + i, .is_func = c->bound, .weak = c->weak, .name = (char[]){"symbol"}};
    if (c->bound || c->weak) {
        p.externs = symbols;
        p.n_externs = c->n_insns;
    }
    const struct jit_options opt = {.opt = c->opt,
                                    .fuel = c->fuel,
                                    .trusted = c->trusted,
                                    .expose = c->expose,
                                    .unwind = c->unwind,
                                    .facts = c->nonzero || c->slow || c->told ? &facts : NULL};
    const enum bpflab_err e =
        jit_compile(&p, c->target, &opt, &bind.bind, CODE_ADDR, &out->code, &d);
    if (e)
        snprintf(err, 200, "it does not compile: %.170s", d.text[0] ? d.text : err_text(e));
    else
        find_fragment(c, &p, out);
    p.externs = NULL;
    p.n_externs = 0;
    prog_fini(&p);
    facts_fini(&facts);
    free(b.insns);
    return !e;
}

void vcode_fini(struct vcode *c) {
    jit_code_fini(&c->code);
}

void vcase_begin(const struct vcase *c, struct terms *t, struct mstate *s) {
    const struct insn in = c->insns[0];
    char name[32];
    memset(s, 0, sizeof *s);
    s->t = t;
    s->sp0 = term_var(t, 64, "sp");
    for (unsigned r = 0; r < MACHINE_REGS; r++) {
        snprintf(name, sizeof name, "m%u", r);
        s->reg[r] = term_var(t, 64, name);
    }
    for (unsigned r = 0; r < N_JIT_REGS; r++) {
        if (r < N_REGS && r == in.dst)
            snprintf(name, sizeof name, "dst");
        else if (r < N_REGS && r == in.src)
            snprintf(name, sizeof name, "src");
        else
            snprintf(name, sizeof name, r == JR_STATE ? "state" : "r%u", r);
        s->reg[c->m->map[r]] = term_var(t, 64, name);
    }
    if (c->world)
        s->reg[c->m->map[JR_STATE]] = term_const(t, 64, WORLD_BASE + WORLD_STATE_OFF);
    s->reg[c->m->sp] = s->sp0;
    for (unsigned i = 0; i < N_REGS; i++) {
        snprintf(name, sizeof name, "saved%u", i);
        s->own[s->n_own].addr =
            term_add_k(t, s->reg[c->m->map[JR_STATE]], (int64_t)(EXEC_REGS + 8 * i));
        s->own[s->n_own++].value = term_var(t, 64, name);
    }
}

void vcase_begin_bare(const struct machine *m, uint8_t dst, uint8_t src, struct terms *t,
                      struct mstate *s) {
    const struct vcase none = {.m = m, .insns = {{.dst = dst, .src = src}}};
    vcase_begin(&none, t, s);
    s->n_own = 0;
}

void vcase_text(const struct vcase *c, char *out, size_t n) {
    int used = 0;
    for (unsigned i = 0; i < c->n_insns && used >= 0 && (size_t)used < n; i++) {
        const struct insn in = c->insns[i];
        const enum op op = op_of(in);
        used += snprintf(out + used, n - (size_t)used, "%s%s dst=r%u src=r%u off=%d imm=%d",
                         i ? "; " : "", op < N_OPS ? op_table[op].id : "-", in.dst, in.src, in.off,
                         in.imm);
    }
    if (used >= 0 && (size_t)used < n)
        snprintf(out + used, n - (size_t)used, " (opt %u, live %u, place %u%s%s%s%s%s%s%s%s)",
                 c->opt, c->live, c->place, c->trusted ? "" : ", untrusted",
                 c->fuel ? ", fuel" : "", c->arena ? ", arena" : "", c->slow ? ", slow" : "",
                 c->nonzero ? ", nonzero" : "", c->far ? ", far" : "", c->world ? ", world" : "",
                 c->whole ? ", function" : "");
}

/* What a fact says of the instruction that it is about, the first one; NULL: nothing. */
static term *told(const struct vcase *c, const struct mstate *begin) {
    const struct insn in = c->insns[0];
    const enum op op = op_of(in);
    const struct op_info *const row = &op_table[op];
    struct terms *const t = begin->t;
    const struct spec_machine sm = {c->m->big_endian, term_const(t, 64, CASE_ARENA)};
    term *const dst = begin->reg[c->m->map[in.dst]];
    const bool imm = !row->from_reg && (row->cls == CLASS_ALU_BINARY || row->cls == CLASS_JMP_COND);
    term *const src =
        imm ? term_const(t, 64, (uint64_t)(int64_t)in.imm) : begin->reg[c->m->map[in.src]];
    if (c->nonzero) {
        term *const divisor = term_low(t, row->width_bits, src);
        return term_ne(t, divisor, term_const(t, divisor->width, 0));
    }
    if (c->told && c->fact.dst_const)
        return term_eq(t, spec_alu(t, &sm, op, dst, src), term_const(t, 64, c->fact.const_value));
    if (c->told && (c->fact.always || c->fact.never)) {
        term *const taken = spec_jump(t, op, dst, src);
        return c->fact.always ? taken : term_not(t, taken);
    }
    return NULL;
}

/* What facts say holds on every path. */
static bool assume_facts(const struct vcase *c, const struct mstate *begin, struct mpath *p) {
    term *const fact = told(c, begin);
    if (fact && p->n_conds == MPATH_CONDS)
        return false;
    if (fact)
        p->conds[p->n_conds++] = fact;
    return true;
}

/* A defect of what instructions know of each other. */
static struct vcase planted_sequence(const struct vcase *c) {
    struct vcase other = *c;
    other.fact.const_value++;
    for (unsigned i = 0; i < other.n_insns; i++) {
        struct insn *const in = &other.insns[i];
        if (op_of(*in) == OP_MOV32_REG)
            in->code = op_table[OP_MOV64_REG].code;
        else if (op_of(*in) == OP_CALL)
            in->imm++;
    }
    return other;
}

/* What the compiler gets of a planted case. */
static struct vcase planted(const struct vunit *u, const struct vcase *c) {
    if (u->instead == N_OPS)
        return planted_sequence(c);
    const struct op_info *const row = &op_table[u->instead];
    struct vcase other = *c;
    struct insn *const in = &other.insns[0];
    in->code = row->code;
    if (row->off_rule == FIELD_FIXED)
        in->off = row->off_fixed;
    if (row->imm_rule == FIELD_ZERO)
        in->imm = 0;
    else
        in->imm = row->imm_rule == FIELD_FIXED ? row->imm_fixed
                                               : (int32_t)((uint32_t)in->imm + (uint32_t)u->more);
    return other;
}

bool vcase_check(struct vunit *u, const struct vcase *c) {
    const struct vcase compiled = u->planted ? planted(u, c) : *c;
    struct mpath *const paths = malloc(MPATHS * sizeof *paths);
    struct mstate begin;
    struct vcode code = {0};
    char err[200] = "no memory";
    bool ok = false;
    u->n_cases++;
    vunit_renew(u);
    vcase_begin(c, u->t, &begin);
    if (paths && vcase_compile(&compiled, &code, err)) {
        const unsigned n = mpath_all(c->m, &begin, &code.fragment, paths, err);
        ok = n > 0;
        if (!ok)
            vunit_fail(u, c, SMT_ERROR, "%s", err);
        for (unsigned i = 0; i < n && ok; i++)
            ok = (assume_facts(c, &begin, &paths[i]) &&
                  vspec_path(u, c, &code, &begin, &paths[i])) ||
                 vunit_fail(u, c, SMT_ERROR, "not as specified");
    } else {
        vunit_fail(u, c, SMT_ERROR, "%s", err);
    }
    vcode_fini(&code);
    free(paths);
    return ok;
}
