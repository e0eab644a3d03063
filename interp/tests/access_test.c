/* access_test.c: every load, store and atomic row, at and over every edge of an object, aligned or
 * not, in both byte orders; what a refused access ends in. */
#include "interp/tests/rig.h"

enum {
    OBJ = 24, /* bytes of the object that r1 points into; 8 of its neighbour follow at once */
};

static uint64_t setup(struct rig *r) {
    uint8_t bytes[OBJ], more[8];
    for (int i = 0; i < OBJ; i++)
        bytes[i] = (uint8_t)(0x81 + 13 * i);
    memset(more, 0xee, sizeof more);
    const uint64_t at = world_set_mem(r->w, bytes, OBJ);
    CHECK(world_set_mem(r->w, more, sizeof more) == at + OBJ);
    return at;
}

/* struct outcome: what r2 and the memory hold after an access. */
struct outcome {
    uint64_t r2, mem;
};

/* Of an access that is allowed. old: what the memory held; r2: the other operand. */
static struct outcome expect(enum op op, int32_t imm, uint64_t old, uint64_t r2) {
    const struct op_info *row = &op_table[op];
    const uint64_t mask = row->width_bits == 64 ? UINT64_MAX : (UINT64_C(1) << row->width_bits) - 1;
    const uint64_t sext = (old ^ (mask / 2 + 1)) - (mask / 2 + 1);
    switch (row->cls) {
    case CLASS_LDX: return (struct outcome){row->sign ? sext : old, old};
    case CLASS_ATOMIC_LOAD: return (struct outcome){old, old};
    case CLASS_ST: return (struct outcome){r2, (uint64_t)(int64_t)imm & mask};
    case CLASS_ATOMIC_RMW:
        return (struct outcome){row->src_rule == FIELD_WREG ? old : r2,
                                op_eval_atomic(op, old, r2)};
    case CLASS_ATOMIC_XCHG: return (struct outcome){old, r2 & mask};
    case CLASS_ATOMIC_CMPXCHG: return (struct outcome){r2, old}; /* r0 is not what memory holds */
    default: return (struct outcome){r2, r2 & mask};
    }
}

/* One instruction on [r1 + off] with r2 as the other operand; r0 = r2 afterwards. */
static void run_one(enum op op, int off, bool big) {
    const struct op_info *row = &op_table[op];
    const unsigned n = row->width_bits / 8;
    const bool load = row->cls == CLASS_LDX || row->cls == CLASS_ATOMIC_LOAD;
    struct insn in = {.code = row->code, .off = (int16_t)off, .imm = row->imm_fixed};
    in.dst = load ? 2 : 1;
    in.src = load ? 1 : row->src_rule == FIELD_ZERO ? 0 : 2;
    if (row->imm_rule == FIELD_ANY)
        in.imm = -0x12345678;
    const struct insn insns[] = {{.code = 0xb7, .dst = 0, .imm = 5}, /* r0, for cmpxchg */
                                 in,
                                 {.code = 0xbf, .dst = 0, .src = 2},
                                 {.code = 0x95}};
    struct rig r;
    if (!rig_insns(&r, insns, 4, big))
        return;
    const uint64_t mem = setup(&r), value = UINT64_C(0x8877665544332211);
    r.job.args[0] = mem;
    r.job.args[1] = value;
    const bool atomic = row->cls >= CLASS_ATOMIC_RMW && row->cls <= CLASS_ATOMIC_STORE;
    const bool inside = off >= 0 && off + (int)n <= OBJ;
    uint8_t *host = r.w->mem + world_off(mem);
    uint8_t before[OBJ];
    memcpy(before, host, OBJ);

    const struct run_end end = rig_run(&r, NULL);
    if (atomic && (mem + (uint64_t)(int64_t)off) % n) {
        CHECK_EQ(end.kind, RUN_TRAP_ALIGN);
    } else if (!inside) {
        CHECK_EQ(end.kind, RUN_TRAP_MEMORY);
        CHECK_EQ(end.addr, mem + (uint64_t)(int64_t)off);
        CHECK_EQ(end.pc, 1);
        CHECK(!memcmp(before, host, OBJ));
    } else {
        CHECK_EQ(end.kind, RUN_EXIT);
        uint64_t old = 0, now = 0; /* as integers of the world's order */
        for (unsigned i = 0; i < n; i++) {
            const unsigned shift = 8 * (big ? n - 1 - i : i);
            old |= (uint64_t)before[off + (int)i] << shift;
            now |= (uint64_t)host[off + (int)i] << shift;
        }
        const struct outcome want = expect(op, in.imm, old, value);
        CHECK_EQ(end.r0, want.r2);
        CHECK_EQ(now, want.mem);
        for (int i = 0; i < OBJ; i++)
            if (i < off || i >= off + (int)n)
                CHECK_EQ(host[i], before[i]);
    }
    rig_fini(&r);
}

