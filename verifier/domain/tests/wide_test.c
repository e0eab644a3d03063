/* wide_test.c: every row at 64 bits, immediate and register forms, against op_eval_alu and
 * op_eval_jmp: random scalars built around a value they must contain, tried on that value, on the
 * scalars' ends and on values beside corners.
 *
 *   wide_test [ROUNDS [SEED]]
 */
#include <stdlib.h>

#include "tests/check.h"
#include "verifier/domain/alu.h"

static uint64_t seed = 1;

static uint64_t below(uint64_t n) {
    return check_random(&seed) % n;
}

/* corner: where carries, signs and halves change, and any word now and then. */
static uint64_t corner(void) {
    static const uint64_t at[] = {0,
                                  1,
                                  0x7f,
                                  0x80,
                                  0xff,
                                  0x7fff,
                                  0x8000,
                                  0xffff,
                                  0x7fffffff,
                                  0x80000000,
                                  0xffffffff,
                                  0x100000000,
                                  UINT64_C(0x7fffffffffffffff),
                                  UINT64_C(0x8000000000000000),
                                  UINT64_C(0xffffffff00000000),
                                  UINT64_C(0xffffffff80000000),
                                  UINT64_MAX};
    const uint64_t x = check_random(&seed);
    switch (below(6)) {
    case 0: return x;
    case 1: return x >> below(64);
    case 2: return UINT64_C(1) << below(64);
    case 3: return below(70);
    default: return at[below(sizeof at / sizeof at[0])] + below(5) - 2;
    }
}

/* around: a scalar that contains x: unknown, cut by random bits and ranges that x satisfies. */
static struct scalar around(uint64_t x) {
    struct scalar a = scalar_unknown();
    const uint64_t which = below(64);
    if (which == 0)
        return scalar_const(x);
    if (which & 1) {
        const uint64_t r = check_random(&seed), mask = below(2) ? r : r & check_random(&seed);
        a.bits = (struct tnum){.value = x & ~mask, .mask = mask};
    }
    const uint64_t p = below(2) ? corner() : x - below(300),
                   q = below(2) ? corner() : x + below(300);
    if (which & 2)
        a.u = (struct urange){p <= x ? p : 0, q >= x ? q : UINT64_MAX};
    if (which & 4)
        a.s = (struct srange){(int64_t)p <= (int64_t)x ? (int64_t)p : INT64_MIN,
                              (int64_t)q >= (int64_t)x ? (int64_t)q : INT64_MAX};
    const uint32_t h = (uint32_t)x, ph = (uint32_t)p, qh = (uint32_t)q;
    if (which & 8)
        a.u32 = (struct urange32){ph <= h ? ph : 0, qh >= h ? qh : UINT32_MAX};
    if (which & 16)
        a.s32 = (struct srange32){(int32_t)ph <= (int32_t)h ? (int32_t)ph : INT32_MIN,
                                  (int32_t)qh >= (int32_t)h ? (int32_t)qh : INT32_MAX};
    const struct scalar r = scalar_reduce(a);
    CHECK(scalar_contains(r, x));
    CHECK(scalar_well_formed(r));
    return r;
}

enum {
    N_MEMBERS = 8
};

/* members: x, and what of the ends and of random words the scalar contains. */
static unsigned members(struct scalar a, uint64_t x, uint64_t out[N_MEMBERS]) {
    const uint64_t tries[] = {a.u.min,
                              a.u.max,
                              (uint64_t)a.s.min,
                              (uint64_t)a.s.max,
                              (x & ~(uint64_t)UINT32_MAX) | a.u32.min,
                              (x & ~(uint64_t)UINT32_MAX) | a.u32.max,
                              tnum_next(a.bits, corner()),
                              x + 1,
                              x - 1,
                              (a.bits.mask & check_random(&seed)) | a.bits.value};
    unsigned n = 0;
    out[n++] = x;
    for (size_t i = 0; i < sizeof tries / sizeof tries[0] && n < N_MEMBERS; i++)
        if (scalar_contains(a, tries[i]))
            out[n++] = tries[i];
    return n;
}

/* One trial of a row: two scalars (the second is the immediate's for immediate forms). */
struct trial {
    struct insn in;
    struct scalar a, b;
    uint64_t x[N_MEMBERS], y[N_MEMBERS];
    unsigned n_x, n_y;
};

static struct trial new_trial(const struct op_info *row) {
    struct trial t = {.in = {.code = row->code, .off = row->off_fixed, .imm = row->imm_fixed}};
    const uint64_t x = corner();
    const uint64_t y = below(8) ? corner() : x + below(3) - 1; /* equal operands too */
    t.a = around(x);
    t.n_x = members(t.a, x, t.x);
    if (row->from_reg) {
        t.b = around(y);
        t.n_y = members(t.b, y, t.y);
    } else {
        if (row->imm_rule == FIELD_ANY)
            t.in.imm = (int32_t)y;
        t.y[0] = (uint64_t)(int64_t)t.in.imm;
        t.b = scalar_const(t.y[0]);
        t.n_y = 1;
    }
    return t;
}

