/* asm_rows.c: finding an instruction's row by what text says of it, and how a row's operands are
 * written. */
#include "isa/asm_rows.h"

#include <stdio.h>
#include <string.h>

enum {
    ATOMIC_FETCH = 1, /* the bit of an atomic operation's imm (RFC 9669 section 5.3) */
};

struct insn row_insn(const struct op_info *row) {
    return (struct insn){
        .code = row->code,
        .src = row->src_rule == FIELD_FIXED ? (uint8_t)row->src_fixed : 0,
        .off = row->off_rule == FIELD_FIXED ? row->off_fixed : (int16_t)0,
        .imm = row->imm_rule == FIELD_FIXED ? row->imm_fixed : 0,
    };
}

bool row_is_fetch(const struct op_info *row) {
    return row->cls == CLASS_ATOMIC_RMW && (row->imm_fixed & ATOMIC_FETCH);
}

bool row_is_locked(const struct op_info *row) {
    return row->cls == CLASS_ATOMIC_RMW || row->cls == CLASS_ATOMIC_XCHG ||
           row->cls == CLASS_ATOMIC_CMPXCHG;
}

bool row_has_suffix(const struct op_info *row) {
    switch (row->cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_JMP_COND:
    case CLASS_ATOMIC_LOAD:
    case CLASS_ATOMIC_STORE: return true;
    default: return row_is_locked(row);
    }
}

unsigned row_suffix(const struct op_info *row) {
    return row_has_suffix(row) && row->width_bits != 64 ? row->width_bits : 0;
}

const char *ubpf_form(const struct op_info *row) {
    switch ((enum op_class)row->cls) {
    case CLASS_ALU_BINARY: return "d,s";
    case CLASS_ALU_SEXT:
    case CLASS_ALU_CAST: return "d,r";
    case CLASS_ALU_UNARY:
    case CLASS_ALU_END:
    case CLASS_JMP_TABLE: return "d";
    case CLASS_JMP_COND: return "d,s,j";
    case CLASS_JMP_ALWAYS:
    case CLASS_JMP_BUDGET:
    case CLASS_CALL_LOCAL: return "j";
    case CLASS_ST: return "D,i";
    case CLASS_IMM64: return "d,q";
    case CLASS_PKT: return row->from_reg ? "r,i" : "i";
    case CLASS_LDX:
    case CLASS_ATOMIC_LOAD: return "d,R";
    case CLASS_STX:
    case CLASS_ATOMIC_STORE:
    case CLASS_ATOMIC_RMW:
    case CLASS_ATOMIC_XCHG:
    case CLASS_ATOMIC_CMPXCHG: return "D,r";
    case CLASS_CALL: return "h";
    case CLASS_CALL_KFUNC: return "k";
    case CLASS_CALL_REG: return "x";
    case CLASS_EXIT: return "";
    }
    return "";
}

static bool same(const char *text, const char *s, size_t len) {
    return text && len && text[0] == s[0] && strlen(text) == len && !memcmp(text, s, len);
}

const struct op_info *row_of(struct row_query q) {
    for (int op = 0; op < N_OPS; op++) {
        const struct op_info *row = &op_table[op];
        if (row->cls == q.cls &&
            (!q.text || same(q.by_name ? row->name : row->sym, q.text, q.len)) &&
            (!q.width_bits || row->width_bits == q.width_bits) && row->from_reg == q.from_reg &&
            row->sign == q.sign && row_is_fetch(row) == q.fetch)
            return row;
    }
    return NULL;
}

/* Is s the row's mnemonic, with or without the suffix it may carry? */
static bool mnemonic_is(const struct op_info *row, const char *s, size_t len) {
    if (row->cls == CLASS_ALU_END && same(row->sym, s, len))
        return true;
    const size_t n = row->name[0] == s[0] ? strlen(row->name) : len + 1;
    if (len < n || memcmp(row->name, s, n))
        return false;
    if (len == n)
        return !row_suffix(row);
    char width[8];
    snprintf(width, sizeof width, "%u", row->width_bits);
    return row_has_suffix(row) && same(width, s + n, len - n);
}

const struct op_info *row_of_mnemonic(const char *s, size_t len, bool lock, bool fetch) {
    for (int op = 0; op < N_OPS; op++) {
        const struct op_info *row = &op_table[op];
        if (mnemonic_is(row, s, len) && row_is_locked(row) == lock && row_is_fetch(row) == fetch)
            return row;
    }
    return NULL;
}

unsigned text_distance(const char *a, size_t a_len, const char *b, size_t b_len, unsigned limit) {
    enum {
        MAX = 31,
    };
    unsigned rows[3][MAX + 1];
    if (a_len > MAX || b_len > MAX)
        return limit + 1;
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            const bool equal = a[i - 1] == b[j - 1];
            unsigned best = last[j - 1] + !equal;
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
    }
    const unsigned distance = rows[a_len % 3][b_len];
    return distance > limit ? limit + 1 : distance;
}

bool row_nearest(const char *s, size_t len, char buf[32]) {
    /* words of the kernel's syntax that are no row's name */
    static const char *const words[] = {"if", "goto", "gotol", "lock", ".word"};
    unsigned best = len > 3 ? 3 : 2; /* one more than the distance still taken for a slip */
    for (int i = 0; i < N_OPS + (int)(sizeof words / sizeof *words); i++) {
        char name[32];
        if (i < N_OPS) {
            const struct op_info *row = &op_table[i];
            const unsigned suffix = row_suffix(row);
            snprintf(name, sizeof name, suffix ? "%.24s%u" : "%.24s", row->name, suffix);
        } else {
            snprintf(name, sizeof name, "%s", words[i - N_OPS]);
        }
        const unsigned distance = text_distance(s, len, name, strlen(name), best - 1);
        if (distance < best && distance < len) {
            best = distance;
            memcpy(buf, name, sizeof name);
        }
    }
    return best < (len > 3 ? 3u : 2u);
}
