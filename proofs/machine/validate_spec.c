/* validate_spec.c: what the instructions under test mean, step by step along a path of their code.
 *
 * The specification is executed beside the path: it keeps r0 to r10, and asks of the path's events
 * that each is the next thing the specification does. Where the specification decides something (a
 * jump, a trap), the path must have decided it, too. What the driver itself does to the world
 * (fuel, traps, calls of the runtime) is told by jit/jit.h and runtime/exec.h, and repeated here.
 */
#include <string.h>

#include "proofs/machine/validate_case.h"
#include "runtime/exec.h"
#include "runtime/layout.h"
#include "runtime/proto.h"
#include "runtime/run.h"

enum leaves {
    GOES_ON,
    LEFT, /* its end has been checked */
    FAILED,
};

/* struct run: the specification's state. */
struct run {
    struct vunit *u;
    const struct vcase *c;
    const struct vcode *code;
    const struct mstate *begin;
    const struct mpath *p;
    struct terms *t;
    struct vbind b;
    struct spec_machine sm;
    term *r[N_REGS];
    term *state;
    term *slot;    /* the frame's first, if it was written; or NULL */
    unsigned next; /* event */
    bool called;   /* r1 to r5 are dead */
    bool linked;   /* a call has overwritten the register of return addresses */
    uint32_t pc;
    int skip; /* slots that the instruction just done has jumped over */
};

/* ---- asking ---- */

static bool need(struct run *r, const char *what, term *goal) {
    return vunit_prove(r->u, r->c, r->p, what, goal);
}

static bool wrong(struct run *r, const char *what) {
    return vunit_fail(r->u, r->c, SMT_REFUTED, "%s", what);
}

static term *number(struct run *r, uint64_t k) {
    return term_const(r->t, 64, k);
}

/* Did the path decide this? out: 1 true, 0 false, -1 neither, which is noted */
static int decided(struct run *r, const char *what, term *c) {
    if (vunit_holds(r->u, r->p, c))
        return 1;
    if (vunit_holds(r->u, r->p, term_not(r->t, c)))
        return 0;
    /* a comparison with the number beside: at most one of both can be proved */
    const bool can = vunit_can(r->u, r->p, c);
    return need(r, what, can ? c : term_not(r->t, c)) ? can : -1;
}

/* ---- events ---- */

static const struct mevent *peek(const struct run *r, unsigned ahead) {
    const unsigned i = r->next + ahead;
    return i < r->p->end.n_events ? &r->p->end.events[i] : NULL;
}

/* struct order: what an access, or the fences beside it, keep in order. */
struct order {
    bool acquire, release, serialises;
};

static void and_also(struct order *o, const struct mevent *e) {
    o->acquire |= e->acquire;
    o->release |= e->release;
    o->serialises |= e->serialises;
}

/* The fences from here on to the next access; *n: how many. */
static struct order fences(const struct run *r, unsigned *n) {
    struct order o = {false, false, false};
    for (*n = 0; peek(r, *n) && peek(r, *n)->kind == MEV_FENCE; ++*n)
        and_also(&o, peek(r, *n));
    return o;
}

/* The next event of memory; *before: of the fences on the way to it. */
static const struct mevent *next_event(struct run *r, struct order *before) {
    unsigned n;
    *before = fences(r, &n);
    r->next += n;
    const struct mevent *const e = peek(r, 0);
    r->next += e != NULL;
    if (!e)
        wrong(r, "an access to memory is missing");
    else if (e->when)
        wrong(r, "an access that may or may not be");
    return e && !e->when ? e : NULL;
}

static struct order fences_behind(const struct run *r) {
    unsigned n;
    return fences(r, &n);
}

static bool same_place(struct run *r, const struct mevent *e, term *addr, unsigned bytes) {
    if (e->bytes != bytes)
        return wrong(r, "an access of another size");
    return need(r, "address", term_eq(r->t, e->addr, addr));
}

/* The rest of a load that is done in parts, the lowest address first. */
static term *load_parts(struct run *r, term *addr, unsigned bytes, const struct mevent *e) {
    term *all = e->value;
    unsigned done = e->bytes;
    if (!need(r, "address", term_eq(r->t, e->addr, addr)))
        return NULL;
    while (done < bytes) {
        e = peek(r, 0);
        if (!e || e->kind != MEV_LOAD || e->when || e->bytes > bytes - done) {
            wrong(r, "a load of too little");
            return NULL;
        }
        r->next++;
        if (!need(r, "address", term_eq(r->t, e->addr, term_add_k(r->t, addr, done))))
            return NULL;
        all =
            r->sm.big_endian ? term_concat(r->t, all, e->value) : term_concat(r->t, e->value, all);
        done += e->bytes;
    }
    return all;
}

