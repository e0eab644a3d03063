/* step_stack.c: reading and writing stack slots: spills and fills of registers, bytes, and accesses
 * at offsets that vary.
 *
 * An instruction's access is aligned to its size, so it never crosses a slot. A scalar stored at
 * the start of a slot is remembered as a register (of its low bytes), a pointer only whole.
 */
#include "verifier/access.h"
#include "verifier/link.h"

#include <inttypes.h>

static uint64_t slot_bit(uint32_t k) {
    return UINT64_C(1) << k;
}

/* The slots of the bytes [min, max), relative to r10. */
static uint64_t slot_set(int64_t min, int64_t max) {
    uint64_t set = 0;
    for (int64_t off = min; off < max; off++)
        set |= slot_bit(slot_of(off));
    return set;
}

static bool is_special(const struct slot *slot) {
    switch ((enum slot_byte)slot->byte[0]) {
    case SLOT_SPILL:
    case SLOT_DYNPTR:
    case SLOT_ITER:
    case SLOT_IRQ: return true;
    default: return false;
    }
}

/* scrub: bytes are written into the slot: a register or object kept there is only bytes now. */
static void scrub(struct slot *slot) {
    if (is_special(slot))
        for (uint32_t i = 0; i < SLOT_BYTES; i++)
            if (slot->byte[i] != SLOT_INVALID)
                slot->byte[i] = SLOT_MISC;
    slot->spilled = reg_uninit();
}

static bool is_const_zero(const struct reg *r) {
    return r && reg_is_null(r);
}

/* ---- bounds ---- */

static bool varies(const struct reg *ptr) {
    return !scalar_is_const(ptr->v);
}

static struct window window_of(struct step *s, uint32_t r, int32_t off, int64_t n_bytes) {
    const struct reg *const ptr = step_reg(s, r);
    return offset_window((struct offset){ptr->off, ptr->v}, off, n_bytes);
}

bool stack_bounds(struct step *s, uint32_t r, int32_t off, int64_t n_bytes, enum stack_use use) {
    static const char *const words[] = {[STACK_READ] = "read from",
                                        [STACK_WRITE] = "write to",
                                        [STACK_INDIRECT] = "indirect access to"};
    const char *const how = words[use];
    const struct reg *const ptr = step_reg(s, r);
    if (!offset_is_bounded(ptr->v))
        return step_reject(s, REASON_UNBOUNDED, (int)r,
                           "invalid unbounded variable-offset %s stack R%u", how, r);
    const int64_t fixed = (int64_t)ptr->off + off;
    const struct window w = window_of(s, r, off, n_bytes);
    struct frame *const f = s->st->frames[ptr->frame];
    const bool only_written = !s->sub->privileged && use == STACK_READ;
    const int64_t lowest = only_written ? -(int64_t)f->n_slots * SLOT_BYTES : -FRAME_MAX_BYTES;
    step_touch_read(s, ptr->frame, 0); /* it uses stack, if it only writes part of a slot, too */
    if (window_in_stack(w, lowest))
        return frame_need(f, slot_of(w.min) + 1) == BPFLAB_OK || step_nomem(s);
    char text[ACCESS_TNUM_TEXT];
    if (varies(ptr))
        step_reject(s, REASON_STACK_BOUNDS, (int)r,
                    "invalid variable-offset %s stack R%u var_off=%s off=%" PRId64 " size=%" PRId64,
                    how, r, access_tnum_text(ptr->v.bits, text), fixed, n_bytes);
    else
        step_reject(s, REASON_STACK_BOUNDS, (int)r,
                    "invalid %s stack R%u off=%" PRId64 " size=%" PRId64, how, r, fixed, n_bytes);
    if (only_written)
        report_needed(&s->rep, "bytes that were written before: from r10%+" PRId64 " on", lowest);
    return false;
}

/* ---- reading, at a constant offset ---- */

static uint32_t spilled_bytes(const struct slot *slot) {
    uint32_t n = 0;
    while (n < SLOT_BYTES && slot->byte[n] == SLOT_SPILL)
        n++;
    return n;
}

static bool may_be_read(const struct step *s, uint8_t byte) {
    return byte == SLOT_MISC || byte == SLOT_ZERO || (byte == SLOT_INVALID && s->sub->privileged);
}

static bool refuse_read(struct step *s, const struct access *a, int64_t off, uint32_t i) {
    step_reject(s, REASON_STACK_UNINIT, (int)a->r,
                "invalid read from stack off %" PRId64 "+%u size %u", off, i, a->n_bytes);
    return report_needed(&s->rep, "a byte at fp%+" PRId64 " that was written before", off + i);
}

