// What the loader must understand, in one object; test_compiled.c says what it expects of each.
typedef unsigned int u32;
typedef unsigned long long u64;
typedef _Bool bool;

#define SEC(name)          __attribute__((section(name), used))
#define NOINLINE           __attribute__((noinline))
#define WEAK               __attribute__((weak))
#define __uint(name, val)  int(*name)[val]
#define __type(name, val)  typeof(val) *name
#define __array(name, val) typeof(val) *name[]
#define CONCAT2(a, b)      a##b
#define CONCAT(a, b)       CONCAT2(a, b)
#define __ulong(name, val)                                                                         \
    enum {                                                                                         \
        CONCAT(unique_, __COUNTER__) = val                                                         \
    } name

enum libbpf_tristate {
    TRI_NO,
    TRI_YES,
    TRI_MODULE
};

static void *(*map_lookup)(void *map, const void *key) = (void *)1;
static long (*tail_call)(void *ctx, void *map, u32 index) = (void *)12;
static long (*for_each)(void *map, void *fn, void *ctx, u64 flags) = (void *)164;
static long (*loop)(u32 n, void *fn, void *ctx, u64 flags) = (void *)181;

struct key {
    u32 a, b;
};

struct {
    __uint(type, 1);
    __type(key, struct key);
    __type(value, u64);
    __uint(max_entries, 100);
    __uint(map_flags, 1);
    __uint(pinning, 1);
} hash SEC(".maps");

struct {
    __uint(type, 30);
    __uint(value_size, 8);
    __uint(max_entries, 10);
    __ulong(map_extra, 0x500000003);
} bloom SEC(".maps");

struct {
    __uint(type, 27);
    __uint(max_entries, 5000);
} ring SEC(".maps");

struct inner {
    __uint(type, 2);
    __type(key, u32);
    __type(value, u64);
    __uint(max_entries, 3);
} inner_a SEC(".maps"), inner_b SEC(".maps");

struct {
    __uint(type, 12);
    __uint(max_entries, 4);
    __type(key, u32);
    __array(values, struct inner);
} outer SEC(".maps") = {.values = {[1] = &inner_b, [3] = &inner_a}};

int tail_target(void *ctx);
int other_target(void *ctx);
struct {
    __uint(type, 3);
    __uint(max_entries, 8);
    __type(key, u32);
    __array(values, int(void *));
} jumps SEC(".maps") = {.values = {[2] = &tail_target, [7] = &other_target}};

int global = 0x11223344, zero;
static volatile u64 hidden_data = 0x0102030405060708;
const volatile char text[12] = "read only";
const volatile u32 limit = 42;
u32 custom SEC(".data.custom") = 9;
const volatile int *volatile pointer = &global;

extern int LINUX_KERNEL_VERSION SEC(".kconfig");
extern bool CONFIG_BOOL SEC(".kconfig");
extern char CONFIG_STRING[6] SEC(".kconfig");
extern enum libbpf_tristate CONFIG_TRI SEC(".kconfig");
extern long long CONFIG_BIG SEC(".kconfig");
extern short CONFIG_SMALL SEC(".kconfig");
extern char CONFIG_CHAR SEC(".kconfig");
extern int CONFIG_MISSING SEC(".kconfig") WEAK;

extern int strong_kfunc(int x) SEC(".ksyms");
extern int weak_kfunc(int x) SEC(".ksyms") WEAK;
extern const int kernel_variable SEC(".ksyms");
extern const int weak_variable SEC(".ksyms") WEAK;

static NOINLINE int leaf(int x) {
    return x * global;
}

NOINLINE int shared(int x) {
    return leaf(x) + (int)hidden_data;
}

__attribute__((visibility("hidden"))) NOINLINE int hidden_function(int x) {
    return x ^ limit;
}

static long callback(void *map, void *key, void *value, void *ctx) {
    return shared(*(int *)value) & 1;
}

static long body(u32 i, void *ctx) {
    return custom == i;
}

SEC("tc") int first(void *ctx) {
    struct key k = {1, 2};
    u64 *v = map_lookup(&hash, &k);
    zero++;
    return shared(v ? (int)*v : 0) + text[3];
}

SEC("tc") int second(void *ctx) {
    for_each(&hash, callback, 0, 0);
    loop(10, body, 0, 0);
    map_lookup(&bloom, &zero);
    map_lookup(&ring, &zero);
    map_lookup(&outer, &zero);
    return hidden_function(limit) + leaf(*pointer);
}

SEC("tc") int tail_target(void *ctx) {
    tail_call(ctx, &jumps, 7);
    return 1;
}

SEC("?tc") int other_target(void *ctx) {
    return 2;
}

SEC("fentry.s/do_something") int configured(void *ctx) {
    if (LINUX_KERNEL_VERSION > 5 && CONFIG_BOOL && CONFIG_TRI == TRI_MODULE && CONFIG_CHAR == 'm')
        return CONFIG_STRING[1] + (int)CONFIG_BIG + CONFIG_SMALL;
    return CONFIG_MISSING;
}

SEC("raw_tp/event") int external(void *ctx) {
    int n = strong_kfunc(kernel_variable);
    if (&weak_variable)
        n += weak_variable;
    if (weak_kfunc)
        n += weak_kfunc(n);
    return n;
}

NOINLINE int on_exception(u64 cookie) {
    return leaf((int)cookie);
}

__attribute__((btf_decl_tag("exception_callback:on_exception")))
SEC("xdp.frags") int throws(void *ctx) {
    return strong_kfunc(1);
}

char _license[] SEC("license") = "GPL";
u32 _version SEC("version") = 0x060c00;
