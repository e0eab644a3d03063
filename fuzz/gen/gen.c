/* gen.c: the generators: which pieces each is made of, and what a program has around its pieces. */
#include "fuzz/gen/gen.h"

#include <string.h>

#include "fuzz/gen/emit.h"
#include "isa/kind.h"

/* ---- mixes ---- */

static const struct gen_mix scalar_mix = {{{gen_alu, 6},
                                           {gen_alu_chain, 6},
                                           {gen_load_unknown, 2},
                                           {gen_load_constant, 2},
                                           {gen_width_mix, 2},
                                           {NULL, 0}}};
static const struct gen_mix refine_mix = {{{gen_refine, 6},
                                           {gen_width_mix, 3},
                                           {gen_linked, 4},
                                           {gen_alu, 4},
                                           {gen_alu_chain, 3},
                                           {gen_load_unknown, 3},
                                           {gen_if, 2},
                                           {gen_if_else, 1},
                                           {gen_pointer_variable, 1},
                                           {gen_stack_variable, 1},
                                           {NULL, 0}}};
static const struct gen_mix flow_mix = {{{gen_if, 4},
                                         {gen_if_else, 4},
                                         {gen_loop, 3},
                                         {gen_open_loop, 1},
                                         {gen_skip, 1},
                                         {gen_early_exit, 1},
                                         {gen_alu, 5},
                                         {gen_alu_chain, 2},
                                         {gen_load_unknown, 1},
                                         {gen_spill, 1},
                                         {gen_fill_slot, 1},
                                         {gen_iterator, 1},
                                         {gen_refine, 1},
                                         {NULL, 0}}};
static const struct gen_mix stack_mix = {{{gen_spill, 3},
                                          {gen_fill_slot, 4},
                                          {gen_partial, 6},
                                          {gen_stack_variable, 3},
                                          {gen_spill_pointer, 2},
                                          {gen_atomic_stack, 2},
                                          {gen_alu, 3},
                                          {gen_load_unknown, 2},
                                          {gen_if, 2},
                                          {gen_meet_spilled, 1},
                                          {gen_value_access, 1},
                                          {NULL, 0}}};
static const struct gen_mix packet_mix = {{{gen_packet, 5},
                                           {gen_packet_variable, 4},
                                           {gen_meet_range, 2},
                                           {gen_context, 2},
                                           {gen_context_write, 1},
                                           {gen_packet_move, 1},
                                           {gen_ld_abs, 1},
                                           {gen_alu, 3},
                                           {gen_if, 2},
                                           {gen_refine, 1},
                                           {gen_call_function, 1},
                                           {NULL, 0}}};
static const struct gen_mix map_mix = {{{gen_lookup, 5},
                                        {gen_value_direct, 3},
                                        {gen_value_access, 2},
                                        {gen_update, 2},
                                        {gen_inner_map, 1},
                                        {gen_ringbuf, 1},
                                        {gen_alu, 3},
                                        {gen_if, 2},
                                        {gen_atomic_value, 1},
                                        {gen_pointer_variable, 1},
                                        {gen_spill_pointer, 1},
                                        {NULL, 0}}};
static const struct gen_mix pointer_mix = {{{gen_pointer_add, 3},
                                            {gen_pointer_variable, 5},
                                            {gen_pointer_compare, 2},
                                            {gen_pointer_sub, 1},
                                            {gen_stack_variable, 3},
                                            {gen_packet_variable, 1},
                                            {gen_refine, 2},
                                            {gen_alu, 3},
                                            {gen_if, 1},
                                            {gen_spill_pointer, 1},
                                            {gen_fill_slot, 1},
                                            {gen_meet_pointer, 1},
                                            {NULL, 0}}};
static const struct gen_mix call_mix = {{{gen_call_function, 4},
                                         {gen_call_loop, 1},
                                         {gen_call_each, 1},
                                         {gen_iterator, 1},
                                         {gen_tail_call, 1},
                                         {gen_alu, 6},
                                         {gen_if, 2},
                                         {gen_spill, 1},
                                         {gen_fill_slot, 1},
                                         {gen_helper_simple, 1},
                                         {gen_lookup, 1},
                                         {NULL, 0}}};
