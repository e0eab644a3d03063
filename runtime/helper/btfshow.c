/* btfshow.c: a walk over an object along its type.
 *
 * A structure or array inside another is shown only if something in it would be: it is walked
 * twice, the first time without printing. Member, type and array are kept beside the walk, as one
 * state that nested parts change, because that is where Linux's quirks come from.
 */
#include "runtime/helper/btfshow.h"

#include "isa/btf.h"
#include "runtime/env.h"
#include "runtime/errno.h"
#include "runtime/helper/format.h"
#include "runtime/helper/kctype.h"
#include "runtime/helper/probe.h"

enum {
    NAME_BYTES = 80,     /* what is longer is cut */
    NAME_STEPS_MAX = 10, /* pointers, arrays and typedefs that a name goes through */
    INDENT_MAX = 32,
    BITS_MAX = 128,
    INT_SIGNED = 1,
    INT_CHAR = 2,
};

struct show {
    const struct world *w;
    const struct btf *btf;
    struct textbuf *text; /* NULL: to the printer */
    uint64_t flags;
    const struct btf_member *member; /* being shown, NULL for none */
    uint32_t type_id;                /* being shown, typedefs and qualifiers not followed */
    uint32_t kind;                   /* of the type last begun; BTF_VOID after its end */
    uint32_t depth, steps;
    bool in_array;     /* an element is being shown: it has no name */
    bool chars, ended; /* the array is one of characters; its NUL was seen */
    bool dry, found;   /* nothing is printed; something would have been */
    int err;
};

static void put(struct show *s, const char *p, size_t n) {
    if (s->dry)
        return;
    if (s->text)
        text_bytes(s->text, p, n);
    else if (s->w->print)
        s->w->print(s->w->print_self, p, n);
}

static void put_string(struct show *s, const char *p) {
    put(s, p, strlen(p));
}

static void put_indent(struct show *s) {
    const char spaces[INDENT_MAX + 1] = "                                ";
    if (!(s->flags & BTFSHOW_COMPACT))
        put(s, spaces, s->depth < INDENT_MAX ? s->depth : INDENT_MAX);
}

static void put_newline(struct show *s) {
    if (!(s->flags & BTFSHOW_COMPACT))
        put_string(s, "\n");
}

static void put_end(struct show *s) {
    if (s->depth)
        put_string(s, s->flags & BTFSHOW_COMPACT && s->kind == BTF_UNION ? "|" : ",");
    put_newline(s);
}

/* struct name: what is gathered on the way from a type to the one that has a name. */
struct name {
    const char *type, *prefix, *parens;
    unsigned n_ptrs, n_arrays;
    bool typedefed;
};

/* Follow qualifiers, but not typedefs. */
static const struct btf_type *unqualified(const struct btf *b, uint32_t id) {
    const struct btf_type *t = btf_type_at(b, id);
    for (unsigned i = 0; i < BTFSHOW_DEPTH_MAX; i++) {
        if (t->kind != BTF_CONST && t->kind != BTF_VOLATILE && t->kind != BTF_RESTRICT &&
            t->kind != BTF_TYPE_TAG)
            break;
        t = btf_type_at(b, t->size_or_type);
    }
    return t;
}

/* One step of the way.
 * out: the next type's id, 0 at the end */
static uint32_t name_step(const struct show *s, const struct btf_type *t, struct name *n) {
    switch (t->kind) {
    case BTF_TYPEDEF:
        if (!n->type)
            n->type = btf_string(s->btf, t->name_off);
        n->typedefed = true;
        return t->size_or_type;
    case BTF_ARRAY:
        n->parens = "[";
        n->n_arrays++;
        return btf_members(s->btf, t)->type;
    case BTF_PTR: n->n_ptrs++; return t->size_or_type;
    default: return 0;
    }
}

