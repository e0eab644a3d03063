/* engine.c: the names of engines.
 */
#include "cli/engine.h"

#include <string.h>

#include "cli/suggest.h"

int engine_pick(struct cli *c, bool contained, struct engine *out) {
    const char *name = option_text(&c->opt, "engine"), *one;
    struct diag d = {.pc = -1};
    const enum bpflab_err err = engine_find(name ? name : "interp", contained, out, &d);
    if (!err)
        return CLI_YES;
    if (err == BPFLAB_E_MISSING)
        return cli_fail(c, CLI_UNDECIDED, NULL, &d);
    struct suggestion s = suggest_for(name);
    char names[200] = "", buf[24];
    for (unsigned i = 0; (one = engine_name_at(i, buf)); i++) {
        /* what is suggested must outlive the loop: names without a target do */
        if (one != buf)
            suggest_offer(&s, one);
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? ", " : "", one);
    }
    return cli_failf(c, CLI_USAGE, NULL, "--engine: unknown engine %.40s%s%s%s", name,
                     s.nearest ? "; did you mean " : "; there are: ", s.nearest ? s.nearest : names,
                     s.nearest ? "?" : "");
}

struct engine_options engine_options_of(const struct cli *c) {
    const char *opt = option_text(&c->opt, "opt");
    return (struct engine_options){
        .opt = opt && !strcmp(opt, "0") ? 0 : 1,
        .blind = option_on(&c->opt, "blind"),
        .blind_seed = UINT64_C(0x9e3779b97f4a7c15),
        .code_limit = (uint32_t)option_number(&c->opt, "code-limit", 0),
    };
}
