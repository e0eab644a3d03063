/* cmd_bugbench.c: bpflab bugbench: its options and its page. The bench plants bugs in a copy of the
 * sources and builds that, so it needs the sources, cmake and Python: fuzz/bugbench.py takes this
 * program's place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct option_spec options[] = {
    {.name = "bugs",
     .kind = OPTION_TEXT,
     .metavar = "GLOB",
     .help = "Only bugs whose id matches. Default: all."},
    {.name = "budget",
     .kind = OPTION_NUMBER,
     .metavar = "S",
     .min = 1,
     .max = 86400,
     .help = "Seconds for each seed. Default: 120."},
    {.name = "seeds",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .min = 1,
     .max = 1000,
     .help = "Hunts for each bug. Default: 3."},
    {.name = "scratch",
     .kind = OPTION_FILE,
     .metavar = "DIR",
     .help = "Where the copy of the sources is made, and kept: building it once costs most. "
             "Default: build/bugbench in the sources."},
    {.name = "source",
     .kind = OPTION_FILE,
     .metavar = "DIR",
     .help = "bpflab's sources. Default: those that this program was built from."},
    {.name = "list", .kind = OPTION_FLAG, .help = "Print the bugs, and plant none."},
    {.name = "check", .kind = OPTION_FLAG, .help = "Plant each and build it, and hunt none."},
    {.name = "no-prove",
     .kind = OPTION_FLAG,
     .help = "Leave out the proofs that a bug's row names."},
};

enum {
    MAX_WORDS = 32
};

static const char *const passed_on[] = {"bugs", "budget", "seeds", "scratch"};
static const char *const flags[] = {"list", "check", "no-prove"};

static int run(struct cli *c) {
    static char names[MAX_WORDS][32];
    const char *source = option_text(&c->opt, "source");
    const char *argv[MAX_WORDS] = {"python3", "-m", "fuzz.bugbench"};
    unsigned n = 3;
    source = source ? source : BPFLAB_SOURCE_DIR;
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++) {
        const struct option_given *const given = option_find(&c->opt, passed_on[i]);
        if (!given)
            continue;
        snprintf(names[n], sizeof names[n], "--%s", passed_on[i]);
        argv[n] = names[n];
        argv[n + 1] = given->value;
        n += 2;
    }
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (option_on(&c->opt, flags[i])) {
            snprintf(names[n], sizeof names[n], "--%s", flags[i]);
            argv[n] = names[n];
            n++;
        }
    if (c->as_json)
        argv[n++] = "--json";
    if (chdir(source) || access("fuzz/bugbench.py", R_OK))
        return cli_failf(c, CLI_UNDECIDED, source,
                         "bpflab's sources are not here; --source says where they are");
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    return cli_failf(c, CLI_UNDECIDED, NULL, "python3 cannot be run: %s", strerror(errno));
}

const struct verb verb_bugbench = {
    .name = "bugbench",
    .summary = "plant historic bugs in a copy of the sources, and see which oracle finds them",
    .description =
        "Each patch of fuzz/bugs is applied to a copy of bpflab's sources and built; bpflab fuzz "
        "hunts until it finds something or its budget is over, in the same way for every bug, once "
        "for each seed; what it finds is made smaller. Operators that a proof should refute are "
        "proved on the copy, too.\n"
        "\n"
        "The exit status is 1 if a bug was not found with every seed.",
    .json_keys = "bugs[] {id, component, expected, found, seeds, oracle[], seconds[], slots[], "
                 "refuted, error}",
    .examples = "    bpflab bugbench --bugs 'CVE-2021-*' --seeds 1 --budget 60\n"
                "    bpflab bugbench --list",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
