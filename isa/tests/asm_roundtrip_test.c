/* asm_roundtrip_test.c: assembling what the disassembler prints gives the same words, in both
 * styles: for every row
 * with all its fields random, for random words, and for whole programs of both.
 */
#include "isa/tests/asm_util.h"
#include "tests/check.h"

enum {
    PER_ROW = 600,  /* of each row, in each style */
    RANDOM = 40000, /* words of any bits, in each style */
    PROGRAM_SLOTS = 4000,
};

static uint64_t seed = 20240611;

/* A number that is often one of those at which something changes. */
static int32_t random_imm(void) {
    static const int32_t edges[] = {0,      1,     -1,      2,      10,        INT32_MAX, INT32_MIN,
                                    0xffff, 65536, -0xffff, -65536, INT16_MAX, INT16_MIN, 211};
    const uint64_t r = check_random(&seed);
    if (r & 1)
        return edges[(r >> 1) % (sizeof edges / sizeof *edges)];
    return (int32_t)(uint32_t)(r >> 32) >> (r >> 1) % 32;
}

/* A valid instruction of this row: what the rules leave open is random. */
static void random_of_row(enum op op, struct insn slot[2]) {
    const struct op_info *row = &op_table[op];
    const uint64_t r = check_random(&seed);
    struct insn in = {.code = row->code, .src = (uint8_t)row->src_fixed, .off = row->off_fixed};
    in.imm = row->imm_fixed;
    if (row->dst_rule == FIELD_REG)
        in.dst = (uint8_t)(r % N_REGS);
    if (row->dst_rule == FIELD_WREG)
        in.dst = (uint8_t)(r % REG_FP);
    if (row->src_rule == FIELD_REG)
        in.src = (uint8_t)((r >> 8) % N_REGS);
    if (row->src_rule == FIELD_WREG)
        in.src = (uint8_t)((r >> 8) % REG_FP);
    if (row->off_rule == FIELD_ANY || row->off_rule == FIELD_JUMP)
        in.off = (int16_t)random_imm();
    if (row->imm_rule == FIELD_ANY || row->imm_rule == FIELD_JUMP)
        in.imm = random_imm();
    if (row->cls == CLASS_CALL_REG) { /* one of its two forms */
        in.imm = r >> 20 & 1 ? (int32_t)(1 + (r >> 21) % REG_FP) : 0;
        in.dst = in.imm ? 0 : in.dst;
    }
    slot[0] = in;
    slot[1] = (struct insn){.imm = row->hi_rule == FIELD_ANY ? random_imm() : 0};
}

static void check_text(const struct insn *slots, unsigned n, const char *text) {
    struct insn *back = NULL;
    uint32_t n_back = 0;
    struct diag d;
    check_note(text);
    if (CHECK_EQ(parse_exact(text, strlen(text), &back, &n_back, &d), BPFLAB_OK) &&
        CHECK_EQ(n_back, n))
        for (unsigned i = 0; i < n; i++)
            CHECK_EQ(slot_word(back[i]), slot_word(slots[i]));
    free(back);
    check_note(NULL);
}

static void check_slots(const struct insn *slots, unsigned n, enum asm_style style,
                        const struct asm_names *names) {
    char text[ASM_LINE_MAX];
    const size_t len = asm_print(slots[0], n > 1 ? &slots[1] : NULL, style, names, text);
    CHECK_EQ(len, strlen(text));
    CHECK(len < ASM_LINE_MAX - 1); /* nothing was cut off */
    check_text(slots, n, text);
}

static void every_row(enum asm_style style) {
    unsigned reached[N_OPS] = {0};
    for (int op = 0; op < N_OPS; op++) {
        for (unsigned i = 0; i < check_rounds(PER_ROW); i++) {
            struct insn slot[2];
            random_of_row((enum op)op, slot);
            CHECK_EQ(op_of(slot[0]), op);
            CHECK_EQ(insn_check(slot[0], &slot[1]), BPFLAB_OK);
            check_slots(slot, insn_slots(slot[0]), style, i & 1 ? &test_names : NULL);
            char text[ASM_LINE_MAX];
            asm_print(slot[0], &slot[1], style, NULL, text);
            reached[op] += strncmp(text, ".word", 5) != 0;
        }
    }
    for (int op = 0; op < N_OPS; op++) {
        check_note(op_table[op].id);
        CHECK_EQ(reached[op], check_rounds(PER_ROW));
    }
    check_note(NULL);
}

