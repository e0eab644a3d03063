/* replay.c: runs a fuzz target on files and on every file of folders: regression cases without a
 * fuzzer. Fails when there was nothing to run.
 */
#include "fuzz/target.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned long n_run;

static int run_file(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    uint8_t *bytes = NULL;
    size_t n = 0, got;
    do {
        uint8_t *more = realloc(bytes, n + 65536);
        if (!more)
            abort();
        bytes = more;
        got = fread(bytes + n, 1, 65536, f);
        n += got;
    } while (got == 65536);
    fclose(f);
    LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
    n_run++;
    return 0;
}

static int run_path(const char *path) {
    struct stat st;
    if (stat(path, &st))
        return 0; /* a target without a regression folder yet */
    if (!S_ISDIR(st.st_mode))
        return run_file(path);
    DIR *dir = opendir(path);
    int failed = 0;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char file[4096];
        if (e->d_name[0] == '.')
            continue;
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        failed |= run_path(file);
    }
    if (dir)
        closedir(dir);
    return failed;
}

int main(int argc, char **argv) {
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= run_path(argv[i]);
    printf("%lu inputs\n", n_run);
    if (!n_run)
        printf("nothing was run: that is a failure\n");
    return failed || !n_run;
}
