/* exec_attr.c: what attributes and metadata promise, and arguments passed by value.
 *
 * A promise that is broken makes poison (range, nonnull, align) or is undefined behaviour (noundef,
 * dereferenceable). Others say what other threads, the optimiser or the code generator may do, or
 * what functions do to memory (memory, readonly and the like: believed, as they are the
 * optimiser's). One that is in no list here is an error.
 */
#include <stdio.h>
#include <string.h>

#include "proofs/exec_impl.h"

static bool is_kind(unsigned kind, const char *name) {
    return kind == LLVMGetEnumAttributeKindForName(name, strlen(name));
}

/* Those that say nothing about values; noalias is looked at by exec_args. */
static bool is_harmless(unsigned kind) {
    static const char *const names[] = {
        "nocapture",    "readonly",   "readnone",     "writeonly",    "noalias",  "nofree",
        "returned",     "immarg",     "writable",     "zeroext",      "signext",  "dead_on_unwind",
        "memory",       "nounwind",   "willreturn",   "mustprogress", "nosync",   "norecurse",
        "speculatable", "nocallback", "alwaysinline", "inlinehint",   "noinline", "cold",
        "hot",          "uwtable",    "optnone",      "nomerge",      "noreturn", "minsize",
        "optsize"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_kind(kind, names[i]))
            return true;
    return false;
}

static void all_clean(struct exec *x, struct state *s, const struct value *v, LLVMValueRef where,
                      const char *what) {
    if (v->kind == VALUE_AGG) {
        for (uint32_t i = 0; i < v->n; i++)
            all_clean(x, s, v->parts[i], where, what);
    } else if (v->poison) {
        exec_ub(x, s, v->poison, where, what);
    }
}

/* ---- lists of attributes ---- */

enum {
    MAX_ATTRIBUTES = 64
};

/* struct promises: what a call and the function that it names say of one argument, or (at 0) of the
 * result. */
struct promises {
    LLVMAttributeRef of[MAX_ATTRIBUTES];
    unsigned n, n_call; /* the call's come first */
};

static bool promises_of(struct exec *x, LLVMValueRef call, LLVMValueRef callee, unsigned index,
                        struct promises *p) {
    p->n_call = LLVMGetCallSiteAttributeCount(call, index);
    p->n = p->n_call + LLVMGetAttributeCountAtIndex(callee, index);
    if (p->n > MAX_ATTRIBUTES) {
        exec_fail(x, call, "too many attributes");
        return false;
    }
    LLVMGetCallSiteAttributes(call, index, p->of);
    LLVMGetAttributesAtIndex(callee, index, p->of + p->n_call);
    return true;
}

/* find: the attribute of that name; NULL: there is none. */
static LLVMAttributeRef find(const struct promises *p, const char *name) {
    for (unsigned i = 0; i < p->n; i++)
        if (!LLVMIsStringAttribute(p->of[i]) && is_kind(LLVMGetEnumAttributeKind(p->of[i]), name))
            return p->of[i];
    return NULL;
}

/* ---- ranges ---- */

/* within: v, poison outside [lo, hi), which wraps. */
static const struct value *within(struct exec *x, const struct value *v, term *lo, term *hi) {
    term *const inside = term_ult(x->t, term_sub(x->t, v->v, lo), term_sub(x->t, hi, lo));
    return value_int(x, v->v, poison_or(x, v->poison, poison_if(x, term_not(x->t, inside))));
}

/* stated_range: LLVM's C library does not tell the ends of a range attribute; the text of the call
 * (or of the function) does, before the function's name: range(i64 0, 65), half-open, wrapping.
 * out: false: none */
static bool stated_range(LLVMValueRef of, unsigned *width, int64_t *lo, int64_t *hi) {
    char *const text = LLVMPrintValueToString(of);
    const char *const from = LLVMIsAFunction(of) ? strstr(text, "define ") : text;
    const char *const name = from ? strchr(from, '@') : NULL;
    const char *const at = from ? strstr(from, " range(i") : NULL;
    long long first, last;
    const bool found =
        at && name && at < name && sscanf(at, " range(i%u %lld, %lld)", width, &first, &last) == 3;
    if (found) {
        *lo = first;
        *hi = last;
    }
    LLVMDisposeMessage(text);
    return found;
}

