#include "verifier/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum bpflab_err path_copy_past(struct path *dst, const struct path *src) {
    if (dst->hist_cap < src->n_hist) {
        struct hist *const hist = realloc(dst->hist, src->n_hist * sizeof *hist);
        if (!hist)
            return BPFLAB_E_NOMEM;
        dst->hist = hist;
        dst->hist_cap = src->n_hist;
    }
    if (src->n_hist)
        memcpy(dst->hist, src->hist, src->n_hist * sizeof *src->hist);
    dst->n_hist = src->n_hist;
    dst->parent = src->parent;
    dst->pc = src->pc;
    dst->prev_pc = src->prev_pc;
    dst->first_pc = src->first_pc;
    dst->remembered = src->remembered;
    dst->branches = src->branches;
    dst->record = src->record;
    dst->log_end = src->log_end;
    memcpy(dst->written, src->written, sizeof dst->written);
    return BPFLAB_OK;
}

enum bpflab_err path_copy(struct path *dst, const struct path *src) {
    const enum bpflab_err err = path_copy_past(dst, src);
    return err != BPFLAB_OK ? err : state_copy(&dst->st, &src->st);
}

void path_fini(struct path *p) {
    state_fini(&p->st);
    free(p->hist);
    p->hist = NULL;
    p->n_hist = p->hist_cap = 0;
}

size_t path_bytes(const struct path *p) {
    return sizeof *p + state_bytes(&p->st) + p->hist_cap * sizeof *p->hist;
}

struct hist *path_remember(struct path *p) {
    if (p->remembered)
        return &p->hist[p->n_hist - 1];
    if (p->n_hist == p->hist_cap) {
        const uint32_t cap = p->hist_cap ? 2 * p->hist_cap : 8;
        struct hist *const hist = realloc(p->hist, cap * sizeof *hist);
        if (!hist)
            return NULL;
        p->hist = hist;
        p->hist_cap = cap;
    }
    struct hist *const h = &p->hist[p->n_hist++];
    *h = (struct hist){.pc = p->pc, .prev_pc = p->prev_pc};
    p->remembered = true;
    return h;
}

bool path_mark_read(struct path *p, uint32_t frame, uint64_t slots) {
    bool news = false;
    for (struct kept *k = p->parent; k && frame <= k->p.st.depth; k = k->p.parent) {
        slots &= ~p->written[frame] & ~k->read[frame];
        if (!slots)
            break;
        k->read[frame] |= slots;
        news = true;
        p = &k->p;
    }
    return news;
}

void path_start(struct path *p, struct kept *k) {
    p->parent = k;
    p->first_pc = k->p.pc;
    p->n_hist = 0;
    p->remembered = false;
    memset(p->written, 0, sizeof p->written);
}

bool path_same_calls(const struct state *a, const struct state *b) {
    if (a->depth != b->depth)
        return false;
    for (uint32_t f = a->depth; f > 0; f--)
        if (a->frames[f]->call_pc != b->frames[f]->call_pc)
            return false;
    return true; /* the same pc under the same calls is in the same function */
}

enum {
    MAX_SPANS = 48
};

/* struct spans: runs of consecutive instructions, newest first. */
struct spans {
    uint32_t n;
    bool more;
    struct {
        uint32_t from, to, times;
    } at[MAX_SPANS];
};

/* The instruction at pc was executed before those in s. out: false if there is no room */
static bool add_pc(struct spans *s, uint32_t pc) {
    if (s->n && s->at[s->n - 1].from == pc + 1) {
        s->at[s->n - 1].from = pc;
        return true;
    }
    /* the newest span is whole now: another round of the one before it? */
    if (s->n >= 2 && s->at[s->n - 1].from == s->at[s->n - 2].from &&
        s->at[s->n - 1].to == s->at[s->n - 2].to) {
        s->n--;
        s->at[s->n - 1].times++;
    }
    if (s->n == MAX_SPANS) {
        s->more = true;
        return false;
    }
    s->at[s->n].from = s->at[s->n].to = pc;
    s->at[s->n++].times = 1;
    return true;
}

/* Walk one segment back, from the instruction at pc. out: false if there is no room */
static bool add_segment(struct spans *s, const struct path *p, uint32_t pc) {
    for (uint32_t n = p->n_hist;;) {
        const bool jumped = n && p->hist[n - 1].pc == pc;
        if (!add_pc(s, pc))
            return false;
        if (pc == p->first_pc && n <= jumped)
            return true;
        pc = jumped ? p->hist[--n].prev_pc : pc - 1;
        if (pc == PATH_NO_PC)
            return true;
    }
}

void path_words(const struct path *p, char *buf, size_t size) {
    struct spans s = {0};
    size_t n = 0;
    uint32_t pc = p->pc;
    /* a kept state's own instruction is the first of the segment behind it */
    while (pc != PATH_NO_PC && add_segment(&s, p, pc) && p->parent) {
        p = &p->parent->p;
        pc = p->prev_pc;
    }
    buf[0] = 0;
    if (s.more)
        n += (size_t)snprintf(buf, size, "..., ");
    for (uint32_t i = s.n; i-- > 0 && n + 48 < size;) {
        n += (size_t)snprintf(buf + n, size - n, "%u", s.at[i].from);
        if (s.at[i].from != s.at[i].to)
            n += (size_t)snprintf(buf + n, size - n, "-%u", s.at[i].to);
        if (s.at[i].times > 1)
            n += (size_t)snprintf(buf + n, size - n, " (%u times)", s.at[i].times);
        if (i)
            n += (size_t)snprintf(buf + n, size - n, ", ");
    }
}
