/* cmd_info.c: bpflab info FILE: what a file holds and what it needs.
 */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/features.h"
#include "cli/input.h"
#include "cli/needs.h"
#include "cli/sections.h"
#include "runtime/proto.h"

static const struct option_spec options[] = {INPUT_TYPE_OPTION, INPUT_OPTIONS};

/* struct report: all that is shown. */
struct report {
    const struct input *in;
    struct section_row *sections;
    size_t n_sections;
    struct needs needs;
    uint32_t kinds[N_BTF_KINDS]; /* types of the BTF, by kind */
};

static const char *const btf_kind_names[N_BTF_KINDS] = {
    "void",     "int",     "pointer",  "array",    "struct",   "union",  "enum",
    "forward",  "typedef", "volatile", "const",    "restrict", "func",   "func_proto",
    "variable", "datasec", "float",    "decl_tag", "type_tag", "enum64",
};

static void count_types(struct report *r) {
    const struct btf *btf = r->in->object.btf;
    for (uint32_t id = 1; btf && id < btf_n_types(btf); id++)
        r->kinds[btf_type_at(btf, id)->kind]++;
}

static const char *cpu_name(unsigned cpu) {
    static const char *const names[] = {"", "v1", "v2", "v3", "v4", "v4+"};
    return names[cpu];
}

/* feature_names: the index-th feature beyond instructions that a program uses; NULL past the end. */
static const char *feature_name(const struct prog *p, const struct features *f, unsigned index) {
    const struct {
        bool used;
        const char *name;
    } all[] = {
        {f->local_calls, "functions"},     {f->callbacks, "callbacks"},
        {f->tail_calls, "tail calls"},     {f->kfuncs, "kernel functions"},
        {f->packet_loads, "packet loads"}, {f->arena_casts, "arena"},
        {p->sleepable, "sleepable"},       {p->btf != NULL, "BTF"},
        {p->n_externs > 0, "externs"},     {f->invalid, "unknown instructions"},
    };
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].used && index-- == 0)
            return all[i].name;
    return NULL;
}

static void print_line(const char *label, const char *value) {
    if (value && value[0]) {
        printf("  %-14s ", label);
        cli_plain(stdout, value);
        putchar('\n');
    }
}

static void print_program(const struct cli *c, const struct prog *p) {
    struct features f = features_of(p->insns, p->n_insns, FEATURES_LLVM);
    const char *type = prog_type_name(p->type), *name;
    printf("\n%sprogram ", cli_colour(c, CLI_BOLD));
    cli_plain(stdout, p->name && p->name[0] ? p->name : "(no name)");
    printf("%s\n", cli_colour(c, CLI_PLAIN));
    print_line("section", p->section);
    print_line("type", type ? type : "unknown");
    print_line("attaches to", p->attach_to);
    printf("  %-14s %u\n", "instructions", (unsigned)p->n_insns);
    if (p->n_subprogs > 1) {
        printf("  %-14s", "functions");
        for (uint32_t i = 0; i < p->n_subprogs; i++) {
            putchar(' ');
            cli_plain(stdout, p->subprogs[i].name ? p->subprogs[i].name : "?");
        }
        putchar('\n');
    }
    printf("  %-14s %s; groups", "cpu", cpu_name(f.cpu));
    for (unsigned i = 0; group_name(i); i++)
        if (f.groups & group_bit(i))
            printf(" %s", group_name(i));
    printf("\n  %-14s", "features");
    for (unsigned i = 0; (name = feature_name(p, &f, i)); i++)
        printf("%s %s", i ? "," : "", name);
    printf("\n  %-14s", "helpers");
    for (uint32_t id = 1; id < 256; id++) {
        const struct helper_proto *h = helper_proto_of(id);
        if (!features_calls(&f, id))
            continue;
        if (h && p->type != PROG_raw)
            printf(" %s", h->name);
        else
            printf(" %u", (unsigned)id);
    }
    printf("\n  %-14s %u\n", "source lines", (unsigned)p->n_lines);
}

static void print_map(const struct map_def *m) {
    const char *type = map_type_name(m->type);
    fputs("  ", stdout);
    cli_plain(stdout, m->name ? m->name : "(no name)");
    printf(": %s, key %u, value %u, %u entries", type ? type : "unknown type",
           (unsigned)m->key_size, (unsigned)m->value_size, (unsigned)m->max_entries);
    if (m->flags)
        printf(", flags %#x", (unsigned)m->flags);
    if (m->n_inits)
        printf(", %u initialised", (unsigned)m->n_inits);
    puts(m->frozen ? ", read-only" : "");
}

