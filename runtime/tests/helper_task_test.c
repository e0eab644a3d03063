/* helper_task_test.c: the helpers that answer from the environment and the world itself: the task,
 * clocks, CPUs, probes, stacks, storages, locks, the attach point, the kernel's names.
 */
#include "runtime/env.h"

#include "isa/btf.h"
#include "runtime/map/slots.h"
#include "runtime/map/stacktrace.h"
#include "runtime/tests/helper_bed.h"

static void test_clocks(struct world *w) {
    const uint64_t tick = w->cfg.tick_ns;
    w->st.clock_ns = UINT64_C(12345678901);
    CHECK_EQ(CALL0(w, ktime_get_ns), UINT64_C(12345678901));
    CHECK_EQ(CALL0(w, ktime_get_ns), UINT64_C(12345678901) + tick);
    CHECK_EQ(CALL0(w, ktime_get_boot_ns), UINT64_C(12345678901) + 2 * tick);
    CHECK_EQ(CALL0(w, ktime_get_tai_ns), w->cfg.epoch_ns + UINT64_C(12345678901) + 3 * tick);
    CHECK_EQ(CALL0(w, ktime_get_coarse_ns), UINT64_C(12344000000));
    CHECK_EQ(CALL0(w, jiffies64), UINT64_C(4294892296) + 12345678901 / 4000000);
    w->st.clock_ns = 0;
    CHECK_EQ(CALL0(w, jiffies64), UINT64_C(4294892296)); /* as Linux boots with HZ = 250 */
    w->st.clock_ns = UINT64_C(4000000) * 7;
    CHECK_EQ(CALL0(w, ktime_get_coarse_ns), UINT64_C(28000000));
}

static void test_cpu(struct world *w) {
    struct world *other = bed_world(!w->cfg.big_endian);
    uint64_t bits = 0, ones = 0;
    for (int i = 0; i < 64; i++) {
        const uint64_t r = CALL0(w, get_prandom_u32);
        CHECK_EQ(r >> 32, 0);
        CHECK_EQ(r, CALL0(other, get_prandom_u32)); /* the seed decides, not the byte order */
        bits |= r;
        ones += (uint64_t)__builtin_popcountll(r);
    }
    CHECK(bits == UINT32_MAX && ones > 800 && ones < 1250);
    world_free(other);
    for (uint32_t cpu = 0; cpu < 4; cpu++) {
        w->st.cpu = cpu;
        CHECK_EQ(CALL0(w, get_smp_processor_id), cpu);
    }
    w->cfg.numa_node = 1;
    CHECK_EQ(CALL0(w, get_numa_node_id), 1);
    uint64_t plain, per;
    const uint8_t bytes[5] = {1, 2, 3, 4, 5};
    CHECK_EQ(env_add_variable(w, "plain_var", bytes, 5, false, &plain), BPFLAB_OK);
    CHECK_EQ(env_add_variable(w, "cpu_var", bytes, 5, true, &per), BPFLAB_OK);
    CHECK_EQ(env_add_variable(w, "cpu_var", bytes, 5, true, &per), BPFLAB_E_DUPLICATE);
    CHECK_EQ(env_add_variable(w, "none", bytes, 0, true, &per), BPFLAB_E_ARG);
    CHECK_EQ(env_add_variable(w, "huge", bytes, WORLD_SCRATCH_BYTES, false, &per), BPFLAB_E_SPACE);
    CHECK(!env_symbol_named(w->env, "huge"));
    uint64_t last = 0;
    for (uint32_t cpu = 0; cpu < 4; cpu++) {
        w->st.cpu = cpu;
        const uint64_t at = CALL2(w, per_cpu_ptr, per, cpu);
        CHECK_EQ(CALL1(w, this_cpu_ptr, per), at);
        CHECK(at != last && world_check(w, at, 5, WORLD_READ) &&
              !world_check(w, at, 6, WORLD_READ));
        CHECK(!world_check(w, at, 1, WORLD_WRITE) && !memcmp(bed_host(w, at), bytes, 5));
        CHECK_EQ(CALL2(w, per_cpu_ptr, plain, cpu), plain);
        CHECK_EQ(CALL2(w, per_cpu_ptr, per + 3, cpu), at + 3);
        last = at;
    }
    CHECK_EQ(CALL2(w, per_cpu_ptr, per, 0), per);
    CHECK_EQ(CALL2(w, per_cpu_ptr, per, 4), 0);
    CHECK_EQ(CALL2(w, per_cpu_ptr, per, UINT64_C(1) << 32), per);
    w->st.cpu = 0;
}

