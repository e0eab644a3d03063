/* enc_arm64.c: every encoder of jit/arm64 against llvm-mc: each register in each position,
 * immediates at the edges of their fields and around powers of two, all bitmask immediates. */
#include "jit/arm64/enc_mem.h"
#include "jit/arm64/imm.h"
#include "jit/tests/enc_check.h"
#include "tests/check.h"

/* ---- registers: numbered 0 to 31, and what number 31 means ---- */

enum kind {
    W,
    X,
    W_SP,
    X_SP
};

static const char *name(enum kind kind, unsigned r) {
    static const char *const top[] = {"wzr", "xzr", "wsp", "sp"};
    /* clang-format off */
    static const char *const names[2][31] = {
        {"w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9", "w10", "w11", "w12", "w13",
         "w14", "w15", "w16", "w17", "w18", "w19", "w20", "w21", "w22", "w23", "w24", "w25", "w26",
         "w27", "w28", "w29", "w30"},
        {"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
         "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26",
         "x27", "x28", "x29", "x30"},
    };
    /* clang-format on */
    return r == 31 ? top[kind] : names[kind & 1][r];
}

/* Register i of a row of cases in one of four positions: each position sees all registers, and
 * each pair of positions many pairs. */
static enum arm64_reg reg(unsigned i, unsigned position) {
    static const unsigned step[] = {1, 7, 11, 21};
    return (enum arm64_reg)((i * step[position] + 5 * position + i / 32 * (position + 1)) % 32);
}

enum {
    N_NUMBERS = 32,
    N_MANY = 8 * 32
};

/* CASE: what emit appends to b is what the text says. */
#define CASE(t, b, emit, ...)                                                                      \
    do {                                                                                           \
        (b)->n = 0;                                                                                \
        emit;                                                                                      \
        enc_case(t, b, __VA_ARGS__);                                                               \
    } while (0)

struct test {
    struct enc_check t;
    struct jit_buf b;
};

/* ---- rows of one format ---- */

struct row {
    const char *name;
    void (*dnm)(struct jit_buf *, enum arm64_sf, enum arm64_reg, enum arm64_reg, enum arm64_reg);
    void (*shifted)(struct jit_buf *, enum arm64_sf, enum arm64_reg, enum arm64_reg, enum arm64_reg,
                    unsigned);
    void (*dnma)(struct jit_buf *, enum arm64_sf, enum arm64_reg, enum arm64_reg, enum arm64_reg,
                 enum arm64_reg);
    void (*imm12)(struct jit_buf *, enum arm64_sf, enum arm64_reg, enum arm64_reg, uint32_t, bool);
    void (*bits)(struct jit_buf *, enum arm64_sf, enum arm64_reg, enum arm64_reg, uint32_t);
    void (*wide)(struct jit_buf *, enum arm64_sf, enum arm64_reg, uint32_t, unsigned);
    void (*field)(struct jit_buf *, enum arm64_sf, enum arm64_reg, enum arm64_reg, unsigned,
                  unsigned);
    void (*rmw)(struct jit_buf *, enum arm64_sf, enum arm64_reg, enum arm64_reg, enum arm64_reg);
};

