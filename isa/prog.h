/* prog.h: a program, and the definitions of the maps it names: what the loader makes, and what
 * verifier, interpreter and JITs read. Nobody edits a program after it is loaded.
 *
 * A program is self-contained: its subprograms are linked in, jumps and local calls are resolved.
 * It names maps by index (LDDW_MAP_IDX, LDDW_MAP_IDX_VALUE) into the object's map definitions.
 */
#ifndef BPFLAB_ISA_PROG_H
#define BPFLAB_ISA_PROG_H

#include "isa/insn.h"
#include "isa/kind.h"

struct btf;

enum {
    PROG_MAX_INSNS = 1000000,
};

/* struct subprog: a function inside a program. They are in order of start and cover the program;
 * subprogs[0] is the entry and starts at pc 0. */
struct subprog {
    uint32_t start;    /* pc */
    uint32_t n_insns;  /* slots */
    char *name;        /* owned by the program */
    bool global;       /* verified on its own */
    bool exception_cb; /* runs when the program throws */
    uint32_t btf_id;   /* of the BTF function, 0 if unknown */
};

/* struct prog_line: instructions from pc up to the next entry's come from this source line. */
struct prog_line {
    uint32_t pc;
    uint32_t line, col;
    uint32_t file_off, text_off; /* strings of the BTF: btf_string() */
};

/* struct prog_extern: a symbol that the kernel supplies, used at pc. */
struct prog_extern {
    uint32_t pc;
    bool is_func;    /* kernel function (CALL_KFUNC), else a variable (LDDW_VAR) */
    bool weak;       /* may be missing: reads as 0 */
    char *name;      /* owned by the program */
    uint32_t btf_id; /* in the object's BTF: the function's or variable's declaration */
};

struct prog {
    char *name, *section;
    uint32_t type;        /* enum prog_type */
    uint32_t attach_type; /* enum attach_type */
    bool sleepable;
    bool frags;      /* its section ends in .frags: XDP that takes packets in several pieces */
    bool optional;   /* its section begins with "?": loaded only if somebody asks for it */
    bool big_endian; /* the machine it was compiled for */
    /* what the section names after its prefix, or NULL; struct_ops: "tcp_congestion_ops.init", if a
     * table of the object has the program */
    char *attach_to;
    struct insn *insns;
    uint32_t n_insns; /* slots */
    struct subprog *subprogs;
    uint32_t n_subprogs; /* 0 where the source has no such knowledge (raw bytes, text) */
    struct prog_line *lines;
    uint32_t n_lines;
    struct prog_extern *externs;
    uint32_t n_externs;
    const struct btf *btf; /* borrowed from the object, or NULL */
};

/* prog_init_insns: a bare program that owns a copy of insns: type raw, no name.
 * errors: NOMEM
 * cost:   O(n) */
enum bpflab_err prog_init_insns(struct prog *p, const struct insn *insns, uint32_t n_insns);

/* prog_from_bytes: the same from wire bytes, in this byte order.
 * errors: NOMEM, ALIGN (size not a multiple of 8), EMPTY, TOO_LONG
 * cost:   O(n) */
enum bpflab_err prog_from_bytes(struct prog *p, const uint8_t *bytes, size_t size_bytes,
                                bool big_endian, struct diag *d);

/* prog_fini: free what the program owns. p is empty then, and may be given to prog_init_insns. */
void prog_fini(struct prog *p);

/* prog_check: every instruction valid (insn_check), every jump and local call to the first slot of
 * an instruction inside the program, the last instruction not falling off its end. A write to r10
 * passes: Linux refuses it only where it can be reached, so that is the verifier's, or a trap.
 * errors: OPCODE, REGISTER, RESERVED, IMM64, JUMP, FALLTHROUGH, d->pc says where;
 *         EMPTY, TOO_LONG, NOMEM
 * cost:   O(n) */
enum bpflab_err prog_check(const struct prog *p, struct diag *d);

/* prog_decode: prog_check, and the row of each instruction.
 * out:    ops[pc] (n_insns of them): enum op; OP_INVALID in the second slot of an LD_IMM64
 * errors: those of prog_check, but NOMEM
 * cost:   O(n) */
enum bpflab_err prog_decode(const struct prog *p, uint8_t *ops, struct diag *d);

/* prog_line_at: the source line of pc, or NULL.
 * cost:   O(log n) */
const struct prog_line *prog_line_at(const struct prog *p, uint32_t pc);

/* prog_extern_at: the symbol that the instruction at pc uses, or NULL.
 * cost:   O(externs) */
const struct prog_extern *prog_extern_at(const struct prog *p, uint32_t pc);

/* struct map_def: what an object says about a map. */
struct map_def {
    char *name;                    /* owned by whoever made the definition */
    char *pin_name;                /* pinned by name, or NULL */
    uint32_t type;                 /* enum map_type */
    uint32_t key_size, value_size; /* bytes */
    uint32_t max_entries;
    uint32_t flags; /* enum map_flag */
    uint64_t extra; /* map_extra */
    int32_t inner;  /* map-in-map: index of the inner definition among the object's, or -1 */
    uint32_t key_btf_id, value_btf_id; /* 0 if unknown */
    /* Initial bytes of a .data, .rodata, .bss or .kconfig map, or NULL; borrowed. */
    const uint8_t *data;
    uint32_t data_bytes;
    bool frozen;        /* read-only for programs: .rodata, .kconfig */
    bool template_only; /* an inner definition without a map of its own */
    /* Static initialisers of a prog array or map of maps; borrowed. */
    const struct map_init *inits;
    uint32_t n_inits;
};

/* struct map_init: what an entry of a prog array (or map of maps) starts out holding: a program
 * (or a map). */
struct map_init {
    uint32_t index;
    bool is_prog;
    uint32_t target; /* index into the object's programs or maps */
};

#endif
