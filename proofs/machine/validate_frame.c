/* validate_frame.c: how functions begin and end, and how the runtime gets in and out, for every
 * frame that the driver can ask for.
 *
 * What happens between is the worst that a function may do: every register that it need not keep,
 * every word of its own stack and whatever a call may change becomes unknown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/machine/validate_case.h"
#include "runtime/exec.h"

#define CODE_ADDR UINT64_C(0x400000)

/* struct frames: a fragment being executed, and its state. */
struct frames {
    struct vunit *u;
    const struct jit_arch *target;
    const struct machine *m;
    struct mstate begin;
    struct mpath paths[MPATHS];
    char text[120]; /* of the frame, for messages */
};

static bool fail(struct frames *f, enum smt_result r, const char *what) {
    return vunit_fail(f->u, NULL, r, "%s: %s", f->text, what);
}

static term *jit_reg(const struct frames *f, const struct mstate *s, unsigned r) {
    return s->reg[f->m->map[r]];
}

static bool same(struct frames *f, const char *what, term *got, term *want) {
    f->u->n_goals++;
    return got == want || fail(f, SMT_REFUTED, what);
}

static void begin(struct frames *f) {
    vcase_begin_bare(f->m, 0, 1, f->u->t, &f->begin);
    f->u->n_cases++;
}

/* The one path of a fragment without branches. out: NULL: noted */
static struct mpath *execute(struct frames *f, const struct mstate *s, const struct jit_buf *b,
                             size_t from, size_t to) {
    const struct mcode code = {
        .bytes = b->bytes, .n_bytes = b->n, .from = from, .to = to, .addr = CODE_ADDR};
    char err[200];
    const unsigned n = mpath_all(f->m, s, &code, f->paths, err);
    if (n == 1)
        return &f->paths[0];
    fail(f, SMT_ERROR, n ? "it branches" : err);
    return NULL;
}

/* How far the stack pointer is below where it began; -1 if that is not known. */
static int64_t depth_of(const struct frames *f, const struct mstate *s) {
    uint64_t off;
    if (term_split_k(s->reg[f->m->sp], &off) != s->sp0 || (int64_t)off > 0)
        return -1;
    return -(int64_t)off;
}

static bool is_aligned(const struct frames *f, int64_t depth) {
    /* System V and AAPCS and RISC-V: 16; s390x: 8 */
    if (f->m->link == 255)
        return (depth + 8) % 16 == 0;
    return depth % (f->m->call_area ? 8 : 16) == 0;
}

/* ---- functions ---- */

/* What a function is entered with, it finds; its slots and its callees' area are its own. */
static bool entered(struct frames *f, const struct jit_frame *frame, const struct mstate *s) {
    const struct machine *const m = f->m;
    const int64_t depth = depth_of(f, s);
    for (unsigned r = 0; r < N_JIT_REGS; r++)
        if (r != JR_T0 && r != JR_T1 &&
            !same(f, "a register at the beginning", jit_reg(f, s, r), jit_reg(f, &f->begin, r)))
            return false;
    if (s->n_events || s->trap)
        return fail(f, SMT_REFUTED, "memory is accessed at the beginning");
    if (depth < 0 || (frame->calls && !is_aligned(f, depth)))
        return fail(f, SMT_REFUTED, "the stack is not aligned");
    if ((frame->n_slots && m->slots + 8 * frame->n_slots > depth) ||
        (frame->calls && m->call_area > depth))
        return fail(f, SMT_REFUTED, "the frame is too small");
    return true;
}

/* The body: the worst. */
static void body(struct frames *f, const struct jit_frame *frame, struct mstate *s) {
    const struct machine *const m = f->m;
    struct terms *const t = f->u->t;
    const int64_t depth = depth_of(f, s);
    for (unsigned r = 0; r < N_JIT_REGS; r++)
        if (r < JR_6 || r == JR_T0 || r == JR_T1 || (r <= JR_9 && frame->saved >> r & 1))
            s->reg[m->map[r]] = term_fresh(t, 64, "body");
    for (unsigned r = 0; r < m->n_regs; r++) {
        bool kept = r == m->sp;
        for (unsigned i = 0; i < N_JIT_REGS; i++)
            kept |= m->map[i] == r;
        if (!frame->calls) /* operations use any other (validate_ends.c: check_kept) */
            kept |= r == m->link || (m->leaf_link && r == m->leaf_link);
        if (!kept && (m->call_clobbers >> r & 1 || r == m->link))
            s->reg[r] = term_fresh(t, 64, "body");
    }
    const int64_t slots = m->slots - depth;
    for (unsigned i = 0; i < s->n_frame; i++) {
        const int64_t off = s->frame[i].off;
        if (off < -depth + (frame->calls ? m->call_area : 0) ||
            (off >= slots && off < slots + 8 * frame->n_slots))
            s->frame[i].value = term_fresh(t, 64, "body");
    }
    memset(s->flag, 0, sizeof s->flag);
}

