/* validate_sequences.c: what instructions do to each other. The compiler keeps what it knows from
 * one to the next (upper halves that are 0, registers that are read later, what a function writes
 * and calls), and makes one operation of several; so each kind of knowledge is made by one
 * instruction here and used by another.
 *
 *   CALLS   whole functions, with each kind of call and each kind of write
 *   PAIRS   one instruction, and another that reads its result
 *   FUSED   those that become one operation
 *   FACTS   what a verifier tells
 */
#include <string.h>

#include "proofs/machine/validate_case.h"
#include "runtime/proto.h"

enum {
    NUMBER = 8, /* an immediate; as a divisor, a shift */
};

/* struct sequences: cases being gone through; the first that fails ends it. */
struct sequences {
    struct vunit *u;
    struct vcase c; /* what they have in common */
    bool ok;
};

static struct insn insn(enum op op, unsigned dst, unsigned src, int off, int64_t imm) {
    const struct op_info *const row = &op_table[op];
    struct insn in = {
        .code = row->code, .src = row->src_fixed, .off = row->off_fixed, .imm = row->imm_fixed};
    if (row->dst_rule != FIELD_ZERO)
        in.dst = (uint8_t)dst;
    if (row->src_rule != FIELD_ZERO && row->src_rule != FIELD_FIXED)
        in.src = (uint8_t)src;
    if (row->off_rule != FIELD_ZERO && row->off_rule != FIELD_FIXED)
        in.off = (int16_t)off;
    if (row->imm_rule != FIELD_ZERO && row->imm_rule != FIELD_FIXED)
        in.imm = (int32_t)imm;
    return in;
}

static void put(struct vcase *c, struct insn in) {
    c->insns[c->n_insns++] = in;
}

static void run(struct sequences *s, const struct vcase *c) {
    if (s->ok)
        s->ok = vcase_check(s->u, c);
}

/* Plainly translated, and by the better compiler with all, one register, or its low half needed. */
static void run_levels(struct sequences *s, struct vcase c, uint8_t needed) {
    c.opt = 0;
    c.live = LIVE_ALL;
    run(s, &c);
    c.opt = 1;
    c.dst = needed;
    for (uint8_t live = LIVE_ALL; live <= LIVE_LOW; live++) {
        c.live = live;
        run(s, &c);
    }
}

static bool is_cls(enum op op, enum op_class first, enum op_class last) {
    return op_table[op].cls >= first && op_table[op].cls <= last;
}

/* Quotients by a register: that they are the same is seen, more is not asked of any solver. */
static bool is_hard(enum op op) {
    return vop_divides(op) && op_table[op].from_reg;
}

/* ---- whole functions ---- */

static void whole(struct sequences *s, struct vcase c) {
    c.whole = true;
    put(&c, insn(OP_EXIT, 0, 0, 0, 0));
    for (unsigned i = 0; i < 4; i++) {
        c.opt = i & 1;
        c.expose = i >> 1;
        run(s, &c);
    }
}

/* Calls, and accesses that call, in every environment. */
static void whole_calls(struct sequences *s, struct vcase c) {
    for (unsigned i = 0; i < 16; i++) {
        c.trusted = i & 1;
        c.far = i >> 1 & 1;
        c.fuel = i >> 2 & 1;
        c.bound = i >> 3;
        whole(s, c);
        c.callee_fp = true;
        if (c.insns[0].code == op_table[OP_CALL_LOCAL].code)
            whole(s, c);
        c.callee_fp = false;
    }
}

/* An instruction of a row with these registers. out: slots; 0: a row that does not stand so */
static unsigned any(struct insn out[2], enum op op, unsigned dst, unsigned src) {
    out[0] = insn(op, dst, src, 16, NUMBER);
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST:
    case CLASS_LDX:
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG:
    case CLASS_ATOMIC_LOAD:
    case CLASS_ATOMIC_STORE: return 1;
    case CLASS_IMM64:
        out[0].imm = 1;
        out[1] = (struct insn){0};
        return op == OP_LDDW || op == OP_LDDW_MAP_IDX ? 2 : 0;
    default: return 0;
    }
}

