/* witness_rig.h: one bare program with its memory, verified by the verifier that is linked, run by
 * the interpreter, and held against what the verifier knew; for the tests of witnesses.
 */
#ifndef BPFLAB_FUZZ_TESTS_WITNESS_RIG_H
#define BPFLAB_FUZZ_TESTS_WITNESS_RIG_H

#include "fuzz/oracle/contain.h"
#include "loader/text.h"
#include "verifier/verify.h"

struct witness_run {
    enum verdict verdict;
    struct run_end end;       /* of the run */
    struct contain_miss miss; /* ACCEPT: did the run leave the verifier's states, and where? */
    uint64_t steps;           /* of the run that had a record */
};

/* witness_run: verify and run. p: type raw.
 * out: false: it could not be prepared; said on standard output */
bool witness_run(struct prog *p, uint8_t *mem, size_t mem_bytes, struct witness_run *out);

/* witness_overrun: the program with a load behind its memory where it says r0 = 1: what
 * WITNESS_ACCESS makes. out: false: it says so nowhere */
bool witness_overrun(struct prog *p, size_t mem_bytes);

/* witness_file: a conformance case that has one of those programs. For conf_case_fini.
 * out: false: it could not be read; said on standard output
 * witness_each: every .data file of a folder, in order of name. out: how many there are */
bool witness_file(const char *path, struct conf_case *out);
size_t witness_each(const char *dir, void (*fn)(void *self, const char *path), void *self);

#endif
