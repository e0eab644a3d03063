/* blind_rows_test.c: no immediate of any row is in its blinded code: not as bytes of either order,
 * nor in the pieces that instructions of each machine carry. Without blinding, the same search
 * finds it.
 */
#include <stdlib.h>

#include "jit/arch.h"
#include "tests/check.h"

#define ADDR UINT64_C(0x7f0000100000)

static const uint32_t marks[] = {0x5eed1234, 0xdeadbeef, 0x1badb002, 0x9e3779b9, 0x7fabc123};
enum {
    N_MARKS = sizeof marks / sizeof *marks
};

/* ---- finding it ---- */
static uint32_t le32(const uint8_t *p) {
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* movz, movn or movk of one of its halves. */
static bool arm64_piece(const uint8_t *p, uint32_t k) {
    const uint32_t w = le32(p), half = w >> 5 & 0xffff, kind = w >> 23 & 0xff;
    const bool moves = kind == 0xa5 || kind == 0xe5 || kind == 0x25;
    return moves && (half == k >> 16 || half == (k & 0xffff) || half == (~k >> 16 & 0xffff) ||
                     half == (~k & 0xffff));
}

/* lui of its upper part. */
static bool riscv_piece(const uint8_t *p, uint32_t k) {
    const uint32_t w = le32(p);
    return (w & 0x7f) == 0x37 && w >> 12 == (k + 0x800) >> 12;
}

/* llill, llilh, iill, iilh and their kin. */
static bool s390x_piece(const uint8_t *p, uint32_t k) {
    const uint32_t half = (uint32_t)p[2] << 8 | p[3];
    return p[0] == 0xa5 && (p[1] & 15) != 7 && (half == k >> 16 || half == (k & 0xffff));
}

static bool has(const struct jit_arch *a, const struct jit_code *c, uint32_t k) {
    const unsigned step = a->insn_bytes;
    for (uint32_t at = 0; at + 4 <= c->n_bytes; at++) {
        const uint32_t w = le32(c->bytes + at);
        if (w == k || w == __builtin_bswap32(k))
            return true;
        if (at % step)
            continue;
        if (!strcmp(a->name, "arm64") && arm64_piece(c->bytes + at, k))
            return true;
        if (!strcmp(a->name, "riscv64") && riscv_piece(c->bytes + at, k))
            return true;
        if (!strcmp(a->name, "s390x") && s390x_piece(c->bytes + at, k))
            return true;
    }
    return false;
}

/* ---- programs that have it ---- */
static bool compile(const struct insn *insns, uint32_t n, const struct jit_arch *a, int opt,
                    bool blind, uint64_t seed, struct jit_code *out) {
    const struct jit_options o = {.opt = opt, .blind = blind, .blind_seed = seed, .expose = true};
    const struct jit_bind bind = {.exit_addr = 0x7f0000000100,
                                  .thunks = {[JIT_THUNK_PACKET] = 0x7f0000000200},
                                  .frame_stride = 576,
                                  .max_frames = 8};
    struct prog p;
    struct diag d = {0};
    if (!CHECK_EQ(prog_init_insns(&p, insns, n), BPFLAB_OK))
        return false;
    const enum bpflab_err err = jit_compile(&p, a, &o, &bind, ADDR, out, &d);
    prog_fini(&p);
    if (!CHECK_EQ(err, BPFLAB_OK))
        printf("    %s\n", d.text);
    return !err;
}

/* A row whose immediate is a number that the program chooses, not a place in it. */
static bool has_imm(const struct op_info *row) {
    return row->imm_rule == FIELD_ANY && row->cls != CLASS_CALL_REG && row->cls != CLASS_IMM64;
}

/* The row with a mark, after a move and before uses of all registers, so that nothing is dead. */
static uint32_t make(struct insn *out, enum op op, uint32_t mark) {
    const struct op_info *const row = &op_table[op];
    uint32_t n = 0;
    for (uint8_t r = 6; r <= 9; r++)
        out[n++] = (struct insn){.code = 0xbf, .dst = r, .src = 1};
    struct insn in = {.code = row->code, .imm = (int32_t)mark};
    in.dst = row->dst_rule == FIELD_ZERO ? 0 : row->cls == CLASS_ST ? REG_FP : 6;
    in.src = row->src_rule == FIELD_FIXED ? row->src_fixed : row->src_rule == FIELD_ZERO ? 0 : 7;
    in.off = row->off_rule == FIELD_FIXED ? row->off_fixed : 0;
    if (row->cls == CLASS_ST)
        in.off = -8;
    if (row->cls == CLASS_JMP_COND)
        in.off = 1;
    out[n++] = in;
    out[n++] = (struct insn){.code = 0xbf, .dst = 0, .src = 6};
    out[n++] = (struct insn){.code = 0x95};
    return n;
}

static uint32_t make_lddw(struct insn *out, uint32_t lo, uint32_t hi) {
    out[0] = (struct insn){.code = 0x18, .imm = (int32_t)lo};
    out[1] = (struct insn){.imm = (int32_t)hi};
    out[2] = (struct insn){.code = 0x95};
    return 3;
}

/* out: is the mark in the code that is not blinded? It must not be in the other. */
static bool hidden(const struct jit_arch *a, const struct insn *insns, uint32_t n, uint32_t mark) {
    struct jit_code code;
    bool open = false;
    if (compile(insns, n, a, 0, false, 0, &code)) {
        open = has(a, &code, mark);
        jit_code_fini(&code);
    }
    for (int opt = 0; opt < 2; opt++)
        for (uint64_t seed = 1; seed <= 2; seed++)
            if (compile(insns, n, a, opt, true, seed, &code)) {
                if (!CHECK(!has(a, &code, mark)))
                    printf("    %s, opt %d: %#x\n", a->name, opt, mark);
                jit_code_fini(&code);
            }
    return open;
}

static void check_target(const struct jit_arch *a) {
    struct insn insns[16];
    unsigned rows = 0, open = 0;
    for (unsigned op = 0; op < N_OPS; op++) {
        if (!has_imm(&op_table[op]))
            continue;
        check_note(op_table[op].id);
        rows++;
        unsigned seen = 0;
        for (unsigned i = 0; i < N_MARKS; i++)
            seen += hidden(a, insns, make(insns, (enum op)op, marks[i]), marks[i]);
        open += seen > 0;
    }
    check_note("LDDW");
    for (unsigned i = 0; i < N_MARKS; i++) {
        const uint32_t other = marks[(i + 1) % N_MARKS];
        CHECK(hidden(a, insns, make_lddw(insns, marks[i], other), marks[i]));
        CHECK(hidden(a, insns, make_lddw(insns, marks[i], other), other));
        hidden(a, insns, make_lddw(insns, marks[i], 0), marks[i]);
    }
    check_note(a->name);
    /* shifts, and stores of a part, never have all of it */
    CHECK(open > rows / 2);
    printf("%s: %u rows with an immediate, found in %u without blinding\n", a->name, rows, open);
}

/* Another seed, other code. */
static void check_seeds(const struct jit_arch *a) {
    struct insn insns[16];
    const uint32_t n = make(insns, OP_ADD64_IMM, marks[0]);
    struct jit_code code[2];
    for (int opt = 0; opt < 2; opt++) {
        if (!compile(insns, n, a, opt, true, 1, &code[0]) ||
            !compile(insns, n, a, opt, true, 2, &code[1]))
            return;
        CHECK(code[0].n_bytes != code[1].n_bytes ||
              memcmp(code[0].bytes, code[1].bytes, code[0].n_bytes));
        jit_code_fini(&code[0]);
        jit_code_fini(&code[1]);
    }
}

int main(void) {
    const struct jit_arch *a;
    for (unsigned i = 0; (a = jit_target_at(i)) != NULL; i++)
        if (a->alu) {
            check_target(a);
            check_seeds(a);
        }
    return check_end();
}
