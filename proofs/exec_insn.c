/* exec_insn.c: what instructions do to values: results, and when a result is poison or the
 * behaviour undefined (LLVM Language Reference 19).
 */
#include <string.h>

#include "proofs/exec_impl.h"

/* ---- arithmetic ---- */

/* deferred: when an operation's flags make its result poison. */
static term *deferred(struct exec *x, const struct ir_insn *in, term *a, term *b) {
    struct terms *const t = x->t;
    term *p = NULL;
    switch (in->op) {
    case LLVMAdd:
        if (LLVMGetNUW(in->value))
            p = poison_or(x, p, term_add_overflows(t, false, a, b));
        if (LLVMGetNSW(in->value))
            p = poison_or(x, p, term_add_overflows(t, true, a, b));
        break;
    case LLVMSub:
        if (LLVMGetNUW(in->value))
            p = poison_or(x, p, term_sub_overflows(t, false, a, b));
        if (LLVMGetNSW(in->value))
            p = poison_or(x, p, term_sub_overflows(t, true, a, b));
        break;
    case LLVMMul:
        if (LLVMGetNUW(in->value))
            p = poison_or(x, p, term_mul_overflows(t, false, a, b));
        if (LLVMGetNSW(in->value))
            p = poison_or(x, p, term_mul_overflows(t, true, a, b));
        break;
    case LLVMShl:
        if (LLVMGetNUW(in->value))
            p = poison_or(x, p, term_ne(t, term_lshr(t, term_shl(t, a, b), b), a));
        if (LLVMGetNSW(in->value))
            p = poison_or(x, p, term_ne(t, term_ashr(t, term_shl(t, a, b), b), a));
        break;
    case LLVMLShr:
        if (LLVMGetExact(in->value))
            p = term_ne(t, term_shl(t, term_lshr(t, a, b), b), a);
        break;
    case LLVMAShr:
        if (LLVMGetExact(in->value))
            p = term_ne(t, term_shl(t, term_ashr(t, a, b), b), a);
        break;
    case LLVMUDiv:
        if (LLVMGetExact(in->value))
            p = term_ne(t, term_urem(t, a, b), term_const(t, a->width, 0));
        break;
    case LLVMSDiv:
        if (LLVMGetExact(in->value))
            p = term_ne(t, term_srem(t, a, b), term_const(t, a->width, 0));
        break;
    case LLVMOr:
        if (LLVMGetIsDisjoint(in->value))
            p = term_ne(t, term_and(t, a, b), term_const(t, a->width, 0));
        break;
    default: break;
    }
    if (in->op == LLVMShl || in->op == LLVMLShr || in->op == LLVMAShr)
        p = poison_or(x, p, term_not(t, term_ult(t, b, term_const(t, b->width, b->width))));
    return p;
}

static term *computed(struct exec *x, const struct ir_insn *in, term *a, term *b) {
    struct terms *const t = x->t;
    switch (in->op) {
    case LLVMAdd: return term_add(t, a, b);
    case LLVMSub: return term_sub(t, a, b);
    case LLVMMul: return term_mul(t, a, b);
    case LLVMUDiv: return term_udiv(t, a, b);
    case LLVMSDiv: return term_sdiv(t, a, b);
    case LLVMURem: return term_urem(t, a, b);
    case LLVMSRem: return term_srem(t, a, b);
    case LLVMShl: return term_shl(t, a, b);
    case LLVMLShr: return term_lshr(t, a, b);
    case LLVMAShr: return term_ashr(t, a, b);
    case LLVMAnd: return term_and(t, a, b);
    case LLVMOr: return term_or(t, a, b);
    default: return term_xor(t, a, b);
    }
}

