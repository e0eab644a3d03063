/* hash: FNV-1a over 1,024 bytes, byte by byte. */
#include "workload.h"

static u8 data[1024];

ENTRY(hash) {
    for (u32 i = 0; i < sizeof data; i++)
        data[i] = (u8)(i * 7 + 3);
    u64 h = 0xcbf29ce484222325ULL;
    for (u32 round = 0; round < 8; round++)
#pragma clang loop unroll(disable)
        for (u32 i = 0; i < sizeof data; i++) {
            h ^= data[i];
            h *= 0x100000001b3ULL;
        }
    return h;
}
