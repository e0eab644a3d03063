/* emit.c: what lowering is written with: operations, labels, sites, and what is put off until the
 * function's end.
 */
#include <stdlib.h>

#include "jit/driver.h"
#include "runtime/exec.h"

void j_fail(struct jit *j, enum bpflab_err err, const char *why) {
    if (j->code.err)
        return;
    diag_set(j->diag, err, "%s", why);
    if (j->diag)
        j->diag->pc = j->pc;
    jit_buf_fail(&j->code, err);
}

/* Room for one more in an array that doubles. out: false (and a sticky error) if there is none */
static bool room(struct jit *j, void *array, uint32_t n, uint32_t *cap, size_t size) {
    void **const p = array;
    if (n < *cap)
        return true;
    const uint32_t want = *cap ? 2 * *cap : 64;
    void *const grown = realloc(*p, want * size);
    if (!grown) {
        j_fail(j, BPFLAB_E_NOMEM, "no memory for machine code");
        return false;
    }
    *p = grown;
    *cap = want;
    return true;
}

uint32_t j_label(struct jit *j) {
    if (!room(j, &j->labels, j->n_labels, &j->cap_labels, sizeof *j->labels))
        return 0;
    j->labels[j->n_labels] = (struct label){UINT32_MAX, 0};
    return j->n_labels++;
}

void j_site(struct jit *j, struct jit_site s) {
    if (!room(j, &j->sites, j->n_sites, &j->cap_sites, sizeof *j->sites))
        return;
    s.at = j->code.n;
    s.form = 0;
    j->sites[j->n_sites++] = s;
}

void j_alu(struct jit *j, enum jit_op op, unsigned width, uint8_t dst, uint8_t a, uint8_t b) {
    const struct jit_alu alu = {
        .op = (uint8_t)op, .width = (uint8_t)width, .dst = dst, .a = a, .b = b, .zext = true};
    j->arch->alu(&j->code, &alu);
}

void j_alu_k(struct jit *j, enum jit_op op, unsigned width, uint8_t dst, uint8_t a, int64_t k) {
    const struct jit_alu alu = {.op = (uint8_t)op,
                                .width = (uint8_t)width,
                                .dst = dst,
                                .a = a,
                                .zext = true,
                                .imm = true,
                                .k = k};
    j->arch->alu(&j->code, &alu);
}

/* The pool's entry for a value; the last few are looked through for an equal one. */
static uint32_t pool_entry(struct jit *j, uint64_t value) {
    const uint32_t from = j->n_pool > 8 ? j->n_pool - 8 : 0;
    for (uint32_t i = j->n_pool; i > from; i--)
        if (j->pool[i - 1] == value)
            return i - 1;
    if (!room(j, &j->pool, j->n_pool, &j->cap_pool, sizeof *j->pool))
        return 0;
    j->pool[j->n_pool] = value;
    return j->n_pool++;
}

bool j_near_state(const struct jit *j, uint64_t addr, int32_t *off) {
    const int64_t far = (int64_t)(addr - j->bind->world);
    if (!j->bind->world || far < -(int64_t)j->arch->far_reach || far > j->arch->far_reach)
        return false;
    *off = (int32_t)far;
    return true;
}

void j_const(struct jit *j, uint8_t reg, uint64_t value) {
    int32_t off;
    struct jit_site s = {.kind = JSITE_CONST, .a = reg, .imm = true, .k = (int64_t)value};
    const bool small = (int64_t)value == (int32_t)value;
    if (j->opt->opt > 0 && !small && j_near_state(j, value, &off)) {
        j_alu_k(j, JOP_ADD, 64, reg, JR_STATE, off);
        return;
    }
    if (small || !j->arch->pool_bytes || j->arch->site_bytes(&s, 1) <= j->arch->const_inline) {
        j->arch->constant(&j->code, reg, value);
        return;
    }
    s.label = pool_entry(j, value);
    j_site(j, s);
}

void j_load(struct jit *j, unsigned bytes, uint8_t reg, uint8_t base, int32_t off) {
    const struct jit_mem m = {.bytes = (uint8_t)bytes, .reg = reg, .base = base, .off = off};
    j->arch->load(&j->code, &m);
}

void j_store(struct jit *j, unsigned bytes, uint8_t base, int32_t off, uint8_t reg) {
    const struct jit_mem m = {.bytes = (uint8_t)bytes, .reg = reg, .base = base, .off = off};
    j->arch->store(&j->code, &m);
}

