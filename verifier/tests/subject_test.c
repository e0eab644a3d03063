/* subject_test.c: structure: what is rejected, in whose words; functions, prune points, loops, and
 * the stack of chains of calls. */
#include "verifier/tests/subject_bed.h"

#include "verifier/cfg.h"

/* ---- rejections ---- */

struct reject_case {
    const char *text;
    const char *words; /* NULL: accepted */
    bool unprivileged;
};

static const struct reject_case cases[] = {
    {"r0 = 0\nexit", NULL, true},
    {"r0 = 0\nexit\nr0 = 1\nexit", "unreachable insn 2", false},
    {"r0 = 0\ngoto +1\nr0 = 1\nexit", "unreachable insn 2", false},
    {"r0 = 0\ngoto +5\nexit", "jump out of range from insn 1 to 7", false},
    {"goto -2\nexit", "jump out of range from insn 0 to -1", false},
    {"if r1 == 0 goto +9\nexit", "jump out of range from insn 0 to 10", false},
    {"r0 = 0", "last insn is not an exit or jmp", false},
    {"exit\nif r1 == 0 goto -2", "last insn is not an exit or jmp", false},
    {"r1 = 5 ll", "last insn is not an exit or jmp", false},
    {"if r1 == 0 goto +1\nr1 = 5 ll\nr0 = 0\nexit", "jump into the middle of ldimm64 insn 1",
     false},
    {"l: r0 = 0\nif r1 == 0 goto l\nexit", NULL, false},
    {"l: r0 = 0\nif r1 == 0 goto l\nexit", "back-edge from insn 1 to 0", true},
    {"r0 = 0\nl: goto l", "back-edge from insn 1 to 1", true},
    {"if r1 == 0 goto a\ngoto b\na: r0 = 1\nb: r0 = 2\nexit", NULL, true},
    {"call local f\nexit\nf: r0 = 0\nexit", NULL, false},
    {"call local f\nexit\nf: r0 = 0\nexit",
     "loading/calling other bpf or kernel functions are allowed for CAP_BPF", true},
    {".word 0x900001085\nexit", "call to invalid destination", false}, /* call local pc+9 */
    {"call local f\nr0 = 0\nf: r0 = 1\nexit", "last insn is not an exit or jmp", false},
    {"call local f\nif r1 == 0 goto g\nexit\nf: r0 = 1\ng: exit",
     "jump out of range from insn 1 to 4", false},
    {"callx r1\nexit", "unknown opcode 8d", false},
    {".word 0xff\nexit", "unknown opcode ff", false},
    {".word 0x100000061\nexit", "BPF_LDX uses reserved fields", false}, /* imm of a load */
    {".word 0x1000b7\nexit", "BPF_MOV uses reserved fields", false},    /* off of r0 = 0 */
    {".word 0x10007\nexit", "BPF_ALU uses reserved fields", false},
    {".word 0x10095", "BPF_EXIT uses reserved fields", false},
    {".word 0x7000000c3\nexit", "BPF_ATOMIC uses invalid atomic opcode 07", false},
    {".word 0x7018\n.word 0\nexit", "unrecognized bpf_ld_imm64 insn", false},
    {".word 0x18\n.word 1\nexit", "invalid bpf_ld_imm64 insn", false},
    {".word 0xcb7\nexit", "R12 is invalid", false},
    {"r10 = 1\nr0 = 0\nexit", NULL, false}, /* where it is reached */
};

static void test_rejections(void) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct subject_bed b;
        check_note(cases[i].text);
        if (!bed_parse(&b, cases[i].text))
            continue;
        b.opt.unprivileged = cases[i].unprivileged;
        const bool ok = bed_make(&b);
        CHECK_EQ(ok, cases[i].words == NULL);
        if (cases[i].words && !CHECK(strstr(b.rep.linux_text, cases[i].words) != NULL))
            printf("    got  \"%s\"\n", b.rep.linux_text);
        bed_drop(&b);
    }
    check_note(NULL);
}

