#include "fuzz/stand.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/maps.h"
#include "runtime/progtype.h"

enum {
    MAX_FRAMES =
        40, /* tail calls in functions may ask for more: such a run is a trap in all engines */
    MAY_GOTO = 24, /* rounds of open loops */
};

const struct stand_form stand_forms[STAND_FORMS] = {
    {"plain", {.opt = 0, .trusted = true, .expose = true}},
    {"better", {.opt = 1, .trusted = true, .expose = true}},
    {"blinded", {.opt = 1, .blind = true, .blind_seed = 7, .trusted = true}},
    {"fuel", {.opt = 1, .fuel = true, .expose = true}},
    {"plain, blinded, fuel", {.opt = 0, .fuel = true, .blind = true, .blind_seed = 9}},
};

static const struct engine_options interp_options = {.expose = true};

static enum bpflab_err open_one(struct stand *s, const char *name, bool contained,
                                const struct world_config *cfg, const struct engine_options *with,
                                struct engine_session **out, struct diag *d) {
    struct engine e;
    struct diag why = {.pc = -1};
    enum bpflab_err err = engine_find(name, contained, &e, &why);
    if (!err)
        err = engine_open(&e, &s->object.object, cfg, with, out, &why);
    return err ? diag_set(d, err, "%.40s: %.140s", name, why.text) : BPFLAB_OK;
}

/* Engines come before the interpreter: native code needs the world's own place. */
static enum bpflab_err open_all(struct stand *s, const struct stand_options *opt, struct diag *d) {
    struct world_config cfg;
    instance_config(&s->object.object, &cfg);
    cfg.max_frames = MAX_FRAMES;
    struct engine_options with = stand_forms[0].opt;
    with.executors = s->executors;
    enum bpflab_err err = BPFLAB_OK;
    for (uint32_t i = 0; !err && i < opt->n_names && i < STAND_ENGINES; i++) {
        err = open_one(s, opt->names[i], opt->contained, &cfg, &with, &s->engine[i], d);
        s->n_engines += !err;
    }
    return err ? err : open_one(s, "interp", false, &cfg, &interp_options, &s->interp, d);
}

enum bpflab_err stand_new(const struct stand_options *opt, struct stand **out, struct diag *d) {
    static struct fuzz_case first = {.type = PROG_socket_filter,
                                     .n_progs = 1,
                                     .start = {0, 2},
                                     .insns = {{.code = 0xb7}, {.code = 0x95}},
                                     .n_inputs = 1};
    struct stand *const s = calloc(1, sizeof *s);
    if (s)
        s->big_endian = opt->big_endian;
    if (!s || !(s->executors = executors_new()) || stand_put(s, &first)) {
        stand_free(s);
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    }
    const enum bpflab_err err = open_all(s, opt, d);
    if (err)
        stand_free(s);
    else
        *out = s;
    return err;
}

void stand_free(struct stand *s) {
    if (!s)
        return;
    engine_close(s->interp);
    for (uint32_t i = 0; i < STAND_ENGINES; i++)
        engine_close(s->engine[i]);
    executors_free(s->executors);
    case_object_fini(&s->object);
    free(s);
}

enum bpflab_err stand_put(struct stand *s, const struct fuzz_case *c) {
    s->c = c;
    return case_object_set(&s->object, c, s->big_endian);
}

enum bpflab_err stand_ready(struct stand *s, struct engine_session *e,
                            const struct stand_form *form, const struct facts *const *facts,
                            struct diag *d) {
    struct engine_options opt = form ? form->opt : interp_options;
    opt.facts = facts;
    return engine_swap(e ? e : s->interp, &s->object.object, &opt, s->object.maps, d);
}

/* The words as memory: lowest byte first on a little-endian machine, as the world's loads want
 * it. */
static void put_words(const uint64_t *words, bool big_endian, uint8_t *out) {
    for (uint32_t i = 0; i < CASE_WORDS; i++)
        for (uint32_t k = 0; k < 8; k++)
            out[8 * i + k] = (uint8_t)(words[i] >> 8 * (big_endian ? 7 - k : k));
}

void stand_input_of(const struct fuzz_case *c, uint32_t index, bool big_endian,
                    struct stand_bytes *bytes, struct instance_input *out) {
    const struct case_input *const in = &c->inputs[index];
    const struct progtype *const type = progtype_of(c->type);
    put_words(in->words, big_endian, bytes->words);
    *out = (struct instance_input){
        .packet = in->packet,
        .packet_bytes = in->packet_bytes,
        .mem = bytes->words,
        .mem_bytes = sizeof bytes->words,
        .may_goto_budget = MAY_GOTO,
        .seed = in->seed | 1,
    };
    if (type && type->opaque) { /* as long as one may be: how long, the hook decides */
        memset(bytes->ctx, 0, sizeof bytes->ctx);
        memcpy(bytes->ctx, bytes->words, sizeof bytes->words);
        out->ctx = bytes->ctx;
        out->ctx_bytes = type->ctx_bytes < sizeof bytes->ctx ? type->ctx_bytes : sizeof bytes->ctx;
    }
}

enum bpflab_err stand_input(struct stand *s, struct engine_session *e, uint32_t index,
                            uint64_t fuel, struct diag *d) {
    static const uint8_t key[4];
    struct instance_input input;
    int result;
    if (!e)
        e = s->interp;
    stand_input_of(s->c, index, s->big_endian, &s->bytes, &input);
    input.fuel = fuel;
    const enum bpflab_err err =
        engine_map_update(e, FUZZ_MAP_IN, key, s->bytes.words, MAP_ANY, &result, d);
    return err ? err : engine_prepare(e, 0, &input, d);
}
