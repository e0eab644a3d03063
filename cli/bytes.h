/* bytes.h: bytes from the outside: whole files, standard input, and "HEX|@FILE" arguments.
 */
#ifndef BPFLAB_CLI_BYTES_H
#define BPFLAB_CLI_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

/* No file that bpflab reads is larger: a mistaken /dev/zero ends here. */
#define BYTES_MAX ((size_t)256 << 20)

struct bytes {
    uint8_t *at; /* owned; n + 1 bytes, the last is 0; NULL when empty */
    size_t n;
};

/* bytes_read: all of a file, "-" for standard input.
 * errors: IO (with the system's reason; standard input that was read before), RANGE (larger than
 *         BYTES_MAX), NOMEM */
enum bpflab_err bytes_read(const char *path, struct bytes *out, struct diag *d);

/* bytes_argument: "@FILE" is a file's contents (hex digits and white space alone are decoded,
 * anything else is taken as it is); other text is hex digits, a leading 0x and white space between
 * bytes allowed.
 * errors: SYNTAX, and those of bytes_read */
enum bpflab_err bytes_argument(const char *arg, struct bytes *out, struct diag *d);

/* bytes_write: a file from bytes, "-" for standard output. A regular file that cannot be written
 * whole is removed again; a device or a pipe stays.
 * errors: IO */
enum bpflab_err bytes_write(const char *path, const uint8_t *at, size_t n, struct diag *d);

void bytes_fini(struct bytes *b);

#endif
