/* enc_s390x.c: every row of jit/s390x/enc.def against the assembler.
 *
 * Each row is tried with all registers in every register field, while the immediates, distances,
 * masks and displacements take turns; then with every one of those, while the registers take turns.
 * They are the ends of their range, 0, and the powers of two and their neighbours of either sign.
 */
#include "jit/s390x/enc.h"

#include <inttypes.h>
#include <stdio.h>

#include "jit/tests/enc_check.h"

/* One name for each format of enc.def. */
enum format {
    RR,
    BCR,
    RRE,
    LDG,
    GLD,
    RRF,
    RI,
    RIU,
    BRC,
    BRAS,
    RX,
    RS,
    RSC,
    SI,
    RIL,
    RILU,
    RILP,
    BRCL,
    RXY,
    RSY,
    SIY,
    SIL,
    RIED,
    RIEG,
    RIEF,
    RIEB,
    RIEC,
    RIECU,
    RREP,
    RRFP,
};

typedef enum s390x_gr gr;
typedef struct jit_buf buf;

/* The encoder of a row, by the types of its operands: g a register, f a floating-point one, i an
 * immediate, a displacement or a distance, m a mask. A row fills the one of its format. */
union encoder {
    void (*gg)(buf *, gr, gr);
    void (*mg)(buf *, unsigned, gr);
    void (*fg)(buf *, enum s390x_fr, gr);
    void (*gf)(buf *, gr, enum s390x_fr);
    void (*ggg)(buf *, gr, gr, gr);
    void (*gi)(buf *, gr, int64_t);
    void (*mi)(buf *, unsigned, int64_t);
    void (*gig)(buf *, gr, int64_t, gr);
    void (*ggig)(buf *, gr, gr, int64_t, gr);
    void (*igi)(buf *, int64_t, gr, int64_t);
    void (*ggi)(buf *, gr, gr, int64_t);
    void (*gim)(buf *, gr, int64_t, unsigned);
    void (*ggiii)(buf *, gr, gr, int64_t, int64_t, int64_t);
    void (*ggmi)(buf *, gr, gr, unsigned, int64_t);
    void (*gimi)(buf *, gr, int64_t, unsigned, int64_t);
};

struct row {
    const char *name;
    enum format format;
    union encoder f;
};

#define TYPES_RR    gg
#define TYPES_BCR   mg
#define TYPES_RRE   gg
#define TYPES_LDG   fg
#define TYPES_GLD   gf
#define TYPES_RRF   ggg
#define TYPES_RI    gi
#define TYPES_RIU   gi
#define TYPES_BRC   mi
#define TYPES_BRAS  gi
#define TYPES_RX    gig
#define TYPES_RS    gig
#define TYPES_RSC   ggig
#define TYPES_SI    igi
#define TYPES_RIL   gi
#define TYPES_RILU  gi
#define TYPES_RILP  gi
#define TYPES_BRCL  mi
#define TYPES_RXY   gig
#define TYPES_RSY   ggig
#define TYPES_SIY   igi
#define TYPES_SIL   igi
#define TYPES_RIED  ggi
#define TYPES_RIEG  gim
#define TYPES_RIEF  ggiii
#define TYPES_RIEB  ggmi
#define TYPES_RIEC  gimi
#define TYPES_RIECU gimi
#define TYPES_RREP  gg
#define TYPES_RRFP  ggg

static const struct row rows[] = {
#define ROW(format, name, op) {#name, format, {.TYPES_##format = s390x_##name}},
#include "jit/s390x/enc.def"
};

/* ---- values of a field ---- */

enum {
    MOST_VALUES = 256
};

struct values {
    int64_t v[MOST_VALUES];
    unsigned n;
};

/* boundary: those of a field of so many bits; each doubled if they are distances. */
static struct values boundary(unsigned bits, bool sign, bool distance) {
    struct values out = {.n = 0};
    const int64_t least = sign ? -(INT64_C(1) << (bits - 1)) : 0;
    const int64_t most = sign ? -least - 1 : (INT64_C(1) << bits) - 1;
    for (unsigned bit = 0; bit <= bits; bit++) {
        for (int64_t near = -1; near <= 1; near++) {
            const int64_t v = (INT64_C(1) << bit) + near;
            if (v <= most)
                out.v[out.n++] = distance ? 2 * v : v;
            if (-v >= least)
                out.v[out.n++] = distance ? -2 * v : -v;
        }
    }
    return out;
}

/* ---- one case ---- */

/* struct fields: what a case fills its instruction with; each format takes what it has. */
struct fields {
    unsigned r1, r2, r3;
    int64_t i, d;      /* an immediate; a displacement or distance */
    int64_t last, rot; /* RIEF */
};

