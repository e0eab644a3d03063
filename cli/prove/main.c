/* main.c: bpflab-prove, which does what bpflab prove says (cli/cmd_prove.c has its options). A
 * program of its own, because it needs Z3 and LLVM.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/program.h"
#include "cli/prove/prove.h"

extern const struct verb verb_prove;

/* Set by a signal: the run ends, what is done is told and written to the ledger. */
static volatile sig_atomic_t stop;

/* Another one a second later ends the program as any; one at once is the same: who ends a program
 * often tells its group too. */
static void on_signal(int number) {
    static struct timespec first;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!stop) {
        first = now;
        stop = 1;
    } else if (now.tv_sec - first.tv_sec > 1) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

/* read_options: out: enum cli_status */
static int read_options(struct prove_run *r) {
    struct cli *c = r->c;
    const struct option_given *g;
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n_bitcode = 0;
    r->jobs = (unsigned)option_number(&c->opt, "jobs", processors > 0 ? (uint64_t)processors : 1);
    r->opt.timeout_ms = (unsigned)option_number(&c->opt, "timeout", 20) * 1000;
    r->opt.dump_dir = option_text(&c->opt, "dump");
    r->plants = option_on(&c->opt, "plants");
    r->ledger_path = option_text(&c->opt, "ledger");
    r->globs = calloc(c->opt.n_given + 1, sizeof *r->globs);
    if (!r->globs)
        return cli_failf(c, CLI_INTERNAL, NULL, "out of memory");
    for (size_t at = 0; (g = option_next(&c->opt, "only", &at));)
        r->globs[r->n_globs++] = g->value;
    for (size_t at = 0; (g = option_next(&c->opt, "bitcode", &at));) {
        if (n_bitcode == 2)
            return cli_failf(c, CLI_USAGE, NULL, "prove: --bitcode a third time: %.80s", g->value);
        if (access(g->value, R_OK) != 0)
            return cli_failf(c, CLI_USAGE, g->value, "it cannot be read");
        r->opt.bitcode[n_bitcode++] = g->value;
    }
    if (n_bitcode)
        r->ledger_path = NULL; /* it is about what is built in */
    if (option_on(&c->opt, "check") && !r->ledger_path)
        return cli_failf(c, CLI_USAGE, NULL, "prove: --check needs %s",
                         n_bitcode ? "what is built in, not --bitcode" : "--ledger FILE");
    return CLI_YES;
}

static int prove(struct prove_run *r) {
    struct cli *c = r->c;
    int status = choose_units(r);
    if (status == CLI_YES && option_on(&c->opt, "list"))
        return c->as_json ? json_units(r) : print_units(r);
    if (status == CLI_YES)
        status = work_ledger(r);
    if (status == CLI_YES && option_on(&c->opt, "check"))
        return c->as_json ? json_check(r) : print_check(r);
    if (status == CLI_YES)
        status = work_units(r);
    if (status != CLI_YES)
        return status;
    /* What was found out is told, whatever happens to the ledger or the other solver. */
    const bool saved = work_save(r), crossed = work_cross(r);
    status = c->as_json ? json_results(r) : print_results(r);
    if (status == CLI_YES)
        status = tally_status(r);
    return saved && crossed ? status : CLI_INTERNAL;
}

static int run(struct cli *c) {
    struct prove_run r = {.c = c, .stop = &stop};
    prove_tools(r.tools);
    /* Without SA_RESTART: what waits is to wake up. */
    const struct sigaction act = {.sa_handler = on_signal};
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    int status = read_options(&r);
    if (status == CLI_YES)
        status = prove(&r);
    work_fini(&r);
    for (size_t i = 0; i < r.n; i++)
        outcome_fini(&r.outcomes[i]);
    free(r.outcomes);
    free(r.units);
    free(r.globs);
    free(r.queries);
    ledger_fini(&r.ledger);
    return status;
}

int main(int argc, char **argv) {
    struct cli c;
    struct verb verb = verb_prove;
    verb.run = run;
    program_begin(&c, argc, argv);
    c.verb = &verb;
    return program_end(&c, program_verb(&c, argc - 1, argv + 1));
}
