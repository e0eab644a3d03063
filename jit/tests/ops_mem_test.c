/* ops_mem_test.c: loads and stores on the machine itself: every size and kind with every pair of
 * registers and offsets at the edges of encodings; the world, the frame's slots. What lies around
 * the bytes of a store stays. */
#include "jit/tests/ops_rig.h"

enum {
    IS_STORE = 1,
    SIDE = 16, /* bytes looked at before and behind an access */
};

static const int32_t offsets[] = {
    0,     1,     2,     3,     4,     7,     8,     12,     16,     32,     63,     64,
    124,   126,   127,   128,   129,   248,   252,   254,    255,    256,    257,    264,
    504,   508,   510,   511,   512,   1020,  1024,  2040,   2044,   2046,   2047,   2048,
    2049,  4088,  4092,  4094,  4095,  4096,  4097,  8184,   8190,   8191,   8192,   16376,
    16380, 16384, 32752, 32760, 32766, 32767, -1,    -2,     -4,     -7,     -8,     -16,
    -64,   -127,  -128,  -129,  -248,  -255,  -256,  -257,   -264,   -512,   -1024,  -2040,
    -2047, -2048, -2049, -4095, -4096, -4097, -8192, -16384, -32760, -32767, -32768,
};
enum {
    N_OFFSETS = sizeof offsets / sizeof *offsets
};

/* The kinds of access: how much, and what is done to it. */
static const struct jit_mem kinds[] = {
    {.bytes = 1},
    {.bytes = 1, .sign = true},
    {.bytes = 2},
    {.bytes = 2, .sign = true},
    {.bytes = 2, .swap = true},
    {.bytes = 4},
    {.bytes = 4, .sign = true},
    {.bytes = 4, .swap = true},
    {.bytes = 8},
    {.bytes = 8, .swap = true},
    {.bytes = 1, .order = true},
    {.bytes = 2, .order = true},
    {.bytes = 4, .order = true},
    {.bytes = 8, .order = true},
};
enum {
    N_KINDS = sizeof kinds / sizeof *kinds
};

static void describe(const struct rig_case *c, char *out, size_t n) {
    const struct jit_mem *const m = &c->u.mem;
    snprintf(out, n, "%s%u reg=%s base=%s index=%s off=%d%s%s%s imm=%d k=%" PRId64,
             c->key & IS_STORE ? "store" : "load", 8u * m->bytes, rig_reg_name(m->reg),
             rig_reg_name(m->base), m->indexed ? rig_reg_name(m->index) : "-", m->off,
             m->sign ? " sign" : "", m->swap ? " swap" : "", m->order ? " order" : "", m->imm,
             m->k);
}

/* ---- meaning ---- */

static uint64_t bytes_at(const uint8_t *p, unsigned n) {
    uint64_t v = 0;
    for (unsigned i = 0; i < n; i++)
        v |= (uint64_t)p[i] << (8 * (jit_target_big_endian(jit_host()) ? n - 1 - i : i));
    return v;
}

static uint64_t loaded(const struct jit_mem *m, const uint8_t *p) {
    const unsigned w = 8u * m->bytes;
    uint64_t v = bytes_at(p, m->bytes);
    if (m->swap)
        v = __builtin_bswap64(v) >> (64 - w);
    if (m->sign && w < 64 && v >> (w - 1))
        v |= UINT64_MAX << w;
    return v;
}

/* ---- running ---- */

/* The place of an access with an index: base and index add up to it, whatever they are. */
static uint8_t *sum_place(struct rig *r, const struct jit_mem *m) {
    uint64_t *const in = r->w->in;
    uint8_t *p = r->around + RIG_AROUND / 2 + rig_pick(r, 9);
    const uint64_t odd = ((uint64_t)(uintptr_t)p - (uint64_t)m->off) & 1;
    if (m->base == m->index)
        p += odd;
    const uint64_t sum = (uint64_t)(uintptr_t)p - (uint64_t)m->off;
    if (m->base == m->index)
        in[m->base] = sum / 2 | (rig_value(r) & UINT64_C(1) << 63);
    else if (m->base == JR_STATE)
        in[m->index] = sum - in[JR_STATE];
    else
        in[m->base] = sum - in[m->index];
    return p;
}

/* The place of an access, in the room around the world, to which the base register is set. */
static uint8_t *place(struct rig *r, const struct jit_mem *m) {
    if (m->indexed)
        return sum_place(r, m);
    if (m->base == JR_STATE)
        return (uint8_t *)r->w + m->off;
    uint8_t *const p = r->around + RIG_AROUND / 2 + (m->order ? 0 : rig_pick(r, 9));
    r->w->in[m->base] = (uint64_t)(uintptr_t)p - (uint64_t)m->off;
    return p;
}

