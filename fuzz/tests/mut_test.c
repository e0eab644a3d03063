/* mut_test.c: mutators: what comes out is a case, is another one, and mostly a program that may be
 * loaded; the same choices give the same case everywhere.
 *     mut_test [ROUNDS [SEED]]
 */
#include <string.h>

#include "fuzz/gen/gen.h"
#include "fuzz/mut/part.h"
#include "tests/check.h"

enum {
    ROUNDS = 2000, /* of each mutator */
    POOL = 200,
    LEAST_CHANGED = 60, /* percent */
    LEAST_VALID = 99,   /* percent of those that changed a valid case */
};

static uint64_t first_seed;

/* ---- what is asked of a case ---- */

static bool is_valid(const struct fuzz_case *c) {
    struct case_object o = {.externs = NULL};
    bool ok = case_object_set(&o, c, false) == BPFLAB_OK;
    for (uint32_t i = 0; ok && i < c->n_progs; i++)
        ok = prog_check(&o.progs[i], NULL) == BPFLAB_OK;
    case_object_fini(&o);
    return ok;
}

/* In its limits, and the same after it was written and read. */
static bool is_whole(const struct fuzz_case *c) {
    static struct fuzz_case back;
    static uint8_t bytes[CASE_MAX_BYTES], again[CASE_MAX_BYTES];
    bool ok = c->n_progs >= 1 && c->n_progs <= CASE_MAX_PROGS && c->n_inputs >= 1 &&
              c->n_inputs <= CASE_MAX_INPUTS && c->start[0] == 0;
    for (uint32_t i = 0; ok && i < c->n_progs; i++)
        ok = c->start[i] < c->start[i + 1] && c->start[i + 1] <= CASE_MAX_INSNS;
    if (!ok)
        return false;
    const size_t n = case_encode(c, bytes);
    return n <= CASE_MAX_BYTES && case_decode(bytes, n, &back) && case_encode(&back, again) == n &&
           !memcmp(bytes, again, n) && case_hash(&back) == case_hash(c);
}

static bool same_bytes(const struct fuzz_case *a, const struct fuzz_case *b) {
    static uint8_t x[CASE_MAX_BYTES], y[CASE_MAX_BYTES];
    const size_t n = case_encode(a, x);
    return case_encode(b, y) == n && !memcmp(x, y, n);
}

/* ---- each mutator ---- */

/* Generated cases to begin with. */
static struct {
    struct fuzz_case c[POOL];
    bool valid[POOL];
} pool;

static void fill_pool(void) {
    for (uint32_t i = 0; i < POOL; i++) {
        mut_fresh(first_seed + i, &pool.c[i]);
        pool.valid[i] = is_valid(&pool.c[i]);
    }
}

/* struct tally: of one mutator's calls: those that changed the case; of these, where all was valid
 * before: how many, and how many still were. */
struct tally {
    uint64_t changed, were_valid, valid;
};

static bool try_once(uint32_t kind, uint64_t seed, bool alone, struct tally *t) {
    static struct fuzz_case c;
    uint8_t choices[MUT_CHOICES];
    struct input in;
    input_random(&seed, choices, sizeof choices);
    const uint64_t luck = input_next(&seed);
    const uint32_t base = (uint32_t)(luck % POOL), other = (uint32_t)(luck >> 32) % POOL;
    input_init(&in, choices, sizeof choices);
    c = pool.c[base];
    const bool done = mut_one(&in, kind, &c, alone ? NULL : &pool.c[other]);
    const bool same = same_bytes(&pool.c[base], &c);
    t->changed += done && !same;
    if (done && pool.valid[base] && pool.valid[other]) {
        t->were_valid++;
        t->valid += is_valid(&c);
    }
    return CHECK(is_whole(&c)) && CHECK(done || same);
}

static void each_mutator(unsigned rounds) {
    struct tally all = {0};
    for (uint32_t kind = 0; kind < mut_n_kinds; kind++) {
        struct tally t = {0};
        check_note(mut_kinds[kind].name);
        for (unsigned i = 0; i < rounds; i++)
            if (!try_once(kind, first_seed + (uint64_t)kind * rounds + i, i % 4 == 0, &t))
                break;
        printf("%-10s %3llu %% change the case, %5.1f %% of them leave it valid\n",
               mut_kinds[kind].name, (unsigned long long)(t.changed * 100 / rounds),
               t.were_valid ? 100.0 * (double)t.valid / (double)t.were_valid : 0.0);
        CHECK(t.changed * 100 >= (uint64_t)LEAST_CHANGED * rounds);
        CHECK(t.were_valid > 0 && t.valid * 100 >= LEAST_VALID * t.were_valid);
        all.were_valid += t.were_valid;
        all.valid += t.valid;
    }
    check_note(NULL);
    printf("%llu of %llu mutants are valid\n", (unsigned long long)all.valid,
           (unsigned long long)all.were_valid);
}

