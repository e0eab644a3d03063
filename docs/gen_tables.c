/* gen_tables.c: keeps the pages under docs/tables equal to the tables in the code.
 *
 *   gen_tables DIR           compare; a page that differs is named, with its first differing line
 *   gen_tables DIR --bless   write the pages that differ
 */
#define _GNU_SOURCE
#include "docs/gen.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct page {
    const char *name;
    void (*gen)(FILE *out);
} pages[] = {
    {"instructions.md", gen_instructions},
    {"helpers.md", gen_helpers},
    {"jit.md", gen_jit},
    {"kfuncs.md", gen_kfuncs},
    {"maps.md", gen_maps},
    {"progtypes.md", gen_progtypes},
};

/* The whole file, terminated; an empty text if it cannot be read. */
static char *read_file(const char *path) {
    char *text = NULL;
    size_t n = 0;
    FILE *in = fopen(path, "rb");
    FILE *copy = open_memstream(&text, &n);
    if (in && copy)
        for (int c; (c = getc(in)) != EOF;)
            putc(c, copy);
    if (copy)
        fclose(copy);
    if (in)
        fclose(in);
    return text;
}

static bool write_file(const char *path, const char *text, size_t n) {
    FILE *out = fopen(path, "wb");
    if (!out)
        return false;
    bool ok = fwrite(text, 1, n, out) == n;
    return fclose(out) == 0 && ok;
}

static void report(const char *path, const char *old, const char *new) {
    unsigned line = 1;
    size_t start = 0;
    for (size_t i = 0; old[i] && old[i] == new[i]; i++)
        if (old[i] == '\n') {
            line++;
            start = i + 1;
        }
    printf("%s:%u: out of date\n    has   %.*s\n    wants %.*s\n", path, line,
           (int)strcspn(old + start, "\n"), old + start, (int)strcspn(new + start, "\n"),
           new + start);
}

/* out: true if the page is, or now is, what the tables say. */
static bool do_page(const char *dir, const struct page *page, bool bless) {
    char path[4096], *text = NULL;
    size_t n = 0;
    if (snprintf(path, sizeof path, "%s/%s", dir, page->name) >= (int)sizeof path)
        return false;
    FILE *out = open_memstream(&text, &n);
    if (!out)
        return false;
    page->gen(out);
    bool ok = fclose(out) == 0;
    char *old = read_file(path);
    if (ok && (!old || strcmp(old, text))) {
        if (bless) {
            ok = write_file(path, text, n);
            printf("%s: %s\n", path, ok ? "written" : "cannot be written");
        } else {
            report(path, old ? old : "", text);
            ok = false;
        }
    }
    free(old);
    free(text);
    return ok;
}

int main(int argc, char **argv) {
    bool bless = argc == 3 && !strcmp(argv[2], "--bless"), ok = true;
    if (argc != 2 && !bless) {
        fprintf(stderr, "usage: gen_tables DIR [--bless]\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        ok &= do_page(argv[1], &pages[i], bless);
    if (!ok && !bless)
        printf("to update them: gen_tables %s --bless\n", argv[1]);
    return !ok;
}
