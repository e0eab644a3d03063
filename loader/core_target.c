/* core_target.c: the BTF that programs are fitted to, from memory, a file or the running kernel,
 * and an index of its names, so that a record finds its candidates without a walk over 100,000
 * types.
 */
#include "loader/core_impl.h"
#include "loader/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char kernel_dir[] = "/sys/kernel/btf";
static const char kernel_file[] = "/sys/kernel/btf/vmlinux";

enum {
    MAX_FILE_BYTES = 1 << 30,
    MAX_NAME = 4096, /* bytes of a name that are compared */
};

/* struct index: one BTF's own named types, in chains by hash of the name without flavour; each
 * chain in order of id. Made when something is searched for: who only asks for the BTF does not
 * pay for it. */
struct index {
    struct btf *btf;
    uint32_t *heads; /* mask + 1 ids, 0: empty; NULL: not made yet */
    uint32_t *next;  /* by id - first id */
    uint32_t mask;
};

struct core_target {
    struct core_source source;
    bool is_kernel; /* the running one */
    bool tried, modules_tried;
    struct diag failure; /* of reading, repeated by later calls; err OK: none */
    struct index main;
    struct index *modules;
    uint32_t n_modules;
};

struct core_name core_name_of(const char *name) {
    size_t len = strnlen(name, MAX_NAME);
    for (size_t i = len; i >= 5; i--) {
        const char *s = name + i - 5; /* x___y, neither x nor y an underscore */
        if (s[0] != '_' && s[1] == '_' && s[2] == '_' && s[3] == '_' && s[4] != '_')
            return (struct core_name){name, i - 4};
    }
    return (struct core_name){name, len};
}

