/* perf.c: records for user space through perf events, counters, and branch records, which need
 * hardware that a world does not have.
 */
#include "runtime/map/perf.h"

#include "runtime/helper/arg.h"

enum {
    COUNTER_BYTES = 24, /* struct bpf_perf_event_value */
    PACKET_LEN_SHIFT = 32,
    BRANCH_RECORDS_SIZE = 1,
};

#define INDEX_MASK      UINT64_C(0xffffffff)
#define PACKET_LEN_MASK (UINT64_C(0xfffff) << PACKET_LEN_SHIFT)

/* Is the context a packet, bytes of which may follow the record? */
static bool has_packet(const struct world *w) {
    switch (w->st.ctx_type) {
    case PROG_socket_filter:
    case PROG_sched_cls:
    case PROG_sched_act:
    case PROG_xdp:
    case PROG_cgroup_skb:
    case PROG_lwt_in:
    case PROG_lwt_out:
    case PROG_lwt_xmit:
    case PROG_lwt_seg6local:
    case PROG_sk_skb: return true;
    default: return false;
    }
}

static uint64_t event_index(const struct world *w, uint64_t flags) {
    const uint64_t index = flags & INDEX_MASK;
    return index == INDEX_MASK ? w->st.cpu : index;
}

uint64_t helper_perf_event_output(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                  struct world *w) {
    HELPER_UNUSED1(r1);
    struct map *m = arg_map_of(w, r2, MAP_perf_event_array);
    const void *data = m ? arg_read(w, r4, r5) : NULL;
    if (!data)
        return 0;
    const uint64_t packet_len = (r3 & PACKET_LEN_MASK) >> PACKET_LEN_SHIFT;
    if (r3 & ~(INDEX_MASK | (has_packet(w) ? PACKET_LEN_MASK : 0)))
        return helper_err(LX_EINVAL);
    const struct world_packet *pkt = &w->st.pkt;
    if (packet_len > pkt->end - pkt->data)
        return helper_err(LX_EFAULT);
    return arg_int(perf_output(w, m, event_index(w, r3), data, r5,
                               w->mem + WORLD_PKT_OFF + pkt->data, packet_len));
}

/* Can the event be read here?
 * out: 0 or negative errno */
static int check_event(const struct world *w, const struct map *m, uint64_t flags) {
    if (flags & ~INDEX_MASK)
        return -LX_EINVAL;
    const int cpu = perf_event_cpu(w, m, event_index(w, flags));
    if (cpu < 0)
        return cpu;
    return (uint32_t)cpu == w->st.cpu ? 0 : -LX_EINVAL;
}

uint64_t helper_perf_event_read(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    const struct map *m = arg_map_of(w, r1, MAP_perf_event_array);
    if (!m)
        return 0;
    const int err = check_event(w, m, r2);
    return err ? arg_int(err) : w->env->counter.value;
}

/* Fill a struct bpf_perf_event_value, or clear it where err says so. */
static uint64_t put_counter(const struct world *w, uint8_t *p, uint32_t size, int err) {
    if (size != COUNTER_BYTES)
        err = -LX_EINVAL;
    if (err) {
        memset(p, 0, size);
        return arg_int(err);
    }
    world_put64(w, p, w->env->counter.value);
    world_put64(w, p + 8, w->env->counter.enabled_ns);
    world_put64(w, p + 16, w->env->counter.running_ns);
    return 0;
}

uint64_t helper_perf_event_read_value(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                      uint64_t r5, struct world *w) {
    HELPER_UNUSED1(r5);
    const struct map *m = arg_map_of(w, r1, MAP_perf_event_array);
    uint8_t *p = m ? arg_write(w, r3, (uint32_t)r4) : NULL;
    return p ? put_counter(w, p, (uint32_t)r4, check_event(w, m, r2)) : 0;
}

uint64_t helper_perf_prog_read_value(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
                                     uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r1, r4, r5);
    uint8_t *p = arg_write(w, r2, (uint32_t)r3);
    return p ? put_counter(w, p, (uint32_t)r3, 0) : 0;
}

uint64_t helper_get_branch_snapshot(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED4(r1, r2, r4, r5);
    (void)w;
    return helper_err(r3 ? LX_EINVAL : LX_ENOENT);
}

uint64_t helper_read_branch_records(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5,
                                    struct world *w) {
    HELPER_UNUSED4(r1, r2, r3, r5);
    (void)w;
    return helper_err(r4 & ~(uint64_t)BRANCH_RECORDS_SIZE ? LX_EINVAL : LX_ENOENT);
}
