/* execution.c: worlds are compared by digest, and by report where digests differ. */
#include "fuzz/oracle/execution.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "jit/jit.h"

enum {
    PAGE_BYTES = 4096,
};

/* out: false */
static bool differ(struct execution *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool differ(struct execution *x, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(x->text, sizeof x->text, fmt, args);
    va_end(args);
    return false;
}

/* s390x says only in which page an access failed. */
static uint64_t addr_mask(const struct engine_session *s) {
    const struct engine *const e = engine_of(s);
    return e->arch && jit_target_big_endian(e->arch) ? ~(uint64_t)(PAGE_BYTES - 1) : UINT64_MAX;
}

static bool same_end(const struct engine_session *a, const struct engine_session *b,
                     struct execution *x) {
    const struct run_end *const e = &x->a.end, *const f = &x->b.end;
    const uint64_t mask = addr_mask(a) & addr_mask(b);
    if (e->kind != f->kind)
        return differ(x, "it ends by %s at pc %u; by %s at pc %u, address %#" PRIx64,
                      run_kind_id(e->kind), e->pc, run_kind_id(f->kind), f->pc, f->addr);
    if (e->kind == RUN_EXIT)
        return e->r0 == f->r0 || differ(x, "r0 at the end: %#" PRIx64 ", %#" PRIx64, e->r0, f->r0);
    if (e->pc != UINT32_MAX && f->pc != UINT32_MAX && e->pc != f->pc)
        return differ(x, "%s at pc %u, at pc %u", run_kind_id(e->kind), e->pc, f->pc);
    return (e->addr & mask) == (f->addr & mask) ||
           differ(x, "%s at pc %u: address %#" PRIx64 ", %#" PRIx64, run_kind_id(e->kind), e->pc,
                  e->addr, f->addr);
}

/* What a tail call finds in registers is nobody's promise. */
static bool same_regs(struct engine_session *a, struct execution *x) {
    if (!x->a.has_regs || !x->b.has_regs || x->a.end.kind != RUN_EXIT ||
        engine_instance(a)->world->st.tail_calls)
        return true;
    for (int r = 6; r <= 9; r++)
        if (x->a.regs[r] != x->b.regs[r])
            return differ(x, "r%d at the end: %#" PRIx64 ", %#" PRIx64, r, x->a.regs[r],
                          x->b.regs[r]);
    return true;
}

/* out: the digests differ; why, in *x */
static enum bpflab_err explain(struct engine_session *a, struct engine_session *b,
                               struct execution *x, struct diag *d) {
    struct world_report ra = {0}, rb = {0};
    struct world_diff diff;
    enum bpflab_err err = engine_report(a, true, &ra, d);
    if (!err)
        err = engine_report(b, true, &rb, d);
    if (!err && report_diff(engine_instance(a)->world, &ra, &rb, &diff))
        differ(x, "digests of equal worlds");
    else if (!err)
        differ(x, "%s: %#" PRIx64 ", %#" PRIx64, diff.item[0].what, diff.item[0].a, diff.item[0].b);
    report_fini(&ra);
    report_fini(&rb);
    return err;
}

/* Are the worlds alike? Those of this process byte by byte first: that is the common case. */
static enum bpflab_err same_worlds(struct engine_session *a, struct engine_session *b, bool *same,
                                   struct diag *d) {
    uint64_t digests[2] = {0};
    *same = engine_local(a) && engine_local(b) &&
            worlds_same(engine_instance(a)->world, engine_instance(b)->world);
    if (*same)
        return BPFLAB_OK;
    enum bpflab_err err = engine_digest(a, true, &digests[0], d);
    if (!err)
        err = engine_digest(b, true, &digests[1], d);
    *same = !err && digests[0] == digests[1];
    return err;
}

enum bpflab_err execution_check(struct engine_session *a, struct engine_session *b,
                                struct execution *x, struct diag *d) {
    bool same = false;
    enum bpflab_err err = BPFLAB_OK;
    x->text[0] = 0;
    x->poisoned = x->a.end.kind == RUN_TRAP_MEMORY;
    x->equal = !x->poisoned && same_end(a, b, x) && same_regs(a, x);
    if (!x->equal)
        return BPFLAB_OK;
    err = same_worlds(a, b, &same, d);
    x->equal = !err && same;
    return err || same ? err : explain(a, b, x, d);
}

static enum bpflab_err run(struct engine_session *s, uint32_t prog,
                           const struct instance_input *input, struct engine_result *out,
                           struct diag *d) {
    const enum bpflab_err err = engine_prepare(s, prog, input, d);
    return err ? err : engine_run(s, 1, out, d);
}

enum bpflab_err execution_compare(struct engine_session *a, struct engine_session *b, uint32_t prog,
                                  const struct instance_input *input, struct execution *out,
                                  struct diag *d) {
    struct execution x = {0};
    struct diag why = {.pc = -1};
    const struct engine_session *at = a;
    enum bpflab_err err = run(a, prog, input, &x.a, &why);
    if (!err) {
        at = b;
        err = run(b, prog, input, &x.b, &why);
    }
    if (!err)
        err = execution_check(a, b, &x, &why);
    if (err)
        return diag_set(d, err, "%s: %s", engine_of(at)->name, why.text);
    *out = x;
    return BPFLAB_OK;
}
