/* test_options.c: the option parser, the number reader, and suggestions.
 */
#include "cli/options.h"

#include "cli/suggest.h"
#include "tests/check.h"

static const struct option_spec specs[] = {
    {.name = "out", .letter = 'o', .kind = OPTION_FILE, .metavar = "FILE", .help = "h"},
    {.name = "repeat", .kind = OPTION_NUMBER, .metavar = "N", .help = "h", .min = 1, .max = 1000},
    {.name = "style", .kind = OPTION_CHOICE, .metavar = "S", .help = "h", .choices = "ubpf kernel"},
    {.name = "groups", .kind = OPTION_CHOICES, .metavar = "S", .help = "h", .choices = "a bb ccc"},
    {.name = "trace", .letter = 't', .kind = OPTION_FLAG, .help = "h"},
    {.name = "mem", .kind = OPTION_BYTES, .metavar = "HEX", .help = "h"},
};
enum {
    N_SPECS = sizeof specs / sizeof specs[0],
    MAX_WORDS = 12
};

static char message[OPTION_MESSAGE_MAX];

static bool parse(struct options *o, const char *const *words) {
    char *argv[MAX_WORDS];
    int argc = 0;
    for (; words[argc]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc];
    message[0] = 0;
    return options_parse(specs, N_SPECS, argc, argv, o, message);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void check_good(void) {
    struct options o;
    CHECK(parse(&o, WORDS("a", "--out", "x", "b", "-t", "--repeat=7", "--style=kernel", "--mem", "",
                          "--", "--trace")));
    CHECK_EQ(o.n_operands, 3);
    CHECK_STR(o.operands[0], "a");
    CHECK_STR(o.operands[1], "b");
    CHECK_STR(o.operands[2], "--trace");
    CHECK_STR(option_text(&o, "out"), "x");
    CHECK_STR(option_text(&o, "style"), "kernel");
    CHECK_STR(option_text(&o, "mem"), "");
    CHECK_EQ(option_number(&o, "repeat", 1), 7);
    CHECK(option_on(&o, "trace"));
    CHECK(!option_on(&o, "json"));
    CHECK(!option_text(&o, "groups"));
    options_fini(&o);

    CHECK(parse(&o, WORDS("-oy", "-o", "z", "-", "--json", "-h", "--groups=a,ccc")));
    CHECK_STR(option_text(&o, "out"), "z");
    CHECK_STR(o.operands[0], "-");
    CHECK(option_on(&o, "json") && option_on(&o, "help"));
    size_t at = 0;
    CHECK_STR(option_next(&o, "out", &at)->value, "y");
    CHECK_STR(option_next(&o, "out", &at)->value, "z");
    CHECK(!option_next(&o, "out", &at));
    CHECK_EQ(option_number(&o, "repeat", 42), 42);
    options_fini(&o);

    /* An option's value may look like an option. */
    CHECK(parse(&o, WORDS("--out", "--trace")));
    CHECK_STR(option_text(&o, "out"), "--trace");
    CHECK(!option_on(&o, "trace"));
    options_fini(&o);
    CHECK(options_parse(specs, N_SPECS, 0, NULL, &o, message));
    CHECK_EQ(o.n_operands, 0);
    options_fini(&o);
}

static void refuse(const char *const *words, const char *says) {
    struct options o;
    check_note(words[0]);
    if (!CHECK(!parse(&o, words)))
        options_fini(&o);
    CHECK(strstr(message, says) != NULL);
    CHECK_EQ(o.n_given, 0);
    CHECK(!o.operands);
    check_note(NULL);
}

static void check_bad(void) {
    refuse(WORDS("--ot", "x"), "did you mean --out?");
    refuse(WORDS("--traec"), "did you mean --trace?");
    refuse(WORDS("--jsno"), "did you mean --json?");
    refuse(WORDS("--repaet=3"), "did you mean --repeat?");
    refuse(WORDS("--zzzzzzzz"), "unknown option --zzzzzzzz");
    refuse(WORDS("-x"), "unknown option -x");
    refuse(WORDS("--out"), "needs a value: FILE");
    refuse(WORDS("-o"), "needs a value");
    refuse(WORDS("--trace=1"), "takes no value");
    refuse(WORDS("-tt"), "takes no value");
    refuse(WORDS("--repeat", "0"), "not between 1 and 1000");
    refuse(WORDS("--repeat", "1001"), "not between 1 and 1000");
    refuse(WORDS("--repeat", "-1"), "not a number");
    refuse(WORDS("--repeat", ""), "not a number");
    refuse(WORDS("--style", "kernle"), "did you mean kernel?");
    refuse(WORDS("--style", "xyz"), "one of: ubpf kernel");
    refuse(WORDS("--style", ""), "unknown word");
    refuse(WORDS("--style", "ubpf kernel"), "unknown word");
    refuse(WORDS("--groups", "a,b"), "unknown word");
    refuse(WORDS("--groups", "a,"), "unknown word");
    refuse(WORDS("a", "--style", "ubp"), "did you mean ubpf?");
}

static void check_numbers(void) {
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } rows[] = {
        {"0", true, 0},
        {"00012", true, 12},
        {"0x10", true, 16},
        {"0XfF", true, 255},
        {"5k", true, 5000},
        {"2M", true, 2000000},
        {"3G", true, 3000000000},
        {"18446744073709551615", true, UINT64_MAX},
        {"0xffffffffffffffff", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"0x10000000000000000", false, 0},
        {"99999999999999999999999", false, 0},
        {"18446744073709551G", false, 0},
        {"", false, 0},
        {"0x", false, 0},
        {"k", false, 0},
        {"1kk", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {"1e3", false, 0},
        {"12a", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t v = 99;
        check_note(rows[i].text);
        CHECK_EQ(number_parse(rows[i].text, &v), rows[i].ok);
        CHECK_EQ(v, rows[i].ok ? rows[i].value : 99);
    }
    check_note(NULL);
}

static const char *nearest(const char *word) {
    static const char *const names[] = {"info", "asm", "disasm", "run", "conformance", "plugin"};
    struct suggestion s = suggest_for(word);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        suggest_offer(&s, names[i]);
    return s.nearest;
}

static void check_suggestions(void) {
    CHECK_EQ(suggest_distance("", ""), 0);
    CHECK_EQ(suggest_distance("abc", ""), 3);
    CHECK_EQ(suggest_distance("abc", "abc"), 0);
    CHECK_EQ(suggest_distance("abc", "ABC"), 0);
    CHECK_EQ(suggest_distance("abc", "acb"), 1);
    CHECK_EQ(suggest_distance("kitten", "sitting"), 3);
    CHECK_EQ(suggest_distance("ca", "abc"), 3);
    CHECK_STR(nearest("rnu"), "run");
    CHECK_STR(nearest("disams"), "disasm");
    CHECK_STR(nearest("conf"), "conformance");
    CHECK_STR(nearest("plguin"), "plugin");
    CHECK_STR(nearest("INFO"), "info");
    CHECK(!nearest("xyzzy"));
    CHECK(!nearest(""));
    /* Distances are symmetric and obey the triangle with the empty word, also beyond the longest
     * looked at. */
    uint64_t seed = 1;
    for (int i = 0; i < 2000; i++) {
        char a[80], b[80];
        size_t n_a = check_random(&seed) % 79, n_b = check_random(&seed) % 79;
        for (size_t k = 0; k < n_a; k++)
            a[k] = (char)('a' + check_random(&seed) % 3);
        for (size_t k = 0; k < n_b; k++)
            b[k] = (char)('a' + check_random(&seed) % 3);
        a[n_a] = b[n_b] = 0;
        unsigned d = suggest_distance(a, b);
        CHECK_EQ(d, suggest_distance(b, a));
        CHECK(d <= (n_a > n_b ? n_a : n_b));
        CHECK_EQ(suggest_distance(a, a), 0);
    }
}

static void check_words(void) {
    size_t n;
    CHECK(word_in("ab cd", "cd", 2));
    CHECK(!word_in("ab cd", "c", 1));
    CHECK(!word_in("ab cd", "", 0));
    CHECK(!word_in("", "a", 1));
    CHECK(!strncmp(word_nth("ab cd ", 1, &n), "cd", 2) && n == 2);
    CHECK(!word_nth("ab cd ", 2, &n));
}

int main(void) {
    check_good();
    check_bad();
    check_numbers();
    check_suggestions();
    check_words();
    return check_end();
}
