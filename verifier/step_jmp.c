/* step_jmp.c: conditional jumps: is the jump decided? If not, what does each edge know more?
 *
 * The taken edge is the fork, and the path itself falls through, as Linux explores.
 */
#include "verifier/access.h"
#include "verifier/call.h"
#include "verifier/domain/alu.h"
#include "verifier/link.h"

/* The comparison that a row makes, whatever its width and second operand. */
enum comparison {
    CMP_NONE,
#define JMP_COND(op, name, sym, code, expr) CMP_##op,
#include "isa/jmp.def"
};

/* clang-format off */
static const uint8_t comparisons[N_OPS] = {
#define JMP_COND(op, name, sym, code, expr)                                                        \
    [OP_##op##64_IMM] = CMP_##op, [OP_##op##64_REG] = CMP_##op,                                    \
    [OP_##op##32_IMM] = CMP_##op, [OP_##op##32_REG] = CMP_##op,
#include "isa/jmp.def"
};
/* clang-format on */

/* struct jump: one conditional jump and its operands. */
struct jump {
    enum comparison cmp;
    bool wide;             /* compares 64 bits */
    bool from_reg;         /* src is the source register, else a number made for the immediate */
    struct reg *dst, *src; /* in the state before, which becomes the one that falls through */
    struct reg imm;
    uint32_t target;
};

/* struct edges: what both operands are on both edges, where both are scalars. */
struct edges {
    struct scalar dst_taken, src_taken, dst_not, src_not;
};

static bool is_any_packet(const struct reg *r) {
    return reg_is_packet(r) || r->kind == REG_PACKET_END;
}

/* ---- decisions ---- */

/* Which way "pkt cmp end" goes once pkt is known to be at or beyond the end. */
static enum branch decide_packet(enum comparison cmp, const struct reg *dst,
                                 const struct reg *src) {
    const struct reg *pkt = dst;
    if (dst->kind == REG_PACKET_END) {
        static const uint8_t mirrored[] = {
            [CMP_JGT] = CMP_JLT, [CMP_JLT] = CMP_JGT, [CMP_JGE] = CMP_JLE, [CMP_JLE] = CMP_JGE};
        pkt = src;
        cmp = cmp < sizeof mirrored ? (enum comparison)mirrored[cmp] : CMP_NONE;
    } else if (src->kind != REG_PACKET_END) {
        return BRANCH_UNKNOWN;
    }
    if (!reg_is_packet(pkt) || pkt->range >= 0)
        return BRANCH_UNKNOWN;
    const bool beyond = pkt->range == PACKET_BEYOND_END;
    switch (cmp) {
    case CMP_JGT: return beyond ? BRANCH_TAKEN : BRANCH_UNKNOWN;
    case CMP_JLE: return beyond ? BRANCH_NOT_TAKEN : BRANCH_UNKNOWN;
    case CMP_JGE: return BRANCH_TAKEN;
    case CMP_JLT: return BRANCH_NOT_TAKEN;
    default: return BRANCH_UNKNOWN;
    }
}

/* Is an object of this type never at address 0, whoever made the pointer? */
static bool is_trusted_object(const struct reg *r) {
    const unsigned trusted = REG_F_TRUSTED | REG_F_ALLOC | REG_F_NON_OWN;
    return r->ref != 0 ||
           ((r->flags & trusted) && !(r->flags & ~(trusted | (unsigned)REG_F_OWN_BTF)));
}

/* not_null: a pointer that is not 0: its object is not, and its offset cannot wrap around to it. */
static bool not_null(const struct reg *r) {
    if (reg_maybe_null(r) || r->v.s.min <= -OFFSET_LIMIT || r->v.s.max >= OFFSET_LIMIT)
        return false;
    switch ((enum reg_kind)r->kind) {
    case REG_MAP:
    case REG_MAP_VALUE:
    case REG_MAP_KEY:
    case REG_MEM:
    case REG_BUF:
    case REG_SOCK:
    case REG_SOCK_COMMON:
    case REG_TCP_SOCK:
    case REG_XDP_SOCK: return !(r->flags & REG_F_UNTRUSTED);
    case REG_BTF: return is_trusted_object(r);
    default: return false;
    }
}

static enum branch decide(const struct jump *j, enum op op) {
    if (reg_is_scalar(j->dst) && reg_is_scalar(j->src))
        return scalar_branch(op, j->dst->v, j->src->v);
    if (!j->wide) /* the lower half of a pointer may be anything */
        return BRANCH_UNKNOWN;
    if (is_any_packet(j->dst) && is_any_packet(j->src))
        return decide_packet(j->cmp, j->dst, j->src);
    const bool null_test =
        (reg_is_null(j->src) && not_null(j->dst)) || (reg_is_null(j->dst) && not_null(j->src));
    if (!null_test)
        return BRANCH_UNKNOWN;
    return j->cmp == CMP_JEQ ? BRANCH_NOT_TAKEN : j->cmp == CMP_JNE ? BRANCH_TAKEN : BRANCH_UNKNOWN;
}

/* Only one edge is possible, which must be so wherever this state covers another. */
static bool follow(struct step *s, const struct jump *j, bool taken) {
    if (reg_is_scalar(j->dst))
        step_precise(s, s->insn.dst);
    if (j->from_reg && reg_is_scalar(j->src))
        step_precise(s, s->insn.src);
    s->eff.decided = taken ? 1 : -1;
    if (taken)
        s->next = j->target;
    return true;
}

/* ---- what the edges know more ---- */

static struct edges refine(const struct jump *j, enum op op) {
    struct edges e = {j->dst->v, j->src->v, j->dst->v, j->src->v};
    if (j->from_reg && j->dst == j->src) {
        e.dst_taken = e.src_taken = scalar_refine_same(op, true, j->dst->v);
        e.dst_not = e.src_not = scalar_refine_same(op, false, j->dst->v);
        return e;
    }
    scalar_refine(op, true, &e.dst_taken, &e.src_taken);
    scalar_refine(op, false, &e.dst_not, &e.src_not);
    return e;
}

/* One edge's refinements, into its state and to all that is linked with the operands. */
static void learn(const struct step *s, const struct jump *j, struct state *st, struct scalar dst,
                  struct scalar src) {
    struct reg *const regs = state_regs(st);
    struct reg *const d = &regs[s->insn.dst];
    d->v = dst;
    if (j->from_reg) {
        struct reg *const other = &regs[s->insn.src];
        other->v = src;
        if (other->id)
            link_sync(s, st, other);
    }
    if (d->id)
        link_sync(s, st, d);
}

/* All pointers into a packet that share p's variable part may read as far behind their common base
 * as p points; below_end: p is strictly below the end, so that the byte it points to is there
 * too. */
static void prove_range(const struct step *s, struct state *st, const struct reg *p,
                        bool below_end) {
    enum {
        MAX_PACKET_BYTES = 0xffff
    };
    if (p->off < 0 || (p->off == 0 && below_end))
        return;
    /* base + huge may be below the end only because it wrapped around */
    if (p->v.u.max > MAX_PACKET_BYTES || p->v.u.max + (uint64_t)p->off > MAX_PACKET_BYTES)
        return;
    const uint8_t kind = p->kind;
    const uint32_t id = p->id;
    const int32_t range = p->off + below_end;
    struct reg_walk w = {.st = st};
    for (struct reg *r; (r = reg_walk_next(&w)) != NULL;)
        if (r->kind == kind && r->id == id && r->range < range) {
            r->range = range;
            r->proved_at = 1 + s->pc;
        }
}

/* The pointer itself is at the end or beyond it: later comparisons with the end are decided. */
static void mark_end(struct state *st, uint32_t r, bool beyond) {
    struct reg *const p = &state_regs(st)[r];
    if (p->kind == REG_PACKET)
        p->range = beyond ? PACKET_BEYOND_END : PACKET_AT_END;
}

static bool is_packet_start(const struct reg *r) {
    return r->kind == REG_PACKET && r->id == 0 && r->off == 0 && scalar_is_const(r->v) &&
           r->v.bits.value == 0;
}

/* Is "p cmp limit" a test of how far a packet (or its metadata) reaches? */
static bool is_packet_test(const struct reg *p, const struct reg *limit) {
    return (p->kind == REG_PACKET && limit->kind == REG_PACKET_END) ||
           (p->kind == REG_PACKET_META && is_packet_start(limit));
}

/* learn_packet: "p > end" and its seven kin. taken, not: the two edges' states.
 * out: false: the jump is no such test */
static bool learn_packet(const struct step *s, const struct jump *j, struct state *taken,
                         struct state *not_taken) {
    if (!j->from_reg || !j->wide)
        return false;
    const bool in_dst = is_packet_test(j->dst, j->src);
    if (!in_dst && !is_packet_test(j->src, j->dst))
        return false;
    const uint32_t r = in_dst ? s->insn.dst : s->insn.src;
    /* p is above the limit on one edge, below it on the other: strictly, or at it too */
    bool above_is_taken, strictly;
    switch (j->cmp) {
    case CMP_JGT: above_is_taken = in_dst, strictly = !in_dst; break;
    case CMP_JGE: above_is_taken = in_dst, strictly = in_dst; break;
    case CMP_JLT: above_is_taken = !in_dst, strictly = in_dst; break;
    case CMP_JLE: above_is_taken = !in_dst, strictly = !in_dst; break;
    default: return false;
    }
    struct state *const above = above_is_taken ? taken : not_taken;
    struct state *const below = above_is_taken ? not_taken : taken;
    prove_range(s, below, &state_regs(below)[r], strictly);
    mark_end(above, r, !strictly);
    return true;
}

/* A pointer that may be NULL needs an identity of its own to be told apart from others. */
static uint32_t identity(struct step *s, struct reg *p) {
    if (p->id == 0)
        p->id = step_new_id(s);
    return p->id;
}

/* Of two equal pointers, one that is not NULL makes the other not NULL. Kernel objects may be NULL
 * without saying so, and prove nothing. */
static void learn_equal_pointers(struct step *s, const struct jump *j, struct state *equal) {
    const struct reg *const dst = j->dst, *const src = j->src;
    if (dst->kind == REG_BTF || src->kind == REG_BTF)
        return;
    const bool dst_sure = not_null(dst), src_sure = not_null(src);
    if (dst_sure && reg_maybe_null(src))
        call_mark_null(s, equal, src->id, false);
    if (src_sure && reg_maybe_null(dst))
        call_mark_null(s, equal, dst->id, false);
}

static bool is_null_test(const struct step *s, const struct jump *j) {
    return j->wide && !j->from_reg && s->insn.imm == 0 &&
           (j->cmp == CMP_JEQ || j->cmp == CMP_JNE) && reg_maybe_null(j->dst);
}

/* What the edges learn from a comparison with a pointer in it. */
static bool learn_pointers(struct step *s, const struct jump *j, struct state *taken) {
    const bool both = j->from_reg && j->wide && reg_is_pointer(j->dst) && reg_is_pointer(j->src);
    if (both && (j->cmp == CMP_JEQ || j->cmp == CMP_JNE))
        learn_equal_pointers(s, j, j->cmp == CMP_JEQ ? taken : s->st);
    if (is_null_test(s, j)) {
        const uint32_t id = j->dst->id;
        call_mark_null(s, s->st, id, j->cmp == CMP_JNE);
        call_mark_null(s, taken, id, j->cmp == CMP_JEQ);
        return true;
    }
    if (learn_packet(s, j, taken, s->st) || s->sub->privileged || !reg_is_pointer(j->dst))
        return true;
    return step_reject(s, REASON_PTR_COMPARE, s->insn.dst, "R%d pointer comparison prohibited",
                       s->insn.dst);
}

/* ---- the step ---- */

static bool read_operands(struct step *s, struct jump *j) {
    const struct op_info *const row = &op_table[s->op];
    j->cmp = (enum comparison)comparisons[s->op];
    j->wide = row->width_bits == 64;
    j->from_reg = row->from_reg;
    j->target = (uint32_t)((int64_t)s->next + insn_jump(s->op, s->insn));
    if (!step_read(s, s->insn.dst) || (j->from_reg && !step_read(s, s->insn.src)))
        return false;
    j->dst = step_reg(s, s->insn.dst);
    j->imm = reg_const((uint64_t)(int64_t)s->insn.imm);
    j->src = j->from_reg ? step_reg(s, s->insn.src) : &j->imm;
    s->eff.moved_by_dst = j->dst->kind == REG_STACK;
    s->eff.moved_by_src = j->src->kind == REG_STACK;
    if (j->from_reg && reg_is_pointer(j->src) && !s->sub->privileged &&
        !(is_any_packet(j->dst) && is_any_packet(j->src)))
        return step_reject(s, REASON_PTR_COMPARE, s->insn.src, "R%d pointer comparison prohibited",
                           s->insn.src);
    return true;
}

/* Both operands' linked scalars, before the states part. One place alone is no link. */
static void collect(struct step *s, const struct jump *j) {
    if (j->from_reg && j->src->id)
        link_collect(s, j->src->id);
    if (j->dst->id && !(j->from_reg && j->dst->id == j->src->id))
        link_collect(s, j->dst->id);
    if (s->eff.n_linked == 1)
        s->eff.n_linked = 0;
}

static bool compare_scalars(struct step *s, struct jump *j) {
    const struct edges e = refine(j, s->op);
    /* refinement sees contradictions that the decision does not look for */
    if (scalar_is_empty(e.dst_taken) || scalar_is_empty(e.src_taken))
        return follow(s, j, false);
    if (scalar_is_empty(e.dst_not) || scalar_is_empty(e.src_not))
        return follow(s, j, true);
    collect(s, j);
    struct state *const taken = step_fork(s, j->target);
    if (!taken)
        return false;
    learn(s, j, s->st, e.dst_not, e.src_not);
    learn(s, j, taken, e.dst_taken, e.src_taken);
    return true;
}

bool step_jmp_cond(struct step *s) {
    struct jump j;
    if (!read_operands(s, &j))
        return false;
    const enum branch known = decide(&j, s->op);
    if (known != BRANCH_UNKNOWN)
        return follow(s, &j, known == BRANCH_TAKEN);
    if (reg_is_scalar(j.dst) && reg_is_scalar(j.src))
        return compare_scalars(s, &j);
    if (reg_maybe_null(j.dst))
        identity(s, j.dst);
    if (reg_maybe_null(j.src))
        identity(s, j.src);
    struct state *const taken = step_fork(s, j.target);
    return taken && learn_pointers(s, &j, taken);
}

/* The path itself jumps; the fork spends a unit of the budget and goes on. */
bool step_may_goto(struct step *s) {
    struct state *const st = step_fork(s, s->next);
    if (!st)
        return false;
    st->may_gotos++;
    s->forks[s->n_forks - 1].widen = true;
    s->next = (uint32_t)((int64_t)s->next + insn_jump(s->op, s->insn));
    return true;
}
