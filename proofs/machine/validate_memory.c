/* validate_memory.c: the instructions that access memory: loads, stores, atomic accesses, bytes of
 * the packet. An access is direct, or the runtime does it; that is the path's choice, but a direct
 * one must be to memory that is what it looks like.
 */
#include "proofs/machine/validate_spec_impl.h"
#include "runtime/layout.h"

/* Is the access being done told to be plain? */
static bool told_plain(const struct vrun *r) {
    return r->c->told && r->c->fact.mem == MEM_PLAIN && r->pc == r->code->pc + r->c->fact_at;
}

/* Atomic and ordered accesses of what is not known to be accepted must be aligned. */
static enum vleaves aligned(struct vrun *r, term *addr, unsigned bytes, uint8_t base) {
    const unsigned bits = (unsigned)__builtin_ctz(bytes);
    if (bytes == 1 || (r->c->trusted && (!r->c->arena || base == REG_FP || told_plain(r))))
        return V_GOES_ON;
    term *const low = term_low(r->t, bits, addr);
    const int odd = v_decided(r, "alignment", term_ne(r->t, low, term_const(r->t, bits, 0)));
    return odd < 0 ? V_FAILED : odd ? v_traps(r, RUN_TRAP_ALIGN, addr) : V_GOES_ON;
}

/* Is the path the one through the runtime? Then a call is what comes next. */
static bool is_slow(const struct vrun *r) {
    unsigned ahead = 0;
    while (v_peek(r, ahead) && v_peek(r, ahead)->kind == MEV_FENCE)
        ahead++;
    return v_peek(r, ahead) && v_peek(r, ahead)->kind == MEV_CALL;
}

/* A direct access must be one to memory that is what it looks like. */
static bool is_plain(struct vrun *r, term *addr, uint8_t base) {
    const uint64_t from = r->sm.big_endian ? WORLD_ARENA_OFF : WORLD_HANDLE_OFF;
    if (!r->c->arena || base == REG_FP || told_plain(r))
        return true;
    if (r->c->slow)
        return v_wrong(r, "a direct access that a fact forbids");
    return v_need(r, "plain memory",
                  term_ult(r->t, term_sub(r->t, addr, v_number(r, WORLD_BASE + from)),
                           v_number(r, WORLD_BYTES - from)));
}

/* The runtime does it. out: as v_call_host; registers but the result stay */
static enum vleaves slowly(struct vrun *r, enum jit_thunk thunk, unsigned n_args,
                           term *const args[5], term **result) {
    term *const r0 = r->r[0];
    const bool called = r->called;
    if (!v_call_host(r, r->b.bind.thunks[thunk], n_args, args))
        return V_FAILED;
    *result = r->r[0];
    r->r[0] = r0;
    const enum vleaves left = v_pending(r);
    r->called = called; /* they are reloaded */
    return left;
}

/* A field that reads as a pointer into the packet: what the world has for it. */
static enum vleaves packet_pointer(struct vrun *r, struct insn in) {
    static const uint16_t at[] = {CASE_PKT_DATA, CASE_PKT_END, CASE_PKT_META};
    term *const off = v_load(r, v_at_state(r, at[r->c->fact.mem - MEM_PKT_DATA]), 4, false);
    if (!off)
        return V_FAILED;
    r->r[in.dst] = term_add_k(r->t, term_zext(r->t, 64, off), WORLD_BASE + WORLD_PKT_OFF);
    return V_GOES_ON;
}

enum vleaves v_load_insn(struct vrun *r, struct insn in, const struct op_info *row) {
    const unsigned bytes = row->width_bits / 8u;
    const bool order = row->cls == CLASS_ATOMIC_LOAD;
    term *const addr = term_add_k(r->t, r->r[in.src], in.off);
    term *v;
    if (r->c->told && r->c->fact.mem >= MEM_PKT_DATA && r->c->opt > 0)
        return packet_pointer(r, in);
    if (order) {
        const enum vleaves left = aligned(r, addr, bytes, in.src);
        if (left != V_GOES_ON)
            return left;
    }
    if (is_slow(r)) {
        term *const args[5] = {addr, v_number(r, bytes), v_number(r, row->sign)};
        const enum vleaves left = slowly(r, JIT_THUNK_LOAD, 3, args, &v);
        if (left == V_GOES_ON)
            r->r[in.dst] = v;
        return left;
    }
    v = is_plain(r, addr, in.src) ? v_load(r, addr, bytes, order) : NULL;
    if (!v)
        return V_FAILED;
    r->r[in.dst] = row->sign ? term_sext(r->t, 64, v) : term_zext(r->t, 64, v);
    return V_GOES_ON;
}

