/* facts_test.c: facts hold on runs of generated programs.
 *     facts_test N [SEED]
 *
 * What facts say of values, branches and reach is held against each step. What they say will not be
 * read (registers that are not live, upper halves) is overwritten in a second program, which must
 * end in the same world.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/instance.h"
#include "fuzz/gen/mixed.h"
#include "runtime/snapshot.h"
#include "tests/check.h"
#include "verifier/knowledge.h"

enum {
    RUNS = 3, /* on different packets */
    PACKET = 80,
    JUNK_SLOTS = 4, /* at most, behind an instruction */
};

static uint64_t n_accepted, n_wrong;
static struct {
    uint64_t dead, consts, always, never, divisors, bounded, no_zext, not_live;
} told;

/* ---- held against each step ---- */

struct watch {
    const struct prog *prog;
    const struct facts *facts;
    uint64_t seed;
    uint64_t before[N_REGS]; /* of the next instruction */
    uint32_t last_pc;        /* UINT32_MAX before the first */
};

static void wrong(const struct watch *w, uint32_t pc, const char *what) {
    n_wrong++;
    printf("seed %llu: pc %u: %s\n", (unsigned long long)w->seed, pc, what);
}

static void check_branch(const struct watch *w, uint32_t next) {
    const uint32_t pc = w->last_pc;
    const struct insn in = w->prog->insns[pc];
    const enum op op = op_of(in);
    if (op_table[op].cls != CLASS_JMP_COND || in.off == 0)
        return;
    const bool taken = next != pc + 1;
    if ((w->facts->at[pc].always && !taken) || (w->facts->at[pc].never && taken))
        wrong(w, pc, "the branch goes the other way");
}

static void check_divisor(const struct watch *w, uint32_t pc) {
    const struct insn in = w->prog->insns[pc];
    const struct op_info *const row = &op_table[op_of(in)];
    const uint64_t x = w->before[in.src];
    if (row->from_reg && (row->width_bits == 64 ? x : (uint32_t)x) == 0)
        wrong(w, pc, "the divisor is 0");
}

static bool check_step(void *self, const struct interp_step *step) {
    struct watch *const w = self;
    const uint32_t pc = step->pc;
    const struct pc_facts *const f = &w->facts->at[pc];
    if (w->last_pc != UINT32_MAX)
        check_branch(w, pc);
    if (f->dead)
        wrong(w, pc, "a dead instruction is executed");
    if (f->dst_const && step->regs[w->prog->insns[pc].dst] != f->const_value)
        wrong(w, pc, "the destination is another number");
    if (f->divisor_known_nonzero)
        check_divisor(w, pc);
    memcpy(w->before, step->regs, sizeof w->before);
    w->last_pc = pc;
    return true;
}

/* ---- overwritten ---- */

static uint32_t add64(struct insn *out, uint32_t reg, int32_t imm) {
    *out = (struct insn){.code = 0x07, .dst = (uint8_t)reg, .imm = imm};
    return 1;
}

/* Junk behind the instruction at pc: into the upper half of its result, adding 2^32 in three
 * steps, and into a register that is not live. out: slots written */
static uint32_t put_junk(const struct prog *p, const struct facts *facts, uint32_t pc,
                         struct insn *out) {
    const struct insn in = p->insns[pc];
    const struct op_info *const row = &op_table[op_of(in)];
    const struct pc_facts *const f = &facts->at[pc];
    uint32_t n = 0;
    if (row->cls == CLASS_EXIT || row->cls == CLASS_JMP_ALWAYS)
        return 0;
    const bool fetch = row->cls == CLASS_ATOMIC_RMW && row->src_rule == FIELD_WREG;
    const bool xchg = row->cls == CLASS_ATOMIC_XCHG, cmpxchg = row->cls == CLASS_ATOMIC_CMPXCHG;
    const bool narrow =
        row->cls == CLASS_ALU_END
            ? in.imm < 64
            : row->width_bits == 32 &&
                  (row->cls == CLASS_ALU_BINARY || row->cls == CLASS_ALU_UNARY ||
                   row->cls == CLASS_ALU_SEXT || (row->cls == CLASS_LDX && !row->sign) || fetch ||
                   xchg || cmpxchg);
    const uint32_t result = cmpxchg ? 0 : fetch || xchg ? in.src : in.dst;
    if (narrow && !f->needs_zext) {
        n += add64(out + n, result, INT32_MAX);
        n += add64(out + n, result, INT32_MAX);
        n += add64(out + n, result, 2);
        told.no_zext++;
    }
    const uint32_t dead = (pc * 7 + 3) % REG_FP;
    if (!(f->live_out >> dead & 1) && !(narrow && dead == result)) {
        out[n++] =
            (struct insn){.code = 0xb7, .dst = (uint8_t)dead, .imm = (int32_t)(pc * 0x01010101)};
        told.not_live++;
    }
    return n;
}

