/* asm_llvm_test.c: LLVM agrees. What the disassembler prints in the kernel's syntax, llvm-mc
 * assembles to the same
 * bytes, in both byte orders; and what llvm-objdump prints of those, this assembler takes back.
 * Skips without them.
 */
#include <unistd.h>

#include "isa/tests/asm_util.h"
#include "tests/check.h"

enum {
    PER_ROW = 30
};

static uint64_t seed = 19;

/* Rows whose text LLVM 19 lacks, or reads otherwise. */
static bool llvm_lacks(const struct op_info *row) {
    switch ((enum op_class)row->cls) {
    case CLASS_JMP_TABLE:    /* since LLVM 22 */
    case CLASS_ATOMIC_LOAD:  /* since LLVM 20 */
    case CLASS_ATOMIC_STORE: /* since LLVM 20 */
    case CLASS_CALL_LOCAL:   /* by symbol only */
    case CLASS_CALL_KFUNC: return true;
    case CLASS_IMM64: return row != &op_table[OP_LDDW]; /* as ld_pseudo: see below */
    default: return false;
    }
}

/* A valid instruction of this row that LLVM 19 has text for. */
static struct insn random_of_row(const struct op_info *row) {
    const uint64_t r = check_random(&seed);
    struct insn in = {.code = row->code, .src = (uint8_t)row->src_fixed, .off = row->off_fixed};
    in.imm = row->imm_fixed;
    if (row->dst_rule == FIELD_REG || row->dst_rule == FIELD_WREG)
        in.dst = (uint8_t)(r % REG_FP);
    if (row->src_rule == FIELD_REG || row->src_rule == FIELD_WREG)
        in.src = (uint8_t)((r >> 8) % REG_FP);
    if (row->off_rule == FIELD_ANY || row->off_rule == FIELD_JUMP)
        in.off = (int16_t)(r >> 16);
    if (row->imm_rule == FIELD_ANY)
        in.imm = (int32_t)(uint32_t)(r >> 32) >> (r >> 12) % 32;
    if (row->imm_rule == FIELD_JUMP)
        in.imm = (int16_t)(r >> 32); /* gotol of more than 16 bits: by symbol only */
    if (row->cls == CLASS_PKT && row->from_reg)
        in.imm = 0; /* skb[r1] only */
    if (row->cls == CLASS_CALL)
        in.imm &= INT32_MAX;
    if (row->cls == CLASS_CALL_REG)
        in.imm = 0;
    return in;
}

struct program {
    struct insn *slots;
    uint32_t n;
    char dir[64];
};

static char *path_of(const struct program *p, const char *name, char buf[128]) {
    snprintf(buf, 128, "%s/%s", p->dir, name);
    return buf;
}

/* Run a command; its standard output, terminated, malloc'ed. */
static char *output_of(const char *command, size_t *len) {
    FILE *pipe = popen(command, "r");
    size_t cap = 1 << 16, n;
    char *text = malloc(cap);
    *len = 0;
    if (!pipe || !text)
        abort();
    while ((n = fread(text + *len, 1, cap - *len - 1, pipe))) {
        *len += n;
        if (cap - *len == 1)
            text = realloc(text, cap *= 2);
        if (!text)
            abort();
    }
    text[*len] = 0;
    check_note(command);
    CHECK_EQ(pclose(pipe), 0);
    check_note(NULL);
    return text;
}

static void make(struct program *p) {
    char path[128];
    p->slots = malloc(sizeof *p->slots * 2 * N_OPS * PER_ROW);
    FILE *f = fopen(path_of(p, "t.s", path), "w");
    if (!p->slots || !f)
        abort();
    unsigned rows = 0;
    for (int op = 0; op < N_OPS; op++) {
        rows += !llvm_lacks(&op_table[op]);
        for (int i = 0; i < PER_ROW && !llvm_lacks(&op_table[op]); i++) {
            char text[ASM_LINE_MAX];
            struct insn *in = &p->slots[p->n];
            in[0] = random_of_row(&op_table[op]);
            in[1] = (struct insn){.imm = (int32_t)check_random(&seed)};
            p->n += insn_slots(in[0]);
            asm_print(in[0], &in[1], ASM_KERNEL, NULL, text);
            fprintf(f, "%s\n", text);
        }
    }
    fclose(f);
    printf("%u of %d rows, %u slots\n", rows, N_OPS, p->n);
    CHECK(rows > 160);
}

