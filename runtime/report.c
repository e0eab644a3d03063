/* report.c: walking a world, item by item. Comparing reports: report_diff.c. */
#include "runtime/report.h"

#include <stdlib.h>

#include "runtime/netstate.h"
#include "runtime/timer.h"

enum {
    HEAD_BYTES = 16
};

/* struct sink: where items go: into the digest, and into bytes if they are wanted. */
struct sink {
    struct world_report r;
    size_t capacity;
    bool keep, failed;
    const struct world *w;
    uint64_t id; /* of what a callback adds next */
};

static uint64_t get_le64(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, 8);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(v) : v;
}

static void put_le32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static void put_le64(uint8_t *p, uint64_t v) {
    put_le32(p, (uint32_t)v);
    put_le32(p + 4, (uint32_t)(v >> 32));
}

static uint64_t mixed(uint64_t digest, uint64_t word) {
    digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return digest ^ digest >> 29;
}

/* n bytes, and zeros up to a multiple of 8. */
static void add_bytes(struct sink *s, const uint8_t *p, size_t n) {
    const size_t whole = n / 8 * 8;
    uint8_t tail[8] = {0};
    for (size_t i = 0; i < whole; i += 8)
        s->r.digest = mixed(s->r.digest, get_le64(p + i));
    if (n > whole) {
        memcpy(tail, p + whole, n - whole);
        s->r.digest = mixed(s->r.digest, get_le64(tail));
    }
    if (!s->keep || s->failed || !n)
        return;
    const size_t more = (n + 7) / 8 * 8;
    if (more > s->capacity - s->r.n_bytes) {
        const size_t want = 2 * (s->r.n_bytes + more) + 1024;
        uint8_t *grown = realloc(s->r.bytes, want);
        if (!grown) {
            s->failed = true;
            return;
        }
        s->r.bytes = grown;
        s->capacity = want;
    }
    memcpy(s->r.bytes + s->r.n_bytes, p, n);
    memset(s->r.bytes + s->r.n_bytes + n, 0, more - n);
    s->r.n_bytes += more;
}

static void add_head(struct sink *s, enum report_kind kind, uint64_t id, uint32_t n) {
    uint8_t head[HEAD_BYTES];
    put_le32(head, (uint32_t)kind);
    put_le32(head + 4, n);
    put_le64(head + 8, id);
    add_bytes(s, head, sizeof head);
}

static void add_numbers(struct sink *s, enum report_kind kind, uint64_t id, const uint64_t *v,
                        uint32_t n) {
    uint8_t one[8];
    add_head(s, kind, id, n * 8);
    for (uint32_t i = 0; i < n; i++) {
        put_le64(one, v[i]);
        add_bytes(s, one, 8);
    }
}

static void add_state(struct sink *s) {
    const struct world_state *st = &s->w->st;
    uint64_t row = 0, v;
#define STATE(field, name)                                                                         \
    v = (uint64_t)st->field;                                                                       \
    add_numbers(s, REPORT_STATE, row++, &v, 1);
#include "runtime/state.def"
    v = timers_digest(s->w);
    add_numbers(s, REPORT_TIMERS, 0, &v, 1);
}

static void add_calls(struct sink *s) {
    const struct world_state *st = &s->w->st;
    for (uint32_t i = 0; i < st->trace_count && i < WORLD_TRACE_KEPT; i++) {
        const struct call_record *c = &s->w->trace[i];
        const uint64_t v[7] = {c->helper,  c->args[0], c->args[1], c->args[2],
                               c->args[3], c->args[4], c->result};
        add_numbers(s, REPORT_CALL, i, v, 7);
    }
    const uint64_t rest[2] = {st->trace_count, st->trace_digest};
    add_numbers(s, REPORT_CALLS, 0, rest, 2);
}

/* Runs of bytes that programs may access among n from off on. */
static void add_area(struct sink *s, enum report_area area, uint64_t off, uint64_t n) {
    const uint8_t *may = s->w->shadow + off;
    uint64_t i = 0;
    while (i < n) {
        while (n - i >= 8 && !get_le64(may + i))
            i += 8;
        while (i < n && !may[i])
            i++;
        const uint64_t from = i;
        while (i < n && may[i])
            i++;
        if (i > from) {
            add_head(s, REPORT_BYTES, (uint64_t)area << 32 | from, (uint32_t)(i - from));
            add_bytes(s, s->w->mem + off + from, i - from);
        }
    }
}

