/* kfunc_test.c: kernel functions, kernel objects and what programs are attached to, against a
 * kernel whose types are made here: programs that must be accepted, each beside one that must not.
 */
#include <stdlib.h>

#include "isa/asm.h"
#include "verifier/tests/btf_bed.h"
#include "verifier/verify.h"

/* Functions that the cases call, by the number behind "call kfunc". */
static const char *const names[] = {
    [1] = "bpf_iter_num_new",
    [2] = "bpf_iter_num_next",
    [3] = "bpf_iter_num_destroy",
    [4] = "bpf_task_from_pid",
    [5] = "bpf_task_acquire",
    [6] = "bpf_task_release",
    [7] = "bpf_rcu_read_lock",
    [8] = "bpf_rcu_read_unlock",
    [9] = "bpf_preempt_disable",
    [10] = "bpf_preempt_enable",
    [11] = "bpf_dynptr_from_skb",
    [12] = "bpf_dynptr_slice",
    [13] = "bpf_throw",
    [14] = "bpf_obj_new_impl",
    [15] = "bpf_obj_drop_impl",
    [16] = "bpf_copy_from_user_str",
    [17] = "bpf_no_such_function",
    [18] = "bpf_rdonly_cast",
    [19] = "bpf_cast_to_kern_ctx",
    [20] = "bpf_dynptr_clone",
    [21] = "bpf_cpumask_first",
    [22] = "bpf_local_irq_save",
    [23] = "bpf_local_irq_restore",
};

enum {
    N_NAMES = sizeof names / sizeof *names,
    MAX_EXTERNS = 32,
};

static struct btf *kernel, *own;

#define FIELDS(...)                                                                                \
    (const struct bb_field[]) {                                                                    \
        __VA_ARGS__, {0}                                                                           \
    }
#define NONE_AT_ALL                                                                                \
    (const struct bb_field[]) {{0}}

static void make_functions(struct btf_bed *b, uint32_t i32, uint32_t u64, uint32_t task_ptr,
                           uint32_t void_ptr) {
    const uint32_t iter = bb_ptr(b, bb_struct(b, "bpf_iter_num", 8, FIELDS({"x", u64, 0})));
    const uint32_t dynptr =
        bb_ptr(b, bb_struct(b, "bpf_dynptr", 16, FIELDS({"x", u64, 0}, {"y", u64, 8})));
    const uint32_t skb = bb_ptr(b, bb_struct(b, "__sk_buff", 8, FIELDS({"len", u64, 0})));
    const uint32_t mask = bb_ptr(b, bb_struct(b, "cpumask", 8, FIELDS({"bits", u64, 0})));
    bb_struct(b, "sk_buff", 16, FIELDS({"len", u64, 0}, {"next", void_ptr, 8}));
    bb_func(b, "bpf_iter_num_new", i32,
            FIELDS({"it", iter, 0}, {"start", i32, 0}, {"end", i32, 0}));
    bb_func(b, "bpf_iter_num_next", bb_ptr(b, i32), FIELDS({"it", iter, 0}));
    bb_func(b, "bpf_iter_num_destroy", 0, FIELDS({"it", iter, 0}));
    bb_func(b, "bpf_task_from_pid", task_ptr, FIELDS({"pid", i32, 0}));
    bb_func(b, "bpf_task_acquire", task_ptr, FIELDS({"p", task_ptr, 0}));
    bb_func(b, "bpf_task_release", 0, FIELDS({"p", task_ptr, 0}));
    bb_func(b, "bpf_rcu_read_lock", 0, NONE_AT_ALL);
    bb_func(b, "bpf_rcu_read_unlock", 0, NONE_AT_ALL);
    bb_func(b, "bpf_preempt_disable", 0, NONE_AT_ALL);
    bb_func(b, "bpf_preempt_enable", 0, NONE_AT_ALL);
    const uint32_t flags = bb_ptr(b, u64);
    bb_func(b, "bpf_local_irq_save", 0, FIELDS({"flags__irq_flag", flags, 0}));
    bb_func(b, "bpf_local_irq_restore", 0, FIELDS({"flags__irq_flag", flags, 0}));
    bb_func(b, "bpf_dynptr_from_skb", i32,
            FIELDS({"s", skb, 0}, {"flags", u64, 0}, {"p__uninit", dynptr, 0}));
    bb_func(b, "bpf_dynptr_slice", void_ptr,
            FIELDS({"p", dynptr, 0}, {"offset", i32, 0}, {"buffer__opt", void_ptr, 0},
                   {"buffer__szk", i32, 0}));
    bb_func(b, "bpf_dynptr_clone", i32, FIELDS({"p", dynptr, 0}, {"clone__uninit", dynptr, 0}));
    bb_func(b, "bpf_throw", 0, FIELDS({"cookie", u64, 0}));
    bb_func(b, "bpf_obj_new_impl", void_ptr,
            FIELDS({"local_type_id__k", u64, 0}, {"meta__ign", void_ptr, 0}));
    bb_func(b, "bpf_obj_drop_impl", 0,
            FIELDS({"p__alloc", void_ptr, 0}, {"meta__ign", void_ptr, 0}));
    bb_func(b, "bpf_copy_from_user_str", i32,
            FIELDS({"dst", void_ptr, 0}, {"dst__sz", i32, 0}, {"unsafe_ptr__ign", void_ptr, 0},
                   {"flags", u64, 0}));
    bb_func(b, "bpf_rdonly_cast", void_ptr,
            FIELDS({"obj__ign", void_ptr, 0}, {"btf_id__k", i32, 0}));
    bb_func(b, "bpf_cast_to_kern_ctx", void_ptr, FIELDS({"obj", void_ptr, 0}));
    bb_func(b, "bpf_cpumask_first", i32, FIELDS({"cpumask", mask, 0}));
}

