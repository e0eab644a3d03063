/* golden_list.h: a fixed list of operations, and the bytes that a back end makes of each. */
#ifndef BPFLAB_JIT_TESTS_GOLDEN_LIST_H
#define BPFLAB_JIT_TESTS_GOLDEN_LIST_H

#include "jit/arch.h"

enum {
    GOLDEN_TEXT = 96, /* bytes that a text needs at most */
};

unsigned golden_count(void);

/* golden_make: the i-th operation to an empty b, and what it is to text. */
void golden_make(const struct jit_arch *a, unsigned i, struct jit_buf *b, char text[GOLDEN_TEXT]);

#endif
