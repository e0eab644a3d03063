/* helper_call.h: one helper call while it is checked, shared by the files that check it:
 * step_call_helper.c (order of things), helper_arg.c (an argument against its prototype),
 * helper_do.c (what single helpers do beyond their prototype).
 */
#ifndef BPFLAB_VERIFIER_HELPER_CALL_H
#define BPFLAB_VERIFIER_HELPER_CALL_H

#include "verifier/access.h"
#include "verifier/call.h"
#include "verifier/kfunc.h"

#define NO_MAP UINT32_MAX

enum {
    MAX_VAR_BYTES = 1 << 29, /* of a size argument that is not constant */
};

struct helper_call {
    const struct helper_proto *proto;
    uint32_t map, map_uid; /* the map argument (or the map of a timer, lock): index, or NO_MAP */
    uint32_t release;      /* register whose reference ends, 0: none */
    uint32_t ref;          /* the reference that an argument carries, 0: none */
    uint32_t subprog;      /* callback */
    uint64_t size_max;     /* largest value of the last size argument */
    uint64_t alloc_bytes;  /* ARG_ALLOC_SIZE */
    int64_t const_key;     /* constant key of an array map, -1: not known */
    uint32_t obj_btf_id;   /* type of a BTF argument, for what is returned */
    uint16_t obj_flags;
    const struct special_field *kptr;
};

/* helper_name: "bpf_map_lookup_elem#1", for messages. */
const char *helper_words(uint32_t id, char buf[64]);

/* helper_arg: argument i (0 to 4), in register 1 + i. out: false: rejected */
bool helper_arg(struct step *s, struct helper_call *h, uint32_t i);

/* helper_do: what this helper does beyond its prototype, before registers are clobbered.
 * out: false: rejected */
bool helper_do(struct step *s, struct helper_call *h);

#endif
