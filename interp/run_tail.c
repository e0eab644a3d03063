/* run_tail.c: dispatch by guaranteed tail calls: every cell is a function that ends by jumping to
 * the next cell's. All that bodies work on stays in machine registers (preserve_none), so a cell
 * costs its work, one load and one indirect jump. Two sets of functions: for worlds in the host's
 * byte order and in the other.
 */
#include "interp/code.h"

#if INTERP_TAIL_CALLS

#include "interp/pairs.h"
#include "interp/steps.h"
#include "runtime/ctx.h"

/* "return f();" in a void function is what a tail call is written as. */
#pragma clang diagnostic ignored "-Wpedantic"

#define MUSTTAIL __attribute__((musttail))
#define CELL_FN  __attribute__((preserve_none, aligned(32))) static void
#define NEXT(n)                                                                                    \
    do {                                                                                           \
        pc += (n);                                                                                 \
        MUSTTAIL return pc->run(CELL_ARGS);                                                        \
    } while (0)
#define GOTO(cell)                                                                                 \
    do {                                                                                           \
        pc = (cell);                                                                               \
        MUSTTAIL return pc->run(CELL_ARGS);                                                        \
    } while (0)
#define HALT()                                                                                     \
    do {                                                                                           \
        st->fuel = fuel;                                                                           \
        (void)mem;                                                                                 \
        (void)limit;                                                                               \
        (void)frame;                                                                               \
        return;                                                                                    \
    } while (0)
#define SLOW_ACCESS() MUSTTAIL return slow_access(CELL_ARGS)

__attribute__((preserve_none, cold, noinline)) static void slow_access(CELL_PARAMS) {
    if (!interp_slow_access(st, pc, limit))
        HALT();
    NEXT(1);
}

/* clang-format off */
/* Fused pairs, made from the steps; order is same or other, as for the single cells. An access that
 * the shadow refuses is finished by the single cells. */
