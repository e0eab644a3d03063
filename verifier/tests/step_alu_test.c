/* step_alu_test.c: arithmetic and pointer arithmetic: what is refused, in Linux's words, and what
 * is kept. */
#include "verifier/tests/step_bed.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Map 0 has one value at a fixed address; what a lookup in map 1 finds may be NULL. */
static void two_maps(struct bed *b) {
    struct map_def def = {.type = MAP_array, .key_size = 4, .value_size = 16, .max_entries = 1};
    bed_add_map(b, def);
    def.type = MAP_hash;
    bed_add_map(b, def);
}

static const struct bed_setup xdp = {.type = PROG_xdp, .maps = two_maps};
static const struct bed_setup filter = {
    .type = PROG_socket_filter, .maps = two_maps, .unprivileged = true};

static const struct bed_case scalars[] = {
    {"r0 = 1\nr0 += 2\nexit", NULL},
    {"r0 += 2\nexit", "R0 !read_ok"},
    {"r0 = r2\nexit", "R2 !read_ok"},
    {"r0 = 1\nr0 += r3\nexit", "R3 !read_ok"},
    {"r10 = 1\nr0 = 0\nexit", "frame pointer is read only"},
    {"r0 = 1\nr10 += 1\nexit", "frame pointer is read only"},
    {"r0 = 1\nr0 /= 0\nexit", "div by zero"},
    {"w0 = 1\nw0 %= 0\nexit", "div by zero"},
    {"w0 = 1\nw0 <<= 32\nexit", "invalid shift 32"},
    {"r0 = 1\nr0 s>>= 64\nexit", "invalid shift 64"},
    {"r0 = 1\nr0 <<= 63\nexit", NULL},
    {"r0 = 1\nr0 = -r0\nexit", NULL},
    {"r0 = -r0\nexit", "R0 !read_ok"},
    {"r0 = 5\nr0 = addr_space_cast(r0, 0, 1)\nexit", "associated arena"},
};

static const struct bed_case pointers[] = {
    {"r2 = r10\nr2 += -8\nr0 = 0\nexit", NULL},
    {"r2 = r10\nr2 -= 8\nr0 = 0\nexit", "R2 subtraction from stack pointer prohibited"},
    {"r2 = 8\nr2 -= r10\nr0 = 0\nexit", "R2 tried to subtract pointer from scalar"},
    {"r2 = 8\nr2 += r10\nr0 = 0\nexit", NULL},
    {"r2 = r10\nr2 += r10\nr0 = 0\nexit", "R2 pointer += pointer prohibited"},
    {"r2 = r10\nr2 -= r10\nr0 = r2\nexit", NULL},
    {"r2 = r10\nr2 *= 2\nr0 = 0\nexit", "R2 pointer arithmetic with *= operator prohibited"},
    {"r2 = r10\nr2 &= 7\nr0 = 0\nexit", "R2 bitwise operator &= on pointer prohibited"},
    {"r2 = r10\nw2 += 8\nr0 = 0\nexit", "R2 32-bit pointer arithmetic prohibited"},
    {"r2 = r10\nw2 -= 8\nr0 = 0\nexit", NULL},
    {"r2 = r10\nr2 += 536870912\nr0 = 0\nexit",
     "math between fp pointer and 536870912 is not allowed"},
    {"r2 = r10\nr2 += -536870912\nr0 = 0\nexit",
     "math between fp pointer and -536870912 is not allowed"},
    {"r2 = r10\nr2 += 400000000\nr2 += 400000000\nr0 = 0\nexit",
     "fp pointer offset 800000000 is not allowed"},
    {"call 7\nr2 = r10\nr2 += r0\nr0 = 0\nexit",
     "math between fp pointer and register with unbounded min value is not allowed"},
    {"call 7\nr0 &= 0xff\nr2 = r10\nr2 += r0\nr0 = 0\nexit", NULL},
    {"r2 = *(u32 *)(r1 + 4)\nr2 += 1\nr0 = 0\nexit", "R2 pointer arithmetic on pkt_end prohibited"},
    {"r2 = map_idx(0) ll\nr2 += 0\nr0 = 0\nexit", NULL},
    {"r2 = map_idx(0) ll\nr2 += 1\nr0 = 0\nexit", "R2 pointer arithmetic on map_ptr prohibited"},
    {"*(u64 *)(r10 - 8) = 0\nr2 = r10\nr2 += -8\nr1 = map_idx(1) ll\ncall 1\nr0 += 1\nr0 = 0\nexit",
     "R0 pointer arithmetic on map_value_or_null prohibited, null-check it first"},
    {"r0 = r10\nw0 = w0\nexit", NULL},
    {"r0 = r10\nr0 = -r0\nexit", NULL},
};

static const struct bed_case unprivileged[] = {
    {"r2 = r10\nw0 = w2\nexit", "R2 partial copy of pointer"},
    {"r2 = r10\nr0 = (s8)r2\nexit", "R2 sign-extension part of pointer"},
    {"r2 = r10\nr2 = -r2\nr0 = 0\nexit", "R2 pointer arithmetic prohibited"},
    {"r2 = r10\nr2 -= r10\nr0 = 0\nexit", "R2 pointer -= pointer prohibited"},
    {"r2 = r10\nw2 -= 8\nr0 = 0\nexit", "R2 32-bit pointer arithmetic prohibited"},
    {"r2 = r10\nr2 += 8\nr0 = 0\nexit", "R2 stack pointer arithmetic goes out of range"},
    {"r2 = r10\nr2 += -512\nr0 = 0\nexit", NULL},
    {"r2 = map_idx_value(0, 0) ll\nr2 += 15\nr0 = 0\nexit", NULL},
    {"r2 = map_idx_value(0, 0) ll\nr2 += 16\nr0 = 0\nexit", "invalid access to map value"},
};

