/* core.c: one CO-RE record: ask every candidate, see that they agree, patch the instruction. */
#include "loader/core.h"

#include "loader/core_impl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* struct cand_list: the candidates that a local type still has. */
struct cand_list {
    struct core_cand *cands;
    uint32_t n;
    bool known;
};

struct core {
    const struct btf *local;
    struct core_target *target;
    struct cand_list *lists; /* by local type id */
    uint64_t fuel;
};

/* struct answer: what a record asks for and what comes out. */
struct answer {
    struct core_value local, target;
    uint64_t off_bits;     /* of the field in the first candidate that has it */
    struct core_cand from; /* that candidate; btf NULL: none */
};

const char *core_kind_name(uint32_t kind) {
    static const char *const names[N_CORE_KINDS] = {
        [CORE_FIELD_BYTE_OFFSET] = "byte_off",    [CORE_FIELD_BYTE_SIZE] = "byte_sz",
        [CORE_FIELD_EXISTS] = "field_exists",     [CORE_FIELD_SIGNED] = "signed",
        [CORE_FIELD_LSHIFT_U64] = "lshift_u64",   [CORE_FIELD_RSHIFT_U64] = "rshift_u64",
        [CORE_TYPE_ID_LOCAL] = "local_type_id",   [CORE_TYPE_ID_TARGET] = "target_type_id",
        [CORE_TYPE_EXISTS] = "type_exists",       [CORE_TYPE_SIZE] = "type_size",
        [CORE_ENUMVAL_EXISTS] = "enumval_exists", [CORE_ENUMVAL_VALUE] = "enumval_value",
        [CORE_TYPE_MATCHES] = "type_matches",
    };
    return kind < N_CORE_KINDS ? names[kind] : "unknown";
}

enum bpflab_err core_new(const struct btf *local, struct core_target *target, struct core **out) {
    struct core *c = calloc(1, sizeof *c);
    if (!c)
        return BPFLAB_E_NOMEM;
    c->lists = calloc(btf_n_types(local), sizeof *c->lists);
    if (!c->lists) {
        free(c);
        return BPFLAB_E_NOMEM;
    }
    c->local = local;
    c->target = target;
    c->fuel = CORE_FUEL;
    *out = c;
    return BPFLAB_OK;
}

void core_free(struct core *c) {
    if (!c)
        return;
    for (uint32_t i = 0; i < btf_n_types(c->local); i++)
        free(c->lists[i].cands);
    free(c->lists);
    free(c);
}

/* root_of: the type whose name finds candidates: qualifiers have none, typedefs do. */
static uint32_t root_of(const struct btf *b, uint32_t id) {
    for (int i = 0; i < CORE_MAX_STEPS; i++) {
        const struct btf_type *t = btf_type_at(b, id);
        if (t->kind != BTF_CONST && t->kind != BTF_VOLATILE && t->kind != BTF_RESTRICT &&
            t->kind != BTF_TYPE_TAG)
            break;
        id = t->size_or_type;
    }
    return id;
}

/* append: printf behind what buf holds, cut at its end. */
__attribute__((format(printf, 3, 4))) static void append(char *buf, size_t size, const char *fmt,
                                                         ...) {
    size_t n = strlen(buf);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf + n, size - n, fmt, ap);
    va_end(ap);
}

