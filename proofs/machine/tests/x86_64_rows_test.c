/* x86_64_rows_test.c: every row of x86_64_rows.def, alone, against the processor that the test runs
 * on.
 *
 * An instruction is made of a row's opcode, with random prefixes, operands and immediates. What the
 * decoder takes is done twice: by the processor, between loads of all registers and flags and
 * stores of all, and by machine_step on constants. The sixteen registers, the flags that the
 * machine defines, the memory around the operand and the stack, where control went and whether a
 * division trapped must be the same; any other fault is a failure, for then the decoder took what
 * is no instruction. A row must be met with each kind of operand and each size that it has.
 *
 * What is loaded and stored lies at low addresses, which need no base register; so the stack
 * pointer is an operand like the others. Bytes that must be refused whatever a processor makes of
 * them are listed in x86_64_refused.def.
 *
 * With PLANTED the rows are those of wrong/, and each must be found out.
 */
#include "proofs/machine/tests/x86_64_met.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "proofs/machine/tests/numbers.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#ifndef PLANTED
#define PLANTED 0
#endif

enum {
    CASES = 600,         /* of each row, unless the argument says otherwise */
    TRIES = 400,         /* for a case that the decoder takes */
    LOW = 0x10000000,    /* everything, in this order: */
    IN = LOW,            /* registers before */
    FLAGS_IN = IN + 128, /* and flags */
    OUT = LOW + 256,     /* the same afterwards */
    FLAGS_OUT = OUT + 128,
    SAVED = LOW + 512, /* the stack pointer of C */
    TAKEN = SAVED + 8, /* a byte: where control went on */
    DATA = LOW + 4096, /* what operands lie in, and the stack */
    DATA_BYTES = 2048,
    CODE = LOW + (1 << 20), /* the frame's beginning, its end, and between them the instruction */
    CODE_BYTES = 1 << 21,
    END = CODE + 1024,
    AT = CODE + CODE_BYTES / 2,
    ALL_BYTES = (1 << 20) + CODE_BYTES,
    STUB = 13, /* bytes of code that notes where control went */
    N_GPRS = 16,
    N_FLAGS = 7, /* that the machine keeps */
    FLAG_CF = 1,
    FLAG_ZF = 1 << 6,
    FLAG_SF = 1 << 7,
    FLAG_OF = 1 << 11,
    FLAG_BITS = FLAG_CF | 1 << 2 | 1 << 4 | FLAG_ZF | FLAG_SF | FLAG_OF,
};

static void *low(uint64_t at) {
    void *p;
    const uintptr_t u = (uintptr_t)at;
    memcpy(&p, &u, sizeof p);
    return p;
}

/* ---- code ---- */

struct code {
    uint8_t *bytes;
    unsigned n;
};

static void put(struct code *c, unsigned n_bytes, uint64_t v) {
    for (unsigned i = 0; i < n_bytes; i++)
        c->bytes[c->n++] = (uint8_t)(v >> 8 * i);
}

/* An instruction on a register and an absolute address. */
static void absolute(struct code *c, unsigned op, unsigned reg, uint32_t addr) {
    put(c, 1, 0x48 | (reg >> 3) << 2);
    put(c, 3, op | (reg & 7) << 11 | 0x000400 | 0x250000);
    put(c, 4, addr);
}

static void jump(struct code *c, uint64_t to) {
    put(c, 1, 0xe9);
    put(c, 4, to - ((uint64_t)(uintptr_t)c->bytes + c->n + 4));
}

/* stub: at an address: control came here. */
static void stub(uint64_t at, unsigned note) {
    struct code c = {.bytes = low(at)};
    put(&c, 3, 0x2504c6); /* movb [TAKEN], note */
    put(&c, 4, TAKEN);
    put(&c, 1, note);
    jump(&c, END);
}

static const uint8_t kept[] = {3, 5, 12, 13, 14, 15}; /* by C functions */

static void push_pop(struct code *c, unsigned reg, unsigned op) {
    if (reg >= 8)
        put(c, 1, 0x41);
    put(c, 1, op | (reg & 7));
}

