/* wrong.c: what is wrong with each of the wrong back ends.
 *
 * An operation is done as the right back end does it, and then something more, less or else. Code
 * of a single machine is added as bytes.
 */
#include "proofs/machine/wrong.h"

#include "proofs/machine/machine.h"
#include "runtime/exec.h"

/* ---- on every machine ---- */

/* struct hooks: the operations of a back end, done wrongly. */
struct hooks {
    const struct jit_arch *right;
    void (*leave)(struct jit_buf *b, const struct jit_frame *f);
    void (*tail)(struct jit_buf *b, const struct jit_frame *f);
    void (*jump)(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance);
    void (*call)(struct jit_buf *b, const struct jit_site *s, unsigned form, int64_t distance);
    uint32_t (*stub)(struct jit_buf *b);
    void (*store)(struct jit_buf *b, const struct jit_mem *m);
};

static struct jit_frame without_r6(const struct jit_frame *f) {
    struct jit_frame other = *f;
    other.saved &= (uint16_t)~(1u << JR_6);
    return other;
}

/* r6 is not restored. Jumps, and calls of functions, go an instruction too far. A trap's way out
 * begins behind what restores the stack pointer. Why it traps is stored on the stack, too. */
#define HOOKS(arch, restore_bytes)                                                                 \
    static void leave_##arch(struct jit_buf *b, const struct jit_frame *f) {                       \
        const struct jit_frame other = without_r6(f);                                              \
        arch.leave(b, &other);                                                                     \
    }                                                                                              \
    static void tail_##arch(struct jit_buf *b, const struct jit_frame *f) {                        \
        const struct jit_frame other = without_r6(f);                                              \
        arch.tail(b, &other);                                                                      \
    }                                                                                              \
    static void jump_##arch(struct jit_buf *b, const struct jit_site *s, unsigned form,            \
                            int64_t distance) {                                                    \
        arch.site(b, s, form, distance + (s->kind == JSITE_JUMP ? arch.insn_bytes : 0));           \
    }                                                                                              \
    static void call_##arch(struct jit_buf *b, const struct jit_site *s, unsigned form,            \
                            int64_t distance) {                                                    \
        arch.site(b, s, form, distance + (s->kind == JSITE_CALL ? arch.insn_bytes : 0));           \
    }                                                                                              \
    static uint32_t stub_##arch(struct jit_buf *b) {                                               \
        return arch.stub(b) + (restore_bytes);                                                     \
    }                                                                                              \
    static void store_##arch(struct jit_buf *b, const struct jit_mem *m) {                         \
        struct jit_mem other = *m;                                                                 \
        arch.store(b, m);                                                                          \
        other.base = JR_SLOTS;                                                                     \
        other.off = 160;                                                                           \
        if (m->base == JR_STATE && m->off == EXEC_TRAP)                                            \
            arch.store(b, &other);                                                                 \
    }
HOOKS(jit_x86_64, 5)
HOOKS(jit_x86_64_base, 5)
HOOKS(jit_arm64, 8)
HOOKS(jit_riscv64, 4)
HOOKS(jit_s390x, 6)

/* clang-format off */
#define OF(arch) {&arch, leave_##arch, tail_##arch, jump_##arch, call_##arch, stub_##arch,         \
                  store_##arch}
static const struct hooks hooks[] = {
    OF(jit_x86_64), OF(jit_x86_64_base), OF(jit_arm64), OF(jit_riscv64), OF(jit_s390x),
};
/* clang-format on */

/* A back end that is not listed stays right: then its defects are missed, and that is noticed. */
static struct hooks hooks_of(const struct jit_arch *a) {
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
        if (hooks[i].right == a)
            return hooks[i];
    return (struct hooks){a, a->leave, a->tail, a->site, a->site, a->stub, a->store};
}

static void forgets(struct jit_arch *a, const struct jit_arch *right) {
    a->leave = hooks_of(right).leave;
    a->tail = hooks_of(right).tail;
}

static void jumps_too_far(struct jit_arch *a, const struct jit_arch *right) {
    a->site = hooks_of(right).jump;
}

