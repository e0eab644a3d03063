/* btf.c: BTF read from untrusted bytes.
 *
 * Three passes. The first walks the records and counts, so that every array is allocated once at
 * its size; the second converts to host order and checks each name, id and member; the third checks
 * what needs the kinds of later types. 130,000 types with 600,000 members take about 10 ms.
 */
#include "isa/btf.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAGIC = 0xeb9f,
    HEADER_BYTES = 24,
    RECORD_BYTES = 12,
    MAX_CHAIN = 64, /* typedefs, qualifiers and array dimensions followed */
};

struct btf {
    const struct btf *base;
    struct btf_type *types; /* ids first_id to n_types - 1 */
    struct btf_member *members;
    char *strings;  /* offsets from first_string on */
    uint32_t *tags; /* ids of the DECL_TAGs, by type, component and id */
    uint32_t n_tags;
    uint32_t first_id, n_types;
    uint32_t n_members;
    uint32_t first_string, n_strings; /* n_strings: bytes, the base's included */
    uint32_t ptr_bytes;
    bool big_endian;
};

/* struct reader: the type section under way. */
struct reader {
    const uint8_t *bytes; /* the whole input */
    size_t pos, end;      /* of the type section, from the input's start */
    bool swap;
    struct diag *d;
};

/* struct kind_info: what follows the 12 bytes of a kind's record. */
struct kind_info {
    const char *name;
    uint8_t fixed_bytes;  /* once */
    uint8_t member_bytes; /* for each of vlen; 0: vlen must be 0 */
    bool refers;          /* size_or_type is a type id */
};

/* clang-format off */
static const struct kind_info kinds[N_BTF_KINDS] = {
    [BTF_VOID]       = {"void",        0,  0, false},
    [BTF_INT]        = {"int",         4,  0, false},
    [BTF_PTR]        = {"ptr",         0,  0, true},
    [BTF_ARRAY]      = {"array",      12,  0, false},
    [BTF_STRUCT]     = {"struct",      0, 12, false},
    [BTF_UNION]      = {"union",       0, 12, false},
    [BTF_ENUM]       = {"enum",        0,  8, false},
    [BTF_FWD]        = {"fwd",         0,  0, false},
    [BTF_TYPEDEF]    = {"typedef",     0,  0, true},
    [BTF_VOLATILE]   = {"volatile",    0,  0, true},
    [BTF_CONST]      = {"const",       0,  0, true},
    [BTF_RESTRICT]   = {"restrict",    0,  0, true},
    [BTF_FUNC]       = {"func",        0,  0, true},
    [BTF_FUNC_PROTO] = {"func_proto",  0,  8, true},
    [BTF_VAR]        = {"var",         4,  0, true},
    [BTF_DATASEC]    = {"datasec",     0, 12, false},
    [BTF_FLOAT]      = {"float",       0,  0, false},
    [BTF_DECL_TAG]   = {"decl_tag",    4,  0, true},
    [BTF_TYPE_TAG]   = {"type_tag",    0,  0, true},
    [BTF_ENUM64]     = {"enum64",      0, 12, false},
};
/* clang-format on */

static bool host_big_endian(void) {
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 0;
}

static uint32_t get32(const uint8_t *p, bool swap) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return swap ? __builtin_bswap32(v) : v;
}

static enum bpflab_err fail(struct diag *d, enum bpflab_err err, size_t off, const char *what,
                            uint32_t id) {
    if (id)
        diag_set(d, err, "type [%u]: %s", id, what);
    else
        diag_set(d, err, "%s", what);
    if (d)
        d->off_bytes = off;
    return err;
}

/* struct layout: the header, with offsets from the input's start. */
struct layout {
    size_t type_off, type_len, str_off, str_len;
    bool big_endian;
};