/* division: what of it is undefined. */
static void division(struct exec *x, struct state *s, const struct ir_insn *in,
                     const struct value *a, const struct value *b) {
    struct terms *const t = x->t;
    const unsigned w = b->v->width;
    if (b->poison)
        exec_ub(x, s, b->poison, in->value, "a division by poison");
    exec_ub(x, s, term_eq(t, b->v, term_const(t, w, 0)), in->value, "a division by zero");
    if (in->op != LLVMSDiv && in->op != LLVMSRem)
        return;
    term *const least = term_shl(t, term_const(t, w, 1), term_const(t, w, w - 1));
    term *const bad = term_eq(t, a->v, least); /* poison may be the least of all */
    exec_ub(x, s,
            term_and(t, a->poison ? term_or(t, a->poison, bad) : bad,
                     term_eq(t, b->v, term_ones(t, w))),
            in->value, "a division that overflows");
}

/* distance: between two places in one object, whose addresses have become numbers: the one thing
 * that is done with those. */
static const struct value *distance(struct exec *x, const struct ir_insn *in, const struct value *a,
                                    const struct value *b) {
    if (a->n != 1 || b->n != 1 || a->targets[0].object != b->targets[0].object ||
        LLVMGetNUW(in->value) || LLVMGetNSW(in->value)) {
        exec_fail(x, in->value, "a distance that is not within one object");
        return NULL;
    }
    return value_int(x, term_sub(x->t, a->targets[0].off, b->targets[0].off),
                     poison_or(x, a->poison, b->poison));
}

static const struct value *binary(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *const a = exec_operand(x, s, &in->operands[0]);
    const struct value *const b = exec_operand(x, s, &in->operands[1]);
    if (!a || !b)
        return NULL;
    if (in->op == LLVMSub && a->kind == VALUE_PTR && b->kind == VALUE_PTR)
        return distance(x, in, a, b);
    if (a->kind != VALUE_INT || b->kind != VALUE_INT) {
        exec_fail(x, in->value, "arithmetic on something else than integers");
        return NULL;
    }
    if (in->op == LLVMUDiv || in->op == LLVMSDiv || in->op == LLVMURem || in->op == LLVMSRem)
        division(x, s, in, a, b);
    term *const late = deferred(x, in, a->v, b->v);
    term *poison = poison_or(x, a->poison, b->poison);
    poison = poison_or(x, poison, late);
    return value_int(x, computed(x, in, a->v, b->v), poison ? poison_if(x, poison) : NULL);
}

/* ---- comparisons ---- */

static term *relation(struct exec *x, LLVMIntPredicate p, term *a, term *b) {
    struct terms *const t = x->t;
    switch (p) {
    case LLVMIntEQ: return term_eq(t, a, b);
    case LLVMIntNE: return term_ne(t, a, b);
    case LLVMIntUGT: return term_ult(t, b, a);
    case LLVMIntUGE: return term_ule(t, b, a);
    case LLVMIntULT: return term_ult(t, a, b);
    case LLVMIntULE: return term_ule(t, a, b);
    case LLVMIntSGT: return term_slt(t, b, a);
    case LLVMIntSGE: return term_sle(t, b, a);
    case LLVMIntSLT: return term_slt(t, a, b);
    default: return term_sle(t, a, b);
    }
}

/* is_inside: does a target point to a byte of its object (or, one being null, to its end)? Only
 * then is it known to be elsewhere than what points into another object. */
static term *is_inside(struct exec *x, const struct state *s, const struct target *to,
                       uint32_t slack) {
    const struct object *const o = memory_object(s, to->object);
    if (to->object == 0)
        return term_eq(x->t, to->off, term_const(x->t, 64, 0));
    return o && !o->dead ? term_ult(x->t, to->off, term_const(x->t, 64, o->size + slack))
                         : term_bool(x->t, false);
}

/* may_be_one: constants that the linker or the optimiser may merge with each other: one whose
 * address does not matter, with any. */
