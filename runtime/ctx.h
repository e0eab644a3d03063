/* ctx.h: contexts at run time: filling one for a program type, and the loads and stores that
 * Linux rewrites.
 *
 * The context lies at WORLD_CTX_OFF in the layout of Linux's user-space header. Fields of kind
 * CTX_PKT_* are four
 * bytes wide there but read as 64-bit pointers: their bytes are not accessible in the shadow, so
 * that the
 * access takes the slow way, ctx_load, which makes the pointer from the packet's offsets of the
 * moment. A
 * JIT does the same for loads at these addresses.
 */
#ifndef BPFLAB_RUNTIME_CTX_H
#define BPFLAB_RUNTIME_CTX_H

#include "runtime/proto.h"
#include "runtime/world.h"

/* ctx_setup: make the world's context that of a program type, from its packet and env: lengths,
 * pointers, access.
 * bytes (may be NULL): initial contents, for opaque and scalar fields; n_bytes at most the
 * context's size.
 * out: r1 in *r1 (and r2 for raw programs elsewhere). errors: ARG (no such type), RANGE */
enum bpflab_err ctx_setup(struct world *w, uint32_t prog_type, const uint8_t *bytes, size_t n_bytes,
                          uint64_t *r1);

/* ctx_load: a load of size_bytes at guest address addr that the shadow refused. out: true and
 * the value if it is
 * a context field that reads as something else. ctx_store: likewise for stores. */
bool ctx_load(struct world *w, uint64_t addr, unsigned size_bytes, uint64_t *value);
bool ctx_store(struct world *w, uint64_t addr, unsigned size_bytes, uint64_t value);

/* ctx_packet_moved: bring the context's length fields in line after the packet changed. */
void ctx_packet_moved(struct world *w);

/* ctx_ld_abs: LD_ABS/LD_IND: size_bytes of the packet at off (negative: SKF_NET_OFF,
 * SKF_LL_OFF), to host value from
 * network order. out: false if outside the packet: the program ends with r0 = 0. */
bool ctx_ld_abs(struct world *w, int64_t off, unsigned size_bytes, uint64_t *value);

#endif
