#include <stdarg.h>
#include <stdio.h>

#include "fuzz/oracle/lies.h"
#include "fuzz/oracle/walk.h"
#include "runtime/netstate.h"

bool walk_miss(struct walk *x, const struct place *at, const struct reg *r, const char *fmt, ...) {
    struct contain_miss *const m = x->miss;
    if (m->found)
        return false;
    char known[200];
    int n;
    va_list args;
    if (x->trying) {
        m->found = true;
        return false;
    }
    *m = (struct contain_miss){
        .found = true, .pc = at->pc, .frame = at->frame, .reg = at->reg, .slot = at->slot};
    va_start(args, fmt);
    n = vsnprintf(m->text, sizeof m->text, fmt, args);
    va_end(args);
    if (r && n > 0 && (size_t)n < sizeof m->text && reg_print(r, known, sizeof known))
        snprintf(m->text + n, sizeof m->text - (size_t)n, "; known: %s", known);
    return false;
}

/* struct span: what pointers to the packet point into, as guest addresses; socket options' values
 * are such a packet, too. */
struct span {
    uint64_t meta, data, end;
};

static struct span packet_span(const struct walk *x) {
    const uint64_t packet = WORLD_BASE + WORLD_PKT_OFF;
    if (x->prog->type == PROG_cgroup_sockopt) {
        const uint64_t value = net_optval_addr(x->w);
        return (struct span){value, value, value + net_env_of(x->w)->in.sockopt.n_optval};
    }
    return (struct span){packet + x->pkt.meta, packet + x->pkt.data, packet + x->pkt.end};
}

/* The address that a pointer's offsets count from. out: false: not known */
static bool base_address(const struct walk *x, const struct reg *r, uint64_t *base) {
    const struct world *const w = x->w;
    switch (r->kind) {
    case REG_STACK: *base = world_stack_top(w, x->base + r->frame); return true;
    case REG_CTX: *base = WORLD_BASE + WORLD_CTX_OFF; return true;
    case REG_PACKET: *base = packet_span(x).data; return true;
    case REG_PACKET_META: *base = packet_span(x).meta; return true;
    case REG_PACKET_END: *base = packet_span(x).end; return true;
    default: return false;
    }
}

static bool pointer_fits(struct walk *x, const struct place *at, const struct reg *r,
                         uint64_t value) {
    uint64_t base;
    x->stats->pointers++;
    if (value == 0 && reg_maybe_null(r))
        return true;
    if (r->kind == REG_MAP_VALUE && !lies_map_value(x->w, r, value))
        return walk_miss(x, at, r, "%#llx points to no value of the map",
                         (unsigned long long)value);
    if (r->kind == REG_MAP && !lies_map(x->w, r, value))
        return walk_miss(x, at, r, "%#llx is not the map", (unsigned long long)value);
    if (r->kind == REG_MEM && (r->flags & REG_F_RINGBUF) && !r->dynptr_id &&
        !lies_record(x->w, r, value))
        return walk_miss(x, at, r, "%#llx points to no record", (unsigned long long)value);
    if (!base_address(x, r, &base))
        return value != 0 || r->kind == REG_BTF || r->kind == REG_ARENA || r->kind == REG_FUNC ||
               walk_miss(x, at, r, "NULL, and not known to be");
    const uint64_t part = value - base - (uint64_t)(int64_t)r->off;
    if (!scalar_contains(r->v, part))
        return walk_miss(x, at, r, "%#llx is %lld from its base", (unsigned long long)value,
                         (long long)(value - base));
    if (reg_is_packet(r) && r->range > 0) {
        const struct span packet = packet_span(x);
        const uint64_t end = r->kind == REG_PACKET ? packet.end : packet.data;
        const uint64_t proved = value - (uint64_t)(int64_t)r->off + (uint64_t)r->range;
        if (proved > end)
            return walk_miss(x, at, r, "%#llx has only %lld bytes behind it",
                             (unsigned long long)value, (long long)(end - value));
    }
    return true;
}

