/* path_test.c: which loops are retries, and which words of the stack last: code of a few
 * instructions that path.c must go through, or must refuse, with the reason.
 */
#include <stdlib.h>

#include "proofs/machine/validate.h"
#include "tests/check.h"

enum {
    MOST = 8,
    A0 = 10, /* riscv64 */
    A2 = 12,
};

static struct mstate begin(const struct machine *m, struct terms *t) {
    struct mstate s = {.t = t};
    for (unsigned r = 0; r < m->n_regs; r++)
        s.reg[r] = term_fresh(t, 64, "reg");
    s.sp0 = s.reg[m->sp];
    return s;
}

/* struct fragment: code, and what is wrong with it; NULL: it is right, and has so many paths. */
struct fragment {
    const char *text;
    uint32_t words[MOST];
    unsigned n, n_paths;
    const char *error;
};

#define LR  0x1605b3af /* lr.d.aqrl t2, (a1) */
#define SC  0x1ec5be2f /* sc.d.aqrl t3, a2, (a1) */
#define NOT "a loop that is no retry"

static const struct fragment fragments[] = {
    {"a store-conditional that failed", {LR, SC, 0xfe0e1ce3 /* bnez t3, -8 */}, 3, 1, NULL},
    {"compare and exchange",
     {LR, 0x00a39663 /* bne t2, a0, 12 */, SC, 0xfe0e1ae3 /* bnez t3, -12 */},
     4,
     2,
     NULL},
    {"the same place is looked at before",
     {0x0005be83 /* ld t4, 0(a1) */, LR, SC, 0xfe0e1ce3},
     4,
     1,
     NULL},
    {"a round that fails looks elsewhere",
     {LR, 0x00a39a63 /* bne t2, a0, 20 */, SC, 0x000e0663 /* beqz t3, 12 */,
      0x000ebe83 /* ld t4, 0(t4) */, 0xfedff06f /* j -20 */},
     6,
     0,
     NOT},
    {"a round that fails looks at the same place, but at less of it",
     {LR, 0x00a39a63, SC, 0x000e0663, 0x0005ae83 /* lw t4, 0(a1) */, 0xfedff06f},
     6,
     0,
     NOT},
    {"a round that fails looks at the same place",
     {LR, 0x00a39a63, SC, 0x000e0663, 0x0005be83 /* ld t4, 0(a1) */, 0xfedff06f},
     6,
     2,
     NULL},
    {"each round looks where the one before has found",
     {0x000ebe83 /* ld t4, 0(t4) */, 0xfe0e9ee3 /* bnez t4, -4 */},
     2,
     0,
     NOT},
    {"the first round looks elsewhere",
     {0x01058f33 /* add t5, a1, a6 */, 0x160f33af /* lr.d.aqrl t2, (t5) */,
      0x00000813 /* li a6, 0 */, 0x1ecf3e2f /* sc.d.aqrl t3, a2, (t5) */,
      0xfe0e18e3 /* bnez t3, -16 */},
     5,
     0,
     NOT},
    {"a round stores",
     {LR, 0x00c6b023 /* sd a2, 0(a3) */, SC, 0xfe0e1ae3 /* bnez t3, -12 */},
     4,
     0,
     NOT},
    {"whether a round has stored is not asked", {LR, SC, 0xfe051ce3 /* bnez a0, -8 */}, 3, 0, NOT},
    {"no way out", {LR, SC, 0xff9ff06f /* j -8 */}, 3, 0, "a loop without end"},
    {"below the stack pointer",
     {0xfec13c23 /* sd a2, -8(sp) */},
     1,
     0,
     "the stack at -8, below the stack pointer"},
};

static void loops(void) {
    struct mpath *const paths = malloc(MPATHS * sizeof *paths);
    for (size_t i = 0; i < sizeof fragments / sizeof *fragments && CHECK(paths); i++) {
        const struct fragment *const f = &fragments[i];
        struct terms *const t = terms_new();
        const struct mstate s = begin(&machine_riscv64, t);
        uint8_t bytes[4 * MOST];
        char err[200];
        for (unsigned k = 0; k < 4 * f->n; k++)
            bytes[k] = (uint8_t)(f->words[k / 4] >> 8 * (k % 4));
        const struct mcode code = {.bytes = bytes, .n_bytes = 4 * f->n, .to = 4 * f->n};
        check_note(f->text);
        CHECK_EQ(mpath_all(&machine_riscv64, &s, &code, paths, err), f->n_paths);
        CHECK(f->error ? !strncmp(err, f->error, strlen(f->error)) : !err[0]);
        terms_free(t);
    }
    check_note(NULL);
    free(paths);
}

/* The way through code without branches, and what is wrong with it. */
static void straight(const struct machine *m, const char *text, const uint8_t *bytes, size_t n,
                     bool right) {
    struct mpath *const paths = malloc(MPATHS * sizeof *paths);
    struct terms *const t = terms_new();
    const struct mstate s = begin(m, t);
    const struct mcode code = {.bytes = bytes, .n_bytes = n, .to = n};
    char err[200];
    check_note(text);
    if (CHECK(paths))
        CHECK_EQ(mpath_all(m, &s, &code, paths, err), right);
    terms_free(t);
    free(paths);
}

/* Where the stack pointer has been above a word, that is not what was stored there. */
static void stack(void) {
    static const uint8_t code[] = {
        0x13, 0x01, 0x01, 0xff, /* addi sp, sp, -16 */
        0x23, 0x30, 0xc1, 0x00, /* sd a2, 0(sp) */
        0x13, 0x01, 0x01, 0x01, /* addi sp, sp, 16 */
        0x13, 0x01, 0x01, 0xff, /* addi sp, sp, -16 */
        0x03, 0x35, 0x01, 0x00, /* ld a0, 0(sp) */
    };
    struct mpath *const paths = malloc(MPATHS * sizeof *paths);
    struct terms *const t = terms_new();
    const struct mstate s = begin(&machine_riscv64, t);
    const struct mcode all = {.bytes = code, .n_bytes = sizeof code, .to = sizeof code};
    char err[200];
    check_note("a word that was below the stack pointer");
    if (CHECK(paths) && CHECK_EQ(mpath_all(&machine_riscv64, &s, &all, paths, err), 1))
        CHECK(paths[0].end.reg[A0] != s.reg[A2]);
    terms_free(t);
    free(paths);

    static const uint8_t inside[] = {0x48, 0x89, 0x44, 0x24, 0x80};
    static const uint8_t outside[] = {0x48, 0x89, 0x84, 0x24, 0x78, 0xff, 0xff, 0xff};
    straight(&machine_x86_64, "mov [rsp-128], rax", inside, sizeof inside, true);
    straight(&machine_x86_64, "mov [rsp-136], rax", outside, sizeof outside, false);
}

/* A round that is left out may fault where the one that is kept does not. */
static void traps(void) {
    static const uint8_t code[] = {
        0xb9, 0x87, 0x00, 0x04,             /* dlgr %r0, %r4 */
        0xec, 0x66, 0xff, 0xfe, 0x00, 0x7c, /* cgijlh %r6, 0, .-4 */
    };
    straight(&machine_s390x, "a division in a loop", code, sizeof code, false);
    straight(&machine_s390x, "a division", code, 4, true);
}

int main(void) {
    loops();
    stack();
    traps();
    return check_end();
}
