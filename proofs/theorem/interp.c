/* interp.c: the interpreter's bodies, as they ship, do what the rows of isa/ say.
 *
 * Both ways of dispatching (run_tail.c: single cells in both byte orders, and fused pairs;
 * run_switch.c) are executed from a body's entry until it goes on to the next cell: there control
 * comes to next_cell or to a cell that traps, which note what they were given. A state of a run is
 * arbitrary: all registers, immediates, limit and fuel. Register numbers are not: each body is
 * proved for the first and the last register, for distinct ones and for one that is both operands;
 * nor are distances of jumps, which are whole cells, forward and backward.
 *
 * interp_stop stands for its contract: the run ends, nothing else of the state changes.
 */
#include "proofs/theorem/harness.h"

/* & where && would be another branch of the theorem */
#pragma clang diagnostic ignored "-Wbitwise-instead-of-logical"

#include "interp/code.h"

/* Tables of bodies are not wanted: without them, clang leaves out what no theorem names. */
static void unused_link(struct interp_code *c);
#define interp_link unused_link
#include "interp/run_tail.c"
#undef interp_link

#undef OP
#undef OP_BACK
#undef NEXT
#undef GOTO
#undef HALT
#undef SLOW_ACCESS
#undef BIG
#undef SWAP

#include "interp/run_switch.c"

#if !INTERP_TAIL_CALLS
#error "the fast form of the interpreter is to be proved: compile for a machine that has it"
#endif

/* ---- what a body is given ---- */

enum {
    CELLS = 8,
    AT = 3, /* the cell that is executed */
};

static struct cell cells[CELLS];
static struct frame frames[3];
static struct istate given, now; /* before and after */
static uint8_t memory[1];
static struct world some_world;
static const struct interp_code some_code;
static const struct interp_job some_job;
static uint64_t limit_given;

/* where it went on, where it stopped */
static struct {
    unsigned times;
    const struct cell *pc;
    struct istate *st;
    uint8_t *mem;
    uint64_t limit, fuel;
    struct frame *frame;
} passed;
static struct {
    unsigned times;
    struct istate *st;
    const struct cell *pc;
    enum run_kind kind;
    uint64_t addr;
} stopped;

__attribute__((preserve_none, noinline)) static void next_cell(CELL_PARAMS) {
    passed.times++;
    passed.pc = pc;
    passed.st = st;
    passed.mem = mem;
    passed.limit = limit;
    passed.fuel = fuel;
    passed.frame = frame;
}

__attribute__((noinline)) void interp_stop(struct istate *state, const struct cell *pc,
                                           enum run_kind kind, uint64_t addr) {
    stopped.times++;
    stopped.st = state;
    stopped.pc = pc;
    stopped.kind = kind;
    stopped.addr = addr;
}

static void any_state(void) {
    uint64_t *const r = given.regs;
    r[0] = proof_any(64, "r0"), r[1] = proof_any(64, "r1"), r[2] = proof_any(64, "r2");
    r[3] = proof_any(64, "r3"), r[4] = proof_any(64, "r4"), r[5] = proof_any(64, "r5");
    r[6] = proof_any(64, "r6"), r[7] = proof_any(64, "r7"), r[8] = proof_any(64, "r8");
    r[9] = proof_any(64, "r9"), r[10] = proof_any(64, "r10");
    given.w = &some_world;
    given.code = &some_code;
    given.job = &some_job;
    given.frames = &frames[0];
    given.frame = &frames[1];
    given.first = &frames[0];
    given.last = &frames[2];
    given.stride = (uint32_t)proof_any(32, "stride");
    given.fuel = proof_any(64, "fuel");
    given.budget = proof_any(64, "budget");
    given.arena_base = proof_any(64, "arena");
    given.n_insns = proof_any(64, "n_insns");
    given.traced = false;
    given.big_endian = false;
    given.swapped = false;
    given.end.kind = (enum run_kind)proof_any(32, "end.kind");
    given.end.pc = (uint32_t)proof_any(32, "end.pc");
    given.end.r0 = proof_any(64, "end.r0");
    given.end.addr = proof_any(64, "end.addr");
    some_world.mem = memory;
    some_world.cfg.frame_bytes = (uint32_t)proof_any(32, "frame_bytes");
    limit_given = proof_any(64, "limit");
    const int64_t first = (int64_t)proof_any(64, "imm"), second = (int64_t)proof_any(64, "imm2");
    for (unsigned i = 0; i < CELLS; i++) {
        cells[i].run = next_cell;
        cells[i].imm = i == AT ? first : second;
        cells[i].x = RUN_TRAP_INSN;
        cells[i].op = OP_CELL_TRAP;
        cells[i].dst = 0;
        cells[i].src = 0;
    }
}

