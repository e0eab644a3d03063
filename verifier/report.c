#include "verifier/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const ids[N_REASONS] = {
#define REASON(name, id, text, needed) [REASON_##name] = (id),
#include "verifier/reason.def"
};

static const char *const texts[N_REASONS] = {
#define REASON(name, id, text, needed) [REASON_##name] = (text),
#include "verifier/reason.def"
};

static const char *const needs[N_REASONS] = {
#define REASON(name, id, text, needed) [REASON_##name] = (needed),
#include "verifier/reason.def"
};

bool report_reject(struct report *rep, enum reason why, uint32_t pc, int reg, const char *linux_fmt,
                   ...) {
    if (rep->reason != REASON_NONE)
        return false;
    *rep = (struct report){.reason = why, .pc = pc, .reg = reg};
    va_list ap;
    va_start(ap, linux_fmt);
    vsnprintf(rep->linux_text, sizeof rep->linux_text, linux_fmt, ap);
    va_end(ap);
    return false;
}

bool report_line(struct report *rep, const char *linux_fmt, ...) {
    const size_t at = strlen(rep->linux_text);
    const int n = snprintf(rep->linux_text + at, sizeof rep->linux_text - at, "; ");
    const size_t end = at + (size_t)n;
    if (end >= sizeof rep->linux_text)
        return false;
    va_list ap;
    va_start(ap, linux_fmt);
    vsnprintf(rep->linux_text + end, sizeof rep->linux_text - end, linux_fmt, ap);
    va_end(ap);
    return false;
}

bool report_needed(struct report *rep, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(rep->needed, sizeof rep->needed, fmt, ap);
    va_end(ap);
    return false;
}

bool report_known(struct report *rep, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(rep->known, sizeof rep->known, fmt, ap);
    va_end(ap);
    return false;
}

const char *reason_id(enum reason r) {
    return (unsigned)r < N_REASONS ? ids[r] : "unknown";
}

const char *reason_text(enum reason r) {
    return (unsigned)r < N_REASONS ? texts[r] : "unknown reason";
}

const char *reason_needed(enum reason r) {
    return (unsigned)r < N_REASONS ? needs[r] : "";
}
