/* step_imm64.c: what a 64-bit immediate names: a number, a map, a place in a map's value, a
 * function of the program, a variable of the kernel's.
 */
#include "verifier/access.h"

static bool put(struct step *s, struct reg r) {
    *step_reg(s, s->insn.dst) = r;
    return true;
}

static bool map(struct step *s, uint32_t index) {
    if (index >= s->sub->n_maps)
        return step_reject(s, REASON_INSN, REPORT_NO_REG,
                           "fd_idx without fd_array is invalid: map index %u", index);
    struct reg r = reg_pointer(REG_MAP, 0);
    r.map = index;
    return put(s, r);
}

/* Maps whose one value has an address that never changes. */
static bool has_direct_value(const struct map_def *def) {
    return def->type == MAP_arena || (def->type == MAP_array && def->max_entries == 1);
}

static bool map_value(struct step *s, uint32_t index, uint32_t off) {
    if (index >= s->sub->n_maps)
        return map(s, index);
    const struct map_def *const def = s->sub->maps[index].def;
    if (!has_direct_value(def))
        return step_reject(s, REASON_MAP_BOUNDS, REPORT_NO_REG,
                           "direct value access on this map type is not supported");
    if (def->type == MAP_arena)
        return put(s, reg_scalar(scalar_unknown()));
    if (off >= OFFSET_LIMIT || off >= def->value_size)
        return step_reject(s, REASON_MAP_BOUNDS, REPORT_NO_REG,
                           "invalid access to map value pointer, value_size=%u off=%u",
                           def->value_size, off);
    struct reg r = reg_pointer(REG_MAP_VALUE, 0);
    r.map = index;
    r.off = (int32_t)off;
    return put(s, r);
}

/* A function's address, to be called back. */
static bool function(struct step *s) {
    const int64_t start = (int64_t)s->pc + 1 + s->insn.imm;
    for (uint32_t i = 0; i < s->sub->n_subprogs; i++) {
        const struct subprog_fact *const f = &s->sub->subprogs[i];
        if (f->start != start)
            continue;
        if (f->global)
            return step_reject(s, REASON_CALLBACK, REPORT_NO_REG, "callback function not static");
        if (i == 0)
            return step_reject(s, REASON_CALLBACK, REPORT_NO_REG,
                               "callback function cannot be the main program");
        struct reg r = reg_pointer(REG_FUNC, 0);
        r.subprog = i;
        return put(s, r);
    }
    return step_reject(s, REASON_CALLBACK, REPORT_NO_REG, "func#%lld is no function",
                       (long long)start);
}

static const struct prog_extern *extern_at(const struct prog *p, uint32_t pc) {
    for (uint32_t i = 0; i < p->n_externs; i++)
        if (p->externs[i].pc == pc && !p->externs[i].is_func)
            return &p->externs[i];
    return NULL;
}

/* Is it declared without a type? Then its address is a number to the program, whatever it names. */
static bool is_typeless(const struct subject *sub, const struct prog_extern *x) {
    const struct btf *const btf = sub->prog->btf;
    const struct btf_type *const var = btf ? btf_type_at(btf, x->btf_id) : NULL;
    return var && var->kind == BTF_VAR && btf_strip(btf, var->size_or_type) == 0;
}

/* A variable that no kernel has is at address 0, if the program said that it may be missing. */
static bool variable(struct step *s) {
    const struct prog_extern *const x = extern_at(s->sub->prog, s->pc);
    const struct btf *const kernel = subject_kernel(s->sub);
    const uint32_t id = x && kernel ? subject_kernel_id(s->sub, BTF_VAR, x->name) : 0;
    struct reg r = reg_const(0);
    if (x && is_typeless(s->sub, x)) {
        if (id || (kernel && subject_kernel_id(s->sub, BTF_FUNC, x->name)))
            return put(s, reg_scalar(scalar_unknown()));
    } else if (id)
        return btf_variable(s, x, id, &r) && put(s, r);
    if (x && x->weak)
        return put(s, r);
    return step_reject(s, REASON_BTF, REPORT_NO_REG, "ldimm64 refers to %s, which the kernel lacks",
                       x ? x->name : "an unknown variable");
}

bool step_imm64(struct step *s) {
    if (!step_may_write(s, s->insn.dst))
        return false;
    const struct insn lo = s->insn, hi = s->sub->prog->insns[s->pc + 1];
    switch (s->op) {
    case OP_LDDW: return put(s, reg_const(insn_imm64(lo, hi)));
    case OP_LDDW_MAP_IDX: return map(s, (uint32_t)lo.imm);
    case OP_LDDW_MAP_IDX_VALUE: return map_value(s, (uint32_t)lo.imm, (uint32_t)hi.imm);
    case OP_LDDW_CODE: return function(s);
    case OP_LDDW_VAR: return variable(s);
    default: /* file descriptors, which a program that was loaded has none of */
        return step_reject(s, REASON_INSN, REPORT_NO_REG, "fd %d is not pointing to valid bpf_map",
                           lo.imm);
    }
}
