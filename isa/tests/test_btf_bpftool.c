/* test_btf_bpftool.c: what we read, printed as "bpftool btf dump format raw" prints it, is line for
 * line what bpftool prints: the running kernel's BTF, and one of every kind made here. */
#include "isa/btf.h"

#include "isa/tests/btf_build.h"
#include "tests/check.h"

#include <unistd.h>

#define CILIUM "/usr/share/gocode/src/github.com/cilium/ebpf/btf/testdata"
static const char vmlinux[] = "/sys/kernel/btf/vmlinux";

/* struct lines: bpftool's output, compared as ours is made. */
struct lines {
    FILE *pipe;
    uint64_t n, wrong;
};

/* expect: the next line of bpftool's. */
__attribute__((format(printf, 2, 3))) static void expect(struct lines *l, const char *fmt, ...) {
    char want[4096] = "", got[4096];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(got, sizeof got, fmt, ap);
    va_end(ap);
    if (fgets(want, sizeof want, l->pipe))
        want[strcspn(want, "\n")] = '\0';
    l->n++;
    if (strcmp(got, want) != 0 && l->wrong++ < 20)
        CHECK_STR(got, want);
}

static const char *name_or_anon(const struct btf *b, uint32_t off) {
    const char *s = btf_string(b, off);
    return *s ? s : "(anon)";
}

static const char *linkage(const struct btf *b, const struct btf_type *t) {
    static const char *const names[] = {"static", "global", "extern"};
    uint32_t x = btf_extra(b, t);
    return x < 3 ? names[x] : "(unknown)";
}

static void expect_int(struct lines *l, const struct btf *b, const struct btf_type *t,
                       const char *head) {
    static const char *const names[] = {"(none)", "SIGNED", "CHAR", "?", "BOOL"};
    uint32_t e = btf_int_encoding(b, t);
    expect(l, "%s size=%u bits_offset=%u nr_bits=%u encoding=%s", head, t->size_or_type,
           btf_int_off(b, t), btf_int_bits(b, t), e <= 4 ? names[e] : "?");
}

static void expect_members(struct lines *l, const struct btf *b, const struct btf_type *t,
                           const char *head) {
    const struct btf_member *m = btf_members(b, t);
    expect(l, "%s size=%u vlen=%u", head, t->size_or_type, t->n_members);
    for (uint32_t i = 0; i < t->n_members; i++)
        if (t->kind == BTF_DATASEC)
            expect(l, "\ttype_id=%u offset=%u size=%u (%s '%s')", m[i].type, m[i].off_bits,
                   m[i].size_bits, btf_type_at(b, m[i].type)->kind == BTF_VAR ? "VAR" : "FUNC",
                   btf_string(b, btf_type_at(b, m[i].type)->name_off));
        else if (m[i].size_bits)
            expect(l, "\t'%s' type_id=%u bits_offset=%u bitfield_size=%u",
                   name_or_anon(b, m[i].name_off), m[i].type, m[i].off_bits, m[i].size_bits);
        else
            expect(l, "\t'%s' type_id=%u bits_offset=%u", name_or_anon(b, m[i].name_off), m[i].type,
                   m[i].off_bits);
}

static void expect_enum(struct lines *l, const struct btf *b, const struct btf_type *t,
                        const char *head) {
    const struct btf_member *m = btf_members(b, t);
    const char *suffix = t->kind == BTF_ENUM ? "" : t->kflag ? "LL" : "ULL";
    expect(l, "%s encoding=%s size=%u vlen=%u", head, t->kflag ? "SIGNED" : "UNSIGNED",
           t->size_or_type, t->n_members);
    for (uint32_t i = 0; i < t->n_members; i++) {
        const char *name = name_or_anon(b, m[i].name_off);
        if (t->kflag)
            expect(l, "\t'%s' val=%" PRId64 "%s", name, m[i].value, suffix);
        else
            expect(l, "\t'%s' val=%" PRIu64 "%s", name, (uint64_t)m[i].value, suffix);
    }
}

static void expect_proto(struct lines *l, const struct btf *b, const struct btf_type *t,
                         const char *head) {
    const struct btf_member *m = btf_members(b, t);
    expect(l, "%s ret_type_id=%u vlen=%u", head, t->size_or_type, t->n_members);
    for (uint32_t i = 0; i < t->n_members; i++)
        expect(l, "\t'%s' type_id=%u", name_or_anon(b, m[i].name_off), m[i].type);
}

