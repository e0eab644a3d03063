/* test_verifier.c: verifier.bpf.c, compiled here by clang-19 for both byte orders: all that a
 * verifier asks of an object beyond its instructions can be found in it.
 *   argument: the folder of this file
 */
#include "loader/tests/compiled.h"

#include <elf.h>
#include <unistd.h>

static const char *tag_text(uint32_t id) {
    return btf_string(obj.btf, btf_type_at(obj.btf, id)->name_off);
}

/* check_tags: the decl tags of a type's component are these, in any order. */
static void check_tags(uint32_t type, int32_t component, const char *a, const char *b) {
    uint32_t n = 0, n_a = 0, n_b = 0;
    for (uint32_t id = 0; (id = btf_tag(obj.btf, type, component, id)); n++) {
        n_a += a && !strcmp(tag_text(id), a);
        n_b += b && !strcmp(tag_text(id), b);
    }
    CHECK_EQ(n, (a != NULL) + (b != NULL));
    CHECK_EQ(n_a, a != NULL);
    CHECK_EQ(n_b, b != NULL);
}

/* member: of a struct, union or section, by name; its index in *index. */
static const struct btf_member *member(uint32_t type, const char *name, uint32_t *index) {
    static const struct btf_member none;
    const struct btf_type *t = btf_type_at(obj.btf, type);
    for (uint32_t i = 0; t && i < t->n_members; i++) {
        const struct btf_member *m = &btf_members(obj.btf, t)[i];
        uint32_t off =
            t->kind == BTF_DATASEC ? btf_type_at(obj.btf, m->type)->name_off : m->name_off;
        *index = i;
        if (!strcmp(btf_string(obj.btf, off), name))
            return m;
    }
    printf("no member %s\n", name);
    check_that(false, __FILE__, __LINE__, "the member is there");
    return &none;
}

/* check_kptr: the member is a pointer with this type tag to a structure of this name (declared
 * only, if nothing looks inside). */
static void check_kptr(uint32_t type, const char *name, const char *tag, const char *to_name) {
    uint32_t index;
    const struct btf_type *t = btf_type_at(obj.btf, member(type, name, &index)->type);
    const struct btf_type *to = t->kind == BTF_PTR ? btf_type_at(obj.btf, t->size_or_type) : t;
    CHECK_EQ(to->kind, BTF_TYPE_TAG);
    CHECK_STR(btf_string(obj.btf, to->name_off), tag);
    to = btf_type_at(obj.btf, btf_strip(obj.btf, to->size_or_type));
    CHECK(to->kind == BTF_STRUCT || to->kind == BTF_FWD);
    CHECK_STR(btf_string(obj.btf, to->name_off), to_name);
}

/* check_value: the fields of a map's value that Linux treats specially. */
static void check_value(const struct map_def *m) {
    uint32_t id = btf_strip(obj.btf, m->value_btf_id), index;
    CHECK_EQ(btf_size(obj.btf, id), m->value_size);
    CHECK_STR(btf_string(obj.btf, btf_type_at(obj.btf, id)->name_off), "value");
    const struct btf_member *timer = member(id, "timer", &index);
    CHECK_EQ(timer->off_bits, 64);
    CHECK_STR(btf_string(obj.btf, btf_type_at(obj.btf, timer->type)->name_off), "bpf_timer");
    check_kptr(id, "untrusted", "kptr_untrusted", "task");
    check_kptr(id, "trusted", "kptr", "task");
    check_kptr(id, "percpu", "percpu_kptr", "node");
    member(id, "head", &index);
    check_tags(id, (int32_t)index, "contains:node:link", NULL);
    check_tags(id, BTF_TAG_ITSELF, NULL, NULL);
}

static void check_maps(void) {
    const struct map_def *outer = map("outer");
    check_value(map("values"));
    if (CHECK(outer->inner >= 0)) {
        const struct map_def *inner = &obj.maps[outer->inner];
        CHECK(inner->template_only && inner->type == MAP_hash && inner->max_entries == 7);
        check_value(inner);
    }
}

/* check_sections: variables of sections: their types and places; hidden ones are private. */
static void check_sections(void) {
    const struct map_def *a = map(".bss.A");
    uint32_t index, id = a->value_btf_id, seen = 0;
    CHECK_EQ(btf_type_at(obj.btf, id)->kind, BTF_DATASEC);
    static const char *const names[] = {"lock_a", "head_a", "root_a"};
    for (int i = 0; i < 3; i++) {
        uint32_t off = member(id, names[i], &index)->off_bits;
        CHECK(off + (i ? 16 : 4) <= a->value_size);
        seen |= 1u << off / 8;
    }
    CHECK_EQ(__builtin_popcount(seen), 3); /* relocated: each at its own place */
    check_tags(member(id, "head_a", &index)->type, BTF_TAG_ITSELF, "contains:node:link", NULL);
    CHECK_EQ(a->flags, 0);
    CHECK_EQ(map(".bss.B")->flags, MAP_F_MMAPABLE);
    CHECK_EQ(map(".bss.C")->flags, 0);
}

static void check_arena(void) {
    const struct map_def *m = map("arena");
    CHECK(m->type == MAP_arena && m->max_entries == 1 << 20 && m->data_bytes == 8);
    CHECK_EQ(value_at(m, 0, 8), 0x1122334455667788);
    const struct prog *p = prog("maybe");
    uint32_t n_values = 0;
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc]))
        n_values += op_of(p->insns[pc]) == OP_LDDW_MAP_IDX_VALUE &&
                    (uint32_t)p->insns[pc].imm == index_of("arena");
    CHECK(n_values > 0);
}

