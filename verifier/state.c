/* state.c: making, copying and walking states. state_copy is the hot path of path exploration: it
 * uses the destination's memory again and copies only what is in use.
 */
#include "verifier/state.h"

#include <stdlib.h>
#include <string.h>

enum {
    FIRST_SLOTS = 4
};

/* Room for n slots; what they hold is undefined. */
static enum bpflab_err reserve_slots(struct frame *f, uint32_t n) {
    if (n <= f->slots_cap)
        return BPFLAB_OK;
    struct slot *grown = realloc(f->slots, n * sizeof *grown);
    if (!grown)
        return BPFLAB_E_NOMEM;
    f->slots = grown;
    f->slots_cap = n;
    return BPFLAB_OK;
}

/* The frame at index i, made if it is not there; what it holds is undefined, but for its memory. */
static struct frame *frame_at(struct state *st, uint32_t i) {
    if (!st->frames[i])
        st->frames[i] = calloc(1, sizeof *st->frames[i]);
    return st->frames[i];
}

static void frame_reset(struct frame *f, uint32_t index, uint32_t subprog, uint32_t call_pc) {
    *f = (struct frame){
        .slots = f->slots, .slots_cap = f->slots_cap, .subprog = subprog, .call_pc = call_pc};
    for (uint32_t r = 0; r < N_REGS; r++)
        f->regs[r] = reg_uninit();
    f->regs[REG_FP] = reg_pointer(REG_STACK, 0);
    f->regs[REG_FP].frame = index;
}

static enum bpflab_err frame_copy(struct frame *dst, const struct frame *src) {
    if (reserve_slots(dst, src->n_slots))
        return BPFLAB_E_NOMEM;
    struct slot *slots = dst->slots;
    const uint32_t cap = dst->slots_cap;
    *dst = *src;
    dst->slots = slots;
    dst->slots_cap = cap;
    if (src->n_slots)
        memcpy(slots, src->slots, src->n_slots * sizeof *slots);
    return BPFLAB_OK;
}

enum bpflab_err state_init(struct state *st, uint32_t subprog) {
    *st = (struct state){0};
    struct frame *f = frame_at(st, 0);
    if (!f)
        return BPFLAB_E_NOMEM;
    frame_reset(f, 0, subprog, FRAME_NO_CALL);
    return BPFLAB_OK;
}

void state_fini(struct state *st) {
    for (uint32_t i = 0; i < STATE_MAX_FRAMES; i++) {
        if (st->frames[i])
            free(st->frames[i]->slots);
        free(st->frames[i]);
    }
    free(st->refs);
    *st = (struct state){0};
}

static enum bpflab_err copy_refs(struct state *dst, const struct state *src) {
    if (dst->refs_cap < src->n_refs) {
        struct ref *grown = realloc(dst->refs, src->n_refs * sizeof *grown);
        if (!grown)
            return BPFLAB_E_NOMEM;
        dst->refs = grown;
        dst->refs_cap = src->n_refs;
    }
    if (src->n_refs)
        memcpy(dst->refs, src->refs, src->n_refs * sizeof *dst->refs);
    return BPFLAB_OK;
}

enum bpflab_err state_copy(struct state *dst, const struct state *src) {
    enum bpflab_err err = copy_refs(dst, src);
    for (uint32_t i = 0; !err && i <= src->depth; i++) {
        struct frame *f = frame_at(dst, i);
        err = f ? frame_copy(f, src->frames[i]) : BPFLAB_E_NOMEM;
    }
    if (err) {
        state_fini(dst);
        return err;
    }
    struct state copy = *src;
    memcpy(copy.frames, dst->frames, sizeof copy.frames);
    copy.refs = dst->refs;
    copy.refs_cap = dst->refs_cap;
    *dst = copy;
    return BPFLAB_OK;
}

size_t state_bytes(const struct state *st) {
    size_t n = st->refs_cap * sizeof *st->refs;
    for (uint32_t i = 0; i < STATE_MAX_FRAMES; i++)
        if (st->frames[i])
            n += sizeof *st->frames[i] + st->frames[i]->slots_cap * sizeof *st->frames[i]->slots;
    return n;
}

enum bpflab_err state_push(struct state *st, uint32_t subprog, uint32_t call_pc) {
    struct frame *f = frame_at(st, st->depth + 1);
    if (!f)
        return BPFLAB_E_NOMEM;
    frame_reset(f, ++st->depth, subprog, call_pc);
    return BPFLAB_OK;
}

/* The frame's memory stays for the next call. */
void state_pop(struct state *st) {
    st->frames[st->depth--]->n_slots = 0;
}

