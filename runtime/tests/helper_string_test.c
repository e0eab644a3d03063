/* helper_string_test.c: strtol, strtoul and strncmp against a table, and against a model over
 * random texts. */
#include "runtime/tests/helper_bed.h"

__extension__ typedef unsigned __int128 u128;

/* struct number: what a text means. */
struct number {
    int64_t consumed; /* or -errno */
    bool negative;
    u128 value;
};

static int digit(char c) {
    const char *all = "0123456789abcdef";
    const char lower = c >= 'A' && c <= 'F' ? (char)(c + 32) : c;
    const char *p = lower ? strchr(all, lower) : NULL;
    return p ? (int)(p - all) : 99;
}

/* The model: straight from the manual, with numbers that cannot overflow. */
static struct number model(const char *s, size_t len, uint64_t flags) {
    struct number r = {-LX_EINVAL, false, 0};
    char copy[200] = {0};
    int base = (int)(flags & 31);
    if (len == 0 || flags > 31 || !(base == 0 || base == 8 || base == 10 || base == 16))
        return r;
    size_t at = 0;
    while (at < len && s[at] && strchr(" \t\n\v\f\r\xa0", s[at]))
        at++;
    if (at < len && s[at] == '-')
        r.negative = true, at++;
    if (at == len)
        return r;
    const size_t rest = len - at < 63 ? len - at : 63;
    memcpy(copy, s + at, rest);
    size_t i = 0;
    const bool hex = copy[0] == '0' && (copy[1] == 'x' || copy[1] == 'X');
    if (base == 0)
        base = copy[0] != '0' ? 10 : hex && digit(copy[2]) < 16 ? 16 : 8;
    if (base == 16 && hex)
        i = 2;
    const size_t first = i;
    bool over = false;
    for (; digit(copy[i]) < base; i++) {
        if (!over)
            r.value = r.value * (unsigned)base + (unsigned)digit(copy[i]);
        over = over || r.value > UINT64_MAX;
    }
    if (over)
        r.consumed = -LX_ERANGE;
    else if (i > first)
        r.consumed = (int64_t)(at + i);
    return r;
}

static void compare(struct world *w, const char *s, size_t len, uint64_t flags, uint64_t buf,
                    uint64_t res) {
    const struct number m = model(s, len, flags);
    const u128 limit = (u128)INT64_MAX + m.negative;
    memcpy(bed_host(w, buf), s, len);

    memset(bed_host(w, res), 0x5a, 8);
    uint64_t want = (uint64_t)m.consumed, value = 0;
    if (m.consumed >= 0 && m.value > limit)
        want = ERRNO(LX_ERANGE);
    else if (m.consumed >= 0)
        value = m.negative ? 0 - (uint64_t)m.value : (uint64_t)m.value;
    bool ok = CHECK_EQ(CALL4(w, strtol, buf, len, flags, res), want);
    ok = CHECK_EQ(world_get64(w, bed_host(w, res)), value) && ok;

    memset(bed_host(w, res), 0x5a, 8);
    want = m.consumed >= 0 && m.negative ? ERRNO(LX_EINVAL) : (uint64_t)m.consumed;
    value = m.consumed >= 0 && !m.negative ? (uint64_t)m.value : 0;
    ok = CHECK_EQ(CALL4(w, strtoul, buf, len, flags, res), want) && ok;
    ok = CHECK_EQ(world_get64(w, bed_host(w, res)), value) && ok;
    if (!ok && check_state.failed < 50)
        printf("    text \"%.*s\", flags %" PRIu64 "\n", (int)len, s, flags);
}

static void test_numbers_random(struct world *w) {
    static const char alphabet[] = "0000123456789aAfFgxX-+ \t:.\xa0";
    const uint64_t buf = bed_mem(w, NULL, 128), res = bed_mem(w, NULL, 8);
    uint64_t seed = 1;
    for (int i = 0; i < 60000; i++) {
        char s[128];
        const size_t len = check_random(&seed) % 24 + (check_random(&seed) % 16 ? 0 : 60);
        for (size_t k = 0; k < len; k++)
            s[k] = alphabet[check_random(&seed) % (sizeof alphabet - 1)];
        static const uint64_t flags[] = {0, 8, 10, 16, 0, 10, 16, 2, 17, 32, UINT64_MAX};
        compare(w, s, len, flags[check_random(&seed) % 11], buf, res);
    }
    for (int i = 0; i < 20000; i++) { /* numbers near the limits of 63 and 64 bits, in every base */
        static const char *const forms[] = {"%s%llu", "%s0x%llx", "%s0%llo", "%s%llx", "%s%llo"};
        static const uint64_t edge[] = {0, INT64_MAX, UINT64_MAX, UINT64_C(1) << 63};
        const unsigned long long v = edge[check_random(&seed) % 4] + check_random(&seed) % 5 - 2;
        const unsigned form = (unsigned)(check_random(&seed) % 5);
        char s[128];
        (void)snprintf(s, sizeof s, forms[form], check_random(&seed) % 2 ? "-" : " ", v);
        if (check_random(&seed) % 4 == 0)
            strcat(s, check_random(&seed) % 2 ? "0" : "7z");
        static const uint64_t bases[] = {0, 0, 0, 16, 8};
        compare(w, s, strlen(s), bases[form], buf, res);
    }
    CHECK_CALM(w);
}

