/* step_mem_test.c: loads, stores and atomics through every kind of pointer; 64-bit immediates;
 * LD_ABS; ranges that helpers access.
 */
#include "verifier/access.h"
#include "verifier/tests/step_bed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum {
    ARRAY,
    CONSTANTS, /* frozen: the bytes 1 to 8 */
    LOCKED,    /* a spin lock at 4, a kernel pointer at 8 */
    ARENA,
    NOT_FROZEN, /* the same constants, which user space may still change */
};

static const uint8_t constant_bytes[8] = {1, 2, 3, 4, 5, 6, 7, 0x88};
static const struct special_field special[] = {
    {.kind = SPECIAL_SPIN_LOCK, .off = 4, .bytes = 4},
    {.kind = SPECIAL_KPTR_UNREF, .off = 8, .bytes = 8},
};

static void some_maps(struct bed *b) {
    const struct map_def array = {
        .type = MAP_array, .key_size = 4, .value_size = 16, .max_entries = 1};
    struct map_def constants = array;
    constants.value_size = 8;
    constants.flags = MAP_F_RDONLY_PROG;
    constants.frozen = true;
    constants.data = constant_bytes;
    constants.data_bytes = sizeof constant_bytes;
    bed_add_map(b, array);
    bed_add_map(b, constants);
    bed_add_map(b, array);
    b->facts[LOCKED].fields = special;
    b->facts[LOCKED].n_fields = COUNT(special);
    bed_add_map(b, (struct map_def){.type = MAP_arena, .max_entries = 1});
    constants.frozen = false;
    bed_add_map(b, constants);
}

/* r2 a number up to 255, r3 any number, r6 the context, r7 to r9 pointers that few programs get. */
static void some_registers(struct bed *b) {
    struct reg *const regs = state_regs(&b->st);
    regs[2] = reg_scalar(scalar_from_urange(0, 255));
    regs[3] = reg_scalar(scalar_unknown());
    regs[6] = regs[1];
    regs[7] = reg_pointer(REG_MAP_KEY, 0);
    regs[8] = reg_pointer(REG_MEM, REG_F_RDONLY);
    regs[8].mem_bytes = 32;
    regs[9] = reg_pointer(REG_BUF, 0);
}

#define SETUP(kind) .type = PROG_##kind, .maps = some_maps, .entry = some_registers
static const struct bed_setup xdp = {SETUP(xdp)};
static const struct bed_setup strict = {SETUP(xdp), .strict_align = true};
static const struct bed_setup tc = {SETUP(sched_cls)};
static const struct bed_setup filter = {SETUP(socket_filter), .unprivileged = true};
static const struct bed_setup cgroup_skb = {SETUP(cgroup_skb)};
static const struct bed_setup flow = {SETUP(flow_dissector)};
static const struct bed_setup lookup = {SETUP(sk_lookup)};
static const struct bed_setup raw_writable = {SETUP(raw_tracepoint_writable)};
static const struct bed_setup syscall = {SETUP(syscall)};

#define DEAD_IF(cond) "if " cond " goto +1\nr0 = r5\nr0 = 0\nexit" /* r5 is not readable */