static void expect_type(struct lines *l, const struct btf *b, uint32_t id) {
    const struct btf_type *t = btf_type_at(b, id);
    const struct btf_member *m = btf_members(b, t);
    char kind[16], head[1024];
    snprintf(kind, sizeof kind, "%s", btf_kind_name(t->kind));
    for (char *c = kind; *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    snprintf(head, sizeof head, "[%u] %s '%s'", id, kind, name_or_anon(b, t->name_off));
    switch (t->kind) {
    case BTF_INT: expect_int(l, b, t, head); break;
    case BTF_STRUCT:
    case BTF_UNION:
    case BTF_DATASEC: expect_members(l, b, t, head); break;
    case BTF_ENUM:
    case BTF_ENUM64: expect_enum(l, b, t, head); break;
    case BTF_FUNC_PROTO: expect_proto(l, b, t, head); break;
    case BTF_ARRAY:
        expect(l, "%s type_id=%u index_type_id=%u nr_elems=%" PRId64, head, m->type, m->size_bits,
               m->value);
        break;
    case BTF_FWD: expect(l, "%s fwd_kind=%s", head, t->kflag ? "union" : "struct"); break;
    case BTF_FUNC:
        expect(l, "%s type_id=%u linkage=%s", head, t->size_or_type, linkage(b, t));
        break;
    case BTF_VAR:
        expect(l, "%s type_id=%u, linkage=%s", head, t->size_or_type, linkage(b, t));
        break;
    case BTF_FLOAT: expect(l, "%s size=%u", head, t->size_or_type); break;
    case BTF_DECL_TAG:
        expect(l, "%s type_id=%u component_idx=%d", head, t->size_or_type, (int)btf_extra(b, t));
        break;
    default: expect(l, "%s type_id=%u", head, t->size_or_type); break;
    }
}

static uint8_t *read_pipe(FILE *f, size_t *size) {
    uint8_t *bytes = malloc(64u << 20);
    *size = f && bytes ? fread(bytes, 1, 64u << 20, f) : 0;
    return bytes;
}

static struct btf *read_btf(const char *path, const struct btf *base) {
    struct btf *b = NULL;
    size_t size;
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = read_pipe(f, &size);
    CHECK_EQ(btf_parse(bytes, size, base, &b, NULL), BPFLAB_OK);
    free(bytes);
    if (f)
        fclose(f);
    return b;
}

/* compare: the file at path; base_path: NULL, or of the BTF that it extends. */
static void compare(const char *path, const char *base_path) {
    char command[512], rest[16];
    struct btf *base = base_path ? read_btf(base_path, NULL) : NULL, *b = read_btf(path, base);
    snprintf(command, sizeof command, "bpftool %s %s btf dump file %s format raw",
             base_path ? "-B" : "", base_path ? base_path : "", path);
    struct lines l = {.pipe = b ? popen(command, "r") : NULL};
    if (CHECK(l.pipe != NULL)) {
        for (uint32_t id = btf_first_id(b); id < btf_n_types(b); id++)
            expect_type(&l, b, id);
        CHECK(fgets(rest, sizeof rest, l.pipe) == NULL); /* no type more */
        CHECK_EQ(pclose(l.pipe), 0);
        CHECK_EQ(l.wrong, 0);
        check_state.run += l.n;
        printf("%s: %u types, %" PRIu64 " lines\n", path, btf_n_types(b) - btf_first_id(b), l.n);
    }
    btf_free(b);
    btf_free(base);
}

static void save(const char *path, const uint8_t *bytes, size_t size) {
    FILE *f = fopen(path, "wb");
    if (CHECK(f != NULL)) {
        CHECK_EQ(fwrite(bytes, 1, size, f), size);
        fclose(f);
    }
}

int main(void) {
    static struct btf_build b;
    char dir[] = "/tmp/bpflab_btf_XXXXXX", path[64];
    size_t size;
    if (system("bpftool version >/dev/null 2>&1") != 0)
        return check_skip("bpftool is not here");
    if (!CHECK(mkdtemp(dir) != NULL))
        return check_end();
    snprintf(path, sizeof path, "%s/made", dir);
    build_all_kinds(&b, false);
    uint8_t *bytes = build_bytes(&b, &size);
    save(path, bytes, size);
    free(bytes);
    compare(path, NULL);
    FILE *gz = popen("gzip -dc " CILIUM "/vmlinux.btf.gz 2>/dev/null", "r");
    bytes = read_pipe(gz, &size);
    save(path, bytes, size);
    free(bytes);
    if (gz && pclose(gz) == 0) { /* a kernel's and, split, a module's */
        compare(path, NULL);
        compare(CILIUM "/btf_testmod.btf", path);
    } else {
        printf("golang-github-cilium-ebpf-dev is not installed: its files are not compared\n");
    }
    unlink(path);
    rmdir(dir);
    if (access(vmlinux, R_OK) == 0)
        compare(vmlinux, NULL);
    else
        printf("%s is not here: not compared\n", vmlinux);
    return check_end();
}
