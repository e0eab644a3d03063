/* history_test.c: defects that verifiers have had, by their names in fuzz/bugs: a small program
 * each, whose verdict would be another with that defect.
 *
 * Most programs ask what is known of a number. MUST(c): rejected if it is not known that c holds;
 * MAY_NOT(c): c may fail, so the program must be rejected.
 */
#include "verifier/tests/verify_bed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* r2: any number; r6: the context; r5 is not readable */
#define ANY       "r6 = r1\ncall bpf_ktime_get_ns\nr2 = r0\n"
#define UNLESS(c) "if " c " goto out\nr0 = r5\nout: r0 = 0\nexit"
#define DEAD      "R5 !read_ok"

#define MUST(before, c)    {.text = before UNLESS(c)}
#define MAY_NOT(before, c) {.text = before UNLESS(c), .words = DEAD}

/* ---- ranges, known bits, arithmetic ---- */

static const struct verify_case ranges[] = {
    /* CVE-2017-16995 */
    MAY_NOT("w2 = -1\n", "r2 == -1"),
    MUST("w2 = -1\nr3 = 0xffffffff ll\n", "r2 == r3"),
    /* CVE-2017-16996 */
    MAY_NOT(ANY "r2 &= 1\nr3 = 0xffffffff ll\nr2 += r3\nw2 = w2\n", "r2 != 0"),
    MAY_NOT(ANY "r2 &= 1\nr3 = 0xffffffff ll\nr2 += r3\nw2 = w2\n", "r2 == 0"),
    /* CVE-2018-18445 */
    MUST("r2 = 0x100000000 ll\nw2 >>= 1\n", "r2 == 0"),
    MAY_NOT("r2 = 0x100000000 ll\nw2 >>= 1\n", "r2 != 0"),
    MAY_NOT(ANY "r2 >>= 31\nw2 >>= 31\n", "r2 == 0"),
    MAY_NOT(ANY "r2 >>= 31\nw2 >>= 31\n", "r2 == 1"),
    /* arsh32-2020 */
    MUST("w2 = 0x80000000\nw2 s>>= 31\nr3 = 0xffffffff ll\n", "r2 == r3"),
    MAY_NOT("w2 = 0x80000000\nw2 s>>= 31\n", "r2 == 1"),
    MAY_NOT(ANY "w2 s>>= 31\n", "r2 <= 1"),
    /* CVE-2020-8835 */
    MAY_NOT(ANY "r3 = 0x200000001 ll\nif r2 > r3 goto out\nif r2 < 1 goto out\nif w2 > 100 goto "
                "out\n",
            "w2 == 1"),
    /* CVE-2020-27194 */
    MAY_NOT(ANY "r3 = 0x600000001 ll\nif r2 > r3 goto out\nif r2 < 1 goto out\nw2 |= 0\n",
            "r2 == 1"),
    /* CVE-2021-3490 */
    MUST(ANY "r2 <<= 32\nr2 |= 1\nr3 = 0xffffffff00000002 ll\nr2 &= r3\n", "w2 == 0"),
    MUST(ANY "r2 <<= 32\nr2 |= 1\nr3 = 0xffffffff00000002 ll\nr2 |= r3\n", "w2 == 3"),
    MUST(ANY "r2 <<= 32\nr2 |= 1\nr3 = 0xffffffff00000003 ll\nr2 ^= r3\n", "w2 == 2"),
    MAY_NOT(ANY "r2 <<= 32\nr2 |= 1\nr3 = 0xffffffff00000002 ll\nr2 &= r3\n", "w2 != 0"),
    /* CVE-2021-31440 */
    MAY_NOT(ANY "if r2 < 1 goto out\n", "w2 != 0"),
    MAY_NOT(ANY "r3 = 0x100000005 ll\nif r2 > r3 goto out\n", "w2 <= 5"),
    /* jmp32-jeq-2022 */
    MUST(ANY "if w2 != 5 goto out\nw2 = w2\n", "r2 == 5"),
    /* CVE-2021-3444 */
    MUST("r2 = 0x100000005 ll\nr3 = 0\nw2 %= w3\n", "r2 == 5"),
    MAY_NOT("r2 = 0x100000005 ll\nr3 = 0\nw2 %= w3\nr2 >>= 32\n", "r2 != 0"),
    /* CVE-2021-45402 */
    MUST(ANY "w2 = w2\nr3 = 0xffffffff ll\n", "r2 <= r3"),
    MAY_NOT("r2 = -1\nw3 = w2\n", "r3 s< 0"),
    /* CVE-2024-41003: both edges start from the immediate itself */
    MUST(ANY
         "if r2 & 8 goto +2\nr2 &= 8\ngoto zero\nr2 &= 8\nif r2 == 8 goto out\nr0 = r5\nzero:\n",
         "r2 == 0"),
    MUST(ANY "if r2 == 5 goto +1\ngoto out\n", "r2 == 5"),
    MAY_NOT(ANY "if r2 s> 5 goto +1\ngoto out\n", "r2 s> 6"),
    /* CVE-2026-31413 */
    MAY_NOT(ANY "r2 s>>= 63\nr2 |= 8\nif r2 == -1 goto out\n", "r2 == 0"),
    MUST(ANY "r2 s>>= 63\nr2 |= 8\nif r2 == -1 goto out\n", "r2 == 8"),
    MAY_NOT(ANY "w2 s>>= 31\nw2 |= 8\nif w2 == -1 goto out\n", "w2 == 0"),
    /* tnum-add-carry */
    MAY_NOT(ANY "r3 = r2\nr2 &= 1\nr3 >>= 1\nr3 &= 1\nr2 += r3\n", "r2 <= 1"),
    MAY_NOT(ANY "r3 = r2\nr2 &= 4\nr3 >>= 1\nr3 &= 4\nr2 += r3\n", "r2 != 8"),
    /* tnum-mul-shift */
    MAY_NOT(ANY "r2 &= 3\nr2 *= 3\n", "r2 != 9"),
    MAY_NOT(ANY "r2 &= 5\nr2 *= 6\n", "r2 != 24"),
    /* prevail-movsx-noop */
    MUST("r2 = 0xff00000080 ll\nw2 = (s8)w2\nr3 = 0xffffff80 ll\n", "r2 == r3"),
    MAY_NOT("r2 = 0xff00000080 ll\nw2 = (s8)w2\nr2 >>= 32\n", "r2 != 0"),
    MUST(ANY "w2 = (s16)w2\nr2 >>= 32\n", "r2 == 0"),
    /* prevail-jmp32-dead */
    MAY_NOT(ANY "if w2 > 5 goto out\n", "r2 <= 5"),
    /* prevail-ldsx */
    MAY_NOT(ANY "*(u64 *)(r10 - 8) = r2\nr2 = *(s8 *)(r10 - 8)\n", "r2 s>= 0"),
    MAY_NOT("r2 = *(u32 *)(r1 + 0)\n*(u32 *)(r10 - 8) = r2\nr2 = *(s32 *)(r10 - 8)\n", "r2 s>= 0"),
    MUST("r2 = 0xff80 ll\n*(u64 *)(r10 - 8) = r2\nr2 = *(s8 *)(r10 - 8)\n", "r2 == -128"),
    /* prevail-sdiv */
    MUST("r2 = -3\nr2 s/= 2\n", "r2 == -1"),
    MAY_NOT(ANY "r2 &= 3\nr2 -= 3\nr3 = 2\nr2 s/= r3\n", "r2 != -1"),
    MUST(ANY "r2 &= 3\nr2 -= 3\nr3 = 2\nr2 s/= r3\n", "r2 s>= -1"),
    /* prevail-div32-zero */
    MUST("r2 = 7\nr3 = 0x100000000 ll\nw2 /= w3\n", "r2 == 0"),
    MAY_NOT("r2 = 7\nr3 = 0x100000000 ll\nw2 /= w3\n", "r2 != 0"),
    MUST("r2 = 7\nr3 = 0x100000000 ll\nw2 %= w3\n", "r2 == 7"),
    /* prevail-st-imm */
    MUST("*(u64 *)(r10 - 8) = -1\nr2 = *(u64 *)(r10 - 8)\n", "r2 == -1"),
    MAY_NOT("*(u64 *)(r10 - 8) = -1\nr2 = *(u64 *)(r10 - 8)\nr3 = 0xffffffff ll\n", "r2 == r3"),
    MUST("*(u32 *)(r10 - 8) = -1\nr2 = *(u32 *)(r10 - 8)\nr3 = 0xffffffff ll\n", "r2 == r3"),
};