static void test_numbers_table(struct world *w) {
    static const struct {
        const char *text;
        uint64_t flags;
        int64_t ret, value;
    } rows[] = {
        {"123", 0, 3, 123},
        {"  -42;", 10, 5, -42},
        {"0x1F", 0, 4, 31},
        {"0x", 0, 1, 0}, /* octal 0, then an x */
        {"0x", 16, -LX_EINVAL, 0},
        {"0778", 0, 3, 63},
        {"-9223372036854775808", 0, 20, INT64_MIN},
        {"-9223372036854775809", 0, -LX_ERANGE, 0},
        {"9223372036854775807", 0, 19, INT64_MAX},
        {"9223372036854775808", 0, -LX_ERANGE, 0},
        {"18446744073709551616", 0, -LX_ERANGE, 0},
        {"-", 0, -LX_EINVAL, 0},
        {"--1", 0, -LX_EINVAL, 0},
        {"+1", 0, -LX_EINVAL, 0},
        {"- 1", 0, -LX_EINVAL, 0},
        {"   ", 0, -LX_EINVAL, 0},
        {"9", 8, -LX_EINVAL, 0},
        {"12", 5, -LX_EINVAL, 0},
        {"12", 32, -LX_EINVAL, 0},
        {"\xa0"
         "7",
         0, 2, 7},
    };
    const uint64_t res = bed_mem(w, NULL, 8);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint64_t buf = bed_text(w, rows[i].text);
        check_note(rows[i].text);
        memset(bed_host(w, res), 0xff, 8);
        CHECK_EQ(CALL4(w, strtol, buf, strlen(rows[i].text), rows[i].flags, res), rows[i].ret);
        CHECK_EQ(world_get64(w, bed_host(w, res)), rows[i].value);
    }
    check_note(NULL);
    const uint64_t all = bed_text(w, "18446744073709551615");
    CHECK_EQ(CALL4(w, strtoul, all, 20, 10, res), 20);
    CHECK_EQ(world_get64(w, bed_host(w, res)), UINT64_MAX);
    CHECK_EQ(CALL4(w, strtoul, all, 0, 10, res), ERRNO(LX_EINVAL));
    /* only the bytes that were handed over count, and 63 of them */
    CHECK_EQ(CALL4(w, strtoul, all, 3, 10, res), 3);
    CHECK_EQ(world_get64(w, bed_host(w, res)), 184);
    char zeros[80];
    memset(zeros, '0', sizeof zeros);
    zeros[63] = '1';
    const uint64_t many = bed_mem(w, zeros, sizeof zeros);
    CHECK_EQ(CALL4(w, strtoul, many, sizeof zeros, 10, res), 63);
    CHECK_EQ(world_get64(w, bed_host(w, res)), 0);
    /* a result that overlaps the text is cleared first */
    CHECK_EQ(CALL4(w, strtoul, all, 20, 10, all), ERRNO(LX_EINVAL));
    CHECK_TRAP(w, CALL4(w, strtol, all, 1000, 0, res), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL4(w, strtol, all, 3, 0, 0), RUN_TRAP_NULL);
    CHECK_CALM(w);
}

static void test_strncmp(struct world *w) {
    static const struct {
        const char *a;
        uint32_t n;
        const char *b;
        int want;
    } rows[] = {
        {"abc", 4, "abc", 0}, {"abc", 3, "abcd", 0},  {"abd", 3, "abc", 1}, {"abb", 3, "abc", -1},
        {"", 1, "", 0},       {"a", 2, "", 1},        {"", 1, "a", -1},     {"ab", 1, "ac", 0},
        {"\xff", 1, "a", 1},  {"a\0x", 3, "a\0y", 0}, {"a", 1, "\xff", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint64_t a = bed_mem(w, rows[i].a, rows[i].n);
        const uint64_t b = bed_text(w, rows[i].b);
        CHECK_EQ(CALL3(w, strncmp, a, rows[i].n, b), (int64_t)rows[i].want);
    }
    CHECK_CALM(w);
    const uint64_t a = bed_text(w, "abc"), no_end = bed_mem(w, "abc", 3);
    CHECK_EQ(CALL3(w, strncmp, a, 3, no_end), 0);
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL3(w, strncmp, a, 4, no_end), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL3(w, strncmp, a, 9, no_end), RUN_TRAP_MEMORY);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        struct world *w = bed_world(big);
        test_numbers_table(w);
        test_numbers_random(w);
        test_strncmp(w);
        world_free(w);
    }
    return check_end();
}
