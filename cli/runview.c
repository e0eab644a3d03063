/* runview.c: before and after.
 */
#include "cli/runview.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/listing.h"
#include "loader/core.h"
#include "runtime/proto.h"

enum {
    ROW = 16,
    ROWS_SHOWN = 64
};

static uint8_t *copy_of(const uint8_t *at, uint32_t n_bytes, bool *failed) {
    uint8_t *copy = malloc((size_t)n_bytes + 1);
    *failed |= !copy;
    if (copy)
        memcpy(copy, at, n_bytes);
    return copy;
}

static bool has_packet(const struct prog *p) {
    const struct progtype *pt = progtype_of(p->type);
    return pt && pt->packet && p->type != PROG_raw;
}

enum bpflab_err runview_take(struct engine_session *s, const struct prog *p, struct runview *out) {
    const struct instance *in = engine_instance(s);
    const struct world *w = in->world;
    struct runview v = {.s = s, .in = in, .p = p};
    bool failed = false;
    if (has_packet(p)) {
        v.packet_data = w->st.pkt.data;
        v.packet_bytes = w->st.pkt.end - w->st.pkt.data;
        v.packet = copy_of(w->mem + WORLD_PKT_OFF + v.packet_data, v.packet_bytes, &failed);
    }
    if (p->type == PROG_raw && in->mem_addr) {
        v.mem_bytes = (uint32_t)in->mem_room;
        v.mem = copy_of(w->mem + world_off(in->mem_addr), v.mem_bytes, &failed);
    } else if (p->type != PROG_raw) {
        v.ctx_bytes = w->st.ctx_bytes;
        v.ctx = copy_of(w->mem + WORLD_CTX_OFF, v.ctx_bytes, &failed);
    }
    v.maps = mapview_new(s);
    if (failed || !v.maps) {
        runview_fini(&v);
        return BPFLAB_E_NOMEM;
    }
    *out = v;
    return BPFLAB_OK;
}

void runview_fini(struct runview *v) {
    mapview_free(v->maps);
    free(v->packet);
    free(v->mem);
    free(v->ctx);
    *v = (struct runview){0};
}

const char *run_value_name(const struct prog *p, uint64_t r0) {
    const struct progtype *pt = progtype_of(p->type);
    return pt && pt->ret_name ? pt->ret_name(r0) : NULL;
}

const char *run_end_text(const struct run_end *end, char buf[RUN_END_TEXT_MAX]) {
    if (end->pc == UINT32_MAX)
        snprintf(buf, RUN_END_TEXT_MAX, "%s", run_kind_text(end->kind));
    else
        snprintf(buf, RUN_END_TEXT_MAX, "%s at pc %" PRIu32, run_kind_text(end->kind), end->pc);
    return buf;
}

static bool has_address(enum run_kind kind) {
    return kind == RUN_TRAP_MEMORY || kind == RUN_TRAP_NULL || kind == RUN_TRAP_ALIGN;
}

enum {
    CAUSE_MAX = 200
};

/* trap_cause: what the instruction lacks, where the program tells: a symbol that nobody supplies, a
 * CO-RE relocation that found no answer.
 * out:    false if it does not tell */
static bool trap_cause(const struct run_end *end, const struct prog *at, char buf[CAUSE_MAX]) {
    for (uint32_t i = 0; at && i < at->n_externs; i++) {
        const struct prog_extern *e = &at->externs[i];
        if (e->pc == end->pc && (end->kind == RUN_TRAP_HELPER || end->kind == RUN_TRAP_INSN)) {
            snprintf(buf, CAUSE_MAX,
                     "%s %.120s is not in the object, and bpflab does not supply it",
                     e->is_func ? "function" : "symbol", e->name);
            return true;
        }
    }
    if (end->kind == RUN_TRAP_HELPER && end->addr == CORE_POISON) {
        snprintf(buf, CAUSE_MAX, "a CO-RE relocation found no answer; bpflab info names it");
        return true;
    }
    return false;
}

void runview_print_trap(const struct cli *c, const struct run_end *end, const struct prog *at) {
    char cause[CAUSE_MAX];
    const bool known = trap_cause(end, at, cause);
    printf("%strap%s   %s", cli_colour(c, CLI_RED), cli_colour(c, CLI_PLAIN),
           run_kind_text(end->kind));
    if (has_address(end->kind))
        printf(" (address %#" PRIx64 ")", end->addr);
    else if (end->kind == RUN_TRAP_HELPER && !known)
        printf(" (number %" PRIu64 ")", end->addr);
    if (known) {
        fputs("\n  ", stdout);
        cli_plain(stdout, cause);
    }
    if (end->pc == UINT32_MAX) {
        putchar('\n');
        return;
    }
    printf("\n  at pc %" PRIu32, end->pc);
    if (at && at->name && at->name[0]) {
        fputs(" of ", stdout);
        cli_plain(stdout, at->name);
    }
    putchar('\n');
    if (at)
        listing_around(c, stdout, at, end->pc, 3);
}

