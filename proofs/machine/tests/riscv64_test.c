/* riscv64_test.c: the machine riscv64 on any host: instructions with results worked out by hand
 * from the manual, what memory and control see, and what must be an error. All operands are a1 and
 * a2, the result is a0, pc is 0x10000.
 */
#include "proofs/machine/validate.h"
#include "tests/check.h"

enum {
    A0 = 10,
    A1 = 11,
    A2 = 12,
    A3 = 13,
    RA = 1,
    SP = 2,
    PC = 0x10000
};

#define MIN64 INT64_MIN
#define MIN32 INT64_C(-0x80000000)

static struct mstate begin(struct terms *t) {
    struct mstate s;
    memset(&s, 0, sizeof s);
    s.t = t;
    for (unsigned r = 0; r < machine_riscv64.n_regs; r++)
        s.reg[r] = term_fresh(t, 64, "reg");
    s.sp0 = s.reg[SP];
    return s;
}

static void set(struct mstate *s, unsigned r, uint64_t v) {
    s->reg[r] = term_const(s->t, 64, v);
}

/* step: of a word, or of a halfword. */
static bool step(struct mstate *s, uint32_t w, struct mstep *out) {
    const uint8_t code[] = {(uint8_t)w, (uint8_t)(w >> 8), (uint8_t)(w >> 16), (uint8_t)(w >> 24)};
    return machine_riscv64.step(s, code, (w & 3) == 3 ? 4 : 2, 0, PC, out);
}

/* ---- results ---- */

