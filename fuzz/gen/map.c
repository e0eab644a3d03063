/* map.c: maps: values looked up and tested, updates, maps in maps, ring buffers. */
#include "fuzz/gen/emit.h"

#include "isa/kind.h"

static const enum op loads[] = {OP_LDXB, OP_LDXH, OP_LDXW, OP_LDXDW, OP_LDXSB, OP_LDXSH, OP_LDXSW};
static const enum op stores[] = {OP_STXB, OP_STXH, OP_STXW, OP_STXDW};

/* Accesses in [p, p + room). */
static void use(struct gen *g, uint32_t p, const struct held *held) {
    const uint32_t room = held->room;
    for (uint32_t n = 1 + gen_below(g, 2); n > 0; n--) {
        const bool write = !held->read_only && gen_maybe(g, 2);
        const enum op op = write ? gen_pick(g, stores) : gen_pick(g, loads);
        const uint32_t size = op_table[op].width_bits / 8;
        if (size > room)
            return;
        int32_t off = gen_slip(g) ? (int32_t)(room - size + 1 + gen_below(g, size))
                                  : (int32_t)gen_below(g, room - size + 1);
        if (held->aligned)
            off -= off % (int32_t)size;
        if (write) {
            gen_put(g, op, p, gen_number_but(g, p), off, 0);
        } else {
            const uint32_t r = gen_free_but(g, p);
            gen_put(g, op, r, p, off, 0);
            gen_set_number(g, r);
        }
    }
}

/* The address of an array's value, without a lookup. */
void gen_value_direct(struct gen *g) {
    const uint32_t maps[] = {FUZZ_MAP_IN, FUZZ_MAP_CELL, FUZZ_MAP_RODATA};
    const uint32_t map = gen_pick(g, maps), p = gen_free(g);
    const uint32_t value = fuzz_maps[map].value_size, at = gen_below(g, value / 8) * 8;
    gen_put_imm64(g, OP_LDDW_MAP_IDX_VALUE, p, (int32_t)map, (int32_t)at);
    gen_set(g, p,
            (struct held){.is = HELD_VALUE,
                          .map = (uint8_t)map,
                          .room = (uint16_t)(value - at),
                          .read_only = map == FUZZ_MAP_RODATA});
    const bool was = g->st.pinned >> p & 1;
    gen_pin(g, p);
    const struct held held = g->st.regs[p];
    use(g, p, &held);
    if (!was)
        gen_unpin(g, p);
}

/* What a pointer that is there already points to. */
void gen_value_access(struct gen *g) {
    const int p = gen_find_held(g, HELD_VALUE);
    if (p < 0) {
        gen_value_direct(g);
        return;
    }
    const struct held held = g->st.regs[p];
    const bool was = g->st.pinned >> p & 1;
    gen_pin(g, (uint32_t)p);
    use(g, (uint32_t)p, &held);
    if (!was)
        gen_unpin(g, (uint32_t)p);
}

static bool can_call(const struct gen *g) {
    return !(g->st.pinned & 0x3f);
}

static void put_key(struct gen *g, uint32_t map) {
    const uint32_t n = fuzz_maps[map].key_size;
    gen_put(g, OP_STDW, REG_FP, 0, g->buffer,
            (int32_t)gen_below(g, fuzz_maps[map].max_entries + 1));
    if (n > 8)
        gen_fill(g, g->buffer + 8, (n + 7) / 8 * 8 - 8);
}

/* r0 = lookup; then a test for NULL in one of its forms, and the value behind it. A slip tests
 * something else, or nothing. */
void gen_lookup(struct gen *g) {
    static const enum map_type kinds[] = {MAP_array,          MAP_hash,        MAP_percpu_array,
                                          MAP_lru_hash,       MAP_percpu_hash, MAP_lpm_trie,
                                          MAP_lru_percpu_hash};
    const uint32_t kind = gen_pick(g, kinds);
    uint32_t map = FUZZ_MAP_ARRAY;
    for (uint32_t i = 1; i < fuzz_n_maps; i++)
        if (fuzz_maps[i].type == kind && i > FUZZ_MAP_RODATA)
            map = i; /* those before it are known by name */
    if (kind == MAP_hash)
        map = FUZZ_MAP_HASH;
    if (!can_call(g)) {
        gen_value_direct(g);
        return;
    }
    put_key(g, map);
    gen_to_stack(g, 2, g->buffer);
    gen_to_map(g, 1, map);
    gen_call(g, HELPER_map_lookup_elem);
    gen_set(g, 0, (struct held){.is = HELD_VALUE_NULL, .map = (uint8_t)map});
    uint32_t p = 0;
    if (gen_maybe(g, 2)) {
        p = gen_kept(g);
        gen_put(g, OP_MOV64_REG, p, 0, 0, 0);
        gen_set(g, p, (struct held){0});
    }
    const bool slip = gen_slip(g);
    const uint32_t tested = p != 0 && gen_maybe(g, 2) ? p : 0;
    uint32_t out = UINT32_MAX;
    if (slip && gen_maybe(g, 2)) {
        out = gen_jump(g, gen_maybe(g, 2) ? OP_JEQ32_IMM : OP_JSLT64_IMM, tested, 0, 0);
    } else if (slip) {
        gen_put(g, OP_ADD64_IMM, p, 0, 0, (int32_t)gen_below(g, 8));
        out = gen_jump(g, OP_JEQ64_IMM, tested, 0, 0);
    } else if (gen_maybe(g, 4)) {
        gen_put(g, OP_JNE64_IMM, tested, 0, 1, 0);
        out = gen_jump(g, OP_JA, 0, 0, 0);
    } else {
        out = gen_jump(g, OP_JEQ64_IMM, tested, 0, 0);
    }
    const uint32_t room = fuzz_maps[map].value_size;
    gen_set(g, 0, (struct held){0});
    const struct gen_state before = g->st;
    gen_pin(g, p);
    gen_set(g, p, (struct held){.is = HELD_VALUE, .map = (uint8_t)map, .room = (uint16_t)room});
    if (gen_maybe(g, 3)) { /* at an offset that is not known */
        const uint32_t x = gen_own_number(g), max = gen_below(g, room - 7);
        gen_bound(g, x, max);
        gen_put(g, OP_ADD64_REG, p, x, 0, 0);
        g->st.regs[p].room = (uint16_t)(room - max);
    }
    const struct held held = g->st.regs[p];
    use(g, p, &held);
    if (gen_maybe(g, 2))
        gen_inner(g, gen_below(g, 5));
    g->st.pinned = before.pinned;
    gen_land(g, out);
    gen_meet(&g->st, &before);
}

