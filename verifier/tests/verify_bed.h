/* verify_bed.h: whole programs from text, verified.
 *
 *     static const struct verify_case cases[] = {
 *         {"r0 = 0\nexit", NULL},                        accepted
 *         {"r0 = r5\nexit", "R5 !read_ok", PROG_xdp}};    rejected in these words (a part of them)
 *     verify_check_all(cases, sizeof cases / sizeof *cases);
 *
 * Labels, helpers by name, "r1 = map_idx(0) ll" for the maps of the bed (enum bed_map).
 */
#ifndef BPFLAB_VERIFIER_TESTS_VERIFY_BED_H
#define BPFLAB_VERIFIER_TESTS_VERIFY_BED_H

#include <stdlib.h>

#include "isa/asm.h"
#include "runtime/proto.h"
#include "tests/check.h"
#include "verifier/verify.h"

enum bed_map {
    BED_ARRAY, /* one value of 64 bytes */
    BED_HASH,  /* keys of 4 bytes, values of 64 */
    BED_RINGBUF,
    BED_PROGS, /* of tail calls */
    BED_OUTER, /* array of maps like BED_ARRAY */
    BED_ARENA,
    BED_SOCKMAP,
    BED_ARRAY4, /* four values of 8 bytes */
    BED_PROGS2, /* of tail calls, too */
    N_BED_MAPS,
};

static const struct map_def bed_maps[N_BED_MAPS] = {
    [BED_ARRAY] = {.name = (char *)(uintptr_t)"array",
                   .type = MAP_array,
                   .key_size = 4,
                   .value_size = 64,
                   .max_entries = 1,
                   .inner = -1},
    [BED_HASH] = {.name = (char *)(uintptr_t)"hash",
                  .type = MAP_hash,
                  .key_size = 4,
                  .value_size = 64,
                  .max_entries = 8,
                  .inner = -1},
    [BED_RINGBUF] = {.name = (char *)(uintptr_t)"ringbuf",
                     .type = MAP_ringbuf,
                     .max_entries = 4096,
                     .inner = -1},
    [BED_PROGS] = {.name = (char *)(uintptr_t)"progs",
                   .type = MAP_prog_array,
                   .key_size = 4,
                   .value_size = 4,
                   .max_entries = 4,
                   .inner = -1},
    [BED_OUTER] = {.name = (char *)(uintptr_t)"outer",
                   .type = MAP_array_of_maps,
                   .key_size = 4,
                   .value_size = 4,
                   .max_entries = 4,
                   .inner = BED_ARRAY},
    [BED_ARENA] = {.name = (char *)(uintptr_t)"arena",
                   .type = MAP_arena,
                   .max_entries = 4,
                   .inner = -1},
    [BED_SOCKMAP] = {.name = (char *)(uintptr_t)"sockmap",
                     .type = MAP_sockmap,
                     .key_size = 4,
                     .value_size = 4,
                     .max_entries = 4,
                     .inner = -1},
    [BED_ARRAY4] = {.name = (char *)(uintptr_t)"array4",
                    .type = MAP_array,
                    .key_size = 4,
                    .value_size = 8,
                    .max_entries = 4,
                    .inner = -1},
    [BED_PROGS2] = {.name = (char *)(uintptr_t)"progs2",
                    .type = MAP_prog_array,
                    .key_size = 4,
                    .value_size = 4,
                    .max_entries = 4,
                    .inner = -1},
};

/* struct verify_case: words: of the rejection, NULL: accepted. type 0: PROG_sched_cls. explore
 * BOTH: the verdict of paths and of fixpoint, each alone. */
struct verify_case {
    const char *text, *words;
    uint32_t type;
    enum explore explore;
    bool unprivileged, every_state;
};

/* verify_one: out: false: the text does not assemble, or verify failed; else *out, to be freed */
static inline bool verify_one(const struct verify_case *c, const struct verify_options *opt,
                              struct verify_result *out) {
    static const struct asm_names names = {.helper_id = helper_find};
    struct prog p = {.type = c->type ? c->type : PROG_sched_cls};
    struct insn *insns;
    struct diag d = {0};
    if (asm_parse(c->text, strlen(c->text), &names, &insns, &p.n_insns, &d) != BPFLAB_OK) {
        CHECK_STR(d.text, c->text);
        return false;
    }
    p.insns = insns;
    const struct verify_input in = {.prog = &p, .maps = bed_maps, .n_maps = N_BED_MAPS};
    const bool ok = CHECK_EQ(verify(&in, opt, out, &d), BPFLAB_OK);
    free(insns);
    return ok;
}

static inline void verify_check_by(const struct verify_case *c, enum explore explore) {
    const struct verify_options opt = {
        .explore = explore, .unprivileged = c->unprivileged, .every_state = c->every_state};
    struct verify_result r;
    if (!verify_one(c, &opt, &r))
        return;
    if (!c->words) {
        if (!CHECK_EQ(r.verdict, VERDICT_ACCEPT))
            printf("    %s: pc %u: %s\n", explore == EXPLORE_PATHS ? "paths" : "fixpoint",
                   r.report.pc, r.report.linux_text);
    } else if (CHECK(r.verdict != VERDICT_ACCEPT) && !strstr(r.report.linux_text, c->words)) {
        CHECK_STR(r.report.linux_text, c->words);
    }
    verify_result_fini(&r);
}

static inline void verify_check(const struct verify_case *c) {
    check_note(c->text);
    if (c->explore != EXPLORE_FIXPOINT)
        verify_check_by(c, EXPLORE_PATHS);
    if (c->explore != EXPLORE_PATHS)
        verify_check_by(c, EXPLORE_FIXPOINT);
    check_note(NULL);
}

static inline void verify_check_all(const struct verify_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++)
        verify_check(&cases[i]);
}

#endif
