/* edit_test.c: edits of programs, exhaustively: every small program of two jumps of any forms and
 * an instruction of two slots, everything that can be inserted or removed, and every jump still
 * leads where it should. Programs in front and behind are not touched.
 */
#include <string.h>

#include "fuzz/edit.h"
#include "tests/check.h"

enum {
    SLOTS = 7, /* of the middle one of three programs; two of them are an LD_IMM64 */
    MARK = 100,
};

/* What has a distance, by form. */
static const enum op forms[] = {OP_JA,       OP_JA32,       OP_JEQ64_IMM, OP_JSLT32_REG,
                                OP_MAY_GOTO, OP_CALL_LOCAL, OP_LDDW_CODE};
enum {
    N_FORMS = sizeof forms / sizeof forms[0],
};

static uint64_t n_inserted, n_removed, n_refused;

static struct insn of(enum op op) {
    return (struct insn){.code = op_table[op].code,
                         .src = op_table[op].src_rule == FIELD_FIXED ? op_table[op].src_fixed : 0};
}

/* One that is known again wherever it goes. */
static struct insn marked(uint8_t mark) {
    struct insn in = of(OP_MOV64_IMM);
    in.imm = MARK + mark;
    return in;
}

/* Which field a form keeps its distance in, and where it leads: said here once more. */
static bool in_imm(enum op form) {
    return form == OP_JA32 || form == OP_CALL_LOCAL || form == OP_LDDW_CODE;
}

static uint32_t leads_to(enum op form, const struct fuzz_case *c, uint32_t at) {
    const int32_t distance = in_imm(form) ? c->insns[at].imm : c->insns[at].off;
    return at + 1 + (uint32_t)distance;
}

static void lead(enum op form, struct fuzz_case *c, uint32_t at, uint32_t to) {
    const int32_t distance = (int32_t)to - (int32_t)at - 1;
    c->insns[at].off = in_imm(form) ? 0 : (int16_t)distance;
    c->insns[at].imm = in_imm(form) ? distance : 0;
}

/* struct plan: two jumps and a two-slot instruction among plain ones. */
struct plan {
    uint32_t jump[2], to[2], wide;
    enum op form[2];
};

/* Programs around the one that is edited show whether edits stay inside of it. out: false: the plan
 * is none: places overlap, or a jump leads to a second slot */
static bool make(const struct plan *p, struct fuzz_case *c) {
    bool second[SLOTS] = {false}, taken[SLOTS] = {false};
    memset(c, 0, sizeof *c);
    c->n_progs = 3;
    c->n_inputs = 1;
    c->start[1] = 2;
    c->start[2] = 2 + SLOTS;
    c->start[3] = 4 + SLOTS;
    c->insns[0] = c->insns[2 + SLOTS] = of(OP_JA);
    c->insns[0].off = c->insns[2 + SLOTS].off = -1;
    c->insns[1] = c->insns[3 + SLOTS] = of(OP_EXIT);
    for (uint32_t i = 0; i < SLOTS; i++)
        c->insns[2 + i] = marked((uint8_t)i);
    c->insns[2 + p->wide] = of(OP_LDDW);
    c->insns[3 + p->wide] = (struct insn){.imm = 7};
    taken[p->wide] = taken[p->wide + 1] = second[p->wide + 1] = true;
    for (int k = 0; k < 2; k++) {
        const uint32_t at = p->jump[k], slots = p->form[k] == OP_LDDW_CODE ? 2 : 1;
        if (at + slots > SLOTS - 1 || taken[at] || taken[at + slots - 1])
            return false;
        taken[at] = taken[at + slots - 1] = true;
        second[at + slots - 1] |= slots == 2;
        c->insns[2 + at] = of(p->form[k]);
        c->insns[3 + at] = slots == 2 ? (struct insn){0} : c->insns[3 + at];
    }
    for (int k = 0; k < 2; k++)
        lead(p->form[k], c, 2 + p->jump[k], 2 + p->to[k]);
    return !second[p->to[0]] && !second[p->to[1]];
}

static bool same(struct insn a, struct insn b) {
    return a.code == b.code && a.dst == b.dst && a.src == b.src && a.off == b.off && a.imm == b.imm;
}

