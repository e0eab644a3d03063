/* s390x_real_test.c: every row of s390x_rows.def, alone, against the machine that the test runs on.
 *
 * An instruction is made of a row's format and opcode with random fields, and done twice: by the
 * processor, between loads of all registers and stores of all, and by machine_step on constants.
 * The sixteen general registers, eight floating-point ones, the condition code, the memory around
 * the operand, whether a branch was taken and whether a division trapped must be the same; another
 * instruction's doings must not. Registers are loaded from and stored to low addresses, which need
 * no base register.
 */
#include "jit/execmem.h"
#include "proofs/machine/machine.h"
#include "proofs/machine/s390x_decode.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "proofs/machine/tests/numbers.h"

enum {
    CASES = 200, /* of each row, unless the argument says otherwise */
    LIES = 2,    /* every so many cases another instruction is emulated: it must be seen */
    BATCH = 200,
    SLOT = 512, /* bytes of a case's code */
    LOW = 0x20000,
    IN = LOW,            /* general registers before */
    FIN = LOW + 128,     /* floating-point registers */
    CC_IN = LOW + 192,   /* the condition code, where SPM takes it from */
    SAVED = LOW + 200,   /* the stack pointer of C */
    OUT = LOW + 256,     /* the same after the instruction */
    FOUT = LOW + 384,    //
    CC_OUT = LOW + 448,  /* as IPM gives it */
    TAKEN = LOW + 456,   /* a byte: the branch was taken */
    DATA = LOW + 0x1000, /* what operands lie in */
    DATA_BYTES = 512,    //
    LOW_BYTES = 0x2000,  //
    N_GPRS = 16,
    N_FPRS = 8,
    CC_SHIFT = 28, /* the condition code in the low word that SPM and IPM use */
};

/* ---- rows ---- */

struct row {
    const char *name;
    uint32_t opcode;
    enum s390x_format format;
    uint8_t
        access; /* bytes of the operand in storage, which must be aligned if it is a RMW; 0: none */
    bool rmw;
};

/* clang-format off */
#define TO(format, opcode, name, lo, width, value, cc)       {#name, opcode, S390X_##format, 8, false},
#define TEST(format, opcode, name, cc)                       {#name, opcode, S390X_##format, 0, false},
#define STORE(format, opcode, name, bytes, value)            {#name, opcode, S390X_##format, bytes, false},
#define RMW(format, opcode, name, bytes, all, value, cc)     {#name, opcode, S390X_##format, bytes, true},
#define JUMP_IF(format, opcode, name, sign, a, b)            {#name, opcode, S390X_##format, 0, false},
#define DO(format, opcode, name, function)                   {#name, opcode, S390X_##format, 8, false},
static const struct row rows[] = {
#include "proofs/machine/s390x_rows.def"
};
/* clang-format on */

/* ---- code ---- */

struct code {
    uint8_t *bytes;
    unsigned n;
};

static void put(struct code *c, unsigned n_bytes, uint64_t v) {
    for (unsigned i = n_bytes; i-- > 0;)
        c->bytes[c->n++] = (uint8_t)(v >> 8 * i);
}

/* put_opcode: into an instruction of the same format. */
static void put_opcode(uint8_t *insn, uint32_t opcode) {
    const bool digit = opcode > 0xff && opcode <= 0xfff;
    insn[0] = (uint8_t)(digit ? opcode >> 4 : opcode > 0xfff ? opcode >> 8 : opcode);
    if (digit)
        insn[1] = (uint8_t)((insn[1] & 0xf0) | (opcode & 15));
    else if (opcode >> 8 == 0xe3 || opcode >> 8 == 0xeb || opcode >> 8 == 0xec)
        insn[5] = (uint8_t)opcode;
    else if (opcode > 0xff)
        insn[1] = (uint8_t)opcode;
}

