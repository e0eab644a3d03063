/* access.c: which check belongs to which kind of pointer, for instructions and for helpers; and
 * alignment.
 */
#include "verifier/access.h"

#include <inttypes.h>
#include <string.h>

/* ---- alignment ---- */

/* What Linux calls the object in "misaligned ... access". */
static const char *const align_words[N_REG_KINDS] = {
    [REG_FLOW_KEYS] = "flow keys ",
    [REG_MAP_KEY] = "key ",
    [REG_MAP_VALUE] = "value ",
    [REG_CTX] = "context ",
    [REG_STACK] = "stack ",
    [REG_SOCK] = "sock ",
    [REG_SOCK_COMMON] = "sock_common ",
    [REG_TCP_SOCK] = "tcp_sock ",
    [REG_XDP_SOCK] = "xdp_sock ",
};

bool access_aligned(struct step *s, uint32_t r, int32_t off, uint32_t n_bytes) {
    enum {
        NET_IP_ALIGN = 2 /* packets start so much behind a multiple of 4 */
    };
    const struct reg *const p = step_reg(s, r);
    if (n_bytes == 1 || p->kind == REG_ARENA)
        return true;
    const int32_t shift = reg_is_packet(p) ? NET_IP_ALIGN : 0;
    const int64_t fixed = (int64_t)shift + p->off + off;
    if (tnum_is_aligned(tnum_add(p->v.bits, tnum_const((uint64_t)fixed)), n_bytes))
        return true;
    char text[ACCESS_TNUM_TEXT];
    access_tnum_text(p->v.bits, text);
    if (shift)
        return step_reject(s, REASON_ALIGN, (int)r,
                           "misaligned packet access off %d+%s+%d+%d size %u", shift, text, p->off,
                           off, n_bytes);
    const char *const what = align_words[p->kind] ? align_words[p->kind] : "";
    return step_reject(s, REASON_ALIGN, (int)r, "misaligned %saccess off %s+%d+%d size %u", what,
                       text, p->off, off, n_bytes);
}

/* The stack is always aligned, since slots are; other memory where it is asked for, and atomics. */
static bool check_alignment(struct step *s, const struct access *a) {
    const bool strict = s->sub->strict_align || a->atomic || step_reg(s, a->r)->kind == REG_STACK;
    return !strict || access_aligned(s, a->r, a->off, a->n_bytes);
}

/* ---- one kind of pointer each: loads and stores by instructions ---- */

static struct access_span span_of(const struct access *a) {
    return (struct access_span){.r = a->r, .off = a->off, .n_bytes = a->n_bytes};
}

static void unknown(const struct access *a, struct reg *out) {
    if (out)
        *out = reg_scalar(scalar_below(8 * a->n_bytes));
}

/* Pointers that unprivileged programs store where others can read them. */
static bool check_leak(struct step *s, const struct access *a, const char *where) {
    if (a->kind == ACCESS_READ || s->sub->privileged || !a->value || !reg_is_pointer(a->value))
        return true;
    return step_reject(s, REASON_PTR_LEAK, a->value_reg, "R%d leaks addr into %s", a->value_reg,
                       where);
}

static bool refuse_write(struct step *s, const struct access *a) {
    char kind[64];
    return step_reject(s, REASON_RDONLY, (int)a->r, "R%u cannot write into %s", a->r,
                       reg_kind_name(step_reg(s, a->r), kind));
}

static bool by_map_key(struct step *s, const struct access *a, struct reg *out) {
    if (a->kind == ACCESS_WRITE)
        return step_reject(s, REASON_RDONLY, (int)a->r, "write to change key R%u not allowed",
                           a->r);
    const struct access_span span = span_of(a);
    if (!access_region(s, &span, s->sub->maps[step_reg(s, a->r)->map].def->key_size))
        return false;
    unknown(a, out);
    return true;
}