/* frame: what is before and behind every instruction: moves, which leave the flags alone. */
static void frame(void) {
    struct code c = {.bytes = low(CODE)};
    for (unsigned i = 0; i < sizeof kept; i++)
        push_pop(&c, kept[i], 0x50);
    absolute(&c, 0x89, SP, SAVED);
    put(&c, 1, 0xbc); /* mov esp, FLAGS_IN */
    put(&c, 4, FLAGS_IN);
    put(&c, 1, 0x9d); /* popfq */
    for (unsigned i = 0; i < N_GPRS; i++)
        absolute(&c, 0x8b, i, IN + 8 * i);
    jump(&c, AT);
    c = (struct code){.bytes = low(END)};
    for (unsigned i = 0; i < N_GPRS; i++)
        absolute(&c, 0x89, i, OUT + 8 * i);
    put(&c, 1, 0xbc); /* mov esp, FLAGS_OUT + 8 */
    put(&c, 4, FLAGS_OUT + 8);
    put(&c, 1, 0x9c); /* pushfq */
    absolute(&c, 0x8b, SP, SAVED);
    for (unsigned i = sizeof kept; i-- > 0;)
        push_pop(&c, kept[i], 0x58);
    put(&c, 1, 0xc3);
}

/* ---- a case ---- */

struct one {
    uint8_t code[32];
    unsigned disp_at, imm_at; /* in it */
    struct x86 in;            /* as the decoder takes it */
    uint64_t target;          /* where control goes, unless it goes on; 0: nowhere */
    uint64_t reg[N_GPRS], flags;
    uint8_t data[DATA_BYTES];
};

static void put_modrm(struct one *x, struct code *c, const struct x86_row *row) {
    unsigned m = (unsigned)pick(256);
    if (row->where == REG || pick(4) == 0)
        m |= 0xc0;
    if (row->digit != ANY)
        m = (m & 0xc7) | (unsigned)row->digit << 3;
    put(c, 1, m);
    unsigned disp = m >> 6 == 1 ? 1 : m >> 6 == 2 ? 4 : 0;
    if (m >> 6 != 3 && (m & 7) == 4) {
        const unsigned sib = (unsigned)pick(256);
        put(c, 1, sib);
        if (m >> 6 == 0 && (sib & 7) == 5)
            disp = 4;
    }
    x->disp_at = c->n;
    put(c, disp, any_value());
}

/* Prefixes, opcode and operands; not all are instructions. */
static void any_bytes(struct one *x, const struct x86_row *row) {
    static const struct {
        uint8_t map, pp;
    } vex[] = {[VEX_66_0F38] = {2, 1},
               [VEX_F3_0F38] = {2, 2},
               [VEX_F2_0F38] = {2, 3},
               [VEX_F2_0F3A] = {3, 3}};
    struct code c = {.bytes = x->code};
    memset(x->code, 0x90, sizeof x->code);
    if (pick(row->where & LOCK ? 2 : 8) == 0)
        put(&c, 1, 0xf0);
    if (pick(row->sizes & S16 ? 3 : 8) == 0)
        put(&c, 1, 0x66);
    if (pick(32) == 0)
        put(&c, 1, 0xf2 + pick(2));
    if (row->space >= VEX_66_0F38) {
        const unsigned v = pick(2) ? 15 : (unsigned)pick(16);
        put(&c, 1, 0xc4);
        put(&c, 1, vex[row->space].map | pick(8) << 5);
        put(&c, 1, pick(2) << 7 | v << 3 | (pick(8) ? 0U : 4U) | vex[row->space].pp);
    } else {
        if (pick(3))
            put(&c, 1, 0x40 | (pick(2) ? 8 : 0) | (pick(3) ? pick(8) : 0));
        if (row->space != MAP_1)
            put(&c, 1, 0x0f);
        if (row->space == MAP_0F38)
            put(&c, 1, 0x38);
    }
    put(&c, 1, row->first + pick(row->last + 1U - row->first));
    if (row->where & (REG | MEM | LOCK))
        put_modrm(x, &c, row);
    x->imm_at = c.n;
    put(&c, 8, any_value());
}

/* What an instruction does, as far as its operands must be fit for it. */
static bool is(const struct one *x, const char *name) {
    return !strncmp(x->in.row->name, name, strlen(name));
}
static bool on_stack(const struct one *x) {
    return is(x, "push") || is(x, "pop") || is(x, "call") || is(x, "ret");
}
static bool goes(const struct one *x) {
    return is(x, "j") || is(x, "call") || is(x, "ret");
}

