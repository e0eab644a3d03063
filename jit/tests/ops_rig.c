/* ops_rig.c: memory for code and world, calls through the stub, and what is said of a failure. */
#include "jit/tests/ops_rig.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

const struct jit_frame rig_bare = {.saved = 0};

const char *rig_reg_name(unsigned reg) {
    static const char *const names[] = {
        "r0", "r1", "r2", "r3", "r4", "r5",    "r6",    "r7",
        "r8", "r9", "fp", "t0", "t1", "state", "slots", "none",
    };
    return reg < sizeof names / sizeof *names ? names[reg] : "?";
}

/* ---- what went wrong ---- */

static void tell(const struct rig *r, const struct rig_case *c) {
    char text[256] = "";
    r->describe(c, text, sizeof text);
    printf("    case: %s\n    code at %#" PRIx64 ":", text, rig_addr(r, c->op));
    for (uint32_t i = c->op; i < c->op_end && i < c->op + 96; i++)
        printf(" %02x", (r->mem + RIG_CODE)[i]);
    printf("\n    in: ");
    for (unsigned i = 0; i < N_RIG_REGS; i++)
        printf(" %s=%" PRIx64, rig_reg_name(i), r->w->in[i]);
    printf("\n");
}

bool rig_eq(struct rig *r, const struct rig_case *c, const char *what, uint64_t got,
            uint64_t want) {
    r->n_checks++;
    if (got == want)
        return true;
    if (r->n_failed++ < 20) {
        printf("%s: %s: got %#" PRIx64 ", want %#" PRIx64 "\n", r->a->name, what, got, want);
        if (c)
            tell(r, c);
    }
    return false;
}

bool rig_same(struct rig *r, const struct rig_case *c, unsigned reg, uint64_t want, uint64_t mask) {
    return rig_eq(r, c, rig_reg_name(reg), r->w->out[reg] & mask, want & mask);
}

/* The one rig of a test program, for the signal handler. */
static const struct rig *volatile active;

static void on_signal(int number) {
    const struct rig *const r = active;
    printf("signal %d\n", number);
    fflush(stdout); /* the rig itself may be overwritten */
    if (r && r->current)
        tell(r, r->current);
    fflush(stdout);
    _exit(1);
}

/* On a stack of its own: the machine's may be what is wrong. */
static void catch_signals(struct rig *r) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    const struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    const stack_t stack = {.ss_sp = r->around, .ss_size = RIG_AROUND / 4};
    sigaltstack(&stack, NULL);
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &act, NULL);
    active = r;
}

/* ---- memory ---- */

static void protect(struct rig *r, int prot) {
    if (mprotect(r->mem, RIG_BYTES, prot)) {
        perror("mprotect");
        exit(1);
    }
}

static void to_place(struct rig *r, uint32_t at, const struct jit_buf *b) {
    if (b->err || at + b->n > RIG_BYTES) {
        printf("no code: error %d, %u bytes\n", (int)b->err, b->n);
        exit(1);
    }
    protect(r, PROT_READ | PROT_WRITE);
    if (b->n)
        memcpy(r->mem + at, b->bytes, b->n);
    __builtin___clear_cache((char *)r->mem + at, (char *)r->mem + at + b->n);
    protect(r, PROT_READ | PROT_EXEC);
}

void rig_seal(struct rig *r) {
    to_place(r, RIG_CODE, &r->b);
}

static bool complete(const struct jit_arch *a) {
    return a->enter && a->leave && a->tail && a->alu && a->constant && a->load && a->store &&
           a->atomic && a->site_bytes && a->site_fits && a->site && a->stub;
}

/* The back end under test: the host's, or another that the host runs too. */
static const struct jit_arch *under_test(void) {
    const char *const name = getenv("BPFLAB_JIT");
    const struct jit_arch *const a = name ? jit_target(name) : jit_host();
    return a && a->on_host() ? a : NULL;
}

