/* step_mem.c: loads, stores and atomics: operands, and what a load's result becomes. What the
 * memory says to it is access.c's.
 */
#include "verifier/access.h"
#include "verifier/link.h"

static uint32_t bytes_of(const struct step *s) {
    return op_table[s->op].width_bits / 8u;
}

/* What a load writes: a scalar of n_bytes is extended, and stays linked to what was spilled only if
 * it kept its value. */
static void put_loaded(struct step *s, uint32_t r, struct reg got, uint32_t n_bytes, bool sign) {
    if (reg_is_scalar(&got) && n_bytes < 8) {
        const unsigned bits = 8 * n_bytes;
        if (sign && !scalar_fits(bits - 1, got.v))
            link_clear(&got);
        if (sign)
            got.v = scalar_sext(SCALAR_64, bits, got.v);
        else if (!scalar_fits(bits, got.v))
            got.v = scalar_zext(bits, got.v);
    }
    *step_reg(s, r) = got;
}

static bool load(struct step *s, bool atomic, bool sign) {
    const struct access a = {.r = s->insn.src,
                             .off = s->insn.off,
                             .n_bytes = bytes_of(s),
                             .kind = ACCESS_READ,
                             .atomic = atomic,
                             .sign_extend = sign,
                             .value_reg = REPORT_NO_REG};
    struct reg got = reg_uninit();
    if (!access_insn(s, &a, &got))
        return false;
    put_loaded(s, s->insn.dst, got, a.n_bytes, sign);
    return true;
}

static bool store(struct step *s, bool atomic, bool from_reg) {
    const struct reg imm = reg_const((uint64_t)(int64_t)s->insn.imm);
    const struct access a = {.r = s->insn.dst,
                             .off = s->insn.off,
                             .n_bytes = bytes_of(s),
                             .kind = ACCESS_WRITE,
                             .atomic = atomic,
                             .value_reg = from_reg ? s->insn.src : REPORT_NO_REG,
                             .value = from_reg ? step_reg(s, s->insn.src) : &imm};
    return access_insn(s, &a, NULL);
}

bool step_ldx(struct step *s) {
    return step_read(s, s->insn.src) && step_may_write(s, s->insn.dst) &&
           load(s, false, op_table[s->op].sign);
}

bool step_st(struct step *s) {
    const bool from_reg = op_table[s->op].cls == CLASS_STX;
    return (!from_reg || step_read(s, s->insn.src)) && step_read(s, s->insn.dst) &&
           store(s, false, from_reg);
}

/* ---- atomics ---- */

/* Kinds whose accesses Linux rewrites, or whose memory others see half-written. */
static bool check_atomic_kind(struct step *s, uint32_t r, const char *what) {
    const struct reg *const p = step_reg(s, r);
    if (p->kind != REG_CTX && !reg_is_packet(p) && p->kind != REG_FLOW_KEYS && !reg_is_sock(p))
        return true;
    char kind[64];
    return step_reject(s, REASON_ATOMIC, (int)r, "BPF_ATOMIC %s R%u %s is not allowed", what, r,
                       reg_kind_name(p, kind));
}

static bool check_atomic_leak(struct step *s, uint32_t r) {
    if (s->sub->privileged || !reg_is_pointer(step_reg(s, r)))
        return true;
    return step_reject(s, REASON_PTR_LEAK, (int)r, "R%u leaks addr into mem", r);
}

/* The register that gets the old value, or -1. */
static int fetch_reg(const struct step *s) {
    switch (op_table[s->op].cls) {
    case CLASS_ATOMIC_CMPXCHG: return 0;
    case CLASS_ATOMIC_XCHG: return s->insn.src;
    default: return s->insn.imm & 1 ? s->insn.src : -1; /* BPF_FETCH */
    }
}

/* Memory that is read and then holds an unknown value; the old one may go into a register. */
static bool read_modify_write(struct step *s) {
    const struct insn in = s->insn;
    const bool compares = op_table[s->op].cls == CLASS_ATOMIC_CMPXCHG;
    if (!step_read(s, in.src) || !step_read(s, in.dst))
        return false;
    if (compares && (!step_read(s, 0) || !check_atomic_leak(s, 0)))
        return false;
    if (!check_atomic_leak(s, in.src) || !check_atomic_kind(s, in.dst, "stores into"))
        return false;
    const int fetch = fetch_reg(s);
    if (fetch >= 0 && !step_may_write(s, (uint32_t)fetch))
        return false;
    if (fetch == in.dst) /* the old value would take the place of the pointer: Linux refuses */
        return step_reject(s, REASON_NOT_POINTER, fetch, "R%d invalid mem access 'scalar'", fetch);
    struct access a = {.r = in.dst,
                       .off = in.off,
                       .n_bytes = bytes_of(s),
                       .kind = ACCESS_READ,
                       .atomic = true,
                       .value_reg = REPORT_NO_REG};
    struct reg old = reg_uninit();
    /* unprivileged programs may not use a spilled pointer as a number, even if none gets it */
    if (!access_insn(s, &a, NULL) || (fetch >= 0 && !access_insn(s, &a, &old)))
        return false;
    a.kind = ACCESS_WRITE;
    if (!access_insn(s, &a, NULL))
        return false;
    if (fetch >= 0)
        put_loaded(s, (uint32_t)fetch, old, a.n_bytes, false);
    return true;
}

bool step_atomic(struct step *s) {
    const struct insn in = s->insn;
    switch (op_table[s->op].cls) {
    case CLASS_ATOMIC_LOAD:
        return step_read(s, in.src) && step_may_write(s, in.dst) &&
               check_atomic_kind(s, in.src, "loads from") && load(s, true, false);
    case CLASS_ATOMIC_STORE:
        return step_read(s, in.src) && step_read(s, in.dst) &&
               check_atomic_kind(s, in.dst, "stores into") && store(s, true, true);
    default: return read_modify_write(s);
    }
}
