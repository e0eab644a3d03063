/* insn.c: fuzz target of the decoder and the validity check: both are total, and what is decoded is
 * encoded to the same bytes.
 * input: instructions, of either byte order
 */
#include "fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#include "isa/prog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (size_t i = 0; i + 8 <= size; i += 8)
        for (int big = 0; big < 2; big++) {
            uint8_t again[8];
            const struct insn in = insn_decode(data + i, big);
            insn_encode(in, big, again);
            if (memcmp(data + i, again, 8) || (op_of(in) == OP_INVALID && !insn_check(in, NULL)))
                abort();
        }
    struct prog p;
    if (!prog_from_bytes(&p, data, size, false, NULL)) {
        struct diag d = {.pc = -1};
        if (prog_check(&p, &d) && d.err == BPFLAB_OK)
            abort();
        prog_fini(&p);
    }
    return 0;
}
