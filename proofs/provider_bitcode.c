/* provider_bitcode.c: theorems found in bitcode become units.
 *
 * The modules are loaded when the units are listed; workers, forked afterwards, execute what is in
 * their memory already.
 */
#include "proofs/provider_bitcode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/bitcode_embed.h"
#include "proofs/prove_theorem.h"
#include "proofs/sayings.h"
#include "proofs/smt_memo.h"
#include "proofs/sources.h" /* made by the build */

enum {
    LEVELS = 2
};

static const char *const level_names[LEVELS] = {"O0", "O2"};

/* struct named: a theorem or planted defect in a module. */
struct named {
    LLVMValueRef func;
    struct bitcode *bits, *source; /* source: the same module at -O0 */
    bool plant;
    char function[100]; /* PLANT: what is replaced */
};

/* What was listed; one list at a time, made before workers are forked. */
static struct bitcode *modules[BITCODE_MODULES][LEVELS]; /* NULL: not to be proved */
static struct named *found;
static size_t n_found;

static bool read_file(const char *path, char **bytes, size_t *n) {
    FILE *const f = fopen(path, "rb");
    if (!f)
        return false;
    *n = 0;
    *bytes = NULL;
    for (size_t cap = 1 << 20;; cap *= 2) {
        char *const bigger = realloc(*bytes, cap);
        if (!bigger)
            break;
        *bytes = bigger;
        *n += fread(*bytes + *n, 1, cap - *n, f);
        if (*n < cap)
            break;
    }
    const bool ok = *bytes && !ferror(f);
    fclose(f);
    return ok;
}

/* load_file: a file in the place of all that is built in at a level. */
static bool load_file(const char *path, unsigned level, char err[160]) {
    char *bytes = NULL;
    size_t n;
    if (read_file(path, &bytes, &n))
        modules[0][level] = bitcode_load(bytes, n, err);
    else
        snprintf(err, 160, "cannot read %.120s", path);
    free(bytes);
    return modules[0][level] != NULL;
}

static bool load(const struct prove_options *opt, unsigned level, char err[160]) {
    for (unsigned m = 0; m < BITCODE_MODULES; m++) {
        bitcode_free(modules[m][level]);
        modules[m][level] = NULL;
    }
    if (opt->bitcode[level])
        return load_file(opt->bitcode[level], level, err);
    for (unsigned m = 0; m < BITCODE_MODULES; m++) {
        const struct embedded e = bitcode_embedded(m, level);
        modules[m][level] = bitcode_load(e.bytes, e.n_bytes, err);
        if (!modules[m][level])
            return false;
    }
    return true;
}

/* ---- listing ---- */

struct listing {
    struct unit *units;
    size_t n, cap;
    bool failed;
    char wrong[160]; /* what is wrong with a theorem; "": nothing */
};

static bool grow(struct listing *l) {
    if (l->n < l->cap)
        return true;
    const size_t cap = l->cap ? 2 * l->cap : 128;
    struct unit *const units = realloc(l->units, cap * sizeof *units);
    if (units)
        l->units = units;
    struct named *const names = realloc(found, cap * sizeof *names);
    if (names)
        found = names;
    l->failed = !units || !names;
    l->cap = l->failed ? l->cap : cap;
    return !l->failed;
}

/* split: FAMILY__NAME or FAMILY__NAME__FUNCTION, in place. out: parts found */
static unsigned split(char *text, char *parts[3]) {
    unsigned n = 0;
    parts[n++] = text;
    for (char *at = strstr(text, "__"); at && n < 3; at = strstr(parts[n - 1], "__")) {
        *at = 0;
        parts[n++] = at + 2;
    }
    return n;
}

