/* trial_division: counts the primes below 1,500. */
#include "workload.h"

ENTRY(trial_division) {
    u64 primes = 0;
    for (u32 n = 2; n < 1500; n++) {
        u64 prime = 1;
        for (u32 d = 2; d * d <= n; d++)
            if (n % d == 0) {
                prime = 0;
                break;
            }
        primes += prime;
    }
    return primes;
}
