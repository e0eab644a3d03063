/* packet.c: packets behind their checks, and contexts. */
#include "fuzz/gen/emit.h"

#include "isa/kind.h"

/* The field of the context that is of a kind, NULL if the type has none. */
static const struct ctx_field *ctx_field_of(const struct gen *g, enum ctx_kind kind) {
    for (uint32_t i = 0; g->type && i < g->type->n_fields; i++)
        if (g->type->fields[i].kind == kind && (g->type->read >> i & 1))
            return &g->type->fields[i];
    return NULL;
}

static bool has_packet(const struct gen *g) {
    return gen_is(g, 6, HELD_CTX) && g->type->packet && ctx_field_of(g, CTX_PKT_DATA) &&
           ctx_field_of(g, CTX_PKT_END);
}

/* p = data, e = data_end; or, now and then, p = the metadata and e = data. */
static void put_ends(struct gen *g, uint32_t p, uint32_t e, bool meta) {
    const struct ctx_field *const first = ctx_field_of(g, meta ? CTX_PKT_META : CTX_PKT_DATA);
    const struct ctx_field *const last = ctx_field_of(g, meta ? CTX_PKT_DATA : CTX_PKT_END);
    gen_put(g, OP_LDXW, p, 6, first->off, 0);
    gen_put(g, OP_LDXW, e, 6, last->off, 0);
}

/* A check of `bytes` from p against e, as programs write it; out: the jump of the side without. */
static uint32_t put_check(struct gen *g, uint32_t p, uint32_t e, uint32_t t, uint32_t bytes) {
    gen_put(g, OP_MOV64_REG, t, p, 0, 0);
    gen_put(g, OP_ADD64_IMM, t, 0, 0, (int32_t)bytes);
    const bool slip = gen_slip(g);
    switch (gen_below(g, 4)) {
    case 0: /* if (t > e) goto out */
        return gen_jump(g, slip ? OP_JSGT64_REG : OP_JGT64_REG, t, e, 0);
    case 1: /* if (e < t) goto out */
        return gen_jump(g, slip ? OP_JLE64_REG : OP_JLT64_REG, e, t, 0);
    case 2: /* if (t <= e) goto in; goto out */
        gen_put(g, slip ? OP_JGE64_REG : OP_JLE64_REG, t, e, 1, 0);
        return gen_jump(g, OP_JA, 0, 0, 0);
    default: /* if (e >= t) goto in; goto out */
        gen_put(g, slip ? OP_JLT64_REG : OP_JGE64_REG, e, t, 1, 0);
        return gen_jump(g, OP_JA, 0, 0, 0);
    }
}

/* Some loads and stores in [p, p + bytes). */
static void use(struct gen *g, uint32_t p, uint32_t bytes) {
    static const enum op loads[] = {OP_LDXB, OP_LDXH, OP_LDXW, OP_LDXDW, OP_LDXSB, OP_LDXSW};
    static const enum op stores[] = {OP_STXB, OP_STXH, OP_STXW, OP_STXDW};
    for (uint32_t n = 1 + gen_below(g, 3); n > 0; n--) {
        const bool write = g->type->pkt_write && gen_maybe(g, 3);
        const enum op op = write ? gen_pick(g, stores) : gen_pick(g, loads);
        const uint32_t size = op_table[op].width_bits / 8;
        if (size > bytes)
            continue;
        const uint32_t beyond = gen_slip(g) ? size : 0;
        const int32_t off = (int32_t)(gen_below(g, bytes - size + 1) + beyond);
        if (write) {
            gen_put(g, op, p, gen_number_but(g, p), off, 0);
        } else {
            const uint32_t r = gen_free_but(g, p);
            gen_put(g, op, r, p, off, 0);
            gen_set_number(g, r);
        }
    }
}

/* Three registers for a check. out: false: there are none */
static bool three(struct gen *g, uint32_t reg[3]) {
    uint16_t taken = g->st.pinned;
    uint32_t at = gen_below(g, 10);
    if (__builtin_popcount(taken & 0x3ff) > 7)
        return false;
    for (uint32_t i = 0; i < 3; i++) {
        while (taken >> at % 10 & 1)
            at++;
        reg[i] = at % 10;
        taken |= (uint16_t)(1u << reg[i]);
    }
    return true;
}