/* check_func: a subprogram's type is the function of its name. out: its id */
static uint32_t check_func(const struct prog *p, const char *name, bool global) {
    const struct subprog *s = subprog(p, name);
    check_note(name);
    if (CHECK(s != NULL)) {
        const struct btf_type *t = btf_type_at(obj.btf, s->btf_id);
        CHECK_EQ(t->kind, BTF_FUNC);
        CHECK_STR(btf_string(obj.btf, t->name_off), name);
        CHECK_EQ(btf_type_at(obj.btf, t->size_or_type)->kind, BTF_FUNC_PROTO);
        CHECK_EQ(s->global, global);
    }
    check_note(NULL);
    return s ? s->btf_id : 0;
}

static void check_functions(void) {
    const struct prog *p = prog("pieces");
    check_func(p, "inner", false);
    check_func(p, "private_to_object", false);
    check_func(p, "weakly", true);
    uint32_t checked = check_func(p, "checked", true);
    check_tags(checked, 0, "arg:ctx", NULL);
    check_tags(checked, 1, "arg:nonnull", NULL);
    check_tags(checked, 2, "arg:nullable", "arg:trusted");
    check_tags(checked, 3, NULL, NULL);
    check_tags(checked, BTF_TAG_ITSELF, NULL, NULL);
    check_tags(check_func(p, "pieces", true), BTF_TAG_ITSELF,
               "comment:test_expect_success=", "comment:test_retval=7");
    const struct prog *one = prog("one_callback"), *two = prog("two_callbacks");
    CHECK(one->n_subprogs == 2 && one->subprogs[1].exception_cb);
    CHECK_EQ(two->n_subprogs, 1); /* Linux refuses it by its tags, which are still there */
    check_tags(two->subprogs[0].btf_id, BTF_TAG_ITSELF, "exception_callback:callback_a",
               "exception_callback:callback_b");
}

static void check_programs(void) {
    CHECK(prog("pieces")->frags && !prog("pieces")->optional && !prog("one_callback")->frags);
    CHECK(prog("maybe")->optional && prog("maybe")->type == PROG_sched_cls);
    CHECK_EQ(prog("called_back")->type, PROG_struct_ops);
    CHECK(needs("map type struct_ops: table"));
    CHECK_STR(obj.license, "Dual BSD/GPL");
    CHECK_EQ(obj.kern_version, 0x050403);
    const struct prog *p = prog("hidden_entry");
    CHECK(p->optional && p->n_externs == 2 && !p->subprogs[0].global);
    for (uint32_t i = 0; i < p->n_externs; i++) {
        const struct btf_type *t = btf_type_at(obj.btf, p->externs[i].btf_id);
        CHECK_STR(btf_string(obj.btf, t->name_off), p->externs[i].name);
        CHECK_EQ(t->kind, p->externs[i].is_func ? BTF_FUNC : BTF_VAR);
        uint32_t type = btf_strip(obj.btf, t->size_or_type);
        CHECK_EQ(btf_type_at(obj.btf, type)->kind,
                 p->externs[i].is_func ? BTF_FUNC_PROTO : BTF_STRUCT);
    }
}

/* hollow: make the arena's section one of a gigabyte without bytes in the file. */
static bool hollow(const char *path) {
    static uint8_t bytes[1 << 16];
    FILE *f = fopen(path, "r+b");
    size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    Elf64_Ehdr eh = {0};
    memcpy(&eh, bytes, n >= sizeof eh ? sizeof eh : 0);
    bool done = false;
    for (size_t i = 0; f && i < eh.e_shnum && eh.e_shoff + (i + 1) * sizeof(Elf64_Shdr) <= n; i++) {
        Elf64_Shdr sh;
        const size_t at = eh.e_shoff + i * sizeof sh;
        const uint64_t value = 0x1122334455667788;
        memcpy(&sh, bytes + at, sizeof sh);
        if (sh.sh_size != 8 || sh.sh_offset + 8 > n || memcmp(bytes + sh.sh_offset, &value, 8) != 0)
            continue;
        sh.sh_type = SHT_NOBITS;
        sh.sh_size = 1 << 30;
        done = !fseek(f, (long)at, SEEK_SET) && fwrite(&sh, sizeof sh, 1, f) == 1;
    }
    if (f)
        fclose(f);
    return done;
}

/* check_hollow: zeros that the file does not hold take no memory.
 * in: path: an object of the host's byte order */
static void check_hollow(const char *path) {
    struct diag d = {0};
    if (!CHECK(hollow(path)) || !CHECK_EQ(object_load_file(path, NULL, &obj, &d), BPFLAB_OK))
        return;
    CHECK(!map("arena")->data && map("arena")->data_bytes == 0);
    object_fini(&obj);
}

int main(int argc, char **argv) {
    static const char *const options[] = {
        "-target bpfeb -mcpu=v3",
        "-target bpfel -mcpu=v4 -ffunction-sections",
        "-target bpfel -mcpu=v3",
    };
    char path[] = "/tmp/bpflab-verifier-XXXXXX";
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    if (argc < 2 || system("command -v clang-19 >/dev/null 2>&1") != 0)
        return check_skip("clang-19 is not installed");
    int fd = mkstemp(path);
    if (fd < 0)
        return check_skip("no place for a temporary file");
    close(fd);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        struct diag d = {0};
        char text[512];
        check_note(options[i]);
        if (!CHECK(compile(argv[1], "verifier.bpf.c", options[i], path)))
            break;
        if (!CHECK_EQ(object_load_file(path, NULL, &obj, &d), BPFLAB_OK)) {
            printf("    %s\n", diag_format(&d, text, sizeof text));
            continue;
        }
        check_maps();
        check_sections();
        check_arena();
        check_functions();
        check_programs();
        object_fini(&obj);
    }
    if (first) /* the last object is little-endian */
        check_hollow(path);
    unlink(path);
    return check_end();
}