/* out: what is loaded, 8 * bytes wide; NULL: noted */
static term *load(struct run *r, term *addr, unsigned bytes, bool acquire) {
    struct order before;
    const struct mevent *const e = next_event(r, &before);
    if (!e || (e->kind != MEV_LOAD && !wrong(r, "no load where one belongs")))
        return NULL;
    if (acquire && !e->acquire && !fences_behind(r).acquire) {
        wrong(r, "a load that does not acquire");
        return NULL;
    }
    if (!acquire && e->bytes < bytes)
        return load_parts(r, addr, bytes, e);
    return same_place(r, e, addr, bytes) ? e->value : NULL;
}

static bool store(struct run *r, term *addr, unsigned bytes, term *value, bool release) {
    struct order before;
    const struct mevent *const e = next_event(r, &before);
    if (!e || (e->kind != MEV_STORE && !wrong(r, "no store where one belongs")))
        return false;
    if (release && !e->release && !before.release)
        return wrong(r, "a store that does not release");
    return same_place(r, e, addr, bytes) &&
           need(r, "stored value", term_eq(r->t, e->value, term_low(r->t, 8 * bytes, value)));
}

static term *at_state(struct run *r, int64_t off) {
    return term_add_k(r->t, r->state, off);
}

/* ---- the end of a path ---- */

/* Words of the stack above where the stack pointer was. */
static bool check_above(struct run *r, int64_t from) {
    const struct mstate *const s = &r->p->end, *const b = r->begin;
    const struct machine *const m = r->c->m;
    for (unsigned i = 0; i < s->n_frame; i++) {
        const int64_t off = s->frame[i].off;
        term *want = mstate_frame((struct mstate *)b, off);
        if (off < from)
            continue;
        if (off == m->slots && r->slot && !r->c->whole)
            want = r->slot;
        if (!need(r, "the caller's stack", term_eq(r->t, s->frame[i].value, want)))
            return false;
    }
    return true;
}

static bool check_stack(struct run *r, int64_t sp_off, int64_t from) {
    const struct mstate *const s = &r->p->end;
    term *const want = term_add_k(r->t, s->sp0, sp_off);
    return need(r, "stack pointer", term_eq(r->t, s->reg[r->c->m->sp], want)) &&
           check_above(r, from);
}

/* What is above the stack pointer is the caller's where the function has no frame, unless it calls:
 * then there are its own slots, above what its callees may write. */
static int64_t own_area(const struct run *r) {
    return r->c->whole || r->p->end.n_calls ? r->c->m->call_area : 0;
}

/* Registers that are none of eBPF's but kept by C: as they were. The return address is safe on the
 * stack in a function that calls. */
static bool check_kept(struct run *r) {
    const struct machine *const m = r->c->m;
    uint32_t others = ~m->call_clobbers & (uint32_t)((UINT64_C(1) << m->n_regs) - 1);
    const bool calls = r->p->end.n_calls && !r->c->whole;
    if (m->link != 255 && !r->linked)
        others |= 1u << m->link;
    else if (m->link != 255)
        others &= ~(1u << m->link);
    if (m->leaf_link && !calls && !r->c->whole)
        others |= 1u << m->leaf_link;
    for (unsigned i = 0; i < N_JIT_REGS; i++)
        others &= ~(1u << m->map[i]);
    others &= ~(1u << m->sp);
    for (unsigned i = 0; i < m->n_regs; i++)
        if (others >> i & 1 && r->p->end.reg[i] != r->begin->reg[i] &&
            !need(r, "a register that C keeps", term_eq(r->t, r->p->end.reg[i], r->begin->reg[i])))
            return false;
    return true;
}

/* Do the instructions under test write it? r0, which some write that do not name it, is none of
 * those that it is asked of. */
static bool is_written(const struct run *r, unsigned reg) {
    for (unsigned i = 0; i < r->c->n_insns; i += insn_slots(r->c->insns[i])) {
        const struct insn in = r->c->insns[i];
        const struct op_info *const row = &op_table[op_of(in)];
        if ((row->dst_rule == FIELD_WREG && in.dst == reg) ||
            (row->src_rule == FIELD_WREG && in.src == reg))
            return true;
    }
    return false;
}

/* Must it be right at the end? What nobody writes of r6 to r9 belongs to the function's caller. */
static bool is_live(const struct run *r, unsigned reg) {
    if (reg == REG_FP || (reg >= 6 && !is_written(r, reg)))
        return true;
    if (r->c->opt == 0 || r->c->live == LIVE_ALL)
        return !(r->called && reg >= 1 && reg <= 5);
    return reg == r->c->dst;
}

