/* emit.c: instructions, registers and states for pieces. */
#include "fuzz/gen/emit.h"

#include <string.h>

#include "isa/kind.h"

/* ---- choices ---- */

bool gen_slip(struct gen *g) {
    if (!g->slips || g->slipped || !gen_maybe(g, 3))
        return false;
    g->slipped = true;
    return true;
}

int32_t gen_constant(struct gen *g) {
    const int32_t near = (int32_t)gen_below(g, 5) - 2;
    switch (gen_below(g, 8)) {
    case 0: return near;
    case 1: return (int32_t)gen_below(g, 64);
    case 2: return (int32_t)((UINT32_C(1) << gen_below(g, 32)) + (uint32_t)near);
    case 3: return (int32_t)((UINT32_C(0x7fffffff)) + (uint32_t)near);
    case 4: return (int32_t)(UINT32_C(0xffffffff) >> gen_below(g, 32));
    case 5: return -(int32_t)gen_below(g, 256);
    case 6: return (int32_t)gen_below(g, 4096);
    default: return (int32_t)input_bits(g->in, 4);
    }
}

uint64_t gen_word(struct gen *g) {
    const uint64_t near = (uint64_t)gen_below(g, 5) - 2;
    switch (gen_below(g, 10)) {
    case 0: return near;
    case 1: return gen_below(g, 64);
    case 2: return (UINT64_C(1) << gen_below(g, 64)) + near;
    case 3: return (uint64_t)INT64_MAX + near;
    case 4: return (uint64_t)INT32_MAX + near;
    case 5: return (uint64_t)UINT32_MAX + near;
    case 6: return UINT64_MAX << gen_below(g, 64);
    case 7: return (uint64_t)(int64_t)gen_constant(g);
    case 8: return (uint32_t)gen_constant(g);
    default: return input_bits(g->in, 8);
    }
}

/* ---- instructions ---- */

/* A field as the row wants it: fixed, zero, or the value given. */
static int32_t field(uint8_t rule, int32_t fixed, int32_t value) {
    return rule == FIELD_FIXED ? fixed : rule == FIELD_ZERO ? 0 : value;
}

static void append(struct gen *g, struct insn in) {
    if (g->n < CASE_MAX_INSNS)
        g->c->insns[g->n++] = in;
}

void gen_put(struct gen *g, enum op op, uint32_t dst, uint32_t src, int32_t off, int32_t imm) {
    const struct op_info *const row = &op_table[op];
    append(g, (struct insn){
                  .code = row->code,
                  .dst = (uint8_t)field(row->dst_rule, 0, (int32_t)dst),
                  .src = (uint8_t)field(row->src_rule, row->src_fixed, (int32_t)src),
                  .off = (int16_t)field(row->off_rule, row->off_fixed, off),
                  .imm = field(row->imm_rule, row->imm_fixed, imm),
              });
}

void gen_put_imm64(struct gen *g, enum op op, uint32_t dst, int32_t lo, int32_t hi) {
    append(g, (struct insn){.code = op_table[op].code,
                            .dst = (uint8_t)dst,
                            .src = op_table[op].src_fixed,
                            .imm = lo});
    append(g, (struct insn){.imm = hi});
}

uint32_t gen_jump(struct gen *g, enum op op, uint32_t dst, uint32_t src, int32_t imm) {
    gen_put(g, op, dst, src, 0, imm);
    return g->n - 1;
}

void gen_land(struct gen *g, uint32_t from) {
    g->c->insns[from].off = (int16_t)(g->n - from - 1);
}

void gen_back(struct gen *g, enum op op, uint32_t dst, uint32_t src, int32_t imm, uint32_t to) {
    gen_put(g, op, dst, src, (int32_t)to - (int32_t)g->n - 1, imm);
}

bool gen_may_call(const struct gen *g, uint32_t helper) {
    const struct helper_proto *const p =
        helper_proto_for(helper, g->c->type, (int)g->c->attach_type);
    return p && p->implemented && helper_allowed(helper, g->c->type, (int)g->c->attach_type);
}

void gen_call(struct gen *g, uint32_t helper) {
    const struct helper_proto *const p =
        helper_proto_for(helper, g->c->type, (int)g->c->attach_type);
    gen_put(g, OP_CALL, 0, 0, 0, (int32_t)helper);
    gen_forget(&g->st);
    if (p && p->ret != RET_VOID)
        gen_set_number(g, 0);
}

bool gen_may_kfunc(const struct gen *g, const char *name) {
    return case_kfunc_number(name) >= 0 && kfunc_for(name, g->c->type);
}

