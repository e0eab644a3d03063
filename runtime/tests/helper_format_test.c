/* helper_format_test.c: format strings: a table of exact texts, refusals, truncation; random
 * integer, character and string conversions against the C library, whose printf agrees with the
 * kernel's on these; formats made of random pieces.
 */
#include "runtime/helper/format.h"

#include "runtime/tests/helper_bed.h"

struct printed {
    char text[2048];
    size_t n_bytes, n_calls;
};

static void keep(void *self, const char *text, size_t n_bytes) {
    struct printed *p = self;
    p->n_calls++;
    p->n_bytes = n_bytes;
    memcpy(p->text, text, n_bytes);
    p->text[n_bytes] = 0;
}

/* Put args into guest memory, call bpf_snprintf with a buffer of size bytes at out. */
static uint64_t format(struct world *w, uint64_t out, uint32_t size, const char *fmt,
                       const uint64_t *args, uint32_t n_args) {
    static uint64_t fmt_at[2], args_at[2];
    uint64_t *f = &fmt_at[w->cfg.big_endian], *a = &args_at[w->cfg.big_endian];
    if (!*f) {
        *f = bed_mem(w, NULL, 4096);
        *a = bed_mem(w, NULL, 8 * (FORMAT_ARGS_MAX + 1));
    }
    memcpy(bed_host(w, *f), fmt, strlen(fmt) + 1);
    for (uint32_t i = 0; i < n_args; i++)
        world_put64(w, (uint8_t *)bed_host(w, *a) + 8 * i, args[i]);
    return CALL5(w, snprintf, out, size, *f, n_args ? *a : 0, 8 * n_args);
}

static void expect(struct world *w, const char *want, const char *fmt, uint32_t n_args, uint64_t a,
                   uint64_t b, uint64_t c) {
    static uint64_t outs[2];
    uint64_t *out = &outs[w->cfg.big_endian];
    if (!*out)
        *out = bed_mem(w, NULL, 1024);
    const uint64_t args[3] = {a, b, c};
    check_note(fmt);
    memset(bed_host(w, *out), 'Q', 1024);
    if (CHECK_EQ(format(w, *out, 1024, fmt, args, n_args), strlen(want) + 1))
        CHECK_STR(bed_host(w, *out), want);
    CHECK_CALM(w);
    check_note(NULL);
}

static void test_integers(struct world *w) {
    const uint64_t big = UINT64_C(0x8000000012345678);
    expect(w, "", "", 0, 0, 0, 0);
    expect(w, "100%", "100%%", 0, 0, 0, 0);
    expect(w, "-1 4294967295 ffffffff", "%d %u %x", 3, UINT64_MAX, UINT64_MAX, UINT64_MAX);
    expect(w, "305419896 305419896 12345678", "%i %u %X", 3, big, big, big);
    expect(w, "-9223372036549355912", "%ld", 1, big, 0, 0);
    expect(w, "-9223372036549355912", "%lli", 1, big, 0, 0);
    expect(w, "9223372037160195704", "%llu", 1, big, 0, 0);
    expect(w, "8000000012345678", "%llx", 1, big, 0, 0);
    expect(w, "ABCDEF", "%lX", 1, 0xabcdef, 0, 0);
    expect(w, "[   42][42   ][00042]", "[%5d][%-5d][%05d]", 3, 42, 42, 42);
    expect(w, "[  -42][-42  ][-0042]", "[%5d][%-5d][%05d]", 3, (uint64_t)-42, (uint64_t)-42,
           (uint64_t)-42);
    expect(w, "+7 7 7", "%+d % u %+x", 3, 7, 7, 7);
    expect(w, " 7", "% d", 1, 7, 0, 0);
    expect(w, "0 0 0", "%d %x %llu", 3, 0, 0, 0);
    expect(w, "7a", "%da", 1, 7, 0, 0);
}

static void test_pointers(struct world *w) {
    const uint64_t addr = UINT64_C(0xffff888000001234);
    expect(w, "ffff888000001234", "%px", 1, addr, 0, 0);
    expect(w, "0000000000001234", "%px", 1, 0x1234, 0, 0);
    expect(w, "[                1234]", "[%20px]", 1, 0x1234, 0, 0);
    expect(w, "[1234                ]", "[%-20px]", 1, 0x1234, 0, 0);
    expect(w, "0000000000000000", "%p", 1, 0, 0, 0);
    expect(w, "fffffffffffffff2", "%p", 1, ERRNO(LX_EFAULT), 0, 0);
    expect(w, "0000000000000000", "%pK", 1, 0, 0, 0);
    expect(w, "0000000000001234-", "%pxyz9-", 1, 0x1234, 0, 0); /* letters are taken along */
}

