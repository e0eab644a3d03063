/* state_text.c: registers and stack as Linux's verifier logs them.
 *
 * Small numbers are decimal, others hexadecimal; bounds that say nothing are left out, and bounds
 * of the same value share it: "smin=umin=1,smax=umax=8".
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "isa/btf.h"
#include "isa/prog.h"
#include "verifier/state.h"

struct text {
    char *buf;
    size_t size, n;
    const struct text_names *names; /* or NULL */
    const char *sep;                /* before the next attribute in brackets */
};

static void put(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct text *t, const char *fmt, ...) {
    if (t->n + 1 >= t->size)
        return;
    va_list ap;
    va_start(ap, fmt);
    const int n = vsnprintf(t->buf + t->n, t->size - t->n, fmt, ap);
    va_end(ap);
    if (n > 0)
        t->n = t->n + (size_t)n < t->size ? t->n + (size_t)n : t->size - 1;
}

/* The name of an attribute, which its value follows. */
static void attr(struct text *t, const char *name) {
    put(t, "%s%s", t->sep, name);
    t->sep = ",";
}

static void put_unsigned(struct text *t, uint64_t x) {
    put(t, x <= UINT16_MAX ? "%" PRIu64 : "%#" PRIx64, x);
}

static void put_signed(struct text *t, int64_t x) {
    if (x >= INT16_MIN && x <= INT16_MAX)
        put(t, "%" PRId64, x);
    else
        put(t, "%#" PRIx64, (uint64_t)x);
}

/* ---- names ---- */

static const char *const kind_names[N_REG_KINDS] = {
    [REG_UNINIT] = "?",
    [REG_SCALAR] = "scalar",
    [REG_CTX] = "ctx",
    [REG_STACK] = "fp",
    [REG_PACKET] = "pkt",
    [REG_PACKET_META] = "pkt_meta",
    [REG_PACKET_END] = "pkt_end",
    [REG_MAP] = "map_ptr",
    [REG_MAP_VALUE] = "map_value",
    [REG_MAP_KEY] = "map_key",
    [REG_MEM] = "mem",
    [REG_BUF] = "buf",
    [REG_TP_BUFFER] = "tp_buffer",
    [REG_FLOW_KEYS] = "flow_keys",
    [REG_SOCK_COMMON] = "sock_common",
    [REG_SOCK] = "sock",
    [REG_TCP_SOCK] = "tcp_sock",
    [REG_XDP_SOCK] = "xdp_sock",
    [REG_BTF] = "ptr_",
    [REG_FUNC] = "func",
    [REG_DYNPTR] = "dynptr_ptr",
    [REG_ARENA] = "arena",
};

static const struct {
    enum reg_flag flag;
    const char *word;
} flag_words[] = {
    {REG_F_RDONLY, "rdonly_"},   {REG_F_RINGBUF, "ringbuf_"}, {REG_F_USER, "user_"},
    {REG_F_PERCPU, "percpu_"},   {REG_F_RCU, "rcu_"},         {REG_F_UNTRUSTED, "untrusted_"},
    {REG_F_TRUSTED, "trusted_"},
};

const char *reg_kind_name(const struct reg *r, char buf[64]) {
    struct text t = {.buf = buf, .size = 64};
    buf[0] = '\0';
    for (size_t i = 0; i < sizeof flag_words / sizeof *flag_words; i++)
        if (r->flags & flag_words[i].flag)
            put(&t, "%s", flag_words[i].word);
    put(&t, "%s", kind_names[r->kind]);
    if (reg_maybe_null(r))
        put(&t, "%s", r->kind == REG_BTF ? "or_null_" : "_or_null");
    return buf;
}

static const char *dynptr_name(uint32_t kind) {
    switch ((enum dynptr_kind)kind) {
    case DYNPTR_LOCAL: return "local";
    case DYNPTR_RINGBUF: return "ringbuf";
    case DYNPTR_SKB: return "skb";
    case DYNPTR_XDP: return "xdp";
    case DYNPTR_NONE: break;
    }
    return "<invalid>";
}

static void put_type(struct text *t, uint32_t btf_id, bool own, const char *without) {
    const struct btf *btf = !t->names ? NULL : own ? t->names->own_btf : t->names->kernel_btf;
    const struct btf_type *type = btf ? btf_type_at(btf, btf_id) : NULL;
    if (!type) {
        put(t, "#%u", btf_id);
        return;
    }
    const char *name = btf_string(btf, type->name_off);
    const size_t n = strlen(without);
    put(t, "%s", strncmp(name, without, n) ? name : name + n);
}