static bool check_regs(struct run *r) {
    static const char *const names[] = {"r0", "r1", "r2", "r3", "r4", "r5",
                                        "r6", "r7", "r8", "r9", "r10"};
    const struct mstate *const s = &r->p->end;
    for (unsigned i = 0; i < N_REGS; i++) {
        const unsigned width = r->c->live == LIVE_LOW && r->c->opt > 0 && i < REG_FP ? 32 : 64;
        term *const got = s->reg[r->c->m->map[i]];
        if (!is_live(r, i))
            continue;
        /* the whole of it, if that is seen at once, else what is needed */
        if (width < 64 && vunit_holds(r->u, r->p, term_eq(r->t, got, r->r[i])))
            continue;
        if (!need(r, names[i],
                  term_eq(r->t, term_low(r->t, width, got), term_low(r->t, width, r->r[i]))))
            return false;
    }
    return need(r, "STATE", term_eq(r->t, s->reg[r->c->m->map[JR_STATE]], r->state));
}

static bool no_more(struct run *r) {
    while (peek(r, 0) && peek(r, 0)->kind == MEV_FENCE)
        r->next++;
    return !peek(r, 0) || wrong(r, "more is done to memory than the instruction does");
}

static bool no_trap(struct run *r) {
    return !r->p->end.trap || need(r, "no fault", term_not(r->t, r->p->end.trap));
}

/* The path goes on at this offset of the code, all as it should be. */
static enum leaves ends_at(struct run *r, int64_t target) {
    const struct mpath *const p = r->p;
    if ((p->flow != MFLOW_NEXT && p->flow != MFLOW_JUMP) || p->target != target) {
        /* a jump that compares with a number beside may have a side that is never taken */
        if (!vunit_can(r->u, p, term_bool(r->t, true)))
            return LEFT;
        return wrong(r, "it goes to another place"), FAILED;
    }
    return no_more(r) && no_trap(r) && check_regs(r) && check_stack(r, 0, own_area(r)) &&
                   check_kept(r)
               ? LEFT
               : FAILED;
}

/* The run ends with a trap: it is noted in the world, and the stub's exit is jumped to. */
static enum leaves traps(struct run *r, enum run_kind kind, term *addr) {
    const struct mpath *const p = r->p;
    const uint64_t word = exec_trap(r->pc, CASE_WORLD_ID, (uint16_t)kind);
    if (addr && !store(r, at_state(r, EXEC_TRAP_ADDR), 8, addr, false))
        return FAILED;
    if (!store(r, at_state(r, EXEC_TRAP), 8, number(r, word), false) || !no_more(r) || !no_trap(r))
        return FAILED;
    r->linked = true; /* the stub has its own */
    if (!need(r, "STATE", term_eq(r->t, p->end.reg[r->c->m->map[JR_STATE]], r->state)) ||
        !check_above(r, own_area(r)) || !check_kept(r))
        return FAILED;
    const uint64_t exit = r->b.bind.exit_addr;
    if (p->flow == MFLOW_JUMP && (uint64_t)p->target + r->code->fragment.addr == exit)
        return LEFT;
    if (p->flow == MFLOW_INDIRECT && need(r, "exit", term_eq(r->t, p->addr, number(r, exit))))
        return LEFT;
    return wrong(r, "a trap that does not leave through the exit"), FAILED;
}

/* ---- calls ---- */

/* At a call the stack pointer is where the fragment found it; in a whole function it is aligned. */
static bool check_call_sp(struct run *r, term *sp) {
    const bool pushed = r->c->m->link == 255;
    uint64_t off;
    if (!r->c->whole)
        return need(r, "stack pointer at a call", term_eq(r->t, sp, r->p->end.sp0));
    if (term_split_k(sp, &off) == r->p->end.sp0 && (off - (pushed ? 8 : 0)) % 16 == 0)
        return true;
    return r->c->m->call_area && off % 8 == 0 ? true : wrong(r, "an unaligned stack at a call");
}

/* A call of a C function at this address, with so many arguments, the world the sixth. Afterwards
 * r0 is its result, and r1 to r5 are anything. */
static bool call_host(struct run *r, uint64_t addr, unsigned n_args, term *const args[5]) {
    struct order before;
    const struct machine *const m = r->c->m;
    const struct mevent *const e = next_event(r, &before);
    if (!e || (e->kind != MEV_CALL && !wrong(r, "no call where one belongs")))
        return false;
    term *const *const at = r->p->end.calls[e->call];
    if (!need(r, "function called", term_eq(r->t, e->addr, number(r, addr))) ||
        !check_call_sp(r, at[m->sp]) ||
        !need(r, "STATE at a call", term_eq(r->t, at[m->map[JR_STATE]], r->state)))
        return false;
    for (unsigned i = 0; i < n_args; i++)
        if (!need(r, "argument", term_eq(r->t, at[m->args[i]], args[i])))
            return false;
    term *const last = m->args[5] == 255 ? e->stored : at[m->args[5]];
    if (!need(r, "sixth argument", term_eq(r->t, last, r->state)))
        return false;
    r->r[0] = e->value;
    r->called = r->linked = true;
    return true;
}

