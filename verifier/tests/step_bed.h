/* step_bed.h: programs driven through step_run without an exploration: a subject made by hand, and
 * a walk over all paths of a small program.
 *
 *     static const struct bed_case cases[] = {{"r0 = r5\nexit", "R5 !read_ok"},
 *                                             {"r0 = 1\nexit", NULL}};
 *     bed_check_all(cases, sizeof cases / sizeof *cases, &setup);
 */
#ifndef BPFLAB_VERIFIER_TESTS_STEP_BED_H
#define BPFLAB_VERIFIER_TESTS_STEP_BED_H

#include <stdlib.h>

#include "isa/asm.h"
#include "tests/check.h"
#include "verifier/step.h"

enum {
    BED_MAX_MAPS = 8,
    BED_MAX_WAITING = 64,
    BED_MAX_STEPS = 10000,
};

/* struct bed: one program, its subject, and the step that runs it. */
struct bed {
    struct prog prog;
    struct insn *insns;
    enum op *ops;
    struct map_def maps[BED_MAX_MAPS];
    struct map_fact facts[BED_MAX_MAPS];
    struct subprog_fact subprogs[1];
    struct subject sub;
    struct state st;
    struct step s;
    uint32_t next_id;
};

/* How a case's program is meant, and what its entry has. */
struct bed_setup {
    uint32_t type; /* enum prog_type */
    uint32_t attach_type;
    bool unprivileged, strict_align, big_endian;
    void (*maps)(struct bed *b);  /* fill b->maps; or NULL */
    void (*entry)(struct bed *b); /* registers beyond r1 = context; or NULL */
};

/* struct bed_case: a program, and the words of its rejection (a part of them), NULL: accepted. */
struct bed_case {
    const char *text, *refusal;
};

static struct state *bed_alloc(void *self) {
    (void)self;
    return calloc(1, sizeof(struct state));
}

static void bed_release(void *self, struct state *st) {
    (void)self;
    state_fini(st);
    free(st);
}

static inline void bed_add_map(struct bed *b, struct map_def def) {
    const uint32_t i = b->sub.n_maps++;
    b->maps[i] = def;
    b->maps[i].inner = -1;
    b->facts[i] =
        (struct map_fact){.def = &b->maps[i], .spin_lock = -1, .timer = -1, .workqueue = -1};
}

/* bed_open: out: false: the text does not assemble */
static inline bool bed_open(struct bed *b, const struct bed_setup *setup, const char *text) {
    *b = (struct bed){.prog = {.type = setup->type,
                               .attach_type = setup->attach_type,
                               .big_endian = setup->big_endian}};
    struct diag d = {0};
    if (asm_parse(text, strlen(text), NULL, &b->insns, &b->prog.n_insns, &d)) {
        printf("%s: %s\n", d.text, text);
        return false;
    }
    b->prog.insns = b->insns;
    b->ops = calloc(b->prog.n_insns + 1, sizeof *b->ops);
    if (!b->ops)
        return false;
    for (uint32_t i = 0; i < b->prog.n_insns; i += insn_slots(b->insns[i])) {
        b->ops[i] = op_of(b->insns[i]);
        if (insn_slots(b->insns[i]) == 2)
            b->ops[i + 1] = OP_INVALID;
    }
    b->subprogs[0] = (struct subprog_fact){.end = b->prog.n_insns, .name = "main"};
    b->sub = (struct subject){.prog = &b->prog,
                              .ops = b->ops,
                              .type = progtype_of(setup->type),
                              .subprogs = b->subprogs,
                              .n_subprogs = 1,
                              .maps = b->facts,
                              .privileged = !setup->unprivileged,
                              .strict_align = setup->strict_align};
    b->sub.in.prog = &b->prog;
    if (setup->maps)
        setup->maps(b);
    for (uint32_t i = 0; i < b->sub.n_maps; i++)
        b->sub.has_arena |= b->facts[i].def->type == MAP_arena;
    b->s = (struct step){.sub = &b->sub,
                         .st = &b->st,
                         .next_id = &b->next_id,
                         .alloc = bed_alloc,
                         .release = bed_release};
    if (state_init(&b->st, 0))
        return false;
    state_regs(&b->st)[1] = reg_pointer(REG_CTX, 0);
    if (setup->entry)
        setup->entry(b);
    return true;
}

static inline void bed_close(struct bed *b) {
    state_fini(&b->st);
    free(b->insns);
    free(b->ops);
}

/* bed_run: one instruction at pc. */
static inline bool bed_run(struct bed *b, uint32_t pc) {
    b->s.pc = pc;
    return step_run(&b->s);
}

/* bed_walk: all paths to their exits; what EXIT itself checks is left out, but that r0 is readable.
 * out: false: rejected, or failed; b->st is then the state at the rejection */
static inline bool bed_walk(struct bed *b) {
    struct fork waiting[BED_MAX_WAITING];
    uint32_t n = 0, pc = 0, n_steps = 0;
    bool ok = true;
    for (; ok && n_steps < BED_MAX_STEPS; n_steps++) {
        if (b->ops[pc] == OP_EXIT) {
            ok = step_read(&b->s, 0);
            if (!ok || n == 0)
                break;
            struct fork *const f = &waiting[--n];
            const bool copied = state_copy(&b->st, f->st) == BPFLAB_OK;
            bed_release(NULL, f->st);
            pc = f->pc;
            ok = copied;
            continue;
        }
        ok = bed_run(b, pc);
        for (uint32_t i = 0; ok && i < b->s.n_forks; i++) {
            if (n == BED_MAX_WAITING)
                abort();
            waiting[n++] = b->s.forks[i];
        }
        pc = b->s.next;
    }
    while (n)
        bed_release(NULL, waiting[--n].st);
    CHECK(n_steps < BED_MAX_STEPS);
    return ok;
}

static inline void bed_check(const struct bed_case *c, const struct bed_setup *setup) {
    struct bed b;
    check_note(c->text);
    if (CHECK(bed_open(&b, setup, c->text))) {
        const bool ok = bed_walk(&b);
        if (!c->refusal) {
            if (!CHECK(ok))
                printf("    rejected: %s\n", b.s.rep.linux_text);
        } else if (CHECK(!ok) && !CHECK(strstr(b.s.rep.linux_text, c->refusal) != NULL)) {
            printf("    got  \"%s\"\n    want \"%s\"\n", b.s.rep.linux_text, c->refusal);
        }
        bed_close(&b);
    }
    check_note(NULL);
}

static inline void bed_check_all(const struct bed_case *cases, size_t n,
                                 const struct bed_setup *setup) {
    for (size_t i = 0; i < n; i++)
        bed_check(&cases[i], setup);
}

#endif
