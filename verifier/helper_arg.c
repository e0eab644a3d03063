/* helper_arg.c: arguments of helpers against their prototypes. */
#include "verifier/helper_call.h"

#include <stdio.h>
#include <string.h>

/* ---- which registers an argument takes ---- */

/* struct fit: a kind of pointer with exactly these flags. */
struct fit {
    uint8_t kind;
    uint16_t flags;
};

enum {
    MAX_FITS = 9,
    /* what tells pointers apart for helpers */
    FIT_FLAGS = REG_F_NULL | REG_F_RDONLY | REG_F_RINGBUF | REG_F_TRUSTED | REG_F_UNTRUSTED |
                REG_F_RCU | REG_F_ALLOC | REG_F_NON_OWN | REG_F_USER | REG_F_PERCPU,
};

#define MEMORY                                                                                     \
    {                                                                                              \
        {REG_STACK, 0},           {REG_PACKET, 0},    {REG_PACKET_META, 0},                        \
        {REG_MAP_KEY, 0},         {REG_MAP_VALUE, 0}, {REG_MEM, 0},                                \
        {REG_MEM, REG_F_RINGBUF}, {REG_BUF, 0},       {REG_BTF, REG_F_TRUSTED},                    \
    }
#define KERNEL_OBJECT                                                                              \
    {                                                                                              \
        {REG_BTF, 0},                                                                              \
        {REG_BTF, REG_F_TRUSTED},                                                                  \
        {REG_BTF, REG_F_RCU},                                                                      \
    }
#define SOCKETS {REG_SOCK_COMMON, 0}, {REG_SOCK, 0}, {REG_TCP_SOCK, 0}, {REG_XDP_SOCK, 0}

/* source: the struct bpf_reg_types of Linux's verifier */
static const struct fit fits[N_ARG_TYPES][MAX_FITS] = {
    [ARG_SCALAR] = {{REG_SCALAR, 0}},
    [ARG_SIZE] = {{REG_SCALAR, 0}},
    [ARG_SIZE_OR_ZERO] = {{REG_SCALAR, 0}},
    [ARG_ALLOC_SIZE] = {{REG_SCALAR, 0}},
    [ARG_MAP] = {{REG_MAP, 0}},
    [ARG_MAP_KEY] = MEMORY,
    [ARG_MAP_VALUE] = MEMORY,
    [ARG_MEM] = MEMORY,
    [ARG_FIXED_MEM] = MEMORY,
    [ARG_CTX] = {{REG_CTX, 0}},
    [ARG_SPIN_LOCK] = {{REG_MAP_VALUE, 0}, {REG_BTF, REG_F_ALLOC}},
    [ARG_TIMER] = {{REG_MAP_VALUE, 0}},
    [ARG_SOCKET] = {{REG_SOCK, 0}},
    [ARG_SOCK_COMMON] = {SOCKETS},
    [ARG_BTF_SOCK_COMMON] = {SOCKETS, {REG_BTF, 0}, {REG_BTF, REG_F_TRUSTED}},
    [ARG_BTF_ID] = KERNEL_OBJECT,
    [ARG_PERCPU_BTF_ID] = {{REG_BTF, REG_F_PERCPU},
                           {REG_BTF, REG_F_PERCPU | REG_F_RCU},
                           {REG_BTF, REG_F_PERCPU | REG_F_TRUSTED}},
    [ARG_RINGBUF_MEM] = {{REG_MEM, REG_F_RINGBUF}},
    [ARG_DYNPTR] = {{REG_STACK, 0}, {REG_DYNPTR, 0}},
    [ARG_FUNC] = {{REG_FUNC, 0}},
    [ARG_STACK] = {{REG_STACK, 0}},
    [ARG_CONST_STR] = {{REG_MAP_VALUE, 0}},
    [ARG_KPTR] = {{REG_MAP_VALUE, 0}, {REG_BTF, REG_F_ALLOC}},
};