/* A kernel with one kind of task, and something to attach to. */
static void make_kernel(void) {
    static struct btf_bed b;
    const uint32_t i32 = bb_int(&b, "int", 4), u64 = bb_int(&b, "u64", 8);
    const uint32_t void_ptr = bb_ptr(&b, 0);
    const uint32_t inner = bb_struct(&b, "inner", 8, FIELDS({"a", i32, 0}, {"b", i32, 4}));
    /* its fields point to tasks, and are made before it: a pointer, a tag, a pointer to the tag,
     * a union */
    const uint32_t task_id = b.last + 5;
    const uint32_t task_ptr = bb_ptr(&b, task_id);
    const uint32_t rcu_ptr = bb_tagged(&b, "rcu", task_id);
    const uint32_t either =
        bb_composite(&b, BTF_UNION, "either", 8, FIELDS({"p", task_ptr, 0}, {"n", u64, 0}));
    const uint32_t task = bb_struct(&b, "task_struct", 48,
                                    FIELDS({"pid", i32, 0}, {"in", inner, 8},
                                           {"parent", task_ptr, 16}, {"real_parent", rcu_ptr, 24},
                                           {"group_leader", task_ptr, 32}, {"u", either, 40}));
    CHECK_EQ(task, task_id);
    make_functions(&b, i32, u64, task_ptr, void_ptr);
    bb_func(&b, "do_thing", i32, FIELDS({"t", task_ptr, 0}, {"n", i32, 0}, {"raw", void_ptr, 0}));
    bb_func(&b, "bpf_lsm_task_alloc", i32, FIELDS({"task", task_ptr, 0}, {"flags", u64, 0}));
    bb_func(&b, "bpf_lsm_task_free", 0, FIELDS({"task", task_ptr, 0}));
    bb_func(&b, "bpf_iter_task", i32, FIELDS({"meta", void_ptr, 0}, {"task", task_ptr, 0}));
    bb_type(&b, BTF_TYPEDEF, "btf_trace_tick", 0,
            bb_ptr(&b, bb_proto(&b, 0, FIELDS({"data", void_ptr, 0}, {"t", task_ptr, 0}))));
    kernel = bb_finish(&b);
}

static void make_own(void) {
    static struct btf_bed b;
    const uint32_t u64 = bb_int(&b, "u64", 8);
    bb_struct(&b, "node", 16, FIELDS({"key", u64, 0}, {"value", u64, 8}));
    own = bb_finish(&b);
}

/* struct hook: how a program is attached. */
struct hook {
    uint32_t type, attach_type;
    const char *to;
    bool sleepable;
};

