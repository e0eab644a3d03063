/* asm_conformance_test.c: the asm section of every conformance case in a folder assembles, and
 * what it assembles to
 * survives both styles. Skips where the folder is absent. argv[1]: the folder.
 */
#include <dirent.h>

#include "isa/tests/asm_util.h"
#include "tests/check.h"

enum {
    EXPECTED = 225
}; /* at least */

/* The asm section of a case: between the line "-- asm" and the next that begins with "--". */
static char *asm_section(const char *path, size_t *len) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char line[4096], *text = calloc(1, 1);
    bool inside = false;
    *len = 0;
    while (text && fgets(line, sizeof line, f)) {
        if (!strncmp(line, "--", 2)) {
            inside = !strncmp(line, "-- asm", 6);
        } else if (inside) {
            const size_t n = strlen(line);
            char *const longer = realloc(text, *len + n + 1);
            if (!longer)
                abort();
            text = longer;
            memcpy(text + *len, line, n + 1);
            *len += n;
        }
    }
    fclose(f);
    return text;
}

static void survives(const struct insn *insns, uint32_t n, enum asm_style style) {
    char *text = malloc((size_t)n * ASM_LINE_MAX + 1);
    size_t len = 0;
    if (!text)
        abort();
    for (uint32_t i = 0; i < n; i += insn_slots(insns[i])) {
        len += asm_print(insns[i], i + 1 < n ? &insns[i + 1] : NULL, style, NULL, text + len);
        text[len++] = '\n';
    }
    text[len] = 0;
    CHECK(!strstr(text, ".word"));
    struct insn *back = NULL;
    uint32_t n_back = 0;
    if (CHECK_EQ(parse_exact(text, len, &back, &n_back, NULL), BPFLAB_OK) && CHECK_EQ(n_back, n))
        for (uint32_t i = 0; i < n; i++)
            CHECK_EQ(slot_word(back[i]), slot_word(insns[i]));
    free(back);
    free(text);
}

int main(int argc, char **argv) {
    DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
    if (!folder)
        return check_skip("the conformance cases are not there");
    unsigned cases = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        const char *dot = strrchr(entry->d_name, '.');
        char path[4096], message[512];
        if (!dot || strcmp(dot, ".data"))
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        size_t len;
        char *text = asm_section(path, &len);
        struct insn *insns = NULL;
        uint32_t n = 0;
        struct diag d = {0};
        check_note(entry->d_name);
        if (CHECK(text)) {
            if (!CHECK_EQ(parse_exact(text, len, &insns, &n, &d), BPFLAB_OK))
                puts(diag_format(&d, message, sizeof message));
            else if (CHECK(n > 0)) {
                survives(insns, n, ASM_KERNEL);
                survives(insns, n, ASM_UBPF);
            }
        }
        cases++;
        free(insns);
        free(text);
    }
    closedir(folder);
    check_note(NULL);
    printf("%u cases\n", cases);
    CHECK(cases >= EXPECTED);
    return check_end();
}