/* out: false for a type too long to be named */
static bool name_of(const struct show *s, uint32_t id, struct name *n) {
    const struct btf_type *t = btf_type_at(s->btf, id);
    unsigned i;
    *n = (struct name){.prefix = "", .parens = ""};
    for (i = 0; i < NAME_STEPS_MAX; i++) {
        const uint32_t next = name_step(s, t, n);
        if (!next)
            break;
        t = unqualified(s->btf, next);
    }
    if (i == NAME_STEPS_MAX)
        return false;
    if (!n->type)
        n->type = btf_string(s->btf, t->name_off);
    if (t->kind == BTF_STRUCT || t->kind == BTF_UNION) {
        n->prefix = btf_kind_name(t->kind);
        if (!n->n_arrays)
            n->parens = "{";
    } else if (t->kind == BTF_ENUM || t->kind == BTF_ENUM64) {
        n->prefix = "enum";
    }
    if (n->n_ptrs)
        n->parens = "";
    if (n->typedefed)
        n->prefix = "";
    return true;
}

/* ".member = (type *[])" and the bracket that opens an aggregate. */
static void put_name(struct show *s) {
    char text[NAME_BYTES];
    struct textbuf t = {.p = text, .size = sizeof text - 1};
    struct name n;
    if (s->in_array || !name_of(s, s->member ? s->member->type : s->type_id, &n))
        return;
    if (s->flags & BTFSHOW_NONAME) {
        put_string(s, n.parens);
        return;
    }
    const char *member = s->member ? btf_string(s->btf, s->member->name_off) : "";
    const bool spaced = *n.prefix && *n.type;
    const char *const parts[] = {*member ? "." : "", member, *member ? " = " : "", "(", n.prefix,
                                 spaced ? " " : "",  n.type, n.n_ptrs ? " " : ""};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        text_bytes(&t, parts[i], strlen(parts[i]));
    text_fill(&t, '*', n.n_ptrs);
    for (unsigned i = 0; i < n.n_arrays; i++)
        text_bytes(&t, "[]", 2);
    text_bytes(&t, ")", 1);
    text_bytes(&t, n.parens, strlen(n.parens));
    put(s, text, t.used < t.size ? t.used : t.size);
}

/* A value with its name on a line of its own, unless it is zero and zeros are not shown. */
static void put_value(struct show *s, bool zero, const char *text, size_t n) {
    if (zero && !(s->flags & BTFSHOW_ZERO) && s->depth)
        return;
    put_indent(s);
    put_name(s);
    put(s, text, n);
    put_end(s);
    s->found = true;
}

static void put_integer(struct show *s, uint64_t v, bool sign) {
    char text[24];
    struct textbuf t = {.p = text, .size = sizeof text};
    text_number(&t, v, 10, (struct text_spec){.flags = sign ? TEXT_SIGNED : 0, .width = -1});
    put_value(s, !v, text, t.used);
}

static void put_hex(struct show *s, uint64_t high, uint64_t low) {
    char text[40];
    struct textbuf t = {.p = text, .size = sizeof text};
    const struct text_spec plain = {.width = -1}, wide = {.flags = TEXT_ZERO, .width = 16};
    text_bytes(&t, "0x", 2);
    if (high)
        text_number(&t, high, 16, plain);
    text_number(&t, low, 16, high ? wide : plain);
    put_value(s, !high && !low, text, t.used);
}

static void begin(struct show *s, uint32_t kind, uint32_t id) {
    s->kind = kind;
    s->type_id = id;
}

static void end(struct show *s) {
    begin(s, BTF_VOID, 0);
}

/* n_bytes of the object at addr.
 * out: false: err is set */
static bool fetch(struct show *s, uint64_t addr, void *to, uint32_t n_bytes) {
    if (!s->err)
        s->err = probe_bytes(s->w, to, n_bytes, addr, PROBE_KERNEL);
    return !s->err;
}

/* n_bits from bit off of the bytes at addr on: counted from the lowest bit of the first byte, in a
 * big-endian world from the highest. */
static void show_bits(struct show *s, uint64_t addr, unsigned off, unsigned n_bits) {
    uint8_t b[BITS_MAX / 8 + 1];
    uint64_t v[2] = {0, 0};
    const bool big = s->w->cfg.big_endian;
    if (n_bits > BITS_MAX)
        n_bits = BITS_MAX;
    if (!fetch(s, addr, b, (off + n_bits + 7) / 8))
        return;
    for (unsigned i = 0; i < n_bits; i++) {
        const unsigned at = off + i, to = big ? n_bits - 1 - i : i;
        const uint64_t bit = b[at / 8] >> (big ? 7 - at % 8 : at % 8) & 1;
        v[to / 64] |= bit << to % 64;
    }
    put_hex(s, v[1], v[0]);
}

