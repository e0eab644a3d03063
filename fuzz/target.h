/* target.h: the one function of a fuzz target, as libFuzzer and AFL++ call it. */
#ifndef BPFLAB_FUZZ_TARGET_H
#define BPFLAB_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* LLVMFuzzerTestOneInput: one input; a defect aborts.
 * out: 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
