/* test_core_objects.c: real objects of both byte orders (the test objects of cilium/ebpf), record
 * by record. Relocated against their own types nothing changes, except what must be refused;
 * relocs_read against relocs_read_tgt gives the values written down here. And their BTF damaged,
 * against the same undamaged and against itself. */
#include "loader/core.h"

#include "isa/tests/btf_build.h"
#include "tests/check.h"

#include <fcntl.h>
#include <gelf.h>
#include <unistd.h>

static const char folder[] = "/usr/share/gocode/src/github.com/cilium/ebpf/btf/testdata";

/* struct elf: an open object. */
struct elf {
    int fd;
    Elf *elf;
    bool big;
};

static bool elf_open(struct elf *e, const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    elf_version(EV_CURRENT);
    e->fd = open(path, O_RDONLY);
    e->elf = elf_begin(e->fd, ELF_C_READ, NULL);
    GElf_Ehdr h;
    if (!CHECK(gelf_getehdr(e->elf, &h) != NULL))
        return false;
    e->big = h.e_ident[EI_DATA] == ELFDATA2MSB;
    return true;
}

static void elf_close(struct elf *e) {
    elf_end(e->elf);
    close(e->fd);
}

static const Elf_Data *section(const struct elf *e, const char *name) {
    size_t names;
    GElf_Shdr sh;
    elf_getshdrstrndx(e->elf, &names);
    for (Elf_Scn *s = NULL; (s = elf_nextscn(e->elf, s));)
        if (gelf_getshdr(s, &sh) && strcmp(elf_strptr(e->elf, names, sh.sh_name), name) == 0)
            return elf_rawdata(s, NULL);
    return NULL;
}

