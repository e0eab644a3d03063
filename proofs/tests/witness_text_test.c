/* witness_text_test.c: names of theorems, counterexamples as text, and programs of cases in which
 * nothing is wrong: the verifier knows at the operation what the case says, and is right.
 */
#include <stdlib.h>
#include <unistd.h>

#include "isa/asm.h"
#include "proofs/witness.h"
#include "proofs/witness_prove.h"
#include "tests/check.h"

static void theorem(const char *name, enum op want, bool want_same) {
    struct witness_ops ops = {.n = 0};
    check_note(name);
    CHECK(witness_theorem(name, &ops));
    CHECK(ops.n > 0);
    CHECK_EQ(ops.op[0], want);
    CHECK_EQ(ops.same, want_same);
    check_note(NULL);
}

static void test_theorems(void) {
    struct witness_ops ops;
    theorem("alu/ADD64_REG@O0: contains", OP_ADD64_REG, false);
    theorem("alu/ADD64_REG", OP_ADD64_REG, false);
    theorem("alu/ADD64_REG_same@O2", OP_ADD64_REG, true);
    theorem("alu/MOVSX8_64@O0", OP_MOVSX8_64, false);
    theorem("alu/NEG32", OP_NEG32, false);
    theorem("jmp/JLT64_REG_taken", OP_JLT64_REG, false);
    theorem("jmp/JSET32_IMM_not_taken@O0: x", OP_JSET32_IMM, false);
    theorem("plant/tnum/add/tnum_add", OP_ADD64_REG, false);
    theorem("scalar/add32", OP_ADD32_REG, false);
    theorem("contract/scalar_sdiv", OP_SDIV64_REG, false);
    theorem("tnum/lshr@O0", OP_RSH64_REG, false);
    theorem("range/sand@O2: min", OP_AND64_REG, false);
    theorem("range/ushl", OP_LSH64_REG, false);
    theorem("range/udiv_optimal", OP_DIV64_REG, false);
    theorem("tnum/ashr_half", OP_ARSH32_REG, false);
    theorem("contract/srange_mod", OP_SMOD64_REG, false);
    theorem("range/urange_mul", OP_MUL64_REG, false);
    theorem("scalar/assume_ult_32", OP_JLT32_REG, false);
    theorem("alu/ADD64_SAME@O2: contains", OP_ADD64_REG, true);
    theorem("jmp/JLT32_SAME_taken", OP_JLT32_REG, true);
    theorem("plant/alu/DIV32_IMM/scalar_alu", OP_DIV32_IMM, false);
    theorem("contract/move", OP_MOV64_REG, false);
    theorem("contract/scalar_zext", OP_MOV32_REG, false);
    CHECK(witness_theorem("contract/scalar_sext", &ops) && ops.n == 5);
    CHECK(witness_theorem("contract/scalar_add", &ops) && ops.n == 2);
    CHECK_EQ(ops.op[1], OP_ADD32_REG);
    CHECK(witness_theorem("tnum/ashr_half", &ops) && ops.n == 1);
    CHECK(!witness_theorem("tnum/join", &ops));
    CHECK(!witness_theorem("mem/LDXDW", &ops));
    CHECK(!witness_theorem("plant/backend/arm64/ADD64_REG", &ops));
    CHECK(!witness_theorem("", &ops));
}

static enum bpflab_err parse(const char *name, const char *text, struct witness_case *c) {
    struct diag d;
    const enum bpflab_err err = witness_parse(name, text, c, &d);
    c->a = scalar_reduce(c->a);
    c->b = scalar_reduce(c->b);
    return err;
}

