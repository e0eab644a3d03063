/* load.h: what the steps of loading an ELF object share; no one outside loader/ includes it.
 *
 *   elf_read        sections, symbols                                    elf.c
 *   load_types      .BTF, .BTF.ext                                       lines.c
 *   load_code       instructions and functions of every section          code.c
 *   load_externs    undefined symbols, .kconfig                          externs.c, kconfig.c
 *   load_maps       .maps, maps, data sections                           maps.c, legacy.c, data.c
 *   load_core       CO-RE relocations                                    core_records.c
 *   load_relocs     every other relocation becomes a struct ref          reloc.c
 *   load_programs   functions are linked into programs                   link.c
 */
#ifndef BPFLAB_LOADER_LOAD_H
#define BPFLAB_LOADER_LOAD_H

#include "loader/elf.h"
#include "loader/object.h"

#define NONE UINT32_MAX /* no index */

enum {
    NEED_SLOTS = 4096,
    NAME_BYTES = 511, /* of a name that the object keeps */
};

/* struct datasec: a section of variables in BTF. */
struct datasec {
    const char *name;
    uint32_t id;
    bool mappable; /* not all of its variables are static */
};

/* enum section_use: what a section is to the loader. */
enum section_use {
    USE_NONE,
    USE_CODE,
    USE_DATA, /* .data, .rodata, .bss: an array map */
    USE_MAPS, /* .maps or maps */
    USE_ARENA,
    USE_STRUCT_OPS,
};

/* struct line_at: a .BTF.ext record of a section: pc inside the section. */
struct line_at {
    uint32_t section, pc;
    uint32_t file_off, text_off, line, col;
};

struct func_at {
    uint32_t section, pc;
    uint32_t btf_id;
};

struct load_section {
    enum section_use use;
    uint32_t map;       /* DATA, ARENA: its map */
    struct insn *insns; /* CODE */
    uint32_t n_insns;
    uint32_t first_func, n_funcs; /* CODE: in load.funcs */
    uint32_t first_line, n_lines; /* in load.lines */
};

/* enum ref_kind: what an instruction refers to. */
enum ref_kind {
    REF_MAP,       /* target: map */
    REF_MAP_VALUE, /* target: map; addend: offset into its value */
    REF_CALL,      /* target: function; addend: slots into it */
    REF_CODE,      /* the same, by address */
    REF_EXTERN,    /* target: extern */
};

struct ref {
    uint32_t pc; /* inside the section */
    uint8_t kind;
    uint32_t target, addend;
};

struct func {
    uint32_t section, start, n_insns; /* slots */
    const char *name;
    const char *prog_name; /* of its program, where that is not name */
    bool global;           /* bound globally, not hidden */
    bool is_entry;         /* a program */
    bool is_called;        /* something refers to it */
    uint32_t prog;         /* index of its program, or NONE */
    uint32_t btf_id;
    uint32_t first_ref, n_refs;
    uint32_t linked_for, linked_at; /* link.c: program number + 1 that holds it, and where */
};

/* struct map_place: a map definition in a section, found by its offset. */
struct map_place {
    uint32_t section, map;
    uint64_t off, size;
    uint64_t values_off; /* .maps: where its array of initialisers starts, or 0 */
};

enum extern_kind {
    EXTERN_UNKNOWN, /* the object does not say who supplies it */
    EXTERN_KSYM,
    EXTERN_KCONFIG,
};

struct extern_sym {
    const char *name;
    uint32_t symbol;
    enum extern_kind kind;
    bool is_func, weak;
    bool is_set;               /* kconfig: has a value */
    uint32_t btf_id;           /* its declaration, or 0 */
    uint32_t type_id;          /* of a variable */
    uint32_t off, size, align; /* in .kconfig */
};

struct load {
    const struct object_options *opt;
    struct object *obj;
    struct diag *d;
    struct elf_file elf;
    struct load_section *sections; /* as many as elf has */
    struct func *funcs;            /* by section and start */
    uint32_t n_funcs;
    struct line_at *lines; /* by section and pc */
    uint32_t n_lines;
    struct func_at *func_infos; /* by section and pc */
    uint32_t n_func_infos;
    const uint8_t *ext; /* .BTF.ext in a copy that is relocated, or NULL */
    uint32_t ext_size, ext_section;
    struct extern_sym *externs;
    uint32_t n_externs;
    uint32_t *extern_of;      /* by symbol: index + 1, or 0 */
    struct map_place *places; /* by section and offset */
    uint32_t n_places;
    uint32_t arena_map;   /* or NONE */
    uint32_t kconfig_map; /* or NONE */
    uint32_t cap_maps;
    struct ref *refs; /* by section and pc */
    uint32_t n_refs, cap_refs;
    uint64_t n_linked; /* instructions in all programs so far, and a charge for each function */
    struct datasec *datasecs; /* by name */
    uint32_t n_datasecs;
    uint16_t need_at[NEED_SLOTS]; /* hash table of the needs: index + 1 */
    struct block *scratch;        /* object.c: what load_alloc gave */
};

