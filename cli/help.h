/* help.h: the pages that --help prints, made from the verb and option tables.
 */
#ifndef BPFLAB_CLI_HELP_H
#define BPFLAB_CLI_HELP_H

#include <stdio.h>

#include "cli/cli.h"

/* help_overview: what bpflab is and its verbs. */
void help_overview(const struct cli *c, FILE *f);

/* help_verb: a verb's page: synopsis, description, options, JSON keys, exit status, examples. With
 * --json, the same as an object. */
void help_verb(struct cli *c, const struct verb *v, FILE *f);

#endif
