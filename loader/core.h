/* core.h: CO-RE: one relocation record rewrites one instruction so that it fits the types of the
 * machine it will run on (the target: a kernel's BTF) instead of those it was compiled with (the
 * local BTF, the object's own).
 *
 * A record names a local type, a path into it ("0:2:1") and a question: the field's offset, its
 * size, whether it exists... Candidates are all target types of the same kind whose name agrees up
 * to a flavour (a___x, a___y and a are one name). Each candidate that has such a field answers; all
 * answers must agree, and candidates that did not match drop out for the type's later records, as
 * in libbpf. Without an answer the instruction becomes a call of helper CORE_POISON: fatal if it is
 * reachable, harmless in a branch that an existence question guards.
 *
 *     core_target_new(&source, &target);          reads nothing yet
 *     core_new(object_btf, target, &core);
 *     for each record: core_apply(core, &record, &insns[pc], n_insns - pc, &result, d);
 *     core_free(core); core_target_free(target);
 *
 * source: Documentation/bpf/llvm_reloc.rst
 */
#ifndef BPFLAB_LOADER_CORE_H
#define BPFLAB_LOADER_CORE_H

#include "isa/btf.h"
#include "isa/insn.h"

enum core_kind {
    CORE_FIELD_BYTE_OFFSET,
    CORE_FIELD_BYTE_SIZE,
    CORE_FIELD_EXISTS,
    CORE_FIELD_SIGNED,
    CORE_FIELD_LSHIFT_U64,
    CORE_FIELD_RSHIFT_U64,
    CORE_TYPE_ID_LOCAL,
    CORE_TYPE_ID_TARGET,
    CORE_TYPE_EXISTS,
    CORE_TYPE_SIZE,
    CORE_ENUMVAL_EXISTS,
    CORE_ENUMVAL_VALUE,
    CORE_TYPE_MATCHES,
    N_CORE_KINDS,
};

/* CORE_POISON: the helper number that an unresolved relocation calls. No such helper exists. */
enum {
    CORE_POISON = 0xbad2310
};

/* core_kind_name: "byte_off", "type_exists"...; "unknown" for a value that is no kind. */
const char *core_kind_name(uint32_t kind);

/* struct core_source: where the target's BTF comes from; all zero: the running kernel.
 *
 *   bytes, size_bytes   raw BTF, or an ELF file with a section .BTF
 *   path                the same as a file, if bytes is NULL; NULL: /sys/kernel/btf/vmlinux
 *   module_dir          split BTF files that are searched for types which the target lacks; NULL:
 *                       /sys/kernel/btf if the running kernel is the target, else none
 *
 * All are borrowed for the target's life. */
struct core_source {
    const uint8_t *bytes;
    size_t size_bytes;
    const char *path;
    const char *module_dir;
};

/* struct core_target: a target, read at the first question and indexed by name at the first that is
 * about a name. It may serve many objects, one at a time. */
struct core_target;

/* core_target_new: reads nothing yet. core_target_free accepts NULL.
 * errors: NOMEM */
enum bpflab_err core_target_new(const struct core_source *source, struct core_target **out);
void core_target_free(struct core_target *t);

/* core_target_btf: the target's BTF, read now if it was not yet.
 * errors: NOTFOUND (the running kernel offers none), IO, NOMEM, those of btf_parse; remembered:
 *         later calls repeat them */
enum bpflab_err core_target_btf(struct core_target *t, const struct btf **out, struct diag *d);

/* core_target_types: the same, for callers that need no reason (struct verify_input).
 * in:  target: a struct core_target *, or NULL      out: NULL: there are none */
const struct btf *core_target_types(void *target);

/* struct core: the relocation of one object: its BTF, the target, and each type's candidates. */
struct core;

/* core_new:
 * in:     local, target: borrowed for the result's life
 * errors: NOMEM */
enum bpflab_err core_new(const struct btf *local, struct core_target *target, struct core **out);
void core_free(struct core *c);

/* struct core_reloc: a record of .BTF.ext. */
struct core_reloc {
    uint32_t type_id;   /* in the local BTF */
    uint32_t kind;      /* enum core_kind; any value is checked */
    const char *access; /* "0:2:1"; borrowed */
};

/* enum core_outcome: what became of the instruction.
 *
 *   CORE_APPLIED     it fits the target
 *   CORE_POISONED    the target has no such type, field or value, or the access cannot be kept
 *                    correct
 *   CORE_NO_TARGET   there is no target BTF to ask; poisoned too */
enum core_outcome {
    CORE_APPLIED,
    CORE_POISONED,
    CORE_NO_TARGET,
};

/* struct core_result: how a record was answered. */
struct core_result {
    enum core_outcome outcome;
    uint64_t old_value, new_value; /* what the local and the target BTF answer; if APPLIED */
    uint32_t target_id; /* the first candidate that matched, 0 if none (or a local question) */
    char text[192];     /* unless APPLIED: type, access and reason, without a full stop */
};

/* core_apply: relocate one instruction:
 *
 *   ALU with an immediate   imm
 *   LDX, ST, STX            off; and the width, where an unsigned integer or a pointer has another
 *                           size in the target
 *   LD_IMM64                both halves of the immediate
 *
 * in:     insn: n_insns slots, from the relocated instruction to the end of the program
 * out:    *insn patched or poisoned, *res; unchanged on error
 * errors: FORMAT       record or access string wrong, instruction of another kind, or with another
 *                      value than the local BTF says
 *         TYPE         candidates disagree
 *         RANGE        the value does not fit
 *         UNSUPPORTED  an anonymous type, an unknown kind, an access beyond our limits
 *         NOMEM, and core_target_btf's except NOTFOUND
 *         d->text names type, access and reason; section and place are the caller's to add
 * cost:   O(candidates * members); all records of one struct core together are bounded */
enum bpflab_err core_apply(struct core *c, const struct core_reloc *r, struct insn *insn,
                           uint32_t n_insns, struct core_result *res, struct diag *d);

/* core_poison: what core_apply does where there is no answer: the instruction, both slots of an
 * LD_IMM64, becomes a call of CORE_POISON.
 * in: n_insns: slots from insn to the end of the program, at least 1 */
void core_poison(struct insn *insn, uint32_t n_insns);

#endif