static bool reg_fits(struct walk *x, const struct place *at, const struct reg *r, uint64_t value) {
    if (r->kind == REG_UNINIT)
        return true;
    if (r->kind != REG_SCALAR)
        return pointer_fits(x, at, r, value);
    x->stats->scalars++;
    return scalar_contains(r->v, value) ||
           walk_miss(x, at, r, "the value is %#llx", (unsigned long long)value);
}

/* The n low bytes in slot k of a frame's copy. */
static uint64_t slot_value(const struct walk *x, const struct level *l, uint32_t k, uint32_t n) {
    const uint8_t *const p = &l->stack[FRAME_MAX_BYTES - SLOT_BYTES * (k + 1)];
    uint64_t v = 0;
    for (uint32_t i = 0; i < n; i++)
        v |= (uint64_t)p[x->w->cfg.big_endian ? n - 1 - i : i] << 8 * i;
    return v;
}

static bool slot_fits(struct walk *x, const struct place *at, const struct slot *s,
                      const struct level *l) {
    const uint32_t k = (uint32_t)at->slot;
    const uint8_t *const p = &l->stack[FRAME_MAX_BYTES - SLOT_BYTES * (k + 1)];
    uint32_t spilled = 0;
    x->stats->slots++;
    if (!l->loose_bytes[k] && slot_is_spill64(s))
        return reg_fits(x, at, &s->spilled, slot_value(x, l, k, SLOT_BYTES));
    for (uint32_t i = 0; i < SLOT_BYTES; i++) {
        if (s->byte[i] == SLOT_ZERO && p[i] != 0 && !(l->loose_bytes[k] >> i & 1))
            return walk_miss(x, at, NULL, "byte %u is %#x, known to be zero", i, p[i]);
        spilled += s->byte[i] == SLOT_SPILL;
    }
    if (l->loose_bytes[k]) {
        x->stats->loose++;
        return true;
    }
    if (spilled == SLOT_BYTES)
        return reg_fits(x, at, &s->spilled, slot_value(x, l, k, SLOT_BYTES));
    if (spilled && reg_is_scalar(&s->spilled) && s->byte[0] == SLOT_SPILL)
        return reg_fits(x, at, &s->spilled, slot_value(x, l, k, spilled));
    return true;
}

/* What all numbers of a link have in common. */
static uint64_t link_base(const struct reg *r, uint64_t value) {
    return value - (r->has_delta ? (uint64_t)(int64_t)r->off : 0);
}

/* Are all numbers that the record links under id what they are to each other? */
static bool link_holds(const struct walk *x, const struct state *st, uint32_t id, uint64_t base) {
    for (uint32_t f = 0; f <= st->depth; f++) {
        const struct frame *const frame = st->frames[f];
        const struct level *const l = &x->level[x->base + f];
        for (uint32_t r = 0; r < REG_FP; r++)
            if (reg_is_scalar(&frame->regs[r]) && frame->regs[r].id == id &&
                link_base(&frame->regs[r], l->regs[r]) != base)
                return false;
        for (uint32_t k = 0; k < frame->n_slots; k++)
            if (slot_is_spill64(&frame->slots[k]) && reg_is_scalar(&frame->slots[k].spilled) &&
                frame->slots[k].spilled.id == id &&
                link_base(&frame->slots[k].spilled, slot_value(x, l, k, SLOT_BYTES)) != base)
                return false;
    }
    return true;
}

/* A loose value that lies in the record all the same, with its links, is loose no longer: what
 * follows from the record follows for it. */
static bool tight_again(struct walk *x, const struct state *st, const struct place *at,
                        const struct reg *r, uint64_t value) {
    const bool trying = x->trying;
    x->trying = true;
    const bool fits = reg_fits(x, at, r, value);
    x->trying = trying;
    if (!fits) {
        x->miss->found = false;
        return false;
    }
    if (reg_is_pointer(r)) {
        uint64_t base;
        return base_address(x, r, &base); /* others cannot be told */
    }
    return !reg_is_scalar(r) || !r->id || link_holds(x, st, r->id, link_base(r, value));
}

