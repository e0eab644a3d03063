/* mapset.h: map elements from the command line: --map NAME:KEY=VALUE, what user space would have
 * put there before the program runs.
 */
#ifndef BPFLAB_CLI_MAPSET_H
#define BPFLAB_CLI_MAPSET_H

#include "cli/cli.h"
#include "engine/engine.h"

/* MAPSET_OPTION: the row of --map, for a verb's options. */
#define MAPSET_OPTION                                                                              \
    {.name = "map",                                                                                \
     .kind = OPTION_TEXT,                                                                          \
     .metavar = "NAME:KEY=VALUE",                                                                  \
     .help = "Put an element into a map first, as user space would: key and value as hex digits "  \
             "or @FILE, in the bytes that the program sees. A value that is too short ends in "    \
             "zeros. May be given several times."}

/* mapset_apply: put every element that --map names into the session's maps, in order.
 * in:   file: for messages
 * out:  CLI_YES, or the status of the first that does not fit, reported
 * cost: O(elements * maps) */
int mapset_apply(struct cli *c, const char *file, struct engine_session *s);

#endif
