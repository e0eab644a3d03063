/* fake.h: a provider whose units do what their names say, for the tests of what surrounds proving.
 * Two families, good/ (proved), and bad/: refuted, timeout, error, crash, exit, hang, busy (silent,
 * but alive), nothing, many, twice, foreign, noise; plant/caught and plant/missed; bad/night is
 * nightly. $FAKE_HASH: added to each hash; $FAKE_ONLY: units of which family there are ("good");
 * $FAKE_LOG: a file to which each run appends the unit's name.
 */
#ifndef BPFLAB_PROOFS_TESTS_FAKE_H
#define BPFLAB_PROOFS_TESTS_FAKE_H

#include "proofs/prove.h"

enum {
    FAKE_MANY = 5000, /* obligations of bad/many */
};

extern const struct provider provider_fake;

#endif
