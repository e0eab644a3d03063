/* witness.h: from a counterexample to a program: what a refuted operator means to somebody.
 *
 * A counterexample is two abstract values a and b, a member of each, x and y, and an instruction
 * whose transfer function (or refinement) loses x op y. The program made of it is bare, and reads x
 * and y from its memory:
 *
 *     r0 = 0                         r6, r7: the operands
 *     r6 = *(u64 *)(r1 + 0)          unknown to the verifier; at run time x
 *     r7 = *(u64 *)(r1 + 8)          at run time y; only if the instruction reads it
 *     r6 &= ...; r6 |= ...           the known bits of a
 *     if r6 > ... goto out; ...      its bounds, unsigned and signed, 64 and 32 bits
 *     (the same for r7)
 *     r6 op= r7                      the operation; or if r6 op r7 goto edge
 *     if r6 != x op y goto out       a verifier that lost the value never falls through
 *     r0 = 1                         so this is dead code to it, and the run gets here
 *   out:
 *     exit
 *
 * With WITNESS_ACCESS an access out of bounds takes the place of r0 = 1: the verifier that is wrong
 * accepts it and the run leaves its memory; a verifier that is right rejects the program.
 *
 * Which abstract values the verifier really has at the operation is not assumed: it is run, and
 * asked. There are several ways to make a value known; an operator that is wrong may spoil one of
 * them, so all are tried, and what serves best is kept. If the value is never lost, parts of what
 * the counterexample says are tried: bits alone, bounds alone.
 *
 * Everything here asks the verifier that it is linked with. A planted defect that lives in bitcode
 * alone is in no verifier: its programs are WITNESS_HELD, and worth keeping as regression cases.
 */
#ifndef BPFLAB_PROOFS_WITNESS_H
#define BPFLAB_PROOFS_WITNESS_H

#include "isa/prog.h"
#include "verifier/domain/scalar.h"

enum {
    WITNESS_MEM_BYTES = 16, /* x, then y, little-endian */
    WITNESS_NAME_MAX = 80,
};

/* struct witness_case: what was refuted. */
struct witness_case {
    enum op op; /* a row of isa/alu.def but casts, or of JMP_COND */
    bool same;  /* both operands are one register: b and y are not read */
    struct scalar a,
        b; /* destination, source, reduced or not; of unary forms a; of sign extensions b; of
                         * immediate forms b is ignored, y is the immediate, sign-extended */
    uint64_t x, y;
};

/* What the program does with the value that is lost. */
enum witness_end {
    WITNESS_VALUE,  /* r0 = 1 where the run ends: nothing that a right verifier minds */
    WITNESS_ACCESS, /* a load behind its memory */
};

/* How what the verifier knows of an operand compares with what the counterexample says. */
enum witness_fit {
    WITNESS_UNUSED, /* there is no such operand */
    WITNESS_EQUAL,  /* reduced, the same */
    WITNESS_WITHIN, /* it knows more */
    WITNESS_WIDER,  /* it knows less, or something else */
};

enum witness_status {
    WITNESS_LOST,        /* accepted, and it does not expect what the operation gives */
    WITNESS_LOST_BEFORE, /* accepted, and it does not even expect x or y at the operation */
    WITNESS_HELD,        /* accepted, and right about this run */
    WITNESS_REFUSED,     /* not accepted; with WITNESS_ACCESS as it should be */
};

/* struct witness: the program and what the verifier says of it. */
struct witness {
    struct witness_case of;
    struct prog prog; /* type raw, little-endian */
    uint8_t mem[WITNESS_MEM_BYTES];
    uint32_t op_pc;     /* the operation */
    uint32_t next_pc;   /* where the run goes from there */
    bool taken;         /* jumps: the edge of the run */
    uint64_t result;    /* the destination behind the operation; of a jump x */
    struct scalar a, b; /* what the verifier knows of the operands before the operation */
    bool reached;       /* it explored next_pc; else what follows is not set */
    struct scalar a_after, b_after; /* and behind it: the destination, the source */
    enum witness_fit fit_a, fit_b;
    enum witness_status status;
    char why[160]; /* REFUSED: the verifier's words */
};

/* witness_status_name: "lost", "lost before", "held", "refused".
 * witness_fit_name: "unused", "equal", "within", "wider". */
const char *witness_status_name(enum witness_status s);
const char *witness_fit_name(enum witness_fit f);

/* witness_program: the program of a counterexample.
 * out:    *out, for witness_fini
 * errors: ARG: no such operation, x or y no member, an immediate that has no 32 bits; NOMEM; those
 *         of verify
 * cost:   40 runs of the verifier on a few dozen instructions */
enum bpflab_err witness_program(const struct witness_case *of, enum witness_end end,
                                struct witness *out, struct diag *d);
void witness_fini(struct witness *w);

/* ---- as text (witness_text.c) ---- */

/* witness_print: as a conformance case (-- asm, -- mem, -- result), with what is known of it in
 * comments. title: its first line, or NULL.
 * out: the text, for free(), NULL if there is no memory */
char *witness_print(const struct witness *w, const char *title);

/* struct witness_ops: the instructions that a theorem may be about, the most likely first; same:
 * with one register as both operands. */
enum {
    WITNESS_OPS_MAX = 5,
};
struct witness_ops {
    enum op op[WITNESS_OPS_MAX];
    unsigned n;
    bool same;
};

/* witness_theorem: from the name of a theorem or an obligation: "alu/ADD64_REG@O0: contains",
 * "alu/ADD64_SAME", "jmp/JLT64_REG_taken", "contract/scalar_add" (both widths), "tnum/lshr",
 * "range/sand", "plant/tnum/add/tnum_add".
 * witness_own_name: the part that is the theorem's own: "ADD64_REG" (witness_name.c).
 * out: false: it is about none, or about none that takes numbers */
bool witness_theorem(const char *name, struct witness_ops *out);
void witness_own_name(const char *name, char out[WITNESS_NAME_MAX]);

/* witness_parse: the text of an obligation's counterexample: "a.bits.mask=0x1 a.u.min=0x0 x=0x3",
 * in the names of proofs/theorem/values.h. Operands are a and b (dst and src too), their members x
 * and y (a constant amount n, an immediate imm). An operand may be a scalar (a.bits.value, a.u.min
 * ... a.s32.max), a tnum (a.value, a.mask), an arc (a.start or a.back, a.len) or a range (a.min,
 * a.max; the theorem's name says of which order). Of known bits the mask and the member count. What
 * is not said makes no difference to the solver: it is 0 where that leaves the member in, else
 * anything.
 * in:     theorem: its name, as for witness_theorem
 * out:    *out, of the first of its instructions
 * errors: SYNTAX, ARG: no instruction, nothing said of operands */
enum bpflab_err witness_parse(const char *theorem, const char *text, struct witness_case *out,
                              struct diag *d);

/* struct witness_files: what witness_from_text wrote. */
struct witness_files {
    enum witness_status status;
    enum witness_fit fit_a, fit_b;
    char value[512], access[512]; /* paths of the two cases */
};

/* witness_from_text: parse a counterexample, take the first of its theorem's instructions that
 * loses the value (or just the first), and write both its programs into a directory that exists, as
 * NAME.data and NAME-access.data (bpflab run takes them); NAME is the theorem's, with everything
 * but letters and digits as '-'.
 * errors: those of witness_parse and witness_program; IO */
enum bpflab_err witness_from_text(const char *theorem, const char *text, const char *dir,
                                  struct witness_files *out, struct diag *d);

#endif