static const struct bed_case stack[] = {
    {"r0 = *(u64 *)(r10 - 8)\nexit", NULL},
    {"r0 = *(u64 *)(r10 - 520)\nexit", "invalid read from stack R10 off=-520 size=8"},
    {"r0 = *(u64 *)(r10 + 0)\nexit", "invalid read from stack R10 off=0 size=8"},
    {"*(u64 *)(r10 + 8) = 1\nr0 = 0\nexit", "invalid write to stack R10 off=8 size=8"},
    {"*(u8 *)(r10 - 513) = 1\nr0 = 0\nexit", "invalid write to stack R10 off=-513 size=1"},
    {"*(u64 *)(r10 - 4) = 1\nr0 = 0\nexit", "misaligned stack access off 0+0+-4 size 8"},
    {"r4 = r10\nr4 += -4\nr0 = *(u64 *)(r4 + 0)\nexit", "misaligned stack access off"},
    /* pointers whole or not at all */
    {"*(u64 *)(r10 - 8) = r1\nr0 = *(u32 *)(r10 - 8)\nexit", "invalid size of register fill"},
    {"*(u32 *)(r10 - 8) = r1\nr0 = 0\nexit", "invalid size of register spill"},
    {"*(u64 *)(r10 - 8) = r1\nr1 = *(u64 *)(r10 - 8)\nr0 = *(u32 *)(r1 + 12)\nexit", NULL},
    {"*(u64 *)(r10 - 8) = r1\n*(u8 *)(r10 - 5) = 0\nr1 = *(u64 *)(r10 - 8)\nr0 = *(u32 *)(r1 + "
     "12)\n"
     "exit",
     "R1 invalid mem access 'scalar'"},
    /* what is known of numbers comes back */
    {"*(u64 *)(r10 - 8) = r2\nr0 = *(u64 *)(r10 - 8)\n" DEAD_IF("r0 < 256"), NULL},
    {"*(u32 *)(r10 - 8) = r2\nr0 = *(u32 *)(r10 - 8)\n" DEAD_IF("r0 < 256"), NULL},
    {"*(u64 *)(r10 - 8) = r2\nr0 = *(u8 *)(r10 - 8)\n" DEAD_IF("r0 < 256"), NULL},
    {"*(u64 *)(r10 - 8) = -2\nr0 = *(s32 *)(r10 - 8)\n" DEAD_IF("r0 == -2"), NULL},
    {"*(u32 *)(r10 - 8) = -2\nr0 = *(u32 *)(r10 - 8)\n" DEAD_IF("r0 == -2"), "R5 !read_ok"},
    {"*(u64 *)(r10 - 8) = 0\nr0 = *(u16 *)(r10 - 6)\n" DEAD_IF("r0 == 0"), NULL},
    {"*(u64 *)(r10 - 8) = 7\nr0 = *(u16 *)(r10 - 6)\n" DEAD_IF("r0 == 0"), "R5 !read_ok"},
    {"*(u32 *)(r10 - 4) = 0\nr0 = *(u16 *)(r10 - 2)\n" DEAD_IF("r0 == 0"), NULL},
    {"*(u64 *)(r10 - 8) = 0\n*(u8 *)(r10 - 7) = r3\nr0 = *(u64 *)(r10 - 8)\n" DEAD_IF("r0 == 0"),
     "R5 !read_ok"},
    /* a copy that was spilled learns with its source */
    {"*(u64 *)(r10 - 8) = r3\nr0 = 0\nif r3 > 9 goto +4\nr0 = *(u64 *)(r10 - 8)\n" DEAD_IF(
         "r0 < 10"),
     NULL},
    {"*(u32 *)(r10 - 8) = r3\nr0 = 0\nif r3 > 9 goto +4\nr0 = *(u64 *)(r10 - 8)\n" DEAD_IF(
         "r0 < 10"),
     "R5 !read_ok"},
    /* offsets that vary */
    {"r4 = r10\nr2 &= 56\nr4 += r2\nr0 = *(u64 *)(r4 - 64)\nexit", NULL},
    {"r4 = r10\nr2 &= 56\nr4 += r2\nr0 = *(u64 *)(r4 - 56)\nexit",
     "invalid variable-offset read from stack R4 var_off=(0x0; 0x38) off=-56 size=8"},
    {"r4 = r10\nr2 &= 63\nr4 += r2\nr0 = *(u64 *)(r4 - 64)\nexit", "misaligned stack access off"},
    {"r4 = r10\nr3 &= -8\nif r3 s< -64 goto +3\nr4 += r3\nr0 = *(u64 *)(r4 - 64)\nexit\nr0 = "
     "0\nexit",
     "invalid unbounded variable-offset read from stack R4"},
    {"*(u64 *)(r10 - 64) = r1\nr4 = r10\nr2 &= 56\nr4 += r2\n*(u64 *)(r4 - 64) = r3\n"
     "r1 = *(u64 *)(r10 - 64)\nr0 = *(u32 *)(r1 + 12)\nexit",
     "R1 invalid mem access 'scalar'"},
    {"*(u64 *)(r10 - 8) = 5\nr4 = r10\nr2 &= 8\nr4 += r2\n*(u64 *)(r4 - 16) = 5\n"
     "r0 = *(u64 *)(r10 - 8)\n" DEAD_IF("r0 == 5"),
     "R5 !read_ok"},
    {"*(u64 *)(r10 - 8) = 0\nr4 = r10\nr2 &= 8\nr4 += r2\n*(u64 *)(r4 - 16) = 0\n"
     "r0 = *(u64 *)(r10 - 8)\n" DEAD_IF("r0 == 0"),
     NULL},
};

static const struct bed_case stack_unprivileged[] = {
    {"r0 = *(u64 *)(r10 - 8)\nexit", "invalid read from stack R10 off=-8 size=8"},
    {"*(u64 *)(r10 - 16) = 0\nr0 = *(u64 *)(r10 - 8)\nexit",
     "invalid read from stack off -8+0 size 8"},
    {"*(u32 *)(r10 - 8) = 0\nr0 = *(u64 *)(r10 - 8)\nexit",
     "invalid read from stack off -8+4 size 8"},
    {"*(u64 *)(r10 - 8) = r1\n*(u8 *)(r10 - 5) = 0\nr0 = 0\nexit",
     "attempt to corrupt spilled pointer on stack"},
    {"*(u64 *)(r10 - 8) = r1\n*(u64 *)(r10 - 8) = 0\nr0 = *(u64 *)(r10 - 8)\nexit", NULL},
    {"*(u64 *)(r10 - 8) = r1\nr4 = 1\nlock *(u64 *)(r10 - 8) += r4\nr0 = 0\nexit",
     "leaking pointer from stack off -8"},
    {"r4 = map_idx_value(0, 0) ll\n*(u64 *)(r4 + 0) = r1\nr0 = 0\nexit", "R1 leaks addr into map"},
    {"*(u64 *)(r1 + 48) = r10\nr0 = 0\nexit", "R10 leaks addr into ctx"},
};

