/* batch.c: many bare programs in one message: all code is put in place first, then all run. The
 * reply grows case by case, so that those before a crash are not lost.
 *
 *   message   world_config, fuel counted?, fuel, n, cases: memory, code (read_code)
 *   reply     of each case: end, r0 and r6 to r9, memory
 */
#include <stdlib.h>

#include "engine/executor/serve.h"

struct one {
    const uint8_t *mem;
    size_t mem_bytes;
    struct machine_prog prog;
};

static bool same_config(const struct world_config *a, const struct world_config *b) {
    return a->big_endian == b->big_endian && a->max_frames == b->max_frames &&
           a->frame_bytes == b->frame_bytes && a->seed == b->seed && a->boot_ns == b->boot_ns;
}

/* The world that batches run in, made anew where it was of another kind. */
static enum bpflab_err have_world(struct server *s, const struct world_config *cfg) {
    if (s->world && same_config(cfg, &s->world->cfg))
        return BPFLAB_OK;
    server_close_object(s);
    server_close_world(s);
    enum bpflab_err err = world_new(cfg, &s->world);
    if (err)
        return err;
    err = bare_init(&s->bare, s->world);
    if (err)
        server_close_world(s);
    return err;
}

static enum bpflab_err read_cases(struct server *s, struct wire_in *in, struct one *cases,
                                  uint32_t n) {
    enum bpflab_err err = execmem_begin(s->mem);
    for (uint32_t i = 0; i < n && !err; i++) {
        cases[i].mem = wire_get_bytes(in, &cases[i].mem_bytes);
        err = cases[i].mem_bytes > BARE_MEM_MAX ? BPFLAB_E_SPACE : read_code(s, in, &cases[i].prog);
    }
    const enum bpflab_err end = execmem_end(s->mem);
    return err ? err : end;
}

static void run_case(struct server *s, struct machine *m, struct one *c, uint64_t fuel,
                     struct wire_out *out) {
    struct machine_job job = {.fuel = fuel};
    m->progs = &c->prog;
    bare_begin(&s->bare, c->mem, c->mem_bytes, job.args);
    const struct run_end end = machine_run(m, &job);
    const uint64_t *regs = s->world->exec.regs;
    pack_end(out, &end);
    wire_put64(out, regs[0]);
    for (int r = 6; r <= 9; r++)
        wire_put64(out, regs[r]);
    wire_put_raw(out, bare_mem(&s->bare), c->mem_bytes);
}

enum bpflab_err server_batch(struct server *s, struct wire_in *in, struct wire_out *out,
                             struct diag *d) {
    struct world_config cfg;
    unpack_config(in, &cfg);
    struct machine m = {.mem = s->mem,
                        .enter_addr = s->enter_addr,
                        .exit_addr = s->exit_addr,
                        .n_progs = 1,
                        .fuel = wire_get32(in) != 0};
    const uint64_t fuel = wire_get64(in);
    const uint32_t n = wire_count(in, 32);
    struct one *cases = calloc((size_t)n + 1, sizeof *cases);
    if (!cases)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    enum bpflab_err err = have_world(s, &cfg);
    if (!err)
        err = read_cases(s, in, cases, n);
    m.w = s->world;
    for (uint32_t i = 0; i < n && !err; i++) {
        run_case(s, &m, &cases[i], fuel, out);
        server_progress(s, i + 1, out->n);
    }
    for (uint32_t i = 0; i < n; i++)
        jit_code_fini(&cases[i].prog.code);
    free(cases);
    return err ? diag_set(d, err, "batch: %s", err_text(err)) : BPFLAB_OK;
}
