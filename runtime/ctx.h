/* ctx.h: contexts at run time: filling one for a program type, and the loads and stores that Linux
 * rewrites.
 *
 * The context lies at WORLD_CTX_OFF in the layout of Linux's user-space header. Fields of kind
 * CTX_PKT_* are four bytes wide there but read as 64-bit pointers: their bytes are not accessible
 * in the shadow, so that the access takes the slow way, ctx_load, which makes the pointer from the
 * packet's offsets of the moment. Fields of kind CTX_U16 and CTX_QUEUE are loaded plainly but
 * stored through ctx_store, which truncates; and on big-endian machines the 4-byte load of a 2-byte
 * port goes through ctx_load. A JIT does the same for accesses at these addresses.
 *
 * What a context starts with comes from the packet and from struct net_input (runtime/netenv.h).
 * Fields of kind CTX_SOCK always hold a socket: if none is named there, a fresh one.
 * Other memory that it points to (socket images, flow keys, optval) lies in scratch, in a region
 * that is made once.
 */
#ifndef BPFLAB_RUNTIME_CTX_H
#define BPFLAB_RUNTIME_CTX_H

#include "runtime/proto.h"
#include "runtime/world.h"

/* ctx_setup: make the world's context that of a program type, from its packet and env: lengths,
 * pointers, access. The packet is an Ethernet frame; types that see it from a later header on get
 * it so (enum pkt_start), which moves the packet's start: set the packet anew before the next
 * ctx_setup.
 * in:     bytes (may be NULL): initial contents, for opaque and scalar fields; n_bytes at most
 *         the context's size and WORLD_CTX_BYTES
 * out:    r1 in *r1 (0 for raw programs, whose memory is set elsewhere)
 * errors: ARG (no such type), RANGE (more bytes than the context has), SPACE (scratch is full)
 * cost:   O(context + packet); the region is made at the first call */
enum bpflab_err ctx_setup(struct world *w, uint32_t prog_type, const uint8_t *bytes, size_t n_bytes,
                          uint64_t *r1);

/* ctx_load: a load of size_bytes at guest address addr that the shadow refused.
 * ctx_store: a store.
 * out: true (and the value) if it is a context field that reads as something else, or takes
 *      something else */
bool ctx_load(struct world *w, uint64_t addr, unsigned size_bytes, uint64_t *value);
bool ctx_store(struct world *w, uint64_t addr, unsigned size_bytes, uint64_t value);

/* ctx_packet_moved: bring the context's length fields in line after the packet changed. */
void ctx_packet_moved(struct world *w);

/* ctx_ld_abs: LD_ABS and LD_IND: size_bytes of the packet at off (negative: SKF_NET_OFF,
 * SKF_LL_OFF), to host value from network order.
 * out: false if outside the packet: the program ends with r0 = 0 */
bool ctx_ld_abs(struct world *w, int64_t off, unsigned size_bytes, uint64_t *value);

#endif
