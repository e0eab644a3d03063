/* cmd_plugin.c: bpflab plugin [MEM-HEX]: bpflab as a plugin of the public conformance suite.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/conform.h"
#include "cli/engine.h"
#include "cli/input.h"

static const struct option_spec options[] = {
    ENGINE_OPTIONS,
    {.name = "elf",
     .kind = OPTION_FLAG,
     .help = "Standard input is an ELF object, in hex digits or as it is. Told by content anyway."},
    {.name = "fuel",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .min = 1,
     .help = "End the run after this many backward jumps and calls. Default: 2^40."},
    INPUT_PROG_OPTION,
    INPUT_OPTIONS,
};

static int report(struct cli *c, const struct conform_engine *e, const struct conform_outcome *r) {
    if (r->kind == CONFORM_VALUE && c->as_json) {
        json_open_object(&c->json);
        json_put_text(&c->json, "engine", e->engine.name);
        json_put_hex(&c->json, "r0", r->value);
        json_close_object(&c->json);
    } else if (r->kind == CONFORM_VALUE) {
        printf("%" PRIx64 "\n", r->value);
    } else {
        /* The suite compares the whole message: no prefix, no colour. */
        fprintf(stderr, "%s\n", r->text);
        if (c->as_json) {
            json_open_object(&c->json);
            json_put_text(&c->json, "engine", e->engine.name);
            json_put_null(&c->json, "r0");
            json_put_text(&c->json, "error", r->text);
            json_close_object(&c->json);
        }
    }
    return r->kind == CONFORM_VALUE ? CLI_YES : r->kind == CONFORM_ERROR ? CLI_NO : CLI_UNDECIDED;
}

/* the_memory: the one operand that is not empty. */
static int the_memory(struct cli *c, struct bytes *mem) {
    const char *hex = NULL;
    struct diag d = {.pc = -1};
    for (size_t i = 0; i < c->opt.n_operands; i++) {
        const char *word = c->opt.operands[i];
        if (!word[strspn(word, " \t\r\n")])
            continue;
        if (hex)
            return cli_failf(c, CLI_USAGE, NULL, "plugin: one operand too many: %.80s", word);
        hex = word;
    }
    if (hex && bytes_argument(hex, mem, &d))
        return cli_fail(c, CLI_USAGE, "memory", &d);
    return CLI_YES;
}

static int run(struct cli *c) {
    struct bytes mem = {0};
    struct input in;
    uint32_t index;
    struct conform_engine engine;
    int status = conform_engine_init(c, &engine);
    if (status != CLI_YES)
        return status;
    status = the_memory(c, &mem);
    if (status == CLI_YES)
        status = input_open(c, "-", &in);
    if (status != CLI_YES) {
        conform_engine_fini(&engine);
        bytes_fini(&mem);
        return status;
    }
    /* Whatever a section says: here a program gets memory, not a context. */
    for (uint32_t i = 0; i < in.object.n_progs; i++)
        in.object.progs[i].type = PROG_raw;
    status = input_pick(c, &in, option_text(&c->opt, "prog"), &index);
    if (status == CLI_YES) {
        bool own = mem.n > 0;
        struct conform_outcome r =
            conform_run(&engine, &in.object, index, own ? mem.at : in.conf.mem,
                        own ? mem.n : in.conf.mem_bytes, option_number(&c->opt, "fuel", 0));
        status = r.kind == CONFORM_MISSING ? cli_failf(c, CLI_UNDECIDED, NULL, "%.300s", r.text)
                                           : report(c, &engine, &r);
    }
    conform_engine_fini(&engine);
    input_fini(&in);
    bytes_fini(&mem);
    return status;
}

const struct verb verb_plugin = {
    .name = "plugin",
    .summary = "be a plugin of the public conformance suite",
    .operands = "[MEM-HEX]",
    .description = "Reads a program from standard input, by the suite's protocol as one line of "
                   "hex digits, 8 bytes an instruction, with any white space between bytes; any "
                   "other input form is taken too. MEM-HEX is the program's memory: r1 is its "
                   "address, r2 its length, both 0 without it. Helper 5 is unwind. Empty "
                   "arguments are ignored.\n"
                   "\n"
                   "Prints r0 in hex, without 0x, and exits with 0. When the program cannot be "
                   "loaded or traps, prints nothing on standard output, the message on standard "
                   "error, and exits with another status.",
    .json_keys = "engine, r0 (\"0x...\" or null), error",
    .examples = "    echo b7 00 00 00 2a 00 00 00 95 00 00 00 00 00 00 00 | bpflab plugin\n"
                "    bpf_conformance_runner --test_file_directory tests --plugin_path bpflab \\\n"
                "        --plugin_options plugin",
    .takes_input = false,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
