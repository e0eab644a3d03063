/* machine.c: which machine a back end makes code for. */
#include "proofs/machine/machine.h"

#include <string.h>

/* MACHINE_ARCHS: those whose files are there (CMakeLists.txt). */
const struct machine *machine_of(const struct jit_arch *target) {
    static const struct machine *const all[] = {
#ifdef MACHINE_X86_64
        &machine_x86_64,
#endif
#ifdef MACHINE_ARM64
        &machine_arm64,
#endif
#ifdef MACHINE_RISCV64
        &machine_riscv64,
#endif
#ifdef MACHINE_S390X
        &machine_s390x,
#endif
        NULL,
    };
    const char *const name = jit_target_name(target);
    for (unsigned i = 0; all[i]; i++) {
        /* "x86-64-base" is a variant of "x86-64" */
        const size_t n = strlen(all[i]->name);
        if (!strncmp(name, all[i]->name, n) && (name[n] == 0 || name[n] == '-'))
            return all[i];
    }
    return NULL;
}
