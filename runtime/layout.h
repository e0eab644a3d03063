/* layout.h: where things lie in the world's range of guest addresses: runtime/world.h tells what.
 * Data only.
 */
#ifndef BPFLAB_RUNTIME_LAYOUT_H
#define BPFLAB_RUNTIME_LAYOUT_H

#include <stdint.h>

#define WORLD_BASE  UINT64_C(0x200000000000)
#define WORLD_BYTES (UINT64_C(256) << 20)

enum {
    WORLD_CTX_OFF = 0x1000,
    WORLD_CTX_BYTES = 0x1000,
    WORLD_HANDLE_OFF = 0x2000,
    WORLD_HANDLE_BYTES = 0xe000,
    WORLD_PKT_OFF = 0x10000,
    WORLD_PKT_BYTES = 0x30000,
    WORLD_SCRATCH_OFF = 0x40000,
    WORLD_SCRATCH_BYTES = 0xc0000,
    WORLD_ARENA_OFF = 0x100000,
    WORLD_STACK_OFF = 0xfe00000,
    WORLD_ARENA_BYTES = WORLD_STACK_OFF - WORLD_ARENA_OFF,
    WORLD_STACK_BYTES = 0x200000,
    WORLD_STACK_GAP = 64, /* unreadable bytes between frames */
    WORLD_MAX_MAPS = 1024,
    WORLD_MAX_CPUS = 64,
    WORLD_TRACE_KEPT = 4096, /* calls recorded in full; later ones only count and digest */
};

/* struct world itself, with its trace and tables elsewhere: so near that generated code, which has
 * it in a register, reaches all of the world from there. No program may access it. */
#define WORLD_STATE_OFF   (WORLD_BYTES + 0x10000)
#define WORLD_STATE_BYTES UINT64_C(0x10000)

/* Code addresses (callbacks, gotox): world_code_addr(program, pc). No memory lies there. */
#define WORLD_CODE_BASE (WORLD_BASE + WORLD_BYTES + (UINT64_C(1) << 32))

static inline uint64_t world_code_addr(uint32_t prog_id, uint32_t pc) {
    return WORLD_CODE_BASE + ((uint64_t)prog_id << 20) + pc;
}

#endif
