/* ops_call_test.c: calls and jumps out of a function on the machine itself: to functions of the
 * program and of C, in every form that reaches, and to C functions behind a jump at addresses near
 * and far. A C function sees six arguments and an aligned stack, destroys what it may, and returns
 * a value. */
#include "jit/tests/ops_far.h"
#include "jit/tests/ops_stack.h"

#include <sys/mman.h>

static const struct jit_frame calling = {.calls = true};

static void describe(const struct rig_case *c, char *out, size_t n) {
    static const char *const kinds[] = {"jump",      "branch",    "call",
                                        "call_host", "jump_host", "const"};
    const struct jit_site *const s = &c->u.site;
    snprintf(out, n, "%s form %u, target %#" PRIx64, kinds[s->kind], s->form, s->target);
}

/* ---- C functions that are called ---- */

static uint64_t mix(const uint64_t a[5]) {
    return a[0] + 3 * a[1] + 5 * a[2] + 7 * a[3] + 11 * a[4];
}

static uint64_t host(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                     struct rig_world *w) {
    const uint64_t args[5] = {a, b, c, d, e};
    memcpy(w->seen, args, sizeof args);
    w->seen[5] = (uint64_t)(uintptr_t)w;
    w->seen[6] = stack_offset();
    rig_clobber();
    return mix(args);
}

/* ---- parts ---- */

static struct rig_case *begin(struct rig *r, const struct jit_site *s, unsigned form) {
    struct rig_case *const c = &r->cases[r->n_cases++];
    *c = (struct rig_case){.off = r->b.n, .u.site = *s};
    c->u.site.form = (uint8_t)form;
    r->n_funcs++;
    r->a->enter(&r->b, &calling);
    rig_load_all(r);
    c->op = r->b.n;
    return c;
}

static void put_site(struct rig *r, struct rig_case *c, int64_t distance) {
    const struct jit_site *const s = &c->u.site;
    r->a->site(&r->b, s, s->form, distance);
    c->op_end = r->b.n;
    rig_eq(r, c, "bytes of a site", c->op_end - c->op, r->a->site_bytes(s, s->form));
}

static void end(struct rig *r) {
    rig_store_all(r);
    r->a->leave(&r->b, &calling);
}

/* A call's result, and what every call keeps. */
static void check_call(struct rig *r, const struct rig_case *c) {
    uint64_t args[5];
    memcpy(args, &r->w->in[JR_1], sizeof args);
    rig_same(r, c, JR_0, mix(args), UINT64_MAX);
    for (unsigned i = JR_6; i <= JR_FP; i++)
        rig_same(r, c, i, r->w->in[i], UINT64_MAX);
    rig_same(r, c, JR_STATE, r->w->in[JR_STATE], UINT64_MAX);
}

static void run_host(struct rig *r, const struct rig_case *c) {
    rig_fill(r);
    memset(r->w->seen, 0xee, sizeof r->w->seen);
    rig_call(r, c);
    check_call(r, c);
    for (unsigned i = 0; i < 5; i++)
        rig_eq(r, c, "argument", r->w->seen[i], r->w->in[JR_1 + i]);
    rig_eq(r, c, "sixth argument", r->w->seen[5], (uint64_t)(uintptr_t)r->w);
    rig_eq(r, c, "alignment of the stack", r->w->seen[6], 0);
}

/* ---- functions of the program ---- */

/* r0 as mix has it; the rest of what dies in a call is destroyed. */
static void put_callee(struct rig *r) {
    static const uint8_t factors[] = {1, 3, 5, 7, 11};
    r->a->enter(&r->b, &rig_bare);
    r->a->constant(&r->b, JR_0, 0);
    for (uint8_t i = 0; i < 5; i++) {
        const uint8_t reg = (uint8_t)(JR_1 + i);
        const struct jit_alu mul = {.op = JOP_MUL,
                                    .width = 64,
                                    .dst = reg,
                                    .a = reg,
                                    .imm = true,
                                    .k = factors[i],
                                    .zext = true};
        const struct jit_alu add = {
            .op = JOP_ADD, .width = 64, .dst = JR_0, .a = JR_0, .b = reg, .zext = true};
        r->a->alu(&r->b, &mul);
        r->a->alu(&r->b, &add);
        r->a->constant(&r->b, reg, UINT64_C(0xdddddddddddddddd));
    }
    r->a->constant(&r->b, JR_T0, UINT64_C(0xdddddddddddddddd));
    r->a->constant(&r->b, JR_T1, UINT64_C(0xdddddddddddddddd));
    r->a->leave(&r->b, &rig_bare);
}

