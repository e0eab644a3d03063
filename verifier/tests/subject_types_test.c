/* subject_types_test.c: what types say of global functions' arguments and of map values. */
#include "isa/tests/btf_build.h"
#include "verifier/tests/subject_bed.h"

/* Types that every case may use. */
struct types {
    struct btf_build b;
    uint32_t void_ptr, int_id, u64, int_ptr, skb_ptr, ctx_fwd_ptr, dynptr_ptr, task_ptr, word_ptr;
};

static uint32_t empty_struct(struct btf_build *b, const char *name, uint32_t bytes) {
    const struct build_member none[] = {{NULL, 0, 0, 0}};
    return build_struct(b, BTF_STRUCT, name, bytes, none);
}

static void build_types(struct types *t) {
    struct btf_build *b = &t->b;
    build_init(b, false);
    t->int_id = build_int(b, "int", 4, 1);
    t->u64 = build_int(b, "unsigned long", 8, 0);
    t->void_ptr = build_ref(b, BTF_PTR, "", 0);
    t->int_ptr = build_ref(b, BTF_PTR, "", build_ref(b, BTF_CONST, "", t->int_id));
    t->skb_ptr = build_ref(b, BTF_PTR, "", empty_struct(b, "__sk_buff", 192));
    t->ctx_fwd_ptr = build_ref(b, BTF_PTR, "", build_type(b, BTF_FWD, "opaque", 0, false, 0));
    t->dynptr_ptr = build_ref(b, BTF_PTR, "", empty_struct(b, "bpf_dynptr", 16));
    t->task_ptr = build_ref(b, BTF_PTR, "", empty_struct(b, "task_struct___old", 8));
    t->word_ptr = build_ref(b, BTF_PTR, "", t->u64);
}

/* int f(TYPE a), with tags on a. out: id of the function */
static uint32_t build_func(struct btf_build *b, uint32_t ret, uint32_t arg,
                           const char *const tags[2]) {
    const uint32_t proto = build_type(b, BTF_FUNC_PROTO, "", 1, false, ret);
    build_word(b, build_string(b, "a"));
    build_word(b, arg);
    const uint32_t func = build_type(b, BTF_FUNC, "f", 1, false, proto);
    for (uint32_t i = 0; i < 2 && tags[i]; i++) {
        build_ref(b, BTF_DECL_TAG, tags[i], func);
        build_word(b, 0); /* the first parameter */
    }
    return func;
}

static struct btf *parse(const struct btf_build *b) {
    size_t size;
    uint8_t *bytes = build_bytes(b, &size);
    struct btf *btf = NULL;
    struct diag d;
    CHECK_EQ(btf_parse(bytes, size, NULL, &btf, &d), BPFLAB_OK);
    free(bytes);
    return btf;
}

struct arg_case {
    size_t type; /* offset in struct types of the argument's type */
    const char *tags[2];
    const char *error; /* or NULL: */
    struct sub_arg want;
};

#define T(field) offsetof(struct types, field)