/* struct use: registers of an instruction. */
struct use {
    uint8_t dst, src;
};

enum {
    USES = 4
};
static const struct use uses_of[USES] = {{0, 10}, {10, 0}, {3, 3}, {6, 7}};

static void put(unsigned at, unsigned op, struct use u) {
    cells[at].op = (uint16_t)op;
    cells[at].dst = (uint8_t)(8 * u.dst);
    cells[at].src = (uint8_t)(8 * u.src);
}

/* begin: the state before, with words in the registers that the instruction uses. */
static void begin(void) {
    now = given;
    passed.times = 0;
    passed.pc = NULL;
    passed.st = NULL;
    passed.mem = NULL;
    passed.limit = 0;
    passed.fuel = 0;
    passed.frame = NULL;
    stopped.times = 0;
    stopped.st = NULL;
    stopped.pc = NULL;
    stopped.kind = RUN_EXIT;
    stopped.addr = 0;
}

/* ---- what must be ---- */

#define SAME(field) (a->field == b->field)
_Static_assert(sizeof(struct istate) == 11 * 8 + 7 * 8 + 8 + 5 * 8 + sizeof(struct run_end),
               "what is compared is all of it");

/* same: all that a state has, byte orders and traced included. */
static bool same(const struct istate *a, const struct istate *b) {
    bool r = true;
    for (unsigned i = 0; i < N_REGS; i++)
        r &= SAME(regs[i]);
    return r & SAME(w) & SAME(code) & SAME(job) & SAME(frames) & SAME(frame) & SAME(first) &
           SAME(last) & SAME(stride) & SAME(fuel) & SAME(budget) & SAME(arena_base) &
           SAME(n_insns) & SAME(traced) & SAME(big_endian) & SAME(swapped) & SAME(end.kind) &
           SAME(end.pc) & SAME(end.r0) & SAME(end.addr);
}

/* went: on to this cell, with so much fuel, all else as it came. */
static bool went(const struct cell *to, uint64_t fuel) {
    return (passed.times == 1) & (stopped.times == 0) & (passed.pc == to) & (passed.st == &now) &
           (passed.mem == memory) & (passed.limit == limit_given) & (passed.fuel == fuel) &
           (passed.frame == given.frame);
}

/* ended: at this cell, which is not gone on from. */
static bool ended(const struct cell *at, enum run_kind kind, uint64_t addr) {
    return (passed.times == 0) & (stopped.times == 1) & (stopped.st == &now) & (stopped.pc == at) &
           (stopped.kind == kind) & (stopped.addr == addr);
}

static bool takes_imm(unsigned op) {
    switch (op) {
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    case OP_##op##32_IMM:                                                                          \
    case OP_##op##64_IMM:
#include "isa/alu.def"
#define JMP_COND(op, name, sym, code, expr)                                                        \
    case OP_##op##32_IMM:                                                                          \
    case OP_##op##64_IMM:
#include "isa/jmp.def"
        return true;
    default: return false;
    }
}

static bool is_alu(unsigned op) {
    switch (op) {
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    case OP_##op##32_IMM:                                                                          \
    case OP_##op##64_IMM:                                                                          \
    case OP_##op##32_REG:                                                                          \
    case OP_##op##64_REG:
#define ALU_UNARY(op, name, sym, code, group, expr)                                                \
    case OP_##op##32:                                                                              \
    case OP_##op##64:
#define ALU_SEXT(op, width, bits, name, expr)           case OP_##op##_##width:
#define ALU_END(op, name, sym, code, bits, group, expr) case OP_##op:
#define ALU_CAST(op, name, imm, dst_as, src_as, expr)   case OP_##op:
#include "isa/alu.def"
        return true;
    default: return false;
    }
}