static void calls(struct sequences *s) {
    static const struct {
        enum op op;
        uint8_t dst, src;
        int16_t imm;
    } list[] = {
        {OP_CALL, 0, 0, 7},
        {OP_CALL, 0, 0, HELPER_tail_call},
        {OP_CALL, 0, 0, 250},
        {OP_CALL, 0, 0, 28},
        {OP_CALL, 0, 0, HELPER_map_lookup_elem},
        {OP_CALLX, 3, 0, 0},
        {OP_CALLX, 7, 0, 0},
        {OP_CALL_LOCAL, 0, 1, 0},
        {OP_CALL_KFUNC, 0, 2, 77},
    };
    for (unsigned i = 0; i < sizeof list / sizeof *list; i++) {
        struct vcase c = s->c;
        put(&c, insn(list[i].op, list[i].dst, list[i].src, 0, list[i].imm));
        whole_calls(s, c);
        put(&c, insn(OP_MOV64_REG, 7, 0, 0, 0)); /* and a register to be kept */
        whole_calls(s, c);
    }
    for (enum op op = 0; op < N_OPS && s->ok; op++)
        for (unsigned dst = 5; dst < REG_FP; dst++)
            for (unsigned src = 5; src < REG_FP; src++) {
                struct vcase c = s->c;
                const unsigned n = any(c.insns, op, dst, src);
                s->u->divisor = op_table[op].from_reg ? 0 : NUMBER;
                c.n_insns = (uint8_t)n;
                if (!n)
                    continue;
                put(&c, insn(OP_STXDW, REG_FP, dst, -8, 0));
                put(&c, insn(OP_STXDW, REG_FP, src, -16, 0));
                if (dst == src || src == 5 || dst == 5)
                    whole(s, c);
                c.arena = c.slow = true; /* through the runtime */
                if (is_cls(op, CLASS_LDX, CLASS_ATOMIC_STORE) && op_table[op].cls != CLASS_IMM64 &&
                    (dst + src) % 4 == 1)
                    whole(s, c);
                s->u->divisor = 0;
            }
    for (unsigned r = 6; r < REG_FP; r++) { /* the budget, set at the beginning */
        struct vcase c = s->c;
        put(&c, insn(OP_MAY_GOTO, 0, 0, 1, 0));
        put(&c, insn(OP_MOV64_REG, r, 1, 0, 0));
        if (r & 1)
            put(&c, insn(OP_CALL, 0, 0, 0, 7));
        put(&c, insn(OP_STXDW, REG_FP, r, -8, 0));
        whole(s, c);
    }
}

/* ---- one instruction, and another that uses it ---- */

/* Which jumps are readers: the condition itself is asked in units of its own. */
enum jumps {
    NO_JUMPS,
    EQUALITY,
    ALL_JUMPS,
};

/* What reads r at the end of c. */
static void readers(struct sequences *s, const struct vcase *first, unsigned r, enum jumps jumps) {
    static const struct {
        enum op op;
        bool same; /* r into itself */
    } list[] = {
        {OP_MOV32_REG, true},   {OP_MOV32_REG, false}, {OP_MOV64_REG, false}, {OP_ADD64_REG, false},
        {OP_MOVSX32_64, false}, {OP_RSH64_IMM, true},  {OP_STXDW, false},     {OP_STXW, false},
        {OP_LE32, true},        {OP_BE32, true},       {OP_OR32_REG, true},   {OP_ARSH32_IMM, true},
    };
    for (unsigned i = 0; i < sizeof list / sizeof *list; i++) {
        struct vcase c = *first;
        const unsigned dst = list[i].same ? r : 8;
        if (i && is_hard(op_of(first->insns[0])))
            continue;
        put(&c, insn(list[i].op, dst, r, 8, 4));
        run_levels(s, c, (uint8_t)dst);
    }
    for (enum op op = 0; op < N_OPS && s->ok; op++) {
        const enum op_class cls = (enum op_class)op_table[op].cls;
        const bool equality = (op_table[op].code & 0xf0) == 0x10;
        if (cls != CLASS_JMP_COND || jumps < (equality ? EQUALITY : ALL_JUMPS) ||
            is_hard(op_of(first->insns[0])))
            continue;
        for (unsigned k = 0; k < 2; k++) { /* only the jump reads it */
            struct vcase c = *first;
            put(&c, insn(op, k ? 7 : r, k ? r : 7, 0, k ? 0 : 100));
            run_levels(s, c, 9);
        }
    }
}