/* "R1 type=scalar expected=fp, pkt, ..." */
static bool reject_kind(struct step *s, uint32_t r, const struct fit *list) {
    char expected[REPORT_TEXT], a[64], b[64];
    size_t n = 0;
    for (uint32_t i = 0; i < MAX_FITS && list[i].kind; i++) {
        const struct reg want = {.kind = list[i].kind, .flags = list[i].flags};
        n += (size_t)snprintf(expected + n, sizeof expected - n, "%s%s", i ? ", " : "",
                              reg_kind_name(&want, b));
    }
    const struct reg *const reg = step_reg(s, r);
    const bool null = reg_is_pointer(reg) && reg_maybe_null(reg);
    step_reject(s, null ? REASON_NULL_DEREF : REASON_HELPER_ARG, (int)r, "R%u type=%s expected=%s",
                r, reg_kind_name(reg, a), expected);
    return !null && report_needed(&s->rep, "one of: %s", expected);
}

static bool check_kind(struct step *s, const struct helper_call *h, uint32_t r, enum arg_type type,
                       const struct arg_proto *arg) {
    const struct reg *const reg = step_reg(s, r);
    uint16_t flags = reg->flags & FIT_FLAGS;
    if (arg->flags & ARG_F_RDONLY)
        flags &= (uint16_t)~REG_F_RDONLY;
    if (arg->flags & ARG_F_NULL)
        flags &= (uint16_t)~REG_F_NULL;
    if (h->proto->id == HELPER_kptr_xchg && type == ARG_BTF_ID)
        flags &= (uint16_t)~(REG_F_ALLOC | REG_F_PERCPU);
    for (uint32_t i = 0; i < MAX_FITS && fits[type][i].kind; i++)
        if (fits[type][i].kind == reg->kind && fits[type][i].flags == flags)
            return true;
    return reject_kind(s, r, fits[type]);
}

/* A kernel object: of the type that the helper wants? */
static bool check_object(struct step *s, struct helper_call *h, uint32_t r, enum arg_type type,
                         const struct arg_proto *arg) {
    const struct reg *const reg = step_reg(s, r);
    char buf[64];
    if (reg->kind != REG_BTF)
        return true;
    if (type == ARG_MEM || type == ARG_FIXED_MEM || type == ARG_MAP_KEY || type == ARG_MAP_VALUE) {
        if (arg->flags & ARG_F_RDONLY || type == ARG_MAP_KEY)
            return true;
        return step_reject(s, REASON_RDONLY, (int)r,
                           "%s() may write into memory pointed by R%u type=%s",
                           helper_words(h->proto->id, buf), r, reg_kind_name(reg, buf));
    }
    if (h->proto->id == HELPER_kptr_xchg)
        return type != ARG_BTF_ID || !h->kptr || kptr_fits(s, r, h->kptr);
    if (type == ARG_BTF_SOCK_COMMON)
        return btf_arg_fits(s, r, btf_kernel_struct(s->sub, "sock_common"), false,
                            (arg->flags & ARG_F_NULL) != 0);
    if (type != ARG_BTF_ID)
        return true;
    h->obj_btf_id = reg->btf_id;
    h->obj_flags = reg->flags;
    if (!arg->btf_type)
        return true;
    return btf_arg_fits(s, r, btf_kernel_struct(s->sub, arg->btf_type), false,
                        (arg->flags & ARG_F_NULL) != 0);
}

/* Offsets: what may be pointed into, and what must be pointed at. */
static bool check_offset(struct step *s, uint32_t r, enum arg_type type,
                         const struct arg_proto *arg) {
    const struct reg *const reg = step_reg(s, r);
    if (arg->flags & ARG_F_RELEASE) {
        if (type == ARG_DYNPTR && reg->kind == REG_STACK)
            return true;
        return !reg_is_pointer(reg) || access_arg_released(s, r);
    }
    return access_arg_offset(s, r, true);
}

/* ---- what single types of arguments mean ---- */

static bool arg_release(struct step *s, struct helper_call *h, uint32_t r, enum arg_type type) {
    const struct reg *const reg = step_reg(s, r);
    if (type != ARG_DYNPTR && !reg->ref && !reg_is_null(reg))
        return step_reject(s, REASON_REF_RELEASE, (int)r,
                           "R%u must be referenced when passed to release function", r);
    h->release = r;
    return true;
}

static bool arg_map(struct step *s, struct helper_call *h, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (h->map != NO_MAP && (h->map != reg->map || h->map_uid != reg->map_uid))
        return step_reject(s, REASON_HELPER_ARG, (int)r,
                           "timer pointer in R1 map_uid=%u doesn't match map pointer in R%u "
                           "map_uid=%u",
                           h->map_uid, r, reg->map_uid);
    h->map = reg->map;
    h->map_uid = reg->map_uid;
    return true;
}

