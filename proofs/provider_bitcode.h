/* provider_bitcode.h: theorems in bitcode, at both levels, and their planted defects. */
#ifndef BPFLAB_PROOFS_PROVIDER_BITCODE_H
#define BPFLAB_PROOFS_PROVIDER_BITCODE_H

#include "proofs/prove.h"

/* Units FAMILY/NAME@O0, FAMILY/NAME@O2 and plant/FAMILY/NAME/FUNCTION. Obligations of a theorem:
 *   UNIT: WHAT          each check
 *   UNIT: defined       no undefined behaviour on any path
 *   UNIT: reached       what is assumed can be, wherever something is checked */
extern const struct provider provider_bitcode;

#endif
