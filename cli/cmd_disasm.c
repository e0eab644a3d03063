/* cmd_disasm.c: bpflab disasm FILE: bytes to text.
 */
#include <string.h>

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/listing.h"

static const struct option_spec options[] = {
    {.name = "style",
     .kind = OPTION_CHOICE,
     .metavar = "STYLE",
     .choices = "ubpf kernel",
     .help = "ubpf prints add %r0, %r1; kernel prints r0 += r1. Default: ubpf."},
    INPUT_PROG_OPTION,
    INPUT_TYPE_OPTION,
    INPUT_OPTIONS,
};

static const char *or_none(const char *s) {
    return s && s[0] ? s : "(none)";
}

static void print_head(const struct cli *c, const struct prog *p) {
    const char *type = prog_type_name(p->type);
    printf("%s# program ", cli_colour(c, CLI_BOLD));
    cli_plain(stdout, or_none(p->name));
    fputs(", section ", stdout);
    cli_plain(stdout, or_none(p->section));
    printf(", type %s, %u instructions%s%s\n", type ? type : "?", (unsigned)p->n_insns,
           p->big_endian ? ", big-endian: assemble with --big-endian" : "",
           cli_colour(c, CLI_PLAIN));
}

static void print_text(struct cli *c, const struct object *o, uint32_t from, uint32_t to,
                       enum asm_style style) {
    for (uint32_t i = from; i < to; i++) {
        if (i > from)
            putchar('\n');
        if (o->progs[i].section || to - from > 1 || o->big_endian)
            print_head(c, &o->progs[i]);
        listing_program(c, stdout, o, &o->progs[i], style);
    }
}

static void print_json(struct json *j, const struct object *o, uint32_t from, uint32_t to,
                       enum asm_style style) {
    json_open_object(j);
    json_key(j, "programs");
    json_open_array(j);
    for (uint32_t i = from; i < to; i++) {
        const struct prog *p = &o->progs[i];
        json_open_object(j);
        json_put_text(j, "name", p->name);
        json_put_text(j, "section", p->section);
        json_put_text(j, "type", prog_type_name(p->type));
        json_put_number(j, "n_insns", p->n_insns);
        json_put_bool(j, "big_endian", p->big_endian);
        listing_json_insns(j, p, style);
        json_close_object(j);
    }
    json_close_array(j);
    json_close_object(j);
}

static int run(struct cli *c) {
    struct input in;
    const char *style = option_text(&c->opt, "style"), *wanted = option_text(&c->opt, "prog");
    enum asm_style as = style && !strcmp(style, "kernel") ? ASM_KERNEL : ASM_UBPF;
    int status = input_open(c, c->opt.operands[0], &in);
    if (status != CLI_YES)
        return status;
    input_retype(c, &in);
    uint32_t from, to;
    status = input_range(c, &in, wanted, &from, &to);
    if (status == CLI_YES && c->as_json)
        print_json(&c->json, &in.object, from, to, as);
    else if (status == CLI_YES)
        print_text(c, &in.object, from, to, as);
    input_fini(&in);
    return status;
}

const struct verb verb_disasm = {
    .name = "disasm",
    .summary = "print programs as assembly text",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .takes_input = true,
    .description = "Prints each program of FILE, or the one that --prog names. The text "
                   "assembles to the same bytes: what is not an instruction (instruction "
                   "numbers, jump targets, map and function names, source lines) is a comment, "
                   "and a word that is no valid instruction is printed as .word.\n"
                   "\n"
                   "Programs of an object are printed as the loader made them: subprograms "
                   "linked in, relocations applied.",
    .json_keys =
        "programs[] {name, section, type, n_insns, big_endian, insns[] {pc, text, bytes, line}}",
    .examples = "    bpflab disasm prog.o --prog xdp_fw --style kernel\n"
                "    echo b7000000 2a000000 95000000 00000000 | bpflab disasm -\n"
                "    bpflab disasm prog.bin | bpflab asm - -o same.bin",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
