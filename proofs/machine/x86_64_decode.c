/* x86_64_decode.c: bytes become fields. What no row names is refused, and so is every prefix that
 * our back end has no use for. */
#include <string.h>

#include "proofs/machine/x86_64.h"

/* struct reader: bytes one after the other; none left: failed. */
struct reader {
    const uint8_t *code;
    size_t n, at;
    bool failed;
};

static uint8_t byte(struct reader *r) {
    if (r->at >= r->n) {
        r->failed = true;
        return 0;
    }
    return r->code[r->at++];
}

static uint64_t little(struct reader *r, unsigned bytes) {
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)byte(r) << 8 * i;
    return v;
}

static int64_t little_signed(struct reader *r, unsigned bytes) {
    const unsigned up = 64 - 8 * bytes;
    if (!bytes)
        return 0;
    return (int64_t)(little(r, bytes) << up) >> up;
}

static const struct x86_row *find_row(const struct x86 *in) {
    for (unsigned i = 0; i < n_x86_rows; i++) {
        const struct x86_row *const row = &x86_rows[i];
        if (row->vex == in->vex && row->map == in->map && row->first <= in->op &&
            in->op <= row->last && row->pp == in->pp)
            return row;
    }
    return NULL;
}

/* ModRM, SIB and displacement. rm = 4 asks for a SIB byte; index 4 is none; mod 0 with base 5 is no
 * base but 32 bits of displacement, without a SIB byte relative to rip, which we do not use. */
static bool read_modrm(struct reader *r, struct x86 *in) {
    const uint8_t m = byte(r);
    in->has_modrm = true;
    in->mod = m >> 6;
    in->digit = m >> 3 & 7;
    in->reg = in->digit | (uint8_t)(in->r << 3);
    in->rm = (uint8_t)((m & 7) | in->b << 3);
    in->base = in->index = NO_REG;
    if (in->mod == 3)
        return !in->x;
    if ((m & 7) == 4) {
        const uint8_t sib = byte(r);
        const uint8_t index = (sib >> 3 & 7) | (uint8_t)(in->x << 3);
        in->scale = sib >> 6;
        in->index = index == 4 ? NO_REG : index;
        in->base = (uint8_t)((sib & 7) | in->b << 3);
        if (in->mod == 0 && (sib & 7) == 5) {
            in->base = NO_REG;
            in->disp = (int32_t)little_signed(r, 4);
        }
    } else if (in->mod == 0 && (m & 7) == 5) {
        return false;
    } else {
        in->base = in->rm;
    }
    if (in->mod == 1)
        in->disp = (int32_t)little_signed(r, 1);
    else if (in->mod == 2)
        in->disp = (int32_t)little_signed(r, 4);
    return true;
}

static unsigned imm_bytes(const struct x86 *in, enum imm kind) {
    switch (kind) {
    case IMM_NONE: return 0;
    case IMM_8: return 1;
    case IMM_32: return 4;
    case IMM_SIZE: return in->width == 16 ? 2 : 4;
    case IMM_FULL: return in->width / 8;
    }
    return 0;
}

/* VEX: R, X, B and vvvv stand inverted; L must be 0. */
static void read_vex(struct reader *r, struct x86 *in) {
    const uint8_t one = byte(r), two = byte(r);
    in->vex = true;
    in->r = !(one >> 7);
    in->x = !(one >> 6 & 1);
    in->b = !(one >> 5 & 1);
    in->map = one & 31;
    in->w = two >> 7;
    in->vvvv = ~(two >> 3) & 15;
    in->pp = two & 3;
    r->failed |= (two >> 2 & 1) != 0;
    in->op = byte(r);
}

/* Prefixes in the one order that assemblers write, then the opcode. */
static void read_legacy(struct reader *r, struct x86 *in) {
    uint8_t b = byte(r);
    bool narrow = false;
    if (b == 0xf0) {
        in->lock = true;
        b = byte(r);
    }
    if (b == 0x66) {
        narrow = true;
        b = byte(r);
    }
    if ((b & 0xf0) == 0x40) {
        in->rex = true;
        in->w = b >> 3 & 1;
        in->r = b >> 2 & 1;
        in->x = b >> 1 & 1;
        in->b = b & 1;
        b = byte(r);
    }
    if (b == 0x0f) {
        in->map = MAP_0F;
        b = byte(r);
        if (b == 0x38) {
            in->map = MAP_0F38;
            b = byte(r);
        }
    }
    in->op = b;
    in->width = in->w ? 64 : narrow ? 16 : 32;
    r->failed |= in->w && narrow;
}

bool x86_decode(const uint8_t *code, size_t n_bytes, size_t at, struct x86 *out) {
    struct reader r = {.code = code, .n = n_bytes, .at = at};
    struct x86 in;
    memset(&in, 0, sizeof in);
    if (at < n_bytes && code[at] == 0xc4) {
        r.at++;
        read_vex(&r, &in);
        in.width = in.w ? 64 : 32;
    } else {
        read_legacy(&r, &in);
    }
    in.row = r.failed ? NULL : find_row(&in);
    if (!in.row)
        return false;
    if (in.row->form == FORM_MODRM) {
        if (!read_modrm(&r, &in))
            return false;
    } else if (in.row->form == FORM_OPREG) {
        in.rm = (uint8_t)((in.op & 7) | in.b << 3);
        in.mod = 3;
    }
    /* test is the only one of its group with an immediate */
    const bool none = (in.op & 0xfe) == 0xf6 && in.map == MAP_1 && in.digit != 0;
    if (!none)
        in.imm = little_signed(&r, imm_bytes(&in, (enum imm)in.row->imm));
    in.bytes = (unsigned)(r.at - at);
    *out = in;
    return !r.failed && in.bytes <= 15;
}