/* The trap that a helper may have left: GOES_ON if there is none. */
static enum leaves pending(struct run *r) {
    term *const kind = load(r, at_state(r, EXEC_PENDING), 4, false);
    if (!kind)
        return FAILED;
    const int there =
        decided(r, "pending trap", term_ne(r->t, kind, term_const(r->t, 32, RUN_EXIT)));
    return there < 0 ? FAILED : there ? traps(r, (enum run_kind)EXEC_TRAP_PENDING, NULL) : GOES_ON;
}

/* The price of a backward jump or call. */
static enum leaves pay(struct run *r) {
    if (!r->c->fuel)
        return GOES_ON;
    term *const fuel = load(r, at_state(r, EXEC_FUEL), 8, false);
    if (!fuel)
        return FAILED;
    const int none = decided(r, "fuel", term_eq(r->t, fuel, number(r, 0)));
    if (none)
        return none < 0 ? FAILED : traps(r, RUN_TRAP_FUEL, NULL);
    return store(r, at_state(r, EXEC_FUEL), 8, term_add_k(r->t, fuel, -1), false) ? GOES_ON
                                                                                  : FAILED;
}

/* The function is left for another program's, as if that had been called instead. */
static enum leaves tails(struct run *r, term *to, term *r1) {
    const struct machine *const m = r->c->m;
    const struct mstate *const s = &r->p->end, *const b = r->begin;
    bool ok = (r->p->flow == MFLOW_INDIRECT || wrong(r, "it does not jump")) && no_more(r) &&
              no_trap(r) && need(r, "where a tail call goes", term_eq(r->t, r->p->addr, to)) &&
              need(r, "context", term_eq(r->t, s->reg[m->map[1]], r1)) &&
              need(r, "STATE", term_eq(r->t, s->reg[m->map[JR_STATE]], r->state)) &&
              need(r, "r10", term_eq(r->t, s->reg[m->map[JR_FP]], b->reg[m->map[JR_FP]]));
    for (unsigned i = 6; i <= 9 && ok && r->c->whole; i++)
        ok = need(r, "a register that functions keep",
                  term_eq(r->t, s->reg[m->map[i]], b->reg[m->map[i]]));
    r->called = r->linked = false;
    if (ok && r->c->whole && m->link != 255)
        ok = need(r, "return address", term_eq(r->t, s->reg[m->link], b->reg[m->link]));
    return ok && (!r->c->whole || (check_stack(r, 0, m->call_area) && check_kept(r))) ? LEFT
                                                                                      : FAILED;
}

/* The runtime says where to; 0: it falls through, and r0 is what it was. */
static enum leaves tail_call(struct run *r) {
    term *const r0 = r->r[0], *const r1 = r->r[1];
    if (!call_host(r, r->b.bind.thunks[JIT_THUNK_TAIL], 3, &r->r[1]))
        return FAILED;
    const enum leaves left = r->c->trusted ? GOES_ON : pending(r);
    if (left != GOES_ON)
        return left;
    term *const to = r->r[0];
    const int none = decided(r, "tail call", term_eq(r->t, to, number(r, 0)));
    r->r[0] = r0;
    if (none)
        return none < 0 ? FAILED : GOES_ON;
    const enum leaves paid = pay(r);
    return paid == GOES_ON ? tails(r, to, r1) : paid;
}

/* Helper 5 where it unwinds: r0 = r1, and 0 ends the run. */
static enum leaves unwind(struct run *r) {
    r->r[0] = r->r[1];
    r->called = true;
    const int ends = decided(r, "unwinding", term_eq(r->t, r->r[0], number(r, 0)));
    return ends < 0 ? FAILED : ends ? traps(r, RUN_EXIT, NULL) : GOES_ON;
}

static enum leaves helper(struct run *r, struct insn in) {
    const uint32_t id = (uint32_t)in.imm;
    const bool calls_back = helper_callback_of(id);
    if (id == HELPER_tail_call)
        return tail_call(r);
    if (id == HELPER_UNWIND && r->c->unwind)
        return unwind(r);
    if (id >= CASE_HELPERS || !r->b.helpers[id])
        return traps(r, RUN_TRAP_HELPER, id ? number(r, id) : NULL);
    if (calls_back && !store(r, at_state(r, EXEC_FP), 8, r->r[REG_FP], false))
        return FAILED;
    if (!call_host(r, r->b.helpers[id], 5, &r->r[1]))
        return FAILED;
    return r->c->trusted && !calls_back ? GOES_ON : pending(r);
}

/* A helper whose number is in a register: the runtime finds it. */
static enum leaves call_by_number(struct run *r, struct insn in) {
    term *const id = r->r[in.imm ? (unsigned)in.imm : in.dst];
    const int five =
        r->c->unwind ? decided(r, "unwinding", term_eq(r->t, id, number(r, HELPER_UNWIND))) : 0;
    if (five)
        return five < 0 ? FAILED : unwind(r);
    if (!store(r, at_state(r, EXEC_FP), 8, r->r[REG_FP], false) ||
        !store(r, at_state(r, EXEC_NUMBER), 8, id, false) ||
        !call_host(r, r->b.bind.thunks[JIT_THUNK_CALLX], 5, &r->r[1]))
        return FAILED;
    return pending(r);
}