static bool regs_fit(struct walk *x, struct level *l, const struct state *st, struct place at) {
    const struct frame *const frame = st->frames[at.frame];
    for (uint32_t r = 0; r < N_REGS; r++) {
        at.reg = (int)r;
        if (!(l->loose_regs >> r & 1)) {
            if (!reg_fits(x, &at, &frame->regs[r], l->regs[r]))
                return false;
            continue;
        }
        x->stats->loose++;
        if (tight_again(x, st, &at, &frame->regs[r], l->regs[r]))
            l->loose_regs &= (uint16_t)~(1u << r);
    }
    return true;
}

static bool slots_fit(struct walk *x, struct level *l, const struct state *st, struct place at) {
    const struct frame *const frame = st->frames[at.frame];
    for (uint32_t k = 0; k < frame->n_slots; k++) {
        const struct slot *const s = &frame->slots[k];
        at.slot = (int)k;
        if (l->loose_bytes[k] && slot_is_spill64(s) &&
            tight_again(x, st, &at, &s->spilled, slot_value(x, l, k, SLOT_BYTES)))
            l->loose_bytes[k] = 0;
        if (!slot_fits(x, &at, s, l))
            return false;
    }
    return true;
}

/* Records share what did not change: what has been looked at is not looked at again, unless it is
 * another run's state or looseness comes and goes. */
static bool frame_fits(struct walk *x, uint32_t pc, const struct state *st, uint32_t f) {
    const struct frame *const frame = st->frames[f];
    struct level *const l = &x->level[x->base + f];
    const struct place at = {.pc = pc, .frame = f, .reg = -1, .slot = -1};
    const bool top = f == st->depth;
    if (!x->hopped && !top && l->fits == frame)
        return true;
    if (!regs_fit(x, l, st, at) ||
        ((x->hopped || !frame->n_slots || l->slots_fit != frame->slots) &&
         !slots_fit(x, l, st, at)))
        return false;
    l->fits = frame;
    l->slots_fit = frame->slots;
    return true;
}

/* Frames are the calls that led here. */
static bool calls_fit(struct walk *x, uint32_t pc, const struct state *st) {
    for (uint32_t f = 1; f <= st->depth; f++) {
        const struct frame *const frame = st->frames[f];
        const struct level *const l = &x->level[x->base + f];
        const struct place at = {.pc = pc, .frame = f, .reg = -1, .slot = -1};
        if (frame->in_callback != l->callback || frame->call_pc != l->call_pc)
            return walk_miss(x, &at, NULL, "called from pc %u, known: from pc %u", l->call_pc,
                             frame->call_pc);
    }
    return true;
}

bool walk_fits(struct walk *x, uint32_t pc, const struct state *st) {
    if (!calls_fit(x, pc, st))
        return false;
    for (uint32_t f = 0; f <= st->depth; f++)
        if (!frame_fits(x, pc, st, f))
            return false;
    return true;
}

/* ---- going on from a record that covers ---- */

static bool loosen_reg(struct walk *x, const struct place *at, const struct reg *r, bool live,
                       bool loose, uint64_t value, bool *now_loose) {
    *now_loose = loose;
    if (!live) {
        *now_loose = true;
        return true;
    }
    if (r->kind != REG_SCALAR)
        return !loose || r->kind == REG_UNINIT || r->kind == REG_ARENA ||
               walk_miss(x, at, r, "a loose value where a pointer was relied on");
    if (r->precise) {
        *now_loose = false;
        return scalar_contains(r->v, value) ||
               walk_miss(x, at, r, "the%s value %#llx where exactness was relied on",
                         loose ? " loose" : "", (unsigned long long)value);
    }
    *now_loose = loose || !scalar_contains(r->v, value);
    return true;
}

/* Bytes that are not a spilled register's: what the covering record says zero may be anything that
 * nothing needed to be zero. */