enum vleaves v_store_insn(struct vrun *r, struct insn in, const struct op_info *row) {
    const unsigned bytes = row->width_bits / 8u;
    const bool order = row->cls == CLASS_ATOMIC_STORE;
    term *const addr = term_add_k(r->t, r->r[in.dst], in.off);
    term *const value =
        row->cls == CLASS_ST ? v_number(r, (uint64_t)(int64_t)in.imm) : r->r[in.src];
    if (order) {
        const enum vleaves left = aligned(r, addr, bytes, in.dst);
        if (left != V_GOES_ON)
            return left;
    }
    if (is_slow(r)) {
        term *const args[5] = {addr, v_number(r, bytes), value};
        term *none;
        return slowly(r, JIT_THUNK_STORE, 3, args, &none);
    }
    return is_plain(r, addr, in.dst) && v_store(r, addr, bytes, value, order) ? V_GOES_ON
                                                                              : V_FAILED;
}

/* Is the access sequentially consistent, with the fences around it? One that only looked has
 * nothing to release. */
static bool is_ordered(const struct mevent *e, struct vorder before, struct vorder behind) {
    const bool acquires = e->acquire || behind.acquire;
    const bool releases = e->release || before.release || e->kind == MEV_LOAD;
    return acquires && releases && (e->serialises || behind.serialises);
}

/* A read-modify-write may look at the place before; and where it changes nothing, to have looked
 * with the same ordering is enough. */
static enum vleaves atomic_direct(struct vrun *r, struct insn in, enum op op, term *addr) {
    const unsigned bytes = op_table[op].width_bits / 8u;
    struct spec_atomic want;
    struct vorder before;
    const struct mevent *e = v_next_event(r, &before);
    if (!e)
        return V_FAILED;
    while (e->kind == MEV_LOAD && v_peek(r, 0) &&
           (v_peek(r, 0)->kind == MEV_ATOMIC || v_peek(r, 0)->kind == MEV_LOAD) &&
           v_peek(r, 0)->bytes == e->bytes) {
        struct vorder between;
        if (!v_same_place(r, e, addr, bytes) || !(e = v_next_event(r, &between)))
            return V_FAILED;
        before.release |= between.release;
    }
    if (e->kind != MEV_ATOMIC && e->kind != MEV_LOAD)
        return v_wrong(r, "no atomic access where one belongs"), V_FAILED;
    if (!v_same_place(r, e, addr, bytes) ||
        !spec_atomic(r->t, op, e->value, r->r[in.src], r->r[0], &want))
        return V_FAILED;
    /* those that do not fetch need not be ordered, but for what the machine does anyway */
    const bool ordered = want.writes_src || want.writes_r0;
    if (ordered && !is_ordered(e, before, v_fences_behind(r)))
        return v_wrong(r, "an atomic access without its order"), V_FAILED;
    term *const stored = e->kind == MEV_ATOMIC ? e->stored : e->value;
    if (!v_need(r, "memory afterwards", term_eq(r->t, stored, want.stored)))
        return V_FAILED;
    if (want.writes_src)
        r->r[in.src] = want.reg_value;
    if (want.writes_r0)
        r->r[0] = want.reg_value;
    return V_GOES_ON;
}

enum vleaves v_atomic_insn(struct vrun *r, struct insn in, enum op op) {
    const struct op_info *const row = &op_table[op];
    term *const addr = term_add_k(r->t, r->r[in.dst], in.off);
    const enum vleaves left = aligned(r, addr, row->width_bits / 8u, in.dst);
    if (left != V_GOES_ON)
        return left;
    if (is_slow(r)) {
        term *const args[5] = {addr, v_number(r, op), r->r[in.src], r->r[0]};
        term *old;
        const enum vleaves slow = slowly(r, JIT_THUNK_ATOMIC, 4, args, &old);
        if (slow == V_GOES_ON && row->cls == CLASS_ATOMIC_CMPXCHG)
            r->r[0] = old;
        else if (slow == V_GOES_ON && row->src_rule == FIELD_WREG)
            r->r[in.src] = old;
        return slow;
    }
    return is_plain(r, addr, in.dst) ? atomic_direct(r, in, op, addr) : V_FAILED;
}

enum vleaves v_packet(struct vrun *r, struct insn in, const struct op_info *row) {
    term *off = term_const(r->t, 32, (uint32_t)in.imm);
    off = row->from_reg ? term_zext(r->t, 64, term_add(r->t, term_low(r->t, 32, r->r[in.src]), off))
                        : term_sext(r->t, 64, off);
    term *const args[5] = {off, v_number(r, row->width_bits / 8u)};
    if (!v_call_host(r, r->b.bind.thunks[JIT_THUNK_PACKET], 2, args))
        return V_FAILED;
    const int outside = v_decided(r, "packet", term_eq(r->t, r->r[0], v_number(r, UINT64_MAX)));
    if (outside <= 0)
        return outside < 0 ? V_FAILED : V_GOES_ON;
    r->r[0] = v_number(r, 0);
    return v_exits(r);
}
