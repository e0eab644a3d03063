/* snapshot.c: a snapshot is an image of the world at the same offsets in a reservation of its own,
 * so that whatever reads a world (enumerating a map, say) can read a snapshot too. Copies go page
 * by page and skip pages that are equal already: taking or restoring one after a short run touches
 * little memory. */
#include "runtime/snapshot.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "runtime/map.h"
#include "runtime/netstate.h"
#include "runtime/timer.h"

enum {
    PAGE = 4096
};

struct snapshot {
    /* its mem, shadow, cfg, st, maps and trace are the snapshot's own; nothing else is set */
    struct world view;
    struct map maps[];
};

/* struct range: bytes of the world in use, [off, off + n). */
struct range {
    uint64_t off, n;
};

enum {
    N_RANGES = 6
};

/* What is in use, in the order of offsets. Stack frames are used all or not at all. */
static void ranges_of(const struct world *w, struct range r[N_RANGES]) {
    const struct world_packet *p = &w->st.pkt;
    r[0] = (struct range){WORLD_CTX_OFF, WORLD_CTX_BYTES};
    r[1] = (struct range){WORLD_HANDLE_OFF, w->st.handles_used};
    r[2] = (struct range){WORLD_PKT_OFF + p->hard_start, p->limit - p->hard_start};
    r[3] = (struct range){WORLD_SCRATCH_OFF, w->st.scratch_used};
    r[4] = (struct range){WORLD_ARENA_OFF, w->st.arena_used};
    r[5] = (struct range){WORLD_STACK_OFF, (uint64_t)w->cfg.max_frames * w->frame_stride};
}

static void copy_pages(uint8_t *to, const uint8_t *from, uint64_t n) {
    for (uint64_t at = 0; at < n; at += PAGE) {
        const size_t k = n - at < PAGE ? (size_t)(n - at) : PAGE;
        if (memcmp(to + at, from + at, k))
            memcpy(to + at, from + at, k);
    }
}

static void clear(struct world *to, uint64_t from, uint64_t end) {
    if (from >= end)
        return;
    memset(to->mem + from, 0, end - from);
    memset(to->shadow + from, 0, end - from);
}

/* Zero what is in use in to and not in from. */
static void clear_beyond(struct world *to, struct range had, struct range has) {
    const uint64_t had_end = had.off + had.n, has_end = has.off + has.n;
    clear(to, had.off, had_end < has.off ? had_end : has.off);
    clear(to, had.off > has_end ? had.off : has_end, had_end);
}

static void copy_range(struct world *to, const struct world *from, uint64_t off, uint64_t n) {
    copy_pages(to->mem + off, from->mem + off, n);
    copy_pages(to->shadow + off, from->shadow + off, n);
}

/* The storage of maps in a scope. */
static void copy_storage(struct world *to, const struct world *from, const struct world *scope) {
    for (uint32_t i = 0; i < from->st.n_maps; i++)
        if (world_in_scope(scope, i))
            copy_range(to, from, from->maps[i]->off, from->maps[i]->n_bytes);
}

/* Memory, shadow and state of from into to; of maps, those in the scope of the world of the two
 * that is no snapshot, if nothing else lies in the arena. */
static void copy_world(struct world *to, const struct world *from, const struct world *scope) {
    struct range had[N_RANGES], has[N_RANGES];
    ranges_of(to, had);
    ranges_of(from, has);
    const bool some = scope->scope != UINT64_MAX && to->st.n_maps == from->st.n_maps &&
                      to->st.arena_used == from->st.arena_used;
    for (int i = 0; i < N_RANGES; i++) {
        if (some && has[i].off == WORLD_ARENA_OFF)
            continue;
        clear_beyond(to, had[i], has[i]);
        copy_range(to, from, has[i].off, has[i].n);
    }
    if (some)
        copy_storage(to, from, scope);
    const uint32_t n =
        from->st.trace_count < WORLD_TRACE_KEPT ? from->st.trace_count : WORLD_TRACE_KEPT;
    memcpy(to->trace, from->trace, n * sizeof *to->trace);
    to->st = from->st;
}

