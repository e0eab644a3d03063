/* exec_intrinsic.c: calls: of defined functions, of LLVM's intrinsics, of the harness's primitives.
 * */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/exec_impl.h"
#include "proofs/spec.h"

/* ---- bits ---- */

/* leading_zeros: of a, as many as its width if it is 0: halves are asked from the top. */
static term *leading_zeros(struct terms *t, term *a) {
    const unsigned w = a->width;
    if (w == 1)
        return term_zext(t, 8, term_not(t, a));
    const unsigned half = w / 2;
    term *const high = term_extract(t, w - half, half, a), *const low = term_low(t, w - half, a);
    term *const empty = term_eq(t, high, term_const(t, half, 0));
    return term_ite(t, empty, term_add(t, term_const(t, 8, half), leading_zeros(t, low)),
                    leading_zeros(t, high));
}

static term *reversed(struct terms *t, term *a) {
    term *r = term_low(t, 1, a);
    for (unsigned i = 1; i < a->width; i++)
        r = term_concat(t, r, term_extract(t, i, 1, a));
    return r;
}

static term *ones(struct terms *t, term *a) {
    term *n = term_const(t, a->width, 0);
    for (unsigned i = 0; i < a->width; i++)
        n = term_add(t, n, term_zext(t, a->width, term_extract(t, i, 1, a)));
    return n;
}

static const struct value *zeros(struct exec *x, const struct value *a, const struct value *strict,
                                 bool trailing) {
    struct terms *const t = x->t;
    const unsigned w = a->v->width;
    term *const n = leading_zeros(t, trailing ? reversed(t, a->v) : a->v);
    term *poison = a->poison;
    if (!term_is_false(strict->v))
        poison = poison_or(x, poison, poison_if(x, term_eq(t, a->v, term_const(t, w, 0))));
    return value_int(x, w >= 8 ? term_zext(t, w, n) : term_low(t, w, n), poison);
}

/* funnel: the upper (or, to the right, lower) word of high:low shifted by n modulo the width. */
static term *funnel(struct terms *t, term *high, term *low, term *n, bool right) {
    const unsigned w = high->width;
    term *const both = term_concat(t, high, low);
    term *const by = term_zext(t, 2 * w, term_urem(t, n, term_const(t, w, w)));
    return right ? term_low(t, w, term_lshr(t, both, by))
                 : term_extract(t, w, w, term_shl(t, both, by));
}

/* saturating: the exact result or the end of the order that it passed. */
static term *saturating(struct terms *t, bool add, bool is_signed, term *a, term *b) {
    const unsigned w = a->width;
    term *const exact = add ? term_add(t, a, b) : term_sub(t, a, b);
    term *const over =
        add ? term_add_overflows(t, is_signed, a, b) : term_sub_overflows(t, is_signed, a, b);
    term *const sign = term_extract(t, w - 1, 1, a);
    term *const least = term_shl(t, term_const(t, w, 1), term_const(t, w, w - 1));
    term *const end = !is_signed ? (add ? term_ones(t, w) : term_const(t, w, 0))
                                 : term_ite(t, sign, least, term_not(t, least));
    return term_ite(t, over, end, exact);
}

/* ---- LLVM's intrinsics ---- */

static bool named(const char *name, const char *stem) {
    const size_t n = strlen(stem);
    return strncmp(name, stem, n) == 0 && (name[n] == '.' || name[n] == 0);
}

/* with_overflow: {result, overflow}. */
static const struct value *with_overflow(struct exec *x, const char *kind,
                                         const struct value *const *args) {
    struct terms *const t = x->t;
    term *const a = args[0]->v, *const b = args[1]->v;
    const bool is_signed = kind[0] == 's';
    term *r, *over;
    if (strncmp(kind + 1, "add", 3) == 0) {
        r = term_add(t, a, b);
        over = term_add_overflows(t, is_signed, a, b);
    } else if (strncmp(kind + 1, "sub", 3) == 0) {
        r = term_sub(t, a, b);
        over = term_sub_overflows(t, is_signed, a, b);
    } else {
        r = term_mul(t, a, b);
        over = term_mul_overflows(t, is_signed, a, b);
    }
    term *const poison = poison_or(x, args[0]->poison, args[1]->poison);
    const struct value **const parts = exec_alloc(x, 2 * sizeof *parts);
    parts[0] = value_int(x, r, poison);
    parts[1] = value_int(x, over, poison);
    return value_agg(x, parts, 2);
}

