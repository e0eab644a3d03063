/* lookup.bpf.c: what docs/jit.md shows: an array that is looked up, and one that is named. */
struct {
    int (*type)[2];
    unsigned *key;
    unsigned long long *value;
    int (*max_entries)[256];
} seen __attribute__((section(".maps"), used));

static void *(*lookup)(void *, const void *) = (void *)1;
unsigned long total;

__attribute__((section("socket"), used)) int count(void *ctx) {
    unsigned key = 3;
    unsigned long long *n = lookup(&seen, &key);
    return n ? (int)*n : 0;
}

__attribute__((section("socket"), used)) int sum(void *ctx) {
    return (int)total;
}
