/* cmd_minimize.c: bpflab minimize: the smallest case that still shows a finding.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/caseinput.h"
#include "cli/cli.h"
#include "fuzz/minimize.h"
#include "isa/asm.h"

#include <sys/mman.h> /* last: it has a MAP_TYPE of its own */

static const struct option_spec options[] = {
    {.name = "engines",
     .kind = OPTION_TEXT,
     .metavar = "LIST",
     .help = "Engines beside the interpreter, as those that found it. Default: jit."},
    {.name = "out",
     .letter = 'o',
     .kind = OPTION_FILE,
     .metavar = "FILE",
     .help = "Where the case goes. The case as text. Default: minimized.case beside it."},
    {.name = "probes", .kind = OPTION_NUMBER, .metavar = "N", .help = "Try so many. Default: 20k."},
    {.name = "contained", .kind = OPTION_FLAG, .help = "This machine's code runs in an executor."},
};

enum {
    SECONDS = 20, /* for one case */
};

/* struct answer: what a child says of a case, in memory in common. */
struct answer {
    enum bpflab_err err;
    struct judged judged;
    struct diag d;
};

/* struct shown: what the case must go on showing. */
struct shown {
    struct judge *judge;
    struct stand *stand;
    struct judge_options opt;
    struct cause cause;
    struct answer *answer;
};

/* The child was ended by a signal: so is that what the case does. */
static void blame(struct answer *a, int signal) {
    struct cause *const cause = &a->judged.cause;
    *a = (struct answer){.judged = {.found = true, .cause = {.oracle = ORACLE_CONTAINED}}};
    cause->pc = UINT32_MAX;
    snprintf(cause->text, sizeof cause->text, "signal %d (%s)", signal, strsignal(signal));
    snprintf(cause->bucket, sizeof cause->bucket, "%s: signal %d", oracle_name(cause->oracle),
             signal);
}

/* A case is judged in a child: generated code may do anything. */
static bool judge_apart(struct shown *s, const struct fuzz_case *x) {
    int status = 0;
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        alarm(SECONDS);
        s->answer->err =
            judge_case(s->judge, s->stand, x, &s->opt, &s->answer->judged, &s->answer->d);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return false;
    if (WIFSIGNALED(status))
        blame(s->answer, WTERMSIG(status));
    return true;
}

static bool probe(void *self, const struct fuzz_case *c) {
    struct shown *const s = self;
    const struct judged *const j = &s->answer->judged;
    return judge_apart(s, c) && !s->answer->err && j->found && j->cause.oracle == s->cause.oracle &&
           !strcmp(j->cause.bucket, s->cause.bucket);
}

/* What is shown at first; from then on only its oracle is asked. */
static int first(struct cli *c, struct shown *s, const struct fuzz_case *x) {
    s->opt = (struct judge_options){.every_turn = true};
    if (!judge_apart(s, x))
        return cli_failf(c, CLI_INTERNAL, NULL, "no process for a case");
    if (s->answer->err)
        return cli_fail(c, cli_status_of(s->answer->err), NULL, &s->answer->d);
    if (!s->answer->judged.found)
        return cli_failf(c, CLI_UNDECIDED, c->opt.operands[0], "no oracle objects to this case");
    s->cause = s->answer->judged.cause;
    s->opt.oracles = UINT64_C(1) << s->cause.oracle;
    return CLI_YES;
}

