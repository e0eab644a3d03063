/* ir.c: reading bitcode and preparing functions. */
#include "proofs/ir.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/BitReader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/fnv.h"
#include "proofs/ir_text.h"

#define NO_SLOT UINT32_MAX

struct cached {
    struct ir_func func;
    struct cached *next;
};

struct bitcode {
    LLVMContextRef context;
    LLVMModuleRef module;
    struct cached *funcs;
    struct texts *texts;
};

/* ignore: what LLVM has to say; without a handler it ends the program. */
static void ignore(LLVMDiagnosticInfoRef info, void *self) {
    (void)info, (void)self;
}

struct bitcode *bitcode_load(const void *bytes, size_t n_bytes, char err[160]) {
    struct bitcode *const b = calloc(1, sizeof *b);
    if (!b) {
        snprintf(err, 160, "no memory");
        return NULL;
    }
    b->context = LLVMContextCreate();
    const LLVMMemoryBufferRef buffer =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(bytes, n_bytes, "bitcode");
    LLVMContextSetDiagnosticHandler(b->context, ignore, NULL);
    if (LLVMParseBitcodeInContext2(b->context, buffer, &b->module)) {
        snprintf(err, 160, "not LLVM bitcode that this LLVM reads");
        b->module = NULL;
    } else if (LLVMVerifyModule(b->module, LLVMReturnStatusAction, NULL)) {
        snprintf(err, 160, "not a well-formed module");
        LLVMDisposeModule(b->module);
        b->module = NULL;
    }
    LLVMDisposeMemoryBuffer(buffer);
    if (b->module)
        return b;
    bitcode_free(b);
    return NULL;
}

static void cached_free(struct cached *c) {
    for (uint32_t i = 0; i < c->func.n_blocks; i++) {
        const struct ir_block *const block = &c->func.blocks[i];
        for (uint32_t k = 0; block->insns && k < block->n_insns; k++)
            free((void *)block->insns[k].operands);
        free((void *)block->insns);
    }
    free(c->func.blocks);
    free(c);
}

void bitcode_free(struct bitcode *b) {
    if (!b)
        return;
    for (struct cached *c = b->funcs, *next; c; c = next) {
        next = c->next;
        cached_free(c);
    }
    texts_free(b->texts);
    if (b->module)
        LLVMDisposeModule(b->module);
    LLVMContextDispose(b->context);
    free(b);
}

LLVMModuleRef bitcode_module(const struct bitcode *b) {
    return b->module;
}

LLVMValueRef bitcode_find(const struct bitcode *b, const char *name) {
    const LLVMValueRef f = LLVMGetNamedFunction(b->module, name);
    return f && LLVMCountBasicBlocks(f) > 0 ? f : NULL;
}

bool bitcode_literal(LLVMValueRef call, char *out, size_t n) {
    const LLVMValueRef g = LLVMGetOperand(call, 0);
    const bool fixed =
        LLVMIsAFunction(LLVMGetCalledValue(call)) && LLVMIsAGlobalVariable(g) &&
        LLVMIsGlobalConstant(g) &&
        (LLVMGetLinkage(g) == LLVMPrivateLinkage || LLVMGetLinkage(g) == LLVMInternalLinkage);
    const LLVMValueRef c = fixed ? LLVMGetInitializer(g) : NULL;
    size_t length;
    if (!c || !LLVMIsConstantString(c))
        return false;
    const char *const text = LLVMGetAsString(c, &length);
    return snprintf(out, n, "%.*s", (int)length, text) < (int)n;
}

/* ---- the order of blocks ----
 * Strongly connected components in topological order; inside one, its entry first, then the same
 * again without the edges back to the entry. */

struct order {
    LLVMBasicBlockRef *blocks; /* as LLVM has them */
    uint32_t n;
    uint32_t *out; /* indices in execution order */
    uint32_t n_out;
    uint32_t *level; /* of each block: the component it is in at this depth of recursion */
    bool irreducible;
};

static uint32_t index_of(const struct order *o, LLVMBasicBlockRef b) {
    uint32_t i = 0;
    while (o->blocks[i] != b)
        i++;
    return i;
}

/* struct scc: Tarjan's algorithm over the blocks with level == at, without edges into `header`. */
struct scc {
    struct order *o;
    uint32_t at, header;
    uint32_t *number, *low, *stack, *comp; /* by block; comp: component, in reverse topology */
    bool *on_stack;
    uint32_t n_stack, count, n_comps;
};

static unsigned n_successors(const struct order *o, uint32_t b) {
    const LLVMValueRef last = LLVMGetBasicBlockTerminator(o->blocks[b]);
    return LLVMGetNumSuccessors(last);
}

