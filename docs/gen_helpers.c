/* gen_helpers.c: the page of helpers: prototypes, who may call them, and which of them run here. */
#include "docs/gen.h"

#include "runtime/proto.h"

static const char *const arg_names[N_ARG_TYPES] = {
    [ARG_ANY] = "any",
    [ARG_SCALAR] = "number",
    [ARG_MAP] = "map",
    [ARG_MAP_KEY] = "key",
    [ARG_MAP_VALUE] = "value",
    [ARG_MEM] = "mem",
    [ARG_SIZE] = "size",
    [ARG_SIZE_OR_ZERO] = "size0",
    [ARG_ALLOC_SIZE] = "const size",
    [ARG_CTX] = "ctx",
    [ARG_SPIN_LOCK] = "spin lock",
    [ARG_TIMER] = "timer",
    [ARG_FIXED_MEM] = "mem",
    [ARG_SOCKET] = "bpf_sock",
    [ARG_SOCK_COMMON] = "bpf_sock",
    [ARG_BTF_SOCK_COMMON] = "socket",
    [ARG_BTF_ID] = "object",
    [ARG_PERCPU_BTF_ID] = "per-CPU variable",
    [ARG_RINGBUF_MEM] = "record",
    [ARG_DYNPTR] = "dynptr",
    [ARG_FUNC] = "callback",
    [ARG_STACK] = "stack",
    [ARG_CONST_STR] = "string",
    [ARG_KPTR] = "kptr slot",
};

static const char *const ret_names[N_RET_TYPES] = {
    [RET_INT] = "int",
    [RET_VOID] = "void",
    [RET_MAP_VALUE] = "value",
    [RET_SOCKET] = "bpf_sock",
    [RET_TCP_SOCK] = "bpf_tcp_sock",
    [RET_SOCK_COMMON] = "bpf_sock",
    [RET_RINGBUF_MEM] = "record",
    [RET_DYNPTR_MEM] = "mem",
    [RET_BTF_ID] = "object",
    [RET_MEM_OR_BTF_ID] = "per-CPU variable",
};

static void print_arg(FILE *out, const struct arg_proto *a) {
    if (a->flags & ARG_F_RELEASE)
        fprintf(out, "release ");
    if (a->flags & ARG_F_UNINIT)
        fprintf(out, "out ");
    else if (a->flags & ARG_F_WRITE)
        fprintf(out, "inout ");
    else if ((a->flags & ARG_F_RDONLY) && a->type == ARG_MEM)
        fprintf(out, "in ");
    fprintf(out, "%s",
            a->btf_type               ? a->btf_type
            : (a->flags & ARG_F_ZERO) ? "0"
                                      : arg_names[a->type]);
    if (a->mem_bytes)
        fprintf(out, "[%u]", a->mem_bytes);
    if (a->flags & ARG_F_IN_MAP)
        fprintf(out, " in a map");
    if (a->flags & ARG_F_NULL)
        fprintf(out, "?");
}

static void print_proto(FILE *out, const struct helper_proto *p) {
    static const char *const ranges[] = {
        [RET_RANGE_ANY] = "", [RET_RANGE_CPU] = " cpu", [RET_RANGE_SIZE] = " size"};
    fprintf(out, "`%s%s%s%s%s %s(", p->ret_btf_type ? p->ret_btf_type : ret_names[p->ret],
            ranges[p->ret_range], p->ret_flags & RET_F_NULL ? "?" : "",
            p->ret_flags & RET_F_ACQUIRE ? " acquired" : "",
            p->ret_flags & RET_F_CAST ? " cast" : "", p->name);
    for (unsigned i = 0; i < p->n_args; i++) {
        fprintf(out, "%s", i ? ", " : "");
        print_arg(out, &p->arg[i]);
    }
    fprintf(out, ")`");
}

static void print_flags(FILE *out, unsigned flags) {
    static const struct {
        unsigned flag;
        const char *text;
    } names[] = {
        {HELPER_F_GPL, "GPL"},          {HELPER_F_PKT_ACCESS, "packet"},
        {HELPER_F_PKT_CHANGE, "moves"}, {HELPER_F_SLEEPS, "sleeps"},
        {HELPER_F_SLEEPY, "sleeps\\*"}, {HELPER_F_FASTCALL, "fast"},
        {HELPER_F_LIMIT, "targets"},    {HELPER_F_MAP_WRITE, "changes"},
    };
    const char *comma = "";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (flags & names[i].flag) {
            fprintf(out, "%s%s", comma, names[i].text);
            comma = ", ";
        }
}

