/* check.h: what test programs are written with. A failed check prints its place and values and the
 * test goes on; check_end reports, and fails a test in which nothing was checked.
 *
 *   int main(void) { CHECK(x > 0); CHECK_EQ(f(3), 9); return check_end(); }
 */
#ifndef BPFLAB_TESTS_CHECK_H
#define BPFLAB_TESTS_CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    uint64_t run, failed;
    const char *note; /* what is being tested, printed with a failure; may be NULL */
} check_state;

/* check_note: say what the following checks are about (kept by reference). */
static inline void check_note(const char *note) {
    check_state.note = note;
}

static inline bool check_that(bool ok, const char *file, int line, const char *what) {
    check_state.run++;
    if (ok)
        return true;
    check_state.failed++;
    if (check_state.failed <= 50)
        printf("%s:%d: not so: %s%s%s\n", file, line, what, check_state.note ? " -- " : "",
               check_state.note ? check_state.note : "");
    return false;
}

static inline bool check_eq(uint64_t got, uint64_t want, const char *file, int line,
                            const char *what) {
    if (check_that(got == want, file, line, what))
        return true;
    if (check_state.failed <= 50)
        printf("    got  %#" PRIx64 "\n    want %#" PRIx64 "\n", got, want);
    return false;
}

static inline bool check_str(const char *got, const char *want, const char *file, int line,
                             const char *what) {
    if (check_that(got && want && !strcmp(got, want), file, line, what))
        return true;
    if (check_state.failed <= 50)
        printf("    got  \"%s\"\n    want \"%s\"\n", got ? got : "(null)", want ? want : "(null)");
    return false;
}

#define CHECK(c) check_that((c), __FILE__, __LINE__, #c)
#define CHECK_EQ(got, want)                                                                        \
    check_eq((uint64_t)(got), (uint64_t)(want), __FILE__, __LINE__, #got " == " #want)
#define CHECK_STR(got, want) check_str((got), (want), __FILE__, __LINE__, #got " == " #want)

/* check_end: the exit status. */
static inline int check_end(void) {
    printf("%" PRIu64 " checks, %" PRIu64 " failed\n", check_state.run, check_state.failed);
    if (check_state.run == 0)
        printf("nothing was checked: that is a failure\n");
    return check_state.failed || check_state.run == 0;
}

/* check_skip: print why, and the exit status that ctest takes for a skip. */
static inline int check_skip(const char *why) {
    printf("skipped: %s\n", why);
    return 77;
}

/* check_rounds: how many of n rounds of a random test are to be run: BPFLAB_ROUNDS percent of them,
 * where sanitizers or emulators make each slow; without it all. The first rounds are the same. */
static inline unsigned check_rounds(unsigned n) {
    const char *const percent = getenv("BPFLAB_ROUNDS");
    const unsigned long of_100 = percent ? strtoul(percent, NULL, 10) : 100;
    const uint64_t some = (uint64_t)n * of_100 / 100;
    return of_100 >= 100 ? n : some ? (unsigned)some : 1;
}

/* check_random: SplitMix64, for tests that want reproducible numbers. */
static inline uint64_t check_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

#endif
