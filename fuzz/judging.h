/* judging.h: one case being judged; private to judge.c and the oracles that it calls. */
#ifndef BPFLAB_FUZZ_JUDGING_H
#define BPFLAB_FUZZ_JUDGING_H

#include "fuzz/judge.h"

/* struct judging: what the oracles share. */
struct judging {
    struct judge *judge;
    struct stand *stand;
    const struct fuzz_case *c;
    const struct judge_options *opt;
    struct judged *out;
    struct diag *d;
    uint64_t turn;               /* whose turn it is; see judging_turn */
    uint64_t insns;              /* of the verifier's budget */
    struct knowledge *knowledge; /* of program 0, if it was accepted */
    struct verify_result result; /* of program 0, by paths */
};

struct judge {
    struct walk *walk;
    struct btf *kernel;      /* fuzz/kernel.h */
    struct fuzz_case edited; /* for oracles that change the case */
    struct case_object edited_object;
};

/* judging_wants: was this oracle asked for, and is nothing found yet? judging_turn: and is it its
 * turn, once in n cases? */
bool judging_wants(const struct judging *g, enum oracle o);
bool judging_turn(const struct judging *g, enum oracle o, uint32_t n);

/* judging_found: an oracle objects. Only the first objection counts.
 * in:     engine: name and form, or NULL; input: of the case's, 0 if it is none's; pc: UINT32_MAX
 *         if none in particular */
void judging_found(struct judging *g, enum oracle o, const char *engine, uint32_t input,
                   uint32_t pc, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* judging_verify: a program of an object, as the case is verified but for opt's explore, keep,
 * no_prune and invariants.
 * errors: NOMEM; a breach of an invariant is reported, and *r says UNKNOWN then */
enum bpflab_err judging_verify(struct judging *g, const struct object *o, uint32_t prog,
                               const struct verify_options *opt, struct verify_result *r);

/* judging_narrower: is this a rejection that only the better known are subject to? Linux refuses an
 * offset whose least value is too large and not one that may be, a partial write to a spilled
 * pointer at a known offset and not at one that varies, a partial read of a slot that is a pointer
 * on every path. None of these lets an unsafe access pass. */
bool judging_narrower(const struct report *r);

/* judging_loops: does the program loop by other means than jumps? Then what was processed says
 * nothing of how long it runs, and paths forget numbers in each round that joins may keep. */
bool judging_loops(const struct fuzz_case *c);

/* ---- oracles, by file in fuzz/oracle/; each is called when the case's verdict is there ---- */

/* explore.c: pruning, joins, determinism. */
enum bpflab_err oracle_pruning(struct judging *g);
enum bpflab_err oracle_explorations(struct judging *g);
enum bpflab_err oracle_determinism(struct judging *g);
/* monotone.c: of accepted cases */
enum bpflab_err oracle_monotone(struct judging *g);
/* round_trip.c */
enum bpflab_err oracle_round_trip(struct judging *g);
/* proof.c: takes its numbers from the case's */
enum bpflab_err oracle_proof(struct judging *g);

#endif
