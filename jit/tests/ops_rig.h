/* ops_rig.h: operations of a back end, executed by the machine that the test runs on.
 *
 * A case is a function of its own, called through the back end's stub: it loads all registers from
 * world.in, does the operation, stores all registers to world.out and returns. Many cases are made
 * before the first is run. Whatever goes wrong, a signal included, prints the case and its bytes.
 *
 * Functions of cases say that they save nothing (jit_frame.saved is 0) although they write r6 to
 * r9: their caller is the stub, which keeps nothing there.
 */
#ifndef BPFLAB_JIT_TESTS_OPS_RIG_H
#define BPFLAB_JIT_TESTS_OPS_RIG_H

#include "jit/arch.h"
#include "runtime/exec.h"
#include "tests/check.h"

/* What STATE points to, with RIG_AROUND bytes of room on either side. */
struct rig_world {
    struct exec_state x;
    uint64_t in[N_JIT_REGS];  /* in[JR_STATE] is not loaded */
    uint64_t out[N_JIT_REGS]; /* written by rig_end */
    uint64_t mark;            /* written by rig_mark */
    uint64_t seen[16];        /* written by host functions of the tests */
    uint64_t depth;
    const struct rig *rig;
};

enum {
    RIG_AROUND = 1 << 17,
    RIG_STUB = 64,      /* offset of the stub in rig.mem: sanitizers read before a function */
    RIG_CODE = 4096,    /* of the first byte of rig.b */
    RIG_ROOM = 1 << 20, /* of code, before rig_full */
    RIG_BYTES = RIG_ROOM + (1 << 16),
    RIG_CASES = 8192,
    RIG_IN = offsetof(struct rig_world, in),
    RIG_OUT = offsetof(struct rig_world, out),
    RIG_MARK = offsetof(struct rig_world, mark),
    N_RIG_REGS = JR_STATE, /* r0 to r9, FP, T0, T1: what may be an operand */
    RIG_DEADABLE = 0xffff & ~(1 << JR_FP | 1 << JR_STATE | 1 << JR_SLOTS | 1 << JR_NONE),
    N_RIG_SIZES = 4,
};
_Static_assert(N_JIT_REGS == 14 && JR_STATE == 13, "operands come first");

struct rig_case {
    uint32_t off;        /* of the function in the code */
    uint32_t op, op_end; /* of the operation in it */
    uint32_t key;        /* whatever the test wants to know */
    union {
        struct jit_alu alu;
        struct jit_mem mem;
        struct jit_atomic atomic;
        struct jit_site site;
    } u;
};

struct rig {
    const struct jit_arch *a;
    struct jit_buf b; /* code being made */
    uint8_t *mem;     /* where it runs */
    uint8_t *around;
    struct rig_world *w;
    uint64_t exit_addr;
    struct rig_case *cases;
    unsigned n_cases;
    void (*describe)(const struct rig_case *c, char *out, size_t n);
    const struct rig_case *current;
    uint64_t seed;
    uint64_t n_funcs, n_runs;
    uint64_t n_checks, n_failed;
};

/* rig_init: the host's back end, its stub in place; BPFLAB_JIT in the environment names another
 * that the host runs. Returns why not, for check_skip, or NULL.
 * rig_end_test: prints the counts and the seed, frees; the exit status. */
const char *rig_init(struct rig *r, void (*describe)(const struct rig_case *, char *, size_t));
int rig_end_test(struct rig *r);

/* ---- making code ---- */

/* rig_begin: a new case whose operation is to be appended to r->b; rig_end closes it. */
struct rig_case *rig_begin(struct rig *r);
void rig_end(struct rig *r, struct rig_case *c);

/* Parts of a case, for tests that write their own: load all from in, store all to out, store a
 * number to mark, a frame that saves nothing, a number or an address to a register. */
extern const struct jit_frame rig_bare;
void rig_load_all(struct rig *r);
void rig_store_all(struct rig *r);
void rig_mark(struct rig *r, int32_t mark);
void rig_world_op(struct rig *r, bool load, uint8_t reg, size_t off);

/* ---- running it ---- */

/* rig_full: is it time for rig_run? rig_run: every case through run, then forget them.
 * rig_seal: the code of r->b to its place, executable; rig_call: call the function at an offset;
 * rig_call_fp: the same with arguments and r10. */
bool rig_full(const struct rig *r);
void rig_run(struct rig *r, void (*run)(struct rig *r, const struct rig_case *c));
void rig_seal(struct rig *r);
uint64_t rig_call(struct rig *r, const struct rig_case *c);
uint64_t rig_enter(const struct rig *r, const uint64_t args[5], uint64_t fp, uint64_t entry);

/* rig_addr: the address that an offset into r->b will have. */
static inline uint64_t rig_addr(const struct rig *r, uint32_t off) {
    return (uint64_t)(uintptr_t)r->mem + RIG_CODE + off;
}

/* ---- checking ---- */

/* rig_eq: got is want; what they are of, for the message. rig_same: register reg is want, as far as
 * mask goes. RIG_CHECK: it is so. (tests/check.h counts for one source file alone.) */
bool rig_eq(struct rig *r, const struct rig_case *c, const char *what, uint64_t got, uint64_t want);
bool rig_same(struct rig *r, const struct rig_case *c, unsigned reg, uint64_t want, uint64_t mask);
#define RIG_CHECK(r, ok) rig_eq((r), (r)->current, #ok, (ok) ? 1 : 0, 1)

/* rig_value: a boundary value or a random one. rig_fill: such values to in. */
uint64_t rig_value(struct rig *r);
void rig_fill(struct rig *r);
static inline unsigned rig_pick(struct rig *r, unsigned n) {
    return (unsigned)(check_random(&r->seed) % n);
}

/* rig_values: the boundary values themselves; rig_imms: immediates, 32 bits sign-extended, at the
 * edges of every machine's encodings. */
extern const uint64_t rig_values[];
extern const unsigned n_rig_values;
extern const int64_t rig_imms[];
extern const unsigned n_rig_imms;

const char *rig_reg_name(unsigned reg);

/* rig_clobber: writes garbage to every register that C lets a function destroy. */
void rig_clobber(void);

#endif