static uint32_t successor(const struct order *o, uint32_t b, unsigned i) {
    const LLVMValueRef last = LLVMGetBasicBlockTerminator(o->blocks[b]);
    return index_of(o, LLVMGetSuccessor(last, i));
}

static void connect(struct scc *s, uint32_t b) {
    s->number[b] = s->low[b] = ++s->count;
    s->stack[s->n_stack++] = b;
    s->on_stack[b] = true;
    for (unsigned i = 0; i < n_successors(s->o, b); i++) {
        const uint32_t to = successor(s->o, b, i);
        if (to == s->header || s->o->level[to] != s->at)
            continue;
        if (s->number[to] == 0) {
            connect(s, to);
            s->low[b] = s->low[to] < s->low[b] ? s->low[to] : s->low[b];
        } else if (s->on_stack[to] && s->number[to] < s->low[b]) {
            s->low[b] = s->number[to];
        }
    }
    if (s->low[b] != s->number[b])
        return;
    uint32_t member;
    do {
        member = s->stack[--s->n_stack];
        s->on_stack[member] = false;
        s->comp[member] = s->n_comps;
    } while (member != b);
    s->n_comps++;
}

static bool has_self_edge(const struct order *o, uint32_t b) {
    for (unsigned i = 0; i < n_successors(o, b); i++)
        if (successor(o, b, i) == b)
            return true;
    return false;
}

/* entry_of: the one block of a component that is entered from outside it. */
static uint32_t entry_of(struct order *o, const struct scc *s, uint32_t comp, uint32_t first) {
    uint32_t entry = NO_SLOT;
    for (uint32_t b = 0; b < o->n; b++)
        for (unsigned i = 0; o->level[b] != NO_SLOT && i < n_successors(o, b); i++) {
            const uint32_t to = successor(o, b, i);
            const bool inside = o->level[to] == s->at && to != s->header && s->comp[to] == comp;
            const bool from_inside = o->level[b] == s->at && b != s->header && s->comp[b] == comp;
            if (!inside || from_inside)
                continue;
            o->irreducible |= entry != NO_SLOT && entry != to;
            entry = to;
        }
    return entry == NO_SLOT ? first : entry;
}

/* arrange: emit the blocks with level == at, which are reached from `header` (not among them, or
 * NO_SLOT at the top). */
static void arrange(struct order *o, uint32_t at, uint32_t header, uint32_t *next_level) {
    struct scc s = {.o = o, .at = at, .header = header};
    uint32_t *const words = calloc(4 * (size_t)o->n, sizeof *words);
    s.on_stack = calloc(o->n, sizeof *s.on_stack);
    if (!words || !s.on_stack) {
        o->irreducible = true;
        free(words);
        free(s.on_stack);
        return;
    }
    s.number = words;
    s.low = words + o->n;
    s.stack = words + 2 * (size_t)o->n;
    s.comp = words + 3 * (size_t)o->n;
    for (uint32_t b = 0; b < o->n; b++)
        if (o->level[b] == at && b != header && s.number[b] == 0)
            connect(&s, b);
    for (uint32_t comp = s.n_comps; comp-- > 0 && !o->irreducible;) {
        uint32_t members = 0, one = 0;
        for (uint32_t b = 0; b < o->n; b++)
            if (o->level[b] == at && b != header && s.comp[b] == comp) {
                members++;
                one = b;
            }
        if (members == 1 && !has_self_edge(o, one)) {
            o->out[o->n_out++] = one;
            continue;
        }
        const uint32_t entry = entry_of(o, &s, comp, one);
        const uint32_t level = ++*next_level;
        for (uint32_t b = 0; b < o->n; b++)
            if (o->level[b] == at && b != header && s.comp[b] == comp)
                o->level[b] = level;
        o->out[o->n_out++] = entry;
        if (members > 1)
            arrange(o, level, entry, next_level);
    }
    free(words);
    free(s.on_stack);
}

static void reach(struct order *o, uint32_t b) {
    if (o->level[b] != NO_SLOT)
        return;
    o->level[b] = 0;
    for (unsigned i = 0; i < n_successors(o, b); i++)
        reach(o, successor(o, b, i));
}

