/* arm64_exec_test.c: the rows of arm64 against an arm64 machine, or its emulator.
 *
 * For every row, random words of it run on random registers, flags and memory, once over terms and
 * once for real; all registers, the flags, all of the memory and where control went must be equal.
 * The instruction sits between code that loads and code that stores all 31 registers and sp: the
 * register that the latter needs for an address is kept in the thread pointer meanwhile.
 *
 * With PLANTED the rows are those of wrong/, and each must be found out.
 */
#include "proofs/machine/machine.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/check.h"

#ifndef PLANTED
#define PLANTED 0
#endif

enum {
    WORDS = 200, /* of each row */
    INPUTS = 25, /* of each word */
    CODE_BYTES = 1 << 17,
    AT = CODE_BYTES / 2, /* of the instruction */
    AROUND = 1024,       /* no target so near */
    MEM_BYTES = 1 << 8,
    STRAY = 1 << 18, /* harmless memory on either side of it */
    ASSIGNED = 4,
};

/* struct image: all that an instruction reads or writes but memory. */
struct image {
    uint64_t x[31], sp, nzcv, where; /* where: 0: to the next instruction, 1: to the target */
    uint64_t host_sp, host_thread;
};

/* Offsets into it, for the assembly below. */
#define IMAGE_SP          "248"
#define IMAGE_NZCV        "256"
#define IMAGE_WHERE       "264"
#define IMAGE_HOST_SP     "272"
#define IMAGE_HOST_THREAD "280"
_Static_assert(offsetof(struct image, sp) == 248 && offsetof(struct image, nzcv) == 256 &&
                   offsetof(struct image, where) == 264 && offsetof(struct image, host_sp) == 272 &&
                   offsetof(struct image, host_thread) == 280,
               "as the assembly has it");

extern const uint8_t exec_begin[], exec_insn[], exec_target[], exec_image[], exec_end[];
/* clang-format off */
__asm__(".pushsection .rodata\n.balign 16\n"
        ".globl exec_begin, exec_insn, exec_target, exec_image, exec_end\n"
        "exec_begin:\n"
        "stp x29, x30, [sp, #-96]!\n"
        "stp x19, x20, [sp, #16]\nstp x21, x22, [sp, #32]\nstp x23, x24, [sp, #48]\n"
        "stp x25, x26, [sp, #64]\nstp x27, x28, [sp, #80]\n"
        "mrs x1, tpidr_el0\nstr x1, [x0, #" IMAGE_HOST_THREAD "]\n"
        "mov x1, sp\nstr x1, [x0, #" IMAGE_HOST_SP "]\n"
        "ldr x1, [x0, #" IMAGE_NZCV "]\nmsr nzcv, x1\n"
        "ldr x1, [x0, #" IMAGE_SP "]\nmov sp, x1\n"
        "ldp x1, x2, [x0, #8]\nldp x3, x4, [x0, #24]\nldp x5, x6, [x0, #40]\n"
        "ldp x7, x8, [x0, #56]\nldp x9, x10, [x0, #72]\nldp x11, x12, [x0, #88]\n"
        "ldp x13, x14, [x0, #104]\nldp x15, x16, [x0, #120]\nldp x17, x18, [x0, #136]\n"
        "ldp x19, x20, [x0, #152]\nldp x21, x22, [x0, #168]\nldp x23, x24, [x0, #184]\n"
        "ldp x25, x26, [x0, #200]\nldp x27, x28, [x0, #216]\nldp x29, x30, [x0, #232]\n"
        "ldr x0, [x0]\n"
        "exec_insn: nop\n"
        "msr tpidr_el0, x0\nldr x0, exec_image\nstr x1, [x0, #8]\nmov x1, #0\nb 1f\n"
        "exec_target: msr tpidr_el0, x0\nldr x0, exec_image\nstr x1, [x0, #8]\nmov x1, #1\n"
        "1: str x1, [x0, #" IMAGE_WHERE "]\n"
        "stp x2, x3, [x0, #16]\nstp x4, x5, [x0, #32]\nstp x6, x7, [x0, #48]\n"
        "stp x8, x9, [x0, #64]\nstp x10, x11, [x0, #80]\nstp x12, x13, [x0, #96]\n"
        "stp x14, x15, [x0, #112]\nstp x16, x17, [x0, #128]\nstp x18, x19, [x0, #144]\n"
        "stp x20, x21, [x0, #160]\nstp x22, x23, [x0, #176]\nstp x24, x25, [x0, #192]\n"
        "stp x26, x27, [x0, #208]\nstp x28, x29, [x0, #224]\nstr x30, [x0, #240]\n"
        "mrs x1, tpidr_el0\nstr x1, [x0]\n"
        "mrs x1, nzcv\nstr x1, [x0, #" IMAGE_NZCV "]\n"
        "mov x1, sp\nstr x1, [x0, #" IMAGE_SP "]\n"
        "ldr x1, [x0, #" IMAGE_HOST_THREAD "]\nmsr tpidr_el0, x1\n"
        "ldr x1, [x0, #" IMAGE_HOST_SP "]\nmov sp, x1\n"
        "ldp x19, x20, [sp, #16]\nldp x21, x22, [sp, #32]\nldp x23, x24, [sp, #48]\n"
        "ldp x25, x26, [sp, #64]\nldp x27, x28, [sp, #80]\n"
        "ldp x29, x30, [sp], #96\nret\n"
        ".balign 8\nexec_image: .quad 0\n"
        "exec_end:\n.popsection\n");
