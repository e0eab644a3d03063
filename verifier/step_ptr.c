/* step_ptr.c: pointer arithmetic: which kinds of pointer allow it, and how far it may go.
 *
 * What becomes of the offset: offset.h.
 */
#include "verifier/access.h"
#include "verifier/alu_family.h"
#include "verifier/mask.h"

#include <inttypes.h>

/* What may be added to a pointer of a kind. */
enum arith {
    ARITH_NONE,
    ARITH_ZERO, /* only += 0 */
    ARITH_IMM,  /* only immediates: a number that is proved to be constant varies to Linux */
    ARITH_ANY,
};

static const uint8_t arith_of[N_REG_KINDS] = {
    [REG_CTX] = ARITH_ANY,         [REG_STACK] = ARITH_ANY,  [REG_PACKET] = ARITH_ANY,
    [REG_PACKET_META] = ARITH_ANY, [REG_MAP] = ARITH_ZERO,   [REG_MAP_VALUE] = ARITH_ANY,
    [REG_MAP_KEY] = ARITH_ANY,     [REG_MEM] = ARITH_ANY,    [REG_BUF] = ARITH_ANY,
    [REG_TP_BUFFER] = ARITH_ANY,   [REG_FUNC] = ARITH_ANY,   [REG_FLOW_KEYS] = ARITH_IMM,
    [REG_BTF] = ARITH_ANY,         [REG_DYNPTR] = ARITH_ANY,
};

static bool allowed(const struct step *s, enum reg_kind kind, enum alu_family family,
                    struct scalar off) {
    switch ((enum arith)arith_of[kind]) {
    case ARITH_ANY: return true;
    case ARITH_IMM: return !op_table[s->op].from_reg;
    case ARITH_ZERO: return family == FAMILY_ADD && scalar_is_const(off) && off.bits.value == 0;
    case ARITH_NONE: break;
    }
    return false;
}

static bool beyond(int64_t x) {
    return x >= OFFSET_LIMIT || x <= -OFFSET_LIMIT;
}

/* sane: an offset that arithmetic may go on with; else why not. */
static bool sane(struct step *s, struct offset o, const struct reg *ptr) {
    if (offset_is_sane(o))
        return true;
    char buf[64];
    const int dst = s->insn.dst;
    if (scalar_is_const(o.var) && beyond((int64_t)o.var.bits.value))
        return step_reject(s, REASON_PTR_ARITH, dst,
                           "math between %s pointer and %" PRId64 " is not allowed",
                           reg_kind_name(ptr, buf), (int64_t)o.var.bits.value);
    if (beyond(o.fixed))
        return step_reject(s, REASON_PTR_ARITH, dst, "%s pointer offset %" PRId32 " is not allowed",
                           reg_kind_name(ptr, buf), o.fixed);
    if (o.var.s.min == INT64_MIN)
        return step_reject(s, REASON_UNBOUNDED, dst,
                           "math between %s pointer and register with unbounded min value is not "
                           "allowed",
                           reg_kind_name(ptr, buf));
    return step_reject(s, REASON_PTR_ARITH, dst,
                       "value %" PRId64 " makes %s pointer be out of bounds", o.var.s.min,
                       reg_kind_name(ptr, buf));
}

/* Unprivileged pointers stay inside their object at every moment. */
static bool stays_inside(struct step *s, const struct reg *p) {
    const uint32_t dst = s->insn.dst;
    if (s->sub->privileged)
        return true;
    if (p->kind == REG_MAP_VALUE) {
        const struct access_span one = {.r = dst, .n_bytes = 1};
        if (access_map_value(s, &one))
            return true;
        report_line(&s->rep,
                    "R%u pointer arithmetic of map value goes out of range, prohibited for !root",
                    dst);
        return report_needed(&s->rep, "a pointer that stays inside the map value");
    }
    if (p->kind != REG_STACK)
        return true;
    char text[ACCESS_TNUM_TEXT];
    const int64_t off = p->off + (int64_t)p->v.bits.value;
    if (!scalar_is_const(p->v))
        return step_reject(
            s, REASON_PRIVILEGE, (int)dst,
            "R%u variable stack access prohibited for !root, var_off=%s off=%" PRId64, dst,
            access_tnum_text(p->v.bits, text), off);
    if (off >= 0 || off < -FRAME_MAX_BYTES)
        return step_reject(s, REASON_PRIVILEGE, (int)dst,
                           "R%u stack pointer arithmetic goes out of range, prohibited for !root; "
                           "off=%" PRId64,
                           dst, off);
    return true;
}

