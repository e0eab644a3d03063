/* fields.h: which parts of a map's value Linux treats specially, found by their types' names in the
 * BTF.
 */
#ifndef BPFLAB_ENGINE_FIELDS_H
#define BPFLAB_ENGINE_FIELDS_H

#include "isa/btf.h"
#include "runtime/map.h"

/* fields_of_type: search a value's type, nested structures included, for struct bpf_spin_lock,
 * bpf_timer and bpf_wq.
 * in:     btf may be NULL, id 0
 * out:    true if there is any; *out is then filled, with -1 where there is none
 * cost:   O(members), at most 64 levels deep and 4096 members in all */
bool fields_of_type(const struct btf *btf, uint32_t id, struct map_fields *out);

#endif
