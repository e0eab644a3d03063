/* state_join.c: a state that contains two.
 *
 * What both sides know of a register or slot is kept, as far as one value can say it; where they
 * hold different things, it becomes uninit, which nothing may rely on. Identities keep the numbers
 * of *into, where what is equal there is equal in the other state too, and are dropped elsewhere.
 * What is held (references, locks, sections) cannot be joined: it must be the same.
 */
#include <string.h>

#include "verifier/state.h"

enum {
    MAX_PAIRS = 256 /* identities; those beyond are dropped */
};

struct join {
    bool widen, changed;
    uint32_t n_pairs;
    struct {
        uint32_t into, other;
    } pair[MAX_PAIRS];
};

static bool same_id(struct join *j, uint32_t into, uint32_t other) {
    if (!into || !other)
        return into == other;
    for (uint32_t i = 0; i < j->n_pairs; i++)
        if (j->pair[i].into == into)
            return j->pair[i].other == other;
    if (j->n_pairs == MAX_PAIRS)
        return false;
    j->pair[j->n_pairs].into = into;
    j->pair[j->n_pairs++].other = other;
    return true;
}

/* ---- registers ---- */

static struct scalar join_value(const struct join *j, struct scalar a, struct scalar b) {
    if (scalar_subset(b, a))
        return a;
    return j->widen ? scalar_widen(a, b) : scalar_join(a, b);
}

static struct reg join_scalar(struct join *j, const struct reg *a, const struct reg *b) {
    struct reg r = *a;
    r.v = join_value(j, a->v, b->v);
    r.precise = a->precise || b->precise;
    const bool linked = a->has_delta == b->has_delta && (!a->has_delta || a->off == b->off);
    if (!linked || !same_id(j, a->id, b->id)) {
        r.id = 0;
        r.has_delta = false;
        r.off = 0;
    }
    return r;
}

/* Bytes proved behind a packet pointer's base, after the base of b moved up by `moved`. A negative
 * range says that there are none, and where the pointer is: -1 takes in -2. */
static int32_t join_range(const struct join *j, int32_t a, int32_t b, int64_t moved) {
    if (a < 0 && b < 0)
        return a > b ? a : b;
    if (a < 0 || b < 0)
        return 0;
    const int64_t there = b - moved;
    if (there >= a)
        return a;
    return j->widen || there < 0 ? 0 : (int32_t)there;
}

/* The object pointed to, but for a packet's range. */
static bool same_object(struct join *j, const struct reg *a, const struct reg *b) {
    switch (a->kind) {
    case REG_STACK: return a->frame == b->frame;
    case REG_MAP:
    case REG_MAP_VALUE: return a->map == b->map && same_id(j, a->map_uid, b->map_uid);
    case REG_MAP_KEY: return a->map == b->map;
    case REG_MEM: return a->mem_bytes == b->mem_bytes && same_id(j, a->dynptr_id, b->dynptr_id);
    case REG_BTF: return a->btf_id == b->btf_id;
    case REG_FUNC: return a->subprog == b->subprog;
    case REG_DYNPTR: return a->dynptr == b->dynptr && a->first == b->first;
    default: return true;
    }
}

/* Pointers at different constant offsets become one at a variable offset: off of a, and the rest of
 * b's in the variable part. Then they no longer share it with others. */
static struct reg join_pointer(struct join *j, const struct reg *a, const struct reg *b) {
    struct reg r = *a;
    const uint32_t differ = (uint32_t)(a->flags ^ b->flags);
    if (!same_object(j, a, b) || !same_id(j, a->ref, b->ref) || differ)
        return reg_uninit();
    const int64_t moved = (int64_t)b->off - a->off;
    const struct scalar there =
        moved ? scalar_add(SCALAR_64, b->v, scalar_const((uint64_t)moved)) : b->v;
    r.v = join_value(j, a->v, there);
    if (reg_is_packet(a))
        r.range = join_range(j, a->range, b->range, moved);
    if (moved || !same_id(j, a->id, b->id))
        r.id = 0;
    /* a test for NULL finds what it tested by its identity */
    return reg_maybe_null(a) && !r.id ? reg_uninit() : r;
}