#define VALUE(map) "r4 = map_idx_value(" #map ", 0) ll\nr0 = 0\n"

static const struct bed_case maps[] = {
    {VALUE(0) "*(u64 *)(r4 + 8) = 1\nexit", NULL},
    {VALUE(0) "*(u64 *)(r4 + 9) = 1\nexit",
     "invalid access to map value, value_size=16 off=9 size=8"},
    {VALUE(0) "r4 += -1\nr0 = *(u8 *)(r4 + 0)\nexit", "value_size=16 off=-1 size=1"},
    {VALUE(0) "r4 += r2\nr0 = *(u8 *)(r4 + 0)\nexit",
     "invalid access to map value, value_size=16 off=255 size=1"},
    {VALUE(0) "r2 &= 15\nr4 += r2\nr0 = *(u8 *)(r4 + 0)\nexit", NULL},
    {VALUE(0) "r2 &= 15\nr4 += r2\nr0 = *(u16 *)(r4 + 0)\nexit", "off=15 size=2"},
    {VALUE(0) "if r3 s< -5 goto +3\nif r3 s> 5 goto +2\nr4 += r3\nr0 = *(u8 *)(r4 + 0)\nexit",
     "R4 min value is negative"},
    {VALUE(0) "if r3 > 536870911 goto +2\nr4 += r3\nr0 = *(u8 *)(r4 + 0)\nexit", "size=1"},
    {VALUE(0) "r4 += -536870911\nr0 = *(u8 *)(r4 + 0)\nexit", "off=-536870911 size=1"},
    {VALUE(1) "*(u8 *)(r4 + 0) = 1\nexit", "write into map forbidden, value_size=8 off=0 size=1"},
    {VALUE(1) "r0 = *(u8 *)(r4 + 2)\n" DEAD_IF("r0 == 3"), NULL},
    {VALUE(4) "r0 = *(u8 *)(r4 + 2)\n" DEAD_IF("r0 == 3"), "R5 !read_ok"},
    {VALUE(1) "r0 = *(u16 *)(r4 + 2)\n" DEAD_IF("r0 == 0x403"), NULL},
    {VALUE(1) "r0 = *(s8 *)(r4 + 7)\n" DEAD_IF("r0 == -120"), NULL},
    {VALUE(1) "r0 = *(u8 *)(r4 + 8)\nexit", "value_size=8 off=8 size=1"},
    {VALUE(1) "r2 &= 1\nr4 += r2\nr0 = *(u8 *)(r4 + 2)\n" DEAD_IF("r0 == 3"), "R5 !read_ok"},
    {VALUE(2) "r0 = *(u32 *)(r4 + 0)\nexit", NULL},
    {VALUE(2) "r0 = *(u8 *)(r4 + 7)\nexit",
     "bpf_spin_lock cannot be accessed directly by load/store"},
    {VALUE(2) "r0 = *(u64 *)(r4 + 0)\nexit", "bpf_spin_lock cannot be accessed"},
    {VALUE(2) "r0 = *(u32 *)(r4 + 8)\nexit", "kptr access size must be BPF_DW"},
    {VALUE(2) "r0 = *(u32 *)(r4 + 12)\nexit", "kptr access misaligned expected=8 off=12"},
    {VALUE(2) "r2 &= 4\nr4 += r2\nr0 = *(u32 *)(r4 + 8)\nexit",
     "kptr access cannot have variable offset"},
    {"r4 = map_idx(0) ll\nr0 = *(u32 *)(r4 + 0)\nexit", "map_ptr access not supported"},
    {"r0 = *(u32 *)(r7 + 0)\nexit", NULL},
    {"r0 = *(u32 *)(r7 + 1)\nexit", "invalid access to map key, key_size=4 off=1 size=4"},
    {"*(u32 *)(r7 + 0) = 1\nr0 = 0\nexit", "write to change key R7 not allowed"},
};