/* clang-format on */

/* What is planted is wrong for few words: it gets them all. */
static unsigned words_of_row(void) {
    return PLANTED ? WORDS : check_rounds(WORDS);
}

/* struct row: of arm64_rows.def. distances: where branches and literals have that field. */
struct row {
    const char *name;
    uint32_t mask, value;
};
static const struct row rows[] = {
#define A64(name, mask, value, meaning) {#name, UINT32_C(mask), UINT32_C(value)},
#include "proofs/machine/arm64_rows.def"
#undef A64
};

static const struct {
    const char *name;
    unsigned lo, count;
} distances[] = {
    {"b", 0, 26},    {"bl", 0, 26},  {"b_cond", 5, 19}, {"cbz", 5, 19},
    {"cbnz", 5, 19}, {"tbz", 5, 14}, {"tbnz", 5, 14},   {"ldr_literal", 5, 19},
};

/* struct rig: the code, the memory, and one case. */
struct rig {
    uint8_t *code;
    uint8_t *mem;
    uint8_t want_mem[MEM_BYTES], got_mem[MEM_BYTES];
    struct image in, got, want;
    uint64_t random;
    const char *name;
    uint32_t word;
    int64_t target;  /* of a branch; 0: none */
    uint32_t behind; /* what was at the target */
};

static struct rig rig;

static sigjmp_buf before;
static volatile sig_atomic_t executing;

/* An access or a jump to nowhere; the thread pointer is still what it was. */
static void on_signal(int number) {
    if (executing)
        siglongjmp(before, number);
    _exit(2);
}

static void put_word(uint64_t at, uint32_t word) {
    memcpy(rig.code + at, &word, 4);
    __builtin___clear_cache((char *)rig.code + at, (char *)rig.code + at + 4);
}

static bool set_up(void) {
    static uint8_t stack[1 << 16];
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP};
    const struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &act, NULL);

    rig.code = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *const around = mmap(NULL, 2 * STRAY + MEM_BYTES, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (rig.code == MAP_FAILED || around == MAP_FAILED)
        return false;
    rig.mem = around + STRAY;
    for (unsigned i = 0; i < CODE_BYTES; i++) /* for literals */
        rig.code[i] = (uint8_t)check_random(&rig.random);
    uint8_t *const begin = rig.code + AT - (exec_insn - exec_begin);
    const struct image *const image = &rig.got;
    memcpy(begin, exec_begin, (size_t)(exec_end - exec_begin));
    memcpy(begin + (exec_image - exec_begin), &image, sizeof image);
    __builtin___clear_cache((char *)begin, (char *)begin + (exec_end - exec_begin));
    return true;
}

/* ---- random cases ---- */

static uint64_t pick(uint64_t n) {
    return check_random(&rig.random) % n;
}

static uint64_t some_number(void) {
    static const uint64_t corners[] = {
        0,         1,          2,          UINT64_MAX,        INT64_MAX, UINT64_C(1) << 63,
        INT32_MAX, UINT32_MAX, 1U << 31,   UINT64_C(7) << 32, 0x8000,    63,
        64,        31,         0xff80ff80, UINT64_MAX - 1,
    };
    switch (pick(4)) {
    case 0: return corners[pick(sizeof corners / sizeof *corners)];
    case 1: return check_random(&rig.random) >> pick(64);
    case 2: return (uint64_t)((int64_t)check_random(&rig.random) >> pick(64));
    default: return check_random(&rig.random);
    }
}

