/* case_text_test.c: a case's text is the case again, whatever it holds; and no text crashes its
 * reader.
 */
#include "fuzz/case_text.h"
#include "fuzz/gen/gen.h"
#include "fuzz/input.h"
#include "runtime/proto.h"
#include "tests/check.h"

enum {
    CASES = 4000,
    RANDOM_CASES = 2000,
    DAMAGED = 6000,
    CHOICES = 4096, /* bytes of choices for a case */
};

static struct fuzz_case first, again;
static uint8_t bytes[2][CASE_MAX_BYTES];

static bool same_case(const struct fuzz_case *a, const struct fuzz_case *b) {
    const size_t n = case_encode(a, bytes[0]);
    return case_encode(b, bytes[1]) == n && !memcmp(bytes[0], bytes[1], n);
}

/* One case to text and back. out: its text, for free; NULL after a failed check */
static char *there_and_back(const struct fuzz_case *c, size_t *n) {
    char *text;
    struct diag d = {.pc = -1};
    char why[320];
    if (!CHECK_EQ(case_text_write(c, NULL, &text, n), BPFLAB_OK))
        return NULL;
    const enum bpflab_err err = case_text_read(text, *n, &again, NULL, &d);
    if (!CHECK_EQ(err, BPFLAB_OK) || !CHECK(same_case(c, &again)))
        printf("%s\n%s\n", err ? diag_format(&d, why, sizeof why) : "", text);
    CHECK(case_text_is((const uint8_t *)text, *n));
    return text;
}

static void generate(uint64_t *seed, struct fuzz_case *out, uint32_t *kind) {
    uint8_t choices[CHOICES];
    struct input in;
    input_random(seed, choices, sizeof choices);
    input_init(&in, choices, sizeof choices);
    gen_case(&in, 0, out, kind);
}

static void generated_cases(void) {
    uint64_t seed = 1, of_kind[64] = {0}, n_kfuncs = 0;
    uint32_t kind;
    check_note("generated cases");
    for (uint32_t i = 0; i < check_rounds(CASES); i++) {
        size_t n;
        generate(&seed, &first, &kind);
        char *const text = there_and_back(&first, &n);
        n_kfuncs += text && strstr(text, "-- kfuncs");
        of_kind[kind]++;
        free(text);
    }
    for (uint32_t i = 0; check_rounds(CASES) == CASES && i < gen_n_kinds; i++)
        CHECK(of_kind[i] > 0);
    CHECK(n_kfuncs > 0);
    check_note(NULL);
}

static struct insn random_insn(uint64_t *seed) {
    const uint64_t v = input_next(seed), w = input_next(seed);
    struct insn in = {.code = (uint8_t)v,
                      .dst = v >> 8 & 15,
                      .src = v >> 12 & 15,
                      .off = (int16_t)(uint16_t)(v >> 16),
                      .imm = (int32_t)(uint32_t)(v >> 32)};
    if (w & 1)
        in.code = op_table[(w >> 8) % N_OPS].code;
    if (w & 2)
        in.dst = in.src = 0;
    if (w & 4)
        in.off = 0;
    if (w & 8)
        in.imm &= 255;
    return in;
}

/* Arbitrary words, types, sizes: all that case_decode takes. */
static void random_cases(void) {
    uint64_t seed = 2;
    check_note("random words");
    for (uint32_t i = 0; i < check_rounds(RANDOM_CASES); i++) {
        size_t n;
        uint64_t v = input_next(&seed);
        first = (struct fuzz_case){.type = v & 63 ? v & 31 : v >> 6 & 255,
                                   .attach_type = v >> 14 & 63 ? v >> 14 & 63 : v >> 20 & 255,
                                   .sleepable = v >> 28 & 1,
                                   .n_progs = 1 + (uint32_t)(v >> 29) % CASE_MAX_PROGS,
                                   .n_inputs = 1 + (v >> 40) % CASE_MAX_INPUTS};
        for (uint32_t p = 0; p < first.n_progs; p++) {
            first.start[p + 1] = first.start[p] + 1 + (uint32_t)(input_next(&seed) % 60);
            for (uint32_t pc = first.start[p]; pc < first.start[p + 1]; pc++)
                first.insns[pc] = random_insn(&seed);
        }
        for (uint32_t k = 0; k < first.n_inputs; k++) {
            struct case_input *const in = &first.inputs[k];
            in->seed = input_next(&seed);
            in->packet_bytes = 14 + (uint32_t)(in->seed % (CASE_PACKET_BYTES - 13));
            for (uint32_t w = 0; w < CASE_WORDS; w++)
                in->words[w] = input_next(&seed) >> w * 8;
            input_random(&seed, in->packet, in->packet_bytes);
        }
        free(there_and_back(&first, &n));
    }
    check_note(NULL);
}