bool gen_kfunc(struct gen *g, const char *name) {
    const int number = case_kfunc_number(name);
    if (number < 0)
        return false;
    gen_put(g, OP_CALL_KFUNC, 0, 0, 0, number);
    gen_forget(&g->st);
    gen_set_number(g, 0);
    return true;
}

/* ---- registers ---- */

static bool may_write(const struct gen *g, uint32_t reg) {
    return !(g->st.pinned >> reg & 1);
}

uint32_t gen_free_but(struct gen *g, uint32_t but) {
    const uint32_t from = gen_below(g, 10);
    for (uint32_t i = 0; i < 10; i++)
        if ((from + i) % 10 != but && may_write(g, (from + i) % 10))
            return (from + i) % 10;
    return 0;
}

uint32_t gen_free(struct gen *g) {
    return gen_free_but(g, REG_FP);
}

uint32_t gen_kept(struct gen *g) {
    const uint32_t from = gen_below(g, 4);
    for (uint32_t i = 0; i < 4; i++)
        if (may_write(g, 6 + (from + i) % 4))
            return 6 + (from + i) % 4;
    return gen_free(g);
}

int gen_find_held(struct gen *g, enum held_kind kind) {
    const uint32_t from = gen_below(g, 10);
    for (uint32_t i = 0; i < 10; i++)
        if (g->st.regs[(from + i) % 10].is == kind)
            return (int)((from + i) % 10);
    return -1;
}

uint32_t gen_number_but(struct gen *g, uint32_t but) {
    const uint32_t from = gen_below(g, 10);
    for (uint32_t i = 0; i < 10; i++) {
        const uint32_t r = (from + i) % 10;
        if (r != but && g->st.regs[r].is == HELD_NUMBER)
            return r;
    }
    const uint32_t r = gen_free_but(g, but);
    gen_unknown(g, r);
    return r;
}

uint32_t gen_number(struct gen *g) {
    return gen_number_but(g, REG_FP);
}

uint32_t gen_own_number(struct gen *g) {
    const uint32_t from = gen_below(g, 10);
    for (uint32_t i = 0; i < 10; i++) {
        const uint32_t r = (from + i) % 10;
        if (may_write(g, r) && g->st.regs[r].is == HELD_NUMBER)
            return r;
    }
    const uint32_t r = gen_free(g);
    gen_unknown(g, r);
    return r;
}

void gen_set(struct gen *g, uint32_t reg, struct held held) {
    if (reg < 10)
        g->st.regs[reg] = held;
}

void gen_set_number(struct gen *g, uint32_t reg) {
    gen_set(g, reg, (struct held){.is = HELD_NUMBER});
}

void gen_to_stack(struct gen *g, uint32_t reg, int32_t off) {
    gen_put(g, OP_MOV64_REG, reg, REG_FP, 0, 0);
    gen_put(g, OP_ADD64_IMM, reg, 0, 0, off);
    gen_set(g, reg, (struct held){.is = HELD_STACK, .off = (int16_t)off});
}

void gen_to_map(struct gen *g, uint32_t reg, uint32_t map) {
    gen_put_imm64(g, OP_LDDW_MAP_IDX, reg, (int32_t)map, 0);
    gen_set(g, reg, (struct held){.is = HELD_MAP, .map = (uint8_t)map});
}

void gen_unknown(struct gen *g, uint32_t reg) {
    static const enum op loads[] = {OP_LDXDW, OP_LDXW,  OP_LDXDW, OP_LDXB,
                                    OP_LDXH,  OP_LDXSW, OP_LDXSB, OP_LDXSH};
    const enum op load = gen_pick(g, loads);
    gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, reg, FUZZ_MAP_IN, 0);
    gen_put(g, load, reg, reg, (int32_t)(8 * gen_below(g, CASE_WORDS)), 0);
    gen_set_number(g, reg);
}