/* hash: FNV-1a, the high half folded in. */
static uint32_t hash(struct core_name n) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < n.len; i++)
        h = (h ^ (uint8_t)n.text[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(h ^ h >> 32);
}

/* relocatable: kinds that a record can name. */
static bool relocatable(uint32_t kind) {
    switch (kind) {
    case BTF_INT:
    case BTF_STRUCT:
    case BTF_UNION:
    case BTF_ENUM:
    case BTF_ENUM64:
    case BTF_FWD:
    case BTF_TYPEDEF:
    case BTF_FLOAT: return true;
    default: return false;
    }
}

static void index_fini(struct index *x) {
    btf_free(x->btf);
    free(x->heads);
    free(x->next);
    *x = (struct index){0};
}

/* index_fill: at the first search; later calls do nothing. errors: NOMEM */
static enum bpflab_err index_fill(struct index *x) {
    const struct btf *btf = x->btf;
    uint32_t first = btf_first_id(btf), n = btf_n_types(btf) - first, size = 64;
    if (x->heads)
        return BPFLAB_OK;
    while (size < n && size < 1u << 30)
        size *= 2;
    uint32_t *heads = calloc(size, sizeof *heads);
    uint32_t *next = calloc((size_t)n + 1, sizeof *next);
    if (!heads || !next) {
        free(heads);
        free(next);
        return BPFLAB_E_NOMEM;
    }
    x->heads = heads;
    x->next = next;
    x->mask = size - 1;
    for (uint32_t i = n; i-- > 0;) {
        const struct btf_type *t = btf_type_at(btf, first + i);
        const char *name = btf_string(btf, t->name_off);
        if (!relocatable(t->kind) || !*name)
            continue;
        uint32_t *head = &x->heads[hash(core_name_of(name)) & x->mask];
        x->next[i] = *head;
        *head = first + i;
    }
    return BPFLAB_OK;
}

/* parse_elf: the .BTF section of an ELF file. */
static enum bpflab_err parse_elf(Elf *elf, const struct btf *base, struct btf **out,
                                 struct diag *d) {
    size_t names = 0;
    Elf_Scn *scn = NULL;
    if (!elf || elf_kind(elf) != ELF_K_ELF || elf_getshdrstrndx(elf, &names) != 0)
        return diag_set(d, BPFLAB_E_FORMAT, "not an ELF file that libelf reads");
    while ((scn = elf_nextscn(elf, scn)) != NULL) {
        GElf_Shdr sh;
        const char *name = gelf_getshdr(scn, &sh) ? elf_strptr(elf, names, sh.sh_name) : NULL;
        if (!name || strcmp(name, ".BTF") != 0 || sh.sh_type == SHT_NOBITS)
            continue;
        Elf_Data *data = elf_rawdata(scn, NULL);
        if (!data || !data->d_buf)
            return diag_set(d, BPFLAB_E_RANGE, "section .BTF lies outside the file");
        return btf_parse(data->d_buf, data->d_size, base, out, d);
    }
    return diag_set(d, BPFLAB_E_FORMAT, "the ELF file has no section .BTF");
}

static bool is_elf(const uint8_t *bytes, size_t size) {
    return size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

static enum bpflab_err parse_bytes(const uint8_t *bytes, size_t size, const struct btf *base,
                                   struct btf **out, struct diag *d) {
    if (!is_elf(bytes, size))
        return btf_parse(bytes, size, base, out, d);
    if (elf_version(EV_CURRENT) == EV_NONE)
        return diag_set(d, BPFLAB_E_SYSTEM, "libelf is older than its header");
    /* libelf wants a writable pointer but only reads: the image is not opened for update. */
    char *image;
    memcpy(&image, &bytes, sizeof image);
    Elf *elf = elf_memory(image, size);
    enum bpflab_err err = parse_elf(elf, base, out, d);
    elf_end(elf);
    return err;
}

static enum bpflab_err parse_fd(int fd, const char *path, const struct btf *base, struct btf **out,
                                struct diag *d) {
    struct stat st;
    uint8_t magic[SELFMAG];
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return diag_set(d, BPFLAB_E_IO, "%.120s is not a regular file", path);
    if (pread(fd, magic, sizeof magic, 0) == SELFMAG && is_elf(magic, sizeof magic)) {
        if (elf_version(EV_CURRENT) == EV_NONE)
            return diag_set(d, BPFLAB_E_SYSTEM, "libelf is older than its header");
        Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
        enum bpflab_err err = parse_elf(elf, base, out, d);
        elf_end(elf);
        return err;
    }
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum bpflab_err err = file_read(fd, path, MAX_FILE_BYTES, &bytes, &size, d);
    if (err)
        return err;
    err = btf_parse(bytes, size, base, out, d);
    free(bytes);
    return err;
}

static enum bpflab_err parse_file(const char *path, const struct btf *base, struct btf **out,
                                  struct diag *d) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return diag_set(d, BPFLAB_E_NOTFOUND, "no BTF at %.160s", path);
    if (fd < 0)
        return diag_set(d, BPFLAB_E_IO, "cannot open %.120s: %s", path, strerror(errno));
    enum bpflab_err err = parse_fd(fd, path, base, out, d);
    close(fd);
    return err;
}

enum bpflab_err core_target_new(const struct core_source *source, struct core_target **out) {
    struct core_target *t = calloc(1, sizeof *t);
    if (!t)
        return BPFLAB_E_NOMEM;
    t->source = *source;
    if (!t->source.bytes && !t->source.path) {
        t->source.path = kernel_file;
        t->is_kernel = true;
        if (!t->source.module_dir)
            t->source.module_dir = kernel_dir;
    }
    *out = t;
    return BPFLAB_OK;
}

void core_target_free(struct core_target *t) {
    if (!t)
        return;
    for (uint32_t i = 0; i < t->n_modules; i++)
        index_fini(&t->modules[i]);
    free(t->modules);
    index_fini(&t->main);
    free(t);
}

enum bpflab_err core_target_btf(struct core_target *t, const struct btf **out, struct diag *d) {
    if (!t->tried) {
        struct btf *btf = NULL;
        struct diag failure = {0};
        const struct core_source *s = &t->source;
        enum bpflab_err err = s->bytes ? parse_bytes(s->bytes, s->size_bytes, NULL, &btf, &failure)
                                       : parse_file(s->path, NULL, &btf, &failure);
        t->main.btf = btf;
        if (err == BPFLAB_E_NOTFOUND && !t->is_kernel) /* a file that was asked for */
            err = BPFLAB_E_IO;
        t->failure = failure;
        t->failure.err = err;
        t->tried = true;
    }
    if (t->failure.err) {
        if (d)
            *d = t->failure;
        return t->failure.err;
    }
    *out = t->main.btf;
    return BPFLAB_OK;
}

const struct btf *core_target_types(void *target) {
    const struct btf *btf = NULL;
    return target && core_target_btf(target, &btf, NULL) == BPFLAB_OK ? btf : NULL;
}

static int is_module(const struct dirent *e) {
    return e->d_name[0] != '.' && strcmp(e->d_name, "vmlinux") != 0;
}

/* read_module: a module that is gone by now is no failure. */
static enum bpflab_err read_module(struct core_target *t, const char *name, struct diag *d) {
    char path[4096];
    struct btf *btf = NULL;
    int n = snprintf(path, sizeof path, "%s/%s", t->source.module_dir, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return diag_set(d, BPFLAB_E_IO, "the path of module %.100s is too long", name);
    enum bpflab_err err = parse_file(path, t->main.btf, &btf, d);
    if (err)
        return err == BPFLAB_E_NOTFOUND ? BPFLAB_OK : err;
    t->modules[t->n_modules++].btf = btf;
    return BPFLAB_OK;
}

/* read_modules: all split BTFs of the directory, in order of name. in: d not NULL */
static enum bpflab_err read_modules(struct core_target *t, struct diag *d) {
    struct dirent **list = NULL;
    enum bpflab_err err = BPFLAB_OK;
    t->modules_tried = true;
    int n = t->source.module_dir ? scandir(t->source.module_dir, &list, is_module, alphasort) : 0;
    if (n <= 0) { /* a directory that cannot be read has no modules for us */
        free(list);
        return BPFLAB_OK;
    }
    t->modules = calloc((size_t)n, sizeof *t->modules);
    if (!t->modules)
        err = diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    for (int i = 0; i < n; i++) {
        if (!err)
            err = read_module(t, list[i]->d_name, d);
        free(list[i]);
    }
    free(list);
    if (err) {
        t->failure = *d;
        t->failure.err = err;
    }
    return err;
}

/* collect: append the index's types of this name and kind. */
static enum bpflab_err collect(struct index *x, struct core_name name, uint32_t kind,
                               struct core_cand **cands, uint32_t *n) {
    uint32_t first = btf_first_id(x->btf);
    if (index_fill(x) != BPFLAB_OK)
        return BPFLAB_E_NOMEM;
    for (uint32_t id = x->heads[hash(name) & x->mask]; id; id = x->next[id - first]) {
        const struct btf_type *t = btf_type_at(x->btf, id);
        struct core_name other = core_name_of(btf_string(x->btf, t->name_off));
        if (!core_same_kind(t->kind, kind) || other.len != name.len ||
            memcmp(other.text, name.text, name.len) != 0)
            continue;
        if ((*n & (*n - 1)) == 0) { /* a power of two is full */
            struct core_cand *more = realloc(*cands, (*n ? *n * 2u : 1u) * sizeof *more);
            if (!more)
                return BPFLAB_E_NOMEM;
            *cands = more;
        }
        (*cands)[(*n)++] = (struct core_cand){.btf = x->btf, .id = id};
    }
    return BPFLAB_OK;
}

enum bpflab_err core_target_find(struct core_target *t, struct core_name name, uint32_t kind,
                                 struct core_cand **cands, uint32_t *n, struct diag *d) {
    struct core_cand *found = NULL;
    uint32_t n_found = 0;
    const struct btf *btf;
    struct diag failure = {0};
    enum bpflab_err err = core_target_btf(t, &btf, d);
    if (err)
        return err;
    err = collect(&t->main, name, kind, &found, &n_found);
    if (!err && n_found == 0 && !t->modules_tried) {
        err = read_modules(t, &failure);
        if (err) {
            if (d)
                *d = t->failure;
            return err;
        }
    }
    for (uint32_t i = 0; !err && i < t->n_modules; i++)
        if (n_found == 0 || found[0].btf != t->main.btf)
            err = collect(&t->modules[i], name, kind, &found, &n_found);
    if (err) {
        free(found);
        return diag_set(d, err, "out of memory");
    }
    *cands = found;
    *n = n_found;
    return BPFLAB_OK;
}
