/* riscv64_rows_test.c: every row of riscv64_rows.def against the processor, or the emulator that
 * the test runs under: random operands in all registers but x31, thousands of cases a row (or as
 * many as the argument says), one instruction at a time (SC: behind its LR). All registers and the
 * memory around the access must be the same, and control must go to the same place.
 *
 * Each case is a piece of machine code: it saves C's registers, loads x1 to x30, jumps to the
 * instruction, and behind it stores them. Where a jump or branch may lead, code notes that it did;
 * everything else there is a trap.
 */
#include <stdlib.h>

#include "jit/execmem.h"
#include "proofs/machine/riscv64_decode.h"
#include "proofs/machine/tests/emulate.h"
#include "tests/check.h"

enum {
    PER_ROW = 2000,
    BATCH = 32,
    ARENA = 4 << 20,
    SITES = 2 << 20, /* where the instructions are, 8 KiB apart, with room for their targets */
    SITE_STEP = 8192,
    FRAMES = SITES - BATCH * 1024, /* where what is around them is */
    IO = 31,                       /* register of struct io's address: no operand */
    TRIES = 64,                    /* of SC, until the emulation fails where the processor did */
};

/* struct io: what a case reads and writes. */
struct io {
    uint64_t reg[32], saved[32];
    uint64_t there; /* not 0: control went to the target */
    uint64_t pad[7];
    uint8_t mem[64]; /* accesses are here, from the middle on */
};

struct rig_row {
    uint8_t code[16]; /* the instruction, last, and what it needs before it */
    uint32_t n, last; /* bytes; where the instruction is */
    struct rvm_insn in;
    uint32_t at, target; /* offsets in the arena; target: 0 if control goes on */
    struct io before;
};

struct rig {
    struct execmem *m;
    uint64_t base, seed;
    struct terms *t;
    uint8_t used[ARENA / 2];
    struct rig_row cases[BATCH];
    uint64_t n_lies, n_believed;
};

static struct io io __attribute__((aligned(64)));

static uint64_t pick(struct rig *r, uint64_t n) {
    return check_random(&r->seed) % n;
}

/* value: of all sizes, near the ends of words, small, or alike in both halves. */
static uint64_t value(struct rig *r) {
    const uint64_t v = check_random(&r->seed);
    switch (pick(r, 6)) {
    case 0: return v;
    case 1: return v >> pick(r, 64);
    case 2: return (uint64_t)((int64_t)v >> pick(r, 64));
    case 3: return (UINT64_C(1) << pick(r, 64)) + pick(r, 3) - 1;
    case 4: return (UINT64_C(0xffffffff) << pick(r, 33)) + pick(r, 3) - 1;
    default: return pick(r, 5) - 2;
    }
}

/* ---- machine code around the instruction; written here, with nothing of the back end's ---- */

static uint32_t i_type(uint32_t opcode, uint32_t f3, uint32_t rd, uint32_t rs1, uint32_t imm) {
    return imm << 20 | rs1 << 15 | f3 << 12 | rd << 7 | opcode;
}

static uint32_t ld(uint32_t rd, uint32_t base, uint32_t off) {
    return i_type(0x03, 3, rd, base, off);
}

static uint32_t sd(uint32_t rs2, uint32_t base, uint32_t off) {
    return (off >> 5) << 25 | rs2 << 20 | base << 15 | 3 << 12 | (off & 31) << 7 | 0x23;
}

static uint32_t jal(uint32_t from, uint32_t to) {
    const uint32_t d = to - from;
    return (d >> 20 & 1) << 31 | (d >> 1 & 0x3ff) << 21 | (d >> 11 & 1) << 20 |
           (d >> 12 & 0xff) << 12 | 0x6f;
}

static bool near(uint32_t from, uint32_t to) {
    const int64_t d = (int64_t)to - from;
    return d >= -(1 << 20) && d < 1 << 20;
}

static bool put(struct rig *r, uint32_t off, const void *bytes, uint32_t n) {
    return CHECK(!execmem_write(r->m, r->base + off, bytes, n));
}