/* Maps' descriptions: what changes of them (frozen, fields) is part of the state. */
static void copy_maps(struct map *const *to, struct map *const *from, uint32_t n,
                      const struct world *scope) {
    for (uint32_t i = 0; i < n; i++) {
        if (!world_in_scope(scope, i))
            continue;
        *to[i] = *from[i];
        to[i]->def.name = to[i]->name;
    }
}

enum bpflab_err snapshot_new(const struct world *w, struct snapshot **out) {
    struct snapshot *s = calloc(1, sizeof *s + w->st.n_maps * sizeof s->maps[0]);
    if (!s)
        return BPFLAB_E_NOMEM;
    struct world *v = &s->view;
    void *p = mmap(NULL, 2 * WORLD_BYTES, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    v->trace = calloc(WORLD_TRACE_KEPT, sizeof *v->trace);
    if (p == MAP_FAILED || !v->trace) {
        if (p != MAP_FAILED)
            munmap(p, 2 * WORLD_BYTES);
        free(v->trace);
        free(s);
        return BPFLAB_E_NOMEM;
    }
    v->shadow = p;
    v->mem = v->shadow + WORLD_BYTES;
    v->cfg = w->cfg;
    v->swapped = w->swapped;
    v->frame_stride = w->frame_stride;
    v->reach = WORLD_BYTES;
    world_large_pages(v->mem + WORLD_ARENA_OFF, w->st.arena_used);
    world_large_pages(v->shadow + WORLD_ARENA_OFF, w->st.arena_used);
    for (uint32_t i = 0; i < w->st.n_maps; i++)
        v->maps[i] = &s->maps[i];
    v->scope = UINT64_MAX;
    copy_maps(v->maps, w->maps, w->st.n_maps, v);
    copy_world(v, w, v);
    *out = s;
    return BPFLAB_OK;
}

void snapshot_free(struct snapshot *s) {
    if (!s)
        return;
    munmap(s->view.shadow, 2 * WORLD_BYTES);
    free(s->view.trace);
    free(s);
}

enum bpflab_err snapshot_save(struct snapshot *s, const struct world *w) {
    if (s->view.st.n_maps != w->st.n_maps)
        return BPFLAB_E_ARG;
    copy_maps(s->view.maps, w->maps, w->st.n_maps, w);
    copy_world(&s->view, w, w);
    return BPFLAB_OK;
}

void snapshot_restore(const struct snapshot *s, struct world *w) {
    copy_maps(w->maps, s->view.maps, s->view.st.n_maps, w);
    copy_world(w, &s->view, w);
    w->exec.pending.kind = RUN_EXIT;
}

static bool same_bytes(const struct world *a, const struct world *b, uint64_t off, uint64_t n) {
    return !memcmp(a->mem + off, b->mem + off, n) && !memcmp(a->shadow + off, b->shadow + off, n);
}

/* Byte by byte: padding that differs makes equal things look different, which is allowed here. */
static bool same_object(const void *a, const void *b, size_t n) {
    return !memcmp(a, b, n);
}

bool worlds_same(const struct world *a, const struct world *b) {
    struct range r[N_RANGES];
    const uint32_t n = a->st.trace_count < WORLD_TRACE_KEPT ? a->st.trace_count : WORLD_TRACE_KEPT;
    if (!same_object(&a->st, &b->st, sizeof a->st) ||
        memcmp(a->trace, b->trace, n * sizeof *a->trace))
        return false;
    ranges_of(a, r);
    for (int i = 0; i < N_RANGES; i++)
        if (r[i].off != WORLD_ARENA_OFF && !same_bytes(a, b, r[i].off, r[i].n))
            return false;
    for (uint32_t i = 0; i < a->st.n_maps; i++)
        if (world_in_scope(a, i) && !same_bytes(a, b, a->maps[i]->off, a->maps[i]->n_bytes))
            return false;
    return true;
}

/* ---- differences ---- */

__attribute__((format(printf, 4, 5))) static void note(struct world_diff *d, uint64_t a, uint64_t b,
                                                       const char *fmt, ...) {
    if (d->n < WORLD_DIFF_MAX) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(d->item[d->n].what, sizeof d->item[d->n].what, fmt, ap);
        va_end(ap);
        d->item[d->n].a = a;
        d->item[d->n].b = b;
    }
    d->n++;
}

