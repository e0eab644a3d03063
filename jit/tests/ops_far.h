/* ops_far.h: code at a distance: a large stretch of address space, of which only the pages that
 * hold code exist; and how far a form of a site reaches. */
#ifndef BPFLAB_JIT_TESTS_OPS_FAR_H
#define BPFLAB_JIT_TESTS_OPS_FAR_H

#include "jit/tests/ops_rig.h"

enum {
    FAR_MOST = 140 << 20, /* distances beyond are not tried */
    FAR_EDGE = 1 << 20,   /* room at either end */
};

struct far {
    uint8_t *mem;
};

bool far_init(struct far *f);
void far_fini(struct far *f);

/* far_base: where a site may lie whose label is distance away. far_page: one of a few places of
 * 4096 bytes that are near neither. far_put: code to an address. */
uint64_t far_base(const struct far *f, int64_t distance);
uint64_t far_page(const struct far *f, unsigned i);
void far_put(struct far *f, uint64_t at, const void *bytes, size_t n);

/* far_reach: the greatest distance, of the given sign, at which a form may be used; at most
 * FAR_MOST. Found by bisection: a form that fits fits at every shorter distance. */
int64_t far_reach(const struct rig *r, const struct jit_site *s, unsigned form, int sign);

#endif
