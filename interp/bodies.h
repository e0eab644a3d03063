/* bodies.h: what each cell does and where it goes on, for every way of dispatching. Included after
 * steps.h, with these defined:
 *
 *   OP(op)         opens the body of an operation: a function, or a case
 *   OP_BACK(op)    the same for the backward form of a jump
 *   NEXT(n)        go on to the cell n further
 *   GOTO(cell)     go on at a cell
 *   HALT()         the run is over, st->end is written
 *   SLOW_ACCESS()  the shadow refused this cell's memory access: do it the slow way, go on
 *   BIG, SWAP      is the world big-endian? does its order differ from the host's?
 *
 * A body sees pc (its cell), st, mem, limit, fuel and frame, and may change the last three. Nothing
 * falls out of its end.
 */

/* clang-format off */
#define STOP(kind, addr)                                                                           \
    do {                                                                                           \
        interp_stop(st, pc, (kind), (addr));                                                       \
        HALT();                                                                                    \
    } while (0)

/* ---- straight instructions ---- */
#define STRAIGHT(op)                                                                               \
    OP(op) {                                                                                       \
        if (!do_##op(pc, st, mem, limit, BIG, SWAP))                                               \
            SLOW_ACCESS();                                                                         \
        NEXT(1);                                                                                   \
    }
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    STRAIGHT(op##32_IMM) STRAIGHT(op##32_REG) STRAIGHT(op##64_IMM) STRAIGHT(op##64_REG)
#define ALU_UNARY(op, name, sym, code, group, expr) STRAIGHT(op##32) STRAIGHT(op##64)
#define ALU_SEXT(op, width, bits, name, expr) STRAIGHT(op##_##width)
#define ALU_END(op, name, sym, code, bits, group, expr) STRAIGHT(op)
#define ALU_CAST(op, name, imm, dst_as, src_as, expr) STRAIGHT(op)
#include "isa/alu.def"
#define MEM_LDX(op, name, size, code, ext, group) STRAIGHT(op)
#define MEM_STX(op, name, size, code, group) STRAIGHT(op)
#define MEM_ST(op, name, size, code, group) STRAIGHT(op)
#define MEM_IMM64(op, name, src, lo, hi)                                                           \
    OP(op) {                                                                                       \
        REG(dst) = (uint64_t)pc->imm;                                                              \
        NEXT(2);                                                                                   \
    }
/* LD_ABS outside the packet leaves the function as if by r0 = 0; exit. */
#define INDEX_ABS 0
#define INDEX_IND REG(src)
#define MEM_PKT(op, name, size, code, mode)                                                        \
    OP(op) {                                                                                       \
        const uint32_t at = (uint32_t)pc->imm + (uint32_t)INDEX_##mode;                            \
        if (ctx_ld_abs(st->w, (int32_t)at, size, &R(0)))                                           \
            NEXT(1);                                                                               \
        R(0) = 0;                                                                                  \
        LEAVE(N_KEPT);                                                                             \
    }
#define ATOMIC_RMW(op, name, sym, imm, fetch, expr) STRAIGHT(op##32) STRAIGHT(op##64)
#define ATOMIC_XCHG(op, name, imm) STRAIGHT(op##32) STRAIGHT(op##64)
#define ATOMIC_CMPXCHG(op, name, imm) STRAIGHT(op##32) STRAIGHT(op##64)
#define ATOMIC_LOAD(op, name, size, code) STRAIGHT(op)
#define ATOMIC_STORE(op, name, size, code) STRAIGHT(op)
#include "isa/atomic.def"

/* ---- jumps; the backward forms pay for it ---- */
#define TARGET ((const struct cell *)(const void *)((const char *)pc + pc->x))
#define PAY()                                                                                      \
    do {                                                                                           \
        if (__builtin_expect(fuel == 0, 0))                                                        \
            STOP(RUN_TRAP_FUEL, 0);                                                                \
        fuel--;                                                                                    \
    } while (0)
#define FREE() ((void)0)
#define BRANCH(op, pay)                                                                            \
    {                                                                                              \
        if (test_##op(pc, st)) {                                                                   \
            pay();                                                                                 \
            GOTO(TARGET);                                                                          \
        }                                                                                          \
        NEXT(1);                                                                                   \
    }
#define JMP_COND(op, name, sym, code, expr)                                                        \
    OP(op##64_IMM) BRANCH(op##64_IMM, FREE) OP_BACK(op##64_IMM) BRANCH(op##64_IMM, PAY)            \
    OP(op##64_REG) BRANCH(op##64_REG, FREE) OP_BACK(op##64_REG) BRANCH(op##64_REG, PAY)            \
    OP(op##32_IMM) BRANCH(op##32_IMM, FREE) OP_BACK(op##32_IMM) BRANCH(op##32_IMM, PAY)            \
    OP(op##32_REG) BRANCH(op##32_REG, FREE) OP_BACK(op##32_REG) BRANCH(op##32_REG, PAY)
#define JUMP(pay)                                                                                  \
    {                                                                                              \
        pay();                                                                                     \
        GOTO(TARGET);                                                                              \
    }
#define JMP_ALWAYS(op, name, code, reach) OP(op) JUMP(FREE) OP_BACK(op) JUMP(PAY)
#define MAY_GOTO_BODY(pay)                                                                         \
    {                                                                                              \
        if (frame->budget) {                                                                       \
            frame->budget--;                                                                       \
            NEXT(1);                                                                               \
        }                                                                                          \
        pay();                                                                                     \
        GOTO(TARGET);                                                                              \
    }
#define JMP_BUDGET(op, name, code) OP(op) MAY_GOTO_BODY(FREE) OP_BACK(op) MAY_GOTO_BODY(PAY)
#define JMP_TABLE(op, name, code) OP(op) { STOP(RUN_TRAP_INSN, 0); }
#include "isa/jmp.def"

/* ---- calls ---- */

/* A helper may call back into the program, which finds fuel and depth in st; its arguments reach no
 * further than the program's own accesses. */
#define CALL_HELPER(fn)                                                                            \
    do {                                                                                           \
        st->fuel = fuel;                                                                           \
        st->frame = frame;                                                                         \
        st->w->reach = limit;                                                                      \
        R(0) = (fn)(R(1), R(2), R(3), R(4), R(5), st->w);                                          \
        fuel = st->fuel;                                                                           \
        if (__builtin_expect(st->w->exec.pending.kind != RUN_EXIT, 0)) {                                \
            interp_stop_pending(st, pc);                                                           \
            HALT();                                                                                \
        }                                                                                          \
    } while (0)
/* To the frame that ends stride further; r10 is its end. */
#define MOVE_LIMIT(stride)                                                                         \
    do {                                                                                           \
        limit += (stride);                                                                         \
        R(10) = WORLD_BASE + limit;                                                                \
    } while (0)
/* To a subprogram that writes n registers from r6 on. They are saved one by one, which volatile
 * holds the compiler to: a wider load would wait for the stores to its halves. Only a subprogram
 * that keeps all of them may have a may_goto. */
#define SAVED(i) (*(volatile uint64_t *)&frame->saved[i])
#define N_KEPT   4
#define ENTER(n)                                                                                   \
    do {                                                                                           \
        PAY();                                                                                     \
        if (__builtin_expect(frame == st->last, 0))                                                \
            STOP(RUN_TRAP_DEPTH, 0);                                                               \
        for (int i = 0; i < (n); i++)                                                              \
            SAVED(i) = R(6 + i);                                                                   \
        frame->ret = pc + 1;                                                                       \
        frame++;                                                                                   \
        if ((n) == N_KEPT)                                                                         \
            frame->budget = st->budget;                                                            \
        MOVE_LIMIT(st->stride);                                                                    \
        GOTO(TARGET);                                                                              \
    } while (0)
/* Back to the caller, or the end of the run. */
#define LEAVE(n)                                                                                   \
    do {                                                                                           \
        if (frame == st->first) {                                                                  \
            interp_stop(st, pc, RUN_EXIT, 0);                                                      \
            HALT();                                                                                \
        }                                                                                          \
        frame--;                                                                                   \
        for (int i = 0; i < (n); i++)                                                              \
            R(6 + i) = SAVED(i);                                                                   \
        MOVE_LIMIT(-(uint64_t)st->stride);                                                         \
        GOTO(frame->ret);                                                                          \
    } while (0)
#define UNWIND()                                                                                   \
    do {                                                                                           \
        R(0) = R(1);                                                                               \
        if (R(0) == 0) {                                                                           \
            interp_stop(st, pc, RUN_EXIT, 0);                                                      \
            HALT();                                                                                \
        }                                                                                          \
        NEXT(1);                                                                                   \
    } while (0)

#include "isa/mem.def"

OP(CALL) {
    CALL_HELPER((helper_fn *)(uintptr_t)pc->imm);
    NEXT(1);
}
OP(CALLX) {
    if (st->job->unwind && REG(src) == HELPER_UNWIND)
        UNWIND();
    helper_fn *const fn = REG(src) < N_HELPERS ? helper_fn_of((uint32_t)REG(src)) : NULL;
    if (!fn)
        STOP(RUN_TRAP_HELPER, REG(src));
    CALL_HELPER(fn);
    NEXT(1);
}
OP(CALL_KFUNC) {
    STOP(RUN_TRAP_HELPER, (uint64_t)pc->imm);
}
OP(CALL_LOCAL) {
    ENTER(N_KEPT);
}
OP(EXIT) {
    LEAVE(N_KEPT);
}
/* Only the interpreter's: what predecoding makes of some calls. */
#define KEEP(n)                                                                                    \
    OP(CELL_CALL_KEEP##n) { ENTER(n); }                                                            \
    OP(CELL_EXIT_KEEP##n) { LEAVE(n); }
KEEPS(KEEP)
#undef KEEP
OP(CELL_TRAP) {
    STOP((enum run_kind)pc->x, (uint64_t)pc->imm);
}
OP(CELL_CALL_5) { /* ktime_get_ns, or a conformance suite's unwind */
    if (st->job->unwind)
        UNWIND();
    CALL_HELPER((helper_fn *)(uintptr_t)pc->imm);
    NEXT(1);
}
OP(CELL_TAIL_CALL) {
    const struct interp_code *const to = interp_tail_target(st, R(2), R(3));
    if (st->w->exec.pending.kind != RUN_EXIT) {
        interp_stop_pending(st, pc);
        HALT();
    }
    if (!to)
        NEXT(1);
    PAY();
    st->code = to;
    frame->budget = st->budget;
    GOTO(to->cells);
}
/* clang-format on */