static void put_map(struct text *t, uint32_t map) {
    attr(t, "map=");
    if (!t->names || map >= t->names->n_maps) {
        put(t, "#%u", map);
        return;
    }
    const struct map_def *def = &t->names->maps[map];
    put(t, "%s,ks=%u,vs=%u", def->name ? def->name : "", def->key_size, def->value_size);
}

/* ---- values ---- */

struct bound {
    const char *name;
    uint64_t value;
    bool omit;
};

static bool is_negative(const struct bound *b) {
    return b->name[0] == 's' && (int64_t)b->value < 0;
}

/* Half words print like words where they are small, and as 32 bits in hexadecimal. */
static uint64_t signed_half(int32_t x) {
    return x >= INT16_MIN && x <= INT16_MAX ? (uint64_t)(int64_t)x : (uint32_t)x;
}

enum {
    N_BOUNDS = 8
};

static void put_bounds(struct text *t, const struct scalar *v) {
    struct bound b[N_BOUNDS] = {
        {"smin", (uint64_t)v->s.min, v->s.min == INT64_MIN},
        {"smax", (uint64_t)v->s.max, v->s.max == INT64_MAX},
        {"umin", v->u.min, v->u.min == 0},
        {"umax", v->u.max, v->u.max == UINT64_MAX},
        {"smin32", signed_half(v->s32.min), v->s32.min == INT32_MIN},
        {"smax32", signed_half(v->s32.max), v->s32.max == INT32_MAX},
        {"umin32", v->u32.min, v->u32.min == 0},
        {"umax32", v->u32.max, v->u32.max == UINT32_MAX},
    };
    for (uint32_t i = 0; i < N_BOUNDS; i++) {
        if (b[i].omit)
            continue;
        attr(t, b[i].name);
        put(t, "=");
        for (uint32_t k = i + 2; k < N_BOUNDS; k += 2) {
            if (b[k].omit || b[k].value != b[i].value || is_negative(&b[k]) != is_negative(&b[i]))
                continue;
            b[k].omit = true;
            put(t, "%s=", b[k].name);
        }
        if (b[i].name[0] == 's')
            put_signed(t, (int64_t)b[i].value);
        else
            put_unsigned(t, b[i].value);
    }
}

static void put_value(struct text *t, const struct scalar *v) {
    if (tnum_is_const(v->bits)) {
        if (v->bits.value) {
            attr(t, "imm=");
            put_signed(t, (int64_t)v->bits.value);
        }
        return;
    }
    put_bounds(t, v);
    if (v->bits.mask != UINT64_MAX) {
        attr(t, "var_off=");
        put(t, "(0x%" PRIx64 "; 0x%" PRIx64 ")", v->bits.value, v->bits.mask);
    }
}

/* ---- registers ---- */

static void put_ids(struct text *t, const struct reg *r) {
    if (r->id) {
        attr(t, "id=");
        put(t, "%u", r->id);
        if (r->kind == REG_SCALAR && r->has_delta)
            put(t, "%+d", r->off);
    }
    if (r->ref) {
        attr(t, "ref_obj_id=");
        put(t, "%u", r->ref);
    }
    if (r->flags & REG_F_NON_OWN)
        attr(t, "non_own_ref");
}

static void put_object(struct text *t, const struct reg *r) {
    if (r->kind == REG_MAP || r->kind == REG_MAP_KEY || r->kind == REG_MAP_VALUE)
        put_map(t, r->map);
    if (r->kind != REG_SCALAR && r->off) {
        attr(t, "off=");
        put_signed(t, r->off);
    }
    if (reg_is_packet(r)) {
        attr(t, "r=");
        put_signed(t, r->range);
    }
    if (r->kind == REG_MEM) {
        attr(t, "sz=");
        put_unsigned(t, r->mem_bytes);
    }
    if (r->kind == REG_DYNPTR) {
        attr(t, "type=");
        put(t, "%s", dynptr_name(r->dynptr));
    }
}

/* frame: the one that it stands in; pointers to the stack of another say which. */
static void put_reg(struct text *t, const struct reg *r, uint32_t frame) {
    char name[64];
    if (r->kind == REG_SCALAR && r->precise)
        put(t, "P");
    if (reg_is_const(r)) {
        put_signed(t, (int64_t)r->v.bits.value);
        return;
    }
    put(t, "%s", reg_kind_name(r, name));
    if (r->kind == REG_ARENA || r->kind == REG_UNINIT)
        return;
    if (r->kind == REG_STACK) {
        if (r->frame != frame)
            put(t, "[%u]", r->frame);
        if (tnum_is_const(r->v.bits)) {
            put_signed(t, (int64_t)(r->v.bits.value + (uint64_t)r->off));
            return;
        }
    }
    if (r->kind == REG_BTF)
        put_type(t, r->btf_id, (r->flags & REG_F_OWN_BTF) != 0, "");
    put(t, "(");
    t->sep = "";
    put_ids(t, r);
    put_object(t, r);
    put_value(t, &r->v);
    put(t, ")");
}