static void test_parse(void) {
    struct witness_case c;
    CHECK_EQ(parse("alu/ADD64_REG",
                   "a.bits.value=0x10 a.bits.mask=0x3 a.u.min=0x10 a.u.max=0x12 a.s.min=16 "
                   "a.s.max=0x12 a.u32.min=0x10 a.u32.max=0x12 a.s32.min=0x10 a.s32.max=0x12 "
                   "b.bits.mask=0xffffffffffffffff b.u.max=0xffffffffffffffff "
                   "b.s.min=0x8000000000000000 b.s.max=0x7fffffffffffffff b.u32.max=0xffffffff "
                   "b.s32.min=0x80000000 b.s32.max=0x7fffffff x=0x11 y=-1",
                   &c),
             BPFLAB_OK);
    CHECK(c.op == OP_ADD64_REG && !c.same && c.x == 0x11 && c.y == UINT64_MAX);
    CHECK(c.a.u.min == 0x10 && c.a.u.max == 0x12 && c.a.bits.mask == 3);
    CHECK(scalar_equal(c.a, scalar_reduce(c.a)) && scalar_is_unknown(c.b));
    /* what the solver left out is 0, as long as x is a member then; else it is unknown */
    CHECK_EQ(parse("alu/ADD64_REG",
                   "a.u.max=0xff a.s.max=0xff a.bits.mask=0xff a.u32.max=0xff "
                   "a.s32.max=0xff a.u.min=0 x=1 b.u.max=7 y=5",
                   &c),
             BPFLAB_OK);
    CHECK(c.a.u.min == 0 && c.a.u.max == 0xff && c.b.u.max == 7 && c.b.s.min == 0);
    /* tnums, ranges, other names */
    CHECK_EQ(parse("tnum/add", "refuted: a.value=0x8, a.mask=0x7, x=0xa\ty=0", &c), BPFLAB_OK);
    CHECK(c.a.u.min == 8 && c.a.u.max == 15 && scalar_is_unknown(c.b) && c.x == 10);
    CHECK_EQ(parse("range/srange_div", "a.min=-5 a.max=3 b.min=2 b.max=2 x=-1 y=2", &c), BPFLAB_OK);
    CHECK(c.a.s.min == -5 && c.a.s.max == 3 && scalar_is_const(c.b));
    CHECK_EQ(parse("range/urange_div", "a.min=5 a.max=9 x=7 y=2", &c), BPFLAB_OK);
    CHECK(c.a.u.min == 5 && c.a.u.max == 9);
    CHECK_EQ(parse("jmp/JLT64_IMM_taken", "dst.u.max=9 x=7 imm=0xfffffffe", &c), BPFLAB_OK);
    CHECK(c.y == UINT64_MAX - 1 && c.x == 7);
    /* a mask alone, the other bits are the member's; amounts; arcs */
    CHECK_EQ(parse("tnum/shl", "a.mask=0xf x=0x1234 n=3", &c), BPFLAB_OK);
    CHECK(c.a.u.min == 0x1230 && c.a.u.max == 0x123f && c.y == 3 && scalar_is_const(c.b));
    CHECK_EQ(parse("arc/add", "a.back=2 a.len=7 x=12 b.start=5 b.len=0 y=5", &c), BPFLAB_OK);
    CHECK(c.a.u.min == 10 && c.a.u.max == 17 && scalar_is_const(c.b));
    CHECK_EQ(parse("range/sxor", "a.min=0xfffffffffffffff0 a.max=5 x=2 y=5", &c), BPFLAB_OK);
    CHECK(c.a.s.min == -16 && c.a.s.max == 5);
    CHECK_EQ(parse("alu/ADD32_REG", "a.s32.min=0xfffffff0 a.s32.max=3 x=1 y=5", &c), BPFLAB_OK);
    CHECK(c.a.s32.min == -16 && c.a.s32.max == 3 && c.a.u.max > UINT32_MAX);
    CHECK_EQ(parse("tnum/join", "x=1", &c), BPFLAB_E_ARG);
    CHECK_EQ(parse("tnum/add", "z=1", &c), BPFLAB_E_ARG);
    CHECK_EQ(parse("contract/scalar_sext", "a.bits.mask=0xff x=0x1234", &c), BPFLAB_OK);
    CHECK(c.op == OP_MOVSX8_64 && c.y == 0x1234 && c.b.u.min == 0x1200);
    CHECK_EQ(parse("tnum/add", "a.value=z x=1", &c), BPFLAB_E_SYNTAX);
    CHECK_EQ(parse("tnum/add", "", &c), BPFLAB_E_ARG);
    /* a contradiction has no program */
    struct witness w;
    struct diag d;
    CHECK_EQ(parse("range/uand", "a.min=3 a.max=1 x=3 y=1", &c), BPFLAB_OK);
    CHECK_EQ(witness_program(&c, WITNESS_VALUE, &w, &d), BPFLAB_E_ARG);
}

/* same: field by field; there is padding in it. */
static bool same(struct insn a, struct insn b) {
    return a.code == b.code && a.dst == b.dst && a.src == b.src && a.off == b.off && a.imm == b.imm;
}

/* A printed case assembles to the same program. */
static void round_trip(const struct witness *w) {
    char *const text = witness_print(w, "title");
    struct insn *insns;
    uint32_t n;
    struct diag d;
    if (!CHECK(text != NULL))
        return;
    const char *const from = strstr(text, "-- asm\n") + 7;
    const char *const to = strstr(text, "-- mem\n");
    if (CHECK_EQ(asm_parse(from, (size_t)(to - from), NULL, &insns, &n, &d), BPFLAB_OK)) {
        CHECK_EQ(n, w->prog.n_insns);
        for (uint32_t i = 0; i < n && i < w->prog.n_insns; i++)
            CHECK(same(insns[i], w->prog.insns[i]));
        free(insns);
    }
    free(text);
}

static uint64_t word_of(uint64_t *seed) {
    const uint64_t shape = check_random(seed);
    const uint64_t x = check_random(seed) >> (shape & 63);
    return shape & 64 ? ~x : x;
}

