/* socket.c: sockets: found by their addresses or in the context, asked, and given back. */
#include "fuzz/gen/emit.h"

#include "isa/kind.h"

/* Helpers that take a socket in r1 alone, and what they give: another one, or a number. */
static const uint32_t asked[] = {HELPER_sk_fullsock, HELPER_tcp_sock, HELPER_get_listener_sock,
                                 HELPER_sk_cgroup_id, HELPER_get_socket_cookie};

/* reg = a socket, which a test has shown to be one: some of its fields, and helpers about it. It is
 * gone from all registers but reg behind that. */
static void use_socket(struct gen *g, uint32_t reg, bool full) {
    static const uint16_t fields[] = {0, 4, 8, 12, 16, 20}; /* bound_dev_if to priority */
    for (uint32_t n = 1 + gen_below(g, 2); n > 0; n--) {
        if (!full || gen_maybe(g, 2)) {
            const uint32_t r = gen_free_but(g, reg);
            gen_put(g, OP_LDXW, r, reg, full ? gen_pick(g, fields) : 4, 0);
            gen_set_number(g, r);
            continue;
        }
        const uint32_t h = gen_pick(g, asked);
        if (!gen_may_call(g, h) || (g->st.pinned & 0x3f))
            continue;
        gen_put(g, OP_MOV64_REG, 1, reg, 0, 0);
        gen_call(g, h);
        const struct helper_proto *const p =
            helper_proto_for(h, g->c->type, (int)g->c->attach_type);
        if (p->ret == RET_INT)
            continue;
        const uint32_t out = gen_jump(g, OP_JEQ64_IMM, 0, 0, 0);
        gen_put(g, OP_LDXW, 0, 0, 4, 0);
        gen_land(g, out);
        gen_set_number(g, 0);
    }
}

/* A lookup by addresses that lie on the stack; the reference is given back, unless it is a slip. */
void gen_socket(struct gen *g) {
    static const uint32_t lookups[] = {HELPER_sk_lookup_tcp, HELPER_sk_lookup_udp,
                                       HELPER_skc_lookup_tcp};
    const uint32_t h = gen_pick(g, lookups);
    if (!gen_may_call(g, h) || (g->st.pinned & 0x3f) || !gen_is(g, 6, HELD_CTX) || g->depth > 0 ||
        g->nest >= GEN_NEST) {
        gen_context_socket(g);
        return;
    }
    gen_fill(g, g->buffer, 40);
    gen_put(g, OP_MOV64_REG, 1, 6, 0, 0);
    gen_to_stack(g, 2, g->buffer);
    gen_put(g, OP_MOV64_IMM, 3, 0, 0, gen_maybe(g, 2) ? 12 : 36);
    gen_put(g, OP_MOV64_IMM, 4, 0, 0, -1);
    gen_put(g, OP_MOV64_IMM, 5, 0, 0, 0);
    gen_call(g, h);
    const uint32_t p = gen_kept(g);
    gen_put(g, OP_MOV64_REG, p, 0, 0, 0);
    gen_set(g, 0, (struct held){0});
    gen_set(g, p, (struct held){0});
    const uint32_t out = gen_jump(g, OP_JEQ64_IMM, gen_maybe(g, 2) ? p : 0, 0, 0);
    const struct gen_state before = g->st;
    gen_pin(g, p);
    use_socket(g, p, h != HELPER_skc_lookup_tcp);
    g->st.pinned = before.pinned;
    if (!gen_slip(g)) {
        gen_put(g, OP_MOV64_REG, 1, p, 0, 0);
        gen_call(g, HELPER_sk_release);
        gen_set(g, 0, (struct held){0});
    }
    gen_set(g, p, (struct held){0});
    gen_land(g, out);
    gen_meet(&g->st, &before);
}

/* The context's own socket, where the type has one; where it may be missing it is tested. */
void gen_context_socket(struct gen *g) {
    const struct ctx_field *field = NULL;
    for (uint32_t i = 0; g->type && i < g->type->n_fields; i++) {
        const uint8_t kind = g->type->fields[i].kind;
        if ((g->type->read >> i & 1) && (kind == CTX_SOCK || kind == CTX_SOCK_NULL))
            field = &g->type->fields[i];
    }
    if (!field || !gen_is(g, 6, HELD_CTX) || g->nest >= GEN_NEST) {
        gen_context(g);
        return;
    }
    const uint32_t p = gen_kept(g);
    gen_put(g, OP_LDXDW, p, 6, field->off, 0);
    gen_set(g, p, (struct held){0});
    const uint32_t out = gen_jump(g, OP_JEQ64_IMM, p, 0, 0);
    const struct gen_state before = g->st;
    gen_pin(g, p);
    use_socket(g, p, true);
    g->st.pinned = before.pinned;
    gen_set(g, p, (struct held){0});
    gen_land(g, out);
    gen_meet(&g->st, &before);
}
