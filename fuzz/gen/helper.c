/* helper.c: calls of any helper, arguments as its prototype wants them. */
#include "fuzz/gen/emit.h"

#include "isa/kind.h"

/* struct made: arguments so far. */
struct made {
    uint32_t helper;
    const struct helper_proto *proto;
    uint32_t map;       /* the map argument's, UINT32_MAX: there is none yet */
    uint32_t mem_bytes; /* of the memory whose size comes next */
};

static bool pick_map(struct gen *g, struct made *m) {
    const uint32_t from = gen_below(g, fuzz_n_maps);
    for (uint32_t i = 0; i < fuzz_n_maps; i++) {
        const uint32_t map = (from + i) % fuzz_n_maps;
        if (helper_takes_map(m->helper, fuzz_maps[map].type, g->c->type, (int)g->c->attach_type)) {
            m->map = map;
            return true;
        }
    }
    return false;
}

/* reg = memory of n bytes, n at most GEN_BUFFER_BYTES: of the stack, or of a map's value. */
static void put_memory(struct gen *g, uint32_t reg, uint32_t n, bool uninit, bool in_map) {
    if (in_map || n > GEN_BUFFER_BYTES || gen_maybe(g, 4)) {
        gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, reg, FUZZ_MAP_IN,
                      (int32_t)gen_below(g, n < 64 ? 64 - n + 1 : 1));
    } else {
        if (!uninit)
            gen_fill(g, g->buffer, (n + 7) / 8 * 8);
        gen_to_stack(g, reg, g->buffer);
    }
    gen_set(g, reg, (struct held){.is = HELD_MEMORY});
}

static void put_value(struct gen *g, uint32_t reg) {
    if (gen_maybe(g, 2)) {
        gen_put(g, OP_MOV64_IMM, reg, 0, 0, gen_constant(g));
    } else {
        const uint32_t src = gen_number_but(g, reg);
        gen_put(g, OP_MOV64_REG, reg, src, 0, 0);
    }
    gen_set_number(g, reg);
}

/* The size of the memory before it: a constant, or a number with a bound. A slip asks for more. */
static void put_size(struct gen *g, uint32_t reg, uint32_t n, bool zero_allowed) {
    const uint32_t most = n + (gen_slip(g) ? 1 + gen_below(g, 8) : 0);
    if (gen_maybe(g, 2)) {
        gen_put(g, OP_MOV64_IMM, reg, 0, 0, (int32_t)most);
    } else {
        const uint32_t src = gen_number_but(g, reg);
        gen_put(g, OP_MOV64_REG, reg, src, 0, 0);
        gen_bound(g, reg, most);
        if (!zero_allowed) {
            gen_put(g, OP_JNE64_IMM, reg, 0, 1, 0);
            gen_put(g, OP_MOV64_IMM, reg, 0, 0, 1);
        }
    }
    gen_set_number(g, reg);
}

/* out: false: what it wants is not to be had here */
static bool put_arg(struct gen *g, struct made *m, unsigned i) {
    const uint32_t reg = i + 1;
    struct arg_proto a = m->proto->arg[i];
    if (m->map != UINT32_MAX)
        a = helper_arg_for(m->proto, i, fuzz_maps[m->map].type);
    const bool uninit = a.flags & ARG_F_UNINIT;
    if ((a.flags & ARG_F_NULL) && gen_maybe(g, 3)) {
        gen_put(g, OP_MOV64_IMM, reg, 0, 0, 0);
        gen_set_number(g, reg);
        m->mem_bytes = 0;
        return true;
    }
    switch ((enum arg_type)a.type) {
    case ARG_ANY:
    case ARG_SCALAR:
        if (a.flags & ARG_F_ZERO)
            gen_put(g, OP_MOV64_IMM, reg, 0, 0, 0);
        else
            put_value(g, reg);
        gen_set_number(g, reg);
        return true;
    case ARG_MAP:
        if (!pick_map(g, m))
            return false;
        gen_to_map(g, reg, m->map);
        return true;
    case ARG_MAP_KEY:
    case ARG_MAP_VALUE: {
        if (m->map == UINT32_MAX)
            return false;
        const struct map_def *const def = &fuzz_maps[m->map];
        put_memory(g, reg, a.type == ARG_MAP_KEY ? def->key_size : def->value_size, uninit, false);
        return true;
    }
    case ARG_MEM:
        m->mem_bytes = 4 + 4 * gen_below(g, GEN_BUFFER_BYTES / 4);
        put_memory(g, reg, m->mem_bytes, uninit, a.flags & ARG_F_IN_MAP);
        return true;
    case ARG_SIZE:
    case ARG_SIZE_OR_ZERO: put_size(g, reg, m->mem_bytes, a.type == ARG_SIZE_OR_ZERO); return true;
    case ARG_ALLOC_SIZE:
        gen_put(g, OP_MOV64_IMM, reg, 0, 0, (int32_t)(8 + 8 * gen_below(g, 5)));
        gen_set_number(g, reg);
        return true;
    case ARG_CTX:
        if (!gen_is(g, 6, HELD_CTX))
            return false;
        gen_put(g, OP_MOV64_REG, reg, 6, 0, 0);
        gen_set(g, reg, g->st.regs[6]);
        return true;
    case ARG_FIXED_MEM:
        if (a.mem_bytes > GEN_BUFFER_BYTES)
            return false;
        if (a.flags & ARG_F_ALIGNED)
            gen_put(g, OP_STDW, REG_FP, 0, g->buffer, 0);
        put_memory(g, reg, a.mem_bytes, uninit, false);
        return true;
    case ARG_CONST_STR:
        gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, reg, FUZZ_MAP_RODATA, (int32_t)gen_below(g, 12));
        gen_set(g, reg, (struct held){.is = HELD_MEMORY});
        return true;
    case ARG_STACK: gen_to_stack(g, reg, -8); return true;
    default: return false;
    }
}