/* ---- many at once ---- */

/* A case that is mutated again and again stays one, and does not grow beyond bounds or shrink to
 * nothing. */
static void chains(unsigned rounds) {
    static struct fuzz_case c;
    uint64_t insns = 0, n = 0, same = 0;
    for (uint64_t chain = 0; chain < 8; chain++) {
        mut_fresh(first_seed + 977 * chain, &c);
        for (unsigned i = 0; i < rounds / 4; i++) {
            const uint64_t was = case_hash(&c);
            mut_seeded(first_seed + 1000003 * chain + i, &c, i % 3 ? NULL : &pool.c[i % POOL]);
            if (!CHECK(is_whole(&c)))
                return;
            same += case_hash(&c) == was;
            insns += c.start[c.n_progs];
            n++;
        }
    }
    printf("chains: %llu instructions on average\n", (unsigned long long)(insns / n));
    CHECK(insns / n >= 8);
    CHECK(same * 10 < n); /* a hash says nothing of packets and counts */
}

/* The numbers change with the mutators, the rows and the helpers, but not with the compiler, the
 * machine or the generators. */
static const uint64_t expected = UINT64_C(0x7155d3b9350591b3);

static void determinism(void) {
    static struct fuzz_case c, again, other;
    const struct insn code[] = {
        {.code = 0x18, .dst = 7, .src = 6, .imm = 0},
        {.imm = 8},
        {.code = 0x79, .dst = 7, .src = 7},
        {.code = 0xb7, .dst = 0, .imm = 16},
        {.code = 0x2d, .dst = 7, .src = 0, .off = 2},
        {.code = 0x7b, .dst = 10, .src = 7, .off = -8},
        {.code = 0x0f, .dst = 0, .src = 7},
        {.code = 0x95},
    };
    uint64_t sum = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        memset(&c, 0, sizeof c);
        c.type = PROG_sched_cls;
        c.n_progs = c.n_inputs = 1;
        c.start[1] = sizeof code / sizeof *code;
        memcpy(c.insns, code, sizeof code);
        c.inputs[0].packet_bytes = 64;
        other = c;
        other.insns[3].imm = 4096;
        again = c;
        mut_seeded(seed, &c, &other);
        mut_seeded(seed, &again, &other);
        CHECK(same_bytes(&c, &again));
        sum = (sum ^ case_hash(&c)) * UINT64_C(0x9e3779b97f4a7c15);
        sum ^= sum >> 29;
    }
    CHECK_EQ(sum, expected);
}

/* ---- crossing ---- */

/* Cases of all sizes up to full ones; in those last nothing can be inserted. */
static void of_size(uint32_t n, uint64_t seed, struct fuzz_case *c) {
    mut_fresh(seed, c);
    struct insn nops[64];
    for (uint32_t i = 0; i < 64; i++)
        nops[i] = (struct insn){.code = op_table[OP_MOV64_REG].code};
    for (uint32_t now; (now = c->start[c->n_progs]) < n;) {
        const uint32_t few = n - now < 64 ? n - now : 64;
        if (!edit_insert(c, c->start[1] - 1, nops, few))
            break;
    }
}

static void crossing(unsigned rounds) {
    static const uint32_t sizes[] = {0, 0, 100, CASE_MAX_INSNS - 3, CASE_MAX_INSNS};
    static struct fuzz_case a, b, c;
    static struct mut_room room;
    static uint8_t x[CASE_MAX_BYTES], y[CASE_MAX_BYTES], out[CASE_MAX_BYTES];
    uint64_t valid = 0, n = 0, changed = 0;
    for (unsigned i = 0; i < rounds / 3; i++) {
        of_size(sizes[i % 5], first_seed + i, &a);
        of_size(sizes[i / 5 % 5], first_seed + 7919 * (uint64_t)i, &b);
        const size_t n_a = case_encode(&a, x), n_b = case_encode(&b, y);
        const size_t n_out = mut_cross(&room, i, x, n_a, y, n_b, out, sizeof out);
        if (!CHECK(n_out && case_decode(out, n_out, &c)) || !CHECK(is_whole(&c)))
            break;
        changed += n_out != n_a || memcmp(out, x, n_a) != 0;
        if (is_valid(&a) && is_valid(&b)) {
            n++;
            valid += is_valid(&c);
        }
    }
    printf("crossing: %llu of %llu valid\n", (unsigned long long)valid, (unsigned long long)n);
    CHECK(n > 0 && valid * 100 >= LEAST_VALID * n);
    CHECK(changed * 100 >= (uint64_t)95 * (rounds / 3));
}

/* ---- bytes ---- */

