/* hooks.c: helpers of security hooks and infrared receivers. What they act on, a program about to
 * be run or an input device, is not part of a world: the trace is where their effect can be seen.
 * The kernel around the program measures no files.
 */
#include "runtime/helper/arg.h"

enum {
    BPRM_SECUREEXEC = 1
};

uint64_t helper_bprm_opts_set(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                              struct world *w) {
    HELPER_UNUSED4(r1, r3, r4, r5);
    (void)w;
    return r2 & ~(uint64_t)BPRM_SECUREEXEC ? helper_err(LX_EINVAL) : 0;
}

uint64_t helper_ima_inode_hash(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    (void)w;
    return helper_err(LX_EOPNOTSUPP);
}

uint64_t helper_ima_file_hash(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                              struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    (void)w;
    return helper_err(LX_EOPNOTSUPP);
}

uint64_t helper_rc_repeat(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                          struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    (void)w;
    return 0;
}

uint64_t helper_rc_keydown(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                           struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    (void)w;
    return 0;
}

uint64_t helper_rc_pointer_rel(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                               struct world *w) {
    HELPER_UNUSED5(r1, r2, r3, r4, r5);
    (void)w;
    return 0;
}
