/* info.h: what bpflab info shows, gathered, and its two ways of showing it.
 */
#ifndef BPFLAB_CLI_INFO_H
#define BPFLAB_CLI_INFO_H

#include "cli/cli.h"
#include "cli/features.h"
#include "cli/input.h"
#include "cli/needs.h"
#include "cli/sections.h"

/* struct info: all that is shown. */
struct info {
    const struct input *in;
    struct section_row *sections;
    size_t n_sections;
    struct needs needs;
    uint32_t kinds[N_BTF_KINDS]; /* types of the BTF, by kind */
};

/* info_gather: what in holds; borrows from it until info_fini.
 * out:    false if out of memory */
bool info_gather(const struct input *in, struct info *out);
void info_fini(struct info *r);

/* info_print: for people, on standard output. info_json: one object. */
void info_print(const struct cli *c, const struct info *r);
void info_json(struct json *j, const struct info *r);

/* info_kind_name: of a BTF kind: "struct".
 * info_cpu_name:  "v3"; "v4+" for what came after v4.
 * info_feature:   the index-th feature beyond plain instructions that a program uses; NULL past the
 *                 end.
 * info_helper:    the name of a helper that the program calls; NULL if it is to be shown as a
 *                 number. */
const char *info_kind_name(unsigned kind);
const char *info_cpu_name(unsigned cpu);
const char *info_feature(const struct prog *p, const struct features *f, unsigned index);
const char *info_helper(const struct prog *p, uint32_t id);

#endif
