/* kfunc.c: the tables of kernel functions, made from kfunc.def and kfuncproto.def. */
#include "runtime/kfunc.h"

#include <string.h>

#include "runtime/typemask.h"

/* clang-format off */
#define T(name) | PROG_BIT(PROG_##name)
#define ALL_TYPES | UINT64_MAX
#define KFUNC_SET(set, types) static const uint64_t types_##set = UINT64_C(0) types;
#include "runtime/kfunc.def"

enum {
    ACQUIRE = KFUNC_F_ACQUIRE,
    RELEASE = KFUNC_F_RELEASE,
    RET_NULL = KFUNC_F_RET_NULL,
    TRUSTED = KFUNC_F_TRUSTED,
    RCU = KFUNC_F_RCU,
    SLEEPS = KFUNC_F_SLEEPS,
    DESTRUCTIVE = KFUNC_F_DESTRUCTIVE,
    ITER_NEW = KFUNC_F_ITER_NEW,
    ITER_NEXT = KFUNC_F_ITER_NEXT,
    ITER_DESTROY = KFUNC_F_ITER_DESTROY,
    RCU_PROTECTED = KFUNC_F_RCU_PROTECTED,
    LIMIT = KFUNC_F_LIMIT,
};

static const struct row {
    struct kfunc kfunc;
    const uint64_t *types; /* PROG_BIT */
} rows[] = {
#define KFUNC(set, name, flags) {{#name, #set, flags}, &types_##set},
#include "runtime/kfunc.def"
};
/* clang-format on */

static const struct kfunc *find(const char *name, uint64_t types) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((*rows[i].types & types) && !strcmp(rows[i].kfunc.name, name))
            return &rows[i].kfunc;
    return NULL;
}

const struct kfunc *kfunc_for(const char *name, uint32_t prog_type) {
    return prog_type_has_bit(prog_type) ? find(name, PROG_BIT(prog_type)) : NULL;
}

const struct kfunc *kfunc_find(const char *name) {
    return find(name, UINT64_MAX);
}

/* ---- prototypes ---- */

/* clang-format off */
#define S_IMPL true
#define S_NONE false

#define E__           KFUNC_EFFECT_NONE
#define E_RCU_LOCK    KFUNC_EFFECT_RCU_LOCK
#define E_RCU_UNLOCK  KFUNC_EFFECT_RCU_UNLOCK
#define E_PREEMPT_OFF KFUNC_EFFECT_PREEMPT_OFF
#define E_PREEMPT_ON  KFUNC_EFFECT_PREEMPT_ON
#define E_THROW       KFUNC_EFFECT_THROW

#define R_VOID      {KFUNC_RET_VOID, 0, NULL}
#define R_NUM(n)    {KFUNC_RET_NUM, n, NULL}
#define R_MEM(n)    {KFUNC_RET_MEM, n, NULL}
#define R_MEM_RW(n) {KFUNC_RET_MEM_RW, n, NULL}
#define R_SLICE     {KFUNC_RET_SLICE, 0, NULL}
#define R_SLICE_RW  {KFUNC_RET_SLICE_RW, 0, NULL}
#define R_NEW       {KFUNC_RET_NEW, 0, NULL}
#define R_SAME      {KFUNC_RET_SAME, 0, NULL}
#define R_NODE      {KFUNC_RET_NODE, 0, NULL}
#define R_BTF(t)    {KFUNC_RET_BTF, 0, #t}
#define R_KERN_CTX  {KFUNC_RET_KERN_CTX, 0, NULL}
#define R_CAST      {KFUNC_RET_CAST, 0, NULL}

#define P__           {KFUNC_ARG_NONE, false, 0, NULL}
#define P_NUM         {KFUNC_ARG_NUM, false, 0, NULL}
#define P_CONST       {KFUNC_ARG_CONST, false, 0, NULL}
#define P_IGN         {KFUNC_ARG_IGN, false, 0, NULL}
#define P_CTX         {KFUNC_ARG_CTX, false, 0, NULL}
#define P_MAP         {KFUNC_ARG_MAP, false, 0, NULL}
#define P_FUNC        {KFUNC_ARG_FUNC, false, 0, NULL}
#define P_DYNPTR      {KFUNC_ARG_DYNPTR, false, 0, NULL}
#define P_DYNPTR_NULL {KFUNC_ARG_DYNPTR, true, 0, NULL}
#define P_DYNPTR_NEW  {KFUNC_ARG_DYNPTR_NEW, false, 0, NULL}
#define P_ITER(t, n)  {KFUNC_ARG_ITER, false, n, #t}
#define P_OWNED       {KFUNC_ARG_OWNED, false, 0, NULL}
#define P_KPTR        {KFUNC_ARG_KPTR, false, 0, NULL}
#define P_LIST        {KFUNC_ARG_LIST, false, 0, NULL}
#define P_LIST_NODE   {KFUNC_ARG_LIST_NODE, false, 0, NULL}
#define P_TREE        {KFUNC_ARG_TREE, false, 0, NULL}
#define P_TREE_NODE   {KFUNC_ARG_TREE_NODE, false, 0, NULL}
#define P_WQ          {KFUNC_ARG_WQ, false, 0, NULL}
#define P_STR         {KFUNC_ARG_STR, false, 0, NULL}
#define P_BTF(t)      {KFUNC_ARG_BTF, false, 0, #t}
#define P_BTF_NULL(t) {KFUNC_ARG_BTF, true, 0, #t}
#define P_FIXED(n)    {KFUNC_ARG_FIXED, false, n, NULL}
#define P_BUF         {KFUNC_ARG_BUF, false, 0, NULL}
#define P_BUF_NULL    {KFUNC_ARG_BUF, true, 0, NULL}
#define P_SIZE        {KFUNC_ARG_SIZE, false, 0, NULL}
#define P_CSIZE       {KFUNC_ARG_CSIZE, false, 0, NULL}

static const struct kfunc_proto protos[] = {
#define KFUNC_PROTO(name, state, effect, ret, n_args, a1, a2, a3, a4, a5)                          \
    {#name, S_##state, E_##effect, n_args, R_##ret, {P_##a1, P_##a2, P_##a3, P_##a4, P_##a5}},
#include "runtime/kfuncproto.def"
};
/* clang-format on */

const struct kfunc_proto *kfunc_proto_of(const char *name) {
    for (size_t i = 0; i < sizeof protos / sizeof protos[0]; i++)
        if (!strcmp(protos[i].name, name))
            return &protos[i];
    return NULL;
}