static void test_ids(struct world *w) {
    struct env_task *t = &w->env->task;
    t->pid = 7, t->tgid = 5, t->uid = 1001, t->gid = 1002;
    CHECK_EQ(CALL0(w, get_current_pid_tgid), UINT64_C(5) << 32 | 7);
    CHECK_EQ(CALL0(w, get_current_uid_gid), UINT64_C(1002) << 32 | 1001);
    const uint64_t ns = bed_mem(w, NULL, 16);
    t->ns_pid = 2, t->ns_tgid = 3;
    memset(bed_host(w, ns), 0xff, 8);
    CHECK_EQ(CALL4(w, get_ns_current_pid_tgid, t->ns_dev, t->ns_ino, ns, 8), 0);
    CHECK_EQ(world_get32(w, bed_host(w, ns)), 2);
    CHECK_EQ(world_get32(w, (uint8_t *)bed_host(w, ns) + 4), 3);
    CHECK_EQ(CALL4(w, get_ns_current_pid_tgid, t->ns_dev, t->ns_ino + 1, ns, 8), ERRNO(LX_EINVAL));
    CHECK_EQ(world_get64(w, bed_host(w, ns)), 0);
    memset(bed_host(w, ns), 0xff, 16);
    CHECK_EQ(CALL4(w, get_ns_current_pid_tgid, t->ns_dev, t->ns_ino, ns, 12), ERRNO(LX_EINVAL));
    CHECK_EQ(world_get32(w, (uint8_t *)bed_host(w, ns) + 8), 0);
    CHECK_EQ(world_get32(w, (uint8_t *)bed_host(w, ns) + 12), UINT32_MAX);
    CHECK_EQ(CALL4(w, get_ns_current_pid_tgid, t->ns_dev | UINT64_C(1) << 32, t->ns_ino, ns, 8),
             ERRNO(LX_EINVAL));
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL4(w, get_ns_current_pid_tgid, 0, 0, ns, 17), RUN_TRAP_MEMORY);
}

static void test_comm(struct world *w) {
    const uint64_t buf = bed_mem(w, NULL, 32);
    strcpy(w->env->task.comm, "process");
    for (uint32_t size = 1; size <= 20; size++) {
        char want[20] = {0};
        memset(bed_host(w, buf), 'Q', 32);
        memcpy(want, "process", size - 1 < 7 ? size - 1 : 7);
        CHECK_EQ(CALL2(w, get_current_comm, buf, size), 0);
        CHECK(!memcmp(bed_host(w, buf), want, size));
        CHECK_EQ(((uint8_t *)bed_host(w, buf))[size], 'Q');
    }
    memset(w->env->task.comm, 'x', ENV_COMM_BYTES); /* no NUL: cut */
    CHECK_EQ(CALL2(w, get_current_comm, buf, 20), 0);
    CHECK_STR(bed_host(w, buf), "xxxxxxxxxxxxxxx");
    strcpy(w->env->task.comm, "process");
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL2(w, get_current_comm, buf, 33), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL2(w, get_current_comm, 0, 16), RUN_TRAP_NULL);
}

static void test_task_image(struct world *w) {
    const uint64_t task = CALL0(w, get_current_task);
    CHECK_EQ(CALL0(w, get_current_task), task);
    CHECK_EQ(CALL0(w, get_current_task_btf), task);
    if (!CHECK(world_check(w, task, ENV_TASK_BYTES, WORLD_READ)))
        return;
    CHECK(!world_check(w, task, 1, WORLD_WRITE));
    struct env_task_image *image = bed_host(w, task);
    CHECK_EQ(world_get32(w, &image->pid), w->env->task.pid);
    CHECK_EQ(world_get32(w, &image->tgid), w->env->task.tgid);
    CHECK_EQ(world_get32(w, &image->uid), w->env->task.uid);
    CHECK_EQ(world_get32(w, &image->gid), w->env->task.gid);
    CHECK(!memcmp(image->comm, w->env->task.comm, 8));
    CHECK_EQ(world_get64(w, &image->cgroup_id), CALL0(w, get_current_cgroup_id));
    const uint64_t regs = CALL1(w, task_pt_regs, task);
    CHECK(regs > task && world_check(w, regs, 168, WORLD_READ));
    CHECK_EQ(env_task_write(w, 2456, "abcd", 4), BPFLAB_OK);
    CHECK(!memcmp((uint8_t *)bed_host(w, task) + 2456, "abcd", 4));
    CHECK_EQ(env_task_write(w, ENV_TASK_BYTES - 3, "abcd", 4), BPFLAB_E_RANGE);
    CHECK_EQ(env_task_write(w, UINT32_MAX, "abcd", 4), BPFLAB_E_RANGE);
    CHECK_EQ(env_task_write(w, ENV_TASK_BYTES - 4, "abcd", 4), BPFLAB_OK);
}

