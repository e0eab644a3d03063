/* state.c: what all machines share: errors, events, and memory as an instruction reaches it.
 *
 * The stack around sp0 is the fragment's own: words by offset, with no byte order and no partial
 * access, for our back ends keep whole registers there. All other memory is a list of events in
 * order; that no program reaches the machine's stack is the runtime's affair, so the two are apart.
 */
#include <stdarg.h>
#include <stdio.h>

#include "proofs/machine/machine.h"

void mstate_fail(struct mstate *s, const char *format, ...) {
    va_list args;
    if (s->error[0])
        return;
    va_start(args, format);
    vsnprintf(s->error, sizeof s->error, format, args);
    va_end(args);
    if (!s->error[0])
        snprintf(s->error, sizeof s->error, "error");
}

void mstate_trap(struct mstate *s, term *when) {
    if (!term_is_false(when))
        s->trap = s->trap ? term_or(s->t, s->trap, when) : when;
}

struct mevent *mstate_event(struct mstate *s, enum mevent_kind kind, term *addr, unsigned bytes) {
    if (s->n_events == MACHINE_EVENTS) {
        mstate_fail(s, "more than %d events", MACHINE_EVENTS);
        return NULL;
    }
    struct mevent *const e = &s->events[s->n_events++];
    *e = (struct mevent){.kind = (uint8_t)kind, .bytes = (uint8_t)bytes, .addr = addr};
    if (kind == MEV_LOAD || kind == MEV_ATOMIC)
        e->value = term_fresh(s->t, 8 * bytes, "mem");
    return e;
}

/* Does the word at sp0 + off keep what is stored there? */
static bool is_safe(const struct mstate *s, int64_t off) {
    uint64_t sp;
    if (!s->m)
        return true;
    return term_split_k(s->reg[s->m->sp], &sp) == s->sp0 && off >= (int64_t)sp - s->m->red_zone;
}

/* Is it a word of the fragment's stack? out: true: at sp0 + *off. An access there that is none of a
 * whole word, or below what is safe, is an error. */
static bool in_frame(struct mstate *s, term *addr, unsigned bytes, int64_t *off) {
    uint64_t k;
    if (!s->sp0 || term_split_k(addr, &k) != s->sp0)
        return false;
    *off = (int64_t)k;
    if (bytes != 8 || k % 8)
        mstate_fail(s, "%u bytes of the stack at %+lld", bytes, (long long)k);
    if (!is_safe(s, *off))
        mstate_fail(s, "the stack at %+lld, below the stack pointer", (long long)k);
    return true;
}

/* What a word of the stack holds that nobody has written: named after its place. */
static term *frame_before(struct mstate *s, int64_t off) {
    char name[64];
    snprintf(name, sizeof name, "stack[%s%+lld]", s->sp0->u.name, (long long)off);
    return term_var(s->t, 64, name);
}

term *mstate_frame(struct mstate *s, int64_t off) {
    for (unsigned i = 0; i < s->n_frame; i++)
        if (s->frame[i].off == off)
            return s->frame[i].value;
    return frame_before(s, off);
}

/* The private word at an address, or NULL. */
static term **own_word(struct mstate *s, term *addr, unsigned bytes) {
    for (unsigned i = 0; i < s->n_own && bytes == 8; i++)
        if (s->own[i].addr == addr)
            return &s->own[i].value;
    return NULL;
}

term *mstate_load(struct mstate *s, term *addr, unsigned bytes, bool acquire) {
    int64_t off;
    term **const own = own_word(s, addr, bytes);
    if (own)
        return *own;
    if (in_frame(s, addr, bytes, &off)) /* an error has a width, too */
        return term_low(s->t, bytes < 8 ? 8 * bytes : 64, mstate_frame(s, off));
    struct mevent *const e = mstate_event(s, MEV_LOAD, addr, bytes);
    if (!e)
        return term_const(s->t, 8 * bytes, 0);
    e->acquire = acquire;
    return e->value;
}

void mstate_store(struct mstate *s, term *addr, unsigned bytes, term *value, bool release) {
    int64_t off;
    term **const own = own_word(s, addr, bytes);
    if (own) {
        *own = value;
        return;
    }
    if (!in_frame(s, addr, bytes, &off)) {
        struct mevent *const e = mstate_event(s, MEV_STORE, addr, bytes);
        if (e) {
            e->value = value;
            e->release = release;
        }
        return;
    }
    if (value->width != 64)
        return;
    unsigned i = 0;
    while (i < s->n_frame && s->frame[i].off != off)
        i++;
    if (i == MACHINE_FRAME) {
        mstate_fail(s, "more than %d words of the stack", MACHINE_FRAME);
        return;
    }
    s->n_frame += i == s->n_frame;
    s->frame[i].off = off;
    s->frame[i].value = value;
}

struct mevent *mstate_atomic(struct mstate *s, term *addr, unsigned bytes) {
    int64_t off;
    if (in_frame(s, addr, bytes, &off)) {
        mstate_fail(s, "an atomic access to the stack");
        return NULL;
    }
    struct mevent *const e = mstate_event(s, MEV_ATOMIC, addr, bytes);
    if (e) {
        e->acquire = e->release = e->serialises = true;
        e->stored = e->value;
    }
    return e;
}