/* frame: the code around the i-th case's instruction. out: offset of what comes behind it */
static uint32_t frame(struct rig *r, unsigned i, uint32_t at) {
    const uint32_t begin = FRAMES + i * 1024, saved = offsetof(struct io, saved);
    uint32_t w[256], n = 0;
    for (uint32_t k = 1; k < IO; k++)
        w[n++] = sd(k, 10, saved + 8 * k);
    w[n++] = i_type(0x13, 0, IO, 10, 0); /* mv */
    for (uint32_t k = 1; k < IO; k++)
        w[n++] = ld(k, IO, 8 * k);
    w[n] = jal(begin + 4 * n, at);
    n++;
    const uint32_t behind = begin + 4 * n;
    for (uint32_t k = 1; k < IO; k++)
        w[n++] = sd(k, IO, 8 * k);
    for (uint32_t k = 1; k < IO; k++)
        w[n++] = ld(k, IO, saved + 8 * k);
    w[n++] = i_type(0x67, 0, 0, 1, 0); /* ret */
    put(r, begin, w, 4 * n);
    return behind;
}

static void seal(struct rig *r, unsigned i) {
    const struct rig_row *const c = &r->cases[i];
    const uint32_t behind = frame(r, i, c->at);
    uint32_t back = jal(c->at + c->n, behind);
    put(r, c->at, c->code, c->n);
    put(r, c->at + c->n, &back, 4);
    if (c->target) {
        const uint32_t w[] = {sd(IO, IO, offsetof(struct io, there)), jal(c->target + 4, behind)};
        put(r, c->target, w, sizeof w);
    }
}

/* ---- cases ---- */

static bool is_memory(const struct rvm_insn *in) {
    return (in->id >= RVM_lb && in->id <= RVM_sd) || (in->id >= RVM_amoadd_w && in->id <= RVM_sc_d);
}

static bool is_atomic(const struct rvm_insn *in) {
    return in->id >= RVM_amoadd_w && in->id <= RVM_sc_d;
}

static bool goes(const struct rvm_insn *in) {
    return in->id >= RVM_beq && in->id <= RVM_jalr;
}

static bool free_at(const struct rig *r, uint32_t off) {
    for (uint32_t i = 0; i < 4; i++)
        if (off / 2 + i >= ARENA / 2 || r->used[off / 2 + i])
            return false;
    return true;
}

static void put_word(struct rig_row *c, uint32_t w, uint32_t n) {
    memcpy(c->code + c->n, &w, n);
    c->n += n;
}

/* place: where control goes, a free place near enough to come back. out: false: none */
static bool place(struct rig *r, struct rig_row *c) {
    const uint32_t frames = FRAMES + 512;
    c->target = 0;
    if (!goes(&c->in))
        return true;
    const uint32_t far = (uint32_t)pick(r, 1 << 20) & ~1u;
    c->target = c->at + (c->in.id == RVM_jalr ? far - (1 << 19) : (uint32_t)c->in.imm);
    if (!free_at(r, c->target) || !near(c->target, frames) || !near(c->target, SITES - 512))
        return false;
    memset(r->used + c->target / 2, 1, 4);
    return true;
}

/* choose: an instruction of the row, with operands that can be tested. out: false: not this one */
static bool choose(struct rig *r, struct rig_row *c, unsigned row) {
    uint32_t mask, match, w;
    rvm_row_bits(row, &mask, &match);
    w = ((uint32_t)check_random(&r->seed) & ~mask) | match;
    if (row == RVM_fence) {
        static const uint8_t sets[] = {0x23, 0x31, 0x33}; /* r,rw; rw,w; rw,rw */
        w = match | (uint32_t)sets[pick(r, sizeof sets)] << 20;
    }
    const uint8_t bytes[] = {(uint8_t)w, (uint8_t)(w >> 8), (uint8_t)(w >> 16), (uint8_t)(w >> 24)};
    if (!rvm_decode(bytes, row < N_RVM_LONG ? 4 : 2, &c->in) || c->in.row != row)
        return false;
    const struct rvm_insn *const in = &c->in;
    if (in->rd == IO || in->rs1 == IO || in->rs2 == IO)
        return false;
    if ((is_memory(in) || in->id == RVM_jalr) && !in->rs1)
        return false;
    if (in->id >= RVM_jal && in->id <= RVM_jalr && in->rd > 1)
        return false;
    c->n = 0;
    if (in->id == RVM_sc_w || in->id == RVM_sc_d) {
        /* sometimes something else is stored between the two */
        put_word(c, (w & 0x000ff000) | 0x16u << 24 | 0x2f, 4);
        if (pick(r, 4) == 0)
            put_word(c, (30u << 20) | (uint32_t)in->rs1 << 15 | (w & 0x7000) | 0x23, 4);
    }
    c->last = c->n;
    put_word(c, w, in->bytes);
    return place(r, c);
}

