/* verdict.h: a verdict as people and as programs read it.
 */
#ifndef BPFLAB_CLI_VERDICT_H
#define BPFLAB_CLI_VERDICT_H

#include "cli/cli.h"
#include "loader/object.h"
#include "verifier/verify.h"

/* verdict_print: "accept: NAME", or what is wrong, where, what was known, how it got there, and
 * Linux's words. verdict_json: an object of the array "programs", with "insns" (annotate.h) if
 * knowledge was kept. */
void verdict_print(const struct cli *c, FILE *f, const struct prog *p,
                   const struct verify_result *r);
void verdict_json(struct json *j, const struct object *o, const struct prog *p,
                  const struct verify_result *r);

#endif
