/* test_core_clang.c: one program (core/prog.bpf.c), compiled by clang with two layouts of its
 * types. The first, loaded for the second's types, must come out as the second's instructions; in
 * both byte orders and every version of the instruction set. argv: the folder of the sources. */
#include "loader/object.h"

#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

static bool compile(const char *dir, const char *target, const char *cpu, const char *define,
                    const char *out) {
    char command[512];
    snprintf(command, sizeof command,
             "clang-19 -target %s -mcpu=%s -O2 -g %s -c %s/core/prog.bpf.c -o %s", target, cpu,
             define, dir, out);
    return CHECK_EQ(system(command), 0);
}

static bool load(const char *path, const char *types, struct object *o) {
    struct object_options opt = {.kernel_btf = types};
    struct diag d;
    char text[400];
    bool ok = CHECK_EQ(object_load_file(path, &opt, o, &d), BPFLAB_OK);
    if (!ok)
        printf("    %s\n", diag_format(&d, text, sizeof text));
    return ok;
}

/* same_code: instruction by instruction. out: how many differ from what before had there. */
static uint32_t same_code(const struct prog *got, const struct prog *want,
                          const struct prog *before) {
    uint32_t changed = 0;
    if (!CHECK(got && want && before) || !CHECK_EQ(got->n_insns, want->n_insns))
        return 0;
    for (uint32_t pc = 0; pc < want->n_insns; pc++) {
        struct insn a = got->insns[pc], b = want->insns[pc], c = before->insns[pc];
        bool ok = CHECK(a.code == b.code && a.dst == b.dst && a.src == b.src && a.off == b.off &&
                        a.imm == b.imm);
        if (!ok)
            printf("    %s pc %u: got code %#x off %d imm %d, want code %#x off %d imm %d\n",
                   want->name, pc, a.code, a.off, a.imm, b.code, b.off, b.imm);
        changed += a.code != c.code || a.off != c.off || a.imm != c.imm;
    }
    return changed;
}

static void compare(const char *local, const char *target) {
    static const char *const names[] = {"loads", "stores", "fields", "types"};
    struct object got = {0}, want = {0}, before = {0};
    if (load(local, target, &got) && load(target, target, &want) && load(local, local, &before)) {
        CHECK_EQ(got.n_needs, 0);
        CHECK_EQ(want.n_needs, 0);
        CHECK_EQ(got.n_core_relocs, want.n_core_relocs);
        CHECK(got.n_core_relocs > 120);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            uint32_t changed = same_code(object_prog(&got, names[i]), object_prog(&want, names[i]),
                                         object_prog(&before, names[i]));
            CHECK(changed >= 5); /* the layouts do differ */
        }
        for (uint32_t i = 0; i < got.n_needs; i++)
            printf("    need: %s\n", got.needs[i].what);
    }
    object_fini(&got);
    object_fini(&want);
    object_fini(&before);
}

int main(int argc, char **argv) {
    static const char *const targets[] = {"bpfel", "bpfeb"}, *const cpus[] = {"v1", "v2", "v3",
                                                                              "v4"};
    char dir[] = "/tmp/bpflab_core_XXXXXX", a[64], b[64];
    if (argc < 2)
        return 2;
    if (system("clang-19 --version >/dev/null 2>&1") != 0)
        return check_skip("clang-19 is not here");
    if (!CHECK(mkdtemp(dir) != NULL))
        return check_end();
    snprintf(a, sizeof a, "%s/local.o", dir);
    snprintf(b, sizeof b, "%s/target.o", dir);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < sizeof cpus / sizeof *cpus; j++)
            if (compile(argv[1], targets[i], cpus[j], "", a) &&
                compile(argv[1], targets[i], cpus[j], "-DTARGET_LAYOUT", b))
                compare(a, b);
    unlink(a);
    unlink(b);
    rmdir(dir);
    return check_end();
}
