/* value.c: values, constants, and choices between values. */
#include <stdlib.h>
#include <string.h>

#include "proofs/exec_impl.h"

#include <llvm-c/Target.h>

unsigned type_bits(LLVMTypeRef t) {
    return LLVMGetTypeKind(t) == LLVMIntegerTypeKind ? LLVMGetIntTypeWidth(t) : 64;
}

uint64_t type_bytes(const struct exec *x, LLVMTypeRef t) {
    return LLVMABISizeOfType(x->layout, t);
}

/* ---- poison ---- */

term *poison_if(struct exec *x, term *when) {
    (void)x;
    return term_is_false(when) ? NULL : when;
}

term *poison_or(struct exec *x, term *a, term *b) {
    return !a ? b : !b ? a : term_or(x->t, a, b);
}

static term *poison_choose(struct exec *x, term *c, term *a, term *b) {
    if (a == b)
        return a;
    term *const no = term_bool(x->t, false);
    return poison_if(x, term_ite(x->t, c, a ? a : no, b ? b : no));
}

/* ---- making ---- */

const struct value *value_int(struct exec *x, term *v, term *poison) {
    struct value *const r = exec_alloc(x, sizeof *r);
    *r = (struct value){.kind = VALUE_INT, .v = v, .poison = poison};
    return r;
}

const struct value *value_ptr_of(struct exec *x, const struct target *targets, uint32_t n,
                                 term *poison) {
    struct value *const r = exec_alloc(x, sizeof *r);
    *r = (struct value){.kind = VALUE_PTR, .n = n, .targets = targets, .poison = poison};
    return r;
}

const struct value *value_ptr(struct exec *x, uint32_t object, term *off) {
    struct target *const to = exec_alloc(x, sizeof *to);
    *to = (struct target){term_bool(x->t, true), object, off};
    return value_ptr_of(x, to, 1, NULL);
}

const struct value *value_agg(struct exec *x, const struct value *const *parts, uint32_t n) {
    struct value *const r = exec_alloc(x, sizeof *r);
    *r = (struct value){.kind = VALUE_AGG, .n = n, .parts = parts};
    return r;
}

/* parts_of: how many parts an aggregate type has; *part its i-th's type. */
static uint32_t parts_of(LLVMTypeRef t) {
    return LLVMGetTypeKind(t) == LLVMStructTypeKind ? LLVMCountStructElementTypes(t)
                                                    : (uint32_t)LLVMGetArrayLength2(t);
}

static LLVMTypeRef part_type(LLVMTypeRef t, uint32_t i) {
    return LLVMGetTypeKind(t) == LLVMStructTypeKind ? LLVMStructGetTypeAtIndex(t, i)
                                                    : LLVMGetElementType(t);
}

const struct value *value_poison(struct exec *x, LLVMTypeRef type) {
    term *const yes = term_bool(x->t, true);
    switch (LLVMGetTypeKind(type)) {
    case LLVMIntegerTypeKind:
        return value_int(x, term_const(x->t, LLVMGetIntTypeWidth(type), 0), yes);
    case LLVMPointerTypeKind: {
        struct target *const to = exec_alloc(x, sizeof *to);
        *to = (struct target){yes, 0, term_const(x->t, 64, 0)};
        return value_ptr_of(x, to, 1, yes);
    }
    case LLVMStructTypeKind:
    case LLVMArrayTypeKind: {
        const uint32_t n = parts_of(type);
        const struct value **const parts = exec_alloc(x, (n + 1) * sizeof *parts);
        for (uint32_t i = 0; i < n; i++)
            parts[i] = value_poison(x, part_type(type, i));
        return value_agg(x, parts, n);
    }
    default: exec_fail(x, NULL, "a value of a type that is not understood"); return NULL;
    }
}

/* ---- constants ---- */

static uint32_t object_of_global(const struct exec *x, LLVMValueRef g) {
    for (uint32_t i = 0; i < x->n_globals; i++)
        if (x->globals[i] == g)
            return i + 1;
    return 0;
}

/* ---- functions as values ---- */