static void test_cgroups(struct world *w) {
    struct env_task *t = &w->env->task;
    CHECK_EQ(CALL0(w, get_current_cgroup_id), 4711);
    CHECK_EQ(CALL1(w, get_current_ancestor_cgroup_id, 0), 1);
    CHECK_EQ(CALL1(w, get_current_ancestor_cgroup_id, 1), 37);
    CHECK_EQ(CALL1(w, get_current_ancestor_cgroup_id, 2), 4711);
    CHECK_EQ(CALL1(w, get_current_ancestor_cgroup_id, 3), 0);
    CHECK_EQ(CALL1(w, get_current_ancestor_cgroup_id, UINT64_MAX), 0);
    CHECK_EQ(CALL1(w, get_current_ancestor_cgroup_id, UINT64_C(1) << 32), 1);
    t->cgroup_level = 1;
    CHECK_EQ(CALL1(w, get_current_ancestor_cgroup_id, 2), 0);
    CHECK_EQ(CALL0(w, get_current_cgroup_id), 37);
    t->cgroup_level = 100; /* nonsense is survived */
    CHECK_EQ(CALL0(w, get_current_cgroup_id), 0);
    t->cgroup_level = 2;
    struct map *m = bed_map(w, MAP_cgroup_array, 4, 4, 4, 0);
    slots_set(w, m, 0, 37);
    slots_set(w, m, 1, 4711);
    slots_set(w, m, 2, 99);
    CHECK_EQ(CALL2(w, current_task_under_cgroup, m->handle, 0), 1);
    CHECK_EQ(CALL2(w, current_task_under_cgroup, m->handle, 1), 1);
    CHECK_EQ(CALL2(w, current_task_under_cgroup, m->handle, 2), 0);
    CHECK_EQ(CALL2(w, current_task_under_cgroup, m->handle, 3), ERRNO(LX_EAGAIN));
    CHECK_EQ(CALL2(w, current_task_under_cgroup, m->handle, 4), ERRNO(LX_E2BIG));
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL2(w, current_task_under_cgroup, 5, 4), RUN_TRAP_MEMORY);
}

static void test_signals(struct world *w) {
    struct env_task *t = &w->env->task;
    CHECK_EQ(CALL1(w, send_signal, 9), 0);
    CHECK_EQ(CALL1(w, send_signal_thread, 64), 0);
    CHECK_EQ(CALL1(w, send_signal, 65), ERRNO(LX_EINVAL));
    CHECK_EQ(w->trace[w->st.trace_count - 3].helper, HELPER_send_signal);
    CHECK_EQ(w->trace[w->st.trace_count - 3].args[0], 9);
    t->kthread = true;
    CHECK_EQ(CALL1(w, send_signal_thread, 9), ERRNO(LX_EPERM));
    t->kthread = false, t->tgid = 1;
    CHECK_EQ(CALL1(w, send_signal, 65), ERRNO(LX_EPERM));
    t->tgid = 5;
}

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