static const struct hook tc = {.type = PROG_sched_cls};
static const struct hook syscall_prog = {.type = PROG_syscall, .sleepable = true};
static const struct hook socket_prog = {.type = PROG_socket_filter};
static const struct hook fentry = {PROG_tracing, ATTACH_trace_fentry, "do_thing", false};
static const struct hook fexit = {PROG_tracing, ATTACH_trace_fexit, "do_thing", false};
static const struct hook nowhere = {PROG_tracing, ATTACH_trace_fentry, "no_such", false};
static const struct hook slow_fentry = {PROG_tracing, ATTACH_trace_fentry, "do_thing", true};
static const struct hook modifying = {PROG_tracing, ATTACH_modify_return, "do_thing", false};
static const struct hook tick = {PROG_tracing, ATTACH_trace_raw_tp, "tick", false};
static const struct hook iter_task = {PROG_tracing, ATTACH_trace_iter, "task", false};
static const struct hook lsm = {PROG_lsm, ATTACH_lsm_mac, "task_alloc", false};
static const struct hook slow_lsm = {PROG_lsm, ATTACH_lsm_mac, "task_alloc", true};
static const struct hook lsm_void = {PROG_lsm, ATTACH_lsm_mac, "task_free", false};
static const struct hook lsm_off = {PROG_lsm, ATTACH_lsm_mac, "getprocattr", false};

struct kcase {
    const struct hook *hook;
    const char *text, *refusal; /* NULL: accepted */
};

#define NEW     "r1 = r10\nr1 += -8\nr2 = 0\nr3 = 10\ncall kfunc 1\n"
#define NEXT    "r1 = r10\nr1 += -8\ncall kfunc 2\n"
#define DESTROY "r1 = r10\nr1 += -8\ncall kfunc 3\n"
#define DONE    "r0 = 0\nexit\n"

static const struct kcase iterators[] = {
    {&tc,
     NEW "again:\n" NEXT
         "if r0 == 0 goto out\nr1 = *(u32 *)(r0 + 0)\ngoto again\nout:\n" DESTROY DONE,
     NULL},
    {&tc, NEW NEXT "r1 = *(u32 *)(r0 + 0)\n" DESTROY DONE, "R0 invalid mem access 'scalar'"},
    {&tc, NEW DONE, "Unreleased reference id="},
    {&tc, NEXT DONE, "expected an initialized iter_num as arg #0"},
    {&tc, DESTROY DONE, "expected an initialized iter_num as arg #0"},
    {&tc, NEW NEW DESTROY DONE, "expected uninitialized iter_num as arg #0"},
    {&tc, NEW DESTROY NEXT DONE, "expected an initialized iter_num as arg #0"},
    {&tc, NEW DESTROY NEW DESTROY DONE, NULL},
    {&tc, NEW "*(u64 *)(r10 - 8) = 0\n" DESTROY DONE, "expected an initialized iter_num as arg #0"},
    {&tc, "r1 = 0\nr2 = 0\nr3 = 10\ncall kfunc 1\n" DONE,
     "arg#0 expected pointer to an iterator on stack"},
    /* what an element is does not outlive the iterator */
    {&tc,
     NEW NEXT "if r0 == 0 goto out\nr6 = r0\n" DESTROY "r1 = *(u32 *)(r6 + 0)\n" DONE
              "out:\n" DESTROY DONE,
     "R6 invalid mem access 'scalar'"},
    /* a counter that nothing needs exactly does not keep the loop from converging */
    {&tc,
     "r6 = 0\n" NEW "again:\n" NEXT "if r0 == 0 goto out\nr6 += 1\ngoto again\nout:\n" DESTROY DONE,
     NULL},
};

#define FROM_PID "r1 = 1\ncall kfunc 4\n"
#define RELEASE  "call kfunc 6\n"

