/* asm_hostile_test.c: text that nobody meant as assembly: random bytes, random words of the
 * language, good text cut and
 * damaged, very long lines, names and nests. Ends in words or in an error with a place; a
 * sanitizer build sees any
 * read beyond the text, which is copied to a block of exactly its size.
 */
#include "isa/tests/asm_util.h"
#include "tests/check.h"

static uint64_t seed = 7;

/* Assemble, and hold what holds of any text. */
static bool take(const char *text, size_t n) {
    struct insn *insns = NULL;
    uint32_t n_insns = 0;
    struct diag d = {0};
    const enum bpflab_err err = parse_exact(text, n, &insns, &n_insns, &d);
    if (err) {
        size_t lines = 1;
        for (size_t i = 0; i < n; i++)
            lines += text[i] == '\n';
        CHECK(!insns && d.err == err && d.text[0]);
        CHECK(d.line >= 1 && d.line <= lines && d.col >= 1 && d.col <= n + 1);
    } else {
        CHECK(insns && n_insns <= n);
        for (uint32_t i = 0; i < n_insns; i += insn_slots(insns[i])) {
            char line[ASM_LINE_MAX];
            asm_print(insns[i], i + 1 < n_insns ? &insns[i + 1] : NULL, ASM_KERNEL, NULL, line);
            CHECK(line[0]);
        }
    }
    free(insns);
    return !err;
}

static void random_bytes(void) {
    char text[300];
    for (unsigned i = check_rounds(8000); i; i--) {
        const size_t n = check_random(&seed) % sizeof text;
        const bool printable = check_random(&seed) & 1;
        for (size_t k = 0; k < n; k++)
            text[k] = (char)(printable ? 32 + check_random(&seed) % 95 : check_random(&seed));
        take(text, n);
    }
}

static const char *const words[] = {
    "r1",
    "%r2",
    "w3",
    "r99",
    "=",
    "+=",
    "s/=",
    "s>",
    "<<=",
    "*",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    ";",
    "\n",
    "+",
    "-",
    "5",
    "0xff",
    "ll",
    "u32",
    "s8",
    "skb",
    "if",
    "goto",
    "lock",
    "fetch",
    "add",
    "jeq",
    "call",
    "exit",
    "pc",
    "local",
    "lddw",
    "callx",
    "1:",
    "1b",
    "f:",
    "f",
    "<",
    ">",
    "#",
    "/*",
    "*/",
    "12: (b7)",
    "kfunc",
    "helper",
    "be16",
    "map_fd",
    ".word",
    "xchg_64",
    "load_acquire",
    "store_release",
    "ldxw",
    "atomic_fetch_add",
    "cmpxchg32_32",
    "addr_space_cast",
    "99999999999999999999",
    "12: b7 01 00 00 05 00 00 00",
    "0000 <f>:",
    "ld_pseudo",
    "code",
    "gotol",
    "may_goto",
    "runtime",
    "//",
    "%",
    "%%",
    "f#1",
    "\r",
    "\t",
};

static void random_words(void) {
    unsigned accepted = 0;
    for (unsigned i = check_rounds(25000); i; i--) {
        char text[256];
        size_t n = 0;
        const size_t count = 1 + check_random(&seed) % 9;
        for (size_t k = 0; k < count && n + 40 < sizeof text; k++) {
            const char *word = words[check_random(&seed) % (sizeof words / sizeof *words)];
            memcpy(text + n, word, strlen(word));
            n += strlen(word);
            if (check_random(&seed) % 4)
                text[n++] = ' ';
        }
        accepted += take(text, n);
    }
    CHECK(accepted > check_rounds(1000));
}

static const char good[] =
    "entry: r1 = 0x1122334455667788 ll; if w1 s> 3 goto out\n"
    "lock *(u64 *)(r10 - 8) += r2 // add\nr0 = cmpxchg_64(r1 + 0, r0, r2); r1 = map_value(3, 8) "
    "ll\n"
    "12: (b7) r1 = 5 ; R1=5\n call local entry\n lddw_code %r1, out\n jeq32 %r1, 0xff, +2 /* "
    "two\nlines */\n"
    "lock fetch add32 [%r10-8], %r1\nstore_release8 [%r1], %r2\n 0000 <f>:\n goto +1 <f+0x10>\n"
    "call bpf_map_lookup_elem#1; 1: goto 1b; r0 = *(u16 *)skb[r1 + 4]\nout: exit\n.word 0x95, 1";

