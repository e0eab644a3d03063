#include "fuzz/oracle/contain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/oracle/lies.h"
#include "runtime/map.h"
#include "runtime/netstate.h"

enum {
    MAX_DEPTH = 32, /* concrete frames followed */
    ARGS = 0x3e,
};

/* struct level: one concrete frame. */
struct level {
    uint64_t regs[N_REGS]; /* when it called the frame above it; of the top one: now */
    uint8_t stack[FRAME_MAX_BYTES];
    uint16_t loose_regs;
    uint8_t loose_bytes[FRAME_MAX_SLOTS]; /* by slot: bit i: its byte i, from the lowest address */
    bool callback;                        /* called by a helper */
    uint32_t call_pc;                     /* of the call that made it */
    /* a global function, followed along an exploration of its own: where its caller goes on */
    bool global;
    uint32_t caller_at, caller_base;
};

struct walk {
    const struct prog *prog;
    const struct knowledge *know;
    struct world *w;
    struct contain_stats *stats;
    struct contain_miss *miss;
    uint32_t at;    /* record of the instruction executed last, 0 before the first */
    uint32_t base;  /* concrete frame that is the record's frame 0 */
    uint32_t depth; /* concrete frame of that instruction */
    uint32_t last_pc;
    bool started, over;
    bool entered; /* a callback's first instruction: its registers are known only behind it */
    struct level level[MAX_DEPTH];
};

/* ---- is this what the record says? ---- */

/* struct place: what is being checked, for the message. */
struct place {
    uint32_t pc, frame;
    int reg, slot;
};

