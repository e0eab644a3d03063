/* exec_impl.h: what the files of the executor share: values, memory, states.
 *
 *   value.c           values and how two become one where paths meet
 *   memory.c          objects of bytes
 *   exec.c            paths, blocks, calls
 *   exec_insn.c       instructions
 *   exec_intrinsic.c  llvm.* and the harness's primitives
 *   exec_attr.c       what attributes and metadata promise
 *
 * Everything lives in the run's arena until exec_fini.
 */
#ifndef BPFLAB_PROOFS_EXEC_IMPL_H
#define BPFLAB_PROOFS_EXEC_IMPL_H

#include <llvm-c/Target.h>

#include "proofs/exec.h"

/* ---- values ---- */
enum value_kind {
    VALUE_INT,
    VALUE_PTR,
    VALUE_AGG,
};

/* struct target: one of the places that a pointer may point to. */
struct target {
    term *when;      /* exactly one of a pointer's targets holds */
    uint32_t object; /* 0: null */
    term *off;       /* 64 bits, signed */
};

/* struct value: immutable. */
struct value {
    uint8_t kind;
    uint32_t n;             /* PTR: targets; AGG: parts */
    term *v;                /* INT */
    term *poison;           /* INT, PTR: true if it is poison; NULL: never */
    const struct byte *raw; /* INT: loaded from bytes that are not all initialised (padding in a
                               register, on its way back to memory): those; else NULL */
    const struct target *targets;
    const struct value *const *parts;
};

/* ---- memory ---- */

/* struct byte: part of a stored value; from NULL: not initialised. */
struct byte {
    const struct value *from;
    uint32_t index; /* which byte of it, least significant first */
};

/* struct object: contents as of one state; shared until written. */
struct object {
    uint64_t owner; /* the state that may write it in place */
    uint32_t size;  /* bytes */
    uint32_t align; /* its address is a multiple of it, and of nothing more */
    bool dead;      /* outside its lifetime (llvm.lifetime.*) */
    bool constant;
    struct byte bytes[];
};

/* ---- paths and states ---- */

/* struct path: the branches taken, a list toward the beginning. */
struct path {
    const struct path *parent; /* NULL: the beginning */
    term *taken;
    term *full; /* of this and all before */
    uint32_t depth;
};

/* struct held: an object that a state has. */
struct held {
    uint32_t number;
    struct object *object;
};

struct state {
    uint64_t id;
    const struct path *path;
    struct held *objects; /* those that there are, by number; a number is never given twice */
    uint32_t n_objects, cap_objects;
    const struct value **slots; /* of the innermost activation */
};

/* struct exec_function: a function that pointers point to: an object without bytes. */
struct exec_function {
    LLVMValueRef f;
    uint32_t object;
    struct exec_function *next;
};

/* struct exec_called: a function that has been called. */
struct exec_called {
    LLVMValueRef f;
    struct exec_called *next;
};

struct exec {
    struct exec_run *run;
    struct bitcode *bits;
    struct terms *t;
    LLVMTargetDataRef layout;
    const struct exec_options *opt;
    struct exec_redirect uses[MAX_USES]; /* contracts of this theorem */
    uint32_t n_uses;
    struct exec_called *called; /* functions that were executed */
    LLVMValueRef *globals; /* object numbers 1 to n_globals: variables that the theorem can name */
    uint32_t n_globals;
    struct exec_function *functions; /* whose address was taken; the last one first */
    uint64_t next_state;
    uint32_t next_object;
    uint32_t depth;  /* of calls */
    uint32_t n_ends; /* paths that ended other than by returning */
    uint64_t steps;
    bool failed;
};

/* ---- exec.c ---- */
void *exec_alloc(struct exec *x, size_t bytes); /* zeroed; failure ends the run */
void exec_fail(struct exec *x, LLVMValueRef where, const char *why);
/* exec_ub: behaviour would be undefined here if `when` (and the path) holds. */
void exec_ub(struct exec *x, const struct state *s, term *when, LLVMValueRef where,
             const char *what);
/* exec_state_copy: *s goes two ways: both may be written. */
struct state *exec_state_copy(struct exec *x, struct state *s, uint32_t n_slots);
/* exec_call: run a function. out: its value (NULL if void); *s is the state afterwards, or NULL if
 * it never returns */
const struct value *exec_call(struct exec *x, LLVMValueRef f, const struct value *const *args,
                              uint32_t n_args, struct state **s);
/* exec_operand: its value in this state. NULL: failed */
const struct value *exec_operand(struct exec *x, struct state *s, const struct ir_operand *o);

