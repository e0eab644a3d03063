/* helper_arg_test.c: memory that helpers are given: the quick look of arg_read allows what
 * world_check allows and nothing more, also above the frame in use. */
#include "runtime/helper/arg.h"

#include "runtime/tests/helper_bed.h"

static void check_at(struct world *w, uint64_t addr, uint64_t n) {
    const bool may = !n || world_check(w, addr, n, WORLD_READ);
    const void *p = arg_read(w, addr, n);
    CHECK_EQ(p != NULL, may);
    CHECK(!p || !n || p == w->mem + world_off(addr));
    CHECK_EQ(bed_trap(w), may ? RUN_EXIT : addr ? RUN_TRAP_MEMORY : RUN_TRAP_NULL);
}

static void test_arg_read(struct world *w) {
    const uint64_t mem = bed_mem(w, NULL, 24), stack = world_stack_top(w, 0);
    const uint64_t bases[] = {
        mem, stack, world_stack_top(w, 1), WORLD_BASE, WORLD_BASE + WORLD_BYTES, 0};
    w->reach = world_off(stack); /* as while a helper runs that the entry function called */
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++)
        for (uint64_t k = 0; k < 80; k++)
            for (uint64_t n = 0; n <= 17; n++)
                check_at(w, bases[i] + k - 40, n);
    w->reach = WORLD_BYTES;
}

/* A key in a frame that is no longer in use. */
static void test_dead_frame(struct world *w) {
    const struct map *m = bed_map(w, MAP_array, 4, 8, 4, 0);
    const uint64_t key = world_stack_top(w, 1) - 8;
    CHECK(CALL2(w, map_lookup_elem, m->handle, key) != 0);
    w->reach = world_off(world_stack_top(w, 0));
    CHECK_TRAP(w, CALL2(w, map_lookup_elem, m->handle, key), RUN_TRAP_MEMORY);
    CHECK(CALL2(w, map_lookup_elem, m->handle, world_stack_top(w, 0) - 8) != 0);
    CHECK_CALM(w);
    w->reach = WORLD_BYTES;
}

int main(void) {
    for (int big = 0; big < 2; big++) {
        struct world *w = bed_world(big);
        test_arg_read(w);
        test_dead_frame(w);
        world_free(w);
    }
    return check_end();
}
