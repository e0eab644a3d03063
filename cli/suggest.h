/* suggest.h: "did you mean ...": the nearest of some names to a mistyped word.
 */
#ifndef BPFLAB_CLI_SUGGEST_H
#define BPFLAB_CLI_SUGGEST_H

#include <stddef.h>

/* suggest_distance: how many insertions, deletions, replacements and swaps of neighbours turn a
 * into b, case ignored (each place edited at most once); at most 64 characters of each are looked
 * at.
 * cost:   O(|a| |b|) */
unsigned suggest_distance(const char *a, const char *b);

/* struct suggestion: names are offered one by one; the nearest that is near enough stays. */
struct suggestion {
    const char *word;    /* what was typed */
    const char *nearest; /* borrowed from the offers; NULL if nothing is near */
    unsigned distance;
};

struct suggestion suggest_for(const char *word);
void suggest_offer(struct suggestion *s, const char *name);

#endif
