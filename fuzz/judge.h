/* judge.h: all oracles on one case.
 *
 *   case ──► verify ──► rejected: what may be said of it without running it
 *                  └──► accepted: runs on the interpreter, followed through what the verifier knew,
 *                       then on every other engine, and compared
 *
 * Oracles that cost as much as all others together take turns: a number of the case's own says
 * whose turn it is, so that a case always has the same ones, unless all are asked for (replay,
 * minimize).
 *
 * What each oracle claims, exactly: docs/fuzzing.md.
 */
#ifndef BPFLAB_FUZZ_JUDGE_H
#define BPFLAB_FUZZ_JUDGE_H

#include "fuzz/oracle/contain.h"
#include "fuzz/stand.h"
#include "verifier/verify.h"

enum oracle {
#define ORACLE(name, id, text) ORACLE_##name,
#include "fuzz/oracle.def"
    N_ORACLES,
};

/* oracle_name: "containment". oracle_find: -1 for an unknown one. oracle_text: one line. */
const char *oracle_name(enum oracle o);
const char *oracle_text(enum oracle o);
int oracle_find(const char *name);

enum {
    CAUSE_TEXT = 480,
    CAUSE_BUCKET = 160,
};

/* struct cause: what an oracle objected to. */
struct cause {
    enum oracle oracle;
    char engine[40];           /* and form: "jit:x86-64 facts"; or empty */
    uint32_t input;            /* which of the case's */
    uint32_t pc;               /* UINT32_MAX: none in particular */
    char text[CAUSE_TEXT];     /* in words */
    char bucket[CAUSE_BUCKET]; /* the same without what differs from case to case */
};

struct judge_options {
    uint64_t oracles; /* bits; 0: all */
    bool every_turn;  /* no oracle waits for its turn */
    /* hears of every program 0 that is accepted, and what was known of it; may be NULL */
    void (*seen)(void *self, const struct prog *p, const struct knowledge *k);
    void *seen_self;
    uint64_t insns; /* of the verifier's budget; 0: JUDGE_INSNS */
};

enum {
    JUDGE_INSNS = 600, /* more only now and then, and where every_turn */
};

/* struct judged: what became of a case. */
struct judged {
    enum verdict verdict; /* by paths, of all programs together */
    enum reason reason;   /* REJECT: why */
    bool ran;
    bool found;
    struct cause cause; /* the first, if found */
    uint64_t insns_processed;
    uint64_t runs;    /* on engines, the interpreter among them */
    uint64_t asked;   /* oracles that had something to say */
    uint64_t not_run; /* runs that engines could not do */
    struct contain_stats contain;
};

/* struct judge: what is made once. */
struct judge;
struct judge *judge_new(void); /* NULL: out of memory */
void judge_free(struct judge *j);

/* judge_case: try a case on a stand.
 * out:    *out
 * errors: NOMEM; SYSTEM (an executor that does not come back): what could not be tried, not what
 *         was found; d says what. A crash or hang of generated code in an executor is a finding */
enum bpflab_err judge_case(struct judge *j, struct stand *s, const struct fuzz_case *c,
                           const struct judge_options *opt, struct judged *out, struct diag *d);

#endif
