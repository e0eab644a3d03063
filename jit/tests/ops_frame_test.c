/* ops_frame_test.c: frames and the stub on the machine itself: what a function sees when it is
 * entered, every set of registers kept with every number of slots, calls that nest and recur, tail
 * calls, C functions that enter again, traps from any depth, and C's own registers around it all.
 */
#include "jit/tests/ops_stack.h"

/* ---- entry ---- */

static void test_entry(struct rig *r) {
    const uint64_t args[5] = {11, UINT64_MAX, 33, UINT64_C(1) << 63, 55};
    const uint64_t fp = UINT64_C(0x123456789abcdef0);
    struct rig_case *const c = stack_begin(r, "entry");
    r->a->enter(&r->b, &rig_bare);
    rig_store_all(r);
    r->a->constant(&r->b, JR_0, UINT64_C(0xfeedfacecafebeef));
    r->a->leave(&r->b, &rig_bare);
    rig_seal(r);
    r->current = c;
    r->w->in[JR_STATE] = (uint64_t)(uintptr_t)r->w;
    r->w->x.sp = 4321;
    rig_eq(r, c, "result", rig_enter(r, args, fp, rig_addr(r, c->off)),
           UINT64_C(0xfeedfacecafebeef));
    rig_same(r, c, JR_0, 0, UINT64_MAX);
    for (unsigned i = 0; i < 5; i++)
        rig_same(r, c, JR_1 + i, args[i], UINT64_MAX);
    for (unsigned i = JR_6; i <= JR_9; i++)
        rig_same(r, c, i, 0, UINT64_MAX);
    rig_same(r, c, JR_FP, fp, UINT64_MAX);
    rig_same(r, c, JR_STATE, r->w->in[JR_STATE], UINT64_MAX);
    rig_eq(r, c, "exec.sp after", r->w->x.sp, 4321);
    stack_reset(r);
}

/* ---- frames ---- */

/* A function with a frame destroys all that it may, its slots included, and calls C if it may. */
static void put_callee(struct rig *r, const struct jit_frame *f) {
    r->a->enter(&r->b, f);
    for (uint8_t reg = 0; reg < N_RIG_REGS; reg++)
        if (reg < JR_6 || reg >= JR_T0 || f->saved >> reg & 1)
            r->a->constant(&r->b, reg, UINT64_C(0xdddddddddddddd00) + reg);
    for (uint8_t i = 0; i < f->n_slots; i++)
        stack_slot(r, false, (uint8_t)(JR_1 + i % 5), i);
    if (f->calls)
        stack_call_host(r, stack_check);
    r->a->leave(&r->b, f);
}

/* The caller has a frame of its own, whose slots must keep what it wrote to the last of them. */
static unsigned watched(const struct jit_frame *caller) {
    return caller->n_slots < 4 ? caller->n_slots : 4;
}

static struct rig_case *put_pair(struct rig *r, const struct jit_frame *f,
                                 const struct jit_frame *caller) {
    const uint32_t callee = r->b.n;
    put_callee(r, f);
    struct rig_case *const c = stack_begin(r, "frame");
    c->u.alu.k = f->saved | f->n_slots << 16 | f->calls << 24;
    r->a->enter(&r->b, caller);
    rig_load_all(r);
    for (uint8_t i = 0; i < watched(caller); i++)
        stack_slot(r, false, (uint8_t)(JR_6 + i), caller->n_slots - 1u - i);
    c->op = r->b.n;
    stack_call(r, callee);
    c->op_end = r->b.n;
    rig_store_all(r);
    for (uint8_t i = 0; i < watched(caller); i++) {
        stack_slot(r, true, JR_T0, caller->n_slots - 1u - i);
        rig_world_op(r, false, JR_T0, offsetof(struct rig_world, seen) + 8u * i);
    }
    r->a->leave(&r->b, caller);
    return c;
}

static void test_pair(struct rig *r, struct jit_frame f, unsigned n_slots) {
    const struct jit_frame caller = {.n_slots = (uint8_t)n_slots, .calls = true};
    const struct rig_case *const c = put_pair(r, &f, &caller);
    rig_seal(r);
    rig_fill(r);
    r->w->depth = 0;
    rig_call(r, c);
    rig_eq(r, c, "calls of C", r->w->depth, f.calls);
    for (unsigned i = JR_6; i <= JR_FP; i++)
        rig_same(r, c, i, r->w->in[i], UINT64_MAX);
    rig_same(r, c, JR_STATE, r->w->in[JR_STATE], UINT64_MAX);
    rig_same(r, c, JR_0, f.calls ? STACK_RESULT : UINT64_C(0xdddddddddddddd00), UINT64_MAX);
    for (unsigned i = 0; i < watched(&caller); i++)
        rig_eq(r, c, "slot of the caller", r->w->seen[i], r->w->in[JR_6 + i]);
    stack_reset(r);
}

