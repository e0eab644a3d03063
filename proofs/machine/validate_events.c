/* validate_events.c: what a path has decided, and its events: what it does to memory, in order.
 *
 * Events are taken one by one: each must be the next thing that the specification does. Fences
 * count for the accesses beside them.
 */
#include "proofs/machine/validate_spec_impl.h"

int v_decided(struct vrun *r, const char *what, term *c) {
    if (vunit_holds(r->u, r->p, c))
        return 1;
    if (vunit_holds(r->u, r->p, term_not(r->t, c)))
        return 0;
    /* a comparison with the number beside: at most one of both can be proved */
    const bool can = vunit_can(r->u, r->p, c);
    return v_need(r, what, can ? c : term_not(r->t, c)) ? can : -1;
}

const struct mevent *v_peek(const struct vrun *r, unsigned ahead) {
    const unsigned i = r->next + ahead;
    return i < r->p->end.n_events ? &r->p->end.events[i] : NULL;
}

static void and_also(struct vorder *o, const struct mevent *e) {
    o->acquire |= e->acquire;
    o->release |= e->release;
    o->serialises |= e->serialises;
}

/* The fences from here on to the next access; *n: how many. */
static struct vorder fences(const struct vrun *r, unsigned *n) {
    struct vorder o = {false, false, false};
    for (*n = 0; v_peek(r, *n) && v_peek(r, *n)->kind == MEV_FENCE; ++*n)
        and_also(&o, v_peek(r, *n));
    return o;
}

const struct mevent *v_next_event(struct vrun *r, struct vorder *before) {
    unsigned n;
    *before = fences(r, &n);
    r->next += n;
    const struct mevent *const e = v_peek(r, 0);
    r->next += e != NULL;
    if (!e)
        v_wrong(r, "an access to memory is missing");
    else if (e->when)
        v_wrong(r, "an access that may or may not be");
    return e && !e->when ? e : NULL;
}

struct vorder v_fences_behind(const struct vrun *r) {
    unsigned n;
    return fences(r, &n);
}

bool v_same_place(struct vrun *r, const struct mevent *e, term *addr, unsigned bytes) {
    if (e->bytes != bytes)
        return v_wrong(r, "an access of another size");
    return v_need(r, "address", term_eq(r->t, e->addr, addr));
}

/* The rest of a load that is done in parts, the lowest address first. */
static term *load_parts(struct vrun *r, term *addr, unsigned bytes, const struct mevent *e) {
    term *all = e->value;
    unsigned done = e->bytes;
    if (!v_need(r, "address", term_eq(r->t, e->addr, addr)))
        return NULL;
    while (done < bytes) {
        e = v_peek(r, 0);
        if (!e || e->kind != MEV_LOAD || e->when || e->bytes > bytes - done) {
            v_wrong(r, "a load of too little");
            return NULL;
        }
        r->next++;
        if (!v_need(r, "address", term_eq(r->t, e->addr, term_add_k(r->t, addr, done))))
            return NULL;
        all =
            r->sm.big_endian ? term_concat(r->t, all, e->value) : term_concat(r->t, e->value, all);
        done += e->bytes;
    }
    return all;
}

term *v_load(struct vrun *r, term *addr, unsigned bytes, bool acquire) {
    struct vorder before;
    const struct mevent *const e = v_next_event(r, &before);
    if (!e || (e->kind != MEV_LOAD && !v_wrong(r, "no load where one belongs")))
        return NULL;
    if (acquire && !e->acquire && !v_fences_behind(r).acquire) {
        v_wrong(r, "a load that does not acquire");
        return NULL;
    }
    if (!acquire && e->bytes < bytes)
        return load_parts(r, addr, bytes, e);
    return v_same_place(r, e, addr, bytes) ? e->value : NULL;
}

bool v_store(struct vrun *r, term *addr, unsigned bytes, term *value, bool release) {
    struct vorder before;
    const struct mevent *const e = v_next_event(r, &before);
    if (!e || (e->kind != MEV_STORE && !v_wrong(r, "no store where one belongs")))
        return false;
    if (release && !e->release && !before.release)
        return v_wrong(r, "a store that does not release");
    return v_same_place(r, e, addr, bytes) &&
           v_need(r, "stored value", term_eq(r->t, e->value, term_low(r->t, 8 * bytes, value)));
}
