/* engine_test.c: everything that engines do beside plain instructions, held against the
 * interpreter: callbacks, tail calls, exceptions, packets, contexts, budgets, fuel, depth, faults.
 *
 *     engine_test ENGINE [contained]
 */
#include "engine/tests/rig.h"

#include "jit/jit.h"

#define ARRAY(nm, size, n)                                                                         \
    {.name = (char *)(uintptr_t)(nm),                                                              \
     .type = MAP_array,                                                                            \
     .key_size = 4,                                                                                \
     .value_size = (size),                                                                         \
     .max_entries = (n)}
#define HASH(nm, size, n)                                                                          \
    {.name = (char *)(uintptr_t)(nm),                                                              \
     .type = MAP_hash,                                                                             \
     .key_size = 4,                                                                                \
     .value_size = (size),                                                                         \
     .max_entries = (n)}

static const struct map_init tail_self[] = {{.index = 1, .is_prog = true, .target = 0}},
                             tail_other[] = {{.index = 1, .is_prog = true, .target = 1}};
#define JUMPS(list)                                                                                \
    {.name = (char *)(uintptr_t)"jumps",                                                           \
     .type = MAP_prog_array,                                                                       \
     .key_size = 4,                                                                                \
     .value_size = 4,                                                                              \
     .max_entries = 4,                                                                             \
     .inits = (list),                                                                              \
     .n_inits = 1}

static const uint8_t mem[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
#define MEM {.mem = mem, .mem_bytes = sizeof mem}
static const uint8_t frame[64] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 50};
#define PACKET {.packet = frame, .packet_bytes = sizeof frame}