enum bpflab_err frame_need(struct frame *f, uint32_t n_slots) {
    if (n_slots <= f->n_slots)
        return BPFLAB_OK;
    if (n_slots > f->slots_cap) {
        uint32_t cap = 2 * f->slots_cap < FIRST_SLOTS ? FIRST_SLOTS : 2 * f->slots_cap;
        cap = cap < n_slots ? n_slots : cap;
        cap = cap > FRAME_MAX_SLOTS && n_slots <= FRAME_MAX_SLOTS ? FRAME_MAX_SLOTS : cap;
        if (reserve_slots(f, cap))
            return BPFLAB_E_NOMEM;
    }
    for (; f->n_slots < n_slots; f->n_slots++)
        f->slots[f->n_slots] = (struct slot){.spilled = reg_uninit()};
    return BPFLAB_OK;
}

bool slot_is_spill(const struct slot *s) {
    return s->byte[0] == SLOT_SPILL;
}

bool slot_is_spill64(const struct slot *s) {
    return s->byte[0] == SLOT_SPILL && s->byte[SLOT_BYTES - 1] == SLOT_SPILL;
}

bool slot_is_spilled_scalar(const struct slot *s) {
    return slot_is_spill(s) && s->spilled.kind == REG_SCALAR;
}

bool slot_is(const struct slot *s, enum slot_byte what) {
    for (uint32_t i = 0; i < SLOT_BYTES; i++)
        if (s->byte[i] != what)
            return false;
    return true;
}

void slot_forget(struct slot *s) {
    for (uint32_t i = 0; i < SLOT_BYTES; i++)
        if (s->byte[i] == SLOT_SPILL)
            s->byte[i] = SLOT_MISC;
    s->spilled = reg_uninit();
}

static bool slot_has_reg(const struct slot *s) {
    switch (s->byte[0]) {
    case SLOT_SPILL:
    case SLOT_DYNPTR:
    case SLOT_ITER:
    case SLOT_IRQ: return true;
    default: return false;
    }
}

struct reg *reg_walk_next(struct reg_walk *w) {
    for (; w->frame <= w->st->depth; w->frame++, w->at = 0) {
        struct frame *f = w->st->frames[w->frame];
        if (w->at < N_REGS) {
            w->reg = (int)w->at;
            w->slot = -1;
            return &f->regs[w->at++];
        }
        while (w->at < N_REGS + f->n_slots) {
            const uint32_t i = w->at++ - N_REGS;
            if (!slot_has_reg(&f->slots[i]))
                continue;
            w->reg = -1;
            w->slot = (int)i;
            return &f->slots[i].spilled;
        }
    }
    return NULL;
}

/* object: what a slot says of a dynptr or an iterator: its frame's place means something else. */
static bool reg_well_formed(const struct state *st, const struct reg *r, bool object) {
    if (r->kind >= N_REG_KINDS)
        return false;
    if (r->kind == REG_UNINIT)
        return true;
    if (scalar_is_empty(r->v) || !scalar_well_formed(r->v))
        return false;
    return object || r->kind != REG_STACK || r->frame <= st->depth;
}

static bool slot_well_formed(const struct slot *s) {
    for (uint32_t i = 0; i < SLOT_BYTES; i++)
        if (s->byte[i] >= N_SLOT_BYTES)
            return false;
    return slot_has_reg(s) || s->spilled.kind == REG_UNINIT;
}

bool state_well_formed(const struct state *st) {
    const struct reg *r;
    if (st->depth >= STATE_MAX_FRAMES)
        return false;
    for (struct reg_walk w = {.st = st}; (r = reg_walk_next(&w)) != NULL;) {
        const bool object = w.slot >= 0 && st->frames[w.frame]->slots[w.slot].byte[0] != SLOT_SPILL;
        if (!reg_well_formed(st, r, object))
            return false;
    }
    for (uint32_t f = 0; f <= st->depth; f++) {
        const struct frame *const frame = st->frames[f];
        const struct reg *const fp = &frame->regs[REG_FP];
        if (frame->n_slots > FRAME_MAX_SLOTS || fp->kind != REG_STACK || fp->frame != f || fp->off)
            return false;
        for (uint32_t i = 0; i < frame->n_slots; i++)
            if (!slot_well_formed(&frame->slots[i]))
                return false;
    }
    return true;
}

const struct reg *state_iter(const struct state *st, uint32_t r) {
    const struct reg *const p = &state_regs(st)[r];
    if (p->kind != REG_STACK || !scalar_is_const(p->v))
        return NULL;
    const int64_t off = p->off + (int64_t)p->v.bits.value;
    const struct frame *const f = st->frames[p->frame];
    /* the iterator's first slot has the lowest address */
    if (off >= 0 || slot_of(off) >= f->n_slots || f->slots[slot_of(off)].byte[0] != SLOT_ITER)
        return NULL;
    return &f->slots[slot_of(off)].spilled;
}
