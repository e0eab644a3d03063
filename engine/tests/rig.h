/* rig.h: the same object on two engines, inputs and all, and everything compared: the end, the
 * exposed registers, and the worlds by report. */
#ifndef BPFLAB_ENGINE_TESTS_RIG_H
#define BPFLAB_ENGINE_TESTS_RIG_H

#include <stdlib.h>

#include "engine/engine.h"
#include "isa/asm.h"
#include "runtime/proto.h"
#include "tests/check.h"

enum {
    RIG_PROGS = 4,
    RIG_MAPS = 4,
    RIG_NAMES = 4
};

/* struct spec: an object, as a test writes it down. */
struct spec {
    const char *text[RIG_PROGS]; /* assembly */
    uint32_t type;               /* of all programs */
    struct map_def maps[RIG_MAPS];
    const char *names[RIG_NAMES]; /* of kernel functions: "call kfunc 0" calls the first */
    uint32_t exception_pc;        /* of the first program's exception callback, 0: none */
    struct instance_input input;
    enum run_kind kind; /* that it must end in */
    bool unwind;
    bool trusted;        /* as if a verifier had accepted it */
    uint64_t advance_ns; /* time to pass afterwards */
};

struct rig {
    struct prog progs[RIG_PROGS];
    struct object object;
    struct map_def maps[RIG_MAPS];
};

static inline void rig_extern(struct prog *p, const struct spec *s) {
    p->externs = calloc(p->n_insns, sizeof *p->externs);
    for (uint32_t pc = 0; p->externs && pc < p->n_insns; pc++)
        if (op_of(p->insns[pc]) == OP_CALL_KFUNC && (uint32_t)p->insns[pc].imm < RIG_NAMES &&
            s->names[p->insns[pc].imm])
            p->externs[p->n_externs++] = (struct prog_extern){
                .pc = pc, .is_func = true, .name = strdup(s->names[p->insns[pc].imm])};
}

static inline bool rig_init(struct rig *r, const struct spec *s) {
    struct diag d = {0};
    memset(r, 0, sizeof *r);
    r->object.progs = r->progs;
    r->object.maps = r->maps;
    memcpy(r->maps, s->maps, sizeof r->maps);
    while (r->object.n_maps < RIG_MAPS && r->maps[r->object.n_maps].name)
        r->maps[r->object.n_maps++].inner = -1;
    for (uint32_t i = 0; i < RIG_PROGS && s->text[i]; i++) {
        struct insn *insns;
        uint32_t n;
        if (!CHECK_EQ(asm_parse(s->text[i], strlen(s->text[i]), NULL, &insns, &n, &d), BPFLAB_OK)) {
            printf("    line %u: %s\n", d.line, d.text);
            return false;
        }
        struct prog *p = &r->progs[i];
        CHECK_EQ(prog_init_insns(p, insns, n), BPFLAB_OK);
        free(insns);
        p->type = s->type ? s->type : PROG_raw;
        r->object.n_progs++;
        rig_extern(p, s);
    }
    if (s->exception_pc) {
        free(r->progs[0].subprogs);
        r->progs[0].subprogs = calloc(2, sizeof *r->progs[0].subprogs);
        r->progs[0].n_subprogs = 2;
        r->progs[0].subprogs[0].n_insns = s->exception_pc;
        r->progs[0].subprogs[1] = (struct subprog){.start = s->exception_pc,
                                                   .n_insns = r->progs[0].n_insns - s->exception_pc,
                                                   .exception_cb = true};
    }
    return true;
}

static inline void rig_fini(struct rig *r) {
    for (uint32_t i = 0; i < r->object.n_progs; i++)
        prog_fini(&r->progs[i]);
}

/* rig_compare_worlds: by report: of both worlds; the first difference is printed. */
static inline void rig_compare_worlds(struct engine_session *a, struct engine_session *b) {
    struct world_report ra = {0}, rb = {0};
    struct world_diff d;
    struct diag why = {0};
    uint64_t digest = 0;
    if (CHECK_EQ(engine_report(a, true, &ra, &why), BPFLAB_OK) &&
        CHECK_EQ(engine_report(b, true, &rb, &why), BPFLAB_OK)) {
        if (!CHECK(report_diff(engine_instance(a)->world, &ra, &rb, &d)))
            printf("    %s: %#" PRIx64 " %#" PRIx64 "\n", d.item[0].what, d.item[0].a, d.item[0].b);
        CHECK_EQ(engine_digest(b, true, &digest, &why), BPFLAB_OK);
        CHECK_EQ(digest, ra.digest);
    }
    if (why.err)
        printf("    %s\n", why.text);
    report_fini(&ra);
    report_fini(&rb);
}

/* page_only: the machine says only in which page an access failed (s390x). */
static inline void rig_compare(const struct engine_result *a, const struct engine_result *b,
                               bool page_only) {
    const uint64_t mask = page_only ? ~UINT64_C(0xfff) : UINT64_MAX;
    CHECK_EQ(b->end.kind, a->end.kind);
    if (a->end.kind == RUN_EXIT) {
        CHECK_EQ(b->end.r0, a->end.r0);
    } else {
        if (b->end.pc != UINT32_MAX) /* machine.h: nobody looked */
            CHECK_EQ(b->end.pc, a->end.pc);
        CHECK_EQ(b->end.addr & mask, a->end.addr & mask);
    }
    if (a->has_regs && b->has_regs && a->end.kind == RUN_EXIT)
        for (int i = 6; i <= 9; i++)
            CHECK_EQ(b->regs[i], a->regs[i]);
}

#endif
