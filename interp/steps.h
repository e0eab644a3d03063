/* steps.h: what each instruction does, once, as inline functions made from the rows: the
 * interpreter's bodies and its fused pairs are put together from them.
 *
 *   do_<op>     a straight instruction: all of it; false if the shadow refused its memory access
 *               (nothing has happened then)
 *   test_<op>   a conditional jump: is it taken?
 *
 *   pc      the instruction's cell
 *   mem     the world's memory; the shadow lies below it
 *   limit   the end of the frame in use, as an offset: nothing from there on may be accessed
 *   big     is the world big-endian?
 *   swap    does its order differ from the host's? Where big and swap are constants, a step is a
 *           handful of machine instructions
 */
#ifndef BPFLAB_INTERP_STEPS_H
#define BPFLAB_INTERP_STEPS_H

#include "interp/code.h"
#include "isa/sem.h"

#define STEP static inline __attribute__((always_inline)) bool
#define STEP_PARAMS                                                                                \
    const struct cell *pc, struct istate *st, uint8_t *mem, uint64_t limit, bool big, bool swap
#define STEP_UNUSED() ((void)mem, (void)limit, (void)big, (void)swap)

#define REG(field)   (*(uint64_t *)((char *)st->regs + pc->field))
#define R(n)         (st->regs[n])
#define E_BIG_ENDIAN big
#define E_ARENA      (st->arena_base)

/* clang-format off */

