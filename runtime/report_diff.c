/* report_diff.c: two reports side by side, and the first differences in words. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "runtime/netstate.h"
#include "runtime/report.h"

static const char *const state_names[] = {
#define STATE(field, name) name,
#include "runtime/state.def"
};

static const char *const area_names[N_REPORT_AREAS] = {
    [REPORT_CTX] = "context",     [REPORT_META] = "packet metadata", [REPORT_DATA] = "packet",
    [REPORT_SCRATCH] = "scratch", [REPORT_STACK] = "stack",
};

/* struct pair: both sides of a comparison. */
struct pair {
    const struct world *names;
    struct report_item a, b;
    struct world_diff *d;
};

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

/* What an item is about, for a message. */
static const char *name_of(const struct world *names, const struct report_item *it, char *buf,
                           size_t size) {
    const uint32_t high = (uint32_t)(it->id >> 32), low = (uint32_t)it->id;
    const char *part;
    switch (it->kind) {
    case REPORT_STATE:
        return it->id < sizeof state_names / sizeof *state_names ? state_names[it->id] : "state";
    case REPORT_CALL: snprintf(buf, size, "call %" PRIu64, it->id); return buf;
    case REPORT_CALLS: return "number of helper calls";
    case REPORT_PACKET: return "place of the packet";
    case REPORT_BYTES: return high < N_REPORT_AREAS ? area_names[high] : "memory";
    case REPORT_NET:
        part = net_part_name(high != 0, low);
        part = part ? part : "state";
        if (high)
            snprintf(buf, size, "socket %u: %.60s", high - 1, part);
        else
            snprintf(buf, size, "network: %.60s", part);
        return buf;
    case REPORT_TIMERS: return "timers that are set";
    case REPORT_ENTRY:
        snprintf(buf, size, "map %.40s",
                 it->id < names->st.n_maps ? names->maps[it->id]->name : "(unknown)");
        return buf;
    }
    return "something";
}

static uint64_t key_bytes_of(const struct pair *p) {
    const uint64_t id = p->a.id;
    return id < p->names->st.n_maps ? map_entry_key_bytes(p->names->maps[id]) : 0;
}

/* "key 0a000001" for messages. */
static void key_text(const struct pair *p, const struct report_item *it, char *buf, size_t size) {
    const uint64_t n = key_bytes_of(p);
    size_t at = (size_t)snprintf(buf, size, n ? "key " : "entry");
    for (uint64_t i = 0; i < n && 8 + i < it->n && at + 3 < size; i++)
        at += (size_t)snprintf(buf + at, size - at, "%02x", it->payload[8 + i]);
}

static void diff_entry(const struct pair *p, uint32_t i, const char *name) {
    const uint64_t key_room = (key_bytes_of(p) + 7) / 8 * 8;
    char key[40];
    key_text(p, &p->a, key, sizeof key);
    if (i < 8 + key_room)
        note(p->d, p->a.payload[i], p->b.payload[i], "%s: %s is in one only", name, key);
    else
        note(p->d, p->a.payload[i], p->b.payload[i], "%s %s cpu %u byte %" PRIu64, name, key,
             (uint32_t)report_number(&p->a, 0), i - 8 - key_room);
}

static void diff_numbers(const struct pair *p, uint32_t i, const char *name) {
    static const char *const ends[] = {"metadata", "data", "end"};
    const uint64_t x = report_number(&p->a, i), y = report_number(&p->b, i);
    if (p->a.kind == REPORT_CALL && i == 0)
        note(p->d, x, y, "%s: helper", name);
    else if (p->a.kind == REPORT_CALL)
        note(p->d, x, y, i < 6 ? "%s: argument %u" : "%s: result", name, i);
    else if (p->a.kind == REPORT_CALLS && i)
        note(p->d, x, y, "helper calls after the first %d", WORLD_TRACE_KEPT);
    else if (p->a.kind == REPORT_PACKET)
        note(p->d, x, y, "%s: %s", name, ends[i % 3]);
    else
        note(p->d, x, y, "%s", name);
}

