/* listing.h: programs as text: whole, to be assembled again, or a few instructions around one.
 */
#ifndef BPFLAB_CLI_LISTING_H
#define BPFLAB_CLI_LISTING_H

#include "cli/cli.h"
#include "isa/asm.h"
#include "loader/object.h"

/* listing_program: every instruction, one a line, in a form that assembles to the same bytes: pc,
 * jump targets, map names, functions and source lines are comments. */
void listing_program(const struct cli *c, FILE *f, const struct object *o, const struct prog *p,
                     enum asm_style style);

/* listing_around: the instruction at pc, marked, with up to reach before and after it, numbered;
 * and its source line where it is known. */
void listing_around(const struct cli *c, FILE *f, const struct prog *p, uint32_t pc,
                    uint32_t reach);

/* listing_heads: what begins at pc, as comments: a function, a source line. *next_line is 0 at the
 * program's start, and counts the lines that were passed. */
void listing_heads(const struct cli *c, FILE *f, const struct prog *p, uint32_t pc,
                   uint32_t *next_line);

/* listing_text: the instruction at pc, kernel's style. */
void listing_text(const struct prog *p, uint32_t pc, char buf[ASM_LINE_MAX]);

/* struct listing_source: a source line; file is NULL where it is not known. Strings are borrowed
 * from the program's BTF. */
struct listing_source {
    const char *file, *text; /* text without leading blanks */
    uint32_t line, col;
};
struct listing_source listing_source_at(const struct prog *p, uint32_t pc);

/* listing_json_source: the member "source", an object or null, for pc.
 * listing_json_insns:  the member "insns" of a whole program. */
void listing_json_source(struct json *j, const struct prog *p, uint32_t pc);
void listing_json_insns(struct json *j, const struct prog *p, enum asm_style style);

#endif
