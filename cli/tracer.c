/* tracer.c: one line or one object a step.
 */
#include "cli/tracer.h"

#include <inttypes.h>
#include <string.h>

#include "cli/listing.h"

/* written: the bytes that the step wrote; NULL if none, or outside the world. */
static const uint8_t *written(const struct tracer *t, const struct interp_step *s) {
    uint64_t off = world_off(s->mem_addr);
    bool inside = off < WORLD_BYTES && s->mem_bytes <= WORLD_BYTES - off;
    return s->mem_bytes && inside ? t->w->mem + off : NULL;
}

static void print_step(struct tracer *t, const struct interp_step *s) {
    char text[ASM_LINE_MAX];
    listing_text(interp_code_prog(s->code), s->pc, text);
    fprintf(t->f, "%*s%5" PRIu32 ": %-*s", (int)(2 * s->depth), "", s->pc,
            (int)(s->depth < 16 ? 44 - 2 * s->depth : 12), text);
    for (unsigned i = 0; i < N_REGS; i++)
        if (s->regs[i] != t->regs[i])
            fprintf(t->f, " r%u=%#" PRIx64, i, s->regs[i]);
    const uint8_t *at = written(t, s);
    if (at) {
        fprintf(t->f, " [%#" PRIx64 "]=", s->mem_addr);
        for (uint32_t i = 0; i < s->mem_bytes && i < 64; i++)
            fprintf(t->f, "%02x", at[i]);
    }
    fputc('\n', t->f);
}

static void json_step(struct tracer *t, const struct interp_step *s) {
    char text[ASM_LINE_MAX], name[4];
    struct json *j = t->j;
    listing_text(interp_code_prog(s->code), s->pc, text);
    json_open_object(j);
    json_put_number(j, "pc", s->pc);
    json_put_number(j, "depth", s->depth);
    json_put_text(j, "text", text);
    json_key(j, "regs");
    json_open_object(j);
    for (unsigned i = 0; i < N_REGS; i++)
        if (s->regs[i] != t->regs[i]) {
            snprintf(name, sizeof name, "r%u", i);
            json_put_hex(j, name, s->regs[i]);
        }
    json_close_object(j);
    const uint8_t *at = written(t, s);
    if (at) {
        json_put_hex(j, "address", s->mem_addr);
        json_key(j, "written");
        json_bytes(j, at, s->mem_bytes);
    }
    json_close_object(j);
}

static bool on_step(void *self, const struct interp_step *s) {
    struct tracer *t = self;
    t->last = s->code;
    if (t->silent)
        return true;
    if (!t->j)
        print_step(t, s);
    else if (t->n_steps++ < TRACER_JSON_MAX)
        json_step(t, s);
    else
        t->n_left_out++;
    memcpy(t->regs, s->regs, sizeof t->regs);
    return true;
}

void tracer_start(struct tracer *t, const struct world *w, struct interp_job *job) {
    t->w = w;
    t->last = job->code;
    memset(t->regs, 0, sizeof t->regs);
    memcpy(t->regs + 1, job->args, sizeof job->args);
    t->regs[REG_FP] = world_stack_top(w, 0);
    job->step = on_step;
    job->step_self = t;
}
