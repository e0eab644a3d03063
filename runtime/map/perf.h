/* perf.h: perf event array: programs write records for user space to read, one buffer a CPU.
 *
 * An entry holds a perf event, of which only the CPU that it is opened on matters: the system call
 * stores the CPU number as the 4-byte value. perf_attach opens one for each CPU, as
 * perf_buffer__new does. Records are kept in one log for the whole map, in the order they were
 * written, until perf_consume reads them.
 *
 * Memory: 8 bytes an entry and PERF_LOG_BYTES.
 * Cost: output O(size), and O(unread bytes) each time the log's end is reached; the rest O(1).
 */
#ifndef BPFLAB_RUNTIME_MAP_PERF_H
#define BPFLAB_RUNTIME_MAP_PERF_H

#include "runtime/map.h"

enum {
    PERF_LOG_BYTES = 512 << 10,
    PERF_RECORD_MAX = 65535 - 24
};

static inline bool perf_is(const struct map *m) {
    return m->def.type == MAP_perf_event_array;
}

/* perf_attach: put an event for each CPU into the entry of its number, as far as entries go. */
void perf_attach(struct world *w, struct map *m);

/* perf_event_cpu: the CPU of the event at index.
 * out: -E2BIG (no such index), -ENOENT (no event) */
int perf_event_cpu(const struct world *w, const struct map *m, uint64_t index);

/* perf_output: write a record, the bytes of two parts (n_b may be 0), to the event at index.
 * out: 0; -E2BIG (no such index, or larger than a record may be), -ENOENT (no event), -EOPNOTSUPP
 * (an event of another CPU than the current), -ENOSPC (log full: counted as lost) */
int perf_output(struct world *w, struct map *m, uint64_t index, const void *a, uint64_t n_a,
                const void *b, uint64_t n_b);

/* perf_consume: read the log, oldest first; fn returns false to stop after its record.
 * out: records read */
typedef bool perf_fn(void *self, uint32_t cpu, const void *data, uint32_t n_bytes);
uint32_t perf_consume(struct world *w, struct map *m, perf_fn *fn, void *self);

/* perf_lost: records that did not fit since creation. */
uint64_t perf_lost(const struct world *w, const struct map *m);

#endif