/* What the result is, and what is done with it at once. out: false: not for this piece */
static bool can_take_result(const struct helper_proto *p) {
    if (p->ret_flags & RET_F_ACQUIRE)
        return false;
    return p->ret == RET_INT || p->ret == RET_VOID || p->ret == RET_MAP_VALUE;
}

static void take_result(struct gen *g, const struct made *m) {
    if (m->proto->ret == RET_VOID)
        gen_set(g, 0, (struct held){0});
    if (m->proto->ret != RET_MAP_VALUE)
        return;
    gen_set(g, 0, (struct held){0});
    if (m->map == UINT32_MAX || fuzz_maps[m->map].value_size < 8)
        return;
    const uint32_t out = gen_jump(g, OP_JEQ64_IMM, 0, 0, 0);
    gen_put(g, OP_LDXW, 0, 0, 4, 0);
    gen_land(g, out);
    gen_set_number(g, 0);
}

static bool no_pointers(const struct helper_proto *p) {
    for (unsigned i = 0; i < p->n_args; i++)
        if (p->arg[i].type != ARG_ANY && p->arg[i].type != ARG_SCALAR && p->arg[i].type != ARG_CTX)
            return false;
    return true;
}

static bool known(const struct gen *g, uint32_t helper) {
    if (helper == HELPER_tail_call || !gen_may_call(g, helper))
        return false;
    const struct helper_proto *const p =
        helper_proto_for(helper, g->c->type, (int)g->c->attach_type);
    if (!can_take_result(p) || (p->flags & HELPER_F_SLEEPS && !g->c->sleepable))
        return false;
    for (unsigned i = 0; i < p->n_args; i++)
        switch ((enum arg_type)p->arg[i].type) {
        case ARG_ANY:
        case ARG_SCALAR:
        case ARG_MAP:
        case ARG_MAP_KEY:
        case ARG_MAP_VALUE:
        case ARG_MEM:
        case ARG_SIZE:
        case ARG_SIZE_OR_ZERO:
        case ARG_ALLOC_SIZE:
        case ARG_CTX:
        case ARG_FIXED_MEM:
        case ARG_CONST_STR:
        case ARG_STACK: break;
        default: return false;
        }
    return true;
}

static void call_one(struct gen *g, bool simple) {
    if (g->st.pinned & 0x3f) {
        gen_alu(g);
        return;
    }
    const uint32_t from = gen_below(g, N_HELPERS);
    struct made m = {.map = UINT32_MAX};
    for (uint32_t i = 0; i < N_HELPERS && !m.proto; i++) {
        m.helper = (from + i) % N_HELPERS;
        if (!known(g, m.helper))
            continue;
        m.proto = helper_proto_for(m.helper, g->c->type, (int)g->c->attach_type);
        if (simple && !no_pointers(m.proto))
            m.proto = NULL;
    }
    if (!m.proto)
        return;
    const uint16_t pinned = g->st.pinned;
    bool whole = true;
    for (unsigned i = 0; i < m.proto->n_args && whole; i++) {
        whole = put_arg(g, &m, i);
        gen_pin(g, i + 1);
    }
    for (unsigned i = m.proto->n_args; i < helper_reads(m.helper) && whole; i++) {
        put_value(g, i + 1); /* what the helper looks at although nobody asks for it */
        gen_pin(g, i + 1);
    }
    g->st.pinned = pinned;
    if (!whole)
        return;
    if (m.proto->flags & HELPER_F_PKT_CHANGE)
        gen_drop_packet(&g->st);
    gen_call(g, m.helper);
    take_result(g, &m);
}

void gen_helper(struct gen *g) {
    call_one(g, false);
}

void gen_helper_simple(struct gen *g) {
    call_one(g, true);
}
