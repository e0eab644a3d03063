/* helper_probe_test.c: reads and writes of memory that nobody vouched for: what is copied, which
 * error the address gives, what is left in the destination. */
#include "runtime/tests/helper_bed.h"

/* struct probe_kind: how the variants of probe reads differ. */
struct probe_kind {
    uint32_t id;
    bool user;          /* reads user memory only */
    int low, hole, top; /* errno at address 0, between user and kernel addresses, at the end */
    int none_low, none_top, none_kernel; /* reading nothing */
};

static void test_probe_blocks(struct world *w) {
    enum {
        F = LX_EFAULT,
        R = LX_ERANGE
    };
    static const struct probe_kind kinds[] = {
        {HELPER_probe_read, false, F, R, F, 0, 0, 0},
        {HELPER_probe_read_kernel, false, R, R, F, R, 0, 0},
        {HELPER_probe_read_user, true, F, F, F, 0, F, F},
        {HELPER_copy_from_user, true, F, F, F, 0, 0, 0},
        {HELPER_copy_from_user_task, true, F, F, F, 0, 0, 0},
    };
    const uint64_t dst = bed_mem(w, NULL, 16), kernel = bed_mem(w, "abcdefgh", 8);
    const uint64_t user = bed_user(w, "ABCDEFGH", 8);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct probe_kind k = kinds[i];
        check_note(helper_proto_of(k.id)->name);
        CHECK_EQ(bed_call(w, k.id, dst, 8, user, 0, 0), 0);
        CHECK(!memcmp(bed_host(w, dst), "ABCDEFGH", 8));
        CHECK_EQ(bed_call(w, k.id, dst, 8, kernel, 0, 0), k.user ? ERRNO(LX_EFAULT) : 0);
        CHECK(!memcmp(bed_host(w, dst), k.user ? "\0\0\0\0\0\0\0" : "abcdefgh", 8));
        memset(bed_host(w, dst), 'Q', 16);
        CHECK_EQ(bed_call(w, k.id, dst, 9, user, 0, 0), ERRNO(LX_EFAULT));
        CHECK(!memcmp(bed_host(w, dst), "\0\0\0\0\0\0\0\0\0Q", 10));
        CHECK_EQ(bed_call(w, k.id, dst, 8, 0, 0, 0), ERRNO(k.low));
        CHECK_EQ(bed_call(w, k.id, dst, 8, 4096, 0, 0), ERRNO(k.low));
        CHECK_EQ(bed_call(w, k.id, dst, 8, UINT64_C(1) << 48, 0, 0), ERRNO(k.hole));
        CHECK_EQ(bed_call(w, k.id, dst, 8, BED_SYMBOL, 0, 0), ERRNO(LX_EFAULT));
        CHECK_EQ(bed_call(w, k.id, dst, 8, UINT64_MAX - 3, 0, 0), ERRNO(k.top));
        CHECK_EQ(bed_call(w, k.id, dst, 8, kernel + 100000, 0, 0), ERRNO(LX_EFAULT));
        CHECK_EQ(bed_call(w, k.id, dst, 0, 0, 0, 0), ERRNO(k.none_low));
        CHECK_EQ(bed_call(w, k.id, dst, UINT64_C(1) << 32, 0, 0, 0), ERRNO(k.none_low));
        CHECK_EQ(bed_call(w, k.id, dst, 0, UINT64_MAX, 0, 0), ERRNO(k.none_top));
        CHECK_EQ(bed_call(w, k.id, dst, 0, kernel, 0, 0), ERRNO(k.none_kernel));
        CHECK_EQ(bed_call(w, k.id, dst, 0, user, 0, 0), 0);
        CHECK_CALM(w);
        CHECK_TRAP(w, bed_call(w, k.id, dst, 17, user, 0, 0), RUN_TRAP_MEMORY);
        CHECK_TRAP(w, bed_call(w, k.id, 0, 8, user, 0, 0), RUN_TRAP_NULL);
    }
    check_note(NULL);
    CHECK_EQ(CALL5(w, copy_from_user_task, dst, 8, user, 0, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, probe_read, kernel + 2, 6, kernel), 0); /* they overlap */
    CHECK(!memcmp(bed_host(w, kernel), "ababcdef", 8));
}

