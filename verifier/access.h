/* access.h: may these bytes be accessed through this pointer? One question, asked by loads, stores,
 * atomics and helpers' arguments.
 *
 * All sums of offsets and sizes are made in 64 bits, from parts that were checked to be small.
 */
#ifndef BPFLAB_VERIFIER_ACCESS_H
#define BPFLAB_VERIFIER_ACCESS_H

#include "verifier/offset.h"
#include "verifier/step.h"

enum {
    ACCESS_TNUM_TEXT = 48,
};

enum access_kind {
    ACCESS_READ,
    ACCESS_WRITE,
};

/* struct access: a load or store of n_bytes at off from the pointer in register r, by the
 * instruction itself. */
struct access {
    uint32_t r;
    int32_t off;
    uint32_t n_bytes;
    enum access_kind kind;
    bool atomic;
    bool sign_extend;
    int value_reg;           /* the register that is stored, or REPORT_NO_REG */
    const struct reg *value; /* what is stored; NULL: unknown (an atomic's result) */
};

/* access_insn: check it and do it.
 * in:   out: where a load's result goes; NULL: nowhere, as of an atomic that does not fetch
 * out:  false: rejected. true: for a load *out is what it gives, not yet extended for a
 *       sign-extending one (a scalar of n_bytes, zero-extended, or a pointer); for a store the
 *       stack or nothing has changed. *out may be the pointer's own register
 * errors: s->err */
bool access_insn(struct step *s, const struct access *a, struct reg *out);

/* access_range: may a helper or function access n_bytes at the pointer in register r?
 * zero_ok: a size of 0 is allowed, and a NULL pointer with it. uninit_ok: the helper writes all of
 * it first. Stack that a helper writes becomes MISC.
 * out: false: rejected. */
struct access_range {
    uint32_t r;
    int64_t n_bytes; /* how many, at most */
    enum access_kind kind;
    bool zero_ok;
    bool uninit_ok;
    bool raw; /* size is a variable's maximum: uninit_ok does not count, for less may be written */
};
bool access_range(struct step *s, const struct access_range *a);

/* struct access_span: bytes behind a pointer, for the checks below. */
struct access_span {
    uint32_t r;
    int32_t off; /* to the pointer's own constant part */
    int64_t n_bytes;
    bool zero_ok;
    bool by_helper; /* not by the instruction itself, which may access kernel pointers */
};

/* access_region: inside an object of object_bytes, for every value of the variable part.
 * access_map_value: inside the map value, and not touching its special fields.
 * access_packet: inside what was proved of the packet. Who may access packets is the caller's.
 * out: false: rejected */
bool access_region(struct step *s, const struct access_span *a, uint64_t object_bytes);
bool access_map_value(struct step *s, const struct access_span *a);
bool access_packet(struct step *s, const struct access_span *a);
/* access_map_flags: may programs read (write) the map's values at all? */
bool access_map_flags(struct step *s, const struct access_span *a, enum access_kind kind);

/* access_is_kptr: is the field a kernel pointer, which instructions may load and store whole? */
bool access_is_kptr(const struct special_field *f);

/* access_aligned: n_bytes at off from the pointer in register r lie at a multiple of n_bytes.
 * out: false: rejected */
bool access_aligned(struct step *s, uint32_t r, int32_t off, uint32_t n_bytes);

/* access_fixed_ptr: the pointer has no variable part, where it may not vary (contexts, sockets,
 * locks ...). fixed_ok: an off above 0 is allowed. out: false: rejected. */
bool access_fixed_ptr(struct step *s, uint32_t r, bool fixed_ok);

/* access_arg_offset: an argument may point so far into its object: memory is looked at by its
 * bounds, objects are pointed at, or (inside: BTF objects) into at a constant offset.
 * access_arg_released: the pointer is given back, so it must be the very one that was got.
 * out: false: rejected */
bool access_arg_offset(struct step *s, uint32_t r, bool inside);
bool access_arg_released(struct step *s, uint32_t r);

/* access_packet_write: may programs of this type write into packets? */
bool access_packet_write(const struct subject *sub);

/* access_const_string: the pointer, into a map's value, is to a string that ends there, in a map
 * that nobody may change. out: false: rejected */
bool access_const_string(struct step *s, uint32_t r);

/* access_kinds_agree: may one instruction access memory through pointers of both kinds, on
 * different paths? Where Linux rewrites the access, it may not ("same insn cannot be used with
 * different pointers"). */
bool access_kinds_agree(enum reg_kind a, enum reg_kind b);

/* access_tnum_text: "(0x0; 0xff)", value and mask, or a constant, as Linux writes them. out: buf */
const char *access_tnum_text(struct tnum t, char buf[ACCESS_TNUM_TEXT]);

/* ---- step_stack.c ---- */

/* stack_read, stack_write: off is relative to r10 of the frame, and constant; the access is
 * aligned, inside the frame, and its slots exist. stack_*_var: the pointer's variable part varies;
 * all of the frame that it may touch is read or written. */
bool stack_read(struct step *s, uint32_t frame, const struct access *a, int64_t off,
                struct reg *out);
bool stack_write(struct step *s, uint32_t frame, const struct access *a, int64_t off);
bool stack_read_var(struct step *s, uint32_t frame, const struct access *a, struct reg *out);
bool stack_write_var(struct step *s, uint32_t frame, const struct access *a);

/* stack_bounds: n_bytes at the pointer in register r plus off lie in its frame; makes the slots
 * exist. out: false: rejected */
enum stack_use {
    STACK_READ,
    STACK_WRITE,
    STACK_INDIRECT, /* by a helper */
};
bool stack_bounds(struct step *s, uint32_t r, int32_t off, int64_t n_bytes, enum stack_use use);

/* stack_range: access_range's part for the stack. */
bool stack_range(struct step *s, const struct access_range *a);

/* ---- step_ctx.c ---- */

/* ctx_access: a field of the context. off: constant, from its start. */
bool ctx_access(struct step *s, const struct access *a, int64_t off, struct reg *out);
/* object_access: a field of a socket or flow keys. */
bool object_access(struct step *s, const struct access *a, int64_t off, struct reg *out);

/* ---- step_btf.c, dynptr.c ---- */

/* btf_access: through *ptr, of kind REG_BTF. ptr is the register a->r, or made for what another
 * kind of pointer shows of the kernel (a map's struct bpf_map).
 * btf_ctx_access: a context that is the arguments of a kernel function, or has fields of CTX_BTF.
 * btf_kptr_access: the kernel pointer kept at a special field (SPECIAL_KPTR_*, SPECIAL_UPTR), all
 * of it.
 * btf_variable: the address of the kernel's variable var_id, an extern of the program's.
 * out: false: rejected; true: *out (may be NULL) as of access_insn */
bool btf_access(struct step *s, const struct access *a, const struct reg *ptr, struct reg *out);
bool btf_ctx_access(struct step *s, const struct access *a, int64_t off, struct reg *out);
bool btf_kptr_access(struct step *s, const struct access *a, const struct special_field *f,
                     struct reg *out);
bool btf_variable(struct step *s, const struct prog_extern *x, uint32_t var_id, struct reg *out);

/* dynptr_overwrite: something is stored over a slot of a dynptr, which ends with it.
 * out: true: the dynptr's slots are SLOT_INVALID, its slices are unusable; false: rejected */
bool dynptr_overwrite(struct step *s, uint32_t frame, uint32_t slot);

#endif
