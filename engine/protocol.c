/* protocol.c: what both ends must have in common beside the protocol's version. */
#include "engine/protocol.h"

#include <stddef.h>

#include "jit/jit.h"
#include "runtime/proto.h"
#include "runtime/world.h"

static uint64_t mixed(uint64_t h, uint64_t v) {
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

uint64_t proto_fingerprint(const struct jit_arch *target) {
    const uint64_t layout[] = {
        PROTO_VERSION,
        sizeof(struct world),
        offsetof(struct world, st),
        offsetof(struct world, trace),
        sizeof(struct world_state),
        offsetof(struct world_state, pkt),
        offsetof(struct world_state, ctx_type),
        WORLD_STATE_OFF,
        N_OPS,
        N_HELPERS,
        N_RUN_KINDS,
        N_JIT_THUNKS,
    };
    struct jit_code stub;
    uint32_t exit_off;
    uint64_t h = 1;
    for (size_t i = 0; i < sizeof layout / sizeof *layout; i++)
        h = mixed(h, layout[i]);
    if (!jit_stub(target, &stub, &exit_off)) {
        for (uint32_t i = 0; i < stub.n_bytes; i++)
            h = mixed(h, stub.bytes[i]);
        jit_code_fini(&stub);
    }
    return h;
}