/* clang-format off */
static const struct spec specs[] = {
    {.text = {"r0 = 42\nexit"}},
    {.text = {"r0 = 0\nr6 = 1\nr7 = 2\nr8 = -3\nr9 = 0x123456789 ll\nexit"}},
    /* memory */
    {.text = {"r0 = *(u32 *)(r1 + 4)\n*(u64 *)(r1 + 8) = r2\n*(u8 *)(r10 - 1) = 7\nexit"}, .input = MEM},
    {.text = {"r3 = 5\nlock *(u64 *)(r1 + 0) += r3\nr0 = 3\nr4 = 9\nlock *(u32 *)(r1 + 8) += r4\n"
              "r0 = *(u64 *)(r1 + 8)\nexit"}, .input = MEM},
    /* local calls, their stacks, what they keep */
    {.text = {"r6 = 1\nr7 = 2\nr1 = 5\ncall local f\nr0 += r6\nr0 += r7\nexit\n"
              "f: r6 = 10\n*(u64 *)(r10 - 8) = r1\nr1 = r10\nr1 += -8\ncall local g\nr0 += r6\nexit\n"
              "g: r7 = 100\nr0 = *(u64 *)(r1 + 0)\n*(u64 *)(r10 - 16) = r0\nexit"}},
    /* helpers: calls in order, clock and randomness of the world */
    {.text = {"call 5\nr6 = r0\ncall 7\nr7 = r0\ncall 8\nr0 += r6\nr0 ^= r7\nexit"}},
    {.text = {"*(u32 *)(r10 - 4) = 2\n*(u64 *)(r10 - 16) = 77\nr1 = map_idx(0) ll\nr2 = r10\nr2 += -4\nr3 = r10\n"
              "r3 += -16\nr4 = 0\ncall 2\nr1 = map_idx(0) ll\nr2 = r10\nr2 += -4\ncall 1\nif r0 == 0 goto out\n"
              "r1 = *(u64 *)(r0 + 0)\nr1 += 1\n*(u64 *)(r0 + 0) = r1\nr0 = r1\nout: exit"},
     .maps = {ARRAY("numbers", 8, 4)}},
    {.text = {"*(u32 *)(r10 - 4) = 9\n*(u64 *)(r10 - 16) = 77\nr1 = map_idx(1) ll\nr2 = r10\nr2 += -4\nr3 = r10\n"
              "r3 += -16\nr4 = 0\ncall 2\nr1 = map_idx(1) ll\nr2 = r10\nr2 += -4\ncall 1\nif r0 == 0 goto out\n"
              "r0 = *(u64 *)(r0 + 0)\nout: exit"},
     .maps = {ARRAY("numbers", 8, 4), HASH("table", 8, 16)}},
    {.text = {"r1 = map_idx_value(0, 8) ll\n*(u64 *)(r1 + 0) = 5\nr0 = *(u64 *)(r1 - 8)\nexit"},
     .maps = {ARRAY("globals", 32, 1)}},
    /* callbacks: bpf_loop (181), for_each_map_elem (164), a callback that loops itself */
    {.text = {"r1 = 5\nr2 = cb ll\nr3 = r10\nr3 += -8\n*(u64 *)(r10 - 8) = 0\nr4 = 0\ncall 181\n"
              "r6 = r0\nr0 = *(u64 *)(r10 - 8)\nr0 += r6\nexit\n"
              "cb: r3 = *(u64 *)(r2 + 0)\nr3 += r1\n*(u64 *)(r2 + 0) = r3\n*(u64 *)(r10 - 8) = r1\nr0 = 0\nexit"}},
    {.text = {"r1 = 4\nr2 = cb ll\nr3 = r10\nr3 += -8\n*(u64 *)(r10 - 8) = 0\nr4 = 0\ncall 181\n"
              "r0 = *(u64 *)(r10 - 8)\nexit\n"
              "cb: r6 = r2\nr1 = 3\nr2 = in ll\nr3 = r6\nr4 = 0\ncall 181\nr0 = 0\nexit\n"
              "in: r3 = *(u64 *)(r2 + 0)\nr3 += 1\n*(u64 *)(r2 + 0) = r3\nr0 = 0\nexit"}},
    {.text = {"r1 = map_idx(0) ll\nr2 = cb ll\nr3 = r10\nr3 += -8\n*(u64 *)(r10 - 8) = 0\nr4 = 0\ncall 164\nexit\n"
              "cb: r0 = *(u64 *)(r3 + 0)\nr0 += 3\n*(u64 *)(r3 + 0) = r0\nr0 = 0\nexit"},
     .maps = {ARRAY("numbers", 8, 5)}},
    {.text = {"r1 = 5\nr2 = 0x123456 ll\nr3 = 0\nr4 = 0\ncall 181\nr0 = 1\nexit"}, .kind = RUN_TRAP_CALL},
    /* a trap inside a callback */
    {.text = {"r1 = 5\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nr0 = 1\nexit\ncb: r0 = *(u64 *)(r2 + 8)\nexit"},
     .kind = RUN_TRAP_NULL},
    /* tail calls: to another program, to itself until Linux's limit, to nothing */
    {.text = {"r2 = map_idx(0) ll\nr3 = 1\ncall 12\nr0 = 1\nexit", "r0 = 7\nexit"}, .type = PROG_xdp,
     .maps = {JUMPS(tail_other)}},
    {.text = {"r2 = map_idx(0) ll\nr3 = 1\ncall 12\nr0 = 33\nexit"}, .type = PROG_xdp, .maps = {JUMPS(tail_self)}},
    {.text = {"r6 = 5\nr2 = map_idx(0) ll\nr3 = 2\ncall 12\nr0 = r6\nexit"}, .type = PROG_xdp,
     .maps = {JUMPS(tail_self)}},
    {.text = {"r2 = map_idx(0) ll\nr3 = 99\ncall 12\nr0 = 4\nexit"}, .type = PROG_xdp, .maps = {JUMPS(tail_self)}},
    {.text = {"call local f\nr0 += 100\nexit\nf: r2 = map_idx(0) ll\nr3 = 1\ncall 12\nr0 = 3\nexit"},
     .type = PROG_xdp, .maps = {JUMPS(tail_self)}},
    {.text = {"r6 = 1\ncall local f\nr0 += r6\nexit\nf: r6 = 50\nr2 = map_idx(0) ll\nr3 = 1\ncall 12\nr0 = 3\nexit",
              "r6 = 9\nr7 = 9\nr8 = 9\nr9 = 9\nr0 = 7\nexit"},
     .type = PROG_xdp, .maps = {JUMPS(tail_other)}},
    /* what calls keep: r0 over a tail call, taken or not; the caller's registers in a function */
    {.text = {"r0 = 7\nr2 = map_idx(0) ll\nr3 = 2\ncall 12\nexit"}, .type = PROG_xdp, .maps = {JUMPS(tail_self)}},
    {.text = {"r0 = 7\nr2 = map_idx(0) ll\nr3 = 1\ncall 12\nr0 = 1\nexit", "r0 += 1\nexit"}, .type = PROG_xdp,
     .maps = {JUMPS(tail_other)}},
    {.text = {"r6 = 5\nr0 = 8\ncall local f\nr6 = 0\nexit\nf: r0 += r6\nexit"}},
    /* callx: a helper whose number is in a register */
    {.text = {"r6 = 7\ncallx r6\nr0 += 1\nexit"}},
    {.text = {"r6 = 211\nr6 += 500\ncallx r6\nr0 = 1\nexit"}, .kind = RUN_TRAP_HELPER},
    {.text = {"call 100000\nexit"}, .kind = RUN_TRAP_HELPER},
    /* a helper that reads more registers than its prototype names: "%d", r3 */
    {.text = {"*(u8 *)(r10 - 8) = 0x25\n*(u8 *)(r10 - 7) = 0x64\n*(u8 *)(r10 - 6) = 0\nr3 = r2\nr3 *= 1000\n"
              "r1 = r10\nr1 += -8\nr2 = 3\ncall 6\nexit"}, .input = MEM},
    /* a map of a kind that Linux makes only with types */
    {.text = {"r1 = map_idx(0) ll\nr0 = 3\nexit"},
     .maps = {{.name = (char *)(uintptr_t)"storage", .type = MAP_task_storage, .key_size = 4, .value_size = 8,
               .flags = MAP_F_NO_PREALLOC, .key_btf_id = 1, .value_btf_id = 1}}},
    /* exceptions */
    {.text = {"r1 = 7\ncall kfunc 0\nr0 = 1\nexit"}, .names = {"bpf_throw"}},
    {.text = {"call local f\nr0 = 1\nexit\nf: call local g\nr0 = 2\nexit\ng: r1 = -1\ncall kfunc 0\nr0 = 3\nexit"},
     .names = {"bpf_throw"}},
    {.text = {"r1 = 4\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nr0 = 1\nexit\ncb: r1 += 5\ncall kfunc 0\nr0 = 0\nexit"},
     .names = {"bpf_throw"}},
    /* registers at the end, where nobody catches */
    {.text = {"r6 = 5\nr1 = 7\ncall kfunc 0\nr0 = 1\nexit"}, .names = {"bpf_throw"}},
    {.text = {"r7 = 5\ncall local f\nr6 = 6\nr1 = 7\ncall kfunc 0\nr0 = 1\nexit\nf: r0 = r7\nr6 = 9\nexit"},
     .names = {"bpf_throw"}},
    {.text = {"r1 = 7\ncall kfunc 0\nexit\nr0 = r1\nr0 *= 6\nexit"}, .names = {"bpf_throw"}, .exception_pc = 3},
    {.text = {"r1 = 7\ncall kfunc 0\nexit\n*(u64 *)(r10 - 8) = r1\nr0 = *(u64 *)(r10 - 8)\nr0 += 1\nexit"},
     .names = {"bpf_throw"}, .exception_pc = 3},
    {.text = {"r1 = 7\ncall kfunc 0\nexit\ncall kfunc 0\nr0 = 1\nexit"}, .names = {"bpf_throw"}, .exception_pc = 3,
     .kind = RUN_THROWN},
    {.text = {"call local f\nr1 = 7\ncall kfunc 0\nr0 = 1\nexit\nf: r2 = map_idx(0) ll\nr3 = 1\ncall 12\nr0 = 3\n"
              "exit\nr0 = r1\nr0 += 100\nexit", "r0 = 7\nexit"},
     .type = PROG_xdp, .maps = {JUMPS(tail_other)}, .names = {"bpf_throw"}, .exception_pc = 10, .trusted = true},
    /* thrown by a program whose function has been another's, by a tail call */
    {.text = {"call local f\nr1 = 7\ncall kfunc 0\nr0 = 1\nexit\nf: r2 = map_idx(0) ll\nr3 = 1\ncall 12\nr0 = 3\n"
              "exit\nr0 = r1\nr0 += 100\nexit", "r0 = 7\nexit"},
     .type = PROG_xdp, .maps = {JUMPS(tail_other)}, .names = {"bpf_throw"}, .exception_pc = 10},
    {.text = {"call kfunc 0\nr0 = 1\nexit"}, .names = {"bpf_no_such_thing"}, .kind = RUN_TRAP_HELPER},
    /* LD_ABS: inside, outside, in a function */
    {.text = {"r6 = r1\nr0 = *(u16 *)skb[12]\nexit"}, .type = PROG_socket_filter, .input = PACKET},
    {.text = {"r6 = r1\nr7 = 2\nr0 = *(u32 *)skb[r7 + 10]\nexit"}, .type = PROG_sched_cls, .input = PACKET},
    {.text = {"r6 = r1\nr0 = *(u32 *)skb[1000]\nr0 = 5\nexit"}, .type = PROG_sched_cls, .input = PACKET},
    {.text = {"r6 = r1\nr1 = r6\ncall local f\nr0 += 1\nexit\nf: r6 = r1\nr0 = *(u8 *)skb[1000]\nr0 = 5\nexit"},
     .type = PROG_sched_cls, .input = PACKET},
    /* contexts: packet pointers, fields that are something else, length after a change */
    {.text = {"r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)\nr4 = r2\nr4 += 14\nif r4 > r3 goto out\n"
              "r0 = *(u8 *)(r2 + 12)\n*(u8 *)(r2 + 0) = 9\nexit\nout: r0 = 0\nexit"}, .type = PROG_xdp, .input = PACKET},
    {.text = {"r6 = r1\nr2 = -4\ncall 44\nr2 = *(u32 *)(r6 + 0)\nr3 = *(u32 *)(r6 + 4)\nr0 = r3\nr0 -= r2\nexit"},
     .type = PROG_xdp, .input = PACKET},
    {.text = {"r0 = *(u32 *)(r1 + 0)\nr2 = *(u32 *)(r1 + 76)\nr3 = *(u32 *)(r1 + 80)\nr3 -= r2\nr0 += r3\n"
              "*(u32 *)(r1 + 8) = 5\nexit"}, .type = PROG_sched_cls, .input = PACKET},
    {.text = {"*(u32 *)(r1 + 12) = 0x12345\nr0 = *(u32 *)(r1 + 12)\nexit"}, .type = PROG_sched_cls, .input = PACKET},
    /* may_goto: a small use, and its whole budget */
    {.text = {"r0 = 0\nl: may_goto out\nr0 += 1\nif r0 < 10 goto l\nout: exit"}},
    {.text = {"r0 = 0\nl: may_goto out\nr0 += 1\ngoto l\nout: exit"}},
    {.text = {"call local f\nr6 = r0\ncall local f\nr0 += r6\nexit\n"
              "f: r0 = 0\nl: may_goto out\nr0 += 1\nif r0 < 1000 goto l\nout: exit"}},
    /* fuel: exactly enough, and one too little; loops, calls, callbacks, tail calls */
    {.text = {"r0 = 0\nl: r0 += 1\nif r0 < 10 goto l\nexit"}, .input = {.fuel = 9}},
    {.text = {"r0 = 0\nl: r0 += 1\nif r0 < 10 goto l\nexit"}, .input = {.fuel = 8}, .kind = RUN_TRAP_FUEL},
    {.text = {"call local f\ncall local f\nexit\nf: r0 = 1\nexit"}, .input = {.fuel = 1}, .kind = RUN_TRAP_FUEL},
    {.text = {"call local f\ncall local f\nexit\nf: r0 = 1\nexit"}, .input = {.fuel = 2}},
    {.text = {"r1 = 5\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nexit\ncb: r0 = 0\nexit"}, .input = {.fuel = 4},
     .kind = RUN_TRAP_FUEL},
    {.text = {"r1 = 5\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nexit\ncb: r0 = 0\nexit"}, .input = {.fuel = 5}},
    {.text = {"r2 = map_idx(0) ll\nr3 = 1\ncall 12\nr0 = 33\nexit"}, .type = PROG_xdp, .maps = {JUMPS(tail_self)},
     .input = {.fuel = 20}, .kind = RUN_TRAP_FUEL},
    {.text = {"l: goto l\nexit"}, .input = {.fuel = 1000}, .kind = RUN_TRAP_FUEL},
    /* depth: a function that calls itself, a callback in the deepest frame */
    {.text = {"call local f\nexit\nf: call local f\nexit"}, .kind = RUN_TRAP_DEPTH},
    {.text = {"call local f\nexit\nf: r6 += 1\nif r6 s> 100 goto out\n*(u64 *)(r10 - 8) = r6\n"
              "call local f\nout: r0 = 0\nexit"}, .kind = RUN_TRAP_DEPTH},
    {.text = {"r1 = 0\nr2 = cb ll\nr3 = 0\nr4 = 0\nr1 = 1\ncall 181\nr0 = 1\nexit\n"
              "cb: r1 = 1\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nr0 = 0\nexit"}, .kind = RUN_TRAP_DEPTH},
    /* faults as values */
    {.text = {"r1 = 0\nr0 = *(u64 *)(r1 + 16)\nexit"}, .kind = RUN_TRAP_NULL},
    {.text = {"r1 = 0\nr0 = 5\n*(u32 *)(r1 + 16) = r0\nexit"}, .kind = RUN_TRAP_NULL},
    {.text = {"r1 = 0x500000000000 ll\nr0 = *(u8 *)(r1 + 0)\nexit"}, .kind = RUN_TRAP_MEMORY},
    {.text = {"call local f\nexit\nf: r1 = 0x500000000000 ll\n*(u64 *)(r1 + 0) = r1\nr0 = 0\nexit"},
     .kind = RUN_TRAP_MEMORY},
    {.text = {"r2 = 0x500000000000 ll\nr4 = 8\nr3 = r2\nr3 += r4\nr3 = *(u64 *)(r3 + 0)\nr0 = 0\nexit"},
     .kind = RUN_TRAP_MEMORY},
    {.text = {"r2 = 0x500000000000 ll\nr3 = 8\nr3 += r2\n*(u32 *)(r3 + 0) = 1\nr0 = 0\nexit"}, .kind = RUN_TRAP_MEMORY},
    {.text = {"r2 = 0x300000000000 ll\nr1 = map_idx_value(0, 0) ll\nr1 += r2\nr1 = *(u64 *)(r1 + 0)\nr0 = 0\nexit"},
     .kind = RUN_TRAP_MEMORY, .maps = {ARRAY("globals", 32, 1)}},
    {.text = {"r1 = r10\nr1 += -7\nr2 = 1\nlock *(u64 *)(r1 + 0) += r2\nr0 = 0\nexit"}, .kind = RUN_TRAP_ALIGN},
    {.text = {"r1 = 0\nr2 = 8\ncall 6\nr0 = 1\nexit"}, .kind = RUN_TRAP_NULL},
    {.text = {"r1 = 0\nr2 = 8\ncall 6\nr0 = 1\nexit"}, .kind = RUN_TRAP_NULL, .trusted = true},
    {.text = {"r1 = map_fd(5) ll\nr0 = 0\nexit"}, .kind = RUN_TRAP_INSN},
    /* registers at the end: where LD_ABS leaves, in another function's exit, in the exception callback */
    {.text = {"r6 = r1\nr7 = 3\nr0 = *(u32 *)skb[1000]\nr7 = 5\nr0 = 5\nexit"}, .type = PROG_sched_cls,
     .input = PACKET},
    {.text = {"call local f\nr6 = 5\ngoto g\nf: r0 = 1\nexit\ng: r0 = 2\nexit"}},
    {.text = {"r1 = 7\ncall kfunc 0\nexit\nr6 = 4\nr0 = r1\nexit"}, .names = {"bpf_throw"}, .exception_pc = 3},
    /* functions that run into each other, where cold parts lie between them: a backward jump, a budget, a
     * misaligned access, a context's field */
    {.text = {"r6 = 0\ncall local f\nl: r6 += 1\nif r6 < 3 goto l\nf: r0 = r6\nexit"}},
    {.text = {"r6 = 0\ncall local f\nl: r6 += 1\nif r6 > 3 goto f\ngoto l\nf: r0 = r6\nexit"}},
    {.text = {"r6 = 0\ncall local f\nl: r6 += 1\nif r6 > 3 goto f\nmay_goto l\nf: r0 = r6\nexit"}},
    {.text = {"r6 = 2\ncall local f\n*(u64 *)(r10 - 8) = 5\nlock *(u64 *)(r10 - 8) += r6\n"
              "f: r0 = r6\nr6 = 3\nexit"}},
    {.text = {"r6 = r1\ncall local f\nr2 = *(u32 *)(r6 + 0)\nr6 = 5\nf: r0 = 42\nr6 = 3\nexit"}, .type = PROG_xdp,
     .input = PACKET},
    {.text = {"r6 = 1\ncall local f\nr6 = 3\nif r0 == 1 goto f\nr0 = 9\nexit\n"
              "f: r0 = r6\nr6 += 1\nif r6 < 3 goto f\nr0 = 1\nexit"}},
    /* the context's field at the end of a sum that begins at a map's value */
    {.text = {"r2 = r1\nr3 = map_idx_value(0, 0) ll\nr2 -= r3\nr1 = map_idx_value(0, 0) ll\nr1 += r2\n"
              "r1 = *(u32 *)(r1 + 0)\nr0 = *(u8 *)(r1 + 12)\nexit"},
     .type = PROG_xdp, .input = PACKET, .maps = {ARRAY("globals", 32, 1)}},
    /* arenas: what is allocated, by whole addresses and lower halves, atomics; what is not */
    {.text = {"r1 = map_idx(0) ll\nr2 = 0\nr3 = 1\nr4 = -1\nr5 = 0\ncall kfunc 0\nr6 = r0\nr1 = 5\n"
              "*(u64 *)(r6 + 8) = r1\n*(u16 *)(r6 + 4000) = 0x1234\nlock *(u64 *)(r6 + 8) += r1\nw7 = w6\n"
              "r0 = *(u64 *)(r7 + 8)\nr3 = *(u16 *)(r7 + 4000)\nr0 += r3\nr2 = 7\n"
              "lock *(u32 *)(r7 + 8) ^= r2\nr3 = *(s8 *)(r7 + 8)\nr0 += r3\nr3 = *(u32 *)(r6 + 0x7000)\n"
              "r0 += r3\n*(u64 *)(r6 + 0x7000) = r0\nr1 = 0x12345678\nr3 = *(u8 *)(r1 + 0)\nr0 += r3\nexit"},
     .names = {"bpf_arena_alloc_pages"},
     .maps = {{.name = (char *)(uintptr_t)"arena", .type = MAP_arena, .max_entries = 4, .flags = MAP_F_MMAPABLE,
               .extra = UINT64_C(0x7f0000000000)}}},
    /* where no page is: old values that are not written, misaligned atomics */
#define NO_PAGE                                                                                    \
    .names = {"bpf_arena_alloc_pages"},                                                            \
    .maps = {{.name = (char *)(uintptr_t)"arena", .type = MAP_arena, .max_entries = 4,             \
              .flags = MAP_F_MMAPABLE, .extra = UINT64_C(0x7f0000000000)}}
    {.text = {"r7 = 0x3000\nr2 = 0x300000002 ll\nr2 = atomic_fetch_add((u32 *)(r7 + 0), r2)\nr0 = r2\nw2 = w2\n"
              "r0 += r2\nexit"}, NO_PAGE},
    {.text = {"r7 = 0x3000\nr6 = 0x300000002 ll\nw2 = w6\nr2 = atomic_fetch_add((u32 *)(r7 + 0), r2)\nr0 = r2\n"
              "exit"}, NO_PAGE},
    {.text = {"r7 = 0x3001\nr0 = load_acquire((u32 *)(r7 + 0))\nexit"}, NO_PAGE, .kind = RUN_TRAP_ALIGN,
     .trusted = true},
    /* timers: one that fires, one whose callback traps, one that throws */
#define TIMER(callback)                                                                            \
    "*(u32 *)(r10 - 4) = 0\nr1 = map_idx(0) ll\nr2 = r10\nr2 += -4\ncall 1\nif r0 != 0 goto l\nexit\n" \
    "l: r6 = r0\nr1 = r6\nr2 = map_idx(0) ll\nr3 = 1\ncall 169\nr1 = r6\nr2 = cb ll\ncall 170\nr1 = r6\n" \
    "r2 = 5000000\nr3 = 0\ncall 171\nexit\n" callback
    {.text = {TIMER("cb: r1 = *(u64 *)(r3 + 16)\nr1 += 1\n*(u64 *)(r3 + 16) = r1\n*(u64 *)(r10 - 8) = r1\nr0 = 0\nexit")},
     .maps = {ARRAY("timers", 24, 1)}, .advance_ns = 90000000},
    {.text = {TIMER("cb: r1 = 0\nr0 = *(u64 *)(r1 + 16)\nexit")}, .maps = {ARRAY("timers", 24, 1)},
     .advance_ns = 90000000},
    {.text = {TIMER("cb: r1 = 3\ncall kfunc 0\nr0 = 0\nexit")}, .maps = {ARRAY("timers", 24, 1)},
     .names = {"bpf_throw"}, .advance_ns = 90000000},
    /* the conformance suites' unwind */
    {.text = {"r1 = 5\ncall 5\nr1 = 0\ncall 5\nr0 = 1\nexit"}, .unwind = true},
    {.text = {"r6 = 5\nr1 = 3\ncallx r6\nr0 += 1\nexit"}, .unwind = true},
    {.text = {"r1 = 3\nr2 = cb ll\nr3 = 0\nr4 = 0\ncall 181\nr0 += 7\nexit\ncb: r1 = 0\ncall 5\nr0 = 1\nexit"},
     .unwind = true},
};
/* clang-format on */

