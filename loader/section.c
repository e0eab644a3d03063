/* section.c: section names to program types, from the rows of section.def. */
#include "loader/section.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum form {
    EXACT,
    SUFFIX,
};

enum {
    ATTACH_none = 0
};

struct row {
    const char *name;
    enum form form;
    uint32_t prog, attach;
    bool sleeps;
};

static const struct row rows[] = {
#define SECTION(name, form, prog, attach, sleeps)                                                  \
    {name, form, PROG_##prog, ATTACH_##attach, sleeps},
#include "loader/section.def"
};

enum {
    N_ROWS = sizeof rows / sizeof rows[0]
};

static struct section_kind kind(const struct row *r, const char *attach_to) {
    return (struct section_kind){r->prog, r->attach, r->sleeps, attach_to};
}

struct section_kind section_kind_of(const char *name) {
    name += *name == '?';
    const struct row *loose = NULL;
    size_t loose_len = 0;
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct row *r = &rows[i];
        size_t len = strlen(r->name);
        if (strncmp(name, r->name, len) != 0)
            continue;
        if (name[len] == '\0')
            return kind(r, NULL);
        if (r->form == SUFFIX && name[len] == '/')
            return kind(r, name[len + 1] ? name + len + 1 : NULL);
        if (r->form == EXACT && len > loose_len && !isalpha((unsigned char)name[len])) {
            loose = r;
            loose_len = len;
        }
    }
    return loose ? kind(loose, NULL) : (struct section_kind){.type = PROG_unspec};
}
