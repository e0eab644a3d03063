/* runview.h: what a run came to, for people and as JSON: r0, the trap, what changed.
 */
#ifndef BPFLAB_CLI_RUNVIEW_H
#define BPFLAB_CLI_RUNVIEW_H

#include "cli/mapview.h"
#include "cli/runner.h"

/* struct runview: copies of what a program may change, taken before the run. */
struct runview {
    struct engine_session *s;
    const struct instance *in; /* the session's */
    const struct prog *p;
    struct mapview *maps;
    uint8_t *packet, *mem, *ctx; /* owned; NULL where there is none */
    uint32_t packet_bytes, mem_bytes, ctx_bytes;
    uint32_t packet_data; /* where the packet began */
};

/* runview_take: copy what p may change.
 * in:     the session is prepared
 * errors: NOMEM */
enum bpflab_err runview_take(struct engine_session *s, const struct prog *p, struct runview *out);
void runview_fini(struct runview *v);

/* run_value_name: "XDP_PASS"; NULL if the program's type gives r0 no names. */
const char *run_value_name(const struct prog *p, uint64_t r0);

/* run_end_text: "access through a null pointer at pc 3"; without the place where the engine cannot
 * tell it (a crash, a hang). */
enum {
    RUN_END_TEXT_MAX = 120
};
const char *run_end_text(const struct run_end *end, char buf[RUN_END_TEXT_MAX]);

/* As text, on standard output.
 * runview_print_trap:    the trap, what it lacked, and the instructions around it.
 * runview_print_changes: what changed since the view was taken.
 * runview_print_log:     what the programs printed. */
void runview_print_trap(const struct cli *c, const struct run_end *end, const struct prog *at);
void runview_print_changes(const struct cli *c, const struct runview *v);
void runview_print_log(const struct cli *c, const struct run_log *log);

/* As JSON members.
 * runview_json_trap:    "trap".
 * runview_json_changes: "packet", "memory", "context", "redirect", "maps".
 * runview_json_log:     "printed". */
void runview_json_trap(struct json *j, const struct run_end *end, const struct prog *at);
void runview_json_changes(struct json *j, const struct runview *v);
void runview_json_log(struct json *j, const struct run_log *log);

#endif
