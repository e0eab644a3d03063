/* features.h: what a program needs of a machine, read from its instructions.
 */
#ifndef BPFLAB_CLI_FEATURES_H
#define BPFLAB_CLI_FEATURES_H

#include "isa/prog.h"

/* Two tables give an instruction a version: what LLVM's -mcpu=vN compiles to, and what the
 * conformance suite's --cpu vN admits. They differ in old instructions only: a plain atomic add and
 * a local call are v1 and v3. */
enum features_table {
    FEATURES_LLVM,
    FEATURES_SUITE,
};

struct features {
    uint32_t groups;     /* bits of enum isa_group */
    unsigned cpu;        /* 1 to 4; 5: beyond v4 (load-acquire, may_goto, ...) */
    uint32_t helpers[8]; /* bit set: helper numbers 1 to 255 called */
    bool kfuncs, local_calls, callbacks, arena_casts, tail_calls, packet_loads, invalid;
};

/* insn_cpu: 1 to 4, and 5 beyond. */
unsigned insn_cpu(enum op op, enum features_table table);

/* features_of: over all instructions.
 * cost:   O(n) */
struct features features_of(const struct insn *insns, uint32_t n_insns, enum features_table table);

/* features_calls: is this helper called? false for numbers beyond 255. */
bool features_calls(const struct features *f, uint32_t helper);

/* Conformance groups, bits of enum isa_group.
 * group_name: of the index-th, from 0; NULL past the end.
 * group_bit:  its bit; 0 past the end.
 * group_closure: a group and those that it implies (divmul64 has divmul32, and so on); 0 for an
 *                unknown name. */
const char *group_name(unsigned index);
uint32_t group_bit(unsigned index);
uint32_t group_closure(const char *name, size_t n_chars);

#endif