/* far: an instruction of six bytes with two digits and an address without a base. */
static void far(struct code *c, unsigned opcode, unsigned digits, unsigned d) {
    put(c, 6,
        (uint64_t)(opcode >> 8) << 40 | (uint64_t)digits << 32 | (uint64_t)(d & 0xfff) << 16 |
            (uint64_t)(d >> 12 & 0xff) << 8 | (opcode & 0xff));
}

static void registers(struct code *c, bool load) {
    if (load)
        far(c, 0xeb04, 0x0f, IN); /* lmg %r0,%r15 */
    else
        far(c, 0xeb24, 0x0f, OUT); /* stmg */
}

static void float_registers(struct code *c, bool load) {
    for (unsigned i = 0; i < N_FPRS; i++)
        far(c, load ? 0xed65 : 0xed67, i << 4, (load ? FIN : FOUT) + 8 * i); /* ldy, stdy */
}

static void begin(struct code *c) {
    put(c, 6, UINT64_C(0xeb6ff0300024)); /* stmg %r6,%r15,48(%r15) */
    far(c, 0xe324, 0xf0, SAVED);         /* stg %r15 */
    float_registers(c, true);
    far(c, 0xe304, 0x00, CC_IN); /* lg %r0 */
    put(c, 2, 0x0400);           /* spm %r0 */
    registers(c, true);
}

/* end: behind the instruction; out: where a branch that is taken goes. */
static unsigned end(struct code *c) {
    registers(c, false);
    far(c, 0xeb52, 0, TAKEN);  /* mviy 0 */
    put(c, 4, 0xa7f40002 + 6); /* j over 12 bytes */
    const unsigned taken = c->n;
    registers(c, false);
    far(c, 0xeb52, 1, TAKEN);
    put(c, 4, 0xb2220000); /* ipm %r0 */
    far(c, 0xe324, 0x00, CC_OUT);
    float_registers(c, false);
    far(c, 0xe304, 0xf0, SAVED);         /* lg %r15 */
    put(c, 6, UINT64_C(0xeb6ff0300004)); /* lmg %r6,%r15,48(%r15) */
    put(c, 2, 0x07fe);                   /* br %r14 */
    return taken;
}

/* ---- a case ---- */

struct one {
    const struct row *row;
    unsigned at, insn, taken; /* in the code: the slot, the instruction, where it branches to */
    uint64_t reg[N_GPRS], fpr[N_FPRS], cc;
    uint8_t data[DATA_BYTES];
};

/* operand: base and index, so that the address is the operand's. bits: of the displacement. */
struct operand {
    unsigned base, index;
    uint32_t d;
    uint64_t addr;
};

static struct operand any_operand(struct one *x, unsigned bits, bool indexed) {
    const bool aligned = x->row->rmw;
    const bool wide = bits == 20;
    struct operand o = {.base = (unsigned)pick(16),
                        .index = indexed && pick(4) == 0 ? (unsigned)pick(16) : 0};
    o.addr = DATA + 128 + (aligned ? 8 * pick(16) : pick(128));
    if (!wide && !o.base)
        o.base = 1;
    if (o.index == o.base)
        o.index = 0;
    if (!o.base) {
        o.index = 0;
        o.d = (uint32_t)o.addr;
        return o;
    }
    o.d = (uint32_t)(pick(3) ? pick(4096) : check_random(&seed)) & ((1U << bits) - 1);
    const int64_t d = wide ? (int64_t)(int32_t)(o.d << 12) >> 12 : o.d;
    x->reg[o.base] = o.addr - (uint64_t)d - (o.index ? x->reg[o.index] : 0);
    return o;
}

static uint64_t any_bits(unsigned n) {
    return any_value() & ((UINT64_C(1) << n) - 1);
}

static uint64_t half_distance(const struct one *x) {
    return ((x->taken - x->insn) / 2) & 0xffff;
}

/* links: is it a call? The machine wants its return address in the link register. */
static bool links(const struct row *row) {
    return row->opcode == 0x0d || row->opcode == 0xa75 || row->opcode == 0xc05;
}

