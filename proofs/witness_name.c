/* witness_name.c: the instructions that a theorem is about, from its name.
 *
 * Families alu and jmp name rows of isa/. Others name functions of the domain, which serve an
 * instruction of each width.
 */
#include "proofs/witness.h"

#include <string.h>

/* struct word_of: what the domain's functions and relations call an operation. */
struct word_of {
    const char *word;
    uint8_t n;
    uint8_t op[WITNESS_OPS_MAX]; /* enum op, the most likely first */
};

#define BOTH(op) 2, {OP_##op##64_REG, OP_##op##32_REG}

/* clang-format off */
static const struct word_of words_of[] = {
#define ALU_BINARY(op, name, sym, code, off, group, expr) {name, BOTH(op)},
#define ALU_UNARY(op, name, sym, code, group, expr)       {name, 2, {OP_##op##64, OP_##op##32}},
#include "isa/alu.def"
#define JMP_COND(op, name, sym, code, expr)               {name, BOTH(op)},
#include "isa/jmp.def"
    {"move", BOTH(MOV)}, {"shl", BOTH(LSH)},  {"lshr", BOTH(RSH)}, {"ashr", BOTH(ARSH)},
    {"udiv", BOTH(DIV)}, {"umod", BOTH(MOD)},
    {"eq", BOTH(JEQ)},   {"ne", BOTH(JNE)},   {"ult", BOTH(JLT)},  {"ule", BOTH(JLE)},
    {"slt", BOTH(JSLT)}, {"sle", BOTH(JSLE)}, {"set", BOTH(JSET)}, {"clear", BOTH(JSET)},
    {"zext", 1, {OP_MOV32_REG}},
    {"sext", 5, {OP_MOVSX8_64, OP_MOVSX16_64, OP_MOVSX32_64, OP_MOVSX8_32, OP_MOVSX16_32}},
    {"bswap", 3, {OP_BSWAP64, OP_BSWAP32, OP_BSWAP16}},
};
/* clang-format on */

_Static_assert(N_OPS <= UINT8_MAX, "a row's number fits a byte");

void witness_own_name(const char *name, char out[WITNESS_NAME_MAX]) {
    if (!strncmp(name, "plant/", 6))
        name += 6;
    const size_t family = strcspn(name, "/@: ");
    name += name[family] == '/' ? family + 1 : 0;
    size_t n = strcspn(name, "/@: ");
    n = n < WITNESS_NAME_MAX ? n : WITNESS_NAME_MAX - 1;
    memcpy(out, name, n);
    out[n] = '\0';
}

/* The longest row's id that the name begins with. */
static bool row_of(const char *name, enum op *op) {
    size_t longest = 0;
    for (unsigned i = 0; i < N_OPS; i++) {
        const size_t n = strlen(op_table[i].id);
        if (n > longest && !strncmp(name, op_table[i].id, n) &&
            (name[n] == '\0' || name[n] == '_')) {
            longest = n;
            *op = (enum op)i;
        }
    }
    return longest > 0;
}

/* ADD64_SAME, JLT32_SAME_taken: ADD64_REG with one register. */
static bool same_row_of(char name[WITNESS_NAME_MAX], enum op *op) {
    char *const at = strstr(name, "_SAME");
    if (!at)
        return false;
    memcpy(at, "_REG", 4);
    at[4] = '\0';
    return row_of(name, op);
}

/* word_is: is it the entry's word, perhaps with a width behind it? */
static bool word_is(const char *text, size_t n, const struct word_of *entry, unsigned *width) {
    const size_t own = strlen(entry->word);
    if (n < own || strncmp(text, entry->word, own))
        return false;
    *width = n == own ? 0 : !strncmp(text + own, "32", 2) ? 32 : 64;
    return n == own || (n == own + 2 && (*width == 32 || !strncmp(text + own, "64", 2)));
}

static bool is_row_of_width(enum op op, unsigned width) {
    return width == 0 || op_table[op].width_bits == width;
}

static void add_ops(const struct word_of *entry, unsigned width, struct witness_ops *out) {
    for (unsigned i = 0; i < entry->n; i++)
        if (is_row_of_width((enum op)entry->op[i], width))
            out->op[out->n++] = (enum op)entry->op[i];
}

/* The first of the words between '_' that is an operation's. */
static bool operation_of(const char *name, struct witness_ops *out) {
    const bool is_half = strstr(name, "_32") || strstr(name, "_half");
    for (const char *at = name; *at;) {
        const size_t n = strcspn(at, "_");
        unsigned width;
        for (size_t i = 0; i < sizeof words_of / sizeof *words_of; i++)
            if (word_is(at, n, &words_of[i], &width)) {
                add_ops(&words_of[i], is_half ? 32 : width, out);
                return out->n > 0;
            }
        at += n + (at[n] == '_');
    }
    return false;
}

/* srange_div is of another row than urange_div. */
static void sign_division(const char *name, struct witness_ops *ops) {
    if (!strstr(name, "srange"))
        return;
    for (unsigned i = 0; i < ops->n; i++) {
        enum op *const op = &ops->op[i];
        *op = *op == OP_DIV64_REG   ? OP_SDIV64_REG
              : *op == OP_DIV32_REG ? OP_SDIV32_REG
              : *op == OP_MOD64_REG ? OP_SMOD64_REG
              : *op == OP_MOD32_REG ? OP_SMOD32_REG
                                    : *op;
    }
}

/* Is the theorem about the verifier's domain? Those about code of engines name rows too. */
static bool of_domain(const char *name) {
    static const char *const others[] = {"backend/", "interp/", "lemma/"};
    if (!strncmp(name, "plant/", 6))
        name += 6;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strncmp(name, others[i], strlen(others[i])))
            return false;
    return true;
}

/* Operations on ranges have their order before them: uand, sshl. */
static bool range_operation_of(const char *own, struct witness_ops *out) {
    return (own[0] == 'u' || own[0] == 's') && operation_of(own + 1, out);
}

static bool takes_numbers(enum op op) {
    switch ((enum op_class)op_table[op].cls) {
    case CLASS_ALU_BINARY:
    case CLASS_ALU_UNARY:
    case CLASS_ALU_SEXT:
    case CLASS_ALU_END:
    case CLASS_JMP_COND: return true;
    default: return false;
    }
}

bool witness_theorem(const char *name, struct witness_ops *out) {
    char own[WITNESS_NAME_MAX];
    struct witness_ops ops = {.n = 0};
    witness_own_name(name, own);
    ops.same = strstr(own, "same") || strstr(own, "SAME");
    if (!of_domain(name))
        return false;
    if (row_of(own, &ops.op[0]) || same_row_of(own, &ops.op[0]))
        ops.n = 1;
    else if (!operation_of(own, &ops) && !range_operation_of(own, &ops))
        return false;
    sign_division(own, &ops);
    *out = ops;
    return takes_numbers(ops.op[0]);
}
