/* options.c: the table-driven parser. It judges values by their kind, so that verbs see only good
 * ones.
 */
#include "cli/options.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/suggest.h"

const struct option_spec option_common[] = {
    {.name = "json",
     .kind = OPTION_FLAG,
     .help = "Print one JSON object on standard output, and nothing else there."},
    {.name = "help", .letter = 'h', .kind = OPTION_FLAG, .help = "Print this page."},
};
const size_t n_option_common = sizeof option_common / sizeof option_common[0];

const char *word_nth(const char *list, size_t index, size_t *n_chars) {
    for (const char *p = list; p && *p;) {
        size_t n = strcspn(p, " ");
        if (n && index-- == 0) {
            *n_chars = n;
            return p;
        }
        p += n + (p[n] == ' ');
    }
    return NULL;
}

bool word_in(const char *list, const char *word, size_t n_chars) {
    size_t n;
    const char *w;
    for (size_t i = 0; (w = word_nth(list, i, &n)); i++)
        if (n == n_chars && !memcmp(w, word, n))
            return true;
    return false;
}

bool number_parse(const char *s, uint64_t *out) {
    unsigned base = 10;
    uint64_t v = 0;
    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        base = 16;
        s += 2;
    }
    const char *start = s;
    for (;; s++) {
        unsigned digit = *s >= '0' && *s <= '9'   ? (unsigned)(*s - '0')
                         : *s >= 'a' && *s <= 'f' ? (unsigned)(*s - 'a' + 10)
                         : *s >= 'A' && *s <= 'F' ? (unsigned)(*s - 'A' + 10)
                                                  : 99;
        if (digit >= base)
            break;
        if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit, &v))
            return false;
    }
    if (s == start)
        return false;
    uint64_t unit = *s == 'k' ? 1000 : *s == 'M' ? 1000000 : *s == 'G' ? 1000000000 : 1;
    if (unit > 1)
        s++;
    if (*s || __builtin_mul_overflow(v, unit, &v))
        return false;
    *out = v;
    return true;
}

/* spec_at: the verb's own options, then the common ones; NULL past the end. */
static const struct option_spec *spec_at(const struct options *o, size_t i) {
    if (i < o->n_specs)
        return &o->specs[i];
    i -= o->n_specs;
    return i < n_option_common ? &option_common[i] : NULL;
}

static const struct option_spec *spec_named(const struct options *o, const char *name,
                                            size_t n_chars) {
    const struct option_spec *s;
    for (size_t i = 0; (s = spec_at(o, i)); i++)
        if (strlen(s->name) == n_chars && !memcmp(s->name, name, n_chars))
            return s;
    return NULL;
}

static const struct option_spec *spec_lettered(const struct options *o, char letter) {
    const struct option_spec *s;
    for (size_t i = 0; letter && (s = spec_at(o, i)); i++)
        if (s->letter == letter)
            return s;
    return NULL;
}

static void say_unknown(const struct options *o, const char *word, char *message) {
    char name[64];
    size_t dashes = strspn(word, "-");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + dashes, "="), word + dashes);
    struct suggestion s = suggest_for(name);
    const struct option_spec *spec;
    for (size_t i = 0; (spec = spec_at(o, i)); i++)
        suggest_offer(&s, spec->name);
    snprintf(message, OPTION_MESSAGE_MAX, "unknown option %.80s%s%s%s", word,
             s.nearest ? "; did you mean --" : "", s.nearest ? s.nearest : "",
             s.nearest ? "?" : "");
}

/* say_choices: which words would have been right, and the nearest. */
static bool say_choices(const struct option_spec *spec, const char *value, size_t n_chars,
                        char *message) {
    char word[64], near[64] = "";
    snprintf(word, sizeof word, "%.*s", (int)(n_chars < 63 ? n_chars : 63), value);
    struct suggestion s = suggest_for(word);
    size_t n;
    const char *w;
    for (size_t i = 0; (w = word_nth(spec->choices, i, &n)); i++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(n < 63 ? n : 63), w);
        s.nearest = NULL;
        suggest_offer(&s, name);
        if (s.nearest)
            memcpy(near, name, sizeof near);
    }
    if (near[0])
        snprintf(message, OPTION_MESSAGE_MAX, "--%s: unknown word \"%s\"; did you mean %s?",
                 spec->name, word, near);
    else
        snprintf(message, OPTION_MESSAGE_MAX, "--%s: unknown word \"%s\"; one of: %.150s",
                 spec->name, word, spec->choices);
    return false;
}

static bool check_list(const struct option_spec *spec, const char *value, char *message) {
    for (const char *p = value;; p++) {
        size_t n = strcspn(p, ",");
        if (!word_in(spec->choices, p, n))
            return say_choices(spec, p, n, message);
        p += n;
        if (!*p)
            return true;
    }
}