/* Every reader of a number that was computed: operands of stores, atomics, calls, and so on. */
static void operands(struct sequences *s) {
    for (enum op op = 0; op < N_OPS && s->ok; op++)
        for (unsigned k = 0; k < 2; k++) {
            struct vcase c = s->c;
            const unsigned r = k ? 2 : 1, other = k ? 1 : 2;
            put(&c, insn(OP_ADD64_REG, r, 3, 0, 0));
            const unsigned n = any(&c.insns[1], op, 1, 2);
            s->u->divisor = op_table[op].from_reg ? 0 : NUMBER;
            c.n_insns = (uint8_t)(1 + n);
            if (n && !is_hard(op)) {
                run_levels(s, c, 1);
                run_levels(s, c, (uint8_t)other);
            }
            s->u->divisor = 0;
        }
    for (unsigned r = 0; r < REG_FP; r++) {
        static const struct {
            enum op op;
            uint8_t dst, src;
            int16_t imm;
        } list[] = {{OP_CALL, 0, 0, 250},      {OP_CALL, 0, 0, 28},
                    {OP_CALLX, 3, 0, 0},       {OP_CALL_LOCAL, 0, 1, 0},
                    {OP_CALL_KFUNC, 0, 2, 77}, {OP_CALL, 0, 0, HELPER_tail_call}};
        for (unsigned i = 0; i < sizeof list / sizeof *list; i++) {
            struct vcase c = s->c;
            put(&c, insn(OP_ADD64_REG, r, 3, 0, 0));
            put(&c, insn(list[i].op, list[i].dst, list[i].src, 0, list[i].imm));
            c.bound = true;
            c.trusted = i != 3; /* a function called by one that was not accepted may read all */
            run_levels(s, c, (uint8_t)(r < 6 ? 0 : r));
        }
    }
}

/* What is known of a register must be forgotten where another way leads. */
static void joins(struct sequences *s) {
    static const enum op forget[] = {OP_MOV32_REG, OP_LDXW, OP_LDXH, OP_MOV64_IMM, OP_AND32_IMM};
    for (unsigned i = 0; i < sizeof forget / sizeof *forget; i++)
        for (unsigned k = 0; k < 2; k++) {
            struct vcase c = s->c;
            put(&c, insn(k ? OP_JEQ64_IMM : OP_JSGT32_REG, 4, 3, 1, 5));
            put(&c, insn(forget[i], 1, 2, 8, 5));
            put(&c, insn(OP_MOV32_REG, 5, 1, 0, 0));
            run_levels(s, c, 5);
        }
}

