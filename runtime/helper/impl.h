/* impl.h: declarations of all helper functions, made from the rows, for the files that define
 * them. */
#ifndef BPFLAB_RUNTIME_HELPER_IMPL_H
#define BPFLAB_RUNTIME_HELPER_IMPL_H

#include "runtime/helper.h"

#define HELPER(id, name, state, flags, ret, n_args, a1, a2, a3, a4, a5) helper_fn helper_##name;
#include "runtime/helper.def"

#endif