/* Bytes of [off, off + n) that programs may access in either world. */
static void diff_bytes(const struct world *a, const struct world *b, const char *name, uint64_t off,
                       uint64_t n, struct world_diff *d) {
    if (!memcmp(a->mem + off, b->mem + off, n) && !memcmp(a->shadow + off, b->shadow + off, n))
        return;
    for (uint64_t i = 0; i < n; i++) {
        const uint8_t may_a = a->shadow[off + i], may_b = b->shadow[off + i];
        if (!may_a != !may_b)
            note(d, may_a, may_b, "access to %s byte %" PRIu64, name, i);
        else if (may_a && a->mem[off + i] != b->mem[off + i])
            note(d, a->mem[off + i], b->mem[off + i], "%s byte %" PRIu64, name, i);
    }
}

static void diff_packet(const struct world *a, const struct world *b, struct world_diff *d) {
    const struct world_packet *p = &a->st.pkt, *q = &b->st.pkt;
    if (p->data != q->data)
        note(d, p->data, q->data, "start of the packet");
    if (p->end != q->end)
        note(d, p->end, q->end, "end of the packet");
    if (p->meta != q->meta)
        note(d, p->meta, q->meta, "start of the packet's metadata");
    if (p->data == q->data && p->end == q->end && p->meta == q->meta) {
        diff_bytes(a, b, "packet metadata", WORLD_PKT_OFF + p->meta, p->data - p->meta, d);
        diff_bytes(a, b, "packet", WORLD_PKT_OFF + p->data, p->end - p->data, d);
    }
}

/* struct entries: a map's entries one after the other: cpu, size, key, value. */
struct entries {
    uint8_t *bytes;
    size_t n, cap;
    uint32_t key_size;
    bool failed;
};

struct entry_head {
    uint32_t cpu, n_bytes;
};

static bool collect(void *self, const void *key, uint32_t cpu, const void *value,
                    uint32_t n_bytes) {
    struct entries *e = self;
    const struct entry_head head = {cpu, n_bytes};
    const size_t more = sizeof head + e->key_size + n_bytes;
    if (e->n + more > e->cap) {
        const size_t cap = 2 * (e->n + more);
        uint8_t *bytes = realloc(e->bytes, cap);
        if (!bytes) {
            e->failed = true;
            return false;
        }
        e->bytes = bytes;
        e->cap = cap;
    }
    memcpy(e->bytes + e->n, &head, sizeof head);
    if (e->key_size)
        memcpy(e->bytes + e->n + sizeof head, key, e->key_size);
    memcpy(e->bytes + e->n + sizeof head + e->key_size, value, n_bytes);
    e->n += more;
    return true;
}

static struct entries entries_of(const struct world *w, const struct map *m) {
    struct entries e = {.key_size = map_entry_key_bytes(m)};
    map_for_each(w, m, collect, &e);
    return e;
}

/* "key 0a000001" for messages. */
static void key_text(const uint8_t *key, uint32_t n, char *buf, size_t size) {
    size_t at = (size_t)snprintf(buf, size, n ? "key " : "entry");
    for (uint32_t i = 0; i < n && at + 3 < size; i++)
        at += (size_t)snprintf(buf + at, size - at, "%02x", key[i]);
}

/* Walk both lists of entries; at the first entry that is not in both the walk ends: orders differ
 * from there. */
static void diff_entries(const char *name, const struct entries *a, const struct entries *b,
                         struct world_diff *d) {
    size_t at = 0;
    while (at < a->n && at < b->n) {
        struct entry_head p, q;
        memcpy(&p, a->bytes + at, sizeof p);
        memcpy(&q, b->bytes + at, sizeof q);
        const uint8_t *ka = a->bytes + at + sizeof p, *kb = b->bytes + at + sizeof q;
        char key[48];
        key_text(ka, a->key_size, key, sizeof key);
        if (memcmp(&p, &q, sizeof p) || (a->key_size && memcmp(ka, kb, a->key_size))) {
            note(d, p.n_bytes, q.n_bytes, "map %s: %s is in one only", name, key);
            return;
        }
        const uint8_t *va = ka + a->key_size, *vb = kb + b->key_size;
        for (uint32_t i = 0; i < p.n_bytes; i++)
            if (va[i] != vb[i])
                note(d, va[i], vb[i], "map %s %s cpu %u byte %u", name, key, p.cpu, i);
        at += sizeof p + a->key_size + p.n_bytes;
    }
    if (a->n != b->n)
        note(d, a->n, b->n, "map %s has more entries in one", name);
}

