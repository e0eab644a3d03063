/* same.h: functions that are executed symbolically and natively.
 *
 * SAME: a function of three words, for all values: a theorem same/NAME compares its result with a
 * variable "out". FIXED: one that can be executed for given values alone (its loops depend on
 * them). Both have a theorem fixed/NAME that calls it with FIXED_INPUTS. Compiled with SAME_NATIVE,
 * they are listed in a section of the test program instead.
 */
#ifndef BPFLAB_PROOFS_TESTS_EXEC_SAME_H
#define BPFLAB_PROOFS_TESTS_EXEC_SAME_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t word;

enum {
    N_FIXED = 6
};
#define FIXED_INPUTS                                                                               \
    {{0, 0, 0},                                                                                    \
     {1, 2, 3},                                                                                    \
     {UINT64_MAX, UINT64_MAX, 1},                                                                  \
     {UINT64_C(1) << 63, UINT64_MAX, 64},                                                          \
     {0x123456789abcdef0, 0xfedcba9876543210, 0x80},                                               \
     {77, 13, 0x8000000080000000}}

#ifdef SAME_NATIVE
struct same {
    const char *name;
    word (*run)(word, word, word);
    bool any; /* there is a theorem same/NAME */
};
#define SAME_LISTED(name, any)                                                                     \
    static const struct same listed_##name                                                         \
        __attribute__((used, section("exec_same"))) = {#name, name, any};
#define SAME_THEOREM(name) SAME_LISTED(name, true)
#define FIXED_THEOREM(name)
#else
#include "proofs/theorem/harness.h"
#define SAME_LISTED(name, any)
#define SAME_THEOREM(name)                                                                         \
    void theorem__same__##name(void);                                                              \
    void theorem__same__##name(void) {                                                             \
        const word a = proof_any(64, "a"), b = proof_any(64, "b"), c = proof_any(64, "c");         \
        check("result", name(a, b, c) == proof_any(64, "out"));                                    \
    }
#define FIXED_THEOREM(name)                                                                        \
    void theorem__fixed__##name(void);                                                             \
    void theorem__fixed__##name(void) {                                                            \
        static const word in[N_FIXED][3] = FIXED_INPUTS;                                           \
        for (unsigned i = 0; i < N_FIXED; i++)                                                     \
            check("result", name(in[i][0], in[i][1], in[i][2]) == proof_any(64, "out"));           \
    }
#endif

#define SAME(name)                                                                                 \
    static word name(word a, word b, word c);                                                      \
    SAME_THEOREM(name)                                                                             \
    FIXED_THEOREM(name)                                                                            \
    static word name(word a, word b, word c)
#define FIXED(name)                                                                                \
    static word name(word a, word b, word c);                                                      \
    SAME_LISTED(name, false)                                                                       \
    FIXED_THEOREM(name)                                                                            \
    static word name(word a, word b, word c)

#endif