/* Fields of an instruction of two or four bytes. */
static uint64_t any_short(struct one *x) {
    const uint32_t op = x->row->opcode;
    const uint64_t r1 = links(x->row) ? 14 : pick(16), r2 = pick(16), r3 = pick(16);
    struct operand o;
    switch (x->row->format) {
    case S390X_RR: return op << 8 | r1 << 4 | (links(x->row) && !r2 ? 1 : r2);
    case S390X_BCR: return pick(4) ? op << 8 | 0xf0 | r2 : op << 8 | (14 + pick(2)) << 4;
    case S390X_RRE: return (uint64_t)op << 16 | r1 << 4 | r2;
    case S390X_FG: return (uint64_t)op << 16 | (r1 & 7) << 4 | r2;
    case S390X_GF: return (uint64_t)op << 16 | r1 << 4 | (r2 & 7);
    case S390X_RREP: return (uint64_t)op << 16 | (r1 & 14) << 4 | r2;
    case S390X_RRF: return (uint64_t)op << 16 | r3 << 12 | r1 << 4 | r2;
    case S390X_RRFP: return (uint64_t)op << 16 | r3 << 12 | (r1 & 14) << 4 | r2;
    case S390X_RI:
    case S390X_RIU: return (uint64_t)(op >> 4) << 24 | r1 << 20 | (op & 15) << 16 | any_bits(16);
    case S390X_BRC:
    case S390X_BRAS:
        return (uint64_t)(op >> 4) << 24 | r1 << 20 | (op & 15) << 16 | half_distance(x);
    case S390X_RX:
        o = any_operand(x, 12, true);
        return (uint64_t)op << 24 | r1 << 20 | o.index << 16 | o.base << 12 | o.d;
    case S390X_RS: return (uint64_t)op << 24 | r1 << 20 | r2 << 12 | pick(4096);
    case S390X_RSC:
        o = any_operand(x, 12, false);
        return (uint64_t)op << 24 | r1 << 20 | r3 << 16 | o.base << 12 | o.d;
    case S390X_SI:
        o = any_operand(x, 12, false);
        return (uint64_t)op << 24 | pick(256) << 16 | o.base << 12 | o.d;
    default: return 0;
    }
}

static uint64_t long_d(unsigned base, uint32_t d) {
    return (uint64_t)base << 28 | (uint64_t)(d & 0xfff) << 16 | (uint64_t)(d >> 12 & 0xff) << 8;
}

/* Fields of an instruction of six bytes. pool: where lgrl finds its word. */
static uint64_t any_long(struct one *x, unsigned pool) {
    const uint32_t op = x->row->opcode;
    const uint64_t r1 = links(x->row) ? 14 : pick(16), r2 = pick(16), r3 = pick(16);
    const uint64_t digit = (uint64_t)(op >> 4) << 40 | r1 << 36 | (uint64_t)(op & 15) << 32;
    const uint64_t framed = (uint64_t)(op >> 8) << 40 | (op & 0xff);
    struct operand o;
    switch (x->row->format) {
    case S390X_RIL:
    case S390X_RILU: return digit | any_bits(32);
    case S390X_RILR: return digit | (((op == 0xc48 ? pool : x->taken) - x->insn) / 2 & UINT32_MAX);
    case S390X_BRCL: return digit | half_distance(x);
    case S390X_RXY:
        o = any_operand(x, 20, true);
        return framed | r1 << 36 | (uint64_t)o.index << 32 | long_d(o.base, o.d);
    case S390X_RSY:
        if (op == 0xeb04 || op == 0xeb24 || x->row->rmw)
            o = any_operand(x, 20, false);
        else
            o = (struct operand){.base = (unsigned)r2, .d = (uint32_t)pick(1U << 20)};
        return framed | r1 << 36 | r3 << 32 | long_d(o.base, o.d);
    case S390X_SIY:
        o = any_operand(x, 20, false);
        return framed | pick(256) << 32 | long_d(o.base, o.d);
    case S390X_SIL:
        o = any_operand(x, 12, false);
        return (uint64_t)op << 32 | (uint64_t)o.base << 28 | (uint64_t)o.d << 16 | any_bits(16);
    case S390X_RIED:
    case S390X_RIEG: return framed | r1 << 36 | r3 << 32 | any_bits(16) << 16;
    case S390X_RIEF:
        return framed | r1 << 36 | r2 << 32 | pick(64) << 24 | (pick(64) | pick(2) << 7) << 16 |
               pick(64) << 8;
    case S390X_RIEB: return framed | r1 << 36 | r2 << 32 | half_distance(x) << 16 | pick(8) << 13;
    case S390X_RIEC:
    case S390X_RIECU:
        return framed | r1 << 36 | pick(8) << 33 | half_distance(x) << 16 | any_bits(8) << 8;
    default: return 0;
    }
}

