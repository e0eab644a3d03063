/* bodies.h: what each cell does, once, for every way of dispatching. Included with these defined:
 *
 *   OP(op)             opens the body of an operation: a function, or a case
 *   OP_BACK(op)        the same for the backward form of a jump
 *   NEXT(n)            go on to the cell n further
 *   GOTO(cell)         go on at a cell
 *   HALT()             the run is over, st->end is written
 *   SLOW_ACCESS()      the memory access of this cell was refused by the shadow: do it the slow
 * way, go on BIG, SWAP          is the world big-endian? does its order differ from the host's?
 *
 * A body sees pc (its cell), st, mem, limit and fuel, and may change the last two. Nothing falls
 * out of its end.
 */

#define REG(field) (*(uint64_t *)((char *)st->regs + pc->field))
#define R(n)       (st->regs[n])
#define STOP(kind, addr)                                                                           \
    do {                                                                                           \
        interp_stop(st, pc, (kind), (addr));                                                       \
        HALT();                                                                                    \
    } while (0)
#define E_BIG_ENDIAN (BIG)
#define E_ARENA      (st->arena_base)

/* ---- arithmetic and moves: the row's expression over d and s ---- */
#define ALU_BODY(width, source, expr)                                                              \
    {                                                                                              \
        enum {                                                                                     \
            w = width                                                                              \
        };                                                                                         \
        const uint64_t d = bv_trunc(w, REG(dst)), s = bv_trunc(w, source);                         \
        (void)d, (void)s;                                                                          \
        REG(dst) = expr;                                                                           \
        NEXT(1);                                                                                   \
    }
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    OP(op##32_IMM)                                                                                 \
    ALU_BODY(32, (uint64_t)pc->imm, expr)                                                          \
    OP(op##32_REG)                                                                                 \
    ALU_BODY(32, REG(src), expr) OP(op##64_IMM) ALU_BODY(64, (uint64_t)pc->imm, expr)              \
        OP(op##64_REG) ALU_BODY(64, REG(src), expr)
#define ALU_UNARY(op, name, sym, code, group, expr)                                                \
    OP(op##32) ALU_BODY(32, 0, expr) OP(op##64) ALU_BODY(64, 0, expr)
#define ALU_SEXT(op, width, bits, name, expr)           OP(op##_##width) ALU_BODY(width, REG(src), expr)
#define ALU_END(op, name, sym, code, bits, group, expr) OP(op) ALU_BODY(64, 0, expr)
#define ALU_CAST(op, name, imm, dst_as, src_as, expr)   OP(op) ALU_BODY(64, REG(src), expr)
#include "isa/alu.def"

/* ---- jumps; the backward forms pay for it ---- */
#define TARGET ((const struct cell *)(const void *)((const char *)pc + pc->x))
#define PAY()                                                                                      \
    do {                                                                                           \
        if (__builtin_expect(fuel == 0, 0))                                                        \
            STOP(RUN_TRAP_FUEL, 0);                                                                \
        fuel--;                                                                                    \
    } while (0)
#define FREE() ((void)0)
#define JMP_BODY(width, source, expr, pay)                                                         \
    {                                                                                              \
        enum {                                                                                     \
            w = width                                                                              \
        };                                                                                         \
        const uint64_t d = bv_trunc(w, REG(dst)), s = bv_trunc(w, source);                         \
        if (expr) {                                                                                \
            pay();                                                                                 \
            GOTO(TARGET);                                                                          \
        }                                                                                          \
        NEXT(1);                                                                                   \
    }
#define JMP_COND(op, name, sym, code, expr)                                                        \
    OP(op##64_IMM)                                                                                 \
    JMP_BODY(64, (uint64_t)pc->imm, expr, FREE)                                                    \
    OP(op##64_REG)                                                                                 \
    JMP_BODY(64, REG(src), expr, FREE) OP(op##32_IMM) JMP_BODY(32, (uint64_t)pc->imm, expr, FREE)  \
        OP(op##32_REG) JMP_BODY(32, REG(src), expr, FREE) OP_BACK(op##64_IMM)                      \
            JMP_BODY(64, (uint64_t)pc->imm, expr, PAY) OP_BACK(op##64_REG)                         \
                JMP_BODY(64, REG(src), expr, PAY) OP_BACK(op##32_IMM)                              \
                    JMP_BODY(32, (uint64_t)pc->imm, expr, PAY) OP_BACK(op##32_REG)                 \
                        JMP_BODY(32, REG(src), expr, PAY)
#define JMP_ALWAYS(op, name, code, reach)                                                          \
    OP(op) {                                                                                       \
        GOTO(TARGET);                                                                              \
    }                                                                                              \
    OP_BACK(op) {                                                                                  \
        PAY();                                                                                     \
        GOTO(TARGET);                                                                              \
    }
#define MAY_GOTO_BODY(pay)                                                                         \
    {                                                                                              \
        if (st->frames[st->depth].budget) {                                                        \
            st->frames[st->depth].budget--;                                                        \
            NEXT(1);                                                                               \
        }                                                                                          \
        pay();                                                                                     \
        GOTO(TARGET);                                                                              \
    }
#define JMP_BUDGET(op, name, code) OP(op) MAY_GOTO_BODY(FREE) OP_BACK(op) MAY_GOTO_BODY(PAY)
#define JMP_TABLE(op, name, code)                                                                  \
    OP(op) {                                                                                       \
        STOP(RUN_TRAP_INSN, 0);                                                                    \
    }
#include "isa/jmp.def"

/* ---- loads and stores: one comparison with the limit, one with the shadow; all else is slow ----
 */
#define SHADOW(off)       (mem[(int64_t)(off) - (int64_t)WORLD_BYTES])
#define MAY_READ(off, n)  __builtin_expect((off) < limit && SHADOW(off) >= (n) << 4, 1)
#define MAY_WRITE(off, n) __builtin_expect((off) < limit && (SHADOW(off) & 15) >= (n), 1)

#define LOAD_BODY(n, to_reg)                                                                       \
    {                                                                                              \
        const uint64_t at = REG(src) + (uint64_t)pc->imm;                                          \
        if (!MAY_READ(at, n))                                                                      \
            SLOW_ACCESS();                                                                         \
        REG(dst) = to_reg(n, mem_get##n(mem + at, SWAP));                                          \
        NEXT(1);                                                                                   \
    }
#define STORE_BODY(n, value)                                                                       \
    {                                                                                              \
        const uint64_t at = REG(dst) + (uint64_t)pc->imm;                                          \
        if (!MAY_WRITE(at, n))                                                                     \
            SLOW_ACCESS();                                                                         \
        mem_put##n(mem + at, value, SWAP);                                                         \
        NEXT(1);                                                                                   \
    }
#define EXT_ZERO(n, v)                            (v)
#define EXT_SIGN(n, v)                            bv_sext(64, 8 * (n), v)
#define MEM_LDX(op, name, size, code, ext, group) OP(op) LOAD_BODY(size, EXT_##ext)
#define MEM_STX(op, name, size, code, group)      OP(op) STORE_BODY(size, REG(src))
#define MEM_ST(op, name, size, code, group)       OP(op) STORE_BODY(size, (uint64_t)(int64_t)pc->x)
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
        LEAVE();                                                                                   \
    }

/* ---- atomics: plain accesses, for a world has one thread; alignment is the slow way's to report
 * ---- */
#define ATOMIC_OK(at, n) (MAY_WRITE(at, n) && MAY_READ(at, n) && ((at) & ((n) - 1)) == 0)
#define FETCH_NONE(old)  ((void)0)
#define FETCH_SRC(old)   (REG(src) = (old))
#define RMW_BODY(n, expr, fetch)                                                                   \
    {                                                                                              \
        enum {                                                                                     \
            w = 8 * (n)                                                                            \
        };                                                                                         \
        const uint64_t at = REG(dst) + (uint64_t)pc->imm;                                          \
        if (!ATOMIC_OK(at, n))                                                                     \
            SLOW_ACCESS();                                                                         \
        const uint64_t m = mem_get##n(mem + at, SWAP), s = bv_trunc(w, REG(src));                  \
        mem_put##n(mem + at, expr, SWAP);                                                          \
        fetch(m);                                                                                  \
        NEXT(1);                                                                                   \
    }
#define CMPXCHG_BODY(n)                                                                            \
    {                                                                                              \
        const uint64_t at = REG(dst) + (uint64_t)pc->imm;                                          \
        if (!ATOMIC_OK(at, n))                                                                     \
            SLOW_ACCESS();                                                                         \
        const uint64_t m = mem_get##n(mem + at, SWAP);                                             \
        if (m == bv_trunc(8 * (n), R(0)))                                                          \
            mem_put##n(mem + at, REG(src), SWAP);                                                  \
        R(0) = m;                                                                                  \
        NEXT(1);                                                                                   \
    }
#define ALIGNED_BODY(field, n, body)                                                               \
    {                                                                                              \
        if ((REG(field) + (uint64_t)pc->imm) & ((n) - 1))                                          \
            SLOW_ACCESS();                                                                         \
        body                                                                                       \
    }
#define ATOMIC_RMW(op, name, sym, imm, fetch, expr)                                                \
    OP(op##32) RMW_BODY(4, expr, FETCH_##fetch) OP(op##64) RMW_BODY(8, expr, FETCH_##fetch)
#define ATOMIC_XCHG(op, name, imm)                                                                 \
    OP(op##32) RMW_BODY(4, s, FETCH_SRC) OP(op##64) RMW_BODY(8, s, FETCH_SRC)
#define ATOMIC_CMPXCHG(op, name, imm)     OP(op##32) CMPXCHG_BODY(4) OP(op##64) CMPXCHG_BODY(8)
#define ATOMIC_LOAD(op, name, size, code) OP(op) ALIGNED_BODY(src, size, LOAD_BODY(size, EXT_ZERO))
#define ATOMIC_STORE(op, name, size, code)                                                         \
    OP(op) ALIGNED_BODY(dst, size, STORE_BODY(size, REG(src)))

/* ---- calls ---- */

/* A helper may call back into the program, which finds fuel and depth in st; its arguments reach no
 * further than the program's own accesses. */
#define CALL_HELPER(fn)                                                                            \
    do {                                                                                           \
        st->fuel = fuel;                                                                           \
        st->w->reach = limit;                                                                      \
        R(0) = (fn)(R(1), R(2), R(3), R(4), R(5), st->w);                                          \
        fuel = st->fuel;                                                                           \
        if (__builtin_expect(st->w->pending.kind != RUN_EXIT, 0)) {                                \
            interp_stop_pending(st, pc);                                                           \
            HALT();                                                                                \
        }                                                                                          \
    } while (0)
/* Back to the caller, or the end of the run. */
#define LEAVE()                                                                                    \
    do {                                                                                           \
        if (st->depth == st->base_depth) {                                                         \
            interp_stop(st, pc, RUN_EXIT, 0);                                                      \
            HALT();                                                                                \
        }                                                                                          \
        const struct frame *f = &st->frames[--st->depth];                                          \
        memcpy(&R(6), f->saved, sizeof f->saved);                                                  \
        R(10) -= st->stride;                                                                       \
        limit -= st->stride;                                                                       \
        GOTO(f->ret);                                                                              \
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

#include "isa/atomic.def"

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
    PAY();
    if (st->depth + 1 >= st->max_frames)
        STOP(RUN_TRAP_DEPTH, 0);
    struct frame *const f = &st->frames[st->depth++];
    memcpy(f->saved, &R(6), sizeof f->saved);
    f->ret = pc + 1;
    f[1].budget = st->budget;
    R(10) += st->stride;
    limit += st->stride;
    GOTO(TARGET);
}
OP(EXIT) {
    LEAVE();
}
/* Only the interpreter's: what predecoding makes of some calls. */
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
    PAY();
    const struct interp_code *const to = interp_tail_target(st, R(2), R(3));
    if (st->w->pending.kind != RUN_EXIT) {
        interp_stop_pending(st, pc);
        HALT();
    }
    if (!to) {
        fuel++;
        NEXT(1);
    }
    st->code = to;
    st->frames[st->depth].budget = st->budget;
    GOTO(to->cells);
}
