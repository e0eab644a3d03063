/* validate_test.c: units of the back ends, run in this process: all whose name contains an
 * argument, or all. Every one must be proved, plants refuted; what is not is told with its
 * counterexample.
 *
 *   validate_test [-v] [NAME...]
 */
#include <stdlib.h>
#include <time.h>

#include "proofs/machine/validate.h"
#include "tests/check.h"

struct told {
    bool all;
    uint64_t n_cases;
};

static void tell(void *self, const struct obligation *o) {
    struct told *const t = self;
    t->n_cases += o->cases;
    CHECK(o->result == SMT_PROVED);
    if (t->all || o->result != SMT_PROVED)
        printf("%-9s %6.2f s  %s%s%s\n", smt_result_name(o->result), o->seconds, o->name,
               o->counterexample[0] ? "\n    " : "", o->counterexample);
}

static bool wanted(const char *name, int n, char **names) {
    for (int i = 0; i < n; i++)
        if (strstr(name, names[i]))
            return true;
    return n == 0;
}

/* Every back end has units, be there a machine for it or not; but the example of one. */
static void check_all_listed(const struct unit *units, size_t n) {
    for (unsigned k = 0; jit_target_at(k); k++) {
        const char *const target = jit_target_name(jit_target_at(k));
        char name[64];
        bool listed = !strcmp(target, "stub");
        snprintf(name, sizeof name, "backend/%s/ADD64_REG", target);
        for (size_t i = 0; i < n; i++)
            listed |= !strcmp(units[i].name, name);
        check_note(target);
        CHECK(listed);
    }
    check_note(NULL);
}

int main(int argc, char **argv) {
    const struct prove_options opt = {.timeout_ms = 5000};
    struct told t = {0};
    struct unit *units;
    size_t n, n_run = 0;
    char err[160];
    int first = 1;
    t.all = argc > 1 && !strcmp(argv[1], "-v");
    first += t.all;
    if (!provider_backend.list(&opt, &units, &n, err)) {
        printf("%s\n", err);
        return 1;
    }
    check_all_listed(units, n);
    for (size_t i = 0; i < n; i++)
        if (wanted(units[i].name, argc - first, argv + first)) {
            const clock_t from = clock();
            provider_backend.run(&opt, &units[i], tell, &t);
            n_run++;
            if (t.all)
                printf("          %6.2f s in all\n", (double)(clock() - from) / CLOCKS_PER_SEC);
        }
    free(units);
    printf("%zu units, %" PRIu64 " cases\n", n_run, t.n_cases);
    return check_end();
}
