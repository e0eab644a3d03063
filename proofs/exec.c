/* exec.c: paths, blocks and calls.
 *
 * An activation keeps one pending state for each block. The first pending block in execution order
 * (ir.h) is executed to its end; each edge out of it hands a state on, which is merged with what is
 * pending there already. A loop's blocks come before what follows it, so all rounds of a loop are
 * done before the blocks behind it are looked at, and those see all exits merged.
 */
#include "proofs/exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/exec_impl.h"

enum {
    ARENA_CHUNK = 1 << 20,
    MAX_DEPTH = 200,     /* of calls */
    MAX_STEPS = 4000000, /* instructions: a loop without a constant bound ends here */
    MAX_TAKEN = 1024,    /* undecided branches on one path: or here */
};

/* ---- memory of the run ---- */

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    _Alignas(16) char bytes[];
};

struct exec_arena {
    struct arena_chunk *chunks;
};

void *exec_alloc(struct exec *x, size_t bytes) {
    bytes = (bytes + 15) / 16 * 16;
    struct exec_arena *const a = x->run->arena;
    if (!a->chunks || a->chunks->size - a->chunks->used < bytes) {
        const size_t size = bytes > ARENA_CHUNK ? bytes : ARENA_CHUNK;
        struct arena_chunk *const c = calloc(1, sizeof *c + size);
        if (!c)
            abort(); /* a worker of its own runs this: its end is an error of the unit */
        c->size = size;
        c->next = a->chunks;
        a->chunks = c;
    }
    void *const p = a->chunks->bytes + a->chunks->used;
    a->chunks->used += bytes;
    return p;
}