/* An element of an array of characters.
 * out: false if it is to be shown as a number */
static bool show_char(struct show *s, uint8_t c) {
    if (s->ended)
        return true;
    if (!c) {
        s->ended = true;
        return true;
    }
    if (!kctype_print(c))
        return false;
    const char text[3] = {'\'', (char)c, '\''};
    put_value(s, false, text, sizeof text);
    return true;
}

static void show_int(struct show *s, const struct btf_type *t, uint64_t addr, unsigned bit) {
    const bool sign = btf_int_encoding(s->btf, t) & INT_SIGNED;
    const unsigned n_bits = btf_int_bits(s->btf, t), off = bit + btf_int_off(s->btf, t);
    uint8_t b[8];
    const bool whole = !off && (n_bits == 8 || n_bits == 16 || n_bits == 32 || n_bits == 64);
    if (!whole) {
        show_bits(s, addr + off / 8, off % 8, n_bits);
        return;
    }
    if (!fetch(s, addr, b, n_bits / 8))
        return;
    switch (n_bits) {
    case 64: put_integer(s, world_get64(s->w, b), sign); return;
    case 32: {
        const uint32_t v = world_get32(s->w, b);
        put_integer(s, sign ? (uint64_t)(int32_t)v : v, sign);
        return;
    }
    case 16: {
        const uint16_t v = world_get16(s->w, b);
        put_integer(s, sign ? (uint64_t)(int16_t)v : v, sign);
        return;
    }
    default:
        if (!s->chars || !show_char(s, b[0]))
            put_integer(s, sign ? (uint64_t)(int8_t)b[0] : b[0], sign);
    }
}

static void show_pointer(struct show *s, uint64_t addr) {
    uint8_t b[8];
    char text[24];
    struct textbuf t = {.p = text, .size = sizeof text};
    if (!fetch(s, addr, b, sizeof b))
        return;
    const uint64_t v = world_get64(s->w, b);
    text_bytes(&t, "0x", 2);
    format_pointer(s->w, &t, v, s->flags & BTFSHOW_PTR_RAW, (struct text_spec){.width = -1});
    put_value(s, !v, text, t.used);
}

/* A value that has a name is shown even if it is zero. */
static void show_enum(struct show *s, const struct btf_type *t, uint64_t addr) {
    const struct btf_member *m = btf_members(s->btf, t);
    const bool wide = t->kind == BTF_ENUM64;
    uint8_t b[8];
    if (!fetch(s, addr, b, wide ? 8 : 4))
        return;
    const uint64_t v = wide       ? world_get64(s->w, b)
                       : t->kflag ? (uint64_t)(int32_t)world_get32(s->w, b)
                                  : world_get32(s->w, b);
    for (uint32_t i = 0; i < t->n_members; i++)
        if ((uint64_t)m[i].value == v) {
            const char *name = btf_string(s->btf, m[i].name_off);
            put_value(s, false, name, strlen(name));
            return;
        }
    put_integer(s, v, t->kflag);
}

static void show_type(struct show *s, uint32_t id, uint64_t addr, unsigned bit);

/* The line that opens an aggregate.
 * out: false if its first byte cannot be read */
static bool open_aggregate(struct show *s, const struct btf_type *t, uint32_t id, uint64_t addr) {
    uint8_t byte;
    begin(s, t->kind, id);
    if (btf_size(s->btf, id) > 0 && !fetch(s, addr, &byte, 1))
        return false;
    put_indent(s);
    put_name(s);
    put_newline(s);
    s->depth++;
    return true;
}

static void close_aggregate(struct show *s, const char *bracket) {
    s->depth--;
    put_indent(s);
    put_string(s, bracket);
    put_end(s);
    end(s);
}

static void walk_struct(struct show *s, const struct btf_type *t, uint32_t id, uint64_t addr) {
    if (!open_aggregate(s, t, id, addr))
        return;
    const struct btf_member *m = btf_members(s->btf, t);
    for (uint32_t i = 0; i < t->n_members && !s->err; i++) {
        const uint64_t at = addr + m[i].off_bits / 8;
        const unsigned bit = m[i].off_bits % 8;
        s->member = &m[i];
        if (m[i].size_bits) {
            const struct btf_type *mt = btf_type_at(s->btf, m[i].type);
            begin(s, mt->kind, m[i].type);
            show_bits(s, at, bit, m[i].size_bits);
            end(s);
        } else {
            show_type(s, m[i].type, at, bit);
        }
        s->member = NULL;
    }
    close_aggregate(s, "}");
}