static void test_edges(void) {
    int rows = 0;
    for (int op = 0; op < N_OPS; op++) {
        const uint8_t cls = op_table[op].cls;
        if (cls != CLASS_LDX && cls != CLASS_STX && cls != CLASS_ST &&
            !(cls >= CLASS_ATOMIC_RMW && cls <= CLASS_ATOMIC_STORE))
            continue;
        rows++;
        check_note(op_table[op].id);
        for (int off = -9; off < OBJ; off++)
            for (int big = 0; big < 2; big++)
                run_one((enum op)op, off, big);
    }
    check_note(NULL);
    CHECK_EQ(rows, 7 + 4 + 4 + 8 * 2 + 2 + 2 + 8);
}

static void test_cmpxchg(void) {
    rig_expect("r1 = 7\n*(u64 *)(r10 - 8) = r1\nr0 = 7\nr2 = 9\nr0 = cmpxchg_64(r10 - 8, r0, r2)\n"
               "if r0 != 7 goto bad\nr0 = *(u64 *)(r10 - 8)\nexit\nbad: r0 = -1\nexit",
               RUN_EXIT, 7, 9);
    /* 32 bits: only the low half of r0 counts, and r0 is zero-extended on success too. */
    rig_expect(
        "r1 = 7\n*(u32 *)(r10 - 8) = r1\nr0 = 0x100000007 ll\nr2 = 9\n"
        "w0 = cmpxchg32_32(r10 - 8, w0, w2)\nif r0 != 7 goto bad\nr0 = *(u32 *)(r10 - 8)\nexit\n"
        "bad: r0 = -1\nexit",
        RUN_EXIT, 8, 9);
}

/* Bad addresses of all sorts: the kind of trap, and where. */
static void test_bad_addresses(void) {
    rig_expect("r1 = 0\nr0 = *(u8 *)(r1 + 0)\nexit", RUN_TRAP_NULL, 1, 0);
    rig_expect("r1 = 0\nr0 = *(u64 *)(r1 + 4088)\nexit", RUN_TRAP_NULL, 1, 0);
    rig_expect("r1 = 0\n*(u8 *)(r1 + 4096) = 1\nexit", RUN_TRAP_MEMORY, 1, 0);
    rig_expect("r1 = -1\nr0 = *(u64 *)(r1 + 0)\nexit", RUN_TRAP_MEMORY, 1, 0);
    rig_expect("r1 = -1\nr0 = *(u64 *)(r1 + 2)\nexit", RUN_TRAP_NULL, 1, 0);
    rig_expect("r1 = 0x1fffffffffff ll\nr0 = *(u16 *)(r1 + 0)\nexit", RUN_TRAP_MEMORY, 2, 0);
    rig_expect("r1 = 0x200000000000 ll\nr0 = *(u8 *)(r1 + 0)\nexit", RUN_TRAP_MEMORY, 2, 0);
    rig_expect("r0 = *(u8 *)(r10 + 0)\nexit", RUN_TRAP_MEMORY, 0, 0);
    rig_expect("r0 = *(u64 *)(r10 - 4)\nexit", RUN_TRAP_MEMORY, 0, 0);
    rig_expect("*(u8 *)(r10 - 512) = 1\nr0 = *(u8 *)(r10 - 512)\nexit", RUN_EXIT, 2, 1);
    rig_expect("*(u8 *)(r10 - 513) = 1\nexit", RUN_TRAP_MEMORY, 0, 0);
    /* The frame of a call that has not been made, or is over, is no memory. */
    rig_expect("*(u8 *)(r10 + 100) = 1\nexit", RUN_TRAP_MEMORY, 0, 0);
    rig_expect("call local f\n*(u8 *)(r10 + 575) = 1\nexit\nf: *(u8 *)(r10 - 1) = 1\nexit",
               RUN_TRAP_MEMORY, 1, 0);
    rig_expect("call local f\nexit\nf: *(u8 *)(r10 - 1) = 7\nr0 = *(u8 *)(r10 - 1)\nexit", RUN_EXIT,
               1, 7);
    /* A callee may use the caller's frame through a pointer. */
    rig_expect("r1 = r10\nr1 += -8\ncall local f\nr0 = *(u64 *)(r10 - 8)\nexit\nf: *(u64 *)(r1 + "
               "0) = 42\nexit",
               RUN_EXIT, 4, 42);
}

/* What a helper is given must be accessible to the program: get_current_comm (16) into the frame in
 * use, into one that is not, and from a callee into its caller's. */
static void test_helper_arguments(void) {
    rig_expect("r1 = r10\nr1 += -16\nr2 = 16\ncall 16\nexit", RUN_EXIT, 4, 0);
    rig_expect("r1 = r10\nr1 += 64\nr2 = 16\ncall 16\nexit", RUN_TRAP_MEMORY, 3, 0);
    rig_expect("r1 = r10\nr1 += -16\ncall local f\nexit\nf: r2 = 16\ncall 16\nexit", RUN_EXIT, 3,
               0);
    rig_expect("call local f\nr1 = r10\nr1 += 64\nr2 = 16\ncall 16\nexit\n"
               "f: r1 = r10\nr1 += -16\nr2 = 16\ncall 16\nexit",
               RUN_TRAP_MEMORY, 4, 0);
}

int main(void) {
    test_helper_arguments();
    test_edges();
    test_cmpxchg();
    test_bad_addresses();
    return rig_end();
}
