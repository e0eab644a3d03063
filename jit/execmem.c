/* execmem.c: the arena and its blocks. */
#define _GNU_SOURCE
#include "jit/execmem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* How far a relative call reaches on this machine, with some room for the text that is called. */
#if defined(__aarch64__)
#define REACH (UINT64_C(112) << 20)
#else
#define REACH (UINT64_C(1984) << 20)
#endif

enum {
    PLACES = 32, /* to try on either side of the address that the arena should be near */
    MAX_BYTES = 1 << 30,
};

/* struct block: they are in order and cover the arena. */
struct block {
    uint32_t off, n;
    bool used;
};

struct execmem {
    uint8_t *run;      /* where code runs */
    uint8_t *write;    /* where it is written: run itself if there is one mapping */
    uint8_t *reserved; /* with a page on either side */
    size_t reserved_bytes;
    uint32_t n_bytes;
    uint32_t lo, hi; /* written since execmem_begin, as offsets; lo >= hi: nothing */
    bool open;       /* between begin and end */
    struct block *blocks;
    uint32_t n_blocks, cap_blocks;
};

static bool is_near(const uint8_t *p, size_t n, uint64_t near) {
    const uint64_t a = (uint64_t)(uintptr_t)p;
    return near > a ? near - a <= REACH : a + n - near <= REACH;
}

