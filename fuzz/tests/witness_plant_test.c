/* witness_plant_test.c FOLDER SLUG OPERATION... [--bless]: what becomes of a wrong operator.
 *
 * This program is linked with a verifier one of whose operators was made wrong (witness.cmake). For
 * each operation it looks for counterexamples, by trying values that contain what is tried, as the
 * prover would by asking the solver; and makes programs of them. The wrong verifier accepts such a
 * program, a run leaves its states where the operation is done, and a load out of bounds that is
 * put there is accepted too. So it is with the case FOLDER/SLUG-OPERATION.data, which --bless
 * writes.
 */
#include <stdlib.h>

#include "fuzz/tests/witness_rig.h"
#include "proofs/witness.h"
#include "tests/check.h"
#include "verifier/domain/alu.h"

enum {
    TRIES = 4000000, /* values tried, at most */
    ENOUGH = 60,     /* counterexamples */
};

/* ---- counterexamples ---- */

static uint64_t word_of(uint64_t *seed) {
    const uint64_t shape = check_random(seed);
    const uint64_t x = check_random(seed) >> (shape & 63);
    return shape & 64 ? ~x : x;
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* A value with x in it. Parts of it are unknown, parts known well. */
static struct scalar around(uint64_t x, uint64_t *seed) {
    const uint64_t which = check_random(seed);
    const uint64_t mask = which & 1 ? word_of(seed) & word_of(seed) : word_of(seed);
    const int64_t sx = (int64_t)x;
    struct scalar s = scalar_unknown();
    if (which & 6)
        s.bits = (struct tnum){x & ~mask, mask};
    if (which & 8)
        s.u = (struct urange){x - least(x, word_of(seed)), x + least(~x, word_of(seed))};
    if (which & 16) {
        s.s.min =
            (int64_t)((uint64_t)sx - least((uint64_t)sx + (UINT64_C(1) << 63), word_of(seed)));
        s.s.max = (int64_t)(x + least((uint64_t)INT64_MAX - x, word_of(seed)));
    }
    if (which & 32)
        s.u32.max = (uint32_t)(x & UINT32_MAX) | (uint32_t)(word_of(seed) >> 32);
    if (which & 64)
        s.u32.min = (uint32_t)(x & word_of(seed));
    if (which & 128 && (int32_t)(uint32_t)x >= 0)
        s.s32.min = 0;
    return which >> 8 & 7 ? scalar_reduce(s) : scalar_const(x);
}

static struct insn insn_of(const struct witness_case *c) {
    const struct op_info *const row = &op_table[c->op];
    return (struct insn){.code = row->code,
                         .off = row->off_fixed,
                         .imm =
                             row->imm_rule == FIELD_ANY ? (int32_t)(uint32_t)c->y : row->imm_fixed};
}

static bool jump_is_lost(const struct witness_case *c, struct scalar a, struct scalar b) {
    const bool taken = op_eval_jmp(c->op, insn_of(c), c->x, c->y);
    const enum branch known = c->same ? scalar_branch_same(c->op, a) : scalar_branch(c->op, a, b);
    if (known != BRANCH_UNKNOWN)
        return (known == BRANCH_TAKEN) != taken;
    if (c->same)
        return !scalar_contains(scalar_refine_same(c->op, taken, a), c->x);
    scalar_refine(c->op, taken, &a, &b);
    return !scalar_contains(a, c->x) || (op_table[c->op].from_reg && !scalar_contains(b, c->y));
}

/* Does the linked domain lose x op y? */
static bool is_lost(const struct witness_case *c) {
    const struct op_info *const row = &op_table[c->op];
    const bool has_src = row->from_reg || row->cls == CLASS_ALU_SEXT;
    const struct scalar b = has_src ? c->b : scalar_const(c->y);
    if (row->cls == CLASS_JMP_COND)
        return jump_is_lost(c, c->a, b);
    const uint64_t z = op_eval_alu(c->op, insn_of(c), c->x, c->y, (struct sem_env){0});
    return !scalar_contains(scalar_alu(c->op, c->a, b, false), z);
}

/* Values to try; y is often near x, as comparisons like it. */
static struct witness_case any_case(enum op op, bool same, uint64_t *seed) {
    struct witness_case c = {.op = op, .same = same, .x = word_of(seed), .y = word_of(seed)};
    const bool is_shift = strstr(op_table[op].id, "SH") != NULL;
    if (check_random(seed) % 4 == 0)
        c.y = c.x ^ (check_random(seed) & 3);
    if (!op_table[op].from_reg || is_shift)
        c.y = check_random(seed) % 32;
    c.a = around(c.x, seed);
    c.b = around(c.y, seed);
    if (same) {
        c.y = c.x;
        c.b = c.a;
    }
    return c;
}

static bool next_lost(enum op op, bool same, uint64_t *seed, uint64_t *tries,
                      struct witness_case *c) {
    for (; *tries < TRIES; ++*tries) {
        *c = any_case(op, same, seed);
        if (scalar_contains(c->a, c->x) && scalar_contains(c->b, c->y) && is_lost(c))
            return true;
    }
    return false;
}

/* ---- their programs ---- */

/* The wrong verifier accepts it, and the run leaves its states behind the operation. */
static bool leaves(struct witness *w) {
    struct witness_run r;
    return witness_run(&w->prog, w->mem, sizeof w->mem, &r) && r.verdict == VERDICT_ACCEPT &&
           r.miss.found && r.miss.pc == w->next_pc && r.end.kind == RUN_EXIT && r.end.r0 == 1;
}

/* The same with a load out of bounds. */
static bool overruns(const struct witness_case *c) {
    struct witness w;
    struct witness_run r;
    struct diag d;
    if (!CHECK_EQ(witness_program(c, WITNESS_ACCESS, &w, &d), BPFLAB_OK))
        return false;
    const bool ok = w.status == WITNESS_LOST && witness_run(&w.prog, w.mem, sizeof w.mem, &r) &&
                    r.verdict == VERDICT_ACCEPT && r.end.kind == RUN_TRAP_MEMORY;
    witness_fini(&w);
    return ok;
}

/* The case as a counterexample's text says the same. */
static void check_text(const char *name, const struct witness_case *c) {
    char text[1024];
    struct witness_case got;
    struct diag d;
    size_t n = 0;
    for (int i = 0; i < 2; i++) {
        const struct scalar s = i ? c->b : c->a;
        const char *const o = i ? "b" : "a";
        n += (size_t)snprintf(
            text + n, sizeof text - n,
            "%s.bits.value=%#" PRIx64 " %s.bits.mask=%#" PRIx64 " %s.u.min=%#" PRIx64
            " %s.u.max=%#" PRIx64 " %s.s.min=%#" PRIx64 " %s.s.max=%#" PRIx64
            " %s.u32.min=%#x %s.u32.max=%#x %s.s32.min=%#x %s.s32.max=%#x %s=%#" PRIx64 " ",
            o, s.bits.value, o, s.bits.mask, o, s.u.min, o, s.u.max, o, (uint64_t)s.s.min, o,
            (uint64_t)s.s.max, o, s.u32.min, o, s.u32.max, o, (uint32_t)s.s32.min, o,
            (uint32_t)s.s32.max, i ? "y" : "x", i ? c->y : c->x);
    }
    if (CHECK_EQ(witness_parse(name, text, &got, &d), BPFLAB_OK)) {
        CHECK(got.op == c->op && got.same == c->same && got.x == c->x && got.y == c->y);
        CHECK(scalar_equal(got.a, c->a) && scalar_equal(got.b, c->b));
    }
}

struct found {
    uint64_t tries, refuted, lost, left, overran, exact;
    struct witness best;
    bool any;
};

static bool nicer(const struct witness *a, const struct witness *b) {
    if (a->fit_a + a->fit_b != b->fit_a + b->fit_b)
        return a->fit_a + a->fit_b < b->fit_a + b->fit_b;
    return a->prog.n_insns < b->prog.n_insns;
}

static void try_case(struct found *f, const struct witness_case *c) {
    struct witness w;
    struct diag d;
    f->refuted++;
    if (!CHECK_EQ(witness_program(c, WITNESS_VALUE, &w, &d), BPFLAB_OK))
        return;
    const bool lost = w.status == WITNESS_LOST, left = lost && leaves(&w);
    const bool overran = left && overruns(c);
    f->lost += lost;
    f->left += left;
    f->overran += overran;
    f->exact += lost && w.fit_a <= WITNESS_EQUAL && w.fit_b <= WITNESS_EQUAL;
    if (overran && (!f->any || nicer(&w, &f->best))) {
        const struct witness was = f->best;
        f->best = w;
        w = was;
        f->any = true;
    }
    witness_fini(&w);
}

static void write_best(const char *path, const char *slug, struct found *f) {
    char title[160];
    snprintf(title, sizeof title, "A verifier with the planted defect \"%s\" lets this run away.",
             slug);
    char *const text = witness_print(&f->best, title);
    FILE *const out = text ? fopen(path, "w") : NULL;
    CHECK(out != NULL && fputs(text, out) >= 0);
    if (out)
        fclose(out);
    free(text);
}

/* The corpus' case still shows the defect. */
static void replay(const char *path) {
    struct conf_case c;
    struct prog p;
    struct witness_run r;
    if (!CHECK(witness_file(path, &c)))
        return;
    if (CHECK_EQ(prog_init_insns(&p, c.insns, c.n_insns), BPFLAB_OK)) {
        CHECK(witness_run(&p, c.mem, c.mem_bytes, &r));
        CHECK_STR(verdict_name(r.verdict), "accept");
        CHECK(r.miss.found);
        CHECK(r.end.kind == RUN_EXIT && r.end.r0 == 1);
        prog_fini(&p);
    }
    conf_case_fini(&c);
}

static void check_operation(const char *folder, const char *slug, const char *name, bool bless) {
    struct found f = {.tries = 0};
    struct witness_case c;
    struct witness_ops ops;
    uint64_t seed = 1;
    char path[1024];
    check_note(name);
    if (!CHECK(witness_theorem(name, &ops)))
        return;
    while (f.refuted < ENOUGH && next_lost(ops.op[0], ops.same, &seed, &f.tries, &c)) {
        check_text(name, &c);
        try_case(&f, &c);
        f.tries++;
    }
    printf("%s %s: %llu values tried, %llu counterexamples, %llu programs lose the value "
           "(%llu with just those operands), %llu runs left, %llu overran\n",
           slug, name, (unsigned long long)f.tries, (unsigned long long)f.refuted,
           (unsigned long long)f.lost, (unsigned long long)f.exact, (unsigned long long)f.left,
           (unsigned long long)f.overran);
    CHECK(f.refuted > 0);
    CHECK_EQ(f.left, f.lost);
    CHECK(f.any);
    snprintf(path, sizeof path, "%s/%s-%s.data", folder, slug, name);
    if (bless && f.any)
        write_best(path, slug, &f);
    replay(path);
    witness_fini(&f.best);
}

int main(int argc, char **argv) {
    const bool bless = argc > 1 && !strcmp(argv[argc - 1], "--bless");
    for (int i = 3; i < argc - bless; i++)
        check_operation(argv[1], argv[2], argv[i], bless);
    return check_end();
}
