/* jitparts.c: the order is that of the code: function by function its beginning, its instructions,
 * its cold parts; then the pool.
 */
#include "cli/jitparts.h"

#include <stdio.h>

/* Where function i ends, as a pc and as an offset. */
static uint32_t pc_end(const struct jit_code *c, uint32_t i) {
    return i + 1 < c->n_funcs ? c->funcs[i + 1].pc : c->n_insns;
}

static uint32_t off_end(const struct jit_code *c, uint32_t i) {
    return i + 1 < c->n_funcs ? c->funcs[i + 1].off : c->pc_off[c->n_insns];
}

/* The first offset behind the instructions of function i: its cold parts', or its end. */
static uint32_t cold_off(const struct jit_code *c, const struct jitparts *at) {
    const uint32_t end = off_end(c, at->func);
    return at->cold < c->n_colds && c->colds[at->cold].off < end ? c->colds[at->cold].off : end;
}

static void put_insn(const struct jit_code *c, struct jitparts *at, struct jitpart *out) {
    const uint32_t last = pc_end(c, at->func);
    uint32_t end = at->pc + 1;
    while (end < last && c->joined[end])
        end++;
    out->kind = PART_INSN;
    out->pc = at->pc;
    out->end = end;
    out->off = c->pc_off[at->pc];
    out->n_bytes = (end < last ? c->pc_off[end] : cold_off(c, at)) - out->off;
    at->pc = end;
}

static void put_cold(const struct jit_code *c, struct jitparts *at, struct jitpart *out) {
    const struct jit_cold *const cold = &c->colds[at->cold++];
    out->kind = PART_COLD;
    out->pc = cold->pc;
    out->end = cold->pc + 1;
    out->off = cold->off;
    out->n_bytes = cold_off(c, at) - cold->off;
    out->what = cold->what;
}

bool jitparts_next(const struct jit_code *c, struct jitparts *at, struct jitpart *out) {
    *out = (struct jitpart){0};
    for (; at->func < c->n_funcs; at->func++, at->entered = false) {
        const struct jit_func *const f = &c->funcs[at->func];
        if (!at->entered) {
            at->entered = true;
            *out = (struct jitpart){.kind = PART_ENTER,
                                    .pc = f->pc,
                                    .end = f->pc,
                                    .off = f->off,
                                    .n_bytes = c->pc_off[f->pc] - f->off};
            return true;
        }
        if (at->pc < pc_end(c, at->func)) {
            put_insn(c, at, out);
            return true;
        }
        if (cold_off(c, at) < off_end(c, at->func)) {
            put_cold(c, at, out);
            return true;
        }
    }
    const uint32_t end = c->pc_off[c->n_insns];
    if (at->done || end >= c->n_bytes)
        return false;
    at->done = true;
    const uint32_t pool = jitparts_pool(c);
    *out = (struct jitpart){.kind = PART_POOL, .off = pool, .n_bytes = c->n_bytes - pool};
    return true;
}

uint32_t jitparts_pool(const struct jit_code *c) {
    return (c->pc_off[c->n_insns] + 7) & ~UINT32_C(7);
}

static uint32_t find_cold(const struct jit_code *c, uint32_t off) {
    uint32_t lo = 0, hi = c->n_colds;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (c->colds[mid].off < off)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool jitparts_label(const struct jit_code *c, uint32_t off, char *buf, size_t size) {
    for (uint32_t i = 0; i < c->n_funcs; i++)
        if (c->funcs[i].off == off && off != c->pc_off[c->funcs[i].pc]) {
            snprintf(buf, size, "func%u", (unsigned)c->funcs[i].pc);
            return true;
        }
    const uint32_t cold = find_cold(c, off), pc = jit_pc_of(c, off), pool = jitparts_pool(c);
    if (off >= pool && off < c->n_bytes && (off - pool) % 8 == 0)
        snprintf(buf, size, "pool%u", (unsigned)(off - pool) / 8);
    else if (cold < c->n_colds && c->colds[cold].off == off)
        snprintf(buf, size, "cold%u", (unsigned)cold);
    else if (pc != UINT32_MAX && c->pc_off[pc] == off)
        snprintf(buf, size, "pc%u", (unsigned)pc);
    else
        return false;
    return true;
}