/* ---- arithmetic and moves: the row's expression over d and s ---- */
#define ALU_STEP(op, width, source, expr)                                                          \
    STEP do_##op(STEP_PARAMS) {                                                                    \
        enum { w = width };                                                                        \
        const uint64_t d = bv_trunc(w, REG(dst)), s = bv_trunc(w, source);                         \
        STEP_UNUSED(), (void)d, (void)s;                                                           \
        REG(dst) = expr;                                                                           \
        return true;                                                                               \
    }
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    ALU_STEP(op##32_IMM, 32, (uint64_t)pc->imm, expr)                                              \
    ALU_STEP(op##32_REG, 32, REG(src), expr)                                                       \
    ALU_STEP(op##64_IMM, 64, (uint64_t)pc->imm, expr)                                              \
    ALU_STEP(op##64_REG, 64, REG(src), expr)
#define ALU_UNARY(op, name, sym, code, group, expr)                                                \
    ALU_STEP(op##32, 32, 0, expr)                                                                  \
    ALU_STEP(op##64, 64, 0, expr)
#define ALU_SEXT(op, width, bits, name, expr) ALU_STEP(op##_##width, width, REG(src), expr)
#define ALU_END(op, name, sym, code, bits, group, expr) ALU_STEP(op, 64, 0, expr)
#define ALU_CAST(op, name, imm, dst_as, src_as, expr) ALU_STEP(op, 64, REG(src), expr)
#include "isa/alu.def"

/* ---- conditional jumps ---- */
#define JMP_STEP(op, width, source, expr)                                                          \
    STEP test_##op(const struct cell *pc, const struct istate *st) {                               \
        enum { w = width };                                                                        \
        const uint64_t d = bv_trunc(w, REG(dst)), s = bv_trunc(w, source);                         \
        return expr;                                                                               \
    }
#define JMP_COND(op, name, sym, code, expr)                                                        \
    JMP_STEP(op##64_IMM, 64, (uint64_t)pc->imm, expr)                                              \
    JMP_STEP(op##64_REG, 64, REG(src), expr)                                                       \
    JMP_STEP(op##32_IMM, 32, (uint64_t)pc->imm, expr)                                              \
    JMP_STEP(op##32_REG, 32, REG(src), expr)
#include "isa/jmp.def"

/* ---- loads and stores: one comparison with the limit, one with the shadow ---- */
#define SHADOW(off) (mem[(int64_t)(off) - (int64_t)WORLD_BYTES])
#define MAY_READ(off, n) __builtin_expect((off) < limit && SHADOW(off) >= (n) << 4, 1)
#define MAY_WRITE(off, n) __builtin_expect((off) < limit && (SHADOW(off) & 15) >= (n), 1)
#define EXT_ZERO(n, v) (v)
#define EXT_SIGN(n, v) bv_sext(64, 8 * (n), v)

#define LOAD_STEP(op, n, align, extend)                                                            \
    STEP do_##op(STEP_PARAMS) {                                                                    \
        const uint64_t at = REG(src) + (uint64_t)pc->imm;                                          \
        STEP_UNUSED();                                                                             \
        if (!MAY_READ(at, n) || at % (align))                                                      \
            return false;                                                                          \
        REG(dst) = extend(n, mem_get##n(mem + at, swap));                                          \
        return true;                                                                               \
    }
#define STORE_STEP(op, n, align, value)                                                            \
    STEP do_##op(STEP_PARAMS) {                                                                    \
        const uint64_t at = REG(dst) + (uint64_t)pc->imm;                                          \
        STEP_UNUSED();                                                                             \
        if (!MAY_WRITE(at, n) || at % (align))                                                     \
            return false;                                                                          \
        mem_put##n(mem + at, value, swap);                                                         \
        return true;                                                                               \
    }
#define MEM_LDX(op, name, size, code, ext, group) LOAD_STEP(op, size, 1, EXT_##ext)
#define MEM_STX(op, name, size, code, group) STORE_STEP(op, size, 1, REG(src))
#define MEM_ST(op, name, size, code, group) STORE_STEP(op, size, 1, (uint64_t)(int64_t)pc->x)
#include "isa/mem.def"

/* ---- atomics: plain accesses, for a world has one thread; the slow way reports misaligned ones */
#define FETCH_NONE(old) ((void)0)
#define FETCH_SRC(old) (REG(src) = (old))
#define ATOMIC_STEP(op, n, body)                                                                   \
    STEP do_##op(STEP_PARAMS) {                                                                    \
        enum { w = 8 * (n) };                                                                      \
        const uint64_t at = REG(dst) + (uint64_t)pc->imm, s = bv_trunc(w, REG(src));               \
        STEP_UNUSED();                                                                             \
        if (!MAY_WRITE(at, n) || !MAY_READ(at, n) || at % (n))                                     \
            return false;                                                                          \
        const uint64_t m = mem_get##n(mem + at, swap);                                             \
        body                                                                                       \
        return true;                                                                               \
    }
#define RMW(n, expr, fetch)                                                                        \
    mem_put##n(mem + at, expr, swap);                                                              \
    fetch(m);
#define CMPXCHG(n)                                                                                 \
    if (m == bv_trunc(w, R(0)))                                                                    \
        mem_put##n(mem + at, s, swap);                                                             \
    R(0) = m;
#define ATOMIC_RMW(op, name, sym, imm, fetch, expr)                                                \
    ATOMIC_STEP(op##32, 4, RMW(4, expr, FETCH_##fetch))                                            \
    ATOMIC_STEP(op##64, 8, RMW(8, expr, FETCH_##fetch))
#define ATOMIC_XCHG(op, name, imm)                                                                 \
    ATOMIC_STEP(op##32, 4, RMW(4, s, FETCH_SRC))                                                   \
    ATOMIC_STEP(op##64, 8, RMW(8, s, FETCH_SRC))
#define ATOMIC_CMPXCHG(op, name, imm)                                                              \
    ATOMIC_STEP(op##32, 4, CMPXCHG(4))                                                             \
    ATOMIC_STEP(op##64, 8, CMPXCHG(8))
#define ATOMIC_LOAD(op, name, size, code) LOAD_STEP(op, size, size, EXT_ZERO)
#define ATOMIC_STORE(op, name, size, code) STORE_STEP(op, size, size, REG(src))
#include "isa/atomic.def"
/* clang-format on */

#endif
