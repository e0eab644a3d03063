/* witness_text.c: counterexamples from text, their programs as conformance cases. */
#include "proofs/witness.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/asm.h"

/* ---- counterexamples ---- */

enum field {
    FIELD_BITS_VALUE,
    FIELD_BITS_MASK,
    FIELD_U_MIN,
    FIELD_U_MAX,
    FIELD_S_MIN,
    FIELD_S_MAX,
    FIELD_U32_MIN,
    FIELD_U32_MAX,
    FIELD_S32_MIN,
    FIELD_S32_MAX,
    N_SCALAR_FIELDS,
    FIELD_TNUM_VALUE = N_SCALAR_FIELDS, /* of an operand that is a tnum, */
    FIELD_TNUM_MASK,
    FIELD_MIN, /* a range, */
    FIELD_MAX,
    FIELD_START, /* or an arc; back: how far before its member it starts */
    FIELD_LEN,
    FIELD_BACK,
    N_FIELDS,
};

static const char *const field_names[N_FIELDS] = {
    "bits.value", "bits.mask", "u.min", "u.max", "s.min", "s.max", "u32.min", "u32.max", "s32.min",
    "s32.max",    "value",     "mask",  "min",   "max",   "start", "len",     "back"};

/* struct operand: what was said of one. */
struct operand {
    uint64_t at[N_FIELDS];
    uint32_t said; /* bit i: field i */
};

enum {
    SCALAR_FIELDS = (1 << N_SCALAR_FIELDS) - 1,
    TNUM_FIELDS = 1 << FIELD_TNUM_VALUE | 1 << FIELD_TNUM_MASK,
    RANGE_FIELDS = 1 << FIELD_MIN | 1 << FIELD_MAX,
    ARC_FIELDS = 1 << FIELD_START | 1 << FIELD_LEN | 1 << FIELD_BACK,
};

struct said {
    struct operand a, b;
    uint64_t x, y, imm, n;
    bool has_x, has_y, has_imm, has_n;
};

static bool name_is(const char *name, size_t n, const char *want) {
    return strlen(want) == n && !strncmp(name, want, n);
}

static void say_field(struct operand *o, const char *field, size_t n, uint64_t value) {
    for (unsigned i = 0; i < N_FIELDS; i++)
        if (name_is(field, n, field_names[i])) {
            o->at[i] = value;
            o->said |= 1u << i;
        }
}

/* One "name=value". Names that say nothing of operands are nobody's business here. */
static void say(struct said *s, const char *name, size_t n, uint64_t value) {
    const size_t head = strcspn(name, ".=");
    if (name_is(name, n, "x"))
        s->x = value, s->has_x = true;
    else if (name_is(name, n, "y"))
        s->y = value, s->has_y = true;
    else if (name_is(name, n, "imm"))
        s->imm = value, s->has_imm = true;
    else if (name_is(name, n, "n"))
        s->n = value, s->has_n = true;
    else if (head < n && (name_is(name, head, "a") || name_is(name, head, "dst")))
        say_field(&s->a, name + head + 1, n - head - 1, value);
    else if (head < n && (name_is(name, head, "b") || name_is(name, head, "src")))
        say_field(&s->b, name + head + 1, n - head - 1, value);
}

static enum bpflab_err read_text(const char *text, struct said *s, struct diag *d) {
    *s = (struct said){.has_x = false};
    for (const char *at = text; *(at += strspn(at, " \t\n,")) != '\0';) {
        const size_t n = strcspn(at, "= \t\n,");
        char *end;
        if (at[n] != '=') { /* words between the values */
            at += n;
            continue;
        }
        const bool negative = at[n + 1] == '-';
        const uint64_t value = strtoull(at + n + 1 + negative, &end, 0);
        if (end == at + n + 1 + negative)
            return diag_set(d, BPFLAB_E_SYNTAX, "%.*s has no number", (int)(n < 60 ? n : 60), at);
        say(s, at, n, negative ? 0 - value : value);
        at = end;
    }
    return BPFLAB_OK;
}

static bool is_said(const struct operand *o, enum field f) {
    return o->said >> f & 1;
}

/* Known bits with x in them: theorems draw a mask, and take the other bits of the member. */
static struct tnum bits_said(const struct operand *o, enum field value, enum field mask,
                             uint64_t x) {
    if (!is_said(o, value) && !is_said(o, mask))
        return TNUM_UNKNOWN;
    return (struct tnum){x & ~o->at[mask], o->at[mask]};
}

