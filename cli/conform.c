/* conform.c: our own engine, and the comparison.
 */
#include "cli/conform.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/runview.h"
#include "jit/jit.h"

static struct conform_outcome failed(enum conform_kind kind, const struct diag *d) {
    struct conform_outcome r = {.kind = kind};
    diag_format(d, r.text, sizeof r.text);
    return r;
}

static struct conform_outcome ended(const struct run_end *end) {
    struct conform_outcome r = {.kind = CONFORM_VALUE, .value = end->r0};
    if (end->kind == RUN_EXIT)
        return r;
    r.memory = end->kind == RUN_TRAP_MEMORY;
    r.kind =
        end->kind == RUN_TRAP_FUEL || end->kind == RUN_HUNG ? CONFORM_UNDECIDED : CONFORM_ERROR;
    run_end_text(end, r.text);
    return r;
}

int conform_engine_init(struct cli *c, struct conform_engine *e) {
    *e = (struct conform_engine){.options = engine_options_of(c)};
    const int status = engine_pick(c, true, &e->engine);
    if (status != CLI_YES)
        return status;
    e->big_endian = e->engine.arch && jit_target_big_endian(e->engine.arch);
    e->options.executors = executors_new();
    return CLI_YES;
}

void conform_engine_fini(struct conform_engine *e) {
    executors_free(e->options.executors);
    e->options.executors = NULL;
}

struct conform_engine conform_engine_twin(const struct conform_engine *e) {
    return (struct conform_engine){.engine = {.kind = ENGINE_INTERP, .name = "interp"},
                                   .big_endian = e->big_endian};
}

struct conform_outcome conform_run(const struct conform_engine *e, const struct object *o,
                                   uint32_t index, const uint8_t *mem, size_t mem_bytes,
                                   uint64_t fuel) {
    struct diag d = {.pc = -1};
    struct engine_session *s = NULL;
    struct engine_options opt = e->options;
    struct engine_result ran;
    struct world_config cfg;
    const struct instance_input input = {.mem = mem, .mem_bytes = mem_bytes, .fuel = fuel};
    opt.fuel = opt.unwind = true;
    instance_config(o, &cfg);
    cfg.big_endian |= e->big_endian;
    enum bpflab_err err = engine_open(&e->engine, o, &cfg, &opt, &s, &d);
    const struct diag *no_code = err ? NULL : engine_falls_back(s, index);
    struct conform_outcome r = {0};
    if (no_code)
        r = failed(CONFORM_UNDECIDED, no_code);
    else if (err || (err = engine_prepare(s, index, &input, &d)) ||
             (err = engine_run(s, 1, &ran, &d)))
        r = failed(err == BPFLAB_E_MISSING  ? CONFORM_MISSING
                   : err == BPFLAB_E_SYSTEM ? CONFORM_UNDECIDED
                                            : CONFORM_ERROR,
                   &d);
    else
        r = ended(&ran.end);
    engine_close(s);
    return r;
}

struct conform_outcome conform_run_insns(const struct conform_engine *e, const struct insn *insns,
                                         uint32_t n_insns, const uint8_t *mem, size_t mem_bytes,
                                         uint64_t fuel) {
    struct prog p;
    struct diag d = {.err = BPFLAB_E_NOMEM, .pc = -1, .text = "out of memory"};
    if (prog_init_insns(&p, insns, n_insns))
        return failed(CONFORM_UNDECIDED, &d);
    p.type = PROG_raw;
    struct object o = {.progs = &p, .n_progs = 1};
    struct conform_outcome r = conform_run(e, &o, 0, mem, mem_bytes, fuel);
    prog_fini(&p);
    return r;
}

bool conform_value(const char *text, uint64_t *value) {
    const char *p = text + strspn(text, " \t\r\n");
    uint64_t v = 0;
    unsigned n = 0;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
        p += 2;
    for (;; p++, n++) {
        int digit = *p >= '0' && *p <= '9'   ? *p - '0'
                    : *p >= 'a' && *p <= 'f' ? *p - 'a' + 10
                    : *p >= 'A' && *p <= 'F' ? *p - 'A' + 10
                                             : -1;
        if (digit < 0)
            break;
        if (v >> 60)
            return false;
        v = v << 4 | (unsigned)digit;
    }
    if (n == 0 || p[strspn(p, " \t\r\n")])
        return false;
    *value = v;
    return true;
}

bool conform_meets(const struct conf_case *expected, const struct conform_outcome *got) {
    if (expected->error)
        return (got->kind == CONFORM_ERROR || got->kind == CONFORM_UNDECIDED) &&
               !strcmp(expected->error, got->text);
    return got->kind == CONFORM_VALUE && expected->has_result && got->value == expected->result;
}

void conform_expected(const struct conf_case *expected, char buf[CONFORM_TEXT_MAX]) {
    if (!expected->error)
        snprintf(buf, CONFORM_TEXT_MAX, "%#" PRIx64, expected->result);
    else
        snprintf(buf, CONFORM_TEXT_MAX, "error: %.300s", expected->error);
}

void conform_got(const struct conform_outcome *got, char buf[CONFORM_TEXT_MAX]) {
    if (got->kind == CONFORM_VALUE)
        snprintf(buf, CONFORM_TEXT_MAX, "%#" PRIx64, got->value);
    else
        snprintf(buf, CONFORM_TEXT_MAX, "%s%.380s", got->kind == CONFORM_ERROR ? "error: " : "",
                 got->text);
}
