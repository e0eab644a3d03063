/* offset.h: how far a pointer is from the beginning of its object.
 *
 * A constant goes into the fixed part; anything else into the part that varies. Both stay within
 * OFFSET_LIMIT of zero, so that sums of a few of them fit 64 bits with room to spare.
 */
#ifndef BPFLAB_VERIFIER_OFFSET_H
#define BPFLAB_VERIFIER_OFFSET_H

#include "verifier/domain/scalar.h"

#include <stdint.h>

enum {
    OFFSET_LIMIT = 1 << 29,
};

/* struct offset: fixed + any member of var. */
struct offset {
    int32_t fixed;
    struct scalar var;
};

/* offset_is_sane: one that arithmetic may go on with: its fixed part, and how far down the part
 * that varies may reach. How far up is checked at each access. */
bool offset_is_sane(struct offset o);

/* offset_moved: o + by, or o - by.
 * in:  o and {0, by} sane
 * out: has fixed + x + y (fixed + x - y) for all members x, y; fixed at most twice the limit */
struct offset offset_moved(struct offset o, bool add, struct scalar by);

/* struct span: n_bytes at an offset; none at all only where zero_ok. */
struct span {
    int32_t off;
    int64_t n_bytes;
    bool zero_ok;
};

/* enum offset_place: where a span at a pointer lies, for all members; what is first found wrong. */
enum offset_place {
    OFFSET_INSIDE,
    OFFSET_NEGATIVE,    /* may begin before the object, so far as its lower end shows */
    OFFSET_LOW_OUTSIDE, /* the smallest offset is outside */
    OFFSET_UNBOUNDED,
    OFFSET_HIGH_OUTSIDE,
};

/* offset_in_object: OFFSET_INSIDE: every byte of the span, for every member, is in 0 to
 * object_bytes - 1.     *at: of LOW_OUTSIDE and HIGH_OUTSIDE: the offset that is outside */
enum offset_place offset_in_object(struct offset o, struct span span, uint64_t object_bytes,
                                   int64_t *at);

/* offset_is_bounded: one that varies, and not far: the window of an access can be told. */
bool offset_is_bounded(struct scalar var);

/* struct window: all bytes that an access may touch: [min, max). */
struct window {
    int64_t min, max;
};

/* offset_window: of an access of n_bytes, 2^32 at most, at o + off, for all members.
 * in: o sane, its var bounded and reduced */
struct window offset_window(struct offset o, int32_t off, int64_t n_bytes);

/* window_in_stack: from lowest on, below the frame pointer, where offsets are negative; an empty
 * one has a beginning there. */
bool window_in_stack(struct window w, int64_t lowest);

/* fill_is_low: a number of kept_bytes was stored at the beginning of a slot; are the n_bytes from
 * its byte first on the number's low bytes?      in: 1 to 8 bytes */
bool fill_is_low(uint32_t first, uint32_t n_bytes, uint32_t kept_bytes, bool big_endian);

/* offset_span_inside: n_bytes at a known offset in an object. */
bool offset_span_inside(int64_t off, int64_t n_bytes, bool zero_ok, uint64_t object_bytes);

#endif
