#include "verifier/call.h"

#include <stdio.h>

void call_clobber(struct step *s) {
    struct reg *const regs = state_regs(s->st);
    for (uint32_t r = 0; r <= REG_ARG_LAST; r++)
        regs[r] = reg_uninit();
}

void call_invalidate(const struct step *s, struct reg *r) {
    *r = s->sub->privileged ? reg_scalar(scalar_unknown()) : reg_uninit();
}

/* Is r a register, in its place or spilled, rather than the book-keeping of a dynptr or iterator?
 * */
static bool is_register(const struct reg_walk *w) {
    return w->slot < 0 || slot_is_spill(&w->st->frames[w->frame]->slots[w->slot]);
}

bool call_release(struct step *s, uint32_t ref) {
    struct reg *r;
    if (!state_ref_drop(s->st, REF_PTR, ref))
        return false;
    for (struct reg_walk w = {.st = s->st}; (r = reg_walk_next(&w)) != NULL;)
        if (r->ref == ref && is_register(&w))
            call_invalidate(s, r);
    return true;
}

uint32_t call_acquire(struct step *s) {
    const struct frame *const f = state_frame(s->st);
    const struct ref ref = {.kind = REF_PTR,
                            .id = step_new_id(s),
                            .pc = s->pc,
                            .callback = f->in_callback ? s->st->depth : 0};
    if (state_ref_add(s->st, ref) != BPFLAB_OK) {
        step_nomem(s);
        return 0;
    }
    return ref.id;
}

void call_forget_packets(struct step *s) {
    struct reg *r;
    for (struct reg_walk w = {.st = s->st}; (r = reg_walk_next(&w)) != NULL;)
        if (reg_is_packet(r) || r->kind == REG_PACKET_END ||
            (r->kind == REG_MEM && (r->flags & REG_F_PACKET)))
            call_invalidate(s, r);
}

bool call_lock_in(const struct step *s, const struct reg *r) {
    if (r->kind == REG_MAP_VALUE)
        return s->sub->maps[r->map].spin_lock >= 0;
    return r->kind == REG_BTF && (r->flags & REG_F_ALLOC);
}

void call_not_null(const struct step *s, struct reg *r) {
    r->flags &= (uint16_t)~REG_F_NULL;
    if (r->kind != REG_MAP_VALUE)
        return;
    const struct map_def *const map = s->sub->maps[r->map].def;
    const struct map_type_info *const type = map_type_of(map->type);
    if (map->inner >= 0) {
        const struct map_fact *const inner = &s->sub->maps[map->inner];
        r->kind = REG_MAP;
        r->map = (uint32_t)map->inner;
        if (inner->timer >= 0 || inner->workqueue >= 0)
            r->map_uid = r->id;
    } else if (type && type->lookup == LOOKUP_XDP_SOCKET) {
        r->kind = REG_XDP_SOCK;
    } else if (type && type->lookup == LOOKUP_SOCKET) {
        r->kind = REG_SOCK;
    }
}

void call_mark_null(const struct step *s, struct state *st, uint32_t id, bool is_null) {
    struct reg *r;
    if (is_null)
        state_ref_drop(st, REF_PTR, id); /* there, if the pointer is a reference */
    for (struct reg_walk w = {.st = st}; (r = reg_walk_next(&w)) != NULL;) {
        if (r->id != id || !reg_is_pointer(r) || !reg_maybe_null(r))
            continue;
        if (is_null) {
            *r = reg_const(0);
            continue;
        }
        call_not_null(s, r);
        if (!call_lock_in(s, r))
            r->id = 0;
    }
}

/* ---- leaving ---- */

/* What ends, as Linux names it. */
static const char *leaving_name(enum leaving how) {
    switch (how) {
    case LEAVE_TAIL_CALL: return "tail_call";
    case LEAVE_THROW: return "bpf_throw";
    case LEAVE_LD_ABS: return "BPF_LD_[ABS|IND]";
    default: return "BPF_EXIT instruction in main prog";
    }
}

static bool still_inside(struct step *s, enum reason why, enum leaving how, const char *region) {
    return step_reject(s, why, REPORT_NO_REG, "%s cannot be used inside %s-ed region",
                       leaving_name(how), region);
}