static unsigned base_of(void) {
    return rig.word >> 5 & 31;
}

static bool is_memory(void) {
    return (rig.word >> 25 & 5) == 4 && strcmp(rig.name, "ldr_literal") != 0;
}

static bool is_aligned_only(void) { /* ordered and atomic */
    return (rig.word & 0x3f000000) == 0x08000000 ||
           ((rig.word & 0x3f200c00) == 0x38200000 && is_memory());
}

static bool is_register_jump(void) {
    return (rig.word & 0xfe000000) == 0xd6000000;
}

static int64_t some_distance(unsigned bits) {
    int64_t reach = CODE_BYTES / 2 - 16;
    if (bits < 16)
        reach = (INT64_C(4) << (bits - 1)) - 4;
    const int64_t words = (reach - AROUND) / 4;
    const int64_t d = AROUND + 4 * (int64_t)pick((uint64_t)words);
    return pick(2) ? d : -d;
}

/* make_word: a random word of a row; distances within the code. */
static void make_word(const struct row *r) {
    rig.name = r->name;
    rig.word = r->value | ((uint32_t)check_random(&rig.random) & ~r->mask);
    if (pick(4) == 0) /* registers are the same more often than by chance */
        rig.word = (rig.word & ~(UINT32_C(31) & ~r->mask)) | (rig.word >> 5 & 31 & ~r->mask);
    for (unsigned i = 0; i < sizeof distances / sizeof *distances; i++)
        if (!strcmp(distances[i].name, r->name)) {
            const uint32_t mask = ((UINT32_C(1) << distances[i].count) - 1) << distances[i].lo;
            const uint32_t words = (uint32_t)(some_distance(distances[i].count) / 4);
            rig.word = (rig.word & ~mask) | (words << distances[i].lo & mask);
        }
    rig.word = r->value | (rig.word & ~r->mask);
    put_word(AT, rig.word);
}

static void make_input(void) {
    for (unsigned r = 0; r < 31; r++)
        rig.in.x[r] = some_number();
    if (pick(4) == 0)
        rig.in.x[rig.word & 31] = rig.in.x[rig.word >> 16 & 30];
    if (pick(4) == 0 && base_of() < 31) /* equal operands, for flags and comparisons */
        rig.in.x[base_of()] = rig.in.x[rig.word >> 16 & 30];
    rig.in.sp = check_random(&rig.random) & ~UINT64_C(15);
    rig.in.nzcv = pick(16) << 28;
    for (unsigned i = 0; i < MEM_BYTES; i += 8) {
        const uint64_t v = i % 64 ? (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15) : some_number();
        memcpy(rig.mem + i, &v, 8);
    }
}

/* ---- over terms ---- */

/* begin: a state of constants; its stack is elsewhere, so that every access is an event. */
static void begin(struct mstate *s, struct terms *t) {
    *s = (struct mstate){.t = t, .sp0 = term_var(t, 64, "elsewhere")};
    for (unsigned r = 0; r < 31; r++)
        s->reg[r] = term_const(t, 64, rig.in.x[r]);
    s->reg[31] = term_const(t, 64, rig.in.sp);
    for (unsigned f = 0; f < 4; f++)
        s->flag[f] = term_bool(t, rig.in.nzcv >> (31 - f) & 1);
}

static bool step(struct mstate *s, struct terms *t, struct mstep *out) {
    begin(s, t);
    return machine_arm64.step(s, rig.code, CODE_BYTES, AT, (uint64_t)(uintptr_t)rig.code, out);
}

/* place: move the base register so that the access falls into the memory. out: false: it cannot */
static bool place(struct terms *t) {
    struct mstate s;
    struct mstep out;
    if (!step(&s, t, &out) || s.n_events == 0)
        return false;
    const unsigned bytes = 8 * s.n_events;
    uint64_t want = (uint64_t)(uintptr_t)rig.mem + pick(MEM_BYTES - bytes - 16);
    if (is_aligned_only())
        want &= ~UINT64_C(7);
    const uint64_t move = want - term_u64(s.events[0].addr);
    if (base_of() == 31)
        rig.in.sp += move & ~UINT64_C(15);
    else
        rig.in.x[base_of()] += move;
    return true;
}

