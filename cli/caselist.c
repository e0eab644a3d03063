/* caselist.c: a walk over directories, sorted, so that two runs go through the cases in one order.
 */
#include "cli/caselist.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    DEEPEST = 32
};

static enum bpflab_err keep(struct caselist *l, const char *path) {
    if (l->n == l->capacity) {
        size_t want = l->capacity ? l->capacity * 2 : 256;
        char **grown = realloc(l->paths, want * sizeof *grown);
        if (!grown)
            return BPFLAB_E_NOMEM;
        l->paths = grown;
        l->capacity = want;
    }
    l->paths[l->n] = strdup(path);
    return l->paths[l->n] ? (l->n++, BPFLAB_OK) : BPFLAB_E_NOMEM;
}

static bool is_case(const char *name) {
    size_t n = strlen(name);
    return n > 5 && !strcmp(name + n - 5, ".data");
}

static enum bpflab_err walk(struct caselist *l, const char *path, unsigned depth, struct diag *d) {
    struct dirent **names = NULL;
    int n = scandir(path, &names, NULL, alphasort);
    if (n < 0)
        return diag_set(d, BPFLAB_E_IO, "%.100s: %s", path, strerror(errno));
    enum bpflab_err err = BPFLAB_OK;
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        size_t size = strlen(path) + strlen(name) + 2;
        char *below = malloc(size);
        struct stat st;
        if (!err && !below)
            err = diag_set(d, BPFLAB_E_NOMEM, "out of memory");
        if (!err && strcmp(name, ".") && strcmp(name, "..")) {
            bool slash = path[0] && path[strlen(path) - 1] == '/';
            snprintf(below, size, "%s%s%s", path, slash ? "" : "/", name);
            if (lstat(below, &st) == 0 && S_ISDIR(st.st_mode)) {
                if (depth < DEEPEST)
                    err = walk(l, below, depth + 1, d);
            } else if (is_case(name)) {
                err = keep(l, below);
            }
        }
        free(below);
        free(names[i]);
    }
    free(names);
    return err;
}

enum bpflab_err caselist_add(struct caselist *l, const char *path, struct diag *d) {
    struct stat st;
    enum bpflab_err err;
    if (!strcmp(path, "-"))
        err = keep(l, path);
    else if (stat(path, &st))
        return diag_set(d, BPFLAB_E_IO, "%.100s: %s", path, strerror(errno));
    else
        err = S_ISDIR(st.st_mode) ? walk(l, path, 0, d) : keep(l, path);
    return err == BPFLAB_E_NOMEM ? diag_set(d, err, "out of memory") : err;
}

void caselist_fini(struct caselist *l) {
    for (size_t i = 0; i < l->n; i++)
        free(l->paths[i]);
    free(l->paths);
    *l = (struct caselist){0};
}
