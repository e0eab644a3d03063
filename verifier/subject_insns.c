/* subject_insns.c: is every instruction one? The rows of isa/ decide; here are Linux's words. Linux
 * looks at most fields only when it reaches the instruction: code that nothing reaches may hold
 * more there than here. */
#include "verifier/subject_impl.h"

/* The name that Linux's messages have for the family of a code, by the code's own bits: the code
 * need not be one that exists. */
static const char *family_of(uint8_t code) {
    switch (code & 0x07) {
    case 0x00: return code == 0x18 ? "BPF_LD_IMM64" : "BPF_LD_[ABS|IND]";
    case 0x01: return "BPF_LDX";
    case 0x02: return "BPF_ST";
    case 0x03: return (code & 0xe0) == 0xc0 ? "BPF_ATOMIC" : "BPF_STX";
    case 0x05:
    case 0x06:
        switch (code & 0xf0) {
        case 0x00: return "BPF_JA";
        case 0x80: return "BPF_CALL";
        case 0x90: return "BPF_EXIT";
        default: return "BPF_JMP/JMP32";
        }
    default:
        switch (code & 0xf0) {
        case 0x80: return "BPF_NEG";
        case 0xb0: return "BPF_MOV";
        case 0xd0: return "BPF_END";
        default: return "BPF_ALU";
        }
    }
}

static bool bad_register(struct insn in, uint32_t pc, struct report *rep) {
    const uint8_t r = in.dst >= N_REGS ? in.dst : in.src;
    return report_reject(rep, REASON_INSN, pc, REPORT_NO_REG, "R%u is invalid", (unsigned)r);
}

static bool bad_fields(struct insn in, uint32_t pc, struct report *rep) {
    const char *family = family_of(in.code);
    if (in.code == 0x18 && op_of(in) == OP_INVALID)
        return report_reject(rep, REASON_INSN, pc, REPORT_NO_REG, "unrecognized bpf_ld_imm64 insn");
    if ((in.code & 0xe7) == 0xc3 && op_of(in) == OP_INVALID)
        return report_reject(rep, REASON_INSN, pc, REPORT_NO_REG,
                             "BPF_ATOMIC uses invalid atomic opcode %02x", (unsigned)in.imm);
    return report_reject(rep, REASON_INSN, pc, REPORT_NO_REG, "%s uses reserved fields", family);
}

/* Rows that RFC 9669 or LLVM have, and Linux's verifier does not. */
static bool is_foreign(enum op op) {
    return op == OP_CALLX || op == OP_GOTOX;
}

static bool check_insn(const struct subject *s, uint32_t pc, struct report *rep) {
    const struct insn in = s->prog->insns[pc];
    const struct insn *next = pc + 1 < s->prog->n_insns ? &s->prog->insns[pc + 1] : NULL;
    if (is_foreign(s->ops[pc]))
        return report_reject(rep, REASON_INSN, pc, REPORT_NO_REG, "unknown opcode %02x",
                             (unsigned)in.code);
    switch (insn_check(in, next)) {
    case BPFLAB_OK:
    case BPFLAB_E_READONLY: return true; /* a write to r10 counts where it is reached */
    case BPFLAB_E_OPCODE:
        return report_reject(rep, REASON_INSN, pc, REPORT_NO_REG, "unknown opcode %02x",
                             (unsigned)in.code);
    case BPFLAB_E_REGISTER: return bad_register(in, pc, rep);
    case BPFLAB_E_IMM64:
        return report_reject(rep, REASON_INSN, pc, REPORT_NO_REG, "invalid bpf_ld_imm64 insn");
    default: return bad_fields(in, pc, rep);
    }
}

bool subject_check_insns(const struct subject *s, struct report *rep) {
    for (uint32_t pc = 0; pc < s->prog->n_insns; pc += insn_slots(s->prog->insns[pc]))
        if (!check_insn(s, pc, rep))
            return false;
    return true;
}