static const struct gen_mix atomic_mix = {{{gen_atomic_stack, 5},
                                           {gen_atomic_value, 5},
                                           {gen_alu, 4},
                                           {gen_load_unknown, 2},
                                           {gen_partial, 1},
                                           {gen_if, 2},
                                           {gen_loop, 1},
                                           {NULL, 0}}};
static const struct gen_mix helper_mix = {{{gen_helper, 8},
                                           {gen_helper_simple, 2},
                                           {gen_alu, 3},
                                           {gen_if, 1},
                                           {gen_context, 1},
                                           {gen_lookup, 1},
                                           {gen_ringbuf, 1},
                                           {gen_socket, 2},
                                           {gen_context_socket, 2},
                                           {gen_dynptr_memory, 2},
                                           {gen_dynptr_record, 2},
                                           {NULL, 0}}};
static const struct gen_mix prune_mix = {{{gen_diamond, 4},
                                          {gen_meet_spilled, 4},
                                          {gen_meet_linked, 3},
                                          {gen_meet_pointer, 2},
                                          {gen_meet_range, 2},
                                          {gen_if, 2},
                                          {gen_loop, 1},
                                          {gen_alu, 3},
                                          {gen_linked, 1},
                                          {gen_call_function, 1},
                                          {gen_open_loop, 1},
                                          {NULL, 0}}};
static const struct gen_mix mixed_mix = {{{gen_alu, 8},
                                          {gen_alu_chain, 3},
                                          {gen_load_unknown, 3},
                                          {gen_load_constant, 2},
                                          {gen_width_mix, 2},
                                          {gen_refine, 3},
                                          {gen_linked, 3},
                                          {gen_if, 3},
                                          {gen_if_else, 2},
                                          {gen_loop, 2},
                                          {gen_open_loop, 1},
                                          {gen_skip, 1},
                                          {gen_early_exit, 1},
                                          {gen_diamond, 1},
                                          {gen_meet_spilled, 1},
                                          {gen_meet_linked, 1},
                                          {gen_meet_pointer, 1},
                                          {gen_meet_range, 1},
                                          {gen_spill, 1},
                                          {gen_fill_slot, 2},
                                          {gen_partial, 3},
                                          {gen_stack_variable, 2},
                                          {gen_spill_pointer, 1},
                                          {gen_packet, 2},
                                          {gen_packet_variable, 1},
                                          {gen_context, 1},
                                          {gen_lookup, 2},
                                          {gen_value_direct, 1},
                                          {gen_update, 1},
                                          {gen_pointer_variable, 2},
                                          {gen_pointer_compare, 1},
                                          {gen_atomic_stack, 1},
                                          {gen_atomic_value, 1},
                                          {gen_call_function, 2},
                                          {gen_call_loop, 1},
                                          {gen_call_each, 1},
                                          {gen_iterator, 1},
                                          {gen_tail_call, 1},
                                          {gen_helper, 1},
                                          {gen_socket, 1},
                                          {gen_dynptr_record, 1},
                                          {NULL, 0}}};

enum kind {
    KIND_MIXED,
    KIND_SCALAR,
    KIND_REFINE,
    KIND_FLOW,
    KIND_STACK,
    KIND_PACKET,
    KIND_MAP,
    KIND_POINTER,
    KIND_CALL,
    KIND_ATOMIC,
    KIND_HELPER,
    KIND_PRUNE,
    KIND_INSN,
    KIND_RAW,
    N_KINDS,
};

