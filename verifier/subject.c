/* subject.c: making a subject: its memory, and the order of its passes. */
#include "verifier/subject.h"

#include <stdlib.h>
#include <string.h>

#include "verifier/cfg.h"
#include "verifier/live.h"
#include "verifier/subject_impl.h"

struct subject_block {
    struct subject_block *next;
    max_align_t memory[];
};

static void *new_block(struct subject_block **list, size_t n, size_t element_bytes) {
    const size_t bytes = n * element_bytes;
    if (element_bytes && bytes / element_bytes != n)
        return NULL;
    struct subject_block *b = calloc(1, sizeof *b + (bytes ? bytes : 1));
    if (!b)
        return NULL;
    b->next = *list;
    *list = b;
    return b->memory;
}

static void free_blocks(struct subject_block **list) {
    while (*list) {
        struct subject_block *next = (*list)->next;
        free(*list);
        *list = next;
    }
}

void *subject_alloc(struct subject *s, size_t n, size_t element_bytes) {
    return new_block(&s->store->blocks, n, element_bytes);
}

void *subject_scratch(struct subject *s, size_t n, size_t element_bytes) {
    return new_block(&s->store->scratch, n, element_bytes);
}

void subject_fini(struct subject *s) {
    if (s->store) {
        free_blocks(&s->store->blocks);
        free_blocks(&s->store->scratch);
        btf_names_fini(&s->store->kernel_names);
    }
    free(s->store);
    *s = (struct subject){0};
}

static bool check_size(const struct subject *s, struct report *rep) {
    const uint32_t n = s->prog->n_insns;
    const uint32_t max = s->privileged ? PROG_MAX_INSNS : SUBJECT_MAX_INSNS_UNPRIVILEGED;
    if (!n)
        return report_reject(rep, REASON_INSN, 0, REPORT_NO_REG, "the program has no instructions");
    if (n > max)
        return report_reject(rep, REASON_TOO_LONG, 0, REPORT_NO_REG,
                             "BPF program is too large. %u instructions, the limit is %u", n, max);
    return true;
}

/* Who has no privileges may load programs of few types. Linux says no word of it. */
static bool check_type(const struct subject *s, struct report *rep) {
    if (s->privileged || (s->type && !s->type->caps))
        return true;
    const char *const name = prog_type_name(s->prog->type);
    report_reject(rep, REASON_PRIVILEGE, 0, REPORT_NO_REG,
                  "programs of type %s are not for unprivileged users", name ? name : "unknown");
    if (!s->type)
        return false;
    return report_needed(rep, "CAP_BPF%s%s",
                         s->type->caps & PROG_CAP_NET_ADMIN ? ", CAP_NET_ADMIN" : "",
                         s->type->caps & PROG_CAP_PERFMON ? ", CAP_PERFMON" : "");
}

/* Each slot's row. Of two-slot instructions the second has none, whatever it holds. */
static bool find_ops(struct subject *s) {
    enum op *ops = subject_alloc(s, s->prog->n_insns, sizeof *ops);
    if (!ops)
        return false;
    for (uint32_t pc = 0; pc < s->prog->n_insns; pc++) {
        ops[pc] = op_of(s->prog->insns[pc]);
        if (insn_slots(s->prog->insns[pc]) == 2 && pc + 1 < s->prog->n_insns)
            ops[++pc] = OP_INVALID;
    }
    s->ops = ops;
    return true;
}

static bool find_externs(struct subject *s) {
    if (!s->prog->n_externs)
        return true;
    uint32_t *at = subject_alloc(s, s->prog->n_insns, sizeof *at);
    s->store->kfuncs = subject_alloc(s, s->prog->n_externs, sizeof *s->store->kfuncs);
    if (!at || !s->store->kfuncs)
        return false;
    for (uint32_t i = 0; i < s->prog->n_externs; i++) {
        const struct prog_extern *ext = &s->prog->externs[i];
        if (ext->pc < s->prog->n_insns)
            at[ext->pc] = i + 1;
        s->store->kfuncs[i] = ext->is_func ? kfunc_find(ext->name) : NULL;
    }
    s->store->extern_at = at;
    return true;
}

const struct prog_extern *subject_extern(const struct subject *s, uint32_t pc) {
    const uint32_t *at = s->store->extern_at;
    return at && at[pc] ? &s->prog->externs[at[pc] - 1] : NULL;
}

const struct kfunc_fact *subject_kfunc_fact(const struct subject *s, uint32_t pc) {
    const uint32_t *at = s->store->extern_at;
    return at && at[pc] ? &s->kfuncs[at[pc] - 1] : NULL;
}

const struct kfunc *subject_kfunc(const struct subject *s, uint32_t pc) {
    const struct prog_extern *ext = s->ops[pc] == OP_CALL_KFUNC ? subject_extern(s, pc) : NULL;
    return ext ? s->store->kfuncs[ext - s->prog->externs] : NULL;
}

static bool is_gpl(const char *license) {
    static const char *const compatible[] = {
        "GPL",          "GPL v2",       "GPL and additional rights",
        "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"};
    for (size_t i = 0; i < sizeof compatible / sizeof *compatible; i++)
        if (license && !strcmp(license, compatible[i]))
            return true;
    return license == NULL;
}

static bool make(struct subject *s, struct report *rep, enum bpflab_err *err) {
    *err = BPFLAB_E_NOMEM;
    s->store = calloc(1, sizeof *s->store);
    if (!s->store)
        return false;
    *err = BPFLAB_OK;
    if (!check_type(s, rep) || !check_size(s, rep))
        return false;
    if (!find_ops(s) || !find_externs(s)) {
        *err = BPFLAB_E_NOMEM;
        return false;
    }
    return subject_find_funcs(s, rep, err) && subject_check_insns(s, rep) &&
           subject_read_types(s, rep, err) && subject_check_maps(s, rep) &&
           subject_find_hook(s, rep) && subject_find_kfuncs(s, err) && cfg_check(s, rep, err) &&
           cfg_find_loops(s, err) && live_find(s, err);
}

enum bpflab_err subject_make(const struct verify_input *in, const struct verify_options *opt,
                             struct subject *out, struct report *rep) {
    *out = (struct subject){.in = *in,
                            .opt = *opt,
                            .prog = in->prog,
                            .type = progtype_of(in->prog->type),
                            .privileged = !opt->unprivileged,
                            .gpl = is_gpl(in->license),
                            .strict_align = opt->strict_align && !opt->any_align};
    *rep = (struct report){.reason = REASON_NONE, .reg = REPORT_NO_REG};
    enum bpflab_err err = BPFLAB_OK;
    make(out, rep, &err);
    if (err)
        subject_fini(out);
    else
        free_blocks(&out->store->scratch);
    return err;
}