/* What the caller of anything may rely on: kept registers, the stack. */
static bool is_restored(struct frames *f, const struct mstate *s, bool returns, bool mapped) {
    const struct machine *const m = f->m;
    const int64_t up = returns && m->link == 255 ? 8 : 0;
    uint32_t kept = ~m->call_clobbers & (uint32_t)((UINT64_C(1) << m->n_regs) - 1);
    kept &= ~(1u << m->sp);
    if (m->link != 255)
        kept |= 1u << m->link;
    for (unsigned r = 0; r < N_JIT_REGS && mapped; r++) /* a function of the program: see below */
        kept &= ~(1u << m->map[r] & ~(m->link != 255 ? 1u << m->link : 0));
    for (unsigned r = 0; r < m->n_regs; r++)
        if (kept >> r & 1 && !same(f, "a register that is kept", s->reg[r], f->begin.reg[r]))
            return false;
    for (unsigned r = JR_6; r < N_JIT_REGS && mapped; r++)
        if (r != JR_T0 && r != JR_T1 &&
            !same(f, "a register that functions keep", jit_reg(f, s, r), jit_reg(f, &f->begin, r)))
            return false;
    for (unsigned i = 0; i < s->n_frame; i++)
        if (s->frame[i].off >= m->call_area && !same(f, "the caller's stack", s->frame[i].value,
                                                     mstate_frame(&f->begin, s->frame[i].off)))
            return false;
    return same(f, "stack pointer", s->reg[m->sp], term_add_k(f->u->t, s->sp0, up));
}

static bool returns_to(struct frames *f, const struct mpath *p) {
    const struct machine *const m = f->m;
    term *const back = m->link == 255 ? mstate_frame(&f->begin, 0) : f->begin.reg[m->link];
    return (p->flow == MFLOW_RETURN || fail(f, SMT_REFUTED, "it does not return")) &&
           same(f, "return address", p->addr, back);
}

static bool one_frame(struct frames *f, const struct jit_frame *frame, bool tail) {
    const struct jit_arch *const a = f->target;
    struct jit_buf b;
    bool ok = false;
    jit_buf_init(&b);
    a->enter(&b, frame);
    const uint32_t inside = b.n;
    (tail ? a->tail : a->leave)(&b, frame);
    begin(f);
    snprintf(f->text, sizeof f->text, "saved %#x, %u slots%s", frame->saved, frame->n_slots,
             frame->calls ? ", calls" : "");
    struct mpath *p = b.err ? NULL : execute(f, &f->begin, &b, 0, inside);
    if (p && p->flow == MFLOW_NEXT && entered(f, frame, &p->end)) {
        struct mstate s = p->end;
        body(f, frame, &s);
        p = execute(f, &s, &b, inside, b.n);
        if (p && !p->end.n_events && !p->end.trap) {
            ok = same(f, "r0", jit_reg(f, &p->end, JR_0), jit_reg(f, &s, JR_0)) &&
                 is_restored(f, &p->end, !tail, true);
            if (ok && tail)
                ok = (p->flow == MFLOW_INDIRECT || fail(f, SMT_REFUTED, "it does not jump")) &&
                     same(f, "where it jumps", p->addr, jit_reg(f, &s, JR_T0)) &&
                     same(f, "r1", jit_reg(f, &p->end, JR_1), jit_reg(f, &s, JR_1));
            else if (ok)
                ok = returns_to(f, p);
        } else {
            fail(f, SMT_REFUTED, "memory is accessed at the end");
        }
    } else {
        fail(f, SMT_ERROR, "it does not begin");
    }
    jit_buf_fini(&b);
    return ok;
}

static bool all_frames(struct frames *f, bool tail) {
    static const uint8_t slots[] = {0, 1, 2, 3, 4, 7, 8, 13, 14, 15, 16, 17, 18, 31, 32, 60};
    for (unsigned saved = 0; saved < 16; saved++)
        for (unsigned i = 0; i < sizeof slots; i++)
            for (unsigned calls = 0; calls < 2; calls++) {
                const struct jit_frame frame = {
                    .saved = (uint16_t)(saved << JR_6), .n_slots = slots[i], .calls = calls};
                if (!one_frame(f, &frame, tail))
                    return false;
            }
    return true;
}

/* ---- the stub ---- */

