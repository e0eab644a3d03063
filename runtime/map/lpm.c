/* lpm.c: longest prefix match trie.
 *
 * A key is a 32-bit prefix length in the world's byte order and then data, most significant bit
 * first. A node holds a prefix; its children continue with a 0 or a 1 bit. Nodes without an entry
 * (branch nodes) exist only where two subtrees part, so there are at most max_entries - 1 of them.
 * Replacing an entry takes a new node, as in Linux: the old value stays readable until its node is
 * used again.
 *
 * Memory: for each of 2 * max_entries nodes, 16 + data + value, both rounded up to 8; 16 for the
 * head.
 * Cost: lookup, update, delete O(levels), at most one level for each bit of the prefix and one for
 * each entry on the path; a level is one cache miss and one comparison of data, 8 bytes at a time.
 */
#include "runtime/map/common.h"
#include "runtime/map/hash_key.h"

struct head {
    uint32_t root;
    uint32_t n_entries;
    uint32_t free;  /* linked through child[0] */
    uint32_t fresh; /* nodes from here on were never used */
};

struct node {
    uint32_t child[2];
    uint32_t bits;   /* length of the prefix */
    uint32_t branch; /* holds no entry */
    uint8_t data[];  /* padded to 8 with zeros */
};

enum {
    LPM_NODES, /* offset of where node 0 would be */
    LPM_STRIDE,
    LPM_DATA,   /* bytes of data */
    LPM_PADDED, /* the same, rounded up to 8 */
};

enum {
    DATA_MAX = 256
};

struct prefix {
    uint32_t bits;
    uint8_t data[DATA_MAX]; /* padded with zeros up to the next multiple of 8 */
};

static int check(const struct map_def *def) {
    const uint32_t node_bytes = 40; /* struct lpm_trie_node of Linux */
    if (!def->max_entries || !(def->flags & MAP_F_NO_PREALLOC) ||
        !map_flags_ok(def, MAP_F_NO_PREALLOC | MAP_F_NUMA_NODE | MAP_F_ACCESS) ||
        def->key_size < 4 + 1 || def->key_size > 4 + DATA_MAX || !def->value_size ||
        def->value_size > MAP_KMALLOC_MAX - DATA_MAX - node_bytes)
        return -LX_EINVAL;
    return 0;
}

static int init(struct world *w, struct map *m) {
    m->priv[LPM_DATA] = m->def.key_size - 4;
    m->priv[LPM_PADDED] = map_round8(m->priv[LPM_DATA]);
    m->priv[LPM_STRIDE] = sizeof(struct node) + m->priv[LPM_PADDED] + map_round8(m->def.value_size);
    if (m->def.max_entries > WORLD_ARENA_BYTES / 2 / m->priv[LPM_STRIDE])
        return -LX_ENOMEM;
    int err = map_alloc(
        w, m, sizeof(struct head) + 2 * (uint64_t)m->def.max_entries * m->priv[LPM_STRIDE]);
    if (err)
        return err;
    m->priv[LPM_NODES] = m->off + sizeof(struct head) - m->priv[LPM_STRIDE];
    ((struct head *)(w->mem + m->off))->fresh = 1;
    return 0;
}

static struct head *head_of(const struct world *w, const struct map *m) {
    return (struct head *)(w->mem + m->off);
}

static struct node *node_at(const struct world *w, const struct map *m, uint32_t i) {
    return (struct node *)(w->mem + m->priv[LPM_NODES] + i * m->priv[LPM_STRIDE]);
}

static uint64_t value_off(const struct map *m, uint32_t i) {
    return m->priv[LPM_NODES] + i * m->priv[LPM_STRIDE] + sizeof(struct node) + m->priv[LPM_PADDED];
}

static uint32_t max_bits(const struct map *m) {
    return (uint32_t)m->priv[LPM_DATA] * 8;
}

/* Read a key. out: false if its prefix is longer than the trie's keys. */
static bool read_key(const struct world *w, const struct map *m, const void *key,
                     struct prefix *p) {
    p->bits = world_get32(w, key);
    if (p->bits > max_bits(m))
        return false;
    uint64_t padded = m->priv[LPM_PADDED];
    memset(p->data + padded - 8, 0, 8);
    memcpy(p->data, (const uint8_t *)key + 4, m->priv[LPM_DATA]);
    return true;
}

