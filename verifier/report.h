/* report.h: why a program was rejected: a reason from a closed list, a place, and words.
 *
 * A report is a value. Where the words are made, nothing is decided any more; where decisions are
 * made, one call (report_reject) says reason, register and Linux's words for it.
 */
#ifndef BPFLAB_VERIFIER_REPORT_H
#define BPFLAB_VERIFIER_REPORT_H

#include <stdbool.h>
#include <stdint.h>

enum reason {
#define REASON(name, id, text, needed) REASON_##name,
#include "verifier/reason.def"
    N_REASONS,
};

enum {
    REPORT_TEXT = 320,
    REPORT_NO_REG = -1,
};

struct report {
    enum reason reason; /* REASON_NONE: not rejected */
    uint32_t pc;
    int reg;                      /* the register at fault, or REPORT_NO_REG */
    char linux_text[REPORT_TEXT]; /* as Linux would say it: "R1 invalid mem access 'scalar'" */
    char known[REPORT_TEXT];      /* what is known of the register: "packet + 0, 14 bytes proven" */
    char needed[REPORT_TEXT];     /* what was required: "24 bytes" */
    char path[REPORT_TEXT];       /* how it got there: "0-5, 7 taken, 12" */
};

/* report_reject: fill reason, pc, reg and Linux's words. The first one stays.
 * out: false, so that a check can write: return report_reject(...). */
bool report_reject(struct report *rep, enum reason why, uint32_t pc, int reg, const char *linux_fmt,
                   ...) __attribute__((format(printf, 5, 6)));
/* report_line: a further line of Linux's words, behind "; ". out: false */
bool report_line(struct report *rep, const char *linux_fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* report_needed, report_known: one sentence each, without a full stop. out: false */
bool report_needed(struct report *rep, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool report_known(struct report *rep, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* reason_id: "packet_bounds"; reason_text: the sentence; reason_needed: what is needed in
 * general. */
const char *reason_id(enum reason r);
const char *reason_text(enum reason r);
const char *reason_needed(enum reason r);

#endif
