/* enc_check.c: one run of llvm-mc for all cases of a test, and the comparison. */
#include "jit/tests/enc_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    SHOWN = 20 /* wrong cases, lines of the assembler's complaints */
};

void enc_check_init(struct enc_check *t, const struct jit_arch *a) {
    *t = (struct enc_check){.arch = a, .mattr = jit_target_mattr(a)};
}

static bool more_text(struct enc_check *t, size_t n) {
    if (t->text_capacity - t->n_text >= n)
        return true;
    const size_t want = 2 * (t->text_capacity + n);
    char *const p = realloc(t->text, want);
    t->failed |= !p;
    if (p) {
        t->text = p;
        t->text_capacity = want;
    }
    return p;
}

static bool more_cases(struct enc_check *t) {
    if (t->n < t->capacity)
        return true;
    const uint32_t want = 2 * t->capacity + 1024;
    uint8_t *const slots = realloc(t->slots, (size_t)want * ENC_SLOT);
    t->slots = slots ? slots : t->slots;
    uint8_t *const sizes = realloc(t->sizes, want);
    t->sizes = sizes ? sizes : t->sizes;
    uint32_t *const starts = realloc(t->starts, want * sizeof *starts);
    t->starts = starts ? starts : t->starts;
    t->failed |= !slots || !sizes || !starts;
    t->capacity = t->failed ? t->capacity : want;
    return !t->failed;
}

void enc_text(struct enc_check *t, const char *line) {
    const size_t n = strlen(line);
    if (!more_text(t, n + 1))
        return;
    memcpy(t->text + t->n_text, line, n);
    t->text[t->n_text + n] = '\n';
    t->n_text += n + 1;
}

void enc_case(struct enc_check *t, const struct jit_buf *b, const char *fmt, ...) {
    enum {
        LONGEST = 256
    };
    if (!more_cases(t) || !more_text(t, LONGEST))
        return;
    char *const at = t->text + t->n_text;
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(at, LONGEST, fmt, args);
    va_end(args);
    if (n < 0 || n >= LONGEST || b->err || b->n > ENC_SLOT) {
        printf("no case: %s (%u bytes%s)\n", at, b->n, b->err ? ", buffer failed" : "");
        t->failed = true;
        return;
    }
    uint8_t *const slot = t->slots + (size_t)t->n * ENC_SLOT;
    memset(slot, ENC_FILL, ENC_SLOT);
    if (b->n)
        memcpy(slot, b->bytes, b->n);
    t->sizes[t->n] = (uint8_t)b->n;
    t->starts[t->n++] = (uint32_t)t->n_text;
    t->n_text += (size_t)n;
    t->text[t->n_text++] = '\n';
    enc_text(t, ".balign 16, 0xa5");
}

/* ---- the assembler ---- */

static bool write_file(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        const ssize_t wrote = write(fd, bytes, n);
        if (wrote <= 0)
            return false;
        bytes += wrote;
        n -= (size_t)wrote;
    }
    return true;
}

/* The whole of a file, owned by the caller; NULL if it cannot be read. */
static uint8_t *read_file(const char *path, size_t *n) {
    FILE *const f = fopen(path, "rb");
    if (!f)
        return NULL;
    uint8_t *bytes = NULL;
    long size = -1;
    if (!fseek(f, 0, SEEK_END) && (size = ftell(f)) > 0 && !fseek(f, 0, SEEK_SET))
        bytes = malloc((size_t)size);
    if (bytes && fread(bytes, 1, (size_t)size, f) != (size_t)size) {
        free(bytes);
        bytes = NULL;
    }
    fclose(f);
    *n = bytes ? (size_t)size : 0;
    return bytes;
}

/* The object of the assembly text in path, owned by the caller; NULL: told why. */
static uint8_t *assemble(const struct enc_check *t, const char *path, size_t *n) {
    char command[512], object[64], line[512];
    snprintf(object, sizeof object, "%s.o", path);
    snprintf(command, sizeof command,
             "llvm-mc-19 -filetype=obj -triple=%s%s%s%s%s -o %s %s 2>&1 </dev/null",
             jit_target_triple(t->arch), t->mattr && *t->mattr ? " -mattr=" : "",
             t->mattr ? t->mattr : "", t->mcpu ? " -mcpu=" : "", t->mcpu ? t->mcpu : "", object,
             path);
    FILE *const f = popen(command, "r");
    if (!f)
        return NULL;
    for (unsigned i = 0; fgets(line, sizeof line, f); i++)
        if (i < 3 * SHOWN)
            fputs(line, stdout);
    const int status = pclose(f);
    uint8_t *const bytes = status == 0 ? read_file(object, n) : NULL;
    if (!bytes)
        printf("no object: %s\n", command);
    unlink(object);
    return bytes;
}