static void give_up(struct gen *g, const uint32_t reg[3]) {
    for (uint32_t i = 0; i < 3; i++)
        gen_set(g, reg[i], (struct held){0});
}

void gen_packet(struct gen *g) {
    uint32_t r[3];
    if (!has_packet(g) || !three(g, r)) {
        gen_value_direct(g);
        return;
    }
    const uint32_t bytes = 1 + gen_below(g, 64);
    const bool meta = ctx_field_of(g, CTX_PKT_META) && gen_maybe(g, 6);
    put_ends(g, r[0], r[1], meta);
    give_up(g, r);
    const uint32_t out = put_check(g, r[0], r[1], r[2], bytes);
    const struct gen_state before = g->st;
    gen_pin(g, r[0]);
    use(g, r[0], bytes);
    if (gen_maybe(g, 3)) { /* more behind it, checked on its own */
        const uint32_t more = bytes + 1 + gen_below(g, 32);
        if (!(g->st.pinned >> r[1] & 1) && g->st.regs[r[1]].is == HELD_NOTHING &&
            g->st.regs[r[2]].is == HELD_NOTHING) {
            const uint32_t out2 = put_check(g, r[0], r[1], r[2], more);
            use(g, r[0], more);
            gen_land(g, out2);
        }
    }
    gen_land(g, out);
    gen_meet(&g->st, &before);
    g->st.pinned = before.pinned;
}

/* At an offset that is not known: p = data + (x bounded), perhaps scaled or a header length. */
void gen_packet_variable(struct gen *g) {
    if (!has_packet(g)) {
        gen_pointer_variable(g);
        return;
    }
    uint32_t r[3];
    const uint32_t x = gen_own_number(g);
    gen_pin(g, x);
    const bool room = three(g, r);
    gen_unpin(g, x);
    if (!room)
        return;
    const uint32_t bytes = 1 + gen_below(g, 16);
    static const uint32_t most[] = {15, 31, 60, 255, 4095, 65535};
    gen_bound(g, x, gen_pick(g, most));
    put_ends(g, r[0], r[1], false);
    give_up(g, r);
    if (gen_maybe(g, 3))
        gen_put(g, OP_ADD64_IMM, r[0], 0, 0, (int32_t)gen_below(g, 32));
    gen_put(g, OP_ADD64_REG, r[0], x, 0, 0);
    if (gen_maybe(g, 4)) /* what it is compared by is another copy */
        gen_put(g, OP_MOV64_REG, r[2], r[0], 0, 0);
    const uint32_t out = put_check(g, r[0], r[1], r[2], bytes);
    const struct gen_state before = g->st;
    gen_pin(g, r[0]);
    use(g, r[0], bytes);
    gen_land(g, out);
    gen_meet(&g->st, &before);
    g->st.pinned = before.pinned;
}

/* A path that checks more than the other; what both have is used. */
void gen_meet_range(struct gen *g) {
    uint32_t r[3];
    if (!has_packet(g) || !three(g, r)) {
        gen_diamond(g);
        return;
    }
    const uint32_t least = 1 + gen_below(g, 24), more = least + 1 + gen_below(g, 24);
    put_ends(g, r[0], r[1], false);
    give_up(g, r);
    const uint32_t k = gen_number_but(g, r[0]);
    if (k == r[1] || k == r[2])
        return;
    const uint32_t at = gen_jump(g, OP_JGT64_IMM, k, 0, gen_constant(g));
    const uint32_t out = put_check(g, r[0], r[1], r[2], more);
    const uint32_t over = gen_jump(g, OP_JA, 0, 0, 0);
    gen_land(g, at);
    const uint32_t out2 = put_check(g, r[0], r[1], r[2], least);
    gen_land(g, over);
    const struct gen_state before = g->st;
    gen_pin(g, r[0]);
    use(g, r[0], gen_slip(g) ? more : least);
    gen_land(g, out);
    gen_land(g, out2);
    gen_meet(&g->st, &before);
    g->st.pinned = before.pinned;
}

