/* minimize.h: the smallest case that still shows what was found: fewer instructions, programs and
 * inputs, simpler operands, as long as the same oracle objects for the same cause.
 */
#ifndef BPFLAB_FUZZ_MINIMIZE_H
#define BPFLAB_FUZZ_MINIMIZE_H

#include "fuzz/judge.h"

/* minimize_probe: does the case still show it? in: self: the caller's */
typedef bool minimize_probe(void *self, const struct fuzz_case *c);

struct minimize_stats {
    uint32_t probes, kept;  /* tries, and those that became the case */
    uint32_t before, after; /* slots of all programs */
};

/* minimize: *c becomes smaller; it shows what it showed.
 * in:     probe(c) is true; max_probes: tries at most, 0: 20 000
 * cost:   O(slots^2) probes at worst, O(slots log slots) mostly */
void minimize(struct fuzz_case *c, minimize_probe *probe, void *self, uint32_t max_probes,
              struct minimize_stats *stats);

#endif
