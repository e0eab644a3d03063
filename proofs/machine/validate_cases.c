/* validate_cases.c: which cases stand for an instruction: registers in every combination, numbers
 * at the edges of every machine's encodings, and each way of compiling that changes the code.
 */
#include "proofs/machine/validate_case.h"

#include "runtime/proto.h"

/* struct sweep: cases being gone through; the first that fails ends it. */
struct sweep {
    struct vunit *u;
    const struct op_info *row;
    enum op op;
    struct vcase c; /* what they have in common */
    bool ok;
};

static void add_number(struct vnumbers *list, int64_t k) {
    for (unsigned i = 0; i < list->n; i++)
        if (list->k[i] == k)
            return;
    if (list->n < CASE_NUMBERS)
        list->k[list->n++] = k;
}

/* Also what lies around the ends of a part, where other parts are not 0: machines make a large
 * number of 12, 16 or 20 bits and the rest. */
void vnumbers_edges(struct vnumbers *list, unsigned bits) {
    static const int64_t others[] = {
        3,          5,          6,           9,           10,         11,         12,
        25,         100,        641,         1000,        10000,      1000000007, 0xff00,
        0xff00ff,   0x55555555, 0x0f0f0f0f,  -0x0f0f0f10, 0x33333333, 0x12345678, -0x12345678,
        -0x1edcc,   0x1234fffe, -0x12340002, 0x11234,     0x12340001, 0x7ffff7ff, 0xfff000,
        0x7ffff800, 0x00fff000, -0xfff000,   -0x7ffff800, 0x01010101,
    };
    static const struct {
        int64_t rest, end;
    } parts[] = {
        {0x12345000, 1 << 5},  {-0x12345000, 1 << 5}, {0x12345000, 1 << 11}, {-0x12345000, 1 << 11},
        {0x12340000, 1 << 15}, {0x56000000, 1 << 16}, {0x20000000, 1 << 20}, {2 << 11, 2},
        {1 << 11, 8},          {0x7ff8, 8},           {0x4000, 1 << 11},     {0x4000 + 2044, 2},
    };
    const int64_t most = (INT64_C(1) << (bits - 1)) - 1;
    list->n = 0;
    for (unsigned i = 0; i < bits; i++)
        for (int64_t d = -1; d <= 1; d++) {
            const int64_t k = (INT64_C(1) << i) + d;
            if (k <= most)
                add_number(list, k);
            if (-k >= -most - 1)
                add_number(list, -k);
        }
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
        for (int64_t d = -1; d <= 0; d++)
            for (int64_t sign = -1; sign <= 1; sign += 2) {
                const int64_t k = parts[i].rest + sign * parts[i].end + d;
                if (k <= most && k >= -most - 1)
                    add_number(list, k);
            }
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] <= most && others[i] >= -most - 1)
            add_number(list, others[i]);
}

/* ---- running ---- */

static void run(struct sweep *s, const struct vcase *c) {
    if (s->ok)
        s->ok = vcase_check(s->u, c);
}

static struct vcase with(const struct sweep *s, uint8_t dst, uint8_t src, int16_t off,
                         int32_t imm) {
    struct vcase c = s->c;
    c.insns[0] =
        (struct insn){.code = s->row->code, .dst = dst, .src = src, .off = off, .imm = imm};
    c.n_insns = 1;
    c.dst = dst;
    return c;
}

/* The case plainly translated, and by the better compiler with more or less of its result needed.
 */
static void run_levels(struct sweep *s, struct vcase c) {
    c.opt = 0;
    c.live = LIVE_ALL;
    run(s, &c);
    c.opt = 1;
    for (uint8_t live = LIVE_ALL; live <= LIVE_LOW; live++) {
        c.live = live;
        run(s, &c);
    }
}

static void run_opts(struct sweep *s, struct vcase c) {
    for (c.opt = 0; c.opt <= 1; c.opt++)
        run(s, &c);
}

/* Is it one of the registers that stand for all where all numbers are gone through? One that
 * machines treat alike, and those that some of them treat otherwise. */
static bool stands_for_all(unsigned reg) {
    return reg == 0 || reg == 3 || reg == 8;
}

/* ---- arithmetic ---- */

