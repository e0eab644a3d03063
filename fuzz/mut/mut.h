/* mut.h: mutators: a case becomes a similar one, at the level of instructions and inputs.
 *
 * Bytes that a fuzzer changes at random are seldom a program any more. Mutators know what an
 * instruction is: they insert, remove, move, copy and change instructions so that jumps, calls and
 * addresses of functions go on leading somewhere, take pieces of other cases, and turn numbers into
 * ones near those that matter. What registers hold they only guess: whether the program is still
 * accepted is the verifier's business.
 *
 * Like generators they take choices (fuzz/input.h) or a seed, and the same choices give the same
 * case on every host.
 */
#ifndef BPFLAB_FUZZ_MUT_MUT_H
#define BPFLAB_FUZZ_MUT_MUT_H

#include "fuzz/case.h"
#include "fuzz/input.h"

enum {
    MUT_MOST = 4,      /* mutators of one call */
    MUT_CHOICES = 512, /* bytes that a seed is worth */
};

/* struct mut_kind: a mutator. */
struct mut_kind {
    const char *name; /* "retarget" */
    const char *what; /* one line for people */
    uint32_t weight;
};

/* mut_kinds: shape: mut_n_kinds rows. mut_find: by name, -1 if there is none. */
extern const struct mut_kind mut_kinds[];
extern const uint32_t mut_n_kinds;
int mut_find(const char *name);

/* mut_one: apply one mutator.
 * in:     c: a whole case; other: one to take from, NULL or c itself: there is none
 * out:    false: there was nothing to do, and c is as it was. Else it is a whole case still: in
 *         its limits, and read back from its bytes as it is
 * cost:   O(instructions) */
bool mut_one(struct input *in, uint32_t kind, struct fuzz_case *c, const struct fuzz_case *other);

/* mut_case: apply one to MUT_MOST of them, few more often than many; mut_seeded: by a seed. The
 * case changes, but that one mutator may undo what another did. */
void mut_case(struct input *in, struct fuzz_case *c, const struct fuzz_case *other);
void mut_seeded(uint64_t seed, struct fuzz_case *c, const struct fuzz_case *other);

/* mut_read: the case that a fuzzer's bytes are, in either form.
 * out:    false: they are none; *out may be written to all the same */
bool mut_read(const uint8_t *bytes, size_t n_bytes, struct fuzz_case *out);

/* mut_fit: make the case's literal form at most so long, by leaving out inputs and instructions.
 * out:    false: it cannot be */
bool mut_fit(struct fuzz_case *c, size_t max_bytes);

/* mut_fresh: a case that a generator makes of a seed. */
void mut_fresh(uint64_t seed, struct fuzz_case *out);

/* struct mut_room: what mut_bytes and mut_cross work in; too large for a stack. */
struct mut_room {
    struct fuzz_case c, other;
    uint8_t bytes[CASE_MAX_BYTES];
};

/* mut_bytes: bytes, of either form or of none, become the literal form of a mutated case; once in
 * many, and where they are none, of a fresh one. mut_cross: of the first with pieces of the second.
 * in:     out: room for max_bytes; it may be where the bytes are
 * out:    bytes written; 0: max_bytes is too few
 * cost:   O(instructions) */
size_t mut_bytes(struct mut_room *r, uint64_t seed, const uint8_t *bytes, size_t n_bytes,
                 uint8_t *out, size_t max_bytes);
size_t mut_cross(struct mut_room *r, uint64_t seed, const uint8_t *a, size_t n_a, const uint8_t *b,
                 size_t n_b, uint8_t *out, size_t max_bytes);

#endif
