/* case.h: what is tried: programs, and what they are run on, self-contained and by value, so that a
 * case means the same whatever becomes of the generators.
 *
 * Program 0 is the one that runs; the others are what prog arrays hold. Programs name the standard
 * maps (fuzz/maps.h) by index, kernel functions by their number in the table (CALL_KFUNC's imm:
 * case_kfunc).
 *
 * A fuzzer's bytes are one of two forms, told by their first byte:
 *
 *   CASE_CHOICES   what follows are a generator's choices (fuzz/input.h, fuzz/gen/gen.h)
 *   CASE_LITERAL   a case as case_encode wrote it
 *
 * Whoever keeps an input keeps the literal form: corpora outlive changes of the generators.
 */
#ifndef BPFLAB_FUZZ_CASE_H
#define BPFLAB_FUZZ_CASE_H

#include "isa/prog.h"
#include "loader/object.h"

enum {
    CASE_MAX_INSNS = 2048, /* of all programs together */
    CASE_MAX_PROGS = 3,
    CASE_MAX_INPUTS = 4,
    CASE_WORDS = 8,
    CASE_PACKET_BYTES = 128,
    CASE_MAX_BYTES = 8 * CASE_MAX_INSNS + 2048, /* of a literal form, at most */
};

enum case_form {
    CASE_CHOICES = 1,
    CASE_LITERAL = 2,
};

/* struct case_input: what one run finds. Everything else of the world is as it always is. */
struct case_input {
    uint64_t seed;              /* of the world's randomness */
    uint64_t words[CASE_WORDS]; /* in element 0 of map 0; contexts without fields; raw memory */
    uint32_t packet_bytes;      /* 14 to CASE_PACKET_BYTES */
    uint8_t packet[CASE_PACKET_BYTES];
};

struct fuzz_case {
    uint32_t type;        /* enum prog_type, of all programs */
    uint32_t attach_type; /* enum attach_type */
    bool sleepable;
    uint32_t n_progs;
    uint32_t start[CASE_MAX_PROGS + 1]; /* program i is insns[start[i]] to insns[start[i + 1]] */
    struct insn insns[CASE_MAX_INSNS];
    uint32_t n_inputs;
    struct case_input inputs[CASE_MAX_INPUTS];
};

/* case_n_insns: slots of program i. */
static inline uint32_t case_n_insns(const struct fuzz_case *c, uint32_t prog) {
    return c->start[prog + 1] - c->start[prog];
}

/* case_encode: the literal form, with CASE_LITERAL in front.
 * in:     out: room for CASE_MAX_BYTES
 * out:    bytes written
 * case_decode: read it back.
 * out:    false: the bytes are no such form; *c may be written to all the same
 * cost:   O(bytes) */
size_t case_encode(const struct fuzz_case *c, uint8_t *out);
bool case_decode(const uint8_t *bytes, size_t n_bytes, struct fuzz_case *c);

/* case_hash: a number for the case's programs and inputs, the same on every host. */
uint64_t case_hash(const struct fuzz_case *c);

/* case_kfunc: the name of the kernel function that CALL_KFUNC's imm is the number of in cases; NULL
 * behind the last. case_kfunc_number: the other way, -1 for an unknown name. */
const char *case_kfunc(uint32_t number);
int case_kfunc_number(const char *name);

/* case_prog_names: what the programs are called where names are needed: prog0, prog1, prog2. */
extern const char *const case_prog_names[CASE_MAX_PROGS];

/* struct case_object: a case as engines and the verifier take it: CASE_MAX_PROGS programs, those
 * that the case lacks just exit. It borrows the case. */
struct case_object {
    struct object object;
    struct prog progs[CASE_MAX_PROGS];
    struct prog_extern *externs; /* owned: of all programs */
    uint32_t externs_cap;
    uint64_t maps; /* that the programs can reach: bit i: map i (engine_swap's scope) */
};

/* case_object_set: make it of a case, for a machine of this byte order; once zeroed it may be set
 * again and again.
 * errors: NOMEM
 * cost:   O(instructions) */
enum bpflab_err case_object_set(struct case_object *o, const struct fuzz_case *c, bool big_endian);
void case_object_fini(struct case_object *o);

#endif
