/* gen_progtypes.c: the page of program types and of the contexts that they get. */
#include "docs/gen.h"

#include <inttypes.h>

#include "runtime/proto.h"

static const char *packet_text(const struct progtype *pt) {
    switch (pt->pkt_start) {
    case PKT_FRAME: return "from the frame's start";
    case PKT_NETWORK: return "from the network header";
    case PKT_TRANSPORT: return "from the transport header";
    case PKT_PAYLOAD: return "from the payload";
    default: return "";
    }
}

/* Every capability comes with CAP_BPF. */
static const char *caps_text(uint8_t caps) {
    switch (caps & ~PROG_CAP_BPF) {
    case PROG_CAP_NET_ADMIN: return "NET_ADMIN";
    case PROG_CAP_PERFMON: return "PERFMON";
    case PROG_CAP_NET_ADMIN | PROG_CAP_PERFMON: return "NET_ADMIN, PERFMON";
    default: return caps ? "BPF" : "";
    }
}

static const char *sleeps_text(const struct progtype *pt) {
    return pt->must_sleep ? "always" : progtype_may_sleep(pt, -1) ? "may" : "";
}

static void returns(FILE *out, int64_t min, int64_t max) {
    if (min == INT64_MIN && max == INT64_MAX)
        fprintf(out, "any");
    else
        fprintf(out, "%" PRId64 " to %" PRId64, min, max);
}

static unsigned n_helpers(uint32_t type) {
    unsigned n = 0;
    for (uint32_t id = 1; id < N_HELPERS; id++)
        n += helper_allowed(id, type, -1);
    return n;
}

static void summary(FILE *out) {
    fprintf(out, "| number | type | needs | context | bytes | packet | writes it | LD_ABS | sleeps "
                 "| returns | "
                 "helpers |\n"
                 "|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < GEN_N_TYPES; i++) {
        const struct progtype *pt = progtype_of(gen_types[i]);
        if (!pt)
            continue;
        fprintf(out, "| %u | %s | %s | %s | %s%u | %s | %s | %s | %s | ", pt->type, pt->name,
                caps_text(pt->caps), pt->ctx_name ? pt->ctx_name : "", pt->opaque ? "up to " : "",
                pt->ctx_bytes, packet_text(pt), pt->pkt_write ? "yes" : "", pt->ld_abs ? "yes" : "",
                sleeps_text(pt));
        returns(out, pt->ret_min, pt->ret_max);
        fprintf(out, " | %u |\n", n_helpers(pt->type));
    }
}

static const char *kind_text(uint8_t kind) {
    switch (kind) {
    case CTX_PKT_DATA: return "packet pointer";
    case CTX_PKT_END: return "end of packet";
    case CTX_PKT_META: return "packet metadata";
    case CTX_PTR_DATA: return "pointer to memory";
    case CTX_PTR_END: return "end of memory";
    case CTX_SOCK: return "`bpf_sock`";
    case CTX_SOCK_NULL:
    case CTX_SOCK_COMMON: return "`bpf_sock` or NULL";
    case CTX_FLOW_KEYS: return "`bpf_flow_keys`";
    case CTX_TP_BUFFER: return "tracepoint's buffer";
    case CTX_BTF: return "kernel object";
    default: return "";
    }
}

/* Who may access a field, and how wide; set: bits of sizes. */
static void access_cells(FILE *out, uint8_t set, uint64_t who, uint64_t all) {
    const char *space = "";
    for (unsigned n = 1; n <= 8 && who; n *= 2)
        if (set & n) {
            fprintf(out, "%s%u", space, n);
            space = " ";
        }
    fprintf(out, " | ");
    gen_type_list(out, who, all, 0);
    fprintf(out, " |");
}

/* The types that share the structure, as bits; of them, those that may read (write) a field. */
static uint64_t sharers(const struct ctx_field *fields) {
    uint64_t set = 0;
    for (size_t i = 0; i < GEN_N_TYPES; i++) {
        const struct progtype *pt = progtype_of(gen_types[i]);
        if (pt && pt->fields == fields)
            set |= UINT64_C(1) << i;
    }
    return set;
}

static uint64_t users(uint64_t all, unsigned index, bool write) {
    uint64_t set = 0;
    for (size_t i = 0; i < GEN_N_TYPES; i++) {
        const struct progtype *pt = all >> i & 1 ? progtype_of(gen_types[i]) : NULL;
        if (pt && ((write ? pt->write : pt->read) >> index & 1))
            set |= UINT64_C(1) << i;
    }
    return set;
}

static void layout(FILE *out, const struct progtype *first) {
    const uint64_t all = sharers(first->fields);
    fprintf(out, "\n### %s\n\nFor ", first->ctx_name);
    gen_type_list(out, all, UINT64_MAX, 0);
    fprintf(out, ".\n\n| offset | bytes | field | is | loads | read by | stores | written by |\n"
                 "|---|---|---|---|---|---|---|---|\n");
    for (unsigned k = 0; k < first->n_fields; k++) {
        const struct ctx_field *f = &first->fields[k];
        if (f->kind == CTX_RESERVED)
            continue;
        fprintf(out, "| %u | %u | %s | %s | ", f->off, f->size, f->name, kind_text(f->kind));
        access_cells(out, f->rd, users(all, k, false), all);
        fprintf(out, " ");
        access_cells(out, f->wr, users(all, k, true), all);
        fprintf(out, "\n");
    }
}

static bool is_first(size_t i) {
    const struct progtype *pt = progtype_of(gen_types[i]);
    for (size_t k = 0; k < i; k++) {
        const struct progtype *earlier = progtype_of(gen_types[k]);
        if (earlier && earlier->fields == pt->fields)
            return false;
    }
    return true;
}

/* clang-format off */
static const char intro[] =
    "# Program types\n\n"
    "Made from `runtime/progtype.def` by `docs/gen_tables`; change the rows, not this page.\n\n"
    "*Needs*: the capability besides CAP_BPF that a program's loader must have. *Sleeps*: may be sleepable, with some "
    "attach type at least.\n\n";

static const char contexts[] =
    "\n## Contexts\n\n"
    "Loads and stores: the sizes in bytes that an access may have. A type that is listed may still be limited to "
    "certain attach types.\n";
/* clang-format on */

void gen_progtypes(FILE *out) {
    fprintf(out, "%s", intro);
    summary(out);
    fprintf(out, "%s", contexts);
    for (size_t i = 0; i < GEN_N_TYPES; i++) {
        const struct progtype *pt = progtype_of(gen_types[i]);
        if (pt && pt->fields && pt->n_fields && is_first(i))
            layout(out, pt);
    }
}
