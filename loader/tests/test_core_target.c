/* test_core_target.c: where the target's BTF comes from: memory, files, ELF, modules, the running
 * kernel, nowhere; and how files are read.
 */
#define _GNU_SOURCE
#include "loader/core.h"
#include "loader/file.h"

#include "loader/tests/core_fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct build_member END_MEMBERS = {NULL, 0, 0, 0};
static const char vmlinux[] = "/sys/kernel/btf/vmlinux";

static uint32_t one_struct(struct btf_build *b, const char *name, uint32_t off_bits) {
    struct build_member m[] = {{"f", 1, off_bits, 0}, END_MEMBERS};
    return build_struct(b, BTF_STRUCT, name, 64, m);
}

static void save(const char *path, const void *bytes, size_t size) {
    FILE *f = fopen(path, "wb");
    if (CHECK(f != NULL)) {
        CHECK_EQ(fwrite(bytes, 1, size, f), size);
        fclose(f);
    }
}

static void save_btf(const char *path, const struct btf_build *b) {
    size_t size;
    uint8_t *bytes = build_bytes(b, &size);
    save(path, bytes, size);
    free(bytes);
}

/* open_target: a fixture whose target is the source's. */
static bool open_target(struct fixture *f, const struct btf_build *local,
                        const struct core_source *s) {
    *f = (struct fixture){.local = build_parse(local, NULL)};
    return CHECK(f->local) && CHECK_EQ(core_target_new(s, &f->target), BPFLAB_OK) &&
           CHECK_EQ(core_new(f->local, f->target, &f->core), BPFLAB_OK);
}

static void test_modules(char *dir) {
    static struct btf_build local, base, mod[3];
    char path[4][64];
    struct fixture f;
    struct core_source s = {.path = path[0], .module_dir = dir};
    build_init(&local, false);
    build_int(&local, "int", 4, 1);
    uint32_t both = one_struct(&local, "both", 0), one = one_struct(&local, "one", 0);
    uint32_t two = one_struct(&local, "two", 0), none = one_struct(&local, "none", 0);
    uint32_t again = one_struct(&local, "both___again", 0);
    build_init(&base, false);
    build_int(&base, "int", 4, 1);
    one_struct(&base, "both", 32);
    for (int i = 0; i < 3; i++)
        build_split(&mod[i], &base);
    one_struct(&mod[0], "both", 64); /* not asked: the base has one */
    one_struct(&mod[0], "two", 64);
    one_struct(&mod[1], "two___x", 96); /* disagrees with the other module's */
    uint32_t id = one_struct(&mod[1], "one", 128);
    build_ref(&mod[2], BTF_PTR, "", 99); /* broken */
    static const char *const names[] = {"vmlinux", "mod_a", "mod_b", "mod_c"};
    for (int i = 0; i < 4; i++)
        snprintf(path[i], sizeof path[i], "%s/%s", dir, names[i]);
    save_btf(path[0], &base);
    save_btf(path[1], &mod[0]);
    save_btf(path[2], &mod[1]);
    if (open_target(&f, &local, &s)) {
        struct core_result res;
        struct insn in[2] = {INSN_IMM64(1), {.imm = 0}};
        MEM(&f, both, "0:0", 0x61, 0, 0x61, 4);
        MEM(&f, one, "0:0", 0x61, 0, 0x61, 16);
        CHECK_EQ(apply(&f, CORE_TYPE_ID_TARGET, one, "0", in, 2, &res), BPFLAB_OK);
        CHECK_EQ(res.new_value, id);
        MEM(&f, again, "0:0", 0x61, 0, 0x61, 4); /* with modules read by now */
        REFUSED(&f, CORE_FIELD_BYTE_OFFSET, two, "0:0", INSN_LDXW(0), 1, BPFLAB_E_TYPE);
        POISONED(&f, CORE_FIELD_BYTE_OFFSET, none, "0:0", INSN_LDXW(0), "no such type");
    }
    fixture_fini(&f);
    save_btf(path[3], &mod[2]);
    if (open_target(&f, &local,
                    &s)) { /* a module that does not parse is an error once it is needed */
        MEM(&f, both, "0:0", 0x61, 0, 0x61, 4);
        REFUSED(&f, CORE_FIELD_BYTE_OFFSET, one, "0:0", INSN_LDXW(0), 1, BPFLAB_E_RANGE);
        REFUSED(&f, CORE_FIELD_BYTE_OFFSET, none, "0:0", INSN_LDXW(0), 1, BPFLAB_E_RANGE);
    }
    fixture_fini(&f);
    s.module_dir = NULL; /* a target by path has no modules unless told */
    if (open_target(&f, &local, &s))
        POISONED(&f, CORE_FIELD_BYTE_OFFSET, one, "0:0", INSN_LDXW(0), "no such type");
    fixture_fini(&f);
    for (int i = 0; i < 4; i++)
        unlink(path[i]);
}