/* The ways to bound a number: each leaves it in [0, max]. */
void gen_bound(struct gen *g, uint32_t reg, uint32_t max) {
    uint32_t mask = 0;
    while ((mask << 1 | 1) <= max)
        mask = mask << 1 | 1;
    const bool slip = gen_slip(g);
    uint32_t skip;
    switch (gen_below(g, 6)) {
    case 0: gen_put(g, OP_AND64_IMM, reg, 0, 0, (int32_t)(slip ? mask << 1 | 1 : mask)); return;
    case 1: gen_put(g, OP_AND32_IMM, reg, 0, 0, (int32_t)(slip ? mask << 1 | 1 : mask)); return;
    case 2: gen_put(g, OP_MOD64_IMM, reg, 0, 0, (int32_t)(max + 1 + slip)); return;
    case 3: /* if (reg > max) reg = something in bounds */
        skip = gen_jump(g, slip ? OP_JSLE64_IMM : OP_JLE64_IMM, reg, 0, (int32_t)max);
        break;
    case 4:
        skip = gen_jump(g, slip ? OP_JLE64_IMM : OP_JLT64_IMM, reg, 0, (int32_t)(max + 1));
        break;
    default:
        if (!slip)
            gen_put(g, OP_MOV32_REG, reg, reg, 0, 0);
        skip = gen_jump(g, OP_JLE32_IMM, reg, 0, (int32_t)max);
        break;
    }
    gen_put(g, OP_MOV64_IMM, reg, 0, 0, (int32_t)gen_below(g, max < 256 ? max + 1 : 256));
    gen_land(g, skip);
}

void gen_fill(struct gen *g, int32_t off, uint32_t n) {
    for (; n >= 8; n -= 8, off += 8) {
        if (gen_maybe(g, 3))
            gen_put(g, OP_STXDW, REG_FP, gen_number(g), off, 0);
        else
            gen_put(g, OP_STDW, REG_FP, 0, off, gen_constant(g));
    }
    for (; n >= 4; n -= 4, off += 4)
        gen_put(g, OP_STW, REG_FP, 0, off, (int32_t)gen_below(g, 4));
}

/* ---- states ---- */

static void meet(struct held *into, const struct held *other) {
    if (into->is != other->is || into->map != other->map ||
        (into->off != other->off && into->is == HELD_STACK)) {
        *into = (struct held){0};
        return;
    }
    if (other->room < into->room)
        into->room = other->room;
    into->written &= other->written;
    into->read_only |= other->read_only;
    into->aligned |= other->aligned;
}

void gen_meet(struct gen_state *into, const struct gen_state *other) {
    for (uint32_t r = 0; r < 10; r++)
        meet(&into->regs[r], &other->regs[r]);
    for (uint32_t k = 0; k < GEN_SLOTS; k++)
        meet(&into->slots[k], &other->slots[k]);
}

void gen_forget(struct gen_state *st) {
    memset(st->regs, 0, 6 * sizeof st->regs[0]);
}

static void drop(struct held *h) {
    if (h->is == HELD_PACKET || h->is == HELD_PACKET_END)
        *h = (struct held){0};
}

void gen_drop_packet(struct gen_state *st) {
    for (uint32_t r = 0; r < 10; r++)
        drop(&st->regs[r]);
    for (uint32_t k = 0; k < GEN_SLOTS; k++)
        drop(&st->slots[k]);
}

/* ---- structure ---- */

bool gen_room(const struct gen *g, uint32_t n) {
    return g->n + n + GEN_ROOM * GEN_FUNCTIONS < CASE_MAX_INSNS;
}

static gen_piece *pick(struct gen *g) {
    uint32_t total = 0, i = 0;
    for (; g->mix->parts[i].piece; i++)
        total += g->mix->parts[i].weight;
    uint32_t at = gen_below(g, total);
    for (i = 0; at >= g->mix->parts[i].weight; i++)
        at -= g->mix->parts[i].weight;
    return g->mix->parts[i].piece;
}

void gen_pieces(struct gen *g, uint32_t n) {
    const uint32_t limit = g->n + n;
    while (g->n < limit && gen_room(g, GEN_ROOM) && !input_spent(g->in))
        pick(g)(g);
}

void gen_inner(struct gen *g, uint32_t n) {
    if (g->nest >= GEN_NEST)
        return;
    g->nest++;
    gen_pieces(g, n);
    g->nest--;
}

bool gen_new_function(struct gen *g, enum gen_function_kind kind, uint32_t map, uint32_t from) {
    enum {
        MOST = sizeof g->functions[0].calls / sizeof g->functions[0].calls[0]
    };
    for (uint32_t i = 0; i < g->n_functions; i++) {
        struct gen_function *const f = &g->functions[i];
        if (f->kind == kind && f->map == map && f->n_calls < MOST && !f->written &&
            gen_maybe(g, 2)) {
            f->calls[f->n_calls++] = from;
            return true;
        }
    }
    if (g->n_functions == GEN_FUNCTIONS)
        return false;
    g->functions[g->n_functions++] = (struct gen_function){
        .kind = (uint8_t)kind, .map = (uint8_t)map, .n_calls = 1, .calls = {from}};
    return true;
}