/* The bytes that llvm-mc shows behind each instruction, as slots. */
static void assemble(const struct program *p, bool big_endian) {
    char command[400], path[128];
    size_t len;
    snprintf(command, sizeof command, "llvm-mc-19 -triple=%s -mcpu=v4 --show-encoding %s",
             big_endian ? "bpfeb" : "bpfel", path_of(p, "t.s", path));
    char *text = output_of(command, &len);
    uint32_t pc = 0;
    for (char *at = text; (at = strstr(at, "encoding: ["));) {
        at += strlen("encoding: [");
        char *line = at;
        while (*at != ']' && pc < p->n) {
            uint8_t got[INSN_BYTES], want[INSN_BYTES];
            for (int i = 0; i < INSN_BYTES; i++, at += *at == ',')
                got[i] = (uint8_t)strtoul(at, &at, 16);
            insn_encode(p->slots[pc], big_endian, want);
            char ours[ASM_LINE_MAX];
            asm_print(p->slots[pc], &p->slots[pc + 1], ASM_KERNEL, NULL, ours);
            check_note(ours);
            if (!CHECK(!memcmp(got, want, INSN_BYTES)))
                printf("    llvm-mc: %.120s\n", line);
            pc++;
        }
    }
    check_note(NULL);
    CHECK_EQ(pc, p->n);
    free(text);
}

/* Back from llvm-objdump's listing, with and without its bytes. */
static void reassemble(const struct program *p, bool big_endian, const char *option) {
    char command[600], path[128], object[128], message[512];
    size_t len;
    snprintf(command, sizeof command,
             "llvm-mc-19 -triple=%s -mcpu=v4 -filetype=obj -o %s %s && llvm-objdump-19 -d "
             "--mcpu=v4 %s %s",
             big_endian ? "bpfeb" : "bpfel", path_of(p, "t.o", object), path_of(p, "t.s", path),
             option, object);
    char *text = output_of(command, &len);
    const char *start = strstr(text, "0000000000000000 <");
    struct insn *back = NULL;
    uint32_t n = 0;
    struct diag d = {0};
    if (CHECK(start)) {
        if (!CHECK_EQ(parse_exact(start, len - (size_t)(start - text), &back, &n, &d), BPFLAB_OK))
            puts(diag_format(&d, message, sizeof message));
        else if (CHECK_EQ(n, p->n))
            for (uint32_t i = 0; i < n; i++)
                CHECK_EQ(slot_word(back[i]), slot_word(p->slots[i]));
    }
    free(back);
    free(text);
}

/* The forms that only llvm-objdump has: kinds of LD_IMM64, and calls told apart by their bytes
 * alone. */
static void add_raw(struct program *p) {
    char path[128];
    FILE *f = fopen(path_of(p, "t.s", path), "a");
    if (!f)
        abort();
    for (int op = 0; op < N_OPS; op++) {
        const struct op_info *row = &op_table[op];
        if (!llvm_lacks(row) || (row->cls != CLASS_IMM64 && row->src_rule != FIELD_FIXED))
            continue;
        struct insn in = {.code = row->code, .src = (uint8_t)row->src_fixed, .imm = 70 + op};
        p->slots[p->n++] = in;
        if (row->cls == CLASS_IMM64) {
            fprintf(f, "ld_pseudo r0, %d, %d\n", in.src, in.imm);
            p->slots[p->n++] = (struct insn){0};
        } else {
            fprintf(f, ".byte %d, %d, 0, 0\n.4byte %d\n", in.code, in.src << 4, in.imm);
        }
    }
    fclose(f);
}

int main(void) {
    if (system("llvm-mc-19 --version >/dev/null 2>&1") ||
        system("llvm-objdump-19 --version >/dev/null 2>&1"))
        return check_skip("llvm-mc-19 and llvm-objdump-19 are not installed");
    struct program p = {.dir = "/tmp/asm_llvm_test.XXXXXX"};
    char path[128];
    if (!mkdtemp(p.dir))
        return check_skip("no temporary folder can be made");
    make(&p);
    assemble(&p, false);
    assemble(&p, true);
    reassemble(&p, true, "");
    reassemble(&p, false, "--no-show-raw-insn");
    add_raw(&p);
    reassemble(&p, false, "");
    free(p.slots);
    unlink(path_of(&p, "t.s", path));
    unlink(path_of(&p, "t.o", path));
    rmdir(p.dir);
    return check_end();
}