static void test_locks(struct world *w) {
    const uint64_t a = bed_mem(w, NULL, 4), b = bed_mem(w, NULL, 4);
    CHECK_EQ(CALL1(w, spin_lock, a), 0);
    CHECK_EQ(w->st.lock_held, a);
    CHECK_EQ(world_get32(w, bed_host(w, a)), 1);
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL1(w, spin_lock, a), RUN_TRAP_FUEL); /* forever */
    CHECK_EQ(CALL1(w, spin_unlock, a), 0);
    CHECK_EQ(w->st.lock_held, 0);
    CHECK_EQ(world_get32(w, bed_host(w, a)), 0);
    CHECK_EQ(CALL1(w, spin_lock, b), 0);
    CHECK_EQ(CALL1(w, spin_unlock, b), 0);
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL1(w, spin_lock, a + 1), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL1(w, spin_unlock, 0), RUN_TRAP_NULL);
    const uint64_t slot = bed_mem(w, NULL, 8);
    CHECK_EQ(CALL2(w, kptr_xchg, slot, 1234), 0);
    CHECK_EQ(CALL2(w, kptr_xchg, slot, 0), 1234);
    CHECK_EQ(world_get64(w, bed_host(w, slot)), 0);
    CHECK_TRAP(w, CALL2(w, kptr_xchg, slot + 1, 0), RUN_TRAP_MEMORY);
}

static void test_attach(struct world *w) {
    const uint64_t ctx = bed_mem(w, NULL, 64), out = bed_mem(w, NULL, 8);
    for (unsigned i = 0; i < 8; i++)
        world_put64(w, (uint8_t *)bed_host(w, ctx) + 8 * i, 100 + i);
    w->env->attach_cookie = 77, w->env->func_ip = BED_SYMBOL;
    CHECK_EQ(CALL1(w, get_attach_cookie, ctx), 77);
    CHECK_EQ(CALL1(w, get_func_ip, ctx), BED_SYMBOL);
    w->env->n_func_args = 3;
    CHECK_EQ(CALL1(w, get_func_arg_cnt, ctx), 3);
    CHECK_EQ(CALL3(w, get_func_arg, ctx, 2, out), 0);
    CHECK_EQ(world_get64(w, bed_host(w, out)), 102);
    CHECK_EQ(CALL3(w, get_func_arg, ctx, 3, out), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, get_func_arg, ctx, UINT64_MAX, out), ERRNO(LX_EINVAL));
    CHECK_EQ(world_get64(w, bed_host(w, out)), 102);
    CHECK_EQ(CALL2(w, get_func_ret, ctx, out), 0);
    CHECK_EQ(world_get64(w, bed_host(w, out)), 103);
    w->env->attach_type = ATTACH_trace_fentry;
    CHECK_EQ(CALL2(w, get_func_ret, ctx, out), ERRNO(LX_EOPNOTSUPP));
    w->env->attach_type = 0;
    w->env->n_func_args = -1;
    w->st.ctx_bytes = 64;
    CHECK_EQ(CALL1(w, get_func_arg_cnt, ctx), 7);
    w->st.ctx_bytes = 4096;
    CHECK_EQ(CALL1(w, get_func_arg_cnt, ctx), 12);
    w->st.ctx_bytes = 0;
    CHECK_EQ(CALL1(w, get_func_arg_cnt, ctx), 0);
    CHECK_EQ(CALL1(w, set_retval, (uint64_t)-5), 0);
    CHECK_EQ(CALL0(w, get_retval), (uint64_t)-5);
    CHECK_EQ(CALL1(w, set_retval, UINT64_C(0x100000007)), 0);
    CHECK_EQ(CALL0(w, get_retval), 7);
    CHECK_EQ(CALL2(w, override_return, ctx, 42), 0);
    CHECK(w->st.override_rc == 42 && w->st.n_overrides == 1);
    CHECK_CALM(w);
    w->env->n_func_args = 8;
    CHECK_TRAP(w, CALL2(w, get_func_ret, ctx, out), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, CALL3(w, get_func_arg, ctx, 0, 0), RUN_TRAP_NULL);
}

/* A vmlinux with one type: int "u32", id 1. */
static struct btf *small_btf(bool big) {
    uint8_t b[] = {0x9f, 0xeb, 1, 0, 24, 0, 0,  0, 0, 0, 0, 0,   16,  0,   0,
                   0,    16,   0, 0, 0,  5, 0,  0, 0, 1, 0, 0,   0,   0,   0,
                   0,    1,    4, 0, 0,  0, 32, 0, 0, 0, 0, 'u', '3', '2', 0};
    struct btf *btf = NULL;
    if (big) {
        b[0] = 0xeb, b[1] = 0x9f;
        for (unsigned i = 4; i < 40; i += 4) {
            const uint8_t t[4] = {b[i + 3], b[i + 2], b[i + 1], b[i]};
            memcpy(b + i, t, 4);
        }
    }
    CHECK_EQ(btf_parse(b, sizeof b, NULL, &btf, NULL), BPFLAB_OK);
    return btf;
}

