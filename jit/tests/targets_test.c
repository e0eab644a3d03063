/* targets_test.c: what can be asked of every back end on any host: its members are there, sites are
 * as long as it says and as their forms promise, and all code is a multiple of an instruction.
 */
#include "jit/arch.h"
#include "tests/check.h"

static const uint8_t regs[] = {JR_0, JR_1, JR_3, JR_5, JR_6, JR_9, JR_FP, JR_T0, JR_T1};
static const int64_t imms[] = {0,       1,       -1,         2,           31,       -32,
                               127,     -128,    255,        0x7ff,       -0x800,   0xfff,
                               0x7fff,  -0x8000, 0xffff,     0x10000,     1048,     0x7ffff,
                               0x80000, 0xfffff, 0x7fffffff, -0x7fffffff, INT32_MIN};
static const uint64_t values[] = {0,
                                  1,
                                  0xffff,
                                  0x80000000,
                                  0xffffffff,
                                  UINT64_C(0x100000000),
                                  UINT64_C(0x1122334455667788),
                                  UINT64_MAX,
                                  UINT64_C(1) << 63,
                                  UINT64_C(0x200000002000)};
static const int32_t offs[] = {0,    1,    8,     -1,   -8,   255,    256,    -256,
                               2047, 2048, -2048, 4095, 4096, 0x7fff, -0x8000};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void check_code(const struct jit_arch *a, struct jit_buf *b) {
    CHECK_EQ(b->err, BPFLAB_OK);
    CHECK(b->n % a->insn_bytes == 0);
    b->n = 0;
}

static bool check_members(const struct jit_arch *a) {
    bool there = CHECK(a->enter && a->leave && a->tail && a->alu && a->constant && a->load);
    there &= CHECK(a->store && a->atomic && a->site_bytes && a->site_fits && a->site && a->stub &&
                   a->on_host);
    CHECK(a->name && a->name[0] && a->triple && a->mattr);
    CHECK(a->insn_bytes == 1 || a->insn_bytes == 2 || a->insn_bytes == 4);
    CHECK(a->pool_bytes == 0 || a->pool_bytes == 8);
    CHECK(jit_target(a->name) == a);
    return there;
}

static void check_alu(const struct jit_arch *a, struct jit_buf *b) {
    for (unsigned op = 0; op < N_JIT_OPS; op++)
        for (unsigned i = 0; i < 2 * COUNT(regs) * COUNT(imms); i++) {
            const int64_t k = imms[i % COUNT(imms)];
            struct jit_alu alu = {.op = (uint8_t)op,
                                  .width = i & 1 ? 64 : 32,
                                  .dst = regs[i % COUNT(regs)],
                                  .a = regs[i / 3 % COUNT(regs)],
                                  .b = regs[i / 7 % COUNT(regs)],
                                  .zext = i / 2 & 1};
            const bool divides = op >= JOP_UDIV && op <= JOP_SMOD;
            if (divides && alu.dst == JR_T0)
                continue;
            if (op == JOP_MULHU || op == JOP_MULHS)
                alu.width = 64;
            const bool shift = op >= JOP_SHL && op <= JOP_ROTL;
            alu.imm = op == JOP_ROTL || (i / 4 & 1 && op < JOP_MULHU && !divides);
            alu.k = !alu.imm ? 0 : shift ? (k & (alu.width - 1)) : k;
            if (op == JOP_ROTL && !alu.k)
                alu.k = 1;
            a->alu(b, &alu);
            check_code(a, b);
        }
}

static void check_memory(const struct jit_arch *a, struct jit_buf *b) {
    for (unsigned i = 0; i < 64 * COUNT(offs); i++) {
        struct jit_mem m = {.bytes = (uint8_t)(1 << (i & 3)),
                            .sign = (i & 3) != 3 && (i >> 2 & 1),
                            .swap = (i & 3) && (i >> 2 & 3) == 2,
                            .reg = regs[i % COUNT(regs)],
                            .base = i % 11 ? regs[i / 5 % COUNT(regs)] : JR_STATE,
                            .off = offs[i % COUNT(offs)]};
        a->load(b, &m);
        check_code(a, b);
        m.sign = m.swap = false;
        a->store(b, &m);
        check_code(a, b);
        m.imm = true;
        m.k = imms[i % COUNT(imms)];
        a->store(b, &m);
        check_code(a, b);
        m.imm = false;
        m.order = true;
        a->load(b, &m);
        a->store(b, &m);
        check_code(a, b);
        for (uint8_t rmw = JRMW_ADD; rmw <= JRMW_CMPXCHG; rmw++) {
            const struct jit_atomic at = {.rmw = rmw,
                                          .bytes = i & 1 ? 8 : 4,
                                          .fetch = rmw >= JRMW_XCHG || (i >> 1 & 1),
                                          .base = m.base,
                                          .src = m.reg,
                                          .off = m.off};
            a->atomic(b, &at);
            check_code(a, b);
        }
    }
    for (unsigned i = 0; i < COUNT(values); i++) {
        a->constant(b, regs[i % COUNT(regs)], values[i]);
        CHECK(b->n > 0);
        check_code(a, b);
    }
}

