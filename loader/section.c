/* section.c: section names to program types, from the rows of section.def. */
#include "loader/section.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum form {
    EXACT,
    SUFFIX,
};

enum how {
    HOW_PLAIN,
    HOW_SLEEPS,
    HOW_FRAGS,
};

enum {
    ATTACH_none = 0
};

struct row {
    const char *name;
    enum form form;
    uint32_t prog, attach;
    bool sleeps, frags;
};

static const struct row rows[] = {
#define SECTION(name, form, prog, attach, how)                                                     \
    {name, form, PROG_##prog, ATTACH_##attach, HOW_##how == HOW_SLEEPS, HOW_##how == HOW_FRAGS},
#include "loader/section.def"
};

enum {
    N_ROWS = sizeof rows / sizeof rows[0]
};

static struct section_kind kind(const struct row *r, bool optional, const char *attach_to) {
    return (struct section_kind){.type = r->prog,
                                 .attach_type = r->attach,
                                 .sleepable = r->sleeps,
                                 .frags = r->frags,
                                 .optional = optional,
                                 .attach_to = attach_to};
}

struct section_kind section_kind_of(const char *name) {
    bool optional = *name == '?';
    name += optional;
    const struct row *loose = NULL;
    size_t loose_len = 0;
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct row *r = &rows[i];
        size_t len = strlen(r->name);
        if (strncmp(name, r->name, len) != 0)
            continue;
        if (name[len] == '\0')
            return kind(r, optional, NULL);
        if (r->form == SUFFIX && name[len] == '/')
            return kind(r, optional, name[len + 1] ? name + len + 1 : NULL);
        if (r->form == EXACT && len > loose_len && !isalpha((unsigned char)name[len])) {
            loose = r;
            loose_len = len;
        }
    }
    return loose ? kind(loose, optional, NULL)
                 : (struct section_kind){.type = PROG_unspec, .optional = optional};
}