/* The new offset of p. A variable part makes another pointer of a packet's, of which no range is
 * known; taking something away that is not negative leaves what was proved behind it. That p is at
 * the packet's end or beyond it (a negative range) stays true only upwards. */
static void move_pointer(struct step *s, struct reg *p, enum alu_family family, struct scalar off) {
    const bool add = family == FAMILY_ADD;
    const bool up = add ? off.s.min >= 0 : off.s.max <= 0;
    if (reg_is_packet(p) && p->range < 0 && !up)
        p->range = 0;
    const struct offset moved = offset_moved((struct offset){p->off, p->v}, add, off);
    p->off = moved.fixed;
    p->v = moved.var;
    if (reg_is_packet(p) && !scalar_is_const(off)) {
        p->id = step_new_id(s);
        if (add || off.s.min < 0)
            p->range = 0;
    }
}

static bool refuse_operator(struct step *s, enum alu_family family) {
    const bool bitwise = family == FAMILY_AND || family == FAMILY_OR || family == FAMILY_XOR;
    return step_reject(s, REASON_PTR_ARITH, s->insn.dst,
                       bitwise ? "R%d bitwise operator %s on pointer prohibited"
                               : "R%d pointer arithmetic with %s operator prohibited",
                       s->insn.dst, op_table[s->op].sym);
}

static bool may_be_moved(struct step *s, const struct reg *ptr, enum alu_family family,
                         struct scalar off) {
    char kind[64];
    const int dst = s->insn.dst;
    if (reg_maybe_null(ptr)) {
        step_reject(s, REASON_NULL_DEREF, dst,
                    "R%d pointer arithmetic on %s prohibited, null-check it first", dst,
                    reg_kind_name(ptr, kind));
        return report_needed(&s->rep, "a test for NULL before r%d is moved", dst);
    }
    return allowed(s, (enum reg_kind)ptr->kind, family, off) ||
           step_reject(s, REASON_PTR_ARITH, dst, "R%d pointer arithmetic on %s prohibited", dst,
                       reg_kind_name(ptr, kind));
}

bool step_ptr_alu(struct step *s, const struct reg *ptr, struct scalar off, bool ptr_in_dst) {
    const enum alu_family family = alu_family(s->op);
    struct reg *const dst = step_reg(s, s->insn.dst);
    if (op_table[s->op].width_bits != 64) {
        /* the difference of half a pointer and a number is a number that means nothing */
        if (family != FAMILY_SUB || !s->sub->privileged)
            return step_reject(s, REASON_PTR_ARITH, s->insn.dst,
                               "R%d 32-bit pointer arithmetic prohibited", s->insn.dst);
        *dst = reg_scalar(scalar_below(32));
        return true;
    }
    if (!may_be_moved(s, ptr, family, off))
        return false;
    /* memory that is only probed has no bounds to keep */
    const unsigned probed = REG_F_RDONLY | REG_F_UNTRUSTED;
    if (ptr->kind == REG_MEM && (ptr->flags & probed) == probed) {
        *dst = *ptr;
        return true;
    }
    struct mask mask;
    if (!sane(s, (struct offset){0, off}, ptr) ||
        !sane(s, (struct offset){ptr->off, ptr->v}, ptr) ||
        !mask_before(s, ptr, off, ptr_in_dst, &mask))
        return false;
    if (family != FAMILY_ADD && family != FAMILY_SUB)
        return refuse_operator(s, family);
    if (family == FAMILY_SUB && !ptr_in_dst)
        return step_reject(s, REASON_PTR_ARITH, s->insn.dst,
                           "R%d tried to subtract pointer from scalar", s->insn.dst);
    if (family == FAMILY_SUB && ptr->kind == REG_STACK)
        return step_reject(s, REASON_PTR_ARITH, s->insn.dst,
                           "R%d subtraction from stack pointer prohibited", s->insn.dst);
    struct reg moved = *ptr;
    move_pointer(s, &moved, family, off);
    if (!sane(s, (struct offset){moved.off, moved.v}, ptr))
        return false;
    *dst = moved;
    return stays_inside(s, dst) && mask_after(s, dst, &mask);
}
