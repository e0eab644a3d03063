/* task.c: the task in whose context the program runs, as the environment has it. */
#include "runtime/helper/arg.h"
#include "runtime/map/slots.h"

enum {
    SIGNAL_MAX = 64,
    PIDNS_INFO_BYTES = 8, /* struct bpf_pidns_info: pid, tgid */
    PT_REGS_BYTES = 512,  /* at the end of the task's image: more than any struct pt_regs */
};

uint64_t helper_get_current_pid_tgid(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return (uint64_t)w->env->task.tgid << 32 | w->env->task.pid;
}

uint64_t helper_get_current_uid_gid(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return (uint64_t)w->env->task.gid << 32 | w->env->task.uid;
}

/* The whole buffer is written: what the name leaves is filled with zeros, a long name is cut. */
uint64_t helper_get_current_comm(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    const uint32_t size = (uint32_t)r2;
    uint8_t *buf = arg_write(w, r1, size);
    if (!buf || !size)
        return 0;
    const char *comm = w->env->task.comm;
    const size_t len = strnlen(comm, ENV_COMM_BYTES - 1);
    memset(buf, 0, size);
    memcpy(buf, comm, len < size ? len : size - 1);
    return 0;
}

uint64_t helper_get_current_task(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                 struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return env_task_addr(w);
}

uint64_t helper_get_current_task_btf(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return env_task_addr(w);
}

uint64_t helper_task_pt_regs(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                             struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    const uint64_t task = env_task_addr(w);
    return task ? task + ENV_TASK_BYTES - PT_REGS_BYTES : 0;
}

/* The task's cgroup at a level, 0 if it is not that deep. */
static uint64_t ancestor_id(const struct env_task *t, int64_t level) {
    if (level < 0 || level > t->cgroup_level || level >= ENV_CGROUP_DEPTH)
        return 0;
    return t->cgroup_ids[level];
}

uint64_t helper_get_current_cgroup_id(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                      uint64_t r5, struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    return ancestor_id(&w->env->task, w->env->task.cgroup_level);
}

uint64_t helper_get_current_ancestor_cgroup_id(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                               uint64_t r5, struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    return ancestor_id(&w->env->task, (int32_t)r1);
}

/* Is the task in the cgroup at index of a cgroup array, or below it? */
uint64_t helper_current_task_under_cgroup(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                          uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    const struct map *m = arg_map_of(w, r1, MAP_cgroup_array);
    const uint32_t index = (uint32_t)r2;
    if (!m)
        return 0;
    if (index >= m->def.max_entries)
        return helper_err(LX_E2BIG);
    const int64_t id = slots_get(w, m, index);
    if (id < 0)
        return helper_err(LX_EAGAIN);
    for (uint32_t level = 0; level <= w->env->task.cgroup_level; level++) {
        if (ancestor_id(&w->env->task, level) == (uint64_t)id)
            return 1;
    }
    return 0;
}

uint64_t helper_get_ns_current_pid_tgid(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                        uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const uint32_t size = (uint32_t)r4;
    uint8_t *info = arg_write(w, r3, size);
    if (!info)
        return 0;
    const struct env_task *t = &w->env->task;
    if (size != PIDNS_INFO_BYTES || r1 != t->ns_dev || r2 != t->ns_ino) {
        memset(info, 0, size);
        return helper_err(LX_EINVAL);
    }
    world_put32(w, info, t->ns_pid);
    world_put32(w, info + 4, t->ns_tgid);
    return 0;
}

/* The signal itself goes no further than the trace. */
static uint64_t send_signal(const struct world *w, uint64_t sig) {
    if (w->env->task.kthread || w->env->task.tgid == 1)
        return helper_err(LX_EPERM);
    return (uint32_t)sig > SIGNAL_MAX ? helper_err(LX_EINVAL) : 0;
}

uint64_t helper_send_signal(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                            struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    return send_signal(w, r1);
}

uint64_t helper_send_signal_thread(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                   struct world *w) {
    HELPER_UNUSED4(r2, r3, r4, r5);
    return send_signal(w, r1);
}
