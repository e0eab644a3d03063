/* exec_attr.c: what attributes and metadata promise, and arguments passed by value.
 *
 * A promise that is broken makes poison (range) or is undefined behaviour (noundef). Others say
 * what execution has checked anyway (nonnull, dereferenceable), or are about what other threads,
 * the optimiser or the code generator may do. One that is in no list here is an error.
 */
#include <stdio.h>
#include <string.h>

#include "proofs/exec_impl.h"

static bool is_kind(unsigned kind, const char *name) {
    return kind == LLVMGetEnumAttributeKindForName(name, strlen(name));
}

/* Promises about pointers and frames that every access here checks, and hints to the optimiser that
 * say nothing about values. Alignment: objects are where their alloca says (assumptions.md). */
static bool is_harmless(unsigned kind) {
    static const char *const names[] = {
        "nocapture",    "readonly",       "readnone",        "writeonly",
        "noalias",      "align",          "nonnull",         "nofree",
        "returned",     "immarg",         "writable",        "zeroext",
        "signext",      "dead_on_unwind", "dereferenceable", "memory",
        "nounwind",     "willreturn",     "mustprogress",    "dereferenceable_or_null",
        "nosync",       "norecurse",      "speculatable",    "nocallback",
        "alwaysinline", "inlinehint",     "noinline",        "cold",
        "hot",          "uwtable",        "optnone",         "nomerge",
        "noreturn",     "minsize",        "optsize"};
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

/* by_value: the callee's own copy of what an argument points to. */
static const struct value *by_value(struct exec *x, struct state *s, const struct value *arg,
                                    LLVMTypeRef type, LLVMValueRef where, uint32_t *object) {
    const uint64_t n = type_bytes(x, type);
    *object = memory_new(x, s, n);
    const struct value *const copy = value_ptr(x, *object, term_const(x->t, 64, 0));
    memory_copy(x, s, copy, arg, n, where);
    return copy;
}

/* stated_range: LLVM's C library does not tell the ends of a range attribute; the text of the call
 * does, before the function's name: range(i64 0, 65), half-open, wrapping. out: false: none */
static bool stated_range(LLVMValueRef call, unsigned *width, int64_t *lo, int64_t *hi) {
    char *const text = LLVMPrintValueToString(call);
    const char *const name = strchr(text, '@'), *const at = strstr(text, " range(i");
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

static const struct value *within(struct exec *x, const struct value *v, term *lo, term *hi);

/* result_in_range: a call's result with a range attribute. */
static const struct value *result_in_range(struct exec *x, const struct value *v,
                                           LLVMValueRef call) {
    unsigned width;
    int64_t lo, hi;
    if (!stated_range(call, &width, &lo, &hi) || v->kind != VALUE_INT || v->v->width != width) {
        exec_fail(x, call, "a range that is not understood");
        return v;
    }
    return within(x, v, term_const(x->t, width, (uint64_t)lo),
                  term_const(x->t, width, (uint64_t)hi));
}

/* one_attribute: of argument (or result) v. out: what the callee (or the caller) gets */
static const struct value *one_attribute(struct exec *x, struct state *s, LLVMAttributeRef a,
                                         const struct value *v, LLVMValueRef where,
                                         uint32_t *copies, uint32_t *n_copies) {
    if (LLVMIsStringAttribute(a))
        return v;
    if (LLVMIsTypeAttribute(a)) {
        const unsigned kind = LLVMGetEnumAttributeKind(a);
        if (is_kind(kind, "byval") && copies)
            return by_value(x, s, v, LLVMGetTypeAttributeValue(a), where, &copies[(*n_copies)++]);
        if (is_kind(kind, "sret") || is_kind(kind, "elementtype"))
            return v;
    } else if (LLVMIsEnumAttribute(a)) {
        const unsigned kind = LLVMGetEnumAttributeKind(a);
        if (is_kind(kind, "noundef")) {
            all_clean(x, s, v, where, "poison where there must be none");
            return v;
        }
        if (is_harmless(kind))
            return v;
    } else if (!copies && LLVMIsACallInst(where)) {
        return result_in_range(x, v, where);
    }
    exec_fail(x, where, "an attribute that is not understood");
    return v;
}

enum {
    MAX_ATTRIBUTES = 32
};

/* has_byval: copied once, although call and function both say it. */
static bool is_byval(LLVMAttributeRef a) {
    return LLVMIsTypeAttribute(a) && is_kind(LLVMGetEnumAttributeKind(a), "byval");
}

bool exec_args(struct exec *x, struct state *s, const struct ir_insn *in, LLVMValueRef callee,
               const struct value **args, uint32_t n_args, uint32_t *copies, uint32_t *n_copies) {
    LLVMAttributeRef list[MAX_ATTRIBUTES];
    *n_copies = 0;
    for (uint32_t i = 0; i < n_args && !x->failed; i++) {
        const unsigned at_call = LLVMGetCallSiteAttributeCount(in->value, i + 1);
        const unsigned at_func = LLVMGetAttributeCountAtIndex(callee, i + 1);
        if (at_call > MAX_ATTRIBUTES || at_func > MAX_ATTRIBUTES) {
            exec_fail(x, in->value, "too many attributes");
            return false;
        }
        bool copied = false;
        LLVMGetCallSiteAttributes(in->value, i + 1, list);
        for (unsigned k = 0; k < at_call; k++) {
            copied |= is_byval(list[k]);
            args[i] = one_attribute(x, s, list[k], args[i], in->value, copies, n_copies);
        }
        LLVMGetAttributesAtIndex(callee, i + 1, list);
        for (unsigned k = 0; k < at_func; k++)
            if (!copied || !is_byval(list[k]))
                args[i] = one_attribute(x, s, list[k], args[i], in->value, copies, n_copies);
    }
    return !x->failed;
}

/* ---- results and loads ---- */

static const struct value *call_result(struct exec *x, struct state *s, LLVMValueRef call,
                                       const struct value *v) {
    LLVMAttributeRef list[MAX_ATTRIBUTES];
    const unsigned n = LLVMGetCallSiteAttributeCount(call, 0);
    if (n > MAX_ATTRIBUTES) {
        exec_fail(x, call, "too many attributes");
        return v;
    }
    LLVMGetCallSiteAttributes(call, 0, list);
    for (unsigned i = 0; i < n; i++)
        v = one_attribute(x, s, list[i], v, call, NULL, NULL);
    return v;
}

/* within: v, poison outside [lo, hi), which wraps. */
static const struct value *within(struct exec *x, const struct value *v, term *lo, term *hi) {
    term *const inside = term_ult(x->t, term_sub(x->t, v->v, lo), term_sub(x->t, hi, lo));
    return value_int(x, v->v, poison_or(x, v->poison, poison_if(x, term_not(x->t, inside))));
}

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
    static const char *const harmless[] = {"tbaa",   "tbaa.struct", "alias.scope", "noalias",
                                           "srcloc", "prof",        "nontemporal", "annotation"};
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

const struct value *exec_promises(struct exec *x, struct state *s, LLVMValueRef insn,
                                  const struct value *v) {
    if (LLVMIsACallInst(insn))
        v = call_result(x, s, insn, v);
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
