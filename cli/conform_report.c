/* conform_report.c: verdicts as text and as JSON.
 */
#include "cli/conform_session.h"

#include <inttypes.h>
#include <string.h>

static const char *verdict_name(enum conform_verdict v) {
    static const char *const names[] = {"pass", "held", "FAIL", "skip", "undecided", "bad case"};
    return names[v];
}

void conform_print_case(const struct conform_session *s, const struct conform_judged *j) {
    bool verbose = option_on(&s->c->opt, "verbose");
    bool shown = j->verdict == FAILED || j->verdict == UNDECIDED || j->verdict == BAD || verbose;
    if (!shown || s->c->as_json)
        return;
    enum cli_colour colour = j->verdict <= HELD      ? CLI_GREEN
                             : j->verdict == SKIPPED ? CLI_DIM
                                                     : CLI_RED;
    printf("%s%s%s ", cli_colour(s->c, colour), verdict_name(j->verdict),
           cli_colour(s->c, CLI_PLAIN));
    cli_plain(stdout, j->path);
    if (j->expected) {
        fputs(": expected ", stdout);
        cli_plain(stdout, j->expected);
        fputs(", got ", stdout);
        cli_plain(stdout, j->got ? j->got : "?");
    } else if (j->got) {
        fputs(": ", stdout);
        cli_plain(stdout, j->got);
    }
    putchar('\n');
}

static void json_list(struct json *j, const struct conform_session *s, const char *key,
                      unsigned verdicts) {
    json_key(j, key);
    json_open_array(j);
    for (size_t i = 0; i < s->list.n; i++) {
        const struct conform_judged *k = &s->cases[i];
        if (!(verdicts >> k->verdict & 1))
            continue;
        json_open_object(j);
        json_put_text(j, "file", k->path);
        if (k->verdict == HELD) {
            json_put_text(j, "got", k->got);
        } else if (k->verdict == SKIPPED) {
            json_put_text(j, "reason", k->got);
        } else {
            json_put_text(j, "expected", k->expected);
            json_put_text(j, "got", k->got);
        }
        json_close_object(j);
    }
    json_close_array(j);
}

void conform_json(struct json *j, const struct conform_session *s) {
    json_open_object(j);
    json_put_text(j, "engine", s->by_plugin ? "plugin" : s->engine.engine.name);
    json_put_text(j, "plugin", option_text(&s->c->opt, "plugin"));
    json_put_number(j, "passed", s->n[PASSED] + s->n[HELD]);
    json_put_number(j, "failed", s->n[FAILED] + s->n[BAD]);
    json_put_number(j, "skipped", s->n[SKIPPED]);
    json_put_number(j, "undecided", s->n[UNDECIDED]);
    json_list(j, s, "failures", 1u << FAILED | 1u << BAD);
    json_list(j, s, "undecided_cases", 1u << UNDECIDED);
    json_list(j, s, "skips", 1u << SKIPPED);
    json_list(j, s, "held", 1u << HELD);
    json_close_object(j);
}

void conform_print_summary(const struct conform_session *s) {
    printf("%" PRIu64 " passed, %" PRIu64 " failed, %" PRIu64 " skipped", s->n[PASSED] + s->n[HELD],
           s->n[FAILED] + s->n[BAD], s->n[SKIPPED]);
    if (s->n[UNDECIDED])
        printf(", %" PRIu64 " undecided", s->n[UNDECIDED]);
    putchar('\n');
    if (s->n[HELD])
        printf("%" PRIu64 " of them with the results of a big-endian machine, as the interpreter "
               "has them there:\n",
               s->n[HELD]);
    for (size_t i = 0; i < s->list.n; i++)
        if (s->cases[i].verdict == HELD) {
            fputs("  ", stdout);
            cli_plain(stdout, s->cases[i].path);
            printf(": %s\n", s->cases[i].got);
        }
    for (size_t i = 0; i < s->list.n; i++) {
        const char *reason = s->cases[i].got;
        if (s->cases[i].verdict != SKIPPED || !reason)
            continue;
        size_t n = 0;
        bool first = true;
        for (size_t k = 0; k < s->list.n; k++) {
            bool same = s->cases[k].verdict == SKIPPED && s->cases[k].got &&
                        !strcmp(s->cases[k].got, reason);
            first &= !(same && k < i);
            n += same;
        }
        if (first)
            printf("  skipped %zu: %s\n", n, reason);
    }
}