static bool may_be_one(const struct exec *x, uint32_t a, uint32_t b) {
    if (a == 0 || b == 0 || a > x->n_globals || b > x->n_globals)
        return false;
    const LLVMValueRef p = x->globals[a - 1], q = x->globals[b - 1];
    return LLVMIsGlobalConstant(p) && LLVMIsGlobalConstant(q) &&
           (LLVMGetUnnamedAddress(p) != LLVMNoUnnamedAddr ||
            LLVMGetUnnamedAddress(q) != LLVMNoUnnamedAddr);
}

/* same_place: do two pointers point to one place? Of two objects, what is not inside them may be
 * anywhere, and what may be one object may be in the same place: the answer is arbitrary. */
static term *same_place(struct exec *x, const struct state *s, const struct value *a,
                        const struct value *b) {
    struct terms *const t = x->t;
    term *same = term_bool(t, false);
    for (uint32_t i = 0; i < a->n; i++)
        for (uint32_t k = 0; k < b->n; k++) {
            const struct target *const p = &a->targets[i], *const q = &b->targets[k];
            term *here = term_eq(t, p->off, q->off);
            if (p->object != q->object) {
                const uint32_t slack = p->object == 0 || q->object == 0;
                term *const apart =
                    may_be_one(x, p->object, q->object)
                        ? term_bool(t, false)
                        : term_and(t, is_inside(x, s, p, slack), is_inside(x, s, q, slack));
                here = term_is_true(apart)
                           ? term_bool(t, false)
                           : term_and(t, term_not(t, apart), term_fresh(t, 1, "same"));
            }
            same = term_or(t, same, term_and(t, term_and(t, p->when, q->when), here));
        }
    return same;
}

static const struct value *compare(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *const a = exec_operand(x, s, &in->operands[0]);
    const struct value *const b = exec_operand(x, s, &in->operands[1]);
    if (!a || !b)
        return NULL;
    const LLVMIntPredicate p = LLVMGetICmpPredicate(in->value);
    term *const poison = poison_or(x, a->poison, b->poison);
    if (a->kind == VALUE_INT && b->kind == VALUE_INT)
        return value_int(x, relation(x, p, a->v, b->v), poison);
    if (a->kind == VALUE_PTR && b->kind == VALUE_PTR && (p == LLVMIntEQ || p == LLVMIntNE)) {
        term *const same = same_place(x, s, a, b);
        return value_int(x, p == LLVMIntEQ ? same : term_not(x->t, same), poison);
    }
    exec_fail(x, in->value, "a comparison that is not understood");
    return NULL;
}

/* ---- conversions, choice ---- */

static const struct value *convert(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *const a = exec_operand(x, s, &in->operands[0]);
    const LLVMTypeRef type = LLVMTypeOf(in->value);
    if (!a)
        return NULL;
    if (in->op == LLVMPtrToInt && a->kind == VALUE_PTR &&
        LLVMGetTypeKind(type) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(type) == 64)
        return a; /* for distance() alone */
    if (a->kind != VALUE_INT || LLVMGetTypeKind(type) != LLVMIntegerTypeKind) {
        exec_fail(x, in->value, "a conversion that is not understood");
        return NULL;
    }
    const unsigned w = LLVMGetIntTypeWidth(type), from = a->v->width;
    term *poison = a->poison;
    if (in->op == LLVMZExt) {
        if (LLVMGetNNeg(in->value))
            poison = poison_or(x, poison, poison_if(x, term_extract(x->t, from - 1, 1, a->v)));
        return value_int(x, term_zext(x->t, w, a->v), poison);
    }
    if (in->op == LLVMSExt)
        return value_int(x, term_sext(x->t, w, a->v), poison);
    /* trunc: nuw and nsw have no getters in this C API; the text has them */
    char *const text = LLVMPrintValueToString(in->value);
    term *const low = term_low(x->t, w, a->v);
    if (strstr(text, "trunc nuw"))
        poison =
            poison_or(x, poison, poison_if(x, term_ne(x->t, term_zext(x->t, from, low), a->v)));
    if (strstr(text, "trunc nsw") || strstr(text, "trunc nuw nsw"))
        poison =
            poison_or(x, poison, poison_if(x, term_ne(x->t, term_sext(x->t, from, low), a->v)));
    LLVMDisposeMessage(text);
    return value_int(x, low, poison);
}

