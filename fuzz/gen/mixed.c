#include "fuzz/gen/mixed.h"

#include <stdbool.h>
#include <stddef.h>

#include "runtime/proto.h"

enum {
    PIECE_MAX = 28,    /* instructions of a piece, at most */
    FUNCTION_MAX = 16, /* of a function */
    MAX_FUNCTIONS = 4,
    CTX = 6, /* the register that keeps the context */
    OFF_DATA = 76,
    OFF_DATA_END = 80,
    OFF_META = 140,
    SHARED = -88, /* the slot that functions get the address of */
    ATOMIC = -96, /* the slot of atomics */
    ANY = 16,     /* for put: a register that holds a number */
};

/* Functions stand behind the program, one for each place that leads to it. */
enum function_kind {
    FUNCTION_CALLED,  /* f(address of SHARED, number) */
    FUNCTION_LOOP,    /* bpf_loop's: f(index, r10) */
    FUNCTION_ELEMENT, /* bpf_for_each_map_elem's: f(map, key, value, r10) */
};

struct gen {
    uint64_t rng;
    struct insn *at;
    uint32_t n;
    uint32_t n_functions;
    struct {
        enum function_kind kind;
        uint32_t from; /* the call, or the address */
    } functions[MAX_FUNCTIONS];
};

static const struct map_init outer_inits[] = {{.index = 0, .target = MIXED_ARRAY}};

#define NAME(text) .name = (char *)(uintptr_t)(text)
const struct map_def mixed_maps[N_MIXED_MAPS] = {
    [MIXED_ARRAY] = {NAME("array"), .type = MAP_array, .key_size = 4,
                     .value_size = MIXED_VALUE_BYTES, .max_entries = 1, .inner = -1},
    [MIXED_HASH] = {NAME("hash"), .type = MAP_hash, .key_size = 4, .value_size = MIXED_VALUE_BYTES,
                    .max_entries = 8, .inner = -1},
    [MIXED_RINGBUF] = {NAME("ringbuf"), .type = MAP_ringbuf, .max_entries = 4096, .inner = -1},
    [MIXED_PROGS] = {NAME("progs"), .type = MAP_prog_array, .key_size = 4, .value_size = 4,
                     .max_entries = 2, .inner = -1},
    [MIXED_OUTER] = {NAME("outer"), .type = MAP_array_of_maps, .key_size = 4, .value_size = 4,
                     .max_entries = 2, .inner = MIXED_ARRAY, .inits = outer_inits, .n_inits = 1},
};