static void test_names(struct world *w) {
    const uint64_t res = bed_mem(w, NULL, 8), name = bed_text(w, "do_syscall_64");
    CHECK_EQ(CALL4(w, kallsyms_lookup_name, name, 14, 0, res), 0);
    CHECK_EQ(world_get64(w, bed_host(w, res)), UINT64_C(0xffffffff81e00500));
    CHECK_EQ(CALL4(w, kallsyms_lookup_name, name, 13, 0, res), ERRNO(LX_EINVAL)); /* no NUL */
    CHECK_EQ(world_get64(w, bed_host(w, res)), 0);
    CHECK_EQ(CALL4(w, kallsyms_lookup_name, name, 14, 1, res), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, kallsyms_lookup_name, bed_text(w, "nobody"), 7, 0, res), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL4(w, kallsyms_lookup_name, bed_text(w, ""), 1, 0, res), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, kallsyms_lookup_name, name, 0, 0, res), ERRNO(LX_EINVAL));
    char longest[1000] = {0};
    memset(longest, 'n', sizeof longest - 1);
    const uint64_t name1000 = bed_mem(w, longest, sizeof longest);
    CHECK_EQ(CALL4(w, kallsyms_lookup_name, name1000, 1000, 0, res), ERRNO(LX_ENOENT));
    const uint64_t u32 = bed_text(w, "u32");
    CHECK_EQ(CALL4(w, btf_find_by_name_kind, u32, 4, BTF_INT, 0), ERRNO(LX_EINVAL)); /* no BTF */
    struct btf *btf = small_btf(w->cfg.big_endian);
    w->env->vmlinux = btf;
    CHECK_EQ(CALL4(w, btf_find_by_name_kind, u32, 4, BTF_INT, 0), 1);
    CHECK_EQ(CALL4(w, btf_find_by_name_kind, u32, 4, BTF_STRUCT, 0), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL4(w, btf_find_by_name_kind, u32, 4, 1000, 0), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL4(w, btf_find_by_name_kind, u32, 3, BTF_INT, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, btf_find_by_name_kind, u32, 4, BTF_INT, 1), ERRNO(LX_EINVAL));
    w->env->vmlinux = NULL;
    btf_free(btf);
    const uint64_t attr = bed_mem(w, NULL, 64);
    CHECK_EQ(CALL3(w, sys_bpf, 0, attr, 64), ERRNO(LX_EPERM));
    CHECK_EQ(CALL3(w, sys_bpf, 5, attr, 64), ERRNO(LX_EPERM));
    CHECK_EQ(CALL3(w, sys_bpf, 1, attr, 64), ERRNO(LX_EINVAL)); /* look-ups are not passed on */
    CHECK_EQ(CALL3(w, sys_bpf, 1000, attr, 64), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL1(w, sys_close, 3), ERRNO(LX_EBADF));
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL3(w, sys_bpf, 0, attr, 65), RUN_TRAP_MEMORY);
}

static void test_hooks(struct world *w) {
    const uint64_t buf = bed_mem(w, NULL, 8);
    CHECK_EQ(CALL2(w, bprm_opts_set, buf, 0), 0);
    CHECK_EQ(CALL2(w, bprm_opts_set, buf, 1), 0);
    CHECK_EQ(CALL2(w, bprm_opts_set, buf, 2), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL3(w, ima_inode_hash, buf, buf, 8), ERRNO(LX_EOPNOTSUPP));
    CHECK_EQ(CALL3(w, ima_file_hash, buf, buf, 8), ERRNO(LX_EOPNOTSUPP));
    CHECK_EQ(CALL1(w, sock_from_file, buf), 0);
    CHECK_EQ(CALL1(w, rc_repeat, buf), 0);
    CHECK_EQ(CALL3(w, rc_pointer_rel, buf, 3, 4), 0);
    CHECK_EQ(CALL4(w, rc_keydown, buf, 1, 77, 0), 0);
    const struct call_record *last = &w->trace[w->st.trace_count - 1];
    CHECK(last->helper == HELPER_rc_keydown && last->args[2] == 77);
}

