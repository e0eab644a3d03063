#include "fuzz/loop.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/features.h"
#include "fuzz/gen/gen.h"
#include "fuzz/input.h"
#include "fuzz/maps.h"
#include "fuzz/mut/mut.h"
#include "jit/jit.h"

enum {
    POOL_LEAST = 64,   /* before there is mutation */
    MUTATE_ONE_IN = 3, /* cases */
    CHOICES = 640,     /* bytes of choices a case; what is not used is not missed */
};

struct loop {
    struct loop_options opt;
    struct loop_stats *stats;
    struct judge *judge;
    struct stand *stand[2]; /* little-endian, big-endian; NULL: no engine of that order */
    struct features features;
    uint32_t news; /* features that the case now judged has brought */
    struct fuzz_case now;
    uint32_t kind; /* of it */
    struct fuzz_case other;
    uint64_t rng;
    uint8_t *pool[LOOP_POOL]; /* literal forms */
    uint32_t pool_bytes[LOOP_POOL];
    uint32_t n_pool;
};

/* Engines of one byte order. out: how many names */
static uint32_t of_order(const struct loop_options *opt, bool big, const char **names,
                         enum bpflab_err *err, struct diag *d) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < opt->n_engines && !*err; i++) {
        struct engine e;
        *err = engine_find(opt->engines[i], true, &e, d);
        if (!*err && e.arch && jit_target_big_endian(e.arch) == big && n < STAND_ENGINES)
            names[n++] = opt->engines[i];
    }
    return n;
}

static void on_accept(void *self, const struct prog *p, const struct knowledge *k) {
    struct loop *const l = self;
    l->news += features_add(&l->features, p, k);
}

static enum bpflab_err make_stands(struct loop *l, struct diag *d) {
    enum bpflab_err err = BPFLAB_OK;
    for (int big = 0; big < 2 && !err; big++) {
        const char *names[STAND_ENGINES];
        const uint32_t n = of_order(&l->opt, big, names, &err, d);
        const struct stand_options so = {
            .names = names, .n_names = n, .contained = l->opt.contained, .big_endian = big};
        if (!err && (n || !big)) /* verifier and interpreter always */
            err = stand_new(&so, &l->stand[big], d);
    }
    return err;
}

enum bpflab_err loop_new(const struct loop_options *opt, struct loop_stats *stats,
                         struct loop **out, struct diag *d) {
    struct loop *const l = calloc(1, sizeof *l);
    if (!l || !(l->judge = judge_new())) {
        loop_free(l);
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    }
    l->opt = *opt;
    l->opt.judge.seen = on_accept;
    l->opt.judge.seen_self = l;
    l->stats = stats;
    const enum bpflab_err err = make_stands(l, d);
    if (err)
        loop_free(l);
    else
        *out = l;
    return err;
}

void loop_free(struct loop *l) {
    if (!l)
        return;
    for (uint32_t i = 0; i < l->n_pool; i++)
        free(l->pool[i]);
    stand_free(l->stand[0]);
    stand_free(l->stand[1]);
    judge_free(l->judge);
    free(l);
}

/* When the pool is full a new case takes the place of an old one. */
void loop_keep(struct loop *l, const struct fuzz_case *c) {
    uint8_t bytes[CASE_MAX_BYTES];
    const size_t n = case_encode(c, bytes);
    const uint32_t at =
        l->n_pool < LOOP_POOL ? l->n_pool : (uint32_t)(input_next(&l->rng) % LOOP_POOL);
    uint8_t *const copy = malloc(n);
    if (!copy)
        return;
    memcpy(copy, bytes, n);
    if (at < l->n_pool)
        free(l->pool[at]);
    else
        l->n_pool++;
    l->pool[at] = copy;
    l->pool_bytes[at] = (uint32_t)n;
    l->stats->kept = l->n_pool;
}

const struct fuzz_case *loop_case(const struct loop *l) {
    return &l->now;
}

bool loop_kept(const struct loop *l) {
    return l->news != 0;
}

/* A case of the pool, changed, now and then with pieces of another one. */
static void make_mutant(struct loop *l) {
    const uint64_t z = input_next(&l->rng);
    const uint32_t a = (uint32_t)(z % l->n_pool), b = (uint32_t)((z >> 32) % l->n_pool);
    const bool cross = (z >> 20) % 4 == 0;
    if (!case_decode(l->pool[a], l->pool_bytes[a], &l->now) ||
        (cross && !case_decode(l->pool[b], l->pool_bytes[b], &l->other)))
        return;
    mut_seeded(input_next(&l->rng), &l->now, cross ? &l->other : NULL);
    l->kind = LOOP_MUTATED;
}

void loop_make(struct loop *l, uint64_t i) {
    uint8_t choices[CHOICES];
    struct input in;
    l->rng = l->opt.seed * UINT64_C(0xd1342543de82ef95) + i;
    if (!l->opt.no_mutation && l->n_pool >= POOL_LEAST &&
        input_next(&l->rng) % MUTATE_ONE_IN == 0) {
        make_mutant(l);
        return;
    }
    input_random(&l->rng, choices, sizeof choices);
    input_init(&in, choices, sizeof choices);
    gen_case(&in, l->opt.kinds, &l->now, &l->kind);
}

/* ---- counting ---- */

static void count_insns(struct loop_stats *s, const struct fuzz_case *c) {
    uint64_t maps = 0;
    for (uint32_t pc = 0; pc < c->start[c->n_progs]; pc += insn_slots(c->insns[pc])) {
        const struct insn in = c->insns[pc];
        const enum op op = op_of(in);
        if (op >= N_OPS)
            continue;
        s->ops[op]++;
        if (op == OP_CALL && (uint32_t)in.imm < N_HELPERS)
            s->helpers[in.imm]++;
        if ((op == OP_LDDW_MAP_IDX || op == OP_LDDW_MAP_IDX_VALUE) && (uint32_t)in.imm < LOOP_MAPS)
            maps |= UINT64_C(1) << in.imm;
    }
    for (uint32_t m = 0; maps; m++, maps >>= 1)
        s->maps[m] += maps & 1;
    if (c->type < LOOP_TYPES)
        s->types[c->type]++;
}

static void count(struct loop *l, const struct judged *j) {
    struct loop_stats *const s = l->stats;
    s->made[l->kind]++;
    s->runs += j->runs;
    s->steps += j->contain.steps;
    s->hops += j->contain.hops;
    s->not_run += j->not_run;
    s->findings += j->found;
    s->rejected[l->kind] += j->verdict == VERDICT_REJECT;
    if (j->verdict != VERDICT_ACCEPT)
        return;
    const uint32_t n = case_n_insns(&l->now, 0);
    s->accepted[l->kind]++;
    s->lengths[l->kind] += n;
    s->by_length[n / 8 < 16 ? n / 8 : 15]++;
    count_insns(s, &l->now);
}

enum bpflab_err loop_try(struct loop *l, struct judged *out, struct diag *d) {
    l->news = 0;
    enum bpflab_err err = judge_case(l->judge, l->stand[0], &l->now, &l->opt.judge, out, d);
    if (!err)
        count(l, out);
    if (!err && !out->found && l->stand[1]) {
        err = judge_case(l->judge, l->stand[1], &l->now, &l->opt.judge, out, d);
        if (!err) {
            l->stats->runs += out->runs;
            l->stats->steps += out->contain.steps;
            l->stats->findings += out->found;
        }
    }
    l->stats->features = l->features.n;
    if (err || out->found)
        l->news = 0;
    if (l->news)
        loop_keep(l, &l->now);
    l->stats->cases++;
    return err;
}