static void note_move(struct step *s, uint32_t frame, uint32_t k) {
    s->eff.moved_slot = true;
    s->eff.moved_frame = (uint8_t)frame;
    s->eff.moved_index = (uint8_t)k;
}

/* Bytes without a register: a number, 0 if all of them are. spills: SPILL bytes are bytes too. */
static bool read_bytes(struct step *s, const struct slot *slot, const struct access *a, int64_t off,
                       bool spills, struct reg *out) {
    const uint32_t first = slot_byte_of(off);
    uint32_t n_zero = 0;
    for (uint32_t i = 0; i < a->n_bytes; i++) {
        const uint8_t byte = slot->byte[first + i];
        if (!may_be_read(s, byte) && !(spills && byte == SLOT_SPILL))
            return refuse_read(s, a, off, i);
        n_zero += byte == SLOT_ZERO;
    }
    if (out)
        *out = reg_scalar(n_zero == a->n_bytes ? scalar_const(0) : scalar_below(8 * a->n_bytes));
    return true;
}

/* Part of a spilled scalar, or more than it: its low bytes are a register again. */
static bool fill_part(struct step *s, uint32_t frame, uint32_t k, const struct access *a,
                      int64_t off, struct reg *out) {
    const struct slot *const slot = &s->st->frames[frame]->slots[k];
    const struct reg *const kept = &slot->spilled;
    const uint32_t n = spilled_bytes(slot), first = slot_byte_of(off);
    if (!reg_is_scalar(kept))
        return step_reject(s, REASON_STACK_CORRUPT, (int)a->r, "invalid size of register fill");
    if (!out)
        return true;
    if (fill_is_low(first, a->n_bytes, n, s->sub->prog->big_endian)) {
        *out = *kept;
        out->v = scalar_zext(8 * a->n_bytes, kept->v);
        if (!scalar_fits(8 * a->n_bytes, kept->v))
            link_clear(out);
        note_move(s, frame, k);
        return true;
    }
    if (first + a->n_bytes <= n && is_const_zero(kept)) {
        *out = reg_const(0);
        note_move(s, frame, k);
        return true;
    }
    return read_bytes(s, slot, a, off, true, out);
}

bool stack_read(struct step *s, uint32_t frame, const struct access *a, int64_t off,
                struct reg *out) {
    const uint32_t k = slot_of(off);
    const struct slot *const slot = &s->st->frames[frame]->slots[k];
    step_touch_read(s, frame, slot_bit(k));
    if (!slot_is_spill(slot))
        return read_bytes(s, slot, a, off, false, out);
    if (a->n_bytes != SLOT_BYTES || !slot_is_spill64(slot))
        return fill_part(s, frame, k, a, off, out);
    if (out) {
        *out = slot->spilled;
        note_move(s, frame, k);
        return true;
    }
    return reg_is_scalar(&slot->spilled) || s->sub->privileged ||
           step_reject(s, REASON_PTR_LEAK, (int)a->r, "leaking pointer from stack off %" PRId64,
                       off);
}

/* ---- writing, at a constant offset ---- */

/* The low n bytes of *v become the slot's register; what else the slot has is only bytes. */
static void spill(struct step *s, uint32_t frame, uint32_t k, const struct reg *v, uint32_t n) {
    struct slot *const slot = &s->st->frames[frame]->slots[k];
    slot->spilled = *v;
    for (uint32_t i = 0; i < SLOT_BYTES; i++)
        if (i < n)
            slot->byte[i] = SLOT_SPILL;
        else if (slot->byte[i] != SLOT_INVALID && slot->byte[i] != SLOT_ZERO)
            slot->byte[i] = SLOT_MISC;
    note_move(s, frame, k);
}

static void spill_scalar(struct step *s, uint32_t frame, uint32_t k, const struct access *a) {
    const unsigned bits = 8 * a->n_bytes;
    const bool whole = scalar_fits(bits, a->value->v);
    if (whole && a->value_reg != REPORT_NO_REG)
        link_share(s, step_reg(s, (uint32_t)a->value_reg));
    struct reg kept = *a->value;
    if (!whole)
        link_clear(&kept);
    kept.v = scalar_stored(bits, kept.v);
    spill(s, frame, k, &kept, a->n_bytes);
}