static const struct row rows[] = {
    {.name = "lslv", .dnm = arm64_lslv},       {.name = "lsrv", .dnm = arm64_lsrv},
    {.name = "asrv", .dnm = arm64_asrv},       {.name = "udiv", .dnm = arm64_udiv},
    {.name = "sdiv", .dnm = arm64_sdiv},       {.name = "add", .shifted = arm64_add},
    {.name = "sub", .shifted = arm64_sub},     {.name = "subs", .shifted = arm64_subs},
    {.name = "and", .shifted = arm64_and},     {.name = "ands", .shifted = arm64_ands},
    {.name = "orr", .shifted = arm64_orr},     {.name = "orn", .shifted = arm64_orn},
    {.name = "eor", .shifted = arm64_eor},     {.name = "madd", .dnma = arm64_madd},
    {.name = "msub", .dnma = arm64_msub},      {.name = "add", .imm12 = arm64_add_imm},
    {.name = "sub", .imm12 = arm64_sub_imm},   {.name = "adds", .imm12 = arm64_adds_imm},
    {.name = "subs", .imm12 = arm64_subs_imm}, {.name = "and", .bits = arm64_and_imm},
    {.name = "orr", .bits = arm64_orr_imm},    {.name = "eor", .bits = arm64_eor_imm},
    {.name = "ands", .bits = arm64_ands_imm},  {.name = "movz", .wide = arm64_movz},
    {.name = "movn", .wide = arm64_movn},      {.name = "movk", .wide = arm64_movk},
    {.name = "sbfm", .field = arm64_sbfm},     {.name = "ubfm", .field = arm64_ubfm},
    {.name = "ldaddal", .rmw = arm64_ldaddal}, {.name = "ldclral", .rmw = arm64_ldclral},
    {.name = "ldeoral", .rmw = arm64_ldeoral}, {.name = "ldsetal", .rmw = arm64_ldsetal},
    {.name = "swpal", .rmw = arm64_swpal},     {.name = "casal", .rmw = arm64_casal},
};

/* The kind of d and n in add and sub with an immediate: with flags, d is no stack pointer. */
static enum kind sp_kind(enum arm64_sf sf, const char *mnemonic, bool destination) {
    const bool flags = mnemonic[3] == 's';
    return (enum kind)((unsigned)sf + (destination && flags ? 0 : W_SP));
}

static void check_registers(struct test *x, const struct row *r, enum arm64_sf sf) {
    struct jit_buf *const b = &x->b;
    const enum kind k = (enum kind)sf;
    for (unsigned i = 0; i < N_MANY; i++) {
        const enum arm64_reg d = reg(i, 0), n = reg(i, 1), m = reg(i, 2), a = reg(i, 3);
        const char *const text[] = {name(k, d), name(k, n), name(k, m), name(k, a)};
        if (r->dnm)
            CASE(&x->t, b, r->dnm(b, sf, d, n, m), "%s %s, %s, %s", r->name, text[0], text[1],
                 text[2]);
        if (r->dnma)
            CASE(&x->t, b, r->dnma(b, sf, d, n, m, a), "%s %s, %s, %s, %s", r->name, text[0],
                 text[1], text[2], text[3]);
        if (r->shifted)
            CASE(&x->t, b, r->shifted(b, sf, d, n, m, 0), "%s %s, %s, %s, lsl #0", r->name, text[0],
                 text[1], text[2]);
        const bool cas = r->rmw == arm64_casal;
        if (r->rmw && (cas ? d : n) != XZR)
            CASE(&x->t, b, r->rmw(b, sf, d, n, m), "%s %s, %s, [%s]", r->name, text[0], text[1],
                 name(X_SP, m));
    }
    for (unsigned lsl = 0; r->shifted && lsl < (sf == ARM64_X ? 64 : 32); lsl++)
        CASE(&x->t, b, r->shifted(b, sf, X1, X2, X3, lsl), "%s %s, %s, %s, lsl #%u", r->name,
             name(k, 1), name(k, 2), name(k, 3), lsl);
}

static void check_imm12(struct test *x, const struct row *r, enum arm64_sf sf) {
    struct jit_buf *const b = &x->b;
    for (unsigned i = 0; i < N_NUMBERS + 4096; i++) {
        const enum arm64_reg d = reg(i % 32, 0), n = reg(i % 32, 1);
        const uint32_t imm = i < N_NUMBERS ? 1 : i - N_NUMBERS;
        for (unsigned high = 0; high < 2; high++)
            CASE(&x->t, b, r->imm12(b, sf, d, n, imm, high), "%s %s, %s, #%u, lsl #%u", r->name,
                 name(sp_kind(sf, r->name, true), d), name(sp_kind(sf, r->name, false), n), imm,
                 12 * high);
    }
}

