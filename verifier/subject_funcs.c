/* subject_funcs.c: the program's functions. A function starts at pc 0, where a local call or a code
 * address leads, and where the program says that its exception callback is; it ends where the next
 * one starts. Jumps stay inside.
 */
#include <string.h>

#include "verifier/subject_impl.h"

const struct callback_proto *subject_callback(const struct subject *s, uint32_t pc) {
    if (s->ops[pc] == OP_CALL)
        return helper_callback_of((uint32_t)s->prog->insns[pc].imm);
    const struct kfunc *k = subject_kfunc(s, pc);
    return k ? kfunc_callback_of(k->name) : NULL;
}

/* ---- where functions start ---- */

static bool leads_to_function(enum op op) {
    return op == OP_CALL_LOCAL || op == OP_LDDW_CODE;
}

/* starts: shape: n_insns; set to 1 where a function starts. */
static bool mark_starts(const struct subject *s, uint8_t *starts, struct report *rep) {
    const struct prog *p = s->prog;
    starts[0] = 1;
    for (uint32_t pc = 0; pc < p->n_insns; pc++) {
        if (!leads_to_function(s->ops[pc]) && s->ops[pc] != OP_CALL_KFUNC)
            continue;
        if (!s->privileged)
            return report_reject(rep, REASON_PRIVILEGE, pc, REPORT_NO_REG,
                                 "loading/calling other bpf or kernel functions are allowed for "
                                 "CAP_BPF and CAP_SYS_ADMIN");
        if (s->ops[pc] == OP_CALL_KFUNC)
            continue;
        const int64_t to = subject_target(s, pc);
        if (to < 0 || to >= p->n_insns)
            return report_reject(rep, REASON_JUMP, pc, REPORT_NO_REG,
                                 "call to invalid destination");
        starts[to] = 1;
    }
    for (uint32_t i = 0; i < p->n_subprogs; i++)
        if (p->subprogs[i].exception_cb && p->subprogs[i].start < p->n_insns)
            starts[p->subprogs[i].start] = 1;
    return true;
}

