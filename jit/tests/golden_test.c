/* golden_test.c DIR [--bless]: the bytes of a fixed list of operations, for every target, against
 * DIR/<target>.txt: a change of what is generated is seen and wanted, and every host, of either
 * byte order, generates the same. --bless writes the files anew. */
#include "jit/tests/golden_list.h"
#include "tests/check.h"

/* One line: what it is, and its bytes; empty if the target has no such form. */
static void make_line(const struct jit_arch *a, unsigned i, struct jit_buf *b, char *line,
                      size_t n_line) {
    char text[GOLDEN_TEXT];
    golden_make(a, i, b, text);
    size_t n = (size_t)snprintf(line, n_line, "%s:", text);
    for (uint32_t k = 0; k < b->n && n + 8 < n_line; k++)
        n += (size_t)snprintf(line + n, n_line - n, "%s%02x", k % 4 ? "" : " ", b->bytes[k]);
    snprintf(line + n, n_line - n, "\n");
    if (!text[0])
        line[0] = 0;
}

static void bless(const struct jit_arch *a, const char *path) {
    FILE *const f = fopen(path, "w");
    CHECK(f != NULL);
    if (!f)
        return;
    struct jit_buf b;
    jit_buf_init(&b);
    for (unsigned i = 0; i < golden_count(); i++) {
        char line[2048];
        make_line(a, i, &b, line, sizeof line);
        fputs(line, f);
    }
    CHECK(b.err == BPFLAB_OK);
    jit_buf_fini(&b);
    fclose(f);
    printf("%s\n", path);
}

static void compare(const struct jit_arch *a, const char *path) {
    FILE *const f = fopen(path, "r");
    CHECK(f != NULL);
    if (!f) {
        printf("    %s is missing: --bless writes it\n", path);
        return;
    }
    struct jit_buf b;
    jit_buf_init(&b);
    char line[2048], want[2048];
    for (unsigned i = 0; i < golden_count(); i++) {
        make_line(a, i, &b, line, sizeof line);
        if (!line[0])
            continue;
        if (!fgets(want, sizeof want, f))
            want[0] = 0;
        if (!CHECK(!strcmp(line, want)))
            printf("    %s\n    got  %s    want %s", a->name, line, want[0] ? want : "(nothing)\n");
    }
    CHECK(!fgets(want, sizeof want, f));
    CHECK(b.err == BPFLAB_OK);
    jit_buf_fini(&b);
    fclose(f);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        printf("golden_test DIR [--bless]\n");
        return 2;
    }
    const bool blessing = argc > 2 && !strcmp(argv[2], "--bless");
    for (unsigned i = 0; jit_target_at(i); i++) {
        const struct jit_arch *const a = jit_target_at(i);
        char path[1024];
        snprintf(path, sizeof path, "%s/%s.txt", argv[1], a->name);
        if (!a->alu || !a->stub)
            printf("%s: no back end yet\n", a->name);
        else if (blessing)
            bless(a, path);
        else
            compare(a, path);
    }
    return check_state.run ? check_end() : check_skip("no back end");
}
