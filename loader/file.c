/* file.c: reading a file to its end. */
#include "loader/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum bpflab_err no_memory(uint8_t *buf, const char *path, struct diag *d) {
    free(buf);
    return diag_set(d, BPFLAB_E_NOMEM, "no memory for %.120s", path);
}

enum bpflab_err file_read(int fd, const char *path, size_t max_bytes, uint8_t **bytes, size_t *size,
                          struct diag *d) {
    struct stat st;
    size_t cap = 1 << 16, n = 0;
    /* The byte more is for the read that finds the end: what a file tells of itself is but a
     * guess. */
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        (uintmax_t)st.st_size < max_bytes)
        cap = (size_t)st.st_size + 1;
    uint8_t *buf = malloc(cap);
    if (!buf)
        return no_memory(buf, path, d);
    for (;;) {
        ssize_t got = read(fd, buf + n, cap - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || (size_t)got > max_bytes - n) {
            free(buf);
            return got < 0
                       ? diag_set(d, BPFLAB_E_IO, "cannot read %.120s: %s", path, strerror(errno))
                       : diag_set(d, BPFLAB_E_IO, "%.120s is longer than %zu MiB", path,
                                  max_bytes >> 20);
        }
        n += (size_t)got;
        if (got == 0)
            break;
        if (n < cap)
            continue;
        uint8_t *more = realloc(buf, 2 * cap);
        if (!more)
            return no_memory(buf, path, d);
        buf = more;
        cap *= 2;
    }
    *bytes = buf;
    *size = n;
    return BPFLAB_OK;
}
