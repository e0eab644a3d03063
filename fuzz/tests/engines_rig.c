/* engines_rig.c: scouting on the interpreter, then each form of the engine beside it. */
#include "fuzz/tests/engines_rig.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/oracle/execution.h"
#include "runtime/progtype.h"
#include "tests/check.h"

enum {
    PACKET = 80,
    TOLD_DIFFERENCES = 200,
};

/* Forms of an engine. Trusted ones run what the reference ended well. */
static const struct form {
    const char *name;
    struct engine_options opt;
    bool facts;
} forms[N_ENGINES_FORMS] = {
    {"facts", {.opt = 1, .trusted = true, .expose = true}, true},
    {"facts, blinded", {.opt = 1, .blind = true, .blind_seed = 7, .trusted = true}, true},
    {"facts, fuel, not trusted", {.opt = 1, .fuel = true, .expose = true}, true},
    {"no facts", {.opt = 1, .trusted = true, .expose = true}, false},
    {"plain", {.opt = 0, .trusted = true, .expose = true}, true},
};

/* What scouting found of a program. */
enum scouted {
    NOT_ACCEPTED,
    CANNOT_RUN,
    TRAPS,
    RUNS_WELL,
};

/* struct task: one object. */
struct task {
    struct engines_rig *rig;
    const struct object *object;
    const struct accepted *accepted;
    const struct facts **facts; /* by program; NULL where they may not hold */
    const char *what;
    uint64_t number;
    uint8_t *scouted;           /* enum scouted, by program */
    bool trusted;               /* whatever a run reaches was accepted */
    struct engine_session *ref; /* the interpreter's */
};

void engines_reason(struct engines_rig *r, const char *text) {
    char t[REASON_BYTES];
    size_t n = 0;
    for (; *text && n + 1 < sizeof t; text++)
        if (!isdigit((unsigned char)*text) || n == 0 || t[n - 1] != '#')
            t[n++] = isdigit((unsigned char)*text) ? '#' : *text;
    t[n] = 0;
    for (uint32_t i = 0; i < MAX_REASONS; i++) {
        if (i == r->n_reasons)
            memcpy(r->reasons[r->n_reasons++].text, t, sizeof t);
        if (i + 1 == MAX_REASONS || !strcmp(r->reasons[i].text, t)) {
            r->reasons[i].n++;
            return;
        }
    }
}

/* ---- inputs ---- */

struct sample {
    uint8_t packet[PACKET], ctx[WORLD_CTX_BYTES];
    struct instance_input input;
};

static void make_sample(const struct prog *p, uint64_t seed, bool zero, uint64_t fuel,
                        struct sample *s) {
    const struct progtype *const type = progtype_of(p->type);
    for (size_t i = 0; i < sizeof s->packet; i++)
        s->packet[i] = (uint8_t)check_random(&seed);
    for (size_t i = 0; i < sizeof s->ctx; i++)
        s->ctx[i] = zero ? 0 : (uint8_t)check_random(&seed);
    s->input = (struct instance_input){
        .packet = s->packet, .packet_bytes = 14 + seed % (PACKET - 13), .fuel = fuel};
    if (type && type->opaque) {
        s->input.ctx = s->ctx;
        s->input.ctx_bytes = type->ctx_bytes < sizeof s->ctx ? type->ctx_bytes : sizeof s->ctx;
    }
}

static void sample_of(const struct task *t, uint32_t prog, uint32_t run, struct sample *s) {
    make_sample(&t->object->progs[prog], (t->number + prog) * ENGINES_RUNS + run, run == 0,
                t->rig->fuel, s);
}

/* Contexts of these types hold pointers to kernel objects that Linux vouches for and the world has
 * not: what the verifier takes from that is no fact here. */
static bool takes_kernel_objects(uint32_t type) {
    return type == PROG_struct_ops || type == PROG_tracing || type == PROG_lsm;
}

/* ---- scouting ---- */

static void tell(const struct task *t, uint32_t prog, uint32_t run, const char *form,
                 const char *text) {
    const char *const name = t->object->progs[prog].name;
    if (t->rig->n_wrong++ < TOLD_DIFFERENCES && !t->rig->must_fail)
        printf("%s, program %u %s, run %u, %s %s: %s\n", t->what, prog, name ? name : "", run,
               t->rig->engine.name, form, text);
}

static enum scouted scout_one(struct task *t, struct engine_session *s, uint32_t prog) {
    enum scouted found = RUNS_WELL;
    struct diag d = {0};
    engine_reset(s, &d);
    for (uint32_t run = 0; run < ENGINES_RUNS; run++) {
        struct sample sample;
        struct engine_result r;
        sample_of(t, prog, run, &sample);
        if (engine_prepare(s, prog, &sample.input, &d) || engine_run(s, 1, &r, &d)) {
            engines_reason(t->rig, d.text);
            return CANNOT_RUN;
        }
        t->rig->ends[r.end.kind]++;
        if (r.end.kind != RUN_EXIT)
            found = TRAPS;
        if (r.end.kind != RUN_EXIT && r.end.kind != RUN_TRAP_FUEL && !t->rig->may_trap)
            tell(t, prog, run, "interpreter", run_kind_text(r.end.kind));
    }
    return found;
}

static enum bpflab_err open_interp(const struct task *t, struct engine_session **out,
                                   struct diag *d) {
    const struct engine_options opt = {.expose = true};
    struct engine interp;
    const enum bpflab_err err = engine_find("interp", false, &interp, d);
    return err ? err : engine_open(&interp, t->object, NULL, &opt, out, d);
}

