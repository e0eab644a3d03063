#include "fuzz/tests/witness_rig.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool witness_run(struct prog *p, uint8_t *mem, size_t mem_bytes, struct witness_run *out) {
    const struct object o = {.progs = p, .n_progs = 1};
    const struct verify_input input = {.prog = p};
    const struct verify_options opt = {.keep = KEEP_ALL, .raw_mem_bytes = (uint32_t)mem_bytes};
    const struct instance_input run_input = {.mem = mem, .mem_bytes = mem_bytes, .fuel = 1000};
    struct verify_result r;
    struct instance in;
    struct interp_job job;
    struct diag d = {0};
    struct contain_stats stats = {0};
    *out = (struct witness_run){.verdict = VERDICT_UNKNOWN};
    bool ok = verify(&input, &opt, &r, &d) == BPFLAB_OK;
    out->verdict = r.verdict;
    if (ok && instance_new(&o, NULL, &in, &d) == BPFLAB_OK) {
        ok = instance_prepare(&in, 0, &run_input, &job, &d) == BPFLAB_OK;
        if (ok && r.verdict == VERDICT_ACCEPT) { /* which ends at the first miss */
            contain_run(p, r.knowledge, in.world, &job, &stats, &out->miss);
            ok = instance_prepare(&in, 0, &run_input, &job, &d) == BPFLAB_OK;
        }
        if (ok)
            out->end = interp_run(in.world, &job);
        instance_fini(&in);
    } else {
        ok = false;
    }
    verify_result_fini(&r);
    out->steps = stats.steps;
    if (!ok)
        printf("not run: %s\n", d.text);
    return ok;
}

bool witness_overrun(struct prog *p, size_t mem_bytes) {
    if (p->n_insns < 2)
        return false;
    struct insn *const last = &p->insns[p->n_insns - 2];
    if (op_of(*last) != OP_MOV64_IMM || last->dst != 0 || last->imm != 1)
        return false;
    *last = (struct insn){.code = op_table[OP_LDXDW].code, .src = 1, .off = (int16_t)mem_bytes};
    return true;
}

bool witness_file(const char *path, struct conf_case *out) {
    char text[32768];
    struct diag d = {0};
    FILE *const f = fopen(path, "r");
    const size_t n = f ? fread(text, 1, sizeof text, f) : 0;
    const bool ok = f && n < sizeof text && conf_case_parse(text, n, out, &d) == BPFLAB_OK;
    if (f)
        fclose(f);
    if (!ok)
        printf("%s: not read: %s\n", path, d.text);
    return ok;
}

static int is_case(const struct dirent *e) {
    const size_t n = strlen(e->d_name);
    return n > 5 && !strcmp(e->d_name + n - 5, ".data");
}

size_t witness_each(const char *dir, void (*fn)(void *self, const char *path), void *self) {
    struct dirent **names;
    const int n = scandir(dir, &names, is_case, alphasort);
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
        fn(self, path);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return n > 0 ? (size_t)n : 0;
}
