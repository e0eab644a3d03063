/* provider_bitcode.c: theorems found in bitcode become units, their checks obligations.
 *
 * The modules are loaded when the units are listed; workers, forked afterwards, execute what is in
 * their memory already.
 */
#include "proofs/provider_bitcode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/bitcode_embed.h"
#include "proofs/cases.h"
#include "proofs/exec.h"
#include "proofs/reach.h"

enum {
    LEVELS = 2,
    WORD_WIDTH = 64, /* of the words that theorems are about */
};

static const char *const level_names[LEVELS] = {"O0", "O2"};

/* struct named: a theorem or planted defect in a module. */
struct named {
    LLVMValueRef func;
    struct bitcode *bits;
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

/* ---- what a theorem says of itself: calls of hint and uses with literals ---- */

static bool literal_of(LLVMValueRef call, char *out, size_t n) {
    const LLVMValueRef g = LLVMGetOperand(call, 0);
    const LLVMValueRef c = LLVMIsAGlobalVariable(g) ? LLVMGetInitializer(g) : NULL;
    size_t length;
    if (!c || !LLVMIsConstantString(c))
        return false;
    const char *const text = LLVMGetAsString(c, &length);
    snprintf(out, n, "%.*s", (int)length, text);
    return true;
}

typedef void said_fn(void *self, const char *primitive, const char *text);

static void said(LLVMValueRef f, said_fn *fn, void *self) {
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
        for (LLVMValueRef v = LLVMGetFirstInstruction(b); v; v = LLVMGetNextInstruction(v)) {
            if (!LLVMIsACallInst(v))
                continue;
            const char *const name = LLVMGetValueName(LLVMGetCalledValue(v));
            char text[100];
            if ((strcmp(name, "hint") == 0 || strcmp(name, "uses") == 0) &&
                literal_of(v, text, sizeof text))
                fn(self, name, text);
        }
}

enum {
    MAX_USES = 64 /* further ones are hashed as if they were not used: no less sound */
};
struct sayings {
    struct bitcode *bits;
    LLVMValueRef used[MAX_USES]; /* functions that a contract stands for: their text is no matter */
    size_t n_used;
    LLVMValueRef contracts[MAX_USES];
    size_t n_contracts;
    unsigned hints;
};

static void note(void *self, const char *primitive, const char *text) {
    struct sayings *const s = self;
    if (strcmp(primitive, "uses") == 0) {
        char contract[120];
        snprintf(contract, sizeof contract, "contract__%s", text);
        const LLVMValueRef f = bitcode_find(s->bits, text);
        const LLVMValueRef c = bitcode_find(s->bits, contract);
        if (f && c && s->n_used < MAX_USES)
            s->used[s->n_used++] = f;
        if (c && s->n_contracts < MAX_USES)
            s->contracts[s->n_contracts++] = c;
    } else if (strcmp(text, "source-only") == 0) {
        s->hints |= EXEC_HINT_SOURCE_ONLY;
    } else if (strcmp(text, "nightly") == 0) {
        s->hints |= EXEC_HINT_NIGHTLY;
    }
}

/* ---- contracts ----
 * What a contract says is assumed where it is used, so it must have a theorem, contract/NAME, that
 * does not use it: not itself, nor through what the contracts that it uses were proved with. */

enum {
    MAX_CONTRACTS = 256 /* on the way from one contract to those that its theorem uses */
};

struct proof_of {
    struct bitcode *bits;
    const char *sought; /* the contract that must not be used; NULL: none yet */
    char seen[MAX_CONTRACTS][100];
    unsigned n_seen;
    char why[160]; /* "": well-founded */
};

static LLVMValueRef theorem_of(struct bitcode *b, const char *family, const char *name);

static void found_use(void *self, const char *primitive, const char *text) {
    struct proof_of *const p = self;
    if (strcmp(primitive, "uses") != 0)
        return;
    const LLVMValueRef theorem = theorem_of(p->bits, "contract", text);
    if (!theorem)
        snprintf(p->why, sizeof p->why, "no theorem contract/%.80s proves what is used", text);
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
    said(theorem, found_use, p);
}

/* unfounded: why a theorem's contracts cannot be believed. out: false: they can */
static bool unfounded(struct bitcode *b, const char *theorem, char why[160]) {
    static const char stem[] = "theorem__contract__";
    struct proof_of *const p = calloc(1, sizeof *p);
    if (!p) {
        snprintf(why, 160, "no memory");
        return true;
    }
    p->bits = b;
    if (strncmp(theorem, stem, strlen(stem)) == 0)
        p->sought = theorem + strlen(stem);
    said(bitcode_find(b, theorem), found_use, p);
    snprintf(why, 160, "%s", p->why);
    free(p);
    return why[0] != 0;
}

/* hash: of a theorem, and of what it uses. */
static uint64_t hash(const struct sayings *s, LLVMValueRef theorem) {
    uint64_t h = bitcode_hash(s->bits, theorem, s->used, s->n_used);
    for (size_t i = 0; i < s->n_contracts; i++)
        h = h * 31 + bitcode_hash(s->bits, s->contracts[i], s->used, s->n_used);
    return h;
}

/* ---- listing ---- */

struct listing {
    struct unit *units;
    size_t n, cap;
    bool failed;
    char misnamed[160]; /* a name with more or fewer parts than it must have; "": none */
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

/* theorem_of: the theorem that a planted defect belongs to. */
static LLVMValueRef theorem_of(struct bitcode *b, const char *family, const char *name) {
    char text[200];
    snprintf(text, sizeof text, "theorem__%s__%s", family, name);
    return bitcode_find(b, text);
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

static void add(struct listing *l, struct bitcode *b, unsigned level, LLVMValueRef f) {
    char text[200], *parts[3];
    const char *const name = LLVMGetValueName(f);
    const bool plant = strncmp(name, "plant__", 7) == 0;
    if ((!plant && strncmp(name, "theorem__", 9) != 0) || LLVMCountBasicBlocks(f) == 0)
        return;
    snprintf(text, sizeof text, "%s", name + (plant ? 7 : 9));
    if (split(text, parts) != (plant ? 3 : 2)) {
        snprintf(l->misnamed, sizeof l->misnamed, "%.150s", name);
        return;
    }
    if (!grow(l))
        return;
    const LLVMValueRef theorem = plant ? theorem_of(b, parts[0], parts[1]) : f;
    struct sayings s = {.bits = b};
    if (theorem)
        said(theorem, note, &s);
    uint64_t h = theorem ? hash(&s, theorem) : 0;
    if (plant)
        h = h * 31 + bitcode_hash(b, f, NULL, 0);
    if (level > 0 && (plant || (s.hints & EXEC_HINT_SOURCE_ONLY)))
        return; /* optimised code may have inlined what a planted defect replaces */
    struct unit *const u = &l->units[l->n];
    *u = (struct unit){.hash = h,
                       .nightly = (s.hints & EXEC_HINT_NIGHTLY) != 0,
                       .provider = &provider_bitcode,
                       .index = (uint32_t)l->n};
    found[l->n] = (struct named){.func = theorem, .bits = b, .plant = plant};
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
                add(&l, b, level, f);
        }
    }
    *units = l.units;
    *n = n_found = l.n;
    if (l.misnamed[0])
        snprintf(err, 160, "not FAMILY__NAME: %.120s", l.misnamed);
    else if (l.failed || l.n == 0)
        snprintf(err, 160, "%s", l.failed ? "no memory" : "no theorem in the bitcode");
    return !l.failed && l.n > 0 && !l.misnamed[0];
}

/* ---- running ---- */

/* struct proving: one unit being proved. */
struct proving {
    const struct prove_options *opt;
    const struct unit *u;
    struct terms *t;
    struct exec_run run;
    prove_emit *emit;
    void *self;
};

static void write_values(const struct proving *p, const struct smt_answer *a, char *out, size_t n) {
    size_t used = 0;
    out[0] = 0;
    for (uint32_t i = 0; i < p->run.n_vars; i++)
        for (size_t k = 0; k < a->n_model && used < n; k++)
            if (strcmp(a->model[k].name, p->run.vars[i]->u.name) == 0)
                used += (size_t)snprintf(out + used, n - used, "%s%s=0x%llx", used ? " " : "",
                                         a->model[k].name, (unsigned long long)a->model[k].k[0]);
}

/* report: an answer as an obligation. why: text for an error, or before values; may be NULL */
static void report(const struct proving *p, const char *what, const struct smt_answer *a,
                   const char *why) {
    struct obligation o = {.width = WORD_WIDTH, .result = a->result, .seconds = a->seconds};
    snprintf(o.name, sizeof o.name, "%s: %.70s", p->u->name, what);
    if (a->result == SMT_ERROR)
        snprintf(o.counterexample, sizeof o.counterexample, "%s",
                 a->error[0] ? a->error
                 : why       ? why
                             : "the solver gave no reason");
    if (a->result == SMT_REFUTED) {
        const int used = why ? snprintf(o.counterexample, sizeof o.counterexample, "%s ", why) : 0;
        write_values(p, a, o.counterexample + used, sizeof o.counterexample - (size_t)used);
    }
    p->emit(p->self, &o);
}

static void report_error(const struct proving *p, const char *what, const char *why) {
    struct smt_answer a = {.result = SMT_ERROR};
    snprintf(a.error, sizeof a.error, "%.150s", why);
    report(p, what, &a, NULL);
}

static enum products_use products_use(unsigned hints) {
    return hints & EXEC_HINT_NAMED      ? PRODUCTS_NAMED
           : hints & EXEC_HINT_PRODUCTS ? PRODUCTS_KNOWN
                                        : PRODUCTS_EXACT;
}

static struct smt_query query(const struct proving *p, const char *name, uint32_t n_assumed) {
    return (struct smt_query){.name = name,
                              .assumed = p->run.assumed,
                              .n_assumed = n_assumed,
                              .timeout_ms = p->opt->timeout_ms,
                              .products = products_use(p->run.hints),
                              .dump = p->opt->dump,
                              .alive = p->opt->alive,
                              .alive_self = p->opt->alive_self};
}

/* prove_check: one check, given that control gets there. use: of products */
static void prove_check(const struct proving *p, const struct exec_check *c, const char *what,
                        enum products_use use, struct smt_answer *a) {
    char name[200];
    snprintf(name, sizeof name, "%s: %s", p->u->name, what);
    struct smt_query q = query(p, name, c->n_assumed);
    q.goal = term_implies(p->t, c->reached, c->holds);
    q.products = use;
    if (p->run.hints & EXEC_HINT_WHOLE)
        smt_prove(p->t, &q, a);
    else
        cases_prove(p->t, &q, a);
}

/* undefined: is there undefined behaviour among those of one count of assumptions?
 * out: as smt_prove; *which: the first that happens under the values */
static void undefined(const struct proving *p, uint32_t first, uint32_t n, struct smt_answer *a,
                      const char **which) {
    char name[200];
    term *any = term_bool(p->t, false);
    for (uint32_t i = first; i < first + n; i++)
        any = term_or(p->t, any, p->run.ubs[i].when);
    snprintf(name, sizeof name, "%s: defined %u", p->u->name, first);
    struct smt_query q = query(p, name, p->run.ubs[first].n_assumed);
    q.goal = term_not(p->t, any);
    cases_prove(p->t, &q, a);
    for (uint32_t i = first; a->result == SMT_REFUTED && i < first + n; i++) {
        const struct assignment values = {a->model, a->n_model};
        uint64_t k[TERM_LIMBS];
        term_eval(p->t, p->run.ubs[i].when, &values, k);
        if (k[0] & 1) {
            *which = p->run.ubs[i].what;
            return;
        }
    }
}

static void prove_defined(const struct proving *p, struct smt_answer *total, const char **which) {
    *total = (struct smt_answer){.result = SMT_PROVED};
    for (uint32_t i = 0, n; i < p->run.n_ubs && total->result == SMT_PROVED; i += n) {
        for (n = 1; i + n < p->run.n_ubs && p->run.ubs[i + n].n_assumed == p->run.ubs[i].n_assumed;)
            n++;
        const double before = total->seconds;
        undefined(p, i, n, total, which);
        total->seconds += before;
        if (total->result == SMT_PROVED)
            smt_answer_fini(total);
    }
}

/* is_shown: do these values satisfy what is assumed at a check, and get there? */
static bool is_shown(const struct proving *p, const struct exec_check *c,
                     const struct smt_answer *a) {
    return reach_shows(p->t, p->run.assumed, c->n_assumed, c->reached, a);
}

static bool is_shown_by_one(const struct proving *p, const struct exec_check *c,
                            const struct smt_answer *a, size_t n) {
    for (size_t i = n; i-- > 0;)
        if (is_shown(p, c, &a[i]))
            return true;
    return false;
}

/* can_reach: asks for values that get to a check. */
static void can_reach(const struct proving *p, uint32_t i, struct smt_answer *out) {
    const struct exec_check *const c = &p->run.checks[i];
    char name[200];
    snprintf(name, sizeof name, "%s: reached %u", p->u->name, i);
    const struct smt_query q = query(p, name, c->n_assumed);
    reach(p->t, &q, c->reached, out);
}

/* is_requirement: of a contract, at a call (REQUIRES, contract.h). One that a theorem never gets
 * to, as of another width, is no fault where a model gets to one like it; a check of the theorem's
 * own has to be reached itself. */
static bool is_requirement(const struct exec_check *c) {
    static const char required[] = "required: ";
    return strncmp(c->what, required, sizeof required - 1) == 0;
}

static bool reached_elsewhere(const struct proving *p, uint32_t i, const struct smt_answer *shown,
                              size_t n) {
    const char *const what = p->run.checks[i].what;
    for (uint32_t k = 0; k < p->run.n_checks; k++)
        if (k != i && strcmp(p->run.checks[k].what, what) == 0 &&
            is_shown_by_one(p, &p->run.checks[k], shown, n))
            return true;
    return false;
}

/* prove_reached: what is assumed can hold, at each check. The last ones first: what gets there has
 * come by others. */
static void prove_reached(const struct proving *p, struct smt_answer *total, const char **which) {
    *total = (struct smt_answer){.result = SMT_PROVED};
    struct smt_answer *const shown = calloc(p->run.n_checks, sizeof *shown);
    bool *const dead = calloc(p->run.n_checks, sizeof *dead);
    size_t n = 0;
    if (!shown || !dead)
        *total = (struct smt_answer){.result = SMT_ERROR, .error = "no memory"};
    for (uint32_t i = p->run.n_checks; i-- > 0 && total->result == SMT_PROVED;) {
        if (is_shown_by_one(p, &p->run.checks[i], shown, n))
            continue;
        *which = p->run.checks[i].what;
        const double seconds = total->seconds;
        smt_answer_fini(total);
        prove_alive(p->opt);
        can_reach(p, i, total);
        total->seconds += seconds;
        if (total->result == SMT_PROVED) {
            shown[n] = *total;
            shown[n++].seconds = 0;
            total->model = NULL;
            total->n_model = 0;
        } else if (total->result == SMT_REFUTED && is_requirement(&p->run.checks[i])) {
            dead[i] = true;
            total->result = SMT_PROVED;
        }
    }
    for (uint32_t i = 0; i < p->run.n_checks && total->result == SMT_PROVED; i++)
        if (dead[i] && !reached_elsewhere(p, i, shown, n)) {
            *which = p->run.checks[i].what;
            total->result = SMT_REFUTED;
        }
    free(dead);
    for (size_t i = 0; i < n; i++)
        smt_answer_fini(&shown[i]);
    free(shown);
}

static void run_theorem(struct proving *p) {
    struct smt_answer a;
    const char *which = NULL;
    for (uint32_t i = 0; i < p->run.n_checks; i++) {
        const struct exec_check *const c = &p->run.checks[i];
        char what[140];
        unsigned same = 1;
        for (uint32_t k = 0; k < i; k++)
            same += strcmp(p->run.checks[k].what, c->what) == 0;
        snprintf(what, sizeof what, same > 1 ? "%.100s #%u" : "%.100s", c->what, same);
        prove_check(p, c, what, products_use(p->run.hints), &a);
        report(p, what, &a, a.abstract || p->run.n_defs > 0 ? "(of the abstraction alone)" : NULL);
        smt_answer_fini(&a);
    }
    prove_defined(p, &a, &which);
    report(p, "defined", &a, which);
    smt_answer_fini(&a);
    prove_reached(p, &a, &which);
    if (a.result == SMT_REFUTED) {
        a.result = SMT_ERROR;
        snprintf(a.error, sizeof a.error, "what is assumed cannot be: %.100s", which);
    }
    report(p, "reached", &a, NULL);
    smt_answer_fini(&a);
}

/* with_definitions: what is hidden of opaque values is assumed first. out: false: no memory */
static bool with_definitions(struct proving *p) {
    struct exec_run *const r = &p->run;
    term **const all = malloc((r->n_defs + r->n_assumed + 1) * sizeof *all);
    if (!all)
        return false;
    for (uint32_t i = 0; i < r->n_defs; i++)
        all[i] = r->defs[i];
    for (uint32_t i = 0; i < r->n_assumed; i++)
        all[r->n_defs + i] = r->assumed[i];
    free((void *)r->assumed);
    r->assumed = all;
    r->n_assumed += r->n_defs;
    for (uint32_t i = 0; i < r->n_checks; i++)
        r->checks[i].n_assumed += r->n_defs;
    for (uint32_t i = 0; i < r->n_ubs; i++)
        r->ubs[i].n_assumed += r->n_defs;
    return true;
}

/* refute_check: what only names of products refute is asked of products. */
static void refute_check(const struct proving *p, const struct exec_check *c,
                         struct smt_answer *a) {
    prove_check(p, c, "refuted", products_use(p->run.hints), a);
    if (a->result != SMT_REFUTED || !a->abstract)
        return;
    const double seconds = a->seconds;
    smt_answer_fini(a);
    prove_check(p, c, "refuted", PRODUCTS_EXACT, a);
    a->seconds += seconds;
}

/* run_plant: some check (or definedness) must be refuted. The obligation is proved then. */
static void run_plant(struct proving *p) {
    struct smt_answer a;
    const char *why = NULL;
    double seconds = 0;
    bool undecided = !with_definitions(p);
    for (uint32_t i = 0; i <= p->run.n_checks; i++) {
        if (i < p->run.n_checks)
            refute_check(p, &p->run.checks[i], &a);
        else
            prove_defined(p, &a, &why);
        seconds += a.seconds;
        if (a.result == SMT_REFUTED && !a.abstract) {
            a.result = SMT_PROVED;
            a.seconds = seconds;
            report(p, "refuted", &a, NULL);
            smt_answer_fini(&a);
            return;
        }
        undecided |= a.result != SMT_PROVED;
        smt_answer_fini(&a);
    }
    a = (struct smt_answer){.result = undecided ? SMT_TIMEOUT : SMT_REFUTED, .seconds = seconds};
    report(p, "refuted", &a, "the theorem holds although the function is wrong:");
}

static void run(const struct prove_options *opt, const struct unit *u, prove_emit *emit,
                void *self) {
    const struct named *const n = &found[u->index];
    struct bitcode *const b = n->bits;
    struct proving p = {.opt = opt, .u = u, .emit = emit, .self = self, .t = terms_new()};
    char theorem[240], text[200], *parts[3];
    struct exec_redirect planted = {0};
    if (!p.t)
        return;
    snprintf(theorem, sizeof theorem, "%s", LLVMGetValueName(n->func));
    if (n->plant) {
        snprintf(text, sizeof text, "%.190s", theorem + strlen("plant__"));
        if (split(text, parts) == 3)
            snprintf(theorem, sizeof theorem, "theorem__%.60s__%.100s", parts[0], parts[1]);
        planted.from = LLVMGetNamedFunction(bitcode_module(b), n->function);
        planted.to = n->func;
    }
    if (n->plant && !planted.from) {
        report_error(&p, "refuted", "what it replaces is not there");
    } else {
        const struct exec_options eo = {&planted, n->plant ? 1 : 0};
        char why[160] = "";
        exec_theorem(b, p.t, theorem, &eo, &p.run);
        if (!p.run.error[0] && unfounded(b, theorem, why))
            report_error(&p, n->plant ? "refuted" : "understood", why);
        else if (p.run.error[0])
            report_error(&p, n->plant ? "refuted" : "understood", p.run.error);
        else if (p.run.n_checks == 0)
            report_error(&p, n->plant ? "refuted" : "understood", "nothing is checked");
        else if (n->plant)
            run_plant(&p);
        else
            run_theorem(&p);
        exec_fini(&p.run);
    }
    terms_free(p.t);
}

const struct provider provider_bitcode = {.name = "bitcode", .list = list, .run = run};