/* A target that cannot be read: only when it is asked for, and the same each time. */
static void fails(const struct core_source *s, enum bpflab_err want) {
    static struct btf_build local;
    struct fixture f;
    build_init(&local, false);
    build_int(&local, "int", 4, 1);
    uint32_t id = one_struct(&local, "s", 0);
    if (open_target(&f, &local, s)) {
        const struct btf *btf = NULL;
        struct diag d = {0};
        MOV64(&f, CORE_TYPE_ID_LOCAL, id, "0", 1, id);
        for (int i = 0; i < 2; i++)
            REFUSED(&f, CORE_FIELD_EXISTS, id, "0:0", INSN_MOV(1), 1, want);
        CHECK_EQ(core_target_btf(f.target, &btf, &d), want);
        CHECK(d.text[0] != 0 && btf == NULL);
    }
    fixture_fini(&f);
}

static void test_failures(char *dir) {
    static const uint8_t junk[24] = {1, 2, 3}, elf[] = "\177ELF and nothing more";
    char path[64], loop[64];
    snprintf(path, sizeof path, "%s/file", dir);
    snprintf(loop, sizeof loop, "%s/loop", dir);
    fails(&(struct core_source){.bytes = junk, .size_bytes = sizeof junk}, BPFLAB_E_FORMAT);
    fails(&(struct core_source){.bytes = junk, .size_bytes = 3}, BPFLAB_E_TRUNCATED);
    fails(&(struct core_source){.bytes = junk, .size_bytes = 0}, BPFLAB_E_TRUNCATED);
    fails(&(struct core_source){.bytes = elf, .size_bytes = sizeof elf}, BPFLAB_E_FORMAT);
    fails(&(struct core_source){.path = path}, BPFLAB_E_IO);
    fails(&(struct core_source){.path = dir}, BPFLAB_E_IO);
    fails(&(struct core_source){.path = "/dev/zero"}, BPFLAB_E_IO);
    fails(&(struct core_source){.path = ""}, BPFLAB_E_IO);
    CHECK_EQ(symlink(loop, loop), 0);
    fails(&(struct core_source){.path = loop}, BPFLAB_E_IO);
    save(path, junk, sizeof junk);
    fails(&(struct core_source){.path = path}, BPFLAB_E_FORMAT);
    save(path, elf, sizeof elf);
    fails(&(struct core_source){.path = path}, BPFLAB_E_FORMAT);
    fails(&(struct core_source){.path = "/proc/self/exe"}, BPFLAB_E_FORMAT); /* ELF without .BTF */
    unlink(path);
    unlink(loop);
}

/* no_kernel: the record is poisoned and says that there is nothing to ask. */
static void no_kernel(void) {
    static struct btf_build local;
    struct fixture f;
    build_init(&local, false);
    build_int(&local, "int", 4, 1);
    uint32_t id = one_struct(&local, "s", 0);
    if (open_target(&f, &local, &(struct core_source){0})) {
        struct core_result res;
        struct insn in = INSN_MOV(1);
        CHECK_EQ(apply(&f, CORE_FIELD_EXISTS, id, "0:0", &in, 1, &res), BPFLAB_OK);
        CHECK_EQ(res.outcome, CORE_NO_TARGET);
        CHECK_EQ(in.code, 0x85);
        CHECK_EQ(in.imm, CORE_POISON);
        CHECK(strstr(res.text, vmlinux) != NULL);
        MOV64(&f, CORE_TYPE_ID_LOCAL, id, "0", 1, id);
    }
    fixture_fini(&f);
}

/* In a child that may hide the kernel's file from itself; or here, if there is none anyway. */
static void test_no_kernel(void) {
    if (access(vmlinux, R_OK) != 0) {
        no_kernel();
        return;
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("none", "/sys/kernel/btf", "tmpfs", 0, NULL) != 0)
            _exit(77);
        no_kernel();
        fflush(stdout);
        _exit(check_state.failed != 0);
    }
    int status = 0;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) != 1);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        printf("not checked, for want of privilege: a system without kernel BTF\n");
}

