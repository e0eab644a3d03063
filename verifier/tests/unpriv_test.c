/* unpriv_test.c: what only users with privileges may do: each program verified with privileges and
 * without, by every path and by the fixpoint.
 */
#include "verifier/tests/verify_bed.h"

/* struct pair: words of the rejection, NULL: accepted. */
struct pair {
    const char *text, *with, *without;
};

static void check_pair(const struct pair *p, uint32_t type, enum explore explore) {
    struct verify_case c = {.text = p->text, .words = p->with, .type = type, .explore = explore};
    verify_check(&c);
    c.words = p->without;
    c.unprivileged = true;
    verify_check(&c);
}

#define CHECK_PAIRS(pairs, type, explore)                                                          \
    for (size_t i = 0; i < sizeof(pairs) / sizeof *(pairs); i++)                                   \
    check_pair(&(pairs)[i], (type), (explore))
#define CHECK_FILTERS(pairs) CHECK_PAIRS(pairs, PROG_socket_filter, EXPLORE_BOTH)

/* r0: a value of the array, 64 bytes. */
#define VALUE                                                                                      \
    "r6 = r1\n*(u32 *)(r10 - 4) = 0\nr2 = r10\nr2 += -4\nr1 = map_idx(0) ll\n"                     \
    "call map_lookup_elem\nif r0 != 0 goto have\nr0 = 0\nexit\nhave: "

static void test_pointers_as_numbers(void) {
    static const struct pair pairs[] = {
        {"r0 = r1\nexit", NULL, "R0 leaks addr as return value"},
        {"r0 = r10\nexit", NULL, "R0 leaks addr as return value"},
        {"w0 = w1\nr0 = 0\nexit", NULL, "R1 partial copy of pointer"},
        {"r0 = (s32)r1\nr0 = 0\nexit", NULL, "R1 sign-extension part of pointer"},
        {"r1 = -r1\nr0 = 0\nexit", NULL, "R1 pointer arithmetic prohibited"},
        {"r1 = be16 r1\nr0 = 0\nexit", NULL, "R1 pointer arithmetic prohibited"},
        {"r2 = r10\nr2 -= r10\nr0 = 0\nexit", NULL, "R2 pointer -= pointer prohibited"},
        {"w1 -= 1\nr0 = 0\nexit", NULL, "R1 32-bit pointer arithmetic prohibited"},
        {"r2 = r1\nif r1 == r2 goto +0\nr0 = 0\nexit", NULL, "R2 pointer comparison prohibited"},
        {"if r1 == 0 goto +0\nr0 = 0\nexit", NULL, "R1 pointer comparison prohibited"},
        {"if r10 > 7 goto +0\nr0 = 0\nexit", NULL, "R10 pointer comparison prohibited"},
        {"r2 = r1\ncall get_prandom_u32\nr0 = 0\nexit", NULL, NULL}, /* no argument of it */
    };
    CHECK_FILTERS(pairs);
}

static void test_pointers_given_away(void) {
    static const struct pair pairs[] = {
        {VALUE "*(u64 *)(r0 + 0) = r6\nr0 = 0\nexit", NULL, "R6 leaks addr into map"},
        {VALUE "*(u64 *)(r10 - 16) = r6\n*(u64 *)(r0 + 0) = 1\nr0 = 0\nexit", NULL, NULL},
        {VALUE "lock *(u64 *)(r0 + 0) += r10\nr0 = 0\nexit", NULL, "R10 leaks addr into mem"},
        {VALUE "r1 = 1\nr1 = atomic_fetch_add((u64 *)(r0 + 0), r1)\nr0 = r1\nexit", NULL, NULL},
        {VALUE "*(u32 *)(r6 + 48) = 7\nr0 = 0\nexit", NULL, NULL}, /* cb */
        {"r1 = r10\nr2 = r10\nr3 = r10\nr1 += -8\nr2 = 8\ncall trace_printk\nr0 = 0\nexit", NULL,
         "cannot use helper bpf_trace_printk"},
        {VALUE "r1 = map_idx(0) ll\nr2 = r10\nr2 += -4\nr3 = r0\nr4 = r10\n"
               "call map_update_elem\nr0 = 0\nexit",
         NULL, "R4 leaks addr into helper function"},
    };
    CHECK_FILTERS(pairs);
}