/* One of the kernel's functions. */
static enum leaves kfunc(struct run *r, struct insn in) {
    const struct jit_bind *const b = &r->b.bind;
    if (!b->kfunc)
        return traps(r, RUN_TRAP_HELPER, in.imm ? number(r, (uint64_t)(int64_t)in.imm) : NULL);
    if (!store(r, at_state(r, EXEC_FP), 8, r->r[REG_FP], false) ||
        !call_host(r, b->kfunc(b->kfunc_self, ""), 5, &r->r[1]))
        return FAILED;
    return pending(r);
}

/* A function of the program, at r10 + stride if it uses r10. */
static enum leaves local_call(struct run *r) {
    const struct machine *const m = r->c->m;
    /* in untrusted programs frames are counted, and then every function that calls has its own */
    const bool depth = !r->c->trusted, fp = r->c->callee_fp;
    struct order before;
    const enum leaves paid = pay(r);
    if (paid != GOES_ON)
        return paid;
    if (depth) {
        term *const last = load(r, at_state(r, EXEC_LAST_FP), 8, false);
        const int deep = last ? decided(r, "depth", term_ule(r->t, last, r->r[REG_FP])) : -1;
        if (deep)
            return deep < 0 ? FAILED : traps(r, RUN_TRAP_DEPTH, NULL);
    }
    const struct mevent *const e = next_event(r, &before);
    if (!e || (e->kind != MEV_CALL && !wrong(r, "no call where one belongs")))
        return FAILED;
    term *const *const at = r->p->end.calls[e->call];
    const uint64_t to = r->code->fragment.addr + (uint64_t)r->code->target;
    term *const callee = term_add_k(r->t, r->r[REG_FP], fp ? CASE_STRIDE : 0);
    if (!need(r, "function called", term_eq(r->t, e->addr, number(r, to))) ||
        !check_call_sp(r, at[m->sp]) ||
        !need(r, "STATE at a call", term_eq(r->t, at[m->map[JR_STATE]], r->state)) ||
        !need(r, "r10 of the callee", term_eq(r->t, at[m->map[JR_FP]], callee)))
        return FAILED;
    for (unsigned i = 0; i < REG_FP; i++)
        if (i && !need(r, "argument", term_eq(r->t, at[m->map[i]], r->r[i])))
            return FAILED;
    r->r[0] = e->value; /* the convention of functions of programs, not C's */
    r->called = r->linked = true;
    return GOES_ON;
}

/* ---- memory ---- */

/* Is the access being done told to be plain? */
static bool told_plain(const struct run *r) {
    return r->c->told && r->c->fact.mem == MEM_PLAIN && r->pc == r->code->pc + r->c->fact_at;
}

/* Atomic and ordered accesses of what is not known to be accepted must be aligned. */
static enum leaves aligned(struct run *r, term *addr, unsigned bytes, uint8_t base) {
    const unsigned bits = (unsigned)__builtin_ctz(bytes);
    if (bytes == 1 || (r->c->trusted && (!r->c->arena || base == REG_FP || told_plain(r))))
        return GOES_ON;
    term *const low = term_low(r->t, bits, addr);
    const int odd = decided(r, "alignment", term_ne(r->t, low, term_const(r->t, bits, 0)));
    return odd < 0 ? FAILED : odd ? traps(r, RUN_TRAP_ALIGN, addr) : GOES_ON;
}

/* Is the path the one through the runtime? Then a call is what comes next. */
static bool is_slow(const struct run *r) {
    unsigned ahead = 0;
    while (peek(r, ahead) && peek(r, ahead)->kind == MEV_FENCE)
        ahead++;
    return peek(r, ahead) && peek(r, ahead)->kind == MEV_CALL;
}

/* A direct access must be one to memory that is what it looks like. */
static bool is_plain(struct run *r, term *addr, uint8_t base) {
    const uint64_t from = r->sm.big_endian ? WORLD_ARENA_OFF : WORLD_HANDLE_OFF;
    if (!r->c->arena || base == REG_FP || told_plain(r))
        return true;
    if (r->c->slow)
        return wrong(r, "a direct access that a fact forbids");
    return need(r, "plain memory",
                term_ult(r->t, term_sub(r->t, addr, number(r, WORLD_BASE + from)),
                         number(r, WORLD_BYTES - from)));
}

/* The runtime does it. out: as call_host; registers but the result stay */
static enum leaves slowly(struct run *r, enum jit_thunk thunk, unsigned n_args, term *const args[5],
                          term **result) {
    term *const r0 = r->r[0];
    const bool called = r->called;
    if (!call_host(r, r->b.bind.thunks[thunk], n_args, args))
        return FAILED;
    *result = r->r[0];
    r->r[0] = r0;
    const enum leaves left = pending(r);
    r->called = called; /* they are reloaded */
    return left;
}