static enum bpflab_err read_header(const uint8_t *bytes, size_t size, struct layout *out,
                                   struct diag *d) {
    if (size < HEADER_BYTES)
        return fail(d, BPFLAB_E_TRUNCATED, size, "BTF header cut short", 0);
    if (bytes[0] == (MAGIC & 0xff) && bytes[1] == MAGIC >> 8)
        out->big_endian = false;
    else if (bytes[1] == (MAGIC & 0xff) && bytes[0] == MAGIC >> 8)
        out->big_endian = true;
    else
        return fail(d, BPFLAB_E_FORMAT, 0, "no BTF magic number", 0);
    if (bytes[2] != 1)
        return fail(d, BPFLAB_E_UNSUPPORTED, 2, "BTF version is not 1", 0);
    if (bytes[3] != 0)
        return fail(d, BPFLAB_E_UNSUPPORTED, 3, "unknown BTF flags", 0);
    bool swap = out->big_endian != host_big_endian();
    uint32_t hdr_len = get32(bytes + 4, swap);
    if (hdr_len < HEADER_BYTES || hdr_len > size)
        return fail(d, BPFLAB_E_RANGE, 4, "BTF header length out of range", 0);
    uint64_t room = size - hdr_len;
    uint64_t type_off = get32(bytes + 8, swap), type_len = get32(bytes + 12, swap);
    uint64_t str_off = get32(bytes + 16, swap), str_len = get32(bytes + 20, swap);
    if (type_off + type_len > room)
        return fail(d, BPFLAB_E_RANGE, 8, "BTF types reach past the end", 0);
    if (str_off + str_len > room)
        return fail(d, BPFLAB_E_RANGE, 16, "BTF strings reach past the end", 0);
    if (type_off % 4)
        return fail(d, BPFLAB_E_ALIGN, 8, "BTF types do not start at a multiple of 4", 0);
    if (type_len && str_len && type_off < str_off + str_len && str_off < type_off + type_len)
        return fail(d, BPFLAB_E_RANGE, 8, "BTF types and strings overlap", 0);
    out->type_off = (size_t)(hdr_len + type_off);
    out->type_len = (size_t)type_len;
    out->str_off = (size_t)(hdr_len + str_off);
    out->str_len = (size_t)str_len;
    return BPFLAB_OK;
}

static enum bpflab_err read_strings(struct btf *b, const uint8_t *bytes, const struct layout *l,
                                    struct diag *d) {
    const uint8_t *s = bytes + l->str_off;
    if (l->str_len == 0 && !b->base)
        return fail(d, BPFLAB_E_FORMAT, l->str_off, "BTF has no strings", 0);
    if (l->str_len && s[l->str_len - 1] != 0)
        return fail(d, BPFLAB_E_FORMAT, l->str_off + l->str_len - 1,
                    "the last BTF string is not terminated", 0);
    if (!b->base && s[0] != 0)
        return fail(d, BPFLAB_E_FORMAT, l->str_off, "the first BTF string is not empty", 0);
    b->first_string = b->base ? b->base->n_strings : 0;
    if (l->str_len > UINT32_MAX - b->first_string)
        return fail(d, BPFLAB_E_RANGE, l->str_off, "more BTF strings than offsets", 0);
    b->n_strings = b->first_string + (uint32_t)l->str_len;
    b->strings = malloc(l->str_len + 1);
    if (!b->strings)
        return fail(d, BPFLAB_E_NOMEM, 0, "out of memory", 0);
    memcpy(b->strings, s, l->str_len);
    return BPFLAB_OK;
}

/* members_of: entries that a record takes in the member array. */
static uint32_t members_of(uint32_t kind, uint32_t vlen) {
    return kind == BTF_ARRAY ? 1 : kinds[kind].member_bytes ? vlen : 0;
}

