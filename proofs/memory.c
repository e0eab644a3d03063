/* memory.c: objects of bytes, each a part of the value that was stored there.
 *
 * Loading what was stored gives the same term back; other loads put bytes together. A byte that was
 * never stored is poison when loaded; where one of two paths that are merged stored it, it is
 * poison on the other one alone. The bits above a number that does not fill its bytes are
 * unspecified: it is loaded as it was stored, or not at all.
 * There are no symbolic addresses inside an object: an access whose offset does not fold to a
 * constant is an error. Every access is checked to lie inside a live object.
 */
#include <string.h>

#include "proofs/exec_impl.h"

#include <llvm-c/Target.h>

enum {
    MAX_OBJECT = 1 << 24 /* bytes */
};

/* index_of: where an object is, or would be. */
static uint32_t index_of(const struct state *s, uint32_t number) {
    uint32_t low = 0, high = s->n_objects;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (s->objects[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct object *memory_object(const struct state *s, uint32_t number) {
    const uint32_t i = index_of(s, number);
    return i < s->n_objects && s->objects[i].number == number ? s->objects[i].object : NULL;
}

uint32_t memory_new(struct exec *x, struct state *s, uint64_t size, uint32_t align) {
    const uint32_t number = x->next_object++;
    if (size > MAX_OBJECT) {
        exec_fail(x, NULL, "an object that is too large");
        size = 0;
    }
    if (s->n_objects == s->cap_objects) {
        const uint32_t cap = s->cap_objects + 64;
        struct held *const bigger = exec_alloc(x, cap * sizeof *bigger);
        if (s->n_objects > 0)
            memcpy(bigger, s->objects, s->n_objects * sizeof *bigger);
        s->objects = bigger;
        s->cap_objects = cap;
    }
    struct object *const o = exec_alloc(x, sizeof *o + size * sizeof o->bytes[0]);
    o->owner = s->id;
    o->size = (uint32_t)size;
    o->align = align ? align : 1;
    s->objects[s->n_objects++] = (struct held){number, o}; /* the largest number yet */
    return number;
}

/* mine: the contents of the i-th object, this state's own. */
static struct object *mine(struct exec *x, struct state *s, uint32_t i) {
    struct object *const o = s->objects[i].object;
    if (o->owner == s->id)
        return o;
    const size_t bytes = sizeof *o + o->size * sizeof o->bytes[0];
    struct object *const copy = exec_alloc(x, bytes);
    memcpy(copy, o, bytes);
    copy->owner = s->id;
    s->objects[i].object = copy;
    return copy;
}

static struct object *writable(struct exec *x, struct state *s, uint32_t number) {
    return mine(x, s, index_of(s, number));
}

void memory_end(struct state *s, uint32_t object) {
    const uint32_t i = index_of(s, object);
    if (i >= s->n_objects || s->objects[i].number != object)
        return;
    memmove(&s->objects[i], &s->objects[i + 1], (s->n_objects - i - 1) * sizeof s->objects[0]);
    s->n_objects--;
}

void memory_life(struct exec *x, struct state *s, uint32_t object, bool alive) {
    if (!memory_object(s, object))
        return;
    struct object *const o = writable(x, s, object);
    memset(o->bytes, 0, o->size * sizeof o->bytes[0]);
    o->dead = !alive;
}

/* ---- bytes and values ---- */

static unsigned bytes_of_value(const struct value *v) {
    return v->kind == VALUE_PTR ? 8 : (v->v->width + 7u) / 8;
}

/* has_bytes: is a value an integer of whole bytes, that can be taken apart? */
static bool has_bytes(const struct value *v) {
    return v->kind == VALUE_INT && v->v->width % 8 == 0;
}

/* bytes_term: n bytes of an integer. */
static term *bytes_term(struct exec *x, const struct byte *b, unsigned n) {
    return term_extract(x->t, 8 * b->index, 8 * n, b->from->v);
}

/* whole: the value that n bytes hold as it was stored; NULL if they are not one whole value. */
static const struct value *whole(const struct byte *b, unsigned n) {
    if (!b[0].from || b[0].from->kind == VALUE_AGG || bytes_of_value(b[0].from) != n)
        return NULL;
    for (unsigned i = 0; i < n; i++)
        if (b[i].from != b[0].from || b[i].index != i)
            return NULL;
    return b[0].from;
}

/* is_empty: n bytes that were never stored. */
static bool is_empty(const struct byte *b, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        if (b[i].from)
            return false;
    return true;
}

/* gather: an integer from n bytes. Runs of one value stay together. */
static const struct value *gather(struct exec *x, const struct byte *b, unsigned n,
                                  LLVMValueRef where) {
    term *v = NULL, *poison = NULL;
    for (unsigned i = 0; i < n;) {
        unsigned run = 1;
        if (!b[i].from) {
            poison = term_bool(x->t, true);
            v = v ? term_concat(x->t, term_const(x->t, 8, 0), v) : term_const(x->t, 8, 0);
            i++;
            continue;
        }
        if (!has_bytes(b[i].from)) {
            exec_fail(x, where,
                      b[i].from->kind == VALUE_INT ? "bytes that a stored number does not fill"
                                                   : "part of a pointer as a number");
            return NULL;
        }
        while (i + run < n && b[i + run].from == b[i].from && b[i + run].index == b[i].index + run)
            run++;
        term *const part = bytes_term(x, &b[i], run);
        v = v ? term_concat(x->t, part, v) : part;
        poison = poison_or(x, poison, b[i].from->poison);
        i += run;
    }
    return value_int(x, v, poison);
}

static void scatter(struct object *o, uint64_t at, const struct value *v) {
    const unsigned n = bytes_of_value(v);
    for (unsigned i = 0; i < n; i++)
        o->bytes[at + i] = v->raw ? v->raw[i] : (struct byte){v, i};
}

/* with_poison_of: n bytes, of which those that were stored are poison where one of them is: as a
 * value that is loaded from them is poison as a whole. Those that were never stored stay so. */
static void with_poison_of(struct exec *x, struct byte *b, unsigned n) {
    term *poison = NULL;
    for (unsigned i = 0; i < n; i++)
        if (b[i].from)
            poison = poison_or(x, poison, b[i].from->poison);
    for (unsigned i = 0; poison && i < n; i++) {
        const struct value *const was = b[i].from;
        if (!was || was->poison == poison)
            continue;
        const struct value *const now = value_int(x, was->v, poison);
        for (unsigned k = i; k < n; k++)
            if (b[k].from == was)
                b[k].from = now;
    }
}

/* with_raw: v, gathered from n bytes; those are remembered if some were never stored. */
static const struct value *with_raw(struct exec *x, const struct value *v, const struct byte *b,
                                    unsigned n) {
    bool all = true;
    for (unsigned i = 0; i < n; i++)
        all &= b[i].from != NULL;
    if (all)
        return v;
    struct byte *const raw = exec_alloc(x, n * sizeof *raw);
    struct value *const r = exec_alloc(x, sizeof *r);
    memcpy(raw, b, n * sizeof *raw);
    with_poison_of(x, raw, n);
    *r = *v;
    r->raw = raw;
    return r;
}

/* ---- accesses ---- */

static const struct object *object_at(const struct state *s, uint32_t n) {
    const struct object *const o = n != 0 ? memory_object(s, n) : NULL;
    return o && !o->dead ? o : NULL;
}

/* place: where an access of n bytes through one target goes. out: false: it cannot be done */
static bool place(struct exec *x, struct state *s, const struct target *to, term *when,
                  uint64_t n_bytes, LLVMValueRef where, uint64_t *at) {
    if (!object_at(s, to->object)) {
        exec_ub(x, s, when, where, "an access to memory that is not there");
        return false;
    }
    if (!term_is_const(to->off)) {
        exec_fail(x, where, "an address that is not constant within its object");
        return false;
    }
    *at = term_u64(to->off);
    const uint64_t size = memory_object(s, to->object)->size;
    if (*at > size || n_bytes > size - *at) {
        exec_ub(x, s, when, where, "an access outside its object");
        return false;
    }
    return true;
}

term *memory_lacks(struct exec *x, const struct state *s, const struct value *p, uint64_t n) {
    struct terms *const t = x->t;
    term *r = NULL;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct target *const to = &p->targets[i];
        const struct object *const o = object_at(s, to->object);
        term *lacks = term_bool(t, true);
        if (o && n <= o->size)
            lacks = term_ult(t, term_const(t, 64, o->size - n), to->off);
        r = poison_or(x, r, poison_if(x, term_and(t, to->when, lacks)));
    }
    return r;
}

/* Null's address 0 has every alignment; an object's place has what its own and the offset say. */
term *memory_crooked(struct exec *x, const struct state *s, const struct value *p, uint32_t align) {
    struct terms *const t = x->t;
    term *r = NULL;
    for (uint32_t i = 0; i < p->n && align > 1; i++) {
        const struct target *const to = &p->targets[i];
        const struct object *const o = memory_object(s, to->object);
        term *const rest = term_and(t, to->off, term_const(t, 64, align - 1));
        term *const crooked =
            o && o->align < align ? term_bool(t, true) : term_ne(t, rest, term_const(t, 64, 0));
        r = poison_or(x, r, poison_if(x, term_and(t, to->when, crooked)));
    }
    return r;
}

static void check_pointer(struct exec *x, struct state *s, const struct value *p, uint32_t align,
                          LLVMValueRef where) {
    if (p->poison)
        exec_ub(x, s, p->poison, where, "an access through a poisoned pointer");
    term *const crooked = memory_crooked(x, s, p, align);
    if (crooked)
        exec_ub(x, s, crooked, where, "an access that is not aligned");
}

/* alignment: that a load or store states. */
static uint32_t alignment(LLVMValueRef where) {
    return LLVMIsALoadInst(where) || LLVMIsAStoreInst(where) ? LLVMGetAlignment(where) : 1;
}

/* load_at: a value of the type from an object's bytes. */
static const struct value *load_at(struct exec *x, const struct object *o, uint64_t at,
                                   LLVMTypeRef type, LLVMValueRef where) {
    const LLVMTypeKind kind = LLVMGetTypeKind(type);
    if (kind == LLVMStructTypeKind || kind == LLVMArrayTypeKind) {
        const bool is_struct = kind == LLVMStructTypeKind;
        const uint32_t n =
            is_struct ? LLVMCountStructElementTypes(type) : (uint32_t)LLVMGetArrayLength2(type);
        const struct value **const parts = exec_alloc(x, (n + 1) * sizeof *parts);
        for (uint32_t i = 0; i < n && !x->failed; i++) {
            const LLVMTypeRef part =
                is_struct ? LLVMStructGetTypeAtIndex(type, i) : LLVMGetElementType(type);
            const uint64_t off =
                is_struct ? LLVMOffsetOfElement(x->layout, type, i) : i * type_bytes(x, part);
            parts[i] = load_at(x, o, at + off, part, where);
        }
        return x->failed ? NULL : value_agg(x, parts, n);
    }
    if (kind != LLVMIntegerTypeKind && kind != LLVMPointerTypeKind) {
        exec_fail(x, where, "a load of a type that is not understood");
        return NULL;
    }
    const unsigned bits = type_bits(type), n = (bits + 7) / 8;
    const struct value *v = whole(&o->bytes[at], n);
    if (kind == LLVMPointerTypeKind) {
        if (!o->bytes[at].from)
            return value_poison(x, type);
        if (!v || v->kind != VALUE_PTR) {
            exec_fail(x, where, "a pointer made of numbers");
            return NULL;
        }
        return v;
    }
    if (v && v->kind == VALUE_INT && v->v->width == bits)
        return v;
    if (bits % 8 != 0) {
        if (is_empty(&o->bytes[at], n))
            return value_poison(x, type);
        exec_fail(x, where, "a load of bits that were not stored as such");
        return NULL;
    }
    v = gather(x, &o->bytes[at], n, where);
    return v ? with_raw(x, v, &o->bytes[at], n) : NULL;
}

const struct value *memory_load(struct exec *x, struct state *s, const struct value *p,
                                LLVMTypeRef type, LLVMValueRef where) {
    const struct value *r = NULL;
    check_pointer(x, s, p, alignment(where), where);
    for (uint32_t i = 0; i < p->n && !x->failed; i++) {
        uint64_t at;
        if (!place(x, s, &p->targets[i], p->targets[i].when, LLVMStoreSizeOfType(x->layout, type),
                   where, &at))
            continue;
        const struct value *const v =
            load_at(x, memory_object(s, p->targets[i].object), at, type, where);
        if (v)
            r = r ? value_choose(x, p->targets[i].when, v, r) : v;
    }
    return x->failed ? NULL : r ? r : value_poison(x, type);
}

static void store_parts(struct exec *x, struct object *o, uint64_t at, const struct value *v,
                        LLVMTypeRef type, LLVMValueRef where) {
    if (v->kind != VALUE_AGG) {
        scatter(o, at, v);
        return;
    }
    const bool is_struct = LLVMGetTypeKind(type) == LLVMStructTypeKind;
    /* padding is not kept */
    memset(&o->bytes[at], 0, LLVMStoreSizeOfType(x->layout, type) * sizeof o->bytes[0]);
    for (uint32_t i = 0; i < v->n; i++) {
        const LLVMTypeRef part =
            is_struct ? LLVMStructGetTypeAtIndex(type, i) : LLVMGetElementType(type);
        const uint64_t off =
            is_struct ? LLVMOffsetOfElement(x->layout, type, i) : i * type_bytes(x, part);
        store_parts(x, o, at + off, v->parts[i], part, where);
    }
}

/* poisoned: v where c holds, else poison: as good as nothing was stored. */
static const struct value *poisoned(struct exec *x, term *c, const struct value *v) {
    term *const yes = term_bool(x->t, true);
    const struct value *const none =
        v->kind == VALUE_INT ? value_int(x, v->v, yes) : value_ptr_of(x, v->targets, v->n, yes);
    return value_choose(x, c, v, none);
}

/* one_side: a whole value on one side alone. out: its bytes, 0 if it is not so; in *v the choice */
static unsigned one_side(struct exec *x, term *c, const struct byte *a, const struct byte *b,
                         uint64_t left, const struct value **v) {
    const struct byte *const of = a->from ? a : b, *const none = a->from ? b : a;
    const unsigned n = of->from && of->index == 0 ? bytes_of_value(of->from) : 0;
    if (n == 0 || n > left || !whole(of, n) || !is_empty(none, n))
        return 0;
    *v = poisoned(x, of == a ? c : term_not(x->t, c), of->from);
    return n;
}

/* choose_bytes: into a, from at on, n bytes: a's where c holds, else b's. */
static void choose_bytes(struct exec *x, term *c, struct byte *a, const struct byte *b,
                         uint64_t n) {
    for (uint64_t i = 0; i < n;) {
        if (a[i].from == b[i].from && a[i].index == b[i].index) {
            i++;
            continue;
        }
        const unsigned wa = a[i].from && a[i].index == 0 ? bytes_of_value(a[i].from) : 0;
        const unsigned wb = b[i].from && b[i].index == 0 ? bytes_of_value(b[i].from) : 0;
        if (wa != 0 && wa == wb && i + wa <= n && whole(&a[i], wa) && whole(&b[i], wb) &&
            a[i].from->kind == b[i].from->kind &&
            (a[i].from->kind == VALUE_PTR || a[i].from->v->width == b[i].from->v->width)) {
            const struct value *const v = value_choose(x, c, a[i].from, b[i].from);
            for (unsigned k = 0; k < wa; k++)
                a[i + k] = (struct byte){v, k};
            i += wa;
            continue;
        }
        const struct value *chosen;
        const unsigned n_chosen = one_side(x, c, &a[i], &b[i], n - i, &chosen);
        if (n_chosen != 0) {
            for (unsigned k = 0; k < n_chosen; k++)
                a[i + k] = (struct byte){chosen, k};
            i += n_chosen;
            continue;
        }
        if ((a[i].from && !has_bytes(a[i].from)) || (b[i].from && !has_bytes(b[i].from))) {
            a[i] = (struct byte){0}; /* a pointer or something else: neither can be used */
            i++;
            continue;
        }
        const struct value *const none =
            value_int(x, term_const(x->t, 8, 0), term_bool(x->t, true));
        const struct value *const va =
            a[i].from ? value_int(x, bytes_term(x, &a[i], 1), a[i].from->poison) : none;
        const struct value *const vb =
            b[i].from ? value_int(x, bytes_term(x, &b[i], 1), b[i].from->poison) : none;
        a[i] = (struct byte){value_choose(x, c, va, vb), 0};
        i++;
    }
}

void memory_store(struct exec *x, struct state *s, const struct value *p, const struct value *v,
                  LLVMTypeRef type, LLVMValueRef where) {
    const uint64_t n = LLVMStoreSizeOfType(x->layout, type);
    check_pointer(x, s, p, alignment(where), where);
    for (uint32_t i = 0; i < p->n && !x->failed; i++) {
        const struct target *const to = &p->targets[i];
        uint64_t at;
        if (!place(x, s, to, to->when, n, where, &at))
            continue;
        struct object *const o = writable(x, s, to->object);
        if (o->constant)
            exec_ub(x, s, to->when, where, "a store to a constant");
        if (p->n == 1) {
            store_parts(x, o, at, v, type, where);
            continue;
        }
        struct object *const tmp = exec_alloc(x, sizeof *tmp + n * sizeof tmp->bytes[0]);
        store_parts(x, tmp, 0, v, type, where);
        choose_bytes(x, to->when, tmp->bytes, &o->bytes[at], n);
        memcpy(&o->bytes[at], tmp->bytes, n * sizeof tmp->bytes[0]);
    }
}

/* put_bytes: n bytes to wherever p points. */
static void put_bytes(struct exec *x, struct state *s, const struct value *p,
                      const struct byte *bytes, uint64_t n, LLVMValueRef where) {
    check_pointer(x, s, p, 1, where);
    for (uint32_t i = 0; i < p->n && !x->failed; i++) {
        const struct target *const to = &p->targets[i];
        uint64_t at;
        if (!place(x, s, to, to->when, n, where, &at))
            continue;
        struct object *const o = writable(x, s, to->object);
        if (o->constant)
            exec_ub(x, s, to->when, where, "a store to a constant");
        struct byte *const now = exec_alloc(x, (n + 1) * sizeof *now);
        memcpy(now, bytes, n * sizeof *now);
        if (p->n > 1)
            choose_bytes(x, to->when, now, &o->bytes[at], n);
        memcpy(&o->bytes[at], now, n * sizeof *now);
    }
}

/* check_apart: n bytes at to and at from are the same, or none of the one is one of the other. */
static void check_apart(struct exec *x, struct state *s, const struct value *to,
                        const struct value *from, uint64_t n, LLVMValueRef where) {
    struct terms *const t = x->t;
    for (uint32_t i = 0; i < to->n; i++)
        for (uint32_t k = 0; k < from->n; k++) {
            const struct target *const a = &to->targets[i], *const b = &from->targets[k];
            if (a->object != b->object || a->object == 0)
                continue;
            term *const size = term_const(t, 64, n);
            term *const up = term_sub(t, a->off, b->off), *const down = term_neg(t, up);
            term *const meet = term_or(t, term_ult(t, up, size), term_ult(t, down, size));
            term *const both = term_and(t, a->when, b->when);
            exec_ub(x, s, term_and(t, both, term_and(t, meet, term_ne(t, a->off, b->off))), where,
                    "a copy onto a part of itself");
        }
}

void memory_copy(struct exec *x, struct state *s, const struct value *to, const struct value *from,
                 uint64_t n, bool overlap, LLVMValueRef where) {
    struct byte *const bytes = exec_alloc(x, (n + 1) * sizeof *bytes);
    bool first = true;
    check_pointer(x, s, from, 1, where);
    if (!overlap)
        check_apart(x, s, to, from, n, where);
    for (uint32_t i = 0; i < from->n && !x->failed; i++) {
        const struct target *const f = &from->targets[i];
        uint64_t at;
        if (!place(x, s, f, f->when, n, where, &at))
            continue;
        struct byte *const these = exec_alloc(x, (n + 1) * sizeof *these);
        memcpy(these, &memory_object(s, f->object)->bytes[at], n * sizeof *these);
        if (!first)
            choose_bytes(x, f->when, these, bytes, n);
        memcpy(bytes, these, n * sizeof *these);
        first = false;
    }
    put_bytes(x, s, to, bytes, n, where);
}

void memory_fill(struct exec *x, struct state *s, const struct value *to, const struct value *byte,
                 uint64_t n, LLVMValueRef where) {
    struct byte *const bytes = exec_alloc(x, (n + 1) * sizeof *bytes);
    for (uint64_t i = 0; i < n; i++)
        bytes[i] = (struct byte){byte, 0};
    put_bytes(x, s, to, bytes, n, where);
}

void memory_init(struct exec *x, struct state *s, uint32_t object, uint64_t at, LLVMValueRef c) {
    const struct value *const v = value_constant(x, c);
    if (v)
        store_parts(x, writable(x, s, object), at, v, LLVMTypeOf(c), c);
}

/* ---- merging ---- */

void memory_choose(struct exec *x, term *c, struct state *a, const struct state *b) {
    uint32_t kept = 0, k = 0;
    for (uint32_t i = 0; i < a->n_objects && !x->failed; i++) {
        while (k < b->n_objects && b->objects[k].number < a->objects[i].number)
            k++;
        if (k == b->n_objects || b->objects[k].number != a->objects[i].number)
            continue; /* of an activation that only one path is in */
        const struct object *const other = b->objects[k].object;
        a->objects[kept] = a->objects[i];
        if (a->objects[kept].object != other) {
            struct object *const o = mine(x, a, kept);
            o->dead |= other->dead;
            if (o->dead)
                memset(o->bytes, 0, o->size * sizeof o->bytes[0]);
            else
                choose_bytes(x, c, o->bytes, other->bytes, o->size);
        }
        kept++;
    }
    a->n_objects = x->failed ? a->n_objects : kept;
}
