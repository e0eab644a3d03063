/* splice.c: pieces of one case in another, and what concerns whole programs.
 *
 * Both cuts of a crossover lie in functions, so that what calls the rest of a program goes on
 * calling it. A function is what lies between two places that calls lead to.
 */
#include <string.h>

#include "fuzz/mut/part.h"
#include "runtime/progtype.h"

bool mut_splice(struct mut *m) {
    const struct mut_range r = mut_range(m, m->other);
    return mut_graft(m, m->other, r, mut_place(m));
}

/* ---- crossover of functions ---- */

/* The end of the function that holds a place. */
static uint32_t function_end(const struct fuzz_case *c, uint32_t at) {
    const uint32_t p = edit_prog_of(c, at);
    uint32_t end = c->start[p + 1], to;
    for (uint32_t pc = c->start[p]; pc < c->start[p + 1]; pc += insn_slots(c->insns[pc]))
        if (mut_names_function(op_of(c->insns[pc])) && edit_target(c, pc, &to) && to > at &&
            to < end)
            end = to;
    return end;
}

static uint32_t instruction_at(const struct fuzz_case *c, uint32_t slot) {
    return edit_is_second(c, slot) ? slot - 1 : slot;
}

/* From a place to the end of its function, less the last instruction: an exit, mostly. */
static struct mut_range rest_from(const struct fuzz_case *c, uint32_t at) {
    const uint32_t last = instruction_at(c, function_end(c, at) - 1);
    return (struct mut_range){at, last > at ? last - at : 0};
}

/* A function goes on as one of the other case does: its rest is exchanged for that one's. */
bool mut_tail(struct mut *m) {
    struct fuzz_case *const c = m->c;
    const struct fuzz_case *const other = m->other;
    const uint32_t cut = mut_place(m);
    const uint32_t from = instruction_at(other, mut_below(m, other->start[other->n_progs]));
    const struct mut_range old = rest_from(c, cut), new = rest_from(other, from);
    if (new.n == 0 || other == c)
        return false;
    /* the new part first: it may not fit */
    if (!mut_graft(m, other, new, cut))
        return false;
    if (old.n)
        edit_remove(c, cut + new.n, old.n);
    return true;
}

/* ---- whole programs ---- */

static bool append_program(struct fuzz_case *c, const struct insn *insns, uint32_t n) {
    const uint32_t end = c->start[c->n_progs];
    if (c->n_progs >= CASE_MAX_PROGS || n > CASE_MAX_INSNS - end)
        return false;
    memcpy(&c->insns[end], insns, n * sizeof *insns);
    c->start[++c->n_progs] = end + n;
    return true;
}

/* Take a program of another case in, or leave the last one out. */
bool mut_program(struct mut *m) {
    struct fuzz_case *const c = m->c;
    const struct fuzz_case *const other = m->other;
    if (c->n_progs > 1 && (c->n_progs == CASE_MAX_PROGS || mut_maybe(m, 2))) {
        c->n_progs--;
        return true;
    }
    const uint32_t p = mut_below(m, other->n_progs);
    return append_program(c, &other->insns[other->start[p]], case_n_insns(other, p));
}

/* Types that programs of cases can have: none that is attached to a function of the kernel's. */
static bool is_type(uint32_t type) {
    const struct progtype *const t = progtype_of(type);
    return t && !t->target && type != PROG_raw && prog_type_name(type);
}

static uint32_t some_type(struct mut *m) {
    static const uint8_t common[] = {PROG_sched_cls, PROG_xdp, PROG_socket_filter, PROG_cgroup_skb};
    static const uint16_t all[] = {
#define PROG_TYPE(nr, name) nr,
#include "isa/kind.def"
    };
    if (!mut_maybe(m, 2))
        return mut_pick(m, common);
    const uint32_t n = sizeof all / sizeof *all, from = mut_below(m, n);
    for (uint32_t i = 0; i < n; i++)
        if (is_type(all[(from + i) % n]))
            return all[(from + i) % n];
    return PROG_sched_cls;
}

static uint32_t some_attach_type(struct mut *m) {
    static const uint8_t all[] = {
#define ATTACH_TYPE(nr, name) nr,
#include "isa/kind.def"
    };
    return mut_maybe(m, 2) ? mut_pick(m, all) : 0;
}

bool mut_type(struct mut *m) {
    struct fuzz_case *const c = m->c;
    const uint32_t type = c->type, attach_type = c->attach_type;
    const bool sleepable = c->sleepable;
    if (mut_maybe(m, 8)) {
        c->sleepable = !sleepable;
    } else if (mut_maybe(m, 6)) {
        c->attach_type = some_attach_type(m);
    } else {
        for (int tries = 0; tries < 4 && c->type == type; tries++)
            c->type = some_type(m);
        const struct progtype *const t = progtype_of(c->type);
        c->attach_type = 0;
        c->sleepable = t && t->must_sleep;
    }
    return c->type != type || c->attach_type != attach_type || c->sleepable != sleepable;
}
