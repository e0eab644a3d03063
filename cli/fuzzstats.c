#include "cli/fuzzstats.h"

#include <inttypes.h>

#include "fuzz/gen/gen.h"
#include "fuzz/maps.h"
#include "isa/kind.h"
#include "runtime/proto.h"

static const char *kind_name(uint32_t i) {
    return i < gen_n_kinds ? gen_kinds[i].name : i == LOOP_MUTATED ? "mutated" : "?";
}

static uint64_t total(const uint64_t *v) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < LOOP_KINDS; i++)
        n += v[i];
    return n;
}

/* Of programs that a structured generator made, how many were accepted, in percent. */
static double structured(const struct loop_stats *s) {
    uint64_t made = 0, accepted = 0;
    for (uint32_t i = 0; i < gen_n_kinds; i++)
        if (gen_kinds[i].structured) {
            made += s->made[i];
            accepted += s->accepted[i];
        }
    return made ? 100.0 * (double)accepted / (double)made : 0;
}

/* The length that half of the accepted programs do not exceed: the upper end of its class. */
static uint32_t median_length(const struct loop_stats *s) {
    uint64_t all = 0, n = 0;
    for (uint32_t i = 0; i < 16; i++)
        all += s->by_length[i];
    for (uint32_t i = 0; i < 16; i++)
        if ((n += s->by_length[i]) * 2 >= all)
            return 8 * i + 7;
    return 0;
}

static void print_reached(FILE *f, const char *what, uint32_t n, uint32_t of) {
    fprintf(f, "%-12s %4u of %u reached by accepted programs\n", what, n, of);
}

static void print_table(FILE *f, const struct loop_stats *s) {
    uint32_t n = 0, of = 0;
    for (uint32_t i = 0; i < N_OPS; i++, of++)
        n += s->ops[i] > 0;
    print_reached(f, "instructions", n, of);
    for (uint32_t i = 0; i < N_OPS; i++)
        if (!s->ops[i])
            fprintf(f, "  not %s\n", op_table[i].id);
    n = of = 0;
    for (uint32_t i = 1; i < N_HELPERS; i++)
        if (helper_proto_of(i) && helper_proto_of(i)->implemented) {
            of++;
            n += s->helpers[i] > 0;
            if (!s->helpers[i])
                fprintf(f, "  not %s\n", helper_proto_of(i)->name);
        }
    print_reached(f, "helpers", n, of);
    n = 0;
    for (uint32_t i = 0; i < fuzz_n_maps; i++) {
        n += s->maps[i] > 0;
        if (!s->maps[i])
            fprintf(f, "  not map %s\n", fuzz_maps[i].name);
    }
    print_reached(f, "maps", n, fuzz_n_maps);
    n = of = 0;
    for (uint32_t i = 0; i < LOOP_TYPES; i++)
        if (progtype_of(i)) {
            of++;
            n += s->types[i] > 0;
            if (!s->types[i])
                fprintf(f, "  not type %s\n", prog_type_name(i));
        }
    print_reached(f, "types", n, of);
}

void fuzzstats_print(FILE *f, const struct loop_stats *s, double seconds, bool table) {
    fprintf(f,
            "%" PRIu64 " cases in %.1f s: %.0f/s; %" PRIu64 " runs, %" PRIu64
            " steps held against the verifier, %" PRIu64 " hops; %" PRIu64 " features\n",
            s->cases, seconds, (double)s->cases / seconds, s->runs, s->steps, s->hops, s->features);
    fprintf(f,
            "structured programs accepted: %.1f %%; half of the accepted have at most %u slots\n",
            structured(s), median_length(s));
    fprintf(f, "%-10s %10s %10s %10s %8s\n", "generator", "made", "accepted", "rejected", "slots");
    for (uint32_t i = 0; i < LOOP_KINDS; i++)
        if (s->made[i])
            fprintf(f, "%-10s %10" PRIu64 " %9.1f%% %9.1f%% %8.1f\n", kind_name(i), s->made[i],
                    100.0 * (double)s->accepted[i] / (double)s->made[i],
                    100.0 * (double)s->rejected[i] / (double)s->made[i],
                    s->accepted[i] ? (double)s->lengths[i] / (double)s->accepted[i] : 0.0);
    if (table)
        print_table(f, s);
}

void fuzzstats_json(struct json *j, const struct loop_stats *s, double seconds) {
    json_put_number(j, "execs", s->cases);
    json_put_number(j, "execs_per_s", (uint64_t)((double)s->cases / seconds));
    json_put_number(j, "generated", total(s->made));
    json_put_number(j, "accepted", total(s->accepted));
    json_put_number(j, "accepted_edges", s->features);
    json_put_number(j, "runs", s->runs);
    json_key(j, "generators");
    json_open_array(j);
    for (uint32_t i = 0; i < LOOP_KINDS; i++)
        if (s->made[i]) {
            json_open_object(j);
            json_put_text(j, "name", kind_name(i));
            json_put_number(j, "made", s->made[i]);
            json_put_number(j, "accepted", s->accepted[i]);
            json_put_number(j, "rejected", s->rejected[i]);
            json_close_object(j);
        }
    json_close_array(j);
}