static void test_stack(void) {
    static const struct pair pairs[] = {
        {"r0 = *(u64 *)(r10 - 8)\nr0 = 0\nexit", NULL, "invalid read from stack"},
        {"*(u8 *)(r10 - 8) = 1\nr0 = *(u16 *)(r10 - 8)\nr0 = 0\nexit", NULL,
         "invalid read from stack off -8+1 size 2"},
        {"*(u64 *)(r10 - 8) = r1\n*(u32 *)(r10 - 8) = 1\nr0 = 0\nexit", NULL,
         "attempt to corrupt spilled pointer on stack"},
        {"*(u64 *)(r10 - 8) = r1\n*(u64 *)(r10 - 8) = 1\nr0 = 0\nexit", NULL, NULL},
        {"*(u64 *)(r10 - 8) = r1\nr0 = *(u32 *)(r10 - 8)\nr0 = 0\nexit",
         "invalid size of register fill", "invalid size of register fill"},
        {"*(u64 *)(r10 - 8) = r1\nr2 = 1\nlock *(u64 *)(r10 - 8) += r2\nr0 = 0\nexit", NULL,
         "leaking pointer from stack off -8"},
        /* what a helper reads must have been written, and be no pointer */
        {"r2 = r10\nr2 += -4\nr1 = map_idx(0) ll\ncall map_lookup_elem\nr0 = 0\nexit", NULL,
         "invalid indirect read from stack R2 off -4+0 size 4"},
        {"*(u64 *)(r10 - 8) = r1\nr2 = r10\nr2 += -8\nr1 = map_idx(0) ll\n"
         "call map_lookup_elem\nr0 = 0\nexit",
         NULL, "invalid indirect read from stack R2 off -8+0 size 4"},
        /* pointers to the stack do not vary, nor leave it */
        {"*(u64 *)(r10 - 8) = 0\n*(u64 *)(r10 - 16) = 0\nr2 = *(u32 *)(r1 + 0)\nr2 &= 8\n"
         "r2 += r10\nr0 = *(u64 *)(r2 - 16)\nr0 = 0\nexit",
         NULL, "R2 variable stack access prohibited for !root"},
        {"r2 = r10\nr2 += 8\nr0 = 0\nexit", NULL,
         "R2 stack pointer arithmetic goes out of range, prohibited for !root"},
        {"r2 = r10\nr2 += -512\nr2 += 8\nr0 = 0\nexit", NULL, NULL},
        /* of numbers on the stack is known that they were written, and zeros */
        {VALUE "r1 = 8\n*(u64 *)(r10 - 16) = r1\nr1 = *(u64 *)(r10 - 16)\nr0 += r1\n"
               "r0 = *(u8 *)(r0 + 0)\nr0 = 0\nexit",
         NULL, "math between map_value pointer and register with unbounded min value"},
        {VALUE "r1 = 0\n*(u64 *)(r10 - 16) = r1\nr1 = *(u64 *)(r10 - 16)\nr0 += r1\n"
               "r0 = *(u8 *)(r0 + 0)\nr0 = 0\nexit",
         NULL, NULL},
    };
    CHECK_FILTERS(pairs);
}

static void test_map_values(void) {
    static const struct pair pairs[] = {
        {VALUE "r0 += 64\nr0 = 0\nexit", NULL,
         "R0 pointer arithmetic of map value goes out of range, prohibited for !root"},
        {VALUE "r0 += 63\nr0 = *(u8 *)(r0 + 0)\nr0 = 0\nexit", NULL, NULL},
        {VALUE "r1 = *(u8 *)(r0 + 0)\nr0 += r1\nif r1 > 63 goto +1\nr0 = *(u8 *)(r0 + 0)\n"
               "r0 = 0\nexit",
         "max value is outside", "prohibited for !root"},
        {VALUE "r1 = *(u8 *)(r0 + 0)\nr1 &= 63\nr0 += r1\nr0 = *(u8 *)(r0 + 0)\nr0 = 0\nexit", NULL,
         NULL},
    };
    CHECK_FILTERS(pairs);
}

static void test_control(void) {
    static const struct pair pairs[] = {
        {"call local f\nexit\nf: r0 = 0\nexit", NULL,
         "loading/calling other bpf or kernel functions are allowed for CAP_BPF"},
        {"r0 = *(u8 *)skb[0]\nexit", "R6 !read_ok", "R6 !read_ok"},
        {"r6 = r1\nr0 = *(u8 *)skb[0]\nexit", NULL, NULL},
        {"r7 = *(u32 *)(r1 + 0)\nr2 = map_idx(3) ll\nif r7 == 0 goto +2\nr2 = map_idx(3) ll\n"
         "r3 = 1\ncall tail_call\nr0 = 0\nexit",
         NULL, NULL},
    };
    CHECK_FILTERS(pairs);
}

/* Additions that are masked at run time: the mask must be one, and known. */
#define TO_ARRAY(var) "r1 = *(u32 *)(r6 + 0)\n" var "\nr0 += r2\nr0 = *(u8 *)(r0 + 0)\nr0 = 0\nexit"

