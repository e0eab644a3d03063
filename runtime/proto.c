/* proto.c: helper prototypes as tables, made from helper.def. The words that its rows are written
 * in are spelt out here: F_ for flags, R_ for what a helper returns, P_ for arguments (parameters).
 */
#include "runtime/proto.h"

#include <string.h>

#include "runtime/typemask.h"

/* clang-format off */
enum {
    F__ = 0,
    F_GPL = HELPER_F_GPL,
    F_PKT = HELPER_F_PKT_ACCESS,
    F_CHANGE = HELPER_F_PKT_CHANGE,
    F_SLEEP = HELPER_F_SLEEPS,
    F_SLEEPY = HELPER_F_SLEEPY,
    F_FAST = HELPER_F_FASTCALL,
    F_LIMIT = HELPER_F_LIMIT,
    F_MAPWR = HELPER_F_MAP_WRITE,
    F_PKT_MAPWR = F_PKT | F_MAPWR,
    F_GPL_PKT = F_GPL | F_PKT,
    F_GPL_SLEEP = F_GPL | F_SLEEP,
    F_GPL_SLEEPY = F_GPL | F_SLEEPY,
    F_GPL_LIMIT = F_GPL | F_LIMIT,
    F_SLEEP_LIMIT = F_SLEEP | F_LIMIT,
};

#define RET(type, flag_bits, btf) .ret = RET_##type, .ret_flags = (flag_bits), .ret_btf_type = btf
#define R_INT            RET(INT, 0, NULL)
#define R_INT_CPU        R_INT, .ret_range = RET_RANGE_CPU
#define R_INT_SIZE       R_INT, .ret_range = RET_RANGE_SIZE
#define R_VOID           RET(VOID, 0, NULL)
#define R_VALUE          RET(MAP_VALUE, 0, NULL)
#define R_VALUE_NULL     RET(MAP_VALUE, RET_F_NULL, NULL)
#define R_SOCKET_NULL    RET(SOCKET, RET_F_NULL, NULL)
#define R_SOCKET_CAST    RET(SOCKET, RET_F_NULL | RET_F_CAST, NULL)
#define R_SOCKET_REF     RET(SOCKET, RET_F_NULL | RET_F_ACQUIRE, NULL)
#define R_SOCK_COMMON_REF RET(SOCK_COMMON, RET_F_NULL | RET_F_ACQUIRE, NULL)
#define R_TCP_SOCK_CAST  RET(TCP_SOCK, RET_F_NULL | RET_F_CAST, NULL)
#define R_RINGBUF        RET(RINGBUF_MEM, RET_F_NULL | RET_F_ACQUIRE, NULL)
#define R_DYNPTR_NULL    RET(DYNPTR_MEM, RET_F_NULL, NULL)
#define R_KPTR_REF       RET(BTF_ID, RET_F_NULL | RET_F_ACQUIRE, NULL)
#define R_BTF(t)         RET(BTF_ID, 0, #t)
#define R_BTF_NULL(t)    RET(BTF_ID, RET_F_NULL, #t)
#define R_BTF_CAST(t)    RET(BTF_ID, RET_F_NULL | RET_F_CAST, #t)
#define R_BTF_TRUSTED(t) RET(BTF_ID, RET_F_TRUSTED, #t)
#define R_PERCPU         RET(MEM_OR_BTF_ID, RET_F_RDONLY, NULL)
#define R_PERCPU_NULL    RET(MEM_OR_BTF_ID, RET_F_NULL | RET_F_RDONLY, NULL)

