/* providers.c: the list of providers, and what they are built with.
 */
#include "proofs/providers.h"

#include <stdio.h>

#include <llvm-c/Core.h>

#include "proofs/machine/validate.h"
#include "proofs/provider_bitcode.h"
#include "proofs/provider_lemma.h"
#include "proofs/witness_prove.h"

static const struct provider *const providers[] = {
    &provider_bitcode,
    &provider_backend,
    &provider_lemma,
};

const struct provider *prove_provider_at(unsigned i) {
    return i < sizeof providers / sizeof providers[0] ? providers[i] : NULL;
}

const char *prove_solver(void) {
    return smt_version();
}

void prove_tools(char out[80]) {
    unsigned major, minor, patch;
    LLVMGetVersion(&major, &minor, &patch);
    snprintf(out, 80, "llvm %u.%u.%u", major, minor, patch);
}

prove_witness *prove_witness_maker(void) {
    return witness_prove;
}
