/* conform_session.h: many conformance cases: judging each, and reporting on all.
 */
#ifndef BPFLAB_CLI_CONFORM_SESSION_H
#define BPFLAB_CLI_CONFORM_SESSION_H

#include "cli/caselist.h"
#include "cli/cli.h"
#include "cli/conform.h"

enum conform_verdict {
    PASSED,
    /* its result is that of little-endian machines; on this one it is what the interpreter says of
     * one with this byte order */
    HELD,
    FAILED,
    SKIPPED,   /* not asked for, or nothing to compare with */
    UNDECIDED, /* out of fuel, out of time */
    BAD,       /* the case cannot be read */
    N_VERDICTS
};

struct conform_judged {
    const char *path; /* borrowed from the list */
    enum conform_verdict verdict;
    char *expected, *got; /* owned; NULL when passed. SKIPPED: got says why; HELD: the result */
};

struct conform_session {
    struct cli *c;
    struct caselist list;
    struct conform_judged *cases; /* one a path */
    uint64_t n[N_VERDICTS];
    struct conform_plugin plugin;
    bool by_plugin;
    struct conform_engine engine; /* if not by plugin */
    uint64_t fuel;
    unsigned cpu;                   /* 0: all */
    uint32_t include, exclude;      /* groups; include 0: all */
    char missing[CONFORM_TEXT_MAX]; /* why plugin or engine could not be started */
};

/* conform_judge_file: read, parse, run and compare the index-th case of the list; fills its place
 * in cases. */
void conform_judge_file(struct conform_session *s, size_t i);

/* conform_print_case: a line for a case that did not pass; for every case if verbose.
 * conform_print_summary: counts, and why cases were skipped.
 * conform_json: the whole object. */
void conform_print_case(const struct conform_session *s, const struct conform_judged *j);
void conform_print_summary(const struct conform_session *s);
void conform_json(struct json *j, const struct conform_session *s);

#endif
