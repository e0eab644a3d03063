/* kfunc_call.h: one call of a kernel function while it is checked, shared by the files that check
 * it: step_kfunc.c (order of things), kfunc_arg.c (an argument against its prototype), kfunc_do.c
 * (what single functions do), kfunc_graph.c (lists and trees), iter.c (iterators).
 */
#ifndef BPFLAB_VERIFIER_KFUNC_CALL_H
#define BPFLAB_VERIFIER_KFUNC_CALL_H

#include "verifier/access.h"
#include "verifier/btf_walk.h"
#include "verifier/call.h"
#include "verifier/kfunc.h"

#define KFUNC_NO_MAP UINT32_MAX

struct kfunc_call {
    const struct kfunc_fact *f;
    uint32_t release; /* register whose reference ends, 0: none */
    uint32_t ref;     /* the reference that an argument carries, 0: none */
    bool has_const;   /* a known number among the arguments: */
    uint64_t constant;
    uint32_t mem_bytes; /* of what is returned, as an argument says */
    bool mem_writable;
    bool has_dynptr; /* an initialised dynptr among the arguments: */
    struct reg dynptr;
    bool owning; /* an object that the program owns is given: */
    uint32_t obj_btf_id;
    const struct special_field *root; /* the list or tree */
    uint32_t subprog;                 /* callback */
    uint32_t map, map_uid;            /* map argument, or the map of a work queue; KFUNC_NO_MAP */
    uint32_t iter_frame, iter_slot;   /* of an initialised iterator */
};

static inline bool kfunc_has(const struct kfunc_call *c, unsigned flag) {
    return (c->f->row->flags & flag) != 0;
}

/* kfunc_args: all arguments. out: false: rejected */
bool kfunc_args(struct step *s, struct kfunc_call *c);
/* kfunc_mem: register r points to n_bytes that may be read and written, or is NULL. */
bool kfunc_mem(struct step *s, uint32_t r, uint32_t n_bytes);

/* kfunc_call_back: the callback is explored. kfunc_section: locks and sections that the function
 * enters and leaves. Both before registers are clobbered. kfunc_result: r0, after that, of the
 * functions that have rules of their own; *known: is this one? */
bool kfunc_call_back(struct step *s, const struct kfunc_call *c);
bool kfunc_section(struct step *s, const struct kfunc_call *c);
bool kfunc_result(struct step *s, const struct kfunc_call *c, struct reg *r0, bool *known);
bool kfunc_irq_flag(struct step *s, const struct kfunc_call *c, uint32_t r);

/* ---- kfunc_graph.c ---- */
bool graph_root_arg(struct step *s, struct kfunc_call *c, uint32_t r, enum special_kind kind);
bool graph_node_arg(struct step *s, struct kfunc_call *c, uint32_t r, enum special_kind kind);
/* graph_is_api: functions of lists, trees, reference counts, which may be called under a lock. */
bool graph_is_api(enum kfunc_id id);
/* graph_give: the node in r2 belongs to the list or tree now: the program's references to it are
 * non-owning. */
bool graph_give(struct step *s);
/* graph_node: a pointer to a node in the list or tree. non_owning: which stays there. */
struct reg graph_node(const struct step *s, const struct special_field *root, bool non_owning);

/* ---- iter.c ---- */
bool iter_arg(struct step *s, struct kfunc_call *c, uint32_t i);
/* iter_next: r0 is set: fork into the next element; the path itself goes on without. */
bool iter_next(struct step *s, const struct kfunc_call *c);
const struct reg *iter_of(const struct step *s, const struct kfunc_call *c);

#endif