/* two_words: intrinsics of two integers; NULL: it is none. */
static term *two_words(struct terms *t, const char *name, term *a, term *b, unsigned width) {
    if (named(name, "llvm.umin"))
        return term_ite(t, term_ult(t, b, a), b, a);
    if (named(name, "llvm.umax"))
        return term_ite(t, term_ult(t, a, b), b, a);
    if (named(name, "llvm.smin"))
        return term_ite(t, term_slt(t, b, a), b, a);
    if (named(name, "llvm.smax"))
        return term_ite(t, term_slt(t, a, b), b, a);
    if (named(name, "llvm.uadd.sat"))
        return saturating(t, true, false, a, b);
    if (named(name, "llvm.usub.sat"))
        return saturating(t, false, false, a, b);
    if (named(name, "llvm.sadd.sat"))
        return saturating(t, true, true, a, b);
    if (named(name, "llvm.ssub.sat"))
        return saturating(t, false, true, a, b);
    const bool u = named(name, "llvm.ucmp");
    if (u || named(name, "llvm.scmp")) {
        term *const less = u ? term_ult(t, a, b) : term_slt(t, a, b);
        return term_ite(t, less, term_ones(t, width), term_zext(t, width, term_ne(t, a, b)));
    }
    return NULL;
}

/* plain_copy: of a constant length, not volatile. */
static bool plain_copy(struct exec *x, const struct value *const *args, LLVMValueRef where) {
    if (!term_is_const(args[2]->v) || args[2]->poison)
        exec_fail(x, where, "a copy of variable length");
    else if (!term_is_false(args[3]->v))
        exec_fail(x, where, "a volatile or atomic access");
    return !x->failed;
}

/* lifetime: of an alloca's object, as a whole. */
static void lifetime(struct exec *x, struct state *s, const struct value *p, bool starts,
                     LLVMValueRef where) {
    if (p->kind != VALUE_PTR || p->n != 1 || p->poison || !term_is_value(p->targets[0].off, 0))
        exec_fail(x, where, "a lifetime that is not understood");
    else
        memory_life(x, s, p->targets[0].object, starts);
}

/* about_memory: intrinsics without a result. out: false: it is none of them */
static bool about_memory(struct exec *x, struct state *s, const char *name,
                         const struct ir_insn *in, const struct value *const *args) {
    if (named(name, "llvm.memcpy") || named(name, "llvm.memmove")) {
        if (plain_copy(x, args, in->value))
            memory_copy(x, s, args[0], args[1], term_u64(args[2]->v), named(name, "llvm.memmove"),
                        in->value);
    } else if (named(name, "llvm.memset")) {
        if (plain_copy(x, args, in->value))
            memory_fill(x, s, args[0], args[1], term_u64(args[2]->v), in->value);
    } else if (named(name, "llvm.lifetime.start") || named(name, "llvm.lifetime.end")) {
        lifetime(x, s, args[1], named(name, "llvm.lifetime.start"), in->value);
    } else if (named(name, "llvm.assume")) {
        term *const bad = term_not(x->t, args[0]->v);
        exec_ub(x, s, args[0]->poison ? term_or(x->t, bad, args[0]->poison) : bad, in->value,
                "an assumption of the optimiser that does not hold");
    } else {
        return false;
    }
    return true;
}

static const struct value *one_word(struct exec *x, const char *name,
                                    const struct value *const *args, uint32_t n_args) {
    struct terms *const t = x->t;
    const struct value *const a = args[0];
    const unsigned w = a->v->width;
    if (named(name, "llvm.bswap"))
        return value_int(x, term_bswap(t, a->v), a->poison);
    if (named(name, "llvm.bitreverse"))
        return value_int(x, reversed(t, a->v), a->poison);
    if (named(name, "llvm.ctpop"))
        return value_int(x, ones(t, a->v), a->poison);
    if (named(name, "llvm.expect"))
        return a;
    if (n_args == 2 && (named(name, "llvm.ctlz") || named(name, "llvm.cttz")))
        return zeros(x, a, args[1], named(name, "llvm.cttz"));
    if (n_args == 2 && named(name, "llvm.abs")) {
        term *const least = term_shl(t, term_const(t, w, 1), term_const(t, w, w - 1));
        term *poison = a->poison;
        if (!term_is_false(args[1]->v))
            poison = poison_or(x, poison, poison_if(x, term_eq(t, a->v, least)));
        term *const sign = term_extract(t, w - 1, 1, a->v);
        return value_int(x, term_ite(t, sign, term_neg(t, a->v), a->v), poison);
    }
    return NULL;
}