/* describe: "struct task_struct.comm[3] (0:5:3, byte_off): why". in: path NULL: not known */
static void describe(const struct core *c, const struct core_reloc *r, const struct core_path *path,
                     const char *why, char *buf, size_t size) {
    const struct btf_type *t = btf_type_at(c->local, r->type_id);
    char steps[80] = "";
    buf[0] = '\0';
    if (!t) {
        append(buf, size, "type [%" PRIu32 "]", r->type_id);
    } else {
        uint32_t root = root_of(c->local, r->type_id);
        t = btf_type_at(c->local, root);
        const char *name = btf_string(c->local, t->name_off);
        append(buf, size, "%s %.40s", btf_kind_name(t->kind), *name ? name : "(anonymous)");
    }
    bool value = r->kind == CORE_ENUMVAL_EXISTS || r->kind == CORE_ENUMVAL_VALUE;
    for (uint32_t i = 0; path && i < path->n_steps; i++) {
        const struct core_step *s = &path->steps[i];
        if (s->name)
            append(steps, sizeof steps, "%s%s", value ? "::" : ".", s->name);
        else if (i > 0 || s->index > 0)
            append(steps, sizeof steps, "[%" PRIu32 "]", s->index);
    }
    append(buf, size, "%.40s (%.20s, %s): %s", steps, r->access, core_kind_name(r->kind), why);
}

/* candidates: of the record's type, found at its first record. */
static enum bpflab_err candidates(struct core *c, uint32_t id, struct cand_list **out,
                                  struct diag *d) {
    struct cand_list *list = &c->lists[id];
    if (!list->known) {
        const struct btf_type *t = btf_type_at(c->local, id);
        struct core_name name = core_name_of(btf_string(c->local, t->name_off));
        enum bpflab_err err = core_target_find(c->target, name, t->kind, &list->cands, &list->n, d);
        if (err)
            return err;
        list->known = true;
    }
    *out = list;
    return BPFLAB_OK;
}

/* same_value: do two candidates' answers agree? */
static bool same_value(const struct core_value *a, const struct core_value *b) {
    return !a->poison == !b->poison && a->value == b->value;
}

/* keep_fitting: of the candidates only those that the record found fitting. */
static void keep_fitting(struct cand_list *list) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < list->n; i++)
        if (list->cands[i].fits)
            list->cands[n++] = list->cands[i];
    list->n = n;
}

/* ask: each candidate. Those without the field drop out, unless all are without, or there is an
 * error. */
static enum bpflab_err ask(struct core *c, const struct core_path *local, uint32_t kind,
                           struct cand_list *list, struct answer *a, const char **why) {
    struct core_path path;
    for (uint32_t i = 0; i < list->n; i++) {
        struct core_cand *cand = &list->cands[i];
        struct core_value value;
        enum bpflab_err err = core_path_find(local, kind, *cand, &c->fuel, &cand->fits, &path, why);
        if (!err && cand->fits)
            err = core_value_of(kind, &path, &value, why);
        if (err)
            return err;
        if (!cand->fits)
            continue;
        if (!a->from.btf) {
            a->target = value;
            a->off_bits = path.off_bits;
            a->from = *cand;
        } else if (path.off_bits != a->off_bits || !same_value(&value, &a->target)) {
            *why = "types of this name in the target disagree";
            return BPFLAB_E_TYPE;
        }
    }
    if (!a->from.btf)
        return core_value_of(kind, NULL, &a->target, why);
    keep_fitting(list);
    return BPFLAB_OK;
}

/* width_safe: may a load or store of the local field become one of the target's width? Pointers and
 * unsigned integers may: a load zero-extends. */
static bool width_safe(const struct core *c, const struct answer *a) {
    if (!a->from.btf || a->local.mem_bytes == a->target.mem_bytes)
        return true;
    const struct btf_type *x = btf_type_at(c->local, a->local.mem_type);
    const struct btf_type *y = btf_type_at(a->from.btf, a->target.mem_type);
    if (x->kind == BTF_PTR && y->kind == BTF_PTR)
        return true;
    return x->kind == BTF_INT && y->kind == BTF_INT &&
           !(btf_int_encoding(c->local, x) & BTF_INT_SIGNED) &&
           !(btf_int_encoding(a->from.btf, y) & BTF_INT_SIGNED);
}

static uint64_t sign_extend32(uint64_t v) {
    return (uint64_t)(int64_t)(int32_t)(uint32_t)v;
}

/* expected: is have, the instruction's value, what the compiler must have written? Older compilers
 * sign-extended every 32-bit enumerator; the target's then is too. */
