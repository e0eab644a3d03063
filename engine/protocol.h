/* protocol.h: what the host and an executor say to each other.
 *
 * They share one range of memory (PROTO_BYTES, a file that the executor finds at PROTO_FD_SHARED)
 * and a socket (PROTO_FD_SOCKET) that only wakes the other side: 8 bytes, the size of the message.
 *
 *   offset             what
 *   0                  progress, 8 bytes: how many requests, or cases of a batch, are done
 *   8                  bytes of the reply that are complete
 *   PROTO_REQUEST_OFF  the host's message
 *   PROTO_REPLY_OFF    the executor's
 *
 * A message is a list of requests: kind, size, content. To each belongs a reply: an error (and its
 * text) or its content; after an error nothing more of the message is done. First of all the
 * executor says who it is (PROTO_HELLO), unasked. Numbers are as in engine/wire.h.
 *
 *   request   content                                       reply
 *   HELLO                                                   fingerprint, target, is its world at
 *                                                           its address, code area, exit address,
 *                                                           thunks, helpers, kernel functions
 *   OPEN      world_config, object (engine/pack.h)          digest of its world
 *   CODE      fuel?, programs: offset in the code area,     -
 *             bytes, pcs, functions, exception callback
 *   SWAP      scope, programs, as many as the object has    -
 *   UPDATE    map id, remove?, flags, key, value            -
 *   PREPARE   program, input                                -
 *   RUN       repeat                                        end, runs, time, registers, text
 *   AGAIN                                                   -
 *   TIMERS    ns                                            end, callbacks run
 *   REPORT    with stack?, whole?                           digest, bytes
 *   RESET                                                   -
 *   BATCH     cases (engine/bare.h)                         of each: end, registers, memory
 *   CLOSE                                                   -
 */
#ifndef BPFLAB_ENGINE_PROTOCOL_H
#define BPFLAB_ENGINE_PROTOCOL_H

#include <stdint.h>

enum {
    PROTO_VERSION = 3,
    PROTO_FD_SHARED = 3,
    PROTO_FD_SOCKET = 4,
    PROTO_PROGRESS_OFF = 0,
    PROTO_DONE_OFF = 8,
    PROTO_REQUEST_OFF = 4096,
    PROTO_REPLY_OFF = 64 << 20,
    PROTO_BYTES = 128 << 20,
    PROTO_REQUEST_BYTES = PROTO_REPLY_OFF - PROTO_REQUEST_OFF,
    PROTO_REPLY_BYTES = PROTO_BYTES - PROTO_REPLY_OFF,
    PROTO_CODE_BYTES = 32 << 20, /* of an executor's code area */
};

enum proto_request {
    PROTO_HELLO,
    PROTO_OPEN,
    PROTO_CODE,
    PROTO_SWAP,
    PROTO_UPDATE,
    PROTO_PREPARE,
    PROTO_RUN,
    PROTO_AGAIN,
    PROTO_TIMERS,
    PROTO_REPORT,
    PROTO_RESET,
    PROTO_BATCH,
    PROTO_CLOSE,
    N_PROTO_REQUESTS,
};

/* proto_fingerprint: a number over what generated code and both ends rely on: layouts, numbers of
 * rows, the entry stub. An executor of another build has another one. */
struct jit_arch;
uint64_t proto_fingerprint(const struct jit_arch *target);

#endif