/* Registers that matter more than others, now that the instruction is known. */
static void refine(struct one *x, uint64_t addr, const uint8_t *insn) {
    struct s390x_fields f;
    if (!s390x_decode(x->row->format, insn, &f))
        return;
    switch (x->row->format) {
    case S390X_BCR: /* branches go where the taken ones do */
        if (f.r2)
            x->reg[f.r2] = addr + x->taken;
        return;
    case S390X_RR:
        if (x->row->opcode == 0x0d)
            x->reg[f.r2] = addr + x->taken;
        else if (pick(4) == 0)
            x->reg[f.r1] = x->reg[f.r2] + pick(3) - 1;
        return;
    case S390X_RREP: /* quotients that fit */
        if (pick(4))
            x->reg[f.r1] = pick(2) ? 0 : x->reg[f.r2] >> (1 + pick(40));
        return;
    case S390X_RIEB:
    case S390X_RRE:
    case S390X_RRF:
        if (pick(4) == 0 && f.r1 < N_GPRS && f.r2 < N_GPRS)
            x->reg[f.r1] = x->reg[f.r2] + pick(3) - 1;
        return;
    case S390X_RI:
    case S390X_RIL:
    case S390X_RILU:
    case S390X_RIEC:
    case S390X_RIECU:
        if (pick(4) == 0)
            x->reg[f.r1] = (uint64_t)f.i + pick(3) - 1;
        if (pick(4) == 0) /* equal or near in the low half alone */
            x->reg[f.r1] = (uint32_t)(f.i + (int64_t)pick(3) - 1) | check_random(&seed) << 32;
        return;
    default: return;
    }
}

/* A compare-and-swap that finds what it looks for: the operand's bytes become register 1's. */
static void refine_data(struct one *x, const uint8_t *insn) {
    struct s390x_fields f;
    if (!x->row->rmw || pick(2) || !s390x_decode(x->row->format, insn, &f))
        return;
    const uint64_t addr = (f.base ? x->reg[f.base] : 0) + (uint64_t)(int64_t)f.displacement;
    for (unsigned i = 0; i < x->row->access; i++)
        x->data[addr - DATA + i] = (uint8_t)(x->reg[f.r1] >> 8 * (x->row->access - 1U - i));
}

/* make: a case of the row, with its code at slot `at` of code that will lie at addr. */
static void make(struct one *x, const struct row *row, uint8_t *code, unsigned at, uint64_t addr) {
    struct code c = {.bytes = code, .n = at};
    x->row = row;
    x->at = at;
    for (unsigned i = 0; i < N_GPRS; i++)
        x->reg[i] = i && pick(4) == 0 ? x->reg[pick(i)] : any_value();
    for (unsigned i = 0; i < N_FPRS; i++)
        x->fpr[i] = any_value();
    for (unsigned i = 0; i < DATA_BYTES; i++)
        x->data[i] = (uint8_t)any_value();
    x->cc = pick(4);
    begin(&c);
    x->insn = c.n;
    uint8_t first[6] = {0};
    put_opcode(first, row->opcode);
    const unsigned n = s390x_length(first[0]);
    c.n += n;
    x->taken = end(&c);
    const unsigned pool = (c.n + 7) & ~7U;
    c.n = pool;
    put(&c, 8, any_value());
    const unsigned behind = c.n;
    c.n = x->insn;
    put(&c, n, n < 6 ? any_short(x) : any_long(x, pool));
    refine(x, addr, code + x->insn);
    refine_data(x, code + x->insn);
    if (behind > at + SLOT)
        abort();
}