static bool expected(struct answer *a, uint64_t have) {
    if (!a->local.exact || have == a->local.value)
        return true;
    if (!a->local.plain_enum || have != sign_extend32(a->local.value))
        return false;
    if (a->target.plain_enum)
        a->target.value = sign_extend32(a->target.value);
    return true;
}

static const char wrong_value[] = "the instruction's value is not what the BTF says";
static const char too_large[] = "the value does not fit into the instruction";

static enum bpflab_err fail(enum bpflab_err err, const char **why, const char *text) {
    *why = text;
    return err;
}

static enum bpflab_err patch_alu(struct insn *in, struct answer *a, const char **why) {
    if (!expected(a, (uint64_t)(int64_t)in->imm))
        return fail(BPFLAB_E_FORMAT, why, wrong_value);
    uint64_t v = a->target.value;
    bool alu32 = (in->code & 7) == 4;
    if (sign_extend32(v) != v && !(alu32 && v <= UINT32_MAX))
        return fail(BPFLAB_E_RANGE, why, too_large);
    in->imm = (int32_t)(uint32_t)v;
    return BPFLAB_OK;
}

static uint32_t width_of(uint8_t code) {
    static const uint8_t bytes[4] = {4, 2, 1, 8};
    return bytes[code >> 3 & 3];
}

/* set_width: rewrite the size of a memory instruction. out: false if there is none of that size. */
static bool set_width(struct insn *in, uint32_t n_bytes) {
    static const uint8_t codes[9] = {[1] = 0x10, [2] = 0x08, [4] = 0x00, [8] = 0x18};
    if (n_bytes == 0 || n_bytes > 8 || (n_bytes & (n_bytes - 1)))
        return false;
    struct insn changed = *in;
    changed.code = (uint8_t)((in->code & 0xe7) | codes[n_bytes]);
    if (op_of(changed) == OP_INVALID)
        return false;
    *in = changed;
    return true;
}

static enum bpflab_err patch_mem(const struct core *c, struct insn *in, struct answer *a,
                                 const char **why) {
    if (!expected(a, (uint64_t)(int64_t)in->off))
        return fail(BPFLAB_E_FORMAT, why, wrong_value);
    if (a->target.value > INT16_MAX)
        return fail(BPFLAB_E_RANGE, why, too_large);
    if (!width_safe(c, a)) {
        a->target.poison = "a load of the target's field size would be wrong";
        return BPFLAB_OK;
    }
    uint32_t from = a->local.mem_bytes, to = a->target.mem_bytes;
    struct insn changed = *in;
    changed.off = (int16_t)a->target.value;
    if (from != to) {
        if (width_of(in->code) != from)
            return fail(BPFLAB_E_FORMAT, why, "the access is not as wide as its field");
        if (!set_width(&changed, to)) {
            a->target.poison = "no access is as wide as the target's field";
            return BPFLAB_OK;
        }
    }
    *in = changed;
    return BPFLAB_OK;
}

static enum bpflab_err patch_imm64(struct insn *in, struct answer *a, const char **why) {
    if (!expected(a, insn_imm64(in[0], in[1])))
        return fail(BPFLAB_E_FORMAT, why, wrong_value);
    in[0].imm = (int32_t)(uint32_t)a->target.value;
    in[1].imm = (int32_t)(uint32_t)(a->target.value >> 32);
    return BPFLAB_OK;
}

/* enum form: the instructions that a record may name. */
enum form {
    FORM_ALU,
    FORM_MEM,
    FORM_IMM64,
    FORM_NONE,
};

static enum form form_of(const struct insn *in, uint32_t n) {
    switch (in->code & 7) {
    case 4:
    case 7: return in->code & 8 ? FORM_NONE : FORM_ALU;
    case 1:
    case 2:
    case 3: return FORM_MEM;
    case 0:
        return in->code == 0x18 && n >= 2 && in->src == 0 && in->off == 0 && in[1].code == 0 &&
                       in[1].dst == 0 && in[1].src == 0 && in[1].off == 0
                   ? FORM_IMM64
                   : FORM_NONE;
    default: return FORM_NONE;
    }
}