__attribute__((format(printf, 4, 5))) static bool miss(struct walk *x, const struct place *at,
                                                       const struct reg *r, const char *fmt, ...) {
    struct contain_miss *const m = x->miss;
    if (m->found)
        return false;
    char known[200];
    int n;
    va_list args;
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
    return (struct span){packet + x->w->st.pkt.meta, packet + x->w->st.pkt.data,
                         packet + x->w->st.pkt.end};
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
        return miss(x, at, r, "%#llx points to no value of the map", (unsigned long long)value);
    if (r->kind == REG_MAP && !lies_map(x->w, r, value))
        return miss(x, at, r, "%#llx is not the map", (unsigned long long)value);
    if (r->kind == REG_MEM && (r->flags & REG_F_RINGBUF) && !r->dynptr_id &&
        !lies_record(x->w, r, value))
        return miss(x, at, r, "%#llx points to no record", (unsigned long long)value);
    if (!base_address(x, r, &base))
        return value != 0 || r->kind == REG_BTF || r->kind == REG_ARENA || r->kind == REG_FUNC ||
               miss(x, at, r, "NULL, and not known to be");
    const uint64_t part = value - base - (uint64_t)(int64_t)r->off;
    if (!scalar_contains(r->v, part))
        return miss(x, at, r, "%#llx is %lld from its base", (unsigned long long)value,
                    (long long)(value - base));
    if (reg_is_packet(r) && r->range > 0) {
        const struct span packet = packet_span(x);
        const uint64_t end = r->kind == REG_PACKET ? packet.end : packet.data;
        const uint64_t proved = value - (uint64_t)(int64_t)r->off + (uint64_t)r->range;
        if (proved > end)
            return miss(x, at, r, "%#llx has only %lld bytes behind it", (unsigned long long)value,
                        (long long)(end - value));
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
           miss(x, at, r, "the value is %#llx", (unsigned long long)value);
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
    for (uint32_t i = 0; i < SLOT_BYTES; i++) {
        if (s->byte[i] == SLOT_ZERO && p[i] != 0 && !(l->loose_bytes[k] >> i & 1))
            return miss(x, at, NULL, "byte %u is %#x, known to be zero", i, p[i]);
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
static bool link_holds(const struct walk *x, const struct record *rec, uint32_t id, uint64_t base) {
    for (uint32_t f = 0; f <= rec->st.depth; f++) {
        const struct frame *const frame = rec->st.frames[f];
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
static bool tight_again(struct walk *x, const struct record *rec, const struct place *at,
                        const struct reg *r, uint64_t value) {
    if (!reg_fits(x, at, r, value)) {
        x->miss->found = false;
        return false;
    }
    if (reg_is_pointer(r)) {
        uint64_t base;
        return base_address(x, r, &base); /* others cannot be told */
    }
    return !reg_is_scalar(r) || !r->id || link_holds(x, rec, r->id, link_base(r, value));
}

static bool frame_fits(struct walk *x, const struct record *rec, uint32_t f) {
    const struct frame *const frame = rec->st.frames[f];
    struct level *const l = &x->level[x->base + f];
    struct place at = {.pc = rec->pc, .frame = f, .slot = -1};
    for (uint32_t r = 0; r < N_REGS; r++) {
        at.reg = (int)r;
        if (!(l->loose_regs >> r & 1)) {
            if (!reg_fits(x, &at, &frame->regs[r], l->regs[r]))
                return false;
            continue;
        }
        x->stats->loose++;
        if (tight_again(x, rec, &at, &frame->regs[r], l->regs[r]))
            l->loose_regs &= (uint16_t)~(1u << r);
    }
    at.reg = -1;
    for (uint32_t k = 0; k < frame->n_slots; k++) {
        const struct slot *const s = &frame->slots[k];
        at.slot = (int)k;
        if (l->loose_bytes[k] && slot_is_spill64(s) &&
            tight_again(x, rec, &at, &s->spilled, slot_value(x, l, k, SLOT_BYTES)))
            l->loose_bytes[k] = 0;
        if (!slot_fits(x, &at, s, l))
            return false;
    }
    return true;
}

/* Frames are the calls that led here. */
static bool calls_fit(struct walk *x, const struct record *rec) {
    for (uint32_t f = 1; f <= rec->st.depth; f++) {
        const struct frame *const frame = rec->st.frames[f];
        const struct level *const l = &x->level[x->base + f];
        const struct place at = {.pc = rec->pc, .frame = f, .reg = -1, .slot = -1};
        if (frame->in_callback != l->callback || frame->call_pc != l->call_pc)
            return miss(x, &at, NULL, "called from pc %u, known: from pc %u", l->call_pc,
                        frame->call_pc);
    }
    return true;
}

static bool record_fits(struct walk *x, const struct record *rec) {
    if (!calls_fit(x, rec))
        return false;
    for (uint32_t f = 0; f <= rec->st.depth; f++)
        if (!frame_fits(x, rec, f))
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
               miss(x, at, r, "a loose value where a pointer was relied on");
    if (r->precise) {
        *now_loose = false;
        return scalar_contains(r->v, value) ||
               miss(x, at, r, "the%s value %#llx where exactness was relied on",
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
                return miss(x, &a->at, NULL, "a precise number is not linked as it was relied on");
            struct level *const l = &x->level[x->base + a->at.frame];
            if (!a->precise && a->at.reg >= 0)
                l->loose_regs |= (uint16_t)(1u << a->at.reg);
            else if (!a->precise)
                l->loose_bytes[a->at.slot] = 0xff;
        }
    return true;
}

static bool hop(struct walk *x, const struct record *to) {
    x->stats->hops++;
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

/* ---- looseness flows ---- */

/* The concrete frame that n_bytes at addr lie in, and where: bytes from its lowest one.
 * out: false: not in a frame followed */
static bool in_frame(struct walk *x, uint64_t addr, uint32_t n_bytes, struct level **l,
                     uint32_t *at) {
    for (uint32_t d = 0; d <= x->depth && d < MAX_DEPTH; d++) {
        const uint64_t bottom = world_stack_top(x->w, d) - FRAME_MAX_BYTES;
        if (addr < bottom || addr + n_bytes > bottom + FRAME_MAX_BYTES)
            continue;
        *l = &x->level[d];
        *at = (uint32_t)(addr - bottom);
        return true;
    }
    return false;
}

static bool bytes_loose(const struct level *l, uint32_t at, uint32_t n) {
    bool loose = false;
    for (uint32_t i = at; i < at + n; i++)
        loose |= l->loose_bytes[FRAME_MAX_SLOTS - 1 - i / SLOT_BYTES] >> i % SLOT_BYTES & 1;
    return loose;
}

static void set_bytes(struct level *l, uint32_t at, uint32_t n, bool loose) {
    for (uint32_t i = at; i < at + n; i++) {
        uint8_t *const slot = &l->loose_bytes[FRAME_MAX_SLOTS - 1 - i / SLOT_BYTES];
        const uint8_t bit = (uint8_t)(1u << i % SLOT_BYTES);
        *slot = (uint8_t)(loose ? *slot | bit : *slot & ~bit);
    }
}

static void set_loose(struct level *l, uint32_t reg, bool loose) {
    l->loose_regs = (uint16_t)((l->loose_regs & ~(1u << reg)) | (uint32_t)loose << reg);
}

static bool is_loose(const struct level *l, uint32_t reg) {
    return l->loose_regs >> reg & 1;
}

/* A loose value must not be an address, but for arenas, where any value may be. */
static bool as_address(struct walk *x, const struct level *l, uint32_t pc, uint32_t reg) {
    const struct place at = {.pc = pc, .frame = x->depth - x->base, .reg = (int)reg, .slot = -1};
    return !is_loose(l, reg) || state_regs(&x->know->records[x->at].st)[reg].kind == REG_ARENA ||
           miss(x, &at, NULL, "a loose value is used as an address");
}

static bool flow_memory(struct walk *x, struct level *l, uint32_t pc, struct insn in,
                        const struct op_info *row) {
    const bool load = row->cls == CLASS_LDX || row->cls == CLASS_ATOMIC_LOAD;
    const uint32_t base = load ? in.src : in.dst, n = row->width_bits / 8u;
    const uint64_t addr = l->regs[base] + (uint64_t)(int64_t)in.off;
    struct level *to;
    uint32_t at;
    const bool stack = in_frame(x, addr, n, &to, &at);
    const bool was = stack && bytes_loose(to, at, n);
    if (!as_address(x, l, pc, base))
        return false;
    if (load) {
        set_loose(l, in.dst, was);
        return true;
    }
    const bool source = row->cls != CLASS_ST && is_loose(l, in.src);
    const bool adds = row->cls == CLASS_ATOMIC_RMW || row->cls == CLASS_ATOMIC_CMPXCHG;
    if (stack)
        set_bytes(to, at, n, source || (adds && was));
    if (row->cls == CLASS_ATOMIC_CMPXCHG)
        set_loose(l, 0, was);
    else if (row->cls == CLASS_ATOMIC_XCHG ||
             (row->cls == CLASS_ATOMIC_RMW && (row->imm_fixed & 1)))
        set_loose(l, in.src, was);
    return true;
}

/* What is linked with a loose number is no better known. */
static void loosen_linked(struct walk *x, const struct state *st, uint32_t id) {
    for (uint32_t f = 0; id && f <= st->depth; f++) {
        const struct frame *const frame = st->frames[f];
        struct level *const l = &x->level[x->base + f];
        for (uint32_t r = 0; r < REG_FP; r++)
            if (reg_is_scalar(&frame->regs[r]) && frame->regs[r].id == id)
                set_loose(l, r, true);
        for (uint32_t k = 0; k < frame->n_slots; k++)
            if (slot_is_spilled_scalar(&frame->slots[k]) && frame->slots[k].spilled.id == id)
                l->loose_bytes[k] = 0xff;
    }
}

/* A comparison refines one operand by the other: from what is known of a loose one, nothing
 * follows. */
static void flow_jump(struct walk *x, struct level *l, struct insn in, const struct op_info *row) {
    const struct state *const st = &x->know->records[x->at].st;
    if (!is_loose(l, in.dst) && !(row->from_reg && is_loose(l, in.src)))
        return;
    set_loose(l, in.dst, true);
    loosen_linked(x, st, state_regs(st)[in.dst].id);
    if (row->from_reg) {
        set_loose(l, in.src, true);
        loosen_linked(x, st, state_regs(st)[in.src].id);
    }
}

/* The instruction at pc is executed in the level's state before it. */
static bool flow(struct walk *x, struct level *l, uint32_t pc) {
    const struct insn in = x->prog->insns[pc];
    const enum op op = op_of(in);
    if (op >= N_OPS)
        return true;
    const struct op_info *const row = &op_table[op];
    const bool src = row->from_reg && is_loose(l, in.src);
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
        set_loose(l, in.dst, (row->code & 0xf0) == 0xb0 ? src : src || is_loose(l, in.dst));
        return true;
    case CLASS_ALU_SEXT:
    case CLASS_ALU_CAST: set_loose(l, in.dst, is_loose(l, in.src)); return true;
    case CLASS_IMM64: set_loose(l, in.dst, false); return true;
    case CLASS_LDX:
    case CLASS_ST:
    case CLASS_STX:
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG:
    case CLASS_ATOMIC_LOAD:
    case CLASS_ATOMIC_STORE: return flow_memory(x, l, pc, in, row);
    case CLASS_JMP_COND: flow_jump(x, l, in, row); return true;
    case CLASS_CALL:
    case CLASS_CALL_KFUNC:
    case CLASS_PKT: l->loose_regs &= (uint16_t)~0x3f; return true;
    default: return true;
    }
}

/* ---- following ---- */

static bool is_class(const struct walk *x, uint32_t pc, enum op_class cls) {
    const enum op op = op_of(x->prog->insns[pc]);
    return op < N_OPS && op_table[op].cls == cls;
}

static bool is_tail_call(const struct walk *x, uint32_t pc) {
    return is_class(x, pc, CLASS_CALL) && x->prog->insns[pc].imm == HELPER_tail_call;
}

/* The successor of record `from` at pc in concrete frame depth whose state the run is in.
 * checked: hold it against the run. out: 0: none, and a miss is set if there should be one */
static uint32_t successor(struct walk *x, uint32_t from, uint32_t pc, uint32_t depth,
                          bool checked) {
    struct contain_miss first = {.found = false};
    for (uint32_t i = x->know->records[from].child; i; i = x->know->records[i].sibling) {
        const struct record *const rec = &x->know->records[i];
        if (rec->pc != pc || rec->st.depth + x->base != depth)
            continue;
        if (!checked || record_fits(x, rec))
            return i;
        if (!first.found)
            first = *x->miss;
        x->miss->found = false;
    }
    *x->miss = first;
    return 0;
}

/* The entry of an exploration at pc. */
static uint32_t entry(const struct walk *x, uint32_t pc) {
    for (uint32_t i = 1; i < x->know->n_records; i++)
        if (x->know->records[i].from == 0 && x->know->records[i].pc == pc)
            return i;
    return 0;
}

static bool settle(struct walk *x, uint32_t found) {
    const struct record *rec = &x->know->records[found];
    while (rec->covered_by) {
        const uint32_t by = rec->covered_by;
        rec = &x->know->records[by];
        if (!rec->settled || !hop(x, rec))
            return rec->settled ? false : (x->over = true, false);
        found = by;
    }
    x->at = found;
    return true;
}

/* The run leaves what the records tell of: the rest is not checked. */
static bool leave(struct walk *x) {
    x->over = true;
    x->stats->left++;
    return false;
}

/* A frame above the last one's: a function of the program, or a callback. */
static bool enter(struct walk *x, uint32_t pc, uint32_t depth) {
    struct level *const callee = &x->level[depth];
    const struct level *const caller = &x->level[depth - 1];
    const bool local = is_class(x, x->last_pc, CLASS_CALL_LOCAL);
    memset(callee, 0, sizeof *callee);
    callee->callback = !local;
    callee->call_pc = x->last_pc;
    if (local) {
        memcpy(callee->regs, caller->regs, sizeof callee->regs);
        callee->regs[REG_FP] = world_stack_top(x->w, depth);
        callee->loose_regs = caller->loose_regs & ARGS;
        if (successor(x, x->at, pc, depth, false) == 0) {
            const uint32_t root = entry(x, pc);
            if (!root)
                return leave(x);
            callee->global = true;
            callee->caller_at = x->at;
            callee->caller_base = x->base;
            x->base = depth;
            x->at = 0;
            return record_fits(x, &x->know->records[root]) && settle(x, root);
        }
        const uint32_t next = successor(x, x->at, pc, depth, true);
        return next && settle(x, next);
    }
    x->entered = true;
    /* from a call that is reported only when its callbacks are over */
    for (uint32_t i = x->know->records[x->at].child; i; i = x->know->records[i].sibling) {
        const uint32_t call = i;
        if (x->know->records[call].st.depth + x->base != depth - 1)
            continue;
        uint32_t from = call;
        while (x->know->records[from].covered_by)
            from = x->know->records[from].covered_by;
        const uint32_t next = successor(x, from, pc, depth, false);
        callee->call_pc = x->know->records[call].pc;
        if (next && settle(x, call) && (x->at = from, settle(x, next)))
            return true;
    }
    return leave(x);
}

/* Is what comes next a call that nothing comes after? */
static bool throws(const struct walk *x) {
    const struct record *const all = x->know->records;
    const uint32_t call = all[x->at].child;
    return call && !all[call].child && is_class(x, all[call].pc, CLASS_CALL_KFUNC);
}

/* Where the run is, before the instruction at pc. out: false: a miss, or no longer followed */
static bool locate(struct walk *x, uint32_t pc, uint32_t depth) {
    if (!x->started) {
        const uint32_t root = entry(x, pc);
        x->started = true;
        return root ? record_fits(x, &x->know->records[root]) && settle(x, root) : leave(x);
    }
    /* a callback that was left may be called again at once */
    if (depth > x->depth ||
        (depth == x->depth && x->level[depth].callback && is_class(x, x->last_pc, CLASS_EXIT)))
        return enter(x, pc, depth);
    if (depth < x->depth && x->level[x->depth].global) {
        x->base = x->level[x->depth].caller_base;
        x->at = x->level[x->depth].caller_at;
    }
    const uint32_t next = successor(x, x->at, pc, depth, true);
    if (!next && throws(x))
        return leave(x); /* the callback of exceptions is explored by itself */
    if (!next && !x->miss->found) {
        const struct place at = {.pc = pc, .frame = depth - x->base, .reg = -1, .slot = -1};
        return miss(x, &at, NULL, "the run came here from pc %u, the exploration did not",
                    x->last_pc);
    }
    return next && settle(x, next);
}

static void copy_stacks(struct walk *x) {
    for (uint32_t d = 0; d <= x->depth; d++)
        memcpy(x->level[d].stack, x->w->mem + world_off(world_stack_top(x->w, d)) - FRAME_MAX_BYTES,
               FRAME_MAX_BYTES);
}

static bool step(void *self, const struct interp_step *s) {
    struct walk *const x = self;
    if (x->over || x->miss->found)
        return true;
    if (interp_code_prog(s->code) != x->prog || s->depth >= MAX_DEPTH) {
        leave(x);
        return true;
    }
    if (x->started && is_tail_call(x, x->last_pc) && s->pc == 0 &&
        x->know->records[x->at].pc != 0) {
        leave(x);
        return true;
    }
    /* a callback that is over, called again */
    if (x->started && s->depth == x->depth && x->level[s->depth].callback &&
        is_class(x, x->last_pc, CLASS_EXIT))
        x->depth--;
    const bool came_back = x->started && s->depth < x->depth;
    if (came_back && !x->level[x->depth].callback) {
        /* r0 came along; the caller's own registers were kept */
        struct level *const l = &x->level[s->depth];
        l->regs[0] = x->level[x->depth].regs[0];
        l->loose_regs = (uint16_t)((l->loose_regs & ~1u) | (x->level[x->depth].loose_regs & 1));
    }
    if (!locate(x, s->pc, s->depth))
        return true;
    x->stats->steps++;
    x->depth = s->depth;
    struct level *const l = &x->level[s->depth];
    const struct insn in = x->prog->insns[s->pc];
    if (x->entered)
        memcpy(l->regs, s->regs, sizeof l->regs);
    if (!flow(x, l, s->pc))
        return true;
    if (x->entered && in.dst == in.src && !is_class(x, s->pc, CLASS_IMM64))
        /* where it loaded from is lost */
        set_loose(l, in.dst, true);
    x->entered = false;
    x->last_pc = s->pc;
    memcpy(l->regs, s->regs, sizeof l->regs);
    l->regs[REG_FP] = world_stack_top(x->w, s->depth); /* a call has moved it already */
    copy_stacks(x);
    return true;
}

struct run_end contain_run(const struct prog *p, const struct knowledge *know, struct world *w,
                           struct interp_job *job, struct contain_stats *stats,
                           struct contain_miss *m) {
    static const struct walk none;
    struct walk x = none;
    x.prog = p;
    x.know = know;
    x.w = w;
    x.stats = stats;
    x.miss = m;
    x.over = !know->complete;
    *m = (struct contain_miss){.found = false};
    for (uint32_t i = 0; i < 5; i++)
        x.level[0].regs[1 + i] = job->args[i];
    x.level[0].regs[REG_FP] = world_stack_top(w, 0);
    stats->runs++;
    stats->left += x.over;
    job->step = step;
    job->step_self = &x;
    copy_stacks(&x);
    return interp_trace(w, job, NULL);
}