static void calls_too_far(struct jit_arch *a, const struct jit_arch *right) {
    a->site = hooks_of(right).call;
}

static void traps_noted(struct jit_arch *a, const struct jit_arch *right) {
    a->store = hooks_of(right).store;
}

static void exits_late(struct jit_arch *a, const struct jit_arch *right) {
    a->stub = hooks_of(right).stub;
}

/* ---- x86-64 ---- */

/* A function that keeps r6 alone keeps it in a register that operations use, r9. */
static bool keeps_r6(const struct jit_frame *f) {
    return !f->calls && f->saved == 1u << JR_6 && !f->n_slots;
}

static void enter_in_r9(struct jit_buf *b, const struct jit_frame *f) {
    static const uint8_t mov_r9_rbx[] = {0x49, 0x89, 0xd9};
    if (keeps_r6(f))
        jit_put_mem(b, mov_r9_rbx, sizeof mov_r9_rbx);
    else
        jit_x86_64.enter(b, f);
}

static void leave_from_r9(struct jit_buf *b, const struct jit_frame *f) {
    static const uint8_t mov_rbx_r9_ret[] = {0x4c, 0x89, 0xcb, 0xc3};
    if (keeps_r6(f))
        jit_put_mem(b, mov_rbx_r9_ret, sizeof mov_rbx_r9_ret);
    else
        jit_x86_64.leave(b, f);
}

static void keeps_in_r9(struct jit_arch *a, const struct jit_arch *right) {
    (void)right;
    a->enter = enter_in_r9;
    a->leave = leave_from_r9;
}

/* An addition spoils its second operand, r6 to r9, where few registers are needed later. */
static void add_spoils(struct jit_buf *b, const struct jit_alu *a) {
    const struct jit_alu other = {
        .op = JOP_MOV, .width = 64, .dst = a->b, .a = a->b, .b = a->b, .imm = true, .k = 12345};
    jit_x86_64.alu(b, a);
    if (a->op == JOP_ADD && !a->imm && a->b >= JR_6 && a->b <= JR_9 && a->b != a->dst &&
        a->dead & (1u << JR_1 | 1u << JR_2))
        jit_x86_64.alu(b, &other);
}

static void spoils_operand(struct jit_arch *a, const struct jit_arch *right) {
    (void)right;
    a->alu = add_spoils;
}

/* ---- arm64 ---- */

/* The result waits where no red zone is. */
static void neg_below(struct jit_buf *b, const struct jit_alu *a) {
    const uint32_t stur = 0xf81383e0, ldur = 0xf85383e0; /* [sp, #-200] */
    jit_arm64.alu(b, a);
    if (a->op == JOP_NEG) {
        jit_put_le32(b, stur | machine_arm64.map[a->dst]);
        jit_put_le32(b, ldur | machine_arm64.map[a->dst]);
    }
}

static void below_stack(struct jit_arch *a, const struct jit_arch *right) {
    (void)right;
    a->alu = neg_below;
}

/* ---- riscv64 ---- */

enum {
    FENCE_R_RW = 0x0230000f,
    FENCE_RW_W = 0x0310000f,
};

/* One instruction, between from and the end, is exchanged for another. */
static void exchange(struct jit_buf *b, uint32_t from, uint32_t was, uint32_t is) {
    for (uint32_t at = from; at + 4 <= b->n; at += 2) {
        uint8_t *const p = b->bytes + at;
        const uint32_t word =
            p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        for (unsigned i = 0; i < 4 && word == was; i++)
            p[i] = (uint8_t)(is >> 8 * i);
    }
}

static void load_releases(struct jit_buf *b, const struct jit_mem *m) {
    const uint32_t from = b->n;
    jit_riscv64.load(b, m);
    exchange(b, from, FENCE_R_RW, FENCE_RW_W);
}

static void store_acquires(struct jit_buf *b, const struct jit_mem *m) {
    const uint32_t from = b->n;
    jit_riscv64.store(b, m);
    exchange(b, from, FENCE_RW_W, FENCE_R_RW);
}