static bool check_value(struct option_given *g, char *message) {
    const struct option_spec *spec = g->spec;
    if (spec->kind == OPTION_CHOICE)
        return word_in(spec->choices, g->value, strlen(g->value)) ||
               say_choices(spec, g->value, strlen(g->value), message);
    if (spec->kind == OPTION_CHOICES)
        return check_list(spec, g->value, message);
    if (spec->kind != OPTION_NUMBER)
        return true;
    if (!number_parse(g->value, &g->number)) {
        snprintf(message, OPTION_MESSAGE_MAX, "--%s: \"%.60s\" is not a number", spec->name,
                 g->value);
        return false;
    }
    if (g->number < spec->min || (spec->max && g->number > spec->max)) {
        snprintf(message, OPTION_MESSAGE_MAX, "--%s: %.40s is not between %llu and %llu",
                 spec->name, g->value, (unsigned long long)spec->min,
                 (unsigned long long)(spec->max ? spec->max : UINT64_MAX));
        return false;
    }
    return true;
}

/* take_option: the option in word, whose value may be attached or the next word.
 * out:    words used; 0 on failure, with a sentence in message */
static int take_option(struct options *o, const char *word, const char *next, char *message) {
    bool is_long = word[1] == '-';
    const char *attached = is_long ? strchr(word, '=') : word[2] ? word + 2 : NULL;
    size_t n_name = is_long ? strcspn(word + 2, "=") : 1;
    const struct option_spec *spec =
        is_long ? spec_named(o, word + 2, n_name) : spec_lettered(o, word[1]);
    if (!spec) {
        say_unknown(o, word, message);
        return 0;
    }
    if (is_long && attached)
        attached++;
    struct option_given *g = &o->given[o->n_given];
    *g = (struct option_given){.spec = spec};
    int used = 1;
    if (spec->kind == OPTION_FLAG) {
        if (attached) {
            snprintf(message, OPTION_MESSAGE_MAX, "--%s takes no value", spec->name);
            return 0;
        }
    } else if (attached) {
        g->value = attached;
    } else if (next) {
        g->value = next;
        used = 2;
    } else {
        snprintf(message, OPTION_MESSAGE_MAX, "--%s needs a value: %s", spec->name, spec->metavar);
        return 0;
    }
    if (g->value && !check_value(g, message))
        return 0;
    o->n_given++;
    return used;
}

bool options_parse(const struct option_spec *specs, size_t n_specs, int argc, char *const *argv,
                   struct options *out, char message[OPTION_MESSAGE_MAX]) {
    struct options o = {.specs = specs, .n_specs = n_specs};
    size_t n = (size_t)(argc > 0 ? argc : 0);
    o.given = calloc(n + 1, sizeof *o.given);
    o.operands = calloc(n + 1, sizeof *o.operands);
    bool ok = o.given && o.operands;
    if (!ok)
        snprintf(message, OPTION_MESSAGE_MAX, "out of memory");
    bool ended = false;
    for (int i = 0; ok && i < argc;) {
        const char *word = argv[i];
        if (ended || word[0] != '-' || !word[1]) {
            o.operands[o.n_operands++] = word;
            i++;
        } else if (!strcmp(word, "--")) {
            ended = true;
            i++;
        } else {
            int used = take_option(&o, word, i + 1 < argc ? argv[i + 1] : NULL, message);
            ok = used > 0;
            i += used;
        }
    }
    if (!ok)
        options_fini(&o);
    *out = o;
    return ok;
}

void options_fini(struct options *o) {
    free(o->given);
    free(o->operands);
    memset(o, 0, sizeof *o);
}

const struct option_given *option_next(const struct options *o, const char *name, size_t *at) {
    assert(spec_named(o, name, strlen(name)) && "no such option in the verb's table");
    while (*at < o->n_given) {
        const struct option_given *g = &o->given[(*at)++];
        if (!strcmp(g->spec->name, name))
            return g;
    }
    return NULL;
}

const struct option_given *option_find(const struct options *o, const char *name) {
    const struct option_given *g, *last = NULL;
    for (size_t at = 0; (g = option_next(o, name, &at));)
        last = g;
    return last;
}

const char *option_text(const struct options *o, const char *name) {
    const struct option_given *g = option_find(o, name);
    return g ? g->value : NULL;
}

bool option_on(const struct options *o, const char *name) {
    return option_find(o, name) != NULL;
}

uint64_t option_number(const struct options *o, const char *name, uint64_t fallback) {
    const struct option_given *g = option_find(o, name);
    return g ? g->number : fallback;
}