bool vop_divides(enum op op) {
    const uint8_t code = op_table[op].code & 0xf0;
    return op_table[op].cls == CLASS_ALU_BINARY && (code == 0x30 || code == 0x90);
}

static bool shifts(enum op op) {
    const uint8_t code = op_table[op].code & 0xf0;
    return op_table[op].cls == CLASS_ALU_BINARY && (code == 0x60 || code == 0x70 || code == 0xc0);
}

/* The divisor's magnitude, for the rules of validate_divide.c. */
static void set_divisor(struct sweep *s, int32_t imm) {
    const bool sign = s->row->off_fixed == 1;
    const bool w32 = s->row->width_bits == 32;
    uint64_t d = w32 ? (uint32_t)imm : (uint64_t)(int64_t)imm;
    if (sign && imm < 0)
        d = (w32 ? (uint32_t)(0 - (uint32_t)imm) : 0 - (uint64_t)(int64_t)imm);
    s->u->divisor = vop_divides(s->op) ? d : 0;
}

static void alu_imm(struct sweep *s, const struct vnumbers *list) {
    for (uint8_t dst = 0; dst < REG_FP; dst++)
        for (unsigned i = 0; i < list->n && s->ok; i++) {
            if (!stands_for_all(dst) && i % 16)
                continue;
            int32_t k = (int32_t)list->k[i];
            set_divisor(s, k);
            run_levels(s, with(s, dst, 0, s->row->off_fixed, k));
        }
    s->u->divisor = 0;
}

static void alu_reg(struct sweep *s, int32_t imm) {
    for (uint8_t dst = 0; dst < REG_FP; dst++)
        for (uint8_t src = 0; src <= REG_FP && s->ok; src++) {
            struct vcase c = with(s, dst, src, s->row->off_fixed, imm);
            run_levels(s, c);
            c.nonzero = vop_divides(s->op);
            if (c.nonzero)
                run_levels(s, c);
        }
}

static void alu(struct sweep *s) {
    struct vnumbers list;
    vnumbers_edges(&list, 32);
    if (shifts(s->op)) {
        list.n = 0;
        for (int64_t k = 0; k <= 65; k++)
            add_number(&list, k);
        add_number(&list, -1);
    }
    switch ((enum op_class)s->row->cls) {
    case CLASS_ALU_BINARY:
        if (s->row->from_reg)
            alu_reg(s, 0);
        else
            alu_imm(s, &list);
        break;
    case CLASS_ALU_SEXT: alu_reg(s, 0); break;
    case CLASS_ALU_CAST: alu_reg(s, s->row->imm_fixed); break;
    default:
        for (uint8_t dst = 0; dst < REG_FP; dst++)
            run_levels(s, with(s, dst, 0, 0, s->row->imm_fixed));
        break;
    }
    run_opts(s, with(s, REG_FP, 0, s->row->off_fixed, s->row->imm_fixed)); /* r10 is read-only */
}

/* ---- jumps ---- */

/* A jump in one case to each kind of place; back with its price. */
static void run_places(struct sweep *s, struct vcase c) {
    static const uint16_t far[] = {60, 1200};
    run_opts(s, c);
    c.place = PLACE_FAR;
    for (unsigned i = 0; i < 2; i++) {
        c.fillers = far[i];
        run_opts(s, c);
    }
    c.fillers = 0;
    c.place = PLACE_BACK;
    run_opts(s, c);
    c.fuel = true;
    run_opts(s, c);
}

static void jump_cond(struct sweep *s) {
    struct vnumbers list;
    vnumbers_edges(&list, 32);
    for (uint8_t dst = 0; dst <= REG_FP; dst++)
        for (unsigned i = 0; i < (s->row->from_reg ? N_REGS : list.n) && s->ok; i++) {
            if (!s->row->from_reg && !stands_for_all(dst) && i % 16)
                continue;
            const struct vcase c = s->row->from_reg ? with(s, dst, (uint8_t)i, 0, 0)
                                                    : with(s, dst, 0, 0, (int32_t)list.k[i]);
            run_opts(s, c);
            if (dst == 3 && i % 8 == 0)
                run_places(s, c);
        }
}

static void jump_always(struct sweep *s) {
    run_places(s, with(s, 0, 0, 0, 0));
}

/* ---- memory ---- */