/* ---- linked numbers ---- */

static const struct verify_case links[] = {
    /* CVE-2026-45933: the second refinement still knows the distance */
    MUST(ANY "r3 = r2\nr3 += 4\nif r2 > 10 goto out\nif r2 > 5 goto out\n", "r3 <= 9"),
    MAY_NOT(ANY "r3 = r2\nr3 += 4\nif r2 > 10 goto out\nif r2 > 5 goto out\n", "r3 <= 8"),
    MAY_NOT(ANY "r3 = r2\nr3 += 4\nif r3 > 10 goto out\nif r3 < 4 goto out\n", "r2 <= 5"),
    MUST(ANY "r3 = r2\nr3 += 4\nif r3 > 10 goto out\nif r3 < 4 goto out\n", "r2 <= 6"),
    /* link-delta-stale */
    MAY_NOT(ANY "r3 = r2\nr3 += 4\nr3 &= 255\nr4 = r3\nif r3 > 10 goto out\n", "r4 <= 6"),
    MUST(ANY "r3 = r2\nr3 += 4\nr3 &= 255\nr4 = r3\nif r3 > 10 goto out\n", "r4 <= 10"),
    MAY_NOT(ANY "r3 = r2\nr3 += 4\nr3 += 4\nr4 = r3\nif r4 > 10 goto out\n", "r2 <= 6"),
    /* link-src-eq-dst */
    MAY_NOT(ANY "r3 = r2\nr3 += r3\nif r2 > 10 goto out\n", "r3 <= 10"),
    MUST(ANY "r2 &= 7\nr3 = r2\nif r2 != 5 goto out\nr3 += r3\n", "r3 == 10"),
    /* CVE-2026-43070 */
    MAY_NOT(ANY "r3 = r2\nr3 = bswap64 r3\nif r2 > 10 goto out\n", "r3 <= 10"),
    MAY_NOT(ANY "r3 = r2\nr3 = be64 r3\nif r2 > 10 goto out\n", "r3 <= 10"),
    MAY_NOT(ANY "r3 = r2\nr3 = -r3\nif r2 > 10 goto out\n", "r3 <= 10"),
    /* a copy of half of a number is not linked with it */
    MAY_NOT(ANY "w3 = w2\nif r3 > 10 goto out\n", "r2 <= 10"),
    MAY_NOT(ANY "r3 = (s8)r2\nif r3 != 5 goto out\n", "r2 == 5"),
    MAY_NOT(ANY "*(u32 *)(r10 - 8) = r2\nr3 = *(u32 *)(r10 - 8)\nif r3 > 10 goto out\n",
            "r2 <= 10"),
    MUST(ANY "*(u64 *)(r10 - 8) = r2\nif r2 > 10 goto out\nr3 = *(u64 *)(r10 - 8)\n", "r3 <= 10"),
    /* more links than a jump takes along: those that are left out learn nothing */
    MAY_NOT(ANY "r1 = r2\nr3 = r2\nr4 = r2\nr7 = r2\nr8 = r2\nr9 = r2\nif r2 > 10 goto out\n",
            "r9 <= 10"),
};