static void print_types(const struct report *r) {
    const struct btf *btf = r->in->object.btf;
    if (!btf)
        return;
    printf("\nBTF\n  %u types:", (unsigned)(btf_n_types(btf) - 1));
    for (unsigned k = 0, n = 0; k < N_BTF_KINDS; k++)
        if (r->kinds[k])
            printf("%s %u %s", n++ ? "," : "", (unsigned)r->kinds[k], btf_kind_names[k]);
    putchar('\n');
}

static void print_text(const struct cli *c, const struct report *r) {
    const struct object *o = &r->in->object;
    cli_plain(stdout, r->in->name);
    printf(": %s, %s-endian, %u program%s, %u map%s\n", input_form_name(r->in->form),
           o->big_endian ? "big" : "little", (unsigned)o->n_progs, o->n_progs == 1 ? "" : "s",
           (unsigned)o->n_maps, o->n_maps == 1 ? "" : "s");
    print_line("license", o->license);
    if (o->n_relocs || o->n_core_relocs)
        printf("  %-14s %u applied, %u of CO-RE\n", "relocations", (unsigned)o->n_relocs,
               (unsigned)o->n_core_relocs);
    if (r->in->form == INPUT_CASE)
        printf("  %-14s %zu bytes of memory; expects %s\n", "case", r->in->conf.mem_bytes,
               r->in->conf.error ? "an error" : "a result");
    for (uint32_t i = 0; i < o->n_progs; i++)
        print_program(c, &o->progs[i]);
    if (o->n_maps)
        printf("\n%smaps%s\n", cli_colour(c, CLI_BOLD), cli_colour(c, CLI_PLAIN));
    for (uint32_t i = 0; i < o->n_maps; i++)
        print_map(&o->maps[i]);
    print_types(r);
    if (r->n_sections)
        printf("\n%ssections%s\n", cli_colour(c, CLI_BOLD), cli_colour(c, CLI_PLAIN));
    for (size_t i = 0; i < r->n_sections; i++) {
        const struct section_row *s = &r->sections[i];
        printf("  %-11s %8llu  ", s->kind, (unsigned long long)s->n_bytes);
        cli_plain(stdout, s->name);
        putchar('\n');
    }
    if (r->needs.n)
        printf("\n%sneeds what bpflab lacks%s\n", cli_colour(c, CLI_YELLOW),
               cli_colour(c, CLI_PLAIN));
    for (uint32_t i = 0; i < r->needs.n; i++) {
        fputs("  ", stdout);
        cli_plain(stdout, r->needs.at[i].what);
        fputs(r->needs.at[i].where[0] ? ", in " : "", stdout);
        cli_plain(stdout, r->needs.at[i].where);
        putchar('\n');
    }
}

static void json_program(struct json *j, const struct prog *p) {
    struct features f = features_of(p->insns, p->n_insns, FEATURES_LLVM);
    const char *name;
    json_open_object(j);
    json_put_text(j, "name", p->name);
    json_put_text(j, "section", p->section);
    json_put_text(j, "type", prog_type_name(p->type));
    json_put_text(j, "attach_to", p->attach_to);
    json_put_number(j, "n_insns", p->n_insns);
    json_put_number(j, "n_lines", p->n_lines);
    json_put_text(j, "cpu", cpu_name(f.cpu));
    json_key(j, "groups");
    json_open_array(j);
    for (unsigned i = 0; group_name(i); i++)
        if (f.groups & group_bit(i))
            json_text(j, group_name(i));
    json_close_array(j);
    json_key(j, "features");
    json_open_array(j);
    for (unsigned i = 0; (name = feature_name(p, &f, i)); i++)
        json_text(j, name);
    json_close_array(j);
    json_key(j, "helpers");
    json_open_array(j);
    for (uint32_t id = 1; id < 256; id++) {
        const struct helper_proto *h = helper_proto_of(id);
        if (!features_calls(&f, id))
            continue;
        if (h && p->type != PROG_raw)
            json_text(j, h->name);
        else
            json_number(j, id);
    }
    json_close_array(j);
    json_key(j, "functions");
    json_open_array(j);
    for (uint32_t i = 0; i < p->n_subprogs; i++)
        json_text(j, p->subprogs[i].name);
    json_close_array(j);
    json_key(j, "externs");
    json_open_array(j);
    for (uint32_t i = 0; i < p->n_externs; i++)
        json_text(j, p->externs[i].name);
    json_close_array(j);
    json_close_object(j);
}

