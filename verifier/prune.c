/* prune.c: whether one state covers another. Frames are compared from the innermost outwards: that
 * is where paths differ.
 */
#include "verifier/prune.h"

#include <string.h>

/* ---- identities ---- */

/* Does old_id keep standing for cur_id, in this comparison? 0 is no identity, and pairs with 0. */
static bool pair_ids(struct prune_ids *ids, uint32_t old_id, uint32_t cur_id, bool is_ref) {
    if (!old_id || !cur_id)
        return old_id == cur_id;
    for (uint32_t i = 0; i < ids->n; i++) {
        if (ids->pair[i].old == old_id)
            return ids->pair[i].cur == cur_id;
        if (is_ref && ids->pair[i].is_ref && ids->pair[i].cur == cur_id)
            return false;
    }
    if (ids->n == PRUNE_MAX_IDS)
        return false;
    ids->pair[ids->n].old = old_id;
    ids->pair[ids->n].cur = cur_id;
    ids->pair[ids->n++].is_ref = is_ref;
    return true;
}

static bool same_id(struct prune_ids *ids, uint32_t old_id, uint32_t cur_id) {
    return pair_ids(ids, old_id, cur_id, false);
}

static bool same_ref(struct prune_ids *ids, uint32_t old_ref, uint32_t cur_ref) {
    return pair_ids(ids, old_ref, cur_ref, true);
}

/* Links of scalars. What old did not link, cur may. A scalar of cur without an identity equals no
 * other: it gets one of its own, from the end that fresh identities do not reach. */
static bool links_kept(struct prune_ids *ids, const struct reg *old, const struct reg *cur) {
    if (!old->id)
        return true;
    if (old->has_delta != cur->has_delta || (old->has_delta && old->off != cur->off))
        return false;
    return same_id(ids, old->id, cur->id ? cur->id : UINT32_MAX - ids->n_unnamed++);
}

/* ---- registers ---- */

/* What the two unions hold, by kind, but for a packet's range: the object pointed to. */
static bool same_object(struct prune_ids *ids, const struct reg *old, const struct reg *cur) {
    switch (old->kind) {
    case REG_STACK: return old->frame == cur->frame;
    case REG_MAP:
    case REG_MAP_VALUE: return old->map == cur->map && same_id(ids, old->map_uid, cur->map_uid);
    case REG_MAP_KEY: return old->map == cur->map;
    case REG_MEM:
        return old->mem_bytes == cur->mem_bytes && same_id(ids, old->dynptr_id, cur->dynptr_id);
    case REG_BTF: return old->btf_id == cur->btf_id;
    case REG_FUNC: return old->subprog == cur->subprog;
    case REG_DYNPTR: return old->dynptr == cur->dynptr && old->first == cur->first;
    default: return true;
    }
}

static bool pointer_equal(struct prune_ids *ids, const struct reg *old, const struct reg *cur) {
    return old->off == cur->off && scalar_equal(old->v, cur->v) && same_object(ids, old, cur) &&
           same_id(ids, old->id, cur->id) && same_ref(ids, old->ref, cur->ref);
}

static bool pointer_within(struct prune_ids *ids, const struct reg *old, const struct reg *cur) {
    return old->off == cur->off && scalar_subset(cur->v, old->v) && same_object(ids, old, cur) &&
           same_id(ids, old->id, cur->id) && same_ref(ids, old->ref, cur->ref);
}

static bool pointer_covered(struct prune_ids *ids, const struct reg *old, const struct reg *cur) {
    switch (old->kind) {
    case REG_MAP_KEY:
    case REG_MAP_VALUE:
    case REG_MEM:
    case REG_BUF:
    case REG_TP_BUFFER: return pointer_within(ids, old, cur);
    case REG_PACKET:
    case REG_PACKET_META:
        /* a negative range says that the pointer is behind the end: not comparable by size */
        if (old->range < 0 || cur->range < 0 ? old->range != cur->range : old->range > cur->range)
            return false;
        return pointer_within(ids, old, cur);
    case REG_ARENA: return true; /* any address of the arena is as good as another */
    default: return pointer_equal(ids, old, cur);
    }
}

static bool reg_equal(struct prune_ids *ids, const struct reg *old, const struct reg *cur) {
    if (old->kind != cur->kind || old->flags != cur->flags)
        return false;
    if (old->kind == REG_UNINIT)
        return true;
    if (old->kind == REG_SCALAR)
        return old->has_delta == cur->has_delta && (!old->has_delta || old->off == cur->off) &&
               scalar_equal(old->v, cur->v) && same_id(ids, old->id, cur->id);
    return (!reg_is_packet(old) || old->range == cur->range) && pointer_equal(ids, old, cur);
}

