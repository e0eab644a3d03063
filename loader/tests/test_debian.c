/* test_debian.c: the objects of two Debian packages, libxdp1 and golang-github-cilium-ebpf-dev:
 * made by compilers from clang 7 to 14, of both byte orders. What is expected of each is a row.
 * Every object is loaded twice and must come out the same; changed and cut short it must not
 * crash the loader.
 */
#include "loader/object.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const xdp_dir = "/usr/lib/x86_64-linux-gnu/bpf";
static const char *const cilium_dir = "/usr/share/gocode/src/github.com/cilium/ebpf";

/* struct row: one object; progs: "name section type instructions" joined by ", ". */
struct row {
    const char *path;
    enum bpflab_err err;
    const char *text; /* of the error */
    uint32_t n_maps;
    const char *progs;
};

static const struct row xdp_rows[] = {
    {"xdp-dispatcher.o", 0, 0, 1, "xdp_dispatcher xdp xdp 214, xdp_pass xdp xdp 2"},
    {"xdpdump_bpf.o", 0, 0, 2,
     "trace_on_entry fentry/func tracing 44, trace_on_exit fexit/func tracing 46"},
    {"xdpdump_xdp.o", 0, 0, 2, "xdpdump xdp xdp 35"},
    {"xdpfilt_alw_all.o", 0, 0, 5, "xdpfilt_alw_all xdp xdp 437"},
    {"xdpfilt_alw_eth.o", 0, 0, 2, "xdpfilt_alw_eth xdp xdp 85"},
    {"xdpfilt_alw_ip.o", 0, 0, 3, "xdpfilt_alw_ip xdp xdp 299"},
    {"xdpfilt_alw_tcp.o", 0, 0, 2, "xdpfilt_alw_tcp xdp xdp 278"},
    {"xdpfilt_alw_udp.o", 0, 0, 2, "xdpfilt_alw_udp xdp xdp 276"},
    {"xdpfilt_dny_all.o", 0, 0, 5, "xdpfilt_dny_all xdp xdp 437"},
    {"xdpfilt_dny_eth.o", 0, 0, 2, "xdpfilt_dny_eth xdp xdp 85"},
    {"xdpfilt_dny_ip.o", 0, 0, 3, "xdpfilt_dny_ip xdp xdp 299"},
    {"xdpfilt_dny_tcp.o", 0, 0, 2, "xdpfilt_dny_tcp xdp xdp 278"},
    {"xdpfilt_dny_udp.o", 0, 0, 2, "xdpfilt_dny_udp xdp xdp 276"},
    {"xsk_def_xdp_prog.o", 0, 0, 2, "xsk_def_prog xdp xdp 11"},
    {"xsk_def_xdp_prog_5.3.o", 0, 0, 2, "xsk_def_prog xdp xdp 23"},
};

#define LOADER_PROGS(anon)                                                                         \
    "static_fn static unspec 3, global_fn3 other unspec 3, xdp_prog xdp xdp 49, "                  \
    "no_relocation socket socket_filter 2, asm_relocation socket/2 socket_filter 3, "              \
    "data_sections socket/3 socket_filter 30, anon_const socket/4 socket_filter " anon

