/* arena.c: the pages of an arena (runtime/map/arena.h). */
#include "runtime/map/arena.h"

#include "runtime/map/common.h"

enum {
    ARENA_PAGES, /* offset of page 0 */
    ARENA_BITS,  /* offset of the bytes, one a page: 1 is allocated */
    ARENA_USER,  /* user address of page 0 */
};

static int check(const struct map_def *def) {
    const uint32_t mask = MAP_F_SEGV_ON_FAULT | MAP_F_MMAPABLE | MAP_F_NO_USER_CONV;
    uint64_t bytes = (uint64_t)def->max_entries * MAP_PAGE;
    if (def->key_size || def->value_size || !def->max_entries || !(def->flags & MAP_F_MMAPABLE) ||
        (def->flags & ~mask) || def->extra % MAP_PAGE)
        return -LX_EINVAL;
    if (bytes > UINT64_C(1) << 32)
        return -LX_E2BIG;
    return def->extra >> 32 != (def->extra + bytes - 1) >> 32 ? -LX_ERANGE : 0;
}

static int init(struct world *w, struct map *m) {
    uint64_t bytes = (uint64_t)m->def.max_entries * MAP_PAGE;
    if (w->st.arena_map_off)
        return -LX_EOPNOTSUPP;
    int err = map_alloc(w, m, bytes + MAP_PAGE - 8 + map_round8(m->def.max_entries));
    if (err)
        return err;
    m->priv[ARENA_PAGES] = (m->off + MAP_PAGE - 1) & ~(uint64_t)(MAP_PAGE - 1);
    m->priv[ARENA_BITS] = m->priv[ARENA_PAGES] + bytes;
    m->priv[ARENA_USER] = m->def.extra ? m->def.extra : ARENA_USER_BASE;
    w->st.arena_map_off = m->priv[ARENA_PAGES];
    w->st.arena_map_bytes = bytes;
    w->st.arena_user_base = m->priv[ARENA_USER];
    return 0;
}

static uint8_t *bits_of(const struct world *w, const struct map *m) {
    return w->mem + m->priv[ARENA_BITS];
}

bool arena_page_is(const struct world *w, const struct map *m, uint32_t i) {
    return i < m->def.max_entries && bits_of(w, m)[i];
}

/* The page that an address lies in, UINT32_MAX if it is none's: only the lower halves of addresses
 * count, since a program's pointer need not have the upper one. */
static uint32_t page_of(const struct map *m, uint64_t at) {
    const uint32_t i = ((uint32_t)at - (uint32_t)m->priv[ARENA_USER]) / MAP_PAGE;
    return i < m->def.max_entries ? i : UINT32_MAX;
}

static bool all_free(const struct world *w, const struct map *m, uint32_t first, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (bits_of(w, m)[first + i])
            return false;
    return true;
}

/* Make the run of allocated pages around page i one object. */
static void open_run(struct world *w, const struct map *m, uint32_t i) {
    uint32_t end = i;
    while (i && arena_page_is(w, m, i - 1))
        i--;
    while (arena_page_is(w, m, end))
        end++;
    if (end > i)
        world_allow(w, m->priv[ARENA_PAGES] + (uint64_t)i * MAP_PAGE,
                    (uint64_t)(end - i) * MAP_PAGE, WORLD_RW);
}

uint64_t arena_alloc_pages(struct world *w, struct map *m, uint64_t at, uint32_t n) {
    uint32_t first = 0, run = 0;
    if (!n || n > m->def.max_entries)
        return 0;
    if (at) {
        first = page_of(m, at);
        if (at % MAP_PAGE || first > m->def.max_entries - n || !all_free(w, m, first, n))
            return 0;
    } else {
        for (uint32_t i = 0; run < n; i++) {
            if (i == m->def.max_entries)
                return 0;
            run = bits_of(w, m)[i] ? 0 : run + 1;
            first = i + 1 - run;
        }
    }
    memset(bits_of(w, m) + first, 1, n);
    memset(w->mem + m->priv[ARENA_PAGES] + (uint64_t)first * MAP_PAGE, 0, (size_t)n * MAP_PAGE);
    open_run(w, m, first);
    return m->priv[ARENA_USER] + (uint64_t)first * MAP_PAGE;
}

void arena_free_pages(struct world *w, struct map *m, uint64_t at, uint32_t n) {
    uint32_t first = page_of(m, at);
    if (first == UINT32_MAX)
        return;
    if (n > m->def.max_entries - first)
        n = m->def.max_entries - first;
    memset(bits_of(w, m) + first, 0, n);
    world_allow(w, m->priv[ARENA_PAGES] + (uint64_t)first * MAP_PAGE, (uint64_t)n * MAP_PAGE,
                WORLD_NONE);
    if (first)
        open_run(w, m, first - 1);
}

static bool each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    for (uint32_t i = 0; i < m->def.max_entries; i++) {
        uint32_t key;
        world_put32(w, &key, i);
        if (arena_page_is(w, m, i) &&
            !fn(self, &key, 0, w->mem + m->priv[ARENA_PAGES] + (uint64_t)i * MAP_PAGE, MAP_PAGE))
            return false;
    }
    return true;
}

const struct map_ops map_arena_ops = {
    .kind = "arena",
    .check = check,
    .init = init,
    .user_lookup = map_lookup_einval,
    .each = each,
};
