/* engine.c: the names of engines.
 */
#include "cli/engine.h"

#include <string.h>

#include "cli/suggest.h"

int engine_pick(struct cli *c) {
    const char *name = option_text(&c->opt, "engine");
    if (!name || !strcmp(name, "interp"))
        return CLI_YES;
    if (!strcmp(name, "jit") || !strncmp(name, "jit:", 4))
        return cli_failf(c, CLI_UNDECIDED, NULL, "engine %.40s is missing from this build", name);
    struct suggestion s = suggest_for(name);
    suggest_offer(&s, "interp");
    suggest_offer(&s, "jit");
    return cli_failf(c, CLI_USAGE, NULL, "--engine: unknown engine %.40s%s%s%s", name,
                     s.nearest ? "; did you mean " : "; there is: interp",
                     s.nearest ? s.nearest : "", s.nearest ? "?" : "");
}