/* ---- precision and pruning ----
 *
 * r7 is 4 on the path that is explored first, 200 on the other; both meet at k. What follows
 * accesses the stack at an offset that came from r7, and is safe with 4 only. */
#define MEET                                                                                       \
    ANY "r8 = r2\nr6 = r2\nr6 &= 255\nr9 = r10\nr7 = 200\nif r8 == 0 goto k\nr7 = 4\nk: goto +0\n"
#define USE(r)           "r1 = r10\nr1 += " r "\n*(u8 *)(r1 - 8) = 0\nout: r0 = 0\nexit"
#define STACK_OUT        "write to stack R1"
#define PRUNE(before, r) {.text = MEET before USE(r), .words = STACK_OUT, .every_state = true}

static const struct verify_case prunings[] = {
    PRUNE("", "r7"),
    /* CVE-2023-2163 */
    PRUNE("if r6 > r7 goto out\n", "r6"),
    PRUNE("if r7 < r6 goto out\n", "r6"),
    PRUNE("if w6 > w7 goto out\n", "r6"),
    /* CVE-2023-52920 */
    PRUNE("*(u64 *)(r9 - 16) = r7\nr3 = *(u64 *)(r10 - 16)\n", "r3"),
    PRUNE("*(u64 *)(r10 - 16) = r7\nr3 = *(u64 *)(r9 - 16)\n", "r3"),
    PRUNE("*(u32 *)(r9 - 16) = r7\nr3 = *(u32 *)(r10 - 16)\n", "r3"),
    PRUNE("*(u64 *)(r9 - 16) = r7\nr3 = *(u8 *)(r10 - 16)\n", "r3"),
    /* CVE-2026-43009 */
    PRUNE("*(u64 *)(r10 - 16) = r7\nr3 = 0\nr3 = xchg_64(r10 - 16, r3)\n", "r3"),
    PRUNE("*(u64 *)(r10 - 16) = r7\nr3 = 0\nr3 = atomic_fetch_add((u64 *)(r10 - 16), r3)\n", "r3"),
    PRUNE("*(u64 *)(r10 - 16) = r7\nr3 = 0\nr0 = 0\nr0 = cmpxchg_64(r10 - 16, r0, r3)\n", "r0"),
    PRUNE("*(u32 *)(r10 - 16) = r7\nw3 = 0\nw3 = xchg32_32(r10 - 16, w3)\n", "r3"),
    /* through arithmetic, moves, linked numbers and functions */
    PRUNE("r3 = r7\nr3 += 0\n", "r3"),
    PRUNE("r3 = 0\nr3 += r7\n", "r3"),
    PRUNE("r3 = 300\nr3 -= r7\nr3 -= 100\n if r3 s< 0 goto out\n", "r3"),
    PRUNE("r3 = r6\nif r6 > r7 goto out\n", "r3"),
    PRUNE("r3 = r6\nr3 += 1\nif r6 >= r7 goto out\n", "r3"),
    PRUNE("*(u64 *)(r10 - 16) = r6\nif r6 > r7 goto out\nr3 = *(u64 *)(r10 - 16)\n", "r3"),
    {.text = MEET "r1 = r7\ncall local f\nr1 = r10\nr1 += r0\n*(u8 *)(r1 - 8) = 0\nout: r0 = "
                  "0\nexit\nf: r0 = r1\nexit",
     .words = STACK_OUT,
     .every_state = true},
    {.text = MEET "*(u64 *)(r10 - 16) = r7\nr1 = r10\ncall local f\nr1 = r10\nr1 += r0\n"
                  "*(u8 *)(r1 - 8) = 0\nout: r0 = 0\nexit\nf: r0 = *(u64 *)(r1 - 16)\nexit",
     .words = STACK_OUT,
     .every_state = true},
    {.text = MEET "r1 = r10\nr2 = r7\ncall local f\nr3 = *(u64 *)(r10 - 16)\nr1 = r10\nr1 += r3\n"
                  "*(u8 *)(r1 - 8) = 0\nout: r0 = 0\nexit\nf: *(u64 *)(r1 - 16) = r2\nr0 = 0\nexit",
     .words = STACK_OUT,
     .every_state = true},
    /* CVE-2026-43030: r4 is at the packet's end on the path that comes first */
    {.text = "r2 = *(u32 *)(r1 + 76)\nr3 = *(u32 *)(r1 + 80)\nr4 = r2\nr4 += 8\n"
             "if r4 < r3 goto k\ngoto k\nk: if r4 >= r3 goto out\nr0 = *(u8 *)(r2 + 100)\n"
             "out: r0 = 0\nexit",
     .words = "invalid access to packet",
     .every_state = true},
    /* prune-range-ends: 0 or 8, against 0 to 8 */
    {.text = ANY "r8 = r2\nr7 = r2\nr7 &= 15\nif r7 > 8 goto out\nif r8 == 0 goto k\nr7 &= 8\n"
                 "k: r1 = r10\nr1 += r7\n*(u64 *)(r1 - 16) = 0\nout: r0 = 0\nexit",
     .words = "misaligned stack access",
     .every_state = true},
    /* CVE-2024-45020: the second path's stack is smaller */
    {.text = ANY "if r2 == 0 goto k\n*(u64 *)(r10 - 512) = 1\nk: goto +0\nr0 = 0\nexit",
     .every_state = true},
    {.text = ANY "*(u64 *)(r10 - 8) = 1\nif r2 == 0 goto k\n*(u64 *)(r10 - 512) = 1\n"
                 "r0 = *(u64 *)(r10 - 512)\nk: goto +0\nr0 = *(u64 *)(r10 - 8)\nexit",
     .every_state = true},
    /* stacksafe-early: a slot that nothing reads lies before the one that matters */
    {.text = ANY "*(u64 *)(r10 - 8) = 1\n*(u64 *)(r10 - 24) = 1\n*(u64 *)(r10 - 16) = 200\n"
                 "if r2 == 0 goto k\n*(u64 *)(r10 - 16) = 4\nk: goto +0\n"
                 "r3 = *(u64 *)(r10 - 16)\n" USE("r3"),
     .words = STACK_OUT,
     .every_state = true},
    {.text = ANY "*(u8 *)(r10 - 9) = 0\n*(u64 *)(r10 - 16) = r10\nif r2 != 0 goto k\n"
                 "*(u64 *)(r10 - 16) = 4\nk: goto +0\nr3 = *(u64 *)(r10 - 16)\n"
                 "r0 = *(u8 *)(r3 - 9)\nexit",
     .words = "R3 invalid mem access 'scalar'",
     .every_state = true},
    /* CVE-2025-38060: what a loop's later rounds need is needed at its entry. r7 is 4 in the first
     * round and 200 in the second, which only convergence ends. */
    {.text = ANY "r8 = r2\nr7 = 4\nl: may_goto out\nr1 = r10\nr1 += r7\n*(u8 *)(r1 - 8) = 0\n"
                 "r7 = 200\ngoto l\nout: r0 = 0\nexit",
     .words = STACK_OUT},
    {.text = ANY "r8 = r2\nr7 = 4\nr6 = 4\nl: may_goto out\nr1 = r10\nr1 += r6\n"
                 "*(u8 *)(r1 - 8) = 0\nr6 = r7\nif r8 == 5 goto l\nr7 = 200\ngoto l\n"
                 "out: r0 = 0\nexit",
     .words = "math between fp pointer"},
    /* a use that is seen only after the round was covered: the number that the round moved is
     * needed where both paths meet */
    {.text = ANY "r9 = r6\nr8 = r2\nr7 = 200\nif r8 == 0 goto k\nr7 = 4\nk: goto +0\nr6 = 4\n"
                 "l: may_goto out\nr3 = *(u32 *)(r9 + 0)\nif r3 == 0 goto use\nr6 = r7\ngoto l\n"
                 "use: r1 = r10\nr1 += r6\n*(u8 *)(r1 - 8) = 0\nout: r0 = 0\nexit",
     .words = "math between fp pointer",
     .every_state = true},
    {.text = ANY "r9 = r6\nr8 = r2\nr7 = 200\nif r8 == 0 goto k\nr7 = 4\nk: goto +0\nr6 = 4\n"
                 "*(u64 *)(r10 - 16) = r7\nl: may_goto out\nr3 = *(u32 *)(r9 + 0)\n"
                 "if r3 == 0 goto use\nr6 = *(u64 *)(r10 - 16)\ngoto l\n"
                 "use: r1 = r10\nr1 += r6\n*(u8 *)(r1 - 8) = 0\nout: r0 = 0\nexit",
     .words = "math between fp pointer",
     .every_state = true},
};