static void add_packet(struct sink *s) {
    const struct world_packet *p = &s->w->st.pkt;
    const uint64_t v[3] = {p->meta, p->data, p->end};
    add_numbers(s, REPORT_PACKET, 0, v, 3);
    add_area(s, REPORT_META, WORLD_PKT_OFF + p->meta, p->data - p->meta);
    add_area(s, REPORT_DATA, WORLD_PKT_OFF + p->data, p->end - p->data);
}

static void on_part(void *self, const char *what, int32_t sock, const uint8_t *bytes,
                    uint32_t n_bytes) {
    struct sink *s = self;
    const uint64_t owner = (uint64_t)(uint32_t)(sock + 1) << 32;
    (void)what;
    if (s->id >> 32 != owner >> 32)
        s->id = owner;
    add_head(s, REPORT_NET, s->id++, n_bytes);
    add_bytes(s, bytes, n_bytes);
}

static bool on_entry(void *self, const void *key, uint32_t cpu, const void *value,
                     uint32_t n_bytes) {
    struct sink *s = self;
    const uint32_t key_bytes = map_entry_key_bytes(s->w->maps[s->id]);
    uint8_t head[8];
    add_head(s, REPORT_ENTRY, s->id, 8 + (key_bytes + 7) / 8 * 8 + n_bytes);
    put_le32(head, cpu);
    put_le32(head + 4, n_bytes);
    add_bytes(s, head, sizeof head);
    add_bytes(s, key, key_bytes);
    add_bytes(s, value, n_bytes);
    return !s->failed;
}

static void walk(struct sink *s, bool stack) {
    const struct world *w = s->w;
    add_state(s);
    add_calls(s);
    add_area(s, REPORT_CTX, WORLD_CTX_OFF, WORLD_CTX_BYTES);
    add_packet(s);
    add_area(s, REPORT_SCRATCH, WORLD_SCRATCH_OFF, w->st.scratch_used);
    net_state_each(w, on_part, s);
    if (stack)
        add_area(s, REPORT_STACK, WORLD_STACK_OFF, (uint64_t)w->cfg.max_frames * w->frame_stride);
    for (s->id = 0; s->id < w->st.n_maps; s->id++)
        if (world_in_scope(w, (uint32_t)s->id))
            map_for_each(w, w->maps[s->id], on_entry, s);
}

enum bpflab_err report_make(const struct world *w, bool stack, struct world_report *out) {
    struct sink s = {.w = w, .keep = true};
    walk(&s, stack);
    if (s.failed) {
        free(s.r.bytes);
        return BPFLAB_E_NOMEM;
    }
    *out = s.r;
    return BPFLAB_OK;
}

uint64_t report_digest(const struct world *w, bool stack) {
    struct sink s = {.w = w};
    walk(&s, stack);
    return s.r.digest;
}

void report_fini(struct world_report *r) {
    free(r->bytes);
    *r = (struct world_report){0};
}

/* ---- reading ---- */

uint64_t report_number(const struct report_item *item, uint32_t i) {
    return (i + 1) * (uint64_t)8 <= item->n ? get_le64(item->payload + 8 * (size_t)i) : 0;
}

bool report_next(const struct world_report *r, size_t *at, struct report_item *out) {
    if (r->n_bytes - *at < HEAD_BYTES)
        return false;
    const uint64_t head = get_le64(r->bytes + *at);
    const uint32_t n = (uint32_t)(head >> 32);
    if (n > r->n_bytes - *at - HEAD_BYTES)
        return false;
    *out = (struct report_item){
        .kind = (enum report_kind)(uint32_t)head,
        .id = get_le64(r->bytes + *at + 8),
        .payload = r->bytes + *at + HEAD_BYTES,
        .n = n,
    };
    const size_t whole = HEAD_BYTES + ((size_t)n + 7) / 8 * 8;
    *at = whole < r->n_bytes - *at ? *at + whole : r->n_bytes;
    return true;
}

bool report_map_each(const struct world_report *r, const struct map *m, map_each_fn *fn,
                     void *self) {
    const uint32_t key_bytes = map_entry_key_bytes(m), key_room = (key_bytes + 7) / 8 * 8;
    struct report_item it;
    size_t at = 0;
    while (report_next(r, &at, &it)) {
        if (it.kind != REPORT_ENTRY || it.id != m->id)
            continue;
        const uint64_t head = report_number(&it, 0);
        const uint32_t n = (uint32_t)(head >> 32);
        if (it.n != 8 + (uint64_t)key_room + n)
            return false;
        if (!fn(self, key_bytes ? it.payload + 8 : NULL, (uint32_t)head, it.payload + 8 + key_room,
                n))
            return false;
    }
    return at == r->n_bytes;
}
