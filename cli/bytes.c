/* bytes.c: reading and writing whole files.
 */
#include "cli/bytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/text.h"

static enum bpflab_err read_stream(FILE *f, struct bytes *out, struct diag *d) {
    struct bytes b = {0};
    size_t capacity = 0;
    enum bpflab_err err = BPFLAB_OK;
    for (;;) {
        if (b.n == capacity) {
            if (b.n >= BYTES_MAX) {
                err = diag_set(d, BPFLAB_E_RANGE, "larger than %zu MiB", BYTES_MAX >> 20);
                break;
            }
            capacity = capacity ? capacity * 2 : 65536;
            uint8_t *grown = realloc(b.at, capacity + 1);
            if (!grown) {
                err = diag_set(d, BPFLAB_E_NOMEM, "out of memory");
                break;
            }
            b.at = grown;
        }
        b.n += fread(b.at + b.n, 1, capacity - b.n, f);
        if (b.n < capacity) {
            if (ferror(f))
                err = diag_set(d, BPFLAB_E_IO, "cannot read: %s", strerror(errno));
            break;
        }
    }
    if (err) {
        bytes_fini(&b);
        return err;
    }
    b.at[b.n] = 0;
    *out = b;
    return BPFLAB_OK;
}

enum bpflab_err bytes_read(const char *path, struct bytes *out, struct diag *d) {
    if (!strcmp(path, "-"))
        /* A second reader would find nothing, and take that for an empty file. */
        return feof(stdin) ? diag_set(d, BPFLAB_E_IO, "standard input was read before")
                           : read_stream(stdin, out, d);
    FILE *f = fopen(path, "rb");
    if (!f)
        return diag_set(d, BPFLAB_E_IO, "cannot open: %s", strerror(errno));
    enum bpflab_err err = read_stream(f, out, d);
    fclose(f);
    return err;
}

/* decode_hex: replace text by the bytes that it spells. */
static enum bpflab_err decode_hex(const char *text, size_t n_chars, struct bytes *out,
                                  struct diag *d) {
    struct bytes b = {0};
    enum bpflab_err err = hex_parse(text, n_chars, &b.at, &b.n, d);
    if (!err)
        *out = b;
    return err;
}

enum bpflab_err bytes_argument(const char *arg, struct bytes *out, struct diag *d) {
    if (arg[0] != '@') {
        if (arg[0] == '0' && (arg[1] == 'x' || arg[1] == 'X'))
            arg += 2;
        return decode_hex(arg, strlen(arg), out, d);
    }
    struct bytes raw = {0};
    enum bpflab_err err = bytes_read(arg + 1, &raw, d);
    if (err)
        return err;
    bool is_hex = raw.n && input_form_of(raw.at, raw.n) == INPUT_HEX;
    if (!is_hex) {
        *out = raw;
        return BPFLAB_OK;
    }
    err = decode_hex((const char *)raw.at, raw.n, out, d);
    bytes_fini(&raw);
    return err;
}

/* remove_file: a regular file only: what else there is (/dev/full) was there before. */
static void remove_file(const char *path) {
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
        unlink(path);
}

enum bpflab_err bytes_write(const char *path, const uint8_t *at, size_t n, struct diag *d) {
    if (!strcmp(path, "-"))
        return fwrite(at, 1, n, stdout) == n
                   ? BPFLAB_OK
                   : diag_set(d, BPFLAB_E_IO, "cannot write: %s", strerror(errno));
    FILE *f = fopen(path, "wb");
    if (!f)
        return diag_set(d, BPFLAB_E_IO, "cannot open for writing: %s", strerror(errno));
    bool ok = fwrite(at, 1, n, f) == n;
    int reason = errno;
    if (fclose(f) != 0 && ok) {
        ok = false;
        reason = errno;
    }
    if (ok)
        return BPFLAB_OK;
    remove_file(path);
    return diag_set(d, BPFLAB_E_IO, "cannot write: %s", strerror(reason));
}

void bytes_fini(struct bytes *b) {
    free(b->at);
    *b = (struct bytes){0};
}
