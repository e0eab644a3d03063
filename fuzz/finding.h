/* finding.h: what was found, in a directory for each cause: the case, what was said of it, and how
 * to see it again.
 *
 *   finding.json   oracle, engine, bucket, text, pc, input, versions, command
 *   case.bin       the literal form (fuzz/case.h)
 *   case.txt       the same for people (fuzz/case_text.h), and for bpflab verify, run, jit
 *   prog.bin       program 0's instructions, little-endian
 *   prog.o         an ELF object (fuzz/case_elf.h), where the case can be one
 *   also.txt       further cases of the same bucket, a line of hex each, at most FINDING_ALSO
 *
 * Directories are named by oracle and bucket, so that a bucket has one however often it is found.
 */
#ifndef BPFLAB_FUZZ_FINDING_H
#define BPFLAB_FUZZ_FINDING_H

#include "fuzz/judge.h"

enum {
    FINDING_ALSO = 16,
    FINDING_NAME = 64,
};

/* struct finding: cause and literal form; who found it. */
struct finding {
    struct cause cause;
    const uint8_t *bytes;
    size_t n_bytes;
    uint64_t seed, number; /* of the loop and of the case; 0, 0 where there is no loop */
    const char *engines;   /* as --engines has it */
};

/* finding_name: "containment-5f03a2c1": the directory's, from the bucket. */
void finding_name(const struct cause *c, char name[FINDING_NAME]);

/* finding_write: put it into its directory in dir, which is made if it is missing. Files are
 * written whole or not at all.
 * out:    *fresh: is the bucket new here? path: of its directory
 * errors: SYSTEM, d says what */
enum bpflab_err finding_write(const char *dir, const struct finding *f, bool *fresh, char path[512],
                              struct diag *d);

#endif