static void swaps_fences(struct jit_arch *a, const struct jit_arch *right) {
    (void)right;
    a->load = load_releases;
    a->store = store_acquires;
}

/* A store-conditional that failed is followed by a load from nowhere. */
static void retry_loads(struct jit_buf *b, const struct jit_atomic *a) {
    const uint8_t *const reg = machine_riscv64.map;
    const uint32_t at = (uint32_t)reg[a->base] << 15, src = (uint32_t)reg[a->src] << 20;
    if (a->rmw != JRMW_CMPXCHG || a->bytes != 8 || a->off) {
        jit_riscv64.atomic(b, a);
        return;
    }
    jit_put_le32(b, 0x160033af | at);                        /* lr.d.aqrl t2, (at) */
    jit_put_le32(b, 0x00039a63 | (uint32_t)reg[JR_0] << 20); /* bne t2, r0, 20 */
    jit_put_le32(b, 0x1e003e2f | at | src);                  /* sc.d.aqrl t3, src, (at) */
    jit_put_le32(b, 0x000e0663);                             /* beqz t3, 12 */
    jit_put_le32(b, 0x000ebe83);                             /* ld t4, 0(t4) */
    jit_put_le32(b, 0xfedff06f);                             /* j -20 */
    jit_put_le32(b, 0x00038013 | (uint32_t)reg[JR_0] << 7);  /* mv r0, t2 */
}

static void looks_around(struct jit_arch *a, const struct jit_arch *right) {
    (void)right;
    a->atomic = retry_loads;
}

/* ---- s390x ---- */

/* bcr 14,0 behind an interlocked update, the last instruction of one with 8 bytes, is left out. */
static void no_fence(struct jit_buf *b, const struct jit_atomic *a) {
    jit_s390x.atomic(b, a);
    if (a->rmw <= JRMW_XOR && a->bytes == 8)
        b->n -= 2;
}

static void leaves_out_fence(struct jit_arch *a, const struct jit_arch *right) {
    (void)right;
    a->atomic = no_fence;
}

/* Something is stored where the caller's registers are saved. */
static void neg_stores(struct jit_buf *b, const struct jit_alu *a) {
    static const uint8_t stg[] = {0xe3, 0x00, 0xf0, 0x38, 0x00, 0x24}; /* stg %r0,56(%r15) */
    jit_s390x.alu(b, a);
    if (a->op == JOP_NEG)
        jit_put_mem(b, stg, sizeof stg);
}

static void stores_above(struct jit_arch *a, const struct jit_arch *right) {
    (void)right;
    a->alu = neg_stores;
}

const struct wrong wrongs[] = {
    {NULL, "FUNCTION", "forgets", "a register that functions keep", forgets},
    {NULL, "TAIL", "forgets", "a register that functions keep", forgets},
    {NULL, "STUB", "exits-late", "a register that is kept", exits_late},
    {NULL, "EXIT", "forgets", "", forgets},
    {NULL, "JA", "too-far", "it goes to another place", jumps_too_far},
    {NULL, "JA32", "too-far", "it goes to another place", jumps_too_far},
    {NULL, "CALL", "trap-stores", "the caller's stack", traps_noted},
    {NULL, "CALL_LOCAL", "too-far", "function called", calls_too_far},
    {"x86-64", "FUNCTION", "in-scratch", "a register that functions keep", keeps_in_r9},
    {"x86-64", "ADD64_REG", "operand", ": r6:", spoils_operand},
    {"arm64", "NEG64", "below-stack", "below the stack pointer", below_stack},
    {"riscv64", "LOAD_ACQ_W", "fence", "a load that does not acquire", swaps_fences},
    {"riscv64", "STORE_REL_W", "fence", "a store that does not release", swaps_fences},
    {"riscv64", "ATOMIC_CMPXCHG64", "looks-around", "a loop that is no retry", looks_around},
    {"s390x", "ATOMIC_FETCH_OR64", "no-fence", "without its order", leaves_out_fence},
    {"s390x", "NEG64", "stores-above", "the caller's stack", stores_above},
};
const unsigned n_wrongs = sizeof wrongs / sizeof *wrongs;