/* The kernel pointer that an access_map_value'd access reads or writes, or NULL. */
static const struct special_field *kptr_at(const struct map_fact *m, int64_t off) {
    for (uint32_t i = 0; i < m->n_fields; i++)
        if (m->fields[i].off == off && access_is_kptr(&m->fields[i]))
            return &m->fields[i];
    return NULL;
}

/* What a read-only map that nobody may change any more holds. */
static bool constant_of(const struct step *s, const struct map_def *def, int64_t off,
                        uint32_t n_bytes, uint64_t *value) {
    if (!def->frozen || !(def->flags & MAP_F_RDONLY_PROG) || !def->data ||
        off + n_bytes > (int64_t)def->data_bytes)
        return false;
    *value = 0;
    for (uint32_t i = 0; i < n_bytes; i++) {
        const uint32_t nth = s->sub->prog->big_endian ? i : n_bytes - 1 - i;
        *value = *value << 8 | def->data[(uint64_t)off + nth];
    }
    return true;
}

static bool by_map_value(struct step *s, const struct access *a, struct reg *out) {
    const struct reg *const p = step_reg(s, a->r);
    const struct map_fact *const m = &s->sub->maps[p->map];
    const struct access_span span = span_of(a);
    if (!check_leak(s, a, "map") || !access_map_flags(s, &span, a->kind) ||
        !access_map_value(s, &span))
        return false;
    if (!scalar_is_const(p->v)) {
        unknown(a, out);
        return true;
    }
    const int64_t off = (int64_t)p->off + a->off + (int64_t)p->v.bits.value;
    const struct special_field *const kptr = kptr_at(m, off);
    if (kptr)
        return btf_kptr_access(s, a, kptr, out);
    uint64_t value;
    if (out && constant_of(s, m->def, off, a->n_bytes, &value))
        *out = reg_const(value);
    else
        unknown(a, out);
    return true;
}

static bool by_mem(struct step *s, const struct access *a, struct reg *out) {
    const struct reg *const p = step_reg(s, a->r);
    if (a->kind == ACCESS_WRITE && (p->flags & REG_F_RDONLY))
        return refuse_write(s, a);
    if (!check_leak(s, a, "mem"))
        return false;
    const struct access_span span = span_of(a);
    const unsigned probed = REG_F_RDONLY | REG_F_UNTRUSTED; /* a fault reads as 0 */
    if ((p->flags & probed) != probed && !access_region(s, &span, p->mem_bytes))
        return false;
    unknown(a, out);
    return true;
}

static bool by_ctx(struct step *s, const struct access *a, struct reg *out) {
    return check_leak(s, a, "ctx") && access_fixed_ptr(s, a->r, false) &&
           ctx_access(s, a, a->off, out);
}

static bool by_stack(struct step *s, const struct access *a, struct reg *out) {
    const bool read = a->kind == ACCESS_READ;
    if (!stack_bounds(s, a->r, a->off, a->n_bytes, read ? STACK_READ : STACK_WRITE))
        return false;
    const struct reg *const p = step_reg(s, a->r);
    const uint32_t frame = p->frame;
    if (!scalar_is_const(p->v))
        return read ? stack_read_var(s, frame, a, out) : stack_write_var(s, frame, a);
    const int64_t off = (int64_t)p->off + a->off + (int64_t)p->v.bits.value;
    return read ? stack_read(s, frame, a, off, out) : stack_write(s, frame, a, off);
}

static bool by_packet(struct step *s, const struct access *a, struct reg *out) {
    if (a->kind == ACCESS_WRITE && !access_packet_write(s->sub))
        return step_reject(s, REASON_PACKET_WRITE, (int)a->r, "cannot write into packet");
    const struct access_span span = span_of(a);
    if (!check_leak(s, a, "packet") || !access_packet(s, &span))
        return false;
    unknown(a, out);
    return true;
}

static bool by_flow_keys(struct step *s, const struct access *a, struct reg *out) {
    return check_leak(s, a, "flow keys") &&
           object_access(s, a, (int64_t)step_reg(s, a->r)->off + a->off, out);
}

