#include "fuzz/case_parts.h"

#include <string.h>

/* What a slot is. */
enum {
    SLOT_PLAIN,
    SLOT_SECOND, /* of an LD_IMM64 */
    SLOT_ENTRY,  /* a function begins here */
};

bool case_refers(const struct prog *p, uint32_t pc, int64_t *to) {
    const enum op op = op_of(p->insns[pc]);
    *to = (int64_t)pc + 1 + p->insns[pc].imm;
    return op == OP_CALL_LOCAL || op == OP_LDDW_CODE;
}

const struct case_func *case_parts_at(const struct case_parts *parts, uint32_t pc) {
    uint32_t lo = 0, hi = parts->n;
    while (hi - lo > 1) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (parts->func[mid].start <= pc)
            lo = mid;
        else
            hi = mid;
    }
    return &parts->func[lo];
}

/* out: false: something refers to where no function can begin */
static bool mark(const struct prog *p, uint8_t *slots) {
    int64_t to;
    memset(slots, SLOT_PLAIN, p->n_insns);
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc]))
        if (insn_slots(p->insns[pc]) > 1 && pc + 1 < p->n_insns)
            slots[pc + 1] = SLOT_SECOND;
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        if (!case_refers(p, pc, &to))
            continue;
        if (to <= 0 || to >= p->n_insns || slots[to] == SLOT_SECOND)
            return false;
        slots[to] = SLOT_ENTRY;
    }
    return true;
}

/* Does control stay in the function until it returns? */
static bool is_closed(const struct prog *p, const struct case_func *f) {
    const uint32_t end = f->start + f->n_insns;
    bool ends = false;
    for (uint32_t pc = f->start; pc < end; pc += insn_slots(p->insns[pc])) {
        const enum op op = op_of(p->insns[pc]);
        const unsigned cls = op == OP_INVALID ? (unsigned)CLASS_EXIT : op_table[op].cls;
        ends = cls == CLASS_EXIT || cls == CLASS_JMP_ALWAYS;
        if (cls != CLASS_JMP_COND && cls != CLASS_JMP_ALWAYS && cls != CLASS_JMP_BUDGET)
            continue;
        const int64_t to = (int64_t)pc + 1 + insn_jump(op, p->insns[pc]);
        if (to < f->start || to >= end)
            return false;
    }
    return ends;
}

/* Walk along the references from the entry. out: how many functions were met; NO_PLACE stays where
 * none was */
enum {
    NO_PLACE = -1
};

static uint32_t link_all(const struct prog *p, struct case_parts *parts) {
    struct {
        uint32_t func, pc;
    } stack[CASE_MAX_INSNS];
    uint32_t depth = 1, n = 1, end = parts->func[0].n_insns;
    for (uint32_t i = 0; i < parts->n; i++)
        parts->func[i].linked_at = (uint32_t)NO_PLACE;
    parts->func[0].linked_at = stack[0].func = stack[0].pc = 0;
    while (depth) {
        const struct case_func *const f = &parts->func[stack[depth - 1].func];
        const uint32_t pc = stack[depth - 1].pc;
        int64_t to;
        if (pc >= f->start + f->n_insns) {
            depth--;
            continue;
        }
        stack[depth - 1].pc += insn_slots(p->insns[pc]);
        if (!case_refers(p, pc, &to))
            continue;
        const uint32_t target = (uint32_t)(case_parts_at(parts, (uint32_t)to) - parts->func);
        if (parts->func[target].linked_at != (uint32_t)NO_PLACE)
            continue;
        parts->func[target].linked_at = end;
        end += parts->func[target].n_insns;
        n++;
        stack[depth].func = target;
        stack[depth++].pc = parts->func[target].start;
    }
    return n;
}

static bool take_apart(const struct prog *p, struct case_parts *parts) {
    uint8_t slots[CASE_MAX_INSNS];
    if (!mark(p, slots))
        return false;
    parts->n = 0;
    for (uint32_t pc = 0; pc < p->n_insns; pc++) {
        if (pc == 0 || slots[pc] == SLOT_ENTRY)
            parts->func[parts->n++] = (struct case_func){.start = pc};
        parts->func[parts->n - 1].n_insns++;
    }
    for (uint32_t i = 0; i < parts->n; i++)
        if (!is_closed(p, &parts->func[i]))
            return false;
    return link_all(p, parts) == parts->n;
}

void case_parts_of(const struct prog *p, struct case_parts *out) {
    if (take_apart(p, out))
        return;
    out->n = 1;
    out->func[0] = (struct case_func){.n_insns = p->n_insns};
}
