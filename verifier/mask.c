#include "verifier/mask.h"

#include "verifier/alu_family.h"

enum {
    HOW_NUMBER = 1 << 0, /* no pointer is moved */
    HOW_NEGATIVE = 1 << 1,
    HOW_CONSTANT = 1 << 2,
    HOW_PTR_IN_DST = 1 << 3,
    HOW_PTR_IN_SRC = 1 << 4,
    HOW_LEFT = 1 << 5, /* towards lower addresses; follows from the rest */
};

static bool is_masked(const struct step *s) {
    const enum alu_family family = alu_family(s->op);
    return !s->sub->privileged && op_table[s->op].from_reg &&
           (family == FAMILY_ADD || family == FAMILY_SUB);
}

static const char *verb(const struct step *s) {
    return alu_family(s->op) == FAMILY_ADD ? "add" : "sub";
}

/* How far the pointer may go in its direction before it leaves its object: to the left what lies
 * before it, to the right what it has come already, of which the object's size is the most. */
static bool find_limit(struct step *s, const struct reg *p, bool left, bool ptr_in_dst,
                       uint32_t *limit) {
    uint32_t max;
    switch ((enum reg_kind)p->kind) {
    case REG_STACK:
        max = FRAME_MAX_BYTES + left;
        *limit = (uint32_t)-((int64_t)p->v.bits.value + p->off);
        break;
    case REG_MAP_VALUE:
        max = s->sub->maps[p->map].def->value_size;
        *limit = (uint32_t)(left ? (uint64_t)p->v.s.min : p->v.u.max) + (uint32_t)p->off;
        break;
    default: {
        const int r = ptr_in_dst ? s->insn.dst : s->insn.src;
        return step_reject(s, REASON_PRIVILEGE, r,
                           "R%d has pointer with unsupported alu operation, pointer arithmetic "
                           "with it prohibited for !root",
                           r);
    }
    }
    return *limit < max || step_reject(s, REASON_PRIVILEGE, s->insn.dst,
                                       "R%d tried to %s beyond pointer bounds, pointer arithmetic "
                                       "with it prohibited for !root",
                                       s->insn.dst, verb(s));
}

bool mask_before(struct step *s, const struct reg *ptr, struct scalar off, bool ptr_in_dst,
                 struct mask *m) {
    *m = (struct mask){0};
    if (!is_masked(s))
        return true;
    const bool negative = off.s.min < 0, constant = scalar_is_const(off);
    if (!constant && negative != (off.s.max < 0)) {
        const int r = ptr_in_dst ? s->insn.src : s->insn.dst;
        return step_reject(s, REASON_PRIVILEGE, r,
                           "R%d has unknown scalar with mixed signed bounds, pointer arithmetic "
                           "with it prohibited for !root",
                           r);
    }
    const bool left = (alu_family(s->op) == FAMILY_ADD) == negative;
    m->how = (uint8_t)((negative ? HOW_NEGATIVE : 0) | (constant ? HOW_CONSTANT : 0) |
                       (ptr_in_dst ? HOW_PTR_IN_DST : HOW_PTR_IN_SRC) | (left ? HOW_LEFT : 0));
    m->varies = !constant;
    return find_limit(s, ptr, left, ptr_in_dst, &m->limit);
}

bool mask_after(struct step *s, const struct reg *moved, const struct mask *m) {
    uint32_t limit;
    if (!m->how)
        return true;
    if (!find_limit(s, moved, m->how & HOW_LEFT, m->how & HOW_PTR_IN_DST, &limit))
        return false;
    s->eff.mask = *m;
    s->eff.mask.limit = m->limit > limit ? m->limit - limit : limit - m->limit;
    return true;
}

void mask_number(struct step *s) {
    if (is_masked(s))
        s->eff.mask = (struct mask){.how = HOW_NUMBER};
}

bool mask_refuse_paths(const struct step *s, struct report *rep) {
    report_reject(rep, REASON_PRIVILEGE, s->pc, s->insn.dst,
                  "R%d tried to %s from different maps, paths or scalars, pointer arithmetic with "
                  "it prohibited for !root",
                  s->insn.dst, verb(s));
    return report_needed(rep, "the same pointer and direction on every path");
}