/* count: the first pass: how many types and members, every record inside the section. */
static enum bpflab_err count(struct btf *b, struct reader r) {
    uint64_t n_types = 0, n_members = 0;
    while (r.pos < r.end) {
        uint32_t id = (uint32_t)(b->first_id + n_types);
        if (r.end - r.pos < RECORD_BYTES)
            return fail(r.d, BPFLAB_E_TRUNCATED, r.pos, "record cut short", id);
        uint32_t info = get32(r.bytes + r.pos + 4, r.swap);
        uint32_t kind = info >> 24 & 0x1f, vlen = info & 0xffff;
        if (info & 0x60ff0000)
            return fail(r.d, BPFLAB_E_RESERVED, r.pos + 4, "reserved bits of info set", id);
        if (kind == BTF_VOID || kind >= N_BTF_KINDS)
            return fail(r.d, BPFLAB_E_UNSUPPORTED, r.pos + 4, "unknown kind", id);
        if (vlen && !kinds[kind].member_bytes && kind != BTF_FUNC)
            return fail(r.d, BPFLAB_E_FORMAT, r.pos + 4, "members in a kind without", id);
        size_t bytes =
            RECORD_BYTES + kinds[kind].fixed_bytes + (size_t)kinds[kind].member_bytes * vlen;
        if (r.end - r.pos < bytes)
            return fail(r.d, BPFLAB_E_TRUNCATED, r.pos, "members cut short", id);
        r.pos += bytes;
        n_types++;
        n_members += members_of(kind, vlen);
    }
    if (n_types > UINT32_MAX - b->first_id || n_members > UINT32_MAX)
        return fail(r.d, BPFLAB_E_RANGE, r.pos, "more BTF types than ids", 0);
    b->n_types = b->first_id + (uint32_t)n_types;
    b->n_members = (uint32_t)n_members;
    return BPFLAB_OK;
}

static bool name_ok(const struct btf *b, uint32_t off) {
    return off < b->n_strings || off == 0;
}

/* read_member: the i-th member at p of a type under way. out: what is wrong with it, or NULL. */
static const char *read_member(const struct btf *b, const struct btf_type *t, const uint8_t *p,
                               bool swap, struct btf_member *m) {
    uint32_t word[3] = {get32(p, swap), get32(p + 4, swap), 0};
    if (kinds[t->kind].member_bytes == 12)
        word[2] = get32(p + 8, swap);
    *m = (struct btf_member){.name_off = t->kind == BTF_DATASEC ? 0 : word[0]};
    if (!name_ok(b, m->name_off))
        return "a member's name lies outside the strings";
    switch (t->kind) {
    case BTF_ENUM: m->value = t->kflag ? (int64_t)(int32_t)word[1] : (int64_t)word[1]; return NULL;
    case BTF_ENUM64: m->value = (int64_t)((uint64_t)word[2] << 32 | word[1]); return NULL;
    case BTF_FUNC_PROTO: m->type = word[1]; break;
    case BTF_DATASEC:
        m->type = word[0];
        m->off_bits = word[1];
        m->size_bits = word[2];
        break;
    default: /* struct, union */
        m->type = word[1];
        m->off_bits = t->kflag ? word[2] & 0xffffff : word[2];
        m->size_bits = t->kflag ? word[2] >> 24 : 0;
        if (m->off_bits / 8 > t->size_or_type)
            return "a member starts behind the end";
        if (m->size_bits && (uint64_t)m->off_bits + m->size_bits > (uint64_t)t->size_or_type * 8)
            return "a bit-field reaches past the end";
    }
    return m->type < b->n_types ? NULL : "a member's type does not exist";
}

/* read_array: the one member that stands for an array. */
static const char *read_array(const struct btf *b, const uint8_t *p, bool swap,
                              struct btf_member *m) {
    uint32_t elem = get32(p, swap), index = get32(p + 4, swap);
    *m = (struct btf_member){.type = elem, .size_bits = index, .value = get32(p + 8, swap)};
    return elem < b->n_types && index < b->n_types
               ? NULL
               : "the array's element or index type does not exist";
}

static const char *check_int(const struct btf_type *t) {
    uint32_t bits = t->first & 0xff, off = t->first >> 16 & 0xff;
    return bits + off <= (uint64_t)t->size_or_type * 8 ? NULL : "more bits than bytes hold";
}

/* read_type: one record of the second pass. in: n_used: members so far. out: what is wrong, or
 * NULL. */
