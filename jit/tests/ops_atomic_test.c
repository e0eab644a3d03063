/* ops_atomic_test.c: read-modify-writes on the machine itself: every kind, size and pair of
 * registers, r0 and equal registers included. */
#include "jit/tests/ops_meaning.h"
#include "jit/tests/ops_rig.h"

static void describe(const struct rig_case *c, char *out, size_t n) {
    const struct jit_atomic *const o = &c->u.atomic;
    snprintf(out, n, "atomic %s%u fetch=%d base=%s src=%s off=%d", meaning_rmw_name(o->rmw),
             8u * o->bytes, o->fetch, rig_reg_name(o->base), rig_reg_name(o->src), o->off);
}

static uint64_t get(const uint8_t *p, unsigned bytes) {
    uint32_t v32;
    uint64_t v;
    memcpy(&v32, p, 4);
    memcpy(&v, p, 8);
    return bytes == 4 ? v32 : v;
}

/* old: the value in memory; r0 is made equal to it every other time, in its low bytes at least. */
static void run_value(struct rig *r, const struct rig_case *c, uint64_t old, bool equal) {
    const struct jit_atomic *const o = &c->u.atomic;
    uint8_t *const base =
        o->base == JR_STATE ? (uint8_t *)r->w : r->around + RIG_AROUND / 2 + 8 - (o->off & 7);
    uint8_t *const p = base + o->off;
    uint64_t words[3] = {old, ~old, old};
    memcpy(p - 8, words, sizeof words);
    old = get(p, o->bytes);
    rig_fill(r);
    if (equal)
        r->w->in[JR_0] = o->bytes == 8 ? old : old | r->w->in[JR_0] << 32;
    if (o->base != JR_STATE)
        r->w->in[o->base] = (uint64_t)(uintptr_t)base;
    uint64_t want[N_JIT_REGS];
    memcpy(want, r->w->in, sizeof want);
    const uint64_t after = meaning_rmw(o, old, want[o->src], want[JR_0]);
    if (o->rmw == JRMW_CMPXCHG)
        want[JR_0] = old;
    else if (o->fetch)
        want[o->src] = old;
    rig_call(r, c);
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        rig_same(r, c, i, want[i], UINT64_MAX);
    rig_eq(r, c, "memory", get(p, o->bytes), after);
    /* the bytes around it */
    memcpy((uint8_t *)words + 8, p, o->bytes);
    RIG_CHECK(r, !memcmp(p - 8, words, sizeof words));
}

static void run(struct rig *r, const struct rig_case *c) {
    for (unsigned i = 0; i < 8; i++)
        run_value(r, c, rig_value(r), i & 1);
}

static void add_case(struct rig *r, struct jit_atomic o) {
    if (rig_full(r))
        rig_run(r, run);
    struct rig_case *const c = rig_begin(r);
    c->u.atomic = o;
    r->a->atomic(&r->b, &o);
    rig_end(r, c);
}

static void test_kind(struct rig *r, struct jit_atomic o) {
    static const int16_t offsets[] = {0,    4,    8,     -4,    -8,    120,   128,    248,   256,
                                      -128, -256, -260,  2040,  2044,  2048,  -2048,  -2056, 4088,
                                      4092, 4096, -4096, 16380, 32752, 32760, -32760, -32768};
    enum {
        N_OFFSETS = sizeof offsets / sizeof *offsets
    };
    for (unsigned i = 0; i < 4 * N_RIG_REGS * N_RIG_REGS; i++) {
        o.base = (uint8_t)(i % N_RIG_REGS);
        o.src = (uint8_t)(i / N_RIG_REGS % N_RIG_REGS);
        o.off = i & 1 ? offsets[rig_pick(r, N_OFFSETS)] : 0;
        o.off &= -(int32_t)o.bytes;
        add_case(r, o);
    }
    for (unsigned i = 0; i < 8 * N_OFFSETS; i++) {
        o.base = (uint8_t)rig_pick(r, N_RIG_REGS);
        o.src = (uint8_t)rig_pick(r, N_RIG_REGS);
        o.off = offsets[i / 8] & -(int32_t)o.bytes;
        add_case(r, o);
    }
    for (unsigned i = 0; i < N_RIG_REGS; i++) {
        o.base = JR_STATE;
        o.src = (uint8_t)i;
        o.off = 1024 + 8 * (int32_t)i;
        add_case(r, o);
    }
    rig_run(r, run);
}

int main(void) {
    struct rig r;
    const char *const why = rig_init(&r, describe);
    if (why)
        return check_skip(why);
    for (uint8_t rmw = 0; rmw <= JRMW_CMPXCHG; rmw++)
        for (uint8_t bytes = 4; bytes <= 8; bytes = (uint8_t)(bytes + 4)) {
            if (rmw < JRMW_XCHG)
                test_kind(&r, (struct jit_atomic){.rmw = rmw, .bytes = bytes});
            test_kind(&r, (struct jit_atomic){.rmw = rmw, .bytes = bytes, .fetch = true});
        }
    return rig_end_test(&r);
}