static void test_env_tables(void) {
    struct world_env *env = env_new();
    char name[200];
    if (!CHECK(env != NULL))
        return;
    CHECK_EQ(env_add_symbol(env, "", 1, 1), BPFLAB_E_ARG);
    memset(name, 'n', sizeof name);
    name[128] = 0;
    CHECK_EQ(env_add_symbol(env, name, 1, 1), BPFLAB_E_ARG);
    name[127] = 0;
    CHECK_EQ(env_add_symbol(env, name, 0x5000, 0x10), BPFLAB_OK);
    CHECK_EQ(env_add_symbol(env, name, 0x6000, 0x10), BPFLAB_E_DUPLICATE);
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "symbol_%u", i);
        CHECK_EQ(env_add_symbol(env, name, 0x10000 + 16 * i, 16), BPFLAB_OK);
    }
    for (uint64_t at = 0x10000; at < 0x10000 + 1600; at += 5) {
        (void)snprintf(name, sizeof name, "symbol_%u", (unsigned)((at - 0x10000) / 16));
        const struct env_symbol *s = env_symbol_at(env, at);
        if (CHECK(s != NULL))
            CHECK_STR(s->name, name);
        CHECK(env_symbol_named(env, name) == s);
    }
    CHECK(!env_symbol_at(env, 0x10000 + 1600) && !env_symbol_at(env, 0xffff));
    CHECK_EQ(env_add_vma(env, &(struct env_vma){5, 5, 0}), BPFLAB_E_ARG);
    CHECK_EQ(env_add_vma(env, &(struct env_vma){0x1000, 0x2000, 0}), BPFLAB_OK);
    CHECK_EQ(env_add_vma(env, &(struct env_vma){0x1fff, 0x3000, 0}), BPFLAB_E_ARG);
    CHECK_EQ(env_add_vma(env, &(struct env_vma){0x2000, 0x3000, 0}), BPFLAB_OK);
    env_free(env);
    env_free(NULL);
}

static void test_path(struct world *w) {
    const uint64_t path = bed_mem(w, NULL, 16), buf = bed_mem(w, NULL, 32);
    CHECK_EQ(CALL3(w, d_path, path, buf, 0), 0);
    CHECK_EQ(CALL3(w, d_path, path, buf, 32), 2);
    CHECK_STR(bed_host(w, buf), "/");
    w->env->path = malloc(16);
    strcpy(w->env->path, "/etc/passwd");
    CHECK_EQ(CALL3(w, d_path, path, buf, 32), 12);
    CHECK_STR(bed_host(w, buf), "/etc/passwd");
    CHECK_STR((char *)bed_host(w, buf) + 20, "/etc/passwd"); /* where it was built */
    CHECK_EQ(CALL3(w, d_path, path, buf, 12), 12);
    CHECK_EQ(CALL3(w, d_path, path, buf, 11), ERRNO(LX_ENAMETOOLONG));
    CHECK_EQ(CALL3(w, d_path, 64, buf, 12), ERRNO(LX_EFAULT));
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL3(w, d_path, path, buf, 33), RUN_TRAP_MEMORY);
}

static void see_vma(struct bed_program *p) {
    uint64_t *seen = p->self;
    if (!CHECK(world_check(p->w, p->args[1], 40, WORLD_READ)))
        return;
    for (unsigned i = 0; i < 2; i++)
        seen[i] = world_get64(p->w, (uint8_t *)bed_host(p->w, p->args[1]) + 8 * i);
    seen[2] = world_get64(p->w, (uint8_t *)bed_host(p->w, p->args[1]) + 32);
}

static void test_vma(struct world *w) {
    uint64_t seen[3] = {0};
    struct bed_program p = {.body = see_vma, .self = seen, .stop_at = 1};
    const uint64_t task = CALL0(w, get_current_task), in = UINT64_C(0x7ffd1c300fff);
    bed_install(w, &p);
    CHECK_EQ(CALL5(w, find_vma, task, in, 9, 1234, 0), 0);
    CHECK(p.n_calls == 1 && p.args[0] == task && p.args[2] == 1234);
    CHECK(seen[0] == UINT64_C(0x7ffd1c2e0000) && seen[1] == in + 1 && seen[2] == 0x100173);
    CHECK_EQ(CALL5(w, find_vma, task, in + 1, 9, 0, 0), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL5(w, find_vma, 0, in, 9, 0, 0), ERRNO(LX_ENOENT));
    CHECK_EQ(CALL5(w, find_vma, task, in, 9, 0, 1), ERRNO(LX_EINVAL));
    CHECK_EQ(p.n_calls, 1);
    CHECK_CALM(w);
    w->callee.call = NULL;
}

