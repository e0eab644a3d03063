/* ops.h: what each kind of engine gives engine.c. For engine/ only. */
#ifndef BPFLAB_ENGINE_OPS_H
#define BPFLAB_ENGINE_OPS_H

#include "engine/engine.h"

/* struct engine_session: what all kinds have; own is the kind's. */
struct engine_session {
    const struct engine_ops *ops;
    struct engine engine;
    struct engine_options opt;
    struct instance instance;
    struct interp_job job;
    bool prepared;
    struct snapshot *fresh;     /* the host's world as it was at the beginning */
    struct diag *why;           /* of each program */
    uint32_t *code_bytes;       /* of each program */
    struct world_report pulled; /* of an executor's world: what engine_pull brought */
    void *own;                  /* the kind's */
    bool (*watch)(void *self, const struct interp_step *step); /* the interpreter's; may be NULL */
    void *watch_self;
};

/* struct engine_ops: NULL where the host's instance is all there is to do. */
struct engine_ops {
    bool local;
    enum bpflab_err (*open)(struct engine_session *s, struct diag *d);
    void (*close)(struct engine_session *s);
    enum bpflab_err (*update)(struct engine_session *s, uint32_t map, const void *key,
                              const void *value, uint64_t flags, bool remove, struct diag *d);
    enum bpflab_err (*prepare)(struct engine_session *s, uint32_t prog,
                               const struct instance_input *input, struct diag *d);
    enum bpflab_err (*run)(struct engine_session *s, uint64_t repeat, struct engine_result *out,
                           struct diag *d);
    enum bpflab_err (*again)(struct engine_session *s, struct diag *d);
    enum bpflab_err (*timers)(struct engine_session *s, uint64_t ns, struct run_end *end,
                              uint64_t *n_fired, struct diag *d);
    enum bpflab_err (*report)(struct engine_session *s, bool stack, bool whole,
                              struct world_report *out, struct diag *d);
    /* the instance has other programs now, and its world is fresh */
    enum bpflab_err (*swap)(struct engine_session *s, struct diag *d);
    enum bpflab_err (*reset)(struct engine_session *s, struct diag *d);
};

extern const struct engine_ops engine_interp, engine_native, engine_foreign;

/* engine_clock: nanoseconds of a clock that only goes forward. */
uint64_t engine_clock(void);

#endif