/* Ranges with x in them. An end that was not said is 0, or the order's own end if x is not in the
 * range then. */
static struct urange u_said(const struct operand *o, enum field min, enum field max, uint64_t x,
                            uint64_t most) {
    struct urange r = {o->at[min], is_said(o, max) ? o->at[max] : is_said(o, min) ? 0 : most};
    if (!is_said(o, max) && r.max < x)
        r.max = most;
    return r;
}

static struct srange s_said(const struct operand *o, enum field min, enum field max, int64_t x,
                            struct srange all) {
    struct srange r = {(int64_t)o->at[min], (int64_t)o->at[max]};
    const bool none = !is_said(o, min) && !is_said(o, max);
    if (none || (!is_said(o, min) && r.min > x))
        r.min = all.min;
    if (none || (!is_said(o, max) && r.max < x))
        r.max = all.max;
    return r;
}

static struct scalar scalar_said(const struct operand *o, uint64_t x) {
    const uint32_t low = (uint32_t)x;
    struct operand halves = *o; /* halves of signed order are sign-extended here */
    for (unsigned f = FIELD_S32_MIN; f <= FIELD_S32_MAX; f++)
        halves.at[f] = (uint64_t)(int64_t)(int32_t)(uint32_t)o->at[f];
    const struct urange u32 = u_said(o, FIELD_U32_MIN, FIELD_U32_MAX, low, UINT32_MAX);
    const struct srange s32 = s_said(&halves, FIELD_S32_MIN, FIELD_S32_MAX, (int32_t)low,
                                     (struct srange){INT32_MIN, INT32_MAX});
    return (struct scalar){.bits = bits_said(o, FIELD_BITS_VALUE, FIELD_BITS_MASK, x),
                           .u = u_said(o, FIELD_U_MIN, FIELD_U_MAX, x, UINT64_MAX),
                           .s = s_said(o, FIELD_S_MIN, FIELD_S_MAX, (int64_t)x, SRANGE_FULL),
                           .u32 = {(uint32_t)u32.min, (uint32_t)u32.max},
                           .s32 = {(int32_t)s32.min, (int32_t)s32.max}};
}

/* A range's order is in its theorem's name: srange_mul, sand; ushl; join32. */
static struct scalar range_said(const char *theorem, const struct operand *o, uint64_t x) {
    char own[WITNESS_NAME_MAX];
    struct operand as = {.said = 0};
    witness_own_name(theorem, own);
    const bool is_half = strstr(own, "32") != NULL;
    const enum field of_order = own[0] == 's' ? is_half ? FIELD_S32_MIN : FIELD_S_MIN
                                : is_half     ? FIELD_U32_MIN
                                              : FIELD_U_MIN;
    for (unsigned i = 0; i < 2; i++) {
        as.at[of_order + i] = o->at[FIELD_MIN + i];
        as.said |= (o->said >> (FIELD_MIN + i) & 1) << (of_order + i);
    }
    return scalar_said(&as, x);
}

static struct scalar arc_said(const struct operand *o, uint64_t x) {
    const bool from_member = !is_said(o, FIELD_START);
    const struct arc a = {from_member ? x - o->at[FIELD_BACK] : o->at[FIELD_START],
                          o->at[FIELD_LEN]};
    struct scalar s = scalar_unknown();
    s.u = urange_of_arc(a);
    s.s = srange_of_arc(a);
    return s;
}

/* What is said of an operand; x, its member, is in it if that can be. */
static struct scalar operand_said(const char *theorem, const struct operand *o, uint64_t x) {
    struct scalar s = scalar_unknown();
    if (o->said & SCALAR_FIELDS)
        s = scalar_said(o, x);
    else if (o->said & TNUM_FIELDS)
        s.bits = bits_said(o, FIELD_TNUM_VALUE, FIELD_TNUM_MASK, x);
    else if (o->said & RANGE_FIELDS)
        s = range_said(theorem, o, x);
    else if (o->said & ARC_FIELDS)
        s = arc_said(o, x);
    return s;
}

/* Theorems on shifts by a constant call it n. */
static void say_amount(const struct op_info *row, struct said *s) {
    if (!s->has_n || s->has_y || row->cls != CLASS_ALU_BINARY)
        return;
    s->y = s->n;
    s->has_y = true;
    s->b.said = 1u << FIELD_MIN | 1u << FIELD_MAX;
    s->b.at[FIELD_MIN] = s->b.at[FIELD_MAX] = s->n;
}

