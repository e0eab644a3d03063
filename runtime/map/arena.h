/* arena.h: arena: memory shared by programs and user space, allocated by pages.
 *
 * The pages lie in the world, from a page boundary on; st.arena_map_off, arena_map_bytes and
 * arena_user_base say where, and which user addresses they stand for (map_extra, or
 * ARENA_USER_BASE). A page may be accessed from its allocation on; neighbouring pages are one
 * object. A load through an arena pointer elsewhere gives 0, a store there is lost, and neither is
 * a trap, as in Linux. A world has at most one arena.
 *
 * Memory: 4 KiB and one byte a page. Cost: allocation O(pages of the arena), free O(pages given
 * back and their neighbours).
 */
#ifndef BPFLAB_RUNTIME_MAP_ARENA_H
#define BPFLAB_RUNTIME_MAP_ARENA_H

#include "runtime/map.h"

#define ARENA_USER_BASE UINT64_C(0x100000000000)

static inline bool arena_is(const struct map *m) {
    return m->def.type == MAP_arena;
}

/* arena_alloc_pages: n neighbouring pages, zeroed: those from user address at on, or the first free
 * run if at is 0. Of at, as of every address of an arena, the lower half counts.
 * out: the user address of the first, 0 if they are taken, outside, or there is no such run */
uint64_t arena_alloc_pages(struct world *w, struct map *m, uint64_t at, uint32_t n);

/* arena_free_pages: give back, of the n pages from the one that at lies in, those allocated. */
void arena_free_pages(struct world *w, struct map *m, uint64_t at, uint32_t n);

/* arena_page_is: is page i of the arena allocated? */
bool arena_page_is(const struct world *w, const struct map *m, uint32_t i);

#endif