/* fill: registers and memory before the case. */
static void fill(struct rig *r, struct rig_row *c) {
    const struct rvm_insn *const in = &c->in;
    uint64_t *const reg = c->before.reg;
    for (unsigned k = 1; k < IO; k++)
        reg[k] = value(r);
    if (pick(r, 3) == 0)
        reg[in->rs2] = reg[in->rs1];
    for (unsigned i = 0; i < sizeof c->before.mem; i++)
        c->before.mem[i] = (uint8_t)value(r);
    const uint64_t at = (uint64_t)(uintptr_t)io.mem + 24 + (is_atomic(in) ? 0 : pick(r, 9));
    if (is_memory(in))
        reg[in->rs1] = at - (uint64_t)in->imm;
    if (in->id == RVM_jalr) /* bit 0 is ignored */
        reg[in->rs1] = ((r->base + c->target) | pick(r, 2)) - (uint64_t)in->imm;
    reg[0] = 0;
}

/* ---- comparison ---- */

static bool same_regs(const struct mstate *s) {
    for (unsigned k = 1; k < IO; k++)
        if (!term_is_const(s->reg[k]) || term_u64(s->reg[k]) != io.reg[k])
            return false;
    return true;
}

static void begin(struct rig *r, struct emulator *e, const struct rig_row *c) {
    emulate_begin(e, r->t);
    e->s.sp0 = NULL; /* no stack: all is memory */
    for (unsigned k = 1; k < IO; k++)
        e->s.reg[k] = term_const(r->t, 64, c->before.reg[k]);
}

/* agrees_control: jumps and branches: one step, and where it leads. */
static bool agrees_control(struct rig *r, const struct rig_row *c) {
    struct emulator e = {.m = &machine_riscv64};
    struct mstep step = {0};
    begin(r, &e, c);
    if (!e.m->step(&e.s, c->code, c->n, 0, r->base + c->at, &step))
        return false;
    const bool branch = step.flow == MFLOW_BRANCH;
    if (step.flow == MFLOW_NEXT || (branch && !term_is_const(step.cond)))
        return false;
    const bool call = step.flow == MFLOW_CALL;
    const bool back = step.flow == MFLOW_RETURN;
    const bool taken = !branch || term_is_true(step.cond);
    const uint64_t to = step.addr ? term_u64(step.addr) : r->base + c->at + (uint64_t)step.target;
    return same_regs(&e.s) && step.bytes == c->in.bytes && taken == (io.there != 0) &&
           to == r->base + c->target && call == (c->in.rd == 1) &&
           back == (c->in.id == RVM_jalr && !c->in.rd && c->in.rs1 == 1 && !c->in.imm);
}

/* agrees_plain: all others: as code that returns behind it. What c->code does is compared with what
 * has been done; before: the state that it was done to. */