static uint32_t object_of_function(struct exec *x, LLVMValueRef f) {
    for (const struct exec_function *k = x->functions; k; k = k->next)
        if (k->f == f)
            return k->object;
    struct exec_function *const made = exec_alloc(x, sizeof *made);
    *made = (struct exec_function){f, x->next_object++, x->functions};
    x->functions = made;
    return made->object;
}

LLVMValueRef value_function(const struct exec *x, const struct value *p) {
    if (p->kind != VALUE_PTR || p->n != 1 || !term_is_const(p->targets[0].off) ||
        term_u64(p->targets[0].off) != 0)
        return NULL;
    for (const struct exec_function *k = x->functions; k; k = k->next)
        if (k->object == p->targets[0].object)
            return k->f;
    return NULL;
}

/* bytes_there: of what a constant address is in; of null and of functions none. */
static uint64_t bytes_there(const struct exec *x, uint32_t object) {
    return object != 0 && object <= x->n_globals
               ? type_bytes(x, LLVMGlobalGetValueType(x->globals[object - 1]))
               : 0;
}

/* gep_constant: a constant expression of an address; poison if it is to be inside a global and is
 * not. */
static const struct value *gep_constant(struct exec *x, LLVMValueRef c) {
    const struct value *const base = value_constant(x, LLVMGetOperand(c, 0));
    const LLVMGEPNoWrapFlags flags = LLVMGEPGetNoWrapFlags(c);
    LLVMTypeRef type = LLVMGetGEPSourceElementType(c);
    if (!base)
        return NULL;
    if (flags != 0 && !(flags & LLVMGEPFlagInBounds)) {
        exec_fail(x, c, "an address that must not wrap, wherever its object is");
        return NULL;
    }
    const struct target *const from = &base->targets[0];
    const uint64_t size = bytes_there(x, from->object);
    uint64_t at = term_u64(from->off);
    bool outside = at > size;
    for (int i = 1; i < LLVMGetNumOperands(c); i++) {
        const LLVMValueRef index = LLVMGetOperand(c, (unsigned)i);
        if (!LLVMIsAConstantInt(index) || LLVMGetIntTypeWidth(LLVMTypeOf(index)) > 64) {
            exec_fail(x, c, "an address computed from addresses");
            return NULL;
        }
        const int64_t k = LLVMConstIntGetSExtValue(index);
        if (i > 1 && LLVMGetTypeKind(type) == LLVMStructTypeKind) {
            at += LLVMOffsetOfElement(x->layout, type, (unsigned)k);
            type = LLVMStructGetTypeAtIndex(type, (unsigned)k);
        } else {
            type = i > 1 ? LLVMGetElementType(type) : type;
            const uint64_t bytes = type_bytes(x, type), n = k < 0 ? 0 - (uint64_t)k : (uint64_t)k;
            at += (uint64_t)k * bytes;
            outside |= bytes != 0 && n > UINT64_MAX / 2 / bytes;
        }
        outside |= at > size;
    }
    outside &= (flags & LLVMGEPFlagInBounds) != 0;
    struct target *const to = exec_alloc(x, sizeof *to);
    *to = (struct target){from->when, from->object, term_const(x->t, 64, at)};
    return value_ptr_of(x, to, 1, outside ? term_bool(x->t, true) : base->poison);
}

static const struct value *aggregate_constant(struct exec *x, LLVMValueRef c) {
    const LLVMTypeRef type = LLVMTypeOf(c);
    const uint32_t n = parts_of(type);
    const struct value **const parts = exec_alloc(x, (n + 1) * sizeof *parts);
    for (uint32_t i = 0; i < n && !x->failed; i++)
        parts[i] = value_constant(x, LLVMGetAggregateElement(c, i));
    return x->failed ? NULL : value_agg(x, parts, n);
}