const char *rig_init(struct rig *r, void (*describe)(const struct rig_case *, char *, size_t)) {
    *r = (struct rig){.a = under_test(), .describe = describe, .seed = 20240229};
    if (!r->a)
        return "no back end makes code for this machine";
    if (!complete(r->a))
        return "this machine's back end is not complete";
    r->mem = mmap(NULL, RIG_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    r->around = calloc(1, 2 * RIG_AROUND + sizeof *r->w);
    r->cases = calloc(RIG_CASES, sizeof *r->cases);
    if (r->mem == MAP_FAILED || !r->around || !r->cases)
        return "no memory";
    r->w = (struct rig_world *)(void *)(r->around + RIG_AROUND);
    r->w->rig = r;
    catch_signals(r);
    struct jit_buf stub;
    jit_buf_init(&stub);
    r->exit_addr = (uint64_t)(uintptr_t)r->mem + RIG_STUB + r->a->stub(&stub);
    to_place(r, RIG_STUB, &stub);
    if (stub.n > RIG_CODE - RIG_STUB)
        return "the stub is larger than its room";
    jit_buf_fini(&stub);
    jit_buf_init(&r->b);
    return NULL;
}

int rig_end_test(struct rig *r) {
    printf("%s: %" PRIu64 " functions, %" PRIu64 " runs, seed 20240229\n", r->a->name, r->n_funcs,
           r->n_runs);
    const stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    active = NULL;
    munmap(r->mem, RIG_BYTES);
    free(r->around);
    free(r->cases);
    jit_buf_fini(&r->b);
    if (r->n_checks == 0)
        printf("nothing was checked: that is a failure\n");
    printf("%" PRIu64 " checks, %" PRIu64 " failed\n", r->n_checks, r->n_failed);
    return r->n_failed || r->n_checks == 0;
}

/* ---- code ---- */

void rig_world_op(struct rig *r, bool load, uint8_t reg, size_t off) {
    const struct jit_mem m = {.bytes = 8, .reg = reg, .base = JR_STATE, .off = (int32_t)off};
    (load ? r->a->load : r->a->store)(&r->b, &m);
}

void rig_load_all(struct rig *r) {
    for (uint8_t i = 0; i < N_RIG_REGS; i++)
        rig_world_op(r, true, i, RIG_IN + 8u * i);
}

void rig_store_all(struct rig *r) {
    for (uint8_t i = 0; i < N_JIT_REGS; i++)
        rig_world_op(r, false, i, RIG_OUT + 8u * i);
}

void rig_mark(struct rig *r, int32_t mark) {
    const struct jit_mem m = {
        .bytes = 8, .imm = true, .base = JR_STATE, .off = RIG_MARK, .k = mark};
    r->a->store(&r->b, &m);
}

struct rig_case *rig_begin(struct rig *r) {
    struct rig_case *const c = &r->cases[r->n_cases++];
    c->off = r->b.n;
    r->a->enter(&r->b, &rig_bare);
    rig_load_all(r);
    c->op = r->b.n;
    r->n_funcs++;
    return c;
}

void rig_end(struct rig *r, struct rig_case *c) {
    c->op_end = r->b.n;
    rig_store_all(r);
    r->a->leave(&r->b, &rig_bare);
}

/* ---- running ---- */

bool rig_full(const struct rig *r) {
    return r->n_cases == RIG_CASES || r->b.n + (1u << 14) > RIG_ROOM - RIG_CODE;
}

void rig_run(struct rig *r, void (*run)(struct rig *r, const struct rig_case *c)) {
    rig_seal(r);
    for (unsigned i = 0; i < r->n_cases; i++)
        run(r, &r->cases[i]);
    r->current = NULL;
    r->n_cases = 0;
    r->b.n = 0;
}

uint64_t rig_enter(const struct rig *r, const uint64_t args[5], uint64_t fp, uint64_t entry) {
    typedef uint64_t enter_fn(struct rig_world *, const uint64_t *, uint64_t, uint64_t);
    const uintptr_t at = (uintptr_t)r->mem + RIG_STUB;
    return ((enter_fn *)at)(r->w, args, fp, entry);
}

uint64_t rig_call(struct rig *r, const struct rig_case *c) {
    static const uint64_t none[5] = {0};
    r->current = c;
    r->n_runs++;
    return rig_enter(r, none, 0, rig_addr(r, c->off));
}