static const struct arg_case cases[] = {
    {T(int_id), {NULL}, NULL, {.kind = SUB_ARG_SCALAR}},
    {T(int_ptr), {NULL}, NULL, {.kind = SUB_ARG_MEM, .maybe_null = true, .mem_bytes = 4}},
    {T(word_ptr), {"arg:nonnull"}, NULL, {.kind = SUB_ARG_MEM, .mem_bytes = 8}},
    {T(skb_ptr), {NULL}, NULL, {.kind = SUB_ARG_CTX}},
    {T(skb_ptr), {"arg:ctx"}, NULL, {.kind = SUB_ARG_CTX}},
    {T(void_ptr), {"arg:ctx"}, NULL, {.kind = SUB_ARG_CTX}},
    {T(dynptr_ptr), {NULL}, NULL, {.kind = SUB_ARG_DYNPTR}},
    {T(word_ptr), {"arg:arena"}, NULL, {.kind = SUB_ARG_ARENA}},
    {T(word_ptr), {"arg:untrusted"}, NULL, {.kind = SUB_ARG_MEM, .untrusted = true}},
    {T(void_ptr), {"arg:untrusted"}, NULL, {.kind = SUB_ARG_MEM, .untrusted = true}},
    {T(task_ptr), {"arg:trusted"}, NULL, {.kind = SUB_ARG_BTF, .trusted = true, .btf_id = 1}},
    {T(task_ptr),
     {"arg:trusted", "arg:nullable"},
     NULL,
     {.kind = SUB_ARG_BTF, .trusted = true, .maybe_null = true, .btf_id = 1}},
    {T(task_ptr), {"arg:untrusted"}, NULL, {.kind = SUB_ARG_BTF, .untrusted = true, .btf_id = 1}},
    {T(void_ptr), {NULL}, "arg#0 reference type('UNKNOWN ') size cannot be determined: -22", {0}},
    {T(ctx_fwd_ptr),
     {NULL},
     "arg#0 reference type('FWD opaque') size cannot be determined: -22",
     {0}},
    {T(int_ptr), {"arg:ctx"}, "arg#0 should be `struct __sk_buff *`", {0}},
    {T(int_ptr), {"arg:nullable"}, "arg#0 has invalid combination of tags", {0}},
    {T(skb_ptr), {"arg:ctx", "arg:nonnull"}, "arg#0 has invalid combination of tags", {0}},
    {T(dynptr_ptr), {"arg:nonnull"}, "arg#0 has invalid combination of tags", {0}},
    {T(int_ptr), {"arg:magic"}, "arg#0 has unsupported set of tags", {0}},
    {T(int_id), {"arg:nonnull"}, "arg#0 has pointer tag, but is not a pointer type", {0}},
    {T(dynptr_ptr), {"arg:trusted"}, "arg#0 has invalid combination of tags", {0}},
    {T(word_ptr),
     {"arg:arena", "arg:nonnull"},
     "arg#0 arena cannot be combined with any other tags",
     {0}},
    {T(ctx_fwd_ptr), {"arg:trusted"}, "arg#0 reference type('FWD opaque') has no matches", {0}},
};

/* The kernel's: 1 is struct task_struct. */
static struct btf *kernel(void) {
    struct btf_build b;
    build_init(&b, false);
    empty_struct(&b, "task_struct", 9000);
    empty_struct(&b, "sk_buff", 232);
    return parse(&b);
}

/* A program with one global function of that type. out: whether it is accepted */
static bool make(struct subject_bed *b, struct subprog subs[2], const struct btf *btf,
                 const struct btf *kernel_btf, uint32_t func) {
    static char name[] = "f", main_name[] = "entry";
    if (!bed_parse(b, "call local f\nexit\nf: r0 = 0\nexit"))
        return false;
    subs[0] = (struct subprog){.name = main_name, .n_insns = 2, .btf_id = func};
    subs[1] =
        (struct subprog){.start = 2, .n_insns = 2, .name = name, .global = true, .btf_id = func};
    b->prog.subprogs = subs;
    b->prog.n_subprogs = 2;
    b->prog.btf = btf;
    b->in.kernel_btf = kernel_btf;
    return bed_make(b);
}

static void check_arg(const struct arg_case *c, const struct btf *kernel_btf) {
    static struct types t;
    struct subprog subs[2];
    struct subject_bed b;
    build_types(&t);
    const uint32_t type = *(const uint32_t *)((const char *)&t + c->type);
    const uint32_t func = build_func(&t.b, t.int_id, type, c->tags);
    struct btf *btf = parse(&t.b);
    if (CHECK(make(&b, subs, btf, kernel_btf, func))) {
        const struct subprog_fact *f = &b.sub.subprogs[1];
        const struct sub_arg *a = &f->args[0];
        CHECK(f->returns_scalar && f->global && !b.sub.subprogs[0].args_known);
        CHECK_EQ(f->args_known, c->error == NULL);
        if (c->error) {
            CHECK_STR(f->args_error, c->error);
        } else {
            CHECK_EQ(f->n_args, 1);
            CHECK_EQ(a->kind, c->want.kind);
            CHECK_EQ(a->maybe_null, c->want.maybe_null);
            CHECK_EQ(a->trusted, c->want.trusted);
            CHECK_EQ(a->untrusted, c->want.untrusted);
            CHECK_EQ(a->mem_bytes, c->want.mem_bytes);
            CHECK_EQ(a->btf_id, c->want.btf_id);
        }
    }
    bed_drop(&b);
    btf_free(btf);
}