/* The running kernel: offsets as its own BTF says, for a struct task_struct with other offsets. */
static void test_kernel(void) {
    static struct btf_build local;
    struct fixture f;
    if (access(vmlinux, R_OK) != 0) {
        printf("not checked: %s is not here\n", vmlinux);
        return;
    }
    build_init(&local, false);
    build_int(&local, "int", 4, 1);
    build_ref(&local, BTF_PTR, "", 0);
    struct build_member m[] = {{"tgid", 1, 0, 0},
                               {"pid", 1, 32, 0},
                               {"mm", 2, 64, 0},
                               {"no_such_member", 1, 128, 0},
                               END_MEMBERS};
    uint32_t task = build_struct(&local, BTF_STRUCT, "task_struct___mine", 20, m);
    struct build_value v[] = {{"BPF_MAP_TYPE_HASH", 77}, {NULL, 0}};
    uint32_t maps = build_enum(&local, BTF_ENUM, "bpf_map_type", 4, false, v);
    const struct btf *btf;
    if (open_target(&f, &local, &(struct core_source){0}) &&
        CHECK_EQ(core_target_btf(f.target, &btf, NULL), BPFLAB_OK)) {
        uint32_t id = btf_find(btf, BTF_STRUCT, "task_struct", 1);
        const struct btf_type *t = btf_type_at(btf, id);
        const struct btf_member *k = btf_members(btf, t);
        static const char *const access_of[] = {"0:0", "0:1", "0:2"};
        unsigned seen = 0;
        for (uint32_t i = 0; i < t->n_members; i++)
            for (unsigned j = 0; j < 3; j++)
                if (strcmp(btf_string(btf, k[i].name_off), m[j].name) == 0) {
                    MOV(&f, CORE_FIELD_BYTE_OFFSET, task, access_of[j], (int32_t)m[j].off_bits / 8,
                        (int32_t)k[i].off_bits / 8);
                    seen++;
                }
        CHECK_EQ(seen, 3);
        MOV(&f, CORE_TYPE_SIZE, task, "0", 20, (int32_t)btf_size(btf, id));
        MOV(&f, CORE_FIELD_EXISTS, task, "0:3", 1, 0);
        MOV64(&f, CORE_ENUMVAL_VALUE, maps, "0", 77, 1);
        MOV64(&f, CORE_TYPE_ID_TARGET, task, "0", 1, id);
    }
    fixture_fini(&f);
}

/* test_file: read to its end, refused if longer than allowed; a pipe in pieces; a folder. */
static void test_file(const char *dir) {
    enum {
        BYTES = 100000
    };
    static uint8_t want[BYTES];
    uint8_t *got = NULL;
    size_t n = 0;
    struct diag d = {0};
    char path[64];
    int pipe_fd[2], folder = open(dir, O_RDONLY);
    for (uint32_t i = 0; i < BYTES; i++)
        want[i] = (uint8_t)(i * 7 >> 3);
    snprintf(path, sizeof path, "%s/file", dir);
    save(path, want, BYTES);
    int fd = open(path, O_RDONLY);
    if (CHECK_EQ(file_read(fd, path, BYTES, &got, &n, &d), BPFLAB_OK))
        CHECK(n == BYTES && !memcmp(got, want, BYTES));
    free(got);
    lseek(fd, 0, SEEK_SET);
    CHECK_EQ(file_read(fd, path, BYTES - 1, &got, &n, &d), BPFLAB_E_IO);
    CHECK(strstr(d.text, "longer than") != NULL);
    close(fd);
    CHECK_EQ(file_read(folder, dir, BYTES, &got, &n, &d), BPFLAB_E_IO);
    close(folder);
    if (CHECK_EQ(pipe(pipe_fd), 0)) {
        CHECK_EQ(write(pipe_fd[1], want, 10), 10);
        close(pipe_fd[1]);
        if (CHECK_EQ(file_read(pipe_fd[0], "pipe", BYTES, &got, &n, &d), BPFLAB_OK)) {
            CHECK(n == 10 && !memcmp(got, want, 10));
            free(got);
        }
        close(pipe_fd[0]);
    }
    unlink(path);
}

int main(void) {
    char dir[] = "/tmp/bpflab_core_XXXXXX";
    if (!CHECK(mkdtemp(dir) != NULL))
        return check_end();
    test_modules(dir);
    test_failures(dir);
    test_file(dir);
    rmdir(dir);
    test_no_kernel();
    test_kernel();
    return check_end();
}
