/* report.h: what a run left behind, as bytes that do not depend on the machine it ran on, so that
 * worlds in different processes and of different machines can be compared exactly.
 *
 * A report is a list of items in a fixed order, of the things that snapshot_diff compares: fields
 * of world_state, calls, accessible bytes of context, packet, scratch and stack, the network's
 * state, timers, and every map's entries. An item is
 *
 *   offset  bytes
 *   0       4      kind, enum report_kind
 *   4       4      n: bytes of its payload
 *   8       8      id: which of its kind
 *   16      n      payload, and zeros up to a multiple of 8
 *
 * with numbers lowest byte first. The digest is a number over the same bytes: equal worlds have
 * equal digests, and different ones differ but for chance. Comparing digests is the cheap way; who
 * needs to know what differs makes both reports and has them compared.
 */
#ifndef BPFLAB_RUNTIME_REPORT_H
#define BPFLAB_RUNTIME_REPORT_H

#include "runtime/map.h"
#include "runtime/snapshot.h"

enum report_kind {
    REPORT_STATE = 1, /* id: row of runtime/state.def; 8 bytes */
    REPORT_CALL,      /* id: its place in the trace; helper, five arguments, result, 8 bytes each */
    REPORT_CALLS,     /* number of calls, and the digest of those not kept, 8 bytes each */
    REPORT_PACKET,    /* meta, data, end: offsets in the packet area, 8 bytes each */
    REPORT_BYTES,     /* id: enum report_area << 32 | offset in it; bytes that may be accessed */
    REPORT_NET,       /* id: (socket + 1) << 32 | number of the part (net_part_name) */
    REPORT_TIMERS,    /* timers_digest; 8 bytes */
    REPORT_ENTRY,     /* id: map; cpu, bytes of the value, 4 bytes each, key, value */
};

enum report_area {
    REPORT_CTX,
    REPORT_META, /* the packet's metadata */
    REPORT_DATA, /* the packet from its start on */
    REPORT_SCRATCH,
    REPORT_STACK,
    N_REPORT_AREAS,
};

/* struct world_report: owned bytes, for report_fini. */
struct world_report {
    uint8_t *bytes;
    size_t n_bytes;
    uint64_t digest;
};

/* report_make: of a world; stack: with the frames.
 * errors: NOMEM
 * cost:   O(bytes in use)
 * report_digest: only the digest; nothing is allocated. */
enum bpflab_err report_make(const struct world *w, bool stack, struct world_report *out);
uint64_t report_digest(const struct world *w, bool stack);
void report_fini(struct world_report *r);

/* struct report_item: payload is borrowed from the report. */
struct report_item {
    enum report_kind kind;
    uint64_t id;
    const uint8_t *payload;
    uint32_t n;
};

/* report_next: the item at *at, which moves on to the next; start with 0.
 * out:    false at the end, or where the bytes are no report */
bool report_next(const struct world_report *r, size_t *at, struct report_item *out);

/* report_number: the i-th 8 bytes of a payload that has them. */
uint64_t report_number(const struct report_item *item, uint32_t i);

/* report_map_each: the entries of a map as map_for_each gives them.
 * in:     m: the map's description, in a world with the same maps
 * out:    false if fn stopped it, or if the report is damaged */
bool report_map_each(const struct world_report *r, const struct map *m, map_each_fn *fn,
                     void *self);

/* report_apply: bring a report into a world with the same maps, where the same program is prepared:
 * state, calls, packet and the bytes that programs may access here. Maps, the network's state and
 * timers stay as they are, and so do the CPU and the context's kind, which no run changes.
 * in:     r may be anything at all: the world stays one that can be run in */
void report_apply(const struct world_report *r, struct world *w);

/* report_diff: where two reports differ, in words; at most the first difference of each area and
 * map is named.
 * in:     names: a world with the same maps; diff may be NULL
 * out:    true if equal */
bool report_diff(const struct world *names, const struct world_report *a,
                 const struct world_report *b, struct world_diff *diff);

#endif