const struct gen_kind gen_kinds[] = {
    [KIND_MIXED] = {"mixed", "all pieces together", true, 5},
    [KIND_SCALAR] = {"scalar", "straight-line arithmetic", true, 3},
    [KIND_REFINE] = {"refine", "comparisons, linked numbers, widths", true, 5},
    [KIND_FLOW] = {"flow", "nested branches, bounded loops, iterators", true, 3},
    [KIND_STACK] = {"stack", "spills, fills, partial and variable accesses", true, 4},
    [KIND_PACKET] = {"packet", "packets behind their checks, contexts", true, 3},
    [KIND_MAP] = {"map", "lookups, values, updates, inner maps, ring buffers", true, 3},
    [KIND_POINTER] = {"pointer", "pointer arithmetic near the ends", true, 4},
    [KIND_CALL] = {"call", "functions, callbacks, iterators, tail calls", true, 3},
    [KIND_ATOMIC] = {"atomic", "atomic operations", true, 2},
    [KIND_HELPER] = {"helper", "any helper, arguments by its prototype", true, 3},
    [KIND_PRUNE] = {"prune", "paths that meet with different states", true, 4},
    [KIND_INSN] = {"insn", "one instruction on numbers of all magnitudes", false, 1},
    [KIND_RAW] = {"raw", "bytes", false, 1},
};
const uint32_t gen_n_kinds = N_KINDS;

static const struct gen_mix *const mixes[N_KINDS] = {
    [KIND_MIXED] = &mixed_mix,   [KIND_SCALAR] = &scalar_mix,   [KIND_REFINE] = &refine_mix,
    [KIND_FLOW] = &flow_mix,     [KIND_STACK] = &stack_mix,     [KIND_PACKET] = &packet_mix,
    [KIND_MAP] = &map_mix,       [KIND_POINTER] = &pointer_mix, [KIND_CALL] = &call_mix,
    [KIND_ATOMIC] = &atomic_mix, [KIND_HELPER] = &helper_mix,   [KIND_PRUNE] = &prune_mix,
};

int gen_find(const char *name) {
    for (int i = 0; i < N_KINDS; i++)
        if (!strcmp(gen_kinds[i].name, name))
            return i;
    return -1;
}

/* ---- around the pieces ---- */

/* Types by how much there is to do in them. */
static void choose_type(struct gen *g, enum kind kind) {
    static const uint8_t common[] = {PROG_sched_cls, PROG_xdp, PROG_socket_filter};
    static const uint8_t packets[] = {PROG_sched_cls,     PROG_xdp,      PROG_sched_cls,
                                      PROG_cgroup_skb,    PROG_lwt_xmit, PROG_sk_skb,
                                      PROG_socket_filter, PROG_sched_act};
    static const uint16_t all[] = {
#define PROG_TYPE(nr, name) nr,
#include "isa/kind.def"
    };
    struct fuzz_case *const c = g->c;
    c->type = kind == KIND_PACKET ? gen_pick(g, packets) : gen_pick(g, common);
    if (kind == KIND_HELPER || gen_maybe(g, 10))
        c->type = gen_pick(g, all);
    g->type = progtype_of(c->type);
    /* what is attached to a function of the kernel's needs one */
    if (!g->type || g->type->target || c->type == PROG_raw) {
        c->type = PROG_sched_cls;
        g->type = progtype_of(c->type);
    }
    c->attach_type = 0;
    c->sleepable = g->type->must_sleep;
}

static void begin_function(struct gen *g) {
    memset(&g->st, 0, sizeof g->st);
    g->nest = 0;
    g->n_slots = g->depth ? 6 : GEN_SLOTS;
    g->buffer = g->depth ? -112 : -192;
}

/* r0 = something that programs of this type may return. */
static void put_result(struct gen *g) {
    int64_t min = g->type->ret_min, max = g->type->ret_max;
    if (g->depth > 0 || (min == INT64_MIN && max == INT64_MAX)) {
        const uint32_t r = gen_number(g);
        if (r != 0)
            gen_put(g, gen_maybe(g, 4) ? OP_MOV32_REG : OP_MOV64_REG, 0, r, 0, 0);
        return;
    }
    if (max - min > 1000 || max < min)
        max = min + (min == INT64_MIN);
    gen_put(g, OP_MOV64_IMM, 0, 0, 0,
            (int32_t)min + (int32_t)gen_below(g, (uint32_t)(max - min + 1)));
}

