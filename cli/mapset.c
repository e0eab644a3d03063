#include "cli/mapset.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bytes.h"

/* struct element: one --map, taken apart. */
struct element {
    const char *text; /* as it was given */
    char *name;       /* owned; key and value point into it */
    const char *key, *value;
};

static bool take_apart(const char *text, struct element *e) {
    *e = (struct element){.text = text, .name = strdup(text)};
    char *const colon = e->name ? strchr(e->name, ':') : NULL;
    char *const equals = colon ? strchr(colon, '=') : NULL;
    if (!equals)
        return false;
    *colon = *equals = '\0';
    e->key = colon + 1;
    e->value = equals + 1;
    return true;
}

/* find_map: the map of that name, and its index. out: NULL if there is none, or the world has no
 * room for it */
static struct map *find_map(const struct instance *in, const char *name, uint32_t *index) {
    for (uint32_t i = 0; i < in->object->n_maps; i++) {
        const char *const own = in->object->maps[i].name;
        *index = i;
        if (own && !strcmp(own, name))
            return map_by_id(in->world, in->map_ids[i]);
    }
    return NULL;
}

static int refuse(struct cli *c, const char *file, const struct element *e, const char *why) {
    return cli_failf(c, CLI_USAGE, file, "--map %.80s: %s", e->text, why);
}

/* put: key and value are the element's bytes; the value is copied to its full size. */
static int put(struct cli *c, const char *file, struct engine_session *s, const struct element *e,
               const struct bytes *key, const struct bytes *value) {
    const struct instance *const in = engine_instance(s);
    uint32_t index = 0;
    struct diag d = {.pc = -1};
    struct map *const m = find_map(in, e->name, &index);
    if (!m)
        return refuse(c, file, e, "the object has no such map");
    const uint32_t room = map_user_value_bytes(in->world, m);
    char why[96];
    if (key->n != m->def.key_size) {
        snprintf(why, sizeof why, "keys of this map have %" PRIu32 " bytes, not %zu",
                 m->def.key_size, key->n);
        return refuse(c, file, e, why);
    }
    if (value->n > room) {
        snprintf(why, sizeof why, "values of this map have %" PRIu32 " bytes, not %zu", room,
                 value->n);
        return refuse(c, file, e, why);
    }
    uint8_t *const full = calloc(room ? room : 1, 1);
    if (!full)
        return cli_failf(c, CLI_INTERNAL, NULL, "out of memory");
    if (value->n)
        memcpy(full, value->at, value->n);
    int err = 0;
    const enum bpflab_err failed =
        engine_map_update(s, index, key->n ? key->at : NULL, full, MAP_ANY, &err, &d);
    free(full);
    if (failed)
        return cli_fail(c, cli_status_of(failed), file, &d);
    if (!err)
        return CLI_YES;
    snprintf(why, sizeof why, "the map refuses it: error %d", -err);
    return refuse(c, file, e, why);
}

static int apply(struct cli *c, const char *file, struct engine_session *s, const char *text) {
    struct bytes key = {0}, value = {0};
    struct diag d = {.pc = -1};
    struct element e;
    int status;
    if (!take_apart(text, &e))
        status = refuse(c, file, &e, "not of the form NAME:KEY=VALUE");
    else if (bytes_argument(e.key, &key, &d) || bytes_argument(e.value, &value, &d))
        status = refuse(c, file, &e, d.text);
    else
        status = put(c, file, s, &e, &key, &value);
    bytes_fini(&key);
    bytes_fini(&value);
    free(e.name);
    return status;
}

int mapset_apply(struct cli *c, const char *file, struct engine_session *s) {
    const struct option_given *g;
    int status = CLI_YES;
    for (size_t at = 0; status == CLI_YES && (g = option_next(&c->opt, "map", &at));)
        status = apply(c, file, s, g->value);
    return status;
}
