/* engines_test.c: programs that the verifier accepts run alike on the interpreter and on an engine
 * that is told what the verifier knows: generated ones, and those of objects.
 *     engines_test ENGINE [N [SEED]]
 *     engines_test ENGINE --objects PATH...      files, directories of them
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/gen/mixed.h"
#include "fuzz/tests/engines_rig.h"
#include "jit/jit.h"
#include "loader/core.h"
#include "tests/check.h"

enum {
    GROUP = 16, /* generated programs in one object */
    MAX_WRONG = 20,
    LIE_PROGRAMS = 256,  /* within which a lie is found */
    EACH_INSNS = 200000, /* of an object's program, for the verifier */
    PATH_BYTES = 512,
    FUEL = 20000, /* of a generated program */
    OBJECT_FUEL = 1000000,
};

/* ---- generated ---- */

struct group {
    struct prog progs[GROUP];
    struct map_def maps[N_MIXED_MAPS];
    struct object object;
};

static bool make_group(struct group *g, uint64_t seed, uint32_t n, bool big_endian) {
    memset(g, 0, sizeof *g);
    memcpy(g->maps, mixed_maps, sizeof g->maps);
    g->object = (struct object){
        .big_endian = big_endian, .progs = g->progs, .maps = g->maps, .n_maps = N_MIXED_MAPS};
    for (uint32_t i = 0; i < n; i++) {
        struct insn insns[MIXED_MAX_INSNS];
        const uint32_t n_insns = gen_mixed(seed + i, 4 + (uint32_t)((seed + i) % 24), insns);
        if (!CHECK_EQ(prog_init_insns(&g->progs[i], insns, n_insns), BPFLAB_OK))
            return false;
        g->progs[i].type = PROG_sched_cls;
        g->progs[i].big_endian = big_endian;
        g->object.n_progs++;
    }
    return true;
}

/* lie: of this kind of facts, or N_TOLD_KINDS.
 * out: false if the engine is missing */
static bool check_group(struct engines_rig *r, uint64_t seed, uint32_t n, enum told_kind lie) {
    const bool big_endian = r->engine.arch && jit_target_big_endian(r->engine.arch);
    const struct accept_options how = {.joins = seed / GROUP % 4 == 0, .insns = 100000};
    struct accepted a;
    struct group g;
    struct diag d = {0};
    char what[64];
    bool there = true;
    snprintf(what, sizeof what, "seeds from %" PRIu64, seed);
    if (make_group(&g, seed, n, big_endian) &&
        CHECK_EQ(accept(&g.object, &how, &a, &d), BPFLAB_OK)) {
        for (uint32_t i = 0; i < n && lie != N_TOLD_KINDS; i++)
            told_falsely(&a.facts[i], lie);
        there = engines_check(r, &g.object, &a, what, seed);
        accepted_fini(&a);
    }
    for (uint32_t i = 0; i < GROUP; i++)
        prog_fini(&g.progs[i]);
    return there;
}

/* arm64 divides by zero as eBPF does, by itself: nothing comes of a false divisor. */
static bool no_matter(const struct engines_rig *r, enum told_kind kind) {
    const char *const target = r->engine.arch ? jit_target_name(r->engine.arch) : "";
    return kind == TOLD_DIVISOR && !strcmp(target, "arm64");
}

/* What is told falsely is found. */
static bool lies(const struct engines_rig *r) {
    static const enum told_kind kinds[] = {TOLD_NEVER,    TOLD_CONST,   TOLD_DIVISOR, TOLD_SLOW,
                                           TOLD_PKT_DATA, TOLD_PKT_END, TOLD_PKT_META};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (no_matter(r, kinds[i]))
            continue;
        struct engines_rig own = {
            .engine = r->engine, .executors = r->executors, .must_fail = true, .fuel = FUEL};
        for (uint64_t seed = 1; seed < LIE_PROGRAMS && !own.n_wrong; seed += GROUP)
            if (!check_group(&own, seed, GROUP, kinds[i]))
                return false;
        check_note(told_name(kinds[i]));
        CHECK(own.n_wrong > 0);
    }
    check_note(NULL);
    return true;
}