/* A value with x in it, about which some things are known. */
static struct scalar around(uint64_t x, uint64_t *seed) {
    const uint64_t mask = word_of(seed) | word_of(seed), which = check_random(seed);
    struct scalar s = scalar_unknown();
    if (which & 1)
        s.bits = (struct tnum){x & ~mask, mask};
    if (which & 2)
        s.u = (struct urange){x - word_of(seed) % (x + (x != UINT64_MAX)), x};
    if (which & 4)
        s.s.max = (int64_t)x > 1000 ? INT64_MAX / 2 > (int64_t)x ? INT64_MAX / 2 : INT64_MAX : 1000;
    if (which & 8)
        s.u32.max = (uint32_t)x | 0xff;
    if (which & 16)
        s.s32.min = (int32_t)(uint32_t)x < 0 ? INT32_MIN : 0;
    return scalar_reduce(s);
}

static void test_right(void) {
    uint64_t seed = 1, equal = 0, programs = 0;
    for (unsigned i = 0; i < N_OPS * 8; i++) {
        struct witness_case c = {.op = (enum op)(i % N_OPS)};
        struct witness w, bad;
        struct diag d;
        struct witness_ops ops;
        if (!witness_theorem(op_table[c.op].id, &ops))
            continue;
        check_note(op_table[c.op].id);
        c.x = word_of(&seed);
        c.y = op_table[c.op].from_reg ? word_of(&seed) : 1 + check_random(&seed) % 31;
        c.a = around(c.x, &seed);
        c.b = around(c.y, &seed);
        CHECK(scalar_contains(c.a, c.x) && scalar_contains(c.b, c.y));
        if (!CHECK_EQ(witness_program(&c, WITNESS_VALUE, &w, &d), BPFLAB_OK))
            continue;
        CHECK_STR(witness_status_name(w.status), "held");
        CHECK(w.fit_a != WITNESS_WIDER && w.fit_b != WITNESS_WIDER);
        equal += w.fit_a != WITNESS_WITHIN && w.fit_b != WITNESS_WITHIN;
        programs++;
        round_trip(&w);
        witness_fini(&w);
        if (CHECK_EQ(witness_program(&c, WITNESS_ACCESS, &bad, &d), BPFLAB_OK)) {
            CHECK_STR(witness_status_name(bad.status), "refused");
            CHECK(bad.why[0] != '\0');
            round_trip(&bad);
            witness_fini(&bad);
        }
    }
    check_note(NULL);
    printf("%llu programs, %llu with just the operands that were wanted\n",
           (unsigned long long)programs, (unsigned long long)equal);
    CHECK(programs > 800 && equal * 10 > programs * 9);
}

static void check_written(const char *path, const char *wanted) {
    char text[8192];
    FILE *const f = fopen(path, "r");
    if (!CHECK(f != NULL))
        return;
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    CHECK(strstr(text, "Counterexample of alu/SUB64_REG@O0: bits contain it") != NULL);
    CHECK(strstr(text, "r6 -= r7") != NULL && strstr(text, wanted) != NULL);
    CHECK_EQ(remove(path), 0);
}

static void test_files(void) {
    char dir[] = "/tmp/witness-XXXXXX";
    const char *const name = "alu/SUB64_REG@O0: bits contain it";
    const char *const text = "a.bits.mask=0xf0 a.u.min=0x1 a.u.max=0xff x=0x71 b.bits.mask=3 y=2";
    struct witness_files f;
    struct diag d;
    if (!CHECK(mkdtemp(dir) != NULL))
        return;
    if (CHECK_EQ(witness_from_text(name, text, dir, &f, &d), BPFLAB_OK)) {
        CHECK_STR(witness_status_name(f.status), "held");
        CHECK(f.fit_a == WITNESS_EQUAL && f.fit_b == WITNESS_EQUAL);
        CHECK(strstr(f.value, "/alu-SUB64-REG-O0--bits-contain-it.data") != NULL);
        check_written(f.value, "-- result\n0x1\n");
        check_written(f.access, "r0 = *(u64 *)(r1 + 16)");
    }
    /* as the command line asks */
    struct obligation o = {.name = "tnum/sub@O0: contains", .result = SMT_REFUTED};
    char path[512], why[160] = "";
    snprintf(o.counterexample, sizeof o.counterexample, "a.mask=0xf x=0x71 b.mask=0 y=2");
    if (CHECK(witness_prove(&o, dir, path, why))) {
        CHECK_EQ(remove(path), 0);
        memcpy(path + strlen(path) - strlen(".data"), "-access.data", sizeof "-access.data");
        CHECK_EQ(remove(path), 0);
    }
    snprintf(o.name, sizeof o.name, "backend/arm64/ADD64_REG: r0");
    snprintf(o.counterexample, sizeof o.counterexample, "r1=0x5");
    CHECK(!witness_prove(&o, dir, path, why));
    CHECK(strstr(why, "no instruction") != NULL);
    CHECK_EQ(rmdir(dir), 0);
    CHECK_EQ(witness_from_text(name, text, "/nonexistent", &f, &d), BPFLAB_E_IO);
    CHECK_EQ(witness_from_text("tnum/join", text, "/tmp", &f, &d), BPFLAB_E_ARG);
}

int main(void) {
    test_files();
    test_theorems();
    test_parse();
    test_right();
    return check_end();
}