static const char *read_type(struct btf *b, struct reader *r, struct btf_type *t, uint32_t n_used) {
    const uint8_t *p = r->bytes + r->pos;
    uint32_t info = get32(p + 4, r->swap), vlen = info & 0xffff;
    t->name_off = get32(p, r->swap);
    t->kind = (uint8_t)(info >> 24 & 0x1f);
    t->kflag = info >> 31;
    t->n_members = (uint16_t)members_of(t->kind, vlen);
    t->size_or_type = get32(p + 8, r->swap);
    t->first = n_used;
    const struct kind_info *k = &kinds[t->kind];
    p += RECORD_BYTES;
    r->pos += RECORD_BYTES + k->fixed_bytes + (size_t)k->member_bytes * vlen;
    if (!name_ok(b, t->name_off))
        return "its name lies outside the strings";
    if (k->refers && t->size_or_type >= b->n_types)
        return "the type it refers to does not exist";
    if (t->kind == BTF_ARRAY)
        return read_array(b, p, r->swap, &b->members[n_used]);
    if (t->kind == BTF_FUNC)
        t->first = vlen;
    if (k->fixed_bytes)
        t->first = get32(p, r->swap);
    if (t->kind == BTF_INT)
        return check_int(t);
    for (uint32_t i = 0; i < t->n_members; i++, p += k->member_bytes) {
        const char *wrong = read_member(b, t, p, r->swap, &b->members[n_used + i]);
        if (wrong)
            return wrong;
    }
    return NULL;
}

/* is_long: an integer spelled (unsigned) long (int), whose size tells a pointer's. */
static bool is_long(const struct btf *b, const struct btf_type *t) {
    if (t->kind != BTF_INT || (t->size_or_type != 4 && t->size_or_type != 8))
        return false;
    static const char *const words[] = {"long", "int", "unsigned"};
    unsigned seen[3] = {0};
    const char *name = btf_string(b, t->name_off);
    while (*name) {
        size_t n = strcspn(name, " "), w = 0;
        while (w < 3 && (strlen(words[w]) != n || memcmp(name, words[w], n) != 0))
            w++;
        if (w == 3)
            return false;
        seen[w]++;
        name += n + (name[n] == ' ');
    }
    return seen[0] == 1 && seen[1] <= 1 && seen[2] <= 1;
}

/* convert: the second pass. */
static enum bpflab_err convert(struct btf *b, struct reader r) {
    uint32_t n_own = b->n_types - b->first_id, n_used = 0;
    b->types = malloc(((size_t)n_own + 1) * sizeof *b->types);
    b->members = malloc(((size_t)b->n_members + 1) * sizeof *b->members);
    if (!b->types || !b->members)
        return fail(r.d, BPFLAB_E_NOMEM, 0, "out of memory", 0);
    b->ptr_bytes = b->base ? b->base->ptr_bytes : 0;
    for (uint32_t i = 0; i < n_own; i++) {
        struct btf_type *t = &b->types[i];
        size_t at = r.pos;
        const char *wrong = read_type(b, &r, t, n_used);
        if (wrong)
            return fail(r.d, BPFLAB_E_RANGE, at, wrong, b->first_id + i);
        n_used += t->n_members;
        if (!b->ptr_bytes && is_long(b, t))
            b->ptr_bytes = t->size_or_type;
    }
    if (!b->ptr_bytes)
        b->ptr_bytes = 8;
    return BPFLAB_OK;
}

/* check_kinds: the third pass: a function has a prototype, a section holds variables and functions.
 */
static enum bpflab_err check_kinds(const struct btf *b, size_t type_off, struct diag *d) {
    for (uint32_t id = b->first_id; id < b->n_types; id++) {
        const struct btf_type *t = btf_type_at(b, id);
        if (t->kind == BTF_FUNC && btf_type_at(b, t->size_or_type)->kind != BTF_FUNC_PROTO)
            return fail(d, BPFLAB_E_TYPE, type_off, "a function without a prototype", id);
        if (t->kind != BTF_DATASEC)
            continue;
        const struct btf_member *m = btf_members(b, t);
        for (uint32_t i = 0; i < t->n_members; i++) {
            uint32_t kind = btf_type_at(b, m[i].type)->kind;
            if (kind != BTF_VAR && kind != BTF_FUNC)
                return fail(d, BPFLAB_E_TYPE, type_off, "a section holds no variable", id);
        }
    }
    return BPFLAB_OK;
}