static bool is_pointer(const struct ctx_field *f) {
    return f->kind != CTX_SCALAR && f->kind != CTX_U16 && f->kind != CTX_QUEUE;
}

static enum op access_of(uint32_t size, bool write) {
    switch (size) {
    case 1: return write ? OP_STXB : OP_LDXB;
    case 2: return write ? OP_STXH : OP_LDXH;
    case 4: return write ? OP_STXW : OP_LDXW;
    default: return write ? OP_STXDW : OP_LDXDW;
    }
}

/* A field that holds a number, at a size that the type allows; a slip takes any offset. */
static void ctx_access(struct gen *g, bool write) {
    if (!gen_is(g, 6, HELD_CTX)) {
        gen_alu(g);
        return;
    }
    const uint32_t size = 1u << gen_below(g, 4);
    const uint32_t r = write ? gen_number(g) : gen_free(g);
    uint32_t off = gen_below(g, g->type->ctx_bytes ? g->type->ctx_bytes : 8) / size * size;
    if (!gen_slip(g)) {
        const uint32_t n = g->type->n_fields, from = gen_below(g, n);
        bool found = g->type->opaque && off + size <= 64;
        for (uint32_t i = 0; i < n && !found; i++) {
            const struct ctx_field *const f = &g->type->fields[(from + i) % n];
            off = f->off;
            found = !is_pointer(f) &&
                    progtype_access(g->type, (int)g->c->attach_type, off, size, write);
        }
        if (!found)
            return;
    }
    if (write) {
        if (gen_maybe(g, 4) && size == 4)
            gen_put(g, OP_STW, 6, 0, (int32_t)off, gen_constant(g));
        else
            gen_put(g, access_of(size, true), 6, r, (int32_t)off, 0);
    } else {
        gen_put(g, access_of(size, false), r, 6, (int32_t)off, 0);
        gen_set_number(g, r);
    }
}

void gen_context(struct gen *g) {
    ctx_access(g, false);
}

void gen_context_write(struct gen *g) {
    ctx_access(g, true);
}

/* The old packet loads: r6 is the context, r1 to r5 are lost; outside of the packet the program
 * ends. */
void gen_ld_abs(struct gen *g) {
    static const enum op rows[] = {OP_LDABSB, OP_LDABSH, OP_LDABSW,
                                   OP_LDINDB, OP_LDINDH, OP_LDINDW};
    if (!gen_is(g, 6, HELD_CTX) || !g->type->ld_abs || (g->st.pinned & 0x3f) || g->depth > 0) {
        gen_context(g);
        return;
    }
    const enum op op = gen_pick(g, rows);
    const uint32_t src = gen_number(g);
    gen_put(g, op, 0, src, 0, (int32_t)gen_below(g, 16));
    gen_forget(&g->st);
    gen_set_number(g, 0);
}

/* A helper that moves the packet's ends: pointers are void, and have to be made anew. */
void gen_packet_move(struct gen *g) {
    static const uint32_t helpers[] = {HELPER_xdp_adjust_head, HELPER_xdp_adjust_tail,
                                       HELPER_xdp_adjust_meta, HELPER_skb_pull_data,
                                       HELPER_skb_change_tail, HELPER_skb_change_head};
    const uint32_t h = gen_pick(g, helpers);
    if (!has_packet(g) || !gen_may_call(g, h) || (g->st.pinned & 0x3f)) {
        gen_packet(g);
        return;
    }
    gen_put(g, OP_MOV64_REG, 1, 6, 0, 0);
    gen_put(g, OP_MOV64_IMM, 2, 0, 0, (int32_t)gen_below(g, 64) - (h < 60 ? 0 : 16));
    gen_put(g, OP_MOV64_IMM, 3, 0, 0, 0);
    if (!gen_slip(g))
        gen_drop_packet(&g->st);
    gen_call(g, h);
}
