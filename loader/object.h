/* object.h: what a file holds, in memory: programs, maps, types, lines. All loaders produce this.
 *
 * Sections become program types as libbpf names them (section.def). A program is a global function
 * in any section but .text (and .text.x), or a static one in a section that has no global one; an
 * object with no code but .text has programs there, of type raw. Functions that a program calls or
 * whose address it takes, in whatever section, are linked in behind it, each once. A function that
 * an old compiler left untyped and alone in its section makes a program of the section's name;
 * object_prog finds it by its symbol as well.
 *
 * Every relocation is applied: maps by index (LDDW_MAP_IDX), variables by map and offset
 * (LDDW_MAP_IDX_VALUE), local calls and code addresses (LDDW_CODE) as distances from the next slot,
 * CO-RE. Sections of variables are maps of one element under their own names. What only a kernel
 * can supply stays as an extern; a weak variable is 0. Order of maps: legacy, .maps, data sections,
 * .kconfig, and last inner definitions that are no maps of their own (template_only).
 *
 * Hostile input gives an error with section, offset and reason; time and memory stay in proportion
 * to the input, and all programs of an object together have at most 16M instructions.
 * source: libbpf; RFC 9669; ELF gABI
 */
#ifndef BPFLAB_LOADER_OBJECT_H
#define BPFLAB_LOADER_OBJECT_H

#include "isa/btf.h"
#include "isa/prog.h"

/* struct object_need: something the file needs and bpflab lacks, named. */
struct object_need {
    char what[160]; /* "map type struct_ops", "program type lsm", "relocation type 42 in .text" */
    char where[96]; /* section or program */
};

struct object {
    bool big_endian;
    char *license;         /* or NULL */
    uint32_t kern_version; /* 0 if the file has none */
    struct prog *progs;
    uint32_t n_progs;
    struct map_def *maps;
    uint32_t n_maps;
    struct btf *btf; /* or NULL */
    struct object_need *needs;
    uint32_t n_needs;
    uint32_t n_relocs, n_core_relocs; /* applied */
    void *store;                      /* owned bytes the above borrow from */
};

/* struct object_options: zero gives the defaults. */
struct object_options {
    const char *kernel_btf; /* file that CO-RE relocates against; NULL: the running kernel's BTF
                             * if there, else relocations become needs */
    const uint8_t *kernel_btf_bytes; /* the same from memory */
    size_t kernel_btf_size;
    uint32_t kern_version; /* LINUX_KERNEL_VERSION of .kconfig; 0: 6.12.0 */
    const char *kconfig;   /* text of CONFIG_X=y lines for .kconfig, or NULL */
    bool big_endian;       /* raw bytes: their order */
    uint32_t type; /* enum prog_type of raw bytes, and of sections whose name says nothing */
};

/* object_load: from memory, format told by content: ELF, else raw instructions.
 * object_load_file: reads the file first. Assembly text and conformance cases are the caller's
 * (loader/text.h).
 * errors: FORMAT, RANGE, TRUNCATED, ALIGN, SYNTAX, UNSUPPORTED, NOMEM, IO; d says where. On
 * error *out is empty.
 * cost: O(size); 4,000 instructions under 2 ms */
enum bpflab_err object_load(const uint8_t *bytes, size_t size_bytes,
                            const struct object_options *opt, struct object *out, struct diag *d);
enum bpflab_err object_load_file(const char *path, const struct object_options *opt,
                                 struct object *out, struct diag *d);
void object_fini(struct object *o);

/* object_prog: by name, NULL if there is none. */
const struct prog *object_prog(const struct object *o, const char *name);

#endif