static void pairs(struct sequences *s) {
    for (enum op op = 0; op < N_OPS && s->ok; op++) {
        struct vcase c = s->c;
        const unsigned n = any(c.insns, op, 1, 2);
        const enum op_class cls = (enum op_class)op_table[op].cls;
        const bool fetches = op_table[op].src_rule == FIELD_WREG;
        c.n_insns = (uint8_t)n;
        s->u->divisor = op_table[op].from_reg ? 0 : NUMBER;
        if (!n || cls == CLASS_STX || cls == CLASS_ST || cls == CLASS_ATOMIC_STORE)
            continue;
        const unsigned r = cls == CLASS_ATOMIC_CMPXCHG ? 0 : fetches ? 2 : 1;
        readers(s, &c, r, EQUALITY);
        c.arena = true;
        if (is_cls(op, CLASS_LDX, CLASS_ATOMIC_STORE) && cls != CLASS_IMM64)
            readers(s, &c, r, NO_JUMPS);
        s->u->divisor = 0;
        for (int64_t k = -1; k <= 1 && cls <= CLASS_ALU_UNARY; k++) { /* nothing, or nearly */
            struct vcase none = s->c;
            if (vop_divides(op) && k < 1)
                continue;
            put(&none, insn(op, 1, op_table[op].from_reg && k ? 1 : 2, 0, k));
            if (!is_hard(op))
                readers(s, &none, 1, NO_JUMPS);
        }
    }
    static const int64_t numbers[] = {0, 1, -1, 0x7fffffff, INT32_MIN};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (unsigned k = 0; k < 3; k++) {
            struct vcase c = s->c;
            put(&c, insn(k == 2   ? OP_LDDW
                         : k == 1 ? OP_MOV64_IMM
                                  : OP_MOV32_IMM,
                         1, 0, 0, numbers[i]));
            if (k == 2)
                put(&c, (struct insn){.imm = i & 1});
            readers(s, &c, 1, i == 0 && k == 0 ? ALL_JUMPS : EQUALITY);
        }
    struct vcase c = s->c;
    put(&c, insn(OP_ADD64_REG, 1, 2, 0, 0));
    readers(s, &c, 1, ALL_JUMPS);
    c = s->c;
    put(&c, insn(OP_CALL, 0, 0, 0, 7));
    readers(s, &c, 0, EQUALITY);
    operands(s);
    joins(s);
}

/* ---- several that become one ---- */

/* r1 = r2, and an operation on r1: of three operands. */
static void after_move(struct sequences *s) {
    struct vnumbers list;
    vnumbers_edges(&list, 32);
    for (enum op op = 0; op < N_OPS && s->ok; op++) {
        if (!is_cls(op, CLASS_ALU_BINARY, CLASS_ALU_END))
            continue;
        const bool imm = op_table[op].cls == CLASS_ALU_BINARY && !op_table[op].from_reg;
        const bool multiplies = imm && (op_table[op].code & 0xf0) == 0x20;
        for (unsigned i = 0; i < 2 * (imm ? list.n : REG_FP) && s->ok; i++) {
            const unsigned which = i / 2;
            /* what a quotient of a narrower number is, no rule says */
            if ((multiplies && which % 4) || (imm && vop_divides(op) && which % 16) ||
                (is_hard(op) && which != 4))
                continue;
            if (vop_divides(op) && op_table[op].width_bits != (i & 1 ? 32 : 64))
                continue;
            for (unsigned pair = 0; pair < 3; pair++) {
                static const uint8_t regs[][2] = {{1, 2}, {3, 8}, {0, 3}};
                struct vcase c = s->c;
                const uint8_t d = regs[pair][0], x = regs[pair][1];
                if (imm ? pair != which % 3 : is_hard(op) && pair)
                    continue;
                put(&c, insn(i & 1 ? OP_MOV32_REG : OP_MOV64_REG, d, x, 0, 0));
                put(&c, insn(op, d, imm ? 0 : which, 0, imm ? list.k[which] : 0));
                if (imm && vop_divides(op)) {
                    const int64_t k = list.k[which];
                    const bool w32 = op_table[op].width_bits == 32;
                    const bool minus = op_table[op].off_fixed == 1 && k < 0;
                    const uint64_t v = minus ? 0 - (uint64_t)k : (uint64_t)k;
                    s->u->divisor = w32 ? (uint32_t)v : v;
                }
                run_levels(s, c, d);
                s->u->divisor = 0;
            }
        }
    }
}

