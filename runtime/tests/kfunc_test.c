/* kfunc_test.c: kernel functions: every row can be found, by the types that may call it and no
 * others; flags make sense together; a choice of facts. */
#include "runtime/kfunc.h"

#include "runtime/proto.h"
#include "tests/check.h"

static const uint32_t types[] = {
#define PROG_TYPE(nr, name) nr,
#include "isa/kind.def"
};
enum {
    N_TYPES = sizeof types / sizeof types[0]
};

static const struct {
    const char *set, *name;
} rows[] = {
#define KFUNC(set, name, flags) {#set, #name},
#include "runtime/kfunc.def"
};
enum {
    N_ROWS = sizeof rows / sizeof rows[0]
};

static void check_flags(const struct kfunc *k) {
    const unsigned iter = KFUNC_F_ITER_NEW | KFUNC_F_ITER_NEXT | KFUNC_F_ITER_DESTROY;
    const size_t n = strlen(k->name);
    CHECK(__builtin_popcount(k->flags & iter) <= 1);
    CHECK_EQ((k->flags & KFUNC_F_ITER_NEXT) != 0,
             !strncmp(k->name, "bpf_iter_", 9) && !strcmp(k->name + n - 5, "_next"));
    CHECK(!(k->flags & KFUNC_F_ITER_NEXT) || (k->flags & KFUNC_F_RET_NULL));
    CHECK(!(k->flags & KFUNC_F_RCU_PROTECTED) || (k->flags & KFUNC_F_ITER_NEW));
}

static void test_rows(void) {
    CHECK_EQ(N_ROWS, 215);
    for (size_t i = 0; i < N_ROWS; i++) {
        check_note(rows[i].name);
        const struct kfunc *k = kfunc_find(rows[i].name);
        if (!CHECK(k != NULL))
            continue;
        CHECK_STR(k->name, rows[i].name);
        unsigned own = 0;
        for (size_t t = 0; t < N_TYPES; t++) {
            const struct kfunc *seen = kfunc_for(rows[i].name, types[t]);
            own += seen && !strcmp(seen->set, rows[i].set);
        }
        CHECK(own > 0); /* no row hides behind another */
        check_flags(k);
    }
    check_note(NULL);
    CHECK(!kfunc_find("") && !kfunc_find("bpf_loop") && !kfunc_find("bpf_task_acquire2"));
    CHECK(!kfunc_for("bpf_rcu_read_lock", 64) && !kfunc_for("bpf_rcu_read_lock", UINT32_MAX));
}

static void test_facts(void) {
    static const struct {
        const char *name;
        uint32_t type;
        int flags; /* -1: may not be called */
    } facts[] = {
        {"bpf_rcu_read_lock", PROG_socket_filter, 0},
        {"bpf_rcu_read_lock", PROG_kprobe, 0},
        {"bpf_iter_num_next", PROG_xdp, KFUNC_F_ITER_NEXT | KFUNC_F_RET_NULL},
        {"bpf_arena_alloc_pages", PROG_syscall, KFUNC_F_TRUSTED | KFUNC_F_SLEEPS},
        {"bpf_obj_new_impl", PROG_xdp, KFUNC_F_ACQUIRE | KFUNC_F_RET_NULL},
        {"bpf_obj_new_impl", PROG_socket_filter, -1},
        {"bpf_obj_drop_impl", PROG_cgroup_sysctl, KFUNC_F_RELEASE},
        {"bpf_task_acquire", PROG_tracing, KFUNC_F_ACQUIRE | KFUNC_F_RCU | KFUNC_F_RET_NULL},
        {"bpf_task_acquire", PROG_raw_tracepoint, -1},
        {"bpf_task_acquire", PROG_sched_act, -1},
        {"crash_kexec", PROG_syscall, KFUNC_F_DESTRUCTIVE},
        {"bpf_cpumask_create", PROG_struct_ops, KFUNC_F_ACQUIRE | KFUNC_F_RET_NULL},
        {"bpf_cpumask_create", PROG_xdp, -1},
        {"bpf_dynptr_from_skb", PROG_netfilter, KFUNC_F_TRUSTED},
        {"bpf_dynptr_from_skb", PROG_xdp, -1},
        {"bpf_dynptr_from_xdp", PROG_xdp, 0},
        {"bpf_xdp_metadata_rx_hash", PROG_xdp, KFUNC_F_TRUSTED | KFUNC_F_LIMIT},
        {"bpf_session_cookie", PROG_kprobe, KFUNC_F_LIMIT},
        {"bpf_get_file_xattr", PROG_lsm, KFUNC_F_SLEEPS | KFUNC_F_TRUSTED},
        {"bpf_get_file_xattr", PROG_tracing, -1},
        {"bpf_crypto_encrypt", PROG_sched_cls, KFUNC_F_RCU},
        {"bpf_crypto_ctx_create", PROG_sched_cls, -1},
        {"bpf_skb_ct_lookup", PROG_sched_cls, KFUNC_F_ACQUIRE | KFUNC_F_RET_NULL},
        {"bpf_skb_ct_lookup", PROG_sched_act, -1},
        {"tcp_slow_start", PROG_struct_ops, 0},
        {"scx_bpf_create_dsq", PROG_syscall, KFUNC_F_SLEEPS},
        {"hid_bpf_hw_request", PROG_struct_ops, KFUNC_F_SLEEPS},
        {"hid_bpf_hw_request", PROG_syscall, 0},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        check_note(facts[i].name);
        const struct kfunc *k = kfunc_for(facts[i].name, facts[i].type);
        CHECK_EQ(k ? k->flags : -1, facts[i].flags);
    }
    check_note(NULL);
}

