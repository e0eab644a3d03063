#include "proofs/machine/tests/emulate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proofs/machine/validate.h"
#include "tests/check.h"

enum {
    MAX_STEPS = 4096
};

static bool stop(struct emulator *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool stop(struct emulator *e, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(e->why, sizeof e->why, format, args);
    va_end(args);
    return false;
}

void emulate_begin(struct emulator *e, struct terms *t) {
    memset(&e->s, 0, sizeof e->s);
    e->why[0] = 0;
    e->s.t = t;
    for (unsigned r = 0; r < e->m->n_regs; r++)
        e->s.reg[r] = term_fresh(t, 64, "unknown");
    e->s.sp0 = term_fresh(t, 64, "sp0");
    e->s.reg[e->m->sp] = e->s.sp0;
}

void emulate_set(struct emulator *e, unsigned jit_reg, uint64_t value) {
    e->s.reg[e->m->map[jit_reg]] = term_const(e->s.t, 64, value);
}

/* ---- memory ---- */

/* Where an access is. out: NULL if it is outside */
static uint8_t *place(struct emulator *e, term *addr, unsigned bytes) {
    if (!term_is_const(addr)) {
        stop(e, "an address that is not known");
        return NULL;
    }
    const uint64_t off = term_u64(addr) - e->mem_addr;
    if (off >= e->mem_bytes || e->mem_bytes - off < bytes) {
        stop(e, "%u bytes at %#" PRIx64 ", outside", bytes, term_u64(addr));
        return NULL;
    }
    return e->mem + off;
}

static uint64_t get(const struct emulator *e, const uint8_t *p, unsigned n) {
    uint64_t v = 0;
    for (unsigned i = 0; i < n; i++)
        v |= (uint64_t)p[i] << 8 * (e->m->big_endian ? n - 1 - i : i);
    return v;
}

static void put(const struct emulator *e, uint8_t *p, unsigned n, uint64_t v) {
    for (unsigned i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * (e->m->big_endian ? n - 1 - i : i));
}

/* ---- variables that become known ---- */

static void settle_term(struct mstate *s, term **x, term *var, term *is) {
    if (*x && !term_is_const(*x))
        *x = term_subst(s->t, *x, var, is);
}

static void settle(struct mstate *s, unsigned from, term *var, term *is) {
    for (unsigned r = 0; r < MACHINE_REGS; r++)
        settle_term(s, &s->reg[r], var, is);
    for (unsigned f = 0; f < MACHINE_FLAGS; f++)
        settle_term(s, &s->flag[f], var, is);
    settle_term(s, &s->linked_value, var, is);
    settle_term(s, &s->trap, var, is);
    for (unsigned i = 0; i < s->n_frame; i++)
        settle_term(s, &s->frame[i].value, var, is);
    for (unsigned i = from; i < s->n_events; i++) {
        settle_term(s, &s->events[i].addr, var, is);
        settle_term(s, &s->events[i].value, var, is);
        settle_term(s, &s->events[i].stored, var, is);
        settle_term(s, &s->events[i].when, var, is);
    }
}

static bool write(struct emulator *e, uint8_t *p, unsigned bytes, term *value) {
    if (!term_is_const(value))
        return stop(e, "a value that is not known is stored");
    put(e, p, bytes, term_u64(value));
    return true;
}

/* What the last instruction did to memory, in order. */
static bool do_events(struct emulator *e, struct mstep *step) {
    struct mstate *const s = &e->s;
    for (unsigned i = 0; i < s->n_events; i++) {
        struct mevent *const ev = &s->events[i];
        if (ev->when && !term_is_const(ev->when)) {
            term *const yes = term_const(s->t, 1, check_random(&e->seed) % 4 != 0);
            term *const var = ev->when;
            settle(s, i, var, yes);
            settle_term(s, &step->cond, var, yes);
        }
        if (ev->kind == MEV_FENCE || (ev->when && term_is_false(ev->when)))
            continue;
        uint8_t *const p = place(e, ev->addr, ev->bytes);
        if (!p)
            return false;
        if (ev->kind != MEV_STORE && !term_is_const(ev->value)) {
            term *const is = term_const(s->t, 8u * ev->bytes, get(e, p, ev->bytes));
            term *const var = ev->value;
            settle(s, i, var, is);
            settle_term(s, &step->cond, var, is);
            settle_term(s, &step->addr, var, is);
        }
        if (ev->kind == MEV_STORE && !write(e, p, ev->bytes, ev->value))
            return false;
        if (ev->kind == MEV_ATOMIC && !write(e, p, ev->bytes, ev->stored))
            return false;
    }
    s->n_events = 0;
    return true;
}

bool emulate(struct emulator *e, size_t at) {
    for (unsigned n = 0; n < MAX_STEPS; n++, e->n_insns++) {
        struct mstep step = {0};
        if (at >= e->n_bytes)
            return stop(e, "outside the code, at +%zu", at);
        if (!e->m->step(&e->s, e->code, e->n_bytes, at, e->addr, &step) || e->s.error[0]) {
            int len = snprintf(e->why, sizeof e->why, "%s at +%zu:", e->s.error, at);
            for (unsigned i = 0; i < 12 && at + i < e->n_bytes && len > 0 && len < 230; i++)
                len +=
                    snprintf(e->why + len, sizeof e->why - (size_t)len, " %02x", e->code[at + i]);
            return false;
        }
        if (!do_events(e, &step))
            return false;
        if (e->s.trap)
            return stop(e, "a fault at +%zu", at);
        at += step.bytes;
        if (step.flow == MFLOW_RETURN)
            return true;
        if (step.flow == MFLOW_BRANCH && !term_is_const(step.cond))
            return stop(e, "a branch on what is not known, at +%zu", at);
        if (step.flow == MFLOW_JUMP || (step.flow == MFLOW_BRANCH && term_is_true(step.cond)))
            at = (size_t)step.target;
        else if (step.flow == MFLOW_CALL || step.flow == MFLOW_INDIRECT)
            return stop(e, "a call, or a jump to what a register says");
    }
    return stop(e, "no end in sight");
}