static const struct bed_case other_memory[] = {
    {"r0 = *(u32 *)(r2 + 0)\nexit", "R2 invalid mem access 'scalar'"},
    {"r0 = *(u64 *)(r8 + 24)\nexit", NULL},
    {"r0 = *(u64 *)(r8 + 25)\nexit", "invalid access to memory, mem_size=32 off=25 size=8"},
    {"*(u64 *)(r8 + 0) = 1\nr0 = 0\nexit", "R8 cannot write into"},
    {"r0 = *(u64 *)(r9 + 1000)\nexit", NULL},
    {"r0 = *(u64 *)(r9 - 1)\nexit", "R9 invalid rdwr buffer access: off=-1, size=8"},
    {"r9 += r2\nr0 = *(u64 *)(r9 + 0)\nexit", "R9 invalid variable buffer offset"},
    {"r4 = map_idx_value(3, 0) ll\nr4 = addr_space_cast(r4, 0, 1)\nr0 = *(u64 *)(r4 + 20000)\nexit",
     NULL},
    {"r4 = map_idx_value(3, 0) ll\nr0 = *(u64 *)(r4 + 0)\nexit", "R4 invalid mem access 'scalar'"},
    {"r4 = addr_space_cast(r3, 0, 1)\nr4 *= 8\nr4 += r3\n*(u8 *)(r4 + 0) = 1\nr0 = 0\nexit", NULL},
};

static const struct bed_case xdp_context[] = {
    {"r0 = *(u32 *)(r1 + 12)\n" DEAD_IF("r0 <= 0xffffffff"), NULL},
    {"r0 = *(u16 *)(r1 + 12)\nexit", "invalid bpf_context access off=12 size=2"},
    {"r0 = *(u32 *)(r1 + 24)\nexit", "invalid bpf_context access off=24 size=4"},
    {"r0 = *(u32 *)(r1 - 4)\nexit", "invalid bpf_context access off=-4 size=4"},
    {"r0 = *(s32 *)(r1 + 0)\nexit", "invalid bpf_context access off=0 size=4"},
    {"*(u32 *)(r1 + 12) = 1\nr0 = 0\nexit", "invalid bpf_context access off=12 size=4"},
    {"r1 += 4\nr0 = *(u32 *)(r1 + 8)\nexit", "dereference of modified ctx ptr R1 off=4 disallowed"},
    {"r1 += -4\nr0 = *(u32 *)(r1 + 8)\nexit", "negative offset ctx ptr R1 off=-4 disallowed"},
    {"r1 += r2\nr0 = *(u32 *)(r1 + 8)\nexit", "variable ctx access var_off=(0x0; 0xff) disallowed"},
    {"r4 = *(u32 *)(r1 + 0)\nr5 = *(u32 *)(r1 + 4)\nr0 = r4\nr0 += 4\nif r0 > r5 goto +1\n"
     "*(u32 *)(r4 + 0) = 1\nr0 = 0\nexit",
     NULL},
    {"r4 = *(u32 *)(r1 + 0)\nr4 += -4\nr0 = *(u8 *)(r4 + 4)\nexit", "off=0 size=1"},
};

static const struct bed_case tc_context[] = {
    {"r0 = *(u8 *)(r1 + 1)\n" DEAD_IF("r0 < 256"), NULL},
    {"*(u32 *)(r1 + 8) = 1\nr0 = 0\nexit", NULL},
    {"*(u32 *)(r1 + 0) = 1\nr0 = 0\nexit", "invalid bpf_context access off=0 size=4"},
    {"r4 = *(u64 *)(r1 + 168)\nr0 = *(u32 *)(r4 + 4)\nexit",
     "R4 invalid mem access 'sock_common_or_null'"},
    {"r0 = 0\nr4 = *(u64 *)(r1 + 168)\nif r4 == 0 goto +1\nr0 = *(u32 *)(r4 + 4)\nexit", NULL},
    {"r0 = 0\nr4 = *(u64 *)(r1 + 168)\nif r4 == 0 goto +1\nr0 = *(u32 *)(r4 + 8)\nexit",
     "R4 invalid sock_common access off=8 size=4"},
    {"r0 = 0\nr4 = *(u64 *)(r1 + 168)\nif r4 == 0 goto +1\n*(u32 *)(r4 + 4) = 1\nexit",
     "R4 cannot write into sock_common"},
};

static const struct bed_case cgroup_context[] = {
    {"r4 = *(u32 *)(r1 + 76)\nr5 = *(u32 *)(r1 + 80)\nr0 = r4\nr0 += 4\nif r0 > r5 goto +1\n"
     "r0 = *(u32 *)(r4 + 0)\nr0 = 0\nexit",
     NULL},
    {"r4 = *(u32 *)(r1 + 76)\nr5 = *(u32 *)(r1 + 80)\nr0 = r4\nr0 += 4\nif r0 > r5 goto +1\n"
     "*(u32 *)(r4 + 0) = 1\nr0 = 0\nexit",
     "cannot write into packet"},
};