/* Byte order is put in place of the star. */
static const struct row cilium_rows[] = {
    {"btf/testdata/relocs-*.elf", 0, 0, 0,
     "type_ids socket_filter/type_ids socket_filter 102, types socket_filter/types socket_filter "
     "62, enums socket_filter/enums socket_filter 26, fields socket_filter/fields socket_filter "
     "112, err_ambiguous socket_filter/err_ambiguous socket_filter 3, err_ambiguous_flavour "
     "socket_filter/err_ambiguous_flavour socket_filter 3"},
    {"btf/testdata/relocs_read-*.elf", 0, 0, 0, "reads socket socket_filter 218"},
    {"btf/testdata/relocs_read_tgt-*.elf", 0, 0, 1, ""},
    {"testdata/btf_map_init-*.elf", 0, 0, 4,
     "tail_1 socket/tail socket_filter 2, tail_main socket/main socket_filter 6"},
    {"testdata/freplace-*.elf", 0, 0, 0,
     "sched_process_exec raw_tracepoint/sched_process_exec raw_tracepoint 6, replacement "
     "freplace/subprog ext 2"},
    {"testdata/fwd_decl-*.elf", 0, 0, 0, "call_fwd socket socket_filter 2"},
    {"testdata/invalid_btf_map_init-*.elf", BPFLAB_E_FORMAT,
     "map hash_map: a member other than values is initialised", 0, 0},
    {"testdata/invalid_map-*.elf", BPFLAB_E_FORMAT,
     "of its definition has no known meaning and is not zero", 0, 0},
    {"testdata/invalid_map_static-*.elf", 0, 0, 2, "xdp_prog xdp xdp 12"},
    {"testdata/iproute2_map_compat-*.elf", 0, 0, 1, ""},
    {"testdata/loader-*.elf", 0, 0, 14, LOADER_PROGS("17")},
    {"testdata/loader-clang-14-*.elf", 0, 0, 14, LOADER_PROGS("17")},
    {"testdata/loader-clang-9-*.elf", 0, 0, 14, LOADER_PROGS("18")},
    {"testdata/loader-clang-7-*.elf", 0, 0, 5,
     "static static unspec 3, other other unspec 3, xdp xdp xdp 51, socket socket socket_filter 2, "
     "socket/2 socket/2 socket_filter 3, socket/3 socket/3 socket_filter 2, socket/4 socket/4 "
     "socket_filter 18"},
    {"testdata/map_spin_lock-*.elf", 0, 0, 1, ""},
    {"testdata/raw_tracepoint-*.elf", 0, 0, 0,
     "sched_process_exec raw_tracepoint/sched_process_exec raw_tracepoint 2"},
    {"testdata/strings-*.elf", 0, 0, 1, "filter socket socket_filter 10"},
    {"testdata/subprog_reloc-*.elf", 0, 0, 1, "fp_relocation xdp xdp 44"},
};

static uint8_t *read_file(const char *path, size_t *n) {
    FILE *f = fopen(path, "rb");
    uint8_t *p = f ? malloc(1 << 20) : NULL;
    if (p)
        *n = fread(p, 1, 1 << 20, f);
    if (f)
        fclose(f);
    return p;
}

static void describe(const struct object *o, char *buf, size_t size) {
    size_t n = 0;
    buf[0] = '\0';
    for (uint32_t i = 0; i < o->n_progs && n < size; i++) {
        const struct prog *p = &o->progs[i];
        n += (size_t)snprintf(buf + n, size - n, "%s%s %s %s %u", i ? ", " : "", p->name,
                              p->section, prog_type_name(p->type), p->n_insns);
    }
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && !strcmp(a, b));
}

static bool same_prog(const struct prog *a, const struct prog *b) {
    bool same = same_text(a->name, b->name) && same_text(a->section, b->section) &&
                same_text(a->attach_to, b->attach_to) && a->type == b->type &&
                a->n_insns == b->n_insns && a->n_subprogs == b->n_subprogs &&
                a->n_lines == b->n_lines && a->n_externs == b->n_externs;
    for (uint32_t i = 0; same && i < a->n_insns; i++)
        same = a->insns[i].code == b->insns[i].code && a->insns[i].dst == b->insns[i].dst &&
               a->insns[i].src == b->insns[i].src && a->insns[i].off == b->insns[i].off &&
               a->insns[i].imm == b->insns[i].imm;
    for (uint32_t i = 0; same && i < a->n_subprogs; i++)
        same = a->subprogs[i].start == b->subprogs[i].start &&
               same_text(a->subprogs[i].name, b->subprogs[i].name);
    return same && !memcmp(a->lines ? (const void *)a->lines : "",
                           b->lines ? (const void *)b->lines : "", a->n_lines * sizeof *a->lines);
}

static bool same_map(const struct map_def *a, const struct map_def *b) {
    return same_text(a->name, b->name) && same_text(a->pin_name, b->pin_name) &&
           a->type == b->type && a->key_size == b->key_size && a->value_size == b->value_size &&
           a->max_entries == b->max_entries && a->flags == b->flags && a->inner == b->inner &&
           a->data_bytes == b->data_bytes && a->n_inits == b->n_inits &&
           (!a->data_bytes || !memcmp(a->data, b->data, a->data_bytes));
}

/* check_ranges: what every loaded object must keep. */
static void check_ranges(const struct object *o) {
    for (uint32_t i = 0; i < o->n_progs; i++) {
        const struct prog *p = &o->progs[i];
        uint32_t at = 0;
        for (uint32_t k = 0; k < p->n_subprogs; at += p->subprogs[k++].n_insns)
            CHECK_EQ(p->subprogs[k].start, at);
        CHECK_EQ(at, p->n_insns);
        for (uint32_t k = 0; k < p->n_lines; k++)
            CHECK(p->lines[k].pc < p->n_insns && (k == 0 || p->lines[k - 1].pc <= p->lines[k].pc));
        for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc]))
            if (p->insns[pc].code == 0x18 && (p->insns[pc].src == 5 || p->insns[pc].src == 6))
                CHECK((uint32_t)p->insns[pc].imm < o->n_maps);
    }
    for (uint32_t i = 0; i < o->n_maps; i++)
        CHECK(o->maps[i].inner < (int32_t)o->n_maps);
}