static bool spill_pointer(struct step *s, uint32_t frame, uint32_t k, const struct access *a) {
    if (a->n_bytes != SLOT_BYTES)
        return step_reject(s, REASON_STACK_CORRUPT, a->value_reg, "invalid size of register spill");
    if (frame != s->st->depth && a->value->kind == REG_STACK)
        return step_reject(s, REASON_STACK_CORRUPT, a->value_reg,
                           "cannot spill pointers to stack into stack frame of the caller");
    spill(s, frame, k, a->value, SLOT_BYTES);
    return true;
}

/* Bytes that no register is remembered for. That they are zero is remembered: then the number that
 * said so must be precise, for a pruned path must have stored zeros too. */
static void write_bytes(struct step *s, struct slot *slot, const struct access *a, int64_t off) {
    enum slot_byte what = SLOT_MISC;
    scrub(slot);
    if (is_const_zero(a->value)) {
        what = SLOT_ZERO;
        if (a->value_reg != REPORT_NO_REG)
            step_precise(s, (uint32_t)a->value_reg);
    }
    for (uint32_t i = 0; i < a->n_bytes; i++)
        slot->byte[slot_byte_of(off) + i] = (uint8_t)what;
}

static bool can_be_spilled(const struct reg *r) {
    return reg_is_pointer(r) && r->kind != REG_TP_BUFFER && r->kind != REG_DYNPTR;
}

bool stack_write(struct step *s, uint32_t frame, const struct access *a, int64_t off) {
    const uint32_t k = slot_of(off);
    struct slot *const slot = &s->st->frames[frame]->slots[k];
    if (!s->sub->privileged && slot_is_spill(slot) && !slot_is_spilled_scalar(slot) &&
        a->n_bytes != SLOT_BYTES)
        return step_reject(s, REASON_STACK_CORRUPT, (int)a->r,
                           "attempt to corrupt spilled pointer on stack");
    if (slot->byte[0] == SLOT_DYNPTR && !dynptr_overwrite(s, frame, k))
        return false;
    if (a->n_bytes == SLOT_BYTES)
        step_touch_write(s, frame, slot_bit(k));
    if (a->value && can_be_spilled(a->value))
        return spill_pointer(s, frame, k, a);
    if (a->value && reg_is_scalar(a->value) && slot_byte_of(off) == 0 && s->sub->privileged)
        spill_scalar(s, frame, k, a);
    else
        write_bytes(s, slot, a, off);
    return true;
}

/* ---- at an offset that varies ---- */

static bool refuse_vary(struct step *s, uint32_t r, const char *indirect) {
    char text[ACCESS_TNUM_TEXT];
    return step_reject(s, REASON_PRIVILEGE, (int)r,
                       "R%u%s variable offset stack access prohibited for !root, var_off=%s", r,
                       indirect, access_tnum_text(step_reg(s, r)->v.bits, text));
}

/* struct demand: a range of stack that must be initialised, and what then happens to it. */
struct demand {
    uint32_t r;
    struct window w;
    int64_t n_bytes;
    bool clobber;   /* it may be written */
    bool by_helper; /* for the words */
};

static bool demand_byte(struct step *s, struct slot *slot, uint32_t b, bool clobber) {
    const uint8_t byte = slot->byte[b];
    if (may_be_read(s, byte)) {
        if (clobber)
            slot->byte[b] = SLOT_MISC;
        return true;
    }
    if (!slot_is_spill(slot) || !(reg_is_scalar(&slot->spilled) || s->sub->privileged))
        return false;
    if (clobber)
        scrub(slot);
    return true;
}

static bool demand_range(struct step *s, const struct demand *d) {
    const struct reg *const ptr = step_reg(s, d->r);
    const uint32_t frame = ptr->frame;
    struct frame *const f = s->st->frames[frame];
    step_touch_read(s, frame, slot_set(d->w.min, d->w.max));
    for (int64_t off = d->w.min; off < d->w.max; off++) {
        if (demand_byte(s, &f->slots[slot_of(off)], slot_byte_of(off), d->clobber))
            continue;
        const char *const indirect = d->by_helper ? " indirect" : "";
        char text[ACCESS_TNUM_TEXT];
        if (varies(ptr))
            step_reject(s, REASON_STACK_UNINIT, (int)d->r,
                        "invalid%s read from stack R%u var_off %s+%" PRId64 " size %" PRId64,
                        indirect, d->r, access_tnum_text(ptr->v.bits, text), off - d->w.min,
                        d->n_bytes);
        else
            step_reject(s, REASON_STACK_UNINIT, (int)d->r,
                        "invalid%s read from stack R%u off %" PRId64 "+%" PRId64 " size %" PRId64,
                        indirect, d->r, d->w.min, off - d->w.min, d->n_bytes);
        return report_needed(&s->rep, "a byte at fp%+" PRId64 " that was written before", off);
    }
    return true;
}