/* put_disp: the displacement, in the code and as decoded. */
static void put_disp(struct one *x, uint64_t disp) {
    struct code c = {.bytes = x->code, .n = x->disp_at};
    put(&c, 4, disp);
    x->in.disp = (int32_t)disp;
}

/* aim: the operand's address becomes addr, by a register or by the displacement. out: false: it
 * cannot */
static bool aim(struct one *x, uint64_t addr) {
    const struct x86 *const in = &x->in;
    uint64_t *const reg = x->reg;
    const bool fixed = in->base == SP && on_stack(x); /* then addr is only what is near */
    if (in->index != NO_REG && in->index == in->base)
        return false;
    if (in->base == NO_REG || fixed) {
        if (in->index != NO_REG)
            reg[in->index] = pick(fixed ? 16 : 1 << 20);
        if (fixed && in->mod < 2)
            return true;
        put_disp(x, addr - (fixed ? reg[SP] : 0) -
                        (in->index != NO_REG ? reg[in->index] << in->scale : 0));
        return true;
    }
    reg[in->base] = addr - (uint64_t)(int64_t)in->disp -
                    (in->index != NO_REG ? reg[in->index] << in->scale : 0);
    return true;
}

/* Where control may go: not into the code that is there already. rel: of so many bytes. */
static uint64_t any_target(const struct one *x, unsigned rel) {
    const uint64_t next = AT + x->in.bytes;
    const uint64_t reach = rel == 1 ? 128 : CODE_BYTES / 2 - 4096U;
    uint64_t to;
    do
        to = next + pick(2 * reach) - reach;
    while (to + STUB > AT && to < next + STUB);
    return to;
}

/* direct: control, the stack and what is read from there. out: false: not such operands */
static bool direct(struct one *x) {
    const struct x86 *const in = &x->in;
    const uint64_t next = AT + in->bytes;
    if (on_stack(x))
        x->reg[SP] = DATA + DATA_BYTES / 2 + 8 * pick(8);
    if (!goes(x))
        return true;
    const unsigned rel = in->row->imm == IMM_8 ? 1 : in->row->imm == IMM_32 ? 4 : 0;
    x->target = any_target(x, rel);
    if (rel) {
        struct code c = {.bytes = x->code, .n = x->imm_at};
        put(&c, rel, x->target - next);
        x->in.imm = (int64_t)(x->target - next);
    } else if (is(x, "ret")) {
        memcpy(x->data + (x->reg[SP] - DATA), &x->target, 8);
    } else if (is(x, "call") && in->rm == SP) {
        return false;
    } else {
        x->reg[in->rm] = x->target;
    }
    return true;
}

/* Operands that matter more than others: quotients that fit, what a comparison finds equal. */
static void refine(struct one *x, uint64_t addr) {
    const struct x86 *const in = &x->in;
    uint64_t *const reg = x->reg;
    if (is(x, "div") || is(x, "idiv")) {
        if (pick(4))
            reg[DX] = pick(2) ? 0 : reg[in->rm] >> (1 + pick(40));
        if (is(x, "idiv") && pick(2))
            reg[DX] = in->width == 64 ? (uint64_t)((int64_t)reg[AX] >> 63)
                                      : (uint64_t)(int64_t)(int32_t)((int32_t)reg[AX] >> 31);
    } else if (is(x, "cmpxchg")) {
        if (pick(2))
            memcpy(x->data + (addr - DATA), &reg[AX], in->width / 8);
    } else if (in->has_modrm && in->mod == 3 && !goes(x) && !on_stack(x) && pick(4) == 0) {
        reg[in->reg] = reg[in->rm] + pick(3) - 1;
    }
}

/* make: a case of the row. out: false: not these bytes */
static bool make(struct one *x, const struct x86_row *row) {
    any_bytes(x, row);
    x->target = 0;
    if (!x86_decode(x->code, 16, 0, &x->in) || x->in.row != row)
        return false;
    for (unsigned i = 0; i < N_GPRS; i++)
        x->reg[i] = i && pick(4) == 0 ? x->reg[pick(i)] : any_value();
    x->flags = (check_random(&seed) & FLAG_BITS) | 2;
    for (unsigned i = 0; i < DATA_BYTES; i++)
        x->data[i] = (uint8_t)check_random(&seed);
    const bool memory = x->in.has_modrm && x->in.mod != 3 && strcmp(row->name, "nop_m");
    const bool aligned = x->in.lock || is(x, "xchg");
    const uint64_t addr = DATA + 512 + (aligned ? 8 * pick(128) : pick(1024));
    if (!direct(x))
        return false;
    refine(x, addr);
    return !memory || (is(x, "lea") && pick(2)) || aim(x, addr);
}

