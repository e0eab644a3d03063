/* iter.c: open-coded iterators: slots of stack that a function makes (new), moves on (next) and
 * ends (destroy).
 *
 * The slot with the lowest address is the first: it has the reference that must be given back, the
 * state, and how often next gave an element on this path. Calls of next fork: one path gets an
 * element, the other none, and it will never get one again. Loops over elements end since the
 * exploration finds a round whose state an earlier round covers.
 * source: process_iter_arg and process_iter_next_call of Linux 6.12
 */
#include "verifier/kfunc_call.h"

#include <string.h>

/* struct place: where an iterator is: its first slot, and how many there are. */
struct place {
    struct frame *frame;
    uint32_t index; /* of the frame */
    uint32_t first, n;
};

static bool find_place(struct step *s, uint32_t r, uint32_t n_bytes, struct place *p) {
    const struct reg *const reg = step_reg(s, r);
    if (!scalar_is_const(reg->v))
        return step_reject(s, REASON_ITER, (int)r, "iter has to be at a constant offset");
    const int64_t off = reg->off + (int64_t)reg->v.bits.value;
    if (off % SLOT_BYTES || off > -(int64_t)n_bytes || off < -FRAME_MAX_BYTES)
        return step_reject(s, REASON_ITER, (int)r, "cannot pass in iter at an offset=%lld",
                           (long long)off);
    *p = (struct place){.frame = s->st->frames[reg->frame],
                        .index = reg->frame,
                        .first = slot_of(off),
                        .n = n_bytes / SLOT_BYTES};
    return true;
}

static uint64_t slots_of(const struct place *p) {
    const uint64_t run = p->n >= 64 ? UINT64_MAX : (UINT64_C(1) << p->n) - 1;
    return run << (p->first + 1 - p->n);
}

static const char *type_name(const struct step *s, const struct kparam *param) {
    const char *const name = btf_type_name(subject_kernel(s->sub), param->btf_id);
    const size_t n = strlen("bpf_iter_");
    return strncmp(name, "bpf_iter_", n) ? name : name + n;
}

static bool make(struct step *s, const struct kfunc_call *c, uint32_t r, const struct place *p,
                 const struct kparam *param) {
    for (uint32_t k = p->first + 1 - p->n; k <= p->first && k < p->frame->n_slots; k++)
        for (uint32_t i = 0; i < SLOT_BYTES; i++)
            if (p->frame->slots[k].byte[i] == SLOT_ITER)
                return step_reject(s, REASON_ITER, (int)r,
                                   "expected uninitialized iter_%s as arg #%u", type_name(s, param),
                                   r - 1);
    for (uint32_t k = p->first + 1 - p->n; k <= p->first; k++)
        if (!dynptr_overwrite(s, p->index, k))
            return false;
    const struct access_range bytes = {
        .r = r, .n_bytes = param->n_bytes, .kind = ACCESS_WRITE, .uninit_ok = true};
    if (!access_range(s, &bytes))
        return false;
    const uint32_t ref = call_acquire(s);
    if (!ref)
        return false;
    unsigned flags = 0;
    if (kfunc_has(c, KFUNC_F_RCU_PROTECTED))
        flags = btf_in_rcu(s) ? REG_F_RCU : REG_F_UNTRUSTED;
    for (uint32_t k = p->first + 1 - p->n; k <= p->first; k++) {
        struct slot *const slot = &p->frame->slots[k];
        slot->spilled = reg_pointer(REG_STACK, flags);
        slot->spilled.btf_id = param->btf_id;
        slot->spilled.ref = k == p->first ? ref : 0;
        slot->spilled.iter.state = k == p->first ? ITER_ACTIVE : ITER_INVALID;
        memset(slot->byte, SLOT_ITER, SLOT_BYTES);
    }
    step_touch_write(s, p->index, slots_of(p));
    return true;
}

/* Is there an iterator of this type? */
static bool is_made(const struct place *p, uint32_t btf_id) {
    if (p->first >= p->frame->n_slots)
        return false;
    for (uint32_t k = p->first + 1 - p->n; k <= p->first; k++) {
        const struct slot *const slot = &p->frame->slots[k];
        if (!slot_is(slot, SLOT_ITER) || slot->spilled.btf_id != btf_id ||
            (slot->spilled.ref != 0) != (k == p->first))
            return false;
    }
    return true;
}

static bool destroy(struct step *s, const struct place *p) {
    call_release(s, p->frame->slots[p->first].spilled.ref);
    for (uint32_t k = p->first + 1 - p->n; k <= p->first; k++)
        p->frame->slots[k] = (struct slot){.spilled = reg_uninit()};
    step_touch_write(s, p->index, slots_of(p));
    return true;
}

/* Iterators over a cgroup's tasks take a lock that only some programs may take. */
static bool may_iterate_css_tasks(struct step *s) {
    const struct prog *const p = s->sub->prog;
    if (p->type == PROG_lsm || s->st->in_sleepable ||
        (p->type == PROG_tracing && p->attach_type == ATTACH_trace_iter))
        return true;
    return step_reject(s, REASON_KFUNC, REPORT_NO_REG,
                       "css_task_iter is only allowed in bpf_lsm, bpf_iter and sleepable progs");
}

bool iter_arg(struct step *s, struct kfunc_call *c, uint32_t i) {
    const struct kparam *const param = &c->f->param[i];
    const uint32_t r = REG_ARG_FIRST + i;
    struct place p = {0};
    if (c->f->id == KFUNC_ITER_CSS_TASK_NEW && !may_iterate_css_tasks(s))
        return false;
    if (step_reg(s, r)->kind != REG_STACK)
        return step_reject(s, REASON_ITER, (int)r,
                           "arg#%u expected pointer to an iterator on stack", i);
    if (!param->n_bytes || param->n_bytes % SLOT_BYTES)
        return step_reject(s, REASON_ITER, (int)r, "expected valid iter pointer as arg #%u", i);
    if (!find_place(s, r, param->n_bytes, &p))
        return false;
    if (kfunc_has(c, KFUNC_F_ITER_NEW))
        return make(s, c, r, &p, param);
    if (!is_made(&p, param->btf_id))
        return step_reject(s, REASON_ITER, (int)r, "expected an initialized iter_%s as arg #%u",
                           type_name(s, param), i);
    const struct reg *const it = &p.frame->slots[p.first].spilled;
    if (it->flags & REG_F_UNTRUSTED)
        return step_reject(s, REASON_ITER, (int)r, "expected an RCU CS when using %s", c->f->name);
    step_touch_read(s, p.index, slots_of(&p));
    c->iter_frame = p.index;
    c->iter_slot = p.first;
    c->ref = it->ref;
    return !kfunc_has(c, KFUNC_F_ITER_DESTROY) || destroy(s, &p);
}

static struct reg *iter_in(const struct state *st, const struct kfunc_call *c) {
    return &st->frames[c->iter_frame]->slots[c->iter_slot].spilled;
}

const struct reg *iter_of(const struct step *s, const struct kfunc_call *c) {
    return iter_in(s->st, c);
}

bool iter_next(struct step *s, const struct kfunc_call *c) {
    struct reg *const it = iter_in(s->st, c);
    if (it->iter.state == ITER_ACTIVE) {
        struct state *const st = step_fork(s, s->next);
        if (!st)
            return false;
        s->forks[s->n_forks - 1].widen = true;
        iter_in(st, c)->iter_depth++;
        call_not_null(s, &state_regs(st)[0]);
    }
    it->iter.state = ITER_DRAINED;
    *step_reg(s, 0) = reg_const(0);
    return true;
}