static bool leak(struct step *s, const struct ref *ref, enum leaving how) {
    if (ref->kind == REF_LOCK || ref->kind == REF_RES_LOCK)
        return still_inside(s, REASON_LOCK, how, "bpf_spin_lock");
    if (ref->kind == REF_IRQ)
        return still_inside(s, REASON_SECTION, how, "bpf_local_irq_save");
    step_reject(s, REASON_REF_LEAK, REPORT_NO_REG, "Unreleased reference id=%u alloc_insn=%u%s",
                ref->id, ref->pc,
                how == LEAVE_TAIL_CALL ? "; tail_call would lead to reference leak"
                : how == LEAVE_LD_ABS  ? "; BPF_LD_[ABS|IND] cannot be mixed with socket references"
                                       : "");
    return false;
}

bool call_check_leaks(struct step *s, enum leaving how) {
    const struct state *const st = s->st;
    const struct frame *const f = state_frame(st);
    const bool ends = how != LEAVE_EXIT || st->depth == 0; /* of the program, not a function */
    if (!ends && !f->in_callback)
        return true; /* what a function holds is its caller's */
    for (uint32_t i = 0; i < st->n_refs; i++) {
        /* a callback gives back what it took; the rest was there before */
        if (!ends && st->refs[i].callback != st->depth)
            continue;
        return leak(s, &st->refs[i], how);
    }
    if (ends && st->rcu_depth)
        return still_inside(s, REASON_SECTION, how, "bpf_rcu_read_lock");
    if (ends && st->preempt_depth)
        return still_inside(s, REASON_SECTION, how, "bpf_preempt_disable");
    return true;
}

/* ---- return values ---- */

void call_range_words(const struct reg *r, char *buf, size_t size) {
    size_t n = 0;
    if (r->v.s.min > SWORD_MIN)
        n += (size_t)snprintf(buf, size, " smin=%lld", (long long)r->v.s.min);
    if (r->v.s.max < SWORD_MAX)
        n += (size_t)snprintf(buf + n, size - n, " smax=%lld", (long long)r->v.s.max);
    if (n == 0)
        snprintf(buf, size, " unknown scalar value");
}

/* struct allowed: what may be returned; of the register's lower half, if half. */
struct allowed {
    int64_t min, max;
    bool half;
};

static bool in_range(struct step *s, uint32_t r, const char *where, struct allowed a) {
    const struct reg *const reg = step_reg(s, r);
    char buf[64];
    if (!reg_is_scalar(reg))
        return step_reject(s, REASON_RETURN, (int)r,
                           "%s the register R%u is not a known value (%s)", where, r,
                           reg_kind_name(reg, buf));
    step_precise(s, r);
    if (a.half ? reg->v.s32.min >= a.min && reg->v.s32.max <= a.max
               : reg->v.s.min >= a.min && reg->v.s.max <= a.max)
        return true;
    call_range_words(reg, buf, sizeof buf);
    step_reject(s, REASON_RETURN, (int)r,
                "%s the register R%u has%s should have been in [%lld, %lld]", where, r, buf,
                (long long)a.min, (long long)a.max);
    return report_needed(&s->rep, "a value from %lld to %lld", (long long)a.min, (long long)a.max);
}

bool call_check_return(struct step *s, uint32_t r) {
    const struct subject *const sub = s->sub;
    const struct frame *const f = s->st->frames[0];
    const bool entry = f->subprog == 0 || f->in_exception_callback;
    const struct reg *const reg = step_reg(s, r);
    char buf[64];
    int64_t min, max;
    /* only hooks of these types may return nothing */
    const bool void_hook = sub->hook.proto ? sub->hook.returns_void : sub->subprogs[0].returns_void;
    if (entry && (sub->prog->type == PROG_lsm || sub->prog->type == PROG_struct_ops) && void_hook)
        return true;
    if (!step_read(s, r))
        return false;
    if (reg_is_pointer(reg) && !sub->privileged)
        return step_reject(s, REASON_PTR_LEAK, (int)r, "R%u leaks addr as return value", r);
    if (f->in_async_callback)
        return in_range(s, r, "At async callback return", (struct allowed){0});
    if (!entry) {
        if (reg_is_scalar(reg))
            return true;
        return step_reject(s, REASON_RETURN, (int)r,
                           "At subprogram exit the register R%u is not a scalar value (%s)", r,
                           reg_kind_name(reg, buf));
    }
    if (sub->hook.has_range)
        return in_range(s, r, "At program exit",
                        (struct allowed){sub->hook.ret_min, sub->hook.ret_max, sub->hook.ret_32});
    if (!sub->type)
        return true;
    progtype_returns(sub->type, (int)sub->prog->attach_type, &min, &max);
    if (min == INT64_MIN && max == INT64_MAX)
        return true;
    return in_range(s, r, "At program exit", (struct allowed){.min = min, .max = max});
}