/* A field that reads as a pointer into the packet: what the world has for it. */
static enum leaves packet_pointer(struct run *r, struct insn in) {
    static const uint16_t at[] = {CASE_PKT_DATA, CASE_PKT_END, CASE_PKT_META};
    term *const off = load(r, at_state(r, at[r->c->fact.mem - MEM_PKT_DATA]), 4, false);
    if (!off)
        return FAILED;
    r->r[in.dst] = term_add_k(r->t, term_zext(r->t, 64, off), WORLD_BASE + WORLD_PKT_OFF);
    return GOES_ON;
}

static enum leaves load_insn(struct run *r, struct insn in, const struct op_info *row) {
    const unsigned bytes = row->width_bits / 8u;
    const bool order = row->cls == CLASS_ATOMIC_LOAD;
    term *const addr = term_add_k(r->t, r->r[in.src], in.off);
    term *v;
    if (r->c->told && r->c->fact.mem >= MEM_PKT_DATA && r->c->opt > 0)
        return packet_pointer(r, in);
    if (order) {
        const enum leaves left = aligned(r, addr, bytes, in.src);
        if (left != GOES_ON)
            return left;
    }
    if (is_slow(r)) {
        term *const args[5] = {addr, number(r, bytes), number(r, row->sign)};
        const enum leaves left = slowly(r, JIT_THUNK_LOAD, 3, args, &v);
        if (left == GOES_ON)
            r->r[in.dst] = v;
        return left;
    }
    v = is_plain(r, addr, in.src) ? load(r, addr, bytes, order) : NULL;
    if (!v)
        return FAILED;
    r->r[in.dst] = row->sign ? term_sext(r->t, 64, v) : term_zext(r->t, 64, v);
    return GOES_ON;
}

static enum leaves store_insn(struct run *r, struct insn in, const struct op_info *row) {
    const unsigned bytes = row->width_bits / 8u;
    const bool order = row->cls == CLASS_ATOMIC_STORE;
    term *const addr = term_add_k(r->t, r->r[in.dst], in.off);
    term *const value = row->cls == CLASS_ST ? number(r, (uint64_t)(int64_t)in.imm) : r->r[in.src];
    if (order) {
        const enum leaves left = aligned(r, addr, bytes, in.dst);
        if (left != GOES_ON)
            return left;
    }
    if (is_slow(r)) {
        term *const args[5] = {addr, number(r, bytes), value};
        term *none;
        return slowly(r, JIT_THUNK_STORE, 3, args, &none);
    }
    return is_plain(r, addr, in.dst) && store(r, addr, bytes, value, order) ? GOES_ON : FAILED;
}

/* Is the access sequentially consistent, with the fences around it? One that only looked has
 * nothing to release. */
static bool is_ordered(const struct mevent *e, struct order before, struct order behind) {
    const bool acquires = e->acquire || behind.acquire;
    const bool releases = e->release || before.release || e->kind == MEV_LOAD;
    return acquires && releases && (e->serialises || behind.serialises);
}

/* A read-modify-write may look at the place before; and where it changes nothing, to have looked
 * with the same ordering is enough. */
static enum leaves atomic_direct(struct run *r, struct insn in, enum op op, term *addr) {
    const unsigned bytes = op_table[op].width_bits / 8u;
    struct spec_atomic want;
    struct order before;
    const struct mevent *e = next_event(r, &before);
    if (!e)
        return FAILED;
    while (e->kind == MEV_LOAD && peek(r, 0) &&
           (peek(r, 0)->kind == MEV_ATOMIC || peek(r, 0)->kind == MEV_LOAD) &&
           peek(r, 0)->bytes == e->bytes) {
        struct order between;
        if (!same_place(r, e, addr, bytes) || !(e = next_event(r, &between)))
            return FAILED;
        before.release |= between.release;
    }
    if (e->kind != MEV_ATOMIC && e->kind != MEV_LOAD)
        return wrong(r, "no atomic access where one belongs"), FAILED;
    if (!same_place(r, e, addr, bytes) ||
        !spec_atomic(r->t, op, e->value, r->r[in.src], r->r[0], &want))
        return FAILED;
    /* those that do not fetch need not be ordered, but for what the machine does anyway */
    const bool ordered = want.writes_src || want.writes_r0;
    if (ordered && !is_ordered(e, before, fences_behind(r)))
        return wrong(r, "an atomic access without its order"), FAILED;
    term *const stored = e->kind == MEV_ATOMIC ? e->stored : e->value;
    if (!need(r, "memory afterwards", term_eq(r->t, stored, want.stored)))
        return FAILED;
    if (want.writes_src)
        r->r[in.src] = want.reg_value;
    if (want.writes_r0)
        r->r[0] = want.reg_value;
    return GOES_ON;
}