static void any_words(enum asm_style style) {
    unsigned as_text = 0;
    for (unsigned i = 0; i < check_rounds(RANDOM); i++) {
        struct insn slot[2] = {word_slot(check_random(&seed)), word_slot(check_random(&seed))};
        const uint64_t r = check_random(&seed);
        /* half of them with a known code and few other bits, so that text often exists */
        if (r & 1) {
            const struct op_info *row = &op_table[(r >> 8) % N_OPS];
            slot[0] =
                (struct insn){.code = row->code, .dst = r >> 16 & 15, .src = row->src_fixed & 15};
            slot[0].off = r & 2 ? row->off_fixed : (int16_t)(r >> 24);
            slot[0].imm = r & 4 ? row->imm_fixed : random_imm();
        }
        if (r & 8)
            slot[1] = (struct insn){.imm = slot[1].imm};
        check_slots(slot, insn_slots(slot[0]), style, NULL);
        char text[ASM_LINE_MAX];
        asm_print(slot[0], &slot[1], style, NULL, text);
        as_text += strncmp(text, ".word", 5) != 0;
    }
    CHECK(as_text > check_rounds(RANDOM) / 20);
    /* a first slot that is the program's last */
    const struct insn alone = {.code = op_table[OP_LDDW].code, .dst = 1, .imm = 5};
    check_slots(&alone, 1, style, NULL);
}

/* Many instructions in one text, the styles mixed line by line, after one of each separator. */
static void programs(void) {
    static const char *const ends[] = {"\n",        ";",          " ; ",          "\r\n",
                                       " # text\n", " // text\n", " /* a\nb */\n"};
    struct insn *slots = malloc(PROGRAM_SLOTS * sizeof *slots);
    char *text = malloc((size_t)PROGRAM_SLOTS * (ASM_LINE_MAX + 12));
    if (!slots || !text)
        abort();
    size_t len = 0;
    unsigned n = 0;
    while (n + 2 <= PROGRAM_SLOTS) {
        const uint64_t r = check_random(&seed);
        random_of_row((enum op)(r % N_OPS), &slots[n]);
        if ((r >> 8) % 8 == 0)
            slots[n] = word_slot(check_random(&seed));
        len += asm_print(slots[n], &slots[n + 1], r >> 16 & 1 ? ASM_KERNEL : ASM_UBPF, NULL,
                         text + len);
        const char *end = ends[(r >> 17) % (sizeof ends / sizeof *ends)];
        memcpy(text + len, end, strlen(end));
        len += strlen(end);
        n += insn_slots(slots[n]);
    }
    text[len] = 0;
    struct insn *back = NULL;
    uint32_t n_back = 0;
    struct diag d = {0};
    char message[512];
    const enum bpflab_err err = parse_exact(text, len, &back, &n_back, &d);
    if (err)
        puts(diag_format(&d, message, sizeof message));
    CHECK_EQ(err, BPFLAB_OK);
    if (CHECK_EQ(n_back, n))
        for (unsigned i = 0; i < n; i++)
            CHECK_EQ(slot_word(back[i]), slot_word(slots[i]));
    free(back);
    free(text);
    free(slots);
}

int main(void) {
    const unsigned n_rows = check_rounds(PER_ROW) * N_OPS, n_random = check_rounds(RANDOM);
    for (int style = ASM_KERNEL; style <= ASM_UBPF; style++) {
        every_row((enum asm_style)style);
        any_words((enum asm_style)style);
    }
    for (int i = 0; i < 20; i++)
        programs();
    printf("%u words of %d rows and %u of any bits in each style\n", n_rows, N_OPS, n_random);
    CHECK(check_state.run > 2 * (n_rows + n_random));
    return check_end();
}
