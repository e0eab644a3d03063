/* proof.c: operators of the domain on random operands: what they make is well-formed and contains
 * what the operation makes of members. What Z3 proves for all of them (proofs/), by sampling; it
 * tells at once when sources and proofs have parted. */
#include "fuzz/judging.h"

#include "fuzz/input.h"
#include "verifier/domain/alu.h"

enum {
    ROUNDS = 12, /* operations a case */
};

static uint64_t any_word(const struct judging *g, uint64_t *seed) {
    const uint64_t z = input_next(seed);
    const uint64_t given = g->c->inputs[0].words[z % CASE_WORDS];
    switch (z >> 8 & 7) {
    case 0: return z >> 16 & 0x7f;
    case 1: return (UINT64_C(1) << (z >> 16 & 63)) + (z >> 24 & 3) - 1;
    case 2: return ~(z >> 16 & 0xff);
    case 3: return (uint32_t)given;
    case 4: return (uint64_t)(int64_t)(int32_t)given;
    case 5: return input_next(seed);
    default: return given;
    }
}

/* A scalar that contains x: what comparisons, masks and loads leave. */
static struct scalar around(const struct judging *g, uint64_t x, uint64_t *seed) {
    const uint64_t z = input_next(seed);
    struct scalar s = z & 7 ? scalar_unknown() : scalar_const(x);
    if (z >> 3 & 1) {
        const uint64_t mask = any_word(g, seed);
        s = scalar_meet(s, scalar_from_tnum((struct tnum){x & ~mask, mask}));
    }
    if (z >> 4 & 1) {
        const uint64_t y = any_word(g, seed);
        s = scalar_meet(s, x < y ? scalar_from_urange(x - (x ? z >> 16 & 1 : 0), y)
                                 : scalar_from_urange(y, x));
    }
    if (z >> 5 & 1) {
        const int64_t y = (int64_t)any_word(g, seed), v = (int64_t)x;
        s = scalar_meet(s, v < y ? scalar_from_srange(v, y) : scalar_from_srange(y, v));
    }
    if (z >> 6 & 1)
        s = scalar_join(s, scalar_const(any_word(g, seed)));
    return scalar_reduce(s);
}

static bool check(struct judging *g, const char *what, struct scalar s, uint64_t member, uint64_t x,
                  uint64_t y) {
    if (!scalar_well_formed(s))
        judging_found(g, ORACLE_PROOF, NULL, 0, UINT32_MAX, "%s of %#llx, %#llx is not well-formed",
                      what, (unsigned long long)x, (unsigned long long)y);
    else if (!scalar_contains(s, member))
        judging_found(g, ORACLE_PROOF, NULL, 0, UINT32_MAX,
                      "%s of %#llx, %#llx does not contain %#llx", what, (unsigned long long)x,
                      (unsigned long long)y, (unsigned long long)member);
    return !g->out->found;
}

static bool alu(struct judging *g, enum op op, const struct scalar s[2], const uint64_t v[2]) {
    const struct insn in = {.code = op_table[op].code, .imm = (int32_t)v[1]};
    const struct sem_env env = {.big_endian = g->stand->big_endian};
    const bool reg = op_table[op].from_reg;
    const uint64_t y = reg ? v[1] : (uint64_t)(int64_t)in.imm;
    const uint64_t z = op_eval_alu(op, in, v[0], v[1], env);
    return check(g, op_table[op].id,
                 scalar_alu(op, s[0], reg ? s[1] : scalar_const(y), env.big_endian), z, v[0], y);
}

static bool jump(struct judging *g, enum op op, const struct scalar s[2], const uint64_t v[2]) {
    const bool reg = op_table[op].from_reg;
    const struct insn in = {.code = op_table[op].code, .imm = (int32_t)v[1]};
    const uint64_t y = reg ? v[1] : (uint64_t)(int64_t)in.imm;
    const bool taken = op_eval_jmp(op, in, v[0], v[1]);
    struct scalar a = s[0], b = reg ? s[1] : scalar_const(y);
    const enum branch known = scalar_branch(op, a, b);
    if (known != BRANCH_UNKNOWN && (known == BRANCH_TAKEN) != taken)
        judging_found(g, ORACLE_PROOF, NULL, 0, UINT32_MAX, "%s of %#llx, %#llx is decided wrongly",
                      op_table[op].id, (unsigned long long)v[0], (unsigned long long)y);
    scalar_refine(op, taken, &a, &b);
    return check(g, op_table[op].id, a, v[0], v[0], y) && check(g, op_table[op].id, b, y, v[0], y);
}

static bool lattice(struct judging *g, const struct scalar s[2], const uint64_t v[2]) {
    const struct scalar join = scalar_join(s[0], s[1]), wide = scalar_widen(s[0], join);
    if (scalar_contains(s[1], v[0]) && !check(g, "meet", scalar_meet(s[0], s[1]), v[0], v[0], v[1]))
        return false;
    if (scalar_subset(s[0], s[1]) && !scalar_contains(s[1], v[0]))
        judging_found(g, ORACLE_PROOF, NULL, 0, UINT32_MAX, "subset, but %#llx is in one only",
                      (unsigned long long)v[0]);
    return check(g, "join", join, v[0], v[0], v[1]) && check(g, "join", join, v[1], v[0], v[1]) &&
           check(g, "widen", wide, v[1], v[0], v[1]);
}

enum bpflab_err oracle_proof(struct judging *g) {
    /* of the inputs alone, so that the program may become smaller */
    uint64_t seed = g->c->inputs[0].seed ^ g->c->inputs[0].words[0] * 3;
    for (int i = 0; i < ROUNDS && !g->out->found; i++) {
        const uint64_t v[2] = {any_word(g, &seed), any_word(g, &seed)};
        const struct scalar s[2] = {around(g, v[0], &seed), around(g, v[1], &seed)};
        const enum op op = (enum op)(input_next(&seed) % N_OPS);
        const enum op_class cls = (enum op_class)op_table[op].cls;
        if (!scalar_contains(s[0], v[0]) || !scalar_contains(s[1], v[1]))
            judging_found(g, ORACLE_PROOF, NULL, 0, UINT32_MAX,
                          "meet, join or reduction lost %#llx", (unsigned long long)v[0]);
        else if (cls == CLASS_ALU_BINARY || cls == CLASS_ALU_UNARY || cls == CLASS_ALU_SEXT ||
                 cls == CLASS_ALU_END)
            alu(g, op, s, v);
        else if (cls == CLASS_JMP_COND)
            jump(g, op, s, v);
        else
            lattice(g, s, v);
    }
    return BPFLAB_OK;
}
