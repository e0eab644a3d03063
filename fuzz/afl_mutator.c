/* afl_mutator.c: the mutators of fuzz/mut as afl-fuzz calls them, a shared library of their own. It
 * is not instrumented: afl-fuzz loads it into its own process.
 */
#include "fuzz/mutator.h"

#include <stdlib.h>

#include "fuzz/edit.h"
#include "fuzz/mut/mut.h"

enum {
    TRIM_STEPS = 160, /* runs of the target that a trim may cost */
    TRIM_FROM = 32,   /* slots left out at once, at first */
    CROSS_ONE_IN = 3,
};

struct afl_mutator {
    struct mut_room room;
    uint64_t seed;
    uint8_t out[CASE_MAX_BYTES];
    /* of a trim */
    struct fuzz_case good, tried;
    uint32_t slots, at;
    int32_t step;
};

void *afl_custom_init(void *afl, unsigned seed) {
    (void)afl;
    struct afl_mutator *const m = calloc(1, sizeof *m);
    if (m)
        m->seed = seed;
    return m;
}

void afl_custom_deinit(void *data) {
    free(data);
}

size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t buf_size, uint8_t **out_buf,
                       uint8_t *add_buf, size_t add_buf_size, size_t max_size) {
    struct afl_mutator *const m = data;
    const uint64_t seed = input_next(&m->seed);
    const size_t room = max_size < sizeof m->out ? max_size : sizeof m->out;
    *out_buf = m->out;
    if (add_buf && add_buf_size && seed % CROSS_ONE_IN == 0)
        return mut_cross(&m->room, seed, buf, buf_size, add_buf, add_buf_size, m->out, room);
    return mut_bytes(&m->room, seed, buf, buf_size, m->out, room);
}

/* ---- trimming ---- */

int32_t afl_custom_init_trim(void *data, uint8_t *buf, size_t buf_size) {
    struct afl_mutator *const m = data;
    if (!mut_read(buf, buf_size, &m->good) || buf[0] != CASE_LITERAL)
        return 0; /* afl-fuzz leaves it as it is */
    m->slots = TRIM_FROM;
    m->at = m->good.start[m->good.n_progs];
    m->step = 0;
    return TRIM_STEPS;
}

/* The next place, from the end to the beginning, then with fewer slots. out: false: that was all */
static bool next_place(struct afl_mutator *m) {
    if (m->at == 0) {
        m->slots /= 4;
        m->at = m->good.start[m->good.n_progs];
    }
    m->at = m->slots && m->at > m->slots ? m->at - m->slots : 0;
    return m->slots > 0;
}

size_t afl_custom_trim(void *data, uint8_t **out_buf) {
    struct afl_mutator *const m = data;
    m->tried = m->good;
    while (next_place(m))
        if (edit_remove(&m->tried, m->at, m->slots))
            break;
    *out_buf = m->out;
    return case_encode(&m->tried, m->out);
}

int32_t afl_custom_post_trim(void *data, unsigned char success) {
    struct afl_mutator *const m = data;
    if (success)
        m->good = m->tried;
    return m->slots ? ++m->step : TRIM_STEPS;
}