static const struct {
    const char *text;
    uint32_t word;
    int64_t a, b, result;
} results[] = {
    {"add a0, a1, a2", 0x00c58533, -1, 3, 2},
    {"sub a0, a1, a2", 0x40c58533, 3, 5, -2},
    {"sll a0, a1, a2", 0x00c59533, 1, 65, 2},
    {"srl a0, a1, a2", 0x00c5d533, -1, 60, 15},
    {"srl a0, a1, a2", 0x00c5d533, -1, 64, -1},
    {"sra a0, a1, a2", 0x40c5d533, MIN64, 127, -1},
    {"subw a0, a1, a2", 0x40c5853b, MIN32, 1, 0x7fffffff},
    {"sllw a0, a1, a2", 0x00c5953b, 1, 63, MIN32},
    {"srlw a0, a1, a2", 0x00c5d53b, MIN32, 32, MIN32},
    {"srlw a0, a1, a2", 0x00c5d53b, -1, 4, 0x0fffffff},
    {"sraw a0, a1, a2", 0x40c5d53b, INT64_C(0x180000000), 31, -1},
    {"mul a0, a1, a2", 0x02c58533, INT64_C(0x100000001), INT64_C(0x100000001),
     INT64_C(0x200000001)},
    {"mulh a0, a1, a2", 0x02c59533, -1, -1, 0},
    {"mulh a0, a1, a2", 0x02c59533, MIN64, 2, -1},
    {"mulhu a0, a1, a2", 0x02c5b533, -1, -1, -2},
    {"div a0, a1, a2", 0x02c5c533, -7, 2, -3},
    {"div a0, a1, a2 by zero", 0x02c5c533, 7, 0, -1},
    {"div a0, a1, a2 by zero", 0x02c5c533, -7, 0, -1},
    {"div a0, a1, a2 overflow", 0x02c5c533, MIN64, -1, MIN64},
    {"divu a0, a1, a2 by zero", 0x02c5d533, 7, 0, -1},
    {"divu a0, a1, a2", 0x02c5d533, -1, 16, INT64_C(0x0fffffffffffffff)},
    {"rem a0, a1, a2", 0x02c5e533, -7, 2, -1},
    {"rem a0, a1, a2 by zero", 0x02c5e533, -7, 0, -7},
    {"rem a0, a1, a2 overflow", 0x02c5e533, MIN64, -1, 0},
    {"remu a0, a1, a2 by zero", 0x02c5f533, -7, 0, -7},
    {"divw a0, a1, a2 by zero", 0x02c5c53b, 5, INT64_C(0x100000000), -1},
    {"divw a0, a1, a2 overflow", 0x02c5c53b, 0x80000000, 0xffffffff, MIN32},
    {"divuw a0, a1, a2 by zero", 0x02c5d53b, 5, 0, -1},
    {"divuw a0, a1, a2", 0x02c5d53b, -2, 1, -2},
    {"remw a0, a1, a2 by zero", 0x02c5e53b, 0x80000005, 0, MIN32 + 5},
    {"remw a0, a1, a2 overflow", 0x02c5e53b, MIN32, -1, 0},
    {"remuw a0, a1, a2 by zero", 0x02c5f53b, 0xfffffff9, 0, -7},
    {"addi a0, a1, -1", 0xfff58513, 0, 0, -1},
    {"sltiu a0, a1, 1", 0x0015b513, 0, 0, 1},
    {"sltiu a0, a1, 1", 0x0015b513, 1, 0, 0},
    {"sltiu a0, a1, -1", 0xfff5b513, -2, 0, 1}, /* sign-extended, then unsigned */
    {"xori a0, a1, -1", 0xfff5c513, 5, 0, -6},
    {"ori a0, a1, -2048", 0x8005e513, 1, 0, -2047},
    {"andi a0, a1, 2047", 0x7ff5f513, -1, 0, 2047},
    {"addiw a0, a1, 1", 0x0015851b, 0x7fffffff, 0, MIN32},
    {"slli a0, a1, 63", 0x03f59513, 3, 0, MIN64},
    {"srli a0, a1, 32", 0x0205d513, -1, 0, 0xffffffff},
    {"srai a0, a1, 32", 0x4205d513, MIN64, 0, MIN32},
    {"srliw a0, a1, 4", 0x0045d51b, -1, 0, 0x0fffffff},
    {"sraiw a0, a1, 4", 0x4045d51b, 0x80000000, 0, INT64_C(-0x8000000)},
    {"lui a0, 0x80000", 0x80000537, 0, 0, MIN32},
    {"auipc a0, 0xfffff", 0xfffff517, 0, 0, PC - 4096},
    {"c.li a0, -32", 0x5501, 0, 0, -32},
    {"c.lui a0, 0xfffff", 0x757d, 0, 0, -4096},
    {"c.mv a0, a1", 0x852e, 9, 0, 9},
};

static void test_results(struct terms *t) {
    for (unsigned i = 0; i < sizeof results / sizeof results[0]; i++) {
        struct mstate s = begin(t);
        struct mstep out;
        set(&s, A1, (uint64_t)results[i].a);
        set(&s, A2, (uint64_t)results[i].b);
        check_note(results[i].text);
        if (!CHECK(step(&s, results[i].word, &out)) || !CHECK(term_is_const(s.reg[A0])))
            continue;
        CHECK_EQ(term_u64(s.reg[A0]), results[i].result);
        CHECK_EQ(out.flow, MFLOW_NEXT);
        CHECK_EQ(out.bytes, (results[i].word & 3) == 3 ? 4 : 2);
        CHECK_EQ(s.n_events, 0);
    }
    check_note(NULL);
}

/* test_zero: x0 reads as 0 and takes nothing. */
static void test_zero(struct terms *t) {
    struct mstate s = begin(t);
    struct mstep out;
    term *const before = s.reg[0];
    CHECK(step(&s, 0x00c58033, &out)); /* add zero, a1, a2 */
    CHECK(s.reg[0] == before);
    CHECK(step(&s, 0x00006513, &out)); /* ori a0, zero, 0 */
    CHECK(term_is_value(s.reg[A0], 0));
}

/* ---- memory ---- */