static bool same_case(const struct fuzz_case *a, const struct fuzz_case *b) {
    bool ok = a->n_progs == b->n_progs && !memcmp(a->start, b->start, sizeof a->start);
    for (uint32_t i = 0; ok && i < a->start[a->n_progs]; i++)
        ok = same(a->insns[i], b->insns[i]);
    return ok;
}

/* The programs before and behind are as they were. */
static bool others_stay(const struct fuzz_case *was, const struct fuzz_case *c) {
    bool ok = c->start[1] == 2 && c->n_progs == 3;
    ok = ok && c->start[3] - c->start[2] == 2;
    for (uint32_t i = 0; ok && i < 2; i++)
        ok = same(was->insns[i], c->insns[i]) &&
             same(was->insns[was->start[2] + i], c->insns[c->start[2] + i]);
    return ok;
}

/* Where slot i of the edited program went; gone: to what it leads now. */
typedef uint32_t moved_fn(uint32_t slot, uint32_t at, uint32_t n);

static uint32_t after_insert(uint32_t slot, uint32_t at, uint32_t n) {
    return slot >= at ? slot + n : slot;
}

static uint32_t after_remove(uint32_t slot, uint32_t at, uint32_t n) {
    return slot < at ? slot : slot < at + n ? at : slot - n;
}

/* Each jump that is still there leads to where its target went; what led to the place of an
 * insertion leads to what was inserted. */
static bool jumps_hold(const struct plan *p, const struct fuzz_case *c, uint32_t at, uint32_t n,
                       bool insert) {
    bool ok = true;
    for (int k = 0; k < 2; k++) {
        if (!insert && p->jump[k] >= at && p->jump[k] < at + n)
            continue;
        moved_fn *const moved = insert ? after_insert : after_remove;
        const uint32_t now = 2 + moved(p->jump[k], at, n);
        const uint32_t want = 2 + (insert && p->to[k] == at ? at : moved(p->to[k], at, n));
        uint32_t to = UINT32_MAX;
        ok = ok && op_of(c->insns[now]) == p->form[k] && leads_to(p->form[k], c, now) == want &&
             edit_target(c, now, &to) && to == want;
    }
    return ok;
}

/* What is plain keeps its order and its marks. */
static bool marks_hold(const struct fuzz_case *was, const struct fuzz_case *c, uint32_t at,
                       uint32_t n, bool insert) {
    bool ok = true;
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (was->insns[2 + i].imm < MARK || (!insert && i >= at && i < at + n))
            continue;
        moved_fn *const moved = insert ? after_insert : after_remove;
        ok = ok && same(was->insns[2 + i], c->insns[2 + moved(i, at, n)]);
    }
    return ok;
}

static void try_inserts(const struct plan *p, const struct fuzz_case *was) {
    static const struct insn extra[3] = {{.code = 0x18}, {.imm = 9}, {.code = 0xb7, .imm = 1}};
    for (uint32_t at = 0; at < SLOTS; at++)
        for (uint32_t n = 1; n <= 3; n++) {
            struct fuzz_case c = *was;
            const struct insn *const insns = n == 1 ? &extra[2] : extra;
            const bool can = !edit_is_second(was, 2 + at);
            const bool done = edit_insert(&c, 2 + at, insns, n);
            CHECK_EQ(done, can);
            if (done) {
                n_inserted++;
                CHECK(c.start[2] == was->start[2] + n && others_stay(was, &c));
                CHECK(jumps_hold(p, &c, at, n, true) && marks_hold(was, &c, at, n, true));
                CHECK(same(c.insns[2 + at], insns[0]));
                CHECK(edit_remove(&c, 2 + at, n) && same_case(&c, was));
            } else {
                n_refused++;
                CHECK(same_case(&c, was));
            }
        }
}

static void try_removes(const struct plan *p, const struct fuzz_case *was) {
    for (uint32_t at = 0; at < SLOTS; at++)
        for (uint32_t n = 1; n <= SLOTS; n++) {
            struct fuzz_case c = *was;
            const bool can =
                at + n < SLOTS && !edit_is_second(was, 2 + at) && !edit_is_second(was, 2 + at + n);
            const bool done = edit_remove(&c, 2 + at, n);
            CHECK_EQ(done, can);
            if (done) {
                n_removed++;
                CHECK(c.start[2] == was->start[2] - n && others_stay(was, &c));
                CHECK(jumps_hold(p, &c, at, n, false) && marks_hold(was, &c, at, n, false));
            } else {
                n_refused++;
                CHECK(same_case(&c, was));
            }
        }
}

