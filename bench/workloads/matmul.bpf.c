/* matmul: product of two 16 x 16 matrices of 32-bit integers in global memory. */
#include "workload.h"

enum {
    N = 16
};
static u32 a[N][N], b[N][N], c[N][N];

ENTRY(matmul) {
    for (u32 i = 0; i < N; i++)
        for (u32 j = 0; j < N; j++) {
            a[i][j] = i * 3 + j;
            b[i][j] = i ^ (j * 5);
        }
    for (u32 i = 0; i < N; i++)
        for (u32 j = 0; j < N; j++) {
            u32 sum = 0;
#pragma clang loop unroll(disable)
            for (u32 k = 0; k < N; k++)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
    u64 trace = 0;
    for (u32 i = 0; i < N; i++)
        trace = trace * 31 + c[i][i];
    return trace;
}
