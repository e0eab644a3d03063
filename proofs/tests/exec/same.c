/* same.c: C of every kind that is understood; all of it is defined for all values. */
#include "proofs/tests/exec/same.h"

#include <string.h>

typedef unsigned __int128 u128;
typedef __int128 s128;

#define UNUSED (void)a, (void)b, (void)c

/* ---- every width and sign ---- */

/* clang-format off */
#define COMMON(t, T, U, BITS) \
    SAME(add_##t) { UNUSED; return (word)(T)((U)(T)a + (U)(T)b); } \
    SAME(sub_##t) { UNUSED; return (word)(T)((U)(T)a - (U)(T)b); } \
    SAME(mul_##t) { UNUSED; return (word)(T)((word)(T)a * (word)(T)b); } \
    SAME(shl_##t) { UNUSED; return (word)(T)((word)(U)a << b % BITS); } \
    SAME(shr_##t) { UNUSED; return (word)(T)((T)a >> b % BITS); } \
    SAME(logic_##t) { return (word)(T)(((T)a & (T)b) ^ ((T)~c | (T)a)); } \
    SAME(order_##t) { UNUSED; return (word)(((T)a < (T)b) | ((T)a <= (T)c) << 1 | ((T)a == (T)b) << 2 | ((T)b > (T)c) << 3 | ((T)a >= (T)b) << 4 | ((T)a != (T)c) << 5); } \
    SAME(min_##t) { UNUSED; return (word)((T)a < (T)b ? (T)a : (T)b); } \
    SAME(max_##t) { UNUSED; return (word)((T)a > (T)b ? (T)a : (T)b); } \
    SAME(clamp_##t) { T x = (T)a; if (x < (T)b) x = (T)b; if (x > (T)c) x = (T)c; return (word)x; } \
    SAME(neg_##t) { UNUSED; return (word)(T)((U)0 - (U)(T)a); } \
    SAME(half_##t) { UNUSED; return (word)((T)a / 2 + (T)b % 2 + (T)c % 8); } \
    SAME(thirds_##t) { UNUSED; return (word)((T)a / 3 ^ (T)b % 7); } \
    SAME(addo_##t) { UNUSED; T r; const bool o = __builtin_add_overflow((T)a, (T)b, &r); return (word)r * 2 + o; } \
    SAME(subo_##t) { UNUSED; T r; const bool o = __builtin_sub_overflow((T)a, (T)b, &r); return (word)r * 2 + o; } \
    SAME(mulo_##t) { UNUSED; T r; const bool o = __builtin_mul_overflow((T)a, (T)b, &r); return (word)r * 2 + o; } \
    SAME(mixed_##t) { UNUSED; uint32_t r; const bool o = __builtin_add_overflow((T)a, (int64_t)b, &r); return (word)r * 2 + o; } \
    SAME(memory_##t) { T x[3] = {(T)a, (T)b, (T)c}; T *p = x; p[1] ^= p[0]; *(p + 2) |= p[1]; return (word)x[0] + (word)x[1] + (word)x[2]; } \
    SAME(bytes_##t) { UNUSED; T x = (T)a; unsigned char k[sizeof x]; memcpy(k, &x, sizeof x); k[0] ^= (unsigned char)b; memcpy(&x, k, sizeof x); return (word)x; }
#define UNSIGNED(t, T, BITS) COMMON(t, T, T, BITS) \
    SAME(div_##t) { UNUSED; return (T)b ? (word)((T)a / (T)b) : 5; } \
    SAME(rem_##t) { UNUSED; return (T)b ? (word)((T)a % (T)b) : 5; } \
    SAME(sat_##t) { UNUSED; const T r = (T)((T)a + (T)b); return r < (T)a ? (word)(T)~(T)0 : (word)r; } \
    SAME(sats_##t) { UNUSED; return (T)a < (T)b ? 0 : (word)(T)((T)a - (T)b); }
#define SIGNED(t, T, U, BITS) COMMON(t, T, U, BITS) \
    SAME(div_##t) { UNUSED; return (T)b == 0 || ((T)b == -1 && (T)a == (T)((U)1 << (BITS - 1))) ? 5 : (word)((T)a / (T)b); } \
    SAME(rem_##t) { UNUSED; return (T)b == 0 || ((T)b == -1 && (T)a == (T)((U)1 << (BITS - 1))) ? 5 : (word)((T)a % (T)b); } \
    SAME(abs_##t) { UNUSED; return (T)a == (T)((U)1 << (BITS - 1)) ? 9 : (word)((T)a < 0 ? -(T)a : (T)a); } \
    SAME(sign_##t) { UNUSED; return (word)(((T)a > 0) - ((T)a < 0)); }

UNSIGNED(u8, uint8_t, 8)
UNSIGNED(u16, uint16_t, 16)
UNSIGNED(u32, uint32_t, 32)
UNSIGNED(u64, uint64_t, 64)
SIGNED(s8, int8_t, uint8_t, 8)
SIGNED(s16, int16_t, uint16_t, 16)
SIGNED(s32, int32_t, uint32_t, 32)
SIGNED(s64, int64_t, uint64_t, 64)
/* clang-format on */

SAME(add_u128) {
    const u128 x = (u128)a << 64 | b, y = (u128)c << 64 | a, r = x + y;
    return (word)(r >> 64) ^ (word)r;
}
SAME(mul_u128) {
    const u128 r = (u128)a * b + c;
    return (word)(r >> 64) ^ (word)r;
}
SAME(mul_s128) {
    const s128 r = (s128)(int64_t)a * (int64_t)b - (int64_t)c;
    return (word)(r >> 64) ^ (word)r;
}
SAME(order_s128) {
    const s128 x = (s128)((u128)a << 64 | b), y = (s128)((u128)c << 64 | a);
    return (word)(x < y) | (word)(x == y) << 1 | (word)((u128)x < (u128)y) << 2;
}
SAME(shift_u128) {
    const u128 x = (u128)a << 64 | b;
    return (word)(x >> c % 128) ^ (word)((x << c % 128) >> 64);
}
SAME(bit_int) {
    const unsigned _BitInt(7) x = (unsigned _BitInt(7))a;
    const _BitInt(17) y = (_BitInt(17))b;
    const unsigned _BitInt(7) z = x + (unsigned _BitInt(7))c;
    return (word)z * 3 + (word)(int64_t)(y >> 3);
}

/* ---- builtins ---- */

SAME(bswap) {
    return __builtin_bswap64(a) ^ __builtin_bswap32((uint32_t)b) ^ __builtin_bswap16((uint16_t)c);
}
SAME(clz) {
    UNUSED;
    return a ? (word)__builtin_clzll(a) : 64;
}
SAME(ctz) {
    UNUSED;
    return a ? (word)__builtin_ctzll(a) : 64;
}
SAME(clz32) {
    UNUSED;
    return (uint32_t)a ? (word)__builtin_clz((uint32_t)a) : 33;
}
SAME(ctz32) {
    UNUSED;
    return (uint32_t)a ? (word)__builtin_ctz((uint32_t)a) : 33;
}
SAME(popcount) {
    UNUSED;
    return (word)__builtin_popcountll(a) + (word)__builtin_popcount((uint32_t)b) * 100;
}
SAME(parity) {
    UNUSED;
    return (word)__builtin_parityll(a);
}
SAME(reverse) {
    UNUSED;
    return __builtin_bitreverse64(a) + __builtin_bitreverse8((uint8_t)b);
}
SAME(rotate) {
    UNUSED;
    return __builtin_rotateleft64(a, b) ^ __builtin_rotateright32((uint32_t)a, (uint32_t)c);
}
SAME(rotate_idiom) {
    const unsigned n = (unsigned)b % 64;
    (void)c;
    return a << n | a >> (64 - n) % 64;
}
SAME(expect) {
    return __builtin_expect(a == b, 0) ? c : a;
}

/* ---- bool ---- */

SAME(bools) {
    const bool x = a, y = b > c, z = !x;
    return (word)(x && y) + (word)(y || z) * 2 + (word)(x ^ y) * 4 + (word)(x + y + z) * 8;
}
SAME(bool_array) {
    bool x[4] = {a & 1, b & 1, c & 1, false};
    x[3] = x[0] != x[1];
    return (word)(x[0] + x[1] * 2 + x[2] * 4 + x[3] * 8);
}
SAME(side_effects) {
    word n = 0;
    if ((n++, a > b) && (n += 2, b > c))
        n += 4;
    return n;
}

/* ---- structs ---- */

struct two {
    word x, y;
};
struct small {
    uint32_t x;
    uint8_t y;
};
struct mixed {
    uint8_t p;
    uint16_t q;
    uint32_t r;
    uint64_t s;
};
struct large {
    word x[5];
    struct small s;
    bool flag;
};
struct nested {
    struct two t[2];
    struct mixed m;
};
#define NOINLINE __attribute__((noinline))

NOINLINE static struct two swap(struct two t) {
    return (struct two){t.y, t.x + 1};
}
SAME(struct_two) {
    const struct two t = swap(swap((struct two){a, b}));
    return t.x * 3 + t.y + c;
}
NOINLINE static struct small shrink(struct small s, word k) {
    s.x += (uint32_t)k;
    s.y ^= (uint8_t)(k >> 8);
    return s;
}
SAME(struct_small) {
    const struct small s = shrink(shrink((struct small){(uint32_t)a, (uint8_t)b}, c), a);
    return (word)s.x << 8 | s.y;
}
NOINLINE static struct mixed mix(struct mixed m) {
    return (struct mixed){(uint8_t)m.q, (uint16_t)m.r, (uint32_t)m.s, m.p};
}
SAME(struct_mixed) {
    const struct mixed m = mix(mix((struct mixed){(uint8_t)a, (uint16_t)b, (uint32_t)c, a * b}));
    return m.p ^ (word)m.q << 8 ^ (word)m.r << 24 ^ m.s;
}
NOINLINE static struct large grow(struct large l, const struct large *other) {
    l.x[0] += other->x[4];
    l.x[4] ^= l.x[0];
    l.s.y = (uint8_t)(l.s.y + 1);
    l.flag = !other->flag;
    return l;
}
SAME(struct_large) {
    struct large l = {{a, b, c, a + b, b + c}, {(uint32_t)a, (uint8_t)c}, a > b}, k = l;
    k.x[4] = c;
    k = grow(l, &k);
    l = grow(k, &l);
    return l.x[0] ^ l.x[4] * 5 ^ k.x[0] ^ l.s.y ^ (word)l.flag << 60 ^ (word)k.flag << 61;
}
SAME(struct_copy_own) { /* the callee's changes are to its copy */
    struct large l = {{a, b, c}, {0}, false};
    const struct large k = grow(l, &l);
    return l.x[0] + k.x[0];
}
SAME(struct_nested) {
    struct nested n = {{{a, b}, {c, a}}, {(uint8_t)b, 0, (uint32_t)c, 4}};
    const struct nested k = n;
    n.t[1] = k.t[0];
    n.t[0].y = n.t[1].x + k.m.r;
    return n.t[0].y ^ n.t[1].y ^ n.m.p;
}
SAME(struct_choice) {
    const struct two x = {a, b}, y = {b, c};
    const struct two t = a < b ? x : y;
    return t.x - t.y;
}
SAME(struct_array) {
    struct mixed m[3];
    for (unsigned i = 0; i < 3; i++)
        m[i] = (struct mixed){(uint8_t)(a >> i), (uint16_t)(b + i), (uint32_t)c, a ^ i};
    word r = 0;
    for (unsigned i = 3; i-- > 0;)
        r = r * 31 + m[i].p + m[i].q + m[i].r + m[i].s;
    return r;
}
struct fields {
    unsigned x : 3, y : 13, z : 16;
    int w : 32;
};
SAME(bit_fields) {
    struct fields f = {0};
    f.x = a & 7;
    f.y = b & 0x1fff;
    f.z = c & 0xffff;
    f.w = (int)(a >> 8 & 15) - 8;
    f.y ^= f.x;
    return f.x + (word)f.y * 8 + f.z + (word)(int64_t)f.w;
}
union pun {
    uint64_t all;
    uint32_t half[2];
    uint8_t byte[8];
};
SAME(unions) {
    union pun u = {a};
    u.half[1] ^= (uint32_t)b;
    u.byte[0] = (uint8_t)c;
    return u.all;
}

/* ---- memory ---- */

SAME(copies) {
    uint8_t x[24], y[24];
    memcpy(x, &a, 8);
    memcpy(x + 8, &b, 8);
    memcpy(x + 16, &c, 8);
    memset(y, 0x5a, sizeof y);
    memcpy(y + 3, x + 5, 16);
    memmove(y + 1, y, 20);
    word r[3];
    memcpy(r, y, sizeof r);
    return r[0] ^ r[1] * 3 ^ r[2] * 7;
}
NOINLINE static void put(word *out, const word *in, word k) {
    *out = *in + k;
}
SAME(out_parameters) {
    word x = a, y;
    put(&y, &x, b);
    put(&x, &y, c);
    put(&y, &y, 1);
    return x ^ y << 1;
}
SAME(pointer_choice) {
    word x = a, y = b;
    word *const p = c & 1 ? &x : &y;
    *p += 5;
    return x * 3 + y;
}
SAME(pointer_paths) {
    word x[2] = {a, b}, y = c, z = 7, *p = &x[1];
    if (a > b)
        p = &y;
    if (b > c)
        p = p == &y ? &z : x;
    *p ^= 0xff;
    return x[0] + x[1] * 3 + y * 5 + z * 7 + (word)(p == &z);
}
SAME(pointer_in_memory) {
    word x = a, y = b;
    struct {
        word *p, *q;
    } s = {&x, &y}, t;
    if (c & 1)
        s.q = &x;
    t = s;
    *t.q += 2;
    return *s.p + y * 3 + (word)(t.p == t.q);
}
NOINLINE static word halved(word x, word y) {
    return x / 2 + y;
}
NOINLINE static word doubled(word x, word y) {
    return x * 2 - y;
}
static word (*const functions[])(word, word) = {halved, doubled};
SAME(called_through_pointer) {
    struct {
        word (*f)(word, word);
        word x;
    } s = {functions[1], a}, t = s;
    return t.f(t.x, b) ^ functions[0](c, functions[0](a, c)) + (s.f == doubled);
}
SAME(distance_in_object) {
    struct mixed x[5] = {{0}}, *p = &x[4], *q = &x[1];
    x[p - q].p = (uint8_t)a;
    return x[3].p + (word)((char *)q - (char *)p) + (word)(&x[b & 1 ? 1 : 1] - x);
}
SAME(null_pointers) {
    word x = a, *p = b & 1 ? &x : NULL;
    if (p)
        *p = c;
    return x + (p != NULL);
}
static const uint16_t table[6] = {3, 1, 4, 1, 5, 9};
static const struct mixed rows[2] = {{1, 2, 3, 4}, {5, 6, 7, 8}};
SAME(tables) {
    word r = 0;
    for (unsigned i = 0; i < 6; i++)
        r = r * 10 + table[i] + rows[i % 2].s;
    return r + a + b + c;
}
FIXED(table_index) {
    return table[a % 6] + rows[b % 2].r + c;
}
SAME(local_arrays) {
    word m[3][3];
    for (unsigned i = 0; i < 3; i++)
        for (unsigned k = 0; k < 3; k++)
            m[i][k] = i == k ? a : i < k ? b : c;
    word sum = 0;
    for (unsigned i = 0; i < 3; i++)
        for (unsigned k = 0; k < 3; k++)
            sum = sum * 5 + m[k][i];
    return sum;
}
SAME(scopes) {
    word r = 0;
    for (unsigned i = 0; i < 3; i++) {
        word x = a + i;
        put(&x, &x, b);
        {
            word y = c;
            put(&y, &x, r);
            r ^= y;
        }
    }
    return r;
}

/* ---- control ---- */

SAME(switches) {
    switch (a % 9) {
    case 0: return b;
    case 1:
    case 2: b += c; /* fall through */
    case 3: return b * 2;
    case 7: c = 1; break;
    default: b = 4;
    }
    return b ^ c;
}
SAME(switch_far) {
    switch ((int64_t)a) {
    case -1: return 1;
    case 1000: return b;
    case INT64_MIN: return c;
    default: return a == 5 ? 6 : 7;
    }
}
SAME(early_exit) {
    for (unsigned i = 0; i < 16; i++)
        if (a >> i & 1)
            return i * 3 + b;
    return c;
}
SAME(search) {
    unsigned i = 0;
    while (i < 20 && (a >> i & 3) != 3)
        i++;
    return i == 20 ? b : i;
}
SAME(nested_breaks) {
    word r = 0;
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned k = 0; k < 4; k++) {
            if ((a >> (4 * i + k) & 1) == 0)
                continue;
            if ((b >> (4 * i + k) & 1) != 0)
                break;
            r += 1u << k;
            if (r > c)
                goto out;
        }
        r *= 2;
    }
out:
    return r;
}
SAME(collatz) {
    word n = 0;
    for (unsigned i = 0; i < 6; i++) {
        if (a == 1)
            break;
        a = a % 2 ? 3 * a + 1 : a / 2;
        n++;
    }
    return n + b - c;
}
SAME(do_while) {
    unsigned n = 0;
    do {
        a = a * 3 + b;
    } while (++n < 5);
    return a ^ c;
}
SAME(jumps) {
    unsigned n = 0;
again:
    b = b * 5 + n;
    if (++n < 4)
        goto again;
    if (a > b)
        goto end;
    b ^= c;
end:
    return b;
}
FIXED(gcd) {
    word n = 0;
    while (b != 0) {
        const word r = a % b;
        a = b;
        b = r;
        n++;
    }
    return a + n * 3 + c;
}
FIXED(bits_set) {
    word n = 0;
    for (; a; a &= a - 1)
        n++;
    return n + b + c;
}
FIXED(varying_bound) {
    word r = 0;
    for (unsigned i = 0; i < b % 16; i++)
        for (unsigned k = i; k < c % 8; k++)
            r += a >> (i + k);
    return r;
}
NOINLINE static word power(word x, unsigned n) {
    return n == 0 ? 1 : (n % 2 ? x : 1) * power(x * x, n / 2);
}
SAME(recursion) {
    (void)c;
    return power(a, 13) + power(b, 0);
}
NOINLINE static word odd(unsigned n, word x);
NOINLINE static word even(unsigned n, word x) {
    return n == 0 ? x : odd(n - 1, x + 1);
}
NOINLINE static word odd(unsigned n, word x) {
    return n == 0 ? ~x : even(n - 1, x * 2);
}
SAME(mutual) {
    return even(7, a) ^ odd(4, b) ^ c;
}
FIXED(ackermann_like) {
    return power(a, (unsigned)(b % 64)) + even((unsigned)(c % 10), a);
}
NOINLINE static word chain(word x, word y, word z, int k, uint8_t p, bool q, struct two t,
                           word *o) {
    *o = x + p;
    return q ? t.x + y : (word)k * z;
}
SAME(many_arguments) {
    word o;
    return chain(a, b, c, -3, (uint8_t)a, b > c, (struct two){c, a}, &o) + o;
}
SAME(insertion_sort) {
    word x[4] = {a, b, c, 100};
    for (unsigned i = 1; i < 4; i++)
        for (unsigned k = i; k > 0; k--)
            if (x[k - 1] > x[k]) {
                const word t = x[k];
                x[k] = x[k - 1];
                x[k - 1] = t;
            }
    return x[0] + x[1] * 3 + x[2] * 5 + x[3] * 7;
}
SAME(popcount_loop) {
    word n = 0;
    for (unsigned i = 0; i < 64; i++)
        n += a >> i & 1;
    return n + (b & c);
}
SAME(crc_like) {
    uint8_t r = 0xff;
    for (unsigned i = 0; i < 3; i++) {
        r ^= (uint8_t)(a >> 8 * i);
        for (unsigned k = 0; k < 8; k++)
            r = (uint8_t)(r & 1 ? r >> 1 ^ 0x8c : r >> 1);
    }
    return r + b + c;
}

/* ---- instructions that clang seldom makes (insns.ll) ---- */

#define OF_LL(name)                                                                                \
    word ll_##name(word a, word b, word c);                                                        \
    SAME(of_ll_##name) {                                                                           \
        return ll_##name(a, b, c);                                                                 \
    }
OF_LL(funnel)
OF_LL(three_way)
OF_LL(abs)
OF_LL(saturate)
OF_LL(zeros)
OF_LL(min_max)
OF_LL(freeze)
OF_LL(freeze_same)
OF_LL(poison_not_chosen)
OF_LL(flags)
OF_LL(odd_widths)
OF_LL(odd_memory)
OF_LL(one_bit)
OF_LL(aggregate)
OF_LL(equal_edges)
OF_LL(swapping_phis)
OF_LL(nested_loops)
OF_LL(addresses)
