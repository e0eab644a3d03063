/* validate_case.h: one program that is compiled and looked at: private to validate_*.c.
 *
 * A case is a few instructions and how they are compiled. What is around them in the program makes
 * the rest of the compiler do what is wanted: whatever must come out of the instructions is read
 * later, jumps have somewhere to go. A unit is all cases of one kind of instruction on one back
 * end.
 */
#ifndef BPFLAB_PROOFS_MACHINE_VALIDATE_CASE_H
#define BPFLAB_PROOFS_MACHINE_VALIDATE_CASE_H

#include "isa/facts.h"
#include "proofs/machine/validate.h"
#include "proofs/spec.h"

enum vlive {
    LIVE_ALL, /* r0 to r9 are read later */
    LIVE_DST, /* only the destination */
    LIVE_LOW, /* only its low half */
};

/* enum vplace: where a jump, or a local call, goes. */
enum vplace {
    PLACE_NEAR,
    PLACE_FAR, /* over a few hundred bytes and more */
    PLACE_BACK,
};

enum {
    CASE_INSNS = 6,
    CASE_HELPERS = 256,
    CASE_WORLD_ID = 7, /* prog_id of the binding */
    CASE_STRIDE = 576, /* frame_stride */
    CASE_NUMBERS = 320,
    CASE_PKT_DATA = 256, /* offsets in the world: pkt_data_off and so on */
    CASE_PKT_END = 260,
    CASE_PKT_META = 264,
};
#define CASE_ARENA UINT64_C(0x7a4200000000)

/* struct vnumbers: numbers at the edges of every machine's encodings: around every power of two,
 * both signs; masks and patterns. bits: of a signed number */
struct vnumbers {
    int64_t k[CASE_NUMBERS];
    unsigned n;
};
void vnumbers_edges(struct vnumbers *list, unsigned bits);

/* vop_divides: is it a quotient, or a remainder? */
bool vop_divides(enum op op);

/* struct vcase: insns are those under test, in a program of their own. */
struct vcase {
    const struct jit_arch *target;
    const struct machine *m;
    struct insn insns[CASE_INSNS];
    uint8_t n_insns; /* slots */
    uint8_t opt;
    uint8_t live;  /* enum vlive */
    uint8_t dst;   /* what is live, of LIVE_DST and LIVE_LOW */
    uint8_t place; /* enum vplace */
    uint16_t fillers;
    bool trusted, fuel;
    bool arena;     /* accesses may need the runtime */
    bool slow;      /* and a fact says that this one does */
    bool nonzero;   /* a fact: the divisor is not 0 */
    bool far;       /* C functions are out of reach of a direct call */
    bool world;     /* the world's address is known */
    bool callee_fp; /* the function called uses r10 */
    bool whole;     /* the fragment is the function, from its entry */
    bool expose;
    bool unwind; /* helper 5 ends the run */
    bool bound;  /* kernel functions are there */
    bool weak;   /* a variable of the kernel's need not be */
    bool told;   /* fact is one of insns[fact_at] */
    uint8_t fact_at;
    struct pc_facts fact;
};

/* struct vcode: the case compiled. */
struct vcode {
    struct jit_code code;
    struct mcode fragment;
    uint32_t pc, pc_target; /* of the first instruction under test; where it jumps or calls to */
    int64_t target;         /* offset of that */
};

/* vcase_compile: out: false: why in err      vcode_fini: free */
bool vcase_compile(const struct vcase *c, struct vcode *out, char err[200]);
void vcode_fini(struct vcode *c);
/* struct vbind: what the case is bound to; addresses are constants. Borrows from itself. */
struct vbind {
    struct jit_bind bind;
    uint64_t helpers[CASE_HELPERS];
};
void vcase_bind(const struct vcase *c, struct vbind *out);

/* vcase_begin: registers at the first instruction: variables named after their role (dst, src, r3),
 * so that cases that differ in registers alone ask the same questions.
 * vcase_begin_bare: of code that is no program's; no word of memory is its own (mstate.own) */
void vcase_begin(const struct vcase *c, struct terms *t, struct mstate *s);
void vcase_begin_bare(const struct machine *m, uint8_t dst, uint8_t src, struct terms *t,
                      struct mstate *s);
/* vcase_text: "r1 += r2, opt 1, ..." */
void vcase_text(const struct vcase *c, char *out, size_t n);

/* ---- proving ---- */

/* struct vunit: a unit being run: what was asked so far, and the first thing that failed. */
struct vunit {
    const struct prove_options *opt;
    struct terms *t;
    struct vmemo *memo;
    uint32_t n_cases, n_goals, n_asked;
    double seconds;
    enum smt_result result;
    char text[1024];
    uint64_t divisor; /* of the case, where it is a constant; 0: none */
    /* a planted defect: the compiler gets another instruction, and another immediate */
    bool planted;
    enum op instead; /* N_OPS: the defect of a sequence */
    int32_t more;
};

bool vunit_init(struct vunit *u, const struct prove_options *opt);
void vunit_fini(struct vunit *u);
/* vunit_renew: forget all terms, and what was asked, if there are very many: looking at a few takes
 * time for all that lie between their ids. Between cases. */
void vunit_renew(struct vunit *u);
/* vunit_fail: the first failure stays. out: false */
bool vunit_fail(struct vunit *u, const struct vcase *c, enum smt_result r, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* vunit_prove: goal holds on the path. out: false: it failed, and that is noted
 * vunit_holds: does it, as far as can be seen? nothing is noted
 * vunit_can: is there a case of the path where it holds? Asked if none is found at random; true if
 * the solver does not know. Nothing is noted */
bool vunit_prove(struct vunit *u, const struct vcase *c, const struct mpath *p, const char *what,
                 term *goal);
bool vunit_holds(struct vunit *u, const struct mpath *p, term *goal);
bool vunit_can(struct vunit *u, const struct mpath *p, term *goal);

/* vdivide_rule: see validate_divide.c; self: struct vunit. */
term *vdivide_rule(void *self, term *x);
/* vpieces_rule: see validate_pieces.c; self: struct terms. */
term *vpieces_rule(void *self, term *x);

/* ---- checking ---- */

/* vspec_path: does a path of the case do what the instructions mean? out: false: noted */
bool vspec_path(struct vunit *u, const struct vcase *c, const struct vcode *code,
                const struct mstate *begin, const struct mpath *p);
/* vcase_check: compile, execute, compare every path. */
bool vcase_check(struct vunit *u, const struct vcase *c);

/* vcases_run: all cases of a row. out: false if one failed, or there was none
 * vframes_run: FUNCTION, TAIL, STUB
 * vsites_run: every form of branches, jumps, calls, constants of the pool
 * vops_run: CONSTANT, OPERATION: what a back end is asked for, by itself
 * vsequences_run: CALLS, PAIRS, FUSED, FACTS: what instructions do to each other */
bool vcases_run(struct vunit *u, const struct jit_arch *target, enum op op);
bool vframes_run(struct vunit *u, const struct jit_arch *target, const char *what);
bool vsites_run(struct vunit *u, const struct jit_arch *target, const char *what);
bool vops_run(struct vunit *u, const struct jit_arch *target, const char *what);
bool vsequences_run(struct vunit *u, const struct jit_arch *target, const char *what);

#endif
