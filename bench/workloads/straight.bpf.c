/* straight: more than 4,000 instructions in a straight line, with maps' data and a call among
 * them: what loading costs. */
#include "workload.h"

static u64 table[64];

#define STEP(i)                                                                                    \
    x = (x ^ table[(i) & 63]) * 0x9e3779b97f4a7c15ULL + (i);                                       \
    table[(i + 7) & 63] = x;
#define STEP4(i)   STEP(i) STEP(i + 1) STEP(i + 2) STEP(i + 3)
#define STEP16(i)  STEP4(i) STEP4(i + 4) STEP4(i + 8) STEP4(i + 12)
#define STEP64(i)  STEP16(i) STEP16(i + 16) STEP16(i + 32) STEP16(i + 48)
#define STEP256(i) STEP64(i) STEP64(i + 64) STEP64(i + 128) STEP64(i + 192)

ENTRY(straight) {
    u64 x = (u64)ctx;
    STEP256(0)
    STEP256(256)
    STEP256(512)
    STEP256(768)
    return x;
}