static const struct kcase references[] = {
    {&syscall_prog, FROM_PID "if r0 == 0 goto out\nr1 = r0\n" RELEASE "out:\n" DONE, NULL},
    {&syscall_prog, FROM_PID "r1 = r0\n" RELEASE DONE,
     "Possibly NULL pointer passed to trusted arg0"},
    {&syscall_prog, FROM_PID "if r0 == 0 goto out\nout:\n" DONE, "Unreleased reference id="},
    {&syscall_prog,
     FROM_PID "if r0 == 0 goto out\nr6 = r0\nr1 = r0\n" RELEASE "r1 = r6\n" RELEASE "out:\n" DONE,
     "arg#0 pointer type STRUCT task_struct must point to scalar"},
    {&syscall_prog,
     FROM_PID "if r0 == 0 goto out\nr6 = r0\nr1 = r0\n" RELEASE
              "r1 = *(u32 *)(r6 + 0)\nout:\n" DONE,
     "R6 invalid mem access 'scalar'"},
    {&syscall_prog, FROM_PID "if r0 == 0 goto out\nr1 = r0\nr1 += 8\n" RELEASE "out:\n" DONE,
     "must have zero offset when passed to release func"},
    {&syscall_prog, "r1 = 0\n" RELEASE DONE, "Possibly NULL pointer passed to trusted arg0"},
    {&syscall_prog, "call kfunc 17\n" DONE, "the kernel has no function bpf_no_such_function"},
    {&socket_prog, FROM_PID DONE, "calling kernel function bpf_task_from_pid is not allowed"},
    /* a struct of another type */
    {&syscall_prog,
     FROM_PID "if r0 == 0 goto out\nr6 = r0\nr1 = r0\ncall kfunc 21\nr1 = r6\n" RELEASE
              "out:\n" DONE,
     "args#0 expected pointer to STRUCT cpumask but R1 has a pointer to STRUCT task_struct"},
};

static const struct kcase sections[] = {
    {&syscall_prog, "call kfunc 7\ncall kfunc 8\n" DONE, NULL},
    {&syscall_prog, "call kfunc 7\n" DONE, "cannot be used inside bpf_rcu_read_lock-ed region"},
    {&syscall_prog, "call kfunc 8\n" DONE, "unmatched rcu read unlock"},
    {&syscall_prog, "call kfunc 7\ncall kfunc 7\n" DONE, "nested rcu read lock"},
    {&syscall_prog, "call kfunc 9\ncall kfunc 9\ncall kfunc 10\ncall kfunc 10\n" DONE, NULL},
    {&syscall_prog, "call kfunc 9\ncall kfunc 9\ncall kfunc 10\n" DONE,
     "cannot be used inside bpf_preempt_disable-ed region"},
    {&syscall_prog, "call kfunc 10\n" DONE, "unmatched attempt to enable preemption"},
#define SAVE(at)    "r1 = r10\nr1 += " at "\ncall kfunc 22\n"
#define RESTORE(at) "r1 = r10\nr1 += " at "\ncall kfunc 23\n"
    {&tc, SAVE("-8") RESTORE("-8") DONE, NULL},
    {&tc, SAVE("-8") DONE, "cannot be used inside bpf_local_irq_save-ed region"},
    {&tc, RESTORE("-8") DONE, "expected an initialized irq flag as arg#0"},
    {&tc, SAVE("-8") SAVE("-16") RESTORE("-16") RESTORE("-8") DONE, NULL},
    {&tc, SAVE("-8") SAVE("-16") RESTORE("-8") RESTORE("-16") DONE,
     "cannot restore irq state out of order"},
    {&tc, SAVE("-8") "*(u64 *)(r10 - 8) = 0\n" RESTORE("-8") DONE,
     "expected an initialized irq flag as arg#0"},
#define COPY "*(u64 *)(r10 - 8) = 0\nr1 = r10\nr1 += -8\nr2 = 8\nr3 = 0\nr4 = 0\ncall kfunc 16\n"
    {&syscall_prog, COPY DONE, NULL},
    {&tc, COPY DONE, "program must be sleepable to call sleepable kfunc"},
    {&syscall_prog, "call kfunc 7\n" COPY DONE, "is sleepable within rcu_read_lock region"},
    {&syscall_prog, "call kfunc 9\n" COPY DONE, "is sleepable within non-preemptible region"},
    {&syscall_prog, "r1 = r10\nr1 += -8\nr2 = 16\nr3 = 0\nr4 = 0\ncall kfunc 16\n" DONE,
     "invalid indirect access to stack R1 off=-8 size=16"},
};

#define FROM_SKB "r2 = 0\nr3 = r10\nr3 += -16\ncall kfunc 11\n"
#define SLICE    "r1 = r10\nr1 += -16\nr2 = 0\nr3 = 0\nr4 = 8\ncall kfunc 12\n"