/* struct tag_key: what DECL_TAGs are sorted by. */
struct tag_key {
    uint32_t type, component, id;
};

static int by_key(const void *a, const void *b) {
    const struct tag_key *x = a, *y = b;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    if (x->component != y->component)
        return x->component < y->component ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* list_tags: the last pass: the DECL_TAGs in order, so that those of a type are found. */
static enum bpflab_err list_tags(struct btf *b, struct diag *d) {
    uint32_t n = 0;
    for (uint32_t id = b->first_id; id < b->n_types; id++)
        n += b->types[id - b->first_id].kind == BTF_DECL_TAG;
    if (n == 0)
        return BPFLAB_OK;
    struct tag_key *keys = malloc(n * sizeof *keys);
    b->tags = malloc(n * sizeof *b->tags);
    if (!keys || !b->tags) {
        free(keys);
        return fail(d, BPFLAB_E_NOMEM, 0, "out of memory", 0);
    }
    for (uint32_t id = b->first_id; id < b->n_types; id++) {
        const struct btf_type *t = &b->types[id - b->first_id];
        if (t->kind == BTF_DECL_TAG)
            keys[b->n_tags++] = (struct tag_key){t->size_or_type, t->first, id};
    }
    qsort(keys, n, sizeof *keys, by_key);
    for (uint32_t i = 0; i < n; i++)
        b->tags[i] = keys[i].id;
    free(keys);
    return BPFLAB_OK;
}

enum bpflab_err btf_parse(const uint8_t *bytes, size_t size_bytes, const struct btf *base,
                          struct btf **out, struct diag *d) {
    struct layout l;
    enum bpflab_err err = read_header(bytes, size_bytes, &l, d);
    if (err)
        return err;
    struct btf *b = calloc(1, sizeof *b);
    if (!b)
        return fail(d, BPFLAB_E_NOMEM, 0, "out of memory", 0);
    b->base = base;
    b->first_id = base ? base->n_types : 1;
    b->big_endian = l.big_endian;
    struct reader r = {.bytes = bytes,
                       .pos = l.type_off,
                       .end = l.type_off + l.type_len,
                       .swap = l.big_endian != host_big_endian(),
                       .d = d};
    err = read_strings(b, bytes, &l, d);
    if (!err)
        err = count(b, r);
    if (!err)
        err = convert(b, r);
    if (!err)
        err = check_kinds(b, l.type_off, d);
    if (!err)
        err = list_tags(b, d);
    if (err) {
        btf_free(b);
        return err;
    }
    *out = b;
    return BPFLAB_OK;
}

void btf_free(struct btf *b) {
    if (!b)
        return;
    free(b->types);
    free(b->members);
    free(b->strings);
    free(b->tags);
    free(b);
}

uint32_t btf_n_types(const struct btf *b) {
    return b->n_types;
}

uint32_t btf_first_id(const struct btf *b) {
    return b->first_id;
}

bool btf_big_endian(const struct btf *b) {
    return b->big_endian;
}

uint32_t btf_ptr_bytes(const struct btf *b) {
    return b->ptr_bytes;
}

const char *btf_kind_name(uint32_t kind) {
    return kind < N_BTF_KINDS ? kinds[kind].name : "unknown";
}

const struct btf_type *btf_type_at(const struct btf *b, uint32_t id) {
    static const struct btf_type nothing = {.kind = BTF_VOID};
    if (id == 0)
        return &nothing;
    if (id >= b->n_types)
        return NULL;
    while (id < b->first_id)
        b = b->base;
    return &b->types[id - b->first_id];
}

const struct btf_member *btf_members(const struct btf *b, const struct btf_type *t) {
    if (!t->n_members)
        return NULL;
    while (b->base && ((uintptr_t)t < (uintptr_t)b->types ||
                       (uintptr_t)t >= (uintptr_t)(b->types + (b->n_types - b->first_id))))
        b = b->base;
    return &b->members[t->first];
}

const char *btf_string(const struct btf *b, uint32_t off) {
    if (off >= b->n_strings)
        return "";
    while (off < b->first_string)
        b = b->base;
    return &b->strings[off - b->first_string];
}

uint32_t btf_int_bits(const struct btf *b, const struct btf_type *t) {
    (void)b;
    return t->kind == BTF_INT ? t->first & 0xff : 0;
}

uint32_t btf_int_off(const struct btf *b, const struct btf_type *t) {
    (void)b;
    return t->kind == BTF_INT ? t->first >> 16 & 0xff : 0;
}

uint32_t btf_int_encoding(const struct btf *b, const struct btf_type *t) {
    (void)b;
    return t->kind == BTF_INT ? t->first >> 24 & 0xf : 0;
}

uint32_t btf_extra(const struct btf *b, const struct btf_type *t) {
    (void)b;
    bool has = t->kind == BTF_VAR || t->kind == BTF_FUNC || t->kind == BTF_DECL_TAG;
    return has ? t->first : 0;
}

/* own_tag: the first of b's own DECL_TAGs from key.id on that has the key's type and component. */
static uint32_t own_tag(const struct btf *b, struct tag_key key) {
    uint32_t lo = 0, hi = b->n_tags;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        const struct btf_type *t = &b->types[b->tags[mid] - b->first_id];
        const struct tag_key at = {t->size_or_type, t->first, b->tags[mid]};
        if (by_key(&at, &key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    const struct btf_type *t = lo < b->n_tags ? &b->types[b->tags[lo] - b->first_id] : NULL;
    return t && t->size_or_type == key.type && t->first == key.component ? b->tags[lo] : 0;
}

uint32_t btf_tag(const struct btf *b, uint32_t type, int32_t component, uint32_t after) {
    if (after == UINT32_MAX)
        return 0;
    const struct tag_key key = {type, (uint32_t)component, after + 1};
    uint32_t id = b->base ? btf_tag(b->base, type, component, after) : 0;
    return id ? id : own_tag(b, key);
}

uint32_t btf_strip(const struct btf *b, uint32_t id) {
    for (int i = 0; i <= MAX_CHAIN; i++) {
        const struct btf_type *t = btf_type_at(b, id);
        if (!t)
            return 0;
        switch (t->kind) {
        case BTF_TYPEDEF:
        case BTF_VOLATILE:
        case BTF_CONST:
        case BTF_RESTRICT:
        case BTF_TYPE_TAG: id = t->size_or_type; break;
        default: return id;
        }
    }
    return 0;
}

/* own_size: bytes of a type that is no array and refers to no other; -1 if it has none. */
static int64_t own_size(const struct btf *b, const struct btf_type *t) {
    switch (t->kind) {
    case BTF_INT:
    case BTF_STRUCT:
    case BTF_UNION:
    case BTF_ENUM:
    case BTF_ENUM64:
    case BTF_DATASEC:
    case BTF_FLOAT: return t->size_or_type;
    case BTF_PTR: return b->ptr_bytes;
    default: return -1;
    }
}

int64_t btf_size(const struct btf *b, uint32_t id) {
    uint64_t n = 1; /* elements so far, below 2^32 */
    for (int i = 0; i <= MAX_CHAIN; i++) {
        id = btf_strip(b, id);
        const struct btf_type *t = btf_type_at(b, id);
        if (t->kind == BTF_VAR || t->kind == BTF_DECL_TAG) {
            id = t->size_or_type;
        } else if (t->kind == BTF_ARRAY) {
            const struct btf_member *m = btf_members(b, t);
            n *= (uint64_t)m->value;
            id = m->type;
        } else {
            int64_t size = own_size(b, t);
            n = size < 0 ? UINT64_MAX : n * (uint64_t)size;
            return n > UINT32_MAX ? -1 : (int64_t)n;
        }
        if (n > UINT32_MAX)
            return -1;
    }
    return -1;
}

uint32_t btf_find(const struct btf *b, enum btf_kind kind, const char *name, uint32_t from) {
    for (uint32_t id = from; id < b->n_types; id++) {
        const struct btf_type *t = btf_type_at(b, id);
        if (t->kind == kind && strcmp(btf_string(b, t->name_off), name) == 0)
            return id;
    }
    return 0;
}