/* Sets whose functions need no prototype here: their kernel's BTF has it. */
static bool without_proto(const char *set) {
    static const char *const sets[] = {
        "test",           "tcp",        "cubic",       "dctcp",      "bbr", "hid", "nat", "fou",
        "xfrm_interface", "xfrm_state", "hid_syscall", "flow_table", "irq"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (!strcmp(set, sets[i]))
            return true;
    return !strncmp(set, "scx", 3);
}

static const struct kfunc_arg *find_arg(const struct kfunc_proto *p, uint8_t type) {
    for (unsigned i = 0; i < p->n_args; i++)
        if (p->arg[i].type == type)
            return &p->arg[i];
    return NULL;
}

/* A prototype and the row's flags speak of the same function. */
static void check_proto(const struct kfunc *k, const struct kfunc_proto *p) {
    const unsigned iter = KFUNC_F_ITER_NEW | KFUNC_F_ITER_NEXT | KFUNC_F_ITER_DESTROY;
    const bool number = p->ret.type == KFUNC_RET_VOID || p->ret.type == KFUNC_RET_NUM;
    CHECK(p->n_args <= 5 && p->ret.type < N_KFUNC_RET_TYPES);
    if (k->flags & (KFUNC_F_ACQUIRE | KFUNC_F_RET_NULL))
        CHECK(!number);
    CHECK_EQ(p->ret.btf_type != NULL, p->ret.type == KFUNC_RET_BTF);
    CHECK_EQ(p->ret.bytes != 0, p->ret.type == KFUNC_RET_NUM || p->ret.type == KFUNC_RET_MEM ||
                                    p->ret.type == KFUNC_RET_MEM_RW);
    for (unsigned i = 0; i < 5; i++) {
        const struct kfunc_arg *a = &p->arg[i];
        const bool size = a->type == KFUNC_ARG_SIZE || a->type == KFUNC_ARG_CSIZE;
        CHECK_EQ(a->type != KFUNC_ARG_NONE, i < p->n_args);
        CHECK(a->type < N_KFUNC_ARG_TYPES);
        CHECK_EQ(size, i && p->arg[i - 1].type == KFUNC_ARG_BUF);
        CHECK_EQ(a->btf_type != NULL, a->type == KFUNC_ARG_BTF || a->type == KFUNC_ARG_ITER);
        CHECK_EQ(a->bytes != 0, a->type == KFUNC_ARG_FIXED || a->type == KFUNC_ARG_ITER);
    }
    const struct kfunc_arg *it = find_arg(p, KFUNC_ARG_ITER);
    CHECK_EQ(it != NULL, (k->flags & iter) != 0);
    if (it) /* "bpf_iter_num" of "bpf_iter_num_next" */
        CHECK(it == p->arg && it->bytes % 8 == 0 &&
              !strncmp(p->name, it->btf_type, strlen(it->btf_type)));
    if (k->flags & KFUNC_F_RELEASE)
        CHECK(find_arg(p, KFUNC_ARG_BTF) || find_arg(p, KFUNC_ARG_OWNED));
    const struct callback_proto *cb = kfunc_callback_of(p->name);
    CHECK_EQ(cb != NULL, find_arg(p, KFUNC_ARG_FUNC) != NULL);
    if (cb)
        CHECK_EQ(p->arg[cb->func - 1].type, KFUNC_ARG_FUNC);
}

static void test_protos(void) {
    static const char *const names[] = {
#define KFUNC_PROTO(name, state, effect, ret, n_args, a1, a2, a3, a4, a5) #name,
#include "runtime/kfuncproto.def"
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct kfunc *k = kfunc_find(names[i]);
        check_note(names[i]);
        if (CHECK(k != NULL))
            CHECK(!without_proto(k->set));
    }
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct kfunc_proto *p = kfunc_proto_of(rows[i].name);
        check_note(rows[i].name);
        const bool plain = !strcmp(rows[i].name, "crash_kexec") ||
                           !strcmp(rows[i].name, "bpf_modify_return_test_tp");
        CHECK_EQ(p != NULL, !without_proto(rows[i].set) && !plain);
        if (p)
            check_proto(kfunc_find(rows[i].name), p);
    }
    check_note(NULL);
    CHECK(!kfunc_proto_of("") && !kfunc_proto_of("bpf_iter_num") && !kfunc_callback_of("bpf_loop"));
    const struct kfunc_proto *p = kfunc_proto_of("bpf_dynptr_slice");
    CHECK(p && p->ret.type == KFUNC_RET_SLICE && p->arg[2].null &&
          p->arg[3].type == KFUNC_ARG_CSIZE);
    p = kfunc_proto_of("bpf_iter_num_next");
    CHECK(p && p->ret.type == KFUNC_RET_MEM && p->ret.bytes == 4);
    p = kfunc_proto_of("bpf_iter_task_new");
    CHECK(p && p->arg[1].null && p->arg[0].bytes == 24);
    p = kfunc_proto_of("bpf_throw");
    CHECK(p && p->effect == KFUNC_EFFECT_THROW);
    p = kfunc_proto_of("bpf_rcu_read_unlock");
    CHECK(p && p->effect == KFUNC_EFFECT_RCU_UNLOCK && !p->n_args);
}

int main(void) {
    test_rows();
    test_facts();
    test_protos();
    return check_end();
}