static void sizes(unsigned rounds) {
    static struct fuzz_case c;
    static struct mut_room room;
    static uint8_t bytes[CASE_MAX_BYTES];
    uint64_t fitted = 0, refused = 0;
    for (unsigned i = 0; i < rounds / 3; i++) {
        mut_fresh(first_seed + i, &c);
        const size_t n = case_encode(&c, bytes), most = i % 7 * 97;
        uint8_t *const out = malloc(most + 1); /* a byte too far is a sanitizer's find */
        const size_t got = out ? mut_bytes(&room, i, bytes, n, out, most) : 0;
        CHECK(got <= most);
        CHECK(got == 0 || (case_decode(out, got, &c) && is_whole(&c)));
        fitted += got > 0;
        refused += got == 0;
        free(out);
    }
    CHECK(fitted > 0 && refused > 0);
}

static void hostile(unsigned rounds) {
    static struct fuzz_case c;
    static struct mut_room room;
    static uint8_t bytes[1024], out[CASE_MAX_BYTES];
    uint64_t read = 0;
    for (unsigned i = 0; i < rounds; i++) {
        uint64_t seed = first_seed + i;
        const size_t n = input_next(&seed) % (sizeof bytes + 1);
        input_random(&seed, bytes, sizeof bytes);
        bytes[0] = (uint8_t)(i % 4);
        if (i % 8 == CASE_LITERAL) { /* a head that is believed */
            const uint8_t head[] = {CASE_LITERAL, 1, 3, 0, 0, 1, 1, 0, (uint8_t)(i % 64), 0};
            memcpy(bytes, head, sizeof head);
            bytes[10 + 8 * (i % 64) + 72] = 40;
        }
        if (mut_read(bytes, n, &c)) {
            read++;
            CHECK(is_whole(&c));
        }
        const size_t got = mut_bytes(&room, i, bytes, n, out, sizeof out);
        CHECK(got && case_decode(out, got, &c) && is_whole(&c));
        const size_t crossed = mut_cross(&room, i, bytes, n, out, got, bytes, sizeof bytes);
        CHECK(crossed == 0 || (case_decode(bytes, crossed, &c) && is_whole(&c)));
    }
    CHECK(read > rounds / 16 && read < rounds);
}

/* ---- kin ---- */

static uint64_t some_value(uint64_t *seed) {
    static const uint64_t ends[] = {0,          1,         INT32_MAX,         UINT64_C(0x80000000),
                                    UINT32_MAX, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX};
    const uint64_t v = input_next(seed);
    return v % 3 ? ends[v / 3 % 8] : input_next(seed);
}

/* An opposite is taken exactly where the other is not; signs make a difference exactly for some. */
static void kin(void) {
    uint64_t seed = 5;
    uint32_t n_opposites = 0, n_signs = 0;
    for (uint32_t k = 0; k < N_OPS; k++) {
        const enum op op = (enum op)k, opposite = mut_opposite(op), sign = mut_other_sign(op);
        check_note(op_table[op].id);
        if (opposite != OP_INVALID) {
            n_opposites++;
            CHECK_EQ(mut_opposite(opposite), op);
            for (int i = 0; i < 200; i++) {
                const uint64_t a = some_value(&seed), b = some_value(&seed);
                const struct insn in = {.imm = (int32_t)(uint32_t)b};
                CHECK(op_eval_jmp(op, in, a, b) != op_eval_jmp(opposite, in, a, b));
            }
        }
        if (sign == OP_INVALID)
            continue;
        n_signs++;
        CHECK_EQ(mut_other_sign(sign), op);
        CHECK(op_table[op].cls == op_table[sign].cls &&
              op_table[op].width_bits == op_table[sign].width_bits &&
              op_table[op].from_reg == op_table[sign].from_reg);
        if (op_table[op].cls != CLASS_JMP_COND)
            continue;
        for (uint64_t a = 0; a < 4; a++) { /* of non-negative numbers both say the same */
            const struct insn in = {.imm = 2};
            CHECK_EQ(op_eval_jmp(op, in, a, 2), op_eval_jmp(sign, in, a, 2));
        }
        const struct insn minus = {.imm = -1};
        CHECK(op_eval_jmp(op, minus, 2, UINT64_MAX) != op_eval_jmp(sign, minus, 2, UINT64_MAX));
    }
    check_note(NULL);
    CHECK_EQ(n_opposites, 4 * 10);
    CHECK_EQ(n_signs, 4 * 8 + 4 * 6 + 6);
}

int main(int argc, char **argv) {
    const unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : check_rounds(ROUNDS);
    first_seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    fill_pool();
    kin();
    determinism();
    each_mutator(rounds);
    chains(rounds);
    crossing(rounds);
    sizes(rounds);
    hostile(rounds);
    CHECK(mut_find("splice") >= 0 && mut_find("no such thing") < 0);
    return check_end();
}
