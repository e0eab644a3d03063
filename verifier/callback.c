/* callback.c: subprograms that helpers and kernel functions call. */
#include "verifier/call.h"
#include "verifier/kfunc.h"

static struct reg of_map(const struct invocation *i, enum reg_kind kind) {
    struct reg r = reg_pointer(kind, 0);
    r.map = i->map;
    r.map_uid = kind == REG_MAP_KEY ? 0 : i->map_uid;
    return r;
}

static struct reg argument(struct step *s, const struct invocation *i, uint32_t n,
                           const struct frame *caller) {
    struct reg r;
    switch ((enum callback_arg)i->what->arg[n].is) {
    case CALLBACK_ARG_SCALAR: return reg_scalar(scalar_unknown());
    case CALLBACK_ARG_MAP: return of_map(i, REG_MAP);
    case CALLBACK_ARG_KEY: return of_map(i, REG_MAP_KEY);
    case CALLBACK_ARG_VALUE: return of_map(i, REG_MAP_VALUE);
    case CALLBACK_ARG_VMA:
        r = reg_pointer(REG_BTF, 0);
        r.btf_id = btf_kernel_struct(s->sub, "vm_area_struct");
        return r;
    case CALLBACK_ARG_DYNPTR:
        r = reg_pointer(REG_DYNPTR, 0);
        r.dynptr = DYNPTR_LOCAL;
        r.id = step_new_id(s);
        return r;
    case CALLBACK_ARG_NODE: return i->node;
    case CALLBACK_ARG_PASSED: return caller->regs[i->what->arg[n].passed];
    default: return reg_uninit();
    }
}

static void set_frame(struct step *s, const struct invocation *i, const struct frame *caller,
                      struct frame *callee) {
    callee->in_callback = !i->what->async;
    callee->in_async_callback = i->what->async;
    callee->ret_min = 0;
    callee->ret_max = i->what->async ? 0 : 1;
    for (uint32_t n = 0; n < i->what->n_args; n++)
        callee->regs[REG_ARG_FIRST + n] = argument(s, i, n, caller);
}

/* An entry of its own, in a state without a past. */
static bool fork_async(struct step *s, const struct invocation *i) {
    const struct frame *const caller = state_frame(s->st);
    struct state *const st = s->alloc(s->alloc_self);
    if (!st)
        return step_nomem(s);
    state_fini(st);
    s->err = state_init(st, i->subprog);
    s->forks[s->n_forks++] =
        (struct fork){.st = st, .pc = s->sub->subprogs[i->subprog].start, .async = true};
    if (s->err != BPFLAB_OK)
        return false;
    st->in_sleepable = i->sleepable;
    set_frame(s, i, caller, st->frames[0]);
    st->frames[0]->async_entries = caller->async_entries + 1;
    return true;
}

bool call_callback(struct step *s, const struct invocation *i) {
    if (i->what->async)
        return fork_async(s, i);
    if (s->st->depth + 1 >= STATE_MAX_FRAMES)
        return step_reject(s, REASON_CALL_DEPTH, REPORT_NO_REG,
                           "the call stack of %u frames is too deep", s->st->depth + 2);
    struct state *const st = step_fork(s, s->sub->subprogs[i->subprog].start);
    if (!st)
        return false;
    s->err = state_push(st, i->subprog, s->pc);
    if (s->err != BPFLAB_OK)
        return false;
    struct frame *const caller = st->frames[st->depth - 1];
    set_frame(s, i, caller, st->frames[st->depth]);
    st->callback_unroll++;
    caller->callback_depth++;
    state_frame(s->st)->callback_depth = 0;
    return true;
}
