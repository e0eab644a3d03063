/* names.h: helper names for the assembler and the disassembler.
 */
#ifndef BPFLAB_CLI_NAMES_H
#define BPFLAB_CLI_NAMES_H

#include "isa/asm.h"
#include "isa/prog.h"

extern const struct asm_names names_of_helpers;

/* names_for: those to print a program with: none for a bare program, whose helper numbers are not
 * Linux's. */
const struct asm_names *names_for(const struct prog *p);

#endif