/* address: d(base); the assembler wants no base 0 spelled out. */
static const char *address(char out[32], int64_t d, unsigned base) {
    if (base)
        snprintf(out, 32, "%d(%%r%u)", (int)d, base);
    else
        snprintf(out, 32, "%d", (int)d);
    return out;
}

static void emit_register(struct enc_check *t, buf *b, const struct row *r, struct fields x) {
    const gr r1 = (gr)x.r1, r2 = (gr)x.r2, r3 = (gr)x.r3;
    switch (r->format) {
    case BCR:
        r->f.mg(b, x.r1, r2);
        enc_case(t, b, "%s %u,%%r%u", r->name, x.r1, x.r2);
        return;
    case LDG:
        r->f.fg(b, (enum s390x_fr)x.r1, r2);
        enc_case(t, b, "%s %%f%u,%%r%u", r->name, x.r1, x.r2);
        return;
    case GLD:
        r->f.gf(b, r1, (enum s390x_fr)x.r2);
        enc_case(t, b, "%s %%r%u,%%f%u", r->name, x.r1, x.r2);
        return;
    case RRF:
    case RRFP:
        r->f.ggg(b, r1, r2, r3);
        enc_case(t, b, "%s %%r%u,%%r%u,%%r%u", r->name, x.r1, x.r2, x.r3);
        return;
    default: r->f.gg(b, r1, r2); enc_case(t, b, "%s %%r%u,%%r%u", r->name, x.r1, x.r2);
    }
}

static void emit_memory(struct enc_check *t, buf *b, const struct row *r, struct fields x) {
    char at[32];
    const gr r1 = (gr)x.r1, r2 = (gr)x.r2, r3 = (gr)x.r3;
    switch (r->format) {
    case RX:
    case RS:
    case RXY:
        r->f.gig(b, r1, x.d, r2);
        enc_case(t, b, "%s %%r%u,%s", r->name, x.r1, address(at, x.d, x.r2));
        return;
    case RSC:
    case RSY:
        r->f.ggig(b, r1, r2, x.d, r3);
        enc_case(t, b, "%s %%r%u,%%r%u,%s", r->name, x.r1, x.r2, address(at, x.d, x.r3));
        return;
    default: /* SI, SIY, SIL */
        r->f.igi(b, x.d, r1, x.i);
        enc_case(t, b, "%s %s,%d", r->name, address(at, x.d, x.r1), (int)x.i);
    }
}

static void emit_immediate(struct enc_check *t, buf *b, const struct row *r, struct fields x) {
    const gr r1 = (gr)x.r1, r2 = (gr)x.r2;
    switch (r->format) {
    case RIED:
        r->f.ggi(b, r1, r2, x.i);
        enc_case(t, b, "%s %%r%u,%%r%u,%d", r->name, x.r1, x.r2, (int)x.i);
        return;
    case RIEG:
        r->f.gim(b, r1, x.i, x.r2);
        enc_case(t, b, "%s %%r%u,%d,%u", r->name, x.r1, (int)x.i, x.r2);
        return;
    case RIEF:
        r->f.ggiii(b, r1, r2, x.i, x.last, x.rot);
        enc_case(t, b, "%s %%r%u,%%r%u,%d,%d,%d", r->name, x.r1, x.r2, (int)x.i, (int)x.last,
                 (int)x.rot);
        return;
    default: /* RI, RIU, RIL, RILU */
        r->f.gi(b, r1, x.i);
        enc_case(t, b, "%s %%r%u,%" PRId64, r->name, x.r1, x.i);
    }
}

static void emit_relative(struct enc_check *t, buf *b, const struct row *r, struct fields x) {
    const gr r1 = (gr)x.r1, r2 = (gr)x.r2;
    switch (r->format) {
    case BRC:
    case BRCL:
        r->f.mi(b, x.r1, x.d);
        enc_case(t, b, "%s %u,%" PRId64, r->name, x.r1, x.d);
        return;
    case BRAS:
    case RILP:
        r->f.gi(b, r1, x.d);
        enc_case(t, b, "%s %%r%u,%" PRId64, r->name, x.r1, x.d);
        return;
    case RIEB:
        r->f.ggmi(b, r1, r2, x.r3, x.d);
        enc_case(t, b, "%s %%r%u,%%r%u,%u,%" PRId64, r->name, x.r1, x.r2, x.r3, x.d);
        return;
    default: /* RIEC, RIECU */
        r->f.gimi(b, r1, x.i, x.r2, x.d);
        enc_case(t, b, "%s %%r%u,%d,%u,%" PRId64, r->name, x.r1, (int)x.i, x.r2, x.d);
    }
}

/* ---- all cases of a row ---- */

typedef void emit_fn(struct enc_check *t, buf *b, const struct row *r, struct fields x);

/* struct shape: how many of r1 to r3 a format has (registers or masks), its immediate's and its
 * displacement's (or distance's) bits, who writes a case. Unsigned unless it says so. */