static void test_probe_strings(struct world *w) {
    static const struct probe_kind kinds[] = {
        {.id = HELPER_probe_read_str, .low = LX_EFAULT},
        {.id = HELPER_probe_read_kernel_str, .low = LX_ERANGE},
        {.id = HELPER_probe_read_user_str, .user = true, .low = LX_EFAULT},
    };
    const uint64_t dst = bed_mem(w, NULL, 16);
    const uint64_t user = bed_user(w, "text\0more", 10), no_end = bed_user(w, "abc", 3);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const uint32_t id = kinds[i].id;
        check_note(helper_proto_of(id)->name);
        for (uint64_t size = 1; size <= 8; size++) {
            char want[9] = "text";
            want[size < 5 ? size - 1 : 4] = 0;
            memset(bed_host(w, dst), 'Q', 16);
            CHECK_EQ(bed_call(w, id, dst, size, user, 0, 0), size < 5 ? size : 5);
            CHECK_STR(bed_host(w, dst), want);
            CHECK_EQ(((uint8_t *)bed_host(w, dst))[size < 5 ? size : 5], 'Q');
        }
        CHECK_EQ(bed_call(w, id, dst, 8, user + 4, 0, 0), 1);
        CHECK_EQ(bed_call(w, id, dst, 3, no_end, 0, 0), 3);
        CHECK_STR(bed_host(w, dst), "ab");
        memset(bed_host(w, dst), 'Q', 16);
        CHECK_EQ(bed_call(w, id, dst, 4, no_end, 0, 0), ERRNO(LX_EFAULT));
        CHECK(!memcmp(bed_host(w, dst), "\0\0\0\0Q", 5));
        CHECK_EQ(bed_call(w, id, dst, 0, no_end, 0, 0), 0);
        CHECK_EQ(bed_call(w, id, dst, 0, 0, 0, 0), 0);
        CHECK_EQ(bed_call(w, id, dst, 4, 0, 0, 0), ERRNO(kinds[i].low));
        CHECK_CALM(w);
        CHECK_TRAP(w, bed_call(w, id, dst, 17, user, 0, 0), RUN_TRAP_MEMORY);
    }
    check_note(NULL);
    CHECK_EQ(CALL3(w, probe_read_user_str, dst, 8, bed_text(w, "kernel")), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL3(w, probe_read_kernel_str, dst, 8, bed_text(w, "kernel")), 7);
}

static void test_probe_write(struct world *w) {
    const uint64_t src = bed_mem(w, "abcd", 4), user = bed_user(w, "ABCDEFGH", 8);
    CHECK_EQ(CALL3(w, probe_write_user, user + 2, src, 4), 0);
    CHECK(!memcmp(bed_host(w, user), "ABabcdGH", 8));
    CHECK_EQ(CALL3(w, probe_write_user, user + 5, src, 4), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL3(w, probe_write_user, src, src, 4), ERRNO(LX_EFAULT)); /* not user memory */
    CHECK_EQ(CALL3(w, probe_write_user, world_stack_top(w, 0) - 8, src, 4), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL3(w, probe_write_user, CALL0(w, get_current_task), src, 4), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL3(w, probe_write_user, 0, src, 4), ERRNO(LX_EFAULT));
    w->env->task.kthread = true;
    CHECK_EQ(CALL3(w, probe_write_user, user, src, 4), ERRNO(LX_EPERM));
    w->env->task.kthread = false;
    CHECK(!memcmp(bed_host(w, user), "ABabcdGH", 8));
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL3(w, probe_write_user, user, src, 5), RUN_TRAP_MEMORY);
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        struct world *w = bed_world(big);
        test_probe_blocks(w);
        test_probe_strings(w);
        test_probe_write(w);
        world_free(w);
    }
    return check_end();
}