/* order_make: reachable blocks in execution order. out: false: irreducible, or no memory */
static bool order_make(struct order *o, LLVMValueRef f) {
    o->n = LLVMCountBasicBlocks(f);
    o->blocks = calloc(o->n, sizeof(LLVMBasicBlockRef));
    o->out = calloc(o->n, sizeof *o->out);
    o->level = calloc(o->n, sizeof *o->level);
    if (!o->blocks || !o->out || !o->level)
        return false;
    LLVMGetBasicBlocks(f, o->blocks);
    for (uint32_t i = 0; i < o->n; i++)
        o->level[i] = NO_SLOT;
    reach(o, 0);
    uint32_t next_level = 0;
    arrange(o, 0, NO_SLOT, &next_level);
    return !o->irreducible;
}

static void order_fini(struct order *o) {
    free((void *)o->blocks);
    free(o->out);
    free(o->level);
}

/* ---- slots and operands ---- */

/* struct slots: whose slot is which, an open-addressed table while a function is analysed. */
struct slots {
    LLVMValueRef *keys;
    uint32_t *slot;
    size_t cap;
};

static size_t place(const struct slots *s, LLVMValueRef v) {
    size_t i = ((uintptr_t)v >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (s->cap - 1);
    while (s->keys[i] && s->keys[i] != v)
        i = (i + 1) & (s->cap - 1);
    return i;
}

static void give(struct slots *s, LLVMValueRef v, uint32_t slot) {
    const size_t i = place(s, v);
    s->keys[i] = v;
    s->slot[i] = slot;
}

static uint32_t slot_of(const struct slots *s, LLVMValueRef v) {
    const size_t i = place(s, v);
    return s->keys[i] ? s->slot[i] : NO_SLOT;
}

static bool slots_init(struct slots *s, size_t n) {
    s->cap = 64;
    while (s->cap < 2 * n)
        s->cap *= 2;
    s->keys = calloc(s->cap, sizeof(LLVMValueRef));
    s->slot = calloc(s->cap, sizeof *s->slot);
    return s->keys && s->slot;
}

static bool fill_insn(struct ir_insn *to, const struct slots *slots) {
    const LLVMValueRef v = to->value;
    const int n = LLVMGetNumOperands(v);
    struct ir_operand *const ops = calloc((size_t)n + 1, sizeof *ops);
    if (!ops)
        return false;
    for (int i = 0; i < n; i++) {
        ops[i].value = LLVMGetOperand(v, (unsigned)i);
        ops[i].slot = slot_of(slots, ops[i].value);
    }
    to->op = LLVMGetInstructionOpcode(v);
    to->slot = slot_of(slots, v);
    to->n_operands = (uint32_t)n;
    to->operands = ops;
    return true;
}

static uint32_t count_insns(LLVMBasicBlockRef b) {
    uint32_t n = 0;
    for (LLVMValueRef v = LLVMGetFirstInstruction(b); v; v = LLVMGetNextInstruction(v))
        n++;
    return n;
}

static bool fill_block(struct ir_block *to, const struct slots *slots) {
    to->n_insns = count_insns(to->block);
    struct ir_insn *const insns = calloc(to->n_insns, sizeof *insns);
    to->insns = insns;
    if (!insns)
        return false;
    LLVMValueRef v = LLVMGetFirstInstruction(to->block);
    for (uint32_t i = 0; i < to->n_insns; i++, v = LLVMGetNextInstruction(v)) {
        insns[i].value = v;
        if (!fill_insn(&insns[i], slots))
            return false;
        if (insns[i].op == LLVMPHI)
            to->n_phis = i + 1;
    }
    return true;
}

static bool number(struct cached *c, struct slots *slots) {
    size_t total = c->func.n_params;
    for (uint32_t i = 0; i < c->func.n_blocks; i++)
        total += count_insns(c->func.blocks[i].block);
    if (!slots_init(slots, total))
        return false;
    for (uint32_t i = 0; i < c->func.n_params; i++)
        give(slots, LLVMGetParam(c->func.value, i), c->func.n_slots++);
    for (uint32_t i = 0; i < c->func.n_blocks; i++)
        for (LLVMValueRef v = LLVMGetFirstInstruction(c->func.blocks[i].block); v;
             v = LLVMGetNextInstruction(v))
            if (LLVMGetTypeKind(LLVMTypeOf(v)) != LLVMVoidTypeKind)
                give(slots, v, c->func.n_slots++);
    return true;
}

static bool prepare(struct cached *c, const char **why) {
    struct order o = {0};
    struct slots slots = {0};
    c->func.n_params = LLVMCountParams(c->func.value);
    bool ok = order_make(&o, c->func.value);
    *why = ok ? NULL : "its control flow is irreducible";
    c->func.blocks = ok ? calloc(o.n_out, sizeof *c->func.blocks) : NULL;
    ok = ok && c->func.blocks;
    if (ok) {
        c->func.n_blocks = o.n_out;
        for (uint32_t i = 0; i < o.n_out; i++)
            c->func.blocks[i].block = o.blocks[o.out[i]];
        ok = number(c, &slots);
    }
    for (uint32_t i = 0; ok && i < c->func.n_blocks; i++)
        ok = fill_block(&c->func.blocks[i], &slots);
    if (!ok && !*why)
        *why = "no memory";
    free((void *)slots.keys);
    free(slots.slot);
    order_fini(&o);
    return ok;
}

const struct ir_func *bitcode_func(struct bitcode *b, LLVMValueRef f, const char **why) {
    *why = NULL;
    for (struct cached *c = b->funcs; c; c = c->next)
        if (c->func.value == f)
            return &c->func;
    if (!LLVMIsAFunction(f) || LLVMCountBasicBlocks(f) == 0)
        return NULL;
    struct cached *const c = calloc(1, sizeof *c);
    if (!c) {
        *why = "no memory";
        return NULL;
    }
    c->func.value = f;
    if (!prepare(c, why)) { /* found again, it would be a function without blocks */
        cached_free(c);
        return NULL;
    }
    c->next = b->funcs;
    b->funcs = c;
    return &c->func;
}

uint32_t ir_block_index(const struct ir_func *f, LLVMBasicBlockRef block) {
    uint32_t i = 0;
    while (f->blocks[i].block != block)
        i++;
    return i;
}

/* ---- what there is to a function, and its hash ---- */

struct reached {
    LLVMValueRef *list;
    size_t n, cap;
    bool failed;
};

static void note(struct reached *r, LLVMValueRef v) {
    for (size_t i = 0; i < r->n; i++)
        if (r->list[i] == v)
            return;
    if (r->n == r->cap) {
        const size_t cap = r->cap ? 2 * r->cap : 64;
        LLVMValueRef *const bigger = realloc((void *)r->list, cap * sizeof(LLVMValueRef));
        if (!bigger) {
            r->failed = true;
            return;
        }
        r->list = bigger;
        r->cap = cap;
    }
    r->list[r->n++] = v;
}

/* refer: globals that a value is or is made of. */
static void refer(struct reached *r, LLVMValueRef v) {
    if (LLVMIsAGlobalValue(v)) {
        note(r, v);
        return;
    }
    if (!LLVMIsAConstantExpr(v) && !LLVMIsAConstantStruct(v) && !LLVMIsAConstantArray(v))
        return;
    for (int i = 0; i < LLVMGetNumOperands(v); i++)
        refer(r, LLVMGetOperand(v, (unsigned)i));
}

static void follow(struct reached *r, LLVMValueRef v) {
    if (LLVMIsAGlobalVariable(v) && LLVMGetInitializer(v))
        refer(r, LLVMGetInitializer(v));
    if (!LLVMIsAFunction(v))
        return;
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(v); b; b = LLVMGetNextBasicBlock(b))
        for (LLVMValueRef x = LLVMGetFirstInstruction(b); x; x = LLVMGetNextInstruction(x))
            for (int i = 0; i < LLVMGetNumOperands(x); i++)
                refer(r, LLVMGetOperand(x, (unsigned)i));
}

