/* ops_thread_test.c: read-modify-writes of two threads at once on the machine itself: no update is
 * lost, and what each thread fetches is what was there. */
#include "jit/tests/ops_meaning.h"
#include "jit/tests/ops_rig.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    ROUNDS = 300001 /* odd: what is toggled so often has changed */
};

/* struct worker: one thread, and what it calls: r1 the word, r2 the operand, r3 the r0 before. */
struct worker {
    struct rig mine; /* with a world of its own */
    struct rig_world world;
    const struct jit_atomic *o;
    uint64_t entry[2], *word;
    unsigned id;
    uint32_t *ready; /* threads that have begun: they wait for each other */
    uint64_t sum, wrong;
};

static void describe(const struct rig_case *c, char *out, size_t n) {
    const struct jit_atomic *const o = &c->u.atomic;
    snprintf(out, n, "two threads: atomic %s%u fetch=%d", meaning_rmw_name(o->rmw), 8u * o->bytes,
             o->fetch);
}

/* r0 is what was fetched, if anything was. */
static uint64_t put_function(struct rig *r, const struct jit_atomic *o) {
    const uint64_t entry = rig_addr(r, r->b.n);
    const struct jit_alu before = {
        .op = JOP_MOV, .width = 64, .dst = JR_0, .b = JR_3, .zext = true};
    const struct jit_alu after = {.op = JOP_MOV, .width = 64, .dst = JR_0, .b = JR_2, .zext = true};
    r->a->enter(&r->b, &rig_bare);
    r->a->alu(&r->b, &before);
    r->a->atomic(&r->b, o);
    if (o->fetch && o->rmw != JRMW_CMPXCHG)
        r->a->alu(&r->b, &after);
    r->a->leave(&r->b, &rig_bare);
    return entry;
}

static uint64_t step(struct worker *k, unsigned which, uint64_t operand, uint64_t r0) {
    const uint64_t args[5] = {(uint64_t)(uintptr_t)k->word, operand, r0};
    return rig_enter(&k->mine, args, 0, k->entry[which]);
}

static uint64_t word(const struct worker *k) {
    uint32_t *const half = (uint32_t *)(void *)k->word;
    return k->o->bytes == 8 ? __atomic_load_n(k->word, __ATOMIC_SEQ_CST)
                            : __atomic_load_n(half, __ATOMIC_SEQ_CST);
}

/* The thread's own bit is set with one operation and cleared with another; nobody else does. */
static void toggle(struct worker *k) {
    const uint64_t bit = UINT64_C(1) << (k->id ? 17 : 3);
    const bool is_xor = k->o->rmw == JRMW_XOR;
    for (unsigned i = 0; i < ROUNDS; i++) {
        const unsigned clear = i & 1;
        const uint64_t old = step(k, clear, clear && !is_xor ? ~bit : bit, 0);
        k->wrong += ((word(k) & bit) != 0) == clear;
        k->wrong += k->o->fetch && ((old & bit) != 0) != clear;
    }
}

static void count(struct worker *k) {
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t old = word(k);
        if (k->o->rmw == JRMW_ADD) {
            k->sum += step(k, 0, 1, 0);
            continue;
        }
        for (uint64_t seen; (seen = step(k, 0, old + 1, old)) != old; old = seen)
            ;
    }
}

/* What went in comes out, once, to one or the other; the last remains. */
static void exchange(struct worker *k) {
    for (uint32_t i = 0; i < ROUNDS; i++)
        k->sum += step(k, 0, 2 * i + k->id, 0) - (2 * i + k->id);
}

static void *work(void *arg) {
    struct worker *const k = arg;
    __atomic_fetch_add(k->ready, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(k->ready, __ATOMIC_SEQ_CST) < 2)
        ;
    switch (k->o->rmw) {
    case JRMW_ADD:
    case JRMW_CMPXCHG: count(k); break;
    case JRMW_XCHG: exchange(k); break;
    default: toggle(k); break;
    }
    return NULL;
}

static uint64_t expected(const struct jit_atomic *o, const struct worker k[2]) {
    switch (o->rmw) {
    case JRMW_ADD:
    case JRMW_CMPXCHG: return 2 * ROUNDS;
    case JRMW_XCHG: return 0 - k[0].sum - k[1].sum;
    default: return UINT64_C(1) << 3 | UINT64_C(1) << 17;
    }
}

static void test_kind(struct rig *r, const struct jit_atomic *o) {
    uint64_t shared = 0;
    uint32_t ready = 0;
    struct worker workers[2];
    pthread_t threads[2];
    const struct jit_atomic and = {
        .rmw = JRMW_AND, .bytes = o->bytes, .fetch = o->fetch, .base = o->base, .src = o->src};
    struct rig_case *const c = &r->cases[0];
    *c = (struct rig_case){.u.atomic = *o};
    r->b.n = 0;
    const uint64_t first = put_function(r, o);
    const uint64_t second = o->rmw == JRMW_OR ? put_function(r, &and) : first;
    rig_seal(r);
    for (unsigned i = 0; i < 2; i++) {
        workers[i] = (struct worker){.mine = *r,
                                     .o = o,
                                     .entry = {first, second},
                                     .word = &shared,
                                     .id = i,
                                     .ready = &ready};
        workers[i].mine.w = &workers[i].world;
        if (!RIG_CHECK(r, !pthread_create(&threads[i], NULL, work, &workers[i])))
            exit(1);
    }
    for (unsigned i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    rig_eq(r, c, "the word", word(&workers[0]), expected(o, workers));
    rig_eq(r, c, "wrong steps", workers[0].wrong + workers[1].wrong, 0);
    if (o->rmw == JRMW_ADD && o->fetch) /* 0 to 2 * ROUNDS - 1, each once */
        rig_eq(r, c, "sum of the fetched", workers[0].sum + workers[1].sum,
               UINT64_C(1) * ROUNDS * (2 * ROUNDS - 1));
    r->n_funcs++;
    r->n_runs += 2 * ROUNDS;
}

int main(void) {
    static const uint8_t kinds[] = {JRMW_ADD, JRMW_OR, JRMW_XOR, JRMW_XCHG, JRMW_CMPXCHG};
    struct rig r;
    const char *const why = rig_init(&r, describe);
    if (why)
        return check_skip(why);
    for (unsigned i = 0; i < 4 * sizeof kinds; i++) {
        const struct jit_atomic o = {.rmw = kinds[i / 4],
                                     .bytes = i & 1 ? 4 : 8,
                                     .fetch = i & 2 || kinds[i / 4] >= JRMW_XCHG,
                                     .base = JR_1,
                                     .src = JR_2};
        test_kind(&r, &o);
    }
    return rig_end_test(&r);
}
