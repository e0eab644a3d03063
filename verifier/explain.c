#include "verifier/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
    const struct subject *sub;
    char *buf;
    size_t size, n;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *fmt, ...) {
    va_list ap;
    if (t->n + 1 >= t->size)
        return;
    va_start(ap, fmt);
    const int n = vsnprintf(t->buf + t->n, t->size - t->n, fmt, ap);
    va_end(ap);
    if (n > 0)
        t->n = t->n + (size_t)n < t->size ? t->n + (size_t)n : t->size - 1;
}

const char *explain_pc(const struct subject *sub, uint32_t pc, char buf[96]) {
    const struct prog_line *const line = prog_line_at(sub->prog, pc);
    const int n = snprintf(buf, 96, "pc %u", pc);
    if (line && sub->prog->btf) {
        const char *const file = btf_string(sub->prog->btf, line->file_off);
        const char *const slash = strrchr(file, '/');
        snprintf(buf + n, 96 - (size_t)n, ", %.64s:%u", slash ? slash + 1 : file, line->line);
    }
    return buf;
}

/* ---- numbers ---- */

static void put_bounds(struct text *t, struct scalar v) {
    if (v.u.max <= INT64_MAX || (v.s.min == INT64_MIN && v.s.max == INT64_MAX && v.u.min > 0))
        put(t, "from %" PRIu64 " to %" PRIu64, v.u.min, v.u.max);
    else if (v.s.min > INT64_MIN || v.s.max < INT64_MAX)
        put(t, "from %" PRId64 " to %" PRId64, v.s.min, v.s.max);
    else
        put(t, "of any size");
    const uint64_t unknown = v.bits.mask;
    const int low = unknown ? __builtin_ctzll(unknown) : 0;
    if (low > 0 && low < 32 && (v.bits.value & ((UINT64_C(1) << low) - 1)) == 0)
        put(t, ", a multiple of %" PRIu64, UINT64_C(1) << low);
}

static void put_number(struct text *t, struct scalar v) {
    if (scalar_is_const(v)) {
        put(t, "the number %" PRId64, (int64_t)v.bits.value);
    } else {
        put(t, "a number ");
        put_bounds(t, v);
    }
}

/* ---- pointers ---- */

/* How far from its base: " + 8", " + x - 4, x from 0 to 255". */
static void put_offset(struct text *t, const struct reg *r, bool show_zero) {
    const bool varies = !scalar_is_const(r->v);
    const int64_t off = r->off + (varies ? 0 : (int64_t)r->v.bits.value);
    if (varies)
        put(t, " + x");
    if (off || (show_zero && !varies))
        put(t, off < 0 ? " - %" PRId64 : " + %" PRId64, off < 0 ? -off : off);
    if (varies) {
        put(t, ", x ");
        put_bounds(t, r->v);
    }
}

static void put_packet(struct text *t, const struct reg *r) {
    char pc[96];
    put(t, r->kind == REG_PACKET ? "packet" : "packet metadata");
    put_offset(t, r, true);
    if (r->range < 0)
        put(t, ", at the packet's end or behind it");
    else if (r->range == 0)
        put(t, ", nothing proven readable");
    else if (scalar_is_const(r->v))
        put(t, ", %d bytes proven readable", r->range);
    else
        put(t, ", %d bytes behind packet + x proven readable", r->range);
    if (r->range > 0 && r->proved_at)
        put(t, " (by the check at %s)", explain_pc(t->sub, r->proved_at - 1, pc));
}

static void put_map(struct text *t, const struct reg *r, const char *what, uint32_t n_bytes) {
    const struct map_def *const def = t->sub->maps[r->map].def;
    put(t, "%s map %s", what, def->name && def->name[0] ? def->name : "(no name)");
    if (n_bytes) {
        put(t, " (%u bytes)", n_bytes);
        put_offset(t, r, false);
    }
}

static void put_stack(struct text *t, const struct reg *r) {
    put(t, "the stack, r10");
    put_offset(t, r, false);
}

static void put_object(struct text *t, const struct reg *r) {
    char name[128];
    const size_t n = reg_print(r, name, sizeof name);
    put(t, "a pointer to a kernel object, %.*s", (int)n, name);
}

static const char *function_name(const struct subject *sub, uint32_t i) {
    return i < sub->n_subprogs && sub->subprogs[i].name ? sub->subprogs[i].name : "(no name)";
}

static void put_kind(struct text *t, const struct reg *r) {
    const struct subject *const sub = t->sub;
    switch ((enum reg_kind)r->kind) {
    case REG_UNINIT: put(t, "never written on this path, or made unusable by a call"); return;
    case REG_SCALAR: put_number(t, r->v); return;
    case REG_CTX: put(t, "the context"); break;
    case REG_STACK: put_stack(t, r); return;
    case REG_PACKET:
    case REG_PACKET_META: put_packet(t, r); return;
    case REG_PACKET_END: put(t, "the end of the packet"); return;
    case REG_MAP: put_map(t, r, "the", 0); return;
    case REG_MAP_VALUE: put_map(t, r, "a value of", sub->maps[r->map].def->value_size); return;
    case REG_MAP_KEY: put_map(t, r, "a key of", sub->maps[r->map].def->key_size); return;
    case REG_MEM: put(t, "memory of %u bytes", r->mem_bytes); break;
    case REG_BUF: put(t, "a buffer whose size the hook decides"); break;
    case REG_TP_BUFFER: put(t, "the tracepoint's buffer"); break;
    case REG_FLOW_KEYS: put(t, "flow keys"); break;
    case REG_SOCK_COMMON: put(t, "a socket, of which the common part may be read"); break;
    case REG_SOCK: put(t, "a socket"); break;
    case REG_TCP_SOCK: put(t, "a TCP socket"); break;
    case REG_XDP_SOCK: put(t, "an XDP socket"); break;
    case REG_BTF: put_object(t, r); return;
    case REG_FUNC: put(t, "the address of function %s", function_name(sub, r->subprog)); return;
    case REG_DYNPTR: put(t, "a dynptr"); return;
    case REG_ARENA: put(t, "an arena pointer"); break;
    case N_REG_KINDS: return;
    }
    put_offset(t, r, false);
}

