#include "isa/facts.h"

#include <stdlib.h>

enum bpflab_err facts_init(struct facts *f, uint32_t n_insns) {
    f->at = calloc(n_insns ? n_insns : 1, sizeof *f->at);
    f->n_insns = f->at ? n_insns : 0;
    return f->at ? BPFLAB_OK : BPFLAB_E_NOMEM;
}

void facts_fini(struct facts *f) {
    free(f->at);
    *f = (struct facts){0};
}
