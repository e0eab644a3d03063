#include "cli/caseinput.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/engine.h"

bool case_next_word(const char **list, char *word, size_t size) {
    const char *p = *list;
    if (!p || !*p)
        return false;
    const size_t n = strcspn(p, ",");
    snprintf(word, size, "%.*s", (int)(n < size ? n : size - 1), p);
    *list = p[n] ? p + n + 1 : p + n;
    return true;
}

int engine_list_read(struct cli *c, const char *list, const char *fallback,
                     struct engine_list *out) {
    char word[24];
    *out = (struct engine_list){.n = 0};
    list = list ? list : fallback;
    while (case_next_word(&list, word, sizeof word)) {
        struct engine e;
        struct diag d = {0};
        if (!strcmp(word, "interp") || !strcmp(word, "none"))
            continue;
        const enum bpflab_err err = engine_find(word, true, &e, &d);
        if (err)
            return cli_fail(c, err == BPFLAB_E_MISSING ? CLI_UNDECIDED : CLI_USAGE, NULL, &d);
        if (out->n == CASE_ENGINES)
            return cli_failf(c, CLI_USAGE, NULL, "more than %d engines", CASE_ENGINES);
        snprintf(out->names[out->n], sizeof out->names[0], "%s", word);
        out->name[out->n] = out->names[out->n];
        out->n++;
    }
    return CLI_YES;
}

enum {
    MAX_TEXT = 1 << 20,
};

int case_read(struct cli *c, const char *path, struct fuzz_case *out, struct case_note *note) {
    static uint8_t bytes[MAX_TEXT];
    struct case_note own;
    struct diag d = {0};
    struct stat st;
    char inside[4096];
    if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
        snprintf(inside, sizeof inside, "%s/case.bin", path);
        path = inside;
    }
    FILE *const f = fopen(path, "rb");
    if (!f)
        return cli_failf(c, CLI_USAGE, path, "%s", strerror(errno));
    const size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    note = note ? note : &own;
    *note = (struct case_note){.expect = CASE_EXPECT_NOTHING};
    if (n < sizeof bytes && case_text_is(bytes, n))
        return case_text_read((const char *)bytes, n, out, note, &d)
                   ? cli_fail(c, CLI_USAGE, path, &d)
                   : CLI_YES;
    if (n > CASE_MAX_BYTES || !case_decode(bytes, n, out))
        return cli_failf(c, CLI_USAGE, path, "this is no case of the fuzzing harness");
    return CLI_YES;
}