/* How an access is compiled: with and without knowledge of what it reaches. */
static void run_access(struct sweep *s, struct vcase c, bool order) {
    run_opts(s, c);
    if (order) {
        c.trusted = false;
        run_opts(s, c);
    }
}

static void run_guarded(struct sweep *s, struct vcase c) {
    c.arena = true;
    run_opts(s, c);
    c.trusted = false;
    run_opts(s, c);
    c.slow = true;
    run_opts(s, c);
}

static void memory(struct sweep *s) {
    const enum op_class cls = (enum op_class)s->row->cls;
    const bool loads = cls == CLASS_LDX || cls == CLASS_ATOMIC_LOAD;
    const bool order = cls >= CLASS_ATOMIC_RMW;
    const bool imm = cls == CLASS_ST;
    struct vnumbers offs, imms;
    vnumbers_edges(&offs, 16);
    vnumbers_edges(&imms, 32);
    for (unsigned value = 0; value < (imm ? imms.n : N_REGS); value++)
        for (uint8_t base = 0; base <= REG_FP && s->ok; base++)
            for (unsigned i = 0; i < offs.n && s->ok; i++) {
                const bool all = value == 2 && (base == 1 || base == 7 || base == REG_FP);
                if ((!all && i % 32) || (value == REG_FP && (loads || order)) ||
                    (imm && value != 2 && !stands_for_all(base)))
                    continue;
                const int16_t off = (int16_t)offs.k[i];
                const uint8_t reg = imm ? 0 : (uint8_t)value;
                const int32_t k = imm ? (int32_t)imms.k[value] : s->row->imm_fixed;
                struct vcase c = loads ? with(s, reg, base, off, k) : with(s, base, reg, off, k);
                run_access(s, c, order);
                if (i == 0 || (all && i % 16 == 0))
                    run_guarded(s, c);
            }
}

/* ---- 64-bit immediates ---- */

static void imm64_case(struct sweep *s, uint8_t dst, uint64_t v) {
    struct vcase c = with(s, dst, s->row->src_fixed, 0, (int32_t)(uint32_t)v);
    c.insns[1] = (struct insn){.imm = s->row->hi_rule == FIELD_ZERO ? 0 : (int32_t)(v >> 32)};
    c.n_insns = 2;
    for (unsigned world = 0; world < 2; world++) {
        c.world = world;
        run_opts(s, c);
    }
}

static void imm64(struct sweep *s) {
    static const uint64_t others[] = {
        0,
        UINT64_C(0xffffffff),
        UINT64_C(0xffff0000ffff0000),
        UINT64_C(0x123456789abcdef0),
        UINT64_C(0xffffffff00000000),
        UINT64_C(0x0000ffff00000000),
        UINT64_C(0xffff00000000ffff),
        UINT64_C(0x5555555555555555),
        UINT64_C(0x200000000000),
        UINT64_C(0x20000fff0000),
        UINT64_C(0x200010010000),
        UINT64_C(0x20008fff0000),
        UINT64_C(0x200090010001),
        UINT64_C(0xfedcba9800000000),
    };
    /* ends of a part of a number whose other parts are not 0 */
    static const uint64_t rests[] = {UINT64_C(0x12345000), UINT64_C(0xedcbb000),
                                     UINT64_C(0x1234567800000000), UINT64_C(0xedcba98812345000)};
    static const uint64_t ends[] = {31, 32, 2047, 2048, 0x7fff, 0xffff, 0x7fffffff};
    for (uint8_t dst = 0; dst < REG_FP; dst++) {
        if (s->op != OP_LDDW) { /* the number of a map; and one without direct values */
            for (uint64_t k = 0; k < 2; k++)
                imm64_case(s, dst, k | k << 34);
            continue;
        }
        for (unsigned i = 0; i < 64 && (dst % 4 == 0 || i % 8 == 0); i++)
            for (unsigned d = 0; d < 3; d++) {
                imm64_case(s, dst, (UINT64_C(1) << i) + d - 1);
                imm64_case(s, dst, 0 - ((UINT64_C(1) << i) + d - 1));
            }
        for (unsigned i = 0; i < sizeof others / sizeof *others; i++)
            imm64_case(s, dst, others[i]);
        for (unsigned i = 0; i < 2 * sizeof ends / sizeof *ends; i++)
            for (unsigned high = 0; high < sizeof rests / sizeof *rests; high++)
                imm64_case(s, dst, rests[high] + (i & 1 ? ends[i / 2] : 0 - ends[i / 2] - 1));
    }
}