static void test_sizes(void) {
    struct subject_bed b;
    CHECK(bed_parse(&b, "exit"));
    b.prog.n_insns = 0;
    CHECK(!bed_make(&b));
    bed_drop(&b);
    char *text = calloc(5000, sizeof "r0 = 0\n");
    for (uint32_t i = 0; text && i < 4096; i++)
        strcpy(text + 7 * (size_t)i, "r0 = 0\n");
    if (!CHECK(text != NULL))
        return;
    strcat(text, "exit");
    for (uint32_t unprivileged = 0; unprivileged < 2; unprivileged++) {
        CHECK(bed_parse(&b, text));
        b.opt.unprivileged = unprivileged;
        CHECK_EQ(bed_make(&b), !unprivileged);
        bed_drop(&b);
    }
    free(text);
}

/* ---- where states are compared: one letter set an instruction ---- */

static void letters(const struct subject *s, char *out, size_t size) {
    static const struct {
        enum pc_flag flag;
        char letter;
    } of[] = {{PC_PRUNE, 'P'},       {PC_HISTORY, 'H'},
              {PC_JUMP_TARGET, 'T'}, {PC_FORCE_CHECKPOINT, 'F'},
              {PC_MAY_GOTO, 'M'},    {PC_CALLS_CALLBACK, 'C'}};
    size_t n = 0;
    for (uint32_t pc = 0; pc < s->prog->n_insns && n + 10 < size; pc++) {
        if (s->ops[pc] == OP_INVALID)
            continue;
        out[n++] = pc ? ' ' : '|';
        for (size_t k = 0; k < sizeof of / sizeof *of; k++)
            if (s->pc_flags[pc] & of[k].flag)
                out[n++] = of[k].letter;
        if (out[n - 1] == ' ' || out[n - 1] == '|')
            out[n++] = '-';
    }
    out[n] = '\0';
}

static void check_points(const char *text, const char *want) {
    struct subject_bed b;
    char got[200];
    if (bed_parse(&b, text) && CHECK(bed_make(&b))) {
        letters(&b.sub, got, sizeof got);
        CHECK_STR(got, want);
    }
    bed_drop(&b);
}

static void test_points(void) {
    check_points("r0 = 0\nexit", "|- -");
    check_points("r0 = 0\nif r1 == 0 goto +1\nr0 = 1\nexit", "|- P - PHT");
    check_points("r0 = 0\ngoto +0\nexit", "|- - PHT");
    check_points("call 5\nr0 = 0\nexit", "|- PH -");
    check_points("call local f\nexit\nf: r0 = 0\nexit", "|P PH PHT -");
    check_points("l: may_goto e\ngoto l\ne: r0 = 0\nexit", "|PHTFM - PHT -");
    check_points("r0 = 0\nr2 = code(f) ll\ncall 181\nexit\nf: r0 = 0\nexit",
                 "|- P PHFC PH PHT -"); /* bpf_loop */
    check_points("r2 = code(f) ll\ncall 170\nexit\nf: r0 = 0\nexit",
                 "|P PH PH PHT -"); /* timer_set_callback */
}

/* ---- functions ---- */

static void test_functions(void) {
    struct subject_bed b;
    CHECK(bed_parse(&b, "call local f\nr2 = code(cb) ll\ncall 170\nexit\n"
                        "f: call local g\nexit\n"
                        "g: call 9\nexit\n" /* skb_store_bytes: changes the packet */
                        "cb: r0 = 0\nexit"));
    CHECK(bed_make(&b));
    CHECK_EQ(b.sub.n_subprogs, 4);
    const struct subprog_fact *f = b.sub.subprogs;
    CHECK(f[0].start == 0 && f[0].end == 5 && f[1].start == 5 && f[3].end == b.prog.n_insns);
    CHECK(f[0].changes_packet && f[1].changes_packet && f[2].changes_packet);
    CHECK(!f[3].changes_packet && !f[2].might_sleep);
    CHECK(f[3].is_callback && f[3].is_async_callback && !f[1].is_callback);
    CHECK_EQ(subject_sub_at(&b.sub, 7), 2);
    CHECK_EQ(subject_sub_at(&b.sub, 6), 4);
    CHECK_EQ(subject_sub_at(&b.sub, 1000), 4);
    bed_drop(&b);

    CHECK(bed_parse(&b, "call local f\nexit\nf: r0 = *(u8 *)skb[0]\nexit"));
    CHECK(!bed_make(&b));
    CHECK_STR(b.rep.linux_text, "LD_ABS is not allowed in subprogs without BTF");
    bed_drop(&b);
}