/* ---- value.c ---- */
/* value_function: the function that a pointer points to; NULL: none, or not always one. */
LLVMValueRef value_function(const struct exec *x, const struct value *p);
const struct value *value_int(struct exec *x, term *v, term *poison);
const struct value *value_ptr(struct exec *x, uint32_t object, term *off);
const struct value *value_ptr_of(struct exec *x, const struct target *targets, uint32_t n,
                                 term *poison);
const struct value *value_agg(struct exec *x, const struct value *const *parts, uint32_t n);
const struct value *value_poison(struct exec *x, LLVMTypeRef type);
/* value_choose: c ? a : b. NULL: they cannot be merged (noted as failure) */
const struct value *value_choose(struct exec *x, term *c, const struct value *a,
                                 const struct value *b);
const struct value *value_constant(struct exec *x, LLVMValueRef c);
/* poison of several, NULL as never */
term *poison_or(struct exec *x, term *a, term *b);
term *poison_if(struct exec *x, term *when); /* NULL if it is constant false */
/* type_bits: of an integer type. type_bytes: what it takes in memory. */
unsigned type_bits(LLVMTypeRef t);
uint64_t type_bytes(const struct exec *x, LLVMTypeRef t);

/* ---- memory.c ---- */
/* memory_object: an object by its number, NULL if it is not (any more). */
struct object *memory_object(const struct state *s, uint32_t number);
uint32_t memory_new(struct exec *x, struct state *s, uint64_t size, uint32_t align);
void memory_init(struct exec *x, struct state *s, uint32_t object, uint64_t at, LLVMValueRef c);
const struct value *memory_load(struct exec *x, struct state *s, const struct value *p,
                                LLVMTypeRef type, LLVMValueRef where);
void memory_store(struct exec *x, struct state *s, const struct value *p, const struct value *v,
                  LLVMTypeRef type, LLVMValueRef where);
/* memory_copy: overlap: source and destination may (else they are one, or apart). */
void memory_copy(struct exec *x, struct state *s, const struct value *to, const struct value *from,
                 uint64_t n, bool overlap, LLVMValueRef where);
void memory_fill(struct exec *x, struct state *s, const struct value *to, const struct value *byte,
                 uint64_t n, LLVMValueRef where);
/* memory_end: the object is no more. memory_life: it has no contents, and is alive or not. */
void memory_end(struct state *s, uint32_t object);
void memory_life(struct exec *x, struct state *s, uint32_t object, bool alive);
/* memory_lacks: when p does not point to n bytes that are there; NULL: never. memory_crooked: when
 * its address is not a multiple of align. */
term *memory_lacks(struct exec *x, const struct state *s, const struct value *p, uint64_t n);
term *memory_crooked(struct exec *x, const struct state *s, const struct value *p, uint32_t align);
/* memory_choose: into a: a's memory where c holds, else b's. */
void memory_choose(struct exec *x, term *c, struct state *a, const struct state *b);

/* ---- exec_insn.c, exec_intrinsic.c, exec_attr.c ---- */
/* exec_insn: everything but control flow. out: the result, NULL if none (or failed) */
const struct value *exec_insn(struct exec *x, struct state *s, const struct ir_insn *in);
/* exec_call_insn: *s may become NULL. */
const struct value *exec_call_insn(struct exec *x, struct state **s, const struct ir_insn *in);
/* exec_primitive: one of the harness's; false: it is none. */
bool exec_primitive(struct exec *x, struct state *s, const char *name, const struct ir_insn *in,
                    const struct value *const *args, uint32_t n_args, const struct value **out);
/* exec_uses_done: all contracts that the theorem names must have been used by its end. */
void exec_uses_done(struct exec *x, LLVMValueRef theorem);
const struct value *exec_intrinsic(struct exec *x, struct state **s, const char *name,
                                   const struct ir_insn *in, const struct value *const *args,
                                   uint32_t n_args);
/* exec_args: arguments as the callee gets them: byval copied, promises kept. out: false: failed */
bool exec_args(struct exec *x, struct state *s, const struct ir_insn *in, LLVMValueRef callee,
               const struct value **args, uint32_t n_args, uint32_t *copies, uint32_t *n_copies);
/* exec_result: what a call gives: of the attributes of the call, of the callee and of metadata.
 * exec_loaded: what a load gives: of metadata. out: the value, poison where a promise is broken */
const struct value *exec_result(struct exec *x, struct state *s, LLVMValueRef call,
                                LLVMValueRef callee, const struct value *v);
const struct value *exec_loaded(struct exec *x, struct state *s, LLVMValueRef load,
                                const struct value *v);

#endif
