/* lies.h: does a pointer point to such an object as the verifier says? Objects in the storage of
 * maps; what lies at fixed places (stack, packet, context) is walk_fit.c's.
 */
#ifndef BPFLAB_FUZZ_ORACLE_LIES_H
#define BPFLAB_FUZZ_ORACLE_LIES_H

#include "runtime/world.h"
#include "verifier/reg.h"

/* lies_map_value: is value = base + off + x, with base a value of the map (or of an inner map of
 * its shape) and x in the pointer's variable part? Bases of hash maps are known only to lie in the
 * map's storage, and only constant parts are looked at there.
 * in:  r: REG_MAP_VALUE
 * out: true is said where nothing can be told
 * lies_map: is value what programs hold as the map's pointer, for r of REG_MAP?
 * lies_record: the same as lies_map_value of a ring buffer's record of r->mem_bytes.
 * cost: O(maps) */
bool lies_map(const struct world *w, const struct reg *r, uint64_t value);
bool lies_map_value(const struct world *w, const struct reg *r, uint64_t value);
bool lies_record(const struct world *w, const struct reg *r, uint64_t value);

#endif
