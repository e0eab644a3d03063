/* smt_memo.c: sets of roots as sorted lists of ids, in a table of open addressing; values in a
 * ring.
 */
#include "proofs/smt_memo.h"

#include <stdlib.h>
#include <string.h>

enum {
    VALUES = 8, /* models kept; more of them cost more than they find */
};

/* struct contradiction: roots that cannot hold together. */
struct contradiction {
    uint64_t hash;
    uint32_t *ids; /* ascending, each once; NULL: an empty slot */
    size_t n;
};

struct smt_memo {
    struct terms *t;
    struct contradiction *slots;
    size_t cap; /* a power of two, or 0 */
    size_t n;
    struct smt_answer values[VALUES]; /* their models alone count */
    unsigned newest;
};

struct smt_memo *smt_memo_new(struct terms *t) {
    struct smt_memo *const m = calloc(1, sizeof *m);
    if (m)
        m->t = t;
    return m;
}

void smt_memo_free(struct smt_memo *m) {
    if (!m)
        return;
    for (size_t i = 0; i < m->cap; i++)
        free(m->slots[i].ids);
    free(m->slots);
    for (unsigned i = 0; i < VALUES; i++)
        smt_answer_fini(&m->values[i]);
    free(m);
}

/* ---- contradictions ---- */

static int by_id(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* make_key: the roots as a contradiction would have them. out: false: no memory */
static bool make_key(term *const *roots, size_t n, struct contradiction *key) {
    *key = (struct contradiction){.ids = malloc((n + 1) * sizeof *key->ids)};
    if (!key->ids)
        return false;
    for (size_t i = 0; i < n; i++)
        key->ids[i] = roots[i]->id;
    qsort(key->ids, n, sizeof *key->ids, by_id);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || key->ids[i] != key->ids[i - 1])
            key->ids[key->n++] = key->ids[i];
    for (size_t i = 0; i < key->n; i++)
        key->hash = (key->hash ^ key->ids[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return true;
}

/* slot_of: where the key is, or belongs. in: cap > 0, a slot is empty */
static struct contradiction *slot_of(const struct smt_memo *m, const struct contradiction *key) {
    size_t i = (key->hash ^ key->hash >> 32) & (m->cap - 1);
    for (;; i = (i + 1) & (m->cap - 1)) {
        struct contradiction *const at = &m->slots[i];
        if (!at->ids || (at->hash == key->hash && at->n == key->n &&
                         memcmp(at->ids, key->ids, key->n * sizeof *key->ids) == 0))
            return at;
    }
}

static bool grow(struct smt_memo *m) {
    struct smt_memo bigger = {.cap = m->cap ? m->cap * 2 : 64};
    bigger.slots = calloc(bigger.cap, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].ids)
            *slot_of(&bigger, &m->slots[i]) = m->slots[i];
    free(m->slots);
    m->slots = bigger.slots;
    m->cap = bigger.cap;
    return true;
}

static bool contradict(const struct smt_memo *m, term *const *roots, size_t n) {
    struct contradiction key;
    if (m->n == 0 || !make_key(roots, n, &key))
        return false;
    const bool found = slot_of(m, &key)->ids != NULL;
    free(key.ids);
    return found;
}

static void note_contradiction(struct smt_memo *m, term *const *roots, size_t n) {
    struct contradiction key;
    if ((2 * (m->n + 1) > m->cap && !grow(m)) || !make_key(roots, n, &key))
        return;
    struct contradiction *const at = slot_of(m, &key);
    if (at->ids) {
        free(key.ids);
    } else {
        *at = key;
        m->n++;
    }
}

/* ---- values ---- */

/* copy: a's values into out's model. out: false: no memory */
static bool copy(const struct assigned *from, size_t n, struct smt_answer *out) {
    out->model = calloc(n + 1, sizeof *out->model);
    for (size_t i = 0; out->model && i < n; i++) {
        char *const name = strdup(from[i].name);
        if (!name)
            return false;
        out->model[out->n_model] = from[i];
        out->model[out->n_model++].name = name;
    }
    return out->model != NULL;
}

/* values_below: what the variables below the roots have in a model that may speak of fewer and of
 * others. out: false: no memory */
static bool values_below(struct smt_memo *m, term *const *roots, size_t n,
                         const struct smt_answer *model, struct smt_answer *out) {
    const struct assignment in = {model->model, model->n_model};
    term **list;
    const size_t count = term_below(m->t, roots, n, &list);
    struct assigned *const vars = calloc(count + 1, sizeof *vars);
    size_t n_vars = 0;
    for (size_t i = 0; vars && i < count; i++)
        if (list[i]->op == TERM_VAR) {
            vars[n_vars].name = list[i]->u.name;
            term_eval(m->t, list[i], &in, vars[n_vars++].k);
        }
    const bool ok = count > 0 && vars && copy(vars, n_vars, out);
    free(vars);
    free((void *)list);
    return ok;
}

static void note_values(struct smt_memo *m, const struct smt_answer *a) {
    m->newest = (m->newest + 1) % VALUES;
    smt_answer_fini(&m->values[m->newest]);
    if (!copy(a->model, a->n_model, &m->values[m->newest]))
        smt_answer_fini(&m->values[m->newest]);
}

/* ---- questions ---- */

bool smt_memo_knows(struct smt_memo *m, term *const *roots, size_t n, struct smt_answer *out) {
    *out = (struct smt_answer){.result = SMT_PROVED};
    if (contradict(m, roots, n))
        return true;
    for (unsigned i = 0; i < VALUES; i++) {
        const struct smt_answer *const v = &m->values[(m->newest + VALUES - i) % VALUES];
        const struct assignment in = {v->model, v->n_model};
        if (!terms_hold(m->t, roots, n, &in))
            continue;
        out->result = SMT_REFUTED;
        if (values_below(m, roots, n, v, out))
            return true;
        smt_answer_fini(out);
        return false;
    }
    return false;
}

void smt_memo_note(struct smt_memo *m, term *const *roots, size_t n, const struct smt_answer *a) {
    if (a->result == SMT_PROVED)
        note_contradiction(m, roots, n);
    else if (a->result == SMT_REFUTED && !a->abstract)
        note_values(m, a);
}