/* Two shifts of one register, after a move or not. */
static void extensions(struct sequences *s) {
    static const enum op left[] = {OP_LSH64_IMM, OP_LSH32_IMM};
    static const enum op right[] = {OP_RSH64_IMM, OP_ARSH64_IMM, OP_RSH32_IMM, OP_ARSH32_IMM};
    static const uint8_t by[] = {0, 8, 16, 24, 31, 32, 48, 56, 63};
    for (unsigned i = 0; i < sizeof left / sizeof *left * sizeof right / sizeof *right; i++)
        for (unsigned k = 0; k < sizeof by * 3; k++)
            for (unsigned move = 0; move < 3; move++) {
                struct vcase c = s->c;
                const unsigned n = by[k / 3];
                if (move)
                    put(&c, insn(move == 2 ? OP_MOV32_REG : OP_MOV64_REG, 1, 8, 0, 0));
                put(&c, insn(left[i / 4], 1, 0, 0, n));
                put(&c, insn(right[i % 4], k % 3 == 2 ? 8 : 1, 0, 0, n + (k % 3 == 1)));
                run_levels(s, c, 1);
            }
}

/* r3 = r1; one of the two is shifted left, the other right, and they are joined. */
static void rotations(struct sequences *s) {
    static const enum op joins_64[] = {OP_OR64_REG, OP_ADD64_REG, OP_XOR64_REG, OP_AND64_REG};
    static const enum op joins_32[] = {OP_OR32_REG, OP_ADD32_REG, OP_XOR32_REG, OP_SUB32_REG};
    for (unsigned i = 0; i < 1024 && s->ok; i++)
        for (unsigned k = 0; k < 5; k++) {
            const bool w32 = i & 1, t_left = i >> 1 & 1, to_t = i >> 2 & 1, w32_move = i >> 3 & 1;
            const enum op join = (i >> 6 & 1 ? joins_32 : joins_64)[i >> 4 & 3];
            const bool straight = i >> 7 & 1; /* both to the left: no rotation */
            const bool right_first = i >> 8 & 1, unequal = i >> 9; /* not w bits together */
            const unsigned w = w32 ? 32 : 64, t = 3, x = k & 1 ? 1 : 8;
            const unsigned n = k == 0 ? 1 : k == 1 ? w - 1 : k == 2 ? 8 : k == 3 ? 13 : w / 2;
            const enum op shl = w32 ? OP_LSH32_IMM : OP_LSH64_IMM;
            const enum op shr = straight ? shl : w32 ? OP_RSH32_IMM : OP_RSH64_IMM;
            struct vcase c = s->c;
            if (unequal && k != 2)
                continue;
            put(&c, insn(w32_move ? OP_MOV32_REG : OP_MOV64_REG, t, x, 0, 0));
            const struct insn left = insn(shl, t_left ? t : x, 0, 0, n);
            const struct insn right = insn(shr, t_left ? x : t, 0, 0, w - n - unequal);
            put(&c, right_first ? right : left);
            put(&c, right_first ? left : right);
            put(&c, insn(join, to_t ? t : x, to_t ? x : t, 0, 0));
            run_levels(s, c, (uint8_t)(to_t ? t : x));
        }
}

/* A load and a reversal of its bytes. */
static void reversals(struct sequences *s) {
    static const enum op loads[] = {OP_LDXB, OP_LDXH, OP_LDXW, OP_LDXDW, OP_LDXSH, OP_LDXSW};
    struct vnumbers offs;
    vnumbers_edges(&offs, 16);
    for (unsigned i = 0; i < sizeof loads / sizeof *loads; i++)
        for (enum op op = 0; op < N_OPS; op++)
            for (unsigned k = 0; k < offs.n && s->ok; k++) {
                struct vcase c = s->c;
                const bool fits = i >= 1 && i <= 3 && op_table[op].imm_fixed == 8 << i;
                if (op_table[op].cls != CLASS_ALU_END || (k % 24 && !fits))
                    continue;
                const unsigned dst = k % 3 == 0 ? 1 : k % 3 == 1 ? 8 : 5;
                const unsigned base = k % 4 == 0 ? dst : k % 4 == 1 ? REG_FP : 2;
                put(&c, insn(loads[i], dst, base, (int)offs.k[k], 0));
                put(&c, insn(op, dst, 0, 0, 0));
                run_levels(s, c, (uint8_t)dst);
                c.arena = true;
                if (k % 8 == 0)
                    run_levels(s, c, (uint8_t)dst);
            }
}