static void test_args(void) {
    struct btf *k = kernel();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_note(cases[i].error ? cases[i].error : cases[i].tags[0]);
        check_arg(&cases[i], k);
    }
    check_note(NULL);
    btf_free(k);
}

static void test_no_number(void) {
    static const char *const no_tags[2] = {NULL};
    static struct types t;
    struct subprog subs[2];
    struct subject_bed b;
    build_types(&t);
    const uint32_t func = build_func(&t.b, 0, t.int_id, no_tags);
    struct btf *btf = parse(&t.b);
    CHECK(make(&b, subs, btf, NULL, func));
    CHECK(b.sub.subprogs[1].returns_void && !b.sub.subprogs[1].args_known);
    CHECK_STR(b.sub.subprogs[1].args_error,
              "Global function f() doesn't return scalar. Only those are supported.");
    bed_drop(&b);
    CHECK(make(&b, subs, btf, NULL, 0));
    CHECK(!b.sub.subprogs[1].global && !b.sub.subprogs[1].args_error);
    bed_drop(&b);
    btf_free(btf);
}

/* ---- values ---- */

/* struct node { bpf_list_node at; int x; bpf_refcount count; bpf_rb_node tree; };
 * struct value { bpf_spin_lock lock; bpf_list_head list (contains node:at);
 *                struct node __kptr *p[3]; struct { bpf_timer t; } in; }; */
static uint32_t build_value(struct btf_build *b, bool locked, const char *contents, const char *tag,
                            uint32_t *node) {
    const uint32_t int_id = build_int(b, "int", 4, 1);
    const uint32_t list_node = empty_struct(b, "bpf_list_node", 24);
    const uint32_t rb_node = empty_struct(b, "bpf_rb_node", 32);
    const uint32_t count = empty_struct(b, "bpf_refcount", 4);
    const uint32_t lock = empty_struct(b, "bpf_spin_lock", 4);
    const uint32_t head = empty_struct(b, "bpf_list_head", 16);
    const uint32_t timer = empty_struct(b, "bpf_timer", 16);
    const struct build_member in_node[] = {{"x", int_id, 0, 0},
                                           {"count", count, 32, 0},
                                           {"at", list_node, 64, 0},
                                           {"tree", rb_node, 256, 0},
                                           {NULL, 0, 0, 0}};
    *node = build_struct(b, BTF_STRUCT, "node", 64, in_node);
    const uint32_t kptr = build_ref(b, BTF_PTR, "", build_ref(b, BTF_TYPE_TAG, tag, *node));
    const struct build_member in_timer[] = {{"t", timer, 0, 0}, {NULL, 0, 0, 0}};
    const uint32_t nested = build_struct(b, BTF_STRUCT, "nested", 16, in_timer);
    const struct build_member in_value[] = {{"lock", locked ? lock : int_id, 0, 0},
                                            {"list", head, 64, 0},
                                            {"p", build_array(b, kptr, 3), 192, 0},
                                            {"in", nested, 384, 0},
                                            {NULL, 0, 0, 0}};
    const uint32_t value = build_struct(b, BTF_STRUCT, "value", 64, in_value);
    build_ref(b, BTF_DECL_TAG, contents, value);
    build_word(b, 1); /* list */
    return value;
}

/* The facts of a map with such a value. The program, which uses it, is of type xdp. */
static bool make_map(struct subject_bed *b, const struct btf *btf, uint32_t value,
                     struct map_def *map, uint32_t prog_type) {
    *map = (struct map_def){.type = MAP_array,
                            .key_size = 4,
                            .value_size = 64,
                            .max_entries = 1,
                            .value_btf_id = value};
    if (!bed_parse(b, "r1 = map_idx(0) ll\nr0 = 0\nexit"))
        return false;
    b->prog.type = prog_type;
    b->prog.btf = btf;
    b->in.maps = map;
    b->in.n_maps = 1;
    return bed_make(b);
}