static bool reg_covered(struct prune_ids *ids, const struct reg *old, const struct reg *cur,
                        enum prune_mode mode) {
    if (mode == PRUNE_EXACT)
        return reg_equal(ids, old, cur);
    if (old->kind == REG_UNINIT && mode == PRUNE_NOT_EXACT)
        return true; /* nothing that old led to has read it */
    if (old->kind != cur->kind || old->flags != cur->flags)
        return false;
    if (old->kind == REG_UNINIT)
        return true;
    if (old->kind != REG_SCALAR)
        return pointer_covered(ids, old, cur);
    if (ids->exact_numbers && !scalar_equal(cur->v, old->v))
        return false;
    if (!old->precise && mode == PRUNE_NOT_EXACT)
        return true;
    return links_kept(ids, old, cur) && scalar_subset(cur->v, old->v);
}

/* ---- stack ---- */

/* Eight bytes of no known value read as an unknown number: as good as a spilled one. */
static bool slot_all_misc(const struct prune_ids *ids, const struct slot *s) {
    for (uint32_t i = 0; i < SLOT_BYTES; i++)
        if (s->byte[i] != SLOT_MISC && !(s->byte[i] == SLOT_INVALID && ids->uninit_stack_ok))
            return false;
    return true;
}

static const struct reg *slot_as_scalar(const struct prune_ids *ids, const struct slot *s,
                                        const struct reg *unknown) {
    if (slot_is_spill64(s) && s->spilled.kind == REG_SCALAR)
        return &s->spilled;
    return slot_all_misc(ids, s) ? unknown : NULL;
}

/* What a slot's first byte says that it holds, where both have the same there. */
static bool slot_object_covered(struct prune_ids *ids, const struct slot *old,
                                const struct slot *cur, enum prune_mode mode) {
    const struct reg *o = &old->spilled, *c = &cur->spilled;
    switch (old->byte[0]) {
    case SLOT_SPILL: return reg_covered(ids, o, c, mode);
    case SLOT_DYNPTR:
        return o->flags == c->flags && o->dynptr == c->dynptr && o->first == c->first &&
               same_id(ids, o->id, c->id) && same_ref(ids, o->ref, c->ref);
    case SLOT_ITER: /* how often next was called does not matter */
        return o->kind == c->kind && o->flags == c->flags && o->btf_id == c->btf_id &&
               o->iter.state == c->iter.state && same_ref(ids, o->ref, c->ref);
    case SLOT_IRQ: return o->flags == c->flags && same_ref(ids, o->ref, c->ref);
    default: return true;
    }
}

/* Is a byte of old one that nothing may rely on? */
static bool byte_is_void(const struct prune_ids *ids, uint8_t old) {
    return old == SLOT_INVALID || (old == SLOT_MISC && ids->uninit_stack_ok);
}

static bool slot_covered(struct prune_ids *ids, const struct slot *old, const struct slot *cur,
                         enum prune_mode mode) {
    if (mode != PRUNE_NOT_EXACT && memcmp(old->byte, cur->byte, SLOT_BYTES) != 0)
        return false;
    uint32_t first = 0;
    while (first < SLOT_BYTES && byte_is_void(ids, old->byte[first]))
        first++;
    if (first == SLOT_BYTES)
        return true;

    const struct reg unknown = reg_scalar(scalar_unknown());
    const struct reg *o = slot_as_scalar(ids, old, &unknown);
    const struct reg *c = o ? slot_as_scalar(ids, cur, &unknown) : NULL;
    if (o && c)
        return reg_covered(ids, o, c, mode);

    for (uint32_t i = first; i < SLOT_BYTES; i++) {
        const bool zero_for_misc = old->byte[i] == SLOT_MISC && cur->byte[i] == SLOT_ZERO;
        if (!byte_is_void(ids, old->byte[i]) && old->byte[i] != cur->byte[i] && !zero_for_misc)
            return false;
    }
    return first > 0 || slot_object_covered(ids, old, cur, mode);
}

static bool slots_covered(struct prune_ids *ids, const struct frame *old, const struct frame *cur,
                          uint64_t live, enum prune_mode mode) {
    static const struct slot never_written = {.byte = {SLOT_INVALID}};
    for (uint32_t i = 0; i < old->n_slots; i++) {
        const struct slot *c = i < cur->n_slots ? &cur->slots[i] : &never_written;
        if ((live >> i & 1) && !slot_covered(ids, &old->slots[i], c, mode))
            return false;
    }
    return true;
}

