/* test_compiled.c: everything.bpf.c, compiled here by clang-19 for both byte orders, with and
 * without sections of subprograms of their own, and what the loader must make of it.
 *   argument: the folder of this file
 */
#include "loader/tests/compiled.h"

#include <unistd.h>

static void check_maps(void) {
    const struct map_def *m = map("hash");
    CHECK(m->type == MAP_hash && m->key_size == 8 && m->value_size == 8 && m->max_entries == 100);
    CHECK(m->flags == MAP_F_NO_PREALLOC && m->key_btf_id && m->value_btf_id && m->inner == -1);
    CHECK_STR(m->pin_name, "hash");
    m = map("bloom");
    CHECK(m->type == MAP_bloom_filter && m->key_size == 0 && m->value_size == 8 && !m->pin_name);
    CHECK_EQ(m->extra, 0x500000003);
    CHECK_EQ(map("ring")->max_entries, 8192);
    m = map("outer");
    CHECK(m->type == MAP_array_of_maps && m->value_size == 4 && m->n_inits == 2);
    CHECK(m->inner >= 0 && obj.maps[m->inner].template_only && obj.maps[m->inner].max_entries == 3);
    if (m->n_inits == 2) {
        CHECK(m->inits[0].index == 1 && m->inits[0].target == index_of("inner_b"));
        CHECK(m->inits[1].index == 3 && m->inits[1].target == index_of("inner_a"));
        CHECK(!m->inits[0].is_prog && !map("inner_a")->template_only);
    }
    m = map("jumps");
    CHECK(m->type == MAP_prog_array && m->n_inits == 2);
    if (m->n_inits == 2) {
        CHECK(m->inits[0].index == 2 && m->inits[0].is_prog);
        CHECK_STR(obj.progs[m->inits[0].target].name, "tail_target");
        CHECK(m->inits[1].index == 7);
        CHECK_STR(obj.progs[m->inits[1].target].name, "other_target");
    }
}

static void check_data(void) {
    const struct map_def *d = map(".data"), *r = map(".rodata"), *c = map(".data.custom");
    CHECK(d->type == MAP_array && d->max_entries == 1 && d->key_size == 4 && !d->frozen);
    CHECK(d->value_size == d->data_bytes && d->value_btf_id && d->flags == MAP_F_MMAPABLE);
    bool has_global = false, has_hidden = false, has_text = false;
    for (uint32_t i = 0; i + 8 <= d->data_bytes; i += 4) {
        has_global |= value_at(d, i, 4) == 0x11223344;
        has_hidden |= value_at(d, i, 8) == 0x0102030405060708;
    }
    for (uint32_t i = 0; i + 9 <= r->data_bytes; i++)
        has_text |= !memcmp(r->data + i, "read only", 9);
    CHECK(has_global && has_hidden && has_text);
    CHECK(r->frozen && r->flags == (MAP_F_MMAPABLE | MAP_F_RDONLY_PROG));
    CHECK_EQ(value_at(c, 0, 4), 9);
    CHECK(map(".bss")->value_size == 4 && !map(".bss")->data);
    CHECK(needs("pointers in initialised data"));
    /* The offsets of global variables in BTF are relocations: they must have been applied. */
    const struct btf_type *t = btf_type_at(obj.btf, d->value_btf_id);
    uint64_t seen = 0;
    for (uint32_t i = 0; t && i < t->n_members; i++) {
        const struct btf_member *v = &btf_members(obj.btf, t)[i];
        if (!strcmp(btf_string(obj.btf, btf_type_at(obj.btf, v->type)->name_off), "global"))
            seen += value_at(d, v->off_bits, 4) == 0x11223344;
    }
    CHECK_EQ(seen, 1);
}