/* As large as a case may be, and a call of every helper by name. */
static void whole_range(void) {
    size_t n;
    first = (struct fuzz_case){.type = PROG_xdp, .n_progs = 1, .n_inputs = 1};
    first.inputs[0].packet_bytes = CASE_PACKET_BYTES;
    first.start[1] = CASE_MAX_INSNS;
    for (uint32_t pc = 0; pc < CASE_MAX_INSNS; pc++)
        first.insns[pc] = (struct insn){.code = op_table[OP_CALL].code, .imm = (int32_t)pc - 1000};
    free(there_and_back(&first, &n));
    for (uint32_t pc = 0; pc < CASE_MAX_INSNS; pc++)
        first.insns[pc] = (struct insn){.code = op_table[OP_CALL_KFUNC].code,
                                        .src = op_table[OP_CALL_KFUNC].src_fixed,
                                        .off = pc % 7 == 0,
                                        .imm = (int32_t)pc};
    free(there_and_back(&first, &n));
}

static enum bpflab_err read_text(const char *text, struct case_note *note, struct diag *d) {
    *d = (struct diag){.pc = -1};
    return case_text_read(text, strlen(text), &again, note, d);
}

static void notes(void) {
    struct case_note note = {.title = "a bound # of\tx",
                             .found_by = "containment",
                             .fixed_in = "1.2",
                             .expect = CASE_EXPECT_REJECT},
                     back;
    struct diag d;
    char *text;
    size_t n;
    first = (struct fuzz_case){.type = PROG_xdp, .n_progs = 1, .n_inputs = 1};
    first.start[1] = 1;
    first.insns[0].code = op_table[OP_EXIT].code;
    first.inputs[0].packet_bytes = 14;
    CHECK_EQ(case_text_write(&first, &note, &text, &n), BPFLAB_OK);
    CHECK_EQ(read_text(text, &back, &d), BPFLAB_OK);
    CHECK_STR(back.title, "a bound # of x");
    CHECK_STR(back.found_by, note.found_by);
    CHECK_STR(back.fixed_in, note.fixed_in);
    CHECK_EQ(back.expect, CASE_EXPECT_REJECT);
    CHECK(same_case(&first, &again));
    free(text);
    memset(note.title, 'x', sizeof note.title); /* not terminated */
    CHECK_EQ(case_text_write(&first, &note, &text, &n), BPFLAB_OK);
    CHECK_EQ(read_text(text, &back, &d), BPFLAB_OK);
    CHECK_EQ(strlen(back.title), CASE_TITLE_BYTES - 1);
    free(text);
}

/* What somebody writes by hand. */
static void by_hand(void) {
    static const char text[] = "# why it is here\n"
                               "-- case\n"
                               "  type sched_cls\r\n"
                               "attach 47\n"
                               "\n"
                               "-- asm\n"
                               "start: r1 = map_idx(3) ll  # hash\n"
                               "call bpf_map_lookup_elem; call kfunc 900\n"
                               "if r0 != 0 goto start\n"
                               "-- asm 2\n"
                               "exit\n"
                               "-- input\n"
                               "words 1 0x2\n"
                               "words 3\n"
                               "packet 0001 02 03040506070809\n"
                               "packet 0a0b0c0d0e\n"
                               "# the end\n"
                               "-- asm 1\n"
                               "r0 = 0\n"
                               "exit\n"
                               "-- kfuncs\n"
                               "900 bpf_rcu_read_lock\n";
    struct diag d;
    struct case_note note;
    if (!CHECK_EQ(read_text(text, &note, &d), BPFLAB_OK)) {
        printf("%u: %s\n", d.line, d.text);
        return;
    }
    CHECK_STR(note.title, "");
    CHECK_EQ(note.expect, CASE_EXPECT_NOTHING);
    CHECK_EQ(again.type, PROG_sched_cls);
    CHECK_EQ(again.attach_type, 47);
    CHECK(!again.sleepable);
    CHECK_EQ(again.n_progs, 3);
    CHECK_EQ(again.start[1], 5);
    CHECK_EQ(again.start[2], 7);
    CHECK_EQ(again.start[3], 8);
    CHECK_EQ(again.insns[2].imm, helper_find("map_lookup_elem"));
    CHECK_EQ(again.insns[3].imm, case_kfunc_number("bpf_rcu_read_lock"));
    CHECK_EQ(again.insns[4].off, -5);
    CHECK_EQ(again.n_inputs, 1);
    CHECK_EQ(again.inputs[0].words[1], 2);
    CHECK_EQ(again.inputs[0].words[2], 3);
    CHECK_EQ(again.inputs[0].words[3], 0);
    CHECK_EQ(again.inputs[0].packet_bytes, 15);
    CHECK_EQ(again.inputs[0].packet[14], 14);
    CHECK_EQ(read_text("-- case\ntype raw\n-- asm\ncall 5\nexit", NULL, &d), BPFLAB_OK);
    CHECK_EQ(again.type, PROG_raw);
    CHECK_EQ(again.n_inputs, 1);
    CHECK_EQ(again.inputs[0].packet_bytes, 64);
}