/* ---- the processor ---- */

static sigjmp_buf trapped;
static volatile int trap_signal;

static void on_trap(int sig) {
    trap_signal = sig;
    siglongjmp(trapped, 1);
}

/* run: out: the signal that ended it, 0 if none did */
static int run(const struct one *x) {
    void (*function)(void);
    const uintptr_t p = CODE;
    memcpy(&function, &p, sizeof p);
    memcpy(low(IN), x->reg, sizeof x->reg);
    memcpy(low(FLAGS_IN), &x->flags, sizeof x->flags);
    memcpy(low(DATA), x->data, DATA_BYTES);
    memcpy(low(AT), x->code, x->in.bytes);
    stub(AT + x->in.bytes, 0);
    if (x->target)
        stub(x->target, 1);
    if (sigsetjmp(trapped, 1))
        return trap_signal;
    function();
    return 0;
}

/* ---- the machine over terms ---- */

struct mine {
    bool taken, trap;
    char error[160];
    uint64_t reg[N_GPRS];
    uint64_t flags, known; /* known: which are defined */
    uint8_t data[DATA_BYTES];
};

static bool inside(uint64_t addr, unsigned bytes) {
    return addr >= DATA && addr + bytes <= DATA + DATA_BYTES;
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
        const uint64_t addr = value(s->t, e->addr, in);
        if (!inside(addr, e->bytes))
            return false;
        uint8_t *const p = m->data + (addr - DATA);
        if (e->kind != MEV_STORE) {
            uint64_t v = 0;
            memcpy(&v, p, e->bytes);
            vars[in->n] = (struct assigned){e->value->u.name, {v}};
            in->n++;
        }
        const uint64_t v = value(s->t, e->kind == MEV_ATOMIC ? e->stored : e->value, in);
        if (e->kind != MEV_LOAD)
            memcpy(p, &v, e->bytes);
    }
    return true;
}

/* x86_64.c's flags: carry, zero, sign, overflow, and three made of them. */
static void flags_in(struct mstate *s, uint64_t f) {
    const bool cf = f & FLAG_CF, zf = f & FLAG_ZF, sf = f & FLAG_SF, of = f & FLAG_OF;
    const bool all[N_FLAGS] = {cf, zf, sf, of, cf || zf, sf != of, zf || sf != of};
    for (unsigned i = 0; i < N_FLAGS; i++)
        s->flag[i] = term_bool(s->t, all[i]);
}

/* out: false: the three are not what is made of the four */
static bool flags_out(struct mstate *s, struct mine *m, const struct assignment *in) {
    static const uint16_t bits[] = {FLAG_CF, FLAG_ZF, FLAG_SF, FLAG_OF};
    uint64_t f[N_FLAGS];
    m->flags = m->known = 0;
    for (unsigned i = 0; i < N_FLAGS; i++) {
        if (!s->flag[i] != !s->flag[0])
            return false; /* all are defined, or none */
        if (!s->flag[i])
            continue;
        f[i] = value(s->t, s->flag[i], in);
        if (i < 4) {
            m->known |= bits[i];
            m->flags |= f[i] ? bits[i] : 0;
        }
    }
    return !m->known || (f[4] == (f[0] | f[1]) && f[5] == (f[2] ^ f[3]) && f[6] == (f[1] | f[5]));
}

/* The walk along paths puts the return address of a call on the stack; so must the test. */
static bool put_return(const struct one *x, struct mine *m) {
    const uint64_t next = AT + x->in.bytes;
    m->reg[SP] -= 8;
    if (!inside(m->reg[SP], 8))
        return false;
    memcpy(m->data + (m->reg[SP] - DATA), &next, 8);
    return true;
}