const struct value *exec_intrinsic(struct exec *x, struct state **s, const char *name,
                                   const struct ir_insn *in, const struct value *const *args,
                                   uint32_t n_args) {
    if (about_memory(x, *s, name, in, args))
        return NULL;
    if (named(name, "llvm.trap")) {
        exec_ub(x, *s, term_bool(x->t, true), in->value, "a trap is reached");
        x->n_ends++;
        *s = NULL;
        return NULL;
    }
    bool words = n_args > 0;
    term *poison = NULL;
    for (uint32_t i = 0; i < n_args; i++) {
        words &= args[i]->kind == VALUE_INT;
        poison = poison_or(x, poison, args[i]->poison);
    }
    if (words && n_args == 2 && strstr(name, ".with.overflow."))
        return with_overflow(x, name + strlen("llvm."), args);
    if (words && n_args == 3 && (named(name, "llvm.fshl") || named(name, "llvm.fshr")))
        return value_int(
            x, funnel(x->t, args[0]->v, args[1]->v, args[2]->v, named(name, "llvm.fshr")), poison);
    if (words && n_args == 2 && args[0]->v->width == args[1]->v->width) {
        term *const r =
            two_words(x->t, name, args[0]->v, args[1]->v, type_bits(LLVMTypeOf(in->value)));
        if (r)
            return value_int(x, r, poison);
    }
    const struct value *const r = words ? one_word(x, name, args, n_args) : NULL;
    if (!r)
        exec_fail(x, in->value, "an intrinsic that is not understood");
    return r;
}

/* ---- the harness's primitives ---- */

/* text_at: the string literal that a pointer points to. out: false: none */
static bool text_at(struct exec *x, const struct state *s, const struct value *p, char *out,
                    size_t n) {
    const bool one = p->kind == VALUE_PTR && p->n == 1 && p->targets[0].object != 0 &&
                     term_is_const(p->targets[0].off);
    const struct object *const o = one ? memory_object(s, p->targets[0].object) : NULL;
    const uint64_t at = one ? term_u64(p->targets[0].off) : 0;
    for (size_t i = 0; o && i + 1 < n && at + i < o->size; i++) {
        const struct byte *const b = &o->bytes[at + i];
        if (!b->from || b->from->kind != VALUE_INT || b->from->v->width % 8 != 0)
            break;
        term *const c = term_extract(x->t, 8 * b->index, 8, b->from->v);
        if (!term_is_const(c))
            break;
        out[i] = (char)term_u64(c);
        if (out[i] == 0)
            return true;
    }
    exec_fail(x, NULL, "a name that is no string literal");
    return false;
}

static bool grow(void **list, uint32_t n, size_t each) {
    void *const bigger = realloc(*list, (n + 1) * each);
    if (bigger)
        *list = bigger;
    return bigger != NULL;
}

static const struct value *any(struct exec *x, const struct state *s,
                               const struct value *const *args, LLVMValueRef where) {
    char name[100], unique[120];
    if (!text_at(x, s, args[1], name, sizeof name))
        return NULL;
    const uint64_t bits = term_u64(args[0]->v);
    if (!term_is_const(args[0]->v) || bits < 1 || bits > 64) {
        exec_fail(x, where, "a width that is not 1 to 64");
        return NULL;
    }
    struct exec_run *const r = x->run;
    uint32_t same = 0; /* drawn before under this name: the harness's names have no '#' */
    for (uint32_t i = 0; i < r->n_vars; i++) {
        const char *const other = r->vars[i]->u.name;
        const size_t n = strlen(name);
        same += strncmp(other, name, n) == 0 && (other[n] == 0 || other[n] == '#');
    }
    snprintf(unique, sizeof unique, same ? "%s#%u" : "%s", name, same + 1);
    term *const v = term_var(x->t, (unsigned)bits, unique);
    if (!grow((void **)&r->vars, r->n_vars, sizeof *r->vars)) {
        exec_fail(x, where, "no memory");
        return NULL;
    }
    r->vars[r->n_vars++] = v;
    return value_int(x, term_zext(x->t, 64, v), NULL);
}

