/* ledger.c: the table as text and as sorted rows.
 */
#include "proofs/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "obligation\twidth\tresult\tseconds\tcases\tof\tsolver\ttools\thash";
enum {
    COLUMNS = 9
};

void ledger_fini(struct ledger *l) {
    free(l->rows);
    *l = (struct ledger){0};
}

static bool add(struct ledger *l, const struct ledger_row *row) {
    if (l->n == l->capacity) {
        const size_t want = l->capacity ? l->capacity * 2 : 256;
        struct ledger_row *grown = realloc(l->rows, want * sizeof *grown);
        if (!grown)
            return false;
        l->rows = grown;
        l->capacity = want;
    }
    l->rows[l->n++] = *row;
    return true;
}

static int by_name(const void *a, const void *b) {
    const struct ledger_row *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void sort(struct ledger *l) {
    if (l->n)
        qsort(l->rows, l->n, sizeof *l->rows, by_name);
}

/* ---- text ---- */

static bool take_text(char *out, size_t n, const char *s) {
    const size_t length = strlen(s);
    if (length == 0 || length >= n)
        return false;
    memcpy(out, s, length + 1);
    return true;
}

static bool take_number(uint64_t *out, const char *s, int base) {
    char *end;
    if (!(s[0] >= '0' && s[0] <= '9') && base == 10)
        return false;
    errno = 0;
    *out = strtoull(s, &end, base);
    return end != s && !*end && !errno;
}

static bool take_result(enum smt_result *out, const char *s) {
    for (int r = SMT_PROVED; r <= SMT_ERROR; r++) {
        *out = (enum smt_result)r;
        if (!strcmp(s, smt_result_name(*out)))
            return true;
    }
    return false;
}

static bool take_seconds(double *out, const char *s) {
    char *end;
    *out = strtod(s, &end);
    return end != s && !*end && *out >= 0 && *out < 1e9;
}

/* take_row: a line, which is cut up. */
static bool take_row(char *line, struct ledger_row *row) {
    char *cell[COLUMNS];
    size_t n = 0;
    for (char *next = line; next; n++) {
        if (n == COLUMNS)
            return false;
        cell[n] = next;
        next = strchr(next, '\t');
        if (next)
            *next++ = 0;
    }
    uint64_t width, cases, of;
    *row = (struct ledger_row){0};
    if (n != COLUMNS || !take_text(row->name, sizeof row->name, cell[0]) ||
        !strstr(cell[0], ": ") || !take_number(&width, cell[1], 10) ||
        !take_result(&row->result, cell[2]) || !take_seconds(&row->seconds, cell[3]) ||
        !take_number(&cases, cell[4], 10) || !take_number(&of, cell[5], 10) ||
        !take_text(row->solver, sizeof row->solver, cell[6]) ||
        !take_text(row->tools, sizeof row->tools, cell[7]) || strlen(cell[8]) != 16 ||
        strspn(cell[8], "0123456789abcdef") != 16 || !take_number(&row->hash, cell[8], 16))
        return false;
    if (width > UINT32_MAX || cases > UINT32_MAX || of > UINT32_MAX)
        return false;
    row->width = (unsigned)width;
    row->cases = (uint32_t)cases;
    row->of = (uint32_t)of;
    return true;
}

static enum ledger_end read_rows(FILE *f, const char *path, struct ledger *l, char err[300]) {
    char *line = NULL;
    size_t capacity = 0, number = 0;
    enum ledger_end end = LEDGER_OK;
    for (ssize_t n; end == LEDGER_OK && (n = getline(&line, &capacity, f)) >= 0;) {
        struct ledger_row row;
        if (n && line[n - 1] == '\n')
            line[n - 1] = 0;
        if (++number == 1) {
            if (strcmp(line, head) != 0)
                end = LEDGER_BAD;
        } else if (!take_row(line, &row)) {
            end = LEDGER_BAD;
        } else if (!add(l, &row)) {
            end = LEDGER_NOMEM;
        }
    }
    free(line);
    if (end == LEDGER_OK && (ferror(f) || number == 0))
        end = LEDGER_BAD;
    if (end == LEDGER_BAD)
        snprintf(err, 300, "%.200s:%zu: this is no row of a ledger", path, number);
    return end;
}

enum ledger_end ledger_read(const char *path, struct ledger *out, char err[300]) {
    struct ledger l = {0};
    *out = l;
    FILE *f = fopen(path, "r");
    if (!f) {
        snprintf(err, 300, "%.200s: %s", path, strerror(errno));
        return errno == ENOENT ? LEDGER_MISSING : LEDGER_BAD;
    }
    enum ledger_end end = read_rows(f, path, &l, err);
    fclose(f);
    sort(&l);
    for (size_t i = 1; end == LEDGER_OK && i < l.n; i++)
        if (!strcmp(l.rows[i - 1].name, l.rows[i].name)) {
            snprintf(err, 300, "%.80s: two rows: %.200s", path, l.rows[i].name);
            end = LEDGER_BAD;
        }
    if (end == LEDGER_NOMEM)
        snprintf(err, 300, "out of memory");
    if (end != LEDGER_OK)
        ledger_fini(&l);
    *out = l;
    return end;
}

enum ledger_end ledger_write(const struct ledger *l, const char *path, char err[300]) {
    char temp[4096];
    const int n = snprintf(temp, sizeof temp, "%s.new", path);
    FILE *f = n > 0 && (size_t)n < sizeof temp ? fopen(temp, "w") : NULL;
    if (!f) {
        snprintf(err, 300, "%.200s: %s", path, strerror(errno));
        return LEDGER_BAD;
    }
    fprintf(f, "%s\n", head);
    for (size_t i = 0; i < l->n; i++) {
        const struct ledger_row *r = &l->rows[i];
        fprintf(f, "%s\t%u\t%s\t%.2f\t%" PRIu32 "\t%" PRIu32 "\t%s\t%s\t%016" PRIx64 "\n", r->name,
                r->width, smt_result_name(r->result), r->seconds, r->cases, r->of, r->solver,
                r->tools, r->hash);
    }
    const bool bad = ferror(f);
    if ((fclose(f) != 0) | bad || rename(temp, path)) {
        snprintf(err, 300, "%.200s: %s", path, strerror(errno));
        remove(temp);
        return LEDGER_BAD;
    }
    return LEDGER_OK;
}

/* ---- rows of a unit ---- */

/* compare_unit: a row's name with "UNIT: ". 0: it is the unit's */
static int compare_unit(const char *name, const char *unit) {
    const size_t n = strlen(unit);
    const int order = strncmp(name, unit, n);
    return order ? order : strncmp(name + n, ": ", 2);
}

size_t ledger_unit(const struct ledger *l, const char *unit, size_t *first) {
    size_t low = 0, high = l->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_unit(l->rows[middle].name, unit) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (high < l->n && compare_unit(l->rows[high].name, unit) == 0)
        high++;
    return high - low;
}

double ledger_seconds(const struct ledger *l, const char *unit) {
    size_t first;
    const size_t n = ledger_unit(l, unit, &first);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += l->rows[first + i].seconds;
    return n ? sum : -1;
}

/* judge: why the ledger does not say that a unit is proved as it is now; NULL: it does. */
static const char *judge(const struct ledger *l, const struct unit *u) {
    size_t first;
    const size_t n = ledger_unit(l, u->name, &first);
    if (n == 0)
        return "missing";
    const struct ledger_row *rows = &l->rows[first];
    for (size_t i = 0; i < n; i++)
        if (rows[i].hash != u->hash)
            return "changed";
    for (size_t i = 0; i < n; i++)
        if (rows[i].result != SMT_PROVED)
            return smt_result_name(rows[i].result);
    for (size_t i = 0; i < n; i++)
        if (rows[i].of != n)
            return "incomplete";
    return NULL;
}

bool ledger_holds(const struct ledger *l, const struct unit *u, const char *solver,
                  const char *tools) {
    size_t first;
    if (judge(l, u))
        return false;
    const size_t n = ledger_unit(l, u->name, &first);
    for (size_t i = first; i < first + n; i++)
        if (strcmp(l->rows[i].solver, solver) != 0 || strcmp(l->rows[i].tools, tools) != 0)
            return false;
    return true;
}

bool ledger_recall(const struct ledger *l, struct unit_outcome *u) {
    size_t first;
    const size_t n = ledger_unit(l, u->unit->name, &first);
    bool ok = true;
    for (size_t i = first; i < first + n && ok; i++) {
        const struct ledger_row *r = &l->rows[i];
        struct obligation o = {
            .width = r->width, .result = r->result, .seconds = r->seconds, .cases = r->cases};
        memcpy(o.name, r->name, sizeof o.name);
        ok = outcome_add(u, &o);
    }
    u->cached = u->complete = ok;
    return ok;
}

/* ---- changing it ---- */

/* clean: a cell's text holds nothing that ends a cell. */
static void clean(char *s) {
    for (; *s; s++)
        if ((unsigned char)*s < 0x20)
            *s = ' ';
}

static bool add_unit(struct ledger *l, const struct unit_outcome *u, const char *solver,
                     const char *tools) {
    for (size_t i = 0; i < u->n; i++) {
        const struct obligation *o = &u->obligations[i];
        struct ledger_row r = {.width = o->width,
                               .result = o->result,
                               .seconds = o->seconds,
                               .cases = o->cases,
                               .of = (uint32_t)u->n,
                               .hash = u->unit->hash};
        snprintf(r.name, sizeof r.name, "%s", o->name);
        snprintf(r.solver, sizeof r.solver, "%s", solver);
        snprintf(r.tools, sizeof r.tools, "%s", tools);
        clean(r.name);
        clean(r.solver);
        clean(r.tools);
        if (!add(l, &r))
            return false;
    }
    return true;
}

static int by_unit(const void *a, const void *b) {
    const struct unit_outcome *const *x = a, *const *y = b;
    return strcmp((*x)->unit->name, (*y)->unit->name);
}

/* unit_of: the unit that a row is of. out: false: its name is longer than units' are */
static bool unit_of(const struct ledger_row *row, char unit[sizeof((struct unit *)0)->name]) {
    const char *colon = strstr(row->name, ": ");
    const size_t n = colon ? (size_t)(colon - row->name) : strlen(row->name);
    if (n >= sizeof((struct unit *)0)->name)
        return false;
    memcpy(unit, row->name, n);
    unit[n] = 0;
    return true;
}

static int compare_outcome(const void *name, const void *u) {
    const struct unit_outcome *const *outcome = u;
    return strcmp(name, (*outcome)->unit->name);
}

static int compare_listed(const void *name, const void *u) {
    const struct unit *unit = u;
    return strcmp(name, unit->name);
}

static bool replaced(const struct ledger_row *row, const struct unit_outcome **fresh, size_t n) {
    char unit[sizeof((struct unit *)0)->name];
    return n && unit_of(row, unit) && bsearch(unit, fresh, n, sizeof *fresh, compare_outcome);
}

static bool listed(const struct ledger_row *row, const struct unit *units, size_t n) {
    char unit[sizeof((struct unit *)0)->name];
    return n && unit_of(row, unit) && bsearch(unit, units, n, sizeof *units, compare_listed);
}

bool ledger_merge(struct ledger *l, const struct unit_outcome *units, size_t n, const char *solver,
                  const char *tools) {
    struct ledger merged = {0};
    const struct unit_outcome **fresh = calloc(n + 1, sizeof *fresh);
    size_t n_fresh = 0;
    bool ok = fresh != NULL;
    for (size_t i = 0; ok && i < n; i++)
        if (!units[i].cached && units[i].complete)
            fresh[n_fresh++] = &units[i];
    if (n_fresh)
        qsort(fresh, n_fresh, sizeof *fresh, by_unit);
    for (size_t i = 0; ok && i < l->n; i++)
        if (!replaced(&l->rows[i], fresh, n_fresh))
            ok = add(&merged, &l->rows[i]);
    for (size_t i = 0; ok && i < n_fresh; i++)
        ok = add_unit(&merged, fresh[i], solver, tools);
    free(fresh);
    if (!ok) {
        ledger_fini(&merged);
        return false;
    }
    sort(&merged);
    ledger_fini(l);
    *l = merged;
    return true;
}

void ledger_keep(struct ledger *l, const struct unit *units, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < l->n; i++)
        if (listed(&l->rows[i], units, n))
            l->rows[kept++] = l->rows[i];
    l->n = kept;
}

size_t ledger_check(const struct ledger *l, const struct unit *units, size_t n, bool all,
                    ledger_tell *tell, void *self) {
    size_t told = 0;
    for (size_t i = 0; i < n; i++) {
        const char *why = judge(l, &units[i]);
        if (why)
            tell(self, why, units[i].name);
        told += why != NULL;
    }
    for (size_t i = 0; all && i < l->n; i++) {
        if (listed(&l->rows[i], units, n))
            continue;
        tell(self, "stale", l->rows[i].name);
        told++;
    }
    return told;
}