/* ---- stack and pointers ---- */

#define LOOKUP                                                                                     \
    "*(u32 *)(r10 - 4) = 0\nr1 = map_idx(1) ll\nr2 = r10\nr2 += -4\ncall bpf_map_lookup_elem\n"

static const struct verify_case pointers[] = {
    /* CVE-2022-23222 */
    {.text = LOOKUP "r0 += 8\nif r0 == 0 goto out\nr0 = *(u8 *)(r0 + 0)\nout: r0 = 0\nexit",
     .words = "pointer arithmetic on map_value_or_null prohibited"},
    {.text = LOOKUP "r1 = 8\nr1 += r0\nout: r0 = 0\nexit",
     .words = "pointer arithmetic on map_value_or_null prohibited"},
    {.text = LOOKUP "if r0 == 0 goto out\nr0 += 8\nr0 = *(u64 *)(r0 + 48)\nout: r0 = 0\nexit"},
    /* CVE-2023-52462 */
    {.text = "*(u64 *)(r10 - 8) = r1\n*(u8 *)(r10 - 1) = 0\nr0 = 0\nexit",
     .words = "attempt to corrupt spilled pointer on stack",
     .type = PROG_socket_filter,
     .unprivileged = true},
    {.text = "*(u64 *)(r10 - 8) = r1\n*(u8 *)(r10 - 8) = 0\nr0 = 0\nexit",
     .words = "attempt to corrupt spilled pointer on stack",
     .type = PROG_socket_filter,
     .unprivileged = true},
    {.text = "*(u64 *)(r10 - 8) = r1\n*(u8 *)(r10 - 1) = 0\nr1 = *(u64 *)(r10 - 8)\n"
             "r0 = *(u32 *)(r1 + 0)\nexit",
     .words = "R1 invalid mem access 'scalar'"},
    /* CVE-2023-52676 */
    {.text = ANY "r2 &= 0x1fffffff\nr1 = r10\nr1 += r2\nr0 = *(u8 *)(r1 + 32767)\nexit",
     .words = "stack R1"},
    {.text =
         ANY "r2 &= 0x1ffffff8\nr1 = r10\nr1 -= 8\nr1 += r2\n*(u64 *)(r1 + 0) = 0\nr0 = 0\nexit",
     .words = "stack"},
    {.text = LOOKUP "r6 = r0\nif r0 == 0 goto out\ncall bpf_get_prandom_u32\nr0 &= 0x1fffffff\n"
                    "r6 += r0\nr6 += 0x1fffffff\nr0 = *(u8 *)(r6 + 32767)\nout: r0 = 0\nexit",
     .words = ""},
    {.text = ANY "r2 &= 0xffff\nr1 = r10\nr1 += r2\n*(u8 *)(r1 - 8) = 0\nr0 = 0\nexit",
     .words = "write to stack R1"},
    /* CVE-2026-74720 */
    {.text = "*(u64 *)(r10 - 8) = 7\nr1 = r10\ncall local f\nexit\nf: *(u64 *)(r10 - 8) = 5\n"
             "r2 = -8\nr2 += r1\nr3 = *(u64 *)(r2 + 0)\nif r3 == 5 goto +1\nr0 = r5\nr0 = 0\nexit",
     .words = DEAD},
    {.text = "*(u64 *)(r10 - 8) = 7\nr1 = r10\ncall local f\nexit\nf: *(u64 *)(r10 - 8) = 5\n"
             "r2 = -8\nr2 += r1\nr3 = *(u64 *)(r2 + 0)\nif r3 == 7 goto +1\nr0 = r5\nr0 = 0\nexit"},
    /* CVE-2026-98041 */
    {.text = LOOKUP "if r0 == 0 goto out\nif w0 != 0 goto out\nr0 = r5\nout: r0 = 0\nexit",
     .words = DEAD},
    {.text = LOOKUP "if r0 == 0 goto out\nif r0 != 0 goto out\nr0 = r5\nout: r0 = 0\nexit"},
    {.text = LOOKUP "if w0 == 0 goto out\nr0 = *(u8 *)(r0 + 0)\nout: r0 = 0\nexit",
     .words = "R0 invalid mem access 'map_value_or_null'"},
    /* CVE-2026-72111 */
    MAY_NOT("r2 = 3\nr2 = *(u32 *)(r1 + 0)\n", "r2 == 3"),
    MAY_NOT("r2 = *(u32 *)(r1 + 0)\nif r2 > 3 goto out\nr2 = *(u32 *)(r1 + 0)\n", "r2 <= 3"),
    /* var-off-stack */
    MAY_NOT(ANY "*(u64 *)(r10 - 8) = 5\n*(u64 *)(r10 - 16) = 5\nr2 &= 8\nr3 = r10\nr3 += r2\n"
                "*(u64 *)(r3 - 16) = 6\nr2 = *(u64 *)(r10 - 8)\n",
            "r2 == 5"),
    MAY_NOT(ANY "*(u64 *)(r10 - 8) = 0\nr2 &= 7\nr3 = r10\nr3 += r2\n*(u8 *)(r3 - 8) = 1\n"
                "r2 = *(u8 *)(r10 - 1)\n",
            "r2 == 0"),
    /* helper-size-max */
    {.text = ANY
     "*(u64 *)(r10 - 8) = 0\nr4 = r2\nr4 &= 15\nr4 += 1\nr1 = r6\nr2 = 0\nr3 = r10\nr3 += -8\n"
     "r5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
     .words = "stack R3"},
    {.text = ANY "*(u64 *)(r10 - 8) = 0\nr4 = r2\nr4 &= 7\nr4 += 1\nr1 = r6\nr2 = 0\nr3 = r10\n"
                 "r3 += -8\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit"},
    /* ja-self */
    {.text = "r0 = 0\nl: goto l\nexit", .words = "", .explore = EXPLORE_BOTH},
    {.text = ANY "if r2 == 0 goto l\nr0 = 0\nexit\nl: goto l", .words = "infinite loop detected"},
    {.text = ANY "if r2 == 0 goto l\nr0 = 0\nexit\nl: goto l",
     .words = "no counter",
     .explore = EXPLORE_FIXPOINT},
};

int main(void) {
    verify_check_all(ranges, COUNT(ranges));
    verify_check_all(links, COUNT(links));
    verify_check_all(prunings, COUNT(prunings));
    verify_check_all(pointers, COUNT(pointers));
    return check_end();
}