/* Items of one kind and id whose payloads differ. */
static void diff_payload(const struct pair *p) {
    const uint32_t n = p->a.n < p->b.n ? p->a.n : p->b.n;
    char buf[96];
    const char *name = name_of(p->names, &p->a, buf, sizeof buf);
    uint32_t i = 0;
    while (i < n && p->a.payload[i] == p->b.payload[i])
        i++;
    if (i == n) {
        if (p->a.kind == REPORT_BYTES)
            note(p->d, p->a.n > n, p->b.n > n, "access to %s byte %" PRIu64, name,
                 (p->a.id & UINT32_MAX) + n);
        else
            note(p->d, p->a.n, p->b.n, "%s: size", name);
        return;
    }
    switch (p->a.kind) {
    case REPORT_BYTES:
        note(p->d, p->a.payload[i], p->b.payload[i], "%s byte %" PRIu64, name,
             (p->a.id & UINT32_MAX) + i);
        return;
    case REPORT_NET: note(p->d, p->a.payload[i], p->b.payload[i], "%s", name); return;
    case REPORT_ENTRY: diff_entry(p, i, name); return;
    default: diff_numbers(p, i / 8, name);
    }
}

/* Reports are sorted by kind, but for timers, which come right behind the state. */
static uint32_t rank(const struct report_item *it) {
    static const uint8_t ranks[] = {
        [REPORT_STATE] = 1, [REPORT_TIMERS] = 2, [REPORT_CALL] = 3, [REPORT_CALLS] = 4,
        [REPORT_BYTES] = 5, [REPORT_PACKET] = 6, [REPORT_NET] = 8,  [REPORT_ENTRY] = 10,
    };
    const uint32_t kind = (uint32_t)it->kind;
    if (it->kind == REPORT_BYTES && it->id >> 32 != REPORT_CTX)
        return it->id >> 32 == REPORT_STACK ? 9 : 7;
    return kind < sizeof ranks ? ranks[kind] : UINT32_MAX;
}

static bool before(const struct report_item *a, const struct report_item *b) {
    const uint32_t x = rank(a), y = rank(b);
    return x != y ? x < y : a->id < b->id;
}

static void only_in(const struct pair *p, const struct report_item *it, bool first) {
    char buf[96], key[40];
    const char *name = name_of(p->names, it, buf, sizeof buf);
    if (it->kind == REPORT_BYTES) {
        note(p->d, first, !first, "access to %s byte %" PRIu64, name, it->id & UINT32_MAX);
    } else if (it->kind == REPORT_ENTRY) {
        const struct pair one = {.names = p->names, .a = *it};
        key_text(&one, it, key, sizeof key);
        note(p->d, first, !first, "%s: %s is in one only", name, key);
    } else {
        note(p->d, first, !first, "%s: in one only", name);
    }
}

static bool same(const struct report_item *a, const struct report_item *b) {
    return a->n == b->n && (!a->n || !memcmp(a->payload, b->payload, a->n));
}

bool report_diff(const struct world *names, const struct world_report *a,
                 const struct world_report *b, struct world_diff *diff) {
    struct world_diff own;
    struct pair p = {.names = names, .d = diff ? diff : &own};
    size_t at_a = 0, at_b = 0;
    p.d->n = 0;
    if (a->n_bytes == b->n_bytes && !memcmp(a->bytes, b->bytes, a->n_bytes))
        return true;
    bool more_a = report_next(a, &at_a, &p.a), more_b = report_next(b, &at_b, &p.b);
    while (more_a || more_b) {
        const bool a_first = more_a && (!more_b || before(&p.a, &p.b));
        const bool b_first = !a_first && more_b && (!more_a || before(&p.b, &p.a));
        if (a_first)
            only_in(&p, &p.a, true);
        else if (b_first)
            only_in(&p, &p.b, false);
        else if (!same(&p.a, &p.b))
            diff_payload(&p);
        if (!b_first)
            more_a = report_next(a, &at_a, &p.a);
        if (!a_first)
            more_b = report_next(b, &at_b, &p.b);
    }
    if (!p.d->n)
        note(p.d, a->n_bytes, b->n_bytes, "a report is damaged");
    return false;
}