/* ---- the processor ---- */

static sigjmp_buf trapped;

static void on_trap(int sig) {
    (void)sig;
    siglongjmp(trapped, 1);
}

static void *low(unsigned at) {
    void *p;
    const uintptr_t u = at;
    memcpy(&p, &u, sizeof p);
    return p;
}

/* run: out: false: it trapped */
static bool run(const struct one *x, uint64_t addr) {
    void (*function)(void);
    const uintptr_t p = (uintptr_t)(addr + x->at);
    const uint64_t cc = x->cc << CC_SHIFT;
    memcpy(&function, &p, sizeof p);
    memcpy(low(IN), x->reg, sizeof x->reg);
    memcpy(low(FIN), x->fpr, sizeof x->fpr);
    memcpy(low(CC_IN), &cc, sizeof cc);
    memcpy(low(DATA), x->data, DATA_BYTES);
    if (sigsetjmp(trapped, 1))
        return false;
    function();
    return true;
}

/* ---- the machine over terms ---- */

struct mine {
    bool ok; /* false: error says why */
    char error[160];
    uint64_t reg[N_GPRS + N_FPRS], cc;
    bool taken;
    uint8_t data[DATA_BYTES];
};

static uint64_t load(const uint8_t *data, uint64_t addr, unsigned bytes) {
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | data[addr - DATA + i];
    return v;
}

