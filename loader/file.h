/* file.h: a file's bytes in memory, as the loader and CO-RE read them. */
#ifndef BPFLAB_LOADER_FILE_H
#define BPFLAB_LOADER_FILE_H

#include "isa/err.h"

/* file_read: all that is left of an open file, a pipe's or a kernel file's too, whose size is not
 * known before. A file that tells its size is read at once.
 * in:     path: for messages; max_bytes: what is longer is refused
 * out:    *bytes malloc'ed, never NULL
 * errors: IO, NOMEM
 * cost:   O(size) */
enum bpflab_err file_read(int fd, const char *path, size_t max_bytes, uint8_t **bytes, size_t *size,
                          struct diag *d);

#endif
