/* features.c: versions and groups, from the rows' classes.
 */
#include "cli/features.h"

#include <string.h>

static const struct {
    const char *name;
    uint32_t bit, closure;
} groups[] = {
    {"base32", GROUP_BASE32, GROUP_BASE32},
    {"base64", GROUP_BASE64, GROUP_BASE32 | GROUP_BASE64},
    {"atomic32", GROUP_ATOMIC32, GROUP_ATOMIC32},
    {"atomic64", GROUP_ATOMIC64, GROUP_ATOMIC32 | GROUP_ATOMIC64},
    {"divmul32", GROUP_DIVMUL32, GROUP_DIVMUL32},
    {"divmul64", GROUP_DIVMUL64, GROUP_DIVMUL32 | GROUP_DIVMUL64},
    {"packet", GROUP_PACKET, GROUP_PACKET},
    {"callx", GROUP_CALLX, GROUP_CALLX},
    {"linux", GROUP_LINUX, GROUP_LINUX},
};

enum {
    N_GROUPS = sizeof groups / sizeof groups[0]
};

const char *group_name(unsigned index) {
    return index < N_GROUPS ? groups[index].name : NULL;
}

uint32_t group_bit(unsigned index) {
    return index < N_GROUPS ? groups[index].bit : 0;
}

uint32_t group_closure(const char *name, size_t n_chars) {
    for (unsigned i = 0; i < N_GROUPS; i++)
        if (strlen(groups[i].name) == n_chars && !memcmp(groups[i].name, name, n_chars))
            return groups[i].closure;
    return 0;
}

static unsigned jump_cpu(enum op op) {
    switch (op) {
    case OP_JLT64_IMM:
    case OP_JLT64_REG:
    case OP_JLE64_IMM:
    case OP_JLE64_REG:
    case OP_JSLT64_IMM:
    case OP_JSLT64_REG:
    case OP_JSLE64_IMM:
    case OP_JSLE64_REG: return 2;
    default: return op_table[op].width_bits == 32 ? 3 : 1;
    }
}

static unsigned alu_cpu(enum op op) {
    switch (op) {
    case OP_SDIV32_IMM:
    case OP_SDIV32_REG:
    case OP_SDIV64_IMM:
    case OP_SDIV64_REG:
    case OP_SMOD32_IMM:
    case OP_SMOD32_REG:
    case OP_SMOD64_IMM:
    case OP_SMOD64_REG:
    case OP_BSWAP16:
    case OP_BSWAP32:
    case OP_BSWAP64: return 4;
    default: return 1;
    }
}

unsigned insn_cpu(enum op op, enum features_table table) {
    unsigned old = table == FEATURES_SUITE ? 3 : 1;
    if (op == OP_INVALID)
        return 1;
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_END: return alu_cpu(op);
    case CLASS_ALU_SEXT: return 4;
    case CLASS_JMP_COND: return jump_cpu(op);
    case CLASS_JMP_ALWAYS: return op == OP_JA32 ? 4 : 1;
    case CLASS_LDX: return op_table[op].sign ? 4 : 1;
    case CLASS_ATOMIC_RMW: return op == OP_ATOMIC_ADD32 || op == OP_ATOMIC_ADD64 ? old : 3;
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG: return 3;
    case CLASS_CALL_LOCAL:
    case CLASS_CALL_KFUNC: return old;
    case CLASS_ALU_CAST:
    case CLASS_JMP_BUDGET:
    case CLASS_JMP_TABLE:
    case CLASS_ATOMIC_LOAD:
    case CLASS_ATOMIC_STORE: return 5;
    default: return 1;
    }
}

static void add_insn(struct features *f, struct insn in, enum op op, enum features_table table) {
    unsigned cpu = insn_cpu(op, table);
    f->cpu = cpu > f->cpu ? cpu : f->cpu;
    f->groups |= op_table[op].group;
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_CALL:
        if ((uint32_t)in.imm < 256)
            f->helpers[in.imm / 32] |= UINT32_C(1) << (in.imm % 32);
        f->tail_calls |= in.imm == 12;
        break;
    case CLASS_CALL_LOCAL: f->local_calls = true; break;
    case CLASS_CALL_KFUNC: f->kfuncs = true; break;
    case CLASS_IMM64: f->callbacks |= in.src == 4; break;
    case CLASS_ALU_CAST: f->arena_casts = true; break;
    case CLASS_PKT: f->packet_loads = true; break;
    default: break;
    }
}

struct features features_of(const struct insn *insns, uint32_t n_insns, enum features_table table) {
    struct features f = {.cpu = 1};
    for (uint32_t i = 0; i < n_insns; i += insn_slots(insns[i])) {
        enum op op = op_of(insns[i]);
        if (op == OP_INVALID)
            f.invalid = true;
        else
            add_insn(&f, insns[i], op, table);
    }
    return f;
}

bool features_calls(const struct features *f, uint32_t helper) {
    return helper < 256 && (f->helpers[helper / 32] >> (helper % 32) & 1);
}