/* At the call of generated code: arguments as they were given, the rest zero. */
static bool called_right(struct frames *f, const struct mpath *p) {
    const struct machine *const m = f->m;
    struct terms *const t = f->u->t;
    const struct mstate *const s = &p->end, *const b = &f->begin;
    term *const args = b->reg[m->args[1]];
    term *loaded[5] = {NULL};
    for (unsigned i = 0; i < s->n_events; i++) {
        const struct mevent *const e = &s->events[i];
        bool known = e->kind == MEV_CALL;
        for (unsigned k = 0; k < 5 && e->kind == MEV_LOAD && e->bytes == 8; k++)
            if (e->addr == term_add_k(t, args, 8 * (int64_t)k)) {
                loaded[k] = e->value;
                known = true;
            }
        if (!known)
            return fail(f, SMT_REFUTED, "an access that does not belong there");
        if (e->kind == MEV_CALL && !same(f, "entry", e->addr, b->reg[m->args[3]]))
            return false;
    }
    if (s->n_calls != 1 || !loaded[0] || !loaded[1] || !loaded[2] || !loaded[3] || !loaded[4])
        return fail(f, SMT_REFUTED, "no call, or an argument that is not loaded");
    term *const *const at = s->calls[0];
    struct mstate there = *s;
    memcpy(there.reg, at, sizeof there.reg);
    if (!is_aligned(f, depth_of(f, &there)))
        return fail(f, SMT_REFUTED, "the stack is not aligned");
    for (unsigned r = 0; r <= 9; r++)
        if (!same(f, "a register at the entry", at[m->map[r]],
                  r >= 1 && r <= 5 ? loaded[r - 1] : term_const(t, 64, 0)))
            return false;
    return same(f, "r10 at the entry", at[m->map[JR_FP]], b->reg[m->args[2]]) &&
           same(f, "STATE at the entry", at[m->map[JR_STATE]], b->reg[m->args[0]]);
}

static bool left_right(struct frames *f, const struct mpath *p) {
    return is_restored(f, &p->end, true, false) && returns_to(f, p) &&
           same(f, "exec.sp", p->end.own[0].value, f->begin.own[0].value);
}

/* The exit, from wherever a trap is: only STATE is known, and what C keeps and programs never touch
 * (validate_ends.c: check_kept). */
static void forget_all(struct frames *f, struct mstate *s) {
    const struct machine *const m = f->m;
    term *const state = s->calls[0][m->map[JR_STATE]];
    uint32_t forgotten = m->call_clobbers | UINT32_C(1) << m->sp;
    if (m->link != 255)
        forgotten |= UINT32_C(1) << m->link;
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        forgotten |= UINT32_C(1) << m->map[i];
    for (unsigned r = 0; r < MACHINE_REGS; r++)
        if (forgotten >> r & 1)
            s->reg[r] = term_fresh(f->u->t, 64, "trap");
    s->reg[m->map[JR_STATE]] = state;
    memset(s->flag, 0, sizeof s->flag);
}

/* Where the one call of the stub comes back to; 0: there is none. */
static uint32_t behind_call(struct frames *f, const struct jit_buf *b, uint32_t exit) {
    char err[200];
    for (uint32_t to = 1; to <= exit; to++) {
        const struct mcode code = {.bytes = b->bytes, .n_bytes = b->n, .to = to, .addr = CODE_ADDR};
        if (mpath_all(f->m, &f->begin, &code, f->paths, err) == 1 && f->paths[0].end.n_calls)
            return to;
    }
    return 0;
}

static bool stub(struct frames *f) {
    struct jit_code code;
    uint32_t exit = 0;
    snprintf(f->text, sizeof f->text, "stub");
    if (jit_stub(f->target, &code, &exit))
        return fail(f, SMT_ERROR, "it does not compile");
    struct jit_buf b = {.bytes = code.bytes, .n = code.n_bytes, .capacity = code.n_bytes};
    begin(f);
    f->begin.own[0].addr = term_add_k(f->u->t, f->begin.reg[f->m->args[0]], EXEC_SP);
    f->begin.own[0].value = term_var(f->u->t, 64, "old_sp");
    f->begin.n_own = 1;
    bool ok = false;
    const uint32_t behind = behind_call(f, &b, exit);
    struct mpath *p = behind ? execute(f, &f->begin, &b, 0, behind) : NULL;
    if (p && p->flow == MFLOW_NEXT && called_right(f, p)) {
        const struct mstate there = p->end;
        struct mstate trapped = there;
        forget_all(f, &trapped);
        term *const r0 = jit_reg(f, &there, JR_0);
        p = execute(f, &there, &b, behind, b.n);
        ok = p && same(f, "result", p->end.reg[f->m->result], r0) && left_right(f, p);
        p = ok ? execute(f, &trapped, &b, exit, b.n) : NULL;
        ok = p && left_right(f, p);
    }
    jit_code_fini(&code);
    return ok || fail(f, SMT_ERROR, "the stub is not as it should be");
}

bool vframes_run(struct vunit *u, const struct jit_arch *target, const char *what) {
    struct frames *const f = calloc(1, sizeof *f);
    bool ok = false;
    if (!f)
        return vunit_fail(u, NULL, SMT_ERROR, "no memory");
    f->u = u;
    f->target = target;
    f->m = machine_of(target);
    if (!f->m)
        vunit_fail(u, NULL, SMT_ERROR, "there is no machine for this back end");
    else
        ok = strcmp(what, "STUB") == 0 ? stub(f) : all_frames(f, strcmp(what, "TAIL") == 0);
    free(f);
    return ok;
}