/* check_kconfig: in order of alignment, size and name, with the values of config below. */
static void check_kconfig(void) {
    const struct map_def *m = map(".kconfig");
    CHECK(m->frozen && m->flags & MAP_F_RDONLY_PROG);
    CHECK_EQ(m->value_size, 8 + 3 * 4 + 2 + 2 + 6);
    CHECK_EQ(value_at(m, 0, 8), 0xfffffffffffffffe); /* CONFIG_BIG */
    CHECK_EQ(value_at(m, 8, 4), 0);                  /* CONFIG_MISSING */
    CHECK_EQ(value_at(m, 12, 4), 2);                 /* CONFIG_TRI */
    CHECK_EQ(value_at(m, 16, 4), 0x60c03);           /* LINUX_KERNEL_VERSION */
    CHECK_EQ(value_at(m, 20, 2), 0xfed4);            /* CONFIG_SMALL */
    CHECK_EQ(value_at(m, 22, 1), 1);                 /* CONFIG_BOOL */
    CHECK_EQ(value_at(m, 23, 1), 'm');               /* CONFIG_CHAR */
    CHECK(m->data && !memcmp(m->data + 24, "abcde", 6));
    CHECK(!needs("configuration value CONFIG_MISSING"));
    const struct prog *p = prog("configured");
    CHECK(p->type == PROG_tracing && p->attach_type == ATTACH_trace_fentry && p->sleepable);
    CHECK_STR(p->attach_to, "do_something");
    uint32_t n = 0;
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc]))
        if (p->insns[pc].code == 0x18 && CHECK_EQ(p->insns[pc].imm, index_of(".kconfig")))
            n += p->insns[pc].src == 6;
    CHECK(n >= 7 && p->n_externs == 0);
}

static void check_externs(void) {
    const struct prog *p = prog("external");
    uint32_t n_calls = 0, n_vars = 0, n_weak = 0;
    for (uint32_t i = 0; i < p->n_externs; i++) {
        const struct prog_extern *e = &p->externs[i];
        const struct insn *in = &p->insns[e->pc];
        n_calls += e->is_func;
        n_vars += !e->is_func;
        n_weak += e->weak;
        CHECK(e->btf_id != 0);
        CHECK_EQ(e->weak, !strncmp(e->name, "weak_", 5));
        if (e->is_func)
            CHECK(in->code == 0x85 && in->src == 2);
        else
            CHECK(in->code == 0x18 && in->src == (e->weak ? 0 : 3) && in->imm == 0 && !in[1].imm);
    }
    CHECK(n_calls == 2 && n_vars >= 3 && n_weak >= 3);
    CHECK(needs("kernel function strong_kfunc") && needs("kernel variable kernel_variable"));
    CHECK(!needs("kernel function weak_kfunc") && !needs("kernel variable weak_variable"));
}

static void check_subprogs(void) {
    const struct prog *a = prog("first"), *b = prog("second"), *t = prog("throws");
    CHECK(a->n_subprogs == 3 && subprog(a, "shared") && subprog(a, "leaf"));
    CHECK(b->n_subprogs == 6 && subprog(b, "shared") && subprog(b, "leaf") &&
          subprog(b, "callback") && subprog(b, "body") && subprog(b, "hidden_function"));
    if (b->n_subprogs == 6 && subprog(b, "callback")) {
        CHECK(subprog(b, "shared")->global && !subprog(b, "leaf")->global);
        CHECK(!subprog(b, "hidden_function")->global && !subprog(b, "callback")->global);
        uint32_t n = 0;
        for (uint32_t pc = 0; pc < b->subprogs[0].n_insns; pc += insn_slots(b->insns[pc])) {
            const struct insn *in = &b->insns[pc];
            if (in->code != 0x18 || in->src != 4)
                continue;
            const char *want = n++ ? "body" : "callback";
            CHECK_EQ((int64_t)pc + 1 + in->imm, subprog(b, want)->start);
        }
        CHECK_EQ(n, 2);
    }
    for (uint32_t i = 0; i < a->n_subprogs; i++) {
        const struct btf_type *f = btf_type_at(obj.btf, a->subprogs[i].btf_id);
        CHECK(f && f->kind == BTF_FUNC);
        CHECK_STR(f ? btf_string(obj.btf, f->name_off) : "", a->subprogs[i].name);
    }
    CHECK_EQ(t->n_subprogs, 3); /* itself, its callback, and what that calls */
    const struct subprog *cb = subprog(t, "on_exception");
    CHECK(cb && cb->exception_cb && cb->global && subprog(t, "leaf") &&
          !t->subprogs[0].exception_cb);
    CHECK(t->type == PROG_xdp && prog("external")->type == PROG_raw_tracepoint);
    CHECK(prog("other_target")->type == PROG_sched_cls);
    CHECK(prog("other_target")->optional && !prog("tail_target")->optional);
    CHECK(t->frags && !prog("other_target")->frags);
    for (uint32_t i = 0; i < obj.n_progs; i++)
        CHECK_EQ(prog_check(&obj.progs[i], NULL), BPFLAB_OK);
}

