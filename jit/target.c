/* target.c: the back ends, by name; where a machine can run two, the better one first. */
#include "jit/arch.h"

static const struct jit_arch *const targets[] = {
    &jit_x86_64, &jit_x86_64_base, &jit_arm64, &jit_riscv64, &jit_s390x, &jit_stub_arch,
};

enum {
    N_TARGETS = sizeof targets / sizeof targets[0]
};

const struct jit_arch *jit_target_at(unsigned i) {
    return i < N_TARGETS ? targets[i] : NULL;
}

const struct jit_arch *jit_target(const char *name) {
    for (unsigned i = 0; i < N_TARGETS; i++)
        if (!strcmp(targets[i]->name, name))
            return targets[i];
    return NULL;
}

const struct jit_arch *jit_host(void) {
    for (unsigned i = 0; i < N_TARGETS; i++)
        if (targets[i]->on_host())
            return targets[i];
    return NULL;
}

const char *jit_target_name(const struct jit_arch *a) {
    return a->name;
}

const char *jit_target_triple(const struct jit_arch *a) {
    return a->triple;
}

const char *jit_target_mattr(const struct jit_arch *a) {
    return a->mattr;
}

bool jit_target_big_endian(const struct jit_arch *a) {
    return a->big_endian;
}
