/* ledger.h: what has been proved, of which source, by which solver: a table kept in the repository.
 *
 * A text file of rows separated by tabs, sorted by name, so that a change of it can be read. It is
 * also a cache: a unit all of whose obligations stand here, proved, for the same hash, by the same
 * solver and tools, need not be run. A row says how many obligations its unit has, so that a lost
 * row is noticed.
 */
#ifndef BPFLAB_PROOFS_LEDGER_H
#define BPFLAB_PROOFS_LEDGER_H

#include "proofs/schedule.h"

/* struct ledger_row: an obligation; the columns of the file in their order. */
struct ledger_row {
    char name[200]; /* "UNIT: what" */
    unsigned width;
    enum smt_result result;
    double seconds;
    uint32_t cases;
    uint32_t of;     /* how many obligations the unit has */
    char solver[40]; /* "z3 4.8.12" */
    char tools[80];  /* "llvm 19.1.7" */
    uint64_t hash;   /* unit.hash */
};

/* struct ledger: rows sorted by name; a unit's are neighbours. */
struct ledger {
    struct ledger_row *rows; /* owned */
    size_t n, capacity;
};

enum ledger_end {
    LEDGER_OK,
    LEDGER_MISSING, /* there is no such file */
    LEDGER_BAD,     /* it could not be read, written or understood */
    LEDGER_NOMEM,
};

/* ledger_read: in *out, to be freed by ledger_fini; empty unless LEDGER_OK, with why in err. */
enum ledger_end ledger_read(const char *path, struct ledger *out, char err[300]);
/* ledger_write: sorted; the old file stays until the new one is whole. */
enum ledger_end ledger_write(const struct ledger *l, const char *path, char err[300]);
void ledger_fini(struct ledger *l);

/* ledger_unit: the rows of a unit: how many, from *first on. cost: O(log n) */
size_t ledger_unit(const struct ledger *l, const char *unit, size_t *first);
/* ledger_seconds: what a unit took, of the solver's time; negative: not known. */
double ledger_seconds(const struct ledger *l, const char *unit);
/* ledger_holds: are all of its obligations here, proved, for this source, solver and tools? */
bool ledger_holds(const struct ledger *l, const struct unit *u, const char *solver,
                  const char *tools);
/* ledger_recall: its obligations as they stand here. out: false: no memory */
bool ledger_recall(const struct ledger *l, struct unit_outcome *u);

/* ledger_merge: new results in the place of all that the ledger had of their units; units that are
 * not complete are left as they are.
 * out: false: no memory, and the ledger is as it was */
bool ledger_merge(struct ledger *l, const struct unit_outcome *units, size_t n, const char *solver,
                  const char *tools);
/* ledger_keep: drop the rows of units that are not among these. in: sorted by name */
void ledger_keep(struct ledger *l, const struct unit *units, size_t n);

/* ledger_check: is the ledger about just these units, as they are now, and are all proved? Tells
 * each that is not: what is "missing", "changed", "incomplete", "refuted", "timeout", "error",
 * "stale".
 * in:  units sorted by name; all: they are all there are, rows of others are stale
 * out: how many were told */
typedef void ledger_tell(void *self, const char *what, const char *name);
size_t ledger_check(const struct ledger *l, const struct unit *units, size_t n, bool all,
                    ledger_tell *tell, void *self);

#endif