static void write_key(const struct world *w, const struct map *m, const struct node *n, void *key) {
    world_put32(w, key, n->bits);
    memcpy((uint8_t *)key + 4, n->data, m->priv[LPM_DATA]);
}

static uint32_t bit_at(const uint8_t *data, uint32_t i) {
    return data[i / 8] >> (7 - i % 8) & 1;
}

/* How many leading bits a node and a key have in common, at most the shorter prefix's. */
static uint32_t common_bits(const struct node *n, const struct prefix *p) {
    uint32_t limit = n->bits < p->bits ? n->bits : p->bits;
    for (uint32_t at = 0; at < limit; at += 64) {
        uint64_t diff = hash_load64(n->data + at / 8) ^ hash_load64(p->data + at / 8);
        if (!diff)
            continue;
        uint32_t same = at + (uint32_t)__builtin_clzll(__builtin_bswap64(diff));
        return same < limit ? same : limit;
    }
    return limit;
}

static uint64_t lookup(struct world *w, struct map *m, const void *key) {
    struct prefix p;
    uint32_t found = 0;
    if (!read_key(w, m, key, &p))
        return 0;
    for (uint32_t i = head_of(w, m)->root; i;) {
        const struct node *n = node_at(w, m, i);
        if (common_bits(n, &p) < n->bits)
            break;
        if (!n->branch)
            found = i;
        if (n->bits == max_bits(m))
            break;
        i = n->child[bit_at(p.data, n->bits)];
    }
    return found ? value_off(m, found) : 0;
}

/* The link where a prefix belongs: it leads to the node with this very prefix, or to the first node
 * that is not a prefix of it (or nothing). *up: the link to that node's parent; *common: bits in
 * common with the node. */
static uint32_t *find_link(const struct world *w, const struct map *m, const struct prefix *p,
                           uint32_t **up, uint32_t *common) {
    uint32_t *link = &head_of(w, m)->root;
    *up = NULL;
    *common = 0;
    while (*link) {
        struct node *n = node_at(w, m, *link);
        *common = common_bits(n, p);
        if (*common != n->bits || n->bits == p->bits)
            break;
        *up = link;
        link = &n->child[bit_at(p->data, n->bits)];
    }
    return link;
}

static uint32_t take_node(struct world *w, struct map *m, uint32_t bits, const uint8_t *data) {
    struct head *h = head_of(w, m);
    uint32_t i = h->free;
    struct node *n;
    if (i) {
        n = node_at(w, m, i);
        h->free = n->child[0];
    } else {
        i = h->fresh++; /* there are always enough: see the top */
        n = node_at(w, m, i);
        world_allow(w, value_off(m, i), m->def.value_size, m->access);
    }
    n->child[0] = n->child[1] = 0;
    n->bits = bits;
    n->branch = 0;
    memcpy(n->data, data, m->priv[LPM_PADDED]);
    return i;
}

static void give_node(struct world *w, struct map *m, uint32_t i) {
    struct head *h = head_of(w, m);
    node_at(w, m, i)->child[0] = h->free;
    h->free = i;
}

static int update(struct world *w, struct map *m, const void *key, const void *value,
                  uint64_t flags) {
    struct prefix p;
    uint32_t *up, common;
    if (flags > MAP_EXIST || !read_key(w, m, key, &p))
        return -LX_EINVAL;
    struct head *h = head_of(w, m);
    uint32_t *link = find_link(w, m, &p, &up, &common);
    uint32_t at = *link;
    struct node *n = at ? node_at(w, m, at) : NULL;
    bool same = n && n->bits == common && n->bits == p.bits;
    bool exists = same && !n->branch;
    int err = map_flags_exist(exists, flags);
    if (err)
        return err;
    if (!exists && h->n_entries == m->def.max_entries)
        return -LX_ENOSPC;
    h->n_entries += !exists;

    uint32_t i = take_node(w, m, p.bits, p.data);
    struct node *new_node = node_at(w, m, i);
    memcpy(w->mem + value_off(m, i), value, m->def.value_size);
    if (same) {
        memcpy(new_node->child, n->child, sizeof n->child);
        *link = i;
        give_node(w, m, at);
    } else if (!n) {
        *link = i;
    } else if (common == p.bits) { /* above the node */
        new_node->child[bit_at(n->data, common)] = at;
        *link = i;
    } else { /* beside the node */
        uint32_t b = take_node(w, m, common, n->data);
        struct node *branch = node_at(w, m, b);
        uint32_t side = bit_at(p.data, common);
        branch->branch = 1;
        branch->child[side] = i;
        branch->child[!side] = at;
        *link = b;
    }
    return 0;
}

