/* subject_maps.c: may a program of this type use the maps that it names? Whether the places where
 * it names them are right is a matter of the instruction there. */
#include "verifier/subject_impl.h"

static bool has_field(const struct map_fact *m, enum special_kind kind) {
    for (uint32_t i = 0; i < m->n_fields; i++)
        if (m->fields[i].kind == (uint32_t)kind)
            return true;
    return false;
}

static bool is_tracing(uint32_t prog_type) {
    switch (prog_type) {
    case PROG_kprobe:
    case PROG_tracepoint:
    case PROG_perf_event:
    case PROG_raw_tracepoint:
    case PROG_raw_tracepoint_writable: return true;
    default: return false;
    }
}

static bool sleepable_may_use(uint32_t map_type) {
    switch (map_type) {
    case MAP_hash:
    case MAP_lru_hash:
    case MAP_array:
    case MAP_percpu_hash:
    case MAP_percpu_array:
    case MAP_lru_percpu_hash:
    case MAP_array_of_maps:
    case MAP_hash_of_maps:
    case MAP_ringbuf:
    case MAP_user_ringbuf:
    case MAP_inode_storage:
    case MAP_sk_storage:
    case MAP_task_storage:
    case MAP_cgrp_storage:
    case MAP_queue:
    case MAP_stack:
    case MAP_arena: return true;
    default: return false;
    }
}

/* Special fields that programs which run anywhere in the kernel may not touch. */
static const char *forbidden_field(const struct map_fact *m) {
    if (has_field(m, SPECIAL_LIST_HEAD) || has_field(m, SPECIAL_RB_ROOT))
        return "bpf_{list_head,rb_root}";
    if (m->spin_lock >= 0)
        return "bpf_spin_lock";
    if (m->timer >= 0)
        return "bpf_timer";
    return m->workqueue >= 0 ? "bpf_wq" : NULL;
}

static bool check_map(const struct subject *s, uint32_t pc, const struct map_fact *m,
                      struct report *rep) {
    const char *field = is_tracing(s->prog->type) ? forbidden_field(m) : NULL;
    if (field)
        return report_reject(rep, REASON_MAP_TYPE, pc, REPORT_NO_REG,
                             "tracing progs cannot use %s yet", field);
    if (s->prog->type == PROG_socket_filter && m->spin_lock >= 0)
        return report_reject(rep, REASON_MAP_TYPE, pc, REPORT_NO_REG,
                             "socket filter progs cannot use bpf_spin_lock yet");
    if (m->def->type == MAP_struct_ops)
        return report_reject(rep, REASON_MAP_TYPE, pc, REPORT_NO_REG,
                             "bpf_struct_ops map cannot be used in prog");
    if (s->prog->sleepable && !sleepable_may_use(m->def->type))
        return report_reject(rep, REASON_MAP_TYPE, pc, REPORT_NO_REG,
                             "Sleepable programs can only use array, hash, ringbuf and local "
                             "storage maps");
    if (m->def->type == MAP_arena && !s->privileged)
        return report_reject(rep, REASON_PRIVILEGE, pc, REPORT_NO_REG,
                             "CAP_BPF and CAP_PERFMON are required to use arena");
    return true;
}

bool subject_check_maps(struct subject *s, struct report *rep) {
    uint32_t arena = s->n_maps; /* the one that the program uses */
    for (uint32_t pc = 0; pc < s->prog->n_insns; pc++) {
        const uint32_t map = (uint32_t)s->prog->insns[pc].imm;
        if ((s->ops[pc] != OP_LDDW_MAP_IDX && s->ops[pc] != OP_LDDW_MAP_IDX_VALUE) ||
            map >= s->n_maps)
            continue;
        if (!check_map(s, pc, &s->maps[map], rep))
            return false;
        if (s->maps[map].def->type != MAP_arena)
            continue;
        if (arena != s->n_maps && arena != map)
            return report_reject(rep, REASON_MAP_TYPE, pc, REPORT_NO_REG,
                                 "Only one arena per program");
        arena = map;
        s->has_arena = true;
    }
    return true;
}