static const struct bed_case flow_context[] = {
    {"r4 = *(u64 *)(r1 + 144)\nr0 = *(u64 *)(r4 + 48)\n*(u16 *)(r4 + 1) = 7\nexit", NULL},
    {"r4 = *(u64 *)(r1 + 144)\nr0 = *(u64 *)(r4 + 49)\nexit",
     "invalid access to flow keys off=49 size=8"},
    {"r4 = *(u64 *)(r1 + 144)\nr4 += r2\nr0 = 0\nexit",
     "R4 pointer arithmetic on flow_keys prohibited"},
};

static const struct bed_case lookup_context[] = {
    {"r0 = 0\nr4 = *(u64 *)(r1 + 0)\nif r4 == 0 goto +1\nr0 = *(u32 *)(r4 + 8)\nexit", NULL},
    {"r0 = 0\nr4 = *(u64 *)(r1 + 0)\nif r4 == 0 goto +1\nr0 = *(u32 *)(r4 + 80)\nexit",
     "R4 invalid sock access off=80 size=4"},
};

static const struct bed_case tp_context[] = {
    {"r4 = *(u64 *)(r1 + 0)\nr0 = *(u64 *)(r4 + 8)\n*(u64 *)(r4 + 16) = 1\nexit", NULL},
    {"r4 = *(u64 *)(r1 + 0)\nr0 = *(u64 *)(r4 - 8)\nexit",
     "R4 invalid tracepoint buffer access: off=-8, size=8"},
};

static const struct bed_case atomics[] = {
    {"*(u64 *)(r10 - 8) = 1\nlock *(u64 *)(r10 - 8) += r2\nr0 = *(u64 *)(r10 - 8)\n" DEAD_IF(
         "r0 < 300"),
     "R5 !read_ok"},
    {"*(u64 *)(r10 - 8) = 7\nr2 = atomic_fetch_add((u64 *)(r10 - 8), r2)\nr0 = r2\n" DEAD_IF(
         "r0 == 7"),
     NULL},
    {"*(u64 *)(r10 - 8) = 7\nr2 = xchg_64(r10 - 8, r2)\nr0 = r2\n" DEAD_IF("r0 == 7"), NULL},
    {"*(u64 *)(r10 - 8) = 7\nr0 = cmpxchg_64(r10 - 8, r0, r2)\nexit", "R0 !read_ok"},
    {"*(u64 *)(r10 - 8) = 7\nr0 = 1\nr0 = cmpxchg_64(r10 - 8, r0, r2)\n" DEAD_IF("r0 == 7"), NULL},
    {"lock *(u64 *)(r10 - 8) += r5\nr0 = 0\nexit", "R5 !read_ok"},
    {"lock *(u32 *)(r10 - 6) += r2\nr0 = 0\nexit", "misaligned stack access off"},
    {VALUE(0) "lock *(u32 *)(r4 + 2) += r2\nexit", "misaligned value access off 0+0+2 size 4"},
    {VALUE(0) "lock *(u32 *)(r4 + 4) += r2\nexit", NULL},
    {VALUE(1) "lock *(u32 *)(r4 + 4) += r2\nexit", "write into map forbidden"},
    {"lock *(u32 *)(r1 + 12) += r2\nr0 = 0\nexit", "BPF_ATOMIC stores into R1 ctx is not allowed"},
    {"r4 = *(u32 *)(r1 + 0)\nlock *(u32 *)(r4 + 0) += r2\nr0 = 0\nexit",
     "BPF_ATOMIC stores into R4 pkt is not allowed"},
    {"r0 = load_acquire((u32 *)(r1 + 12))\nexit", "BPF_ATOMIC loads from R1 ctx is not allowed"},
    {"store_release((u32 *)(r1 + 12), r2)\nr0 = 0\nexit",
     "BPF_ATOMIC stores into R1 ctx is not allowed"},
    {"*(u64 *)(r10 - 8) = 7\nr0 = load_acquire((u64 *)(r10 - 8))\n" DEAD_IF("r0 == 7"), NULL},
    {"r4 = 9\nstore_release((u64 *)(r10 - 8), r4)\nr0 = *(u64 *)(r10 - 8)\n" DEAD_IF("r0 == 9"),
     NULL},
    {VALUE(0) "r0 = load_acquire((u32 *)(r4 + 2))\nexit", "misaligned value access"},
    {VALUE(2) "lock *(u32 *)(r4 + 4) += r2\nexit", "bpf_spin_lock cannot be accessed"},
    {VALUE(0) "r4 = atomic_fetch_add((u64 *)(r4 + 0), r4)\nexit", "R4 invalid mem access 'scalar'"},
    {"*(u64 *)(r10 - 8) = r1\nr2 = xchg_64(r10 - 8, r2)\nr0 = *(u32 *)(r2 + 12)\nexit", NULL},
};