/* What only makes an address. */
static void addresses(struct sequences *s) {
    static const enum op accesses[] = {OP_LDXB,
                                       OP_LDXH,
                                       OP_LDXW,
                                       OP_LDXDW,
                                       OP_LDXSB,
                                       OP_LDXSW,
                                       OP_STXB,
                                       OP_STXW,
                                       OP_STXDW,
                                       OP_STB,
                                       OP_STDW,
                                       OP_LOAD_ACQ_W,
                                       OP_ATOMIC_FETCH_ADD64};
    for (unsigned i = 0; i < sizeof accesses / sizeof *accesses; i++)
        for (unsigned k = 0; k < 64 && s->ok; k++) {
            const enum op op = accesses[i];
            const bool loads = is_cls(op, CLASS_LDX, CLASS_LDX) || op == OP_LOAD_ACQ_W;
            const unsigned r = k & 1 ? 1 : 8, index = k & 2 ? 3 : k & 4 ? 7 : 2;
            const int off = k & 8 ? -8 : 0x7ff0;
            const unsigned value = k & 16 ? r : 5;
            for (unsigned form = 0; form < 4; form++) {
                struct vcase c = s->c;
                if (form < 2) {
                    if (form)
                        put(&c, insn(OP_MOV64_REG, r, 4, 0, 0));
                    put(&c, insn(OP_ADD64_REG, r, index, 0, 0));
                } else {
                    c.world = k & 32;
                    put(&c, insn(OP_LDDW_MAP_IDX_VALUE, r, 0, 0, 0));
                    put(&c, (struct insn){.imm = k & 1 ? 24 : -8});
                    if (form == 3)
                        put(&c, insn(OP_ADD64_REG, r, index, 0, 0));
                }
                put(&c, insn(op, loads ? value : r, loads ? r : value, off, -5));
                run_levels(s, c, (uint8_t)(loads ? value : 9));
            }
        }
}

/* A jump over a jump. */
static void over_jumps(struct sequences *s) {
    for (enum op op = 0; op < N_OPS && s->ok; op++) {
        if (op_table[op].cls != CLASS_JMP_COND)
            continue;
        for (unsigned k = 0; k < 6; k++) {
            struct vcase c = s->c;
            put(&c, insn(op, 3, 8, 1, k & 1 ? 5 : -1));
            put(&c, insn(k & 2 ? OP_JA32 : OP_JA, 0, 0, 0, 0));
            c.place = k >= 2 ? PLACE_BACK : PLACE_NEAR;
            c.fuel = k >= 4;
            run_levels(s, c, 0);
        }
    }
}

static void fused(struct sequences *s) {
    after_move(s);
    extensions(s);
    rotations(s);
    reversals(s);
    addresses(s);
    over_jumps(s);
}

/* ---- what a verifier tells ---- */

static void tell(struct vcase *c, struct pc_facts fact, unsigned at) {
    c->told = true;
    c->fact = fact;
    c->fact_at = (uint8_t)at;
}

