/* load.h: what the steps of loading an ELF object share; no one outside loader/ includes it.
 *
 *   elf_read        sections, symbols                             elf.c
 *   load_types      .BTF, .BTF.ext                                types.c, lines.c
 *   load_code       instructions and functions of every section   code.c
 *   load_externs    undefined symbols                             externs.c
 *   load_maps       .maps, maps, data sections, .kconfig          maps.c
 *   load_core       CO-RE relocations                             core_records.c
 *   load_relocs     every other relocation becomes a struct ref   reloc.c
 *   load_struct_ops which of the kernel's callbacks functions are  struct_ops.c
 *   load_programs   functions are linked into programs            link.c, program.c
 *
 * maps.c has parts for each way to define a map: btfmap.c, mapinit.c, legacy.c, data.c, kconfig.c.
 * The steps run in this order over one struct load. Each reports its own error in l->d; nothing is
 * undone on the way, because the object and the scratch memory are freed as a whole.
 */
#ifndef BPFLAB_LOADER_LOAD_H
#define BPFLAB_LOADER_LOAD_H

#include "loader/elf.h"
#include "loader/object.h"

#define NONE UINT32_MAX /* no index */

enum {
    NEED_SLOTS = 4096, /* of the hash table of needs */
    NAME_BYTES = 511,  /* of a name that the object keeps */
    PAGE_BYTES = 4096, /* what an arena's max_entries counts, and a ring buffer is made of */
};

/* enum reloc_type: eBPF's relocation types.
 * source: Documentation/bpf/llvm_reloc.rst */
enum reloc_type {
    RELOC_NONE = 0,
    RELOC_64_64 = 1,    /* LD_IMM64; before LLVM 13 also a pointer in data */
    RELOC_ABS64 = 2,    /* a pointer in data */
    RELOC_ABS32 = 3,    /* a number in a debug section */
    RELOC_NODYLD32 = 4, /* the same in .BTF and .BTF.ext */
    RELOC_64_32 = 10,   /* CALL; before LLVM 13 also a number in .BTF and .BTF.ext */
};

/* CODE_LDDW, CODE_CALL: the instructions that can be relocated. SRC_...: what their field src says
 * the immediate names, after its row: SRC_LDDW_MAP_IDX, SRC_CALL_LOCAL. */
enum {
    CODE_LDDW = 0x18,
#define CALL_ROW(op, name, code, src, target) CODE_##op = code, SRC_##op = src,
#include "isa/call.def"
#define MEM_IMM64(op, name, src, lo, hi) SRC_##op = src,
#include "isa/mem.def"
};

/* struct datasec: a section of variables in BTF. */
struct datasec {
    const char *name;
    uint32_t id;
    bool mappable; /* has a variable that is neither static nor hidden */
};

/* enum section_use: what a section is to the loader. */
enum section_use {
    USE_NONE,
    USE_CODE,
    USE_DATA,  /* .data, .rodata, .bss: an array map */
    USE_MAPS,  /* .maps or maps */
    USE_ARENA, /* .addr_space.1: the variables of the arena map */
    USE_STRUCT_OPS,
};

/* struct line_at: a line record of .BTF.ext. */
struct line_at {
    uint32_t section, pc;        /* inside the section */
    uint32_t file_off, text_off; /* strings of the BTF */
    uint32_t line, col;
};

/* struct func_at: a function record of .BTF.ext. */
struct func_at {
    uint32_t section, pc;
    uint32_t btf_id;
};

