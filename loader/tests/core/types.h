/* types.h: the same types in two layouts: what prog.bpf.c is compiled with, and what it shall run
 * on. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#ifdef TARGET_LAYOUT
enum colour {
    UNUSED,
    GREEN = 77,
    RED = 0x7fffffff,
    BLUE = -9
};
enum wide {
    BIG = 0x7edcba9876543210
};
enum plain {
    FULL = 0xfffffff0
};
typedef enum {
    ANON_ONE = 41
} anon_t;

struct inner {
    u64 c;
    long pad;
    short b;
    int a;
};

struct sample___kernel {
    u64 before[3];
    u32 bf1 : 7, : 3, bf2 : 6;
    int bf3 : 30;
    struct {
        union {
            struct {
                char y;
                int x;
            };
            u64 whole;
        };
    };
    enum colour en;
    const struct inner in;
    volatile u16 arr[32];
    struct inner list[6], grid[3][4];
    void *ptr;
    u64 grows;
    u32 shrinks;
    u8 bits8 : 1, bits8b : 2;
    u64 bits64 : 50;
    union {
        u32 un1;
        u64 un2;
    };
    float real;
    u32 tail[];
};
typedef struct sample___kernel sample_t;
struct matching {
    int more;
    struct inner *p;
    int (*fn)(int, struct inner *);
    int a;
};
#define SAMPLE struct sample___kernel
#else
enum colour {
    RED = 1,
    GREEN,
    BLUE = -1
};
enum wide {
    BIG = 0x123456789abcdef0
};
enum plain {
    FULL = 0xffffffff
};
typedef enum {
    ANON_ONE = 1
} anon_t;

struct inner {
    int a;
    short b;
    u64 c;
};

struct sample {
    int x;
    char y;
    struct inner in;
    union {
        u64 un2;
        u32 un1;
    };
    struct {
        struct inner list[4];
        u16 arr[8];
    };
    struct inner grid[2][3];
    void *ptr;
    u32 bf1 : 5;
    u32 bf2 : 9;
    int bf3 : 18;
    u8 bits8 : 1;
    u8 bits8b : 3;
    u64 bits64 : 33;
    enum colour en;
    u32 grows;
    u64 shrinks;
    float real;
    u32 tail[];
};
typedef struct sample sample_t;
struct matching {
    int a;
    int (*fn)(int, struct inner *);
    struct inner *p;
};
#define SAMPLE struct sample
#endif

#pragma clang attribute pop