static void store(uint8_t *data, uint64_t addr, unsigned bytes, uint64_t v) {
    for (unsigned i = 0; i < bytes; i++)
        data[addr - DATA + i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

static uint64_t value(struct terms *t, term *a, const struct assignment *in) {
    uint64_t out[TERM_LIMBS];
    term_eval(t, a, in, out);
    return out[0];
}

/* Memory as events leave it; what they read becomes known. */
static bool settle(struct mstate *s, struct mine *m, struct assigned *vars, struct assignment *in) {
    for (unsigned i = 0; i < s->n_events; i++) {
        const struct mevent *const e = &s->events[i];
        if (e->kind == MEV_FENCE)
            continue;
        const uint64_t addr = value(s->t, e->addr, in);
        if (addr < DATA || addr + e->bytes > DATA + DATA_BYTES)
            return false;
        if (e->kind != MEV_STORE) {
            vars[in->n] = (struct assigned){e->value->u.name, {load(m->data, addr, e->bytes)}};
            in->n++;
        }
        if (e->kind != MEV_LOAD)
            store(m->data, addr, e->bytes,
                  value(s->t, e->kind == MEV_STORE ? e->value : e->stored, in));
    }
    return true;
}

static void emulate(struct terms *t, const struct one *x, const uint8_t *code, uint64_t addr,
                    struct mine *m) {
    static struct mstate s;
    struct assigned vars[MACHINE_EVENTS];
    struct assignment in = {vars, 0};
    struct mstep step = {0};
    memset(&s, 0, sizeof s);
    s.t = t;
    for (unsigned i = 0; i < MACHINE_REGS; i++)
        s.reg[i] = i < N_GPRS            ? term_const(t, 64, x->reg[i])
                   : i < N_GPRS + N_FPRS ? term_const(t, 64, x->fpr[i - N_GPRS])
                                         : term_var(t, 64, "unknown");
    for (unsigned i = 0; i < 4; i++)
        s.flag[i] = term_bool(t, i == x->cc);
    memcpy(m->data, x->data, DATA_BYTES);
    m->ok = machine_s390x.step(&s, code, x->at + SLOT, x->insn, addr, &step);
    memcpy(m->error, s.error, sizeof m->error);
    if (m->ok && s.trap && term_is_true(s.trap)) {
        m->ok = false;
        snprintf(m->error, sizeof m->error, "it traps");
    }
    if (!m->ok)
        return;
    if (!settle(&s, m, vars, &in)) {
        m->ok = false;
        snprintf(m->error, sizeof m->error, "an access elsewhere");
        return;
    }
    for (unsigned i = 0; i < N_GPRS + N_FPRS; i++)
        m->reg[i] = value(t, s.reg[i], &in);
    m->cc = 0;
    for (unsigned i = 0, n = 0; i < 4; i++)
        if (value(t, s.flag[i], &in))
            m->cc = n++ ? 99 : i; /* exactly one is true */
    if (step.flow == MFLOW_CALL)  /* the walk along paths does it */
        m->reg[machine_s390x.link] = addr + x->insn + step.bytes;
    const bool goes =
        step.flow != MFLOW_NEXT && (step.flow != MFLOW_BRANCH || value(t, step.cond, &in));
    const uint64_t to = step.addr ? value(t, step.addr, &in) : addr + (uint64_t)step.target;
    m->taken = goes;
    if (goes && to != addr + x->taken) {
        m->ok = false;
        snprintf(m->error, sizeof m->error, "a branch elsewhere");
    }
}

/* ---- the two ---- */

/* struct seen: so that a row that never branches, or never traps, is noticed. */
struct seen {
    unsigned n, taken, trapped, lies, lies_seen;
};

static void show(const struct one *x, const uint8_t *code) {
    if (check_state.failed > 20)
        return;
    printf("    %s:", x->row->name);
    for (unsigned i = 0; i < 6; i++)
        printf(" %02x", code[x->insn + i]);
    printf("\n");
}

/* struct real: what the processor left. */
struct real {
    uint64_t reg[N_GPRS + N_FPRS], cc;
    bool taken;
};

static struct real real(void) {
    struct real r;
    uint64_t cc;
    memcpy(r.reg, low(OUT), N_GPRS * sizeof *r.reg);
    memcpy(r.reg + N_GPRS, low(FOUT), N_FPRS * sizeof *r.reg);
    memcpy(&cc, low(CC_OUT), sizeof cc);
    r.cc = cc >> CC_SHIFT & 3;
    r.taken = *(uint8_t *)low(TAKEN);
    return r;
}

static bool same(const struct mine *m, const struct real *r) {
    return m->ok && !memcmp(m->reg, r->reg, sizeof m->reg) && m->cc == r->cc &&
           m->taken == r->taken && !memcmp(m->data, low(DATA), DATA_BYTES);
}

static void compare(const struct mine *m, const struct real *r) {
    if (!CHECK_STR(m->ok ? "" : m->error, ""))
        return;
    for (unsigned i = 0; i < N_GPRS + N_FPRS; i++)
        CHECK_EQ(m->reg[i], r->reg[i]);
    CHECK_EQ(m->cc, r->cc);
    CHECK_EQ(m->taken, r->taken);
    CHECK(!memcmp(m->data, low(DATA), DATA_BYTES));
}

/* liar: another row of this one's format, the next one around; itself if it is the only one. */
static const struct row *liar(const struct row *row) {
    const unsigned n = sizeof rows / sizeof *rows, at = (unsigned)(row - rows);
    for (unsigned i = 1; i < n; i++)
        if (rows[(at + i) % n].format == row->format)
            return &rows[(at + i) % n];
    return row;
}

/* lie: the other row's instruction on the same fields. */
static void lie(struct terms *t, const struct one *x, uint8_t *code, uint64_t addr,
                const struct real *r, struct seen *seen) {
    const struct row *const other = liar(x->row);
    uint8_t *const insn = code + x->insn;
    uint8_t keep[6];
    struct mine m;
    if (other == x->row)
        return;
    memcpy(keep, insn, sizeof keep);
    put_opcode(insn, other->opcode);
    emulate(t, x, code, addr, &m);
    memcpy(insn, keep, sizeof keep);
    seen->lies++;
    seen->lies_seen += !same(&m, r);
}

static void one(struct terms *t, const struct one *x, uint8_t *code, uint64_t addr,
                struct seen *seen) {
    const uint64_t failed = check_state.failed;
    struct mine m;
    emulate(t, x, code, addr, &m);
    seen->n++;
    if (!run(x, addr)) {
        seen->trapped++;
        CHECK(!m.ok && strstr(m.error, "traps"));
    } else {
        const struct real r = real();
        seen->taken += r.taken;
        compare(&m, &r);
        if (seen->n % LIES == 0)
            lie(t, x, code, addr, &r, seen);
    }
    if (check_state.failed != failed)
        show(x, code);
}

static bool batch(struct execmem *mem, uint64_t addr, const struct row *row, struct one *cases,
                  uint8_t *code, struct seen *seen) {
    struct terms *const t = terms_new();
    if (!t)
        return false;
    for (unsigned i = 0; i < BATCH; i++)
        make(&cases[i], row, code, i * SLOT, addr);
    bool ok = CHECK_EQ(execmem_write(mem, addr, code, BATCH * SLOT), 0);
    for (unsigned i = 0; ok && i < BATCH; i++)
        one(t, &cases[i], code, addr, seen);
    ok = ok && CHECK(!terms_failed(t));
    terms_free(t);
    return ok;
}

/* What a row must have shown: both ways of a conditional branch, both of a division. */
static void check_seen(const struct row *row, const struct seen *seen) {
    const bool jumps_if = (row->format >= S390X_RIEB && row->format <= S390X_RIECU) ||
                          row->format == S390X_BRC || row->format == S390X_BRCL;
    const bool divides = row->format == S390X_RREP && row->opcode != 0xb986;
    CHECK(seen->n >= BATCH);
    CHECK(liar(row) == row || seen->lies_seen);
    CHECK(!jumps_if || (seen->taken && seen->taken < seen->n));
    CHECK(divides ? seen->trapped && seen->trapped < seen->n / 2 : !seen->trapped);
}

static bool prepare(struct execmem **mem, uint64_t *addr) {
    const struct execmem_config cfg = {.n_bytes = BATCH * SLOT, .one_mapping = true};
    static uint8_t stack[1 << 16];
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction sa = {.sa_handler = on_trap, .sa_flags = SA_ONSTACK};
    struct diag d;
    if (mmap(low(LOW), LOW_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != low(LOW))
        return false;
    sigemptyset(&sa.sa_mask);
    return !sigaltstack(&other, NULL) && !sigaction(SIGFPE, &sa, NULL) &&
           !execmem_new(&cfg, mem, &d) && !execmem_take(*mem, BATCH * SLOT, addr);
}

int main(int argc, char **argv) {
    const unsigned n_cases = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : check_rounds(CASES);
    struct execmem *mem = NULL;
    uint64_t addr = 0;
    if (!prepare(&mem, &addr))
        return check_skip("no memory at low addresses, or none to execute");
    struct one *const cases = calloc(BATCH, sizeof *cases);
    uint8_t *const code = calloc(BATCH, SLOT);
    uint64_t n = 0, n_trapped = 0, lies = 0, lies_seen = 0;
    for (unsigned r = 0; cases && code && r < sizeof rows / sizeof *rows; r++) {
        struct seen seen = {0};
        check_note(rows[r].name);
        while (seen.n < n_cases && batch(mem, addr, &rows[r], cases, code, &seen))
            ;
        check_seen(&rows[r], &seen);
        lies += seen.lies;
        lies_seen += seen.lies_seen;
        n += seen.n;
        n_trapped += seen.trapped;
    }
    printf("%zu rows, %" PRIu64 " instructions, %" PRIu64 " traps; of %" PRIu64
           " wrong instructions %" PRIu64 " were seen\n",
           sizeof rows / sizeof *rows, n, n_trapped, lies, lies_seen);
    free(cases);
    free(code);
    execmem_free(mem);
    return check_end();
}
