/* golden_list.c: the operations, a table of each sort. */
#include "jit/tests/golden_list.h"

#include "jit/tests/ops_meaning.h"
#include "jit/tests/ops_rig.h"

#define R3(name, w, d, x, y)                                                                       \
    {.op = JOP_##name, .width = (w), .dst = (d), .a = (x), .b = (y), .zext = true}
#define RI(name, w, d, x, imm_k)                                                                   \
    {.op = JOP_##name,                                                                             \
     .width = (w),                                                                                 \
     .dst = (d),                                                                                   \
     .a = (x),                                                                                     \
     .b = JR_NONE,                                                                                 \
     .imm = true,                                                                                  \
     .zext = true,                                                                                 \
     .k = (imm_k)}
static const struct jit_alu alus[] = {
    R3(MOV, 64, 0, 0, 6),
    R3(MOV, 64, 6, 6, 6),
    R3(MOV, 32, 6, 6, 6),
    RI(MOV, 64, 1, 1, 0),
    RI(MOV, 64, 1, 1, -1),
    RI(MOV, 64, 1, 1, 0x12345678),
    RI(MOV, 32, 1, 1, -2),
    R3(ADD, 64, 0, 0, 1),
    R3(ADD, 64, 0, 1, 2),
    R3(ADD, 32, 0, 0, 1),
    RI(ADD, 64, 1, 1, 0),
    RI(ADD, 64, 1, 1, 1),
    RI(ADD, 64, 1, JR_FP, -8),
    RI(ADD, 64, 1, 2, 2047),
    RI(ADD, 64, 1, 2, 2048),
    RI(ADD, 64, 1, 2, 0x123456),
    RI(ADD, 32, 1, 1, 0),
    R3(SUB, 64, 0, 0, 1),
    R3(SUB, 64, 1, 0, 1),
    R3(SUB, 32, 1, 0, 1),
    RI(SUB, 64, 3, 4, 4096),
    R3(MUL, 64, 0, 0, 1),
    R3(MUL, 32, 0, 1, 2),
    RI(MUL, 64, 0, 0, 3),
    RI(MUL, 64, 0, 0, 100),
    R3(UDIV, 64, 0, 0, 1),
    R3(UDIV, 32, 3, 4, 5),
    R3(SDIV, 64, 0, 0, 1),
    R3(SDIV, 32, 0, 0, 1),
    R3(UMOD, 64, 0, 0, 1),
    R3(UMOD, 32, 0, 0, 1),
    R3(SMOD, 64, 0, 0, 1),
    R3(SMOD, 32, 0, 0, 1),
    R3(OR, 64, 0, 0, 1),
    R3(OR, 32, 0, 1, 2),
    RI(OR, 64, 0, 0, 0xff00),
    R3(AND, 64, 0, 0, 1),
    R3(AND, 32, 0, 1, 2),
    RI(AND, 64, 0, 0, 0xff),
    RI(AND, 64, 0, 0, -16),
    RI(AND, 32, 0, 0, 0x7fffffff),
    R3(XOR, 64, 0, 0, 0),
    R3(XOR, 64, 7, 8, 9),
    RI(XOR, 64, 0, 0, -1),
    R3(SHL, 64, 0, 0, 1),
    R3(SHL, 32, 3, 3, 4),
    RI(SHL, 64, 0, 0, 3),
    RI(SHL, 32, 0, 0, 31),
    R3(LSHR, 64, 0, 0, 1),
    RI(LSHR, 64, 0, 1, 32),
    R3(ASHR, 32, 0, 0, 1),
    RI(ASHR, 64, 0, 0, 63),
    RI(ROTL, 64, 0, 0, 13),
    RI(ROTL, 32, 0, 1, 7),
    R3(MULHU, 64, 0, 1, 2),
    R3(MULHS, 64, 0, 1, 2),
    R3(NEG, 64, 0, 0, 0),
    R3(NEG, 32, 0, 0, 1),
    R3(SEXT8, 64, 0, 0, 1),
    R3(SEXT16, 32, 0, 0, 1),
    R3(SEXT32, 64, 0, 0, 1),
    R3(ZEXT8, 64, 0, 0, 1),
    R3(ZEXT16, 64, 0, 0, 1),
    R3(ZEXT32, 64, 0, 0, 0),
    R3(BSWAP16, 64, 0, 0, 0),
    R3(BSWAP32, 64, 0, 0, 1),
    R3(BSWAP64, 64, 6, 6, 6),
    {.op = JOP_ADD, .width = 32, .dst = 0, .a = 0, .b = 1},
    {.op = JOP_UDIV, .width = 64, .dst = 0, .a = 0, .b = 1, .zext = true, .nonzero = true},
    {.op = JOP_UDIV, .width = 64, .dst = 0, .a = 0, .b = 1, .zext = true, .dead = 0x183c},
};

static const struct jit_mem loads[] = {
    {.bytes = 1, .reg = 0, .base = 1},
    {.bytes = 2, .reg = 0, .base = 1, .off = 2},
    {.bytes = 4, .reg = 0, .base = 1, .off = -4},
    {.bytes = 8, .reg = 0, .base = JR_FP, .off = -512},
    {.bytes = 8, .reg = 1, .base = 1, .off = 32767},
    {.bytes = 8, .reg = 1, .base = 6, .off = 2040},
    {.bytes = 1, .reg = 0, .base = 1, .sign = true},
    {.bytes = 2, .reg = 0, .base = 1, .off = 1, .sign = true},
    {.bytes = 4, .reg = 0, .base = 1, .off = 256, .sign = true},
    {.bytes = 2, .reg = 0, .base = 1, .off = 12, .swap = true},
    {.bytes = 4, .reg = 0, .base = 1, .off = 16, .swap = true},
    {.bytes = 8, .reg = 0, .base = 1, .swap = true},
    {.bytes = 4, .reg = 0, .base = 1, .off = 4, .order = true},
    {.bytes = 8, .reg = JR_T0, .base = JR_STATE, .off = 8},
    {.bytes = 8, .reg = 6, .base = JR_SLOTS, .off = 8},
};

static const struct jit_mem stores[] = {
    {.bytes = 1, .reg = 2, .base = 1},
    {.bytes = 2, .reg = 2, .base = 1, .off = 2},
    {.bytes = 4, .reg = 2, .base = JR_FP, .off = -4},
    {.bytes = 8, .reg = 2, .base = JR_FP, .off = -16},
    {.bytes = 8, .reg = 2, .base = 6, .off = -4096},
    {.bytes = 1, .imm = true, .reg = JR_NONE, .base = 1, .k = 1},
    {.bytes = 8, .imm = true, .reg = JR_NONE, .base = JR_FP, .off = -8},
    {.bytes = 8, .imm = true, .reg = JR_NONE, .base = JR_FP, .off = -8, .k = -100000},
    {.bytes = 8, .reg = 2, .base = 1, .off = 8, .order = true},
    {.bytes = 8, .reg = 6, .base = JR_SLOTS},
};

static const struct jit_atomic atomics[] = {
    {JRMW_ADD, 8, false, 1, 2, 0},    {JRMW_ADD, 4, false, 1, 2, 4},
    {JRMW_OR, 8, false, 1, 2, 8},     {JRMW_AND, 8, false, 1, 2, 0},
    {JRMW_XOR, 4, false, 1, 2, 0},    {JRMW_ADD, 8, true, 1, 2, 0},
    {JRMW_AND, 8, true, 1, 2, 16},    {JRMW_XCHG, 8, true, 1, 2, 0},
    {JRMW_XCHG, 4, true, 1, 2, 0},    {JRMW_CMPXCHG, 8, true, 1, 2, 0},
    {JRMW_CMPXCHG, 4, true, 6, 7, 8},
};

#define BR(c, w, x, y) {.kind = JSITE_BRANCH, .cond = JC_##c, .width = (w), .a = (x), .b = (y)}
#define BI(c, w, x, imm_k)                                                                         \
    {.kind = JSITE_BRANCH,                                                                         \
     .cond = JC_##c,                                                                               \
     .width = (w),                                                                                 \
     .a = (x),                                                                                     \
     .b = JR_NONE,                                                                                 \
     .imm = true,                                                                                  \
     .k = (imm_k)}
static const struct jit_site sites[] = {
    {.kind = JSITE_JUMP},
    {.kind = JSITE_CALL},
    BR(EQ, 64, 1, 2),
    BR(UGT, 32, 1, 2),
    BR(SLE, 64, 6, 7),
    BR(SET, 64, 1, 2),
    BI(EQ, 64, 1, 0),
    BI(NE, 32, 1, 1),
    BI(ULT, 64, 1, 1000),
    BI(SGT, 64, 1, -1),
    BI(SLT, 64, 1, 0),
    BI(UGE, 64, 1, -2),
    BI(SET, 64, 1, 8),
    BI(NSET, 32, 1, 0xff),
    {.kind = JSITE_CALL_HOST, .target = 0x7f1234567890},
    {.kind = JSITE_JUMP_HOST, .target = 0x7f1234567890},
    {.kind = JSITE_CONST, .imm = true, .a = 1, .k = 0x0123456789abcdef},
};

static const struct jit_frame frames[] = {
    {.saved = 0},
    {.calls = true},
    {.saved = 0x40},
    {.saved = 0x3c0, .calls = true},
    {.saved = 0xc0, .n_slots = 3, .calls = true},
    {.n_slots = 1},
};

static const uint64_t constants[] = {
    0, 1, 0xffffffff, 0x100000000, 0xffffffffffff0000, 0x7fffffffffff, 0x123456789abcdef0};

enum {
    N_ALUS = sizeof alus / sizeof *alus,
    N_LOADS = sizeof loads / sizeof *loads,
    N_STORES = sizeof stores / sizeof *stores,
    N_ATOMICS = sizeof atomics / sizeof *atomics,
    N_SITES = sizeof sites / sizeof *sites * JSITE_FORMS,
    N_FRAMES = sizeof frames / sizeof *frames * 3,
    N_CONSTANTS = sizeof constants / sizeof *constants,
    N_ALL = N_ALUS + N_LOADS + N_STORES + N_ATOMICS + N_SITES + N_FRAMES + N_CONSTANTS + 1,
};

unsigned golden_count(void) {
    return N_ALL;
}

/* ---- texts ---- */

static void alu_text(const struct jit_alu *o, char *text) {
    int n = snprintf(text, GOLDEN_TEXT, "%s%u %s", meaning_op_name(o->op), o->width,
                     rig_reg_name(o->dst));
    if (!meaning_unary(o->op))
        n += snprintf(text + n, GOLDEN_TEXT - (size_t)n, ", %s", rig_reg_name(o->a));
    if (o->imm)
        n += snprintf(text + n, GOLDEN_TEXT - (size_t)n, ", %" PRId64, o->k);
    else
        n += snprintf(text + n, GOLDEN_TEXT - (size_t)n, ", %s", rig_reg_name(o->b));
    snprintf(text + n, GOLDEN_TEXT - (size_t)n, "%s%s%s", o->zext ? "" : " low",
             o->nonzero ? " nonzero" : "", o->dead ? " dead" : "");
}

static void mem_text(const struct jit_mem *m, bool store, char *text) {
    const int n = snprintf(text, GOLDEN_TEXT, "%s%u%s%s%s [%s%+d], ", store ? "store" : "load",
                           8u * m->bytes, m->sign ? " sign" : "", m->swap ? " swap" : "",
                           m->order ? " order" : "", rig_reg_name(m->base), m->off);
    if (m->imm)
        snprintf(text + n, GOLDEN_TEXT - (size_t)n, "%" PRId64, m->k);
    else
        snprintf(text + n, GOLDEN_TEXT - (size_t)n, "%s", rig_reg_name(m->reg));
}

static void site_text(const struct jit_site *s, unsigned form, char *text) {
    static const char *const kinds[] = {"jump",      "branch",    "call",
                                        "call_host", "jump_host", "const"};
    int n = snprintf(text, GOLDEN_TEXT, "%s/%u", kinds[s->kind], form);
    if (s->kind == JSITE_BRANCH)
        n += snprintf(text + n, GOLDEN_TEXT - (size_t)n, " %s%u %s", meaning_cond_name(s->cond),
                      s->width, rig_reg_name(s->a));
    if (s->kind == JSITE_BRANCH && !s->imm)
        n += snprintf(text + n, GOLDEN_TEXT - (size_t)n, ", %s", rig_reg_name(s->b));
    if (s->imm)
        n += snprintf(text + n, GOLDEN_TEXT - (size_t)n, " %#" PRIx64, (uint64_t)s->k);
    if (s->target)
        snprintf(text + n, GOLDEN_TEXT - (size_t)n, " %#" PRIx64, s->target);
}

/* ---- bytes ---- */

/* A form that does not exist gives no text, one that does not reach so far is asked for less. */
static void make_site(const struct jit_arch *a, unsigned i, struct jit_buf *b, char *text) {
    const struct jit_site *const s = &sites[i / JSITE_FORMS];
    const unsigned form = i % JSITE_FORMS;
    int64_t distance = 0x12340;
    text[0] = 0;
    if (!a->site_bytes(s, form))
        return;
    site_text(s, form, text);
    while (distance > 64 && !a->site_fits(s, form, distance))
        distance = distance / 2 & -16;
    a->site(b, s, form, distance);
}

static void make_frame(const struct jit_arch *a, unsigned i, struct jit_buf *b, char *text) {
    static const char *const parts[] = {"enter", "leave", "tail"};
    const struct jit_frame *const f = &frames[i / 3];
    snprintf(text, GOLDEN_TEXT, "%s saved %#x, %u slots%s", parts[i % 3], f->saved, f->n_slots,
             f->calls ? ", calls" : "");
    (i % 3 == 0 ? a->enter : i % 3 == 1 ? a->leave : a->tail)(b, f);
}

void golden_make(const struct jit_arch *a, unsigned i, struct jit_buf *b, char text[GOLDEN_TEXT]) {
    b->n = 0;
    if (i < N_ALUS) {
        alu_text(&alus[i], text);
        a->alu(b, &alus[i]);
    } else if ((i -= N_ALUS) < N_LOADS) {
        mem_text(&loads[i], false, text);
        a->load(b, &loads[i]);
    } else if ((i -= N_LOADS) < N_STORES) {
        mem_text(&stores[i], true, text);
        a->store(b, &stores[i]);
    } else if ((i -= N_STORES) < N_ATOMICS) {
        const struct jit_atomic *const o = &atomics[i];
        snprintf(text, GOLDEN_TEXT, "atomic %s%u%s [%s%+d], %s", meaning_rmw_name(o->rmw),
                 8u * o->bytes, o->fetch ? " fetch" : "", rig_reg_name(o->base), o->off,
                 rig_reg_name(o->src));
        a->atomic(b, o);
    } else if ((i -= N_ATOMICS) < N_SITES) {
        make_site(a, i, b, text);
    } else if ((i -= N_SITES) < N_FRAMES) {
        make_frame(a, i, b, text);
    } else if ((i -= N_FRAMES) < N_CONSTANTS) {
        snprintf(text, GOLDEN_TEXT, "constant r1, %#" PRIx64, constants[i]);
        a->constant(b, JR_1, constants[i]);
    } else {
        snprintf(text, GOLDEN_TEXT, "stub, exit at %u", a->stub(b));
    }
}
