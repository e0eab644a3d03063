/* instance.h: an object made ready to run: a world with its maps created and filled, its programs
 * decoded, its prog arrays pointing at each other.
 *
 * Program ids, as prog arrays hold them and tail calls use them, are the programs' indices in the
 * object.
 */
#ifndef BPFLAB_ENGINE_INSTANCE_H
#define BPFLAB_ENGINE_INSTANCE_H

#include "interp/interp.h"
#include "loader/object.h"
#include "runtime/map.h"

/* struct instance: the arrays are owned, and as long as the object's of maps and programs. */
struct instance {
    struct world *world;         /* owned */
    const struct object *object; /* borrowed */
    uint32_t *map_ids;    /* world id of each of the object's maps, templates of inner maps too */
    struct diag *map_why; /* of each map: why it could not be made or filled */
    struct interp_code **code;  /* of each program; NULL where it did not compile */
    struct diag *why;           /* of each program: why it did not; err is OK where it did */
    uint32_t prepared;          /* the program that instance_prepare was last called for */
    struct world_packet packet; /* where its packet lay then */
    uint64_t mem_addr;          /* a bare program's memory: guest address, 0 if it has none */
    uint64_t mem_room;          /* bytes that it has room for */
};

/* instance_config: the world that instance_new makes if it is not told: the defaults, in the
 * object's byte order, with as many frames as its programs may need. */
void instance_config(const struct object *o, struct world_config *cfg);

/* instance_new: create and fill everything.
 * in:     o is borrowed for the instance's life; cfg: NULL: instance_config's
 * out:    *out, for instance_fini. A map that cannot be made (a type that bpflab lacks, one that
 *         Linux refuses, no room in the world) and a program that does not compile, or that names
 *         such a map, are no errors here: the others can run. map_ids is then UINT32_MAX, and code
 *         NULL; map_why and why say why
 * errors: NOMEM, those of world_new
 * cost:   O(instructions + bytes of maps that start out filled) */
enum bpflab_err instance_new(const struct object *o, const struct world_config *cfg,
                             struct instance *out, struct diag *d);

/* struct map_knowledge: what BTF says of each map's values, where it was looked up elsewhere. */
struct map_knowledge {
    const struct map_fields *fields;
    const bool *has;
};

/* instance_new_known: instance_new for an object without BTF; known may be NULL. */
enum bpflab_err instance_new_known(const struct object *o, const struct map_knowledge *known,
                                   const struct world_config *cfg, struct instance *out,
                                   struct diag *d);
void instance_fini(struct instance *in);

/* instance_swap: other programs in place of the object's, so that many can be tried without making
 * the world and its maps anew. The world is left as it is.
 * in:     o: as many programs as before, and the same maps; borrowed from now on; interp: the
 *         interpreter is to run them (code), too
 * errors: ARG (another number of programs or maps), NOMEM: the instance then has no programs
 * cost:   O(instructions) */
enum bpflab_err instance_swap(struct instance *in, const struct object *o, bool interp,
                              struct diag *d);

enum {
    INSTANCE_PACKET_DEFAULT = 64,
};

/* struct instance_input: what a program is run on. All borrowed for the call. */
struct instance_input {
    /* Types with a packet; NULL: INSTANCE_PACKET_DEFAULT zero bytes. */
    const uint8_t *packet;
    size_t packet_bytes;
    /* Bare programs: their memory, r1 = its address, r2 = its size; may be NULL. */
    const uint8_t *mem;
    size_t mem_bytes;
    /* Other programs: the context's first bytes, as far as fields are opaque or scalars; may be
     * NULL. */
    const uint8_t *ctx;
    size_t ctx_bytes;
    uint64_t fuel;            /* 0: INTERP_FUEL_DEFAULT */
    uint64_t may_goto_budget; /* as interp_job's */
    uint64_t seed;            /* of the world's randomness from here on; 0: it goes on as it is */
    bool unwind;              /* helper 5 as the conformance suite has it */
};

/* instance_prepare: put the input into the world, begin a run, and make the job for a program.
 * in:     prog: its index in the object
 * errors: those of ctx_setup and world_set_packet; NOTFOUND (no such program), SPACE (memory),
 *         UNSUPPORTED (program type); what in->why says of the program
 * cost:   O(input) */
enum bpflab_err instance_prepare(struct instance *in, uint32_t prog,
                                 const struct instance_input *input, struct interp_job *job,
                                 struct diag *d);

/* instance_moved: do the packet's ends lie elsewhere than when it was prepared? */
static inline bool instance_moved(const struct instance *in) {
    return memcmp(&in->packet, &in->world->st.pkt, sizeof in->packet) != 0;
}

/* instance_again: begin another run of the same job: the packet where it lay, all memory and maps
 * as the run before left them.
 * cost:   O(1), O(packet) after a run that moved the packet's ends */
void instance_again(struct instance *in);

#endif
