/* sayings.c: what theorems say of themselves, read from their bitcode without executing it. */
#include "proofs/sayings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- calls of hint and uses with literals ---- */

/* text: NULL: it is no literal, which the executor takes no more than this file. */
typedef void said_fn(void *self, const char *primitive, const char *text);

static void said(LLVMValueRef f, said_fn *fn, void *self) {
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
        for (LLVMValueRef v = LLVMGetFirstInstruction(b); v; v = LLVMGetNextInstruction(v)) {
            if (!LLVMIsACallInst(v))
                continue;
            const char *const name = LLVMGetValueName(LLVMGetCalledValue(v));
            char text[100];
            if (strcmp(name, "hint") == 0 || strcmp(name, "uses") == 0)
                fn(self, name, bitcode_literal(v, text, sizeof text) ? text : NULL);
        }
}

static void note(void *self, const char *primitive, const char *text) {
    struct sayings *const s = self;
    if (!text)
        return;
    if (strcmp(primitive, "uses") == 0) {
        char contract[120];
        snprintf(contract, sizeof contract, "contract__%s", text);
        const LLVMValueRef f = bitcode_find(s->bits, text);
        const LLVMValueRef c = bitcode_find(s->bits, contract);
        if (s->n_contracts == MAX_USES) {
            s->too_many = true;
            return;
        }
        if (f && c)
            s->used[s->n_used++] = f;
        if (c)
            s->contracts[s->n_contracts++] = c;
    } else if (strcmp(text, "source-only") == 0) {
        s->hints |= EXEC_HINT_SOURCE_ONLY;
    } else if (strcmp(text, "nightly") == 0) {
        s->hints |= EXEC_HINT_NIGHTLY;
    }
}

struct sayings sayings_of(struct bitcode *b, LLVMValueRef theorem) {
    struct sayings s = {.bits = b};
    if (theorem)
        said(theorem, note, &s);
    return s;
}

/* ---- contracts ----
 * What a contract says is assumed where it is used, so it must have a theorem, contract/NAME, that
 * proves it, at that level, and does not use it: not itself, nor through what the contracts that it
 * uses were proved with. */

enum {
    MAX_CONTRACTS = 256 /* on the way from one contract to those that its theorem uses */
};

struct proof_of {
    struct bitcode *bits, *source;
    const char *sought; /* the contract that must not be used; NULL: none yet */
    char seen[MAX_CONTRACTS][100];
    unsigned n_seen;
    char why[160]; /* "": well-founded */
};

LLVMValueRef sayings_theorem(struct bitcode *b, const char *family, const char *name) {
    char text[200];
    snprintf(text, sizeof text, "theorem__%s__%s", family, name);
    return bitcode_find(b, text);
}

/* reads_as: is it a call of the contract's body (contract.h) that is for its proof, or for its use?
 * proving is the first argument but for the place of a result in memory. */
static bool reads_as(LLVMValueRef call, const char *body, bool proving) {
    const LLVMValueRef callee = LLVMGetCalledValue(call);
    if (!LLVMIsAFunction(callee) || strcmp(LLVMGetValueName(callee), body) != 0)
        return false;
    const unsigned first =
        LLVMGetNumArgOperands(call) > 0 &&
        LLVMGetTypeKind(LLVMTypeOf(LLVMGetOperand(call, 0))) == LLVMPointerTypeKind;
    if (LLVMGetNumArgOperands(call) <= first)
        return false;
    const LLVMValueRef arg = LLVMGetOperand(call, first);
    return LLVMIsAConstantInt(arg) && LLVMGetIntTypeWidth(LLVMTypeOf(arg)) == 1 &&
           (LLVMConstIntGetZExtValue(arg) != 0) == proving;
}

/* proves: does a theorem, or a function that it calls, call the contract's body for its proof? */
static bool proves(LLVMValueRef f, const char *body, unsigned depth) {
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
        for (LLVMValueRef v = LLVMGetFirstInstruction(b); v; v = LLVMGetNextInstruction(v)) {
            if (!LLVMIsACallInst(v))
                continue;
            const LLVMValueRef callee = LLVMGetCalledValue(v);
            if (reads_as(v, body, true) ||
                (depth > 0 && LLVMIsAFunction(callee) && proves(callee, body, depth - 1)))
                return true;
        }
    return false;
}

