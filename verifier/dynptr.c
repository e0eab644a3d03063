/* dynptr.c: dynptrs: two slots of stack that helpers and kernel functions make, use and end.
 *
 * The slot with the lower address is the first. Both carry the dynptr's kind, its identity (slices
 * remember it) and the reference that it holds.
 */
#include "verifier/access.h"
#include "verifier/call.h"
#include "verifier/kfunc.h"

enum {
    DYNPTR_BYTES = 16,
};

/* The first slot's index of a dynptr at r; the second one's is less by one.
 * out: false: no dynptr can be there (rejected) */
static bool place(struct step *s, uint32_t r, uint32_t *first) {
    const struct reg *const reg = step_reg(s, r);
    if (reg->kind != REG_STACK || !scalar_is_const(reg->v))
        return step_reject(s, REASON_DYNPTR, (int)r, "dynptr has to be at a constant offset");
    const int64_t off = reg->off + (int64_t)reg->v.bits.value;
    if (off % SLOT_BYTES || off > -DYNPTR_BYTES || off < -FRAME_MAX_BYTES)
        return step_reject(s, REASON_DYNPTR, (int)r, "cannot pass in dynptr at an offset=%lld",
                           (long long)off);
    *first = slot_of(off);
    return true;
}

/* Is slot k the first of a dynptr? */
static bool begins(const struct frame *f, uint32_t k) {
    return k > 0 && k < f->n_slots && slot_is(&f->slots[k], SLOT_DYNPTR) &&
           slot_is(&f->slots[k - 1], SLOT_DYNPTR) && f->slots[k].spilled.first;
}

static void clear(struct step *s, uint32_t frame, uint32_t first) {
    struct frame *const f = s->st->frames[frame];
    for (uint32_t k = first - 1; k <= first; k++) {
        f->slots[k].spilled = reg_uninit();
        for (uint32_t i = 0; i < SLOT_BYTES; i++)
            f->slots[k].byte[i] = SLOT_INVALID;
    }
    step_touch_write(s, frame, UINT64_C(3) << (first - 1));
}

/* Slices of the dynptr are unusable. */
static void forget_slices(struct step *s, uint32_t id) {
    struct reg *r;
    for (struct reg_walk w = {.st = s->st}; (r = reg_walk_next(&w)) != NULL;)
        if (r->kind == REG_MEM && r->dynptr_id == id)
            call_invalidate(s, r);
}

bool dynptr_overwrite(struct step *s, uint32_t frame, uint32_t slot) {
    struct frame *const f = s->st->frames[frame];
    if (slot >= f->n_slots || !slot_is(&f->slots[slot], SLOT_DYNPTR))
        return true;
    const uint32_t first = f->slots[slot].spilled.first ? slot : slot + 1;
    const struct reg dynptr = f->slots[first].spilled;
    if (dynptr.ref) {
        uint32_t others = 0; /* clones, which hold the reference too */
        for (uint32_t i = 0; i <= s->st->depth; i++)
            for (uint32_t k = 1; k < s->st->frames[i]->n_slots; k++)
                others += begins(s->st->frames[i], k) &&
                          s->st->frames[i]->slots[k].spilled.ref == dynptr.ref;
        if (others < 2)
            return step_reject(s, REASON_DYNPTR, REPORT_NO_REG,
                               "cannot overwrite referenced dynptr");
    }
    forget_slices(s, dynptr.id);
    clear(s, frame, first);
    return true;
}

bool dynptr_arg_make(struct step *s, uint32_t r, enum dynptr_kind kind, uint32_t ref) {
    const uint32_t frame = step_reg(s, r)->frame;
    uint32_t first;
    if (step_reg(s, r)->kind == REG_DYNPTR)
        return step_reject(s, REASON_DYNPTR, (int)r, "Dynptr has to be an uninitialized dynptr");
    if (!place(s, r, &first))
        return false;
    const struct access_range bytes = {
        .r = r, .n_bytes = DYNPTR_BYTES, .kind = ACCESS_WRITE, .uninit_ok = true};
    if (!dynptr_overwrite(s, frame, first) || !dynptr_overwrite(s, frame, first - 1) ||
        !access_range(s, &bytes))
        return false;
    struct reg dynptr = reg_pointer(REG_DYNPTR, 0);
    dynptr.dynptr = kind;
    dynptr.id = step_new_id(s);
    dynptr.ref = ref;
    struct frame *const f = s->st->frames[frame];
    for (uint32_t k = first - 1; k <= first; k++) {
        dynptr.first = k == first;
        f->slots[k].spilled = dynptr;
        for (uint32_t i = 0; i < SLOT_BYTES; i++)
            f->slots[k].byte[i] = SLOT_DYNPTR;
    }
    step_touch_write(s, frame, UINT64_C(3) << (first - 1));
    return true;
}

const struct reg *dynptr_of(struct step *s, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (reg->kind == REG_DYNPTR)
        return reg;
    return &s->st->frames[reg->frame]
                ->slots[slot_of(reg->off + (int64_t)reg->v.bits.value)]
                .spilled;
}

static const char *const kind_names[] = {[DYNPTR_NONE] = "any",
                                         [DYNPTR_LOCAL] = "local",
                                         [DYNPTR_RINGBUF] = "ringbuf",
                                         [DYNPTR_SKB] = "skb",
                                         [DYNPTR_XDP] = "xdp"};

bool dynptr_arg_init(struct step *s, uint32_t r, enum dynptr_kind kind, bool rdonly) {
    const struct reg *const reg = step_reg(s, r);
    uint32_t first;
    if (reg->kind == REG_DYNPTR) {
        if (!rdonly)
            return step_reject(s, REASON_DYNPTR, (int)r,
                               "cannot pass pointer to const bpf_dynptr, the helper mutates it");
    } else {
        if (reg->kind != REG_STACK)
            return step_reject(s, REASON_DYNPTR, (int)r,
                               "arg#%u expected pointer to stack or const struct bpf_dynptr",
                               r - 1);
        if (!place(s, r, &first))
            return false;
        if (!begins(s->st->frames[reg->frame], first))
            return step_reject(s, REASON_DYNPTR, (int)r,
                               "Expected an initialized dynptr as arg #%u", r - 1);
        step_touch_read(s, reg->frame, UINT64_C(3) << (first - 1));
    }
    if (kind != DYNPTR_NONE && dynptr_of(s, r)->dynptr != kind)
        return step_reject(s, REASON_DYNPTR, (int)r, "Expected a dynptr of type %s as arg #%u",
                           kind_names[kind], r - 1);
    return true;
}

bool dynptr_arg_end(struct step *s, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (reg->kind != REG_STACK)
        return step_reject(s, REASON_DYNPTR, (int)r, "cannot release unowned const bpf_dynptr");
    const struct reg dynptr = *dynptr_of(s, r);
    if (!dynptr.ref)
        return step_reject(s, REASON_REF_RELEASE, (int)r, "arg %u is an unacquired reference", r);
    if (!call_release(s, dynptr.ref))
        return step_reject(s, REASON_REF_RELEASE, (int)r, "reference has not been acquired before");
    for (uint32_t i = 0; i <= s->st->depth; i++)
        for (uint32_t k = 1; k < s->st->frames[i]->n_slots; k++)
            if (begins(s->st->frames[i], k) &&
                s->st->frames[i]->slots[k].spilled.ref == dynptr.ref) {
                forget_slices(s, s->st->frames[i]->slots[k].spilled.id);
                clear(s, i, k);
            }
    return true;
}