/* hidden: a variable in place of a value, the same for the same value. */
static const struct value *hidden(struct exec *x, const struct value *v, LLVMValueRef where) {
    struct exec_run *const r = x->run;
    char name[40];
    if (term_is_const(v->v) || v->v->op == TERM_VAR)
        return v;
    snprintf(name, sizeof name, "opaque!%u", v->v->id);
    term *const var = term_var(x->t, v->v->width, name);
    term *const def = term_eq(x->t, var, v->v);
    for (uint32_t i = 0; i < r->n_defs; i++)
        if (r->defs[i] == def)
            return value_int(x, var, v->poison);
    if (!grow((void **)&r->defs, r->n_defs, sizeof *r->defs)) {
        exec_fail(x, where, "no memory");
        return v;
    }
    r->defs[r->n_defs++] = def;
    return value_int(x, var, v->poison);
}

static void assumed(struct exec *x, const struct state *s, const struct value *c,
                    LLVMValueRef where) {
    struct exec_run *const r = x->run;
    if (c->kind != VALUE_INT || c->v->width != 1) {
        exec_fail(x, where, "an assumption that is no truth value");
        return;
    }
    if (c->poison)
        exec_ub(x, s, c->poison, where, "an assumption that is poison");
    term *const a = term_implies(x->t, s->path->full, c->v);
    if (term_is_true(a))
        return;
    if (!grow((void **)&r->assumed, r->n_assumed, sizeof *r->assumed))
        exec_fail(x, where, "no memory");
    else
        r->assumed[r->n_assumed++] = a;
}

static void checked(struct exec *x, const struct state *s, const struct value *const *args,
                    LLVMValueRef where) {
    struct exec_run *const r = x->run;
    char what[120];
    if (!text_at(x, s, args[0], what, sizeof what))
        return;
    if (args[1]->kind != VALUE_INT || args[1]->v->width != 1) {
        exec_fail(x, where, "a check of what is no truth value");
        return;
    }
    if (!grow((void **)&r->checks, r->n_checks, sizeof *r->checks)) {
        exec_fail(x, where, "no memory");
        return;
    }
    char *const kept = exec_alloc(x, strlen(what) + 1);
    memcpy(kept, what, strlen(what) + 1);
    const struct value *const c = args[1];
    term *const ok = c->poison ? term_and(x->t, c->v, term_not(x->t, c->poison)) : c->v;
    const LLVMValueRef by = LLVMGetBasicBlockParent(LLVMGetInstructionParent(where));
    r->checks[r->n_checks++] = (struct exec_check){.what = kept,
                                                   .by = LLVMGetValueName(by),
                                                   .reached = s->path->full,
                                                   .holds = ok,
                                                   .n_assumed = r->n_assumed};
}

/* said: what a theorem says of itself, hint or uses: literally, and where the provider looks.
 * out: false: failed */
static bool said(struct exec *x, LLVMValueRef call, char *out, size_t n) {
    if (x->depth != 1)
        exec_fail(x, call, "a hint or a contract that the theorem itself does not name");
    else if (!bitcode_literal(call, out, n))
        exec_fail(x, call, "a name that is no string literal");
    return !x->failed;
}

/* was_called: has a function been executed? Its body then is part of the theorem. */
static bool was_called(const struct exec *x, LLVMValueRef f) {
    for (const struct exec_called *c = x->called; c; c = c->next)
        if (c->f == f)
            return true;
    return false;
}

static void note_called(struct exec *x, LLVMValueRef f) {
    if (was_called(x, f))
        return;
    struct exec_called *const c = exec_alloc(x, sizeof *c);
    *c = (struct exec_called){f, x->called};
    x->called = c;
}