/* pattern: ones consecutive ones, rotated left by rot in elements of size bits. */
static uint64_t pattern(unsigned size, unsigned ones, unsigned rot) {
    uint64_t v = 0;
    for (unsigned i = 0; i < ones; i++)
        v |= UINT64_C(1) << (i + rot) % size;
    for (unsigned at = size; at < 64; at *= 2)
        v |= v << at;
    return v;
}

static void check_bits(struct test *x, const struct row *r, enum arm64_sf sf) {
    struct jit_buf *const b = &x->b;
    unsigned i = 0;
    for (unsigned size = 2; size <= (sf == ARM64_X ? 64 : 32); size *= 2)
        for (unsigned ones = 1; ones < size; ones++)
            for (unsigned rot = 0; rot < size; rot++, i++) {
                const uint64_t v = pattern(size, ones, rot) & arm64_mask(sf);
                const enum arm64_reg d = reg(i % 32, 0), n = reg(i % 32, 1);
                const enum kind k = (enum kind)((unsigned)sf + (r->name[3] == 's' ? 0 : W_SP));
                uint32_t bits = 0;
                CHECK(arm64_bitmask(sf, v, &bits));
                CASE(&x->t, b, r->bits(b, sf, d, n, bits), "%s %s, %s, #0x%" PRIx64, r->name,
                     name(k, d), name((enum kind)sf, n), v);
            }
}

static void check_wide(struct test *x, const struct row *r, enum arm64_sf sf) {
    struct jit_buf *const b = &x->b;
    const unsigned halves = sf == ARM64_X ? 4 : 2;
    for (unsigned i = 0; i < 32 * 34; i++) {
        const enum arm64_reg d = (enum arm64_reg)(i % 32);
        const uint32_t power = UINT32_C(1) << i / 32 % 17, near = (power + i / 32 / 17 - 1);
        const uint32_t imm = (i & 1 ? power - 1 : near) & 0xffff;
        const unsigned half = (i ^ i / 32) % halves;
        CASE(&x->t, b, r->wide(b, sf, d, imm, half), "%s %s, #%u, lsl #%u", r->name,
             name((enum kind)sf, d), imm, 16 * half);
    }
}

static void check_field(struct test *x, const struct row *r, enum arm64_sf sf) {
    struct jit_buf *const b = &x->b;
    const unsigned width = sf == ARM64_X ? 64 : 32;
    for (unsigned i = 0; i < width * width; i++) {
        const enum arm64_reg d = reg(i % 32, 0), n = reg(i % 32, 1);
        CASE(&x->t, b, r->field(b, sf, d, n, i / width, i % width), "%s %s, %s, #%u, #%u", r->name,
             name((enum kind)sf, d), name((enum kind)sf, n), i / width, i % width);
    }
}

/* ---- what is no row ---- */

static void check_x_only(struct test *x) {
    struct jit_buf *const b = &x->b;
    struct enc_check *const t = &x->t;
    for (unsigned i = 0; i < N_MANY; i++) {
        const enum arm64_reg d = reg(i, 0), n = reg(i, 1), m = reg(i, 2);
        const char *const xd = name(X, d), *const xn = name(X, n), *const xm = name(X, m);
        const char *const wn = name(W, n), *const wm = name(W, m);
        CASE(t, b, arm64_umulh(b, d, n, m), "umulh %s, %s, %s", xd, xn, xm);
        CASE(t, b, arm64_smulh(b, d, n, m), "smulh %s, %s, %s", xd, xn, xm);
        CASE(t, b, arm64_add_uxtx(b, d, n, m), "add %s, %s, %s, uxtx", name(X_SP, d), name(X_SP, n),
             xm);
        CASE(t, b, arm64_add_sxtw(b, d, n, m), "add %s, %s, %s, sxtw", name(X_SP, d), name(X_SP, n),
             wm);
        CASE(t, b, arm64_rev16_w(b, d, n), "rev16 %s, %s", name(W, d), wn);
        CASE(t, b, arm64_rev_w(b, d, n), "rev %s, %s", name(W, d), wn);
        CASE(t, b, arm64_rev_x(b, d, n), "rev %s, %s", xd, xn);
        CASE(t, b, arm64_mov_sp(b, d, n), "add %s, %s, #0", name(X_SP, d), name(X_SP, n));
    }
}