static bool agrees_plain(struct rig *r, const struct rig_row *c, const struct rig_row *before) {
    uint8_t code[32];
    const unsigned tries = c->in.id == RVM_sc_w || c->in.id == RVM_sc_d ? TRIES : 1;
    memcpy(code, c->code, c->n);
    memcpy(code + c->n, (const uint8_t[]){0x82, 0x80}, 2); /* ret */
    for (unsigned i = 0; i < tries; i++) {
        struct io mine = before->before;
        struct emulator e = {.m = &machine_riscv64,
                             .code = code,
                             .n_bytes = c->n + 2,
                             .addr = r->base + c->at,
                             .mem = (uint8_t *)&mine,
                             .mem_addr = (uint64_t)(uintptr_t)&io,
                             .mem_bytes = sizeof mine,
                             .seed = i};
        begin(r, &e, before);
        if (emulate(&e, 0) && same_regs(&e.s) && !memcmp(mine.mem, io.mem, sizeof io.mem) &&
            !io.there)
            return true;
        if (i + 1 == tries && e.why[0])
            printf("%s\n", e.why);
    }
    return false;
}

static void run(struct rig *r, unsigned i) {
    struct rig_row *const c = &r->cases[i];
    void (*f)(struct io *);
    const uint64_t entry = r->base + FRAMES + i * 1024;
    fill(r, c);
    io = c->before;
    memcpy(&f, &entry, sizeof f);
    f(&io);
    check_note(rvm_row_name(c->in.row));
    if (!CHECK(goes(&c->in) ? agrees_control(r, c) : agrees_plain(r, c, c)))
        printf("    0x%08x at %#" PRIx64 ": rs1 %#" PRIx64 ", rs2 %#" PRIx64 "\n",
               (unsigned)c->code[c->last] | (unsigned)c->code[c->last + 1] << 8 |
                   (unsigned)c->code[c->last + 2] << 16 | (unsigned)c->code[c->last + 3] << 24,
               r->base + c->at, c->before.reg[c->in.rs1], c->before.reg[c->in.rs2]);
    /* another instruction in its place must make a difference */
    if (i && !goes(&c->in) && !is_memory(&r->cases[i - 1].in) && !goes(&r->cases[i - 1].in)) {
        r->n_lies++;
        r->n_believed += agrees_plain(r, &r->cases[i - 1], c);
    }
}

static void batch(struct rig *r, unsigned row) {
    memset(r->used, 0, sizeof r->used);
    memset(r->used + FRAMES / 2, 1, (SITES - FRAMES) / 2);
    for (unsigned i = 0; i < BATCH; i++) {
        r->cases[i].at = SITES + i * SITE_STEP + SITE_STEP / 2;
        memset(r->used + r->cases[i].at / 2, 1, 12);
    }
    CHECK(!execmem_begin(r->m));
    for (unsigned i = 0; i < BATCH; i++) {
        while (!choose(r, &r->cases[i], row))
            ;
        seal(r, i);
    }
    CHECK(!execmem_end(r->m));
    r->t = terms_new();
    if (!CHECK(r->t != NULL))
        return;
    for (unsigned i = 0; i < BATCH; i++)
        run(r, i);
    CHECK(!terms_failed(r->t));
    terms_free(r->t);
}

int main(int argc, char **argv) {
    const unsigned per_row = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : PER_ROW;
    const struct execmem_config config = {.n_bytes = ARENA, .one_mapping = true};
    struct rig *const r = calloc(1, sizeof *r);
    uint8_t *const traps = malloc(ARENA);
    if (!r || !traps || execmem_new(&config, &r->m, NULL))
        return check_skip("no executable memory");
    r->base = execmem_addr(r->m);
    r->seed = 1;
    for (uint32_t i = 0; i < ARENA; i += 2)
        memcpy(traps + i, (const uint8_t[]){0x02, 0x90}, 2); /* c.ebreak */
    put(r, 0, traps, ARENA);
    for (unsigned row = 0; row < RVM_ROWS; row++)
        for (unsigned n = 0; n < per_row; n += BATCH)
            batch(r, row);
    check_note(NULL);
    printf("%u rows, at least %d cases each; of %" PRIu64 " wrong instructions %" PRIu64
           " were believed\n",
           RVM_ROWS, per_row, r->n_lies, r->n_believed);
    CHECK(r->n_lies > 0 && r->n_believed * 3 < r->n_lies);
    execmem_free(r->m);
    free(traps);
    free(r);
    return check_end();
}