static const struct kcase dynptrs[] = {
    {&tc, FROM_SKB SLICE "if r0 == 0 goto out\nr1 = *(u64 *)(r0 + 0)\nout:\n" DONE, NULL},
    {&tc, FROM_SKB SLICE "r1 = *(u64 *)(r0 + 0)\n" DONE, "invalid mem access"},
    {&tc, FROM_SKB SLICE "if r0 == 0 goto out\nr1 = *(u64 *)(r0 + 8)\nout:\n" DONE, "mem_size=8"},
    {&tc, FROM_SKB SLICE "if r0 == 0 goto out\n*(u64 *)(r0 + 0) = 0\nout:\n" DONE,
     "cannot write into rdonly_mem"},
    {&tc, SLICE DONE, "Expected an initialized dynptr as arg #0"},
    {&tc, "r1 = 1\n" FROM_SKB DONE, "expected pointer to ctx, but got scalar"},
    {&tc,
     FROM_SKB "r1 = r10\nr1 += -16\nr2 = 0\nr3 = 0\nr4 = *(u32 *)(r10 - 24)\ncall kfunc 12\n" DONE,
     "must be a known constant"},
    /* an overwritten dynptr takes its slices along */
    {&tc,
     FROM_SKB SLICE
     "if r0 == 0 goto out\n*(u64 *)(r10 - 8) = 0\nr1 = *(u64 *)(r0 + 0)\nout:\n" DONE,
     "invalid mem access 'scalar'"},
    {&tc, FROM_SKB "r1 = r10\nr1 += -16\nr2 = r10\nr2 += -32\ncall kfunc 20\n" SLICE DONE, NULL},
};

static const struct kcase objects[] = {
    {&tc,
     "r1 = 2\nr2 = 0\ncall kfunc 14\nif r0 == 0 goto out\n*(u64 *)(r0 + 8) = 1\nr1 = r0\nr2 = "
     "0\ncall kfunc 15\nout:\n" DONE,
     NULL},
    {&tc,
     "r1 = 2\nr2 = 0\ncall kfunc 14\nif r0 == 0 goto out\n*(u64 *)(r0 + 16) = 1\nr1 = r0\nr2 = "
     "0\ncall kfunc 15\nout:\n" DONE,
     "access beyond struct node at off 16 size 8"},
    {&tc, "r1 = 2\nr2 = 0\ncall kfunc 14\nif r0 == 0 goto out\nout:\n" DONE,
     "Unreleased reference id="},
    {&tc, "r1 = 1\nr2 = 0\ncall kfunc 14\n" DONE, "type ID argument must be of a struct"},
    {&tc, "r1 = *(u32 *)(r1 + 0)\nr2 = 0\ncall kfunc 14\n" DONE, "must be a known constant"},
    {&syscall_prog, FROM_PID "if r0 == 0 goto out\nr1 = r0\nr2 = 0\ncall kfunc 15\nout:\n" DONE,
     "arg#0 expected pointer to allocated object"},
    {&tc, "r1 = 0\ncall kfunc 13\nr0 = 0\nexit\n", NULL},
    {&tc, NEW "r1 = 0\ncall kfunc 13\n" DONE, "Unreleased reference id="},
    {&lsm, "r1 = 1\ncall kfunc 13\n" DONE, "R1 has smin=1 smax=1 should have been in [-4095, 0]"},
    {&tc, "call kfunc 19\nr1 = *(u64 *)(r0 + 8)\n" DONE, NULL},
    {&tc, "call kfunc 19\n*(u64 *)(r0 + 0) = 0\n" DONE, "only read is supported"},
};

