/* section.h: what kind of program a section's name promises. The rows are section.def. */
#ifndef BPFLAB_LOADER_SECTION_H
#define BPFLAB_LOADER_SECTION_H

#include "isa/kind.h"

#include <stdbool.h>

/* struct section_kind: a section's programs. */
struct section_kind {
    uint32_t type;         /* enum prog_type; PROG_unspec: the name says nothing */
    uint32_t attach_type;  /* enum attach_type, 0 if the row names none */
    bool sleepable;        /* the row ends in .s, or its type always sleeps */
    bool frags;            /* .frags: takes packets in several pieces */
    bool optional;         /* a leading "?": not loaded unless asked for */
    const char *attach_to; /* inside name: what follows the row's name and a slash, or NULL */
};

/* section_kind_of: what the name of a section says. A name without a row is tried as libbpf did
 * before 1.0: the longest row that it begins with, followed by no letter ("socket/2", "xdp_filter";
 * not "tcp").
 * in:   name: borrowed by the result
 * cost: O(rows) */
struct section_kind section_kind_of(const char *name);

#endif
