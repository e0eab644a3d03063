/* impl.h: declarations of all kernel functions that bpflab runs, made from the rows, for the files
 * that define them.
 */
#ifndef BPFLAB_RUNTIME_KFUNC_IMPL_H
#define BPFLAB_RUNTIME_KFUNC_IMPL_H

#include "runtime/helper.h"

#define KFUNC_PROTO(name, state, effect, ret, n_args, a1, a2, a3, a4, a5) helper_fn kfunc_##name;
#include "runtime/kfuncproto.def"

#endif
