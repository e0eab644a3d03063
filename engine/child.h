/* child.h: an executor: a child process with memory in common, asked and answered, stopped when it
 * takes too long.
 *
 * The system ends it with the thread that started it (PR_SET_PDEATHSIG): a child belongs to one
 * thread.
 */
#ifndef BPFLAB_ENGINE_CHILD_H
#define BPFLAB_ENGINE_CHILD_H

#include <sys/types.h>

#include "engine/bind.h"
#include "engine/protocol.h"
#include "engine/wire.h"

/* struct child: one executor, and who it said it is. */
struct child {
    const struct jit_arch *arch;
    char path[512];
    pid_t pid;
    int socket;
    uint8_t *shared;
    struct target_process process;
    uint64_t code_addr;
    uint32_t code_bytes;
    /* its kernel functions: name i is at kfunc_names[i] */
    char **kfunc_names;
    uint64_t *kfunc_addrs;
    uint32_t n_kfuncs;
};

/* child_start: start a target's executor and hear who it is.
 * in:     dir: where to look, as engine_executor_path has it; may be NULL
 * out:    *out, for child_stop
 * errors: MISSING (executor or emulator; d says what to do about it), SYSTEM, NOMEM */
enum bpflab_err child_start(const struct jit_arch *arch, const char *dir, struct child **out,
                            struct diag *d);

/* child_stop: end it, by its pid, and wait for that. */
void child_stop(struct child *c);

enum child_answer {
    CHILD_ANSWERED,
    CHILD_DIED,
    CHILD_LATE, /* no answer in time: stop it */
};

/* child_ask: the first n_bytes of the request area are a message: wait for the reply.
 * in:     n_steps: requests, or cases of a batch, in the message; timeout_ms: of each step, so that
 *         a long message is not late as long as it gets on; 0: 10 000
 * out:    *n_reply: bytes of the reply; of a child that died or is late, what is complete of it */
enum child_answer child_ask(struct child *c, uint64_t n_bytes, uint64_t n_steps,
                            uint32_t timeout_ms, uint64_t *n_reply);

/* child_done: how many requests, or cases of a batch, the child has done of the last message. */
uint64_t child_done(const struct child *c);

#endif