static const struct bed_case aligned[] = {
    {VALUE(0) "r0 = *(u32 *)(r4 + 2)\nexit", "misaligned value access off 0+0+2 size 4"},
    {VALUE(0) "r2 &= 3\nr4 += r2\nr0 = *(u32 *)(r4 + 0)\nexit",
     "misaligned value access off (0x0; 0x3)"},
    {VALUE(0) "r2 &= 4\nr4 += r2\nr0 = *(u32 *)(r4 + 0)\nexit", NULL},
    {"r4 = *(u32 *)(r1 + 0)\nr5 = *(u32 *)(r1 + 4)\nr0 = r4\nr0 += 8\nif r0 > r5 goto +1\n"
     "r0 = *(u32 *)(r4 + 2)\nr0 = 0\nexit",
     NULL},
    {"r4 = *(u32 *)(r1 + 0)\nr5 = *(u32 *)(r1 + 4)\nr0 = r4\nr0 += 8\nif r0 > r5 goto +1\n"
     "r0 = *(u32 *)(r4 + 4)\nr0 = 0\nexit",
     "misaligned packet access off 2+0+0+4 size 4"},
};

static const struct bed_case immediates[] = {
    {"r0 = 0x1234567890 ll\n" DEAD_IF("r0 > 0xfffffff"), NULL},
    {"r4 = map_idx(9) ll\nr0 = 0\nexit", "map index 9"},
    {"r4 = map_idx_value(0, 16) ll\nr0 = 0\nexit",
     "invalid access to map value pointer, value_size=16 off=16"},
    {"r4 = map_fd(3) ll\nr0 = 0\nexit", "fd 3 is not pointing to valid bpf_map"},
    {"r10 = 5 ll\nr0 = 0\nexit", "frame pointer is read only"},
    {"r4 = code(-1) ll\nr0 = 0\nexit", "callback function cannot be the main program"},
    {"r4 = code(1) ll\nr0 = 0\nexit", "is no function"},
    {".word 0x3418\n.word 0\nr0 = 0\nexit", "which the kernel lacks"},
};

static const struct bed_case packet_loads[] = {
    {"r0 = *(u16 *)skb[12]\n" DEAD_IF("r0 < 0x10000"), NULL},
    {"r0 = *(u8 *)skb[r2 + 12]\n" DEAD_IF("r0 < 0x100"), NULL},
    {"r0 = *(u8 *)skb[r5 + 12]\nexit", "R5 !read_ok"},
    {"r0 = *(u16 *)skb[12]\nr0 = r1\nexit", "R1 !read_ok"},
    {"r6 = 5\nr0 = *(u16 *)skb[12]\nexit", "R6 != pointer to skb"},
    {"r6 += 8\nr0 = *(u16 *)skb[12]\nexit", "dereference of modified ctx ptr R6 off=8 disallowed"},
};

static const struct bed_case no_packet_loads[] = {
    {"r0 = *(u16 *)skb[12]\nexit", "not allowed for this program type"},
};

/* In a function, a bad offset ends it with 0; the fork goes on behind the load. */
static void test_load_in_function(void) {
    struct bed b;
    check_note("LD_ABS in a function");
    if (!bed_open(&b, &tc, "r0 = 7\nexit\nr0 = *(u16 *)skb[12]\nexit"))
        abort();
    CHECK(state_push(&b.st, 0, 0) == BPFLAB_OK);
    state_regs(&b.st)[6] = reg_pointer(REG_CTX, 0);
    CHECK(bed_run(&b, 2));
    CHECK_EQ(b.st.depth, 0);
    CHECK_EQ(b.s.next, 1);
    CHECK(reg_is_null(&state_regs(&b.st)[0]));
    if (CHECK_EQ(b.s.n_forks, 1)) {
        const struct state *const on = b.s.forks[0].st;
        CHECK_EQ(b.s.forks[0].pc, 3);
        CHECK_EQ(on->depth, 1);
        CHECK_EQ(state_regs(on)[0].v.u.max, 0xffff);
        bed_release(NULL, b.s.forks[0].st);
    }
    bed_close(&b);
}

/* ---- what helpers access ---- */

struct range_case {
    const char *before; /* makes the pointer, in r4 */
    struct access_range a;
    const char *refusal;
    const char *after; /* what is to be seen in the first slots: byte kinds, lowest address first */
};

