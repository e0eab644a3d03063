/* mutator.h: what fuzzers ask of a mutator of ours: libFuzzer by name in the program, afl-fuzz by
 * name in the shared library that AFL_CUSTOM_MUTATOR_LIBRARY names.
 */
#ifndef BPFLAB_FUZZ_MUTATOR_H
#define BPFLAB_FUZZ_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer, FuzzerInterface.h: data is changed in place; out has room for max_out.
 * out: bytes of the new input; 0: none fits */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t n_a, const uint8_t *b, size_t n_b,
                                 uint8_t *out, size_t max_out, unsigned seed);

/* AFL++, docs/custom_mutators.md: data is what afl_custom_init returned; outputs stay valid until
 * the next call. Trimming leaves instructions out, many at once first: init_trim says how many
 * steps there are at most, post_trim which comes next. */
void *afl_custom_init(void *afl, unsigned seed);
void afl_custom_deinit(void *data);
size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t buf_size, uint8_t **out_buf,
                       uint8_t *add_buf, size_t add_buf_size, size_t max_size);
int32_t afl_custom_init_trim(void *data, uint8_t *buf, size_t buf_size);
size_t afl_custom_trim(void *data, uint8_t **out_buf);
int32_t afl_custom_post_trim(void *data, unsigned char success);

#endif