/* ---- states ---- */

/* Slots that only cur has: they do not matter unless everything must be equal. */
static bool no_more_slots(const struct frame *old, const struct frame *cur, uint64_t live) {
    for (uint32_t i = old->n_slots; i < cur->n_slots; i++)
        if ((live >> i & 1) && !slot_is(&cur->slots[i], SLOT_INVALID))
            return false;
    return true;
}

static bool frame_covered(struct prune_ids *ids, const struct frame *old, const struct frame *cur,
                          uint16_t live_regs, uint64_t live_slots, enum prune_mode mode) {
    for (uint32_t r = 0; r < N_REGS; r++)
        if ((live_regs >> r & 1) && !reg_covered(ids, &old->regs[r], &cur->regs[r], mode))
            return false;
    if (mode == PRUNE_EXACT && !no_more_slots(old, cur, live_slots))
        return false;
    return slots_covered(ids, old, cur, live_slots, mode);
}

/* The same calls, and as many callbacks still to be followed. */
static bool same_calls(const struct state *old, const struct state *cur) {
    if (old->depth != cur->depth)
        return false;
    for (uint32_t i = 0; i <= old->depth; i++) {
        const struct frame *o = old->frames[i], *c = cur->frames[i];
        if (o->call_pc != c->call_pc || o->subprog != c->subprog ||
            o->callback_depth > c->callback_depth || o->in_async_callback != c->in_async_callback ||
            o->in_exception_callback != c->in_exception_callback)
            return false;
    }
    return true;
}

static bool same_ref_kind(struct prune_ids *ids, const struct ref *old, const struct ref *cur) {
    return old->kind == cur->kind && old->callback == cur->callback &&
           old->lock_kind == cur->lock_kind && old->lock_object == cur->lock_object &&
           same_ref(ids, old->id, cur->id);
}

/* References come first: what is paired before them could hide that two of them are one in cur. */
static bool same_held(struct prune_ids *ids, const struct state *old, const struct state *cur) {
    if (old->n_refs != cur->n_refs || old->rcu_depth != cur->rcu_depth ||
        old->preempt_depth != cur->preempt_depth || old->in_sleepable != cur->in_sleepable)
        return false;
    for (uint32_t i = 0; i < old->n_refs; i++)
        if (!same_ref_kind(ids, &old->refs[i], &cur->refs[i]))
            return false;
    for (uint32_t i = 0; i < old->n_refs; i++)
        if (!same_id(ids, old->refs[i].lock_id, cur->refs[i].lock_id))
            return false;
    return same_ref(ids, old->irq_id, cur->irq_id);
}

bool prune_covers(const struct state *old, const struct state *cur, const struct prune_live *live,
                  enum prune_mode mode, struct prune_ids *scratch) {
    scratch->n = scratch->n_unnamed = 0;
    if (!same_calls(old, cur) || !same_held(scratch, old, cur))
        return false;
    for (uint32_t i = old->depth + 1; i-- > 0;)
        if (!frame_covered(scratch, old->frames[i], cur->frames[i], live->regs[i], live->slots[i],
                           mode))
            return false;
    return true;
}

/* All but `precise`, the depth of iterators and the padding behind it. */
static bool reg_same_bits(const struct reg *a, const struct reg *b) {
    const size_t from = offsetof(struct reg, flags), to = offsetof(struct reg, iter_depth);
    return a->kind == b->kind && memcmp(&a->v, &b->v, sizeof a->v) == 0 &&
           memcmp((const char *)a + from, (const char *)b + from, to - from) == 0;
}

bool prune_maybe_looping(const struct state *old, const struct state *cur) {
    if (old->depth != cur->depth)
        return false;
    const struct reg *o = state_regs(old), *c = state_regs(cur);
    for (uint32_t r = 0; r < N_REGS; r++)
        if (!reg_same_bits(&o[r], &c[r]))
            return false;
    return true;
}

void state_clear_dead(struct state *st, const struct prune_live *live) {
    for (uint32_t i = 0; i <= st->depth; i++) {
        struct frame *f = st->frames[i];
        for (uint32_t r = 0; r < REG_FP; r++)
            if (!(live->regs[i] >> r & 1))
                f->regs[r] = reg_uninit();
        for (uint32_t k = 0; k < f->n_slots; k++)
            if (!(live->slots[i] >> k & 1))
                f->slots[k] = (struct slot){.spilled = reg_uninit()};
        while (f->n_slots && slot_is(&f->slots[f->n_slots - 1], SLOT_INVALID))
            f->n_slots--;
    }
}
