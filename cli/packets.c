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

static enum bpflab_err prepare(struct instance *in, uint32_t prog,
                               const struct instance_input *input, const struct capture_packet *p,
                               struct interp_job *job, struct diag *d) {
    struct instance_input one = *input;
    one.packet = p->at;
    one.packet_bytes = p->n_bytes;
    return instance_prepare(in, prog, &one, job, d);
}

/* count_all: the traced pass: instructions, and where the first trap was. */
static enum bpflab_err count_all(struct instance *in, uint32_t prog,
                                 const struct instance_input *input, const struct capture *packets,
                                 struct tracer *t, struct packets_result *r, struct diag *d) {
    struct tracer follow = {.silent = true};
    for (size_t i = 0; i < packets->n_packets; i++) {
        struct interp_job job;
        uint64_t insns = 0;
        enum bpflab_err err = prepare(in, prog, input, &packets->packets[i], &job, d);
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

static enum bpflab_err run_all(struct instance *in, uint32_t prog,
                               const struct instance_input *input, const struct capture *packets,
                               struct packets_result *r, struct diag *d) {
    for (size_t i = 0; i < packets->n_packets; i++) {
        struct interp_job job;
        enum bpflab_err err = prepare(in, prog, input, &packets->packets[i], &job, d);
        if (err)
            return err;
        struct run_end end = runner_time(in->world, &job, &r->total_ns);
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

enum bpflab_err packets_run(struct instance *in, uint32_t prog, const struct instance_input *input,
                            const struct capture *packets, uint64_t repeat, struct tracer *t,
                            struct run_log *log, struct packets_result *out, struct diag *d) {
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
        err = run_all(in, prog, input, packets, &r, d);
    run_log_attach(NULL, in->world);
    *out = r;
    return err;
}
