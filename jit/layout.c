/* layout.c: every site gets the shortest form that reaches, then plain code and sites are written
 * in order, and the constant pool behind them.
 *
 * All sites begin in their shortest form; those whose destination is too far get the next one, and
 * as that moves what lies behind, again until all fit. Forms only grow, so it ends.
 */
#include <stdlib.h>

#include "jit/driver.h"

enum {
    MAX_PAD = 16 /* bytes that a loop is worth */
};

struct layout {
    struct jit *j;
    uint32_t *before; /* n_sites + 1: bytes of the sites before each */
    uint32_t pool;    /* offset of the constant pool */
};

static uint32_t label_off(const struct layout *l, uint32_t label) {
    const struct label *const at = &l->j->labels[label];
    return at->at + l->before[at->site];
}

static int64_t distance(const struct layout *l, uint32_t i) {
    const struct jit_site *const s = &l->j->sites[i];
    const int64_t from = (int64_t)s->at + l->before[i];
    switch ((enum jit_site_kind)s->kind) {
    case JSITE_CALL_HOST:
    case JSITE_JUMP_HOST: return (int64_t)(s->target - l->j->addr) - from;
    case JSITE_CONST: return (int64_t)l->pool + 8 * (int64_t)s->label - from;
    default: return (int64_t)label_off(l, s->label) - from;
    }
}

/* Bytes that put a loop, from site i to the label, into one line, if it lies across two and could
 * lie in one. */
static uint32_t line_padding(const struct jit *j, uint32_t i, uint32_t start) {
    const struct jit_site *const s = &j->sites[i];
    const struct label *const end = &j->labels[s->label];
    const uint32_t line = j->arch->loop_line;
    if (end->at == UINT32_MAX)
        return 0;
    uint32_t n = end->at - s->at;
    for (uint32_t k = i + 1; k < end->site; k++)
        n += j->arch->site_bytes(&j->sites[k], j->sites[k].form);
    const uint32_t pad = line - start % line;
    return n <= line && pad < n && pad <= MAX_PAD ? pad : 0;
}

static void add_up(struct layout *l) {
    const struct jit *const j = l->j;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < j->n_sites; i++) {
        struct jit_site *const s = &j->sites[i];
        l->before[i] = sum;
        if (s->kind == LAYOUT_ALIGN)
            s->k = line_padding(j, i, s->at + sum);
        sum += s->kind == LAYOUT_ALIGN ? (uint32_t)s->k : j->arch->site_bytes(s, s->form);
    }
    l->before[j->n_sites] = sum;
    l->pool = (j->code.n + sum + 7) & ~UINT32_C(7);
}

/* out: false if a site has no form that reaches */
static bool choose_forms(struct layout *l) {
    struct jit *const j = l->j;
    bool changed = true;
    while (changed) {
        changed = false;
        add_up(l);
        for (uint32_t i = 0; i < j->n_sites; i++) {
            struct jit_site *const s = &j->sites[i];
            if (s->kind == LAYOUT_ALIGN)
                continue;
            const int64_t to = distance(l, i);
            while (!j->arch->site_fits(s, s->form, to)) {
                if (++s->form == JSITE_FORMS || !j->arch->site_bytes(s, s->form))
                    return false;
                changed = true;
            }
        }
    }
    return true;
}

static void write_pool(const struct layout *l, struct jit_buf *b) {
    static const uint8_t zeros[8];
    jit_put_mem(b, zeros, l->pool - b->n);
    for (uint32_t i = 0; i < l->j->n_pool; i++) {
        const uint64_t v = l->j->pool[i];
        jit_put(b, l->j->arch->big_endian ? __builtin_bswap64(v) : v, 8);
    }
}

static void write_code(const struct layout *l, struct jit_buf *b) {
    struct jit *const j = l->j;
    uint32_t done = 0;
    for (uint32_t i = 0; i < j->n_sites; i++) {
        const struct jit_site *const s = &j->sites[i];
        jit_put_mem(b, j->code.bytes + done, s->at - done);
        done = s->at;
        if (s->kind == LAYOUT_ALIGN)
            j->arch->nops(b, (uint32_t)s->k);
        else
            j->arch->site(b, s, s->form, distance(l, i));
    }
    jit_put_mem(b, j->code.bytes + done, j->code.n - done);
    if (j->n_pool)
        write_pool(l, b);
}

static const char *what_is(const struct cold *c) {
    switch ((enum cold_kind)c->kind) {
    case COLD_TRAP: return run_kind_text(c->trap);
    case COLD_PENDING: return "the helper left a trap";
    case COLD_FUEL: return "pays for a backward jump";
    case COLD_PACKET: return "outside the packet";
    case COLD_MEM: return c->load ? "slow load" : "slow store";
    case COLD_ATOMIC: return "slow atomic";
    }
    return "";
}

static void tell_pcs(const struct layout *l, uint32_t n, uint32_t *pc_off, bool *joined) {
    const struct label *const labels = l->j->labels;
    const uint8_t *const flags = l->j->plan.flags;
    const uint32_t *const before = l->before;
    uint32_t next = l->j->code.n + before[l->j->n_sites];
    pc_off[n] = next;
    for (uint32_t pc = n; pc-- > 0;) {
        const bool own = labels[pc].at != UINT32_MAX;
        if (own)
            next = labels[pc].at + before[labels[pc].site];
        pc_off[pc] = next;
        joined[pc] = !own || flags[pc] & PLAN_ACCESS;
    }
    joined[0] = false;
}

static enum bpflab_err tell_places(const struct layout *l, struct jit_code *out) {
    const struct jit *const j = l->j;
    const uint32_t n = j->prog->n_insns;
    out->n_insns = n;
    out->n_funcs = j->plan.n_funcs;
    out->n_colds = j->n_colds;
    out->pc_off = malloc(((size_t)n + 1) * sizeof *out->pc_off);
    out->joined = malloc(n * sizeof *out->joined);
    out->funcs = malloc(out->n_funcs * sizeof *out->funcs);
    out->colds = malloc(((size_t)j->n_colds + 1) * sizeof *out->colds);
    if (!out->pc_off || !out->joined || !out->funcs || !out->colds)
        return BPFLAB_E_NOMEM;
    for (uint32_t i = 0; i < j->n_colds; i++)
        out->colds[i] = (struct jit_cold){label_off(l, j->colds[i].label), j->colds[i].pc,
                                          what_is(&j->colds[i])};
    tell_pcs(l, n, out->pc_off, out->joined);
    for (uint32_t i = 0; i < out->n_funcs; i++)
        out->funcs[i] = (struct jit_func){j->plan.funcs[i].start, label_off(l, j_func_label(j, i))};
    return BPFLAB_OK;
}

enum bpflab_err layout_make(struct jit *j, struct jit_code *out) {
    struct layout l = {.j = j, .before = malloc(((size_t)j->n_sites + 1) * sizeof *l.before)};
    struct jit_buf b;
    enum bpflab_err err = BPFLAB_OK;
    jit_buf_init(&b);
    if (!l.before)
        err = BPFLAB_E_NOMEM;
    else if (!choose_forms(&l))
        err = BPFLAB_E_RANGE;
    if (!err) {
        jit_buf_room(&b, l.pool + 8 * j->n_pool + 64);
        write_code(&l, &b);
        err = b.err ? b.err : tell_places(&l, out);
    }
    free(l.before);
    if (err) {
        jit_buf_fini(&b);
        return err;
    }
    out->bytes = b.bytes;
    out->n_bytes = b.n;
    return BPFLAB_OK;
}