static void json_map(struct json *j, const struct map_def *m, const struct object *o) {
    json_open_object(j);
    json_put_text(j, "name", m->name);
    json_put_text(j, "type", map_type_name(m->type));
    json_put_number(j, "key_size", m->key_size);
    json_put_number(j, "value_size", m->value_size);
    json_put_number(j, "max_entries", m->max_entries);
    json_put_number(j, "flags", m->flags);
    json_put_bool(j, "frozen", m->frozen);
    json_put_text(j, "pin", m->pin_name);
    bool has_inner = m->inner >= 0 && (uint32_t)m->inner < o->n_maps;
    json_put_text(j, "inner", has_inner ? o->maps[m->inner].name : NULL);
    json_put_number(j, "n_inits", m->n_inits);
    json_close_object(j);
}

static void json_types(struct json *j, const struct report *r) {
    json_key(j, "btf");
    if (!r->in->object.btf) {
        json_null(j);
        return;
    }
    json_open_object(j);
    json_put_number(j, "types", btf_n_types(r->in->object.btf) - 1);
    for (unsigned k = 0; k < N_BTF_KINDS; k++)
        if (r->kinds[k])
            json_put_number(j, btf_kind_names[k], r->kinds[k]);
    json_close_object(j);
}

static void print_json(struct json *j, const struct report *r) {
    const struct object *o = &r->in->object;
    json_open_object(j);
    json_put_text(j, "file", r->in->name);
    json_put_text(j, "form", input_form_name(r->in->form));
    json_put_bool(j, "big_endian", o->big_endian);
    json_put_text(j, "license", o->license);
    json_key(j, "programs");
    json_open_array(j);
    for (uint32_t i = 0; i < o->n_progs; i++)
        json_program(j, &o->progs[i]);
    json_close_array(j);
    json_key(j, "maps");
    json_open_array(j);
    for (uint32_t i = 0; i < o->n_maps; i++)
        json_map(j, &o->maps[i], o);
    json_close_array(j);
    json_types(j, r);
    json_key(j, "sections");
    json_open_array(j);
    for (size_t i = 0; i < r->n_sections; i++) {
        json_open_object(j);
        json_put_text(j, "name", r->sections[i].name);
        json_put_text(j, "kind", r->sections[i].kind);
        json_put_number(j, "bytes", r->sections[i].n_bytes);
        json_put_number(j, "entries", r->sections[i].n_entries);
        json_close_object(j);
    }
    json_close_array(j);
    json_put_number(j, "relocations", o->n_relocs);
    json_put_number(j, "core_relocations", o->n_core_relocs);
    json_key(j, "needs");
    json_open_array(j);
    for (uint32_t i = 0; i < r->needs.n; i++) {
        json_open_object(j);
        json_put_text(j, "what", r->needs.at[i].what);
        json_put_text(j, "where", r->needs.at[i].where);
        json_close_object(j);
    }
    json_close_array(j);
    json_close_object(j);
}

static int run(struct cli *c) {
    struct input in;
    int status = input_open(c, c->opt.operands[0], &in);
    if (status != CLI_YES)
        return status;
    input_retype(c, &in);
    struct report r = {.in = &in};
    const struct bytes *wire = in.form == INPUT_ELF ? &in.bytes : &in.made;
    if (wire->n)
        r.sections = sections_read(wire->at, wire->n, &r.n_sections);
    count_types(&r);
    if (!needs_of(&in.object, &r.needs))
        status = cli_failf(c, CLI_INTERNAL, in.name, "out of memory");
    else if (c->as_json)
        print_json(&c->json, &r);
    else
        print_text(c, &r);
    needs_fini(&r.needs);
    free(r.sections);
    input_fini(&in);
    return status;
}

const struct verb verb_info = {
    .name = "info",
    .summary = "show what a file holds and what it needs",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .takes_input = true,
    .description = "Shows the programs, maps, types, sections and relocations of FILE; for each "
                   "program the helpers it calls, the "
                   "processor version (as clang's -mcpu) and RFC 9669 conformance groups that its "
                   "instructions need, and the "
                   "features it uses.\n"
                   "\n"
                   "What the object needs and bpflab lacks is named at the end, with the program, "
                   "map or section that needs it; "
                   "the object is then still read, and what can run runs.",
    .json_keys = "file, form, big_endian, license, programs[] {name, section, type, attach_to, "
                 "n_insns, n_lines, cpu, groups[], "
                 "features[], helpers[], functions[], externs[]}, maps[] {name, type, key_size, "
                 "value_size, max_entries, flags, "
                 "frozen, pin, inner, n_inits}, btf {types, ...} or null, sections[] {name, kind, "
                 "bytes, entries}, relocations, "
                 "core_relocations, needs[] {what, where}",
    .examples = "    bpflab info /usr/lib/x86_64-linux-gnu/bpf/xdpfilt_alw_all.o\n"
                "    bpflab info prog.o --json | jq '.programs[].helpers'",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
