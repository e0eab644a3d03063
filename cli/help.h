/* help.h: the pages that --help prints, made from the verb and option tables.
 */
#ifndef BPFLAB_CLI_HELP_H
#define BPFLAB_CLI_HELP_H

#include <stdio.h>

#include "cli/cli.h"

/* What every page says: the forms of FILE, and the exit status. Paragraphs as of struct verb. */
extern const char help_input_forms[];
extern const char help_exit_status[];

/* help_overview: what bpflab is and its verbs. */
void help_overview(struct cli *c, FILE *f);

/* help_verb: a verb's page: synopsis, description, options, JSON keys, exit status, examples.
 * Both write the same as an object where --json was given. */
void help_verb(struct cli *c, const struct verb *v, FILE *f);

#endif
