/* snapshot.h: a world's saved state, restored and compared byte for byte.
 *
 * A snapshot holds what was in use: context, packet, scratch, the arena up to its mark, the stack,
 * their shadow, world_state, and what can change of maps' descriptions. Maps created after it
 * vanish on restore, and come back when a snapshot that has them is restored.
 */
#ifndef BPFLAB_RUNTIME_SNAPSHOT_H
#define BPFLAB_RUNTIME_SNAPSHOT_H

#include "runtime/world.h"

struct snapshot; /* opaque */

/* snapshot_new: save the world.
 * errors: NOMEM
 * cost:   O(bytes in use) */
enum bpflab_err snapshot_new(const struct world *w, struct snapshot **out);
void snapshot_free(struct snapshot *s);

/* snapshot_save: save the world again into a snapshot of it, reusing its memory: the cheap way to
 * take many.
 * errors: ARG (maps were made since)
 * cost:   O(bytes in use) read, only changed pages written */
enum bpflab_err snapshot_save(struct snapshot *s, const struct world *w);

/* snapshot_restore: the world as it was saved; nothing pending.
 * in:   the same world, or one of equal configuration and maps
 * cost: O(bytes in use) read, only changed pages written */
void snapshot_restore(const struct snapshot *s, struct world *w);

/* worlds_same: are two worlds of equal configuration and maps the same to the last byte, frames
 * included? Those that are not may still be equal in the sense of snapshot_diff: a table may keep
 * the same entries elsewhere.
 * cost: O(bytes in use and in a's scope) */
bool worlds_same(const struct world *a, const struct world *b);

/* struct world_diff: the first places where two worlds differ, for people to read. */
enum {
    WORLD_DIFF_MAX = 32
};

struct world_diff {
    uint32_t n; /* differences found, may exceed what is kept */
    struct {
        char what[96]; /* "packet byte 12", "map flows key 0a000001 byte 4", "call 3 argument 1" */
        uint64_t a, b;
    } item[WORLD_DIFF_MAX];
};

/* snapshot_diff: compare what two runs left behind: context, packet, scratch, stack frames, map
 * contents (by key, not by where a table keeps them), the network's and the sockets' state, timers
 * that are set, world_state and call trace.
 * in:   stack: compare the frames too; diff may be NULL
 * out:  true if equal
 * cost: O(bytes in use) */
bool snapshot_diff(const struct snapshot *a, const struct snapshot *b, bool stack,
                   struct world_diff *diff);

/* world_compare: are the world and the snapshot equal in the same sense? */
bool world_compare(const struct world *w, const struct snapshot *s, bool stack,
                   struct world_diff *diff);

#endif
