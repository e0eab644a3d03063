/* ir_text.c: hashing a module's text. */
#include "proofs/ir_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/fnv.h"

/* struct span: of text, not ended by a 0. */
struct span {
    const char *at;
    size_t n;
};

/* struct definition: what a name stands for: "%struct.scalar", "!5", "#2", "@.str.7". */
struct definition {
    struct span name, is;
    bool open; /* it is being hashed: what refers to itself ends here */
};

struct known {
    LLVMValueRef of;
    struct text_hash hash;
};

/* Tables of open addressing; caps are powers of two, more than twice what is in them. */
struct texts {
    LLVMModuleRef module;
    struct definition *names;
    struct known *globals;
    size_t cap_names, cap_globals;
};

static uint64_t fnv_span(uint64_t h, struct span s) {
    for (size_t i = 0; i < s.n; i++)
        h = fnv_byte(h, s.at[i]);
    return h;
}

static bool same(struct span a, struct span b) {
    return a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
}

/* ---- names ---- */

/* name_at: %name, @name, !5, #2 and what they look like; quoted or not. out: n 0: none */
static struct span name_at(const char *p, const char *end) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-$._";
    const char *q = p + 1;
    if (!strchr("%@!#", *p) || q == end)
        return (struct span){p, 0};
    if (*q == '"') {
        const char *const close = memchr(q + 1, '"', (size_t)(end - q - 1));
        return (struct span){p, close ? (size_t)(close + 1 - p) : 0};
    }
    while (q < end && *q && strchr(letters, *q))
        q++;
    return (struct span){p, q == p + 1 ? 0 : (size_t)(q - p)};
}

static struct definition *definition_place(const struct texts *t, struct span name) {
    size_t i = fnv_span(FNV_BASIS, name) & (t->cap_names - 1);
    while (t->names[i].name.at && !same(t->names[i].name, name))
        i = (i + 1) & (t->cap_names - 1);
    return &t->names[i];
}

/* define: what a line defines, if it is one of what functions name. */
static void define(struct texts *t, const char *line, const char *end) {
    static const char attributes[] = "attributes ", literal[] = "@.str";
    const char *const from =
        strncmp(line, attributes, strlen(attributes)) == 0 ? line + strlen(attributes) : line;
    const struct span name = name_at(from, end);
    const char *const is = name.at + name.n;
    if (name.n == 0 || end - is < 3 || memcmp(is, " = ", 3) != 0 ||
        (*from == '@' && strncmp(from, literal, strlen(literal)) != 0))
        return;
    *definition_place(t, name) =
        (struct definition){.name = name, .is = {is + 3, (size_t)(end - is - 3)}};
}

/* ---- hashing ---- */

/* mix: a text with what its names stand for in their place. */
static uint64_t mix(const struct texts *t, uint64_t h, struct span s) {
    const char *const end = s.at + s.n;
    for (const char *p = s.at; p < end;) {
        if (*p == '"') { /* contents: no names */
            const char *const close = memchr(p + 1, '"', (size_t)(end - p - 1));
            const struct span text = {p, close ? (size_t)(close + 1 - p) : (size_t)(end - p)};
            h = fnv_span(h, text);
            p += text.n;
            continue;
        }
        const struct span name = name_at(p, end);
        struct definition *const d = name.n > 0 ? definition_place(t, name) : NULL;
        if (!d || !d->name.at) {
            const struct span plain = {p, name.n > 0 ? name.n : 1};
            h = fnv_span(h, plain);
            p += plain.n;
            continue;
        }
        h = fnv_byte(h, *p);
        if (!d->open) {
            d->open = true;
            h = mix(t, h, d->is);
            d->open = false;
        }
        p += name.n;
    }
    return h;
}

/* ---- globals ---- */

