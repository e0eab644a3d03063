/* blind_test.c: blinded code for every target: no number of the program in it, whatever the
 * instruction. Where a target splits numbers over several instructions, the code at least changes
 * with the seed.
 */
#include <stdlib.h>

#include "isa/asm.h"
#include "jit/arch.h"
#include "runtime/proto.h"
#include "tests/check.h"

#define MARK 0x5ca1ab1e

/* One number each, MARK, but where there is room for a small one only. */
static const char *const programs[] = {
    "r0 = 0x5ca1ab1e\nexit",
    "w0 = 0x5ca1ab1e\nexit",
    "r0 = r1\nr0 += 0x5ca1ab1e\nexit",
    "r0 = r1\nw0 -= 0x5ca1ab1e\nexit",
    "r0 = r1\nr0 *= 0x5ca1ab1e\nexit",
    "r0 = r1\nr0 /= 0x5ca1ab1e\nexit",
    "r0 = r1\nw0 s%= 0x5ca1ab1e\nexit",
    "r0 = r1\nr0 ^= 0x5ca1ab1e\nexit",
    "r0 = r1\nr0 <<= 13\nexit",
    "r0 = r1\nr0 <<= 13\nr1 >>= 51\nr0 |= r1\nexit", /* a rotation */
    "r0 = 0x5ca1ab1e5ca1ab1e ll\nexit",
    "r0 = r1\nif r1 == 0x5ca1ab1e goto l\nr0 = r2\nl: exit",
    "r0 = r1\nif w1 s< 0x5ca1ab1e goto l\nr0 = r2\nl: exit",
    "r0 = r1\nif w1 & 0x5ca1ab1e goto l\nr0 = r2\nl: exit",
    "*(u32 *)(r1 + 0) = 0x5ca1ab1e\nr0 = r1\nexit",
    "*(u64 *)(r1 + 0) = 0x5ca1ab1e\nr0 = r1\nexit",
    "r6 = r1\nr0 = *(u32 *)skb[0x5ca1ab1e]\nexit",
    "r6 = r1\nr0 = *(u32 *)skb[r2 + 0x5ca1ab1e]\nexit",
    "r0 = map_idx_value(0, 0x5ca1ab1e) ll\nexit",
    "r3 = map_idx_value(0, 0x5ca1ab1e) ll\nr0 = *(u8 *)(r3 + 0)\nexit",
    "call 0x5ca1ab1e\nexit",
    "call kfunc 0x5ca1ab1e\nexit",
};

static bool make(const struct jit_arch *a, const struct prog *p, uint64_t seed, int opt,
                 struct jit_code *out) {
    const struct jit_map map = {.handle = 0x200000002000, .value_addr = 0x200000040000};
    const struct jit_bind bind = {.maps = &map,
                                  .n_maps = 1,
                                  .world = 0x200010010000,
                                  .exit_addr = 0x10000,
                                  .frame_stride = 576,
                                  .max_frames = 8};
    const struct jit_options o = {.opt = opt, .blind = true, .blind_seed = seed};
    struct diag d = {0};
    if (CHECK_EQ(jit_compile(p, a, &o, &bind, 0x20000, out, &d), BPFLAB_OK))
        return true;
    printf("    %s: %s\n", a->name, d.text);
    return false;
}

/* Is the number there, in either byte order? */
static bool holds(const struct jit_code *c, uint32_t number) {
    for (uint32_t i = 0; i + 4 <= c->n_bytes; i++) {
        uint32_t v;
        memcpy(&v, c->bytes + i, 4);
        if (v == number || __builtin_bswap32(v) == number)
            return true;
    }
    return false;
}

static void check_program(const struct jit_arch *a, const struct prog *p, int opt) {
    struct jit_code one = {0}, two = {0};
    if (make(a, p, 1, opt, &one) && make(a, p, 2, opt, &two)) {
        CHECK(!holds(&one, MARK));
        CHECK(one.n_bytes != two.n_bytes || memcmp(one.bytes, two.bytes, one.n_bytes));
    }
    jit_code_fini(&one);
    jit_code_fini(&two);
}

static void check_text(const char *text) {
    struct insn *insns;
    struct prog p;
    struct diag d = {0};
    uint32_t n;
    check_note(text);
    if (!CHECK_EQ(asm_parse(text, strlen(text), NULL, &insns, &n, &d), BPFLAB_OK)) {
        printf("    %s\n", d.text);
        return;
    }
    if (CHECK_EQ(prog_init_insns(&p, insns, n), BPFLAB_OK)) {
        p.type = PROG_raw;
        for (unsigned i = 0; jit_target_at(i); i++)
            for (int opt = 0; opt < 2 && jit_target_at(i)->alu; opt++)
                check_program(jit_target_at(i), &p, opt);
        prog_fini(&p);
    }
    free(insns);
}

int main(void) {
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        check_text(programs[i]);
    return check_end();
}
