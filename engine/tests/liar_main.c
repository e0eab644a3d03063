/* liar_main.c: an executor whose answers are changed at random: what a host must live with.
 *
 * BPFLAB_TEST_SEED says how; if its low two bits are 0 nothing is changed, so that the rest of the
 * test is known to work.
 */
#include "engine/executor/serve.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/check.h"

static bool tell(uint64_t n) {
    uint8_t b[8];
    struct wire_out out = {.p = b, .capacity = sizeof b};
    wire_put64(&out, n);
    return write(PROTO_FD_SOCKET, b, sizeof b) == (ssize_t)sizeof b;
}

static bool hear(uint64_t *n) {
    uint8_t b[8];
    struct wire_in in = {.p = b, .n = sizeof b};
    if (read(PROTO_FD_SOCKET, b, sizeof b) != (ssize_t)sizeof b)
        return false;
    *n = wire_get64(&in);
    return true;
}

/* Some bytes become others, mostly near the beginning, where sizes and counts are. */
static uint64_t changed(uint8_t *shared, uint64_t n, uint64_t *seed) {
    static const uint8_t bytes[] = {0, 1, 7, 0x7f, 0x80, 0xff};
    for (uint64_t k = check_random(seed) % 6; k; k--) {
        const uint64_t range = check_random(seed) % 2 ? 64 : n;
        shared[PROTO_REPLY_OFF + check_random(seed) % (range ? range : 1)] =
            check_random(seed) % 2 ? bytes[check_random(seed) % sizeof bytes]
                                   : (uint8_t)check_random(seed);
    }
    if (check_random(seed) % 8 == 0)
        shared[check_random(seed) % 16] = (uint8_t)check_random(seed); /* progress */
    if (check_random(seed) % 16 == 0)
        n = check_random(seed) % 2 ? check_random(seed) % (n + 1) : check_random(seed);
    return n;
}

int main(void) {
    const char *const text = getenv("BPFLAB_TEST_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : 0, n;
    const bool lies = seed & 3, hello_too = (seed & 3) == 3;
    struct server s;
    void *const shared =
        mmap(NULL, PROTO_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, PROTO_FD_SHARED, 0);
    if (shared == MAP_FAILED || server_init(&s, shared, false))
        return 1;
    n = server_hello(&s);
    if (hello_too)
        n = changed(shared, n, &seed);
    while (tell(n) && hear(&n)) {
        n = server_answer(&s, n);
        if (lies && check_random(&seed) % 3 == 0)
            n = changed(shared, n, &seed);
        if (lies && check_random(&seed) % 64 == 0)
            return 0;
    }
    server_fini(&s);
    return 0;
}