/* check_lines: an instruction of a subprogram knows its source line wherever it was linked to. */
static void check_lines(void) {
    const struct prog *p = prog("second");
    const struct subprog *s = subprog(p, "leaf");
    const struct prog_line *l = s ? prog_line_at(p, s->start + s->n_insns - 1) : NULL;
    CHECK(l != NULL);
    if (l) {
        CHECK(strstr(btf_string(obj.btf, l->text_off), "return x * global") != NULL);
        CHECK(strstr(btf_string(obj.btf, l->file_off), "everything.bpf.c") != NULL);
        CHECK(l->line > 90 && l->line < 130 && l->col > 0);
    }
}

static const char *const config = "# a comment\nCONFIG_BOOL=y\nCONFIG_STRING=\"abcdefgh\"\n"
                                  "CONFIG_BIG=-2\r\nCONFIG_SMALL=-300\nCONFIG_TRI=m\nCONFIG_TRI=y\n"
                                  "CONFIG_CHAR=m\nCONFIG_UNUSED=what\nno line\n";

/* check_bad_config: values that a variable cannot hold. */
static void check_bad_config(const char *path) {
    static const char *const bad[] = {
        "CONFIG_BOOL=m",
        "CONFIG_BOOL=7",
        "CONFIG_BOOL=\"y\"",
        "CONFIG_TRI=3",
        "CONFIG_STRING=y",
        "CONFIG_STRING=\"",
        "CONFIG_STRING=\"abc",
        "CONFIG_SMALL=40000",
        "CONFIG_SMALL=abc",
        "CONFIG_SMALL=",
        "CONFIG_SMALL=1x",
        "CONFIG_BIG=y",
        "CONFIG_SMALL=99999999999999999999",
        "CONFIG_TRI=yes",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct diag d = {0};
        struct object_options opt = {.kconfig = bad[i]};
        check_note(bad[i]);
        CHECK_EQ(object_load_file(path, &opt, &obj, &d), BPFLAB_E_TYPE);
        CHECK_EQ(d.line, 1);
        object_fini(&obj);
    }
    check_note(NULL);
}

int main(int argc, char **argv) {
    static const char *const options[] = {
        "-target bpfel -mcpu=v3", "-target bpfeb -mcpu=v3",
        "-target bpfel -mcpu=v1", "-target bpfel -ffunction-sections",
        "-target bpfeb -mcpu=v4",
    };
    char path[] = "/tmp/bpflab-compiled-XXXXXX";
    if (argc < 2 || system("command -v clang-19 >/dev/null 2>&1") != 0)
        return check_skip("clang-19 is not installed");
    int fd = mkstemp(path);
    if (fd < 0)
        return check_skip("no place for a temporary file");
    close(fd);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        struct diag d = {0};
        struct object_options opt = {.kconfig = config, .kern_version = 0x60c03};
        char text[512];
        check_note(options[i]);
        if (!CHECK(compile(argv[1], "everything.bpf.c", options[i], path)))
            break;
        if (!CHECK_EQ(object_load_file(path, &opt, &obj, &d), BPFLAB_OK)) {
            printf("    %s\n", diag_format(&d, text, sizeof text));
            continue;
        }
        CHECK_EQ(obj.big_endian, strstr(options[i], "bpfeb") != NULL);
        CHECK_STR(obj.license, "GPL");
        CHECK_EQ(obj.n_progs, 7);
        CHECK_EQ(obj.kern_version, 0x060c00);
        check_maps();
        check_data();
        check_kconfig();
        check_externs();
        check_subprogs();
        check_lines();
        object_fini(&obj);
    }
    check_bad_config(path);
    unlink(path);
    return check_end();
}