static struct known *known_place(const struct texts *t, LLVMValueRef v) {
    size_t i = ((uintptr_t)v >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (t->cap_globals - 1);
    while (t->globals[i].of && t->globals[i].of != v)
        i = (i + 1) & (t->cap_globals - 1);
    return &t->globals[i];
}

/* named: what a line of a module's text defines or declares; NULL: nothing. */
static LLVMValueRef named(const struct texts *t, const char *line, const char *end) {
    const bool function = strncmp(line, "define ", 7) == 0 || strncmp(line, "declare ", 8) == 0;
    const char *const at =
        function || line[0] == '@' ? memchr(line, '@', (size_t)(end - line)) : NULL;
    const struct span name = at ? name_at(at, end) : (struct span){line, 0};
    char text[256];
    if (name.n == 0 || name.n >= sizeof text)
        return NULL;
    memcpy(text, name.at + 1, name.n - 1);
    text[name.n - 1] = 0;
    return function ? LLVMGetNamedFunction(t->module, text) : LLVMGetNamedGlobal(t->module, text);
}

typedef void line_fn(struct texts *t, const char *line, const char *head_end, const char *end);

/* lines: every line of a text, those of a function as one, whose head is the first. */
static void lines(struct texts *t, const char *text, line_fn *fn) {
    for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
        const char *const head_end = line + strcspn(line, "\n");
        const char *const last = strncmp(line, "define ", 7) == 0 ? strstr(line, "\n}\n") : NULL;
        end = last ? last + 2 : head_end;
        fn(t, line, head_end, end);
    }
}

static void note_definition(struct texts *t, const char *line, const char *head_end,
                            const char *end) {
    (void)head_end;
    define(t, line, end);
}

static void note_global(struct texts *t, const char *line, const char *head_end, const char *end) {
    const LLVMValueRef v = named(t, line, head_end);
    if (!v)
        return;
    const struct span head = {line, (size_t)(head_end - line)},
                      whole = {line, (size_t)(end - line)};
    *known_place(t, v) = (struct known){v, {mix(t, FNV_BASIS, whole), mix(t, FNV_BASIS, head)}};
}

/* note_other: globals that no line was found for, as those with odd names. */
static void note_other(struct texts *t, LLVMValueRef v) {
    if (known_place(t, v)->of)
        return;
    char *const text = LLVMPrintValueToString(v);
    const struct span whole = {text, strlen(text)};
    const uint64_t h = mix(t, FNV_BASIS, whole);
    *known_place(t, v) = (struct known){v, {h, h}};
    LLVMDisposeMessage(text);
}

/* count_definitions: no fewer than there are. */
static size_t count_definitions(const char *text) {
    size_t n = 1;
    for (const char *p = text; (p = strchr(p, '\n')); p++)
        n += p[1] != 0 && strchr("%@!a", p[1]) != NULL;
    return n;
}

static size_t power_above(size_t n) {
    size_t cap = 64;
    while (cap <= 2 * n)
        cap *= 2;
    return cap;
}

struct texts *texts_new(LLVMModuleRef m) {
    struct texts *const t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    char *const text = LLVMPrintModuleToString(m);
    size_t n = 0;
    for (LLVMValueRef f = LLVMGetFirstFunction(m); f; f = LLVMGetNextFunction(f))
        n++;
    for (LLVMValueRef g = LLVMGetFirstGlobal(m); g; g = LLVMGetNextGlobal(g))
        n++;
    for (LLVMValueRef a = LLVMGetFirstGlobalAlias(m); a; a = LLVMGetNextGlobalAlias(a))
        n++;
    t->module = m;
    t->cap_globals = power_above(n);
    t->cap_names = power_above(count_definitions(text));
    t->globals = calloc(t->cap_globals, sizeof *t->globals);
    t->names = calloc(t->cap_names, sizeof *t->names);
    const bool ok = t->globals && t->names;
    if (ok) {
        lines(t, text, note_definition);
        lines(t, text, note_global);
        for (LLVMValueRef f = LLVMGetFirstFunction(m); f; f = LLVMGetNextFunction(f))
            note_other(t, f);
        for (LLVMValueRef g = LLVMGetFirstGlobal(m); g; g = LLVMGetNextGlobal(g))
            note_other(t, g);
        for (LLVMValueRef a = LLVMGetFirstGlobalAlias(m); a; a = LLVMGetNextGlobalAlias(a))
            note_other(t, a);
    }
    LLVMDisposeMessage(text);
    free(t->names); /* of the text, which is gone */
    t->names = NULL;
    if (ok)
        return t;
    texts_free(t);
    return NULL;
}

void texts_free(struct texts *t) {
    if (!t)
        return;
    free(t->globals);
    free(t);
}

struct text_hash texts_of(const struct texts *t, LLVMValueRef v) {
    return known_place(t, v)->hash;
}
