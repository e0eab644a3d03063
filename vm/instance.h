/* instance.h: an object made ready to run: a world with its maps created and filled, its programs decoded,
 * its prog arrays pointing at each other.
 */
#ifndef BPFLAB_VM_INSTANCE_H
#define BPFLAB_VM_INSTANCE_H

#include "interp/interp.h"
#include "loader/object.h"
#include "runtime/map.h"

struct instance {
    struct world *world;           /* owned */
    const struct object *object;   /* borrowed */
    uint32_t *map_ids;             /* world id of each of the object's maps */
    struct interp_code **code;     /* of each program; NULL where it did not compile */
};

/* instance_new: create and fill everything. cfg NULL: defaults in the object's byte order.
 * errors: SPACE (a map does not fit), UNSUPPORTED (a map type), TYPE (a definition Linux refuses), those of
 * interp_compile and world_new; d says which map or program. */
enum bpflab_err instance_new(const struct object *o, const struct world_config *cfg,
                             struct instance *out, struct diag *d);
void instance_fini(struct instance *in);

/* struct instance_input: what a program is run on. */
struct instance_input {
    const uint8_t *packet; size_t packet_bytes; /* for types with a packet; default 64 zero bytes */
    const uint8_t *mem; size_t mem_bytes;       /* raw programs: their memory; others: the context's bytes */
    uint64_t fuel;
    bool unwind;
};

/* instance_prepare: put the input into the world and make the run description for program index.
 * errors: those of ctx_setup and world_set_packet */
enum bpflab_err instance_prepare(struct instance *in, uint32_t prog, const struct instance_input *input,
                                 struct interp_run *run, struct diag *d);

#endif
