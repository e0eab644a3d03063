/* report_apply.c: a report's content into a world. What it says comes from another process, which
 * may be anybody's by then: every place is checked, memory that no program may access is left
 * alone, and so is what no run changes. */
#include "runtime/report.h"

static void apply_state(struct world_state *st, uint64_t id, uint64_t v) {
    uint64_t row = 0;
#define STATE(field, name)                                                                         \
    if (row++ == id)                                                                               \
        st->field = (__typeof__(st->field))v;
#include "runtime/state.def"
}

static void apply_call(struct world *w, const struct report_item *it) {
    if (it->id >= WORLD_TRACE_KEPT)
        return;
    struct call_record *c = &w->trace[it->id];
    c->helper = (uint32_t)report_number(it, 0);
    c->n_args = 5;
    for (uint32_t i = 0; i < 5; i++)
        c->args[i] = report_number(it, 1 + i);
    c->result = report_number(it, 6);
}

static void apply_packet(struct world *w, const struct report_item *it) {
    struct world_packet *p = &w->st.pkt;
    const uint64_t meta = report_number(it, 0), data = report_number(it, 1),
                   end = report_number(it, 2);
    if (meta > data || data > end || end > p->limit || meta < p->hard_start)
        return;
    p->meta = (uint32_t)meta;
    p->data = (uint32_t)data;
    p->end = (uint32_t)end;
    world_packet_moved(w);
}

/* Offset in the world where an area begins, and its size. */
static uint64_t area_of(const struct world *w, uint64_t area, uint64_t *n_bytes) {
    const struct world_packet *p = &w->st.pkt;
    switch (area) {
    case REPORT_CTX: *n_bytes = WORLD_CTX_BYTES; return WORLD_CTX_OFF;
    case REPORT_META: *n_bytes = p->data - p->meta; return WORLD_PKT_OFF + p->meta;
    case REPORT_DATA: *n_bytes = p->end - p->data; return WORLD_PKT_OFF + p->data;
    case REPORT_SCRATCH: *n_bytes = WORLD_SCRATCH_BYTES; return WORLD_SCRATCH_OFF;
    case REPORT_STACK: *n_bytes = WORLD_STACK_BYTES; return WORLD_STACK_OFF;
    default: *n_bytes = 0; return 0;
    }
}

static void apply_bytes(struct world *w, const struct report_item *it) {
    uint64_t room;
    const uint64_t at = area_of(w, it->id >> 32, &room), off = it->id & UINT32_MAX;
    if (off > room || it->n > room - off)
        return;
    for (uint32_t i = 0; i < it->n; i++)
        if (w->shadow[at + off + i])
            w->mem[at + off + i] = it->payload[i];
}

void report_apply(const struct world_report *r, struct world *w) {
    const struct world_state before = w->st;
    struct report_item it;
    size_t at = 0;
    while (report_next(r, &at, &it)) {
        switch (it.kind) {
        case REPORT_STATE: apply_state(&w->st, it.id, report_number(&it, 0)); break;
        case REPORT_CALL: apply_call(w, &it); break;
        case REPORT_CALLS:
            w->st.trace_count = (uint32_t)report_number(&it, 0);
            w->st.trace_digest = report_number(&it, 1);
            break;
        case REPORT_PACKET: apply_packet(w, &it); break;
        case REPORT_BYTES: apply_bytes(w, &it); break;
        case REPORT_NET:
        case REPORT_TIMERS:
        case REPORT_ENTRY: break;
        }
    }
    w->st.cpu = before.cpu; /* an index of tables */
    w->st.ctx_type = before.ctx_type;
    w->st.ctx_bytes = before.ctx_bytes;
}
