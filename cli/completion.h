/* completion.h: shell completion scripts, made from the verb and option tables.
 */
#ifndef BPFLAB_CLI_COMPLETION_H
#define BPFLAB_CLI_COMPLETION_H

#include <stdio.h>

/* completion_bash, completion_zsh: a script for the shell to read:
 *     eval "$(bpflab completion bash)" */
void completion_bash(FILE *f);
void completion_zsh(FILE *f);

#endif
