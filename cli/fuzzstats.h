/* fuzzstats.h: what a fuzzing loop has done, for people and for scripts. */
#ifndef BPFLAB_CLI_FUZZSTATS_H
#define BPFLAB_CLI_FUZZSTATS_H

#include <stdio.h>

#include "cli/json.h"
#include "fuzz/loop.h"

/* fuzzstats_print: table: what accepted programs have reached of instructions, helpers, maps and
 * types, too. fuzzstats_json: keys into an open object. */
void fuzzstats_print(FILE *f, const struct loop_stats *s, double seconds, bool table);
void fuzzstats_json(struct json *j, const struct loop_stats *s, double seconds);

#endif