static bool generated(struct engines_rig *r, uint64_t n, uint64_t seed) {
    r->fuel = FUEL;
    if (!lies(r))
        return false;
    for (uint64_t i = 0; i < n && r->n_wrong < MAX_WRONG; i += GROUP)
        if (!check_group(r, seed + i, n - i < GROUP ? (uint32_t)(n - i) : GROUP, N_TOLD_KINDS))
            return false;
    CHECK(r->n_run > n / 2);
    for (uint32_t k = 0; k < N_TOLD_KINDS; k++) {
        check_note(told_name((enum told_kind)k));
        CHECK(r->told[k] > 0);
    }
    check_note(NULL);
    return true;
}

/* ---- objects ---- */

struct kernel {
    struct core_target *target;
    const struct btf *btf;
};

static struct kernel running_kernel(void) {
    const struct core_source running = {.path = NULL};
    struct kernel k = {0};
    if (core_target_new(&running, &k.target) == BPFLAB_OK &&
        core_target_btf(k.target, &k.btf, NULL) != BPFLAB_OK)
        k.btf = NULL; /* what needs it is rejected */
    return k;
}

static bool check_file(struct engines_rig *r, const char *path, const struct kernel *k) {
    const struct accept_options how = {
        .kernel_btf = k->btf, .insns = EACH_INSNS, .time_ns = UINT64_C(3000000000)};
    struct object o;
    struct accepted a;
    struct diag d = {0};
    bool there = true;
    if (object_load_file(path, NULL, &o, &d) != BPFLAB_OK) {
        engines_reason(r, d.text);
        return true;
    }
    if (CHECK_EQ(accept(&o, &how, &a, &d), BPFLAB_OK)) {
        there = engines_check(r, &o, &a, path, 1);
        accepted_fini(&a);
    } else {
        printf("    %s: %s\n", path, d.text);
    }
    object_fini(&o);
    return there;
}

static int is_object(const struct dirent *e) {
    const size_t n = strlen(e->d_name);
    return n > 2 && !strcmp(e->d_name + n - 2, ".o");
}

/* out: files seen, UINT32_MAX if the engine is missing */
static uint32_t check_path(struct engines_rig *r, const char *path, const struct kernel *k) {
    struct dirent **list;
    const int n = scandir(path, &list, is_object, alphasort);
    bool there = true;
    if (n < 0)
        return check_file(r, path, k) ? 1 : UINT32_MAX;
    for (int i = 0; i < n; i++) {
        char file[PATH_BYTES];
        snprintf(file, sizeof file, "%s/%s", path, list[i]->d_name);
        there = there && check_file(r, file, k);
        free(list[i]);
    }
    free(list);
    return there ? (uint32_t)n : UINT32_MAX;
}

static bool objects(struct engines_rig *r, int n, char **paths) {
    const struct kernel k = running_kernel();
    uint32_t n_files = 0;
    bool there = true;
    r->may_trap = true;
    r->fuel = OBJECT_FUEL;
    for (int i = 0; i < n && there; i++) {
        const uint32_t seen = check_path(r, paths[i], &k);
        there = seen != UINT32_MAX;
        n_files += there ? seen : 0;
    }
    core_target_free(k.target);
    printf("%u files\n", n_files);
    return there;
}

int main(int argc, char **argv) {
    static struct engines_rig r;
    struct diag d = {0};
    if (argc < 2 || engine_find(argv[1], false, &r.engine, &d)) {
        printf("%s\n", argc < 2 ? "engines_test ENGINE [N [SEED]] | --objects PATH..." : d.text);
        return d.err == BPFLAB_E_MISSING ? 77 : 1;
    }
    r.executors = executors_new();
    const bool there =
        argc > 2 && !strcmp(argv[2], "--objects")
            ? objects(&r, argc - 3, argv + 3)
            : generated(&r, argc > 2 ? strtoull(argv[2], NULL, 0) : check_rounds(2000),
                        argc > 3 ? strtoull(argv[3], NULL, 0) : 1);
    executors_free(r.executors);
    engines_print(&r);
    if (!there)
        return check_skip("the engine is missing");
    CHECK(r.runs[0] > 0);
    CHECK_EQ(r.n_wrong, 0);
    return check_end();
}