static uint64_t source(const struct istate *s, const struct cell *c) {
    return takes_imm(c->op) ? (uint64_t)c->imm : s->regs[c->src / 8];
}

/* execute: what the specification makes of a state. */
static void execute(struct istate *s, const struct cell *c, bool big) {
    uint64_t *const dst = &s->regs[c->dst / 8];
    *dst = proof_spec_alu(c->op, *dst, source(s, c), big, s->arena_base);
}

static bool taken(const struct istate *s, const struct cell *c) {
    return proof_spec_jump(c->op, s->regs[c->dst / 8], source(s, c));
}

/* ---- straight instructions ---- */

typedef bool step_fn(STEP_PARAMS);
#define HOST_BIG (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

static void run_cell(cell_fn *body) {
    begin();
    body(&cells[AT], &now, memory, limit_given, given.fuel, given.frame);
}

/* by_step: the step alone, in a world of this order. */
static bool by_step(step_fn *step, bool big) {
    struct istate want = given;
    execute(&want, &cells[AT], big);
    begin();
    const bool done = step(&cells[AT], &now, memory, limit_given, big, big != (bool)HOST_BIG);
    return done & same(&now, &want) & (passed.times == 0) & (stopped.times == 0);
}

static bool by_tail(cell_fn *body, bool big) {
    struct istate want = given;
    execute(&want, &cells[AT], big);
    run_cell(body);
    return same(&now, &want) & went(&cells[AT + 1], given.fuel);
}

static bool by_switch(bool big) {
    given.big_endian = big;
    given.swapped = big != (bool)HOST_BIG;
    struct istate want = given;
    execute(&want, &cells[AT], big);
    begin();
    interp_loop_switch(&now, &cells[AT]);
    return same(&now, &want) & ended(&cells[AT + 1], RUN_TRAP_INSN, (uint64_t)cells[AT + 1].imm);
}

/* with_source: the second operand is this word, or this immediate. */
static void with_source(unsigned op, struct use u, uint64_t word) {
    put(AT, op, u);
    cells[AT].imm = (int64_t)word;
    if (!takes_imm(op))
        given.regs[u.src] = word;
}

struct bodies {
    step_fn *step;
    cell_fn *same, *other;
};

static void straight(unsigned op, struct bodies b, uint64_t word) {
    bool steps = true, tails = true, others = true, switched = true;
    for (unsigned i = 0; i < USES; i++) {
        const struct istate before = given;
        with_source(op, uses_of[i], word);
        steps &= by_step(b.step, false) & by_step(b.step, true);
        tails &= by_tail(b.same, HOST_BIG);
        others &= by_tail(b.other, !HOST_BIG);
        switched &= by_switch(false) & by_switch(true);
        given = before;
    }
    check("step", steps);
    check("tail call", tails);
    check("tail call, other byte order", others);
    check("switch", switched);
}

/* by_cases: a divisor of -1 on its own, for which the bodies have code of its own. */
static void by_cases(unsigned op, struct bodies b, uint64_t word, unsigned width) {
    const uint64_t ones = UINT64_MAX >> (64 - width);
    straight(op, b, word | ones);
    assume((word & ones) != ones);
    straight(op, b, word);
}

