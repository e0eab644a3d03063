/* result.c: the names of results, which need no solver.
 */
#include <stddef.h>

#include "proofs/smt.h"

const char *smt_result_name(enum smt_result r) {
    static const char *const names[] = {
        [SMT_PROVED] = "proved",
        [SMT_REFUTED] = "refuted",
        [SMT_TIMEOUT] = "timeout",
        [SMT_ERROR] = "error",
    };
    return (size_t)r < sizeof names / sizeof names[0] ? names[r] : "error";
}
