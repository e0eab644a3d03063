/* step_sound_test.c: random programs of numbers, executed twice: by steps on an abstract state, and
 * by the rows' own meaning on one of its members. After every instruction the member must lie in
 * the state: registers, spilled registers, bytes said to be zero, and the relations between linked
 * scalars. Conditional jumps, to the next instruction, follow the member's edge.
 */
#include "verifier/tests/step_bed.h"

enum {
    N_VALUES = 9, /* r0 to r8 hold numbers; r9 a pointer to the stack at an offset that varies */
    PTR = 9,
    FP_VALUE = 0x10000,
};

/* struct member: one concrete machine. */
struct member {
    uint64_t regs[N_REGS];
    uint8_t stack[FRAME_MAX_BYTES]; /* stack[i] is at FP_VALUE - FRAME_MAX_BYTES + i */
    bool big_endian;
};

static uint64_t seed;

static uint64_t next_random(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static uint32_t below(uint32_t n) {
    return (uint32_t)(next_random() >> 16) % n;
}

/* Numbers near what operations trip over. */
static uint64_t number(void) {
    static const uint64_t corners[] = {0,          1,           2,          7,
                                       0x7f,       0x80,        0xff,       0x7fff,
                                       0x8000,     0xffff,      0x7fffffff, 0x80000000,
                                       0xffffffff, 0x100000000, INT64_MAX,  (uint64_t)INT64_MIN,
                                       UINT64_MAX, (uint64_t)-2};
    switch (below(4)) {
    case 0: return corners[below(sizeof corners / sizeof *corners)];
    case 1: return next_random() >> below(64);
    case 2: return corners[below(sizeof corners / sizeof *corners)] + below(3) - 1;
    default: return next_random();
    }
}

/* A random abstract number, and one of its members. */
static struct scalar pick(uint64_t *x) {
    const uint64_t a = number(), b = number();
    switch (below(5)) {
    case 0: *x = a; return scalar_const(a);
    case 1: *x = a; return scalar_unknown();
    case 2: {
        const uint64_t lo = a < b ? a : b, width = (a < b ? b : a) - lo;
        *x = lo + (width == UINT64_MAX ? next_random() : next_random() % (width + 1));
        return scalar_from_urange(lo, lo + width);
    }
    case 3: {
        const int64_t lo = (int64_t)a < (int64_t)b ? (int64_t)a : (int64_t)b;
        *x = a;
        return scalar_from_srange(lo, (int64_t)a < (int64_t)b ? (int64_t)b : (int64_t)a);
    }
    default: *x = (a & ~b) | (next_random() & b); return scalar_from_tnum((struct tnum){a & ~b, b});
    }
}

/* ---- the concrete machine ---- */

static uint8_t *stack_at(struct member *m, uint64_t address, uint32_t n_bytes) {
    const uint64_t at = address - (FP_VALUE - FRAME_MAX_BYTES);
    if (at > FRAME_MAX_BYTES - n_bytes)
        abort(); /* a step accepted an access outside of the stack */
    return &m->stack[at];
}

static uint64_t get(const struct member *m, const uint8_t *p, uint32_t n) {
    uint64_t x = 0;
    for (uint32_t i = 0; i < n; i++)
        x = x << 8 | p[m->big_endian ? i : n - 1 - i];
    return x;
}

static void put(const struct member *m, uint8_t *p, uint32_t n, uint64_t x) {
    for (uint32_t i = 0; i < n; i++, x >>= 8)
        p[m->big_endian ? n - 1 - i : i] = (uint8_t)x;
}

static uint64_t sign_extend(uint64_t x, uint32_t n_bytes) {
    const unsigned shift = 64 - 8 * n_bytes;
    return (uint64_t)((int64_t)(x << shift) >> shift);
}

static void atomic(struct member *m, enum op op, struct insn in, uint8_t *p, uint32_t n) {
    const uint64_t old = get(m, p, n), mask = n == 8 ? UINT64_MAX : UINT32_MAX;
    const uint64_t src = m->regs[in.src];
    switch (op_table[op].cls) {
    case CLASS_ATOMIC_XCHG:
        put(m, p, n, src);
        m->regs[in.src] = old;
        break;
    case CLASS_ATOMIC_CMPXCHG:
        put(m, p, n, old == (m->regs[0] & mask) ? src : old);
        m->regs[0] = old;
        break;
    default:
        put(m, p, n, op_eval_atomic(op, old, src));
        if (in.imm & 1)
            m->regs[in.src] = old;
    }
}

/* out: is a conditional jump taken? */
static bool execute(struct member *m, enum op op, struct insn in) {
    const struct op_info *const row = &op_table[op];
    const uint32_t n = row->width_bits / 8u;
    uint64_t *const dst = &m->regs[in.dst];
    const uint64_t src = m->regs[in.src], off = (uint64_t)(int64_t)in.off;
    switch ((enum op_class)row->cls) {
    case CLASS_JMP_COND: return op_eval_jmp(op, in, *dst, src);
    case CLASS_LDX:
        *dst = get(m, stack_at(m, src + off, n), n);
        if (row->sign)
            *dst = sign_extend(*dst, n);
        break;
    case CLASS_ATOMIC_LOAD: *dst = get(m, stack_at(m, src + off, n), n); break;
    case CLASS_STX:
    case CLASS_ATOMIC_STORE: put(m, stack_at(m, *dst + off, n), n, src); break;
    case CLASS_ST: put(m, stack_at(m, *dst + off, n), n, (uint64_t)(int64_t)in.imm); break;
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG: atomic(m, op, in, stack_at(m, *dst + off, n), n); break;
    default: *dst = op_eval_alu(op, in, *dst, src, (struct sem_env){.big_endian = m->big_endian});
    }
    return false;
}

/* ---- containment ---- */

static bool holds(const struct reg *r, uint64_t x) {
    switch ((enum reg_kind)r->kind) {
    case REG_UNINIT: return true;
    case REG_SCALAR: return scalar_contains(r->v, x);
    case REG_STACK: return scalar_contains(r->v, x - FP_VALUE - (uint64_t)(int64_t)r->off);
    default: return false;
    }
}

static uint32_t spilled_bytes(const struct slot *slot) {
    uint32_t n = 0;
    while (n < SLOT_BYTES && slot->byte[n] == SLOT_SPILL)
        n++;
    return n;
}

static const uint8_t *slot_bytes(const struct member *m, uint32_t k) {
    return &m->stack[FRAME_MAX_BYTES - SLOT_BYTES * (k + 1)];
}

static bool slot_holds(const struct slot *slot, const struct member *m, uint32_t k) {
    const uint8_t *const p = slot_bytes(m, k);
    for (uint32_t i = 0; i < SLOT_BYTES; i++)
        if (slot->byte[i] == SLOT_ZERO && p[i] != 0)
            return false;
    return !slot_is_spill(slot) || holds(&slot->spilled, get(m, p, spilled_bytes(slot)));
}

/* All linked scalars, each as the number that its id stands for. */
static bool links_hold(const struct state *st, const struct member *m) {
    enum {
        MAX_IDS = 128
    };
    uint32_t ids[MAX_IDS], n = 0;
    uint64_t bases[MAX_IDS];
    struct reg_walk w = {.st = st};
    for (const struct reg *r; (r = reg_walk_next(&w)) != NULL;) {
        if (!reg_is_scalar(r) || r->id == 0)
            continue;
        const uint64_t x = w.reg >= 0 ? m->regs[w.reg]
                                      : get(m, slot_bytes(m, (uint32_t)w.slot),
                                            spilled_bytes(&st->frames[0]->slots[w.slot]));
        const uint64_t base = x - (uint64_t)(int64_t)(r->has_delta ? r->off : 0);
        uint32_t i = 0;
        while (i < n && ids[i] != r->id)
            i++;
        if (i == n && n < MAX_IDS) {
            ids[n] = r->id;
            bases[n++] = base;
        } else if (i < n && bases[i] != base) {
            return false;
        }
    }
    return true;
}

static bool contained(const struct state *st, const struct member *m) {
    const struct frame *const f = state_frame(st);
    for (uint32_t r = 0; r < N_REGS; r++)
        if (!holds(&f->regs[r], m->regs[r]))
            return false;
    for (uint32_t k = 0; k < f->n_slots; k++)
        if (!slot_holds(&f->slots[k], m, k))
            return false;
    return links_hold(st, m);
}

/* ---- random instructions ---- */

/* An instruction of this row with random operands that its rules allow. */
static struct insn fill_in(enum op op) {
    const struct op_info *const row = &op_table[op];
    struct insn in = {.code = row->code,
                      .dst = (uint8_t)below(N_VALUES),
                      .src = row->src_rule == FIELD_FIXED ? row->src_fixed : 0,
                      .off = row->off_rule == FIELD_FIXED ? row->off_fixed : 0,
                      .imm = row->imm_rule == FIELD_FIXED ? row->imm_fixed : 0};
    if (row->src_rule == FIELD_REG || row->src_rule == FIELD_WREG)
        in.src = (uint8_t)below(N_VALUES);
    if (row->imm_rule == FIELD_ANY)
        in.imm = (int32_t)(uint32_t)number();
    return in;
}

/* Makes it an aligned access of the stack, near its top, through r10 or what varies. */
static void aim(struct insn *in, enum op op) {
    const int32_t n = op_table[op].width_bits / 8;
    const bool load = op_table[op].cls == CLASS_LDX || op_table[op].cls == CLASS_ATOMIC_LOAD;
    const uint8_t base = below(4) ? REG_FP : PTR;
    if (load)
        in->src = base;
    else
        in->dst = base;
    in->off = (int16_t)(-n * (int32_t)(1 + below(88u / (uint32_t)n)));
    if (base == PTR) /* up to 56 above it is still below the frame pointer */
        in->off = (int16_t)(-64 - n * (int32_t)below(24u / (uint32_t)n));
}

static enum op random_row(void) {
    for (;;) {
        const enum op op = (enum op)below(N_OPS);
        switch ((enum op_class)op_table[op].cls) {
        case CLASS_ALU_BINARY:
        case CLASS_ALU_UNARY:
        case CLASS_ALU_SEXT:
        case CLASS_ALU_END:
        case CLASS_JMP_COND:
        case CLASS_LDX:
        case CLASS_STX:
        case CLASS_ST:
        case CLASS_ATOMIC_RMW:
        case CLASS_ATOMIC_XCHG:
        case CLASS_ATOMIC_CMPXCHG:
        case CLASS_ATOMIC_LOAD:
        case CLASS_ATOMIC_STORE: return op;
        default: break;
        }
    }
}

static struct insn random_insn(enum op *op) {
    *op = random_row();
    struct insn in = fill_in(*op);
    const enum op_class cls = (enum op_class)op_table[*op].cls;
    if (cls >= CLASS_LDX && cls != CLASS_JMP_COND)
        aim(&in, *op);
    else if (cls == CLASS_ALU_BINARY && below(4) == 0)
        in.imm = (int32_t)below(64);
    return in;
}

/* ---- the walk ---- */

static struct {
    uint64_t steps, refused, forks;
} seen;

static void print_breach(const struct bed *b, const struct member *m, struct insn in) {
    char text[ASM_LINE_MAX];
    asm_print(in, NULL, ASM_KERNEL, NULL, text);
    printf("not contained after: %s\n", text);
    for (uint32_t r = 0; r < N_REGS; r++) {
        const struct reg *const reg = &state_regs(&b->st)[r];
        printf("  r%u = %#" PRIx64 " %s\n", r, m->regs[r], holds(reg, m->regs[r]) ? "" : "  <--");
    }
}

/* Goes on in the successor that the member is in. */
static bool choose(struct bed *b, const struct member *m, bool is_jump, bool taken) {
    bool found = b->s.n_forks == 0 || !(is_jump && taken);
    if (is_jump && b->s.n_forks == 0)
        found = b->s.eff.decided == (taken ? 1 : -1);
    if (!is_jump && b->s.n_forks)
        found = contained(&b->st, m);
    while (b->s.n_forks) {
        struct state *const st = b->s.forks[--b->s.n_forks].st;
        seen.forks++;
        if (!found && (is_jump || contained(st, m)))
            found = state_copy(&b->st, st) == BPFLAB_OK;
        bed_release(NULL, st);
    }
    return found && contained(&b->st, m);
}

static void set_up(struct bed *b, struct member *m) {
    struct reg *const regs = state_regs(&b->st);
    for (uint32_t r = 0; r < N_VALUES; r++)
        regs[r] = reg_scalar(pick(&m->regs[r]));
    const uint64_t x = 8 * below(8);
    regs[PTR] = regs[REG_FP];
    regs[PTR].v = below(2) ? scalar_from_urange(0, 56) : scalar_const(x);
    if (!scalar_is_const(regs[PTR].v))
        regs[PTR].v = scalar_meet(regs[PTR].v, scalar_from_tnum((struct tnum){0, 0x38}));
    m->regs[REG_FP] = FP_VALUE;
    m->regs[PTR] = FP_VALUE + x;
    for (uint32_t i = 0; i < FRAME_MAX_BYTES; i++)
        m->stack[i] = (uint8_t)next_random();
}

static bool run_one(struct bed *b, struct state *before, struct member *m) {
    enum op op;
    const struct insn in = random_insn(&op);
    b->insns[0] = in;
    b->ops[0] = op;
    if (state_copy(before, &b->st))
        abort();
    if (!bed_run(b, 0)) {
        seen.refused++;
        return CHECK(state_copy(&b->st, before) == BPFLAB_OK);
    }
    const bool taken = execute(m, op, in);
    seen.steps++;
    if (CHECK(choose(b, m, op_table[op].cls == CLASS_JMP_COND, taken)))
        return true;
    print_breach(b, m, in);
    return false;
}

static void test_program(bool big_endian, uint32_t n_insns) {
    const struct bed_setup setup = {.type = PROG_xdp, .big_endian = big_endian};
    struct member m = {.big_endian = big_endian};
    struct state before = {0};
    struct bed b;
    if (!bed_open(&b, &setup, "r0 = 0\nexit"))
        abort();
    set_up(&b, &m);
    bool ok = CHECK(contained(&b.st, &m));
    for (uint32_t i = 0; ok && i < n_insns; i++)
        ok = run_one(&b, &before, &m);
    state_fini(&before);
    bed_close(&b);
}

int main(int argc, char **argv) {
    enum {
        N_PROGRAMS = 20000,
        N_INSNS = 40
    };
    const uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    for (uint32_t i = 0; i < N_PROGRAMS && check_state.failed < 5; i++) {
        seed = (first + i) * UINT64_C(0x9e3779b97f4a7c15);
        test_program(i & 1, N_INSNS);
    }
    printf("%" PRIu64 " steps contained, %" PRIu64 " refused, %" PRIu64 " forks\n", seen.steps,
           seen.refused, seen.forks);
    CHECK(seen.steps > 10 * seen.refused);
    CHECK(seen.forks > 0);
    return check_end();
}
