/* info_text.c: bpflab info for people.
 */
#include "cli/info.h"

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
    printf("  %-14s %s; groups", "cpu", info_cpu_name(f.cpu));
    for (unsigned i = 0; group_name(i); i++)
        if (f.groups & group_bit(i))
            printf(" %s", group_name(i));
    printf("\n  %-14s", "features");
    for (unsigned i = 0; (name = info_feature(p, &f, i)); i++)
        printf("%s %s", i ? "," : "", name);
    printf("%s\n  %-14s", info_feature(p, &f, 0) ? "" : " none", "helpers");
    bool any = false;
    for (uint32_t id = 1; id < 256; id++) {
        const char *helper = info_helper(p, id);
        if (!features_calls(&f, id))
            continue;
        any = true;
        if (helper)
            printf(" %s", helper);
        else
            printf(" %u", (unsigned)id);
    }
    printf("%s\n  %-14s %u\n", any ? "" : " none", "source lines", (unsigned)p->n_lines);
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

static void print_types(const struct info *r) {
    const struct btf *btf = r->in->object.btf;
    if (!btf)
        return;
    printf("\nBTF\n  %u types:", (unsigned)(btf_n_types(btf) - 1));
    for (unsigned k = 0, n = 0; k < N_BTF_KINDS; k++)
        if (r->kinds[k])
            printf("%s %u %s", n++ ? "," : "", (unsigned)r->kinds[k], info_kind_name(k));
    putchar('\n');
}

static void print_note(const struct case_note *n) {
    print_line("title", n->title);
    print_line("found by", n->found_by);
    print_line("fixed in", n->fixed_in);
    print_line("expects", case_expect_name(n->expect));
}

void info_print(const struct cli *c, const struct info *r) {
    const struct object *o = &r->in->object;
    uint32_t n_maps = 0;
    for (uint32_t i = 0; i < o->n_maps; i++)
        n_maps += input_has_map(r->in, i);
    cli_plain(stdout, r->in->name);
    printf(": %s, %s-endian, %u program%s, %u map%s\n", input_form_name(r->in->form),
           o->big_endian ? "big" : "little", (unsigned)r->in->n_progs,
           r->in->n_progs == 1 ? "" : "s", (unsigned)n_maps, n_maps == 1 ? "" : "s");
    print_line("license", o->license);
    if (o->n_relocs || o->n_core_relocs)
        printf("  %-14s %u applied, %u of CO-RE\n", "relocations", (unsigned)o->n_relocs,
               (unsigned)o->n_core_relocs);
    if (r->in->form == INPUT_CASE)
        printf("  %-14s %zu bytes of memory; expects %s\n", "case", r->in->conf.mem_bytes,
               r->in->conf.error ? "an error" : "a result");
    if (r->in->fuzz)
        print_note(&r->in->fuzz->note);
    for (uint32_t i = 0; i < r->in->n_progs; i++)
        print_program(c, &o->progs[i]);
    if (n_maps)
        printf("\n%smaps%s\n", cli_colour(c, CLI_BOLD), cli_colour(c, CLI_PLAIN));
    for (uint32_t i = 0; i < o->n_maps; i++)
        if (input_has_map(r->in, i))
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
