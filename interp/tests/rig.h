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

/* rig_insns: a world of the given order and the program's code. out: false (checked) if
 * something failed. */
static inline bool rig_insns(struct rig *r, const struct insn *insns, uint32_t n, bool big_endian) {
    struct world_config cfg;
    struct diag d = {0};
    memset(r, 0, sizeof *r);
    world_config_init(&cfg);
    cfg.big_endian = big_endian;
    if (!CHECK_EQ(world_new(&cfg, &r->w), BPFLAB_OK) ||
        !CHECK_EQ(prog_init_insns(&r->prog, insns, n), BPFLAB_OK))
        return false;
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
    world_free(r->w);
    memset(r, 0, sizeof *r);
}

/* rig_run: the plain run and the traced run from the same world; both must end alike and leave
 * the same world. */
static inline struct run_end rig_run(struct rig *r, uint64_t *n_insns) {
    struct snapshot *before, *after;
    struct world_diff d;
    if (!CHECK_EQ(snapshot_new(r->w, &before), BPFLAB_OK))
        return (struct run_end){0};
    world_begin_run(r->w);
    const struct run_end a = interp_run(r->w, &r->job);
    if (!CHECK_EQ(snapshot_new(r->w, &after), BPFLAB_OK))
        return a;
    snapshot_restore(before, r->w);
    world_begin_run(r->w);
    const struct run_end b = interp_trace(r->w, &r->job, n_insns);
    CHECK_EQ(a.kind, b.kind);
    CHECK_EQ(a.pc, b.pc);
    CHECK_EQ(a.r0, b.r0);
    CHECK_EQ(a.addr, b.addr);
    if (!CHECK(world_compare(r->w, after, true, &d)))
        printf("    %s: %#" PRIx64 " %#" PRIx64 "\n", d.item[0].what, d.item[0].a, d.item[0].b);
    snapshot_free(before);
    snapshot_free(after);
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