static uint32_t get32(const uint8_t *p, bool big) {
    return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
               : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* struct run: what each record is given to. */
struct run {
    const struct btf *btf;
    struct core *core;
    uint32_t n, n_refused;
    void (*each)(struct run *, const char *section, const struct core_reloc *,
                 const struct core_result *, enum bpflab_err);
};

/* one_record: relocate a copy of its instruction. */
static void one_record(struct run *run, const struct elf *e, const char *name,
                       const struct core_reloc *r, uint32_t off) {
    const Elf_Data *code = section(e, name);
    if (!CHECK(code && off % 8 == 0 && off + 8 <= code->d_size))
        return;
    const uint8_t *p = (const uint8_t *)code->d_buf + off;
    struct insn in[2] = {insn_decode(p, e->big), {0}};
    uint32_t n = off + 16 <= code->d_size ? 2 : 1;
    if (n == 2)
        in[1] = insn_decode(p + 8, e->big);
    struct core_result res = {0};
    enum bpflab_err err = core_apply(run->core, r, in, n, &res, NULL);
    run->n++;
    run->n_refused += err != BPFLAB_OK;
    run->each(run, name, r, &res, err);
}

/* all_records: of .BTF.ext. */
static void all_records(struct run *run, const struct elf *e) {
    const Elf_Data *ext = section(e, ".BTF.ext");
    if (!CHECK(ext != NULL))
        return;
    const uint8_t *p = ext->d_buf;
    uint32_t at = get32(p + 4, e->big) + get32(p + 24, e->big);
    uint32_t end = at + get32(p + 28, e->big), size = get32(p + at, e->big);
    for (at += 4; at + 8 <= end;) {
        const char *name = btf_string(run->btf, get32(p + at, e->big));
        uint32_t n = get32(p + at + 4, e->big);
        at += 8;
        for (uint32_t i = 0; i < n; i++, at += size) {
            const uint8_t *r = p + at;
            struct core_reloc rel = {.type_id = get32(r + 4, e->big),
                                     .kind = get32(r + 12, e->big),
                                     .access = btf_string(run->btf, get32(r + 8, e->big))};
            one_record(run, e, name, &rel, get32(r, e->big));
        }
    }
}

/* with_objects: all records of one object against the types of another. */
static void with_objects(const char *object, const char *types, struct run *run) {
    struct elf e;
    char path[256];
    struct btf *btf = NULL;
    snprintf(path, sizeof path, "%s/%s", folder, types);
    struct core_source s = {.path = path};
    struct core_target *t = NULL;
    if (elf_open(&e, object)) {
        const Elf_Data *d = section(&e, ".BTF");
        if (CHECK(d) && CHECK_EQ(btf_parse(d->d_buf, d->d_size, NULL, &btf, NULL), BPFLAB_OK) &&
            CHECK_EQ(btf_big_endian(btf), e.big) && CHECK_EQ(core_target_new(&s, &t), BPFLAB_OK) &&
            CHECK_EQ(core_new(btf, t, &run->core), BPFLAB_OK)) {
            run->btf = btf;
            all_records(run, &e);
            core_free(run->core);
        }
        core_target_free(t);
        btf_free(btf);
        elf_close(&e);
    }
}

static void each_own(struct run *run, const char *name, const struct core_reloc *r,
                     const struct core_result *res, enum bpflab_err err) {
    (void)run;
    if (strstr(name, "err_ambiguous")) {
        CHECK_EQ(err, BPFLAB_E_TYPE);
        return;
    }
    if (!CHECK_EQ(err, BPFLAB_OK) || !CHECK_EQ(res->outcome, CORE_APPLIED) ||
        !CHECK_EQ(res->new_value, res->old_value))
        printf("    %s: type %u, %s (%s): %s\n", name, r->type_id, r->access,
               core_kind_name(r->kind), res->text);
}

/* What relocs_read.c must see of relocs_read_tgt.c; left shifts for a little- and a big-endian
 * target. */
static const struct {
    const char *type, *field;
    uint8_t off, size, lshift[2], rshift;
} fields[] = {
    {"bits", "a", 0, 1, {58, 58}, 60}, {"bits", "b", 0, 1, {62, 56}, 62},
    {"bits", "d", 0, 4, {56, 38}, 62}, {"bits", "c", 0, 2, {55, 56}, 63},
    {"bits", "e", 0, 4, {54, 41}, 63}, {"bits", "f", 2, 2, {48, 48}, 48},
    {"bits", "g", 4, 4, {34, 32}, 34}, {"s", "a", 0, 1, {56, 56}, 56},
    {"s", "b", 1, 1, {56, 56}, 56},
};

/* want_field: of a record that names a member at the top of its struct. */
static uint64_t want_field(const struct btf *b, const struct core_reloc *r) {
    const struct btf_type *t = btf_type_at(b, r->type_id);
    const struct btf_member *m = btf_members(b, t) + strtoul(r->access + 2, NULL, 10);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcmp(fields[i].type, btf_string(b, t->name_off)) != 0 ||
            strcmp(fields[i].field, btf_string(b, m->name_off)) != 0)
            continue;
        switch (r->kind) {
        case CORE_FIELD_BYTE_OFFSET: return fields[i].off;
        case CORE_FIELD_BYTE_SIZE: return fields[i].size;
        case CORE_FIELD_LSHIFT_U64: return fields[i].lshift[btf_big_endian(b)];
        case CORE_FIELD_RSHIFT_U64: return fields[i].rshift;
        default: return 0; /* none is signed */
        }
    }
    return CHECK(strcmp(btf_string(b, t->name_off), "nonexist") == 0) ? 0 : UINT64_MAX;
}

static void each_read(struct run *run, const char *name, const struct core_reloc *r,
                      const struct core_result *res, enum bpflab_err err) {
    bool field = r->kind <= CORE_FIELD_RSHIFT_U64;
    uint64_t want =
        field ? want_field(run->btf, r) : 0; /* the types and values asked for are absent */
    if (!CHECK_EQ(err, BPFLAB_OK) || !CHECK_EQ(res->outcome, CORE_APPLIED) ||
        !CHECK_EQ(res->new_value, want))
        printf("    %s: type %u, %s (%s): %s\n", name, r->type_id, r->access,
               core_kind_name(r->kind), res->text);
}

/* each_any: any outcome will do, as long as there is one. */
static void each_any(struct run *run, const char *name, const struct core_reloc *r,
                     const struct core_result *res, enum bpflab_err err) {
    (void)run, (void)name, (void)r;
    check_state.run += err || res->outcome <= CORE_NO_TARGET;
}