/* As text, with what objects to it: what a corpus keeps. */
static int put(struct cli *c, const struct shown *s, const struct fuzz_case *x) {
    struct case_note note = {.expect = CASE_EXPECT_NOTHING};
    char path[4200], *text;
    size_t n;
    const char *const out = option_text(&c->opt, "out"), *const in = c->opt.operands[0];
    struct stat st;
    const bool dir = !stat(in, &st) && S_ISDIR(st.st_mode);
    if (out)
        snprintf(path, sizeof path, "%s", out);
    else
        snprintf(path, sizeof path, dir ? "%s/minimized.case" : "%s.minimized", in);
    snprintf(note.title, sizeof note.title, "%.*s", (int)sizeof note.title - 1, s->cause.text);
    snprintf(note.found_by, sizeof note.found_by, "%s", oracle_name(s->cause.oracle));
    if (case_text_write(x, &note, &text, &n))
        return cli_failf(c, CLI_INTERNAL, NULL, "out of memory");
    FILE *const f = fopen(path, "wb");
    const bool ok = f && fwrite(text, 1, n, f) == n;
    free(text);
    if (!f || fclose(f) || !ok)
        return cli_failf(c, CLI_USAGE, path, "cannot be written");
    return CLI_YES;
}

static void print_case(const struct fuzz_case *x) {
    char line[ASM_LINE_MAX];
    for (uint32_t p = 0; p < x->n_progs; p++)
        for (uint32_t pc = x->start[p]; pc < x->start[p + 1]; pc += insn_slots(x->insns[pc])) {
            asm_print(x->insns[pc], pc + 1 < x->start[p + 1] ? &x->insns[pc + 1] : NULL, ASM_KERNEL,
                      NULL, line);
            printf("%4u: %s\n", pc - x->start[p], line);
        }
}

static void report(struct cli *c, const struct shown *s, const struct minimize_stats *st,
                   const struct fuzz_case *x) {
    if (!c->as_json) {
        printf("%s%s%s: %s\n", oracle_name(s->cause.oracle), s->cause.engine[0] ? " " : "",
               s->cause.engine, s->cause.text);
        printf("%u slots of %u, after %u tries\n", st->after, st->before, st->probes);
        print_case(x);
        return;
    }
    json_open_object(&c->json);
    json_put_text(&c->json, "oracle", oracle_name(s->cause.oracle));
    json_put_text(&c->json, "bucket", s->cause.bucket);
    json_put_number(&c->json, "before", st->before);
    json_put_number(&c->json, "after", st->after);
    json_put_number(&c->json, "probes", st->probes);
    json_close_object(&c->json);
}

static int run(struct cli *c) {
    static struct fuzz_case x;
    struct shown s = {.judge = judge_new()};
    struct engine_list engines;
    struct diag d = {0};
    struct minimize_stats st;
    s.answer =
        mmap(NULL, sizeof *s.answer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = case_read(c, c->opt.operands[0], &x, NULL);
    if (status == CLI_YES)
        status = engine_list_read(c, option_text(&c->opt, "engines"), "jit", &engines);
    if (status == CLI_YES && (!s.judge || s.answer == MAP_FAILED))
        status = cli_failf(c, CLI_INTERNAL, NULL, "out of memory");
    if (status != CLI_YES) {
        judge_free(s.judge);
        return status;
    }
    const struct stand_options opt = {
        .names = engines.name, .n_names = engines.n, .contained = option_on(&c->opt, "contained")};
    const enum bpflab_err err = stand_new(&opt, &s.stand, &d);
    status = err ? cli_fail(c, cli_status_of(err), NULL, &d) : first(c, &s, &x);
    if (status == CLI_YES) {
        minimize(&x, probe, &s, (uint32_t)option_number(&c->opt, "probes", 0), &st);
        probe(&s, &x);
        status = put(c, &s, &x);
    }
    if (status == CLI_YES)
        report(c, &s, &st, &x);
    stand_free(s.stand);
    judge_free(s.judge);
    return status;
}

const struct verb verb_minimize = {
    .name = "minimize",
    .summary = "make a finding's program and input as small as they can be",
    .operands = "FINDING",
    .min_operands = 1,
    .max_operands = 1,
    .description = "FINDING is a directory that bpflab fuzz made, or a case's file. Instructions, "
                   "programs and inputs are left out and made simpler as long as the same oracle "
                   "objects for the same cause.\n"
                   "\n"
                   "The exit status is 3 if no oracle objects to the case as it is.",
    .json_keys = "oracle, bucket, before, after, probes",
    .examples = "    bpflab minimize found/containment-5f03a2c1",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