const struct value *value_constant(struct exec *x, LLVMValueRef c) {
    const LLVMTypeRef type = LLVMTypeOf(c);
    if (LLVMGetTypeKind(type) == LLVMIntegerTypeKind &&
        2 * LLVMGetIntTypeWidth(type) > TERM_MAX_WIDTH) {
        exec_fail(x, c, "an integer that is too wide");
        return NULL;
    }
    if (LLVMIsPoison(c) || LLVMIsUndef(c))
        return value_poison(x, type);
    if (LLVMIsAConstantInt(c)) {
        const unsigned w = LLVMGetIntTypeWidth(type);
        if (w <= 64)
            return value_int(x, term_const(x->t, w, LLVMConstIntGetZExtValue(c)), NULL);
        char *const text = LLVMPrintValueToString(c); /* "i128 -1": wide ones are rare */
        const char *const digits = strrchr(text, ' ');
        const bool fits = digits && strlen(digits) < 19;
        const long long k = fits ? strtoll(digits, NULL, 10) : 0;
        LLVMDisposeMessage(text);
        if (!fits)
            exec_fail(x, c, "a constant beyond 64 bits");
        return value_int(x, term_sext(x->t, w, term_const(x->t, 64, (uint64_t)k)), NULL);
    }
    if (LLVMIsAConstantPointerNull(c))
        return value_ptr(x, 0, term_const(x->t, 64, 0));
    if (LLVMIsAGlobalValue(c) && object_of_global(x, c) != 0)
        return value_ptr(x, object_of_global(x, c), term_const(x->t, 64, 0));
    if (LLVMIsAFunction(c))
        return value_ptr(x, object_of_function(x, c), term_const(x->t, 64, 0));
    if (LLVMIsAConstantExpr(c) && LLVMGetConstOpcode(c) == LLVMGetElementPtr)
        return gep_constant(x, c);
    const LLVMTypeKind kind = LLVMGetTypeKind(type);
    if (LLVMIsNull(c) && kind == LLVMIntegerTypeKind)
        return value_int(x, term_const(x->t, LLVMGetIntTypeWidth(type), 0), NULL);
    if ((kind == LLVMStructTypeKind || kind == LLVMArrayTypeKind) && LLVMIsConstant(c))
        return aggregate_constant(x, c);
    exec_fail(x, c, "a constant that is not understood");
    return NULL;
}

/* ---- choosing ---- */

static const struct value *choose_ptr(struct exec *x, term *c, const struct value *a,
                                      const struct value *b) {
    struct target *const to = exec_alloc(x, (a->n + b->n) * sizeof *to);
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        to[n] = a->targets[i];
        to[n++].when = term_and(x->t, c, a->targets[i].when);
    }
    for (uint32_t i = 0; i < b->n; i++) {
        const struct target *const from = &b->targets[i];
        term *const when = term_and(x->t, term_not(x->t, c), from->when);
        uint32_t k = 0;
        while (k < a->n && (to[k].object != from->object || to[k].off != from->off))
            k++;
        if (k < a->n) {
            to[k].when = term_or(x->t, to[k].when, when);
        } else {
            to[n] = *from;
            to[n++].when = when;
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!term_is_false(to[i].when))
            to[kept++] = to[i];
    return value_ptr_of(x, to, kept, poison_choose(x, c, a->poison, b->poison));
}

const struct value *value_choose(struct exec *x, term *c, const struct value *a,
                                 const struct value *b) {
    if (a == b || term_is_true(c))
        return a;
    if (term_is_false(c))
        return b;
    if (a->kind != b->kind || (a->kind == VALUE_AGG && a->n != b->n) ||
        (a->kind == VALUE_INT && a->v->width != b->v->width)) {
        exec_fail(x, NULL, "two values of different kinds meet");
        return a;
    }
    switch (a->kind) {
    case VALUE_PTR: return choose_ptr(x, c, a, b);
    case VALUE_AGG: {
        const struct value **const parts = exec_alloc(x, (a->n + 1) * sizeof *parts);
        for (uint32_t i = 0; i < a->n; i++)
            parts[i] = value_choose(x, c, a->parts[i], b->parts[i]);
        return value_agg(x, parts, a->n);
    }
    default:
        return value_int(x, term_ite(x->t, c, a->v, b->v),
                         poison_choose(x, c, a->poison, b->poison));
    }
}