/* The constant that a key on the stack holds, for arrays: then lookups cannot miss. */
static int64_t constant_key(struct step *s, const struct helper_call *h, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    const struct map_def *const map = s->sub->maps[h->map].def;
    if ((map->type != MAP_array && map->type != MAP_percpu_array) || reg->kind != REG_STACK ||
        !scalar_is_const(reg->v) || map->key_size != 4)
        return -1;
    const int64_t off = reg->off + (int64_t)reg->v.bits.value;
    const struct frame *const f = s->st->frames[reg->frame];
    if (off >= 0 || off % 4 || slot_of(off) >= f->n_slots)
        return -1;
    const struct slot *const slot = &f->slots[slot_of(off)];
    const uint32_t byte = slot_byte_of(off);
    bool zero = true;
    for (uint32_t i = byte; i < byte + 4; i++)
        zero &= slot->byte[i] == SLOT_ZERO;
    if (zero)
        return 0;
    if (byte != 0 || s->sub->prog->big_endian || !slot_is_spilled_scalar(slot) ||
        !scalar_is_const(slot->spilled.v))
        return -1;
    for (uint32_t i = 0; i < 4; i++)
        if (slot->byte[i] != SLOT_SPILL)
            return -1;
    s->eff.precise_slot = true;
    s->eff.precise_frame = (uint8_t)reg->frame;
    s->eff.precise_index = (uint8_t)slot_of(off);
    return (int64_t)(uint32_t)slot->spilled.v.bits.value;
}

static bool arg_key(struct step *s, struct helper_call *h, uint32_t r) {
    if (h->map == NO_MAP)
        return step_reject(s, REASON_HELPER_ARG, (int)r, "invalid map_ptr to access map->key");
    const struct access_range key = {
        .r = r, .n_bytes = s->sub->maps[h->map].def->key_size, .kind = ACCESS_READ};
    if (!access_range(s, &key))
        return false;
    if (h->proto->id == HELPER_map_lookup_elem)
        h->const_key = constant_key(s, h, r);
    return true;
}

static bool arg_value(struct step *s, struct helper_call *h, uint32_t r,
                      const struct arg_proto *arg) {
    if (h->map == NO_MAP)
        return step_reject(s, REASON_HELPER_ARG, (int)r, "invalid map_ptr to access map->value");
    return access_range(s, &(struct access_range){.r = r,
                                                  .n_bytes = s->sub->maps[h->map].def->value_size,
                                                  .kind = arg->flags & (ARG_F_WRITE | ARG_F_UNINIT)
                                                              ? ACCESS_WRITE
                                                              : ACCESS_READ,
                                                  .uninit_ok = arg->flags & ARG_F_UNINIT});
}

static bool arg_size(struct step *s, struct helper_call *h, uint32_t r, bool zero_ok) {
    const struct reg *const reg = step_reg(s, r);
    const struct arg_proto *const mem = &h->proto->arg[r - 2];
    const bool write = mem->flags & (ARG_F_WRITE | ARG_F_UNINIT);
    h->size_max = reg->v.u.max;
    if (reg->v.s.min < 0)
        return step_reject(s, REASON_UNBOUNDED, (int)r,
                           "R%u min value is negative, either use unsigned or 'var &= const'", r);
    if (reg->v.u.min == 0 && !zero_ok)
        return step_reject(s, REASON_HELPER_ARG, (int)r,
                           "R%u invalid zero-sized read: u64=[%llu,%llu]", r,
                           (unsigned long long)reg->v.u.min, (unsigned long long)reg->v.u.max);
    if (reg->v.u.max >= MAX_VAR_BYTES)
        return step_reject(s, REASON_UNBOUNDED, (int)r,
                           "R%u unbounded memory access, use 'var &= const' or 'if (var < const)'",
                           r);
    const struct access_range range = {
        .r = r - 1,
        .n_bytes = (int64_t)reg->v.u.max,
        .kind = write ? ACCESS_WRITE : ACCESS_READ,
        .zero_ok = zero_ok,
        .uninit_ok = (mem->flags & ARG_F_UNINIT) && scalar_is_const(reg->v),
        .raw = !scalar_is_const(reg->v),
    };
    if (!access_range(s, &range))
        return false;
    step_precise(s, r);
    return true;
}