/* Shifts by immediates, under the names in which they are written. */
static void check_shifts(struct test *x, enum arm64_sf sf) {
    struct jit_buf *const b = &x->b;
    struct enc_check *const t = &x->t;
    for (unsigned by = 0; by < (sf == ARM64_X ? 64 : 32); by++)
        for (unsigned i = 0; i < N_NUMBERS; i++) {
            const enum arm64_reg d = reg(i, 0), n = reg(i, 1), m = reg(i, 2);
            const char *const xd = name((enum kind)sf, d), *const xn = name((enum kind)sf, n);
            CASE(t, b, arm64_lsl(b, sf, d, n, by), "lsl %s, %s, #%u", xd, xn, by);
            CASE(t, b, arm64_lsr(b, sf, d, n, by), "lsr %s, %s, #%u", xd, xn, by);
            CASE(t, b, arm64_asr(b, sf, d, n, by), "asr %s, %s, #%u", xd, xn, by);
            CASE(t, b, arm64_extr(b, sf, d, n, m, by), "extr %s, %s, %s, #%u", xd, xn,
                 name((enum kind)sf, m), by);
            CASE(t, b, arm64_extr(b, sf, d, n, n, by), "ror %s, %s, #%u", xd, xn, by);
            CASE(t, b, arm64_mov(b, sf, d, m), "mov %s, %s", xd, name((enum kind)sf, m));
        }
}

/* ---- memory ---- */

static const struct {
    enum arm64_access a;
    const char *scaled, *unscaled;
    enum kind kind;
} accesses[] = {
    {ARM64_STRB, "strb", "sturb", W},    {ARM64_STRH, "strh", "sturh", W},
    {ARM64_STR_W, "str", "stur", W},     {ARM64_STR_X, "str", "stur", X},
    {ARM64_LDRB, "ldrb", "ldurb", W},    {ARM64_LDRH, "ldrh", "ldurh", W},
    {ARM64_LDR_W, "ldr", "ldur", W},     {ARM64_LDR_X, "ldr", "ldur", X},
    {ARM64_LDRSB, "ldrsb", "ldursb", X}, {ARM64_LDRSH, "ldrsh", "ldursh", X},
    {ARM64_LDRSW, "ldrsw", "ldursw", X},
};

static void check_access(struct test *x, unsigned which) {
    struct jit_buf *const b = &x->b;
    struct enc_check *const t = &x->t;
    const enum arm64_access a = accesses[which].a;
    for (unsigned i = 0; i < 4096; i++) {
        const enum arm64_reg r = reg(i % 256, 0), n = reg(i % 256, 1), m = reg(i % 256, 2);
        const char *const xr = name(accesses[which].kind, r), *const xn = name(X_SP, n);
        CASE(t, b, arm64_scaled(b, a, r, n, i << (a & 3)), "%s %s, [%s, #%u]",
             accesses[which].scaled, xr, xn, i << (a & 3));
        if (i < N_MANY)
            CASE(t, b, arm64_indexed(b, a, r, n, m), "%s %s, [%s, %s]", accesses[which].scaled, xr,
                 xn, name(X, m));
        if (i < 512)
            CASE(t, b, arm64_unscaled(b, a, r, n, (int)i - 256), "%s %s, [%s, #%d]",
                 accesses[which].unscaled, xr, xn, (int)i - 256);
    }
}