static void test_masks(void) {
    static const struct pair pairs[] = {
        {"r2 = 0\nr1 += r2\nr0 = 0\nexit", NULL, "R1 has pointer with unsupported alu operation"},
        {"r2 = 0\nr2 += r1\nr0 = 0\nexit", NULL, "R1 has pointer with unsupported alu operation"},
        {"r1 += 0\nr0 = 0\nexit", NULL, NULL},
        {VALUE "r2 = *(u32 *)(r6 + 0)\nr2 &= 15\nr2 += -8\nr0 += 16\nr0 += r2\nr0 = 0\nexit", NULL,
         "R2 has unknown scalar with mixed signed bounds"},
        {VALUE "r2 = *(u32 *)(r6 + 0)\nr2 &= 15\nr0 += r2\nr0 = 0\nexit", NULL, NULL},
        {"r3 = r10\nr2 = -8\nr3 += r2\n*(u64 *)(r3 + 0) = 1\nr0 = 0\nexit", NULL, NULL},
    };
    CHECK_FILTERS(pairs);
    static const struct pair paths[] = {
        /* another number, another distance, a number in place of a pointer */
        {VALUE TO_ARRAY("r2 = 1\nif r1 == 0 goto +1\nr2 = 2"), NULL,
         "R0 tried to add from different maps, paths or scalars"},
        {VALUE TO_ARRAY("r2 = r1\nr2 &= 7\nif r1 s> 0 goto +1\nr2 &= 3"), NULL,
         "R0 tried to add from different maps, paths or scalars"},
        {VALUE TO_ARRAY("r2 = r1\nr2 &= 7\nif r1 s> 0 goto +1\nr2 &= 7"), NULL, NULL},
        {VALUE "r1 = *(u32 *)(r6 + 0)\nr2 = 8\nif r1 == 0 goto +1\nr0 = 0\nr0 += r2\nr0 = 0\nexit",
         NULL, "R0 tried to add from different maps, paths or scalars"},
        {VALUE "r1 = *(u32 *)(r6 + 0)\nr2 = 8\nif r1 == 0 goto +1\nr2 = 9\nr2 += r1\nr0 = 0\nexit",
         NULL, NULL},
    };
    CHECK_PAIRS(paths, PROG_socket_filter, EXPLORE_PATHS);
}

/* What the fixpoint does not accept with privileges either. */
static void test_paths(void) {
    static const struct pair pairs[] = {
        {"r0 = 9\nl: r0 += -1\nif r0 != 0 goto l\nexit", NULL, "back-edge from insn"},
        /* a tail call masks its index by the size of one map */
        {"r7 = *(u32 *)(r1 + 0)\nr2 = map_idx(3) ll\nif r7 == 0 goto +2\nr2 = map_idx(8) ll\n"
         "r3 = 1\ncall tail_call\nr0 = 0\nexit",
         NULL, "tail_call abusing map_ptr"},
    };
    CHECK_PAIRS(pairs, PROG_socket_filter, EXPLORE_PATHS);
}

static void test_types(void) {
    static const struct {
        uint32_t type;
        const char *without;
    } types[] = {
        {PROG_socket_filter, NULL},
        {PROG_cgroup_skb, NULL},
        {PROG_xdp, "not for unprivileged users"},
        {PROG_sched_cls, "not for unprivileged users"},
        {PROG_kprobe, "not for unprivileged users"},
        {PROG_sk_lookup, "not for unprivileged users"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        check_pair(&(struct pair){"r0 = 0\nexit", NULL, types[i].without}, types[i].type,
                   EXPLORE_BOTH);
    static const struct pair fields[] = {
        {"r0 = *(u32 *)(r1 + 76)\nr0 = 0\nexit", NULL,
         "invalid bpf_context access off=76 size=4"},          /* data */
        {"r0 = *(u64 *)(r1 + 152)\nr0 = 0\nexit", NULL, NULL}, /* tstamp */
        {"r2 = 0\n*(u64 *)(r1 + 152) = r2\nr0 = 0\nexit", NULL,
         "invalid bpf_context access off=152 size=8"},
    };
    CHECK_PAIRS(fields, PROG_cgroup_skb, EXPLORE_BOTH);
}

/* 4096 instructions and no more. */
static void test_size(void) {
    for (uint32_t n = 4096; n <= 4097; n++) {
        char text[4097 * 8], *at = text;
        for (uint32_t i = 1; i < n; i++)
            at += sprintf(at, "r0 = 0\n");
        sprintf(at, "exit");
        check_pair(&(struct pair){text, NULL, n > 4096 ? "BPF program is too large" : NULL},
                   PROG_socket_filter, EXPLORE_BOTH);
    }
}

int main(void) {
    test_pointers_as_numbers();
    test_pointers_given_away();
    test_stack();
    test_map_values();
    test_control();
    test_paths();
    test_masks();
    test_types();
    test_size();
    return check_end();
}