static struct reg join_reg(struct join *j, const struct reg *a, const struct reg *b) {
    if (a->kind != b->kind || a->kind == REG_UNINIT)
        return reg_uninit();
    return a->kind == REG_SCALAR ? join_scalar(j, a, b) : join_pointer(j, a, b);
}

/* All but whether it is precise. */
static bool reg_same(const struct reg *a, const struct reg *b) {
    const size_t from = offsetof(struct reg, flags), to = offsetof(struct reg, iter_depth);
    return a->kind == b->kind && a->has_delta == b->has_delta && scalar_equal(a->v, b->v) &&
           memcmp((const char *)a + from, (const char *)b + from, to - from) == 0;
}

static void put_reg(struct join *j, struct reg *into, struct reg r) {
    j->changed |= !reg_same(into, &r);
    *into = r;
}

/* ---- stack ---- */

static bool is_object(uint8_t byte) {
    return byte == SLOT_DYNPTR || byte == SLOT_ITER || byte == SLOT_IRQ;
}

/* out: false: the slot is no number that one register can say */
static bool slot_number(const struct slot *s, struct reg *r) {
    if (slot_is_spill64(s) && s->spilled.kind == REG_SCALAR)
        *r = s->spilled;
    else if (slot_is(s, SLOT_ZERO))
        *r = reg_const(0);
    else if (slot_is(s, SLOT_MISC))
        *r = reg_scalar(scalar_unknown());
    else
        return false;
    return true;
}

static struct slot filled(enum slot_byte what, struct reg spilled) {
    struct slot s = {.spilled = spilled};
    memset(s.byte, (int)what, sizeof s.byte);
    return s;
}

static bool same_spill_bytes(const struct slot *a, const struct slot *b) {
    return slot_is_spill(a) && slot_is_spill(b) && !memcmp(a->byte, b->byte, sizeof a->byte);
}

/* A byte that is part of a pointer is not one that may be read as a number. */
static uint8_t join_byte(const struct slot *a, const struct slot *b, uint32_t i) {
    const uint8_t x = a->byte[i], y = b->byte[i];
    const bool pointer = (x == SLOT_SPILL && reg_is_pointer(&a->spilled)) ||
                         (y == SLOT_SPILL && reg_is_pointer(&b->spilled));
    if (pointer || x == SLOT_INVALID || y == SLOT_INVALID || is_object(x) || is_object(y))
        return SLOT_INVALID;
    return x == y && x == SLOT_ZERO ? SLOT_ZERO : SLOT_MISC;
}

static struct slot join_bytes(const struct slot *a, const struct slot *b) {
    struct slot s = {.spilled = reg_uninit()};
    for (uint32_t i = 0; i < SLOT_BYTES; i++)
        s.byte[i] = join_byte(a, b, i);
    return s;
}

static struct slot join_object(struct join *j, const struct slot *a, const struct slot *b) {
    const struct reg *x = &a->spilled, *y = &b->spilled;
    struct slot s = *a;
    bool same = !memcmp(a->byte, b->byte, sizeof a->byte) && x->kind == y->kind &&
                x->flags == y->flags && same_id(j, x->ref, y->ref) && same_id(j, x->id, y->id);
    if (a->byte[0] == SLOT_DYNPTR)
        same = same && x->dynptr == y->dynptr && x->first == y->first;
    if (a->byte[0] == SLOT_ITER)
        same = same && x->btf_id == y->btf_id && x->iter.state == y->iter.state;
    if (!same)
        return filled(SLOT_INVALID, reg_uninit());
    s.spilled.iter_depth = x->iter_depth > y->iter_depth ? x->iter_depth : y->iter_depth;
    return s;
}

static struct slot join_slot(struct join *j, const struct slot *a, const struct slot *b) {
    struct reg x, y;
    if (is_object(a->byte[0]))
        return join_object(j, a, b);
    if (slot_number(a, &x) && slot_number(b, &y)) {
        if (slot_is(a, SLOT_MISC) || (slot_is(a, SLOT_ZERO) && slot_is(b, SLOT_ZERO)))
            return *a;
        return filled(SLOT_SPILL, join_scalar(j, &x, &y));
    }
    if (same_spill_bytes(a, b)) {
        struct slot s = *a;
        s.spilled = join_reg(j, &a->spilled, &b->spilled);
        if (s.spilled.kind != REG_UNINIT)
            return s;
    }
    return join_bytes(a, b);
}