static void check_pairs(struct test *x) {
    struct jit_buf *const b = &x->b;
    struct enc_check *const t = &x->t;
    for (unsigned i = 0; i < 128 * 8; i++) {
        const enum arm64_reg r = reg(i % 256, 0), u = reg(i % 256, 1), n = reg(i % 256, 2);
        const char *const xr = name(X, r), *const xu = name(X, u), *const xn = name(X_SP, n);
        const int off = ((int)(i % 128) - 64) * 8;
        if (r == u || n == r || n == u)
            continue; /* unpredictable in some forms */
        CASE(t, b, arm64_stp(b, r, u, n, off), "stp %s, %s, [%s, #%d]", xr, xu, xn, off);
        CASE(t, b, arm64_stp_pre(b, r, u, n, off), "stp %s, %s, [%s, #%d]!", xr, xu, xn, off);
        CASE(t, b, arm64_ldp(b, r, u, n, off), "ldp %s, %s, [%s, #%d]", xr, xu, xn, off);
        CASE(t, b, arm64_ldp_post(b, r, u, n, off), "ldp %s, %s, [%s], #%d", xr, xu, xn, off);
    }
}

static void check_ordered(struct test *x) {
    static const char *const suffix[] = {"b", "h", "", ""};
    struct jit_buf *const b = &x->b;
    struct enc_check *const t = &x->t;
    for (unsigned i = 0; i < 4 * N_MANY; i++) {
        const unsigned size = i % 4;
        const enum arm64_reg r = reg(i / 4, 0), n = reg(i / 4, 1);
        const char *const xr = name(size == 3 ? X : W, r), *const xn = name(X_SP, n);
        CASE(t, b, arm64_ldar(b, size, r, n), "ldar%s %s, [%s]", suffix[size], xr, xn);
        CASE(t, b, arm64_stlr(b, size, r, n), "stlr%s %s, [%s]", suffix[size], xr, xn);
    }
}

/* ---- distances ---- */

/* Distances at the edges of a signed field of that many bits: 0 and both ends, powers of two and
 * their neighbours, in steps. */
static unsigned distances(int64_t *out, unsigned bits, int64_t step) {
    unsigned n = 0;
    for (unsigned i = 0; i < bits; i++)
        for (int64_t near = -1; near <= 1; near++)
            for (int sign = -1; sign <= 1; sign += 2) {
                const int64_t v = sign * (INT64_C(1) << i) + near;
                if (arm64_fits(v, bits))
                    out[n++] = v * step;
            }
    return n;
}

static void check_branches(struct test *x) {
    struct jit_buf *const b = &x->b;
    struct enc_check *const t = &x->t;
    static const char *const conds[] = {"eq", "ne", "hs", "lo", [8] = "hi",
                                        "ls", "ge", "lt", "gt", "le"};
    int64_t at[256];
    for (unsigned i = distances(at, 26, 4); i--;) {
        CASE(t, b, arm64_b(b, at[i]), "b #%" PRId64, at[i]);
        CASE(t, b, arm64_bl(b, at[i]), "bl #%" PRId64, at[i]);
    }
    for (unsigned i = distances(at, 19, 4); i--;) {
        for (unsigned c = 0; c < sizeof conds / sizeof *conds; c++)
            if (conds[c])
                CASE(t, b, arm64_b_cond(b, (enum arm64_cond)c, at[i]), "b.%s #%" PRId64, conds[c],
                     at[i]);
        for (unsigned r = 0; r < N_NUMBERS; r++) {
            const enum arm64_reg n = (enum arm64_reg)r;
            for (unsigned sf = 0; sf < 2; sf++) {
                const char *const xn = name((enum kind)sf, r);
                CASE(t, b, arm64_cbz(b, (enum arm64_sf)sf, n, at[i]), "cbz %s, #%" PRId64, xn,
                     at[i]);
                CASE(t, b, arm64_cbnz(b, (enum arm64_sf)sf, n, at[i]), "cbnz %s, #%" PRId64, xn,
                     at[i]);
            }
            CASE(t, b, arm64_ldr_literal(b, n, at[i]), "ldr %s, #%" PRId64, name(X, r), at[i]);
        }
    }
    for (unsigned i = distances(at, 21, 1); i--;)
        for (unsigned r = 0; r < N_NUMBERS; r++)
            CASE(t, b, arm64_adr(b, (enum arm64_reg)r, at[i]), "adr %s, #%" PRId64, name(X, r),
                 at[i]);
}