static void run_once(struct rig *r, const struct rig_case *c) {
    const struct jit_mem *const m = &c->u.mem;
    rig_fill(r);
    uint8_t *const p = place(r, m);
    for (int i = -SIDE; i < SIDE + 8; i++)
        if (p + i >= (uint8_t *)(r->w + 1) || p + i < (uint8_t *)r->w)
            p[i] = (uint8_t)(rig_value(r) | (unsigned)rig_pick(r, 2) << 7);
    uint8_t before[2 * SIDE + 8];
    memcpy(before, p - SIDE, sizeof before);
    rig_call(r, c);
    const bool store = c->key & IS_STORE;
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        rig_same(r, c, i, i == m->reg && !store ? loaded(m, before + SIDE) : r->w->in[i],
                 UINT64_MAX);
    const uint64_t want = m->imm ? (uint64_t)m->k : r->w->in[m->reg];
    const uint64_t mask = m->bytes == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * m->bytes) - 1;
    if (store) {
        rig_eq(r, c, "memory", bytes_at(p, m->bytes), want & mask);
        memcpy(before + SIDE, p, m->bytes);
    }
    RIG_CHECK(r, !memcmp(before, p - SIDE, sizeof before));
}

static void run_access(struct rig *r, const struct rig_case *c) {
    for (unsigned i = 0; i < 3; i++)
        run_once(r, c);
}

static void add_case(struct rig *r, struct jit_mem m, bool store) {
    if (rig_full(r))
        rig_run(r, run_access);
    struct rig_case *const c = rig_begin(r);
    c->key = store;
    c->u.mem = m;
    (store ? r->a->store : r->a->load)(&r->b, &m);
    rig_end(r, c);
}

/* ---- cases ---- */

/* All registers as they come; a load's kind has no meaning for a store but its size and order. */
static void add_both(struct rig *r, struct jit_mem m) {
    add_case(r, m, false);
    if (m.sign || m.swap)
        return;
    add_case(r, m, true);
    if (m.order)
        return;
    m.imm = true;
    m.reg = JR_NONE;
    m.k = rig_imms[rig_pick(r, n_rig_imms)];
    add_case(r, m, true);
}

static void test_kind(struct rig *r, struct jit_mem m) {
    for (unsigned i = 0; i < 2 * N_RIG_REGS * N_RIG_REGS; i++) {
        m.reg = (uint8_t)(i / 2 % N_RIG_REGS);
        m.base = (uint8_t)(i / 2 / N_RIG_REGS);
        m.off = i & 1 ? offsets[rig_pick(r, N_OFFSETS)] : (int32_t)rig_pick(r, 32) - 16;
        add_both(r, m);
    }
    for (unsigned i = 0; i < 4 * N_OFFSETS; i++) {
        m.reg = (uint8_t)rig_pick(r, N_RIG_REGS);
        m.base = (uint8_t)(i & 1 ? JR_FP : rig_pick(r, N_RIG_REGS));
        m.off = offsets[i / 4];
        add_both(r, m);
    }
    for (unsigned i = 0; i < 200; i++) {
        m.reg = (uint8_t)rig_pick(r, N_RIG_REGS);
        m.base = (uint8_t)rig_pick(r, N_RIG_REGS);
        m.off = (int16_t)rig_value(r);
        add_both(r, m);
    }
    rig_run(r, run_access);
}

static void test_immediates(struct rig *r) {
    for (unsigned i = 0; i < 16 * n_rig_imms; i++) {
        const struct jit_mem m = {.bytes = (uint8_t)(1u << i % 4),
                                  .imm = true,
                                  .reg = JR_NONE,
                                  .base = (uint8_t)rig_pick(r, N_RIG_REGS),
                                  .off = offsets[rig_pick(r, N_OFFSETS)],
                                  .k =
                                      i < 8 * n_rig_imms ? rig_imms[i / 8] : (int32_t)rig_value(r)};
        add_case(r, m, true);
    }
    rig_run(r, run_access);
}

/* The world is reached a little beyond 16 bits; what the case itself keeps there is left alone. */
static void test_world(struct rig *r) {
    for (unsigned i = 0; i < N_KINDS * 60; i++) {
        struct jit_mem m = kinds[i % N_KINDS];
        m.base = JR_STATE;
        m.reg = (uint8_t)rig_pick(r, N_RIG_REGS);
        m.off = i & 1 ? 1024 + (int32_t)rig_pick(r, 33000 - 1024)
                      : -64 - (int32_t)rig_pick(r, 33000 - 64);
        if (i % 5 == 0)
            m.off = i & 1 ? 33000 : -33000;
        m.off &= m.order ? -8 : -1;
        add_both(r, m);
    }
    for (unsigned i = 0; i < N_KINDS * 8; i++) {
        struct jit_mem m = kinds[i % N_KINDS];
        m.base = JR_FP;
        m.reg = (uint8_t)rig_pick(r, N_RIG_REGS);
        m.off = i & 1 ? 33000 : -33000;
        add_both(r, m);
    }
    rig_run(r, run_access);
}