/* found: for cas, register s is what is in memory, or nearly, half of the time. */
static void found(void) {
    const unsigned s = rig.word >> 16 & 31;
    const uint64_t at = base_of() == 31 ? rig.in.sp : rig.in.x[base_of()];
    if (strcmp(rig.name, "casal") != 0 || s == 31 || s == base_of() || pick(2))
        return;
    memcpy(&rig.in.x[s], (const void *)(uintptr_t)at, 8);
    if (pick(3) == 0)
        rig.in.x[s] ^= UINT64_C(1) << pick(64);
}

/* struct values: what the variables of loads are. */
struct values {
    struct assigned vars[ASSIGNED];
    struct assignment all;
};

static uint64_t value(struct terms *t, term *a, const struct values *v) {
    uint64_t k[TERM_LIMBS];
    term_eval(t, a, &v->all, k);
    return k[0];
}

/* remember: do to the memory what the events say. out: false: one is not in the memory */
static bool remember(struct terms *t, const struct mstate *s, struct values *v) {
    memcpy(rig.want_mem, rig.mem, MEM_BYTES);
    for (unsigned i = 0; i < s->n_events; i++) {
        const struct mevent *const e = &s->events[i];
        const uint64_t at = value(t, e->addr, v) - (uint64_t)(uintptr_t)rig.mem;
        if (at > MEM_BYTES - 8 || v->all.n == ASSIGNED)
            return false;
        uint64_t k = 0;
        if (e->kind != MEV_STORE) {
            memcpy(&k, rig.want_mem + at, e->bytes);
            v->vars[v->all.n].name = e->value->u.name;
            v->vars[v->all.n++].k[0] = k;
        }
        if (e->kind != MEV_LOAD) {
            k = value(t, e->kind == MEV_STORE ? e->value : e->stored, v);
            memcpy(rig.want_mem + at, &k, e->bytes);
        }
    }
    return true;
}

/* same_derived: are the flags that are made of N, Z, C, V what these make, where they are kept? */
static bool same_derived(const struct mstate *s) {
    const bool n = term_is_true(s->flag[0]), z = term_is_true(s->flag[1]);
    const bool c = term_is_true(s->flag[2]), v = term_is_true(s->flag[3]);
    const bool derived[] = {!c || z, n != v, z || n != v};
    for (unsigned i = 0; i < 3; i++)
        if (s->flag[4 + i] && term_is_true(s->flag[4 + i]) != derived[i])
            return false;
    return true;
}

/* expect: what the rows say of the case. out: false: it is none */
static bool expect(struct terms *t) {
    struct mstate s;
    struct mstep out;
    struct values v = {.all = {.vars = v.vars}};
    if (is_memory()) {
        if (!place(t))
            return false;
        found();
    }
    rig.target = 0;
    if (is_register_jump()) {
        if (base_of() == 31)
            return false;
        rig.target = AT + some_distance(19);
        rig.in.x[base_of()] = (uint64_t)(uintptr_t)rig.code + (uint64_t)rig.target;
    }
    if (!step(&s, t, &out) || !remember(t, &s, &v))
        return false;
    for (unsigned r = 0; r < 31; r++)
        rig.want.x[r] = value(t, s.reg[r], &v);
    rig.want.sp = value(t, s.reg[31], &v);
    rig.want.nzcv = 0;
    for (unsigned f = 0; f < 4; f++)
        rig.want.nzcv |= value(t, s.flag[f], &v) << (31 - f);
    if (!same_derived(&s))
        rig.want.nzcv = 1;
    rig.want.where = 0;
    if (out.flow == MFLOW_CALL)
        rig.want.x[machine_arm64.link] = (uint64_t)(uintptr_t)rig.code + AT + 4;
    if (out.flow == MFLOW_NEXT)
        return true;
    if (out.addr)
        rig.want.where =
            value(t, out.addr, &v) == (uint64_t)(uintptr_t)rig.code + (uint64_t)rig.target;
    else
        rig.target = out.target;
    if (!out.addr)
        rig.want.where = out.flow == MFLOW_BRANCH ? value(t, out.cond, &v) : 1;
    return true;
}