/* A hashed pointer: 8 zeros, 8 digits; the same for the same pointer and world only. */
static void test_hash(struct world *w) {
    const uint64_t out = bed_mem(w, NULL, 64), args[2] = {0x1234, 0x1235};
    char first[64];
    CHECK_EQ(format(w, out, 64, "%p", args, 1), 17);
    strcpy(first, bed_host(w, out));
    CHECK(!memcmp(first, "00000000", 8) && strcmp(first, "0000000000001234"));
    CHECK_EQ(format(w, out, 64, "%pK", args, 1), 17);
    CHECK_STR(bed_host(w, out), first);
    CHECK_EQ(format(w, out, 64, "%p", args + 1, 1), 17);
    CHECK(strcmp(bed_host(w, out), first) != 0);
    w->cfg.seed++;
    CHECK_EQ(format(w, out, 64, "%p", args, 1), 17);
    CHECK(strcmp(bed_host(w, out), first) != 0);
    w->cfg.seed--;
}

static void test_symbols(struct world *w) {
    expect(w, "do_sys_openat2", "%ps", 1, BED_SYMBOL + 5, 0, 0);
    expect(w, "do_sys_openat2+0x5/0x240", "%pS", 1, BED_SYMBOL + 5, 0, 0);
    expect(w, "do_sys_openat2+0x0/0x240", "%pS", 1, BED_SYMBOL, 0, 0);
    expect(w, "do_sys_openat2+0x5/0x240", "%pB", 1, BED_SYMBOL + 5, 0, 0);
    expect(w, "do_sys_openat2+0x240/0x240", "%pB", 1, BED_SYMBOL + 0x240, 0, 0);
    expect(w, "0xffffffff81410000", "%pB", 1, BED_SYMBOL, 0, 0); /* belongs to what is before */
    expect(w, "0x10", "%ps", 1, 16, 0, 0);
    expect(w, "[      do_sys_openat2]", "[%20ps]", 1, BED_SYMBOL, 0, 0);
    expect(w, "[do_sys_openat2      ]", "[%-20ps]", 1, BED_SYMBOL, 0, 0);
}

static void test_memory(struct world *w) {
    static const uint8_t v4[4] = {10, 0, 255, 7};
    static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, 0,    0,    0, 0,
                                   0,    0,    0,    0,    0xab, 0xcd, 0, 1};
    const uint64_t ip4 = bed_mem(w, v4, 4), ip6 = bed_mem(w, v6, 16);
    expect(w, "10.0.255.7 010.000.255.007", "%pI4 %pi4", 2, ip4, ip4, 0);
    expect(w, "2001:0db8:0000:0000:0000:0000:abcd:0001", "%pI6", 1, ip6, 0, 0);
    expect(w, "20010db80000000000000000abcd0001", "%pi6", 1, ip6, 0, 0);
    expect(w, "0.0.0.0", "%pI4", 1, 0, 0, 0);
    expect(w, "00000000000000000000000000000000", "%pi6", 1, ip6 + 1, 0, 0);
    expect(w, "[10.0.255.7]", "[%30pI4]", 1, ip4, 0, 0); /* a width does nothing here */
    const uint64_t s = bed_text(w, "hello"), u = bed_user(w, "world", 6);
    expect(w, "hello world", "%s %s", 2, s, u, 0);
    expect(w, "[   hello][hello   ]", "[%8s][%-8s]", 2, s, s, 0);
    expect(w, "[hello]", "[%3s]", 1, s, 0, 0);
    expect(w, "A-1|hello 7", "%c%d|%s 7", 3, 'A', UINT64_MAX, s);
    expect(w, "hello9223372036854775807A", "%s%ld%c", 3, s, INT64_MAX, 'A');
    expect(w, "AB-2", "%c%c%lld", 3, 'A', 'B', (uint64_t)-2);
    expect(w, "[][   ]", "[%s][%3s]", 2, 0, 77, 0);
    expect(w, "hello|", "%pks|", 1, s, 0, 0);
    expect(w, "world|", "%pus|", 1, u, 0, 0);
    expect(w, "|", "%pus|", 1, s, 0, 0); /* kernel memory is not user memory */
    expect(w, "A|  B|C  ", "%c|%3c|%-3c", 3, 'A', 'B' + 256, 'C');
    expect(w, "\xc3\xa4", "\xc3\xa4", 0, 0, 0, 0);
    expect(w, "a\t\n", "a\t\n", 0, 0, 0, 0);
}

