/* link.c: linked scalars. */
#include "verifier/link.h"

void link_share(struct step *s, struct reg *src) {
    if (!reg_is_scalar(src))
        return;
    if (src->has_delta)
        link_clear(src);
    if (src->id == 0 && !scalar_is_const(src->v))
        src->id = step_new_id(s);
}

void link_add(struct reg *r, uint64_t k) {
    if (r->id == 0 || r->has_delta || k > INT32_MAX) {
        link_clear(r);
        return;
    }
    r->has_delta = true;
    r->off = (int32_t)k;
}

static void collect(struct effects *eff, struct reg *r, uint32_t id, struct linked where) {
    if (!reg_is_scalar(r) || r->id != id)
        return;
    if (eff->n_linked < STEP_MAX_LINKED)
        eff->linked[eff->n_linked++] = where;
    else
        link_clear(r);
}

void link_collect(struct step *s, uint32_t id) {
    for (uint32_t i = s->st->depth + 1; i-- > 0;) {
        struct frame *const f = s->st->frames[i];
        for (uint32_t r = 0; r < REG_FP; r++)
            collect(&s->eff, &f->regs[r], id,
                    (struct linked){.frame = (uint8_t)i, .index = (uint8_t)r});
        for (uint32_t k = 0; k < f->n_slots; k++)
            if (slot_is_spill(&f->slots[k]))
                collect(&s->eff, &f->slots[k].spilled, id,
                        (struct linked){.frame = (uint8_t)i, .is_slot = true, .index = (uint8_t)k});
    }
}

static int32_t delta_of(const struct reg *r) {
    return r->has_delta ? r->off : 0;
}

void link_sync(const struct step *s, struct state *st, const struct reg *known) {
    for (uint32_t i = 0; i < s->eff.n_linked; i++) {
        const struct linked *const l = &s->eff.linked[i];
        struct frame *const f = st->frames[l->frame];
        struct reg *const r = l->is_slot ? &f->slots[l->index].spilled : &f->regs[l->index];
        if (r == known || !reg_is_scalar(r) || r->id != known->id)
            continue;
        r->v = scalar_linked(known->v, delta_of(known), delta_of(r));
        r->precise = known->precise;
    }
}
