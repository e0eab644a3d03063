/* dynptr.c: dynptrs over a map's value and over ring buffers' records. */
#include "fuzz/gen/emit.h"

static bool can(const struct gen *g, uint32_t helper) {
    return !(g->st.pinned & 0x3f) && g->depth == 0 && gen_may_call(g, helper);
}

static void to_dynptr(struct gen *g, uint32_t reg) {
    gen_to_stack(g, reg, GEN_DYNPTR);
}

/* Reads, writes, and a slice of it. */
static void use(struct gen *g, uint32_t bytes) {
    for (uint32_t n = 1 + gen_below(g, 2); n > 0; n--)
        switch (gen_below(g, 3)) {
        case 0: /* dynptr_read(dst, len, dynptr, offset, flags) */
            gen_fill(g, g->buffer, 8);
            gen_to_stack(g, 1, g->buffer);
            gen_put(g, OP_MOV64_IMM, 2, 0, 0, (int32_t)(1 + gen_below(g, 8)));
            to_dynptr(g, 3);
            gen_put(g, OP_MOV64_IMM, 4, 0, 0, (int32_t)gen_below(g, bytes));
            gen_put(g, OP_MOV64_IMM, 5, 0, 0, 0);
            gen_call(g, HELPER_dynptr_read);
            break;
        case 1: /* dynptr_write(dynptr, offset, src, len, flags) */
            gen_fill(g, g->buffer, 8);
            to_dynptr(g, 1);
            gen_put(g, OP_MOV64_IMM, 2, 0, 0, (int32_t)gen_below(g, bytes));
            gen_to_stack(g, 3, g->buffer);
            gen_put(g, OP_MOV64_IMM, 4, 0, 0, (int32_t)(1 + gen_below(g, 8)));
            gen_put(g, OP_MOV64_IMM, 5, 0, 0, 0);
            gen_call(g, HELPER_dynptr_write);
            break;
        default: { /* dynptr_data(dynptr, offset, len) */
            const uint32_t len = 1 + gen_below(g, 8);
            to_dynptr(g, 1);
            gen_put(g, OP_MOV64_IMM, 2, 0, 0, (int32_t)gen_below(g, bytes));
            gen_put(g, OP_MOV64_IMM, 3, 0, 0, (int32_t)len);
            gen_call(g, HELPER_dynptr_data);
            const uint32_t out = gen_jump(g, OP_JEQ64_IMM, 0, 0, 0);
            const enum op op = gen_maybe(g, 2) ? OP_LDXB : OP_STB;
            gen_put(g, op, 0, 0, (int32_t)(len - 1 + gen_slip(g)), 7);
            gen_land(g, out);
            gen_put(g, OP_MOV64_IMM, 0, 0, 0, 0);
            gen_set_number(g, 0);
            break;
        }
        }
}

void gen_dynptr_memory(struct gen *g) {
    if (!can(g, HELPER_dynptr_from_mem)) {
        gen_value_direct(g);
        return;
    }
    const uint32_t bytes = 8 + gen_below(g, 56);
    gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, 1, FUZZ_MAP_IN, 0);
    gen_put(g, OP_MOV64_IMM, 2, 0, 0, (int32_t)bytes);
    gen_put(g, OP_MOV64_IMM, 3, 0, 0, 0);
    to_dynptr(g, 4);
    gen_call(g, HELPER_dynptr_from_mem);
    use(g, bytes);
}

/* A record by its dynptr: given back whatever became of the reservation, unless it is a slip. */
void gen_dynptr_record(struct gen *g) {
    if (!can(g, HELPER_ringbuf_reserve_dynptr) || g->nest >= GEN_NEST) {
        gen_ringbuf(g);
        return;
    }
    const uint32_t bytes = 8 + gen_below(g, 56);
    gen_to_map(g, 1, FUZZ_MAP_RINGBUF);
    gen_put(g, OP_MOV64_IMM, 2, 0, 0, (int32_t)bytes);
    gen_put(g, OP_MOV64_IMM, 3, 0, 0, 0);
    to_dynptr(g, 4);
    gen_call(g, HELPER_ringbuf_reserve_dynptr);
    use(g, bytes);
    if (gen_slip(g))
        return;
    to_dynptr(g, 1);
    gen_put(g, OP_MOV64_IMM, 2, 0, 0, 0);
    gen_call(g, gen_maybe(g, 2) ? HELPER_ringbuf_submit_dynptr : HELPER_ringbuf_discard_dynptr);
    gen_set(g, 0, (struct held){0});
}