static bool contained;
static uint64_t n_run;

static void pass_time(struct engine_session *jit, struct engine_session *ref,
                      const struct spec *s) {
    struct engine_result a = {0}, b = {0};
    struct diag d = {0};
    uint64_t n_a = 0, n_b = 0;
    CHECK_EQ(engine_run_timers(ref, s->advance_ns, &a.end, &n_a, &d), BPFLAB_OK);
    CHECK_EQ(engine_run_timers(jit, s->advance_ns, &b.end, &n_b, &d), BPFLAB_OK);
    CHECK_EQ(n_a, 1);
    CHECK_EQ(n_b, n_a);
    rig_compare(&a, &b, !strcmp(engine_of(jit)->name, "jit:s390x"));
    rig_compare_worlds(ref, jit);
}

static void run_both(struct engine_session *jit, struct engine_session *ref, const struct spec *s) {
    struct engine_result a, b;
    struct diag d = {0};
    CHECK_EQ(engine_why(jit, 0)->err, BPFLAB_OK);
    for (int round = 0; round < 2; round++) {
        const bool ok = CHECK_EQ(engine_prepare(ref, 0, &s->input, &d), BPFLAB_OK) &&
                        CHECK_EQ(engine_prepare(jit, 0, &s->input, &d), BPFLAB_OK) &&
                        CHECK_EQ(engine_run(ref, 1, &a, &d), BPFLAB_OK) &&
                        CHECK_EQ(engine_run(jit, 1, &b, &d), BPFLAB_OK);
        if (!ok) {
            printf("    %s\n", d.text);
            return;
        }
        CHECK_EQ(a.end.kind, s->kind);
        rig_compare(&a, &b, !strcmp(engine_of(jit)->name, "jit:s390x"));
        rig_compare_worlds(ref, jit);
        if (s->advance_ns)
            pass_time(jit, ref, s);
        n_run++;
    }
}

