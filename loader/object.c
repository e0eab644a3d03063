/* object.c: a file becomes an object: the steps of load.h in their order for ELF, instructions as
 * they are for anything else.
 */
#include "loader/object.h"
#include "loader/file.h"
#include "loader/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_FILE = 256 << 20, /* bytes */
    MAX_NEEDS = NEED_SLOTS / 4,
};

/* struct block: a piece of object.store. */
struct block {
    struct block *next;
    max_align_t bytes[];
};

/* add_block: zeroed bytes at the head of a list. */
static void *add_block(struct block **list, size_t size) {
    struct block *b = calloc(1, sizeof *b + size + 1);
    if (!b)
        return NULL;
    b->next = *list;
    *list = b;
    return b->bytes;
}

static void free_blocks(struct block *b) {
    for (struct block *next; b; b = next) {
        next = b->next;
        free(b);
    }
}

void *load_alloc(struct load *l, size_t size) {
    return add_block(&l->scratch, size);
}

void *load_keep(struct load *l, size_t size) {
    struct block *list = l->obj->store;
    void *p = add_block(&list, size);
    l->obj->store = list;
    return p;
}

char *load_name(const char *name) {
    return strndup(name, NAME_BYTES);
}

enum bpflab_err load_need(struct load *l, const char *where, const char *fmt, ...) {
    struct object *o = l->obj;
    struct object_need need = {0};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(need.what, sizeof need.what, fmt, ap);
    va_end(ap);
    snprintf(need.where, sizeof need.where, "%s", where);
    uint32_t slot = 2166136261u; /* FNV-1a */
    for (const char *p = need.what; *p; p++)
        slot = (slot ^ (uint8_t)*p) * 16777619u;
    for (slot %= NEED_SLOTS; l->need_at[slot]; slot = (slot + 1) % NEED_SLOTS)
        if (!strcmp(o->needs[l->need_at[slot] - 1].what, need.what))
            return BPFLAB_OK;
    if (o->n_needs >= MAX_NEEDS)
        return BPFLAB_OK;
    if ((o->n_needs & (o->n_needs - 1)) == 0) { /* grown at powers of two */
        struct object_need *more =
            realloc(o->needs, (o->n_needs ? 2 * (size_t)o->n_needs : 1) * sizeof *more);
        if (!more)
            return load_nomem(l);
        o->needs = more;
    }
    o->needs[o->n_needs++] = need;
    l->need_at[slot] = (uint16_t)o->n_needs;
    return BPFLAB_OK;
}

uint32_t load_section_find(const struct load *l, const char *name) {
    for (uint32_t i = 1; i < l->elf.n_sections; i++)
        if (!strcmp(l->elf.sections[i].name, name))
            return i;
    return 0;
}

/* load_notes: the sections license and version. */
static enum bpflab_err load_notes(struct load *l) {
    uint32_t i = load_section_find(l, "license"), k = load_section_find(l, "version");
    const struct elf_section *s = &l->elf.sections[i];
    if (i && s->data) {
        l->obj->license = strndup((const char *)s->data, (size_t)s->size);
        if (!l->obj->license)
            return load_nomem(l);
    }
    s = &l->elf.sections[k];
    if (k && s->data) {
        if (s->size != 4)
            return elf_fail(l->d, BPFLAB_E_FORMAT, s->name, 0, "%llu bytes, expected 4",
                            (unsigned long long)s->size);
        l->obj->kern_version = get32(s->data, l->elf.big_endian);
    }
    return BPFLAB_OK;
}

static enum bpflab_err load_elf(struct load *l, const uint8_t *bytes, size_t size_bytes) {
    static enum bpflab_err (*const steps[])(struct load *) = {
        load_notes, load_types,  load_code,       load_externs,  load_maps,
        load_core,  load_relocs, load_struct_ops, load_programs,
    };
    enum bpflab_err err = elf_read(bytes, size_bytes, &l->elf, l->d);
    if (err)
        return err;
    l->obj->big_endian = l->elf.big_endian;
    l->sections = load_alloc(l, l->elf.n_sections * sizeof *l->sections);
    if (!l->sections)
        err = load_nomem(l);
    for (size_t i = 0; !err && i < sizeof steps / sizeof steps[0]; i++)
        err = steps[i](l);
    free(l->places);
    free(l->refs);
    free_blocks(l->scratch);
    elf_fini(&l->elf);
    return err;
}

static enum bpflab_err load_raw(struct load *l, const uint8_t *bytes, size_t size_bytes) {
    struct object *o = l->obj;
    o->big_endian = l->opt->big_endian;
    o->progs = calloc(1, sizeof *o->progs);
    if (!o->progs)
        return load_nomem(l);
    enum bpflab_err err =
        prog_from_bytes(&o->progs[0], bytes, size_bytes, l->opt->big_endian, l->d);
    if (err)
        return err;
    o->n_progs = 1;
    if (l->opt->type)
        o->progs[0].type = l->opt->type;
    return BPFLAB_OK;
}

enum bpflab_err object_load(const uint8_t *bytes, size_t size_bytes,
                            const struct object_options *opt, struct object *out, struct diag *d) {
    static const struct object_options defaults;
    struct diag unwanted;
    struct object o = {0};
    struct load l = {.opt = opt ? opt : &defaults,
                     .obj = &o,
                     .d = d ? d : &unwanted,
                     .arena_map = NONE,
                     .kconfig_map = NONE};
    bool is_elf = size_bytes >= 4 && !memcmp(bytes, "\177ELF", 4);
    enum bpflab_err err =
        is_elf ? load_elf(&l, bytes, size_bytes) : load_raw(&l, bytes, size_bytes);
    if (err) {
        object_fini(&o);
        *out = (struct object){0};
    } else {
        *out = o;
    }
    return err;
}

enum bpflab_err object_load_file(const char *path, const struct object_options *opt,
                                 struct object *out, struct diag *d) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    *out = (struct object){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return diag_set(d, BPFLAB_E_IO, "cannot open %.150s: %s", path, strerror(errno));
    enum bpflab_err err = file_read(fd, path, MAX_FILE, &bytes, &size, d);
    close(fd);
    if (err)
        return err;
    err = object_load(bytes, size, opt, out, d);
    free(bytes);
    return err;
}

void object_fini(struct object *o) {
    for (uint32_t i = 0; i < o->n_progs; i++)
        prog_fini(&o->progs[i]);
    for (uint32_t i = 0; i < o->n_maps; i++) {
        free(o->maps[i].name);
        free(o->maps[i].pin_name);
    }
    free(o->progs);
    free(o->maps);
    free(o->needs);
    free(o->license);
    btf_free(o->btf);
    free_blocks(o->store);
    *o = (struct object){0};
}

const struct prog *object_prog(const struct object *o, const char *name) {
    for (uint32_t i = 0; i < o->n_progs; i++)
        if (o->progs[i].name && !strcmp(o->progs[i].name, name))
            return &o->progs[i];
    for (uint32_t i = 0; i < o->n_progs; i++) /* a program named after its section: its function */
        if (o->progs[i].n_subprogs && !strcmp(o->progs[i].subprogs[0].name, name))
            return &o->progs[i];
    return NULL;
}
