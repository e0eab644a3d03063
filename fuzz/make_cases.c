/* make_cases.c: first inputs of the judge target: literal cases.
 *     make_cases OUT N FILE...
 * N generated ones, one of each case that is a text, and one of each conformance case and each
 * program of an object that can be told with the standard maps and kernel functions; what cannot is
 * counted. A folder stands for the objects in it.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/case_text.h"
#include "fuzz/maps.h"
#include "fuzz/mut/mut.h"
#include "loader/text.h"
#include "runtime/progtype.h"

static const char *out_dir;
static unsigned n_written, n_left_out;

static void write_case(const char *name, const struct fuzz_case *c) {
    static uint8_t bytes[CASE_MAX_BYTES];
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", out_dir, name);
    const size_t n = case_encode(c, bytes);
    FILE *const f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, n, f) != n || fclose(f)) {
        perror(path);
        exit(1);
    }
    n_written++;
}

static void generated(unsigned n) {
    static struct fuzz_case c;
    for (unsigned i = 0; i < n; i++) {
        char name[32];
        mut_fresh(i, &c);
        snprintf(name, sizeof name, "generated-%03u", i);
        write_case(name, &c);
    }
}

/* Two runs, on numbers of which the second's are large. */
static void put_inputs(struct fuzz_case *c, const uint8_t *mem, size_t mem_bytes) {
    c->n_inputs = 2;
    for (uint32_t i = 0; i < 2; i++) {
        struct case_input *const in = &c->inputs[i];
        memset(in, 0, sizeof *in);
        in->seed = i + 1;
        in->packet_bytes = 64;
        in->packet[12] = 8;
        in->packet[14] = 0x45;
        for (uint32_t k = 0; k < CASE_WORDS; k++)
            in->words[k] = i ? UINT64_MAX << 8 * k : k;
        for (size_t k = 0; k < mem_bytes && k < 8 * CASE_WORDS; k++)
            in->words[k / 8] |= (uint64_t)mem[k] << k % 8 * 8;
        for (size_t k = 0; k < mem_bytes && k < 64; k++)
            in->packet[k] = mem[k];
    }
}

static bool put_program(struct fuzz_case *c, const struct insn *insns, uint32_t n) {
    if (n == 0 || n > CASE_MAX_INSNS)
        return false;
    c->n_progs = 1;
    c->start[0] = 0;
    c->start[1] = n;
    memcpy(c->insns, insns, n * sizeof *insns);
    return true;
}

/* ---- conformance cases ---- */

static void from_text(const char *name, const uint8_t *text, size_t n_bytes) {
    static struct fuzz_case c;
    struct conf_case conf;
    struct diag d = {0};
    if (conf_case_parse((const char *)text, n_bytes, &conf, &d)) {
        n_left_out++;
        return;
    }
    memset(&c, 0, sizeof c);
    c.type = PROG_socket_filter;
    put_inputs(&c, conf.mem, conf.mem_bytes);
    if (put_program(&c, conf.insns, conf.n_insns))
        write_case(name, &c);
    else
        n_left_out++;
    conf_case_fini(&conf);
}

static void from_case_text(const char *name, const uint8_t *text, size_t n_bytes) {
    static struct fuzz_case c;
    struct case_note note;
    struct diag d = {0};
    if (case_text_read((const char *)text, n_bytes, &c, &note, &d))
        n_left_out++;
    else
        write_case(name, &c);
}

/* ---- objects ---- */

/* The standard map that stands for an object's; -1: none. */
static int stands_for(const struct map_def *m) {
    if (m->data || m->flags & MAP_F_MMAPABLE)
        return m->frozen ? FUZZ_MAP_RODATA : FUZZ_MAP_CELL;
    for (uint32_t i = FUZZ_MAP_ARRAY; i < fuzz_n_maps; i++)
        if (fuzz_maps[i].type == m->type)
            return (int)i;
    return -1;
}

static bool translate(const struct object *o, const struct prog *p, struct fuzz_case *c) {
    for (uint32_t pc = 0; pc < c->start[1]; pc += insn_slots(c->insns[pc])) {
        struct insn *const in = &c->insns[pc];
        const enum op op = op_of(*in);
        if (op == OP_LDDW_MAP_IDX || op == OP_LDDW_MAP_IDX_VALUE) {
            const int map = (uint32_t)in->imm < o->n_maps ? stands_for(&o->maps[in->imm]) : -1;
            in->imm = map;
            if (map < 0)
                return false;
        } else if (op == OP_CALL_KFUNC) {
            const struct prog_extern *const e = prog_extern_at(p, pc);
            in->imm = e ? case_kfunc_number(e->name) : -1;
            in->off = 0;
            if (in->imm < 0)
                return false;
        } else if (op == OP_LDDW_VAR) {
            return false;
        }
    }
    return true;
}

static void from_object(const char *name, const uint8_t *bytes, size_t n_bytes) {
    static struct fuzz_case c;
    struct object o;
    struct diag d = {0};
    if (object_load(bytes, n_bytes, NULL, &o, &d)) {
        n_left_out++;
        return;
    }
    for (uint32_t i = 0; i < o.n_progs; i++) {
        const struct prog *const p = &o.progs[i];
        const struct progtype *const t = progtype_of(p->type);
        char file[512];
        memset(&c, 0, sizeof c);
        c.type = t && !t->target && p->type != PROG_raw ? p->type : PROG_socket_filter;
        c.attach_type = p->attach_type;
        c.sleepable = p->sleepable;
        put_inputs(&c, NULL, 0);
        snprintf(file, sizeof file, "%s-%s", name, p->name ? p->name : "main");
        if (!o.big_endian && put_program(&c, p->insns, p->n_insns) && translate(&o, p, &c))
            write_case(file, &c);
        else
            n_left_out++;
    }
    object_fini(&o);
}

static void from_file(const char *path) {
    static uint8_t bytes[1 << 20];
    const char *const slash = strrchr(path, '/');
    char name[256];
    FILE *const f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(1);
    }
    const size_t n = fread(bytes, 1, sizeof bytes - 1, f);
    fclose(f);
    bytes[n] = 0;
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : path);
    if (case_text_is(bytes, n))
        from_case_text(name, bytes, n);
    else if (input_form_of(bytes, n) == INPUT_ELF)
        from_object(name, bytes, n);
    else
        from_text(name, bytes, n);
}

static void from_path(const char *path) {
    DIR *const dir = opendir(path);
    if (!dir) {
        from_file(path);
        return;
    }
    for (struct dirent *e; (e = readdir(dir));) {
        char file[4096];
        const char *const dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".o") != 0)
            continue;
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        from_file(file);
    }
    closedir(dir);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "make_cases OUT N FILE...\n");
        return 2;
    }
    out_dir = argv[1];
    generated((unsigned)strtoul(argv[2], NULL, 10));
    for (int i = 3; i < argc; i++)
        from_path(argv[i]);
    printf("%u cases, %u programs or files left out\n", n_written, n_left_out);
    return n_written == 0;
}