/* done: the state after a step, as numbers. out: NULL, or what is wrong */
static const char *done(const struct one *x, struct mstate *s, const struct mstep *step,
                        struct mine *m) {
    struct assigned vars[MACHINE_EVENTS];
    struct assignment in = {vars, 0};
    if (!settle(s, m, vars, &in))
        return "an access elsewhere";
    for (unsigned i = 0; i < N_GPRS; i++)
        m->reg[i] = value(s->t, s->reg[i], &in);
    if (!flags_out(s, m, &in))
        return "conditions that are not the flags'";
    if (step->flow == MFLOW_CALL && !put_return(x, m))
        return "a return address elsewhere";
    const bool plain = step->flow == MFLOW_NEXT;
    m->taken = !plain && (step->flow != MFLOW_BRANCH || value(s->t, step->cond, &in));
    const uint64_t to = step->addr ? value(s->t, step->addr, &in) : AT + (uint64_t)step->target;
    const uint8_t flow = is(x, "jmp_r")          ? MFLOW_INDIRECT
                         : is(x, "jmp")          ? MFLOW_JUMP
                         : is(x, "j")            ? MFLOW_BRANCH
                         : is(x, "c") && goes(x) ? MFLOW_CALL
                         : goes(x)               ? MFLOW_RETURN
                                                 : MFLOW_NEXT;
    if (step->flow != flow || step->bytes != x->in.bytes)
        return "another way on";
    return plain || to == x->target ? NULL : "a branch elsewhere";
}

/* emulate: out: false: the machine refuses it */
static bool emulate(struct terms *t, const struct one *x, struct mine *m) {
    static struct mstate s;
    struct mstep step = {0};
    memset(&s, 0, sizeof s);
    s.t = t;
    s.sp0 = term_var(t, 64, "elsewhere");
    for (unsigned i = 0; i < MACHINE_REGS; i++)
        s.reg[i] = i < N_GPRS ? term_const(t, 64, x->reg[i]) : s.sp0;
    flags_in(&s, x->flags);
    memcpy(m->data, x->data, DATA_BYTES);
    m->error[0] = 0;
    if (!machine_x86_64.step(&s, x->code, sizeof x->code, 0, AT, &step))
        return false;
    m->trap = s.trap && term_is_true(s.trap);
    const char *const wrong = m->trap ? NULL : done(x, &s, &step, m);
    if (wrong)
        snprintf(m->error, sizeof m->error, "%s", wrong);
    return true;
}

/* ---- the two ---- */

struct tally {
    unsigned cases, wrong, trapped, taken;
    unsigned met; /* by kind of operand and size */
};

static void tell(const struct one *x, const char *what) {
    static unsigned told;
    if (PLANTED || told++ > 20)
        return;
    printf("    %s: %s:", x->in.row->name, what);
    for (unsigned i = 0; i < x->in.bytes; i++)
        printf(" %02x", x->code[i]);
    printf("; rax %#" PRIx64 ", rdx %#" PRIx64 ", reg %#" PRIx64 ", rm %#" PRIx64
           ", flags %#" PRIx64 "\n",
           x->reg[AX], x->reg[DX], x->reg[x->in.reg], x->reg[x->in.rm], x->flags);
}

/* difference: between the machine and the processor. out: NULL: none */
static const char *difference(const struct mine *m, int signal) {
    uint64_t reg[N_GPRS], flags;
    if (signal != (m->trap ? SIGFPE : 0))
        return signal == SIGILL ? "no instruction" : "a fault, or none";
    if (m->error[0])
        return m->error;
    if (m->trap)
        return NULL;
    memcpy(reg, low(OUT), sizeof reg);
    memcpy(&flags, low(FLAGS_OUT), sizeof flags);
    if (memcmp(reg, m->reg, sizeof reg))
        return "registers";
    if ((flags ^ m->flags) & m->known)
        return "flags";
    if (memcmp(low(DATA), m->data, DATA_BYTES))
        return "memory";
    return *(uint8_t *)low(TAKEN) == m->taken ? NULL : "where it goes";
}