static void check_row(const struct row *r, const char *path, bool big) {
    struct object a, b;
    struct diag d = {0};
    char text[2048];
    size_t n;
    uint8_t *bytes = read_file(path, &n);
    check_note(path);
    if (!CHECK(bytes != NULL))
        return;
    struct object_options opt = {0};
    CHECK_EQ(object_load(bytes, n, &opt, &a, &d), r->err);
    CHECK(!r->err || (strstr(d.text, r->text) && *d.section && d.off_bytes));
    CHECK_EQ(object_load(bytes, n, &opt, &b, &d), r->err);
    free(bytes);
    if (!r->err) {
        describe(&a, text, sizeof text);
        CHECK_STR(text, r->progs);
        CHECK_EQ(a.big_endian, big);
        uint32_t n_maps = 0;
        for (uint32_t i = 0; i < a.n_maps; i++)
            n_maps++;
        CHECK_EQ(n_maps, r->n_maps);
        CHECK(a.n_progs == b.n_progs && a.n_maps == b.n_maps && a.n_needs == b.n_needs);
        for (uint32_t i = 0; i < a.n_progs; i++)
            CHECK(same_prog(&a.progs[i], &b.progs[i]));
        for (uint32_t i = 0; i < a.n_maps; i++)
            CHECK(same_map(&a.maps[i], &b.maps[i]));
        check_ranges(&a);
    }
    object_fini(&a);
    object_fini(&b);
}

/* mutate: prefixes and changed bytes of an object. */
static void mutate(const char *path) {
    size_t n;
    uint64_t seed = 11;
    uint8_t *bytes = read_file(path, &n);
    struct object_options opt = {0};
    check_note(path);
    if (!CHECK(bytes != NULL))
        return;
    for (int i = 0; i < 3000; i++) {
        size_t size = i % 3 ? n : check_random(&seed) % n;
        uint8_t *copy = malloc(size ? size : 1);
        memcpy(copy, bytes, size);
        for (uint64_t k = i % 3 && size ? check_random(&seed) % 4 + 1 : 0; k; k--)
            copy[18 + check_random(&seed) % (size - 18)] ^=
                (uint8_t)(1u << check_random(&seed) % 8);
        struct object o;
        struct diag d = {0};
        enum bpflab_err err = object_load(copy, size, &opt, &o, &d);
        free(copy);
        CHECK(err == BPFLAB_OK || *d.text);
        if (!err && o.n_progs && o.progs[0].name)
            check_ranges(&o);
        object_fini(&o);
    }
    free(bytes);
}

static bool exists(const char *path) {
    FILE *f = fopen(path, "rb");
    if (f)
        fclose(f);
    return f != NULL;
}

int main(void) {
    char path[512], probe[512], name[128];
    uint32_t found = 0;
    snprintf(probe, sizeof probe, "%s/%s", xdp_dir, xdp_rows[0].path);
    if (exists(probe)) {
        for (size_t i = 0; i < sizeof xdp_rows / sizeof xdp_rows[0]; i++, found++) {
            snprintf(path, sizeof path, "%s/%s", xdp_dir, xdp_rows[i].path);
            check_row(&xdp_rows[i], path, false);
        }
        mutate(probe);
    }
    snprintf(probe, sizeof probe, "%s/testdata/loader-el.elf", cilium_dir);
    for (size_t i = 0; exists(probe) && i < 2 * sizeof cilium_rows / sizeof cilium_rows[0]; i++) {
        const struct row *r = &cilium_rows[i / 2];
        const char *star = strchr(r->path, '*');
        snprintf(name, sizeof name, "%.*s%s%s", (int)(star - r->path), r->path, i % 2 ? "eb" : "el",
                 star + 1);
        snprintf(path, sizeof path, "%s/%s", cilium_dir, name);
        check_row(r, path, i % 2);
        found++;
        if (strstr(name, "loader-e") || strstr(name, "map_init-"))
            mutate(path);
    }
    if (found == 0)
        return check_skip("neither libxdp1 nor golang-github-cilium-ebpf-dev is installed");
    printf("%u objects\n", found);
    return check_end();
}
