#include "verifier/knowledge.h"

#include <stdlib.h>
#include <string.h>

#include "verifier/live.h"
#include "verifier/loose.h"

enum {
    BLOCK_BYTES = 64 << 10, /* larger ones as they are asked for */
};

/* struct knowledge_block: memory of what records point to, handed out from low to high, and freed
 * with the knowledge. */
struct knowledge_block {
    struct knowledge_block *next;
    size_t used, room;
    uint64_t bytes[];
};

static void *take(struct knowledge *k, size_t n) {
    struct knowledge_block *b = k->blocks;
    n = (n + 7) / 8 * 8;
    if (!b || b->room - b->used < n) {
        const size_t room = n > BLOCK_BYTES ? n : BLOCK_BYTES;
        b = malloc(sizeof *b + room);
        if (!b)
            return NULL;
        *b = (struct knowledge_block){.next = k->blocks, .room = room};
        k->blocks = b;
    }
    void *const p = (uint8_t *)b->bytes + b->used;
    b->used += n;
    k->n_bytes += n;
    return p;
}

static bool keeps_tree(const struct knowledge *k) {
    return k->keep == KEEP_TREE || k->keep == KEEP_ALL;
}

/* Four sets for each instruction, in one block. */
static void copy_liveness(struct knowledge *k) {
    const struct subject *const sub = k->sub;
    k->live_out = k->live_in + k->n_insns;
    k->wide_out = k->live_out + k->n_insns;
    k->loose = k->wide_out + k->n_insns;
    memcpy(k->live_in, sub->live_in, k->n_insns * sizeof *k->live_in);
    for (uint32_t pc = 0; pc < k->n_insns; pc += insn_slots(sub->prog->insns[pc])) {
        k->live_out[pc] = live_after(sub, sub->live_in, pc);
        k->wide_out[pc] = sub->wide_in ? live_after(sub, sub->wide_in, pc) : UINT16_MAX;
    }
}

enum bpflab_err knowledge_new(const struct subject *sub, enum keep keep, uint64_t max_bytes,
                              struct knowledge **out) {
    struct knowledge *const k = calloc(1, sizeof *k);
    if (!k)
        return BPFLAB_E_NOMEM;
    k->sub = sub;
    k->keep = keep;
    k->n_insns = sub->prog->n_insns;
    k->max_bytes = max_bytes;
    k->complete = keeps_tree(k);
    k->at = calloc(k->n_insns, sizeof(struct known *));
    k->edges = calloc(k->n_insns, 1);
    k->live_in = calloc(k->n_insns, 4 * sizeof *k->live_in);
    if (!k->at || !k->edges || !k->live_in) {
        knowledge_free(k);
        return BPFLAB_E_NOMEM;
    }
    copy_liveness(k);
    *out = k;
    return BPFLAB_OK;
}