static bool arg_alloc_size(struct step *s, struct helper_call *h, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (!scalar_is_const(reg->v))
        return step_reject(s, REASON_HELPER_ARG, (int)r, "R%u is not a known constant'", r);
    h->alloc_bytes = reg->v.bits.value;
    step_precise(s, r);
    return true;
}

static bool arg_fixed(struct step *s, uint32_t r, const struct arg_proto *arg) {
    const bool write = arg->flags & (ARG_F_WRITE | ARG_F_UNINIT);
    return access_range(s, &(struct access_range){.r = r,
                                                  .n_bytes = arg->mem_bytes,
                                                  .kind = write ? ACCESS_WRITE : ACCESS_READ,
                                                  .uninit_ok = arg->flags & ARG_F_UNINIT}) &&
           (!(arg->flags & ARG_F_ALIGNED) || access_aligned(s, r, 0, arg->mem_bytes));
}

/* A spin lock or timer in a map value, at the place that its type says. */
static bool at_field(struct step *s, uint32_t r, const char *what, int32_t field_off) {
    const struct reg *const reg = step_reg(s, r);
    const struct map_fact *const map = reg->kind == REG_MAP_VALUE ? &s->sub->maps[reg->map] : NULL;
    if (!scalar_is_const(reg->v))
        return step_reject(s, REASON_HELPER_ARG, (int)r,
                           "R%u doesn't have constant offset. %s has to be at the constant offset",
                           r, what);
    const int64_t off = reg->off + (int64_t)reg->v.bits.value;
    if (map && !map->has_btf)
        return step_reject(s, REASON_BTF, (int)r, "map '%s' has to have BTF in order to use %s",
                           map->def->name ? map->def->name : "", what);
    if (field_off < 0)
        return step_reject(s, REASON_HELPER_ARG, (int)r, "%s '%s' has no valid %s",
                           map ? "map" : "local",
                           map ? map->def->name ? map->def->name : "" : "kptr", what);
    if (off != field_off)
        return step_reject(s, REASON_HELPER_ARG, (int)r,
                           "off %lld doesn't point to 'struct %s' that is at %d", (long long)off,
                           what, field_off);
    return true;
}

static bool arg_lock(struct step *s, struct helper_call *h, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    const bool in_map = reg->kind == REG_MAP_VALUE;
    int32_t field_off = -1;
    if (in_map) {
        field_off = s->sub->maps[reg->map].spin_lock;
    } else {
        const struct special_field *const f =
            btf_special(s->sub, reg->btf_id, SPECIAL_SPIN_LOCK, -1);
        field_off = f ? (int32_t)f->off : -1;
    }
    if (!at_field(s, r, "bpf_spin_lock", field_off))
        return false;
    if (kfunc_in_tree_callback(s))
        return step_reject(s, REASON_LOCK, (int)r, "can't spin_{lock,unlock} in rbtree cb");
    const struct ref *const held = state_lock(s->st);
    const uint32_t object = in_map ? reg->map : reg->btf_id;
    if (h->proto->id == HELPER_spin_lock) {
        if (held)
            return step_reject(s, REASON_LOCK, (int)r,
                               "Locking two bpf_spin_locks are not allowed");
        const struct ref lock = {.kind = REF_LOCK,
                                 .id = step_new_id(s),
                                 .pc = s->pc,
                                 .lock_kind = reg->kind,
                                 .lock_object = object,
                                 .lock_id = reg->id};
        return state_ref_add(s->st, lock) == BPFLAB_OK || step_nomem(s);
    }
    if (!held)
        return step_reject(s, REASON_LOCK, (int)r, "bpf_spin_unlock without taking a lock");
    if (held->lock_kind != reg->kind || held->lock_object != object || held->lock_id != reg->id)
        return step_reject(s, REASON_LOCK, (int)r, "bpf_spin_unlock of different lock");
    state_ref_drop(s->st, REF_LOCK, held->id);
    btf_forget_non_owning(s);
    return true;
}

static bool arg_timer(struct step *s, struct helper_call *h, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    if (!at_field(s, r, "bpf_timer", s->sub->maps[reg->map].timer))
        return false;
    h->map = reg->map;
    h->map_uid = reg->map_uid;
    return true;
}