/* out: false if the engine is missing */
static bool run_spec(const struct engine *e, struct executors *x, const struct spec *s,
                     struct engine_options opt) {
    struct rig r;
    struct diag d = {0};
    struct engine_session *jit = NULL, *ref = NULL;
    struct engine interp;
    bool there = true;
    struct world_config cfg;
    opt.unwind = s->unwind;
    opt.trusted = s->trusted;
    opt.executors = x;
    check_note(s->text[0]);
    if (!rig_init(&r, s) || !CHECK_EQ(engine_find("interp", false, &interp, &d), BPFLAB_OK))
        return true;
    instance_config(&r.object, &cfg);
    cfg.big_endian = jit_target_big_endian(e->arch);
    r.object.big_endian = cfg.big_endian;
    const enum bpflab_err err = engine_open(e, &r.object, &cfg, &opt, &jit, &d);
    if (err == BPFLAB_E_MISSING) {
        printf("skipped: %s\n", d.text);
        there = false;
    } else if (!CHECK_EQ(err, BPFLAB_OK) ||
               !CHECK_EQ(engine_open(&interp, &r.object, &cfg, &opt, &ref, &d), BPFLAB_OK)) {
        printf("    %s\n", d.text);
    } else {
        run_both(jit, ref, s);
    }
    engine_close(jit);
    engine_close(ref);
    rig_fini(&r);
    check_note(NULL);
    return there;
}