static void set_calls(struct gen *g, struct gen_function *f) {
    f->start = g->n;
    f->written = true;
    for (uint32_t i = 0; i < f->n_calls; i++)
        g->c->insns[f->calls[i]].imm = (int32_t)(g->n - f->calls[i] - 1);
}

static void put_function(struct gen *g, struct gen_function *f) {
    static const uint8_t sizes[] = {2, 3, 4, 6, 10};
    const bool callback = f->kind == GEN_FUNC_LOOP || f->kind == GEN_FUNC_EACH;
    begin_function(g);
    set_calls(g, f);
    gen_set_number(g, 2);
    switch ((enum gen_function_kind)f->kind) {
    case GEN_FUNC_NUMBERS: gen_set_number(g, 1); break;
    case GEN_FUNC_CTX:
        gen_put(g, OP_MOV64_REG, 6, 1, 0, 0);
        gen_set(g, 6, (struct held){.is = HELD_CTX});
        gen_pin(g, 6);
        break;
    case GEN_FUNC_LOOP:
        gen_set_number(g, 1);
        gen_set(g, 2, (struct held){.is = HELD_VALUE, .room = 8, .aligned = true});
        break;
    case GEN_FUNC_EACH:
        gen_set(g, 1, (struct held){0});
        gen_set(g, 2, (struct held){.is = HELD_VALUE, .room = 4, .read_only = true});
        gen_set(g, 3,
                (struct held){.is = HELD_VALUE, .room = (uint16_t)fuzz_maps[f->map].value_size});
        gen_set(g, 4, (struct held){.is = HELD_VALUE, .room = 8, .aligned = true});
        break;
    default:
        gen_set(g, 1,
                (struct held){.is = HELD_VALUE,
                              .aligned = f->kind == GEN_FUNC_STACK,
                              .room = f->kind == GEN_FUNC_STACK ? 8 : 48});
        break;
    }
    if (f->kind != GEN_FUNC_NUMBERS && f->kind != GEN_FUNC_CTX)
        gen_value_access(g); /* what they were given for */
    gen_pieces(g, gen_pick(g, sizes));
    if (callback)
        gen_put(g, OP_MOV64_IMM, 0, 0, 0, gen_maybe(g, 4));
    else
        put_result(g);
    gen_put(g, OP_EXIT, 0, 0, 0, 0);
}

static void put_main(struct gen *g, uint32_t size) {
    begin_function(g);
    gen_put(g, OP_MOV64_REG, 6, 1, 0, 0);
    gen_set(g, 6, (struct held){.is = HELD_CTX});
    gen_pin(g, 6);
    for (uint32_t i = gen_below(g, 3); i > 0; i--)
        gen_load_unknown(g);
    gen_pieces(g, size > g->n - g->base ? size - (g->n - g->base) : 1);
    put_result(g);
    gen_put(g, OP_EXIT, 0, 0, 0, 0);
}

static void structured(struct gen *g, enum kind kind) {
    static const uint8_t sizes[] = {6, 10, 14, 20, 22, 26, 30, 34, 44, 80};
    choose_type(g, kind);
    g->mix = mixes[kind];
    g->slips = gen_maybe(g, 6);
    const uint32_t n_progs = gen_maybe(g, 12) ? 2 : 1;
    for (uint32_t p = 0; p < n_progs; p++) {
        g->base = g->n;
        g->c->start[p] = g->n;
        g->depth = 0;
        g->n_functions = 0;
        /* functions come on top */
        const uint32_t size = gen_pick(g, sizes);
        put_main(g, kind == KIND_CALL ? size * 2 / 3 : size);
        for (uint32_t i = 0; i < g->n_functions; i++) {
            g->depth = i < GEN_FUNCTIONS / 2 ? 1 : GEN_DEPTH;
            put_function(g, &g->functions[i]);
        }
        g->c->start[p + 1] = g->n;
    }
    g->c->n_progs = n_progs;
}