static void put_slot(struct join *j, struct slot *into, struct slot s) {
    j->changed |= memcmp(into->byte, s.byte, sizeof s.byte) != 0;
    put_reg(j, &into->spilled, s.spilled);
    memcpy(into->byte, s.byte, sizeof s.byte);
}

static bool same_bytes(const void *a, const void *b, size_t n) {
    return !memcmp(a, b, n);
}

/* What is the same byte by byte joins to itself, if its identities do. */
static bool already_joined(struct join *j, const struct reg *into, const struct reg *other) {
    return same_bytes(into, other, sizeof *into) && reg_is_scalar(into) &&
           (!into->id || same_id(j, into->id, into->id));
}

static void join_frame(struct join *j, struct frame *into, const struct frame *other) {
    for (uint32_t r = 0; r < N_REGS; r++) {
        if (into->regs[r].kind == REG_UNINIT || already_joined(j, &into->regs[r], &other->regs[r]))
            continue;
        put_reg(j, &into->regs[r], join_reg(j, &into->regs[r], &other->regs[r]));
    }
    for (uint32_t k = 0; k < into->n_slots; k++) {
        if (k < other->n_slots &&
            !memcmp(into->slots[k].byte, other->slots[k].byte, sizeof into->slots[k].byte) &&
            already_joined(j, &into->slots[k].spilled, &other->slots[k].spilled))
            continue;
        const struct slot never_written = filled(SLOT_INVALID, reg_uninit());
        const struct slot *b = k < other->n_slots ? &other->slots[k] : &never_written;
        put_slot(j, &into->slots[k], join_slot(j, &into->slots[k], b));
    }
    if (other->ret_min < into->ret_min || other->ret_max > into->ret_max)
        j->changed = true;
    into->ret_min = other->ret_min < into->ret_min ? other->ret_min : into->ret_min;
    into->ret_max = other->ret_max > into->ret_max ? other->ret_max : into->ret_max;
    if (other->callback_depth < into->callback_depth)
        into->callback_depth = other->callback_depth;
}

/* ---- states ---- */

static bool same_calls(const struct state *a, const struct state *b) {
    if (a->depth != b->depth)
        return false;
    for (uint32_t i = 0; i <= a->depth; i++) {
        const struct frame *x = a->frames[i], *y = b->frames[i];
        if (x->call_pc != y->call_pc || x->subprog != y->subprog ||
            x->in_callback != y->in_callback || x->in_async_callback != y->in_async_callback ||
            x->in_exception_callback != y->in_exception_callback)
            return false;
    }
    return true;
}

static bool same_held(struct join *j, const struct state *a, const struct state *b) {
    if (a->n_refs != b->n_refs || a->rcu_depth != b->rcu_depth ||
        a->preempt_depth != b->preempt_depth || a->in_sleepable != b->in_sleepable)
        return false;
    for (uint32_t i = 0; i < a->n_refs; i++) {
        const struct ref *x = &a->refs[i], *y = &b->refs[i];
        if (x->kind != y->kind || x->callback != y->callback || x->lock_kind != y->lock_kind ||
            x->lock_object != y->lock_object || !same_id(j, x->id, y->id) ||
            !same_id(j, x->lock_id, y->lock_id))
            return false;
    }
    return same_id(j, a->irq_id, b->irq_id);
}

bool state_joinable(const struct state *a, const struct state *b) {
    struct join j;
    j.n_pairs = 0;
    return same_calls(a, b) && same_held(&j, a, b);
}

enum bpflab_err state_join(struct state *into, const struct state *other, bool widen,
                           bool *changed) {
    struct join j; /* of its pairs only those are set that there are */
    j.widen = widen;
    j.changed = false;
    j.n_pairs = 0;
    *changed = false;
    if (!same_calls(into, other) || !same_held(&j, into, other))
        return BPFLAB_E_ARG;
    for (uint32_t i = 0; i <= into->depth; i++)
        join_frame(&j, into->frames[i], other->frames[i]);
    if (other->may_gotos > into->may_gotos)
        into->may_gotos = other->may_gotos;
    if (other->callback_unroll > into->callback_unroll)
        into->callback_unroll = other->callback_unroll;
    *changed = j.changed;
    return BPFLAB_OK;
}
