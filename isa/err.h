/* err.h: error codes, and a message with a place.
 *
 * A fallible function returns enum bpflab_err; where the caller can use more than the code (file,
 * line, section, offset), it takes a struct diag as well and fills it before it returns the error.
 */
#ifndef BPFLAB_ISA_ERR_H
#define BPFLAB_ISA_ERR_H

#include <stddef.h>
#include <stdint.h>

enum bpflab_err {
#define ERR(name, text) BPFLAB_E_##name,
#include "isa/err.def"
    N_BPFLAB_ERRS,
    BPFLAB_OK = BPFLAB_E_OK,
};

/* err_text: the row's message; "unknown error" for a value that is no row. Never NULL. */
const char *err_text(enum bpflab_err err);

/* struct diag: where and why something failed. Written only on failure. */
struct diag {
    enum bpflab_err err;
    char section[64];   /* ELF section, or empty */
    uint64_t off_bytes; /* into the section or file, or 0 */
    uint32_t line, col; /* of a text, from 1; 0 if it is none */
    int64_t pc;         /* instruction, or -1 */
    char text[192];     /* one sentence without a full stop */
};

/* diag_set: fill d (may be NULL) with err and a printf-style sentence; it has no place then.
 * out:    err, so that a caller can write: return diag_set(d, BPFLAB_E_RANGE, "..."); */
enum bpflab_err diag_set(struct diag *d, enum bpflab_err err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* diag_format: "section .text, offset 24: sentence" into buf, always terminated.
 * out:    buf */
char *diag_format(const struct diag *d, char *buf, size_t size);

#endif