static void test_refusals(struct world *w) {
    static const char *const bad[] = {
        "%",     "%z",    "%ld%", "%lllu", "%hd", "%5",   "%*d",         "%.3s",   "%#x", "%o",
        "%sx",   "%n",    "%pA",  "%pe",   "%pI", "%pI5", "%pks9",       "%pk",    "%f",  "a\x01",
        "a\x7f", "%\xc3", "%l",   "%lc",   "%ls", "%-",   "%d %d %d %d", "%pKx%q",
    };
    const uint64_t out = bed_mem(w, NULL, 64), args[3] = {0, 0, 0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_note(bad[i]);
        memset(bed_host(w, out), 'Q', 64);
        CHECK_EQ(format(w, out, 64, bad[i], args, 3), ERRNO(LX_EINVAL));
        CHECK_EQ(*(uint8_t *)bed_host(w, out), 'Q');
    }
    check_note(NULL);
    CHECK_EQ(format(w, out, 64, "%d", args, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(format(w, out, 64, "no conversion", args, 3), 14); /* too many arguments are fine */
    const uint64_t fmt = bed_text(w, "x"), a = bed_mem(w, NULL, 104);
    CHECK_EQ(CALL5(w, snprintf, out, 64, fmt, a, 7), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL5(w, snprintf, out, 64, fmt, a, 104), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL5(w, snprintf, out, 64, fmt, a, 96), 2);
    CHECK_EQ(CALL5(w, snprintf, out, 64, fmt, 0, 8), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL5(w, snprintf, 0, 0, fmt, 0, 0), 2);
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL5(w, snprintf, out, 64, 0, 0, 0), RUN_TRAP_NULL);
    CHECK_TRAP(w, CALL5(w, snprintf, out, 65, fmt, 0, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL5(w, snprintf, out, 64, fmt, 8, 8), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL5(w, snprintf, out, 64, bed_mem(w, "ab", 2), 0, 0), RUN_TRAP_MEMORY);
}

static void test_truncation(struct world *w) {
    const uint64_t out = bed_mem(w, NULL, 64), s = bed_text(w, "abcdefgh"), args[1] = {s};
    for (uint32_t size = 0; size <= 12; size++) {
        char want[16];
        memset(bed_host(w, out), 'Q', 64);
        CHECK_EQ(format(w, out, size, "[%s]", args, 1), 11);
        (void)snprintf(want, sizeof want, "%.*s", size ? (int)size - 1 : 0, "[abcdefgh]");
        if (size)
            CHECK_STR(bed_host(w, out), want);
        CHECK_EQ(((uint8_t *)bed_host(w, out))[size > 11 ? 11 : size], 'Q');
    }
    /* a width as large as they get costs nothing */
    const uint64_t v[1] = {5};
    CHECK_EQ(format(w, out, 8, "%8388607d", v, 1), 8388608);
    CHECK_STR(bed_host(w, out), "       ");
    CHECK_EQ(format(w, out, 8, "%8388608d", v, 1), 2); /* 24 bits: a negative width */
    CHECK_STR(bed_host(w, out), "5");
    CHECK_EQ(format(w, out, 8, "%16777216d|", v, 1), 3);
    /* text from memory that starts behind the buffer's end is not counted */
    CHECK_EQ(format(w, out, 4, "abcd%pks", args, 1), 5);
    CHECK_EQ(format(w, out, 5, "abcd%pks", args, 1), 13);
}

/* Strings share 512 bytes, NULs and integers included. */
static void test_space(struct world *w) {
    char text[600];
    memset(text, 'x', sizeof text);
    text[599] = 0;
    const uint64_t s = bed_text(w, text), out = bed_mem(w, NULL, 1024);
    const uint64_t args[2] = {s, s};
    CHECK_EQ(format(w, out, 1024, "%s", args, 1), 512);
    CHECK_EQ(strlen(bed_host(w, out)), 511);
    CHECK_EQ(format(w, out, 1024, "%s%s", args, 2), ERRNO(LX_ENOSPC));
    CHECK_EQ(format(w, out, 1024, "%s%d", args, 2), ERRNO(LX_ENOSPC));
    CHECK_EQ(format(w, out, 1024, "%s%c", args, 2), ERRNO(LX_ENOSPC));
    CHECK_EQ(format(w, out, 1024, "%s%pI4", args, 2), ERRNO(LX_ENOSPC));
    /* 503 + NUL + 8 bytes fit exactly, 505 do not: the integer is aligned */
    const uint64_t fits[2] = {s + (599 - 503), 7}, over[2] = {s + (599 - 505), 7};
    CHECK_EQ(format(w, out, 1024, "%s%ld", fits, 2), 505);
    CHECK_EQ(format(w, out, 1024, "%s%ld", over, 2), ERRNO(LX_ENOSPC));
    CHECK_EQ(format(w, out, 1024, "%s%d", over, 2), 507);
}

/* Random conversions against the C library. */
static void test_random(struct world *w) {
    static const char *const convs[] = {"d",  "i",   "u",   "x",   "X", "ld", "lu",
                                        "lx", "lld", "lli", "llX", "c", "s"};
    const uint64_t out = bed_mem(w, NULL, 256), s = bed_text(w, "some text");
    uint64_t seed = 99;
    for (int i = 0; i < 20000; i++) {
        char fmt[64] = "<%", want[256];
        const unsigned conv = (unsigned)(check_random(&seed) % 13);
        for (unsigned n = (unsigned)(check_random(&seed) % 4); n; n--)
            strncat(fmt, &"-+ 0"[check_random(&seed) % (conv >= 11 ? 1 : 4)], 1);
        if (check_random(&seed) % 2)
            (void)snprintf(fmt + strlen(fmt), 8, "%u", (unsigned)(check_random(&seed) % 40 + 1));
        strcat(fmt, convs[conv]);
        strcat(fmt, ">");
        uint64_t v = check_random(&seed) >> (check_random(&seed) % 64);
        if (check_random(&seed) % 2)
            v = 0 - v;
        if (conv == 11)
            v = v % 26 + 'a';
        if (conv == 12)
            (void)snprintf(want, sizeof want, fmt, "some text");
        else if (conv < 5 || conv == 11)
            (void)snprintf(want, sizeof want, fmt, (int)v);
        else if (conv < 8)
            (void)snprintf(want, sizeof want, fmt, (long)v);
        else
            (void)snprintf(want, sizeof want, fmt, (long long)v);
        const uint64_t args[1] = {conv == 12 ? s : v};
        const uint32_t size =
            (uint32_t)(check_random(&seed) % 4 ? 256 : check_random(&seed) % 20 + 1);
        check_note(fmt);
        CHECK_EQ(format(w, out, size, fmt, args, 1), strlen(want) + 1);
        want[size - 1] = 0;
        CHECK_STR(bed_host(w, out), want);
    }
    check_note(NULL);
}

/* Formats made of pieces, good and bad, over any arguments and sizes: what fits is a prefix of
 * what a large buffer gets, nothing behind the buffer changes, and refusals do not depend on its
 * size. */
static void test_any(struct world *w) {
    static const char *const pieces[] = {
        "%",  "d",  "s", "p",   "K",   "x",    "B",    "S",    "i4",    "I6",     "ks",
        "us", "l",  "0", "-",   "12",  "%%",   "%c",   "%pI4", "%s",    "%d",     "%px ",
        " ",  "ab", ".", "%pS", "%pB", "%lld", "\xc3", "\x01", "%pks ", "9999999"};
    static const uint32_t sizes[] = {0, 1, 2, 7, 30, 100};
    const uint64_t text = bed_text(w, "some text to print"), mem = bed_user(w, "user text", 10);
    const uint64_t pool[] = {
        0, 1, text, mem, text + 12, BED_SYMBOL + 9, UINT64_MAX, UINT64_C(1) << 47};
    const uint64_t large = bed_mem(w, NULL, 2048), small = bed_mem(w, NULL, 128);
    uint64_t seed = 12, n_good = 0;
    for (int i = 0; i < 30000; i++) {
        char fmt[128] = "";
        uint64_t args[FORMAT_ARGS_MAX];
        for (unsigned n = (unsigned)(check_random(&seed) % 9); n; n--)
            strcat(fmt, pieces[check_random(&seed) % 32]);
        for (unsigned k = 0; k < FORMAT_ARGS_MAX; k++)
            args[k] = pool[check_random(&seed) % 8];
        const uint32_t size = sizes[check_random(&seed) % 6];
        const uint32_t n_args = (uint32_t)(check_random(&seed) % (FORMAT_ARGS_MAX + 1));
        check_note(fmt);
        memset(bed_host(w, small), 'Q', 128);
        const int64_t all = (int64_t)format(w, large, 2048, fmt, args, n_args);
        const int64_t part = (int64_t)format(w, small, size, fmt, args, n_args);
        CHECK_EQ(part < 0 ? part : 0, all < 0 ? all : 0);
        CHECK(((char *)bed_host(w, small))[size] == 'Q');
        if (all < 0 || !size)
            continue;
        n_good++;
        const size_t shown = part < (int64_t)size ? (size_t)part : size;
        CHECK(!memcmp(bed_host(w, small), bed_host(w, large), shown - 1));
        CHECK(!((char *)bed_host(w, small))[shown - 1]);
    }
    check_note(NULL);
    CHECK(n_good > 3000);
    CHECK_CALM(w);
}

static void test_trace(struct world *w) {
    struct printed p = {0};
    const uint64_t fmt = bed_text(w, "a=%d b=%x\n"), none = bed_text(w, "x\n");
    CHECK_EQ(CALL4(w, trace_printk, fmt, 11, 3, 255), 9); /* nobody listens */
    w->print = keep;
    w->print_self = &p;
    CHECK_EQ(CALL4(w, trace_printk, fmt, 11, 3, 255), 9);
    CHECK_STR(p.text, "a=3 b=ff\n");
    CHECK_EQ(p.n_bytes, 9);
    CHECK_EQ(CALL2(w, trace_printk, none, 3), 2);
    CHECK_EQ(CALL2(w, trace_printk, none, 2), ERRNO(LX_EINVAL)); /* no NUL in it */
    CHECK_EQ(CALL2(w, trace_printk, bed_text(w, "%d %d %d %d"), 12), ERRNO(LX_EINVAL));
    CHECK_EQ(p.n_calls, 2);
    CHECK_TRAP(w, CALL2(w, trace_printk, none, 4), RUN_TRAP_MEMORY);
    const uint64_t wide = bed_text(w, "%2000d");
    CHECK_EQ(CALL3(w, trace_printk, wide, 7, 1), 2000);
    CHECK_EQ(p.n_bytes, FORMAT_TEXT_MAX - 1);

    const uint64_t args = bed_mem(w, NULL, 96), six = bed_text(w, "%d%d%d%d%d%d");
    for (unsigned i = 0; i < 12; i++)
        world_put64(w, (uint8_t *)bed_host(w, args) + 8 * i, i + 1);
    CHECK_EQ(CALL4(w, trace_vprintk, six, 13, args, 48), 6);
    CHECK_STR(p.text, "123456");
    CHECK_EQ(CALL4(w, trace_vprintk, six, 13, args, 40), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, trace_vprintk, six, 13, args, 41), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, trace_vprintk, six, 13, args, 104), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, trace_vprintk, six, 13, 0, 48), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, trace_vprintk, none, 3, 0, 0), 2);
    CHECK_EQ(CALL5(w, seq_printf, 0, six, 13, args, 48), 0);
    CHECK_STR(p.text, "123456");
    CHECK_EQ(CALL5(w, seq_printf, 0, bed_text(w, "%4096d"), 7, args, 8), ERRNO(LX_EOVERFLOW));
    CHECK_EQ(CALL3(w, seq_write, 0, none, 2), 0);
    CHECK_STR(p.text, "x\n");
    CHECK_CALM(w);
    w->print = NULL;
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        struct world *w = bed_world(big);
        test_integers(w);
        test_pointers(w);
        test_hash(w);
        test_symbols(w);
        test_memory(w);
        test_refusals(w);
        test_truncation(w);
        test_space(w);
        test_random(w);
        test_any(w);
        test_trace(w);
        world_free(w);
    }
    return check_end();
}