/* A site in every form and at distances around the edges of machines' reaches. */
static void check_site(const struct jit_arch *a, struct jit_buf *b, const struct jit_site *s) {
    CHECK(a->site_bytes(s, 0) > 0);
    CHECK_EQ(a->site_bytes(s, JSITE_FORMS), 0);
    for (unsigned form = 0; form < JSITE_FORMS && a->site_bytes(s, form); form++)
        for (unsigned bits = 0; bits < 40; bits++)
            for (int64_t near = -8; near <= 8; near += 8)
                for (int64_t sign = -1; sign <= 1; sign += 2) {
                    const int64_t distance = sign * ((INT64_C(1) << bits) & ~INT64_C(7)) + near;
                    if (!a->site_fits(s, form, distance))
                        continue;
                    a->site(b, s, form, distance);
                    CHECK_EQ(b->n, a->site_bytes(s, form));
                    check_code(a, b);
                }
}

static void check_sites(const struct jit_arch *a, struct jit_buf *b) {
    for (uint8_t cond = JC_EQ; cond <= JC_NSET; cond++)
        for (unsigned i = 0; i < 4 * COUNT(imms); i++) {
            const struct jit_site s = {.kind = JSITE_BRANCH,
                                       .cond = cond,
                                       .width = i & 1 ? 64 : 32,
                                       .a = regs[i % COUNT(regs)],
                                       .b = regs[i / 2 % COUNT(regs)],
                                       .imm = i & 2,
                                       .k = imms[i % COUNT(imms)]};
            check_site(a, b, &s);
        }
    check_site(a, b, &(struct jit_site){.kind = JSITE_JUMP});
    check_site(a, b, &(struct jit_site){.kind = JSITE_CALL});
    for (unsigned i = 0; i < COUNT(values); i++) {
        struct jit_site s = {.kind = JSITE_CALL_HOST, .target = values[i]};
        check_site(a, b, &s);
        s.kind = JSITE_JUMP_HOST;
        check_site(a, b, &s);
        if (!a->pool_bytes)
            continue;
        s = (struct jit_site){
            .kind = JSITE_CONST, .a = regs[i % COUNT(regs)], .imm = true, .k = (int64_t)values[i]};
        check_site(a, b, &s);
    }
}

static void check_frames(const struct jit_arch *a, struct jit_buf *b) {
    for (unsigned i = 0; i < 16 * 2 * 5; i++) {
        const struct jit_frame f = {.saved = (uint16_t)((i & 15) << JR_6),
                                    .n_slots = (uint8_t)(i >> 5),
                                    .calls = i >> 4 & 1};
        a->enter(b, &f);
        check_code(a, b);
        a->leave(b, &f);
        CHECK(b->n > 0);
        check_code(a, b);
        a->tail(b, &f);
        CHECK(b->n > 0);
        check_code(a, b);
    }
    CHECK(!a->loop_line || (a->nops && a->loop_line <= JIT_ALIGN));
    for (uint32_t n = 0; a->nops && n < JIT_ALIGN; n += a->insn_bytes) {
        a->nops(b, n);
        CHECK_EQ(b->n, n);
        check_code(a, b);
    }
    const uint32_t exit = a->stub(b);
    CHECK(exit > 0 && exit < b->n && exit % a->insn_bytes == 0);
    check_code(a, b);
}

int main(void) {
    struct jit_buf b;
    jit_buf_init(&b);
    for (unsigned i = 0; jit_target_at(i); i++) {
        const struct jit_arch *const a = jit_target_at(i);
        check_note(a->name);
        if (!check_members(a))
            continue;
        check_alu(a, &b);
        check_memory(a, &b);
        check_sites(a, &b);
        check_frames(a, &b);
    }
    jit_buf_fini(&b);
    return check_end();
}
