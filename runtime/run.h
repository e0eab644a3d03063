/* run.h: how a run ends, as a value that all engines share. */
#ifndef BPFLAB_RUNTIME_RUN_H
#define BPFLAB_RUNTIME_RUN_H

#include <stdint.h>

enum run_kind {
#define RUN(name, id, text) RUN_##name,
#include "runtime/run.def"
    N_RUN_KINDS,
};

struct run_end {
    enum run_kind kind;
    uint32_t pc;   /* of the instruction that trapped; of the exit instruction */
    uint64_t r0;   /* RUN_EXIT */
    uint64_t addr; /* RUN_TRAP_MEMORY, _NULL, _ALIGN: the guest address; _HELPER: the number */
};

/* run_kind_id: "out_of_bounds"; run_kind_text: the sentence. Never NULL. */
const char *run_kind_id(enum run_kind kind);
const char *run_kind_text(enum run_kind kind);

#endif