bool bitcode_reach(LLVMValueRef **list, size_t *n) {
    struct reached r = {*list, *n, *n, false};
    for (size_t i = 0; i < r.n; i++)
        follow(&r, r.list[i]);
    *list = r.list;
    *n = r.n;
    return !r.failed;
}

static bool is_among(LLVMValueRef v, const LLVMValueRef *all, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (all[i] == v)
            return true;
    return false;
}

bool bitcode_hash(struct bitcode *b, LLVMValueRef f, const LLVMValueRef *without, size_t n_without,
                  uint64_t *out) {
    struct reached r = {0};
    uint64_t sum = fnv_text(FNV_BASIS, LLVMGetDataLayoutStr(b->module));
    if (!b->texts)
        b->texts = texts_new(b->module);
    note(&r, f);
    for (size_t i = 0; i < r.n; i++)
        if (!is_among(r.list[i], without, n_without))
            follow(&r, r.list[i]);
    for (size_t i = 0; b->texts && i < r.n; i++) {
        const struct text_hash h = texts_of(b->texts, r.list[i]);
        const bool head = is_among(r.list[i], without, n_without);
        sum = (sum ^ (head ? h.head : h.whole)) * UINT64_C(0x9e3779b97f4a7c15);
    }
    free((void *)r.list);
    *out = sum ^ sum >> 32;
    return b->texts && !r.failed;
}