/* result_in_range: a call's result with a range attribute of the call or of the function. */
static const struct value *result_in_range(struct exec *x, const struct value *v, LLVMValueRef of,
                                           LLVMValueRef call) {
    unsigned width;
    int64_t lo, hi;
    if (!stated_range(of, &width, &lo, &hi) || v->kind != VALUE_INT || v->v->width != width) {
        exec_fail(x, call, "a range that is not understood");
        return v;
    }
    return within(x, v, term_const(x->t, width, (uint64_t)lo),
                  term_const(x->t, width, (uint64_t)hi));
}

/* ---- one promise ---- */

/* is_null: when a pointer is null. */
static term *is_null(struct exec *x, const struct value *v) {
    term *r = NULL;
    for (uint32_t i = 0; i < v->n; i++)
        if (v->targets[i].object == 0) {
            term *const at_0 = term_eq(x->t, v->targets[i].off, term_const(x->t, 64, 0));
            r = poison_or(x, r, poison_if(x, term_and(x->t, v->targets[i].when, at_0)));
        }
    return r;
}

static const struct value *also_poison(struct exec *x, const struct value *v, term *when) {
    return when ? value_ptr_of(x, v->targets, v->n, poison_or(x, v->poison, when)) : v;
}

/* of_pointer: out: NULL: not a promise about pointers */
static const struct value *of_pointer(struct exec *x, struct state *s, LLVMAttributeRef a,
                                      const struct value *v, LLVMValueRef where) {
    const unsigned kind = LLVMGetEnumAttributeKind(a);
    const uint64_t k = LLVMGetEnumAttributeValue(a);
    if (v->kind != VALUE_PTR)
        return NULL;
    if (is_kind(kind, "nonnull"))
        return also_poison(x, v, is_null(x, v));
    if (is_kind(kind, "align"))
        return also_poison(x, v, memory_crooked(x, s, v, (uint32_t)k));
    if (!is_kind(kind, "dereferenceable"))
        return NULL;
    term *const lacks = memory_lacks(x, s, v, k);
    if (lacks)
        exec_ub(x, s, lacks, where, "a pointer to fewer bytes than promised");
    return v;
}

/* kept: v, of which attribute a of the call or the function says something; noundef comes last. */
static const struct value *kept(struct exec *x, struct state *s, LLVMAttributeRef a,
                                const struct value *v, LLVMValueRef where) {
    if (LLVMIsStringAttribute(a))
        return v;
    const unsigned kind = LLVMGetEnumAttributeKind(a);
    if (LLVMIsTypeAttribute(a)) {
        if (is_kind(kind, "sret") || is_kind(kind, "elementtype"))
            return v;
    } else if (LLVMIsEnumAttribute(a)) {
        const struct value *const p = of_pointer(x, s, a, v, where);
        if (p || is_harmless(kind))
            return p ? p : v;
    }
    exec_fail(x, where, "an attribute that is not understood");
    return v;
}

static const struct value *all_kept(struct exec *x, struct state *s, const struct promises *p,
                                    const struct value *v, LLVMValueRef call, LLVMValueRef callee) {
    for (unsigned i = 0; i < p->n; i++) {
        const LLVMAttributeRef a = p->of[i];
        if (!LLVMIsStringAttribute(a) && is_kind(LLVMGetEnumAttributeKind(a), "noundef"))
            continue;
        const bool range =
            !LLVMIsStringAttribute(a) && is_kind(LLVMGetEnumAttributeKind(a), "range");
        if (range && callee) /* of a result: callee is given */
            v = result_in_range(x, v, i < p->n_call ? call : callee, call);
        else
            v = kept(x, s, a, v, call);
    }
    if (find(p, "noundef"))
        all_clean(x, s, v, call, "poison where there must be none");
    return v;
}

/* ---- arguments ---- */

/* by_value: the callee's own copy of what an argument points to. */
static const struct value *by_value(struct exec *x, struct state *s, const struct value *arg,
                                    const struct promises *p, LLVMValueRef where,
                                    uint32_t *object) {
    const LLVMTypeRef type = LLVMGetTypeAttributeValue(find(p, "byval"));
    const LLVMAttributeRef align = find(p, "align"); /* of the copy */
    const uint64_t n = type_bytes(x, type);
    *object = memory_new(x, s, n, align ? (uint32_t)LLVMGetEnumAttributeValue(align) : 1);
    const struct value *const copy = value_ptr(x, *object, term_const(x->t, 64, 0));
    if (find(p, "noundef"))
        all_clean(x, s, arg, where, "poison where there must be none");
    memory_copy(x, s, copy, arg, n, true, where);
    return copy;
}