static void diff_maps(const struct world *a, const struct world *b, struct world_diff *d) {
    if (a->st.n_maps != b->st.n_maps) {
        note(d, a->st.n_maps, b->st.n_maps, "number of maps");
        return;
    }
    for (uint32_t i = 0; i < a->st.n_maps; i++) {
        const struct map *m = a->maps[i], *o = b->maps[i];
        if (!world_in_scope(a, i) || !world_in_scope(b, i))
            continue;
        if (m->off == o->off && m->n_bytes == o->n_bytes &&
            !memcmp(a->mem + m->off, b->mem + o->off, m->n_bytes))
            continue;
        struct entries ea = entries_of(a, m), eb = entries_of(b, o);
        if (ea.failed || eb.failed)
            note(d, 0, 0, "map %s: no memory to compare it", m->name);
        else
            diff_entries(m->name, &ea, &eb, d);
        free(ea.bytes);
        free(eb.bytes);
    }
}

static void diff_trace(const struct world *a, const struct world *b, struct world_diff *d) {
    const uint32_t na = a->st.trace_count, nb = b->st.trace_count;
    for (uint32_t i = 0; i < na && i < nb && i < WORLD_TRACE_KEPT; i++) {
        const struct call_record *p = &a->trace[i], *q = &b->trace[i];
        if (p->helper != q->helper)
            note(d, p->helper, q->helper, "call %u: helper", i);
        for (uint32_t k = 0; k < 5; k++)
            if (p->args[k] != q->args[k])
                note(d, p->args[k], q->args[k], "call %u: argument %u", i, k + 1);
        if (p->result != q->result)
            note(d, p->result, q->result, "call %u: result", i);
    }
    if (na != nb)
        note(d, na, nb, "number of helper calls");
    else if (a->st.trace_digest != b->st.trace_digest)
        note(d, a->st.trace_digest, b->st.trace_digest, "helper calls after the first %d",
             WORLD_TRACE_KEPT);
}

static void diff_state(const struct world *a, const struct world *b, struct world_diff *d) {
    const struct world_state *p = &a->st, *q = &b->st;
#define STATE(field, name)                                                                         \
    if (p->field != q->field)                                                                      \
        note(d, (uint64_t)p->field, (uint64_t)q->field, name);
#include "runtime/state.def"
}

static void note_net(void *self, const char *what, int32_t sock, uint64_t x, uint64_t y) {
    if (sock < 0)
        note(self, x, y, "network: %s", what);
    else
        note(self, x, y, "socket %d: %s", sock, what);
}

static bool diff_worlds(const struct world *a, const struct world *b, bool stack,
                        struct world_diff *d) {
    struct world_diff own;
    struct world_diff *const out = d ? d : &own;
    out->n = 0;
    diff_state(a, b, out);
    diff_trace(a, b, out);
    diff_bytes(a, b, "context", WORLD_CTX_OFF, WORLD_CTX_BYTES, out);
    diff_packet(a, b, out);
    const uint32_t scratch =
        a->st.scratch_used > b->st.scratch_used ? a->st.scratch_used : b->st.scratch_used;
    diff_bytes(a, b, "scratch", WORLD_SCRATCH_OFF, scratch, out);
    net_state_diff(a, b, note_net, out);
    if (timers_digest(a) != timers_digest(b))
        note(out, timers_digest(a), timers_digest(b), "timers that are set");
    if (stack)
        diff_bytes(a, b, "stack", WORLD_STACK_OFF, (uint64_t)a->cfg.max_frames * a->frame_stride,
                   out);
    diff_maps(a, b, out);
    return out->n == 0;
}

bool snapshot_diff(const struct snapshot *a, const struct snapshot *b, bool stack,
                   struct world_diff *diff) {
    return diff_worlds(&a->view, &b->view, stack, diff);
}

bool world_compare(const struct world *w, const struct snapshot *s, bool stack,
                   struct world_diff *diff) {
    return diff_worlds(w, &s->view, stack, diff);
}
