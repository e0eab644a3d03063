/* env.h: the kernel around the program, as tables that helpers answer from: the current task,
 * kernel symbols and variables, call stacks, performance counters, and what the attach point would
 * supply.
 *
 * The tables are a run's input: helpers read them and never write them, so they need no snapshot.
 * What a run changes lies in the world's memory and in struct world_state. Fill the tables before
 * the first snapshot; env_new gives a small believable machine, so that every tracing helper has
 * something to answer.
 */
#ifndef BPFLAB_RUNTIME_ENV_H
#define BPFLAB_RUNTIME_ENV_H

#include "runtime/world.h"

struct btf;
struct net_env; /* routes, devices, sockets: runtime/netenv.h */

enum {
    ENV_COMM_BYTES = 16,
    ENV_CGROUP_DEPTH = 16,
    ENV_STACK_DEPTH = 127,  /* Linux's default of kernel.perf_event_max_stack */
    ENV_TASK_BYTES = 16384, /* of a task's image: room for any struct task_struct */
    ENV_FUNC_ARGS_MAX = 12,
};

/* struct env_task: the task in whose context programs run. */
struct env_task {
    uint32_t tgid, pid; /* process and thread, in the initial namespace */
    uint32_t uid, gid;
    char comm[ENV_COMM_BYTES]; /* NUL-terminated */
    bool kthread;              /* has no user memory: signals and user writes are -EPERM */
    uint32_t cgroup_level;     /* depth of its cgroup below the root, which is level 0 */
    uint64_t cgroup_ids[ENV_CGROUP_DEPTH]; /* of its ancestors by level; its own at cgroup_level */
    uint64_t ns_dev, ns_ino;               /* of the pid namespace's file */
    uint32_t ns_tgid, ns_pid;              /* the task's numbers in that namespace */
};

/* struct env_symbol: a kernel function or variable. Functions have addresses outside the world. */
struct env_symbol {
    char *name; /* owned */
    uint64_t addr;
    uint64_t n_bytes;
    /* per-CPU variables: distance between CPUs' copies, the first at addr; else 0 */
    uint64_t cpu_stride;
};

/* struct env_stack: a call chain, innermost first. */
struct env_stack {
    uint32_t n;
    uint64_t ip[ENV_STACK_DEPTH];
};

/* struct env_vma: a mapping of the current task, for bpf_find_vma. */
struct env_vma {
    uint64_t start, end, flags;
};

struct env_counter {
    uint64_t value, enabled_ns, running_ns;
};

struct world_env {
    struct env_task task;
    struct env_symbol *symbols; /* owned, in order of being added */
    uint32_t n_symbols, symbols_cap;
    struct env_stack kernel_stack, user_stack;
    struct env_vma *vmas; /* owned */
    uint32_t n_vmas;
    struct env_counter counter; /* what every perf event reads as */
    const struct btf *vmlinux;  /* borrowed; NULL: the kernel was built without BTF */
    char *path;                 /* owned: what bpf_d_path says of any path; NULL: "/" */
    uint64_t func_ip;           /* bpf_get_func_ip: 0 = not at a function's entry */
    uint64_t attach_cookie;
    uint32_t attach_type; /* enum attach_type: of the program, for cgroup storage */
    /* of the traced function; -1: as many as the context holds before its last slot */
    int32_t n_func_args;
    struct net_env *net; /* owned; NULL: the default network */
};

/* env_new: the default machine, NULL if out of memory. */
struct world_env *env_new(void);
void env_free(struct world_env *env);

/* env_add_symbol: a function or variable at addr (name is copied).
 * errors: NOMEM, ARG (name empty or over 127 bytes), DUPLICATE */
enum bpflab_err env_add_symbol(struct world_env *env, const char *name, uint64_t addr,
                               uint64_t n_bytes);

/* env_add_variable: a kernel variable that programs may read, its n_bytes copied into the world's
 * scratch; per_cpu: one copy for each CPU.
 * out:    its guest address in *addr
 * errors: those of env_add_symbol, ARG (no bytes), SPACE */
enum bpflab_err env_add_variable(struct world *w, const char *name, const void *bytes,
                                 uint32_t n_bytes, bool per_cpu, uint64_t *addr);

/* env_symbol_named, env_symbol_at (addr inside it): NULL if there is none.
 * cost: O(symbols) */
const struct env_symbol *env_symbol_named(const struct world_env *env, const char *name);
const struct env_symbol *env_symbol_at(const struct world_env *env, uint64_t addr);

/* env_add_vma: a mapping of the task.
 * errors: NOMEM, ARG (empty range, or one that overlaps another) */
enum bpflab_err env_add_vma(struct world_env *env, const struct env_vma *vma);

/* env_task_addr: guest address of the current task's image: ENV_TASK_BYTES that may be read, made
 * at the first call. The image holds struct env_task_image at its start and is zero elsewhere.
 * out: 0 if scratch is full */
uint64_t env_task_addr(struct world *w);

/* struct env_task_image: what a task's image begins with, integers in the world's byte order. */
struct env_task_image {
    uint32_t pid, tgid, uid, gid;
    uint8_t comm[ENV_COMM_BYTES];
    uint64_t cgroup_id;
};

/* env_task_write: put n_bytes at off of the task's image, for programs relocated to a real
 * task_struct.
 * errors: RANGE, SPACE */
enum bpflab_err env_task_write(struct world *w, uint32_t off, const void *bytes, uint32_t n_bytes);

#endif