static void add(struct listing *l, unsigned module, unsigned level, LLVMValueRef f) {
    struct bitcode *const b = modules[module][level];
    char text[200], *parts[3];
    const char *const name = LLVMGetValueName(f);
    const bool plant = strncmp(name, "plant__", 7) == 0;
    if ((!plant && strncmp(name, "theorem__", 9) != 0) || LLVMCountBasicBlocks(f) == 0)
        return;
    snprintf(text, sizeof text, "%s", name + (plant ? 7 : 9));
    if (split(text, parts) != (plant ? 3 : 2)) {
        snprintf(l->wrong, sizeof l->wrong, "not FAMILY__NAME: %.120s", name);
        return;
    }
    if (!grow(l))
        return;
    const LLVMValueRef theorem = plant ? sayings_theorem(b, parts[0], parts[1]) : f;
    const struct sayings s = sayings_of(b, theorem);
    if (s.too_many) {
        snprintf(l->wrong, sizeof l->wrong, "uses too many contracts: %.120s", name);
        return;
    }
    uint64_t h = 0, planted = 0;
    if ((theorem && !sayings_hash(&s, theorem, &h)) ||
        (plant && !bitcode_hash(b, f, NULL, 0, &planted))) {
        l->failed = true;
        return;
    }
    if (plant)
        h = h * 31 + planted;
    if (level > 0 && (plant || (s.hints & EXEC_HINT_SOURCE_ONLY)))
        return; /* optimised code may have inlined what a planted defect replaces */
    struct unit *const u = &l->units[l->n];
    *u = (struct unit){.hash = h * 31 + PROVER_SOURCES,
                       .nightly = (s.hints & EXEC_HINT_NIGHTLY) != 0,
                       .provider = &provider_bitcode,
                       .index = (uint32_t)l->n};
    found[l->n] =
        (struct named){.func = theorem, .bits = b, .source = modules[module][0], .plant = plant};
    snprintf(u->family, sizeof u->family, "%.31s", plant ? "plant" : parts[0]);
    if (plant) {
        snprintf(u->name, sizeof u->name, "plant/%.30s/%.40s/%.40s", parts[0], parts[1], parts[2]);
        snprintf(found[l->n].function, sizeof found[l->n].function, "%.99s", parts[2]);
        found[l->n].func = f;
    } else {
        snprintf(u->name, sizeof u->name, "%.30s/%.80s@%s", parts[0], parts[1], level_names[level]);
    }
    l->n++;
}

static bool list(const struct prove_options *opt, struct unit **units, size_t *n, char err[160]) {
    struct listing l = {0};
    for (unsigned level = 0; level < LEVELS; level++) {
        if (opt->bitcode[0] && !opt->bitcode[level])
            continue; /* what is built in at that level is of other sources */
        if (!load(opt, level, err))
            return false;
        for (unsigned m = 0; m < BITCODE_MODULES; m++) {
            struct bitcode *const b = modules[m][level];
            const LLVMModuleRef module = b ? bitcode_module(b) : NULL;
            for (LLVMValueRef f = module ? LLVMGetFirstFunction(module) : NULL; f;
                 f = LLVMGetNextFunction(f))
                add(&l, m, level, f);
        }
    }
    *units = l.units;
    *n = n_found = l.n;
    if (l.wrong[0])
        snprintf(err, 160, "%s", l.wrong);
    else if (l.failed || l.n == 0)
        snprintf(err, 160, "%s", l.failed ? "no memory" : "no theorem in the bitcode");
    return !l.failed && l.n > 0 && !l.wrong[0];
}

/* ---- running ---- */

static void run(const struct prove_options *opt, const struct unit *u, prove_emit *emit,
                void *self) {
    const struct named *const n = &found[u->index];
    struct bitcode *const b = n->bits;
    struct proving p = {.opt = opt, .u = u, .emit = emit, .self = self, .t = terms_new()};
    char theorem[240], text[200], *parts[3];
    struct exec_redirect planted = {0};
    if (!p.t)
        return;
    p.memo = smt_memo_new(p.t);
    snprintf(theorem, sizeof theorem, "%s", LLVMGetValueName(n->func));
    if (n->plant) {
        snprintf(text, sizeof text, "%.190s", theorem + strlen("plant__"));
        if (split(text, parts) == 3)
            snprintf(theorem, sizeof theorem, "theorem__%.60s__%.100s", parts[0], parts[1]);
        planted.from = LLVMGetNamedFunction(bitcode_module(b), n->function);
        planted.to = n->func;
    }
    if (n->plant && !planted.from) {
        prove_error(&p, "refuted", "what it replaces is not there");
    } else {
        const struct exec_options eo = {&planted, n->plant ? 1 : 0};
        char why[160] = "";
        exec_theorem(b, p.t, theorem, &eo, &p.run);
        if (!p.run.error[0] && sayings_unfounded(b, n->source, theorem, why))
            prove_error(&p, n->plant ? "refuted" : "understood", why);
        else if (p.run.error[0])
            prove_error(&p, n->plant ? "refuted" : "understood", p.run.error);
        else if (p.run.n_checks == 0)
            prove_error(&p, n->plant ? "refuted" : "understood", "nothing is checked");
        else if (n->plant)
            prove_plant(&p);
        else
            prove_theorem(&p);
        exec_fini(&p.run);
    }
    smt_memo_free(p.memo);
    terms_free(p.t);
}

const struct provider provider_bitcode = {.name = "bitcode", .list = list, .run = run};
