/* checksum: the Internet checksum of a 1,500-byte packet, 16 bits at a time. */
#include "workload.h"

static u16 packet[750];

ENTRY(checksum) {
    for (u32 i = 0; i < 750; i++)
        packet[i] = (u16)(i * 257 + 11);
    u64 all = 0;
    for (u32 round = 0; round < 10; round++) {
        u32 sum = round;
#pragma clang loop unroll(disable)
        for (u32 i = 0; i < 750; i++)
            sum += packet[i];
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        all = all * 3 + (u16)~sum;
    }
    return all;
}