static bool by_sock(struct step *s, const struct access *a, struct reg *out) {
    if (a->kind == ACCESS_WRITE)
        return refuse_write(s, a);
    return object_access(s, a, (int64_t)step_reg(s, a->r)->off + a->off, out);
}

/* Buffers whose size is known when the program is attached: that end is checked then. */
static bool check_buffer(struct step *s, uint32_t r, int32_t insn_off, int64_t n_bytes,
                         const char *what) {
    const struct reg *const p = step_reg(s, r);
    const int64_t off = (int64_t)p->off + insn_off;
    char text[ACCESS_TNUM_TEXT];
    if (off < 0)
        return step_reject(s, REASON_MEM_BOUNDS, (int)r,
                           "R%u invalid %s buffer access: off=%" PRId64 ", size=%" PRId64, r, what,
                           off, n_bytes);
    if (scalar_is_const(p->v) && p->v.bits.value == 0)
        return true;
    return step_reject(s, REASON_MEM_BOUNDS, (int)r,
                       "R%u invalid variable buffer offset: off=%" PRId64 ", var_off=%s", r, off,
                       access_tnum_text(p->v.bits, text));
}

static bool by_tp_buffer(struct step *s, const struct access *a, struct reg *out) {
    if (!check_buffer(s, a->r, a->off, a->n_bytes, "tracepoint"))
        return false;
    unknown(a, out);
    return true;
}

static bool by_buf(struct step *s, const struct access *a, struct reg *out) {
    const bool rdonly = (step_reg(s, a->r)->flags & REG_F_RDONLY) != 0;
    if (rdonly && a->kind == ACCESS_WRITE)
        return refuse_write(s, a);
    if (!check_buffer(s, a->r, a->off, a->n_bytes, rdonly ? "rdonly" : "rdwr"))
        return false;
    unknown(a, out);
    return true;
}

static bool by_arena(struct step *s, const struct access *a, struct reg *out) {
    (void)s; /* any address: the arena's 4 GiB are mapped, or fault harmlessly */
    unknown(a, out);
    return true;
}

static bool by_btf(struct step *s, const struct access *a, struct reg *out) {
    return btf_access(s, a, step_reg(s, a->r), out);
}

/* What Linux keeps a map of this type in: programs may read it as a kernel object. */
static const char *map_struct(uint32_t map_type) {
    switch (map_type) {
    case MAP_array:
    case MAP_percpu_array:
    case MAP_prog_array:
    case MAP_perf_event_array:
    case MAP_cgroup_array:
    case MAP_array_of_maps: return "bpf_array";
    case MAP_hash:
    case MAP_percpu_hash:
    case MAP_lru_hash:
    case MAP_lru_percpu_hash:
    case MAP_hash_of_maps: return "bpf_htab";
    case MAP_lpm_trie: return "lpm_trie";
    case MAP_stack_trace: return "bpf_stack_map";
    case MAP_devmap:
    case MAP_devmap_hash: return "bpf_dtab";
    case MAP_cpumap: return "bpf_cpu_map";
    case MAP_xskmap: return "xsk_map";
    case MAP_sockmap: return "bpf_stab";
    case MAP_sockhash: return "bpf_shtab";
    case MAP_reuseport_sockarray: return "reuseport_array";
    case MAP_queue:
    case MAP_stack: return "bpf_queue_stack";
    case MAP_ringbuf:
    case MAP_user_ringbuf: return "bpf_ringbuf_map";
    case MAP_sk_storage:
    case MAP_inode_storage:
    case MAP_task_storage:
    case MAP_cgrp_storage: return "bpf_local_storage_map";
    case MAP_bloom_filter: return "bpf_bloom_filter";
    case MAP_arena: return "bpf_arena";
    case MAP_cgroup_storage:
    case MAP_percpu_cgroup_storage: return "bpf_cgroup_storage_map";
    default: return NULL;
    }
}

