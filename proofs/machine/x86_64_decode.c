/* x86_64_decode.c: bytes become fields. What no row names is refused, and so is every prefix, and
 * every bit of one, that would change nothing: our back end has no use for it. */
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

/* row_takes: prefixes, opcode and ModRM's first byte are the row's. */
static bool row_takes(const struct x86_row *row, const struct x86 *in, uint8_t modrm) {
    const bool has_modrm = row->where & (REG | MEM | LOCK);
    const bool byte_size = row->sizes == S8;
    const unsigned where = modrm >> 6 == 3 ? REG : in->lock ? LOCK : MEM;
    const unsigned size = in->w ? S64 : in->narrow ? S16 : S32;
    if (row->space != in->space || in->op < row->first || in->op > row->last)
        return false;
    if (has_modrm &&
        (!(row->where & where) || (row->digit != ANY && row->digit != (modrm >> 3 & 7))))
        return false;
    if (in->lock && !(has_modrm && where == LOCK))
        return false;
    if ((in->w && in->narrow) || (byte_size ? size != S32 : !(row->sizes & size)))
        return false;
    return row->where & V || !in->vvvv;
}

static const struct x86_row *find_row(const struct x86 *in, uint8_t modrm) {
    for (unsigned i = 0; i < n_x86_rows; i++)
        if (row_takes(&x86_rows[i], in, modrm))
            return &x86_rows[i];
    return NULL;
}

/* SIB: index 4 is none; base 5, with mod 0, is none but 32 bits of displacement. */
static void read_sib(struct reader *r, struct x86 *in) {
    const uint8_t sib = byte(r);
    const uint8_t index = (sib >> 3 & 7) | (uint8_t)(in->x << 3);
    in->scale = sib >> 6;
    in->index = index == 4 ? NO_REG : index;
    in->base = (uint8_t)((sib & 7) | in->b << 3);
    r->failed |= in->index == NO_REG && in->scale;
    if (in->mod != 0 || (sib & 7) != 5)
        return;
    in->base = NO_REG;
    in->disp = (int32_t)little_signed(r, 4);
    r->failed |= in->b;
}

/* ModRM, SIB and displacement. rm = 4 asks for a SIB byte; mod 0 with rm = 5 is relative to rip,
 * which we do not use. */
static void read_modrm(struct reader *r, struct x86 *in) {
    const uint8_t m = byte(r);
    const bool sib = m >> 6 != 3 && (m & 7) == 4;
    in->has_modrm = true;
    in->mod = m >> 6;
    in->reg = (uint8_t)((m >> 3 & 7) | in->r << 3);
    in->rm = (uint8_t)((m & 7) | in->b << 3);
    in->base = in->rm;
    in->index = NO_REG;
    r->failed |= (in->x && !sib) || (in->r && in->row->digit != ANY);
    if (in->mod == 3)
        return;
    if (sib)
        read_sib(r, in);
    else if (in->mod == 0 && (m & 7) == 5)
        r->failed = true;
    if (in->mod == 1)
        in->disp = (int32_t)little_signed(r, 1);
    else if (in->mod == 2)
        in->disp = (int32_t)little_signed(r, 4);
}

static unsigned imm_bytes(const struct x86 *in) {
    switch ((enum x86_imm)in->row->imm) {
    case IMM_NONE: return 0;
    case IMM_8: return 1;
    case IMM_32: return 4;
    case IMM_SIZE: return in->width == 16 ? 2 : 4;
    case IMM_FULL: return in->width / 8;
    }
    return 0;
}

static enum x86_space vex_space(unsigned map, unsigned pp) {
    static const uint8_t of_0f38[] = {NO_SPACE, VEX_66_0F38, VEX_F3_0F38, VEX_F2_0F38};
    if (map == 2)
        return (enum x86_space)of_0f38[pp];
    return map == 3 && pp == 3 ? VEX_F2_0F3A : NO_SPACE;
}

/* VEX: R, X, B and vvvv stand inverted; L must be 0. */
static void read_vex(struct reader *r, struct x86 *in) {
    const uint8_t one = byte(r), two = byte(r);
    in->r = !(one >> 7);
    in->x = !(one >> 6 & 1);
    in->b = !(one >> 5 & 1);
    in->w = two >> 7;
    in->vvvv = ~(two >> 3) & 15;
    in->space = (uint8_t)vex_space(one & 31, two & 3);
    r->failed |= (two >> 2 & 1) != 0;
    in->op = byte(r);
}

/* Prefixes in the one order that assemblers write, then the opcode. */
static void read_legacy(struct reader *r, struct x86 *in) {
    uint8_t b = byte(r);
    if (b == 0xf0) {
        in->lock = true;
        b = byte(r);
    }
    if (b == 0x66) {
        in->narrow = true;
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
        in->space = MAP_0F;
        b = byte(r);
        if (b == 0x38) {
            in->space = MAP_0F38;
            b = byte(r);
        }
    }
    in->op = b;
}

/* The operands, once the row is known. */
static void read_operands(struct reader *r, struct x86 *in) {
    in->width = in->row->sizes == S8 ? 8 : in->w ? 64 : in->narrow ? 16 : 32;
    if (in->row->where & (REG | MEM | LOCK)) {
        read_modrm(r, in);
    } else {
        in->rm = (uint8_t)((in->op & 7) | in->b << 3);
        r->failed |= in->r || in->x || (in->b && !(in->row->where & OPREG));
    }
    in->imm = little_signed(r, imm_bytes(in));
}

bool x86_decode(const uint8_t *code, size_t n_bytes, size_t at, struct x86 *out) {
    struct reader r = {.code = code, .n = n_bytes, .at = at};
    struct x86 in;
    memset(&in, 0, sizeof in);
    if (at < n_bytes && code[at] == 0xc4) {
        r.at++;
        read_vex(&r, &in);
    } else {
        read_legacy(&r, &in);
    }
    in.row = r.failed ? NULL : find_row(&in, r.at < n_bytes ? code[r.at] : 0);
    if (!in.row)
        return false;
    read_operands(&r, &in);
    in.bytes = (unsigned)(r.at - at);
    *out = in;
    return !r.failed && in.bytes <= 15;
}