static const struct kcase hooks[] = {
    {&fentry, "r1 = *(u64 *)(r1 + 0)\nr2 = *(u32 *)(r1 + 0)\n" DONE, NULL},
    {&fentry, "r1 = *(u64 *)(r1 + 0)\nr2 = *(u32 *)(r1 + 48)\n" DONE,
     "access beyond struct task_struct at off 48 size 4"},
    {&fentry, "r1 = *(u64 *)(r1 + 0)\nr2 = *(u64 *)(r1 + 0)\n" DONE,
     "access beyond the end of member pid (mend:4) in struct task_struct"},
    {&fentry, "r1 = *(u64 *)(r1 + 0)\nr2 = *(u32 *)(r1 + 12)\n" DONE, NULL},
    {&fentry, "r1 = *(u64 *)(r1 + 0)\nr2 = *(u32 *)(r1 + 16)\n" DONE,
     "cannot access ptr member parent with moff 16"},
    {&fentry, "r1 = *(u64 *)(r1 + 0)\n*(u32 *)(r1 + 0) = 0\n" DONE, "only read is supported"},
    {&fentry, "r1 = *(u64 *)(r1 + 0)\nr1 = *(u64 *)(r1 + 16)\nr2 = *(u32 *)(r1 + 0)\n" DONE, NULL},
    {&fentry, "r1 = *(u32 *)(r1 + 0)\n" DONE, "size 4 must be 8"},
    {&fentry, "r1 = *(u64 *)(r1 + 24)\n" DONE, "doesn't have 4-th argument"},
    {&fexit, "r1 = *(u64 *)(r1 + 24)\n" DONE, NULL},
    {&fexit, "r1 = *(u64 *)(r1 + 32)\n" DONE, "doesn't have 5-th argument"},
    {&fentry, "*(u64 *)(r1 + 0) = 0\n" DONE, "invalid bpf_context access off=0 size=8"},
    {&fentry, "r1 = *(u64 *)(r1 + 16)\nr2 = *(u64 *)(r1 + 0)\n" DONE,
     "R1 invalid mem access 'scalar'"},
    {&fentry, "r0 = 1\nexit\n",
     "At program exit the register R0 has smin=1 smax=1 should have been in [0, 0]"},
    {&nowhere, DONE, "is not a function that the kernel's types name"},
    {&slow_fentry, DONE, "do_thing is not sleepable"},
    {&modifying, DONE, "do_thing() is not modifiable"},
    {&iter_task, "r1 = *(u64 *)(r1 + 8)\nr2 = *(u32 *)(r1 + 0)\n" DONE,
     "R1 invalid mem access 'trusted_ptr_or_null_"},
    {&iter_task, "r1 = *(u64 *)(r1 + 8)\nif r1 == 0 goto out\nr2 = *(u32 *)(r1 + 0)\nout:\n" DONE,
     NULL},
    {&lsm, "r0 = -1\nexit\n", NULL},
    {&lsm, "w0 = -1\nexit\n", NULL},
    {&lsm, "r0 = 1\nexit\n", "should have been in [-4095, 0]"},
    {&lsm_void, "r0 = 1\nexit\n", NULL},
    {&lsm_off, DONE, "points to disabled hook"},
};

#define ACQUIRE "r1 = r6\ncall kfunc 5\nif r0 == 0 goto out\nr1 = r0\n" RELEASE "out:\n" DONE

/* Who may be trusted. */
static const struct kcase trust[] = {
    {&tick, "r6 = *(u64 *)(r1 + 0)\n" ACQUIRE, NULL},
    {&fentry, "r6 = *(u64 *)(r1 + 0)\n" ACQUIRE, "R1 must be a rcu pointer"},
    /* a field that is trusted as long as the RCU section lasts, and one that is not */
    {&tick, "r6 = *(u64 *)(r1 + 0)\nr6 = *(u64 *)(r6 + 32)\n" ACQUIRE, NULL},
    {&tick, "r6 = *(u64 *)(r1 + 0)\nr6 = *(u64 *)(r6 + 16)\n" ACQUIRE, "R1 must be a rcu pointer"},
    /* where programs sleep, RCU sections are their own */
    {&slow_lsm, "r6 = *(u64 *)(r1 + 0)\nr6 = *(u64 *)(r6 + 32)\n" ACQUIRE,
     "R1 must be a rcu pointer"},
    {&slow_lsm,
     "r6 = *(u64 *)(r1 + 0)\ncall kfunc 7\nr6 = *(u64 *)(r6 + 32)\nr1 = r6\ncall kfunc 5\nr7 = "
     "r0\ncall kfunc 8\nif r7 == 0 goto out\nr1 = r7\n" RELEASE "out:\n" DONE,
     NULL},
    {&slow_lsm,
     "r6 = *(u64 *)(r1 + 0)\ncall kfunc 7\nr6 = *(u64 *)(r6 + 32)\ncall kfunc 8\n" ACQUIRE,
     "R1 must be a rcu pointer"},
    /* a pointer out of a union may be anything */
    {&tick, "r6 = *(u64 *)(r1 + 0)\nr6 = *(u64 *)(r6 + 40)\nr1 = *(u32 *)(r6 + 0)\n" DONE, NULL},
    {&tick, "r6 = *(u64 *)(r1 + 0)\nr6 = *(u64 *)(r6 + 40)\n" ACQUIRE, "must be a rcu pointer"},
    {&lsm_void, "r6 = *(u64 *)(r1 + 0)\n" ACQUIRE, "R1 must be a rcu pointer"},
};

