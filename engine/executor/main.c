/* main.c: bpflab-exec: runs generated code for a host that started it (engine/child.c).
 *
 *     bpflab-exec [one]      one: code memory has one mapping (jit/execmem.h): under an emulator
 *
 * Its host gave it a range of common memory and a socket (engine/protocol.h). It ends when the
 * socket does.
 */
#include "engine/executor/serve.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/sandbox.h"

static bool send_size(uint64_t n) {
    uint8_t b[8];
    struct wire_out out = {.p = b, .capacity = sizeof b};
    wire_put64(&out, n);
    return write(PROTO_FD_SOCKET, b, sizeof b) == (ssize_t)sizeof b;
}

static bool receive_size(uint64_t *n) {
    uint8_t b[8];
    size_t at = 0;
    while (at < sizeof b) {
        const ssize_t got = read(PROTO_FD_SOCKET, b + at, sizeof b - at);
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    struct wire_in in = {.p = b, .n = sizeof b};
    *n = wire_get64(&in);
    return true;
}

int main(int argc, char **argv) {
    const bool emulated = argc > 1 && !strcmp(argv[1], "one");
    struct server s;
    void *shared = mmap(NULL, PROTO_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, PROTO_FD_SHARED, 0);
    if (shared == MAP_FAILED) {
        fprintf(stderr, "bpflab-exec: bpflab starts this program; it does nothing alone\n");
        return 2;
    }
    if (server_init(&s, shared, emulated) || !sandbox_limits() ||
        (!emulated && !sandbox_filter(NULL, 0)))
        return 3;
    uint64_t n = server_hello(&s);
    while (send_size(n) && receive_size(&n))
        n = server_answer(&s, n);
    server_fini(&s);
    return 0;
}
