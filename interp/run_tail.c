/* run_tail.c: dispatch by guaranteed tail calls: every cell is a function that ends by jumping to
 * the next cell's. All that bodies work on stays in machine registers (preserve_none), so a cell
 * costs its work, one load and one indirect jump. Two sets of functions: for worlds in the host's
 * byte order and in the other.
 */
#include "interp/code.h"

#if INTERP_TAIL_CALLS

#include "isa/sem.h"
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
        (void)mem, (void)limit;                                                                    \
        return;                                                                                    \
    } while (0)
#define SLOW_ACCESS() MUSTTAIL return slow_access(CELL_ARGS)

__attribute__((preserve_none, cold, noinline)) static void slow_access(CELL_PARAMS) {
    if (!interp_slow_access(st, pc, limit))
        HALT();
    NEXT(1);
}

/* The world in the host's order. */
#define BIG         (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
#define SWAP        false
#define OP(op)      CELL_FN same_##op(CELL_PARAMS)
#define OP_BACK(op) CELL_FN same_back_##op(CELL_PARAMS)
#include "interp/bodies.h"
#undef BIG
#undef SWAP
#undef OP
#undef OP_BACK

/* The world in the other order. */
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

void interp_link(struct interp_code *c) {
    const bool host_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    cell_fn *const *const fns = c->big_endian == host_big ? same_order : other_order;
    for (uint32_t i = 0; i <= c->n_cells; i++)
        c->cells[i].run = fns[c->cells[i].op];
}

void interp_loop_tail(struct istate *st, const struct cell *pc) {
    pc->run(pc, st, st->w->mem, interp_limit(st), st->fuel);
}

#else

void interp_link(struct interp_code *c) {
    (void)c;
}

#endif