/* Calls of functions by number become externs by name. */
static uint32_t name_calls(struct prog *p, struct prog_extern *externs) {
    uint32_t n = 0;
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        const uint32_t k = (uint32_t)p->insns[pc].imm;
        if (op_of(p->insns[pc]) == OP_CALL_KFUNC && k < N_NAMES && n < MAX_EXTERNS)
            externs[n++] =
                (struct prog_extern){.pc = pc, .is_func = true, .name = (char *)names[k]};
    }
    return n;
}

static unsigned n_asked; /* programs that needed the kernel's types */

static const struct btf *ask_for_kernel(void *self) {
    ++*(unsigned *)self;
    return kernel;
}

/* Who needs none of the kernel's types does not ask for them. */
static void check_who_asks(void) {
    static const char plain[] = "r0 = 0\nexit", call[] = "call 7\nr0 = 0\nexit";
    struct prog p = {.type = PROG_xdp};
    const struct verify_options opt = {0};
    for (int round = 0; round < 2; round++) {
        struct verify_result r;
        struct diag d = {0};
        unsigned asked = 0;
        const char *text = round ? call : plain;
        if (!CHECK_EQ(asm_parse(text, strlen(text), NULL, &p.insns, &p.n_insns, &d), BPFLAB_OK))
            return;
        const struct verify_input in = {
            .prog = &p, .kernel_types = ask_for_kernel, .kernel_self = &asked, .license = "GPL"};
        CHECK_EQ(verify(&in, &opt, &r, &d), BPFLAB_OK);
        CHECK(r.verdict == VERDICT_ACCEPT);
        CHECK_EQ(asked, 0);
        verify_result_fini(&r);
        free(p.insns);
    }
}

static void check(const struct kcase *c) {
    struct prog p = {.type = c->hook->type,
                     .attach_type = c->hook->attach_type,
                     .attach_to = (char *)c->hook->to,
                     .sleepable = c->hook->sleepable,
                     .btf = own};
    struct prog_extern externs[MAX_EXTERNS];
    struct verify_result r;
    const struct verify_options opt = {0};
    struct diag d = {0};
    check_note(c->text);
    if (!CHECK_EQ(asm_parse(c->text, strlen(c->text), NULL, &p.insns, &p.n_insns, &d), BPFLAB_OK)) {
        printf("    %s\n", d.text);
        return;
    }
    p.externs = externs;
    p.n_externs = name_calls(&p, externs);
    unsigned asked = 0;
    const struct verify_input in = {
        .prog = &p, .kernel_types = ask_for_kernel, .kernel_self = &asked, .license = "GPL"};
    CHECK_EQ(verify(&in, &opt, &r, &d), BPFLAB_OK);
    CHECK(asked <= 1);
    n_asked += asked;
    if (!c->refusal) {
        if (!CHECK(r.verdict == VERDICT_ACCEPT))
            printf("    rejected: %s\n", r.report.linux_text);
    } else if (CHECK(r.verdict == VERDICT_REJECT) &&
               !CHECK(strstr(r.report.linux_text, c->refusal) != NULL)) {
        printf("    got  \"%s\"\n    want \"%s\"\n", r.report.linux_text, c->refusal);
    }
    verify_result_fini(&r);
    free(p.insns);
    check_note(NULL);
}

#define CHECK_ALL(cases)                                                                           \
    for (size_t i = 0; i < sizeof(cases) / sizeof *(cases); i++)                                   \
    check(&(cases)[i])

int main(void) {
    make_kernel();
    make_own();
    if (kernel && own) {
        check_who_asks();
        CHECK_ALL(iterators);
        CHECK_ALL(references);
        CHECK_ALL(sections);
        CHECK_ALL(dynptrs);
        CHECK_ALL(objects);
        CHECK_ALL(hooks);
        CHECK_ALL(trust);
        CHECK(n_asked > 60);
    }
    btf_free(kernel);
    btf_free(own);
    return check_end();
}
