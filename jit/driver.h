/* driver.h: the state of one compilation, shared by the driver's own files.
 *
 *   plan.c     where functions begin, what they need, which pcs are jumped to
 *   flow.c     which registers, and which upper halves, are read later
 *   emit.c     what lowering is written with: operations, labels, sites, cold parts
 *   lower_*.c  instructions become operations of a back end
 *   fuse.c     several instructions become one operation
 *   divide.c   division by a constant
 *   blind.c    constants hidden
 *   layout.c   sites get their forms, code its final bytes
 *   compile.c  all of it in order
 */
#ifndef BPFLAB_JIT_DRIVER_H
#define BPFLAB_JIT_DRIVER_H

#include "jit/arch.h"
#include "jit/rows.h"
#include "runtime/run.h"

enum {
    KEPT = 0x3c0, /* r6 to r9: a function keeps them for its caller */
};

/* What the plan knows of a pc. */
enum plan_flag {
    PLAN_TARGET = 1 << 0, /* a jump leads here */
    PLAN_FUNC = 1 << 1,   /* a function begins here */
    PLAN_LOOP = 1 << 2,   /* a backward one does */
    PLAN_TRAP = 1 << 3,   /* it writes r10: the run ends here */
    /* a load or store, lowered with the instructions before it that make its address; their code is
     * its own, for it alone can fault */
    PLAN_ACCESS = 1 << 4,
};

/* struct plan_func: a function of the program, [start, end). */
struct plan_func {
    uint32_t start, end; /* pc */
    struct jit_frame frame;
    bool fp;     /* r10 must be right when it is entered */
    bool budget; /* it has a may_goto */
};

struct plan {
    uint8_t *flags; /* n_insns, enum plan_flag */
    struct plan_func *funcs;
    uint32_t n_funcs;
    bool tangled;     /* functions run into each other: all have one and the same frame */
    bool depth;       /* local calls check the number of frames */
    bool slow_memory; /* accesses may need the runtime unless facts say otherwise */
};

/* struct label: a place in the code, known or to come. */
struct label {
    uint32_t at;   /* bytes of plain code before it; UINT32_MAX: not bound yet */
    uint32_t site; /* sites before it */
};

/* enum cold_kind: what is kept out of the way, behind the function. */
enum cold_kind {
    COLD_TRAP,    /* end the run */
    COLD_PENDING, /* end it with the trap that a helper left */
    COLD_FUEL,    /* pay for a backward jump, then go there */
    COLD_PACKET,  /* LD_ABS outside the packet: leave the function with 0 */
    COLD_MEM,     /* a load or store that the runtime must do */
    COLD_ATOMIC,  /* an atomic access that it must do */
};

struct cold {
    uint8_t kind;       /* enum cold_kind */
    bool has_addr;      /* TRAP: its address is in T1 */
    bool load;          /* MEM: else a store */
    uint8_t reg;        /* ATOMIC: the source */
    enum run_kind trap; /* TRAP */
    enum op op;         /* ATOMIC */
    uint32_t pc;        /* the instruction that it belongs to */
    uint32_t label;     /* where it begins, given by j_cold */
    uint32_t to;        /* FUEL: the label to go on at */
    uint32_t back;      /* MEM, ATOMIC: the label behind the access */
    struct jit_mem mem; /* MEM; of ATOMIC, base and off */
};

/* upper halves that are known to be zero, and what else is known in straight code */
struct known {
    uint16_t zext;           /* bit r: the upper half of r is 0 */
    int32_t map[N_JIT_REGS]; /* index of the map whose handle r holds, or -1 */
};

struct jit {
    const struct prog *prog;
    const struct insn *insns; /* the program's */
    const struct jit_arch *arch;
    const struct jit_options *opt;
    const struct jit_bind *bind;
    struct diag *diag;
    uint64_t addr;
    struct plan plan;
    uint8_t *ops;   /* n_insns: enum op, OP_INVALID in second slots */
    uint32_t *live; /* n_insns: after each, bit r: r is read; bit 16 + r: its upper half; or NULL */
    struct jit_buf code;
    struct jit_site *sites;
    uint32_t n_sites, cap_sites;
    struct label *labels; /* by pc, then by function, then others */
    uint32_t n_labels, cap_labels;
    struct cold *colds;
    uint32_t n_colds, cap_colds, done_colds; /* those of earlier functions are done */
    uint64_t *pool;
    uint32_t n_pool, cap_pool;
    const struct plan_func *func; /* being lowered */
    uint32_t pc;                  /* being lowered */
    struct known known;
    uint64_t rng; /* of blinding */
};

static inline enum op j_op(const struct jit *j, uint32_t pc) {
    return (enum op)j->ops[pc];
}

static inline const struct row *j_row(const struct jit *j, uint32_t pc) {
    return &jit_rows[j->ops[pc]];
}

/* j_entered: can pc be reached otherwise than from the instruction before it, or is it another
 * function's? Then it cannot be fused with that one. */
static inline bool j_entered(const struct jit *j, uint32_t pc) {
    return pc >= j->func->end || j->plan.flags[pc];
}

/* ---- plan.c, flow.c ---- */
enum bpflab_err plan_make(struct jit *j);
void plan_fini(struct plan *p);
enum bpflab_err flow_make(struct jit *j);

