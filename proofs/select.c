/* select.c: fnmatch, on parts of names.
 */
#include "proofs/select.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static bool matches(const char *glob, const char *name) {
    return fnmatch(glob, name, 0) == 0;
}

static bool means_unit(const char *glob, const struct unit *u) {
    char bare[sizeof u->name];
    snprintf(bare, sizeof bare, "%s", u->name);
    char *level = strrchr(bare, '@');
    if (level)
        *level = 0;
    return matches(glob, u->name) || matches(glob, bare) || matches(glob, u->family);
}

/* cut: the part of an obligation's glob that is about units. out: false: it is no such glob */
static bool cut(const char *glob, char unit[256]) {
    const char *colon = strstr(glob, ": ");
    if (!colon || colon - glob >= 256)
        return false;
    memcpy(unit, glob, (size_t)(colon - glob));
    unit[colon - glob] = 0;
    return true;
}

bool select_unit(const char *const *globs, size_t n, const struct unit *u) {
    char unit[256];
    for (size_t i = 0; i < n; i++)
        if (means_unit(cut(globs[i], unit) ? unit : globs[i], u))
            return true;
    return n == 0;
}

bool select_obligation(const char *const *globs, size_t n, const struct unit *u,
                       const struct obligation *o) {
    char unit[256];
    const char *what = strstr(o->name, ": ");
    for (size_t i = 0; i < n; i++) {
        const bool only_some = cut(globs[i], unit);
        if (!means_unit(only_some ? unit : globs[i], u))
            continue;
        if (!only_some || (what && matches(strstr(globs[i], ": ") + 2, what + 2)))
            return true;
    }
    return n == 0;
}
