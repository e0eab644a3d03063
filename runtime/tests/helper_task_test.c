/* helper_task_test.c: helpers that answer from the task and the world itself: clocks, CPUs, the
 * task, its stacks and cgroups, storage, locks. */
#include "runtime/env.h"

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
    for (int big = 0; big < 2; big++) {
        struct world *w = bed_world(big);
        test_clocks(w);
        test_cpu(w);
        test_ids(w);
        test_comm(w);
        test_task_image(w);
        test_cgroups(w);
        test_signals(w);
        test_locks(w);
        test_stack(w);
        test_stackid(w);
        test_storages(w);
        world_free(w);
    }
    return check_end();
}
