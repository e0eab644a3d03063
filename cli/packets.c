/* packets.c: two passes over the packets.
 */
#include "cli/packets.h"

#include "runtime/snapshot.h"

static void add_value(struct packets_result *r, uint64_t r0) {
    for (unsigned i = 0; i < r->n_values; i++)
        if (r->value[i].r0 == r0) {
            r->value[i].n++;
            return;
        }
    if (r->n_values == PACKETS_RESULTS_MAX) {
        r->others++;
        return;
    }
    r->value[r->n_values].r0 = r0;
    r->value[r->n_values++].n = 1;
}

/* The input with this packet in it. */
static struct instance_input input_of(const struct instance_input *input,
                                      const struct capture_packet *p) {
    struct instance_input one = *input;
    one.packet = p->at;
    one.packet_bytes = p->n_bytes;
    return one;
}

/* count_all: the traced pass: instructions, and where the first trap was. */
static enum bpflab_err count_all(struct instance *in, uint32_t prog,
                                 const struct instance_input *input, const struct capture *packets,
                                 struct tracer *t, struct packets_result *r, struct diag *d) {
    struct tracer follow = {.silent = true};
    for (size_t i = 0; i < packets->n_packets; i++) {
        struct interp_job job;
        uint64_t insns = 0;
        const struct instance_input one = input_of(input, &packets->packets[i]);
        enum bpflab_err err = instance_prepare(in, prog, &one, &job, d);
        if (err)
            return err;
        struct tracer *used = t ? t : &follow;
        tracer_start(used, in->world, &job);
        struct run_end end = interp_trace(in->world, &job, &insns);
        r->insns += insns;
        if (end.kind != RUN_EXIT && !r->trap_at)
            r->trap_at = interp_code_prog(used->last);
    }
    return BPFLAB_OK;
}

static enum bpflab_err run_all(struct engine_session *s, uint32_t prog,
                               const struct instance_input *input, const struct capture *packets,
                               struct packets_result *r, struct diag *d) {
    for (size_t i = 0; i < packets->n_packets; i++) {
        const struct instance_input one = input_of(input, &packets->packets[i]);
        struct engine_result ran;
        enum bpflab_err err = engine_prepare(s, prog, &one, d);
        if (!err)
            err = engine_run(s, 1, &ran, d);
        if (err)
            return err;
        const struct run_end end = ran.end;
        r->total_ns += ran.total_ns;
        r->n_runs++;
        if (end.kind == RUN_EXIT) {
            add_value(r, end.r0);
            if (!r->n_traps)
                r->end = end;
            continue;
        }
        r->n_out_of_fuel += end.kind == RUN_TRAP_FUEL;
        if (r->n_traps++ == 0) {
            r->end = end;
            r->trap_packet = i + 1;
        }
    }
    return BPFLAB_OK;
}

enum bpflab_err packets_run(struct engine_session *s, uint32_t prog,
                            const struct instance_input *input, const struct capture *packets,
                            uint64_t repeat, struct tracer *t, struct run_log *log,
                            struct packets_result *out, struct diag *d) {
    struct instance *in = engine_instance(s);
    struct packets_result r = {.end = {.kind = RUN_EXIT}};
    struct snapshot *before = NULL;
    run_log_attach(NULL, in->world);
    enum bpflab_err err = snapshot_new(in->world, &before);
    if (err)
        return diag_set(d, err, "out of memory");
    err = count_all(in, prog, input, packets, t, &r, d);
    snapshot_restore(before, in->world);
    snapshot_free(before);
    run_log_attach(log, in->world);
    for (uint64_t i = 0; !err && i < repeat; i++)
        err = run_all(s, prog, input, packets, &r, d);
    run_log_attach(NULL, in->world);
    if (!err)
        err = engine_pull(s, d);
    *out = r;
    return err;
}