/* All plans of two forms. */
static uint32_t exhaust_forms(enum op first, enum op second) {
    static struct fuzz_case c;
    uint32_t n = 0;
    for (uint32_t places = 0; places < SLOTS * SLOTS * SLOTS * SLOTS; places++)
        for (uint32_t wide = 0; wide + 2 < SLOTS; wide += 2) {
            const struct plan p = {
                .jump = {places % SLOTS, places / SLOTS % SLOTS},
                .to = {places / SLOTS / SLOTS % SLOTS, places / SLOTS / SLOTS / SLOTS},
                .wide = wide,
                .form = {first, second}};
            if (p.jump[0] >= p.jump[1] || !make(&p, &c))
                continue;
            try_inserts(&p, &c);
            try_removes(&p, &c);
            n++;
        }
    return n;
}

/* Each form with itself and with the next ones of the list: jumps do not look at each other. */
static void exhaust(void) {
    uint32_t n = 0;
    for (uint32_t f = 0; f < N_FORMS; f++)
        for (uint32_t k = 0; k < 2; k++) {
            const uint32_t made = exhaust_forms(forms[f], forms[(f + k) % N_FORMS]);
            CHECK(made > 30);
            n += made;
        }
    printf("%u programs, %llu insertions, %llu removals, %llu refusals\n", n,
           (unsigned long long)n_inserted, (unsigned long long)n_removed,
           (unsigned long long)n_refused);
    CHECK(n_inserted > 10000 && n_removed > 10000 && n_refused > 10000);
}

/* What must not be done, and changes nothing. */
static void refusals(void) {
    static struct fuzz_case c, was;
    const struct insn plain = of(OP_MOV64_IMM), half = of(OP_LDDW);
    const struct insn cut_off[2] = {plain, half};
    c.n_progs = 1;
    c.n_inputs = 1;
    c.start[1] = 4;
    c.insns[0] = of(OP_JA);
    c.insns[0].off = 1;
    c.insns[1] = c.insns[2] = plain;
    c.insns[3] = of(OP_EXIT);
    was = c;
    CHECK(!edit_insert(&c, 1, &half, 1));
    CHECK(!edit_insert(&c, 1, cut_off, 2));
    CHECK(!edit_insert(&c, 4, &plain, 1));
    CHECK(!edit_insert(&c, 1, &plain, 0));
    CHECK(!edit_remove(&c, 1, 0));
    CHECK(!edit_remove(&c, 3, 1));
    CHECK(!edit_remove(&c, 1, UINT32_MAX));
    CHECK(!edit_remove(&c, 9, 1));
    CHECK(same_case(&c, &was));
    /* full: not one more, but two instead of two */
    for (uint32_t i = 3; i < CASE_MAX_INSNS; i++)
        c.insns[i] = plain;
    c.insns[CASE_MAX_INSNS - 1] = of(OP_EXIT);
    c.start[1] = CASE_MAX_INSNS;
    CHECK(!edit_insert(&c, 1, &plain, 1));
    CHECK(edit_remove(&c, 1, 1) && edit_insert(&c, 1, &plain, 1) && !edit_insert(&c, 1, &plain, 1));
    CHECK_EQ(c.start[1], CASE_MAX_INSNS);
}

/* Distances that lead out of the program are nobody's, and stay. */
static void outside(void) {
    static struct fuzz_case c;
    uint32_t to;
    const struct insn plain = of(OP_MOV64_IMM);
    c.n_progs = 1;
    c.n_inputs = 1;
    c.start[1] = 3;
    c.insns[0] = of(OP_JA);
    c.insns[0].off = 77;
    c.insns[1] = plain;
    c.insns[2] = of(OP_EXIT);
    CHECK(!edit_target(&c, 0, &to));
    CHECK(edit_insert(&c, 1, &plain, 1));
    CHECK_EQ(c.insns[0].off, 77);
    CHECK(!edit_aim(&c, 1, 0));
}

int main(void) {
    exhaust();
    refusals();
    outside();
    return check_end();
}