static const struct value *with_poison(struct exec *x, const struct value *v, term *also) {
    if (!also)
        return v;
    if (v->kind == VALUE_INT)
        return value_int(x, v->v, poison_or(x, v->poison, also));
    if (v->kind == VALUE_PTR)
        return value_ptr_of(x, v->targets, v->n, poison_or(x, v->poison, also));
    const struct value **const parts = exec_alloc(x, (v->n + 1) * sizeof *parts);
    for (uint32_t i = 0; i < v->n; i++)
        parts[i] = with_poison(x, v->parts[i], also);
    return value_agg(x, parts, v->n);
}

static const struct value *choose(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *const c = exec_operand(x, s, &in->operands[0]);
    const struct value *const a = exec_operand(x, s, &in->operands[1]);
    const struct value *const b = exec_operand(x, s, &in->operands[2]);
    if (!c || !a || !b)
        return NULL;
    if (c->kind != VALUE_INT || c->v->width != 1) {
        exec_fail(x, in->value, "a choice that is not understood");
        return NULL;
    }
    return with_poison(x, value_choose(x, c->v, a, b), c->poison);
}

/* frozen: poison becomes some value, the same for all who look. */
static const struct value *frozen(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *const a = exec_operand(x, s, &in->operands[0]);
    if (!a || (a->kind != VALUE_AGG && !a->poison))
        return a;
    if (a->kind != VALUE_INT) {
        exec_fail(x, in->value, "freeze of something else than an integer");
        return NULL;
    }
    term *const any = term_fresh(x->t, a->v->width, "frozen");
    return value_int(x, term_ite(x->t, a->poison, any, a->v), NULL);
}

/* ---- aggregates ---- */

static const struct value *extract_part(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *v = exec_operand(x, s, &in->operands[0]);
    const unsigned n = LLVMGetNumIndices(in->value), *const at = LLVMGetIndices(in->value);
    for (unsigned i = 0; v && i < n; i++)
        v = v->parts[at[i]];
    return v;
}

static const struct value *insert_at(struct exec *x, const struct value *into,
                                     const struct value *v, const unsigned *at, unsigned n) {
    if (n == 0)
        return v;
    const struct value **const parts = exec_alloc(x, (into->n + 1) * sizeof *parts);
    memcpy(parts, into->parts, into->n * sizeof *parts);
    parts[at[0]] = insert_at(x, parts[at[0]], v, at + 1, n - 1);
    return value_agg(x, parts, into->n);
}

static const struct value *insert_part(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *const into = exec_operand(x, s, &in->operands[0]);
    const struct value *const v = exec_operand(x, s, &in->operands[1]);
    return into && v
               ? insert_at(x, into, v, LLVMGetIndices(in->value), LLVMGetNumIndices(in->value))
               : NULL;
}

/* ---- addresses ---- */

/* struct walk: an address on its way through a GEP's indices. */
struct walk {
    LLVMGEPNoWrapFlags flags;
    LLVMTypeRef type;
    const struct value *from; /* the base */
    term *off;                /* so far, 64 bits */
    term *poison;             /* NULL: never */
};

/* outside: when base plus offset is outside the base's object (its end is inside). */
static term *outside(struct exec *x, const struct state *s, const struct walk *w) {
    struct terms *const t = x->t;
    term *r = NULL;
    for (uint32_t i = 0; i < w->from->n; i++) {
        const struct target *const to = &w->from->targets[i];
        const struct object *const o = memory_object(s, to->object);
        term *const end = term_const(t, 64, o ? o->size : 0);
        term *const out = term_ult(t, end, term_add(t, to->off, w->off));
        r = poison_or(x, r, poison_if(x, term_and(t, to->when, out)));
    }
    return r;
}