bool stack_read_var(struct step *s, uint32_t frame, const struct access *a, struct reg *out) {
    if (!out) {
        char text[ACCESS_TNUM_TEXT];
        return step_reject(s, REASON_STACK_BOUNDS, (int)a->r,
                           "variable offset stack pointer cannot be passed into helper function; "
                           "var_off=%s off=%" PRId64 " size=%u",
                           access_tnum_text(step_reg(s, a->r)->v.bits, text),
                           (int64_t)step_reg(s, a->r)->off + a->off, a->n_bytes);
    }
    if (!s->sub->privileged)
        return refuse_vary(s, a->r, "");
    const struct window w = window_of(s, a->r, a->off, a->n_bytes);
    const struct demand d = {.r = a->r, .w = w, .n_bytes = a->n_bytes};
    if (!demand_range(s, &d))
        return false;
    const struct frame *const f = s->st->frames[frame];
    bool zero = true;
    for (int64_t off = w.min; off < w.max && zero; off++)
        zero = f->slots[slot_of(off)].byte[slot_byte_of(off)] == SLOT_ZERO;
    *out = reg_scalar(zero ? scalar_const(0) : scalar_below(8 * a->n_bytes));
    return true;
}

/* A byte that may or may not be written: known contents end there, but for a zero over which a zero
 * is written. out: was that so? Then the zero written matters. */
static bool blur_byte(struct slot *slot, uint32_t b, bool zero) {
    if (zero && slot->byte[b] == SLOT_SPILL && is_const_zero(&slot->spilled))
        return true;
    scrub(slot);
    if (zero && slot->byte[b] == SLOT_ZERO)
        return true;
    slot->byte[b] = SLOT_MISC; /* never written before: taken as written, as Linux does */
    return false;
}

bool stack_write_var(struct step *s, uint32_t frame, const struct access *a) {
    if (!s->sub->privileged)
        return refuse_vary(s, a->r, "");
    const struct window w = window_of(s, a->r, a->off, a->n_bytes);
    struct frame *const f = s->st->frames[frame];
    const bool zero = is_const_zero(a->value);
    bool zero_used = false;
    for (int64_t off = w.min; off < w.max; off++) {
        const uint32_t k = slot_of(off);
        if (f->slots[k].byte[0] == SLOT_DYNPTR && !dynptr_overwrite(s, frame, k))
            return false;
        zero_used |= blur_byte(&f->slots[k], slot_byte_of(off), zero);
    }
    if (zero_used && a->value_reg != REPORT_NO_REG)
        step_precise(s, (uint32_t)a->value_reg);
    return true;
}

/* ---- by helpers ---- */

/* The helper writes all of it: nothing need be initialised, but no object may be hit. */
static bool overwrite(struct step *s, uint32_t r, struct window w) {
    struct frame *const f = s->st->frames[step_reg(s, r)->frame];
    for (int64_t off = w.min; off < w.max; off++) {
        struct slot *const slot = &f->slots[slot_of(off)];
        if (slot->byte[slot_byte_of(off)] == SLOT_DYNPTR)
            return step_reject(s, REASON_DYNPTR, (int)r,
                               "potential write to dynptr at off=%" PRId64 " disallowed", off);
        if (!s->sub->privileged && slot_is_spill(slot) && !slot_is_spilled_scalar(slot))
            return step_reject(s, REASON_STACK_CORRUPT, (int)r,
                               "attempt to corrupt spilled pointer on stack");
        scrub(slot);
        slot->byte[slot_byte_of(off)] = SLOT_MISC;
    }
    return true;
}

bool stack_range(struct step *s, const struct access_range *a) {
    if (a->n_bytes == 0 && !a->zero_ok)
        return step_reject(s, REASON_HELPER_ARG, (int)a->r, "invalid zero-sized read");
    if (!stack_bounds(s, a->r, 0, a->n_bytes, STACK_INDIRECT))
        return false;
    const struct reg *const ptr = step_reg(s, a->r);
    if (varies(ptr) && !s->sub->privileged)
        return refuse_vary(s, a->r, " indirect");
    const struct window w = window_of(s, a->r, 0, a->n_bytes);
    if (a->uninit_ok && !a->raw && !varies(ptr))
        return overwrite(s, a->r, w);
    const struct demand d = {.r = a->r,
                             .w = w,
                             .n_bytes = a->n_bytes,
                             .clobber = a->kind == ACCESS_WRITE,
                             .by_helper = true};
    return demand_range(s, &d);
}