/* Texts that are refused: why, and in which line. */
static void refused(void) {
#define HEAD "-- case\ntype xdp\n"
#define CODE HEAD "-- asm\nexit\n"
    static const struct {
        const char *text;
        enum bpflab_err err;
        uint32_t line;
    } bad[] = {
        {"", BPFLAB_E_SYNTAX, 0},
        {"# nothing\n", BPFLAB_E_SYNTAX, 1},
        {"exit\n", BPFLAB_E_SYNTAX, 1},
        {"-- asm\nexit\n", BPFLAB_E_SYNTAX, 1},
        {"-- case\n-- asm\nexit\n", BPFLAB_E_SYNTAX, 1},
        {"-- case\ntype xpd\n", BPFLAB_E_UNDEFINED, 2},
        {"-- case\ntype 256\n", BPFLAB_E_RANGE, 2},
        {"-- case\ntype\n", BPFLAB_E_UNDEFINED, 2},
        {"-- case more\n", BPFLAB_E_SYNTAX, 1},
        {HEAD, BPFLAB_E_EMPTY, 1},
        {HEAD "type xdp\n", BPFLAB_E_DUPLICATE, 3},
        {HEAD "attach nowhere\n", BPFLAB_E_UNDEFINED, 3},
        {HEAD "sleepable yes\n", BPFLAB_E_SYNTAX, 3},
        {HEAD "colour red\n", BPFLAB_E_SYNTAX, 3},
        {HEAD "title\n", BPFLAB_E_SYNTAX, 3},
        {HEAD "title a\ntitle b\n", BPFLAB_E_DUPLICATE, 4},
        {HEAD "found-by 0123456789012345678901234567890123456789012345678\n", BPFLAB_E_RANGE, 3},
        {HEAD "expect accepted\n", BPFLAB_E_SYNTAX, 3},
        {HEAD "expect accept\nexpect accept\n", BPFLAB_E_DUPLICATE, 4},
        {HEAD "-- case\n", BPFLAB_E_SYNTAX, 3},
        {HEAD "-- mem\n", BPFLAB_E_SYNTAX, 3},
        {HEAD "-- asm\n", BPFLAB_E_EMPTY, 4},
        {HEAD "-- asm\n# exit\n", BPFLAB_E_EMPTY, 4},
        {HEAD "-- asm\nexit\n\nr0 += \n", BPFLAB_E_SYNTAX, 6},
        {HEAD "-- asm\nexit\n-- asm 1\n\ncall nonsense\n", BPFLAB_E_UNDEFINED, 7},
        {HEAD "-- asm 3\nexit\n", BPFLAB_E_RANGE, 3},
        {HEAD "-- asm x\nexit\n", BPFLAB_E_SYNTAX, 3},
        {HEAD "-- asm 1\nexit\n", BPFLAB_E_EMPTY, 0},
        {CODE "-- asm 0\nexit\n", BPFLAB_E_DUPLICATE, 5},
        {CODE "-- kfuncs\n1 no_such_function\n", BPFLAB_E_UNDEFINED, 6},
        {CODE "-- kfuncs\nx bpf_throw\n", BPFLAB_E_SYNTAX, 6},
        {CODE "-- kfuncs\n1 bpf_throw\n1 bpf_throw\n", BPFLAB_E_DUPLICATE, 7},
        {CODE "-- kfuncs\n1 bpf_throw too\n", BPFLAB_E_SYNTAX, 6},
        {CODE "-- kfuncs\n4294967296 bpf_throw\n", BPFLAB_E_RANGE, 6},
        {CODE "-- input\nseed 0x1ffffffffffffffff\n", BPFLAB_E_RANGE, 6},
        {CODE "-- input\nseed 1\nseed 1\n", BPFLAB_E_DUPLICATE, 7},
        {CODE "-- input\nseed\n", BPFLAB_E_SYNTAX, 6},
        {CODE "-- input\nwords 1 2 3 4 5 6 7 8 9\n", BPFLAB_E_TOO_LONG, 6},
        {CODE "-- input\nwords -1\n", BPFLAB_E_SYNTAX, 6},
        {CODE "-- input\npacket 00112\n", BPFLAB_E_SYNTAX, 6},
        {CODE "-- input\npacket 0011\n-- input\n", BPFLAB_E_RANGE, 7},
        {CODE "-- input\npacket 0011\n", BPFLAB_E_RANGE, 6},
        {CODE "-- input\nbytes 0\n", BPFLAB_E_SYNTAX, 6},
        {CODE "-- input\n-- input\n-- input\n-- input\n-- input\n", BPFLAB_E_TOO_LONG, 9},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct diag d;
        check_note(bad[i].text);
        const enum bpflab_err err = read_text(bad[i].text, NULL, &d);
        CHECK_EQ(err, bad[i].err);
        CHECK_EQ(d.line, bad[i].line);
        CHECK(d.text[0]);
        CHECK_EQ(case_text_read(bad[i].text, strlen(bad[i].text), &again, NULL, NULL), err);
    }
    check_note(NULL);
}