/* ---- loops: a component is what reaches itself, compared by brute force ---- */

enum {
    SMALL = 12
};

/* Random jumps; reach[a] has bit b if b can follow on a. */
static uint32_t random_program(uint64_t *seed, char *text, uint32_t reach[SMALL]) {
    const uint32_t n = 3 + (uint32_t)(check_random(seed) % (SMALL - 3));
    *text = '\0';
    for (uint32_t pc = 0; pc < n; pc++) {
        char line[64];
        const uint32_t to = (uint32_t)(check_random(seed) % n),
                       what = (uint32_t)(check_random(seed) % 4);
        const int off = (int)to - (int)pc - 1;
        reach[pc] = 0;
        if (pc == n - 1)
            strcpy(line, "exit\n");
        else if (what == 0)
            strcpy(line, "r0 += r1\n");
        else
            snprintf(line, sizeof line, what == 1 ? "goto %+d\n" : "if r1 == r2 goto %+d\n", off);
        strcat(text, line);
        if (pc < n - 1 && what != 1)
            reach[pc] |= 1u << (pc + 1);
        if (pc < n - 1 && what != 0)
            reach[pc] |= 1u << to;
    }
    return n;
}

static void close_reach(uint32_t reach[SMALL], uint32_t n) {
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t a = 0; a < n; a++)
            if (reach[a] >> k & 1)
                reach[a] |= reach[k];
}

static void test_loops(void) {
    uint64_t seed = 31, n_accepted = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        char text[SMALL * 40];
        uint32_t reach[SMALL];
        const uint32_t n = random_program(&seed, text, reach);
        struct subject_bed b;
        close_reach(reach, n);
        const uint32_t all = (1u << n) - 1;
        if (!bed_parse(&b, text))
            continue;
        check_note(text);
        const bool ok = bed_make(&b);
        CHECK_EQ(ok, ((reach[0] | 1) & all) == all);
        n_accepted += ok;
        for (uint32_t x = 0; ok && x < n; x++) {
            CHECK_EQ(b.sub.scc[x] != 0, reach[x] >> x & 1);
            for (uint32_t y = 0; y < x; y++)
                if (b.sub.scc[x] && b.sub.scc[y])
                    CHECK_EQ(b.sub.scc[x] == b.sub.scc[y],
                             (reach[x] >> y & 1) && (reach[y] >> x & 1));
        }
        bed_drop(&b);
        CHECK(bed_parse(&b, text));
        b.opt.unprivileged = true; /* the same, without loops */
        bool loops = false;
        for (uint32_t x = 0; x < n; x++)
            loops |= ((reach[0] | 1) >> x & 1) && (reach[x] >> x & 1);
        CHECK_EQ(bed_make(&b), ok && !loops);
        bed_drop(&b);
        check_note(NULL);
    }
    CHECK(n_accepted > 500);
}

/* ---- any words: an answer, and nothing else (the sanitizers look) ---- */

static void test_hostile(void) {
    uint64_t seed = 32, n_accepted = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        struct insn insns[10];
        const uint32_t n = 1 + (uint32_t)(check_random(&seed) % 10);
        for (uint32_t pc = 0; pc < n; pc++) {
            const uint64_t x = check_random(&seed);
            const struct op_info *row = &op_table[x % N_OPS];
            insns[pc] = (struct insn){.code = row->code,
                                      .dst = x >> 8 & 7,
                                      .src = row->src_rule == FIELD_FIXED ? row->src_fixed
                                                                          : (uint8_t)(x >> 12 & 7),
                                      .off = row->off_rule == FIELD_FIXED ? row->off_fixed : 0,
                                      .imm = row->imm_rule == FIELD_FIXED ? row->imm_fixed : 0};
            if (row->off_rule == FIELD_JUMP)
                insns[pc].off = (int16_t)((int)(x >> 16 & 7) - 3);
            if (row->imm_rule == FIELD_JUMP || row->imm_rule == FIELD_ANY)
                insns[pc].imm = (int32_t)(x >> 16 & 7) - 3;
            if ((x >> 20 & 63) == 0)
                insns[pc].code = (uint8_t)(x >> 32);
        }
        insns[n - 1] = (struct insn){.code = op_table[OP_EXIT].code};
        struct subject_bed b = {.prog = {.type = PROG_xdp, .insns = insns, .n_insns = n}};
        const uint16_t depth[10] = {0};
        enum bpflab_err err = BPFLAB_OK;
        if (bed_make(&b)) {
            n_accepted++;
            subject_check_stack(&b.sub, depth, NULL, &b.rep, &err);
            CHECK_EQ(err, BPFLAB_OK);
        }
        bed_drop(&b);
    }
    CHECK(n_accepted > 1000);
}