static bool by_map(struct step *s, const struct access *a, struct reg *out) {
    const struct reg *const p = step_reg(s, a->r);
    const uint32_t type = s->sub->maps[p->map].def->type;
    const char *const name = map_struct(type);
    const struct btf *const btf = subject_kernel(s->sub);
    if (!btf)
        return step_reject(s, REASON_BTF, (int)a->r,
                           "map_ptr access not supported without CONFIG_DEBUG_INFO_BTF");
    const uint32_t id = name ? btf_find(btf, BTF_STRUCT, name, 1) : 0;
    if (id == 0)
        return step_reject(s, REASON_BTF, (int)a->r, "map_ptr access not supported for map type %u",
                           type);
    if (!s->sub->privileged)
        return step_reject(s, REASON_PRIVILEGE, (int)a->r,
                           "'struct %s' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN",
                           name);
    if (p->off + a->off < 0)
        return step_reject(s, REASON_OBJECT_ACCESS, (int)a->r,
                           "R%u is %s invalid negative access: off=%d", a->r, name, a->off);
    if (a->kind != ACCESS_READ)
        return step_reject(s, REASON_RDONLY, (int)a->r, "only read from %s is supported", name);
    struct reg object = reg_pointer(REG_BTF, 0);
    object.btf_id = id;
    return btf_access(s, a, &object, out);
}

typedef bool through(struct step *s, const struct access *a, struct reg *out);

static through *const by_kind[N_REG_KINDS] = {
    [REG_CTX] = by_ctx,
    [REG_STACK] = by_stack,
    [REG_PACKET] = by_packet,
    [REG_PACKET_META] = by_packet,
    [REG_MAP] = by_map,
    [REG_MAP_VALUE] = by_map_value,
    [REG_MAP_KEY] = by_map_key,
    [REG_MEM] = by_mem,
    [REG_BUF] = by_buf,
    [REG_TP_BUFFER] = by_tp_buffer,
    [REG_FLOW_KEYS] = by_flow_keys,
    [REG_SOCK_COMMON] = by_sock,
    [REG_SOCK] = by_sock,
    [REG_TCP_SOCK] = by_sock,
    [REG_XDP_SOCK] = by_sock,
    [REG_BTF] = by_btf,
    [REG_ARENA] = by_arena,
};

bool access_insn(struct step *s, const struct access *a, struct reg *out) {
    const struct reg *const p = step_reg(s, a->r);
    if (!check_alignment(s, a))
        return false;
    s->eff.access_kind = p->kind;
    through *const check = by_kind[p->kind];
    if (check && !reg_maybe_null(p))
        return check(s, a, out);
    char kind[64];
    const bool null = check && reg_maybe_null(p);
    step_reject(s, null ? REASON_NULL_DEREF : REASON_NOT_POINTER, (int)a->r,
                "R%u invalid mem access '%s'", a->r, reg_kind_name(p, kind));
    return false;
}

/* Kinds that Linux compiles to an access of another shape, or guards by a fault handler. */
static bool is_rewritten(enum reg_kind k) {
    return k == REG_CTX || (k >= REG_SOCK_COMMON && k <= REG_XDP_SOCK) || k == REG_BTF ||
           k == REG_ARENA;
}

bool access_kinds_agree(enum reg_kind a, enum reg_kind b) {
    return a == b || (!is_rewritten(a) && !is_rewritten(b));
}

/* ---- by helpers ---- */

/* Contexts that Linux does not rewrite may be passed as memory; their size is only known by what
 * may be read of them: the last byte decides. */
static bool ctx_is_memory(const struct subject *sub) {
    switch (sub->prog->type) {
    case PROG_kprobe:
    case PROG_tracepoint:
    case PROG_raw_tracepoint:
    case PROG_raw_tracepoint_writable:
    case PROG_tracing:
    case PROG_lsm:
    case PROG_struct_ops:
    case PROG_syscall:
    case PROG_netfilter:
    case PROG_cgroup_device:
    case PROG_lirc_mode2: return true;
    default: return false;
    }
}

