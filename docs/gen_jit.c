/* gen_jit.c: the targets of the JIT: registers, and how far each form of a site reaches, asked of
 * the back ends themselves.
 */
#include "docs/gen.h"

#include <string.h>

#include "jit/arch.h"
#include "jit/arm64/regs.h"
#include "jit/riscv64/regs.h"
#include "jit/s390x/regs.h"
#include "jit/x86_64/regs.h"

static const char *const contract[] = {
    [JR_0] = "r0",  [JR_1] = "r1",        [JR_2] = "r2",        [JR_3] = "r3",
    [JR_4] = "r4",  [JR_5] = "r5",        [JR_6] = "r6",        [JR_7] = "r7",
    [JR_8] = "r8",  [JR_9] = "r9",        [JR_FP] = "FP (r10)", [JR_T0] = "T0",
    [JR_T1] = "T1", [JR_STATE] = "STATE", [JR_SLOTS] = "SLOTS",
};

static const char *x86_name(uint8_t r) {
    static const char *const names[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                        "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    return names[x86_reg(r)];
}

static const char *arm64_name(uint8_t r) {
    static const char *const names[] = {"x0",  "x1",  "x2",  "x3",  "x4",  "x5",  "x6",  "x7",
                                        "x8",  "x9",  "x10", "x11", "x12", "x13", "x14", "x15",
                                        "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23",
                                        "x24", "x25", "x26", "x27", "x28", "x29", "x30", "sp"};
    return names[arm64_reg(r)];
}

static const char *riscv_name(uint8_t r) {
    static const char *const names[] = {"zero", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
                                        "s0",   "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                        "a6",   "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
                                        "s8",   "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
    return names[riscv_reg(r)];
}

static const char *s390x_name(uint8_t r) {
    static const char *const names[] = {"%r0",  "%r1",  "%r2",  "%r3", "%r4",  "%r5",
                                        "%r6",  "%r7",  "%r8",  "%r9", "%r10", "%r11",
                                        "%r12", "%r13", "%r14", "%r15"};
    return names[s390x_gr(r)];
}

static void gen_registers(FILE *out) {
    fputs("\n## Registers\n\n| contract | x86-64 | arm64 | riscv64 | s390x "
          "|\n|---|---|---|---|---|\n",
          out);
    for (uint8_t r = JR_0; r <= JR_SLOTS; r++)
        fprintf(out, "| %s | %s | %s | %s | %s |\n", contract[r], x86_name(r), arm64_name(r),
                riscv_name(r), s390x_name(r));
}

/* How far a form reaches, about: the largest power of two of which it reaches three quarters
 * backward. */
static void put_reach(FILE *out, const struct jit_arch *a, const struct jit_site *s,
                      unsigned form) {
    static const char *const units[] = {"", " KiB", " MiB", " GiB"};
    unsigned bits = 0;
    for (unsigned b = 4; b < 62; b++)
        if (a->site_fits(s, form, -(INT64_C(3) << (b - 2))))
            bits = b;
    if (bits >= 60)
        fputs("all", out);
    else
        fprintf(out, "%u%s", 1U << bits % 10, units[bits / 10 < 4 ? bits / 10 : 3]);
}

static void put_site(FILE *out, const struct jit_arch *a, const struct jit_site *s) {
    fputs(" |", out);
    if (s->kind == JSITE_CONST && !a->pool_bytes) {
        fputs(" inline", out);
        return;
    }
    for (unsigned form = 0; form < JSITE_FORMS && a->site_bytes(s, form); form++) {
        fprintf(out, "%s %u: ", form ? "," : "", a->site_bytes(s, form));
        put_reach(out, a, s, form);
    }
}

static void gen_sites(FILE *out, const struct jit_arch *const *archs, unsigned n) {
    static const struct {
        const char *name;
        struct jit_site site;
    } rows[] = {
        {"jump", {.kind = JSITE_JUMP}},
        {"branch: r1 == r2",
         {.kind = JSITE_BRANCH, .cond = JC_EQ, .width = 64, .a = JR_1, .b = JR_2}},
        {"branch: r1 == 0",
         {.kind = JSITE_BRANCH, .cond = JC_EQ, .width = 64, .a = JR_1, .imm = true}},
        {"branch: w1 < 1000",
         {.kind = JSITE_BRANCH, .cond = JC_ULT, .width = 32, .a = JR_1, .imm = true, .k = 1000}},
        {"branch: r1 & 0x80",
         {.kind = JSITE_BRANCH, .cond = JC_SET, .width = 64, .a = JR_1, .imm = true, .k = 0x80}},
        {"call of a function", {.kind = JSITE_CALL}},
        {"call of a helper", {.kind = JSITE_CALL_HOST, .target = UINT64_C(0x555555554321)}},
        {"exit by a trap", {.kind = JSITE_JUMP_HOST, .target = UINT64_C(0x555555554321)}},
        {"64-bit constant",
         {.kind = JSITE_CONST, .a = JR_1, .imm = true, .k = INT64_C(0x1122334455667788)}},
    };
    fputs(
        "\n## Sites\n\nFor each form its bytes, and about how far it reaches either way; forms are "
        "tried from left to right.\nA constant's distance is that to the pool.\n\n| site |",
        out);
    for (unsigned i = 0; i < n; i++)
        fprintf(out, " %s |", archs[i]->name);
    fputs("\n|---|", out);
    for (unsigned i = 0; i < n; i++)
        fputs("---|", out);
    fputc('\n', out);
    for (unsigned r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        fprintf(out, "| %s", rows[r].name);
        for (unsigned i = 0; i < n; i++)
            put_site(out, archs[i], &rows[r].site);
        fputs(" |\n", out);
    }
}

void gen_jit(FILE *out) {
    static const struct jit_arch *const archs[] = {&jit_x86_64, &jit_arm64, &jit_riscv64,
                                                   &jit_s390x};
    fputs("# Targets of the JIT\n\nMade from the back ends by `gen_tables`. What the words mean: "
          "[jit.md](../jit.md).\n\n"
          "## Targets\n\n| name | byte order | features needed | unit of code, bytes | indexed "
          "loads and stores | "
          "constants to the pool |\n|---|---|---|---|---|---|\n",
          out);
    for (unsigned i = 0; jit_target_at(i); i++) {
        const struct jit_arch *const a = jit_target_at(i);
        fprintf(out, "| %s | %s | %s%s%s | %u | ", a->name, a->big_endian ? "big" : "little",
                a->mattr[0] ? "`" : "", a->mattr[0] ? a->mattr : "none", a->mattr[0] ? "`" : "",
                a->insn_bytes);
        if (a->far_reach)
            fprintf(out, "yes, %d bytes around | ", a->far_reach);
        else
            fputs("no | ", out);
        if (a->pool_bytes)
            fprintf(out, "of more than %u bytes |\n", a->const_inline);
        else
            fputs("none |\n", out);
    }
    gen_registers(out);
    gen_sites(out, archs, sizeof archs / sizeof archs[0]);
}
