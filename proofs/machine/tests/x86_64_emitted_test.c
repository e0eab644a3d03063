/* x86_64_emitted_test.c: the rows of x86_64_rows.def are exactly what the back end emits.
 *
 * Both back ends for x86-64 write operations of every kind, on random operands within the contract
 * of jit/arch.h; the decoder must take every byte, and each row must come, with each kind of
 * operand, each size and each opcode that it has. What no operation needs has no row: so a byte
 * that the decoder takes is one that the back end may have meant.
 */
#include <stdlib.h>

#include "jit/tests/ops_rig.h"
#include "proofs/machine/tests/x86_64_met.h"

enum {
    ROUNDS = 400000,
    MAX_ROWS = 160,
};

static uint64_t seed = 20240229;

static unsigned pick(unsigned n) {
    return (unsigned)(check_random(&seed) % n);
}

/* rax has opcodes of its own, so it comes more often. */
static uint8_t any_reg(void) {
    return (uint8_t)(pick(3) ? pick(N_JIT_REGS) : JR_0);
}

static int64_t any_imm(void) {
    static const int32_t edges[] = {0,    1,    2,   3,   8,   9,     -1,    127,       128,
                                    -128, -129, 255, 256, 511, 32767, 65535, INT32_MAX, INT32_MIN};
    if (pick(2))
        return edges[pick(sizeof edges / sizeof *edges)];
    return (int32_t)(check_random(&seed) >> pick(60));
}

/* ---- operations ---- */

static void any_alu(const struct jit_arch *a, struct jit_buf *b) {
    struct jit_alu x = {.op = (uint8_t)pick(N_JIT_OPS),
                        .width = pick(2) ? 64 : 32,
                        .dst = any_reg(),
                        .a = any_reg(),
                        .b = any_reg(),
                        .zext = pick(2),
                        .nonzero = pick(2),
                        .k = any_imm()};
    const bool divides = x.op >= JOP_UDIV && x.op <= JOP_SMOD;
    const bool shifts = x.op >= JOP_SHL && x.op <= JOP_ROTL;
    if (pick(3) == 0)
        x.a = x.dst;
    x.imm = x.op == JOP_ROTL || (x.op < JOP_MULHU && !divides && pick(2));
    if (shifts && x.imm)
        x.k = 1 + pick(x.width - 1U);
    while (divides && x.dst == JR_T0)
        x.dst = any_reg();
    if (x.op == JOP_MULHU || x.op == JOP_MULHS)
        x.width = 64;
    if (pick(2))
        x.dead =
            (uint16_t)(check_random(&seed) & RIG_DEADABLE & ~(1U << x.dst | 1U << x.a | 1U << x.b));
    a->alu(b, &x);
}

static struct jit_mem any_mem(bool load) {
    struct jit_mem m = {.bytes = (uint8_t)(1U << pick(4)),
                        .reg = any_reg(),
                        .base = any_reg(),
                        .indexed = pick(3) == 0,
                        .index = any_reg(),
                        .off = (int16_t)any_imm(),
                        .k = any_imm()};
    m.sign = load && m.bytes < 8 && pick(2);
    m.swap = load && !m.sign && m.bytes > 1 && pick(2);
    m.imm = !load && pick(2);
    return m;
}

static void any_access(const struct jit_arch *a, struct jit_buf *b) {
    const struct jit_mem load = any_mem(true), store = any_mem(false);
    a->load(b, &load);
    a->store(b, &store);
    const struct jit_atomic x = {.rmw = (uint8_t)pick(JRMW_CMPXCHG + 1),
                                 .bytes = pick(2) ? 8 : 4,
                                 .fetch = pick(2),
                                 .base = any_reg(),
                                 .src = any_reg(),
                                 .off = (int16_t)any_imm()};
    a->atomic(b, &x);
}

static void any_site(const struct jit_arch *a, struct jit_buf *b) {
    const struct jit_site s = {.kind = (uint8_t)pick(JSITE_CONST + 1),
                               .cond = (uint8_t)pick(JC_NSET + 1),
                               .width = pick(2) ? 64 : 32,
                               .a = any_reg(),
                               .b = any_reg(),
                               .imm = pick(2),
                               .target = check_random(&seed) >> pick(64),
                               .k = any_imm()};
    const unsigned form = pick(JSITE_FORMS);
    const int64_t distance = any_imm();
    if (a->site_bytes(&s, form) && a->site_fits(&s, form, distance))
        a->site(b, &s, form, distance);
}

static void any_frame(const struct jit_arch *a, struct jit_buf *b) {
    const struct jit_frame f = {
        .saved = (uint16_t)(pick(16) << JR_6), .n_slots = (uint8_t)pick(40), .calls = pick(2)};
    a->enter(b, &f);
    if (pick(2))
        a->leave(b, &f);
    else
        a->tail(b, &f);
    a->nops(b, 1 + pick(16));
}

/* ---- what came ---- */

struct met {
    unsigned forms;
    uint16_t ops; /* bit i: the i-th of the row's opcodes */
};

static void decode_all(const struct jit_buf *b, struct met *rows) {
    struct x86 in;
    for (uint32_t at = 0; at < b->n; at += in.bytes) {
        if (!CHECK(x86_decode(b->bytes, b->n, at, &in))) {
            for (uint32_t i = at; i < b->n && i < at + 15; i++)
                printf(" %02x", b->bytes[i]);
            printf("\n");
            return;
        }
        struct met *const m = &rows[in.row - x86_rows];
        m->forms |= x86_met(&in);
        m->ops |= (uint16_t)(1U << (in.op - in.row->first));
    }
}

static void emit(const struct jit_arch *a, struct met *rows) {
    static void (*const kinds[])(const struct jit_arch *, struct jit_buf *) = {any_alu, any_access,
                                                                               any_site, any_frame};
    struct jit_buf b;
    jit_buf_init(&b);
    a->stub(&b);
    for (unsigned i = 0; i < check_rounds(ROUNDS); i++) {
        kinds[pick(sizeof kinds / sizeof *kinds)](a, &b);
        a->constant(&b, any_reg(), check_random(&seed) >> pick(64));
        CHECK_EQ(b.err, BPFLAB_OK);
        check_note(a->name);
        decode_all(&b, rows);
        b.n = 0;
    }
    jit_buf_fini(&b);
}

/* The argument is another seed. */
int main(int argc, char **argv) {
    static struct met rows[MAX_ROWS];
    if (argc > 1)
        seed = strtoul(argv[1], NULL, 10);
    if (!CHECK(n_x86_rows <= MAX_ROWS))
        return check_end();
    emit(&jit_x86_64, rows);
    emit(&jit_x86_64_base, rows);
    for (unsigned r = 0; r < n_x86_rows; r++) {
        const struct x86_row *const row = &x86_rows[r];
        check_note(row->name);
        CHECK_EQ(rows[r].forms, x86_to_be_met(row));
        if (!(row->where & OPREG)) /* an opcode is an operation, not a register */
            CHECK_EQ(rows[r].ops, (2U << (row->last - row->first)) - 1);
    }
    printf("%u rows\n", n_x86_rows);
    return check_end();
}