#define PAR(type, flag_bits) {ARG_##type, (flag_bits), 0, NULL}
#define PAR_BYTES(n, flag_bits) {ARG_FIXED_MEM, (flag_bits), (n), NULL}
#define PAR_BTF(t, flag_bits) {ARG_BTF_ID, (flag_bits), 0, #t}
#define P__             PAR(NONE, 0)
#define P_ANY           PAR(ANY, 0)
#define P_ZERO          PAR(ANY, ARG_F_ZERO)
#define P_SCALAR        PAR(SCALAR, 0)
#define P_CTX           PAR(CTX, 0)
#define P_CTX_NULL      PAR(CTX, ARG_F_NULL)
#define P_MAP           PAR(MAP, 0)
#define P_KEY           PAR(MAP_KEY, 0)
#define P_VALUE         PAR(MAP_VALUE, 0)
#define P_VALUE_NULL    PAR(MAP_VALUE, ARG_F_NULL)
#define P_VALUE_OUT     PAR(MAP_VALUE, ARG_F_UNINIT | ARG_F_WRITE)
#define P_STR           PAR(CONST_STR, 0)
#define P_MEM           PAR(MEM, 0)
#define P_MEM_NULL      PAR(MEM, ARG_F_NULL)
#define P_MEM_RD        PAR(MEM, ARG_F_RDONLY)
#define P_MEM_RD_NULL   PAR(MEM, ARG_F_NULL | ARG_F_RDONLY)
#define P_MEM_OUT       PAR(MEM, ARG_F_UNINIT | ARG_F_WRITE)
#define P_MEM_IN_MAP    PAR(MEM, ARG_F_UNINIT | ARG_F_WRITE | ARG_F_IN_MAP)
#define P_MEM_WR        PAR(MEM, ARG_F_WRITE)
#define P_MEM_WR_NULL   PAR(MEM, ARG_F_NULL | ARG_F_WRITE)
#define P_SIZE          PAR(SIZE, 0)
#define P_SIZE0         PAR(SIZE_OR_ZERO, 0)
#define P_ALLOC         PAR(ALLOC_SIZE, 0)
#define P_FIXED(n)      PAR_BYTES(n, 0)
#define P_FIXED_OUT(n)  PAR_BYTES(n, ARG_F_UNINIT | ARG_F_WRITE | ARG_F_ALIGNED)
#define P_FIXED_WR(n)   PAR_BYTES(n, ARG_F_WRITE | ARG_F_ALIGNED)
#define P_LOCK          PAR(SPIN_LOCK, 0)
#define P_TIMER         PAR(TIMER, 0)
#define P_FUNC          PAR(FUNC, 0)
#define P_STACK_NULL    PAR(STACK, ARG_F_NULL)
#define P_SOCKET_NULL   PAR(SOCKET, ARG_F_NULL)
#define P_SOCK_COMMON   PAR(SOCK_COMMON, 0)
#define P_BTF_SOCK      PAR(BTF_SOCK_COMMON, 0)
#define P_BTF_SOCK_NULL PAR(BTF_SOCK_COMMON, ARG_F_NULL)
#define P_BTF_SOCK_REL  PAR(BTF_SOCK_COMMON, ARG_F_RELEASE)
#define P_BTF(t)        PAR_BTF(t, 0)
#define P_BTF_NULL(t)   PAR_BTF(t, ARG_F_NULL)
#define P_PERCPU        PAR(PERCPU_BTF_ID, 0)
#define P_RINGBUF_REL   PAR(RINGBUF_MEM, ARG_F_RELEASE)
#define P_DYNPTR        PAR(DYNPTR, ARG_F_RDONLY)
#define P_DYNPTR_LOCAL  PAR(DYNPTR, ARG_F_DYN_LOCAL | ARG_F_UNINIT | ARG_F_WRITE)
#define P_DYNPTR_RINGBUF PAR(DYNPTR, ARG_F_DYN_RINGBUF | ARG_F_UNINIT | ARG_F_WRITE)
#define P_DYNPTR_REL    PAR(DYNPTR, ARG_F_DYN_RINGBUF | ARG_F_RELEASE)
#define P_KPTR_DST      PAR(KPTR, 0)
#define P_KPTR_REL      PAR(BTF_ID, ARG_F_NULL | ARG_F_RELEASE)

enum {
    STATE_NONE = false,
    STATE_IMPL = true,
    STATE_ENGINE = true,
#define HELPER(nr, nm, state, fl, rt, n, a1, a2, a3, a4, a5) IMPL_##nm = STATE_##state,
#include "runtime/helper.def"
};

#define PROTO(nm, fl, rt, n, a1, a2, a3, a4, a5)                                                   \
    {.id = HELPER_##nm, .name = #nm, .flags = F_##fl, R_##rt, .n_args = (n),                       \
     .implemented = IMPL_##nm, .arg = {P_##a1, P_##a2, P_##a3, P_##a4, P_##a5}}

static const struct helper_proto rows[N_HELPERS] = {
#define HELPER(nr, nm, state, fl, rt, n, a1, a2, a3, a4, a5)                                       \
    [nr] = PROTO(nm, fl, rt, n, a1, a2, a3, a4, a5),
#include "runtime/helper.def"
};

struct variant {
    uint64_t types;  /* PROG_BIT */
    uint64_t attach; /* ATTACH_BIT */
    struct helper_proto proto;
};

static const struct variant variants[] = {
#define T(nm) | PROG_BIT(PROG_##nm)
#define A(nm) | ATTACH_BIT(ATTACH_##nm)
#define ANYWHERE | UINT64_MAX
#define HELPER_VARIANT(nm, types, attach, fl, rt, n, a1, a2, a3, a4, a5)                           \
    {UINT64_C(0) types, UINT64_C(0) attach, PROTO(nm, fl, rt, n, a1, a2, a3, a4, a5)},
#include "runtime/helper.def"
};
/* clang-format on */

const struct helper_proto *helper_proto_of(uint32_t id) {
    return id < N_HELPERS && rows[id].name ? &rows[id] : NULL;
}

uint32_t helper_reads(uint32_t id) {
    switch (id) {
    case HELPER_trace_printk: return 5;
    case HELPER_get_branch_snapshot: return 3;
    default: return helper_proto_of(id) ? helper_proto_of(id)->n_args : 5;
    }
}

uint32_t helper_find(const char *name) {
    if (!strncmp(name, "bpf_", 4))
        name += 4;
    for (uint32_t id = 1; id < N_HELPERS; id++)
        if (!strcmp(rows[id].name, name))
            return id;
    return 0;
}

const struct helper_proto *helper_proto_for(uint32_t id, uint32_t prog_type, int attach_type) {
    if (!prog_type_has_bit(prog_type))
        return helper_proto_of(id);
    /* No attach type in particular is the prototype of most of them: a row that names some does not
     * fit. */
    uint64_t attach_bit = ATTACH_BIT(63);
    if (attach_type != -1)
        attach_bit = attach_bits_of(attach_type);
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        const struct variant *v = &variants[i];
        if (v->proto.id == id && (v->types & PROG_BIT(prog_type)) && (v->attach & attach_bit))
            return &v->proto;
    }
    return helper_proto_of(id);
}
