/* lower_imm.c: 64-bit immediates: numbers, and what a number stands for in the bound process. */
#include "jit/driver.h"
#include "runtime/layout.h"
#include "runtime/run.h"

static void map_imm(struct jit *j, struct insn lo, struct insn hi, enum op op) {
    if (lo.imm < 0 || (uint32_t)lo.imm >= j->bind->n_maps) {
        j_fail(j, BPFLAB_E_RANGE, "a map of the program is not bound");
        return;
    }
    const struct jit_map *const m = &j->bind->maps[lo.imm];
    if (op == OP_LDDW_MAP_IDX) {
        j_const(j, lo.dst, m->handle);
        j->known.map[lo.dst] = lo.imm;
    } else if (m->value_addr && j->opt->blind) {
        blind_to(j, lo.dst, m->value_addr + (uint64_t)(int64_t)hi.imm);
    } else if (m->value_addr) {
        j_const(j, lo.dst, m->value_addr + (uint64_t)(int64_t)hi.imm);
    } else {
        j_trap(j, RUN_TRAP_INSN, 0);
    }
}

void lower_imm64(struct jit *j, uint32_t pc, enum op op) {
    const struct insn lo = j->insns[pc], hi = j->insns[pc + 1];
    const struct prog_extern *const e = op == OP_LDDW_VAR ? prog_extern_at(j->prog, pc) : NULL;
    j_forget(j, lo.dst, op == OP_LDDW && !hi.imm);
    switch ((int)op) {
    case OP_LDDW:
        if (j->opt->blind)
            blind_to(j, lo.dst, insn_imm64(lo, hi));
        else
            j_const(j, lo.dst, insn_imm64(lo, hi));
        break;
    case OP_LDDW_CODE:
        j_const(j, lo.dst, world_code_addr(j->bind->prog_id, pc + 1 + (uint32_t)lo.imm));
        break;
    case OP_LDDW_MAP_IDX:
    case OP_LDDW_MAP_IDX_VALUE: map_imm(j, lo, hi, op); break;
    case OP_LDDW_VAR:
        if (e && e->weak) {
            j_const(j, lo.dst, 0);
            break;
        }
        j_trap(j, RUN_TRAP_INSN, 0);
        break;
    default: j_trap(j, RUN_TRAP_INSN, 0); /* file descriptors mean nothing here */
    }
}
