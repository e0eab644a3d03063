/* s390x_test.c: instructions written down and worked out by hand, and bytes that are none.
 *
 * The machine is run on constants, so each result is one. Registers but those that a case gives
 * hold a pattern; whatever a case does not name must be what it was. That real machines do the same
 * is the affair of machine_test and s390x_real_test; this one needs none.
 */
#include "proofs/machine/machine.h"

#include <stdlib.h>

#include "tests/check.h"

enum {
    ADDR = 0x10000, /* where code lies */
    CC = 2,         /* the condition code before */
    SAME = -1,      /* it is not changed */
    NONE = 255,     /* no register is */
    MOST_BYTES = 64,
    ODD = 0x7001, /* an address that is not aligned */
};

#define MIN64 UINT64_C(0x8000000000000000)
#define MAX64 UINT64_C(0x7fffffffffffffff)
#define X     UINT64_C(0x0123456789abcdef)
#define Y     UINT64_C(0xfedcba9876543210)
#define ONES  UINT64_MAX

static uint64_t pattern(unsigned r) {
    return r == 15 ? UINT64_C(0x7ffe0000) : UINT64_C(0x1111111111111111) * r + 0xf0f0;
}

static unsigned bytes_of(const char *hex, uint8_t out[MOST_BYTES]) {
    unsigned n = 0;
    for (; *hex && n < MOST_BYTES; hex += hex[0] == ' ' ? 1 : 2) {
        const char digits[3] = {hex[0], hex[1], 0};
        if (hex[0] != ' ')
            out[n++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return n;
}

static struct mstate *begin(struct terms *t, uint64_t r2, uint64_t r3, uint64_t r4) {
    struct mstate *const s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->t = t;
    for (unsigned r = 0; r < MACHINE_REGS; r++)
        s->reg[r] = term_const(t, 64, pattern(r));
    s->reg[2] = term_const(t, 64, r2);
    s->reg[3] = term_const(t, 64, r3);
    s->reg[4] = term_const(t, 64, r4);
    for (unsigned i = 0; i < 4; i++)
        s->flag[i] = term_bool(t, i == CC);
    return s;
}

/* ---- results in one register ---- */

/* struct one: %r2, %r3, %r4 before; register dst and the condition code after. */
struct one {
    const char *text, *hex;
    uint64_t r2, r3, r4;
    uint8_t dst;
    uint64_t want;
    int cc;
};

/* clang-format off */
static const struct one ones[] = {
    /* moves */
    {"lr %r2,%r3",      "1823",     X, Y, 0, 2, UINT64_C(0x0123456776543210), SAME},
    {"lgr %r2,%r3",     "b9040023", X, Y, 0, 2, Y, SAME},
    {"llgfr %r2,%r3",   "b9160023", X, Y, 0, 2, 0x76543210, SAME},
    {"lgfr %r3,%r2",    "b9140032", X, Y, 0, 3, UINT64_C(0xffffffff89abcdef), SAME},
    {"llgtr %r3,%r2",   "b9170032", X, Y, 0, 3, 0x09abcdef, SAME},
    {"lbr %r3,%r2",     "b9260032", X, Y, 0, 3, UINT64_C(0xfedcba98ffffffef), SAME},
    {"lhr %r3,%r2",     "b9270032", X, Y, 0, 3, UINT64_C(0xfedcba98ffffcdef), SAME},
    {"lgbr %r3,%r2",    "b9060032", X, Y, 0, 3, UINT64_C(0xffffffffffffffef), SAME},
    {"lghr %r3,%r2",    "b9070032", X, Y, 0, 3, UINT64_C(0xffffffffffffcdef), SAME},
    {"llgcr %r3,%r2",   "b9840032", X, Y, 0, 3, 0xef, SAME},
    {"llghr %r3,%r2",   "b9850032", X, Y, 0, 3, 0xcdef, SAME},
    {"ltgr %r2,%r3",    "b9020023", X, 0, 0, 2, 0, 0},
    {"ltgr %r2,%r3",    "b9020023", X, Y, 0, 2, Y, 1},
    {"ltgr %r3,%r2",    "b9020032", X, Y, 0, 3, X, 2},
    {"ltgfr %r3,%r2",   "b9120032", X, Y, 0, 3, UINT64_C(0xffffffff89abcdef), 1},
    {"ltgfr %r3,%r2",   "b9120032", UINT64_C(1) << 32, Y, 0, 3, 0, 0},
    {"lrvr %r2,%r3",    "b91f0023", X, Y, 0, 2, UINT64_C(0x0123456710325476), SAME},
    {"lrvgr %r2,%r3",   "b90f0023", 0, X, 0, 2, UINT64_C(0xefcdab8967452301), SAME},
    {"ldgr %f1,%r3",    "b3c10013", X, Y, 0, 17, Y, SAME},
    {"lgdr %r2,%f3",    "b3cd0023", X, Y, 0, 2, UINT64_C(0x4444444444453533), SAME},
    {"locghi %r2,-2,2", "ec22fffe0046", X, Y, 0, 2, UINT64_C(0xfffffffffffffffe), SAME},
    {"locghi %r2,-2,13","ec2dfffe0046", X, Y, 0, NONE, 0, SAME},

    /* constants */
    {"lghi %r2,-1",         "a729ffff",     X, 0, 0, 2, ONES, SAME},
    {"lgfi %r2,-2",         "c021fffffffe", X, 0, 0, 2, UINT64_C(0xfffffffffffffffe), SAME},
    {"llill %r2,0xfffe",    "a52ffffe",     X, 0, 0, 2, 0xfffe, SAME},
    {"llilh %r2,0xfffe",    "a52efffe",     X, 0, 0, 2, 0xfffe0000, SAME},
    {"llihl %r2,0xfffe",    "a52dfffe",     X, 0, 0, 2, UINT64_C(0xfffe00000000), SAME},
    {"llihh %r2,0xfffe",    "a52cfffe",     X, 0, 0, 2, UINT64_C(0xfffe000000000000), SAME},
    {"llilf %r2,0x80000001","c02f80000001", X, 0, 0, 2, 0x80000001, SAME},
    {"llihf %r2,0x80000001","c02e80000001", X, 0, 0, 2, UINT64_C(0x8000000100000000), SAME},
    {"lgrl %r2,.+8 and the word there", "c42800000004 0000 8877665544332211", X, 0, 0, 2,
     UINT64_C(0x8877665544332211), SAME},

    /* sums and differences: zero, negative, positive, overflow */
    {"ar %r2,%r3",   "1a23",     UINT64_C(0x5ffffffff), 1, 0, 2, UINT64_C(0x500000000), 0},
    {"ar %r2,%r3",   "1a23",     0x7fffffff, 1, 0, 2, 0x80000000, 3},
    {"agr %r2,%r3",  "b9080023", MAX64, 1, 0, 2, MIN64, 3},
    {"agr %r2,%r3",  "b9080023", MIN64, MIN64, 0, 2, 0, 3},
    {"agr %r2,%r3",  "b9080023", 5, (uint64_t)-6, 0, 2, ONES, 1},
    {"agr %r2,%r3",  "b9080023", 5, 6, 0, 2, 11, 2},
    {"sr %r2,%r3",   "1b23",     UINT64_C(0x700000001), 2, 0, 2, UINT64_C(0x7ffffffff), 1},
    {"sgr %r2,%r3",  "b9090023", 1, 1, 0, 2, 0, 0},
    {"sgr %r2,%r3",  "b9090023", MIN64, 1, 0, 2, MAX64, 3},
    {"lcr %r2,%r3",  "1323",     X, 0x80000000, 0, 2, UINT64_C(0x0123456780000000), 3},
    {"lcr %r2,%r3",  "1323",     X, 1, 0, 2, UINT64_C(0x01234567ffffffff), 1},
    {"lcgr %r2,%r3", "b9030023", X, 0, 0, 2, 0, 0},
    {"lcgr %r2,%r3", "b9030023", X, MIN64, 0, 2, MIN64, 3},
    {"ark %r2,%r3,%r4",  "b9f84023", X, 3, 4, 2, UINT64_C(0x0123456700000007), 2},
    {"agrk %r2,%r3,%r4", "b9e84023", X, 3, (uint64_t)-3, 2, 0, 0},
    {"srk %r2,%r3,%r4",  "b9f94023", X, 3, 4, 2, UINT64_C(0x01234567ffffffff), 1},
    {"sgrk %r2,%r3,%r4", "b9e94023", X, 4, 3, 2, 1, 2},
    {"aghi %r2,-1",      "a72bffff", 0, 0, 0, 2, ONES, 1},
    {"agfi %r2,-2147483648", "c22880000000", UINT64_C(0x80000000), 0, 0, 2, 0, 0},
    {"algfi %r2,0x80000000", "c22a80000000", UINT64_C(0xffffffff80000000), 0, 0, 2, 0, 2},
    {"algfi %r2,0x80000000", "c22a80000000", ONES, 0, 0, 2, 0x7fffffff, 3},
    {"algfi %r2,0x80000000", "c22a80000000", 1, 0, 0, 2, 0x80000001, 1},
    {"algfi %r2,0",          "c22a00000000", 0, 0, 0, 2, 0, 0},
    {"aghik %r2,%r3,-2",     "ec23fffe00d9", X, 3, 0, 2, 1, 2},

    /* products */
    {"msr %r2,%r3",   "b2520023", X, 2, 0, 2, UINT64_C(0x0123456713579bde), SAME},
    {"msgr %r2,%r3",  "b90c0023", ONES, ONES, 0, 2, 1, SAME},
    {"msrkc %r2,%r3,%r4",  "b9fd4023", X, 0x10000, 0x10000, 2, UINT64_C(0x0123456700000000), 3},
    {"msrkc %r2,%r3,%r4",  "b9fd4023", X, 3, 0xffffffff, 2, UINT64_C(0x01234567fffffffd), 1},
    {"msgrkc %r2,%r3,%r4", "b9ed4023", X, MAX64, MAX64, 2, 1, 3},
    {"msgrkc %r2,%r3,%r4", "b9ed4023", X, 3, 5, 2, 15, 2},
    {"mhi %r2,-2",   "a72cfffe",     X, 0, 0, 2, UINT64_C(0x01234567eca86422), SAME},
    {"mghi %r2,-2",  "a72dfffe",     3, 0, 0, 2, (uint64_t)-6, SAME},
    {"msfi %r2,65536",  "c22100010000", X, 0, 0, 2, UINT64_C(0x01234567cdef0000), SAME},
    {"msgfi %r2,65536", "c22000010000", X, 0, 0, 2, UINT64_C(0x456789abcdef0000), SAME},

    /* bits */
    {"nr %r2,%r3",  "1423",     ONES, UINT64_C(0xf00000000), 0, 2, UINT64_C(0xffffffff00000000), 0},
    {"ngr %r2,%r3", "b9800023", ONES, UINT64_C(0xf00000000), 0, 2, UINT64_C(0xf00000000), 1},
    {"or %r2,%r3",  "1623",     X, 0x10, 0, 2, UINT64_C(0x0123456789abcdff), 1},
    {"ogr %r2,%r3", "b9810023", X, Y, 0, 2, ONES, 1},
    {"xr %r2,%r3",  "1723",     X, X, 0, 2, UINT64_C(0x0123456700000000), 0},
    {"xgr %r2,%r3", "b9820023", X, X, 0, 2, 0, 0},
    {"nrk %r2,%r3,%r4",  "b9f44023", X, Y, 0xffff, 2, UINT64_C(0x0123456700003210), 1},
    {"ngrk %r2,%r3,%r4", "b9e44023", X, Y, 0xffff, 2, 0x3210, 1},
    {"ork %r2,%r3,%r4",  "b9f64023", X, Y, 0xf, 2, UINT64_C(0x012345677654321f), 1},
    {"ogrk %r2,%r3,%r4", "b9e64023", X, Y, 0xf, 2, UINT64_C(0xfedcba987654321f), 1},
    {"xrk %r2,%r3,%r4",  "b9f74023", X, Y, Y, 2, UINT64_C(0x0123456700000000), 0},
    {"xgrk %r2,%r3,%r4", "b9e74023", X, Y, ONES, 2, X, 1},
    {"nill %r2,0xff00",  "a527ff00", X, 0, 0, 2, UINT64_C(0x0123456789abcd00), 1},
    {"nill %r2,0x1010",  "a5271010", X, 0, 0, 2, UINT64_C(0x0123456789ab0000), 0},
    {"nilh %r2,0xff00",  "a526ff00", X, 0, 0, 2, UINT64_C(0x012345678900cdef), 1},
    {"nilf %r2,0x0000ffff", "c02b0000ffff", X, 0, 0, 2, UINT64_C(0x012345670000cdef), 1},
    {"oill %r2,0x1000",  "a52b1000", X, 0, 0, 2, UINT64_C(0x0123456789abddef), 1},
    {"oilh %r2,0",       "a52a0000", UINT64_C(0xffff0000ffff), 0, 0, 2, UINT64_C(0xffff0000ffff), 0},
    {"oilf %r2,0x10000000", "c02d10000000", X, 0, 0, 2, UINT64_C(0x0123456799abcdef), 1},
    {"xilf %r2,0x89abcdef", "c02789abcdef", X, 0, 0, 2, UINT64_C(0x0123456700000000), 0},

    /* shifts: amounts of the address, six bits of it */
    {"sll %r2,4",         "89200004", X, 0, 0, 2, UINT64_C(0x012345679abcdef0), SAME},
    {"sll %r2,0(%r3)",    "89203000", X, 32, 0, 2, UINT64_C(0x0123456700000000), SAME},
    {"sll %r2,0(%r3)",    "89203000", X, 64, 0, 2, X, SAME},
    {"srl %r2,4",         "88200004", X, 0, 0, 2, UINT64_C(0x01234567089abcde), SAME},
    {"sra %r2,4",         "8a200004", X, 0, 0, 2, UINT64_C(0x01234567f89abcde), 1},
    {"sra %r2,0(%r3)",    "8a203000", X, 63, 0, 2, UINT64_C(0x01234567ffffffff), 1},
    {"sllk %r2,%r3,4",    "eb23000400df", X, Y, 0, 2, UINT64_C(0x0123456765432100), SAME},
    {"srlk %r2,%r3,0(%r4)", "eb23400000de", X, Y, 4, 2, UINT64_C(0x0123456707654321), SAME},
    {"srak %r2,%r3,32",   "eb23002000dc", X, Y, 0, 2, UINT64_C(0x0123456700000000), 0},
    {"sllg %r2,%r3,8",    "eb230008000d", 0, X, 0, 2, UINT64_C(0x23456789abcdef00), SAME},
    {"sllg %r2,%r3,-1(%r4)", "eb234fffff0d", 0, X, 9, 2, UINT64_C(0x23456789abcdef00), SAME},
    {"srlg %r2,%r3,8",    "eb230008000c", 0, Y, 0, 2, UINT64_C(0x00fedcba98765432), SAME},
    {"srag %r2,%r3,8",    "eb230008000a", 0, Y, 0, 2, UINT64_C(0xfffedcba98765432), 1},
    {"rll %r2,%r3,8",     "eb230008001d", X, Y, 0, 2, UINT64_C(0x0123456754321076), SAME},
    {"rll %r2,%r3,40",    "eb230028001d", X, Y, 0, 2, UINT64_C(0x0123456754321076), SAME},
    {"rllg %r2,%r3,8",    "eb230008001c", X, Y, 0, 2, UINT64_C(0xdcba9876543210fe), SAME},
    {"risbg %r2,%r3,56,191,0",  "ec2338bf0055", X, Y, 0, 2, 0x10, 2},
    {"risbg %r2,%r3,0,7,0",     "ec2300070055", X, Y, 0, 2, UINT64_C(0xfe23456789abcdef), 1},
    {"risbg %r2,%r3,60,3,0",    "ec233c030055", X, Y, 0, 2, UINT64_C(0xf123456789abcde0), 1},
    {"risbgn %r2,%r3,48,63,16", "ec23303f1059", X, Y, 0, 2, UINT64_C(0x0123456789abfedc), SAME},
    {"risbgn %r2,%r3,32,187,4", "ec2320bb0459", X, Y, 0, 2, 0x65432100, SAME},

    /* addresses */
    {"la %r2,4095(%r3)",      "41203fff", X, 1, 0, 2, 4096, SAME},
    {"la %r2,5(%r4,%r3)",     "41243005", X, 1, 2, 2, 8, SAME},
    {"la %r2,5",              "41200005", X, 1, 2, 2, 5, SAME},
    {"lay %r2,-1(%r3)",       "e3203fffff71", X, 1, 0, 2, 0, SAME},
    {"lay %r2,-524288(%r3)",  "e32030008071", X, 524288, 0, 2, 0, SAME},

    /* comparisons */
    {"cr %r2,%r3",   "1923",     UINT64_C(0x100000001), 1, 0, NONE, 0, 0},
    {"cr %r2,%r3",   "1923",     0xffffffff, 1, 0, NONE, 0, 1},
    {"clr %r2,%r3",  "1523",     0xffffffff, 1, 0, NONE, 0, 2},
    {"cgr %r2,%r3",  "b9200023", ONES, 1, 0, NONE, 0, 1},
    {"clgr %r2,%r3", "b9210023", ONES, 1, 0, NONE, 0, 2},
    {"chi %r2,-1",   "a72effff", 0xffffffff, 0, 0, NONE, 0, 0},
    {"cghi %r2,-1",  "a72fffff", 0xffffffff, 0, 0, NONE, 0, 2},
    {"cfi %r2,-1",   "c22dffffffff", 0xfffffffe, 0, 0, NONE, 0, 1},
    {"cgfi %r2,-1",  "c22cffffffff", ONES, 0, 0, NONE, 0, 0},
    {"clfi %r2,0xffffffff",  "c22fffffffff", ONES, 0, 0, NONE, 0, 0},
    {"clgfi %r2,0xffffffff", "c22effffffff", ONES, 0, 0, NONE, 0, 2},
    {"tmll %r2,0x1010", "a7211010", UINT64_C(0xffffffffffffefef), 0, 0, NONE, 0, 0},
    {"tmll %r2,0x1010", "a7211010", 0x10, 0, 0, NONE, 0, 1},
    {"tmll %r2,0x1010", "a7211010", 0x1000, 0, 0, NONE, 0, 2},
    {"tmll %r2,0x1010", "a7211010", 0x1010, 0, 0, NONE, 0, 3},
    {"tmll %r2,0",      "a7210000", X, 0, 0, NONE, 0, 0},
    {"tmlh %r2,0x8000", "a7208000", 0x80000000, 0, 0, NONE, 0, 3},
    {"tmlh %r2,0x8000", "a7208000", UINT64_C(0xffffffff7fffffff), 0, 0, NONE, 0, 0},
};
/* clang-format on */

static void check_others(const struct mstate *s, const struct mstate *before, unsigned a,
                         unsigned b) {
    for (unsigned r = 0; r < MACHINE_REGS; r++)
        if (r != a && r != b)
            CHECK(s->reg[r] == before->reg[r]);
}

static void run_one(const struct one *c) {
    uint8_t code[MOST_BYTES];
    struct terms *const t = terms_new();
    struct mstep step;
    const unsigned n = bytes_of(c->hex, code);
    struct mstate *const s = begin(t, c->r2, c->r3, c->r4);
    struct mstate *const before = begin(t, c->r2, c->r3, c->r4);
    check_note(c->text);
    CHECK(machine_s390x.step(s, code, n, 0, ADDR, &step));
    CHECK_STR(s->error, "");
    CHECK_EQ(step.flow, MFLOW_NEXT);
    CHECK_EQ(s->n_events, 0);
    if (c->dst != NONE && CHECK(term_is_const(s->reg[c->dst])))
        CHECK_EQ(term_u64(s->reg[c->dst]), c->want);
    for (unsigned i = 0; i < 4; i++)
        CHECK(term_is_value(s->flag[i], i == (unsigned)(c->cc == SAME ? CC : c->cc)));
    check_others(s, before, c->dst, c->dst);
    free(s);
    free(before);
    terms_free(t);
}

/* ---- pairs: %r2 and %r3 ---- */

struct pair {
    const char *text, *hex;
    uint64_t r2, r3, r4, even, odd;
};

/* clang-format off */
static const struct pair pairs[] = {
    {"mlgr %r2,%r4",     "b9860024", X, ONES, ONES, UINT64_C(0xfffffffffffffffe), 1},
    {"mgrk %r2,%r3,%r4", "b9ec4023", X, ONES, ONES, 0, 1},
    {"mgrk %r2,%r3,%r4", "b9ec4023", X, MIN64, 2, ONES, 0},
    {"dlgr %r2,%r4",     "b9870024", 0, 100, 7, 2, 14},
    {"dlgr %r2,%r4",     "b9870024", 1, 0, 3, 1, UINT64_C(0x5555555555555555)},
    {"dlr %r2,%r4",      "b9970024", UINT64_C(0x700000000), UINT64_C(0x8000000ff), 16,
     UINT64_C(0x70000000f), UINT64_C(0x80000000f)},
    {"dsgr %r2,%r4",     "b90d0024", X, (uint64_t)-7, 2, ONES, (uint64_t)-3},
    {"dsgr %r2,%r4",     "b90d0024", X, 7, (uint64_t)-2, 1, (uint64_t)-3},
    {"dsgfr %r2,%r4",    "b91d0024", X, 7, UINT64_C(0x5fffffffe), 1, (uint64_t)-3},
};
/* clang-format on */

static void run_pair(const struct pair *c) {
    uint8_t code[MOST_BYTES];
    struct terms *const t = terms_new();
    struct mstep step;
    const unsigned n = bytes_of(c->hex, code);
    struct mstate *const s = begin(t, c->r2, c->r3, c->r4);
    struct mstate *const before = begin(t, c->r2, c->r3, c->r4);
    check_note(c->text);
    CHECK(machine_s390x.step(s, code, n, 0, ADDR, &step));
    CHECK_EQ(step.bytes, n);
    CHECK(term_is_const(s->reg[2]) && term_u64(s->reg[2]) == c->even);
    CHECK(term_is_const(s->reg[3]) && term_u64(s->reg[3]) == c->odd);
    CHECK(!memcmp((const void *)s->flag, (const void *)before->flag, sizeof s->flag));
    check_others(s, before, 2, 3);
    free(s);
    free(before);
    terms_free(t);
}

/* ---- memory: one event; %r3 is the base ---- */

/* struct access: what the memory holds (loads and atomics), what is stored, what %r2 is then. */
struct access {
    const char *text, *hex;
    uint8_t kind, bytes;
    uint64_t addr, found, stored, r2;
    int cc;
};

enum {
    BASE = 0x7000,
};

/* clang-format off */
static const struct access accesses[] = {
    {"l %r2,8(%r3)",      "58203008",     MEV_LOAD, 4, BASE + 8, 0x80000001, 0, UINT64_C(0x0123456780000001), SAME},
    {"ly %r2,-8(%r3)",    "e3203ff8ff58", MEV_LOAD, 4, BASE - 8, 0x80000001, 0, UINT64_C(0x0123456780000001), SAME},
    {"lg %r2,8(%r3)",     "e32030080004", MEV_LOAD, 8, BASE + 8, Y, 0, Y, SAME},
    {"llgc %r2,8(%r3)",   "e32030080090", MEV_LOAD, 1, BASE + 8, 0x81, 0, 0x81, SAME},
    {"llgh %r2,8(%r3)",   "e32030080091", MEV_LOAD, 2, BASE + 8, 0x8123, 0, 0x8123, SAME},
    {"llgf %r2,8(%r3)",   "e32030080016", MEV_LOAD, 4, BASE + 8, 0x81234567, 0, 0x81234567, SAME},
    {"lgb %r2,8(%r3)",    "e32030080077", MEV_LOAD, 1, BASE + 8, 0x81, 0, UINT64_C(0xffffffffffffff81), SAME},
    {"lgh %r2,8(%r3)",    "e32030080015", MEV_LOAD, 2, BASE + 8, 0x8123, 0, UINT64_C(0xffffffffffff8123), SAME},
    {"lgf %r2,8(%r3)",    "e32030080014", MEV_LOAD, 4, BASE + 8, 0x81234567, 0, UINT64_C(0xffffffff81234567), SAME},
    {"lrvh %r2,8(%r3)",   "e3203008001f", MEV_LOAD, 2, BASE + 8, 0x8123, 0, UINT64_C(0x0123456789ab2381), SAME},
    {"lrv %r2,8(%r3)",    "e3203008001e", MEV_LOAD, 4, BASE + 8, 0x81234567, 0, UINT64_C(0x0123456767452381), SAME},
    {"lrvg %r2,8(%r3)",   "e3203008000f", MEV_LOAD, 8, BASE + 8, Y, 0, UINT64_C(0x1032547698badcfe), SAME},
    {"stc %r2,8(%r3)",    "42203008",     MEV_STORE, 1, BASE + 8, 0, 0xef, X, SAME},
    {"sth %r2,8(%r3)",    "40203008",     MEV_STORE, 2, BASE + 8, 0, 0xcdef, X, SAME},
    {"st %r2,8(%r3)",     "50203008",     MEV_STORE, 4, BASE + 8, 0, 0x89abcdef, X, SAME},
    {"stcy %r2,-8(%r3)",  "e3203ff8ff72", MEV_STORE, 1, BASE - 8, 0, 0xef, X, SAME},
    {"sthy %r2,-8(%r3)",  "e3203ff8ff70", MEV_STORE, 2, BASE - 8, 0, 0xcdef, X, SAME},
    {"sty %r2,-8(%r3)",   "e3203ff8ff50", MEV_STORE, 4, BASE - 8, 0, 0x89abcdef, X, SAME},
    {"stg %r2,8(%r3)",    "e32030080024", MEV_STORE, 8, BASE + 8, 0, X, X, SAME},
    {"mvi 8(%r3),254",    "92fe3008",     MEV_STORE, 1, BASE + 8, 0, 0xfe, X, SAME},
    {"mviy -8(%r3),254",  "ebfe3ff8ff52", MEV_STORE, 1, BASE - 8, 0, 0xfe, X, SAME},
    {"mvhhi 8(%r3),-2",   "e5443008fffe", MEV_STORE, 2, BASE + 8, 0, 0xfffe, X, SAME},
    {"mvhi 8(%r3),-2",    "e54c3008fffe", MEV_STORE, 4, BASE + 8, 0, 0xfffffffe, X, SAME},
    {"mvghi 8(%r3),-2",   "e5483008fffe", MEV_STORE, 8, BASE + 8, 0, UINT64_C(0xfffffffffffffffe), X, SAME},
    /* %r4 is 5 */
    {"laa %r2,%r4,8(%r3)",  "eb24300800f8", MEV_ATOMIC, 4, BASE + 8, 0x7fffffff, 0x80000004, UINT64_C(0x012345677fffffff), 3},
    {"laag %r2,%r4,8(%r3)", "eb24300800e8", MEV_ATOMIC, 8, BASE + 8, (uint64_t)-5, 0, (uint64_t)-5, 0},
    {"lan %r2,%r4,8(%r3)",  "eb24300800f4", MEV_ATOMIC, 4, BASE + 8, 0xfffffffe, 4, UINT64_C(0x01234567fffffffe), 1},
    {"lang %r2,%r4,8(%r3)", "eb24300800e4", MEV_ATOMIC, 8, BASE + 8, 2, 0, 2, 0},
    {"lao %r2,%r4,8(%r3)",  "eb24300800f6", MEV_ATOMIC, 4, BASE + 8, 2, 7, UINT64_C(0x0123456700000002), 1},
    {"laog %r2,%r4,8(%r3)", "eb24300800e6", MEV_ATOMIC, 8, BASE + 8, 2, 7, 2, 1},
    {"lax %r2,%r4,8(%r3)",  "eb24300800f7", MEV_ATOMIC, 4, BASE + 8, 5, 0, UINT64_C(0x0123456700000005), 0},
    {"laxg %r2,%r4,8(%r3)", "eb24300800e7", MEV_ATOMIC, 8, BASE + 8, 4, 1, 4, 1},
    {"cs %r2,%r4,8(%r3)",   "ba243008",     MEV_ATOMIC, 4, BASE + 8, 0x89abcdef, 5, X, 0},
    {"cs %r2,%r4,8(%r3)",   "ba243008",     MEV_ATOMIC, 4, BASE + 8, 3, 3, UINT64_C(0x0123456700000003), 1},
    {"csy %r2,%r4,-8(%r3)", "eb243ff8ff14", MEV_ATOMIC, 4, BASE - 8, 3, 3, UINT64_C(0x0123456700000003), 1},
    {"csg %r2,%r4,8(%r3)",  "eb2430080030", MEV_ATOMIC, 8, BASE + 8, X, 5, X, 0},
    {"csg %r2,%r4,8(%r3)",  "eb2430080030", MEV_ATOMIC, 8, BASE + 8, 3, 3, 3, 1},
};
/* clang-format on */

/* What a term is, the memory being as the case says. */
static uint64_t value_of(struct terms *t, term *x, const struct mevent *e, uint64_t found) {
    uint64_t out[TERM_LIMBS];
    struct assigned a = {.k = {found}};
    struct assignment in = {&a, 0};
    if (e->kind != MEV_STORE) {
        a.name = e->value->u.name;
        in.n = 1;
    }
    term_eval(t, x, &in, out);
    return out[0];
}

static void run_access(const struct access *c) {
    uint8_t code[MOST_BYTES];
    struct terms *const t = terms_new();
    struct mstep step;
    const unsigned n = bytes_of(c->hex, code);
    struct mstate *const s = begin(t, X, BASE, 5), *const before = begin(t, X, BASE, 5);
    const struct mevent *const e = &s->events[0];
    check_note(c->text);
    CHECK(machine_s390x.step(s, code, n, 0, ADDR, &step));
    CHECK_EQ(step.bytes, n);
    if (CHECK_EQ(s->n_events, 1) && CHECK_EQ(e->kind, c->kind)) {
        CHECK_EQ(e->bytes, c->bytes);
        CHECK(term_is_value(e->addr, c->addr));
        CHECK_EQ(e->value->width, 8 * c->bytes);
        if (c->kind != MEV_LOAD) {
            term *const stored = c->kind == MEV_STORE ? e->value : e->stored;
            CHECK_EQ(value_of(t, stored, e, c->found), c->stored);
            CHECK(e->release);
        }
        CHECK(c->kind == MEV_STORE || e->acquire);
        if (c->kind == MEV_ATOMIC) /* compare and swap; not load and add, and its like */
            CHECK_EQ(e->serialises, !strncmp(c->text, "cs", 2));
        CHECK_EQ(value_of(t, s->reg[2], e, c->found), c->r2);
        for (int i = 0; i < 4; i++)
            CHECK_EQ(value_of(t, s->flag[i], e, c->found), i == (c->cc == SAME ? CC : c->cc));
    }
    check_others(s, before, 2, 2);
    free(s);
    free(before);
    terms_free(t);
}

/* ---- several registers ---- */

static void multiple(void) {
    uint8_t code[MOST_BYTES];
    struct terms *const t = terms_new();
    struct mstep step;
    struct mstate *const s = begin(t, X, BASE, 5);
    check_note("stmg %r14,%r1,16(%r3)");
    CHECK(machine_s390x.step(s, code, bytes_of("ebe130100024", code), 0, ADDR, &step));
    CHECK_EQ(s->n_events, 4);
    for (unsigned i = 0; i < 4; i++) {
        CHECK(term_is_value(s->events[i].addr, BASE + 16 + 8 * i));
        CHECK(term_is_value(s->events[i].value, pattern((14 + i) & 15)));
    }
    check_note("lmg %r2,%r4,0(%r3)");
    CHECK(machine_s390x.step(s, code, bytes_of("eb2430000004", code), 0, ADDR, &step));
    CHECK_EQ(s->n_events, 7);
    for (unsigned i = 0; i < 3; i++) {
        CHECK(term_is_value(s->events[4 + i].addr, BASE + 8 * i));
        CHECK(s->reg[2 + i] == s->events[4 + i].value);
    }
    check_note("a frame of its own");
    s->sp0 = s->reg[15] = term_var(t, 64, "sp");
    CHECK(machine_s390x.step(s, code, bytes_of("a7fbff58", code), 0, ADDR, &step)); /* aghi -168 */
    CHECK(
        machine_s390x.step(s, code, bytes_of("e360f0a00024", code), 0, ADDR, &step)); /* stg %r6 */
    CHECK(machine_s390x.step(s, code, bytes_of("a7fb00a8", code), 0, ADDR, &step));
    CHECK(machine_s390x.step(s, code, bytes_of("e350fff8ff04", code), 0, ADDR, &step)); /* lg %r5 */
    CHECK_EQ(s->n_events, 7);
    CHECK(s->reg[15] == s->sp0);
    CHECK(term_is_value(s->reg[5], pattern(6)));
    free(s);
    terms_free(t);
}

/* ---- branches: the code lies at offset 2 ---- */

struct branch {
    const char *text, *hex;
    uint64_t r2, r3;
    uint8_t flow;
    int64_t target;
    int taken;     /* BRANCH: 0, 1 */
    uint64_t addr; /* a register's value */
};

/* clang-format off */
static const struct branch branches[] = {
    {"j .+4",               "a7f40002",     X, Y, MFLOW_JUMP, 6, 0, 0},
    {"jg .-4",              "c0f4fffffffe", X, Y, MFLOW_JUMP, -2, 0, 0},
    {"brc 2,.+4",           "a7240002",     X, Y, MFLOW_BRANCH, 6, 1, 0},
    {"brc 13,.+4",          "a7d40002",     X, Y, MFLOW_BRANCH, 6, 0, 0},
    {"brcl 7,.+0x100",      "c07400000080", X, Y, MFLOW_BRANCH, 0x102, 1, 0},
    {"crjl %r2,%r3,.+8",    "ec2300044076", 0xffffffff, 0, MFLOW_BRANCH, 10, 1, 0},
    {"clrjl %r2,%r3,.+8",   "ec2300044077", 0xffffffff, 0, MFLOW_BRANCH, 10, 0, 0},
    {"clrjh %r2,%r3,.+8",   "ec2300042077", 0xffffffff, 0, MFLOW_BRANCH, 10, 1, 0},
    {"cgrje %r2,%r3,.+8",   "ec2300048064", X, X, MFLOW_BRANCH, 10, 1, 0},
    {"cgrjne %r2,%r3,.+8",  "ec2300046064", X, X, MFLOW_BRANCH, 10, 0, 0},
    {"cgrjle %r2,%r3,.+8",  "ec230004c064", Y, X, MFLOW_BRANCH, 10, 1, 0},
    {"clgrjle %r2,%r3,.+8", "ec230004c065", Y, X, MFLOW_BRANCH, 10, 0, 0},
    {"clgrjhe %r2,%r3,.+8", "ec230004a065", Y, X, MFLOW_BRANCH, 10, 1, 0},
    {"cijh %r2,-2,.-8",     "ec22fffcfe7e", 0xffffffff, 0, MFLOW_BRANCH, -6, 1, 0},
    {"cgije %r2,-1,.+8",    "ec280004ff7c", ONES, 0, MFLOW_BRANCH, 10, 1, 0},
    {"clije %r2,255,.+8",   "ec280004ff7f", 255, 0, MFLOW_BRANCH, 10, 1, 0},
    {"clgijl %r2,255,.+8",  "ec240004ff7d", UINT64_C(1) << 32, 0, MFLOW_BRANCH, 10, 0, 0},
    {"bras %r14,.+16",      "a7e50008",     X, Y, MFLOW_CALL, 18, 0, 0},
    {"brasl %r14,.-16",     "c0e5fffffff8", X, Y, MFLOW_CALL, -14, 0, 0},
    {"basr %r14,%r3",       "0de3",         X, Y, MFLOW_CALL, 0, 0, Y},
    {"br %r14",             "07fe",         X, Y, MFLOW_RETURN, 0, 0, UINT64_C(0xeeeeeeeeeeefdfde)},
    {"br %r3",              "07f3",         X, Y, MFLOW_INDIRECT, 0, 0, Y},
};
/* clang-format on */

static void run_branch(const struct branch *c) {
    uint8_t code[2 + MOST_BYTES] = {0x07, 0xe0};
    struct terms *const t = terms_new();
    struct mstep step;
    const unsigned n = bytes_of(c->hex, code + 2);
    struct mstate *const s = begin(t, c->r2, c->r3, 0), *const before = begin(t, c->r2, c->r3, 0);
    check_note(c->text);
    CHECK(machine_s390x.step(s, code, n + 2, 2, ADDR, &step));
    CHECK_EQ(step.flow, c->flow);
    CHECK_EQ(step.bytes, n);
    CHECK_EQ(step.target, c->target);
    if (c->flow == MFLOW_BRANCH && CHECK(step.cond != NULL && term_is_const(step.cond)))
        CHECK_EQ(term_u64(step.cond), c->taken);
    CHECK(c->addr ? step.addr && term_is_value(step.addr, c->addr) : !step.addr);
    check_others(s, before, NONE, NONE);
    CHECK(!memcmp((const void *)s->flag, (const void *)before->flag, sizeof s->flag));
    free(s);
    free(before);
    terms_free(t);
}

static void fence(void) {
    uint8_t code[MOST_BYTES];
    struct terms *const t = terms_new();
    struct mstep step;
    struct mstate *const s = begin(t, X, Y, 0);
    check_note("bcr 14,0 and bcr 15,0");
    CHECK(machine_s390x.step(s, code, bytes_of("07e0", code), 0, ADDR, &step));
    CHECK(machine_s390x.step(s, code, bytes_of("07f0", code), 0, ADDR, &step));
    CHECK_EQ(step.flow, MFLOW_NEXT);
    CHECK_EQ(s->n_events, 2);
    CHECK_EQ(s->events[1].kind, MEV_FENCE);
    CHECK(s->events[0].serialises && s->events[1].serialises);
    free(s);
    terms_free(t);
}

/* ---- conditions over variables: what a branch asks is what was compared ---- */

static void conditions(void) {
    uint8_t code[MOST_BYTES];
    struct terms *const t = terms_new();
    struct mstep step;
    struct mstate *const s = begin(t, 0, 0, 0);
    term *const a = s->reg[2] = term_var(t, 64, "a"), *const b = s->reg[3] = term_var(t, 64, "b");
    check_note("clgr %r2,%r3; brc 4");
    CHECK(machine_s390x.step(s, code, bytes_of("b9210023", code), 0, ADDR, &step));
    CHECK(machine_s390x.step(s, code, bytes_of("a7440002", code), 0, ADDR, &step));
    for (unsigned i = 0; i < 9; i++) {
        const uint64_t x = i / 3, y = i % 3;
        const struct assigned v[] = {{"a", {x}}, {"b", {y}}};
        uint64_t out[TERM_LIMBS];
        term_eval(t, step.cond, &(struct assignment){v, 2}, out);
        CHECK_EQ(out[0], x < y);
    }
    CHECK(machine_s390x.step(s, code, bytes_of("ec2300044065", code), 0, ADDR, &step));
    CHECK(step.cond == term_ult(t, a, b));
    check_note("a division that may trap");
    CHECK(!s->trap);
    CHECK(machine_s390x.step(s, code, bytes_of("a7090000", code), 0, ADDR, &step)); /* lghi %r0,0 */
    CHECK(
        machine_s390x.step(s, code, bytes_of("b9870002", code), 0, ADDR, &step)); /* dlgr %r0,%r2 */
    CHECK(s->trap == term_eq(t, a, term_const(t, 64, 0)));
    free(s);
    terms_free(t);
}

/* ---- what is an error ---- */

static const struct {
    const char *why, *hex, *says;
} errors[] = {
    {"no instruction at all", "0000", "00 00"},
    {"no instruction of ours", "1e23", "1e 23"},
    {"one byte of two", "18", "18"},
    {"two bytes of four", "b904", "b9 04"},
    {"five bytes of six", "e320300800", "e3 20 30 08 00"},
    {"an unknown b9", "b9ff0023", "b9 ff 00 23"},
    {"an unknown a7", "a7220000", "a7 22 00 00"},
    {"an unknown c0 (larl)", "c02000000002", "c0 20 00 00 00 02"},
    {"an unknown e3", "e320300800ff", "e3 20 30 08 00 ff"},
    {"an unknown eb", "eb2330080001", "eb 23 30 08 00 01"},
    {"an unknown ec", "ec2300040000", "ec 23 00 04 00 00"},
    {"an unknown e5", "e5003008fffe", "e5 00 30 08 ff fe"},
    {"RRE: a third register", "b9084023", "b9 08 40 23"},
    {"RRF: a mask", "b9e84123", "b9 e8 41 23"},
    {"RIE-d: the byte before the last", "ec23fffe01d9", "ec 23 ff fe 01 d9"},
    {"RIE-g: the byte before the last", "ec22fffe0146", "ec 22 ff fe 01 46"},
    {"RIE-f: bits before the first", "ec2378bf0055", "ec 23 78 bf 00 55"},
    {"RIE-f: a bit before the last", "ec2338ff0055", "ec 23 38 ff 00 55"},
    {"RIE-f: bits before the amount", "ec2338bf4055", "ec 23 38 bf 40 55"},
    {"RIE-b: the mask's last bit", "ec2300045076", "ec 23 00 04 50 76"},
    {"RIE-b: the digit behind the mask", "ec2300044176", "ec 23 00 04 41 76"},
    {"RIE-c: the mask's last bit", "ec23fffcfe7e", "ec 23 ff fc fe 7e"},
    {"RS: a second register of a shift", "89210004", "89 21 00 04"},
    {"an odd pair: mlgr", "b9860034", "b9 86 00 34"},
    {"an odd pair: mgrk", "b9ec4033", "b9 ec 40 33"},
    {"an odd pair: dsgr", "b90d0034", "b9 0d 00 34"},
    {"bcr on a condition", "0782", "bcr 8,%r2"},
    {"bcr to nowhere, no fence", "0780", "bcr 8,%r0"},
    {"a floating-point register that C keeps", "b3c10083", "b3 c1 00 83"},
    {"basr to nowhere", "0de0", "basr"},
    {"a call by another register", "0d33", "%r3"},
    {"a misaligned csg", "eb2440080030", "aligned"},
    {"a misaligned laa", "eb24400000f8", "aligned"},
    {"a misaligned pool", "c42800000003 1122334455667788", "aligned"},
};

static void run_error(unsigned i) {
    uint8_t code[MOST_BYTES];
    struct terms *const t = terms_new();
    struct mstep step;
    const unsigned n = bytes_of(errors[i].hex, code);
    struct mstate *const s = begin(t, 7, 0, ODD);
    check_note(errors[i].why);
    CHECK(!machine_s390x.step(s, code, n, 0, ADDR, &step));
    if (!CHECK(strstr(s->error, errors[i].says) != NULL))
        printf("    got  \"%s\"\n", s->error);
    free(s);
    terms_free(t);
}

/* A pool that is not whole in the code is memory. */
static void check_far_pool(void) {
    static const char *const far[] = {"c42800000004 0000", "c428fffffffc",
                                      "c42800000004 0000 88776655443322"};
    for (unsigned i = 0; i < sizeof far / sizeof *far; i++) {
        uint8_t code[MOST_BYTES];
        struct terms *const t = terms_new();
        struct mstep step;
        const unsigned n = bytes_of(far[i], code);
        struct mstate *const s = begin(t, 7, 0, ODD);
        check_note(far[i]);
        CHECK(machine_s390x.step(s, code, n, 0, ADDR, &step));
        CHECK(s->n_events == 1 && s->events[0].kind == MEV_LOAD);
        CHECK(term_u64(s->events[0].addr) == (i == 1 ? ADDR - 8 : ADDR + 8));
        CHECK(s->reg[2] == s->events[0].value);
        free(s);
        terms_free(t);
    }
}

/* ---- what traps: %r2 is 7, %r3 0, %r5 -1 and %r9 the smallest number ---- */

static const struct {
    const char *why, *hex;
    bool traps;
} divisions[] = {
    {"dsgr: by 0", "b90d0023", true},
    {"dlgr: by 0", "b9870023", true},
    {"dlr: by 0", "b9970023", true},
    {"dsgfr: by 0", "b91d0023", true},
    {"dsgr: overflow", "b90d0085", true},
    {"dsgfr: overflow", "b91d0085", true},
    {"dlgr: 64 bits are short", "b9870022", true},
    {"dlr: 32 bits are short", "b9970022", true},
    {"dsgr: fits", "b90d0082", false},
    {"dlgr: fits", "b9870065", false},
};

static void run_division(unsigned i) {
    uint8_t code[MOST_BYTES];
    struct terms *const t = terms_new();
    struct mstep step;
    const unsigned n = bytes_of(divisions[i].hex, code);
    struct mstate *const s = begin(t, 7, 0, ODD);
    s->reg[5] = term_ones(t, 64);
    s->reg[9] = term_const(t, 64, MIN64);
    check_note(divisions[i].why);
    CHECK(machine_s390x.step(s, code, n, 0, ADDR, &step));
    CHECK_EQ(s->trap && term_is_true(s->trap), divisions[i].traps);
    CHECK_EQ(!s->trap || term_is_false(s->trap), !divisions[i].traps);
    free(s);
    terms_free(t);
}

static void undefined_code(void) {
    uint8_t code[MOST_BYTES];
    struct terms *const t = terms_new();
    struct mstep step;
    struct mstate *const s = begin(t, X, Y, 0);
    check_note("a condition code that nobody knows");
    memset((void *)s->flag, 0, sizeof s->flag);
    CHECK(machine_s390x.step(s, code, bytes_of("a7f40002", code), 0, ADDR, &step));
    CHECK(!machine_s390x.step(s, code, bytes_of("a7240002", code), 0, ADDR, &step));
    CHECK(strstr(s->error, "undefined") != NULL);
    free(s);
    terms_free(t);
}

/* ---- every instruction that the back end has is one of the machine's ---- */

static void all_emitted(void) {
    static const struct {
        const char *name;
        uint32_t opcode;
    } emitted[] = {
#define ROW(format, name, op) {#name, op},
#include "jit/s390x/enc.def"
    };
    static const struct {
        const char *name;
        uint32_t opcode;
    } known[] = {
    /* clang-format off */
#define TO(format, opcode, name, lo, width, value, cc)  {#name, opcode},
#define TEST(format, opcode, name, cc)                  {#name, opcode},
#define STORE(format, opcode, name, bytes, value)       {#name, opcode},
#define RMW(format, opcode, name, bytes, all, stored, cc) {#name, opcode},
#define JUMP_IF(format, opcode, name, is_signed, a, b)  {#name, opcode},
#define DO(format, opcode, name, function)              {#name, opcode},
#include "proofs/machine/s390x_rows.def"
        /* clang-format on */
    };
    const unsigned n = sizeof known / sizeof *known;
    CHECK_EQ(n, sizeof emitted / sizeof *emitted);
    for (unsigned i = 0; i < sizeof emitted / sizeof *emitted; i++) {
        unsigned k = 0;
        while (k < n && known[k].opcode != emitted[i].opcode)
            k++;
        check_note(emitted[i].name);
        CHECK(k < n && !strcmp(known[k].name, emitted[i].name));
    }
}

int main(void) {
    for (unsigned i = 0; i < sizeof ones / sizeof *ones; i++)
        run_one(&ones[i]);
    for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; i++)
        run_pair(&pairs[i]);
    for (unsigned i = 0; i < sizeof accesses / sizeof *accesses; i++)
        run_access(&accesses[i]);
    for (unsigned i = 0; i < sizeof branches / sizeof *branches; i++)
        run_branch(&branches[i]);
    for (unsigned i = 0; i < sizeof errors / sizeof *errors; i++)
        run_error(i);
    check_far_pool();
    for (unsigned i = 0; i < sizeof divisions / sizeof *divisions; i++)
        run_division(i);
    all_emitted();
    multiple();
    fence();
    conditions();
    undefined_code();
    return check_end();
}
