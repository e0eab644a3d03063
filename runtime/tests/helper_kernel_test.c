/* helper_kernel_test.c: what the environment has of the kernel around the program: its names,
 * hooks, paths and mappings, the place that a program is attached to. */
#include "runtime/env.h"

#include "isa/tests/btf_build.h"
#include "runtime/tests/helper_bed.h"

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
    static struct btf_build types;
    build_init(&types, w->cfg.big_endian);
    build_int(&types, "u32", 4, 0);
    struct btf *btf = build_parse(&types, NULL);
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

int main(void) {
    test_env_tables();
    for (int big = 0; big < 2; big++) {
        struct world *w = bed_world(big);
        test_names(w);
        test_hooks(w);
        test_path(w);
        test_vma(w);
        test_attach(w);
        world_free(w);
    }
    return check_end();
}
