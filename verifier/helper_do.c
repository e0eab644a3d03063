/* helper_do.c: what single helpers do beyond their prototypes: callbacks, ends, formats. */
#include "verifier/helper_call.h"

#include <string.h>

/* ---- callbacks ---- */

static bool do_each(struct step *s, const struct invocation *i) {
    if (!map_type_has(s->sub->maps[i->map].def->type, MAPTYPE_F_EACH))
        return step_reject(s, REASON_CALLBACK, 1, "callback function not allowed for map");
    return call_callback(s, i);
}

/* bpf_loop knows how often it may call: what has run so often is over. */
static bool do_loop(struct step *s, const struct invocation *i) {
    struct frame *const f = state_frame(s->st);
    step_precise(s, 1);
    if (f->callback_depth < f->regs[1].v.u.max)
        return call_callback(s, i);
    f->callback_depth = 0;
    return true;
}

static bool do_snprintf(struct step *s) {
    const struct reg *const n = step_reg(s, 5);
    if (!scalar_is_const(n->v) || n->v.bits.value % 8)
        return step_reject(s, REASON_HELPER_ARG, 5, "R5 is not a multiple of 8");
    return true;
}

bool helper_do(struct step *s, struct helper_call *h) {
    const struct invocation i = {.what = helper_callback_of(h->proto->id),
                                 .subprog = h->subprog,
                                 .map = h->map,
                                 .map_uid = h->map_uid};
    switch (h->proto->id) {
    case HELPER_tail_call:
        s->eff.tail_call = 1 + h->map;
        return call_check_leaks(s, LEAVE_TAIL_CALL);
    case HELPER_for_each_map_elem: return do_each(s, &i);
    case HELPER_loop: return do_loop(s, &i);
    case HELPER_snprintf: return do_snprintf(s);
    case HELPER_dynptr_write:
        if (dynptr_of(s, 1) && dynptr_of(s, 1)->dynptr == DYNPTR_SKB)
            call_forget_packets(s);
        return true;
    default: return !i.what || call_callback(s, &i);
    }
}