/* Base and index, of all registers, and offsets as far as the back end says. */
static void test_indexed(struct rig *r) {
    const int64_t reach = r->a->far_reach;
    for (unsigned i = 0; reach && i < 3 * N_JIT_REGS * N_RIG_REGS; i++) {
        struct jit_mem m = kinds[rig_pick(r, 10)]; /* the ones without order */
        m.indexed = true;
        m.base = (uint8_t)(i % N_JIT_REGS); /* STATE, too */
        m.index = (uint8_t)(i / N_JIT_REGS % N_RIG_REGS);
        m.off = offsets[rig_pick(r, N_OFFSETS)];
        for (uint8_t reg = 0; reg < N_RIG_REGS; reg++) {
            m.reg = reg;
            if (reg % 4 == 0)
                m.off = (int32_t)(reach - (int64_t)(rig_value(r) % (uint64_t)(2 * reach + 1)));
            else if (reg == 1)
                m.off = (int32_t)(i & 1 ? reach : -reach);
            add_both(r, m);
        }
    }
    rig_run(r, run_access);
}

/* Any base, too, with offsets that far. */
static void test_far(struct rig *r) {
    const int64_t reach = r->a->far_reach;
    for (unsigned i = 0; reach && i < 40 * N_RIG_REGS; i++) {
        struct jit_mem m = kinds[rig_pick(r, N_KINDS)];
        m.base = (uint8_t)(i % N_RIG_REGS);
        m.reg = (uint8_t)rig_pick(r, N_RIG_REGS);
        m.off = (int32_t)(reach - (int64_t)(check_random(&r->seed) % (uint64_t)(2 * reach + 1)));
        if (i % 5 == 0)
            m.off = (int32_t)(i & 1 ? reach : -reach);
        add_both(r, m);
    }
    rig_run(r, run_access);
}

/* ---- slots ---- */

/* Two slots of a frame are written, the access is done to them, both are read back to r8, r9. */
static void run_slot(struct rig *r, const struct rig_case *c) {
    const struct jit_mem *const m = &c->u.mem;
    uint8_t slots[32];
    rig_fill(r);
    for (unsigned i = 0; i < 4; i++)
        memcpy(slots + 8 * i, &r->w->in[JR_1 + i], 8);
    uint8_t *const p = slots + m->off;
    uint64_t want[N_JIT_REGS];
    memcpy(want, r->w->in, sizeof want);
    if (!(c->key & IS_STORE)) {
        want[m->reg] = loaded(m, p);
    } else {
        const uint64_t v = m->imm ? (uint64_t)m->k : r->w->in[m->reg];
        for (unsigned i = 0; i < m->bytes; i++)
            p[i] = (uint8_t)(v >> 8 * (r->a->big_endian ? m->bytes - 1u - i : i));
    }
    rig_call(r, c);
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        rig_same(r, c, i, want[i], UINT64_MAX);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t slot;
        memcpy(&slot, slots + 8 * i, 8);
        rig_eq(r, c, "slot", r->w->seen[i], slot);
    }
}

static void add_slot_case(struct rig *r, const struct jit_mem *m, bool store) {
    const struct jit_frame f = {.n_slots = 4, .calls = rig_pick(r, 2) == 0};
    if (rig_full(r))
        rig_run(r, run_slot);
    struct rig_case *const c = &r->cases[r->n_cases++];
    *c = (struct rig_case){.off = r->b.n, .key = store, .u.mem = *m};
    r->n_funcs++;
    r->a->enter(&r->b, &f);
    rig_load_all(r);
    for (uint8_t i = 0; i < 4; i++) {
        const struct jit_mem set = {
            .bytes = 8, .reg = (uint8_t)(JR_1 + i), .base = JR_SLOTS, .off = 8 * i};
        r->a->store(&r->b, &set);
    }
    c->op = r->b.n;
    (store ? r->a->store : r->a->load)(&r->b, m);
    c->op_end = r->b.n;
    rig_store_all(r);
    for (uint8_t i = 0; i < 4; i++) {
        const struct jit_mem get = {.bytes = 8, .reg = JR_T0, .base = JR_SLOTS, .off = 8 * i};
        r->a->load(&r->b, &get);
        rig_world_op(r, false, JR_T0, offsetof(struct rig_world, seen) + 8u * i);
    }
    r->a->leave(&r->b, &f);
}

static void test_slots(struct rig *r) {
    for (unsigned i = 0; i < 4000; i++) {
        struct jit_mem m = kinds[rig_pick(r, 10)]; /* the ones without order */
        const bool store = !m.sign && !m.swap && i & 1;
        m.base = JR_SLOTS;
        m.reg = (uint8_t)rig_pick(r, N_RIG_REGS);
        m.off = (int32_t)rig_pick(r, 33u - m.bytes);
        m.imm = store && i & 2;
        m.k = m.imm ? (int32_t)rig_value(r) : 0;
        add_slot_case(r, &m, store);
    }
    rig_run(r, run_slot);
}

int main(void) {
    struct rig r;
    const char *const why = rig_init(&r, describe);
    if (why)
        return check_skip(why);
    for (unsigned i = 0; i < N_KINDS; i++)
        test_kind(&r, kinds[i]);
    test_immediates(&r);
    test_world(&r);
    test_indexed(&r);
    test_far(&r);
    test_slots(&r);
    return rig_end_test(&r);
}
