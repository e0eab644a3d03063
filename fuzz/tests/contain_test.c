/* contain_test.c: the verifier's states hold what runs do: generated programs, and (with arguments)
 * the programs of objects.
 *     contain_test N [SEED]        N generated programs
 *     contain_test --objects FILE...
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/gen/mixed.h"
#include "fuzz/oracle/contain.h"
#include "loader/core.h"
#include "runtime/env.h"
#include "runtime/netenv.h"
#include "tests/check.h"
#include "verifier/verify.h"

enum {
    RUNS = 3, /* on different packets */
    PACKET = 80,
    OPTVAL = 64, /* bytes of socket options, and of what writable tracepoints hand over */
};

static struct contain_stats stats;
static uint64_t n_accepted, n_rejected, n_undecided, n_missed;
static uint64_t n_not_run,
    n_kernel_objects; /* runs that ended at what the world has not of the kernel */

static void report_miss(const struct contain_miss *m, const char *what, uint64_t which) {
    n_missed++;
    printf("miss: %s %llu: pc %u, frame %u, r%d, slot %d: %s\n", what, (unsigned long long)which,
           m->pc, m->frame, m->reg, m->slot, m->text);
}

static void put_log(void *self, const char *t, size_t n) {
    (void)self;
    fwrite(t, 1, n, stdout);
}

/* Contexts of these types hold pointers to kernel objects that Linux vouches for and the world has
 * not: such programs are not run. */
static bool takes_kernel_objects(uint32_t type) {
    return type == PROG_struct_ops || type == PROG_tracing || type == PROG_lsm;
}

/* Did a run end at something of the kernel that the world has not: a function without a body, a
 * variable without an address, an object without an image? */
static bool needs_kernel(const struct prog *p, const struct knowledge *k, struct run_end end) {
    if (end.kind == RUN_TRAP_HELPER)
        return true;
    if (end.pc >= p->n_insns)
        return true; /* in another program, after a tail call: its own verdict is another */
    const struct insn in = p->insns[end.pc];
    const enum op op = op_of(in);
    if (op >= N_OPS)
        return false;
    if (end.kind == RUN_TRAP_INSN)
        return op_table[op].cls == CLASS_IMM64;
    if (end.kind != RUN_TRAP_MEMORY && end.kind != RUN_TRAP_NULL)
        return false;
    const bool load = op_table[op].cls == CLASS_LDX || op_table[op].cls == CLASS_ATOMIC_LOAD;
    for (const struct known *n = k->at[end.pc]; n; n = n->next) {
        const uint32_t kind = state_regs(&n->st)[load ? in.src : in.dst].kind;
        if (kind == REG_BTF || kind == REG_MAP)
            return true;
    }
    return false;
}

/* Verify one program of an object; if it is accepted, follow some runs. */
static void check_prog(const struct object *o, struct instance *in, uint32_t index,
                       const struct btf *kernel, const char *what, uint64_t which) {
    const struct verify_input input = {.prog = &o->progs[index],
                                       .maps = o->maps,
                                       .n_maps = o->n_maps,
                                       .kernel_btf = kernel,
                                       .license = o->license};
    const struct verify_options opt = {.keep = KEEP_ALL,
                                       .log_level = getenv("LOG") ? 2 : 0,
                                       .log = put_log,
                                       .budget = {.insns = 20000, .bytes = UINT64_C(256) << 20}};
    struct verify_result r;
    struct diag d;
    if (!CHECK_EQ(verify(&input, &opt, &r, &d), BPFLAB_OK))
        return;
    if (getenv("WHY") && r.verdict != VERDICT_ACCEPT)
        printf("why: %llu pc %u %s\n", (unsigned long long)which, r.report.pc, r.report.linux_text);
    n_accepted += r.verdict == VERDICT_ACCEPT;
    n_rejected += r.verdict == VERDICT_REJECT;
    n_undecided += r.verdict == VERDICT_UNKNOWN;
    const bool runs = r.verdict == VERDICT_ACCEPT && !takes_kernel_objects(o->progs[index].type);
    n_not_run += r.verdict == VERDICT_ACCEPT && !runs;
    for (uint64_t run = 0; runs && run < RUNS; run++) {
        uint8_t packet[PACKET];
        uint64_t seed = which * RUNS + run;
        struct interp_job job;
        struct contain_miss m;
        for (size_t i = 0; i < sizeof packet; i++)
            packet[i] = (uint8_t)check_random(&seed);
        in->world->st.rng = seed;
        static const uint8_t record[WORLD_CTX_BYTES]; /* as large as one may be */
        const bool opaque = o->progs[index].type == PROG_tracepoint;
        const struct instance_input run_input = {.packet = packet,
                                                 .packet_bytes = 14 + seed % (PACKET - 13),
                                                 .ctx = opaque ? record : NULL,
                                                 .ctx_bytes = opaque ? sizeof record : 0,
                                                 .fuel = 1000000};
        if (instance_prepare(in, index, &run_input, &job, &d) != BPFLAB_OK)
            break;
        job.may_goto_budget = 100;
        const struct run_end end =
            contain_run(&o->progs[index], r.knowledge, in->world, &job, &stats, &m);
        if (m.found)
            report_miss(&m, what, which);
        if (needs_kernel(&o->progs[index], r.knowledge, end)) {
            n_kernel_objects++;
        } else if (end.kind != RUN_EXIT) {
            n_missed++;
            printf("trap: %s %llu: an accepted program ended by %s at pc %u\n", what,
                   (unsigned long long)which, run_kind_id(end.kind), end.pc);
        }
    }
    verify_result_fini(&r);
}