void j_jump(struct jit *j, uint32_t label) {
    j_site(j, (struct jit_site){.kind = JSITE_JUMP, .label = label});
}

void j_branch(struct jit *j, enum jit_cond c, unsigned width, uint8_t a, uint8_t b,
              uint32_t label) {
    j_site(j, (struct jit_site){.kind = JSITE_BRANCH,
                                .cond = (uint8_t)c,
                                .width = (uint8_t)width,
                                .a = a,
                                .b = b,
                                .label = label});
}

void j_branch_k(struct jit *j, enum jit_cond c, unsigned width, uint8_t a, int64_t k,
                uint32_t label) {
    j_site(j, (struct jit_site){.kind = JSITE_BRANCH,
                                .cond = (uint8_t)c,
                                .width = (uint8_t)width,
                                .a = a,
                                .imm = true,
                                .k = k,
                                .label = label});
}

void j_call_host(struct jit *j, uint64_t addr) {
    j_site(j, (struct jit_site){.kind = JSITE_CALL_HOST, .target = addr});
}

void j_check_pending(struct jit *j) {
    j_load(j, 4, JR_T0, JR_STATE, EXEC_PENDING);
    j_branch_k(j, JC_NE, 32, JR_T0, RUN_EXIT, j_cold(j, (struct cold){.kind = COLD_PENDING}));
}

void j_forget(struct jit *j, uint8_t reg, bool zext) {
    j->known.map[reg] = -1;
    if (zext)
        j->known.zext |= (uint16_t)(1u << reg);
    else
        j->known.zext &= (uint16_t)~(1u << reg);
}

uint32_t j_cold(struct jit *j, struct cold c) {
    if (!room(j, &j->colds, j->n_colds, &j->cap_colds, sizeof *j->colds))
        return 0;
    c.pc = j->pc;
    c.label = j_label(j);
    j->colds[j->n_colds++] = c;
    return c.label;
}

/* Leave through the stub's exit, with this in exec_state.trap. */
static void leave_with(struct jit *j, uint32_t pc, uint16_t kind) {
    j_const(j, JR_T0, exec_trap(pc, j->bind->prog_id, kind));
    j_store(j, 8, JR_STATE, EXEC_TRAP, JR_T0);
    j_site(j, (struct jit_site){.kind = JSITE_JUMP_HOST, .target = j->bind->exit_addr});
}

void j_trap(struct jit *j, enum run_kind kind, uint64_t addr) {
    if (addr) {
        if (j->opt->blind) /* it is a number of the program's */
            blind_to(j, JR_T1, addr);
        else
            j_const(j, JR_T1, addr);
        j_store(j, 8, JR_STATE, EXEC_TRAP_ADDR, JR_T1);
    }
    leave_with(j, j->pc, (uint16_t)kind);
}

uint32_t j_trap_label(struct jit *j, enum run_kind kind, bool addr_in_t1) {
    return j_cold(j, (struct cold){.kind = COLD_TRAP, .trap = kind, .has_addr = addr_in_t1});
}

static void emit_cold(struct jit *j, const struct cold *c) {
    j_bind(j, c->label);
    j->pc = c->pc;
    switch ((enum cold_kind)c->kind) {
    case COLD_TRAP:
        if (c->has_addr)
            j_store(j, 8, JR_STATE, EXEC_TRAP_ADDR, JR_T1);
        leave_with(j, c->pc, (uint16_t)c->trap);
        break;
    case COLD_PENDING: leave_with(j, c->pc, EXEC_TRAP_PENDING); break;
    case COLD_FUEL:
        lower_pay(j);
        j_jump(j, c->to);
        break;
    case COLD_PACKET:
        j_alu_k(j, JOP_MOV, 32, JR_0, 0, 0);
        lower_exit(j);
        break;
    case COLD_MEM: cold_mem(j, c); break;
    case COLD_ATOMIC: cold_atomic(j, c); break;
    }
}

/* Emitting a cold part may put off others, which come behind it. */
void j_flush_cold(struct jit *j) {
    const uint32_t pc = j->pc;
    while (j->done_colds < j->n_colds && !j->code.err) {
        const struct cold c = j->colds[j->done_colds++];
        emit_cold(j, &c);
    }
    j->pc = pc;
}
