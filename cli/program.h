/* program.h: from argv to an exit status: what bpflab does around a verb, and bpflab-prove around
 * its only one.
 */
#ifndef BPFLAB_CLI_PROGRAM_H
#define BPFLAB_CLI_PROGRAM_H

#include "cli/cli.h"

/* program_begin: whether output is JSON, what terminals there are.
 * in:     argv as main's */
void program_begin(struct cli *c, int argc, char **argv);

/* program_verb: read the options of c->verb, then its page or its run.
 * in:     argv behind the verb's name      out: enum cli_status */
int program_verb(struct cli *c, int argc, char **argv);

/* program_end: print the JSON, free everything. out: the exit status */
int program_end(struct cli *c, int status);

#endif