/* n bytes of an ELF file in its byte order; 0 beyond its end. */
static uint64_t elf_field(const uint8_t *elf, size_t size, uint64_t at, unsigned n) {
    uint64_t v = 0;
    if (at > size || size - at < n)
        return 0;
    for (unsigned i = 0; i < n; i++)
        v = v << 8 | elf[elf[5] == 2 ? at + i : at + n - 1 - i];
    return v;
}

/* .text of an ELF64 object: the only section with executable instructions. */
static const uint8_t *find_text(const uint8_t *elf, size_t size, size_t *n) {
    if (size < 64 || memcmp(elf, "\177ELF\2", 5))
        return NULL;
    const uint64_t headers = elf_field(elf, size, 0x28, 8);
    const uint64_t count = elf_field(elf, size, 0x3c, 2);
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t h = headers + 64 * i;
        const uint64_t at = elf_field(elf, size, h + 0x18, 8);
        const uint64_t bytes = elf_field(elf, size, h + 0x20, 8);
        if (!(elf_field(elf, size, h + 8, 8) & 4) || bytes == 0)
            continue;
        if (at > size || bytes > size - at)
            return NULL;
        *n = bytes;
        return elf + at;
    }
    return NULL;
}

/* ---- the comparison ---- */

static void print_bytes(const char *who, const uint8_t *p, unsigned n) {
    printf("    %s", who);
    for (unsigned i = 0; i < n; i++)
        printf(" %02x", p[i]);
    printf("\n");
}

static void print_wrong(const struct enc_check *t, uint32_t i, const uint8_t *theirs) {
    unsigned n = ENC_SLOT;
    while (n > 0 && theirs[n - 1] == ENC_FILL)
        n--;
    const char *const text = t->text + t->starts[i];
    printf("wrong: %.*s\n", (int)strcspn(text, "\n"), text);
    print_bytes("ours ", t->slots + (size_t)i * ENC_SLOT, t->sizes[i]);
    print_bytes("llvm ", theirs, n);
}

static bool compare(struct enc_check *t, const uint8_t *text, size_t n) {
    if (n != (size_t)t->n * ENC_SLOT) {
        printf("%u cases, but the assembler made %zu slots and %zu bytes\n", t->n, n / ENC_SLOT,
               n % ENC_SLOT);
        t->failed = true;
    }
    for (uint32_t i = 0; i < t->n && (size_t)(i + 1) * ENC_SLOT <= n; i++) {
        const uint8_t *const theirs = text + (size_t)i * ENC_SLOT;
        if (!memcmp(theirs, t->slots + (size_t)i * ENC_SLOT, ENC_SLOT))
            continue;
        if (t->wrong++ < SHOWN)
            print_wrong(t, i, theirs);
    }
    return t->wrong == 0;
}

static bool assemble_and_compare(struct enc_check *t) {
    char path[] = "/tmp/bpflab-enc-XXXXXX";
    const int fd = mkstemp(path);
    if (fd < 0)
        return false;
    size_t size = 0, n = 0;
    uint8_t *const elf = write_file(fd, t->text, t->n_text) ? assemble(t, path, &size) : NULL;
    const uint8_t *const text = elf ? find_text(elf, size, &n) : NULL;
    const bool same = text && compare(t, text, n);
    close(fd);
    unlink(path);
    free(elf);
    return same;
}

int enc_check_run(struct enc_check *t) {
    int status = 1;
    if (system("command -v llvm-mc-19 >/dev/null 2>&1") != 0) {
        printf("skipped: llvm-mc-19 is not installed\n");
        status = 77;
    } else if (t->n == 0) {
        printf("0 encodings checked: that is a failure\n");
    } else if (!assemble_and_compare(t) || t->failed) {
        printf("%u encodings checked, %u wrong%s\n", t->n, t->wrong,
               t->wrong ? "" : ", and the comparison failed");
    } else {
        printf("%u encodings checked, 0 wrong\n", t->n);
        status = 0;
    }
    free(t->text);
    free(t->slots);
    free(t->sizes);
    free(t->starts);
    t->text = NULL;
    t->slots = t->sizes = NULL;
    t->starts = NULL;
    return status;
}
