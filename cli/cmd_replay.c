/* cmd_replay.c: bpflab replay: every case of a corpus through every engine and oracle, in this
 * process.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/caseinput.h"
#include "cli/cli.h"
#include "fuzz/judge.h"
#include "jit/jit.h"

static const struct option_spec options[] = {
    {.name = "engines",
     .kind = OPTION_TEXT,
     .metavar = "LIST",
     .help = "Engines beside the interpreter, separated by commas. Default: jit."},
    {.name = "contained", .kind = OPTION_FLAG, .help = "This machine's code runs in an executor."},
};

struct replay {
    struct cli *c;
    struct judge *judge;
    struct stand *stand[2]; /* little-endian, big-endian */
    uint64_t n, n_failed, verdicts[3];
    int status;
};

static void tell(struct replay *r, const char *path, const struct cause *cause) {
    r->n_failed++;
    if (!r->c->as_json) {
        printf("%s: %s%s%s: %s\n", path, oracle_name(cause->oracle), cause->engine[0] ? " " : "",
               cause->engine, cause->text);
        return;
    }
    json_open_object(&r->c->json);
    json_put_text(&r->c->json, "file", path);
    json_put_text(&r->c->json, "oracle", oracle_name(cause->oracle));
    json_put_text(&r->c->json, "engine", cause->engine);
    json_put_text(&r->c->json, "text", cause->text);
    json_close_object(&r->c->json);
}

/* A case may say what the verdict must be. */
static void as_expected(const struct case_note *note, struct judged *j) {
    static const enum case_expect means[] = {[VERDICT_ACCEPT] = CASE_EXPECT_ACCEPT,
                                             [VERDICT_REJECT] = CASE_EXPECT_REJECT,
                                             [VERDICT_UNKNOWN] = CASE_EXPECT_UNKNOWN};
    if (note->expect == CASE_EXPECT_NOTHING || note->expect == means[j->verdict])
        return;
    j->found = true;
    j->cause = (struct cause){.oracle = ORACLE_VERDICT, .pc = UINT32_MAX};
    snprintf(j->cause.text, sizeof j->cause.text, "%s, expected: %s", verdict_name(j->verdict),
             case_expect_name(note->expect));
}

static void one(struct replay *r, const char *path) {
    static struct fuzz_case x;
    const struct judge_options opt = {.every_turn = true};
    struct case_note note;
    const int status = case_read(r->c, path, &x, &note);
    r->n++;
    if (status != CLI_YES) {
        r->status = status;
        return;
    }
    for (int big = 0; big < 2; big++) {
        struct judged j;
        struct diag d = {0};
        if (!r->stand[big])
            continue;
        const enum bpflab_err err = judge_case(r->judge, r->stand[big], &x, &opt, &j, &d);
        if (err) {
            r->status = cli_fail(r->c, cli_status_of(err), path, &d);
            return;
        }
        r->verdicts[j.verdict] += !big;
        if (!j.found)
            as_expected(&note, &j);
        if (j.found) {
            tell(r, path, &j.cause);
            return;
        }
    }
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void path_of(struct replay *r, const char *path);

/* Files of a folder in the order of their names, findings' directories as cases. */
static void folder(struct replay *r, const char *path) {
    DIR *const dir = opendir(path);
    char **names = NULL;
    size_t n = 0;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char **const more = e->d_name[0] == '.' ? NULL : realloc(names, (n + 1) * sizeof *names);
        if (!more)
            continue;
        names = more;
        names[n] = malloc(strlen(path) + strlen(e->d_name) + 2);
        if (names[n])
            sprintf(names[n++], "%s/%s", path, e->d_name);
    }
    if (dir)
        closedir(dir);
    if (n)
        qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++) {
        if (r->status == CLI_YES)
            path_of(r, names[i]);
        free(names[i]);
    }
    free(names);
}

static void path_of(struct replay *r, const char *path) {
    char inside[4200];
    struct stat st;
    snprintf(inside, sizeof inside, "%s/case.bin", path);
    if (!stat(path, &st) && S_ISDIR(st.st_mode) && stat(inside, &st))
        folder(r, path);
    else
        one(r, path);
}

static int open_stands(struct replay *r) {
    struct engine_list all;
    struct diag d = {0};
    int status = engine_list_read(r->c, option_text(&r->c->opt, "engines"), "jit", &all);
    for (int big = 0; big < 2 && status == CLI_YES; big++) {
        const char *names[CASE_ENGINES];
        uint32_t n = 0;
        for (uint32_t i = 0; i < all.n; i++) {
            struct engine e;
            if (!engine_find(all.name[i], true, &e, &d) && jit_target_big_endian(e.arch) == big)
                names[n++] = all.name[i];
        }
        const struct stand_options opt = {.names = names,
                                          .n_names = n,
                                          .big_endian = big,
                                          .contained = option_on(&r->c->opt, "contained")};
        const enum bpflab_err err = n || !big ? stand_new(&opt, &r->stand[big], &d) : BPFLAB_OK;
        if (err)
            status = cli_fail(r->c, cli_status_of(err), NULL, &d);
    }
    return status;
}

static void report(struct replay *r) {
    if (r->c->as_json) {
        json_close_array(&r->c->json);
        json_put_number(&r->c->json, "cases", r->n);
        json_put_number(&r->c->json, "passed", r->n - r->n_failed);
        json_put_number(&r->c->json, "failed", r->n_failed);
        json_close_object(&r->c->json);
        return;
    }
    printf("%llu cases: %llu accepted, %llu rejected, %llu undecided; %llu failed\n",
           (unsigned long long)r->n, (unsigned long long)r->verdicts[VERDICT_ACCEPT],
           (unsigned long long)r->verdicts[VERDICT_REJECT],
           (unsigned long long)r->verdicts[VERDICT_UNKNOWN], (unsigned long long)r->n_failed);
}

static int run(struct cli *c) {
    struct replay r = {.c = c, .judge = judge_new(), .status = CLI_YES};
    if (!r.judge)
        return cli_failf(c, CLI_INTERNAL, NULL, "out of memory");
    r.status = open_stands(&r);
    if (c->as_json && r.status == CLI_YES) {
        json_open_object(&c->json);
        json_key(&c->json, "failures");
        json_open_array(&c->json);
    }
    for (size_t i = 0; i < c->opt.n_operands && r.status == CLI_YES; i++)
        path_of(&r, c->opt.operands[i]);
    if (r.status == CLI_YES && r.n == 0)
        r.status = cli_failf(c, CLI_USAGE, NULL, "there is no case to replay");
    if (r.status == CLI_YES) {
        report(&r);
        r.status = r.n_failed ? CLI_NO : CLI_YES;
    }
    stand_free(r.stand[0]);
    stand_free(r.stand[1]);
    judge_free(r.judge);
    return r.status;
}

const struct verb verb_replay = {
    .name = "replay",
    .summary = "try every case of a corpus on every engine, by every oracle",
    .operands = "PATH...",
    .min_operands = 1,
    .description = "Cases are files, findings' directories, or folders of both. Nothing waits for "
                   "its turn: each case is run in every form of code, and asked about by each "
                   "oracle.\n"
                   "\n"
                   "The exit status is 1 if an oracle objects to one.",
    .json_keys = "cases, passed, failed, failures[] {file, oracle, engine, text}",
    .examples = "    bpflab replay corpus/regress\n"
                "    bpflab replay --engines jit,jit:arm64 found",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .run = run,
};
