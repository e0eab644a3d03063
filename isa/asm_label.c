/* asm_label.c: names in assembly text: labels, their uses, and, at the end of the text, the
 * distances. */
#include "isa/asm_parse.h"

#include <stdlib.h>
#include <string.h>

void asm_label(struct parser *p, struct token name) {
    void *array = p->labels;
    if (p->err || !asm_reserve(p, &array, p->n_labels, &p->cap_labels, sizeof *p->labels))
        return;
    p->labels = array;
    p->labels[p->n_labels++] = (struct label){name, p->n_insns};
}

void asm_fixup(struct parser *p, struct token name, bool maybe_helper) {
    void *array = p->fixups;
    if (p->err || !asm_reserve(p, &array, p->n_fixups, &p->cap_fixups, sizeof *p->fixups))
        return;
    p->fixups = array;
    p->fixups[p->n_fixups++] = (struct fixup){name, p->n_insns, maybe_helper};
}

static int compare_names(const struct token *a, const struct token *b) {
    const size_t len = a->len < b->len ? a->len : b->len;
    const int order = memcmp(a->s, b->s, len);
    if (order)
        return order;
    return a->len < b->len ? -1 : a->len > b->len;
}

/* By name, and labels of one name by their place in the text. */
static int compare_labels(const void *x, const void *y) {
    const struct label *a = x, *b = y;
    const int order = compare_names(&a->name, &b->name);
    if (order)
        return order;
    return a->name.s < b->name.s ? -1 : a->name.s > b->name.s;
}

/* Numeric labels ("1:") may be defined again and again; others once. */
static void sort_labels(struct parser *p) {
    if (!p->n_labels)
        return;
    qsort(p->labels, p->n_labels, sizeof *p->labels, compare_labels);
    for (size_t i = 1; i < p->n_labels && !p->err; i++) {
        const struct token a = p->labels[i - 1].name, b = p->labels[i].name;
        if (b.kind == TOKEN_NAME && !compare_names(&a, &b))
            asm_fail(p, b, BPFLAB_E_DUPLICATE, "label \"%.*s\" is defined twice, first in line %u",
                     token_chars(b), b.s, a.line);
    }
}

/* The label that a name means where it stands, or NULL. "1b" and "1f" are the nearest "1:" before
 * and after it; other names are defined once, on either side. cost: O(log labels) */
static const struct label *find_label(const struct parser *p, const struct token *use) {
    struct label key = {.name = *use};
    bool before = true, after = true;
    if (use->kind == TOKEN_NUMBER) {
        key.name.len--;
        before = use->s[key.name.len] == 'b';
        after = !before;
    }
    size_t low = 0, high = p->n_labels;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (compare_labels(&p->labels[mid], &key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (before && low > 0 && !compare_names(&p->labels[low - 1].name, &key.name))
        return &p->labels[low - 1];
    if (after && low < p->n_labels && !compare_names(&p->labels[low].name, &key.name))
        return &p->labels[low];
    return NULL;
}

static void undefined(struct parser *p, const struct fixup *use) {
    const struct token t = use->name;
    const char *const what = use->maybe_helper ? "label or helper" : "label";
    const struct token *near = NULL;
    unsigned best = t.len > 3 ? 3 : 2;
    for (size_t i = 0; i < p->n_labels; i++) {
        const struct token *l = &p->labels[i].name;
        const unsigned distance = text_distance(t.s, t.len, l->s, l->len, best - 1);
        if (distance < best) {
            best = distance;
            near = l;
        }
    }
    if (near)
        asm_fail(p, t, BPFLAB_E_UNDEFINED, "no %s is called \"%.*s\"; did you mean \"%.*s\"?", what,
                 token_chars(t), t.s, token_chars(*near), near->s);
    else
        asm_fail(p, t, BPFLAB_E_UNDEFINED, "no %s is called \"%.*s\"", what, token_chars(t), t.s);
}

uint32_t asm_helper_id(const struct parser *p, struct token name) {
    char terminated[64];
    if (!p->names || !p->names->helper_id || name.len >= sizeof terminated)
        return 0;
    memcpy(terminated, name.s, name.len);
    terminated[name.len] = 0;
    return p->names->helper_id(terminated);
}

static void resolve(struct parser *p, const struct fixup *use) {
    struct insn *in = &p->insns[use->pc];
    const struct label *label = find_label(p, &use->name);
    int64_t pc = label ? (int64_t)label->pc : -1;
    if (!label && !use->maybe_helper && token_is(use->name, op_table[OP_EXIT].name))
        pc = p->first_exit;
    if (pc < 0) {
        const uint32_t id = use->maybe_helper ? asm_helper_id(p, use->name) : 0;
        in->imm = (int32_t)id;
        if (!id)
            undefined(p, use);
        return;
    }
    if (use->maybe_helper)
        *in = row_insn(&op_table[OP_CALL_LOCAL]);
    const int64_t distance = pc - use->pc - 1;
    if (op_table[op_of(*in)].off_rule != FIELD_JUMP)
        in->imm = (int32_t)distance; /* a program has at most PROG_MAX_INSNS slots */
    else if (distance >= INT16_MIN && distance <= INT16_MAX)
        in->off = (int16_t)distance;
    else
        asm_fail(p, use->name, BPFLAB_E_RANGE,
                 "\"%.*s\" is %lld instructions away, more than this jump's 16 bits hold; gotol "
                 "(ja32) reaches it",
                 token_chars(use->name), use->name.s, (long long)distance);
}

void asm_resolve(struct parser *p) {
    if (p->err)
        return;
    sort_labels(p);
    for (size_t i = 0; i < p->n_fixups && !p->err; i++)
        resolve(p, &p->fixups[i]);
}
