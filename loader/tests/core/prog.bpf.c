/* prog.bpf.c: accesses and questions of every kind. Compiled with one layout of types.h and
 * relocated to the other, the instructions must become those of a compilation with the other. */
#include "types.h"

#define SEC(name)         __attribute__((section(name), used))
#define INFO(field, what) __builtin_preserve_field_info(field, what)
#define ALL(field)                                                                                 \
    do {                                                                                           \
        *out++ = INFO(field, 0);                                                                   \
        *out++ = INFO(field, 1);                                                                   \
        *out++ = INFO(field, 2);                                                                   \
        *out++ = INFO(field, 3);                                                                   \
        *out++ = INFO(field, 4);                                                                   \
        *out++ = INFO(field, 5);                                                                   \
    } while (0)
#define PLACE(field)                                                                               \
    do {                                                                                           \
        *out++ = INFO(field, 0);                                                                   \
        *out++ = INFO(field, 1);                                                                   \
    } while (0)
#define ENUMVAL(type, name, what) __builtin_preserve_enum_value(*(typeof(type) *)name, what)
#define TYPE(type, what)          __builtin_preserve_type_info(*(typeof(type) *)0, what)

struct args {
    SAMPLE *s;
    volatile u64 *out;
};

SEC("socket/loads") int loads(struct args *ctx) {
    SAMPLE *s = ctx->s;
    volatile u64 *out = ctx->out;
    *out++ = (u64)s->x;
    *out++ = s->in.c;
    *out++ = (u64)s->in.b;
    *out++ = s->un1;
    *out++ = s->un2;
    *out++ = s->arr[5];
    *out++ = (u64)s->list[2].a;
    *out++ = (u64)s[1].list[1].a;
    *out++ = (u64)s->ptr;
    *out++ = s->grows;
    *out++ = s->shrinks;
    *out++ = s->tail[3];
    *out++ = (u64)s->en;
    *out++ = (u64)&s->in;
    return 0;
}

SEC("socket/stores") int stores(struct args *ctx) {
    SAMPLE *s = ctx->s;
    s->x = 5;
    s->y = 6;
    s->un1 = (u32)(u64)ctx->out;
    s->ptr = ctx;
    s->list[3].c = 9;
    s->tail[1] = 3;
    return 0;
}

SEC("socket/fields") int fields(struct args *ctx) {
    SAMPLE *s = ctx->s;
    volatile u64 *out = ctx->out;
    ALL(s->x);
    ALL(s->y);
    ALL(s->en);
    ALL(s->grows);
    ALL(s->shrinks);
    ALL(s->in.b);
    ALL(s->un1);
    ALL(s->bf1);
    ALL(s->bf2);
    ALL(s->bf3);
    ALL(s->bits8);
    ALL(s->bits8b);
    ALL(s->bits64);
    PLACE(s->ptr);
    PLACE(s->real);
    PLACE(s->in);
    PLACE(s->arr);
    PLACE(s->arr[3]);
    PLACE(s->list[1]);
    PLACE(s->grid[1][1]);
    PLACE(s->tail[2]);
    PLACE(((sample_t *)s)->x);
    return 0;
}

SEC("socket/types") int types(struct args *ctx) {
    volatile u64 *out = ctx->out;
    *out++ = TYPE(SAMPLE, 0);
    *out++ = TYPE(SAMPLE, 1);
    *out++ = TYPE(struct inner, 1);
    *out++ = TYPE(struct inner, 2);
    *out++ = TYPE(struct matching, 2);
    *out++ = TYPE(sample_t, 1);
    *out++ = TYPE(enum colour, 0);
    *out++ = __builtin_btf_type_id(*(struct inner *)0, 1);
    *out++ = __builtin_btf_type_id(*(SAMPLE *)0, 1);
    *out++ = ENUMVAL(enum colour, RED, 0);
    *out++ = ENUMVAL(enum colour, RED, 1);
    *out++ = ENUMVAL(enum colour, GREEN, 1);
    *out++ = ENUMVAL(enum colour, BLUE, 1);
    *out++ = ENUMVAL(enum wide, BIG, 1);
    *out++ = ENUMVAL(enum plain, FULL, 1);
    *out++ = ENUMVAL(anon_t, ANON_ONE, 1);
    return 0;
}