static void test_memory(struct terms *t) {
    struct mstate s = begin(t);
    struct mstep out;
    term *const base = s.reg[A1], *const value = s.reg[A2];
    CHECK(step(&s, 0xffc5a503, &out)); /* lw a0, -4(a1) */
    CHECK(step(&s, 0x00c59323, &out)); /* sh a2, 6(a1) */
    CHECK(step(&s, 0x0025d603, &out)); /* lhu a2, 2(a1) */
    CHECK_EQ(s.n_events, 3);
    const struct mevent *const e = s.events;
    CHECK(e[0].kind == MEV_LOAD && e[0].bytes == 4 && e[0].addr == term_add_k(t, base, -4));
    CHECK(s.reg[A0] == term_sext(t, 64, e[0].value));
    CHECK(e[1].kind == MEV_STORE && e[1].bytes == 2 && e[1].addr == term_add_k(t, base, 6));
    CHECK(e[1].value == term_low(t, 16, value));
    CHECK(e[2].kind == MEV_LOAD && e[2].bytes == 2 && s.reg[A2] == term_zext(t, 64, e[2].value));
    for (unsigned i = 0; i < 3; i++)
        CHECK(!e[i].acquire && !e[i].release && !e[i].when);

    s = begin(t);
    term *const a2 = s.reg[A2], *const sp = s.reg[SP];
    CHECK(step(&s, 0x1141, &out)); /* c.addi sp, -16 */
    CHECK(step(&s, 0xe432, &out)); /* c.sdsp a2, 8(sp) */
    CHECK(step(&s, 0x6522, &out)); /* c.ldsp a0, 8(sp) */
    CHECK(step(&s, 0x6141, &out)); /* c.addi16sp sp, 16 */
    CHECK(s.n_events == 0 && s.reg[A0] == a2 && s.reg[SP] == sp);
    CHECK(s.n_frame == 1 && s.frame[0].off == -8 && s.frame[0].value == a2);
    CHECK(!step(&s, 0xc432, &out)); /* c.swsp: half a word of the stack */
}

static void test_atomics(struct terms *t) {
    struct mstate s = begin(t);
    struct mstep out;
    term *const a1 = s.reg[A1], *const a2 = s.reg[A2];
    CHECK(step(&s, 0x06c5a52f, &out)); /* amoadd.w.aqrl a0, a2, (a1) */
    CHECK(step(&s, 0x0ac5b02f, &out)); /* amoswap.d.rl zero, a2, (a1) */
    CHECK(step(&s, 0x0230000f, &out)); /* fence r, rw */
    CHECK(step(&s, 0x0310000f, &out)); /* fence rw, w */
    CHECK(step(&s, 0x0330000f, &out)); /* fence rw, rw */
    CHECK_EQ(s.n_events, 5);
    const struct mevent *const e = s.events;
    CHECK(e[0].kind == MEV_ATOMIC && e[0].bytes == 4 && e[0].addr == a1 && !e[0].when);
    CHECK(e[0].acquire && e[0].release && s.reg[A0] == term_sext(t, 64, e[0].value));
    CHECK(e[0].stored == term_add(t, e[0].value, term_low(t, 32, a2)));
    CHECK(e[1].kind == MEV_ATOMIC && e[1].bytes == 8 && e[1].stored == a2);
    CHECK(!e[1].acquire && e[1].release);
    CHECK(e[2].kind == MEV_FENCE && e[2].acquire && !e[2].release);
    CHECK(e[3].kind == MEV_FENCE && !e[3].acquire && e[3].release);
    CHECK(e[4].kind == MEV_FENCE && e[4].acquire && e[4].release);
    CHECK(e[0].serialises && !e[1].serialises && !e[2].serialises && !e[3].serialises);
    CHECK(e[4].serialises);
}