/* Extensions and moves read their source, which theorems may call their one operand. */
static void say_source(const struct op_info *row, enum op op, struct said *s) {
    const bool reads_src = row->cls == CLASS_ALU_SEXT || op == OP_MOV64_REG || op == OP_MOV32_REG;
    if (!reads_src || s->b.said || s->has_y)
        return;
    s->b = s->a;
    s->y = s->x;
}

static struct witness_case case_of(const char *theorem, enum op op, bool same, struct said s) {
    const struct op_info *const row = &op_table[op];
    const bool from_imm =
        !row->from_reg && (row->cls == CLASS_ALU_BINARY || row->cls == CLASS_JMP_COND);
    say_amount(row, &s);
    say_source(row, op, &s);
    struct witness_case c = {.op = op, .same = same, .x = s.x, .y = s.y};
    if (from_imm && s.has_imm)
        c.y = (uint64_t)(int64_t)(int32_t)(uint32_t)s.imm;
    c.a = operand_said(theorem, &s.a, c.x);
    c.b = operand_said(theorem, &s.b, c.y);
    return c;
}

/* parse_all: the case of each instruction that the theorem may be about. */
static enum bpflab_err parse_all(const char *theorem, const char *text, struct witness_case *out,
                                 unsigned *n, struct diag *d) {
    struct witness_ops ops;
    struct said s;
    if (!witness_theorem(theorem, &ops))
        return diag_set(d, BPFLAB_E_ARG, "%.100s is about no instruction that takes numbers",
                        theorem);
    const enum bpflab_err err = read_text(text, &s, d);
    if (err != BPFLAB_OK)
        return err;
    if (!s.has_x && !s.has_y && !s.has_imm && !s.a.said && !s.b.said)
        return diag_set(d, BPFLAB_E_ARG, "the counterexample says nothing of operands");
    for (*n = 0; *n < ops.n; ++*n)
        out[*n] = case_of(theorem, ops.op[*n], ops.same, s);
    return BPFLAB_OK;
}

enum bpflab_err witness_parse(const char *theorem, const char *text, struct witness_case *out,
                              struct diag *d) {
    struct witness_case cases[WITNESS_OPS_MAX];
    unsigned n;
    const enum bpflab_err err = parse_all(theorem, text, cases, &n, d);
    if (err == BPFLAB_OK)
        *out = cases[0];
    return err;
}

/* ---- programs as text ---- */

/* struct text: grows; at is NULL once memory is spent. */
struct text {
    char *at;
    size_t n, cap;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *fmt, ...) {
    va_list args;
    if (!t->at)
        return;
    if (t->cap - t->n < 512) {
        char *const more = realloc(t->at, t->cap * 2);
        if (!more) {
            free(t->at);
            t->at = NULL;
            return;
        }
        t->at = more;
        t->cap *= 2;
    }
    va_start(args, fmt);
    t->n += (size_t)vsnprintf(t->at + t->n, t->cap - t->n, fmt, args);
    va_end(args);
}

static void add_scalar(struct text *t, const char *what, struct scalar s) {
    add(t,
        "# %s: bits %#" PRIx64 "/%#" PRIx64 ", u [%#" PRIx64 ", %#" PRIx64 "], s [%" PRId64
        ", %" PRId64 "],\n#    u32 [%#x, %#x], s32 [%d, %d]\n",
        what, s.bits.value, s.bits.mask, s.u.min, s.u.max, s.s.min, s.s.max, s.u32.min, s.u32.max,
        s.s32.min, s.s32.max);
}

static void add_code(struct text *t, const struct witness *w) {
    char line[ASM_LINE_MAX];
    add(t, "-- asm\n");
    for (uint32_t pc = 0; pc < w->prog.n_insns;) {
        const struct insn in = w->prog.insns[pc];
        const bool last = pc + 1 == w->prog.n_insns;
        asm_print(in, last ? NULL : &w->prog.insns[pc + 1], ASM_KERNEL, NULL, line);
        if (pc == w->op_pc)
            add(t, "# the operation\n");
        if (pc == w->next_pc)
            add(t, "# is the value expected?\n");
        add(t, "%s\n", line);
        pc += insn_slots(in);
    }
}

