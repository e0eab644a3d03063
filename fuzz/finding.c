#define _GNU_SOURCE
#include "fuzz/finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/case_elf.h"
#include "fuzz/case_text.h"

#ifndef BPFLAB_VERSION
#define BPFLAB_VERSION "unknown"
#endif

void finding_name(const struct cause *c, char name[FINDING_NAME]) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (const char *p = c->bucket; *p; p++)
        h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
    snprintf(name, FINDING_NAME, "%s-%08x", oracle_name(c->oracle), (uint32_t)(h ^ h >> 32));
}

static enum bpflab_err system_failed(struct diag *d, const char *path) {
    return diag_set(d, BPFLAB_E_SYSTEM, "%.100s: %s", path, strerror(errno));
}

/* Text as a JSON string. */
static void put_text(FILE *f, const char *s) {
    fputc('"', f);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            fputc('\\', f);
        if ((unsigned char)*s < ' ')
            fprintf(f, "\\u%04x", (unsigned char)*s);
        else
            fputc(*s, f);
    }
    fputc('"', f);
}

static void put_json(FILE *f, const struct finding *x) {
    const struct cause *const c = &x->cause;
    char name[FINDING_NAME];
    finding_name(c, name);
    fprintf(f, "{\n  \"oracle\": \"%s\",\n  \"engine\": ", oracle_name(c->oracle));
    put_text(f, c->engine);
    fprintf(f, ",\n  \"bucket\": ");
    put_text(f, c->bucket);
    fprintf(f, ",\n  \"text\": ");
    put_text(f, c->text);
    fprintf(f, ",\n  \"pc\": %" PRId64 ",\n  \"input\": %u,\n",
            c->pc == UINT32_MAX ? (int64_t)-1 : (int64_t)c->pc, c->input);
    fprintf(f, "  \"seed\": %" PRIu64 ",\n  \"number\": %" PRIu64 ",\n", x->seed, x->number);
    fprintf(f, "  \"version\": \"%s\",\n  \"engines\": ", BPFLAB_VERSION);
    put_text(f, x->engines ? x->engines : "");
    fprintf(f, ",\n  \"command\": \"bpflab replay --engines %s %s/case.bin\"\n}\n",
            x->engines && *x->engines ? x->engines : "jit", name);
}

/* A file that is there whole or not at all. */
static enum bpflab_err put_file(const char *dir, const char *name, const void *bytes, size_t n,
                                struct diag *d) {
    char path[600], part[608];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(part, sizeof part, "%s.part", path);
    FILE *const f = fopen(part, "wb");
    if (!f)
        return system_failed(d, part);
    const bool bad = fwrite(bytes, 1, n, f) != n;
    if (fclose(f) || bad || rename(part, path))
        return system_failed(d, path);
    return BPFLAB_OK;
}

static enum bpflab_err put_json_file(const char *dir, const struct finding *x, struct diag *d) {
    char *text = NULL;
    size_t n = 0;
    FILE *const f = open_memstream(&text, &n);
    if (!f)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    put_json(f, x);
    fclose(f);
    const enum bpflab_err err = put_file(dir, "finding.json", text, n, d);
    free(text);
    return err;
}

static enum bpflab_err put_text_form(const char *dir, const struct finding *x,
                                     const struct fuzz_case *c, struct diag *d) {
    struct case_note note = {.expect = CASE_EXPECT_NOTHING};
    char *text;
    size_t n;
    snprintf(note.title, sizeof note.title, "%.*s", (int)sizeof note.title - 1, x->cause.text);
    snprintf(note.found_by, sizeof note.found_by, "%s", oracle_name(x->cause.oracle));
    enum bpflab_err err = case_text_write(c, &note, &text, &n);
    if (err)
        return diag_set(d, err, "out of memory");
    err = put_file(dir, "case.txt", text, n, d);
    free(text);
    return err;
}

/* The case in other forms; one that has no ELF object has none. */
static enum bpflab_err put_forms(const char *dir, const struct finding *x, struct diag *d) {
    struct fuzz_case *const c = malloc(sizeof *c);
    uint8_t *elf = NULL;
    size_t n = 0;
    enum bpflab_err err = BPFLAB_OK;
    if (!c)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    if (case_decode(x->bytes, x->n_bytes, c)) {
        uint8_t insns[INSN_BYTES * CASE_MAX_INSNS];
        for (uint32_t i = 0; i < c->start[1]; i++)
            insn_encode(c->insns[i], false, insns + INSN_BYTES * i);
        err = put_file(dir, "prog.bin", insns, INSN_BYTES * c->start[1], d);
        if (!err)
            err = put_text_form(dir, x, c, d);
        if (!err && !case_elf_write(c, false, &elf, &n, NULL, NULL))
            err = put_file(dir, "prog.o", elf, n, d);
    }
    free(elf);
    free(c);
    return err;
}

static uint32_t lines_of(const char *path) {
    FILE *const f = fopen(path, "rb");
    uint32_t n = 0;
    for (int c; f && (c = fgetc(f)) != EOF;)
        n += c == '\n';
    if (f)
        fclose(f);
    return n;
}

static void put_also(const char *dir, const struct finding *x) {
    char path[600];
    snprintf(path, sizeof path, "%s/also.txt", dir);
    FILE *const f = lines_of(path) < FINDING_ALSO ? fopen(path, "ab") : NULL;
    if (!f)
        return;
    for (size_t i = 0; i < x->n_bytes; i++)
        fprintf(f, "%02x", x->bytes[i]);
    fputc('\n', f);
    fclose(f);
}

enum bpflab_err finding_write(const char *dir, const struct finding *x, bool *fresh, char path[512],
                              struct diag *d) {
    char name[FINDING_NAME];
    finding_name(&x->cause, name);
    *fresh = false;
    if (snprintf(path, 512, "%s/%s", dir, name) >= 512)
        return diag_set(d, BPFLAB_E_ARG, "the path is too long");
    if (mkdir(dir, 0777) && errno != EEXIST)
        return system_failed(d, dir);
    if (mkdir(path, 0777) && errno != EEXIST)
        return system_failed(d, path);
    char whole[600];
    snprintf(whole, sizeof whole, "%s/finding.json", path);
    if (!access(whole, F_OK)) {
        put_also(path, x);
        return BPFLAB_OK;
    }
    *fresh = true;
    enum bpflab_err err = put_file(path, "case.bin", x->bytes, x->n_bytes, d);
    if (!err)
        err = put_forms(path, x, d);
    return err ? err : put_json_file(path, x, d);
}
