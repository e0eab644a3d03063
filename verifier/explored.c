#include "verifier/explored.h"

#include <stdlib.h>

#include "verifier/access.h"
#include "verifier/mask.h"

enum bpflab_err explored_init(const struct subject *sub, struct explored *out) {
    *out = (struct explored){.sub = sub};
    out->global = calloc(sub->n_subprogs, 1);
    out->access_kind = calloc(sub->prog->n_insns, 1);
    out->tail_map = calloc(sub->prog->n_insns, sizeof *out->tail_map);
    out->stack_bytes = calloc(sub->n_subprogs, sizeof *out->stack_bytes);
    if (!sub->privileged)
        out->masks = calloc(sub->prog->n_insns, sizeof *out->masks);
    out->called_back = calloc(sub->n_subprogs, 1);
    if (!out->global || !out->access_kind || !out->tail_map || !out->stack_bytes ||
        !out->called_back || (!sub->privileged && !out->masks)) {
        explored_fini(out);
        return BPFLAB_E_NOMEM;
    }
    if (sub->exception_cb)
        out->global[sub->exception_cb] = GLOBAL_CALLED;
    return BPFLAB_OK;
}

void explored_fini(struct explored *e) {
    free(e->global);
    free(e->access_kind);
    free(e->tail_map);
    free(e->masks);
    free(e->stack_bytes);
    free(e->called_back);
    *e = (struct explored){0};
}

static void note_stack(struct explored *e, const struct state *st, uint32_t depth) {
    for (uint32_t f = 0; f <= depth && f <= st->depth; f++) {
        const struct frame *const frame = st->frames[f];
        const uint16_t bytes = (uint16_t)(frame->n_slots * SLOT_BYTES);
        if (e->stack_bytes[frame->subprog] < bytes)
            e->stack_bytes[frame->subprog] = bytes;
    }
}

static void note_callbacks(struct explored *e, const struct step *s, uint32_t depth) {
    for (uint32_t i = 0; i < s->n_forks; i++) {
        const struct fork *const f = &s->forks[i];
        const struct frame *const frame = state_frame(f->st);
        if (f->async)
            e->called_back[frame->subprog] |= CALLED_BACK_LATER;
        else if (f->st->depth > depth && frame->in_callback)
            e->called_back[frame->subprog] |= CALLED_BACK_NOW;
    }
}

/* Where the index is masked against speculation, as it is for programs without privileges, the
 * call's map must be one that is known. */
static bool one_tail_map(struct explored *e, const struct step *s, struct report *rep) {
    const uint32_t map = s->eff.tail_call;
    if (!map || e->sub->privileged)
        return true;
    if (!e->tail_map[s->pc])
        e->tail_map[s->pc] = map;
    if (e->tail_map[s->pc] == map)
        return true;
    report_reject(rep, REASON_PRIVILEGE, s->pc, 2, "tail_call abusing map_ptr");
    return report_needed(rep, "the same map on every path");
}

bool explored_step(struct explored *e, const struct step *s, uint32_t depth, struct report *rep) {
    const enum reg_kind kind = (enum reg_kind)s->eff.access_kind;
    if (s->eff.touched)
        note_stack(e, s->st, depth);
    note_callbacks(e, s, depth);
    if (s->eff.global_call && e->global[s->eff.global_call - 1] == GLOBAL_UNUSED)
        e->global[s->eff.global_call - 1] = GLOBAL_CALLED;
    if (!one_tail_map(e, s, rep))
        return false;
    if (kind == REG_UNINIT)
        return true;
    if (e->access_kind[s->pc] == REG_UNINIT)
        e->access_kind[s->pc] = (uint8_t)kind;
    return access_kinds_agree((enum reg_kind)e->access_kind[s->pc], kind) ||
           report_reject(rep, REASON_NOT_POINTER, s->pc, REPORT_NO_REG,
                         "same insn cannot be used with different pointers");
}

bool explored_mask(struct explored *e, const struct step *s, struct report *rep) {
    if (!s->eff.mask.how)
        return true;
    struct mask *const known = &e->masks[s->pc];
    if (!known->how)
        *known = s->eff.mask;
    return mask_agree(*known, s->eff.mask) || mask_refuse_paths(s, rep);
}

bool explored_check_stack(const struct explored *e, struct report *rep, enum bpflab_err *err) {
    return subject_check_stack(e->sub, e->stack_bytes, e->called_back, rep, err);
}

uint32_t explored_next_global(struct explored *e) {
    for (uint32_t i = 1; i < e->sub->n_subprogs; i++)
        if (e->global[i] == GLOBAL_CALLED) {
            e->global[i] = GLOBAL_EXPLORED;
            return i;
        }
    return 0;
}