void knowledge_free(struct knowledge *k) {
    if (!k)
        return;
    for (uint32_t pc = 0; k->at && pc < k->n_insns; pc++)
        while (k->at[pc]) {
            struct known *const known = k->at[pc];
            k->at[pc] = known->next;
            state_fini(&known->st);
            free(known);
        }
    for (struct knowledge_block *b = k->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(k->records);
    free(k->at);
    free(k->edges);
    free(k->live_in);
    free(k);
}

static bool failed(struct knowledge *k, enum bpflab_err err) {
    if (err != BPFLAB_OK && k->err == BPFLAB_OK)
        k->err = err;
    return err != BPFLAB_OK;
}

void knowledge_join(struct knowledge *k, uint32_t pc, const struct state *st) {
    struct known *known = k->at[pc];
    while (known && !state_joinable(&known->st, st))
        known = known->next;
    if (known) {
        bool changed;
        known->n_visits++;
        failed(k, state_join(&known->st, st, false, &changed));
        return;
    }
    known = calloc(1, sizeof *known);
    if (!known || failed(k, state_copy(&known->st, st))) {
        free(known);
        failed(k, BPFLAB_E_NOMEM);
        return;
    }
    known->n_visits = 1;
    known->next = k->at[pc];
    k->at[pc] = known;
}

/* Byte by byte: padding that differs makes equal things look different: then they are not
 * shared. */
static bool same_bytes(const void *a, const void *b, size_t n) {
    return !memcmp(a, b, n);
}

static bool same_slots(const struct frame *a, const struct frame *b) {
    return a->n_slots == b->n_slots &&
           (a->n_slots == 0 || same_bytes(a->slots, b->slots, a->n_slots * sizeof *a->slots));
}

static bool same_frame(const struct frame *a, const struct frame *b) {
    return same_bytes(a->regs, b->regs, sizeof a->regs) && same_slots(a, b) &&
           a->subprog == b->subprog && a->call_pc == b->call_pc &&
           a->callback_depth == b->callback_depth && a->in_callback == b->in_callback &&
           a->in_async_callback == b->in_async_callback &&
           a->in_exception_callback == b->in_exception_callback && a->ret_min == b->ret_min &&
           a->ret_max == b->ret_max && a->async_entries == b->async_entries;
}

/* A copy of a frame; what it has in common with like (or NULL) is like's. */
static struct frame *frame_of(struct knowledge *k, const struct frame *src, struct frame *like) {
    if (like && same_frame(src, like))
        return like;
    struct frame *const f = take(k, sizeof *f);
    if (!f)
        return NULL;
    *f = *src;
    f->slots_cap = f->n_slots;
    if (like && same_slots(src, like)) {
        f->slots = like->slots;
        return f;
    }
    f->slots = take(k, f->n_slots * sizeof *f->slots);
    if (!f->slots)
        return NULL;
    if (f->n_slots)
        memcpy(f->slots, src->slots, f->n_slots * sizeof *f->slots);
    return f;
}

/* *out is a copy of a state that shares with like (or NULL). out: false: no memory */
static bool state_of(struct knowledge *k, const struct state *src, const struct state *like,
                     struct state *out) {
    *out = *src;
    memset(out->frames, 0, sizeof out->frames);
    for (uint32_t i = 0; i <= src->depth; i++) {
        out->frames[i] = frame_of(k, src->frames[i], like ? like->frames[i] : NULL);
        if (!out->frames[i])
            return false;
    }
    out->refs = take(k, src->n_refs * sizeof *src->refs);
    if (out->refs && src->n_refs)
        memcpy(out->refs, src->refs, src->n_refs * sizeof *src->refs);
    return out->refs != NULL;
}

/* A new record behind from. out: 0 if it has no room */
static uint32_t add_record(struct knowledge *k, uint32_t pc, uint32_t from,
                           const struct state *st) {
    if (!k->complete)
        return 0;
    if (k->n_records == k->records_cap) {
        const uint32_t cap = k->records_cap ? 2 * k->records_cap : 256;
        struct record *const records = realloc(k->records, cap * sizeof *records);
        if (!records) {
            k->complete = false;
            return 0;
        }
        k->records = records;
        k->records_cap = cap;
        if (k->n_records == 0)
            memset(&records[k->n_records++], 0, sizeof *records); /* index 0 is none */
    }
    struct record *const r = &k->records[k->n_records];
    memset(r, 0, sizeof *r);
    if (!state_of(k, st, from ? &k->records[from].st : NULL, &r->st)) {
        k->complete = false;
        return 0;
    }
    r->pc = pc;
    r->from = from;
    if (from) {
        r->sibling = k->records[from].child;
        k->records[from].child = k->n_records;
    }
    k->n_bytes += sizeof *r;
    if (k->n_bytes > k->max_bytes)
        k->complete = false;
    return k->n_records++;
}

void knowledge_step(struct knowledge *k, struct path *p, struct kept *kept) {
    if (k->keep != KEEP_TREE)
        knowledge_join(k, p->pc, &p->st);
    p->record = add_record(k, p->pc, p->record, &p->st);
    if (kept)
        kept->p.record = p->record;
}

void knowledge_covered(struct knowledge *k, struct path *p, const struct kept *by) {
    loose_cover(k, &by->p.st, &p->st, p->pc);
    p->record = add_record(k, p->pc, p->record, &p->st);
    if (p->record)
        k->records[p->record].covered_by = by->p.record;
}

void knowledge_edge(struct knowledge *k, uint32_t pc, int decided) {
    if (decided >= 0)
        k->edges[pc] |= decided ? KNOWN_TAKEN : KNOWN_FELL_THROUGH | KNOWN_TAKEN;
    else
        k->edges[pc] |= KNOWN_FELL_THROUGH;
}

/* Which scalars mattered is known only now. What was cleared as dead mattered to nobody. */
static void settle_marks(struct state *into, const struct state *from) {
    for (uint32_t f = 0; f <= from->depth && f <= into->depth; f++) {
        struct frame *const a = into->frames[f];
        const struct frame *const b = from->frames[f];
        for (uint32_t r = 0; r < N_REGS; r++)
            a->regs[r].precise = b->regs[r].kind == REG_SCALAR && b->regs[r].precise;
        for (uint32_t i = 0; i < a->n_slots; i++)
            a->slots[i].spilled.precise = i < b->n_slots && slot_is_spilled_scalar(&b->slots[i]) &&
                                          b->slots[i].spilled.precise;
    }
}

void knowledge_settle(struct knowledge *k, const struct kept *kept) {
    if (!kept->p.record)
        return;
    struct record *const r = &k->records[kept->p.record];
    r->settled = true;
    path_live_regs(k->sub, &r->st, r->pc, r->live.regs);
    memcpy(r->live.slots, kept->read, sizeof r->live.slots);
    struct state own; /* marks are this record's alone */
    if (!state_of(k, &r->st, NULL, &own)) {
        failed(k, BPFLAB_E_NOMEM);
        return;
    }
    r->st = own;
    settle_marks(&r->st, &kept->p.st);
}
