/* smt_dump.c: one file at a time; what cannot be written is kept in mind, for who asks.
 */
#include "proofs/smt_dump.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

void smt_dump_name(const char *unit, uint32_t i, char name[SMT_DUMP_NAME]) {
    snprintf(name, SMT_DUMP_NAME, "%.120s.%04" PRIu32 ".smt2", unit, i);
    for (char *p = name; *p; p++)
        if (*p == '/')
            *p = '_';
}

/* put: to the file of the last query. */
__attribute__((format(printf, 3, 4))) static void put(struct smt_dump *d, const char *mode,
                                                      const char *format, ...) {
    char path[1024], name[SMT_DUMP_NAME];
    va_list args;
    smt_dump_name(d->unit, d->n - 1, name);
    const int length = snprintf(path, sizeof path, "%s/%s", d->dir, name);
    errno = ENAMETOOLONG;
    FILE *const f = length < (int)sizeof path ? fopen(path, mode) : NULL;
    va_start(args, format);
    bool ok = f && vfprintf(f, format, args) >= 0;
    va_end(args);
    if (f)
        ok &= fclose(f) == 0;
    if (!ok && !d->error)
        d->error = errno;
}

void smt_dump_query(struct smt_dump *d, const char *what, const char *logic, const char *text) {
    d->n++;
    put(d, "w", "; %s: %s\n(set-logic %s)\n%s\n(check-sat)\n", d->unit, what, logic, text);
}

void smt_dump_answer(struct smt_dump *d, enum smt_said said) {
    static const char *const words[] = {"unsat", "sat", "unknown", "replaced"};
    put(d, "a", "; answer: %s\n", words[said]);
}