static void test_stack(struct world *w) {
    const uint64_t buf = bed_mem(w, NULL, 256);
    struct world_env *env = w->env;
    const uint64_t n = env->kernel_stack.n;
    CHECK_EQ(n, 4);
    memset(bed_host(w, buf), 0xff, 256);
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 64, 0), 32);
    for (unsigned i = 0; i < 8; i++)
        CHECK_EQ(world_get64(w, (uint8_t *)bed_host(w, buf) + 8 * i),
                 i < n ? env->kernel_stack.ip[i] : 0);
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 16, 0), 16); /* cut */
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 64, 3), 8);
    CHECK_EQ(world_get64(w, bed_host(w, buf)), env->kernel_stack.ip[3]);
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 8, 2), 8);
    CHECK_EQ(world_get64(w, bed_host(w, buf)), env->kernel_stack.ip[2]);
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 64, 4), 0);
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 64, 5), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 60, 0), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 64, 1 << 9), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 64, 1 << 11), ERRNO(LX_EINVAL)); /* kernel build ids */
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 64, STACK_USER), 32);
    CHECK_EQ(world_get64(w, bed_host(w, buf)), env->user_stack.ip[0]);
    memset(bed_host(w, buf), 0xff, 256);
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 256, STACK_USER | 1 << 11), 128);
    CHECK_EQ(world_get32(w, (uint8_t *)bed_host(w, buf) + 32), 2);
    CHECK_EQ(world_get64(w, (uint8_t *)bed_host(w, buf) + 36), 0);
    CHECK_EQ(world_get64(w, (uint8_t *)bed_host(w, buf) + 56), env->user_stack.ip[1]);
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 40, STACK_USER | 1 << 11), ERRNO(LX_EINVAL));
    CHECK_EQ(CALL4(w, get_task_stack, 0, buf, 64, 1), 24);
    env->task.kthread = true;
    CHECK_EQ(CALL4(w, get_task_stack, 0, buf, 64, STACK_USER), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 64, STACK_USER), 0);
    CHECK_EQ(CALL4(w, get_stack, 0, buf, 64, STACK_USER | 1), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL4(w, get_task_stack, 0, buf, 64, 0), 32);
    env->task.kthread = false;
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL4(w, get_stack, 0, buf, 264, 0), RUN_TRAP_MEMORY);
}

static void test_stackid(struct world *w) {
    const struct map *m = bed_map(w, MAP_stack_trace, 4, 64, 16, 0);
    const uint64_t id = CALL3(w, get_stackid, 0, m->handle, 0);
    CHECK(id < 16);
    CHECK_EQ(CALL3(w, get_stackid, 0, m->handle, 0), id);
    CHECK(CALL3(w, get_stackid, 0, m->handle, STACK_USER | STACK_REUSE_ID) < 16);
    CHECK_EQ(CALL3(w, get_stackid, 0, m->handle, 4), ERRNO(LX_EFAULT));
    CHECK_EQ(CALL3(w, get_stackid, 0, m->handle, 1 << 11), ERRNO(LX_EINVAL));
    w->env->task.kthread = true;
    CHECK_EQ(CALL3(w, get_stackid, 0, m->handle, STACK_USER), ERRNO(LX_EFAULT));
    w->env->task.kthread = false;
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL3(w, get_stackid, 0, 0, 0), RUN_TRAP_NULL);
}

