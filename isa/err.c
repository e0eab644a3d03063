#include "isa/err.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *err_text(enum bpflab_err err) {
    static const char *const text[] = {
#define ERR(name, sentence) [BPFLAB_E_##name] = sentence,
#include "isa/err.def"
    };
    return (unsigned)err < N_BPFLAB_ERRS ? text[err] : "unknown error";
}

enum bpflab_err diag_set(struct diag *d, enum bpflab_err err, const char *fmt, ...) {
    if (d) {
        *d = (struct diag){.err = err, .pc = -1};
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(d->text, sizeof d->text, fmt, ap);
        va_end(ap);
    }
    return err;
}

char *diag_format(const struct diag *d, char *buf, size_t size) {
    char place[160] = "";
    size_t n = 0;
    if (!size)
        return buf;
    if (d->section[0])
        n += (size_t)snprintf(place + n, sizeof place - n, "section %s, ", d->section);
    if (d->section[0] || d->off_bytes)
        n += (size_t)snprintf(place + n, sizeof place - n, "offset %" PRIu64 ": ", d->off_bytes);
    if (d->pc >= 0)
        n += (size_t)snprintf(place + n, sizeof place - n, "pc %" PRId64 ": ", d->pc);
    if (d->line)
        snprintf(place + n, sizeof place - n, "line %u, column %u: ", d->line, d->col);
    snprintf(buf, size, "%s%s", place, d->text[0] ? d->text : err_text(d->err));
    return buf;
}