/* out: *out: a program to be freed */
static bool with_junk(const struct prog *p, const struct facts *facts, struct prog *out) {
    struct insn insns[MIXED_MAX_INSNS * (1 + JUNK_SLOTS)];
    uint32_t at[MIXED_MAX_INSNS + 1], n = 0;
    for (uint32_t pc = 0; pc < p->n_insns; pc++) {
        at[pc] = n;
        insns[n++] = p->insns[pc];
        if (insn_slots(p->insns[pc]) == 2) {
            at[++pc] = n;
            insns[n++] = p->insns[pc];
            continue; /* a second slot has no facts, and the first's say nothing of upper halves */
        }
        n += put_junk(p, facts, pc, &insns[n]);
    }
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        const enum op op = op_of(p->insns[pc]);
        const uint8_t cls = op_table[op].cls;
        struct insn *const in = &insns[at[pc]];
        const bool code = op == OP_LDDW_CODE;
        if (cls != CLASS_JMP_COND && cls != CLASS_JMP_ALWAYS && cls != CLASS_JMP_BUDGET &&
            cls != CLASS_CALL_LOCAL && !code)
            continue;
        const uint32_t target = (uint32_t)((int64_t)pc + 1 + (code ? in->imm : insn_jump(op, *in)));
        const int32_t distance = (int32_t)((int64_t)at[target] - at[pc] - 1);
        if (cls == CLASS_CALL_LOCAL || code || op == OP_JA32)
            in->imm = distance;
        else
            in->off = (int16_t)distance;
    }
    if (!CHECK_EQ(prog_init_insns(out, insns, n), BPFLAB_OK))
        return false;
    out->type = p->type;
    return true;
}

/* ---- */

static bool prepare(struct instance *in, uint32_t prog, uint64_t seed, struct interp_job *job) {
    uint8_t packet[PACKET];
    for (size_t i = 0; i < sizeof packet; i++)
        packet[i] = (uint8_t)check_random(&seed);
    in->world->st.rng = seed;
    const struct instance_input input = {
        .packet = packet, .packet_bytes = 14 + seed % (PACKET - 13), .fuel = 1000000};
    struct diag d;
    if (!CHECK_EQ(instance_prepare(in, prog, &input, job, &d), BPFLAB_OK))
        return false;
    job->may_goto_budget = 100;
    return true;
}

/* Callbacks stand elsewhere in the other program: addresses in recorded calls tell nothing. */
static void hide_code_addresses(struct world *w) {
    for (uint32_t i = 0; i < w->st.trace_count && i < WORLD_TRACE_KEPT; i++)
        for (uint32_t k = 0; k < 5; k++)
            if (w->trace[i].args[k] - WORLD_CODE_BASE < world_code_addr(2, 0) - WORLD_CODE_BASE)
                w->trace[i].args[k] = WORLD_CODE_BASE;
}

/* Both programs, on the same input in the same world. */
static void check_run(struct instance *in, struct watch *w) {
    struct interp_job job;
    struct snapshot *fresh, *after;
    struct world_diff diff;
    uint64_t n;
    if (!CHECK_EQ(snapshot_new(in->world, &fresh), BPFLAB_OK))
        return;
    if (prepare(in, 0, w->seed, &job)) {
        w->last_pc = UINT32_MAX;
        job.step = check_step;
        job.step_self = w;
        const struct run_end end = interp_trace(in->world, &job, &n);
        if (end.kind != RUN_EXIT)
            wrong(w, end.pc, run_kind_id(end.kind));
        hide_code_addresses(in->world);
        if (!CHECK_EQ(snapshot_new(in->world, &after), BPFLAB_OK))
            return;
        snapshot_restore(fresh, in->world);
        prepare(in, 1, w->seed, &job);
        const struct run_end again = interp_run(in->world, &job);
        hide_code_addresses(in->world);
        if (again.kind != end.kind || again.r0 != end.r0)
            wrong(w, again.pc, "junk where nothing reads it changes the end");
        else if (!world_compare(in->world, after, false, &diff))
            wrong(w, again.pc, diff.item[0].what);
        snapshot_free(after);
        snapshot_restore(fresh, in->world);
    }
    snapshot_free(fresh);
}

