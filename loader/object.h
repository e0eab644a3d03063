/* object.h: what a file holds, in memory: programs, maps, types, lines. All loaders produce this.
 *
 * Programs. Sections become program types as libbpf names them (section.def). A program is a
 * function that its object exports from any section but .text (and .text.x), or a static one in a
 * section that exports none; an object with no code but .text has programs there, of type raw. A
 * function that an old compiler left untyped and alone in its section makes a program of the
 * section's name; object_prog finds it by its symbol as well.
 *
 * Subprograms. Functions that a program calls or whose address it takes, in whatever section, are
 * linked in behind it, each once, in libbpf's order; last the callback that its decl tag
 * "exception_callback:x" names.
 *
 * Relocations. Every one is applied:
 *
 *   maps                            by index (LDDW_MAP_IDX)
 *   variables                       by map and offset (LDDW_MAP_IDX_VALUE); an arena's by its map
 *   local calls, addresses of code  distances from the next slot (CALL_LOCAL, LDDW_CODE)
 *   types                           CO-RE, against object_options.kernel_btf
 *   the kernel's symbols            stay externs (CALL_KFUNC, LDDW_VAR); a weak variable is 0
 *
 * Maps. Their order: legacy, .maps, sections of variables (maps of one element under the section's
 * name), .kconfig, and last inner definitions that are no maps of their own (template_only).
 * map_def.value_btf_id leads to the fields of a value (locks, timers, kptrs); that of a section's
 * map is its BTF_DATASEC, whose offsets are true but whose size compilers leave 0. isa/btf.h finds
 * the decl tags ("contains:type:field", "arg:nonnull") and the type tags ("kptr") on them.
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

/* struct object: a loaded file. It owns all that its members point to. */
struct object {
    bool big_endian;
    char *license;         /* of section license, or NULL */
    uint32_t kern_version; /* of section version, 0 if there is none */
    struct prog *progs;
    uint32_t n_progs;
    struct map_def *maps;
    uint32_t n_maps;
    struct btf *btf; /* the file's types, or NULL */
    struct object_need *needs;
    uint32_t n_needs;
    uint32_t n_relocs, n_core_relocs; /* applied */
    void *store;                      /* owned bytes the above borrow from */
};

/* struct object_options: zero gives the defaults.
 *
 *   kernel_btf         the file that CO-RE relocates against; NULL: the running kernel's BTF if
 *                      there is one, else relocations become needs
 *   kernel_btf_bytes   the same from memory; goes before kernel_btf
 *   kern_version       LINUX_KERNEL_VERSION of .kconfig; 0: 6.12.0
 *   kconfig            text of lines CONFIG_X=y for .kconfig, or NULL
 *   big_endian         byte order of raw bytes
 *   type               enum prog_type of raw bytes, and of sections whose name says nothing */
struct object_options {
    const char *kernel_btf;
    const uint8_t *kernel_btf_bytes;
    size_t kernel_btf_size;
    uint32_t kern_version;
    const char *kconfig;
    bool big_endian;
    uint32_t type;
};

/* object_load: from memory, the format told by content: ELF, else raw instructions. Assembly text
 * and conformance cases are the caller's (loader/text.h). object_load_file reads the file first.
 * in:     opt, d: may be NULL
 * out:    *out; empty on error
 * errors: FORMAT, RANGE, TRUNCATED, ALIGN, SYNTAX, TYPE, UNDEFINED, DUPLICATE, TOO_LONG, EMPTY,
 *         UNSUPPORTED, NOMEM, IO; d says where
 * cost:   O(size log size); 4,000 instructions under 2 ms */
enum bpflab_err object_load(const uint8_t *bytes, size_t size_bytes,
                            const struct object_options *opt, struct object *out, struct diag *d);
enum bpflab_err object_load_file(const char *path, const struct object_options *opt,
                                 struct object *out, struct diag *d);
void object_fini(struct object *o);

/* object_prog: by name, NULL if there is none.
 * cost: O(programs) */
const struct prog *object_prog(const struct object *o, const char *name);

#endif