/* advance: one index's part is added; flags make it poison when it wraps or leaves the object. With
 * inbounds the address itself does not wrap: no object does. */
static void advance(struct exec *x, const struct state *s, struct walk *w, term *step) {
    struct terms *const t = x->t;
    term *wraps = NULL;
    if (w->flags & LLVMGEPFlagInBounds)
        wraps = poison_or(x, wraps, poison_if(x, term_add_overflows(t, true, w->off, step)));
    if (w->flags & LLVMGEPFlagNUW)
        wraps = poison_or(x, wraps, poison_if(x, term_add_overflows(t, false, w->off, step)));
    w->off = term_add(t, w->off, step);
    if (w->flags & LLVMGEPFlagNUW) /* an address plus a negative offset wraps */
        wraps = poison_or(x, wraps, poison_if(x, term_extract(t, 63, 1, w->off)));
    if (w->flags & LLVMGEPFlagInBounds)
        wraps = poison_or(x, wraps, outside(x, s, w));
    w->poison = poison_or(x, w->poison, wraps);
}

/* scaled: an index times its type's size. */
static term *scaled(struct exec *x, struct walk *w, term *index) {
    struct terms *const t = x->t;
    term *const by = term_const(t, 64, type_bytes(x, w->type)), *const k = term_sext(t, 64, index);
    if (w->flags & LLVMGEPFlagInBounds)
        w->poison = poison_or(x, w->poison, poison_if(x, term_mul_overflows(t, true, k, by)));
    if (w->flags & LLVMGEPFlagNUW)
        w->poison = poison_or(x, w->poison, poison_if(x, term_mul_overflows(t, false, k, by)));
    return term_mul(t, k, by);
}

/* walk: through all indices. out: false: failed */
static bool walk(struct exec *x, struct state *s, const struct ir_insn *in, struct walk *w) {
    if (w->flags & LLVMGEPFlagInBounds)
        w->poison = poison_or(x, w->poison, outside(x, s, w));
    for (uint32_t i = 1; i < in->n_operands; i++) {
        const struct value *const k = exec_operand(x, s, &in->operands[i]);
        if (!k)
            return false;
        if (k->kind != VALUE_INT || k->v->width > 64) {
            exec_fail(x, in->value, "an index that is not understood");
            return false;
        }
        w->poison = poison_or(x, w->poison, k->poison);
        if (i > 1 && LLVMGetTypeKind(w->type) == LLVMStructTypeKind) {
            const unsigned part = (unsigned)term_u64(k->v);
            const uint64_t at = LLVMOffsetOfElement(x->layout, w->type, part);
            advance(x, s, w, term_const(x->t, 64, at));
            w->type = LLVMStructGetTypeAtIndex(w->type, part);
            continue;
        }
        w->type = i > 1 ? LLVMGetElementType(w->type) : w->type;
        advance(x, s, w, scaled(x, w, k->v));
    }
    return true;
}

static const struct value *address(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *const p = exec_operand(x, s, &in->operands[0]);
    if (!p)
        return NULL;
    if (p->kind != VALUE_PTR) {
        exec_fail(x, in->value, "an address that is not understood");
        return NULL;
    }
    const LLVMGEPNoWrapFlags flags = LLVMGEPGetNoWrapFlags(in->value);
    if (flags != 0 && !(flags & LLVMGEPFlagInBounds)) {
        exec_fail(x, in->value, "an address that must not wrap, wherever its object is");
        return NULL;
    }
    struct walk w = {.flags = flags,
                     .type = LLVMGetGEPSourceElementType(in->value),
                     .from = p,
                     .off = term_const(x->t, 64, 0),
                     .poison = p->poison};
    if (!walk(x, s, in, &w))
        return NULL;
    struct target *const to = exec_alloc(x, (p->n + 1) * sizeof *to);
    for (uint32_t i = 0; i < p->n; i++) {
        to[i] = p->targets[i];
        to[i].off = term_add(x->t, to[i].off, w.off);
    }
    return value_ptr_of(x, to, p->n, w.poison);
}