void exec_fini(struct exec_run *r) {
    for (struct arena_chunk *c = r->arena ? r->arena->chunks : NULL, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(r->arena);
    free((void *)r->assumed);
    free(r->checks);
    free(r->ubs);
    free((void *)r->vars);
    free((void *)r->defs);
    *r = (struct exec_run){0};
}

/* ---- what goes wrong ---- */

static void describe(LLVMValueRef where, char *out, size_t n) {
    char *const text = LLVMPrintValueToString(where);
    const char *from = text;
    while (*from == ' ')
        from++;
    snprintf(out, n, "%.100s", from);
    LLVMDisposeMessage(text);
}

void exec_fail(struct exec *x, LLVMValueRef where, const char *why) {
    if (x->failed)
        return;
    char text[120] = "";
    x->failed = true;
    if (where)
        describe(where, text, sizeof text);
    snprintf(x->run->error, sizeof x->run->error, "%s%s%s", why, where ? ": " : "", text);
}

void exec_ub(struct exec *x, const struct state *s, term *when, LLVMValueRef where,
             const char *what) {
    term *const reached = term_and(x->t, s->path->full, when);
    if (term_is_false(reached))
        return;
    struct exec_run *const r = x->run;
    struct exec_ub *const bigger = realloc(r->ubs, (r->n_ubs + 1) * sizeof *bigger);
    if (!bigger) {
        exec_fail(x, where, "no memory");
        return;
    }
    char text[120] = "";
    r->ubs = bigger;
    struct exec_ub *const ub = &bigger[r->n_ubs++];
    ub->when = reached;
    ub->n_assumed = r->n_assumed;
    if (where)
        describe(where, text, sizeof text);
    snprintf(ub->what, sizeof ub->what, "%s: %s", what, text);
}

/* ---- paths ---- */

static const struct path *path_add(struct exec *x, const struct path *p, term *taken) {
    if (term_is_true(taken))
        return p;
    struct path *const r = exec_alloc(x, sizeof *r);
    *r = (struct path){p, taken, term_and(x->t, p->full, taken), p->depth + 1};
    return r;
}

/* since: what was taken on p after its ancestor, what was taken first innermost: so paths that part
 * last differ outermost, and term_or sees that they meet. */
static term *since(struct exec *x, const struct path *p, const struct path *ancestor) {
    if (p == ancestor)
        return term_bool(x->t, true);
    return term_and(x->t, since(x, p->parent, ancestor), p->taken);
}

static const struct path *common(const struct path *a, const struct path *b) {
    while (a != b) {
        if (a->depth >= b->depth)
            a = a->parent;
        else
            b = b->parent;
    }
    return a;
}

/* copy: memcpy that takes NULL where nothing is to be copied. */
static void copy(void *to, const void *from, size_t n) {
    if (n > 0)
        memcpy(to, from, n);
}

/* ---- states ---- */

struct state *exec_state_copy(struct exec *x, struct state *s, uint32_t n_slots) {
    struct state *const r = exec_alloc(x, sizeof *r);
    *r = *s;
    s->id = x->next_state++;
    r->id = x->next_state++;
    r->objects = exec_alloc(x, s->cap_objects * sizeof *r->objects);
    copy(r->objects, s->objects, s->n_objects * sizeof *r->objects);
    r->slots = exec_alloc(x, (n_slots + 1) * sizeof *r->slots);
    copy(r->slots, s->slots, n_slots * sizeof *r->slots);
    return r;
}

/* merge: into a: a and b, which are of the same activation at the same place. */
static void merge(struct exec *x, struct state *a, const struct state *b, uint32_t n_slots) {
    const struct path *const both = common(a->path, b->path);
    term *const only_a = since(x, a->path, both), *const only_b = since(x, b->path, both);
    for (uint32_t i = 0; i < n_slots && !x->failed; i++) {
        if (a->slots[i] == b->slots[i])
            continue;
        a->slots[i] = a->slots[i] && b->slots[i]
                          ? value_choose(x, only_a, a->slots[i], b->slots[i])
                          : NULL; /* defined on one path alone: nothing behind can use it */
    }
    memory_choose(x, only_a, a, b);
    a->path = path_add(x, both, term_or(x->t, only_a, only_b));
}

/* ---- an activation ---- */

struct activation {
    const struct ir_func *f;
    struct state **pending; /* by block */
    struct state *returned; /* all returns merged; slot n_slots: the value */
    uint32_t *allocas, n_allocas;
};

const struct value *exec_operand(struct exec *x, struct state *s, const struct ir_operand *o) {
    const struct value *const v =
        o->slot != UINT32_MAX ? s->slots[o->slot] : value_constant(x, o->value);
    if (!v && !x->failed)
        exec_fail(x, o->value, "a value used where it has none");
    return v;
}

/* enter_phis: the values that `to` gets when it is entered from `from`. */
static void enter_phis(struct exec *x, struct state *s, const struct ir_block *to,
                       LLVMBasicBlockRef from) {
    const struct value *values[256];
    if (to->n_phis > 256) {
        exec_fail(x, to->insns[0].value, "too many phis");
        return;
    }
    for (uint32_t i = 0; i < to->n_phis; i++) {
        const struct ir_insn *const phi = &to->insns[i];
        values[i] = NULL;
        for (uint32_t k = 0; k < phi->n_operands; k++)
            if (LLVMGetIncomingBlock(phi->value, k) == from)
                values[i] = exec_operand(x, s, &phi->operands[k]);
        if (!values[i]) {
            exec_fail(x, phi->value, "a phi without a value for this edge");
            return;
        }
    }
    for (uint32_t i = 0; i < to->n_phis; i++)
        s->slots[to->insns[i].slot] = values[i];
}

/* hand_on: s goes to a block; s is not used any more. */
static void hand_on(struct exec *x, struct activation *act, struct state *s, LLVMBasicBlockRef from,
                    LLVMBasicBlockRef to) {
    const uint32_t i = ir_block_index(act->f, to);
    enter_phis(x, s, &act->f->blocks[i], from);
    if (x->failed)
        return;
    if (act->pending[i])
        merge(x, act->pending[i], s, act->f->n_slots);
    else
        act->pending[i] = s;
}

static void take(struct exec *x, struct activation *act, struct state *s, LLVMBasicBlockRef from,
                 LLVMBasicBlockRef to, term *when) {
    if (term_is_false(when) || term_is_false(term_and(x->t, s->path->full, when)))
        return;
    if (term_is_true(when)) { /* the only way: nobody else goes on from s */
        hand_on(x, act, s, from, to);
        return;
    }
    struct state *const mine = exec_state_copy(x, s, act->f->n_slots);
    mine->path = path_add(x, mine->path, when);
    if (mine->path->depth > MAX_TAKEN) {
        exec_fail(x, LLVMGetLastInstruction(from), "no end: a loop without a constant bound");
        return;
    }
    hand_on(x, act, mine, from, to);
}

static void need_clean(struct exec *x, const struct state *s, const struct value *v,
                       LLVMValueRef where) {
    if (v->poison)
        exec_ub(x, s, v->poison, where, "control depends on poison");
}

static void branch(struct exec *x, struct activation *act, struct state *s,
                   const struct ir_insn *in, LLVMBasicBlockRef from) {
    if (!LLVMIsConditional(in->value)) {
        hand_on(x, act, s, from, LLVMGetSuccessor(in->value, 0));
        return;
    }
    const struct value *const c = exec_operand(x, s, &in->operands[0]);
    if (!c)
        return;
    need_clean(x, s, c, in->value);
    take(x, act, s, from, LLVMGetSuccessor(in->value, 0), c->v);
    take(x, act, s, from, LLVMGetSuccessor(in->value, 1), term_not(x->t, c->v));
}

static void switch_to(struct exec *x, struct activation *act, struct state *s,
                      const struct ir_insn *in, LLVMBasicBlockRef from) {
    const struct value *const v = exec_operand(x, s, &in->operands[0]);
    if (!v)
        return;
    need_clean(x, s, v, in->value);
    term *any = term_bool(x->t, false);
    /* operands: value, default, then case and block in turn; a block may have several cases */
    for (uint32_t i = 2; i + 1 < in->n_operands; i += 2) {
        const LLVMBasicBlockRef to = LLVMValueAsBasicBlock(in->operands[i + 1].value);
        term *when = term_bool(x->t, false);
        bool done = false;
        for (uint32_t k = 2; k + 1 < in->n_operands; k += 2) {
            if (LLVMValueAsBasicBlock(in->operands[k + 1].value) != to)
                continue;
            done |= k < i;
            const struct value *const c = exec_operand(x, s, &in->operands[k]);
            if (!c)
                return;
            when = term_or(x->t, when, term_eq(x->t, v->v, c->v));
        }
        if (done || to == LLVMGetSwitchDefaultDest(in->value))
            continue;
        any = term_or(x->t, any, when);
        take(x, act, s, from, to, when);
    }
    take(x, act, s, from, LLVMGetSwitchDefaultDest(in->value), term_not(x->t, any));
}

static void ret(struct exec *x, struct activation *act, struct state *s, const struct ir_insn *in) {
    const uint32_t n = act->f->n_slots;
    const struct value *v = NULL;
    if (in->n_operands > 0 && !(v = exec_operand(x, s, &in->operands[0])))
        return;
    struct state *const mine = exec_state_copy(x, s, n + 1);
    memset(mine->slots, 0, (n + 1) * sizeof *mine->slots);
    mine->slots[n] = v;
    if (act->returned)
        merge(x, act->returned, mine, n + 1);
    else
        act->returned = mine;
}

/* terminate: a block's last instruction. */
static void terminate(struct exec *x, struct activation *act, struct state *s,
                      const struct ir_insn *in, LLVMBasicBlockRef from) {
    switch (in->op) {
    case LLVMBr: branch(x, act, s, in, from); break;
    case LLVMSwitch: switch_to(x, act, s, in, from); break;
    case LLVMRet: ret(x, act, s, in); break;
    case LLVMUnreachable:
        exec_ub(x, s, term_bool(x->t, true), in->value, "unreachable code is reached");
        x->n_ends++;
        break;
    default: exec_fail(x, in->value, "control flow that is not understood"); break;
    }
}

static void note_alloca(struct exec *x, struct activation *act, const struct state *s,
                        const struct ir_insn *in) {
    if (in->op != LLVMAlloca || x->failed)
        return;
    if (act->n_allocas % 64 == 0) {
        uint32_t *const bigger = exec_alloc(x, (act->n_allocas + 64) * sizeof *bigger);
        copy(bigger, act->allocas, act->n_allocas * sizeof *bigger);
        act->allocas = bigger;
    }
    act->allocas[act->n_allocas++] = s->slots[in->slot]->targets[0].object;
}

/* is_narrow: a product of two such integers is a term. */
static bool is_narrow(LLVMValueRef v) {
    return LLVMGetTypeKind(LLVMTypeOf(v)) != LLVMIntegerTypeKind ||
           2 * LLVMGetIntTypeWidth(LLVMTypeOf(v)) <= TERM_MAX_WIDTH;
}

/* end_allocas: what they made is no more. */
static void end_allocas(const struct activation *act, struct state *s) {
    for (uint32_t i = 0; i < act->n_allocas; i++)
        memory_end(s, act->allocas[i]);
}

static void run_block(struct exec *x, struct activation *act, struct state *s,
                      const struct ir_block *b) {
    for (uint32_t i = b->n_phis; i < b->n_insns && !x->failed; i++) {
        const struct ir_insn *const in = &b->insns[i];
        if (++x->steps > MAX_STEPS) {
            exec_fail(x, in->value, "no end: a loop without a constant bound");
            return;
        }
        if (i + 1 == b->n_insns) {
            terminate(x, act, s, in, b->block);
            return;
        }
        if (in->slot != UINT32_MAX && !is_narrow(in->value)) {
            exec_fail(x, in->value, "an integer that is too wide");
            return;
        }
        if (in->op == LLVMCall && LLVMGetTailCallKind(in->value) == LLVMTailCallKindMustTail)
            end_allocas(act, s); /* its arguments are in slots */
        const struct value *const v =
            in->op == LLVMCall ? exec_call_insn(x, &s, in) : exec_insn(x, s, in);
        if (x->failed || !s)
            return; /* !s: the callee never returns here */
        if (in->slot != UINT32_MAX)
            s->slots[in->slot] = v;
        note_alloca(x, act, s, in);
    }
}

static bool step(struct exec *x, struct activation *act) {
    for (uint32_t i = 0; i < act->f->n_blocks; i++) {
        struct state *const s = act->pending[i];
        if (!s)
            continue;
        act->pending[i] = NULL;
        run_block(x, act, s, &act->f->blocks[i]);
        return !x->failed;
    }
    return false;
}

const struct value *exec_call(struct exec *x, LLVMValueRef f, const struct value *const *args,
                              uint32_t n_args, struct state **s) {
    const char *why;
    struct activation act = {.f = bitcode_func(x->bits, f, &why)};
    if (!act.f || x->depth >= MAX_DEPTH || act.f->n_params != n_args) {
        exec_fail(x, f, !act.f && why ? why : "a function that cannot be followed");
        return NULL;
    }
    act.pending = exec_alloc(x, (act.f->n_blocks + 1) * sizeof(struct state *));
    struct state *const begin = exec_alloc(x, sizeof *begin);
    *begin = **s;
    begin->slots = exec_alloc(x, (act.f->n_slots + 2) * sizeof *begin->slots);
    copy(begin->slots, args, n_args * sizeof *begin->slots);
    act.pending[0] = begin;
    const struct path *const entered = (*s)->path;
    const uint32_t n_ends = x->n_ends;
    x->depth++;
    while (step(x, &act))
        ;
    x->depth--;
    if (x->failed || !act.returned) {
        x->n_ends++;
        *s = NULL;
        return NULL;
    }
    if (x->n_ends == n_ends) /* whatever was taken, it has returned: all that came in goes out */
        act.returned->path = entered;
    end_allocas(&act, act.returned);
    const struct value *const v = act.returned->slots[act.f->n_slots];
    act.returned->slots = (*s)->slots; /* the caller's again */
    *s = act.returned;
    return v;
}

/* ---- a theorem ---- */

/* has_known_value: does a global have its initial value when a theorem begins? A variable of the
 * shipped sources may have any value by then; it is left without one, so that to read it first is
 * undefined. Those of the harness begin with proof_. */
static bool has_known_value(LLVMValueRef g) {
    const char *const name = LLVMGetValueName(g);
    const LLVMValueRef c = LLVMGetInitializer(g);
    const LLVMLinkage l = LLVMGetLinkage(g);
    const bool replaced = l == LLVMWeakAnyLinkage || l == LLVMLinkOnceAnyLinkage ||
                          l == LLVMCommonLinkage || LLVMIsExternallyInitialized(g) != 0;
    if (!c || replaced || LLVMGetTypeKind(LLVMTypeOf(c)) == LLVMVectorTypeKind)
        return false;
    return LLVMIsGlobalConstant(g) ? strncmp(name, "llvm.", 5) != 0
                                   : strncmp(name, "proof_", 6) == 0;
}

/* nameable: the functions and variables that the theorem, what replaces functions in it and all
 * contracts are made of. */
static LLVMValueRef *nameable(struct exec *x, LLVMValueRef theorem, size_t *n) {
    const LLVMModuleRef m = bitcode_module(x->bits);
    size_t cap = 1 + x->opt->n_redirects;
    for (LLVMValueRef f = LLVMGetFirstFunction(m); f; f = LLVMGetNextFunction(f))
        cap += strncmp(LLVMGetValueName(f), "contract__", 10) == 0;
    LLVMValueRef *list = malloc(cap * sizeof(LLVMValueRef));
    *n = 0;
    if (list) {
        list[(*n)++] = theorem;
        for (size_t i = 0; i < x->opt->n_redirects; i++)
            list[(*n)++] = x->opt->redirects[i].to;
        for (LLVMValueRef f = LLVMGetFirstFunction(m); f; f = LLVMGetNextFunction(f))
            if (strncmp(LLVMGetValueName(f), "contract__", 10) == 0)
                list[(*n)++] = f;
    }
    if (!list || !bitcode_reach(&list, n))
        exec_fail(x, NULL, "no memory");
    return list;
}

/* make_globals: every global variable that can be named is an object from the start. */
static void make_globals(struct exec *x, struct state *s, LLVMValueRef theorem) {
    size_t n;
    LLVMValueRef *const list = nameable(x, theorem, &n);
    x->globals = exec_alloc(x, (n + 1) * sizeof(LLVMValueRef));
    for (size_t i = 0; !x->failed && i < n; i++) {
        if (!LLVMIsAGlobalVariable(list[i]))
            continue;
        x->globals[x->n_globals++] = list[i];
        memory_new(x, s, type_bytes(x, LLVMGlobalGetValueType(list[i])), LLVMGetAlignment(list[i]));
    }
    free((void *)list);
    for (uint32_t i = 0; i < x->n_globals && !x->failed; i++) {
        const LLVMValueRef g = x->globals[i];
        if (has_known_value(g))
            memory_init(x, s, i + 1, 0, LLVMGetInitializer(g));
        memory_object(s, i + 1)->constant = LLVMIsGlobalConstant(g) != 0;
    }
}

/* check_layout: memory.c puts the least byte first, and pointers are 64 bits. */
static void check_layout(struct exec *x) {
    if (LLVMByteOrder(x->layout) != LLVMLittleEndian || LLVMPointerSize(x->layout) != 8)
        exec_fail(x, NULL, "code for a machine that is not little-endian with 64-bit pointers");
}

void exec_theorem(struct bitcode *b, struct terms *t, const char *name,
                  const struct exec_options *opt, struct exec_run *out) {
    *out = (struct exec_run){.t = t};
    out->arena = calloc(1, sizeof *out->arena);
    if (!out->arena) {
        snprintf(out->error, sizeof out->error, "no memory");
        return;
    }
    struct exec x = {.run = out,
                     .bits = b,
                     .t = t,
                     .opt = opt,
                     .layout = LLVMGetModuleDataLayout(bitcode_module(b)),
                     .next_state = 2,
                     .next_object = 1};
    struct state *s = exec_alloc(&x, sizeof *s);
    struct path *const begin = exec_alloc(&x, sizeof *begin);
    begin->taken = begin->full = term_bool(t, true);
    s->id = 1;
    s->path = begin;
    s->slots = exec_alloc(&x, sizeof *s->slots);
    check_layout(&x);
    const LLVMValueRef f = bitcode_find(b, name);
    if (f)
        make_globals(&x, s, f);
    else
        exec_fail(&x, NULL, "no such theorem");
    if (!x.failed)
        exec_call(&x, f, NULL, 0, &s);
    if (!x.failed)
        exec_uses_done(&x, f);
    if (terms_failed(t))
        exec_fail(&x, NULL, "no memory for terms");
}
