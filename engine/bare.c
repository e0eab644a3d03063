/* bare.c: putting a world back in place between runs. */
#include "engine/bare.h"

enum bpflab_err bare_init(struct bare *b, struct world *w) {
    *b = (struct bare){.w = w};
    b->mem_off = world_alloc_scratch(w, BARE_MEM_MAX);
    if (!b->mem_off)
        return BPFLAB_E_SPACE;
    b->st = w->st;
    return snapshot_new(w, &b->fresh);
}

void bare_fini(struct bare *b) {
    snapshot_free(b->fresh);
    b->fresh = NULL;
}

void bare_begin(struct bare *b, const uint8_t *mem, size_t n_bytes, uint64_t args[5]) {
    struct world *w = b->w;
    const struct world_state *st = &w->st;
    if (st->scratch_used != b->st.scratch_used || st->arena_used != b->st.arena_used ||
        st->handles_used != b->st.handles_used) {
        snapshot_restore(b->fresh, w); /* a helper made something */
        b->mem_bytes = 0;
    } else {
        w->st = b->st;
        memset(w->mem + WORLD_STACK_OFF, 0, (uint64_t)w->cfg.max_frames * w->frame_stride);
    }
    if (n_bytes != b->mem_bytes) {
        world_allow(w, b->mem_off, b->mem_bytes, WORLD_NONE);
        world_allow(w, b->mem_off, n_bytes, WORLD_RW);
        b->mem_bytes = n_bytes;
    }
    if (n_bytes)
        memcpy(w->mem + b->mem_off, mem, n_bytes);
    args[0] = n_bytes ? world_addr(b->mem_off) : 0;
    args[1] = n_bytes;
    args[2] = args[3] = args[4] = 0;
    world_begin_run(w);
}

const uint8_t *bare_mem(const struct bare *b) {
    return b->w->mem + b->mem_off;
}
