/* call.h: what helpers', kernel functions' and subprograms' calls share: what they clobber, take,
 * give back and call back.
 */
#ifndef BPFLAB_VERIFIER_CALL_H
#define BPFLAB_VERIFIER_CALL_H

#include "verifier/step.h"

enum {
    REG_ARG_FIRST = 1,
    REG_ARG_LAST = 5,
};

/* call_clobber: r0 to r5 are uninit after a call. */
void call_clobber(struct step *s);

/* call_release: the reference ref ends: every register and slot that keeps it is invalid, and the
 * state forgets it.      out: false if it was not held (nothing has changed) */
bool call_release(struct step *s, uint32_t ref);

/* call_acquire: a new reference, acquired at this pc. out: its id; 0: out of memory (s->err) */
uint32_t call_acquire(struct step *s);

/* call_invalidate: what a register (or spilled register) pointed to is gone: it is an unknown
 * number from now on; where numbers must not tell of pointers, uninit. */
void call_invalidate(const struct step *s, struct reg *r);

/* call_forget_packets: packet pointers, and slices of packet dynptrs, are invalid after the packet
 * changed. */
void call_forget_packets(struct step *s);

/* call_mark_null: every pointer of identity id that may be NULL is NULL (a zero scalar; a reference
 * that it would have been was never taken), or is not. For null tests, in either successor. */
void call_mark_null(const struct step *s, struct state *st, uint32_t id, bool is_null);

/* call_not_null: the same for one register: what it points to becomes accessible. */
void call_not_null(const struct step *s, struct reg *r);

/* call_lock_in: may the pointer's object hold a spin lock? Then its identity matters. */
bool call_lock_in(const struct step *s, const struct reg *r);

/* struct invocation: a callback about to be made: what the tables say of it (runtime/proto.h), and
 * what its arguments speak of. */
struct invocation {
    const struct callback_proto *what;
    uint32_t subprog;
    uint32_t map, map_uid; /* CALLBACK_ARG_MAP, _KEY, _VALUE */
    bool sleepable;        /* asynchronous, in a sleepable context */
    struct reg node;       /* CALLBACK_ARG_NODE */
};

/* call_callback: fork into the callback; the current state goes on behind the call. A synchronous
 * callback returns to the call, which then forks again: it may run any number of times.
 * in:  before call_clobber     out: false: rejected, or out of memory */
bool call_callback(struct step *s, const struct invocation *i);

/* call_check_leaks: nothing that must be given back is held where the program (or a callback) ends,
 * and no lock or section is open. how: what ends it.      out: false: rejected */
enum leaving {
    LEAVE_EXIT,
    LEAVE_TAIL_CALL,
    LEAVE_THROW,
    LEAVE_LD_ABS, /* LD_ABS may end the program */
};
bool call_check_leaks(struct step *s, enum leaving how);

/* call_check_return: register r, as the program's (or entry's) return value. out: false: rejected
 * */
bool call_check_return(struct step *s, uint32_t r);

/* call_range_words: "R0 has smin=.. smax=.." for messages. */
void call_range_words(const struct reg *r, char *buf, size_t size);

#endif
