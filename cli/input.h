/* input.h: a verb's FILE, in any form, as an object; and the program of it that a verb works on.
 */
#ifndef BPFLAB_CLI_INPUT_H
#define BPFLAB_CLI_INPUT_H

#include "cli/bytes.h"
#include "cli/cli.h"
#include "cli/inputcase.h"
#include "loader/object.h"
#include "loader/text.h"

struct input {
    const char *name;   /* for messages: the path, or "standard input" */
    struct bytes bytes; /* what was read; the object borrows from it */
    enum input_form form;
    struct object object;
    uint32_t n_progs;       /* the first so many of the object's are the file's own */
    struct conf_case conf;  /* INPUT_CASE: its memory and what it expects */
    struct inputcase *fuzz; /* INPUT_FUZZ, else NULL; the object is its */
    struct bytes made;      /* instructions assembled or decoded from text */
};

/* Program types by name, separated by spaces: the choices of --type. */
extern const char input_types[];

/* The rows that every verb with an input has in its table, and those of verbs that take one program
 * of it. */
/* clang-format off */
#define INPUT_OPTIONS                                                                              \
    {.name = "btf", .kind = OPTION_FILE, .metavar = "FILE",                                        \
     .help = "The kernel's BTF for CO-RE relocations: an ELF file or raw BTF. Default: the "       \
             "running kernel's."},                                                                 \
    {.name = "kconfig", .kind = OPTION_FILE, .metavar = "FILE",                                    \
     .help = "CONFIG_X=y lines that the object's .kconfig variables are filled from."},            \
    {.name = "kernel", .kind = OPTION_TEXT, .metavar = "X.Y.Z",                                    \
     .help = "The version that LINUX_KERNEL_VERSION reads as. Default: 6.12.0."},                  \
    {.name = "big-endian", .kind = OPTION_FLAG,                                                    \
     .help = "Raw instructions, hex digits and assembly text are for a big-endian machine. An "    \
             "ELF object says so itself."}
#define INPUT_TYPE_OPTION                                                                          \
    {.name = "type", .kind = OPTION_CHOICE, .metavar = "TYPE", .choices = input_types,             \
     .help = "Program type, by Linux's name in lower case. Default: what the ELF section says; "   \
             "else raw, a bare program with r1 = memory and r2 = its length."}
#define INPUT_PROG_OPTION                                                                          \
    {.name = "prog", .kind = OPTION_TEXT, .metavar = "NAME",                                       \
     .help = "The program, by its name, or by its section if that holds only one."}
/* clang-format on */

/* input_open: read and load a verb's FILE; complains itself.
 * in:     the verb's table has INPUT_OPTIONS
 * out:    CLI_YES and *in for input_fini, or the exit status and *in empty */
int input_open(struct cli *c, const char *path, struct input *in);
void input_fini(struct input *in);

/* input_pick: the program that wanted names; if it is NULL the only one, or a fuzz case's first.
 * out:    CLI_YES and its index; else it has complained, listing what there is */
int input_pick(struct cli *c, const struct input *in, const char *wanted, uint32_t *index);

/* input_range: the same, but all programs, *from to *to - 1, if wanted is NULL.
 * out:    CLI_YES and both; else it has complained */
int input_range(struct cli *c, const struct input *in, const char *wanted, uint32_t *from,
                uint32_t *to);

/* input_retype: what --type says, for every program of the input.
 * in:     the verb's table has INPUT_TYPE_OPTION */
void input_retype(const struct cli *c, struct input *in);

/* input_has_map: is a map of the object's one that the file's programs can reach? Only a fuzz case
 * has others. */
bool input_has_map(const struct input *in, uint32_t index);

/* input_form_name: "ELF object", ... */
const char *input_form_name(enum input_form form);

#endif