static enum leaves atomic_insn(struct run *r, struct insn in, enum op op) {
    const struct op_info *const row = &op_table[op];
    term *const addr = term_add_k(r->t, r->r[in.dst], in.off);
    const enum leaves left = aligned(r, addr, row->width_bits / 8u, in.dst);
    if (left != GOES_ON)
        return left;
    if (is_slow(r)) {
        term *const args[5] = {addr, number(r, op), r->r[in.src], r->r[0]};
        term *old;
        const enum leaves slow = slowly(r, JIT_THUNK_ATOMIC, 4, args, &old);
        if (slow == GOES_ON && row->cls == CLASS_ATOMIC_CMPXCHG)
            r->r[0] = old;
        else if (slow == GOES_ON && row->src_rule == FIELD_WREG)
            r->r[in.src] = old;
        return slow;
    }
    return is_plain(r, addr, in.dst) ? atomic_direct(r, in, op, addr) : FAILED;
}

/* ---- the others ---- */

static enum leaves imm64(struct run *r, struct insn lo, struct insn hi, enum op op) {
    const struct jit_bind *const b = &r->b.bind;
    const bool bound = (uint32_t)lo.imm < b->n_maps;
    uint64_t v;
    if (op == OP_LDDW)
        v = insn_imm64(lo, hi);
    else if (op == OP_LDDW_CODE)
        v = world_code_addr(CASE_WORLD_ID, r->code->pc_target);
    else if (op == OP_LDDW_MAP_IDX && bound)
        v = b->maps[lo.imm].handle;
    else if (op == OP_LDDW_MAP_IDX_VALUE && bound && b->maps[lo.imm].value_addr)
        v = b->maps[lo.imm].value_addr + (uint64_t)(int64_t)hi.imm;
    else if (op == OP_LDDW_VAR && r->c->weak)
        v = 0;
    else
        return traps(r, RUN_TRAP_INSN, NULL);
    r->r[lo.dst] = number(r, v);
    return GOES_ON;
}

/* Taken: to the target, paying for a backward one. */
static enum leaves takes(struct run *r) {
    if (r->c->place == PLACE_BACK) {
        const enum leaves left = pay(r);
        if (left != GOES_ON)
            return left;
    }
    return ends_at(r, r->code->target);
}

static enum leaves jump_inside(struct run *r, struct insn in, enum op op, term *c) {
    /* a jump that compares with a number beside may have a side that is never taken */
    if (c && term_is_const(c) && !vunit_can(r->u, r->p, term_bool(r->t, true)))
        return LEFT;
    const int taken = op_table[op].cls == CLASS_JMP_ALWAYS ? 1 : decided(r, "condition", c);
    r->skip = taken > 0 ? insn_jump(op, in) : 0;
    return taken < 0 ? FAILED : GOES_ON;
}

/* inside: it leads to another one of the instructions under test, or right behind them. */
static enum leaves jump(struct run *r, struct insn in, enum op op, bool inside) {
    const struct op_info *const row = &op_table[op];
    term *const src = row->from_reg ? r->r[in.src] : number(r, (uint64_t)(int64_t)in.imm);
    term *c = NULL;
    if (row->cls == CLASS_JMP_ALWAYS)
        return inside ? jump_inside(r, in, op, NULL) : takes(r);
    if (row->cls == CLASS_JMP_BUDGET) {
        term *const left =
            r->slot ? r->slot : mstate_frame((struct mstate *)r->begin, r->c->m->slots);
        if (inside) {
            const enum leaves l = jump_inside(r, in, op, term_eq(r->t, left, number(r, 0)));
            r->slot = r->skip ? left : term_add_k(r->t, left, -1);
            return l;
        }
        c = term_eq(r->t, left, number(r, 0));
        const int out = decided(r, "budget", c);
        if (out)
            return out < 0 ? FAILED : takes(r);
        r->slot = term_add_k(r->t, left, -1);
        return ends_at(r, (int64_t)r->code->fragment.to);
    }
    c = spec_jump(r->t, op, r->r[in.dst], src);
    if (inside)
        return jump_inside(r, in, op, c);
    const bool falls = r->p->flow == MFLOW_NEXT && r->p->target == (int64_t)r->code->fragment.to;
    if (!need(r, falls ? "condition, not taken" : "condition, taken",
              falls ? term_not(r->t, c) : c))
        return FAILED;
    return falls ? ends_at(r, (int64_t)r->code->fragment.to) : takes(r);
}