static void count(const struct prog *p, const struct facts *facts) {
    for (uint32_t pc = 0; pc < p->n_insns; pc += insn_slots(p->insns[pc])) {
        const struct pc_facts *const f = &facts->at[pc];
        told.dead += f->dead;
        told.consts += f->dst_const && op_of(p->insns[pc]) != OP_MOV64_IMM;
        told.always += f->always;
        told.never += f->never;
        told.divisors += f->divisor_known_nonzero;
        told.bounded += f->bounded;
    }
}

static void check_facts(struct prog *p, struct map_def *maps, const struct knowledge *k,
                        uint64_t seed) {
    struct facts facts = {0};
    struct prog progs[2] = {*p};
    struct instance in;
    struct diag d;
    if (!CHECK_EQ(knowledge_facts(k, p, &facts), BPFLAB_OK))
        return;
    count(p, &facts);
    if (with_junk(p, &facts, &progs[1])) {
        const struct object o = {
            .progs = progs, .n_progs = 2, .maps = maps, .n_maps = N_MIXED_MAPS};
        if (CHECK_EQ(instance_new(&o, NULL, &in, &d), BPFLAB_OK)) {
            for (uint64_t run = 0; run < RUNS; run++) {
                struct watch w = {.prog = p, .facts = &facts, .seed = seed * RUNS + run};
                check_run(&in, &w);
            }
            instance_fini(&in);
        }
        prog_fini(&progs[1]);
    }
    facts_fini(&facts);
}

static void check_seed(uint64_t seed, enum explore how) {
    struct map_def maps[N_MIXED_MAPS];
    struct insn insns[MIXED_MAX_INSNS];
    struct prog p;
    const uint32_t n = gen_mixed(seed, 4 + (uint32_t)(seed % 24), insns);
    if (!CHECK_EQ(prog_init_insns(&p, insns, n), BPFLAB_OK))
        return;
    p.type = PROG_sched_cls;
    memcpy(maps, mixed_maps, sizeof maps);
    const struct verify_input input = {
        .prog = &p, .maps = maps, .n_maps = N_MIXED_MAPS, .license = "GPL"};
    const struct verify_options opt = {.explore = how,
                                       .keep = KEEP_JOINED,
                                       .every_state = seed % 2 == 0,
                                       .budget = {.insns = 100000}};
    struct verify_result r;
    struct diag d;
    if (CHECK_EQ(verify(&input, &opt, &r, &d), BPFLAB_OK) && r.verdict == VERDICT_ACCEPT) {
        n_accepted++;
        check_facts(&p, maps, r.knowledge, seed);
    }
    verify_result_fini(&r);
    prog_fini(&p);
}

int main(int argc, char **argv) {
    const uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 0) : check_rounds(500);
    const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    for (uint64_t seed = first; seed < first + n && n_wrong < 10; seed++) {
        check_seed(seed, EXPLORE_PATHS);
        check_seed(seed, EXPLORE_FIXPOINT);
    }
    printf("%llu accepted; told: %llu dead, %llu numbers, %llu always, %llu never, %llu divisors, "
           "%llu accesses; overwritten: %llu upper halves, %llu registers\n",
           (unsigned long long)n_accepted, (unsigned long long)told.dead,
           (unsigned long long)told.consts, (unsigned long long)told.always,
           (unsigned long long)told.never, (unsigned long long)told.divisors,
           (unsigned long long)told.bounded, (unsigned long long)told.no_zext,
           (unsigned long long)told.not_live);
    CHECK(told.dead && told.consts && told.always && told.never && told.divisors && told.bounded);
    CHECK(told.no_zext && told.not_live);
    CHECK_EQ(n_wrong, 0);
    return check_end();
}
