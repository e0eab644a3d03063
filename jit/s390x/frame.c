/* frame.c: how functions begin and end, and the way in from C.
 *
 * A function saves r6 to r9 where C functions do, in its caller's 160 bytes. If it calls, it has a
 * frame of its own: such 160 bytes for whoever it calls, the sixth argument, its slots. A leaf
 * needs a frame only for slots, and keeps the return address in a floating-point register.
 */
#include "jit/s390x/s390x.h"

#include "runtime/exec.h"

enum {
    AT_R6 = 8 * 6, /* of %rN: 8 * N */
    /* the stub's frame: as above, with one slot for the state of the entry around this one */
    STUB_OLD_SP = S390X_SLOTS,
    STUB_BYTES = STUB_OLD_SP + 8,
};

static int64_t frame_bytes(const struct jit_frame *f) {
    return f->calls || f->n_slots ? S390X_SLOTS + 8 * f->n_slots : 0;
}

/* move_saved: r6 to r9 from the lowest to the highest that is saved, to or from the caller's area,
 * which begins at %r15 + above. */
static void move_saved(struct jit_buf *b, const struct jit_frame *f, int64_t above, bool load) {
    const unsigned saved = f->saved >> JR_6 & 15;
    if (!saved)
        return;
    const unsigned first = GR7 + (unsigned)__builtin_ctz(saved);
    const unsigned last = GR7 + 31 - (unsigned)__builtin_clz(saved);
    const int64_t at = above + 8 * first;
    const enum s390x_gr r1 = (enum s390x_gr)first, r3 = (enum s390x_gr)last;
    if (first == last)
        (load ? s390x_lg : s390x_stg)(b, r1, at, GR_SP);
    else
        (load ? s390x_lmg : s390x_stmg)(b, r1, r3, at, GR_SP);
}

void s390x_enter(struct jit_buf *b, const struct jit_frame *f) {
    const int64_t bytes = frame_bytes(f);
    move_saved(b, f, 0, false);
    if (f->calls)
        s390x_stg(b, GR_LINK, 8 * GR_LINK, GR_SP);
    else
        s390x_ldgr(b, FR0, GR_LINK);
    if (bytes)
        s390x_aghi(b, GR_SP, -bytes);
}

/* restore: everything as it was when the function began, but for its result. */
static void restore(struct jit_buf *b, const struct jit_frame *f) {
    const int64_t bytes = frame_bytes(f);
    move_saved(b, f, bytes, true);
    if (f->calls)
        s390x_lg(b, GR_LINK, bytes + 8 * GR_LINK, GR_SP);
    else
        s390x_lgdr(b, GR_LINK, FR0);
    if (bytes)
        s390x_aghi(b, GR_SP, bytes);
}

void s390x_leave(struct jit_buf *b, const struct jit_frame *f) {
    restore(b, f);
    s390x_bcr(b, S390X_ALWAYS, GR_LINK);
}

void s390x_tail(struct jit_buf *b, const struct jit_frame *f) {
    restore(b, f);
    s390x_bcr(b, S390X_ALWAYS, GR_T0);
}

/* s390x_stub: enter(w in %r2, args in %r3, fp in %r4, entry in %r5). The normal way back runs into
 * the exit: there the stack pointer is what it was set to already. */
uint32_t s390x_stub(struct jit_buf *b) {
    s390x_stmg(b, GR6, GR15, AT_R6, GR_SP);
    s390x_aghi(b, GR_SP, -STUB_BYTES);
    s390x_lg(b, GR_PRIVATE, EXEC_SP, GR2);
    s390x_stg(b, GR_PRIVATE, STUB_OLD_SP, GR_SP);
    s390x_stg(b, GR_SP, EXEC_SP, GR2);
    s390x_lgr(b, GR_STATE, GR2);
    s390x_lgr(b, GR_FP, GR4);
    s390x_lgr(b, GR_T0, GR5);
    s390x_lghi(b, GR_R0, 0);
    for (uint8_t r = JR_6; r <= JR_9; r++)
        s390x_lghi(b, s390x_gr(r), 0);
    s390x_lmg(b, GR2, GR6, 0, GR3); /* r1 to r5 */
    s390x_basr(b, GR_LINK, GR_T0);

    const uint32_t exit = b->n;
    s390x_lg(b, GR_SP, EXEC_SP, GR_STATE);
    s390x_lg(b, GR_PRIVATE, STUB_OLD_SP, GR_SP);
    s390x_stg(b, GR_PRIVATE, EXEC_SP, GR_STATE);
    s390x_lgr(b, GR_RESULT, GR_R0);
    s390x_lmg(b, GR6, GR15, STUB_BYTES + AT_R6, GR_SP);
    s390x_bcr(b, S390X_ALWAYS, GR_LINK);
    return exit;
}