/* Few slots, and as many as change how their room is made: 128 bytes, 256, the most. */
static void test_frames(struct rig *r) {
    static const uint8_t slots[] = {0, 1, 2, 3, 4, 5, 6, 14, 15, 16, 17, 31, 32, 33, 255};
    enum {
        N_SLOTS = sizeof slots
    };
    for (unsigned i = 0; i < 16 * N_SLOTS * 2 * 5; i++) {
        const struct jit_frame f = {.saved = (uint16_t)((i & 15) << JR_6),
                                    .n_slots = slots[i / 16 % N_SLOTS],
                                    .calls = i / (16 * N_SLOTS) & 1};
        test_pair(r, f, i / (32 * N_SLOTS));
    }
    for (unsigned i = 0; i < 1000; i++) {
        const struct jit_frame f = {.saved = (uint16_t)((i & 15) << JR_6),
                                    .n_slots = (uint8_t)rig_pick(r, 256),
                                    .calls = i / 16 & 1};
        test_pair(r, f, i & 32 ? 255 : rig_pick(r, 256));
    }
}

/* ---- recursion ---- */

/* fib(r1): r6 keeps the argument, r7 or a slot the first result. */
static uint32_t put_fib(struct rig *r, const struct jit_frame *f) {
    const uint32_t start = r->b.n;
    r->a->enter(&r->b, f);
    stack_alu(r, JOP_MOV, JR_0, JR_NONE, JR_1, 0);
    const uint32_t branch = r->b.n;
    uint32_t leaf = branch;
    for (unsigned pass = 0; pass < 2; pass++) {
        r->b.n = branch;
        stack_branch(r, JC_ULT, JR_1, 2, leaf);
        stack_alu(r, JOP_MOV, JR_6, JR_NONE, JR_1, 0);
        stack_alu(r, JOP_SUB, JR_1, JR_6, JR_NONE, 1);
        stack_call(r, start);
        if (f->n_slots)
            stack_slot(r, false, JR_0, f->n_slots - 1u);
        else
            stack_alu(r, JOP_MOV, JR_7, JR_NONE, JR_0, 0);
        stack_alu(r, JOP_SUB, JR_1, JR_6, JR_NONE, 2);
        stack_call(r, start);
        if (f->n_slots)
            stack_slot(r, true, JR_7, f->n_slots - 1u);
        stack_alu(r, JOP_ADD, JR_0, JR_0, JR_7, 0);
        leaf = r->b.n;
    }
    r->a->leave(&r->b, f);
    return start;
}

static void test_recursion(struct rig *r) {
    static const uint8_t sizes[] = {0, 1, 2, 3, 4, 61, 62, 63, 64, 100, 255};
    for (unsigned i = 0; i < sizeof sizes; i++) {
        const uint8_t slots = sizes[i];
        const struct jit_frame f = {
            .saved = 1 << JR_6 | 1 << JR_7, .n_slots = slots, .calls = true};
        struct rig_case *const c = stack_begin(r, "fib");
        const uint32_t start = put_fib(r, &f);
        c->op_end = r->b.n;
        rig_seal(r);
        r->current = c;
        const uint64_t args[5] = {20};
        rig_eq(r, c, "fib(20)", rig_enter(r, args, 0, rig_addr(r, start)), 6765);
        stack_with_signals(r, args, rig_addr(r, start), 6765);
        stack_live(r, args, rig_addr(r, start), 6765);
        stack_reset(r);
    }
}

/* ---- tail calls ---- */

/* A function with a frame puts the address of another to T0 and leaves for it. */
static void test_tail(struct rig *r, const struct jit_frame *f) {
    const uint32_t other = r->b.n;
    r->a->enter(&r->b, &rig_bare);
    rig_store_all(r);
    stack_alu(r, JOP_MOV, JR_0, JR_NONE, JR_1, 0);
    r->a->leave(&r->b, &rig_bare);
    const uint32_t callee = r->b.n;
    r->a->enter(&r->b, f);
    for (uint8_t reg = JR_6; reg <= JR_9; reg++)
        if (f->saved >> reg & 1)
            r->a->constant(&r->b, reg, UINT64_C(0xdddddddddddddddd));
    for (uint8_t i = 0; i < f->n_slots; i++)
        stack_slot(r, false, JR_6, i);
    r->a->constant(&r->b, JR_T0, rig_addr(r, other));
    r->a->tail(&r->b, f);
    const struct jit_frame caller = {.calls = true};
    struct rig_case *const c = stack_begin(r, "tail");
    c->u.alu.k = f->saved | f->n_slots << 16 | f->calls << 24;
    r->a->enter(&r->b, &caller);
    rig_load_all(r);
    stack_call(r, callee);
    c->op_end = r->b.n;
    rig_world_op(r, false, JR_0, offsetof(struct rig_world, seen));
    r->a->leave(&r->b, &caller);
    rig_seal(r);
    rig_fill(r);
    rig_call(r, c);
    rig_eq(r, c, "result", r->w->seen[0], r->w->in[JR_1]);
    rig_same(r, c, JR_1, r->w->in[JR_1], UINT64_MAX);
    for (unsigned i = JR_6; i <= JR_FP; i++)
        rig_same(r, c, i, r->w->in[i], UINT64_MAX);
    rig_same(r, c, JR_STATE, r->w->in[JR_STATE], UINT64_MAX);
    stack_reset(r);
}