static const struct range_case ranges[] = {
    {"r4 = r10\nr4 += -16", {.n_bytes = 16, .kind = ACCESS_READ}, NULL, "????????????????"},
    {"r4 = r10\nr4 += -16", {.n_bytes = 16, .kind = ACCESS_WRITE}, NULL, "mmmmmmmmmmmmmmmm"},
    {"r4 = r10\nr4 += -16",
     {.n_bytes = 17},
     "invalid indirect access to stack R4 off=-16 size=17",
     NULL},
    {"r4 = r10\nr4 += -16", {.n_bytes = 0}, "invalid zero-sized read", NULL},
    {"r4 = r10\nr4 += -16", {.n_bytes = 0, .zero_ok = true}, NULL, "????????????????"},
    {"r4 = r10\nr4 += -600",
     {.n_bytes = 8},
     "invalid indirect access to stack R4 off=-600 size=8",
     NULL},
    {"*(u64 *)(r10 - 16) = 5\nr4 = r10\nr4 += -16",
     {.n_bytes = 4, .kind = ACCESS_READ},
     NULL,
     "ssssssss????????"},
    {"*(u64 *)(r10 - 16) = 5\nr4 = r10\nr4 += -16",
     {.n_bytes = 4, .kind = ACCESS_WRITE},
     NULL,
     "mmmmmmmm????????"},
    {"*(u64 *)(r10 - 16) = 5\nr4 = r10\nr4 += -12",
     {.n_bytes = 8, .kind = ACCESS_WRITE, .uninit_ok = true},
     NULL,
     "mmmmmmmmmmmm????"},
    {"*(u64 *)(r10 - 16) = 5\nr2 &= 8\nr4 = r10\nr4 += r2\nr4 += -16",
     {.n_bytes = 8, .kind = ACCESS_WRITE, .uninit_ok = true},
     NULL,
     "mmmmmmmmmmmmmmmm"},
    {"r4 = map_idx_value(0, 0) ll", {.n_bytes = 16, .kind = ACCESS_WRITE}, NULL, NULL},
    {"r4 = map_idx_value(0, 0) ll", {.n_bytes = 17}, "value_size=16 off=0 size=17", NULL},
    {"r4 = map_idx_value(1, 0) ll",
     {.n_bytes = 8, .kind = ACCESS_WRITE},
     "write into map forbidden",
     NULL},
    {"r4 = map_idx_value(2, 0) ll", {.n_bytes = 8}, "bpf_spin_lock cannot be accessed", NULL},
    {"r4 = map_idx_value(2, 8) ll",
     {.n_bytes = 8},
     "kptr cannot be accessed indirectly by helper",
     NULL},
    {"r4 = r7", {.n_bytes = 4}, NULL, NULL},
    {"r4 = r7", {.n_bytes = 0, .zero_ok = true}, "invalid access to map key", NULL},
    {"r4 = r7", {.n_bytes = 4, .kind = ACCESS_WRITE}, "R4 cannot write into map_key", NULL},
    {"r4 = r8", {.n_bytes = 32}, NULL, NULL},
    {"r4 = r8", {.n_bytes = 33}, "invalid access to memory, mem_size=32 off=0 size=33", NULL},
    {"r4 = r8", {.n_bytes = 8, .kind = ACCESS_WRITE}, "R4 cannot write into", NULL},
    {"r4 = r8", {.n_bytes = 536870911}, "size=536870911", NULL},
    {"r4 = *(u32 *)(r1 + 0)", {.n_bytes = 1}, "invalid access to packet, off=0 size=1", NULL},
    {"r4 = r1", {.n_bytes = 4}, "R4 type=ctx expected=fp", NULL},
    {"r4 = 0", {.n_bytes = 0, .zero_ok = true}, NULL, NULL},
    {"r4 = 0", {.n_bytes = 1, .zero_ok = true}, "R4 type=scalar expected=fp", NULL},
    {"r4 = 5", {.n_bytes = 0, .zero_ok = true}, "R4 type=scalar expected=fp", NULL},
};

static void see_slots(const struct frame *f, const char *want) {
    static const char letters[N_SLOT_BYTES] = {'?', 's', 'm', '0', 'd', 'i', 'q'};
    char got[17] = "????????????????";
    for (uint32_t i = 0; i < 16; i++) {
        const int64_t off = -16 + (int64_t)i;
        if (slot_of(off) < f->n_slots)
            got[i] = letters[f->slots[slot_of(off)].byte[slot_byte_of(off)]];
    }
    CHECK_STR(got, want);
}

static void test_range(const struct range_case *c, const struct bed_setup *setup) {
    struct bed b;
    check_note(c->before);
    if (!bed_open(&b, setup, c->before))
        abort();
    for (uint32_t pc = 0; pc < b.prog.n_insns; pc = b.s.next)
        CHECK(bed_run(&b, pc));
    struct access_range a = c->a;
    a.r = 4;
    const bool ok = access_range(&b.s, &a);
    if (c->refusal)
        CHECK(!ok && strstr(b.s.rep.linux_text, c->refusal));
    else
        CHECK(ok);
    if ((c->refusal != NULL) == ok)
        printf("    %s\n", b.s.rep.linux_text);
    if (c->after)
        see_slots(b.st.frames[0], c->after);
    bed_close(&b);
}

