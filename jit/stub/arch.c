/* arch.c: a back end for a machine that does not exist: the template for one of a machine that
 * does.
 *
 * Its instructions are what the driver asks for, one each: a letter, then the operands, lowest byte
 * first. So it compiles every program, shows all that a back end must have, and is tested like the
 * others, but nothing executes it. docs/jit-port.md says how to make it another machine's, in the
 * order of this file; the comments here say what that machine must add.
 *
 *   A op width dst a b        I op width dst a k.4      arithmetic (enum jit_op); of an immediate
 *   C reg k.8                 Q reg d.4                 a constant; of the pool
 *   L how reg at              S how reg at              load, store: how is bytes | sign << 4 |
 *   T how k.4 at                                        swap << 5 | order << 6; at is base off.4;
 *                                                       T stores an immediate
 *   M rmw how src at                                    how is bytes | fetch << 4
 *   E saved.2 slots calls     R ...     G ...           enter; leave; leave and jump to T0
 *   J d.1  j d.4              P d.4                     jump; call
 *   B cond width a b d.1      b cond width a b d.4      branch
 *   K cond width a k.4 d.1    k cond width a k.4 d.4    the same with an immediate
 *   H target.8                X target.8                call, jump to an address
 *   N                                                   nothing
 *   Z                         Y                         the stub's way in; its way out
 *
 * d is the distance from the first byte of the instruction.
 */
#include "jit/arch.h"

/* Is this very machine one that runs the code? "#if defined(__aarch64__)", and the features that it
 * needs, asked of the system. Here: none is. */
static bool on_host(void) {
    return false;
}

/* ---- 1. registers (regs.h) ----
 * A real machine's table maps enum jit_reg, r1 to r5 to where C passes arguments. Here a register
 * has its number in the contract. */
static uint64_t stub_reg(uint8_t r) {
    return r;
}

/* ---- 2. encoders (enc.h) ----
 * A real machine's are one-line functions, one for each instruction, tested against an assembler.
 * Here: a letter and three operands of one byte. */
static void put(struct jit_buf *b, char letter, uint64_t x, uint64_t y, uint64_t z, unsigned n) {
    jit_put(b, (uint8_t)letter | x << 8 | y << 16 | z << 24, 1 + n);
}

/* ---- 3. arithmetic (alu.c, div.c, constant.c) ----
 * To be kept to: what width 32 and zext say of the upper half; operands alias; division by zero and
 * the smallest number by -1 give what eBPF says, whatever the machine does; shifts are modulo the
 * width. Registers of a->dead may be clobbered. */
static void stub_alu(struct jit_buf *b, const struct jit_alu *a) {
    put(b, a->imm ? 'I' : 'A', a->op, a->width, stub_reg(a->dst), 3);
    jit_put(b, stub_reg(a->a), 1);
    if (a->imm)
        jit_put_le32(b, (uint32_t)a->k);
    else
        jit_put(b, stub_reg(a->b), 1);
}

/* Any 64 bits, in as few instructions as they take. */
static void stub_constant(struct jit_buf *b, uint8_t reg, uint64_t value) {
    put(b, 'C', stub_reg(reg), 0, 0, 1);
    jit_put(b, value, 8);
}

/* ---- 4. memory (mem.c, atomic.c) ----
 * To be kept to: any alignment, unless order is asked for; offsets of 16 bits and a little more;
 * base may be SLOTS or STATE. indexed comes only if far_reach is not 0. */
static void put_place(struct jit_buf *b, uint8_t base, int32_t off) {
    jit_put(b, stub_reg(base), 1);
    jit_put_le32(b, (uint32_t)off);
}

static uint64_t how(const struct jit_mem *m) {
    return m->bytes | (unsigned)m->sign << 4 | (unsigned)m->swap << 5 | (unsigned)m->order << 6;
}

static void stub_load(struct jit_buf *b, const struct jit_mem *m) {
    put(b, 'L', how(m), stub_reg(m->reg), 0, 2);
    put_place(b, m->base, m->off);
}

static void stub_store(struct jit_buf *b, const struct jit_mem *m) {
    put(b, m->imm ? 'T' : 'S', how(m), stub_reg(m->reg), 0, m->imm ? 1 : 2);
    if (m->imm)
        jit_put_le32(b, (uint32_t)m->k);
    put_place(b, m->base, m->off);
}

/* Sequentially consistent: with a loop of load-linked and store-conditional where the machine has
 * no single instruction. */
static void stub_atomic(struct jit_buf *b, const struct jit_atomic *a) {
    put(b, 'M', a->rmw, a->bytes | (unsigned)a->fetch << 4, stub_reg(a->src), 3);
    put_place(b, a->base, a->off);
}

/* ---- 5. sites (site.c) ----
 * site_bytes and site_fits must say exactly what site does: the layout relies on it, and
 * jit/tests/targets_test.c asks for every kind and form. The last form of each kind should reach
 * everywhere. */