/* test_damaged: an object whose BTF has flipped bits, against its undamaged types and itself. */
static void test_damaged(const char *object) {
    struct elf e;
    uint64_t seed = 7;
    unsigned parsed = 0;
    if (!elf_open(&e, object))
        return;
    const Elf_Data *d = section(&e, ".BTF");
    uint8_t *bytes = malloc(d->d_size);
    for (int round = 0; round < 3000; round++) {
        struct btf *btf = NULL;
        struct core_target *t = NULL;
        struct run run = {.each = each_any};
        struct core_source s = {.bytes = round & 1 ? bytes : d->d_buf, .size_bytes = d->d_size};
        memcpy(bytes, d->d_buf, d->d_size);
        for (uint64_t n = 1 + check_random(&seed) % 4; n > 0; n--)
            bytes[check_random(&seed) % d->d_size] ^= (uint8_t)(1u << check_random(&seed) % 8);
        if (btf_parse(bytes, d->d_size, NULL, &btf, NULL) != BPFLAB_OK)
            continue;
        parsed++;
        check_state.run += build_walk(btf) != 0;
        if (core_target_new(&s, &t) == BPFLAB_OK && core_new(btf, t, &run.core) == BPFLAB_OK) {
            run.btf = btf;
            /* names of sections may be damaged: an instruction of our own instead of theirs */
            const Elf_Data *ext = section(&e, ".BTF.ext");
            const uint8_t *p = ext->d_buf;
            uint32_t at = get32(p + 4, e.big) + get32(p + 24, e.big) + 4;
            uint32_t end = at - 4 + get32(p + 28, e.big);
            for (at += 8; at + 16 <= end; at += 16) {
                struct insn in[2] = {{.code = 0xb7}, {0}};
                struct core_result res = {0};
                struct core_reloc rel = {.type_id = get32(p + at + 4, e.big),
                                         .kind = get32(p + at + 12, e.big),
                                         .access = btf_string(btf, get32(p + at + 8, e.big))};
                enum bpflab_err err = core_apply(run.core, &rel, in, 2, &res, NULL);
                each_any(&run, "", &rel, &res, err);
            }
        }
        core_free(run.core);
        core_target_free(t);
        btf_free(btf);
    }
    CHECK(parsed > 300);
    free(bytes);
    elf_close(&e);
}

/* test_prefixes: of a real BTF; only the whole one parses. */
static void test_prefixes(const char *object) {
    struct elf e;
    if (!elf_open(&e, object))
        return;
    const Elf_Data *d = section(&e, ".BTF");
    for (size_t n = 0; n <= d->d_size; n++) {
        struct btf *btf = NULL;
        uint8_t *copy = malloc(n ? n : 1);
        memcpy(copy, d->d_buf, n);
        CHECK_EQ(btf_parse(copy, n, NULL, &btf, NULL) == BPFLAB_OK, n == d->d_size);
        btf_free(btf);
        free(copy);
    }
    elf_close(&e);
}

int main(void) {
    if (access(folder, R_OK) != 0)
        return check_skip("golang-github-cilium-ebpf-dev is not installed");
    static const char *const orders[] = {"el", "eb"};
    for (size_t i = 0; i < 2; i++) {
        char object[64], types[64];
        struct run own = {.each = each_own}, read = {.each = each_read};
        snprintf(object, sizeof object, "relocs-%s.elf", orders[i]);
        with_objects(object, object, &own);
        CHECK(own.n > 80);
        CHECK_EQ(own.n_refused, 2);
        test_damaged(object);
        test_prefixes(object);
        snprintf(object, sizeof object, "relocs_read-%s.elf", orders[i]);
        snprintf(types, sizeof types, "relocs_read_tgt-%s.elf", orders[i]);
        with_objects(object, types, &read);
        CHECK(read.n > 30);
        CHECK_EQ(read.n_refused, 0);
        printf("%s: %u and %u records\n", orders[i], own.n, read.n);
    }
    return check_end();
}