static void use(struct exec *x, LLVMValueRef where) {
    char function[100], contract[120];
    if (!said(x, where, function, sizeof function))
        return;
    snprintf(contract, sizeof contract, "contract__%s", function);
    const LLVMValueRef from = LLVMGetNamedFunction(bitcode_module(x->bits), function);
    const LLVMValueRef to = bitcode_find(x->bits, contract);
    if (!from || !to || x->n_uses == MAX_USES)
        exec_fail(x, where, "no contract for the function");
    else if (was_called(x, from))
        exec_fail(x, where, "a contract of a function that was called before");
    else
        x->uses[x->n_uses++] = (struct exec_redirect){from, to};
}

void exec_uses_done(struct exec *x, LLVMValueRef theorem) {
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(theorem); b; b = LLVMGetNextBasicBlock(b))
        for (LLVMValueRef v = LLVMGetFirstInstruction(b); v; v = LLVMGetNextInstruction(v)) {
            char function[100];
            bool done =
                !LLVMIsACallInst(v) || strcmp(LLVMGetValueName(LLVMGetCalledValue(v)), "uses") != 0;
            for (uint32_t i = 0; !done && i < x->n_uses; i++)
                done = bitcode_literal(v, function, sizeof function) &&
                       strcmp(LLVMGetValueName(x->uses[i].from), function) == 0;
            if (!done)
                exec_fail(x, v, "a contract that is named where the theorem does not get to");
        }
}

static void hinted(struct exec *x, LLVMValueRef where) {
    char text[100];
    if (!said(x, where, text, sizeof text))
        return;
    if (strcmp(text, "products") == 0)
        x->run->hints |= EXEC_HINT_PRODUCTS;
    else if (strcmp(text, "products named") == 0)
        x->run->hints |= EXEC_HINT_NAMED;
    else if (strcmp(text, "source-only") == 0)
        x->run->hints |= EXEC_HINT_SOURCE_ONLY;
    else if (strcmp(text, "whole") == 0)
        x->run->hints |= EXEC_HINT_WHOLE;
    else if (strcmp(text, "nightly") == 0)
        x->run->hints |= EXEC_HINT_NIGHTLY;
    else
        exec_fail(x, where, "a hint that is not understood");
}

/* specified: proof_spec_alu(op, dst, src, big_endian, arena), proof_spec_jump(op, dst, src). */
static const struct value *specified(struct exec *x, const struct value *const *args,
                                     uint32_t n_args, LLVMValueRef where) {
    term *poison = NULL;
    for (uint32_t i = 0; i < n_args; i++)
        poison = poison_or(x, poison, args[i]->poison);
    term *r = NULL;
    if (term_is_const(args[0]->v) && n_args == 3)
        r = spec_jump(x->t, (enum op)term_u64(args[0]->v), args[1]->v, args[2]->v);
    if (term_is_const(args[0]->v) && n_args == 5 && term_is_const(args[3]->v)) {
        const struct spec_machine m = {term_is_true(args[3]->v), args[4]->v};
        r = spec_alu(x->t, &m, (enum op)term_u64(args[0]->v), args[1]->v, args[2]->v);
    }
    if (!r)
        exec_fail(x, where, "no specification for it");
    return r ? value_int(x, r, poison) : NULL;
}

bool exec_primitive(struct exec *x, struct state *s, const char *name, const struct ir_insn *in,
                    const struct value *const *args, uint32_t n_args, const struct value **out) {
    *out = NULL;
    if (strcmp(name, "proof_any") == 0 && n_args == 2)
        *out = any(x, s, args, in->value);
    else if (strcmp(name, "proof_opaque") == 0 && n_args == 1)
        *out = hidden(x, args[0], in->value);
    else if (strcmp(name, "assume") == 0 && n_args == 1)
        assumed(x, s, args[0], in->value);
    else if (strcmp(name, "check") == 0 && n_args == 2)
        checked(x, s, args, in->value);
    else if (strcmp(name, "uses") == 0 && n_args == 1)
        use(x, in->value);
    else if (strcmp(name, "hint") == 0 && n_args == 1)
        hinted(x, in->value);
    else if (strncmp(name, "proof_spec_", 11) == 0 && (n_args == 3 || n_args == 5))
        *out = specified(x, args, n_args, in->value);
    else
        return false;
    return true;
}

/* ---- calls ---- */