/* plan_func_of: the function that begins at pc, its index. */
uint32_t plan_func_at(const struct plan *p, uint32_t pc);

/* flow_live, flow_wide: is r (its upper half) read after the instruction at pc? True where nothing
 * is known. */
static inline bool flow_live(const struct jit *j, uint32_t pc, unsigned r) {
    return !j->live || (j->live[pc] >> r & 1);
}
static inline bool flow_wide(const struct jit *j, uint32_t pc, unsigned r) {
    return !j->live || (j->live[pc] >> (16 + r) & 1);
}

/* ---- emit.c: operations, labels and sites ---- */
uint32_t j_label(struct jit *j);
static inline void j_bind(struct jit *j, uint32_t label) {
    j->labels[label] = (struct label){j->code.n, j->n_sites};
}
void j_site(struct jit *j, struct jit_site s);
void j_alu(struct jit *j, enum jit_op op, unsigned width, uint8_t dst, uint8_t a, uint8_t b);
void j_alu_k(struct jit *j, enum jit_op op, unsigned width, uint8_t dst, uint8_t a, int64_t k);
void j_const(struct jit *j, uint8_t reg, uint64_t value);
/* j_near_state: is the address so near to STATE that loads and stores reach it from there? */
bool j_near_state(const struct jit *j, uint64_t addr, int32_t *off);
void j_load(struct jit *j, unsigned bytes, uint8_t reg, uint8_t base, int32_t off);
void j_store(struct jit *j, unsigned bytes, uint8_t base, int32_t off, uint8_t reg);
void j_jump(struct jit *j, uint32_t label);
void j_branch(struct jit *j, enum jit_cond c, unsigned width, uint8_t a, uint8_t b, uint32_t label);
void j_branch_k(struct jit *j, enum jit_cond c, unsigned width, uint8_t a, int64_t k,
                uint32_t label);
void j_call_host(struct jit *j, uint64_t addr);
/* j_cold: put something off until the function's end. out: the label to jump to */
uint32_t j_cold(struct jit *j, struct cold c);
void j_trap(struct jit *j, enum run_kind kind, uint64_t addr);
uint32_t j_trap_label(struct jit *j, enum run_kind kind, bool addr_in_t1);
void j_flush_cold(struct jit *j);
/* j_check_pending: end the run if the call just made has left a trap.
 * j_forget: what is known of a register that is written; zext: its upper half is 0 now. */
void j_check_pending(struct jit *j);
void j_forget(struct jit *j, uint8_t reg, bool zext);
void j_fail(struct jit *j, enum bpflab_err err, const char *why);

static inline uint32_t j_pc_label(uint32_t pc) {
    return pc;
}
static inline uint32_t j_func_label(const struct jit *j, uint32_t func) {
    return j->prog->n_insns + func;
}

/* ---- lower_*.c: one instruction; out: pcs consumed (fused ones too) ---- */
uint32_t lower_alu(struct jit *j, uint32_t pc, enum op op);
uint32_t lower_mem(struct jit *j, uint32_t pc, enum op op);
/* lower_access: the access at pc, at this address instead of its own */
uint32_t lower_access(struct jit *j, uint32_t pc, const struct jit_mem *at);
uint32_t lower_jmp(struct jit *j, uint32_t pc, enum op op);
uint32_t lower_call(struct jit *j, uint32_t pc, enum op op);
/* lower_is_plain: does the access at pc, through base, reach memory that is what it looks like? */
bool lower_is_plain(const struct jit *j, uint32_t pc, uint8_t base);
void lower_imm64(struct jit *j, uint32_t pc, enum op op);
void lower_exit(struct jit *j);
void cold_mem(struct jit *j, const struct cold *c);
void cold_atomic(struct jit *j, const struct cold *c);

/* lower_pay: the price of a backward jump or call, if fuel is counted. */
void lower_pay(struct jit *j);

/* ---- fuse.c ---- */
/* fuse_alu: does an instruction begin a group that is one operation?
 * out: slots it takes, 0 if not; the operation in *out */
uint32_t fuse_alu(const struct jit *j, uint32_t pc, struct jit_alu *out);

/* fuse_address: does an instruction begin a group that is one load or store?
 *
 *     r1 = value of a map; [r1 += r2;] r1 = *(r1 + off)         from STATE, with an index
 *     [r1 = r2;] r1 += r3; r1 = *(r1 + off)                     with an index
 *
 * and the same with a store, if r1 is not read again.
 * out: slots before the access, 0 if not; its address in base, index, indexed, off of *m */
uint32_t fuse_address(const struct jit *j, uint32_t pc, struct jit_mem *m);

/* ---- divide.c: dst = a op k, a constant other than 0; out: false if left to the back end ---- */
bool divide_const(struct jit *j, const struct jit_alu *a);

/* ---- blind.c ---- */
/* blind_to: reg = k, sign-extended to 64 bits, with k nowhere in the code. */
void blind_to(struct jit *j, uint8_t reg, uint64_t value);

/* ---- layout.c ---- */
/* A site of the layout's own: k bytes of nops, so that the loop from here to the
 * label is in one line. */
enum {
    LAYOUT_ALIGN = JSITE_CONST + 1
};
enum bpflab_err layout_make(struct jit *j, struct jit_code *out);

#endif