static void check_bit_branches(struct test *x) {
    struct jit_buf *const b = &x->b;
    struct enc_check *const t = &x->t;
    int64_t at[256];
    const unsigned n_at = distances(at, 14, 4);
    for (unsigned i = 0; i < 64 * n_at; i++) {
        const unsigned bit = i % 64;
        const enum arm64_reg n = (enum arm64_reg)((i * 7 + i / 32) % 32);
        const char *const xn = name(bit < 32 ? W : X, n);
        const int64_t d = at[i / 64];
        CASE(t, b, arm64_tbz(b, n, bit, d), "tbz %s, #%u, #%" PRId64, xn, bit, d);
        CASE(t, b, arm64_tbnz(b, n, bit, d), "tbnz %s, #%u, #%" PRId64, xn, bit, d);
    }
    for (unsigned r = 0; r < N_NUMBERS; r++) {
        const enum arm64_reg n = (enum arm64_reg)r;
        CASE(t, b, arm64_br(b, n), "br %s", name(X, r));
        CASE(t, b, arm64_blr(b, n), "blr %s", name(X, r));
        CASE(t, b, arm64_ret(b, n), "ret %s", name(X, r));
    }
}

/* ---- what bitmask immediates are not ---- */

/* is_pattern: the definition, slowly. */
static bool is_pattern(enum arm64_sf sf, uint64_t v) {
    for (unsigned size = 2; size <= (sf == ARM64_X ? 64 : 32); size *= 2)
        for (unsigned ones = 1; ones < size; ones++)
            for (unsigned rot = 0; rot < size; rot++)
                if (v == (pattern(size, ones, rot) & arm64_mask(sf)))
                    return true;
    return false;
}

/* Patterns with one bit flipped, which are seldom patterns; 0 and all ones never are. */
static void check_not_bits(enum arm64_sf sf) {
    uint64_t seed = 20240229;
    uint32_t bits;
    CHECK(!arm64_bitmask(sf, 0, &bits));
    CHECK(!arm64_bitmask(sf, arm64_mask(sf), &bits));
    for (unsigned i = 0; i < 1000; i++) {
        const unsigned size = 2U << check_random(&seed) % (sf == ARM64_X ? 6 : 5);
        const unsigned ones = 1 + (unsigned)check_random(&seed) % (size - 1);
        const uint64_t flip = UINT64_C(1) << check_random(&seed) % 64;
        const uint64_t v =
            (pattern(size, ones, (unsigned)check_random(&seed) % size) ^ flip) & arm64_mask(sf);
        CHECK_EQ(arm64_bitmask(sf, v, &bits), is_pattern(sf, v));
    }
}

static void check_row(struct test *x, const struct row *r) {
    for (unsigned sf = 0; sf < 2; sf++) {
        const enum arm64_sf s = (enum arm64_sf)sf;
        check_registers(x, r, s);
        if (r->imm12)
            check_imm12(x, r, s);
        if (r->bits)
            check_bits(x, r, s);
        if (r->wide)
            check_wide(x, r, s);
        if (r->field)
            check_field(x, r, s);
    }
}

int main(void) {
    struct test x;
    enc_check_init(&x.t, &jit_arm64);
    jit_buf_init(&x.b);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&x, &rows[i]);
    check_x_only(&x);
    check_shifts(&x, ARM64_W);
    check_shifts(&x, ARM64_X);
    for (unsigned i = 0; i < sizeof accesses / sizeof *accesses; i++)
        check_access(&x, i);
    check_pairs(&x);
    check_ordered(&x);
    check_branches(&x);
    check_bit_branches(&x);
    check_not_bits(ARM64_W);
    check_not_bits(ARM64_X);
    jit_buf_fini(&x.b);
    const int status = enc_check_run(&x.t);
    return check_state.failed ? check_end() : status;
}