static void run_call(struct rig *r, const struct rig_case *c) {
    rig_fill(r);
    rig_call(r, c);
    check_call(r, c);
}

static void test_calls(struct rig *r) {
    const struct jit_site s = {.kind = JSITE_CALL};
    for (unsigned form = 0; form < JSITE_FORMS && r->a->site_bytes(&s, form); form++)
        for (unsigned backward = 0; backward < 2; backward++) {
            int64_t distance = 0;
            const uint32_t start = r->b.n;
            struct rig_case *c = NULL;
            for (unsigned pass = 0; pass < 2; pass++) {
                r->n_cases -= pass;
                r->b.n = start;
                if (backward)
                    put_callee(r);
                c = begin(r, &s, form);
                put_site(r, c, distance);
                end(r);
                distance = (backward ? (int64_t)start : (int64_t)r->b.n) - c->op;
                if (!backward)
                    put_callee(r);
            }
            RIG_CHECK(r, r->a->site_fits(&s, form, distance));
        }
    rig_run(r, run_call);
}

/* ---- the ends of a call's reach ---- */

static void run_far(struct rig *r, struct far *f, unsigned form, int64_t distance) {
    const uint64_t none[5] = {0};
    const struct jit_site s = {.kind = JSITE_CALL};
    r->n_cases = r->b.n = 0;
    struct rig_case *const c = begin(r, &s, form);
    put_site(r, c, distance);
    end(r);
    const uint32_t n = r->b.n;
    put_callee(r);
    const uint64_t at = far_base(f, distance);
    far_put(f, at - c->op, r->b.bytes, n);
    far_put(f, at + (uint64_t)distance, r->b.bytes + n, r->b.n - n);
    rig_seal(r);
    rig_fill(r);
    r->current = c;
    rig_enter(r, none, 0, at - c->op);
    check_call(r, c);
    r->current = NULL;
    r->n_cases = r->b.n = 0;
}

static void test_far_calls(struct rig *r) {
    const struct jit_site s = {.kind = JSITE_CALL};
    struct far f;
    const bool room = far_init(&f);
    RIG_CHECK(r, room);
    for (unsigned form = 0; room && form < JSITE_FORMS && r->a->site_bytes(&s, form); form++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const int64_t reach = far_reach(r, &s, form, sign);
            if (reach < 8192)
                continue;
            run_far(r, &f, form, sign * reach);
            run_far(r, &f, form, sign * (reach - r->a->insn_bytes));
            run_far(r, &f, form, sign * (reach / 2 & -16));
        }
    if (room)
        far_fini(&f);
}

/* ---- C functions ---- */

/* The site in every form: run where it reaches, else only measured. */
static void add_host(struct rig *r, uint8_t kind, uint64_t target) {
    const struct jit_site s = {.kind = kind, .target = target};
    unsigned reached = 0;
    for (unsigned form = 0; form < JSITE_FORMS && r->a->site_bytes(&s, form); form++) {
        struct rig_case *const c = begin(r, &s, form);
        const int64_t distance = (int64_t)(target - rig_addr(r, c->op));
        const bool fits = r->a->site_fits(&s, form, distance);
        reached += fits;
        put_site(r, c, fits ? distance : 0);
        end(r);
        if (!fits) {
            r->n_cases--;
            r->b.n = c->off;
        }
    }
    RIG_CHECK(r, reached > 0);
}