/* test_reservation: what LR and SC make, and SC without its LR. */
static void test_reservation(struct terms *t) {
    struct mstate s = begin(t);
    struct mstep out;
    term *const a1 = s.reg[A1], *const a2 = s.reg[A2];
    CHECK(step(&s, 0x1605a52f, &out)); /* lr.w.aqrl a0, (a1) */
    CHECK(s.linked && s.linked_addr == a1 && s.linked_bytes == 4);
    CHECK(step(&s, 0x1ec5a6af, &out)); /* sc.w.aqrl a3, a2, (a1) */
    CHECK(!s.linked && s.n_events == 2);
    const struct mevent *const e = s.events;
    CHECK(e[0].kind == MEV_LOAD && e[0].acquire && e[0].bytes == 4 && e[0].addr == a1);
    CHECK(e[1].kind == MEV_ATOMIC && e[1].acquire && e[1].release && e[1].value == e[0].value);
    CHECK(e[0].serialises && e[1].serialises);
    CHECK(e[1].stored == term_low(t, 32, a2) && e[1].when && e[1].when->op == TERM_VAR);
    CHECK(s.reg[A3] == term_zext(t, 64, term_not(t, e[1].when)));
    CHECK(!step(&s, 0x1ec5a6af, &out) && s.error[0]); /* the reservation is gone */

    s = begin(t);
    CHECK(step(&s, 0x1005a52f, &out)); /* lr.w a0, (a1) */
    CHECK(step(&s, 0x1ec5a6af, &out)); /* sc.w.aqrl */
    CHECK(!s.events[1].acquire && !s.events[1].release && !s.events[1].serialises);

    s = begin(t);
    CHECK(step(&s, 0x1605a52f, &out));
    CHECK(!step(&s, 0x1ec5b6af, &out)); /* sc.d.aqrl a3, a2, (a1): another size */
    s = begin(t);
    CHECK(step(&s, 0x1605a52f, &out));
    CHECK(!step(&s, 0x1ec626af, &out)); /* sc.w.aqrl a3, a2, (a2): another address */
}

/* ---- control ---- */

static void test_control(struct terms *t) {
    struct mstate s = begin(t);
    struct mstep out;
    term *const a1 = s.reg[A1], *const a2 = s.reg[A2];
    CHECK(step(&s, 0x00c5e863, &out)); /* bltu a1, a2, .+16 */
    CHECK(out.flow == MFLOW_BRANCH && out.target == 16 && out.cond == term_ult(t, a1, a2));
    CHECK(step(&s, 0xfeb65ee3, &out)); /* bge a2, a1, .-4 */
    CHECK(out.flow == MFLOW_BRANCH && out.target == -4);
    CHECK(out.cond == term_not(t, term_slt(t, a2, a1)));
    CHECK(step(&s, 0xffdff06f, &out)); /* jal zero, .-4 */
    CHECK(out.flow == MFLOW_JUMP && out.target == -4 && !out.addr);
    CHECK(step(&s, 0x7ffff0ef, &out)); /* jal ra, .+1048574 */
    CHECK(out.flow == MFLOW_CALL && out.target == 0xffffe && !out.addr);
    CHECK(term_is_value(s.reg[RA], PC + 4));
    CHECK(step(&s, 0x9582, &out)); /* c.jalr a1 */
    CHECK(out.flow == MFLOW_CALL && out.addr == a1);
    CHECK(term_is_value(s.reg[RA], PC + 2));
    CHECK(step(&s, 0x8582, &out)); /* c.jr a1 */
    CHECK(out.flow == MFLOW_INDIRECT && out.addr);
    CHECK(step(&s, 0x8082, &out)); /* ret */
    CHECK(out.flow == MFLOW_RETURN && term_is_value(out.addr, PC + 2));
    set(&s, A1, PC + 1);
    CHECK(step(&s, 0x00058067, &out)); /* jalr zero, 0(a1): in the code, bit 0 ignored */
    CHECK(out.flow == MFLOW_JUMP && out.target == 0 && !out.addr);
}

/* test_loop: compare-and-exchange of 4 bytes at a1, a0 with a2: two ways out, and the retry none.
 * The same loop that counts in a2 stores who knows what; one that stores in between is no retry. */
