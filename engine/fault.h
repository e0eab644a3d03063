/* fault.h: signals that generated code raises, as values.
 *
 * While code runs between fault_enter and fault_leave, a SIGSEGV, SIGBUS, SIGILL, SIGFPE or SIGTRAP
 * whose instruction lies in the frame's range ends at the frame's sigsetjmp; one raised anywhere
 * else goes to whoever handled the signal before.
 *
 *     struct fault_frame f = {.code = start, .code_bytes = n};
 *     fault_enter(&f);
 *     if (!sigsetjmp(f.back, 0))
 *         call the code
 *     else
 *         look at f.fault
 *     fault_leave(&f);
 *
 * Frames nest; each thread has its own. Handlers are the process's: whoever runs code calls
 * fault_install first and fault_remove at the end. This file holds the only state of bpflab that is
 * not in its callers' hands, because signals have no other.
 */
#ifndef BPFLAB_ENGINE_FAULT_H
#define BPFLAB_ENGINE_FAULT_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "isa/err.h"

struct fault {
    int signal;
    uint64_t pc;   /* of the instruction, an address in this process */
    uint64_t addr; /* that could not be accessed */
    bool has_addr; /* the machine said which */
};

struct fault_frame {
    sigjmp_buf back;
    uint64_t code; /* first address of the code */
    uint64_t code_bytes;
    struct fault fault;
    struct fault_frame *outer;
};

/* fault_install: the handlers, and a signal stack for this thread if it has none; counted. Other
 * threads may run code as well: without a signal stack they do not survive running out of stack.
 * fault_remove: the last one puts back what was there before the first, in any thread.
 * errors: NOMEM, SYSTEM */
enum bpflab_err fault_install(void);
void fault_remove(void);

void fault_enter(struct fault_frame *f);
void fault_leave(struct fault_frame *f);

#endif
