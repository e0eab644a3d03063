/* batch_foreign.c: batches by executor: as many cases in a message as fit. */
#include "engine/batch_impl.h"
#include "engine/child.h"
#include "engine/code_wire.h"
#include "engine/pack.h"

enum {
    CASES_MAX = 4096,           /* of a message: a hang costs no more than these */
    ROOM_BYTES = 8 << 20,       /* of a message: where the next case is left for another one */
    CODE_ROOM_BYTES = 16 << 20, /* of the code area, the same */
};

enum bpflab_err batch_open_foreign(struct engine_batch *b, struct diag *d) {
    return b->child ? BPFLAB_OK : child_start(b->engine.arch, b->opt.executor_dir, &b->child, d);
}

void batch_close_foreign(struct engine_batch *b) {
    child_stop(b->child);
    b->child = NULL;
}

/* struct part: the cases of one message, from first on; those that have no code are not in it. */
struct part {
    size_t first, n;
    uint32_t n_sent;
    size_t bytes; /* of the message */
};

static void put_case(struct engine_batch *b, struct engine_case *c, struct part *p, uint32_t *off,
                     struct wire_out *q) {
    struct jit_code code = {0};
    c->err = batch_compile(b, c->prog, &b->child->process, b->child->code_addr + *off, &code);
    if (!c->err && code.n_bytes > b->child->code_bytes - *off)
        c->err = BPFLAB_E_SPACE;
    const size_t before = q->n;
    if (!c->err) {
        wire_put_bytes(q, c->mem, c->mem_bytes);
        code_put(q, &code, *off, bind_exception(c->prog));
        *off += (code.n_bytes + EXECMEM_ALIGN - 1) / EXECMEM_ALIGN * EXECMEM_ALIGN;
        p->n_sent++;
    }
    if (q->full) { /* a case that no message holds */
        *q = (struct wire_out){.p = q->p, .n = before, .capacity = q->capacity};
        c->err = BPFLAB_E_SPACE;
        p->n_sent--;
    }
    jit_code_fini(&code);
}

static struct part make_part(struct engine_batch *b, struct engine_case *cases, size_t n,
                             size_t first, uint64_t fuel) {
    struct wire_out q = {.p = b->child->shared + PROTO_REQUEST_OFF,
                         .capacity = PROTO_REQUEST_BYTES};
    struct part p = {.first = first};
    uint32_t off = 0;
    wire_put32(&q, PROTO_BATCH);
    const size_t mark = wire_mark32(&q);
    pack_config(&q, &b->cfg);
    wire_put32(&q, b->opt.fuel);
    wire_put64(&q, fuel);
    const size_t count = wire_mark32(&q);
    while (first + p.n < n && p.n < CASES_MAX && q.n < ROOM_BYTES && off < CODE_ROOM_BYTES) {
        put_case(b, &cases[first + p.n], &p, &off, &q);
        p.n++;
    }
    wire_set32(&q, count, p.n_sent);
    wire_set32(&q, mark, (uint32_t)(q.n - mark - 4));
    p.bytes = q.n;
    return p;
}

/* The results of the first n_done cases that were sent.
 * out: index behind the last that has one; false if the answer makes no sense */
static bool read_part(struct engine_case *cases, const struct part *p, uint64_t n_done,
                      struct wire_in *in, size_t *next) {
    size_t i = p->first;
    for (; i < p->first + p->n && n_done; i++) {
        struct engine_case *c = &cases[i];
        if (c->err)
            continue;
        c->end = unpack_end(in);
        c->regs[0] = wire_get64(in);
        for (int r = 6; r <= 9; r++)
            c->regs[r] = wire_get64(in);
        const uint8_t *mem = wire_get_raw(in, c->mem_bytes);
        if (c->mem_after && mem && c->mem_bytes)
            memcpy(c->mem_after, mem, c->mem_bytes);
        n_done--;
    }
    *next = i;
    return !in->bad;
}

/* A child that says such things is not asked again. */
static enum bpflab_err bad_answer(struct engine_batch *b, struct diag *d) {
    batch_close_foreign(b);
    return diag_set(d, BPFLAB_E_SYSTEM, "the executor's answer does not make sense");
}

/* One message; out: the first case that is still to be done. */
static enum bpflab_err run_part(struct engine_batch *b, struct engine_case *cases, size_t n,
                                size_t *first, uint64_t fuel, struct diag *d) {
    enum bpflab_err err = batch_open_foreign(b, d);
    if (err)
        return err;
    const struct part p = make_part(b, cases, n, *first, fuel);
    uint64_t n_bytes;
    const enum child_answer answer =
        child_ask(b->child, p.bytes, p.n_sent, b->opt.timeout_ms, &n_bytes);
    struct wire_in in = {.p = b->child->shared + PROTO_REPLY_OFF, .n = n_bytes};
    const uint64_t n_done = answer == CHILD_ANSWERED ? p.n_sent : child_done(b->child);
    uint32_t code = BPFLAB_OK;
    if (answer == CHILD_ANSWERED || n_done) {
        code = wire_get32(&in);
        (void)wire_get32(&in); /* size: not known yet of one that was cut off */
    }
    if (code >= N_BPFLAB_ERRS || n_done > p.n_sent)
        return bad_answer(b, d);
    if (answer == CHILD_ANSWERED && code)
        return diag_set(d, (enum bpflab_err)code, "the executor: a batch was refused");
    if (!read_part(cases, &p, n_done, &in, first))
        return bad_answer(b, d);
    if (answer == CHILD_ANSWERED) {
        *first = p.first + p.n;
        return BPFLAB_OK;
    }
    while (*first < p.first + p.n && cases[*first].err)
        (*first)++;
    if (*first == p.first + p.n) { /* it died with all done */
        batch_close_foreign(b);
        return BPFLAB_OK;
    }
    cases[*first].end =
        (struct run_end){.kind = answer == CHILD_LATE ? RUN_HUNG : RUN_CRASHED, .pc = UINT32_MAX};
    ++*first;
    batch_close_foreign(b);
    return BPFLAB_OK;
}

enum bpflab_err batch_run_foreign(struct engine_batch *b, struct engine_case *cases, size_t n,
                                  uint64_t fuel, struct diag *d) {
    enum bpflab_err err = BPFLAB_OK;
    for (size_t at = 0; at < n && !err;)
        err = run_part(b, cases, n, &at, fuel, d);
    return err;
}
