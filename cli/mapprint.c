/* mapprint.c: changes of maps, for people and as JSON.
 */
#include "cli/mapview.h"

#include <inttypes.h>
#include <string.h>

enum {
    TEXT_MAX = 20,
    JSON_MAX = 1000,
    VALUE_SHOWN = 64
};

struct printer {
    const struct cli *c;
    FILE *f;
    struct json *j;
    const struct instance *in;
    uint32_t map; /* the one being printed; UINT32_MAX before the first */
    uint64_t n;   /* of its changes so far */
};

static void print_bytes(FILE *f, const uint8_t *at, uint32_t n_bytes) {
    for (uint32_t i = 0; i < n_bytes && i < VALUE_SHOWN; i++)
        fprintf(f, "%s%02x", i && i % 8 == 0 ? " " : "", at[i]);
    if (n_bytes > VALUE_SHOWN)
        fprintf(f, "... (%u bytes)", (unsigned)n_bytes);
}

/* print_value: a variable: as a number where it has the size of one. */
static void print_value(FILE *f, const struct world *w, const uint8_t *at, uint32_t n_bytes) {
    if (n_bytes == 1)
        fprintf(f, "%u", at[0]);
    else if (n_bytes == 2)
        fprintf(f, "%u", world_get16(w, at));
    else if (n_bytes == 4)
        fprintf(f, "%" PRIu32, world_get32(w, at));
    else if (n_bytes == 8)
        fprintf(f, "%" PRIu64, world_get64(w, at));
    else
        print_bytes(f, at, n_bytes);
}

/* print_variables: what changed in a .data or .bss map, by the names that BTF gives.
 * out:    false if it gives none */
static bool print_variables(const struct printer *p, const struct map_change *ch) {
    const struct btf *btf = p->in->object->btf;
    uint32_t id = p->in->object->maps[ch->map].value_btf_id;
    const struct btf_type *section = btf && id ? btf_type_at(btf, id) : NULL;
    if (!section || section->kind != BTF_DATASEC || !ch->before || !ch->after)
        return false;
    const struct btf_member *m = btf_members(btf, section);
    bool any = false;
    for (unsigned i = 0; i < section->n_members; i++) {
        const struct btf_type *var = btf_type_at(btf, m[i].type);
        uint64_t off = m[i].off_bits, n = m[i].size_bits;
        if (!var || off + n > ch->before_bytes || off + n > ch->after_bytes ||
            !memcmp(ch->before + off, ch->after + off, n))
            continue;
        any = true;
        fputs("    ", p->f);
        cli_plain(p->f, btf_string(btf, var->name_off));
        fputs(" = ", p->f);
        print_value(p->f, p->in->world, ch->after + off, (uint32_t)n);
        fputs(" (was ", p->f);
        print_value(p->f, p->in->world, ch->before + off, (uint32_t)n);
        fputs(")\n", p->f);
    }
    return any;
}

static void print_key(const struct printer *p, const struct map_change *ch) {
    const struct map *m = map_by_id(p->in->world, p->in->map_ids[ch->map]);
    if (!ch->key)
        fprintf(p->f, "[%u]", (unsigned)ch->index);
    else if (m && m->value_stride && ch->key_bytes == 4)
        fprintf(p->f, "%" PRIu32, world_get32(p->in->world, ch->key));
    else
        print_bytes(p->f, ch->key, ch->key_bytes);
    if (m && (m->cpu_stride || ch->cpu))
        fprintf(p->f, " cpu %u", (unsigned)ch->cpu);
}

static void end_map(const struct printer *p) {
    if (p->map != UINT32_MAX && p->n > TEXT_MAX)
        fprintf(p->f, "    ... and %" PRIu64 " more\n", p->n - TEXT_MAX);
}