static uint8_t *reserve_at(uint64_t at, size_t n) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *want = (void *)(uintptr_t)at; /* a hint: nothing that is there is replaced */
    void *p = mmap(want, n, PROT_NONE, flags, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* Address space, near if there is room. */
static uint8_t *reserve(uint64_t near, size_t n, size_t page) {
    const uint64_t step = REACH / (PLACES + 1) / page * page;
    for (unsigned i = 1; near && i <= 2 * PLACES; i++) {
        const uint64_t away = (i + 1) / 2 * step, base = near / page * page;
        if (i % 2 && base <= away + n)
            continue;
        uint8_t *p = reserve_at(i % 2 ? base - away : base + away, n);
        if (p && is_near(p, n, near))
            return p;
        if (p)
            munmap(p, n);
    }
    return reserve_at(0, n);
}

/* Both mappings of one file in memory; false if the system does not give them. */
static bool map_twice(struct execmem *m) {
    enum {
        MAY_EXEC = 0x10 /* MFD_EXEC, of newer kernels */
    };
    int fd = memfd_create("bpflab-code", MFD_CLOEXEC | MAY_EXEC);
    if (fd < 0)
        fd = memfd_create("bpflab-code", MFD_CLOEXEC);
    if (fd < 0)
        return false;
    void *w = MAP_FAILED, *x = MAP_FAILED;
    if (!ftruncate(fd, m->n_bytes))
        w = mmap(NULL, m->n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (w != MAP_FAILED)
        x = mmap(m->run, m->n_bytes, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0);
    close(fd);
    if (x == MAP_FAILED && w != MAP_FAILED)
        munmap(w, m->n_bytes);
    m->write = x == MAP_FAILED ? m->run : w;
    return x != MAP_FAILED;
}

static bool map_once(struct execmem *m) {
    m->write = m->run;
    return mmap(m->run, m->n_bytes, PROT_READ | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}

enum bpflab_err execmem_new(const struct execmem_config *cfg, struct execmem **out,
                            struct diag *d) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (!cfg->n_bytes || cfg->n_bytes > MAX_BYTES)
        return diag_set(d, BPFLAB_E_ARG, "%u bytes of executable memory", cfg->n_bytes);
    struct execmem *m = calloc(1, sizeof *m);
    if (!m || !(m->blocks = calloc(1, sizeof *m->blocks))) {
        free(m);
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    }
    m->n_bytes = (uint32_t)((cfg->n_bytes + page - 1) / page * page);
    m->reserved_bytes = m->n_bytes + 2 * page;
    m->reserved = reserve(cfg->near, m->reserved_bytes, page);
    m->blocks[0] = (struct block){0, m->n_bytes, false};
    m->n_blocks = m->cap_blocks = 1;
    if (m->reserved)
        m->run = m->reserved + page;
    if (!m->reserved || !((!cfg->one_mapping && map_twice(m)) || map_once(m))) {
        execmem_free(m);
        return diag_set(d, BPFLAB_E_SYSTEM, "the system gives no executable memory");
    }
    *out = m;
    return BPFLAB_OK;
}

void execmem_free(struct execmem *m) {
    if (!m)
        return;
    if (m->write && m->write != m->run)
        munmap(m->write, m->n_bytes);
    if (m->reserved)
        munmap(m->reserved, m->reserved_bytes);
    free(m->blocks);
    free(m);
}

uint64_t execmem_addr(const struct execmem *m) {
    return (uint64_t)(uintptr_t)m->run;
}

uint32_t execmem_bytes(const struct execmem *m) {
    return m->n_bytes;
}

bool execmem_holds(const struct execmem *m, uint64_t addr) {
    return addr - execmem_addr(m) < m->n_bytes;
}

/* ---- blocks ---- */

static bool insert(struct execmem *m, uint32_t at, struct block b) {
    if (m->n_blocks == m->cap_blocks) {
        struct block *grown = realloc(m->blocks, 2 * (size_t)m->cap_blocks * sizeof *m->blocks);
        if (!grown)
            return false;
        m->blocks = grown;
        m->cap_blocks *= 2;
    }
    memmove(m->blocks + at + 1, m->blocks + at, (m->n_blocks - at) * sizeof *m->blocks);
    m->blocks[at] = b;
    m->n_blocks++;
    return true;
}

static void drop(struct execmem *m, uint32_t at) {
    memmove(m->blocks + at, m->blocks + at + 1, (m->n_blocks - at - 1) * sizeof *m->blocks);
    m->n_blocks--;
}

/* Make one of free neighbours. */
static void join(struct execmem *m, uint32_t at) {
    if (at + 1 < m->n_blocks && !m->blocks[at + 1].used) {
        m->blocks[at].n += m->blocks[at + 1].n;
        drop(m, at + 1);
    }
    if (at && !m->blocks[at - 1].used) {
        m->blocks[at - 1].n += m->blocks[at].n;
        drop(m, at);
    }
}

/* The used block at addr; n_blocks if there is none. */
static uint32_t find(const struct execmem *m, uint64_t addr) {
    uint32_t i = 0;
    while (i < m->n_blocks && (!m->blocks[i].used || execmem_addr(m) + m->blocks[i].off != addr))
        i++;
    return i;
}

static uint32_t rounded(uint32_t n_bytes) {
    n_bytes = n_bytes ? n_bytes : 1;
    return (n_bytes + EXECMEM_ALIGN - 1) / EXECMEM_ALIGN * EXECMEM_ALIGN;
}

enum bpflab_err execmem_take(struct execmem *m, uint32_t n_bytes, uint64_t *addr) {
    if (n_bytes > m->n_bytes)
        return BPFLAB_E_SPACE;
    const uint32_t n = rounded(n_bytes);
    uint32_t i = 0;
    while (i < m->n_blocks && (m->blocks[i].used || m->blocks[i].n < n))
        i++;
    if (i == m->n_blocks)
        return BPFLAB_E_SPACE;
    struct block *b = &m->blocks[i];
    if (b->n > n) {
        if (!insert(m, i + 1, (struct block){b->off + n, b->n - n, false}))
            return BPFLAB_E_NOMEM;
        b = &m->blocks[i];
        b->n = n;
    }
    b->used = true;
    *addr = execmem_addr(m) + b->off;
    return BPFLAB_OK;
}

void execmem_trim(struct execmem *m, uint64_t addr, uint32_t n_bytes) {
    const uint32_t i = find(m, addr);
    if (i == m->n_blocks || rounded(n_bytes) >= m->blocks[i].n)
        return;
    const uint32_t n = rounded(n_bytes), rest = m->blocks[i].n - n;
    /* Without memory for another block the rest stays where it is. */
    if (!insert(m, i + 1, (struct block){m->blocks[i].off + n, rest, false}))
        return;
    m->blocks[i].n = n;
    join(m, i + 1);
}

void execmem_give(struct execmem *m, uint64_t addr) {
    const uint32_t i = find(m, addr);
    if (i == m->n_blocks)
        return;
    m->blocks[i].used = false;
    join(m, i);
}

/* ---- writing ---- */

static enum bpflab_err protect(const struct execmem *m, int prot) {
    if (m->write != m->run)
        return BPFLAB_OK;
    return mprotect(m->run, m->n_bytes, prot) ? BPFLAB_E_SYSTEM : BPFLAB_OK;
}

enum bpflab_err execmem_begin(struct execmem *m) {
    const enum bpflab_err err = protect(m, PROT_READ | PROT_WRITE);
    m->open = !err;
    m->lo = m->n_bytes;
    m->hi = 0;
    return err;
}

enum bpflab_err execmem_end(struct execmem *m) {
    m->open = false;
    const enum bpflab_err err = protect(m, PROT_READ | PROT_EXEC);
    if (!err && m->lo < m->hi)
        __builtin___clear_cache((char *)m->run + m->lo, (char *)m->run + m->hi);
    return err;
}

enum bpflab_err execmem_write(struct execmem *m, uint64_t addr, const void *bytes, uint32_t n) {
    const uint64_t off = addr - execmem_addr(m);
    if (off >= m->n_bytes || n > m->n_bytes - off)
        return BPFLAB_E_RANGE;
    if (!m->open) {
        enum bpflab_err err = execmem_begin(m);
        if (!err) {
            err = execmem_write(m, addr, bytes, n);
            const enum bpflab_err end = execmem_end(m);
            err = err ? err : end;
        }
        return err;
    }
    if (n)
        memcpy(m->write + off, bytes, n);
    m->lo = off < m->lo ? (uint32_t)off : m->lo;
    m->hi = off + n > m->hi ? (uint32_t)(off + n) : m->hi;
    return BPFLAB_OK;
}
