/* kernel.c: prototypes of runtime/kfuncproto.def as BTF: types and the ends of parameters' names
 * say what Linux's declarations say.
 */
#include "fuzz/kernel.h"

#include <stdio.h>
#include <string.h>

#include "fuzz/btf_out.h"
#include "fuzz/case.h"
#include "runtime/kfunc.h"

enum {
    MAX_STRUCTS = 64,
    LINKAGE_STATIC = 0,
};

struct kernel {
    struct btf_out b;
    uint32_t n1, n4, n8, n8_ptr, void_ptr; /* ids of types */
    struct {
        char name[40];
        uint32_t ptr;
    } structs[MAX_STRUCTS];
    uint32_t n_structs;
};

static uint32_t number(struct kernel *k, uint32_t bytes) {
    return bytes == 1 ? k->n1 : bytes == 8 ? k->n8 : k->n4;
}

/* A pointer to a struct of words. */
static uint32_t to_struct(struct kernel *k, const char *name, uint32_t bytes) {
    for (uint32_t i = 0; i < k->n_structs; i++)
        if (!strcmp(k->structs[i].name, name))
            return k->structs[i].ptr;
    const uint32_t n = bytes / 8 ? bytes / 8 : 1;
    const uint32_t id = btf_out_struct(&k->b, name, 8 * n, n);
    for (uint32_t i = 0; i < n; i++) {
        char member[16];
        snprintf(member, sizeof member, "w%u", i);
        btf_out_member(&k->b, member, k->n8, 8 * i);
    }
    const uint32_t ptr = btf_out_ptr(&k->b, id);
    if (k->n_structs < MAX_STRUCTS) {
        snprintf(k->structs[k->n_structs].name, sizeof k->structs[0].name, "%s", name);
        k->structs[k->n_structs++].ptr = ptr;
    }
    return ptr;
}

/* struct param: as it is declared. */
struct param {
    uint32_t type;
    const char *name;
};

static struct param param_of(struct kernel *k, const struct kfunc_arg *a) {
    switch ((enum kfunc_arg_type)a->type) {
    case KFUNC_ARG_CONST: return (struct param){k->n8, "n__k"};
    case KFUNC_ARG_IGN: return (struct param){k->void_ptr, "p__ign"};
    case KFUNC_ARG_MAP: return (struct param){k->void_ptr, "p__map"};
    case KFUNC_ARG_DYNPTR: return (struct param){to_struct(k, "bpf_dynptr", 16), "p"};
    case KFUNC_ARG_DYNPTR_NEW: return (struct param){to_struct(k, "bpf_dynptr", 16), "p__uninit"};
    case KFUNC_ARG_ITER: return (struct param){to_struct(k, a->btf_type, a->bytes), "it"};
    case KFUNC_ARG_STR: return (struct param){k->void_ptr, "s__str"};
    case KFUNC_ARG_BUF: return (struct param){k->void_ptr, a->null ? "buffer__opt" : "buffer"};
    case KFUNC_ARG_SIZE: return (struct param){k->n4, "buffer__sz"};
    case KFUNC_ARG_CSIZE: return (struct param){k->n4, "buffer__szk"};
    case KFUNC_ARG_NUM: return (struct param){k->n8, "n"};
    case KFUNC_ARG_BTF:
        return (struct param){to_struct(k, a->btf_type ? a->btf_type : "object", 64), "p"};
    default: return (struct param){0, ""};
    }
}

static uint32_t result_of(struct kernel *k, const struct kfunc_proto *p) {
    switch ((enum kfunc_ret_type)p->ret.type) {
    case KFUNC_RET_NUM: return number(k, p->ret.bytes);
    case KFUNC_RET_MEM:
    case KFUNC_RET_MEM_RW: return p->ret.bytes == 4 ? btf_out_ptr(&k->b, k->n4) : k->n8_ptr;
    case KFUNC_RET_SLICE:
    case KFUNC_RET_SLICE_RW: return k->void_ptr;
    case KFUNC_RET_BTF: return to_struct(k, p->ret.btf_type, 64);
    default: return 0;
    }
}

/* Functions whose arguments cannot be declared here, contexts say, are left out. */
static void put_function(struct kernel *k, const struct kfunc_proto *p) {
    struct param params[5];
    for (uint32_t i = 0; i < p->n_args; i++) {
        params[i] = param_of(k, &p->arg[i]);
        if (!params[i].type)
            return;
    }
    const uint32_t ret = result_of(k, p);
    const uint32_t proto = btf_out_proto(&k->b, ret, p->n_args);
    for (uint32_t i = 0; i < p->n_args; i++)
        btf_out_param(&k->b, params[i].name, params[i].type);
    btf_out_func(&k->b, p->name, proto, LINKAGE_STATIC);
}

enum bpflab_err kernel_types_new(struct btf **out) {
    struct kernel k = {.n_structs = 0};
    struct blob bytes = {0};
    const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    btf_out_init(&k.b, big);
    bytes.big_endian = big;
    k.n1 = btf_out_int(&k.b, "bool", 1);
    k.n4 = btf_out_int(&k.b, "int", 4);
    k.n8 = btf_out_int(&k.b, "long", 8);
    k.void_ptr = btf_out_ptr(&k.b, 0);
    k.n8_ptr = btf_out_ptr(&k.b, k.n8);
    for (uint32_t i = 0; case_kfunc(i); i++) {
        const struct kfunc_proto *const p = kfunc_proto_of(case_kfunc(i));
        if (p && p->implemented)
            put_function(&k, p);
    }
    btf_out_finish(&k.b, &bytes);
    const enum bpflab_err err =
        bytes.failed ? BPFLAB_E_NOMEM : btf_parse(bytes.at, bytes.n, NULL, out, NULL);
    free(bytes.at);
    return err;
}