static bool arg_dynptr(struct step *s, uint32_t r, const struct arg_proto *arg) {
    const enum dynptr_kind kind = arg->flags & ARG_F_DYN_RINGBUF ? DYNPTR_RINGBUF
                                  : arg->flags & ARG_F_DYN_LOCAL ? DYNPTR_LOCAL
                                                                 : DYNPTR_NONE;
    if (arg->flags & ARG_F_UNINIT) {
        const uint32_t ref = kind == DYNPTR_RINGBUF ? call_acquire(s) : 0;
        return s->err == BPFLAB_OK && dynptr_arg_make(s, r, kind, ref);
    }
    return dynptr_arg_init(s, r, kind, !(arg->flags & ARG_F_RELEASE));
}

/* A number that must be 0: the helper has no way to say that it is wrong. */
static bool arg_zero(struct step *s, const struct helper_call *h, uint32_t r) {
    if (!reg_is_null(step_reg(s, r)))
        return step_reject(s, REASON_HELPER_ARG, (int)r, "%s() doesn't support non-zero flags",
                           h->proto->name);
    step_precise(s, r);
    return true;
}

/* Memory that must outlive the call: in a map's value. */
static bool arg_in_map(struct step *s, const struct helper_call *h, uint32_t r) {
    char kind[64];
    return step_reg(s, r)->kind == REG_MAP_VALUE ||
           step_reject(s, REASON_DYNPTR, (int)r, "Unsupported reg type %s for bpf_%s data",
                       reg_kind_name(step_reg(s, r), kind), h->proto->name);
}

bool helper_arg(struct step *s, struct helper_call *h, uint32_t i) {
    const uint32_t r = REG_ARG_FIRST + i;
    if (i >= h->proto->n_args)
        return true;
    const uint32_t map = h->map == NO_MAP ? MAP_unspec : s->sub->maps[h->map].def->type;
    const struct arg_proto proto = helper_arg_for(h->proto, i, map), *const arg = &proto;
    if (!step_read(s, r))
        return false;
    const struct reg *const reg = step_reg(s, r);
    if (arg->type == ARG_ANY) {
        if (reg_is_pointer(reg) && !s->sub->privileged)
            return step_reject(s, REASON_PTR_LEAK, (int)r, "R%u leaks addr into helper function",
                               r);
        return !(arg->flags & ARG_F_ZERO) || arg_zero(s, h, r);
    }
    if ((reg_is_packet(reg) || reg->kind == REG_PACKET_END) &&
        !(h->proto->flags & HELPER_F_PKT_ACCESS))
        return step_reject(s, REASON_HELPER_ARG, (int)r,
                           "helper access to the packet is not allowed");
    const enum arg_type type = (enum arg_type)arg->type;
    const bool null = reg_is_null(reg) && (arg->flags & ARG_F_NULL);
    if (null)
        step_precise(s, r);
    else if (!check_kind(s, h, r, type, arg) || !check_object(s, h, r, type, arg) ||
             !check_offset(s, r, type, arg))
        return false;
    if ((arg->flags & ARG_F_RELEASE) && !arg_release(s, h, r, type))
        return false;
    if (reg->ref && type != ARG_KPTR)
        h->ref = reg->ref;
    switch (type) {
    case ARG_MAP: return null || arg_map(s, h, r);
    case ARG_MAP_KEY: return arg_key(s, h, r);
    case ARG_MAP_VALUE: return null || arg_value(s, h, r, arg);
    case ARG_SIZE: return arg_size(s, h, r, false);
    case ARG_SIZE_OR_ZERO: return arg_size(s, h, r, true);
    case ARG_ALLOC_SIZE: return arg_alloc_size(s, h, r);
    case ARG_FIXED_MEM: return null || arg_fixed(s, r, arg);
    case ARG_SPIN_LOCK: return arg_lock(s, h, r);
    case ARG_TIMER: return arg_timer(s, h, r);
    case ARG_FUNC: h->subprog = reg->subprog; return true;
    case ARG_MEM: return !(arg->flags & ARG_F_IN_MAP) || arg_in_map(s, h, r);
    case ARG_CONST_STR: return access_const_string(s, r);
    case ARG_DYNPTR: return arg_dynptr(s, r, arg);
    case ARG_KPTR: return kptr_dest(s, r, &h->kptr);
    case ARG_PERCPU_BTF_ID:
        h->obj_btf_id = reg->btf_id;
        h->obj_flags = reg->flags;
        return true;
    default: return true;
    }
}