enum bpflab_err load_types(struct load *l);
enum bpflab_err load_code(struct load *l);
enum bpflab_err load_externs(struct load *l);
enum bpflab_err load_maps(struct load *l);
enum bpflab_err load_core(struct load *l);
enum bpflab_err load_relocs(struct load *l);
enum bpflab_err load_programs(struct load *l);

/* load_ext_records: every record of one table of .BTF.ext whose section holds code. table: its
 * place in the header (8 func_info, 16 line_info, 24 core_relo). min_size: bytes of a record that
 * visit reads. */
typedef enum bpflab_err (*ext_visit)(struct load *l, uint32_t section, uint32_t pc,
                                     const uint8_t *record, uint64_t off, void *ctx);
enum bpflab_err load_ext_records(struct load *l, uint32_t table, uint32_t min_size, ext_visit visit,
                                 void *ctx);

/* the parts of load_maps */
enum bpflab_err load_btf_maps(struct load *l);
enum bpflab_err load_legacy_maps(struct load *l, uint32_t section);
enum bpflab_err load_data_maps(struct load *l);
enum bpflab_err load_kconfig_map(struct load *l);
enum bpflab_err load_map_inits(struct load *l);

/* load_map_new: a new definition at the end of the object's, named name. errors: NOMEM, TOO_LONG */
enum bpflab_err load_map_new(struct load *l, const char *name, struct map_def **out);

/* load_map_check: note a map type without a number in Linux as a need. */
enum bpflab_err load_map_check(struct load *l, const struct map_def *m);

/* load_place_add, load_place_find: definitions by place. Sorted before the first find. */
enum bpflab_err load_place_add(struct load *l, struct map_place p);
const struct map_place *load_place_find(const struct load *l, uint32_t section, uint64_t off);

/* load_func_at: the function that holds slot pc of a section, NULL if none does. cost: O(log n) */
struct func *load_func_at(struct load *l, uint32_t section, uint64_t pc);

/* load_alloc, load_keep: zeroed bytes that live while loading, or as long as the object; NULL when
 * out of memory. */
void *load_alloc(struct load *l, size_t size);
void *load_keep(struct load *l, size_t size);

/* load_nomem: NOMEM, said in l->d. */
enum bpflab_err load_nomem(struct load *l);

/* load_need: the object needs something that bpflab lacks. Each is noted once. errors: NOMEM */
enum bpflab_err load_need(struct load *l, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* load_is_text: a section of subprograms: .text, or .text.x of -ffunction-sections. */
bool load_is_text(const char *section);

/* load_name: a copy of a name, cut off after NAME_BYTES; NULL when out of memory. */
char *load_name(const char *name);

/* load_datasec: BTF's section of this name, NULL if there is none. cost: O(log n) */
const struct datasec *load_datasec(const struct load *l, const char *name);

/* load_section_find: the first section of this name, 0 if there is none. cost: O(sections) */
uint32_t load_section_find(const struct load *l, const char *name);

static inline uint16_t get16(const uint8_t *p, bool big) {
    return (uint16_t)(big ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}

static inline uint32_t get32(const uint8_t *p, bool big) {
    return big ? (uint32_t)get16(p, big) << 16 | get16(p + 2, big)
               : (uint32_t)get16(p + 2, big) << 16 | get16(p, big);
}

static inline uint64_t get64(const uint8_t *p, bool big) {
    return big ? (uint64_t)get32(p, big) << 32 | get32(p + 4, big)
               : (uint64_t)get32(p + 4, big) << 32 | get32(p, big);
}

static inline void put(uint8_t *p, uint64_t v, uint32_t n_bytes, bool big) {
    for (uint32_t i = 0; i < n_bytes; i++)
        p[big ? n_bytes - 1 - i : i] = (uint8_t)(v >> (8 * i));
}

#endif