/* struct load_section: what the steps know about an ELF section. */
struct load_section {
    enum section_use use;
    uint32_t map;                 /* DATA, ARENA: its map */
    struct insn *insns;           /* CODE */
    uint32_t n_insns;             /* CODE: slots */
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

/* struct ref: one instruction that refers to something outside of its function. */
struct ref {
    uint32_t pc;             /* inside the section */
    uint8_t kind;            /* enum ref_kind */
    uint32_t target, addend; /* by kind */
};

/* struct func: a function of a section; it may become a program, a part of some, or neither. */
struct func {
    uint32_t section, start, n_insns; /* slots */
    const char *name;
    const char *prog_name;          /* of its program, where that is not name */
    bool exported;                  /* its symbol is not local */
    bool global;                    /* exported and not hidden: Linux verifies it by itself */
    bool is_entry;                  /* a program */
    bool is_called;                 /* something refers to it */
    uint32_t prog;                  /* index of its program, or NONE */
    uint32_t btf_id;                /* 0 if unknown */
    char *attach_to;                /* struct_ops: the struct and member it is for, or NULL */
    uint32_t first_ref, n_refs;     /* in load.refs */
    uint32_t linked_for, linked_at; /* link.c: program number + 1 that holds it, and where */
};

/* struct map_place: a map definition in a section, found by its offset. */
struct map_place {
    uint32_t section, map;
    uint64_t off, size;  /* bytes */
    uint64_t values_off; /* .maps: where its array of initialisers starts, or 0 */
};

/* enum extern_kind: who supplies an undefined symbol. */
enum extern_kind {
    EXTERN_UNKNOWN, /* the object does not say */
    EXTERN_KSYM,    /* the kernel: a function or a variable of its own */
    EXTERN_KCONFIG, /* its configuration: kconfig.c */
};

/* struct extern_sym: an undefined symbol. */
struct extern_sym {
    const char *name;
    uint32_t symbol; /* of the ELF file */
    enum extern_kind kind;
    bool is_func, weak;
    bool is_set;               /* kconfig: has a value */
    uint32_t btf_id;           /* its declaration, or 0 */
    uint32_t type_id;          /* of a variable */
    uint32_t off, size, align; /* bytes, in .kconfig */
};

/* struct load: an object on its way. */
struct load {
    const struct object_options *opt;
    struct object *obj; /* what is being made */
    struct diag *d;     /* never NULL */
    struct elf_file elf;
    struct load_section *sections; /* as many as elf has */
    struct func *funcs;            /* by section and start */
    uint32_t n_funcs;
    struct line_at *lines; /* by section and pc */
    uint32_t n_lines;
    struct func_at *func_infos; /* by section and pc */
    uint32_t n_func_infos;
    const uint8_t *ext;         /* .BTF.ext in a copy that is relocated, or NULL */
    uint32_t ext_size;          /* bytes */
    struct extern_sym *externs; /* by name */
    uint32_t n_externs;
    uint32_t *extern_of;      /* by symbol: index + 1, or 0 */
    struct map_place *places; /* by section and offset */
    uint32_t n_places;
    uint32_t arena_map;   /* or NONE */
    uint32_t kconfig_map; /* or NONE */
    uint32_t cap_maps;
    struct pending_map *pending; /* btfmap.c: inner definitions */
    uint32_t n_pending;
    struct ref *refs; /* by section and pc */
    uint32_t n_refs, cap_refs;
    uint64_t n_linked; /* instructions in all programs so far, and a charge for each function */
    const struct func **by_name; /* global functions, by name */
    uint32_t n_by_name;
    struct datasec *datasecs; /* by name */
    uint32_t n_datasecs;
    uint16_t need_at[NEED_SLOTS]; /* hash table of the needs: index + 1 */
    struct block *scratch;        /* object.c: what load_alloc gave */
};

/* The steps. errors: those of object_load */
enum bpflab_err load_types(struct load *l);
enum bpflab_err load_code(struct load *l);
enum bpflab_err load_externs(struct load *l);
enum bpflab_err load_maps(struct load *l);
enum bpflab_err load_core(struct load *l);
enum bpflab_err load_relocs(struct load *l);
enum bpflab_err load_struct_ops(struct load *l);
enum bpflab_err load_programs(struct load *l);

/* The parts of load_types. load_relocated: a section's bytes in a copy, its 32-bit relocations
 * applied.
 * in:     section: has data
 * out:    *out lives while loading */
enum bpflab_err load_lines(struct load *l);
enum bpflab_err load_relocated(struct load *l, uint32_t section, uint8_t **out);

/* ext_visit: called for one record of .BTF.ext: of the instruction at pc of an ELF section, off
 * bytes into .BTF.ext. */
typedef enum bpflab_err (*ext_visit)(struct load *l, uint32_t section, uint32_t pc,
                                     const uint8_t *record, uint64_t off, void *ctx);

/* load_ext_records: visit every record of one table of .BTF.ext whose section holds code.
 * load_ext_count: how many there are.
 * in:     table: its place in the header: 8 func_info, 16 line_info, 24 core_relo;
 *         min_size: bytes of a record that visit reads
 * errors: TRUNCATED, RANGE, ALIGN, FORMAT, NOMEM, visit's */
enum bpflab_err load_ext_records(struct load *l, uint32_t table, uint32_t min_size, ext_visit visit,
                                 void *ctx);
enum bpflab_err load_ext_count(struct load *l, uint32_t table, uint32_t min_size, uint32_t *n);

/* The parts of load_maps, in order. load_btf_inner: the inner definitions that load_btf_maps found
 * and that are no maps of their own: they come behind all other maps. */
enum bpflab_err load_legacy_maps(struct load *l, uint32_t section);
enum bpflab_err load_btf_maps(struct load *l);
enum bpflab_err load_data_maps(struct load *l);
enum bpflab_err load_kconfig_map(struct load *l);
enum bpflab_err load_btf_inner(struct load *l);
enum bpflab_err load_map_inits(struct load *l);

/* load_map_new: a new definition at the end of the object's, named name.
 * errors: NOMEM, TOO_LONG */
enum bpflab_err load_map_new(struct load *l, const char *name, struct map_def **out);

/* load_map_check: note a map type without a number in Linux as a need. */
enum bpflab_err load_map_check(struct load *l, const struct map_def *m);

/* load_holds_maps: a map type whose elements are maps. */
bool load_holds_maps(uint32_t type);

/* load_place_add: append. load_place_at: the last definition that starts at or before off.
 * load_place_find: the one that starts at off. The places are sorted before the first search.
 * out:  NULL if there is none
 * cost: O(log places) */
enum bpflab_err load_place_add(struct load *l, struct map_place p);
const struct map_place *load_place_at(const struct load *l, uint32_t section, uint64_t off);
const struct map_place *load_place_find(const struct load *l, uint32_t section, uint64_t off);

/* load_func_at: the function that holds slot pc of a section, NULL if none does.
 * cost: O(log functions) */
struct func *load_func_at(struct load *l, uint32_t section, uint64_t pc);

/* load_extern_find: by name, len bytes of it; NULL if there is none.
 * cost: O(log externs) */
struct extern_sym *load_extern_find(const struct load *l, const char *name, size_t len);

/* struct link: the program that is being linked (link.c) and described (program.c). */
struct link {
    struct load *l;
    struct prog *prog;
    uint32_t number; /* of the program, from 1: marks the functions it holds */
    uint32_t *order; /* functions in the order of their code */
    uint32_t n_order;
    struct step *stack; /* of the walk */
    uint32_t n_insns;
    uint32_t n_inside; /* references into the middle of a function */
    uint32_t n_externs;
    uint32_t exception_cb; /* function, or NONE */
};

/* link_describe: the program's names, type and flags, from its entry and its section's name.
 * link_subprogs:  its subprograms, once its functions have their places.
 * link_lines:     its source lines, likewise.
 * errors: NOMEM */
enum bpflab_err link_describe(struct link *k, const struct func *entry);
enum bpflab_err link_subprogs(struct link *k);
enum bpflab_err link_lines(struct link *k);

/* link_names:    sort the global functions by name, for link_callback.
 * link_callback: the function that a program's decl tag names to run when it throws.
 * out:    *out NONE if no tag names one, or several do: those Linux refuses by the tags themselves
 * errors: NOMEM; UNDEFINED */
enum bpflab_err link_names(struct load *l);
enum bpflab_err link_callback(struct load *l, const struct func *entry, uint32_t *out);

/* load_alloc, load_keep: zeroed bytes that live while loading, or as long as the object; NULL when
 * out of memory. */
void *load_alloc(struct load *l, size_t size);
void *load_keep(struct load *l, size_t size);

/* load_nomem: NOMEM, said in l->d. */
static inline enum bpflab_err load_nomem(struct load *l) {
    diag_set(l->d, BPFLAB_E_NOMEM, "no memory for this object");
    return BPFLAB_E_NOMEM;
}

/* load_need: the object needs something that bpflab lacks. Each is noted once.
 * errors: NOMEM */
enum bpflab_err load_need(struct load *l, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* load_name: a copy of a name, cut off after NAME_BYTES; NULL when out of memory. */
char *load_name(const char *name);

/* load_is_text: a section of subprograms: .text, or .text.x of -ffunction-sections. */
bool load_is_text(const char *section);

/* load_is_code: a section of instructions. */
bool load_is_code(const struct elf_section *s);

/* load_datasec: BTF's section of this name, NULL if there is none.
 * cost: O(log sections) */
const struct datasec *load_datasec(const struct load *l, const char *name);

/* load_section_find: the first section of this name, 0 if there is none.
 * cost: O(sections) */
uint32_t load_section_find(const struct load *l, const char *name);

/* get16, get32, get64, put: a number in either byte order, at any place. */
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