static void loosen_bytes(struct level *l, uint32_t k, const struct slot *s) {
    const uint8_t *const p = &l->stack[FRAME_MAX_BYTES - SLOT_BYTES * (k + 1)];
    for (uint32_t i = 0; i < SLOT_BYTES; i++)
        if (s->byte[i] == SLOT_SPILL || (s->byte[i] == SLOT_ZERO && p[i] != 0))
            l->loose_bytes[k] |= (uint8_t)(1u << i);
}

/* struct member: a number that the covering record says is linked with others. */
struct member {
    uint32_t id;
    uint64_t base; /* what all members of the link have in common: value less delta */
    bool precise;
    struct place at;
};

enum {
    MAX_MEMBERS = STATE_MAX_FRAMES * (N_REGS + FRAME_MAX_SLOTS),
};

static void add_member(struct member *all, uint32_t *n, const struct reg *r, uint64_t value,
                       struct place at) {
    if (!reg_is_scalar(r) || !r->id)
        return;
    all[(*n)++] =
        (struct member){.id = r->id, .base = link_base(r, value), .precise = r->precise, .at = at};
}

/* Links hold between precise numbers. An imprecise one that is not linked as the record says knows
 * nothing from the others, nor they from it. */
static bool hop_links(struct walk *x, const struct record *to) {
    struct member all[MAX_MEMBERS];
    uint32_t n = 0;
    for (uint32_t f = 0; f <= to->st.depth; f++) {
        const struct frame *const frame = to->st.frames[f];
        const struct level *const l = &x->level[x->base + f];
        for (uint32_t r = 0; r < REG_FP; r++)
            if (to->live.regs[f] >> r & 1)
                add_member(all, &n, &frame->regs[r], l->regs[r],
                           (struct place){to->pc, f, (int)r, -1});
        for (uint32_t k = 0; k < frame->n_slots; k++)
            if ((to->live.slots[f] >> k & 1) && slot_is_spill64(&frame->slots[k]))
                add_member(all, &n, &frame->slots[k].spilled, slot_value(x, l, k, SLOT_BYTES),
                           (struct place){to->pc, f, -1, (int)k});
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++) {
            const struct member *const a = &all[i], *const b = &all[j];
            if (a->id != b->id || a->base == b->base)
                continue;
            if (a->precise && b->precise)
                return walk_miss(x, &a->at, NULL,
                                 "a precise number is not linked as it was relied on");
            struct level *const l = &x->level[x->base + a->at.frame];
            if (!a->precise && a->at.reg >= 0)
                l->loose_regs |= (uint16_t)(1u << a->at.reg);
            else if (!a->precise)
                l->loose_bytes[a->at.slot] = 0xff;
        }
    return true;
}

bool walk_hop(struct walk *x, const struct record *to) {
    x->stats->hops++;
    x->hopped = true;
    for (uint32_t f = 0; f <= to->st.depth; f++) {
        const struct frame *const frame = to->st.frames[f];
        struct level *const l = &x->level[x->base + f];
        struct place at = {.pc = to->pc, .frame = f, .slot = -1};
        for (uint32_t r = 0; r < REG_FP; r++) {
            bool loose;
            at.reg = (int)r;
            if (!loosen_reg(x, &at, &frame->regs[r], to->live.regs[f] >> r & 1,
                            l->loose_regs >> r & 1, l->regs[r], &loose))
                return false;
            l->loose_regs = (uint16_t)((l->loose_regs & ~(1u << r)) | (uint32_t)loose << r);
        }
        at.reg = -1;
        for (uint32_t k = 0; k < frame->n_slots; k++) {
            const struct slot *const s = &frame->slots[k];
            const bool live = to->live.slots[f] >> k & 1;
            bool loose = !live;
            at.slot = (int)k;
            if (slot_is_spill64(s) && !loosen_reg(x, &at, &s->spilled, live, l->loose_bytes[k] != 0,
                                                  slot_value(x, l, k, SLOT_BYTES), &loose))
                return false;
            if (loose)
                l->loose_bytes[k] = 0xff;
            else if (!slot_is_spill64(s))
                loosen_bytes(l, k, s);
        }
    }
    return hop_links(x, to);
}
