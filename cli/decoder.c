/* decoder.c: the part of LLVM's C interface that takes instructions apart, found at run time.
 *
 * source: llvm-c/Disassembler.h, whose functions are stable since LLVM 3
 */
#include "cli/decoder.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_OTHER_SYNTAX = 4 /* x86: Intel's */
};

typedef const char *symbol_fn(void *self, uint64_t value, uint64_t *type, uint64_t pc,
                              const char **name);
typedef void *create_fn(const char *triple, const char *cpu, const char *features, void *self,
                        int tag, void *op_info, symbol_fn *symbol);
typedef int options_fn(void *context, uint64_t options);
typedef size_t instruction_fn(void *context, uint8_t *bytes, uint64_t n_bytes, uint64_t pc,
                              char *text, size_t size);
typedef void dispose_fn(void *context);
typedef void initialize_fn(void);

struct decoder {
    void *library, *context;
    instruction_fn *instruction;
    dispose_fn *dispose;
    const char *(*name)(void *self, uint64_t addr);
    void *self;
    bool relative; /* branches are printed as distances, of which LLVM asks no names */
};

/* What a triple begins with, and LLVM's name of that target. */
static const struct family {
    const char *prefix, *llvm;
    bool other_syntax, relative;
} families[] = {
    {"x86_64-", "X86", true, false},
    {"aarch64-", "AArch64", false, false},
    {"riscv64-", "RISCV", false, true},
    {"s390x-", "SystemZ", false, false},
};

static const struct family *family_of(const char *triple) {
    for (unsigned i = 0; i < sizeof families / sizeof families[0]; i++)
        if (!strncmp(triple, families[i].prefix, strlen(families[i].prefix)))
            return &families[i];
    return NULL;
}

/* A function of the library, through a pointer of any function type. */
static bool find(void *library, const char *name, void *fn) {
    void *const p = dlsym(library, name);
    memcpy(fn, &p, sizeof p);
    return p;
}

static bool initialize(void *library, const char *llvm) {
    static const char *const parts[] = {"TargetInfo", "TargetMC", "Disassembler"};
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char name[64];
        initialize_fn *fn;
        snprintf(name, sizeof name, "LLVMInitialize%s%s", llvm, parts[i]);
        if (!find(library, name, &fn))
            return false;
        fn();
    }
    return true;
}

/* LLVM asks what a number may stand for. */
static const char *symbol(void *self, uint64_t value, uint64_t *type, uint64_t pc,
                          const char **name) {
    struct decoder *const d = self;
    (void)pc;
    *type = 0;
    *name = NULL;
    return d->name ? d->name(d->self, value) : NULL;
}

struct decoder *decoder_open(const struct jit_arch *target,
                             const char *(*name)(void *self, uint64_t addr), void *self,
                             const char **why) {
    const struct family *const f = family_of(jit_target_triple(target));
    create_fn *create;
    options_fn *options;
    *why = "LLVM does not know this target";
    if (!f)
        return NULL;
    *why = "LLVM's library (package libllvm19) is not installed";
    void *const library = dlopen("libLLVM.so.19.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library)
        return NULL;
    *why = "LLVM's library cannot take this target's code apart";
    struct decoder *d = calloc(1, sizeof *d);
    if (d && find(library, "LLVMCreateDisasmCPUFeatures", &create) &&
        find(library, "LLVMSetDisasmOptions", &options) &&
        find(library, "LLVMDisasmInstruction", &d->instruction) &&
        find(library, "LLVMDisasmDispose", &d->dispose) && initialize(library, f->llvm)) {
        d->library = library;
        d->name = name;
        d->self = self;
        d->relative = f->relative;
        d->context =
            create(jit_target_triple(target), "", jit_target_mattr(target), d, 0, NULL, symbol);
        if (d->context && f->other_syntax)
            options(d->context, OPTION_OTHER_SYNTAX);
    }
    if (d && d->context)
        return d;
    free(d);
    dlclose(library);
    return NULL;
}

void decoder_close(struct decoder *d) {
    if (!d)
        return;
    d->dispose(d->context);
    dlclose(d->library);
    free(d);
}

/* "\tbeq\ta0, a1, 12": the name of the target, if the last operand of a branch is a distance. */
static void name_target(const struct decoder *d, uint64_t addr, char text[DECODER_TEXT_MAX]) {
    char *last = strrchr(text, ' ');
    char *end;
    if (!last || !strchr("bj", text[0]) || !d->name)
        return;
    const long long distance = strtoll(last + 1, &end, 10);
    if (end == last + 1 || *end)
        return;
    const char *const name = d->name(d->self, addr + (uint64_t)distance);
    if (name)
        snprintf(last + 1, DECODER_TEXT_MAX - (size_t)(last + 1 - text), "%s", name);
}

unsigned decoder_next(struct decoder *d, const uint8_t *bytes, size_t n_bytes, uint64_t addr,
                      char text[DECODER_TEXT_MAX]) {
    enum {
        LONGEST = 16
    };
    uint8_t copy[LONGEST]; /* LLVM's parameter is not const */
    char line[DECODER_TEXT_MAX];
    const size_t n = n_bytes < LONGEST ? n_bytes : LONGEST;
    memcpy(copy, bytes, n);
    const size_t used = d->instruction(d->context, copy, n, addr, line, sizeof line);
    if (!used)
        return 0;
    const char *p = line;
    size_t at = 0;
    for (p += strspn(p, " \t"); *p; p++)
        if (*p != '\t')
            text[at++] = *p;
        else
            text[at++] = ' ';
    text[at] = 0;
    if (d->relative)
        name_target(d, addr, text);
    return (unsigned)used;
}
