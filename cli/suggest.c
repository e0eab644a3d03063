/* suggest.c: optimal string alignment distance, three rows at a time.
 */
#include "cli/suggest.h"

#include <stdbool.h>
#include <string.h>

enum {
    LONGEST = 64
};

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

unsigned suggest_distance(const char *a, const char *b) {
    unsigned rows[3][LONGEST + 1];
    size_t n_a = strnlen(a, LONGEST), n_b = strnlen(b, LONGEST);
    for (unsigned k = 0; k <= n_b; k++)
        rows[0][k] = k;
    for (unsigned i = 1; i <= n_a; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (unsigned k = 1; k <= n_b; k++) {
            char x = lower(a[i - 1]), y = lower(b[k - 1]);
            now[k] = least(least(before[k], now[k - 1]) + 1, before[k - 1] + (x != y));
            bool swapped = i > 1 && k > 1 && x == lower(b[k - 2]) && y == lower(a[i - 2]);
            if (swapped)
                now[k] = least(now[k], earlier[k - 2] + 1);
        }
    }
    return rows[n_a % 3][n_b];
}

struct suggestion suggest_for(const char *word) {
    /* A third of the word may be wrong, one character always. */
    unsigned reach = (unsigned)(strnlen(word, LONGEST) / 3);
    return (struct suggestion){.word = word, .distance = (reach ? reach : 1) + 1};
}

void suggest_offer(struct suggestion *s, const char *name) {
    unsigned d = suggest_distance(s->word, name);
    size_t n = strlen(s->word);
    if (n >= 2 && d > 1 && !strncmp(s->word, name, n))
        d = 1; /* the beginning of a name is as near as one slip */
    if (d < s->distance) {
        s->distance = d;
        s->nearest = name;
    }
}