char *witness_print(const struct witness *w, const char *title) {
    struct text t = {.at = malloc(4096), .cap = 4096};
    const struct witness_case *const of = &w->of;
    const bool access =
        w->prog.n_insns >= 2 && op_of(w->prog.insns[w->prog.n_insns - 2]) == OP_LDXDW;
    add(&t, "# SPDX-License-Identifier: Apache-2.0\n");
    add(&t, "# %s\n", title ? title : "A witness.");
    add(&t, "# %s%s: x = %#" PRIx64 ", y = %#" PRIx64 "; the destination becomes %#" PRIx64 "%s.\n",
        op_table[of->op].id, of->same ? ", one register" : "", of->x, of->y, w->result,
        op_table[of->op].cls != CLASS_JMP_COND ? ""
        : w->taken                             ? ", taken"
                                               : ", not taken");
    add_scalar(&t, "a", scalar_reduce(of->a));
    add_scalar(&t, "b", scalar_reduce(of->b));
    add(&t, "# What the verifier knew at the operation: a %s, b %s; the value was %s.\n",
        witness_fit_name(w->fit_a), witness_fit_name(w->fit_b), witness_status_name(w->status));
    add_code(&t, w);
    add(&t, "-- mem\n");
    for (unsigned i = 0; i < WITNESS_MEM_BYTES; i++)
        add(&t, "%02x%s", w->mem[i], i % 8 == 7 ? "\n" : " ");
    if (access)
        add(&t, "# A run of it leaves its memory: no verifier may accept it.\n");
    else
        add(&t, "-- result\n0x1\n");
    return t.at;
}

static void file_name(const char *theorem, char out[WITNESS_NAME_MAX]) {
    size_t n = 0;
    for (; theorem[n] && n + 1 < WITNESS_NAME_MAX; n++) {
        const char c = theorem[n];
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        out[n] = plain ? c : '-';
    }
    out[n] = '\0';
}

static enum bpflab_err write_case(const char *path, const struct witness *w, const char *title,
                                  struct diag *d) {
    char *const text = witness_print(w, title);
    if (!text)
        return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
    FILE *const f = fopen(path, "w");
    bool ok = f && fputs(text, f) >= 0;
    ok = f && fclose(f) == 0 && ok;
    free(text);
    return ok ? BPFLAB_OK : diag_set(d, BPFLAB_E_IO, "cannot write %.150s", path);
}

/* The case whose program loses the value, else the first that has a program. */
static enum bpflab_err choose(const char *theorem, const char *text, struct witness_case *out,
                              struct witness_files *f, struct diag *d) {
    struct witness_case cases[WITNESS_OPS_MAX];
    unsigned n;
    bool any = false;
    enum bpflab_err err = parse_all(theorem, text, cases, &n, d);
    if (err != BPFLAB_OK)
        return err;
    for (unsigned i = 0; i < n && !(any && f->status == WITNESS_LOST); i++) {
        struct witness w;
        const enum bpflab_err this = witness_program(&cases[i], WITNESS_VALUE, &w, d);
        if (this != BPFLAB_OK) {
            err = this;
            continue;
        }
        if (!any || w.status < f->status) {
            *out = cases[i];
            f->status = w.status;
            f->fit_a = w.fit_a;
            f->fit_b = w.fit_b;
        }
        any = true;
        witness_fini(&w);
    }
    return any ? BPFLAB_OK : err;
}

enum bpflab_err witness_from_text(const char *theorem, const char *text, const char *dir,
                                  struct witness_files *out, struct diag *d) {
    struct witness_files f = {.status = WITNESS_HELD};
    struct witness_case c;
    char name[WITNESS_NAME_MAX], title[WITNESS_NAME_MAX + 160];
    enum bpflab_err err = choose(theorem, text, &c, &f, d);
    file_name(theorem, name);
    snprintf(title, sizeof title, "Counterexample of %.180s", theorem);
    snprintf(f.value, sizeof f.value, "%s/%s.data", dir, name);
    snprintf(f.access, sizeof f.access, "%s/%s-access.data", dir, name);
    for (int end = WITNESS_VALUE; err == BPFLAB_OK && end <= WITNESS_ACCESS; end++) {
        struct witness w;
        err = witness_program(&c, (enum witness_end)end, &w, d);
        if (err != BPFLAB_OK)
            break;
        err = write_case(end == WITNESS_VALUE ? f.value : f.access, &w, title, d);
        witness_fini(&w);
    }
    if (err == BPFLAB_OK)
        *out = f;
    return err;
}
