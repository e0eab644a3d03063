#include "proofs/witness_prove.h"

#include <stdio.h>

#include "proofs/witness.h"

bool witness_prove(const struct obligation *o, const char *dir, char path[512], char err[160]) {
    struct witness_files files;
    struct diag d;
    if (witness_from_text(o->name, o->counterexample, dir, &files, &d) != BPFLAB_OK) {
        snprintf(err, 160, "%.159s", d.text);
        return false;
    }
    snprintf(path, 512, "%s", files.value);
    return true;
}