/* A page of code near an address, NULL if there is none to be had. */
static uint8_t *map_code(uint64_t hint, const struct jit_buf *b) {
    uint8_t *const p = mmap((uint8_t *)(uintptr_t)hint, 4096, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    memcpy(p, b->bytes, b->n);
    __builtin___clear_cache((char *)p, (char *)p + b->n);
    return mprotect(p, 4096, PROT_READ | PROT_EXEC) ? NULL : p;
}

/* Code that jumps to a C function, wherever it lies, and changes nothing that C knows at a call.
 * Not JSITE_JUMP_HOST, which need not keep a sixth argument. */
static void put_trampoline(struct jit_buf *b, uint64_t target) {
#if defined(__x86_64__) /* jmp *0(%rip) */
    static const uint8_t code[] = {0xff, 0x25, 0, 0, 0, 0};
#elif defined(__aarch64__) /* ldr x16, .+8; br x16 */
    static const uint8_t code[] = {0x50, 0, 0, 0x58, 0, 0x02, 0x1f, 0xd6};
#elif defined(__riscv)     /* auipc t6, 0; ld t6, 16(t6); jr t6; ebreak */
    static const uint8_t code[] = {0x97, 0x0f, 0,    0, 0x83, 0xbf, 0x0f, 0x01,
                                   0x67, 0x80, 0x0f, 0, 0x73, 0,    0x10, 0};
#else                      /* lgrl %r1, .+8; br %r1 */
    static const uint8_t code[] = {0xc4, 0x18, 0, 0, 0, 0x04, 0x07, 0xf1};
#endif
    jit_put_mem(b, code, sizeof code);
    jit_put_mem(b, &target, sizeof target);
}

/* The driver's own registers mean nothing where generated code is left. */
static void run_jump(struct rig *r, const struct rig_case *c) {
    rig_fill(r);
    rig_call(r, c);
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        if (i != JR_T0 && i != JR_T1)
            rig_same(r, c, i, r->w->in[i], UINT64_MAX);
}

/* Calls to where a trampoline is, and jumps to where all is stored and returned. */
static void test_place(struct rig *r, uint64_t hint, unsigned *exact) {
    struct jit_buf b;
    jit_buf_init(&b);
    put_trampoline(&b, (uint64_t)(uintptr_t)host);
    uint8_t *const call = map_code(hint, &b);
    const struct jit_buf code = r->b;
    b.n = 0;
    r->b = b;
    end(r);
    uint8_t *const jump = map_code(hint + 4096, &r->b);
    b = r->b;
    r->b = code;
    RIG_CHECK(r, call && jump);
    *exact += (uint64_t)(uintptr_t)call == hint;
    if (call && jump) {
        add_host(r, JSITE_CALL_HOST, (uint64_t)(uintptr_t)call);
        rig_run(r, run_host);
        add_host(r, JSITE_JUMP_HOST, (uint64_t)(uintptr_t)jump);
        rig_run(r, run_jump);
        munmap(call, 4096);
        munmap(jump, 4096);
    }
    jit_buf_fini(&b);
}

static void test_places(struct rig *r) {
    static const uint64_t absolute[] = {
        0x20000,        0x100000,       0x7f000000,     0x7ffe0000,     0x80000000,
        0xfff00000,     0x100000000,    0x110000000,    0x123456000,    0x4000000000,
        0x123456789000, 0x5a5a5a5a5000, 0x0fffffff0000, 0x200000000000, 0x3000ffff0000,
    };
    static const int64_t relative[] = {
        1 << 21,          -(1 << 21),          32 << 20,         -(32 << 20), 100 << 20,
        -(100 << 20),     200 << 20,           -(200 << 20),     1 << 30,     -(1 << 30),
        INT64_C(3) << 30, -(INT64_C(3) << 30), INT64_C(5) << 30,
    };
    unsigned exact = 0;
    for (unsigned i = 0; i < sizeof absolute / sizeof *absolute; i++)
        test_place(r, absolute[i], &exact);
    for (unsigned i = 0; i < sizeof relative / sizeof *relative; i++)
        test_place(r, (uint64_t)(uintptr_t)r->mem + (uint64_t)relative[i], &exact);
    printf("%u addresses as wished\n", exact);
}

int main(void) {
    struct rig r;
    const char *const why = rig_init(&r, describe);
    if (why)
        return check_skip(why);
    test_calls(&r);
    test_far_calls(&r);
    for (unsigned i = 0; i < 20; i++)
        add_host(&r, JSITE_CALL_HOST, (uint64_t)(uintptr_t)host);
    rig_run(&r, run_host);
    test_places(&r);
    return rig_end_test(&r);
}