void gen_update(struct gen *g) {
    static const uint32_t maps[] = {FUZZ_MAP_HASH, FUZZ_MAP_ARRAY, FUZZ_MAP_HASH};
    const uint32_t map = gen_pick(g, maps);
    if (!can_call(g)) {
        gen_value_direct(g);
        return;
    }
    const bool remove = map == FUZZ_MAP_HASH && gen_maybe(g, 4);
    put_key(g, map);
    if (!remove)
        gen_fill(g, g->buffer + 16,
                 (fuzz_maps[map].value_size + 7) / 8 * 8 - (gen_slip(g) ? 8 : 0));
    gen_to_map(g, 1, map);
    gen_to_stack(g, 2, g->buffer);
    if (!remove) {
        gen_to_stack(g, 3, g->buffer + 16);
        gen_put(g, OP_MOV64_IMM, 4, 0, 0, (int32_t)gen_below(g, 3));
    }
    gen_call(g, remove ? HELPER_map_delete_elem : HELPER_map_update_elem);
}

/* A map out of a map, and a value out of that. */
void gen_inner_map(struct gen *g) {
    if (!can_call(g)) {
        gen_value_direct(g);
        return;
    }
    gen_put(g, OP_STDW, REG_FP, 0, g->buffer, (int32_t)gen_below(g, 2));
    gen_to_stack(g, 2, g->buffer);
    gen_to_map(g, 1, FUZZ_MAP_OUTER);
    gen_call(g, HELPER_map_lookup_elem);
    const uint32_t out = gen_jump(g, OP_JEQ64_IMM, 0, 0, 0);
    const bool test = !gen_slip(g);
    gen_put(g, OP_MOV64_REG, 1, 0, 0, 0);
    gen_to_stack(g, 2, g->buffer);
    gen_call(g, HELPER_map_lookup_elem);
    const uint32_t out2 = test ? gen_jump(g, OP_JEQ64_IMM, 0, 0, 0) : out;
    gen_set(g, 0, (struct held){0});
    const struct gen_state before = g->st;
    gen_pin(g, 0);
    use(g, 0, &(struct held){.room = (uint16_t)fuzz_maps[FUZZ_MAP_ARRAY].value_size});
    g->st.pinned = before.pinned;
    gen_land(g, out);
    gen_land(g, out2);
    gen_meet(&g->st, &before);
}

/* A record: reserved, tested, written, given back on every path; a slip forgets one. */
void gen_ringbuf(struct gen *g) {
    if (!can_call(g) || !gen_may_call(g, HELPER_ringbuf_reserve)) {
        gen_value_direct(g);
        return;
    }
    const uint32_t bytes = 8 + 8 * gen_below(g, 5);
    gen_to_map(g, 1, FUZZ_MAP_RINGBUF);
    gen_put(g, OP_MOV64_IMM, 2, 0, 0, (int32_t)bytes);
    gen_put(g, OP_MOV64_IMM, 3, 0, 0, 0);
    gen_call(g, HELPER_ringbuf_reserve);
    const uint32_t p = gen_kept(g);
    gen_put(g, OP_MOV64_REG, p, 0, 0, 0);
    gen_set(g, 0, (struct held){0});
    gen_set(g, p, (struct held){0});
    const uint32_t out = gen_jump(g, OP_JEQ64_IMM, gen_maybe(g, 2) ? p : 0, 0, 0);
    const struct gen_state before = g->st;
    gen_pin(g, p);
    use(g, p, &(struct held){.room = (uint16_t)bytes});
    g->nest += GEN_NEST; /* nothing may leave in between */
    if (gen_maybe(g, 2)) {
        g->depth++; /* nor end */
        gen_pieces(g, gen_below(g, 4));
        g->depth--;
    }
    g->nest -= GEN_NEST;
    if (!gen_slip(g)) {
        gen_put(g, OP_MOV64_REG, 1, p, 0, 0);
        gen_put(g, OP_MOV64_IMM, 2, 0, 0, (int32_t)gen_below(g, 2));
        gen_call(g, gen_maybe(g, 2) ? HELPER_ringbuf_submit : HELPER_ringbuf_discard);
        gen_set(g, 0, (struct held){0});
    }
    g->st.pinned = before.pinned;
    gen_set(g, p, (struct held){0});
    gen_land(g, out);
    gen_meet(&g->st, &before);
}