/* ---- traps ---- */

/* r1 calls deep, then the way out: back in C, with r0 and exec.sp as before the entry. */
static uint32_t put_trap(struct rig *r, const struct jit_frame *f) {
    const uint32_t start = r->b.n;
    r->a->enter(&r->b, f);
    for (uint8_t reg = JR_6; reg <= JR_9; reg++)
        if (f->saved >> reg & 1)
            r->a->constant(&r->b, reg, UINT64_C(0xdddddddddddddddd));
    const uint32_t branch = r->b.n;
    uint32_t leaf = branch;
    for (unsigned pass = 0; pass < 2; pass++) {
        r->b.n = branch;
        stack_branch(r, JC_EQ, JR_1, 0, leaf);
        stack_alu(r, JOP_SUB, JR_1, JR_1, JR_NONE, 1);
        stack_call(r, start);
        r->a->leave(&r->b, f);
        leaf = r->b.n;
    }
    r->a->constant(&r->b, JR_0, 777);
    stack_exit(r);
    return start;
}

static void test_traps(struct rig *r, const struct jit_frame *f) {
    struct rig_case *const c = stack_begin(r, "trap");
    c->u.alu.k = f->saved | f->n_slots << 16 | f->calls << 24;
    const uint32_t start = put_trap(r, f);
    /* and a function that has C enter the other: r1 its address, r2 the depth */
    const struct jit_frame keeps = {.saved = 0x3c0, .n_slots = 2, .calls = true};
    const uint32_t outer = r->b.n;
    r->a->enter(&r->b, &keeps);
    for (uint8_t reg = JR_6; reg <= JR_9; reg++)
        r->a->constant(&r->b, reg, 0x1111u * reg);
    stack_slot(r, false, JR_9, 1);
    stack_call_host(r, stack_reenter);
    for (uint8_t reg = JR_6; reg <= JR_9; reg++)
        stack_alu(r, JOP_ADD, JR_0, JR_0, reg, 0);
    stack_slot(r, true, JR_1, 1);
    stack_alu(r, JOP_ADD, JR_0, JR_0, JR_1, 0);
    r->a->leave(&r->b, &keeps);
    c->op_end = r->b.n;
    rig_seal(r);
    r->current = c;
    for (uint64_t depth = 0; depth < 6; depth++) {
        const uint64_t args[5] = {depth};
        r->w->x.sp = 99;
        rig_eq(r, c, "r0 after a trap", rig_enter(r, args, 0, rig_addr(r, start)), 777);
        rig_eq(r, c, "exec.sp after a trap", r->w->x.sp, 99);
        stack_live(r, args, rig_addr(r, start), 777);
        const uint64_t nested[5] = {rig_addr(r, start), depth};
        const uint64_t want = 777 + 1 + 0x1111 * (6 + 7 + 8 + 9 + 9);
        rig_eq(r, c, "entered again", rig_enter(r, nested, 0, rig_addr(r, outer)), want);
        rig_eq(r, c, "exec.sp after it", r->w->x.sp, 99);
        rig_eq(r, c, "exec.sp within, between", r->w->seen[8] != 99 && r->w->seen[9], 1);
        stack_live(r, nested, rig_addr(r, outer), want);
    }
    stack_reset(r);
}

int main(void) {
    struct rig r;
    const char *const why = rig_init(&r, stack_describe);
    if (why)
        return check_skip(why);
    test_entry(&r);
    test_frames(&r);
    test_recursion(&r);
    for (unsigned i = 0; i < 16 * 5 * 2; i++) {
        struct jit_frame f = {.saved = (uint16_t)((i & 15) << JR_6),
                              .n_slots = (uint8_t)(i / 16 % 5),
                              .calls = i >= 80};
        test_tail(&r, &f);
        f.n_slots = (uint8_t)(i % 8 ? f.n_slots : 100 + i / 2);
        f.calls = true;
        test_traps(&r, &f);
    }
    return rig_end_test(&r);
}
