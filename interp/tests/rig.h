/* rig.h: running a few lines of assembly in a fresh world, in every form of the interpreter,
 * which must agree. */
#ifndef BPFLAB_INTERP_TESTS_RIG_H
#define BPFLAB_INTERP_TESTS_RIG_H

#include <stdlib.h>

#include "interp/interp.h"
#include "isa/asm.h"
#include "runtime/snapshot.h"
#include "tests/check.h"

struct rig {
    struct world *w;
    struct prog prog;
    struct interp_code *code;
    struct interp_job job;
};

/* One world for each byte order, made once and put back to its first state for every rig: making
 * one is dear under emulation. */
static struct {
    struct world *w;
    struct snapshot *fresh, *before, *after;
} rig_worlds[2];

static inline bool rig_world(int big) {
    struct world_config cfg;
    if (rig_worlds[big].w) {
        snapshot_restore(rig_worlds[big].fresh, rig_worlds[big].w);
        return true;
    }
    world_config_init(&cfg);
    cfg.big_endian = big;
    return CHECK_EQ(world_new(&cfg, &rig_worlds[big].w), BPFLAB_OK) &&
           CHECK_EQ(snapshot_new(rig_worlds[big].w, &rig_worlds[big].fresh), BPFLAB_OK) &&
           CHECK_EQ(snapshot_new(rig_worlds[big].w, &rig_worlds[big].before), BPFLAB_OK) &&
           CHECK_EQ(snapshot_new(rig_worlds[big].w, &rig_worlds[big].after), BPFLAB_OK);
}

/* rig_insns: a world of the given order and the program's code. out: false (checked) if something
 * failed. */
static inline bool rig_insns(struct rig *r, const struct insn *insns, uint32_t n, bool big_endian) {
    struct diag d = {0};
    memset(r, 0, sizeof *r);
    if (!rig_world(big_endian) || !CHECK_EQ(prog_init_insns(&r->prog, insns, n), BPFLAB_OK))
        return false;
    r->w = rig_worlds[big_endian].w;
    const struct interp_bind bind = {.world = r->w};
    if (!CHECK_EQ(interp_compile(&r->prog, &bind, &r->code, &d), BPFLAB_OK)) {
        printf("    pc %" PRId64 ": %s\n", d.pc, d.text);
        return false;
    }
    r->job.code = r->code;
    return true;
}

static inline bool rig_asm(struct rig *r, const char *text, bool big_endian) {
    struct insn *insns;
    uint32_t n;
    struct diag d = {0};
    memset(r, 0, sizeof *r); /* rig_fini may follow */
    if (!CHECK_EQ(asm_parse(text, strlen(text), NULL, &insns, &n, &d), BPFLAB_OK)) {
        printf("    line %u: %s\n", d.line, d.text);
        return false;
    }
    const bool ok = rig_insns(r, insns, n, big_endian);
    free(insns);
    return ok;
}

static inline void rig_fini(struct rig *r) {
    interp_code_free(r->code);
    prog_fini(&r->prog);
    memset(r, 0, sizeof *r);
}

/* rig_end: free the worlds; the test's exit status. */
static inline int rig_end(void) {
    for (int i = 0; i < 2; i++) {
        snapshot_free(rig_worlds[i].fresh);
        snapshot_free(rig_worlds[i].before);
        snapshot_free(rig_worlds[i].after);
        world_free(rig_worlds[i].w);
    }
    return check_end();
}

/* rig_run: the plain run and the traced run from the same world; both must end alike and leave
 * the same world. */
static inline struct run_end rig_run(struct rig *r, uint64_t *n_insns) {
    struct snapshot *const before = rig_worlds[r->w->cfg.big_endian].before,
                           *const after = rig_worlds[r->w->cfg.big_endian].after;
    struct world_diff d;
    CHECK_EQ(snapshot_save(before, r->w), BPFLAB_OK);
    world_begin_run(r->w);
    const struct run_end a = interp_run(r->w, &r->job);
    CHECK_EQ(snapshot_save(after, r->w), BPFLAB_OK);
    snapshot_restore(before, r->w);
    world_begin_run(r->w);
    const struct run_end b = interp_trace(r->w, &r->job, n_insns);
    CHECK_EQ(a.kind, b.kind);
    CHECK_EQ(a.pc, b.pc);
    CHECK_EQ(a.r0, b.r0);
    CHECK_EQ(a.addr, b.addr);
    if (!CHECK(world_compare(r->w, after, true, &d)))
        printf("    %s: %#" PRIx64 " %#" PRIx64 "\n", d.item[0].what, d.item[0].a, d.item[0].b);
    return a;
}

/* rig_expect: this text ends this way (at this pc), in worlds of both byte orders. */
static inline void rig_expect(const char *text, enum run_kind kind, uint32_t pc, uint64_t r0) {
    for (int big = 0; big < 2; big++) {
        struct rig r;
        check_note(text);
        if (rig_asm(&r, text, big)) {
            const struct run_end end = rig_run(&r, NULL);
            CHECK_EQ(end.kind, kind);
            CHECK_EQ(end.pc, pc);
            if (kind == RUN_EXIT)
                CHECK_EQ(end.r0, r0);
        }
        rig_fini(&r);
    }
    check_note(NULL);
}

#endif