static unsigned stub_site_bytes(const struct jit_site *s, unsigned form) {
    switch ((enum jit_site_kind)s->kind) {
    case JSITE_JUMP: return form == 0 ? 2 : form == 1 ? 5 : 0;
    case JSITE_BRANCH: return form < 2 ? (s->imm ? 8U : 5U) + (form ? 4 : 1) : 0;
    case JSITE_CALL: return form == 0 ? 5 : 0;
    case JSITE_CALL_HOST:
    case JSITE_JUMP_HOST: return form == 0 ? 9 : 0;
    case JSITE_CONST: return form == 0 ? 6 : form == 1 ? 10 : 0; /* of the pool; inline */
    }
    return 0;
}

static bool stub_site_fits(const struct jit_site *s, unsigned form, int64_t distance) {
    const bool near = s->kind == JSITE_JUMP || s->kind == JSITE_BRANCH;
    if (s->kind == JSITE_CALL_HOST || s->kind == JSITE_JUMP_HOST)
        return form == 0;
    if (s->kind == JSITE_CONST && form == 1)
        return true;
    return near && form == 0 ? distance == (int8_t)distance
                             : form < 2 && distance == (int32_t)distance;
}

static void stub_site(struct jit_buf *b, const struct jit_site *s, unsigned form,
                      int64_t distance) {
    switch ((enum jit_site_kind)s->kind) {
    case JSITE_JUMP: put(b, form ? 'j' : 'J', 0, 0, 0, 0); break;
    case JSITE_BRANCH:
        put(b, (s->imm ? "Kk" : "Bb")[form], s->cond, s->width, stub_reg(s->a), 3);
        jit_put(b, s->imm ? (uint64_t)s->k : stub_reg(s->b), s->imm ? 4 : 1);
        break;
    case JSITE_CALL: put(b, 'P', 0, 0, 0, 0); break;
    case JSITE_CALL_HOST: /* a real one: STATE to the sixth argument, the result to r0 */
    case JSITE_JUMP_HOST:
        put(b, s->kind == JSITE_CALL_HOST ? 'H' : 'X', 0, 0, 0, 0);
        jit_put(b, s->target, 8);
        return;
    case JSITE_CONST:
        if (form) {
            stub_constant(b, s->a, (uint64_t)s->k);
            return;
        }
        put(b, 'Q', stub_reg(s->a), 0, 0, 1);
    }
    const bool near = form == 0 && (s->kind == JSITE_JUMP || s->kind == JSITE_BRANCH);
    jit_put(b, (uint64_t)distance, near ? 1 : 4);
}

/* As few and as long instructions as there are, only to be run past once. */
static void stub_nops(struct jit_buf *b, uint32_t n_bytes) {
    for (uint32_t i = 0; i < n_bytes; i++)
        put(b, 'N', 0, 0, 0, 0);
}

/* ---- 6. frames and the stub (frame.c) ----
 * To be kept to: r6 to r9 that are saved come back; n_slots of 8 bytes at SLOTS; if it calls, the
 * return address is kept and the stack aligned as C asks. */
static void put_frame(struct jit_buf *b, char letter, const struct jit_frame *f) {
    put(b, letter, f->saved & 0xffU, f->saved >> 8, f->n_slots, 3);
    jit_put(b, f->calls, 1);
}

static void stub_enter(struct jit_buf *b, const struct jit_frame *f) {
    put_frame(b, 'E', f);
}

static void stub_leave(struct jit_buf *b, const struct jit_frame *f) {
    put_frame(b, 'R', f);
}

static void stub_tail(struct jit_buf *b, const struct jit_frame *f) {
    put_frame(b, 'G', f);
}

/* jit_stub in jit/jit.h says what it does. */
static uint32_t stub_stub(struct jit_buf *b) {
    put(b, 'Z', 0, 0, 0, 0);
    const uint32_t exit = b->n;
    put(b, 'Y', 0, 0, 0, 0);
    return exit;
}

/* ---- 7. put together (arch.c) ---- */
const struct jit_arch jit_stub_arch = {
    .name = "stub",
    .triple = "", /* as llvm-mc and the disassembler take it: "aarch64-linux-gnu" */
    .mattr = "",  /* the features that the code needs: "+lse" */
    .big_endian = false,
    .on_host = on_host,
    .far_reach = 0, /* no indexed loads and stores */
    .insn_bytes = 1,
    .pool_bytes = 8,
    .loop_line = 32,
    .const_inline = 9, /* so that constants of ten bytes go to the pool */
    .enter = stub_enter,
    .leave = stub_leave,
    .tail = stub_tail,
    .alu = stub_alu,
    .constant = stub_constant,
    .load = stub_load,
    .store = stub_store,
    .atomic = stub_atomic,
    .site_bytes = stub_site_bytes,
    .site_fits = stub_site_fits,
    .site = stub_site,
    .nops = stub_nops,
    .stub = stub_stub,
};