/* Bytes from one element to the next: Linux asks the element's own record, which says nothing for
 * pointers and arrays. */
static uint32_t stride(const struct btf_type *t) {
    switch (t->kind) {
    case BTF_INT:
    case BTF_STRUCT:
    case BTF_UNION:
    case BTF_ENUM:
    case BTF_ENUM64:
    case BTF_FLOAT: return t->size_or_type;
    default: return 0;
    }
}

static void walk_array(struct show *s, const struct btf_type *t, uint32_t id, uint64_t addr,
                       unsigned bit) {
    const struct btf_member *array = btf_members(s->btf, t);
    const struct btf_type *elem = btf_type_at(s->btf, btf_strip(s->btf, array->type));
    s->chars = elem->kind == BTF_INT &&
               (elem->size_or_type == 1 || btf_int_encoding(s->btf, elem) == INT_CHAR);
    s->ended = false;
    if (!open_aggregate(s, t, id, addr))
        return;
    for (uint64_t i = 0; i < (uint64_t)array->value && !s->ended && !s->err; i++) {
        s->in_array = true;
        s->member = NULL;
        show_type(s, array->type, addr + i * stride(elem), bit);
        s->in_array = false;
        s->member = NULL;
    }
    s->chars = s->ended = false;
    close_aggregate(s, "]");
}

static void walk(struct show *s, const struct btf_type *t, uint32_t id, uint64_t addr,
                 unsigned bit) {
    if (t->kind == BTF_ARRAY)
        walk_array(s, t, id, addr, bit);
    else
        walk_struct(s, t, id, addr);
}

static void show_aggregate(struct show *s, const struct btf_type *t, uint32_t id, uint64_t addr,
                           unsigned bit) {
    const struct btf_member *m = s->member;
    if (s->depth >= BTFSHOW_DEPTH_MAX) {
        s->err = -LX_E2BIG;
        return;
    }
    if (s->depth && !(s->flags & BTFSHOW_ZERO) && !s->dry) {
        s->dry = true;
        s->found = false;
        walk(s, t, id, addr, bit);
        s->dry = false;
        s->member = m;
        if (!s->found || s->err)
            return;
    }
    walk(s, t, id, addr, bit);
}

static void show_unsupported(struct show *s, uint32_t kind) {
    char text[40];
    struct textbuf t = {.p = text, .size = sizeof text};
    text_bytes(&t, "<unsupported kind:", 18);
    text_number(&t, kind, 10, (struct text_spec){.width = -1});
    text_bytes(&t, ">", 1);
    put(s, text, t.used);
}

static void show_type(struct show *s, uint32_t id, uint64_t addr, unsigned bit) {
    const struct btf_type *t = btf_type_at(s->btf, btf_strip(s->btf, id));
    if (++s->steps > BTFSHOW_STEPS_MAX)
        s->err = -LX_E2BIG;
    if (s->err)
        return;
    if (t->kind == BTF_VAR) {
        id = btf_strip(s->btf, t->size_or_type);
        t = btf_type_at(s->btf, id);
    }
    if (t->kind == BTF_STRUCT || t->kind == BTF_UNION || t->kind == BTF_ARRAY) {
        show_aggregate(s, t, id, addr, bit);
        return;
    }
    begin(s, t->kind, id);
    switch (t->kind) {
    case BTF_INT: show_int(s, t, addr, bit); break;
    case BTF_PTR: show_pointer(s, addr); break;
    case BTF_ENUM:
    case BTF_ENUM64: show_enum(s, t, addr); break;
    default: show_unsupported(s, t->kind); break;
    }
    end(s);
}

int btfshow(const struct world *w, uint32_t type_id, uint64_t addr, uint64_t flags,
            struct textbuf *text) {
    struct show s = {.w = w, .btf = w->env->vmlinux, .text = text, .flags = flags};
    if (!btf_type_at(s.btf, type_id))
        return -LX_ENOENT;
    show_type(&s, type_id, addr, 0);
    return s.err;
}