/* ---- for real ---- */

/* execute: out: false: it did not come back */
static bool execute(void) {
    if (rig.target) {
        const int64_t back = AT + (exec_target - exec_insn) - rig.target;
        memcpy(&rig.behind, rig.code + rig.target, 4);
        put_word((uint64_t)rig.target, 0x14000000 | ((uint32_t)(back / 4) & 0x3ffffff));
    }
    memcpy(rig.got_mem, rig.mem, MEM_BYTES);
    rig.got = rig.in;
    void (*run)(struct image *);
    void *const from = rig.code + AT - (exec_insn - exec_begin);
    memcpy(&run, &from, sizeof run);
    int signal_number = sigsetjmp(before, 1);
    if (signal_number == 0) {
        executing = 1;
        run(&rig.got);
    }
    executing = 0;
    if (rig.target)
        put_word((uint64_t)rig.target, rig.behind);
    /* the memory stays where its addresses are */
    for (unsigned i = 0; i < MEM_BYTES; i++) {
        const uint8_t byte = rig.mem[i];
        rig.mem[i] = rig.got_mem[i];
        rig.got_mem[i] = byte;
    }
    return signal_number == 0;
}

/* same: is what happened what was expected? */
static bool same(void) {
    return !memcmp(rig.got.x, rig.want.x, sizeof rig.want.x) && rig.got.sp == rig.want.sp &&
           rig.got.nzcv == rig.want.nzcv && rig.got.where == rig.want.where &&
           !memcmp(rig.got_mem, rig.want_mem, MEM_BYTES);
}

static void tell(bool back) {
    printf("%s, word %08" PRIx32 "%s: in, got, wanted\n", rig.name, rig.word,
           back ? "" : ", a signal");
    for (unsigned r = 0; r < 31; r++)
        if (rig.got.x[r] != rig.want.x[r])
            printf("    x%-3u %16" PRIx64 " %16" PRIx64 " %16" PRIx64 "\n", r, rig.in.x[r],
                   rig.got.x[r], rig.want.x[r]);
    printf("    sp   %16" PRIx64 " %16" PRIx64 " %16" PRIx64 "\n", rig.in.sp, rig.got.sp,
           rig.want.sp);
    printf("    nzcv %16" PRIx64 " %16" PRIx64 " %16" PRIx64 "\n", rig.in.nzcv, rig.got.nzcv,
           rig.want.nzcv);
    printf("    to the %s, wanted the %s\n", rig.got.where ? "target" : "next",
           rig.want.where ? "target" : "next");
    for (unsigned i = 0; i < MEM_BYTES; i++)
        if (rig.got_mem[i] != rig.want_mem[i])
            printf("    byte %u: %02x %02x\n", i, rig.got_mem[i], rig.want_mem[i]);
}

/* struct tally: of the cases of a row. */
struct tally {
    unsigned cases, wrong;
};

static struct tally check_row(const struct row *r) {
    struct tally all = {0, 0};
    for (unsigned w = 0; w < words_of_row() && all.wrong < 3; w++) {
        struct terms *const t = terms_new();
        make_word(r);
        for (unsigned i = 0; i < INPUTS && all.wrong < 3; i++) {
            make_input();
            if (!expect(t))
                continue;
            const bool back = execute(), good = back && same();
            all.cases++;
            all.wrong += !good;
            if (!good && !PLANTED)
                tell(back);
        }
        CHECK(!terms_failed(t));
        terms_free(t);
    }
    return all;
}

int main(void) {
    unsigned cases = 0;
    rig.random = 1;
    if (!set_up())
        return check_skip("no memory that is writable and executable");
    for (unsigned r = 0; r < sizeof rows / sizeof *rows; r++) {
        const struct tally all = check_row(&rows[r]);
        printf("%-14s %6u cases, %u wrong\n", rows[r].name, all.cases, all.wrong);
        check_note(rows[r].name);
        if (PLANTED) {
            CHECK(all.wrong > 0);
        } else {
            CHECK_EQ(all.wrong, 0);
            CHECK(all.cases >=
                  words_of_row() * INPUTS / 8); /* others: reserved, or beyond the memory */
        }
        cases += all.cases;
    }
    printf("%u cases of %zu rows\n", cases, sizeof rows / sizeof *rows);
    return check_end();
}