struct shape {
    emit_fn *emit;
    uint8_t n_regs;
    uint8_t i_bits, d_bits;
    bool i_sign, d_sign, distance;
};

static const struct shape shapes[] = {
    [RR] = {emit_register, 2, 0, 0, false, false, false},
    [BCR] = {emit_register, 2, 0, 0, false, false, false},
    [RRE] = {emit_register, 2, 0, 0, false, false, false},
    [LDG] = {emit_register, 2, 0, 0, false, false, false},
    [GLD] = {emit_register, 2, 0, 0, false, false, false},
    [RRF] = {emit_register, 3, 0, 0, false, false, false},
    [RI] = {emit_immediate, 1, 16, 0, true, false, false},
    [RIU] = {emit_immediate, 1, 16, 0, false, false, false},
    [RIL] = {emit_immediate, 1, 32, 0, true, false, false},
    [RILU] = {emit_immediate, 1, 32, 0, false, false, false},
    [RIED] = {emit_immediate, 2, 16, 0, true, false, false},
    [RIEG] = {emit_immediate, 2, 16, 0, true, false, false},
    [RIEF] = {emit_immediate, 2, 6, 0, false, false, false},
    [RX] = {emit_memory, 2, 0, 12, false, false, false},
    [RS] = {emit_memory, 2, 0, 12, false, false, false},
    [RSC] = {emit_memory, 3, 0, 12, false, false, false},
    [RXY] = {emit_memory, 2, 0, 20, false, true, false},
    [RSY] = {emit_memory, 3, 0, 20, false, true, false},
    [SI] = {emit_memory, 1, 8, 12, false, false, false},
    [SIY] = {emit_memory, 1, 8, 20, false, true, false},
    [SIL] = {emit_memory, 1, 16, 12, true, false, false},
    [BRC] = {emit_relative, 1, 0, 16, false, true, true},
    [BRAS] = {emit_relative, 1, 0, 16, false, true, true},
    [BRCL] = {emit_relative, 1, 0, 32, false, true, true},
    [RILP] = {emit_relative, 1, 0, 32, false, true, true},
    [RIEB] = {emit_relative, 3, 0, 16, false, true, true},
    [RIEC] = {emit_relative, 2, 8, 16, true, true, true},
    [RIECU] = {emit_relative, 2, 8, 16, false, true, true},
    [RREP] = {emit_register, 2, 0, 0, false, false, false},
    [RRFP] = {emit_register, 3, 0, 0, false, false, false},
};

static void one(struct enc_check *t, const struct row *r, struct fields x) {
    uint8_t bytes[16];
    buf b = {.bytes = bytes, .capacity = sizeof bytes};
    if (r->format == RREP || r->format == RRFP)
        x.r1 &= ~1u;
    shapes[r->format].emit(t, &b, r, x);
}

/* fields_at: the n-th combination: register fields from n's digits, values taking turns. */
static struct fields fields_at(unsigned n, const struct values *i, const struct values *d) {
    return (struct fields){
        .r1 = n & 15,
        .r2 = n >> 4 & 15,
        .r3 = n >> 8 & 15,
        .i = i->v[n % i->n],
        .d = d->v[n % d->n],
        .last = n * 5 % 64 + (n & 1 ? S390X_LAST_Z : 0),
        .rot = n * 11 % 64,
    };
}

static void all_of_row(struct enc_check *t, const struct row *r) {
    const struct shape *const s = &shapes[r->format];
    const struct values i = boundary(s->i_bits ? s->i_bits : 1, s->i_sign, false);
    const struct values d = boundary(s->d_bits ? s->d_bits : 1, s->d_sign, s->distance);
    for (unsigned n = 0; n < 1u << 4 * s->n_regs; n++)
        one(t, r, fields_at(n, &i, &d));
    for (unsigned n = 0; s->i_bits + s->d_bits && n < i.n * d.n; n++) {
        struct fields x = fields_at(n * 0x9d, &i, &d);
        x.i = i.v[n % i.n];
        x.d = d.v[n / i.n];
        one(t, r, x);
    }
    for (unsigned n = 0; r->format == RIEF && n < 1u << 14; n++) { /* first, last with its bit */
        struct fields x = fields_at(n * 0x9d, &i, &d);
        x.i = n & 63;
        x.last = (n >> 6 & 63) + (n >> 13 ? S390X_LAST_Z : 0);
        x.rot = (n >> 2) & 63;
        one(t, r, x);
    }
}

int main(void) {
    struct enc_check t;
    enc_check_init(&t, &jit_s390x);
    for (unsigned n = 0; n < sizeof rows / sizeof *rows; n++)
        all_of_row(&t, &rows[n]);
    return enc_check_run(&t);
}
