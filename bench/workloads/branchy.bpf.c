/* branchy: a state machine over a pseudo-random byte stream: mostly compares and jumps. */
#include "workload.h"

ENTRY(branchy) {
    u32 x = 12345, state = 0;
    u64 counts = 0;
    for (u32 i = 0; i < 10000; i++) {
        x = x * 1103515245 + 12345;
        const u32 c = (x >> 16) & 0xff;
        switch (state) {
        case 0: state = c < 64 ? 1 : c < 128 ? 2 : 0; break;
        case 1: state = c == 10 ? 0 : c > 200 ? 3 : 1; break;
        case 2: state = c & 1 ? 3 : c & 2 ? 1 : 2; break;
        case 3:
            state = c < 32 ? 4 : 0;
            counts += 1;
            break;
        default:
            state = c > 250 ? 0 : 2;
            counts += 0x10000;
            break;
        }
    }
    return counts + state;
}