/* Code that takes many times more than most: every access looks where it leads. */
static void run_large(const struct engine *e, struct executors *x, struct engine_options opt) {
    enum {
        N = 6000
    };
    static const char load[] = "r2 = *(u32 *)(r1 + 16)\n";
    char *const text = malloc(N * sizeof load + 64);
    if (!CHECK(text != NULL))
        return;
    text[0] = 0;
    for (size_t i = 0, at = 0; i < N; i++, at += sizeof load - 1)
        memcpy(text + at, load, sizeof load);
    strcat(text, "r0 = r2\nexit");
    const struct spec s = {.text = {text}, .type = PROG_xdp, .input = PACKET};
    run_spec(e, x, &s, opt);
    free(text);
}

/* Code that is longer than the limit: its program is the interpreter's, and so is one that may
 * tail-call it. */
static void check_limit(const struct engine *e, struct executors *x) {
    const struct spec spec = {
        .text = {"r0 = 0x12345678\nr0 += 0x1111\nr0 ^= 0x2222\nexit", "r0 = 1\nexit"},
        .maps = {JUMPS(tail_other)}};
    struct engine_options opt = {.opt = 1, .blind = true, .blind_seed = 5, .executors = x};
    struct diag d = {0};
    struct rig r;
    uint32_t n = 0;
    if (!rig_init(&r, &spec))
        return;
    r.object.big_endian = jit_target_big_endian(e->arch);
    for (int round = 0; round < 4; round++) {
        struct engine_session *s = NULL;
        const bool fits = round == 0 || round == 1;
        r.object.n_maps = round == 3;
        opt.code_limit = round == 0 ? 0 : n - !fits;
        if (!CHECK_EQ(engine_open(e, &r.object, NULL, &opt, &s, &d), BPFLAB_OK))
            break;
        if (!round)
            n = engine_code_bytes(s, 0);
        CHECK(n > engine_code_bytes(s, 1));
        CHECK_EQ(engine_why(s, 0)->err, fits ? BPFLAB_OK : BPFLAB_E_UNSUPPORTED);
        CHECK_EQ(engine_falls_back(s, 0) == NULL, fits);
        CHECK_EQ(engine_falls_back(s, 1) == NULL, round != 3);
        CHECK_EQ(engine_prepare(s, 0, &spec.input, &d), fits ? BPFLAB_OK : BPFLAB_E_UNSUPPORTED);
        CHECK_EQ(engine_prepare(s, 1, &spec.input, &d), BPFLAB_OK);
        engine_close(s);
    }
    rig_fini(&r);
}

int main(int argc, char **argv) {
    static const struct engine_options forms[] = {
        {.opt = 0, .fuel = true, .expose = true},
        {.opt = 1, .fuel = true},
        {.opt = 1, .fuel = true, .expose = true},
        {.opt = 1, .fuel = true, .expose = true, .blind = true, .blind_seed = 12345},
    };
    struct engine e;
    struct diag d = {0};
    contained = argc > 2 && !strcmp(argv[2], "contained");
    const bool one_form = argc > 2 && !strcmp(argv[2], "one-form");
    if (argc < 2 || engine_find(argv[1], contained, &e, &d)) {
        printf("%s\n", d.text);
        return d.err == BPFLAB_E_MISSING ? 77 : 1;
    }
    struct executors *x = executors_new();
    for (size_t f = one_form ? 2 : 0; f < (one_form ? 3 : sizeof forms / sizeof *forms); f++)
        for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
            if (!run_spec(&e, x, &specs[i], forms[f])) {
                executors_free(x);
                return 77;
            }
    run_large(&e, x, forms[1]);
    check_limit(&e, x);
    executors_free(x);
    CHECK(n_run > 0);
    return check_end();
}
