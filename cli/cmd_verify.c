/* cmd_verify.c: bpflab verify FILE: the verdict on one program or on all of them.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/annotate.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/verdict.h"
#include "loader/core.h"
#include "verifier/verify.h"

static const struct option_spec options[] = {
    {.name = "explore",
     .kind = OPTION_CHOICE,
     .metavar = "HOW",
     .choices = "paths fixpoint both",
     .help = "paths follows every path, as Linux does; fixpoint joins and widens, for loops that "
             "paths cannot finish; both: paths, then fixpoint if that stays undecided. Default: "
             "paths."},
    {.name = "log",
     .kind = OPTION_NUMBER,
     .metavar = "LEVEL",
     .max = 2,
     .help = "1: the path that failed, step by step; 2: every step."},
    {.name = "annotate",
     .kind = OPTION_FLAG,
     .help = "Print each program with what is known before each instruction."},
    {.name = "unprivileged",
     .kind = OPTION_FLAG,
     .help = "Verify as for a user without privileges: pointers must not leak, and more."},
    {.name = "strict-alignment", .kind = OPTION_FLAG, .help = "Refuse every misaligned access."},
    {.name = "no-prune",
     .kind = OPTION_FLAG,
     .help = "Follow every path to its end; raise --insns with it."},
    {.name = "every-state",
     .kind = OPTION_FLAG,
     .help = "Keep a state wherever that is possible (Linux's BPF_F_TEST_STATE_FREQ)."},
    {.name = "insns",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .help = "Budget of processed instructions. Default: 1M."},
    {.name = "jumps",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .help = "Budget of branches waiting to be followed. Default: 8192, as in Linux."},
    {.name = "states",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .help = "Budget of states held at one time. Default: no limit."},
    {.name = "mib",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .max = UINT32_MAX,
     .help = "Budget of memory for states. Default: 192 MiB."},
    {.name = "seconds",
     .kind = OPTION_NUMBER,
     .metavar = "S",
     .help = "Budget of time. Default: no limit."},
    {.name = "mem-bytes",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .max = UINT32_MAX,
     .help = "Bare programs: how much memory r1 points to."},
    INPUT_PROG_OPTION,
    INPUT_TYPE_OPTION,
    INPUT_OPTIONS,
};

static void print_log(void *self, const char *text, size_t n_bytes) {
    fwrite(text, 1, n_bytes, self);
}

static struct verify_options read_options(struct cli *c) {
    const char *const how = option_text(&c->opt, "explore");
    struct verify_options o = {
        .explore = how && !strcmp(how, "fixpoint") ? EXPLORE_FIXPOINT
                   : how && !strcmp(how, "both")   ? EXPLORE_BOTH
                                                   : EXPLORE_PATHS,
        .keep = option_on(&c->opt, "annotate") ? KEEP_JOINED : KEEP_NONE,
        .unprivileged = option_on(&c->opt, "unprivileged"),
        .strict_align = option_on(&c->opt, "strict-alignment"),
        .every_state = option_on(&c->opt, "every-state"),
        .no_prune = option_on(&c->opt, "no-prune"),
        .raw_mem_bytes = (uint32_t)option_number(&c->opt, "mem-bytes", 0),
        .log_level = (int)option_number(&c->opt, "log", 0),
        .log = print_log,
        .log_self = c->as_json ? stderr : stdout,
    };
    o.budget.insns = option_number(&c->opt, "insns", 0);
    o.budget.jump_depth = option_number(&c->opt, "jumps", 0);
    o.budget.states = option_number(&c->opt, "states", 0);
    o.budget.bytes = option_number(&c->opt, "mib", 0) << 20;
    o.budget.time_ns = option_number(&c->opt, "seconds", 0) * UINT64_C(1000000000);
    return o;
}

/* One program. out: the exit status that its verdict means */
static int verify_one(struct cli *c, const struct input *in, const struct prog *p,
                      struct core_target *kernel, const struct verify_options *opt) {
    const struct object *const o = &in->object;
    const struct verify_input input = {.prog = p,
                                       .maps = o->maps,
                                       .n_maps = o->n_maps,
                                       .kernel_types = core_target_types,
                                       .kernel_self = kernel,
                                       .license = o->license};
    struct verify_result r;
    struct diag d = {0};
    const enum bpflab_err err = verify(&input, opt, &r, &d);
    int status = r.verdict == VERDICT_ACCEPT   ? CLI_YES
                 : r.verdict == VERDICT_REJECT ? CLI_NO
                                               : CLI_UNDECIDED;
    if (err != BPFLAB_OK)
        status = cli_fail(c, cli_status_of(err), in->name, &d);
    else if (c->as_json)
        verdict_json(&c->json, o, p, &r);
    else
        verdict_print(c, stdout, p, &r);
    if (err == BPFLAB_OK && r.knowledge && !c->as_json)
        annotate_print(c, stdout, o, p, &r);
    verify_result_fini(&r);
    return status;
}

static int verify_range(struct cli *c, struct input *in, uint32_t from, uint32_t to) {
    const struct verify_options opt = read_options(c);
    const struct core_source source = {.path = option_text(&c->opt, "btf")};
    struct core_target *kernel = NULL;
    int worst = CLI_YES;
    if (core_target_new(&source, &kernel) != BPFLAB_OK)
        return cli_fail(c, CLI_INTERNAL, in->name, &(struct diag){.text = "out of memory"});
    if (c->as_json) {
        json_open_object(&c->json);
        json_key(&c->json, "programs");
        json_open_array(&c->json);
    }
    for (uint32_t i = from; i < to && worst < CLI_INTERNAL; i++) {
        const int status = verify_one(c, in, &in->object.progs[i], kernel, &opt);
        worst = status > worst ? status : worst;
    }
    if (c->as_json && worst < CLI_INTERNAL) {
        json_close_array(&c->json);
        json_close_object(&c->json);
    }
    core_target_free(kernel);
    return worst;
}

static int run(struct cli *c) {
    struct input in;
    const char *const wanted = option_text(&c->opt, "prog");
    int status = input_open(c, c->opt.operands[0], &in);
    if (status != CLI_YES)
        return status;
    input_retype(c, &in);
    uint32_t from, to;
    status = input_range(c, &in, wanted, &from, &to);
    if (status == CLI_YES)
        status = verify_range(c, &in, from, to);
    input_fini(&in);
    return status;
}

const struct verb verb_verify = {
    .name = "verify",
    .summary = "accept or reject programs, as Linux's verifier does",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .takes_input = true,
    .description =
        "Verifies each program of FILE, or the one that --prog names. A rejection names the "
        "instruction and its source line, the register, what is known of it and what was "
        "required, the path that led there, and Linux's words for it.\n"
        "\n"
        "The exit status is 0 if all programs are accepted, 1 if one is rejected, 3 if one could "
        "not be decided within the budget.",
    .json_keys =
        "programs[] {name, section, type, verdict, reason, reason_id, pc, reg, known, needed, "
        "path, file, line, insns_processed, states, peak_states, peak_bytes, time_ns}; with "
        "--annotate also insns[] {pc, text, line, states[] {calls, held, visits, text}}",
    .examples = "    bpflab verify prog.o\n"
                "    bpflab verify prog.o --prog xdp_fw --log 2\n"
                "    echo 'r0 = *(u64 *)(r10 - 8); exit' | bpflab verify - --type socket_filter",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
