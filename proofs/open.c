/* open.c: the list, as the build has put it into open_units.h. */
#include "proofs/open.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
#include "proofs/open_units.h" /* made by the build from open.txt */
    NULL};

bool open_unit(const char *name) {
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}
