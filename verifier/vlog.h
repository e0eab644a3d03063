/* vlog.h: the log of an exploration, in the form that readers of Linux's log know.
 *
 * Level 1 tells only the path that failed: text is held back and taken back when a path ends well.
 * Level 2 tells every step as it happens. Level 0 costs one test a step.
 */
#ifndef BPFLAB_VERIFIER_VLOG_H
#define BPFLAB_VERIFIER_VLOG_H

#include "verifier/path.h"

struct vlog {
    const struct subject *sub;
    int level;
    char *text; /* owned: held back, level 1 */
    size_t n_bytes, cap;
    uint32_t last_line; /* source line told last, so that it is told once */
    int column;         /* how long the line begun is; 0: none is */
    bool entered;       /* a path has begun, its state is not told yet */
};

void vlog_fini(struct vlog *l);

/* vlog_entry: a path begins or goes on: "from 12 to 20: R0=..."; or "func#1 @7" for an entry. */
void vlog_entry(struct vlog *l, const struct path *p);
/* vlog_insn: the instruction at p->pc, before it is executed. vlog_after: step s, made in frame
 * depth, has been: what changed, both frames where it called or returned. */
void vlog_insn(struct vlog *l, const struct path *p);
void vlog_after(struct vlog *l, const struct path *p, const struct step *s, uint32_t depth);
/* The walk of precision (precision.h), level 2: where a segment begins; each instruction with what
 * is wanted behind it; the kept state before the segment, with what is wanted of it.
 * vlog_propagate: what a covering state wants of the past of the path that it covers. */
void vlog_walk(struct vlog *l, uint32_t frame, uint32_t last, uint32_t first, uint32_t next);
void vlog_walk_insn(struct vlog *l, uint32_t frame, uint32_t pc, uint16_t regs, uint64_t slots);
void vlog_walk_state(struct vlog *l, const struct state *st, uint32_t frame, uint16_t regs,
                     uint64_t slots);
void vlog_propagate(struct vlog *l, uint32_t frame, uint16_t regs, uint64_t slots);
/* vlog_end: the path ended well: "12: safe" if covered. */
void vlog_end(struct vlog *l, const struct path *p, bool covered);
/* vlog_global_safe: a global function has been explored. */
void vlog_global_safe(struct vlog *l, uint32_t subprog);
/* vlog_reject: the last line, and all that was held back goes out. */
void vlog_reject(struct vlog *l, const struct report *rep);
void vlog_stats(struct vlog *l, const struct verify_stats *stats);

#endif