static void too_many_insns(void) {
    static char text[CASE_MAX_INSNS * 5 + 64] = HEAD "-- asm\n";
    struct diag d;
    for (uint32_t i = 0; i < CASE_MAX_INSNS; i++)
        strcat(text + sizeof HEAD, "exit\n");
    CHECK_EQ(read_text(text, NULL, &d), BPFLAB_OK);
    strcat(text, "exit\n");
    CHECK_EQ(read_text(text, NULL, &d), BPFLAB_E_TOO_LONG);
}

/* Texts with bytes changed, lines lost, ends cut: an error or a case, and the case is one. */
static void damaged_texts(void) {
    uint64_t seed = 3, n_read = 0, n_refused = 0;
    check_note("damaged texts");
    for (uint32_t i = 0; i < check_rounds(DAMAGED); i++) {
        size_t n;
        char *text;
        if (i % 16 == 0)
            generate(&seed, &first, NULL);
        if (!CHECK_EQ(case_text_write(&first, NULL, &text, &n), BPFLAB_OK))
            return;
        for (uint32_t k = 0; k < 1 + i % 3; k++) {
            const uint64_t v = input_next(&seed);
            char *const at = text + v % n;
            if (v >> 60 < 8)
                *at = (char)(v >> 32);
            else if (v >> 60 < 12)
                *at = text[(v >> 20) % n];
            else if (v >> 60 < 14)
                n = v % n + 1;
            else
                memmove(at, text + (v >> 20) % n,
                        n - (v >> 20) % n < n - v % n ? n - (v >> 20) % n : n - v % n);
        }
        char *const exact = malloc(n); /* so that a sanitizer sees what is read behind it */
        if (exact)
            memcpy(exact, text, n);
        free(text);
        struct diag d = {.pc = -1};
        if (exact && case_text_read(exact, n, &again, NULL, &d) == BPFLAB_OK) {
            struct fuzz_case *const third = malloc(sizeof *third);
            const size_t n_bytes = case_encode(&again, bytes[0]);
            CHECK(third && (again.type > 255 || case_decode(bytes[0], n_bytes, third)));
            free(third);
            n_read++;
        } else {
            CHECK(d.text[0]);
            n_refused++;
        }
        free(exact);
    }
    check_note(NULL);
    CHECK(n_read > 0);
    CHECK(n_refused > 0);
}

int main(void) {
    generated_cases();
    random_cases();
    whole_range();
    notes();
    by_hand();
    refused();
    too_many_insns();
    damaged_texts();
    return check_end();
}