static void test_loop(struct terms *t) {
    static struct mpath out[MPATHS];
    uint32_t code[] = {
        0x0005031b, /* sext.w t1, a0 */
        0x1605a3af, /* lr.w.aqrl t2, (a1) */
        0x00639863, /* bne t2, t1, .+16 */
        0x1ec5ae2f, /* sc.w.aqrl t3, a2, (a1) */
        0x00000013, /* nop */
        0xfe0e18e3, /* bne t3, zero, .-16 */
    };
    uint8_t bytes[sizeof code];
    char err[200];
    const struct mcode fragment = {bytes, sizeof bytes, 0, sizeof bytes, 0, 0, PC};
    const struct mstate s = begin(t);
    for (unsigned variant = 0; variant < 3; variant++) {
        code[4] = variant == 1   ? 0x00160613 /* addi a2, a2, 1 */
                  : variant == 2 ? 0x00c6a023 /* sw a2, 0(a3) */
                                 : 0x00000013;
        for (unsigned i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(code[i / 4] >> 8 * (i % 4));
        const unsigned n = mpath_all(&machine_riscv64, &s, &fragment, out, err);
        CHECK_EQ(n, variant == 2 ? 0 : 2);
        CHECK_EQ(err[0] != 0, variant == 2);
        if (variant == 1 && n == 2) /* what is stored is not a2 as it was */
            CHECK(out[1].end.events[1].stored != term_low(t, 32, s.reg[A2]));
        if (variant || n != 2)
            continue;
        const struct mstate *const other = &out[0].end, *const stored = &out[1].end;
        CHECK(out[0].flow == MFLOW_NEXT && out[1].flow == MFLOW_NEXT);
        CHECK(other->n_events == 1 && other->events[0].kind == MEV_LOAD);
        CHECK(stored->n_events == 2 && stored->events[1].kind == MEV_ATOMIC);
        CHECK(!stored->events[1].when && stored->events[1].stored == term_low(t, 32, s.reg[A2]));
        CHECK(stored->reg[A2] == s.reg[A2] && other->reg[A0] == s.reg[A0]);
        CHECK(term_is_true(
            mpath_under(&out[1], term_eq(t, stored->events[1].value, term_low(t, 32, s.reg[A0])))));
    }
}

/* ---- errors ---- */

static void test_errors(struct terms *t) {
    static const struct {
        uint32_t word;
        const char *what, *error;
    } bad[] = {
        {0x0000, "defined illegal", "riscv64: 0x0000 at byte 0 is no instruction that we know"},
        {0x00000073, "ecall", "riscv64: 0x00000073 at byte 0 is no instruction that we know"},
        {0x00c5853b, "addw", "riscv64: 0x00c5853b at byte 0 is no instruction that we know"},
        {0x9002, "c.ebreak", "riscv64: 0x9002 at byte 0 is no instruction that we know"},
        {0x0ff0000f, "fence iorw, iorw", "riscv64: fence 15, 15"},
        {0x0220000f, "fence r, r", "riscv64: fence 2, 2"},
        {0x0120000f, "fence w, r", "riscv64: fence 1, 2"},
        {0x000582e7, "jalr t0, 0(a1)", "riscv64: link register x5"},
        {0x000002ef, "jal t0, .", "riscv64: link register x5"},
        {0x1ec5a6af, "sc.w without lr", "riscv64: sc without the lr of its address"},
    };
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct mstate s = begin(t);
        struct mstep out;
        check_note(bad[i].what);
        CHECK(!step(&s, bad[i].word, &out));
        CHECK_STR(s.error, bad[i].error);
    }
    check_note(NULL);
}

int main(void) {
    struct terms *const t = terms_new();
    if (!t)
        return check_skip("no memory");
    test_results(t);
    test_zero(t);
    test_memory(t);
    test_atomics(t);
    test_reservation(t);
    test_control(t);
    test_loop(t);
    test_errors(t);
    CHECK(!terms_failed(t));
    terms_free(t);
    return check_end();
}