static void print_change(void *self, const struct map_change *ch) {
    struct printer *p = self;
    if (ch->map != p->map) {
        const struct map_def *def = &p->in->object->maps[ch->map];
        const char *type = map_type_name(def->type);
        end_map(p);
        p->map = ch->map;
        p->n = 0;
        fprintf(p->f, "%smap ", cli_colour(p->c, CLI_BOLD));
        cli_plain(p->f, def->name ? def->name : "(no name)");
        fprintf(p->f, "%s (%s)\n", cli_colour(p->c, CLI_PLAIN), type ? type : "?");
    }
    if (p->n++ >= TEXT_MAX || print_variables(p, ch))
        return;
    bool fresh = !ch->before, gone = !ch->after;
    fprintf(p->f, "  %s%c ", cli_colour(p->c, gone ? CLI_RED : CLI_GREEN),
            fresh  ? '+'
            : gone ? '-'
                   : '~');
    print_key(p, ch);
    fputs(": ", p->f);
    if (ch->before)
        print_bytes(p->f, ch->before, ch->before_bytes);
    if (ch->before && ch->after)
        fputs(" -> ", p->f);
    if (ch->after)
        print_bytes(p->f, ch->after, ch->after_bytes);
    fprintf(p->f, "%s\n", cli_colour(p->c, CLI_PLAIN));
}

/* is_left_out: is this map too large to have been compared? */
static bool is_left_out(const struct instance *in, uint32_t index) {
    const struct map *m = map_by_id(in->world, in->map_ids[index]);
    return m && m->n_bytes > MAPVIEW_MAX;
}

void mapview_print(const struct cli *c, FILE *f, const struct instance *in, struct mapview *before,
                   struct mapview *after) {
    struct printer p = {.c = c, .f = f, .in = in, .map = UINT32_MAX};
    mapview_diff(before, after, print_change, &p);
    end_map(&p);
    for (uint32_t i = 0; i < in->object->n_maps; i++)
        if (is_left_out(in, i)) {
            fprintf(f, "%smap ", cli_colour(c, CLI_BOLD));
            cli_plain(f, in->object->maps[i].name ? in->object->maps[i].name : "(no name)");
            fprintf(f, "%s is too large to be compared\n", cli_colour(c, CLI_PLAIN));
        }
}

static void end_json_map(const struct printer *p) {
    if (p->map == UINT32_MAX)
        return;
    json_close_array(p->j);
    json_put_number(p->j, "n_changes", p->n);
    json_close_object(p->j);
}

static void json_change(void *self, const struct map_change *ch) {
    struct printer *p = self;
    if (ch->map != p->map) {
        end_json_map(p);
        p->map = ch->map;
        p->n = 0;
        json_open_object(p->j);
        json_put_text(p->j, "name", p->in->object->maps[ch->map].name);
        json_put_text(p->j, "type", map_type_name(p->in->object->maps[ch->map].type));
        json_key(p->j, "changes");
        json_open_array(p->j);
    }
    if (p->n++ >= JSON_MAX)
        return;
    json_open_object(p->j);
    json_key(p->j, "key");
    if (ch->key)
        json_bytes(p->j, ch->key, ch->key_bytes);
    else
        json_number(p->j, ch->index);
    json_put_number(p->j, "cpu", ch->cpu);
    json_key(p->j, "before");
    if (ch->before)
        json_bytes(p->j, ch->before, ch->before_bytes);
    else
        json_null(p->j);
    json_key(p->j, "after");
    if (ch->after)
        json_bytes(p->j, ch->after, ch->after_bytes);
    else
        json_null(p->j);
    json_close_object(p->j);
}

void mapview_json(struct json *j, const struct instance *in, struct mapview *before,
                  struct mapview *after) {
    struct printer p = {.j = j, .in = in, .map = UINT32_MAX};
    json_key(j, "maps");
    json_open_array(j);
    mapview_diff(before, after, json_change, &p);
    end_json_map(&p);
    for (uint32_t i = 0; i < in->object->n_maps; i++)
        if (is_left_out(in, i)) {
            json_open_object(j);
            json_put_text(j, "name", in->object->maps[i].name);
            json_put_text(j, "type", map_type_name(in->object->maps[i].type));
            json_put_null(j, "changes");
            json_put_null(j, "n_changes");
            json_close_object(j);
        }
    json_close_array(j);
}
