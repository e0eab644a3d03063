/* packets.h: run --pcap: every packet of a capture is a run; maps persist between them.
 */
#ifndef BPFLAB_CLI_PACKETS_H
#define BPFLAB_CLI_PACKETS_H

#include "cli/capture.h"
#include "cli/runner.h"

enum {
    PACKETS_RESULTS_MAX = 64
};

/* struct packets_value: how many runs returned r0. */
struct packets_value {
    uint64_t r0, n;
};

/* struct packets_result: what the runs came to. */
struct packets_result {
    uint64_t n_runs, insns, total_ns;
    struct packets_value value[PACKETS_RESULTS_MAX]; /* in the order of first appearance */
    unsigned n_values;
    uint64_t others;        /* runs that returned what did not fit into value */
    uint64_t n_traps;       /* all of them */
    uint64_t n_out_of_fuel; /* of these, the runs that only lacked fuel */
    struct run_end end;     /* of the last run, or the first trap */
    uint64_t trap_packet;   /* number of the packet, from 1 */
    const struct prog *trap_at;
};

/* packets_run: first all packets with every instruction counted, then, from the same start, repeat
 * times all packets on the session's engine. A trap ends its packet's run only.
 * in:     t reports every step of the counted runs, or NULL
 * errors: NOMEM, and those of engine_prepare and engine_run */
enum bpflab_err packets_run(struct engine_session *s, uint32_t prog,
                            const struct instance_input *input, const struct capture *packets,
                            uint64_t repeat, struct tracer *t, struct run_log *log,
                            struct packets_result *out, struct diag *d);

#endif
