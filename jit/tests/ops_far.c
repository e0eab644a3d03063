/* ops_far.c: far code: reserved addresses, pages made as they are written to. */
#include "jit/tests/ops_far.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    FAR_BYTES = FAR_MOST + 2 * FAR_EDGE
};

bool far_init(struct far *f) {
    f->mem = mmap(NULL, FAR_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return f->mem != MAP_FAILED;
}

void far_fini(struct far *f) {
    munmap(f->mem, FAR_BYTES);
}

uint64_t far_base(const struct far *f, int64_t distance) {
    const uint64_t start = (uint64_t)(uintptr_t)f->mem + FAR_EDGE / 2;
    return distance < 0 ? start + (uint64_t)-distance : start;
}

uint64_t far_page(const struct far *f, unsigned i) {
    return (uint64_t)(uintptr_t)f->mem + 4096u * i;
}

void far_put(struct far *f, uint64_t at, const void *bytes, size_t n) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *const p = f->mem + (at - (uint64_t)(uintptr_t)f->mem);
    uint8_t *const first = f->mem + ((size_t)(p - f->mem) & ~(page - 1));
    const size_t size = ((size_t)(p - first) + n + page - 1) & ~(page - 1);
    bool ok = !mprotect(first, size, PROT_READ | PROT_WRITE);
    if (ok)
        memcpy(p, bytes, n);
    __builtin___clear_cache((char *)p, (char *)p + n);
    ok = ok && !mprotect(first, size, PROT_READ | PROT_EXEC);
    if (!ok) {
        perror("mprotect");
        exit(1);
    }
}

int64_t far_reach(const struct rig *r, const struct jit_site *s, unsigned form, int sign) {
    const int64_t unit = r->a->insn_bytes;
    int64_t low = 0, high = FAR_MOST / unit; /* low fits; high + 1 is not asked for */
    while (low < high) {
        const int64_t middle = low + (high - low + 1) / 2;
        if (r->a->site_fits(s, form, sign * middle * unit))
            low = middle;
        else
            high = middle - 1;
    }
    return low * unit;
}