static uint64_t draw(struct gen *g) {
    uint64_t z = g->rng += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint32_t below(struct gen *g, uint32_t n) {
    return (uint32_t)(draw(g) % n);
}

/* A field as the row wants it: fixed, zero, or the value given. */
static int32_t field(uint8_t rule, int32_t fixed, int32_t value) {
    return rule == FIELD_FIXED ? fixed : rule == FIELD_ZERO ? 0 : value;
}

/* A register that holds a number: all but r1 (clobbered by calls), the context and r10. */
static uint32_t number_reg(struct gen *g) {
    static const uint8_t regs[] = {0, 2, 3, 7, 8, 9};
    return regs[below(g, sizeof regs)];
}

/* One instruction. The order in which arguments are evaluated is the compiler's choice: at most one
 * of them may draw; registers that are ANY are drawn here. */
static void put(struct gen *g, enum op op, uint32_t dst, uint32_t src, int32_t off, int32_t imm) {
    const struct op_info *const row = &op_table[op];
    if (dst == ANY)
        dst = number_reg(g);
    if (src == ANY)
        src = number_reg(g);
    g->at[g->n++] = (struct insn){
        .code = row->code,
        .dst = (uint8_t)field(row->dst_rule, 0, (int32_t)dst),
        .src = (uint8_t)field(row->src_rule, row->src_fixed, (int32_t)src),
        .off = (int16_t)field(row->off_rule, row->off_fixed, off),
        .imm = field(row->imm_rule, row->imm_fixed, imm),
    };
}

/* A number near something: small, a power of two, an end of a type. */
static int32_t constant(struct gen *g) {
    const int32_t near = (int32_t)below(g, 5) - 2;
    switch (below(g, 6)) {
    case 0: return near;
    case 1: return (int32_t)(UINT32_C(1) << below(g, 32)) + (near < 0 ? 0 : near);
    case 2: return INT32_MAX - (near < 0 ? 0 : near);
    case 3: return INT32_MIN + (near < 0 ? 0 : near);
    case 4: return (int32_t)below(g, 256);
    default: return (int32_t)draw(g);
    }
}

/* ---- pieces: each leaves all number registers numbers ---- */

static const uint16_t binary[] = {
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    OP_##op##64_REG, OP_##op##64_IMM, OP_##op##32_REG, OP_##op##32_IMM,
#include "isa/alu.def"
};

static const uint16_t unary[] = {
#define ALU_UNARY(op, name, sym, code, group, expr)     OP_##op##64, OP_##op##32,
#define ALU_SEXT(op, width, bits, name, expr)           OP_##op##_##width,
#define ALU_END(op, name, sym, code, bits, group, expr) OP_##op,
#include "isa/alu.def"
};

static const uint16_t conditional[] = {
#define JMP_COND(op, name, sym, code, expr)                                                        \
    OP_##op##64_REG, OP_##op##64_IMM, OP_##op##32_REG, OP_##op##32_IMM,
#include "isa/jmp.def"
};

static void arithmetic(struct gen *g) {
    if (below(g, 5) == 0) {
        put(g, (enum op)unary[below(g, sizeof unary / sizeof *unary)], ANY, ANY, 0, 0);
        return;
    }
    const enum op op = (enum op)binary[below(g, sizeof binary / sizeof *binary)];
    const struct op_info *const row = &op_table[op];
    int32_t imm = row->from_reg ? 0 : constant(g);
    const uint8_t high = row->code & 0xf0;
    const bool shift = high == 0x60 || high == 0x70 || high == 0xc0;
    if (shift && !row->from_reg)
        imm = (int32_t)below(g, row->width_bits);
    if ((high == 0x30 || high == 0x90) && imm == 0)
        imm = 3; /* division by the constant 0 is refused */
    put(g, op, ANY, ANY, 0, imm);
}

/* A branch over the next pieces; where it goes is filled in when they are there. */
static uint32_t branch(struct gen *g) {
    const enum op op = (enum op)conditional[below(g, sizeof conditional / sizeof *conditional)];
    put(g, op, ANY, ANY, 0, constant(g));
    return g->n - 1;
}

static void land(struct gen *g, uint32_t from) {
    g->at[from].off = (int16_t)(g->n - from - 1);
}

static void spill_fill(struct gen *g) {
    static const uint16_t stores[] = {OP_STXB, OP_STXH, OP_STXW, OP_STXDW, OP_STXDW,
                                      OP_STB,  OP_STH,  OP_STW,  OP_STDW};
    static const uint16_t loads[] = {OP_LDXB,  OP_LDXH,  OP_LDXW, OP_LDXDW,
                                     OP_LDXSB, OP_LDXSH, OP_LDXSW};
    const enum op st = (enum op)stores[below(g, 9)], ld = (enum op)loads[below(g, 7)];
    const int32_t st_bytes = op_table[st].width_bits / 8, ld_bytes = op_table[ld].width_bits / 8;
    const int32_t slot = -8 * (int32_t)(1 + below(g, 6));
    put(g, OP_STXDW, REG_FP, ANY, slot, 0);
    const int32_t at = slot + st_bytes * (int32_t)below(g, 8 / (uint32_t)st_bytes);
    put(g, st, REG_FP, ANY, at, constant(g));
    put(g, ld, ANY, REG_FP, slot + ld_bytes * (int32_t)below(g, 8 / (uint32_t)ld_bytes), 0);
}

/* r1 = r10 - 64 + (x & mask); access there */
static void stack_at_variable(struct gen *g) {
    const uint32_t x = number_reg(g);
    for (int32_t slot = -64; slot < -32; slot += 8)
        put(g, OP_STXDW, REG_FP, ANY, slot, 0);
    put(g, OP_AND64_IMM, x, 0, 0, below(g, 2) ? 24 : 15);
    put(g, OP_MOV64_REG, 1, REG_FP, 0, 0);
    put(g, OP_ADD64_IMM, 1, 0, 0, -64);
    put(g, OP_ADD64_REG, 1, x, 0, 0);
    if (below(g, 2))
        put(g, OP_STXB, 1, ANY, 0, 0);
    else
        put(g, OP_STB, 1, 0, 0, constant(g));
    put(g, OP_LDXB, ANY, 1, 0, 0);
    put(g, OP_LDXDW, ANY, REG_FP, -64 + 8 * (int32_t)below(g, 4), 0);
}

/* x = y; x += k: linked numbers, then a branch on one of them */
static void linked(struct gen *g) {
    const uint32_t x = number_reg(g), y = number_reg(g);
    put(g, OP_MOV64_REG, x, y, 0, 0);
    if (below(g, 2))
        put(g, OP_ADD64_IMM, x, 0, 0, (int32_t)below(g, 64) - 16);
    if (below(g, 2))
        put(g, OP_STXDW, REG_FP, y, -72, 0);
    else
        put(g, OP_STDW, REG_FP, 0, -72, constant(g));
    const enum op op = (enum op)conditional[below(g, sizeof conditional / sizeof *conditional)];
    const uint32_t tested = below(g, 2) ? x : y;
    put(g, op, tested, ANY, 1, constant(g));
    put(g, OP_LDXDW, ANY, REG_FP, -72, 0);
}

/* Packet access behind the idiomatic check, at a constant or variable offset. */
static void packet(struct gen *g) {
    const uint32_t x = number_reg(g);
    const int32_t bytes = 1 + (int32_t)below(g, 60);
    put(g, OP_LDXW, 4, CTX, OFF_DATA, 0);
    put(g, OP_LDXW, 5, CTX, OFF_DATA_END, 0);
    if (below(g, 2)) {
        put(g, OP_AND64_IMM, x, 0, 0, 31);
        put(g, OP_ADD64_REG, 4, x, 0, 0);
    }
    put(g, OP_MOV64_REG, 1, 4, 0, 0);
    put(g, OP_ADD64_IMM, 1, 0, 0, bytes);
    static const uint16_t tests[] = {OP_JGT64_REG, OP_JGE64_REG};
    put(g, (enum op)tests[below(g, 2)], 1, 5, 2, 0);
    put(g, OP_LDXB, ANY, 4, (int32_t)below(g, (uint32_t)bytes + (below(g, 20) == 0)), 0);
    put(g, OP_STXB, 4, ANY, (int32_t)below(g, (uint32_t)bytes), 0);
    put(g, OP_MOV64_IMM, 4, 0, 0, 0);
    put(g, OP_MOV64_IMM, 5, 0, 0, 0);
}

/* Fields of the context that are written: some are kept narrower than that. The packet's metadata,
 * if there is any. */
static void context(struct gen *g) {
    static const uint8_t fields[] = {8, 12, 32, 44, 48, 72}; /* mark to tc_classid */
    const int32_t off = fields[below(g, sizeof fields)];
    const enum op store = below(g, 2) ? OP_STXW : OP_STW;
    put(g, store, CTX, ANY, off, constant(g));
    put(g, OP_LDXW, ANY, CTX, off, 0);
    put(g, OP_LDXW, 4, CTX, OFF_META, 0);
    put(g, OP_LDXW, 5, CTX, OFF_DATA, 0);
    put(g, OP_MOV64_REG, 1, 4, 0, 0);
    put(g, OP_ADD64_IMM, 1, 0, 0, 4);
    put(g, OP_JGT64_REG, 1, 5, 2, 0);
    put(g, OP_LDXB, ANY, 4, (int32_t)below(g, 4), 0);
    put(g, OP_STXB, 4, ANY, (int32_t)below(g, 4), 0);
    put(g, OP_MOV64_IMM, 4, 0, 0, 0);
    put(g, OP_MOV64_IMM, 5, 0, 0, 0);
}

/* The address of a map, by its index. */
static void put_map(struct gen *g, uint32_t dst, enum mixed_map map) {
    g->at[g->n++] = (struct insn){.code = 0x18, .dst = (uint8_t)dst, .src = 5, .imm = (int32_t)map};
    g->at[g->n++] = (struct insn){0};
}

/* r0 = the value of a key of this map that is on the stack, or NULL */
static void lookup(struct gen *g, enum mixed_map map, int32_t key) {
    put(g, OP_STW, REG_FP, 0, -4, key);
    put_map(g, 1, map);
    put(g, OP_MOV64_REG, 2, REG_FP, 0, 0);
    put(g, OP_ADD64_IMM, 2, 0, 0, -4);
    put(g, OP_CALL, 0, 0, 0, HELPER_map_lookup_elem);
}

/* What a piece with a call ends with: r0, r2 and r3 are numbers again. */
static void numbers_again(struct gen *g) {
    put(g, OP_MOV64_IMM, 0, 0, 0, constant(g));
    put(g, OP_MOV64_REG, 2, 7, 0, 0);
    put(g, OP_MOV64_REG, 3, 8, 0, 0);
}

/* Map value: looked up, tested, accessed at a masked offset. */
static void map_value(struct gen *g) {
    static const uint16_t loads[] = {OP_LDXB, OP_LDXH, OP_LDXW, OP_LDXDW, OP_LDXSW};
    const uint32_t x = below(g, 2) ? 7 : 8;
    const enum op ld = (enum op)loads[below(g, 5)];
    lookup(g, MIXED_ARRAY, (int32_t)below(g, 2));
    put(g, OP_JEQ64_IMM, 0, 0, 5, 0);
    put(g, OP_AND64_IMM, x, 0, 0, 31);
    put(g, OP_ADD64_REG, 0, x, 0, 0);
    put(g, ld, 9, 0, (int32_t)below(g, MIXED_VALUE_BYTES - 31 - 8 + (below(g, 20) == 0)), 0);
    put(g, OP_STXDW, 0, below(g, 2) ? 7 : 9, 8, 0);
    put(g, OP_ADD64_IMM, 7, 0, 0, 1);
    numbers_again(g);
}

static void call(struct gen *g) {
    put(g, OP_CALL, 0, 0, 0, below(g, 2) ? HELPER_get_prandom_u32 : HELPER_ktime_get_ns);
    put(g, OP_MOV64_REG, 2, 0, 0, 0);
    put(g, OP_MOV64_REG, 3, below(g, 2) ? 7 : 8, 0, 0);
}

/* for (r = 0; r < n; r += k), with a little work in it */
static void loop(struct gen *g) {
    const uint32_t i = below(g, 2) ? 8 : 9;
    const int32_t n = 1 + (int32_t)below(g, 12), k = 1 + (int32_t)below(g, 3);
    put(g, OP_MOV64_IMM, i, 0, 0, 0);
    const uint32_t head = g->n;
    for (uint32_t w = below(g, 3); w > 0; w--)
        put(g, below(g, 2) ? OP_ADD64_REG : OP_XOR32_REG, 7, i, 0, 0);
    if (below(g, 3) == 0)
        put(g, OP_STXDW, REG_FP, 7, -80, 0);
    else
        put(g, OP_STDW, REG_FP, 0, -80, 1);
    put(g, OP_ADD64_IMM, i, 0, 0, k);
    put(g, OP_JLT64_IMM, i, 0, (int32_t)head - (int32_t)g->n - 1, n);
    put(g, OP_LDXDW, 2, REG_FP, -80, 0);
}

static const uint16_t atomics[] = {
#define ATOMIC_RMW(op, name, sym, imm, fetch, expr) OP_##op##64, OP_##op##32,
#define ATOMIC_XCHG(op, name, imm)                  OP_##op##64, OP_##op##32,
#define ATOMIC_CMPXCHG(op, name, imm)               OP_##op##64, OP_##op##32,
#include "isa/atomic.def"
};

static enum op any_atomic(struct gen *g) {
    return (enum op)atomics[below(g, sizeof atomics / sizeof *atomics)];
}

/* An atomic on a slot that holds a number, or half of one. */
static void atomic_on_stack(struct gen *g) {
    const enum op op = any_atomic(g);
    const bool half = op_table[op].width_bits == 32;
    put(g, half && below(g, 2) ? OP_STXW : OP_STXDW, REG_FP, ANY, ATOMIC, 0);
    put(g, op, REG_FP, ANY, ATOMIC + (half && below(g, 3) == 0 ? 4 : 0), 0);
    put(g, below(g, 2) ? OP_LDXDW : OP_LDXSW, ANY, REG_FP, ATOMIC, 0);
}

/* An atomic on a map's value; the pointer's halves are compared on the way. */
static void atomic_on_map(struct gen *g) {
    const enum op op = any_atomic(g);
    const enum mixed_map map = below(g, 2) ? MIXED_ARRAY : MIXED_HASH;
    lookup(g, map, (int32_t)below(g, 2));
    put(g, OP_JEQ64_IMM, 0, 0, 4, 0);
    put(g, below(g, 2) ? OP_JEQ32_IMM : OP_JNE32_IMM, 0, 0, 1, 0);
    put(g, OP_MOV64_REG, 1, 0, 0, 0);
    put(g, OP_MOV64_REG, 1, 0, 0, 0);
    const uint32_t operand = 7 + below(g, 3);
    put(g, op == OP_ATOMIC_CMPXCHG64 || op == OP_ATOMIC_CMPXCHG32 ? OP_ATOMIC_FETCH_ADD64 : op, 1,
        operand, 8 * (int32_t)below(g, MIXED_VALUE_BYTES / 8), 0);
    numbers_again(g);
}

/* A hash map's element, made from the stack; or the element of an inner map. */
static void other_maps(struct gen *g) {
    const uint32_t x = 7 + below(g, 2);
    int32_t over = 4;
    if (below(g, 2)) {
        put(g, OP_STW, REG_FP, 0, -4, (int32_t)below(g, 3));
        put_map(g, 1, MIXED_HASH);
        put(g, OP_MOV64_REG, 2, REG_FP, 0, 0);
        put(g, OP_ADD64_IMM, 2, 0, 0, -4);
        put(g, OP_MOV64_REG, 3, REG_FP, 0, 0);
        put(g, OP_ADD64_IMM, 3, 0, 0, -MIXED_VALUE_BYTES - 8);
        put(g, OP_MOV64_IMM, 4, 0, 0, 0);
        put(g, OP_CALL, 0, 0, 0, HELPER_map_update_elem);
        lookup(g, MIXED_HASH, (int32_t)below(g, 3));
    } else {
        lookup(g, MIXED_OUTER, (int32_t)below(g, 2));
        put(g, OP_JEQ64_IMM, 0, 0, 9, 0);
        put(g, OP_MOV64_REG, 1, 0, 0, 0);
        put(g, OP_MOV64_REG, 2, REG_FP, 0, 0);
        put(g, OP_ADD64_IMM, 2, 0, 0, -4);
        put(g, OP_CALL, 0, 0, 0, HELPER_map_lookup_elem);
    }
    put(g, OP_JEQ64_IMM, 0, 0, over, 0);
    put(g, OP_AND64_IMM, x, 0, 0, 31);
    put(g, OP_ADD64_REG, 0, x, 0, 0);
    put(g, OP_LDXSW, 9, 0, (int32_t)below(g, MIXED_VALUE_BYTES - 31 - 4), 0);
    put(g, OP_STXB, 0, 9, (int32_t)below(g, MIXED_VALUE_BYTES - 31 + (below(g, 20) == 0)), 0);
    numbers_again(g);
}

/* A ring buffer's record: reserved, tested (a copy is), written, given back. */
static void ring_buffer(struct gen *g) {
    const int32_t bytes = 8 + 8 * (int32_t)below(g, 4);
    put_map(g, 1, MIXED_RINGBUF);
    put(g, OP_MOV64_IMM, 2, 0, 0, bytes);
    put(g, OP_MOV64_IMM, 3, 0, 0, 0);
    put(g, OP_CALL, 0, 0, 0, HELPER_ringbuf_reserve);
    put(g, OP_MOV64_REG, 1, 0, 0, 0);
    if (below(g, 2)) {
        put(g, OP_STXDW, REG_FP, 0, ATOMIC, 0);
        put(g, OP_JEQ64_IMM, 1, 0, 5, 0);
        put(g, OP_LDXDW, 1, REG_FP, ATOMIC, 0);
    } else {
        put(g, OP_JEQ64_IMM, 0, 0, 4, 0);
    }
    put(g, OP_STXDW, 1, 7, bytes - 8, 0);
    put(g, OP_LDXB, 9, 1, (int32_t)below(g, (uint32_t)bytes + (below(g, 20) == 0)), 0);
    put(g, OP_MOV64_IMM, 2, 0, 0, 0);
    put(g, OP_CALL, 0, 0, 0, below(g, 2) ? HELPER_ringbuf_submit : HELPER_ringbuf_discard);
    put(g, OP_STDW, REG_FP, 0, ATOMIC, 0);
    numbers_again(g);
}

/* No program is there to go to: the call falls through. */
static void tail_call(struct gen *g) {
    put(g, OP_MOV64_REG, 1, CTX, 0, 0);
    put_map(g, 2, MIXED_PROGS);
    put(g, OP_MOV64_IMM, 3, 0, 0, (int32_t)below(g, 3));
    put(g, OP_CALL, 0, 0, 0, HELPER_tail_call);
    numbers_again(g);
}

/* ---- functions ---- */

static bool promise_function(struct gen *g, enum function_kind kind) {
    if (g->n_functions == MAX_FUNCTIONS)
        return false;
    g->functions[g->n_functions].kind = kind;
    g->functions[g->n_functions++].from = g->n;
    return true;
}

static void put_address(struct gen *g) {
    g->at[g->n++] = (struct insn){.code = 0x18, .dst = 2, .src = 4};
    g->at[g->n++] = (struct insn){0};
}

/* A function of the program, or one that a helper calls back, with the address of a slot. */
static void call_function(struct gen *g) {
    const enum function_kind kind = (enum function_kind)below(g, 3);
    const uint32_t x = number_reg(g);
    const enum op store = below(g, 3) ? OP_STXDW : OP_STDW;
    put(g, store, REG_FP, x, SHARED, (int32_t)below(g, 16));
    if (kind == FUNCTION_CALLED) {
        put(g, OP_MOV64_REG, 2, x, 0, 0);
        put(g, OP_MOV64_REG, 1, REG_FP, 0, 0);
        put(g, OP_ADD64_IMM, 1, 0, 0, SHARED);
        if (promise_function(g, kind))
            put(g, OP_CALL_LOCAL, 0, 0, 0, 0);
    } else if (kind == FUNCTION_LOOP) {
        if (promise_function(g, kind))
            put_address(g);
        else
            return;
        put(g, OP_MOV64_REG, 1, 7 + below(g, 2), 0, 0);
        put(g, OP_AND64_IMM, 1, 0, 0, 3);
        put(g, OP_MOV64_REG, 3, REG_FP, 0, 0);
        put(g, OP_MOV64_IMM, 4, 0, 0, 0);
        put(g, OP_CALL, 0, 0, 0, HELPER_loop);
    } else {
        if (promise_function(g, kind))
            put_address(g);
        else
            return;
        put_map(g, 1, below(g, 2) ? MIXED_HASH : MIXED_ARRAY);
        put(g, OP_MOV64_REG, 3, REG_FP, 0, 0);
        put(g, OP_MOV64_IMM, 4, 0, 0, 0);
        put(g, OP_CALL, 0, 0, 0, HELPER_for_each_map_elem);
    }
    numbers_again(g);
    put(g, OP_LDXDW, ANY, REG_FP, SHARED, 0);
}

/* r0 = something of r0 and the number x, which stays in a slot for a while. */
static void work(struct gen *g, uint32_t x) {
    static const uint16_t ops[] = {OP_ADD64_REG, OP_AND64_REG, OP_SUB32_REG, OP_MOV32_REG,
                                   OP_XOR64_REG};
    put(g, OP_STXDW, REG_FP, x, -8, 0);
    put(g, (enum op)ops[below(g, 5)], 0, x, 0, 0);
    const enum op test = (enum op)conditional[below(g, sizeof conditional / sizeof *conditional)];
    put(g, test, 0, x, 1, constant(g));
    put(g, below(g, 2) ? OP_LDXDW : OP_LDXB, 0, REG_FP, -8, 0);
}

static void put_function(struct gen *g, enum function_kind kind) {
    switch (kind) {
    case FUNCTION_CALLED:
        put(g, OP_LDXDW, 0, 1, 0, 0);
        work(g, 2);
        put(g, OP_STXDW, 1, below(g, 2) ? 0 : 2, 0, 0);
        break;
    case FUNCTION_LOOP:
        put(g, OP_LDXDW, 0, 2, SHARED, 0);
        work(g, 1);
        put(g, OP_STXDW, 2, below(g, 2) ? 0 : 1, SHARED, 0);
        put(g, OP_MOV64_IMM, 0, 0, 0, below(g, 4) == 0);
        break;
    case FUNCTION_ELEMENT:
        put(g, OP_LDXW, 0, 2, 0, 0);
        put(g, OP_LDXDW, 5, 3, 8 * (int32_t)below(g, MIXED_VALUE_BYTES / 8), 0);
        work(g, 5);
        put(g, OP_STXDW, 4, below(g, 2) ? 0 : 5, SHARED, 0);
        put(g, OP_STXDW, 3, 0, 8 * (int32_t)below(g, MIXED_VALUE_BYTES / 8), 0);
        put(g, OP_MOV64_IMM, 0, 0, 0, below(g, 4) == 0);
        break;
    }
    put(g, OP_EXIT, 0, 0, 0, 0);
}

static void put_functions(struct gen *g) {
    for (uint32_t i = 0; i < g->n_functions; i++) {
        const uint32_t from = g->functions[i].from;
        g->at[from].imm = (int32_t)(g->n - from - 1);
        put_function(g, g->functions[i].kind);
    }
}

/* may_goto: as often as the budget lets it; a number changes once or twice, a slot is written
 * again */
static void open_loop(struct gen *g) {
    const uint32_t head = g->n;
    put(g, OP_MAY_GOTO, 0, 0, 3, 0);
    const enum op change = below(g, 2) ? OP_OR64_IMM : OP_MOV64_REG;
    put(g, change, 9, 8, 0, 1 + (int32_t)below(g, 7));
    put(g, below(g, 2) ? OP_STXDW : OP_STDW, REG_FP, 9, -80, 5);
    put(g, OP_JA, 0, 0, (int32_t)head - (int32_t)g->n - 1, 0);
    put(g, OP_STXDW, REG_FP, 8, -80, 0);
}

typedef void piece(struct gen *g);

static piece *pick(struct gen *g) {
    static piece *const pieces[] = {spill_fill,    stack_at_variable,
                                    linked,        packet,
                                    map_value,     call,
                                    loop,          linked,
                                    spill_fill,    atomic_on_stack,
                                    atomic_on_map, other_maps,
                                    ring_buffer,   tail_call,
                                    call_function, call_function,
                                    open_loop,     context};
    return below(g, 3) ? arithmetic : pieces[below(g, sizeof pieces / sizeof *pieces)];
}

uint32_t gen_mixed(uint64_t seed, uint32_t size, struct insn *insns) {
    struct gen g = {.rng = seed, .at = insns};
    enum {
        OPEN_MAX = 4
    };
    struct {
        uint32_t from, left;
    } open[OPEN_MAX];
    uint32_t n_open = 0;
    put(&g, OP_MOV64_REG, CTX, 1, 0, 0);
    put(&g, OP_LDXW, 7, CTX, 0, 0);
    put(&g, OP_CALL, 0, 0, 0, HELPER_get_prandom_u32);
    put(&g, OP_MOV64_REG, 8, 0, 0, 0);
    put(&g, OP_LDXW, 9, CTX, 8, 0);
    put(&g, OP_MOV64_REG, 2, 7, 0, 0);
    put(&g, OP_MOV64_IMM, 3, 0, 0, constant(&g));
    for (uint32_t i = 0;
         i < size && g.n + PIECE_MAX + MAX_FUNCTIONS * FUNCTION_MAX < MIXED_MAX_INSNS; i++) {
        if (n_open < OPEN_MAX && below(&g, 4) == 0) {
            open[n_open].from = branch(&g);
            open[n_open++].left = 1 + below(&g, 3);
        }
        pick (&g)(&g);
        while (n_open && open[n_open - 1].left-- == 0)
            land(&g, open[--n_open].from);
    }
    while (n_open)
        land(&g, open[--n_open].from);
    put(&g, OP_EXIT, 0, 0, 0, 0);
    put_functions(&g);
    return g.n;
}