/* how: ALL at once, or DIVISORS of one width by cases */
#define ALL(op, b, word)         straight(op, b, word)
#define DIVISORS_64(op, b, word) by_cases(op, b, word, 64)
#define DIVISORS_32(op, b, word) by_cases(op, b, word, 32)
#define STRAIGHT_ROW(op, how)                                                                      \
    __attribute__((noinline)) static bool step_##op(STEP_PARAMS) {                                 \
        return do_##op(pc, st, mem, limit, big, swap);                                             \
    }                                                                                              \
    THEOREM(interp, op) {                                                                          \
        any_state();                                                                               \
        how(OP_##op, ((struct bodies){step_##op, same_##op, other_##op}), proof_any(64, "s"));     \
    }
/* clang-format off */
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    STRAIGHT_ROW(op##32_IMM, HOW_##group(off, 32)) STRAIGHT_ROW(op##32_REG, HOW_##group(off, 32))  \
    STRAIGHT_ROW(op##64_IMM, HOW_##group(off, 64)) STRAIGHT_ROW(op##64_REG, HOW_##group(off, 64))
#define HOW_BASE(off, width) ALL
#define HOW_DIVMUL(off, width) HOW_DIVMUL_##off(width)
#define HOW_DIVMUL_0(width) ALL
#define HOW_DIVMUL_1(width) DIVISORS_##width /* off is 1: the signed ones */
#define ALU_UNARY(op, name, sym, code, group, expr) STRAIGHT_ROW(op##32, ALL) STRAIGHT_ROW(op##64, ALL)
#define ALU_SEXT(op, width, bits, name, expr) STRAIGHT_ROW(op##_##width, ALL)
#define ALU_END(op, name, sym, code, bits, group, expr) STRAIGHT_ROW(op, ALL)
#define ALU_CAST(op, name, imm, dst_as, src_as, expr) STRAIGHT_ROW(op, ALL)
#include "isa/alu.def"
/* clang-format on */

/* ---- jumps ---- */

typedef bool test_fn(const struct cell *pc, const struct istate *state);

enum {
    DISTANCES = 6,
    FAR_BACK = -3,
    FAR_AHEAD = 4,
};
/* in cells, from the jump itself */
static const int distances[DISTANCES] = {FAR_BACK, FAR_AHEAD, -1, 0, 1, 2};

static void aim(unsigned at, int distance) {
    cells[at].x = distance * (int)sizeof(struct cell);
}

/* lands: a jump at a cell that came to its end: where it is taken and where not; one that pays and
 * cannot stops there. */
static bool lands(unsigned at, int distance, bool jumps, bool pays) {
    struct istate want = given;
    if (!jumps)
        return same(&now, &want) & went(&cells[at + 1], given.fuel);
    const struct cell *const target = &cells[(int)at + distance];
    if (!pays)
        return same(&now, &want) & went(target, given.fuel);
    if (given.fuel != 0)
        return same(&now, &want) & went(target, given.fuel - 1);
    want.fuel = 0; /* written back where the run ends */
    return same(&now, &want) & ended(&cells[at], RUN_TRAP_FUEL, 0);
}

/* trapped: the loop went on to a cell that traps. */
static bool trapped(const struct cell *at, uint64_t fuel) {
    struct istate want = given;
    want.fuel = fuel;
    return same(&now, &want) & ended(at, RUN_TRAP_INSN, (uint64_t)at->imm);
}

/* lands_switch: the same of the loop. */
static bool lands_switch(int distance, bool jumps, bool pays) {
    struct istate want = given;
    if (!jumps)
        return trapped(&cells[AT + 1], given.fuel);
    if (!pays)
        return trapped(&cells[AT + distance], given.fuel);
    if (given.fuel != 0)
        return trapped(&cells[AT + distance], given.fuel - 1);
    want.fuel = 0;
    return same(&now, &want) & ended(&cells[AT], RUN_TRAP_FUEL, 0);
}

struct jump_bodies {
    cell_fn *ahead, *back, *other_ahead, *other_back;
};

struct jump_results {
    bool ahead, back, switched;
};

/* jump_to: from this cell, all bodies. */
static void jump_to(unsigned op, int distance, bool jumps, const struct jump_bodies *b,
                    struct jump_results *r) {
    aim(AT, distance);
    run_cell(b->ahead);
    r->ahead &= lands(AT, distance, jumps, false);
    run_cell(b->other_ahead);
    r->ahead &= lands(AT, distance, jumps, false);
    run_cell(b->back);
    r->back &= lands(AT, distance, jumps, true);
    run_cell(b->other_back);
    r->back &= lands(AT, distance, jumps, true);
    if (distance != FAR_BACK && distance != FAR_AHEAD)
        return;
    begin();
    interp_loop_switch(&now, &cells[AT]);
    r->switched &= lands_switch(distance, jumps, false);
    cells[AT].op = (uint16_t)CELL_BACK_OF(op);
    begin();
    interp_loop_switch(&now, &cells[AT]);
    r->switched &= lands_switch(distance, jumps, true);
    cells[AT].op = (uint16_t)op;
}

static void check_jump(const struct jump_results *r) {
    check("forward", r->ahead);
    check("backward", r->back);
    check("switch", r->switched);
}

static void conditional(unsigned op, test_fn *test, struct jump_bodies b) {
    struct jump_results r = {true, true, true};
    bool tests = true;
    any_state();
    for (unsigned i = 0; i < USES; i++) {
        put(AT, op, uses_of[i]);
        const bool jumps = taken(&given, &cells[AT]);
        begin();
        tests &= (test(&cells[AT], &now) == jumps) & same(&now, &given) & (passed.times == 0) &
                 (stopped.times == 0);
        for (unsigned k = 0; k < (i == 0 ? DISTANCES : 2); k++)
            jump_to(op, distances[k], jumps, &b, &r);
    }
    check("test", tests);
    check_jump(&r);
}

#define BODIES(op)                                                                                 \
    (struct jump_bodies) {                                                                         \
        same_##op, same_back_##op, other_##op, other_back_##op                                     \
    }
#define JUMP_ROW(op)                                                                               \
    __attribute__((noinline)) static bool check_##op(const struct cell *pc,                        \
                                                     const struct istate *state) {                 \
        return test_##op(pc, state);                                                               \
    }                                                                                              \
    THEOREM(interp, op) {                                                                          \
        conditional(OP_##op, check_##op, BODIES(op));                                              \
    }
/* clang-format off */
#define JMP_COND(op, name, sym, code, expr)                                                        \
    JUMP_ROW(op##64_IMM) JUMP_ROW(op##64_REG) JUMP_ROW(op##32_IMM) JUMP_ROW(op##32_REG)
#include "isa/jmp.def"
/* clang-format on */

#define JMP_ALWAYS(op, name, code, reach)                                                          \
    THEOREM(interp, op) {                                                                          \
        struct jump_results r = {true, true, true};                                                \
        const struct jump_bodies b = BODIES(op);                                                   \
        any_state();                                                                               \
        put(AT, OP_##op, uses_of[0]);                                                              \
        for (unsigned k = 0; k < DISTANCES; k++)                                                   \
            jump_to(OP_##op, distances[k], true, &b, &r);                                          \
        check_jump(&r);                                                                            \
    }
#include "isa/jmp.def"

/* may_goto: falls through as long as the frame has a budget, of which it takes one. */
static bool budgeted(cell_fn *body, bool pays) {
    bool r = true;
    const uint64_t budget = proof_any(64, "frame.budget");
    for (unsigned k = 0; k < DISTANCES; k++) {
        aim(AT, distances[k]);
        frames[1].budget = budget;
        run_cell(body);
        r &= lands(AT, distances[k], budget == 0, pays) &
             (frames[1].budget == (budget == 0 ? 0 : budget - 1));
    }
    return r;
}

#define JMP_BUDGET(op, name, code)                                                                 \
    THEOREM(interp, op) {                                                                          \
        any_state();                                                                               \
        put(AT, OP_##op, uses_of[0]);                                                              \
        check("forward", budgeted(same_##op, false) & budgeted(other_##op, false));                \
        check("backward", budgeted(same_back_##op, true) & budgeted(other_back_##op, true));       \
    }
#include "isa/jmp.def"

/* ---- fused pairs: of instructions that do not access memory ----
 * At -O0 alone, for time: what they are made of is proved at -O2 above. */

enum {
    PAIR_USES = 2
};
/* what the first has made is the second's source; one register is all */
static const struct use pair_uses[PAIR_USES][2] = {{{1, 2}, {3, 1}}, {{10, 10}, {10, 10}}};

static bool pair(cell_fn *body, unsigned first, unsigned second) {
    bool r = true;
    for (unsigned i = 0; i < PAIR_USES; i++) {
        put(AT, first, pair_uses[i][0]);
        put(AT + 1, second, pair_uses[i][1]);
        struct istate want = given;
        execute(&want, &cells[AT], HOST_BIG);
        execute(&want, &cells[AT + 1], HOST_BIG);
        run_cell(body);
        r &= same(&now, &want) & went(&cells[AT + 2], given.fuel);
    }
    return r;
}

/* after_first: given, and what lands() compares with, is what the first has made of it. */
static bool pair_jump(cell_fn *body, unsigned first, unsigned second, bool pays) {
    const struct istate before = given;
    bool r = true;
    for (unsigned i = 0; i < PAIR_USES; i++) {
        put(AT, first, pair_uses[i][0]);
        put(AT + 1, second, pair_uses[i][1]);
        aim(AT + 1, pays ? -2 : 3);
        run_cell(body);
        execute(&given, &cells[AT], HOST_BIG);
        r &= lands(AT + 1, pays ? -2 : 3, taken(&given, &cells[AT + 1]), pays);
        given = before;
    }
    return r;
}

/* pair_ja: an instruction, then JA. */
static bool pair_ja(cell_fn *body, unsigned first, bool pays) {
    const struct istate before = given;
    put(AT, first, pair_uses[0][0]);
    put(AT + 1, OP_JA, pair_uses[0][1]);
    aim(AT + 1, pays ? -2 : 3);
    run_cell(body);
    execute(&given, &cells[AT], HOST_BIG);
    const bool r = lands(AT + 1, pays ? -2 : 3, true, pays);
    given = before;
    return r;
}

/* jump_ja: a jump, and JA where it is not taken. */
static bool jump_ja(cell_fn *body, unsigned first, bool pays) {
    bool r = true;
    for (unsigned i = 0; i < USES; i++) {
        put(AT, first, uses_of[i]);
        put(AT + 1, OP_JA, uses_of[0]);
        aim(AT, 4);
        aim(AT + 1, pays ? -3 : 2);
        run_cell(body);
        if (taken(&given, &cells[AT]))
            r &= lands(AT, 4, true, false);
        else
            r &= lands(AT + 1, pays ? -3 : 2, true, pays);
    }
    return r;
}

#define CHECK_PAIR(a, b)                                                                           \
    if (is_alu(OP_##b))                                                                            \
        check(#b, pair(same_##a##__##b, OP_##a, OP_##b));
#define CHECK_PAIR_JUMP(a, b)                                                                      \
    check(#b, pair_jump(same_##a##__##b, OP_##a, OP_##b, false) &                                  \
                  pair_jump(same_##a##__back_##b, OP_##a, OP_##b, true));
#define PAIRS_OF(a)                                                                                \
    THEOREM(interp, pair_##a) {                                                                    \
        hint("source-only");                                                                       \
        any_state();                                                                               \
        SECONDS(CHECK_PAIR, a)                                                                     \
        SECOND_JUMPS(CHECK_PAIR_JUMP, a)                                                           \
        check("JA", pair_ja(same_##a##__JA, OP_##a, false) &                                       \
                        pair_ja(same_##a##__back_JA, OP_##a, true));                               \
    }
#define JUMP_JA(a)                                                                                 \
    THEOREM(interp, pair_##a) {                                                                    \
        any_state();                                                                               \
        check("JA", jump_ja(same_##a##__JA, OP_##a, false));                                       \
        check("JA backward", jump_ja(same_##a##__back_JA, OP_##a, true));                          \
    }
JUMPS_BEFORE_JA(JUMP_JA)

/* those of FIRSTS that do not access memory */
/* clang-format off */
#define ALU_FIRSTS(X)                                                                              \
    X(MOV64_REG) X(MOV64_IMM) X(MOV32_REG) X(MOV32_IMM) X(ADD64_REG) X(ADD64_IMM) X(ADD32_REG)     \
    X(ADD32_IMM) X(LSH64_IMM) X(RSH64_IMM) X(LSH32_IMM) X(RSH32_IMM) X(AND64_IMM) X(AND32_IMM)     \
    X(XOR64_REG) X(XOR32_REG) X(OR64_REG) X(MUL64_REG) X(MUL64_IMM) X(MUL32_IMM) X(MUL32_REG)      \
    X(SUB64_REG)
/* clang-format on */
#define COUNT(a) +1
_Static_assert(0 ALU_FIRSTS(COUNT) + 7 == 0 FIRSTS(COUNT), "and seven loads and stores");
ALU_FIRSTS(PAIRS_OF)

#include "proofs/theorem/interp_wrong.c"