/* The function is left: its result, what it keeps for its caller, and back to it. */
static enum leaves exits(struct run *r) {
    const struct machine *const m = r->c->m;
    const struct mstate *const s = &r->p->end, *const b = r->begin;
    const bool pushed = m->link == 255;
    if (r->p->flow != MFLOW_RETURN)
        return wrong(r, "it does not return"), FAILED;
    term *const back = pushed ? mstate_frame((struct mstate *)b, 0) : b->reg[m->link];
    bool ok = no_more(r) && no_trap(r) &&
              need(r, "return address", term_eq(r->t, r->p->addr, back)) &&
              need(r, "result", term_eq(r->t, s->reg[m->map[0]], r->r[0])) &&
              need(r, "STATE", term_eq(r->t, s->reg[m->map[JR_STATE]], r->state)) &&
              need(r, "r10", term_eq(r->t, s->reg[m->map[JR_FP]], b->reg[m->map[JR_FP]]));
    for (unsigned i = 6; i <= 9 && ok; i++)
        ok = need(r, "a register that functions keep",
                  term_eq(r->t, s->reg[m->map[i]], b->reg[m->map[i]]));
    for (unsigned i = 0; i < N_REGS && ok && r->c->expose; i++)
        if (i == 0 || (i >= 6 && i <= 9))
            ok = need(r, "exposed register", term_eq(r->t, s->own[i].value, r->r[i]));
    r->called = r->linked = false;
    return ok && check_stack(r, pushed ? 8 : 0, own_area(r)) && check_kept(r) ? LEFT : FAILED;
}

/* Bytes of the packet; outside it the function is left with 0. */
static enum leaves packet(struct run *r, struct insn in, const struct op_info *row) {
    term *off = term_const(r->t, 32, (uint32_t)in.imm);
    off = row->from_reg ? term_zext(r->t, 64, term_add(r->t, term_low(r->t, 32, r->r[in.src]), off))
                        : term_sext(r->t, 64, off);
    term *const args[5] = {off, number(r, row->width_bits / 8u)};
    if (!call_host(r, r->b.bind.thunks[JIT_THUNK_PACKET], 2, args))
        return FAILED;
    const int outside = decided(r, "packet", term_eq(r->t, r->r[0], number(r, UINT64_MAX)));
    if (outside <= 0)
        return outside < 0 ? FAILED : GOES_ON;
    r->r[0] = number(r, 0);
    return exits(r);
}

static enum leaves one(struct run *r, unsigned i) {
    const struct insn in = r->c->insns[i];
    const enum op op = op_of(in);
    const struct op_info *const row = &op_table[op];
    term *const k = number(r, (uint64_t)(int64_t)in.imm);
    if (insn_writes_fp(in))
        return traps(r, RUN_TRAP_INSN, NULL);
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_ALU_CAST: {
        const bool imm = row->cls == CLASS_ALU_BINARY && !row->from_reg;
        r->r[in.dst] = spec_alu(r->t, &r->sm, op, r->r[in.dst], imm ? k : r->r[in.src]);
        return r->r[in.dst] ? GOES_ON : FAILED;
    }
    case CLASS_JMP_COND:
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET: return jump(r, in, op, i + 1u < r->c->n_insns);
    case CLASS_JMP_TABLE: return traps(r, RUN_TRAP_INSN, NULL);
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD: return load_insn(r, in, row);
    case CLASS_STX:
    case CLASS_ST:
    case CLASS_ATOMIC_STORE: return store_insn(r, in, row);
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG: return atomic_insn(r, in, op);
    case CLASS_IMM64: return imm64(r, in, r->c->insns[i + 1], op);
    case CLASS_CALL: return helper(r, in);
    case CLASS_CALL_LOCAL: return local_call(r);
    case CLASS_EXIT: return exits(r);
    case CLASS_CALL_REG: return call_by_number(r, in);
    case CLASS_CALL_KFUNC: return kfunc(r, in);
    case CLASS_PKT: return packet(r, in, row);
    default: break;
    }
    vunit_fail(r->u, r->c, SMT_ERROR, "no specification");
    return FAILED;
}

bool vspec_path(struct vunit *u, const struct vcase *c, const struct vcode *code,
                const struct mstate *begin, const struct mpath *p) {
    struct run r = {.u = u,
                    .c = c,
                    .code = code,
                    .begin = begin,
                    .p = p,
                    .t = u->t,
                    .state = begin->reg[c->m->map[JR_STATE]],
                    .pc = code->pc};
    enum leaves left = GOES_ON;
    vcase_bind(c, &r.b);
    r.sm = (struct spec_machine){c->m->big_endian, number(&r, r.b.bind.arena_base)};
    for (unsigned i = 0; i < N_REGS; i++)
        r.r[i] = begin->reg[c->m->map[i]];
    for (unsigned i = 0; i < c->n_insns && c->whole && !r.slot; i++)
        if (c->insns[i].code == op_table[OP_MAY_GOTO].code &&
            !(r.slot = load(&r, at_state(&r, EXEC_BUDGET), 8, false)))
            return false;
    for (unsigned i = 0; i < c->n_insns && left == GOES_ON;) {
        r.skip = 0;
        r.pc = code->pc + i;
        left = one(&r, i);
        i += insn_slots(c->insns[i]) + (unsigned)r.skip;
    }
    if (left == GOES_ON)
        left = ends_at(&r, (int64_t)code->fragment.to);
    return left == LEFT;
}