static void alu_row(enum op op, unsigned rounds) {
    for (unsigned i = 0; i < rounds; i++) {
        const struct trial t = new_trial(&op_table[op]);
        const bool big = below(2) != 0;
        const struct scalar r = scalar_alu(op, t.a, t.b, big);
        CHECK(scalar_well_formed(r));
        for (unsigned k = 0; k < t.n_x; k++)
            for (unsigned l = 0; l < t.n_y; l++) {
                const uint64_t got =
                    op_eval_alu(op, t.in, t.x[k], t.y[l], (struct sem_env){.big_endian = big});
                CHECK(scalar_contains(r, got));
            }
    }
}

static void jmp_edge(enum op op, const struct trial *t, bool taken) {
    struct scalar a = t->a, b = t->b;
    scalar_refine(op, taken, &a, &b);
    CHECK_EQ(scalar_is_empty(a), scalar_is_empty(b));
    CHECK(scalar_is_empty(a) || (scalar_well_formed(a) && scalar_well_formed(b)));
    CHECK(scalar_subset(a, t->a) && scalar_subset(b, t->b));
    const enum branch branch = scalar_branch(op, t->a, t->b);
    for (unsigned k = 0; k < t->n_x; k++)
        for (unsigned l = 0; l < t->n_y; l++) {
            if (op_eval_jmp(op, t->in, t->x[k], t->y[l]) != taken)
                continue;
            CHECK(branch != (taken ? BRANCH_NOT_TAKEN : BRANCH_TAKEN));
            CHECK(scalar_contains(a, t->x[k]));
            CHECK(scalar_contains(b, t->y[l]));
        }
    const struct scalar same = scalar_refine_same(op, taken, t->a);
    for (unsigned k = 0; op_table[op].from_reg && k < t->n_x; k++)
        if (op_eval_jmp(op, t->in, t->x[k], t->x[k]) == taken)
            CHECK(scalar_contains(same, t->x[k]));
}

/* What holds for any two scalars; x is in a, y in b. */
static void lattice(void) {
    const uint64_t x = corner(), y = corner();
    const struct scalar a = around(x), b = around(y);
    const struct scalar join = scalar_join(a, b), meet = scalar_meet(a, b);
    const struct scalar wide = scalar_widen(a, b);
    CHECK(scalar_contains(join, x) && scalar_contains(join, y));
    CHECK(scalar_subset(a, join) && scalar_subset(b, join));
    CHECK(scalar_subset(a, wide) && scalar_subset(b, wide) && scalar_subset(join, wide));
    CHECK(scalar_subset(meet, a) && scalar_subset(meet, b));
    CHECK(!scalar_contains(b, x) || scalar_contains(meet, x));
    CHECK(!scalar_subset(a, b) || scalar_contains(b, x));
    CHECK(scalar_well_formed(join) && scalar_well_formed(wide));
    CHECK(scalar_is_empty(meet) || scalar_well_formed(meet));
    CHECK(scalar_equal(join, scalar_join(b, a)));
    CHECK(scalar_equal(meet, scalar_meet(b, a)));
    CHECK(scalar_equal(scalar_join(a, a), a) && scalar_equal(scalar_meet(a, a), a));
    CHECK(scalar_equal(scalar_widen(a, a), a));
}

/* A chain of widenings, each by a value the last one lacks: how long can it be? */
static unsigned widening_chain(void) {
    struct scalar a = around(corner());
    unsigned steps = 0;
    for (unsigned tries = 0; tries < 400; tries++) {
        const struct scalar next = scalar_widen(a, around(corner()));
        steps += !scalar_equal(next, a);
        a = next;
    }
    return steps;
}

int main(int argc, char **argv) {
    const unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 2000;
    seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    for (unsigned op = 0; op < N_OPS; op++) {
        check_note(op_table[op].id);
        switch (op_table[op].cls) {
        case CLASS_ALU_BINARY:
        case CLASS_ALU_UNARY:
        case CLASS_ALU_SEXT:
        case CLASS_ALU_END: alu_row((enum op)op, rounds); break;
        case CLASS_JMP_COND:
            for (unsigned i = 0; i < rounds; i++) {
                const struct trial t = new_trial(&op_table[op]);
                jmp_edge((enum op)op, &t, true);
                jmp_edge((enum op)op, &t, false);
            }
            break;
        default: break;
        }
    }
    check_note("lattice");
    for (unsigned i = 0; i < 10 * rounds; i++)
        lattice();
    unsigned longest = 0;
    for (unsigned i = 0; i < rounds / 20; i++) {
        const unsigned steps = widening_chain();
        longest = steps > longest ? steps : longest;
    }
    CHECK(longest <= 64);
    printf("longest chain of widenings: %u steps\n", longest);
    return check_end();
}