size_t explain_reg(const struct subject *sub, const struct reg *r, char *buf, size_t size) {
    struct text t = {.sub = sub, .buf = buf, .size = size};
    buf[0] = 0;
    put_kind(&t, r);
    if (reg_is_pointer(r)) {
        if (r->flags & REG_F_NULL)
            put(&t, ", or NULL");
        if (r->flags & REG_F_RDONLY)
            put(&t, ", read-only");
        if (r->flags & REG_F_UNTRUSTED)
            put(&t, ", possibly no longer valid");
    }
    return t.n;
}

/* ---- rejections ---- */

static bool op_is_call(enum op op) {
    return op < N_OPS && op_table[op].cls >= CLASS_CALL;
}

/* Registers that an instruction names, when the rejection blames none. */
static void know_operands(const struct subject *sub, const struct state *st, struct report *rep) {
    const struct insn in = sub->prog->insns[rep->pc];
    const enum op op = sub->ops[rep->pc];
    struct text t = {.sub = sub, .buf = rep->known, .size = sizeof rep->known};
    char words[REPORT_TEXT];
    if (op >= N_OPS || in.dst >= N_REGS)
        return;
    const bool dst = op_table[op].dst_rule == FIELD_REG || op_table[op].dst_rule == FIELD_WREG;
    if (dst) {
        explain_reg(sub, &state_regs(st)[in.dst], words, sizeof words);
        put(&t, "r%u: %s", in.dst, words);
    }
    if (op_table[op].from_reg && in.src < N_REGS && in.src != in.dst) {
        explain_reg(sub, &state_regs(st)[in.src], words, sizeof words);
        put(&t, "%sr%u: %s", dst ? "; " : "", in.src, words);
    }
}

/* What is held, where that is what the rejection is about. */
static bool know_held(const struct subject *sub, const struct state *st, struct report *rep) {
    const bool lock = rep->reason == REASON_LOCK;
    char pc[96];
    if (rep->reason != REASON_REF_LEAK && !lock)
        return false;
    for (uint32_t i = 0; i < st->n_refs; i++) {
        const struct ref *const ref = &st->refs[i];
        if (lock != (ref->kind == REF_LOCK || ref->kind == REF_RES_LOCK))
            continue;
        return !report_known(rep, "%s at %s, and still held", lock ? "a lock taken" : "acquired",
                             explain_pc(sub, ref->pc, pc));
    }
    return false;
}

/* Where no register is to blame, what of the program is. */
static void know_program(const struct subject *sub, struct report *rep) {
    const char *const type = prog_type_name(sub->prog->type);
    switch (rep->reason) {
    case REASON_HELPER:
    case REASON_KFUNC:
    case REASON_PROG_TYPE:
    case REASON_HOOK:
        report_known(rep, "a program of type %s%s", type ? type : "unknown",
                     sub->privileged ? "" : ", unprivileged");
        break;
    case REASON_LICENSE:
        report_known(rep, "the license is \"%s\"", sub->in.license ? sub->in.license : "");
        break;
    case REASON_SLEEP:
        report_known(rep, "%s",
                     sub->prog->sleepable ? "inside a section that may not sleep"
                                          : "a program that may not sleep");
        break;
    case REASON_TOO_LONG: report_known(rep, "%u instructions", sub->prog->n_insns); break;
    case REASON_UNREACHABLE:
        report_known(rep, "nothing jumps, calls or falls through to pc %u", rep->pc);
        break;
    case REASON_BACK_EDGE: report_known(rep, "an unprivileged program that jumps back"); break;
    case REASON_NO_COUNTER:
        report_known(rep, "no register moves in one direction between bounds in every round");
        break;
    default: report_known(rep, "%s", reason_text(rep->reason)); break;
    }
}

void explain(const struct subject *sub, const struct state *st, struct report *rep) {
    if (rep->reason == REASON_NONE)
        return;
    if (st && st->frames[0] && !rep->known[0] && rep->pc < sub->prog->n_insns) {
        if (rep->reg >= 0 && rep->reg < N_REGS)
            explain_reg(sub, &state_regs(st)[rep->reg], rep->known, sizeof rep->known);
        else if (!know_held(sub, st, rep) && !op_is_call(sub->ops[rep->pc]))
            know_operands(sub, st, rep);
    }
    if (!rep->known[0])
        know_program(sub, rep);
    if (!rep->needed[0])
        report_needed(rep, "%s", reason_needed(rep->reason));
}