/* is_remark: a call that does nothing: debug information, scopes of noalias. */
static bool is_remark(const char *name) {
    return strncmp(name, "llvm.dbg.", 9) == 0 ||
           strcmp(name, "llvm.experimental.noalias.scope.decl") == 0;
}

/* is_ordinary: a call of a function by its own type and convention, and nothing on it that would
 * have to be understood. */
static bool is_ordinary(struct exec *x, LLVMValueRef call, LLVMValueRef f) {
    const char *why = NULL;
    if (!LLVMIsAFunction(f))
        why = "a call of an unknown function";
    else if (LLVMGetNumOperandBundles(call) > 0)
        why = "a call with operand bundles";
    else if (LLVMGetCalledFunctionType(call) != LLVMGlobalGetValueType(f) ||
             LLVMGetInstructionCallConv(call) != LLVMGetFunctionCallConv(f))
        why = "a call of a function as something else than it is";
    if (why)
        exec_fail(x, call, why);
    return !why;
}

/* is_known: is the body that is here the one that will run? */
static bool is_known(LLVMValueRef f) {
    const LLVMLinkage l = LLVMGetLinkage(f);
    return l == LLVMExternalLinkage || l == LLVMInternalLinkage || l == LLVMPrivateLinkage ||
           l == LLVMLinkOnceODRLinkage || l == LLVMWeakODRLinkage ||
           l == LLVMAvailableExternallyLinkage;
}

/* target_of: the function that a call of f means in this run. */
static LLVMValueRef target_of(const struct exec *x, LLVMValueRef f) {
    for (size_t i = 0; i < x->opt->n_redirects; i++)
        if (x->opt->redirects[i].from == f)
            return x->opt->redirects[i].to;
    for (uint32_t i = 0; i < x->n_uses; i++)
        if (x->uses[i].from == f)
            return x->uses[i].to;
    return f;
}

/* callee: the function that is called, by its name or through a pointer that always points to it.
 */
static LLVMValueRef callee(struct exec *x, struct state *s, const struct ir_insn *in) {
    const LLVMValueRef named = LLVMGetCalledValue(in->value);
    if (LLVMIsAFunction(named))
        return named;
    if (LLVMIsAInlineAsm(named)) {
        exec_fail(x, in->value, "a call that is not understood");
        return NULL;
    }
    const struct value *const p = exec_operand(x, s, &in->operands[in->n_operands - 1]);
    const LLVMValueRef f = p ? value_function(x, p) : NULL;
    if (!f)
        exec_fail(x, in->value, "a call through a pointer that is not always one function");
    else if (p->poison)
        exec_ub(x, s, p->poison, in->value, "a call through a poisoned pointer");
    return f;
}

const struct value *exec_call_insn(struct exec *x, struct state **s, const struct ir_insn *in) {
    enum {
        MAX_ARGS = 24
    };
    const LLVMValueRef f = callee(x, *s, in);
    const uint32_t n = LLVMGetNumArgOperands(in->value);
    const struct value *args[MAX_ARGS], *result;
    uint32_t copies[MAX_ARGS], n_copies = 0;
    if (!f || !is_ordinary(x, in->value, f))
        return NULL;
    const char *const name = LLVMGetValueName(f);
    if (is_remark(name))
        return NULL;
    if (n > MAX_ARGS) {
        exec_fail(x, in->value, "too many arguments");
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        args[i] = exec_operand(x, *s, &in->operands[i]);
        if (!args[i])
            return NULL;
    }
    if (!exec_args(x, *s, in, f, args, n, copies, &n_copies))
        return NULL;
    if (LLVMCountBasicBlocks(f) == 0 && exec_primitive(x, *s, name, in, args, n, &result))
        return result;
    if (strncmp(name, "llvm.", 5) == 0) {
        result = exec_intrinsic(x, s, name, in, args, n);
    } else {
        const LLVMValueRef to = target_of(x, f);
        if (!is_known(to) || LLVMGlobalGetValueType(to) != LLVMGlobalGetValueType(f)) {
            exec_fail(x, in->value, "a function that another may replace, or of another type");
            return NULL;
        }
        note_called(x, to);
        result = exec_call(x, to, args, n, s);
        for (uint32_t i = 0; *s && i < n_copies; i++)
            memory_end(*s, copies[i]);
    }
    return result && *s ? exec_result(x, *s, in->value, f, result) : result;
}
