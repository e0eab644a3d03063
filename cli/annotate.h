/* annotate.h: a program beside what the verifier knew before each instruction.
 */
#ifndef BPFLAB_CLI_ANNOTATE_H
#define BPFLAB_CLI_ANNOTATE_H

#include "cli/cli.h"
#include "loader/object.h"
#include "verifier/verify.h"

/* annotate_print: source lines, instructions and states, in columns. Of each state the registers
 * that are read later, and the stack in use; a state under other calls, or that holds other
 * references, stands on lines of its own. "never reached" where no path came.
 * in: r->knowledge was kept
 * annotate_json: the member "insns": [{pc, text, line, states: [{calls, held, visits, text}]}]. */
void annotate_print(const struct cli *c, FILE *f, const struct object *o, const struct prog *p,
                    const struct verify_result *r);
void annotate_json(struct json *j, const struct object *o, const struct prog *p,
                   const struct verify_result *r);

#endif
