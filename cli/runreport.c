/* runreport.c: results of runs, as text and as JSON.
 */
#include "cli/runreport.h"

#include <inttypes.h>

static double mean_ns(uint64_t total_ns, uint64_t n_runs) {
    return n_runs ? (double)total_ns / (double)n_runs : 0;
}

/* print_rest: what comes after the result: what changed and what was printed. */
static void print_rest(const struct runreport *t) {
    runview_print_changes(t->c, t->view);
    runview_print_log(t->c, t->log);
}

void runreport_print(const struct runreport *t, const struct run_result *r) {
    const struct cli *c = t->c;
    if (r->end.kind == RUN_EXIT) {
        const char *name = run_value_name(t->p, r->end.r0);
        printf("%sr0%s     %#" PRIx64 " (%" PRId64 ")%s%s\n", cli_colour(c, CLI_BOLD),
               cli_colour(c, CLI_PLAIN), r->end.r0, (int64_t)r->end.r0, name ? " " : "",
               name ? name : "");
    } else {
        runview_print_trap(c, &r->end, r->at);
    }
    printf("insns  %" PRIu64 "\n", r->insns);
    double ns = mean_ns(r->total_ns, r->n_runs);
    if (r->n_runs > 1)
        printf("time   %.1f ns a run, mean of %" PRIu64 "\n", ns, r->n_runs);
    else
        printf("time   %.0f ns\n", ns);
    print_rest(t);
}

/* open_json: the object, and what both kinds of report begin with. */
static void open_json(struct json *j, const struct runreport *t, const struct run_end *end) {
    json_open_object(j);
    json_put_text(j, "engine", engine_of(t->view->s)->name);
    json_put_text(j, "program", t->p->name);
    json_key(j, "r0");
    if (end->kind == RUN_EXIT)
        json_hex(j, end->r0);
    else
        json_null(j);
}

void runreport_json(const struct runreport *t, const struct run_result *r) {
    struct json *j = &t->c->json;
    const char *name = run_value_name(t->p, r->end.r0);
    open_json(j, t, &r->end);
    json_put_text(j, "r0_name", r->end.kind == RUN_EXIT ? name : NULL);
    json_put_number(j, "insns", r->insns);
    json_key(j, "time_ns");
    json_real(j, mean_ns(r->total_ns, r->n_runs));
    json_put_number(j, "runs", r->n_runs);
    json_put_number(j, "helper_calls", r->n_calls);
    runview_json_trap(j, &r->end, r->at);
    runview_json_changes(j, t->view);
    runview_json_log(j, t->log);
}

void runreport_print_packets(const struct runreport *t, const struct packets_result *r,
                             uint64_t repeat) {
    for (unsigned i = 0; i < r->n_values; i++) {
        const char *name = run_value_name(t->p, r->value[i].r0);
        if (name)
            printf("%-16s %" PRIu64 "\n", name, r->value[i].n);
        else
            printf("%#-16" PRIx64 " %" PRIu64 "\n", r->value[i].r0, r->value[i].n);
    }
    if (r->others)
        printf("%-16s %" PRIu64 "\n", "other values", r->others);
    if (r->n_traps) {
        printf("%-16s %" PRIu64 ", the first at packet %" PRIu64 "\n", "traps", r->n_traps,
               r->trap_packet);
        runview_print_trap(t->c, &r->end, r->trap_at);
    }
    printf("packets %" PRIu64 ", insns %" PRIu64 ", %.1f ns a packet\n", r->n_runs / repeat,
           r->insns, mean_ns(r->total_ns, r->n_runs));
    print_rest(t);
}

void runreport_json_packets(const struct runreport *t, const struct packets_result *r,
                            uint64_t repeat) {
    struct json *j = &t->c->json;
    open_json(j, t, &r->end);
    json_put_number(j, "packets", r->n_runs / repeat);
    json_put_number(j, "runs", r->n_runs);
    json_put_number(j, "insns", r->insns);
    json_key(j, "time_ns");
    json_real(j, mean_ns(r->total_ns, r->n_runs));
    json_key(j, "results");
    json_open_array(j);
    for (unsigned i = 0; i < r->n_values; i++) {
        json_open_object(j);
        json_put_hex(j, "r0", r->value[i].r0);
        json_put_text(j, "name", run_value_name(t->p, r->value[i].r0));
        json_put_number(j, "n", r->value[i].n);
        json_close_object(j);
    }
    json_close_array(j);
    json_put_number(j, "other_results", r->others);
    json_put_number(j, "traps", r->n_traps);
    runview_json_trap(j, &r->end, r->trap_at);
    if (r->n_traps)
        json_put_number(j, "trap_packet", r->trap_packet);
    runview_json_changes(j, t->view);
    runview_json_log(j, t->log);
}
