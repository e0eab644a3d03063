/* fake_providers.c: what bpflab-prove is put together from in tests (providers.h). */
#include "proofs/providers.h"

#include <stdio.h>
#include <stdlib.h>

#include "proofs/tests/fake.h"

const struct provider *prove_provider_at(unsigned i) {
    return i == 0 ? &provider_fake : NULL;
}

const char *prove_solver(void) {
    const char *solver = getenv("FAKE_SOLVER");
    return solver ? solver : "fake 1";
}

void prove_tools(char out[80]) {
    const char *tools = getenv("FAKE_TOOLS");
    snprintf(out, 80, "%s", tools ? tools : "tools 1");
}

static bool make(const struct obligation *o, const char *dir, char path[512], char err[160]) {
    snprintf(path, 512, "%.400s/witness.s", dir);
    FILE *f = fopen(path, "w");
    if (!f) {
        snprintf(err, 160, "%.100s cannot be written", path);
        return false;
    }
    fprintf(f, "; %s\n", o->counterexample);
    return fclose(f) == 0;
}

prove_witness *prove_witness_maker(void) {
    return getenv("FAKE_NO_WITNESS") ? NULL : make;
}
