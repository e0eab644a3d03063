/* cmd_info.c: bpflab info FILE: what a file holds and what it needs.
 */
#include "cli/info.h"

static const struct option_spec options[] = {INPUT_TYPE_OPTION, INPUT_OPTIONS};

static int run(struct cli *c) {
    struct input in;
    struct info r;
    int status = input_open(c, c->opt.operands[0], &in);
    if (status != CLI_YES)
        return status;
    input_retype(c, &in);
    if (!info_gather(&in, &r)) {
        status = cli_failf(c, CLI_INTERNAL, in.name, "out of memory");
    } else {
        if (c->as_json)
            info_json(&c->json, &r);
        else
            info_print(c, &r);
        info_fini(&r);
    }
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
                   "program the helpers it calls, the processor version (as clang's -mcpu) and "
                   "RFC 9669 conformance groups that its instructions need, and the features it "
                   "uses.\n"
                   "\n"
                   "What the object needs and bpflab lacks is named at the end, with the "
                   "program, map or section that needs it; the object is then still read, and "
                   "what can run runs.",
    .json_keys = "file, form, big_endian, license, programs[] {name, section, type, attach_to, "
                 "n_insns, n_lines, cpu, groups[], features[], helpers[], functions[], "
                 "externs[]}, maps[] {name, type, key_size, value_size, max_entries, flags, "
                 "frozen, pin, inner, n_inits}, btf {types, ...} or null, sections[] {name, "
                 "kind, bytes, entries}, relocations, core_relocations, needs[] {what, where}; of "
                 "a fuzz case also case {title, found_by, fixed_in, expect}",
    .examples = "    bpflab info /usr/lib/x86_64-linux-gnu/bpf/xdpfilt_alw_all.o\n"
                "    bpflab info prog.o --json | jq '.programs[].helpers'",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