static bool range_of_ctx(struct step *s, const struct access_range *a) {
    if (a->n_bytes == 0)
        return a->zero_ok ||
               step_reject(s, REASON_HELPER_ARG, (int)a->r, "invalid zero-sized read");
    const struct access last = {.r = a->r,
                                .off = (int32_t)(a->n_bytes - 1),
                                .n_bytes = 1,
                                .kind = a->kind,
                                .value_reg = REPORT_NO_REG};
    return by_ctx(s, &last, NULL);
}

static bool refuse_type(struct step *s, const struct access_range *a) {
    const struct reg *const p = step_reg(s, a->r);
    char kind[64];
    if (a->zero_ok && a->n_bytes == 0 && reg_is_null(p))
        return true;
    step_reject(s, REASON_HELPER_ARG, (int)a->r, "R%u type=%s expected=fp", a->r,
                reg_kind_name(p, kind));
    return report_needed(&s->rep, "a pointer to memory in r%u", a->r);
}

bool access_range(struct step *s, const struct access_range *a) {
    const struct reg *const p = step_reg(s, a->r);
    const struct access_span span = {
        .r = a->r, .n_bytes = a->n_bytes, .zero_ok = a->zero_ok, .by_helper = true};
    const bool write = a->kind == ACCESS_WRITE;
    const struct access direct = {.r = a->r, .kind = a->kind, .value_reg = REPORT_NO_REG};
    switch ((enum reg_kind)p->kind) {
    case REG_PACKET:
    case REG_PACKET_META: return access_packet(s, &span);
    case REG_MAP_KEY: {
        struct access_span key = span;
        key.zero_ok = false;
        return write ? refuse_write(s, &direct)
                     : access_region(s, &key, s->sub->maps[p->map].def->key_size);
    }
    case REG_MAP_VALUE: return access_map_flags(s, &span, a->kind) && access_map_value(s, &span);
    case REG_MEM:
        if (write && (p->flags & REG_F_RDONLY))
            return refuse_write(s, &direct);
        return access_region(s, &span, p->mem_bytes);
    case REG_BUF:
        if (write && (p->flags & REG_F_RDONLY))
            return refuse_write(s, &direct);
        return check_buffer(s, a->r, 0, a->n_bytes, p->flags & REG_F_RDONLY ? "rdonly" : "rdwr");
    case REG_STACK: return stack_range(s, a);
    case REG_BTF: {
        const struct access object = {.r = a->r,
                                      .n_bytes = (uint32_t)a->n_bytes,
                                      .kind = ACCESS_READ,
                                      .value_reg = REPORT_NO_REG};
        return btf_access(s, &object, p, NULL);
    }
    case REG_CTX:
        if (ctx_is_memory(s->sub))
            return range_of_ctx(s, a);
        return refuse_type(s, a);
    default: return refuse_type(s, a);
    }
}

/* A pointer into a read-only map, to a string that ends inside of it. */
bool access_const_string(struct step *s, uint32_t r) {
    const struct reg *const reg = step_reg(s, r);
    const struct map_def *const map = s->sub->maps[reg->map].def;
    if (!(map->frozen || (map->flags & MAP_F_RDONLY_PROG)))
        return step_reject(s, REASON_HELPER_ARG, (int)r, "R%u does not point to a readonly map'",
                           r);
    if (!scalar_is_const(reg->v))
        return step_reject(s, REASON_HELPER_ARG, (int)r, "R%u is not a constant address'", r);
    const int64_t off = reg->off + (int64_t)reg->v.bits.value;
    if (map->type != MAP_array || !map->data)
        return step_reject(s, REASON_HELPER_ARG, (int)r,
                           "no direct value access support for this map type");
    if (off < 0 || off >= (int64_t)map->data_bytes ||
        !memchr(map->data + off, 0, map->data_bytes - (size_t)off))
        return step_reject(s, REASON_HELPER_ARG, (int)r, "string is not zero-terminated");
    return true;
}
