/* afl_mutator_test.c: our mutators through the doors that fuzzers use: calls in the order in which
 * afl-fuzz and libFuzzer make them.
 */
#include <string.h>

#include "fuzz/mut/mut.h"
#include "fuzz/mutator.h"
#include "tests/check.h"

enum {
    ROUNDS = 2000,
};

static uint8_t a[CASE_MAX_BYTES], b[CASE_MAX_BYTES];
static struct fuzz_case c;

static size_t fresh(uint64_t seed, uint8_t *bytes) {
    mut_fresh(seed, &c);
    return case_encode(&c, bytes);
}

static void afl_fuzz(void *m) {
    unsigned changed = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t *out = NULL;
        const size_t n_a = fresh(i, a), n_b = fresh(i + ROUNDS, b);
        const size_t most = i % 10 ? sizeof a : n_a;
        const size_t n = afl_custom_fuzz(m, a, n_a, &out, i % 2 ? b : NULL, i % 2 ? n_b : 0, most);
        CHECK(n > 0 && n <= most && out && case_decode(out, n, &c));
        changed += n != n_a || memcmp(out, a, n) != 0;
    }
    CHECK(changed > ROUNDS / 10 * 9);
}

/* Does what a trim wants to keep hold an instruction of this code? */
static bool has_code(const uint8_t *bytes, size_t n, uint8_t code) {
    if (!CHECK(case_decode(bytes, n, &c)))
        return false;
    for (uint32_t pc = 0; pc < c.start[c.n_progs]; pc += insn_slots(c.insns[pc]))
        if (c.insns[pc].code == code)
            return true;
    return false;
}

/* Of a long program of moves with one multiplication in it, little more than that is left. */
static void afl_trim(void *m) {
    static struct fuzz_case long_one;
    long_one.type = PROG_socket_filter;
    long_one.n_progs = long_one.n_inputs = 1;
    long_one.inputs[0].packet_bytes = 14;
    long_one.start[1] = 200;
    for (uint32_t i = 0; i < 200; i++)
        long_one.insns[i].code = op_table[OP_MOV64_IMM].code;
    long_one.insns[77].code = op_table[OP_MUL64_IMM].code;
    long_one.insns[199].code = op_table[OP_EXIT].code;
    size_t n = case_encode(&long_one, a);
    const int32_t steps = afl_custom_init_trim(m, a, n);
    int32_t at = 0, runs = 0;
    CHECK(steps > 0);
    while (at < steps && CHECK(runs < 10000)) {
        uint8_t *out = NULL;
        const size_t got = afl_custom_trim(m, &out);
        if (!CHECK(got > 0 && got <= n && out))
            break;
        const bool keep = has_code(out, got, op_table[OP_MUL64_IMM].code);
        if (keep) {
            memcpy(a, out, got);
            n = got;
        }
        at = afl_custom_post_trim(m, keep);
        runs++;
    }
    CHECK(case_decode(a, n, &c) && has_code(a, n, op_table[OP_MUL64_IMM].code));
    CHECK(c.start[1] < 50);
    CHECK_EQ(afl_custom_init_trim(m, b, 0), 0);
}

static void libfuzzer(void) {
    for (unsigned i = 0; i < ROUNDS; i++) {
        const size_t n_a = fresh(i, a), n_b = fresh(i + 7, b);
        uint8_t out[CASE_MAX_BYTES];
        const size_t n = LLVMFuzzerCustomCrossOver(a, n_a, b, n_b, out, sizeof out, i);
        CHECK(n > 0 && case_decode(out, n, &c));
        const size_t in_place = LLVMFuzzerCustomMutator(a, n_a, sizeof a, i);
        CHECK(in_place > 0 && case_decode(a, in_place, &c));
    }
    CHECK_EQ(LLVMFuzzerCustomMutator(a, 3, 10, 1), 0);
}

int main(void) {
    void *const m = afl_custom_init(NULL, 7);
    if (!CHECK(m != NULL))
        return check_end();
    afl_fuzz(m);
    afl_trim(m);
    afl_custom_deinit(m);
    libfuzzer();
    return check_end();
}
