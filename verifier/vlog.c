#include "verifier/vlog.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/asm.h"
#include "runtime/proto.h"

enum {
    LINE = 4096,
    COMMENT_COLUMN = 40
};

void vlog_fini(struct vlog *l) {
    free(l->text);
    l->text = NULL;
    l->n_bytes = l->cap = 0;
}

static void emit(struct vlog *l, const char *text, size_t n) {
    if (l->sub->opt.log)
        l->sub->opt.log(l->sub->opt.log_self, text, n);
}

/* Level 2 goes out at once, level 1 is held back. Text that has no room is left out. */
static void put(struct vlog *l, const char *text, size_t n) {
    if (l->level >= 2) {
        emit(l, text, n);
        return;
    }
    if (l->cap - l->n_bytes < n) {
        const size_t cap = 2 * l->cap + n + LINE;
        char *const grown = realloc(l->text, cap);
        if (!grown)
            return;
        l->text = grown;
        l->cap = cap;
    }
    memcpy(l->text + l->n_bytes, text, n);
    l->n_bytes += n;
}

__attribute__((format(printf, 2, 3))) static void putf(struct vlog *l, const char *fmt, ...) {
    char line[LINE];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (n > 0)
        put(l, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

/* One frame's part of a state, with a blank before it. */
static void put_frame(struct vlog *l, const struct state *st, uint32_t frame, uint16_t regs,
                      uint64_t slots) {
    char text[LINE];
    const struct verify_input *const in = &l->sub->in;
    const struct text_names names = {.maps = in->maps,
                                     .n_maps = in->n_maps,
                                     .own_btf = in->prog->btf,
                                     .kernel_btf = subject_kernel(l->sub)};
    const size_t n = state_print_named(st, frame, regs, slots, &names, text, sizeof text);
    if (frame)
        putf(l, " frame%u:", frame);
    putf(l, "%s%.*s", n ? " " : "", (int)n, text);
}

static void put_state(struct vlog *l, const struct state *st) {
    put_frame(l, st, st->depth, UINT16_MAX, UINT64_MAX);
}

static void end_line(struct vlog *l) {
    if (l->column)
        put(l, "\n", 1);
    l->column = 0;
}

/* ---- instructions in Linux's words ---- */

static void put_hex(char *out, size_t size, const char *digits) {
    const long long v = strtoll(digits, NULL, 10);
    snprintf(out, size, "0x%llx", (unsigned long long)(v < 0 ? (uint32_t)v : (uint64_t)v));
}

/* Ours has "(r1 + 8)", "goto +5" and "if r1 > 7"; Linux "(r1 +8)", "goto pc+5" and "if r1 >
 * 0x7". */
static void insn_text(const struct subject *sub, uint32_t pc, char *out, size_t size) {
    const struct prog *const p = sub->prog;
    const enum op op = sub->ops[pc];
    const struct insn in = p->insns[pc];
    const struct helper_proto *const h = op == OP_CALL ? helper_proto_of((uint32_t)in.imm) : NULL;
    char text[ASM_LINE_MAX];
    size_t n = 0;
    if (h) {
        snprintf(out, size, "call bpf_%s#%d", h->name, in.imm);
        return;
    }
    if (op == OP_CALL_LOCAL) {
        snprintf(out, size, "call pc%+d", in.imm);
        return;
    }
    asm_print(in, pc + 1 < p->n_insns ? &p->insns[pc + 1] : NULL, ASM_KERNEL, NULL, text);
    const bool compares =
        op < N_OPS && op_table[op].cls == CLASS_JMP_COND && !op_table[op].from_reg;
    const char *const operand = compares ? strstr(text, " goto ") : NULL;
    for (const char *at = text; *at && n + 24 < size;) {
        const bool sign =
            (at[0] == '+' || at[0] == '-') && at[1] == ' ' && at > text && at[-1] == ' ';
        if (sign && strchr(text, '(')) {
            out[n++] = *at;
            at += 2;
        } else if (strncmp(at, "goto +", 6) == 0 || strncmp(at, "goto -", 6) == 0) {
            n += (size_t)snprintf(out + n, size - n, "goto pc");
            at += 5;
        } else if (operand && at < operand && at > text && at[-1] == ' ' &&
                   (at[0] == '-' || (at[0] >= '0' && at[0] <= '9')) && !strchr(at, 'x')) {
            put_hex(out + n, size - n, at);
            n += strlen(out + n);
            at = operand;
        } else {
            out[n++] = *at++;
        }
    }
    out[n] = 0;
}

/* ---- steps ---- */

static const char *function_name(const struct vlog *l, uint32_t subprog) {
    const char *const name = l->sub->subprogs[subprog].name;
    return name ? name : "";
}

void vlog_entry(struct vlog *l, const struct path *p) {
    if (l->level < 2)
        l->n_bytes = p->log_end; /* what ended well is taken back */
    l->column = 0;
    l->entered = true;
    l->last_line = 0;
}

/* Where a path begins: told when it goes on or ends there, behind what was carried to its past. */
static void put_entry(struct vlog *l, const struct path *p) {
    const uint32_t subprog = state_frame(&p->st)->subprog;
    end_line(l);
    if (p->prev_pc == PATH_NO_PC && l->sub->subprogs[subprog].global && subprog)
        putf(l, "Validating %s() func#%u...\n%u:", function_name(l, subprog), subprog, p->pc);
    else if (p->prev_pc == PATH_NO_PC)
        putf(l, "func#%u @%u\n%u:", subprog, p->pc, p->pc);
    else
        putf(l, "\nfrom %u to %u:", p->prev_pc, p->pc);
    l->entered = false;
    l->column = 1;
}

static void put_source(struct vlog *l, uint32_t pc) {
    const struct prog *const prog = l->sub->prog;
    const struct prog_line *const line = prog_line_at(prog, pc);
    if (!line || !prog->btf || line->line == l->last_line)
        return;
    const char *const file = btf_string(prog->btf, line->file_off);
    const char *const base = strrchr(file, '/');
    const char *text = btf_string(prog->btf, line->text_off);
    text += strspn(text, " \t");
    putf(l, "; %s @ %s:%u\n", text, base ? base + 1 : file, line->line);
    l->last_line = line->line;
}

void vlog_insn(struct vlog *l, const struct path *p) {
    if (!l->level)
        return;
    char text[2 * ASM_LINE_MAX], head[2 * ASM_LINE_MAX + 24];
    if (l->entered) {
        put_entry(l, p);
        put_state(l, &p->st);
    }
    end_line(l);
    put_source(l, p->pc);
    insn_text(l->sub, p->pc, text, sizeof text);
    const int n =
        snprintf(head, sizeof head, "%u: (%02x) %s", p->pc, l->sub->prog->insns[p->pc].code, text);
    put(l, head, strlen(head));
    l->column = n;
    if (l->sub->ops[p->pc] == OP_EXIT && p->st.depth) {
        end_line(l);
        putf(l, "returning from callee:\n");
        put_state(l, &p->st);
        put(l, "\n", 1);
    }
}

static void put_global(struct vlog *l, uint32_t subprog) {
    end_line(l);
    putf(l, "Func#%u ('%s') is global and assumed valid.\n", subprog, function_name(l, subprog));
}

/* Into a function, or out of it. */
static void put_crossing(struct vlog *l, const struct path *p, uint32_t next, uint32_t depth) {
    end_line(l);
    if (p->st.depth > depth) {
        putf(l, "caller:\n");
        put_frame(l, &p->st, depth, UINT16_MAX, UINT64_MAX);
        putf(l, "\ncallee:\n");
    } else {
        putf(l, "to caller at %u:\n", next);
    }
    put_state(l, &p->st);
    put(l, "\n", 1);
}

/* The stack that a load or store went to, if it is of the current frame and at a known place. */
static uint64_t touched_slots(const struct state *st, const struct step *s) {
    const uint8_t cls = op_table[s->op].cls;
    const bool loads = cls == CLASS_LDX || cls == CLASS_ATOMIC_LOAD;
    const struct reg *const base = &state_regs(st)[loads ? s->insn.src : s->insn.dst];
    if (s->eff.access_kind != REG_STACK || base->kind != REG_STACK || base->frame != st->depth ||
        !scalar_is_const(base->v))
        return 0;
    const int64_t first = base->off + (int64_t)base->v.bits.value + s->insn.off;
    const int64_t last = first + op_table[s->op].width_bits / 8 - 1;
    if (first < -FRAME_MAX_BYTES || last >= 0)
        return 0;
    return UINT64_C(1) << slot_of(first) | UINT64_C(1) << slot_of(last);
}

void vlog_after(struct vlog *l, const struct path *p, const struct step *s, uint32_t depth) {
    if (!l->level)
        return;
    const struct effects *const e = &s->eff;
    const struct insn in = s->insn;
    const uint8_t cls = op_table[s->op].cls;
    uint16_t regs = (uint16_t)(1u << in.dst);
    if (e->global_call)
        put_global(l, e->global_call - 1);
    if (p->st.depth != depth) {
        put_crossing(l, p, s->next, depth);
        return;
    }
    const uint64_t slots = touched_slots(&p->st, s);
    if (cls == CLASS_EXIT || cls == CLASS_JMP_ALWAYS || cls == CLASS_JMP_BUDGET) {
        end_line(l);
        return;
    }
    if (op_table[s->op].from_reg || cls == CLASS_LDX || cls == CLASS_STX)
        regs |= (uint16_t)(1u << in.src);
    if (cls >= CLASS_CALL || cls == CLASS_PKT)
        regs = 1;
    if (l->column)
        putf(l, "%*s;", l->column < COMMENT_COLUMN ? COMMENT_COLUMN - l->column : 1, "");
    else
        putf(l, "%u:", s->pc);
    put_frame(l, &p->st, depth, regs & 0x7ff, slots);
    l->column = 1;
    end_line(l);
}

/* ---- the walk of precision ---- */

/* "regs=r1,r6 stack=-8": registers, and slots by their lowest byte. */
static void put_wanted(struct vlog *l, uint16_t regs, uint64_t slots) {
    const char *sep = "";
    putf(l, "regs=");
    for (uint32_t r = 0; r < N_REGS; r++)
        if (regs >> r & 1) {
            putf(l, "%sr%u", sep, r);
            sep = ",";
        }
    putf(l, " stack=");
    sep = "";
    for (uint32_t k = 0; k < FRAME_MAX_SLOTS; k++)
        if (slots >> k & 1) {
            putf(l, "%s-%u", sep, SLOT_BYTES * (k + 1));
            sep = ",";
        }
}

void vlog_walk(struct vlog *l, uint32_t frame, uint32_t last, uint32_t first, uint32_t next) {
    if (l->level < 2)
        return;
    end_line(l);
    putf(l, "mark_precise: frame%u: last_idx %u first_idx %u subseq_idx %d \n", frame, last, first,
         (int)next);
}

void vlog_walk_insn(struct vlog *l, uint32_t frame, uint32_t pc, uint16_t regs, uint64_t slots) {
    char text[2 * ASM_LINE_MAX];
    if (l->level < 2)
        return;
    insn_text(l->sub, pc, text, sizeof text);
    putf(l, "mark_precise: frame%u: ", frame);
    put_wanted(l, regs, slots);
    putf(l, " before %u: (%02x) %s\n", pc, l->sub->prog->insns[pc].code, text);
}

void vlog_walk_state(struct vlog *l, const struct state *st, uint32_t frame, uint16_t regs,
                     uint64_t slots) {
    if (l->level < 2)
        return;
    putf(l, "mark_precise: frame%u: parent state ", frame);
    put_wanted(l, regs, slots);
    put(l, ": ", 2);
    put_frame(l, st, frame, UINT16_MAX, UINT64_MAX);
    put(l, "\n", 1);
}

void vlog_propagate(struct vlog *l, uint32_t frame, uint16_t regs, uint64_t slots) {
    const char *sep = "";
    if (l->level < 2 || !(regs || slots))
        return;
    end_line(l);
    putf(l, "frame %u: propagating ", frame);
    for (uint32_t r = 0; r < N_REGS; r++)
        if (regs >> r & 1) {
            putf(l, "%sr%u", sep, r);
            sep = ",";
        }
    for (uint32_t k = 0; k < FRAME_MAX_SLOTS; k++)
        if (slots >> k & 1) {
            putf(l, "%sfp-%u", sep, SLOT_BYTES * (k + 1));
            sep = ",";
        }
    put(l, "\n", 1);
}

/* ---- ends ---- */

void vlog_end(struct vlog *l, const struct path *p, bool covered) {
    if (!l->level || !covered)
        return;
    if (l->entered)
        put_entry(l, p);
    else
        putf(l, "%u:", p->pc);
    putf(l, " safe\n");
    l->column = 0;
}

void vlog_global_safe(struct vlog *l, uint32_t subprog) {
    if (l->level)
        putf(l, "Func#%u ('%s') is safe for any args that match its prototype\n", subprog,
             function_name(l, subprog));
}

void vlog_reject(struct vlog *l, const struct report *rep) {
    if (!l->level)
        return;
    end_line(l);
    putf(l, "%s\n", rep->linux_text);
    if (l->level < 2 && l->n_bytes)
        emit(l, l->text, l->n_bytes);
    l->n_bytes = 0;
}

void vlog_stats(struct vlog *l, const struct verify_stats *stats) {
    if (!l->level)
        return;
    l->level = 2; /* nothing is held back any more */
    putf(l, "processed %llu insns (limit %llu) total_states %llu peak_states %llu\n",
         (unsigned long long)stats->insns_processed, (unsigned long long)l->sub->opt.budget.insns,
         (unsigned long long)stats->states, (unsigned long long)stats->peak_states);
}