/* out: false if there is nothing to run */
static bool scout(struct task *t) {
    struct engine_session *s = NULL;
    struct diag d = {0};
    uint64_t n = 0;
    if (open_interp(t, &s, &d)) {
        engines_reason(t->rig, d.text);
        return false;
    }
    for (uint32_t i = 0; i < t->object->n_progs; i++) {
        if (!t->accepted->by_program[i])
            continue;
        t->scouted[i] = (uint8_t)scout_one(t, s, i);
        n += t->scouted[i] >= TRAPS;
        t->rig->n_not_run += t->scouted[i] == CANNOT_RUN;
        if (t->scouted[i] == CANNOT_RUN)
            continue;
        if (takes_kernel_objects(t->object->progs[i].type)) {
            t->rig->n_without_facts++;
            continue;
        }
        t->facts[i] = t->accepted->by_program[i];
        told_count(&t->object->progs[i], t->facts[i], t->rig->told);
    }
    engine_close(s);
    return n > 0;
}

static bool reaches_others(const struct object *o) {
    for (uint32_t i = 0; i < o->n_maps; i++)
        if (o->maps[i].type == MAP_prog_array)
            return true;
    return false;
}

/* ---- beside each other ---- */

static void run_one(struct task *t, struct engine_session *s, uint32_t f, uint32_t prog) {
    struct diag d = {0};
    if (engine_why(s, prog)->err) {
        engines_reason(t->rig, engine_why(s, prog)->text);
        return;
    }
    if (engine_reset(t->ref, &d) || engine_reset(s, &d)) {
        tell(t, prog, 0, forms[f].name, d.text);
        return;
    }
    for (uint32_t run = 0; run < ENGINES_RUNS; run++) {
        struct sample sample;
        struct execution x;
        sample_of(t, prog, run, &sample);
        if (execution_compare(t->ref, s, prog, &sample.input, &x, &d)) {
            tell(t, prog, run, forms[f].name, d.text);
            return;
        }
        if (x.poisoned) {
            t->rig->n_poisoned++;
            return; /* the worlds are no longer the same */
        }
        t->rig->runs[f]++;
        t->rig->n_run += run == 0 && !forms[f].opt.trusted;
        if (!x.equal) {
            tell(t, prog, run, forms[f].name, x.text);
            return;
        }
    }
}

static enum bpflab_err run_form(struct task *t, uint32_t f, struct diag *d) {
    struct engine_options opt = forms[f].opt;
    struct engine_session *s = NULL;
    const enum scouted least = opt.trusted ? RUNS_WELL : TRAPS;
    opt.trusted &= t->trusted;
    opt.executors = t->rig->executors;
    opt.facts = forms[f].facts ? t->facts : NULL;
    enum bpflab_err err = engine_open(&t->rig->engine, t->object, NULL, &opt, &s, d);
    if (!err && !t->ref) /* behind the engine's: that one needs the world's own place */
        err = open_interp(t, &t->ref, d);
    for (uint32_t i = 0; !err && i < t->object->n_progs; i++)
        if (t->scouted[i] >= least)
            run_one(t, s, f, i);
    engine_close(s);
    return err;
}

bool engines_check(struct engines_rig *r, const struct object *o, const struct accepted *a,
                   const char *what, uint64_t number) {
    struct task t = {.rig = r, .object = o, .accepted = a, .what = what, .number = number};
    enum bpflab_err err = BPFLAB_OK;
    struct diag d = {0};
    r->n_accepted += a->n_accepted;
    r->n_rejected += a->n_rejected;
    r->n_undecided += a->n_undecided;
    t.trusted = a->n_accepted == o->n_progs || !reaches_others(o);
    t.scouted = calloc((size_t)o->n_progs + 1, sizeof *t.scouted);
    t.facts = calloc((size_t)o->n_progs + 1, sizeof *t.facts);
    if (t.scouted && t.facts && scout(&t))
        for (uint32_t f = 0; !err && f < N_ENGINES_FORMS; f++)
            if (!r->must_fail || (forms[f].opt.fuel && forms[f].facts))
                err = run_form(&t, f, &d);
    if (err)
        engines_reason(r, d.text);
    engine_close(t.ref);
    free(t.scouted);
    free(t.facts);
    return err != BPFLAB_E_MISSING;
}

void engines_print(const struct engines_rig *r) {
    printf("%s: %" PRIu64 " programs accepted (%" PRIu64 " run, %" PRIu64
           " of them without facts, %" PRIu64 " not run), %" PRIu64 " rejected, %" PRIu64
           " undecided; %" PRIu64 " runs poisoned\nruns:",
           r->engine.name, r->n_accepted, r->n_run, r->n_without_facts, r->n_not_run, r->n_rejected,
           r->n_undecided, r->n_poisoned);
    for (uint32_t f = 0; f < N_ENGINES_FORMS; f++)
        printf(" %s %" PRIu64 ";", forms[f].name, r->runs[f]);
    printf("\nthe interpreter's ends:");
    for (uint32_t k = 0; k < N_RUN_KINDS; k++)
        if (r->ends[k])
            printf(" %s %" PRIu64, run_kind_id((enum run_kind)k), r->ends[k]);
    printf("\nfacts:");
    for (uint32_t k = 0; k < N_TOLD_KINDS; k++)
        printf(" %s %" PRIu64, told_name((enum told_kind)k), r->told[k]);
    printf("\n");
    for (uint32_t i = 0; i < r->n_reasons; i++)
        printf("not run: %" PRIu64 ": %s\n", r->reasons[i].n, r->reasons[i].text);
}
