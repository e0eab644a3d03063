/* ops_stack.c: the pieces of tests of frames. */
#include "jit/tests/ops_stack.h"

#include <signal.h>
#include <sys/time.h>

/* ---- C functions ---- */

uint64_t stack_offset(void) {
#if defined(__s390x__)
    enum {
        ALIGNMENT = 8
    };
#else
    enum {
        ALIGNMENT = 16
    };
#endif
    _Alignas(ALIGNMENT) volatile uint64_t local[2] = {0, 0};
    volatile uint64_t *p = local;
    __asm__("" : "+r"(p)); /* else the compiler knows the answer */
    return (uintptr_t)p % ALIGNMENT;
}

uint64_t stack_check(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                     struct rig_world *w) {
    (void)a, (void)b, (void)c, (void)d, (void)e;
    w->depth += stack_offset() == 0;
    rig_clobber();
    return STACK_RESULT;
}

uint64_t stack_reenter(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                       struct rig_world *w) {
    (void)c, (void)d, (void)e;
    const uint64_t args[5] = {b};
    w->seen[8] = w->x.sp;
    const uint64_t result = rig_enter(w->rig, args, 1234, a);
    w->seen[9] = w->x.sp == w->seen[8] && stack_offset() == 0;
    rig_clobber();
    return result + 1;
}

/* ---- cases ---- */

static const char *const names[] = {"entry", "frame", "fib", "tail", "trap"};

struct rig_case *stack_begin(struct rig *r, const char *what) {
    struct rig_case *const c = &r->cases[r->n_cases++];
    *c = (struct rig_case){.off = r->b.n, .op = r->b.n, .op_end = r->b.n};
    while (strcmp(names[c->key], what))
        c->key++;
    r->n_funcs++;
    return c;
}

void stack_reset(struct rig *r) {
    r->current = NULL;
    r->n_cases = r->b.n = 0;
}

void stack_describe(const struct rig_case *c, char *out, size_t n) {
    const uint64_t k = (uint64_t)c->u.alu.k;
    snprintf(out, n, "%s, frame saved=%#x n_slots=%u calls=%u", names[c->key],
             (unsigned)(k & 0xffff), (unsigned)(k >> 16 & 0xff), (unsigned)(k >> 24));
}

/* ---- pieces ---- */

void stack_slot(struct rig *r, bool load, uint8_t reg, unsigned slot) {
    const struct jit_mem m = {.bytes = 8, .reg = reg, .base = JR_SLOTS, .off = (int32_t)(8 * slot)};
    (load ? r->a->load : r->a->store)(&r->b, &m);
}

void stack_alu(struct rig *r, uint8_t op, uint8_t dst, uint8_t a, uint8_t b, int64_t k) {
    const struct jit_alu o = {.op = op,
                              .width = 64,
                              .dst = dst,
                              .a = a,
                              .b = b,
                              .imm = b == JR_NONE,
                              .zext = true,
                              .k = k};
    r->a->alu(&r->b, &o);
}

static void put_site(struct rig *r, const struct jit_site *s, int64_t distance) {
    unsigned form = 0;
    while (form + 1 < JSITE_FORMS && !r->a->site_fits(s, form, distance))
        form++;
    r->a->site(&r->b, s, form, distance);
}

void stack_call(struct rig *r, uint32_t callee) {
    const struct jit_site s = {.kind = JSITE_CALL};
    put_site(r, &s, (int64_t)callee - r->b.n);
}

void stack_branch(struct rig *r, uint8_t cond, uint8_t a, int64_t k, uint32_t label) {
    const struct jit_site s = {
        .kind = JSITE_BRANCH, .cond = cond, .width = 64, .a = a, .b = JR_NONE, .imm = true, .k = k};
    put_site(r, &s, (int64_t)label - r->b.n);
}

static void put_host(struct rig *r, uint8_t kind, uint64_t target) {
    const struct jit_site s = {.kind = kind, .target = target};
    put_site(r, &s, (int64_t)(target - rig_addr(r, r->b.n)));
}

void stack_call_host(struct rig *r, stack_host *f) {
    put_host(r, JSITE_CALL_HOST, (uint64_t)(uintptr_t)f);
}

void stack_exit(struct rig *r) {
    put_host(r, JSITE_JUMP_HOST, r->exit_addr);
}

/* ---- entries ---- */

/* Sixteen integers and eight doubles, read before, compared after: some lie in registers that a
 * called function must keep. */
__attribute__((noinline)) void stack_live(struct rig *r, const uint64_t args[5], uint64_t entry,
                                          uint64_t want) {
    volatile uint64_t v[16];
    volatile double d[8];
    for (unsigned i = 0; i < 16; i++)
        v[i] = check_random(&r->seed);
    for (unsigned i = 0; i < 8; i++)
        d[i] = (double)rig_pick(r, 1000000);
    const uint64_t a[16] = {v[0], v[1], v[2],  v[3],  v[4],  v[5],  v[6],  v[7],
                            v[8], v[9], v[10], v[11], v[12], v[13], v[14], v[15]};
    const double x = d[0], y = d[1], z = d[2], p = d[3], q = d[4], s = d[5], t = d[6], u = d[7];
    const uint64_t result = rig_enter(r, args, 0, entry);
    bool same = x == d[0] && y == d[1] && z == d[2] && p == d[3] && q == d[4] && s == d[5] &&
                t == d[6] && u == d[7];
    for (unsigned i = 0; i < 16; i++)
        same &= a[i] == v[i];
    RIG_CHECK(r, same);
    rig_eq(r, r->current, "result", result, want);
}

static void on_alarm(int number) {
    volatile uint8_t scratch[4096];
    for (unsigned i = 0; i < sizeof scratch; i++)
        scratch[i] = (uint8_t)number;
}

void stack_with_signals(struct rig *r, const uint64_t args[5], uint64_t entry, uint64_t want) {
    const struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    const struct sigaction act = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (unsigned i = 0; i < 40; i++)
        rig_eq(r, r->current, "result, with signals", rig_enter(r, args, 0, entry), want);
    setitimer(ITIMER_REAL, &never, NULL);
}
