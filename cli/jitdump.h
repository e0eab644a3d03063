/* jitdump.h: a program and its machine code side by side.
 */
#ifndef BPFLAB_CLI_JITDUMP_H
#define BPFLAB_CLI_JITDUMP_H

#include "cli/cli.h"
#include "cli/jitmake.h"

/* jitdump_print: each eBPF instruction, or the group of them that one operation does, with its
 * source line, then its machine instructions; what belongs to functions (how they begin, the cold
 * parts behind them) under headings of its own; the constant pool last.
 * jitdump_json:  the same as the member "parts", an array.
 * in:     the program was compiled */
void jitdump_print(const struct cli *c, FILE *f, struct paper *p, const struct jit_arch *target,
                   const struct jitmake *m);
void jitdump_json(struct json *j, struct paper *p, const struct jit_arch *target,
                  const struct jitmake *m);

#endif