void runview_json_trap(struct json *j, const struct run_end *end, const struct prog *at) {
    char cause[CAUSE_MAX];
    json_key(j, "trap");
    if (end->kind == RUN_EXIT) {
        json_null(j);
        return;
    }
    json_open_object(j);
    json_put_text(j, "kind", run_kind_id(end->kind));
    if (end->pc != UINT32_MAX)
        json_put_number(j, "pc", end->pc);
    else
        json_put_null(j, "pc");
    json_put_text(j, "reason", run_kind_text(end->kind));
    const bool known = trap_cause(end, at, cause);
    if (known)
        json_put_text(j, "cause", cause);
    if (has_address(end->kind))
        json_put_hex(j, "address", end->addr);
    if (end->kind == RUN_TRAP_HELPER && !known)
        json_put_number(j, "helper", end->addr);
    if (at && end->pc != UINT32_MAX) {
        char text[ASM_LINE_MAX];
        listing_text(at, end->pc, text);
        json_put_text(j, "program", at->name);
        json_put_text(j, "text", text);
        listing_json_source(j, at, end->pc);
    }
    json_close_object(j);
}

static void print_row(const struct cli *c, char sign, uint32_t off, const uint8_t *at, uint32_t n) {
    printf("  %s%c %04x ", cli_colour(c, sign == '-' ? CLI_RED : CLI_GREEN), sign, (unsigned)off);
    for (uint32_t i = 0; i < n; i++)
        printf("%s%02x", i % 8 == 0 && i ? "  " : " ", at[i]);
    printf("%s\n", cli_colour(c, CLI_PLAIN));
}

/* print_rows: the rows of 16 bytes that differ; all of after's where the sizes do. */
static void print_rows(const struct cli *c, const uint8_t *before, uint32_t n_before,
                       const uint8_t *after, uint32_t n_after) {
    uint32_t shown = 0;
    bool same_size = n_before == n_after;
    for (uint32_t off = 0; off < n_after; off += ROW) {
        uint32_t n = n_after - off < ROW ? n_after - off : ROW;
        if (same_size && !memcmp(before + off, after + off, n))
            continue;
        if (shown++ == ROWS_SHOWN) {
            puts("  ...");
            return;
        }
        if (same_size)
            print_row(c, '-', off, before + off, n);
        print_row(c, '+', off, after + off, n);
    }
}

static void print_packet(const struct cli *c, const struct runview *v) {
    const struct world *w = v->in->world;
    const struct world_packet *pkt = &w->st.pkt;
    const uint8_t *now = w->mem + WORLD_PKT_OFF + pkt->data;
    uint32_t n = pkt->end - pkt->data;
    bool moved = pkt->data != v->packet_data || n != v->packet_bytes;
    if (!moved && !memcmp(now, v->packet, n))
        return;
    printf("%spacket%s %" PRIu32 " bytes", cli_colour(c, CLI_BOLD), cli_colour(c, CLI_PLAIN), n);
    if (moved)
        printf(" (was %" PRIu32 "), start moved by %" PRId64, v->packet_bytes,
               (int64_t)pkt->data - (int64_t)v->packet_data);
    putchar('\n');
    print_rows(c, v->packet, moved ? n + 1 : n, now, n);
}

static uint64_t field_value(const struct world *w, const uint8_t *at, unsigned size) {
    return size == 1   ? at[0]
           : size == 2 ? world_get16(w, at)
           : size == 4 ? world_get32(w, at)
                       : world_get64(w, at);
}

