/* test_jit_names.c: the targets that `bpflab jit --arch` offers are those that there are. */
#include "cli/cli.h"
#include "jit/jit.h"
#include "tests/check.h"

static const char *choices(void) {
    const struct verb *const v = verb_find("jit");
    for (size_t i = 0; v && i < v->n_options; i++)
        if (!strcmp(v->options[i].name, "arch"))
            return v->options[i].choices;
    return "";
}

int main(void) {
    const char *const words = choices(), *w;
    size_t n;
    for (unsigned i = 0; jit_target_at(i); i++) {
        const char *const name = jit_target_name(jit_target_at(i));
        check_note(name);
        CHECK(word_in(words, name, strlen(name)));
    }
    for (size_t i = 0; (w = word_nth(words, i, &n)); i++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)n, w);
        check_note(name);
        CHECK(jit_target(name) != NULL);
    }
    return check_end();
}
