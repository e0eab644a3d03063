/* verbs.c: the table of verbs, made from verbs.def.
 */
#include "cli/cli.h"

#include <string.h>

#define VERB(name) extern const struct verb verb_##name;
#include "cli/verbs.def"

const struct verb *const verb_table[] = {
#define VERB(name) &verb_##name,
#include "cli/verbs.def"
};
const size_t n_verbs = sizeof verb_table / sizeof verb_table[0];

const struct verb *verb_find(const char *name) {
    for (size_t i = 0; i < n_verbs; i++)
        if (!strcmp(verb_table[i]->name, name))
            return verb_table[i];
    return NULL;
}