size_t reg_print(const struct reg *r, char *buf, size_t size) {
    struct text t = {.buf = buf, .size = size};
    if (size)
        buf[0] = '\0';
    put_reg(&t, r, r->kind == REG_STACK ? r->frame : 0);
    return t.n;
}

/* ---- stack ---- */

static void put_place(struct text *t, uint32_t slot) {
    put(t, "%sfp-%u=", t->n ? " " : "", (slot + 1) * SLOT_BYTES);
}

/* The highest address first. Of a register in part, only what is above it. */
static void put_bytes(struct text *t, const struct slot *s) {
    static const char letters[N_SLOT_BYTES] = {
        [SLOT_INVALID] = '?', [SLOT_SPILL] = 'r', [SLOT_MISC] = 'm', [SLOT_ZERO] = '0',
        [SLOT_DYNPTR] = 'd',  [SLOT_ITER] = 'i',  [SLOT_IRQ] = 'f',
    };
    for (uint32_t i = SLOT_BYTES; i-- > 0;) {
        if (slot_is_spill(s) && s->byte[i] == SLOT_SPILL)
            break;
        put(t, "%c", letters[s->byte[i]]);
    }
}

static void put_dynptr(struct text *t, uint32_t slot, const struct reg *r) {
    put_place(t, slot);
    put(t, "dynptr_%s(", dynptr_name(r->dynptr));
    t->sep = "";
    if (r->id) {
        attr(t, "id=");
        put(t, "%u", r->id);
    }
    if (r->ref) {
        attr(t, "ref_id=");
        put(t, "%u", r->ref);
    }
    put(t, ")");
}

static void put_iter(struct text *t, uint32_t slot, const struct reg *r) {
    put_place(t, slot);
    put(t, "iter_");
    put_type(t, r->btf_id, (r->flags & REG_F_OWN_BTF) != 0, "bpf_iter_");
    put(t, "(ref_id=%u,state=%s,depth=%u)", r->ref,
        r->iter.state == ITER_ACTIVE ? "active" : "drained", r->iter_depth);
}

static void put_slot(struct text *t, const struct frame *f, uint32_t k, uint32_t frame) {
    const struct slot *s = &f->slots[k];
    if (slot_is(s, SLOT_INVALID))
        return;
    switch (s->byte[0]) {
    case SLOT_DYNPTR:
        if (s->spilled.first)
            put_dynptr(t, k, &s->spilled);
        return;
    case SLOT_ITER:
        if (s->spilled.ref)
            put_iter(t, k, &s->spilled);
        return;
    default:
        put_place(t, k);
        put_bytes(t, s);
        if (slot_is_spill(s))
            put_reg(t, &s->spilled, frame);
    }
}

/* A dynptr prints with its first slot, if either of its slots is wanted. */
static bool wanted(const struct frame *f, uint64_t slots, uint32_t k) {
    const bool dynptr = f->slots[k].byte[0] == SLOT_DYNPTR && f->slots[k].spilled.first;
    return (slots >> k & 1) || (dynptr && k && (slots >> (k - 1) & 1));
}

static void put_refs(struct text *t, const struct state *st) {
    for (uint32_t i = 0; i < st->n_refs; i++)
        put(t, "%s%u", i ? "," : " refs=", st->refs[i].id);
}

size_t state_print_named(const struct state *st, uint32_t frame, uint16_t regs, uint64_t slots,
                         const struct text_names *names, char *buf, size_t size) {
    struct text t = {.buf = buf, .size = size, .names = names};
    const struct frame *f = st->frames[frame];
    if (size)
        buf[0] = '\0';
    for (uint32_t r = 0; r < N_REGS; r++) {
        if (!(regs >> r & 1) || f->regs[r].kind == REG_UNINIT)
            continue;
        put(&t, "%sR%u=", t.n ? " " : "", r);
        put_reg(&t, &f->regs[r], frame);
    }
    for (uint32_t k = 0; k < f->n_slots; k++)
        if (wanted(f, slots, k))
            put_slot(&t, f, k, frame);
    put_refs(&t, st);
    if (f->in_callback)
        put(&t, " cb");
    if (f->in_async_callback)
        put(&t, " async_cb");
    return t.n;
}

size_t state_print(const struct state *st, uint32_t frame, uint16_t regs, uint64_t slots, char *buf,
                   size_t size) {
    return state_print_named(st, frame, regs, slots, NULL, buf, size);
}
