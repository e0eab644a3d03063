/* predecode.c: a program becomes threaded code, one cell a slot. */
#include "interp/interp.h"

#include <stdlib.h>

#include "interp/code.h"
#include "runtime/kcall.h"
#include "runtime/map.h"

/* What decoding one program has at hand. */
struct decoder {
    const struct prog *prog;
    const struct interp_bind *bind;
    struct diag *diag;
};

static void make_trap(struct cell *c, enum run_kind kind, int64_t addr) {
    c->op = OP_CELL_TRAP;
    c->x = (int32_t)kind;
    c->imm = addr;
}

/* A jump's or local call's distance in bytes of cells; jumps that do not go forward get their
 * backward form. */
static void decode_jump(struct cell *c, enum op op, struct insn in) {
    const int32_t slots = insn_jump(op, in) + 1; /* from this cell */
    c->x = slots * (int32_t)sizeof *c;
    if (slots <= 0 && op != OP_CALL_LOCAL)
        c->op = (uint16_t)CELL_BACK_OF(op);
}

static void decode_call(struct cell *c, uint32_t helper) {
    helper_fn *const fn = helper == HELPER_tail_call ? NULL : helper_fn_of(helper);
    if (helper == HELPER_tail_call)
        c->op = OP_CELL_TAIL_CALL;
    else if (fn)
        c->op = (uint16_t)(helper == HELPER_UNWIND ? (int)OP_CELL_CALL_5 : (int)OP_CALL);
    else
        make_trap(c, RUN_TRAP_HELPER, helper);
    if (fn)
        c->imm = (int64_t)(uintptr_t)fn;
}

static const struct map *bound_map(const struct decoder *dec, int32_t index) {
    const struct interp_bind *b = dec->bind;
    if (!b || !b->world || index < 0 || (uint32_t)index >= b->n_maps)
        return NULL;
    return map_by_id(b->world, b->map_ids[index]);
}

/* A kernel function that bpflab runs is called as a helper is; the program names it where it calls
 * it. Any other is a trap when it is called. */
static void decode_kfunc(const struct decoder *dec, struct cell *c, uint32_t pc) {
    const struct prog_extern *e = prog_extern_at(dec->prog, pc);
    helper_fn *const fn = e && e->is_func ? kcall_fn_of(e->name) : NULL;
    if (fn) {
        c->op = OP_CALL;
        c->imm = (int64_t)(uintptr_t)fn;
    }
}

/* The value that a 64-bit immediate stands for in the bound world. */
static enum bpflab_err decode_imm64(const struct decoder *dec, struct cell *c, enum op op,
                                    uint32_t pc) {
    const struct insn lo = dec->prog->insns[pc], hi = dec->prog->insns[pc + 1];
    const struct map *m = NULL;
    switch ((int)op) {
    case OP_LDDW: c->imm = (int64_t)insn_imm64(lo, hi); return BPFLAB_OK;
    case OP_LDDW_CODE:
        c->imm =
            (int64_t)world_code_addr(dec->bind ? dec->bind->prog_id : 0, pc + 1 + (uint32_t)lo.imm);
        return BPFLAB_OK;
    case OP_LDDW_MAP_IDX:
    case OP_LDDW_MAP_IDX_VALUE:
        m = bound_map(dec, lo.imm);
        if (!m)
            return diag_set(dec->diag, BPFLAB_E_RANGE, "map %d is not bound", lo.imm);
        break;
    case OP_LDDW_VAR: {
        const struct prog_extern *e = prog_extern_at(dec->prog, pc);
        c->imm = 0;
        if (!e || !e->weak)
            make_trap(c, RUN_TRAP_INSN, 0);
        return BPFLAB_OK;
    }
    default:
        make_trap(c, RUN_TRAP_INSN, 0);
        return BPFLAB_OK; /* file descriptors mean nothing here */
    }
    if (op == OP_LDDW_MAP_IDX) {
        c->imm = (int64_t)m->handle;
        return BPFLAB_OK;
    }
    const uint64_t value = map_value_off(dec->bind->world, m);
    if (value)
        c->imm = (int64_t)(world_addr(value) + (uint64_t)(int64_t)hi.imm);
    else
        make_trap(c, RUN_TRAP_INSN, 0);
    return BPFLAB_OK;
}

static enum bpflab_err decode_cell(const struct decoder *dec, struct cell *c, uint32_t pc) {
    const struct insn in = dec->prog->insns[pc];
    const enum op op = op_of(in);
    *c = (struct cell){
        .op = (uint16_t)op,
        .dst = (uint8_t)(in.dst * 8),
        .src = (uint8_t)(in.src * 8),
        .imm = in.imm,
    };
    if (insn_writes_fp(in)) {
        make_trap(c, RUN_TRAP_INSN, 0); /* r10 is read-only */
        return BPFLAB_OK;
    }
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_JMP_COND:
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET:
    case CLASS_CALL_LOCAL: decode_jump(c, op, in); break;
    case CLASS_LDX:
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG:
    case CLASS_ATOMIC_LOAD:
    case CLASS_ATOMIC_STORE:
        c->imm = (int64_t)((uint64_t)(int64_t)in.off - WORLD_BASE);
        c->x = in.imm;
        break;
    case CLASS_CALL: decode_call(c, (uint32_t)in.imm); break;
    case CLASS_CALL_KFUNC: decode_kfunc(dec, c, pc); break;
    case CLASS_CALL_REG: c->src = (uint8_t)(8 * (in.imm ? in.imm : in.dst)); break;
    case CLASS_IMM64: return decode_imm64(dec, c, op, pc);
    default: break;
    }
    return BPFLAB_OK;
}

enum bpflab_err interp_compile(const struct prog *p, const struct interp_bind *bind,
                               struct interp_code **out, struct diag *d) {
    enum bpflab_err err = prog_check(p, d);
    if (err)
        return err;
    struct interp_code *code =
        calloc(1, sizeof *code + ((size_t)p->n_insns + 1) * sizeof(struct cell));
    if (!code)
        return diag_set(d, BPFLAB_E_NOMEM, "no memory for %u cells", p->n_insns);
    code->prog = p;
    code->n_cells = p->n_insns;
    code->prog_id = bind ? bind->prog_id : 0;
    code->big_endian =
        bind && bind->world ? bind->world->cfg.big_endian : __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    const struct decoder dec = {p, bind, d};
    for (uint32_t pc = 0; pc < p->n_insns && !err; pc++) {
        err = decode_cell(&dec, &code->cells[pc], pc);
        if (err && d)
            d->pc = pc;
        if (insn_slots(p->insns[pc]) == 2)
            make_trap(&code->cells[++pc], RUN_TRAP_INSN, 0);
    }
    make_trap(&code->cells[p->n_insns], RUN_TRAP_INSN, 0);
    if (!err && (err = interp_keep(code)))
        diag_set(d, err, "no memory for %u cells", p->n_insns);
    if (err) {
        free(code);
        return err;
    }
    interp_link(code);
    *out = code;
    return BPFLAB_OK;
}

void interp_code_free(struct interp_code *c) {
    free(c);
}

const struct prog *interp_code_prog(const struct interp_code *c) {
    return c->prog;
}
