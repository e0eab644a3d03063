/* smt_dump.h: what a unit asks the solver, as files of SMT-LIB.
 *
 * Queries are numbered within their unit, so that each has a file of its own: DIR/UNIT.NNNN.smt2,
 * where '/' in the unit's name is '_'. A file's first line is a comment that names the query, its
 * last one says what came of it:
 *     ; answer: unsat
 * or sat, unknown, or "replaced": it was not answered in the short time that it got, and others
 * were asked in its place. crosscheck.h reads them.
 */
#ifndef BPFLAB_PROOFS_SMT_DUMP_H
#define BPFLAB_PROOFS_SMT_DUMP_H

#include <stdint.h>

enum smt_said {
    SMT_SAID_UNSAT,
    SMT_SAID_SAT,
    SMT_SAID_UNKNOWN,
    SMT_SAID_REPLACED,
};

/* struct smt_dump: the files of one unit. */
struct smt_dump {
    const char *dir, *unit;
    uint32_t n; /* queries until now */
    int error;  /* errno of the first file that could not be written; 0 */
};

enum {
    SMT_DUMP_NAME = 160, /* room for a file's name */
};
/* smt_dump_name: of the i-th query's file, from 0 on, without the directory. */
void smt_dump_name(const char *unit, uint32_t i, char name[SMT_DUMP_NAME]);

/* smt_dump_query: the next one's file, before it is asked: it is there even if no answer comes.
 * what: in the first line; text: declarations and assertions */
void smt_dump_query(struct smt_dump *d, const char *what, const char *logic, const char *text);
/* smt_dump_answer: of the query that was written last. */
void smt_dump_answer(struct smt_dump *d, enum smt_said said);

#endif