/* What the entry gets: in r2 any number, in r3 one whose lower half is -1 or 0. */
static void two_numbers(struct bed *b) {
    struct scalar mask = scalar_unknown();
    mask.s32 = (struct srange32){-1, 0};
    state_regs(&b->st)[2] = reg_scalar(scalar_unknown());
    state_regs(&b->st)[3] = reg_scalar(scalar_reduce(mask));
}

static const struct bed_setup numbers = {.type = PROG_xdp, .entry = two_numbers};

/* The state at the first exit reached, on the path itself. */
static struct reg *after(struct bed *b, const char *text, uint32_t r) {
    check_note(text);
    if (!bed_open(b, &numbers, text))
        abort();
    for (uint32_t pc = 0; b->ops[pc] != OP_EXIT; pc = b->s.next) {
        if (!CHECK(bed_run(b, pc)))
            printf("    %s\n", b->s.rep.linux_text);
        while (b->s.n_forks)
            bed_release(NULL, b->s.forks[--b->s.n_forks].st);
    }
    return &state_regs(&b->st)[r];
}

/* Which moves and sums keep a value linked to its source. */
static void test_links(void) {
    static const struct {
        const char *text;
        bool linked;
        int delta; /* -1: none */
    } rows[] = {
        {"r4 = r2\nexit", true, -1},
        {"r4 = r2\nr4 += 5\nexit", true, 5},
        {"r4 = r2\nr4 += 5\nr4 += 1\nexit", false, -1},
        {"r4 = r2\nr4 += -5\nexit", false, -1},
        {"r4 = r2\nr4 -= 5\nexit", false, -1},
        {"r4 = r2\nw4 += 5\nexit", false, -1},
        {"r4 = r2\nr4 += r4\nexit", false, -1},
        {"r4 = r2\nr5 = 7\nr4 += r5\nexit", true, 7},
        {"r4 = r2\nr4 ^= 1\nexit", false, -1},
        {"r4 = r2\nr4 = bswap64 r4\nexit", false, -1},
        {"r4 = r2\nr4 = -r4\nexit", false, -1},
        {"w4 = w2\nexit", false, -1},
        {"w2 = w2\nw4 = w2\nexit", true, -1},
        {"r4 = (s8)r2\nexit", false, -1},
        {"r2 &= 0x7f\nr4 = (s8)r2\nexit", true, -1},
        {"r2 &= 0xff\nr4 = (s8)r2\nexit", false, -1},
        {"r2 = 5\nr4 = r2\nexit", false, -1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bed b;
        const struct reg r4 = *after(&b, rows[i].text, 4), r2 = state_regs(&b.st)[2];
        CHECK_EQ(r4.id != 0 && r4.id == r2.id, rows[i].linked);
        CHECK_EQ(r4.has_delta, rows[i].delta >= 0);
        CHECK_EQ(r4.off, rows[i].delta >= 0 ? rows[i].delta : 0);
        bed_close(&b);
    }
}

/* (x s>> 63) & K is split into its two values, each with its own result. */
static void test_sign_mask(void) {
    static const struct {
        const char *text;
        uint64_t path, fork;
        uint32_t r;
    } rows[] = {
        {"r2 s>>= 63\nr2 &= -13\nexit", (uint64_t)-13, 0, 2},
        {"r2 s>>= 63\nr2 |= 6\nexit", UINT64_MAX, 6, 2},
        {"w3 &= 9\nexit", 9, 0, 3},
        {"w3 |= 6\nexit", UINT32_MAX, 6, 3},
        {"r3 &= 9\nexit", 9, 0, 3},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bed b;
        check_note(rows[i].text);
        if (!bed_open(&b, &numbers, rows[i].text))
            abort();
        uint32_t pc = 0;
        for (; pc + 1 < b.prog.n_insns; pc++)
            CHECK(bed_run(&b, pc));
        if (!CHECK_EQ(b.s.n_forks, 1)) {
            bed_close(&b);
            continue;
        }
        CHECK_EQ(b.s.forks[0].pc, pc);
        const struct reg *const path = &state_regs(&b.st)[rows[i].r];
        const struct reg *const fork = &state_regs(b.s.forks[0].st)[rows[i].r];
        CHECK(reg_is_const(path) && path->v.bits.value == rows[i].path);
        CHECK(reg_is_const(fork) && fork->v.bits.value == rows[i].fork);
        bed_release(NULL, b.s.forks[0].st);
        bed_close(&b);
    }
}

/* scalar + pointer is all of the pointer; the scalar must be precise. */
static void test_scalar_plus_pointer(void) {
    struct bed b;
    const struct reg *const r = after(&b, "r2 &= 15\nr2 += r10\nexit", 2);
    CHECK_EQ(r->kind, REG_STACK);
    CHECK_EQ(r->frame, 0);
    CHECK_EQ(r->v.u.max, 15);
    CHECK_EQ(b.s.eff.precise, 1u << 2);
    bed_close(&b);
}

int main(void) {
    bed_check_all(scalars, COUNT(scalars), &xdp);
    bed_check_all(pointers, COUNT(pointers), &xdp);
    bed_check_all(unprivileged, COUNT(unprivileged), &filter);
    test_links();
    test_sign_mask();
    test_scalar_plus_pointer();
    return check_end();
}
