#include "cli/caseinput.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/bytes.h"
#include "engine/engine.h"
#include "fuzz/case_text.h"

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

int case_read(struct cli *c, const char *path, struct fuzz_case *out) {
    struct bytes b = {0};
    struct stat st;
    struct diag d = {.pc = -1};
    char inside[4096];
    if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
        snprintf(inside, sizeof inside, "%s/case.bin", path);
        path = inside;
    }
    enum bpflab_err err = bytes_read(path, &b, &d);
    if (!err && case_text_is(b.at, b.n))
        err = case_text_read((const char *)b.at, b.n, out, NULL, &d);
    else if (!err && !case_decode(b.at, b.n, out))
        err = diag_set(&d, BPFLAB_E_FORMAT, "this is no case of the fuzzing harness");
    bytes_fini(&b);
    return err ? cli_fail(c, err == BPFLAB_E_NOMEM ? CLI_INTERNAL : CLI_USAGE, path, &d) : CLI_YES;
}