/* ---- stack ---- */

static void check_stack(const char *text, uint32_t type, const uint16_t *depth, const char *words) {
    struct subject_bed b;
    enum bpflab_err err = BPFLAB_OK;
    if (!bed_parse(&b, text))
        return;
    b.prog.type = type;
    if (CHECK(bed_make(&b))) {
        const bool ok = subject_check_stack(&b.sub, depth, NULL, &b.rep, &err);
        CHECK_EQ(err, BPFLAB_OK);
        CHECK_EQ(ok, words == NULL);
        if (words)
            CHECK_STR(b.rep.linux_text, words);
    }
    bed_drop(&b);
}

static void test_stack(void) {
    static const char chain[] = "call local f\nexit\nf: call local g\nexit\ng: r0 = 0\nexit";
    const uint16_t fits[] = {256, 240, 1}, large[] = {256, 240, 17}, one[] = {520, 0, 0};
    check_stack(chain, PROG_xdp, fits, NULL);
    check_stack(chain, PROG_xdp, large, "combined stack size of 3 calls is 528. Too large");
    check_stack(chain, PROG_xdp, one, "combined stack size of 1 calls is 528. Too large");
    check_stack(chain, PROG_kprobe, large, NULL); /* a stack for each function */
    check_stack(chain, PROG_kprobe, one, "stack size of subprog 0 is 528. Too large");

    static const char timer[] = "r2 = code(f) ll\ncall 170\nexit\nf: r0 = 0\nexit";
    static const char loop[] = "r2 = code(f) ll\ncall 181\nexit\nf: r0 = 0\nexit";
    const uint16_t half[] = {272, 272};
    check_stack(timer, PROG_xdp, half, NULL); /* later, on a stack of its own */
    check_stack(loop, PROG_xdp, half, "combined stack size of 2 calls is 544. Too large");

    static const char itself[] = "call local f\nexit\nf: call local f\nexit";
    const uint16_t none[] = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    check_stack(itself, PROG_xdp, none, "the call stack of 8 frames is too deep !");
    static const char eight[] = "call local a\nexit\na: call local b\nexit\nb: call local c\nexit\n"
                                "c: call local d\nexit\nd: call local e\nexit\ne: call local f\n"
                                "exit\nf: call local g\nexit\ng: r0 = 0\nexit";
    check_stack(eight, PROG_xdp, none, NULL);
}

/* 32 functions in each of 7 layers, each calling all of the next: 2^35 chains. */
static void test_many_chains(void) {
    enum {
        LAYERS = 7,
        WIDTH = 32
    };
    char *text = calloc(LAYERS * WIDTH * (WIDTH + 2), 32);
    if (!CHECK(text != NULL))
        return;
    char *p = text;
    for (uint32_t i = 0; i < WIDTH; i++)
        p += sprintf(p, "call local f0_%u\n", i);
    p += sprintf(p, "exit\n");
    for (uint32_t l = 0; l < LAYERS; l++)
        for (uint32_t i = 0; i < WIDTH; i++) {
            p += sprintf(p, "f%u_%u:\n", l, i);
            for (uint32_t k = 0; l + 1 < LAYERS && k < WIDTH; k++)
                p += sprintf(p, "call local f%u_%u\n", l + 1, k);
            p += sprintf(p, "exit\n");
        }
    uint16_t depth[LAYERS * WIDTH + 1];
    for (uint32_t i = 0; i < LAYERS * WIDTH + 1; i++)
        depth[i] = (uint16_t)(16 * (i % 5));
    check_stack(text, PROG_xdp, depth, NULL);
    free(text);
}

int main(void) {
    test_rejections();
    test_sizes();
    test_points();
    test_functions();
    test_loops();
    test_hostile();
    test_stack();
    test_many_chains();
    return check_end();
}