static void facts(struct sequences *s) {
    static const uint64_t results[] = {0, 1, UINT64_MAX, 0x80000000, 0x7fffffff, 0x123456789};
    for (enum op op = 0; op < N_OPS && s->ok; op++) {
        const enum op_class cls = (enum op_class)op_table[op].cls;
        struct vcase c = s->c;
        const unsigned n = any(c.insns, op, 1, 2);
        c.n_insns = (uint8_t)n;
        s->u->divisor = op_table[op].from_reg ? 0 : NUMBER;
        if (n && cls <= CLASS_ALU_CAST && !is_hard(op))
            for (unsigned i = 0; i < sizeof results / sizeof *results; i++) {
                tell(&c, (struct pc_facts){.dst_const = true, .const_value = results[i]}, 0);
                run_levels(s, c, 1);
                struct vcase then = c; /* and what is known of it */
                put(&then, insn(OP_MOV32_REG, 5, 1, 0, 0));
                run_levels(s, then, 5);
            }
        s->u->divisor = 0;
        if (n == 1 && cls >= CLASS_LDX && cls <= CLASS_ATOMIC_STORE) {
            c.arena = true;
            tell(&c, (struct pc_facts){.mem = MEM_PLAIN}, 0);
            run_levels(s, c, 1);
            c.trusted = false;
            run_levels(s, c, 1);
            c.trusted = true;
            put(&c, insn(OP_MOV32_REG, 5, cls == CLASS_ATOMIC_CMPXCHG ? 0 : 1, 0, 0));
            run_levels(s, c, 5);
        }
        if (n) { /* jumped over: never executed */
            struct vcase over = s->c;
            put(&over, insn(OP_JA, 0, 0, (int)n, 0));
            any(&over.insns[1], op, 1, 2);
            over.n_insns = (uint8_t)(1 + n);
            put(&over, insn(OP_MOV64_REG, 5, 1, 0, 0));
            tell(&over, (struct pc_facts){.dead = true}, 1);
            run_levels(s, over, 5);
        }
        for (unsigned i = 0; i < 8 && cls == CLASS_JMP_COND; i++) {
            struct vcase jump = s->c;
            put(&jump, insn(op, 1, 2, 0, 5));
            tell(&jump, (struct pc_facts){.always = i & 1, .never = !(i & 1)}, 0);
            jump.place = i & 2 ? PLACE_BACK : PLACE_NEAR;
            jump.fuel = i >> 2;
            run_levels(s, jump, 0);
        }
    }
    for (uint8_t mem = MEM_PKT_DATA; mem <= MEM_PKT_META; mem++)
        for (unsigned dst = 0; dst < REG_FP; dst++)
            for (unsigned arena = 0; arena < 2; arena++) {
                struct vcase c = s->c;
                put(&c, insn(OP_LDXW, dst, 1, 76, 0));
                tell(&c, (struct pc_facts){.mem = mem}, 0);
                c.arena = arena;
                run_levels(s, c, (uint8_t)dst);
                put(&c, insn(OP_MOV32_REG, 5, dst, 0, 0));
                run_levels(s, c, 5);
            }
    for (unsigned i = 0; i < 8; i++) {
        struct vcase c = s->c;
        c.unwind = true;
        c.far = i & 1;
        c.trusted = i >> 1 & 1;
        put(&c, i >> 2 ? insn(OP_CALLX, 3, 0, 0, 0) : insn(OP_CALL, 0, 0, 0, HELPER_UNWIND));
        run_levels(s, c, 0);
        c.n_insns = 0;
        c.bound = true;
        put(&c, insn(OP_CALL_KFUNC, 0, 2, 0, 77));
        run_levels(s, c, 0);
        c.bound = false;
        c.weak = i >> 2;
        c.n_insns = 0;
        put(&c, insn(OP_LDDW_VAR, i & 1 ? 1 : 8, 0, 0, 0));
        put(&c, (struct insn){0});
        run_levels(s, c, i & 1 ? 1 : 8);
    }
}

bool vsequences_run(struct vunit *u, const struct jit_arch *target, const char *what) {
    static const struct {
        const char *name;
        void (*run)(struct sequences *s);
    } kinds[] = {{"CALLS", calls}, {"PAIRS", pairs}, {"FUSED", fused}, {"FACTS", facts}};
    struct sequences s = {.u = u, .ok = true};
    s.c = (struct vcase){.target = target, .m = machine_of(target), .trusted = true};
    if (!s.c.m)
        return vunit_fail(u, NULL, SMT_ERROR, "there is no machine for this back end");
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(what, kinds[i].name))
            kinds[i].run(&s);
    if (s.ok && terms_failed(u->t))
        return vunit_fail(u, NULL, SMT_ERROR, "out of memory for terms");
    return s.ok;
}