/* ---- calls and exits ---- */

static void run_calls(struct sweep *s, struct vcase c) {
    for (unsigned i = 0; i < 4; i++) {
        c.far = i & 1;
        c.trusted = i >> 1;
        run_opts(s, c);
    }
}

static void helpers(struct sweep *s) {
    for (uint32_t id = 0; id < CASE_HELPERS + 2 && s->ok; id++) {
        struct vcase c = with(s, 0, 0, 0, (int32_t)id);
        run_calls(s, c);
        c.fuel = true;
        if (id == HELPER_tail_call)
            run_calls(s, c);
    }
}

static void local_calls(struct sweep *s) {
    for (unsigned i = 0; i < 8; i++) {
        struct vcase c = with(s, 0, 1, 0, 0);
        c.callee_fp = i & 1;
        c.fuel = i >> 1 & 1;
        c.trusted = i >> 2 & 1;
        run_opts(s, c);
    }
}

/* Functions that write any of r6 to r9, and that call or not. */
static void exits(struct sweep *s) {
    for (unsigned set = 0; set < 32; set++) {
        struct vcase c = s->c;
        c.whole = true;
        for (unsigned r = 0; r < 4; r++)
            if (set >> r & 1)
                c.insns[c.n_insns++] = (struct insn){
                    .code = op_table[OP_MOV64_REG].code, .dst = (uint8_t)(6 + r), .src = 1};
        if (set & 16)
            c.insns[c.n_insns++] = (struct insn){.code = op_table[OP_CALL].code, .imm = 7};
        c.insns[c.n_insns++] = (struct insn){.code = s->row->code};
        run_calls(s, c);
        c.expose = true;
        run_calls(s, c);
    }
}

static void packets(struct sweep *s) {
    struct vnumbers list;
    vnumbers_edges(&list, 32);
    for (uint8_t src = 0; src < (s->row->from_reg ? N_REGS : 1); src++)
        for (unsigned i = 0; i < list.n && s->ok; i++) {
            struct vcase c = with(s, 0, src, 0, (int32_t)list.k[i]);
            if (src && i % 16)
                continue;
            c.insns[c.n_insns++] = (struct insn){.code = op_table[OP_EXIT].code};
            c.whole = true;
            run_calls(s, c);
        }
}

static void calls_by_number(struct sweep *s) {
    for (uint8_t reg = 0; reg < REG_FP; reg++) {
        run_calls(s, with(s, reg, 0, 0, 0));
        if (reg)
            run_calls(s, with(s, 0, 0, 0, reg));
    }
}

bool vcases_run(struct vunit *u, const struct jit_arch *target, enum op op) {
    struct sweep s = {.u = u, .row = &op_table[op], .op = op, .ok = true};
    s.c = (struct vcase){.target = target, .m = machine_of(target), .trusted = true};
    if (!s.c.m)
        return vunit_fail(u, NULL, SMT_ERROR, "there is no machine for this back end");
    switch ((enum op_class)s.row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST: alu(&s); break;
    case CLASS_JMP_COND: jump_cond(&s); break;
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET: jump_always(&s); break;
    case CLASS_JMP_TABLE: run_opts(&s, with(&s, 1, 0, 0, 0)); break;
    case CLASS_LDX:
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG:
    case CLASS_ATOMIC_LOAD:
    case CLASS_ATOMIC_STORE: memory(&s); break;
    case CLASS_IMM64: imm64(&s); break;
    case CLASS_PKT: packets(&s); break;
    case CLASS_CALL: helpers(&s); break;
    case CLASS_CALL_LOCAL: local_calls(&s); break;
    case CLASS_CALL_KFUNC: run_opts(&s, with(&s, 0, 2, 0, 77)); break;
    case CLASS_CALL_REG: calls_by_number(&s); break;
    case CLASS_EXIT: exits(&s); break;
    }
    if (s.ok && terms_failed(u->t))
        return vunit_fail(u, NULL, SMT_ERROR, "out of memory for terms");
    return s.ok;
}