static int remove_key(struct world *w, struct map *m, const void *key) {
    struct prefix p;
    uint32_t *up, common;
    if (!read_key(w, m, key, &p))
        return -LX_EINVAL;
    uint32_t *link = find_link(w, m, &p, &up, &common);
    uint32_t at = *link;
    struct node *n = at ? node_at(w, m, at) : NULL;
    if (!n || n->bits != p.bits || n->bits != common || n->branch)
        return -LX_ENOENT;
    head_of(w, m)->n_entries--;
    if (n->child[0] && n->child[1]) {
        n->branch = 1;
        return 0;
    }
    uint32_t parent = up ? *up : 0;
    if (parent && node_at(w, m, parent)->branch && !n->child[0] && !n->child[1]) {
        const struct node *pn = node_at(w, m, parent);
        *up = pn->child[0] == at ? pn->child[1] : pn->child[0];
        give_node(w, m, parent);
    } else {
        *link = n->child[0] ? n->child[0] : n->child[1];
    }
    give_node(w, m, at);
    return 0;
}

/* The first entry at or below a node in the order of next_key: longer prefixes first, 0 before 1.
 * There is one: only nodes with two children hold no entry. */
static uint32_t first_below(const struct world *w, const struct map *m, uint32_t i) {
    for (;;) {
        const struct node *n = node_at(w, m, i);
        uint32_t down = n->child[0] ? n->child[0] : n->child[1];
        if (!down)
            return i;
        i = down;
    }
}

/* The entry after the one that the link path leads to; 0 at the end. */
static uint32_t next_above(const struct world *w, const struct map *m, const struct prefix *p,
                           uint32_t stop) {
    /* the deepest candidate so far: an entry, or a subtree (below) whose first entry is meant */
    uint32_t next = 0;
    bool below = false;
    for (uint32_t i = head_of(w, m)->root; i != stop;) {
        const struct node *n = node_at(w, m, i);
        uint32_t side = bit_at(p->data, n->bits);
        if ((!side && n->child[1]) || !n->branch) {
            below = !side && n->child[1];
            next = below ? n->child[1] : i;
        }
        i = n->child[side];
    }
    return below ? first_below(w, m, next) : next;
}

static int next_key(struct world *w, struct map *m, const void *key, void *next) {
    struct prefix p;
    uint32_t *up, common;
    uint32_t root = head_of(w, m)->root;
    if (!root)
        return -LX_ENOENT;
    uint32_t i = 0;
    if (key && read_key(w, m, key, &p)) {
        uint32_t at = *find_link(w, m, &p, &up, &common);
        const struct node *n = at ? node_at(w, m, at) : NULL;
        if (n && n->bits == p.bits && n->bits == common && !n->branch) {
            i = next_above(w, m, &p, at);
            if (!i)
                return -LX_ENOENT;
        }
    }
    if (!i)
        i = first_below(w, m, root);
    write_key(w, m, node_at(w, m, i), next);
    return 0;
}

static bool each(const struct world *w, const struct map *m, map_each_fn *fn, void *self) {
    uint32_t root = head_of(w, m)->root;
    uint8_t key[4 + DATA_MAX];
    struct prefix p;
    for (uint32_t i = root ? first_below(w, m, root) : 0; i; i = next_above(w, m, &p, i)) {
        write_key(w, m, node_at(w, m, i), key);
        read_key(w, m, key, &p);
        if (!fn(self, key, 0, w->mem + value_off(m, i), m->def.value_size))
            return false;
    }
    return true;
}

const struct map_ops map_lpm_ops = {
    .kind = "lpm_trie",
    .check = check,
    .init = init,
    .lookup = lookup,
    .update = update,
    .remove = remove_key,
    .next_key = next_key,
    .each = each,
};
