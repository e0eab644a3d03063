/* pack.h: an object and its world's configuration as bytes, so that another process makes the very
 * same instance: all that instance_new and running need. Names of sections, lines and types stay
 * behind; what BTF says of maps' values goes along as struct map_fields.
 */
#ifndef BPFLAB_ENGINE_PACK_H
#define BPFLAB_ENGINE_PACK_H

#include "engine/instance.h"
#include "engine/wire.h"

void pack_object(struct wire_out *out, const struct object *o);
void pack_config(struct wire_out *out, const struct world_config *cfg);
void unpack_config(struct wire_in *in, struct world_config *cfg);

/* struct packed: an object that was unpacked; owned, for packed_fini. */
struct packed {
    struct object object;
    struct map_fields *fields; /* of each map */
    bool *has_fields;
};

/* unpack_object:
 * errors: FORMAT (the bytes are no such object), NOMEM */
enum bpflab_err unpack_object(struct wire_in *in, struct packed *out);
void packed_fini(struct packed *p);

/* pack_programs, unpack_programs: the object's programs alone, in place of those it has.
 * errors: FORMAT (not as many programs, or no such thing): it has them as they were */
void pack_programs(struct wire_out *out, const struct object *o);
enum bpflab_err unpack_programs(struct wire_in *in, struct packed *p);

void pack_insns(struct wire_out *out, const struct insn *insns, uint32_t n);
/* unpack_insns: owned by the caller, NULL on failure (then the message is bad). */
struct insn *unpack_insns(struct wire_in *in, uint32_t *n);

void pack_end(struct wire_out *out, const struct run_end *end);
struct run_end unpack_end(struct wire_in *in);

#endif