/* Does the type's answer depend on the attach type? */
static bool depends_on_attach(uint32_t id, uint32_t type) {
    static const int attach[] = {
#define ATTACH_TYPE(nr, name) nr,
#include "isa/kind.def"
    };
    for (size_t i = 0; i < sizeof attach / sizeof attach[0]; i++)
        if (!helper_allowed(id, type, attach[i]))
            return true;
    return false;
}

static void print_callers(FILE *out, uint32_t id) {
    uint64_t callers = 0, marked = 0;
    for (size_t t = 0; t < GEN_N_TYPES; t++) {
        if (!helper_allowed(id, gen_types[t], -1))
            continue;
        callers |= UINT64_C(1) << t;
        if (depends_on_attach(id, gen_types[t]))
            marked |= UINT64_C(1) << t;
    }
    gen_type_list(out, callers, gen_linux_types(), marked);
}

/* The most that any type asks for; types for tracing ask for CAP_PERFMON as a whole. */
static const char *capability(uint32_t id) {
    static const char *const names[] = {"", "BPF", "PERFMON", "SYS_ADMIN", ""};
    enum helper_cap most = HELPER_CAP_NONE;
    for (size_t t = 0; t < GEN_N_TYPES; t++) {
        enum helper_cap cap = helper_cap_of(id, gen_types[t], -1);
        if ((gen_linux_types() >> t & 1) && cap != HELPER_CAP_NEVER && cap > most)
            most = cap;
    }
    return names[most];
}

/* The program types that see this prototype. */
static uint64_t types_seeing(const struct helper_proto *p) {
    uint64_t set = 0;
    for (size_t t = 0; t < GEN_N_TYPES; t++)
        if (helper_proto_for(p->id, gen_types[t], -1) == p)
            set |= UINT64_C(1) << t;
    return set;
}

static void print_variants(FILE *out) {
    fprintf(out, "\n## Prototypes that differ by program type\n\n"
                 "| helper | prototype | flags | program types |\n|---|---|---|---|\n");
    for (uint32_t id = 1; id < N_HELPERS; id++) {
        uint64_t done = types_seeing(helper_proto_of(id));
        for (size_t t = 0; t < GEN_N_TYPES; t++) {
            const struct helper_proto *p = helper_proto_for(id, gen_types[t], -1);
            if (done >> t & 1)
                continue;
            done |= types_seeing(p);
            fprintf(out, "| %s | ", p->name);
            print_proto(out, p);
            fprintf(out, " | ");
            print_flags(out, p->flags);
            fprintf(out, " | ");
            gen_type_list(out, types_seeing(p), UINT64_MAX, 0);
            fprintf(out, " |\n");
        }
    }
}

/* clang-format off */
static const char intro[] =
    "# Helpers\n\n"
    "Made from `runtime/helper.def` and `runtime/avail.def` by `docs/gen_tables`; change the rows, not this page.\n\n"
    "All %d numbered helpers of Linux 6.12; bpflab runs %u of them.\n\n"
    "In prototypes `?` is \"or NULL\"; `in`, `out` and `inout` memory has the size that the next argument gives "
    "(`size`: not 0, `size0`: may be 0) or the one in brackets; `out` need not be initialised; `acquired` is a "
    "reference that must be released, `cast` the first argument's object with its reference; `int cpu` is a CPU's "
    "number, `int size` an error or at most the size.\n\n"
    "Flags: *GPL* only for GPL-compatible programs; *packet* takes packet pointers as memory; *moves* ends the "
    "validity of packet pointers; *sleeps* only in sleepable programs, *sleeps\\** when a sleepable program calls it; "
    "*fast* changes no register but r0; *targets* only at certain attach targets; *changes* the map's entries. Needs: the capability that a "
    "program's loader must have for the call, unless the program type asks for as much anyway. † depends on the "
    "attach type.\n\n"
    "| id | prototype | runs | flags | needs | program types |\n|---|---|---|---|---|---|\n";
/* clang-format on */

void gen_helpers(FILE *out) {
    unsigned n_implemented = 0;
    for (uint32_t id = 1; id < N_HELPERS; id++)
        n_implemented += helper_proto_of(id)->implemented;
    fprintf(out, intro, N_HELPERS - 1, n_implemented);
    for (uint32_t id = 1; id < N_HELPERS; id++) {
        const struct helper_proto *p = helper_proto_of(id);
        fprintf(out, "| %u | ", id);
        print_proto(out, p);
        fprintf(out, " | %s | ", p->implemented ? "yes" : "");
        print_flags(out, p->flags);
        fprintf(out, " | %s | ", capability(id));
        print_callers(out, id);
        fprintf(out, " |\n");
    }
    print_variants(out);
}
