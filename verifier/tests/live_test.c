/* live_test.c: register liveness against its definition, on random programs: a register is live
 * where some way leads to a read of it, without a write before.
 */
#include "verifier/tests/subject_bed.h"

#include "verifier/cfg.h"
#include "verifier/live.h"

enum {
    MAX_INSNS = 14,
    LINE = 48
};

static const char *random_insn(uint64_t *seed, uint32_t pc, uint32_t n, char line[LINE]) {
    const unsigned a = (unsigned)(check_random(seed) % 10), b = (unsigned)(check_random(seed) % 10);
    const int off = (int)(check_random(seed) % n) - (int)pc - 1;
    switch (check_random(seed) % 12) {
    case 0: snprintf(line, LINE, "r%u = %u\n", a, b); break;
    case 1: snprintf(line, LINE, "w%u = w%u\n", a, b); break;
    case 2: snprintf(line, LINE, "r%u += r%u\n", a, b); break;
    case 3: snprintf(line, LINE, "r%u = *(u32 *)(r%u + 4)\n", a, b); break;
    case 4: snprintf(line, LINE, "*(u8 *)(r%u + 1) = r%u\n", a, b); break;
    case 5: snprintf(line, LINE, "r%u = -r%u\n", a, a); break;
    case 6: snprintf(line, LINE, "goto %+d\n", off); break;
    case 7: snprintf(line, LINE, "if r%u > %u goto %+d\n", a, b, off); break;
    case 8: snprintf(line, LINE, "if w%u s< w%u goto %+d\n", a, b, off); break;
    case 9: snprintf(line, LINE, "call %u\n", b % 3 + 5); break; /* 0, 2 and 0 arguments */
    case 10: snprintf(line, LINE, "lock *(u64 *)(r%u + 0) += r%u\n", a, b); break;
    default: snprintf(line, LINE, "r%u = (s8)r%u\n", a, b);
    }
    return line;
}

/* Is r read, from pc on, before it is written? Depth first over all ways. */
static bool is_read(const struct subject *s, uint32_t pc, uint32_t r, bool *seen) {
    if (seen[pc])
        return false;
    seen[pc] = true;
    if (insn_uses(s, pc) >> r & 1)
        return true;
    if (insn_defs(s, pc) >> r & 1)
        return false;
    uint32_t to[CFG_MAX_SUCCESSORS];
    for (uint32_t n = cfg_successors(s, pc, to); n-- > 0;)
        if (is_read(s, to[n], r, seen))
            return true;
    return false;
}

static void test_definition(void) {
    uint64_t seed = 41, n_accepted = 0;
    for (uint32_t i = 0; i < 30000; i++) {
        char text[MAX_INSNS * LINE] = "", line[LINE];
        const uint32_t n = 2 + (uint32_t)(check_random(&seed) % (MAX_INSNS - 2));
        for (uint32_t pc = 0; pc + 1 < n; pc++)
            strcat(text, random_insn(&seed, pc, n, line));
        strcat(text, "exit\n");
        struct subject_bed b;
        if (!bed_parse(&b, text))
            continue;
        check_note(text);
        const bool ok = bed_make(&b);
        n_accepted += ok;
        for (uint32_t pc = 0; ok && pc < n; pc++)
            for (uint32_t r = 0; r < N_REGS; r++) {
                bool seen[MAX_INSNS] = {false};
                CHECK_EQ(b.sub.live_in[pc] >> r & 1, is_read(&b.sub, pc, r, seen));
            }
        bed_drop(&b);
        check_note(NULL);
    }
    CHECK(n_accepted > 5000);
}

struct use_case {
    const char *text;
    uint16_t uses, defs; /* of the first instruction */
};

#define R(n) (1u << (n))

static const struct use_case cases[] = {
    {"r1 = 7\nexit", 0, R(1)},
    {"r1 = r2\nexit", R(2), R(1)},
    {"r1 += 7\nexit", R(1), R(1)},
    {"w3 *= w4\nexit", R(3) | R(4), R(3)},
    {"r3 = be16 r3\nexit", R(3), R(3)},
    {"r1 = 5 ll\nexit", 0, R(1)},
    {"*(u32 *)(r5 + 0) = 1\nexit", R(5), 0},
    {"*(u32 *)(r5 + 0) = r6\nexit", R(5) | R(6), 0},
    {"r2 = atomic_fetch_add((u64 *)(r3 + 0), r2)\nexit", R(2) | R(3), R(2)},
    {"r2 = xchg_64(r3 + 0, r2)\nexit", R(2) | R(3), R(2)},
    {"r0 = cmpxchg_64(r3 + 0, r0, r2)\nexit", R(0) | R(2) | R(3), R(0)},
    {"r0 = *(u8 *)skb[3]\nexit", R(6), 0x3f},
    {"r0 = *(u8 *)skb[r8 + 3]\nexit", R(6) | R(8), 0x3f},
    {"call 1\nexit", R(1) | R(2), 0x3f},
    {"call 5\nexit", 0, 0x3f},
    {"call 9999\nexit", 0x3e, 0x3f}, /* unknown: all that it may read */
    {"may_goto +0\nexit", 0, 0},
    {"exit", R(0), 0},
    {"call local f\nexit\nf: r0 = r2\nr3 = 1\nexit", R(2), 0x3f},
    {"call local f\nexit\nf: call local g\nexit\ng: r0 = r4\nexit", R(4), 0x3f},
    {"call local f\nexit\nf: if r1 == 0 goto e\nr3 = r5\ncall local f\ne: r0 = 0\nexit",
     R(1) | R(5), 0x3f},
};

static void test_insns(void) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct subject_bed b;
        check_note(cases[i].text);
        if (bed_parse(&b, cases[i].text) && CHECK(bed_make(&b))) {
            CHECK_EQ(insn_uses(&b.sub, 0), cases[i].uses);
            CHECK_EQ(insn_defs(&b.sub, 0), cases[i].defs);
        }
        bed_drop(&b);
    }
    check_note(NULL);
}

int main(void) {
    test_definition();
    test_insns();
    return check_end();
}