void core_poison(struct insn *insn, uint32_t n_insns) {
    const struct insn bad = {.code = 0x85, .imm = CORE_POISON};
    bool wide = n_insns > 1 && insn_slots(*insn) == 2;
    insn[0] = bad;
    if (wide)
        insn[1] = bad;
}

static enum bpflab_err patch(const struct core *c, enum form form, struct insn *in,
                             struct answer *a, const char **why) {
    if (a->target.poison)
        return BPFLAB_OK;
    switch (form) {
    case FORM_ALU: return patch_alu(in, a, why);
    case FORM_MEM: return patch_mem(c, in, a, why);
    default: return patch_imm64(in, a, why);
    }
}

/* resolve: the answers of both sides. out: err NOTFOUND if there is no target, *d says so. */
static enum bpflab_err resolve(struct core *c, const struct core_reloc *r, struct core_path *path,
                               struct answer *a, const char **why, struct diag *d) {
    enum bpflab_err err = core_path_parse(c->local, r, path, why);
    if (!err)
        err = core_value_of(r->kind, path, &a->local, why);
    if (!err && a->local.poison)
        err = fail(BPFLAB_E_FORMAT, why, a->local.poison);
    if (err)
        return err;
    if (r->kind == CORE_TYPE_ID_LOCAL) {
        a->target = a->local;
        return BPFLAB_OK;
    }
    uint32_t root = root_of(c->local, r->type_id);
    if (!*btf_string(c->local, btf_type_at(c->local, root)->name_off))
        return fail(BPFLAB_E_UNSUPPORTED, why, "a type without a name cannot be looked up");
    struct cand_list *list;
    err = candidates(c, root, &list, d);
    if (err)
        return fail(err, why, NULL);
    path->root = root;
    err = ask(c, path, r->kind, list, a, why);
    if (!err && a->target.poison && !a->from.btf && list->n == 0)
        a->target.poison = "the target has no such type";
    return err;
}

enum bpflab_err core_apply(struct core *c, const struct core_reloc *r, struct insn *insn,
                           uint32_t n_insns, struct core_result *res, struct diag *d) {
    struct core_path path = {0};
    struct answer a = {0};
    struct diag missing = {0};
    char text[sizeof res->text];
    const char *why = NULL;
    enum bpflab_err err = BPFLAB_OK;
    enum form form = n_insns ? form_of(insn, n_insns) : FORM_NONE;
    if (r->kind >= N_CORE_KINDS)
        err = fail(BPFLAB_E_UNSUPPORTED, &why, "unknown kind of relocation");
    else if (r->type_id >= btf_n_types(c->local))
        err = fail(BPFLAB_E_FORMAT, &why, "the type does not exist");
    else if (form == FORM_NONE)
        err = fail(BPFLAB_E_FORMAT, &why, "the instruction has nothing to relocate");
    else
        err = resolve(c, r, &path, &a, &why, &missing);
    struct core_result out = {.old_value = a.local.value, .target_id = a.from.id};
    if (err == BPFLAB_E_NOTFOUND) {
        a.target.poison = missing.text;
        out.outcome = CORE_NO_TARGET;
        err = BPFLAB_OK;
    }
    if (!err)
        err = patch(c, form, insn, &a, &why);
    if (err) {
        if (!why)
            return diag_set(d, err, "BTF to relocate against: %.160s", missing.text);
        describe(c, r, &path, why, text, sizeof text);
        return diag_set(d, err, "%s", text);
    }
    out.new_value = a.target.value;
    if (a.target.poison) {
        if (out.outcome == CORE_APPLIED)
            out.outcome = CORE_POISONED;
        core_poison(insn, n_insns);
        describe(c, r, &path, a.target.poison, out.text, sizeof out.text);
    }
    *res = out;
    return BPFLAB_OK;
}