static const struct range_case ranges_unprivileged[] = {
    {"r4 = r10\nr4 += -16",
     {.n_bytes = 16},
     "invalid indirect read from stack R4 off -16+0 size 16",
     NULL},
    {"r4 = r10\nr4 += -16",
     {.n_bytes = 16, .uninit_ok = true, .kind = ACCESS_WRITE},
     NULL,
     "mmmmmmmmmmmmmmmm"},
    {"r4 = r10\nr4 += -16",
     {.n_bytes = 16, .uninit_ok = true, .raw = true, .kind = ACCESS_WRITE},
     "invalid indirect read from stack R4 off -16+0 size 16",
     NULL},
    {"*(u64 *)(r10 - 16) = r1\nr4 = r10\nr4 += -16",
     {.n_bytes = 8},
     "invalid indirect read from stack R4 off -16+0 size 8",
     NULL},
};

static const struct range_case ranges_syscall[] = {
    {"r4 = r1", {.n_bytes = 4}, NULL, NULL},
    {"r4 = r1", {.n_bytes = 65536}, "invalid bpf_context access off=65535 size=1", NULL},
};

/* ---- effects ---- */

static void test_effects(void) {
    struct bed b;
    check_note("effects");
    if (!bed_open(
            &b, &xdp,
            "*(u64 *)(r10 - 16) = r2\nr0 = *(u64 *)(r10 - 16)\n*(u32 *)(r10 - 12) = 1\n"
            "r0 = *(u32 *)(r10 - 12)\nr4 = 0\n*(u32 *)(r10 - 12) = r4\nr0 = *(u32 *)(r1 + 12)\n"
            "exit"))
        abort();
    /* what another step left is not this one's */
    b.s.eff.came_round = b.s.eff.precise_slot = b.s.eff.all_precise = true;
    b.s.eff.global_call = 1;
    CHECK(bed_run(&b, 0)); /* a spill */
    CHECK(!b.s.eff.came_round && !b.s.eff.precise_slot && !b.s.eff.all_precise);
    CHECK_EQ(b.s.eff.global_call, 0);
    CHECK(b.s.eff.moved_slot && b.s.eff.moved_frame == 0 && b.s.eff.moved_index == 1);
    CHECK(b.s.eff.touched == 1 && b.s.eff.slots_written[0] == 2 && b.s.eff.slots_read[0] == 0);
    CHECK_EQ(b.s.eff.access_kind, REG_STACK);
    CHECK(bed_run(&b, 1)); /* a fill */
    CHECK(b.s.eff.moved_slot && b.s.eff.moved_index == 1);
    CHECK(b.s.eff.touched == 1 && b.s.eff.slots_written[0] == 0 && b.s.eff.slots_read[0] == 2);
    CHECK(bed_run(&b, 2)); /* bytes */
    CHECK(!b.s.eff.moved_slot && b.s.eff.touched == 1 && b.s.eff.slots_written[0] == 0);
    CHECK(bed_run(&b, 3));
    CHECK(!b.s.eff.moved_slot && b.s.eff.slots_read[0] == 2);
    CHECK(bed_run(&b, 4));
    CHECK(bed_run(&b, 5)); /* a register's zero that becomes bytes */
    CHECK_EQ(b.s.eff.precise, 1u << 4);
    CHECK(bed_run(&b, 6));
    CHECK_EQ(b.s.eff.access_kind, REG_CTX);
    CHECK_EQ(b.s.eff.touched, 0);
    bed_close(&b);
    CHECK(access_kinds_agree(REG_STACK, REG_MAP_VALUE));
    CHECK(access_kinds_agree(REG_CTX, REG_CTX));
    CHECK(!access_kinds_agree(REG_CTX, REG_STACK));
    CHECK(!access_kinds_agree(REG_PACKET, REG_SOCK));
}

#define ALL(cases, setup) bed_check_all(cases, COUNT(cases), setup)

int main(void) {
    ALL(stack, &xdp);
    ALL(stack_unprivileged, &filter);
    ALL(maps, &xdp);
    ALL(other_memory, &xdp);
    ALL(xdp_context, &xdp);
    ALL(tc_context, &tc);
    ALL(cgroup_context, &cgroup_skb);
    ALL(flow_context, &flow);
    ALL(lookup_context, &lookup);
    ALL(tp_context, &raw_writable);
    ALL(atomics, &xdp);
    ALL(aligned, &strict);
    ALL(immediates, &xdp);
    ALL(packet_loads, &tc);
    ALL(no_packet_loads, &xdp);
    for (size_t i = 0; i < COUNT(ranges); i++)
        test_range(&ranges[i], &xdp);
    for (size_t i = 0; i < COUNT(ranges_unprivileged); i++)
        test_range(&ranges_unprivileged[i], &filter);
    for (size_t i = 0; i < COUNT(ranges_syscall); i++)
        test_range(&ranges_syscall[i], &syscall);
    test_load_in_function();
    test_effects();
    return check_end();
}