/* Every beginning of a good text, and the text with bytes changed, dropped and doubled. */
static void damaged(void) {
    const size_t n = sizeof good - 1;
    CHECK(take(good, n));
    for (size_t cut = 0; cut < n; cut++) {
        take(good, cut);
        take(good + cut, n - cut);
    }
    for (unsigned i = check_rounds(15000); i; i--) {
        char text[sizeof good + 8];
        size_t len = n;
        memcpy(text, good, n);
        for (uint64_t edits = 1 + check_random(&seed) % 4; edits; edits--) {
            const uint64_t r = check_random(&seed);
            const size_t at = (r >> 8) % len;
            if (r % 3 == 0) {
                text[at] = (char)(r >> 40);
            } else if (r % 3 == 1) {
                memmove(text + at, text + at + 1, len - at - 1);
                len--;
            } else if (len < sizeof text) {
                memmove(text + at + 1, text + at, len - at);
                len++;
            }
        }
        take(text, len);
    }
}

/* One piece, a quarter of a million bytes of it, alone and within an instruction. */
static void long_text(void) {
    static const char *const pieces[] = {
        "a",
        "9",
        "0x1",
        " ",
        "-",
        "(",
        "call ",
        "helper ",
        "call helper ",
        "a:",
        "1:",
        "lock ",
        "/*",
        "*/",
        "#",
        "\n",
        ";",
        "%",
        "%r1",
        "r1 = ",
        "s",
        "<",
        "<f>:",
        "[",
        ".word ",
        "f:\n",
        "goto f\n",
        "1: (b7) ",
        "1: b7 01 00 00 05 00 00 00 ",
        "0000 <f>:",
        "1:\n",
        "goto 1b\n",
        "exit\n",
        "if r1 ",
        "*(u8 *)",
    };
    const size_t size = check_rounds(1 << 18);
    char *text = malloc(size + 64);
    if (!text)
        abort();
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        const size_t len = strlen(pieces[i]);
        for (int within = 0; within < 2; within++) {
            size_t n = within ? (size_t)sprintf(text, "1: f: r1 = ") : 0;
            for (; n + len <= size; n += len)
                memcpy(text + n, pieces[i], len);
            check_note(pieces[i]);
            take(text, n);
        }
    }
    check_note(NULL);
    free(text);
}

/* Names that differ in one end only, and many of them: found and told apart. */
static void many_labels(void) {
    enum {
        N = 20000
    };
    char *text = malloc((size_t)N * 40);
    size_t len = 0;
    if (!text)
        abort();
    for (int i = 0; i < N; i++)
        len += (size_t)sprintf(text + len, "L%d: goto L%d\n", i, N - 1 - i);
    struct insn *insns = NULL;
    uint32_t n = 0;
    CHECK_EQ(parse_exact(text, len, &insns, &n, NULL), BPFLAB_OK);
    if (CHECK_EQ(n, N))
        for (int i = 0; i < N; i++)
            CHECK_EQ(insns[i].off, N - 1 - i - i - 1);
    free(insns);
    free(text);
}

/* More slots than a program may have. */
static void too_long(void) {
    const size_t n = 1000001;
    char *text = malloc(n * 5);
    if (!text)
        abort();
    for (size_t i = 0; i < n; i++)
        memcpy(text + 5 * i, "exit\n", 5);
    struct insn *insns = NULL;
    uint32_t n_insns = 0;
    struct diag d = {0};
    CHECK_EQ(parse_exact(text, 5 * n, &insns, &n_insns, &d), BPFLAB_E_TOO_LONG);
    CHECK_EQ(d.line, n);
    CHECK_EQ(parse_exact(text, 5 * (n - 1), &insns, &n_insns, &d), BPFLAB_OK);
    CHECK_EQ(n_insns, n - 1);
    free(insns);
    free(text);
}

int main(void) {
    random_bytes();
    random_words();
    damaged();
    long_text();
    many_labels();
    if (check_rounds(100) == 100) /* a million lines: where each is slow, at night */
        too_long();
    return check_end();
}