/* stands_for: does a contract call its body for use, and nothing else? */
static bool stands_for(LLVMValueRef contract, const char *body) {
    bool found = false;
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(contract); b; b = LLVMGetNextBasicBlock(b))
        for (LLVMValueRef v = LLVMGetFirstInstruction(b); v; v = LLVMGetNextInstruction(v)) {
            if (!LLVMIsACallInst(v))
                continue;
            const char *const name = LLVMGetValueName(LLVMGetCalledValue(v));
            if (reads_as(v, body, false))
                found = true;
            else if (strncmp(name, "llvm.", strlen("llvm.")) != 0)
                return false;
        }
    return found;
}

/* need_proof: the contract's theorem must be a unit of the level, and prove the contract: what the
 * sources say of that is seen where nothing is inlined. */
static void need_proof(struct proof_of *p, const char *text) {
    char body[120], contract[120];
    const LLVMValueRef theorem = sayings_theorem(p->bits, "contract", text);
    const LLVMValueRef source = sayings_theorem(p->source, "contract", text);
    snprintf(body, sizeof body, "contracted__%.100s", text);
    snprintf(contract, sizeof contract, "contract__%.100s", text);
    const LLVMValueRef stand_in = bitcode_find(p->source, contract);
    if (!theorem || !source)
        snprintf(p->why, sizeof p->why, "no theorem contract/%.80s proves what is used", text);
    else if (!proves(source, body, 1) || !stand_in || !stands_for(stand_in, body))
        snprintf(p->why, sizeof p->why, "contract/%.80s does not prove its contract", text);
    else if (p->bits != p->source && (sayings_of(p->bits, theorem).hints & EXEC_HINT_SOURCE_ONLY))
        snprintf(p->why, sizeof p->why, "contract/%.80s is not proved at this level", text);
}

static void found_use(void *self, const char *primitive, const char *text) {
    struct proof_of *const p = self;
    if (!text)
        snprintf(p->why, sizeof p->why, "%s of what is no string literal", primitive);
    if (!text || strcmp(primitive, "uses") != 0)
        return;
    need_proof(p, text);
    if (p->sought && strcmp(p->sought, text) == 0)
        snprintf(p->why, sizeof p->why, "the contract of %.80s is proved by itself", text);
    for (unsigned i = 0; i < p->n_seen; i++)
        if (strcmp(p->seen[i], text) == 0)
            return;
    if (p->n_seen == MAX_CONTRACTS)
        snprintf(p->why, sizeof p->why, "too many contracts");
    if (p->why[0])
        return;
    snprintf(p->seen[p->n_seen++], sizeof p->seen[0], "%.99s", text);
    said(sayings_theorem(p->bits, "contract", text), found_use, p);
}

bool sayings_unfounded(struct bitcode *b, struct bitcode *source, const char *theorem,
                       char why[160]) {
    static const char stem[] = "theorem__contract__";
    struct proof_of *const p = calloc(1, sizeof *p);
    if (!p) {
        snprintf(why, 160, "no memory");
        return true;
    }
    p->bits = b;
    p->source = source;
    if (strncmp(theorem, stem, strlen(stem)) == 0) {
        p->sought = theorem + strlen(stem);
        need_proof(p, p->sought);
    }
    said(bitcode_find(b, theorem), found_use, p);
    snprintf(why, 160, "%s", p->why);
    free(p);
    return why[0] != 0;
}

bool sayings_hash(const struct sayings *s, LLVMValueRef theorem, uint64_t *out) {
    uint64_t h;
    if (!bitcode_hash(s->bits, theorem, s->used, s->n_used, &h))
        return false;
    for (size_t i = 0; i < s->n_contracts; i++) {
        const char *const name = LLVMGetValueName(s->contracts[i]) + strlen("contract__");
        const bool has_theorem = sayings_theorem(s->bits, "contract", name) != NULL;
        uint64_t of_contract;
        if (!bitcode_hash(s->bits, s->contracts[i], s->used, s->n_used, &of_contract))
            return false;
        h = h * 31 + of_contract + has_theorem;
    }
    *out = h;
    return true;
}