static void generated(uint64_t n, uint64_t seed) {
    struct map_def maps[N_MIXED_MAPS];
    memcpy(maps, mixed_maps, sizeof maps);
    for (uint64_t i = 0; i < n && n_missed < 10; i++) {
        struct insn insns[MIXED_MAX_INSNS];
        struct prog p;
        struct instance in;
        struct diag d;
        const uint32_t n_insns = gen_mixed(seed + i, 4 + (uint32_t)((seed + i) % 24), insns);
        if (!CHECK_EQ(prog_init_insns(&p, insns, n_insns), BPFLAB_OK))
            return;
        p.type = PROG_sched_cls;
        const struct object o = {.progs = &p, .n_progs = 1, .maps = maps, .n_maps = N_MIXED_MAPS};
        if (CHECK_EQ(instance_new(&o, NULL, &in, &d), BPFLAB_OK)) {
            check_prog(&o, &in, 0, NULL, "seed", seed + i);
            instance_fini(&in);
        }
        prog_fini(&p);
    }
    CHECK(n_accepted > n / 2);
}

static void objects(int n, char **paths) {
    const struct core_source running = {.path = NULL};
    struct core_target *target = NULL;
    const struct btf *kernel = NULL;
    if (core_target_new(&running, &target) == BPFLAB_OK &&
        core_target_btf(target, &kernel, NULL) != BPFLAB_OK)
        kernel = NULL; /* what needs it is rejected */
    for (int i = 0; i < n; i++) {
        struct object o;
        struct instance in;
        struct diag d;
        if (object_load_file(paths[i], NULL, &o, &d) != BPFLAB_OK)
            continue;
        if (instance_new(&o, NULL, &in, &d) == BPFLAB_OK) {
            struct net_env *const net = net_env_new();
            net->in.sockopt.n_optval = OPTVAL;
            in.world->env->net = net;
            for (uint32_t p = 0; p < o.n_progs; p++) {
                char what[256];
                snprintf(what, sizeof what, "%s %s", paths[i], o.progs[p].name);
                check_prog(&o, &in, p, kernel, what, p);
            }
            instance_fini(&in);
        }
        object_fini(&o);
    }
    core_target_free(target);
    CHECK(n_accepted > 0);
}

int main(int argc, char **argv) {
    if (argc > 2 && !strcmp(argv[1], "--objects"))
        objects(argc - 2, argv + 2);
    else
        generated(argc > 1 ? strtoull(argv[1], NULL, 0) : check_rounds(2000),
                  argc > 2 ? strtoull(argv[2], NULL, 0) : 1);
    printf("%llu accepted (%llu not run), %llu rejected, %llu undecided; %llu runs, %llu steps; "
           "%llu numbers, "
           "%llu pointers, %llu slots held; %llu hops, %llu loose, %llu runs followed in part, "
           "%llu to the kernel's part\n",
           (unsigned long long)n_accepted, (unsigned long long)n_not_run,
           (unsigned long long)n_rejected, (unsigned long long)n_undecided,
           (unsigned long long)stats.runs, (unsigned long long)stats.steps,
           (unsigned long long)stats.scalars, (unsigned long long)stats.pointers,
           (unsigned long long)stats.slots, (unsigned long long)stats.hops,
           (unsigned long long)stats.loose, (unsigned long long)stats.left,
           (unsigned long long)n_kernel_objects);
    CHECK(stats.steps > 0 && stats.hops > 0);
    CHECK_EQ(n_missed, 0);
    return check_end();
}