static const struct subprog *subprog_at(const struct prog *p, uint32_t start) {
    uint32_t lo = 0, hi = p->n_subprogs;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (p->subprogs[mid].start == start)
            return &p->subprogs[mid];
        if (p->subprogs[mid].start < start)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static struct subprog_fact fact_of(const struct prog *p, uint32_t start) {
    struct subprog_fact f = {.start = start, .name = start ? "" : "main"};
    const struct subprog *sub = subprog_at(p, start);
    if (!sub)
        return f;
    f.name = sub->name ? sub->name : f.name;
    f.btf_id = p->btf ? sub->btf_id : 0;
    f.global = sub->global && f.btf_id; /* without types, nothing says what to verify it for */
    f.is_exception_callback = sub->exception_cb;
    return f;
}

static bool list_functions(struct subject *s, const uint8_t *starts, struct report *rep,
                           enum bpflab_err *err) {
    const struct prog *p = s->prog;
    uint32_t n = 0;
    for (uint32_t pc = 0; pc < p->n_insns; pc++)
        n += starts[pc];
    if (n > SUBJECT_MAX_SUBPROGS)
        return report_reject(rep, REASON_TOO_LONG, 0, REPORT_NO_REG, "too many subprograms");
    s->subprogs = subject_alloc(s, n, sizeof *s->subprogs);
    uint32_t *of = subject_alloc(s, p->n_insns, sizeof *of);
    if (!s->subprogs || !of) {
        *err = BPFLAB_E_NOMEM;
        return false;
    }
    for (uint32_t pc = 0; pc < p->n_insns; pc++) {
        if (starts[pc])
            s->subprogs[s->n_subprogs++] = fact_of(p, pc);
        of[pc] = s->n_subprogs - 1;
        s->subprogs[of[pc]].end = pc + 1;
    }
    s->subprog_of = of;
    for (uint32_t i = 1; i < s->n_subprogs; i++)
        if (s->subprogs[i].is_exception_callback)
            s->exception_cb = i;
    return true;
}

uint32_t subject_sub_at(const struct subject *s, uint32_t pc) {
    if (pc >= s->prog->n_insns)
        return s->n_subprogs;
    const uint32_t f = s->subprog_of[pc];
    return s->subprogs[f].start == pc ? f : s->n_subprogs;
}

/* ---- what is inside of them ---- */

static bool is_jump(enum op op) {
    if (op == OP_INVALID)
        return false;
    const uint8_t cls = op_table[op].cls;
    return cls == CLASS_JMP_COND || cls == CLASS_JMP_ALWAYS || cls == CLASS_JMP_BUDGET;
}

static bool ends_function(enum op op) {
    return op == OP_EXIT || op == OP_JA || op == OP_JA32;
}

static bool check_jumps(struct subject *s, struct report *rep) {
    for (uint32_t pc = 0; pc < s->prog->n_insns; pc++) {
        struct subprog_fact *f = &s->subprogs[s->subprog_of[pc]];
        const enum op op = s->ops[pc];
        f->has_tail_call |= op == OP_CALL && s->prog->insns[pc].imm == HELPER_tail_call;
        f->has_ld_abs |= op != OP_INVALID && op_table[op].cls == CLASS_PKT;
        if (is_jump(op)) {
            const int64_t to = subject_target(s, pc);
            if (to < f->start || to >= f->end)
                return report_reject(rep, REASON_JUMP, pc, REPORT_NO_REG,
                                     "jump out of range from insn %u to %lld", pc, (long long)to);
        }
        if (pc == f->end - 1 && !ends_function(op))
            return report_reject(rep, REASON_JUMP, pc, REPORT_NO_REG,
                                 "last insn is not an exit or jmp");
    }
    return true;
}

static bool is_throw(const struct subject *s, uint32_t pc) {
    const struct kfunc *k = subject_kfunc(s, pc);
    return k && !strcmp(k->name, "bpf_throw");
}

static bool is_call_edge(const struct subject *s, uint32_t pc) {
    return leads_to_function(s->ops[pc]) || is_throw(s, pc);
}

static struct call_edge call_at(const struct subject *s, uint32_t pc) {
    struct call_edge e = {.pc = pc, .caller = s->subprog_of[pc], .kind = CALL_THROW};
    if (!leads_to_function(s->ops[pc]))
        return e;
    e.callee = subject_sub_at(s, (uint32_t)subject_target(s, pc));
    e.kind = s->ops[pc] == OP_CALL_LOCAL ? CALL_DIRECT : CALL_ADDRESS;
    return e;
}

/* Whose argument is a code address? Compilers load it shortly before the call: the next call in the
 * function's text that takes a callback decides. A function called back in both ways is both. */
static void mark_callbacks(struct subject *s) {
    const struct callback_proto *next = NULL;
    uint32_t n = s->store->n_calls; /* those at pc and before */
    for (uint32_t pc = s->prog->n_insns; pc-- > 0;) {
        const struct callback_proto *here = subject_callback(s, pc);
        const struct call_edge *e = n ? &s->store->calls[n - 1] : NULL;
        if (here)
            next = here;
        if (e && e->pc == pc)
            n--;
        if (e && e->pc == pc && e->kind == CALL_ADDRESS) {
            struct subprog_fact *cb = &s->subprogs[e->callee];
            cb->is_callback = true;
            cb->is_async_callback |= next && next->async;
        }
        if (s->subprogs[s->subprog_of[pc]].start == pc)
            next = NULL;
    }
}

static bool list_calls(struct subject *s, enum bpflab_err *err) {
    struct subject_store *st = s->store;
    uint32_t n = 0;
    for (uint32_t pc = 0; pc < s->prog->n_insns; pc++)
        n += is_call_edge(s, pc);
    st->calls = subject_alloc(s, n, sizeof *st->calls);
    st->first_call = subject_alloc(s, (size_t)s->n_subprogs + 1, sizeof *st->first_call);
    if (!st->calls || !st->first_call) {
        *err = BPFLAB_E_NOMEM;
        return false;
    }
    for (uint32_t pc = 0; pc < s->prog->n_insns; pc++) {
        if (!is_call_edge(s, pc))
            continue;
        const struct call_edge e = call_at(s, pc);
        st->calls[st->n_calls++] = e;
        st->first_call[e.caller + 1] = st->n_calls;
    }
    for (uint32_t f = 0; f < s->n_subprogs; f++)
        if (st->first_call[f + 1] < st->first_call[f])
            st->first_call[f + 1] = st->first_call[f];
    mark_callbacks(s);
    if (s->exception_cb)
        s->subprogs[s->exception_cb].is_callback = true;
    return true;
}

bool subject_find_funcs(struct subject *s, struct report *rep, enum bpflab_err *err) {
    uint8_t *starts = subject_scratch(s, s->prog->n_insns, 1);
    if (!starts) {
        *err = BPFLAB_E_NOMEM;
        return false;
    }
    if (!mark_starts(s, starts, rep) || !list_functions(s, starts, rep, err) ||
        !check_jumps(s, rep) || !list_calls(s, err))
        return false;
    subject_merge_effects(s);
    return true;
}

/* ---- what calls do ---- */

static void note_effects(const struct subject *s, uint32_t pc, struct subprog_fact *f) {
    if (s->ops[pc] == OP_CALL) {
        const struct helper_proto *p = helper_proto_for((uint32_t)s->prog->insns[pc].imm,
                                                        s->prog->type, (int)s->prog->attach_type);
        if (!p)
            return;
        f->changes_packet |= (p->flags & HELPER_F_PKT_CHANGE) != 0;
        f->might_sleep |= (p->flags & HELPER_F_SLEEPS) != 0 ||
                          ((p->flags & HELPER_F_SLEEPY) && s->prog->sleepable);
    }
    const struct kfunc *k = subject_kfunc(s, pc);
    f->might_sleep |= k && (k->flags & KFUNC_F_SLEEPS);
}

/* Callbacks count as called where their address is taken. Rounds until nothing changes: at most one
 * for each function. */
void subject_merge_effects(struct subject *s) {
    for (uint32_t pc = 0; pc < s->prog->n_insns; pc++)
        note_effects(s, pc, &s->subprogs[s->subprog_of[pc]]);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < s->store->n_calls; i++) {
            const struct call_edge *e = &s->store->calls[i];
            if (e->kind == CALL_THROW)
                continue;
            struct subprog_fact *caller = &s->subprogs[e->caller];
            const struct subprog_fact *callee = &s->subprogs[e->callee];
            changed |= (callee->might_sleep && !caller->might_sleep) ||
                       (callee->changes_packet && !caller->changes_packet);
            caller->might_sleep |= callee->might_sleep;
            caller->changes_packet |= callee->changes_packet;
        }
    }
}