/* has_lifetime: do marks say when an alloca's object is there? Until the first it is not. */
static bool has_lifetime(LLVMValueRef alloca) {
    for (LLVMUseRef u = LLVMGetFirstUse(alloca); u; u = LLVMGetNextUse(u)) {
        const LLVMValueRef user = LLVMGetUser(u);
        const LLVMValueRef f = LLVMIsACallInst(user) ? LLVMGetCalledValue(user) : NULL;
        if (f && LLVMIsAFunction(f) &&
            strncmp(LLVMGetValueName(f), "llvm.lifetime.", strlen("llvm.lifetime.")) == 0)
            return true;
    }
    return false;
}

static const struct value *alloca_of(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *const n = exec_operand(x, s, &in->operands[0]);
    if (!n)
        return NULL;
    if (!term_is_const(n->v) || n->poison || term_u64(n->v) > 1 << 24) {
        exec_fail(x, in->value, "an array of variable length");
        return NULL;
    }
    const uint64_t size = type_bytes(x, LLVMGetAllocatedType(in->value)) * term_u64(n->v);
    const uint32_t object = memory_new(x, s, size, LLVMGetAlignment(in->value));
    memory_object(s, object)->dead = has_lifetime(in->value);
    return value_ptr(x, object, term_const(x->t, 64, 0));
}

/* is_plain: neither volatile nor atomic. */
static bool is_plain(struct exec *x, LLVMValueRef access) {
    if (LLVMGetVolatile(access) || LLVMGetOrdering(access) != LLVMAtomicOrderingNotAtomic)
        exec_fail(x, access, "a volatile or atomic access");
    return !x->failed;
}

static const struct value *load(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *const p = exec_operand(x, s, &in->operands[0]);
    if (!p || !is_plain(x, in->value))
        return NULL;
    const struct value *const v = memory_load(x, s, p, LLVMTypeOf(in->value), in->value);
    return v ? exec_loaded(x, s, in->value, v) : NULL;
}

static const struct value *store(struct exec *x, struct state *s, const struct ir_insn *in) {
    const struct value *const v = exec_operand(x, s, &in->operands[0]);
    const struct value *const p = exec_operand(x, s, &in->operands[1]);
    if (v && p && is_plain(x, in->value))
        memory_store(x, s, p, v, LLVMTypeOf(in->operands[0].value), in->value);
    return NULL;
}

const struct value *exec_insn(struct exec *x, struct state *s, const struct ir_insn *in) {
    switch (in->op) {
    case LLVMAdd:
    case LLVMSub:
    case LLVMMul:
    case LLVMUDiv:
    case LLVMSDiv:
    case LLVMURem:
    case LLVMSRem:
    case LLVMShl:
    case LLVMLShr:
    case LLVMAShr:
    case LLVMAnd:
    case LLVMOr:
    case LLVMXor: return binary(x, s, in);
    case LLVMICmp: return compare(x, s, in);
    case LLVMTrunc:
    case LLVMZExt:
    case LLVMPtrToInt:
    case LLVMSExt: return convert(x, s, in);
    case LLVMSelect: return choose(x, s, in);
    case LLVMFreeze: return frozen(x, s, in);
    case LLVMExtractValue: return extract_part(x, s, in);
    case LLVMInsertValue: return insert_part(x, s, in);
    case LLVMGetElementPtr: return address(x, s, in);
    case LLVMAlloca: return alloca_of(x, s, in);
    case LLVMLoad: return load(x, s, in);
    case LLVMStore: return store(x, s, in);
    default: exec_fail(x, in->value, "an instruction that is not understood"); return NULL;
    }
}