/* print_context: fields that changed, by name; opaque contexts as bytes. */
static void print_context(const struct cli *c, const struct runview *v) {
    const struct world *w = v->in->world;
    const struct progtype *pt = progtype_of(v->p->type);
    const uint8_t *now = w->mem + WORLD_CTX_OFF;
    if (!v->ctx || !memcmp(now, v->ctx, v->ctx_bytes))
        return;
    printf("%scontext%s %s\n", cli_colour(c, CLI_BOLD), cli_colour(c, CLI_PLAIN),
           pt && pt->ctx_name ? pt->ctx_name : "");
    if (!pt || !pt->fields) {
        print_rows(c, v->ctx, v->ctx_bytes, now, v->ctx_bytes);
        return;
    }
    for (uint32_t i = 0; i < pt->n_fields; i++) {
        const struct ctx_field *f = &pt->fields[i];
        unsigned elem = f->elem == 1 || f->elem == 2 || f->elem == 4 || f->elem == 8 ? f->elem : 1;
        for (unsigned at = f->off; at + elem <= (unsigned)f->off + f->size; at += elem) {
            if (at + elem > v->ctx_bytes || !memcmp(v->ctx + at, now + at, elem))
                continue;
            printf("  %s", f->name ? f->name : "?");
            if (f->size > elem)
                printf("[%u]", (at - f->off) / elem);
            printf(" = %#" PRIx64 " (was %#" PRIx64 ")\n", field_value(w, now + at, elem),
                   field_value(w, v->ctx + at, elem));
        }
    }
}

static const char *redirect_kind(uint32_t kind) {
    static const char *const names[] = {"none", "interface", "map", "socket", "peer", "neighbour"};
    return kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

void runview_print_changes(const struct cli *c, const struct runview *v) {
    const struct world *w = v->in->world;
    if (v->packet)
        print_packet(c, v);
    const uint8_t *mem = v->mem ? w->mem + world_off(v->in->mem_addr) : NULL;
    if (mem && memcmp(mem, v->mem, v->mem_bytes)) {
        printf("%smemory%s\n", cli_colour(c, CLI_BOLD), cli_colour(c, CLI_PLAIN));
        print_rows(c, v->mem, v->mem_bytes, mem, v->mem_bytes);
    }
    print_context(c, v);
    if (w->st.redirect.kind)
        printf("redirect to %s, interface %" PRIu32 ", key %" PRIu32 "\n",
               redirect_kind(w->st.redirect.kind), w->st.redirect.ifindex, w->st.redirect.key);
    struct mapview *after = mapview_new(v->s);
    if (after)
        mapview_print(c, stdout, v->in, v->maps, after);
    mapview_free(after);
}

static void json_region(struct json *j, const char *name, const uint8_t *before, uint32_t n_before,
                        const uint8_t *after, uint32_t n_after) {
    json_key(j, name);
    if (!before) {
        json_null(j);
        return;
    }
    bool same = n_before == n_after && !memcmp(before, after, n_after);
    json_open_object(j);
    json_put_bool(j, "changed", !same);
    json_key(j, "before");
    json_bytes(j, before, n_before);
    json_key(j, "after");
    json_bytes(j, after, n_after);
    json_close_object(j);
}

void runview_json_changes(struct json *j, const struct runview *v) {
    const struct world *w = v->in->world;
    const uint8_t *packet = v->packet ? w->mem + WORLD_PKT_OFF + w->st.pkt.data : NULL;
    const uint8_t *mem = v->mem ? w->mem + world_off(v->in->mem_addr) : NULL;
    json_region(j, "packet", v->packet, v->packet_bytes, packet, w->st.pkt.end - w->st.pkt.data);
    json_region(j, "memory", v->mem, v->mem_bytes, mem, v->mem_bytes);
    json_region(j, "context", v->ctx, v->ctx_bytes, w->mem + WORLD_CTX_OFF, v->ctx_bytes);
    json_key(j, "redirect");
    if (w->st.redirect.kind) {
        json_open_object(j);
        json_put_text(j, "kind", redirect_kind(w->st.redirect.kind));
        json_put_number(j, "ifindex", w->st.redirect.ifindex);
        json_put_number(j, "key", w->st.redirect.key);
        json_close_object(j);
    } else {
        json_null(j);
    }
    struct mapview *after = mapview_new(v->s);
    if (after)
        mapview_json(j, v->in, v->maps, after);
    else
        json_put_null(j, "maps");
    mapview_free(after);
}

void runview_print_log(const struct cli *c, const struct run_log *log) {
    if (!log->n_bytes)
        return;
    printf("%sprinted%s\n", cli_colour(c, CLI_BOLD), cli_colour(c, CLI_PLAIN));
    for (size_t i = 0; i < log->n_bytes;) {
        const char *line = log->text + i, *end = memchr(line, '\n', log->n_bytes - i);
        size_t n = end ? (size_t)(end - line) : log->n_bytes - i;
        fputs("  ", stdout);
        cli_plain_n(stdout, line, n);
        putchar('\n');
        i += n + 1;
    }
}

void runview_json_log(struct json *j, const struct run_log *log) {
    json_key(j, "printed");
    json_text_n(j, log->text ? log->text : "", log->n_bytes);
}