/* r7, r8 = words of the input; r7 op= r8; store what comes out. */
static void one_insn(struct gen *g) {
    g->c->type = PROG_sched_cls;
    g->type = progtype_of(g->c->type);
    g->mix = &scalar_mix;
    begin_function(g);
    for (uint32_t r = 7; r <= 8; r++) {
        gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, r, FUZZ_MAP_IN, (int32_t)(8 * (r - 7)));
        gen_put(g, OP_LDXDW, r, r, 0, 0);
        gen_set_number(g, r);
    }
    if (gen_maybe(g, 3))
        gen_width_mix(g);
    gen_alu(g);
    gen_put(g, OP_MOV64_REG, 0, 7, 0, 0);
    gen_put(g, OP_EXIT, 0, 0, 0, 0);
    g->c->n_progs = 1;
    g->c->start[1] = g->n;
}

static void raw(struct gen *g) {
    struct fuzz_case *const c = g->c;
    c->type = PROG_socket_filter;
    const uint32_t n = 1 + gen_below(g, 24);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t bytes[INSN_BYTES];
        for (uint32_t k = 0; k < INSN_BYTES; k++)
            bytes[k] = (uint8_t)input_bits(g->in, 1);
        if (gen_maybe(g, 2)) /* a code that exists */
            bytes[0] = op_table[gen_below(g, N_OPS)].code;
        c->insns[g->n++] = insn_decode(bytes, false);
    }
    c->insns[g->n++] = (struct insn){.code = op_table[OP_EXIT].code};
    c->n_progs = 1;
    c->start[1] = g->n;
}

/* Inputs come last, so that what a program is does not depend on them. */
static void put_inputs(struct gen *g) {
    struct fuzz_case *const c = g->c;
    c->n_inputs = 1 + gen_below(g, 2);
    for (uint32_t i = 0; i < c->n_inputs; i++) {
        struct case_input *const in = &c->inputs[i];
        in->seed = input_bits(g->in, 2);
        for (uint32_t k = 0; k < CASE_WORDS; k++)
            in->words[k] = gen_word(g);
        in->packet_bytes = 14 + gen_below(g, CASE_PACKET_BYTES - 13);
        memset(in->packet, 0, sizeof in->packet);
        for (uint32_t k = 0; k < in->packet_bytes; k++)
            in->packet[k] = (uint8_t)(in->words[k / 8 % CASE_WORDS] >> k % 8 * 8);
        if (gen_maybe(g, 2)) { /* an Ethernet frame that carries IPv4 */
            static const uint8_t ipv4[] = {0x08, 0x00, 0x45, 0x00};
            for (uint32_t k = 0; k < sizeof ipv4 && 12 + k < in->packet_bytes; k++)
                in->packet[12 + k] = ipv4[k];
        }
    }
}

static enum kind choose_kind(struct gen *g, uint64_t kinds) {
    uint32_t total = 0;
    for (uint32_t i = 0; i < N_KINDS; i++)
        total += kinds == 0 || (kinds >> i & 1) ? gen_kinds[i].weight : 0;
    uint32_t at = gen_below(g, total), i = 0;
    for (;; i++) {
        const uint32_t w = kinds == 0 || (kinds >> i & 1) ? gen_kinds[i].weight : 0;
        if (at < w)
            return (enum kind)i;
        at -= w;
    }
}

void gen_case(struct input *in, uint64_t kinds, struct fuzz_case *out, uint32_t *kind_out) {
    struct gen g = {.in = in, .c = out};
    kinds &= (UINT64_C(1) << N_KINDS) - 1;
    const enum kind kind = choose_kind(&g, kinds);
    out->attach_type = 0;
    out->sleepable = false;
    out->start[0] = 0;
    if (kind == KIND_RAW)
        raw(&g);
    else if (kind == KIND_INSN)
        one_insn(&g);
    else
        structured(&g, kind);
    put_inputs(&g);
    if (kind_out)
        *kind_out = kind;
}