static void one(struct terms *t, const struct x86_row *row, struct tally *all) {
    static struct one x;
    struct mine m;
    for (unsigned i = 0; i < TRIES; i++) {
        if (!make(&x, row) || !emulate(t, &x, &m))
            continue;
        int signal = run(&x);
        /* A hypervisor that executes in the processor's place, as a page comes in, say, may not
         * know what it knows: what the processor itself refuses it refuses again. */
        if (signal == SIGILL)
            signal = run(&x);
        const char *const wrong = difference(&m, signal);
        all->cases++;
        all->trapped += signal != 0;
        all->taken += m.taken;
        all->met |= x86_met(&x.in);
        if (wrong) {
            all->wrong++;
            tell(&x, wrong);
        }
        return;
    }
}

static void check_row(const struct x86_row *row, unsigned n_cases, struct tally *all) {
    for (unsigned n = 0; n < n_cases; n += 100) {
        struct terms *const t = terms_new();
        for (unsigned i = 0; i < 100 && t; i++)
            one(t, row, all);
        CHECK(t && !terms_failed(t));
        terms_free(t);
    }
    printf("%-10s %6u cases, %u taken, %u trapped, %u wrong\n", row->name, all->cases, all->taken,
           all->trapped, all->wrong);
    CHECK(all->cases > n_cases / 2);
    CHECK_EQ(all->met, x86_to_be_met(row));
    if (!PLANTED)
        CHECK_EQ(all->wrong, 0);
    if (!PLANTED && !strncmp(row->name, "jcc", 3))
        CHECK(all->taken > 0 && all->taken < all->cases);
    if (!PLANTED && strstr(row->name, "div"))
        CHECK(all->trapped > 0 && all->trapped < all->cases);
}

/* ---- what must be refused ---- */

/* check_refused: what is taken all the same counts as a mistake of the row that takes it. */
static void check_refused(struct tally *all) {
    static const struct {
        uint8_t n, bytes[15];
        const char *what;
    } list[] = {
#define REFUSED(what, ...) {sizeof((uint8_t[]){__VA_ARGS__}), {__VA_ARGS__}, what},
#include "proofs/machine/tests/x86_64_refused.def"
#undef REFUSED
    };
    for (unsigned i = 0; i < sizeof list / sizeof *list; i++) {
        struct terms *const t = terms_new();
        struct mstate s = {.t = t};
        struct mstep step;
        struct x86 in;
        s.sp0 = term_var(t, 64, "elsewhere");
        for (unsigned r = 0; r < MACHINE_REGS; r++)
            s.reg[r] = term_const(t, 64, DATA);
        flags_in(&s, 0);
        const bool taken = machine_x86_64.step(&s, list[i].bytes, list[i].n, 0, AT, &step);
        check_note(list[i].what);
        if (!PLANTED)
            CHECK(!taken);
        if (taken && x86_decode(list[i].bytes, list[i].n, 0, &in))
            all[in.row - x86_rows].wrong++;
        terms_free(t);
    }
}

/* ---- all ---- */

/* Does the processor have BMI2 and MOVBE? */
static bool has_v3(void) {
#if defined(__x86_64__)
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && c & bit_MOVBE &&
           __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_BMI2;
#else
    return false;
#endif
}

static bool set_up(void) {
    static uint8_t stack[1 << 16];
    static const int signals[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGTRAP};
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction sa = {.sa_handler = on_trap, .sa_flags = SA_ONSTACK};
    sigemptyset(&sa.sa_mask);
    if (sigaltstack(&other, NULL))
        return false;
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], &sa, NULL))
            return false;
    void *const p = mmap(low(LOW), ALL_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p != low(LOW))
        return false;
    frame();
    return true;
}

int main(int argc, char **argv) {
    const unsigned n_cases = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : check_rounds(CASES);
    const bool v3 = has_v3();
    unsigned cases = 0;
    if (!set_up())
        return check_skip("no memory at low addresses that is writable and executable");
    struct tally *const all = calloc(n_x86_rows, sizeof *all);
    if (!all)
        return check_skip("no memory");
    check_refused(all);
    for (unsigned r = 0; r < n_x86_rows; r++) {
        const struct x86_row *const row = &x86_rows[r];
        check_note(row->name);
        if (!v3 && row->space >= MAP_0F38) {
            printf("%s: the processor does not have it\n", row->name);
            continue;
        }
        check_row(row, n_cases, &all[r]);
        cases += all[r].cases;
        if (PLANTED)
            CHECK(all[r].wrong > 0);
    }
    printf("%u rows, %u cases\n", n_x86_rows, cases);
    free(all);
    return check_end();
}