static void test_values(void) {
    static struct btf_build build;
    struct subject_bed b;
    struct map_def map;
    uint32_t node;
    build_init(&build, false);
    const uint32_t value = build_value(&build, true, "contains:node:at", "kptr", &node);
    struct btf *btf = parse(&build);
    CHECK(make_map(&b, btf, value, &map, PROG_xdp));
    const struct map_fact *m = &b.sub.maps[0];
    CHECK(m->has_btf && m->spin_lock == 0 && m->timer == 48 && m->workqueue == -1);
    if (CHECK_EQ(m->n_fields, 6)) {
        CHECK(m->fields[1].kind == SPECIAL_LIST_HEAD && m->fields[1].off == 8);
        CHECK(m->fields[1].btf_id == node && m->fields[1].node_off == 8 && m->fields[1].own_btf);
        for (uint32_t i = 0; i < 3; i++)
            CHECK(m->fields[2 + i].kind == SPECIAL_KPTR_REF && m->fields[2 + i].off == 24 + 8 * i &&
                  m->fields[2 + i].btf_id == node);
        CHECK(m->fields[5].kind == SPECIAL_TIMER && m->fields[5].bytes == 16);
    }
    const struct object_fact *o = subject_object(&b.sub, node);
    if (CHECK(o != NULL)) {
        CHECK(o->refcount == 4 && o->spin_lock == -1 && o->n_fields == 3 && !o->bad);
        CHECK(o->fields[1].kind == SPECIAL_LIST_NODE && o->fields[1].off == 8);
        CHECK(o->fields[2].kind == SPECIAL_RB_NODE && o->fields[2].off == 32);
    }
    CHECK(!subject_object(&b.sub, 1));
    bed_drop(&b);
    CHECK(!make_map(&b, btf, value, &map, PROG_socket_filter));
    CHECK_STR(b.rep.linux_text, "socket filter progs cannot use bpf_spin_lock yet");
    bed_drop(&b);
    CHECK(!make_map(&b, btf, value, &map, PROG_kprobe));
    CHECK_STR(b.rep.linux_text, "tracing progs cannot use bpf_{list_head,rb_root} yet");
    bed_drop(&b);
    btf_free(btf);
}

/* Values whose fields do not fit have none. */
static void test_bad_values(void) {
    static const struct {
        bool locked;
        const char *contents, *tag;
    } bad[] = {
        {false, "contains:node:at", "kptr"},  {true, "contains:node:tree", "kptr"},
        {true, "contains:node:gone", "kptr"}, {true, "contains:gone:at", "kptr"},
        {true, "contains:node", "kptr"},      {true, "contains:node:", "kptr"},
        {true, "contents", "kptr"},           {true, "contains:node:at", "rcu"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        static struct btf_build build;
        struct subject_bed b;
        struct map_def map;
        uint32_t node;
        build_init(&build, false);
        const uint32_t value =
            build_value(&build, bad[i].locked, bad[i].contents, bad[i].tag, &node);
        struct btf *btf = parse(&build);
        CHECK(make_map(&b, btf, value, &map, PROG_xdp));
        CHECK(!b.sub.maps[0].has_btf && !b.sub.maps[0].n_fields && b.sub.maps[0].spin_lock == -1);
        bed_drop(&b);
        btf_free(btf);
    }
}

/* A struct that contains itself, which no compiler makes. */
static void test_endless(void) {
    static struct btf_build build;
    struct subject_bed b;
    struct map_def map;
    build_init(&build, false);
    const struct build_member m[] = {{"a", 1, 0, 0}, {"b", 2, 0, 0}, {NULL, 0, 0, 0}};
    build_struct(&build, BTF_STRUCT, "a", 64, m);
    build_array(&build, 2, 5);
    struct btf *btf = parse(&build);
    CHECK(make_map(&b, btf, 1, &map, PROG_xdp));
    CHECK(!b.sub.maps[0].has_btf);
    bed_drop(&b);
    btf_free(btf);
}

int main(void) {
    test_args();
    test_no_number();
    test_values();
    test_bad_values();
    test_endless();
    return check_end();
}
