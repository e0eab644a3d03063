/* interp_wrong.c: wrong bodies: with each the theorem must be refuted. First, for each row, one
 * that does nothing; then defects of each kind.
 */

/* clang-format off */
#define DOES_NOTHING(op)                                                                           \
    PLANT(interp, op, other_##op, void, (CELL_PARAMS)) {                                           \
        pc++;                                                                                      \
        pc->run(CELL_ARGS);                                                                        \
    }
#define NO_STEP(op)                                                                                \
    PLANT(interp, op, step_##op, bool, (STEP_PARAMS)) {                                            \
        (void)pc, (void)st, STEP_UNUSED();                                                         \
        return true;                                                                               \
    }
#define ALU_BINARY(op, name, sym, code, off, group, expr)                                          \
    DOES_NOTHING(op##32_IMM) DOES_NOTHING(op##32_REG) DOES_NOTHING(op##64_IMM) DOES_NOTHING(op##64_REG)
#define ALU_UNARY(op, name, sym, code, group, expr) DOES_NOTHING(op##32) DOES_NOTHING(op##64)
#define ALU_SEXT(op, width, bits, name, expr) DOES_NOTHING(op##_##width)
#define ALU_END(op, name, sym, code, bits, group, expr) NO_STEP(op)
#define ALU_CAST(op, name, imm, dst_as, src_as, expr) DOES_NOTHING(op)
#include "isa/alu.def"
#define JMP_COND(op, name, sym, code, expr)                                                        \
    DOES_NOTHING(op##32_IMM) DOES_NOTHING(op##32_REG) DOES_NOTHING(op##64_IMM) DOES_NOTHING(op##64_REG)
#include "isa/jmp.def"
DOES_NOTHING(JA32)

/* The first of a pair does nothing; a jump before JA is always taken. */
#define NO_FIRST(a)                                                                                \
    PLANT(interp, pair_##a, same_##a##__JA, void, (CELL_PARAMS)) {                                 \
        pc++;                                                                                      \
        pc = TARGET;                                                                               \
        pc->run(CELL_ARGS);                                                                        \
    }
ALU_FIRSTS(NO_FIRST)
#define ALWAYS_TAKEN(a)                                                                            \
    PLANT(interp, pair_##a, same_##a##__JA, void, (CELL_PARAMS)) {                                 \
        pc = TARGET;                                                                               \
        pc->run(CELL_ARGS);                                                                        \
    }
JUMPS_BEFORE_JA(ALWAYS_TAKEN)
/* clang-format on */

#define REST_OF_STEP STEP_UNUSED()

/* Not cut to 32 bits. */
PLANT(interp, ADD32_IMM, step_ADD32_IMM, bool, (STEP_PARAMS)) {
    REST_OF_STEP;
    REG(dst) = REG(dst) + (uint64_t)pc->imm;
    return true;
}

/* By zero it is zero. */
PLANT(interp, MOD64_REG, step_MOD64_REG, bool, (STEP_PARAMS)) {
    REST_OF_STEP;
    REG(dst) = REG(src) == 0 ? 0 : REG(dst) % REG(src);
    return true;
}

/* Undefined for the smallest by -1. */
PLANT(interp, SDIV64_REG, step_SDIV64_REG, bool, (STEP_PARAMS)) {
    REST_OF_STEP;
    REG(dst) = REG(src) == 0 ? 0 : (uint64_t)((int64_t)REG(dst) / (int64_t)REG(src));
    return true;
}

/* The smallest by -1 alone is not what it should be. */
PLANT(interp, SMOD32_REG, step_SMOD32_REG, bool, (STEP_PARAMS)) {
    const uint32_t d = (uint32_t)REG(dst), s = (uint32_t)REG(src);
    REST_OF_STEP;
    REG(dst) = s == 0 ? d : s == UINT32_MAX ? d >> 31 : (uint32_t)((int32_t)d % (int32_t)s);
    return true;
}

/* A register of its own is lost. */
PLANT(interp, NEG64, step_NEG64, bool, (STEP_PARAMS)) {
    REST_OF_STEP;
    REG(dst) = 0 - REG(dst);
    R(5) = 0;
    return true;
}

/* Two cells on. */
PLANT(interp, MOV64_REG, same_MOV64_REG, void, (CELL_PARAMS)) {
    REG(dst) = REG(src);
    pc += 2;
    pc->run(CELL_ARGS);
}

/* The amount is not cut. */
PLANT(interp, ARSH32_REG, same_ARSH32_REG, void, (CELL_PARAMS)) {
    REG(dst) = (uint32_t)((int32_t)REG(dst) >> (REG(src) & 63));
    pc++;
    pc->run(CELL_ARGS);
}

/* As in the host's order. */
PLANT(interp, BE16, other_BE16, void, (CELL_PARAMS)) {
    REG(dst) = HOST_BIG ? (uint16_t)REG(dst) : __builtin_bswap16((uint16_t)REG(dst));
    pc++;
    pc->run(CELL_ARGS);
}

/* A larger limit is passed on. */
PLANT(interp, LSH64_IMM, same_LSH64_IMM, void, (CELL_PARAMS)) {
    REG(dst) <<= pc->imm & 63;
    pc++;
    limit++;
    pc->run(CELL_ARGS);
}

/* Of 64 bits only half are exchanged; where dst is not the first register. */
PLANT(interp, XOR64_REG, interp_loop_switch, void, (struct istate * st, const struct cell *pc)) {
    REG(dst) ^= pc->dst == 0 ? REG(src) : (uint32_t)REG(src);
    pc++;
    interp_stop(st, pc, RUN_TRAP_INSN, (uint64_t)pc->imm);
}

/* Unsigned. */
PLANT(interp, JSGT64_REG, check_JSGT64_REG, bool,
      (const struct cell *pc, const struct istate *st)) {
    return REG(dst) > REG(src);
}

/* Pays where it is not taken. */
PLANT(interp, JLT32_IMM, same_back_JLT32_IMM, void, (CELL_PARAMS)) {
    if (fuel == 0) {
        interp_stop(st, pc, RUN_TRAP_FUEL, 0);
        st->fuel = 0;
        return;
    }
    fuel--;
    pc = (uint32_t)REG(dst) < (uint32_t)pc->imm ? TARGET : pc + 1;
    pc->run(CELL_ARGS);
}

/* Pays although it goes forward. */
PLANT(interp, JEQ64_REG, same_JEQ64_REG, void, (CELL_PARAMS)) {
    const bool jumps = REG(dst) == REG(src);
    fuel -= jumps;
    pc = jumps ? TARGET : pc + 1;
    pc->run(CELL_ARGS);
}

/* Goes round for nothing. */
PLANT(interp, JA, same_back_JA, void, (CELL_PARAMS)) {
    pc = TARGET;
    pc->run(CELL_ARGS);
}

/* Takes from a budget that is used up. */
PLANT(interp, MAY_GOTO, same_MAY_GOTO, void, (CELL_PARAMS)) {
    pc = frame->budget-- ? pc + 1 : TARGET;
    pc->run(CELL_ARGS);
}

/* The second does not see what the first has made. */
PLANT(interp, pair_ADD64_REG, same_ADD64_REG__MOV64_REG, void, (CELL_PARAMS)) {
    const uint64_t before = *(uint64_t *)((char *)st->regs + pc[1].src);
    REG(dst) += REG(src);
    pc++;
    REG(dst) = before;
    pc++;
    pc->run(CELL_ARGS);
}

/* Stops at the first cell, not at the jump. */
PLANT(interp, pair_MOV32_IMM, same_MOV32_IMM__back_JNE32_IMM, void, (CELL_PARAMS)) {
    const struct cell *const first = pc;
    REG(dst) = (uint32_t)pc->imm;
    pc++;
    if ((uint32_t)REG(dst) != (uint32_t)pc->imm && fuel == 0) {
        interp_stop(st, first, RUN_TRAP_FUEL, 0);
        st->fuel = 0;
        return;
    }
    const bool jumps = (uint32_t)REG(dst) != (uint32_t)pc->imm;
    fuel -= jumps;
    pc = jumps ? TARGET : pc + 1;
    pc->run(CELL_ARGS);
}

/* JA is not free of the jump's condition. */
PLANT(interp, pair_JEQ64_IMM, same_JEQ64_IMM__back_JA, void, (CELL_PARAMS)) {
    if (REG(dst) == (uint64_t)pc->imm && fuel != 0)
        fuel--;
    pc = REG(dst) == (uint64_t)pc->imm ? TARGET : pc + 1 + pc[1].x / (int)sizeof *pc;
    pc->run(CELL_ARGS);
}
