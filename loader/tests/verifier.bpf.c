// What a verifier asks of an object: types of functions, arguments and values, their tags, linkage,
// and which sections are optional or take packets in pieces. test_verifier.c says what it expects.
typedef unsigned int u32;
typedef unsigned long long u64;

#define SEC(name)            __attribute__((section(name), used))
#define NOINLINE             __attribute__((noinline))
#define HIDDEN               __attribute__((visibility("hidden")))
#define TAG(text)            __attribute__((btf_decl_tag(text)))
#define TYPE_TAG(text)       __attribute__((btf_type_tag(text)))
#define ARENA                __attribute__((address_space(1)))
#define __uint(name, val)    int(*name)[val]
#define __type(name, val)    typeof(val) *name
#define __array(name, val)   typeof(val) *name[]
#define CONTAINS(type, node) TAG("contains:" #type ":" #node)

struct bpf_spin_lock {
    u32 val;
};
struct bpf_timer {
    u64 opaque[2];
} __attribute__((aligned(8)));
struct bpf_list_head {
    u64 opaque[2];
} __attribute__((aligned(8)));
struct bpf_list_node {
    u64 opaque[3];
} __attribute__((aligned(8)));
struct bpf_rb_root {
    u64 opaque[2];
} __attribute__((aligned(8)));
struct task {
    int pid;
};

struct node {
    int data;
    struct bpf_list_node link;
};

struct value {
    struct bpf_spin_lock lock;
    struct bpf_timer timer;
    struct task TYPE_TAG("kptr_untrusted") * untrusted;
    struct task TYPE_TAG("kptr") * trusted;
    struct node TYPE_TAG("percpu_kptr") * percpu;
    struct bpf_list_head head CONTAINS(node, link);
};

struct {
    __uint(type, 2);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct value);
} values SEC(".maps");

struct {
    __uint(type, 13);
    __uint(max_entries, 4);
    __type(key, u32);
    __array(
        values, struct {
            __uint(type, 1);
            __uint(max_entries, 7);
            __type(key, u64);
            __type(value, struct value);
        });
} outer SEC(".maps");

struct {
    __uint(type, 33);
    __uint(map_flags, 1 << 10);
    __uint(max_entries, 1 << 20);
} arena SEC(".maps");

ARENA u64 in_arena SEC(".addr_space.1") = 0x1122334455667788;

HIDDEN struct bpf_spin_lock lock_a SEC(".bss.A");
HIDDEN struct bpf_list_head head_a SEC(".bss.A") CONTAINS(node, link);
HIDDEN struct bpf_rb_root root_a SEC(".bss.A");
int seen SEC(".bss.B");
HIDDEN int unseen SEC(".bss.B");
static volatile int mine SEC(".bss.C");

struct ops {
    int (*call)(void *ctx);
};
SEC("struct_ops/call") int called_back(void *ctx) {
    return 0;
}
struct ops table SEC(".struct_ops.link") = {.call = called_back};

extern const struct task init_task SEC(".ksyms");
extern struct task *find_task(int pid) SEC(".ksyms");

static long (*spin_lock)(void *) = (void *)93;
static long (*spin_unlock)(void *) = (void *)94;
static void *(*map_lookup)(void *map, const void *key) = (void *)1;

NOINLINE int checked(void *ctx TAG("arg:ctx"), u64 *p TAG("arg:nonnull"),
                     u64 *q TAG("arg:nullable") TAG("arg:trusted")) {
    return (int)*p + (q ? (int)*q : 0);
}

static NOINLINE int inner(int x) {
    return x + mine;
}

HIDDEN NOINLINE int private_to_object(int x) {
    return inner(x) * 3;
}

__attribute__((weak)) NOINLINE int weakly(int x) {
    return x - 1;
}

NOINLINE int callback_a(u64 cookie) {
    return 1;
}
NOINLINE int callback_b(u64 cookie) {
    return 2;
}

TAG("comment:test_expect_success=")
TAG("comment:test_retval=7") SEC("xdp.frags") int pieces(void *ctx) {
    u64 n = 5;
    u32 zero = 0;
    struct value *v = map_lookup(&values, &zero);
    spin_lock(&lock_a);
    root_a.opaque[0] = head_a.opaque[1];
    spin_unlock(&lock_a);
    seen += unseen + private_to_object((int)n) + weakly((int)(long)v);
    return checked(ctx, &n, &n) + (map_lookup(&outer, &zero) != 0);
}

SEC("?tc") int maybe(void *ctx) {
    in_arena++;
    return map_lookup(&arena, ctx) != 0;
}

HIDDEN SEC("?tc") int hidden_entry(void *ctx) {
    return find_task(init_task.pid) != 0;
}

TAG("exception_callback:callback_a")
TAG("exception_callback:callback_b") SEC("xdp") int two_callbacks(void *ctx) {
    return 0;
}

TAG("exception_callback:callback_a")
SEC("xdp") int one_callback(void *ctx) {
    return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
u32 _version SEC("version") = 0x050403;
