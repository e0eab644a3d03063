/* lemma_test.c: the list of lemmas is complete: every function of products.c that states one, or
 * rewrites a product by one, is named by a unit of provider_lemma.c, and no unit names another. */
#include <stdlib.h>
#include <string.h>

#include "proofs/provider_lemma.h"
#include "tests/check.h"

enum {
    MAX_NAMES = 64
};

struct names {
    char of[MAX_NAMES][64];
    unsigned n;
};

static bool has(const struct names *s, const char *name) {
    for (unsigned i = 0; i < s->n; i++)
        if (strcmp(s->of[i], name) == 0)
            return true;
    return false;
}

static void insert(struct names *s, const char *name) {
    if (!has(s, name) && CHECK(s->n < MAX_NAMES))
        snprintf(s->of[s->n++], sizeof s->of[0], "%s", name);
}

/* defined: the function that a line begins to define, or "". */
static void defined(const char *line, char name[64]) {
    const char *const open = strchr(line, '(');
    name[0] = 0;
    if (strncmp(line, "static ", 7) != 0 || !open)
        return;
    const char *at = open;
    while (at > line && at[-1] != ' ' && at[-1] != '*')
        at--;
    snprintf(name, 64, "%.*s", (int)(open - at), at);
}

/* What of products.c relies on a fact: it states a lemma, or takes products and quotients apart. */
static void read_source(struct names *states, struct names *all) {
    char line[400], name[64], now[64] = "";
    FILE *const f = fopen(PRODUCTS_SOURCE, "r");
    if (!CHECK(f != NULL))
        return;
    while (fgets(line, sizeof line, f)) {
        defined(line, name);
        if (name[0]) {
            snprintf(now, sizeof now, "%s", name);
            insert(all, now);
        } else if (strstr(line, " lemma(k,")) {
            insert(states, now);
        }
    }
    fclose(f);
    static const char *const rewriting[] = {"product_of",      "by_bits",     "multiplied",
                                            "without_product", "quotient_of", "without_division"};
    for (unsigned i = 0; i < sizeof rewriting / sizeof *rewriting; i++)
        insert(states, rewriting[i]);
}

int main(void) {
    static struct names states, all, named;
    unsigned n = 0;
    read_source(&states, &all);
    for (; lemma_name(n); n++) {
        char users[200];
        snprintf(users, sizeof users, "%s", lemma_users(n));
        for (char *u = strtok(users, " "); u; u = strtok(NULL, " "))
            insert(&named, u);
    }
    CHECK(n > 40);
    CHECK(states.n > 12);
    for (unsigned i = 0; i < states.n; i++) {
        check_note(states.of[i]);
        CHECK(has(&named, states.of[i]));
    }
    for (unsigned i = 0; i < named.n; i++) {
        check_note(named.of[i]);
        CHECK(has(&all, named.of[i]));
    }
    printf("%u lemmas for %u functions\n", n, named.n);
    return check_end();
}