static void test_storage_kind(struct world *w, uint32_t type, uint32_t get, uint32_t del) {
    const struct map *m = bed_map(w, type, 4, 8, 0, MAP_F_NO_PREALLOC);
    const uint64_t task = CALL0(w, get_current_task), init = bed_mem(w, NULL, 8);
    world_put64(w, bed_host(w, init), 55);
    CHECK_EQ(bed_call(w, get, m->handle, task, 0, 0, 0), 0);
    CHECK_EQ(bed_call(w, del, m->handle, task, 0, 0, 0), ERRNO(LX_ENOENT));
    CHECK_EQ(bed_call(w, get, m->handle, task, init, 2, 0), 0);
    CHECK_EQ(bed_call(w, get, m->handle, 0, init, 1, 0), 0);
    CHECK_EQ(bed_call(w, del, m->handle, 0, 0, 0, 0), ERRNO(LX_EINVAL));
    const uint64_t a = bed_call(w, get, m->handle, task, init, 1, 0);
    const uint64_t b = bed_call(w, get, m->handle, task + 8, 0, 1, 0);
    if (CHECK(world_check(w, a, 8, WORLD_RW) && world_check(w, b, 8, WORLD_RW) && a != b)) {
        CHECK_EQ(world_get64(w, bed_host(w, a)), 55);
        CHECK_EQ(world_get64(w, bed_host(w, b)), 0);
    }
    world_put64(w, bed_host(w, init), 66);
    CHECK_EQ(bed_call(w, get, m->handle, task, init, 1, 0), a);
    CHECK_EQ(bed_call(w, get, m->handle, task, init, 3, 0), 0); /* no such flag */
    CHECK_EQ(world_get64(w, bed_host(w, a)), 55);
    CHECK_EQ(bed_call(w, del, m->handle, task, 0, 0, 0), 0);
    CHECK_EQ(bed_call(w, get, m->handle, task, 0, 0, 0), 0);
    CHECK_EQ(bed_call(w, get, m->handle, task + 8, 0, 0, 0), b);
    CHECK_CALM(w);
    CHECK_TRAP(w, bed_call(w, get, m->handle, task, init + 1, 1, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, bed_call(w, get, init, task, 0, 1, 0), RUN_TRAP_MEMORY);
    CHECK_TRAP(w, bed_call(w, del, 0, task, 0, 0, 0), RUN_TRAP_NULL);
}

static void test_storages(struct world *w) {
    test_storage_kind(w, MAP_task_storage, HELPER_task_storage_get, HELPER_task_storage_delete);
    test_storage_kind(w, MAP_inode_storage, HELPER_inode_storage_get, HELPER_inode_storage_delete);
    test_storage_kind(w, MAP_cgrp_storage, HELPER_cgrp_storage_get, HELPER_cgrp_storage_delete);
    /* the system call finds the current task's value under its number */
    struct map *m = bed_map(w, MAP_task_storage, 4, 8, 0, MAP_F_NO_PREALLOC);
    const uint64_t at = CALL4(w, task_storage_get, m->handle, CALL0(w, get_current_task), 0, 1);
    uint64_t value = 0;
    uint32_t key;
    world_put64(w, bed_host(w, at), 99);
    world_put32(w, &key, w->env->task.pid);
    CHECK_EQ(map_user_lookup(w, m, &key, &value), 0);
    CHECK_EQ(world_get64(w, &value), 99);
    const struct map *local = bed_map(w, MAP_cgroup_storage, 16, 8, 0, 0);
    const uint64_t mine = CALL2(w, get_local_storage, local->handle, 0);
    CHECK(world_check(w, mine, 8, WORLD_RW));
    CHECK_EQ(CALL2(w, get_local_storage, local->handle, 0), mine);
    w->env->attach_type = 2;
    CHECK(CALL2(w, get_local_storage, local->handle, 0) != mine);
    w->env->attach_type = 0;
    CHECK_CALM(w);
    CHECK_TRAP(w, CALL2(w, get_local_storage, m->handle, 0), RUN_TRAP_MEMORY);
}

int main(void) {
    test_env_tables();
    for (int big = 0; big < 2; big++) {
        struct world *w = bed_world(big);
        test_clocks(w);
        test_cpu(w);
        test_ids(w);
        test_comm(w);
        test_task_image(w);
        test_cgroups(w);
        test_signals(w);
        test_probe_blocks(w);
        test_probe_strings(w);
        test_probe_write(w);
        test_locks(w);
        test_attach(w);
        test_names(w);
        test_hooks(w);
        test_path(w);
        test_vma(w);
        test_stack(w);
        test_stackid(w);
        test_storages(w);
        world_free(w);
    }
    return check_end();
}
