/* kernel.h: a kernel's types, as far as generated programs ask: the kernel functions that the
 * runtime has, with the structs they name. So no verdict depends on the kernel of the machine that
 * fuzzes.
 */
#ifndef BPFLAB_FUZZ_KERNEL_H
#define BPFLAB_FUZZ_KERNEL_H

#include "isa/btf.h"

/* kernel_types_new: out: *out, for btf_free. errors: NOMEM */
enum bpflab_err kernel_types_new(struct btf **out);

#endif