static bool share_object(const struct value *a, const struct value *b) {
    for (uint32_t i = 0; i < a->n; i++)
        for (uint32_t k = 0; k < b->n; k++)
            if (a->targets[i].object == b->targets[k].object && a->targets[i].object != 0)
                return true;
    return false;
}

/* check_alone: a noalias argument points to an object that no other argument does. More is asked
 * than the attribute does, which speaks of bytes that are used; and pointers in memory are not
 * looked at. */
static void check_alone(struct exec *x, LLVMValueRef call, const struct value *const *args,
                        uint32_t n_args, uint32_t alone) {
    for (uint32_t i = 0; i < n_args; i++)
        if (i != alone && args[i]->kind == VALUE_PTR && args[alone]->kind == VALUE_PTR &&
            share_object(args[i], args[alone]))
            exec_fail(x, call, "arguments in one object, of which one is noalias");
}

bool exec_args(struct exec *x, struct state *s, const struct ir_insn *in, LLVMValueRef callee,
               const struct value **args, uint32_t n_args, uint32_t *copies, uint32_t *n_copies) {
    const char *const name = LLVMGetValueName(callee);
    const bool intrinsic = strncmp(name, "llvm.", 5) == 0; /* memcpy of x to x is allowed */
    struct promises p;
    *n_copies = 0;
    for (uint32_t i = 0; i < n_args && !x->failed; i++) {
        if (!promises_of(x, in->value, callee, i + 1, &p))
            return false;
        if (find(&p, "noalias") && !intrinsic)
            check_alone(x, in->value, args, n_args, i);
        if (find(&p, "byval"))
            args[i] = by_value(x, s, args[i], &p, in->value, &copies[(*n_copies)++]);
        else
            args[i] = all_kept(x, s, &p, args[i], in->value, NULL);
    }
    return !x->failed;
}

/* ---- results and loads ---- */

/* in_range: !range: ends of one range. */
static const struct value *in_range(struct exec *x, LLVMValueRef node, const struct value *v,
                                    LLVMValueRef where) {
    LLVMValueRef ends[2];
    if (LLVMGetMDNodeNumOperands(node) != 2 || v->kind != VALUE_INT) {
        exec_fail(x, where, "a range that is not understood");
        return v;
    }
    LLVMGetMDNodeOperands(node, ends);
    const struct value *const lo = value_constant(x, ends[0]);
    const struct value *const hi = value_constant(x, ends[1]);
    return lo && hi ? within(x, v, lo->v, hi->v) : v;
}

static const struct value *one_metadata(struct exec *x, struct state *s, unsigned kind,
                                        LLVMValueRef insn, const struct value *v) {
    /* alias.scope, noalias: what was noalias of an argument before it was inlined */
    static const char *const harmless[] = {"alias.scope", "noalias", "srcloc", "prof",
                                           "annotation"};
    if (kind == LLVMGetMDKindID("range", 5))
        return in_range(x, LLVMGetMetadata(insn, kind), v, insn);
    if (kind == LLVMGetMDKindID("noundef", 7)) {
        all_clean(x, s, v, insn, "poison where there must be none");
        return v;
    }
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (kind == LLVMGetMDKindID(harmless[i], (unsigned)strlen(harmless[i])))
            return v;
    exec_fail(x, insn, "metadata that is not understood");
    return v;
}

static const struct value *metadata(struct exec *x, struct state *s, LLVMValueRef insn,
                                    const struct value *v) {
    if (!LLVMHasMetadata(insn))
        return v;
    size_t n;
    LLVMValueMetadataEntry *const list = LLVMInstructionGetAllMetadataOtherThanDebugLoc(insn, &n);
    /* !noundef counts what the others make of the value, so it is looked at last */
    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            const unsigned kind = LLVMValueMetadataEntriesGetKind(list, (unsigned)i);
            if ((kind == LLVMGetMDKindID("noundef", 7)) == (pass == 1))
                v = one_metadata(x, s, kind, insn, v);
        }
    LLVMDisposeValueMetadataEntries(list);
    return v;
}

const struct value *exec_loaded(struct exec *x, struct state *s, LLVMValueRef load,
                                const struct value *v) {
    return metadata(x, s, load, v);
}

const struct value *exec_result(struct exec *x, struct state *s, LLVMValueRef call,
                                LLVMValueRef callee, const struct value *v) {
    struct promises p;
    if (!promises_of(x, call, callee, 0, &p))
        return v;
    return metadata(x, s, call, all_kept(x, s, &p, v, call, callee));
}
