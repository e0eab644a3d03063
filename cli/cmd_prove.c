/* cmd_prove.c: bpflab prove: its options and its page. Proving itself needs Z3 and LLVM, which
 * bpflab does not: it is done by a program of its own, bpflab-prove (cli/prove/), that reads the
 * same table of options. Here they are judged, then that program takes this one's place.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct option_spec options[] = {
    {.name = "list", .kind = OPTION_FLAG, .help = "Print the units of proof, and prove none."},
    {.name = "only",
     .kind = OPTION_TEXT,
     .metavar = "GLOB",
     .help = "Only units whose name (with or without its @LEVEL) or family matches; '*' also "
             "matches '/'. With ': ' in it, only obligations that match. May be repeated."},
    {.name = "timeout",
     .kind = OPTION_NUMBER,
     .metavar = "S",
     .min = 1,
     .max = 86400,
     .help = "Seconds for one query. Default: 20. A unit that gives no sign of life for three "
             "times as long is ended."},
    {.name = "jobs",
     .kind = OPTION_NUMBER,
     .metavar = "N",
     .min = 1,
     .max = 1024,
     .help = "Processes at a time. Default: one a processor."},
    {.name = "ledger",
     .kind = OPTION_FILE,
     .metavar = "FILE",
     .help = "What was proved before: a unit that stands there, proved, for the same source, "
             "solver and tools, is not run again. New results are written there. It is made if "
             "it is missing."},
    {.name = "fresh",
     .kind = OPTION_FLAG,
     .help = "Run every unit, whatever the ledger says; write the results there."},
    {.name = "check",
     .kind = OPTION_FLAG,
     .help = "Prove nothing; tell where the ledger is not about the sources as they are: units "
             "that it lacks, that have changed, that are not proved, rows of units that are "
             "gone."},
    {.name = "nightly", .kind = OPTION_FLAG, .help = "Also units that take long."},
    {.name = "plants",
     .kind = OPTION_FLAG,
     .help = "Instead of theorems, the planted defects: wrong functions, wrong code. Each must be "
             "refuted; one that is not is a failure of the proofs."},
    {.name = "until-refuted",
     .kind = OPTION_FLAG,
     .help = "Stop at the first refutation. Units are begun in the order in which --only names "
             "them."},
    {.name = "dump",
     .kind = OPTION_FILE,
     .metavar = "DIR",
     .help = "Write every query there, in SMT-LIB. Units are then run whatever the ledger says."},
    {.name = "cross-check",
     .kind = OPTION_FLAG,
     .help = "Ask cvc5 the same queries and compare its answers; one that differs is a failure. "
             "It gets six times --timeout for each."},
    {.name = "witness",
     .kind = OPTION_FILE,
     .metavar = "DIR",
     .help = "Make of each counterexample, where it can be, a program in that directory."},
    {.name = "bitcode",
     .kind = OPTION_FILE,
     .metavar = "FILE",
     .help = "Prove this LLVM bitcode in the place of what is built in at -O0 and -O2: at -O0; "
             "given again, at -O2. For sources that were changed on purpose; the ledger is then "
             "left alone."},
};

/* beside: DIR/MORE/bpflab-prove, if it can be run. */
static bool beside(const char *dir, const char *more, char path[PATH_MAX]) {
    const int n = snprintf(path, PATH_MAX, "%s%s/bpflab-prove", dir, more);
    return n > 0 && n < PATH_MAX && access(path, X_OK) == 0;
}

static bool find(char path[PATH_MAX]) {
    char own[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    if (n <= 0)
        return false;
    own[n] = 0;
    char *slash = strrchr(own, '/');
    if (!slash)
        return false;
    *slash = 0;
    return beside(own, "", path) || beside(own, "/../libexec/bpflab", path);
}

/* word_of: "--name" or "--name=value"; NULL: no memory */
static char *word_of(const struct option_given *g) {
    const char *value = g->value ? g->value : "";
    const size_t n = strlen(g->spec->name) + strlen(value) + 4;
    char *word = malloc(n);
    if (word)
        snprintf(word, n, "--%s%s%s", g->spec->name, g->value ? "=" : "", value);
    return word;
}

static int run(struct cli *c) {
    char path[PATH_MAX];
    if (!find(path))
        return cli_failf(c, CLI_UNDECIDED, NULL,
                         "prove: bpflab-prove is missing: it is built where there are Z3 and LLVM "
                         "19 (./lab build, with packages libz3-dev and llvm-19-dev)");
    const size_t n = c->opt.n_given;
    char **words = calloc(n + 3, sizeof *words);
    bool ok = words != NULL;
    for (size_t i = 0; ok && i < n; i++)
        ok = (words[i + 1] = word_of(&c->opt.given[i])) != NULL;
    int status = CLI_INTERNAL;
    if (ok) {
        static char as_json[] = "--json"; /* it may stand before the verb */
        words[0] = path;
        if (c->as_json && !option_on(&c->opt, "json"))
            words[n + 1] = as_json;
        /* Solvers touch much memory in short lives: with large pages, where glibc can, proving
         * takes a third less time. It reads this only when a program begins. */
        setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", false);
        fflush(stdout);
        execv(path, words);
        status = cli_failf(c, CLI_INTERNAL, path, "%s", strerror(errno));
    } else {
        cli_failf(c, CLI_INTERNAL, NULL, "out of memory");
    }
    for (size_t i = 0; words && i < n; i++)
        free(words[i + 1]);
    free(words);
    return status;
}

const struct verb verb_prove = {
    .name = "prove",
    .summary = "prove operators, semantics and machine code with Z3",
    .description =
        "Proves with Z3 that the verifier's abstract operators, the interpreter's instructions and "
        "the machine code of the back ends do what they should, for all values: of the functions "
        "as clang compiles them, and of the code as the JIT makes it. docs/proofs.md tells what is "
        "proved of what, and what is not.\n"
        "\n"
        "A unit of proof (see --list) is a theorem at an optimisation level, an instruction on a "
        "machine, or a lemma; it has one or more obligations, each proved, refuted with values, "
        "not decided in time, or an error. Units are run in processes of their own. What is not "
        "proved is told first, then totals by family: seconds are the solver's, added up.\n"
        "\n"
        "Exit status: 0 all proved; 1 something refuted, a planted defect not caught, solvers that "
        "differ, a ledger that is not fresh; 2 an --only that means nothing; 3 a timeout or an "
        "error of a unit, a query that cvc5 did not answer, cvc5 or bpflab-prove missing.",
    .json_keys =
        "obligations[] {name, unit, family, width, result (\"proved\", \"refuted\", \"timeout\", "
        "\"error\"), seconds, cases, cached, abstract (values of a refutation that need not be "
        "real), counterexample, reason, witness}, families[] {family, units, cached, obligations, "
        "proved, refuted, timeout, error, cases, seconds}, total (the same, and wall_seconds), "
        "solver, tools, cross_check {solver, queries, agree, disagree, open, failed, replaced, "
        "left, differences[] {query, recorded, answer}}. With --list: units[] {name, family, "
        "nightly, "
        "hash}. With --check: fresh, units, problems[] {what, name}",
    .examples = "    bpflab prove --list --only 'tnum*'\n"
                "    bpflab prove --only 'tnum/add' --timeout 60\n"
                "    bpflab prove --ledger proofs/ledger.tsv --jobs 2\n"
                "    bpflab prove --ledger proofs/ledger.tsv --check\n"
                "    bpflab prove --only lemma --dump queries --cross-check",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