#define PAIR_STRAIGHT(order, a, b)                                                                 \
    CELL_FN order##_##a##__##b(CELL_PARAMS) {                                                      \
        if (!do_##a(pc, st, mem, limit, BIG, SWAP))                                                \
            SLOW_ACCESS();                                                                         \
        pc++;                                                                                      \
        if (!do_##b(pc, st, mem, limit, BIG, SWAP))                                                \
            SLOW_ACCESS();                                                                         \
        NEXT(1);                                                                                   \
    }
#define PAIR_JUMP(order, a, b)                                                                     \
    CELL_FN order##_##a##__##b(CELL_PARAMS) {                                                      \
        if (!do_##a(pc, st, mem, limit, BIG, SWAP))                                                \
            SLOW_ACCESS();                                                                         \
        pc++;                                                                                      \
        BRANCH(b, FREE)                                                                            \
    }                                                                                              \
    CELL_FN order##_##a##__back_##b(CELL_PARAMS) {                                                 \
        if (!do_##a(pc, st, mem, limit, BIG, SWAP))                                                \
            SLOW_ACCESS();                                                                         \
        pc++;                                                                                      \
        BRANCH(b, PAY)                                                                             \
    }
#define PAIR_CALL(order, a, b, body)                                                               \
    CELL_FN order##_##a##__##b(CELL_PARAMS) {                                                      \
        if (!do_##a(pc, st, mem, limit, BIG, SWAP))                                                \
            SLOW_ACCESS();                                                                         \
        pc++;                                                                                      \
        body;                                                                                      \
    }
#define PAIR_ALWAYS(order, a)                                                                      \
    CELL_FN order##_##a##__JA(CELL_PARAMS) {                                                       \
        if (!do_##a(pc, st, mem, limit, BIG, SWAP))                                                \
            SLOW_ACCESS();                                                                         \
        pc++;                                                                                      \
        JUMP(FREE)                                                                                 \
    }                                                                                              \
    CELL_FN order##_##a##__back_JA(CELL_PARAMS) {                                                  \
        if (!do_##a(pc, st, mem, limit, BIG, SWAP))                                                \
            SLOW_ACCESS();                                                                         \
        pc++;                                                                                      \
        JUMP(PAY)                                                                                  \
    }
/* A forward jump, and JA where it is not taken. */
#define PAIR_JA(order, a)                                                                          \
    CELL_FN order##_##a##__JA(CELL_PARAMS) {                                                       \
        if (test_##a(pc, st))                                                                      \
            GOTO(TARGET);                                                                          \
        pc++;                                                                                      \
        JUMP(FREE)                                                                                 \
    }                                                                                              \
    CELL_FN order##_##a##__back_JA(CELL_PARAMS) {                                                  \
        if (test_##a(pc, st))                                                                      \
            GOTO(TARGET);                                                                          \
        pc++;                                                                                      \
        JUMP(PAY)                                                                                  \
    }
/* clang-format on */

/* Worlds in the host's order. Only they have fused pairs: foreign byte orders are for comparing. */
#define BIG         (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
#define SWAP        false
#define OP(op)      CELL_FN same_##op(CELL_PARAMS)
#define OP_BACK(op) CELL_FN same_back_##op(CELL_PARAMS)
#include "interp/bodies.h"
#define FUSE_STRAIGHT(a, b)   PAIR_STRAIGHT(same, a, b)
#define FUSE_JUMP(a, b)       PAIR_JUMP(same, a, b)
#define FUSE_CALL(a, b, body) PAIR_CALL(same, a, b, body)
#define FUSE_SECONDS(a)                                                                            \
    SECONDS(FUSE_STRAIGHT, a) SECOND_JUMPS(FUSE_JUMP, a) SECOND_CALLS(FUSE_CALL, a)
#define FUSE_FIRST(a) FUSE_SECONDS(a) PAIR_ALWAYS(same, a)
#define FUSE_JA(a)    PAIR_JA(same, a)
FIRSTS(FUSE_FIRST)
JUMPS_BEFORE_JA(FUSE_JA)
#undef BIG
#undef SWAP
#undef OP
#undef OP_BACK

/* Worlds in the other order. */
#define BIG         (__BYTE_ORDER__ != __ORDER_BIG_ENDIAN__)
#define SWAP        true
#define OP(op)      CELL_FN other_##op(CELL_PARAMS)
#define OP_BACK(op) CELL_FN other_back_##op(CELL_PARAMS)
#include "interp/bodies.h"

static cell_fn *const same_order[N_CELL_OPS] = {
#define CELL(op)          [OP_##op] = same_##op,
#define CELL_BACKWARD(op) [CELL_BACK_OF(OP_##op)] = same_back_##op,
#include "interp/cells.inc"
};

static cell_fn *const other_order[N_CELL_OPS] = {
#define CELL(op)          [OP_##op] = other_##op,
#define CELL_BACKWARD(op) [CELL_BACK_OF(OP_##op)] = other_back_##op,
#include "interp/cells.inc"
};

/* Places of the operations in the table of pairs, counted from 1; 0: takes no part. */
enum first_place {
    NO_FIRST,
#define PLACE(a) FIRST_##a,
    FIRSTS(PLACE)
    JUMPS_BEFORE_JA(PLACE)
#undef PLACE
        N_FIRST_PLACES
};

enum second_place {
    NO_SECOND,
#define PLACE(a, b) SECOND_##b,
    SECONDS(PLACE, )
    SECOND_JUMPS(PLACE, )
#undef PLACE
#define PLACE(a, b) SECOND_BACK_##b,
        SECOND_JUMPS(PLACE, )
#undef PLACE
#define PLACE(a, b, body) SECOND_##b,
            SECOND_CALLS(PLACE, )
#undef PLACE
                SECOND_JA,
    SECOND_BACK_JA,
    N_SECOND_PLACES
};

static const uint8_t first_places[N_CELL_OPS] = {
#define PLACE(a) [OP_##a] = FIRST_##a,
    FIRSTS(PLACE) JUMPS_BEFORE_JA(PLACE)
#undef PLACE
};

static const uint8_t second_places[N_CELL_OPS] = {
#define PLACE(a, b) [OP_##b] = SECOND_##b,
    SECONDS(PLACE, ) SECOND_JUMPS(PLACE, )
#undef PLACE
#define PLACE(a, b) [CELL_BACK_OF(OP_##b)] = SECOND_BACK_##b,
        SECOND_JUMPS(PLACE, )
#undef PLACE
#define PLACE(a, b, body) [OP_##b] = SECOND_##b,
            SECOND_CALLS(PLACE, )
#undef PLACE
                [OP_JA] = SECOND_JA,
    [CELL_BACK_OF(OP_JA)] = SECOND_BACK_JA,
};

static cell_fn *const pairs[N_FIRST_PLACES][N_SECOND_PLACES] = {
#define ENTRY_STRAIGHT(a, b) [FIRST_##a][SECOND_##b] = same_##a##__##b,
#define ENTRY_JUMP(a, b)                                                                           \
    [FIRST_##a][SECOND_##b] = same_##a##__##b, [FIRST_##a][SECOND_BACK_##b] = same_##a##__back_##b,
#define ENTRY_JA(a)                                                                                \
    [FIRST_##a][SECOND_JA] = same_##a##__JA, [FIRST_##a][SECOND_BACK_JA] = same_##a##__back_JA,
#define ENTRY_CALL(a, b, body) ENTRY_STRAIGHT(a, b)
#define ENTRY_FIRST(a)                                                                             \
    SECONDS(ENTRY_STRAIGHT, a) SECOND_JUMPS(ENTRY_JUMP, a) SECOND_CALLS(ENTRY_CALL, a) ENTRY_JA(a)
    FIRSTS(ENTRY_FIRST) JUMPS_BEFORE_JA(ENTRY_JA)};

void interp_link(struct interp_code *c) {
    const bool same = c->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    cell_fn *const *const fns = same ? same_order : other_order;
    for (uint32_t i = 0; i <= c->n_cells; i++) {
        const uint16_t op = c->cells[i].op;
        cell_fn *fused = NULL;
        if (same && i < c->n_cells)
            fused = pairs[first_places[op]][second_places[c->cells[i + 1].op]];
        c->cells[i].run = fused ? fused : fns[op];
    }
}

void interp_loop_tail(struct istate *st, const struct cell *pc) {
    pc->run(pc, st, st->w->mem, interp_limit(st), st->fuel, st->frame);
}

#else

void interp_link(struct interp_code *c) {
    (void)c;
}

#endif
