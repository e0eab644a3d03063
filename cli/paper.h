/* paper.h: a process that exists on paper only: addresses for code, helpers and kernel functions,
 * so that code can be made and looked at for any target.
 *
 * Maps are those of a real world in the target's byte order. All else lies near the code, as it
 * does in a process that runs it, so that calls have their short forms:
 *
 *   PAPER_CODE        the code
 *   PAPER_HELPERS     helper n at PAPER_HELPERS + 64 * n
 *   PAPER_KFUNCS      kernel functions, by the order in which the program names them
 *   PAPER_RUNTIME     the runtime's services (enum jit_thunk)
 *   PAPER_EXIT        where traps leave
 */
#ifndef BPFLAB_CLI_PAPER_H
#define BPFLAB_CLI_PAPER_H

#include "engine/bind.h"
#include "runtime/proto.h"

#define PAPER_CODE    UINT64_C(0x400000000000)
#define PAPER_EXIT    (PAPER_CODE + 0xe000)
#define PAPER_RUNTIME (PAPER_CODE + 0xf000)
#define PAPER_HELPERS (PAPER_CODE + 0x10000)
#define PAPER_KFUNCS  (PAPER_CODE + 0x20000)

struct paper {
    const struct object *object; /* borrowed */
    struct instance instance;
    struct jit_map *maps;
    uint64_t helpers[N_HELPERS];
    const struct prog *prog; /* whose kernel functions are asked for */
    char name[64];           /* paper_name's last */
};

/* paper_new: for the programs of an object, which is borrowed.
 * errors: those of instance_new */
enum bpflab_err paper_new(const struct object *o, const struct jit_arch *target, struct paper *out,
                          struct diag *d);
void paper_fini(struct paper *p);

/* paper_bind: what a program's code is made for; borrows p. */
struct jit_bind paper_bind(struct paper *p, uint32_t prog);

/* paper_name: what lies at an address outside the code, NULL if nothing. The text lasts until the
 * next call. */
const char *paper_name(struct paper *p, uint64_t addr);

#endif
